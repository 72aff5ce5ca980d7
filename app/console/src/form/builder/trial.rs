//! 試験者に見せる: what is saved, on the telephones of testers, before it is published (RES-6).

use super::save::FormSaver;
use crate::form::api::try_form;
use domain::id::FormId;
use leptos::prelude::*;
use leptos::task::spawn_local;
use ui::prelude::*;

/// The button below the phone.
#[component]
pub fn Trial(id: FormId, saver: FormSaver) -> impl IntoView {
    let busy = RwSignal::new(false);
    let toasts = use_toasts();
    let show = move |_| {
        busy.set(true);
        saver.flush(Some(Callback::new(move |saved: Result<i64, AppError>| {
            spawn_local(async move {
                let answer = match saved {
                    Ok(edition) => try_form(id, edition).await,
                    Err(error) => Err(error),
                };
                if busy.try_set(false).is_some() {
                    return;
                }
                match answer {
                    Ok(count) => {
                        toasts.ok(format!("試験者{count}人のトークに、この下書きを送りました"));
                    }
                    Err(error) => {
                        toasts.err(format!("試験者に見せられませんでした。{}", error.message()));
                    }
                }
            });
        })));
    };
    view! {
        <div class="preview-below stack-s">
            <p>"公開の前に、試験者のスマートフォンで試せます。送っても受け付けません。"</p>
            <div><Button icon=IconName::Smartphone busy on_click=show>"試験者に見せる"</Button></div>
        </div>
    }
}
