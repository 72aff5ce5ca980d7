//! Rich menus at LINE: published, kept up, switched, in emergencies and back.

use crate::line::{Line, platform_by, until};
use crate::support::{Test, both};
use domain::attribute::{Attribute, Choice, Kind};
use domain::audience::Audience;
use domain::id::{AttributeId, ChoiceId, MenuId, ResidentId};
use domain::menu::program::{Period, Prepared, Rule, Then, Trigger, Variant};
use domain::menu::render::{Key, parse_name};
use domain::menu::{Act, Area, Disaster, Doing, Menu, Mode, Program, Sheet, SheetKey, Size};
use domain::time::HOUR;
use line::UserId;
use line::rich_menu::BulkLink;
use sandbox::{Config, Faults};
use serde_json::{Value, json};
use services::menu::{back, declare, forecast, publishing, seen_by};
use std::collections::{BTreeMap, BTreeSet};

const SMALL: Size = Size { width: 1_000, height: 400 };

/// A menu of so many sheets, each with a tab to the next.
async fn written(t: &Test, name: &str, sheets: u16) -> Menu {
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

async fn published(t: &Test, name: &str, sheets: u16) -> MenuId {
    let menu = written(t, name, sheets).await;
    let id = store::menu::create(&t.ctx, &menu).await.unwrap();
    services::menu::publish(&t.ctx, id, 1).await.unwrap();
    id
}

async fn program(t: &Test, program: &Program) {
    let seen = services::menu::program(&t.ctx).await.unwrap().version;
    let now = services::menu::save_program(&t.ctx, seen, program).await.unwrap();
    services::menu::publish_program(&t.ctx, now).await.unwrap();
}

/// Waits until LINE is as it is to be, and the worker says so.
async fn settled(line: &Line) {
    let ctx = line.platform.system();
    until("LINE is as it is to be", async || {
        publishing(&ctx).await.unwrap().doing == Doing::Idle
            && store::menu::heard(&ctx).await.unwrap().is_empty()
            && forecast(&line.platform, &ctx).await.is_ok_and(|f| f.cost.calls == 0)
            && line.links().await["waiting"] == 0
    })
    .await;
}

impl Line {
    async fn json(&self, path: &str) -> Value {
        let url = format!("{}/_sandbox/{path}", self.sandbox.url());
        reqwest::get(url).await.unwrap().json().await.unwrap()
    }

    async fn links(&self) -> Value {
        self.json("menus/links").await
    }

    /// The menus at LINE by what they stand for; others' under their names.
    async fn at_line(&self) -> BTreeMap<String, Value> {
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
    async fn shows(&self, user: UserId) -> Option<(String, Value)> {
        let install = store::menu::install(&self.platform.system()).await.unwrap();
        let seen = self.json(&format!("residents/{user}/menu")).await;
        let name = seen["seen"]["menu"]["name"].as_str()?;
        let key = parse_name(&install, name)?.0;
        Some((label(key), seen["seen"].clone()))
    }

    /// Whether every phone shows what the program says.
    async fn all_as_they_should(&self, users: &[UserId]) {
        let ctx = self.platform.system();
        for user in users {
            let id = store::resident::find(&ctx, user.as_bytes()).await.unwrap().unwrap();
            let should = seen_by(&self.platform, &ctx, id).await.unwrap().unwrap();
            let shows = self.shows(*user).await.unwrap().0;
            assert_eq!(shows, label(should.key()), "{:?}", should.reason);
        }
    }
}

fn label(key: Key) -> String {
    let drill = if key.mode == Mode::Drill { "d" } else { "" };
    format!("{}-{}{drill}", key.menu, key.sheet.0)
}

fn keys(at_line: &BTreeMap<String, Value>) -> Vec<&str> {
    at_line.keys().map(String::as_str).collect()
}

async fn resident(line: &Line, user: UserId) -> ResidentId {
    store::resident::find(&line.platform.system(), user.as_bytes()).await.unwrap().unwrap()
}

/// 「子育て」: some of the residents chose it.
async fn with_children(t: &Test, line: &Line, users: &[UserId]) {
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

fn variant(menu: MenuId) -> Variant {
    let audience = serde_json::from_value(json!({"attribute": "child", "is": ["yes"]})).unwrap();
    Variant { name: "子育て".into(), audience, menu, period: Period::default() }
}

/// Residents who were on a sheet: LINE has it as their own.
async fn on_tab(line: &Line, key: Key, users: &[UserId]) {
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

fn real(menu: MenuId, sheet: u16) -> Key {
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
        assert_eq!(forecast(&line.platform, &t.ctx).await.unwrap().cost.creates, 3);
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
        services::menu::publish(&t.ctx, base, 1).await.unwrap();
        settled(&line).await;
        assert_eq!(line.at_line().await, first);

        // Another content: new menus, the old ones gone, tabs lead on.
        let mut menu = services::menu::get(&t.ctx, base).await.unwrap().draft;
        menu.sheets[1].areas[2].label = "新しい項目".into();
        services::menu::save(&t.ctx, base, 1, &menu).await.unwrap();
        services::menu::publish(&t.ctx, base, 2).await.unwrap();
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
        // Killed whenever something has become different at LINE, until it is done.
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
                done = forecast(&line.platform, &t.ctx).await.is_ok_and(|f| f.cost.calls == 0);
                done
            })
            .await;
            line.kill();
            if done {
                break;
            }
        }
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
fn five_thousand_go_to_the_emergency_and_back_to_their_tabs() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        line.faults(Faults { menu_delay_ms: 100, ..Faults::default() });
        let users = line.friends(5_000).await;
        with_children(&t, &line, &users[..60]).await;
        let base = published(&t, "ふだん", 2).await;
        let [child, quake, easy] = [
            published(&t, "子育て", 1).await,
            published(&t, "地震", 1).await,
            published(&t, "地震（子育て）", 1).await,
        ];
        let prepared =
            Prepared { disaster: Disaster::Earthquake, menu: quake, variants: vec![variant(easy)] };
        let wanted = Program {
            variants: vec![variant(child)],
            emergencies: vec![prepared],
            ..Program::new(base)
        };
        program(&t, &wanted).await;
        line.menus("a");
        settled(&line).await;
        on_tab(&line, real(base, 2), &users[50..650]).await;
        settled(&line).await;
        let before = line.json("menus").await;
        let count = |links: &Value, at: &BTreeMap<String, Value>, key: Key| {
            links["linked"][at[&label(key)]["rich_menu_id"].as_str().unwrap()].as_u64().unwrap_or(0)
        };
        let at = line.at_line().await;
        // Ten of them have a variant, which knows no second sheet.
        let calm = line.links().await;
        assert_eq!(
            (count(&calm, &at, real(child, 1)), count(&calm, &at, real(base, 2))),
            (60, 590)
        );

        let forecast = services::menu::foreseen(
            &line.platform,
            &t.ctx,
            Some((Disaster::Earthquake, Mode::Real)),
        )
        .await
        .unwrap();
        assert_eq!((forecast.cost.creates, forecast.friends, forecast.affected), (0, 5_000, 5_000));
        assert!(forecast.cost.calls < 10, "{forecast:?}");
        assert!(matches!(
            declare(&line.platform, &t.ctx, Disaster::Snow, Mode::Real).await,
            Err(services::Error::Invalid(_))
        ));
        declare(&line.platform, &t.ctx, Disaster::Earthquake, Mode::Real).await.unwrap();
        settled(&line).await;
        let links = line.links().await;
        assert_eq!(count(&links, &at, real(easy, 1)), 60);
        assert_eq!(links["friends_without"], 4_940);
        assert_eq!(line.at_line().await[&label(real(quake, 1))]["is_default"], true);
        line.all_as_they_should(&users[40..70]).await;

        assert!(back(&line.platform, &t.ctx, Mode::Real).await.unwrap());
        assert!(!back(&line.platform, &t.ctx, Mode::Real).await.unwrap());
        settled(&line).await;
        let links = line.links().await;
        assert_eq!(
            (count(&links, &at, real(child, 1)), count(&links, &at, real(base, 2))),
            (60, 590)
        );
        line.all_as_they_should(&users[40..70]).await;
        line.all_as_they_should(&users[640..660]).await;
        let after = line.json("menus").await;
        let ids = |menus: &Value| -> BTreeSet<String> {
            menus.as_array().unwrap().iter().map(|m| m["rich_menu_id"].to_string()).collect()
        };
        assert_eq!(ids(&after), ids(&before), "an emergency creates and deletes nothing");
        line.end().await;
    });
}

#[test]
fn a_drill_reaches_testers_alone() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        let users = line.friends(20).await;
        for user in &users[..3] {
            let id = resident(&line, *user).await;
            store::resident::set_tester(&t.ctx, id, Some("試験")).await.unwrap();
        }
        let base = published(&t, "ふだん", 1).await;
        let quake = published(&t, "地震", 1).await;
        let prepared = Prepared { disaster: Disaster::Earthquake, menu: quake, variants: vec![] };
        program(&t, &Program { emergencies: vec![prepared], ..Program::new(base) }).await;
        line.menus("a");
        settled(&line).await;
        let calm = line.at_line().await;
        declare(&line.platform, &t.ctx, Disaster::Earthquake, Mode::Drill).await.unwrap();
        settled(&line).await;
        let drill = Key { mode: Mode::Drill, ..real(quake, 1) };
        for (i, user) in users.iter().enumerate() {
            let (shows, seen) = line.shows(*user).await.unwrap();
            assert_eq!(shows == label(drill), i < 3, "{i}");
            assert_eq!(seen["menu"]["chatBarText"].as_str().unwrap().contains("訓練"), i < 3);
        }
        // One more becomes a tester, one is none any more.
        let ids = [resident(&line, users[3]).await, resident(&line, users[0]).await];
        store::resident::set_tester(&t.ctx, ids[0], Some("試験")).await.unwrap();
        store::resident::set_tester(&t.ctx, ids[1], None).await.unwrap();
        settled(&line).await;
        line.all_as_they_should(&users[..5]).await;
        assert_eq!(line.shows(users[3]).await.unwrap().0, label(drill));
        back(&line.platform, &t.ctx, Mode::Drill).await.unwrap();
        settled(&line).await;
        assert_eq!(line.links().await["linked"], json!({}));
        assert_eq!(keys(&line.at_line().await), keys(&calm));
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
fn residents_switch_by_what_they_do() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        let users = line.friends(4).await;
        with_children(&t, &line, &[]).await;
        let base = published(&t, "ふだん", 2).await;
        let staff = published(&t, "職員", 1).await;
        let easy = published(&t, "やさしい", 1).await;
        let rule =
            |key, when, then| Rule {
                key, name: format!("決まり{key}"), when, then, hours: None
            };
        let registered = Trigger::Registered { attribute: "child".into(), is: vec!["yes".into()] };
        let wanted = Program {
            choices: vec![easy],
            rules: vec![
                rule(1, Trigger::Said("職員".into()), Then::Show(staff)),
                rule(2, Trigger::Said("もどる".into()), Then::Back),
                rule(3, registered, Then::Show(easy)),
            ],
            ..Program::new(base)
        };
        program(&t, &wanted).await;
        line.menus("a");
        settled(&line).await;
        let ctx = line.platform.system();
        let say = async |i: usize, text: &str| {
            let id = resident(&line, users[i]).await;
            services::menu::said(&line.platform, &ctx, id, text).await.unwrap()
        };
        let shows = async |i: usize, key: Key| {
            until("the phone shows it", async || {
                line.shows(users[i]).await.is_some_and(|(shown, _)| shown == label(key))
            })
            .await;
        };
        assert_eq!(say(0, " 職員 ").await, None);
        shows(0, real(staff, 1)).await;
        say(0, "もどる").await;
        shows(0, real(base, 1)).await;
        let answers = [("child".to_owned(), vec!["yes".to_owned()])].into();
        let second = resident(&line, users[1]).await;
        services::menu::registered(&line.platform, &ctx, second, &answers).await.unwrap();
        shows(1, real(easy, 1)).await;

        // Their own choice, offered in the talk.
        let offered = say(2, "メニューを選ぶ").await.unwrap();
        let offered = serde_json::to_value(&offered).unwrap();
        let data = offered[0]["quickReply"]["items"][0]["action"]["data"].as_str().unwrap();
        let third = resident(&line, users[2]).await;
        let post = async |data: &str, params: Option<Value>| {
            let now = ctx.now();
            services::menu::postback(&line.platform, &ctx, third, data, params.as_ref(), now)
                .await
                .unwrap()
        };
        assert!(post(data, None).await.is_some());
        shows(2, real(easy, 1)).await;
        assert!(post(&format!("menu-choice:{staff}"), None).await.is_some(), "not offered");
        shows(2, real(easy, 1)).await;
        post("menu-choice:", None).await;
        shows(2, real(base, 1)).await;

        // A tab: LINE has switched by itself, and nobody is linked again.
        let (_, seen) = line.shows(users[2]).await.unwrap();
        let action = &seen["menu"]["areas"][0]["action"];
        assert_eq!(action["type"], "richmenuswitch");
        let client = reqwest::Client::builder().build().unwrap();
        let url = format!("{}/_sandbox/residents/{}/menu/tap", line.sandbox.url(), users[2]);
        client
            .post(url)
            .json(&json!({"area": 0}))
            .send()
            .await
            .unwrap()
            .error_for_status()
            .unwrap();
        let params = json!({"newRichMenuAliasId": action["richMenuAliasId"], "status": "SUCCESS"});
        post(action["data"].as_str().unwrap(), Some(params)).await;
        settled(&line).await;
        shows(2, real(base, 2)).await;
        line.all_as_they_should(&users).await;
        let lines = store::menu::lines(&ctx).await.unwrap();
        assert!(lines.unsure.is_empty());

        // Taps are counted, those on pages by the detour.
        let open = seen["menu"]["areas"][1]["action"]["uri"].as_str().unwrap();
        let token = open.strip_prefix("http://127.0.0.1:3000/r/").unwrap();
        for _ in 0..3 {
            let leads = services::link::follow(&line.platform, &ctx, token, true).await.unwrap();
            assert_eq!(leads, services::link::Leads::To("https://city.example/1".into()));
        }
        services::link::flush(&line.platform).await.unwrap();
        let today = ctx.now().date();
        let counted = services::menu::taps(&ctx, base, today, today).await.unwrap();
        let counted: Vec<_> =
            counted.iter().map(|c| (c.sheet.0, c.area, c.variant.as_str(), c.taps)).collect();
        assert_eq!(counted, [(1, 1, "ふだん", 1), (1, 2, "ふだん", 3)]);

        // On a PC there is no menu: it is asked for.
        let cards = serde_json::to_value(say(0, "メニュー").await.unwrap()).unwrap();
        assert_eq!(cards[0]["type"], "flex");
        assert_eq!(cards[0]["contents"]["contents"].as_array().unwrap().len(), 2);
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
        services::menu::try_out(&t.ctx, base, 2).await.unwrap();
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
fn planned_changes_and_the_ends_of_rules_come_by_themselves() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        line.platform = platform_by(&t, &line.sandbox.url(), None);
        let users = line.friends(2).await;
        let base = published(&t, "ふだん", 1).await;
        let spring = published(&t, "春", 1).await;
        let staff = published(&t, "職員", 1).await;
        let rule = Rule {
            key: 1,
            name: "職員".into(),
            when: Trigger::Said("職員".into()),
            then: Then::Show(staff),
            hours: Some(1),
        };
        let change = Variant {
            name: "春".into(),
            audience: Audience::Everyone,
            menu: spring,
            period: Period { from: Some(t.ctx.now().plus(2 * HOUR)), until: None },
        };
        let wanted = Program { variants: vec![change], rules: vec![rule], ..Program::new(base) };
        program(&t, &wanted).await;
        line.menus("a");
        settled(&line).await;
        let shows = async |i: usize, menu: MenuId| {
            until("the phone shows it", async || {
                line.shows(users[i]).await.is_some_and(|(shown, _)| shown == label(real(menu, 1)))
            })
            .await;
        };
        let first = resident(&line, users[0]).await;
        services::menu::said(&line.platform, &t.ctx, first, "職員").await.unwrap();
        shows(0, staff).await;
        shows(1, base).await;
        t.later(HOUR + 1);
        shows(0, base).await;
        t.later(HOUR);
        shows(0, spring).await;
        shows(1, spring).await;
        settled(&line).await;
        line.end().await;
    });
}
