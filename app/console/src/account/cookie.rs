//! The session cookie of staff.

use services::Platform;

/// Whether the console is reached by https.
fn https(platform: &Platform) -> bool {
    platform.settings.public_url.starts_with("https://")
}

/// Name of the cookie: bound to the host (`__Host-`) where the console is reached by https.
pub fn name(platform: &Platform) -> String {
    if https(platform) {
        format!("__Host-{}", crate::server::COOKIE)
    } else {
        crate::server::COOKIE.to_owned()
    }
}

/// `__Host-` cookies must have the path `/`; the other keeps to the console.
fn attributes(platform: &Platform) -> &'static str {
    if https(platform) {
        "Path=/; HttpOnly; SameSite=Lax; Secure"
    } else {
        "Path=/console; HttpOnly; SameSite=Lax"
    }
}

/// Gives the browser a session's secret.
pub fn set(platform: &Platform, secret: &str) {
    ui::server::add_header(
        http::header::SET_COOKIE,
        &format!("{}={secret}; {}", name(platform), attributes(platform)),
    );
}

/// Takes it away again.
pub fn clear(platform: &Platform) {
    ui::server::add_header(
        http::header::SET_COOKIE,
        &format!("{}=; {}; Max-Age=0", name(platform), attributes(platform)),
    );
}
