//! The sandbox phone (picture 15): residents at the left, one or two phones, at the
//! right what happened on the wire and LINE's mood. Everything comes from the
//! sandbox's control API, straight from the browser; nothing here is real.

mod api;
mod device;
mod menu;
mod people;
mod say;
mod wire;

use api::{Act, Api, Config, Method, Person};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use std::time::Duration;
use ui::AppError;
use ui::prelude::*;

/// The sandbox's address, where there is one.
#[server(prefix = "/liff/fn")]
pub async fn sandbox_url() -> Result<Option<String>, AppError> {
    let platform = expect_context::<std::sync::Arc<services::Platform>>();
    Ok(platform.settings.sandbox_url.clone())
}

/// How often everything is read again.
const EVERY: Duration = Duration::from_secs(1);

/// The sandbox phone, there only where `KAIRAN_SANDBOX_URL` is set.
#[component]
pub fn Phone() -> impl IntoView {
    let url = Resource::new_blocking(|| (), |()| sandbox_url());
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match url.await {
                    Ok(Some(base)) => view! { <Bench base /> }.into_any(),
                    Ok(None) => view! { <crate::NotFound /> }.into_any(),
                    Err(error) => view! { <main id="main"><ErrorPage error retry_href="/phone" /></main> }.into_any(),
                }
            })}
        </Suspense>
    }
}

/// What all parts of the page share.
#[derive(Clone, Copy)]
pub(crate) struct Desk {
    pub api: Api,
    /// Counts up each second and after every act: read again.
    pub tick: RwSignal<u64>,
    pub config: RwSignal<Option<Config>>,
    /// Nothing yet, reachable, or away.
    pub connected: RwSignal<Option<bool>>,
    /// The residents that the search found.
    pub people: RwSignal<Vec<Person>>,
    pub search: RwSignal<String>,
    /// Who holds each phone.
    pub held: RwSignal<[Option<Person>; 2]>,
    /// The phone whose resident acts.
    pub hand: RwSignal<usize>,
    /// Two phones side by side.
    pub two: RwSignal<bool>,
    toasts: ui::toast::Toasts,
}

impl Desk {
    /// The resident who acts.
    pub fn acting(self) -> Option<Person> {
        self.held.with(|held| held[self.hand.get()].clone())
    }

    /// Puts a phone into a resident's hand.
    pub fn give(self, person: Person) {
        let hand = self.hand.get_untracked();
        self.held.update(|held| held[hand] = Some(person));
        self.again();
    }

    /// Reads everything again now.
    pub fn again(self) {
        self.tick.update(|t| *t += 1);
    }

    /// Says why something did not work.
    pub fn failed(self, why: String) {
        self.toasts.err(why);
    }

    /// Does something as a resident, and then `then`.
    pub fn act(self, user_id: &str, act: &str, body: Value, then: impl Fn(Act) + 'static) {
        let path = format!("/residents/{user_id}/{act}");
        spawn_local(async move {
            match self.api.send::<Act>(Method::Post, &path, &body).await {
                Ok(done) => {
                    if done.webhook.as_ref().is_some_and(|w| w.status != Some(200)) {
                        self.toasts.warn(
                            "市のシステム（webhook）から返事がありません。あとで送り直されます",
                        );
                    }
                    then(done);
                }
                Err(why) => self.failed(why),
            }
            self.again();
        });
    }

    /// Says what was done.
    pub fn said(self, words: impl Into<String>) {
        self.toasts.ok(words);
    }

    fn read_config(self) {
        spawn_local(async move {
            match self.api.get::<Config>("/config").await {
                Ok(config) => {
                    set(self.connected, Some(true));
                    set(self.config, Some(config));
                }
                Err(_) => set(self.connected, Some(false)),
            }
        });
    }

    fn reset(self) {
        spawn_local(async move {
            match self.api.send::<Value>(Method::Post, "/reset", &json!({})).await {
                Ok(_) => {
                    self.search.set(String::new());
                    self.held.set([None, None]);
                    self.said("擬似LINEをはじめに戻しました");
                }
                Err(why) => self.failed(why),
            }
            self.again();
        });
    }
}

/// Sets a signal only if its value changes, so that nothing is drawn anew each second.
pub(crate) fn set<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|now| *now != value) {
        signal.set(value);
    }
}

#[component]
fn Bench(base: String) -> impl IntoView {
    let host = base.trim_start_matches("https://").trim_start_matches("http://").to_owned();
    let desk = Desk {
        api: Api::new(base),
        tick: RwSignal::new(0),
        config: RwSignal::new(None),
        connected: RwSignal::new(None),
        people: RwSignal::new(Vec::new()),
        search: RwSignal::new(String::new()),
        held: RwSignal::new([None, None]),
        hand: RwSignal::new(0),
        two: RwSignal::new(false),
        toasts: use_toasts(),
    };
    provide_context(desk);
    Effect::new(move |_| {
        let every = set_interval_with_handle(move || desk.again(), EVERY);
        on_cleanup(move || {
            if let Ok(every) = every {
                every.clear();
            }
        });
    });
    Effect::new(move |_| {
        desk.tick.track();
        desk.read_config();
    });
    let asking = RwSignal::new(false);
    let state = move || match desk.connected.get() {
        None => "つないでいます",
        Some(true) => "接続中",
        Some(false) => "つながりません",
    };
    let residents =
        Signal::derive(move || desk.config.with(|c| c.as_ref().map_or(0, |c| c.residents)));
    view! {
        <main id="main" class="sandbox">
            <header class="sandbox-bar">
                <Mark size=26 />
                <PageTitle title="ためしのスマートフォン" />
                <PurposeTag purpose=Purpose::Test />
                <p class="grow">"本物のLINEには、何も送られません。住民はみな架空の人です。"</p>
                <p class="sub">"擬似LINE " {host} " " <span class=move || if desk.connected.get() == Some(false) { "err" } else { "" } role="status">{state}</span></p>
                <Button size=Size::Small on_click=move |_| asking.set(true)>"はじめに戻す"</Button>
            </header>
            <people::PeopleColumn />
            <section class="sandbox-mid" aria-label="スマートフォン">
                <device::Device index=0 />
                {move || desk.two.get().then(|| view! { <device::Device index=1 /> })}
            </section>
            <wire::WireColumn />
            <ConfirmDialog
                id="reset"
                title="擬似LINEをはじめに戻す"
                open=asking
                danger=true
                confirm=Signal::derive(move || format!("{}人とトークを消す", ui::time::count(residents.get())))
                on_confirm=move |()| {
                    asking.set(false);
                    desk.reset();
                }
            >
                <p>{move || format!("擬似LINEの住民 {}人、トーク、届いた記録、LINEの調子が消えます。元にもどせません。Kairanのデータは変わりません。", ui::time::count(residents.get()))}</p>
            </ConfirmDialog>
        </main>
    }
}
