//! Residents to look at are looked for by their number, or the testers come first.

use leptos::prelude::*;
use leptos::task::spawn_local;
use ui::prelude::*;

/// A field for a number, and whom `find` answers.
#[component]
pub fn ResidentFinder<T, F>(
    /// What an empty field finds, and what is written into the ledger.
    hint: &'static str,
    /// What pressing somebody does: 「その人の画面が出ます」.
    pressed: &'static str,
    /// Asks the server; what is wrong with the number is told at `number`.
    find: fn(String) -> F,
    /// Somebody who was found, as an item of a list.
    row: impl Fn(T) -> AnyView + Send + 'static,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
    F: Future<Output = Result<Vec<T>, AppError>> + 'static,
{
    let number = RwSignal::new(String::new());
    let error = RwSignal::new(None::<String>);
    let found = RwSignal::new(None::<Vec<T>>);
    let busy = RwSignal::new(false);
    let search = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        busy.set(true);
        error.set(None);
        spawn_local(async move {
            let answer = find(number.get_untracked()).await;
            // The page may have been left in the meantime.
            if busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(all) => found.set(Some(all)),
                Err(refused) => {
                    let words = refused.field("number").map(str::to_owned);
                    error.set(Some(words.unwrap_or_else(|| refused.message())));
                }
            }
        });
    };
    let told = move || {
        found.with(|found| match found.as_ref()?.len() {
            0 => Some("当てはまる住民はいません。".to_owned()),
            n => Some(format!("{n}人を並べました。押すと、{pressed}。")),
        })
    };
    let rows = move || {
        let all = found.get().filter(|all| !all.is_empty());
        all.map(|all| view! { <ul class="program-people">{all.into_iter().map(&row).collect_view()}</ul> })
    };
    view! {
        <form class="cluster program-ask" on:submit=search>
            <TextField name="seen-number" label="住民の番号" hint inputmode="numeric" autocomplete="off" class="field-short" value=number error on_input=move |typed| number.set(typed) />
            <Button submit=true busy icon=IconName::Search>"さがす"</Button>
        </form>
        <p class="sub dense" role="status">{told}</p>
        {rows}
    }
}
