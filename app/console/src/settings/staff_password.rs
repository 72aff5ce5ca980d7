//! The first password, which is shown once.

use super::staff_api::{FirstPassword, ResetPassword};
use domain::id::StaffId;
use leptos::prelude::*;
use ui::prelude::*;

/// A first password, once.
#[component]
pub fn ShownOnce(#[prop(into)] title: String, first: FirstPassword) -> impl IntoView {
    let toasts = use_toasts();
    let secret = first.password.clone();
    let copy = move |_| {
        // The browser lends its clipboard to https and loopback only; the words can still be selected.
        if window().is_secure_context() {
            drop(window().navigator().clipboard().write_text(&secret));
            toasts.ok("パスワードを写しました");
        } else {
            toasts.warn("ここでは写せません。文字を選んで、写してください");
        }
    };
    view! {
        <div role="status">
            <Banner tone=Tone::Ok title>
                <p>"はじめのパスワードです。この画面を離れると、もう見られません。本人に直接わたしてください。"</p>
                <dl class="facts">
                    <div>
                        <dt>"職員番号"</dt>
                        <dd>{first.number}</dd>
                    </div>
                    <div>
                        <dt>"パスワード"</dt>
                        <dd>
                            <code class="figure">{first.password}</code>
                        </dd>
                    </div>
                </dl>
                <div class="acts">
                    <Button size=Size::Small icon=IconName::Copy on_click=copy>
                        "写す"
                    </Button>
                </div>
            </Banner>
        </div>
    }
}

/// 「パスワードを忘れたとき」.
#[component]
pub fn Reset(id: StaffId, name: String) -> impl IntoView {
    let reset = ServerAction::<ResetPassword>::new();
    let value = reset.value();
    let open = RwSignal::new(false);
    Effect::new(move |_| {
        if value.with(Option::is_some) {
            open.set(false);
        }
    });
    view! {
        <Panel title="パスワードを忘れたとき">
            <p class="dense">"新しいはじめのパスワードを作ります。本人が、次のサインインで変えます。"</p>
            {move || match value.get() {
                Some(Ok(first)) => view! { <ShownOnce title="新しいパスワードを作りました" first /> }.into_any(),
                Some(Err(error)) => view! { <p class="err" role="alert">{error.to_string()}</p> }.into_any(),
                None => ().into_any(),
            }}
            <div class="acts">
                <Button icon=IconName::Key on_click=move |_| open.set(true)>
                    "パスワードを作り直す"
                </Button>
            </div>
            <ConfirmDialog
                id="reset-password"
                title=format!("{}さんのパスワードを作り直します", name)
                open
                confirm="パスワードを作り直す"
                danger=true
                busy=reset.pending()
                on_confirm=move |()| {
                    reset.dispatch(ResetPassword { id });
                }
            >
                <p>"いまのパスワードは使えなくなり、サインインしている画面はすべて終わります。元にはもどせません。"</p>
            </ConfirmDialog>
        </Panel>
    }
}
