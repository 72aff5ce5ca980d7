//! An answer arrives: checked by the one evaluator, kept, and told in the talk.

use crate::{Context, Error, Platform, Result};
use domain::form::kept::{Published, State};
use domain::form::mine::corrected;
use domain::form::{Answers, Asked, Door, evaluate, reevaluate};
use domain::id::AnswerId;
use line::message::Message;
use std::sync::Arc;
use store::answer::{Holder, New, Receipt, Whose};

/// Whether a form can be answered now by this holder; a form that is not published is over. Of
/// those on its list each answers as often as one may, whoever sends for them: [`enough`].
///
/// # Errors
/// If the database is away.
pub async fn door(ctx: &Context, holder: Option<&Holder>, form: &Published) -> Result<Door> {
    if form.state != State::Published {
        return Ok(Door::Over);
    }
    let own = match holder {
        Some(holder)
            if form.form.terms.limit_each.is_some() && form.settings.eligibility.is_none() =>
        {
            store::answer::own_count(ctx, Whose::Holder(holder), form.id).await?
        }
        _ => 0,
    };
    let own = u32::try_from(own).unwrap_or(u32::MAX);
    Ok(form.form.terms.door(ctx.now(), form.received, own))
}

/// Whether a form was answered as often as one may for somebody on its list, by their hash.
///
/// # Errors
/// If the database is away.
pub async fn enough(ctx: &Context, form: &Published, eligible: &[u8]) -> Result<bool> {
    let Some(max) = form.form.terms.limit_each else { return Ok(false) };
    let own = store::answer::own_count(ctx, Whose::Listed(eligible), form.id).await?;
    Ok(own >= i64::from(max))
}

/// Receives an answer. `key` was drawn for the page: sent twice, it is received once. What is
/// not seen is not kept. The talk of a resident is told the receipt number, and nothing else.
///
/// # Errors
/// `Invalid` with what is to mend, `at` names of fields; `Conflict` if the form cannot be
/// answered (any more), or has changed.
pub async fn receive(
    platform: &Platform,
    ctx: &Context,
    holder: &Holder,
    form: &Published,
    given: &Answers,
    key: &str,
    eligible: Option<Vec<u8>>,
) -> Result<Receipt> {
    let link = platform.settings.liff_link("/answers");
    let (notices, title) = (form.settings.notices.clone(), form.form.title.clone());
    let talk = move |receipt: &str| {
        let received = notices.received(&title, receipt);
        let words =
            format!("{received}\n\n送った内容と進み具合は「わたしの申請」で見られます。\n{link}");
        serde_json::to_string(&[Message::text(words)]).unwrap_or_default()
    };
    // Limits that are counted are looked at when it is known whether it was sent before.
    let timely = form.form.terms.door(ctx.now(), 0, 0);
    if form.state != State::Published || timely != Door::Open {
        // Who sends the same again hears the same again, also when it is too late for others.
        if let Some(former) = store::answer::sent(ctx, holder, form.id, key).await? {
            return Ok(former);
        }
        return Err(Error::Conflict(
            "いまは受け付けていません。書いた内容は、この画面に残っています".into(),
        ));
    }
    let outcome = evaluate(&form.form, given, Asked { today: ctx.now().date() });
    let submission = outcome.submission(&form.form)?;
    let new = New { form, submission: &submission, key, eligible, talk: Some(Arc::new(talk)) };
    let receipt = store::answer::send(ctx, holder, &new).await?;
    platform.outbox_ready.notify_one();
    Ok(receipt)
}

/// Corrects an answer: of the questions that may be corrected what is given now, under the
/// version under which it was answered.
///
/// # Errors
/// `NotFound`; `Invalid` with what is to mend; `Conflict` if it may not be corrected (any more).
pub async fn correct(ctx: &Context, holder: &Holder, id: AnswerId, given: &Answers) -> Result<()> {
    let (mine, former, form) = store::answer::one_of_mine(ctx, holder, id).await?;
    let whole = corrected(&form, &former, given);
    let sent = Asked { today: mine.at.date() };
    let outcome = reevaluate(&form, &whole, &former.answers, sent, ctx.now().date());
    let submission = outcome.submission(&form)?;
    store::answer::correct(ctx, holder, id, &submission).await
}
