//! 訂正・取消 in one tap: what has not left is stopped, whom it reached is told.

use super::{cancel, content_problems, get};
use crate::{Context, Error, Platform, Result};
use domain::delivery::Variant;
use domain::delivery::variant::{root, sides};
use domain::delivery::{Correction, Delivery, Status, TITLE_MAX};
use domain::id::DeliveryId;
use domain::language::{Language, Voice};
use domain::message::Part;
use domain::message::variable::{Values, fill};
use domain::problem::Problem;
use domain::time::DAY;
use std::collections::BTreeSet;

/// How long a correction stands on the public page.
pub const PUBLIC_FOR: i64 = 366 * DAY;

/// Stops what has not left of a delivery and tells exactly those whom it reached, or may
/// have: at once, before everything else, whatever they want to receive. Nobody has to
/// approve it. Answers the delivery that does so; asked for again after an answer was lost,
/// the same one.
///
/// # Errors
/// `Invalid` at `/text` or `/variants/en` if the words have problems; `Conflict` if nobody was
/// reached, or if they were told already and whoever asks does not know; `NotFound`, `Forbidden`.
pub async fn retract(
    platform: &Platform,
    ctx: &Context,
    of: DeliveryId,
    correction: &Correction,
) -> Result<DeliveryId> {
    let Correction { text, texts, after } = correction;
    let former = get(ctx, of).await?;
    let written = |text: &str| vec![Part::Text { text: text.trim().to_owned() }];
    let parts = written(text);
    let languages = former.variants.iter().map(|v| v.language).chain(texts.keys().copied());
    let languages: BTreeSet<Language> = languages.filter(|l| *l != Language::Japanese).collect();
    let variants: Vec<Variant> = languages
        .into_iter()
        .map(|language| {
            let text = texts.get(&language).map_or(language.correction(), String::as_str);
            Variant { parts: written(text), ..Variant::copied(language, &parts) }
        })
        .collect();
    let mut problems = Vec::new();
    for (language, parts) in sides(&parts, &variants) {
        let arriving = domain::link::outlook(parts, ctx.store.own(), &former.uncounted);
        let voice = Voice { purpose: former.purpose, language };
        let at = match language {
            Language::Japanese => "/text".to_owned(),
            other => root(other),
        };
        let found = content_problems(ctx, &arriving, voice).await?;
        problems.extend(found.into_iter().map(|p| Problem::new(&at, p.message)));
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    if former.frozen_at.is_some() && matches!(former.status, Status::Sending | Status::Held) {
        cancel(platform, ctx, of).await?;
    }
    let title: String = format!("訂正：{}", former.title).chars().take(TITLE_MAX).collect();
    let id = store::delivery::retract(ctx, of, &title, &parts, &variants, *after).await?;
    platform.outbox_ready.notify_one();
    Ok(id)
}

/// What residents were told: the corrections of a year, the newest first, as many as the store reads.
///
/// # Errors
/// If the database is away.
pub async fn public_corrections(ctx: &Context) -> Result<Vec<Delivery>> {
    let mut all = store::delivery::public_corrections(ctx, ctx.now().plus(-PUBLIC_FOR)).await?;
    for correction in &mut all {
        // As somebody reads it of whom nothing is registered.
        correction.parts = fill(&correction.parts, &Values::new());
        for variant in &mut correction.variants {
            variant.parts = fill(&variant.parts, &Values::new());
        }
    }
    Ok(all)
}
