//! 配信のまとめ: deliveries added up by months or weeks, as a line and as a table; their recipients
//! by what they registered.

use super::measured::charted;
use super::{PATH, figure};
use domain::delivery::percent;
use domain::delivery::period::{Asked, Divided, Every, Periods, Sum};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use server_fn::codec::Json;
use ui::address::with_query;
use ui::prelude::*;

/// Where it is.
pub(super) const PERIODS_PATH: &str = "/console/deliveries/periods";

/// The sums.
///
/// # Errors
/// `SignInNeeded`, `Forbidden`.
#[server(prefix = "/console/fn", input = Json)]
pub async fn delivery_periods(asked: Asked) -> Result<Periods, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::delivery::periods(&staff.ctx, asked).await?)
}

fn href(path: &str, asked: Asked) -> String {
    with_query(path, &asked.pairs())
}

fn file(ending: &str, asked: Asked) -> String {
    href(&format!("{PERIODS_PATH}.{ending}"), asked)
}

/// What a chip offers, 「すべて」 first, and the address without it.
fn choices<T: Copy + PartialEq>(
    named: Vec<(T, String)>,
    chosen: Option<T>,
    with: impl Fn(Option<T>) -> Asked,
) -> (Vec<FilterOption>, Option<String>) {
    let to = |id: Option<T>| href(PERIODS_PATH, with(id));
    let all =
        FilterOption { label: "すべて".into(), href: to(None), selected: chosen.is_none() };
    let each = named.into_iter().map(|(id, label)| FilterOption {
        label,
        href: to(Some(id)),
        selected: chosen == Some(id),
    });
    (std::iter::once(all).chain(each).collect(), chosen.map(|_| to(None)))
}

/// `/console/deliveries/periods`.
#[component]
pub fn PeriodsPage() -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| query.with(|q| Asked::parse(|name| q.get(name))));
    let found = Resource::new_blocking(move || asked.get(), delivery_periods);
    view! {
        <Page title="配信のまとめ" crumbs=vec![(PATH.to_owned(), "配信".to_owned())] sentence="送った配信を、期間ごとに足した数です。人数は、のべ人数です。">
            <Transition fallback=|| view! { <Skeleton sentence="数えています" /> }>
                {move || Suspend::new(async move {
                    match found.await {
                        Ok(found) => shown(found),
                        Err(error) => view! { <ErrorPage error retry_href=href(PERIODS_PATH, asked.get_untracked()) inside=true /> }.into_any(),
                    }
                })}
            </Transition>
        </Page>
    }
}

fn shown(found: Periods) -> AnyView {
    let Periods { asked, sums, departments, attributes, by } = found;
    let every = Every::ALL.map(|every| Segment {
        label: every.label().to_owned(),
        icon: None,
        href: href(PERIODS_PATH, Asked { every, ..asked }),
        current: asked.every == every,
    });
    let (whose, clear) =
        choices(departments, asked.department, |department| Asked { department, ..asked });
    let by_attribute = (!attributes.is_empty()).then(|| {
        let (options, clear) = choices(attributes, asked.by, |by| Asked { by, ..asked });
        view! { <FilterChip label="登録項目" options clear /> }
    });
    let none = sums.iter().all(|s| s.deliveries == 0);
    let sentence = sentence(asked.every, &sums);
    let by = by.map(|by| divided(asked, &sums, &by));
    let points: Vec<Point> = sums
        .iter()
        .enumerate()
        .map(|(i, s)| Point {
            label: if i % 3 == (sums.len() - 1) % 3 {
                asked.every.tick(s.from)
            } else {
                String::new()
            },
            value: s.figures.accepted as f64,
        })
        .collect();
    let rows: Vec<Vec<String>> = sums.iter().rev().map(|s| row(asked.every, s)).collect();
    let head = ["期間", "配信", "対象", "受付", "届かず", "差し控え", "読んだ人"];
    let head: Vec<String> = head.map(str::to_owned).to_vec();
    view! {
        <div class="filters">
            <div class="chips">
                <FilterChip label="所属" options=whose clear /> {by_attribute}
            </div>
            <div class="filters-end"><Segmented label="期間の長さ" items=every.into() /></div>
        </div>
        {if none {
            view! { <EmptyState title="この期間に送った配信はありません" text="配信を送ると、ここに期間ごとの数が出ます。" /> }.into_any()
        } else {
            view! {
                <ChartPanel
                    id="periods"
                    title=format!("{}の受付（のべ人数）", asked.every.label())
                    sentence
                    csv_href=file("csv", Asked { by: None, ..asked })
                    xlsx_href=file("xlsx", asked)
                    table=move || view! { <DataTable head=head.clone() rows=rows.clone() /> }
                >
                    <LineChart points width=960 />
                </ChartPanel>
                <p class="sub">"試験者への配信は入りません。読んだ人は、LINEが数を公表した配信だけの合計と、その受付に対する割合です。"</p>
                {by}
            }
                .into_any()
        }}
    }
    .into_any()
}

/// The recipients by an attribute: all periods together as bars, each in the table.
fn divided(asked: Asked, sums: &[Sum], d: &Divided) -> AnyView {
    let left_out = match d.left_out {
        0 => String::new(),
        n => format!(
            "だれに届けたかの記録がない {}件（LINEの一覧で友だち全員に送ったものなど）は、入っていません。",
            figure(n)
        ),
    };
    let title = format!("対象者の内訳：{}", d.by.label);
    if d.whole == 0 {
        let text = format!("この期間に、内訳が分かる配信はありません。{left_out}");
        return view! { <EmptyState title text /> }.into_any();
    }
    let (sentence, chart) = charted(&d.by, d.whole);
    let ticks = sums.iter().rev().map(|s| asked.every.tick(s.from));
    let head: Vec<String> =
        ["登録した内容", "合計"].map(str::to_owned).into_iter().chain(ticks).collect();
    let cell = |n: &Option<i64>| n.map_or_else(|| "—".to_owned(), figure);
    let rows: Vec<Vec<String>> =
        d.by.lines()
            .zip(&d.each)
            .map(|((words, n), each)| {
                [words, figure(n)].into_iter().chain(each.iter().rev().map(cell)).collect()
            })
            .collect();
    view! {
        <ChartPanel
            id="periods-by"
            title
            sentence
            csv_href=file("csv", asked)
            xlsx_href=file("xlsx", asked)
            table=move || view! { <DataTable head=head.clone() rows=rows.clone() /> }
        >
            {chart}
        </ChartPanel>
        <p class="sub">
            {d.words()} "読んだ人とタップは、合計しか分からないので、登録内容では分けられません。"
            {left_out}
        </p>
    }
    .into_any()
}

fn row(every: Every, s: &Sum) -> Vec<String> {
    let readers = match percent(s.readers, s.read_of).filter(|_| s.read > 0) {
        Some(share) => format!("{}（{share:.1}%）", figure(s.readers)),
        None => "—".to_owned(),
    };
    let mut cells = vec![every.words(s.from), figure(s.deliveries)];
    let f = s.figures;
    cells.extend([f.recipients, f.accepted, f.failed, f.withheld].map(figure));
    cells.push(readers);
    cells
}

/// What is seen: the last period, and the greatest.
fn sentence(every: Every, sums: &[Sum]) -> String {
    let Some(last) = sums.last() else { return String::new() };
    let word = if every == Every::Month { "今月" } else { "今週" };
    let now = format!(
        "{word}は {}件・受付 のべ {}人",
        figure(last.deliveries),
        figure(last.figures.accepted)
    );
    match sums.iter().max_by_key(|s| s.figures.accepted).filter(|s| s.from != last.from) {
        Some(most) => format!(
            "{now}。いちばん多いのは {}の のべ {}人です。",
            every.words(most.from),
            figure(most.figures.accepted)
        ),
        None => format!("{now}。この期間でいちばん多い数です。"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::delivery::Figures;
    use domain::time::Date;

    fn sum(month: u8, accepted: i64, readers: i64) -> Sum {
        Sum {
            from: Date { year: 2026, month, day: 1 },
            deliveries: 2,
            figures: Figures { recipients: accepted, accepted, ..Figures::default() },
            readers,
            read: i64::from(readers > 0),
            read_of: accepted,
        }
    }

    #[test]
    fn what_is_seen_in_words() {
        let sums = [sum(10, 5_000, 1_000), sum(11, 300, 0)];
        assert_eq!(
            sentence(Every::Month, &sums),
            "今月は 2件・受付 のべ 300人。いちばん多いのは 2026年10月の のべ 5,000人です。"
        );
        assert_eq!(
            sentence(Every::Month, &sums[..1]),
            "今月は 2件・受付 のべ 5,000人。この期間でいちばん多い数です。"
        );
        assert_eq!(row(Every::Month, &sums[0]).last().map(String::as_str), Some("1,000（20.0%）"));
        assert_eq!(row(Every::Month, &sums[1]).last().map(String::as_str), Some("—"));
    }
}
