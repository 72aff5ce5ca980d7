//! 配信のまとめ: deliveries added up by months or weeks, as a line and as a table, beside former
//! times; their recipients by what they registered.

use super::measured::charted;
use super::{PATH, figure};
use domain::delivery::percent;
use domain::delivery::period::{
    Asked, Beside, Divided, Every, MONTHS_MAX, Periods, Sum, fiscal_year, month_name,
};
use domain::time::Date;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use server_fn::codec::Json;
use std::collections::BTreeSet;
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
    let Periods { asked, sums, whole, today, since, departments, attributes, by } = found;
    let every = Every::ALL.map(|every| Segment {
        label: every.label().to_owned(),
        icon: None,
        href: href(PERIODS_PATH, Asked { every, ..asked }),
        current: asked.every == every,
    });
    let (years, no_year) = years(asked, today, since);
    let (whose, clear) =
        choices(departments, asked.department, |department| Asked { department, ..asked });
    let by_attribute = (!attributes.is_empty()).then(|| {
        let (options, clear) = choices(attributes, asked.by, |by| Asked { by, ..asked });
        view! { <FilterChip label="登録項目" options clear /> }
    });
    let none = whole.now.deliveries == 0;
    view! {
        <div class="filters">
            <div class="chips">
                <FilterChip label="期間" options=years clear=no_year all=latest(asked.every) />
                <FilterChip label="所属" options=whose clear /> {by_attribute}
            </div>
            <div class="filters-end"><Segmented label="期間の長さ" items=every.into() /></div>
        </div>
        <MonthsForm asked first=whole.now.span.from today since />
        {if none {
            view! { <EmptyState title="この期間に送った配信はありません" text="期間を変えるか、配信を送ると、ここに期間ごとの数が出ます。" /> }.into_any()
        } else {
            let by = by.map(|by| divided(asked, &sums, &by));
            view! {
                {together(whole)}
                {each(asked, today, &sums)}
                {by}
            }
                .into_any()
        }}
    }
    .into_any()
}

/// What is shown where nobody asks for months.
fn latest(every: Every) -> &'static str {
    match every {
        Every::Month => "直近12か月",
        Every::Week => "直近13週",
    }
}

/// 「2026年4月〜2026年6月」
fn from_until(from: Date, until: Date) -> String {
    format!("{}〜{}", Every::Month.words(from), Every::Month.words(until))
}

/// Each 年度 since the first delivery, the newest first, and what else was asked for.
fn years(asked: Asked, today: Date, since: Option<Date>) -> (Vec<FilterOption>, Option<String>) {
    let shown = asked.shown(today);
    let option = |label: String, months: Option<(Date, Date)>| {
        let with = Asked { months, ..asked };
        FilterOption { label, href: href(PERIODS_PATH, with), selected: with.shown(today) == shown }
    };
    let this = fiscal_year(today);
    let oldest = since.map_or(this, fiscal_year).min(this);
    let begins = std::iter::successors(Some(this), |from| Some(from.plus_months(-12)));
    let mut all = vec![option(latest(asked.every).into(), None)];
    all.extend(
        begins.take_while(|from| *from >= oldest).map(|from| {
            option(format!("{}度", from.era_year()), Some((from, from.plus_months(11))))
        }),
    );
    if let Some((from, until)) = shown.filter(|_| all.iter().all(|o| !o.selected)) {
        all.push(option(from_until(from, until), shown));
    }
    let clear = shown.map(|_| href(PERIODS_PATH, Asked { months: None, ..asked }));
    (all, clear)
}

/// The months to choose from, the newest first: since the first delivery, and those that are shown.
fn months(today: Date, since: Option<Date>, shown: [Date; 2]) -> Vec<(String, String)> {
    let first = |day: Date| Date { day: 1, ..day };
    let this = first(today);
    let oldest = since.map_or(this, first);
    let mut all: BTreeSet<Date> =
        std::iter::successors(Some(this), |month| Some(month.plus_months(-1)))
            .take_while(|month| *month >= oldest)
            .collect();
    all.extend(shown);
    all.into_iter().rev().map(|m| (month_name(m), Every::Month.words(m))).collect()
}

/// From which month until which, in a GET form that keeps the other choices.
#[component]
fn MonthsForm(
    /// What was asked for.
    asked: Asked,
    /// The first day that is shown.
    first: Date,
    today: Date,
    since: Option<Date>,
) -> impl IntoView {
    let (from, until) =
        asked.shown(today).unwrap_or((Date { day: 1, ..first }, Date { day: 1, ..today }));
    let options = months(today, since, [from, until]);
    let hidden = Asked { months: None, ..asked }
        .pairs()
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
        .collect_view();
    view! {
        <form class="period" method="get" action=PERIODS_PATH>
            {hidden}
            <Select name="from" label="はじめの月" options=options.clone() value=month_name(from) />
            <Select name="until" label="おわりの月" options value=month_name(until) />
            <Button submit=true>"この期間を見る"</Button>
        </form>
    }
}

/// Figures of a time that differ from those of another: what they are, their unit, and they.
const COMPARED: [(&str, &str, fn(Sum) -> Option<i64>); 4] = [
    ("配信", "件", |s| Some(s.deliveries)),
    ("受付（のべ）", "人", |s| Some(s.figures.accepted)),
    ("読んだ人（のべ）", "人", |s| (s.read > 0).then_some(s.readers)),
    ("リンクのタップ", "回", Sum::tapped),
];

/// 「1,200人多い（12.3%）」; nothing where one of them is not known.
fn more(now: Option<i64>, former: Option<i64>, unit: &str) -> Option<String> {
    let (now, former) = (now?, former?);
    let share = percent((now - former).abs(), former).map(|p| format!("（{p:.1}%）"));
    let word = match now - former {
        0 => return Some("同じ".into()),
        n if n > 0 => "多い",
        _ => "少ない",
    };
    let n = figure((now - former).abs());
    Some(format!("{n}{unit}{word}{}", share.unwrap_or_default()))
}

/// All of the time in figures, each beside former times.
fn together(whole: Beside<Sum>) -> AnyView {
    let former = [("前の期間より", whole.before), ("前の年より", whole.last_year)];
    let cells = COMPARED
        .map(|(what, unit, of)| {
            let now = of(whole.now);
            let notes = former.map(|(than, sum)| {
                let words = more(now, sum.and_then(of), unit)?;
                let than =
                    if words == "同じ" { than.replace("より", "と") } else { than.to_owned() };
                Some(view! { <dd class="sub">{format!("{than} {words}")}</dd> })
            });
            let shown = match now {
                Some(n) => view! { {figure(n)} <span class="unit">{unit}</span> }.into_any(),
                None => "—".into_any(),
            };
            view! {
                <div>
                    <dt>{what}</dt>
                    <dd class="figure">{shown}</dd>
                    {notes.into_iter().flatten().collect_view()}
                </div>
            }
        })
        .into_iter()
        .collect_view();
    let times: Vec<String> = [("前の期間", whole.before), ("前の年", whole.last_year)]
        .into_iter()
        .filter_map(|(name, sum)| Some(format!("{name}は {}", sum?.span.words())))
        .collect();
    let times = if times.is_empty() {
        "くらべられる前の期間は、まだありません。".to_owned()
    } else {
        format!("くらべている{}です。", times.join("、"))
    };
    view! {
        <dl class="strip">{cells}</dl>
        <p class="sub">{times}</p>
    }
    .into_any()
}

/// Each period: what was accepted as a line, and a table.
fn each(asked: Asked, today: Date, sums: &[Beside<Sum>]) -> AnyView {
    let sentence = sentence(asked.every, today, sums);
    let points: Vec<Point> = sums
        .iter()
        .enumerate()
        .map(|(i, s)| Point {
            label: if i % 3 == (sums.len() - 1) % 3 {
                asked.every.tick(s.now.span.from)
            } else {
                String::new()
            },
            value: s.now.figures.accepted as f64,
        })
        .collect();
    // A second line only where it is a whole one.
    let former: Option<Vec<f64>> =
        sums.iter().map(|s| s.last_year.map(|s| s.figures.accepted as f64)).collect();
    let chart = match former {
        Some(second) => {
            let legend = ("この期間".to_owned(), "前の年".to_owned());
            view! { <LineChart points second legend width=960 /> }.into_any()
        }
        None => view! { <LineChart points width=960 /> }.into_any(),
    };
    let rows: Vec<Vec<String>> = sums.iter().rev().map(|s| row(asked.every, s)).collect();
    let [before, last_year] = match asked.every {
        Every::Month => ["前の月との差", "前の年との差"],
        Every::Week => ["前の週との差", "52週前との差"],
    };
    let head = [
        "期間",
        "配信",
        "対象",
        "受付",
        "届かず",
        "差し控え",
        "読んだ人",
        "タップ",
        before,
        last_year,
    ];
    let head: Vec<String> = head.map(str::to_owned).to_vec();
    view! {
        <ChartPanel
            id="periods"
            title=format!("{}の受付（のべ人数）", asked.every.label())
            sentence
            csv_href=file("csv", Asked { by: None, ..asked })
            xlsx_href=file("xlsx", asked)
            table=move || view! { <DataTable head=head.clone() rows=rows.clone() /> }
        >
            {chart}
        </ChartPanel>
        <p class="sub">
            "試験者への配信は入りません。読んだ人は、LINEが数を公表した配信だけの合計と、その受付に対する割合です。差は、受付の人数の差です。まだ終わっていない期間は、同じ日までとくらべています。"
            {format!("一度に見られるのは、{}年分までです。", MONTHS_MAX / 12)}
        </p>
    }
    .into_any()
}

/// The recipients by an attribute: all periods together as bars, each in the table.
fn divided(asked: Asked, sums: &[Beside<Sum>], d: &Divided) -> AnyView {
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
    // Over more than a year 「11月」 alone could be either.
    let long = sums.len() > asked.every.a_year() as usize;
    let words = |from| if long { asked.every.words(from) } else { asked.every.tick(from) };
    let ticks = sums.iter().rev().map(|s| words(s.now.span.from));
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

fn row(every: Every, of: &Beside<Sum>) -> Vec<String> {
    let s = &of.now;
    let readers = match percent(s.readers, s.read_of).filter(|_| s.read > 0) {
        Some(share) => format!("{}（{share:.1}%）", figure(s.readers)),
        None => "—".to_owned(),
    };
    let mut cells = vec![every.words(s.span.from), figure(s.deliveries)];
    let f = s.figures;
    cells.extend([f.recipients, f.accepted, f.failed, f.withheld].map(figure));
    cells.push(readers);
    cells.push(s.tapped().map_or_else(|| "—".to_owned(), figure));
    cells.extend([of.before, of.last_year].map(|former| match former {
        Some(former) => signed(f.accepted - former.figures.accepted),
        None => "—".to_owned(),
    }));
    cells
}

/// 「+1,200」「-300」「0」
fn signed(n: i64) -> String {
    if n > 0 { format!("+{}", figure(n)) } else { figure(n) }
}

/// What is seen: the last period, and the greatest.
fn sentence(every: Every, today: Date, sums: &[Beside<Sum>]) -> String {
    let Some(last) = sums.last().map(|of| of.now) else { return String::new() };
    let word = match every {
        _ if !last.span.contains(today) => every.words(last.span.from),
        Every::Month => "今月".to_owned(),
        Every::Week => "今週".to_owned(),
    };
    let now = format!(
        "{word}は {}件・受付 のべ {}人",
        figure(last.deliveries),
        figure(last.figures.accepted)
    );
    let most = sums.iter().map(|of| of.now).max_by_key(|s| s.figures.accepted);
    match most.filter(|s| s.span != last.span) {
        Some(most) => format!(
            "{now}。いちばん多いのは {}の のべ {}人です。",
            every.words(most.span.from),
            figure(most.figures.accepted)
        ),
        None => format!("{now}。この期間でいちばん多い数です。"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::delivery::Figures;
    use domain::delivery::period::Span;

    const TODAY: Date = Date { year: 2026, month: 11, day: 21 };

    fn sum(month: u8, accepted: i64, readers: i64) -> Sum {
        let from = Date { year: 2026, month, day: 1 };
        Sum {
            span: Span { from, end: from.plus_months(1) },
            deliveries: 2,
            figures: Figures { recipients: accepted, accepted, ..Figures::default() },
            readers,
            read: i64::from(readers > 0),
            read_of: accepted,
            taps: 1_234,
            linked: i64::from(readers > 0),
        }
    }

    fn beside(now: Sum, before: Option<Sum>) -> Beside<Sum> {
        Beside { now, before, last_year: None }
    }

    #[test]
    fn what_is_seen_in_words() {
        let (october, november) = (sum(10, 5_000, 1_000), sum(11, 300, 0));
        let sums = [beside(october, Some(november)), beside(november, Some(october))];
        assert_eq!(
            sentence(Every::Month, TODAY, &sums),
            "今月は 2件・受付 のべ 300人。いちばん多いのは 2026年10月の のべ 5,000人です。"
        );
        assert_eq!(
            sentence(Every::Month, TODAY, &sums[..1]),
            "2026年10月は 2件・受付 のべ 5,000人。この期間でいちばん多い数です。"
        );
        let [with, without] = [0, 1].map(|i| row(Every::Month, &sums[i])[6..].join(" "));
        assert_eq!(with, "1,000（20.0%） 1,234 +4,700 —");
        assert_eq!(without, "— — -4,700 —");
    }

    #[test]
    fn a_difference_is_said_in_words() {
        let more = |now, former| more(now, former, "人");
        assert_eq!(more(Some(1_123), Some(1_000)).as_deref(), Some("123人多い（12.3%）"));
        assert_eq!(more(Some(500), Some(1_000)).as_deref(), Some("500人少ない（50.0%）"));
        assert_eq!(more(Some(5), Some(0)).as_deref(), Some("5人多い"));
        assert_eq!(more(Some(5), Some(5)).as_deref(), Some("同じ"));
        assert_eq!((more(None, Some(5)), more(Some(5), None)), (None, None));
    }

    #[test]
    fn every_year_since_the_first_delivery_can_be_chosen() {
        let since = Date::parse_iso("2025-03-31");
        let of = |months: Option<(&str, &str)>| {
            let day = |iso: &str| Date::parse_iso(iso).unwrap();
            let months = months.map(|(from, until)| (day(from), day(until)));
            let (options, clear) = years(Asked { months, ..Asked::default() }, TODAY, since);
            let words: Vec<String> = options
                .into_iter()
                .map(|o| if o.selected { format!("*{}", o.label) } else { o.label })
                .collect();
            (words.join(" "), clear.is_some())
        };
        assert_eq!(of(None), ("*直近12か月 令和8年度 令和7年度 令和6年度".into(), false));
        // What of a year has not come yet makes no other choice of it.
        let this = Some(("2026-04-01", "2026-11-01"));
        assert_eq!(of(this), ("直近12か月 *令和8年度 令和7年度 令和6年度".into(), true));
        let other = Some(("2026-04-01", "2026-06-01"));
        assert_eq!(of(other).0, "直近12か月 令和8年度 令和7年度 令和6年度 *2026年4月〜2026年6月");
    }

    #[test]
    fn months_are_offered_since_the_first_delivery() {
        let day = |iso: &str| Date::parse_iso(iso).unwrap();
        let all = months(TODAY, Some(day("2026-09-15")), [day("2025-12-01"), day("2026-11-01")]);
        let values: Vec<&str> = all.iter().map(|(value, _)| value.as_str()).collect();
        assert_eq!(values, ["2026-11", "2026-10", "2026-09", "2025-12"]);
        assert_eq!(all[3].1, "2025年12月");
    }
}
