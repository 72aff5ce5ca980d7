//! LINE's profiles say in which language somebody reads (SEG-4): asked for in advance, a few at
//! a time, so that no delivery has to wait for them.

use crate::{Context, Platform, Result};
use futures::StreamExt;
use line::UserId;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Profiles asked for in one go.
const PIECE: i64 = 100;
/// Of them at the same time.
const AT_ONCE: usize = 4;
/// Other duties wait meanwhile: then the rest is asked for another time.
const PATIENCE: Duration = Duration::from_secs(3);

/// Asks for the profiles that are due; what LINE does not answer is asked for another time.
/// Answers how many were read.
///
/// # Errors
/// If the database is away.
pub async fn languages(platform: &Platform, ctx: &Context) -> Result<usize> {
    let due = store::resident::profiles_due(ctx, PIECE).await?;
    let asked = futures::stream::iter(due).map(|due| async move {
        let profile = platform.line.profile(UserId::from_bytes(due.user)).await;
        profile.map(|reply| (due, reply.value.and_then(|p| p.language)))
    });
    let mut answers = asked.buffer_unordered(AT_ONCE);
    let mut told = Vec::new();
    let until = Instant::now() + PATIENCE;
    while let Ok(Some(answer)) = timeout_at(until, answers.next()).await {
        match answer {
            Ok(one) => told.push(one),
            Err(error) => {
                // The others are left alone too: LINE is busy or away.
                tracing::info!(%error, "a profile could not be read; it is asked for later");
                break;
            }
        }
    }
    drop(answers);
    store::resident::keep_languages(ctx, &told).await?;
    Ok(told.len())
}
