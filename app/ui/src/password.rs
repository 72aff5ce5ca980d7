//! The password field.

use crate::field::{Framed, described, invalid};
use crate::icon::{Icon, IconName};
use leptos::prelude::*;

/// A password with 「表示する」. Paste and password managers work.
#[component]
pub fn Password(
    /// Name sent with the form.
    #[prop(into)]
    name: String,
    /// The visible label.
    #[prop(into)]
    label: String,
    /// `current-password` or `new-password`.
    #[prop(into, default = "current-password".into())]
    autocomplete: String,
    /// Between label and control.
    #[prop(into, optional)]
    hint: Option<String>,
    /// What is wrong.
    #[prop(into, optional)]
    error: Signal<Option<String>>,
    /// Says ※必須 (the server decides).
    #[prop(optional)]
    required: bool,
) -> impl IntoView {
    let shown = RwSignal::new(false);
    // Without wasm the button would do nothing, so it comes with it.
    let ready = RwSignal::new(false);
    Effect::new(move |_| ready.set(true));
    let id = name.clone();
    let describedby = described(&id, hint.is_some(), error);
    view! {
        <Framed id=id.clone() label hint required error class=String::new()>
            <span class="control-row password">
                <input
                    class="control"
                    id=id.clone()
                    name=name
                    type=move || if shown.get() { "text" } else { "password" }
                    autocomplete=autocomplete
                    autocapitalize="off"
                    spellcheck="false"
                    aria-required=required.then_some("true")
                    aria-invalid=invalid(error)
                    aria-describedby=describedby
                />
                <button class="password-eye" type="button" aria-controls=id.clone() hidden=move || !ready.get() on:click=move |_| shown.update(|s| *s = !*s)>
                    {move || view! { <Icon name=if shown.get() { IconName::EyeOff } else { IconName::Eye } /> }}
                    <span>{move || if shown.get() { "かくす" } else { "表示する" }}</span>
                </button>
            </span>
        </Framed>
    }
}
