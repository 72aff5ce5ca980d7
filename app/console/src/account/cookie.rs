//! The session cookie of staff.

use crate::server::cookie_name;
use services::Platform;

/// Gives the browser a session's secret.
pub fn set(platform: &Platform, secret: &str) {
    put(platform, secret, "");
}

/// Takes it away again.
pub fn clear(platform: &Platform) {
    put(platform, "", "; Max-Age=0");
}

/// `__Host-` cookies must have the path `/`; the other keeps to the console.
fn put(platform: &Platform, secret: &str, more: &str) {
    let name = cookie_name(&platform.settings.public_url);
    let place = if name.starts_with("__Host-") { "/; Secure" } else { "/console" };
    let cookie = format!("{name}={secret}; Path={place}; HttpOnly; SameSite=Lax{more}");
    ui::server::add_header(http::header::SET_COOKIE, &cookie);
}
