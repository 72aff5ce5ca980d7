//! What staff make of many answers: the table of all columns, figures, cross tables (FORM-4).

use crate::{Context, Result};
use domain::form::Form;
use domain::form::figure::{Cross, Figure, Tally, whole};
use domain::form::inbox::Given;
use domain::form::table::view::{ROWS_MAX, Table, Wanted, table};
use domain::id::{AnswerId, FormId};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// How many answers are read at once.
const PIECE: i64 = 1_000;

/// The definitions of a form: its versions, the newest first; what is edited if none was
/// published.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub(super) async fn definitions(ctx: &Context, form: FormId) -> Result<Vec<Form>> {
    let versions = store::form::versions(ctx, form).await?;
    let mut all = Vec::with_capacity(versions.len());
    for version in versions {
        let definition = store::form::version(ctx, form, version.number).await?.form;
        all.push(Form { version: version.number, ..definition });
    }
    if all.is_empty() {
        all.push(store::form::get(ctx, form).await?.definition);
    }
    Ok(all)
}

/// The wanted answers, piece by piece, the newest first.
struct Reading<'a> {
    ctx: &'a Context,
    form: FormId,
    wanted: &'a Wanted,
    piece: i64,
    last: Option<(Timestamp, AnswerId)>,
    ended: bool,
}

impl Reading<'_> {
    /// The next piece; nothing behind one that was not full.
    async fn next(&mut self) -> Result<Option<Vec<Given>>> {
        if self.ended {
            return Ok(None);
        }
        let found =
            store::answer::newest(self.ctx, self.form, self.wanted, self.last, self.piece).await?;
        self.last = found.last().map(|g| (g.at, g.id));
        self.ended = (found.len() as i64) < self.piece;
        Ok(Some(found))
    }
}

/// A page of the table, of the newest [`ROWS_MAX`] answers with the wanted status and days.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn page(ctx: &Context, form: FormId, wanted: &Wanted) -> Result<Table> {
    page_of(ctx, form, wanted, ROWS_MAX).await
}

/// The same of the newest `most`.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn page_of(ctx: &Context, form: FormId, wanted: &Wanted, most: usize) -> Result<Table> {
    let versions = definitions(ctx, form).await?;
    let mut reading = Reading { ctx, form, wanted, piece: PIECE, last: None, ended: false };
    let mut answers: Vec<Given> = Vec::new();
    while answers.len() <= most
        && let Some(piece) = reading.next().await?
    {
        answers.extend(piece);
    }
    let cut = answers.len() > most;
    answers.truncate(most);
    let found = table(&versions, &answers, wanted, ctx.now().date());
    Ok(Table { cut, ..found })
}

/// The figures of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looked {
    /// The figures of every question, in order.
    pub figures: Vec<Figure>,
    /// The cross table that was asked for.
    pub cross: Option<Cross>,
    /// How many answers they are of.
    pub answers: u64,
    /// The newest definition, behind it what only former ones asked or offered.
    pub form: Form,
}

/// The figures of all answers with the wanted status and days, and the cross table of two
/// questions.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn look(
    ctx: &Context,
    form: FormId,
    wanted: &Wanted,
    crossed: Option<(&str, &str)>,
) -> Result<Looked> {
    look_by(ctx, form, wanted, crossed, PIECE).await
}

/// The same, with at most `piece` answers in memory at a time, from 1 to 1,000.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn look_by(
    ctx: &Context,
    form: FormId,
    wanted: &Wanted,
    crossed: Option<(&str, &str)>,
    piece: i64,
) -> Result<Looked> {
    let definition = whole(&definitions(ctx, form).await?);
    let mut tally = Tally::of(&definition, crossed);
    let mut reading = Reading { ctx, form, wanted, piece, last: None, ended: false };
    while let Some(piece) = reading.next().await? {
        piece.iter().for_each(|given| tally.add(&given.submission));
    }
    let answers = tally.answers();
    let (figures, cross) = tally.end();
    Ok(Looked { figures, cross, answers, form: definition })
}
