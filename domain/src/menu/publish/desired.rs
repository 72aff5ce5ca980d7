//! What LINE is to hold: every sheet that somebody may come to see, so that a switch in an
//! emergency creates nothing.

use super::super::render::{Key, Rendering, hash};
use super::super::{Menu, Mode, Program, Shown, Situation, Standing};
use super::Desired;
use crate::audience::Audience;
use crate::id::{MenuId, ResidentId};
use std::collections::BTreeMap;

impl Shown {
    /// The rich menu of LINE that stands for it.
    pub fn key(&self) -> Key {
        Key { menu: self.menu, sheet: self.sheet, mode: self.mode }
    }
}

impl Program {
    /// The desired state without links: all sheets of every menu that the program names, those
    /// of emergencies included; drills while there is one. The default is what somebody sees
    /// of whom nothing is known.
    pub fn desired(
        &self,
        situation: &Situation,
        menus: &BTreeMap<MenuId, Menu>,
        with: &Rendering<'_>,
    ) -> Desired {
        let mut desired = Desired::default();
        let mut add = |id: MenuId, mode: Mode| {
            for (menu, sheet) in
                menus.get(&id).into_iter().flat_map(|m| m.sheets.iter().map(move |s| (m, s)))
            {
                let key = Key { menu: id, sheet: sheet.key, mode };
                desired.sheets.insert(key, hash(id, menu, sheet, mode, with));
            }
        };
        for id in self.menus() {
            add(id, Mode::Real);
        }
        if let Some((disaster, Mode::Drill)) = situation.emergency
            && let Some(prepared) = self.prepared(disaster)
        {
            for id in prepared.menus() {
                add(id, Mode::Drill);
            }
        }
        let nobody = Standing::default();
        let shown = self.shown(situation, &nobody, menus, &Audience::is_everyone);
        desired.default = shown.map(|s| s.key());
        desired
    }
}

impl Desired {
    /// Notes what a resident is to see: a menu of their own, unless the default shows it.
    pub fn show(&mut self, resident: ResidentId, shown: Option<&Shown>) {
        match shown.map(Shown::key).filter(|key| Some(*key) != self.default) {
            Some(key) => self.links.insert(resident, key),
            None => self.links.remove(&resident),
        };
    }
}
