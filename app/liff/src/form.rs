//! Forms that residents answer (`/liff/f/{id}`) and 「わたしの申請」 (`/liff/answers`): plain
//! forms whose pages are answered by pages, with all that was typed. `public/form.js` makes
//! them quicker: it shows what follows from an answer at once, saves, makes photos small.

mod change;
mod draw;
mod mine;
mod posted;
mod trial;
mod turn;
mod who;

pub(crate) use mine::{list, one};
pub(crate) use trial::{look, page as trial};
pub(crate) use turn::{get, post};

use self::posted::Posted;
use self::who::Who;
use crate::server::LiffPage;
use axum::Json;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::form::ANSWERED_FOR;
use domain::form::inbox::FileOf;
use domain::form::kept::Published;
use domain::form::migrate::Draft;
use domain::id::{BlobId, FormId};
use domain::permission::Actor;
use domain::problem::Problem;
use serde::Serialize;
use services::answer::Kept;
use services::{Error, Platform};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// What the script is told of an upload or a draft.
#[derive(Default, Serialize)]
struct Told {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<FileOf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    saved: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// The names of the fields that are seen on the page.
    seen: Vec<String>,
    /// What was worked out, by name.
    worked: Vec<(String, String)>,
}

fn tell(status: StatusCode, told: Told) -> Response {
    (status, [(CACHE_CONTROL, "no-store")], Json(told)).into_response()
}

fn words_of(error: &Error) -> (StatusCode, String) {
    match error {
        Error::Invalid(problems) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            problems.first().map_or_else(String::new, |p| p.message.clone()),
        ),
        Error::Conflict(words) => (StatusCode::CONFLICT, words.clone()),
        Error::NotFound => (StatusCode::NOT_FOUND, "フォームがなくなりました".into()),
        _ => (
            StatusCode::SERVICE_UNAVAILABLE,
            "市のシステムが答えられませんでした。少し待って、もう一度押してください".into(),
        ),
    }
}

const UNKNOWN: &str = "どなたが書いているかを、LINEで確かめられませんでした。書いた内容はこの画面に残っています。LINEのトークからひらいた画面で、もう一度押してください";

/// By what tries and uploads are counted: the address, of IPv6 the network, since everybody
/// there has any number of addresses.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(four) => four.to_string(),
        IpAddr::V6(six) => {
            let [a, b, c, d, ..] = six.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

fn address_of(request: &Request) -> String {
    request.extensions().get::<IpAddr>().copied().map(network).unwrap_or_default()
}

/// What was sent for a form, and by whom.
async fn arrive(
    platform: &Platform,
    id: FormId,
    request: Request,
) -> services::Result<Result<(Published, Posted, Who), Problem>> {
    let ctx = platform.context(Actor::System);
    let form = services::form::published(&ctx, id).await?.ok_or(Error::NotFound)?;
    let headers = request.headers().clone();
    let address = address_of(&request);
    let posted = match Posted::read(request).await {
        Ok(posted) => posted,
        Err(problem) => return Ok(Err(problem)),
    };
    let mut who = Who::of(platform, &headers, &posted.session).await?;
    who.address = address;
    who.enter(platform, &form);
    Ok(Ok((form, posted, who)))
}

/// `POST /liff/f/{id}/files` by the script: keeps one upload and says what it is.
pub(crate) async fn upload(platform: &Platform, id: FormId, request: Request) -> Response {
    let kept = async {
        let (form, posted, who) = match arrive(platform, id, request).await? {
            Ok(arrived) => arrived,
            Err(problem) => return Err(Error::Invalid(vec![problem])),
        };
        let holder = who.holder.as_ref().ok_or_else(|| Error::Conflict(UNKNOWN.into()))?;
        open_for(&who, &form, &posted).await?;
        services::answer::admit_upload(&who.ctx, holder, &who.address).await?;
        let arrived = posted.file.ok_or_else(|| {
            Error::invalid("", "ファイルが届きませんでした。もう一度選んでください")
        })?;
        let file =
            services::answer::upload(platform, &who.ctx, holder, id, &form.form, arrived).await?;
        Ok((file, who.cookie))
    };
    match kept.await {
        Ok((file, cookie)) => {
            let told = Told { file: Some(file), ..Told::default() };
            who::with_cookie(tell(StatusCode::CREATED, told), cookie)
        }
        Err(error) => refused(&error),
    }
}

fn refused(error: &Error) -> Response {
    let (status, words) = words_of(error);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        crate::server::log(error, "E-000000");
    }
    tell(status, Told { error: Some(words), ..Told::default() })
}

/// Uploads and drafts are taken only while the form can be answered, by who may answer it.
async fn open_for(who: &Who, form: &Published, posted: &Posted) -> services::Result<()> {
    let door = services::answer::door(&who.ctx, who.holder.as_ref(), form).await?;
    if door != domain::form::Door::Open {
        return Err(Error::Conflict("いまは受け付けていません".into()));
    }
    if form.settings.eligibility.is_some() {
        let Some(hash) = turn::eligible(&who.ctx, form, &posted.ticket).await? else {
            return Err(Error::Conflict(
                "対象者の名簿で確かめられませんでした。はじめの画面から、もう一度確かめてください"
                    .into(),
            ));
        };
        if services::answer::enough(&who.ctx, form, &hash).await? {
            return Err(Error::Conflict(ANSWERED_FOR.into()));
        }
    }
    Ok(())
}

/// `POST /liff/f/{id}/draft` by the script: keeps what is being written, and says what follows
/// from it.
pub(crate) async fn save(platform: &Platform, id: FormId, request: Request) -> Response {
    let kept = async {
        let (form, mut posted, who) = match arrive(platform, id, request).await? {
            Ok(arrived) => arrived,
            Err(problem) => return Err(Error::Invalid(vec![problem])),
        };
        open_for(&who, &form, &posted).await?;
        let on_page = turn::of_version(&who, &form, posted.version).await?;
        let shown = turn::shown_on(&on_page, posted.page);
        // What follows is said of the questions on the page, which may be those of a former version.
        let former =
            (posted.version != form.form.version).then(|| turn::look(&who.ctx, &on_page, &posted));
        let draft = Draft {
            version: posted.version,
            answers: std::mem::take(&mut posted.answers),
            ..Draft::default()
        };
        let mut draft = turn::brought(&who, &form, draft, &mut Vec::new()).await?;
        posted.answers = std::mem::take(&mut draft.answers);
        turn::join(&who, &form, &shown, &mut posted).await?;
        let (seen, worked) = former.unwrap_or_else(|| turn::look(&who.ctx, &form.form, &posted));
        let mut saved = None;
        if let Some(holder) = &who.holder {
            let kept = Kept {
                draft: Draft { answers: posted.answers, ..draft },
                page: posted.page,
                items: posted.items,
                ticket: posted.ticket,
                ..Kept::default()
            };
            keep(&who, holder, &form, kept).await?;
            saved = Some(who.ctx.now().time_of_day());
        }
        Ok((saved, seen, worked, who.cookie))
    };
    match kept.await {
        Ok((saved, seen, worked, cookie)) => {
            let told = Told { saved, seen, worked, ..Told::default() };
            who::with_cookie(tell(StatusCode::OK, told), cookie)
        }
        Err(error) => refused(&error),
    }
}

/// Keeps a draft under the version in force, without losing what an earlier one had set aside, or
/// has no place for any more.
async fn keep(
    who: &Who,
    holder: &services::answer::Holder,
    form: &Published,
    mut kept: Kept,
) -> services::Result<()> {
    if let Some((former, _)) = services::answer::draft(&who.ctx, holder, form.id).await? {
        let written: BTreeSet<String> = former.draft.answers.keys().cloned().collect();
        let former = turn::brought(who, form, former.draft, &mut Vec::new()).await?;
        // What had been set aside and has a place again, which the page did not know yet.
        for (name, words) in former.answers.into_iter().filter(|(name, _)| !written.contains(name))
        {
            kept.draft.answers.entry(name).or_insert(words);
        }
        for (name, aside) in former.aside {
            kept.draft.aside.entry(name).or_insert(aside);
        }
    }
    services::answer::save_draft(&who.ctx, holder, form.id, &kept).await
}

/// `GET /liff/f/{id}/files/{blob}` and `…/preview`: a file for whoever sent it.
pub(crate) async fn file(
    platform: &Platform,
    headers: &HeaderMap,
    id: &BlobId,
    small: bool,
) -> Response {
    let found = async {
        let mut last = Err(Error::NotFound);
        // Two residents may share one browser, as on `/phone`: whoever sent it gets it.
        for who in Who::all(platform, headers).await? {
            let Some(holder) = &who.holder else { continue };
            last = services::answer::file(&who.ctx, holder, id, small).await;
            if last.is_ok() {
                break;
            }
        }
        last
    };
    match found.await {
        Ok(file) => bytes(file.of, file.bytes, small),
        Err(Error::NotFound) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            crate::server::log(&error, "E-000000");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// A file as it is handed out: never shown as a page, never kept by others.
pub fn bytes(of: FileOf, bytes: Vec<u8>, small: bool) -> Response {
    let shown = of.media_type == "image/jpeg";
    let kind = if small || shown { "image/jpeg".to_owned() } else { of.media_type };
    let place = if shown { "inline" } else { "attachment" };
    let name: String = of.name.bytes().fold(String::new(), |mut out, b| {
        if b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_') {
            out.push(char::from(b));
        } else {
            out.push_str(&format!("%{b:02X}"));
        }
        out
    });
    (
        [
            (CONTENT_TYPE, kind),
            (CONTENT_DISPOSITION, format!("{place}; filename*=UTF-8''{name}")),
            (CACHE_CONTROL, "private, no-store".to_owned()),
        ],
        bytes,
    )
        .into_response()
}

/// The page of a form that is not there.
fn gone(platform: &Platform) -> LiffPage {
    crate::registration::not_found(platform)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_are_counted_by_the_network() {
        let of = |text: &str| network(text.parse().expect("an address"));
        assert_eq!(of("192.0.2.7"), "192.0.2.7");
        assert_eq!(of("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(of("2001:db8:1:2::9"), of("2001:db8:1:2:ffff::1"));
    }
}
