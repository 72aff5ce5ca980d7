//! For what a program uses a menu.

use super::Program;
use super::program::{Prepared, Then, Variant};
use crate::id::MenuId;
use std::collections::BTreeSet;

impl Prepared {
    /// Every menu that it shows to somebody.
    pub fn menus(&self) -> impl Iterator<Item = MenuId> + '_ {
        self.variants.iter().map(|v| v.menu).chain([self.menu])
    }
}

impl Program {
    /// Every menu that it names.
    pub fn menus(&self) -> BTreeSet<MenuId> {
        let rules = self.rules.iter().filter_map(|r| match r.then {
            Then::Show(menu) => Some(menu),
            Then::Back => None,
        });
        let emergencies = self.emergencies.iter().flat_map(Prepared::menus);
        let variants = self.variants.iter().map(|v| v.menu);
        let all = variants.chain(rules).chain(emergencies).chain(self.choices.iter().copied());
        all.chain([self.base]).collect()
    }

    /// Whether it shows a menu in an emergency, and so in its drill.
    pub fn drills(&self, menu: MenuId) -> bool {
        self.emergencies.iter().flat_map(Prepared::menus).any(|m| m == menu)
    }

    /// For what it uses a menu, in words: 「出し分け「子育て世帯」」.
    pub fn uses(&self, menu: MenuId) -> Vec<String> {
        let mut all = Vec::new();
        if self.base == menu {
            all.push("ふだんのメニュー".to_owned());
        }
        let named = |v: &Variant| (v.menu == menu).then(|| format!("出し分け「{}」", v.name));
        all.extend(self.variants.iter().filter_map(named));
        if self.choices.contains(&menu) {
            all.push("住民が自分で選べるメニュー".to_owned());
        }
        let rules = self.rules.iter().filter(|r| r.then == Then::Show(menu));
        all.extend(rules.map(|r| format!("切りかえの決まり「{}」", r.name)));
        for prepared in &self.emergencies {
            let disaster = prepared.disaster.label();
            if prepared.menu == menu {
                all.push(format!("緊急メニュー（{disaster}）"));
            }
            let variants = prepared.variants.iter().filter(|v| v.menu == menu);
            all.extend(variants.map(|v| format!("緊急メニュー（{disaster}）の「{}」", v.name)));
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audience::Audience;
    use crate::menu::program::{Period, Rule, Trigger};
    use crate::menu::{Disaster, Usage};

    #[test]
    fn whatever_shows_a_menu_is_said() {
        let (base, other) = (MenuId(1), MenuId(2));
        let variant = |name: &str| Variant {
            name: name.into(),
            audience: Audience::Everyone,
            menu: other,
            period: Period::default(),
        };
        let program = Program {
            variants: vec![variant("子育て")],
            choices: vec![other],
            rules: vec![Rule {
                key: 1,
                name: "避難".into(),
                when: Trigger::Said("ひなん".into()),
                then: Then::Show(other),
                hours: None,
            }],
            emergencies: vec![Prepared {
                disaster: Disaster::Earthquake,
                menu: other,
                variants: vec![variant("港")],
            }],
            ..Program::new(base)
        };
        assert_eq!(program.uses(base), ["ふだんのメニュー"]);
        let words = program.uses(other);
        assert_eq!(words.len(), 5);
        assert_eq!(words[4], "緊急メニュー（地震）の「港」");
        for menu in 1..4 {
            let menu = MenuId(menu);
            assert_eq!(program.uses(menu).is_empty(), !program.menus().contains(&menu));
        }
        assert_eq!([base, other].map(|menu| program.drills(menu)), [false, true]);
        assert_eq!(Usage::default().lost(), [""; 0]);
        let usage = Usage { published: 2, taps: 1_234, ..Usage::default() };
        assert_eq!(usage.lost().len(), 2);
    }
}
