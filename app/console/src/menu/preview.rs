//! The menu below a talk, tapped as residents tap it.

use super::picture::drawing;
use super::state::Editor;
use crate::shell::use_me;
use domain::geometry::Rect;
use domain::id::MenuId;
use domain::menu::render::{Install, Rendering, bar, sheet as rendered};
use domain::menu::{Act, Menu, Mode, Sheet, SheetKey};
use domain::message::Hosts;
use leptos::prelude::*;
use serde_json::Value;
use ui::prelude::*;

/// A sheet as LINE's object, as far as it is drawn and tapped on a page.
pub fn as_object(id: MenuId, menu: &Menu, sheet: &Sheet, mode: Mode) -> Value {
    let install = Install::from_random(0);
    let hosts = Hosts::from("https://example.jp");
    rendered(id, menu, sheet, mode, &Rendering { install: &install, hosts, short: &|_, _, _| None })
}

/// What the area of that number in the object does. Areas without an act are not in it: the
/// place tells which it is.
pub fn act_at(object: &Value, sheet: &Sheet, n: usize) -> Option<Act> {
    let bounds = object.get("areas")?.get(n)?.get("bounds")?.clone();
    let place: Rect = serde_json::from_value(bounds).ok()?;
    let area = sheet.rects().into_iter().position(|r| r == place)?;
    sheet.areas.get(area).map(|a| a.act.clone())
}

/// LINEでの見え方.
#[component]
pub fn Preview(
    /// Of which editor.
    editor: Editor,
) -> impl IntoView {
    let city = use_me().city;
    // The tab that was tapped here; the sheet that is worked on until then.
    let tapped = RwSignal::new(None::<SheetKey>);
    let open = RwSignal::new(true);
    let did = RwSignal::new(String::new());
    Effect::new(move |former: Option<SheetKey>| {
        let now = editor.sheet.with(|s| s.key);
        if former.is_some_and(|former| former != now) {
            tapped.set(None);
        }
        now
    });
    let sheet = Memo::new(move |_| {
        let found = tapped.get().and_then(|key| editor.with(|m| m.sheet(key).cloned()));
        found.unwrap_or_else(|| editor.sheet.get())
    });
    let object =
        Memo::new(move |_| editor.with(|m| sheet.with(|s| as_object(editor.id, m, s, Mode::Real))));
    let tap = move |n: usize| {
        let act = object.with_untracked(|o| sheet.with_untracked(|s| act_at(o, s, n)));
        let Some(act) = act else { return };
        if let Act::Tab(key) = act {
            tapped.set(Some(key));
        }
        let words = editor.existing.with_value(|e| editor.now(|m| act.in_full(m, e)));
        did.set(format!("押すと、{words}"));
    };
    let menu = move || {
        let drawn = sheet.with(|s| drawing(s, Mode::Real));
        view! { <RichMenu menu=object.get() picture="" drawing=drawn on_tap=tap /> }
    };
    let foot = ViewFn::from(move || {
        view! {
            {move || open.get().then(menu)}
            {move || {
                let label = editor.with(|m| bar(m, Mode::Real));
                view! { <MenuBar label open=Signal::derive(move || open.get()) on_click=move |_| open.update(|o| *o = !*o) /> }
            }}
        }
    });
    view! {
        <section class="me-preview">
            <h2>"LINEでの見え方"</h2>
            <Phone city label="LINEでの見え方" foot>
                <span></span>
            </Phone>
            <p class="sub dense" role="status">{move || did.get()}</p>
        </section>
    }
}
