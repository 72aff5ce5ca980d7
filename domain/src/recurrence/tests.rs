use super::words::WEEK;
use super::*;
use crate::holiday::DayOff;
use crate::time::{DAY, HOUR};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn date(year: i32, month: u8, day: u8) -> Date {
    Date { year, month, day }
}

fn rule(days: Days, holiday: OnHoliday, first: Date) -> Recurrence {
    Recurrence { days, hour: 9, minute: 0, holiday, first, end: End::Never }
}

fn weekly(every: u8, weekdays: &[u8]) -> Days {
    Days::Weekly { every, weekdays: weekdays.to_vec() }
}

fn nth(nth: &[Nth], weekdays: &[u8]) -> Days {
    Days::NthWeekdays { nth: nth.to_vec(), weekdays: weekdays.to_vec() }
}

fn month_days(days: &[u8]) -> Days {
    Days::MonthDays { days: days.to_vec() }
}

/// The first dates, as `1/31 2/28`.
fn first(rule: &Recurrence, n: usize) -> String {
    let holidays = Holidays::default();
    let dates: Vec<_> = rule
        .dates(&holidays, rule.first)
        .take(n)
        .map(|d| format!("{}/{}", d.month, d.day))
        .collect();
    dates.join(" ")
}

#[test]
fn tables_by_hand() {
    use Nth::{Fifth, Fourth, Last, Second};
    use OnHoliday::{Next, Previous, Send, Skip};
    for (what, days, holiday, from, expected) in [
        // The weeks of the month.
        (
            "2nd and 4th Tuesday",
            nth(&[Second, Fourth], &[2]),
            Send,
            date(2026, 12, 1),
            "12/8 12/22 1/12 1/26 2/9 2/23",
        ),
        (
            "the same, not on holidays",
            nth(&[Second, Fourth], &[2]),
            Skip,
            date(2026, 12, 1),
            "12/8 12/22 1/12 1/26 2/9 3/9",
        ),
        (
            "the same, on the next working day",
            nth(&[Second, Fourth], &[2]),
            Next,
            date(2027, 2, 1),
            "2/9 2/24 3/9 3/23",
        ),
        ("5th Friday", nth(&[Fifth], &[5]), Send, date(2026, 1, 1), "1/30 5/29 7/31 10/30"),
        ("last Friday", nth(&[Last], &[5]), Send, date(2026, 1, 1), "1/30 2/27 3/27 4/24 5/29"),
        (
            "4th and last are one",
            nth(&[Fourth, Last], &[1]),
            Send,
            date(2026, 2, 1),
            "2/23 3/23 3/30",
        ),
        // Month ends and leap years.
        ("month end", month_days(&[31]), Send, date(2027, 12, 1), "12/31 1/31 2/29 3/31 4/30"),
        ("the 30th", month_days(&[30]), Send, date(2027, 1, 1), "1/30 2/28 3/30"),
        (
            "the 29th to the 31st",
            month_days(&[29, 30, 31]),
            Send,
            date(2028, 2, 1),
            "2/29 3/29 3/30 3/31",
        ),
        (
            "month end, before the weekend",
            month_days(&[31]),
            Previous,
            date(2026, 1, 1),
            "1/30 2/27 3/31 4/30 5/29",
        ),
        (
            "the 1st, after New Year and weekends",
            month_days(&[1]),
            Next,
            date(2026, 1, 1),
            "1/2 2/2 3/2 4/1 5/1 6/1 7/1 8/3",
        ),
        // The golden week: 5/3 is a Sunday, so 5/6 stands in.
        ("Mondays, next", weekly(1, &[1]), Next, date(2026, 4, 27), "4/27 5/7 5/11"),
        ("Mondays, previous", weekly(1, &[1]), Previous, date(2026, 4, 27), "4/27 5/1 5/11"),
        (
            "Mon and Thu fall together",
            weekly(1, &[1, 4]),
            Next,
            date(2026, 4, 28),
            "4/30 5/7 5/11 5/14",
        ),
        // The silver week of 2026: 9/21, 9/22 (between), 9/23.
        ("Tuesdays, skipped", weekly(1, &[2]), Skip, date(2026, 9, 14), "9/15 9/29"),
        ("Tuesdays, next", weekly(1, &[2]), Next, date(2026, 9, 14), "9/15 9/24 9/29"),
        // A Saturday was chosen on purpose: no holiday, so it stays.
        ("Saturdays", weekly(1, &[6]), Next, date(2026, 11, 20), "11/21 11/28"),
        (
            "every other week",
            weekly(2, &[1, 0]),
            Send,
            date(2026, 12, 2),
            "12/6 12/14 12/20 12/28 1/3",
        ),
        ("New Year", weekly(1, &[4]), Skip, date(2030, 12, 25), "12/26 1/2 1/9"),
    ] {
        let rule = rule(days, holiday, from);
        assert_eq!(first(&rule, expected.split(' ').count()), expected, "{what}");
    }
}

#[test]
fn it_begins_and_ends() {
    let holidays = Holidays::default();
    let mut rule = rule(weekly(1, &[2]), OnHoliday::Send, date(2026, 12, 2));
    let all = |rule: &Recurrence, from| -> Vec<Date> { rule.dates(&holidays, from).collect() };
    rule.end = End::On(date(2026, 12, 22));
    assert_eq!(
        all(&rule, date(2020, 1, 1)),
        [date(2026, 12, 8), date(2026, 12, 15), date(2026, 12, 22)]
    );
    rule.end = End::After(3);
    assert_eq!(all(&rule, date(2026, 12, 16)), [date(2026, 12, 22)], "two were before");
    // What a day off moves beyond the last day is not sent.
    rule.days = weekly(1, &[4]);
    rule.holiday = OnHoliday::Next;
    rule.end = End::On(date(2027, 4, 29));
    assert_eq!(all(&rule, date(2027, 4, 20)), [date(2027, 4, 22)], "4/29 is a holiday");
    // After an instant, not on it.
    let nine = Timestamp::from_tokyo(date(2027, 4, 22), 9, 0);
    assert_eq!(rule.after(&holidays, nine.plus(-1)).next(), Some(nine));
    assert_eq!(rule.after(&holidays, nine).next(), None);
}

#[test]
fn days_off_of_the_city_count_and_a_long_row_of_them_ends() {
    let own = |day| DayOff {
        date: date(2026, 12, day),
        name: "年末年始".into(),
        by_rule: false,
        removed: false,
    };
    let holidays = Holidays::new((29..=31).map(own));
    let rule = rule(month_days(&[31]), OnHoliday::Next, date(2026, 12, 1));
    assert_eq!(rule.dates(&holidays, rule.first).next(), Some(date(2027, 1, 4)), "1/1 to 1/3 too");
    let year = (0..400).map(|n| DayOff {
        date: Date::from_days(date(2026, 12, 1).days() + n),
        name: "長い休み".into(),
        by_rule: false,
        removed: false,
    });
    let holidays = Holidays::new(year);
    assert_eq!(rule.dates(&holidays, rule.first).next(), Some(date(2028, 1, 5)), "after 400 days");
}

#[test]
fn what_has_come_is_not_moved_by_a_day_off_that_is_added_afterwards() {
    let off = |days: &[u8]| {
        Holidays::new(days.iter().map(|day| DayOff {
            date: date(2026, 12, *day),
            name: "休み".into(),
            by_rule: false,
            removed: false,
        }))
    };
    let past = |days: &[u8], named: &[u8]| {
        let dates = |days: &[u8]| days.iter().map(|day| date(2026, 12, *day)).collect();
        Past { days: dates(days), named: dates(named) }
    };
    let noon = |day| Timestamp::from_tokyo(date(2026, 12, day), 12, 0);
    let nine = |day| Some(Timestamp::from_tokyo(date(2026, 12, day), 9, 0));
    let tuesdays = rule(weekly(1, &[2]), OnHoliday::Next, date(2026, 12, 1));
    let next =
        |holidays: &[u8], past: Past, day| tuesdays.next_after(&off(holidays), &past, noon(day));
    assert_eq!(next(&[1], past(&[1], &[1]), 1), nine(8));
    assert_eq!(next(&[1, 2], past(&[2], &[1]), 2), nine(8), "it had moved");
    assert_eq!(next(&[1], Past::default(), 1), nine(2), "it is still to come");
    // Friday's is still to come on Monday, though Saturday had its own.
    let both = rule(weekly(1, &[5, 6]), OnHoliday::Next, date(2026, 12, 1));
    assert_eq!(both.next_after(&off(&[4]), &past(&[5], &[5]), noon(5)), nine(7));
    // Two that fell together have both come.
    let two = rule(weekly(1, &[1, 2]), OnHoliday::Next, date(2026, 12, 7));
    assert_eq!(two.named(date(2026, 12, 9), &off(&[7, 8])).count(), 2);
    assert_eq!(two.next_after(&off(&[7, 8, 9]), &past(&[9], &[7, 8]), noon(9)), nine(14));
}

#[test]
fn what_came_early_does_not_come_again_when_its_day_off_is_taken_back() {
    let off = Holidays::new([DayOff {
        date: date(2026, 12, 8),
        name: "休み".into(),
        by_rule: false,
        removed: false,
    }]);
    let tuesdays = rule(weekly(1, &[2]), OnHoliday::Previous, date(2026, 12, 1));
    let at = |day, hour| Timestamp::from_tokyo(date(2026, 12, day), hour, 0);
    let (monday, none) = (date(2026, 12, 7), Holidays::default());
    let came =
        Past { days: BTreeSet::from([monday]), named: tuesdays.named(monday, &off).collect() };
    assert_eq!(came.named, BTreeSet::from([date(2026, 12, 8)]));
    let moved = |past: &Past| tuesdays.moved(&off, &none, past, at(15, 9), at(7, 12));
    assert_eq!(moved(&came), Some(at(15, 9)));
    assert_eq!(moved(&Past::default()), Some(at(8, 9)), "it has not come");
}

#[test]
fn what_a_new_day_off_moves_into_the_past_was_missed() {
    let tuesdays = |holiday| rule(weekly(1, &[2]), holiday, date(2026, 11, 1));
    let off = |days: &[u8]| {
        Holidays::new(days.iter().map(|day| DayOff {
            date: date(2026, 12, *day),
            name: "休み".into(),
            by_rule: false,
            removed: false,
        }))
    };
    let first = date(2026, 12, 1);
    let nine = |date| Timestamp::from_tokyo(date, 9, 0);
    let monday = nine(date(2026, 11, 30));
    // What was to come at `was` while `before` were the days off; nothing: it is still to come.
    let moved = |rule: Recurrence, before: &[u8], days: &[u8], was, now| {
        let at = rule.moved(&off(before), &off(days), &Past::default(), nine(was), now);
        at.filter(|at| *at <= now)
    };
    let missed = |rule: Recurrence, days: &[u8], now| moved(rule, &[], days, first, now);
    let before = || tuesdays(OnHoliday::Previous);
    assert_eq!(missed(before(), &[1], monday), Some(monday));
    assert_eq!(missed(before(), &[1, 2], monday.plus(HOUR)), Some(monday));
    assert_eq!(missed(before(), &[1], monday.plus(-1)), None, "it is still to come");
    assert_eq!(missed(before(), &[2], monday.plus(HOUR)), None, "it has not moved");
    assert_eq!(missed(tuesdays(OnHoliday::Skip), &[1], monday.plus(HOUR)), None);
    let begun = Recurrence { first, ..before() };
    assert_eq!(missed(begun, &[1], monday.plus(HOUR)), None, "nothing falls before it begins");
    // What had moved to Wednesday, when Tuesday is no day off any more.
    let tuesday = nine(first);
    let after =
        |days: &[u8], now| moved(tuesdays(OnHoliday::Next), &[1], days, date(2026, 12, 2), now);
    assert_eq!(after(&[], tuesday), Some(tuesday));
    assert_eq!(after(&[], tuesday.plus(-1)), None, "it is still to come");
    assert_eq!(after(&[1], tuesday), None, "it has not moved");
    assert_eq!(after(&[1, 2], tuesday), None, "it has moved further");
    // Saturday itself is no day off for a rule of weekdays.
    let saturdays = rule(weekly(1, &[5, 6]), OnHoliday::Previous, date(2026, 11, 1));
    let noon = Timestamp::from_tokyo(date(2026, 12, 4), 12, 0);
    assert_eq!(moved(saturdays, &[], &[], date(2026, 12, 5), noon), None);
}

#[test]
fn sentences_that_read_well() {
    use Nth::{Fifth, Fourth, Last, Second};
    use OnHoliday::{Next, Previous, Send, Skip};
    let from = date(2026, 12, 1);
    for (days, holiday, sentence, short) in [
        (
            nth(&[Fourth, Second], &[2]),
            Next,
            "毎月 第2・第4火曜日の 9:00。祝日のときは次の平日に届けます。2026年12月1日から",
            "毎月 第2・第4火",
        ),
        (
            weekly(1, &[5, 2]),
            Send,
            "毎週 火・金曜日の 9:00。祝日も届けます。2026年12月1日から",
            "毎週 火・金",
        ),
        (
            weekly(2, &[1, 2, 3, 4, 5]),
            Skip,
            "2週ごとの 月〜金曜日の 9:00。祝日のときは届けません。2026年12月1日から",
            "2週ごとの 月〜金",
        ),
        (weekly(1, &WEEK), Send, "毎日 9:00。祝日も届けます。2026年12月1日から", "毎日"),
        (
            month_days(&[31, 15]),
            Previous,
            "毎月 15日・月末の 9:00。土日・祝日のときは前の平日に届けます。2026年12月1日から",
            "毎月 15日・月末",
        ),
        (
            month_days(&[30]),
            Send,
            "毎月 30日の 9:00。土日・祝日も届けます。その日がない月は、月末に届けます。2026年12月1日から",
            "毎月 30日",
        ),
        (
            nth(&[Fifth, Last], &[1, 5]),
            Send,
            "毎月 第5・最終 月・金曜日の 9:00。祝日も届けます。第5がない月は、その分を届けません。2026年12月1日から",
            "毎月 第5・最終 月・金",
        ),
    ] {
        let rule = rule(days, holiday, from);
        assert_eq!(rule.sentence(), sentence);
        assert_eq!(rule.short(), short);
    }
    let mut rule = rule(weekly(1, &[2]), Send, from);
    rule.end = End::On(date(2027, 3, 31));
    assert!(rule.sentence().ends_with("2026年12月1日から2027年3月31日まで"));
    rule.end = End::After(10);
    assert!(rule.sentence().ends_with("2026年12月1日から10回"));
}

#[test]
fn a_rule_is_written_as_json_and_nothing_unknown_is_read() {
    let rule = rule(nth(&[Nth::Second], &[2]), OnHoliday::Next, date(2026, 12, 1));
    let json = serde_json::to_value(&rule).unwrap();
    assert_eq!(
        json.to_string(),
        r#"{"days":{"kind":"nth_weekdays","nth":["second"],"weekdays":[2]},"end":"never","first":{"day":1,"month":12,"year":2026},"holiday":"next","hour":9,"minute":0}"#
    );
    assert_eq!(serde_json::from_value::<Recurrence>(json.clone()).unwrap(), rule);
    for (place, value) in [
        ("/holiday", serde_json::json!("maybe")),
        ("/days/kind", serde_json::json!("yearly")),
        ("/days/nth/0", serde_json::json!("sixth")),
        ("/end", serde_json::json!({"before": 3})),
    ] {
        let mut changed = json.clone();
        *changed.pointer_mut(place).unwrap() = value;
        assert!(serde_json::from_value::<Recurrence>(changed).is_err(), "{place}");
    }
    for object in ["", "/days"] {
        let mut changed = json.clone();
        changed.pointer_mut(object).unwrap()["more"] = serde_json::json!(1);
        assert!(serde_json::from_value::<Recurrence>(changed).is_err(), "{object}");
    }
}

#[test]
fn what_days_off_change_is_said() {
    let holidays = Holidays::default();
    let words = |rule: &Recurrence| -> Vec<String> {
        rule.outlook(&holidays, rule.first.start(), 2)
            .iter()
            .map(|o| format!("{} {} {}", o.day(), if o.sent { "○" } else { "×" }, o.why()))
            .collect()
    };
    let tuesdays = nth(&[Nth::Second, Nth::Fourth], &[2]);
    assert_eq!(
        words(&rule(tuesdays.clone(), OnHoliday::Next, date(2027, 2, 1))),
        ["2月9日（火） ○ ", "2月24日（水） ○ 23日は天皇誕生日のため"]
    );
    assert_eq!(
        words(&rule(tuesdays, OnHoliday::Skip, date(2027, 2, 10))),
        ["2月23日（火） × 天皇誕生日のため届けません", "3月9日（火） ○ ", "3月23日（火） ○ "]
    );
    assert_eq!(
        words(&rule(month_days(&[31]), OnHoliday::Next, date(2027, 1, 1))),
        ["2月1日（月） ○ 1月31日は日曜日のため", "3月1日（月） ○ 2月28日は日曜日のため"]
    );
}

#[test]
fn what_is_wrong_is_said() {
    let holidays = Holidays::default();
    let now = date(2026, 11, 20).start().plus(10 * HOUR);
    let good = rule(weekly(1, &[2]), OnHoliday::Skip, date(2026, 11, 20));
    assert_eq!(good.problems(&holidays, now), []);
    let with = |change: &dyn Fn(&mut Recurrence)| {
        let mut rule = good.clone();
        change(&mut rule);
        rule
    };
    for (rule, at) in [
        (with(&|r| r.days = weekly(1, &[])), "weekdays"),
        (with(&|r| r.days = weekly(1, &[7])), "weekdays"),
        (with(&|r| r.days = weekly(0, &[1])), "every"),
        (with(&|r| r.days = nth(&[], &[1])), "nth"),
        (with(&|r| r.days = month_days(&[])), "days"),
        (with(&|r| r.days = month_days(&[0])), "days"),
        (with(&|r| r.hour = 24), "time"),
        (with(&|r| r.first = date(2028, 1, 1)), "first"),
        (with(&|r| r.end = End::On(date(2026, 11, 19))), "end"),
        (with(&|r| r.end = End::On(date(2040, 1, 1))), "end"),
        (with(&|r| r.end = End::After(0)), "end"),
        // Never again: the only day in the period is over, or all times are.
        (with(&|r| r.end = End::On(date(2026, 11, 23))), "end"),
        (
            with(&|r| {
                r.first = date(2026, 11, 1);
                r.end = End::After(2);
            }),
            "end",
        ),
    ] {
        let problems = rule.problems(&holidays, now);
        assert_eq!(problems.len(), 1, "{rule:?}: {problems:?}");
        assert_eq!(problems[0].at, format!("/recurrence/{at}"), "{rule:?}");
    }
}

/// Day by day, forwards: each planned day is moved as the words say.
fn naive(rule: &Recurrence, holidays: &Holidays, until: Date) -> Vec<Date> {
    let (first, last) = (rule.first.days(), until.days());
    let day = Date::from_days;
    let holiday = |d: i64| holidays.name(day(d)).is_some();
    let weekend = |d: i64| matches!(day(d).weekday(), 0 | 6);
    let inside = |d: i64| d >= first && !matches!(rule.end, End::On(end) if d > end.days());
    // The Monday of the first week.
    let monday = (0..7).map(|n| first - n).find(|d| day(*d).weekday() == 1).unwrap();
    let in_month = |d: i64, n: i64| {
        // How often this weekday came in the month up to `n` days around.
        (1..=5).filter(|w| day(d - 7 * (w - 1) * n).month == day(d).month).count()
    };
    let mut found = BTreeSet::new();
    for d in first..=last + ROW_MAX {
        let planned = match &rule.days {
            Days::Weekly { every, weekdays } => {
                (d - monday) / 7 % i64::from(*every) == 0 && weekdays.contains(&day(d).weekday())
            }
            Days::NthWeekdays { nth, weekdays } => {
                let place = [Nth::First, Nth::Second, Nth::Third, Nth::Fourth, Nth::Fifth]
                    [in_month(d, 1) - 1];
                weekdays.contains(&day(d).weekday())
                    && (nth.contains(&place) || in_month(d, -1) == 1 && nth.contains(&Nth::Last))
            }
            Days::MonthDays { days } => {
                let today = day(d);
                let ends = day(d + 1).month != today.month;
                days.iter().any(|n| *n == today.day || ends && *n > today.day)
            }
        };
        if !planned || !inside(d) {
            continue;
        }
        let off = holiday(d) || matches!(rule.days, Days::MonthDays { .. }) && weekend(d);
        let to = match rule.holiday {
            _ if !off => Some(d),
            OnHoliday::Send => Some(d),
            OnHoliday::Skip => None,
            OnHoliday::Next => (d..d + ROW_MAX).find(|d| !holiday(*d) && !weekend(*d)),
            OnHoliday::Previous => {
                (0..ROW_MAX).map(|n| d - n).find(|d| !holiday(*d) && !weekend(*d))
            }
        };
        found.extend(to.filter(|d| inside(*d)));
    }
    let times = match rule.end {
        End::After(times) => usize::from(times),
        _ => usize::MAX,
    };
    found.into_iter().take(times).filter(|d| *d <= last).map(day).collect()
}

fn any_days() -> impl Strategy<Value = Days> {
    let weekdays = prop::collection::vec(0u8..7, 1..4);
    prop_oneof![
        (1u8..6, weekdays.clone()).prop_map(|(every, weekdays)| Days::Weekly { every, weekdays }),
        (prop::collection::vec(0usize..6, 1..3), weekdays).prop_map(|(nth, weekdays)| {
            Days::NthWeekdays { nth: nth.into_iter().map(|n| Nth::ALL[n]).collect(), weekdays }
        }),
        prop::collection::vec(1u8..=31, 1..4).prop_map(|days| Days::MonthDays { days }),
    ]
}

fn any_rule() -> impl Strategy<Value = Recurrence> {
    let from = date(2024, 1, 1).days();
    let end = prop_oneof![
        Just(End::Never),
        (from..from + 2000).prop_map(|d| End::On(Date::from_days(d))),
        (1u16..40).prop_map(End::After),
    ];
    (any_days(), 0u8..24, 0u8..60, 0usize..4, from..from + 1500, end).prop_map(
        |(days, hour, minute, holiday, first, end)| Recurrence {
            days,
            hour,
            minute,
            holiday: OnHoliday::ALL[holiday],
            first: Date::from_days(first),
            end,
        },
    )
}

/// The national holidays, some of them taken out, and days of the city's own.
fn any_holidays() -> impl Strategy<Value = Holidays> {
    let from = date(2024, 1, 1).days();
    prop::collection::vec((from..from + 2500, 1i64..9, any::<bool>()), 0..6).prop_map(|rows| {
        Holidays::new(rows.into_iter().flat_map(|(start, length, removed)| {
            (start..start + length).map(move |d| DayOff {
                date: Date::from_days(d),
                name: "市の休み".into(),
                by_rule: removed,
                removed,
            })
        }))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn the_dates_are_those_of_the_naive_evaluator(rule in any_rule(), holidays in any_holidays()) {
        let until = Date::from_days(rule.first.days() + 800);
        let found: Vec<Date> =
            rule.dates(&holidays, rule.first).take_while(|d| *d <= until).collect();
        prop_assert_eq!(found, naive(&rule, &holidays, until));
    }

    #[test]
    fn wherever_one_begins_to_look_the_dates_are_the_same(
        rule in any_rule(), holidays in any_holidays(), later in 0i64..600
    ) {
        let after = rule.first.start().plus(later * DAY);
        let all: Vec<Timestamp> = rule
            .after(&holidays, rule.first.start().plus(-1))
            .take_while(|t| t.since(after) < 400 * DAY)
            .filter(|t| *t > after)
            .collect();
        let some: Vec<Timestamp> =
            rule.after(&holidays, after).take_while(|t| t.since(after) < 400 * DAY).collect();
        prop_assert_eq!(&some, &all);
        for at in some {
            prop_assert_eq!((at.tokyo().hour, at.tokyo().minute), (rule.hour, rule.minute));
        }
    }

    #[test]
    fn each_named_day_comes_once_whenever_days_off_are_added_and_taken_back(
        weekday in 0u8..7, early in any::<bool>(), row in (10i64..40, 1i64..5),
        added in 0i64..1200, kept in 0i64..600
    ) {
        let begin = date(2026, 6, 1);
        let holiday = if early { OnHoliday::Previous } else { OnHoliday::Next };
        let rule = rule(weekly(1, &[weekday]), holiday, begin);
        // At most four days, so that no two of its days fall together; no national ones.
        let off = |removed| Holidays::new((row.0..row.0 + row.1).map(|n| DayOff {
            date: Date::from_days(begin.days() + n),
            name: "市の休み".into(),
            by_rule: true,
            removed,
        }));
        let (none, some) = (off(true), off(false));
        let hour = |n| begin.start().plus(n * HOUR);
        let last = hour(80 * 24);
        let mut past = Past::default();
        let mut came: Vec<Date> = Vec::new();
        let mut next = rule.next_after(&none, &past, begin.start().plus(-1));
        for (now, holidays, then) in [
            (hour(added), &none, Some(&some)),
            (hour(added + kept), &some, Some(&none)),
            (last, &none, None),
        ] {
            while let Some(at) = next.filter(|at| *at <= now) {
                let named: Vec<Date> = rule.named(at.date(), holidays).collect();
                past.days.insert(at.date());
                past.named.extend(&named);
                came.extend(named);
                next = rule.next_after(holidays, &past, at);
            }
            if let (Some(then), Some(was)) = (then, next) {
                next = rule.moved(holidays, then, &past, was, now);
            }
        }
        came.sort_unstable();
        let all: Vec<Date> = rule.dates(&none, begin).take_while(|d| rule.at(*d) <= last).collect();
        prop_assert_eq!(came, all);
    }

    #[test]
    fn a_rule_comes_back_from_json(rule in any_rule()) {
        let json = serde_json::to_string(&rule).unwrap();
        prop_assert_eq!(serde_json::from_str::<Recurrence>(&json).unwrap(), rule);
    }
}
