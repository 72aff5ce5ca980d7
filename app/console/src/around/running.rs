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
    use domain::menu::Mode;
    use services::delivery::{Query, list};
    let declared = services::menu::now(ctx).await?;
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
        found.extend(bar(purpose, declared, sending, ctx.now()));
    }
    Ok(found)
}

/// What the bar of a purpose says. `sending`: the newest delivery that is on its way, and how
/// many there are.
#[cfg(feature = "ssr")]
fn bar(
    purpose: Purpose,
    declared: Option<&domain::menu::Declared>,
    sending: Option<(domain::id::DeliveryId, &str, i64)>,
    now: domain::time::Timestamp,
) -> Option<Running> {
    let (mut words, mut links) = (Vec::new(), Vec::new());
    if let Some(declared) = declared {
        let (disaster, since) = (declared.disaster.label(), declared.began_at.near(now));
        words.push(if purpose == Purpose::Drill {
            format!("{since}から、{disaster}の緊急メニューを試験者にだけ出しています")
        } else {
            format!("{since}から、{disaster}の緊急メニューに切りかえています")
        });
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
    (!words.is_empty()).then(|| Running { purpose, text: words.join("。"), links })
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
            .map(|Running { purpose, text, links }| {
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
    use domain::menu::{Declared, Disaster, Mode};
    use domain::time::{Date, Timestamp};

    fn said(purpose: Purpose, mode: Option<Mode>, sending: i64) -> Option<Running> {
        let now = Timestamp::from_tokyo(Date { year: 2026, month: 11, day: 20 }, 10, 24);
        let declared = mode.map(|mode| Declared {
            id: 1,
            disaster: Disaster::Earthquake,
            mode,
            began_at: now,
            began_by: "佐藤 美咲".into(),
            ended_at: None,
            ended_by: String::new(),
        });
        let sending = (sending > 0).then_some((DeliveryId(7), "避難指示", sending));
        bar(purpose, declared.as_ref(), sending, now)
    }

    #[test]
    fn nothing_goes_on_without_a_bar() {
        assert_eq!(said(Purpose::Emergency, None, 0), None);
    }

    #[test]
    fn a_bar_says_what_goes_on_and_leads_there() {
        let both = said(Purpose::Emergency, Some(Mode::Real), 1).unwrap();
        assert_eq!(
            both.text,
            "きょう 10:24から、地震の緊急メニューに切りかえています。「避難指示」を送っています"
        );
        let places: Vec<&str> = both.links.iter().map(|(href, _)| href.as_str()).collect();
        assert_eq!(places, ["/console/menus/emergency", "/console/deliveries/7"]);
        let many = said(Purpose::Drill, None, 3).unwrap();
        assert_eq!(many.text, "「避難指示」ほか 2件を送っています");
        assert_eq!(many.links[0].0, "/console/deliveries?status=sending");
    }

    #[test]
    fn a_drill_says_that_residents_see_nothing_of_it() {
        let drill = said(Purpose::Drill, Some(Mode::Drill), 0).unwrap();
        assert!(drill.text.contains("試験者にだけ"), "{}", drill.text);
    }
}
