//! The questions of a form (`domain::form`) as plain controls: they are read,
//! filled in and sent before, and without, wasm. One renderer for the residents'
//! pages and for the console's preview of a question.
//!
//! Nothing here follows a signal: what somebody chose stays theirs.

mod files;
mod free;
mod parts;
mod sheet;
mod simple;

use crate::field::Required;
use crate::icon::{Icon, IconName};
use domain::form::{AGREED, Answers, NOWHERE, Opt, Question};
use domain::problem::Problem;
use leptos::prelude::*;

pub use self::files::size_words;
pub use self::free::FreeControls;
pub use self::sheet::{MapFrom, Sheet, field};

/// Name of a question's controls in the form that is sent: `answers[home][]`.
pub fn field_name(key: &str) -> String {
    format!("answers[{key}][]")
}

/// Id of a question's group, for links from the error summary.
pub fn field_id(key: &str) -> String {
    format!("q-{key}")
}

/// One question with its controls.
#[component]
pub fn FormQuestion(
    /// What is asked.
    question: Question,
    /// The keys that are chosen.
    #[prop(optional)]
    given: Vec<String>,
    /// What is wrong with the answer.
    #[prop(optional_no_strip)]
    error: Option<String>,
    /// Words of the choice in a tree that is none of its places (`domain::form::NOWHERE`).
    #[prop(into, default = "ここにはない".into())]
    nowhere: String,
) -> impl IntoView {
    let problems = error.map(|message| Problem::new(question.key.clone(), message));
    let sheet = Sheet {
        answers: Answers::from([(question.key.clone(), given)]),
        problems: problems.into_iter().collect(),
        nowhere,
        ..Sheet::default()
    };
    sheet::controls(&sheet, &question, &question.key)
}

/// Name and chosen keys of the controls of one question.
struct Given {
    name: String,
    keys: Vec<String>,
}

impl Given {
    fn has(&self, key: &str) -> bool {
        self.keys.iter().any(|k| k == key)
    }

    fn radio(&self, key: &str, words: String) -> AnyView {
        view! {
            <label class="choice">
                <input class="tick radio" type="radio" name=self.name.clone() value=key.to_owned() checked=self.has(key) />
                <span>{words}</span>
            </label>
        }
        .into_any()
    }
}

/// What stands around the controls.
struct Group {
    id: String,
    label: String,
    hint: String,
    required: bool,
    note: &'static str,
    error: Option<String>,
}

impl Group {
    fn described(&self) -> Option<String> {
        let hint = (!self.hint.is_empty()).then(|| format!("{}-hint", self.id));
        let error = self.error.as_ref().map(|_| format!("{}-error", self.id));
        match (hint, error) {
            (Some(hint), Some(error)) => Some(format!("{hint} {error}")),
            (hint, error) => hint.or(error),
        }
    }

    fn view(self, controls: AnyView) -> AnyView {
        let described = self.described();
        let Self { id, label, hint, required, note, error } = self;
        let wrong = wrong(&id, error);
        view! {
            <fieldset class="fieldset" id=id.clone() tabindex="-1" aria-describedby=described>
                <legend class="field-label">
                    {label} {(!note.is_empty()).then(|| view! { <span class="field-note">{note}</span> })} {required.then(|| view! { <Required /> })}
                </legend>
                {(!hint.is_empty()).then(|| view! { <p class="field-hint" id=format!("{id}-hint")>{hint}</p> })}
                <div class="fieldset-body">{controls}</div>
                {wrong}
            </fieldset>
        }
        .into_any()
    }
}

fn wrong(id: &str, error: Option<String>) -> Option<AnyView> {
    let text = error?;
    let id = format!("{id}-error");
    let view = view! {
        <p class="field-error" id=id>
            <Icon name=IconName::Warning size=18 />
            <span>{text}</span>
        </p>
    };
    Some(view.into_any())
}

fn cards(given: &Given, options: Vec<Opt>, kind: &'static str) -> AnyView {
    let class = if kind == "radio" { "tick radio" } else { "tick" };
    // Either every card has its icon or none has: a lone icon would look chosen.
    let icons: Option<Vec<IconName>> =
        if kind == "radio" { None } else { options.iter().map(|o| icon(&o.key)).collect() };
    options
        .into_iter()
        .enumerate()
        .map(|(i, o)| {
            let icon = icons.as_ref().and_then(|icons| icons.get(i).copied());
            view! {
                <label class="choice-card">
                    <input class=class type=kind name=given.name.clone() value=o.key.clone() checked=given.has(&o.key) />
                    {icon.map(|name| view! { <Icon name=name size=24 /> })}
                    <span class="card-words">
                        <span class="card-title">{o.label}</span>
                        {(!o.hint.is_empty()).then(|| view! { <span class="card-note">{o.hint}</span> })}
                    </span>
                </label>
            }
        })
        .collect_view()
        .into_any()
}

/// The municipal set, by the keys that the sample and the ready-made attributes use.
fn icon(key: &str) -> Option<IconName> {
    Some(match key {
        "waste" | "garbage" | "gomi" => IconName::Trash,
        "disaster" | "evacuation" | "bousai" | "safety" => IconName::Shield,
        "water" | "suido" => IconName::Drop,
        "childcare" | "child" | "children" | "kosodate" | "school" => IconName::Child,
        "health" | "kenko" | "welfare" => IconName::Heart,
        "event" | "events" | "tourism" | "culture" => IconName::Smile,
        "bus" | "traffic" | "transport" => IconName::Bus,
        "tax" | "money" => IconName::Yen,
        "library" | "learning" => IconName::Document,
        "senior" | "elderly" | "care" => IconName::People,
        "crime" | "security" => IconName::Siren,
        "environment" | "park" => IconName::Tree,
        "city" | "administration" | "news" | "koho" => IconName::Building,
        "pet" | "dog" => IconName::Dog,
        _ => return None,
    })
}

/// The box of consent: in one sentence, with the rest behind 「くわしく」.
fn consent(group: Group, given: &Given, text: String, more: String) -> AnyView {
    let Group { id, label, required, error, .. } = group;
    let described =
        if error.is_some() { format!("{id}-text {id}-error") } else { format!("{id}-text") };
    let heading = format!("{id}-label");
    let invalid = error.is_some().then_some("true");
    let wrong = wrong(&id, error);
    view! {
        <section class="consent" id=id.clone() tabindex="-1" aria-labelledby=heading.clone()>
            <h2 id=heading.clone()>{label}</h2>
            <p id=format!("{id}-text")>{text}</p>
            {(!more.is_empty())
                .then(|| {
                    view! {
                        <details>
                            <summary>"くわしく"</summary>
                            <p>{more}</p>
                        </details>
                    }
                })}
            <label class="choice">
                <input
                    class="tick"
                    type="checkbox"
                    name=given.name.clone()
                    value=AGREED
                    checked=given.has(AGREED)
                    aria-invalid=invalid
                    aria-describedby=described
                />
                <span>"同意する" {required.then(|| view! { <Required /> })}</span>
            </label>
            {wrong}
        </section>
    }
    .into_any()
}

/// A tree of places: groups open, and where a script is there (`liff.js`) a search narrows them.
fn tree(given: &Given, id: &str, options: &[Opt], nowhere: String) -> AnyView {
    let known =
        |key: &Option<String>| key.as_ref().is_some_and(|k| options.iter().any(|o| o.key == *k));
    let roots: Vec<&Opt> = options.iter().filter(|o| !known(&o.parent)).collect();
    let search = format!("{id}-search");
    view! {
        <div class="area-tree" data-tree="">
            <div class="search" hidden>
                <Icon name=IconName::Search size=20 />
                <label class="visually-hidden" for=search.clone()>
                    "名前でさがす"
                </label>
                <input id=search type="search" placeholder="町名でさがす" autocomplete="off" enterkeyhint="done" />
            </div>
            <p class="tree-state" role="status"></p>
            {roots.into_iter().map(|o| branch(given, options, o)).collect_view()}
            {given.radio(NOWHERE, nowhere)}
        </div>
    }
    .into_any()
}

fn branch(given: &Given, options: &[Opt], here: &Opt) -> AnyView {
    let below: Vec<&Opt> =
        options.iter().filter(|o| o.parent.as_deref() == Some(&here.key)).collect();
    if below.is_empty() {
        return given.radio(&here.key, here.label.clone());
    }
    let count = below.len();
    let all = given.radio(&here.key, format!("{}のどこか", here.label));
    view! {
        <details open=holds(given, options, here)>
            <summary>
                <Icon name=IconName::ChevronRight size=20 />
                <span>{here.label.clone()}</span>
                <span class="field-note">{format!("{count}か所")}</span>
            </summary>
            {below.into_iter().map(|o| branch(given, options, o)).collect_view()}
            {all}
        </details>
    }
    .into_any()
}

/// Whether what is chosen lies at or below a place.
fn holds(given: &Given, options: &[Opt], here: &Opt) -> bool {
    given.has(&here.key)
        || options
            .iter()
            .any(|o| o.parent.as_deref() == Some(&here.key) && holds(given, options, o))
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use domain::form::Ask;

    fn opt(key: &str, parent: Option<&str>) -> Opt {
        Opt {
            key: key.into(),
            label: format!("町{key}"),
            parent: parent.map(Into::into),
            ..Opt::default()
        }
    }

    fn html(ask: Ask, given: &[&str], error: Option<&str>) -> String {
        let question = Question {
            hint: "町名まで".into(),
            required: true,
            ..Question::new("home", "お住まい", ask)
        };
        let owner = Owner::new();
        owner.with(|| {
            view! { <FormQuestion question given=given.iter().map(|s| (*s).to_owned()).collect() error=error.map(Into::into) nowhere="外" /> }.to_html()
        })
    }

    fn tag<'a>(html: &'a str, needle: &str) -> &'a str {
        let at = html.find(needle).expect("the control is there");
        let start = html[..at].rfind('<').expect("a tag begins");
        &html[start..start + html[start..].find('>').expect("a tag ends")]
    }

    #[test]
    fn a_chosen_place_is_checked_and_its_group_open() {
        let options = vec![
            opt("east", None),
            opt("higashi1", Some("east")),
            opt("west", None),
            opt("nishi1", Some("west")),
        ];
        let html = html(Ask::Tree { options }, &["higashi1"], None);
        assert!(tag(&html, "value=\"higashi1\"").contains("checked"));
        assert!(!tag(&html, "value=\"nishi1\"").contains("checked"));
        assert_eq!(html.matches("<details open").count(), 1);
        assert_eq!(html.matches("<details").count(), 2);
        assert!(html.contains("value=\"_none\""));
        assert_eq!(html.matches("name=\"answers[home][]\"").count(), 5);
    }

    #[test]
    fn a_place_whose_parent_is_not_offered_can_still_be_chosen() {
        let html = html(Ask::Tree { options: vec![opt("higashi1", Some("gone"))] }, &[], None);
        assert!(html.contains("value=\"higashi1\""));
    }

    #[test]
    fn an_error_stands_below_and_is_announced_with_the_group() {
        let html = html(Ask::One { options: vec![opt("a", None)] }, &[], Some("<b>選んでください"));
        assert!(
            tag(&html, "id=\"q-home\"").contains("aria-describedby=\"q-home-hint q-home-error\"")
        );
        assert!(html.contains("id=\"q-home-error\"") && html.contains("&lt;b"));
        assert!(html.contains("選んでください") && !html.contains("<b>"));
    }

    #[test]
    fn icons_are_shown_for_all_or_for_none() {
        let with = html(
            Ask::Many { options: vec![opt("waste", None), opt("water", None)] },
            &["water"],
            None,
        );
        assert_eq!(with.matches("<svg").count(), 2);
        let without = html(
            Ask::Many { options: vec![opt("waste", None), opt("unheard_of", None)] },
            &[],
            None,
        );
        assert_eq!(without.matches("<svg").count(), 0);
    }

    #[test]
    fn consent_is_never_given_by_itself() {
        let ask = Ask::Consent { text: "使いみち".into(), more: "くわしい話".into() };
        assert!(!tag(&html(ask.clone(), &[], None), "value=\"yes\"").contains("checked"));
        assert!(tag(&html(ask, &["yes"], None), "value=\"yes\"").contains("checked"));
    }
}
