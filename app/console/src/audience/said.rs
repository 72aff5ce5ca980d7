//! The fields of a condition that is no choice: year, age, date, text, since when.

use super::choices::Foot;
use super::edit::Editor;
use domain::attribute::{Attribute, Kind, YEAR_MIN, year_words};
use domain::audience::edit::Path;
use domain::audience::{
    AGE_MAX, Audience, Day, SEARCH_MAX, Says, Since, Span, says_words, since_words,
};
use domain::time::Date;
use leptos::prelude::*;
use std::sync::Arc;
use ui::prelude::*;

/// What can be asked of an attribute of that kind, and how it is called.
pub(super) fn operators(kind: Kind) -> Vec<(&'static str, &'static str)> {
    match kind {
        Kind::Year => vec![("age", "年齢で"), ("year", "年で"), ("registered", "登録の有無")],
        Kind::Date => vec![("date", "期間で"), ("age", "年齢で"), ("registered", "登録の有無")],
        _ => vec![("contains", "ふくむ"), ("equals", "同じ"), ("registered", "登録の有無")],
    }
}

/// The same question with another operator; a text that was typed is kept.
fn begin(name: &str, former: &Says) -> Says {
    let text = match former {
        Says::Contains(text) | Says::Equals(text) => text.clone(),
        _ => String::new(),
    };
    match name {
        "age" => Says::Age { span: Span::default(), on: None },
        "year" => Says::Year(Span::default()),
        "date" => Says::Date(Span::default()),
        "contains" => Says::Contains(text),
        "equals" => Says::Equals(text),
        _ => Says::Registered(true),
    }
}

/// What is said of one attribute without choices.
#[component]
pub fn SaidFields(editor: Editor, at: Path, attribute: Arc<Attribute>) -> impl IntoView {
    let place = StoredValue::new(at.clone());
    let attribute = StoredValue::new(attribute);
    let kind = attribute.with_value(|a| a.kind);
    let now = Memo::new(move |_| {
        let node = place.with_value(|at| editor.node(at));
        match node {
            Some(Audience::Said { says, .. }) => says,
            _ => Says::Registered(true),
        }
    });
    let put = Callback::new(move |says: Says| {
        let key = attribute.with_value(|a| a.key.clone());
        place.with_value(|at| editor.choose(at, Audience::Said { key, says }));
    });
    let words = Signal::derive(move || {
        let words = now.with(|n| attribute.with_value(|a| says_words(a, n)));
        if words.is_empty() { "まだ選んでいません".to_owned() } else { words }
    });
    view! {
        <div class="pick-fields">
            <Ways editor now put kind options=operators(kind) />
        </div>
        <Foot editor at words />
    }
}

/// The ways to narrow what is answered like an attribute of that kind, and the fields of the one
/// that is chosen.
#[component]
pub(super) fn Ways(
    editor: Editor,
    now: Memo<Says>,
    put: Callback<Says>,
    kind: Kind,
    options: Vec<(&'static str, &'static str)>,
) -> impl IntoView {
    let operator = Memo::new(move |_| now.with(|n| n.name().to_owned()));
    let options: Vec<(String, String)> =
        options.into_iter().map(|(n, w)| (n.to_owned(), w.to_owned())).collect();
    let change = move |name: String| put.run(now.with_untracked(|n| begin(&name, n)));
    view! {
        <SegmentedRadio label="しぼり方" name="said-operator" value=operator options on_change=change />
        {move || match operator.get().as_str() {
            "registered" => view! { <Registered now put /> }.into_any(),
            "year" => view! { <Years editor now put /> }.into_any(),
            "age" => view! { <Ages editor now put kind /> }.into_any(),
            "date" => {
                let span = Signal::derive(move || match now.get() {
                    Says::Date(span) => span,
                    _ => Span::default(),
                });
                view! { <Days editor span put=Callback::new(move |span| put.run(Says::Date(span))) /> }.into_any()
            }
            name => {
                let equals = name == "equals";
                view! { <TextWords now put equals /> }.into_any()
            }
        }}
    }
}

/// Since when somebody is a friend, or registered.
#[component]
pub fn SinceFields(editor: Editor, at: Path, what: Since) -> impl IntoView {
    let place = StoredValue::new(at.clone());
    let span = Signal::derive(move || match place.with_value(|at| editor.node(at)) {
        Some(Audience::Since { span, .. }) => span,
        _ => Span::default(),
    });
    let put = Callback::new(move |span: Span<Day>| {
        place.with_value(|at| editor.choose(at, Audience::Since { what, span }));
    });
    let words = Signal::derive(move || match since_words(span.get()) {
        words if words.is_empty() => "まだ選んでいません".to_owned(),
        words => words,
    });
    view! {
        <div class="pick-fields">
            {(what == Since::Registered).then(|| view! { <p class="sub dense">"一度も登録していない人は入りません。"</p> })}
            <Days editor span put />
        </div>
        <Foot editor at words />
    }
}

#[component]
fn Registered(now: Memo<Says>, put: Callback<Says>) -> impl IntoView {
    let is = move |yes: bool| Signal::derive(move || now.get() == Says::Registered(yes));
    view! {
        <div class="pick-choices">
            <Radio name="said-registered" value="yes" checked=is(true) on_change=move |_| put.run(Says::Registered(true))>"登録ずみの人"</Radio>
            <Radio name="said-registered" value="no" checked=is(false) on_change=move |_| put.run(Says::Registered(false))>
                <span>"未登録の人 " <span class="sub dense">"この項目に、まだ答えていない人"</span></span>
            </Radio>
        </div>
    }
}

#[component]
fn Years(editor: Editor, now: Memo<Says>, put: Callback<Says>) -> impl IntoView {
    let last = editor.catalog.with_value(|c| c.today.year);
    let span = move || match now.get() {
        Says::Year(span) => span,
        _ => Span::default(),
    };
    let options = Signal::derive(move || {
        let open = std::iter::once((String::new(), "決めない".to_owned()));
        open.chain((YEAR_MIN..=last).rev().map(|y| (y.to_string(), year_words(y))))
            .collect::<Vec<(String, String)>>()
    });
    let shown = move |y: Option<i32>| y.map(|y| y.to_string()).unwrap_or_default();
    let from = Signal::derive(move || shown(span().from));
    let to = Signal::derive(move || shown(span().to));
    let set_from = Callback::new(move |v: String| {
        put.run(Says::Year(Span { from: v.parse().ok(), ..untrack(span) }));
    });
    let set_to = Callback::new(move |v: String| {
        put.run(Says::Year(Span { to: v.parse().ok(), ..untrack(span) }));
    });
    view! {
        <Select name="said-from" label="この年から" options value=from on_change=set_from />
        <Select name="said-to" label="この年まで" options value=to on_change=set_to />
    }
}

/// A number as it is typed, also in full width; nothing while it is none.
fn number(typed: &str, max: i32) -> Option<i32> {
    domain::attribute::fold(typed).parse().ok().filter(|n| (0..=max).contains(n))
}

#[component]
fn Ages(editor: Editor, now: Memo<Says>, put: Callback<Says>, kind: Kind) -> impl IntoView {
    let today = editor.catalog.with_value(|c| c.today);
    let says = move || match now.get() {
        Says::Age { span, on } => (span, on),
        _ => (Span::default(), None),
    };
    let shown = |n: Option<i32>| n.map(|n| n.to_string()).unwrap_or_default();
    let from = Signal::derive(move || shown(says().0.from));
    let to = Signal::derive(move || shown(says().0.to));
    let age = move |typed: String, first: bool| {
        let n = number(&typed, AGE_MAX);
        // What is no age yet does not change what was said.
        if n.is_some() || typed.trim().is_empty() {
            let (span, on) = untrack(says);
            let span = if first { Span { from: n, ..span } } else { Span { to: n, ..span } };
            put.run(Says::Age { span, on });
        }
    };
    let fixed = Memo::new(move |_| says().1.is_some());
    let on = Signal::derive(move || says().1);
    let set_on = move |on: Option<Date>| put.run(Says::Age { span: untrack(says).0, on });
    let now_words = if kind == Kind::Year { "今年のうちに" } else { "今日の時点で" };
    let when = Signal::derive(move || if fixed.get() { "on" } else { "" }.to_owned());
    let options = vec![
        (String::new(), now_words.to_owned()),
        ("on".to_owned(), "決めた日の時点で".to_owned()),
    ];
    // Mostly a school year is meant.
    let april = Date { year: today.year + i32::from(today.month > 3), month: 4, day: 1 };
    view! {
        <SegmentedRadio
            label="いつの年齢か"
            name="said-when"
            value=when
            options
            on_change=move |to: String| set_on((to == "on").then_some(april))
        />
        {move || {
            fixed
                .get()
                .then(|| {
                    view! {
                        <DateField
                            name="said-on"
                            label="この日の時点で"
                            value=on
                            put=Callback::new(move |date| set_on(Some(date)))
                        />
                    }
                })
        }}
        <div class="pick-pair">
            <TextField name="said-from" label="何歳から" suffix="歳以上" inputmode="numeric" autocomplete="off" maxlength=3 value=from on_input=Callback::new(move |t| age(t, true)) />
            <TextField name="said-to" label="何歳まで" suffix="歳以下" inputmode="numeric" autocomplete="off" maxlength=3 value=to on_input=Callback::new(move |t| age(t, false)) />
        </div>
        {(kind == Kind::Year)
            .then(|| view! { <p class="sub dense">"年だけを登録しているので、その年のうちに迎える年齢で数えます。"</p> })}
    }
}

/// A date with 和暦 beside it. What is not complete changes nothing.
#[component]
fn DateField(
    name: &'static str,
    label: &'static str,
    value: Signal<Option<Date>>,
    put: Callback<Date>,
) -> impl IntoView {
    let iso = Signal::derive(move || value.get().map(Date::iso).unwrap_or_default());
    let typed = move |text: String| {
        let date = Date::parse_iso(&text);
        if let Some(date) =
            date.filter(|d| (YEAR_MIN..=domain::attribute::YEAR_MAX).contains(&d.year))
        {
            put.run(date);
        }
    };
    view! {
        <div class="pick-date">
            <TextField name label kind="date" value=iso on_input=Callback::new(typed) />
            <p class="sub dense" role="status">{move || value.get().map(Date::japanese)}</p>
        </div>
    }
}

#[component]
fn Days(editor: Editor, span: Signal<Span<Day>>, put: Callback<Span<Day>>) -> impl IntoView {
    let from = Signal::derive(move || span.get().from);
    let to = Signal::derive(move || span.get().to);
    let set_from = Callback::new(move |from| put.run(Span { from, ..span.get_untracked() }));
    let set_to = Callback::new(move |to| put.run(Span { to, ..span.get_untracked() }));
    view! {
        <DayFields editor name="said-from" label="この日から" value=from put=set_from />
        <DayFields editor name="said-to" label="この日まで" value=to put=set_to />
    }
}

/// The ways to say a day, in the order of the list.
const WAYS: [(&str, &str); 7] = [
    ("", "決めない"),
    ("on", "日付で決める"),
    ("today", "今日"),
    ("days-before", "○日前"),
    ("days-after", "○日後"),
    ("months-before", "○か月前"),
    ("months-after", "○か月後"),
];

fn way(day: Option<Day>) -> &'static str {
    match day {
        None => "",
        Some(Day::On(_)) => "on",
        Some(Day::Days(0) | Day::Months(0)) => "today",
        Some(Day::Days(n)) if n < 0 => "days-before",
        Some(Day::Days(_)) => "days-after",
        Some(Day::Months(n)) if n < 0 => "months-before",
        Some(Day::Months(_)) => "months-after",
    }
}

/// A day of that way; `n` is how many days or months.
fn day_of(way: &str, n: i32, today: Date) -> Option<Day> {
    match way {
        "on" => Some(Day::On(today)),
        "today" => Some(Day::Days(0)),
        "days-before" => Some(Day::Days(-n)),
        "days-after" => Some(Day::Days(n)),
        "months-before" => Some(Day::Months(-n)),
        "months-after" => Some(Day::Months(n)),
        _ => None,
    }
}

/// Farthest that can be typed, in days or months.
const FAR: i32 = 1_200;

#[component]
fn DayFields(
    editor: Editor,
    name: &'static str,
    label: &'static str,
    value: Signal<Option<Day>>,
    put: Callback<Option<Day>>,
) -> impl IntoView {
    let today = editor.catalog.with_value(|c| c.today);
    let options = Signal::derive(|| WAYS.map(|(v, w)| (v.to_owned(), w.to_owned())).to_vec());
    let chosen = Memo::new(move |_| way(value.get()).to_owned());
    let choose = Callback::new(move |to: String| {
        let n = if to.starts_with("months") { 3 } else { 30 };
        put.run(day_of(&to, n, today));
    });
    let n = Signal::derive(move || match value.get() {
        Some(Day::Days(n) | Day::Months(n)) => n.abs().to_string(),
        _ => String::new(),
    });
    let typed = move |text: String| {
        // 0 would be 「今日」, and take the field away under the fingers.
        if let Some(n) = number(&text, FAR).filter(|n| *n > 0) {
            put.run(day_of(&chosen.get_untracked(), n, today));
        }
    };
    let date = Signal::derive(move || match value.get() {
        Some(Day::On(date)) => Some(date),
        _ => None,
    });
    view! {
        <div class="pick-day">
            <Select name label options value=chosen on_change=choose />
            {move || {
                let chosen = chosen.get();
                match chosen.as_str() {
                    "on" => {
                        view! { <DateField name=if name == "said-from" { "said-from-date" } else { "said-to-date" } label="日付" value=date put=Callback::new(move |d| put.run(Some(Day::On(d)))) /> }
                            .into_any()
                    }
                    "" | "today" => ().into_any(),
                    other => {
                        let (words, suffix) = if other.starts_with("days") { ("何日", "日") } else { ("何か月", "か月") };
                        view! {
                            <TextField name=format!("{name}-n") label=words suffix inputmode="numeric" autocomplete="off" maxlength=4 class="field-short" value=n on_input=Callback::new(typed) />
                        }
                            .into_any()
                    }
                }
            }}
        </div>
    }
}

#[component]
fn TextWords(now: Memo<Says>, put: Callback<Says>, equals: bool) -> impl IntoView {
    let value = Signal::derive(move || match now.get() {
        Says::Contains(text) | Says::Equals(text) => text,
        _ => String::new(),
    });
    let typed = move |text: String| {
        put.run(if equals { Says::Equals(text) } else { Says::Contains(text) });
    };
    let longest = SEARCH_MAX as u32;
    view! {
        <TextField
            name="said-text"
            label="さがす文字"
            hint="全角と半角、大文字と小文字のちがいは気にしません。"
            autocomplete="off"
            maxlength=longest
            value=value
            on_input=Callback::new(typed)
        />
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_is_read_back() {
        let today = Date { year: 2026, month: 11, day: 20 };
        for (name, _) in WAYS {
            assert_eq!(way(day_of(name, 30, today)), name);
        }
        assert_eq!(number("３０", 1_200), Some(30));
        assert_eq!((number("x", 9), number("10", 9), number("-1", 9)), (None, None, None));
    }

    #[test]
    fn a_text_is_kept_when_the_way_changes() {
        let typed = Says::Contains("ポチ".into());
        assert_eq!(begin("equals", &typed), Says::Equals("ポチ".into()));
        for kind in [Kind::Year, Kind::Date, Kind::Text] {
            let names: Vec<&str> = operators(kind).into_iter().map(|(n, _)| n).collect();
            assert!(names.contains(&Says::first(kind).unwrap().name()));
            assert!(names.iter().all(|n| begin(n, &typed).fits(kind)), "{kind:?}");
        }
    }
}
