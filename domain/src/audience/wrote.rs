//! What somebody wrote in a form: a number, a year or a date, or a row of a table (SEG-2, FORM-11).
//! What was chosen of a list is [`Among::Chose`]. Years and dates are asked for as those of
//! attributes are ([`Says`]).

use super::among::{self, Among, Known};
use super::resolved::bounds;
use super::says::{EMPTY, NOTHING, Refused, Says, Span, refused};
use super::sentence::{numbers, words_of};
use super::{IS_MAX, Resolved, TOO_MANY};
use crate::attribute::{Catalog, Kind};
use crate::form::{Answer, Ask, Decimal, Form, Opt};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// What it is called where a condition begins.
pub const LABEL: &str = "フォームの数・日付・表";

const SHAPE: &str = "{\"form\": 3, \"question\": \"…\", \"number\": {\"from\": 1}} の形にしてください。number のかわりに year・age・date のどれか1つか、row と is も使えます";

/// Who answered a question so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrote {
    /// The form's number.
    pub form: i64,
    /// The question's key.
    pub question: String,
    /// What of its answer.
    pub told: Told,
}

/// What is told of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// Of a number, a year or a date: `{"form": 3, "question": "people", "number": {"from": 3}}`.
    Said(Says),
    /// Of a table: `{"form": 3, "question": "park", "row": "light", "is": ["good"]}`.
    Row {
        /// The row's key.
        row: String,
        /// Keys of columns, of which one was chosen there (at least one).
        is: Vec<String>,
    },
}

/// A question that can be asked for so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Its key.
    pub key: String,
    /// What is asked.
    pub label: String,
    /// How it is answered.
    pub kind: FieldKind,
}

/// How such a question is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldKind {
    /// By a number.
    Number {
        /// 「人」「円」; may be empty.
        unit: String,
    },
    /// By a year.
    Year,
    /// By a date.
    Date,
    /// By columns in each row.
    Rows {
        /// Key and label of each row.
        rows: Vec<(String, String)>,
        /// Key and label of each column.
        columns: Vec<(String, String)>,
    },
}

/// Who answered a question so, with every day fixed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Written {
    /// The form's number.
    pub form: i64,
    /// The question's key.
    pub question: String,
    /// What its answer must be.
    pub within: Within,
}

/// What an answer must be; bounds are included.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Within {
    /// A number.
    Number {
        /// The smallest, or open.
        from: Option<Decimal>,
        /// The greatest, or open.
        to: Option<Decimal>,
    },
    /// A year.
    Year {
        /// The first.
        from: i64,
        /// The last.
        to: i64,
    },
    /// A date, in days since 1970-01-01.
    Date {
        /// The first.
        from: i64,
        /// The last.
        to: i64,
    },
    /// A row with one of these columns.
    Row {
        /// The row's key.
        row: String,
        /// The columns' keys.
        is: BTreeSet<String>,
    },
}

impl Within {
    /// Whether an answer is so.
    pub fn fits(&self, answer: &Answer) -> bool {
        match (self, answer) {
            (Self::Number { from, to }, Answer::Number(n)) => {
                from.is_none_or(|from| from <= *n) && to.is_none_or(|to| *n <= to)
            }
            (Self::Year { from, to }, Answer::Year(year)) => {
                (*from..=*to).contains(&i64::from(*year))
            }
            (Self::Date { from, to }, Answer::Date(date)) => (*from..=*to).contains(&date.days()),
            (Self::Row { row, is }, Answer::Matrix(rows)) => {
                rows.get(row).is_some_and(|columns| columns.iter().any(|c| is.contains(c)))
            }
            _ => false,
        }
    }
}

impl Told {
    /// Whether it is still to be finished.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Said(says) => says.is_empty(),
            Self::Row { is, .. } => is.is_empty(),
        }
    }
}

impl FieldKind {
    /// 「数」
    pub fn label(&self) -> &'static str {
        match self {
            Self::Number { .. } => "数",
            Self::Year => "年",
            Self::Date => "日付",
            Self::Rows { .. } => "表で選ぶ",
        }
    }

    /// What an editor begins with; of a table with this row.
    pub fn first(&self, row: &str) -> Told {
        Told::Said(match self {
            Self::Number { .. } => Says::Number(Span::default()),
            Self::Year => Says::Year(Span::default()),
            Self::Date => Says::Date(Span::default()),
            Self::Rows { .. } => return Told::Row { row: row.to_owned(), is: Vec::new() },
        })
    }
}

/// The questions of a form that can be asked for so, in its order.
pub fn fields(form: &Form) -> Vec<Field> {
    let named = |options: &[Opt]| -> Vec<(String, String)> {
        options.iter().map(|o| (o.key.clone(), o.label.clone())).collect()
    };
    let field = |q: &crate::form::Question| {
        let kind = match &q.ask {
            Ask::Number { unit, .. } => FieldKind::Number { unit: unit.clone() },
            Ask::Year { .. } => FieldKind::Year,
            Ask::Date { .. } => FieldKind::Date,
            Ask::Matrix { rows, columns, .. } => {
                FieldKind::Rows { rows: named(rows), columns: named(columns) }
            }
            _ => return None,
        };
        Some(Field { key: q.key.clone(), label: q.label.clone(), kind })
    };
    form.questions().filter_map(field).collect()
}

impl Field {
    /// What is told of it: 「3人以上」「「よい」・「ふつう」」; empty if nothing is told yet.
    pub fn words(&self, told: &Told) -> String {
        match (&self.kind, told) {
            (FieldKind::Number { unit }, Told::Said(Says::Number(span))) => numbers(*span, unit),
            (FieldKind::Year, Told::Said(says)) => words_of(Kind::Year, says),
            (_, Told::Said(says)) => words_of(Kind::Date, says),
            (FieldKind::Rows { columns, .. }, Told::Row { is, .. }) => {
                let words: Vec<String> =
                    is.iter().map(|c| format!("「{}」", named(columns, c, "消えた列"))).collect();
                words.join("・")
            }
            (_, Told::Row { .. }) => String::new(),
        }
    }

    /// What is asked: 「人数」, of a table with the row, 「公園のようす：明るさ」.
    pub fn asked(&self, told: &Told) -> String {
        match (&self.kind, told) {
            (FieldKind::Rows { rows, .. }, Told::Row { row, .. }) => {
                format!("{}：{}", self.label, named(rows, row, "消えた行"))
            }
            _ => self.label.clone(),
        }
    }
}

fn named<'a>(of: &'a [(String, String)], key: &str, gone: &'a str) -> &'a str {
    of.iter().find(|(k, _)| k == key).map_or(gone, |(_, label)| label.as_str())
}

impl Known {
    /// The question of that key, of a form.
    pub fn field(&self, key: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.key == key)
    }
}

impl Wrote {
    pub(super) fn json(&self) -> Value {
        let Self { form, question, told } = self;
        match told {
            Told::Said(says) => {
                json!({"form": form, "question": question, (says.name()): says.json()})
            }
            Told::Row { row, is } => {
                json!({"form": form, "question": question, "row": row, "is": is})
            }
        }
    }
}

/// Reads what stands beside `form`; nothing of a draft in which it is still to be chosen.
pub(super) fn read(object: &Map<String, Value>, draft: bool) -> Result<Option<Wrote>, Refused> {
    let form = object.get("form").unwrap_or(&Value::Null);
    if draft && object.len() == 1 && form.is_null() {
        return Ok(None);
    }
    let form = among::id(form).ok_or_else(|| refused("/form", among::ID))?;
    let shape = || refused("", SHAPE);
    let question = object.get("question").and_then(Value::as_str).ok_or_else(shape)?;
    let told = match (object.get("row"), object.get("is"), object.len()) {
        (Some(row), Some(is), 4) => {
            let row = row
                .as_str()
                .ok_or_else(|| refused("/row", "行はキー（文字列）で指してください"))?;
            Told::Row { row: row.to_owned(), is: columns(is, draft)? }
        }
        (None, None, 3) => {
            let says = ["number", "year", "age", "date"];
            let (name, value) =
                says.iter().find_map(|n| Some((*n, object.get(*n)?))).ok_or_else(shape)?;
            let at = |why: Refused| Refused { at: format!("/{name}{}", why.at), ..why };
            Told::Said(Says::read(name, value, draft).map_err(at)?)
        }
        _ => return Err(shape()),
    };
    Ok(Some(Wrote { form, question: question.to_owned(), told }))
}

fn columns(is: &Value, draft: bool) -> Result<Vec<String>, Refused> {
    let keys: Option<Vec<String>> =
        is.as_array().and_then(|list| list.iter().map(|c| c.as_str().map(str::to_owned)).collect());
    match keys {
        None => Err(refused("/is", "列はキー（文字列）の並びで指してください")),
        Some(keys) if keys.is_empty() && !draft => Err(refused("/is", EMPTY)),
        Some(keys) if keys.len() > IS_MAX => Err(refused("/is", TOO_MANY)),
        Some(keys) => Ok(keys),
    }
}

/// Finds form and question in the catalog; else why it is refused.
pub(super) fn resolve(catalog: &Catalog, wrote: Option<&Wrote>) -> Result<Resolved, Refused> {
    let Some(Wrote { form, question, told }) = wrote else {
        return Err(refused("/form", &format!("「{LABEL}」{NOTHING}")));
    };
    among::resolve(catalog, Among::Answered, Some(*form)).map_err(|why| refused("/form", &why))?;
    let known = catalog.known(Among::Answered, *form);
    let Some(field) = known.and_then(|k| k.field(question)) else {
        return Err(refused(
            "/question",
            "条件で使っている質問が、いまのフォームにはありません。選び直すか、条件を消してください",
        ));
    };
    let wrong = |at: &str, why: &str| refused(at, &format!("「{}」{why}", field.label));
    let unfit = format!("は「{}」の質問なので、この条件は使えません", field.kind.label());
    let within = match (&field.kind, told) {
        (FieldKind::Rows { rows, columns }, Told::Row { row, is }) => {
            let gone = |of: &[(String, String)], key: &str| !of.iter().any(|(k, _)| k == key);
            if gone(rows, row) {
                return Err(wrong(
                    "/row",
                    "の行が、いまのフォームにはありません。選び直すか、条件を消してください",
                ));
            }
            if is.is_empty() {
                return Err(wrong("/is", NOTHING));
            }
            if let Some(i) = is.iter().position(|c| gone(columns, c)) {
                let why = "の列が、いまのフォームにはありません。選び直すか、条件を消してください";
                return Err(wrong(&format!("/is/{i}"), why));
            }
            Within::Row { row: row.clone(), is: is.iter().cloned().collect() }
        }
        (_, Told::Row { .. }) => return Err(wrong("/row", &unfit)),
        (kind, Told::Said(says)) => {
            let at = format!("/{}", says.name());
            if says.is_empty() {
                return Err(wrong(&at, NOTHING));
            }
            let between = |kind| bounds(says, kind, catalog.today);
            let found = match (kind, says) {
                (FieldKind::Number { .. }, Says::Number(Span { from, to })) => {
                    if from.zip(*to).is_some_and(|(from, to)| from > to) {
                        Err("は、「以上」の数が「以下」の数より大きくなっています。だれにも当てはまりません".to_owned())
                    } else {
                        Ok(Within::Number { from: *from, to: *to })
                    }
                }
                (FieldKind::Year, Says::Year(_) | Says::Age { .. }) => {
                    between(Kind::Year).map(|(from, to)| Within::Year { from, to })
                }
                (FieldKind::Date, Says::Date(_) | Says::Age { .. }) => {
                    between(Kind::Date).map(|(from, to)| Within::Date { from, to })
                }
                _ => Err(unfit),
            };
            found.map_err(|why| wrong(&at, &why))?
        }
    };
    Ok(Resolved::Wrote(Written { form: *form, question: question.clone(), within }))
}

/// 「フォーム『催し』の質問『人数』が3人以上の人」.
pub(super) fn sentence(wrote: Option<&Wrote>, catalog: &Catalog) -> String {
    let Some(wrote) = wrote else {
        return format!("{LABEL}が（まだ選んでいません）の人");
    };
    let Some(known) = catalog.known(Among::Answered, wrote.form) else {
        return "（見つからないフォーム）の人".into();
    };
    let form = known.words();
    let Some(field) = known.field(&wrote.question) else {
        let question = if known.unaskable.is_some() { "質問" } else { "（消えた質問）" };
        return format!("{form}の{question}に、ある答えを書いた人");
    };
    let words = field.words(&wrote.told);
    let of = format!("{form}の質問『{}』", field.asked(&wrote.told));
    match &wrote.told {
        _ if words.is_empty() => format!("{of}が（まだ選んでいません）の人"),
        Told::Row { .. } => format!("{of}に{words}と答えた人"),
        Told::Said(Says::Age { .. }) => format!("{of}が、{words}の人"),
        Told::Said(_) => format!("{of}が{words}の人"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audience::{Audience, Facts, Unaskable, sentence};
    use crate::form::{Page, Question};
    use crate::time::{Date, Timestamp};
    use std::collections::BTreeMap;

    fn form() -> Form {
        let options = |keys: &[&str]| -> Vec<Opt> {
            let opt =
                |k: &&str| Opt { key: (*k).into(), label: k.to_uppercase(), ..Opt::default() };
            keys.iter().map(opt).collect()
        };
        let number =
            |unit: &str| Ask::Number { min: None, max: None, step: None, unit: unit.into() };
        let (rows, columns) = (options(&["light", "care"]), options(&["good", "fair", "bad"]));
        let group = Ask::Group {
            item: "人".into(),
            min: 0,
            max: 2,
            questions: vec![Question::new("in", "中", number(""))],
        };
        let questions = vec![
            Question::new("people", "来場人数", number("人")),
            Question::new("note", "ご意見", Ask::Text { max: 10 }),
            Question::new("built", "建てた年", Ask::Year { from: 1900, to: 2026 }),
            Question::new("born", "お子さんの誕生日", Ask::Date { from: 2000, to: 2026 }),
            Question::new("park", "公園のようす", Ask::Matrix { rows, columns, many: false }),
            Question::new("each", "それぞれ", group),
        ];
        Form { pages: vec![Page { questions, ..Page::default() }], ..Form::default() }
    }

    fn catalog() -> Catalog {
        let known = |id, name: &str, unaskable: Option<Unaskable>| Known {
            what: Among::Answered,
            id,
            name: name.into(),
            reply: String::new(),
            question: String::new(),
            at: Timestamp(0),
            count: 5,
            fields: if unaskable.is_none() { fields(&form()) } else { Vec::new() },
            unaskable,
        };
        Catalog {
            people: vec![known(3, "催し", None), known(4, "ひみつ", Some(Unaskable::Closed))],
            today: Date { year: 2026, month: 11, day: 20 },
            ..Catalog::default()
        }
    }

    fn of(question: &str, beside: &str, says: Value) -> Value {
        json!({"form": 3, "question": question, (beside): says})
    }

    fn row(row: &str, is: &[&str]) -> Value {
        json!({"form": 3, "question": "park", "row": row, "is": is})
    }

    fn resolve(value: &Value) -> Result<Resolved, String> {
        let problem = |p: Vec<crate::problem::Problem>| format!("{} {}", p[0].at, p[0].message);
        Audience::parse(value, "").map_err(problem)?.resolve(&catalog(), "").map_err(problem)
    }

    #[test]
    fn what_has_no_list_can_be_asked_for() {
        let told: Vec<String> = fields(&form()).into_iter().map(|f| f.key).collect();
        assert_eq!(told, ["people", "built", "born", "park"]);
    }

    #[test]
    fn an_answer_fits_by_its_number_its_day_or_its_row() {
        let number = |n: &str| Answer::Number(n.parse().unwrap());
        let day = |iso: &str| Answer::Date(Date::parse_iso(iso).unwrap());
        let table = |row: &str, column: &str| {
            Answer::Matrix(BTreeMap::from([(row.to_owned(), vec![column.to_owned()])]))
        };
        for (asked, answer, fits) in [
            (of("people", "number", json!({"from": 3})), number("3"), true),
            (of("people", "number", json!({"from": 3})), number("2.999999"), false),
            (of("people", "number", json!({"to": "2.5"})), number("2.5"), true),
            (of("people", "number", json!({"to": "2.5"})), number("-7"), true),
            (of("people", "number", json!({"from": 3, "to": 5})), number("6"), false),
            (of("people", "number", json!({"from": 3})), Answer::Year(2000), false),
            (of("built", "year", json!({"to": 1980})), Answer::Year(1980), true),
            (of("built", "age", json!({"from": 40})), Answer::Year(1987), false),
            (of("born", "date", json!({"from": {"days": -1}})), day("2026-11-19"), true),
            (of("born", "date", json!({"to": "2026-11-18"})), day("2026-11-19"), false),
            (of("born", "age", json!({"from": 3, "to": 3})), day("2023-11-20"), true),
            (of("born", "age", json!({"from": 3, "to": 3})), day("2023-11-21"), false),
            (row("light", &["good", "fair"]), table("light", "fair"), true),
            (row("light", &["good", "fair"]), table("light", "bad"), false),
            (row("light", &["good"]), table("care", "good"), false),
        ] {
            let who = resolve(&asked).unwrap();
            let key = (3, asked["question"].as_str().unwrap().to_owned());
            // Whoever answered twice is meant if one of the answers fits.
            let wrote = BTreeMap::from([(key, vec![Answer::Agreed, answer])]);
            let facts = Facts { wrote, ..Facts::default() };
            assert_eq!(who.matches(&facts), fits, "{asked}");
            assert!(!who.matches(&Facts::default()), "{asked}");
            assert_eq!(who.wrote().len(), 1);
        }
    }

    #[test]
    fn what_is_unknown_or_does_not_fit_is_refused_with_its_place() {
        for (bad, at) in [
            (json!({"form": 3}), ""),
            (json!({"form": 0, "question": "people", "number": {"from": 1}}), "/form"),
            (json!({"form": 4, "question": "people", "number": {"from": 1}}), "/form"),
            (json!({"form": 5, "question": "people", "number": {"from": 1}}), "/form"),
            (of("gone", "number", json!({"from": 1})), "/question"),
            (of("note", "number", json!({"from": 1})), "/question"),
            (of("in", "number", json!({"from": 1})), "/question"),
            (of("people", "contains", json!("3")), ""),
            (of("people", "registered", json!(true)), ""),
            (of("people", "number", json!({})), "/number"),
            (of("people", "number", json!({"from": 1.5})), "/number/from"),
            (of("people", "number", json!({"from": "１"})), "/number/from"),
            (of("people", "number", json!({"from": 5, "to": 3})), "/number"),
            (of("people", "year", json!({"from": 1980})), "/year"),
            (of("born", "number", json!({"from": 1})), "/number"),
            (of("built", "date", json!({"from": "2026-01-01"})), "/date"),
            (row("dark", &["good"]), "/row"),
            (row("light", &[]), "/is"),
            (row("light", &["good", "none"]), "/is/1"),
            (of("park", "number", json!({"from": 1})), "/number"),
            (json!({"form": 3, "question": "people", "row": "light", "is": ["good"]}), "/row"),
            (json!({"attribute": "people", "number": {"from": 1}}), "/attribute"),
        ] {
            let refused = resolve(&bad).unwrap_err();
            assert_eq!(refused.split(' ').next(), Some(at), "{bad}: {refused}");
        }
    }

    #[test]
    fn it_is_written_as_it_was_read() {
        for value in [
            of("people", "number", json!({"from": 3, "to": "4.5"})),
            of("born", "age", json!({"from": 3, "on": "2027-04-01"})),
            row("light", &["good"]),
        ] {
            let audience = Audience::parse(&value, "").unwrap();
            assert!(audience.is_leaf() && !audience.is_unfinished());
            assert_eq!(audience.among(), BTreeSet::from([(Among::Answered, 3)]));
            assert_eq!(Value::from(audience), value);
        }
        for draft in [json!({"form": null}), row("light", &[]), of("people", "number", json!({}))] {
            let audience: Audience = serde_json::from_value(draft.clone()).unwrap();
            assert!(audience.is_unfinished() && audience.resolve(&catalog(), "").is_err());
            assert_eq!(serde_json::to_value(&audience).unwrap(), draft);
        }
    }

    #[test]
    fn it_reads_as_japanese() {
        let read = |value: Value| sentence(&serde_json::from_value(value).unwrap(), &catalog());
        insta::assert_snapshot!(read(of("people", "number", json!({"from": 3}))), @"フォーム『催し』の質問『来場人数』が3人以上の人。");
        insta::assert_snapshot!(read(of("people", "number", json!({"from": 3, "to": 1200}))), @"フォーム『催し』の質問『来場人数』が3人から1,200人までの人。");
        insta::assert_snapshot!(read(of("born", "date", json!({"to": "2026-05-01"}))), @"フォーム『催し』の質問『お子さんの誕生日』が2026年5月1日（令和8年）以前の人。");
        insta::assert_snapshot!(read(of("born", "age", json!({"to": 6}))), @"フォーム『催し』の質問『お子さんの誕生日』が、今日の時点で6歳以下にあたる日の人。");
        insta::assert_snapshot!(read(row("light", &["good", "fair"])), @"フォーム『催し』の質問『公園のようす：LIGHT』に「GOOD」・「FAIR」と答えた人。");
        insta::assert_snapshot!(read(of("people", "number", json!({}))), @"フォーム『催し』の質問『来場人数』が（まだ選んでいません）の人。");
        insta::assert_snapshot!(read(json!({"form": null})), @"フォームの数・日付・表が（まだ選んでいません）の人。");
        insta::assert_snapshot!(read(json!({"form": 4, "question": "people", "number": {"from": 3}})), @"ほかの所属のフォームの質問に、ある答えを書いた人。");
    }
}
