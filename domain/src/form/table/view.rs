//! The table of answers as staff look at it: found, sorted, page by page (FORM-4).

use super::narrow::{Field, NARROWINGS_MAX, Narrowing, fields};
use super::{columns, columns_of, filled, most_items, row};
use crate::form::inbox::Given;
use crate::form::kept::page;
use crate::form::{Form, Submission};
use crate::time::{Date, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Rows on a page.
pub const PAGE: i64 = 50;
/// Most answers that are looked through at once: the newest of those with the wanted status and
/// days.
pub const ROWS_MAX: usize = 20_000;

/// What of the table is wanted, as its address says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Found in any cell.
    pub search: String,
    /// Only with this status.
    pub status: Option<String>,
    /// From this day on.
    pub from: Option<Date>,
    /// Up to this day, which is within.
    pub until: Option<Date>,
    /// Only what passes all of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub narrow: Vec<Narrowing>,
    /// The column by which it is sorted; nothing: by time.
    pub sort: String,
    /// The largest or the first of the alphabet last.
    pub ascending: bool,
    /// The columns that are shown; none: all.
    pub columns: Vec<String>,
    /// From 1.
    pub page: i64,
}

impl Wanted {
    /// From the address: `get` answers the value of a query parameter.
    pub fn parse(get: impl Fn(&str) -> Option<String>) -> Self {
        let text = |name: &str| get(name).filter(|v| !v.is_empty());
        Self {
            search: text("q").unwrap_or_default().trim().chars().take(100).collect(),
            status: text("status").filter(|s| crate::form::is_question_key(s)),
            from: text("from").as_deref().and_then(Date::parse_iso),
            until: text("until").as_deref().and_then(Date::parse_iso),
            narrow: text("where").map(|json| narrowings(&json)).unwrap_or_default(),
            sort: text("sort").unwrap_or_default().chars().take(200).collect(),
            ascending: text("way").as_deref() == Some("up"),
            columns: text("columns")
                .map(|c| c.split(',').take(500).map(str::to_owned).collect())
                .unwrap_or_default(),
            page: page(text("page")),
        }
    }

    /// The same as query parameters.
    pub fn pairs(&self) -> [(&'static str, String); 9] {
        let day = |d: Option<Date>| d.map(Date::iso).unwrap_or_default();
        let narrow = match self.narrow.as_slice() {
            [] => String::new(),
            all => serde_json::to_string(all).unwrap_or_default(),
        };
        [
            ("q", self.search.clone()),
            ("status", self.status.clone().unwrap_or_default()),
            ("from", day(self.from)),
            ("until", day(self.until)),
            ("where", narrow),
            ("sort", self.sort.clone()),
            ("way", if self.ascending { "up".into() } else { String::new() }),
            ("columns", self.columns.join(",")),
            ("page", if self.page > 1 { self.page.to_string() } else { String::new() }),
        ]
    }
}

/// What of an address can be asked for.
fn narrowings(json: &str) -> Vec<Narrowing> {
    let all: Vec<Narrowing> = serde_json::from_str(json).unwrap_or_default();
    all.into_iter().filter(|n| n.by.is_sound()).take(NARROWINGS_MAX).collect()
}

/// One answer as a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Which answer.
    pub id: crate::id::AnswerId,
    /// Receipt number.
    pub receipt: String,
    /// Key of its status.
    pub status: String,
    /// Sent.
    pub at: Timestamp,
    /// The cells, by the columns.
    pub cells: Vec<String>,
}

/// A column as it is chosen and sorted by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Its name in addresses.
    pub id: String,
    /// What stands at its head.
    pub label: String,
    /// Whether it tells something of one person.
    pub personal: bool,
}

/// A page of the table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Every column, those that are not shown too.
    pub heads: Vec<Head>,
    /// By what it can be narrowed.
    pub fields: Vec<Field>,
    /// The rows of this page, with the shown columns alone.
    pub lines: Vec<Line>,
    /// How many there are in all.
    pub total: i64,
    /// There are more of the wanted status and days, older ones, that were not looked through.
    pub cut: bool,
}

/// The columns for some answers, those of the staff's own fields last, and the cells of each that
/// passes `narrow`; `versions` the newest first.
fn cells(
    versions: &[Form],
    answers: &[Given],
    narrow: &[Narrowing],
    today: Date,
) -> (Vec<Head>, Vec<Option<Vec<String>>>) {
    let forms: Vec<&Form> = versions.iter().collect();
    let asked = columns_of(&forms, most_items(answers.iter().map(|g| &g.submission)));
    let by: BTreeMap<u64, &Form> = versions.iter().map(|f| (f.version, f)).collect();
    let staff = versions.first().map(Form::for_staff).unwrap_or_default();
    let of_staff: Vec<Submission> =
        answers.iter().map(|g| filled(&staff, &g.staff, today)).collect();
    let own = columns(&staff, most_items(of_staff.iter()));
    let rows = answers.iter().zip(&of_staff).map(|(given, of_staff)| {
        // Of a version that is gone, the newest reads what it can.
        let form = by.get(&given.submission.version).copied().or(versions.first())?;
        let (theirs, ours) = ((form, &given.submission.answers), (&staff, &of_staff.answers));
        if !narrow.iter().all(|n| n.holds(theirs, ours)) {
            return None;
        }
        let mut cells = row(form, &asked, &given.submission);
        cells.extend(row(&staff, &own, of_staff));
        Some(cells)
    });
    let rows = rows.collect();
    let heads =
        asked.iter().map(|c| Head { id: c.id(), label: c.label.clone(), personal: c.personal });
    // No question's key has a stroke.
    let own = own.iter().map(|c| Head {
        id: format!("staff/{}", c.id()),
        label: format!("{}（職員だけの欄）", c.label),
        personal: c.personal,
    });
    (heads.chain(own).collect(), rows)
}

/// The page that is wanted of answers that have the wanted status and days. Numbers are sorted
/// as numbers; what staff work out of `today` is as of it.
pub fn table(versions: &[Form], answers: &[Given], wanted: &Wanted, today: Date) -> Table {
    let (heads, rows) = cells(versions, answers, &wanted.narrow, today);
    let search = wanted.search.to_lowercase();
    let mut lines: Vec<Line> = answers
        .iter()
        .zip(rows)
        .filter_map(|(given, cells)| Some((given, cells?)))
        .filter(|(given, cells)| {
            search.is_empty()
                || given.receipt.to_lowercase().contains(&search)
                || cells.iter().any(|c| c.to_lowercase().contains(&search))
        })
        .map(|(given, cells)| Line {
            id: given.id,
            receipt: given.receipt.clone(),
            status: given.status.clone(),
            at: given.at,
            cells,
        })
        .collect();
    let by = heads.iter().position(|h| h.id == wanted.sort);
    lines.sort_by(|a, b| {
        let order = match (by, wanted.sort.as_str()) {
            (Some(i), _) => compare(&a.cells[i], &b.cells[i]),
            (None, "_receipt") => a.receipt.cmp(&b.receipt),
            (None, "_status") => a.status.cmp(&b.status),
            (None, _) => a.at.cmp(&b.at),
        };
        let order = order.then(a.id.0.cmp(&b.id.0));
        if wanted.ascending { order } else { order.reverse() }
    });
    let total = lines.len() as i64;
    let from = usize::try_from((wanted.page.max(1) - 1).saturating_mul(PAGE)).unwrap_or(usize::MAX);
    let shown: Vec<bool> =
        heads.iter().map(|h| wanted.columns.is_empty() || wanted.columns.contains(&h.id)).collect();
    let lines = lines
        .into_iter()
        .skip(from)
        .take(PAGE as usize)
        .map(|mut line| {
            let mut keep = shown.iter();
            line.cells.retain(|_| keep.next().copied().unwrap_or(false));
            line
        })
        .collect();
    Table { heads, fields: fields(versions), lines, total, cut: false }
}

fn compare(a: &str, b: &str) -> std::cmp::Ordering {
    match (a.parse::<crate::form::Decimal>(), b.parse::<crate::form::Decimal>()) {
        (Ok(a), Ok(b)) => a.cmp(&b),
        _ => a.cmp(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::table::narrow::By;
    use crate::form::{Answer, Answers, Ask, Page, Question, Values};
    use crate::id::AnswerId;

    fn given(id: i64, age: i32, note: &str) -> Given {
        let answers = Values::from([
            ("age".to_owned(), Answer::Number(crate::form::Decimal::small(age))),
            ("note".to_owned(), Answer::Text(note.into())),
        ]);
        Given {
            id: AnswerId(id),
            receipt: format!("R8-{id:04}"),
            status: "received".into(),
            at: Date { year: 2026, month: 11, day: u8::try_from(id).unwrap() }.start(),
            changed_at: Timestamp(0),
            submission: Submission { version: 1, answers },
            staff: Answers::new(),
        }
    }

    const TODAY: Date = Date { year: 2026, month: 11, day: 20 };

    fn form() -> Form {
        let questions = vec![
            Question::new(
                "age",
                "年齢",
                Ask::Number { min: None, max: None, step: None, unit: "歳".into() },
            ),
            Question::new("note", "意見", Ask::LongText { max: 100 }),
        ];
        let pages = vec![Page { questions, ..Page::default() }];
        Form { version: 1, pages, ..Form::default() }
    }

    fn ids(table: &Table) -> Vec<i64> {
        table.lines.iter().map(|l| l.id.0).collect()
    }

    #[test]
    fn answers_are_found_and_sorted() {
        let answers = [given(1, 9, "ごみ"), given(2, 100, "公園"), given(3, 20, "ごみ置き場")];
        let show = |wanted: &Wanted| table(&[form()], &answers, wanted, TODAY);
        assert_eq!(ids(&show(&Wanted::default())), [3, 2, 1]);
        let by_age = Wanted { sort: "age".into(), ascending: true, ..Wanted::default() };
        assert_eq!(ids(&show(&by_age)), [1, 3, 2]);
        let found = Wanted { search: "ごみ".into(), ..Wanted::default() };
        assert_eq!(ids(&show(&found)), [3, 1]);
        let receipt = Wanted { search: "r8-0002".into(), ..Wanted::default() };
        assert_eq!(ids(&show(&receipt)), [2]);
        let one = Wanted { columns: vec!["note".into()], ..Wanted::default() };
        let shown = show(&one);
        assert_eq!((shown.heads.len(), shown.lines[0].cells.len()), (2, 1));
        assert_eq!(shown.lines[0].cells[0], "ごみ置き場");
        assert!(show(&Wanted { page: 2, ..Wanted::default() }).lines.is_empty());
    }

    #[test]
    fn what_staff_filled_in_is_found_and_sorted_like_all_else() {
        let times = |n: &str| Answers::from([("times".to_owned(), vec![n.to_owned()])]);
        let mut answers = [given(1, 9, "ごみ"), given(2, 100, "公園"), given(3, 20, "道")];
        answers[0].staff = times("10");
        answers[1].staff = times("9");
        let number = Ask::Number { min: None, max: None, step: None, unit: "回".into() };
        // A question may have the same key.
        let staff = vec![Question::new("times", "対応", number)];
        let mut form = Form { staff, ..form() };
        form.pages[0].questions.push(Question::new("times", "回数", Ask::Text { max: 9 }));
        let show = |wanted: &Wanted| table(std::slice::from_ref(&form), &answers, wanted, TODAY);
        let all = show(&Wanted::default());
        let heads: Vec<(&str, &str)> =
            all.heads.iter().map(|h| (h.id.as_str(), h.label.as_str())).collect();
        assert_eq!(heads[2..], [("times", "回数"), ("staff/times", "対応（職員だけの欄）")]);
        assert_eq!(all.lines[2].cells, ["9", "ごみ", "", "10"]);
        let sorted = Wanted { sort: "staff/times".into(), ascending: true, ..Wanted::default() };
        assert_eq!(ids(&show(&sorted)), [3, 2, 1]);
        let found = Wanted { search: "10".into(), ..Wanted::default() };
        assert_eq!(ids(&show(&found)), [2, 1], "an age and what staff wrote");
        let one = Wanted { columns: vec!["staff/times".into()], ..Wanted::default() };
        assert_eq!(show(&one).lines[2].cells, ["10"]);
    }

    #[test]
    fn what_is_wanted_goes_through_an_address() {
        let wanted = Wanted {
            search: "a".into(),
            status: Some("done".into()),
            from: Date::new(2026, 11, 1),
            until: Date::new(2026, 11, 30),
            narrow: vec![
                Narrowing { field: "use".into(), by: By::OneOf(vec!["a".into(), "b".into()]) },
                Narrowing { field: "why".into(), by: By::Contains("木 \"&=".into()) },
                Narrowing {
                    field: "age".into(),
                    by: By::Number { from: Some(crate::form::Decimal::small(20)), to: None },
                },
                Narrowing {
                    field: "staff/day".into(),
                    by: By::Day { from: Date::new(2026, 11, 1), to: Date::new(2026, 11, 2) },
                },
            ],
            sort: "age".into(),
            ascending: true,
            columns: vec!["age".into(), "note".into()],
            page: 3,
        };
        let pairs = wanted.pairs();
        let get = |name: &str| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| v.clone());
        assert_eq!(Wanted::parse(get), wanted);
        // What a former release kept has none.
        let old = serde_json::to_string(&Wanted { narrow: Vec::new(), ..wanted.clone() }).unwrap();
        assert!(!old.contains("narrow"), "{old}");
        assert!(serde_json::from_str::<Wanted>(&old).unwrap().narrow.is_empty());
        let nonsense = r#"[{"field":"a","by":{"one_of":[]}},{"field":"a","by":{"contains":" "}},{"field":"a","by":{"day":{"from":{"year":2026,"month":99,"day":1}}}}]"#;
        for bad in ["x", "[1]", "{}", nonsense] {
            let get = |name: &str| (name == "where").then(|| bad.to_owned());
            assert_eq!(Wanted::parse(get).narrow, [], "{bad}");
        }
    }

    #[test]
    fn a_filter_by_a_column_and_words_hold_together_and_pages_follow() {
        let mut answers: Vec<Given> =
            (1..=3).map(|id| given(id, i32::try_from(id).unwrap() * 10, "ごみ")).collect();
        answers[2].staff = Answers::from([("times".to_owned(), vec!["5".to_owned()])]);
        let number = Ask::Number { min: None, max: None, step: None, unit: "回".into() };
        let form = Form { staff: vec![Question::new("times", "対応", number)], ..form() };
        let show = |wanted: &Wanted| table(std::slice::from_ref(&form), &answers, wanted, TODAY);
        let number = |field: &str, from: i32| Narrowing {
            field: field.into(),
            by: By::Number { from: Some(crate::form::Decimal::small(from)), to: None },
        };
        let aged = Wanted { narrow: vec![number("age", 20)], ..Wanted::default() };
        let found = show(&aged);
        assert_eq!((ids(&found), found.total), (vec![3, 2], 2));
        assert_eq!(found.heads, show(&Wanted::default()).heads, "columns stay");
        assert!(found.fields.iter().any(|f| f.id == "staff/times"));
        let both = vec![number("age", 20), number("staff/times", 5)];
        assert_eq!(ids(&show(&Wanted { narrow: both, ..Wanted::default() })), [3]);
        let words = Wanted { search: "0002".into(), ..aged.clone() };
        assert_eq!(ids(&show(&words)), [2]);
        let gone = Wanted { narrow: vec![number("gone", 1)], ..Wanted::default() };
        assert_eq!(show(&gone).total, 0, "what is not known lets nothing through");
        assert!(show(&Wanted { page: 2, ..aged }).lines.is_empty());
    }
}
