//! Mails to staff: a queue of its own, leased and settled like calls (ADM-10). At least
//! once: a mail whose answer was lost goes again under the same `Message-ID`, by which the
//! receiving side knows it. Never anything of a resident stands in one.

use crate::db::{doubling, exec, number, rows, tuples};
use crate::ledger::{self, Line};
use crate::{Context, Result, values};
use domain::id::{AlertId, MailId, StaffId};
use domain::time::{DAY, HOUR, MINUTE, SECOND, Timestamp};
use sea_orm::{ConnectionTrait, FromQueryResult};

/// How long a worker holds a mail; longer than handing one over may take.
const LEASE: i64 = 2 * MINUTE;
/// What could not be handed over for so long is of no use any more.
const LIFE: i64 = DAY;
/// Mails are kept for so long after they ended.
const KEPT: i64 = 30 * DAY;
/// Mails queued by one statement.
const QUEUED: usize = 64;

const OPEN: i64 = 0;
const SENT: i64 = 1;
const GIVEN_UP: i64 = 2;

/// A mail for the queue.
#[derive(Clone, Copy, Debug)]
pub struct New<'a> {
    /// Of which alert; nothing for a trial.
    pub alert: Option<AlertId>,
    /// To whom.
    pub staff: StaffId,
    /// Where.
    pub address: &'a str,
    /// Subject, in plain text.
    pub subject: &'a str,
    /// Plain text.
    pub body: &'a str,
}

/// A leased mail.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Id.
    pub id: MailId,
    /// The left part of its `Message-ID`; stays the same however often it is tried.
    pub message_id: String,
    /// Where.
    pub address: String,
    /// Subject.
    pub subject: String,
    /// Plain text.
    pub body: String,
    /// Attempts, this one included.
    pub attempts: i64,
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The relay took it.
    Sent,
    /// The relay will never take it, and why.
    Refused(String),
    /// Not this time, and why.
    Later(String),
}

/// Puts a mail into the queue, in the caller's transaction.
pub(crate) async fn queue<C: ConnectionTrait>(ctx: &Context, db: &C, new: New<'_>) -> Result<()> {
    queue_all(db, &[(ctx, new)]).await
}

/// Several at once, each by its own context.
pub(crate) async fn queue_all<C: ConnectionTrait>(
    db: &C,
    mails: &[(&Context, New<'_>)],
) -> Result<()> {
    for piece in doubling(mails, QUEUED) {
        let mut values = Vec::with_capacity(piece.len() * 8);
        for (ctx, new) in piece {
            let now = ctx.now().0;
            values.extend(values![
                ctx.uuid(),
                new.alert.map(|a| a.0),
                new.staff.0,
                new.address,
                new.subject,
                new.body,
                now,
                now
            ]);
        }
        let sql = format!(
            "INSERT INTO mail (message_id, alert_id, staff_id, address, subject, body, next_at, created_at, state, attempts) VALUES {}",
            tuples(piece.len(), 8).replace(')', &format!(",{OPEN},0)"))
        );
        exec(db, &sql, values).await?;
    }
    Ok(())
}

/// The same in a transaction of its own: a trial to the own address.
///
/// # Errors
/// If the database is away.
pub async fn send(ctx: &Context, new: New<'_>) -> Result<()> {
    let tx = ctx.store.begin().await?;
    queue(ctx, &tx, new).await?;
    Ok(tx.commit().await?)
}

/// Leases up to `limit` mails that are due to `owner`, the oldest first.
///
/// # Errors
/// If the database is away.
pub async fn claim(ctx: &Context, owner: &str, limit: i64) -> Result<Vec<Mail>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        message_id: String,
        address: String,
        subject: String,
        body: String,
        attempts: i64,
    }
    let now = ctx.now();
    let tx = ctx.store.begin().await?;
    let lock = ctx.store.skip_locked();
    let sql = format!(
        "UPDATE mail SET attempts = attempts + 1, owner = $1, next_at = $2 WHERE id IN (
            SELECT id FROM mail WHERE state = 0 AND next_at <= $3 ORDER BY next_at, id LIMIT $4 {lock})
         RETURNING id, message_id, address, subject, body, attempts"
    );
    let mut found: Vec<Row> =
        rows(&tx, &sql, values![owner, now.plus(LEASE).0, now.0, limit]).await?;
    tx.commit().await?;
    found.sort_by_key(|r| r.id);
    Ok(found
        .into_iter()
        .map(|r| Mail {
            id: MailId(r.id),
            message_id: r.message_id,
            address: r.address,
            subject: r.subject,
            body: r.body,
            attempts: r.attempts,
        })
        .collect())
}

/// When a mail is tried again after so many attempts: 15 s, 30 s, … half an hour.
fn again(now: Timestamp, attempts: i64) -> Timestamp {
    let wait = (15 * SECOND) << attempts.clamp(1, 12).saturating_sub(1);
    now.plus(wait.min(HOUR / 2))
}

/// Settles an attempt. One that was leased again meanwhile is passed over.
///
/// # Errors
/// If the database is away; then the lease ends and it is tried again.
pub async fn settle(ctx: &Context, owner: &str, mail: &Mail, outcome: &Outcome) -> Result<()> {
    let now = ctx.now();
    let tx = ctx.store.begin().await?;
    let (state, error) = match outcome {
        Outcome::Sent => (SENT, None),
        Outcome::Refused(error) => (GIVEN_UP, Some(error.as_str())),
        Outcome::Later(error) => (OPEN, Some(error.as_str())),
    };
    let sql = "UPDATE mail SET owner = NULL, error = $1, next_at = $2,
            state = CASE WHEN $3 = 0 AND created_at < $4 THEN 2 ELSE $3 END,
            ended_at = CASE WHEN $3 <> 0 OR created_at < $4 THEN $5 ELSE NULL END
        WHERE id = $6 AND state = 0 AND owner = $7 AND attempts = $8 RETURNING state AS n";
    let values = values![
        error,
        again(now, mail.attempts).0,
        state,
        now.plus(-LIFE).0,
        now.0,
        mail.id.0,
        owner,
        mail.attempts
    ];
    #[derive(FromQueryResult)]
    struct State {
        n: i16,
    }
    let after: Vec<State> = rows(&tx, sql, values).await?;
    let act = match after.first().map(|s| i64::from(s.n)) {
        Some(SENT) => "mail.sent",
        Some(GIVEN_UP) => "mail.failed",
        _ => "",
    };
    if !act.is_empty() {
        ledger::append(ctx, &tx, Line::ok(act, format!("mail:{}", mail.id))).await?;
    }
    Ok(tx.commit().await?)
}

/// How many mails wait, and how many were given up within a day.
///
/// # Errors
/// If the database is away.
pub async fn backlog(ctx: &Context) -> Result<(i64, i64)> {
    let db = ctx.store.read();
    let waiting = number(db, "SELECT COUNT(*) AS n FROM mail WHERE state = 0", vec![]).await?;
    let sql = "SELECT COUNT(*) AS n FROM mail WHERE state = 2 AND ended_at > $1";
    Ok((waiting, number(db, sql, values![ctx.now().plus(-DAY).0]).await?))
}

/// Deletes mails that ended more than 30 days ago, and those that nobody has tried to hand
/// over for a day, since there is no relay; the record of alerts stays.
///
/// # Errors
/// If the database is away.
pub async fn forget(ctx: &Context) -> Result<u64> {
    let (now, tx) = (ctx.now(), ctx.store.begin().await?);
    let sql = "DELETE FROM mail WHERE ended_at < $1 OR attempts = 0 AND created_at < $2";
    let deleted = exec(&tx, sql, values![now.plus(-KEPT).0, now.plus(-LIFE).0]).await?;
    tx.commit().await?;
    Ok(deleted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_waits_grow_to_half_an_hour() {
        let wait = |attempts| again(Timestamp(0), attempts).0;
        assert_eq!(wait(1), 15 * SECOND);
        assert_eq!(wait(2), 30 * SECOND);
        for attempts in 1..100 {
            assert!(wait(attempts) <= wait(attempts + 1) && wait(attempts) <= HOUR / 2);
        }
        assert_eq!(wait(100), HOUR / 2);
    }
}
