//! CSV of residents and figures (RES-4): UTF-8 with BOM, safe to open in a spreadsheet.

use crate::{Context, Result};
use bytes::Bytes;
use domain::form::table::safe;
use domain::id::{AttributeId, ChoiceId, ResidentId};
use domain::time::Date;
use futures::Stream;
use std::collections::HashMap;
use store::ledger::{self, Line};

/// Rows as CSV text; no cell is a formula, and numbers below zero stay numbers.
pub(crate) fn lines<I: IntoIterator<Item = Vec<String>>>(rows: I) -> Result<Vec<u8>> {
    let mut writer =
        ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        writer
            .write_record(row.iter().map(|c| safe(c)))
            .map_err(|_| crate::Error::Inconsistent("csv"))?;
    }
    writer.into_inner().map_err(|_| crate::Error::Inconsistent("csv"))
}

/// The mark by which spreadsheets know UTF-8.
pub(crate) const BOM: &[u8] = "\u{feff}".as_bytes();

/// All residents with all their attributes, piece by piece. No LINE user ids.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn csv(ctx: &Context) -> Result<impl Stream<Item = Result<Bytes>> + Send + use<>> {
    ctx.allow(domain::permission::Permission::ResidentExport)?;
    let catalog = store::attribute::catalog(ctx).await?;
    let known = store::figure::known(ctx).await?;
    ledger::note(ctx, Line::ok("resident.export", "resident").count(known)).await?;
    let mut head: Vec<String> = [
        "番号",
        "友だち",
        "最初に記録した日時",
        "登録した日時",
        "届く回数",
        "ことば",
        "LINEのことば",
    ]
    .map(ToOwned::to_owned)
    .to_vec();
    head.extend(catalog.attributes.iter().map(|a| a.label.clone()));
    let labels: HashMap<ChoiceId, (usize, String)> = catalog
        .attributes
        .iter()
        .enumerate()
        .flat_map(|(i, a)| a.choices.iter().map(move |c| (c.id, (i, c.label.clone()))))
        .collect();
    let columns = catalog.attributes.len();
    let places: HashMap<AttributeId, usize> =
        catalog.attributes.iter().enumerate().map(|(i, a)| (a.id, i)).collect();
    let first = Bytes::from([BOM, &lines([head])?].concat());
    let pages = futures::stream::try_unfold((ctx.clone(), ResidentId(0)), move |(ctx, after)| {
        let (labels, places) = (labels.clone(), places.clone());
        async move {
            let page = store::resident::export_page(&ctx, after).await?;
            let Some(last) = page.last().map(|r| r.id) else { return Ok(None) };
            let rows = page.into_iter().map(|r| {
                let mut chosen = vec![Vec::new(); columns];
                for (i, label) in r.choices.iter().filter_map(|c| labels.get(c)) {
                    chosen[*i].push(label.clone());
                }
                for (attribute, value) in &r.values {
                    if let Some(i) = places.get(attribute) {
                        chosen[*i].push(value.plain());
                    }
                }
                let mut row = vec![
                    r.id.to_string(),
                    if r.friend { "はい" } else { "いいえ" }.to_owned(),
                    r.created_at.rfc3339(),
                    r.registered_at.map(domain::time::Timestamp::rfc3339).unwrap_or_default(),
                    r.reception.label().to_owned(),
                    r.language.map(|l| l.japanese().to_owned()).unwrap_or_default(),
                    r.line_language.unwrap_or_default(),
                ];
                row.extend(chosen.into_iter().map(|c| c.join("、")));
                row
            });
            Ok(Some((Bytes::from(lines(rows)?), (ctx, last))))
        }
    });
    Ok(futures::StreamExt::chain(futures::stream::once(async move { Ok(first) }), pages))
}

/// The figures by day of a period.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn figures_csv(ctx: &Context, from: Date, until: Date) -> Result<Vec<u8>> {
    let days = store::figure::days(ctx, "", from, until).await?;
    let catalog = store::attribute::catalog(ctx).await?;
    ledger::note(ctx, Line::ok("resident.export", "figure").count(days.len() as i64)).await?;
    let label = |name: &str| -> String {
        match name {
            "friends" => "友だち".into(),
            "registered" => "登録した友だち".into(),
            "unfollowed_total" => "友だちでなくなった人（累計）".into(),
            "followed" => "その日に友だちになった人".into(),
            "unfollowed" => "その日に友だちでなくなった人".into(),
            other => {
                let id = other.strip_prefix("choice:").and_then(|n| n.parse().ok()).map(ChoiceId);
                catalog
                    .attributes
                    .iter()
                    .find_map(|a| {
                        a.choices
                            .iter()
                            .find(|c| Some(c.id) == id)
                            .map(|c| format!("{}：{}", a.label, c.label))
                    })
                    .unwrap_or_else(|| "（消えた選択肢）".into())
            }
        }
    };
    let head = vec!["日".to_owned(), "項目".to_owned(), "人数".to_owned()];
    let rows = std::iter::once(head)
        .chain(days.iter().map(|d| vec![d.date.iso(), label(&d.name), d.value.to_string()]));
    Ok([BOM, &lines(rows)?].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_numbers_stay_numbers() {
        let row = ["-1.5", "-1+1", "=1", "'=1", "＝1"].map(str::to_owned).to_vec();
        let made = String::from_utf8(lines([row]).unwrap()).unwrap();
        assert_eq!(made, "-1.5,'-1+1,'=1,'=1,'＝1\r\n");
    }
}
