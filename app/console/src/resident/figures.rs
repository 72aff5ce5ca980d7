//! The figures of registration over time and by attribute (RES-4).

use super::api::{Figures, RecountFigures, registration_figures};
use super::charts::{by_attribute, over_time};
use super::grouped::by_group;
use super::{PATH, trouble};
use domain::time::{Date, HOUR};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use ui::prelude::*;

/// 統計.
#[component]
pub fn RegistrationFiguresPage() -> impl IntoView {
    let query = use_query_map();
    let counting = ServerAction::<RecountFigures>::new();
    let asked = Memo::new(move |_| {
        query.with(|q| (q.get("from").unwrap_or_default(), q.get("until").unwrap_or_default()))
    });
    let read = Resource::new_blocking(
        move || (asked.get(), counting.version().get()),
        |((from, until), _)| registration_figures(from, until),
    );
    let toasts = use_toasts();
    Effect::new(move |_| match counting.value().get() {
        Some(Ok(())) => toasts.ok("いまの人数を数え直しました"),
        Some(Err(error)) => toasts.err(format!("数え直せませんでした。{}", error.message())),
        None => {}
    });
    view! {
        <Transition fallback=|| view! { <div class="page"><Skeleton sentence="人数を集計しています" /></div> }>
            {move || Suspend::new(async move {
                match read.await {
                    Ok(figures) => view! { <Shown figures counting /> }.into_any(),
                    Err(error) => trouble(error, "/console/residents/figures"),
                }
            })}
        </Transition>
    }
}

#[component]
fn Shown(figures: Figures, counting: ServerAction<RecountFigures>) -> impl IntoView {
    let Figures {
        from,
        until,
        days,
        present,
        choices,
        answered,
        grouped,
        catalog,
        counted_at,
        now,
        may_export,
    } = figures;
    let [friends, registered, left] = present;
    let csv =
        may_export.then(|| format!("{PATH}/figures.csv?from={}&until={}", from.iso(), until.iso()));
    let since = |i: usize, now: i64| days.iter().find_map(|(_, v)| v[i]).map(|first| now - first);
    let change = |i: usize, now: i64| match since(i, now) {
        Some(0) => "期間のはじめと同じ".to_owned(),
        Some(n) if n > 0 => format!("▲\u{a0}{}人", thousands(n)),
        Some(n) => format!("▼\u{a0}{}人", thousands(-n)),
        None => "期間のはじめは数えていません".to_owned(),
    };
    let class = |i: usize, now: i64| {
        if i < 2 && since(i, now).is_some_and(|n| n > 0) { "ok" } else { "sub" }
    };
    let part = share(
        u64::try_from(registered).unwrap_or_default(),
        u64::try_from(friends).unwrap_or_default(),
    );
    let strip = [
        ("友だち", friends, change(0, friends), class(0, friends)),
        (
            "登録した友だち",
            registered,
            format!("友だちの {part}　{}", change(1, registered)),
            class(1, registered),
        ),
        ("友だちをやめた人", left, change(2, left), "sub"),
    ];
    let acts = {
        let csv = csv.clone();
        ViewFn::from(move || {
            let csv = csv.clone();
            view! {
                <ActionForm action=counting>
                    <Button submit=true icon=IconName::Reload busy=counting.pending()>"いま数え直す"</Button>
                </ActionForm>
                {csv.map(|href| view! { <LinkButton href icon=IconName::Download download=true>"CSV"</LinkButton> })}
            }
        })
    };
    let panels = catalog
        .attributes
        .iter()
        .map(|a| {
            let n = answered.iter().find(|(id, _)| *id == a.id).map_or(0, |(_, n)| *n);
            if a.kind.has_choices() {
                return by_attribute(a, &choices, n, friends);
            }
            let groups = grouped.iter().find(|(id, _)| *id == a.id).map(|(_, groups)| &groups[..]);
            by_group(a, groups.unwrap_or_default(), n, friends)
        })
        .collect_view();
    view! {
        <Page
            title="統計"
            sentence=format!("友だちと登録の移り変わりです。{}から {}まで。", from.japanese(), until.japanese())
            acts
        >
            <div class="filters">
                <Periods from until today=now.date() />
                <p class="sub dense end">
                    {match counted_at {
                        Some(at) => view! { "最後に数えたのは " <Aged at now limit=2 * HOUR /> }.into_any(),
                        None => "まだ数えていません。「いま数え直す」を押すと、きょうの人数が入ります。".into_any(),
                    }}
                </p>
            </div>
            <dl class="strip">
                {strip
                    .map(|(what, n, note, class)| {
                        view! {
                            <div>
                                <dt>{what}</dt>
                                <dd class="figure">{thousands(n)} <span class="unit">"人"</span></dd>
                                <dd class=class>{note}</dd>
                            </div>
                        }
                    })
                    .collect_view()}
            </dl>
            {over_time(&days, csv)}
            {(!catalog.attributes.is_empty()).then(|| view! { <h2>"登録した内容（いまの友だち）"</h2> })}
            <div class="cols-2">{panels}</div>
        </Page>
    }
}

/// Periods as links, and any other by two dates.
#[component]
fn Periods(from: Date, until: Date, today: Date) -> impl IntoView {
    let last = |days: i64| (Date::from_days(today.days() - days + 1), today);
    let options: Vec<FilterOption> = [(30, "30日間"), (90, "90日間"), (365, "1年間")]
        .into_iter()
        .map(|(days, words)| {
            let (a, b) = last(days);
            FilterOption {
                label: words.into(),
                href: format!("{PATH}/figures?from={}&until={}", a.iso(), b.iso()),
                selected: (from, until) == (a, b),
            }
        })
        .collect();
    let items = options
        .into_iter()
        .map(|o| Segment { label: o.label, icon: None, href: o.href, current: o.selected })
        .collect();
    view! {
        <Segmented label="期間" items />
        <PeriodForm action=format!("{PATH}/figures") from until today />
    }
}

/// Any period, by two dates in a GET form.
#[component]
pub fn PeriodForm(
    /// The page of the figures.
    #[prop(into)]
    action: String,
    /// The first day that is shown.
    from: Date,
    /// The last day that is shown.
    until: Date,
    /// No day after it can be chosen.
    today: Date,
    /// What else the address is to say.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <form class="period period-inline" method="get" action=action>
            {children.map(|children| children())}
            <label class="visually-hidden" for="from">"はじめの日"</label>
            <input class="control" type="date" id="from" name="from" value=from.iso() max=today.iso() />
            <span>"から"</span>
            <label class="visually-hidden" for="until">"おわりの日"</label>
            <input class="control" type="date" id="until" name="until" value=until.iso() max=today.iso() />
            <span>"まで"</span>
            <Button size=Size::Small submit=true>"表示する"</Button>
        </form>
    }
}
