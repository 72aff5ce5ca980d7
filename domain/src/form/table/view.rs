//! The table of answers as staff look at it: found, sorted, page by page (FORM-4).

use super::{Column, columns_of, most_items, row};
use crate::form::Form;
use crate::form::inbox::Given;
use crate::form::kept::page;
use crate::time::{Date, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Rows on a page.
pub const PAGE: i64 = 50;
/// Most answers that are looked through; the newest count.
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
            sort: text("sort").unwrap_or_default().chars().take(200).collect(),
            ascending: text("way").as_deref() == Some("up"),
            columns: text("columns")
                .map(|c| c.split(',').take(500).map(str::to_owned).collect())
                .unwrap_or_default(),
            page: page(text("page")),
        }
    }

    /// The same as query parameters.
    pub fn pairs(&self) -> [(&'static str, String); 8] {
        let day = |d: Option<Date>| d.map(Date::iso).unwrap_or_default();
        [
            ("q", self.search.clone()),
            ("status", self.status.clone().unwrap_or_default()),
            ("from", day(self.from)),
            ("until", day(self.until)),
            ("sort", self.sort.clone()),
            ("way", if self.ascending { "up".into() } else { String::new() }),
            ("columns", self.columns.join(",")),
            ("page", if self.page > 1 { self.page.to_string() } else { String::new() }),
        ]
    }

    /// Whether an answer of that day and status is wanted.
    pub fn takes(&self, status: &str, at: Timestamp) -> bool {
        let day = at.date();
        self.status.as_ref().is_none_or(|s| s == status)
            && self.from.is_none_or(|from| day >= from)
            && self.until.is_none_or(|until| day <= until)
    }
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
    /// The rows of this page, with the shown columns alone.
    pub lines: Vec<Line>,
    /// How many there are in all.
    pub total: i64,
}

/// The columns for some answers, and each answer's cells; `versions` the newest first.
pub fn cells(versions: &[Form], answers: &[Given]) -> (Vec<Column>, Vec<Vec<String>>) {
    let forms: Vec<&Form> = versions.iter().collect();
    let columns = columns_of(&forms, most_items(answers.iter().map(|g| &g.submission)));
    let by: BTreeMap<u64, &Form> = versions.iter().map(|f| (f.version, f)).collect();
    let rows = answers.iter().map(|given| {
        // Of a version that is gone, the newest reads what it can.
        let form = by.get(&given.submission.version).copied().or(versions.first());
        form.map(|form| row(form, &columns, &given.submission)).unwrap_or_default()
    });
    let rows = rows.collect();
    (columns, rows)
}

/// The page that is wanted. Numbers are sorted as numbers.
pub fn table(versions: &[Form], answers: &[Given], wanted: &Wanted) -> Table {
    let (columns, rows) = cells(versions, answers);
    let heads: Vec<Head> = columns
        .iter()
        .map(|c| Head { id: c.id(), label: c.label.clone(), personal: c.personal })
        .collect();
    let search = wanted.search.to_lowercase();
    let mut lines: Vec<Line> = answers
        .iter()
        .zip(rows)
        .filter(|(given, _)| wanted.takes(&given.status, given.at))
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
    Table { heads, lines, total }
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
    use crate::form::{Answer, Ask, Page, Question, Submission, Values};
    use crate::id::AnswerId;

    fn given(id: i64, age: i32, note: &str) -> Given {
        let answers = Values::from([
            ("age".to_owned(), Answer::Number(crate::form::Decimal::small(age))),
            ("note".to_owned(), Answer::Text(note.into())),
        ]);
        Given {
            id: AnswerId(id),
            receipt: format!("R8-{id:04}"),
            status: if id % 2 == 0 { "done" } else { "received" }.into(),
            at: Date { year: 2026, month: 11, day: u8::try_from(id).unwrap() }.start(),
            changed_at: Timestamp(0),
            submission: Submission { version: 1, answers },
            staff: crate::form::Answers::new(),
        }
    }

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
        let show = |wanted: &Wanted| table(&[form()], &answers, wanted);
        assert_eq!(ids(&show(&Wanted::default())), [3, 2, 1]);
        let by_age = Wanted { sort: "age".into(), ascending: true, ..Wanted::default() };
        assert_eq!(ids(&show(&by_age)), [1, 3, 2]);
        let found = Wanted { search: "ごみ".into(), ..Wanted::default() };
        assert_eq!(ids(&show(&found)), [3, 1]);
        let receipt = Wanted { search: "r8-0002".into(), ..Wanted::default() };
        assert_eq!(ids(&show(&receipt)), [2]);
        let done = Wanted { status: Some("done".into()), ..Wanted::default() };
        assert_eq!(ids(&show(&done)), [2]);
        let day = Date { year: 2026, month: 11, day: 2 };
        let days = Wanted { from: Some(day), until: Some(day), ..Wanted::default() };
        assert_eq!(ids(&show(&days)), [2]);
        let one = Wanted { columns: vec!["note".into()], ..Wanted::default() };
        let shown = show(&one);
        assert_eq!((shown.heads.len(), shown.lines[0].cells.len()), (2, 1));
        assert_eq!(shown.lines[0].cells[0], "ごみ置き場");
        assert!(show(&Wanted { page: 2, ..Wanted::default() }).lines.is_empty());
    }

    #[test]
    fn what_is_wanted_goes_through_an_address() {
        let wanted = Wanted {
            search: "a".into(),
            status: Some("done".into()),
            from: Date::new(2026, 11, 1),
            until: Date::new(2026, 11, 30),
            sort: "age".into(),
            ascending: true,
            columns: vec!["age".into(), "note".into()],
            page: 3,
        };
        let pairs = wanted.pairs();
        let get = |name: &str| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| v.clone());
        assert_eq!(Wanted::parse(get), wanted);
    }
}
