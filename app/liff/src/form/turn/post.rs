//! What a page sends.

use super::super::who::Who;
use super::super::{arrive, draw, gone, keep};
use super::listed::{asked_first, check};
use super::{Turn, act, brought, fresh, join, of_version, shown_on};
use crate::server::LiffPage;
use axum::extract::Request;
use axum::http::StatusCode;
use domain::form::Door;
use domain::form::migrate::Draft;
use domain::id::FormId;
use services::answer::{Kept, Notes};
use services::{Error, Platform};
use std::collections::BTreeMap;

/// `POST /liff/f/{id}`, and `…/files` without a script.
pub(crate) async fn post(
    platform: &Platform,
    id: FormId,
    request: Request,
    reference: &str,
) -> services::Result<LiffPage> {
    let (form, mut posted, who) = match arrive(platform, id, request).await {
        Ok(Ok(arrived)) => arrived,
        Ok(Err(problem)) => {
            return Ok(draw::unreadable(platform, format!("/liff/f/{id}"), &problem.message));
        }
        Err(Error::NotFound) => return Ok(gone(platform)),
        Err(error) => return Err(error),
    };
    let (mut notices, mut aside) = (Vec::new(), BTreeMap::new());
    let shown = shown_on(&*of_version(&who, &form, posted.version).await?, posted.page);
    if posted.key.len() < 32 {
        posted.key = fresh(&who, &form).key;
    }
    if posted.version != form.form.version && posted.version > 0 {
        let draft = Draft {
            version: posted.version,
            answers: std::mem::take(&mut posted.answers),
            ..Draft::default()
        };
        let draft = brought(&who, &form, draft, &mut notices).await?;
        (posted.answers, aside) = (draft.answers, draft.aside);
        posted.seen.clear();
        if posted.act == "send" {
            posted.act = "look".into();
        }
    }
    posted.version = form.form.version;
    let mut turn = Turn::new(platform, &who, form, posted).await?;
    turn.notices = notices;
    // Whoever sends is led to another page as a rule: nothing is read for one before.
    let leads = turn.posted.act == "send"
        && who.led().is_some()
        && turn.form.settings.eligibility.is_none();
    if !leads {
        turn.city = store::setting::city(&who.ctx).await?;
    }
    if let Some(asked) = asked_first(&who.ctx, &mut turn).await? {
        if turn.posted.act != "check" {
            turn.gate = Some(asked);
            return Ok(draw::page(platform, &who, &turn, turn.status()));
        }
        if !check(&who, &mut turn).await? {
            turn.gate = Some(asked);
            return Ok(draw::page(platform, &who, &turn, StatusCode::UNPROCESSABLE_ENTITY));
        }
    }
    // What was read back is sent as it was read.
    if !matches!(turn.posted.act.as_str(), "send" | "check") {
        join(&who, &turn.form, &shown, &mut turn.posted).await?;
        turn.evaluate(&who.ctx);
    }
    match act(platform, &who, &mut turn).await {
        Ok(Some(receipt)) if who.led().is_some() => {
            let to = format!("{}?sent={}", turn.at(), receipt.id);
            return Ok(LiffPage::leading(platform, to));
        }
        Ok(Some(receipt)) => {
            return Ok(draw::done(platform, &who, &turn.city, &turn.form, &receipt));
        }
        Ok(None) => {}
        Err(error) => turn.refuse(error, reference),
    }
    if leads {
        // What is written stands on the page, even if the city's name does not.
        turn.city = store::setting::city(&who.ctx).await.unwrap_or_default();
    }
    if let Some(holder) = &who.holder {
        let page = turn.posted.page;
        let kept = Kept {
            draft: Draft {
                version: turn.form.form.version,
                answers: turn.posted.answers.clone(),
                aside,
            },
            page: page.min(turn.last().saturating_sub(1)),
            items: turn.posted.items.clone(),
            ticket: turn.posted.ticket.clone(),
            notes: Notes { page, problems: turn.problems.clone(), notices: turn.notices.clone() },
        };
        if let Err(error) = keep(&who, holder, &turn.form, kept).await {
            // What is written stands on the page; only keeping it failed.
            crate::server::log(&error, reference);
            turn.kept = false;
        }
    }
    if turn.kept && is_led(&who, &turn).await {
        let to = format!("{}?page={}", turn.at(), turn.posted.page);
        return Ok(LiffPage::leading(platform, to));
    }
    Ok(draw::page(platform, &who, &turn, turn.status()))
}

/// Whether the page that follows can be asked for: by the same one, while the form is open.
async fn is_led(who: &Who, turn: &Turn) -> bool {
    let Some(holder) = who.led() else { return false };
    let door = services::answer::door(&who.ctx, Some(holder), &turn.form).await;
    door.is_ok_and(|door| door == Door::Open)
}
