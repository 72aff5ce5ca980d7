//! 集計: a chart with its table for every question, a period, and two questions crossed.

use super::api::{Figures, form_figures};
use super::deliver::DeliverButton;
use super::table::PeriodForm;
use crate::form::{href as form_href, named, tabs};
use domain::form::figure::{Cross, Figure};
use domain::form::table::view::Wanted;
use domain::form::{Ask, Form};
use domain::id::FormId;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use ui::address::with_query;
use ui::prelude::*;

fn path(id: FormId) -> String {
    format!("{}/figures", form_href(id))
}

/// `/console/forms/{id}/figures`.
#[component]
pub fn FormFiguresPage(
    /// Which form.
    id: FormId,
) -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        query.with(|q| {
            let get = |name: &str| q.get(name).unwrap_or_default();
            (Wanted::parse(|name| q.get(name)), get("row"), get("column"))
        })
    });
    let read = Resource::new_blocking(
        move || asked.get(),
        move |(wanted, row, column)| form_figures(id, wanted, row, column),
    );
    view! {
        <Transition fallback=|| view! { <div class="page"><Skeleton sentence="集計しています" rows=8 /></div> }>
            {move || {
                let (wanted, row, column) = asked.get();
                Suspend::new(async move {
                    match read.await {
                        Ok(figures) => view! { <Shown figures wanted row column /> }.into_any(),
                        Err(error) => super::trouble(error, path(id)),
                    }
                })
            }}
        </Transition>
    }
}

#[component]
fn Shown(figures: Figures, wanted: Wanted, row: String, column: String) -> impl IntoView {
    let Figures { kept, figures, cross, answers, form } = figures;
    let id = kept.id;
    let day = |day: Option<domain::time::Date>, words: &str| {
        day.map(|day| format!("{}{words}", day.japanese())).unwrap_or_default()
    };
    let period = match (wanted.from, wanted.until) {
        (None, None) => String::new(),
        (from, until) => format!("{}{}の、", day(from, "から"), day(until, "まで")),
    };
    let sentence = format!("{period}取り下げられていない {}件の答えを数えました。", count(answers));
    let keep: Vec<(String, String)> = [("row", row.clone()), ("column", column.clone())]
        .into_iter()
        .filter(|(_, v)| !v.is_empty())
        .map(|(n, v)| (n.to_owned(), v))
        .collect();
    let crossable = crossable(&form);
    view! {
        <Page title=format!("{}の集計", named(&kept.name)) crumbs=vec![(crate::form::PATH.into(), "フォーム".into()), (form_href(id), named(&kept.name))] sentence acts=move || view! { <DeliverButton form=id /> }>
            {tabs(id, true, "/figures")}
            <PeriodForm action=path(id) wanted=wanted.clone() keep />
            {if answers == 0 {
                view! { <EmptyState title="数える答えがありません" text="期間を変えるか、答えが届くのを待ってください。" /> }.into_any()
            } else {
                view! {
                    <div class="figures-grid">
                        {figures.into_iter().enumerate().map(|(i, f)| one(i, f, answers, &form)).collect_view()}
                    </div>
                    {(crossable.len() > 1).then(|| view! { <Crossing id wanted row column options=crossable cross /> })}
                }
                    .into_any()
            }}
        </Page>
    }
}

/// What can be crossed: choices, places and scales.
fn crossable(form: &Form) -> Vec<(String, String)> {
    form.questions()
        .filter(|q| {
            matches!(
                q.ask,
                Ask::One { .. } | Ask::Many { .. } | Ask::Tree { .. } | Ask::Scale { .. }
            )
        })
        .map(|q| (q.key.clone(), q.label.clone()))
        .collect()
}

/// What is seen of a question, in a sentence.
fn sentence(figure: &Figure, answers: u64) -> String {
    let answered = format!("{}件のうち {}件が答えました。", count(answers), count(figure.answered));
    if let Some(middle) = figure.middle {
        let mean = middle.mean.map(|m| format!("平均 {}、", m.rounded(2).words()));
        return format!(
            "{answered}{}中央値 {}、最小 {}、最大 {}です。",
            mean.unwrap_or_default(),
            middle.median.rounded(2).words(),
            middle.min.words(),
            middle.max.words()
        );
    }
    let bars: Vec<_> = figure.bars.iter().map(|b| (b.label.clone(), b.count)).collect();
    match most(&bars, "件") {
        Some((words, n)) => format!(
            "{answered}いちばん多いのは{words}（答えた人の {}）です。",
            share(n, figure.answered)
        ),
        None => answered,
    }
}

fn one(i: usize, figure: Figure, answers: u64, form: &Form) -> AnyView {
    let sentence = sentence(&figure, answers);
    let title = format!("{}　{}", i + 1, figure.label);
    if figure.bars.is_empty() {
        let words = match form.question(&figure.key).map(|q| &q.ask) {
            Some(Ask::LongText { .. } | Ask::Text { .. }) => {
                "書かれた文は、「答えの表」で読めます。"
            }
            _ => "",
        };
        return view! {
            <section class="panel chart-panel">
                <div class="panel-head"><h2>{title}</h2></div>
                <p class="chart-sentence">{sentence}</p>
                {(!words.is_empty()).then(|| view! { <p class="sub dense">{words}</p> })}
            </section>
        }
        .into_any();
    }
    let rows: Vec<Vec<String>> = figure
        .bars
        .iter()
        .map(|b| vec![b.label.clone(), count(b.count), share(b.count, figure.answered)])
        .collect();
    let table = move || {
        let head = ["答え", "件数", "答えた人に占める割合"].map(str::to_owned).to_vec();
        view! { <DataTable head rows=rows.clone() /> }
    };
    let items: Vec<(String, u64)> = figure.bars.into_iter().map(|b| (b.label, b.count)).collect();
    view! { <ChartPanel id=format!("figure-{i}") title sentence table><BarList items unit="件" /></ChartPanel> }
        .into_any()
}

/// Two questions crossed.
#[component]
fn Crossing(
    id: FormId,
    wanted: Wanted,
    row: String,
    column: String,
    options: Vec<(String, String)>,
    cross: Option<Cross>,
) -> impl IntoView {
    let hidden = wanted
        .pairs()
        .into_iter()
        .filter(|(name, value)| !value.is_empty() && matches!(*name, "from" | "until"))
        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
        .collect_view();
    let first = options.first().map(|o| o.0.clone()).unwrap_or_default();
    let second = options.get(1).map(|o| o.0.clone()).unwrap_or_default();
    let (chosen_row, chosen_column) = (
        if row.is_empty() { first } else { row.clone() },
        if column.is_empty() { second } else { column.clone() },
    );
    let label = |key: &str| {
        options.iter().find(|(k, _)| k == key).map(|(_, l)| l.clone()).unwrap_or_default()
    };
    let title = format!("「{}」と「{}」", label(&row), label(&column));
    let found = cross.map(|cross| {
        let rows: Vec<Vec<String>> = cross
            .rows
            .iter()
            .zip(&cross.counts)
            .map(|(head, counts)| {
                std::iter::once(head.clone())
                    .chain(counts.iter().map(|n| count(*n)))
                    .chain([count(counts.iter().sum())])
                    .collect()
            })
            .collect();
        let head: Vec<String> = std::iter::once(label(&row))
            .chain(cross.columns.iter().cloned())
            .chain(["計".to_owned()])
            .collect();
        let csv: Vec<Vec<String>> = std::iter::once(head.clone()).chain(rows.clone()).collect();
        let save = move |_| {
            // A browser that refuses a download says so itself.
            let _saved = crate::form::file::save(
                "クロス集計.csv",
                "text/csv;charset=utf-8",
                &crate::form::file::csv(&csv),
            );
        };
        view! {
            <h3>{title}</h3>
            <p class="sub dense">"行がはじめの質問、列があとの質問です。いくつも選んだ人は、それぞれに数えます。"</p>
            <div class="wide-table" role="region" aria-label="クロス集計の表" tabindex="0"><DataTable head rows /></div>
            <Button size=Size::Small icon=IconName::Download on_click=save>"CSV"</Button>
        }
    });
    view! {
        <section class="panel crossing" aria-labelledby="cross-title">
            <div class="panel-head"><h2 id="cross-title" tabindex="-1">"クロス集計"</h2></div>
            <form class="period" method="get" action=with_query(&path(id), &[])>
                {hidden}
                <Select id="cross-row" name="row" label="行にする質問" options=options.clone() value=chosen_row />
                <Select id="cross-column" name="column" label="列にする質問" options=options.clone() value=chosen_column />
                <Button submit=true>"掛け合わせる"</Button>
            </form>
            {found}
        </section>
    }
}
