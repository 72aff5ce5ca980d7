//! On the server: which of the residents' pages a request gets, and the session.

use crate::{form, registration};
use axum::Json;
use axum::body::Body;
use axum::extract::{Form, FromRequest, Request};
use axum::http::header::{CACHE_CONTROL, COOKIE as COOKIES, LOCATION, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::form::{AGREED, Answers, CONSENT};
use domain::id::{BlobId, FormId, ResidentId};
use domain::permission::Actor;
use domain::problem::Problem;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::Title;
use serde::{Deserialize, Serialize};
use services::resident::LoginRefused;
use services::{Context, Error, Platform};
use std::sync::Arc;

/// The session cookie of residents; it never reaches the console's paths.
pub const COOKIE: &str = "kairan_resident";
/// Seconds that the cookie lasts, as long as the session behind it.
const COOKIE_AGE: u32 = 12 * 60 * 60;
/// Hidden field that names who filled in a page.
pub(crate) const SESSION_FIELD: &str = "session";
/// Bytes of that name: enough to tell two residents of one browser apart.
const TAG: usize = 8;
/// Bytes of a sent form: far more than all questions' keys together.
const FORM_MAX: usize = 256 * 1024;
/// Bytes of an ID token's request.
const TOKEN_MAX: usize = 16 * 1024;

/// A page of the residents, made and ready to be put into the document.
#[derive(Clone, Debug)]
pub struct LiffPage {
    /// With which status it is answered.
    pub status: StatusCode,
    /// The document's title.
    pub title: String,
    /// What the script is to do: `ask`, `done`, or nothing but close (`closed`); `form` has a
    /// script of its own.
    pub mode: &'static str,
    /// A cookie to set.
    pub cookie: Option<String>,
    /// It was known who asks.
    pub known: bool,
    /// It can be answered by somebody who is not known.
    pub outside: bool,
    /// Where the browser is led, in the place of a page.
    pub to: Option<String>,
    /// The content of `<main>`.
    pub html: Arc<str>,
    /// LIFF app, for `liff.init`.
    pub liff_id: String,
    /// Address of LINE's script.
    pub sdk: String,
}

impl LiffPage {
    /// Renders a page, outside of any document.
    pub(crate) fn new(
        platform: &Platform,
        status: StatusCode,
        title: impl Into<String>,
        mode: &'static str,
        view: impl FnOnce() -> AnyView,
    ) -> Self {
        let owner = Owner::new();
        let html = owner.with(|| view().to_html());
        let settings = &platform.settings;
        Self {
            status,
            title: title.into(),
            mode,
            cookie: None,
            known: false,
            outside: false,
            to: None,
            html: html.into(),
            liff_id: settings.liff_id.clone(),
            sdk: settings.liff_sdk_url.clone(),
        }
    }

    /// Leads to a page of ours. What was sent is kept by then: the keys for back and anew find
    /// pages that are asked for, and nothing is sent twice.
    pub(crate) fn leading(platform: &Platform, to: String) -> Self {
        let page = Self::new(platform, StatusCode::SEE_OTHER, "", "closed", || ().into_any());
        Self { to: Some(to), ..page }
    }
}

/// The way to another page, if that is what a request comes to.
pub fn way(request: &Request) -> Option<Response> {
    let to = request.extensions().get::<LiffPage>()?.to.clone()?;
    let headers = [(CACHE_CONTROL, "no-store".to_owned()), (LOCATION, to)];
    Some((StatusCode::SEE_OTHER, headers).into_response())
}

/// Finds the page of a request under `/liff` (`GET` and `POST`) and does what was
/// sent; hands back the request with its page, for Leptos to render.
pub async fn prepare(platform: &Platform, request: Request) -> Request {
    let (mut parts, body) = request.into_parts();
    let path = parts.uri.path().trim_end_matches('/').to_owned();
    let sent = parts.method == Method::POST;
    let reference = parts
        .extensions
        .get::<ui::server::RequestId>()
        .map_or_else(|| "E-000000".to_owned(), |id| id.0.clone());
    let found = match (path.as_str(), sent) {
        // LINE's first redirect comes to the first; its script then goes on to the path in liff.state.
        ("/liff" | "/liff/register", false) => registration::ask(platform).await,
        ("/liff" | "/liff/register", true) => {
            let request = Request::from_parts(parts.clone(), body);
            match read_form(request).await {
                Ok(sent) => {
                    registration::send(platform, &session_secrets(&parts.headers), sent, &reference)
                        .await
                }
                Err(problem) => {
                    registration::refuse(
                        platform,
                        Answers::new(),
                        vec![problem],
                        StatusCode::BAD_REQUEST,
                    )
                    .await
                }
            }
        }
        (path, _)
            if path == "/liff/answers"
                || path.starts_with("/liff/answers/")
                || path.starts_with("/liff/f/") =>
        {
            let request = Request::from_parts(parts.clone(), body);
            application(platform, path, sent, request, &reference).await
        }
        ("/liff/corrections", false) => crate::corrections::page(platform).await,
        ("/liff/closed", false) => registration::closed(platform).await,
        _ => Ok(registration::not_found(platform)),
    };
    let page = found.unwrap_or_else(|error| {
        log(&error, &reference);
        registration::unavailable(platform, reference)
    });
    parts.method = Method::GET;
    parts.extensions.insert(page);
    Request::from_parts(parts, Body::empty())
}

/// Forms, and what was sent by them.
async fn application(
    platform: &Platform,
    path: &str,
    sent: bool,
    request: Request,
    reference: &str,
) -> services::Result<LiffPage> {
    let headers = request.headers().clone();
    let query = request.uri().query().unwrap_or_default().to_owned();
    let segments: Vec<&str> = path.split('/').skip(2).collect();
    match segments.as_slice() {
        ["f", id] | ["f", id, "files"] if sent => match id.parse() {
            Ok(id) => form::post(platform, id, request, reference).await,
            Err(_) => Ok(registration::not_found(platform)),
        },
        ["f", id] | ["f", id, "files"] => match id.parse() {
            Ok(id) => form::get(platform, id, &query, &headers).await,
            Err(_) => Ok(registration::not_found(platform)),
        },
        ["f", id, "try"] => match id.parse() {
            Ok(id) => form::trial(platform, id, &headers, sent.then_some(request), reference).await,
            Err(_) => Ok(registration::not_found(platform)),
        },
        ["answers"] => form::list(platform, &headers, sent).await,
        ["answers", id] => match id.parse() {
            Ok(id) => form::one(platform, id, &query, &headers, sent.then_some(request)).await,
            Err(_) => Ok(registration::not_found(platform)),
        },
        _ => Ok(registration::not_found(platform)),
    }
}

/// `POST /liff/f/{id}/files` by the script.
pub async fn upload(platform: &Platform, id: FormId, request: Request) -> Response {
    form::upload(platform, id, request).await
}

/// `POST /liff/f/{id}/draft` by the script.
pub async fn save_draft(platform: &Platform, id: FormId, request: Request) -> Response {
    form::save(platform, id, request).await
}

/// `POST /liff/f/{id}/try/draft` by the script.
pub async fn look_at_trial(platform: &Platform, id: FormId, request: Request) -> Response {
    form::look(platform, id, request).await
}

/// `GET /liff/f/{id}/files/{blob}`, or its small form.
pub async fn file(platform: &Platform, headers: &HeaderMap, id: &BlobId, small: bool) -> Response {
    form::file(platform, headers, id, small).await
}

pub(crate) fn log(error: &Error, reference: &str) {
    tracing::error!(error = %error, source = ?std::error::Error::source(error).map(ToString::to_string), reference, "a resident's request failed");
}

/// A page as it leaves the server.
pub(crate) fn view() -> impl IntoView + use<> {
    let page = use_context::<Parts>().and_then(|parts| parts.extensions.get::<LiffPage>().cloned());
    match &page {
        Some(page) if page.status == StatusCode::OK => {}
        Some(page) => ui::server::set_status(page.status.as_u16()),
        None => ui::server::set_status(404),
    }
    let page = page.unwrap_or_else(|| LiffPage {
        status: StatusCode::NOT_FOUND,
        title: String::new(),
        mode: "closed",
        cookie: None,
        known: false,
        outside: false,
        to: None,
        html: "".into(),
        liff_id: String::new(),
        sdk: String::new(),
    });
    let LiffPage { title, mode, html, liff_id, sdk, cookie, known, outside, .. } = page;
    if mode == "form" {
        // What somebody wrote stands in it.
        ui::server::add_header(CACHE_CONTROL, "no-store");
    }
    if let Some(cookie) = cookie {
        ui::server::add_header(SET_COOKIE, &cookie);
    }
    let script = if mode == "form" { "/form.js" } else { "/liff.js" };
    let (known, outside) = (known.then_some("yes"), outside.then_some("yes"));
    view! {
        <Title text=title.clone() formatter=crate::plain() />
        <main id="main" class="liff" data-title=title inner_html=html.to_string()></main>
        <script src="/line.js" defer=true nonce=use_nonce()></script>
        <script src=script defer=true nonce=use_nonce() data-mode=mode data-sdk=sdk data-liff-id=liff_id data-known=known data-outside=outside></script>
    }
}

/// What a form carried.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// The answers as given.
    pub answers: Answers,
    /// Who filled in the page; empty where the script did not say.
    pub session: String,
}

/// Reads `answers[key][]=…` from a sent form.
///
/// # Errors
/// A problem in words if it is no form, or too large.
async fn read_form(request: Request) -> Result<Sent, Problem> {
    let unreadable =
        || Problem::new("", "送られた内容を読み取れませんでした。もう一度選んで、登録してください");
    let (parts, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, FORM_MAX).await.map_err(|_| unreadable())?;
    let request = Request::from_parts(parts, Body::from(bytes));
    let Form(pairs) = Form::<Vec<(String, String)>>::from_request(request, &())
        .await
        .map_err(|_| unreadable())?;
    let mut sent = Sent::default();
    for (name, value) in pairs {
        if name == SESSION_FIELD {
            sent.session = value;
        } else if let Some(key) =
            name.strip_prefix("answers[").and_then(|rest| rest.split_once(']')).map(|(key, _)| key)
        {
            sent.answers.entry(key.to_owned()).or_default().push(value);
        }
    }
    Ok(sent)
}

/// Every session secret that the browser sent.
pub(crate) fn session_secrets(headers: &HeaderMap) -> Vec<String> {
    let cookies =
        headers.get_all(COOKIES).iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(';'));
    cookies
        .filter_map(|c| c.trim().strip_prefix(COOKIE)?.strip_prefix('='))
        .map(str::to_owned)
        .collect()
}

/// Names a resident in their pages, so that what one has filled in is not taken for another's who
/// shares the browser (as on `/phone`). It is the same in all their sessions: a page opens one
/// anew while the former page is still being sent.
fn tag_of(ctx: &Context, id: ResidentId) -> String {
    let hash = ctx.store.keys().hash("liff.tag", &id.0.to_be_bytes());
    hash.iter().take(TAG).map(|byte| format!("{byte:02x}")).collect()
}

/// The acting resident: of a session that lives, and who filled in the page.
pub(crate) async fn resident(
    platform: &Platform,
    secrets: &[String],
    tag: &str,
) -> services::Result<Option<Context>> {
    Ok(resident_of(platform, secrets, tag).await?.map(|(ctx, _)| ctx))
}

/// The same with what names them in their pages.
pub(crate) async fn resident_of(
    platform: &Platform,
    secrets: &[String],
    tag: &str,
) -> services::Result<Option<(Context, String)>> {
    let ctx = platform.context(Actor::System);
    for secret in secrets {
        if let Some(id) = services::resident::session_resident(&ctx, secret).await? {
            let own = tag_of(&ctx, id);
            if !tag.is_empty() && own != tag {
                continue;
            }
            return Ok(Some((platform.context(Actor::Resident(id)), own)));
        }
    }
    Ok(None)
}

/// What LINE's script got for us.
#[derive(Deserialize)]
struct Token {
    id_token: String,
}

/// What the page learns of the resident who holds the telephone.
#[derive(Serialize)]
struct Opened {
    /// They have registered before.
    registered: bool,
    /// Their answers so far, from the registration or the talk.
    answers: Answers,
    /// Goes back with the form.
    session: String,
    /// The browser had a session of the same resident before.
    same: bool,
}

/// Why no session was opened, in words for residents.
#[derive(Serialize)]
struct NotOpened {
    message: &'static str,
}

/// `POST /liff/session {id_token}`: exchanges LINE's ID token for our own session.
pub async fn open_session(platform: &Platform, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let refuse = |status: StatusCode, message: &'static str| {
        (status, [(CACHE_CONTROL, "no-store")], Json(NotOpened { message })).into_response()
    };
    const AGAIN: &str = "LINEの確認が古くなりました。LINEのトークから、もう一度ひらいてください";
    const LATER: &str = "いまは確かめられませんでした。少し待ってから、もう一度ひらいてください";
    // A form of another site cannot send this type without being asked for by CORS.
    let json = parts
        .headers
        .get("content-type")
        .is_some_and(|v| v.as_bytes().starts_with(b"application/json"));
    let token = match axum::body::to_bytes(body, TOKEN_MAX).await {
        Ok(bytes) if json => serde_json::from_slice::<Token>(&bytes).ok(),
        _ => None,
    };
    let Some(Token { id_token }) = token else { return refuse(StatusCode::BAD_REQUEST, AGAIN) };
    let opened = match services::resident::log_in(platform, &id_token).await {
        Ok((secret, ctx)) => services::resident::mine(&ctx).await.map(|mine| (secret, ctx, mine)),
        Err(LoginRefused::Invalid) => return refuse(StatusCode::UNAUTHORIZED, AGAIN),
        Err(LoginRefused::Unavailable) => return refuse(StatusCode::SERVICE_UNAVAILABLE, LATER),
        Err(LoginRefused::Failed(error)) => Err(error),
    };
    let (secret, ctx, mine) = match opened {
        Ok(opened) => opened,
        Err(error) => {
            log(
                &error,
                parts.extensions.get::<ui::server::RequestId>().map_or("E-000000", |id| &id.0),
            );
            return refuse(StatusCode::SERVICE_UNAVAILABLE, LATER);
        }
    };
    let session = match ctx.actor {
        Actor::Resident(id) => tag_of(&ctx, id),
        _ => String::new(),
    };
    let before = resident_of(platform, &session_secrets(&parts.headers), "").await.ok().flatten();
    let same = before.is_some_and(|(before, _)| before.actor == ctx.actor);
    let registered = mine.registered_at.is_some();
    let mut answers = mine.answers;
    if registered {
        answers.insert(CONSENT.into(), vec![AGREED.into()]);
    }
    let secure = if platform.settings.public_url.starts_with("https://") { "; Secure" } else { "" };
    let cookie = format!(
        "{COOKIE}={secret}; Path=/liff; HttpOnly; SameSite=Lax; Max-Age={COOKIE_AGE}{secure}"
    );
    (
        [(SET_COOKIE, cookie.as_str()), (CACHE_CONTROL, "no-store")],
        Json(Opened { registered, answers, session, same }),
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(body: &str) -> Result<Sent, Problem> {
        let request = Request::builder()
            .method("POST")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(body.to_owned()));
        read_form(request.expect("a request")).await
    }

    #[tokio::test]
    async fn a_browser_s_form_is_read_with_repeated_names() {
        let sent = read("session=0123abcd&answers%5Btopics%5D%5B%5D=waste&answers%5Btopics%5D%5B%5D=water&answers[home][]=higashi1&other=x").await.expect("a form");
        assert_eq!(sent.session, "0123abcd");
        assert_eq!(sent.answers["topics"], ["waste", "water"]);
        assert_eq!(sent.answers["home"], ["higashi1"]);
        assert_eq!(sent.answers.len(), 2);
    }

    #[tokio::test]
    async fn what_is_no_form_or_too_large_is_refused_in_words() {
        let huge = format!("answers[home][]={}", "x".repeat(FORM_MAX));
        assert!(read(&huge).await.is_err());
        let json = Request::builder()
            .method("POST")
            .header("content-type", "application/json")
            .body(Body::from("{}"))
            .expect("a request");
        assert!(!read_form(json).await.expect_err("refused").message.is_empty());
    }

    #[test]
    fn only_our_cookie_is_taken() {
        let mut headers = HeaderMap::new();
        headers.append(
            COOKIES,
            "kairan_staff=a; kairan_resident=b; kairan_resident2=c".parse().expect("a header"),
        );
        headers.append(COOKIES, "kairan_resident=d".parse().expect("a header"));
        assert_eq!(session_secrets(&headers), ["b", "d"]);
    }
}
