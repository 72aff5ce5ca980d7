//! Residents page by page, for the CSV of all attributes (RES-4).

use super::{register, value};
use crate::db::rows;
use crate::{Context, Result, values};
use domain::attribute::Value;
use domain::id::{AttributeId, ChoiceId, ResidentId};
use domain::language::Language;
use domain::permission::Permission;
use domain::resident::Reception;
use domain::time::Timestamp;
use sea_orm::FromQueryResult;

/// One resident of an export; no LINE user id.
#[derive(Clone, Debug)]
pub struct ExportRow {
    /// Number.
    pub id: ResidentId,
    /// A friend.
    pub friend: bool,
    /// Last registration.
    pub registered_at: Option<Timestamp>,
    /// First known.
    pub created_at: Timestamp,
    /// What they want to receive.
    pub reception: Reception,
    /// The language that they chose themselves.
    pub language: Option<Language>,
    /// The language of their LINE profile, as a BCP 47 tag.
    pub line_language: Option<String>,
    /// What they chose.
    pub choices: Vec<ChoiceId>,
    /// What they answered where there are no choices.
    pub values: Vec<(AttributeId, Value)>,
}

/// At most 1,000 residents after a number, in order.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn export_page(ctx: &Context, after: ResidentId) -> Result<Vec<ExportRow>> {
    ctx.allow(Permission::ResidentExport)?;
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        friend: bool,
        registered_at: Option<i64>,
        created_at: i64,
        reception: String,
        paused_until: Option<i64>,
        language: Option<String>,
        line_language: Option<String>,
    }
    #[derive(FromQueryResult)]
    struct Fact {
        resident_id: i64,
        choice_id: i64,
    }
    let db = ctx.store.read();
    let sql = "SELECT id, friend, registered_at, created_at, reception, paused_until, language, line_language FROM resident WHERE id > $1 ORDER BY id LIMIT 1000";
    let page: Vec<Row> = rows(db, sql, values![after.0]).await?;
    let last = page.last().map_or(after.0, |r| r.id);
    let sql = "SELECT resident_id, choice_id FROM fact WHERE resident_id > $1 AND resident_id <= $2 ORDER BY resident_id, choice_id";
    let mut facts = rows::<Fact, _>(db, sql, values![after.0, last]).await?.into_iter().peekable();
    let said =
        value::read(db, "v.resident_id > $1 AND v.resident_id <= $2", values![after.0, last])
            .await?;
    let mut said = said.into_iter().peekable();
    let mut out = Vec::with_capacity(page.len());
    for r in page {
        let mut choices = Vec::new();
        // Of somebody who was added between the two queries.
        while facts.next_if(|f| f.resident_id < r.id).is_some() {}
        while let Some(f) = facts.next_if(|f| f.resident_id == r.id) {
            choices.push(ChoiceId(f.choice_id));
        }
        while said.next_if(|(id, ..)| id.0 < r.id).is_some() {}
        let mut values = Vec::new();
        while let Some((_, attribute, value)) = said.next_if(|(id, ..)| id.0 == r.id) {
            values.push((attribute, value));
        }
        out.push(ExportRow {
            id: ResidentId(r.id),
            friend: r.friend,
            registered_at: r.registered_at.map(Timestamp),
            created_at: Timestamp(r.created_at),
            reception: register::reception(&r.reception, r.paused_until, ctx.now()),
            language: register::language(r.language.as_deref()),
            line_language: r.line_language,
            choices,
            values,
        });
    }
    Ok(out)
}
