//! The button that takes a table's file, how far it has left, and what is wrong with it.

use super::send::Sending;
use leptos::ev::Event;
use leptos::prelude::*;
use ui::prelude::*;

/// Chooses a CSV or Excel file.
#[component]
pub fn ChooseFile(
    /// Of the input.
    id: &'static str,
    /// What was chosen, with words beside its name.
    #[prop(into)]
    chosen: Signal<Option<(String, String)>>,
    /// How it stands.
    sending: RwSignal<Sending>,
    /// What the server does once it has the file.
    working: &'static str,
    /// What is wrong.
    #[prop(into)]
    error: Signal<Option<String>>,
    /// Another was chosen.
    #[prop(into)]
    on_change: Callback<Event>,
) -> impl IntoView {
    let wrong = format!("{id}-error");
    let described = wrong.clone();
    let sizes = move || match sending.get() {
        Sending::Leaving(done, of) => (done, of),
        _ => (1, 1),
    };
    let leaving = Memo::new(move |_| matches!(sending.get(), Sending::Leaving(..)));
    let words = move || match sending.get() {
        Sending::No => None,
        Sending::Leaving(..) => Some("ファイルを送っています"),
        Sending::Matching => Some(working),
    };
    view! {
        <div class="cluster">
            <label class="btn btn-outline file-button">
                <Icon name=IconName::Upload size=18 />
                <span>{move || if chosen.with(Option::is_some) { "ファイルを選び直す" } else { "ファイルを選ぶ" }}</span>
                <input
                    id=id
                    class="visually-hidden"
                    type="file"
                    accept=".csv,.tsv,.txt,.xlsx,text/csv"
                    aria-describedby=move || error.with(Option::is_some).then(|| described.clone())
                    on:change=move |event| on_change.run(event)
                />
            </label>
            {move || chosen.get().map(|(name, beside)| view! { <span class="grow">{name} <span class="sub">{beside}</span></span> })}
        </div>
        {move || words().map(|words| view! { <p class="sub dense" role="status">{words}</p> })}
        {move || {
            leaving.get().then(|| view! { <ProgressBar value=Signal::derive(move || sizes().0) max=Signal::derive(move || sizes().1) label="ファイルを送っている具合" /> })
        }}
        <FieldError id=wrong.clone() text=error />
    }
}
