//! One phone: the talk, what can be said and tapped, and LIFF pages over it.

use super::api::{Act, Line, Person, Said};
use super::menu::{self, OnPc, OnPhone};
use super::say::Foot;
use super::{Desk, people, set};
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::{ev, html};
use serde_json::{Value, json};
use ui::phone::{Entry, From};
use ui::prelude::*;
use wasm_bindgen::JsCast;

#[component]
pub(super) fn Device(index: usize) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let holder =
        Memo::new(move |_| desk.held.with(|held| held[index].as_ref().map(|p| p.user_id.clone())));
    let person = Memo::new(move |_| desk.held.with(|held| held[index].clone()));
    let lines = RwSignal::new(Vec::<Line>::new());
    let sheet = RwSignal::new(None::<String>);
    let picker = RwSignal::new(None::<Value>);
    let frame = NodeRef::<html::Div>::new();
    let menu = OnPhone::new(desk, person, move |area| focus_area(frame, area));
    Effect::new(move |before: Option<Option<String>>| {
        let now = holder.get();
        if before.is_some_and(|before| before != now) {
            lines.set(Vec::new());
            sheet.set(None);
            picker.set(None);
            menu.clear();
        }
        now
    });
    Effect::new(move |_| {
        desk.tick.track();
        if let Some(id) = holder.get() {
            spawn_local(read(desk, index, id, lines, menu));
        }
    });
    let entries =
        Memo::new(move |_| lines.with(|lines| to_entries(lines, Timestamp::from_millis(now_ms()))));
    Effect::new(move |_| {
        entries.track();
        // An open menu leaves the talk less room.
        menu.open.track();
        // The newest is at the foot, as in LINE.
        request_animation_frame(move || {
            if let Some(Ok(Some(talk))) =
                frame.get_untracked().map(|f| f.query_selector(".phone-talk"))
            {
                talk.set_scroll_top(talk.scroll_height());
            }
        });
    });
    let follow_up = move |user: String, act: Act| {
        if let Some(url) = act.open {
            match liff_address(desk, &url, &user) {
                Some(address) => sheet.set(Some(address)),
                None => drop(window().open_with_url_and_target(&url, "_blank")),
            }
        }
        if let Some(text) = act.clipboard {
            desk.said(format!("「{text}」をコピーしたことにしました"));
        }
    };
    let tap = move |body: Value| {
        if let Some(user) = holder.get_untracked() {
            let who = user.clone();
            let (act, body) = menu::as_act(body);
            desk.act(&user, act, body, move |act| follow_up(who.clone(), act));
        }
    };
    let on_action = Callback::new(move |action: Value| {
        desk.hand.set(index);
        if action["type"] == "datetimepicker" {
            picker.set(Some(action));
        } else {
            tap(json!({ "action": action }));
        }
    });
    let on_area = Callback::new(move |area: usize| {
        if let Some(action) = menu.action(area) {
            menu.tapped(&action);
            on_action.run(action);
        }
    });
    // Addresses in texts are links; here they are taps.
    let on_click = move |event: ev::MouseEvent| {
        let target = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
        let Some(Ok(Some(link))) = target.map(|t| t.closest("a.talk-link")) else { return };
        if let Some(href) = link.get_attribute("href") {
            event.prevent_default();
            desk.hand.set(index);
            tap(json!({ "action": { "type": "uri", "label": href, "uri": href } }));
        }
    };
    let iframe = NodeRef::<html::Iframe>::new();
    let listener =
        window_event_listener(ev::message, move |event| from_liff(&event, iframe, sheet));
    on_cleanup(move || listener.remove());
    // Memos: the phone is drawn anew only when its holder changes, not with every message.
    let city = Memo::new(move |_| {
        desk.config.with(|c| c.as_ref().map_or_else(|| "市".to_owned(), |c| c.bot_name.clone()))
    });
    let title = Memo::new(move |_| {
        person.with(|p| {
            p.as_ref().map_or_else(|| "だれも持っていません".to_owned(), |p| p.name.clone())
        })
    });
    // On the server and until wasm arrives it stands at a time of no meaning.
    let clock = RwSignal::new("17:31".to_owned());
    Effect::new(move |_| {
        desk.tick.track();
        set(clock, Timestamp::from_millis(now_ms()).time_of_day());
    });
    let mine = move || desk.two.get() && desk.hand.get() == index;
    view! {
        <div class="device">
            <div class="device-head">
                <h2>{move || title.get()}</h2>
                <span class="sub dense grow">{move || person.with(|p| p.as_ref().map(people::words))}</span>
                {move || {
                    desk.two
                        .get()
                        .then(|| {
                            view! {
                                <button
                                    class="btn btn-plain btn-sm"
                                    type="button"
                                    aria-label=move || format!("{}を操作する", title.get())
                                    aria-pressed=move || if mine() { "true" } else { "false" }
                                    on:click=move |_| desk.hand.set(index)
                                >
                                    {move || mine().then(|| view! { <Icon name=IconName::Check size=16 /> })}
                                    <span>"操作する"</span>
                                </button>
                            }
                        })
                }}
            </div>
            <div node_ref=frame on:click=on_click>
                {move || {
                    let city = city.get();
                    let label = format!("{}のスマートフォン", title.get());
                    let name = city.clone();
                    view! {
                        <Phone
                            city=city
                            label=label
                            clock
                            foot=move || view! { <Foot person picker menu on_area tap=Callback::new(tap) /> }.into_any()
                            sheet=move || {
                                let name = name.clone();
                                view! {
                                    {move || {
                                        let address = sheet.get()?;
                                        let title = name.clone();
                                        let words = format!("{title}のページ");
                                        Some(
                                            view! {
                                                <LiffSheet title on_close=move |()| sheet.set(None)>
                                                    <iframe node_ref=iframe class="sheet-frame" src=address title=words></iframe>
                                                </LiffSheet>
                                            },
                                        )
                                    }}
                                }
                                    .into_any()
                            }
                        >
                            <Talk entries on_action />
                        </Phone>
                    }
                }}
            </div>
            <OnPc index menu />
        </div>
    }
}

/// Puts the focus on an area of the menu, or on its last one.
fn focus_area(frame: NodeRef<html::Div>, area: usize) {
    let Some(Ok(areas)) =
        frame.get_untracked().map(|f| f.query_selector_all(".rich-menu .talk-area"))
    else {
        return;
    };
    let last = areas.length().saturating_sub(1);
    let area = u32::try_from(area).map_or(last, |area| area.min(last));
    if let Some(button) = areas.get(area).and_then(|b| b.dyn_into::<web_sys::HtmlElement>().ok()) {
        // Without the focus it is only less convenient.
        drop(button.focus());
    }
}

/// Reads the talk; what is shown is seen.
async fn read(desk: Desk, index: usize, id: String, lines: RwSignal<Vec<Line>>, menu: OnPhone) {
    let (Ok(person), Ok(said)) = (
        desk.api.get::<Person>(&format!("/residents/{id}")).await,
        desk.api.get::<Said>(&format!("/residents/{id}/messages")).await,
    ) else {
        return;
    };
    let still = || {
        let held =
            |held: &[Option<Person>; 2]| held[index].as_ref().is_some_and(|p| p.user_id == id);
        desk.held.try_with_untracked(held) == Some(true)
    };
    if !still() {
        return;
    }
    if person.unseen > 0 {
        // The next second shows whether it worked.
        drop(
            desk.api
                .send::<Value>(super::Method::Post, &format!("/residents/{id}/open"), &json!({}))
                .await,
        );
    }
    if desk.held.with_untracked(|held| held[index].as_ref() != Some(&person)) {
        desk.held.update(|held| held[index] = Some(person));
    }
    set(lines, said.entries);
    menu.read(desk, &id, still).await;
}

/// What a LIFF page says to LINE: only the page in this phone is heard.
fn from_liff(
    event: &web_sys::MessageEvent,
    iframe: NodeRef<html::Iframe>,
    sheet: RwSignal<Option<String>>,
) {
    let Some(Some(inside)) = iframe.get_untracked().map(|f| f.content_window()) else { return };
    if event.source().is_none_or(|source| !js_sys::Object::is(&source, &inside)) {
        return;
    }
    let field = |name: &str| {
        js_sys::Reflect::get(&event.data(), &name.into()).ok().and_then(|v| v.as_string())
    };
    match field("type").as_deref() {
        Some("liff.closeWindow") => sheet.set(None),
        Some("liff.openWindow") => {
            if let Some(url) =
                field("url").filter(|u| u.starts_with("https://") || u.starts_with("http://"))
            {
                drop(window().open_with_url_and_target(&url, "_blank"));
            }
        }
        _ => {}
    }
}

/// The address of a LIFF page as this resident opens it in LINE; nothing for other addresses.
fn liff_address(desk: Desk, url: &str, user: &str) -> Option<String> {
    let id = desk.config.with_untracked(|c| c.as_ref().map(|c| c.liff_id.clone()))?;
    let base = desk.api.base();
    as_resident(url, &format!("{base}/liff/{id}"), user)
}

fn as_resident(url: &str, liff: &str, user: &str) -> Option<String> {
    let rest = url.strip_prefix(liff)?;
    let inside = rest.is_empty() || rest.starts_with(['/', '?', '#']);
    let (address, hash) =
        url.split_once('#').map_or((url, String::new()), |(a, h)| (a, format!("#{h}")));
    let joint = if address.contains('?') { '&' } else { '?' };
    inside.then(|| format!("{address}{joint}as={user}{hash}"))
}

fn now_ms() -> i64 {
    // The clock of the browser; on the server nothing of the talk is drawn yet.
    #[cfg(not(feature = "ssr"))]
    {
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds of our time fit")]
        let now = js_sys::Date::now() as i64;
        now
    }
    #[cfg(feature = "ssr")]
    0
}

/// The messages of a talk as the renderer takes them, with a pill where a day begins.
fn to_entries(lines: &[Line], now: Timestamp) -> Vec<Entry> {
    let mut day = None;
    let mut entries = Vec::new();
    for line in lines {
        let at = Timestamp(line.at);
        let from = if line.from == "city" { From::City } else { From::Resident };
        for (i, message) in line.messages.iter().enumerate() {
            let began = day != Some(at.date());
            day = Some(at.date());
            let id =
                message["id"].as_str().map_or_else(|| format!("{}-{i}", line.at), str::to_owned);
            let message = match message["type"].as_str() {
                _ if line.unsent => note("送信を取り消しました"),
                // The bytes went to the city; nobody else can fetch them.
                Some("image") if from == From::Resident => note("写真を送りました"),
                _ => message.clone(),
            };
            entries.push(Entry {
                key: id,
                from,
                message,
                time: at.time_of_day(),
                read: from == From::Resident,
                date: began.then(|| pill(at, now)),
            });
        }
    }
    entries
}

fn note(words: &str) -> Value {
    json!({ "type": "text", "text": format!("（{words}）") })
}

fn pill(at: Timestamp, now: Timestamp) -> String {
    let (day, today) = (at.date(), now.date());
    match today.days() - day.days() {
        0 => "今日".into(),
        1 => "昨日".into(),
        _ => format!("{}月{}日（{}）", day.month, day.day, day.weekday_name()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_our_app_open_as_the_resident() {
        let liff = "http://127.0.0.1:3001/liff/2-a";
        assert_eq!(
            as_resident("http://127.0.0.1:3001/liff/2-a/register", liff, "U1").as_deref(),
            Some("http://127.0.0.1:3001/liff/2-a/register?as=U1")
        );
        assert_eq!(
            as_resident("http://127.0.0.1:3001/liff/2-a?x=1#y", liff, "U1").as_deref(),
            Some("http://127.0.0.1:3001/liff/2-a?x=1&as=U1#y")
        );
        assert_eq!(as_resident("http://127.0.0.1:3001/liff/2-ab/register", liff, "U1"), None);
        assert_eq!(as_resident("https://mihon.example/d/1", liff, "U1"), None);
    }

    #[test]
    fn a_day_begins_once() {
        let line = |at: i64, from: &str| Line {
            at,
            from: from.into(),
            kind: "push".into(),
            messages: vec![json!({"type": "text", "text": "a"})],
            seen: true,
            unsent: false,
        };
        let day = domain::time::DAY;
        let entries =
            to_entries(&[line(0, "city"), line(1, "resident"), line(day, "city")], Timestamp(day));
        assert_eq!(
            entries.iter().map(|e| e.date.as_deref()).collect::<Vec<_>>(),
            [Some("昨日"), None, Some("今日")]
        );
        assert!(entries[1].read && !entries[0].read);
    }
}
