//! 届かなかった人にもう一度送る: a draft for exactly those, and what is linked by it.

use super::{PATH, figure, named};
use domain::delivery::resend::{Again, Outlook, can_resend};
use domain::delivery::{Progress, Reason, Status};
use domain::id::DeliveryId;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use server_fn::codec::GetUrl;
use ui::prelude::*;

/// Whom a resend would reach.
///
/// # Errors
/// `NotFound`, `SignInNeeded`, `Forbidden`.
#[server(prefix = "/console/fn", input = GetUrl)]
pub async fn resend_outlook(id: DeliveryId) -> Result<Outlook, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::delivery::resend_outlook(&staff.ctx, id).await?)
}

/// Makes the draft; answers it.
///
/// # Errors
/// `NotFound`, `SignInNeeded`, `Forbidden`, `Conflict`.
#[server(prefix = "/console/fn")]
pub async fn resend_delivery(id: DeliveryId) -> Result<DeliveryId, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::delivery::resend(&staff.ctx, id).await?)
}

/// The button, where there is somebody to send to again; and its dialog.
#[component]
pub fn Resend(
    /// Which delivery.
    id: DeliveryId,
    /// As it stands.
    progress: Signal<Progress>,
) -> impl IntoView {
    let possible = Memo::new(move |_| progress.with(|p| can_resend(&p.delivery)));
    let open = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let outlook = RwSignal::new(None::<Outlook>);
    let toasts = use_toasts();
    let navigate = use_navigate();
    let ask = move |_| {
        busy.set(true);
        spawn_local(async move {
            let answer = resend_outlook(id).await;
            busy.set(false);
            match answer {
                Ok(now) if now.friends == 0 => toasts.warn(if now.reached == 0 {
                    "届かなかった人は、みな、いまは友だちではありません。送れる人がいません"
                } else if now.gone == 0 {
                    "届かなかった人には、みな、再送が届いています。送れる人がいません"
                } else {
                    "届かなかった人には、再送が届いたか、いまは友だちではありません。送れる人がいません"
                }),
                Ok(now) => {
                    outlook.set(Some(now));
                    open.set(true);
                }
                Err(error) => toasts.err(error.message()),
            }
        });
    };
    let make = move |()| {
        busy.set(true);
        let navigate = navigate.clone();
        spawn_local(async move {
            let answer = resend_delivery(id).await;
            busy.set(false);
            open.set(false);
            match answer {
                Ok(draft) => navigate(&format!("{PATH}/{draft}/edit"), NavigateOptions::default()),
                Err(error) => {
                    toasts.err(format!("再送の下書きを作れませんでした。{}", error.message()))
                }
            }
        });
    };
    view! {
        {move || possible.get().then(|| view! { <div class="acts"><Button icon=IconName::Send busy on_click=ask>"届かなかった人にもう一度送る"</Button></div> })}
        <ConfirmDialog
            id="resend"
            title="届かなかった人だけに、もう一度送ります"
            open
            confirm=Signal::derive(move || outlook.with(|o| format!("{}人への下書きを作る", figure(o.as_ref().map_or(0, |o| o.friends)))))
            busy
            on_confirm=make
        >
            {move || outlook.get().map(words)}
        </ConfirmDialog>
    }
}

/// What the dialog says.
fn words(outlook: Outlook) -> AnyView {
    let doubt = outlook.in_doubt;
    let bad = outlook.reasons.iter().any(|(r, _)| *r == Reason::RefusedId);
    let message = outlook.reasons.iter().any(|(r, _)| *r == Reason::RefusedMessage);
    view! {
        <p>"同じ内容の下書きを作ります。送るのは、下書きを確かめてからです。"</p>
        <ul class="rows">
            {outlook
                .reasons
                .iter()
                .map(|(r, n)| view! { <li class="split"><span>{r.label()}</span> <strong class="nowrap">{format!("{}人", figure(*n))}</strong></li> })
                .collect_view()}
            {(outlook.reached > 0)
                .then(|| view! { <li class="split"><span>"このうち、もう再送が届いた人（送りません）"</span> <strong class="nowrap">{format!("{}人", figure(outlook.reached))}</strong></li> })}
            {(outlook.gone > 0)
                .then(|| view! { <li class="split"><span>"このうち、いまは友だちでない人（送りません）"</span> <strong class="nowrap">{format!("{}人", figure(outlook.gone))}</strong></li> })}
        </ul>
        {(doubt > 0).then(|| view! { <p class="warn">{format!("返事がなかった {}人には、もう届いているかもしれません。2回届く人がいます。", figure(doubt))}</p> })}
        {bad.then(|| view! { <p class="sub">"LINEが受け取らない番号の人には、もう一度送っても届かないことがあります。"</p> })}
        {message.then(|| view! { <p class="sub">"LINEが受け取らなかった内容は、下書きで直してから送ってください。"</p> })}
    }
    .into_any()
}

/// 「『…』の再送です」 and the way forward, above all.
pub fn links(again: &Again) -> AnyView {
    let back = again.of.clone().map(|of| {
        let words = format!("『{}』の再送です", named(&of.title));
        view! { <Banner title=words><a href=format!("{PATH}/{}", of.id)>"もとの配信を見る"</a></Banner> }
    });
    let forth = again.by.iter().find(|l| l.status != Status::Cancelled).cloned().map(|by| {
        let (title, words) = match by.status {
            Status::Draft | Status::AwaitingApproval => {
                ("再送の下書きがあります", "下書きをひらく")
            }
            Status::Scheduled => ("再送を予約しています", "再送を見る"),
            _ => ("届かなかった人に、もう一度送りました", "再送の届き方を見る"),
        };
        view! { <Banner title><a href=format!("{PATH}/{}", by.id)>{words}</a></Banner> }
    });
    view! {
        {back}
        {forth}
    }
    .into_any()
}
