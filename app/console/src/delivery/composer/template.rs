//! ひな形にする: keeps what is written, to begin other deliveries with.

use super::editor::Editor;
use crate::delivery::templates::TEMPLATES_PATH;
use domain::delivery::{Draft, TITLE_MAX};
use domain::id::TemplateId;
use leptos::prelude::*;
use leptos::task::spawn_local;
use server_fn::codec::Json;
use ui::prelude::*;

/// Keeps a template; answers its id.
#[server(prefix = "/console/fn", input = Json)]
pub async fn save_template(name: String, draft: Draft) -> Result<TemplateId, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::delivery::template::create(&staff.ctx, &name, &draft).await?)
}

/// The button, and the dialog that asks for the name.
#[component]
pub fn TemplateButton(
    /// What is written.
    editor: Editor,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let name = RwSignal::new(String::new());
    let error = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let toasts = use_toasts();
    let ask = move |_| {
        name.set(editor.title.get_untracked());
        error.set(None);
        open.set(true);
    };
    let keep = move |()| {
        busy.set(true);
        spawn_local(async move {
            let answer = save_template(name.get_untracked(), editor.draft_now()).await;
            if busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(_) => {
                    open.set(false);
                    toasts.ok("ひな形にしました。「配信」の「ひな形」から使えます");
                }
                Err(why) => error.set(Some(why.message())),
            }
        });
    };
    view! {
        <Button icon=IconName::Copy on_click=ask>"ひな形にする"</Button>
        <ConfirmDialog id="template" title="ひな形にする" open confirm="この名前で保存する" on_confirm=keep busy>
            <p>"目的・届ける相手・内容を、ひな形として保存します。届ける日時は入りません。この下書きはそのままです。"</p>
            <TextField
                name="template-name"
                label="ひな形の名前"
                maxlength=TITLE_MAX as u32
                autocomplete="off"
                value=Signal::derive(move || name.get())
                error=Signal::derive(move || error.get())
                on_input=move |words| name.set(words)
            />
            <p class="dense"><a href=TEMPLATES_PATH>"ひな形の一覧"</a></p>
        </ConfirmDialog>
    }
}
