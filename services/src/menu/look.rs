//! What LINE holds of rich menus, read back; and what it would cost to bring it where it should
//! be.

use super::link::repeated;
use super::{InForce, outcome, sweep, who};
use crate::{Context, Platform, Result};
use domain::menu::publish::{Desired, Live, LiveMenu, Plan, plan};
use roaring::RoaringBitmap;
use tokio::sync::watch;

/// How long is waited before a question is repeated, in milliseconds: somebody may look at a
/// page meanwhile.
const WAITS: [u64; 3] = [100, 300, 900];

/// What LINE holds; `notes`: what we remember is brought into line with it. Nothing is repeated
/// any more once `stop` is true.
///
/// # Errors
/// If the database is away; in words if LINE does not answer.
pub(super) async fn read_back(
    platform: &Platform,
    ctx: &Context,
    now: &InForce,
    notes: bool,
    stop: &mut watch::Receiver<bool>,
) -> Result<std::result::Result<Live, String>> {
    let line = &platform.line;
    // What we remember first: whatever is made meanwhile is not taken for gone.
    let lines = store::menu::lines(ctx).await?;
    let read = async {
        let menus = repeated(&WAITS, stop, || line.rich_menus()).await?;
        let aliases = repeated(&WAITS, stop, || line.rich_menu_aliases()).await?;
        let default = repeated(&WAITS, stop, || line.default_rich_menu()).await?;
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
    let mut answers = true;
    for made in menus {
        let ours = now.install.owns_menu(&made.menu.name);
        let known = lines.menus.get(&made.id).is_some_and(|at| at.picture);
        let mut picture = known || !ours;
        if !picture && answers {
            // Pictures have a host of their own. While it does not answer, residents are still
            // switched to the menus whose pictures we know to be there.
            match repeated(&WAITS, stop, || line.rich_menu_picture(&made.id)).await {
                Ok(found) => picture = found.is_some(),
                Err(error) => {
                    tracing::warn!(%error, "menus: LINE does not say which pictures it has");
                    answers = false;
                }
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
    let astray = sweep::is_due(ctx, now).await?;
    let live = Live { links, unsure, astray, ..live.clone() };
    Ok((plan(&now.install, &found.desired, &live), found.desired, found.looked_at))
}
