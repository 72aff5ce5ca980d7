//! Menus for some: by audience and time, in order.

use super::state::{Editing, Group, MenuSelect};
use crate::audience::AudienceBox;
use domain::audience::{Audience, sentence};
use domain::id::MenuId;
use domain::menu::Program;
use domain::menu::program::{Period, VARIANTS_MAX, Variant};
use domain::time::{Date, Timestamp};
use leptos::prelude::*;
use ui::prelude::*;
use ui::toast::Offers;

/// The variants of a group: added, changed, put in another order, taken away.
#[component]
pub fn Variants(editing: Editing, group: Group) -> impl IntoView {
    let count = Memo::new(move |_| editing.program.with(|p| group.of(p).len()));
    // Not a row's: the last row goes, whichever variant is taken away.
    let offers = use_offers();
    let add = move |_| {
        let menu = editing.any_menu();
        editing.program.update(|p| {
            if let Some(all) = group.of_mut(p) {
                all.push(Variant {
                    name: String::new(),
                    audience: Audience::Everyone,
                    menu,
                    period: Period::default(),
                });
            }
        });
        let last = count.get_untracked().saturating_sub(1);
        editing.open.set(Some((group, last)));
        focus_soon(format!("variant-{}-{last}-name", group.name()));
    };
    view! {
        {move || (count.get() == 0).then(|| view! { <p class="sub dense">"まだありません。全員に同じメニューが出ます。"</p> })}
        <ol class="program-rows">
            <For each=move || 0..count.get() key=|n| *n let:n>
                <VariantRow editing group n count offers />
            </For>
        </ol>
        {move || {
            (count.get() < VARIANTS_MAX).then(|| view! { <Button size=Size::Small icon=IconName::Plus on_click=add>"出し分けを足す"</Button> })
        }}
    }
}

/// `2026-11-26` and `17:30`, as fields have them.
fn written(at: Option<Timestamp>) -> String {
    at.map(|at| {
        let c = at.tokyo();
        format!("{}T{:02}:{:02}", c.date.iso(), c.hour, c.minute)
    })
    .unwrap_or_default()
}

/// What a field of date and time holds.
fn read(words: &str) -> Option<Timestamp> {
    let (date, time) = words.split_once('T')?;
    let (hour, minute) = time.split_once(':')?;
    let (hour, minute) = (hour.parse().ok()?, minute.get(..2)?.parse().ok()?);
    (hour < 24 && minute < 60)
        .then(|| Date::parse_iso(date).map(|d| Timestamp::from_tokyo(d, hour, minute)))?
}

fn period_words(period: Period) -> String {
    let words = |at: Timestamp| format!("{}年{}", at.tokyo().date.year, at.day_and_time());
    match (period.from.map(words), period.until.map(words)) {
        (None, None) => "いつも".into(),
        (Some(from), None) => format!("{from}から"),
        (None, Some(until)) => format!("{until}まで"),
        (Some(from), Some(until)) => format!("{from}から{until}まで"),
    }
}

/// Puts a variant back that was taken away, at its place: what was changed since stays.
fn put_back(group: Group, program: &mut Program, n: usize, variant: Variant) {
    if let Some(all) = group.of_mut(program) {
        all.insert(n.min(all.len()), variant);
    }
}

#[component]
fn VariantRow(
    editing: Editing,
    group: Group,
    n: usize,
    count: Memo<usize>,
    offers: Offers,
) -> impl IntoView {
    let variant = Memo::new(move |former: Option<&Variant>| {
        let found = editing.program.with(|p| group.of(p).get(n).cloned());
        // A row that is about to go keeps what it showed.
        found.or_else(|| former.cloned()).unwrap_or_else(|| Variant {
            name: String::new(),
            audience: Audience::Everyone,
            menu: editing.any_menu(),
            period: Period::default(),
        })
    });
    let open = Memo::new(move |_| editing.open.get() == Some((group, n)));
    let shift = move |to: usize| {
        editing.open.set(None);
        editing.program.update(|p| {
            if let Some(all) = group.of_mut(p)
                && to < all.len()
            {
                all.swap(n, to);
            }
        });
    };
    let up = move |_| {
        if n > 0 {
            shift(n - 1);
        }
    };
    let down = move |_| {
        if n + 1 < count.get_untracked() {
            shift(n + 1);
        }
    };
    let toggle = move |_| {
        let here = Some((group, n));
        editing.open.set(if open.get_untracked() { None } else { here });
    };
    let remove = move |_| {
        editing.open.set(None);
        let mut gone = None;
        editing.program.update(|p| {
            gone = group.of_mut(p).filter(|all| n < all.len()).map(|all| all.remove(n));
        });
        let Some(gone) = gone else { return };
        offers.ok(
            format!("出し分け「{}」を消しました", gone.name),
            "元にもどす",
            move || {
                editing.open.set(None);
                editing.program.update(|p| put_back(group, p, n, gone.clone()));
            },
        );
    };
    let title = move || {
        let name = variant.with(|v| v.name.clone());
        if name.trim().is_empty() { format!("出し分け{}", n + 1) } else { name }
    };
    let summary = move || {
        variant.with(|v| {
            let who = editing.catalog.with_value(|c| sentence(&v.audience, c));
            format!(
                "{}に、{}「{}」を出す",
                who.trim_end_matches('。'),
                match period_words(v.period) {
                    words if words == "いつも" => String::new(),
                    words => format!("{words}、"),
                },
                editing.name(v.menu)
            )
        })
    };
    let error = editing.problem(move |p| format!("{}/{n}", group.at(p)));
    view! {
        <li class="program-row">
            <div class="program-row-head">
                <div class="grow">
                    <strong>{title}</strong>
                    <p class="sub dense">{summary}</p>
                </div>
                <IconButton icon=IconName::ChevronUp label=format!("出し分け{}を上へ", n + 1) on_click=up />
                <IconButton icon=IconName::ChevronDown label=format!("出し分け{}を下へ", n + 1) on_click=down />
                // What is hidden says of which row; what is seen is part of the name.
                <Button size=Size::Small on_click=toggle>
                    <span class="visually-hidden">{format!("出し分け{}を", n + 1)}</span>
                    {move || if open.get() { "とじる" } else { "直す" }}
                </Button>
                <IconButton icon=IconName::Trash label=format!("出し分け{}を消す", n + 1) on_click=remove />
            </div>
            <FieldError id=format!("variant-{}-{n}-error", group.name()) text=error />
            {move || open.get().then(|| view! { <VariantFields editing group n variant /> })}
        </li>
    }
}

#[component]
fn VariantFields(
    editing: Editing,
    group: Group,
    n: usize,
    variant: Memo<Variant>,
) -> impl IntoView {
    let id = format!("variant-{}-{n}", group.name());
    let change = move |act: &dyn Fn(&mut Variant)| {
        editing.program.update(|p| {
            if let Some(variant) = group.of_mut(p).and_then(|all| all.get_mut(n)) {
                act(variant);
            }
        });
    };
    let audience = RwSignal::new(Some(variant.with_untracked(|v| v.audience.clone())));
    let explored = RwSignal::new(None);
    Effect::new(move |_| {
        if let Some(chosen) = audience.get()
            && variant.with_untracked(|v| v.audience != chosen)
        {
            change(&|v| v.audience = chosen.clone());
        }
    });
    let choose_menu = move |menu: Option<MenuId>| {
        if let Some(menu) = menu {
            change(&|v| v.menu = menu);
        }
    };
    let name = Signal::derive(move || variant.with(|v| v.name.clone()));
    let menu = Signal::derive(move || variant.with(|v| Some(v.menu)));
    let from = Signal::derive(move || variant.with(|v| written(v.period.from)));
    let until = Signal::derive(move || variant.with(|v| written(v.period.until)));
    view! {
        <div class="program-fields stack-s">
            <TextField name=format!("{id}-name") label="名前（職員にだけ見えます）" required=true autocomplete="off" value=name on_input=move |name: String| change(&|v| v.name.clone_from(&name)) />
            <MenuSelect editing id=format!("{id}-menu") label="出すメニュー" value=menu on_change=choose_menu />
            <div class="cluster">
                <TextField name=format!("{id}-from") label="いつから（なくてもよい）" kind="datetime-local" value=from on_input=move |at: String| change(&|v| v.period.from = read(&at)) />
                <TextField name=format!("{id}-until") label="いつまで（なくてもよい）" kind="datetime-local" value=until on_input=move |at: String| change(&|v| v.period.until = read(&at)) />
            </div>
            <p class="field-label">"出す相手"</p>
            <AudienceBox value=audience catalog=editing.catalog.get_value() explored />
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_they_are_written() {
        let at = Timestamp::from_tokyo(Date::parse_iso("2026-12-01").unwrap(), 9, 5);
        assert_eq!(written(Some(at)), "2026-12-01T09:05");
        assert_eq!(read("2026-12-01T09:05"), Some(at));
        assert_eq!(read("2026-12-01T09:05:30"), Some(at));
        for wrong in ["", "2026-12-01", "2026-12-01T25:00", "x"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(period_words(Period::default()), "いつも");
    }

    #[test]
    fn what_is_put_back_takes_nothing_else_back() {
        let variant = |name: &str| Variant {
            name: name.into(),
            audience: Audience::Everyone,
            menu: MenuId(2),
            period: Period::default(),
        };
        let mut program = Program::new(MenuId(1));
        program.variants = ["一", "二", "三"].map(variant).to_vec();
        let gone = program.variants.remove(1);
        program.variants[0].name = "夏".into();
        program.base = MenuId(3);
        put_back(Group::Everybody, &mut program, 1, gone.clone());
        let names: Vec<&str> = program.variants.iter().map(|v| v.name.as_str()).collect();
        assert_eq!((names, program.base), (vec!["夏", "二", "三"], MenuId(3)));
        // Its neighbours may be gone by then.
        program.variants.clear();
        put_back(Group::Everybody, &mut program, 1, gone);
        assert_eq!(program.variants.len(), 1);
    }
}
