//! Every answer of a form as CSV or Excel (FORM-4): UTF-8 with BOM or CP932, no cell a formula.

use super::look::definitions;
use crate::resident::csv::{BOM, lines};
use crate::{Context, Error, Result};
use bytes::Bytes;
use domain::form::inbox::Given;
use domain::form::table::{Column, columns_of, most_items, row};
use domain::form::{Answers, Asked, Form, evaluate};
use domain::id::{AnswerId, FormId};
use domain::time::Timestamp;
use futures::Stream;
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use std::collections::BTreeMap;

/// How many answers are read at once.
const PIECE: i64 = 500;
/// Most characters that Excel takes in a cell.
const CELL_MAX: usize = 32_767;

/// In which letters a CSV is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8 with its mark.
    #[default]
    Utf8,
    /// CP932, as former systems read it; a letter that it does not have becomes 〓.
    Cp932,
}

/// What all answers have in common.
struct Frame {
    versions: BTreeMap<u64, Form>,
    newest: Form,
    columns: Vec<Column>,
    staff: Vec<Column>,
    count: i64,
}

impl Frame {
    async fn of(ctx: &Context, form: FormId) -> Result<Self> {
        let all = definitions(ctx, form).await?;
        // As many columns of a group as the largest needs: everything is read once before.
        let (mut items, mut count, mut after) = (0, 0, None::<AnswerId>);
        loop {
            let piece = store::answer::given(ctx, form, after, PIECE).await?;
            items = items.max(most_items(piece.iter().map(|g| &g.submission)));
            count += piece.len() as i64;
            let Some(last) = piece.last() else { break };
            after = Some(last.id);
        }
        let columns = columns_of(&all.iter().collect::<Vec<_>>(), items);
        let newest = all.first().cloned().unwrap_or_default();
        let staff = domain::form::table::columns(&newest.for_staff(), 0);
        let versions = all.into_iter().map(|f| (f.version, f)).collect();
        Ok(Self { versions, newest, columns, staff, count })
    }

    fn head(&self) -> Vec<String> {
        let own = ["受付番号", "受付日時", "最後の変更", "状態", "版"].map(str::to_owned);
        let staff = self.staff.iter().map(|c| format!("職員：{}", c.label));
        own.into_iter().chain(self.columns.iter().map(|c| c.label.clone())).chain(staff).collect()
    }

    fn line(&self, given: &Given, today: domain::time::Date) -> Vec<String> {
        let label = self.newest.statuses.iter().find(|s| s.key == given.status);
        let form = self.versions.get(&given.submission.version).unwrap_or(&self.newest);
        let mut cells = vec![
            given.receipt.clone(),
            time(given.at),
            time(given.changed_at),
            label.map_or_else(|| given.status.clone(), |s| s.label.clone()),
            given.submission.version.to_string(),
        ];
        cells.extend(row(form, &self.columns, &given.submission));
        cells.extend(self.staff_cells(&given.staff, today));
        cells
    }

    fn staff_cells(&self, given: &Answers, today: domain::time::Date) -> Vec<String> {
        let form = self.newest.for_staff();
        let answers = evaluate(&form, given, Asked { today }).answers;
        row(&form, &self.staff, &domain::form::Submission { version: form.version, answers })
    }
}

fn time(at: Timestamp) -> String {
    let c = at.tokyo();
    format!("{} {:02}:{:02}:{:02}", c.date.iso(), c.hour, c.minute, c.second)
}

fn encoded(text: Vec<u8>, encoding: Encoding) -> Bytes {
    if encoding == Encoding::Utf8 {
        return text.into();
    }
    let text = String::from_utf8_lossy(&text).into_owned();
    let (bytes, _, lost) = encoding_rs::SHIFT_JIS.encode(&text);
    if !lost {
        return bytes.into_owned().into();
    }
    let mut out = Vec::with_capacity(text.len());
    for letter in text.chars() {
        let mut buffer = [0; 4];
        let (bytes, _, lost) = encoding_rs::SHIFT_JIS.encode(letter.encode_utf8(&mut buffer));
        // 〓
        out.extend_from_slice(if lost { b"\x81\xac".as_slice() } else { bytes.as_ref() });
    }
    out.into()
}

/// Every answer as CSV, piece by piece.
///
/// # Errors
/// `NotFound`, `Forbidden`; if the database is away.
pub async fn csv(
    ctx: &Context,
    form: FormId,
    encoding: Encoding,
) -> Result<impl Stream<Item = Result<Bytes>> + Send + use<>> {
    let frame = Frame::of(ctx, form).await?;
    store::answer::note_export(ctx, form, frame.count).await?;
    let mut first = lines([frame.head()])?;
    if encoding == Encoding::Utf8 {
        first = [BOM, &first].concat();
    }
    let first = encoded(first, encoding);
    let today = ctx.now().date();
    let begin = (ctx.clone(), frame, None::<AnswerId>);
    let pieces = futures::stream::try_unfold(begin, move |(ctx, frame, after)| async move {
        let piece = store::answer::given(&ctx, form, after, PIECE).await?;
        let Some(last) = piece.last().map(|g| g.id) else { return Ok(None) };
        let rows: Vec<Vec<String>> = piece.iter().map(|g| frame.line(g, today)).collect();
        Ok(Some((encoded(lines(rows)?, encoding), (ctx, frame, Some(last)))))
    });
    Ok(futures::StreamExt::chain(futures::stream::once(async move { Ok(first) }), pieces))
}

/// Every answer as an Excel workbook.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` if there are more than a sheet holds.
pub async fn xlsx(ctx: &Context, form: FormId) -> Result<Vec<u8>> {
    let frame = Frame::of(ctx, form).await?;
    if frame.count > 1_000_000 {
        let words = "Excelの1枚に入りきりません。CSVで書き出してください";
        return Err(Error::Conflict(words.into()));
    }
    store::answer::note_export(ctx, form, frame.count).await?;
    let today = ctx.now().date();
    let (mut rows, mut after) = (vec![frame.head()], None::<AnswerId>);
    loop {
        let piece = store::answer::given(ctx, form, after, PIECE).await?;
        let Some(last) = piece.last() else { break };
        after = Some(last.id);
        rows.extend(piece.iter().map(|g| frame.line(g, today)));
    }
    // A large workbook takes seconds: it must not keep other requests waiting.
    let made = tokio::task::spawn_blocking(move || book(&rows)).await;
    match made {
        Ok(Ok(bytes)) => Ok(bytes),
        _ => {
            tracing::error!("a workbook of answers could not be made");
            Err(Error::Inconsistent("xlsx"))
        }
    }
}

fn book(rows: &[Vec<String>]) -> std::result::Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let bold = Format::new().set_bold().set_text_wrap();
    let page = book.add_worksheet();
    page.set_name("答え")?;
    page.set_freeze_panes(1, 1)?;
    for (r, row) in (0u32..).zip(rows) {
        for (c, cell) in (0u16..).zip(row) {
            if cell.is_empty() {
                continue;
            }
            // As a string: what begins with = is no formula. The mark of a CSV is not needed.
            let text = cell.strip_prefix('\'').unwrap_or(cell);
            let text: String = text.chars().take(CELL_MAX).collect();
            if r == 0 {
                page.write_string_with_format(r, c, text, &bold)?;
            } else {
                page.write_string(r, c, text)?;
            }
        }
    }
    for (c, head) in (0u16..).zip(rows.first().into_iter().flatten()) {
        let places: usize = head.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
        page.set_column_width(c, (places + 2).clamp(10, 40) as f64)?;
    }
    book.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_cp932_has_not_become_a_mark() {
        let bytes = encoded("高橋,髙橋,𠮷野\r\n".as_bytes().to_vec(), Encoding::Cp932);
        let (text, _, broken) = encoding_rs::SHIFT_JIS.decode(&bytes);
        assert!(!broken);
        assert_eq!(text, "高橋,髙橋,〓野\r\n");
        let same = encoded("高橋".as_bytes().to_vec(), Encoding::Utf8);
        assert_eq!(same, "高橋".as_bytes());
    }
}
