//! 押された回数 (MENU-5): laid over the picture, as a table, and as a file.

use super::picture::drawing;
use super::words::label;
use super::{PATH, path};
use domain::id::MenuId;
use domain::menu::{Menu, Mode, Sheet, TapCount};
use domain::time::Date;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;
use std::collections::BTreeSet;
use ui::prelude::*;

/// How many days can be chosen.
const DAYS: [i64; 3] = [7, 30, 90];

/// The taps on a menu.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tapped {
    name: String,
    menu: Menu,
    taps: Vec<TapCount>,
    from: Date,
    until: Date,
}

/// The taps of the last so many days.
#[server(prefix = "/console/fn", input = Json)]
pub async fn menu_taps(id: MenuId, days: i64) -> Result<Tapped, AppError> {
    let staff = crate::server::staff()?;
    let ctx = &staff.ctx;
    let kept = services::menu::get(ctx, id).await?;
    let until = ctx.now().date();
    let from = Date::from_days(until.days() - days.clamp(1, 366) + 1);
    Ok(Tapped {
        name: kept.summary.name,
        menu: kept.published.unwrap_or(kept.draft),
        taps: services::menu::taps(ctx, id, from, until).await?,
        from,
        until,
    })
}

/// The address of the figures of a menu.
pub(super) fn figures_path(id: MenuId) -> String {
    format!("{}/figures", path(id))
}

fn href(id: MenuId, days: i64, variant: &str) -> String {
    let days = if days == 30 { String::new() } else { days.to_string() };
    ui::address::with_query(&figures_path(id), &[("days", days), ("variant", variant.to_owned())])
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
            let days = q.get("days").and_then(|d| d.parse().ok());
            let days = days.filter(|d| DAYS.contains(d)).unwrap_or(30);
            (days, q.get("variant").unwrap_or_default())
        })
    });
    let days = Memo::new(move |_| chosen.with(|c| c.0));
    let tapped = Resource::new_blocking(move || days.get(), move |days| menu_taps(id, days));
    view! {
        <Page
            title="押された回数"
            crumbs=vec![(PATH.to_owned(), "リッチメニュー".to_owned())]
            sentence="エリアごとに、押された回数です。だれが押したかは残しません。"
            acts=move || {
                view! {
                    {move || {
                        let file = format!("{}.csv?days={}", figures_path(id), days.get());
                        view! { <LinkButton href=file icon=IconName::Download download=true>"CSV"</LinkButton> }
                    }}
                    <LinkButton href=path(id) icon=IconName::Pencil>"メニューをひらく"</LinkButton>
                }
            }
        >
            <Transition fallback=|| view! { <Skeleton sentence="回数を読みこんでいます" rows=6 /> }>
                {move || {
                    let (days, variant) = chosen.get();
                    Suspend::new(async move {
                        match tapped.await {
                            Ok(tapped) => shown(id, &tapped, days, &variant),
                            Err(error) => view! { <ErrorPage error retry_href=href(id, days, &variant) inside=true /> }.into_any(),
                        }
                    })
                }}
            </Transition>
        </Page>
    }
}

/// How often an area was tapped, drills left out.
fn of_area(taps: &[TapCount], sheet: &Sheet, area: u16, variant: &str) -> i64 {
    taps.iter()
        .filter(|t| t.mode == Mode::Real && t.sheet == sheet.key && t.area == area)
        .filter(|t| variant.is_empty() || t.variant == variant)
        .map(|t| t.taps)
        .sum()
}

fn shown(id: MenuId, tapped: &Tapped, days: i64, variant: &str) -> AnyView {
    let periods = DAYS
        .map(|d| Segment {
            label: format!("{d}日間"),
            href: href(id, d, variant),
            icon: None,
            current: d == days,
        })
        .into();
    let known: BTreeSet<&str> =
        tapped.taps.iter().map(|t| t.variant.as_str()).filter(|v| !v.is_empty()).collect();
    let mut options = vec![FilterOption {
        label: "すべて".into(),
        href: href(id, days, ""),
        selected: variant.is_empty(),
    }];
    options.extend(known.iter().map(|v| FilterOption {
        label: (*v).to_owned(),
        href: href(id, days, v),
        selected: *v == variant,
    }));
    let total: i64 = tapped
        .menu
        .sheets
        .iter()
        .flat_map(|s| s.areas.iter().map(move |a| (s, a.key)))
        .map(|(s, key)| of_area(&tapped.taps, s, key, variant))
        .sum();
    let period = format!("{}から{}まで", tapped.from.japanese(), tapped.until.japanese());
    let sheets = tapped
        .menu
        .sheets
        .iter()
        .map(|sheet| sheet_figures(&tapped.menu, sheet, &tapped.taps, variant, total))
        .collect_view();
    let sentence =
        format!("「{}」は、{period}に {}回押されました。", tapped.name, thousands(total));
    view! {
        <div class="filters">
            <Segmented label="期間" items=periods />
            <div class="chips">
                <FilterChip label="出し分け" options clear=(!variant.is_empty()).then(|| href(id, days, "")) />
            </div>
        </div>
        <p class="sentence">{sentence}</p>
        {sheets}
    }
    .into_any()
}

fn sheet_figures(
    menu: &Menu,
    sheet: &Sheet,
    taps: &[TapCount],
    variant: &str,
    total: i64,
) -> AnyView {
    let counts: Vec<i64> =
        sheet.areas.iter().map(|a| of_area(taps, sheet, a.key, variant)).collect();
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let rects = sheet.rects();
    let (w, h) = (sheet.size.width, sheet.size.height);
    let laid = rects
        .iter()
        .zip(&counts)
        .map(|(r, n)| {
            // Ordered steps of one hue: the more, the darker.
            let class = match n * 4 / most {
                _ if *n == 0 => "tap-0",
                0 => "tap-1",
                1 => "tap-2",
                2 => "tap-3",
                _ => "tap-4",
            };
            let (x, y) = (r.x + r.width / 2, r.y + r.height);
            view! {
                <rect class=class x=r.x y=r.y width=r.width height=r.height />
                <rect class="tap-label" x=x.saturating_sub(w / 14) y=y.saturating_sub(h / 12) width=w / 7 height=h / 14 rx="20" />
                <text class="tap-count" x=x y=y.saturating_sub(h / 35)>{thousands(*n)}</text>
            }
        })
        .collect_view();
    let rows = counts
        .iter()
        .enumerate()
        .map(|(i, n)| {
            view! {
                <tr>
                    <td>{i + 1}</td>
                    <td data-label="ことば">{label(sheet, i)}</td>
                    <td data-label="動き">{sheet.areas[i].act.in_words(menu)}</td>
                    <td data-label="回数" class="num">{thousands(*n)}</td>
                    <td data-label="全体のうち" class="num">
                        {share(u64::try_from(*n).unwrap_or(0), u64::try_from(total).unwrap_or(0))}
                    </td>
                </tr>
            }
        })
        .collect_view();
    let picture = drawing(sheet, Mode::Real);
    let name = sheet.name.clone();
    view! {
        <Panel title=name.clone()>
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
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
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
    }
}
