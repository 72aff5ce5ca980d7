//! Publishing is a reconciliation: what is desired is ours, what LINE holds is read back, and
//! the difference becomes steps within LINE's limits.
//!
//! The plan is made anew after every interruption: what has been done is no longer in it, and
//! the plan of a world where everything is done is empty. It begins with what can be shown at
//! once, so that an emergency waits for no picture of another menu. Names carry the
//! installation and the content ([`super::render::name`]), so that nothing needs to be
//! remembered.
//!
//! Limits: <https://developers.line.biz/en/reference/messaging-api/#rate-limits>

use super::Mode;
use super::render::{Hash, Install, Key, parse_name};
use crate::id::{MenuId, ResidentId};
use crate::time::{SECOND, thousands};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

mod cost;
mod desired;
#[cfg(test)]
mod tests;

pub use cost::{Cost, Used};

/// Most menus of an account (LINE).
pub const MENUS_MAX: usize = 1_000;
/// Most aliases of an account (LINE).
pub const ALIASES_MAX: usize = 1_000;
/// Most menus that are created, and that are deleted, and aliases that are deleted, in an
/// hour (LINE, each for itself).
pub const HOURLY: u32 = 100;
/// Most residents of one bulk call (LINE).
pub const BULK: usize = 500;
/// Most batches of an hour (LINE). One takes up to a thousand menus, all that there can be.
pub const BATCHES: u32 = 3;
/// After how long LINE has done what it accepted in bulk, in microseconds. It says "seconds".
pub const APPLIED: i64 = 5 * SECOND;

/// What is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Desired {
    /// The sheets that LINE is to hold, with their content.
    pub sheets: BTreeMap<Key, Hash>,
    /// What everybody sees who has no menu of their own.
    pub default: Option<Key>,
    /// Who has a menu of their own. Who is not here has none.
    pub links: BTreeMap<ResidentId, Key>,
}

/// A menu that LINE holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveMenu {
    /// LINE's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether its picture is there. Asked of our own ones only.
    pub picture: bool,
}

/// What LINE holds, as read back; the links as far as they are known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Live {
    /// Menus, also those of others.
    pub menus: Vec<LiveMenu>,
    /// Aliases and LINE's ids of their menus.
    pub aliases: BTreeMap<String, String>,
    /// LINE's id of the default.
    pub default: Option<String>,
    /// Residents with a menu of their own, and LINE's id of it.
    pub links: BTreeMap<ResidentId, String>,
    /// Residents of whom it is not certain which menu they have: they get what they are to
    /// have, whatever that is.
    #[serde(default)]
    pub unsure: BTreeSet<ResidentId>,
    /// Whether residents of whom we do not know it may have a menu that nobody is to have:
    /// LINE switches tabs by itself, and what it tells of it may be lost.
    #[serde(default)]
    pub astray: bool,
}

/// One call to LINE. A [`Key`] stands for the menu that [`current`] names when the step is
/// done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields say what they are")]
pub enum Step {
    /// Creates the menu of a sheet.
    Create { key: Key },
    /// Sends the picture of a sheet; once a menu.
    Picture { key: Key },
    /// Makes an alias lead to a sheet.
    CreateAlias { alias: String, key: Key },
    /// Makes an alias lead to another menu.
    UpdateAlias { alias: String, key: Key },
    /// Makes a sheet the default.
    SetDefault { key: Key },
    /// No default any more.
    ClearDefault,
    /// Gives a menu to at most [`BULK`] residents.
    Link { key: Key, residents: Vec<ResidentId> },
    /// Takes the menu of their own from at most [`BULK`] residents.
    Unlink { residents: Vec<ResidentId> },
    /// Takes the menu of their own from everybody who has one of these, whether we know it or
    /// not: a batch of LINE's.
    Sweep { ids: Vec<String> },
    /// Deletes an alias of ours.
    DeleteAlias { alias: String },
    /// Deletes a menu of ours.
    DeleteMenu { id: String },
}

/// What is to be done, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The steps.
    pub steps: Vec<Step>,
    /// How many sheets have to wait for the next plan, because LINE holds no more at once.
    pub postponed: usize,
    /// Why it cannot be finished, in words, if so.
    pub blocked: Option<String>,
    /// How many menus at LINE are not ours: they are shown, and never touched.
    pub foreign: usize,
}

impl Plan {
    /// Whether LINE holds everything already.
    pub fn is_done(&self) -> bool {
        self.steps.is_empty() && self.postponed == 0
    }

    /// Whether a batch is in it. Where one is due and none is, there is no menu at LINE on which
    /// anybody could be astray.
    pub fn sweeps(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Sweep { .. }))
    }
}

/// LINE's id of the menu that stands for each desired sheet, as far as there is one: with its
/// picture before those without, the one that its alias leads to before others. What another
/// sheet's alias leads to does not matter: it changes while a plan is carried out, and with it
/// this would.
pub fn current(install: &Install, desired: &Desired, live: &Live) -> BTreeMap<Key, String> {
    let mut best: BTreeMap<Key, ((bool, bool), &str)> = BTreeMap::new();
    for menu in &live.menus {
        let Some((key, hash)) = parse_name(install, &menu.name) else { continue };
        if desired.sheets.get(&key) != Some(&hash) {
            continue;
        }
        let led_to = live.aliases.get(&key.alias(install)) == Some(&menu.id);
        let rank = (!menu.picture, !led_to);
        let mine = (rank, menu.id.as_str());
        best.entry(key).and_modify(|b| *b = (*b).min(mine)).or_insert(mine);
    }
    best.into_iter().map(|(key, (_, id))| (key, id.to_owned())).collect()
}

/// The steps from what is to what is to be. Menus that stand at LINE in full, with pictures and
/// tabs, are shown first; what has to be made follows, and then those who see it.
pub fn plan(install: &Install, desired: &Desired, live: &Live) -> Plan {
    let current = current(install, desired, live);
    let by_id: BTreeMap<&str, &LiveMenu> = live.menus.iter().map(|m| (m.id.as_str(), m)).collect();
    let ours = |id: &str| by_id.get(id).is_some_and(|m| install.owns_menu(&m.name));
    let kept: BTreeSet<&str> = current.values().map(String::as_str).collect();
    let mut plan = Plan {
        foreign: live.menus.iter().filter(|m| !install.owns_menu(&m.name)).count(),
        ..Plan::default()
    };

    // Room for what is new: first what nobody sees goes.
    let missing: Vec<Key> =
        desired.sheets.keys().copied().filter(|key| !current.contains_key(key)).collect();
    let mut stale: Vec<&LiveMenu> = live
        .menus
        .iter()
        .filter(|m| install.owns_menu(&m.name) && !kept.contains(m.id.as_str()))
        .collect();
    let seen: BTreeSet<&str> = live
        .aliases
        .values()
        .chain(&live.default)
        .chain(live.links.values())
        .map(String::as_str)
        .collect();
    let mut room = MENUS_MAX.saturating_sub(live.menus.len());
    let mut emptied: BTreeSet<&str> = BTreeSet::new();
    stale.retain(|menu| {
        let goes = room < missing.len() && !seen.contains(menu.id.as_str());
        if goes {
            room += 1;
            emptied.insert(&menu.id);
            plan.steps.push(Step::DeleteMenu { id: menu.id.clone() });
        }
        !goes
    });
    let (made, postponed) = missing.split_at(room.min(missing.len()));
    plan.postponed = postponed.len();
    for (key, id) in &current {
        if by_id.get(id.as_str()).is_some_and(|m| !m.picture) {
            plan.steps.push(Step::Picture { key: *key });
        }
    }
    for key in made {
        plan.steps.push(Step::Create { key: *key });
        plan.steps.push(Step::Picture { key: *key });
    }
    let waits: BTreeSet<Key> = postponed.iter().copied().collect();
    let there = |key: &Key| desired.sheets.contains_key(key) && !waits.contains(key);
    let leads = |key: &Key, id: Option<&String>| id.is_some() && current.get(key) == id;

    aliases(install, desired, live, &there, &leads, &mut plan);

    let pictured = |id: &String| by_id.get(id.as_str()).is_some_and(|m| m.picture);
    let stands = |key: &Key| {
        current.get(key).is_some_and(pictured) && leads(key, live.aliases.get(&key.alias(install)))
    };
    let unfinished: BTreeSet<(MenuId, Mode)> =
        desired.sheets.keys().filter(|key| !stands(key)).map(|key| (key.menu, key.mode)).collect();
    let finished = |key: &Key| !unfinished.contains(&(key.menu, key.mode));
    let (mut first, mut then) = (Vec::new(), Vec::new());
    let mut put = |at_once: bool, step: Step| {
        if at_once { first.push(step) } else { then.push(step) }
    };

    // Whether who has none of their own sees at once what they are to see.
    let mut bare = true;
    match &desired.default {
        Some(key) if there(key) && !leads(key, live.default.as_ref()) => {
            bare = finished(key);
            put(bare, Step::SetDefault { key: *key });
        }
        None if live.default.as_deref().is_some_and(ours) => put(true, Step::ClearDefault),
        _ => {}
    }

    let mut linked: BTreeMap<Key, Vec<ResidentId>> = BTreeMap::new();
    for (resident, key) in &desired.links {
        if there(key) && (live.unsure.contains(resident) || !leads(key, live.links.get(resident))) {
            linked.entry(*key).or_default().push(*resident);
        }
    }
    let all_at_once = bare && linked.keys().all(finished);
    for (key, residents) in linked {
        for r in residents.chunks(BULK) {
            put(finished(&key), Step::Link { key, residents: r.to_vec() });
        }
    }
    let without = |key: Option<&Key>| key.is_none_or(|key| !desired.sheets.contains_key(key));
    let loose: Vec<ResidentId> = live
        .links
        .iter()
        .filter(|(_, id)| ours(id))
        .map(|(resident, _)| *resident)
        .chain(live.unsure.iter().copied())
        .filter(|resident| without(desired.links.get(resident)))
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    for r in loose.chunks(BULK) {
        put(bare, Step::Unlink { residents: r.to_vec() });
    }

    // What is seen in place of what has to wait stays.
    let waiting = |(resident, _): &(&ResidentId, &String)| {
        desired.links.get(resident).is_some_and(|key| waits.contains(key))
    };
    let held: BTreeSet<&str> = live
        .links
        .iter()
        .filter(waiting)
        .map(|(_, id)| id)
        .chain(live.default.iter().filter(|_| desired.default.is_some_and(|k| waits.contains(&k))))
        .map(String::as_str)
        .collect();
    // Whoever is to have a menu of their own has got it by then.
    if live.astray {
        let seen: BTreeSet<(MenuId, Mode)> = desired
            .default
            .iter()
            .chain(desired.links.values())
            .map(|key| (key.menu, key.mode))
            .collect();
        let is_seen = |menu: &LiveMenu| {
            parse_name(install, &menu.name)
                .is_some_and(|(key, _)| seen.contains(&(key.menu, key.mode)))
        };
        let ids: Vec<String> = live
            .menus
            .iter()
            .filter(|m| install.owns_menu(&m.name) && !is_seen(m))
            .filter(|m| !held.contains(m.id.as_str()))
            // What makes room is gone before what follows it.
            .filter(|m| all_at_once || !emptied.contains(m.id.as_str()))
            .map(|m| m.id.clone())
            .collect();
        if !ids.is_empty() {
            put(all_at_once, Step::Sweep { ids });
        }
    }
    first.append(&mut plan.steps);
    first.append(&mut then);
    plan.steps = first;

    for alias in live.aliases.keys() {
        let wanted = |key: &Key| key.alias(install) == *alias;
        if install.owns_alias(alias) && !desired.sheets.keys().any(wanted) {
            plan.steps.push(Step::DeleteAlias { alias: alias.clone() });
        }
    }
    let former = |menu: &LiveMenu| {
        held.contains(menu.id.as_str())
            || parse_name(install, &menu.name).is_some_and(|(key, _)| waits.contains(&key))
    };
    let goes = stale.into_iter().filter(|menu| !former(menu));
    plan.steps.extend(goes.map(|menu| Step::DeleteMenu { id: menu.id.clone() }));
    if plan.blocked.is_none() && plan.postponed > 0 && plan.steps.is_empty() {
        plan.blocked = Some(format!(
            "LINEに置けるメニューは{}枚までで、空きがありません（うち{}枚は、このシステムが作ったものではありません）。使わないメニューを消してから、もう一度ためしてください",
            thousands(MENUS_MAX as i64),
            plan.foreign
        ));
    }
    plan
}

fn aliases(
    install: &Install,
    desired: &Desired,
    live: &Live,
    there: &dyn Fn(&Key) -> bool,
    leads: &dyn Fn(&Key, Option<&String>) -> bool,
    plan: &mut Plan,
) {
    let mut room = ALIASES_MAX.saturating_sub(live.aliases.len());
    for key in desired.sheets.keys().filter(|key| there(key)) {
        let alias = key.alias(install);
        match live.aliases.get(&alias) {
            Some(id) if leads(key, Some(id)) => {}
            Some(_) => plan.steps.push(Step::UpdateAlias { alias, key: *key }),
            None if room > 0 => {
                room -= 1;
                plan.steps.push(Step::CreateAlias { alias, key: *key });
            }
            None => {
                plan.blocked = Some(format!(
                    "LINEに置けるタブの名前（エイリアス）は{}個までで、空きがありません。使わないメニューを消してから、もう一度ためしてください",
                    thousands(ALIASES_MAX as i64)
                ));
            }
        }
    }
}
