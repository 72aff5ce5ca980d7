//! Saving by itself, 2 s after the last change: one way for every editor. What cannot be saved
//! stays on the screen, and is said; what stands there when the page is left is saved too.

use domain::time::Timestamp;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use ui::prelude::*;

/// How long nothing must change before it is saved.
const QUIET: Duration = Duration::from_secs(2);
/// How long after a failure it is tried again.
const AGAIN: Duration = Duration::from_secs(10);

/// What an editor saves, whole.
pub trait Work: Clone + PartialEq + Send + Sync + 'static {
    /// Where it is kept.
    type Place: Copy + Send + Sync + 'static;
    /// What the next save must name, so that nobody saves over somebody else unknowingly.
    type Seen: Clone + Send + Sync + 'static;

    /// Saves it over what was seen; answers what the next save must name.
    fn save(
        self,
        place: Self::Place,
        seen: Self::Seen,
    ) -> impl Future<Output = Result<Self::Seen, AppError>>;

    /// What a save must name now, whoever saved last.
    fn seen(place: Self::Place) -> impl Future<Output = Result<Self::Seen, AppError>>;
}

/// How saving stands.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Saved {
    /// Everything is saved; since when, if it was said.
    Yes(Option<Timestamp>),
    /// Something has changed.
    Changed,
    /// On its way.
    Saving,
    /// The server could not be reached, or refused.
    Failed(AppError),
    /// Somebody else saved first.
    Conflict(String),
}

/// What the server holds and what is on its way there; outlives the page.
struct Line<W: Work> {
    seen: W::Seen,
    saved: W,
    /// When that was, if it is to be said.
    at: Option<Timestamp>,
    sending: bool,
    /// What stood on the page when it was left while something was on its way.
    left: Option<W>,
}

fn locked<W: Work>(line: &Mutex<Line<W>>) -> MutexGuard<'_, Line<W>> {
    line.lock().unwrap_or_else(PoisonError::into_inner)
}

type Then<W> = Callback<Result<<W as Work>::Seen, AppError>>;

/// Saves one editor's work.
pub struct Saver<W: Work> {
    place: W::Place,
    work: Signal<Option<W>>,
    line: StoredValue<Arc<Mutex<Line<W>>>>,
    then: StoredValue<Vec<Then<W>>>,
    state: RwSignal<Saved>,
}

impl<W: Work> Clone for Saver<W> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<W: Work> Copy for Saver<W> {}

impl<W: Work> Saver<W> {
    /// Watches an editor from now on. `work`: what stands on the screen, nothing while it cannot
    /// be read. `saved`: what the editor made of what it opened; only what differs is saved.
    /// `seen`, `at`: what the first save must name, and when it had been saved, if that is to be
    /// said.
    pub fn watch(
        place: W::Place,
        work: Signal<Option<W>>,
        saved: W,
        seen: W::Seen,
        at: Option<Timestamp>,
    ) -> Self {
        let line = Line { seen, saved, at, sending: false, left: None };
        let saver = Self {
            place,
            work,
            line: StoredValue::new(Arc::new(Mutex::new(line))),
            then: StoredValue::new(Vec::new()),
            state: RwSignal::new(Saved::Yes(at)),
        };
        Effect::new(move |timer: Option<Option<TimeoutHandle>>| {
            if let Some(Some(timer)) = timer {
                timer.clear();
            }
            let changed = work.with(|work| saver.differs(work.as_ref()));
            let state = saver.state.get_untracked();
            if !changed {
                if state == Saved::Changed {
                    saver.state.set(Saved::Yes(saver.line.with_value(|line| locked(line).at)));
                }
                return None;
            }
            if !matches!(state, Saved::Conflict(_) | Saved::Saving) {
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
                    // It is on its way while the browser still asks.
                    saver.flush(None);
                }
            });
            // A telephone closes what is out of sight without a question.
            let hide = window_event_listener(ev::visibilitychange, move |_| {
                if document().hidden() && saver.open() {
                    saver.flush(None);
                }
            });
            on_cleanup(move || {
                leave.remove();
                hide.remove();
            });
        });
        on_cleanup(move || {
            if cfg!(feature = "hydrate") {
                saver.leave();
            }
        });
        saver
    }

    fn differs(self, work: Option<&W>) -> bool {
        self.line.with_value(|line| work != Some(&locked(line).saved))
    }

    /// Whether something on the screen is not saved.
    fn open(self) -> bool {
        untrack(|| self.work.with(|work| self.differs(work.as_ref())))
    }

    /// Saves what is open, now; then tells how it went, and what the next save must name.
    pub fn flush(self, then: Option<Then<W>>) {
        // A timer may ring after the page was left.
        let Some(line) = self.line.try_get_value() else { return };
        if let Some(then) = then {
            self.then.update_value(|list| list.push(then));
        }
        if std::mem::replace(&mut locked(&line).sending, true) {
            return;
        }
        spawn_local(async move {
            let result = self.save_all(&line).await;
            locked(&line).sending = false;
            let waiting = self.then.try_update_value(std::mem::take).unwrap_or_default();
            for then in waiting {
                then.try_run(result.clone());
            }
        });
    }

    /// Saves what is on the screen and what is done meanwhile, one after the other. What was left
    /// behind with the page goes last.
    async fn save_all(self, line: &Mutex<Line<W>>) -> Result<W::Seen, AppError> {
        if let Some(Saved::Conflict(message)) = self.state.try_get_untracked() {
            return Err(AppError::Conflict { message });
        }
        loop {
            let on_screen = untrack(|| self.work.try_get());
            let left = on_screen.is_none();
            let (seen, work) = {
                let mut line = locked(line);
                let work = on_screen.unwrap_or_else(|| line.left.take());
                match work.filter(|work| *work != line.saved) {
                    Some(work) => (line.seen.clone(), work),
                    None => return Ok(line.seen.clone()),
                }
            };
            self.state.try_set(Saved::Saving);
            match work.clone().save(self.place, seen).await {
                Ok(seen) => {
                    let mut line = locked(line);
                    line.seen = seen;
                    line.saved = work;
                    line.at = Some(now());
                    self.state.try_set(Saved::Yes(line.at));
                }
                Err(error) => {
                    self.state.try_set(match &error {
                        AppError::Conflict { message } => Saved::Conflict(message.clone()),
                        _ => Saved::Failed(error.clone()),
                    });
                    return Err(error);
                }
            }
            if left {
                LATE.with(|late| late.update(|n| *n += 1));
            }
        }
    }

    /// Saves what is still open when the page is left.
    fn leave(self) {
        let (Some(Some(work)), Some(line)) =
            (untrack(|| self.work.try_get()), self.line.try_get_value())
        else {
            return;
        };
        let mut held = locked(&line);
        if held.sending {
            held.left = Some(work);
        } else if held.saved != work && !matches!(self.state.get_untracked(), Saved::Conflict(_)) {
            let (place, seen) = (self.place, held.seen.clone());
            spawn_local(async move {
                // Nobody is there any more to whom a failure could be told.
                drop(work.save(place, seen).await);
                LATE.with(|late| late.update(|n| *n += 1));
            });
        }
    }

    /// Saves over what somebody else saved first.
    fn overwrite(self) {
        spawn_local(async move {
            match W::seen(self.place).await {
                Ok(seen) => {
                    self.line.with_value(|line| locked(line).seen = seen);
                    self.state.set(Saved::Changed);
                    self.flush(None);
                }
                Err(error) => self.state.set(Saved::Conflict(error.message())),
            }
        });
    }
}

thread_local! {
    /// How much was saved after its page had been left.
    static LATE: ArcRwSignal<u32> = ArcRwSignal::new(0);
}

/// How much was saved so far after its page had been left.
pub fn saved_late() -> u32 {
    if cfg!(feature = "hydrate") { LATE.with(Clone::clone).get_untracked() } else { 0 }
}

/// Reads a page again when something was saved of which the page before was the editor. `begun`:
/// [`saved_late`] before the page was read.
pub fn follow_late(begun: u32, reload: impl Fn() + 'static) {
    Effect::new(move |former: Option<u32>| {
        let now = LATE.with(Clone::clone).get();
        if former.unwrap_or(begun) != now {
            reload();
        }
        now
    });
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
pub fn SavedWords<W: Work>(
    /// Of which editor.
    saver: Saver<W>,
) -> impl IntoView {
    move || {
        match saver.state.get() {
        Saved::Yes(None) => view! { <span>"自動で保存します"</span> }.into_any(),
        Saved::Yes(Some(at)) => {
            view! { <span>{format!("{} 自動で保存しました", at.time_of_day())}</span> }.into_any()
        }
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
pub fn SavingTrouble<W: Work>(
    /// Of which editor.
    saver: Saver<W>,
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
            let (title, words) = if conflict {
                let message = message.trim_end_matches('。');
                ("ほかの変更が先に保存されました", format!("{message}。この画面の内容は、そのまま残っています。"))
            } else {
                ("保存できませんでした", format!("{message}10秒ごとに、自動でも試します。"))
            };
            let act = move || {
                if conflict {
                    view! {
                        <div class="cluster">
                            <a class="btn btn-outline" href=href.clone() rel="external" target="_blank"><span>"保存されたほうを別の画面でひらく"</span></a>
                            <Button kind=Kind::Act on_click=move |_| saver.overwrite()>"この画面の内容で保存する"</Button>
                        </div>
                    }
                        .into_any()
                } else {
                    view! { <Button kind=Kind::Act icon=IconName::Reload on_click=move |_| saver.flush(None)>"もう一度"</Button> }.into_any()
                }
            };
            view! { <div class="no-print" role="alert"><Banner tone=Tone::Err title act>{words}</Banner></div> }
        })
    }
}
