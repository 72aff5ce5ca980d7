//! Saving by itself: two seconds after the last change; what cannot be saved stays on the
//! screen and says so.

use super::state::{Builder, Written};
use crate::form::api::{form_edition, save_form};
use domain::form::kept::name_problem;
use domain::id::FormId;
use domain::time::Timestamp;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;
use ui::prelude::*;

/// How long nothing must change before it is saved.
const QUIET: Duration = Duration::from_secs(2);
/// How long after a failure it is tried again.
const AGAIN: Duration = Duration::from_secs(10);

/// How saving stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saved {
    /// Everything is saved, since that time.
    At(Timestamp),
    /// Something has changed.
    Changed,
    /// On its way.
    Saving,
    /// The server could not be reached, or refused.
    Failed(AppError),
    /// Somebody else saved first.
    Conflict(String),
}

type Then = Callback<Result<i64, AppError>>;

/// Saves one builder's form.
#[derive(Clone, Copy)]
pub struct Saver {
    id: FormId,
    builder: Builder,
    seen: StoredValue<i64>,
    saved: StoredValue<Written>,
    running: StoredValue<bool>,
    then: StoredValue<Vec<Then>>,
    /// How it stands.
    pub state: RwSignal<Saved>,
}

impl Saver {
    /// Watches the builder from now on.
    pub fn watch(id: FormId, builder: Builder, edition: i64, at: Timestamp) -> Self {
        let saver = Self {
            id,
            builder,
            seen: StoredValue::new(edition),
            saved: StoredValue::new(builder.written_now()),
            running: StoredValue::new(false),
            then: StoredValue::new(Vec::new()),
            state: RwSignal::new(Saved::At(at)),
        };
        let written = Memo::new(move |_| builder.written());
        Effect::new(move |timer: Option<Option<TimeoutHandle>>| {
            if let Some(Some(timer)) = timer {
                timer.clear();
            }
            let changed = written.with(|w| saver.saved.with_value(|s| s != w));
            if !changed {
                return None;
            }
            if !matches!(saver.state.get_untracked(), Saved::Conflict(_) | Saved::Saving) {
                saver.state.set(Saved::Changed);
            }
            set_timeout_with_handle(move || saver.flush(None), QUIET).ok()
        });
        // A failure is tried again by itself.
        Effect::new(move |timer: Option<Option<TimeoutHandle>>| {
            if let Some(Some(timer)) = timer {
                timer.clear();
            }
            matches!(saver.state.get(), Saved::Failed(_))
                .then(|| set_timeout_with_handle(move || saver.flush(None), AGAIN).ok())
                .flatten()
        });
        Effect::new(move |_| {
            let leave = window_event_listener(ev::beforeunload, move |event| {
                if saver.open() {
                    event.prevent_default();
                }
            });
            on_cleanup(move || leave.remove());
        });
        // Leaving for another page of the console saves what is still open.
        on_cleanup(move || {
            #[cfg(feature = "hydrate")]
            if saver.open() && !matches!(saver.state.get_untracked(), Saved::Conflict(_)) {
                let (seen, w) = (saver.seen.get_value(), saver.builder.written_now());
                spawn_local(async move {
                    // Nobody is there any more to whom a failure could be told.
                    drop(save_form(id, seen, w.name, w.form, w.settings).await);
                });
            }
        });
        saver
    }

    /// Whether something on the screen is not saved.
    pub fn open(self) -> bool {
        let now = self.builder.written_now();
        self.saved.with_value(|saved| *saved != now)
    }

    /// Saves what is open, now; then tells how it went.
    pub fn flush(self, then: Option<Then>) {
        // A timer may ring after the page was left.
        let Some(running) = self.running.try_get_value() else { return };
        if let Some(then) = then {
            self.then.update_value(|list| list.push(then));
        }
        if running {
            return;
        }
        self.running.set_value(true);
        spawn_local(async move {
            let result = self.save_all().await;
            // The page may have been left meanwhile.
            if self.running.try_update_value(|r| *r = false).is_none() {
                return;
            }
            let waiting = self.then.try_update_value(std::mem::take).unwrap_or_default();
            for then in waiting {
                then.try_run(result.clone());
            }
        });
    }

    async fn save_all(self) -> Result<i64, AppError> {
        if let Saved::Conflict(message) = self.state.get_untracked() {
            return Err(AppError::Conflict { message });
        }
        // What is typed meanwhile is saved too.
        while self.open() {
            let mut w = self.builder.written_now();
            let kept = w.clone();
            // A form without a name is kept all the same; the linter asks for one.
            if name_problem(&w.name).is_some() {
                w.name = "名前のないフォーム".into();
            }
            self.state.set(Saved::Saving);
            let seen = self.seen.get_value();
            let answer = save_form(self.id, seen, w.name, w.form, w.settings).await;
            if self.seen.try_get_value().is_none() {
                // The page was left meanwhile.
                return answer;
            }
            match answer {
                Ok(edition) => {
                    self.seen.set_value(edition);
                    self.saved.set_value(kept);
                }
                Err(error) => {
                    self.state.set(match &error {
                        AppError::Conflict { message } => Saved::Conflict(message.clone()),
                        _ => Saved::Failed(error.clone()),
                    });
                    return Err(error);
                }
            }
        }
        self.state.set(Saved::At(now()));
        Ok(self.seen.get_value())
    }

    /// Saves over what somebody else saved first.
    pub fn overwrite(self) {
        spawn_local(async move {
            match form_edition(self.id).await {
                Ok(edition) => {
                    self.seen.set_value(edition);
                    self.state.set(Saved::Changed);
                    self.flush(None);
                }
                Err(error) => self.state.set(Saved::Conflict(error.message())),
            }
        });
    }
}

/// The browser's clock, to say when it was saved.
fn now() -> Timestamp {
    #[cfg(feature = "hydrate")]
    {
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds of a clock")]
        Timestamp::from_millis(js_sys::Date::now() as i64)
    }
    #[cfg(not(feature = "hydrate"))]
    Timestamp(0)
}

/// 「10:24 自動で保存しました」 in the bar.
#[component]
pub fn SavedWords(saver: Saver) -> impl IntoView {
    move || {
        match saver.state.get() {
        Saved::At(at) => view! { <span>{format!("{} 自動で保存しました", at.time_of_day())}</span> }.into_any(),
        Saved::Changed => view! { <span>"書いています"</span> }.into_any(),
        Saved::Saving => view! { <span>"保存しています"</span> }.into_any(),
        Saved::Failed(_) | Saved::Conflict(_) => {
            view! { <span class="err"><Icon name=IconName::Warning size=16 />"保存できていません"</span> }.into_any()
        }
    }
    }
}

/// What to do where saving does not go on by itself.
#[component]
pub fn SavingTrouble(
    saver: Saver,
    /// The builder's own address.
    href: String,
) -> impl IntoView {
    let trouble = Memo::new(move |_| match saver.state.get() {
        Saved::Failed(error) => Some((false, error.message())),
        Saved::Conflict(message) => Some((true, message)),
        _ => None,
    });
    move || {
        let href = href.clone();
        trouble.get().map(|(conflict, message)| {
            let title = if conflict { "ほかの変更が先に保存されました" } else { "保存できませんでした" };
            let words = if conflict {
                format!("{}。書いた内容は、この画面に残っています。", message.trim_end_matches('。'))
            } else {
                format!("{message}10秒ごとに、自動でも試します。")
            };
            let act = move || {
                let href = href.clone();
                if conflict {
                    view! {
                        <div class="cluster">
                            <a class="btn btn-outline" href=href rel="external" target="_blank"><span>"保存されたほうを別の画面でひらく"</span></a>
                            <Button kind=Kind::Act on_click=move |_| saver.overwrite()>"この画面の内容で保存する"</Button>
                        </div>
                    }
                        .into_any()
                } else {
                    view! { <Button kind=Kind::Act icon=IconName::Reload on_click=move |_| saver.flush(None)>"もう一度"</Button> }.into_any()
                }
            };
            view! { <div role="alert"><Banner tone=Tone::Err title act>{words}</Banner></div> }
        })
    }
}
