//! Saving by itself, 2 s after the last change. What cannot be saved stays on the screen, and is said.

use super::editor::Editor;
use domain::delivery::Draft;
use domain::id::DeliveryId;
use domain::time::Timestamp;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use server_fn::codec::Json;
use std::time::Duration;
use ui::prelude::*;

/// Saves a draft; answers the time by which the next save must name it.
#[server(prefix = "/console/fn", input = Json)]
pub async fn save_draft(
    id: DeliveryId,
    seen: Timestamp,
    draft: Draft,
) -> Result<Timestamp, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::delivery::save(&staff.ctx, id, seen, &draft).await?)
}

/// When a draft was last saved, by whomever; to save over it knowingly.
#[server(prefix = "/console/fn")]
pub async fn draft_seen(id: DeliveryId) -> Result<Timestamp, AppError> {
    let staff = crate::server::staff()?;
    let delivery = services::delivery::get(&staff.ctx, id).await?;
    if delivery.status != domain::delivery::Status::Draft {
        return Err(AppError::Conflict {
            message: "この配信は、もう下書きではありません。".into(),
        });
    }
    Ok(delivery.updated_at)
}

/// How long nothing must change before it is saved.
const QUIET: Duration = Duration::from_secs(2);
/// How long after a failure it is tried again.
const AGAIN: Duration = Duration::from_secs(10);

/// How saving stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saved {
    /// Everything is saved, at that time.
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

type Then = Callback<Result<Timestamp, AppError>>;

/// Saves one editor's draft.
#[derive(Clone, Copy)]
pub struct Saver {
    id: DeliveryId,
    editor: Editor,
    seen: StoredValue<Timestamp>,
    saved: StoredValue<Draft>,
    running: StoredValue<bool>,
    then: StoredValue<Vec<Then>>,
    /// How it stands.
    pub state: RwSignal<Saved>,
}

impl Saver {
    /// Watches the editor from now on.
    pub fn watch(id: DeliveryId, editor: Editor, seen: Timestamp) -> Self {
        let saver = Self {
            id,
            editor,
            seen: StoredValue::new(seen),
            saved: StoredValue::new(editor.draft_now()),
            running: StoredValue::new(false),
            then: StoredValue::new(Vec::new()),
            state: RwSignal::new(Saved::At(seen)),
        };
        let draft = Memo::new(move |_| editor.draft());
        Effect::new(move |timer: Option<Option<TimeoutHandle>>| {
            if let Some(Some(timer)) = timer {
                timer.clear();
            }
            let changed = draft.with(|d| saver.saved.with_value(|s| s != d));
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
                let (seen, draft) = (saver.seen.get_value(), saver.editor.draft_now());
                spawn_local(async move {
                    // Nobody is there any more to whom a failure could be told.
                    drop(save_draft(id, seen, draft).await);
                });
            }
        });
        saver
    }

    /// Whether something on the screen is not saved.
    pub fn open(self) -> bool {
        let now = self.editor.draft_now();
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
            self.running.set_value(false);
            let waiting = self.then.try_update_value(std::mem::take).unwrap_or_default();
            for then in waiting {
                then.try_run(result.clone());
            }
        });
    }

    async fn save_all(self) -> Result<Timestamp, AppError> {
        if let Saved::Conflict(message) = self.state.get_untracked() {
            return Err(AppError::Conflict { message });
        }
        // What is typed meanwhile is saved too.
        while self.open() {
            let draft = self.editor.draft_now();
            self.state.set(Saved::Saving);
            let answer = save_draft(self.id, self.seen.get_value(), draft.clone()).await;
            if self.seen.try_get_value().is_none() {
                // The page was left meanwhile.
                return answer;
            }
            match answer {
                Ok(at) => {
                    self.seen.set_value(at);
                    self.saved.set_value(draft);
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
        let seen = self.seen.get_value();
        self.state.set(Saved::At(seen));
        Ok(seen)
    }

    /// Saves over what somebody else saved first.
    pub fn overwrite(self) {
        spawn_local(async move {
            match draft_seen(self.id).await {
                Ok(seen) => {
                    self.seen.set_value(seen);
                    self.state.set(Saved::Changed);
                    self.flush(None);
                }
                Err(error) => self.state.set(Saved::Conflict(error.message())),
            }
        });
    }
}

/// 「10:24 自動で保存しました」 in the bar.
#[component]
pub fn SavedWords(
    /// Of which editor.
    saver: Saver,
) -> impl IntoView {
    move || {
        match saver.state.get() {
        Saved::At(at) => view! { <span>{format!("{} 自動で保存しました", at.time_of_day())}</span> }.into_any(),
        Saved::Changed => view! { <span>"書いています"</span> }.into_any(),
        Saved::Saving => view! { <span>"保存しています"</span> }.into_any(),
        Saved::Failed(_) | Saved::Conflict(_) => view! { <span class="err"><Icon name=IconName::Warning size=16 />"保存できていません"</span> }.into_any(),
    }
    }
}

/// What to do where saving does not go on by itself.
#[component]
pub fn SavingTrouble(
    /// Of which editor.
    saver: Saver,
    /// The editor's own address.
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
            if conflict {
                view! {
                    <div class="no-print" role="alert">
                        <Banner
                            tone=Tone::Err
                            title="ほかの変更が先に保存されました"
                            act=move || {
                                let href = href.clone();
                                view! {
                                    <div class="cluster">
                                        <a class="btn btn-outline" href=href rel="external"><span>"保存されたほうをひらく"</span></a>
                                        <Button kind=Kind::Act on_click=move |_| saver.overwrite()>"この画面の内容で保存する"</Button>
                                    </div>
                                }
                            }
                        >
                            {format!("{}。書いた内容は、この画面に残っています。", message.trim_end_matches('。'))}
                        </Banner>
                    </div>
                }
                    .into_any()
            } else {
                view! {
                    <div class="no-print" role="alert">
                        <Banner
                            tone=Tone::Err
                            title="保存できませんでした"
                            act=move || view! { <Button kind=Kind::Act icon=IconName::Reload on_click=move |_| saver.flush(None)>"もう一度"</Button> }
                        >
                            {format!("{message}10秒ごとに、自動でも試します。")}
                        </Banner>
                    </div>
                }
                    .into_any()
            }
        })
    }
}
