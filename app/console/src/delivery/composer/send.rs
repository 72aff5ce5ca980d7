//! The last question before a delivery leaves, and a test to the testers.

use super::check::Checker;
use super::editor::{Editor, typed_count};
use super::save::Saver;
use crate::delivery::{PATH, figure, named};
use domain::delivery::Purpose;
use domain::id::DeliveryId;
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use ui::prelude::*;

/// Puts a draft on its way. `confirmed` is the head count that was seen.
#[server(prefix = "/console/fn")]
pub async fn send_delivery(
    id: DeliveryId,
    seen: Timestamp,
    confirmed: i64,
) -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    Ok(services::delivery::send(&staff.platform, &staff.ctx, id, seen, confirmed).await?)
}

/// Sends what a draft holds to the testers; answers the test's own delivery.
#[server(prefix = "/console/fn")]
pub async fn send_test(id: DeliveryId) -> Result<DeliveryId, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::delivery::send_test(&staff.platform, &staff.ctx, id).await?)
}

/// Asks, with the head count; to everyone it has to be typed, except in an emergency.
#[component]
pub fn SendDialog(
    /// What is sent.
    editor: Editor,
    /// To how many.
    checker: Checker,
    /// Open or not.
    open: RwSignal<bool>,
    /// The saved state that is sent.
    seen: RwSignal<Option<Timestamp>>,
) -> impl IntoView {
    let Sending { id } = expect_context();
    let typed = RwSignal::new(String::new());
    let error = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let toasts = use_toasts();
    let navigate = use_navigate();
    let count =
        Signal::derive(move || checker.check.with(|c| c.who.as_ref().map_or(0, |w| w.count)));
    let everyone = Signal::derive(move || checker.check.with(|c| c.everyone));
    let emergency = untrack(|| editor.purpose.get()) == Purpose::Emergency;
    let must_type = Signal::derive(move || everyone.get() && !emergency);
    Effect::new(move |_| {
        if open.get() {
            typed.set(String::new());
            error.set(None);
        }
    });
    let title = Signal::derive(move || {
        let who = if everyone.get() {
            "友だち全員".to_owned()
        } else {
            format!("{}人", figure(count.get()))
        };
        let what = match editor.purpose.get() {
            Purpose::Drill => "訓練として、いま届けます",
            Purpose::Test => "試験として、いま届けます",
            Purpose::Emergency => "緊急として、いま届けます",
            Purpose::Notice => "いま届けます",
        };
        format!("{who}に、{what}")
    });
    let send = Callback::new(move |()| {
        let n = count.get_untracked();
        if must_type.get_untracked() && typed_count(&typed.get_untracked()) != Some(n) {
            error.set(Some(format!(
                "人数が合いません。届ける相手は {}人です。同じ数を入れてください",
                figure(n)
            )));
            return;
        }
        let Some(seen) = seen.get_untracked() else { return };
        busy.set(true);
        let navigate = navigate.clone();
        spawn_local(async move {
            let result = send_delivery(id, seen, n).await;
            busy.set(false);
            match result {
                Ok(()) => {
                    open.set(false);
                    navigate(&format!("{PATH}/{id}"), NavigateOptions::default());
                }
                Err(refused) => {
                    // The figures on the screen become those of now before it is asked again.
                    drop(checker.ask().await);
                    match refused.field("confirmed") {
                        Some(words) => error.set(Some(words.to_owned())),
                        None => {
                            open.set(false);
                            toasts.err(format!(
                                "送っていません。{}{}",
                                refused.message(),
                                refused.next()
                            ));
                        }
                    }
                }
            }
        });
    });
    view! {
        <ConfirmDialog
            id="send"
            title
            open
            confirm=Signal::derive(move || format!("{}人に届ける", figure(count.get())))
            danger=emergency
            busy
            on_confirm=send
            tag=move || view! { {move || view! { <PurposeTag purpose=editor.purpose.get() /> }} }
        >
            <p>
                {move || {
                    format!(
                        "「{}」を、{}人に送ります。届いたものは消せません。訂正は、同じ人に続けて送れます。",
                        named(&editor.title.get()),
                        figure(count.get()),
                    )
                }}
            </p>
            {move || {
                must_type
                    .get()
                    .then(|| {
                        view! {
                            <TextField
                                name="confirmed"
                                label="確かめるため、人数を入れてください"
                                inputmode="numeric"
                                autocomplete="off"
                                class="field-short"
                                suffix="人"
                                value=typed
                                error
                                on_input=move |text| typed.set(text)
                            />
                        }
                    })
            }}
            {move || (!must_type.get()).then(|| view! { <FieldError id="confirmed-error" text=error /> })}
        </ConfirmDialog>
    }
}

/// The delivery that the dialog is about, given by the page.
#[derive(Clone, Copy)]
pub struct Sending {
    /// Its id.
    pub id: DeliveryId,
}

/// 「試験者に送る」 in the bar.
#[component]
pub fn TestButton(
    /// Which draft.
    id: DeliveryId,
    /// Saves before it is sent.
    saver: Saver,
) -> impl IntoView {
    let busy = RwSignal::new(false);
    let toasts = use_toasts();
    let navigate = use_navigate();
    let send = move |_| {
        busy.set(true);
        let navigate = navigate.clone();
        saver.flush(Some(Callback::new(move |saved| {
            let navigate = navigate.clone();
            spawn_local(async move {
                let sent = match saved {
                    Ok(_) => send_test(id).await,
                    Err(error) => Err(error),
                };
                busy.set(false);
                match sent {
                    Ok(test) => {
                        let follow = Callback::new(move |()| {
                            navigate(&format!("{PATH}/{test}"), NavigateOptions::default())
                        });
                        toasts.ok_with(
                            "試験者に送りました。先頭に【試験】がつきます",
                            "送り具合を見る",
                            follow,
                        );
                    }
                    Err(error) => {
                        toasts.err(format!("試験者に送っていません。{}", error.message()))
                    }
                }
            });
        })));
    };
    view! { <Button kind=Kind::Act icon=IconName::Smartphone busy on_click=send>"試験者に送る"</Button> }
}
