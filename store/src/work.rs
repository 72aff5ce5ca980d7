//! Duties that one server does for all, and the re-encryption after a key rotation.

use crate::db::{exec, number, one, rows};
use crate::resident::user_hash;
use crate::{Context, Result, values};
use domain::id::ResidentId;
use domain::time::{MINUTE, Timestamp};
use sea_orm::{ConnectionTrait, FromQueryResult};

/// What lies further ahead than any time that is written, in microseconds, is of a clock that has
/// gone back since; servers' clocks differ by less.
const AHEAD: i64 = MINUTE;

/// Takes a duty that was last done before `due`, for `lease` microseconds, the same for whoever
/// takes it. Answers false if another server has it, or it is not due.
///
/// # Errors
/// If the database is away.
pub async fn take(
    ctx: &Context,
    name: &str,
    owner: &str,
    due: Timestamp,
    lease: i64,
) -> Result<bool> {
    let now = ctx.now();
    let tx = ctx.store.begin().await?;
    exec(
        &tx,
        "INSERT INTO duty (name, owner, until) VALUES ($1, '', 0) ON CONFLICT DO NOTHING",
        values![name],
    )
    .await?;
    let sql =
        "UPDATE duty SET owner = $1, until = $2 WHERE name = $3 AND (until < $4 OR until > $6)
        AND (done_at IS NULL OR done_at < $5 OR done_at > $7)";
    let until = now.plus(lease);
    let (longest, latest) = (until.plus(AHEAD).0, now.plus(AHEAD).0);
    let values = values![owner, until.0, name, now.0, due.0, longest, latest];
    let taken = exec(&tx, sql, values).await? == 1;
    tx.commit().await?;
    Ok(taken)
}

/// Takes a duty, or keeps it, for `lease` microseconds: for what one server goes on doing.
/// Answers false while another server has it.
///
/// # Errors
/// If the database is away.
pub async fn hold(ctx: &Context, name: &str, owner: &str, lease: i64) -> Result<bool> {
    let now = ctx.now();
    let tx = ctx.store.begin().await?;
    exec(
        &tx,
        "INSERT INTO duty (name, owner, until) VALUES ($1, '', 0) ON CONFLICT DO NOTHING",
        values![name],
    )
    .await?;
    // A lease from the future, of a clock that jumped, does not count.
    let sql = "UPDATE duty SET owner = $1, until = $2 WHERE name = $3 AND (owner = $1 OR until < $4 OR until > $5)";
    let until = now.plus(lease);
    let values = values![owner, until.0, name, now.0, until.plus(AHEAD).0];
    let held = exec(&tx, sql, values).await? == 1;
    tx.commit().await?;
    Ok(held)
}

/// The duty is done.
///
/// # Errors
/// If the database is away.
pub async fn done(ctx: &Context, name: &str) -> Result<()> {
    let tx = ctx.store.begin().await?;
    let sql = "UPDATE duty SET until = 0, done_at = $1, failures = 0, failing_since = NULL WHERE name = $2";
    exec(&tx, sql, values![ctx.now().0, name]).await?;
    Ok(tx.commit().await?)
}

/// The duty failed: nobody takes it again before `again`. How often it did so in a row, and
/// since when, is told (`store::alert`).
///
/// # Errors
/// If the database is away.
pub async fn failed(ctx: &Context, name: &str, again: Timestamp) -> Result<()> {
    let tx = ctx.store.begin().await?;
    let sql = "UPDATE duty SET until = $1, failures = failures + 1, failing_since = COALESCE(failing_since, $2) WHERE name = $3";
    exec(&tx, sql, values![again.0, ctx.now().0, name]).await?;
    Ok(tx.commit().await?)
}

/// Gives a duty back undone, so that it can be taken again at once.
///
/// # Errors
/// If the database is away.
pub async fn give_back(ctx: &Context, name: &str) -> Result<()> {
    let tx = ctx.store.begin().await?;
    exec(&tx, "UPDATE duty SET until = 0 WHERE name = $1", values![name]).await?;
    Ok(tx.commit().await?)
}

/// When a duty was last done.
///
/// # Errors
/// If the database is away.
pub async fn last(ctx: &Context, name: &str) -> Result<Option<Timestamp>> {
    #[derive(FromQueryResult)]
    struct Row {
        done_at: Option<i64>,
    }
    let row: Option<Row> =
        one(ctx.store.read(), "SELECT done_at FROM duty WHERE name = $1", values![name]).await?;
    Ok(row.and_then(|r| r.done_at).map(Timestamp))
}

/// Whether a duty was not done since a time, or has failed since it was.
///
/// # Errors
/// If the database is away.
pub async fn is_due(ctx: &Context, name: &str, since: Timestamp) -> Result<bool> {
    let sql = "SELECT COUNT(*) AS n FROM duty WHERE name = $1 AND done_at >= $2 AND failing_since IS NULL";
    Ok(number(ctx.store.read(), sql, values![name, since.0]).await? == 0)
}

/// The encrypted columns: table, column, and the SQL that gives the row's binding.
/// `docs/architecture.md` lists the same.
const SEALED: &[(&str, &str, &str)] = &[
    ("resident", "line_id", "line_hash"),
    ("resident", "tester_name", "id"),
    ("history", "detail", "id"),
    ("inbox", "body", "event_id"),
    ("call", "ids", "retry_key"),
    ("call", "messages", "retry_key"),
    ("call", "variables", "retry_key"),
    ("answer", "answers", "token"),
    ("answer", "staff", "token"),
    ("answer_history", "detail", "id"),
    ("answer_draft", "body", "token"),
    ("answer_file", "name", "token"),
    ("answer_file", "position", "token"),
    ("eligibility_row", "body", "token"),
];

#[derive(FromQueryResult)]
struct Sealed {
    id: i64,
    value: Vec<u8>,
    text: Option<String>,
    bytes: Option<Vec<u8>>,
}

/// Re-encrypts up to 500 values of each column that were sealed with an older key.
/// Answers how many; 0 means that the old keys may be deleted.
///
/// # Errors
/// If the database is away, or a value cannot be opened.
pub async fn rotate(ctx: &Context) -> Result<u64> {
    let current = ctx.store.keys().current();
    let prefix = current.to_be_bytes().to_vec();
    let mut count = 0;
    for (table, column, binding) in SEALED {
        let (text, bytes) = match *binding {
            "line_hash" => ("CAST(NULL AS TEXT)".to_owned(), "line_hash"),
            "id" if *table == "history" => {
                ("CAST(resident_id AS TEXT) || '@' || CAST(at AS TEXT)".to_owned(), NULL_BYTES)
            }
            "id" if *table == "answer_history" => {
                ("CAST(answer_id AS TEXT) || '@' || CAST(at AS TEXT)".to_owned(), NULL_BYTES)
            }
            other => (format!("CAST({other} AS TEXT)"), NULL_BYTES),
        };
        let null = if ctx.store.is_sqlite() { "BLOB" } else { "BYTEA" };
        let sql = format!(
            "SELECT id, {column} AS value, {text} AS text, {} AS bytes FROM {table} WHERE {column} IS NOT NULL AND length({column}) > 0 AND substr({column}, 1, 2) <> $1 LIMIT 500",
            bytes.replace("{type}", null)
        );
        let name = name(table, column);
        let tx = ctx.store.begin().await?;
        for s in rows::<Sealed, _>(&tx, &sql, values![prefix.clone()]).await? {
            let row = s.bytes.or_else(|| s.text.map(String::into_bytes)).unwrap_or_default();
            reseal(ctx, &tx, table, column, name, s.id, &row, &s.value).await?;
            count += 1;
        }
        tx.commit().await?;
    }
    Ok(count + crate::blob::rotate(ctx).await?)
}

const NULL_BYTES: &str = "CAST(NULL AS {type})";

async fn reseal<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    table: &str,
    column: &str,
    name: &'static str,
    id: i64,
    row: &[u8],
    value: &[u8],
) -> Result<()> {
    let plain = ctx.store.keys().open_sealed(name, row, value)?;
    let sealed = ctx.store.keys().seal(ctx, name, row, &plain);
    exec(
        db,
        &format!("UPDATE {table} SET {column} = $1 WHERE id = $2 AND {column} = $3"),
        values![sealed, id, value.to_vec()],
    )
    .await?;
    Ok(())
}

fn name(table: &str, column: &str) -> &'static str {
    match (table, column) {
        ("resident", "line_id") => "resident.line_id",
        ("resident", _) => "resident.tester_name",
        ("history", _) => "history.detail",
        ("inbox", _) => "inbox.body",
        ("call", "ids") => "call.ids",
        ("call", "variables") => "call.variables",
        ("answer", "answers") => "answer.answers",
        ("answer", _) => "answer.staff",
        ("answer_history", _) => "answer_history.detail",
        ("answer_draft", _) => "answer_draft.body",
        ("answer_file", "name") => "answer_file.name",
        ("answer_file", _) => "answer_file.position",
        ("eligibility_row", _) => "eligibility_row.body",
        _ => "call.messages",
    }
}

/// Deletes the registration of residents who are no friends and gave no sign for
/// [`domain::resident::KEPT_AFTER_UNFOLLOW`]: who neither left, nor opened a page for the
/// first time, nor registered since then. The bare number stays for the certificates.
///
/// # Errors
/// If the database is away.
pub async fn erase_left(ctx: &Context) -> Result<u64> {
    #[derive(FromQueryResult)]
    struct Id {
        id: i64,
    }
    let now = ctx.now();
    let before = now.0 - domain::resident::KEPT_AFTER_UNFOLLOW;
    let tx = ctx.store.begin().await?;
    let lock = if ctx.store.is_sqlite() { "" } else { "FOR UPDATE" };
    // Whoever has a page of ours open just now is not erased under their hands.
    let sql = format!(
        "SELECT id FROM resident WHERE NOT friend AND erased_at IS NULL
         AND friend_at < $1 AND created_at < $1 AND COALESCE(registered_at, 0) < $1
         AND NOT EXISTS (SELECT 1 FROM resident_session s WHERE s.resident_id = resident.id AND s.expires_at > $2)
         LIMIT 500 {lock}"
    );
    let gone: Vec<Id> = rows(&tx, &sql, values![before, now.0]).await?;
    for Id { id } in &gone {
        for sql in [
            "DELETE FROM fact WHERE resident_id = $1",
            "DELETE FROM fact_value WHERE resident_id = $1",
            "DELETE FROM history WHERE resident_id = $1",
            "DELETE FROM replied WHERE resident_id = $1",
            "DELETE FROM resident_session WHERE resident_id = $1",
            "DELETE FROM menu_standing WHERE resident_id = $1",
            "DELETE FROM menu_tab WHERE resident_id = $1",
            "DELETE FROM menu_heard WHERE resident_id = $1",
            "DELETE FROM answer_draft WHERE resident_id = $1",
        ] {
            exec(&tx, sql, values![*id]).await?;
        }
        // The LINE id is replaced by noise, so that nobody can be found by it any more.
        let noise = ctx.random::<16>();
        let hash = user_hash(ctx.store.keys(), &noise);
        let line = ctx.store.keys().seal(ctx, "resident.line_id", &hash, &noise);
        let sql = "UPDATE resident SET line_hash = $1, line_id = $2, friend_at = 0, registered_at = NULL, first_registered_at = NULL, language = NULL, line_language = NULL, profile_at = 0, reception = 'all', paused_until = NULL, tester = FALSE, tester_name = NULL, changed_at = $3, erased_at = $3 WHERE id = $4";
        exec(&tx, sql, values![hash, line, now.0, *id]).await?;
        crate::ledger::append(
            ctx,
            &tx,
            crate::ledger::Line::ok("resident.erase", format!("resident:{}", ResidentId(*id))),
        )
        .await?;
    }
    tx.commit().await?;
    Ok(gone.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resident::history_row;

    #[test]
    fn history_rows_are_bound_as_sql_says() {
        assert_eq!(history_row(ResidentId(12), Timestamp(34)), b"12@34");
    }
}
