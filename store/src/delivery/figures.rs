//! Who the recipients of deliveries are, as numbers alone (SEG-8).

use crate::db::{list, rows};
use crate::outbox::{in_calls, read_set};
use crate::{Context, Result};
use domain::audience::Resolved;
use domain::delivery::CallState;
use domain::id::DeliveryId;
use domain::permission::Permission;
use roaring::RoaringBitmap;
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::collections::HashMap;

/// So many deliveries are read at once: a set of 1,000,000 residents is 128 kB.
const PIECE: usize = 50;

/// The recipients of some deliveries by what they registered. Who got several of them counts
/// several times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// All recipients of the deliveries of which they are known.
    pub recipients: i64,
    /// The other deliveries: not frozen yet, or sent by LINE's own list.
    pub unknown: i64,
    /// How many of the recipients belong to each part.
    pub parts: Vec<i64>,
}

/// How often each resident is in the sets that were added: one bitmap a binary digit, so that
/// a part is counted over a year of deliveries in a few operations.
#[derive(Default)]
struct Times(Vec<RoaringBitmap>);

impl Times {
    fn add(&mut self, mut carry: RoaringBitmap) {
        for digit in &mut self.0 {
            let next = &*digit & &carry;
            *digit ^= carry;
            carry = next;
        }
        if !carry.is_empty() {
            self.0.push(carry);
        }
    }

    /// How often the residents of a part are in the sets, taken together.
    fn of(&self, part: &RoaringBitmap) -> i64 {
        self.0.iter().enumerate().map(|(i, d)| (d.intersection_len(part) as i64) << i).sum()
    }

    /// Who is in any of the sets.
    fn people(&self) -> RoaringBitmap {
        self.0.iter().fold(RoaringBitmap::new(), |all, digit| all | digit)
    }
}

/// For each group of deliveries, how many of the recipients whom the freeze fixed belong to
/// each part, by what is registered now, friends or not any more.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn by_parts(
    ctx: &Context,
    groups: &[Vec<DeliveryId>],
    parts: &[Resolved],
) -> Result<Vec<Counted>> {
    ctx.allow(Permission::DeliveryRead)?;
    let mut sums = Vec::with_capacity(groups.len());
    for group in groups {
        let (mut times, mut known) = (Times::default(), 0);
        for piece in group.chunks(PIECE) {
            // A delivery that ends meanwhile moves its recipients from its calls to its outcome.
            let tx = ctx.store.begin_read().await?;
            let found = recipients(ctx, &tx, piece).await?;
            tx.rollback().await?;
            known += found.len();
            found.into_iter().for_each(|set| times.add(set));
        }
        sums.push((times, (group.len() - known) as i64));
    }
    let all = sums.iter().fold(RoaringBitmap::new(), |all, (times, _)| all | times.people());
    let state = ctx.store.bitmaps().fresh_for(ctx, parts).await?;
    let parts: Vec<RoaringBitmap> = parts.iter().map(|p| state.select_of(&all, p)).collect();
    drop(state);
    Ok(sums
        .into_iter()
        .map(|(times, unknown)| Counted {
            recipients: times.of(&all),
            unknown,
            parts: parts.iter().map(|part| times.of(part)).collect(),
        })
        .collect())
}

/// Everybody whom each of these deliveries was frozen to, whatever became of it: who is in
/// calls or, after the end, in the outcomes, and the exceptions. Deliveries of which that is
/// not known are left out.
async fn recipients<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    ids: &[DeliveryId],
) -> Result<Vec<RoaringBitmap>> {
    #[derive(FromQueryResult)]
    struct Frozen {
        id: i64,
        recipients: i64,
    }
    #[derive(FromQueryResult)]
    struct Outcome {
        delivery_id: i64,
        residents: Vec<u8>,
    }
    #[derive(FromQueryResult)]
    struct Exception {
        delivery_id: i64,
        resident_id: i64,
    }
    let ids = list(ids.iter().map(|id| id.0));
    let mut sets: HashMap<i64, RoaringBitmap> = HashMap::new();
    let sql = format!(
        "SELECT delivery_id, residents FROM outcome WHERE delivery_id IN ({ids}) AND outcome IN ('accepted', 'cancelled')
        UNION ALL SELECT delivery_id, residents FROM fatigue WHERE delivery_id IN ({ids})"
    );
    for row in rows::<Outcome, _>(db, &sql, vec![]).await? {
        *sets.entry(row.delivery_id).or_default() |= read_set(&row.residents)?;
    }
    let sql =
        format!("SELECT delivery_id, resident_id FROM exception WHERE delivery_id IN ({ids})");
    for row in rows::<Exception, _>(db, &sql, vec![]).await? {
        sets.entry(row.delivery_id).or_default().insert(row.resident_id as u32);
    }
    let sql = format!(
        "SELECT id, recipients FROM delivery
         WHERE id IN ({ids}) AND frozen_at IS NOT NULL AND NOT counted_by_line"
    );
    let unsplit = format!("state <> {}", CallState::Split.number());
    let mut known = Vec::new();
    for frozen in rows::<Frozen, _>(db, &sql, vec![]).await? {
        let mut set = sets.remove(&frozen.id).unwrap_or_default();
        // Before the end the others are in the calls alone.
        if set.len() as i64 != frozen.recipients {
            set |= in_calls(ctx, db, DeliveryId(frozen.id), &unsplit).await?;
        }
        // A made-up past has numbers, but nobody behind them.
        if set.len() as i64 == frozen.recipients {
            known.push(set);
        }
    }
    Ok(known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn sets_are_added_up_as_one_by_one(
            sets in prop::collection::vec(prop::collection::btree_set(0u32..40, 0..30), 0..20),
            part in prop::collection::btree_set(0u32..50, 0..30),
        ) {
            let mut times = Times::default();
            for set in &sets {
                times.add(set.iter().copied().collect());
            }
            let part_of: RoaringBitmap = part.iter().copied().collect();
            let one_by_one: usize = sets.iter().map(|set| set.intersection(&part).count()).sum();
            prop_assert_eq!(times.of(&part_of), one_by_one as i64);
            let people: BTreeSet<u32> = sets.into_iter().flatten().collect();
            prop_assert_eq!(times.people().into_iter().collect::<BTreeSet<u32>>(), people);
        }
    }
}
