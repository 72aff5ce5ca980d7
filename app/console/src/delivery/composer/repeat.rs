//! くり返す: a rule of the civil calendar as a sentence whose words are the controls,
//! with the next dates and what days off change about them (SEG-6).

use super::check::Checker;
use super::editor::Editor;
use crate::delivery::outlook;
use domain::holiday::Holidays;
use domain::recurrence::{Days, End, Nth, OnHoliday, Recurrence, WEEK, weekday_name};
use domain::time::{DAY, Date, Timestamp};
use leptos::prelude::*;
use ui::prelude::*;

/// How the days are named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Weekly,
    Nth,
    Days,
}

impl Kind {
    const ALL: [(Self, &str, &str); 3] = [
        (Self::Weekly, "weekly", "毎週"),
        (Self::Nth, "nth", "毎月 第何曜日"),
        (Self::Days, "days", "毎月 日にち"),
    ];

    fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

/// What is chosen, as it stands in the fields; it may be unfinished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeat {
    kind: Kind,
    every: String,
    weekdays: Vec<u8>,
    nth: Vec<Nth>,
    days: Vec<u8>,
    time: String,
    holiday: OnHoliday,
    first: String,
    /// `never`, `on`, `after`.
    end: String,
    last: String,
    times: String,
}

/// A date that is none: what was typed is not a date (yet).
const NO_DATE: Date = Date { year: 1, month: 1, day: 1 };

impl Repeat {
    /// The fields of a rule; where there is none, each week on the weekday of tomorrow at ten.
    pub fn of(rule: Option<&Recurrence>, now: Timestamp) -> Self {
        let tomorrow = now.plus(DAY).date();
        let mut fields = Self {
            kind: Kind::Weekly,
            every: "1".into(),
            weekdays: vec![tomorrow.weekday()],
            nth: vec![Nth::First],
            days: vec![tomorrow.day.min(28)],
            time: "10:00".into(),
            holiday: OnHoliday::Send,
            first: tomorrow.iso(),
            end: "never".into(),
            last: String::new(),
            times: "10".into(),
        };
        let Some(rule) = rule else { return fields };
        match &rule.days {
            Days::Weekly { every, weekdays } => {
                fields.kind = Kind::Weekly;
                fields.every = if *every == 0 { String::new() } else { every.to_string() };
                fields.weekdays.clone_from(weekdays);
            }
            Days::NthWeekdays { nth, weekdays } => {
                fields.kind = Kind::Nth;
                fields.nth.clone_from(nth);
                fields.weekdays.clone_from(weekdays);
            }
            Days::MonthDays { days } => {
                fields.kind = Kind::Days;
                fields.days.clone_from(days);
            }
        }
        let typed = |date: Date| if date == NO_DATE { String::new() } else { date.iso() };
        fields.time = match (rule.hour, rule.minute) {
            (hour @ 0..24, minute) => format!("{hour:02}:{minute:02}"),
            _ => String::new(),
        };
        fields.holiday = rule.holiday;
        fields.first = typed(rule.first);
        match rule.end {
            End::Never => {}
            End::On(last) => {
                fields.end = "on".into();
                fields.last = typed(last);
            }
            End::After(times) => {
                fields.end = "after".into();
                fields.times = if times == 0 { String::new() } else { times.to_string() };
            }
        }
        fields
    }

    /// The rule; what is unfinished is in it as something that is refused.
    pub fn rule(&self) -> Recurrence {
        let date = |text: &str| Date::parse_iso(text).unwrap_or(NO_DATE);
        let (hour, minute) = self
            .time
            .split_once(':')
            .and_then(|(h, m)| Some((h.parse().ok()?, m.get(..2)?.parse().ok()?)))
            .unwrap_or((24, 0));
        Recurrence {
            days: match self.kind {
                Kind::Weekly => Days::Weekly {
                    every: self.every.trim().parse().unwrap_or(0),
                    weekdays: self.weekdays.clone(),
                },
                Kind::Nth => {
                    Days::NthWeekdays { nth: self.nth.clone(), weekdays: self.weekdays.clone() }
                }
                Kind::Days => Days::MonthDays { days: self.days.clone() },
            },
            hour,
            minute,
            holiday: self.holiday,
            first: date(&self.first),
            end: match self.end.as_str() {
                "on" => End::On(date(&self.last)),
                "after" => End::After(self.times.trim().parse().unwrap_or(0)),
                _ => End::Never,
            },
        }
    }
}

/// Puts something in or takes it out; the order stays.
fn toggle<T: Ord + Copy>(list: &mut Vec<T>, item: T) {
    match list.iter().position(|i| *i == item) {
        Some(at) => drop(list.remove(at)),
        None => {
            list.push(item);
            list.sort_unstable();
        }
    }
}

/// The fields, the sentence they make, and the next dates.
#[component]
pub fn RepeatFields(
    /// What is written.
    editor: Editor,
    /// What is known of it.
    checker: Checker,
    /// The days off.
    holidays: Holidays,
    /// When the page was opened.
    now: Timestamp,
) -> impl IntoView {
    let repeat = editor.repeat;
    let end = Memo::new(move |_| repeat.with(|r| r.end.clone()));
    let kind = Memo::new(move |_| repeat.with(|r| r.kind));
    let at = move |place: &'static str| {
        checker.problem_at(move |at| at.strip_prefix("/recurrence/") == Some(place))
    };
    let text = move |read: fn(&Repeat) -> &String| {
        Signal::derive(move || repeat.with(|r| read(r).clone()))
    };
    let whole = checker.problem_at(|at| at == "/recurrence");
    let kinds = Kind::ALL
        .iter()
        .map(|(_, name, words)| ((*name).to_owned(), (*words).to_owned()))
        .collect();
    let ends = [("never", "決めない"), ("on", "日を決める"), ("after", "回数を決める")];
    let ends = ends.map(|(value, words)| (value.to_owned(), words.to_owned())).to_vec();
    view! {
        <div class="repeat">
            <SegmentedRadio
                label="くり返し方"
                name="repeat_kind"
                value=Signal::derive(move || kind.get().name().to_owned())
                options=kinds
                on_change=move |name: String| {
                    if let Some((kind, ..)) = Kind::ALL.iter().find(|(_, n, _)| *n == name) {
                        repeat.update(|r| r.kind = *kind);
                    }
                }
            />
            {move || match kind.get() {
                Kind::Weekly => view! {
                    <TextField name="repeat_every" id="repeat-every" label="何週ごと" inputmode="numeric" class="field-short" suffix="週ごと" value=text(|r| &r.every) error=at("every") on_input=move |text| repeat.update(|r| r.every = text) />
                    {weekdays(repeat, at("weekdays"))}
                }.into_any(),
                Kind::Nth => view! {
                    <Fieldset id="repeat-nth" legend="第何" note="いくつでも" class="fieldset-row" error=at("nth")>
                        {Nth::ALL.iter().map(|n| tick("repeat_nth", n.name(), n.label().to_owned(), move |r| r.nth.contains(n), move |r| toggle(&mut r.nth, *n), repeat)).collect_view()}
                    </Fieldset>
                    {weekdays(repeat, at("weekdays"))}
                }.into_any(),
                Kind::Days => view! {
                    <Fieldset id="repeat-days" legend="日にち" note="いくつでも" hint="その日がない月は、月末に届けます。" class="repeat-days" error=at("days")>
                        {(1..=31u8).map(|d| {
                            let words = if d == 31 { "月末".to_owned() } else { d.to_string() };
                            tick("repeat_day", &d.to_string(), words, move |r| r.days.contains(&d), move |r| toggle(&mut r.days, d), repeat)
                        }).collect_view()}
                    </Fieldset>
                }.into_any(),
            }}
            <div class="when">
                <TextField name="repeat_time" id="repeat-time" label="時刻" kind="time" value=text(|r| &r.time) error=at("time") on_input=move |text| repeat.update(|r| r.time = text) />
                {move || {
                    let label = format!("{}のとき", repeat.with(|r| r.rule().off_words()));
                    let options: Vec<_> =
                        OnHoliday::ALL.iter().map(|h| (h.name().to_owned(), h.label().to_owned())).collect();
                    view! {
                        <Select
                            name="repeat_holiday"
                            id="repeat-holiday"
                            label
                            options
                            value=repeat.with_untracked(|r| r.holiday.name().to_owned())
                            on_change=move |name: String| if let Some(holiday) = OnHoliday::parse(&name) { repeat.update(|r| r.holiday = holiday) }
                        />
                    }
                }}
            </div>
            <div class="when">
                <TextField name="repeat_first" id="repeat-first" label="始める日" kind="date" value=text(|r| &r.first) error=at("first") on_input=move |text| repeat.update(|r| r.first = text) />
                <Select
                    name="repeat_end"
                    id="repeat-end"
                    label="いつまで"
                    options=ends
                    value=text(|r| &r.end)
                    error=at("end")
                    on_change=move |end: String| repeat.update(|r| r.end = end)
                />
                {move || match end.get().as_str() {
                    "on" => view! { <TextField name="repeat_last" id="repeat-last" label="最後の日" kind="date" value=text(|r| &r.last) on_input=move |text| repeat.update(|r| r.last = text) /> }.into_any(),
                    "after" => view! { <TextField name="repeat_times" id="repeat-times" label="回数" inputmode="numeric" class="field-short" suffix="回" value=text(|r| &r.times) on_input=move |text| repeat.update(|r| r.times = text) /> }.into_any(),
                    _ => ().into_any(),
                }}
            </div>
            <FieldError id="repeat-error" text=whole />
            {move || {
                let rule = repeat.with(Repeat::rule);
                let problems = rule.problems(&holidays, now);
                if problems.is_empty() {
                    let next = outlook(&rule, &holidays, now, 5);
                    view! {
                        <p class="sentence">{format!("{}。", rule.sentence())}</p>
                        <p class="sub">"これから届く日"</p>
                        {next}
                    }.into_any()
                } else {
                    view! { <p class="sub">"曜日や日にちがそろうと、これから届く日が出ます。"</p> }.into_any()
                }
            }}
        </div>
    }
}

fn weekdays(repeat: RwSignal<Repeat>, error: Signal<Option<String>>) -> AnyView {
    view! {
        <Fieldset id="repeat-weekdays" legend="曜日" note="いくつでも" class="fieldset-row" error>
            {WEEK
                .into_iter()
                .map(|w| tick("repeat_weekday", &w.to_string(), weekday_name(w).to_owned(), move |r| r.weekdays.contains(&w), move |r| toggle(&mut r.weekdays, w), repeat))
                .collect_view()}
        </Fieldset>
    }
    .into_any()
}

fn tick(
    name: &'static str,
    value: &str,
    words: String,
    is: impl Fn(&Repeat) -> bool + Send + Sync + 'static,
    act: impl Fn(&mut Repeat) + Send + Sync + 'static,
    repeat: RwSignal<Repeat>,
) -> AnyView {
    view! {
        <Checkbox name value=value.to_owned() checked=Signal::derive(move || repeat.with(&is)) on_change=move |_| repeat.update(&act)>
            {words}
        </Checkbox>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_say_the_rule_and_back() {
        let now = Date { year: 2026, month: 11, day: 20 }.start();
        let first = Repeat::of(None, now);
        assert_eq!(
            first.rule().sentence(),
            "毎週 土曜日の 10:00。祝日も届けます。2026年11月21日から"
        );
        let date = |day| Date { year: 2026, month: 12, day };
        for (days, hour, end) in [
            (Days::Weekly { every: 2, weekdays: vec![1, 4] }, 0, End::Never),
            (Days::NthWeekdays { nth: vec![Nth::Second], weekdays: vec![2] }, 9, End::On(date(31))),
            (Days::MonthDays { days: vec![15, 31] }, 23, End::After(3)),
            // Unfinished: it comes back as unfinished.
            (Days::Weekly { every: 0, weekdays: vec![] }, 24, End::On(NO_DATE)),
        ] {
            let rule =
                Recurrence { days, hour, minute: 0, holiday: OnHoliday::Next, first: date(1), end };
            assert_eq!(Repeat::of(Some(&rule), now).rule(), rule);
        }
    }

    #[test]
    fn what_is_toggled_stays_in_order() {
        let mut list = vec![1, 4];
        toggle(&mut list, 2);
        assert_eq!(list, [1, 2, 4]);
        toggle(&mut list, 1);
        assert_eq!(list, [2, 4]);
    }
}
