//! The left column: the sheets, and the areas of the one that is worked on.

use super::canvas::area_id;
use super::picture::Small;
use super::problems::wrong_areas;
use super::state::{Clip, Copied, Editor, Pane};
use super::words::label;
use crate::attribute::{Drag, Grip};
use domain::menu::{Command, SHEETS_MAX, Sheet, SheetKey};
use leptos::prelude::*;
use ui::prelude::*;

/// The sheets in their order: added, named, copied, put in another order, removed.
#[component]
pub fn Sheets(
    /// Of which editor.
    editor: Editor,
) -> impl IntoView {
    let keys = Memo::new(move |_| {
        editor.with(|m| m.sheets.iter().map(|s| s.key).collect::<Vec<SheetKey>>())
    });
    let drag = Drag::new();
    let naming = RwSignal::new(None::<SheetKey>);
    let full = Memo::new(move |_| keys.with(Vec::len) >= SHEETS_MAX);
    let add = move |_| {
        let number = editor.now(|m| m.sheets.len()) + 1;
        editor.run(&Command::AddSheet { name: format!("シート{number}") });
    };
    let pasted = Memo::new(move |_| match editor.copied.get() {
        Some(Clip { of, copied: Copied::Sheet(sheet) }) => Some((sheet, of == editor.id)),
        _ => None,
    });
    view! {
        <section aria-labelledby="menu-sheets">
            <h2 id="menu-sheets" tabindex="-1">"シート"</h2>
            <ol class="me-sheets">
                <For each=move || keys.get() key=|key| *key let:key>
                    <SheetRow editor key keys drag naming />
                </For>
            </ol>
            {move || {
                (!full.get())
                    .then(|| {
                        view! {
                            <Button size=Size::Small wide=true icon=IconName::Plus on_click=add>
                                "シートを足す"
                            </Button>
                        }
                    })
            }}
            {move || {
                pasted
                    .get()
                    .map(|(sheet, own)| {
                        let words = format!("「{}」を貼りつける", sheet.name);
                        view! {
                            <Button
                                size=Size::Small
                                wide=true
                                icon=IconName::Copy
                                on_click=move |_| {
                                    editor.run(&Command::PasteSheet { from: sheet.clone(), own });
                                }
                            >
                                {words}
                            </Button>
                        }
                    })
            }}
            <NameDialog editor naming />
        </section>
    }
}

/// The id of what opens a sheet's menu.
fn acts_id(key: SheetKey) -> String {
    format!("menu-sheet-{}-acts", key.0)
}

#[component]
fn SheetRow(
    editor: Editor,
    key: SheetKey,
    keys: Memo<Vec<SheetKey>>,
    drag: Drag<SheetKey>,
    naming: RwSignal<Option<SheetKey>>,
) -> impl IntoView {
    let sheet = Memo::new(move |former: Option<&Sheet>| {
        // A row that is about to go keeps what it showed.
        let found = editor.with(|m| m.sheet(key).cloned());
        found.or_else(|| former.cloned()).unwrap_or_else(|| editor.sheet.get_untracked())
    });
    let name = Memo::new(move |_| sheet.with(|s| s.name.clone()));
    let at = Memo::new(move |_| keys.with(|k| k.iter().position(|k| *k == key)));
    let count = Memo::new(move |_| keys.with(Vec::len));
    let current = Memo::new(move |_| editor.sheet.with(|s| s.key == key));
    let counts = move || {
        sheet.with(|s| {
            let tabs = (0..s.areas.len()).filter(|i| s.is_tab(*i)).count();
            let others = s.areas.len() - tabs;
            if tabs > 0 { format!("タブ{tabs}＋{others}") } else { format!("エリア{others}") }
        })
    };
    let order = move |item: SheetKey| {
        let place = |k: SheetKey| keys.with_untracked(|all| all.iter().position(|a| *a == k));
        let (Some(from), Some(to)) = (place(item), place(key)) else { return };
        let steps: Vec<Command> = (0..from.abs_diff(to))
            .map(|_| Command::ShiftSheet { sheet: item, up: to < from })
            .collect();
        if !steps.is_empty() {
            editor.run_all(&steps);
        }
    };
    let follows = move |item: SheetKey| {
        let place = |k: SheetKey| keys.with(|all| all.iter().position(|a| *a == k));
        place(item) < place(key)
    };
    let close = |event: &leptos::ev::MouseEvent| crate::delivery::close_menu(event);
    // What moves in the document loses the focus.
    let shift = move |event: &leptos::ev::MouseEvent, up: bool| {
        close(event);
        editor.run(&Command::ShiftSheet { sheet: key, up });
        focus_soon(acts_id(key));
    };
    let copy_here = move |event: leptos::ev::MouseEvent| {
        close(&event);
        let from = Box::new(sheet.get_untracked());
        editor.run(&Command::PasteSheet { from, own: true });
    };
    let copy_there = move |event: leptos::ev::MouseEvent| {
        close(&event);
        let from = sheet.get_untracked();
        let words =
            format!("シート「{}」を写しました。ほかのメニューでも貼りつけられます", from.name);
        editor.copy(Copied::Sheet(Box::new(from)), &words);
    };
    let remove = move |event: leptos::ev::MouseEvent| {
        close(&event);
        if editor.run(&Command::RemoveSheet { sheet: key }) {
            focus_soon("menu-sheets".into());
        }
    };
    view! {
        <li
            class=move || format!("me-sheet {}", drag.class(key, follows))
            class:me-current=move || current.get()
            on:dragover=move |event| drag.over(&event, key)
            on:drop=move |event| {
                if let Some(item) = drag.drop(&event) {
                    order(item);
                }
            }
        >
            <Grip drag item=key />
            <button
                type="button"
                class="me-sheet-open"
                aria-current=move || current.get().then_some("true")
                on:click=move |_| editor.open_sheet(key)
            >
                <Small sheet=sheet />
                <span class="grow">
                    <strong>{move || name.get()}</strong>
                    <span class="sub dense">{counts}</span>
                </span>
            </button>
            <details class="menu row-menu">
                <summary class="icon-btn" id=acts_id(key) aria-label=move || format!("シート「{}」の操作", name.get())>
                    <Icon name=IconName::More />
                </summary>
                <div class="menu-list menu-end">
                    <button
                        class="menu-item"
                        type="button"
                        on:click=move |event| {
                            close(&event);
                            naming.set(Some(key));
                        }
                    >
                        <Icon name=IconName::Pencil size=18 />
                        "名前を変える"
                    </button>
                    <button
                        class="menu-item"
                        type="button"
                        aria-disabled=move || (at.get() == Some(0)).then_some("true")
                        on:click=move |event| shift(&event, true)
                    >
                        <Icon name=IconName::ChevronUp size=18 />
                        "上へ"
                    </button>
                    <button
                        class="menu-item"
                        type="button"
                        aria-disabled=move || (at.get().map(|i| i + 1) == Some(count.get())).then_some("true")
                        on:click=move |event| shift(&event, false)
                    >
                        <Icon name=IconName::ChevronDown size=18 />
                        "下へ"
                    </button>
                    <button class="menu-item" type="button" on:click=copy_here>
                        <Icon name=IconName::Copy size=18 />
                        "この下に複製する"
                    </button>
                    <button class="menu-item" type="button" on:click=copy_there>
                        <Icon name=IconName::External size=18 />
                        "ほかのメニューへ写す"
                    </button>
                    <button class="menu-item" type="button" on:click=remove>
                        <Icon name=IconName::Trash size=18 />
                        "シートを消す"
                    </button>
                </div>
            </details>
        </li>
    }
}

/// A sheet's name.
#[component]
fn NameDialog(editor: Editor, naming: RwSignal<Option<SheetKey>>) -> impl IntoView {
    let open = RwSignal::new(false);
    let name = RwSignal::new(String::new());
    let error = RwSignal::new(None::<String>);
    Effect::new(move |_| {
        if let Some(key) = naming.get() {
            name.set(editor.now(|m| m.sheet(key).map(|s| s.name.clone())).unwrap_or_default());
            error.set(None);
            open.set(true);
        }
    });
    // The same sheet can be named again.
    Effect::new(move |_| {
        if !open.get() {
            naming.set(None);
        }
    });
    let confirm = move |()| {
        let words = name.get_untracked().trim().to_owned();
        let Some(sheet) = naming.get_untracked() else { return };
        if words.is_empty() {
            error.set(Some("名前が空です。書いてください".into()));
        } else {
            editor.run(&Command::RenameSheet { sheet, name: words });
            open.set(false);
        }
    };
    view! {
        <ConfirmDialog id="menu-sheet-name" title="シートの名前を変える" open confirm="この名前にする" on_confirm=confirm>
            <TextField
                name="sheet-name"
                label="シートの名前"
                hint="タブの文字と、パソコンのLINEで出るカードの見出しになります。"
                maxlength=domain::menu::NAME_MAX as u32
                autocomplete="off"
                value=Signal::derive(move || name.get())
                error=Signal::derive(move || error.get())
                on_input=move |words| name.set(words)
            />
        </ConfirmDialog>
    }
}

/// The areas of the sheet as a list: what a picture does not tell is told here.
#[component]
pub fn Areas(
    /// Of which editor.
    editor: Editor,
) -> impl IntoView {
    let rows = move || {
        let (sheet, chosen) = (editor.sheet.get(), editor.chosen.get());
        let wrong = wrong_areas(editor, sheet.key);
        (0..sheet.areas.len())
            .map(|i| {
                let area = &sheet.areas[i];
                let words = label(&sheet, i);
                let kind = area.act.kind();
                let wrong = wrong.contains(&i);
                let key = area.key;
                view! {
                    <li>
                        <button
                            type="button"
                            class="me-row"
                            aria-current=(chosen == Some(i)).then_some("true")
                            on:click=move |_| {
                                editor.tap(i);
                                editor.pane.set(Pane::Area);
                            }
                            on:dblclick=move |_| focus_soon(area_id(key))
                        >
                            <span class="me-row-number">{i + 1}</span>
                            <span class="grow">{words}</span>
                            {if wrong {
                                view! { <span class="me-row-kind warn"><Icon name=IconName::Warning size=16 />"要確認"</span> }.into_any()
                            } else {
                                view! { <span class="me-row-kind">{kind}</span> }.into_any()
                            }}
                        </button>
                    </li>
                }
            })
            .collect_view()
    };
    view! {
        <section aria-labelledby="menu-areas">
            <h2 id="menu-areas">"エリア"</h2>
            <ol class="me-rows">{rows}</ol>
        </section>
    }
}
