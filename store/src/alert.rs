//! Alerts (知らせ): found by looking at deliveries, duties, the mail queue and the pages that
//! menus open, told once, and kept with who saw them and when they ended (ADM-10).

mod contact;
mod duty;
mod record;
mod sending;

use crate::db::{exec, number, one, rows};
use crate::delivery::URGENT;
use crate::ledger::{self, Line};
use crate::{Context, Error, Result, mail, menu, values};
use domain::alert::{Kind, MAIL_WAITS, failing, headline};
use domain::delivery::Figures;
use domain::id::{AlertId, DeliveryId};
use domain::permission::{Actor, Permission};
use domain::time::{DAY, Timestamp, thousands};
use sea_orm::{ConnectionTrait, FromQueryResult};

pub(crate) use contact::{Told, in_charge, in_charge_of_course, in_charge_of_form};
pub use contact::{contact, set_contact, unheard};
pub use duty::{WATCH, silence, stand_by};
pub use record::{PER_PAGE, get, list, of_delivery, open, open_count};

/// What was found to be so.
struct Found {
    kind: Kind,
    delivery: Option<DeliveryId>,
    title: String,
    detail: String,
}

impl Found {
    fn subject(&self) -> String {
        match (self.delivery, self.kind) {
            (Some(delivery), _) => format!("delivery:{delivery}"),
            (None, Kind::Duty) => format!("duty:{}", self.title),
            (None, kind) => kind.name().into(),
        }
    }
}

/// Most alerts of a kind at a time: when everything stands still, a few say so, what is urgent
/// among them.
const MOST: i64 = 50;

/// The order in which deliveries are told.
fn urgent_first() -> String {
    format!("CASE WHEN {URGENT} THEN 0 ELSE 1 END, id")
}

/// The end of every mail to staff who have chosen what they hear of.
pub(crate) const FOOT: &str =
    "――\nこのメールは自動で送っています。受け取り方は、「設定」の「自分の設定」で変えられます。\n";

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
    found.extend(sending::found(db, now).await?);
    found.extend(overdue(db, now).await?);
    found.extend(failed(db, now).await?);
    found.extend(mails(db, now).await?);
    found.extend(pages(ctx, db).await?);
    let (told, lasting) = duty::found(db, now).await?;
    found.extend(told);
    let going_on = "SELECT COUNT(*) AS n FROM alert WHERE ended_at IS NULL";
    if found.is_empty() && number(db, going_on, vec![]).await? == 0 {
        // The one writer of SQLite has better things to do.
        return Ok(0);
    }
    let tx = ctx.store.begin().await?;
    let mut began = 0;
    for f in &found {
        began += u64::from(begin(ctx, &tx, f, link).await?);
    }
    found.extend(lasting);
    end(ctx, &tx, &found).await?;
    tx.commit().await?;
    Ok(began)
}

/// Begins an alert, with its mails, unless it goes on already; answers whether it began.
async fn begin<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    found: &Found,
    link: Option<&str>,
) -> Result<bool> {
    let sql = "INSERT INTO alert (kind, subject, delivery_id, title, detail, began_at) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (kind, subject) WHERE ended_at IS NULL DO NOTHING RETURNING id AS n";
    let delivery = found.delivery.map(|d| d.0);
    let (title, detail) = (found.title.clone(), found.detail.clone());
    let values = values![found.kind.name(), found.subject(), delivery, title, detail, ctx.now().0];
    let id = AlertId(number(db, sql, values).await?);
    if id.0 == 0 {
        return Ok(false);
    }
    ledger::append(ctx, db, Line::ok("alert.begin", found.subject())).await?;
    // Of mails none can tell, and a page that does not open waits until somebody looks.
    if let Some(link) = link.filter(|_| !matches!(found.kind, Kind::Mail | Kind::Menu)) {
        tell(ctx, db, id, found, link).await?;
    }
    Ok(true)
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
        "SELECT id, title, held_reason FROM delivery WHERE status = 'held' ORDER BY {} LIMIT {MOST}",
        urgent_first()
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

/// Deliveries whose time has passed while they wait for approval.
async fn overdue<C: ConnectionTrait>(db: &C, now: Timestamp) -> Result<Vec<Found>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        title: String,
        send_at: i64,
    }
    let sql = format!(
        "SELECT id, title, send_at FROM delivery WHERE status = 'awaiting_approval' AND send_at < $1 ORDER BY {} LIMIT {MOST}",
        urgent_first()
    );
    let found: Vec<Row> = rows(db, &sql, values![now.0]).await?;
    Ok(found
        .into_iter()
        .map(|r| Found {
            kind: Kind::Overdue,
            delivery: Some(DeliveryId(r.id)),
            title: r.title,
            detail: format!(
                "届ける日時は{}でした。だれにも届いていません。このままでは承認できません",
                Timestamp(r.send_at).day_and_time()
            ),
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

/// The web pages to which menus lead and that do not open.
async fn pages<C: ConnectionTrait>(ctx: &Context, db: &C) -> Result<Option<Found>> {
    let dead = menu::dead(ctx, db).await?;
    Ok(dead.first_key_value().map(|(page, why)| Found {
        kind: Kind::Menu,
        delivery: None,
        title: String::new(),
        detail: match dead.len() - 1 {
            0 => format!("{page} が、2日つづけてひらけません（{why}）"),
            others => {
                format!(
                    "{page} が、2日つづけてひらけません（{why}）。ほかにも{}あります",
                    domain::time::things(others)
                )
            }
        },
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
        // A kind that only the next release knows is its servers' to end.
        let Some(kind) = Kind::parse(&open.kind) else { continue };
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
    link: &str,
) -> Result<()> {
    let place = match (found.delivery, found.kind) {
        (Some(delivery), _) => {
            format!("配信をひらく：\n{link}/console/deliveries/{delivery}\n\n")
        }
        (None, Kind::Publishing) => format!("リッチメニューをひらく：\n{link}/console/menus\n\n"),
        (None, _) => String::new(),
    };
    let subject = format!("【回覧】{}", headline(found.kind, &found.title));
    let body = format!(
        "{}。\n\n{}。\n\nすること：{}。\n\n{place}この知らせの記録：\n{link}/console/settings/alerts\n\n{FOOT}",
        headline(found.kind, &found.title),
        found.detail.trim_end_matches('。'),
        found.kind.next(),
    );
    for told in in_charge(db, found.delivery).await? {
        let (staff, address) = (told.staff, told.address.as_str());
        let new = mail::New { alert: Some(id), staff, address, subject: &subject, body: &body };
        mail::queue(ctx, db, new).await?;
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
