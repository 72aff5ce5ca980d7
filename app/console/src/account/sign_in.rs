//! The sign-in page: a plain form that works before wasm.

use super::{Doorway, failure};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use ui::prelude::*;

/// Signs in and answers where to go. The words for a wrong number and a wrong
/// password are the same.
///
/// # Errors
/// `Invalid` if number or password is wrong, or sign-in is locked.
#[server(prefix = "/console/fn")]
pub async fn sign_in(number: String, password: String, next: String) -> Result<String, AppError> {
    use services::account::SignInError as E;
    let platform = crate::server::platform();
    let (address, agent) = crate::server::client();
    let secret = services::account::sign_in(&platform, &number, &password, &address, &agent).await.map_err(|e| match e {
        E::Wrong => AppError::invalid("number", "職員番号かパスワードがちがいます。確かめて、もう一度入れてください"),
        E::Locked(minutes) => AppError::invalid(
            "number",
            format!("{}回まちがえたため、サインインを止めています。あと {minutes}分たつと、またサインインできます", domain::staff::TRIES),
        ),
        E::Failed(error) => error.into(),
    })?;
    super::cookie::set(&platform, &secret);
    let next = super::next_path(&next).to_owned();
    if crate::server::is_plain_form() {
        ui::server::redirect(&next, "/console");
    }
    Ok(next)
}

/// 「サインイン」.
#[component]
pub fn SignInPage(
    /// The city's name.
    city: String,
    /// From where the browser comes.
    address: String,
) -> impl IntoView {
    let action = ServerAction::<SignIn>::new();
    let value = action.value();
    // A fresh page: nothing of the sign-in page stays in memory.
    Effect::new(move |_| {
        if let Some(Ok(next)) = value.get() {
            // Without it the person stays here, signed in, and can go on by the address.
            drop(window().location().set_href(&next));
        }
    });
    let failure = failure(value);
    let busy =
        Signal::derive(move || action.pending().get() || value.with(|v| matches!(v, Some(Ok(_)))));
    let next = use_query_map().with_untracked(|q| q.get("next").unwrap_or_default());
    let place = match address.as_str() {
        "" => "庁内から使う画面です。".to_owned(),
        "127.0.0.1" | "::1" => format!("このサーバー自身（{address}）から接続しています。"),
        _ => format!("許可された場所（{address}）から接続しています。"),
    };
    view! {
        <Doorway city>
            <div>
                <PageTitle title="サインイン" />
                <p class="page-sentence">"市民のみなさんへお知らせを届ける、職員専用の画面です。"</p>
            </div>
            <div role="alert">
                {move || {
                    failure
                        .get()
                        .map(|error| view! { <Banner tone=Tone::Err title="サインインできませんでした"><p>{words(&error)}</p></Banner> })
                }}
            </div>
            <ActionForm action>
                <input type="hidden" name="next" value=next />
                <TextField
                    name="number"
                    label="職員番号"
                    hint="職員証の番号です"
                    autocomplete="username"
                    inputmode="text"
                    maxlength=64
                    autofocus=true
                />
                <Password name="password" label="パスワード" />
                <Button kind=Kind::Filled size=Size::Large submit=true wide=true busy>
                    {move || if busy.get() { "確かめています" } else { "サインイン" }}
                </Button>
            </ActionForm>
            <p class="dense">"パスワードを忘れたときは、所属の管理者が再設定します。"</p>
            <div class="signin-foot">
                <Icon name=IconName::Shield />
                <p>{place} <br /> {lock_words()}</p>
            </div>
        </Doorway>
    }
}

/// What happened and what to do next, once.
fn words(error: &AppError) -> String {
    if matches!(error, AppError::Invalid { .. }) {
        format!("{}。", error.message())
    } else {
        error.to_string()
    }
}

fn lock_words() -> String {
    format!(
        "{}回まちがえると、{}分間サインインできません。",
        domain::staff::TRIES,
        domain::staff::LOCKED_FOR / domain::time::MINUTE
    )
}
