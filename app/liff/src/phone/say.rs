//! What a resident says and chooses, below the talk.

use super::Desk;
use super::api::Person;
use super::menu::{Menu, OnPhone};
use leptos::{ev, html, prelude::*};
use serde_json::{Value, json};
use ui::prelude::*;

/// What stands below the talk.
#[component]
pub(super) fn Foot(
    person: Memo<Option<Person>>,
    picker: RwSignal<Option<Value>>,
    menu: OnPhone,
    on_area: Callback<usize>,
    tap: Callback<Value>,
) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let draft = menu.draft;
    let shown = Memo::new(move |_| menu.shown());
    let has_menu = Memo::new(move |_| shown.with(Option::is_some));
    let state = Memo::new(move |_| {
        person.with(|p| p.as_ref().map(|p| (p.user_id.clone(), p.name.clone(), p.friend.clone())))
    });
    move || {
        let (id, name, friend) = state.get()?;
        if let Some(action) = picker.get() {
            return Some(view! { <Picker action picker tap /> }.into_any());
        }
        if friend != "friend" {
            let (act, words) = if friend == "blocked" {
                ("unblock", "ブロックをやめる")
            } else {
                ("follow", "友だちになる")
            };
            return Some(
                view! {
                    <div class="phone-say">
                        <Button kind=Kind::Line wide=true on_click=move |_| desk.act(&id, act, json!({}), |_| ())>
                            {words}
                        </Button>
                    </div>
                }
                .into_any(),
            );
        }
        if has_menu.get() && !menu.keyboard.get() {
            let menu = move || shown.get().map(|seen| view! { <Menu seen menu on_tap=on_area /> });
            return Some(menu.into_any());
        }
        let back = move || {
            has_menu.get().then(|| {
                view! { <IconButton icon=IconName::Hamburger label="メニューにもどる" on_click=move |_| menu.keyboard.set(false) /> }
            })
        };
        let say = move |event: ev::SubmitEvent| {
            event.prevent_default();
            let text = draft.get_untracked();
            if !text.trim().is_empty() {
                draft.set(String::new());
                desk.act(&id, "say", json!({ "text": text }), |_| ());
            }
        };
        Some(
            view! {
                <form class="phone-say" on:submit=say>
                    {back}
                    <input
                        type="text"
                        aria-label=format!("{name}が送る文章")
                        autocomplete="off"
                        maxlength="5000"
                        enterkeyhint="send"
                        prop:value=move || draft.get()
                        on:input=move |event| draft.set(event_target_value(&event))
                    />
                    <IconButton icon=IconName::Send label="送る" submit=true />
                </form>
            }
            .into_any(),
        )
    }
}

/// LINE's date and time picker.
#[component]
fn Picker(action: Value, picker: RwSignal<Option<Value>>, tap: Callback<Value>) -> impl IntoView {
    let mode = action["mode"].as_str().unwrap_or("date").to_owned();
    let kind = if mode == "datetime" { "datetime-local".to_owned() } else { mode.clone() };
    let text = |key: &str| action[key].as_str().map(|v| v.replace('t', "T"));
    let (initial, min, max) = (text("initial"), text("min"), text("max"));
    let node = NodeRef::<html::Input>::new();
    let choose = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let value = node.get_untracked().map(|i| i.value()).unwrap_or_default();
        if !value.is_empty() {
            picker.set(None);
            tap.run(json!({ "action": action, "params": { (mode.clone()): value } }));
        }
    };
    view! {
        <form class="phone-say" on:submit=choose>
            <input node_ref=node type=kind aria-label="日時" value=initial min=min max=max required />
            <Button size=Size::Small submit=true kind=Kind::Filled>
                "決める"
            </Button>
            <IconButton icon=IconName::Cross label="やめる" on_click=move |_| picker.set(None) />
        </form>
    }
}
