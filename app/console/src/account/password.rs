//! Changing the own password, and the page that asks for it at the first sign-in.

use super::{Doorway, SignOutForm, failure, problem_at, summary};
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::prelude::*;

/// Changes the own password; the other sessions end.
///
/// # Errors
/// `Invalid` at `old` or `password`; `SignInNeeded`.
#[server(prefix = "/console/fn")]
pub async fn change_password(old: String, password: String) -> Result<(), AppError> {
    let staff = crate::server::anyone()?;
    Ok(services::account::change_password(
        &staff.platform,
        &staff.ctx,
        &staff.current,
        &old,
        &password,
    )
    .await?)
}

/// いまのパスワード, 新しいパスワード.
#[component]
pub fn PasswordForm(
    /// The action, whose success the page shows.
    action: ServerAction<ChangePassword>,
    /// Words of the button.
    #[prop(into)]
    act: String,
) -> impl IntoView {
    let value = action.value();
    let failure = failure(value);
    let hint = format!(
        "{}文字以上。文のように長いものが、覚えやすく安全です（例：山の道に 青いバスが7台）。例のままでは使わないでください",
        domain::staff::PASSWORD_MIN
    );
    let form = NodeRef::<leptos::html::Form>::new();
    Effect::new(move |_| {
        if value.with(|v| matches!(v, Some(Ok(()))))
            && let Some(form) = form.get_untracked()
        {
            form.reset();
        }
    });
    view! {
        <ErrorSummary errors=summary(failure, "old") />
        <ActionForm action node_ref=form>
            <div class="stack-s">
                <Password name="old" label="いまのパスワード" error=problem_at(failure, "old") required=true />
                <Password name="password" label="新しいパスワード" autocomplete="new-password" hint error=problem_at(failure, "password") required=true />
                <div class="acts">
                    <Button kind=Kind::Filled submit=true busy=action.pending()>
                        {act}
                    </Button>
                </div>
            </div>
        </ActionForm>
    }
}

/// Shown at every address until the first password is changed.
#[component]
pub fn FirstPasswordPage(
    /// The city's name.
    city: String,
    /// 氏名.
    name: String,
) -> impl IntoView {
    let action = ServerAction::<ChangePassword>::new();
    let value = action.value();
    Effect::new(move |_| {
        if let Some(Ok(())) = value.get() {
            // Who is signed in is asked anew by loading the page that was wanted.
            drop(window().location().reload());
        }
    });
    view! {
        <Doorway city>
            <div>
                <PageTitle title="パスワードを決める" />
                <p class="page-sentence">
                    {format!("{name}さん、はじめに、あなただけが知っているパスワードに変えてください。管理者から受け取ったものは、ここまでしか使えません。")}
                </p>
            </div>
            <PasswordForm action act="このパスワードに変えて始める" />
            <div class="signin-foot">
                <SignOutForm />
            </div>
        </Doorway>
    }
}
