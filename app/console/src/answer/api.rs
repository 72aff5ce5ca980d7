//! What the pages of answers ask of the server.

use domain::form::Answers;
use domain::form::inbox::{Answered, Event, Filter, Full};
use domain::form::kept::{Kept, Listed};
use domain::form::saved::View;
use domain::form::table::view::{Table, Wanted};
use domain::form::{Form, figure};
use domain::id::{AnswerId, FormId};
use domain::time::Timestamp;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;
use ui::prelude::*;

/// A form whose answers are shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Id.
    pub id: FormId,
    /// What staff call it.
    pub name: String,
    /// How many answers it has.
    pub received: i64,
    /// The states of its version in force: what is only edited names none of an answer.
    pub statuses: Vec<domain::form::Status>,
}

#[cfg(feature = "ssr")]
async fn source(ctx: &services::Context, id: FormId) -> services::Result<Source> {
    let kept = services::form::get(ctx, id).await?;
    let published = services::form::published(ctx, id).await?;
    let statuses = published.map(|p| p.form.statuses).unwrap_or_default();
    Ok(Source { id, name: kept.name, received: kept.received, statuses })
}

/// A page of the inbox with what its filters offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inbox {
    /// The answers.
    pub answered: Answered,
    /// The forms of the department, those with most answers first.
    pub forms: Vec<Listed>,
    /// The form that is filtered by.
    pub form: Option<Source>,
    /// When it was read.
    pub now: Timestamp,
}

/// A page of the inbox.
#[server(prefix = "/console/fn", input = Json)]
pub async fn list_answers(filter: Filter) -> Result<Inbox, AppError> {
    use domain::form::kept::{Filter as FormFilter, Order};
    let staff = crate::server::staff()?;
    let ctx = &staff.ctx;
    let all = FormFilter { order: Order::Received, page: 1, ..FormFilter::default() };
    Ok(Inbox {
        answered: services::answer::list(ctx, &filter).await?,
        forms: services::form::list(ctx, &all).await?.rows,
        form: match filter.form {
            Some(id) => Some(source(ctx, id).await?),
            None => None,
        },
        now: ctx.now(),
    })
}

/// Marks answers as read or not, each named with its last change that was seen. Answers how many
/// stay unread that were to be read; of none nothing, as the former release does.
#[server(prefix = "/console/fn", input = Json)]
pub async fn mark_answers(
    seen: Vec<(AnswerId, Timestamp)>,
    read: bool,
) -> Result<Option<i64>, AppError> {
    let staff = crate::server::staff()?;
    let unread = services::answer::mark(&staff.ctx, &seen, read).await?;
    Ok((read && unread > 0).then_some(unread))
}

/// Opens an answer; it counts as read from then on.
#[server(prefix = "/console/fn")]
pub async fn open_answer(id: AnswerId) -> Result<(Full, Timestamp), AppError> {
    let staff = crate::server::staff()?;
    let full = services::answer::get(&staff.ctx, id).await?;
    services::answer::mark(&staff.ctx, &[(id, full.changed_at)], true).await?;
    Ok((full, staff.ctx.now()))
}

/// Gives an answer another state; answers the new edition and what happened so far.
#[server(prefix = "/console/fn", input = Json)]
pub async fn set_answer_status(
    id: AnswerId,
    seen: i64,
    status: String,
    note: String,
) -> Result<(i64, Vec<Event>), AppError> {
    let ctx = crate::server::staff()?.ctx;
    let edition = services::answer::set_status(&ctx, id, seen, &status, &note).await?;
    Ok((edition, services::answer::events(&ctx, id).await?))
}

/// Writes the staff's fields; answers the new edition and what happened so far.
#[server(prefix = "/console/fn", input = Json)]
pub async fn set_answer_staff(
    id: AnswerId,
    seen: i64,
    given: Answers,
) -> Result<(i64, Vec<Event>), AppError> {
    let ctx = crate::server::staff()?.ctx;
    let edition = services::answer::set_staff(&ctx, id, seen, &given).await?;
    Ok((edition, services::answer::events(&ctx, id).await?))
}

/// A page of the table with its form, and the views that are kept of it.
#[server(prefix = "/console/fn", input = Json)]
pub async fn answer_table(
    id: FormId,
    wanted: Wanted,
) -> Result<(Source, Table, Vec<View>, Timestamp), AppError> {
    let staff = crate::server::staff()?;
    let source = source(&staff.ctx, id).await?;
    let table = services::answer::look::page(&staff.ctx, id, &wanted).await?;
    let views = services::answer::views(&staff.ctx, id).await?;
    Ok((source, table, views, staff.ctx.now()))
}

/// The figures of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// The form.
    pub kept: Kept,
    /// The figures of every question.
    pub figures: Vec<figure::Figure>,
    /// The cross table that was asked for.
    pub cross: Option<figure::Cross>,
    /// How many answers they are of.
    pub answers: u64,
    /// The definition by which they are counted.
    pub form: Form,
}

/// The figures of a form, and a cross table of two questions; empty keys: none.
#[server(prefix = "/console/fn", input = Json)]
pub async fn form_figures(
    id: FormId,
    wanted: Wanted,
    row: String,
    column: String,
) -> Result<Figures, AppError> {
    let staff = crate::server::staff()?;
    let kept = services::form::get(&staff.ctx, id).await?;
    let crossed = (!row.is_empty() && !column.is_empty()).then_some((&*row, &*column));
    let looked = services::answer::look::look(&staff.ctx, id, &wanted, crossed).await?;
    Ok(Figures {
        kept,
        figures: looked.figures,
        cross: looked.cross,
        answers: looked.answers,
        form: looked.form,
    })
}
