//! Views of the table of answers that are kept under a name (FORM-4): the maker's own, or of
//! everybody who may see the form's answers.

use crate::db::{exec, number, one, rows};
use crate::form::owner;
use crate::{Context, Error, Result, values};
use domain::form::saved::{VIEWS_MAX, View, kept, name_problem};
use domain::form::table::view::Wanted;
use domain::id::{FormId, StaffId, ViewId};
use domain::permission::{Actor, Permission};
use sea_orm::{ConnectionTrait, FromQueryResult};

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    name: String,
    shared: bool,
    wanted: String,
    staff_id: i64,
    staff_name: String,
    department_id: Option<i64>,
}

const SELECT: &str = "SELECT v.id, v.name, v.shared, v.wanted, v.staff_id, s.name AS staff_name, f.department_id FROM answer_view v JOIN staff s ON s.id = v.staff_id JOIN form f ON f.id = v.form_id";

fn staff(ctx: &Context) -> Result<StaffId> {
    match &ctx.actor {
        Actor::Staff { id, .. } => Ok(*id),
        _ => Err(Error::NotFound),
    }
}

impl Row {
    /// The maker, and of a shared one whoever works on the answers.
    fn may_write(&self, ctx: &Context, own: StaffId) -> bool {
        self.staff_id == own.0
            || self.shared
                && ctx.allow_on(Permission::AnswerWrite, owner(self.department_id)).is_ok()
    }

    fn read(self, ctx: &Context, own: StaffId) -> Result<View> {
        let wanted: Wanted = serde_json::from_str(&self.wanted)
            .map_err(|_| Error::Inconsistent("answer_view.wanted"))?;
        Ok(View {
            id: ViewId(self.id),
            may_write: self.may_write(ctx, own),
            name: self.name,
            shared: self.shared,
            wanted: kept(&wanted),
            by: self.staff_name,
        })
    }
}

/// The views of a form that the actor sees, by name.
///
/// # Errors
/// `NotFound` (another department's too), `Forbidden`.
pub async fn views(ctx: &Context, form: FormId) -> Result<Vec<View>> {
    let db = ctx.store.read();
    crate::form::row(ctx, db, form, Permission::AnswerRead).await?;
    let own = staff(ctx)?;
    let sql = format!(
        "{SELECT} WHERE v.form_id = $1 AND (v.shared OR v.staff_id = $2) ORDER BY v.name, v.id LIMIT 200"
    );
    let found: Vec<Row> = rows(db, &sql, values![form.0, own.0]).await?;
    found.into_iter().map(|row| row.read(ctx, own)).collect()
}

/// Keeps a view under a name. Whoever may work on the answers may share it.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Invalid` at `/name`; `Conflict` if there are too many.
pub async fn save_view(
    ctx: &Context,
    form: FormId,
    name: &str,
    shared: bool,
    wanted: &Wanted,
) -> Result<ViewId> {
    let tx = ctx.store.begin().await?;
    let permission = if shared { Permission::AnswerWrite } else { Permission::AnswerRead };
    crate::form::row(ctx, &tx, form, permission).await?;
    let own = staff(ctx)?;
    if let Some(problem) = name_problem(name) {
        return Err(Error::Invalid(vec![problem]));
    }
    let sql =
        "SELECT COUNT(*) AS n FROM answer_view WHERE form_id = $1 AND (shared OR staff_id = $2)";
    if number(&tx, sql, values![form.0, own.0]).await? >= VIEWS_MAX {
        return Err(Error::Conflict(format!(
            "残せる表示は{VIEWS_MAX}までです。使わないものを消してから、残してください"
        )));
    }
    let json = serde_json::to_string(&kept(wanted))
        .map_err(|_| Error::Inconsistent("answer_view.wanted"))?;
    let sql = "INSERT INTO answer_view (form_id, staff_id, shared, name, wanted, created_at) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id AS n";
    let values = values![form.0, own.0, shared, name.trim(), json, ctx.now().0];
    let id = ViewId(number(&tx, sql, values).await?);
    tx.commit().await?;
    Ok(id)
}

async fn mine<C: ConnectionTrait>(ctx: &Context, db: &C, id: ViewId) -> Result<()> {
    let reach = crate::form::reach(ctx, Permission::AnswerRead, "f.department_id")?;
    let own = staff(ctx)?;
    let sql = format!("{SELECT} WHERE v.id = $1 AND (v.shared OR v.staff_id = $2) AND {reach}");
    let row: Option<Row> = one(db, &sql, values![id.0, own.0]).await?;
    if row.ok_or(Error::NotFound)?.may_write(ctx, own) {
        return Ok(());
    }
    ctx.allow_on(Permission::AnswerWrite, owner(None))
}

/// Gives a view another name.
///
/// # Errors
/// `NotFound`, another's own too; `Forbidden`; `Invalid` at `/name`.
pub async fn rename_view(ctx: &Context, id: ViewId, name: &str) -> Result<()> {
    let tx = ctx.store.begin().await?;
    mine(ctx, &tx, id).await?;
    if let Some(problem) = name_problem(name) {
        return Err(Error::Invalid(vec![problem]));
    }
    exec(&tx, "UPDATE answer_view SET name = $1 WHERE id = $2", values![name.trim(), id.0]).await?;
    Ok(tx.commit().await?)
}

/// Deletes a view.
///
/// # Errors
/// `NotFound`, another's own too; `Forbidden`.
pub async fn drop_view(ctx: &Context, id: ViewId) -> Result<()> {
    let tx = ctx.store.begin().await?;
    mine(ctx, &tx, id).await?;
    exec(&tx, "DELETE FROM answer_view WHERE id = $1", values![id.0]).await?;
    Ok(tx.commit().await?)
}
