//! An area on the canvas: a button, and what is dragged across to cut it.

use super::super::state::{Editor, Tool};
use super::super::words::describe;
use super::{Held, Moving, Stage};
use domain::geometry::Rect;
use domain::menu::Command;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use ui::prelude::*;

/// The id of an area's button.
pub(in crate::menu) fn area_id(key: u16) -> String {
    format!("menu-area-{key}")
}

/// Gives the focus to the area with that number.
fn focus(editor: Editor, area: usize) {
    if let Some(key) = editor.sheet.with_untracked(|s| s.areas.get(area).map(|a| a.key)) {
        focus_soon(area_id(key));
    }
}

#[component]
pub fn AreaView(stage: Stage, key: u16) -> impl IntoView {
    let editor = stage.editor;
    let index =
        Memo::new(move |_| editor.sheet.with(|s| s.areas.iter().position(|a| a.key == key)));
    let rect = Memo::new(move |_| {
        let rect = index.get().and_then(|i| stage.rects.with(|r| r.get(i).copied()));
        rect.unwrap_or(Rect::whole(0, 0))
    });
    // What is read aloud changes only when something was let go.
    let name = Memo::new(move |_| {
        let Some(i) = index.get() else { return String::new() };
        editor.sheet.with(|sheet| {
            let rect = sheet.rects().get(i).copied().unwrap_or(Rect::whole(0, 0));
            editor
                .existing
                .with_value(|there| editor.with(|menu| describe(menu, there, sheet, i, rect)))
        })
    });
    let chosen = Memo::new(move |_| index.get().is_some() && editor.chosen.get() == index.get());
    let free = Memo::new(move |_| editor.sheet.with(|s| s.tree().is_none()));
    let now = move || index.get_untracked();
    let tap = move || {
        if let Some(area) = now() {
            editor.tap(area);
        }
    };
    let nudge = move |area: usize, event: &KeyboardEvent| {
        let step = if event.shift_key() { 10 } else { 1 };
        let by = match event.key().as_str() {
            "ArrowLeft" => (-step, 0),
            "ArrowRight" => (step, 0),
            "ArrowUp" => (0, -step),
            "ArrowDown" => (0, step),
            _ => return false,
        };
        let rect = editor.sheet.with_untracked(|s| s.rects().get(area).copied());
        let Some(rect) = rect else { return false };
        let pushed = |at: u32, by: i64| u32::try_from(i64::from(at) + by).ok();
        let new =
            if event.alt_key() {
                pushed(rect.width, by.0)
                    .zip(pushed(rect.height, by.1))
                    .map(|(width, height)| Rect { width, height, ..rect })
            } else {
                pushed(rect.x, by.0).zip(pushed(rect.y, by.1)).map(|(x, y)| Rect { x, y, ..rect })
            };
        match new {
            Some(rect) => {
                let sheet = editor.key();
                editor.go_on(
                    &format!("area/{key}/rect"),
                    &Command::SetRect { sheet, area, rect },
                    true,
                );
            }
            None => editor.refuse("これより先へは動かせません。絵の端です"),
        }
        true
    };
    let keydown = move |event: KeyboardEvent| {
        let Some(area) = now() else { return };
        let count = editor.sheet.with_untracked(|s| s.areas.len());
        let done = match event.key().as_str() {
            "Enter" | " " => {
                tap();
                true
            }
            "Escape" if stage.cancel() => true,
            "Escape" if editor.tool.get_untracked() != Tool::Choose => {
                editor.tool.set(Tool::Choose);
                editor.say("やめました");
                true
            }
            _ if free.get_untracked() => nudge(area, &event),
            "ArrowRight" | "ArrowDown" => {
                focus(editor, (area + 1) % count.max(1));
                true
            }
            "ArrowLeft" | "ArrowUp" => {
                focus(editor, (area + count - 1) % count.max(1));
                true
            }
            _ => false,
        };
        if done {
            event.prevent_default();
            event.stop_propagation();
        }
    };
    let size = move |length: u32| stage.length(length);
    view! {
        <g
            id=area_id(key)
            class="me-area"
            class:me-chosen=move || chosen.get()
            role="button"
            tabindex="0"
            aria-label=move || name.get()
            aria-pressed=move || chosen.get().to_string()
            on:pointerdown=move |event| {
                if let Some(area) = now() {
                    stage.down(&event, Held::Area(area));
                }
            }
            on:pointermove=move |event| stage.drag(&event)
            on:pointerup=move |_| stage.up()
            on:pointercancel=move |_| {
                stage.cancel();
            }
            on:click=move |_| {
                if !stage.dragged.get_value() {
                    tap();
                }
                stage.dragged.set_value(false);
            }
            on:keydown=keydown
            on:blur=move |_| {
                if matches!(stage.moving.get_untracked(), Some(Moving::Free { held: false, .. })) {
                    stage.settle();
                }
            }
        >
            <rect
                class="me-area-box"
                x=move || rect.get().x
                y=move || rect.get().y
                width=move || rect.get().width
                height=move || rect.get().height
            />
            <rect
                class="me-badge"
                x=move || rect.get().x + size(20)
                y=move || rect.get().y + size(20)
                width=move || size(88)
                height=move || size(88)
                rx=move || size(12)
            />
            <text class="me-number" x=move || rect.get().x + size(64) y=move || rect.get().y + size(86)>
                {move || index.get().map(|i| i + 1)}
            </text>
            {move || {
                (free.get() && chosen.get())
                    .then(|| {
                        view! {
                            <circle
                                class="me-corner"
                                cx=move || rect.get().x + rect.get().width
                                cy=move || rect.get().y + rect.get().height
                                r=move || size(46)
                                on:pointerdown=move |event| {
                                    if let Some(area) = now() {
                                        stage.down(&event, Held::Corner(area));
                                    }
                                }
                                on:pointermove=move |event| stage.drag(&event)
                                on:pointerup=move |_| stage.up()
                            />
                        }
                    })
            }}
        </g>
    }
}
