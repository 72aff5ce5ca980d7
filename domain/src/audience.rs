//! Audiences (配信対象): a boolean expression over facts → a set of residents (SEG-1).
//!
//! One meaning: [`Audience::matches`] is what an expression means; `store`
//! translates [`Audience::resolve`] to SQL and to bitmaps, and is tested against it.
//! Everything fails closed: an empty list, an unknown key or shape is refused.

mod among;
mod choose;
pub mod edit;
mod explored;
mod resolved;
pub mod saved;
mod says;
mod sentence;
mod wrote;

use crate::attribute::Catalog;
use crate::problem::Problem;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

pub use among::{Among, Known, Unaskable};
pub use choose::{Chosen, chosen, chosen_words, toggle, unanswered, unanswered_in};
pub use explored::{Count, Explored};
pub use resolved::{Facts, Resolved, Search};
pub use says::{AGE_MAX, Day, SEARCH_MAX, Says, Since, Span};
pub use sentence::{Word, says_words, sentence, since_words, words};
pub use wrote::{Field, FieldKind, LABEL as WROTE, Told, Within, Written, Wrote, fields};

/// Deepest nesting that is read.
pub const DEPTH_MAX: usize = 16;
/// Most nodes that are read.
pub const NODES_MAX: usize = 1_000;
/// Most choices of one condition.
pub const IS_MAX: usize = 2_000;
const TOO_MANY: &str =
    "1つの条件に選択肢は2,000個までです。上の区域でまとめるか、条件を分けてください";

const ONE_OF: &str = "everyone・all・any・not・attribute・friend_since・first_registered・last_registered・list・received・failed・replied・answered・chose・form のどれか1つにしてください";

/// Who. Always within the friends that we know.
///
/// What serde reads may still hold conditions without a choice (a draft on its
/// way to be finished); [`Audience::parse`] and [`Audience::resolve`] refuse them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub enum Audience {
    /// All friends, unregistered included.
    Everyone,
    /// Who matches every one of these (at least one).
    All(Vec<Audience>),
    /// Who matches any of these (at least one).
    Any(Vec<Audience>),
    /// All other friends.
    Not(Box<Audience>),
    /// Who registered any of these choices, or an area below one.
    Attribute {
        /// The attribute's key.
        key: String,
        /// Choice keys (at least one).
        is: Vec<String>,
    },
    /// Of whom something is said beside choices: a year, an age, a date, a text, or whether
    /// they answered at all.
    Said {
        /// The attribute's key.
        key: String,
        /// What.
        says: Says,
    },
    /// Who became a friend, or last registered, within some days.
    Since {
        /// Since when what.
        what: Since,
        /// The days.
        span: Span<Day>,
    },
    /// Who is on a list, or got a delivery.
    Among {
        /// Of what.
        what: Among,
        /// Its number; nothing while it is still to be chosen.
        id: Option<i64>,
    },
    /// Who wrote so in a form; nothing while the question is still to be chosen.
    Wrote(Option<Wrote>),
}

impl Audience {
    /// Reads an audience.
    ///
    /// # Errors
    /// Problems with pointers below `at`.
    pub fn parse(value: &Value, at: &str) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut nodes = 0;
        match read(value, at, 0, false, &mut nodes, &mut problems) {
            Some(audience) if problems.is_empty() => Ok(audience),
            _ => Err(problems),
        }
    }

    /// Replaces keys by ids; areas take what lies below.
    ///
    /// # Errors
    /// Unknown keys and empty lists, with pointers below `at`.
    pub fn resolve(&self, catalog: &Catalog, at: &str) -> Result<Resolved, Vec<Problem>> {
        let mut problems = Vec::new();
        let resolved = self.resolve_into(catalog, at, &mut problems);
        if problems.is_empty() { Ok(resolved) } else { Err(problems) }
    }

    /// Every attribute key and choice key that is used; the latter is empty where no choice is named.
    pub fn uses(&self) -> BTreeSet<(String, String)> {
        match self {
            Self::Everyone | Self::Since { .. } | Self::Among { .. } | Self::Wrote(_) => {
                BTreeSet::new()
            }
            Self::Said { key, .. } => BTreeSet::from([(key.clone(), String::new())]),
            Self::All(items) | Self::Any(items) => items.iter().flat_map(Self::uses).collect(),
            Self::Not(inner) => inner.uses(),
            Self::Attribute { key, is } => is.iter().map(|c| (key.clone(), c.clone())).collect(),
        }
    }

    /// Whether it is all friends, whatever they registered.
    pub fn is_everyone(&self) -> bool {
        match self {
            Self::Everyone => true,
            Self::All(items) => !items.is_empty() && items.iter().all(Self::is_everyone),
            Self::Any(items) => items.iter().any(Self::is_everyone),
            Self::Not(_)
            | Self::Attribute { .. }
            | Self::Said { .. }
            | Self::Since { .. }
            | Self::Among { .. }
            | Self::Wrote(_) => false,
        }
    }

    /// Whether it is one condition, and holds no others.
    pub fn is_leaf(&self) -> bool {
        !matches!(self, Self::All(_) | Self::Any(_) | Self::Not(_))
    }

    /// Whether it is a condition in which something is still to be chosen.
    pub fn is_unfinished(&self) -> bool {
        match self {
            Self::Attribute { key, is } => key.is_empty() || is.is_empty(),
            Self::Said { key, says } => key.is_empty() || says.is_empty(),
            Self::Since { span, .. } => span.is_empty(),
            Self::Among { id, .. } => id.is_none(),
            Self::Wrote(asked) => asked.as_ref().is_none_or(|w| w.told.is_empty()),
            Self::Everyone | Self::All(_) | Self::Any(_) | Self::Not(_) => false,
        }
    }
}

fn read(
    value: &Value,
    at: &str,
    depth: usize,
    draft: bool,
    nodes: &mut usize,
    problems: &mut Vec<Problem>,
) -> Option<Audience> {
    *nodes += 1;
    if depth > DEPTH_MAX || *nodes > NODES_MAX {
        problems.push(Problem::new(
            at,
            "条件が込み入りすぎています。入れ子は16段、条件は1,000個までです",
        ));
        return None;
    }
    let mut refuse = |at: String, message: &str| {
        problems.push(Problem::new(at, message));
        None
    };
    let Some(object) = value.as_object() else {
        return refuse(at.to_owned(), "配信対象の条件は、オブジェクトにしてください");
    };
    if object.contains_key("attribute") {
        let key = object.get("attribute").and_then(Value::as_str);
        let is = object.get("is").and_then(Value::as_array);
        if let Some(key) = key
            && let Some((name, value)) = said(object)
        {
            return match Says::read(name, value, draft) {
                Ok(says) => Some(Audience::Said { key: key.to_owned(), says }),
                Err(why) => refuse(format!("{at}/{name}{}", why.at), &why.message),
            };
        }
        let (Some(key), Some(is), 2) = (key, is, object.len()) else {
            return refuse(
                at.to_owned(),
                "{\"attribute\": \"…\", \"is\": [\"…\"]} の形にしてください。is のかわりに registered・year・age・date・contains・equals のどれか1つも使えます",
            );
        };
        if is.is_empty() && !draft {
            return refuse(
                format!("{at}/is"),
                "条件が空です。空のままでは送れません。選ぶか、消してください",
            );
        }
        if is.len() > IS_MAX && !draft {
            return refuse(format!("{at}/is"), TOO_MANY);
        }
        let mut keys = Vec::with_capacity(is.len());
        for (i, choice) in is.iter().enumerate() {
            match choice.as_str() {
                Some(choice) => keys.push(choice.to_owned()),
                None => {
                    return refuse(
                        format!("{at}/is/{i}"),
                        "選択肢はキー（文字列）で指してください",
                    );
                }
            }
        }
        return Some(Audience::Attribute { key: key.to_owned(), is: keys });
    }
    if object.contains_key("form") {
        return match wrote::read(object, draft) {
            Ok(asked) => Some(Audience::Wrote(asked)),
            Err(why) => refuse(format!("{at}{}", why.at), &why.message),
        };
    }
    let mut fields = object.iter();
    let (Some((name, inner)), None) = (fields.next(), fields.next()) else {
        return refuse(at.to_owned(), ONE_OF);
    };
    if let Some(what) = Since::ALL.into_iter().find(|s| s.name() == name) {
        return match says::days(inner) {
            Ok(span) if span.is_empty() && !draft => refuse(format!("{at}/{name}"), says::EMPTY),
            Ok(span) => Some(Audience::Since { what, span }),
            Err(why) => refuse(format!("{at}/{name}{}", why.at), &why.message),
        };
    }
    if let Some(what) = Among::ALL.into_iter().find(|a| a.name() == name) {
        return match among::id(inner) {
            None if draft && inner.is_null() => Some(Audience::Among { what, id: None }),
            None => refuse(format!("{at}/{name}"), among::ID),
            id => Some(Audience::Among { what, id }),
        };
    }
    match (name.as_str(), inner) {
        ("everyone", Value::Bool(true)) => Some(Audience::Everyone),
        ("everyone", _) => refuse(format!("{at}/everyone"), "everyone は true だけです"),
        ("all" | "any", Value::Array(items)) if items.is_empty() => refuse(
            format!("{at}/{name}"),
            "条件が空です。空のままでは送れません。選ぶか、消してください",
        ),
        ("all" | "any", Value::Array(items)) => {
            let read: Vec<Audience> = items
                .iter()
                .enumerate()
                .filter_map(|(i, item)| {
                    read(item, &format!("{at}/{name}/{i}"), depth + 1, draft, nodes, problems)
                })
                .collect();
            if read.len() < items.len() {
                return None;
            }
            Some(if name == "all" { Audience::All(read) } else { Audience::Any(read) })
        }
        ("all" | "any", _) => refuse(format!("{at}/{name}"), "条件の並び（配列）にしてください"),
        ("not", inner) => Some(Audience::Not(Box::new(read(
            inner,
            &format!("{at}/not"),
            depth + 1,
            draft,
            nodes,
            problems,
        )?))),
        _ => refuse(at.to_owned(), ONE_OF),
    }
}

/// What stands beside `attribute`, if it is one of [`Says`] and nothing else.
fn said(object: &Map<String, Value>) -> Option<(&str, &Value)> {
    let mut others = object.iter().filter(|(name, _)| *name != "attribute");
    let (name, value) = others.next()?;
    (others.next().is_none() && says::NAMES.contains(&name.as_str()))
        .then_some((name.as_str(), value))
}

impl TryFrom<Value> for Audience {
    type Error = String;
    fn try_from(value: Value) -> Result<Self, String> {
        let mut problems = Vec::new();
        let mut nodes = 0;
        read(&value, "", 0, true, &mut nodes, &mut problems)
            .filter(|_| problems.is_empty())
            .ok_or_else(|| {
                problems
                    .into_iter()
                    .map(|p| format!("{}: {}", p.at, p.message))
                    .collect::<Vec<_>>()
                    .join("; ")
            })
    }
}

impl From<Audience> for Value {
    fn from(audience: Audience) -> Self {
        match audience {
            Audience::Everyone => json!({"everyone": true}),
            Audience::All(items) => json!({"all": items}),
            Audience::Any(items) => json!({"any": items}),
            Audience::Not(inner) => json!({"not": inner}),
            Audience::Attribute { key, is } => json!({"attribute": key, "is": is}),
            Audience::Said { key, says } => json!({"attribute": key, (says.name()): says.json()}),
            Audience::Since { what, span } => json!({(what.name()): says::days_json(span)}),
            Audience::Among { what, id } => json!({(what.name()): id}),
            Audience::Wrote(None) => json!({"form": null}),
            Audience::Wrote(Some(asked)) => asked.json(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes() {
        let value = json!({"all": [{"attribute": "home", "is": ["east"]}, {"not": {"any": [{"everyone": true}]}}]});
        let audience = Audience::parse(&value, "").unwrap();
        assert_eq!(Value::from(audience), value);
    }

    #[test]
    fn anything_else_is_refused_with_its_place() {
        for (bad, at) in [
            (json!({}), ""),
            (json!(null), ""),
            (json!([]), ""),
            (json!({"everyone": false}), "/everyone"),
            (json!({"all": []}), "/all"),
            (json!({"any": []}), "/any"),
            (json!({"any": [{"all": [{"attribute": "a", "is": []}]}]}), "/any/0/all/0/is"),
            (json!({"attribute": "a"}), ""),
            (json!({"attribute": "a", "is": ["x"], "not": true}), ""),
            (json!({"attribute": "a", "is": [1]}), "/is/0"),
            (json!({"not": []}), "/not"),
            (json!({"all": [{"everyone": true}], "any": [{"everyone": true}]}), ""),
            (json!({"gender": "x"}), ""),
            (json!({"attribute": "a", "year": {}}), "/year"),
            (json!({"attribute": "a", "year": {"from": "1980"}}), "/year/from"),
            (json!({"attribute": "a", "year": {"from": 1899}}), "/year/from"),
            (json!({"attribute": "a", "year": {"from": 1980, "at": 1}}), "/year/at"),
            (json!({"attribute": "a", "year": {"from": 1980}, "is": ["x"]}), ""),
            (json!({"attribute": "a", "age": {"from": 3, "on": "4月1日"}}), "/age/on"),
            (json!({"attribute": "a", "age": {"on": "2027-04-01"}}), "/age"),
            (json!({"attribute": "a", "age": {"to": 151}}), "/age/to"),
            (json!({"attribute": "a", "date": {"to": {"weeks": 1}}}), "/date/to"),
            (json!({"attribute": "a", "date": {"to": {"days": 1, "months": 1}}}), "/date/to"),
            (json!({"attribute": "a", "contains": " "}), "/contains"),
            (json!({"attribute": "a", "equals": 1}), "/equals"),
            (json!({"attribute": "a", "registered": "yes"}), "/registered"),
            (json!({"attribute": "a", "before": "2026-01-01"}), ""),
            (json!({"friend_since": {}}), "/friend_since"),
            (json!({"friend_since": {"from": "2026-13-01"}}), "/friend_since/from"),
            (json!({"last_registered": {"to": {"months": 9999}}}), "/last_registered/to"),
            (json!({"friend_since": {"from": {"days": 0}}, "everyone": true}), ""),
        ] {
            let problems = Audience::parse(&bad, "").unwrap_err();
            assert_eq!(problems[0].at, at, "{bad}");
        }
    }

    #[test]
    fn what_is_said_is_written_as_it_was_read() {
        for value in [
            json!({"attribute": "a", "registered": false}),
            json!({"attribute": "a", "year": {"from": 1980, "to": 1989}}),
            json!({"attribute": "a", "age": {"from": 3, "to": 3, "on": "2027-04-01"}}),
            json!({"attribute": "a", "date": {"from": {"days": 0}, "to": {"days": 30}}}),
            json!({"attribute": "a", "date": {"from": "2026-05-01"}}),
            json!({"attribute": "a", "contains": "ポチ'\\%"}),
            json!({"attribute": "a", "equals": "ポチ"}),
            json!({"friend_since": {"from": {"months": -12}}}),
            json!({"last_registered": {"to": "2026-05-01"}}),
        ] {
            let audience = Audience::parse(&value, "").unwrap();
            assert_eq!(Value::from(audience), value);
        }
        for draft in [
            json!({"attribute": "a", "age": {}}),
            json!({"attribute": "a", "contains": ""}),
            json!({"friend_since": {}}),
        ] {
            let audience: Audience = serde_json::from_value(draft.clone()).unwrap();
            assert!(audience.is_unfinished());
            assert_eq!(serde_json::to_value(&audience).unwrap(), draft);
        }
    }

    #[test]
    fn a_draft_may_hold_an_empty_condition_that_nothing_else_takes() {
        let value = json!({"all": [{"attribute": "", "is": []}]});
        let draft: Audience = serde_json::from_value(value.clone()).unwrap();
        assert_eq!(serde_json::to_value(&draft).unwrap(), value);
        assert!(Audience::parse(&value, "").is_err());
        assert_eq!(
            draft.resolve(&Catalog::default(), "/audience").unwrap_err()[0].at,
            "/audience/all/0/attribute"
        );
        assert!(serde_json::from_value::<Audience>(json!({"all": []})).is_err());
        assert!(serde_json::from_value::<Audience>(json!({"everyone": false})).is_err());
    }

    #[test]
    fn a_condition_has_so_many_choices_at_the_most() {
        let condition = |n: usize| json!({"attribute": "a", "is": vec!["x"; n]});
        assert!(Audience::parse(&condition(IS_MAX), "").is_ok());
        assert_eq!(Audience::parse(&condition(IS_MAX + 1), "").unwrap_err()[0].at, "/is");
    }

    #[test]
    fn depth_has_a_limit() {
        let mut value = json!({"everyone": true});
        for _ in 0..DEPTH_MAX {
            value = json!({"not": value});
        }
        assert!(Audience::parse(&value, "").is_ok());
        assert!(Audience::parse(&json!({"not": value}), "").is_err());
    }
}
