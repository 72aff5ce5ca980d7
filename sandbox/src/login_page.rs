//! The web page of LINE Login: the person who tries it picks whom to be.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::Form;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use line::UserId;
use serde::Deserialize;

use crate::account::is_loopback;
use crate::login::page_error;
use crate::shared::{LoginCode, Shared};

/// Residents that the page lists at most.
const LISTED: usize = 50;

/// What the application asks for, and the search of the page itself.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Authorize {
    response_type: String,
    client_id: String,
    redirect_uri: String,
    state: String,
    scope: String,
    nonce: Option<String>,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
    #[serde(rename = "liffId")]
    liff_id: Option<String>,
    q: String,
    user_id: String,
}

impl Authorize {
    /// What is wrong with the request, in words.
    fn wrong(&self, shared: &Shared) -> Option<&'static str> {
        let endpoint = url::Url::parse(&shared.world().liff_endpoint_url).ok();
        let redirect = url::Url::parse(&self.redirect_uri).ok();
        let known = redirect.is_some_and(|redirect| {
            matches!(redirect.scheme(), "http" | "https")
                && (is_loopback(&redirect)
                    || endpoint.is_some_and(|endpoint| endpoint.origin() == redirect.origin()))
        });
        if self.response_type != "code" {
            Some("response_type は code でなければなりません。")
        } else if self.client_id != shared.config.login_channel_id {
            Some("client_id が LINE Login チャネルの ID と違います。")
        } else if !known {
            Some("redirect_uri が登録されたアドレスと違います。")
        } else if self.state.is_empty() {
            Some("state がありません。")
        } else if self.scope.is_empty() {
            Some("scope がありません。")
        } else if self.code_challenge.is_some()
            && self.code_challenge_method.as_deref() != Some("S256")
        {
            Some("code_challenge_method は S256 でなければなりません。")
        } else if self.liff_id.as_ref().is_some_and(|id| *id != shared.config.liff_id) {
            Some("LIFF ID が違います。")
        } else {
            None
        }
    }

    /// The address to go back to with these parameters.
    fn back(&self, parameters: &[(&str, &str)]) -> Option<String> {
        let mut url = url::Url::parse(&self.redirect_uri).ok()?;
        {
            let mut query = url.query_pairs_mut();
            query.extend_pairs(parameters).append_pair("state", &self.state);
            if self.liff_id.is_some() {
                query
                    .append_pair("liffClientId", &self.client_id)
                    .append_pair("liffRedirectUri", &self.redirect_uri);
            }
        }
        Some(url.into())
    }

    fn hidden(&self) -> String {
        let mut html = String::new();
        let given = [
            ("response_type", Some(&self.response_type)),
            ("client_id", Some(&self.client_id)),
            ("redirect_uri", Some(&self.redirect_uri)),
            ("state", Some(&self.state)),
            ("scope", Some(&self.scope)),
            ("nonce", self.nonce.as_ref()),
            ("code_challenge", self.code_challenge.as_ref()),
            ("code_challenge_method", self.code_challenge_method.as_ref()),
            ("liffId", self.liff_id.as_ref()),
        ];
        for (name, value) in given {
            if let Some(value) = value {
                let value = escape(value);
                let _ = write!(html, r#"<input type="hidden" name="{name}" value="{value}">"#);
            }
        }
        html
    }
}

/// `GET /oauth2/v2.1/authorize`.
pub async fn show(
    State(shared): State<Arc<Shared>>,
    query: Result<Query<Authorize>, QueryRejection>,
) -> Response {
    let Ok(Query(asked)) = query else {
        return page_error(StatusCode::BAD_REQUEST, "要求を読み取れませんでした。");
    };
    if let Some(wrong) = asked.wrong(&shared) {
        return page_error(StatusCode::BAD_REQUEST, wrong);
    }
    let mut people = String::new();
    let mut found = 0;
    for resident in &shared.world().residents {
        let id = resident.id.to_string();
        if !resident.name.contains(&asked.q) && id != asked.q {
            continue;
        }
        found += 1;
        if found > LISTED {
            continue;
        }
        let name = escape(&resident.name);
        let _ = write!(people, r#"<li><button name="user_id" value="{id}">{name}</button></li>"#);
    }
    let more = if found > LISTED {
        format!("<p>ほか{}人。名前で探してください。</p>", found - LISTED)
    } else if found == 0 {
        "<p>あてはまる人がいません。</p>".to_owned()
    } else {
        String::new()
    };
    let page = format!(
        include_str!("login_page.html"),
        hidden = asked.hidden(),
        q = escape(&asked.q),
        people = people,
        more = more,
    );
    ([(header::CACHE_CONTROL, "no-store")], Html(page)).into_response()
}

/// `POST /oauth2/v2.1/authorize`: somebody was picked, or it was called off.
pub async fn choose(
    State(shared): State<Arc<Shared>>,
    form: Result<Form<Authorize>, FormRejection>,
) -> Response {
    let Ok(Form(asked)) = form else {
        return page_error(StatusCode::BAD_REQUEST, "要求を読み取れませんでした。");
    };
    if let Some(wrong) = asked.wrong(&shared) {
        return page_error(StatusCode::BAD_REQUEST, wrong);
    }
    let back = if asked.user_id.is_empty() {
        let words = "The resource owner denied the request.";
        asked.back(&[("error", "access_denied"), ("error_description", words)])
    } else {
        let who = asked.user_id.parse::<UserId>().ok().and_then(|id| shared.world().find(id));
        let Some(who) = who else {
            return page_error(StatusCode::NOT_FOUND, "その人はいません。");
        };
        let code = shared.hand_out(LoginCode {
            who,
            redirect_uri: asked.redirect_uri.clone(),
            nonce: asked.nonce.clone(),
            challenge: asked.code_challenge.clone(),
            scope: asked.scope.clone(),
            until: 0,
        });
        asked.back(&[("code", &code)])
    };
    match back {
        Some(back) => (
            StatusCode::FOUND,
            [(header::LOCATION, back), (header::CACHE_CONTROL, "no-store".into())],
        )
            .into_response(),
        None => page_error(StatusCode::BAD_REQUEST, "redirect_uri を読み取れませんでした。"),
    }
}

/// Text for HTML, in elements and in quoted attributes.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _ => safe.push(c),
        }
    }
    safe
}
