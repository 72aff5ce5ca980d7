//! Guides and measures over the canvas while something is on its way.

use super::{Moving, Stage};
use domain::geometry::{Axis, Rect};
use leptos::prelude::*;

/// What is drawn for a line on its way.
struct Line {
    axis: Axis,
    at: u32,
    /// From where to where measures are taken, along the axis.
    between: (u32, u32),
    /// Where the measures stand, along the other axis.
    along: (u32, u32),
    words: Option<String>,
    /// It does not lie there yet.
    dashed: bool,
}

fn line(stage: Stage) -> Option<Line> {
    match stage.moving.get()? {
        Moving::Border { number, to: _, rests, .. } => {
            let border = stage.borders.with(|b| b.get(number).copied())?;
            Some(Line {
                axis: border.axis,
                at: border.at,
                between: border.between,
                along: border.along,
                words: rests,
                dashed: false,
            })
        }
        Moving::Cut { area, axis, at, rests } => {
            let rect = stage.rects.with(|r| r.get(area).copied())?;
            let (between, along) = (rect.span(axis), rect.span(axis.other()));
            Some(Line { axis, at, between, along, words: rests, dashed: true })
        }
        Moving::Free { .. } => None,
    }
}

/// Lines, measures of both sides, and with what a border lines up.
#[component]
pub fn Guides(stage: Stage) -> impl IntoView {
    let size = move |length: u32| stage.length(length);
    let lines = move || {
        let Line { axis, at, between, along, words, dashed } = line(stage)?;
        let whole = stage.editor.sheet.with(|s| s.size.whole());
        let end = whole.span(axis.other()).1;
        let upright = axis == Axis::Columns;
        let ends =
            |from: u32, to: u32| if upright { [at, from, at, to] } else { [from, at, to, at] };
        // What lines up is seen across the whole sheet.
        let guide = words.is_some().then(|| {
            let [x1, y1, x2, y2] = ends(0, end);
            view! { <line class="me-rest" x1=x1 y1=y1 x2=x2 y2=y2 /> }
        });
        let cut = dashed.then(|| {
            let [x1, y1, x2, y2] = ends(along.0, along.1);
            view! { <line class="me-cut" x1=x1 y1=y1 x2=x2 y2=y2 /> }
        });
        let foot = along.1 - (along.1 - along.0) / 6;
        let measures = [(between.0, at), (at, between.1)].map(|(from, to)| {
            let (middle, long) = (u32::midpoint(from, to), to.saturating_sub(from));
            let (x, y) = if upright { (middle, foot) } else { (foot, middle) };
            let [x1, y1, x2, y2] =
                if upright { [from, foot, to, foot] } else { [foot, from, foot, to] };
            view! {
                <line class="me-measure-line" x1=x1 y1=y1 x2=x2 y2=y2 />
                <text class="me-measure" x=x y=y + size(22)>{long}</text>
            }
        });
        let bubble = {
            let text = match words {
                Some(words) => format!("{at}　{words}"),
                None => at.to_string(),
            };
            let chars = u32::try_from(text.chars().count()).unwrap_or(0);
            let (wide, high) = (size(56 * chars + 60), size(108));
            let (x, y) = if upright {
                (at + size(50), along.0 + size(30))
            } else {
                (along.0 + size(130), at + size(40))
            };
            let x = x.min(whole.width.saturating_sub(wide));
            let y = y.min(whole.height.saturating_sub(high));
            view! {
                <rect class="me-bubble" x=x y=y width=wide height=high rx=size(14) />
                <text class="me-bubble-words" x=x + wide / 2 y=y + size(74)>{text}</text>
            }
        };
        Some(view! { {guide} {cut} {measures.into_iter().collect_view()} {bubble} })
    };
    let rect = move || match stage.moving.get()? {
        Moving::Free { area, rect, .. } => {
            let Rect { x, y, width, height } = rect;
            Some(view! {
                {area
                    .is_none()
                    .then(|| view! { <rect class="me-new" x=x y=y width=width height=height /> })}
                <text class="me-measure" x=x + width / 2 y=y + height / 2>{format!("{width} × {height}")}</text>
            })
        }
        _ => None,
    };
    view! { <g class="me-guides" aria-hidden="true">{lines} {rect}</g> }
}
