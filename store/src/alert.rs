//! Alerts (知らせ): found by looking at deliveries and the mail queue, told once, and kept
//! with who saw them and when they ended (ADM-10).

mod contact;
mod record;

use crate::db::{exec, number, one, rows};
use crate::ledger::{self, Line};
use crate::{Context, Error, Result, mail, values};
use domain::alert::{Kind, MAIL_WAITS, STALLED_AFTER, failing, headline};
use domain::delivery::Figures;
use domain::id::{AlertId, DeliveryId};
use domain::permission::{Actor, Permission};
use domain::time::{DAY, Timestamp, thousands};
use sea_orm::{ConnectionTrait, FromQueryResult};

pub use contact::{contact, set_contact};
pub use record::{PER_PAGE, list, open, open_count};

/// What was found to be so.
struct Found {
    kind: Kind,
    delivery: Option<DeliveryId>,
    title: String,
    detail: String,
}

impl Found {
    fn subject(&self) -> String {
        self.delivery.map_or_else(|| "mail".into(), |d| format!("delivery:{d}"))
    }
}

/// Most alerts of a kind at a time: when everything stands still, a few say so.
const MOST: i64 = 50;

/// Looks at what goes on: begins alerts, puts their mails into the queue if there is a
/// relay (`link` leads to the console), and ends what is over. Answers how many began.
/// Again: what goes on is told once.
///
/// # Errors
/// If the database is away.
pub async fn watch(ctx: &Context, link: Option<&str>) -> Result<u64> {
    let now = ctx.now();
    let db = ctx.store.read();
    let mut found = held(db).await?;
    found.extend(stalled(db, now).await?);
    found.extend(failed(db, now).await?);
    found.extend(mails(db, now).await?);
    let going_on = "SELECT COUNT(*) AS n FROM alert WHERE ended_at IS NULL";
    if found.is_empty() && number(db, going_on, vec![]).await? == 0 {
        // The one writer of SQLite has better things to do.
        return Ok(0);
    }
    let tx = ctx.store.begin().await?;
    let mut began = 0;
    for f in &found {
        let sql = "INSERT INTO alert (kind, subject, delivery_id, title, detail, began_at) VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (kind, subject) WHERE ended_at IS NULL DO NOTHING RETURNING id AS n";
        let delivery = f.delivery.map(|d| d.0);
        let (title, detail) = (f.title.clone(), f.detail.clone());
        let values = values![f.kind.name(), f.subject(), delivery, title, detail, now.0];
        let id = AlertId(number(&tx, sql, values).await?);
        if id.0 == 0 {
            continue;
        }
        began += 1;
        ledger::append(ctx, &tx, Line::ok("alert.begin", f.subject())).await?;
        if let (Some(link), Some(delivery)) = (link, f.delivery) {
            tell(ctx, &tx, id, f, delivery, link).await?;
        }
    }
    end(ctx, &tx, &found).await?;
    tx.commit().await?;
    Ok(began)
}

/// Deliveries that wait for a person.
async fn held<C: ConnectionTrait>(db: &C) -> Result<Vec<Found>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        title: String,
        held_reason: Option<String>,
    }
    let sql = format!(
        "SELECT id, title, held_reason FROM delivery WHERE status = 'held' ORDER BY id LIMIT {MOST}"
    );
    let rows: Vec<Row> = rows(db, &sql, vec![]).await?;
    Ok(rows
        .into_iter()
        .map(|r| Found {
            kind: Kind::Held,
            delivery: Some(DeliveryId(r.id)),
            title: r.title,
            detail: r.held_reason.unwrap_or_default(),
        })
        .collect())
}

/// Deliveries that have something to send and of which nothing ended for a while, and those
/// whose time has come and that nobody has begun.
async fn stalled<C: ConnectionTrait>(db: &C, now: Timestamp) -> Result<Vec<Found>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        title: String,
        waiting: i64,
        last: Option<i64>,
    }
    let cut = now.plus(-STALLED_AFTER);
    let sql = format!(
        "SELECT d.id, d.title, d.recipients - d.accepted - d.failed - d.withheld AS waiting,
            COALESCE((SELECT MAX(c.ended_at) FROM call c WHERE c.delivery_id = d.id), d.frozen_at) AS last
         FROM delivery d WHERE d.status = 'sending' AND d.frozen_at < $1 AND d.updated_at < $1
         AND EXISTS (SELECT 1 FROM call c WHERE c.delivery_id = d.id AND c.state < 2)
         AND NOT EXISTS (SELECT 1 FROM call c WHERE c.delivery_id = d.id AND c.ended_at >= $1)
         ORDER BY d.id LIMIT {MOST}"
    );
    let sending: Vec<Row> = rows(db, &sql, values![cut.0]).await?;
    let sql = format!(
        "SELECT id, title, CAST(0 AS BIGINT) AS waiting, CAST(NULL AS BIGINT) AS last FROM delivery
         WHERE status = 'scheduled' AND send_at > 0 AND send_at < $1 AND updated_at < $1 ORDER BY id LIMIT {MOST}"
    );
    let waiting: Vec<Row> = rows(db, &sql, values![cut.0]).await?;
    Ok(sending
        .into_iter()
        .chain(waiting)
        .map(|r| Found {
            kind: Kind::Stalled,
            delivery: Some(DeliveryId(r.id)),
            title: r.title,
            detail: match r.last {
                Some(last) => format!(
                    "{}から、LINEが受け付けた分がありません。残りは{}人分です",
                    Timestamp(last).day_and_time(),
                    thousands(r.waiting)
                ),
                None => "届ける時刻がすぎましたが、まだ送り始めていません".into(),
            },
        })
        .collect())
}

/// Deliveries of the last two days that many did not get; each is told once.
async fn failed<C: ConnectionTrait>(db: &C, now: Timestamp) -> Result<Vec<Found>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        title: String,
        recipients: i64,
        failed: i64,
    }
    let sql = "SELECT d.id, d.title, d.recipients, d.failed FROM delivery d
        WHERE d.frozen_at > $1 AND d.failed > 0 AND d.failed * 100 >= d.recipients
        AND NOT EXISTS (SELECT 1 FROM alert a WHERE a.delivery_id = d.id AND a.kind = 'failing')
        ORDER BY d.id DESC LIMIT 200";
    let found: Vec<Row> = rows(db, sql, values![now.plus(-2 * DAY).0]).await?;
    Ok(found
        .into_iter()
        .filter(|r| {
            failing(&Figures { recipients: r.recipients, failed: r.failed, ..Figures::default() })
        })
        .map(|r| Found {
            kind: Kind::Failing,
            delivery: Some(DeliveryId(r.id)),
            title: r.title,
            detail: format!(
                "{}人のうち、いまのところ{}人に届いていません",
                thousands(r.recipients),
                thousands(r.failed)
            ),
        })
        .collect())
}

/// The mail queue itself, if its oldest mail waits for long.
async fn mails<C: ConnectionTrait>(db: &C, now: Timestamp) -> Result<Option<Found>> {
    let sql = "SELECT COUNT(*) AS n FROM mail WHERE state = 0 AND attempts > 0 AND created_at < $1";
    let waiting = number(db, sql, values![now.plus(-MAIL_WAITS).0]).await?;
    Ok((waiting > 0).then(|| Found {
        kind: Kind::Mail,
        delivery: None,
        title: String::new(),
        detail: format!("{}通が、10分より長く待っています", thousands(waiting)),
    }))
}

/// Ends what is over. Many failures do not undo themselves: that is over when the delivery
/// has ended and somebody has seen it.
async fn end<C: ConnectionTrait>(ctx: &Context, db: &C, found: &[Found]) -> Result<()> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        kind: String,
        subject: String,
        over: bool,
    }
    let sql = "SELECT a.id, a.kind, a.subject,
            EXISTS (SELECT 1 FROM alert_seen s WHERE s.alert_id = a.id)
            AND EXISTS (SELECT 1 FROM delivery d WHERE d.id = a.delivery_id AND d.finished_at IS NOT NULL) AS over
        FROM alert a WHERE a.ended_at IS NULL";
    for open in rows::<Row, _>(db, sql, vec![]).await? {
        let kind = Kind::parse(&open.kind).ok_or(Error::Inconsistent("alert.kind"))?;
        let goes_on = match kind {
            Kind::Failing => !open.over,
            _ => found.iter().any(|f| f.kind == kind && f.subject() == open.subject),
        };
        if goes_on {
            continue;
        }
        let sql = "UPDATE alert SET ended_at = $1 WHERE id = $2 AND ended_at IS NULL";
        exec(db, sql, values![ctx.now().0, open.id]).await?;
        ledger::append(ctx, db, Line::ok("alert.end", open.subject)).await?;
    }
    Ok(())
}

/// Puts a mail for each of those in charge into the queue.
async fn tell<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    id: AlertId,
    found: &Found,
    delivery: DeliveryId,
    link: &str,
) -> Result<()> {
    let subject = format!("【回覧】{}", headline(found.kind, &found.title));
    let body = format!(
        "{}。\n\n{}。\n\nすること：{}。\n\n配信をひらく：\n{link}/console/deliveries/{delivery}\n\nこの知らせの記録：\n{link}/console/settings/alerts\n\n――\nこのメールは自動で送っています。受け取り方は、「設定」の「自分の設定」で変えられます。\n",
        headline(found.kind, &found.title),
        found.detail.trim_end_matches('。'),
        found.kind.next(),
    );
    for (staff, address) in contact::in_charge(db, delivery).await? {
        mail::queue(
            ctx,
            db,
            mail::New { alert: Some(id), staff, address: &address, subject: &subject, body: &body },
        )
        .await?;
    }
    Ok(())
}

/// Says that one has seen an alert. Again: the first time stays.
///
/// # Errors
/// `Forbidden`; `NotFound`, also for whoever is no member of staff.
pub async fn see(ctx: &Context, id: AlertId) -> Result<()> {
    ctx.allow(Permission::DeliveryRead)?;
    let Actor::Staff { id: staff, .. } = ctx.actor else {
        return Err(Error::NotFound);
    };
    #[derive(FromQueryResult)]
    struct Row {
        subject: String,
    }
    let tx = ctx.store.begin().await?;
    let row: Option<Row> =
        one(&tx, "SELECT subject FROM alert WHERE id = $1", values![id.0]).await?;
    let subject = row.ok_or(Error::NotFound)?.subject;
    let sql = "INSERT INTO alert_seen (alert_id, staff_id, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    if exec(&tx, sql, values![id.0, staff.0, ctx.now().0]).await? == 1 {
        ledger::append(ctx, &tx, Line::ok("alert.seen", subject)).await?;
    }
    Ok(tx.commit().await?)
}
