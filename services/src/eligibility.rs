//! Lists of who may answer a form (対象者の名簿, FORM-7): read from the city's files.

use crate::roster::table;
use crate::{Context, Error, Result};
use bytes::Bytes;
use domain::form::eligible::Row;
use domain::form::eligible::import::{
    Answer, Ask, Preview, SHOWN, Target, Why, guess, sift, undated,
};
use domain::permission::Permission;

pub use store::eligibility::{asked, check, delete, list};

/// A file as a list: its columns, and for each line what stands in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// 「CSV（UTF-8）」
    pub format: String,
    /// The first line.
    pub columns: Vec<String>,
    /// The others, with their number in the file.
    pub rows: Vec<(u32, Row)>,
    /// Lines with more cells than columns.
    pub wide: Vec<u32>,
}

/// Reads CSV or Excel, whose first line names the columns.
///
/// # Errors
/// Why it cannot be read, in a sentence for staff.
pub fn read(file: &[u8]) -> std::result::Result<Read, String> {
    let table = table(file)?;
    let mut lines = table.lines.into_iter();
    let (_, head) = lines.next().ok_or("ファイルに、行が1つもありません")?;
    let columns: Vec<String> = head.iter().map(|c| c.trim().to_owned()).collect();
    let twice = columns.iter().enumerate().any(|(i, c)| columns[..i].contains(c));
    if twice || columns.iter().any(String::is_empty) {
        return Err("1行目には、列の名前を、空きや同じ名前のないように書いてください".into());
    }
    let (mut rows, mut wide) = (Vec::new(), Vec::new());
    for (line, cells) in lines {
        if cells.len() > columns.len() {
            wide.push(line);
            continue;
        }
        let cells = cells.into_iter().map(|c| c.trim().to_owned());
        rows.push((line, columns.iter().cloned().zip(cells).collect()));
    }
    Ok(Read { format: table.format, columns, rows, wide })
}

/// Looks at a file, or keeps it as a list of the actor's department, or in the place of the
/// rows of a list. Lines that bring nobody are told before.
///
/// # Errors
/// `Forbidden`, `NotFound`; `Invalid` at `/file` if it cannot be read, at `/keys` or `/name`.
pub async fn take(ctx: &Context, file: Bytes, ask: Ask) -> Result<Answer> {
    ctx.allow(Permission::FormWrite)?;
    // Reading a large workbook takes a second of one processor.
    let read = tokio::task::spawn_blocking(move || read(&file))
        .await
        .unwrap_or_else(|_| Err(crate::roster::read::BROKEN.to_owned()))
        .map_err(|why| Error::invalid("/file", why))?;
    let keys = if ask.keys.is_empty() { guess(&read.columns) } else { ask.keys };
    if keys.iter().any(|k| !read.columns.contains(k)) {
        let words = "確かめに使う列が、このファイルにありません。選び直してください";
        return Err(Error::invalid("/keys", words));
    }
    let (rows, mut refused) = sift(&read.rows, &keys);
    refused.extend(read.wide.iter().map(|line| (*line, Why::Wide)));
    refused.sort_by_key(|(line, _)| *line);
    let (id, name) = match ask.target {
        None => {
            let cell = |row: &Row, c: &String| row.get(c).cloned().unwrap_or_default();
            let first = read.rows.iter().take(SHOWN);
            return Ok(Answer::Looked(Preview {
                rows: first
                    .map(|(_, row)| read.columns.iter().map(|c| cell(row, c)).collect())
                    .collect(),
                lines: (read.rows.len() + read.wide.len()) as i64,
                people: rows.len() as i64,
                undated: undated(&read.rows, &keys),
                format: read.format,
                columns: read.columns,
                keys,
                refused,
            }));
        }
        Some(Target::New(name)) => (None, name),
        Some(Target::Replace(id, name)) => (Some(id), name),
    };
    let kept = store::eligibility::keep(ctx, id, &name, &keys, &read.columns, &rows).await?;
    Ok(Answer::Kept(kept))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_by_the_names_of_its_columns() {
        let read =
            read("番号,生年月日 ,氏名\r\nA-1,2018/4/1,山田\r\n\r\nA-2,2018/5/2\r\n".as_bytes());
        let read = read.unwrap();
        assert_eq!(read.columns, ["番号", "生年月日", "氏名"]);
        assert_eq!(read.rows.len(), 2);
        assert_eq!((read.rows[0].0, read.rows[0].1["氏名"].as_str()), (2, "山田"));
        assert_eq!((read.rows[1].0, read.rows[1].1.get("氏名")), (4, None));
    }

    #[test]
    fn what_has_no_names_is_refused() {
        for bad in ["", "a,a\n1,2\n", "a,,b\n1,2,3\n"] {
            assert!(read(bad.as_bytes()).is_err(), "{bad:?}");
        }
        let wide = read("a\n1,2\n3\n".as_bytes()).unwrap();
        assert_eq!((wide.wide, wide.rows.len()), (vec![2], 1));
    }
}
