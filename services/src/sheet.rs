//! Tables to take away: the same rows as CSV (UTF-8 with BOM, no cell is a formula) and as an
//! Excel workbook.

use crate::resident::csv::{BOM, lines};
use crate::{Error, Result};
use domain::time::Timestamp;
use rust_xlsxwriter::{ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};

/// One cell. What is not known is empty, never 0.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Words.
    Text(String),
    /// A number of people, taps or calls.
    Count(i64),
    /// Per cent, with one decimal.
    Percent(f64),
    /// A time, in Tokyo.
    Time(Timestamp),
    /// Nothing.
    Empty,
}

impl From<&str> for Cell {
    fn from(words: &str) -> Self {
        Self::Text(words.to_owned())
    }
}

impl From<String> for Cell {
    fn from(words: String) -> Self {
        Self::Text(words)
    }
}

impl From<i64> for Cell {
    fn from(n: i64) -> Self {
        Self::Count(n)
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(cell: Option<T>) -> Self {
        cell.map_or(Self::Empty, Into::into)
    }
}

impl From<Timestamp> for Cell {
    fn from(at: Timestamp) -> Self {
        Self::Time(at)
    }
}

impl Cell {
    /// A share, if there is one.
    pub fn percent(share: Option<f64>) -> Self {
        share.map_or(Self::Empty, Self::Percent)
    }

    fn words(&self) -> String {
        match self {
            Self::Text(words) => words.clone(),
            Self::Count(n) => n.to_string(),
            Self::Percent(share) => format!("{share:.1}"),
            Self::Time(at) => {
                let c = at.tokyo();
                format!("{} {:02}:{:02}:{:02}", c.date.iso(), c.hour, c.minute, c.second)
            }
            Self::Empty => String::new(),
        }
    }
}

/// A table with a name of at most 31 characters.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// Its name.
    pub name: &'static str,
    /// What the columns are.
    pub head: Vec<&'static str>,
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
}

/// A table as CSV.
///
/// # Errors
/// If it cannot be written.
pub fn csv(sheet: &Sheet) -> Result<Vec<u8>> {
    let head = sheet.head.iter().map(|&w| w.to_owned()).collect();
    let rows = sheet.rows.iter().map(|row| row.iter().map(Cell::words).collect());
    Ok([BOM, &lines(std::iter::once(head).chain(rows))?].concat())
}

/// Tables as a workbook.
///
/// # Errors
/// If it cannot be written.
pub fn xlsx(sheets: &[Sheet]) -> Result<Vec<u8>> {
    book(sheets).map_err(|error| {
        tracing::error!(%error, "a workbook could not be made");
        Error::Inconsistent("xlsx")
    })
}

/// Most characters that Excel takes in a cell.
pub(crate) const CELL_MAX: usize = 32_767;

fn book(sheets: &[Sheet]) -> std::result::Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let top = FormatAlign::Top;
    let head = Format::new().set_bold().set_text_wrap().set_align(FormatAlign::VerticalCenter);
    let words = Format::new().set_text_wrap().set_align(top);
    let count = Format::new().set_num_format("#,##0").set_align(top);
    let share = Format::new().set_num_format("0.0").set_align(top);
    let time = Format::new().set_num_format("yyyy/mm/dd hh:mm:ss").set_align(top);
    for sheet in sheets {
        let page = book.add_worksheet();
        page.set_name(sheet.name)?;
        page.set_freeze_panes(1, 0)?;
        for (c, words) in (0u16..).zip(&sheet.head) {
            page.write_string_with_format(0, c, *words, &head)?;
            page.set_column_width(c, width(sheet, usize::from(c)))?;
        }
        for (r, row) in (1u32..).zip(&sheet.rows) {
            for (c, cell) in (0u16..).zip(row) {
                match cell {
                    // As a string: what begins with = is no formula.
                    Cell::Text(text) => {
                        let text: String = text.chars().take(CELL_MAX).collect();
                        page.write_string_with_format(r, c, text, &words)?;
                    }
                    Cell::Count(n) => {
                        page.write_number_with_format(r, c, *n as f64, &count)?;
                    }
                    Cell::Percent(n) => {
                        page.write_number_with_format(r, c, *n, &share)?;
                    }
                    Cell::Time(at) => when(page, r, c, *at, &time)?,
                    Cell::Empty => {}
                }
            }
        }
    }
    book.save_to_buffer()
}

fn when(
    page: &mut Worksheet,
    row: u32,
    column: u16,
    at: Timestamp,
    format: &Format,
) -> std::result::Result<(), XlsxError> {
    let c = at.tokyo();
    let year = u16::try_from(c.date.year).unwrap_or(1900);
    let at = ExcelDateTime::from_ymd(year, c.date.month, c.date.day)?.and_hms(
        u16::from(c.hour),
        c.minute,
        c.second,
    )?;
    page.write_datetime_with_format(row, column, &at, format)?;
    Ok(())
}

/// As wide as its words, within reason; a Japanese character takes two places.
fn width(sheet: &Sheet, column: usize) -> f64 {
    let places = |words: &str| {
        let line = words.lines().next().unwrap_or_default();
        line.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<usize>()
    };
    let cells = sheet.rows.iter().take(200).filter_map(|row| row.get(column));
    let widest = cells.map(|cell| places(&cell.words())).max().unwrap_or(0);
    (widest.max(sheet.head.get(column).map_or(0, |w| places(w))) + 2).clamp(8, 60) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet() -> Sheet {
        Sheet {
            name: "配信",
            head: vec!["件名", "人数", "割合（％）", "時刻", "空"],
            rows: vec![vec![
                "=1+1".into(),
                84_312i64.into(),
                Cell::percent(Some(12.5)),
                Timestamp(1_795_143_600_000_000).into(),
                Cell::percent(None),
            ]],
        }
    }

    #[test]
    fn csv_is_safe_and_plain() {
        let text = String::from_utf8(csv(&sheet()).unwrap()).unwrap();
        assert_eq!(
            text,
            "\u{feff}件名,人数,割合（％）,時刻,空\r\n'=1+1,84312,12.5,2026-11-20 12:00:00,\r\n"
        );
    }

    #[test]
    fn a_workbook_is_made_of_long_and_odd_cells_too() {
        let mut long = sheet();
        long.rows.push(vec!["あ".repeat(40_000).into(), (-1i64).into()]);
        let bytes = xlsx(&[long, Sheet { name: "空", head: vec![], rows: vec![] }]).unwrap();
        // A workbook is a zip archive.
        assert_eq!(bytes[..4], *b"PK\x03\x04");
    }
}
