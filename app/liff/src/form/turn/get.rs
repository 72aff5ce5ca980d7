//! A page that is asked for.

use super::super::who::Who;
use super::super::{draw, gone};
use super::draft::resume;
use super::listed::{asked_first, behind_the_list};
use super::{Turn, fresh};
use crate::server::LiffPage;
use axum::http::HeaderMap;
use domain::form::Door;
use domain::id::{AnswerId, FormId};
use domain::permission::Actor;
use services::answer::{Notes, Receipt};
use services::{Error, Platform};
use std::str::FromStr;

/// `GET /liff/f/{id}`. `?page=…` is a page of what is kept, and `?sent=…` that it was received:
/// there what was sent leads to. `&again` stands where somebody goes on.
pub(crate) async fn get(
    platform: &Platform,
    id: FormId,
    query: &str,
    headers: &HeaderMap,
) -> services::Result<LiffPage> {
    let ctx = platform.context(Actor::System);
    let Some(form) = services::form::published(&ctx, id).await? else { return Ok(gone(platform)) };
    let mut who = Who::of(platform, headers, "").await?;
    // At once: a photo and a draft may be sent at the same time, by one and the same.
    who.enter(platform, &form);
    if let Some(receipt) = received(&who, id, named(query, "sent")).await? {
        let city = store::setting::city(&ctx).await?;
        return Ok(draw::done(platform, &who, &city, &form, &receipt));
    }
    let door = services::answer::door(&who.ctx, who.holder.as_ref(), &form).await?;
    if door != Door::Open {
        let city = store::setting::city(&ctx).await?;
        return Ok(draw::door(platform, &who, &city, &form, door));
    }
    let mut posted = fresh(&who, &form);
    let mut notes = Notes::default();
    let page = named(query, "page");
    if form.settings.eligibility.is_none()
        || behind_the_list(&who, &form, &mut posted, page).await?
    {
        let again = page.is_none() || query.split('&').any(|part| part == "again");
        notes = resume(&who, &form, &mut posted, page, again).await?;
    }
    let mut turn = Turn::new(platform, &who, form, posted).await?;
    turn.city = store::setting::city(&ctx).await?;
    turn.settle();
    turn.bare = page.is_none();
    (turn.problems, turn.notices) = (notes.problems, notes.notices);
    turn.gate = asked_first(&ctx, &mut turn).await?;
    Ok(draw::page(platform, &who, &turn, turn.status()))
}

/// A number that an address names.
fn named<T: FromStr>(query: &str, name: &str) -> Option<T> {
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')?.parse().ok())
}

/// What was received of somebody, if it is theirs and of this form.
async fn received(
    who: &Who,
    form: FormId,
    answer: Option<i64>,
) -> services::Result<Option<Receipt>> {
    let (Some(holder), Some(answer)) = (&who.holder, answer) else { return Ok(None) };
    match services::answer::one_of_mine(&who.ctx, holder, AnswerId(answer)).await {
        Ok((mine, ..)) if mine.form == form => {
            Ok(Some(Receipt { id: mine.id, receipt: mine.receipt, at: mine.at, again: true }))
        }
        Ok(_) | Err(Error::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}
