//! The charts of registration: over time, and of each attribute.

use domain::attribute::edit::in_tree_order;
use domain::attribute::{Attribute, Kind as Answer};
use domain::id::ChoiceId;
use domain::time::Date;
use leptos::prelude::*;
use ui::prelude::*;

/// Every day of the period from the first that was counted; a day that was not
/// counted keeps the state of the day before.
fn line(days: &[(Date, [Option<i64>; 3])], i: usize) -> Vec<(Date, i64)> {
    let mut out: Vec<(Date, i64)> = Vec::new();
    for (date, values) in days {
        let Some(value) = values[i] else { continue };
        if let Some((last, before)) = out.last().copied() {
            out.extend((last.days() + 1..date.days()).map(|d| (Date::from_days(d), before)));
        }
        out.push((*date, value));
    }
    out
}

pub(super) fn over_time(days: &[(Date, [Option<i64>; 3])], csv: Option<String>) -> AnyView {
    let friends = line(days, 0);
    let (Some(first), Some(last)) = (friends.first().copied(), friends.last().copied()) else {
        return view! { <EmptyState title="この期間に数えた日はありません" text="期間を変えるか、「いま数え直す」を押してください。" /> }.into_any();
    };
    let of = |i: usize, date: Date| {
        line(days, i).into_iter().rev().find(|(d, _)| *d <= date).map_or(0.0, |(_, n)| n as f64)
    };
    let registered: Vec<f64> = friends.iter().map(|(date, _)| of(1, *date)).collect();
    let way = |n: i64| match n {
        0 => "変わらず".to_owned(),
        n if n > 0 => format!("{}人増えて", thousands(n)),
        n => format!("{}人減って", thousands(-n)),
    };
    let more = registered.last().copied().unwrap_or_default() as i64
        - registered.first().copied().unwrap_or_default() as i64;
    let sentence = format!(
        "{}日間で友だちは {}、{}人になりました。登録した友だちは {}、{}人です。",
        friends.len(),
        way(last.1 - first.1),
        thousands(last.1),
        way(more),
        thousands(registered.last().copied().unwrap_or_default() as i64)
    );
    let left = line(days, 2);
    let left_words = match (left.first(), left.last()) {
        (Some(a), Some(b)) if b.1 > a.1 => {
            format!("{}人がやめ、累計 {}人です。", thousands(b.1 - a.1), thousands(b.1))
        }
        (_, Some(b)) => format!("この期間にやめた人はいません。累計 {}人です。", thousands(b.1)),
        _ => "この期間は数えていません。".to_owned(),
    };
    let rows: Vec<Vec<String>> = days
        .iter()
        .rev()
        .map(|(date, values)| {
            let cell = |n: Option<i64>| n.map_or_else(|| "—".to_owned(), thousands);
            vec![
                format!("{}/{}/{}", date.year, date.month, date.day),
                cell(values[0]),
                cell(values[1]),
                cell(values[2]),
            ]
        })
        .collect();
    let table = move || {
        let head = ["日", "友だち", "登録した友だち", "友だちをやめた人（累計）"]
            .map(ToOwned::to_owned)
            .to_vec();
        view! { <DataTable head rows=rows.clone() /> }
    };
    let left_rows: Vec<Vec<String>> = left
        .iter()
        .rev()
        .map(|(d, n)| vec![format!("{}/{}/{}", d.year, d.month, d.day), thousands(*n)])
        .collect();
    let left_table = move || view! { <DataTable head=vec!["日".into(), "友だちをやめた人（累計）".into()] rows=left_rows.clone() /> };
    let charted = view! { <LineChart points=points(&friends) second=registered legend=("友だち".to_owned(), "登録した友だち".to_owned()) width=420 /> };
    let left_chart = if left.len() > 1 {
        view! { <LineChart points=points(&left) width=420 /> }.into_any()
    } else {
        view! { <p class="sub">"図は、数えた日が 2日になると出ます。"</p> }.into_any()
    };
    let chart = match csv.clone() {
        Some(csv_href) => view! { <ChartPanel id="over-time" title="友だちと登録した友だち" sentence table csv_href>{charted}</ChartPanel> }.into_any(),
        None => view! { <ChartPanel id="over-time" title="友だちと登録した友だち" sentence table>{charted}</ChartPanel> }.into_any(),
    };
    view! {
        <div class="cols-2">
            {chart} <ChartPanel id="left" title="友だちをやめた人" sentence=left_words table=left_table>{left_chart}</ChartPanel>
        </div>
    }
    .into_any()
}

/// About five labels, the first and the last among them.
fn points(days: &[(Date, i64)]) -> Vec<Point> {
    let last = days.len().saturating_sub(1);
    let step = (last / 4).max(1);
    days.iter()
        .enumerate()
        .map(|(i, (date, n))| {
            let labelled = i == last || (i % step == 0 && last - i >= step);
            Point {
                label: if labelled {
                    format!("{}/{}", date.month, date.day)
                } else {
                    String::new()
                },
                value: *n as f64,
            }
        })
        .collect()
}

/// Most bars of one chart; the rest stands in the table and in one grey bar.
const BARS: usize = 8;

pub(super) fn by_attribute(
    a: &Attribute,
    counts: &[(ChoiceId, i64)],
    answered: i64,
    friends: i64,
) -> AnyView {
    let of = |id: ChoiceId| counts.iter().find(|(other, _)| *other == id).map_or(0, |(_, n)| *n);
    let size = |n: i64| u64::try_from(n).unwrap_or_default();
    let all =
        |c: &domain::attribute::Choice| a.with_descendants(&c.key).into_iter().map(of).sum::<i64>();
    let mut bars: Vec<(String, u64)> =
        a.children(None).map(|c| (c.label.clone(), size(all(c)))).collect();
    // Ages and the like keep their order; places and topics are compared by number.
    if a.kind != Answer::Single {
        bars.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    }
    let top = most(&bars, "人");
    let rest = bars.len() > BARS + 1;
    if rest {
        let others = bars.split_off(BARS);
        bars.push((format!("ほか {}", things(others.len())), others.iter().map(|(_, n)| n).sum()));
    }
    let rows: Vec<Vec<String>> = in_tree_order(&a.choices)
        .into_iter()
        .map(|(depth, c)| {
            let n = all(c);
            vec![
                format!("{}{}", "　".repeat(depth), c.label),
                thousands(n),
                share(size(n), size(answered)),
            ]
        })
        .chain(std::iter::once(vec![
            "まだ答えていない友だち".to_owned(),
            thousands((friends - answered).max(0)),
            "—".to_owned(),
        ]))
        .collect();
    let sentence = match top {
        Some((words, n)) => {
            let several = if a.kind == Answer::Multiple {
                "（いくつでも選べるため、合計は答えた人より多くなります）"
            } else {
                ""
            };
            format!(
                "{}人が答え、いちばん多いのは{words}（答えた人の {}）です。{several}",
                thousands(answered),
                share(n, size(answered))
            )
        }
        None => "まだだれも答えていません。".to_owned(),
    };
    let table = move || {
        let head = ["選択肢", "人数", "答えた人のうち"].map(ToOwned::to_owned).to_vec();
        view! { <DataTable head rows=rows.clone() /> }
    };
    view! {
        <ChartPanel id=format!("attribute-{}", a.id) title=a.label.clone() sentence table>
            <BarList items=bars unit="人" rest />
        </ChartPanel>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(s: &str) -> Date {
        Date::parse_iso(s).unwrap()
    }

    #[test]
    fn days_that_were_not_counted_keep_the_state() {
        let days = [
            (day("2026-11-01"), [Some(5), None, None]),
            (day("2026-11-04"), [Some(9), Some(2), None]),
        ];
        assert_eq!(line(&days, 0).into_iter().map(|(_, n)| n).collect::<Vec<_>>(), [5, 5, 5, 9]);
        assert_eq!(line(&days, 1).len(), 1);
        assert!(line(&days, 2).is_empty());
    }

    #[test]
    fn the_ends_are_labelled() {
        let days: Vec<(Date, i64)> = (0..30).map(|i| (Date::from_days(20_000 + i), i)).collect();
        let labels: Vec<usize> = points(&days)
            .iter()
            .enumerate()
            .filter(|(_, p)| !p.label.is_empty())
            .map(|(i, _)| i)
            .collect();
        assert_eq!((labels.first(), labels.last()), (Some(&0), Some(&29)));
        assert!(labels.windows(2).all(|w| w[1] - w[0] >= 5), "{labels:?}");
        assert_eq!(points(&days[..1]).len(), 1);
    }
}
