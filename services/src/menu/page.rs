//! The web pages to which published menus lead are looked at once a day, so that staff hear of
//! those that do not open any more.

use crate::link::{Answer, Looker};
use crate::{Context, Platform, Result};
use domain::time::{HOUR, MINUTE, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use store::menu::Looked;
use tokio::sync::watch;

const DUTY: &str = "menu pages";
/// How often it is asked whether there are pages that nobody looked at today, in microseconds.
const PERIOD: i64 = 10 * MINUTE;
/// Pages of one round: it is over before its lease is, even if none of them answers.
const AT_ONCE: usize = 100;
/// For how long a round is one server's, in microseconds.
const LEASE: i64 = HOUR;
/// How often a server asks for the duty.
const LOOK: Duration = Duration::from_secs(60);

/// Looks at the pages of published menus, each once a day, until `stop` turns true.
pub async fn watch_pages(platform: Arc<Platform>, owner: String, mut stop: watch::Receiver<bool>) {
    let looker = match Looker::new() {
        Ok(looker) => looker,
        Err(error) => {
            tracing::error!(%error, "menus: the pages to which they lead are not looked at");
            return;
        }
    };
    while !*stop.borrow() {
        let ctx = platform.system();
        tokio::select! {
            done = round(&ctx, &owner, &looker) => if let Err(error) = done {
                tracing::error!(%error, duty = DUTY, "a duty failed and is tried again");
            },
            // What was not written is looked at again.
            _ = stop.changed() => break,
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            _ = stop.changed() => {}
        }
    }
}

async fn round(ctx: &Context, owner: &str, looker: &Looker) -> Result<()> {
    let due = Timestamp(ctx.now().0 - PERIOD);
    if !store::work::take(ctx, DUTY, owner, due, LEASE).await? {
        return Ok(());
    }
    match look_at_pages(ctx, looker).await {
        Ok(()) => store::work::done(ctx, DUTY).await,
        Err(error) => {
            store::work::failed(ctx, DUTY, ctx.now().plus(MINUTE)).await?;
            Err(error)
        }
    }
}

/// Looks at the pages that nobody looked at today. Where no page answers at all, it is our own
/// way out that is closed: then nothing is said of them.
///
/// # Errors
/// If the database is away.
pub async fn look_at_pages(ctx: &Context, looker: &Looker) -> Result<()> {
    let mut answers = BTreeMap::new();
    for page in store::menu::pages_due(ctx).await?.into_iter().take(AT_ONCE) {
        let answer = looker.look(&page).await;
        answers.insert(page, answer);
    }
    if answers.is_empty() {
        return Ok(());
    }
    let answered = answers.values().any(|a| matches!(a, Answer::Opens | Answer::Gone(_)));
    let looked = |answer| match answer {
        Answer::Opens => Looked::Opens,
        Answer::Gone(status) => Looked::Fails(format!("エラー{}", status.as_u16())),
        Answer::Silent(why) if answered => Looked::Fails(why.into()),
        Answer::Silent(_) | Answer::Unasked => Looked::Unknown,
    };
    let found = answers.into_iter().map(|(page, answer)| (page, looked(answer))).collect();
    store::menu::keep_pages(ctx, &found).await
}
