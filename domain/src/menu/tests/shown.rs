//! Who sees what, and why.

use super::*;
use crate::attribute::Catalog;
use crate::audience::Audience;
use crate::menu::program::{ANSWERED, Acted, Period, Prepared, Rule, Then, Trigger, Variant};
use crate::time::{HOUR, Timestamp};
use std::collections::BTreeMap;

const BASE: MenuId = MenuId(1);
const CHILD: MenuId = MenuId(2);
const STAFF: MenuId = MenuId(3);
const QUAKE: MenuId = MenuId(4);
const EASY: MenuId = MenuId(5);

fn menus() -> BTreeMap<MenuId, Menu> {
    [BASE, CHILD, STAFF, QUAKE, EASY].into_iter().map(|id| (id, three_tabs())).collect()
}

fn wards(ward: &str) -> Audience {
    Audience::Attribute { key: "ward".into(), is: vec![ward.into()] }
}

fn variant(name: &str, audience: Audience, menu: MenuId) -> Variant {
    Variant { name: name.into(), audience, menu, period: Period::default() }
}

fn program() -> Program {
    Program {
        variants: vec![
            variant("子育て世帯", wards("child"), CHILD),
            variant("中央区", wards("center"), STAFF),
        ],
        choices: vec![BASE, EASY],
        rules: vec![
            Rule {
                key: 7,
                name: "職員".into(),
                when: Trigger::Said("しょくいん".into()),
                then: Then::Show(STAFF),
                hours: Some(2),
            },
            Rule {
                key: 8,
                name: "戻る".into(),
                when: Trigger::Postback("back".into()),
                then: Then::Back,
                hours: None,
            },
        ],
        emergencies: vec![Prepared {
            disaster: Disaster::Earthquake,
            menu: QUAKE,
            variants: vec![variant("やさしい日本語", wards("easy"), EASY)],
        }],
        ..Program::new(BASE)
    }
}

fn calm() -> Situation {
    Situation { now: Timestamp(100 * HOUR), emergency: None, since: Timestamp(50 * HOUR) }
}

fn is_in<'a>(groups: &'a [&'a str]) -> impl Fn(&Audience) -> bool + 'a {
    move |audience| groups.iter().any(|g| *audience == wards(g))
}

fn of(situation: Situation, standing: &Standing, groups: &[&str]) -> (MenuId, String) {
    let shown = program().shown(&situation, standing, &menus(), &is_in(groups)).unwrap();
    (shown.menu, shown.reason.words())
}

#[test]
fn the_stronger_reason_wins() {
    let mut one = Standing::default();
    assert_eq!(of(calm(), &one, &[]).0, BASE);
    assert_eq!(
        of(calm(), &one, &["center", "child"]),
        (CHILD, "出し分け「子育て世帯」に当てはまるため".into())
    );
    one.choice = Some(EASY);
    assert_eq!(of(calm(), &one, &["child"]), (EASY, "本人が選んだため".into()));
    one.choice = Some(QUAKE);
    assert_eq!(of(calm(), &one, &["child"]).0, CHILD, "this was never offered");
    one.choice = Some(EASY);
    one.switched = Some((7, Timestamp(99 * HOUR)));
    assert_eq!(of(calm(), &one, &[]), (STAFF, "切りかえの決まり「職員」のため".into()));
    one.switched = Some((7, Timestamp(98 * HOUR)));
    assert_eq!(of(calm(), &one, &[]).0, EASY, "two hours are over");
    one.switched = Some((8, Timestamp(99 * HOUR)));
    assert_eq!(of(calm(), &one, &[]).0, EASY);
    let quake = Situation { emergency: Some((Disaster::Earthquake, Mode::Real)), ..calm() };
    assert_eq!(
        of(quake, &one, &["child"]),
        (QUAKE, "緊急メニュー（地震）に切りかえているため".into())
    );
    assert_eq!(of(quake, &one, &["easy"]).0, EASY);
    let tsunami = Situation { emergency: Some((Disaster::Tsunami, Mode::Real)), ..calm() };
    assert_eq!(of(tsunami, &one, &[]).0, EASY, "nothing is prepared for it");
}

#[test]
fn a_drill_reaches_testers_alone() {
    let drill = Situation { emergency: Some((Disaster::Earthquake, Mode::Drill)), ..calm() };
    let shown = |tester| {
        let standing = Standing { tester, ..Standing::default() };
        program().shown(&drill, &standing, &menus(), &is_in(&[])).unwrap()
    };
    assert_eq!((shown(false).menu, shown(false).mode), (BASE, Mode::Real));
    assert_eq!((shown(true).menu, shown(true).mode), (QUAKE, Mode::Drill));
    assert_eq!(shown(true).reason.words(), "緊急メニュー（地震）の訓練中で、試験者のため");
}

#[test]
fn after_an_emergency_everybody_has_their_tab_again() {
    let standing = Standing {
        tabs: [(BASE, (SheetKey(3), Timestamp(HOUR))), (CHILD, (SheetKey(9), Timestamp(HOUR)))]
            .into(),
        ..Standing::default()
    };
    let quake = Situation { emergency: Some((Disaster::Earthquake, Mode::Real)), ..calm() };
    let sheet = |situation, groups: &[&str]| {
        program().shown(&situation, &standing, &menus(), &is_in(groups)).unwrap().sheet
    };
    assert_eq!(sheet(calm(), &[]), SheetKey(3));
    assert_eq!(sheet(quake, &[]), SheetKey(1));
    assert_eq!(sheet(calm(), &[]), SheetKey(3));
    assert_eq!(sheet(calm(), &["child"]), SheetKey(1), "that tab is gone");
}

#[test]
fn an_emergency_begins_with_its_first_tab() {
    let sheet = |at: i64, since: i64| {
        let tabs = [(QUAKE, (SheetKey(2), Timestamp(at * HOUR)))].into();
        let standing = Standing { tabs, ..Standing::default() };
        let emergency = Some((Disaster::Earthquake, Mode::Real));
        let situation = Situation { emergency, since: Timestamp(since * HOUR), ..calm() };
        program().shown(&situation, &standing, &menus(), &is_in(&[])).unwrap().sheet
    };
    assert_eq!(sheet(40, 50), SheetKey(1), "it was another emergency's");
    assert_eq!([sheet(50, 50), sheet(60, 50)], [SheetKey(2); 2], "while it lasts, it stays");
}

#[test]
fn what_is_not_published_is_passed_over() {
    let mut menus = menus();
    menus.remove(&QUAKE);
    menus.remove(&CHILD);
    let standing = Standing::default();
    let quake = Situation { emergency: Some((Disaster::Earthquake, Mode::Real)), ..calm() };
    let menu = |menus: &BTreeMap<_, _>, situation| {
        program().shown(&situation, &standing, menus, &is_in(&["child"])).map(|s| s.menu)
    };
    assert_eq!(menu(&menus, quake), Some(BASE));
    assert_eq!(menu(&BTreeMap::new(), calm()), None);
}

#[test]
fn changes_come_at_their_time() {
    let mut program = program();
    let summer = Period { from: Some(Timestamp(200 * HOUR)), until: Some(Timestamp(300 * HOUR)) };
    program
        .variants
        .insert(0, Variant { period: summer, ..variant("夏", Audience::Everyone, EASY) });
    let at = |hour: i64| {
        let situation = Situation { now: Timestamp(hour * HOUR), ..calm() };
        let everyone = |a: &Audience| a.is_everyone();
        program.shown(&situation, &Standing::default(), &menus(), &everyone).unwrap().menu
    };
    assert_eq!([at(199), at(200), at(299), at(300)], [BASE, EASY, EASY, BASE]);
    let next = |hour: i64| program.next_change(Timestamp(hour * HOUR)).map(|t| t.0 / HOUR);
    assert_eq!([next(0), next(200), next(300)], [Some(200), Some(300), None]);
}

#[test]
fn an_act_finds_its_rule() {
    let mut program = program();
    program.rules.push(Rule {
        key: 9,
        name: "委員".into(),
        when: Trigger::Registered { attribute: "role".into(), is: vec!["head".into()] },
        then: Then::Show(STAFF),
        hours: None,
    });
    let key = |acted| program.rule_for(acted).map(|r| r.key);
    assert_eq!(key(Acted::Said(" しょくいん\n")), Some(7));
    assert_eq!(key(Acted::Said("しょくいんです")), None);
    assert_eq!(key(Acted::Said(" 【訓練】しょくいん")), Some(7), "in a drill");
    assert_eq!(key(Acted::Said("【試験】しょくいん")), None);
    assert_eq!(key(Acted::Postback("しょくいん")), None);
    assert_eq!(key(Acted::Postback("back")), Some(8));
    let is = ["head".to_owned()];
    assert_eq!(key(Acted::Registered { attribute: "role", is: &is }), Some(9));
    assert_eq!(key(Acted::Registered { attribute: "ward", is: &is }), None);
}

#[test]
fn a_program_is_checked() {
    let catalog = Catalog::default();
    let everyone = Program {
        variants: vec![variant("全員", Audience::Everyone, CHILD)],
        emergencies: vec![Prepared {
            disaster: Disaster::Earthquake,
            menu: QUAKE,
            variants: Vec::new(),
        }],
        ..program()
    };
    assert_eq!(everyone.problems(&menus(), &catalog), []);
    let at = |change: &dyn Fn(&mut Program)| {
        let mut program = everyone.clone();
        change(&mut program);
        program.problems(&menus(), &catalog).into_iter().map(|p| p.at).collect::<Vec<_>>()
    };
    assert_eq!(at(&|p| p.base = MenuId(99)), ["/base"]);
    assert_eq!(at(&|p| p.choices.push(BASE)), ["/choices/2"]);
    let offered = |n: i64| Program { choices: (1..=n).map(MenuId).collect(), ..program() };
    assert_eq!(offered(12).choices_problem(), None);
    let many = offered(13).problems(&menus(), &catalog);
    assert!(many.iter().any(|p| p.at == "/choices" && p.message.contains("12個まで")), "{many:?}");
    assert_eq!(at(&|p| p.variants[0].name.clear()), ["/variants/0/name"]);
    assert_eq!(at(&|p| p.variants[0].audience = Audience::All(Vec::new())).len(), 1);
    assert_eq!(at(&|p| p.rules[1].key = 7), ["/rules/1/key"]);
    assert_eq!(at(&|p| p.rules[0].hours = Some(0)), ["/rules/0/hours"]);
    assert_eq!(at(&|p| p.rules[0].when = Trigger::Said(" ".into())), ["/rules/0/when"]);
    assert_eq!(at(&|p| p.rules[1].when = p.rules[0].when.clone()), ["/rules/1/when"]);
    // What the talk answers itself reaches no rule; what is tapped does.
    for word in ANSWERED.map(|word| format!("　{word} ")) {
        assert_eq!(at(&|p| p.rules[0].when = Trigger::Said(word.clone())), ["/rules/0/when"]);
        assert!(at(&|p| p.rules[0].when = Trigger::Postback(word.clone())).is_empty());
    }
    assert!(at(&|p| p.rules[0].when = Trigger::Said("登録したい".into())).is_empty());
    let until = Period { from: Some(Timestamp(5)), until: Some(Timestamp(5)) };
    assert_eq!(at(&|p| p.variants[0].period = until), ["/variants/0/period/until"]);
    let double = at(&|p| p.emergencies.push(p.emergencies[0].clone()));
    assert_eq!(double, ["/emergencies/1/disaster"]);
    let json = serde_json::to_string(&program()).unwrap();
    assert_eq!(serde_json::from_str::<Program>(&json).unwrap(), program());
    assert_eq!(Disaster::parse("tsunami"), Some(Disaster::Tsunami));
}

#[test]
fn an_emergency_creates_nothing() {
    use crate::id::ResidentId;
    use crate::menu::publish::{Live, LiveMenu, Used, plan};
    use crate::menu::render::{Install, Rendering};
    let install = Install::try_from("city0001".to_owned()).unwrap();
    let with =
        Rendering { install: &install, hosts: "https://c.example".into(), short: &|_, _, _| None };
    let (program, menus) = (program(), menus());
    let calm_state = program.desired(&calm(), &menus, &with);
    // Five menus of three sheets; all of them are there beforehand.
    assert_eq!(calm_state.sheets.len(), 15);
    let quake = Situation { emergency: Some((Disaster::Earthquake, Mode::Real)), ..calm() };
    let mut emergency = program.desired(&quake, &menus, &with);
    assert_eq!(emergency.sheets, calm_state.sheets);
    assert_eq!(emergency.default.map(|k| k.menu), Some(QUAKE));
    for (resident, groups) in [(1, &[][..]), (2, &["easy"][..])] {
        let shown = program.shown(&quake, &Standing::default(), &menus, &is_in(groups));
        emergency.show(ResidentId(resident), shown.as_ref());
    }
    let own: Vec<(i64, MenuId)> = emergency.links.iter().map(|(r, k)| (r.0, k.menu)).collect();
    assert_eq!(own, [(2, EASY)], "the default needs no link");
    // What is published in calm.
    let mut live = Live::default();
    for (number, (key, hash)) in calm_state.sheets.iter().enumerate() {
        let id = format!("menu-{number}");
        live.aliases.insert(key.alias(&install), id.clone());
        if Some(*key) == calm_state.default {
            live.default = Some(id.clone());
        }
        let name = render::name(&install, *key, *hash, "");
        live.menus.push(LiveMenu { id, name, picture: true });
    }
    assert!(plan(&install, &calm_state, &live).is_done());
    let cost = plan(&install, &emergency, &live).cost(Used::default(), 100);
    assert_eq!((cost.calls, cost.creates, cost.deletes, cost.residents), (2, 0, 0, 1));
    let drill = Situation { emergency: Some((Disaster::Earthquake, Mode::Drill)), ..calm() };
    let drill = program.desired(&drill, &menus, &with);
    assert_eq!(drill.sheets.len(), 15 + 6);
    assert_eq!(drill.default, calm_state.default);
}

#[test]
fn testers_try_out_what_nobody_else_sees() {
    let mut one = Standing { trial: Some(STAFF), choice: Some(EASY), ..Standing::default() };
    assert_eq!(of(calm(), &one, &[]).0, EASY, "no tester");
    one.tester = true;
    assert_eq!(of(calm(), &one, &[]), (STAFF, "試験者が、公開の前にためしているため".into()));
    let quake = Situation { emergency: Some((Disaster::Earthquake, Mode::Real)), ..calm() };
    assert_eq!(of(quake, &one, &[]).0, QUAKE, "what is meant comes first");
}

#[test]
fn a_draft_decides_for_testers_but_in_no_emergency_that_is_meant() {
    let (program, draft) = (program(), Program::new(CHILD));
    let quake = |mode| Situation { emergency: Some((Disaster::Earthquake, mode)), ..calm() };
    let base = |situation: Situation, tester, tried| {
        let standing = Standing { tester, ..Standing::default() };
        program.deciding(tried, &situation, &standing).base
    };
    let tried = Some(&draft);
    assert_eq!([false, true].map(|tester| base(calm(), tester, tried)), [BASE, CHILD]);
    assert_eq!(base(quake(Mode::Drill), true, tried), CHILD);
    assert_eq!(base(quake(Mode::Real), true, tried), BASE);
    assert_eq!(base(calm(), true, None), BASE);
}

#[test]
fn what_a_rule_did_ends_when_it_says() {
    let mut one = Standing::default();
    assert_eq!(program().rule_ends(&one), None);
    one.switched = Some((7, Timestamp(99 * HOUR)));
    assert_eq!(program().rule_ends(&one), Some(Timestamp(101 * HOUR)));
    one.switched = Some((8, Timestamp(99 * HOUR)));
    assert_eq!(program().rule_ends(&one), None);
}

#[test]
fn taps_are_counted_under_what_the_menu_is_shown_as() {
    let as_what = |menu| program().shown_as(menu);
    assert_eq!([BASE, CHILD, STAFF].map(as_what), ["ふだん", "子育て世帯", "中央区"]);
    assert_eq!([QUAKE, EASY].map(as_what), ["緊急：地震", "緊急：地震（やさしい日本語）"]);
    assert_eq!(as_what(MenuId(99)), "そのほか");
}
