//! The picture of a cell: an icon that is searched for, or one's own.

use super::super::state::Editor;
use crate::delivery::{Kept, PictureField};
use domain::menu::{Area, Command, Icon as MenuIcon, Mark};
use domain::message::preview_url;
use leptos::prelude::*;
use ui::prelude::*;

#[component]
pub fn MarkField(editor: Editor, number: Memo<usize>, area: Memo<Area>) -> impl IntoView {
    let mark = Memo::new(move |_| area.with(|a| a.cell.mark.clone()));
    let query = RwSignal::new(String::new());
    let set = move |mark: Mark| {
        editor.run(&Command::SetMark { sheet: editor.key(), area: number.get_untracked(), mark });
    };
    let now = move || match mark.get() {
        Mark::None => "なし".to_owned(),
        Mark::Icon(icon) => icon.label().to_owned(),
        Mark::Picture(_) => "自分の絵".to_owned(),
    };
    let picture = Signal::derive(move || match mark.get() {
        Mark::Picture(id) => Some(id),
        Mark::None | Mark::Icon(_) => None,
    });
    let found = Memo::new(move |_| query.with(|query| MenuIcon::found(query)));
    let none = Memo::new(move |_| found.with(Vec::is_empty));
    let icons = move || {
        // Where nothing is found, one can still choose with one's eyes.
        let shown = if none.get() { MenuIcon::ALL.to_vec() } else { found.get() };
        shown
            .into_iter()
            .map(|icon| {
                let on = move || mark.with(|m| *m == Mark::Icon(icon));
                view! {
                    <button
                        type="button"
                        class="me-icon"
                        title=icon.label()
                        aria-pressed=move || on().to_string()
                        on:click=move |_| set(Mark::Icon(icon))
                    >
                        <span aria-hidden="true" inner_html=icon.svg()></span>
                        <span class="me-icon-word">{icon.label()}</span>
                    </button>
                }
            })
            .collect_view()
    };
    view! {
        <details class="me-mark">
            <summary class="me-mark-now">
                {move || match mark.get() {
                    Mark::Icon(icon) => view! { <span class="me-mark-picture" aria-hidden="true" inner_html=icon.svg()></span> }.into_any(),
                    Mark::Picture(id) => view! { <img class="me-mark-picture" src=preview_url("", &id) alt="" /> }.into_any(),
                    Mark::None => view! { <span class="me-mark-picture" aria-hidden="true"></span> }.into_any(),
                }}
                <span class="grow">
                    <span class="field-label">"アイコン"</span>
                    <span class="sub dense">{now}</span>
                </span>
                <span class="me-mark-change">"変える"</span>
            </summary>
            <div class="stack-s">
                <div class="search">
                    <Icon name=IconName::Search size=18 />
                    <input
                        type="search"
                        aria-label="アイコンをさがす"
                        placeholder="アイコンをさがす"
                        autocomplete="off"
                        prop:value=move || query.get()
                        on:input=move |event| query.set(event_target_value(&event))
                    />
                </div>
                <p class="sub dense" role="status">
                    {move || none.get().then_some("そのことばのアイコンはありません。下は、すべてのアイコンです。「ごみ」「子ども」「税」のような短いことばでもさがせます。自分の絵も使えます。")}
                </p>
                <div class="me-icons" role="group" aria-label="アイコン">
                    <button type="button" class="me-icon" aria-pressed=move || mark.with(|m| *m == Mark::None).to_string() on:click=move |_| set(Mark::None)>
                        <span aria-hidden="true"><Icon name=IconName::Cross /></span>
                        <span class="me-icon-word">"なし"</span>
                    </button>
                    {icons}
                </div>
                <PictureField
                    id="menu-mark-picture"
                    word="絵"
                    path="/console/menu-pictures?what=mark"
                    image=picture
                    on_kept=move |kept: Kept| set(Mark::Picture(kept.id))
                >
                    <p class="field-hint">"自分の絵も使えます。正方形のPNGがきれいに出ます。透けているところには、カードの色が出ます。"</p>
                </PictureField>
            </div>
        </details>
    }
}
