//! How we stand with LINE, at the foot of the page: when it last answered, when it last brought
//! something. Only what is known: that nothing came may mean that nothing happened.

use domain::time::Timestamp;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use ui::prelude::*;

/// How we stand with LINE.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WithLine {
    /// When it last answered us.
    pub answered: Option<Timestamp>,
    /// It should have done so since: the list of friends is read every night.
    pub late: bool,
    /// When it last brought something.
    pub heard: Option<Timestamp>,
}

/// What is known of it.
#[cfg(feature = "ssr")]
pub async fn find(ctx: &services::Context) -> services::Result<WithLine> {
    const NIGHTLY: i64 = 30 * domain::time::HOUR;
    let contact = store::metrics::contact(ctx).await?;
    let friends = services::resident::last_synchronised(ctx).await?;
    let menus = services::menu::publishing(ctx).await?.looked_at;
    let answered = [contact.answered, friends, menus].into_iter().flatten().max();
    let late = friends.is_some() && answered.is_some_and(|at| ctx.now().since(at) > NIGHTLY);
    Ok(WithLine { answered, late, heard: contact.heard })
}

/// A line: tone, what is known, since when.
fn lines(line: WithLine, now: Timestamp) -> [(Option<Tone>, &'static str, String); 2] {
    let answered = match (line.answered, line.late) {
        (None, _) => (None, "LINEとは、まだやりとりしていません", String::new()),
        (Some(at), true) => {
            (Some(Tone::Warn), "LINEから返事がありません", format!("最後は {}", at.near(now)))
        }
        (Some(at), false) => (Some(Tone::Ok), "LINEから返事がありました", at.near(now)),
    };
    let heard = match line.heard {
        None => (None, "LINEからの知らせは、まだ届いていません", String::new()),
        Some(at) => (Some(Tone::Ok), "LINEからの知らせを受け取りました", at.near(now)),
    };
    [answered, heard]
}

/// The last words of the page.
#[component]
pub fn Foot(
    /// How we stand with LINE.
    line: WithLine,
    /// When this was read.
    now: Timestamp,
) -> impl IntoView {
    view! {
        <ul class="home-foot" aria-label="LINEとのつながり">
            {lines(line, now)
                .into_iter()
                .map(|(tone, words, at)| {
                    let (class, icon) = match tone {
                        Some(Tone::Ok) => ("ok", IconName::Check),
                        Some(_) => ("warn", IconName::Warning),
                        None => ("sub", IconName::Info),
                    };
                    view! {
                        <li>
                            <span class=class><Icon name=icon size=18 /></span>
                            <strong class=class>{words}</strong>
                            <span class="sub">{at}</span>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::time::{Date, HOUR};

    #[test]
    fn only_what_is_known_is_said() {
        let now = Timestamp::from_tokyo(Date { year: 2026, month: 11, day: 20 }, 10, 24);
        let [answered, heard] = lines(WithLine::default(), now);
        assert_eq!((answered.0, heard.0), (None, None));
        let line = WithLine {
            answered: Some(now.plus(-HOUR)),
            late: false,
            heard: Some(now.plus(-24 * HOUR)),
        };
        let [answered, heard] = lines(line, now);
        assert_eq!((answered.0, answered.2.as_str()), (Some(Tone::Ok), "きょう 9:24"));
        assert_eq!((heard.0, heard.2.as_str()), (Some(Tone::Ok), "きのう 10:24"));
        let [answered, _] = lines(WithLine { late: true, ..line }, now);
        assert_eq!((answered.0, answered.2.as_str()), (Some(Tone::Warn), "最後は きょう 9:24"));
    }
}
