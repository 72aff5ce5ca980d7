//! The budget of a resident (1人あたりの上限): who has had enough, counted from the frozen
//! recipients of former deliveries, whichever department sent them.
//!
//! A delivery counts for whom LINE accepted it, or may do so yet: what is on its way is
//! counted from its calls, so that two deliveries one after the other never both take the
//! last place. Emergencies, corrections, tests to testers and broadcasts by LINE's own
//! list neither count nor are withheld. All sets are bitmaps: for 1,000,000 residents a
//! delivery more costs a fraction of a millisecond, and nothing is read per resident.

use super::gate::{GATES, gates_in};
use super::happen;
use crate::db::{exec, one, rows};
use crate::outbox::{in_calls, read_set, write_set};
use crate::{Context, Result, values};
use domain::audience::Resolved;
use domain::delivery::gate::Budget;
use domain::delivery::{CallState, Delivery, Purpose, Reason};
use domain::id::{DeliveryId, ResidentId};
use domain::permission::Permission;
use domain::time::{Timestamp, thousands};
use roaring::RoaringBitmap;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// How often each resident is in the sets that were added, as far as it matters: the set
/// at `n` holds who is in more than `n` of them.
struct Tally(Vec<RoaringBitmap>);

impl Tally {
    fn up_to(most: u16) -> Self {
        Self(vec![RoaringBitmap::new(); usize::from(most)])
    }

    fn add(&mut self, set: &RoaringBitmap) {
        for n in (1..self.0.len()).rev() {
            let once_more = &self.0[n - 1] & set;
            self.0[n] |= once_more;
        }
        if let Some(first) = self.0.first_mut() {
            *first |= set;
        }
    }

    /// Who is in as many sets as can be counted, or more.
    fn full(self) -> RoaringBitmap {
        self.0.into_iter().next_back().unwrap_or_default()
    }
}

/// Which deliveries count, of `delivery d`.
const COUNTS: &str = "d.frozen_at >= $1 AND d.purpose <> 'emergency' AND d.corrects IS NULL AND NOT d.to_testers AND NOT d.counted_by_line";

/// Who has had as many deliveries as the budget allows, for one that begins now.
async fn enough<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    budget: Budget,
    now: Timestamp,
) -> Result<RoaringBitmap> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        residents: Option<Vec<u8>>,
    }
    let since = budget.since(now).0;
    let sql = format!(
        "SELECT d.id, o.residents FROM delivery d
         LEFT JOIN outcome o ON o.delivery_id = d.id AND o.outcome = 'accepted' WHERE {COUNTS}"
    );
    let mut tally = Tally::up_to(budget.messages);
    let reached_or_will = format!("state <= {}", CallState::Accepted.number());
    for row in rows::<Row, _>(db, &sql, values![since]).await? {
        let set = match row.residents {
            Some(bytes) => read_set(&bytes)?,
            None => in_calls(ctx, db, DeliveryId(row.id), &reached_or_will).await?,
        };
        tally.add(&set);
    }
    Ok(tally.full())
}

/// The budget that binds what has this purpose, if the city has set one.
async fn binding<C: ConnectionTrait>(db: &C, purpose: Purpose) -> Result<Option<Budget>> {
    let budget = gates_in(db).await?.budget;
    Ok(budget.filter(|_| domain::delivery::gate::binds(purpose)))
}

/// The budget that would withhold a resident from a delivery that begins now, if one does.
pub(super) async fn withholds<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    purpose: Purpose,
    resident: ResidentId,
) -> Result<Option<Budget>> {
    let Some(budget) = binding(db, purpose).await? else { return Ok(None) };
    let enough = enough(ctx, db, budget, ctx.now()).await?;
    Ok(u32::try_from(resident.0).is_ok_and(|id| enough.contains(id)).then_some(budget))
}

/// Who is withheld from a delivery that is being frozen, in the freeze's own snapshot.
/// Nobody, unless the city has set a budget that binds it. Two freezes at the same time
/// exclude one another: on PostgreSQL the later one fails here and is tried again.
pub(super) async fn withheld<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    delivery: &Delivery,
) -> Result<RoaringBitmap> {
    let Some(budget) = binding(db, delivery.purpose).await? else {
        return Ok(RoaringBitmap::new());
    };
    exec(db, "UPDATE setting SET value = value WHERE key = $1", values![GATES]).await?;
    enough(ctx, db, budget, ctx.now()).await
}

/// Writes down who was withheld.
pub(super) async fn keep<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    id: DeliveryId,
    set: &RoaringBitmap,
) -> Result<()> {
    if set.is_empty() {
        return Ok(());
    }
    let bytes = write_set(set)?;
    let sql = "INSERT INTO fatigue (delivery_id, count, residents) VALUES ($1, $2, $3)";
    exec(db, sql, values![id.0, set.len() as i64, bytes]).await?;
    let words = gates_in(db).await?.budget.map(Budget::words).unwrap_or_default();
    let what = format!("{}人には、受け取る数の上限のため送りません", thousands(set.len() as i64));
    happen(db, id, ctx.now(), &what, &format!("上限は、{words}です")).await
}

/// How many were withheld, as a reason of the certificate.
pub(super) async fn reason<C: ConnectionTrait>(
    db: &C,
    id: DeliveryId,
) -> Result<Option<(Reason, i64)>> {
    #[derive(FromQueryResult)]
    struct Row {
        count: i64,
    }
    let sql = "SELECT count FROM fatigue WHERE delivery_id = $1";
    let row: Option<Row> = one(db, sql, values![id.0]).await?;
    Ok(row.map(|r| (Reason::Fatigue, r.count)))
}

/// Who was withheld from a delivery for having had enough.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn who(ctx: &Context, id: DeliveryId) -> Result<RoaringBitmap> {
    ctx.allow(Permission::ResidentRead)?;
    #[derive(FromQueryResult)]
    struct Row {
        residents: Vec<u8>,
    }
    let sql = "SELECT residents FROM fatigue WHERE delivery_id = $1";
    let row: Option<Row> = one(ctx.store.read(), sql, values![id.0]).await?;
    row.map_or_else(|| Ok(RoaringBitmap::new()), |r| read_set(&r.residents))
}

/// How many of an audience have had as much as `budget` allows, if it were sent now: as
/// near as the live counts are.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn live(
    ctx: &Context,
    audience: &Resolved,
    purpose: Purpose,
    budget: Budget,
) -> Result<i64> {
    ctx.allow(Permission::AudienceRead)?;
    if !domain::delivery::gate::binds(purpose) {
        return Ok(0);
    }
    let tx = ctx.store.begin_read().await?;
    let enough = enough(ctx, &tx, budget, ctx.now()).await?;
    tx.rollback().await?;
    if enough.is_empty() {
        return Ok(0);
    }
    let state = ctx.store.bitmaps().fresh_for(ctx, std::slice::from_ref(audience)).await?;
    Ok(state.select(audience).intersection_len(&enough) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    fn sets() -> impl Strategy<Value = Vec<Vec<u32>>> {
        prop::collection::vec(prop::collection::vec(0u32..40, 0..30), 0..20)
    }

    proptest! {
        #[test]
        fn the_tally_counts_as_one_counts_by_hand(sets in sets(), most in 1u16..6) {
            let mut tally = Tally::up_to(most);
            let mut by_hand: HashMap<u32, u16> = HashMap::new();
            for set in &sets {
                let set: RoaringBitmap = set.iter().copied().collect();
                for one in &set {
                    *by_hand.entry(one).or_default() += 1;
                }
                tally.add(&set);
            }
            let full: RoaringBitmap =
                by_hand.into_iter().filter(|(_, n)| *n >= most).map(|(one, _)| one).collect();
            prop_assert_eq!(tally.full(), full);
        }

        #[test]
        fn no_sequence_of_deliveries_exceeds_the_budget(
            wanted in prop::collection::vec((prop::collection::vec(0u32..40, 0..30), 0u8..3), 1..40),
            messages in 1u16..5,
            days in 1i64..8,
        ) {
            let mut day = 100;
            let mut sent: Vec<(i64, RoaringBitmap)> = Vec::new();
            for (set, later) in wanted {
                day += i64::from(later);
                let mut tally = Tally::up_to(messages);
                for (_, set) in sent.iter().filter(|(at, _)| *at > day - days) {
                    tally.add(set);
                }
                let enough = tally.full();
                let set: RoaringBitmap = set.into_iter().collect();
                // Who is withheld has had exactly as many as they may.
                for one in &set & &enough {
                    let had = sent.iter().filter(|(at, s)| *at > day - days && s.contains(one)).count();
                    prop_assert_eq!(had, usize::from(messages));
                }
                sent.push((day, set - enough));
            }
            for one in 0..40 {
                for (last, _) in &sent {
                    let had = sent
                        .iter()
                        .filter(|(at, s)| at <= last && *at > last - days && s.contains(one))
                        .count();
                    prop_assert!(had <= usize::from(messages), "{one} had {had}");
                }
            }
        }
    }
}
