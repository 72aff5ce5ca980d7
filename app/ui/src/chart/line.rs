//! The line over time.

use crate::time::thousands;
use leptos::prelude::*;

/// One point of a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// On the axis: 「10/21」. Empty prints no label.
    pub label: String,
    /// Its height.
    pub value: f64,
}

/// A note at a point of a line; at most two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Index of the point.
    pub at: usize,
    /// 「市民まつりのQR」
    pub text: String,
}

/// Round numbers that cover the values, and their step.
fn ticks(low: f64, high: f64) -> (f64, f64, f64) {
    let span = (high - low).max(1.0);
    let rough = span / 3.0;
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|m| m * power)
        .find(|s| *s >= rough)
        .unwrap_or(10.0 * power)
        .max(1.0);
    let bottom = (low / step).floor() * step;
    let top = (high / step).ceil() * step;
    (bottom, if top > bottom { top } else { bottom + step }, step)
}

/// A line over time, with the area below it, labelled ticks and at most two notes.
/// It is drawn twice, for wide and for narrow screens, so that its words keep their size.
#[component]
pub fn LineChart(
    /// The points, evenly spaced; labels only where they should print.
    points: Vec<Point>,
    /// An earlier series, grey and dashed.
    #[prop(optional)]
    second: Vec<f64>,
    /// Notes at points.
    #[prop(optional)]
    notes: Vec<Note>,
    /// Names of the two series, as a legend.
    #[prop(optional)]
    legend: Option<(String, String)>,
    /// Width in px of the drawing on a wide screen.
    #[prop(default = 480)]
    width: u32,
    /// Height in px of the drawing.
    #[prop(default = 230)]
    height: u32,
) -> impl IntoView {
    let all = || points.iter().map(|p| p.value).chain(second.iter().copied());
    let low = all().fold(f64::INFINITY, f64::min);
    let high = all().fold(f64::NEG_INFINITY, f64::max);
    if !low.is_finite() || !high.is_finite() {
        return view! { <p class="sub">"まだ数がありません。"</p> }.into_any();
    }
    let scale = ticks(low, high);
    view! {
        <div class="only-wide">{drawing(&points, &second, &notes, scale, width, height)}</div>
        <div class="only-narrow">{drawing(&points, &second, &notes, scale, 296, height)}</div>
        {legend
            .map(|(first, second)| {
                view! {
                    <p class="legend">
                        <span><svg width="22" height="8" viewBox="0 0 22 8" aria-hidden="true"><path class="c-line" d="M0 4h22" /></svg>{first}</span>
                        <span><svg width="22" height="8" viewBox="0 0 22 8" aria-hidden="true"><path class="c-line c-second" d="M0 4h22" /></svg>{second}</span>
                    </p>
                }
            })}
    }
    .into_any()
}

fn drawing(
    points: &[Point],
    second: &[f64],
    notes: &[Note],
    (bottom, top, step): (f64, f64, f64),
    width: u32,
    height: u32,
) -> AnyView {
    let (w, h) = (f64::from(width), f64::from(height));
    let digits = thousands(top as i64).chars().count() as f64;
    let (left, right, head, foot) = (digits * 8.5 + 12.0, w - 8.0, 12.0, h - 30.0);
    let last = points.len().saturating_sub(1).max(1) as f64;
    let x = move |i: usize| left + (right - left) * i as f64 / last;
    let y = move |v: f64| foot - (foot - head) * (v - bottom) / (top - bottom);
    let path = |values: &[f64]| {
        values
            .iter()
            .enumerate()
            .map(|(i, v)| format!("{}{:.1} {:.1}", if i == 0 { "M" } else { "L" }, x(i), y(*v)))
            .collect::<String>()
    };
    let values: Vec<f64> = points.iter().map(|p| p.value).collect();
    let line = path(&values);
    let end = values.len().saturating_sub(1);
    let area = format!("{line}L{:.1} {foot:.1}L{left:.1} {foot:.1}z", x(end));
    let grid: Vec<f64> = (0..=((top - bottom) / step).round() as u32)
        .map(|k| bottom + step * f64::from(k))
        .collect();
    let labels = fitting(points, right - left);
    let count_labels = labels.len();
    let newest = values.last().copied().unwrap_or(bottom);
    view! {
        <svg class="chart" width=width height=height viewBox=format!("0 0 {width} {height}") aria-hidden="true" focusable="false">
            {grid
                .into_iter()
                .map(|v| {
                    let class = if v <= bottom { "c-axis" } else { "c-grid" };
                    view! {
                        <path class=class d=format!("M{left:.1} {:.1}H{right:.1}", y(v)) />
                        <text class="c-tick" x=format!("{:.1}", left - 10.0) y=format!("{:.1}", y(v) + 5.0) text-anchor="end">
                            {thousands(v as i64)}
                        </text>
                    }
                })
                .collect_view()}
            <path class="c-area" d=area />
            {(!second.is_empty()).then(|| view! { <path class="c-line c-second" d=path(second) /> })}
            <path class="c-line" d=line />
            {notes
                .iter()
                .take(2)
                .filter_map(|note| {
                    let v = *values.get(note.at)?;
                    let late = note.at * 2 > values.len();
                    let (tx, anchor) = if late { (x(note.at) - 8.0, "end") } else { (x(note.at) + 8.0, "start") };
                    let ty = if late { y(v) - 14.0 } else { y(v) + 18.0 };
                    Some(
                        view! {
                            <circle class="c-note-dot" cx=format!("{:.1}", x(note.at)) cy=format!("{:.1}", y(v)) r="4.5" />
                            <text class="c-note" x=format!("{tx:.1}") y=format!("{ty:.1}") text-anchor=anchor>
                                {note.text.clone()}
                            </text>
                        },
                    )
                })
                .collect_view()}
            <circle class="c-dot" cx=format!("{:.1}", x(end)) cy=format!("{:.1}", y(newest)) r="4.5" />
            {labels
                .into_iter()
                .enumerate()
                .map(|(n, (i, label))| {
                    let anchor = if n == 0 { "start" } else if n + 1 == count_labels { "end" } else { "middle" };
                    view! {
                        <text class="c-tick" x=format!("{:.1}", x(i)) y=format!("{:.1}", h - 8.0) text-anchor=anchor>
                            {label}
                        </text>
                    }
                })
                .collect_view()}
        </svg>
    }
    .into_any()
}

/// The labels that fit below an axis: all of them, or the first and the last.
fn fitting(points: &[Point], width: f64) -> Vec<(usize, String)> {
    let all: Vec<(usize, String)> = points
        .iter()
        .enumerate()
        .filter(|(_, p)| !p.label.is_empty())
        .map(|(i, p)| (i, p.label.clone()))
        .collect();
    let widest = all
        .iter()
        .map(|(_, l)| l.chars().map(|c| if c.is_ascii() { 8.5 } else { 14.0 }).sum::<f64>())
        .fold(0.0, f64::max)
        + 16.0;
    if all.len() as f64 * widest <= width {
        return all;
    }
    let mut ends: Vec<(usize, String)> =
        all.first().into_iter().chain(all.last()).cloned().collect();
    ends.dedup();
    ends
}

#[cfg(test)]
mod tests {
    use super::{Point, fitting, ticks};

    #[test]
    fn labels_that_do_not_fit_leave_the_ends() {
        let points: Vec<Point> = (0..31)
            .map(|i| Point {
                label: if i % 10 == 0 { format!("10/{i}") } else { String::new() },
                value: 0.0,
            })
            .collect();
        assert_eq!(fitting(&points, 600.0).len(), 4);
        assert_eq!(fitting(&points, 120.0).iter().map(|(i, _)| *i).collect::<Vec<_>>(), [0, 30]);
    }

    #[test]
    fn ticks_are_round_and_cover() {
        assert_eq!(ticks(82_300.0, 84_312.0), (82_000.0, 85_000.0, 1000.0));
        assert_eq!(ticks(310.0, 380.0), (300.0, 400.0, 50.0));
        let (b, t, s) = ticks(5.0, 5.0);
        assert!(b <= 5.0 && t > b && s >= 1.0);
        assert_eq!(ticks(0.0, 0.0).0, 0.0);
    }
}
