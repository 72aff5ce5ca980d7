//! Every answer of a form as CSV or Excel (FORM-4): UTF-8 with BOM or CP932, no cell a formula.
//! A small one is made while one waits; [`super::job`] makes others in the background.

use super::look::definitions;
use crate::resident::csv::{BOM, lines};
use crate::{Context, Error, Result};
use bytes::Bytes;
use domain::form::export::{AT_ONCE, Kind};
use domain::form::inbox::Given;
use domain::form::table::{Column, columns, columns_of, filled, most_items, row};
use domain::form::{Form, Submission};
use domain::id::{AnswerId, FormId};
use domain::time::{Date, Timestamp};
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use std::collections::BTreeMap;

/// How many answers are read at once.
const PIECE: i64 = 500;
/// Most characters that Excel takes in a cell.
const CELL_MAX: usize = 32_767;
/// Most answers that Excel takes in a sheet, its head apart.
const SHEET_MAX: i64 = 1_000_000;

/// What all answers have in common.
struct Frame {
    versions: BTreeMap<u64, Form>,
    newest: Form,
    columns: Vec<Column>,
    items: usize,
    staff: Form,
    staff_columns: Vec<Column>,
    staff_items: usize,
    today: Date,
    last: Option<AnswerId>,
    count: i64,
}

/// Hears how far it is; false: it is not to go on.
pub(super) trait Watch: Send {
    /// So many answers more were read.
    fn read(&mut self, answers: i64) -> impl Future<Output = Result<bool>> + Send;
}

/// Nobody asks how far it is.
pub(super) struct Unwatched;

impl Watch for Unwatched {
    async fn read(&mut self, _: i64) -> Result<bool> {
        Ok(true)
    }
}

/// Where the bytes of a file go.
pub(super) trait Sink: Send {
    /// The next of them; false: it is not to go on.
    fn put(&mut self, bytes: &[u8]) -> impl Future<Output = Result<bool>> + Send;
}

impl Frame {
    /// Nothing if it is not to go on.
    async fn of(ctx: &Context, form: FormId, watch: &mut impl Watch) -> Result<Option<Self>> {
        let all = definitions(ctx, form).await?;
        let newest = all.first().cloned().unwrap_or_default();
        let (staff, today) = (newest.for_staff(), ctx.now().date());
        // As many columns of a group as the largest needs: everything is read once before.
        let (mut items, mut count, mut after) = (0, 0, None::<AnswerId>);
        let mut staff_items = 0;
        loop {
            let piece = store::answer::given(ctx, form, after, PIECE).await?;
            items = items.max(most_items(piece.iter().map(|g| &g.submission)));
            staff_items = staff_items.max(items_of_staff(&staff, &piece, today));
            count += piece.len() as i64;
            let Some(last) = piece.last() else { break };
            after = Some(last.id);
            if !watch.read(piece.len() as i64).await? {
                return Ok(None);
            }
            if (piece.len() as i64) < PIECE {
                break;
            }
        }
        let staff_columns = columns(&staff, staff_items);
        let columns = columns_of(&all.iter().collect::<Vec<_>>(), items);
        let versions = all.into_iter().map(|f| (f.version, f)).collect();
        Ok(Some(Self {
            versions,
            newest,
            columns,
            items,
            staff,
            staff_columns,
            staff_items,
            today,
            last: after,
            count,
        }))
    }

    /// The next answers after `after`, of those for which it was made.
    async fn next(
        &self,
        ctx: &Context,
        form: FormId,
        after: Option<AnswerId>,
    ) -> Result<Vec<Given>> {
        let mut piece = store::answer::given(ctx, form, after, PIECE).await?;
        piece.retain(|g| Some(g.id) <= self.last);
        if most_items(piece.iter().map(|g| &g.submission)) > self.items
            || items_of_staff(&self.staff, &piece, self.today) > self.staff_items
        {
            // Somebody corrected an answer meanwhile: it has no place in these columns.
            let words = "書き出すあいだに、回答が直されました。もう一度書き出してください";
            return Err(Error::Conflict(words.into()));
        }
        Ok(piece)
    }

    fn head(&self) -> Vec<String> {
        let own = ["受付番号", "受付日時", "最後の変更", "状態", "版"].map(str::to_owned);
        let staff = self.staff_columns.iter().map(|c| format!("職員：{}", c.label));
        own.into_iter().chain(self.columns.iter().map(|c| c.label.clone())).chain(staff).collect()
    }

    fn line(&self, given: &Given) -> Vec<String> {
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
        let of_staff = filled(&self.staff, &given.staff, self.today);
        cells.extend(row(&self.staff, &self.staff_columns, &of_staff));
        cells
    }
}

/// How many items the largest group has that staff filled in.
fn items_of_staff(staff: &Form, given: &[Given], today: Date) -> usize {
    let of_staff: Vec<Submission> = given.iter().map(|g| filled(staff, &g.staff, today)).collect();
    most_items(of_staff.iter())
}

fn time(at: Timestamp) -> String {
    let c = at.tokyo();
    format!("{} {:02}:{:02}:{:02}", c.date.iso(), c.hour, c.minute, c.second)
}

fn encoded(text: Vec<u8>, kind: Kind) -> Bytes {
    if kind != Kind::Cp932 {
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

fn begin(frame: &Frame, kind: Kind) -> Result<Bytes> {
    let first = lines([frame.head()])?;
    Ok(match kind {
        Kind::Cp932 => encoded(first, kind),
        _ => [BOM, &first].concat().into(),
    })
}

/// Every answer as a file, piece by piece into `sink`; how many there are, nothing if it was
/// not to go on.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` if there are more than a sheet holds, or one was
/// corrected meanwhile.
pub(super) async fn write(
    ctx: &Context,
    form: FormId,
    kind: Kind,
    watch: &mut impl Watch,
    sink: &mut impl Sink,
) -> Result<Option<i64>> {
    let Some(frame) = Frame::of(ctx, form, watch).await? else { return Ok(None) };
    if kind == Kind::Excel && frame.count > SHEET_MAX {
        let words = "Excelの1枚に入りきりません。CSVで書き出してください";
        return Err(Error::Conflict(words.into()));
    }
    let (mut rows, mut after) = (Vec::new(), None::<AnswerId>);
    match kind {
        Kind::Excel => rows.push(frame.head()),
        _ if !sink.put(&begin(&frame, kind)?).await? => return Ok(None),
        _ => {}
    }
    loop {
        let piece = frame.next(ctx, form, after).await?;
        let Some(last) = piece.last() else { break };
        after = Some(last.id);
        rows.extend(piece.iter().map(|g| frame.line(g)));
        if !watch.read(piece.len() as i64).await? {
            return Ok(None);
        }
        if kind != Kind::Excel {
            let bytes = encoded(lines(std::mem::take(&mut rows))?, kind);
            if !sink.put(&bytes).await? {
                return Ok(None);
            }
        }
        if (piece.len() as i64) < PIECE {
            break;
        }
    }
    if kind == Kind::Excel {
        // A large workbook takes seconds: it must not keep other requests waiting.
        let made = tokio::task::spawn_blocking(move || book(&rows)).await;
        let Ok(Ok(bytes)) = made else {
            tracing::error!("a workbook of answers could not be made");
            return Err(Error::Inconsistent("xlsx"));
        };
        if !sink.put(&bytes).await? {
            return Ok(None);
        }
    }
    Ok(Some(frame.count))
}

impl Sink for Vec<u8> {
    async fn put(&mut self, bytes: &[u8]) -> Result<bool> {
        self.extend_from_slice(bytes);
        Ok(true)
    }
}

/// Every answer as a file, at once. That they left the house stands in the ledger.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` if there are more than [`AT_ONCE`], which the
/// background makes a file of.
pub async fn at_once(ctx: &Context, form: FormId, kind: Kind) -> Result<Vec<u8>> {
    if store::answer::count(ctx, form).await? > AT_ONCE {
        let words = "回答が多いので、「書き出す」のページで、ファイルを作ってください";
        return Err(Error::Conflict(words.into()));
    }
    let mut file = Vec::new();
    let count = write(ctx, form, kind, &mut Unwatched, &mut file).await?;
    store::answer::note_export(ctx, form, count.unwrap_or(0)).await?;
    Ok(file)
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
        let bytes = encoded("高橋,髙橋,𠮷野\r\n".as_bytes().to_vec(), Kind::Cp932);
        let (text, _, broken) = encoding_rs::SHIFT_JIS.decode(&bytes);
        assert!(!broken);
        assert_eq!(text, "高橋,髙橋,〓野\r\n");
        let same = encoded("高橋".as_bytes().to_vec(), Kind::Csv);
        assert_eq!(same, "高橋".as_bytes());
    }
}
