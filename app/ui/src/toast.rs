//! Toasts at the lower right, and the page's live regions: one polite, and one
//! assertive for errors. Success goes after 6 s; what has an act, and errors,
//! stay until they are closed.

use crate::icon::{Icon, IconName};
use crate::page::Tone;
use leptos::prelude::*;
use std::time::Duration;

/// One message.
#[derive(Clone, Debug)]
pub struct Toast {
    id: u64,
    tone: Tone,
    text: String,
    act: Option<(String, Callback<()>)>,
}

/// The handle with which pages speak; `Copy`, taken with [`use_toasts`] while
/// a component is built.
#[derive(Clone, Copy, Debug)]
pub struct Toasts {
    list: RwSignal<Vec<Toast>>,
    /// The root's owner: what a toast does must outlive the page that said it.
    root: StoredValue<Option<Owner>>,
    next: StoredValue<u64>,
    polite: RwSignal<String>,
    assertive: RwSignal<String>,
}

/// Once, in the app's root component.
pub fn provide_toasts() -> Toasts {
    let toasts = Toasts {
        list: RwSignal::new(Vec::new()),
        root: StoredValue::new(Owner::current()),
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
        self.push(Tone::Ok, text.into(), None);
    }

    /// 「エリア5とエリア6を結合しました　［元にもどす］」
    pub fn ok_with(
        self,
        text: impl Into<String>,
        act: impl Into<String>,
        run: impl Into<Callback<()>>,
    ) {
        self.push(Tone::Ok, text.into(), Some((act.into(), self.keep(run))));
    }

    /// 「12人に届きませんでした」
    pub fn warn(self, text: impl Into<String>) {
        self.push(Tone::Warn, text.into(), None);
    }

    /// 「保存できませんでした。内容は残っています」
    pub fn err(self, text: impl Into<String>) {
        self.push(Tone::Err, text.into(), None);
    }

    /// An error with a way on (もう一度).
    pub fn err_with(
        self,
        text: impl Into<String>,
        act: impl Into<String>,
        run: impl Into<Callback<()>>,
    ) {
        self.push(Tone::Err, text.into(), Some((act.into(), self.keep(run))));
    }

    /// Says something politely without showing it.
    pub fn say(self, text: impl Into<String>) {
        self.polite.set(text.into());
    }

    /// Says something at once without showing it.
    pub fn say_now(self, text: impl Into<String>) {
        self.assertive.set(text.into());
    }

    fn keep(self, run: impl Into<Callback<()>>) -> Callback<()> {
        match self.root.get_value() {
            Some(root) => root.with(|| run.into()),
            None => run.into(),
        }
    }

    fn push(self, tone: Tone, text: String, act: Option<(String, Callback<()>)>) {
        let id = self.next.with_value(|n| n + 1);
        self.next.set_value(id);
        if tone == Tone::Err {
            self.say_now(text.clone());
        } else {
            self.say(text.clone());
        }
        let passing = tone == Tone::Ok && act.is_none();
        self.list.update(|list| list.push(Toast { id, tone, text, act }));
        if passing {
            set_timeout(move || self.close(id), Duration::from_secs(6));
        }
    }

    fn close(self, id: u64) {
        self.list.update(|list| list.retain(|toast| toast.id != id));
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
    let Toast { id, tone, text, act } = toast;
    view! {
        <div class=format!("toast toast-{}", tone.class())>
            <Icon name=tone.icon() />
            <p class="grow">{text}</p>
            {act
                .map(|(words, run)| {
                    view! {
                        <button
                            class="btn btn-plain"
                            type="button"
                            on:click=move |_| {
                                // A callback that the page made beforehand may be gone with it.
                                run.try_run(());
                                toasts.close(id);
                            }
                        >
                            {words}
                        </button>
                    }
                })}
            <button class="icon-btn" type="button" aria-label="この知らせを閉じる" on:click=move |_| toasts.close(id)>
                <Icon name=IconName::Cross size=18 />
            </button>
        </div>
    }
}
