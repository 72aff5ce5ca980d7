//! Residents are linked to a menu: a few one by one, many in bulk.

use crate::{Context, Platform, Result};
use domain::id::ResidentId;
use line::UserId;
use line::client::{Error as LineError, Reply};
use line::rich_menu::{BulkLink, BulkUnlink};
use std::time::Duration;
use tokio::sync::watch;

/// So few are switched one by one, at once and not a moment later.
pub(super) const FEW: usize = 4;
/// How often a call is repeated that may be, and how long is waited before, in milliseconds.
pub(super) const WAITS: [u64; 5] = [200, 500, 1_000, 2_000, 4_000];

/// Links some residents to a menu, or takes theirs from them.
pub(super) async fn link_some(
    platform: &Platform,
    ctx: &Context,
    stop: &mut watch::Receiver<bool>,
    menu: Option<&str>,
    residents: &[ResidentId],
) -> Result<std::result::Result<(), LineError>> {
    let users = store::menu::users(ctx, residents).await?;
    let ids: Vec<UserId> = users.into_iter().map(|to| UserId::from_bytes(to.user)).collect();
    let line = &platform.line;
    if ids.len() <= FEW {
        for id in ids {
            let one = || async move {
                match menu {
                    Some(menu) => line.link_rich_menu(id, menu).await,
                    None => line.unlink_rich_menu(id).await,
                }
            };
            if let Err(error) = repeated(&WAITS, stop, one).await {
                return Ok(Err(error));
            }
        }
        return Ok(Ok(()));
    }
    Ok(match menu {
        Some(menu) => {
            let bulk = BulkLink { rich_menu_id: menu.to_owned(), user_ids: ids };
            repeated(&WAITS, stop, || line.link_rich_menu_to_many(&bulk)).await
        }
        None => {
            let bulk = BulkUnlink { user_ids: ids };
            repeated(&WAITS, stop, || line.unlink_rich_menu_from_many(&bulk)).await
        }
    })
}

/// Repeats what may be done twice, after so many milliseconds each time, while that can help.
pub(super) async fn repeated<T, F>(
    waits: &[u64],
    stop: &mut watch::Receiver<bool>,
    call: impl Fn() -> F,
) -> std::result::Result<T, LineError>
where
    F: Future<Output = std::result::Result<Reply<T>, LineError>>,
{
    for &wait in waits {
        match call().await {
            Err(error) if error.retry_same_key() && !*stop.borrow() => {
                tracing::debug!(%error, wait, "menus: a call is repeated");
                tokio::select! {
                    () = tokio::time::sleep(Duration::from_millis(wait)) => {}
                    _ = stop.changed() => {}
                }
            }
            other => return other.map(|reply| reply.value),
        }
    }
    call().await.map(|reply| reply.value)
}
