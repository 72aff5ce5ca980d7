//! Every answer of a form as CSV or Excel (FORM-4): UTF-8 with BOM or CP932, no cell a formula.
//! A small one is made while one waits; [`super::job`] makes others in the background. Of photos
//! and files they say what they are called and where they are; a ZIP has them in it.

mod archive;

use super::look::definitions;
use crate::resident::csv::{BOM, lines};
use crate::{Context, Error, Result, Settings};
use bytes::Bytes;
use domain::form::export::{AT_ONCE, Kind};
use domain::form::inbox::{FileOf, Given};
use domain::form::table::files::{self, Most};
use domain::form::table::{
    Cell, Column, cells, columns, columns_of, filled, is_unseen, most_items,
};
use domain::form::{Form, Submission};
use domain::id::{AnswerId, BlobId, FormId};
use domain::time::{Date, Timestamp};
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use std::collections::{BTreeMap, HashMap};
use unicode_normalization::char::compose;

/// How many answers are read at once.
const PIECE: i64 = 500;
/// Most characters that Excel takes in a cell.
const CELL_MAX: usize = 32_767;
/// Most digits that Excel keeps of a number.
const DIGITS_MAX: usize = 15;
/// Most answers that Excel takes in a sheet, its head apart.
const SHEET_MAX: i64 = 1_000_000;
/// Most links that Excel takes in a sheet.
const LINKS_MAX: usize = 65_530;

/// What a file takes from the settings.
#[derive(Clone, Copy, Debug)]
pub struct House<'a> {
    /// Where the console is: below it staff open photos and files.
    pub base: &'a str,
    /// The virus scanner, if there is one: it looks at what goes into a ZIP.
    pub scanner: Option<&'a str>,
}

impl<'a> House<'a> {
    /// Of these settings.
    pub fn of(settings: &'a Settings) -> Self {
        Self { base: &settings.public_url, scanner: settings.clamd_address.as_deref() }
    }
}

/// What stands of a photo or file.
#[derive(Clone, Copy)]
enum Shown<'a> {
    /// Its name, and behind it the address where staff open it.
    Address(&'a str),
    /// Its name, which leads there.
    Link(&'a str),
    /// Where it lies in the ZIP; nothing of those that the scanner kept out.
    Packed(&'a HashMap<BlobId, Option<String>>),
}

/// A row of the table, and which of its cells lead where.
#[derive(Default)]
struct Line {
    cells: Vec<Cell>,
    links: Vec<(usize, String)>,
}

/// What all answers have in common.
struct Frame {
    versions: BTreeMap<u64, Form>,
    newest: Form,
    columns: Vec<Column>,
    items: usize,
    files: Most,
    staff: Form,
    staff_columns: Vec<Column>,
    staff_items: usize,
    today: Date,
    last: Option<AnswerId>,
    count: i64,
}

/// Hears how far it is; false: it is not to go on.
pub(super) trait Watch: Send {
    /// So many answers or files more were read.
    fn read(&mut self, more: i64) -> impl Future<Output = Result<bool>> + Send;
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
        let (mut staff_items, mut files) = (0, Most::default());
        loop {
            let piece = store::answer::given(ctx, form, after, PIECE).await?;
            items = items.max(most_items(piece.iter().map(|g| &g.submission)));
            staff_items = staff_items.max(items_of_staff(&staff, &piece, today));
            piece.iter().for_each(|g| files.add(&g.submission.answers));
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
            files,
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
        if piece.iter().any(|g| !self.versions.contains_key(&g.submission.version)) {
            // A version was published meanwhile: what it asks has no place in these columns.
            let words = "書き出すあいだに、フォームが新しくなりました。もう一度書き出してください";
            return Err(Error::Conflict(words.into()));
        }
        let mut files = self.files.clone();
        piece.iter().for_each(|g| files.add(&g.submission.answers));
        if files != self.files
            || most_items(piece.iter().map(|g| &g.submission)) > self.items
            || items_of_staff(&self.staff, &piece, self.today) > self.staff_items
        {
            // Somebody corrected an answer meanwhile: it has no place in these columns.
            let words = "書き出すあいだに、回答が直されました。もう一度書き出してください";
            return Err(Error::Conflict(words.into()));
        }
        Ok(piece)
    }

    fn head(&self, shown: Shown<'_>) -> Vec<String> {
        let own = ["受付番号", "受付日時", "最後の変更", "状態", "版"];
        let mut head = Vec::from(own.map(str::to_owned));
        for column in &self.columns {
            let Some(place) = column.files else {
                head.push(column.label.clone());
                continue;
            };
            let most = self.files.at(column);
            for n in 1..=most {
                let label = match most {
                    1 => column.label.clone(),
                    _ => format!("{} {n}", column.label),
                };
                head.push(label.clone());
                if matches!(shown, Shown::Address(_)) {
                    head.push(format!("{label}（アドレス）"));
                }
                if place {
                    head.extend(files::place_heads(&label));
                }
            }
        }
        head.extend(self.staff_columns.iter().map(|c| format!("職員：{}", c.label)));
        head
    }

    fn line(&self, given: &Given, came: &[FileOf], shown: Shown<'_>) -> Line {
        let label = self.newest.statuses.iter().find(|s| s.key == given.status);
        let form = self.versions.get(&given.submission.version).unwrap_or(&self.newest);
        let own = [
            given.receipt.clone(),
            time(given.at),
            time(given.changed_at),
            label.map_or_else(|| given.status.clone(), |s| s.label.clone()),
            given.submission.version.to_string(),
        ];
        let mut line = Line { cells: own.map(Cell::Words).into(), links: Vec::new() };
        let asked = cells(form, &self.columns, &given.submission);
        for (column, cell) in self.columns.iter().zip(asked) {
            if column.files.is_none() {
                line.cells.push(cell);
                continue;
            }
            let first = line.cells.len();
            self.of_files(column, given, came, shown, &mut line);
            if files::at(column, &given.submission.answers).is_empty() {
                // A former version may have asked for it in words.
                line.cells[first] = cell;
            }
        }
        let of_staff = filled(&self.staff, &given.staff, self.today);
        line.cells.extend(cells(&self.staff, &self.staff_columns, &of_staff));
        line
    }

    /// The cells of a question that asks for photos or files; empty where there are fewer than in
    /// another answer.
    fn of_files(
        &self,
        column: &Column,
        given: &Given,
        came: &[FileOf],
        shown: Shown<'_>,
        line: &mut Line,
    ) {
        let ids = files::at(column, &given.submission.answers);
        for n in 0..self.files.at(column) {
            let file = ids.get(n).and_then(|id| came.iter().find(|f| f.id == *id));
            let name = file.map(|f| f.name.clone()).unwrap_or_default();
            let address = |base: &str| {
                file.map(|f| format!("{base}/console/answers/{}/files/{}", given.id, f.id.as_str()))
            };
            match shown {
                Shown::Address(base) => {
                    let both = [name, address(base).unwrap_or_default()];
                    line.cells.extend(both.map(Cell::Words));
                }
                Shown::Link(base) => {
                    line.links.extend(address(base).map(|to| (line.cells.len(), to)));
                    line.cells.push(Cell::Words(name));
                }
                Shown::Packed(within) => {
                    let words = file.map(|f| archive::words(&name, within.get(&f.id)));
                    line.cells.push(Cell::Words(words.unwrap_or_default()));
                }
            }
            if column.files == Some(true) {
                let place = files::place_cells(file.and_then(|f| f.position.as_ref()));
                line.cells.extend(place.map(Cell::Words));
            }
        }
    }
}

/// The files of a piece of answers.
pub(super) async fn came_with(
    ctx: &Context,
    form: FormId,
    piece: &[Given],
) -> Result<BTreeMap<AnswerId, Vec<FileOf>>> {
    let (Some(first), Some(last)) = (piece.first(), piece.last()) else {
        return Ok(BTreeMap::new());
    };
    store::answer::given_files(ctx, form, first.id, last.id).await
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

/// What Windows writes for a letter that telephones and Macs type, and that looks the same; nothing
/// for what chooses or hides a shape and is not seen itself.
fn in_cp932(letter: char) -> Option<char> {
    Some(match letter {
        '\u{301c}' => '\u{ff5e}',
        '\u{2014}' => '\u{2015}',
        '\u{2016}' => '\u{2225}',
        '\u{a2}' => '\u{ffe0}',
        '\u{a3}' => '\u{ffe1}',
        '\u{ac}' => '\u{ffe2}',
        '\u{a0}' => ' ',
        unseen if is_unseen(unseen) => return None,
        other => other,
    })
}

/// Marks in one with the letter before them: in names of files Macs write them apart. The rest of
/// NFC would put other letters in the place of those that people write their names with.
fn composed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        let both = out.chars().next_back().and_then(|before| compose(before, letter));
        if both.is_some() {
            out.pop();
        }
        out.push(both.unwrap_or(letter));
    }
    out
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
    for letter in composed(&text).chars().filter_map(in_cp932) {
        let mut buffer = [0; 4];
        let (bytes, _, lost) = encoding_rs::SHIFT_JIS.encode(letter.encode_utf8(&mut buffer));
        // 〓
        out.extend_from_slice(if lost { b"\x81\xac".as_slice() } else { bytes.as_ref() });
    }
    out.into()
}

fn begin(frame: &Frame, shown: Shown<'_>, kind: Kind) -> Result<Bytes> {
    let first = lines([frame.head(shown)])?;
    Ok(match kind {
        Kind::Cp932 => encoded(first, kind),
        _ => [BOM, &first].concat().into(),
    })
}

/// Every answer as a file, piece by piece into `sink`; how many there are, nothing if it was
/// not to go on.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` if there are more than a sheet or a ZIP holds, or one was
/// corrected meanwhile.
pub(super) async fn write(
    ctx: &Context,
    house: House<'_>,
    form: FormId,
    kind: Kind,
    watch: &mut impl Watch,
    sink: &mut impl Sink,
) -> Result<Option<i64>> {
    let Some(frame) = Frame::of(ctx, form, watch).await? else { return Ok(None) };
    let went_on = match kind {
        Kind::Csv | Kind::Cp932 => {
            csv(ctx, form, &frame, Shown::Address(house.base), kind, watch, sink).await?
        }
        Kind::Excel => excel(ctx, form, &frame, house.base, watch, sink).await?,
        Kind::Zip => archive::write(ctx, form, &frame, house.scanner, watch, sink).await?,
    };
    Ok(went_on.then_some(frame.count))
}

/// False if it is not to go on, as in all that follow.
async fn csv(
    ctx: &Context,
    form: FormId,
    frame: &Frame,
    shown: Shown<'_>,
    kind: Kind,
    watch: &mut impl Watch,
    sink: &mut impl Sink,
) -> Result<bool> {
    if !sink.put(&begin(frame, shown, kind)?).await? {
        return Ok(false);
    }
    let mut after = None::<AnswerId>;
    loop {
        let piece = frame.next(ctx, form, after).await?;
        let Some(last) = piece.last() else { return Ok(true) };
        after = Some(last.id);
        let rows = rows(ctx, form, frame, &piece, shown).await?;
        if !watch.read(piece.len() as i64).await? {
            return Ok(false);
        }
        let words = |line: &Line| line.cells.iter().map(Cell::to_string).collect::<Vec<_>>();
        let bytes = encoded(lines(rows.iter().map(words))?, kind);
        if !sink.put(&bytes).await? {
            return Ok(false);
        }
        if (piece.len() as i64) < PIECE {
            return Ok(true);
        }
    }
}

async fn rows(
    ctx: &Context,
    form: FormId,
    frame: &Frame,
    piece: &[Given],
    shown: Shown<'_>,
) -> Result<Vec<Line>> {
    let came = came_with(ctx, form, piece).await?;
    let of = |given: &Given| came.get(&given.id).map(Vec::as_slice).unwrap_or_default();
    Ok(piece.iter().map(|given| frame.line(given, of(given), shown)).collect())
}

async fn excel(
    ctx: &Context,
    form: FormId,
    frame: &Frame,
    base: &str,
    watch: &mut impl Watch,
    sink: &mut impl Sink,
) -> Result<bool> {
    if frame.count > SHEET_MAX {
        let words = "Excelの1枚に入りきりません。CSVで書き出してください";
        return Err(Error::Conflict(words.into()));
    }
    let shown = Shown::Link(base);
    let head = frame.head(shown).into_iter().map(Cell::Words);
    let mut all = vec![Line { cells: head.collect(), ..Line::default() }];
    let mut after = None::<AnswerId>;
    loop {
        let piece = frame.next(ctx, form, after).await?;
        let Some(last) = piece.last() else { break };
        after = Some(last.id);
        all.extend(rows(ctx, form, frame, &piece, shown).await?);
        if !watch.read(piece.len() as i64).await? {
            return Ok(false);
        }
        if (piece.len() as i64) < PIECE {
            break;
        }
    }
    // A large workbook takes seconds: it must not keep other requests waiting.
    let made = tokio::task::spawn_blocking(move || book(&all)).await;
    let Ok(Ok(bytes)) = made else {
        tracing::error!("a workbook of answers could not be made");
        return Err(Error::Inconsistent("xlsx"));
    };
    sink.put(&bytes).await
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
/// `NotFound`, `Forbidden`; `Conflict` if there are more than [`AT_ONCE`], or for a ZIP, which
/// the background makes a file of.
pub async fn at_once(ctx: &Context, house: House<'_>, form: FormId, kind: Kind) -> Result<Vec<u8>> {
    if store::answer::count(ctx, form).await? > AT_ONCE || kind == Kind::Zip {
        let words = "回答が多いので、「書き出す」のページで、ファイルを作ってください";
        return Err(Error::Conflict(words.into()));
    }
    let mut file = Vec::new();
    let count = write(ctx, house, form, kind, &mut Unwatched, &mut file).await?;
    store::answer::note_export(ctx, form, count.unwrap_or(0)).await?;
    Ok(file)
}

/// A number that Excel keeps as it is; others stay words, since it would round them.
fn exact(cell: &Cell) -> Option<f64> {
    let Cell::Number(number) = cell else { return None };
    let words = number.to_string();
    let digits = words.bytes().filter(u8::is_ascii_digit).count();
    words.parse().ok().filter(|_| digits <= DIGITS_MAX)
}

fn book(lines: &[Line]) -> std::result::Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let bold = Format::new().set_bold().set_text_wrap();
    let page = book.add_worksheet();
    page.set_name("答え")?;
    page.set_freeze_panes(1, 1)?;
    let mut links = 0;
    for (r, line) in (0u32..).zip(lines) {
        for (c, cell) in (0u16..).zip(&line.cells) {
            if let Some(number) = exact(cell) {
                page.write_number(r, c, number)?;
                continue;
            }
            // As a string: what begins with = is no formula.
            let text: String = cell.to_string().chars().take(CELL_MAX).collect();
            if text.is_empty() {
                continue;
            }
            let to = line.links.iter().find(|(at, _)| *at == usize::from(c));
            match to {
                _ if r == 0 => page.write_string_with_format(r, c, text, &bold)?,
                Some((_, to)) if links < LINKS_MAX => {
                    links += 1;
                    page.write_url_with_text(r, c, to.as_str(), text)?
                }
                Some((_, to)) => page.write_string(r, c, format!("{text} {to}"))?,
                None => page.write_string(r, c, text)?,
            };
        }
    }
    for (c, head) in (0u16..).zip(lines.first().into_iter().flat_map(|head| &head.cells)) {
        let places: usize =
            head.to_string().chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
        page.set_column_width(c, (places + 2).clamp(10, 40) as f64)?;
    }
    book.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::{Data, Reader, Xlsx};

    #[test]
    fn a_workbook_has_numbers_to_sum_up_and_words_as_they_were_typed() {
        let words = |text: &str| Cell::Words(text.to_owned());
        let number = |text: &str| Cell::Number(text.parse().unwrap());
        let head = ["受付番号", "印", "式", "数", "長い数"].map(words);
        let cells = [
            words("0012"),
            words("'07"),
            words("=1+1"),
            number("-12.5"),
            number("123456789012.345678"),
        ];
        let lines = [head, cells].map(|cells| Line { cells: cells.into(), ..Line::default() });
        let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(book(&lines).unwrap())).unwrap();
        let sheet = book.worksheet_range("答え").unwrap();
        let text = |text: &str| Data::String(text.to_owned());
        let expected = [
            text("0012"),
            text("'07"),
            text("=1+1"),
            Data::Float(-12.5),
            text("123456789012.345678"),
        ];
        assert_eq!(sheet.rows().nth(1).unwrap(), expected);
    }

    #[test]
    fn letters_that_cp932_has_not_become_a_mark() {
        let bytes = encoded("高橋,髙橋,𠮷野\r\n".as_bytes().to_vec(), Kind::Cp932);
        let (text, _, broken) = encoding_rs::SHIFT_JIS.decode(&bytes);
        assert!(!broken);
        assert_eq!(text, "高橋,髙橋,〓野\r\n");
        // 〜 of a telephone, — of a Mac, a shape of 葛 that was chosen.
        let alike = "10時\u{301c}12時,A\u{2014}B,葛\u{e0100}城,\u{1f338}";
        let bytes = encoded(alike.as_bytes().to_vec(), Kind::Cp932);
        let (text, _, broken) = encoding_rs::SHIFT_JIS.decode(&bytes);
        assert!(!broken);
        assert_eq!(text, "10時\u{ff5e}12時,A\u{2015}B,葛城,〓");
        // が and パ of a Mac's file name; 神 and 福 of a name are no other 神 and 福.
        let apart = "か\u{3099}くハ\u{309a}ス,\u{fa19}\u{fa1b},\u{1f338}";
        let bytes = encoded(apart.as_bytes().to_vec(), Kind::Cp932);
        let (text, _, broken) = encoding_rs::SHIFT_JIS.decode(&bytes);
        assert!(!broken);
        assert_eq!(text, "がくパス,\u{fa19}\u{fa1b},〓");
        // What hides before a formula goes, and so does the minus sign; neither is one afterwards.
        let hidden = ["\u{200b}=1+1", "\u{2212}1+1"].map(str::to_owned).to_vec();
        let bytes = encoded(lines([hidden]).unwrap(), Kind::Cp932);
        let (text, _, broken) = encoding_rs::SHIFT_JIS.decode(&bytes);
        assert!(!broken);
        assert_eq!(text, "'=1+1,'\u{ff0d}1+1\r\n");
        let same = encoded("高橋".as_bytes().to_vec(), Kind::Csv);
        assert_eq!(same, "高橋".as_bytes());
    }
}
