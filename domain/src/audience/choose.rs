//! Choosing in one condition: checks in a list or in a tree of areas, and how the
//! choice is called.

use super::{Audience, Says};
use crate::attribute::{Attribute, Catalog, Choice, Kind};

/// How a choice stands in a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// Not at all.
    No,
    /// Something below it is chosen.
    Partly,
    /// It is chosen, or an area around it.
    Yes,
}

/// How a choice stands in what a condition lists.
pub fn chosen(attribute: &Attribute, is: &[String], key: &str) -> Chosen {
    if around(attribute, key).iter().any(|k| is.iter().any(|c| c == k)) {
        Chosen::Yes
    } else if is.iter().any(|c| around(attribute, c).contains(&key)) {
        Chosen::Partly
    } else {
        Chosen::No
    }
}

/// A choice and the areas around it, from the inside out.
fn around<'a>(attribute: &'a Attribute, key: &'a str) -> Vec<&'a str> {
    let mut out = vec![key];
    while let Some(parent) =
        out.last().and_then(|k| attribute.choice(k)).and_then(|c| c.parent.as_deref())
    {
        if out.contains(&parent) {
            break;
        }
        out.push(parent);
    }
    out
}

/// Checks or clears a choice. Checking an area takes the place of what lies in
/// it; clearing a part of a checked area leaves its other parts checked.
#[must_use]
pub fn toggle(attribute: &Attribute, is: &[String], key: &str) -> Vec<String> {
    let mut set: Vec<String> = is.to_vec();
    if chosen(attribute, is, key) == Chosen::Yes {
        let path = around(attribute, key);
        let Some(top) = path.iter().rposition(|k| is.iter().any(|c| c == k)) else { return set };
        set.retain(|c| !path.contains(&c.as_str()));
        for level in (0..top).rev() {
            set.extend(
                attribute
                    .children(Some(path[level + 1]))
                    .filter(|c| c.key != path[level])
                    .map(|c| c.key.clone()),
            );
        }
    } else {
        set.retain(|c| !around(attribute, c).contains(&key));
        set.push(key.to_owned());
    }
    // In the order in which they are offered; what is offered no more stays at the end.
    let place =
        |key: &String| attribute.choices.iter().position(|c| c.key == *key).unwrap_or(usize::MAX);
    set.sort_by_key(place);
    set.dedup();
    set
}

/// 「東町一丁目・東町二丁目」「港地区（12町すべて）」「水道・断水ほか4」; empty if nothing is chosen.
pub fn chosen_words(attribute: &Attribute, is: &[String]) -> String {
    let name = |key: &String| match attribute.choice(key) {
        None => "（消えた選択肢）".to_owned(),
        Some(choice) if attribute.kind == Kind::Area => match leaves(attribute, choice) {
            0 => choice.label.clone(),
            n => format!("{}（{n}町すべて）", choice.label),
        },
        Some(choice) => choice.label.clone(),
    };
    let shown: Vec<String> = is.iter().take(3).map(name).collect();
    match is.len() {
        0..=3 => shown.join("・"),
        n => format!("{}ほか{}", shown.join("・"), n - 3),
    }
}

/// How many smallest areas lie below one.
fn leaves(attribute: &Attribute, choice: &Choice) -> usize {
    attribute.children(Some(&choice.key)).map(|c| leaves(attribute, c).max(1)).sum()
}

/// Who has not answered an attribute at all.
pub fn unanswered(attribute: &Attribute) -> Audience {
    Audience::Said { key: attribute.key.clone(), says: Says::Registered(false) }
}

/// The attribute that an audience means as [`unanswered`], if it does: also as everyone but
/// those who chose anything of it.
pub fn unanswered_in<'a>(audience: &Audience, catalog: &'a Catalog) -> Option<&'a Attribute> {
    let inner = match audience {
        Audience::Said { key, says: Says::Registered(false) } => return catalog.get(key),
        Audience::Not(inner) => inner,
        _ => return None,
    };
    let leaf = match inner.as_ref() {
        Audience::Any(items) | Audience::All(items) if items.len() == 1 => &items[0],
        other => other,
    };
    let Audience::Attribute { key, is } = leaf else { return None };
    let attribute = catalog.get(key)?;
    let all = attribute.children(None).all(|c| is.contains(&c.key));
    (all && !is.is_empty()).then_some(attribute)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{AttributeId, ChoiceId};

    fn home() -> Attribute {
        let choice = |key: &str, parent: Option<&str>| Choice {
            id: ChoiceId(1),
            key: key.into(),
            label: key.to_uppercase(),
            parent: parent.map(Into::into),
            hidden: false,
        };
        Attribute {
            id: AttributeId(1),
            key: "home".into(),
            label: "お住まい".into(),
            kind: Kind::Area,
            hint: String::new(),
            required: false,
            personal: false,
            hidden: false,
            choices: vec![
                choice("east", None),
                choice("e1", Some("east")),
                choice("e2", Some("east")),
                choice("e2a", Some("e2")),
                choice("e2b", Some("e2")),
                choice("west", None),
            ],
        }
    }

    fn keys(list: &[&str]) -> Vec<String> {
        list.iter().map(|k| (*k).to_owned()).collect()
    }

    #[test]
    fn an_area_takes_the_place_of_what_lies_in_it() {
        let home = home();
        let is = toggle(&home, &keys(&["e1", "e2a"]), "east");
        assert_eq!(is, keys(&["east"]));
        assert_eq!(chosen(&home, &is, "e2b"), Chosen::Yes);
        assert_eq!(chosen(&home, &is, "west"), Chosen::No);
        assert_eq!(chosen(&home, &keys(&["e2a"]), "east"), Chosen::Partly);
    }

    #[test]
    fn clearing_a_part_leaves_the_other_parts() {
        let home = home();
        assert_eq!(toggle(&home, &keys(&["east", "west"]), "e2a"), keys(&["e1", "e2b", "west"]));
        assert_eq!(toggle(&home, &keys(&["east"]), "east"), keys(&[]));
    }

    #[test]
    fn checking_twice_changes_nothing() {
        let home = home();
        for choice in &home.choices {
            let once = toggle(&home, &[], &choice.key);
            assert_eq!(toggle(&home, &once, &choice.key), keys(&[]), "{}", choice.key);
        }
    }

    #[test]
    fn names() {
        let home = home();
        assert_eq!(chosen_words(&home, &keys(&["east", "west"])), "EAST（3町すべて）・WEST");
        assert_eq!(chosen_words(&home, &keys(&["e1", "e2a", "e2b", "west"])), "E1・E2A・E2Bほか1");
        assert_eq!(chosen_words(&home, &[]), "");
    }

    #[test]
    fn who_has_not_answered_is_recognised() {
        let catalog = Catalog { attributes: vec![home()], ..Catalog::default() };
        let audience = unanswered(&home());
        let every = Audience::Attribute { key: "home".into(), is: keys(&["east", "west"]) };
        for meant in [audience.clone(), Audience::Not(Box::new(Audience::Any(vec![every])))] {
            assert_eq!(unanswered_in(&meant, &catalog).map(|a| a.key.as_str()), Some("home"));
        }
        let part = Audience::Not(Box::new(Audience::Attribute {
            key: "home".into(),
            is: keys(&["east"]),
        }));
        assert_eq!(unanswered_in(&part, &catalog), None);
        assert!(audience.resolve(&catalog, "").is_ok());
    }
}
