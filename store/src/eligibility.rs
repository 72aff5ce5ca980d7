//! Lists of who may answer a form (対象者の名簿, FORM-7, RES-5). Of a row only a keyed hash of
//! what is asked (number, birthday) can be looked up; the row itself is encrypted, and given
//! back to whoever knows what is asked. Wrong tries are counted and stopped.

use crate::db::{doubling, exec, number, one, rows, tuples};
use crate::form::reach;
use crate::ledger::{self, Line};
use crate::{Context, Error, Result, values};
use domain::form::eligible::{List, REFUSED_WITHIN, Row, fold, import, naming};
use domain::form::kept::name_problem;
use domain::id::{EligibilityId, FormId, ResidentId};
use domain::permission::{Actor, Permission};
use domain::staff::{TRIES, Throttle};
use domain::time::{HOUR, Timestamp};
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::collections::{BTreeMap, HashSet};
use std::fmt;

/// Most rows of a list.
pub const ROWS_MAX: usize = 200_000;
/// Rows written, or looked for, by one statement.
const WRITTEN: usize = 256;
/// Wrong tries within a day from one address that stop it for a while. Behind one sit a family,
/// an office, or everybody at a library, so it bears more than the [`TRIES`] of one resident;
/// and still no more than 80 guesses an hour come from there, each number alone bearing
/// [`TRIES`], too.
pub const ADDRESS_TRIES: u32 = 20;
/// Over how long wrong tries add up, in microseconds.
const TRIED_WITHIN: i64 = 24 * HOUR;

#[derive(FromQueryResult)]
struct Kept {
    id: i64,
    name: String,
    department_id: Option<i64>,
    department_name: Option<String>,
    keys: String,
    columns: String,
    number: Option<String>,
    count: i64,
    updated_at: i64,
}

const SELECT: &str = "SELECT e.id, e.name, e.department_id, d.name AS department_name, e.keys, e.columns, e.number, e.count, e.updated_at FROM eligibility e LEFT JOIN department d ON d.id = e.department_id";

impl Kept {
    fn read(self, ctx: &Context) -> Result<List> {
        let owner = crate::form::owner(self.department_id);
        let names = |json: &str| {
            serde_json::from_str::<Vec<String>>(json)
                .map_err(|_| Error::Inconsistent("eligibility.columns"))
        };
        Ok(List {
            id: EligibilityId(self.id),
            name: self.name,
            department: self.department_name.unwrap_or_default(),
            keys: names(&self.keys)?,
            columns: names(&self.columns)?,
            count: self.count,
            updated_at: Timestamp(self.updated_at),
            refused: 0,
            forms: Vec::new(),
            may_write: ctx.allow_on(Permission::FormWrite, owner).is_ok(),
        })
    }
}

/// Adds to lists how often they refused somebody, and which forms ask them.
async fn beside(ctx: &Context, lists: &mut [List]) -> Result<()> {
    #[derive(FromQueryResult)]
    struct Form {
        id: i64,
        name: String,
        settings: String,
        published: Option<String>,
    }
    let db = ctx.store.read();
    // As they are edited, and as residents meet them.
    let sql = "SELECT f.id, f.name, f.settings, v.settings AS published FROM form f LEFT JOIN form_version v ON v.form_id = f.id AND v.number = f.published
        WHERE (f.settings LIKE '%\"eligibility\"%' OR v.settings LIKE '%\"eligibility\"%') AND f.state <> 'archived' ORDER BY f.name, f.id";
    let forms: Vec<Form> = rows(db, sql, values![]).await?;
    let since = ctx.now().plus(-REFUSED_WITHIN).0;
    let sql = "SELECT COUNT(*) AS n FROM ledger WHERE object = $1 AND act = 'eligibility.failed' AND at > $2";
    for list in lists {
        list.refused = number(db, sql, values![format!("eligibility:{}", list.id), since]).await?;
        for form in &forms {
            let mut asks = false;
            for json in std::iter::once(&form.settings).chain(&form.published) {
                let gate = crate::form::settings(json)?.eligibility;
                asks |= gate.is_some_and(|gate| gate.list == list.id);
            }
            if asks {
                list.forms.push((FormId(form.id), form.name.clone()));
            }
        }
    }
    Ok(())
}

/// The lists of the actor's department.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn list(ctx: &Context) -> Result<Vec<List>> {
    let reach = reach(ctx, Permission::FormRead, "e.department_id")?;
    let sql = format!("{SELECT} WHERE {reach} ORDER BY e.name, e.id LIMIT 500");
    let found: Vec<Kept> = rows(ctx.store.read(), &sql, values![]).await?;
    let mut lists = found.into_iter().map(|k| k.read(ctx)).collect::<Result<Vec<List>>>()?;
    beside(ctx, &mut lists).await?;
    Ok(lists)
}

fn words(names: &[String]) -> Result<String> {
    serde_json::to_string(names).map_err(|_| Error::Inconsistent("eligibility.columns"))
}

/// What somebody must know, as one value: the list's columns in order, folded.
fn hash(ctx: &Context, list: EligibilityId, known: &[&str]) -> Vec<u8> {
    let folded: Vec<String> = known.iter().map(|text| fold(text)).collect();
    let value = format!("{list}\u{1f}{}", folded.join("\u{1f}"));
    ctx.store.keys().hash("eligibility", value.as_bytes())
}

/// Keeps a list for the actor's department, or puts other rows in the place of those of `id`.
/// `keys` are the columns that somebody must know.
///
/// # Errors
/// `Invalid`, `NotFound`, `Forbidden`.
pub async fn keep(
    ctx: &Context,
    id: Option<EligibilityId>,
    name: &str,
    keys: &[String],
    columns: &[String],
    content: &[Row],
) -> Result<EligibilityId> {
    let (department, staff) = match &ctx.actor {
        Actor::Staff { id, department, .. } => (Some(department.0), Some(id.0)),
        _ => (None, None),
    };
    ctx.allow_on(Permission::FormWrite, crate::form::owner(department))?;
    if let Some(problem) = name_problem(name) {
        return Err(Error::Invalid(vec![problem]));
    }
    if keys.is_empty() || keys.iter().any(|k| !columns.contains(k)) {
        return Err(Error::invalid("keys", "確かめに使う列を選んでください"));
    }
    if content.is_empty() || content.len() > ROWS_MAX {
        let most = domain::time::thousands(ROWS_MAX as i64);
        return Err(Error::invalid("file", format!("名簿は、1〜{most}行にしてください")));
    }
    // Empty: there is none.
    let by = import::number(keys, content).map_or("", String::as_str);
    let tx = ctx.store.begin().await?;
    let now = ctx.now().0;
    let (id, act) = match id {
        Some(id) => {
            let reach = reach(ctx, Permission::FormWrite, "department_id")?;
            let sql = format!(
                "UPDATE eligibility SET name = $1, keys = $2, columns = $3, number = $4, count = $5, generation = generation + 1, updated_at = $6 WHERE id = $7 AND {reach}"
            );
            let values = values![
                name.trim(),
                words(keys)?,
                words(columns)?,
                by,
                content.len() as i64,
                now,
                id.0
            ];
            if exec(&tx, &sql, values).await? == 0 {
                return Err(Error::NotFound);
            }
            exec(&tx, "DELETE FROM eligibility_row WHERE list_id = $1", values![id.0]).await?;
            (id, "eligibility.update")
        }
        None => {
            let sql = "INSERT INTO eligibility (name, department_id, keys, columns, number, count, generation, created_by, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8, $8) RETURNING id AS n";
            let values = values![
                name.trim(),
                department,
                words(keys)?,
                words(columns)?,
                by,
                content.len() as i64,
                staff,
                now
            ];
            (EligibilityId(number(&tx, sql, values).await?), "eligibility.create")
        }
    };
    let sql = "SELECT generation AS n FROM eligibility WHERE id = $1";
    let generation = number(&tx, sql, values![id.0]).await?;
    write(ctx, &tx, id, generation, keys, content).await?;
    let line = Line::ok(act, format!("eligibility:{id}")).count(content.len() as i64);
    ledger::append(ctx, &tx, line).await?;
    tx.commit().await?;
    Ok(id)
}

async fn write<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    id: EligibilityId,
    generation: i64,
    keys: &[String],
    content: &[Row],
) -> Result<()> {
    for piece in doubling(content, WRITTEN) {
        let mut values = Vec::with_capacity(piece.len() * 5);
        for row in piece {
            let known: Vec<&str> =
                keys.iter().map(|k| row.get(k).map_or("", String::as_str)).collect();
            let token = ctx.uuid();
            let json =
                serde_json::to_vec(row).map_err(|_| Error::Inconsistent("eligibility_row.body"))?;
            let body = ctx.store.keys().seal(ctx, "eligibility_row.body", token.as_bytes(), &json);
            values.extend(values![id.0, generation, hash(ctx, id, &known), token, body]);
        }
        let sql = format!(
            "INSERT INTO eligibility_row (list_id, generation, hash, token, body) VALUES {}",
            tuples(piece.len(), 5)
        );
        exec(db, &sql, values).await.map_err(|error| {
            if error.is_unique_violation() {
                let twice = "確かめに使う列の組み合わせが同じ人が、2人以上います。見分けられる列を足してください";
                Error::invalid("keys", twice)
            } else {
                error
            }
        })?;
    }
    Ok(())
}

/// Deletes a list. Forms that ask it let nobody in any more.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` while a form that is published asks it.
pub async fn delete(ctx: &Context, id: EligibilityId) -> Result<()> {
    let reach = reach(ctx, Permission::FormWrite, "department_id")?;
    let tx = ctx.store.begin().await?;
    let sql = format!(
        "SELECT COUNT(*) AS n FROM form f JOIN form_version v ON v.form_id = f.id AND v.number = f.published WHERE f.state = 'published' AND {} LIKE $1",
        crate::form::IN_FORCE
    );
    let used = format!("%\"list\":{id},%");
    if number(&tx, &sql, values![used]).await? > 0 {
        return Err(Error::Conflict(
            "公開中のフォームで使っています。受付を終わらせるか、「答えられる人」を変えて公開してから、消してください"
                .into(),
        ));
    }
    let sql = format!("SELECT COUNT(*) AS n FROM eligibility WHERE id = $1 AND {reach}");
    if number(&tx, &sql, values![id.0]).await? == 0 {
        return Err(Error::NotFound);
    }
    exec(&tx, "DELETE FROM eligibility_row WHERE list_id = $1", values![id.0]).await?;
    exec(&tx, "DELETE FROM eligibility WHERE id = $1", values![id.0]).await?;
    ledger::append(ctx, &tx, Line::ok("eligibility.delete", format!("eligibility:{id}"))).await?;
    Ok(tx.commit().await?)
}

/// What is asked of whoever opens a form with this list: the names of its columns, in order.
///
/// # Errors
/// `NotFound`; if the database is away.
pub async fn asked(ctx: &Context, id: EligibilityId) -> Result<Vec<String>> {
    Ok(kept(ctx, id).await?.read(ctx)?.keys)
}

async fn kept(ctx: &Context, id: EligibilityId) -> Result<Kept> {
    let sql = format!("{SELECT} WHERE e.id = $1");
    one(ctx.store.read(), &sql, values![id.0]).await?.ok_or(Error::NotFound)
}

/// Somebody on a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Names them in `answer.eligible_hash`; the same as long as what is asked stays.
    pub hash: Vec<u8>,
    /// Their row.
    pub row: Row,
}

/// Who tries to be found on a list: by them wrong tries are counted.
#[derive(Clone, Copy, Debug)]
pub enum Trier<'a> {
    /// A resident.
    Resident(ResidentId),
    /// Whoever has this address.
    Address(&'a str),
}

impl Trier<'_> {
    /// How many wrong tries stop them.
    fn tries(self) -> u32 {
        match self {
            Self::Resident(_) => TRIES,
            Self::Address(_) => ADDRESS_TRIES,
        }
    }
}

impl fmt::Display for Trier<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resident(id) => write!(f, "resident:{id}"),
            Self::Address(address) => write!(f, "address:{address}"),
        }
    }
}

/// Whether somebody is on a list who says that of themselves; nothing if not.
///
/// # Errors
/// `Conflict` while too many tries were wrong; if the database is away.
pub async fn check(
    ctx: &Context,
    id: EligibilityId,
    said: &BTreeMap<String, String>,
    who: Trier<'_>,
) -> Result<Option<Found>> {
    let mut kept = kept(ctx, id).await?;
    let number = kept.number.take();
    let keys = kept.read(ctx)?.keys;
    let known: Vec<&str> = keys.iter().map(|k| said.get(k).map_or("", String::as_str)).collect();
    if known.iter().any(|text| fold(text).is_empty()) {
        return Ok(None);
    }
    // Counted by whoever tries, and by the number that is tried: neither many numbers from one
    // place nor many birthdays for one number come far. A former release took the first column.
    let number = number.map_or(Some(0), |column| keys.iter().position(|key| *key == column));
    let tries = [
        (format!("eligibility:{id}:who:{who}"), who.tries()),
        (format!("eligibility:{id}:is:{}", naming(&known, number)), TRIES),
    ];
    let now = ctx.now();
    let tx = ctx.store.begin().await?;
    for (key, _) in &tries {
        if let Some(minutes) = tried(ctx, &tx, key).await?.locked_minutes(now) {
            return Err(Error::Conflict(format!(
                "まちがいが続いたため、確かめを止めています。{minutes}分ほどたってから、もう一度ためしてください"
            )));
        }
    }
    let hash = hash(ctx, id, &known);
    let Some(sealed) = sealed(&tx, id, &hash).await? else {
        for (key, many) in &tries {
            fail(ctx, &tx, key, *many).await?;
        }
        let line = Line {
            act: "eligibility.failed",
            object: format!("eligibility:{id}"),
            result: "refused",
            count: None,
        };
        ledger::append(ctx, &tx, line).await?;
        tx.commit().await?;
        return Ok(None);
    };
    // The number is free again. Whoever tries is not: one right row among wrong ones would let
    // them go through all numbers.
    let number = key_hash(ctx, &tries[1].0);
    exec(&tx, "DELETE FROM sign_in_try WHERE key_hash = $1", values![number]).await?;
    let json = ctx.store.keys().open_sealed(
        "eligibility_row.body",
        sealed.token.as_bytes(),
        &sealed.body,
    )?;
    tx.commit().await?;
    let row =
        serde_json::from_slice(&json).map_err(|_| Error::Inconsistent("eligibility_row.body"))?;
    Ok(Some(Found { hash, row }))
}

#[derive(FromQueryResult)]
struct Sealed {
    token: String,
    body: Vec<u8>,
}

/// The row of somebody on a list.
async fn sealed<C: ConnectionTrait>(
    db: &C,
    id: EligibilityId,
    hash: &[u8],
) -> Result<Option<Sealed>> {
    let sql = "SELECT r.token, r.body FROM eligibility_row r JOIN eligibility e ON e.id = r.list_id AND e.generation = r.generation WHERE r.list_id = $1 AND r.hash = $2";
    one(db, sql, values![id.0, hash.to_vec()]).await
}

/// Who of these is (still) on their list: its rows may have been replaced since they were found.
pub(crate) async fn holding<C: ConnectionTrait>(
    db: &C,
    asked: &[(EligibilityId, &[u8])],
) -> Result<HashSet<(EligibilityId, Vec<u8>)>> {
    #[derive(FromQueryResult)]
    struct Listed {
        list_id: i64,
        hash: Vec<u8>,
    }
    let mut found = HashSet::with_capacity(asked.len());
    for piece in doubling(asked, WRITTEN) {
        // Each is looked for by itself, in this order: SQLite would rather read a whole list.
        let sql = format!(
            "SELECT r.list_id, r.hash FROM (VALUES {}) AS k CROSS JOIN eligibility e JOIN eligibility_row r ON r.list_id = e.id AND r.generation = e.generation WHERE e.id = k.column1 AND r.hash = k.column2",
            tuples(piece.len(), 2)
        );
        let values = piece.iter().flat_map(|(id, hash)| values![id.0, hash.to_vec()]).collect();
        let listed: Vec<Listed> = rows(db, &sql, values).await?;
        found.extend(listed.into_iter().map(|r| (EligibilityId(r.list_id), r.hash)));
    }
    Ok(found)
}

/// How long somebody who was found may take to answer, in microseconds.
const TICKET: i64 = 12 * HOUR;

/// What the page of somebody who was found carries: sealed, for this form only.
pub fn ticket(ctx: &Context, form: FormId, hash: &[u8]) -> String {
    let until = ctx.now().plus(TICKET).0.to_be_bytes();
    let plain = [&until[..], hash].concat();
    let row = form.to_string();
    hex::encode(ctx.store.keys().seal(ctx, "form.ticket", row.as_bytes(), &plain))
}

/// Whom a page's ticket names; nothing if it is another form's, or too old.
pub fn open_ticket(ctx: &Context, form: FormId, text: &str) -> Option<Vec<u8>> {
    let (until, hash) = ticket_of(ctx, form, text)?;
    (until > ctx.now().0).then_some(hash)
}

/// Whether a ticket names them, however old it is.
pub fn is_ticket_of(ctx: &Context, form: FormId, text: &str, hash: &[u8]) -> bool {
    ticket_of(ctx, form, text).is_some_and(|(_, named)| named == hash)
}

/// Whom a ticket names, however old it is, by a word that tells the people of this form's list
/// apart and leads to nobody: for a telephone, which keeps what is written for one of them.
pub fn person_of(ctx: &Context, form: FormId, text: &str) -> Option<String> {
    let (_, named) = ticket_of(ctx, form, text)?;
    let value = [form.to_string().as_bytes(), &named[..]].concat();
    Some(hex::encode(ctx.store.keys().hash("form.person", &value)))
}

/// Until when a ticket counts, and whom it names.
fn ticket_of(ctx: &Context, form: FormId, text: &str) -> Option<(i64, Vec<u8>)> {
    let sealed = hex::decode(text).ok()?;
    let row = form.to_string();
    let plain = ctx.store.keys().open_sealed("form.ticket", row.as_bytes(), &sealed).ok()?;
    let (until, hash) = plain.split_first_chunk::<8>()?;
    Some((i64::from_be_bytes(*until), hash.to_vec()))
}

/// Whom a page's ticket names, if they are (still) on the form's list.
///
/// # Errors
/// If the database is away.
pub async fn admitted(
    ctx: &Context,
    form: FormId,
    list: EligibilityId,
    ticket: &str,
) -> Result<Option<Vec<u8>>> {
    let Some(hash) = open_ticket(ctx, form, ticket) else { return Ok(None) };
    let found = holding(ctx.store.read(), &[(list, hash.as_slice())]).await?;
    Ok((!found.is_empty()).then_some(hash))
}

fn key_hash(ctx: &Context, key: &str) -> Vec<u8> {
    ctx.store.keys().hash("sign_in_try", key.as_bytes())
}

#[derive(FromQueryResult)]
struct Try {
    failed: i64,
    locked_until: Option<i64>,
}

/// The tries so far; the row is made and locked, so that tries at the same time count one by
/// one. A day after the first wrong one they begin anew: from a busy address they would add up
/// for ever.
async fn tried<C: ConnectionTrait>(ctx: &Context, db: &C, key: &str) -> Result<Throttle> {
    let sql = "INSERT INTO sign_in_try (key_hash, failed, at) VALUES ($1, 0, $2)
        ON CONFLICT (key_hash) DO UPDATE SET
            at = CASE WHEN sign_in_try.failed = 0 OR sign_in_try.at < $3 THEN excluded.at ELSE sign_in_try.at END,
            failed = CASE WHEN sign_in_try.at < $3 THEN 0 ELSE sign_in_try.failed END
        RETURNING failed, locked_until";
    let now = ctx.now().0;
    let row: Option<Try> =
        one(db, sql, values![key_hash(ctx, key), now, now - TRIED_WITHIN]).await?;
    Ok(row.map_or(Throttle { failed: 0, locked_until: None }, |r| Throttle {
        failed: u32::try_from(r.failed).unwrap_or(u32::MAX),
        locked_until: r.locked_until.map(Timestamp),
    }))
}

async fn fail<C: ConnectionTrait>(ctx: &Context, db: &C, key: &str, many: u32) -> Result<()> {
    let after = tried(ctx, db, key).await?.after_failure(many, ctx.now());
    let sql = "UPDATE sign_in_try SET failed = $1, locked_until = $2 WHERE key_hash = $3";
    let locked = after.locked_until.map(|t| t.0);
    exec(db, sql, values![i64::from(after.failed), locked, key_hash(ctx, key)]).await?;
    Ok(())
}
