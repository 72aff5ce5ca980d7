//! What an audience means, with every key found and every day fixed: [`Resolved::matches`]
//! is the meaning; `store` translates it to SQL and to bitmaps, and is tested against it.

use super::among::{self, Among};
use super::says::{AGE_MAX, Day, NOTHING, Says, Since, Span};
use super::wrote::{self, Written};
use super::{Audience, IS_MAX, TOO_MANY};
use crate::attribute::{Attribute, Catalog, Kind, Value, YEAR_MAX, YEAR_MIN, fold};
use crate::form::Answer;
use crate::id::{AttributeId, ChoiceId};
use crate::problem::Problem;
use crate::time::Date;
use std::collections::{BTreeMap, BTreeSet};

/// An audience in which every key was found: what `store` translates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolved {
    /// All friends.
    Everyone,
    /// Intersection.
    All(Vec<Resolved>),
    /// Union.
    Any(Vec<Resolved>),
    /// All other friends.
    Not(Box<Resolved>),
    /// Who has at least one of these choices.
    Chose(BTreeSet<ChoiceId>),
    /// Whose year or date ([`Value::number`]) lies within these bounds, both included.
    Number {
        /// Of which attribute.
        attribute: AttributeId,
        /// The smallest.
        from: i64,
        /// The greatest.
        to: i64,
    },
    /// Whose text fits.
    Text {
        /// Of which attribute.
        attribute: AttributeId,
        /// What is searched.
        search: Search,
    },
    /// Who answered an attribute that has no choices.
    Answered(AttributeId),
    /// Who is a friend, or registered for the last time, within these days (since 1970-01-01, in Tokyo), both included.
    Since {
        /// Since when what.
        what: Since,
        /// The first day.
        from: i64,
        /// The last day.
        to: i64,
    },
    /// Who is on the list, or got the delivery, of that number.
    Among(Among, i64),
    /// Who answered a question of a form so, in an answer that they did not take back.
    Wrote(Written),
}

/// What is searched in a text, folded (`attribute::fold`): it holds no quotes and no backslashes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Search {
    /// It stands anywhere in it.
    Contains(String),
    /// It is the whole text.
    Equals(String),
}

impl Search {
    /// Whether a folded text fits.
    pub fn fits(&self, folded: &str) -> bool {
        match self {
            Self::Contains(part) => folded.contains(part),
            Self::Equals(whole) => folded == whole,
        }
    }
}

/// All that is known of a friend and can be asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// What they chose.
    pub choices: BTreeSet<ChoiceId>,
    /// What they answered otherwise.
    pub values: BTreeMap<AttributeId, Value>,
    /// The day on which they became a friend.
    pub friend_since: Date,
    /// The day on which they last registered.
    pub last_registered: Option<Date>,
    /// The day on which they first registered.
    pub first_registered: Option<Date>,
    /// On which lists they are, and what became of which delivery to them.
    pub among: BTreeSet<(Among, i64)>,
    /// What they answered in forms, by form and question; once for each of their answers.
    pub wrote: BTreeMap<(i64, String), Vec<Answer>>,
}

impl Resolved {
    /// Who answered an attribute.
    pub fn answered(attribute: &Attribute) -> Self {
        if attribute.kind.has_choices() {
            Self::Chose(attribute.choices.iter().map(|c| c.id).collect())
        } else {
            Self::Answered(attribute.id)
        }
    }

    /// The meaning: whether a friend of whom this is known belongs to the audience.
    pub fn matches(&self, facts: &Facts) -> bool {
        let number = |id: &AttributeId| facts.values.get(id).and_then(Value::number);
        match self {
            Self::Everyone => true,
            Self::All(items) => items.iter().all(|a| a.matches(facts)),
            Self::Any(items) => items.iter().any(|a| a.matches(facts)),
            Self::Not(inner) => !inner.matches(facts),
            Self::Chose(ids) => ids.iter().any(|id| facts.choices.contains(id)),
            Self::Number { attribute, from, to } => {
                number(attribute).is_some_and(|n| (*from..=*to).contains(&n))
            }
            Self::Text { attribute, search } => {
                matches!(facts.values.get(attribute), Some(Value::Text(text)) if search.fits(&fold(text)))
            }
            Self::Answered(attribute) => facts.values.contains_key(attribute),
            Self::Since { what, from, to } => {
                let day = match what {
                    Since::Friend => Some(facts.friend_since),
                    Since::Registered => facts.last_registered,
                    Since::First => facts.first_registered,
                };
                day.is_some_and(|d| (*from..=*to).contains(&d.days()))
            }
            Self::Among(what, id) => facts.among.contains(&(*what, *id)),
            Self::Wrote(asked) => {
                let answers = facts.wrote.get(&(asked.form, asked.question.clone()));
                answers.is_some_and(|all| all.iter().any(|a| asked.within.fits(a)))
            }
        }
    }

    /// Every question that it asks for by what was written.
    pub fn wrote(&self) -> BTreeSet<Written> {
        match self {
            Self::All(items) | Self::Any(items) => items.iter().flat_map(Self::wrote).collect(),
            Self::Not(inner) => inner.wrote(),
            Self::Wrote(asked) => BTreeSet::from([asked.clone()]),
            Self::Everyone
            | Self::Chose(_)
            | Self::Number { .. }
            | Self::Text { .. }
            | Self::Answered(_)
            | Self::Since { .. }
            | Self::Among(..) => BTreeSet::new(),
        }
    }
}

const FIRST: Date = Date { year: YEAR_MIN, month: 1, day: 1 };
const LAST: Date = Date { year: YEAR_MAX, month: 12, day: 31 };

impl Audience {
    pub(super) fn resolve_into(
        &self,
        catalog: &Catalog,
        at: &str,
        problems: &mut Vec<Problem>,
    ) -> Resolved {
        let list = |items: &[Self], name: &str, problems: &mut Vec<Problem>| -> Vec<Resolved> {
            if items.is_empty() {
                problems.push(Problem::new(format!("{at}/{name}"), super::says::EMPTY));
            }
            items
                .iter()
                .enumerate()
                .map(|(i, a)| a.resolve_into(catalog, &format!("{at}/{name}/{i}"), problems))
                .collect()
        };
        match self {
            Self::Everyone => Resolved::Everyone,
            Self::All(items) => Resolved::All(list(items, "all", problems)),
            Self::Any(items) => Resolved::Any(list(items, "any", problems)),
            Self::Not(inner) => {
                Resolved::Not(Box::new(inner.resolve_into(catalog, &format!("{at}/not"), problems)))
            }
            Self::Attribute { key, is } => match known(catalog, key, at, problems) {
                Some(attribute) => chose(attribute, is, at, problems),
                None => NOBODY,
            },
            Self::Said { key, says } => {
                let Some(attribute) = known(catalog, key, at, problems) else { return NOBODY };
                said(attribute, says, catalog.today).unwrap_or_else(|message| {
                    problems.push(Problem::new(format!("{at}/{}", says.name()), message));
                    NOBODY
                })
            }
            Self::Since { what, span } => {
                let name = what.name();
                match days(*span, catalog.today) {
                    Ok((from, to)) => Resolved::Since { what: *what, from, to },
                    Err(message) => {
                        let message = format!("「{}」{message}", what.label());
                        problems.push(Problem::new(format!("{at}/{name}"), message));
                        NOBODY
                    }
                }
            }
            Self::Among { what, id } => among::resolve(catalog, *what, *id).unwrap_or_else(|why| {
                problems.push(Problem::new(format!("{at}/{}", what.name()), why));
                NOBODY
            }),
            Self::Wrote(wrote) => wrote::resolve(catalog, wrote.as_ref()).unwrap_or_else(|why| {
                problems.push(Problem::new(format!("{at}{}", why.at), why.message));
                NOBODY
            }),
        }
    }
}

const NOBODY: Resolved = Resolved::Any(Vec::new());

fn known<'a>(
    catalog: &'a Catalog,
    key: &str,
    at: &str,
    problems: &mut Vec<Problem>,
) -> Option<&'a Attribute> {
    let found = catalog.get(key);
    if found.is_none() {
        let message = if key.is_empty() {
            "条件が1つ空です。空のままでは送れません。選ぶか、消してください".to_owned()
        } else {
            format!("登録項目「{key}」がありません")
        };
        problems.push(Problem::new(format!("{at}/attribute"), message));
    }
    found
}

fn chose(attribute: &Attribute, is: &[String], at: &str, problems: &mut Vec<Problem>) -> Resolved {
    if is.is_empty() {
        problems.push(Problem::new(
            format!("{at}/is"),
            format!(
                "「{}」で何も選ばれていません。空のままでは送れません。選ぶか、消してください",
                attribute.label
            ),
        ));
    }
    if is.len() > IS_MAX {
        problems.push(Problem::new(format!("{at}/is"), TOO_MANY));
        return NOBODY;
    }
    let (ids, unknown) = attribute.with_all_descendants(is);
    for i in unknown {
        problems.push(Problem::new(
            format!("{at}/is/{i}"),
            format!("「{}」に選択肢「{}」がありません", attribute.label, is[i]),
        ));
    }
    Resolved::Chose(ids)
}

fn said(attribute: &Attribute, says: &Says, today: Date) -> Result<Resolved, String> {
    let (id, label) = (attribute.id, &attribute.label);
    let wrong = |why: &str| format!("「{label}」{why}");
    if !says.fits(attribute.kind) {
        return Err(wrong(&unfit(attribute.kind)));
    }
    if says.is_empty() {
        return Err(wrong(NOTHING));
    }
    let number = |(from, to): (i64, i64)| Resolved::Number { attribute: id, from, to };
    Ok(match says {
        Says::Registered(yes) => {
            let answered = if attribute.kind.has_choices() {
                Resolved::Chose(attribute.choices.iter().map(|c| c.id).collect())
            } else {
                Resolved::Answered(id)
            };
            if *yes { answered } else { Resolved::Not(Box::new(answered)) }
        }
        Says::Year(_) | Says::Age { .. } | Says::Date(_) | Says::Number(_) => {
            number(bounds(says, attribute.kind, today).map_err(|why| wrong(&why))?)
        }
        Says::Contains(text) => {
            Resolved::Text { attribute: id, search: Search::Contains(fold(text)) }
        }
        Says::Equals(text) => Resolved::Text { attribute: id, search: Search::Equals(fold(text)) },
    })
}

/// The bounds of what is said of a year or a date, as [`Value::number`] tells them.
pub(super) fn bounds(says: &Says, kind: Kind, today: Date) -> Result<(i64, i64), String> {
    match says {
        Says::Year(span) => years(*span, YEAR_MIN, YEAR_MAX),
        Says::Age { span, on } => {
            let (young, old) = years(*span, 0, AGE_MAX)?;
            let on = on.unwrap_or(today);
            let (young, old) = (young as i32, old as i32);
            Ok(match kind {
                Kind::Year => (i64::from(on.year - old), i64::from(on.year - young)),
                // Of those of an age, the oldest are one day short of the next birthday.
                _ => {
                    (on.plus_months(-12 * (old + 1)).days() + 1, on.plus_months(-12 * young).days())
                }
            })
        }
        Says::Date(span) => days(*span, today),
        Says::Registered(_) | Says::Contains(_) | Says::Equals(_) | Says::Number(_) => {
            Err(unfit(kind))
        }
    }
}

fn unfit(kind: Kind) -> String {
    format!("は「{}」の項目なので、この条件は使えません", kind.label())
}

fn years(span: Span<i32>, first: i32, last: i32) -> Result<(i64, i64), String> {
    let (from, to) = (span.from.unwrap_or(first), span.to.unwrap_or(last));
    ordered(i64::from(from), i64::from(to))
}

fn days(span: Span<Day>, today: Date) -> Result<(i64, i64), String> {
    if span.is_empty() {
        return Err(NOTHING.into());
    }
    let day = |d: Option<Day>, open: Date| d.map_or(open, |d| d.date(today)).days();
    ordered(day(span.from, FIRST), day(span.to, LAST))
}

fn ordered(from: i64, to: i64) -> Result<(i64, i64), String> {
    if from > to {
        Err("は、はじめが終わりよりあとです。だれにも当てはまりません".into())
    } else {
        Ok((from, to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    const TODAY: Date = Date { year: 2026, month: 11, day: 20 };

    fn catalog() -> Catalog {
        let attribute = |id, key: &str, kind| Attribute {
            id: AttributeId(id),
            key: key.into(),
            label: key.to_uppercase(),
            kind,
            hint: String::new(),
            required: false,
            personal: false,
            hidden: false,
            choices: Vec::new(),
        };
        Catalog {
            attributes: vec![
                attribute(1, "born", Kind::Year),
                attribute(2, "child", Kind::Date),
                attribute(3, "pet", Kind::Text),
                attribute(4, "topics", Kind::Multiple),
            ],
            today: TODAY,
            ..Catalog::default()
        }
    }

    fn resolve(json: serde_json::Value) -> Result<Resolved, Vec<Problem>> {
        Audience::parse(&json, "").unwrap().resolve(&catalog(), "")
    }

    fn born(date: Date) -> Facts {
        Facts {
            values: BTreeMap::from([
                (AttributeId(1), Value::Year(date.year)),
                (AttributeId(2), Value::Date(date)),
            ]),
            ..Facts::default()
        }
    }

    fn day(s: &str) -> Date {
        Date::parse_iso(s).unwrap()
    }

    #[test]
    fn three_years_old_on_the_first_of_april() {
        let three =
            resolve(json!({"attribute": "child", "age": {"from": 3, "to": 3, "on": "2027-04-01"}}))
                .unwrap();
        for (birthday, fits) in [
            ("2024-04-01", true),
            ("2024-04-02", false),
            ("2023-04-02", true),
            ("2023-04-01", false),
        ] {
            assert_eq!(three.matches(&born(day(birthday))), fits, "{birthday}");
        }
        let minor = resolve(json!({"attribute": "child", "age": {"to": 18}})).unwrap();
        assert!(minor.matches(&born(TODAY)) && !minor.matches(&born(day("2026-11-21"))));
        assert!(
            minor.matches(&born(day("2007-11-21"))) && !minor.matches(&born(day("2007-11-20")))
        );
        let senior = resolve(json!({"attribute": "born", "age": {"from": 65}})).unwrap();
        assert!(
            senior.matches(&born(day("1961-12-31"))) && !senior.matches(&born(day("1962-01-01")))
        );
    }

    #[test]
    fn relative_days_follow_today() {
        let soon = resolve(
            json!({"attribute": "child", "date": {"from": {"days": 0}, "to": {"days": 30}}}),
        )
        .unwrap();
        for (date, fits) in [
            ("2026-11-19", false),
            ("2026-11-20", true),
            ("2026-12-20", true),
            ("2026-12-21", false),
        ] {
            assert_eq!(soon.matches(&born(day(date))), fits, "{date}");
        }
        let months = resolve(json!({"friend_since": {"to": {"months": -3}}})).unwrap();
        let since = |s: &str| Facts { friend_since: day(s), ..Facts::default() };
        assert!(months.matches(&since("2026-08-20")) && !months.matches(&since("2026-08-21")));
        let registered = resolve(json!({"last_registered": {"from": "1900-01-01"}})).unwrap();
        assert!(!registered.matches(&Facts::default()));
    }

    #[test]
    fn what_does_not_fit_is_refused_with_its_place() {
        for (bad, at) in [
            (json!({"attribute": "gone", "registered": true}), "/attribute"),
            (json!({"attribute": "pet", "year": {"from": 1980}}), "/year"),
            (json!({"attribute": "pet", "age": {"from": 3}}), "/age"),
            (json!({"attribute": "born", "date": {"from": {"days": 0}}}), "/date"),
            (json!({"attribute": "topics", "contains": "x"}), "/contains"),
            (json!({"attribute": "born", "is": ["x"]}), "/is/0"),
            (json!({"attribute": "born", "year": {"from": 1990, "to": 1980}}), "/year"),
            (
                json!({"attribute": "child", "date": {"from": {"days": 1}, "to": "2026-01-01"}}),
                "/date",
            ),
            (json!({"friend_since": {"from": {"days": 1}, "to": {"days": 0}}}), "/friend_since"),
        ] {
            assert_eq!(resolve(bad.clone()).unwrap_err()[0].at, at, "{bad}");
        }
        let draft: Audience = serde_json::from_value(
            json!({"any": [{"attribute": "born", "year": {}}, {"last_registered": {}}]}),
        )
        .unwrap();
        let at: Vec<String> =
            draft.resolve(&catalog(), "/audience").unwrap_err().into_iter().map(|p| p.at).collect();
        assert_eq!(at, ["/audience/any/0/year", "/audience/any/1/last_registered"]);
    }

    #[test]
    fn texts_fit_whatever_their_width() {
        let pet = |text: &str| Facts {
            values: BTreeMap::from([(AttributeId(3), Value::Text(text.into()))]),
            ..Facts::default()
        };
        let contains = resolve(json!({"attribute": "pet", "contains": "ﾎﾟﾁ"})).unwrap();
        assert!(contains.matches(&pet("うちのポチです")) && !contains.matches(&pet("タマ")));
        let equals = resolve(json!({"attribute": "pet", "equals": "ＰＯＣＨＩ"})).unwrap();
        assert!(equals.matches(&pet("pochi ")) && !equals.matches(&pet("pochi 2")));
        let none = resolve(json!({"attribute": "pet", "registered": false})).unwrap();
        assert!(none.matches(&Facts::default()) && !none.matches(&pet("x")));
    }

    proptest! {
        #[test]
        fn ages_are_counted_by_birthdays(birth in -20_000i64..60_000, on in 0i64..60_000, from in 0i32..120, more in 0i32..40) {
            let (birth, on, to) = (Date::from_days(birth), Date::from_days(on), (from + more).min(AGE_MAX));
            let json = json!({"age": {"from": from, "to": to, "on": on.iso()}});
            let mut by_date = json.clone();
            by_date["attribute"] = json!("child");
            let fits = resolve(by_date).unwrap().matches(&born(birth));
            prop_assert_eq!(fits, (from..=to).contains(&birth.age_on(on)), "{:?} {:?}", birth, on);
            let mut by_year = json;
            by_year["attribute"] = json!("born");
            let fits = resolve(by_year).unwrap().matches(&born(birth));
            prop_assert_eq!(fits, (from..=to).contains(&(on.year - birth.year)));
        }
    }
}
