//! A definition of any JSON is read or refused with words, and answers of any kind are evaluated
//! without a panic; what is not seen is not kept, and what is kept can be read again.
//! The first line is the definition (or a pack), the second the answers.
//!
//! What begins otherwise is a table of questions: `<` the sheet of a workbook (its shared texts
//! behind a NUL), which is packed here, as nothing that is changed within a ZIP gets through its
//! checksums; anything else a workbook or CSV as it is.
#![no_main]

#[path = "../../services/src/roster/read.rs"]
mod tables;

use domain::form::{Answers, Asked, Form, Page, Submission, difference, evaluate, figure, lint, migrate, pack, read, sheet, table};
use domain::time::Date;
use libfuzzer_sys::fuzz_target;
use std::io::{Cursor, Write};

/// As long as cells of questions may be.
const CELL_MAX: usize = 10_000;

const PARTS: [(&str, &str); 4] = [
    (
        "[Content_Types].xml",
        r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>"#,
    ),
    (
        "_rels/.rels",
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
    ),
    (
        "xl/workbook.xml",
        r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="質問" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
    ),
    (
        "xl/_rels/workbook.xml.rels",
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#,
    ),
];

fuzz_target!(|body: &[u8]| {
    match body.first() {
        Some(b'{') => definition(body),
        Some(b'<') => questions(&workbook(body)),
        _ => questions(body),
    }
});

fn workbook(body: &[u8]) -> Vec<u8> {
    let mut parts = body.splitn(2, |b| *b == 0);
    let (cells, texts) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let files = PARTS.iter().map(|(name, text)| (*name, text.as_bytes()));
    for (name, bytes) in files.chain([("xl/worksheets/sheet1.xml", cells), ("xl/sharedStrings.xml", texts)]) {
        archive.start_file(name, stored).expect("a file in an archive");
        archive.write_all(bytes).expect("its bytes");
    }
    archive.finish().expect("an archive").into_inner()
}

/// A table becomes questions or is told by its cells; the questions make a form that is read again.
fn questions(file: &[u8]) {
    let found = match tables::table_of(file, CELL_MAX) {
        Ok(found) => found,
        Err(words) => return assert!(!words.is_empty()),
    };
    assert!(found.width() <= domain::roster::COLUMNS_MAX && !found.format.is_empty());
    let read_back = sheet::read(&found.lines);
    assert!(read_back.wrong.iter().all(|w| !w.cell.is_empty() && !w.message.is_empty()));
    if !read_back.wrong.is_empty() {
        return;
    }
    let mut form = Form { title: "表から".into(), ..Form::default() };
    for (page, question) in read_back.questions {
        while form.pages.len() <= page {
            form.pages.push(Page::default());
        }
        form.pages[page].questions.push(question);
    }
    let _found = lint::lint(&form, "https://line.example.jp");
    let rows = sheet::table(&form);
    assert!(rows.iter().all(|row| row.len() == sheet::COLUMNS.len()));
    definition(&serde_json::to_vec(&form).expect("a definition is written"));
}

fn definition(body: &[u8]) {
    let mut lines = body.splitn(2, |b| *b == b'\n');
    let (first, second) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    if let Ok(pack) = pack::Pack::read(first) {
        let _found = pack.verify();
        assert_eq!(pack::Pack::read(pack.write().as_bytes()).as_ref(), Ok(&pack));
    }
    let form = match read(first) {
        Ok(form) => form,
        Err(problems) => {
            assert!(!problems.is_empty() && problems.iter().all(|p| !p.message.is_empty()));
            return;
        }
    };
    let written = serde_json::to_vec(&form).expect("a definition is written");
    assert_eq!(read(&written).as_ref(), Ok(&form));
    let _found = lint::lint(&form, "https://line.example.jp");
    assert!(difference::difference(&form, &form).is_empty());
    let given: Answers = serde_json::from_slice(second).unwrap_or_default();
    let asked = Asked { today: Date { year: 2026, month: 6, day: 15 } };
    let outcome = evaluate(&form, &given, asked);
    assert!(outcome.answers.keys().all(|key| outcome.page_of(key).is_some()));
    let submission = Submission { version: form.version, answers: outcome.answers.clone() };
    let columns = table::columns(&form, table::most_items([&submission].into_iter()));
    assert_eq!(table::row(&form, &columns, &submission).len(), columns.len());
    let mut tally = figure::Tally::of(&form, None);
    tally.add(&submission);
    let _figures = tally.end();
    let draft = migrate::Draft { answers: given.clone(), ..migrate::Draft::default() };
    let (moved, _) = migrate::migrate(&form, &form, &draft);
    for name in given.keys() {
        assert!(moved.answers.contains_key(name) || moved.aside.contains_key(name));
    }
    if let Ok(submission) = outcome.submission(&form) {
        let again = evaluate(&form, &submission.given(), asked);
        assert_eq!(again.submission(&form), Ok(submission));
    }
}
