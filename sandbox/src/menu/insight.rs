//! What became of a menu. With fewer than 20 people who tapped in the period only the
//! menu's id is told. LINE has its figures within the next day; here they are there at once.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use line::text;
use serde::Deserialize;
use serde_json::{Value, json};

use super::in_path;
use crate::clock::Day;
use crate::fail::Refusal;
use crate::shared::Shared;
use crate::world::{MenuDay, MenuNo, Menus, ResidentNo};

/// How often each did it.
type Counts = HashMap<ResidentNo, u32>;

/// LINE shows nothing that fewer people stand behind.
const SHOWN_FROM: usize = 20;

/// The period.
#[derive(Debug, Deserialize)]
pub struct Period {
    from: Option<String>,
    to: Option<String>,
}

impl Period {
    fn read(&self, now: i64, most: usize) -> Result<(Day, Day), Refusal> {
        let day = |text: &Option<String>| {
            text.as_deref().and_then(Day::parse).ok_or_else(|| Refusal::bad("Bad Request"))
        };
        let (from, to) = (day(&self.from)?, day(&self.to)?);
        if to < from {
            return Err(Refusal::bad(
                "Parameter to must be the same date as, or after parameter from.",
            ));
        }
        if usize::try_from(to.0 - from.0).is_ok_and(|days| days > most) {
            let words = format!("Date range exceeds. Max range is {most} days.");
            return Err(Refusal::bad(&words));
        }
        let (year, month, day) = Day::of(now).civil();
        let date = |day: u32| Day::parse(&format!("{:04}{month:02}{day:02}", year - 3));
        // The 29th of February has no day three years ago.
        let earliest = date(day).or_else(|| date(day - 1));
        match earliest.filter(|earliest| from < *earliest) {
            None => Ok((from, to)),
            Some(earliest) => {
                let (year, month, day) = earliest.civil();
                Err(Refusal::bad(&format!(
                    "Parameter from must be the same date as, or after {year:04}-{month:02}-{day:02}."
                )))
            }
        }
    }
}

fn compact(day: Day) -> String {
    let (year, month, day) = day.civil();
    format!("{year:04}{month:02}{day:02}")
}

/// Times and people of some days.
fn sum<'a>(of: impl Iterator<Item = &'a Counts>) -> (u64, usize) {
    let (mut times, mut people) = (0, HashSet::new());
    for counts in of {
        times += counts.values().copied().map(u64::from).sum::<u64>();
        people.extend(counts.keys().copied());
    }
    (times, people.len())
}

/// The days of the period in which anything happened; none where LINE would hide them.
fn days(menus: &Menus, menu: MenuNo, from: Day, to: Day) -> Vec<(Day, &MenuDay)> {
    let days: Vec<(Day, &MenuDay)> = menus
        .days
        .range((menu, from.0)..=(menu, to.0))
        .map(|((_, day), counts)| (Day(*day), counts))
        .collect();
    let (_, people) = sum(days.iter().flat_map(|(_, day)| &day.taps));
    if people < SHOWN_FROM { Vec::new() } else { days }
}

/// The answer, with `figures` of what is seen or tapped.
fn told(
    shared: &Shared,
    id: &str,
    period: &Period,
    most: usize,
    figures: impl Fn(&[(Day, &MenuDay)], &dyn Fn(&MenuDay) -> Option<&Counts>) -> Value,
) -> Result<Json<Value>, Refusal> {
    let (from, to) = period.read(shared.now(), most)?;
    let world = shared.world();
    let no = in_path(&world.menus, id)?;
    let days = days(&world.menus, no, from, to);
    let mut answer = json!({"richMenuId": id});
    if days.is_empty() {
        return Ok(Json(answer));
    }
    answer["metricsFrom"] = json!(compact(from));
    answer["metricsTo"] = json!(compact(to.min(Day::of(shared.now()))));
    answer["impression"] = json!({"metrics": figures(&days, &|day| Some(&day.shown))});
    let areas = world.menus.get(no).map_or(&[][..], |menu| menu.areas());
    let clicks = areas.iter().enumerate().map(|(n, area)| {
        json!({"bounds": area["bounds"], "metrics": figures(&days, &|day| day.taps.get(n))})
    });
    answer["clicks"] = clicks.collect();
    Ok(Json(answer))
}

/// `GET /v2/bot/insight/richmenu/{richMenuId}/summary`.
pub async fn summary(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Query(period): Query<Period>,
) -> Result<Json<Value>, Refusal> {
    told(&shared, &id, &period, text::RICH_MENU_SUMMARY_DAYS, |days, pick| {
        let (count, people) = sum(days.iter().filter_map(|(_, day)| pick(day)));
        json!({"count": count, "uniqueUsers": people})
    })
}

/// `GET /v2/bot/insight/richmenu/{richMenuId}/daily`.
pub async fn daily(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Query(period): Query<Period>,
) -> Result<Json<Value>, Refusal> {
    told(&shared, &id, &period, text::RICH_MENU_DAILY_DAYS, |days, pick| {
        let each = days.iter().map(|(at, day)| {
            let (count, people) = sum(pick(day).into_iter());
            json!({"date": compact(*at), "count": count, "uniqueUsers": people})
        });
        each.collect()
    })
}
