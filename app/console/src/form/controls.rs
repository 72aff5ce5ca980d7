//! The questions of a form as controls within the console: the renderer that residents get, and
//! what stands in its controls.

use domain::form::Answers;

/// What stands in the controls below an element, by name: `answers[home][]` is `home`.
pub(crate) fn read(inside: &str) -> Answers {
    #[cfg(feature = "hydrate")]
    {
        browser::read(inside)
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = inside;
        Answers::new()
    }
}

/// What a button of a group asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Items {
    /// One more of a group.
    Add(String),
    /// That one away.
    Remove(String, usize),
}

/// What was pressed, if it is a button of a group.
pub(crate) fn pressed(event: &leptos::ev::MouseEvent) -> Option<Items> {
    use wasm_bindgen::JsCast;
    let target = event.target()?.dyn_into::<web_sys::Element>().ok()?;
    let button = target.closest("button[name='act']").ok()??;
    event.prevent_default();
    let value = button.get_attribute("value")?;
    match value.split(':').collect::<Vec<_>>().as_slice() {
        ["add", path] => Some(Items::Add((*path).to_owned())),
        ["remove", path, index] => Some(Items::Remove((*path).to_owned(), index.parse().ok()?)),
        _ => None,
    }
}

/// The answers without one item of a group; those behind it move up.
pub(crate) fn without(answers: &Answers, path: &str, index: usize) -> Answers {
    let prefix = format!("{path}.");
    let mut left = Answers::new();
    for (name, words) in answers {
        let item = name.strip_prefix(&prefix).and_then(|rest| rest.split_once('.'));
        let at = item.and_then(|(i, rest)| Some((i.parse::<usize>().ok()?, rest)));
        let name = match at {
            Some((i, _)) if i == index => continue,
            Some((i, rest)) if i > index => format!("{prefix}{}.{rest}", i - 1),
            _ => name.clone(),
        };
        left.insert(name, words.clone());
    }
    left
}

/// How the control with the focus is found again after its page was drawn anew.
pub(crate) fn focused(inside: &str) -> Option<String> {
    use leptos::prelude::document;
    let active = document().active_element()?;
    active.closest(inside).ok()??;
    match (active.id(), active.get_attribute("name"), active.get_attribute("value")) {
        (id, ..) if !id.is_empty() => Some(format!("[id='{id}']")),
        (_, Some(name), Some(value)) => {
            Some(format!("{inside} [name='{name}'][value='{}']", value.replace('\'', "")))
        }
        _ => None,
    }
}

/// Gives it the focus again, where it has lost it.
pub(crate) fn refocus(selector: String) {
    use leptos::prelude::{document, request_animation_frame};
    use wasm_bindgen::JsCast;
    request_animation_frame(move || {
        let lost = document().active_element().is_none_or(|e| e.tag_name() == "BODY");
        if lost
            && let Ok(Some(found)) = document().query_selector(&selector)
            && let Ok(element) = found.dyn_into::<web_sys::HtmlElement>()
        {
            // Focus is a help, not a need.
            drop(element.focus());
        }
    });
}

#[cfg(feature = "hydrate")]
mod browser {
    use domain::form::Answers;
    use leptos::prelude::*;
    use wasm_bindgen::{JsCast, JsValue};

    fn text(element: &JsValue, name: &str) -> String {
        let found = js_sys::Reflect::get(element, &name.into()).ok();
        found.and_then(|v| v.as_string()).unwrap_or_default()
    }

    pub fn read(inside: &str) -> Answers {
        let mut answers = Answers::new();
        let selector = format!("{inside} [name^='answers[']");
        let Ok(all) = document().query_selector_all(&selector) else { return answers };
        for i in 0..all.length() {
            let Some(element) = all.get(i) else { continue };
            let name = text(&element, "name");
            let Some(name) = name.strip_prefix("answers[").and_then(|n| n.strip_suffix("][]"))
            else {
                continue;
            };
            let words = answers.entry(name.to_owned()).or_default();
            let kind = text(&element, "type");
            let ticked = !matches!(kind.as_str(), "checkbox" | "radio")
                || element
                    .dyn_ref::<web_sys::HtmlInputElement>()
                    .is_some_and(web_sys::HtmlInputElement::checked);
            if kind != "file" && ticked {
                words.push(text(&element, "value"));
            }
        }
        answers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_behind_one_that_goes_move_up() {
        let word = |w: &str| vec![w.to_owned()];
        let answers = Answers::from([
            ("dogs.0.name".to_owned(), word("a")),
            ("dogs.1.name".to_owned(), word("b")),
            ("dogs.2.name.x".to_owned(), word("c")),
            ("home".to_owned(), word("d")),
        ]);
        let left = without(&answers, "dogs", 1);
        let names: Vec<&str> = left.keys().map(String::as_str).collect();
        assert_eq!(names, ["dogs.0.name", "dogs.1.name.x", "home"]);
    }
}
