//! 押された回数 (MENU-5): laid over the picture, as a table, and as a file.

use super::picture::drawing;
use super::words::label;
use super::{PATH, path};
use crate::resident::PeriodForm;
use domain::geometry::Rect;
use domain::id::MenuId;
use domain::link::Own;
use domain::menu::{
    Area, Existing, FIGURE_DAYS, FigurePeriod, LineFigures, Menu, Mode, Sheet, SheetKey, TapCount,
    asked_of_line,
};
use domain::time::Date;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;
use std::collections::{BTreeMap, BTreeSet};
use ui::prelude::*;

/// The taps on a menu.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tapped {
    name: String,
    menu: Menu,
    existing: Existing,
    /// Which addresses LINE opens itself: taps on them are not counted.
    own: Own,
    taps: Vec<TapCount>,
    /// What LINE counted, and when it told so.
    of_line: BTreeMap<SheetKey, (Date, LineFigures)>,
    from: Date,
    until: Date,
    today: Date,
}

/// The taps of some days.
#[server(prefix = "/console/fn", input = Json)]
pub async fn menu_taps(id: MenuId, period: FigurePeriod) -> Result<Tapped, AppError> {
    let staff = crate::server::staff()?;
    let ctx = &staff.ctx;
    let kept = services::menu::get(ctx, id).await?;
    let today = ctx.now().date();
    let (from, until) = period.dates(today);
    Ok(Tapped {
        name: kept.summary.name,
        menu: kept.published.unwrap_or(kept.draft),
        existing: services::menu::existing(ctx).await?,
        own: ctx.store.own().clone(),
        taps: services::menu::taps(ctx, id, from, until).await?,
        of_line: services::menu::line_figures(ctx, id, from, until).await?,
        from,
        until,
        today,
    })
}

/// Asks LINE now what it counted of a menu in the last so many days.
#[server(prefix = "/console/fn")]
pub async fn look_at_menu_figures(id: MenuId, days: i64) -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    Ok(services::menu::look_at_figures(&staff.platform, &staff.ctx, id, days).await?)
}

impl Tapped {
    /// Of an area that was published: how often it was tapped, in words, and on each day;
    /// no days where its taps are not counted.
    pub(super) fn area(&self, sheet: SheetKey, area: u16) -> Option<(String, Vec<i64>)> {
        let sheet = self.menu.sheet(sheet)?;
        let at = sheet.areas.iter().position(|a| a.key == area)?;
        let taps = *Taps::of(self, sheet, "").get(at)?;
        if taps.is_unknown() {
            return Some((taps.words(), Vec::new()));
        }
        let first = self.from.days();
        let mut days = vec![0; usize::try_from(self.until.days() - first + 1).ok()?];
        for tap in self.taps.iter().filter(|t| t.mode == Mode::Real && t.sheet == sheet.key) {
            let day = usize::try_from(tap.day.days() - first).ok().filter(|_| tap.area == area);
            if let Some(n) = day.and_then(|day| days.get_mut(day)) {
                *n += tap.taps;
            }
        }
        Some((taps.words(), days))
    }
}

/// The address of the figures of a menu.
pub(super) fn figures_path(id: MenuId) -> String {
    format!("{}/figures", path(id))
}

/// The path with the period and the variant as its query.
fn with_period(path: &str, period: &FigurePeriod, variant: &str) -> String {
    let days = period.days.filter(|days| *days != 30).map(|days| days.to_string());
    let pairs = [
        ("days", days.unwrap_or_default()),
        ("from", period.from.clone()),
        ("until", period.until.clone()),
        ("variant", variant.to_owned()),
    ];
    ui::address::with_query(path, &pairs)
}

fn href(id: MenuId, period: &FigurePeriod, variant: &str) -> String {
    with_period(&figures_path(id), period, variant)
}

/// The days up to today that the page offers.
fn lately(days: i64) -> FigurePeriod {
    FigurePeriod { days: Some(days), ..FigurePeriod::default() }
}

/// `/console/menus/{id}/figures`.
#[component]
pub fn MenuFiguresPage(
    /// Which menu.
    id: MenuId,
) -> impl IntoView {
    let query = use_query_map();
    let chosen = Memo::new(move |_| {
        query.with(|q| {
            let get = |name| q.get(name).unwrap_or_default();
            let (from, until) = (get("from"), get("until"));
            let period = if from.is_empty() && until.is_empty() {
                let days = get("days").parse().ok();
                lately(days.filter(|d| FIGURE_DAYS.contains(d)).unwrap_or(30))
            } else {
                FigurePeriod { days: None, from, until }
            };
            (period, get("variant"))
        })
    });
    let period = Memo::new(move |_| chosen.with(|c| c.0.clone()));
    let looking = ServerAction::<LookAtMenuFigures>::new();
    let tapped = Resource::new_blocking(
        move || (period.get(), looking.version().get()),
        move |(period, _)| menu_taps(id, period),
    );
    let toasts = use_toasts();
    Effect::new(move |_| match looking.value().get() {
        Some(Ok(())) => toasts.ok("LINEの数字を読みました"),
        Some(Err(error)) => toasts.warn(error.message()),
        None => {}
    });
    view! {
        <Page
            title="押された回数"
            crumbs=vec![(PATH.to_owned(), "リッチメニュー".to_owned())]
            sentence="エリアごとに、押された回数です。だれが押したかは残しません。"
            acts=move || {
                view! {
                    {move || {
                        let file = |kind: &str| {
                            period.with(|period| with_period(&format!("{}.{kind}", figures_path(id)), period, ""))
                        };
                        view! {
                            <LinkButton href=file("csv") icon=IconName::Download download=true>"CSV"</LinkButton>
                            <LinkButton href=file("xlsx") icon=IconName::Download download=true>"Excel"</LinkButton>
                        }
                    }}
                    <LinkButton href=path(id) icon=IconName::Pencil>"メニューをひらく"</LinkButton>
                }
            }
        >
            <Transition fallback=|| view! { <Skeleton sentence="回数を読みこんでいます" rows=6 /> }>
                {move || {
                    let (period, variant) = chosen.get();
                    Suspend::new(async move {
                        match tapped.await {
                            Ok(tapped) => {
                                view! { {shown(id, &tapped, &period, &variant)} {ask(id, &tapped, looking)} }.into_any()
                            }
                            Err(error) => view! { <ErrorPage error retry_href=href(id, &period, &variant) inside=true /> }.into_any(),
                        }
                    })
                }}
            </Transition>
        </Page>
    }
}

/// Asks LINE now, where it is asked for these days at all.
fn ask(id: MenuId, tapped: &Tapped, looking: ServerAction<LookAtMenuFigures>) -> impl IntoView {
    let Tapped { from, until, today, .. } = *tapped;
    asked_of_line(from, until, today).then(|| {
        let days = until.days() - from.days() + 1;
        view! {
            <ActionForm action=looking>
                <input type="hidden" name="id" value=id.to_string() />
                <input type="hidden" name="days" value=days.to_string() />
                <Button size=Size::Small submit=true icon=IconName::Reload busy=looking.pending()>"LINEの数字を読む"</Button>
            </ActionForm>
        }
    })
}

/// How often an area was tapped, drills left out.
fn of_area(taps: &[TapCount], sheet: &Sheet, area: u16, variant: &str) -> i64 {
    taps.iter()
        .filter(|t| t.mode == Mode::Real && t.sheet == sheet.key && t.area == area)
        .filter(|t| variant.is_empty() || t.variant == variant)
        .map(|t| t.taps)
        .sum()
}

/// The same of all areas that there ever were.
fn of_all(taps: &[TapCount], variant: &str) -> i64 {
    taps.iter()
        .filter(|t| t.mode == Mode::Real && (variant.is_empty() || t.variant == variant))
        .map(|t| t.taps)
        .sum()
}

/// What is known of the taps on an area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Taps {
    n: i64,
    /// Why they are not counted, if they are not.
    uncounted: Option<&'static str>,
}

impl Taps {
    /// Of every area of a sheet, in order.
    fn of(tapped: &Tapped, sheet: &Sheet, variant: &str) -> Vec<Self> {
        let taps = |area: &Area| Self {
            n: of_area(&tapped.taps, sheet, area.key, variant),
            uncounted: area.act.uncounted(&tapped.own),
        };
        sheet.areas.iter().map(taps).collect()
    }

    /// Nothing was counted, and 0 would not be true.
    fn is_unknown(self) -> bool {
        self.n == 0 && self.uncounted.is_some()
    }

    fn words(self) -> String {
        match self.uncounted {
            Some(_) if self.is_unknown() => "数えていません".into(),
            Some(_) => format!("{}（前の動きの分）", thousands(self.n)),
            None => thousands(self.n),
        }
    }

    fn share(self, total: i64) -> String {
        if self.is_unknown() {
            return "—".into();
        }
        let unsigned = |n: i64| u64::try_from(n).unwrap_or(0);
        share(unsigned(self.n), unsigned(total))
    }
}

/// Which areas are not counted and why, a sentence each reason.
fn reasons(taps: &[Taps]) -> Vec<String> {
    let mut all = BTreeMap::<&str, Vec<String>>::new();
    for (i, taps) in taps.iter().enumerate() {
        if let Some(why) = taps.uncounted {
            all.entry(why).or_default().push((i + 1).to_string());
        }
    }
    all.into_iter()
        .map(|(why, areas)| format!("エリア{}は数えていません。{why}。", areas.join("・")))
        .collect()
}

/// Why ours are below LINE's where they are: LINE counts every press, we what comes after it.
fn fewer(told: &LineFigures, taps: &[Taps], places: &[Rect], variant: &str) -> Option<String> {
    let below = taps.iter().zip(places).any(|(taps, place)| {
        let by_line = told.taps.iter().find(|(at, _)| at == place);
        taps.uncounted.is_none() && by_line.is_some_and(|(_, (times, _))| *times > taps.n)
    });
    below.then(|| {
        let mut words = "「回数」は、押したあと、このシステムに届いた分です。ページをひらく前にやめたときなどは届かないので、LINEの数字より少なくなり、0のこともあります。".to_owned();
        if !variant.is_empty() {
            words.push_str("LINEの数字は、出し分けで分かれていない、すべての分です。");
        }
        words
    })
}

fn shown(id: MenuId, tapped: &Tapped, period: &FigurePeriod, variant: &str) -> AnyView {
    let Tapped { from, until, today, .. } = *tapped;
    let periods = FIGURE_DAYS
        .map(|d| Segment {
            label: format!("{d}日間"),
            href: href(id, &lately(d), variant),
            icon: None,
            current: lately(d).dates(today) == (from, until),
        })
        .into();
    // What is chosen stands there though nobody tapped it in these days.
    let variants = tapped.taps.iter().map(|t| t.variant.as_str()).chain([variant]);
    let known: BTreeSet<&str> = variants.filter(|v| !v.is_empty()).collect();
    let mut options = vec![FilterOption {
        label: "すべて".into(),
        href: href(id, period, ""),
        selected: variant.is_empty(),
    }];
    options.extend(known.iter().map(|v| FilterOption {
        label: (*v).to_owned(),
        href: href(id, period, v),
        selected: *v == variant,
    }));
    let all: Vec<Taps> =
        tapped.menu.sheets.iter().flat_map(|s| Taps::of(tapped, s, variant)).collect();
    let total: i64 = all.iter().map(|t| t.n).sum();
    let mut rest = String::new();
    if all.iter().any(|t| t.is_unknown()) {
        rest.push_str("「数えていません」のエリアは入っていません。");
    }
    let gone = of_all(&tapped.taps, variant) - total;
    if gone > 0 {
        rest.push_str(&format!("いまはないエリアの{}回も入っていません。", thousands(gone)));
    }
    let days = format!("{}から{}まで", from.japanese(), until.japanese());
    let sheets = tapped
        .menu
        .sheets
        .iter()
        .map(|sheet| sheet_figures(tapped, sheet, variant, total))
        .collect_view();
    let sentence =
        format!("「{}」は、{days}に {}回押されました。{rest}", tapped.name, thousands(total));
    // What is chosen stays when other days are.
    let kept = variant.to_owned();
    view! {
        <div class="filters">
            <Segmented label="期間" items=periods />
            <PeriodForm action=figures_path(id) from until today>
                {(!kept.is_empty()).then(|| view! { <input type="hidden" name="variant" value=kept /> })}
            </PeriodForm>
            <div class="chips">
                <FilterChip label="出し分け" options clear=(!variant.is_empty()).then(|| href(id, period, "")) />
            </div>
        </div>
        <p class="sentence">{sentence}</p>
        {(!asked_of_line(from, until, today)).then(|| view! { <p class="sub">{NOT_ASKED}</p> })}
        {sheets}
    }
    .into_any()
}

/// What is said of days for which LINE is not asked.
const NOT_ASKED: &str = "この期間には、LINEの数字はありません。LINEに聞くのは、きょうまでの7日間・30日間・90日間の分だけです。";

/// What LINE says of a sheet as a whole.
fn line_words(told: Option<&(Date, LineFigures)>) -> String {
    match told {
        None => "LINEの数字：まだ集めていません。LINEにあるシートの分を、1日に1回集めます。".into(),
        Some((_, LineFigures { seen: None, .. })) => {
            "LINEの数字：出ていません。押した人が20人より少ないと、LINEは数を出しません。".into()
        }
        Some((day, LineFigures { seen: Some((times, people)), .. })) => format!(
            "LINEの数字（{}に集めたもの）：このシートは{}回、およそ{}人に見られました。",
            day.japanese(),
            thousands(*times),
            thousands(*people)
        ),
    }
}

/// What LINE says of an area: how often, and by how many.
fn line_cell(told: &LineFigures, place: Rect) -> String {
    told.taps.iter().find(|(at, _)| *at == place).map_or_else(
        || "—".to_owned(),
        |(_, (times, people))| format!("{}（{}人）", thousands(*times), thousands(*people)),
    )
}

fn sheet_figures(tapped: &Tapped, sheet: &Sheet, variant: &str, total: i64) -> AnyView {
    let Tapped { menu, existing, .. } = tapped;
    let counts = Taps::of(tapped, sheet, variant);
    let most = counts.iter().map(|t| t.n).max().unwrap_or(0).max(1);
    let rects = sheet.rects();
    let (w, h) = (sheet.size.width, sheet.size.height);
    let laid = rects
        .iter()
        .zip(&counts)
        .map(|(r, taps)| {
            // Ordered steps of one hue: the more, the darker.
            let class = match taps.n * 4 / most {
                _ if taps.n == 0 => "tap-0",
                0 => "tap-1",
                1 => "tap-2",
                2 => "tap-3",
                _ => "tap-4",
            };
            // In the lower right corner, where it covers neither icon nor words.
            let (words, style, wide, high) = if taps.is_unknown() {
                (taps.words(), "tap-count tap-none", r.width.saturating_sub(24).min(440), 90)
            } else {
                let words = thousands(taps.n);
                let wide = 50 * u32::try_from(words.len()).unwrap_or(0) + 70;
                (words, "tap-count", wide, 120)
            };
            // Words as wide as there is room.
            let length = taps.is_unknown().then_some(wide.saturating_sub(40));
            let x = (r.x + r.width).saturating_sub(wide + 12);
            let y = (r.y + r.height).saturating_sub(high + 12);
            view! {
                <rect class=class x=r.x y=r.y width=r.width height=r.height />
                <rect class="tap-label" x=x y=y width=wide height=high rx="20" />
                <text class=style x=x + wide / 2 y=y + high * 3 / 4 textLength=length lengthAdjust="spacingAndGlyphs">
                    {words}
                </text>
            }
        })
        .collect_view();
    let of_line = tapped.of_line.get(&sheet.key);
    let told = of_line.map(|(_, told)| told).filter(|told| told.seen.is_some());
    let rows = counts
        .iter()
        .enumerate()
        .map(|(i, taps)| {
            let cell = told.map(|told| line_cell(told, rects[i]));
            view! {
                <tr>
                    <td>{i + 1}</td>
                    <td data-label="ことば">{label(sheet, i)}</td>
                    <td data-label="動き">{sheet.areas[i].act.in_full(menu, existing)}</td>
                    <td data-label="回数" class="num">{taps.words()}</td>
                    <td data-label="全体のうち" class="num">{taps.share(total)}</td>
                    {cell.map(|words| view! { <td data-label="LINEの数字" class="num">{words}</td> })}
                </tr>
            }
        })
        .collect_view();
    let said = asked_of_line(tapped.from, tapped.until, tapped.today).then(|| line_words(of_line));
    let by_line = told.is_some();
    let mut why = reasons(&counts);
    why.extend(told.and_then(|told| fewer(told, &counts, &rects, variant)));
    let why = why.into_iter().map(|why| view! { <p class="sub">{why}</p> }).collect_view();
    let picture = drawing(sheet, Mode::Real);
    let name = sheet.name.clone();
    view! {
        <Panel title=name.clone()>
            {said.map(|said| view! { <p class="sub">{said}</p> })}
            <div class="menu-shown">
                <svg class="tap-picture" viewBox=format!("0 0 {w} {h}") aria-hidden="true" focusable="false">
                    <g inner_html=picture></g>
                    {laid}
                </svg>
                <table class="list">
                    <caption class="visually-hidden">{format!("シート「{name}」の押された回数")}</caption>
                    <thead>
                        <tr>
                            <th scope="col">"エリア"</th>
                            <th scope="col">"ことば"</th>
                            <th scope="col">"動き"</th>
                            <th scope="col" class="num">"回数"</th>
                            <th scope="col" class="num">"全体のうち"</th>
                            {by_line.then(|| view! { <th scope="col" class="num">"LINEの数字"</th> })}
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {why}
        </Panel>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::menu::{SheetKey, Size};

    #[test]
    fn drills_are_not_counted_and_variants_are_told_apart() {
        let sheet = Sheet::new(SheetKey(2), "x", Size::LARGE);
        let tap = |area: u16, mode: Mode, variant: &str, taps: i64| TapCount {
            sheet: SheetKey(2),
            area,
            mode,
            variant: variant.into(),
            day: Date::parse_iso("2026-11-26").unwrap(),
            taps,
        };
        let taps = [
            tap(1, Mode::Real, "ふだん", 5),
            tap(1, Mode::Real, "子育て", 2),
            tap(1, Mode::Drill, "緊急：地震", 9),
            tap(3, Mode::Real, "ふだん", 1),
        ];
        assert_eq!(of_area(&taps, &sheet, 1, ""), 7);
        assert_eq!(of_area(&taps, &sheet, 1, "子育て"), 2);
        assert_eq!(of_area(&taps, &sheet, 2, ""), 0);
        assert_eq!((of_all(&taps, ""), of_all(&taps, "子育て")), (8, 2));
    }

    #[test]
    fn what_is_not_counted_is_not_zero() {
        let why = Some("送られた文章は分かりません");
        let all = [
            Taps { n: 0, uncounted: None },
            Taps { n: 0, uncounted: why },
            Taps { n: 1_500, uncounted: why },
            Taps { n: 500, uncounted: None },
        ];
        let words = all.map(Taps::words);
        assert_eq!(words, ["0", "数えていません", "1,500（前の動きの分）", "500"]);
        assert_eq!(all.map(|t| t.share(2_000)), ["0.0%", "—", "75.0%", "25.0%"]);
        assert_eq!(reasons(&all), ["エリア2・3は数えていません。送られた文章は分かりません。"]);
        assert_eq!(reasons(&all[..1]), [""; 0]);
    }

    #[test]
    fn ours_below_lines_are_explained() {
        let place = |x: u32| Rect { x, y: 0, width: 100, height: 100 };
        let places = [place(0), place(100)];
        let taps = |n: i64| {
            [Taps { n, uncounted: None }, Taps { n: 0, uncounted: Some("電話は分かりません") }]
        };
        let told = LineFigures {
            seen: Some((600, 60)),
            taps: vec![(places[0], (556, 40)), (places[1], (30, 20))],
        };
        let words = fewer(&told, &taps(0), &places, "").unwrap();
        assert!(words.contains("0のこともあります") && !words.contains("出し分け"), "{words}");
        assert!(fewer(&told, &taps(9), &places, "子育て").unwrap().contains("出し分け"));
        assert_eq!(fewer(&told, &taps(556), &places, ""), None);
    }
}
