//! One turn of answering: what was sent, what comes of it, which page follows.

mod act;
mod draft;
mod get;
mod listed;
mod post;

pub(super) use self::act::{act, look};
pub(super) use self::draft::{brought, fresh, join, of_version, shown_on};
pub(crate) use self::get::get;
pub(super) use self::listed::eligible;
pub(crate) use self::post::post;

use super::posted::Posted;
use super::who::Who;
use super::words_of;
use axum::http::StatusCode;
use domain::form::inbox::FileOf;
use domain::form::kept::Published;
use domain::form::mine::files_max;
use domain::form::{Ask, Asked, End, Form, Outcome, evaluate};
use domain::permission::Actor;
use domain::problem::Problem;
use services::{Error, Platform};
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
