//! 届ける日時: at once, at a time of the civil calendar, or again and again (SEG-6).

use super::check::Checker;
use super::editor::Editor;
use super::repeat::RepeatFields;
use crate::delivery::STEPS;
use domain::delivery::UNDECIDED;
use domain::holiday::Holidays;
use domain::time::{DAY, Date, Timestamp};
use leptos::prelude::*;
use ui::prelude::*;

/// What is chosen, as it stands in the fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct When {
    /// At a time, not at once.
    pub fixed: bool,
    /// `2026-11-26`, or what was typed so far.
    pub date: String,
    /// `17:30`, or what was typed so far.
    pub time: String,
}

impl When {
    /// The fields of a draft's time.
    pub fn of(send_at: Option<Timestamp>) -> Self {
        match send_at {
            None => Self::default(),
            Some(UNDECIDED) => Self { fixed: true, ..Self::default() },
            Some(at) => {
                let c = at.tokyo();
                let time = format!("{:02}:{:02}", c.hour, c.minute);
                Self { fixed: true, date: c.date.iso(), time }
            }
        }
    }

    /// The draft's time.
    pub fn send_at(&self) -> Option<Timestamp> {
        self.fixed.then(|| self.at().unwrap_or(UNDECIDED))
    }

    fn at(&self) -> Option<Timestamp> {
        let (hour, minute) = self.time.split_once(':')?;
        let minute = minute.split(':').next()?;
        let (hour, minute) = (hour.parse().ok()?, minute.parse().ok()?);
        (hour < 24 && minute < 60).then_some(Timestamp::from_tokyo(
            Date::parse_iso(&self.date)?,
            hour,
            minute,
        ))
    }

    /// Tomorrow at ten, where nothing was chosen before.
    fn fixed_from(self, now: Timestamp) -> Self {
        if self.date.is_empty() && self.time.is_empty() {
            Self { fixed: true, date: now.plus(DAY).date().iso(), time: "10:00".into() }
        } else {
            Self { fixed: true, ..self }
        }
    }
}

/// The section.
#[component]
pub fn WhenSection(
    /// What is written.
    editor: Editor,
    /// What is known of it.
    checker: Checker,
    /// The days off.
    holidays: Holidays,
    /// When the page was opened.
    now: Timestamp,
    /// One occurrence of a series is not a series itself.
    may_repeat: bool,
    /// It changes a series that is in force: it stays one.
    replaces: bool,
) -> impl IntoView {
    let (when, repeats) = (editor.when, editor.repeats);
    // A memo: fields that are drawn anew lose the part of a time at which a keyboard stands.
    let fixed = Memo::new(move |_| !repeats.get() && when.with(|w| w.fixed));
    let now_chosen = Signal::derive(move || !repeats.get() && !when.with(|w| w.fixed));
    let choose = move |fix: Option<bool>| {
        repeats.set(fix.is_none());
        match fix {
            Some(true) => when.update(|w| *w = std::mem::take(w).fixed_from(now)),
            Some(false) => when.update(|w| w.fixed = false),
            None => {}
        }
    };
    let error = checker.problem_at(|at| at == "/send_at");
    let words = move || {
        when.with(When::at).map(|at| {
            let date = at.date();
            format!("{}・{}曜日", date.era_year(), date.weekday_name())
        })
    };
    view! {
        <section>
            <h2 id="when-title" tabindex="-1">"届ける日時"</h2>
            <div class="cluster" role="radiogroup" aria-labelledby="when-title">
                {(!replaces)
                    .then(|| {
                        view! {
                            <Radio name="when" value="now" checked=now_chosen on_change=move |_| choose(Some(false))>
                                "すぐに"
                            </Radio>
                            <Radio name="when" value="at" checked=fixed on_change=move |_| choose(Some(true))>
                                "日時を決める"
                            </Radio>
                        }
                    })}
                {may_repeat
                    .then(|| {
                        view! {
                            <Radio name="when" value="repeat" checked=repeats on_change=move |_| choose(None)>
                                "くり返す"
                            </Radio>
                        }
                    })}
            </div>
            {(may_repeat && !replaces)
                .then(|| {
                    view! {
                        <p class="sub">
                            "記念日（お子さんの誕生日や、友だちになった日など）から数えて届けるときは、"
                            <a href=STEPS>"ステップ配信"</a>
                            "を作ります。"
                        </p>
                    }
                })}
            {move || {
                fixed
                    .get()
                    .then(|| {
                        view! {
                            <div class="when">
                                <TextField
                                    name="send_date"
                                    label="日付"
                                    kind="date"
                                    value=Signal::derive(move || when.with(|w| w.date.clone()))
                                    error
                                    on_input=move |text| when.update(|w| w.date = text)
                                />
                                <TextField
                                    name="send_time"
                                    label="時刻"
                                    kind="time"
                                    value=Signal::derive(move || when.with(|w| w.time.clone()))
                                    on_input=move |text| when.update(|w| w.time = text)
                                />
                                <p class="sub">{words}</p>
                            </div>
                        }
                    })
            }}
            {move || repeats.get().then(|| view! { <RepeatFields editor checker holidays=holidays.clone() now /> })}
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_say_the_draft_s_time_and_back() {
        let at = Timestamp::from_tokyo(Date { year: 2026, month: 11, day: 26 }, 17, 30);
        let when = When::of(Some(at));
        assert_eq!((when.date.as_str(), when.time.as_str()), ("2026-11-26", "17:30"));
        for at in [None, Some(UNDECIDED), Some(at)] {
            assert_eq!(When::of(at).send_at(), at);
        }
    }

    #[test]
    fn what_is_unfinished_is_never_at_once() {
        for (date, time) in
            [("", "10:00"), ("2026-11-26", ""), ("2026-13-01", "10:00"), ("2026-11-26", "25:00")]
        {
            let when = When { fixed: true, date: date.into(), time: time.into() };
            assert_eq!(when.send_at(), Some(UNDECIDED), "{date} {time}");
        }
        let first = When::default().fixed_from(Timestamp::from_tokyo(
            Date { year: 2026, month: 12, day: 31 },
            23,
            59,
        ));
        assert_eq!((first.date.as_str(), first.time.as_str()), ("2027-01-01", "10:00"));
    }
}
