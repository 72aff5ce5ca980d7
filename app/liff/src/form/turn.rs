//! One turn of answering: what was sent, what comes of it, which page follows.

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
use domain::form::{Asked, Door, End, Outcome, evaluate};
use domain::id::{BlobId, FormId};
use domain::problem::Problem;
use services::answer::{Kept, Receipt};
use services::{Error, Platform};
use std::collections::BTreeSet;

/// What a page is drawn from.
pub(super) struct Turn {
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
    /// What is asked before the first page, by a list of who may answer.
    pub(super) gate: Option<Vec<String>>,
    /// Whether what is written is kept on the server.
    pub(super) kept: bool,
    /// Whether it is known who answers.
    pub(super) known: bool,
}

impl Turn {
    async fn new(
        platform: &Platform,
        who: &Who,
        form: Published,
        posted: Posted,
    ) -> services::Result<Self> {
        let ctx = platform.system();
        let files = match &who.holder {
            Some(holder) => services::answer::files(&who.ctx, holder, form.id).await?,
            None => Vec::new(),
        };
        let asked = Asked { today: ctx.now().date() };
        Ok(Self {
            city: store::setting::city(&ctx).await?,
            outcome: evaluate(&form.form, &posted.answers, asked),
            problems: Vec::new(),
            notices: Vec::new(),
            files,
            postcodes: services::postcode::is_there(platform),
            gate: None,
            kept: who.holder.is_some(),
            known: who.is_known() || form.settings.outside,
            form,
            posted,
        })
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

    fn step(&mut self, forward: bool) {
        let full = |i: &usize| self.outcome.pages.get(*i).is_some_and(|p| !p.is_empty());
        let now = self.posted.page.min(self.last());
        self.posted.page = if forward {
            (now + 1..self.last()).find(full).unwrap_or(self.last())
        } else {
            (0..now).rev().find(full).unwrap_or(0)
        };
    }

    /// What is to mend on the page that was shown.
    fn here(&self) -> Vec<Problem> {
        let page = self.posted.page;
        let here = |p: &&Problem| self.outcome.page_of(&p.at) == Some(page);
        self.outcome.problems.iter().filter(here).cloned().collect()
    }

    /// Fields that came up by what was answered, and were not seen yet.
    fn news(&self) -> bool {
        let Some(now) = self.outcome.pages.get(self.posted.page) else { return false };
        !self.posted.seen.is_empty() && now.iter().any(|name| !self.posted.seen.contains(name))
    }
}

/// `GET /liff/f/{id}`.
pub(crate) async fn get(
    platform: &Platform,
    id: FormId,
    headers: &HeaderMap,
) -> services::Result<LiffPage> {
    let ctx = platform.system();
    let Some(form) = services::form::published(&ctx, id).await? else { return Ok(gone(platform)) };
    let mut who = Who::of(platform, headers, "").await?;
    // At once: a photo and a draft may be sent at the same time, by one and the same.
    who.enter(platform, &form);
    let door = services::answer::door(&who.ctx, who.holder.as_ref(), &form).await?;
    if door != Door::Open {
        let city = store::setting::city(&ctx).await?;
        return Ok(draw::door(platform, &who, &city, &form, door));
    }
    let mut posted = fresh(&who, &form);
    let mut notices = Vec::new();
    if form.settings.eligibility.is_none() {
        notices = resume(&who, &form, &mut posted).await?;
    }
    let mut turn = Turn::new(platform, &who, form, posted).await?;
    turn.notices = notices;
    turn.gate = asked_first(&ctx, &turn).await?;
    Ok(draw::page(platform, &who, &turn, StatusCode::OK))
}

fn fresh(who: &Who, form: &Published) -> Posted {
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
    if store::eligibility::open_ticket(ctx, turn.form.id, &turn.posted.ticket).is_some() {
        return Ok(None);
    }
    Ok(Some(store::eligibility::asked(ctx, gate.list).await?))
}

/// Goes on with the draft; answers what somebody should know.
async fn resume(who: &Who, form: &Published, posted: &mut Posted) -> services::Result<Vec<String>> {
    let Some(holder) = &who.holder else { return Ok(Vec::new()) };
    let Some((kept, at)) = services::answer::draft(&who.ctx, holder, form.id).await? else {
        return Ok(Vec::new());
    };
    let mut notices = vec![format!("{}に書いたところから、続けられます", at.near(who.ctx.now()))];
    let (draft, page) = (kept.draft, kept.page);
    let draft = brought(who, form, draft, &mut notices).await?;
    posted.answers = draft.answers;
    posted.page = page.min(form.form.pages.len().saturating_sub(1));
    Ok(notices)
}

/// Brings what was written under the version in force.
async fn brought(
    who: &Who,
    form: &Published,
    draft: Draft,
    notices: &mut Vec<String>,
) -> services::Result<Draft> {
    if draft.version == form.form.version {
        return Ok(draft);
    }
    let old = match services::form::public_version(&who.ctx, form.id, draft.version).await {
        Ok(old) => old,
        Err(Error::NotFound) => form.form.clone(),
        Err(error) => return Err(error),
    };
    let (draft, again) = migrate(&old, &form.form, &draft);
    notices.push("このあいだに、質問が新しくなりました。書いた内容は引きついでいます".into());
    notices.extend(
        again.iter().map(|a| format!("「{}」は、もう一度答えてください（{}）", a.label, a.why)),
    );
    Ok(draft)
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
        Ok(Err(problem)) => return Ok(draw::unreadable(platform, id, &problem.message)),
        Err(Error::NotFound) => return Ok(gone(platform)),
        Err(error) => return Err(error),
    };
    let mut notices = Vec::new();
    if posted.key.len() < 32 {
        posted.key = fresh(&who, &form).key;
    }
    if posted.version != form.form.version && posted.version > 0 {
        let draft = Draft {
            version: posted.version,
            answers: std::mem::take(&mut posted.answers),
            ..Draft::default()
        };
        posted.answers = brought(&who, &form, draft, &mut notices).await?.answers;
        posted.seen.clear();
        if posted.act == "send" {
            posted.act = "look".into();
        }
    }
    posted.version = form.form.version;
    let mut turn = Turn::new(platform, &who, form, posted).await?;
    turn.notices = notices;
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
    match act(platform, &who, &mut turn).await {
        Ok(Some(receipt)) => return Ok(draw::done(platform, &who, &turn, &receipt)),
        Ok(None) => {}
        Err(Error::Invalid(problems)) => turn.problems = problems,
        Err(error @ (Error::Conflict(_) | Error::NotFound)) => {
            turn.problems = vec![Problem::new("", words_of(&error).1)];
        }
        Err(error) => {
            crate::server::log(&error, reference);
            let words = format!("{}（問い合わせ番号 {reference}）", words_of(&error).1);
            turn.problems = vec![Problem::new("", words)];
        }
    }
    if let Some(holder) = &who.holder {
        let draft = Draft {
            version: turn.form.form.version,
            answers: turn.posted.answers.clone(),
            ..Draft::default()
        };
        let page = turn.posted.page.min(turn.last().saturating_sub(1));
        if let Err(error) = keep(&who, holder, id, Kept { draft, page }).await {
            // What is written stands on the page; only keeping it failed.
            crate::server::log(&error, reference);
            turn.kept = false;
        }
    }
    let status =
        if turn.problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(draw::page(platform, &who, &turn, status))
}

/// Looks for somebody on the form's list; fills in what stands there.
async fn check(who: &Who, turn: &mut Turn) -> services::Result<bool> {
    let Some(gate) = turn.form.settings.eligibility.clone() else { return Ok(true) };
    let resident = who.holder.as_ref().and_then(services::answer::Holder::resident);
    let by =
        resident.map_or_else(|| format!("address:{}", who.address), |id| format!("resident:{id}"));
    match store::eligibility::check(&who.ctx, gate.list, &turn.posted.said, &by).await {
        Ok(Some(found)) => {
            turn.posted.ticket = store::eligibility::ticket(&who.ctx, turn.form.id, &found.hash);
            let notices = resume(who, &turn.form, &mut turn.posted).await?;
            turn.notices.extend(notices);
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

/// Does what was pressed; answers the receipt if it was sent.
async fn act(platform: &Platform, who: &Who, turn: &mut Turn) -> services::Result<Option<Receipt>> {
    let act = turn.posted.act.clone();
    let (what, of) = act.split_once(':').unwrap_or((act.as_str(), ""));
    match what {
        "next" => next(turn),
        "back" => turn.step(false),
        "to" => turn.posted.page = of.parse::<usize>().unwrap_or(0).min(turn.last()),
        "add" => {
            let open = domain::form::Question::inner;
            if let Some(group) = turn.form.form.question(of).filter(|q| !open(q).is_empty()) {
                let domain::form::Ask::Group { max, .. } = &group.ask else { return Ok(None) };
                let count = turn.posted.items.entry(of.to_owned()).or_default();
                *count = (*count + 1).min(usize::from(*max));
            }
        }
        "remove" => {
            if let Some((group, index)) = of.rsplit_once(':')
                && let Ok(index) = index.parse()
            {
                turn.posted.remove_item(group, index);
                turn.evaluate(&who.ctx);
            }
        }
        "drop" => {
            if let Some((path, id)) = of.rsplit_once(':') {
                if let Some(ids) = turn.posted.answers.get_mut(path) {
                    ids.retain(|kept| kept != id);
                }
                if let (Some(holder), Ok(id)) = (&who.holder, id.parse::<BlobId>()) {
                    services::answer::drop_file(&who.ctx, holder, &id).await?;
                }
                turn.evaluate(&who.ctx);
            }
        }
        "upload" => added(platform, who, turn, of).await?,
        "postcode" => postcode(platform, turn, of).await?,
        "send" => return send(platform, who, turn).await.map(Some),
        _ => {}
    }
    Ok(None)
}

fn next(turn: &mut Turn) {
    let mut here = turn.here();
    if turn.news() {
        let seen: BTreeSet<String> = turn.posted.seen.clone();
        here.retain(|p| {
            seen.iter().any(|name| p.at == *name || p.at.starts_with(&format!("{name}.")))
        });
        turn.notices.push("答えに合わせて、質問が増えました。つづけて答えてください".into());
        turn.problems = here;
        return;
    }
    if here.is_empty() {
        turn.step(true);
    } else {
        turn.problems = here;
    }
}

async fn added(
    platform: &Platform,
    who: &Who,
    turn: &mut Turn,
    path: &str,
) -> services::Result<()> {
    let Some(holder) = &who.holder else { return Err(Error::Conflict(super::UNKNOWN.into())) };
    let Some(arrived) = turn.posted.file.take().filter(|f| f.path == path) else {
        let words = "ファイルが選ばれていません。選んでから、押してください";
        return Err(Error::invalid(path, words));
    };
    let form = &turn.form;
    let file =
        services::answer::upload(platform, &who.ctx, holder, form.id, &form.form, arrived).await?;
    turn.posted.answers.entry(path.to_owned()).or_default().push(file.id.as_str().to_owned());
    turn.files.push(file);
    turn.evaluate(&who.ctx);
    Ok(())
}

async fn postcode(platform: &Platform, turn: &mut Turn, path: &str) -> services::Result<()> {
    let at = format!("{path}.postcode");
    let word = turn.posted.answers.get(&at).and_then(|w| w.first()).cloned().unwrap_or_default();
    let Some(code) = domain::form::normal::postcode(&word) else {
        return Err(Error::invalid(&at, "郵便番号は、7けたの数で書いてください"));
    };
    let digits: String = code.chars().filter(char::is_ascii_digit).collect();
    let Some(area) = services::postcode::look(platform, &digits).await else {
        let words = "この郵便番号は見つかりませんでした。住所を書いてください";
        return Err(Error::invalid(&at, words));
    };
    turn.posted.answers.insert(at, vec![code]);
    let parts = [("prefecture", area.prefecture), ("city", area.city), ("street", area.town)];
    for (name, words) in parts.into_iter().filter(|(_, words)| !words.is_empty()) {
        turn.posted.answers.insert(format!("{path}.{name}"), vec![words]);
    }
    Ok(())
}

async fn send(platform: &Platform, who: &Who, turn: &mut Turn) -> services::Result<Receipt> {
    turn.posted.page = turn.last();
    let Some(holder) = &who.holder else { return Err(Error::Conflict(super::UNKNOWN.into())) };
    let eligible = store::eligibility::open_ticket(&who.ctx, turn.form.id, &turn.posted.ticket);
    let posted = &turn.posted;
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
    if let Err(Error::Invalid(problems)) = &sent
        && let Some(page) = problems.first().and_then(|p| turn.outcome.page_of(&p.at))
    {
        turn.posted.page = page;
    }
    sent
}

/// For the script: the names that are seen on a page, and what was worked out.
pub(super) fn look(
    ctx: &services::Context,
    form: &Published,
    posted: &Posted,
) -> (Vec<String>, Vec<(String, String)>) {
    let outcome = evaluate(&form.form, &posted.answers, Asked { today: ctx.now().date() });
    let seen = outcome.pages.get(posted.page).cloned().unwrap_or_default();
    let sums =
        form.form.questions().filter(|q| matches!(q.ask, domain::form::Ask::Calculation { .. }));
    let worked = sums.map(|q| {
        let words = outcome.answers.get(&q.key).map(|a| a.words(q));
        (q.key.clone(), words.unwrap_or_else(|| "まだ計算できません".into()))
    });
    (seen, worked.collect())
}
