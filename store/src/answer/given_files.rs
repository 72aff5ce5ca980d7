//! The files of many answers, for whoever takes the answers away (FORM-4, FORM-12).

use super::file::{Row, SELECT};
use crate::db::{one, rows};
use crate::form::reach;
use crate::{Context, Result, values};
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
    struct Of {
        answer_id: i64,
        #[sea_orm(nested)]
        file: Row,
    }
    let reach = reach(ctx, Permission::AnswerRead, "f.department_id")?;
    let sql = format!(
        "{SELECT} WHERE answer_id IN (SELECT a.id FROM answer a JOIN form f ON f.id = a.form_id
             WHERE a.form_id = $1 AND a.id >= $2 AND a.id <= $3 AND a.withdrawn_at IS NULL AND {reach})
         ORDER BY answer_id, id"
    );
    let found: Vec<Of> = rows(ctx.store.read(), &sql, values![form.0, from.0, to.0]).await?;
    let mut files: BTreeMap<AnswerId, Vec<FileOf>> = BTreeMap::new();
    for of in found {
        files.entry(AnswerId(of.answer_id)).or_default().push(of.file.read(ctx)?);
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
