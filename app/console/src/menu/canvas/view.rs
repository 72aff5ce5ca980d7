//! The canvas as it is seen: rulers, the picture area by area, and what lies over it.

use super::super::picture::address;
use super::super::state::{Editor, Tool};
use super::area::AreaView;
use super::border::BorderView;
use super::guide::Guides;
use super::{Held, Stage, framed, scaled};
use domain::geometry::Axis;
use domain::menu::fit::FONT;
use domain::menu::{Mode, Sheet, svg as drawn};
use leptos::ev;
use leptos::prelude::*;

/// The sheet, in the size of the zoom: of the room that there is, or in hundredths.
#[component]
pub fn Canvas(
    /// Of which editor.
    editor: Editor,
    /// Hundredths of the picture's own pixels; nothing: as wide as there is room.
    zoom: RwSignal<Option<u32>>,
    /// Fingers cut instead of scrolling.
    drawing: RwSignal<bool>,
) -> impl IntoView {
    let stage = Stage::new(editor, drawing);
    // Beside the areas there is nothing that has the focus while a rectangle is drawn.
    Effect::new(move |_| {
        let heard = window_event_listener(ev::keydown, move |event| {
            if event.key() == "Escape" && stage.press.with_value(Option::is_some) {
                stage.cancel();
            }
        });
        on_cleanup(move || heard.remove());
    });
    let ground =
        Memo::new(move |_| editor.sheet.with(|s| drawn::ground(s, &|id| Some(address(id)))));
    let view_box = move || {
        let (x, y, width, height) = editor.sheet.with(framed);
        format!("-{x} -{y} {width} {height}")
    };
    let width = move || match zoom.get() {
        Some(zoom) => (editor.sheet.with(|s| framed(s).2) * zoom / 100).to_string(),
        None => "100%".into(),
    };
    let keys = Memo::new(move |_| {
        editor.sheet.with(|s| s.areas.iter().map(|a| a.key).collect::<Vec<u16>>())
    });
    let borders = Memo::new(move |_| {
        editor.borders.with(|all| {
            all.iter().enumerate().map(|(n, b)| (n, b.axis == Axis::Columns)).collect::<Vec<_>>()
        })
    });
    let free = Memo::new(move |_| editor.sheet.with(|s| s.tree().is_none()));
    view! {
        <div
            class="me-frame"
            class:me-zoomed=move || zoom.get().is_some()
            tabindex=move || zoom.get().map(|_| "0")
            role="group"
            aria-label="メニューの絵とエリア"
        >
            <svg
                node_ref=stage.node
                class="me-canvas"
                class:me-drawing=move || drawing.get()
                class:me-pairing=move || editor.tool.get() != Tool::Choose
                viewBox=view_box
                width=width
                focusable="false"
                role="group"
                aria-label="エリアと境界"
            >
                <g class="me-ruler" aria-hidden="true">{move || editor.sheet.with(ruler)}</g>
                <g class="me-picture" aria-hidden="true" font-family=FONT font-weight="700">
                    <g inner_html=move || ground.get()></g>
                    <For each=move || keys.get() key=|key| *key let:key>
                        <Drawn stage key />
                    </For>
                </g>
                {move || {
                    free.get()
                        .then(|| {
                            view! {
                                <rect
                                    class="me-ground"
                                    x="0"
                                    y="0"
                                    width=move || editor.sheet.with(|s| s.size.width)
                                    height=move || editor.sheet.with(|s| s.size.height)
                                    on:pointerdown=move |event| stage.down(&event, Held::Ground)
                                    on:pointermove=move |event| stage.drag(&event)
                                    on:pointerup=move |_| stage.up()
                                    on:pointercancel=move |_| {
                                        stage.cancel();
                                    }
                                />
                            }
                        })
                }}
                <For each=move || keys.get() key=|key| *key let:key>
                    <AreaView stage key />
                </For>
                <For each=move || borders.get() key=|border| *border let:border>
                    <BorderView stage number=border.0 upright=border.1 />
                </For>
                <Guides stage />
            </svg>
        </div>
    }
}

/// What an area shows: drawn anew when the sheet changes or its own place does, so that a border
/// on its way leaves all others as they are.
#[component]
fn Drawn(stage: Stage, key: u16) -> impl IntoView {
    let sheet = stage.editor.sheet;
    let index = Memo::new(move |_| sheet.with(|s| s.areas.iter().position(|a| a.key == key)));
    let rect = Memo::new(move |_| stage.rects.with(|r| r.get(index.get()?).copied()));
    let picture = Memo::new(move |_| {
        let at = index.get().zip(rect.get());
        at.map(|at| sheet.with(|s| drawn::area(s, at, Mode::Real, &|id| Some(address(id)))))
    });
    view! { <g inner_html=move || picture.get().unwrap_or_default()></g> }
}

/// Every 500 pixels a mark.
fn ruler(sheet: &Sheet) -> impl IntoView + use<> {
    let gap = scaled(sheet, 24);
    let (short, size) = (scaled(sheet, 18), sheet.size);
    let marks = |length: u32| (0..=length / 500).map(|n| n * 500);
    let above = marks(size.width).map(|x| {
        view! {
            <line x1=x x2=x y1=-i64::from(gap) y2=-i64::from(gap + short) />
            <text x=x y=-i64::from(gap + short * 2)>{x}</text>
        }
    });
    let beside = marks(size.height).map(|y| {
        view! {
            <line y1=y y2=y x1=-i64::from(gap) x2=-i64::from(gap + short) />
            <text class="me-ruler-side" y=y x=-i64::from(gap + short * 2)>{y}</text>
        }
    });
    (above.collect_view(), beside.collect_view())
}
