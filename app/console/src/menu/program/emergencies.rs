//! What is prepared for each kind of disaster (MENU-4).

use super::state::{Editing, Group, MenuSelect};
use super::variants::Variants;
use domain::id::MenuId;
use domain::menu::program::Prepared;
use domain::menu::{Disaster, Program};
use leptos::prelude::*;
use ui::prelude::*;

/// What was taken away, and where it stood.
type Gone = (usize, Prepared);

/// Nothing is prepared for a disaster any more.
fn take_away(program: &mut Program, disaster: Disaster) -> Option<Gone> {
    let at = program.emergencies.iter().position(|e| e.disaster == disaster)?;
    Some((at, program.emergencies.remove(at)))
}

/// Prepares a menu for a disaster; where nothing was prepared, some get again what they had.
fn prepare(program: &mut Program, disaster: Disaster, menu: MenuId, gone: Option<&Gone>) {
    let all = &mut program.emergencies;
    if let Some(prepared) = all.iter_mut().find(|e| e.disaster == disaster) {
        prepared.menu = menu;
        return;
    }
    let at = gone.map_or(all.len(), |(at, _)| all.len().min(*at));
    let variants = gone.map(|(_, gone)| gone.variants.clone()).unwrap_or_default();
    all.insert(at, Prepared { disaster, menu, variants });
}

#[component]
pub fn Emergencies(editing: Editing) -> impl IntoView {
    let offers = use_offers();
    let rows = Disaster::ALL
        .iter()
        .map(|disaster| {
            let disaster = *disaster;
            let menu = Memo::new(move |_| {
                editing.program.with(|p| p.prepared(disaster).map(|e| e.menu))
            });
            let some = Memo::new(move |_| menu.get().is_some());
            let former = StoredValue::new(None::<Gone>);
            let choose = move |chosen: Option<MenuId>| {
                if let Some(menu) = chosen {
                    let former = former.get_value();
                    editing.program.update(|p| prepare(p, disaster, menu, former.as_ref()));
                    return;
                }
                editing.open.set(None);
                let mut gone = None;
                editing.program.update(|p| gone = take_away(p, disaster));
                let Some(gone) = gone else { return };
                former.set_value(Some(gone.clone()));
                let count = gone.1.variants.len();
                if count == 0 {
                    return;
                }
                offers.ok(
                    format!("{}の用意と、その出し分け{}を消しました", disaster.label(), things(count)),
                    "元にもどす",
                    move || {
                        let menu = gone.1.menu;
                        editing.program.update(|p| prepare(p, disaster, menu, Some(&gone)));
                    },
                );
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

#[cfg(test)]
mod tests {
    use super::*;
    use domain::audience::Audience;
    use domain::menu::program::{Period, Variant};

    #[test]
    fn what_some_get_comes_back_with_a_menu() {
        let variants = vec![Variant {
            name: "沿岸".into(),
            audience: Audience::Everyone,
            menu: MenuId(3),
            period: Period::default(),
        }];
        let (first, second) = (Disaster::Earthquake, Disaster::Tsunami);
        let mut program = Program::new(MenuId(1));
        prepare(&mut program, first, MenuId(2), None);
        prepare(&mut program, second, MenuId(2), None);
        program.emergencies[0].variants = variants.clone();
        let written = program.clone();
        let gone = take_away(&mut program, first);
        assert_eq!((program.emergencies.len(), program.prepared(first)), (1, None));
        // Another menu, with what some had; and the same one at its place again.
        prepare(&mut program, first, MenuId(4), gone.as_ref());
        assert_eq!(
            program.prepared(first).map(|p| (p.menu, &p.variants)),
            Some((MenuId(4), &variants))
        );
        prepare(&mut program, first, MenuId(2), gone.as_ref());
        assert_eq!(program, written);
        assert_eq!(take_away(&mut Program::new(MenuId(1)), first), None);
    }
}
