//! Reading a file of the city's: CSV as Excel or another system writes it, or an Excel
//! workbook, whose first sheet counts. Nothing of it is trusted: sizes are limited before
//! anything is unpacked into memory.

use calamine::{DataRef, Reader, Xlsx};
use domain::roster::{COLUMNS_MAX, LINES_MAX, SIZE_MAX};
use std::io::{Cursor, Read};

/// What a workbook may unpack to.
const UNPACKED_MAX: u64 = 300_000_000;
/// Longest cell that is kept, in characters: more names nobody.
const CELL_MAX: usize = 200;

const LARGE: &str = "中身が大きすぎます。要らないシートや列を消してから、選んでください";

pub(crate) const BROKEN: &str =
    "表として読めませんでした。ExcelかCSV（コンマ区切り）で保存し直してから、選んでください";

/// A file as a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// 「CSV（UTF-8）」
    pub format: String,
    /// Lines with something in them: number in the file from 1, and the cells.
    pub lines: Vec<(u32, Vec<String>)>,
}

impl Table {
    /// How many columns the widest line has.
    pub fn width(&self) -> usize {
        self.lines.iter().map(|(_, cells)| cells.len()).max().unwrap_or(0)
    }

    fn push(&mut self, line: u32, mut cells: Vec<String>) -> Result<(), String> {
        while cells.last().is_some_and(|c| c.trim().is_empty()) {
            cells.pop();
        }
        if cells.is_empty() {
            return Ok(());
        }
        if cells.len() > COLUMNS_MAX {
            return Err(format!("列が多すぎます。{COLUMNS_MAX}列までにしてください"));
        }
        // One more than may be: the line of the columns' names.
        if self.lines.len() > LINES_MAX {
            return Err("行が多すぎます。20万行までに分けてください".into());
        }
        self.lines.push((line, cells));
        Ok(())
    }
}

/// Reads a file.
///
/// # Errors
/// Why it cannot be read, in a sentence for staff.
pub fn table(file: &[u8]) -> Result<Table, String> {
    table_of(file, CELL_MAX)
}

/// The same, with cells of at most so many characters.
///
/// # Errors
/// Why it cannot be read, in a sentence for staff.
pub fn table_of(file: &[u8], cell_max: usize) -> Result<Table, String> {
    if file.len() > SIZE_MAX {
        return Err("10MBを超えています。列を減らすか、分けてください".into());
    }
    let table = if file.starts_with(b"PK\x03\x04") {
        workbook(file, cell_max, UNPACKED_MAX)?
    } else if file.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return Err("古い形式のExcel（.xls）か、パスワードのかかったファイルです。「.xlsx」で、パスワードをかけずに保存し直してください".into());
    } else {
        csv(file, cell_max)?
    };
    if table.lines.is_empty() {
        return Err("ファイルに、行が1つもありません".into());
    }
    Ok(table)
}

fn text(file: &[u8]) -> Result<(String, &'static str), String> {
    if let Ok(text) = std::str::from_utf8(file) {
        return Ok((text.trim_start_matches('\u{feff}').to_owned(), "UTF-8"));
    }
    let (text, _, broken) = encoding_rs::SHIFT_JIS.decode(file);
    if broken { Err(BROKEN.into()) } else { Ok((text.into_owned(), "Shift_JIS")) }
}

fn csv(file: &[u8], cell_max: usize) -> Result<Table, String> {
    let (text, encoding) = text(file)?;
    if text.contains('\0') {
        return Err(BROKEN.into());
    }
    let first = text.lines().next().unwrap_or_default();
    let tabs = first.contains('\t') && !first.contains(',');
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(if tabs { b'\t' } else { b',' })
        .from_reader(text.as_bytes());
    let mut table = Table { format: format!("CSV（{encoding}）"), lines: Vec::new() };
    let mut record = csv::StringRecord::new();
    // Lines of the file, as a spreadsheet counts them: empty ones and those inside of a cell too.
    let bytes = text.as_bytes();
    let (mut line, mut counted) = (1, 0);
    while reader.read_record(&mut record).map_err(|_| BROKEN.to_owned())? {
        let mut start = record.position().map_or(0, |p| p.byte() as usize).min(bytes.len());
        start += bytes[start..].iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
        line += bytes[counted..start].iter().filter(|b| **b == b'\n').count();
        counted = start;
        let cells = record.iter().map(|cell| kept(cell, cell_max)).collect();
        table.push(u32::try_from(line).unwrap_or(u32::MAX), cells)?;
    }
    Ok(table)
}

fn kept(cell: &str, most: usize) -> String {
    cell.chars().take(most).collect()
}

fn workbook(file: &[u8], cell_max: usize, most: u64) -> Result<Table, String> {
    let broken = || BROKEN.to_owned();
    unpacks(file, most)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(file)).map_err(|_| broken())?;
    let sheet = book.sheet_names().first().cloned().ok_or_else(broken)?;
    let mut table =
        Table { format: format!("Excel（シート「{sheet}」）"), lines: Vec::new() };
    let mut cells = book.worksheet_cells_reader(&sheet).map_err(|_| broken())?;
    // Cells come row by row; a row that comes twice is no workbook of Excel's.
    let (mut row, mut line): (u32, Vec<String>) = (0, Vec::new());
    // A text lies in the file once, however many cells say it.
    let mut left = most;
    while let Some(cell) = cells.next_cell().map_err(|_| broken())? {
        let (at, column) = cell.get_position();
        if at != row {
            table.push(row.saturating_add(1), std::mem::take(&mut line))?;
            row = at;
        }
        let words = words(cell.get_value());
        let column = column as usize;
        if words.is_empty() {
            continue;
        }
        if column >= COLUMNS_MAX {
            return Err(format!("列が多すぎます。{COLUMNS_MAX}列までにしてください"));
        }
        if line.len() <= column {
            line.resize(column + 1, String::new());
        }
        let words = kept(&words, cell_max);
        left = left.checked_sub(words.len() as u64).ok_or(LARGE)?;
        line[column] = words;
    }
    table.push(row.saturating_add(1), line)?;
    Ok(table)
}

/// Refuses a small file that would fill the memory: it is unpacked once, into nothing.
fn unpacks(file: &[u8], most: u64) -> Result<(), String> {
    let broken = |_| BROKEN.to_owned();
    let mut archive = zip::ZipArchive::new(Cursor::new(file)).map_err(|_| BROKEN.to_owned())?;
    let mut left = most;
    for i in 0..archive.len() {
        let entry = archive.by_index(i).map_err(|_| BROKEN.to_owned())?;
        left -= std::io::copy(&mut entry.take(left), &mut std::io::sink()).map_err(broken)?;
        if left == 0 {
            return Err(LARGE.into());
        }
    }
    Ok(())
}

/// What a cell says. Numbers of things are whole; a workbook keeps them as fractions.
fn words(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(n) => n.to_string(),
        DataRef::Float(n) if n.fract() == 0.0 && n.abs() < 1e15 => format!("{n:.0}"),
        DataRef::Float(n) => n.to_string(),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(yes) => if *yes { "TRUE" } else { "FALSE" }.to_owned(),
        DataRef::DateTime(at) if at.is_datetime() => {
            let (year, month, day, ..) = at.to_ymd_hms_milli();
            format!("{year}-{month:02}-{day:02}")
        }
        DataRef::DateTime(at) => at.to_string(),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(table: &Table) -> Vec<(u32, Vec<&str>)> {
        table
            .lines
            .iter()
            .map(|(line, cells)| (*line, cells.iter().map(String::as_str).collect()))
            .collect()
    }

    #[test]
    fn csv_is_read_however_it_was_written() {
        let text = "番号,氏名\r\n\r\n0012,\"山田, 花子\"\r\n\r\n,\r\n0013,\"a\nb\"\r\n0014\r\n";
        let expected = vec![
            (1, vec!["番号", "氏名"]),
            (3, vec!["0012", "山田, 花子"]),
            (6, vec!["0013", "a\nb"]),
            (8, vec!["0014"]),
        ];
        let utf8 = table(text.as_bytes()).unwrap();
        assert_eq!((cells(&utf8), utf8.format.as_str()), (expected.clone(), "CSV（UTF-8）"));
        let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
        assert_eq!(table(&marked).unwrap(), utf8);
        let (sjis, _, _) = encoding_rs::SHIFT_JIS.encode(text);
        let sjis = table(&sjis).unwrap();
        assert_eq!((cells(&sjis), sjis.format.as_str()), (expected, "CSV（Shift_JIS）"));
        let tabs = table(text.replace("山田, ", "山田").replace(',', "\t").as_bytes()).unwrap();
        assert_eq!(tabs.lines[1].1, ["0012", "山田花子"]);
        assert_eq!(utf8.width(), 2);
    }

    #[test]
    fn a_workbook_is_read_by_its_first_sheet() {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet().set_name("名簿").unwrap();
        sheet.write_string(0, 0, "番号").unwrap();
        sheet.write_string(0, 2, "氏名").unwrap();
        sheet.write_number(1, 0, 12.0).unwrap();
        sheet.write_string(1, 2, "山田").unwrap();
        sheet.write_string(4, 0, "0013").unwrap();
        book.add_worksheet().write_string(0, 0, "ほか").unwrap();
        let bytes = book.save_to_buffer().unwrap();
        let read = table(&bytes).unwrap();
        assert_eq!(read.format, "Excel（シート「名簿」）");
        assert_eq!(
            cells(&read),
            [(1, vec!["番号", "", "氏名"]), (2, vec!["12", "", "山田"]), (5, vec!["0013"])]
        );
    }

    #[test]
    fn what_cannot_be_read_is_refused_in_words() {
        let wide = "1,".repeat(COLUMNS_MAX + 1) + "1\n";
        let long = "1\n".repeat(LINES_MAX + 2);
        for (file, why) in [
            (b"".to_vec(), "1つもありません"),
            (b"\n , \n".to_vec(), "1つもありません"),
            (vec![0xff, 0xfd, 0x00, 0xff], "表として読めません"),
            (b"a,b\0\n".to_vec(), "表として読めません"),
            (b"PK\x03\x04 and no more".to_vec(), "表として読めません"),
            (vec![0xd0, 0xcf, 0x11, 0xe0, 1, 2], "古い形式"),
            (wide.into_bytes(), "列が多すぎます"),
            (long.into_bytes(), "行が多すぎます"),
            (vec![b'1'; SIZE_MAX + 1], "10MB"),
        ] {
            let refused = table(&file).unwrap_err();
            assert!(refused.contains(why), "{refused}");
        }
        assert_eq!(
            table("1\n".repeat(LINES_MAX + 1).as_bytes()).unwrap().lines.len(),
            LINES_MAX + 1
        );
    }

    #[test]
    fn a_workbook_that_unpacks_without_end_is_refused() {
        let mut packed = Cursor::new(Vec::new());
        let mut writer = zip::ZipWriter::new(&mut packed);
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated);
        writer.start_file("xl/sharedStrings.xml", options).unwrap();
        std::io::Write::write_all(&mut writer, &vec![0u8; 1 << 20]).unwrap();
        writer.finish().unwrap();
        let file = packed.into_inner();
        assert!(file.len() < 10_000, "it is small");
        assert!(unpacks(&file, 1 << 19).unwrap_err().contains("大きすぎます"));
        assert_eq!(unpacks(&file, 1 << 21), Ok(()));
    }

    #[test]
    fn a_workbook_that_says_one_long_text_in_many_cells_is_refused() {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        let long = "あ".repeat(CELL_MAX);
        for row in 0..5_000 {
            sheet.write_string(row, 0, &long).unwrap();
        }
        let file = book.save_to_buffer().unwrap();
        assert_eq!(unpacks(&file, 1 << 20), Ok(()));
        assert_eq!(workbook(&file, CELL_MAX, 1 << 20).unwrap_err(), LARGE);
        assert_eq!(workbook(&file, CELL_MAX, 1 << 22).unwrap().lines.len(), 5_000);
    }
}
