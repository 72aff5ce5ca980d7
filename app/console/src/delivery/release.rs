//! Lets a delivery go on that is held for a person.

use super::figure;
use domain::delivery::Progress;
use domain::id::DeliveryId;
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;
use ui::prelude::*;

/// Lets a held delivery go on.
#[server(prefix = "/console/fn")]
pub async fn release_delivery(id: DeliveryId) -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    Ok(services::delivery::release(&staff.platform, &staff.ctx, id).await?)
}

/// What the button says. `quiet`: it will wait until then for the end of the quiet hours.
pub fn word(quiet: Option<Timestamp>) -> &'static str {
    if quiet.is_some() { "再開する" } else { "いま送る" }
}

/// 「いま送る」 of a delivery that is held.
#[component]
pub fn Release(
    /// Which delivery.
    id: DeliveryId,
    /// How it stands.
    progress: Signal<Progress>,
    /// It will wait until then for the end of the quiet hours.
    quiet: Option<Timestamp>,
    /// After it.
    done: Callback<()>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let toasts = use_toasts();
    let waiting =
        move || progress.with(|p| p.delivery.frozen_at.map(|_| p.delivery.figures.waiting()));
    let release = move |()| {
        busy.set(true);
        spawn_local(async move {
            let result = release_delivery(id).await;
            busy.set(false);
            open.set(false);
            match result {
                Ok(()) => toasts.ok(match quiet {
                    Some(end) => format!("静かな時間が終わる {}に届けます", end.day_and_time()),
                    None => "配信を再開しました".to_owned(),
                }),
                Err(error) => toasts.err(format!("再開できませんでした。{}", error.message())),
            }
            done.try_run(());
        });
    };
    view! {
        <Button kind=Kind::Act icon=IconName::Send on_click=move |_| open.set(true)>{word(quiet)}</Button>
        <ConfirmDialog
            id="release"
            title=if quiet.is_some() { "止めていた配信を再開します" } else { "止めていた配信を、いま送ります" }
            open
            confirm=Signal::derive(move || waiting().map_or_else(|| word(quiet).to_owned(), |n| format!("{}人に送る", figure(n))))
            busy
            on_confirm=release
        >
            <p>
                {move || match waiting() {
                    Some(n) => format!("まだ送っていない {}人に、続きから送ります。もう受け付けられた人に、二重には届きません。", figure(n)),
                    None => "配信対象を、いまの友だちで固定してから送ります。届いたものは消せません。".to_owned(),
                }}
            </p>
            {quiet.map(|end| view! { <p>{format!("いまは静かな時間なので、終わりの {}まで待って届けます。すぐに届けるときは、「取り消す」（送り始めたあとは「残りを止める」）を押してから複製し、急ぐ理由を書いて送ってください。", end.day_and_time())}</p> })}
        </ConfirmDialog>
    }
}
