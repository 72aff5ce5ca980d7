//! Publishing is a reconciliation: what is desired is ours, what LINE holds is read back, and
//! the difference becomes steps within LINE's limits.
//!
//! The plan is made anew after every interruption: what has been done is no longer in it, and
//! the plan of a world where everything is done is empty. Names carry the installation and the
//! content ([`super::render::name`]), so that nothing needs to be remembered.
//!
//! Limits: <https://developers.line.biz/en/reference/messaging-api/#rate-limits>

use super::render::{Hash, Install, Key, parse_name};
use crate::id::ResidentId;
use crate::time::thousands;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

mod desired;
#[cfg(test)]
mod tests;

/// Most menus of an account (LINE).
pub const MENUS_MAX: usize = 1_000;
/// Most aliases of an account (LINE).
pub const ALIASES_MAX: usize = 1_000;
/// Most menus that are created, and that are deleted, and aliases that are deleted, in an
/// hour (LINE, each for itself).
pub const HOURLY: u32 = 100;
/// Most residents of one bulk call (LINE).
pub const BULK: usize = 500;

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
}

/// LINE's id of the menu that stands for each desired sheet, as far as there is one: with its
/// picture before those without, in use before those that are not.
pub fn current(install: &Install, desired: &Desired, live: &Live) -> BTreeMap<Key, String> {
    let used: BTreeSet<&String> = live.aliases.values().collect();
    let mut best: BTreeMap<Key, ((bool, bool), &str)> = BTreeMap::new();
    for menu in &live.menus {
        let Some((key, hash)) = parse_name(install, &menu.name) else { continue };
        if desired.sheets.get(&key) != Some(&hash) {
            continue;
        }
        let rank = (!menu.picture, !used.contains(&menu.id));
        let mine = (rank, menu.id.as_str());
        best.entry(key).and_modify(|b| *b = (*b).min(mine)).or_insert(mine);
    }
    best.into_iter().map(|(key, (_, id))| (key, id.to_owned())).collect()
}

/// The steps from what is to what is to be.
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
    stale.retain(|menu| {
        let goes = room < missing.len() && !seen.contains(menu.id.as_str());
        if goes {
            room += 1;
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

    match &desired.default {
        Some(key) if there(key) && !leads(key, live.default.as_ref()) => {
            plan.steps.push(Step::SetDefault { key: *key });
        }
        None if live.default.as_deref().is_some_and(ours) => plan.steps.push(Step::ClearDefault),
        _ => {}
    }

    let mut linked: BTreeMap<Key, Vec<ResidentId>> = BTreeMap::new();
    for (resident, key) in &desired.links {
        if there(key) && (live.unsure.contains(resident) || !leads(key, live.links.get(resident))) {
            linked.entry(*key).or_default().push(*resident);
        }
    }
    for (key, residents) in linked {
        let calls = residents.chunks(BULK);
        plan.steps.extend(calls.map(|r| Step::Link { key, residents: r.to_vec() }));
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
    plan.steps.extend(loose.chunks(BULK).map(|r| Step::Unlink { residents: r.to_vec() }));

    for alias in live.aliases.keys() {
        let wanted = |key: &Key| key.alias(install) == *alias;
        if install.owns_alias(alias) && !desired.sheets.keys().any(wanted) {
            plan.steps.push(Step::DeleteAlias { alias: alias.clone() });
        }
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

/// What has been used of the hour's limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    /// Menus created.
    pub creates: u32,
    /// Menus deleted.
    pub deletes: u32,
    /// Aliases deleted.
    pub alias_deletes: u32,
}

/// What a plan costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Calls to LINE.
    pub calls: usize,
    /// Menus created.
    pub creates: usize,
    /// Menus deleted.
    pub deletes: usize,
    /// Residents who get another menu, or none of their own.
    pub residents: usize,
    /// Until the last resident sees what they are to see, in milliseconds.
    pub shown_after: u64,
    /// Until everything is done, in milliseconds.
    pub done_after: u64,
}

impl Plan {
    /// What it costs, where a call takes `pace` milliseconds.
    pub fn cost(&self, used: Used, pace: u64) -> Cost {
        let mut cost = Cost { calls: self.steps.len(), ..Cost::default() };
        let mut spent = [used.creates, used.deletes, used.alias_deletes];
        let mut now = 0;
        for step in &self.steps {
            let hourly = match step {
                Step::Create { .. } => {
                    cost.creates += 1;
                    Some(0)
                }
                Step::DeleteMenu { .. } => {
                    cost.deletes += 1;
                    Some(1)
                }
                Step::DeleteAlias { .. } => Some(2),
                _ => None,
            };
            if let Some(spent) = hourly.and_then(|i| spent.get_mut(i)) {
                // The hour's share returns in full after an hour at the latest.
                now = now.max(u64::from(*spent / HOURLY) * 3_600_000);
                *spent += 1;
            }
            now += pace;
            match step {
                Step::Link { residents, .. } | Step::Unlink { residents } => {
                    cost.residents += residents.len();
                    cost.shown_after = now;
                }
                Step::SetDefault { .. }
                | Step::ClearDefault
                | Step::CreateAlias { .. }
                | Step::UpdateAlias { .. } => cost.shown_after = now,
                _ => {}
            }
        }
        cost.done_after = now;
        cost
    }
}

impl Cost {
    /// In words, for the page that asks before publishing.
    pub fn words(&self) -> String {
        if self.calls == 0 {
            return "LINEにあるものと同じです。することはありません".into();
        }
        let count = |n: usize| thousands(i64::try_from(n).unwrap_or(i64::MAX));
        let mut parts = Vec::new();
        if self.creates > 0 {
            parts.push(format!("メニューを{}枚作ります", count(self.creates)));
        }
        if self.residents > 0 {
            parts.push(format!("{}人のメニューを切りかえます", count(self.residents)));
        }
        if self.deletes > 0 {
            parts.push(format!("古いメニューを{}枚消します", count(self.deletes)));
        }
        parts.push(format!("LINEへの呼び出しは{}回です", count(self.calls)));
        if self.shown_after > 0 {
            parts.push(format!("住民に届くまで{}です", about(self.shown_after)));
        }
        if self.done_after > self.shown_after {
            parts.push(format!("片づけまで{}です", about(self.done_after)));
        }
        parts.join("。")
    }
}

/// 「約3秒」, 「約2分」, 「約1時間5分」, never less than it is.
fn about(millis: u64) -> String {
    let seconds = millis.div_ceil(1_000).max(1);
    match seconds {
        ..60 => format!("約{seconds}秒"),
        60..3_600 => format!("約{}分", seconds.div_ceil(60)),
        _ => {
            let minutes = seconds.div_ceil(60);
            match (minutes / 60, minutes % 60) {
                (hours, 0) => format!("約{hours}時間"),
                (hours, minutes) => format!("約{hours}時間{minutes}分"),
            }
        }
    }
}
