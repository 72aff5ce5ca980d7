//! 保存した配信対象から選ぶ.

use super::edit::Editor;
use super::list::list_audiences;
use domain::audience::Audience;
use domain::audience::edit::normal;
use domain::audience::saved::SavedRow;
use leptos::prelude::*;
use ui::prelude::*;

/// The saved audiences, found by name; choosing one takes its condition over.
#[component]
pub fn SavedPicker(editor: Editor, open: RwSignal<bool>) -> impl IntoView {
    let query = RwSignal::new(String::new());
    let found = LocalResource::new(move || list_audiences(query.get(), 1));
    let take = move |row: SavedRow| {
        let audience = if row.audience == Audience::Everyone {
            Audience::Everyone
        } else {
            normal(&row.audience)
        };
        editor.replace(Some(audience));
        open.set(false);
        editor.say_with_undo(format!("「{}」の条件にしました", row.name));
    };
    view! {
        <div
            id="saved-audiences"
            class="gather"
            role="group"
            aria-label="保存した配信対象"
            tabindex="-1"
            on:keydown=move |event| {
                if event.key() == "Escape" {
                    open.set(false);
                }
            }
        >
            <div class="split">
                <strong>"保存した配信対象から選ぶ"</strong>
                <IconButton icon=IconName::Cross label="保存した配信対象の一覧を閉じる" on_click=move |_| open.set(false) />
            </div>
            <div class="search pick-search">
                <Icon name=IconName::Search size=18 />
                <input
                    type="search"
                    aria-label="配信対象の名前をさがす"
                    placeholder="名前をさがす"
                    autocomplete="off"
                    on:input=move |event| query.set(event_target_value(&event))
                />
            </div>
            // A boundary of its own: in the page's, each search would take the whole page away.
            <Transition fallback=|| view! { <p class="sub dense" role="status">"読みこんでいます"</p> }>
                {move || match found.get() {
                    None => ().into_any(),
                    Some(Err(error)) => view! { <p class="err" role="alert">{error.to_string()}</p> }.into_any(),
                    Some(Ok(list)) if list.rows.is_empty() => {
                        view! { <p class="sub dense">"当てはまる配信対象はありません。"</p> }.into_any()
                    }
                    Some(Ok(list)) => {
                        editor.know(list.people);
                        let more = list.total - list.rows.len() as i64;
                        view! {
                            <ul class="pick-options">
                                {list
                                    .rows
                                    .into_iter()
                                    .map(|row| {
                                        let (name, sentence) = (row.name.clone(), row.sentence.clone());
                                        let count = row.count.map_or_else(|| "—".to_owned(), |n| format!("{}人", thousands(n)));
                                        view! {
                                            <li>
                                                <button class="pick-option" type="button" on:click=move |_| take(row.clone())>
                                                    <span class="split"><strong>{name}</strong> <span class="nowrap">{count}</span></span>
                                                    <span class="sub dense">{sentence}</span>
                                                </button>
                                            </li>
                                        }
                                    })
                                    .collect_view()}
                            </ul>
                            {(more > 0).then(|| view! { <p class="sub dense">{format!("ほかに {}件あります。名前でさがしてください。", thousands(more))}</p> })}
                        }
                            .into_any()
                    }
                }}
            </Transition>
        </div>
    }
}
