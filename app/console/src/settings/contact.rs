//! Where a member of staff is told when something stands still, and of what (ADM-10).

use domain::alert::{Contact, Scope};
use domain::id::StaffId;
use leptos::prelude::*;
use leptos::task::spawn_local;
use server_fn::codec::Json;
use ui::prelude::*;

/// Where somebody is told, and whether mails can be sent at all.
///
/// # Errors
/// `NotFound`, `Forbidden`, `SignInNeeded`.
#[server(prefix = "/console/fn")]
pub async fn read_contact(id: StaffId) -> Result<(Contact, bool), AppError> {
    let staff = crate::server::staff()?;
    let contact = services::alert::contact(&staff.ctx, id).await?;
    Ok((contact, services::mail::can_send(&staff.platform)))
}

/// Sets it.
///
/// # Errors
/// `Invalid` at `mail`, `NotFound`, `Forbidden`, `SignInNeeded`.
#[server(prefix = "/console/fn", input = Json)]
pub async fn save_contact(id: StaffId, contact: Contact) -> Result<(), AppError> {
    let ctx = crate::server::staff()?.ctx;
    Ok(services::alert::set_contact(&ctx, id, &contact).await?)
}

/// Sends a trial to the saved address; answers it.
///
/// # Errors
/// `Invalid` at `mail`, `Forbidden`, `SignInNeeded`.
#[server(prefix = "/console/fn")]
pub async fn try_contact(id: StaffId) -> Result<String, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::mail::try_out(&staff.platform, &staff.ctx, id).await?)
}

/// The panel, on the own page and on that of a member of staff.
#[component]
pub fn ContactPanel(
    /// Whose.
    id: StaffId,
    /// It is read by the person themselves.
    own: bool,
) -> impl IntoView {
    let found = Resource::new(|| (), move |()| read_contact(id));
    view! {
        <Panel title="知らせのメール" note="配信が止まったとき、進まないとき、多くの人に届かないとき、自動の処理がうまくいかないとき">
            <Suspense fallback=|| view! { <Skeleton sentence="宛先を読みこんでいます" rows=2 /> }>
                {move || Suspend::new(async move {
                    match found.await {
                        Ok((contact, works)) => view! { <Fields id own contact works /> }.into_any(),
                        Err(error) => view! { <ErrorPage error retry_href="/console/settings" inside=true /> }.into_any(),
                    }
                })}
            </Suspense>
        </Panel>
    }
}

#[component]
fn Fields(id: StaffId, own: bool, contact: Contact, works: bool) -> impl IntoView {
    let mail = RwSignal::new(contact.mail);
    let scope = RwSignal::new(contact.scope);
    let error = RwSignal::new(None::<String>);
    let (busy, trying) = (RwSignal::new(false), RwSignal::new(false));
    let toasts = use_toasts();
    let save = move |_| {
        let wanted =
            Contact { mail: mail.get_untracked().trim().to_owned(), scope: scope.get_untracked() };
        error.set(None);
        busy.set(true);
        spawn_local(async move {
            let result = save_contact(id, wanted).await;
            busy.set(false);
            match result {
                Ok(()) => toasts.ok("知らせの宛先を保存しました"),
                Err(refused) => match refused.field("mail") {
                    Some(words) => error.set(Some(words.to_owned())),
                    None => toasts.err(format!("保存できませんでした。{}", refused.message())),
                },
            }
        });
    };
    let try_out = move |_| {
        error.set(None);
        trying.set(true);
        spawn_local(async move {
            let result = try_contact(id).await;
            trying.set(false);
            match result {
                Ok(address) => {
                    toasts.ok(format!("{address} に送ります。数分たっても届かないときは、システムの担当に確かめてください"));
                }
                Err(refused) => match refused.field("mail") {
                    Some(words) => error.set(Some(words.to_owned())),
                    None => toasts.err(format!("送れませんでした。{}", refused.message())),
                },
            }
        });
    };
    view! {
        <div class="stack-s">
            {(!works)
                .then(|| view! { <p class="warn">"メールの中継サーバーがまだ決まっていないため、いまはメールを送れません。知らせは「ホーム」に出ます。"</p> })}
            <TextField
                name="mail"
                id="contact-mail"
                label="メールアドレス"
                hint="職場のアドレスにしてください。空にすると送りません。メールに住民のことは書きません"
                kind="email"
                autocomplete=if own { "email" } else { "off" }
                maxlength=254
                value=mail
                error
                on_input=move |text| mail.set(text)
            />
            <Fieldset
                id="contact-scope"
                legend="どの知らせを受け取るか"
                hint="承認を求められたとき、承認されたか差しもどされたとき、緊急の配信が承認を待たずに送られたときのメールも、ここで選んだ範囲で届きます"
            >
                {Scope::ALL
                    .iter()
                    .map(|s| {
                        view! {
                            <Radio name="scope" value=s.name() checked=Signal::derive(move || scope.get() == *s) on_change=move |_| scope.set(*s)>
                                {s.label()}
                            </Radio>
                        }
                    })
                    .collect_view()}
            </Fieldset>
            <div class="acts">
                <Button kind=Kind::Act busy on_click=save>"宛先を保存する"</Button>
                {(works && own).then(|| view! { <Button busy=trying on_click=try_out>"試しに1通送る"</Button> })}
            </div>
        </div>
    }
}
