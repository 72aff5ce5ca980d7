//! Residents are switched by what they do, and by what was planned.

use crate::line::{Line, platform_by, until};
use crate::menus::{label, program, published, real, resident, settled, with_children};
use crate::support::both;
use domain::audience::Audience;
use domain::id::MenuId;
use domain::menu::Program;
use domain::menu::program::{Period, Rule, Then, Trigger, Variant};
use domain::menu::render::Key;
use domain::time::HOUR;
use serde_json::{Value, json};

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
