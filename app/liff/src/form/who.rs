//! Who answers: a resident by their session, or whoever holds a cookie of their own, where a
//! form can be answered outside LINE.

use crate::server::{resident_of, session_secrets};
use axum::http::header::{COOKIE as COOKIES, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use domain::form::kept::Published;
use domain::permission::Actor;
use services::answer::Holder;
use services::{Context, Platform};

/// The cookie of those who are not known; it reaches the residents' pages only.
const COOKIE: &str = "kairan_answer";
/// Seconds that it lasts: as long as a draft is kept.
const COOKIE_AGE: u32 = 30 * 24 * 60 * 60;

/// Who answers.
pub(super) struct Who {
    /// Acting as the resident, or as nobody.
    pub(super) ctx: Context,
    /// Whose answers and drafts they are; nothing if it is not known.
    pub(super) holder: Option<Holder>,
    /// The cookie that the answer must set.
    pub(super) cookie: Option<String>,
    /// From where, for counting tries.
    pub(super) address: String,
    /// Names in the page who fills it in.
    pub(super) tag: String,
    /// The page was filled in by a resident whose session is gone: it is nobody's until they are
    /// known again.
    lost: bool,
    /// Whatever this browser asks for next is answered to the same one.
    stays: bool,
}

impl Who {
    /// By the cookies that came, and who filled in the page.
    pub(super) async fn of(
        platform: &Platform,
        headers: &HeaderMap,
        tag: &str,
    ) -> services::Result<Self> {
        let secrets = session_secrets(headers);
        if let Some((ctx, tag)) = resident_of(platform, &secrets, tag).await? {
            let holder = Holder::of(&ctx, None);
            let stays = secrets.len() == 1;
            return Ok(Self { ctx, holder, tag, stays, ..Self::nobody(platform) });
        }
        let nobody = Self { tag: tag.to_owned(), lost: !tag.is_empty(), ..Self::nobody(platform) };
        if nobody.lost {
            return Ok(nobody);
        }
        let holder = own_secret(headers).and_then(|secret| Holder::of(&nobody.ctx, Some(&secret)));
        Ok(Self { stays: holder.is_some(), holder, ..nobody })
    }

    fn nobody(platform: &Platform) -> Self {
        Self {
            ctx: platform.context(Actor::Nobody),
            holder: None,
            cookie: None,
            address: String::new(),
            tag: String::new(),
            lost: false,
            stays: false,
        }
    }

    /// Everybody whose cookies came.
    pub(super) async fn all(
        platform: &Platform,
        headers: &HeaderMap,
    ) -> services::Result<Vec<Self>> {
        let mut all = Vec::new();
        for secret in session_secrets(headers) {
            if let Some((ctx, tag)) = resident_of(platform, &[secret], "").await? {
                let holder = Holder::of(&ctx, None);
                all.push(Self { ctx, holder, tag, ..Self::nobody(platform) });
            }
        }
        if let Some(secret) = own_secret(headers) {
            let nobody = Self::nobody(platform);
            let holder = Holder::of(&nobody.ctx, Some(&secret));
            all.push(Self { holder, ..nobody });
        }
        Ok(all)
    }

    /// Whose things are kept, if a page that they are led to finds them: a browser that keeps no
    /// cookies, or those of two residents, may come back as somebody else.
    pub(super) fn led(&self) -> Option<&Holder> {
        self.holder.as_ref().filter(|_| self.stays)
    }

    /// Whether it is a resident.
    pub(super) fn is_known(&self) -> bool {
        matches!(self.ctx.actor, Actor::Resident(_))
    }

    /// Comes to a form: outside LINE whoever is not known gets a secret of their own. A form for
    /// residents alone knows nobody by a cookie, which anybody may make up.
    pub(super) fn enter(&mut self, platform: &Platform, form: &Published) {
        if self.is_known() {
            return;
        }
        if !form.settings.outside {
            self.holder = None;
        } else if self.holder.is_none() && !self.lost {
            self.begin(platform);
        }
    }

    /// Leaves a browser that others use: its drafts are gone, and what was sent is not shown there
    /// any more. The city has it all the same.
    pub(super) async fn leave(&mut self, platform: &Platform) -> services::Result<()> {
        if let Some(holder) = self.holder.take() {
            for (form, ..) in services::answer::drafts(&self.ctx, &holder).await? {
                services::answer::drop_draft(&self.ctx, &holder, form).await?;
            }
        }
        self.stays = false;
        self.cookie = Some(cookie(platform, "", 0));
        Ok(())
    }

    fn begin(&mut self, platform: &Platform) {
        let secret: String = self.ctx.random::<32>().iter().map(|b| format!("{b:02x}")).collect();
        self.holder = Holder::of(&self.ctx, Some(&secret));
        self.cookie = Some(cookie(platform, &secret, COOKIE_AGE));
    }
}

fn cookie(platform: &Platform, secret: &str, seconds: u32) -> String {
    let secure = if platform.settings.public_url.starts_with("https://") { "; Secure" } else { "" };
    format!("{COOKIE}={secret}; Path=/liff; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
}

fn own_secret(headers: &HeaderMap) -> Option<String> {
    let cookies =
        headers.get_all(COOKIES).iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(';'));
    let mut own = cookies.filter_map(|c| c.trim().strip_prefix(COOKIE)?.strip_prefix('='));
    own.find(|secret| secret.len() == 64 && secret.bytes().all(|b| b.is_ascii_hexdigit()))
        .map(str::to_owned)
}

/// Sets the cookie on a response of our own.
pub(super) fn with_cookie(mut response: Response, cookie: Option<String>) -> Response {
    if let Some(value) = cookie.and_then(|c| HeaderValue::from_str(&c).ok()) {
        response.headers_mut().append(SET_COOKIE, value);
    }
    response
}
