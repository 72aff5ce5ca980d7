//! Which other delivery some of the same people get within an hour: two that ring one after the
//! other may be better apart.

use super::{calendar, gate};
use crate::{Context, Error, Result, audience};
use domain::audience::Resolved;
use domain::delivery::{Check, Draft, Near, Status};
use domain::id::DeliveryId;
use domain::time::HOUR;

/// So far apart in time, before or after.
const WITHIN: i64 = HOUR;
/// So many are looked at, the nearest first.
const LOOKED_AT: usize = 5;

/// The nearest one to some of the people of a draft; nothing for a series, which has no one time.
/// `itself`: the delivery that it is, once it waits for approval.
pub(super) async fn nearest(
    ctx: &Context,
    draft: &Draft,
    itself: Option<DeliveryId>,
    check: &Check,
) -> Result<Option<Near>> {
    let begins = check.quiet.or_else(|| gate::begins(draft, ctx.now()));
    let (Some(own), Some(_), Some(at)) = (&draft.audience, &check.who, begins) else {
        return Ok(None);
    };
    if draft.recurrence.is_some() {
        return Ok(None);
    }
    let mut near = calendar::leaving(ctx, (at.plus(-WITHIN), at.plus(WITHIN + 1))).await?;
    near.retain(|e| {
        Some(e.id) != itself
            && matches!(
                e.status,
                Status::AwaitingApproval | Status::Scheduled | Status::Sending | Status::Done
            )
    });
    near.sort_by_key(|e| (e.at.since(at).abs(), e.id));
    let mut others = Vec::new();
    for entry in near.into_iter().take(LOOKED_AT) {
        // Tests to testers and corrections have no audience.
        if let Some(theirs) = super::get(ctx, entry.id).await?.audience {
            others.push((entry, theirs));
        }
    }
    let named = audience::named(others.iter().map(|(_, theirs)| theirs).chain([own]));
    let catalog = audience::catalog(ctx, named).await?;
    let own = own.resolve(&catalog, "")?;
    for (entry, theirs) in others {
        // What this person may not ask for, is not there any more, or cannot be read is passed over.
        let Ok(theirs) = theirs.resolve(&catalog, "") else { continue };
        let people =
            match store::audience::count(ctx, &Resolved::All(vec![own.clone(), theirs])).await {
                Err(Error::Conflict(_) | Error::Undecryptable(_)) => continue,
                counted => counted?,
            };
        if people > 0 {
            return Ok(Some(Near { id: entry.id, title: entry.title, at: entry.at, people }));
        }
    }
    Ok(None)
}
