//! Deleting an attribute: refused while something uses it, asked before answers are lost.

use super::PATH;
use super::api::delete_attribute;
use domain::attribute::Uses;
use domain::id::AttributeId;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use ui::prelude::*;

/// The button and its dialog.
#[component]
pub(crate) fn Remove(id: AttributeId, label: String, uses: StoredValue<Uses>) -> impl IntoView {
    let toasts = use_toasts();
    let open = RwSignal::new(false);
    let navigate = use_navigate();
    let words = StoredValue::new(label);
    let delete = Action::new(move |()| delete_attribute(id));
    Effect::new(move |_| match delete.value().get() {
        Some(Ok(())) => {
            open.set(false);
            toasts.ok(format!("「{}」を消しました", words.get_value()));
            navigate(PATH, leptos_router::NavigateOptions::default());
        }
        Some(Err(error)) => {
            open.set(false);
            toasts.err(format!("消せませんでした。{}", error.message()));
        }
        None => {}
    });
    let press = move |_| {
        let by = uses
            .with_value(|u| u.by.iter().take(5).map(|n| format!("「{n}」")).collect::<String>());
        if by.is_empty() {
            open.set(true);
        } else {
            toasts.warn(format!("この項目は消せません。{by}の条件で使っています。そちらを直すか、「住民に見せない」を選んで保存してください"));
        }
    };
    let residents = uses.with_value(|u| u.residents);
    let confirm = if residents > 0 {
        format!("{}人の答えと一緒に消す", thousands(residents))
    } else {
        "この項目を消す".to_owned()
    };
    view! {
        <Button kind=Kind::Danger icon=IconName::Trash on_click=press>"項目を消す"</Button>
        <ConfirmDialog
            id="remove"
            title=Signal::derive(move || format!("「{}」を消す", words.get_value()))
            open
            confirm=confirm
            danger=true
            busy=delete.pending()
            on_confirm=Callback::new(move |()| {
                delete.dispatch(());
            })
        >
            <p>
                {if residents > 0 {
                    format!("{}人がこの項目に答えています。項目を消すと、その答えも消え、元にもどせません。", thousands(residents))
                } else {
                    "まだだれも答えていません。消すと、元にもどせません。".to_owned()
                }}
            </p>
            <p>"たずねるのをやめるだけなら、「住民に見せない」を選べば、答えは残り、配信対象でも使えます。"</p>
        </ConfirmDialog>
    }
}
