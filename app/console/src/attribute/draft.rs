//! What is being written on an attribute's page, until it is saved.

use domain::attribute::edit::{Changes, areas_text, carry_over, changes, key_for_choice, places};
use domain::attribute::{Attribute, Choice, Kind, parse_areas};
use domain::id::{AttributeId, ChoiceId};
use domain::problem::Problem;
use leptos::prelude::*;
use std::collections::{BTreeMap, HashMap};
use ui::prelude::SummaryItem;

/// One choice in the list; `uid` names it on the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) uid: u32,
    pub(crate) choice: Choice,
}

/// The state of the page. Copy: every part of the page takes it along.
#[derive(Clone, Copy)]
pub(crate) struct Draft {
    /// What is saved; nothing for a new attribute.
    pub(crate) seen: StoredValue<Option<Attribute>>,
    pub(crate) label: RwSignal<String>,
    pub(crate) key: RwSignal<String>,
    pub(crate) kind: RwSignal<Kind>,
    pub(crate) hint: RwSignal<String>,
    pub(crate) required: RwSignal<bool>,
    pub(crate) personal: RwSignal<bool>,
    pub(crate) hidden: RwSignal<bool>,
    /// The choices, unless the attribute is a tree of areas.
    pub(crate) rows: RwSignal<Vec<Row>>,
    next: StoredValue<u32>,
    /// The tree of areas as it stands in the text area.
    pub(crate) text: RwSignal<String>,
    /// The same a moment after the last key: what the tree is read from.
    pub(crate) settled: RwSignal<String>,
    /// Former key → place in the new tree that is only another name for it.
    pub(crate) renamed: RwSignal<BTreeMap<String, String>>,
    /// Places that were hidden or shown here.
    pub(crate) shown: RwSignal<BTreeMap<String, bool>>,
    /// The tree that would be saved.
    pub(crate) areas: Memo<Result<Vec<Choice>, Vec<Problem>>>,
    /// The choices that would be saved; new ones get their keys here. Of areas that
    /// cannot be read, none.
    pub(crate) choices: Memo<Vec<Choice>>,
    /// What saving would change among the choices.
    pub(crate) changes: Memo<Changes>,
}

impl Draft {
    /// Begins with what is saved, or with an empty question.
    pub(crate) fn new(attribute: Option<Attribute>) -> Self {
        let a = attribute.clone().unwrap_or_else(|| Attribute {
            id: AttributeId(0),
            key: String::new(),
            label: String::new(),
            kind: Kind::Single,
            hint: String::new(),
            required: false,
            personal: false,
            hidden: false,
            choices: Vec::new(),
        });
        let list = if a.kind == Kind::Area { Vec::new() } else { a.choices.clone() };
        let mut rows: Vec<Row> = (0..).zip(list).map(|(uid, choice)| Row { uid, choice }).collect();
        if attribute.is_none() {
            rows.extend((0..2).map(|uid| Row { uid, choice: blank() }));
        }
        let former = if a.kind == Kind::Area { a.choices } else { Vec::new() };
        let text = areas_text(&former);
        let original = text.clone();
        let settled = RwSignal::new(text.clone());
        let renamed = RwSignal::new(BTreeMap::new());
        let shown = RwSignal::new(BTreeMap::new());
        let areas = Memo::new(move |_| {
            // Nothing was touched: exactly what is saved, whatever its order.
            let untouched = settled.with(|text| *text == original)
                && renamed.with(BTreeMap::is_empty)
                && shown.with(BTreeMap::is_empty);
            if untouched && !former.is_empty() {
                return Ok(former.clone());
            }
            settled.with(|text| parse_areas(text, &former)).map(|tree| {
                let keys: HashMap<String, String> =
                    places(&tree).into_iter().map(|(key, place)| (place, key)).collect();
                let pairs = renamed.with(|r: &BTreeMap<String, String>| {
                    r.iter()
                        .filter_map(|(from, to)| Some((from.clone(), keys.get(to)?.clone())))
                        .collect()
                });
                let mut tree = carry_over(&former, &tree, &pairs);
                let now = places(&tree);
                shown.with(|shown: &BTreeMap<String, bool>| {
                    for c in &mut tree {
                        if let Some(shown) = now.get(&c.key).and_then(|place| shown.get(place)) {
                            c.hidden = !shown;
                        }
                    }
                });
                tree
            })
        });
        let kind = RwSignal::new(a.kind);
        let next = StoredValue::new(rows.len() as u32);
        let rows = RwSignal::new(rows);
        let choices = Memo::new(move |_| match kind.get() {
            Kind::Area => areas.get().unwrap_or_default(),
            Kind::Single | Kind::Multiple => rows.with(|rows| with_keys(rows)),
            Kind::Year | Kind::Date | Kind::Text => Vec::new(),
        });
        let seen = StoredValue::new(attribute);
        let changes = Memo::new(move |_| {
            choices.with(|now| {
                seen.with_value(|seen| changes(seen.as_ref().map_or(&[][..], |a| &a.choices), now))
            })
        });
        Self {
            seen,
            label: RwSignal::new(a.label),
            key: RwSignal::new(a.key),
            kind,
            hint: RwSignal::new(a.hint),
            required: RwSignal::new(a.required),
            personal: RwSignal::new(a.personal),
            hidden: RwSignal::new(a.hidden),
            next,
            rows,
            text: RwSignal::new(text),
            settled,
            renamed,
            shown,
            areas,
            choices,
            changes,
        }
    }

    /// Whether the attribute is not saved yet.
    pub(crate) fn is_new(self) -> bool {
        self.seen.with_value(Option::is_none)
    }

    /// Adds a choice at a place, or at the end; answers its `uid`.
    pub(crate) fn add(self, at: Option<usize>, label: &str) -> u32 {
        let uid = self.next.with_value(|n| *n);
        self.next.set_value(uid + 1);
        self.rows.update(|rows| {
            let at = at.unwrap_or(rows.len()).min(rows.len());
            rows.insert(at, Row { uid, choice: Choice { label: label.to_owned(), ..blank() } });
        });
        uid
    }

    /// Changes one choice in place.
    pub(crate) fn change(self, uid: u32, change: impl FnOnce(&mut Choice)) {
        self.rows.update(|rows| {
            if let Some(row) = rows.iter_mut().find(|r| r.uid == uid) {
                change(&mut row.choice);
            }
        });
    }

    /// The attribute that would be saved.
    pub(crate) fn attribute(self) -> Attribute {
        Attribute {
            id: self.seen.with_value(|s| s.as_ref().map_or(AttributeId(0), |a| a.id)),
            key: self.key.get().trim().to_owned(),
            label: self.label.get().trim().to_owned(),
            kind: self.kind.get(),
            hint: self.hint.get().trim().to_owned(),
            required: self.required.get(),
            personal: self.personal.get(),
            hidden: self.hidden.get(),
            choices: self.choices.get(),
        }
    }

    /// Whether something is written that is not saved.
    pub(crate) fn dirty(self) -> bool {
        let now = self.attribute();
        self.seen.with_value(|seen| match seen {
            Some(seen) => *seen != now,
            None => !now.label.is_empty() || !now.choices.is_empty(),
        })
    }

    /// What must be mended before saving.
    pub(crate) fn problems(self) -> Vec<Problem> {
        let mut problems = self.attribute().validate().err().unwrap_or_default();
        if self.kind.get() == Kind::Area
            && let Err(lines) = self.areas.get()
        {
            problems.retain(|p| p.at != "/choices");
            problems.extend(
                lines
                    .into_iter()
                    .map(|p| Problem::new("/choices", format!("{}行目：{}", p.at, p.message))),
            );
        }
        problems
    }

    /// The problems as links to their fields.
    pub(crate) fn summary(self, problems: &[Problem]) -> Vec<SummaryItem> {
        problems
            .iter()
            .map(|p| SummaryItem { id: self.field_of(&p.at), text: p.message.clone() })
            .collect()
    }

    /// The id of the field that a JSON pointer means.
    fn field_of(self, at: &str) -> String {
        let mut parts = at.trim_start_matches('/').split('/');
        match (parts.next(), parts.next().and_then(|n| n.parse::<usize>().ok())) {
            (Some("choices"), Some(n)) if self.kind.get_untracked() != Kind::Area => {
                let uid = self
                    .rows
                    .with_untracked(|rows| rows.iter().filter(|r| counts(r)).nth(n).map(|r| r.uid));
                uid.map_or_else(|| "choices".to_owned(), |uid| format!("choice-{uid}"))
            }
            (Some("choices"), _) => "choices".into(),
            (Some(field @ ("label" | "key" | "hint")), _) => field.into(),
            _ => "label".into(),
        }
    }
}

/// New rows that nobody filled in are left out.
fn counts(row: &Row) -> bool {
    row.choice.id != ChoiceId(0) || !row.choice.label.trim().is_empty()
}

fn with_keys(rows: &[Row]) -> Vec<Choice> {
    let mut taken: Vec<String> =
        rows.iter().map(|r| r.choice.key.clone()).filter(|k| !k.is_empty()).collect();
    rows.iter()
        .filter(|r| counts(r))
        .map(|r| {
            let mut choice = r.choice.clone();
            if choice.key.is_empty() {
                choice.key = key_for_choice(&choice.label, |k| taken.iter().any(|t| t == k));
                taken.push(choice.key.clone());
            }
            choice
        })
        .collect()
}

fn blank() -> Choice {
    Choice {
        id: ChoiceId(0),
        key: String::new(),
        label: String::new(),
        parent: None,
        hidden: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(id: i64, key: &str) -> Choice {
        Choice {
            id: ChoiceId(id),
            key: key.into(),
            label: key.to_uppercase(),
            parent: None,
            hidden: false,
        }
    }

    #[test]
    fn new_choices_get_keys_and_blank_rows_are_left_out() {
        let owner = Owner::new();
        owner.set();
        let draft = Draft::new(None);
        draft.label.set("受け取りたい情報".into());
        draft.add(None, "くらし");
        draft.add(None, "くらし");
        let keys: Vec<String> = draft.attribute().choices.into_iter().map(|c| c.key).collect();
        assert_eq!(keys, ["kurashi", "kurashi_2"]);
        assert!(draft.dirty());
    }

    #[test]
    fn a_kind_without_choices_has_none() {
        let owner = Owner::new();
        owner.set();
        let draft = Draft::new(None);
        draft.label.set("生まれた年".into());
        draft.key.set("born".into());
        draft.add(None, "くらし");
        draft.kind.set(Kind::Year);
        assert!(draft.attribute().choices.is_empty() && draft.problems().is_empty());
        draft.kind.set(Kind::Single);
        assert_eq!(draft.attribute().choices.len(), 1, "what was written is not lost");
    }

    #[test]
    fn problems_lead_to_their_fields() {
        let owner = Owner::new();
        owner.set();
        let saved = Attribute {
            id: AttributeId(3),
            key: "topics".into(),
            label: "情報".into(),
            kind: Kind::Multiple,
            hint: String::new(),
            required: false,
            personal: false,
            hidden: false,
            choices: vec![choice(1, "a"), choice(2, "b")],
        };
        let draft = Draft::new(Some(saved));
        assert!(!draft.dirty() && draft.problems().is_empty());
        draft.change(1, |c| c.label.clear());
        let items = draft.summary(&draft.problems());
        assert_eq!(items.iter().map(|i| i.id.as_str()).collect::<Vec<_>>(), ["choice-1"]);
    }

    #[test]
    fn a_pasted_tree_keeps_what_was_only_renamed() {
        let owner = Owner::new();
        owner.set();
        let area = |id: i64, key: &str, label: &str, parent: Option<&str>| Choice {
            id: ChoiceId(id),
            key: key.into(),
            label: label.into(),
            parent: parent.map(Into::into),
            hidden: false,
        };
        let saved = Attribute {
            id: AttributeId(3),
            key: "home".into(),
            label: "お住まい".into(),
            kind: Kind::Area,
            hint: String::new(),
            required: false,
            personal: false,
            hidden: false,
            choices: vec![area(1, "east", "東地区", None), area(2, "east1", "東町", Some("east"))],
        };
        let draft = Draft::new(Some(saved));
        assert!(!draft.dirty());
        draft.settled.set("東部\n　東町\n".into());
        assert_eq!(draft.changes.get().gone.len(), 2);
        draft.renamed.set(BTreeMap::from([("east".to_owned(), "東部".to_owned())]));
        assert!(draft.changes.get().gone.is_empty());
        draft.shown.set(BTreeMap::from([("東部 › 東町".to_owned(), false)]));
        assert!(draft.choices.get().iter().any(|c| c.key == "east1" && c.hidden));
        draft.settled.set("東部\n\t,悪い\u{7}名前\n".into());
        assert_eq!(draft.problems().iter().filter(|p| p.at == "/choices").count(), 1);
    }
}
