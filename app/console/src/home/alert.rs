//! One alert at a time; the others are counted (ADM-10).

use super::Today;
use crate::settings::{SawButton, place, tone};
use domain::alert::Alert;
use domain::time::Timestamp;
use leptos::prelude::*;
use ui::prelude::*;

const RECORD: &str = "/console/settings/alerts";

/// What goes on and this person has not seen; what they have seen is a line.
#[component]
pub fn Alerts(unseen: Vec<Alert>, seen: u64, now: Timestamp, saw: Callback<()>) -> impl IntoView {
    let others = (unseen.len() as u64).saturating_sub(1);
    let Some(alert) = unseen.into_iter().next() else {
        return view! { <p class="warn"><Icon name=IconName::Warning size=18 /> <a href=RECORD>{format!("つづいている知らせが {}件あります（見ました）", count(seen))}</a></p> }
            .into_any();
    };
    let id = alert.id;
    let href = place(&alert).unwrap_or_else(|| RECORD.to_owned());
    let tone = tone(alert.kind);
    view! {
        <Banner
            tone
            title=alert.headline()
            act=move || {
                let href = href.clone();
                view! {
                    <div class="acts">
                        <SawButton id saw />
                        <LinkButton href kind=Kind::Act>"中身を確かめる"</LinkButton>
                    </div>
                }
            }
        >
            <p>{format!("{}から。{}", alert.began_at.near(now), sentence(&alert.detail))}</p>
            {(others + seen > 0).then(|| view! { <p><a href=RECORD>{format!("ほかにも {}件つづいています", count(others + seen))}</a></p> })}
        </Banner>
    }
    .into_any()
}

/// There are alerts of which nobody hears by mail.
#[component]
pub fn Unheard() -> impl IntoView {
    view! { <p class="warn"><Icon name=IconName::Warning size=18 /> <a href=RECORD>"メールで受け取る人がいない知らせがあります"</a></p> }
}

/// What must be decided today where no alert goes on: a held delivery before one with refusals.
#[component]
pub fn Quiet(today: Today) -> impl IntoView {
    let now = today.now;
    let (held_count, failed_count) = (today.held_count, today.failed_count);
    let others = (held_count + failed_count).saturating_sub(1);
    let more = (others > 0).then(|| {
        let href =
            if held_count > 1 { "/console/deliveries?status=held" } else { "/console/deliveries" };
        view! { <p><a href=href>{format!("ほかにも {others}件あります")}</a></p> }
    });
    if let Some(held) = today.held {
        let href = format!("/console/deliveries/{}", held.id);
        let why =
            held.held_reason.unwrap_or_else(|| "人が確かめるまで、送らずに止めています。".into());
        return view! {
            <Banner
                tone=Tone::Warn
                title=format!("配信「{}」を、送らずに止めています", held.title)
                act=move || {
                    let href = href.clone();
                    view! { <LinkButton href kind=Kind::Act>"中身を確かめる"</LinkButton> }
                }
            >
                <p>{format!("{}の予定でした。{}", held.at.near(now), sentence(&why))}</p>
                {more}
            </Banner>
        }
        .into_any();
    }
    if let Some(failed) = today.failed {
        let href = format!("/console/deliveries/{}", failed.id);
        let people = count(u64::try_from(failed.figures.failed).unwrap_or(0));
        return view! {
            <Banner
                tone=Tone::Warn
                title=format!("「{}」が {people}人に届きませんでした", failed.title)
                act=move || {
                    let href = href.clone();
                    view! { <LinkButton href kind=Kind::Act>"理由を見る"</LinkButton> }
                }
            >
                <p>{format!("{}に始めた配信です。ほかの人の分は、LINEがすべて受け付けました。", failed.at.near(now))}</p>
                {more}
            </Banner>
        }
        .into_any();
    }
    ().into_any()
}

/// With its full stop.
fn sentence(words: &str) -> String {
    if words.ends_with('。') { words.to_owned() } else { format!("{words}。") }
}
