//! The rich menu of one phone: what its resident sees, open or closed, and tapping it.

use super::api::{Method, Person, Seen, SeenMenu};
use super::{Desk, set};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use ui::phone::{MenuBar, RichMenu};
use ui::prelude::*;

/// The menu of one phone.
#[derive(Clone, Copy)]
pub(super) struct OnPhone {
    /// What the resident has.
    pub seen: RwSignal<Option<SeenMenu>>,
    /// It stands open.
    pub open: RwSignal<bool>,
    /// The keyboard has the bar's place.
    pub keyboard: RwSignal<bool>,
    /// LINE for PC, which has no rich menu.
    pub pc: RwSignal<bool>,
    /// What is about to be said.
    pub draft: RwSignal<String>,
    /// Where a keyboard stood when it switched the menu.
    refocus: RwSignal<Option<usize>>,
}

impl OnPhone {
    /// The menu of one phone, whose frame is looked up by `find`.
    pub fn new(
        desk: Desk,
        person: Memo<Option<Person>>,
        focus: impl Fn(usize) + Copy + 'static,
    ) -> Self {
        let menu = Self {
            seen: RwSignal::new(None),
            open: RwSignal::new(false),
            keyboard: RwSignal::new(false),
            pc: RwSignal::new(false),
            draft: RwSignal::new(String::new()),
            refocus: RwSignal::new(None),
        };
        // `selected` says how a menu is met; one that stands open stays open.
        Effect::new(move |before: Option<Option<String>>| {
            let before = before.flatten();
            let now = menu.seen.with(|seen| {
                let seen = seen.as_ref()?;
                Some((seen.rich_menu_id.clone(), seen.menu["selected"] == true))
            });
            let (id, selected) = now.unzip();
            if before != id {
                if before.is_none() {
                    menu.open.set(selected == Some(true));
                    menu.keyboard.set(false);
                } else if selected == Some(true) {
                    menu.open.set(true);
                }
                if let Some(area) = menu.refocus.get_untracked() {
                    menu.refocus.set(None);
                    request_animation_frame(move || focus(area));
                }
            }
            id
        });
        // What stands open on a screen is an impression.
        let shown = Memo::new(move |_| {
            let open = menu.open.get() && !menu.pc.get() && !menu.keyboard.get();
            menu.seen.with(|seen| seen.as_ref().filter(|_| open).map(|m| m.rich_menu_id.clone()))
        });
        Effect::new(move |_| {
            let user = person.with_untracked(|p| p.as_ref().map(|p| p.user_id.clone()));
            let (Some(id), Some(user)) = (shown.get(), user) else { return };
            spawn_local(async move {
                let path = format!("/residents/{user}/menu/show");
                let body = json!({ "rich_menu_id": id });
                // Not counted is not worth a word.
                drop(desk.api.send::<Value>(Method::Post, &path, &body).await);
            });
        });
        menu
    }

    /// Another resident: nothing of the former one stays.
    pub fn clear(self) {
        self.seen.set(None);
        self.draft.set(String::new());
    }

    /// What this resident's LINE shows below the talk.
    pub fn shown(self) -> Option<SeenMenu> {
        self.seen.get().filter(|_| !self.pc.get())
    }

    /// Reads what the resident has.
    pub async fn read(self, desk: Desk, user: &str, still: impl Fn() -> bool) {
        if let Ok(Seen { seen }) = desk.api.get(&format!("/residents/{user}/menu")).await
            && still()
        {
            set(self.seen, seen);
        }
    }

    /// The action behind an area of the menu on the screen, as a tap takes it.
    pub fn action(self, area: usize) -> Option<Value> {
        self.seen.with_untracked(|seen| {
            let seen = seen.as_ref()?;
            let mut action = seen.menu.pointer(&format!("/areas/{area}/action"))?.clone();
            action["menuArea"] = json!(area);
            action["menuId"] = json!(seen.rich_menu_id);
            Some(action)
        })
    }

    /// What the phone itself does on a tap, beside what LINE does.
    pub fn tapped(self, action: &Value) {
        match action["inputOption"].as_str() {
            Some("closeRichMenu") => self.open.set(false),
            Some("openRichMenu") => {
                self.keyboard.set(false);
                self.open.set(true);
            }
            Some("openKeyboard") => {
                let words = action["fillInText"].as_str().unwrap_or_default();
                self.draft.set(words.to_owned());
                self.keyboard.set(true);
            }
            _ => {}
        }
        if action["type"] == "richmenuswitch" {
            let area = action["menuArea"].as_u64().and_then(|n| usize::try_from(n).ok());
            self.refocus.set(area);
        }
    }
}

/// The act and the body of a tap: areas of a menu go their own way.
pub(super) fn as_act(body: Value) -> (&'static str, Value) {
    let (area, id) = (&body["action"]["menuArea"], &body["action"]["menuId"]);
    if area.is_null() {
        return ("tap", body);
    }
    ("menu/tap", json!({ "area": area, "rich_menu_id": id, "params": body["params"] }))
}

/// The menu and its bar, in place of the input.
#[component]
pub(super) fn Menu(
    /// Which.
    seen: SeenMenu,
    /// Its phone.
    menu: OnPhone,
    /// An area was pressed.
    on_tap: Callback<usize>,
) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let picture = format!("{}{}", desk.api.base(), seen.picture);
    let object = seen.menu;
    let words = object["chatBarText"].as_str().unwrap_or("メニュー").to_owned();
    view! {
        {move || {
            menu.open.get().then(|| view! { <RichMenu menu=object.clone() picture=picture.clone() on_tap /> })
        }}
        <MenuBar
            label=words
            open=Signal::from(menu.open)
            on_click=move |_| menu.open.update(|open| *open = !*open)
            on_keyboard=move |()| menu.keyboard.set(true)
        />
    }
}

/// Whether the resident looks at it on a computer, where there is no rich menu.
#[component]
pub(super) fn OnPc(index: usize, menu: OnPhone) -> impl IntoView {
    move || {
        menu.seen.with(Option::is_some).then(|| {
            view! {
                <div class="device-pc">
                    <Checkbox name=format!("pc-{index}") checked=menu.pc on_change=move |now| menu.pc.set(now)>
                        "パソコンのLINEで見る"
                    </Checkbox>
                    {move || {
                        menu.pc.get().then(|| view! { <p class="sub dense">"パソコンのLINEには、リッチメニューが出ません。"</p> })
                    }}
                </div>
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_of_a_menu_go_their_own_way() {
        let message = json!({ "action": { "type": "message", "text": "a" } });
        assert_eq!(as_act(message.clone()), ("tap", message));
        let area = json!({
            "action": { "type": "datetimepicker", "menuArea": 2, "menuId": "richmenu-1" },
            "params": { "date": "2026-11-22" },
        });
        let body =
            json!({ "area": 2, "rich_menu_id": "richmenu-1", "params": { "date": "2026-11-22" } });
        assert_eq!(as_act(area), ("menu/tap", body));
    }
}
