//! Charts: SVG from data, rendered on the server. One hue; a second series is
//! grey and dashed. Above each stands one sentence that says what is seen (it is
//! the text alternative), beside it its twin, a table.

mod line;

pub use line::{LineChart, Note, Point};

use crate::icon::{Icon, IconName};
use crate::time::{count, share};
use leptos::prelude::*;

/// A panel with 「図｜表」: both are in the page, radios show one of them.
#[component]
pub fn ChartPanel(
    /// Unique on the page.
    #[prop(into)]
    id: String,
    /// Its heading.
    #[prop(into)]
    title: String,
    /// What is seen.
    #[prop(into)]
    sentence: String,
    /// The same as a table (`DataTable`).
    #[prop(into)]
    table: ViewFn,
    /// Address of the CSV.
    #[prop(into, optional)]
    csv_href: Option<String>,
    /// Address of the workbook.
    #[prop(into, optional)]
    xlsx_href: Option<String>,
    /// The chart.
    children: Children,
) -> impl IntoView {
    view! {
        <section class="panel chart-panel">
            <div class="panel-head">
                <h2>{title.clone()}</h2>
                <fieldset class="segmented panel-acts">
                    <legend class="visually-hidden">{format!("{title}の見せ方")}</legend>
                    <label>
                        <input class="visually-hidden" type="radio" name=id.clone() value="chart" checked=true autocomplete="off" />
                        <span><Icon name=IconName::Chart size=18 /> "図"</span>
                    </label>
                    <label>
                        <input class="visually-hidden pick-table" type="radio" name=id value="table" autocomplete="off" />
                        <span><Icon name=IconName::Table size=18 /> "表"</span>
                    </label>
                </fieldset>
            </div>
            <p class="chart-sentence">{sentence}</p>
            <div class="chart-view">{children()}</div>
            <div class="table-view" role="region" aria-label=format!("{title}の表") tabindex="0">
                {table.run()}
                {[("CSV", csv_href), ("Excel", xlsx_href)]
                    .map(|(words, href)| {
                        href.map(|href| {
                            view! {
                                <a class="btn btn-outline btn-sm" href=href download="" rel="external">
                                    <Icon name=IconName::Download size=16 />
                                    <span>{words}</span>
                                </a>
                            }
                        })
                    })
                    .collect_view()}
            </div>
        </section>
    }
}

/// The twin of a chart. The first column names the row; figures stand at the right.
#[component]
pub fn DataTable(
    /// Headers.
    head: Vec<String>,
    /// Cells, as many as headers.
    rows: Vec<Vec<String>>,
) -> impl IntoView {
    // On a telephone each row becomes a card whose cells say what they are.
    let wide = head.len() > 3;
    let labels: Vec<String> = head.iter().skip(1).cloned().collect();
    view! {
        <table class="data" class:data-wide=wide>
            <thead>
                <tr>
                    {head
                        .into_iter()
                        .enumerate()
                        .map(|(i, words)| {
                            let class = if i == 0 { "" } else { "num" };
                            view! { <th scope="col" class=class>{words}</th> }
                        })
                        .collect_view()}
                </tr>
            </thead>
            <tbody>
                {rows
                    .into_iter()
                    .map(|row| {
                        let mut cells = row.into_iter();
                        let first = cells.next().unwrap_or_default();
                        view! {
                            <tr>
                                <th scope="row">{first}</th>
                                {cells
                                    .zip(labels.iter().cloned())
                                    .map(|(cell, label)| {
                                        let address = cell.contains("://");
                                        view! { <td class="num" class:address=address data-label=label>{cell}</td> }
                                    })
                                    .collect_view()}
                            </tr>
                        }
                    })
                    .collect_view()}
            </tbody>
        </table>
    }
}

/// A bar from 0 on a 0–100 scale; what it shows stands in words beside it.
#[component]
pub fn Bar(
    /// Its length.
    value: u64,
    /// The length of a full bar.
    max: u64,
    /// Shows the rest as a pale track.
    #[prop(optional)]
    track: bool,
    /// 0 to 3: blue-900, -700, -400, -200; 4: grey (the rest).
    #[prop(optional)]
    step: u8,
) -> impl IntoView {
    let width = if max == 0 { 0.0 } else { 100.0 * value as f64 / max as f64 };
    // What is there is seen, however small.
    let width = if value > 0 { width.clamp(0.8, 100.0) } else { 0.0 };
    view! {
        <svg class="bar-svg" width="100%" height="12" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true" focusable="false">
            {track.then(|| view! { <rect class="b-track" width="100" height="12" /> })}
            <rect class=format!("b-{step}") width=format!("{width:.2}") height="12" />
        </svg>
    }
}

/// Bars from 0 that carry their value.
#[component]
pub fn BarList(
    /// Words and values, largest first.
    items: Vec<(String, u64)>,
    /// Counting word after the value.
    #[prop(into, optional)]
    unit: String,
    /// The last item is the rest (そのほか): grey.
    #[prop(optional)]
    rest: bool,
) -> impl IntoView {
    let max = items.iter().map(|(_, n)| *n).max().unwrap_or(0);
    let last = items.len().saturating_sub(1);
    view! {
        <ul class="bars">
            {items
                .into_iter()
                .enumerate()
                .map(|(i, (words, n))| {
                    let step = if rest && i == last { 4 } else { 0 };
                    view! {
                        <li>
                            <span class="bars-words">{words}</span>
                            <Bar value=n max step />
                            <span class="bars-value">{count(n)} {unit.clone()}</span>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
    }
}

/// How an audience is narrowed, step by step: from everyone to those who fit.
#[component]
pub fn Narrowing(
    /// Words and how many are left.
    steps: Vec<(String, u64)>,
) -> impl IntoView {
    let max = steps.iter().map(|(_, n)| *n).max().unwrap_or(0);
    let last = steps.len().saturating_sub(1);
    view! {
        <ol class="narrowing">
            {steps
                .into_iter()
                .enumerate()
                .map(|(i, (words, n))| {
                    let step = u8::try_from(last - i).unwrap_or(3).min(3);
                    view! {
                        <li>
                            <span class="split"><span>{words}</span> <strong>{count(n)}</strong></span>
                            <Bar value=n max step />
                        </li>
                    }
                })
                .collect_view()}
        </ol>
    }
}

/// Parts of a whole in one bar: three blues and hatching, the rest grey.
#[component]
pub fn Breakdown(
    /// Words and values; from the fifth on they are added up as そのほか.
    items: Vec<(String, u64)>,
) -> impl IntoView {
    let mut items = items;
    if items.len() > 5 {
        let rest = items.drain(4..).map(|(_, n)| n).sum();
        items.push(("そのほか".into(), rest));
    }
    let total: u64 = items.iter().map(|(_, n)| n).sum();
    let scale = if total == 0 { 0.0 } else { 100.0 / total as f64 };
    let mut x = 0.0;
    let bars = items
        .iter()
        .enumerate()
        .map(|(i, (_, n))| {
            let (from, width) = (x, *n as f64 * scale);
            x += width;
            view! { <rect class=format!("p-{i}") x=format!("{from:.2}%") width=format!("{:.2}%", (width - 0.4).max(0.0)) height="24" /> }
        })
        .collect_view();
    view! {
        <div class="breakdown">
            <svg width="100%" height="24" aria-hidden="true" focusable="false">
                <Hatch id="hatch-blue" />
                {bars}
            </svg>
            <ul>
                {items
                    .into_iter()
                    .enumerate()
                    .map(|(i, (words, n))| {
                        view! {
                            <li>
                                <svg width="14" height="14" aria-hidden="true" focusable="false"><rect class=format!("p-{i}") width="14" height="14" /></svg>
                                <span class="grow">{words}</span>
                                <span class="sub">{count(n)}</span>
                                <strong>{share(n, total)}</strong>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </div>
    }
}

#[component]
fn Hatch(id: &'static str) -> impl IntoView {
    view! {
        <defs>
            <pattern id=id width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                <rect class="h-ground" width="8" height="8" />
                <rect class="h-stripe" width="3" height="8" />
            </pattern>
        </defs>
    }
}
