//! Toasts at the lower right, and the page's live regions: one polite, and one
//! assertive for errors.
//!
//! Success goes after a while, errors stay until they are closed. A toast with an
//! act belongs to the part of the page that made it ([`Offers`]) and goes with it:
//! what it would act upon is not there any more.

use crate::focus::keep_focus;
use crate::icon::{Icon, IconName};
use crate::page::Tone;
use leptos::prelude::*;
use std::time::Duration;

/// How long success is shown.
const BRIEF: Duration = Duration::from_secs(6);
/// How long an act is offered that the page offers by a button of its own, too.
const LONG: Duration = Duration::from_secs(30);

/// One message.
#[derive(Clone, Debug)]
pub struct Toast {
    id: u64,
    tone: Tone,
    text: String,
    offer: Option<Offer>,
    /// How long it stays without pointer or focus in it; nothing: until it is closed.
    lasts: Option<Duration>,
}

/// What can be done about it, and by which [`Offers`].
#[derive(Clone, Debug)]
struct Offer {
    of: u64,
    words: String,
    run: Callback<()>,
}

/// The handle with which pages speak; `Copy`, taken with [`use_toasts`] while
/// a component is built.
#[derive(Clone, Copy, Debug)]
pub struct Toasts {
    list: RwSignal<Vec<Toast>>,
    next: StoredValue<u64>,
    polite: RwSignal<String>,
    assertive: RwSignal<String>,
}

/// Once, in the app's root component.
pub fn provide_toasts() -> Toasts {
    let toasts = Toasts {
        list: RwSignal::new(Vec::new()),
        next: StoredValue::new(0),
        polite: RwSignal::new(String::new()),
        assertive: RwSignal::new(String::new()),
    };
    provide_context(toasts);
    toasts
}

/// The handle. Without [`provide_toasts`] above, a handle that nobody hears.
pub fn use_toasts() -> Toasts {
    use_context().unwrap_or_else(provide_toasts)
}

impl Toasts {
    /// 「下書きを保存しました」
    pub fn ok(self, text: impl Into<String>) {
        self.push(Tone::Ok, text.into(), None, Some(BRIEF));
    }

    /// 「12人に届きませんでした」
    pub fn warn(self, text: impl Into<String>) {
        self.push(Tone::Warn, text.into(), None, None);
    }

    /// 「保存できませんでした。内容は残っています」
    pub fn err(self, text: impl Into<String>) {
        self.push(Tone::Err, text.into(), None, None);
    }

    /// Says something politely without showing it.
    pub fn say(self, text: impl Into<String>) {
        self.polite.set(text.into());
    }

    /// Says something at once without showing it.
    pub fn say_now(self, text: impl Into<String>) {
        self.assertive.set(text.into());
    }

    fn push(self, tone: Tone, text: String, offer: Option<Offer>, lasts: Option<Duration>) {
        let id = self.number();
        if tone == Tone::Err {
            self.say_now(text.clone());
        } else {
            self.say(text.clone());
        }
        self.list.update(|list| {
            // What is said again, and what went well before, makes way: on a phone there is room for few.
            list.retain(|toast| {
                toast.offer.is_some()
                    || toast.text != text && (tone, toast.tone) != (Tone::Ok, Tone::Ok)
            });
            list.push(Toast { id, tone, text, offer, lasts });
        });
    }

    fn number(self) -> u64 {
        let number = self.next.with_value(|n| n + 1);
        self.next.set_value(number);
        number
    }

    fn close(self, id: u64) {
        self.list.update(|list| list.retain(|toast| toast.id != id));
    }
}

/// What one part of a page offers to do (元にもどす, もう一度); `Copy`, taken with
/// [`use_offers`]. Its toasts go when that part goes: with the page, or when it is
/// drawn anew with what was saved.
#[derive(Clone, Copy, Debug)]
pub struct Offers {
    toasts: Toasts,
    id: u64,
    /// What an act needs lives as long as this, and not only as the row that made it.
    owner: StoredValue<Owner>,
}

/// Taken while a page or an editor is built, not its rows: their acts would go with them.
pub fn use_offers() -> Offers {
    let toasts = use_toasts();
    let offers = Offers { toasts, id: toasts.number(), owner: StoredValue::new(Owner::new()) };
    on_cleanup(move || offers.withdraw());
    offers
}

impl Offers {
    /// 「エリア5とエリア6を結合しました　［元にもどす］」, until it is closed.
    pub fn ok(self, text: impl Into<String>, act: &str, run: impl Fn() + Send + Sync + 'static) {
        self.toasts.push(Tone::Ok, text.into(), self.offer(act, run), None);
    }

    /// The same where the page has a button for it all the time: this toast takes the
    /// place of the one before, and goes by itself.
    pub fn passing(
        self,
        text: impl Into<String>,
        act: &str,
        run: impl Fn() + Send + Sync + 'static,
    ) {
        self.withdraw();
        self.toasts.push(Tone::Ok, text.into(), self.offer(act, run), Some(LONG));
    }

    /// Something went otherwise than wanted, with a way on.
    pub fn warn(self, text: impl Into<String>, act: &str, run: impl Fn() + Send + Sync + 'static) {
        self.toasts.push(Tone::Warn, text.into(), self.offer(act, run), None);
    }

    /// An error with a way on (もう一度).
    pub fn err(self, text: impl Into<String>, act: &str, run: impl Fn() + Send + Sync + 'static) {
        self.toasts.push(Tone::Err, text.into(), self.offer(act, run), None);
    }

    /// Takes back what is still on offer: it was saved, or is no longer true.
    pub fn withdraw(self) {
        let mine = |toast: &Toast| toast.offer.as_ref().is_some_and(|offer| offer.of == self.id);
        // The whole app may be on its way out.
        if self.toasts.list.try_with_untracked(|list| list.iter().any(mine)) == Some(true) {
            self.toasts.list.update(|list| list.retain(|toast| !mine(toast)));
        }
    }

    /// Nothing where the part of the page has gone meanwhile.
    fn offer(self, words: &str, run: impl Fn() + Send + Sync + 'static) -> Option<Offer> {
        let owner = self.owner.try_get_value()?;
        let run = owner.with(|| Callback::new(move |()| run()));
        Some(Offer { of: self.id, words: words.to_owned(), run })
    }
}

/// Where toasts appear and live regions are. Once, at the end of the app.
#[component]
pub fn ToastRegion() -> impl IntoView {
    let toasts = use_toasts();
    view! {
        <div class="toasts" role="region" aria-label="お知らせの表示">
            <p class="visually-hidden" role="status">{move || toasts.polite.get()}</p>
            <p class="visually-hidden" role="alert">{move || toasts.assertive.get()}</p>
            <For each=move || toasts.list.get() key=|toast| toast.id let:toast>
                <ToastCard toast toasts />
            </For>
        </div>
    }
}

#[component]
fn ToastCard(toast: Toast, toasts: Toasts) -> impl IntoView {
    let Toast { id, tone, text, offer, lasts } = toast;
    // Whoever points at it or stands in it has the time that they need.
    let (pointed, focused) = (RwSignal::new(false), RwSignal::new(false));
    Effect::new(move |timer: Option<Option<TimeoutHandle>>| {
        if let Some(Some(timer)) = timer {
            timer.clear();
        }
        let lasts = lasts.filter(|_| !pointed.get() && !focused.get())?;
        set_timeout_with_handle(move || toasts.close(id), lasts).ok()
    });
    view! {
        <div
            class=format!("toast toast-{}", tone.class())
            on:pointerenter=move |_| pointed.set(true)
            on:pointerleave=move |_| {
                pointed.try_set(false);
            }
            on:focusin=move |_| focused.set(true)
            on:focusout=move |_| {
                focused.try_set(false);
            }
        >
            <Icon name=tone.icon() />
            <p class="grow">{text}</p>
            {offer
                .map(|Offer { words, run, .. }| {
                    view! {
                        <button
                            class="btn btn-plain"
                            type="button"
                            on:click=move |_| {
                                toasts.close(id);
                                run.try_run(());
                                keep_focus();
                            }
                        >
                            {words}
                        </button>
                    }
                })}
            <button
                class="icon-btn"
                type="button"
                aria-label="この知らせを閉じる"
                on:click=move |_| {
                    toasts.close(id);
                    keep_focus();
                }
            >
                <Icon name=IconName::Cross size=18 />
            </button>
        </div>
    }
}
