//! The bar over every page while an emergency or a drill goes on: its menus are declared, or a
//! delivery with that purpose is on its way.

use domain::delivery::Purpose;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use ui::prelude::*;

/// An emergency or a drill that goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// Emergency or drill.
    pub purpose: Purpose,
    /// What goes on.
    pub text: String,
    /// Where it can be looked at: address and words.
    pub links: Vec<(String, String)>,
    /// Its menus are still on their way.
    #[serde(default)]
    pub reaching: bool,
}

impl Running {
    /// What is read aloud.
    pub(super) fn words(&self) -> String {
        format!("{}：{}", self.purpose.tag(), self.text)
    }
}

/// What goes on, the emergency before a drill.
#[cfg(feature = "ssr")]
pub(crate) async fn running(ctx: &services::Context) -> services::Result<Vec<Running>> {
    use domain::delivery::Status;
    use domain::menu::{Doing, Mode};
    use services::delivery::{Query, list};
    let declared = services::menu::now(ctx).await?;
    let doing = if declared.is_empty() {
        Doing::Idle
    } else {
        services::menu::publishing(ctx).await?.doing
    };
    let mut found = Vec::new();
    for (purpose, mode) in [(Purpose::Emergency, Mode::Real), (Purpose::Drill, Mode::Drill)] {
        let query = Query {
            status: Some(Status::Sending),
            purpose: Some(purpose),
            limit: 1,
            ..Query::default()
        };
        let (sending, all, _) = list(ctx, &query).await?;
        let declared = declared.iter().find(|d| d.mode == mode);
        let sending = sending.first().map(|d| (d.id, d.title.as_str(), all));
        found.extend(bar(purpose, declared.map(|d| (d, doing)), sending, ctx.now()));
    }
    Ok(found)
}

/// How far its menus are.
#[cfg(feature = "ssr")]
fn reached(doing: domain::menu::Doing) -> &'static str {
    use domain::menu::Doing;
    match doing {
        Doing::Idle => "LINEへの反映は終わりました",
        Doing::Working => "LINEに反映しているところです",
        Doing::Waiting => "LINEへの反映は、続きを待っています",
        Doing::Failed => "LINEに反映できないところがあります",
    }
}

/// What the bar of a purpose says. `declared`: the menus that hold, and what their worker does;
/// `sending`: the newest delivery that is on its way, and how many there are.
#[cfg(feature = "ssr")]
fn bar(
    purpose: Purpose,
    declared: Option<(&domain::menu::Declared, domain::menu::Doing)>,
    sending: Option<(domain::id::DeliveryId, &str, i64)>,
    now: domain::time::Timestamp,
) -> Option<Running> {
    use domain::menu::Doing;
    let (mut words, mut links) = (Vec::new(), Vec::new());
    let reaching = matches!(declared, Some((_, Doing::Working | Doing::Waiting)));
    if let Some((declared, doing)) = declared {
        let (disaster, since) = (declared.disaster.label(), declared.began_at.near(now));
        words.push(if purpose == Purpose::Drill {
            format!("{since}から、{disaster}の緊急メニューを試験者にだけ出しています")
        } else {
            format!("{since}から、{disaster}の緊急メニューに切りかえています")
        });
        words.push(reached(doing).to_owned());
        links.push((crate::menu::EMERGENCY_PATH.to_owned(), "緊急メニューをひらく".to_owned()));
    }
    if let Some((id, title, all)) = sending {
        let title = if title.is_empty() { "（件名なし）" } else { title };
        if all > 1 {
            let others = domain::time::thousands(all - 1);
            words.push(format!("「{title}」ほか {others}件を送っています"));
            let href = "/console/deliveries?status=sending".to_owned();
            links.push((href, "送っている配信を見る".to_owned()));
        } else {
            words.push(format!("「{title}」を送っています"));
            links.push((format!("/console/deliveries/{id}"), "配信をひらく".to_owned()));
        }
    }
    (!words.is_empty()).then(|| Running { purpose, text: words.join("。"), links, reaching })
}

/// The bars.
#[component]
pub fn RunningBars(
    /// What goes on.
    running: RwSignal<Vec<Running>>,
) -> impl IntoView {
    move || {
        running
            .get()
            .into_iter()
            .map(|Running { purpose, text, links, .. }| {
                view! {
                    <PurposeBar
                        purpose
                        text
                        act=move || {
                            links
                                .iter()
                                .map(|(href, words)| view! { <a href=href.clone()>{words.clone()}</a> })
                                .collect_view()
                        }
                    />
                }
            })
            .collect_view()
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use domain::id::DeliveryId;
    use domain::menu::{Declared, Disaster, Doing, Mode};
    use domain::time::{Date, Timestamp};

    fn said(purpose: Purpose, menus: Option<(Mode, Doing)>, sending: i64) -> Option<Running> {
        let now = Timestamp::from_tokyo(Date { year: 2026, month: 11, day: 20 }, 10, 24);
        let declared = menus.map(|(mode, doing)| {
            let declared = Declared {
                id: 1,
                disaster: Disaster::Earthquake,
                mode,
                began_at: now,
                began_by: "佐藤 美咲".into(),
                ended_at: None,
                ended_by: String::new(),
            };
            (declared, doing)
        });
        let declared = declared.as_ref().map(|(declared, doing)| (declared, *doing));
        let sending = (sending > 0).then_some((DeliveryId(7), "避難指示", sending));
        bar(purpose, declared, sending, now)
    }

    #[test]
    fn nothing_goes_on_without_a_bar() {
        assert_eq!(said(Purpose::Emergency, None, 0), None);
    }

    #[test]
    fn a_bar_says_what_goes_on_and_leads_there() {
        let both = said(Purpose::Emergency, Some((Mode::Real, Doing::Idle)), 1).unwrap();
        assert_eq!(
            both.text,
            "きょう 10:24から、地震の緊急メニューに切りかえています。LINEへの反映は終わりました。「避難指示」を送っています"
        );
        let places: Vec<&str> = both.links.iter().map(|(href, _)| href.as_str()).collect();
        assert!(!both.reaching);
        assert_eq!(places, ["/console/menus/emergency", "/console/deliveries/7"]);
        let many = said(Purpose::Drill, None, 3).unwrap();
        assert_eq!(many.text, "「避難指示」ほか 2件を送っています");
        assert_eq!(many.links[0].0, "/console/deliveries?status=sending");
    }

    #[test]
    fn a_drill_says_that_residents_see_nothing_of_it() {
        let drill = said(Purpose::Drill, Some((Mode::Drill, Doing::Working)), 0).unwrap();
        assert!(drill.reaching && drill.text.ends_with("反映しているところです"));
        assert!(drill.text.contains("試験者にだけ"), "{}", drill.text);
    }
}
