//! Forms for those on a list: who they are is asked before the first page.

use super::super::posted::Posted;
use super::super::who::Who;
use super::Turn;
use super::draft::{fresh, resume};
use domain::form::ANSWERED_FOR;
use domain::form::eligible::prefill;
use domain::form::kept::Published;
use domain::problem::Problem;
use domain::time::HOUR;
use services::Error;
use store::eligibility::Trier;

/// What the form's list asks before the first page, unless it was answered, and as long as
/// somebody may be answered for.
pub(super) async fn asked_first(
    ctx: &services::Context,
    turn: &mut Turn,
) -> services::Result<Option<Vec<String>>> {
    let Some(gate) = &turn.form.settings.eligibility else { return Ok(None) };
    // Whoever answers what it asks is looked for, even if the page still names another person.
    if turn.posted.act != "check"
        && let Some(hash) = eligible(ctx, &turn.form, &turn.posted.ticket).await?
    {
        // What is sent may have been sent before.
        if turn.posted.act == "send" || !services::answer::enough(ctx, &turn.form, &hash).await? {
            return Ok(None);
        }
        turn.problems = vec![Problem::new("", ANSWERED_FOR)];
    }
    Ok(Some(store::eligibility::asked(ctx, gate.list).await?))
}

/// Whom the page's ticket names, if they are on the list of the form; nothing without a list.
pub(in crate::form) async fn eligible(
    ctx: &services::Context,
    form: &Published,
    ticket: &str,
) -> services::Result<Option<Vec<u8>>> {
    let Some(gate) = &form.settings.eligibility else { return Ok(None) };
    store::eligibility::admitted(ctx, form.id, gate.list, ticket).await
}

/// Whether somebody asks for a page of what they write after they were found on the form's
/// list; for an hour after their last word, since others may use the browser later.
pub(super) async fn behind_the_list(
    who: &Who,
    form: &Published,
    posted: &mut Posted,
    page: Option<usize>,
) -> services::Result<bool> {
    let (Some(holder), Some(_)) = (&who.holder, page) else { return Ok(false) };
    let Some((kept, at)) = services::answer::draft(&who.ctx, holder, form.id).await? else {
        return Ok(false);
    };
    let late = at.plus(HOUR) < who.ctx.now();
    if late || eligible(&who.ctx, form, &kept.ticket).await?.is_none() {
        return Ok(false);
    }
    posted.ticket = kept.ticket;
    Ok(true)
}

/// Looks for somebody on the form's list; fills in what stands there.
pub(super) async fn check(who: &Who, turn: &mut Turn) -> services::Result<bool> {
    let Some(gate) = turn.form.settings.eligibility.clone() else { return Ok(true) };
    let resident = who.holder.as_ref().and_then(services::answer::Holder::resident);
    let by = resident.map_or(Trier::Address(&who.address), Trier::Resident);
    match store::eligibility::check(&who.ctx, gate.list, &turn.posted.said, by).await {
        Ok(Some(found)) => {
            // Before anything is forgotten: what is written for another child stays.
            if services::answer::enough(&who.ctx, &turn.form, &found.hash).await? {
                turn.problems = vec![Problem::new("", ANSWERED_FOR)];
                return Ok(false);
            }
            forget_another(who, turn, &found.hash).await?;
            turn.posted.ticket = store::eligibility::ticket(&who.ctx, turn.form.id, &found.hash);
            // What a page carries whose ticket was too old is newer than the draft.
            if turn.posted.answers.is_empty() {
                let notes = resume(who, &turn.form, &mut turn.posted, None, true).await?;
                turn.notices.extend(notes.notices);
            }
            for (name, words) in prefill(&gate, &found.row) {
                turn.posted.answers.entry(name).or_insert(words);
            }
            turn.evaluate(&who.ctx);
            Ok(true)
        }
        Ok(None) => {
            let words =
                "名簿に見つかりませんでした。お手もとの通知を見て、もう一度たしかめてください";
            turn.problems = vec![Problem::new("", words)];
            Ok(false)
        }
        Err(Error::Conflict(words)) => {
            turn.problems = vec![Problem::new("", words)];
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// What was being written for another person of the list is gone: a neighbour at the same computer
/// must not see it, and what was filled in for one child must not go out for the next.
async fn forget_another(who: &Who, turn: &mut Turn, hash: &[u8]) -> services::Result<()> {
    let form = turn.form.id;
    // Without a ticket it was written before the form had a list.
    let is_another = |ticket: &str| {
        !ticket.is_empty() && !store::eligibility::is_ticket_of(&who.ctx, form, ticket, hash)
    };
    // A page that lay open until its ticket was too old carries what was written on it.
    if is_another(&turn.posted.ticket) {
        let Posted { act, said, .. } = std::mem::take(&mut turn.posted);
        turn.posted = Posted { act, said, ..fresh(who, &turn.form) };
    }
    let Some(holder) = &who.holder else { return Ok(()) };
    let Some((kept, _)) = services::answer::draft(&who.ctx, holder, form).await? else {
        return Ok(());
    };
    if is_another(&kept.ticket) {
        services::answer::drop_draft(&who.ctx, holder, form).await?;
    }
    Ok(())
}
