//! What the page of the program holds, and a field that chooses a menu.

use domain::attribute::Catalog;
use domain::id::{DepartmentId, MenuId};
use domain::menu::program::Variant;
use domain::menu::{Disaster, Menu, Program};
use domain::problem::Problem;
use leptos::prelude::*;
use std::collections::BTreeMap;
use ui::prelude::*;

/// Whose variants are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Those of every day.
    Everybody,
    /// Those of what is prepared for a disaster.
    Prepared(Disaster),
}

impl Group {
    /// Its place in the program, for problems.
    pub fn at(self, program: &Program) -> String {
        match self {
            Self::Everybody => "/variants".into(),
            Self::Prepared(d) => {
                let at = program.emergencies.iter().position(|e| e.disaster == d).unwrap_or(0);
                format!("/emergencies/{at}/variants")
            }
        }
    }

    /// In ids.
    pub fn name(self) -> &'static str {
        match self {
            Self::Everybody => "all",
            Self::Prepared(d) => d.name(),
        }
    }

    /// The variants.
    pub fn of(self, program: &Program) -> &[Variant] {
        match self {
            Self::Everybody => &program.variants,
            Self::Prepared(d) => program.prepared(d).map_or(&[], |p| &p.variants),
        }
    }

    /// The variants, to change.
    pub fn of_mut(self, program: &mut Program) -> Option<&mut Vec<Variant>> {
        match self {
            Self::Everybody => Some(&mut program.variants),
            Self::Prepared(d) => {
                program.emergencies.iter_mut().find(|e| e.disaster == d).map(|e| &mut e.variants)
            }
        }
    }
}

/// The page's state; `Copy`.
#[derive(Clone, Copy)]
pub struct Editing {
    /// What is written.
    pub program: RwSignal<Program>,
    /// The menus that can be chosen.
    pub names: StoredValue<BTreeMap<MenuId, String>>,
    /// What audiences are made of.
    pub catalog: StoredValue<Catalog>,
    /// What is wrong.
    pub problems: Memo<Vec<Problem>>,
    /// Which variant stands open: the only one whose audience can be changed just now.
    pub open: RwSignal<Option<(Group, usize)>>,
}

impl Editing {
    /// A program as it is kept.
    pub fn new(draft: Program, names: BTreeMap<MenuId, String>, catalog: Catalog) -> Self {
        let program = RwSignal::new(draft);
        // Only whether a menu is there counts here.
        let there: BTreeMap<MenuId, Menu> = names
            .iter()
            .map(|(id, name)| (*id, Menu::new(name.clone(), DepartmentId(0))))
            .collect();
        let known = catalog.clone();
        let problems = Memo::new(move |_| program.with(|p| p.problems(&there, &known)));
        Self {
            program,
            names: StoredValue::new(names),
            catalog: StoredValue::new(catalog),
            problems,
            open: RwSignal::new(None),
        }
    }

    /// What is wrong at a place or below it.
    pub fn problem(
        self,
        at: impl Fn(&Program) -> String + Send + Sync + 'static,
    ) -> Signal<Option<String>> {
        Memo::new(move |_| {
            let at = self.program.with(&at);
            let below = format!("{at}/");
            self.problems.with(|all| {
                all.iter()
                    .find(|p| p.at == at || p.at.starts_with(&below))
                    .map(|p| p.message.clone())
            })
        })
        .into()
    }

    /// The words of what is wrong at a place or below it.
    pub fn error(self, at: &'static str) -> impl IntoView {
        let id = format!("program{}-error", at.replace('/', "-"));
        view! { <FieldError id text=self.problem(move |_| at.to_owned()) /> }
    }

    /// The first menu that there is.
    pub fn any_menu(self) -> MenuId {
        let base = self.program.with_untracked(|p| p.base);
        self.names.with_value(|n| n.keys().copied().find(|m| *m != base).unwrap_or(base))
    }

    /// What a menu is called.
    pub fn name(self, menu: MenuId) -> String {
        self.names
            .with_value(|n| n.get(&menu).cloned())
            .unwrap_or_else(|| "なくなったメニュー".into())
    }
}

/// Chooses a menu, or none where `none` says what that means.
#[component]
pub fn MenuSelect(
    /// The page's state.
    editing: Editing,
    #[prop(into)] id: String,
    #[prop(into)] label: String,
    value: Signal<Option<MenuId>>,
    /// What it means to choose none.
    #[prop(optional)]
    none: Option<&'static str>,
    /// Its place in the program, for problems.
    #[prop(into, optional)]
    at: String,
    #[prop(into)] on_change: Callback<Option<MenuId>>,
) -> impl IntoView {
    let mut options: Vec<(String, String)> =
        none.map(|words| (String::new(), words.to_owned())).into_iter().collect();
    options.extend(
        editing.names.with_value(|n| {
            n.iter().map(|(id, n)| (id.to_string(), n.clone())).collect::<Vec<_>>()
        }),
    );
    // What is gone is still shown as what was chosen.
    if let Some(gone) =
        value.get_untracked().filter(|id| editing.names.with_value(|n| !n.contains_key(id)))
    {
        options.insert(0, (gone.to_string(), "なくなったメニュー（選び直してください）".into()));
    }
    let error =
        if at.is_empty() { Signal::stored(None) } else { editing.problem(move |_| at.clone()) };
    view! {
        <Select
            name=id.clone()
            id
            label
            options=Signal::stored(options)
            value=Signal::derive(move || value.get().map(|m| m.to_string()).unwrap_or_default())
            error
            on_change=move |chosen: String| on_change.run(chosen.parse().ok())
        />
    }
}
