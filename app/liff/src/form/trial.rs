//! A draft for testers (RES-6): the pages that residents will get. What is written is evaluated
//! and kept nowhere. To everybody else it is as if there were no such form.

use super::posted::Posted;
use super::turn::{self, Turn};
use super::who::Who;
use super::{Told, draw, gone, mine, refused, tell};
use crate::server::LiffPage;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::form::kept::Published;
use domain::id::FormId;
use domain::permission::Actor;
use services::{Error, Platform};

/// Where it is.
pub(super) fn at(id: FormId) -> String {
    format!("/liff/f/{id}/try")
}

/// Who asks, and the draft if they are a tester to whom it was shown.
async fn admit(
    platform: &Platform,
    headers: &HeaderMap,
    tag: &str,
    id: FormId,
) -> services::Result<(Who, Option<Published>)> {
    let mut who = Who::of(platform, headers, tag).await?;
    // Nobody holds what is kept nowhere.
    who.holder = None;
    let form = services::form::trial(&who.ctx, id).await?;
    Ok((who, form))
}

/// What those get who are no testers, whether there is such a form or not. A script may find
/// out yet that it is somebody else who holds the telephone.
async fn nothing(platform: &Platform, who: &Who) -> services::Result<LiffPage> {
    if !who.is_known() {
        let city = store::setting::city(&platform.context(Actor::System)).await?;
        return Ok(mine::unknown(platform, who, &city, "フォーム"));
    }
    Ok(LiffPage { mode: "form", known: true, ..gone(platform) })
}

/// `GET` and `POST /liff/f/{id}/try`.
pub(crate) async fn page(
    platform: &Platform,
    id: FormId,
    headers: &HeaderMap,
    sent: Option<Request>,
    reference: &str,
) -> services::Result<LiffPage> {
    let posted = match sent {
        None => None,
        Some(request) => match Posted::read(request).await {
            Ok(posted) => Some(posted),
            Err(problem) => return Ok(draw::unreadable(platform, at(id), &problem.message)),
        },
    };
    let tag = posted.as_ref().map_or("", |p| p.session.as_str());
    let (who, form) = admit(platform, headers, tag, id).await?;
    let Some(form) = form else { return nothing(platform, &who).await };
    let posted = posted.unwrap_or_else(|| turn::fresh(&who, &form));
    let mut turn = Turn::new(platform, &who, form, posted).await?;
    turn.trial = true;
    turn.city = store::setting::city(&who.ctx).await?;
    let act = turn.posted.act.clone();
    match act.as_str() {
        "" => {}
        "send" => {
            turn.posted.page = turn.last();
            match turn.outcome.clone().submission(&turn.form.form) {
                Ok(_) => return Ok(draw::tried(platform, &who, &turn)),
                Err(problems) => {
                    turn.turn_to(&problems);
                    turn.problems = problems;
                }
            }
        }
        _ => {
            if let Err(error) = turn::act(platform, &who, &mut turn).await {
                turn.refuse(error, reference);
            }
        }
    }
    let fine = turn.problems.is_empty();
    let status = if fine { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(draw::page(platform, &who, &turn, status))
}

/// `POST /liff/f/{id}/try/draft` by the script: what follows from what is being written.
pub(crate) async fn look(platform: &Platform, id: FormId, request: Request) -> Response {
    let headers = request.headers().clone();
    let told = async {
        let posted = Posted::read(request).await.map_err(|p| Error::Invalid(vec![p]))?;
        let (who, form) = admit(platform, &headers, &posted.session, id).await?;
        let form = form.ok_or(Error::NotFound)?;
        let (seen, worked) = turn::look(&who.ctx, &form.form, &posted);
        Ok::<_, Error>(Told { seen, worked, ..Told::default() })
    };
    match told.await {
        Ok(told) => tell(StatusCode::OK, told),
        Err(error) => refused(&error),
    }
}
