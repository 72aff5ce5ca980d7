//! What staff make of many answers: the table of all columns, figures, cross tables (FORM-4).

use crate::{Context, Result};
use domain::form::figure::{Cross, Figure, cross, figures};
use domain::form::inbox::Given;
use domain::form::table::view::{ROWS_MAX, Table, Wanted, table};
use domain::form::{Form, Submission};
use domain::id::{AnswerId, FormId};
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
        let definition = store::form::version(ctx, form, version.number).await?;
        all.push(Form { version: version.number, ..definition });
    }
    if all.is_empty() {
        all.push(store::form::get(ctx, form).await?.definition);
    }
    Ok(all)
}

/// The newest answers, at most [`ROWS_MAX`], the oldest first.
async fn newest(ctx: &Context, form: FormId) -> Result<Vec<Given>> {
    let mut all: Vec<Given> = Vec::new();
    let mut after: Option<AnswerId> = None;
    loop {
        let piece = store::answer::given(ctx, form, after, PIECE).await?;
        let done = piece.len() < PIECE as usize;
        after = piece.last().map(|g| g.id).or(after);
        all.extend(piece);
        if all.len() > ROWS_MAX {
            all.drain(..all.len() - ROWS_MAX);
        }
        if done {
            return Ok(all);
        }
    }
}

/// A page of the table.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn page(ctx: &Context, form: FormId, wanted: &Wanted) -> Result<Table> {
    let versions = definitions(ctx, form).await?;
    let answers = newest(ctx, form).await?;
    Ok(table(&versions, &answers, wanted))
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
    /// The newest definition.
    pub form: Form,
}

/// The figures of the wanted answers, and the cross table of two questions.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn look(
    ctx: &Context,
    form: FormId,
    wanted: &Wanted,
    crossed: Option<(&str, &str)>,
) -> Result<Looked> {
    let definition = definitions(ctx, form).await?.into_iter().next().unwrap_or_default();
    let answers: Vec<Submission> = newest(ctx, form)
        .await?
        .into_iter()
        .filter(|g| wanted.takes(&g.status, g.at))
        .map(|g| g.submission)
        .collect();
    Ok(Looked {
        figures: figures(&definition, &answers),
        cross: crossed.and_then(|(row, column)| cross(&definition, row, column, &answers)),
        answers: answers.len() as u64,
        form: definition,
    })
}
