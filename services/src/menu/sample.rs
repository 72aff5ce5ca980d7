//! Whether LINE did what it accepted: some of the residents who got another menu are asked about.

use super::outcome::Outcome;
use super::worker::{MANY, Worker};
use crate::{Context, Platform, Result};
use domain::id::ResidentId;
use domain::menu::publish::APPLIED;
use domain::time::Timestamp;
use roaring::RoaringBitmap;

/// Residents of a sample.
const SAMPLE: usize = 40;
/// How often the same people are given the same again where a sample shows that LINE did not.
const AGAIN: u32 = 3;

/// What is to be asked of LINE later: whether it did what it accepted.
pub(super) struct Sample {
    at: Timestamp,
    whole: RoaringBitmap,
    asked: Vec<(ResidentId, Option<String>)>,
    again: u32,
}

impl Worker {
    /// Remembers who got another menu, and to ask LINE about some of them.
    pub(super) fn after(&mut self, ctx: &Context, outcome: &Outcome) {
        if outcome.linked.is_empty() {
            return;
        }
        let whole: RoaringBitmap =
            outcome.linked.values().fold(RoaringBitmap::new(), |all, set| all | set);
        let mut asked = Vec::new();
        for (line_id, set) in &outcome.linked {
            let share = (SAMPLE as u64 * set.len()).div_ceil(whole.len().max(1)).max(1);
            let stride = (set.len() / share).max(1);
            let some = set.iter().step_by(usize::try_from(stride).unwrap_or(usize::MAX));
            asked.extend(some.map(|id| (ResidentId(i64::from(id)), line_id.clone())));
        }
        let now = ctx.now();
        self.lately.push((now, whole.clone()));
        let again = self.relinked;
        self.sample = Some(match self.sample.take() {
            // Of those of a former run who got no other menu since.
            Some(former) => {
                let mut all = former.asked;
                all.retain(|(id, _)| u32::try_from(id.0).is_ok_and(|id| !whole.contains(id)));
                all.extend(asked);
                Sample { at: now.plus(APPLIED), whole: former.whole | whole, asked: all, again }
            }
            None => Sample { at: now.plus(APPLIED), whole, asked, again },
        });
    }

    /// Asks LINE whether it did what it accepted; where it did not, all of them are unsure.
    pub(super) async fn check_sample(
        &mut self,
        platform: &Platform,
        ctx: &Context,
        touched: &mut RoaringBitmap,
    ) -> Result<()> {
        let now = ctx.now();
        let Some(sample) = self.sample.take_if(|s| s.at <= now || s.at.since(now) > APPLIED) else {
            return Ok(());
        };
        let lines = store::menu::lines(ctx).await?;
        let ids: Vec<ResidentId> = sample.asked.iter().map(|(id, _)| *id).collect();
        let users = store::menu::users(ctx, &ids).await?;
        for to in users {
            let Ok(id) = u32::try_from(to.id.0) else { continue };
            // What we believe now: they may have switched since.
            let believed =
                lines.menus.iter().find(|(_, at)| at.residents.contains(id)).map(|(line, _)| line);
            if lines.unsure.contains(id) || touched.contains(id) {
                continue;
            }
            let user = line::UserId::from_bytes(to.user);
            let Ok(is) = platform.line.rich_menu_of(user).await else {
                // LINE does not answer: another time.
                self.sample = Some(Sample { at: now.plus(APPLIED), ..sample });
                return Ok(());
            };
            if is.value.as_ref() != believed {
                tracing::warn!(
                    again = sample.again,
                    residents = sample.whole.len(),
                    "menus: LINE did not do for all what it accepted"
                );
                store::menu::slip(ctx, &sample.whole).await?;
                self.relinked = sample.again + 1;
                if self.relinked > AGAIN {
                    // With the next look at everything.
                    self.relinked = 0;
                } else if sample.whole.len() as i64 > MANY {
                    self.epoch = None;
                } else {
                    *touched |= &sample.whole;
                }
                return Ok(());
            }
        }
        self.relinked = 0;
        Ok(())
    }
}
