//! What a file brings and what not, line by line.

use domain::roster::{Mapping, Preview, Report};
use leptos::prelude::*;
use ui::prelude::*;

/// Lines that are shown one by one; all of them are in the file.
const SHOWN: usize = 10;

/// The first lines of the file, the chosen column marked.
pub fn first_lines(preview: &Preview) -> AnyView {
    let Preview { columns, rows, mapping, .. } = preview.clone();
    let Mapping { column: chosen, .. } = mapping;
    let mark = move |i: usize| if i == chosen { "roster-chosen" } else { "" };
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label="ファイルのはじめの行">
            <table class="roster-lines">
                <thead>
                    <tr>
                        {columns
                            .into_iter()
                            .enumerate()
                            .map(|(i, name)| view! { <th scope="col" class=mark(i)>{name} {(i == chosen).then(|| view! { <span class="sub dense">"照合する列"</span> })}</th> })
                            .collect_view()}
                    </tr>
                </thead>
                <tbody>
                    {rows
                        .into_iter()
                        .map(|cells| {
                            view! { <tr>{cells.into_iter().enumerate().map(|(i, cell)| view! { <td class=mark(i)>{cell}</td> }).collect_view()}</tr> }
                        })
                        .collect_view()}
                </tbody>
            </table>
        </div>
    }
    .into_any()
}

/// How many were found, and which lines bring nobody.
pub fn result(report: Report, file: &str) -> AnyView {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem).to_owned();
    let without = report.without.len() as i64;
    let reasons = report.by_reason();
    let first: Vec<(u32, String)> =
        report.without.iter().take(SHOWN).map(|(line, why)| (*line, why.words())).collect();
    let more = without - first.len() as i64;
    let (lines, found) = (report.lines, report.found);
    let save = move |_| {
        #[cfg(feature = "hydrate")]
        let _ = super::send::browser::save(&format!("{stem}-当てはまらない行.csv"), &report.csv());
        #[cfg(not(feature = "hydrate"))]
        let _ = (&stem, &report);
    };
    view! {
        <div class="stack-s" role="status">
            <p class="figure">{thousands(found)} <span class="unit">"人が当てはまりました"</span></p>
            <p class="sub">{format!("ファイルの {}行のうち、{}行は当てはまりません。", thousands(lines), thousands(without))}</p>
        </div>
        {(without > 0)
            .then(|| {
                view! {
                    <ul class="rows">
                        {reasons
                            .into_iter()
                            .map(|(label, n)| view! { <li class="split"><span>{label}</span> <strong class="nowrap">{format!("{}行", thousands(n))}</strong></li> })
                            .collect_view()}
                    </ul>
                    <table class="list list-dense">
                        <caption class="visually-hidden">"当てはまらない行"</caption>
                        <thead><tr><th scope="col" class="num">"行"</th><th scope="col">"理由"</th></tr></thead>
                        <tbody>
                            {first
                                .into_iter()
                                .map(|(line, why)| view! { <tr><td class="num" data-label="行">{line}</td><td data-label="理由">{why}</td></tr> })
                                .collect_view()}
                        </tbody>
                    </table>
                    <div class="cluster">
                        <Button size=Size::Small icon=IconName::Download on_click=save>"当てはまらない行をCSVで保存"</Button>
                        {(more > 0).then(|| view! { <p class="sub dense">{format!("ほかに {}行あります。", thousands(more))}</p> })}
                    </div>
                }
            })}
    }
    .into_any()
}
