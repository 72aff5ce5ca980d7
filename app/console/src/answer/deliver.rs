//! 「この人たちに配信」: a delivery for whoever answered a form (SEG-2).

use crate::shell::use_me;
use domain::id::FormId;
use domain::permission::Permission;
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::prelude::*;

/// Begins a draft for those who answered a form, and leads to it.
#[server(prefix = "/console/fn")]
pub async fn deliver_to_answered(form: FormId) -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    let id = services::answer::deliver(&staff.ctx, form).await?;
    ui::server::redirect(&format!("/console/deliveries/{id}/edit"), super::PATH);
    Ok(())
}

/// The button; nothing for who may not write deliveries.
#[component]
pub fn DeliverButton(
    /// To which form they answered.
    form: FormId,
) -> impl IntoView {
    let begin = ServerAction::<DeliverToAnswered>::new();
    let toasts = use_toasts();
    Effect::new(move |_| {
        if let Some(Err(error)) = begin.value().get() {
            toasts.err(format!("配信を始められませんでした。{}", error.message()));
        }
    });
    use_me().may(Permission::DeliveryWrite).then(|| {
        view! {
            <ActionForm action=begin>
                <input type="hidden" name="form" value=form.to_string() />
                <Button icon=IconName::Send submit=true busy=begin.pending()>"答えた人に配信"</Button>
            </ActionForm>
        }
    })
}
