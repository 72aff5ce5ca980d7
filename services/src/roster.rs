//! Imported lists of residents (対象者リスト, SEG-2): a file is looked at as often as it
//! takes, with nothing kept, and then taken. What stays is which residents were found.

pub(crate) mod read;

use crate::{Context, Error, Result};
use bytes::Bytes;
use domain::attribute::{Attribute, Kind, fold};
use domain::id::{ResidentId, RosterId};
use domain::permission::Permission;
use domain::roster::{
    Answer, Ask, By, Listed, Mapping, Opened, PER_PAGE, Preview, Report, SHOWN, Target, Why,
};
use line::UserId;
use std::collections::HashMap;
use store::ledger::{self, Line};
use store::roster::{Found, Meant};

pub use read::{Table, table};
pub use store::roster::{delete, rename};

/// What takes the place of a user id of LINE where lines are shown.
const HIDDEN: &str = "（LINEのユーザーID）";

/// A page of the lists, found by name. Pages count from 1.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn listed(ctx: &Context, search: &str, page: i64) -> Result<Listed> {
    let offset = (page.max(1) - 1).saturating_mul(PER_PAGE);
    let (rows, total) = store::roster::list(ctx, search, offset, PER_PAGE).await?;
    let may_write = ctx.allow(Permission::ListWrite).is_ok();
    Ok(Listed { rows, total, now: ctx.now(), may_write })
}

/// One list with what uses it.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn opened(ctx: &Context, id: RosterId) -> Result<Opened> {
    Ok(Opened {
        row: store::roster::get(ctx, id).await?,
        uses: store::roster::uses(ctx, id).await?,
    })
}

/// Looks at a file, or takes it.
///
/// # Errors
/// `Forbidden`; `Invalid` at `/file` if it cannot be read, at `/column` or `/by` if the
/// mapping does not fit it, at `/name`; `Conflict` if nobody was found or the list was
/// changed meanwhile.
pub async fn take(ctx: &Context, file: Bytes, ask: Ask) -> Result<Answer> {
    ctx.allow(Permission::ListWrite)?;
    // Reading a large workbook takes a second of one processor.
    let table = tokio::task::spawn_blocking(move || read::table(&file))
        .await
        .unwrap_or_else(|_| Err(read::BROKEN.to_owned()))
        .map_err(|why| Error::invalid("/file", why))?;
    let attributes: Vec<Attribute> = store::attribute::catalog(ctx)
        .await?
        .attributes
        .into_iter()
        .filter(|a| a.kind == Kind::Text)
        .collect();
    let mapping = match ask.mapping {
        Some(mapping) => mapping,
        None => guess(&table, &attributes),
    };
    if mapping.column >= table.width() {
        return Err(Error::invalid("/column", "その列はありません。選び直してください"));
    }
    let (residents, report) = find(ctx, &table, &mapping, &attributes).await?;
    let Some(target) = ask.target else {
        // Who is a friend is told by it, too.
        ledger::note(ctx, Line::ok("list.look", "list").count(report.lines)).await?;
        return Ok(Answer::Looked(preview(&table, mapping, &attributes, report)));
    };
    if residents.is_empty() {
        return Err(Error::Conflict(
            "当てはまる友だちが1人もいないため、取りこめません。列と照合のしかたを確かめてください"
                .into(),
        ));
    }
    let by = match &mapping.by {
        By::Line => "LINEのユーザーID".to_owned(),
        By::Attribute(key) => {
            attributes.iter().find(|a| a.key == *key).map(|a| a.label.clone()).unwrap_or_default()
        }
    };
    let found = Found { by, lines: report.lines, residents };
    Ok(Answer::Kept(match target {
        Target::New(name) => store::roster::create(ctx, &name, &found).await?,
        Target::Replace(id, seen) => {
            store::roster::replace(ctx, id, seen, &found).await?;
            id
        }
    }))
}

fn user(cell: &str) -> Option<UserId> {
    cell.trim().parse().ok()
}

/// The mapping that seems best: a column of user ids; else the column that is called like an
/// attribute of texts; else the first.
fn guess(table: &Table, attributes: &[Attribute]) -> Mapping {
    let sample = || table.lines.iter().take(SHOWN * 4);
    let ids = |column: usize| {
        sample().filter_map(|(_, cells)| cells.get(column)).filter(|c| user(c).is_some()).count()
    };
    let best = (0..table.width()).max_by_key(|c| (ids(*c), usize::MAX - c)).unwrap_or(0);
    let first = table.lines.first().map(|(_, cells)| cells.as_slice()).unwrap_or_default();
    if ids(best) > 0 {
        let header = first.get(best).is_none_or(|cell| user(cell).is_none());
        return Mapping { header, column: best, by: By::Line };
    }
    let named = first.iter().enumerate().find_map(|(i, cell)| {
        attributes.iter().find(|a| fold(&a.label) == fold(cell)).map(|a| (i, a))
    });
    match named {
        Some((column, a)) => Mapping { header: true, column, by: By::Attribute(a.key.clone()) },
        None => Mapping {
            header: true,
            column: 0,
            by: attributes.first().map_or(By::Line, |a| By::Attribute(a.key.clone())),
        },
    }
}

/// The lines that name somebody: number in the file, and the cell.
fn named<'a>(table: &'a Table, mapping: &Mapping) -> Vec<(u32, &'a str)> {
    table
        .lines
        .iter()
        .skip(usize::from(mapping.header))
        .map(|(line, cells)| (*line, cells.get(mapping.column).map_or("", |c| c.trim())))
        .collect()
}

/// Who is meant by the lines, each resident once in the order of the file, and what became of each line.
async fn find(
    ctx: &Context,
    table: &Table,
    mapping: &Mapping,
    attributes: &[Attribute],
) -> Result<(Vec<ResidentId>, Report)> {
    let lines = named(table, mapping);
    let meant: Vec<std::result::Result<Meant, Why>> = match &mapping.by {
        By::Line => {
            let users: Vec<Option<UserId>> = lines.iter().map(|(_, cell)| user(cell)).collect();
            let known: Vec<_> = users.iter().flatten().map(|u| *u.as_bytes()).collect();
            let mut known = store::roster::by_users(ctx, &known).await?.into_iter();
            let mut meant = Vec::with_capacity(lines.len());
            for (user, (_, cell)) in users.into_iter().zip(&lines) {
                meant.push(match user {
                    Some(_) => known.next().flatten().ok_or(Why::Unknown),
                    None if cell.is_empty() => Err(Why::Empty),
                    None => Err(Why::NoId),
                });
            }
            meant
        }
        By::Attribute(key) => {
            let attribute = attributes.iter().find(|a| a.key == *key).ok_or_else(|| {
                Error::invalid("/by", "その登録項目は、もうありません。選び直してください")
            })?;
            let folded: Vec<String> = lines.iter().map(|(_, cell)| fold(cell)).collect();
            let asked = folded.iter().filter(|f| !f.is_empty()).cloned().collect();
            let known = store::roster::by_texts(ctx, attribute.id, asked).await?;
            folded.iter().map(|text| one(text, &known)).collect()
        }
    };
    let mut first: HashMap<ResidentId, u32> = HashMap::new();
    let mut report = Report { lines: lines.len() as i64, ..Report::default() };
    let mut residents = Vec::new();
    for ((line, _), meant) in lines.into_iter().zip(meant) {
        let why = match meant {
            Err(why) => why,
            Ok((_, false)) => Why::NoFriend,
            Ok((id, true)) => match first.get(&id) {
                Some(before) => Why::Again(*before),
                None => {
                    first.insert(id, line);
                    residents.push(id);
                    continue;
                }
            },
        };
        report.without.push((line, why));
    }
    report.found = residents.len() as i64;
    Ok((residents, report))
}

/// Whom a registered text means, if it tells: of several friends, none.
fn one(text: &str, known: &HashMap<String, Vec<Meant>>) -> std::result::Result<Meant, Why> {
    if text.is_empty() {
        return Err(Why::Empty);
    }
    let meant = known.get(text).map(Vec::as_slice).unwrap_or_default();
    let mut friends = meant.iter().filter(|(_, friend)| *friend);
    match (friends.next(), friends.next(), meant.first()) {
        (Some(friend), None, _) => Ok(*friend),
        (Some(_), Some(_), _) => Err(Why::Several),
        (None, _, Some(left)) => Ok(*left),
        (None, _, None) => Err(Why::Unknown),
    }
}

fn preview(table: &Table, mapping: Mapping, attributes: &[Attribute], report: Report) -> Preview {
    // Whatever column is chosen: a user id of LINE is not shown back.
    let shown = |cell: &str| {
        if user(cell).is_some() { HIDDEN.to_owned() } else { cell.chars().take(60).collect() }
    };
    let cell = |cells: &[String], i: usize| cells.get(i).map_or_else(String::new, |c| shown(c));
    let first = table.lines.first().filter(|_| mapping.header);
    let columns = (0..table.width())
        .map(|i| {
            let name = first.map_or_else(String::new, |(_, cells)| cell(cells, i));
            if name.trim().is_empty() { format!("{}列目", i + 1) } else { name }
        })
        .collect();
    let rows = table
        .lines
        .iter()
        .skip(usize::from(mapping.header))
        .take(SHOWN)
        .map(|(_, cells)| (0..table.width()).map(|i| cell(cells, i)).collect())
        .collect();
    Preview {
        format: table.format.clone(),
        columns,
        rows,
        mapping,
        attributes: attributes.iter().map(|a| (a.key.clone(), a.label.clone())).collect(),
        report,
    }
}
