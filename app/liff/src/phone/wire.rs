//! The right column: what happened on the wire, LINE's mood, and what arrived.

use super::api::{Event, Events, Faults, Method, Received};
use super::{Desk, set};
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use ui::prelude::*;

/// How many events are shown.
const SHOWN: usize = 20;

#[component]
pub(super) fn WireColumn() -> impl IntoView {
    view! {
        <section class="sandbox-right" aria-labelledby="wire">
            <h2 id="wire">"起きたこと"</h2>
            <Happened />
            <h2 class="h3">"LINEの調子を変える"</h2>
            <Mood />
            <h2 class="h3">"届いた数"</h2>
            <Arrived />
        </section>
    }
}

#[component]
fn Happened() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let events = RwSignal::new(Vec::<Event>::new());
    Effect::new(move |_| {
        desk.tick.track();
        spawn_local(async move {
            if let Ok(found) = desk.api.get::<Events>(&format!("/events?limit={SHOWN}")).await {
                let mut newest = found.events;
                newest.reverse();
                set(events, newest);
            }
        });
    });
    view! {
        <ol class="events" tabindex="0" aria-labelledby="wire">
            <For each=move || events.get() key=|e| (e.seq, e.at) let:event>
                <Row event />
            </For>
        </ol>
        {move || events.with(Vec::is_empty).then(|| view! { <p class="sub">"まだ何も起きていません"</p> })}
    }
}

#[component]
fn Row(event: Event) -> impl IntoView {
    let c = Timestamp(event.at).tokyo();
    let time = format!("{}:{:02}:{:02}", c.hour, c.minute, c.second);
    let (icon, class) = match event.status {
        Some(200..=299 | 409) if event.kind == "call" => (IconName::Check, ""),
        Some(200..=299) => (IconName::ArrowRight, ""),
        None if event.kind == "act" => (IconName::ArrowRight, ""),
        _ => (IconName::Warning, "warn"),
    };
    view! {
        <li>
            <time>{time}</time>
            <div>
                <strong class=class>
                    <Icon name=icon size=16 />
                    " "
                    {title(&event)}
                </strong>
                <span class="sub dense">{detail(&event)}</span>
            </div>
        </li>
    }
}

fn title(event: &Event) -> String {
    match event.kind.as_str() {
        "act" => match event.path.as_str() {
            "follow" => "友だち追加",
            "unfollow" | "block" => "ブロック",
            "unblock" => "ブロックをやめた",
            "message" | "say" => "メッセージを送信",
            "postback" => "ボタンを押した",
            "tap" => "押した",
            "menu-tap" => "メニューを押した",
            "location" => "位置を送信",
            "photo" | "image" => "写真を送信",
            "sticker" => "スタンプを送信",
            "unsend" => "送信の取り消し",
            "open" => "トークをひらいた",
            "follow-all" => "全員が友だち追加",
            "open-all" => "まとめてひらいた",
            other => other,
        }
        .to_owned(),
        "webhook" => match event.status {
            Some(status) => format!("webhook {status}"),
            None => "webhook 返事なし".into(),
        },
        _ => {
            let name = ["/v2/bot/message/", "/v2/bot/", "/oauth2/v3/", "/oauth2/v2.1/"]
                .iter()
                .find_map(|p| event.path.strip_prefix(p))
                .unwrap_or(&event.path);
            match event.status {
                Some(200..=299) => format!("{name} 受付"),
                Some(409) => format!("{name} 受付ずみ"),
                Some(status) => format!("{name} {status}"),
                None => format!("{name} 返事なし"),
            }
        }
    }
}

fn detail(event: &Event) -> String {
    let unit = if event.kind == "webhook" { "件" } else { "人" };
    let ids = event.ids.map(|n| format!("{}{unit}", count(n)));
    let took = (event.kind != "act").then(|| format!("{} ms", count(event.latency_ms)));
    let note = (!event.note.is_empty()).then(|| event.note.clone());
    [ids, took, note].into_iter().flatten().collect::<Vec<_>>().join("・")
}

/// What a share can be set to.
const SHARES: [(&str, &str); 5] =
    [("0", "なし"), ("0.05", "5%"), ("0.2", "20%"), ("0.5", "50%"), ("1", "いつも")];

fn share_key(share: f64) -> String {
    let near =
        SHARES.iter().filter_map(|(key, _)| Some((*key, (key.parse::<f64>().ok()? - share).abs())));
    near.min_by(|a, b| a.1.total_cmp(&b.1)).map_or("0", |(key, _)| key).to_owned()
}

#[component]
fn Mood() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let faults = RwSignal::new(Faults::default());
    Effect::new(move |_| {
        desk.tick.track();
        spawn_local(async move {
            if let Ok(now) = desk.api.get::<Faults>("/faults").await {
                set(faults, now);
            }
        });
    });
    let change = move |change: Value| {
        spawn_local(async move {
            match desk.api.send::<Faults>(Method::Patch, "/faults", &change).await {
                Ok(now) => set(faults, now),
                Err(why) => desk.failed(why),
            }
        });
    };
    let latency = Memo::new(move |_| faults.with(|f| f.latency_ms));
    let slower = move |by: i64| {
        let now = latency.get_untracked().saturating_add_signed(by).min(5000);
        change(json!({ "latency_ms": now }));
    };
    let shares: [(&'static str, &'static str, fn(&Faults) -> f64); 6] = [
        ("rate_429", "混雑（429）を返す", |f| f.rate_429),
        ("rate_500", "故障（500）を返す", |f| f.rate_500),
        ("lost_after_acceptance", "受け付けてから返事をなくす", |f| {
            f.lost_after_acceptance
        }),
        ("doubled_webhooks", "webhookを二重に送る", |f| f.doubled_webhooks),
        ("menu_rate_500", "メニューの操作に故障（500）を返す", |f| f.menu_rate_500),
        ("menu_lost_links", "メニューの一括の変更で人を飛ばす", |f| {
            f.menu_lost_links
        }),
    ];
    let rows = shares
        .into_iter()
        .map(|(name, words, read)| {
            let now = Memo::new(move |_| share_key(faults.with(read)));
            view! {
                <div class="mood">
                    <label for=name>{words}</label>
                    <select
                        id=name
                        class="pick"
                        autocomplete="off"
                        prop:value=move || now.get()
                        on:change=move |event| {
                            if let Ok(share) = event_target_value(&event).parse::<f64>() {
                                change(json!({ name: share }));
                            }
                        }
                    >
                        {SHARES.into_iter().map(|(key, words)| view! { <option value=key>{words}</option> }).collect_view()}
                    </select>
                </div>
            }
        })
        .collect_view();
    view! {
        <div class="mood">
            <label for="latency">"返事の遅れ"</label>
            <output for="latency">{move || format!("{} ms", count(latency.get()))}</output>
        </div>
        <div class="mood-latency">
            <IconButton icon=IconName::Minus label="返事の遅れを減らす" boxed=true on_click=move |_| slower(-100) />
            <input
                id="latency"
                type="range"
                min="0"
                max="5000"
                step="100"
                autocomplete="off"
                prop:value=move || latency.get().to_string()
                on:change=move |event| {
                    if let Ok(ms) = event_target_value(&event).parse::<u64>() {
                        change(json!({ "latency_ms": ms }));
                    }
                }
            />
            <IconButton icon=IconName::Plus label="返事の遅れを増やす" boxed=true on_click=move |_| slower(100) />
        </div>
        {rows}
    }
}

#[component]
fn Arrived() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let sum = RwSignal::new(Received::default());
    Effect::new(move |_| {
        desk.tick.track();
        spawn_local(async move {
            if let Ok(now) = desk.api.get::<Received>("/received").await {
                set(sum, now);
            }
        });
    });
    let rows = move || {
        sum.read()
            .residents_by_count
            .iter()
            .map(|(n, people)| {
                view! {
                    <tr>
                        <th scope="row">{format!("{}通", count(*n))}</th>
                        <td class="num">{format!("{}人", count(*people))}</td>
                    </tr>
                }
            })
            .collect_view()
    };
    view! {
        <p class="dense">{move || format!("のべ {}通が届いています。", count(sum.read().received_total))}</p>
        <table class="arrived">
            <caption class="visually-hidden">"何通届いた人が何人いるか"</caption>
            <tbody>{rows}</tbody>
        </table>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(kind: &str, path: &str, status: Option<u16>) -> Event {
        Event {
            seq: 1,
            at: 0,
            kind: kind.into(),
            path: path.into(),
            status,
            latency_ms: 12,
            ids: Some(500),
            note: String::new(),
        }
    }

    #[test]
    fn events_in_words() {
        assert_eq!(title(&event("call", "/v2/bot/message/multicast", Some(200))), "multicast 受付");
        assert_eq!(
            title(&event("call", "/v2/bot/message/multicast", Some(409))),
            "multicast 受付ずみ"
        );
        assert_eq!(
            title(&event("webhook", "http://127.0.0.1:3000/webhook", None)),
            "webhook 返事なし"
        );
        assert_eq!(title(&event("act", "follow", None)), "友だち追加");
        assert_eq!(detail(&event("call", "/", Some(200))), "500人・12 ms");
    }

    #[test]
    fn a_share_takes_the_nearest_word() {
        assert_eq!(share_key(0.0), "0");
        assert_eq!(share_key(0.06), "0.05");
        assert_eq!(share_key(1.0), "1");
    }
}
