//! Lists of who may answer a form (対象者の名簿, FORM-7): read from the city's files.

use crate::roster::table;
use crate::{Context, Error, Result};
use domain::form::eligible::Row;
use domain::id::EligibilityId;

pub use store::eligibility::{asked, check, delete, list};

/// A file as a list: its columns, and for each line what stands in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// The first line.
    pub columns: Vec<String>,
    /// The others.
    pub rows: Vec<Row>,
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
    let mut rows = Vec::new();
    for (line, cells) in lines {
        if cells.len() > columns.len() {
            return Err(format!(
                "{line}行目に、名前のない列があります。1行目に名前を足してください"
            ));
        }
        let cells = cells.into_iter().map(|c| c.trim().to_owned());
        rows.push(columns.iter().cloned().zip(cells).collect());
    }
    Ok(Read { columns, rows })
}

/// Keeps a file as a list of the actor's department, or in the place of the rows of `id`.
/// `keys` are the columns that somebody must know to be let in.
///
/// # Errors
/// `Invalid` at `file`, `name` or `keys`; `NotFound`, `Forbidden`.
pub async fn import(
    ctx: &Context,
    id: Option<EligibilityId>,
    name: &str,
    keys: &[String],
    file: &[u8],
) -> Result<EligibilityId> {
    let read = read(file).map_err(|words| Error::invalid("file", words))?;
    store::eligibility::keep(ctx, id, name, keys, &read.columns, &read.rows).await
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
        assert_eq!(read.rows[0]["氏名"], "山田");
        assert_eq!(read.rows[1].get("氏名"), None);
    }

    #[test]
    fn what_has_no_names_is_refused() {
        for bad in ["", "a,a\n1,2\n", "a,,b\n1,2,3\n", "a\n1,2\n"] {
            assert!(read(bad.as_bytes()).is_err(), "{bad:?}");
        }
    }
}
