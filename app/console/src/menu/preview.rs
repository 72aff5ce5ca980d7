//! The menu below a talk, tapped as residents tap it.

use super::picture::drawing;
use super::state::Editor;
use crate::shell::use_me;
use domain::geometry::Rect;
use domain::menu::render::{Install, Rendering, bar, sheet as rendered};
use domain::menu::{Act, Mode, SheetKey};
use domain::message::Hosts;
use leptos::prelude::*;
use ui::prelude::*;

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
    let object = Memo::new(move |_| {
        let install = Install::from_random(0);
        editor.with(|m| {
            let hosts = Hosts::from("https://example.jp");
            let with = Rendering { install: &install, hosts, short: &|_, _, _, _| None };
            sheet.with(|s| rendered(editor.id, m, s, Mode::Real, &with))
        })
    });
    let tap = move |n: usize| {
        // Areas without an act are not in LINE's object: the place tells which it is.
        let place = object.with_untracked(|o| {
            serde_json::from_value::<Rect>(o.get("areas")?.get(n)?.get("bounds")?.clone()).ok()
        });
        let act = sheet.with_untracked(|s| {
            let area = s.rects().into_iter().position(|r| Some(r) == place)?;
            s.areas.get(area).map(|a| a.act.clone())
        });
        let Some(act) = act else { return };
        if let Act::Tab(key) = act {
            tapped.set(Some(key));
        }
        did.set(format!("押すと、{}", editor.now(|m| act.in_words(m))));
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
