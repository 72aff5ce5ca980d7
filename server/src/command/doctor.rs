//! `kairan doctor`: says what is well and what is not, one line each.

use super::{open, print};
use crate::config::Config;
use domain::time::HOUR;

/// Checks everything; fails if something is not well.
pub async fn run(config: &Config) -> anyhow::Result<()> {
    let mut bad = 0;
    let mut say = |ok: bool, what: &str, detail: &str| {
        bad += usize::from(!ok);
        print(&format!("{}  {what}: {detail}", if ok { "ok  " } else { "FAIL" }));
    };
    say(true, "public address", &config.public_url);
    match &config.console_allow {
        Some(list) => say(true, "console is reached from", list),
        None => {
            say(true, "console is reached from", "loopback only (KAIRAN_CONSOLE_ALLOW is not set)")
        }
    }
    for (name, value) in [
        ("KAIRAN_LINE_CHANNEL_ID", &config.line_channel_id),
        ("KAIRAN_LINE_CHANNEL_SECRET", &config.line_channel_secret),
        ("KAIRAN_LOGIN_CHANNEL_ID", &config.login_channel_id),
        ("KAIRAN_LIFF_ID", &config.liff_id),
    ] {
        say(!value.is_empty(), name, if value.is_empty() { "is not set" } else { "is set" });
    }
    match raster::Font::find(config.menu_font.as_deref()) {
        Ok(font) => say(true, "font of rich menus", &font.path().display().to_string()),
        Err(error) => say(false, "font of rich menus", &error.to_string()),
    }
    let platform = match open(config).await {
        Ok(platform) => platform,
        Err(error) => {
            say(false, "database and keys", &format!("{error:#}"));
            anyhow::bail!("{bad} problem(s)");
        }
    };
    let ctx = platform.system();
    say(
        true,
        "database",
        if platform.store.is_sqlite() { "SQLite, migrated" } else { "PostgreSQL, migrated" },
    );
    say(
        true,
        "keys",
        &format!(
            "key {} encrypts; {} value(s) re-encrypted now",
            platform.store.keys().current(),
            store::work::rotate(&ctx).await?
        ),
    );
    let kept = store::blob::check(&ctx).await;
    let (blobs, old) = store::blob::count(&ctx).await?;
    match kept {
        Ok(()) => say(
            true,
            "blobs",
            &format!(
                "{} is written and read; {blobs} kept, {old} still under an older key",
                config.blob_url
            ),
        ),
        Err(error) => say(
            false,
            "blobs",
            &format!(
                "{} is not written and read: {}",
                config.blob_url,
                std::error::Error::source(&error)
                    .map_or_else(|| error.to_string(), ToString::to_string)
            ),
        ),
    }
    match (&platform.settings.clamd_address, services::answer::try_scanner(&platform).await) {
        (None, _) => say(true, "virus scanner", "KAIRAN_CLAMD_ADDRESS is not set"),
        (Some(address), Ok(())) => say(true, "virus scanner", &format!("{address} answers")),
        (Some(address), Err(error)) => {
            say(false, "virus scanner", &format!("{address} refuses every upload: {error}"))
        }
    }
    match store::ledger::verify(&ctx).await? {
        None => say(true, "ledger", "the chain is whole"),
        Some(seq) => say(false, "ledger", &format!("line {seq} was changed after it was sealed")),
    }
    let (waiting, aside) = store::inbox::backlog(&ctx).await?;
    say(aside == 0, "inbox", &format!("{waiting} waiting, {aside} set aside"));
    match services::resident::last_synchronised(&ctx).await? {
        Some(at) if ctx.now().since(at) < 30 * HOUR => {
            say(true, "friends", &format!("synchronised {}", at.rfc3339()))
        }
        Some(at) => say(false, "friends", &format!("last synchronised {}", at.rfc3339())),
        None => say(true, "friends", "not synchronised yet"),
    }
    let (waiting, given_up) = store::mail::backlog(&ctx).await?;
    match services::mail::reach(&platform).await {
        Ok(None) => {
            say(true, "mail", "KAIRAN_SMTP_RELAY_URL is not set: alerts stand in the console only")
        }
        Ok(Some(from)) => say(
            given_up == 0,
            "mail",
            &format!(
                "the relay answers; mails come from {from}; {waiting} waiting, {given_up} given up today"
            ),
        ),
        Err(error) => say(false, "mail", &format!("the relay cannot be used: {error}")),
    }
    match platform.line.bot_info().await {
        Ok(info) => say(true, "LINE", &format!("channel of {}", info.value.basic_id)),
        Err(error) => say(false, "LINE", &error.to_string()),
    }
    if bad > 0 {
        anyhow::bail!("{bad} problem(s)");
    }
    Ok(())
}
