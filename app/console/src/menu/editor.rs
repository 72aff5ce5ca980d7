//! The editor (picture 07): what it is made of, the sheet, how it arrives.

use super::api::{Opened, open_menu};
use super::canvas::Canvas;
use super::figures::menu_taps;
use super::preview::Preview;
use super::problems::{Differences, Problems};
use super::publish::{PublishButton, watch_trial};
use super::sheets::{Areas, Sheets};
use super::shown::Shown;
use super::side::SidePanel;
use super::state::Editor;
use super::tools::{Announced, BorderBar, Steps, Toolbar};
use super::{PATH, path};
use crate::saving::{SavedWords, Saver, SavingTrouble};
use domain::id::MenuId;
use domain::menu::{Command, FigurePeriod, NAME_MAX, Status as Kept};
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use ui::prelude::*;
use wasm_bindgen::JsCast;

/// `/console/menus/{id}`.
#[component]
pub fn MenuPage(
    /// Which menu.
    id: MenuId,
) -> impl IntoView {
    let opened = Resource::new_blocking(|| (), move |()| open_menu(id));
    view! {
        <Suspense fallback=|| view! { <main id="main" class="editor-main"><Skeleton sentence="メニューを読みこんでいます" rows=6 /></main> }>
            {move || Suspend::new(async move {
                match opened.await {
                    Ok(opened) if opened.kept.summary.may_write && opened.kept.summary.status != Kept::Archived => {
                        view! { <MenuEditor opened /> }.into_any()
                    }
                    Ok(opened) => view! { <Shown opened /> }.into_any(),
                    Err(error) => {
                        let other = (PATH.to_owned(), "リッチメニューの一覧へ".to_owned());
                        view! { <main id="main" class="editor-main"><ErrorPage error retry_href=path(id) other /></main> }.into_any()
                    }
                }
            })}
        </Suspense>
    }
}

#[component]
fn MenuEditor(opened: Opened) -> impl IntoView {
    let Opened { kept, existing, tried, tried_instead, drilled, rules } = opened;
    let (id, summary) = (kept.summary.id, kept.summary);
    let editor = Editor::new(id, kept.draft, existing, tried, drilled);
    editor.tried_instead.set(tried_instead);
    editor.rules.set_value(rules);
    watch_trial(editor);
    let work = Signal::derive(move || Some(editor.with(Clone::clone)));
    let saver = Saver::watch(id, work, editor.now(Clone::clone), summary.version, None);
    let published = RwSignal::new(kept.published);
    let (zoom, drawing) = (RwSignal::new(None::<u32>), RwSignal::new(false));
    Effect::new(move |_| editor.recall());
    if published.with_untracked(Option::is_some) {
        Effect::new(move |_| count_taps(editor));
    }
    keys(editor);
    ui::shell::menu_keys();
    let may_publish = summary.may_publish;
    let status = move || {
        let (shape, words) = match published.with(Option::is_some) {
            true => (Status::Done, "公開中"),
            false => (Status::Draft, "下書き"),
        };
        view! { <StatusShape status=shape />{words} }
    };
    let state = move || {
        view! {
            <span class="status">{status}</span>
            <SavedWords saver />
        }
    };
    view! {
        <EditorBar
            back_href=PATH
            back_label="リッチメニュー"
            help_href="/console/help/menu"
            emergency_href="/console/menus/emergency"
            title=move || view! { <NameField editor /> }
            state=state
            acts=move || {
                view! {
                    <Steps editor />
                    <PublishButton editor saver published may_publish />
                }
            }
        />
        <main id="main" class="me">
            <div class="me-left">
                <Sheets editor />
                <Areas editor />
            </div>
            <div class="me-middle">
                <SavingTrouble saver href=path(id) />
                <Toolbar editor zoom drawing />
                <Canvas editor zoom drawing />
                <BorderBar editor />
                <Announced editor />
                <Problems editor />
                <Differences editor published />
            </div>
            <div class="me-right">
                <SidePanel editor />
                <Preview editor />
            </div>
        </main>
    }
}

/// Asks for the taps of the last 30 days.
fn count_taps(editor: Editor) {
    spawn_local(async move {
        if let Ok(tapped) = menu_taps(editor.id, FigurePeriod::default()).await {
            editor.taps.try_set(Some(tapped));
        }
    });
}

/// Ctrl+Z and Ctrl+Y, wherever nothing is being typed: fields have their own. Behind a dialog
/// nothing changes.
fn keys(editor: Editor) {
    Effect::new(move |_| {
        let heard = window_event_listener(ev::keydown, move |event| {
            let typing = event
                .target()
                .and_then(|t| t.dyn_into::<web_sys::Element>().ok())
                .is_some_and(|e| {
                    e.matches("input:not([type=radio]):not([type=checkbox]), textarea")
                        .unwrap_or(false)
                });
            let behind =
                || document().query_selector("dialog:modal").is_ok_and(|found| found.is_some());
            if typing || !(event.ctrl_key() || event.meta_key()) || event.alt_key() || behind() {
                return;
            }
            match (event.key().to_ascii_lowercase().as_str(), event.shift_key()) {
                ("z", false) => editor.undo(1),
                ("y", false) | ("z", true) => editor.redo(1),
                _ => return,
            }
            event.prevent_default();
        });
        on_cleanup(move || heard.remove());
    });
}

#[component]
fn NameField(editor: Editor) -> impl IntoView {
    let name = Memo::new(move |_| editor.with(|m| m.name.clone()));
    let node = NodeRef::<html::Input>::new();
    // Undone, or written in the panel: the field follows.
    Effect::new(move |_| {
        let now = name.get();
        if let Some(input) = node.get()
            && input.value() != now
        {
            input.set_value(&now);
        }
    });
    let title = Signal::derive(move || {
        let name = name.get();
        if name.trim().is_empty() {
            "名前のないメニューを作る".to_owned()
        } else {
            format!("{name}を作る")
        }
    });
    view! {
        <PageTitle class="visually-hidden" title />
        <label class="editor-title-field">
            <span class="visually-hidden">"メニューの名前"</span>
            <input
                node_ref=node
                class="editor-title-input"
                name="title"
                maxlength=NAME_MAX
                placeholder="名前をつける"
                autocomplete="off"
                value=name.get_untracked()
                on:input=move |event| editor.go_on("name", &Command::Rename { name: event_target_value(&event) }, false)
            />
            <Icon name=IconName::Pencil size=18 />
        </label>
    }
}
