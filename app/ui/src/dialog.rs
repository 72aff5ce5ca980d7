//! The confirmation before something leaves for residents, is lost for good or
//! costs money: the act as its title, its effect in figures, やめる at the left
//! with focus first, the act at the right named by verb and number.

use crate::button::{Button, Kind};
use crate::icon::{Icon, IconName};
use leptos::{html, prelude::*};

/// A native modal dialog stands open while this is so. Esc closes it by itself: whoever makes the
/// dialog hears so by `on:close`.
pub fn open_while(node: NodeRef<html::Dialog>, open: RwSignal<bool>) {
    Effect::new(move |_| {
        let wanted = open.get();
        let Some(dialog) = node.get() else { return };
        if wanted && !dialog.open() {
            // Fails only for a dialog outside the document, which cannot be opened at all.
            drop(dialog.show_modal());
        } else if !wanted && dialog.open() {
            dialog.close();
        }
    });
}

/// A native modal dialog. Esc is やめる; focus stays inside and returns.
#[component]
pub fn ConfirmDialog(
    /// Unique on the page.
    #[prop(into)]
    id: String,
    /// The act.
    #[prop(into)]
    title: Signal<String>,
    /// Open or not; the dialog sets it to false when it is left.
    open: RwSignal<bool>,
    /// The act's button: verb and number (「84,312人に届ける」).
    #[prop(into)]
    confirm: Signal<String>,
    /// Stops, deletes or is an emergency: red.
    #[prop(optional)]
    danger: bool,
    /// Does it.
    #[prop(into, optional)]
    on_confirm: Option<Callback<()>>,
    /// Instead of `on_confirm`: id of the form that the act's button submits.
    #[prop(into, optional)]
    form: Option<String>,
    /// While it is being done.
    #[prop(into, optional)]
    busy: Signal<bool>,
    /// While it cannot be done: the body says why, and no button does it.
    #[prop(into, optional)]
    blocked: Signal<bool>,
    /// The purpose's tag above the title.
    #[prop(into, optional)]
    tag: Option<ViewFn>,
    /// The effect in figures, what cannot be undone, and fields if it asks for some.
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    open_while(node, open);
    let title_id = format!("{id}-title");
    let labelled = title_id.clone();
    let submits = form.is_some();
    let form = form.unwrap_or_default();
    view! {
        <dialog class="dialog" id=id aria-labelledby=labelled node_ref=node on:close=move |_| open.set(false)>
            <div class="dialog-head">
                <div>{tag.map(|tag| tag.run())} <h2 id=title_id>{move || title.get()}</h2></div>
                <button class="icon-btn" type="button" aria-label="やめて閉じる" on:click=move |_| open.set(false)>
                    <Icon name=IconName::Cross />
                </button>
            </div>
            <div class="dialog-body">{children()}</div>
            <div class="dialog-acts">
                <button class="btn btn-outline" type="button" autofocus on:click=move |_| open.set(false)>
                    <span>"やめる"</span>
                </button>
                {move || {
                    if blocked.get() {
                        return ().into_any();
                    }
                    let kind = if danger { Kind::DangerFilled } else { Kind::Filled };
                    if submits {
                        return view! {
                            <Button kind submit=true form=form.clone() busy>
                                {move || confirm.get()}
                            </Button>
                        }
                            .into_any();
                    }
                    view! {
                        <Button
                            kind
                            busy
                            on_click=move |_| {
                                if let Some(act) = on_confirm {
                                    act.run(());
                                }
                            }
                        >
                            {move || confirm.get()}
                        </Button>
                    }
                        .into_any()
                }}
            </div>
        </dialog>
    }
}
