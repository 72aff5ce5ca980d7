//! Residents are switched by what they do, and by what was planned.

use crate::line::{Line, platform_by, questions, until};
use crate::menus::{label, program, published, real, resident, settled, with_children, written};
use crate::receiving::{event, take};
use crate::support::both;
use domain::audience::Audience;
use domain::form::{CONSENT, RECEPTION};
use domain::id::MenuId;
use domain::menu::program::{Period, Prepared, Rule, Then, Trigger, Variant};
use domain::menu::render::Key;
use domain::menu::{Act, Disaster, Mode, Program};
use domain::permission::Actor;
use domain::time::HOUR;
use serde_json::{Value, json};
use services::greeting::Tap;
use services::inbox::Intake;
use services::menu::{back, declare, seen_by};
use store::inbox::backlog;

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
        let second = resident(&line, users[1]).await;
        store::resident::set_attribute(&ctx, second, "child", "yes", false).await.unwrap();
        services::menu::answered(&line.platform, &ctx, second, "child", "yes").await.unwrap();
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
        // It ends what a rule did before; what a rule does later comes first.
        post(data, None).await;
        shows(2, real(easy, 1)).await;
        say(2, "職員").await;
        shows(2, real(staff, 1)).await;
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

/// Whoever says 「もどる」 is back from what a rule did.
fn way_back(key: u16) -> Rule {
    let when = Trigger::Said("もどる".into());
    Rule { key, name: "もどる".into(), when, then: Then::Back, hours: None }
}

#[test]
fn a_choice_that_stays_registered_switches_nothing_again() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        let user = line.friends(1).await[0];
        questions(&t).await;
        let [base, waste] = [published(&t, "ふだん", 1).await, published(&t, "ごみ", 1).await];
        let when = Trigger::Registered { attribute: "topics".into(), is: vec!["waste".into()] };
        let rule =
            Rule { key: 1, name: "ごみ".into(), when, then: Then::Show(waste), hours: None };
        program(&t, &Program { rules: vec![rule, way_back(2)], ..Program::new(base) }).await;
        line.inbox();
        let (ctx, id) = (line.platform.system(), resident(&line, user).await);
        let own = line.platform.context(Actor::Resident(id));
        let sees =
            async || seen_by(&line.platform, &ctx, id).await.unwrap().map(|shown| shown.menu);
        let goes_back = async || {
            services::menu::said(&line.platform, &ctx, id, "もどる").await.unwrap();
            assert_eq!(sees().await, Some(base));
        };
        let registers = async |age: &str, topics: &[&str]| {
            let one = |key: &str, value: &str| (key.to_owned(), vec![value.to_owned()]);
            let topics = topics.iter().map(|topic| (*topic).to_owned()).collect();
            let given = [
                one("age", age),
                ("topics".to_owned(), topics),
                one(RECEPTION, "all"),
                one(CONSENT, "yes"),
            ];
            services::resident::register(&line.platform, &own, &given.into()).await.unwrap();
            sees().await
        };
        assert_eq!(registers("young", &["waste"]).await, Some(waste));
        goes_back().await;
        // Another answer alone, and another choice beside it.
        assert_eq!(registers("old", &["waste"]).await, Some(base));
        assert_eq!(registers("old", &["waste", "event"]).await, Some(base));
        assert_eq!(registers("old", &["event"]).await, Some(base));
        assert_eq!(registers("old", &["waste"]).await, Some(waste));
        goes_back().await;

        // In the talk a second tap takes it away, a third one brings it.
        let intake = Intake::open(&line.platform);
        let tapped = Tap::Answer { question: "topics".into(), choice: "waste".into() };
        let taps = async |n: usize| {
            let more = json!({"type": "postback", "postback": {"data": tapped.data()}});
            let tap = event(&format!("tap-{n}"), user, ctx.now().0, more);
            take(&intake, json!([tap])).await.unwrap();
            until("it is worked on", async || backlog(&ctx).await.unwrap() == (0, 0)).await;
            sees().await
        };
        assert_eq!(taps(1).await, Some(base));
        assert_eq!(taps(2).await, Some(waste));
        line.end().await;
    });
}

#[test]
fn a_drill_answers_what_its_areas_say() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        let user = line.friends(1).await[0];
        let id = resident(&line, user).await;
        store::resident::set_tester(&t.ctx, id, Some("試験")).await.unwrap();
        let [base, staff] = [published(&t, "ふだん", 1).await, published(&t, "職員", 1).await];
        let mut menu = written(&t, "地震", 1).await;
        let acts = [
            Act::Say("職員".into()),
            Act::Say("メニュー".into()),
            Act::SayCounted("メニューを選ぶ".into()),
        ];
        for (area, act) in menu.sheets[0].areas.iter_mut().zip(acts) {
            area.act = act;
        }
        let quake = store::menu::create(&t.ctx, &menu).await.unwrap();
        store::menu::publish(&t.ctx, quake, 1).await.unwrap();
        let when = Trigger::Said("職員".into());
        let rule =
            Rule { key: 1, name: "職員".into(), when, then: Then::Show(staff), hours: None };
        let prepared = Prepared { disaster: Disaster::Earthquake, menu: quake, variants: vec![] };
        let wanted = Program {
            choices: vec![staff],
            rules: vec![rule, way_back(2)],
            emergencies: vec![prepared],
            ..Program::new(base)
        };
        program(&t, &wanted).await;
        line.menus("a");
        settled(&line).await;
        declare(&line.platform, &t.ctx, Disaster::Earthquake, Mode::Drill).await.unwrap();
        settled(&line).await;
        let ctx = line.platform.system();
        let seen = line.shows(user).await.unwrap().1;
        let action = |area: usize| &seen["menu"]["areas"][area]["action"];
        let says =
            async |text: &str| services::menu::said(&line.platform, &ctx, id, text).await.unwrap();
        let text = action(0)["text"].as_str().unwrap();
        assert_eq!(text, "【訓練】職員");
        assert_eq!(says(text).await, None);
        let cards = json!(says(action(1)["text"].as_str().unwrap()).await);
        assert!(cards[0]["altText"].as_str().unwrap().contains("地震"), "{cards}");
        let data = action(2)["data"].as_str().unwrap();
        let now = ctx.now();
        let offered = services::menu::postback(&line.platform, &ctx, id, data, None, now).await;
        let offered = json!(offered.unwrap());
        assert_eq!(offered[0]["quickReply"]["items"][0]["action"]["label"], "職員");
        let way = json!(says("【訓練】登録").await);
        assert!(way[0]["text"].as_str().unwrap().contains("/register"), "{way}");
        // What the rule did shows when the drill is over.
        assert!(back(&line.platform, &t.ctx, Mode::Drill).await.unwrap());
        let sees = seen_by(&line.platform, &ctx, id).await.unwrap().unwrap().menu;
        assert_eq!(sees, staff);
        line.end().await;
    });
}

#[test]
fn a_choice_that_has_to_wait_is_answered_so() {
    both(async |t| {
        let line = Line::start(&t).await;
        let user = line.friends(1).await[0];
        let id = resident(&line, user).await;
        store::resident::set_tester(&t.ctx, id, Some("試験")).await.unwrap();
        let [base, easy] = [published(&t, "ふだん", 1).await, published(&t, "やさしい", 1).await];
        let quake = published(&t, "地震", 1).await;
        let prepared = Prepared { disaster: Disaster::Earthquake, menu: quake, variants: vec![] };
        let wanted =
            Program { choices: vec![easy], emergencies: vec![prepared], ..Program::new(base) };
        program(&t, &wanted).await;
        let ctx = line.platform.system();
        let chooses = async |data: String| {
            let now = ctx.now();
            let said = services::menu::postback(&line.platform, &ctx, id, &data, None, now).await;
            json!(said.unwrap())[0]["text"].as_str().unwrap().to_owned()
        };
        let sees = async || seen_by(&line.platform, &ctx, id).await.unwrap().unwrap().menu;
        for (mode, held) in [(Mode::Real, "緊急メニュー"), (Mode::Drill, "訓練のメニュー")]
        {
            declare(&line.platform, &t.ctx, Disaster::Earthquake, mode).await.unwrap();
            let usual = chooses("menu-choice:".into()).await;
            assert!(usual.starts_with("ふだんのメニューを選びました。いまは"), "{usual}");
            let own = chooses(format!("menu-choice:{easy}")).await;
            assert!(own.starts_with("「やさしい」を選びました。いまは"), "{own}");
            assert!(own.contains(&format!("いまは{held}が出ています")), "{own}");
            assert_eq!(sees().await, quake);
            assert!(back(&line.platform, &t.ctx, mode).await.unwrap());
            assert_eq!(sees().await, easy);
        }
        let tried = store::menu::create(&t.ctx, &written(&t, "ためす", 1).await).await.unwrap();
        store::menu::try_out(&t.ctx, tried, 1).await.unwrap();
        let own = chooses(format!("menu-choice:{easy}")).await;
        assert!(own.contains("ためしているメニューが出ています"), "{own}");
        // What is tried is a menu of its own.
        assert!(![base, easy, quake].contains(&sees().await));
        store::menu::end_trial(&t.ctx, tried).await.unwrap();
        assert_eq!(
            chooses(format!("menu-choice:{easy}")).await,
            "メニューを「やさしい」に変えました。"
        );
        assert_eq!(chooses("menu-choice:".into()).await, "ふだんのメニューにもどしました。");
        assert_eq!(sees().await, base);
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
