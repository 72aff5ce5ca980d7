//! The left column: finding and adding residents, and what one of them does.

use super::api::{Method, People, Person};
use super::{Desk, set};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use serde_json::json;
use ui::prelude::*;

/// How many residents are listed.
const LISTED: usize = 8;

#[component]
pub(super) fn PeopleColumn() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let total = RwSignal::new(0);
    let asked = leptos_router::hooks::use_query_map().with_untracked(|q| q.get("as"));
    Effect::new(move |_| {
        desk.tick.track();
        let search = desk.search.get();
        let asked = asked.clone();
        spawn_local(async move {
            let words = String::from(js_sys::encode_uri_component(search.trim()));
            let path = format!("/residents?limit={LISTED}&search={words}");
            let Ok(page) = desk.api.get::<People>(&path).await else { return };
            // An older answer must not overwrite what is searched now.
            if desk.search.try_get_untracked().is_none_or(|now| now != search) {
                return;
            }
            set(total, page.total);
            if desk.held.with_untracked(|held| held[0].is_none()) {
                let first = match asked {
                    Some(id) => desk.api.get::<Person>(&format!("/residents/{id}")).await.ok(),
                    None => None,
                };
                if let Some(first) = first.or_else(|| page.residents.first().cloned()) {
                    desk.held.update(|held| held[0] = Some(first));
                }
            }
            set(desk.people, page.residents);
        });
    });
    let shown = move || format!("{}人のうち {}人", count(total.get()), desk.people.with(Vec::len));
    view! {
        <section class="sandbox-left" aria-labelledby="people">
            <div class="cluster">
                <h2 id="people">"住民"</h2>
                <span class="sub dense" role="status">
                    {shown}
                </span>
            </div>
            <div class="search">
                <Icon name=IconName::Search size=18 />
                <label class="visually-hidden" for="people-search">
                    "名前でさがす"
                </label>
                <input
                    id="people-search"
                    type="search"
                    placeholder="名前でさがす"
                    autocomplete="off"
                    prop:value=move || desk.search.get()
                    on:input=move |event| desk.search.set(event_target_value(&event))
                />
            </div>
            <ul class="stack-s">
                <For each=move || desk.people.get() key=|p| p.user_id.clone() let:person>
                    <li>
                        <Card person />
                    </li>
                </For>
            </ul>
            {move || {
                (desk.people.with(Vec::is_empty) && desk.connected.get() == Some(true))
                    .then(|| {
                        let words = if total.get() == 0 { "まだ住民がいません。下の「住民を足す」から始められます" } else { "その名前の住民はいません" };
                        view! { <p class="sub">{words}</p> }
                    })
            }}
            <Add />
            <Acts />
        </section>
    }
}

#[component]
fn Card(person: Person) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let id = StoredValue::new(person.user_id.clone());
    let name = person.name.clone();
    let initial: String = name.chars().take(1).collect();
    let now = Memo::new(move |_| {
        desk.people
            .with(|list| id.with_value(|id| list.iter().find(|p| p.user_id == *id).cloned()))
            .unwrap_or_else(|| person.clone())
    });
    let holds = move || {
        desk.held.with(|held| held.iter().flatten().any(|p| id.with_value(|id| p.user_id == *id)))
    };
    view! {
        <button class="resident-card" type="button" aria-pressed=move || if holds() { "true" } else { "false" } on:click=move |_| desk.give(now.get_untracked())>
            <span class="avatar" aria-hidden="true">
                {initial}
            </span>
            <span class="grow">
                <strong>{name}</strong>
                <span class="sub">{move || words(&now.read())}</span>
            </span>
            {move || {
                let unseen = now.read().unseen;
                (unseen > 0)
                    .then(|| {
                        view! {
                            <span class="unread">
                                <span class="visually-hidden">"読んでいないもの "</span>
                                {count(unseen)}
                            </span>
                        }
                    })
            }}
        </button>
    }
}

pub(super) fn words(person: &Person) -> String {
    match person.friend.as_str() {
        // A word and its number stay on one line.
        "friend" => format!("友だち・届いたもの\u{a0}{}", count(person.received)),
        "blocked" => "ブロックしている（届かない）".into(),
        _ => "友だちではない".into(),
    }
}

#[derive(Deserialize)]
struct Created {
    user_ids: Vec<String>,
}

#[component]
fn Add() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let open = RwSignal::new(false);
    let name = RwSignal::new(String::new());
    let problem = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let toggle = move || {
        open.update(|o| *o = !*o);
        focus_soon("new-name".into());
    };
    let add = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let wanted = name.get_untracked().trim().to_owned();
        if wanted.is_empty() {
            problem.set(Some("名前を入れてください".into()));
            return;
        }
        problem.set(None);
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let body = json!({"residents": [{"name": wanted}]});
            let made = match desk.api.send::<Created>(Method::Post, "/residents", &body).await {
                Ok(created) => match created.user_ids.first() {
                    Some(id) => desk.api.get::<Person>(&format!("/residents/{id}")).await,
                    None => Err("擬似LINEが住民を作りませんでした".to_owned()),
                },
                Err(why) => Err(why),
            };
            busy.set(false);
            match made {
                Ok(person) => {
                    desk.said(format!("{wanted}さんを足しました。まだ友だちではありません"));
                    name.set(String::new());
                    open.set(false);
                    desk.search.set(wanted);
                    desk.give(person);
                }
                Err(why) => desk.failed(why),
            }
        });
    };
    view! {
        <div class="cluster">
            <button class="btn btn-outline btn-sm" type="button" aria-expanded=move || if open.get() { "true" } else { "false" } on:click=move |_| toggle()>
                <Icon name=IconName::Plus size=16 />
                <span>"住民を足す"</span>
            </button>
            <button
                class=move || if desk.two.get() { "btn btn-filled btn-sm" } else { "btn btn-outline btn-sm" }
                type="button"
                aria-pressed=move || if desk.two.get() { "true" } else { "false" }
                on:click=move |_| {
                    desk.two.update(|two| *two = !*two);
                    desk.hand.set(usize::from(desk.two.get_untracked()));
                }
            >
                {move || desk.two.get().then(|| view! { <Icon name=IconName::Check size=16 /> })}
                <span>"2台並べる"</span>
            </button>
        </div>
        {move || {
            open.get()
                .then(|| {
                    view! {
                        <form class="stack-s" on:submit=add>
                            <TextField name="new-name" label="名前" value=name error=problem autocomplete="off" maxlength=100 on_input=move |v| name.set(v) />
                            <Button kind=Kind::Filled submit=true busy=busy>
                                "足す"
                            </Button>
                        </form>
                    }
                })
        }}
    }
}

/// The city hall of the made-up Mihon City.
const PLACE: (f64, f64) = (35.0, 135.0);

#[component]
fn Acts() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let who = Memo::new(move |_| desk.acting());
    let act = move |act: &'static str, body: serde_json::Value, words: &'static str| {
        if let Some(person) = who.get_untracked() {
            desk.act(&person.user_id, act, body, move |_| {
                desk.said(format!("{}さん：{words}", person.name))
            });
        }
    };
    let photo = move |event: leptos::ev::Event| {
        let input: web_sys::HtmlInputElement = event_target(&event);
        let file = input.files().and_then(|files| files.get(0));
        input.set_value("");
        let (Some(file), Some(person)) = (file, who.get_untracked()) else { return };
        spawn_local(async move {
            match desk
                .api
                .upload(&format!("/residents/{}/photo", person.user_id), &file.type_(), file.into())
                .await
            {
                Ok(_) => desk.said(format!("{}さん：写真を送りました", person.name)),
                Err(why) => desk.failed(why),
            }
            desk.again();
        });
    };
    move || {
        let person = who.get()?;
        let friendship = match person.friend.as_str() {
            "friend" => view! { <Button size=Size::Small on_click=move |_| act("block", json!({}), "ブロックしました")>"ブロックする"</Button> }.into_any(),
            "blocked" => view! { <Button size=Size::Small on_click=move |_| act("unblock", json!({}), "ブロックをやめました")>"ブロックをやめる"</Button> }.into_any(),
            _ => view! { <Button size=Size::Small on_click=move |_| act("follow", json!({}), "友だちになりました")>"友だちになる"</Button> }.into_any(),
        };
        let sends = person.is_friend().then(|| {
            view! {
                <Button
                    size=Size::Small
                    icon=IconName::Pin
                    on_click=move |_| act("location", json!({"title": "みほん市役所", "address": "みほん市中央1-1", "latitude": PLACE.0, "longitude": PLACE.1}), "位置を送りました")
                >
                    "位置を送る"
                </Button>
                <label class="btn btn-outline btn-sm photo">
                    <Icon name=IconName::Camera size=16 />
                    <span>"写真を送る"</span>
                    <input class="visually-hidden" type="file" accept="image/jpeg,image/png" on:change=photo />
                </label>
            }
        });
        Some(view! {
            <h2 class="h3">{format!("{}として", person.name)}</h2>
            <div class="cluster">{friendship} {sends}</div>
        })
    }
}
