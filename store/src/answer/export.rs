//! Files of every answer of a form, made in the background: asked for by a member of staff,
//! leased by a worker that shows how far it is, kept sealed as blobs for a while. Only whoever
//! asked for one gets it, and only as long as they may see the answers.

use super::given_files::uploads_in;
use crate::blob;
use crate::db::{exec, number, one, rows};
use crate::form::reach;
use crate::ledger::{self, Line};
use crate::{Context, Error, Result, values};
use domain::form::export::{Export, FILES_WORDS, KEPT, Kind, OPEN_MAX, State};
use domain::id::{BlobId, DepartmentId, ExportId, FormId, StaffId};
use domain::permission::{Actor, Permission, Role};
use domain::time::{MINUTE, Timestamp};
use sea_orm::{ConnectionTrait, FromQueryResult};

/// How long a worker holds a file without a sign of life; each step is one.
const LEASE: i64 = MINUTE;
/// So often a file is begun; then something is wrong with it.
const ATTEMPTS_MAX: i64 = 5;
/// Files shown of a form.
const SHOWN: i64 = 20;

fn staff(ctx: &Context) -> Result<StaffId> {
    match &ctx.actor {
        Actor::Staff { id, .. } => Ok(*id),
        // Files are for people: other systems read the answers by REST.
        _ => Err(Error::NotFound),
    }
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    form_id: i64,
    kind: String,
    state: String,
    done: i64,
    total: i64,
    answers: i64,
    size: i64,
    words: String,
    created_at: i64,
    delete_at: Option<i64>,
}

const SELECT: &str = "SELECT e.id, e.form_id, e.kind, e.state, e.done, e.total, e.answers, e.size, e.words, e.created_at, e.delete_at FROM answer_export e JOIN form f ON f.id = e.form_id";

impl Row {
    fn read(self) -> Result<Export> {
        let state = State::parse(&self.state).ok_or(Error::Inconsistent("answer_export.state"))?;
        Ok(Export {
            id: ExportId(self.id),
            form: FormId(self.form_id),
            kind: Kind::parse(&self.kind).ok_or(Error::Inconsistent("answer_export.kind"))?,
            state,
            done: self.done,
            total: self.total,
            answers: self.answers,
            size: self.size,
            at: Timestamp(self.created_at),
            until: self.delete_at.filter(|_| state == State::Ready).map(Timestamp),
            words: self.words,
        })
    }
}

/// Asks for a file of every answer.
///
/// # Errors
/// `NotFound` (another department's too), `Forbidden`; `Conflict` if there are no answers, none
/// or too much of files for a ZIP, or while the actor waits for [`OPEN_MAX`] others.
pub async fn start_export(ctx: &Context, form: FormId, kind: Kind) -> Result<ExportId> {
    let tx = ctx.store.begin().await?;
    crate::form::row(ctx, &tx, form, Permission::AnswerRead).await?;
    let staff = staff(ctx)?;
    let sql = "SELECT COUNT(*) AS n FROM answer_export WHERE staff_id = $1 AND state IN ('waiting', 'working')";
    if number(&tx, sql, values![staff.0]).await? >= OPEN_MAX {
        return Err(Error::Conflict(format!(
            "作っている途中のファイルが{OPEN_MAX}つあります。できあがるのを待つか、やめてから、もう一度始めてください"
        )));
    }
    let sql = "SELECT COUNT(*) AS n FROM answer WHERE form_id = $1 AND withdrawn_at IS NULL";
    let mut total = number(&tx, sql, values![form.0]).await? * 2;
    if total == 0 {
        return Err(Error::Conflict("書き出す回答が、まだありません".into()));
    }
    if kind == Kind::Zip {
        let uploads = uploads_in(ctx, &tx, form).await?;
        if uploads.count == 0 {
            let words = "写真やファイルのついた回答が、まだありません。CSVかExcelを選んでください";
            return Err(Error::Conflict(words.into()));
        }
        if !uploads.fit() {
            return Err(Error::Conflict(format!(
                "写真やファイルが多すぎて、1つにまとめられません（{FILES_WORDS}）。CSVかExcelを選ぶと、それぞれの写真やファイルをひらくアドレスが入ります"
            )));
        }
        total += uploads.count;
    }
    let sql = "INSERT INTO answer_export (form_id, staff_id, kind, state, done, total, answers, size, words, leased_until, attempts, created_at)
        VALUES ($1, $2, $3, 'waiting', 0, $4, 0, 0, '', 0, 0, $5) RETURNING id AS n";
    let values = values![form.0, staff.0, kind.name(), total, ctx.now().0];
    let id = ExportId(number(&tx, sql, values).await?);
    tx.commit().await?;
    Ok(id)
}

/// The actor's own files of a form, the newest first.
///
/// # Errors
/// `NotFound` (another department's too), `Forbidden`.
pub async fn exports(ctx: &Context, form: FormId) -> Result<Vec<Export>> {
    let db = ctx.store.read();
    crate::form::row(ctx, db, form, Permission::AnswerRead).await?;
    let sql = format!(
        "{SELECT} WHERE e.form_id = $1 AND e.staff_id = $2 ORDER BY e.id DESC LIMIT {SHOWN}"
    );
    let found: Vec<Row> = rows(db, &sql, values![form.0, staff(ctx)?.0]).await?;
    found.into_iter().map(Row::read).collect()
}

async fn own<C: ConnectionTrait>(ctx: &Context, db: &C, id: ExportId) -> Result<Export> {
    let reach = reach(ctx, Permission::AnswerRead, "f.department_id")?;
    let sql = format!("{SELECT} WHERE e.id = $1 AND e.staff_id = $2 AND {reach}");
    let row: Option<Row> = one(db, &sql, values![id.0, staff(ctx)?.0]).await?;
    row.ok_or(Error::NotFound)?.read()
}

/// A file of the actor's own that is ready: what it is, and the names of its pieces in order.
/// That it was fetched stands in the ledger.
///
/// # Errors
/// `NotFound`, another's too, and as soon as the actor may not see the answers any more;
/// `Conflict` while it is not ready.
pub async fn export_file(ctx: &Context, id: ExportId) -> Result<(Export, Vec<BlobId>)> {
    #[derive(FromQueryResult)]
    struct Piece {
        token: String,
    }
    let db = ctx.store.read();
    let export = own(ctx, db, id).await?;
    if export.state != State::Ready {
        return Err(Error::Conflict("このファイルは、まだできていません".into()));
    }
    let sql = "SELECT token FROM answer_export_piece WHERE export_id = $1 ORDER BY place";
    let pieces: Vec<Piece> = rows(db, sql, values![id.0]).await?;
    let name = |p: Piece| {
        p.token.parse::<BlobId>().map_err(|_| Error::Inconsistent("answer_export_piece.token"))
    };
    let pieces = pieces.into_iter().map(name).collect::<Result<_>>()?;
    let line = Line::ok("answer.export", format!("form:{}", export.form)).count(export.answers);
    ledger::note(ctx, line).await?;
    Ok((export, pieces))
}

/// A piece of a file, by a name that [`export_file`] answered.
///
/// # Errors
/// `NotFound`; if the blob store is away.
pub async fn export_piece(ctx: &Context, id: &BlobId) -> Result<Vec<u8>> {
    blob::read(ctx, id, blob::Form::Original).await
}

/// Stops a file that is being made, or deletes one that is ready or came to nothing.
///
/// # Errors
/// `NotFound`, another's too.
pub async fn drop_export(ctx: &Context, id: ExportId) -> Result<()> {
    let tx = ctx.store.begin().await?;
    own(ctx, &tx, id).await?;
    // Stopped first: no worker adds a piece to it from here on, or says that it is ready.
    let sql = "UPDATE answer_export SET state = 'cancelled', delete_at = $1 WHERE id = $2 AND state IN ('waiting', 'working')";
    let stopped = exec(&tx, sql, values![ctx.now().plus(KEPT).0, id.0]).await? == 1;
    forget_pieces(&tx, &format!("= {id}")).await?;
    if !stopped {
        exec(&tx, "DELETE FROM answer_export WHERE id = $1", values![id.0]).await?;
    }
    Ok(tx.commit().await?)
}

/// Forgets the pieces of exports whose id is so; their blobs are swept next.
async fn forget_pieces<C: ConnectionTrait>(db: &C, which: &str) -> Result<()> {
    let sql = format!(
        "UPDATE blob SET used_at = 0 WHERE token IN (SELECT token FROM answer_export_piece WHERE export_id {which})"
    );
    exec(db, &sql, values![]).await?;
    exec(db, &format!("DELETE FROM answer_export_piece WHERE export_id {which}"), values![])
        .await?;
    Ok(())
}

/// A file that a worker makes.
#[derive(Clone, Debug)]
pub struct Job {
    /// Which.
    pub id: ExportId,
    /// Of which form.
    pub form: FormId,
    /// Which file.
    pub kind: Kind,
    /// As whom the answers are read: whoever asked for it, by what they may do now. Nothing if
    /// their account is closed.
    pub actor: Option<Actor>,
}

/// Leases the next file to `owner`; what a worker that died has begun is begun anew.
///
/// # Errors
/// If the database is away.
pub async fn claim_export(ctx: &Context, owner: &str) -> Result<Option<Job>> {
    #[derive(FromQueryResult)]
    struct Claimed {
        id: i64,
        form_id: i64,
        kind: String,
        staff_id: i64,
        attempts: i64,
    }
    #[derive(FromQueryResult)]
    struct Who {
        department_id: i64,
        role: String,
    }
    let (now, tx) = (ctx.now(), ctx.store.begin().await?);
    let lock = ctx.store.skip_locked();
    let sql = format!(
        "UPDATE answer_export SET state = 'working', owner = $1, leased_until = $2, done = 0, attempts = attempts + 1 WHERE id IN (
            SELECT id FROM answer_export WHERE state IN ('waiting', 'working') AND (leased_until <= $3 OR leased_until > $4) ORDER BY id LIMIT 1 {lock})
         RETURNING id, form_id, kind, staff_id, attempts"
    );
    // A lease from the future, of a clock that jumped, does not count.
    let values = values![owner, now.plus(LEASE).0, now.0, now.plus(2 * LEASE).0];
    let claimed: Option<Claimed> = one(&tx, &sql, values).await?;
    let Some(claimed) = claimed else { return Ok(None) };
    let id = ExportId(claimed.id);
    forget_pieces(&tx, &format!("= {id}")).await?;
    let sql = "SELECT department_id, role FROM staff WHERE id = $1 AND disabled_at IS NULL";
    let who: Option<Who> = one(&tx, sql, values![claimed.staff_id]).await?;
    tx.commit().await?;
    if claimed.attempts > ATTEMPTS_MAX {
        let words = "何度か始めましたが、作れませんでした。CSVを選ぶか、管理者に知らせてください";
        fail_export(ctx, owner, id, words).await?;
        return Ok(None);
    }
    let actor = match who {
        Some(who) => Some(Actor::Staff {
            id: StaffId(claimed.staff_id),
            department: DepartmentId(who.department_id),
            role: Role::parse(&who.role).ok_or(Error::Inconsistent("staff.role"))?,
        }),
        None => None,
    };
    let kind = Kind::parse(&claimed.kind).ok_or(Error::Inconsistent("answer_export.kind"))?;
    Ok(Some(Job { id, form: FormId(claimed.form_id), kind, actor }))
}

/// Says how far a file is, and goes on; false if it was stopped, or is another worker's now.
///
/// # Errors
/// If the database is away.
pub async fn step_export(ctx: &Context, owner: &str, id: ExportId, done: i64) -> Result<bool> {
    let tx = ctx.store.begin().await?;
    let sql = "UPDATE answer_export SET done = $1, leased_until = $2 WHERE id = $3 AND owner = $4 AND state = 'working'";
    let values = values![done, ctx.now().plus(LEASE).0, id.0, owner];
    let mine = exec(&tx, sql, values).await? == 1;
    tx.commit().await?;
    Ok(mine)
}

/// Keeps the next piece of a file; false as [`step_export`].
///
/// # Errors
/// If the blob store or the database is away.
pub async fn keep_export(
    ctx: &Context,
    owner: &str,
    id: ExportId,
    place: i64,
    bytes: &[u8],
) -> Result<bool> {
    let blob = BlobId::from_random(ctx.random());
    blob::write_private(ctx, &blob, bytes, None).await?;
    let tx = ctx.store.begin().await?;
    let sql = "UPDATE answer_export SET leased_until = $1 WHERE id = $2 AND owner = $3 AND state = 'working'";
    if exec(&tx, sql, values![ctx.now().plus(LEASE).0, id.0, owner]).await? == 0 {
        // The object has no row, and is swept.
        return Ok(false);
    }
    let media_type = "application/octet-stream";
    blob::row_private(ctx, &tx, &blob, media_type, bytes, None).await?;
    let sql = "INSERT INTO answer_export_piece (export_id, place, token) VALUES ($1, $2, $3)";
    exec(&tx, sql, values![id.0, place, blob.as_str()]).await?;
    tx.commit().await?;
    Ok(true)
}

/// A file is whole: it can be fetched from now on, for [`KEPT`].
///
/// # Errors
/// If the database is away.
pub async fn end_export(
    ctx: &Context,
    owner: &str,
    id: ExportId,
    answers: i64,
    size: i64,
) -> Result<()> {
    let tx = ctx.store.begin().await?;
    let sql = "UPDATE answer_export SET state = 'ready', owner = NULL, done = total, answers = $1, size = $2, delete_at = $3 WHERE id = $4 AND owner = $5 AND state = 'working'";
    exec(&tx, sql, values![answers, size, ctx.now().plus(KEPT).0, id.0, owner]).await?;
    Ok(tx.commit().await?)
}

/// A file cannot be made, and why.
///
/// # Errors
/// If the database is away.
pub async fn fail_export(ctx: &Context, owner: &str, id: ExportId, words: &str) -> Result<()> {
    let tx = ctx.store.begin().await?;
    let sql = "UPDATE answer_export SET state = 'failed', owner = NULL, words = $1, delete_at = $2 WHERE id = $3 AND owner = $4 AND state = 'working'";
    if exec(&tx, sql, values![words, ctx.now().plus(KEPT).0, id.0, owner]).await? == 1 {
        forget_pieces(&tx, &format!("= {id}")).await?;
    }
    Ok(tx.commit().await?)
}

/// Gives a file back that a worker cannot go on with now; `wait` microseconds later it is
/// begun anew.
///
/// # Errors
/// If the database is away; then the lease ends by itself.
pub async fn leave_export(ctx: &Context, owner: &str, id: ExportId, wait: i64) -> Result<()> {
    let tx = ctx.store.begin().await?;
    let sql = "UPDATE answer_export SET state = 'waiting', owner = NULL, leased_until = $1 WHERE id = $2 AND owner = $3 AND state = 'working'";
    exec(&tx, sql, values![ctx.now().plus(wait).0, id.0, owner]).await?;
    Ok(tx.commit().await?)
}

/// Takes up at once what a former process left, where there is one process alone.
///
/// # Errors
/// If the database is away.
pub async fn free_exports(ctx: &Context) -> Result<()> {
    let tx = ctx.store.begin().await?;
    exec(&tx, "UPDATE answer_export SET leased_until = 0 WHERE state = 'working'", values![])
        .await?;
    Ok(tx.commit().await?)
}

/// Deletes files whose time of keeping is over.
pub(super) async fn forget<C: ConnectionTrait>(ctx: &Context, db: &C) -> Result<()> {
    let now = ctx.now().0;
    let old = format!("IN (SELECT id FROM answer_export WHERE delete_at <= {now})");
    forget_pieces(db, &old).await?;
    exec(db, "DELETE FROM answer_export WHERE delete_at <= $1", values![now]).await?;
    Ok(())
}
