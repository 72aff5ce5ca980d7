//! Links of deliveries and their taps (SEG-8): counted by delivery, link and hour, never by
//! person.

use crate::db::{exec, list, number, one, rows, tuples};
use crate::{Context, Error, Result, values};
use domain::id::{DeliveryId, LinkId};
use domain::language::Language;
use domain::link::{Counted, LIFE, Way, found, token};
use domain::message::Part;
use domain::permission::Permission;
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Draws that are tried for one link; with a thousand million tokens in use each fails
/// three times in ten thousand.
const DRAWS: usize = 8;

/// Draws the short addresses of what is sent at `sent`. The same address at the same place has
/// one short address in all languages, so that its taps add up.
pub(crate) async fn draw<'a, C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    id: DeliveryId,
    sides: impl Iterator<Item = (Language, &'a [Part])>,
    uncounted: &[String],
    sent: Timestamp,
) -> Result<()> {
    let until = sent.plus(LIFE);
    let mut known = BTreeSet::new();
    let all = sides.flat_map(|(_, parts)| found(parts, ctx.store.own(), uncounted));
    for link in all.collect::<Vec<_>>() {
        if link.way != Way::Counted || !known.insert((link.part, link.uri.clone())) {
            continue;
        }
        let mut drawn = false;
        for _ in 0..DRAWS {
            let token = token(u64::from_be_bytes(ctx.random()));
            let sql = "INSERT INTO link (token, delivery_id, part, uri, until, taps) SELECT $1, $2, $3, $4, $5, 0 WHERE NOT EXISTS (SELECT 1 FROM menu_link WHERE token = $1) AND NOT EXISTS (SELECT 1 FROM menu_link_left WHERE token = $1) ON CONFLICT (token) DO NOTHING";
            let values = values![token, id.0, link.part as i64, link.uri.as_str(), until.0];
            drawn = exec(db, sql, values).await? == 1;
            if drawn {
                break;
            }
        }
        if !drawn {
            return Err(Error::Inconsistent("link.token"));
        }
    }
    Ok(())
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    token: String,
    delivery_id: i64,
    part: i64,
    uri: String,
    until: i64,
    taps: i64,
}

const SELECT: &str = "SELECT id, token, delivery_id, part, uri, until, taps FROM link";

impl Row {
    fn counted(self, ctx: &Context) -> Counted {
        Counted {
            part: usize::try_from(self.part).unwrap_or(0),
            short: ctx.store.own().address(&self.token),
            uri: self.uri,
            taps: self.taps,
            until: Timestamp(self.until),
        }
    }
}

/// The links of a delivery in their order, with their taps.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn of(ctx: &Context, id: DeliveryId) -> Result<Vec<Counted>> {
    Ok(of_each(ctx, &[id]).await?.remove(&id).unwrap_or_default())
}

/// The links of each of several deliveries that has any.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn of_each(
    ctx: &Context,
    ids: &[DeliveryId],
) -> Result<BTreeMap<DeliveryId, Vec<Counted>>> {
    ctx.allow(Permission::DeliveryRead)?;
    let sql =
        format!("{SELECT} WHERE delivery_id IN ({}) ORDER BY id", list(ids.iter().map(|i| i.0)));
    let mut all: BTreeMap<DeliveryId, Vec<Counted>> = BTreeMap::new();
    for row in rows::<Row, _>(ctx.store.read(), &sql, vec![]).await? {
        all.entry(DeliveryId(row.delivery_id)).or_default().push(row.counted(ctx));
    }
    Ok(all)
}

/// Where a token leads, for whoever taps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Which link.
    pub id: LinkId,
    /// The address.
    pub uri: String,
    /// Until when it leads there.
    pub until: Timestamp,
}

/// Where a token leads; nothing if it was never drawn.
///
/// # Errors
/// If the database is away.
pub async fn target(ctx: &Context, token: &str) -> Result<Option<Target>> {
    let row: Option<Row> =
        one(ctx.store.read(), &format!("{SELECT} WHERE token = $1"), values![token]).await?;
    Ok(row.map(|r| Target { id: LinkId(r.id), uri: r.uri, until: Timestamp(r.until) }))
}

/// Adds taps, by link and hour (hours since 1970), in one transaction.
///
/// # Errors
/// If the database is away; nothing is added then.
pub async fn add(ctx: &Context, taps: &BTreeMap<(LinkId, i64), i64>) -> Result<()> {
    let tx = ctx.store.begin().await?;
    // In one order, so that no two servers wait for each other in a circle.
    let mut sums: BTreeMap<LinkId, i64> = BTreeMap::new();
    let all: Vec<_> = taps.iter().collect();
    for piece in all.chunks(200) {
        let sql = format!(
            "INSERT INTO link_hour (link_id, hour, taps) VALUES {} ON CONFLICT (link_id, hour) DO UPDATE SET taps = link_hour.taps + excluded.taps",
            tuples(piece.len(), 3)
        );
        let mut values: Vec<Value> = Vec::with_capacity(piece.len() * 3);
        for ((link, hour), n) in piece {
            values.extend(values![link.0, *hour, **n]);
            *sums.entry(*link).or_default() += **n;
        }
        exec(&tx, &sql, values).await?;
    }
    for (link, n) in sums {
        exec(&tx, "UPDATE link SET taps = taps + $1 WHERE id = $2", values![n, link.0]).await?;
    }
    Ok(tx.commit().await?)
}

/// The taps on all links of a delivery, by hour (hours since 1970), in order.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn by_hour(ctx: &Context, id: DeliveryId) -> Result<Vec<(i64, i64)>> {
    ctx.allow(Permission::DeliveryRead)?;
    #[derive(FromQueryResult)]
    struct Hour {
        hour: i64,
        n: i64,
    }
    let sql = "SELECT h.hour, CAST(SUM(h.taps) AS BIGINT) AS n FROM link_hour h JOIN link l ON l.id = h.link_id WHERE l.delivery_id = $1 GROUP BY h.hour ORDER BY h.hour";
    let found: Vec<Hour> = rows(ctx.store.read(), sql, values![id.0]).await?;
    Ok(found.into_iter().map(|h| (h.hour, h.n)).collect())
}

/// How many tokens were ever drawn.
///
/// # Errors
/// If the database is away.
pub async fn drawn(ctx: &Context) -> Result<i64> {
    number(ctx.store.read(), "SELECT COUNT(*) AS n FROM link", vec![]).await
}
