//! Questions without choices. Dates are three selects and not a wheel of 40,000 days or a
//! keyboard: the year says 西暦 and 和暦, and full-width digits cannot be typed.

use super::{Given, Group};
use crate::icon::{Icon, IconName};
use domain::form::{Ask, Parts, year_options};
use leptos::prelude::*;

/// Value and words of one option.
type Options = Vec<(String, String)>;

/// One select of a question. `part` names it for the script (`liff.js`); `name` is what it
/// asks of the question, where there are several.
fn select(
    group: &Group,
    given: &Given,
    part: &'static str,
    name: &str,
    options: Options,
    chosen: &str,
) -> AnyView {
    let options = options
        .into_iter()
        .map(|(value, words)| {
            let selected = value == chosen;
            view! { <option value=value selected=selected>{words}</option> }
        })
        .collect_view();
    let label =
        if name.is_empty() { group.label.clone() } else { format!("{}（{name}）", group.label) };
    view! {
        <span class="select">
            <select
                class="control"
                id=format!("{}-{part}", group.id)
                name=given.name.clone()
                data-part=part
                aria-label=label
                aria-describedby=group.described()
                aria-invalid=group.error.is_some().then_some("true")
                autocomplete="off"
            >
                {options}
            </select>
            <Icon name=IconName::ChevronDown size=18 />
        </span>
    }
    .into_any()
}

fn first(words: &str) -> (String, String) {
    (String::new(), words.to_owned())
}

/// The controls of a question without choices, as a picture of what residents get: nothing
/// is sent from here.
#[component]
pub fn FreeControls(
    /// What is asked.
    ask: Ask,
    /// What the controls are called.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    let group = Group {
        id: "preview".into(),
        label,
        hint: String::new(),
        required: false,
        note: "",
        error: None,
    };
    let given = Given { name: "preview-answer".into(), keys: Vec::new() };
    match ask {
        Ask::Year { from, to } => year_controls(&group, &given, from, to),
        Ask::Date { from, to } => date_controls(&group, &given, from, to),
        Ask::Text { max } => text_controls(&group, &given, max),
        // The other kinds have their own controls.
        _ => ().into_any(),
    }
}

/// A year.
pub(super) fn year(group: Group, given: &Given, from: i32, to: i32) -> AnyView {
    let controls = year_controls(&group, given, from, to);
    group.view(controls)
}

/// A date: year, month, day.
pub(super) fn date(group: Group, given: &Given, from: i32, to: i32) -> AnyView {
    let controls = date_controls(&group, given, from, to);
    group.view(controls)
}

/// One line of text.
pub(super) fn text(group: Group, given: &Given, max: usize) -> AnyView {
    let controls = text_controls(&group, given, max);
    group.view(controls)
}

fn year_controls(group: &Group, given: &Given, from: i32, to: i32) -> AnyView {
    let chosen = given.keys.first().map_or("", String::as_str);
    let options =
        std::iter::once(first("選んでください")).chain(year_options(from, to, chosen)).collect();
    let control = select(group, given, "year", "", options, chosen);
    view! { <div class="form-year">{control}</div> }.into_any()
}

fn date_controls(group: &Group, given: &Given, from: i32, to: i32) -> AnyView {
    let Parts { year, month, day } = Parts::of(&given.keys);
    let numbers = |to: u8, unit: &str| -> Options {
        let all = (1..=to).map(|n| (n.to_string(), format!("{n}{unit}")));
        std::iter::once(first(unit)).chain(all).collect()
    };
    let years = std::iter::once(first("年")).chain(year_options(from, to, &year)).collect();
    let part = |part: &'static str, name: &str, options: Options, chosen: &str| {
        select(group, given, part, name, options, chosen)
    };
    view! {
        <div class="form-date">
            {part("year", "年", years, &year)} {part("month", "月", numbers(12, "月"), &month)}
            {part("day", "日", numbers(31, "日"), &day)}
        </div>
    }
    .into_any()
}

fn text_controls(group: &Group, given: &Given, max: usize) -> AnyView {
    view! {
        <input
            class="control"
            type="text"
            id=format!("{}-text", group.id)
            name=given.name.clone()
            value=given.keys.first().cloned().unwrap_or_default()
            maxlength=max
            data-part="text"
            aria-label=group.label.clone()
            aria-describedby=group.described()
            aria-invalid=group.error.is_some().then_some("true")
            autocomplete="off"
        />
    }
    .into_any()
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use crate::form::FormQuestion;
    use domain::form::{Ask, Question};
    use leptos::prelude::*;

    fn html(ask: Ask, given: &[&str], error: Option<&str>) -> String {
        let question = Question { personal: true, ..Question::new("due", "予定日", ask) };
        let owner = Owner::new();
        owner.with(|| {
            view! { <FormQuestion question given=given.iter().map(|s| (*s).to_owned()).collect() error=error.map(Into::into) /> }.to_html()
        })
    }

    fn chosen(html: &str) -> Vec<&str> {
        html.split("<option ")
            .filter(|o| o.split('>').next().is_some_and(|tag| tag.contains("selected")))
            .filter_map(|o| o.split("value=\"").nth(1)?.split('"').next())
            .collect()
    }

    #[test]
    fn a_registered_date_is_chosen_in_three_fields() {
        let html = html(Ask::Date { from: 1900, to: 2036 }, &["2026-05-01"], None);
        assert_eq!(chosen(&html), ["2026", "5", "1"]);
        assert_eq!(html.matches("name=\"answers[due][]\"").count(), 3);
        assert!(html.contains("2026年（令和8年）"));
    }

    #[test]
    fn what_was_sent_stays_when_it_is_refused() {
        let html = html(Ask::Date { from: 1900, to: 2036 }, &["2026", "2", ""], Some("日を"));
        assert_eq!(chosen(&html), ["2026", "2", ""]);
        assert!(html.contains("aria-invalid=\"true\"") && html.contains("q-due-error"));
    }

    #[test]
    fn a_text_cannot_leave_its_field() {
        let html = html(Ask::Text { max: 200 }, &["\"><script>"], None);
        assert!(html.contains("maxlength=\"200\"") && !html.contains("<script>"));
    }
}
