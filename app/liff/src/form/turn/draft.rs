//! What was written: the draft that is gone on with, and what goes over to another version.

use super::super::posted::Posted;
use super::super::who::Who;
use domain::form::Form;
use domain::form::kept::Published;
use domain::form::migrate::{Draft, migrate};
use domain::time::Timestamp;
use services::Error;
use services::answer::Notes;
use std::borrow::Cow;
use std::collections::BTreeSet;

pub(in crate::form) fn fresh(who: &Who, form: &Published) -> Posted {
    Posted {
        key: who.ctx.random::<16>().iter().map(|b| format!("{b:02x}")).collect(),
        version: form.form.version,
        ..Posted::default()
    }
}

/// Goes on with the draft, on the page that is asked for or else where somebody stopped; answers
/// what is said there.
pub(super) async fn resume(
    who: &Who,
    form: &Published,
    posted: &mut Posted,
    page: Option<usize>,
    again: bool,
) -> services::Result<Notes> {
    let Some(holder) = &who.holder else { return Ok(Notes::default()) };
    let Some((kept, at)) = services::answer::draft(&who.ctx, holder, form.id).await? else {
        return Ok(Notes::default());
    };
    let last = form.form.pages.len();
    let mut notes = Notes::default();
    if let Some(page) = page {
        posted.act = "page".into();
        posted.page = page.min(last);
        if kept.notes.page == page {
            notes = kept.notes;
        }
    } else {
        posted.page = kept.page.min(last.saturating_sub(1));
    }
    if again {
        let words = format!("{}に書いたところから、続けられます", at.near(who.ctx.now()));
        notes.notices.push(words);
    }
    let draft = brought(who, form, kept.draft, &mut notes.notices).await?;
    (posted.answers, posted.items) = (draft.answers, kept.items);
    posted.since = stamp(who, at);
    Ok(notes)
}

/// Names the draft of which a page was drawn.
fn stamp(who: &Who, at: Timestamp) -> String {
    format!("{}.{}", who.tag, at.0)
}

/// The question to which a field belongs: `children.0.birth` to `children`.
fn outer(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

/// The questions of a page.
pub(in crate::form) fn shown_on(form: &Form, page: usize) -> BTreeSet<String> {
    let questions = form.pages.get(page).map_or(&[][..], |page| page.questions.as_slice());
    questions.iter().map(|question| question.key.clone()).collect()
}

/// What was written after the page was drawn counts for the questions that it does not show: a
/// page to which somebody went back was asked for before the last words of the other were kept.
/// Where the page was drawn of no draft, or of another's, what it carries goes first.
pub(in crate::form) async fn join(
    who: &Who,
    form: &Published,
    shown: &BTreeSet<String>,
    posted: &mut Posted,
) -> services::Result<()> {
    let Some(holder) = &who.holder else { return Ok(()) };
    let Some((kept, at)) = services::answer::draft(&who.ctx, holder, form.id).await? else {
        return Ok(());
    };
    if posted.since == stamp(who, at) {
        return Ok(());
    }
    // In another tab somebody else of the form's list is written for: theirs stays theirs.
    if let Some(hash) = store::eligibility::open_ticket(&who.ctx, form.id, &posted.ticket)
        && !kept.ticket.is_empty()
        && !store::eligibility::is_ticket_of(&who.ctx, form.id, &kept.ticket, &hash)
    {
        return Ok(());
    }
    if posted.since.rsplit_once('.').is_some_and(|(tag, _)| tag == who.tag) {
        posted.answers.retain(|name, _| shown.contains(outer(name)));
        posted.items.retain(|group, _| shown.contains(group));
    }
    let mut given: BTreeSet<String> =
        posted.answers.keys().map(|name| outer(name).to_owned()).collect();
    given.extend(shown.iter().cloned());
    let draft = brought(who, form, kept.draft, &mut Vec::new()).await?;
    let others = draft.answers.into_iter().filter(|(name, _)| !given.contains(outer(name)));
    posted.answers.extend(others);
    posted.items.extend(kept.items.into_iter().filter(|(group, _)| !given.contains(group)));
    Ok(())
}

/// Brings what was written under the version in force.
pub(in crate::form) async fn brought(
    who: &Who,
    form: &Published,
    draft: Draft,
    notices: &mut Vec<String>,
) -> services::Result<Draft> {
    if draft.version == form.form.version {
        return Ok(draft);
    }
    let old = of_version(who, form, draft.version).await?;
    let (draft, again) = migrate(&old, &form.form, &draft);
    notices.push("このあいだに、質問が新しくなりました。書いた内容は引きついでいます".into());
    notices.extend(
        again.iter().map(|a| format!("「{}」は、もう一度答えてください（{}）", a.label, a.why)),
    );
    Ok(draft)
}

/// The definition under which a page was drawn; the one in force if there is none of that number.
pub(in crate::form) async fn of_version<'a>(
    who: &Who,
    form: &'a Published,
    version: u64,
) -> services::Result<Cow<'a, Form>> {
    if version == form.form.version {
        return Ok(Cow::Borrowed(&form.form));
    }
    match services::form::public_version(&who.ctx, form.id, version).await {
        Ok(former) => Ok(Cow::Owned(former)),
        Err(Error::NotFound) => Ok(Cow::Borrowed(&form.form)),
        Err(error) => Err(error),
    }
}
