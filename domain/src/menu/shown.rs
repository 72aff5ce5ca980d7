//! Which sheet a resident is to see, and why: emergency, then trial, then rule, then own choice, then
//! variant, then default.

use super::program::{Disaster, Program, Then};
use super::{Menu, Mode, SheetKey};
use crate::attribute::Value;
use crate::audience::Audience;
use crate::id::{AttributeId, ChoiceId, MenuId, ResidentId};
use crate::time::{HOUR, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How things stand for everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Situation {
    /// When.
    pub now: Timestamp,
    /// What was declared.
    pub emergency: Option<(Disaster, Mode)>,
    /// Since when: tabs of the time before were those of another emergency.
    pub since: Timestamp,
}

/// What is known of a resident's menus.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Whether they try things out for the city: drills reach nobody else.
    pub tester: bool,
    /// What they chose themselves.
    pub choice: Option<MenuId>,
    /// The rule that they set off last, and when.
    pub switched: Option<(u16, Timestamp)>,
    /// The tab on which they were last, and since when, by menu: what an emergency is left by.
    pub tabs: BTreeMap<MenuId, (SheetKey, Timestamp)>,
    /// What they try out before it is published, as testers do (RES-6).
    #[serde(default)]
    pub trial: Option<MenuId>,
}

/// Why a resident sees a menu.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reason {
    /// What was declared.
    Emergency(Disaster, Mode),
    /// They try it out.
    Trial,
    /// By a draft that testers try out.
    Tried(Box<Reason>),
    /// The rule of that name.
    Rule(String),
    /// Their own choice.
    Choice,
    /// The variant of that name.
    Variant(String),
    /// Nothing else fits.
    Base,
}

impl Reason {
    /// In words: 「出し分け「子育て世帯」に当てはまるため」.
    pub fn words(&self) -> String {
        match self {
            Self::Emergency(disaster, Mode::Real) => {
                format!("緊急メニュー（{}）に切りかえているため", disaster.label())
            }
            Self::Emergency(disaster, Mode::Drill) => {
                format!("緊急メニュー（{}）の訓練中で、試験者のため", disaster.label())
            }
            Self::Trial => "試験者が、公開の前にためしているため".into(),
            Self::Tried(reason) => format!("試験者がためしている下書きで、{}", reason.words()),
            Self::Rule(name) => format!("切りかえの決まり「{name}」のため"),
            Self::Choice => "本人が選んだため".into(),
            Self::Variant(name) => format!("出し分け「{name}」に当てはまるため"),
            Self::Base => "ほかに当てはまるものがなく、ふだんのメニューのため".into(),
        }
    }
}

/// What a resident is to see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// Which menu.
    pub menu: MenuId,
    /// Which sheet of it: the tab on which they were, where it still exists. An emergency begins
    /// with its first one.
    pub sheet: SheetKey,
    /// Whether it is a drill's.
    pub mode: Mode,
    /// Why.
    pub reason: Reason,
}

impl Shown {
    /// The same by a draft that testers try out.
    #[must_use]
    pub fn tried(mut self) -> Self {
        if self.reason != Reason::Trial {
            self.reason = Reason::Tried(Box::new(self.reason));
        }
        self
    }
}

/// Whose phone is previewed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Whose {
    /// A resident's, as they stand now.
    Resident(ResidentId),
    /// That of somebody who registered this, is a friend since today and stands on no list.
    Described {
        /// What they chose.
        choices: BTreeSet<ChoiceId>,
        /// What they answered otherwise.
        values: Vec<(AttributeId, Value)>,
    },
}

/// In which situation a phone is previewed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum When {
    /// As things stand.
    #[default]
    Now,
    /// While nothing is declared.
    Calm,
    /// In an emergency, or in its drill: then somebody who is described is a tester.
    Declared(Disaster, Mode),
}

/// A menu as somebody would get it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Previewed {
    /// Which one and why.
    pub shown: Shown,
    /// The menu.
    pub menu: Menu,
}

impl Program {
    /// The program that decides for a resident: for testers the draft that they try out. In an
    /// emergency that is meant they see what everybody sees.
    pub fn deciding<'a>(
        &'a self,
        tried: Option<&'a Self>,
        situation: &Situation,
        standing: &Standing,
    ) -> &'a Self {
        let meant = situation.emergency.is_some_and(|(_, mode)| mode == Mode::Real);
        tried.filter(|_| standing.tester && !meant).unwrap_or(self)
    }

    /// When what a rule did to a resident ends, if it does.
    pub fn rule_ends(&self, standing: &Standing) -> Option<Timestamp> {
        let (key, at) = standing.switched?;
        let rule = self.rules.iter().find(|r| r.key == key)?;
        Some(at.plus(i64::from(rule.hours?) * HOUR))
    }

    /// As what a menu is shown, in short: what its taps are counted under.
    pub fn shown_as(&self, menu: MenuId) -> String {
        if menu == self.base {
            return "ふだん".into();
        }
        if let Some(variant) = self.variants.iter().find(|v| v.menu == menu) {
            return variant.name.clone();
        }
        for prepared in &self.emergencies {
            let disaster = prepared.disaster.label();
            if prepared.menu == menu {
                return format!("緊急：{disaster}");
            }
            if let Some(variant) = prepared.variants.iter().find(|v| v.menu == menu) {
                return format!("緊急：{disaster}（{}）", variant.name);
            }
        }
        let rule = self.rules.iter().find(|r| r.then == Then::Show(menu));
        match rule {
            Some(rule) => rule.name.clone(),
            None if self.choices.contains(&menu) => "本人の選択".into(),
            None => "そのほか".into(),
        }
    }

    /// What a resident is to see; nothing where not even the default is there. `menus` are the
    /// published ones: what is not among them is passed over. `is_in` says whether the resident
    /// belongs to an audience.
    pub fn shown(
        &self,
        situation: &Situation,
        standing: &Standing,
        menus: &BTreeMap<MenuId, Menu>,
        is_in: &dyn Fn(&Audience) -> bool,
    ) -> Option<Shown> {
        let usable = |menu: &MenuId| menus.get(menu).is_some_and(|m| !m.sheets.is_empty());
        let (menu, mode, reason) = self.candidates(situation, standing, is_in, &usable)?;
        let it = menus.get(&menu)?;
        let any = !matches!(reason, Reason::Emergency(..));
        let tab = standing.tabs.get(&menu).filter(|(_, at)| any || *at >= situation.since);
        let tab = tab.and_then(|(key, _)| it.sheet(*key));
        let sheet = tab.or_else(|| it.sheets.first())?.key;
        Some(Shown { menu, sheet, mode, reason })
    }

    fn candidates(
        &self,
        situation: &Situation,
        standing: &Standing,
        is_in: &dyn Fn(&Audience) -> bool,
        usable: &dyn Fn(&MenuId) -> bool,
    ) -> Option<(MenuId, Mode, Reason)> {
        let now = situation.now;
        let emergency = situation.emergency.filter(|(_, m)| *m == Mode::Real || standing.tester);
        if let Some((disaster, mode)) = emergency
            && let Some(prepared) = self.prepared(disaster)
        {
            let variants = prepared.variants.iter();
            let mut fitting = variants
                .filter(|v| v.period.holds(now) && is_in(&v.audience))
                .map(|v| v.menu)
                .chain([prepared.menu]);
            if let Some(menu) = fitting.find(usable) {
                return Some((menu, mode, Reason::Emergency(disaster, mode)));
            }
        }
        if let Some(menu) = standing.trial.filter(|menu| standing.tester && usable(menu)) {
            return Some((menu, Mode::Real, Reason::Trial));
        }
        let rule = standing.switched.and_then(|(key, at)| {
            let rule = self.rules.iter().find(|r| r.key == key)?;
            let ends = rule.hours.map(|h| at.plus(i64::from(h) * HOUR));
            ends.is_none_or(|ends| now < ends).then_some(rule)
        });
        if let Some(rule) = rule
            && let Then::Show(menu) = rule.then
            && usable(&menu)
        {
            return Some((menu, Mode::Real, Reason::Rule(rule.name.clone())));
        }
        // A choice that is no longer offered does not count.
        let choice = standing.choice.filter(|m| self.choices.contains(m) && usable(m));
        if let Some(menu) = choice {
            return Some((menu, Mode::Real, Reason::Choice));
        }
        let variant = self
            .variants
            .iter()
            .find(|v| usable(&v.menu) && v.period.holds(now) && is_in(&v.audience));
        if let Some(variant) = variant {
            return Some((variant.menu, Mode::Real, Reason::Variant(variant.name.clone())));
        }
        usable(&self.base).then_some((self.base, Mode::Real, Reason::Base))
    }
}
