//! Everybody is switched to the menu of an emergency and back; a drill reaches testers alone.

use crate::line::{Line, platform_by, platform_with, until};
use crate::menus::{
    keys, label, on_tab, program, published, real, resident, settled, variant, with_children,
};
use crate::support::{Test, both};
use domain::id::MenuId;
use domain::menu::program::{Prepared, Rule, Then, Trigger};
use domain::menu::render::Key;
use domain::menu::{Disaster, Doing, Mode, Program};
use domain::time::SECOND;
use line::UserId;
use sandbox::Faults;
use serde_json::{Value, json};
use services::menu::{back, declare, publishing};
use std::collections::{BTreeMap, BTreeSet};

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
            Mode::Real,
            Some(Disaster::Earthquake),
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

/// Two tabs on ordinary days and in an earthquake, at LINE.
async fn two_tabs(t: &Test, line: &mut Line) -> (MenuId, MenuId) {
    let base = published(t, "ふだん", 2).await;
    let quake = published(t, "地震", 2).await;
    let prepared = Prepared { disaster: Disaster::Earthquake, menu: quake, variants: vec![] };
    program(t, &Program { emergencies: vec![prepared], ..Program::new(base) }).await;
    line.menus("a");
    settled(line).await;
    (base, quake)
}

/// A resident taps the first area, the tab to the next sheet; the webhook that tells of it is lost.
pub async fn tap(line: &Line, user: UserId) {
    let client = reqwest::Client::builder().build().unwrap();
    let url = format!("{}/_sandbox/residents/{user}/menu/tap", line.sandbox.url());
    let answer = client.post(url).json(&json!({"area": 0})).send().await.unwrap();
    assert!(answer.status().is_success());
}

/// A resident goes to the other tab, and nobody hears of it.
async fn tapped(line: &Line, user: UserId, to: Key) {
    tap(line, user).await;
    assert_eq!(line.shows(user).await.unwrap().0, label(to));
    let lines = store::menu::lines(&line.platform.system()).await.unwrap();
    assert!(lines.menus.values().all(|at| at.residents.is_empty()) && lines.unsure.is_empty());
}

#[test]
fn nobody_is_left_on_a_tab_of_which_nobody_heard() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        let users = line.friends(4).await;
        let (base, quake) = two_tabs(&t, &mut line).await;
        tapped(&line, users[0], real(base, 2)).await;
        // Who is no friend that we know of is switched, too.
        let unknown = line.sandbox.create_residents(1).unwrap()[0];
        tapped(&line, unknown, real(base, 2)).await;
        let to = Some(Disaster::Earthquake);
        let forecast = services::menu::foreseen(&line.platform, &t.ctx, Mode::Real, to);
        let forecast = forecast.await.unwrap();
        assert_eq!(forecast.cost.calls, 2, "the default, and one batch");
        declare(&line.platform, &t.ctx, Disaster::Earthquake, Mode::Real).await.unwrap();
        settled(&line).await;
        line.all_as_they_should(&users).await;
        for user in [users[0], unknown] {
            assert_eq!(line.shows(user).await.unwrap().0, label(real(quake, 1)));
        }
        // A tab of the emergency's may stay while it lasts.
        tapped(&line, users[1], real(quake, 2)).await;
        settled(&line).await;
        assert_eq!(line.shows(users[1]).await.unwrap().0, label(real(quake, 2)));
        assert!(back(&line.platform, &t.ctx, Mode::Real).await.unwrap());
        settled(&line).await;
        line.all_as_they_should(&users).await;
        assert_eq!(line.shows(users[1]).await.unwrap().0, label(real(base, 1)));
        assert_eq!(line.links().await["linked"], json!({}));
        line.end().await;
    });
}

#[test]
fn a_batch_that_line_did_not_do_for_all_is_asked_for_again() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        line.platform = platform_by(&t, &line.sandbox.url(), None);
        let users = line.friends(3).await;
        let (base, quake) = two_tabs(&t, &mut line).await;
        tapped(&line, users[0], real(base, 2)).await;
        line.faults(Faults { menu_lost_links: 1.0, menu_delay_ms: 0, ..Faults::default() });
        declare(&line.platform, &t.ctx, Disaster::Earthquake, Mode::Real).await.unwrap();
        settled(&line).await;
        assert_eq!(line.shows(users[0]).await.unwrap().0, label(real(base, 2)), "passed over");
        assert_eq!(line.shows(users[1]).await.unwrap().0, label(real(quake, 1)));
        line.faults(Faults { menu_delay_ms: 0, ..Faults::default() });
        until("LINE was asked, and goes on", async || {
            t.later(SECOND);
            line.platform.menus_ready.notify_one();
            line.shows(users[0]).await.unwrap().0 == label(real(quake, 1))
        })
        .await;
        line.all_as_they_should(&users).await;
        line.end().await;
    });
}

#[test]
fn what_a_batch_takes_from_who_got_it_meanwhile_is_given_again() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        line.platform = platform_by(&t, &line.sandbox.url(), None);
        let user = line.friends(1).await[0];
        let base = published(&t, "ふだん", 1).await;
        let [staff, quake] = [published(&t, "職員", 1).await, published(&t, "地震", 1).await];
        let prepared = Prepared { disaster: Disaster::Earthquake, menu: quake, variants: vec![] };
        let (when, then) = (Trigger::Said("職員".into()), Then::Show(staff));
        let rule = Rule { key: 1, name: "職員へ".into(), when, then, hours: None };
        let rules = vec![rule];
        program(&t, &Program { rules, emergencies: vec![prepared], ..Program::new(base) }).await;
        line.menus("a");
        settled(&line).await;
        // LINE takes the batch, and its time.
        line.faults(Faults { menu_delay_ms: 8_000, ..Faults::default() });
        declare(&line.platform, &t.ctx, Disaster::Earthquake, Mode::Real).await.unwrap();
        until("LINE has the batch", async || line.links().await["waiting"] == 1).await;
        assert!(back(&line.platform, &t.ctx, Mode::Real).await.unwrap());
        let (ctx, id) = (line.platform.system(), resident(&line, user).await);
        services::menu::said(&line.platform, &ctx, id, "職員").await.unwrap();
        let shows =
            async |key| line.shows(user).await.is_some_and(|(shown, _)| shown == label(key));
        until("the resident's own menu is there", async || shows(real(staff, 1)).await).await;
        until("LINE takes it away", async || shows(real(base, 1)).await).await;
        line.faults(Faults { menu_delay_ms: 0, ..Faults::default() });
        until("it is given again", async || {
            t.later(SECOND);
            line.platform.menus_ready.notify_one();
            shows(real(staff, 1)).await
        })
        .await;
        line.end().await;
    });
}

#[test]
fn what_a_batch_takes_late_is_given_again_though_the_way_back_needs_none() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        line.platform = platform_by(&t, &line.sandbox.url(), None);
        let users = line.friends(2).await;
        let base = published(&t, "ふだん", 1).await;
        let [staff, quake] = [published(&t, "職員", 1).await, published(&t, "地震", 1).await];
        let prepared = Prepared { disaster: Disaster::Earthquake, menu: quake, variants: vec![] };
        let (when, then) = (Trigger::Said("職員".into()), Then::Show(staff));
        let rule = Rule { key: 1, name: "職員へ".into(), when, then, hours: None };
        // Every menu is somebody's on ordinary days: on the way back nothing is to be taken away.
        let wanted = Program {
            rules: vec![rule],
            choices: vec![quake],
            emergencies: vec![prepared],
            ..Program::new(base)
        };
        program(&t, &wanted).await;
        line.menus("a");
        settled(&line).await;
        let (ctx, user) = (line.platform.system(), users[0]);
        let id = resident(&line, user).await;
        services::menu::said(&line.platform, &ctx, id, "職員").await.unwrap();
        let chooses = resident(&line, users[1]).await;
        store::menu::choose(&ctx, chooses, Some(quake)).await.unwrap();
        let shows = async |user: UserId, key| {
            line.shows(user).await.is_some_and(|(shown, _)| shown == label(key))
        };
        until("both have their own menus", async || {
            shows(user, real(staff, 1)).await && shows(users[1], real(quake, 1)).await
        })
        .await;
        settled(&line).await;
        line.faults(Faults { menu_delay_ms: 8_000, ..Faults::default() });
        declare(&line.platform, &t.ctx, Disaster::Earthquake, Mode::Real).await.unwrap();
        until("LINE has the batch", async || line.links().await["waiting"] == 1).await;
        assert!(back(&line.platform, &t.ctx, Mode::Real).await.unwrap());
        until("the menu is given back", async || shows(user, real(staff, 1)).await).await;
        // The sample finds nothing wrong: LINE has not come to the batch yet.
        let asked = async || {
            let path = format!("/v2/bot/user/{user}/richmenu");
            let wire = line.json("events?limit=2000").await;
            let about = |e: &&Value| e["method"] == "GET" && e["path"] == path.as_str();
            wire["events"].as_array().unwrap().iter().filter(about).count()
        };
        let before = asked().await;
        until("LINE was asked for a sample", async || {
            t.later(SECOND);
            line.platform.menus_ready.notify_one();
            asked().await > before
        })
        .await;
        until("LINE takes it away", async || shows(user, real(base, 1)).await).await;
        line.faults(Faults { menu_delay_ms: 0, ..Faults::default() });
        until("it is given again", async || {
            t.later(SECOND);
            line.platform.menus_ready.notify_one();
            shows(user, real(staff, 1)).await
        })
        .await;
        line.end().await;
    });
}

#[test]
fn an_emergency_waits_for_no_picture_of_another_menu() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        let users = line.friends(3).await;
        let (base, quake) = two_tabs(&t, &mut line).await;
        line.kill();
        // The host that takes pictures is away; calls to the other one go through.
        let url = line.sandbox.url();
        let without =
            |s: &mut services::Settings| s.line_data_api_url = "http://127.0.0.1:1".into();
        line.platform = platform_with(&t, &url, without);
        let mut menu = services::menu::get(&t.ctx, base).await.unwrap().draft;
        menu.sheets[1].areas[2].label = "新しい項目".into();
        services::menu::save(&t.ctx, base, 1, &menu).await.unwrap();
        services::menu::publish(&line.platform, &t.ctx, base, 2).await.unwrap();
        line.menus("a");
        // A sheet stands at LINE without its picture when the emergency comes.
        let waits = async || {
            let said = publishing(&line.platform.system()).await.unwrap();
            said.doing == Doing::Waiting && line.json("menus").await.as_array().unwrap().len() == 5
        };
        until("the upload fails", waits).await;
        declare(&line.platform, &t.ctx, Disaster::Earthquake, Mode::Real).await.unwrap();
        until("everybody sees the emergency", async || {
            line.shows(users[0]).await.unwrap().0 == label(real(quake, 1))
        })
        .await;
        line.all_as_they_should(&users).await;
        let bare =
            |menus: Value| menus.as_array().unwrap().iter().any(|m| m["has_picture"] == false);
        assert!(bare(line.json("menus").await), "the other menu still waits");
        // It is made when LINE takes pictures again.
        line.kill();
        line.platform = platform_with(&t, &url, |_| {});
        line.menus("a");
        settled(&line).await;
        assert_eq!(line.json("menus").await.as_array().unwrap().len(), 4);
        assert!(!bare(line.json("menus").await));
        line.all_as_they_should(&users).await;
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
        // What they tap counts as a drill's.
        let seen = line.shows(users[0]).await.unwrap().1;
        let open = seen["menu"]["areas"][1]["action"]["uri"].as_str().unwrap();
        let token = open.strip_prefix("http://127.0.0.1:3000/r/").unwrap();
        let ctx = line.platform.system();
        services::link::follow(&line.platform, &ctx, token, true).await.unwrap();
        services::link::flush(&line.platform).await.unwrap();
        let today = ctx.now().date();
        let counted = services::menu::taps(&ctx, quake, today, today).await.unwrap();
        let counted: Vec<_> = counted.iter().map(|c| (c.area, c.mode, c.taps)).collect();
        assert_eq!(counted, [(2, Mode::Drill, 1)]);
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
fn what_is_declared_in_the_other_mode_goes_on_in_a_forecast() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        let users = line.friends(6).await;
        let tester = resident(&line, users[0]).await;
        store::resident::set_tester(&t.ctx, tester, Some("試験")).await.unwrap();
        let (_, quake) = two_tabs(&t, &mut line).await;
        for mode in [Mode::Drill, Mode::Real] {
            declare(&line.platform, &t.ctx, Disaster::Earthquake, mode).await.unwrap();
        }
        settled(&line).await;
        line.all_as_they_should(&users).await;
        let end = async |mode| {
            services::menu::foreseen(&line.platform, &t.ctx, mode, None).await.unwrap()
        };
        // Testers see what is meant, too: without the drill nobody's screen is another.
        let of_drill = end(Mode::Drill).await;
        assert_eq!((of_drill.cost.calls, of_drill.affected), (0, 0), "{of_drill:?}");
        // Without what is meant testers see the drill, whose two sheets are made again.
        let of_real = end(Mode::Real).await;
        assert_eq!((of_real.cost.creates, of_real.affected), (2, 6), "{of_real:?}");
        assert!(back(&line.platform, &t.ctx, Mode::Real).await.unwrap());
        settled(&line).await;
        let drill = Key { mode: Mode::Drill, ..real(quake, 1) };
        assert_eq!(line.shows(users[0]).await.unwrap().0, label(drill));
        line.all_as_they_should(&users).await;
        line.end().await;
    });
}

#[test]
fn another_emergency_begins_with_its_first_tab_and_leaves_everybody_theirs() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        let users = line.friends(2).await;
        let (base, quake) = two_tabs(&t, &mut line).await;
        let ctx = line.platform.system();
        let shows = async |key| assert_eq!(line.shows(users[0]).await.unwrap().0, label(key));
        on_tab(&line, real(base, 2), &users[..1]).await;
        settled(&line).await;
        let switched = async || {
            declare(&line.platform, &ctx, Disaster::Earthquake, Mode::Real).await.unwrap();
            settled(&line).await;
            shows(real(quake, 1)).await;
        };
        switched().await;
        on_tab(&line, real(quake, 2), &users[..1]).await;
        settled(&line).await;
        shows(real(quake, 2)).await;
        line.all_as_they_should(&users).await;
        assert!(back(&line.platform, &ctx, Mode::Real).await.unwrap());
        settled(&line).await;
        shows(real(base, 2)).await;
        t.later(SECOND);
        switched().await;
        line.end().await;
    });
}

#[test]
fn testers_stay_on_their_tab_of_a_drill() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        let users = line.friends(2).await;
        let tester = resident(&line, users[0]).await;
        store::resident::set_tester(&t.ctx, tester, Some("試験")).await.unwrap();
        let (base, quake) = two_tabs(&t, &mut line).await;
        let ctx = line.platform.system();
        let shows = async |key| assert_eq!(line.shows(users[0]).await.unwrap().0, label(key));
        let drill = |sheet| Key { mode: Mode::Drill, ..real(quake, sheet) };
        for _ in 0..2 {
            declare(&line.platform, &ctx, Disaster::Earthquake, Mode::Drill).await.unwrap();
            settled(&line).await;
            shows(drill(1)).await;
            on_tab(&line, drill(2), &users[..1]).await;
            settled(&line).await;
            shows(drill(2)).await;
            assert!(back(&line.platform, &ctx, Mode::Drill).await.unwrap());
            settled(&line).await;
            shows(real(base, 1)).await;
        }
        line.end().await;
    });
}
