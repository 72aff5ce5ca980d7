//! The numbers, days and letters within a condition.

use domain::audience::Day;
use domain::form::{Ask, Condition, Decimal, Letters, Question, normal};
use domain::time::Date;
use leptos::prelude::*;
use ui::prelude::*;

/// One number of a sentence.
#[component]
fn Word(
    #[prop(into)] id: String,
    label: &'static str,
    value: Signal<String>,
    on_input: Callback<String>,
) -> impl IntoView {
    view! { <TextField id=id.clone() name=id label class="label-hidden field-number" inputmode="decimal" autocomplete="off" value on_input /> }
}

fn decimal(typed: &str) -> Result<Option<Decimal>, ()> {
    if typed.trim().is_empty() { Ok(None) } else { normal::number(typed).map(Some).ok_or(()) }
}

fn small(typed: &str) -> Result<Option<u16>, ()> {
    let n = decimal(typed)?;
    let small = |n: Decimal| n.as_whole().and_then(|n| u16::try_from(n).ok()).ok_or(());
    n.map(small).transpose()
}

/// Between two numbers, both included.
#[component]
pub fn NumberBounds(
    id: String,
    part: Signal<Option<Condition>>,
    set: Callback<Option<Condition>>,
    question: Option<Question>,
) -> impl IntoView {
    let unit = match question.map(|q| q.ask) {
        Some(Ask::Number { unit, .. } | Ask::Calculation { unit, .. }) => unit,
        Some(Ask::Year { .. }) => "年".into(),
        _ => String::new(),
    };
    let show = move |least: bool| {
        Signal::derive(move || match part.get() {
            Some(Condition::Number { at_least, at_most, .. }) => {
                let n = if least { at_least } else { at_most };
                n.map(|n| n.to_string()).unwrap_or_default()
            }
            Some(Condition::Count { at_least, at_most, .. }) => {
                let n = if least { at_least } else { at_most };
                n.map(|n| n.to_string()).unwrap_or_default()
            }
            _ => String::new(),
        })
    };
    // What is no number yet does not change what was said.
    let put = move |least: bool| {
        Callback::new(move |typed: String| match part.get_untracked() {
            Some(Condition::Number { question, at_least, at_most }) => {
                if let Ok(n) = decimal(&typed) {
                    let (at_least, at_most) = if least { (n, at_most) } else { (at_least, n) };
                    set.run(Some(Condition::Number { question, at_least, at_most }));
                }
            }
            Some(Condition::Count { question, at_least, at_most }) => {
                if let Ok(n) = small(&typed) {
                    let (at_least, at_most) = if least { (n, at_most) } else { (at_least, n) };
                    set.run(Some(Condition::Count { question, at_least, at_most }));
                }
            }
            _ => {}
        })
    };
    view! {
        <Word id=format!("{id}-least") label="いくつ以上か（空なら決めない）" value=show(true) on_input=put(true) />
        <span>{format!("{unit}以上")}</span>
        <Word id=format!("{id}-most") label="いくつ以下か（空なら決めない）" value=show(false) on_input=put(false) />
        <span>{format!("{unit}以下")}</span>
    }
}

/// Length and letters of a text.
#[component]
pub fn TextBounds(
    id: String,
    part: Signal<Option<Condition>>,
    set: Callback<Option<Condition>>,
) -> impl IntoView {
    let now = move || match part.get() {
        Some(Condition::Text { letters, min, max, .. }) => (letters, min, max),
        _ => (None, None, None),
    };
    let put = Callback::new(move |(letters, min, max)| {
        if let Some(Condition::Text { question, .. }) = part.get_untracked() {
            set.run(Some(Condition::Text { question, letters, min, max }));
        }
    });
    let letters = [
        ("", "どの文字でも"),
        ("digits", "数字だけ"),
        ("letters", "英数字だけ"),
        ("kana", "かなだけ"),
    ];
    let options: Vec<(String, String)> =
        letters.iter().map(|(k, w)| ((*k).to_owned(), (*w).to_owned())).collect();
    let chosen = Signal::derive(move || {
        match now().0 {
            None => "",
            Some(Letters::Digits) => "digits",
            Some(Letters::Letters) => "letters",
            Some(Letters::Kana) => "kana",
        }
        .to_owned()
    });
    let set_letters = move |name: String| {
        let letters = match name.as_str() {
            "digits" => Some(Letters::Digits),
            "letters" => Some(Letters::Letters),
            "kana" => Some(Letters::Kana),
            _ => None,
        };
        let (_, min, max) = untrack(now);
        put.run((letters, min, max));
    };
    let shown = |n: Option<u16>| n.map(|n| n.to_string()).unwrap_or_default();
    let length = move |least: bool| {
        Callback::new(move |typed: String| {
            if let Ok(n) = small(&typed) {
                let (letters, min, max) = untrack(now);
                put.run(if least { (letters, n, max) } else { (letters, min, n) });
            }
        })
    };
    view! {
        <Select id=format!("{id}-letters") name=format!("{id}-letters") label="どの文字か" class="label-hidden field-word" options value=chosen on_change=set_letters />
        <span>"で、"</span>
        <Word id=format!("{id}-min") label="何文字以上か（空なら決めない）" value=Signal::derive(move || shown(now().1)) on_input=length(true) />
        <span>"文字以上"</span>
        <Word id=format!("{id}-max") label="何文字以下か（空なら決めない）" value=Signal::derive(move || shown(now().2)) on_input=length(false) />
        <span>"文字以下"</span>
    }
}

/// How a day is said: its name in the control.
fn way(day: Option<Day>) -> &'static str {
    match day {
        None => "",
        Some(Day::Days(0)) => "today",
        Some(Day::Days(..0)) => "before",
        Some(Day::Days(_)) => "after",
        Some(Day::Months(..0)) => "months_before",
        Some(Day::Months(_)) => "months_after",
        Some(Day::On(_)) => "on",
    }
}

/// Between two days, both included.
#[component]
pub fn DayBounds(
    id: String,
    part: Signal<Option<Condition>>,
    set: Callback<Option<Condition>>,
) -> impl IntoView {
    let bound = move |first: bool| {
        Signal::derive(move || match part.get() {
            Some(Condition::Date { from, to, .. }) => {
                if first {
                    from
                } else {
                    to
                }
            }
            _ => None,
        })
    };
    let put = move |first: bool| {
        Callback::new(move |day: Option<Day>| {
            if let Some(Condition::Date { question, from, to }) = part.get_untracked() {
                let (from, to) = if first { (day, to) } else { (from, day) };
                set.run(Some(Condition::Date { question, from, to }));
            }
        })
    };
    view! {
        <DayBound id=format!("{id}-from") value=bound(true) put=put(true) none="いつから（決めない）" />
        <span>"から"</span>
        <DayBound id=format!("{id}-to") value=bound(false) put=put(false) none="いつまで（決めない）" />
        <span>"まで"</span>
    }
}

#[component]
fn DayBound(
    id: String,
    value: Signal<Option<Day>>,
    put: Callback<Option<Day>>,
    none: &'static str,
) -> impl IntoView {
    let ways = [
        ("", none),
        ("today", "答える日"),
        ("before", "答える日より前"),
        ("after", "答える日より後"),
        ("months_before", "答える日より前（月）"),
        ("months_after", "答える日より後（月）"),
        ("on", "決めた日"),
    ];
    let options: Vec<(String, String)> =
        ways.iter().map(|(k, w)| ((*k).to_owned(), (*w).to_owned())).collect();
    let chosen = Memo::new(move |_| way(value.get()));
    let turn = move |name: String| {
        put.run(match name.as_str() {
            "today" => Some(Day::Days(0)),
            "before" => Some(Day::Days(-30)),
            "after" => Some(Day::Days(30)),
            "months_before" => Some(Day::Months(-1)),
            "months_after" => Some(Day::Months(1)),
            "on" => Some(Day::On(Date { year: 2027, month: 4, day: 1 })),
            _ => None,
        });
    };
    let n = Signal::derive(move || match value.get() {
        Some(Day::Days(n) | Day::Months(n)) => n.unsigned_abs().to_string(),
        _ => String::new(),
    });
    let set_n = Callback::new(move |typed: String| {
        let Ok(Some(n)) = small(&typed) else { return };
        let n = i32::from(n.max(1));
        match value.get_untracked() {
            Some(Day::Days(was)) => put.run(Some(Day::Days(if was < 0 { -n } else { n }))),
            Some(Day::Months(was)) => put.run(Some(Day::Months(if was < 0 { -n } else { n }))),
            _ => {}
        }
    });
    let on = Signal::derive(move || match value.get() {
        Some(Day::On(date)) => date.iso(),
        _ => String::new(),
    });
    let set_on = move |typed: String| {
        if let Some(date) = Date::parse_iso(&typed) {
            put.run(Some(Day::On(date)));
        }
    };
    let field = id.clone();
    view! {
        <Select id=id.clone() name=id label=none class="label-hidden field-word" options value=Signal::derive(move || chosen.get().to_owned()) on_change=turn />
        {move || match chosen.get() {
            "before" | "after" => view! { <Word id=format!("{field}-n") label="何日か" value=n on_input=set_n /><span>"日"</span> }.into_any(),
            "months_before" | "months_after" => view! { <Word id=format!("{field}-n") label="何か月か" value=n on_input=set_n /><span>"か月"</span> }.into_any(),
            "on" => {
                view! { <TextField id=format!("{field}-on") name=format!("{field}-on") label="日付" kind="date" class="label-hidden field-word" value=on on_input=set_on /> }.into_any()
            }
            _ => ().into_any(),
        }}
    }
}
