//! Signing in and out, and the first password (ADM-1).

#[cfg(feature = "ssr")]
mod cookie;
mod password;
mod sign_in;

use leptos::prelude::*;
use ui::prelude::*;

pub use password::{ChangePassword, FirstPasswordPage, PasswordForm};
pub use sign_in::SignInPage;

/// Ends the session and leads to the sign-in page.
///
/// # Errors
/// If the database is away: then the session is still open, and the page says so.
#[server(prefix = "/console/fn")]
pub async fn sign_out() -> Result<(), AppError> {
    if let Ok(staff) = crate::server::anyone() {
        match services::account::end(&staff.ctx, staff.current.id).await {
            // Ended elsewhere in the meantime: that is what was wanted.
            Ok(()) | Err(store::Error::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    cookie::clear(&crate::server::platform());
    ui::server::redirect("/console/signin", "/console/signin");
    Ok(())
}

/// 「サインアウト」 of the account menu. A plain form: what comes after it is a
/// fresh page, without anything of the former person in memory.
#[component]
pub fn SignOutForm() -> impl IntoView {
    use server_fn::ServerFn;
    view! {
        <form method="post" action=SignOut::url()>
            <button class="menu-item" type="submit">
                <Icon name=IconName::SignOut />
                "サインアウト"
            </button>
        </form>
    }
}

/// What stands around the pages before the console: the city's name, and the field of tiles.
#[component]
fn Doorway(
    /// The city's name.
    city: String,
    /// The page.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="signin">
            <main id="main" class="signin-form">
                <div class="brand">
                    <Emblem size=44 />
                    <span class="brand-words">
                        <strong>{city}</strong>
                        <span>"LINE公式アカウント 運用コンソール"</span>
                    </span>
                </div>
                {children()}
            </main>
            <footer class="signin-art">
                <TileField />
                <div class="signin-product">
                    <span class="grow"><Mark /> "Kairan 回覧"</span>
                </div>
            </footer>
        </div>
    }
}

/// A path of the console to which a browser may be sent after signing in;
/// anything else leads home.
pub fn next_path(wanted: &str) -> &str {
    let inside =
        wanted == "/console" || wanted.starts_with("/console/") || wanted.starts_with("/console?");
    let plain =
        wanted.bytes().all(|b| b.is_ascii_graphic() && b != b'\\') && !wanted.contains("//");
    let loops = wanted.starts_with("/console/signin") || wanted.starts_with("/console/fn/");
    if inside && plain && !loops { wanted } else { "/console" }
}

/// Why a form that was sent did nothing.
pub(crate) fn failure<T: 'static>(
    value: impl With<Value = Option<Result<T, AppError>>> + Send + Sync + 'static,
) -> Signal<Option<AppError>> {
    Signal::derive(move || value.with(|v| v.as_ref()?.as_ref().err().cloned()))
}

/// What is wrong with one field.
pub(crate) fn problem_at(
    failure: Signal<Option<AppError>>,
    at: &'static str,
) -> Signal<Option<String>> {
    Signal::derive(move || failure.with(|f| f.as_ref()?.field(at).map(str::to_owned)))
}

/// All that is wrong, for the summary; what belongs to no field points at `first`.
pub(crate) fn summary(
    failure: Signal<Option<AppError>>,
    first: &'static str,
) -> Signal<Vec<SummaryItem>> {
    Signal::derive(move || {
        failure.with(|f| match f {
            Some(AppError::Invalid { fields }) => fields
                .iter()
                .map(|f| SummaryItem {
                    id: if f.at.is_empty() { first.to_owned() } else { f.at.clone() },
                    text: f.message.clone(),
                })
                .collect(),
            Some(error) => vec![SummaryItem {
                id: first.to_owned(),
                text: format!("{}{}", error.message(), error.next()),
            }],
            None => Vec::new(),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::next_path;

    #[test]
    fn only_own_pages_follow_sign_in() {
        for good in ["/console", "/console/deliveries?q=%E5%9B%B3", "/console/help/start"] {
            assert_eq!(next_path(good), good);
        }
        for bad in [
            "",
            "//evil.example",
            "https://evil.example",
            "/console//evil.example",
            "/consolation",
            "/console/\\evil",
            "/console/a\r\nSet-Cookie:x",
            "/console/signin?next=/console",
            "/console/fn/x",
        ] {
            assert_eq!(next_path(bad), "/console");
        }
    }
}
