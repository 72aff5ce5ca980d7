use super::super::render::name;
use super::super::{Mode, SheetKey};
use super::*;
use crate::id::MenuId;
use proptest::prelude::*;

fn install() -> Install {
    Install::try_from("city0001".to_owned()).unwrap()
}

fn key(menu: i64, sheet: u16) -> Key {
    Key { menu: MenuId(menu), sheet: SheetKey(sheet), mode: Mode::Real }
}

/// LINE as far as its rules are known. Breaking one fails the test.
struct World {
    live: Live,
    ids: usize,
    /// Menus of residents' own of which we do not know.
    hidden: BTreeMap<ResidentId, String>,
}

impl World {
    fn new(live: Live) -> Self {
        Self { live, ids: 0, hidden: BTreeMap::new() }
    }

    fn menu(&mut self, id: &str) -> &mut LiveMenu {
        self.live.menus.iter_mut().find(|m| m.id == id).expect("a menu that is there")
    }

    /// The first `upto` steps to what is desired.
    fn publish(&mut self, desired: &Desired, upto: usize) {
        let plan = plan(&install(), desired, &self.live);
        self.live.astray &= plan.sweeps();
        for step in plan.steps.iter().take(upto) {
            self.step(desired, step);
        }
    }

    fn step(&mut self, desired: &Desired, step: &Step) {
        let install = install();
        let id = |key: &Key, live: &Live| {
            current(&install, desired, live).get(key).cloned().expect("a menu for the sheet")
        };
        match step {
            Step::Create { key } => {
                self.ids += 1;
                self.live.menus.push(LiveMenu {
                    id: format!("new-{}", self.ids),
                    name: name(&install, *key, desired.sheets[key], "ふだん くらし"),
                    picture: false,
                });
                assert!(self.live.menus.len() <= MENUS_MAX);
            }
            Step::Picture { key } => {
                let id = id(key, &self.live);
                let menu = self.menu(&id);
                assert!(!menu.picture, "a picture cannot be replaced");
                menu.picture = true;
            }
            Step::CreateAlias { alias, key } | Step::UpdateAlias { alias, key } => {
                let id = id(key, &self.live);
                assert!(self.menu(&id).picture, "an alias needs a picture");
                let was = self.live.aliases.insert(alias.clone(), id);
                assert_eq!(was.is_some(), matches!(step, Step::UpdateAlias { .. }));
                assert!(install.owns_alias(alias) && self.live.aliases.len() <= ALIASES_MAX);
            }
            Step::SetDefault { key } => {
                let id = id(key, &self.live);
                assert!(self.menu(&id).picture);
                self.live.default = Some(id);
            }
            Step::ClearDefault => self.live.default = None,
            Step::Link { key, residents } => {
                assert!((1..=BULK).contains(&residents.len()));
                let id = id(key, &self.live);
                assert!(self.menu(&id).picture);
                for resident in residents {
                    self.live.links.insert(*resident, id.clone());
                    self.live.unsure.remove(resident);
                }
            }
            Step::Unlink { residents } => {
                assert!((1..=BULK).contains(&residents.len()));
                for resident in residents {
                    self.live.links.remove(resident);
                    self.live.unsure.remove(resident);
                }
            }
            Step::Sweep { ids } => {
                assert!((1..=MENUS_MAX).contains(&ids.len()));
                for id in ids {
                    let name = self.menu(id).name.clone();
                    assert!(install.owns_menu(&name), "another's menu: {name}");
                    assert!(!self.live.links.values().any(|to| to == id), "it was not changed yet");
                }
                self.hidden.retain(|_, to| !ids.contains(to));
                self.live.astray = false;
            }
            Step::DeleteAlias { alias } => {
                assert!(install.owns_alias(alias));
                assert!(self.live.aliases.remove(alias).is_some());
            }
            Step::DeleteMenu { id } => {
                let name = self.menu(id).name.clone();
                assert!(install.owns_menu(&name), "another's menu: {name}");
                let ours = |(alias, to): (&String, &String)| install.owns_alias(alias) && to == id;
                assert!(!self.live.aliases.iter().any(ours), "an alias leads to it");
                assert_ne!(self.live.default.as_ref(), Some(id));
                assert!(!self.live.links.values().any(|to| to == id), "residents see it");
                self.live.menus.retain(|m| m.id != *id);
                self.hidden.retain(|_, to| to != id);
            }
        }
    }

    fn foreign(&self) -> Vec<LiveMenu> {
        let ours = |m: &&LiveMenu| !install().owns_menu(&m.name);
        self.live.menus.iter().filter(ours).cloned().collect()
    }
}

fn desired() -> impl Strategy<Value = Desired> {
    let sheets = proptest::collection::btree_map((1..5i64, 1..4u16), 0..3u64, 0..8);
    let links = proptest::collection::btree_map(1..40i64, any::<prop::sample::Index>(), 0..30);
    (sheets, any::<Option<prop::sample::Index>>(), links).prop_map(|(sheets, default, links)| {
        let sheets: BTreeMap<Key, Hash> =
            sheets.into_iter().map(|((m, s), h)| (key(m, s), Hash(h))).collect();
        let keys: Vec<Key> = sheets.keys().copied().collect();
        let pick = |i: prop::sample::Index| (!keys.is_empty()).then(|| keys[i.index(keys.len())]);
        Desired {
            default: default.and_then(pick),
            links: links.into_iter().filter_map(|(r, i)| Some((ResidentId(r), pick(i)?))).collect(),
            sheets,
        }
    })
}

/// Anything that may be found: former versions, doubles, menus without pictures, names of ours
/// that nobody understands, others' menus.
fn live() -> impl Strategy<Value = Live> {
    let menu = ((1..6i64, 1..4u16), 0..3u64, any::<bool>(), 0..6u8);
    let menus = proptest::collection::vec(menu, 0..14);
    let index = any::<prop::sample::Index>;
    let aliases = proptest::collection::btree_map((1..6i64, 1..4u16), index(), 0..6);
    let links = proptest::collection::btree_map(1..40i64, index(), 0..30);
    (menus, aliases, any::<Option<prop::sample::Index>>(), links).prop_map(
        |(menus, aliases, default, links)| {
            let install = install();
            let other = Install::try_from("another1".to_owned()).unwrap();
            let menus: Vec<LiveMenu> = menus
                .into_iter()
                .enumerate()
                .map(|(i, ((m, s), hash, picture, kind))| LiveMenu {
                    id: format!("old-{i}"),
                    name: match kind {
                        0 => format!("手で作ったメニュー{i}"),
                        1 => name(&other, key(m, s), Hash(hash), "別の市"),
                        2 => format!("kairan/{}/わからない", install.as_str()),
                        _ => name(&install, key(m, s), Hash(hash), "前のもの"),
                    },
                    picture,
                })
                .collect();
            let pictured: Vec<&LiveMenu> = menus.iter().filter(|m| m.picture).collect();
            let pick = |i: prop::sample::Index| {
                (!pictured.is_empty()).then(|| pictured[i.index(pictured.len())].id.clone())
            };
            let alias = |((m, s), i): ((i64, u16), prop::sample::Index)| {
                let alias = if m == 5 { format!("another-{s}") } else { key(m, s).alias(&install) };
                Some((alias, pick(i)?))
            };
            Live {
                aliases: aliases.into_iter().filter_map(alias).collect(),
                default: default.and_then(pick),
                links: links
                    .into_iter()
                    .filter_map(|(r, i)| Some((ResidentId(r), pick(i)?)))
                    .collect(),
                menus,
                unsure: [ResidentId(0), ResidentId(1), ResidentId(9_999)].into(),
                astray: false,
            }
        },
    )
}

proptest! {
    /// From any state, cut off after any steps: the end is what was desired, nothing of
    /// others was touched, and there is nothing left to do.
    #[test]
    fn plans_converge(
        desired in desired(),
        live in live(),
        astray in any::<bool>(),
        cuts in proptest::collection::vec(0..8usize, 0..6),
    ) {
        let mut world = World::new(Live { astray, ..live });
        let ids = world.live.menus.iter().map(|m| m.id.clone());
        world.hidden = (100..).map(ResidentId).zip(ids).collect();
        let foreign = world.foreign();
        for cut in cuts {
            world.publish(&desired, cut);
        }
        world.publish(&desired, usize::MAX);
        let after = plan(&install(), &desired, &world.live);
        prop_assert_eq!(&after.steps, &Vec::<Step>::new());
        prop_assert!(after.is_done());
        prop_assert_eq!(world.foreign(), foreign);
        let current = current(&install(), &desired, &world.live);
        prop_assert_eq!(current.len(), desired.sheets.len());
        for (key, id) in &current {
            prop_assert_eq!(&world.live.aliases[&key.alias(&install())], id);
            prop_assert!(world.menu(id).picture);
        }
        for (resident, key) in &desired.links {
            prop_assert_eq!(&world.live.links[resident], &current[key]);
        }
        if let Some(key) = &desired.default {
            prop_assert_eq!(world.live.default.as_ref(), current.get(key));
        }
        let ours = world.live.menus.iter().filter(|m| install().owns_menu(&m.name)).count();
        prop_assert_eq!(ours, desired.sheets.len());
        let seen: Vec<MenuId> =
            desired.default.iter().chain(desired.links.values()).map(|k| k.menu).collect();
        for to in world.hidden.values().filter(|_| astray) {
            let name = &world.live.menus.iter().find(|m| m.id == *to).unwrap().name;
            let key = parse_name(&install(), name).map(|(key, _)| key);
            prop_assert!(key.is_none_or(|key| seen.contains(&key.menu)), "left on {name}");
        }
    }
}

/// What is published: an ordinary menu and one for an emergency, of two sheets each.
fn calm() -> (Desired, World) {
    let sheets = [(1, 1), (1, 2), (2, 1), (2, 2)].map(|(m, s)| (key(m, s), Hash(1)));
    let before = Desired { sheets: sheets.into(), default: Some(key(1, 1)), ..Desired::default() };
    let mut world = World::new(Live::default());
    world.publish(&before, usize::MAX);
    assert!(plan(&install(), &before, &world.live).is_done());
    (before, world)
}

#[test]
fn an_emergency_waits_for_nothing_that_has_to_be_made() {
    let (before, mut world) = calm();
    // One menu was changed, one is new, one has no picture yet; two residents are on tabs.
    let mut emergency = Desired { default: Some(key(2, 1)), ..before };
    emergency.sheets.extend([(key(1, 2), Hash(2)), (key(3, 1), Hash(1)), (key(4, 1), Hash(1))]);
    emergency.links = [(ResidentId(2), key(2, 2)), (ResidentId(3), key(3, 1))].into();
    let menu = name(&install(), key(4, 1), Hash(1), "");
    world.live.menus.push(LiveMenu { id: "bare".into(), name: menu, picture: false });
    let tab = world.live.aliases[&key(1, 2).alias(&install())].clone();
    world.live.links = [(ResidentId(1), tab.clone()), (ResidentId(2), tab.clone())].into();
    let steps = plan(&install(), &emergency, &world.live).steps;
    assert_eq!(
        steps[..3],
        [
            Step::SetDefault { key: key(2, 1) },
            Step::Link { key: key(2, 2), residents: vec![ResidentId(2)] },
            Step::Unlink { residents: vec![ResidentId(1)] },
        ]
    );
    let at = |wanted: fn(&Step) -> bool| steps.iter().position(wanted).unwrap();
    let made = at(|s| matches!(s, Step::Create { key } if key.menu == MenuId(3)));
    let shown = steps.iter().rposition(|s| matches!(s, Step::Link { .. })).unwrap();
    assert!(made < shown, "who sees what is new waits for it");

    // A batch comes after those who get another menu. All of them are there: at once.
    world.live.astray = true;
    let steps = plan(&install(), &emergency, &world.live).steps;
    let swept = steps.iter().position(|s| matches!(s, Step::Sweep { .. })).unwrap();
    assert!(swept > steps.iter().rposition(|s| matches!(s, Step::Link { .. })).unwrap());
    emergency.links.remove(&ResidentId(3));
    let steps = plan(&install(), &emergency, &world.live).steps;
    let Step::Sweep { ids } = &steps[3] else { panic!("{steps:?}") };
    assert!(ids.contains(&tab) && ids.contains(&"bare".to_owned()), "what nobody is to have");
    assert_eq!(ids.len(), 3, "and no sheet of the emergency's");
    let made = steps.iter().position(|s| matches!(s, Step::Create { .. } | Step::Picture { .. }));
    assert_eq!(made, Some(4));
}

#[test]
fn what_is_not_there_yet_is_shown_when_it_is() {
    let (before, world) = calm();
    let mut emergency = Desired { default: Some(key(2, 1)), ..before };
    // A tab of the emergency's that was changed: as a whole, or not at all.
    emergency.sheets.insert(key(2, 2), Hash(2));
    let steps = plan(&install(), &emergency, &world.live).steps;
    assert!(matches!(
        steps[..],
        [
            Step::Create { .. },
            Step::Picture { .. },
            Step::UpdateAlias { .. },
            Step::SetDefault { .. },
            Step::DeleteMenu { .. },
        ]
    ));
}

#[test]
fn which_of_two_alike_stands_is_not_decided_by_another_sheet_s_alias() {
    let alike = |id: &str| LiveMenu {
        id: id.into(),
        name: name(&install(), key(2, 1), Hash(1), ""),
        picture: true,
    };
    let sheets = [(key(1, 1), Hash(1)), (key(2, 1), Hash(1))].into();
    let desired = Desired { sheets, default: Some(key(2, 1)), ..Desired::default() };
    // The first sheet's alias leads to one of the two, and away from it before the second's is made.
    let live = Live {
        menus: vec![alike("old-1"), alike("old-2")],
        aliases: [(key(1, 1).alias(&install()), "old-2".into())].into(),
        ..Live::default()
    };
    let mut world = World::new(live);
    world.publish(&desired, usize::MAX);
    assert!(plan(&install(), &desired, &world.live).is_done());
    assert_eq!(world.live.menus.len(), 2);
}

#[test]
fn the_cost_of_a_batch() {
    let sweep = Step::Sweep { ids: vec!["x".into()] };
    let link = Step::Link { key: key(1, 1), residents: vec![ResidentId(1)] };
    let cost = |steps: &[Step], batches| {
        let plan = Plan { steps: steps.to_vec(), ..Plan::default() };
        let cost = plan.cost(Used { batches, ..Used::default() }, 50);
        (cost.calls, cost.shown_after, cost.unheard_after)
    };
    assert_eq!(cost(std::slice::from_ref(&sweep), 2), (1, 50, 0));
    assert_eq!(cost(std::slice::from_ref(&sweep), 3), (1, 0, 3_600_050));
    let both = [link, sweep];
    assert_eq!(cost(&both, 0), (2, 5_100, 0), "after LINE has done the links");
    assert_eq!(cost(&both, 3), (2, 50, 3_600_050), "who is known does not wait for it");
    let words = Plan { steps: both.into(), ..Plan::default() }
        .cost(Used { batches: 3, ..Used::default() }, 50)
        .words();
    assert_eq!(
        words,
        "LINEへの呼び出しは2回です。反映まで約1秒です。タブを押した知らせがLINEから来ていない人がいれば、その人には約1時間1分で届きます。"
    );
}

fn menus(count: usize, of: impl Fn(usize) -> String) -> Vec<LiveMenu> {
    (0..count).map(|i| LiveMenu { id: format!("old-{i}"), name: of(i), picture: true }).collect()
}

#[test]
fn a_full_account_is_emptied_before_it_is_filled() {
    let (ours, others) = (200u16, 700);
    let old = |i: usize| name(&install(), key(1, u16::try_from(i).unwrap()), Hash(1), "");
    let sheets = (0..ours).map(|i| (key(1, i), Hash(2))).collect();
    let desired = Desired { sheets, ..Desired::default() };
    let mut world = World::new(Live { menus: menus(usize::from(ours), old), ..Live::default() });
    for (menu, i) in menus(usize::from(ours), old).iter().zip(0..) {
        world.live.aliases.insert(key(1, i).alias(&install()), menu.id.clone());
    }
    world.live.menus.extend((0..others).map(|i| LiveMenu {
        id: format!("other-{i}"),
        name: "手".into(),
        picture: true,
    }));
    let first = plan(&install(), &desired, &world.live);
    assert_eq!((first.postponed, first.foreign), (100, 700));
    for step in &first.steps {
        world.step(&desired, step);
    }
    let second = plan(&install(), &desired, &world.live);
    assert_eq!((second.postponed, second.cost(Used::default(), 1).creates), (0, 100));
    for step in &second.steps {
        world.step(&desired, step);
    }
    assert!(plan(&install(), &desired, &world.live).is_done());
}

#[test]
fn an_account_full_of_others_menus_is_said() {
    let desired = Desired { sheets: [(key(1, 1), Hash(1))].into(), ..Desired::default() };
    let live = Live { menus: menus(1_000, |i| format!("手で作った{i}")), ..Live::default() };
    let plan = plan(&install(), &desired, &live);
    assert!(plan.steps.is_empty() && !plan.is_done());
    assert!(plan.blocked.unwrap().contains("うち1000枚は"));
}

#[test]
fn the_cost_of_an_emergency_for_a_city() {
    let sheets: BTreeMap<Key, Hash> = [(key(1, 1), Hash(1)), (key(2, 1), Hash(2))].into();
    let links = (1..=200_000).map(|r| (ResidentId(r), key(2, 1))).collect();
    let before = Desired { sheets: sheets.clone(), default: Some(key(1, 1)), ..Desired::default() };
    let mut world = World::new(Live::default());
    world.publish(&before, usize::MAX);
    let emergency = Desired { sheets, default: Some(key(2, 1)), links };
    let cost = plan(&install(), &emergency, &world.live).cost(Used::default(), 50);
    assert_eq!((cost.calls, cost.residents, cost.creates, cost.deletes), (401, 200_000, 0, 0));
    assert_eq!(cost.words(), "LINEへの呼び出しは401回です。反映まで約21秒です。");
    assert_eq!(Cost::default().words(), "LINEに送るものは、いまはありません。");
}

#[test]
fn the_hour_is_waited_for() {
    let sheets = (0..250u16).map(|i| (key(1, i), Hash(1))).collect();
    let desired = Desired { sheets, ..Desired::default() };
    let plan = plan(&install(), &desired, &Live::default());
    let hours =
        |used| plan.cost(Used { creates: used, ..Used::default() }, 0).done_after / 3_600_000;
    assert_eq!((hours(0), hours(49), hours(50), hours(60)), (2, 2, 2, 3));
    assert!(plan.cost(Used::default(), 100).words().contains("約2時間"));
}
