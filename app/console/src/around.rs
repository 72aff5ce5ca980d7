//! What stands around every page and changes while one looks: the counters, 通知, the bar of an
//! emergency or a drill, and how long the session lasts. It comes after the page, and is asked
//! for again on every page and after a minute. Asking prolongs no session: whoever uses a page
//! says so ([`stay`]).

#[cfg(feature = "ssr")]
mod concern;
mod running;
mod staying;

#[cfg(feature = "ssr")]
pub(crate) use self::running::running;
pub use self::running::{Running, RunningBars};
pub use self::staying::{Left, Staying};

use self::staying::Ending;
use crate::shell::Me;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_location;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use ui::prelude::*;
use ui::shell::{Notice, Notices};
use ui::toast::Toasts;
use wasm_bindgen::JsCast;

/// So many are listed behind the bell; the others are counted.
#[cfg(feature = "ssr")]
const LISTED: usize = 10;
/// A page that is not looked at, or that could not ask, tries again after so many seconds.
const LATER: u64 = 20;
/// While menus are on their way, it is asked after so many seconds whether they have arrived.
const SOON: u64 = 10;
/// What somebody does who uses a page, assistive technology included.
const USES: [&str; 4] = ["keydown", "pointerdown", "click", "wheel"];

/// Why something concerns somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reason {
    /// An alert goes on that they have not seen.
    Alert,
    /// A delivery waits for their approval, or was sent without one, a form to be published by
    /// them; or theirs was sent back.
    Approval,
    /// Nobody of their department has read some answers.
    Answers,
}

impl Reason {
    fn icon(self) -> IconName {
        match self {
            Self::Alert => IconName::Warning,
            Self::Approval => IconName::Stamp,
            Self::Answers => IconName::Inbox,
        }
    }
}

/// One thing that concerns whoever is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Concern {
    /// Why.
    pub reason: Reason,
    /// Where it can be looked at.
    pub href: String,
    /// What it is.
    pub title: String,
    /// Since when, whose.
    pub detail: String,
}

/// Everything that stands around a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Around {
    /// Deliveries that wait for a person.
    pub waiting: u64,
    /// Forms whose publication others ask of this person.
    pub asked: u64,
    /// Answers of the department that nobody has read.
    pub unread: u64,
    /// What concerns this person, the most urgent first; at most ten.
    pub concerns: Vec<Concern>,
    /// How many there are.
    pub total: u64,
    /// Emergencies and drills that go on.
    pub running: Vec<Running>,
    /// How long the session lasts if nothing is done.
    pub left: Left,
}

/// What stands around the page now.
///
/// # Errors
/// `SignInNeeded`; if the database is away.
#[server(prefix = "/console/fn")]
pub async fn look_around() -> Result<Around, AppError> {
    let staff = crate::server::staff()?;
    let ctx = &staff.ctx;
    let unread = u64::try_from(services::answer::unread(ctx).await?).unwrap_or(0);
    let forms = crate::shell::asked_forms(ctx, staff.current.staff).await?;
    let mut concerns = concern::find(ctx, staff.current.staff, &forms, unread).await?;
    let total = concerns.len() as u64;
    concerns.truncate(LISTED);
    Ok(Around {
        waiting: crate::shell::count_waiting(ctx).await?,
        asked: forms.len() as u64,
        unread,
        concerns,
        total,
        running: running(ctx).await?,
        left: Left::of(&staff.current, ctx.now()),
    })
}

/// Says that the page is used: the session begins its time anew. The guard of the console notes
/// it ([`crate::server::STAY`]).
///
/// # Errors
/// `SignInNeeded` if it has ended meanwhile.
#[server(prefix = "/console/fn")]
pub async fn stay() -> Result<(), AppError> {
    crate::server::staff().map(drop)
}

/// What is not new is not drawn anew: somebody may be standing in it.
fn put<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|former| *former != value) {
        signal.set(value);
    }
}

/// What is known of what stands around the page; one for all pages.
#[derive(Clone, Copy)]
pub struct Watch {
    /// Deliveries that wait for a person.
    pub waiting: RwSignal<u64>,
    /// Forms whose publication others ask of this person.
    pub asked: RwSignal<u64>,
    /// Answers of the department that nobody has read.
    pub unread: RwSignal<u64>,
    /// What stands behind the bell.
    pub notices: RwSignal<Notices>,
    /// Emergencies and drills that go on.
    pub running: RwSignal<Vec<Running>>,
    ending: RwSignal<Option<Ending>>,
    used: StoredValue<bool>,
    question: StoredValue<u32>,
    timer: StoredValue<Option<TimeoutHandle>>,
    toasts: Toasts,
}

impl Watch {
    /// From now on. What came with the page stands there already.
    pub fn begin(me: &Me) -> Self {
        let watch = Self {
            waiting: RwSignal::new(me.waiting),
            asked: RwSignal::new(me.asked),
            unread: RwSignal::new(me.unread),
            notices: RwSignal::new(Notices::default()),
            running: RwSignal::new(me.running.clone()),
            ending: RwSignal::new(None),
            used: StoredValue::new(false),
            question: StoredValue::new(0),
            timer: StoredValue::new(None),
            toasts: use_toasts(),
        };
        let path = use_location().pathname;
        Effect::new(move |_| {
            path.track();
            watch.look();
        });
        Effect::new(move |_| {
            let listeners =
                USES.map(|event| window_event_listener_untyped(event, move |e| watch.noticed(&e)));
            on_cleanup(move || {
                listeners.into_iter().for_each(WindowListenerHandle::remove);
                if let Some(Some(timer)) = watch.timer.try_get_value() {
                    timer.clear();
                }
            });
        });
        watch
    }

    /// What is to be said of the end of the session.
    fn ending(self) -> Option<Ending> {
        self.ending.get()
    }

    /// つづける.
    fn stay(self) {
        self.ending.set(None);
        self.used.set_value(true);
        self.look();
    }

    /// Somebody uses the page. While it warns, that is an answer; but the card has a button of
    /// its own, and does not go away under the pointer.
    fn noticed(self, event: &web_sys::Event) {
        if self.used.try_set_value(true).is_some() {
            return;
        }
        let target = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
        let on_card = target.is_some_and(|e| matches!(e.closest(".staying"), Ok(Some(_))));
        if !on_card && matches!(self.ending.get_untracked(), Some(Ending::Soon(_, true))) {
            self.stay();
        }
    }

    /// Asks now; an answer that was overtaken by a later question is thrown away.
    pub(crate) fn look(self) {
        let Some(number) = self.question.try_update_value(|n| {
            *n += 1;
            *n
        }) else {
            return;
        };
        spawn_local(async move {
            if self.used.try_update_value(std::mem::take) == Some(true) {
                // If it does not arrive, the session may end sooner, and the page warns of it.
                drop(stay().await);
            }
            let answer = look_around().await;
            if self.question.try_get_value() == Some(number) {
                self.again(self.saw(answer));
            }
        });
    }

    /// Asks after so many seconds, if the page is looked at then.
    fn again(self, seconds: u64) {
        let ask = move || if document().hidden() { self.again(LATER) } else { self.look() };
        let next = set_timeout_with_handle(ask, Duration::from_secs(seconds)).ok();
        let former = self.timer.try_update_value(|timer| std::mem::replace(timer, next));
        if let Some(Some(former)) = former {
            former.clear();
        }
    }

    /// Shows what it saw; answers after how many seconds it looks again.
    fn saw(self, answer: Result<Around, AppError>) -> u64 {
        match answer {
            Ok(around) => {
                let Around { waiting, asked, unread, concerns, total, running, left } = around;
                let most = if running.iter().any(|r| r.reaching) { SOON } else { u64::MAX };
                put(self.waiting, waiting);
                put(self.asked, asked);
                put(self.unread, unread);
                let list = concerns.into_iter().map(|c| {
                    let Concern { reason, href, title, detail } = c;
                    Notice { href, icon: reason.icon(), title, detail }
                });
                put(self.notices, Notices { list: Some(list.collect()), total });
                if self.running.with_untracked(|r| *r != running) {
                    let words: Vec<String> = running.iter().map(Running::words).collect();
                    if !words.is_empty() {
                        self.toasts.say(words.join("。"));
                    }
                    self.running.set(running);
                }
                self.tell(Ending::of(left));
                left.again_after().min(most)
            }
            Err(error) => {
                // What cannot be had keeps its last value.
                if error == AppError::SignInNeeded {
                    self.tell(Some(Ending::Ended));
                }
                LATER
            }
        }
    }

    fn tell(self, ending: Option<Ending>) {
        if self.ending.get_untracked() == ending {
            return;
        }
        if let Some(ending) = ending {
            self.toasts.say_now(ending.words());
        }
        self.ending.set(ending);
    }
}
