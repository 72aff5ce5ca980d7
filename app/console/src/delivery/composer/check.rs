//! What 送る前の確認 knows: asked of the server after every change.

use super::editor::Editor;
use super::languages::tab_id;
use super::parts::area_id;
use domain::delivery::variant::whole;
use domain::delivery::{Check, Draft};
use domain::language::Language;
use domain::link::found;
use leptos::prelude::*;
use leptos::task::spawn_local;
use server_fn::codec::Json;
use std::collections::BTreeSet;
use std::time::Duration;
use ui::prelude::*;

/// Checks what would be sent; with `look` the pages to which it leads are asked first.
#[server(prefix = "/console/fn", input = Json)]
pub async fn check_draft(draft: Draft, #[server(default)] look: bool) -> Result<Check, AppError> {
    let staff = crate::server::staff()?;
    let (platform, ctx) = (&staff.platform, &staff.ctx);
    Ok(services::delivery::check_with_pages(platform, ctx, &draft, look).await?)
}

/// How long nothing must change before it is checked.
const QUIET: Duration = Duration::from_millis(250);
/// How long no link must change before its page is looked at: half an address leads nowhere.
const WRITTEN: Duration = Duration::from_millis(1_500);

/// The last answer, and whether it still fits what is on the screen.
#[derive(Clone, Copy)]
pub struct Checker {
    editor: Editor,
    /// The last answer.
    pub check: RwSignal<Check>,
    /// What is on the screen has not been checked yet.
    pub stale: RwSignal<bool>,
    /// Somebody tried to send: what is wrong stands at the fields from now on.
    pub tried: RwSignal<bool>,
    asked: StoredValue<u32>,
}

impl Checker {
    /// Watches the editor from now on.
    pub fn watch(editor: Editor, first: Check) -> Self {
        let checker = Self {
            editor,
            check: RwSignal::new(first),
            stale: RwSignal::new(false),
            tried: RwSignal::new(false),
            asked: StoredValue::new(0),
        };
        let draft = Memo::new(move |_| editor.draft());
        Effect::new(move |former: Option<Option<TimeoutHandle>>| {
            // Reading it is what makes the memo follow the editor.
            draft.with(|_| ());
            let first = former.is_none();
            if let Some(Some(timer)) = former {
                timer.clear();
            }
            if first {
                return None;
            }
            checker.stale.set(true);
            // What is on its way is the answer to what was there before.
            checker.asked.update_value(|asked| *asked += 1);
            set_timeout_with_handle(
                move || spawn_local(async move { drop(checker.ask().await) }),
                QUIET,
            )
            .ok()
        });
        checker
    }

    /// Has the pages looked at to which it leads, as they are written.
    pub fn watch_links(self) {
        let links = Memo::new(move |_| {
            let draft = self.editor.draft();
            let found = found(&whole(&draft.parts, &draft.variants), &self.editor.own(), &[]);
            found.into_iter().map(|f| f.uri).collect::<BTreeSet<_>>()
        });
        Effect::new(move |former: Option<Option<TimeoutHandle>>| {
            if let Some(Some(timer)) = former {
                timer.clear();
            }
            if links.with(BTreeSet::is_empty) {
                return None;
            }
            let look = async move {
                let number = self.asked.try_get_value();
                drop(self.ask_looking(true).await);
                // What was asked meanwhile was answered before the pages were known.
                if self.asked.try_get_value() != number.map(|n| n + 1) {
                    drop(self.ask().await);
                }
            };
            set_timeout_with_handle(move || spawn_local(look), WRITTEN).ok()
        });
    }

    /// Asks now; an answer that was overtaken by a later question is thrown away.
    pub async fn ask(self) -> Result<Check, AppError> {
        self.ask_looking(false).await
    }

    /// The same; with `look` the pages are looked at first.
    pub async fn ask_looking(self, look: bool) -> Result<Check, AppError> {
        // A timer may ring after the page was left.
        let Some(former) = self.asked.try_get_value() else { return Err(AppError::NotFound) };
        let number = former + 1;
        self.asked.set_value(number);
        let answer = check_draft(self.editor.draft_now(), look).await;
        if let Ok(check) = &answer
            && self.asked.try_get_value() == Some(number)
        {
            self.check.set(check.clone());
            self.stale.set(false);
        }
        answer
    }

    /// What is wrong at a place, once somebody tried to send.
    pub fn problem_at(
        self,
        at: impl Fn(&str) -> bool + Send + Sync + 'static,
    ) -> Signal<Option<String>> {
        Signal::derive(move || {
            if !self.tried.get() {
                return None;
            }
            self.check.with(|c| c.problems.iter().find(|p| at(&p.at)).map(|p| p.message.clone()))
        })
    }

    /// What is wrong at a place below a part, which stands at `number` (from 1).
    pub fn part_problem(
        self,
        number: Memo<usize>,
        rest: impl Into<String>,
    ) -> Signal<Option<String>> {
        let rest = rest.into();
        self.problem_at(move |at| {
            let root = self.editor.root();
            number.get().checked_sub(1).is_some_and(|i| at == format!("{root}/{i}{rest}"))
        })
    }

    /// What is wrong, with the fields to which the summary leads.
    pub fn items(self) -> Vec<SummaryItem> {
        self.check.with(|c| self.items_of(c))
    }

    /// The same of one answer, also of one that a later question has overtaken.
    pub fn items_of(self, check: &Check) -> Vec<SummaryItem> {
        check
            .problems
            .iter()
            .map(|p| SummaryItem { id: self.field(&p.at), text: p.message.clone() })
            .collect()
    }

    /// The id of the field at a pointer.
    fn field(self, at: &str) -> String {
        // In a language that is not on the screen, its tab leads there.
        let (language, at) = match at.strip_prefix("/variants/") {
            Some(rest) => {
                let (name, rest) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                (Language::parse(name), format!("/parts{rest}"))
            }
            None => (Some(Language::Japanese).filter(|_| at.starts_with("/parts")), at.to_owned()),
        };
        if let Some(language) = language.filter(|l| *l != self.editor.language.get()) {
            return tab_id(language);
        }
        let mut steps = at.split('/').skip(1);
        match (steps.next(), steps.next()) {
            (Some("title"), _) => "title".into(),
            (Some("audience"), _) => "audience".into(),
            (Some("send_at"), _) => "send_date".into(),
            (Some("recurrence"), Some(field)) => format!("repeat-{field}"),
            (Some("recurrence"), None) => "when-title".into(),
            (Some("parts"), Some(index)) => {
                let index = index.parse::<usize>().ok();
                let key = index.and_then(|i| self.editor.pieces.with(|p| p.get(i).map(|p| p.key)));
                let rest: Vec<&str> = steps.collect();
                match (key, rest.as_slice()) {
                    (None, ["quick", rest @ ..]) if !rest.is_empty() => {
                        format!("quick-{}", rest.join("-"))
                    }
                    (None, _) => "parts".into(),
                    // Where the pointer ends at a field of its own; else at the part's first.
                    (Some(key), ["alt"]) => format!("{}-alt", area_id(key)),
                    (Some(key), ["rich", "layout" | "areas"]) => format!("{}-layout", area_id(key)),
                    (Some(key), ["rich", "alt"]) => format!("{}-alt", area_id(key)),
                    (Some(key), ["rich", "areas", rest @ ..]) => {
                        format!("{}-areas-{}", area_id(key), rest.join("-"))
                    }
                    (Some(key), ["cards", n, "buttons"]) => {
                        format!("{}-cards-{n}-title", area_id(key))
                    }
                    (Some(key), ["cards", n]) => format!("{}-cards-{n}-text", area_id(key)),
                    (Some(key), ["cards", rest @ ..]) if !rest.is_empty() => {
                        format!("{}-cards-{}", area_id(key), rest.join("-"))
                    }
                    (Some(key), _) => area_id(key),
                }
            }
            _ => "parts".into(),
        }
    }
}
