//! A border on the canvas: dragged by pointer, moved by arrow keys.

use super::super::words;
use super::{Moving, Stage};
use domain::geometry::{Axis, Border};
use domain::menu::Sheet;
use domain::menu::snap::{Place, nearest, places};
use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::prelude::*;

/// Pixels of one press of an arrow key, and with Shift.
const STEP: (u32, u32) = (1, 10);
/// How wide a border is to a finger, on a picture 2,500 wide.
const REACH: u32 = 150;

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

#[component]
pub fn BorderView(stage: Stage, number: usize, upright: bool) -> impl IntoView {
    let editor = stage.editor;
    let axis = if upright { Axis::Columns } else { Axis::Rows };
    let border = Memo::new(move |_| stage.borders.with(|b| b.get(number).copied()));
    // Where it rests by itself: nothing of it changes while it is held.
    let rests_at = StoredValue::new(Vec::<Place>::new());
    let of = move |read: fn(Border) -> u32| border.get().map_or(0, read);
    let size = move |length: u32| stage.length(length);
    let mine = Memo::new(
        move |_| matches!(stage.moving.get(), Some(Moving::Border { number: n, .. }) if n == number),
    );
    let held = move || matches!(stage.moving.get_untracked(), Some(Moving::Border { number: n, held: true, .. }) if n == number);
    let down = move |event: PointerEvent| {
        if event.button() != 0 {
            return;
        }
        event.prevent_default();
        event.stop_propagation();
        Stage::capture(&event);
        editor.choose_border(Some(number));
        let Some(frame) = stage.frame() else { return };
        rests_at.set_value(editor.now(|menu| {
            let others: Vec<&Sheet> = menu.sheets.iter().collect();
            editor.sheet.with_untracked(|sheet| places(sheet, number, &others))
        }));
        stage.press.set_value(Some(super::Press {
            frame,
            from: frame.at(&event),
            start: (event.client_x(), event.client_y()),
            // A border is told from areas by what moves.
            held: super::Held::Ground,
        }));
        let to = border.get_untracked().map_or(0, |b| b.at);
        stage.moving.set(Some(Moving::Border { number, to, held: true, rests: None }));
    };
    let drag = move |event: PointerEvent| {
        let Some(press) = stage.press.get_value().filter(|_| held()) else { return };
        let Some(was) = editor.borders.with_untracked(|b| b.get(number).copied()) else { return };
        let at = press.frame.at(&event);
        let (from, at) = if upright { (press.from.0, at.0) } else { (press.from.1, at.1) };
        // The place where it was taken hold of stays below the pointer.
        let to = u32::try_from(i64::from(was.at) + at - from).unwrap_or(0);
        let rest = rests_at.with_value(|all| nearest(all, to, press.frame.near()).cloned());
        let to = rest.as_ref().map_or(to.clamp(was.min.min(was.max), was.max), |p| p.at);
        let rests = rest.map(|p| p.guide.words());
        let same = stage.moving.with_untracked(|m| {
            matches!(m, Some(Moving::Border { to: former, rests: words, .. }) if *former == to && *words == rests)
        });
        if same {
            return;
        }
        stage.moving.set(Some(Moving::Border { number, to, held: true, rests }));
    };
    let up = move |_: PointerEvent| {
        stage.press.set_value(None);
        if held() {
            stage.settle();
        }
    };
    let key = move |event: KeyboardEvent| {
        match event.key().as_str() {
            "Escape" => {
                if !stage.cancel() {
                    return;
                }
            }
            "Enter" | " " => {
                stage.settle();
                editor.choose_border(Some(number));
            }
            other => {
                let step =
                    border.get_untracked().and_then(|b| stepped(b, other, event.shift_key()));
                let Some(to) = step else { return };
                stage.moving.set(Some(Moving::Border { number, to, held: false, rests: None }));
            }
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let name = move || {
        let rects = editor.sheet.with(Sheet::rects);
        let border = editor.borders.with(|b| b.get(number).copied());
        border.map(|b| words::border(&rects, b)).unwrap_or_default()
    };
    // Both ends of the line.
    let line = move || {
        let (at, (from, to)) = (of(|b| b.at), border.get().map_or((0, 0), |b| b.along));
        if upright { [at, from, at, to] } else { [from, at, to, at] }
    };
    let reach = move || {
        let (at, (from, to)) = (of(|b| b.at), border.get().map_or((0, 0), |b| b.along));
        let wide = size(REACH);
        let at = at.saturating_sub(wide / 2);
        if upright { [at, from, wide, to - from] } else { [from, at, to - from, wide] }
    };
    let knob = move || {
        let (at, (from, to)) = (of(|b| b.at), border.get().map_or((0, 0), |b| b.along));
        let middle = u32::midpoint(from, to);
        if upright { (at, middle) } else { (middle, at) }
    };
    let arrows = move || {
        let ((x, y), s) = (knob(), size(10));
        if upright {
            format!(
                "M{} {y}h{}M{} {}l-{s2} {s2} {s2} {s2}M{} {}l{s2} {s2} -{s2} {s2}",
                x.saturating_sub(s * 3),
                s * 6,
                x.saturating_sub(s),
                y.saturating_sub(s * 2),
                x + s,
                y.saturating_sub(s * 2),
                s2 = s * 2
            )
        } else {
            format!(
                "M{x} {}v{}M{} {}l{s2} -{s2} {s2} {s2}M{} {}l{s2} {s2} {s2} -{s2}",
                y.saturating_sub(s * 3),
                s * 6,
                x.saturating_sub(s * 2),
                y.saturating_sub(s),
                x.saturating_sub(s * 2),
                y + s,
                s2 = s * 2
            )
        }
    };
    view! {
        <g
            id=format!("menu-border-{number}")
            class="me-border"
            class:me-border-rows=!upright
            class:me-moving=move || mine.get()
            role="slider"
            tabindex="0"
            aria-label=name
            aria-orientation=if upright { "horizontal" } else { "vertical" }
            aria-valuemin=move || of(|b| b.min)
            aria-valuemax=move || of(|b| b.max)
            aria-valuenow=move || of(|b| b.at)
            aria-valuetext=move || border.get().map(words::sides)
            on:pointerdown=down
            on:pointermove=drag
            on:pointerup=up
            on:pointercancel=move |_| {
                stage.cancel();
            }
            on:keydown=key
            on:focus=move |_| editor.choose_border(Some(number))
            on:blur=move |_| {
                if mine.get_untracked() {
                    stage.settle();
                }
            }
            data-axis=match axis { Axis::Columns => "columns", Axis::Rows => "rows" }
        >
            <rect class="me-reach" x=move || reach()[0] y=move || reach()[1] width=move || reach()[2] height=move || reach()[3] />
            <line class="me-glow" x1=move || line()[0] y1=move || line()[1] x2=move || line()[2] y2=move || line()[3] />
            <line class="me-line" x1=move || line()[0] y1=move || line()[1] x2=move || line()[2] y2=move || line()[3] />
            <circle class="me-knob" cx=move || knob().0 cy=move || knob().1 r=move || size(62) />
            <path class="me-arrows" d=arrows />
        </g>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_move_a_border_its_own_way_and_no_further_than_it_can_go() {
        let border = Border {
            axis: Axis::Rows,
            at: 843,
            min: 160,
            max: 845,
            span: (0, 1_686),
            between: (0, 1_686),
            along: (0, 2_500),
        };
        let to = |key, far| stepped(border, key, far);
        assert_eq!((to("ArrowUp", false), to("ArrowUp", true)), (Some(842), Some(833)));
        assert_eq!((to("ArrowDown", true), to("Home", false)), (Some(845), Some(160)));
        assert_eq!((to("ArrowLeft", false), to("Tab", false)), (None, None));
    }
}
