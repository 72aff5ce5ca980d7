//! What LINE holds of rich menus, read back; and what it would cost to bring it where it should
//! be.

use super::{InForce, outcome, who};
use crate::{Context, Platform, Result};
use domain::menu::publish::{Desired, Live, LiveMenu, Plan, plan};
use line::client::Reply;
use roaring::RoaringBitmap;
use std::time::Duration;

/// Reads from LINE, again where that can help.
async fn asked<T, F>(call: impl Fn() -> F) -> std::result::Result<T, line::client::Error>
where
    F: Future<Output = std::result::Result<Reply<T>, line::client::Error>>,
{
    for wait in [100, 300, 900] {
        match call().await {
            Err(error) if error.retry_same_key() => {
                tracing::debug!(%error, wait, "menus: a question is repeated");
                tokio::time::sleep(Duration::from_millis(wait)).await;
            }
            other => return other.map(|reply| reply.value),
        }
    }
    call().await.map(|reply| reply.value)
}

/// What LINE holds; `notes`: what we remember is brought into line with it.
///
/// # Errors
/// If the database is away; in words if LINE does not answer.
pub(super) async fn read_back(
    platform: &Platform,
    ctx: &Context,
    now: &InForce,
    notes: bool,
) -> Result<std::result::Result<Live, String>> {
    let line = &platform.line;
    // What we remember first: whatever is made meanwhile is not taken for gone.
    let lines = store::menu::lines(ctx).await?;
    let read = async {
        let menus = asked(|| line.rich_menus()).await?;
        let aliases = asked(|| line.rich_menu_aliases()).await?;
        let default = asked(|| line.default_rich_menu()).await?;
        Ok::<_, line::client::Error>((menus, aliases, default))
    };
    let (menus, aliases, default) = match read.await {
        Ok(read) => read,
        Err(error) => return Ok(Err(outcome::words(&error))),
    };
    let gone: Vec<String> =
        lines.menus.keys().filter(|id| !menus.iter().any(|m| m.id == **id)).cloned().collect();
    if notes && !gone.is_empty() {
        store::menu::forgotten(ctx, &gone).await?;
    }
    let mut live = Live { default, ..Live::default() };
    for made in menus {
        let ours = now.install.owns_menu(&made.menu.name);
        let known = lines.menus.get(&made.id).is_some_and(|at| at.picture);
        let mut picture = known || !ours;
        if !picture {
            match asked(|| line.rich_menu_picture(&made.id)).await {
                Ok(found) => picture = found.is_some(),
                Err(error) => return Ok(Err(outcome::words(&error))),
            }
        }
        if notes && ours && !known {
            store::menu::arrived(ctx, &made.id, &made.menu.name, picture).await?;
        }
        live.menus.push(LiveMenu { id: made.id, name: made.menu.name, picture });
    }
    live.aliases = aliases.into_iter().map(|a| (a.alias, a.menu)).collect();
    Ok(Ok(live))
}

/// What everything would cost if this were published or declared.
///
/// # Errors
/// If the database is away.
pub(super) async fn foreseen(
    ctx: &Context,
    now: &InForce,
    live: &Live,
) -> Result<(Plan, Desired, RoaringBitmap)> {
    let found = who::evaluate(ctx, now, &now.situation(ctx.now()), None).await?;
    let lines = store::menu::lines(ctx).await?;
    let (links, unsure) = who::known(&lines, &found.looked_at);
    let live = Live { links, unsure, ..live.clone() };
    Ok((plan(&now.install, &found.desired, &live), found.desired, found.looked_at))
}
