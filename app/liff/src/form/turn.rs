//! One turn of answering: what was sent, what comes of it, which page follows.

use super::change::change;
use super::draw;
use super::posted::Posted;
use super::who::Who;
use super::{arrive, gone, keep, words_of};
use crate::server::LiffPage;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode};
use domain::form::eligible::prefill;
use domain::form::inbox::FileOf;
use domain::form::kept::Published;
use domain::form::migrate::{Draft, migrate};
use domain::form::mine::files_max;
use domain::form::{Ask, Asked, Door, End, Form, Outcome, evaluate};
use domain::id::{AnswerId, FormId};
use domain::permission::Actor;
use domain::problem::Problem;
use domain::time::{HOUR, Timestamp};
use services::answer::{Kept, Notes, Receipt};
use services::{Error, Platform};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use ui::form::MapFrom;

/// What a page is drawn from.
pub(super) struct Turn {
    /// The city's name, for a page that is drawn.
    pub(super) city: String,
    pub(super) form: Published,
    pub(super) posted: Posted,
    pub(super) outcome: Outcome,
    /// What is to mend now.
    pub(super) problems: Vec<Problem>,
    /// What somebody should know before going on.
    pub(super) notices: Vec<String>,
    pub(super) files: Vec<FileOf>,
    pub(super) postcodes: bool,
    pub(super) map: Option<MapFrom>,
    /// What is asked before the first page, by a list of who may answer.
    pub(super) gate: Option<Vec<String>>,
    /// Whether what is written is kept on the server.
    pub(super) kept: bool,
    /// Whether it is known who answers.
    pub(super) known: bool,
    /// A tester tries a draft: nothing is kept, and nothing received.
    pub(super) trial: bool,
    /// It was asked for without naming a page.
    pub(super) bare: bool,
}

/// From what a place is shown on a map, if there are maps.
pub(super) fn map_of(platform: &Platform) -> Option<MapFrom> {
    let map = &platform.settings.map;
    (!map.tiles.is_empty()).then(|| MapFrom { tiles: map.tiles.clone(), center: map.center })
}

impl Turn {
    pub(super) async fn new(
        platform: &Platform,
        who: &Who,
        form: Published,
        posted: Posted,
    ) -> services::Result<Self> {
        let ctx = platform.context(Actor::System);
        let files = match &who.holder {
            Some(holder) if files_max(&form.form) > 0 => {
                services::answer::files(&who.ctx, holder, form.id).await?
            }
            _ => Vec::new(),
        };
        let asked = Asked { today: ctx.now().date() };
        Ok(Self {
            city: String::new(),
            outcome: evaluate(&form.form, &posted.answers, asked),
            problems: Vec::new(),
            notices: Vec::new(),
            files,
            postcodes: services::postcode::is_there(platform),
            map: map_of(platform),
            gate: None,
            kept: who.holder.is_some(),
            known: who.is_known() || form.settings.outside,
            trial: false,
            bare: false,
            form,
            posted,
        })
    }

    /// Where its pages are.
    pub(super) fn at(&self) -> String {
        let id = self.form.id;
        if self.trial { super::trial::at(id) } else { format!("/liff/f/{id}") }
    }

    /// With which status its page is answered.
    fn status(&self) -> StatusCode {
        if self.problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }
    }

    fn evaluate(&mut self, ctx: &services::Context) {
        let asked = Asked { today: ctx.now().date() };
        self.outcome = evaluate(&self.form.form, &self.posted.answers, asked);
    }

    /// The page after the last: what is read back.
    pub(super) fn last(&self) -> usize {
        self.form.form.pages.len()
    }

    /// The stop at which it ends on the page that is shown.
    pub(super) fn stop(&self) -> Option<(&str, bool)> {
        match &self.outcome.end {
            End::Stop { page, message, send, .. } if self.posted.page > *page => {
                Some((message, *send))
            }
            _ => None,
        }
    }

    /// Turns to the page of the first problem.
    pub(super) fn turn_to(&mut self, problems: &[Problem]) {
        if let Some(page) = problems.first().and_then(|p| self.outcome.page_of(&p.at)) {
            self.posted.page = page;
        }
    }

    /// What went wrong becomes what is to mend.
    pub(super) fn refuse(&mut self, error: Error, reference: &str) {
        self.problems = match error {
            Error::Invalid(problems) => problems,
            error @ (Error::Conflict(_) | Error::NotFound) => {
                vec![Problem::new("", words_of(&error).1)]
            }
            error => {
                crate::server::log(&error, reference);
                let words = format!("{}（問い合わせ番号 {reference}）", words_of(&error).1);
                vec![Problem::new("", words)]
            }
        };
    }

    fn step(&mut self, forward: bool) {
        let full = |i: &usize| self.outcome.pages.get(*i).is_some_and(|p| !p.is_empty());
        let now = self.posted.page.min(self.last());
        self.posted.page = if forward {
            (now + 1..self.last()).find(full).unwrap_or(self.last())
        } else {
            (0..now).rev().find(full).unwrap_or(0)
        };
    }

    /// A page on which nothing is asked (any more) is passed.
    fn settle(&mut self) {
        if self.outcome.pages.get(self.posted.page).is_some_and(Vec::is_empty) {
            self.step(false);
        }
    }

    /// What is to mend on the page that was shown.
    fn here(&self) -> Vec<Problem> {
        let page = self.posted.page;
        let here = |p: &&Problem| self.outcome.page_of(&p.at) == Some(page);
        self.outcome.problems.iter().filter(here).cloned().collect()
    }

    /// What to say of fields that came up by what was answered, and were not seen yet. What is
    /// worked out by itself is nothing to stop for.
    fn news(&self) -> Option<&'static str> {
        let now = self.outcome.pages.get(self.posted.page)?;
        if self.posted.seen.is_empty() {
            return None;
        }
        let new = now.iter().filter(|name| !self.posted.seen.contains(*name));
        let asks: Vec<&Ask> = new
            .filter_map(|name| asked_by(&self.form.form, name))
            .filter(|ask| !matches!(ask, Ask::Calculation { .. }))
            .collect();
        if asks.iter().any(|ask| !matches!(ask, Ask::Explanation { .. })) {
            return Some("答えに合わせて、質問が増えました。つづけて答えてください");
        }
        (!asks.is_empty())
            .then_some("答えに合わせて、説明が増えました。読んでから、つづけてください")
    }
}

/// What a field asks, by its name: `name.family`, `children.0.birth`.
fn asked_by<'a>(form: &'a Form, name: &str) -> Option<&'a Ask> {
    let parts: Vec<&str> = name.split('.').collect();
    let outer = form.question(parts.first()?)?;
    let inner = parts.get(2).and_then(|key| outer.inner().iter().find(|q| q.key == *key));
    Some(&inner.unwrap_or(outer).ask)
}

/// A number that an address names.
fn named<T: FromStr>(query: &str, name: &str) -> Option<T> {
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')?.parse().ok())
}

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
    turn.gate = asked_first(&ctx, &turn).await?;
    Ok(draw::page(platform, &who, &turn, turn.status()))
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

/// Whether somebody asks for a page of what they write after they were found on the form's
/// list; for an hour after their last word, since others may use the browser later.
async fn behind_the_list(
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

pub(super) fn fresh(who: &Who, form: &Published) -> Posted {
    Posted {
        key: who.ctx.random::<16>().iter().map(|b| format!("{b:02x}")).collect(),
        version: form.form.version,
        ..Posted::default()
    }
}

/// What the form's list asks before the first page, unless it was answered.
async fn asked_first(
    ctx: &services::Context,
    turn: &Turn,
) -> services::Result<Option<Vec<String>>> {
    let Some(gate) = &turn.form.settings.eligibility else { return Ok(None) };
    if eligible(ctx, &turn.form, &turn.posted.ticket).await?.is_some() {
        return Ok(None);
    }
    Ok(Some(store::eligibility::asked(ctx, gate.list).await?))
}

/// Whom the page's ticket names, if they are on the list of the form; nothing without a list.
pub(super) async fn eligible(
    ctx: &services::Context,
    form: &Published,
    ticket: &str,
) -> services::Result<Option<Vec<u8>>> {
    let Some(gate) = &form.settings.eligibility else { return Ok(None) };
    store::eligibility::admitted(ctx, form.id, gate.list, ticket).await
}

/// Goes on with the draft, on the page that is asked for or else where somebody stopped; answers
/// what is said there.
async fn resume(
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
pub(super) fn shown_on(form: &Form, page: usize) -> BTreeSet<String> {
    let questions = form.pages.get(page).map_or(&[][..], |page| page.questions.as_slice());
    questions.iter().map(|question| question.key.clone()).collect()
}

/// What was written after the page was drawn counts for the questions that it does not show: a
/// page to which somebody went back was asked for before the last words of the other were kept.
/// Where the page was drawn of no draft, or of another's, what it carries goes first.
pub(super) async fn join(
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
pub(super) async fn brought(
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
pub(super) async fn of_version<'a>(
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
    if let Some(asked) = asked_first(&who.ctx, &turn).await? {
        if turn.posted.act != "check" {
            turn.gate = Some(asked);
            return Ok(draw::page(platform, &who, &turn, StatusCode::OK));
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

/// Looks for somebody on the form's list; fills in what stands there.
async fn check(who: &Who, turn: &mut Turn) -> services::Result<bool> {
    let Some(gate) = turn.form.settings.eligibility.clone() else { return Ok(true) };
    let resident = who.holder.as_ref().and_then(services::answer::Holder::resident);
    let by =
        resident.map_or_else(|| format!("address:{}", who.address), |id| format!("resident:{id}"));
    match store::eligibility::check(&who.ctx, gate.list, &turn.posted.said, &by).await {
        Ok(Some(found)) => {
            forget_another(who, turn.form.id, &found.hash).await?;
            turn.posted.ticket = store::eligibility::ticket(&who.ctx, turn.form.id, &found.hash);
            let notes = resume(who, &turn.form, &mut turn.posted, None, true).await?;
            turn.notices.extend(notes.notices);
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
async fn forget_another(who: &Who, form: FormId, hash: &[u8]) -> services::Result<()> {
    let Some(holder) = &who.holder else { return Ok(()) };
    let Some((kept, _)) = services::answer::draft(&who.ctx, holder, form).await? else {
        return Ok(());
    };
    // Without a ticket it was written before the form had a list.
    if kept.ticket.is_empty()
        || store::eligibility::is_ticket_of(&who.ctx, form, &kept.ticket, hash)
    {
        return Ok(());
    }
    services::answer::drop_draft(&who.ctx, holder, form).await
}

/// Does what was pressed; answers the receipt if it was sent.
pub(super) async fn act(
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
    let Some(holder) = &who.holder else { return Err(Error::Conflict(super::UNKNOWN.into())) };
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
pub(super) fn look(
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
