//! What a form is made of. A definition is data: it is written by the builder, read from
//! form packs, and kept with every version that residents answered.

use super::condition::Condition;
use super::decimal::Decimal;
use super::expression::Expression;
use super::terms::{Status, Terms};
use serde::{Deserialize, Serialize};

/// A form. Answers carry the version of the definition under which they were given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// Changes with every change that residents can see.
    #[serde(default)]
    pub version: u64,
    /// Title.
    pub title: String,
    /// What stands above the first question.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub intro: String,
    /// The pages in order.
    pub pages: Vec<Page>,
    /// Questions that only staff see and answer, on each answer (FORM-11).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub staff: Vec<Question>,
    /// The states of an answer, the first is that of a new one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statuses: Vec<Status>,
    /// Under which conditions it is received, and what for.
    #[serde(default)]
    pub terms: Terms,
}

/// A page: what is seen at once on a phone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// Title, 「被害のあった建物」.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// The questions in order.
    pub questions: Vec<Question>,
    /// Looked at in order when the page is done: the first that holds ends the form.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stops: Vec<Stop>,
}

/// 「ここで終わり」.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stop {
    /// When.
    pub when: Condition,
    /// What is said there: why, and what to do instead.
    pub message: String,
    /// Whether the answers so far can be sent; else nothing is sent.
    #[serde(default)]
    pub send: bool,
}

/// What must hold of an answer, with the city's own words where it does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// What must hold.
    pub holds: Condition,
    /// What is wrong and what to do.
    pub message: String,
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Key of the answer; it never changes, whatever is edited.
    pub key: String,
    /// What is asked.
    pub label: String,
    /// The line below the label.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hint: String,
    /// Must be answered when it is seen.
    #[serde(default)]
    pub required: bool,
    /// Tells something of one person: never asked in the talk.
    #[serde(default)]
    pub personal: bool,
    /// Whether whoever answered may correct it afterwards (あとから申請者が直せる).
    #[serde(default)]
    pub correctable: bool,
    /// Said when the answer is missing; empty: the usual words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub missing: String,
    /// Seen only when this holds; questions before it alone can be named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show_if: Option<Condition>,
    /// What must hold of the answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
    /// What kind of answer.
    pub ask: Ask,
}

/// What a question asks for: a small closed set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum Ask {
    /// One of the options.
    One {
        /// The options in order. One with the key [`super::OTHER`] opens a line to write in.
        options: Vec<Opt>,
    },
    /// Any number of the options.
    Many {
        /// The options in order.
        options: Vec<Opt>,
    },
    /// One place of a tree.
    Tree {
        /// The places; `parent` names the surrounding one.
        options: Vec<Opt>,
    },
    /// A year of a list, the last first; the answer is `1985`.
    Year {
        /// The first year.
        from: i32,
        /// The last.
        to: i32,
    },
    /// A date (西暦・和暦); the answer is `2026-05-01`. Narrower limits are [`Check`]s.
    Date {
        /// The first year of the list.
        from: i32,
        /// The last.
        to: i32,
    },
    /// A time of day in steps.
    Time {
        /// Minutes of a step: 1–60.
        step: u8,
    },
    /// One line of text.
    Text {
        /// Most characters.
        max: usize,
    },
    /// Several lines of text.
    LongText {
        /// Most characters.
        max: usize,
    },
    /// A number.
    Number {
        /// The smallest.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min: Option<Decimal>,
        /// The greatest.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<Decimal>,
        /// The distance of two numbers, from `min` or 0; whole numbers if there is none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<Decimal>,
        /// 「人」「円」.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        unit: String,
    },
    /// A step on a scale, 「1 とても不満」 to 「5 とても満足」.
    Scale {
        /// The first step.
        from: i32,
        /// The last.
        to: i32,
        /// What the first means.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        low: String,
        /// What the last means.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        high: String,
    },
    /// A choice of the same columns for each row.
    Matrix {
        /// The rows.
        rows: Vec<Opt>,
        /// The columns.
        columns: Vec<Opt>,
        /// Several columns of a row.
        #[serde(default)]
        many: bool,
    },
    /// 氏名, with フリガナ.
    Name {
        /// Whether フリガナ is asked.
        kana: bool,
    },
    /// An address, from the postcode on.
    Address {},
    /// A telephone number of Japan.
    Telephone {},
    /// A mail address.
    Mail {},
    /// Photos, made small on the phone.
    Photo {
        /// Most photos: 1–10.
        max: u8,
        /// Whether where it was taken is kept (EXIF).
        #[serde(default)]
        position: bool,
    },
    /// Files.
    File {
        /// Most files: 1–10.
        max: u8,
        /// Which types.
        types: Vec<FileType>,
        /// Most megabytes of each: 1–20.
        megabytes: u8,
    },
    /// A point on a map, with words.
    Place {},
    /// The same questions for each of several (「お子さん」).
    Group {
        /// What one of them is called.
        item: String,
        /// At least so many.
        min: u8,
        /// At most so many: 1–20.
        max: u8,
        /// What is asked of each; no group within.
        questions: Vec<Question>,
    },
    /// A number that is worked out and shown.
    Calculation {
        /// How.
        formula: Expression,
        /// Places after the point.
        #[serde(default)]
        places: u8,
        /// 「円」.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        unit: String,
    },
    /// 「同意する」, with its purpose.
    Consent {
        /// What is agreed to.
        text: String,
        /// What stands behind 「くわしく」.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        more: String,
    },
    /// Words between questions; nothing is answered.
    Explanation {
        /// The words.
        text: String,
    },
}

/// A type of file that can be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileType {
    /// PDF.
    Pdf,
    /// JPEG and PNG.
    Picture,
    /// Word (docx).
    Word,
    /// Excel (xlsx).
    Excel,
    /// Text and CSV.
    Text,
}

/// An option of a choice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opt {
    /// Key that is stored.
    pub key: String,
    /// What is read.
    pub label: String,
    /// The line below.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hint: String,
    /// Key of the surrounding place in a tree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// What it counts in calculations (`points(question)`): a fee, a score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<Decimal>,
}

impl Question {
    /// A question that need not be answered, without conditions.
    pub fn new(key: impl Into<String>, label: impl Into<String>, ask: Ask) -> Self {
        Self {
            key: key.into(),
            label: label.into(),
            hint: String::new(),
            required: false,
            personal: false,
            correctable: false,
            missing: String::new(),
            show_if: None,
            checks: Vec::new(),
            ask,
        }
    }

    /// The questions of each, of a group; none of other kinds.
    pub fn inner(&self) -> &[Question] {
        match &self.ask {
            Ask::Group { questions, .. } => questions,
            _ => &[],
        }
    }
}

impl Form {
    /// The questions of all pages in order; those of a group stand behind [`Question::inner`].
    pub fn questions(&self) -> impl Iterator<Item = &Question> {
        self.pages.iter().flat_map(|page| &page.questions)
    }

    /// The question of that key; `children.birth` is within a group.
    pub fn question(&self, key: &str) -> Option<&Question> {
        let (outer, inner) = key.split_once('.').map_or((key, None), |(o, i)| (o, Some(i)));
        let question = self.questions().find(|q| q.key == outer)?;
        match inner {
            None => Some(question),
            Some(inner) => question.inner().iter().find(|q| q.key == inner),
        }
    }

    /// The form as testers try it (RES-6): photos and files are not taken of them, so none must
    /// be sent.
    #[must_use]
    pub fn for_trial(mut self) -> Self {
        self.pages.iter_mut().for_each(|page| without_files(&mut page.questions));
        self
    }

    /// The form that staff fill in on an answer: the staff's questions as one page.
    #[must_use]
    pub fn for_staff(&self) -> Self {
        let page = Page { questions: self.staff.clone(), ..Page::default() };
        Self {
            version: self.version,
            title: self.title.clone(),
            pages: vec![page],
            ..Self::default()
        }
    }
}

fn without_files(questions: &mut [Question]) {
    for question in questions {
        match &mut question.ask {
            Ask::Photo { .. } | Ask::File { .. } => question.required = false,
            Ask::Group { questions, .. } => without_files(questions),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trial_asks_for_no_files() {
        let must = |key: &str, ask| Question { required: true, ..Question::new(key, key, ask) };
        let photo = || must("photo", Ask::Photo { max: 1, position: false });
        let types = vec![FileType::Pdf];
        let group = |questions| Ask::Group { item: "犬".into(), min: 1, max: 3, questions };
        let questions = vec![
            must("name", Ask::Text { max: 10 }),
            must("paper", Ask::File { max: 1, types, megabytes: 1 }),
            must("dogs", group(vec![must("name", Ask::Text { max: 10 }), photo()])),
        ];
        let page = Page { questions, ..Page::default() };
        let form = Form { pages: vec![page], ..Form::default() }.for_trial();
        let musts: Vec<bool> = form
            .questions()
            .flat_map(|q| std::iter::once(q).chain(q.inner()))
            .map(|q| q.required)
            .collect();
        assert_eq!(musts, [true, false, true, true, false]);
    }
}
