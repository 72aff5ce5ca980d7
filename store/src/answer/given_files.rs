//! The files of many answers, for whoever takes the answers away (FORM-4, FORM-12).

use super::open;
use crate::db::{one, rows};
use crate::form::reach;
use crate::{Context, Error, Result, values};
use domain::form::export::Uploads;
use domain::form::inbox::FileOf;
use domain::id::{AnswerId, FormId};
use domain::permission::Permission;
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::collections::BTreeMap;

/// The files of [`super::given`] from one answer to another, both within, by answer and in the
/// order in which they came; nothing for those that have none.
///
/// # Errors
/// `Forbidden`; if the database is away. Of another department's there is nothing.
pub async fn given_files(
    ctx: &Context,
    form: FormId,
    from: AnswerId,
    to: AnswerId,
) -> Result<BTreeMap<AnswerId, Vec<FileOf>>> {
    #[derive(FromQueryResult)]
    struct Row {
        answer_id: i64,
        token: String,
        question: String,
        name: Vec<u8>,
        position: Option<Vec<u8>>,
        media_type: String,
        size: i64,
        width: Option<i64>,
        height: Option<i64>,
    }
    let reach = reach(ctx, Permission::AnswerRead, "f.department_id")?;
    let sql = format!(
        "SELECT x.answer_id, x.token, x.question, x.name, x.position, x.media_type, x.size, x.width, x.height
         FROM answer a JOIN form f ON f.id = a.form_id JOIN answer_file x ON x.answer_id = a.id
         WHERE a.form_id = $1 AND a.id >= $2 AND a.id <= $3 AND a.withdrawn_at IS NULL AND {reach} ORDER BY a.id, x.id"
    );
    let found: Vec<Row> = rows(ctx.store.read(), &sql, values![form.0, from.0, to.0]).await?;
    let pixels = |n: Option<i64>| n.and_then(|n| u32::try_from(n).ok());
    let mut files: BTreeMap<AnswerId, Vec<FileOf>> = BTreeMap::new();
    for row in found {
        let position = row
            .position
            .map(|sealed| open(ctx, "answer_file.position", &row.token, &sealed))
            .transpose()?;
        files.entry(AnswerId(row.answer_id)).or_default().push(FileOf {
            id: row.token.parse().map_err(|_| Error::Inconsistent("answer_file.token"))?,
            name: open(ctx, "answer_file.name", &row.token, &row.name)?,
            question: row.question,
            media_type: row.media_type,
            size: row.size,
            width: pixels(row.width),
            height: pixels(row.height),
            position,
        });
    }
    Ok(files)
}

/// How many files came with the answers to a form that are not withdrawn, and how large they are.
///
/// # Errors
/// `Forbidden`; if the database is away. Of another department's there are none.
pub async fn uploads(ctx: &Context, form: FormId) -> Result<Uploads> {
    uploads_in(ctx, ctx.store.read(), form).await
}

/// The same on this connection.
pub(super) async fn uploads_in<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    form: FormId,
) -> Result<Uploads> {
    #[derive(FromQueryResult)]
    struct Row {
        count: i64,
        size: i64,
    }
    let reach = reach(ctx, Permission::AnswerRead, "f.department_id")?;
    let sql = format!(
        "SELECT COUNT(*) AS count, CAST(COALESCE(SUM(x.size), 0) AS BIGINT) AS size
         FROM answer a JOIN form f ON f.id = a.form_id JOIN answer_file x ON x.answer_id = a.id
         WHERE a.form_id = $1 AND a.withdrawn_at IS NULL AND {reach}"
    );
    let row: Option<Row> = one(db, &sql, values![form.0]).await?;
    Ok(row.map_or_else(Uploads::default, |r| Uploads { count: r.count, size: r.size }))
}
