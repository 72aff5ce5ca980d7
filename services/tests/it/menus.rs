//! Rich menus at LINE: published and kept up.

use crate::line::{Line, platform_by, until};
use crate::support::{Test, both};
use domain::attribute::{Attribute, Choice, Kind};
use domain::id::{AttributeId, ChoiceId, MenuId, ResidentId};
use domain::menu::program::{Period, Prepared, Variant};
use domain::menu::render::{Key, parse_name};
use domain::menu::{Act, Area, Disaster, Doing, Menu, Mode, Program, Sheet, SheetKey, Size};
use domain::time::HOUR;
use line::UserId;
use line::rich_menu::BulkLink;
use sandbox::{Config, Faults};
use serde_json::{Value, json};
use services::menu::{forecast, publishing, seen_by};
use std::collections::{BTreeMap, BTreeSet};

const SMALL: Size = Size { width: 1_000, height: 400 };

/// A menu of so many sheets, each with a tab to the next.
pub async fn written(t: &Test, name: &str, sheets: u16) -> Menu {
    let department = store::staff::department(&t.ctx, "広報課").await.unwrap();
    let mut menu = Menu::new(name, department);
    menu.sheets.clear();
    for n in 1..=sheets {
        let mut sheet = Sheet::new(SheetKey(n), format!("{n}枚目"), SMALL);
        for (i, area) in sheet.areas.iter_mut().enumerate() {
            let act = match i {
                0 if sheets > 1 => Act::Tab(SheetKey(n % sheets + 1)),
                1 => Act::Open(format!("https://city.example/{n}")),
                _ => Act::Say(format!("項目{i}")),
            };
            *area = Area { label: format!("項目{i}"), act, ..Area::new(area.key) };
        }
        menu.sheets.push(sheet);
    }
    menu
}

pub async fn published(t: &Test, name: &str, sheets: u16) -> MenuId {
    let menu = written(t, name, sheets).await;
    let id = store::menu::create(&t.ctx, &menu).await.unwrap();
    store::menu::publish(&t.ctx, id, 1).await.unwrap();
    id
}

pub async fn program(t: &Test, program: &Program) {
    let seen = services::menu::program(&t.ctx).await.unwrap().version;
    let now = services::menu::save_program(&t.ctx, seen, program).await.unwrap();
    services::menu::publish_program(&t.ctx, now).await.unwrap();
}

/// Whether LINE is as it is to be, and the worker says so.
pub async fn is_settled(line: &Line) -> bool {
    let ctx = line.platform.system();
    publishing(&ctx).await.unwrap().doing == Doing::Idle
        && store::menu::heard(&ctx).await.unwrap().is_empty()
        && forecast(&line.platform, &ctx).await.is_ok_and(|f| f.cost.calls == 0)
        && line.links().await["waiting"] == 0
}

/// Waits until it is.
pub async fn settled(line: &Line) {
    until("LINE is as it is to be", async || is_settled(line).await).await;
}

impl Line {
    pub async fn json(&self, path: &str) -> Value {
        let url = format!("{}/_sandbox/{path}", self.sandbox.url());
        reqwest::get(url).await.unwrap().json().await.unwrap()
    }

    pub async fn links(&self) -> Value {
        self.json("menus/links").await
    }

    /// The menus at LINE by what they stand for; others' under their names.
    pub async fn at_line(&self) -> BTreeMap<String, Value> {
        let install = store::menu::install(&self.platform.system()).await.unwrap();
        let menus = self.json("menus").await;
        menus
            .as_array()
            .unwrap()
            .iter()
            .map(|m| {
                let name = m["name"].as_str().unwrap();
                let key = parse_name(&install, name).map(|(key, _)| label(key));
                (key.unwrap_or_else(|| name.to_owned()), m.clone())
            })
            .collect()
    }

    /// What a resident's phone shows.
    pub async fn shows(&self, user: UserId) -> Option<(String, Value)> {
        let install = store::menu::install(&self.platform.system()).await.unwrap();
        let seen = self.json(&format!("residents/{user}/menu")).await;
        let name = seen["seen"]["menu"]["name"].as_str()?;
        let key = parse_name(&install, name)?.0;
        Some((label(key), seen["seen"].clone()))
    }

    /// Whether every phone shows what the program says.
    pub async fn all_as_they_should(&self, users: &[UserId]) {
        let ctx = self.platform.system();
        for user in users {
            let id = store::resident::find(&ctx, user.as_bytes()).await.unwrap().unwrap();
            let should = seen_by(&self.platform, &ctx, id).await.unwrap().unwrap();
            let shows = self.shows(*user).await.unwrap().0;
            assert_eq!(shows, label(should.key()), "{:?}", should.reason);
        }
    }
}

pub fn label(key: Key) -> String {
    let drill = if key.mode == Mode::Drill { "d" } else { "" };
    format!("{}-{}{drill}", key.menu, key.sheet.0)
}

pub fn keys(at_line: &BTreeMap<String, Value>) -> Vec<&str> {
    at_line.keys().map(String::as_str).collect()
}

pub async fn resident(line: &Line, user: UserId) -> ResidentId {
    store::resident::find(&line.platform.system(), user.as_bytes()).await.unwrap().unwrap()
}

/// 「子育て」: some of the residents chose it.
pub async fn with_children(t: &Test, line: &Line, users: &[UserId]) {
    let choice = Choice {
        id: ChoiceId(0),
        key: "yes".into(),
        label: "子どもがいる".into(),
        parent: None,
        hidden: false,
    };
    let attribute = Attribute {
        id: AttributeId(0),
        key: "child".into(),
        label: "子ども".into(),
        kind: Kind::Single,
        hint: String::new(),
        required: false,
        personal: false,
        hidden: false,
        choices: vec![choice],
    };
    store::attribute::create(&t.ctx, attribute).await.unwrap();
    for user in users {
        let id = resident(line, *user).await;
        store::resident::set_attribute(&t.ctx, id, "child", "yes", false).await.unwrap();
    }
}

pub fn variant(menu: MenuId) -> Variant {
    let audience = serde_json::from_value(json!({"attribute": "child", "is": ["yes"]})).unwrap();
    Variant { name: "子育て".into(), audience, menu, period: Period::default() }
}

/// Residents who were on a sheet: LINE has it as their own.
pub async fn on_tab(line: &Line, key: Key, users: &[UserId]) {
    let ctx = line.platform.system();
    let menu = line.at_line().await[&label(key)]["rich_menu_id"].as_str().unwrap().to_owned();
    for piece in users.chunks(500) {
        let bulk = BulkLink { rich_menu_id: menu.clone(), user_ids: piece.to_vec() };
        line.platform.line.link_rich_menu_to_many(&bulk).await.unwrap();
    }
    for user in users {
        let id = resident(line, *user).await;
        store::menu::tab(&ctx, id, key, ctx.now()).await.unwrap();
    }
}

pub fn real(menu: MenuId, sheet: u16) -> Key {
    Key { menu, sheet: SheetKey(sheet), mode: Mode::Real }
}

#[test]
fn published_from_nothing_and_published_again_changes_nothing() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        let hand = json!({"size": {"width": 1000, "height": 400}, "selected": false, "name": "手で作ったメニュー", "chatBarText": "手", "areas": []});
        let hand = serde_json::from_value(hand).unwrap();
        line.platform.line.create_rich_menu(&hand).await.unwrap();
        let users = line.friends(3).await;
        let base = published(&t, "ふだん", 3).await;
        assert_eq!(
            forecast(&line.platform, &line.platform.system()).await.unwrap().cost.creates,
            3
        );
        line.menus("a");
        settled(&line).await;
        let first = line.at_line().await;
        let all = [1, 2, 3].map(|n| label(real(base, n)));
        assert_eq!(keys(&first), [&all[0], &all[1], &all[2], "手で作ったメニュー"]);
        for key in &all {
            assert_eq!(
                (&first[key]["has_picture"], first[key]["aliases"].as_array().unwrap().len()),
                (&json!(true), 1)
            );
        }
        assert_eq!(first[&all[0]]["is_default"], true);
        assert_eq!(line.shows(users[0]).await.unwrap().0, all[0]);
        let said = publishing(&t.ctx).await.unwrap();
        assert_eq!((said.foreign, said.error), (vec!["手で作ったメニュー".to_owned()], None));

        // Once more the same: LINE is looked at, and nothing is called that changes.
        services::menu::publish(&line.platform, &t.ctx, base, 1).await.unwrap();
        settled(&line).await;
        assert_eq!(line.at_line().await, first);

        // Another content: new menus, the old ones gone, tabs lead on.
        let mut menu = services::menu::get(&t.ctx, base).await.unwrap().draft;
        menu.sheets[1].areas[2].label = "新しい項目".into();
        services::menu::save(&t.ctx, base, 1, &menu).await.unwrap();
        services::menu::publish(&line.platform, &t.ctx, base, 2).await.unwrap();
        settled(&line).await;
        let second = line.at_line().await;
        assert_eq!(keys(&second), keys(&first));
        assert_ne!(second[&all[1]]["rich_menu_id"], first[&all[1]]["rich_menu_id"]);
        assert_eq!(second[&all[0]], first[&all[0]]);
        assert_eq!(second[&all[1]]["aliases"], first[&all[1]]["aliases"]);
        line.end().await;
    });
}

#[test]
fn a_publication_that_is_cut_off_anywhere_is_finished_by_the_next() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        let users = line.friends(8).await;
        with_children(&t, &line, &users[..2]).await;
        let base = published(&t, "ふだん", 2).await;
        let child = published(&t, "子育て", 1).await;
        program(&t, &Program { variants: vec![variant(child)], ..Program::new(base) }).await;
        // Killed whenever something has become different at LINE, until it is done. LINE takes its
        // time for every call, so that what is in between is seen, and is asked for nothing beside
        // the worker's own calls before the worker says that it is done.
        line.faults(Faults { latency_ms: 100, ..Faults::default() });
        let mut states = BTreeSet::new();
        let state = async |line: &Line| line.json("menus").await.to_string();
        states.insert(state(&line).await);
        for _ in 0..40 {
            line.menus("a");
            let mut done = false;
            until("something happens", async || {
                if states.insert(state(&line).await) {
                    return true;
                }
                let ctx = line.platform.system();
                done = publishing(&ctx).await.unwrap().doing == Doing::Idle
                    && forecast(&line.platform, &ctx).await.is_ok_and(|f| f.cost.calls == 0);
                done
            })
            .await;
            line.kill();
            if done {
                break;
            }
        }
        line.faults(Faults::default());
        assert!(states.len() > 3, "it was cut off {} times", states.len());
        line.menus("a");
        settled(&line).await;
        let at_line = line.at_line().await;
        assert_eq!(line.json("menus").await.as_array().unwrap().len(), 3, "no double");
        assert_eq!(at_line.len(), 3);
        assert_eq!(line.links().await["linked"].as_object().unwrap().len(), 1);
        line.all_as_they_should(&users).await;
        line.end().await;
    });
}

#[test]
fn what_line_refuses_for_a_while_is_done_later() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        let users = line.friends(30).await;
        with_children(&t, &line, &users[..10]).await;
        line.faults(Faults {
            menu_rate_429: 0.1,
            menu_rate_500: 0.05,
            menu_rate_500_accepted: 0.05,
            menu_lost_links: 0.3,
            menu_delay_ms: 50,
            ..Faults::default()
        });
        let base = published(&t, "ふだん", 1).await;
        let child = published(&t, "子育て", 1).await;
        program(&t, &Program { variants: vec![variant(child)], ..Program::new(base) }).await;
        line.menus("a");
        let links = async || {
            let links = line.links().await;
            links["linked"].as_object().unwrap().values().filter_map(Value::as_u64).sum::<u64>()
        };
        until("some are linked", async || links().await > 0).await;
        line.faults(Faults { menu_delay_ms: 50, ..Faults::default() });
        // What was accepted and lost is found by asking for a sample.
        until("all are linked", async || links().await == 10).await;
        settled(&line).await;
        line.all_as_they_should(&users).await;
        line.end().await;
    });
}

#[test]
fn the_hundred_an_hour_are_waited_for() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        line.platform = platform_by(&t, &line.sandbox.url(), None);
        line.friends(2).await;
        let base = published(&t, "ふだん", 1).await;
        for _ in 0..100 {
            assert_eq!(store::menu::spend(&t.ctx, store::menu::Spent::Create).await.unwrap(), None);
        }
        line.menus("a");
        until("it waits", async || publishing(&t.ctx).await.unwrap().doing == Doing::Waiting).await;
        let said = publishing(&t.ctx).await.unwrap();
        assert_eq!(said.until, Some(t.ctx.now().plus(HOUR + 1)));
        assert!(line.at_line().await.is_empty());
        t.later(HOUR + 1);
        settled(&line).await;
        assert_eq!(keys(&line.at_line().await), [&label(real(base, 1))]);
        line.end().await;
    });
}

#[test]
fn testers_see_it_first() {
    both(async |t| {
        let mut line = Line::with(&t, Config::for_tests()).await;
        let users = line.friends(3).await;
        let tester = resident(&line, users[0]).await;
        store::resident::set_tester(&t.ctx, tester, Some("試験")).await.unwrap();
        let base = published(&t, "ふだん", 1).await;
        line.menus("a");
        settled(&line).await;
        let mut menu = services::menu::get(&t.ctx, base).await.unwrap().draft;
        menu.bar = "ためし".into();
        services::menu::save(&t.ctx, base, 1, &menu).await.unwrap();
        services::menu::try_out(&line.platform, &t.ctx, base, 2).await.unwrap();
        settled(&line).await;
        let bar = async |i: usize| {
            line.shows(users[i]).await.unwrap().1["menu"]["chatBarText"]
                .as_str()
                .unwrap()
                .to_owned()
        };
        assert_eq!((bar(0).await, bar(1).await), ("ためし".to_owned(), "メニュー".to_owned()));
        services::menu::end_trial(&t.ctx, base).await.unwrap();
        settled(&line).await;
        assert_eq!(bar(0).await, "メニュー");
        assert_eq!(line.at_line().await.len(), 1);
        line.end().await;
    });
}

#[test]
fn menus_are_published_with_the_program_that_names_them() {
    both(async |t| {
        let line = Line::with(&t, Config::for_tests()).await;
        let platform = &line.platform;
        let base = published(&t, "ふだん", 1).await;
        let ready = written(&t, "地震のとき", 1).await;
        let ready = store::menu::create(&t.ctx, &ready).await.unwrap();
        let mut begun = written(&t, "書きかけ", 1).await;
        begun.sheets[0].areas[0].act = Act::None;
        let begun = store::menu::create(&t.ctx, &begun).await.unwrap();
        let quake = Prepared { disaster: Disaster::Earthquake, menu: ready, variants: vec![] };
        let named = Program { emergencies: vec![quake], ..Program::new(base) };
        let more = Program { choices: vec![begun], ..named.clone() };
        let seen = services::menu::program(&t.ctx).await.unwrap().version;
        let seen = services::menu::save_program(&t.ctx, seen, &more).await.unwrap();
        let waiting = services::menu::unpublished(&t.ctx).await.unwrap();
        let told: Vec<_> = waiting.iter().map(|m| (m.id, m.fits, m.may_publish)).collect();
        assert_eq!(told, [(ready, true, true), (begun, false, true)]);
        let menus = [(ready, 1), (begun, 1)];
        let refused = services::menu::publish_program_with(platform, &t.ctx, seen, &menus).await;
        let Err(services::Error::Invalid(problems)) = refused else { panic!("{refused:?}") };
        assert!(problems[0].message.starts_with("メニュー「書きかけ」："), "{problems:?}");
        // Nor is the one that is ready published: neither then nor where the other one, or the
        // program, was changed meanwhile.
        let mended = written(&t, "書きかけ", 1).await;
        services::menu::save(&t.ctx, begun, 1, &mended).await.unwrap();
        let refused = services::menu::publish_program_with(platform, &t.ctx, seen, &menus).await;
        let Err(services::Error::Conflict(words)) = refused else { panic!("{refused:?}") };
        assert!(words.starts_with("メニュー「書きかけ」："), "{words}");
        let menus = [(ready, 1), (begun, 2)];
        let former = seen - 1;
        let refused = services::menu::publish_program_with(platform, &t.ctx, former, &menus).await;
        assert!(matches!(refused, Err(services::Error::Conflict(_))), "{refused:?}");
        let waiting = services::menu::unpublished(&t.ctx).await.unwrap();
        let told: Vec<_> = waiting.iter().map(|m| (m.id, m.version)).collect();
        assert_eq!(told, menus);
        assert_eq!(services::menu::versions(&t.ctx, ready).await.unwrap(), []);

        // What it costs includes them.
        let seen = services::menu::save_program(&t.ctx, seen, &named).await.unwrap();
        let forecast = services::menu::foreseen_program(platform, &t.ctx).await.unwrap();
        assert!(forecast.cost.creates > 1, "{forecast:?}");
        let menus = [(ready, 1)];
        services::menu::publish_program_with(platform, &t.ctx, seen, &menus).await.unwrap();
        assert_eq!(services::menu::unpublished(&t.ctx).await.unwrap(), []);
        let kept = services::menu::program(&t.ctx).await.unwrap();
        assert_eq!(kept.published, Some(named));
        line.end().await;
    });
}

#[test]
fn testers_see_even_the_first_menu_before_everybody() {
    both(async |t| {
        let mut line = Line::with(&t, Config::for_tests()).await;
        let users = line.friends(2).await;
        let tester = resident(&line, users[0]).await;
        let menu = written(&t, "はじめて", 1).await;
        let first = store::menu::create(&t.ctx, &menu).await.unwrap();
        line.menus("a");
        let nobody = services::menu::try_out(&line.platform, &t.ctx, first, 1).await;
        assert!(matches!(nobody, Err(services::Error::Invalid(p)) if p[0].at == "testers"));
        store::resident::set_tester(&t.ctx, tester, Some("試験")).await.unwrap();
        services::menu::try_out(&line.platform, &t.ctx, first, 1).await.unwrap();
        until("the tester's phone shows it", async || line.shows(users[0]).await.is_some()).await;
        settled(&line).await;
        assert_eq!(line.shows(users[1]).await, None);
        // All others see it as soon as it is published, which is said before.
        let forecast = services::menu::foreseen_publication(&line.platform, &t.ctx, first);
        let forecast = forecast.await.unwrap();
        assert_eq!((forecast.friends, forecast.affected), (2, 1));
        services::menu::end_trial(&t.ctx, first).await.unwrap();
        settled(&line).await;
        assert_eq!(line.shows(users[0]).await, None);
        assert!(line.at_line().await.is_empty());
        let forecast = services::menu::foreseen_publication(&line.platform, &t.ctx, first);
        assert_eq!(forecast.await.unwrap().affected, 2);
        store::menu::publish(&t.ctx, first, 1).await.unwrap();
        settled(&line).await;
        line.all_as_they_should(&users).await;
        line.end().await;
    });
}

#[test]
fn who_loses_a_menu_of_their_own_is_counted_once() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        let users = line.friends(4).await;
        with_children(&t, &line, &users[..1]).await;
        let base = published(&t, "ふだん", 2).await;
        let [child, summer] = [published(&t, "子育て", 1).await, published(&t, "夏", 1).await];
        let now = Program { variants: vec![variant(child)], ..Program::new(base) };
        program(&t, &now).await;
        line.menus("a");
        settled(&line).await;
        on_tab(&line, real(base, 2), &users[1..2]).await;
        settled(&line).await;
        // Everybody but who has the variant sees another one then, whoever is on a tab included.
        let seen = services::menu::program(&t.ctx).await.unwrap().version;
        let then = Program { base: summer, ..now };
        services::menu::save_program(&t.ctx, seen, &then).await.unwrap();
        let forecast = services::menu::foreseen_program(&line.platform, &t.ctx).await.unwrap();
        assert_eq!((forecast.friends, forecast.affected, forecast.cost.residents), (4, 3, 1));
        line.end().await;
    });
}
