//! 「質問を足す」: the kinds by plain names, each with a line of what it is for.

use super::state::{Builder, icon};
use domain::form::KINDS;
use domain::form::edit::{Row, about_kind, fits};
use leptos::html;
use leptos::prelude::*;
use ui::prelude::*;

/// The kinds as officials look for them.
const GROUPS: [(&str, &[&str]); 5] = [
    ("選んでもらう", &["one", "many", "scale", "matrix", "tree", "consent"]),
    ("書いてもらう", &["text", "long_text", "number", "date", "time", "year"]),
    ("だれか・どこか", &["name", "address", "telephone", "mail", "place"]),
    ("送ってもらう", &["photo", "file"]),
    ("まとめる・見せる", &["group", "calculation", "explanation"]),
];

/// The dialog; open while there is a row to which is added.
#[component]
pub fn AddDialog(b: Builder, adding: RwSignal<Option<Row>>) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let wanted = adding.with(Option::is_some);
        let Some(dialog) = node.get() else { return };
        if wanted && !dialog.open() {
            // It stands in the document.
            drop(dialog.show_modal());
        } else if !wanted && dialog.open() {
            dialog.close();
        }
    });
    let add = move |kind: &'static str| {
        if let Some(row) = adding.get_untracked() {
            adding.set(None);
            b.add(&row, kind);
        }
    };
    let fitting =
        move |kind: &str| adding.with(|row| row.as_ref().is_none_or(|row| fits(row, kind)));
    let words = |kind: &str| KINDS.iter().find(|(k, _)| *k == kind).map_or("", |(_, w)| *w);
    view! {
        <dialog class="dialog add-dialog" aria-labelledby="add-title" node_ref=node on:close=move |_| adding.set(None)>
            <div class="dialog-head">
                <h2 id="add-title">"どんな質問を足しますか"</h2>
                <button class="icon-btn" type="button" aria-label="やめて閉じる" on:click=move |_| adding.set(None)>
                    <Icon name=IconName::Cross />
                </button>
            </div>
            <div class="dialog-body">
                {GROUPS
                    .iter()
                    .map(|(title, kinds)| {
                        view! {
                            <section hidden=move || !kinds.iter().any(|kind| fitting(kind))>
                                <h3>{*title}</h3>
                                <ul class="kinds">
                                    {kinds
                                        .iter()
                                        .map(|kind| {
                                            let kind = *kind;
                                            view! {
                                                <li hidden=move || !fitting(kind)>
                                                    <button type="button" class="kind" data-kind=kind on:click=move |_| add(kind)>
                                                        <Icon name=icon(kind) size=24 />
                                                        <span class="kind-words">
                                                            <strong>{words(kind)}</strong>
                                                            <span class="sub dense">{about_kind(kind)}</span>
                                                        </span>
                                                    </button>
                                                </li>
                                            }
                                        })
                                        .collect_view()}
                                </ul>
                            </section>
                        }
                    })
                    .collect_view()}
            </div>
        </dialog>
    }
}
