//! Who would see which menu, before anything changes; and an emergency delivery that switches
//! the city's menus (MENU-3, MENU-4).

use crate::answering::definition;
use crate::line::{Line, person};
use crate::menus::{program, published, resident, variant, with_children, written};
use crate::retracting::says;
use crate::support::both;
use domain::audience::Audience;
use domain::delivery::approval::Rules;
use domain::delivery::{Draft, Purpose};
use domain::form::kept::Settings;
use domain::id::{DeliveryId, MenuId};
use domain::menu::program::{Prepared, Variant};
use domain::menu::{Disaster, Mode, Program, Switch, SwitchTo, When, Whose};
use domain::message::Part;
use domain::permission::{Actor, Role};
use serde_json::json;
use services::delivery::approval::{approve, request, set_rules};
use services::delivery::{check, draft, retract, send};
use services::menu::{back, declare, history, now, preview, set_rule};
use services::{Context, Error};
use std::collections::BTreeSet;

fn for_earthquakes(base: MenuId, quake: MenuId) -> Program {
    let prepared = Prepared { disaster: Disaster::Earthquake, menu: quake, variants: vec![] };
    Program { emergencies: vec![prepared], ..Program::new(base) }
}

#[test]
fn anybodys_phone_is_seen_before_it_changes() {
    both(async |t| {
        let line = Line::start(&t).await;
        let users = line.friends(3).await;
        with_children(&t, &line, &users[..1]).await;
        let base = published(&t, "ふだん", 1).await;
        let child = published(&t, "子育て", 1).await;
        let quake = published(&t, "地震", 1).await;
        let spring = written(&t, "春", 1).await;
        let spring = store::menu::create(&t.ctx, &spring).await.unwrap();
        let parent = Whose::Resident(resident(&line, users[0]).await);
        let other = Whose::Resident(resident(&line, users[1]).await);
        let ctx = line.platform.system();
        let sees = async |program: Option<&Program>, whose: &Whose, when: When| {
            let seen = preview(&line.platform, &ctx, program.cloned(), whose, when).await.unwrap();
            seen.map(|p| (p.menu.name, p.shown.mode)).unwrap()
        };
        let real = |name: &str| (name.to_owned(), Mode::Real);
        let drill = ("地震".to_owned(), Mode::Drill);
        let (earthquake, drilled) = (
            When::Declared(Disaster::Earthquake, Mode::Real),
            When::Declared(Disaster::Earthquake, Mode::Drill),
        );

        // Nothing but the usual menu is published yet; what is written may be a draft itself.
        let draft = Program {
            variants: vec![Variant { menu: spring, ..variant(child) }],
            ..for_earthquakes(base, quake)
        };
        for when in [When::Now, earthquake] {
            assert_eq!(sees(None, &parent, when).await, real("ふだん"));
        }
        assert_eq!(sees(Some(&draft), &parent, When::Now).await, real("春"));
        assert_eq!(sees(Some(&draft), &other, When::Now).await, real("ふだん"));
        assert_eq!(sees(Some(&draft), &other, earthquake).await, real("地震"));
        assert_eq!(sees(Some(&draft), &parent, drilled).await, real("春"));
        let tester = resident(&line, users[0]).await;
        store::resident::set_tester(&ctx, tester, Some("試験")).await.unwrap();
        assert_eq!(sees(Some(&draft), &parent, drilled).await, drill);

        // Somebody who is described.
        let catalog = store::attribute::catalog(&ctx).await.unwrap();
        let yes = catalog.get("child").unwrap().choices[0].id;
        let described = |choices: &[_]| Whose::Described {
            choices: choices.iter().copied().collect(),
            values: vec![],
        };
        assert_eq!(sees(Some(&draft), &described(&[yes]), When::Now).await, real("春"));
        assert_eq!(sees(Some(&draft), &described(&[]), When::Now).await, real("ふだん"));
        assert_eq!(sees(Some(&draft), &described(&[yes]), drilled).await, drill);

        // As things stand, and on a quiet day.
        let wanted = Program { variants: vec![variant(child)], ..for_earthquakes(base, quake) };
        program(&t, &wanted).await;
        declare(&line.platform, &ctx, Disaster::Earthquake, Mode::Real).await.unwrap();
        assert_eq!(sees(None, &parent, When::Now).await, real("地震"));
        assert_eq!(sees(None, &parent, When::Calm).await, real("子育て"));

        // Who is no friend is shown nothing; that somebody was looked at stands in the ledger.
        store::resident::unfollow(&ctx, users[2].as_bytes(), ctx.now()).await.unwrap();
        let gone = Whose::Resident(resident(&line, users[2]).await);
        let none = preview(&line.platform, &ctx, None, &gone, When::Now).await.unwrap();
        assert_eq!(none, None);
        let views = "SELECT COUNT(*) AS n FROM ledger WHERE act = 'resident.view'";
        assert_eq!(t.number(views).await, 10);
        let viewer = person(&line.platform, "1", "見る人", Role::Viewer, "防災課").await;
        let refused = preview(&line.platform, &viewer, None, &parent, When::Now).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
        let whose = Whose::Described { choices: BTreeSet::new(), values: vec![] };
        preview(&line.platform, &viewer, None, &whose, When::Now).await.unwrap();

        // What somebody hands in asks of people only what they may ask.
        let form = store::form::create(&ctx, "犬", &definition(), &Settings::default()).await;
        let form = form.unwrap();
        store::form::publish(&ctx, form, 1).await.unwrap();
        let audience = serde_json::from_value(json!({"not": {"answered": form.0}})).unwrap();
        let sly = Variant { audience, ..variant(child) };
        let sly = Program { variants: vec![sly], ..Program::new(base) };
        let calm = async |ctx: &Context| {
            let seen = preview(&line.platform, ctx, Some(sly.clone()), &parent, When::Calm).await;
            seen.unwrap().unwrap().menu.name
        };
        assert_eq!(calm(&ctx).await, "子育て");
        let editor = person(&line.platform, "2", "見本 三郎", Role::Editor, "道路課").await;
        assert_eq!(calm(&editor).await, "ふだん");
        line.end().await;
    });
}

struct City {
    line: Line,
    /// Send.
    first: Context,
    second: Context,
}

impl City {
    fn words(purpose: Purpose) -> Draft {
        Draft {
            title: "避難".into(),
            purpose,
            audience: Some(Audience::Everyone),
            parts: vec![Part::Text { text: "避難してください".into() }],
            ..Draft::default()
        }
    }

    /// Sent by the first, to the end.
    async fn sent(&self, purpose: Purpose) -> DeliveryId {
        self.let_go(draft(&self.first, Self::words(purpose)).await.unwrap()).await
    }

    async fn let_go(&self, id: DeliveryId) -> DeliveryId {
        let seen = self.line.get(id).await.updated_at;
        send(&self.line.platform, &self.first, id, seen, 3).await.unwrap();
        self.line.ended(id).await;
        id
    }

    /// To what a delivery of that purpose would switch.
    async fn would(&self, purpose: Purpose) -> Option<Switch> {
        check(&self.first, &Self::words(purpose)).await.unwrap().switch
    }

    async fn holds(&self) -> Vec<(Disaster, Mode, String)> {
        let held = now(&self.line.platform.system()).await.unwrap();
        held.into_iter().map(|d| (d.disaster, d.mode, d.began_by)).collect()
    }
}

#[test]
fn an_emergency_delivery_declares_what_the_city_has_set() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        line.friends(3).await;
        line.outbox("one");
        let first = person(&line.platform, "1", "見本 花子", Role::Sender, "防災課").await;
        let second = person(&line.platform, "2", "見本 次郎", Role::Sender, "防災課").await;
        let city = City { line, first, second };
        let (platform, ctx) = (city.line.platform.clone(), city.line.platform.system());
        let base = published(&t, "ふだん", 1).await;
        let quake = published(&t, "地震", 1).await;
        program(&t, &for_earthquakes(base, quake)).await;
        let none: [(Disaster, Mode, String); 0] = [];

        // Until a city sets it, nothing happens; whoever only sends does not set it.
        city.sent(Purpose::Emergency).await;
        assert_eq!(
            (city.holds().await, city.would(Purpose::Emergency).await),
            (none.to_vec(), None)
        );
        let earthquake = Some(Disaster::Earthquake);
        let refused = set_rule(&city.first, earthquake).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
        let refused = set_rule(&ctx, Some(Disaster::Snow)).await;
        assert!(
            matches!(&refused, Err(Error::Invalid(p)) if p[0].at == "/disaster"),
            "{refused:?}"
        );
        set_rule(&ctx, earthquake).await.unwrap();
        assert_eq!(store::menu::rule(&ctx).await.unwrap(), earthquake);

        city.sent(Purpose::Notice).await;
        assert_eq!((city.holds().await, city.would(Purpose::Notice).await), (none.to_vec(), None));
        let would = Switch { disaster: Disaster::Earthquake, mode: Mode::Real };
        assert_eq!(city.would(Purpose::Emergency).await, Some(would));
        let id = city.sent(Purpose::Emergency).await;
        let held = (Disaster::Earthquake, Mode::Real, "見本 花子".to_owned());
        assert_eq!(city.holds().await, [held]);
        let happened = store::delivery::happenings(&ctx, id).await.unwrap();
        assert!(happened.iter().any(|h| h.what == would.done()), "{happened:?}");
        let Actor::Staff { id: sender, .. } = city.first.actor else { panic!("staff") };
        let line = format!(
            "SELECT COUNT(*) AS n FROM ledger WHERE act = 'menu.emergency' AND actor = 'staff:{sender}'"
        );
        assert_eq!(t.number(&line).await, 1);

        // What holds stays as it is, and so does what a person has chosen.
        assert_eq!(city.would(Purpose::Emergency).await, None);
        city.sent(Purpose::Emergency).await;
        assert_eq!(history(&ctx).await.unwrap().len(), 1);

        // It ends by hand; a correction does not begin it anew.
        back(&platform, &ctx, Mode::Real).await.unwrap();
        let fix = retract(&platform, &city.first, id, &says("誤りでした")).await.unwrap();
        city.line.ended(fix).await;
        assert_eq!(city.holds().await, none);

        // A drill switches testers alone.
        city.sent(Purpose::Drill).await;
        let drill = (Disaster::Earthquake, Mode::Drill, "見本 花子".to_owned());
        assert_eq!(city.holds().await, [drill]);
        back(&platform, &ctx, Mode::Drill).await.unwrap();

        // What waits for a second person begins when they let it go.
        set_rules(&ctx, Rules { above: Some(0) }).await.unwrap();
        let id = draft(&city.first, City::words(Purpose::Emergency)).await.unwrap();
        request(&city.first, id, city.line.get(id).await.updated_at, 3, "").await.unwrap();
        assert_eq!(city.holds().await, none);
        approve(&platform, &city.second, id, city.line.get(id).await.updated_at, 3).await.unwrap();
        city.line.ended(id).await;
        let held = (Disaster::Earthquake, Mode::Real, "見本 次郎".to_owned());
        assert_eq!(city.holds().await, [held]);
        back(&platform, &ctx, Mode::Real).await.unwrap();

        // What is not prepared any more is not declared, and off is off.
        program(&t, &Program::new(base)).await;
        assert_eq!(city.would(Purpose::Emergency).await, None);
        set_rule(&ctx, None).await.unwrap();
        program(&t, &for_earthquakes(base, quake)).await;
        assert_eq!(city.would(Purpose::Emergency).await, None);

        // What cannot be read keeps no emergency from leaving.
        set_rules(&ctx, Rules { above: None }).await.unwrap();
        set_rule(&ctx, earthquake).await.unwrap();
        t.sql("UPDATE menu_program SET published = '{'").await;
        city.sent(Purpose::Emergency).await;
        assert_eq!(city.holds().await, none);
        city.line.end().await;
    });
}

#[test]
fn an_emergency_delivery_switches_to_the_disaster_that_was_chosen() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        line.friends(3).await;
        line.outbox("one");
        let first = person(&line.platform, "1", "見本 花子", Role::Sender, "防災課").await;
        let second = person(&line.platform, "2", "見本 次郎", Role::Sender, "防災課").await;
        let city = City { line, first, second };
        let (platform, ctx) = (city.line.platform.clone(), city.line.platform.system());
        let base = published(&t, "ふだん", 1).await;
        let quake = published(&t, "地震", 1).await;
        let flood = published(&t, "風水害", 1).await;
        let mut wanted = for_earthquakes(base, quake);
        wanted.emergencies.push(Prepared {
            disaster: Disaster::Storm,
            menu: flood,
            variants: vec![],
        });
        program(&t, &wanted).await;
        let words = |switch_to| Draft { switch_to, ..City::words(Purpose::Emergency) };
        let storm = SwitchTo::Disaster(Disaster::Storm);
        let write = async |to| draft(&city.first, words(to)).await.unwrap();
        let holds = async || {
            city.holds().await.into_iter().map(|(disaster, ..)| disaster).collect::<Vec<_>>()
        };
        let none: [Disaster; 0] = [];

        // Where the city has decided nothing, nothing is offered, and nothing happens.
        assert_eq!(check(&city.first, &words(storm)).await.unwrap().switches, None);
        city.let_go(write(storm).await).await;
        assert_eq!(holds().await, none);

        set_rule(&ctx, Some(Disaster::Earthquake)).await.unwrap();
        let offered = check(&city.first, &words(storm)).await.unwrap();
        let would = Switch { disaster: Disaster::Storm, mode: Mode::Real };
        assert_eq!(offered.switch, Some(would));
        let offered = offered.switches.unwrap();
        assert_eq!(offered.prepared, [Disaster::Earthquake, Disaster::Storm]);
        assert_eq!((offered.by_rule, offered.holds), (Disaster::Earthquake, None));

        // It stays with the draft, with what is copied from it, and with a template.
        let id = write(SwitchTo::Rule).await;
        let seen = city.line.get(id).await.updated_at;
        services::delivery::save(&city.first, id, seen, &words(storm)).await.unwrap();
        let copy = store::delivery::duplicate(&city.first, id).await.unwrap();
        let kept = store::delivery::template::create(&city.first, "大雨", &words(storm)).await;
        let begun = store::delivery::template::begin(&city.first, kept.unwrap()).await.unwrap();
        for id in [id, copy, begun] {
            assert_eq!(city.line.get(id).await.switch_to, storm);
        }

        city.let_go(id).await;
        assert_eq!(holds().await, [Disaster::Storm]);
        let happened = store::delivery::happenings(&ctx, id).await.unwrap();
        let line = happened.iter().find(|h| h.what == would.done()).unwrap();
        assert_eq!(line.detail, "配信を書いた人が選びました");

        // What holds stays, whatever is chosen, and whoever writes is told.
        let quake = SwitchTo::Disaster(Disaster::Earthquake);
        let told = check(&city.first, &words(quake)).await.unwrap();
        assert_eq!(told.switch, None);
        assert_eq!(told.switches.unwrap().holds, Some(Disaster::Storm));
        city.let_go(write(quake).await).await;
        assert_eq!(holds().await, [Disaster::Storm]);
        back(&platform, &ctx, Mode::Real).await.unwrap();

        // Nothing is chosen, and what is not prepared any more is not declared.
        for to in [SwitchTo::Stay, SwitchTo::Disaster(Disaster::Snow)] {
            city.let_go(write(to).await).await;
            assert_eq!(holds().await, none, "{to:?}");
        }
        city.line.end().await;
    });
}
