//! Questions as an Excel workbook (FORM-3): the template to write them in, and reading it.

use crate::roster::read::table_of;
use crate::sheet::CELL_MAX;
use crate::{Context, Error, Result};
use domain::form::edit::about_kind;
use domain::form::sheet::{COLUMNS, ROWS_MAX, Read, table};
use domain::form::{BYTES_MAX, KINDS};
use domain::id::FormId;
use domain::permission::Permission;
use domain::problem::Problem;
use rust_xlsxwriter::{DataValidation, Format, FormatAlign, Workbook, XlsxError};

/// The template: a sheet to write in, with a list of the kinds in its column, and a sheet that
/// explains them.
///
/// # Errors
/// `Forbidden`; if it cannot be written.
pub fn template(ctx: &Context) -> Result<Vec<u8>> {
    ctx.allow(Permission::FormWrite)?;
    let examples = [
        ["1", "お住まいの地区", "ひとつ選ぶ", "はい", "", "東地区／西地区／その他", ""],
        ["", "市のサービスの満足度", "段階", "はい", "", "", ""],
        ["2", "ご意見", "長い文", "", "お名前は書かないでください", "", ""],
    ];
    let rows: Vec<Vec<String>> =
        examples.iter().map(|row| row.map(str::to_owned).to_vec()).collect();
    made(&rows)
}

/// The questions of a form as they are written now, in the same columns.
///
/// # Errors
/// `NotFound`, `Forbidden`; if it cannot be written.
pub async fn questions(ctx: &Context, id: FormId) -> Result<Vec<u8>> {
    let kept = store::form::get(ctx, id).await?;
    made(&table(&kept.definition)[1..])
}

fn made(rows: &[Vec<String>]) -> Result<Vec<u8>> {
    book(rows).map_err(|error| {
        tracing::error!(%error, "a workbook of questions could not be made");
        Error::Inconsistent("xlsx")
    })
}

/// Cuts a list of options into what Excel takes in a cell each.
fn pieces(options: &str) -> Vec<String> {
    let (mut pieces, mut piece, mut left) = (Vec::new(), String::new(), CELL_MAX);
    for option in options.split_inclusive('／') {
        let size = option.encode_utf16().count();
        if size > left {
            pieces.push(std::mem::take(&mut piece));
            left = CELL_MAX;
        }
        piece.push_str(option);
        left = left.saturating_sub(size);
    }
    pieces.push(piece);
    pieces
}

fn book(rows: &[Vec<String>]) -> std::result::Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let head = Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Top);
    let wrap = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    let kinds: Vec<(&str, &str)> = KINDS
        .iter()
        .filter(|(name, _)| !matches!(*name, "group" | "calculation"))
        .map(|(name, words)| (*words, about_kind(name)))
        .collect();
    let page = book.add_worksheet();
    page.set_name("質問")?;
    page.set_freeze_panes(1, 0)?;
    for ((c, (name, about)), width) in
        (0u16..).zip(COLUMNS).zip([8.0, 40.0, 18.0, 8.0, 30.0, 40.0, 10.0])
    {
        page.write_string_with_format(0, c, name, &head)?;
        page.set_column_width(c, width)?;
        page.insert_note(0, c, &rust_xlsxwriter::Note::new(about))?;
    }
    for (r, cells) in (1u32..).zip(rows) {
        for (c, text) in (0u16..).zip(cells) {
            // Of what a form may hold only options can be longer than a cell: they go on behind
            // the last column, under the same name.
            for (c, piece) in std::iter::once(c).chain(7..).zip(pieces(text)) {
                page.write_string_with_format(r, c, piece, &wrap)?;
                if c >= 7 {
                    page.write_string_with_format(0, c, COLUMNS[5].0, &head)?;
                    page.set_column_width(c, 40.0)?;
                }
            }
        }
    }
    let last = u32::try_from(ROWS_MAX).unwrap_or(200);
    let list = rust_xlsxwriter::Formula::new(format!("=答え方!$A$2:$A${}", kinds.len() + 1));
    page.add_data_validation(1, 2, last, 2, &DataValidation::new().allow_list_formula(list))?;
    let yes = DataValidation::new().allow_list_strings(&["はい", "いいえ"])?;
    page.add_data_validation(1, 3, last, 3, &yes)?;
    page.add_data_validation(1, 6, last, 6, &yes)?;
    let page = book.add_worksheet();
    page.set_name("答え方")?;
    page.set_freeze_panes(1, 0)?;
    for (c, words) in [(0, "答え方"), (1, "使いどころ")] {
        page.write_string_with_format(0, c, words, &head)?;
    }
    page.set_column_width(0, 18.0)?;
    page.set_column_width(1, 60.0)?;
    for (r, (words, about)) in (1u32..).zip(kinds) {
        page.write_string(r, 0, words)?;
        page.write_string(r, 1, about)?;
    }
    book.save_to_buffer()
}

/// Reads a workbook or CSV of questions.
///
/// # Errors
/// `Forbidden`; `Invalid` if it is no table. What is wrong in its cells is told in the answer.
pub fn read(ctx: &Context, file: &[u8]) -> Result<Read> {
    ctx.allow(Permission::FormWrite)?;
    // No cell of a form is longer than a whole definition may be.
    let table = table_of(file, BYTES_MAX)
        .map_err(|words| Error::Invalid(vec![Problem::new("/file", words)]))?;
    Ok(domain::form::sheet::read(&table.lines))
}
