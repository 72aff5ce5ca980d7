//! Attributes (属性): what staff let residents register (RES-1).

mod area;
pub mod edit;
mod fold;
mod value;

use crate::id::{AttributeId, ChoiceId};
use crate::problem::{Problem, none_or, require};
use crate::time::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};

pub use area::parse_areas;
pub use fold::fold;
pub use value::{
    Answer, Group, TEXT_MAX, Value, YEAR_MAX, YEAR_MIN, date_words, groups, year_words,
};

/// How an attribute is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// One choice.
    Single,
    /// Any number of choices.
    Multiple,
    /// One place in a tree of areas (区→町丁).
    Area,
    /// A year (of birth), shown 西暦 and 和暦.
    Year,
    /// A civil date: a child's birthday, 予定日.
    Date,
    /// A line of free text.
    Text,
}

impl Kind {
    /// Every kind, in the order in which staff are offered them.
    pub const ALL: &[Self] =
        &[Self::Single, Self::Multiple, Self::Area, Self::Year, Self::Date, Self::Text];

    /// The name in the database and in REST.
    pub fn name(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Multiple => "multiple",
            Self::Area => "area",
            Self::Year => "year",
            Self::Date => "date",
            Self::Text => "text",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|k| k.name() == name)
    }

    /// Whether it is answered by choices; else by a [`Value`].
    pub fn has_choices(self) -> bool {
        matches!(self, Self::Single | Self::Multiple | Self::Area)
    }

    /// 「1つ選ぶ」 and so on.
    pub fn label(self) -> &'static str {
        match self {
            Self::Single => "1つ選ぶ",
            Self::Multiple => "いくつでも選ぶ",
            Self::Area => "地域から選ぶ",
            Self::Year => "生まれた年",
            Self::Date => "日付",
            Self::Text => "文字で書く",
        }
    }
}

/// A choice of an attribute. `parent` is the key of the area that it lies in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The database's id; 0 while it is new.
    #[serde(default = "no_choice")]
    pub id: ChoiceId,
    /// `[a-z][a-z0-9_]*`, at most 64; unique in the attribute.
    pub key: String,
    /// What people read, 1–100 characters.
    pub label: String,
    /// Key of the surrounding area.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// No longer offered; whoever chose it keeps it.
    #[serde(default)]
    pub hidden: bool,
}

fn no_choice() -> ChoiceId {
    ChoiceId(0)
}

fn no_attribute() -> AttributeId {
    AttributeId(0)
}

/// An attribute with its choices, in the order in which they are offered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// The database's id; 0 while it is new.
    #[serde(default = "no_attribute")]
    pub id: AttributeId,
    /// `[a-z][a-z0-9_]*`, at most 64; unique.
    pub key: String,
    /// What people read, 1–100 characters.
    pub label: String,
    /// How it is answered.
    pub kind: Kind,
    /// A hint under the label for residents.
    #[serde(default)]
    pub hint: String,
    /// Residents must answer it.
    #[serde(default)]
    pub required: bool,
    /// Tells something of one person: asked on LIFF only, never in the talk (national guideline 2021-04-30).
    #[serde(default)]
    pub personal: bool,
    /// Not asked any more; what is registered stays and can be used in audiences.
    #[serde(default)]
    pub hidden: bool,
    /// The choices; none for a year, date or text.
    #[serde(default)]
    pub choices: Vec<Choice>,
}

/// Most choices of one attribute.
pub const CHOICES_MAX: usize = 5_000;
/// Deepest nesting of areas.
pub const AREA_DEPTH_MAX: usize = 5;

/// Whether `key` is a key: `[a-z][a-z0-9_]*`, at most 64.
pub fn is_key(key: &str) -> bool {
    key.len() <= 64
        && key.bytes().next().is_some_and(|b| b.is_ascii_lowercase())
        && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// Whether `key` may name a choice: 1–64 of letters, digits, `_`, `-`, not beginning with `_` or `-`.
pub fn is_choice_key(key: &str) -> bool {
    key.len() <= 64
        && key.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric())
        && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

fn label_ok(label: &str) -> bool {
    let chars = label.trim().chars().count();
    (1..=100).contains(&chars) && !label.chars().any(char::is_control)
}

impl Attribute {
    /// # Errors
    /// Everything that must be mended, with JSON pointers.
    pub fn validate(self) -> Result<Self, Vec<Problem>> {
        let mut p = Vec::new();
        require(
            &mut p,
            is_key(&self.key),
            "/key",
            "キーは半角の小文字で始め、小文字・数字・「_」で64文字までにしてください",
        );
        require(&mut p, label_ok(&self.label), "/label", "名前を1〜100文字で入れてください");
        require(
            &mut p,
            self.hint.chars().count() <= 200,
            "/hint",
            "説明は200文字までにしてください",
        );
        if self.kind.has_choices() {
            require(&mut p, !self.choices.is_empty(), "/choices", "選択肢を1つ以上入れてください");
        } else {
            require(
                &mut p,
                self.choices.is_empty(),
                "/choices",
                "この答え方に、選択肢はありません",
            );
        }
        require(
            &mut p,
            self.choices.len() <= CHOICES_MAX,
            "/choices",
            "選択肢は5,000までにしてください",
        );
        let mut parents: HashMap<&str, Option<&str>> = HashMap::new();
        for (i, c) in self.choices.iter().enumerate() {
            require(
                &mut p,
                is_choice_key(&c.key),
                &format!("/choices/{i}/key"),
                "キーは半角の小文字で始め、小文字・数字・「_」で64文字までにしてください",
            );
            require(
                &mut p,
                label_ok(&c.label),
                &format!("/choices/{i}/label"),
                "選択肢の名前を1〜100文字で入れてください",
            );
            if parents.insert(&c.key, c.parent.as_deref()).is_some() {
                p.push(Problem::new(
                    format!("/choices/{i}/key"),
                    format!("「{}」が2つあります。キーはそれぞれ変えてください", c.key),
                ));
            }
            if c.parent.is_some() && self.kind != Kind::Area {
                p.push(Problem::new(
                    format!("/choices/{i}/parent"),
                    "上の地域（parent）は、地域から選ぶ項目だけで使えます",
                ));
            }
        }
        for (i, c) in self.choices.iter().enumerate() {
            let Some(parent) = c.parent.as_deref() else { continue };
            if !parents.contains_key(parent) {
                p.push(Problem::new(
                    format!("/choices/{i}/parent"),
                    format!("上の地域「{parent}」が選択肢にありません"),
                ));
                continue;
            }
            let mut at = Some(parent);
            let mut depth = 1;
            while let Some(key) = at {
                depth += 1;
                if key == c.key || depth > AREA_DEPTH_MAX {
                    p.push(Problem::new(
                        format!("/choices/{i}/parent"),
                        "上の地域をたどると輪になっているか、5段より深くなっています",
                    ));
                    break;
                }
                at = parents.get(key).copied().flatten();
            }
        }
        none_or(self, p)
    }

    /// The choice of that key.
    pub fn choice(&self, key: &str) -> Option<&Choice> {
        self.choices.iter().find(|c| c.key == key)
    }

    /// The choices directly in `parent`, in order.
    pub fn children<'a>(
        &'a self,
        parent: Option<&'a str>,
    ) -> impl Iterator<Item = &'a Choice> + 'a {
        self.choices.iter().filter(move |c| c.parent.as_deref() == parent)
    }

    /// A choice and, in a tree of areas, everything below it.
    pub fn with_descendants(&self, key: &str) -> BTreeSet<ChoiceId> {
        let mut found = BTreeSet::new();
        let mut open: Vec<&Choice> = self.choice(key).into_iter().collect();
        while let Some(c) = open.pop() {
            if found.insert(c.id) {
                open.extend(self.children(Some(&c.key)));
            }
        }
        found
    }

    /// Several choices and everything below them, in one pass; and the positions of the keys
    /// that are unknown.
    pub fn with_all_descendants(&self, keys: &[String]) -> (BTreeSet<ChoiceId>, Vec<usize>) {
        let known: BTreeMap<&str, &Choice> =
            self.choices.iter().map(|c| (c.key.as_str(), c)).collect();
        let mut below: BTreeMap<&str, Vec<&Choice>> = BTreeMap::new();
        for choice in &self.choices {
            if let Some(parent) = &choice.parent {
                below.entry(parent).or_default().push(choice);
            }
        }
        let (mut found, mut unknown, mut open) = (BTreeSet::new(), Vec::new(), Vec::new());
        for (i, key) in keys.iter().enumerate() {
            match known.get(key.as_str()) {
                Some(choice) => open.push(*choice),
                None => unknown.push(i),
            }
        }
        while let Some(c) = open.pop() {
            if found.insert(c.id) {
                open.extend(below.get(c.key.as_str()).into_iter().flatten());
            }
        }
        (found, unknown)
    }
}

/// All attributes, in order, and the day on which they were read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalog {
    /// The attributes.
    pub attributes: Vec<Attribute>,
    /// Today in Asia/Tokyo: what ages and 「30日後」 are counted from.
    #[serde(default)]
    pub today: Date,
    /// Lists and deliveries that an audience at hand names, or may name: not all that there are.
    #[serde(default)]
    pub people: Vec<crate::audience::Known>,
}

impl Catalog {
    /// The attribute of that key.
    pub fn get(&self, key: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|a| a.key == key)
    }

    /// The attribute of that id.
    pub fn by_id(&self, id: AttributeId) -> Option<&Attribute> {
        self.attributes.iter().find(|a| a.id == id)
    }

    /// Checks the answers of one resident as an import brings them (`null` clears).
    ///
    /// # Errors
    /// Why the row cannot be taken, in one sentence.
    pub fn check_answers(
        &self,
        answers: &serde_json::Map<String, serde_json::Value>,
    ) -> Result<Vec<(AttributeId, Answer)>, String> {
        let mut out = Vec::with_capacity(answers.len());
        for (key, json) in answers {
            let attribute =
                self.get(key).ok_or_else(|| format!("登録項目「{key}」がありません"))?;
            out.push((attribute.id, attribute.read_answer(json, self.today)?));
        }
        Ok(out)
    }
}

/// What a deletion would touch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uses {
    /// Saved audiences and open deliveries, by name.
    pub by: Vec<String>,
    /// The same for each choice: its key, and the name of what uses it.
    pub choices_by: Vec<(String, String)>,
    /// Residents who answered.
    pub residents: i64,
    /// Residents for each choice.
    pub choices: Vec<(ChoiceId, i64)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(choices: Vec<Choice>) -> Attribute {
        Attribute {
            id: AttributeId(1),
            key: "home".into(),
            label: "お住まい".into(),
            kind: Kind::Area,
            hint: String::new(),
            required: true,
            personal: false,
            hidden: false,
            choices,
        }
    }

    #[test]
    fn circles_and_unknown_parents_are_refused() {
        let c = |key: &str, parent: Option<&str>| Choice {
            id: ChoiceId(0),
            key: key.into(),
            label: key.into(),
            parent: parent.map(Into::into),
            hidden: false,
        };
        assert!(area(vec![c("a", Some("b")), c("b", Some("a"))]).validate().is_err());
        assert!(area(vec![c("a", Some("x"))]).validate().is_err());
        assert!(area(vec![c("a", None), c("a", None)]).validate().is_err());
    }

    #[test]
    fn several_choices_are_found_as_one_by_one() {
        let c = |id: i64, key: &str, parent: Option<&str>| Choice {
            id: ChoiceId(id),
            key: key.into(),
            label: key.into(),
            parent: parent.map(Into::into),
            hidden: false,
        };
        let area = area(vec![
            c(1, "a", None),
            c(2, "b", Some("a")),
            c(3, "c", Some("b")),
            c(4, "d", None),
            c(5, "e", None),
        ]);
        let keys = ["x", "b", "e", "b", "y"].map(str::to_owned);
        let one_by_one = keys.iter().flat_map(|k| area.with_descendants(k)).collect();
        assert_eq!(area.with_all_descendants(&keys), (one_by_one, vec![0, 4]));
    }
}
