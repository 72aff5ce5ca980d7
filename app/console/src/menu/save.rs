//! Saving by itself, 2 s after the last change. What cannot be saved stays on the screen, and
//! is said.

use super::api::{menu_version, save_menu};
use super::state::Editor;
use domain::menu::Menu;
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
    /// Everything is saved, and nothing was changed since it was opened.
    AsOpened,
    /// Everything is saved.
    Done,
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

/// Saves one editor's menu.
#[derive(Clone, Copy)]
pub struct Saver {
    editor: Editor,
    seen: StoredValue<i64>,
    saved: StoredValue<Menu>,
    running: StoredValue<bool>,
    then: StoredValue<Vec<Then>>,
    /// How it stands.
    pub state: RwSignal<Saved>,
}

impl Saver {
    /// Watches the editor from now on. `seen`: the version that was opened.
    pub fn watch(editor: Editor, seen: i64) -> Self {
        let saver = Self {
            editor,
            seen: StoredValue::new(seen),
            saved: StoredValue::new(editor.now(Clone::clone)),
            running: StoredValue::new(false),
            then: StoredValue::new(Vec::new()),
            state: RwSignal::new(Saved::AsOpened),
        };
        Effect::new(move |timer: Option<Option<TimeoutHandle>>| {
            if let Some(Some(timer)) = timer {
                timer.clear();
            }
            let changed = editor.with(|menu| saver.saved.with_value(|saved| saved != menu));
            if !changed {
                if saver.state.get_untracked() == Saved::Changed {
                    saver.state.set(Saved::Done);
                }
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
                let (seen, menu) = (saver.seen.get_value(), saver.editor.now(Clone::clone));
                spawn_local(async move {
                    // Nobody is there any more to whom a failure could be told.
                    drop(save_menu(editor.id, seen, menu).await);
                });
            }
        });
        saver
    }

    /// Whether something on the screen is not saved.
    pub fn open(self) -> bool {
        self.editor.now(|menu| self.saved.with_value(|saved| saved != menu))
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
            self.running.try_update_value(|running| *running = false);
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
        let mut any = false;
        // What is done meanwhile is saved too.
        while self.open() {
            any = true;
            let menu = self.editor.now(Clone::clone);
            self.state.set(Saved::Saving);
            let answer = save_menu(self.editor.id, self.seen.get_value(), menu.clone()).await;
            if self.seen.try_get_value().is_none() {
                // The page was left meanwhile.
                return answer;
            }
            match answer {
                Ok(version) => {
                    self.seen.set_value(version);
                    self.saved.set_value(menu);
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
        if any || self.state.get_untracked() != Saved::AsOpened {
            self.state.set(Saved::Done);
        }
        Ok(self.seen.get_value())
    }

    /// Saves over what somebody else saved first.
    pub fn overwrite(self) {
        spawn_local(async move {
            match menu_version(self.editor.id).await {
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

/// 「保存しました」 in the bar.
#[component]
pub fn SavedWords(
    /// Of which editor.
    saver: Saver,
) -> impl IntoView {
    move || {
        match saver.state.get() {
        Saved::AsOpened => view! { <span>"自動で保存します"</span> }.into_any(),
        Saved::Done => view! { <span>"保存しました"</span> }.into_any(),
        Saved::Changed => view! { <span>"まだ保存していません"</span> }.into_any(),
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
    /// Of which editor.
    saver: Saver,
    /// The editor's own address.
    #[prop(into)]
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
                    <div role="alert">
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
                            {format!("{}。変えた内容は、この画面に残っています。", message.trim_end_matches('。'))}
                        </Banner>
                    </div>
                }
                    .into_any()
            } else {
                view! {
                    <div role="alert">
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
