//! Uploads: photos and files that belong to a draft first, then to an answer. The bytes lie
//! sealed in the blob store; only who sent them and the staff who may see the answer get them.

use super::{AT_ONCE, Holder, keys, open, row, seal};
use crate::db::{doubling, exec, number, one, rows, tuples};
use crate::ledger::{self, Line};
use crate::{Context, Error, Result, blob, values};
use domain::form::Place;
use domain::form::inbox::FileOf;
use domain::id::{AnswerId, BlobId, FormId};
use domain::permission::Permission;
use domain::problem::Problem;
use domain::time::HOUR;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

/// Most uploads of a holder that no answer has taken yet, over all forms.
const OPEN_MAX: i64 = 60;
/// Most uploads an hour of those who are not known, from one address: a school behind one
/// address can still answer.
const HOURLY_MAX: i64 = 200;

/// A file to keep: checked, without what it must not tell.
#[derive(Clone, Debug)]
pub struct NewFile<'a> {
    /// To which form.
    pub form: FormId,
    /// To which question, `children.photo` within a group.
    pub question: &'a str,
    /// As it was called.
    pub name: &'a str,
    /// What it is.
    pub media_type: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// The small form of a photo, with its width and height in pixels.
    pub photo: Option<(&'a [u8], u32, u32)>,
    /// Where it was taken, if the question asks for it.
    pub position: Option<Place>,
}

/// A file with its bytes.
#[derive(Clone, Debug)]
pub struct File {
    /// What it is.
    pub of: FileOf,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// A file as it lies in the database.
#[derive(FromQueryResult)]
pub(super) struct Row {
    token: String,
    question: String,
    name: Vec<u8>,
    position: Option<Vec<u8>>,
    media_type: String,
    size: i64,
    width: Option<i64>,
    height: Option<i64>,
}

/// Reads [`Row`], with the answer that took it.
pub(super) const SELECT: &str = "SELECT answer_id, token, question, name, position, media_type, size, width, height FROM answer_file";

impl Row {
    /// Opens what is sealed.
    pub(super) fn read(self, ctx: &Context) -> Result<FileOf> {
        let pixels = |n: Option<i64>| n.and_then(|n| u32::try_from(n).ok());
        Ok(FileOf {
            id: self.token.parse().map_err(|_| Error::Inconsistent("answer_file.token"))?,
            name: open(ctx, "answer_file.name", &self.token, &self.name)?,
            position: self
                .position
                .map(|sealed| open(ctx, "answer_file.position", &self.token, &sealed))
                .transpose()?,
            question: self.question,
            media_type: self.media_type,
            size: self.size,
            width: pixels(self.width),
            height: pixels(self.height),
        })
    }
}

/// Lets an upload in, or not: those who are not known share a number an hour by the address
/// from which they come, since a new browser makes a new holder. Residents are known, and
/// limited by what waits for an answer alone.
///
/// # Errors
/// `Conflict` if as many came from there; if the database is away.
pub async fn admit_upload(ctx: &Context, holder: &Holder, address: &str) -> Result<()> {
    if holder.resident().is_some() {
        return Ok(());
    }
    let now = ctx.now().0;
    let key = ctx.store.keys().hash("sign_in_try", format!("upload:address:{address}").as_bytes());
    let tx = ctx.store.begin().await?;
    // The hour begins with the first, and is over when `locked_until` is.
    let sql = "INSERT INTO sign_in_try (key_hash, failed, at, locked_until) VALUES ($1, 1, $2, $3)
        ON CONFLICT (key_hash) DO UPDATE SET at = excluded.at,
            failed = CASE WHEN COALESCE(sign_in_try.locked_until, 0) <= $2 OR sign_in_try.locked_until > $3 THEN 1 ELSE sign_in_try.failed + 1 END,
            locked_until = CASE WHEN COALESCE(sign_in_try.locked_until, 0) <= $2 OR sign_in_try.locked_until > $3 THEN excluded.locked_until ELSE sign_in_try.locked_until END
        RETURNING failed AS n";
    let count = number(&tx, sql, values![key, now, now + HOUR]).await?;
    tx.commit().await?;
    if count > HOURLY_MAX {
        return Err(Error::Conflict(
            "この場所からの写真やファイルが多すぎるため、いったん止めています。1時間ほどたってから、もう一度送ってください"
                .into(),
        ));
    }
    Ok(())
}

/// Keeps an upload for the holder.
///
/// # Errors
/// `Conflict` if too many wait for an answer; if the blob store or the database is away.
pub async fn add_file(ctx: &Context, holder: &Holder, new: &NewFile<'_>) -> Result<FileOf> {
    let sql = format!(
        "SELECT COUNT(*) AS n FROM answer_file WHERE answer_id IS NULL AND {}",
        holder.is("$1")
    );
    if number(ctx.store.read(), &sql, vec![holder.value()]).await? >= OPEN_MAX {
        return Err(Error::Conflict(
            "送っていない写真やファイルが多すぎます。いらないものを消してから、足してください"
                .into(),
        ));
    }
    let id = BlobId::from_random(ctx.random());
    blob::write_private(ctx, &id, new.bytes, new.photo.map(|p| p.0)).await?;
    let (resident, owner) = holder.columns();
    let token = id.as_str();
    let tx = ctx.store.begin().await?;
    blob::row_private(ctx, &tx, &id, new.media_type, new.bytes, new.photo.map(|p| p.0)).await?;
    let sql = "INSERT INTO answer_file (token, form_id, question, resident_id, owner_hash, name, position, media_type, size, width, height, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    let name: String = new.name.chars().filter(|c| !c.is_control()).take(200).collect();
    let position = new
        .position
        .as_ref()
        .map(|place| seal(ctx, "answer_file.position", token, place))
        .transpose()?;
    let values = values![
        token,
        new.form.0,
        new.question,
        resident,
        owner,
        seal(ctx, "answer_file.name", token, &name)?,
        position,
        new.media_type,
        i64::try_from(new.bytes.len()).unwrap_or(i64::MAX),
        new.photo.map(|p| i64::from(p.1)),
        new.photo.map(|p| i64::from(p.2)),
        ctx.now().0
    ];
    exec(&tx, sql, values).await?;
    tx.commit().await?;
    Ok(FileOf {
        question: new.question.to_owned(),
        name,
        media_type: new.media_type.to_owned(),
        size: i64::try_from(new.bytes.len()).unwrap_or(i64::MAX),
        width: new.photo.map(|p| p.1),
        height: new.photo.map(|p| p.2),
        position: new.position.clone(),
        id,
    })
}

/// What the holder has uploaded to a form, the oldest first.
///
/// # Errors
/// If the database is away.
pub async fn files(ctx: &Context, holder: &Holder, form: FormId) -> Result<Vec<FileOf>> {
    let sql = format!("{SELECT} WHERE form_id = $1 AND {} ORDER BY id", holder.is("$2"));
    let values = vec![form.0.into(), holder.value()];
    let found: Vec<Row> = rows(ctx.store.read(), &sql, values).await?;
    found.into_iter().map(|r| r.read(ctx)).collect()
}

/// A file of the holder's own, or its small form.
///
/// # Errors
/// `NotFound`, another's too; if the blob store is away.
pub async fn file(ctx: &Context, holder: &Holder, id: &BlobId, small: bool) -> Result<File> {
    let sql = format!("{SELECT} WHERE token = $1 AND {}", holder.is("$2"));
    let found = one(ctx.store.read(), &sql, vec![id.as_str().into(), holder.value()]).await?;
    read(ctx, found, id, small).await
}

/// A file of an answer for staff who may see the answer, or its small form.
///
/// # Errors
/// `NotFound` (another department's too), `Forbidden`; if the blob store is away.
pub async fn staff_file(ctx: &Context, answer: AnswerId, id: &BlobId, small: bool) -> Result<File> {
    let db = ctx.store.read();
    row(ctx, db, answer, Permission::AnswerRead).await?;
    let sql = format!("{SELECT} WHERE token = $1 AND answer_id = $2");
    let found = one(db, &sql, values![id.as_str(), answer.0]).await?;
    read(ctx, found, id, small).await
}

/// A file of an answer to a form for other systems: as in [`super::given`], there is none of
/// what was taken back. That it left the house stands in the ledger.
///
/// # Errors
/// `NotFound` (another form's too), `Forbidden`; if the blob store is away.
pub async fn given_file(
    ctx: &Context,
    form: FormId,
    answer: AnswerId,
    id: &BlobId,
) -> Result<File> {
    let found = row(ctx, ctx.store.read(), answer, Permission::AnswerRead).await?;
    if found.form() != form || found.withdrawn_at.is_some() {
        return Err(Error::NotFound);
    }
    let file = staff_file(ctx, answer, id, false).await?;
    ledger::note(ctx, Line::ok("answer.export", format!("answer:{answer}"))).await?;
    Ok(file)
}

async fn read(ctx: &Context, row: Option<Row>, id: &BlobId, small: bool) -> Result<File> {
    let of = row.ok_or(Error::NotFound)?.read(ctx)?;
    let form = match (small, of.width) {
        (true, Some(_)) => blob::Form::Preview,
        (true, None) => return Err(Error::NotFound),
        (false, _) => blob::Form::Original,
    };
    Ok(File { of, bytes: blob::read(ctx, id, form).await? })
}

/// Takes an upload back that no answer has taken.
///
/// # Errors
/// If the database is away; what is not there (any more) is well.
pub async fn drop_file(ctx: &Context, holder: &Holder, id: &BlobId) -> Result<()> {
    let condition = format!("token = $1 AND answer_id IS NULL AND {}", holder.is("$2"));
    let tx = ctx.store.begin().await?;
    forget(&tx, &condition, vec![id.as_str().into(), holder.value()]).await?;
    Ok(tx.commit().await?)
}

/// Deletes rows of uploads; their blobs are swept next.
pub(super) async fn forget<C: ConnectionTrait>(
    db: &C,
    condition: &str,
    values: Vec<Value>,
) -> Result<u64> {
    let sql = format!(
        "UPDATE blob SET used_at = 0 WHERE token IN (SELECT token FROM answer_file WHERE {condition})"
    );
    exec(db, &sql, values.clone()).await?;
    exec(db, &format!("DELETE FROM answer_file WHERE {condition}"), values).await
}

/// The files of an answer.
pub(super) async fn of<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    id: AnswerId,
) -> Result<Vec<FileOf>> {
    let found: Vec<Row> =
        rows(db, &format!("{SELECT} WHERE answer_id = $1 ORDER BY id"), values![id.0]).await?;
    found.into_iter().map(|r| r.read(ctx)).collect()
}

fn lacking(question: &str) -> Problem {
    Problem::new(question, "写真やファイルが届いていません。もう一度選んでください")
}

/// Gives an answer the uploads that it names.
pub(super) async fn give<C: ConnectionTrait>(
    db: &C,
    form: FormId,
    holder: &Holder,
    answer: AnswerId,
    named: &[(String, BlobId)],
) -> Result<()> {
    let mut problems = Vec::new();
    let sql = format!(
        "UPDATE answer_file SET answer_id = $1 WHERE token = $2 AND form_id = $3 AND question = $4 AND (answer_id IS NULL OR answer_id = $1) AND {}",
        holder.is("$5")
    );
    for (question, id) in named {
        let values = vec![
            answer.0.into(),
            id.as_str().into(),
            form.0.into(),
            question.as_str().into(),
            holder.value(),
        ];
        if exec(db, &sql, values).await? == 0 {
            problems.push(lacking(question));
        }
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    Ok(())
}

/// Gives an answer the uploads that it names, and forgets those that it named before.
pub(super) async fn take<C: ConnectionTrait>(
    db: &C,
    form: FormId,
    holder: &Holder,
    answer: AnswerId,
    named: &[(String, BlobId)],
) -> Result<()> {
    give(db, form, holder, answer, named).await?;
    let kept: Vec<String> = named.iter().map(|(_, id)| format!("'{id}'")).collect();
    let rest = if kept.is_empty() {
        "answer_id = $1".to_owned()
    } else {
        // Names of blobs are hexadecimal digits and nothing else.
        format!("answer_id = $1 AND token NOT IN ({})", kept.join(","))
    };
    forget(db, &rest, values![answer.0]).await?;
    Ok(())
}

/// An upload that no answer has taken.
#[derive(FromQueryResult)]
pub(super) struct Open {
    token: String,
    question: String,
    resident_id: Option<i64>,
    owner_hash: Option<Vec<u8>>,
}

impl Open {
    /// Whether it is the holder's.
    pub(super) fn is_of(&self, holder: &Holder) -> bool {
        match holder.resident {
            Some(id) => self.resident_id == Some(id.0),
            None => self.owner_hash == holder.hash,
        }
    }

    /// Whether an answer names it.
    pub(super) fn is_among(&self, named: &[(String, BlobId)]) -> bool {
        named.iter().any(|name| self.is(name))
    }

    fn is(&self, (question, id): &(String, BlobId)) -> bool {
        *question == self.question && id.as_str() == self.token
    }
}

/// The uploads of holders to a form that no answer has taken.
pub(super) async fn open_of<C: ConnectionTrait>(
    db: &C,
    form: FormId,
    holders: &[&Holder],
) -> Result<Vec<Open>> {
    let mut found = Vec::new();
    for piece in doubling(holders, AT_ONCE) {
        let sql = format!(
            "WITH k (form, resident, owner) AS (VALUES {})
             SELECT f.token, f.question, f.resident_id, f.owner_hash FROM answer_file f WHERE f.answer_id IS NULL AND f.form_id IN (SELECT form FROM k)
                AND (f.resident_id IN (SELECT resident FROM k) OR f.owner_hash IN (SELECT owner FROM k))",
            tuples(piece.len(), 3)
        );
        found.extend(rows::<Open, _>(db, &sql, keys(form, piece)).await?);
    }
    Ok(found)
}

/// Checks that the holder has uploaded what an answer names, as [`give`] does when it takes it.
pub(super) fn are_there(open: &[Open], holder: &Holder, named: &[(String, BlobId)]) -> Result<()> {
    let mut problems = Vec::new();
    for name in named {
        if !open.iter().any(|file| file.is_of(holder) && file.is(name)) {
            problems.push(lacking(&name.0));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}

/// What was tried for an answer that was sent, and left out, is not needed any more.
pub(super) async fn forget_tried<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    form: FormId,
    holder: &Holder,
) -> Result<()> {
    let (now, open) = (ctx.now().0, holder.is("$2"));
    let sql = format!("form_id = $1 AND {open} AND answer_id IS NULL AND created_at <= $3");
    forget(db, &sql, vec![form.0.into(), holder.value(), now.into()]).await?;
    Ok(())
}
