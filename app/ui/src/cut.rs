//! A picture cut into areas, whose borders are dragged on the picture itself or moved by the
//! arrow keys (`domain::geometry`). Used wherever areas are tapped.

use crate::toast::use_toasts;
use domain::geometry::{Axis, Border, Limits, Rect, Tree};
use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::prelude::*;
use leptos::svg;
use wasm_bindgen::JsCast;

/// How near, in pixels of the screen, a border comes before it lines up by itself.
const NEAR: f64 = 8.0;
/// Pixels of one press of an arrow key, and with Shift.
const STEP: (u32, u32) = (1, 10);

/// How wide a border is to the finger, in pixels of the picture: 24 on a telephone's screen.
const REACH: u32 = 78;

/// A border on its way: which, and where to. It stands there only when it is let go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Moving {
    number: usize,
    to: u32,
    /// Dragged by pointer, not moved by key.
    held: bool,
    /// It lines up with something.
    rests: bool,
}

/// Where a key leads a border; nothing if it is no key of its own.
fn stepped(border: Border, key: &str, far: bool) -> Option<u32> {
    let step = if far { STEP.1 } else { STEP.0 };
    let to = match (border.axis, key) {
        (Axis::Columns, "ArrowLeft") | (Axis::Rows, "ArrowUp") => border.at.saturating_sub(step),
        (Axis::Columns, "ArrowRight") | (Axis::Rows, "ArrowDown") => border.at.saturating_add(step),
        (_, "Home") => border.min,
        (_, "End") => border.max,
        _ => return None,
    };
    (border.min <= border.max).then(|| to.clamp(border.min, border.max))
}

/// 「左 400・右 640」
fn sides_in_words(border: Border) -> String {
    let (near, far) = border.sides();
    match border.axis {
        Axis::Columns => format!("左 {near}・右 {far}"),
        Axis::Rows => format!("上 {near}・下 {far}"),
    }
}

/// The picture (its children) with cuts, numbers and borders.
#[component]
pub fn CutCanvas(
    /// The size of the picture, in its own pixels.
    #[prop(into)]
    whole: Signal<Rect>,
    /// How it is cut, without fault.
    #[prop(into)]
    layout: Signal<Tree>,
    /// What the picture allows.
    limits: Limits,
    /// A border was let go, or fixed by Enter or by leaving it.
    #[prop(into)]
    on_layout: Callback<Tree>,
    /// The picture.
    children: Children,
) -> impl IntoView {
    let toasts = use_toasts();
    let canvas = NodeRef::<svg::Svg>::new();
    let moving = RwSignal::new(None::<Moving>);
    let shown = Memo::new(move |_| {
        layout.with(|tree| match moving.get() {
            Some(m) => tree.moved(whole.get(), limits, m.number, m.to),
            None => tree.clone(),
        })
    });
    let borders = Memo::new(move |_| shown.with(|tree| tree.borders(whole.get(), limits)));
    let count = Memo::new(move |_| borders.with(Vec::len));
    let settle = Callback::new(move |()| {
        let Some(m) = moving.get_untracked() else { return };
        let (tree, border) =
            (shown.get_untracked(), borders.with_untracked(|b| b.get(m.number).copied()));
        moving.set(None);
        if tree != layout.get_untracked() {
            on_layout.run(tree);
            if let Some(border) = border {
                toasts.say(format!(
                    "境目{}を動かしました。{}ドットです",
                    m.number + 1,
                    sides_in_words(border)
                ));
            }
        }
    });
    // Where a pointer is on the picture, and how many of its pixels are near.
    let place = move |event: &PointerEvent, axis: Axis| {
        let rect = canvas.get_untracked()?.get_bounding_client_rect();
        let (at, from, length) = match axis {
            Axis::Columns => (f64::from(event.client_x()), rect.left(), rect.width()),
            Axis::Rows => (f64::from(event.client_y()), rect.top(), rect.height()),
        };
        let (start, end) = whole.get_untracked().span(axis);
        let scale = f64::from(end - start) / length.max(1.0);
        let pixels = |n: f64| n.round().max(0.0) as u32;
        Some((pixels((at - from) * scale), pixels(NEAR * scale)))
    };
    let handle = move |number: usize| {
        let border = Memo::new(move |_| borders.with(|b| b.get(number).copied()));
        let of = move |read: fn(Border) -> u32| border.get().map_or(0, read);
        let upright = border.with_untracked(|b| b.is_some_and(|b| b.axis == Axis::Columns));
        let mine = Memo::new(move |_| moving.get().filter(|m| m.number == number));
        // Both ends of a line on the border.
        let ends = move |(from, to): (u32, u32)| {
            let at = of(|b| b.at);
            if upright { [at, from, at, to] } else { [from, at, to, at] }
        };
        let down = move |event: PointerEvent| {
            if event.button() != 0 {
                return;
            }
            event.prevent_default();
            if let Some(target) =
                event.current_target().and_then(|t| t.dyn_into::<web_sys::SvgElement>().ok())
            {
                // Without it the border stops where the pointer leaves it.
                drop(target.set_pointer_capture(event.pointer_id()));
                drop(target.focus());
            }
            let to = border.with_untracked(|b| b.map_or(0, |b| b.at));
            moving.set(Some(Moving { number, to, held: true, rests: false }));
        };
        let drag = move |event: PointerEvent| {
            if mine.with_untracked(|m| m.is_none_or(|m| !m.held)) {
                return;
            }
            let axis = if upright { Axis::Columns } else { Axis::Rows };
            let Some((to, near)) = place(&event, axis) else { return };
            let rest =
                layout.with_untracked(|t| t.snap(whole.get_untracked(), limits, number, to, near));
            moving.set(Some(Moving {
                number,
                to: rest.unwrap_or(to),
                held: true,
                rests: rest.is_some(),
            }));
        };
        let up = move |_: PointerEvent| {
            if mine.with_untracked(|m| m.is_some_and(|m| m.held)) {
                settle.run(());
            }
        };
        let key = move |event: KeyboardEvent| {
            match event.key().as_str() {
                "Escape" if moving.with_untracked(Option::is_some) => {
                    moving.set(None);
                    toasts.say("境目を、もとの所にもどしました");
                }
                "Enter" => settle.run(()),
                other => {
                    let step =
                        border.get_untracked().and_then(|b| stepped(b, other, event.shift_key()));
                    let Some(to) = step else { return };
                    moving.set(Some(Moving { number, to, held: false, rests: false }));
                }
            }
            event.prevent_default();
            event.stop_propagation();
        };
        let words = move || border.get().map(sides_in_words).unwrap_or_default();
        let middle = move || of(|b| u32::midpoint(b.along.0, b.along.1));
        let measures = move || {
            mine.get()?;
            let border = border.get()?;
            let (near, far) = border.sides();
            let at = [border.at - near / 2, border.at + far / 2];
            let texts = at.into_iter().zip([near, far]).map(|(at, long)| {
                let (x, y) = if upright { (at, middle()) } else { (middle(), at) };
                view! { <text class="cut-measure" x=x y=y dy="-50">{long}</text> }
            });
            Some(texts.collect_view())
        };
        let rest = move || {
            mine.get().filter(|m| m.rests)?;
            let axis = if upright { Axis::Rows } else { Axis::Columns };
            let [x1, y1, x2, y2] = ends(whole.get().span(axis));
            Some(view! { <line class="cut-rest" x1=x1 y1=y1 x2=x2 y2=y2 /> })
        };
        let line = move || ends(border.get().map_or((0, 0), |b| b.along));
        // What a finger meets.
        let reach = move || {
            let (from, to) = border.get().map_or((0, 0), |b| b.along);
            let at = of(|b| b.at).saturating_sub(REACH / 2);
            if upright { [at, from, REACH, to - from] } else { [from, at, to - from, REACH] }
        };
        view! {
            <g
                class="cut-handle"
                class:cut-handle-rows=!upright
                class:cut-moving=move || mine.with(Option::is_some)
                role="slider"
                tabindex="0"
                aria-label=format!("境目{}", number + 1)
                aria-orientation=if upright { "horizontal" } else { "vertical" }
                aria-valuemin=move || of(|b| b.min)
                aria-valuemax=move || of(|b| b.max)
                aria-valuenow=move || of(|b| b.at)
                aria-valuetext=words
                on:pointerdown=down
                on:pointermove=drag
                on:pointerup=up
                on:pointercancel=move |_| moving.set(None)
                on:keydown=key
                on:blur=move |_| settle.run(())
            >
                {rest}
                <rect class="cut-reach" x=move || reach()[0] y=move || reach()[1] width=move || reach()[2] height=move || reach()[3] />
                <line class="cut-glow" x1=move || line()[0] y1=move || line()[1] x2=move || line()[2] y2=move || line()[3] />
                <line class="cut-line" x1=move || line()[0] y1=move || line()[1] x2=move || line()[2] y2=move || line()[3] />
                <circle class="cut-knob" cx=move || if upright { of(|b| b.at) } else { middle() } cy=move || if upright { middle() } else { of(|b| b.at) } r="16" />
                {measures}
            </g>
        }
    };
    let areas = move || {
        let areas = shown.with(|tree| tree.areas(whole.get()));
        let drawn = areas.into_iter().zip(1..).map(|(a, n)| {
            let (cx, cy) = (a.x + a.width / 2, a.y + a.height / 2);
            view! {
                <rect class="cut-area" x=a.x y=a.y width=a.width height=a.height />
                <circle class="cut-disc" cx=cx cy=cy r="38" />
                <text class="cut-number" x=cx y=cy dy="16">
                    {n}
                </text>
            }
        });
        drawn.collect_view()
    };
    view! {
        <div class="cut-canvas">
            {children()}
            <svg node_ref=canvas viewBox=move || whole.with(|w| format!("0 0 {} {}", w.width, w.height)) role="group" aria-label="エリアの境目" focusable="false">
                <g aria-hidden="true">{areas}</g>
                <For each=move || 0..count.get() key=move |n| (*n, borders.with(|b| b.get(*n).map(|b| b.axis == Axis::Columns))) let:number>
                    {handle(number)}
                </For>
            </svg>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_move_a_border_its_own_way_and_no_further_than_it_can_go() {
        let border = Border {
            axis: Axis::Columns,
            at: 520,
            min: 80,
            max: 525,
            span: (0, 1_040),
            between: (0, 1_040),
            along: (0, 700),
        };
        let to = |key, far| stepped(border, key, far);
        assert_eq!((to("ArrowLeft", false), to("ArrowLeft", true)), (Some(519), Some(510)));
        assert_eq!((to("ArrowRight", true), to("Home", false)), (Some(525), Some(80)));
        assert_eq!((to("ArrowUp", false), to("a", false)), (None, None));
        assert_eq!(stepped(Border { axis: Axis::Rows, ..border }, "ArrowUp", false), Some(519));
        assert_eq!(stepped(Border { min: 600, ..border }, "ArrowLeft", false), None);
        assert_eq!(sides_in_words(border), "左 520・右 520");
    }
}
