//! What is prepared for each kind of disaster (MENU-4).

use super::state::{Editing, Group, MenuSelect};
use super::variants::Variants;
use domain::id::MenuId;
use domain::menu::Disaster;
use domain::menu::program::Prepared;
use leptos::prelude::*;

#[component]
pub fn Emergencies(editing: Editing) -> impl IntoView {
    let rows = Disaster::ALL
        .iter()
        .map(|disaster| {
            let disaster = *disaster;
            let menu = Memo::new(move |_| {
                editing.program.with(|p| p.prepared(disaster).map(|e| e.menu))
            });
            let some = Memo::new(move |_| menu.get().is_some());
            let choose = move |chosen: Option<MenuId>| {
                editing.program.update(|p| match chosen {
                    None => p.emergencies.retain(|e| e.disaster != disaster),
                    Some(menu) => match p.emergencies.iter_mut().find(|e| e.disaster == disaster) {
                        Some(prepared) => prepared.menu = menu,
                        None => p.emergencies.push(Prepared { disaster, menu, variants: Vec::new() }),
                    },
                });
            };
            view! {
                <li class="program-row">
                    <MenuSelect
                        editing
                        id=format!("emergency-{}", disaster.name())
                        label=disaster.label()
                        none="用意しない"
                        value=menu.into()
                        on_change=choose
                    />
                    {move || {
                        some.get()
                            .then(|| {
                                view! {
                                    <details class="program-more">
                                        <summary>{format!("{}のとき、一部の人には別のメニューを出す", disaster.label())}</summary>
                                        <Variants editing group=Group::Prepared(disaster) />
                                    </details>
                                }
                            })
                    }}
                </li>
            }
        })
        .collect_view();
    view! { <ol class="program-rows program-disasters">{rows}</ol> }
}
