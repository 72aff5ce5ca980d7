//! 承認: a second person looks before it leaves, or after an emergency.

use super::{checked, gate, get, leads};
use crate::{Context, Error, Platform, Result};
use domain::delivery::approval::Rules;
use domain::delivery::gate::Confirmed;
use domain::delivery::{Delivery, Purpose};
use domain::id::DeliveryId;
use domain::permission::Permission;
use domain::time::{Timestamp, thousands};
use store::delivery::approval as kept;

pub use domain::delivery::approval::Need;
pub use store::delivery::approval::{
    approval, returned, review, rules, send_back, unreviewed, withdraw,
};

/// Longest word to the other person, in characters.
pub const WORDS_MAX: usize = 500;

/// Sets what the city has decided.
///
/// # Errors
/// `Invalid`, `Forbidden`.
pub async fn set_rules(ctx: &Context, rules: Rules) -> Result<()> {
    if rules.above.is_some_and(|n| !(0..=Rules::ABOVE_MAX).contains(&n)) {
        return Err(Error::invalid(
            "above",
            format!("0人から{}人までの数を入れてください", thousands(Rules::ABOVE_MAX)),
        ));
    }
    kept::set_rules(ctx, rules).await
}

/// Why this actor has to ask before a delivery to so many.
pub(crate) async fn need(ctx: &Context, people: i64) -> Result<Option<Need>> {
    let rules = rules(ctx).await?;
    if let Some(above) = rules.above.filter(|_| rules.need_approval(people)) {
        return Ok(Some(Need::Above(above)));
    }
    Ok(ctx.allow(Permission::DeliverySend).is_err().then_some(Need::Role))
}

/// Asks for approval of a draft. `confirmed` is what was seen, as in [`super::send`]. What has a
/// time in the quiet hours and waits for their end can be approved until then; of what leaves
/// when it is approved, it is looked at then whether it waits.
///
/// # Errors
/// `Invalid`, `Conflict`, `NotFound`, `Forbidden`.
pub async fn request(
    ctx: &Context,
    id: DeliveryId,
    seen: Timestamp,
    confirmed: impl Into<Confirmed>,
    words: &str,
) -> Result<()> {
    short(words)?;
    let confirmed = confirmed.into();
    let delivery = get(ctx, id).await?;
    let (people, check) = checked(ctx, &delivery, confirmed.people).await?;
    gate::confirmed(&check, &delivery, &confirmed)?;
    let begins = gate::decide(ctx, &delivery, &check, &confirmed).await?;
    let send_at = delivery.send_at.and(begins);
    kept::request(ctx, id, seen, send_at, people, words).await
}

/// Approves what waits: it goes, now or at its time. `confirmed` is the head count
/// that the second person saw.
///
/// # Errors
/// `Invalid`, `Conflict`, `NotFound`, `Forbidden`.
pub async fn approve(
    platform: &Platform,
    ctx: &Context,
    id: DeliveryId,
    seen: Timestamp,
    confirmed: i64,
) -> Result<()> {
    let delivery = get(ctx, id).await?;
    let (people, _) = checked(ctx, &delivery, confirmed).await?;
    leads::refuse(platform, &delivery).await?;
    let until = gate::waits(ctx, &delivery).await?;
    kept::approve(ctx, id, seen, people).await?;
    if let Some(until) = until {
        store::delivery::gate::postpone(ctx, id, until).await?;
    }
    platform.outbox_ready.notify_one();
    Ok(())
}

/// Sends an emergency without waiting for approval; somebody else looks at it afterwards.
///
/// # Errors
/// `Invalid` without a reason or for another purpose; `Conflict`, `NotFound`, `Forbidden`.
pub async fn send_unapproved(
    platform: &Platform,
    ctx: &Context,
    id: DeliveryId,
    seen: Timestamp,
    confirmed: i64,
    words: &str,
) -> Result<()> {
    let delivery = get(ctx, id).await?;
    if delivery.purpose != Purpose::Emergency {
        return Err(Error::invalid("words", "承認を待たずに送れるのは、緊急の配信だけです"));
    }
    if words.trim().is_empty() {
        return Err(Error::invalid("words", "理由が空です。なぜ待てないかを、短く書いてください"));
    }
    short(words)?;
    let (people, _) = checked(ctx, &delivery, confirmed).await?;
    kept::send_unapproved(ctx, id, seen, people, words).await?;
    platform.outbox_ready.notify_one();
    Ok(())
}

pub(crate) fn short(words: &str) -> Result<()> {
    let chars = words.trim().chars().count();
    if chars > WORDS_MAX {
        return Err(Error::invalid(
            "words",
            format!("{WORDS_MAX}文字までにしてください（いま{chars}文字）"),
        ));
    }
    Ok(())
}

/// Why a delivery must not be frozen to so many, in words: more than the city's number
/// without approval, or many more than were approved.
///
/// # Errors
/// If the database is away.
pub async fn uncovered(ctx: &Context, d: &Delivery, people: i64) -> Result<Option<String>> {
    let rules = rules(ctx).await?;
    if !rules.need_approval(people) {
        return Ok(None);
    }
    // An occurrence of a series has what was approved of that, and what was decided about itself.
    let approval = approval(ctx, d.id).await?;
    if approval.covers(people) {
        return Ok(None);
    }
    Ok(Some(match approval.leave() {
        Some(step) => format!(
            "承認されたのは{}人ですが、いまは{}人です。ほかの人が確かめてから、送ってください",
            thousands(step.people),
            thousands(people)
        ),
        None => format!(
            "送る相手が{}人になりました。{}人をこえる配信には、承認が要ります",
            thousands(people),
            thousands(rules.above.unwrap_or_default())
        ),
    }))
}
