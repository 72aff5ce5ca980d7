//! Stopping a delivery: asked once, with how many have it and how many not.

use super::{figure, named};
use domain::delivery::{Delivery, Figures};
use domain::id::DeliveryId;
use leptos::prelude::*;
use leptos::task::spawn_local;
use ui::prelude::*;

/// Stops what has not left.
#[server(prefix = "/console/fn")]
pub async fn cancel_delivery(id: DeliveryId) -> Result<Delivery, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::delivery::cancel(&staff.platform, &staff.ctx, id).await?)
}

/// What the dialog is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopping {
    /// Which delivery.
    pub id: DeliveryId,
    /// Its title.
    pub title: String,
    /// Its figures, once its audience is frozen.
    pub figures: Option<Figures>,
    /// How many can still be stopped, where the calls are known; what was tried already is followed to its end.
    pub stoppable: Option<i64>,
}

impl Stopping {
    /// Residents to whom it will not be sent.
    fn rest(&self, figures: Figures) -> i64 {
        self.stoppable.unwrap_or_else(|| figures.waiting())
    }

    fn act(&self) -> String {
        match self.figures {
            Some(f) => format!("{}人分を止める", figure(self.rest(f))),
            None => "配信を取り消す".into(),
        }
    }

    fn question(&self) -> &'static str {
        if self.figures.is_some() { "残りを止めます" } else { "配信を取り消します" }
    }

    fn effect(&self) -> String {
        let title = named(&self.title);
        match self.figures {
            Some(f) => format!(
                "「{title}」は、{}人分をLINEが受け付けました。これは取り消せません。まだ送っていない {}人には、送らずに終わります。いま送っている途中の分は、受け付けられることがあります。",
                figure(f.accepted),
                figure(self.rest(f)),
            ),
            None => format!(
                "「{title}」を送らずに終わらせます。まだ、だれにも届いていません。内容は残るので、複製して使えます。"
            ),
        }
    }
}

/// What is said when it is done.
pub fn stopped_words(after: &Delivery) -> String {
    if after.frozen_at.is_none() {
        "配信を取り消しました。だれにも届いていません".into()
    } else {
        format!(
            "残りを止めました。{}人分は、LINEが受け付けています",
            figure(after.figures.accepted)
        )
    }
}

/// The dialog; open while there is something to stop.
#[component]
pub fn StopDialog(
    /// What is to be stopped; the dialog empties it when it is left.
    about: RwSignal<Option<Stopping>>,
    /// After it was stopped.
    #[prop(into)]
    done: Callback<Delivery>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let toasts = use_toasts();
    Effect::new(move |_| {
        let wanted = about.with(Option::is_some);
        if open.get_untracked() != wanted {
            open.set(wanted);
        }
    });
    Effect::new(move |_| {
        if !open.get() && about.with_untracked(Option::is_some) {
            about.set(None);
        }
    });
    let stop = move |()| {
        let Some(id) = about.with_untracked(|a| a.as_ref().map(|a| a.id)) else { return };
        busy.set(true);
        spawn_local(async move {
            let after = cancel_delivery(id).await;
            busy.set(false);
            open.set(false);
            match after {
                Ok(after) => {
                    toasts.ok(stopped_words(&after));
                    done.try_run(after);
                }
                Err(error) => {
                    toasts.err(format!("止められませんでした。{}{}", error.message(), error.next()))
                }
            }
        });
    };
    let words =
        move |of: fn(&Stopping) -> String| about.with(|a| a.as_ref().map(of)).unwrap_or_default();
    view! {
        <ConfirmDialog
            id="stop"
            title=Signal::derive(move || words(|a| a.question().to_owned()))
            open
            confirm=Signal::derive(move || words(Stopping::act))
            danger=true
            busy
            on_confirm=stop
        >
            <p>{move || words(Stopping::effect)}</p>
        </ConfirmDialog>
    }
}
