//! Rich menus: what there is, who has which, what waits to be applied, and what phones
//! showed and tapped.
//!
//! Bulk calls and batches are accepted first and applied when their time has come:
//! whoever looks at links calls [`World::settle_menus`] before. A menu's number is never
//! used again, so that a link to a deleted menu leads nowhere.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::apply::fractions;
use super::{Friend, ResidentNo, World};
use crate::clock::{Day, HOUR};

/// Position of a menu in the order of creation, from 1.
pub type MenuNo = u32;
/// No menu.
const NONE: MenuNo = 0;
/// How long LINE remembers a batch and its key.
pub const BATCH_LIFE: i64 = 14 * 24 * HOUR;

/// One change of what there is, as it is written to the journal.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "m", rename_all = "snake_case")]
pub enum MenuRecord {
    /// A menu was made.
    Create { at: i64, id: String, menu: Value },
    /// It got its picture; the bytes lie beside the journal.
    Picture { menu: MenuNo, mime: String },
    /// It was deleted.
    Delete { at: i64, menu: MenuNo },
    /// The default was set or cleared.
    Default { at: i64, menu: Option<MenuNo> },
    /// An alias leads to a menu, or is gone.
    Alias { alias: String, menu: Option<MenuNo> },
    /// One person's link.
    Link { at: i64, who: ResidentNo, menu: Option<MenuNo> },
    /// A bulk call was accepted.
    Bulk { at: i64, due: i64, who: Vec<ResidentNo>, menu: Option<MenuNo> },
    /// A batch was accepted.
    Batch(BatchRecord),
    /// A phone showed a menu.
    Shown { at: i64, who: ResidentNo, menu: MenuNo },
    /// An area was tapped.
    Tapped { at: i64, who: ResidentNo, menu: MenuNo, area: u32 },
    /// A share of all friends looked at their menus and tapped.
    Used { at: i64, share: f64, tap_share: f64, seed: u64 },
}

/// An accepted batch.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BatchRecord {
    /// When it was accepted.
    pub at: i64,
    /// When it is carried out.
    pub due: i64,
    /// `x-line-request-id`.
    pub request_id: String,
    /// `resumeRequestKey`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// From which menu (`None`: any) to which.
    pub moves: Vec<(Option<MenuNo>, Option<MenuNo>)>,
    /// Share of people for whom it fails.
    pub lost: f64,
    /// Decides who.
    pub seed: u64,
}

/// A menu.
#[derive(Clone, Debug)]
pub struct Menu {
    /// `richmenu-…`
    pub id: Arc<str>,
    /// The object as it was made.
    pub object: Arc<Value>,
    /// Media type of its picture, if it has one.
    pub picture: Option<Box<str>>,
    /// When it was made (UTC microseconds).
    pub made_at: i64,
}

impl Menu {
    /// The areas of the object.
    #[must_use]
    pub fn areas(&self) -> &[Value] {
        self.object["areas"].as_array().map_or(&[], Vec::as_slice)
    }
}

/// What phones did with one menu on one day (Tokyo): how often, by whom.
#[derive(Clone, Debug, Default)]
pub struct MenuDay {
    /// Showed it.
    pub shown: HashMap<ResidentNo, u32>,
    /// Tapped its areas.
    pub taps: Vec<HashMap<ResidentNo, u32>>,
}

/// How far a batch is.
#[derive(Clone, Copy, Debug)]
pub struct BatchState {
    /// When it was accepted.
    pub at: i64,
    /// When it was done, if it is, and whether for everybody.
    pub done: Option<(i64, bool)>,
}

/// A batch's key: those for whom it was not done yet, and which menu they shall have.
#[derive(Clone, Debug)]
struct Resumable {
    at: i64,
    left: Vec<(ResidentNo, MenuNo)>,
}

#[derive(Clone, Debug)]
enum Work {
    Bulk { who: Vec<ResidentNo>, menu: MenuNo },
    Batch(BatchRecord),
}

#[derive(Clone, Debug)]
struct Pending {
    due: i64,
    work: Work,
}

/// All that belongs to rich menus. A link is four bytes.
#[derive(Debug, Default)]
pub struct Menus {
    ids: HashMap<Arc<str>, MenuNo>,
    /// Every id ever given, by number: an alias knows its menu's id longer than the menu lives.
    given: Vec<Arc<str>>,
    menus: BTreeMap<MenuNo, Menu>,
    default: Option<MenuNo>,
    /// What each alias leads to, in the order of their names.
    pub aliases: BTreeMap<Box<str>, MenuNo>,
    links: Vec<MenuNo>,
    pending: VecDeque<Pending>,
    batches: HashMap<Box<str>, BatchState>,
    keys: HashMap<Box<str>, Resumable>,
    /// By menu and Tokyo day.
    pub days: BTreeMap<(MenuNo, i64), MenuDay>,
}

impl Menus {
    /// The number behind an id, if that menu exists.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<MenuNo> {
        self.ids.get(id).copied()
    }

    /// A menu that exists.
    #[must_use]
    pub fn get(&self, menu: MenuNo) -> Option<&Menu> {
        self.menus.get(&menu)
    }

    /// All menus in the order of creation.
    pub fn all(&self) -> impl Iterator<Item = (MenuNo, &Menu)> {
        self.menus.iter().map(|(menu, found)| (*menu, found))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.menus.len()
    }

    /// The id of a menu, also of one that is gone.
    #[must_use]
    pub fn id(&self, menu: MenuNo) -> &str {
        let at = (menu as usize).checked_sub(1);
        at.and_then(|at| self.given.get(at)).map_or("", |id| id)
    }

    /// The default, if it exists.
    #[must_use]
    pub fn default_menu(&self) -> Option<MenuNo> {
        self.default.filter(|menu| self.menus.contains_key(menu))
    }

    /// The menu that is linked to somebody, if it exists.
    #[must_use]
    pub fn linked(&self, who: ResidentNo) -> Option<MenuNo> {
        let menu = self.links.get(who as usize).copied().unwrap_or(NONE);
        self.menus.contains_key(&menu).then_some(menu)
    }

    /// Bulk calls and batches that were accepted and not applied yet.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.pending.len()
    }

    /// When what is accepted now is applied: not before what was accepted earlier.
    #[must_use]
    pub fn due(&self, now: i64, delay_ms: u64) -> i64 {
        let delay = i64::try_from(delay_ms).unwrap_or(i64::MAX).saturating_mul(1_000);
        self.pending.back().map_or(i64::MIN, |last| last.due).max(now.saturating_add(delay))
    }

    /// How far the batch of a request is, while LINE remembers it.
    #[must_use]
    pub fn batch(&self, request_id: &str, now: i64) -> Option<BatchState> {
        self.batches.get(request_id).copied().filter(|batch| now - batch.at < BATCH_LIFE)
    }

    fn set(&mut self, who: ResidentNo, menu: MenuNo) {
        let at = who as usize;
        if self.links.len() <= at {
            if menu == NONE {
                return;
            }
            self.links.resize(at + 1, NONE);
        }
        self.links[at] = menu;
    }

    fn day(&mut self, menu: MenuNo, at: i64) -> &mut MenuDay {
        let areas = self.menus.get(&menu).map_or(0, |menu| menu.areas().len());
        let day = self.days.entry((menu, Day::of(at).0)).or_default();
        day.taps.resize_with(areas, HashMap::new);
        day
    }

    /// Somebody who blocks has no own menu afterwards: LINE does not say whether it is
    /// there again for who comes back, so nothing may rest on it.
    pub(super) fn forget(&mut self, who: ResidentNo) {
        self.set(who, NONE);
    }
}

impl World {
    /// The menu that somebody sees, and whether it is their own.
    #[must_use]
    pub fn menu_of(&self, who: ResidentNo) -> Option<(MenuNo, bool)> {
        if self.residents[who as usize].friend != Friend::Friend {
            return None;
        }
        let own = self.menus.linked(who).map(|menu| (menu, true));
        own.or_else(|| self.menus.default_menu().map(|menu| (menu, false)))
    }

    /// Applies every bulk call and batch whose time has come.
    pub fn settle_menus(&mut self, now: i64) {
        while self.menus.pending.front().is_some_and(|first| first.due <= now) {
            let Some(Pending { work, .. }) = self.menus.pending.pop_front() else { return };
            match work {
                Work::Bulk { who, menu } => {
                    for who in who {
                        self.link(who, menu);
                    }
                }
                Work::Batch(batch) => self.carry_out(&batch),
            }
        }
    }

    /// Only who is a friend can be linked or unlinked.
    fn link(&mut self, who: ResidentNo, menu: MenuNo) {
        if self.residents.get(who as usize).is_some_and(|r| r.friend == Friend::Friend) {
            self.menus.set(who, menu);
        }
    }

    fn carry_out(&mut self, batch: &BatchRecord) {
        let known = batch.key.as_deref().and_then(|key| self.menus.keys.get_mut(key));
        let (since, wanted) = match known.filter(|known| batch.at - known.at < BATCH_LIFE) {
            Some(known) => (known.at, std::mem::take(&mut known.left)),
            None => (batch.at, self.moved(&batch.moves)),
        };
        let mut left = Vec::new();
        for (who, to) in wanted {
            if batch.lost > 0.0 && fractions(batch.seed, who)[0] < batch.lost {
                left.push((who, to));
            } else {
                self.link(who, to);
            }
        }
        let done = (batch.due, left.is_empty());
        if let Some(state) = self.menus.batches.get_mut(batch.request_id.as_str()) {
            state.done = Some(done);
        }
        if let Some(key) = &batch.key {
            self.menus.keys.insert(key.as_str().into(), Resumable { at: since, left });
        }
    }

    /// Whom the moves concern. They do not affect each other: everybody is moved once.
    fn moved(&self, moves: &[(Option<MenuNo>, Option<MenuNo>)]) -> Vec<(ResidentNo, MenuNo)> {
        let to = |menu: Option<MenuNo>| menu.unwrap_or(NONE);
        let all = moves.iter().find(|(from, _)| from.is_none()).map(|(_, menu)| to(*menu));
        let by_menu: HashMap<MenuNo, MenuNo> =
            moves.iter().filter_map(|(from, menu)| Some(((*from)?, to(*menu)))).collect();
        let links = self.menus.links.iter().zip(0..).filter(|(menu, _)| **menu != NONE);
        links
            .filter_map(|(menu, who)| Some((who, all.or_else(|| by_menu.get(menu).copied())?)))
            .collect()
    }

    pub(super) fn apply_menu(&mut self, record: MenuRecord) {
        match record {
            MenuRecord::Create { at, id, menu } => {
                let id: Arc<str> = id.into();
                self.menus.given.push(Arc::clone(&id));
                let no = self.menus.given.len() as MenuNo;
                self.menus.ids.insert(Arc::clone(&id), no);
                let menu = Menu { id, object: Arc::new(menu), picture: None, made_at: at };
                self.menus.menus.insert(no, menu);
            }
            MenuRecord::Picture { menu, mime } => {
                if let Some(menu) = self.menus.menus.get_mut(&menu) {
                    menu.picture = Some(mime.into());
                }
            }
            MenuRecord::Delete { at, menu } => {
                self.settle_menus(at);
                if let Some(gone) = self.menus.menus.remove(&menu) {
                    self.menus.ids.remove(&gone.id);
                }
                self.menus.days.retain(|(of, _), _| *of != menu);
            }
            MenuRecord::Default { at, menu } => {
                self.settle_menus(at);
                self.menus.default = menu;
            }
            MenuRecord::Alias { alias, menu: Some(menu) } => {
                self.menus.aliases.insert(alias.into(), menu);
            }
            MenuRecord::Alias { alias, menu: None } => {
                self.menus.aliases.remove(alias.as_str());
            }
            MenuRecord::Link { at, who, menu } => {
                self.settle_menus(at);
                self.link(who, menu.unwrap_or(NONE));
            }
            MenuRecord::Bulk { at, due, who, menu } => {
                self.settle_menus(at);
                let work = Work::Bulk { who, menu: menu.unwrap_or(NONE) };
                self.menus.pending.push_back(Pending { due, work });
            }
            MenuRecord::Batch(batch) => {
                self.settle_menus(batch.at);
                let now = batch.at;
                self.menus.batches.retain(|_, known| now - known.at < BATCH_LIFE);
                self.menus.keys.retain(|_, known| now - known.at < BATCH_LIFE);
                let state = BatchState { at: now, done: None };
                self.menus.batches.insert(batch.request_id.as_str().into(), state);
                let due = batch.due;
                self.menus.pending.push_back(Pending { due, work: Work::Batch(batch) });
            }
            MenuRecord::Shown { at, who, menu } => {
                *self.menus.day(menu, at).shown.entry(who).or_default() += 1;
            }
            MenuRecord::Tapped { at, who, menu, area } => {
                if let Some(taps) = self.menus.day(menu, at).taps.get_mut(area as usize) {
                    *taps.entry(who).or_default() += 1;
                }
            }
            MenuRecord::Used { at, share, tap_share, seed } => {
                self.settle_menus(at);
                self.use_menus(at, share, tap_share, seed);
            }
        }
    }

    fn use_menus(&mut self, at: i64, share: f64, tap_share: f64, seed: u64) {
        for who in 0..self.residents.len() as ResidentNo {
            let [looks, taps] = fractions(seed, who);
            let Some((menu, _)) = self.menu_of(who).filter(|_| looks < share) else { continue };
            let day = self.menus.day(menu, at);
            *day.shown.entry(who).or_default() += 1;
            if taps < tap_share && !day.taps.is_empty() {
                let area = who as usize % day.taps.len();
                *day.taps[area].entry(who).or_default() += 1;
            }
        }
    }
}
