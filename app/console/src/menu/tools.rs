//! Above and below the canvas: cutting, merging, ways to cut, zoom, borders by number, and what
//! was announced last.

use super::state::{Editor, Tool};
use super::words;
use crate::delivery::close_menu;
use domain::geometry::{Axis, Rect};
use domain::menu::Command;
use domain::menu::template::Template;
use leptos::prelude::*;
use std::fmt::Write as _;
use ui::prelude::*;

/// The steps of the zoom, in hundredths.
const ZOOMS: [u32; 6] = [20, 30, 40, 50, 75, 100];

/// What changes the areas.
#[component]
pub fn Toolbar(
    /// Of which editor.
    editor: Editor,
    /// See [`super::canvas::Canvas`].
    zoom: RwSignal<Option<u32>>,
    /// Fingers cut instead of scrolling.
    drawing: RwSignal<bool>,
) -> impl IntoView {
    let free = Memo::new(move |_| editor.sheet.with(|s| s.tree().is_none()));
    let with_area = move |act: &dyn Fn(usize)| match editor.chosen.get_untracked() {
        Some(area) => act(area),
        None => editor.refuse("どのエリアかを、先に選んでください"),
    };
    let cut = move |axis: Axis, parts: usize| {
        with_area(&|area| {
            let sheet = editor.key();
            editor.run(&Command::CutIn { sheet, area, axis, parts });
            editor.choose(Some(area));
        });
    };
    let pairing = Memo::new(move |_| editor.tool.get() != Tool::Choose);
    let merge = move |_| {
        with_area(&|area| {
            editor.tool.set(Tool::Merge(area));
            editor.say(format!("エリア{}と結合する、となりのエリアを選んでください", area + 1));
        });
    };
    let even = move |_| {
        editor.run(&Command::Even { sheet: editor.key() });
    };
    view! {
        <div class="me-tools" role="group" aria-label="エリアを変える">
            {move || {
                if free.get() {
                    view! { <FreeTools editor /> }.into_any()
                } else {
                    view! {
                        <Button size=Size::Small icon=IconName::SplitVertical on_click=move |_| cut(Axis::Columns, 2)>
                            "縦に分ける"
                        </Button>
                        <Button size=Size::Small icon=IconName::SplitHorizontal on_click=move |_| cut(Axis::Rows, 2)>
                            "横に分ける"
                        </Button>
                        <Button size=Size::Small on_click=move |_| cut(Axis::Columns, 3)>"縦に3つ"</Button>
                        <Button size=Size::Small icon=IconName::Merge on_click=merge>"結合"</Button>
                        <Button size=Size::Small on_click=even>"等分にする"</Button>
                    }
                        .into_any()
                }
            }}
            <Templates editor />
            <button
                type="button"
                class="btn btn-outline btn-sm me-finger"
                aria-pressed=move || drawing.get().to_string()
                on:click=move |_| drawing.update(|d| *d = !*d)
            >
                <Icon name=IconName::Pencil size=16 />
                <span>{move || if free.get() { "指でかく" } else { "指でなぞって分ける" }}</span>
            </button>
            <Zoom zoom />
        </div>
        {move || {
            pairing
                .get()
                .then(|| {
                    let words = match editor.tool.get() {
                        Tool::Exchange(area) => format!("エリア{}と中身を入れかえるエリアを選んでください。", area + 1),
                        Tool::Merge(area) => format!("エリア{}と結合する、となりのエリアを選んでください。", area + 1),
                        Tool::Choose => String::new(),
                    };
                    view! {
                        <div class="me-pair">
                            <p class="grow">{words}</p>
                            <Button
                                size=Size::Small
                                on_click=move |_| {
                                    editor.tool.set(Tool::Choose);
                                    editor.say("やめました");
                                }
                            >
                                "やめる"
                            </Button>
                        </div>
                    }
                })
        }}
    }
}

/// Free rectangles: a new one where there is room, and one less.
#[component]
fn FreeTools(editor: Editor) -> impl IntoView {
    let add = move |_| {
        let found =
            editor.sheet.with_untracked(|s| room(&s.rects(), s.size.whole(), s.size.limits().side));
        match found {
            Some(rect) => {
                if editor.run(&Command::AddRect { sheet: editor.key(), rect }) {
                    let last = editor.sheet.with_untracked(|s| s.areas.len().saturating_sub(1));
                    editor.choose(Some(last));
                }
            }
            None => editor
                .refuse("空いている所がありません。ほかのエリアを小さくしてから足してください"),
        }
    };
    let remove = move |_| match editor.chosen.get_untracked() {
        Some(area) => {
            editor.run(&Command::RemoveRect { sheet: editor.key(), area });
        }
        None => editor.refuse("どのエリアかを、先に選んでください"),
    };
    view! {
        <Button size=Size::Small icon=IconName::Plus on_click=add>"エリアを足す"</Button>
        <Button size=Size::Small icon=IconName::Trash on_click=remove>"エリアを消す"</Button>
    }
}

/// A place for a new rectangle, as large as can be had on a coarse grid.
fn room(rects: &[Rect], whole: Rect, side: u32) -> Option<Rect> {
    let step = (whole.width / 25).max(1);
    let sizes = [10, 8, 6, 5, 4, 3].map(|n| (n * step).max(side));
    sizes.into_iter().find_map(|size| {
        (0..whole.height.saturating_sub(size) / step + 1).find_map(|row| {
            (0..whole.width.saturating_sub(size) / step + 1).find_map(|column| {
                let rect = Rect { x: column * step, y: row * step, width: size, height: size };
                (rect.within(whole) && rects.iter().all(|r| !r.overlaps(rect))).then_some(rect)
            })
        })
    })
}

/// 型から選ぶ.
#[component]
fn Templates(editor: Editor) -> impl IntoView {
    let size = Memo::new(move |_| editor.sheet.with(|s| s.size));
    let all = move || {
        Template::all(size.get())
            .iter()
            .map(|template| {
                let take = move |event: leptos::ev::MouseEvent| {
                    close_menu(&event);
                    editor.run(&Command::Template {
                        sheet: editor.key(),
                        name: template.name.to_owned(),
                    });
                    editor.choose(None);
                };
                let fits = template.fits(size.get());
                view! {
                    // It stays where the keyboard finds it: whoever presses it hears why.
                    <button class="me-template" type="button" aria-disabled=(!fits).then_some("true") on:click=take>
                        <span aria-hidden="true" inner_html=template_picture(template)></span>
                        <span>{template.label}</span>
                        {(!fits).then(|| view! { <span>"絵が低く、押すところが小さくなりすぎます"</span> })}
                    </button>
                }
            })
            .collect_view()
    };
    view! {
        <details class="menu">
            <summary class="btn btn-outline btn-sm">
                <Icon name=IconName::Table size=16 />
                <span>"型から選ぶ"</span>
            </summary>
            <div class="menu-list me-templates" role="group" aria-label="型">
                {all}
            </div>
        </details>
    }
}

/// The cuts of a template, small.
pub(super) fn template_picture(template: &Template) -> String {
    let high =
        if Template::all(domain::menu::Size::COMPACT).iter().any(|t| std::ptr::eq(t, template)) {
            34
        } else {
            67
        };
    let whole = Rect::whole(100, high);
    let mut out = format!("<svg viewBox='-1 -1 102 {}' class='me-cuts'>", high + 2);
    for (i, r) in template.tree(whole).areas(whole).into_iter().enumerate() {
        let class = if i < template.tabs { "me-cuts-tab" } else { "me-cuts-cell" };
        // Writing to a string does not fail.
        let _ = write!(
            out,
            "<rect class='{class}' x='{}' y='{}' width='{}' height='{}'/>",
            r.x, r.y, r.width, r.height
        );
    }
    out.push_str("</svg>");
    out
}

#[component]
fn Zoom(zoom: RwSignal<Option<u32>>) -> impl IntoView {
    let step = move |larger: bool| {
        let now = zoom.get_untracked();
        let next = match (now, larger) {
            (None, true) => Some(50),
            (None, false) => None,
            (Some(z), true) => ZOOMS.iter().copied().find(|n| *n > z).or(Some(z)),
            (Some(z), false) => ZOOMS.iter().rev().copied().find(|n| *n < z),
        };
        zoom.set(next);
    };
    let chosen = move |event: leptos::ev::Event| zoom.set(event_target_value(&event).parse().ok());
    view! {
        <div class="me-zoom" role="group" aria-label="大きさ">
            <IconButton icon=IconName::Minus label="小さく見る" on_click=move |_| step(false) />
            <select aria-label="見る大きさ" prop:value=move || zoom.get().map_or_else(String::new, |z| z.to_string()) on:change=chosen>
                <option value="">"全体"</option>
                {ZOOMS.into_iter().map(|z| view! { <option value=z.to_string()>{format!("{z}%")}</option> }).collect_view()}
            </select>
            <IconButton icon=IconName::Plus label="大きく見る" on_click=move |_| step(true) />
        </div>
    }
}

/// 境界を数字で動かす: without dragging, without keys.
#[component]
pub fn BorderBar(
    /// Of which editor.
    editor: Editor,
) -> impl IntoView {
    let count = Memo::new(move |_| editor.borders.with(Vec::len));
    let number = Memo::new(move |_| editor.chosen_border().unwrap_or(0));
    let border = Memo::new(move |_| editor.borders.with(|b| b.get(number.get()).copied()));
    let names = move || {
        let rects = editor.sheet.with(domain::menu::Sheet::rects);
        editor.borders.with(|b| b.iter().map(|b| words::border(&rects, *b)).collect::<Vec<_>>())
    };
    let upright = move || border.get().is_some_and(|b| b.axis == Axis::Columns);
    let nudge = move |by: i32| {
        let (sheet, border) = (editor.key(), number.get_untracked());
        editor.go_on(&format!("border/{border}"), &Command::Nudge { sheet, border, by }, true);
    };
    let snap = move |parts: u32| {
        editor.run(&Command::Snap { sheet: editor.key(), border: number.get_untracked(), parts });
    };
    let typed = move |event: leptos::ev::Event| {
        let (sheet, border) = (editor.key(), number.get_untracked());
        if let Ok(to) = event_target_value(&event).trim().parse() {
            editor.run(&Command::Move { sheet, border, to });
        }
        // What went too far stands where it stopped.
        let now = editor.borders.with_untracked(|b| b.get(border).map_or(0, |b| b.at));
        event_target::<web_sys::HtmlInputElement>(&event).set_value(&now.to_string());
    };
    move || {
        (count.get() > 0).then(|| {
            view! {
                <div class="me-borders" role="group" aria-label="境界を数字で動かす">
                    <label class="me-borders-which">
                        <strong>"境界を数字で動かす"</strong>
                        <span class="select">
                            <select
                                class="control"
                                id="menu-border-which"
                                prop:value=move || number.get().to_string()
                                on:change=move |event| editor.choose_border(event_target_value(&event).parse().ok())
                            >
                                {move || {
                                    names()
                                        .into_iter()
                                        .enumerate()
                                        .map(|(n, name)| view! { <option value=n.to_string() selected=n == number.get_untracked()>{name}</option> })
                                        .collect_view()
                                }}
                            </select>
                            <Icon name=IconName::ChevronDown size=18 />
                        </span>
                    </label>
                    <div class="cluster">
                        <Button size=Size::Small on_click=move |_| nudge(-1)>{move || if upright() { "左へ 1" } else { "上へ 1" }}</Button>
                        <input
                            class="control me-figure"
                            type="number"
                            inputmode="numeric"
                            autocomplete="off"
                            aria-label="境界の位置"
                            min=move || border.get().map(|b| b.min)
                            max=move || border.get().map(|b| b.max)
                            prop:value=move || border.get().map(|b| b.at)
                            on:change=typed
                        />
                        <Button size=Size::Small on_click=move |_| nudge(1)>{move || if upright() { "右へ 1" } else { "下へ 1" }}</Button>
                        <Button size=Size::Small on_click=move |_| snap(3)>"3等分"</Button>
                        <Button size=Size::Small on_click=move |_| snap(2)>"2等分"</Button>
                    </div>
                </div>
            }
        })
    }
}

/// What was announced last, and the keys.
#[component]
pub fn Announced(
    /// Of which editor.
    editor: Editor,
) -> impl IntoView {
    view! {
        <ul class="me-keys only-wide" aria-label="キーの使いかた">
            <li><kbd class="kbd">"Tab"</kbd>"次のエリア・境界"</li>
            <li><kbd class="kbd">"← →"</kbd>"1ずつ"</li>
            <li><kbd class="kbd">"Shift"</kbd>"＋"<kbd class="kbd">"← →"</kbd>"10ずつ"</li>
            <li><kbd class="kbd">"Enter"</kbd>"決める"</li>
            <li><kbd class="kbd">"Esc"</kbd>"やめる"</li>
            <li><kbd class="kbd">"Ctrl"</kbd>"＋"<kbd class="kbd">"Z"</kbd>"元にもどす"</li>
        </ul>
        <p class="me-said" class:me-wrong=move || editor.said.with(|s| s.wrong) aria-hidden="true">
            {move || {
                editor
                    .said
                    .with(|s| {
                        (!s.words.is_empty())
                            .then(|| {
                                view! {
                                    <Icon name=if s.wrong { IconName::Warning } else { IconName::Speaker } size=18 />
                                    <span>{format!("「{}」", s.words)}</span>
                                }
                            })
                    })
            }}
        </p>
    }
}

/// 元にもどす, やり直す, and the list of everything that was done.
#[component]
pub fn Steps(
    /// Of which editor.
    editor: Editor,
) -> impl IntoView {
    let steps = Memo::new(move |_| editor.steps());
    let list = move || {
        let (past, future) = steps.get();
        let undone = future.into_iter().enumerate().rev().map(|(n, words)| {
            view! {
                <button class="menu-item me-undone" type="button" on:click=move |event| {
                    close_menu(&event);
                    editor.redo(n + 1);
                }>
                    <Icon name=IconName::Redo size=16 />
                    <span><span class="visually-hidden">"やり直す："</span>{words}</span>
                </button>
            }
        });
        let done = past.into_iter().enumerate().map(|(n, words)| {
            view! {
                <button class="menu-item" type="button" on:click=move |event| {
                    close_menu(&event);
                    editor.undo(n + 1);
                }>
                    <Icon name=IconName::Undo size=16 />
                    <span><span class="visually-hidden">"ここより前にもどす："</span>{words}</span>
                </button>
            }
        });
        let undone = undone.collect_view();
        view! { {undone} {done.collect_view()} }
    };
    view! {
        <div class="me-steps">
            <IconButton icon=IconName::Undo label="元にもどす（Ctrl＋Z）" on_click=move |_| editor.undo(1) />
            <IconButton icon=IconName::Redo label="やり直す（Ctrl＋Y）" on_click=move |_| editor.redo(1) />
            {move || {
                steps
                    .with(|(past, future)| !past.is_empty() || !future.is_empty())
                    .then(|| {
                        view! {
                            <details class="menu">
                                <summary class="icon-btn" aria-label="したことの一覧" title="したことの一覧">
                                    <Icon name=IconName::Clock />
                                </summary>
                                <div class="menu-list me-steps-list" role="group" aria-label="したこと。選ぶと、そこより前にもどります">
                                    {list}
                                </div>
                            </details>
                        }
                    })
            }}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_rectangle_finds_room() {
        let whole = Rect::whole(2_500, 1_686);
        let first = room(&[], whole, 160).unwrap();
        assert_eq!((first.x, first.y, first.width), (0, 0, 1_000));
        let second = room(&[first], whole, 160).unwrap();
        assert!(!second.overlaps(first) && second.within(whole));
        assert_eq!(room(&[whole], whole, 160), None);
    }

    #[test]
    fn a_template_is_drawn_with_its_tabs() {
        let named = |name| Template::named(domain::menu::Size::LARGE, name).unwrap();
        let drawn = template_picture(named("tabs3_six"));
        assert_eq!(drawn.matches("me-cuts-tab").count(), 3);
        assert_eq!(drawn.matches("me-cuts-cell").count(), 6);
    }
}
