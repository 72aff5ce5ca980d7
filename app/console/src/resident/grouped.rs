//! The charts of attributes without choices: ages of a year, months of a date, and of a
//! text only how many wrote one.

use domain::attribute::{Attribute, Group, Kind as Answer};
use leptos::prelude::*;
use ui::prelude::*;

pub(super) fn by_group(
    a: &Attribute,
    groups: &[(Group, i64)],
    answered: i64,
    friends: i64,
) -> AnyView {
    let size = |n: i64| u64::try_from(n).unwrap_or_default();
    // Months in which nobody is say nothing; ages keep their places.
    let shown: Vec<(String, u64)> = groups
        .iter()
        .filter(|(_, n)| a.kind == Answer::Year || *n > 0)
        .map(|(g, n)| (g.label.clone(), size(*n)))
        .collect();
    let top = most(&shown, "人");
    let what = if a.kind == Answer::Year { "ことし迎える年齢" } else { "月" };
    let sentence = match &top {
        _ if answered == 0 => "まだだれも答えていません。".to_owned(),
        Some((words, n)) => format!(
            "{}人が答え、いちばん多いのは{words}（答えた人の {}）です。",
            thousands(answered),
            share(*n, size(answered))
        ),
        None => format!(
            "{}人が答えました。書かれた内容は、住民ひとりずつの画面とCSVで読めます。",
            thousands(answered)
        ),
    };
    let rest = [
        ("答えた友だち".to_owned(), answered),
        ("まだ答えていない友だち".to_owned(), (friends - answered).max(0)),
    ];
    let rows: Vec<Vec<String>> = shown
        .iter()
        .map(|(words, n)| vec![words.clone(), count(*n), share(*n, size(answered))])
        .chain(rest.iter().map(|(words, n)| vec![words.clone(), thousands(*n), "—".to_owned()]))
        .collect();
    let table = move || {
        let head = vec![what.to_owned(), "人数".to_owned(), "答えた人のうち".to_owned()];
        view! { <DataTable head rows=rows.clone() /> }
    };
    let items = if shown.is_empty() {
        rest.iter().map(|(words, n)| (words.clone(), size(*n))).collect()
    } else {
        shown
    };
    view! {
        <ChartPanel id=format!("attribute-{}", a.id) title=a.label.clone() sentence table>
            <BarList items unit="人" />
        </ChartPanel>
    }
    .into_any()
}
