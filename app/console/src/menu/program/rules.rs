//! Switches by what a resident does (MENU-3).

use super::state::{Editing, MenuSelect};
use domain::id::MenuId;
use domain::menu::Program;
use domain::menu::program::{HOURS_MAX, RULES_MAX, Rule, Then, Trigger, WORD_MAX};
use leptos::prelude::*;
use ui::prelude::*;
use ui::toast::Offers;

#[component]
pub fn Rules(editing: Editing) -> impl IntoView {
    let count = Memo::new(move |_| editing.program.with(|p| p.rules.len()));
    // Not a row's: the last row goes, whichever rule is taken away.
    let offers = use_offers();
    let add = move |_| {
        let menu = editing.any_menu();
        editing.program.update(|p| {
            let key = free_key(p);
            p.rules.push(Rule {
                key,
                name: String::new(),
                when: Trigger::Said(String::new()),
                then: Then::Show(menu),
                hours: None,
            });
        });
        focus_soon(format!("rule-{}-name", count.get_untracked().saturating_sub(1)));
    };
    view! {
        {move || (count.get() == 0).then(|| view! { <p class="sub dense">"まだありません。「ことばを送ったとき」「登録したとき」に、その人のメニューを切りかえられます。"</p> })}
        <ol class="program-rows">
            <For each=move || 0..count.get() key=|n| *n let:n>
                <RuleRow editing n count offers />
            </For>
        </ol>
        {move || {
            (count.get() < RULES_MAX).then(|| view! { <Button size=Size::Small icon=IconName::Plus on_click=add>"決まりを足す"</Button> })
        }}
    }
}

/// The number that the next new rule gets.
fn free_key(program: &Program) -> u16 {
    program.rules.iter().map(|r| r.key).max().unwrap_or(0).saturating_add(1)
}

/// Puts a rule back that was taken away, at its place and under its number: what was changed since
/// stays. A new rule that has got that number meanwhile gets another one.
fn put_back(program: &mut Program, n: usize, rule: Rule) {
    let free = free_key(program);
    if let Some(newer) = program.rules.iter_mut().find(|r| r.key == rule.key) {
        newer.key = free;
    }
    program.rules.insert(n.min(program.rules.len()), rule);
}

#[component]
fn RuleRow(editing: Editing, n: usize, count: Memo<usize>, offers: Offers) -> impl IntoView {
    let rule = Memo::new(move |former: Option<&Rule>| {
        let found = editing.program.with(|p| p.rules.get(n).cloned());
        found.or_else(|| former.cloned()).unwrap_or_else(|| Rule {
            key: 0,
            name: String::new(),
            when: Trigger::Said(String::new()),
            then: Then::Back,
            hours: None,
        })
    });
    let change = move |act: &dyn Fn(&mut Rule)| {
        editing.program.update(|p| {
            if let Some(rule) = p.rules.get_mut(n) {
                act(rule);
            }
        });
    };
    let shift = move |to: usize| {
        editing.program.update(|p| {
            if to < p.rules.len() {
                p.rules.swap(n, to);
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
    let choose_menu = move |menu: Option<MenuId>| {
        change(&|r| {
            r.then = menu.map_or(Then::Back, Then::Show);
            if menu.is_none() {
                r.hours = None;
            }
        });
    };
    let remove = move |_| {
        let mut gone = None;
        editing.program.update(|p| {
            gone = (n < p.rules.len()).then(|| p.rules.remove(n));
        });
        let Some(gone) = gone else { return };
        offers.ok("決まりを消しました", "元にもどす", move || {
            editing.program.update(|p| put_back(p, n, gone.clone()));
        });
    };
    let kind = Memo::new(move |_| {
        rule.with(|r| match r.when {
            Trigger::Said(_) => "said",
            Trigger::Postback(_) => "postback",
            Trigger::Registered { .. } => "registered",
        })
    });
    // Attributes with choices: what can be registered one by one.
    let choosable: Vec<(String, String)> = editing.catalog.with_value(|c| {
        c.attributes
            .iter()
            .filter(|a| !a.choices.is_empty())
            .map(|a| (a.key.clone(), a.label.clone()))
            .collect()
    });
    let first = choosable.first().map(|(key, _)| key.clone()).unwrap_or_default();
    let attributes = StoredValue::new(choosable);
    let kinds = Signal::stored(vec![
        ("said".to_owned(), "このことばを送ったとき".to_owned()),
        ("registered".to_owned(), "これを登録したとき".to_owned()),
        ("postback".to_owned(), "このデータのボタンを押したとき".to_owned()),
    ]);
    let choose_kind = move |kind: String| {
        let first = first.clone();
        change(&|r| {
            let word = match &r.when {
                Trigger::Said(w) | Trigger::Postback(w) => w.clone(),
                Trigger::Registered { .. } => String::new(),
            };
            r.when = match kind.as_str() {
                "postback" => Trigger::Postback(word),
                "registered" => Trigger::Registered { attribute: first.clone(), is: Vec::new() },
                _ => Trigger::Said(word),
            };
        });
    };
    let word = Signal::derive(move || {
        rule.with(|r| match &r.when {
            Trigger::Said(w) | Trigger::Postback(w) => w.clone(),
            Trigger::Registered { .. } => String::new(),
        })
    });
    let attribute = Memo::new(move |_| {
        rule.with(|r| match &r.when {
            Trigger::Registered { attribute, .. } => attribute.clone(),
            _ => String::new(),
        })
    });
    let detail = move || {
        if kind.get() != "registered" {
            return view! {
                <TextField
                    name=format!("rule-{n}-word")
                    label="ことば・データ"
                    autocomplete="off"
                    maxlength=WORD_MAX as u32
                    value=word
                    on_input=move |w: String| change(&|r| if let Trigger::Said(word) | Trigger::Postback(word) = &mut r.when { word.clone_from(&w) })
                />
            }
            .into_any();
        }
        let choices = move || {
            let key = attribute.get();
            let all = editing
                .catalog
                .with_value(|c| c.get(&key).map(|a| a.choices.clone()))
                .unwrap_or_default();
            all.into_iter()
                .map(|choice| {
                    let (own, sent) = (choice.key.clone(), choice.key.clone());
                    view! {
                        <Checkbox
                            name=format!("rule-{n}-choice")
                            value=choice.key
                            checked=Signal::derive(move || rule.with(|r| matches!(&r.when, Trigger::Registered { is, .. } if is.contains(&own))))
                            on_change=move |on| change(&|r| if let Trigger::Registered { is, .. } = &mut r.when {
                                is.retain(|c| *c != sent);
                                if on {
                                    is.push(sent.clone());
                                }
                            })
                        >
                            {choice.label}
                        </Checkbox>
                    }
                })
                .collect_view()
        };
        view! {
            <Select
                name=format!("rule-{n}-attribute")
                label="登録項目"
                options=Signal::stored(attributes.get_value())
                value=Signal::derive(move || attribute.get())
                on_change=move |key: String| change(&|r| r.when = Trigger::Registered { attribute: key.clone(), is: Vec::new() })
            />
            <div role="group" aria-label="どれを登録したとき" class="program-choices">{choices}</div>
        }
        .into_any()
    };
    let menu = Signal::derive(move || {
        rule.with(|r| match r.then {
            Then::Show(menu) => Some(menu),
            Then::Back => None,
        })
    });
    let shows = Memo::new(move |_| menu.get().is_some());
    let hours =
        Signal::derive(move || rule.with(|r| r.hours.map(|h| h.to_string()).unwrap_or_default()));
    let name = Signal::derive(move || rule.with(|r| r.name.clone()));
    let error = editing.problem(move |_| format!("/rules/{n}"));
    view! {
        <li class="program-row">
            <div class="program-row-head">
                <strong class="grow">{move || if name.with(|n| n.trim().is_empty()) { format!("決まり{}", n + 1) } else { name.get() }}</strong>
                <IconButton icon=IconName::ChevronUp label=format!("決まり{}を上へ", n + 1) on_click=up />
                <IconButton icon=IconName::ChevronDown label=format!("決まり{}を下へ", n + 1) on_click=down />
                <IconButton icon=IconName::Trash label=format!("決まり{}を消す", n + 1) on_click=remove />
            </div>
            <div class="program-rule">
                <TextField name=format!("rule-{n}-name") label="名前（職員にだけ見えます）" required=true autocomplete="off" value=name on_input=move |name: String| change(&|r| r.name.clone_from(&name)) />
                <Select name=format!("rule-{n}-kind") label="きっかけ" options=kinds value=Signal::derive(move || kind.get().to_owned()) on_change=choose_kind />
                {detail}
                <MenuSelect editing id=format!("rule-{n}-menu") label="どうするか" none="切りかえを終えて、もとのメニューにもどす" value=menu on_change=choose_menu />
                {move || shows.get().then(|| view! {
                    <TextField
                        name=format!("rule-{n}-hours")
                        label="何時間"
                        hint=format!("空なら、終わりを決めません（{}時間まで）", thousands(i64::from(HOURS_MAX)))
                        inputmode="numeric"
                        autocomplete="off"
                        class="field-short"
                        suffix="時間"
                        value=hours
                        on_input=move |h: String| change(&|r| r.hours = if h.trim().is_empty() { None } else { Some(h.trim().parse().unwrap_or(0)) })
                    />
                })}
            </div>
            <FieldError id=format!("rule-{n}-error") text=error />
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_back_takes_nothing_else_back() {
        let rule = |key: u16, name: &str| Rule {
            key,
            name: name.into(),
            when: Trigger::Said(name.into()),
            then: Then::Back,
            hours: None,
        };
        let mut program = Program::new(MenuId(1));
        program.rules = vec![rule(1, "一"), rule(2, "二")];
        let gone = program.rules.remove(1);
        program.rules[0].hours = Some(3);
        let key = free_key(&program);
        program.rules.push(rule(key, "三"));
        put_back(&mut program, 1, gone);
        let rules: Vec<_> =
            program.rules.iter().map(|r| (r.key, r.name.as_str(), r.hours)).collect();
        assert_eq!(rules, [(1, "一", Some(3)), (2, "二", None), (3, "三", None)]);
    }
}
