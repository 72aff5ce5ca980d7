//! What was pressed, and what comes of it.

use super::super::UNKNOWN;
use super::super::change::change;
use super::super::posted::Posted;
use super::super::who::Who;
use super::{Turn, eligible};
use domain::form::{Ask, Asked, Form, evaluate};
use services::answer::Receipt;
use services::{Error, Platform};
use std::collections::BTreeSet;

/// Does what was pressed; answers the receipt if it was sent.
pub(in crate::form) async fn act(
    platform: &Platform,
    who: &Who,
    turn: &mut Turn,
) -> services::Result<Option<Receipt>> {
    let act = turn.posted.act.clone();
    let (what, of) = act.split_once(':').unwrap_or((act.as_str(), ""));
    match what {
        "next" => next(turn),
        "back" => turn.step(false),
        "to" => turn.posted.page = of.parse::<usize>().unwrap_or(0).min(turn.last()),
        "send" => return send(platform, who, turn).await.map(Some),
        _ => {
            let (form, definition) = (turn.form.id, &turn.form.form);
            let files = &mut turn.files;
            change(platform, who, form, definition, &mut turn.posted, files).await?;
            turn.evaluate(&who.ctx);
        }
    }
    Ok(None)
}

fn next(turn: &mut Turn) {
    let mut here = turn.here();
    if let Some(news) = turn.news() {
        let seen: BTreeSet<String> = turn.posted.seen.clone();
        here.retain(|p| {
            seen.iter().any(|name| p.at == *name || p.at.starts_with(&format!("{name}.")))
        });
        turn.notices.push(news.into());
        turn.problems = here;
        return;
    }
    if here.is_empty() {
        turn.step(true);
    } else {
        turn.problems = here;
    }
}

async fn send(platform: &Platform, who: &Who, turn: &mut Turn) -> services::Result<Receipt> {
    turn.posted.page = turn.last();
    let Some(holder) = &who.holder else { return Err(Error::Conflict(UNKNOWN.into())) };
    let posted = &turn.posted;
    let eligible = eligible(&who.ctx, &turn.form, &posted.ticket).await?;
    let sent = services::answer::receive(
        platform,
        &who.ctx,
        holder,
        &turn.form,
        &posted.answers,
        &posted.key,
        eligible,
    )
    .await;
    if let Err(Error::Invalid(problems)) = &sent {
        turn.turn_to(problems);
    }
    sent
}

/// For the script: the names that are seen on a page, and what was worked out.
pub(in crate::form) fn look(
    ctx: &services::Context,
    form: &Form,
    posted: &Posted,
) -> (Vec<String>, Vec<(String, String)>) {
    let outcome = evaluate(form, &posted.answers, Asked { today: ctx.now().date() });
    let seen = outcome.pages.get(posted.page).cloned().unwrap_or_default();
    let sums = form.questions().filter(|q| matches!(q.ask, Ask::Calculation { .. }));
    let worked = sums.map(|q| {
        let words = outcome.answers.get(&q.key).map(|a| a.words(q));
        (q.key.clone(), words.unwrap_or_else(|| "まだ計算できません".into()))
    });
    (seen, worked.collect())
}
