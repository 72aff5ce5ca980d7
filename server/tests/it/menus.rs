//! Rich menus from outside: other systems switch the city to its emergency menus and back
//! (MENU-4), and pages are counted for the areas that open them (MENU-5).

use crate::city::{Ask, City, Who};
use crate::support::{Test, both};
use axum::body::Body;
use axum::http::{Request, header};
use domain::id::MenuId;
use domain::menu::program::Prepared;
use domain::menu::render::{Install, Key, Rendering, sheet};
use domain::menu::{Act, Area, Disaster, Menu, Mode, Program};
use domain::message::{Hosts, Page};
use domain::permission::Permission;
use domain::time::{Date, MINUTE};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use store::menu::Tapped;

/// A published menu whose first area opens the registration.
async fn menu(t: &Test, name: &str) -> MenuId {
    let department = store::staff::department(&t.ctx, "広報課").await.unwrap();
    let mut menu = Menu::new(name, department);
    for (i, area) in menu.sheets[0].areas.iter_mut().enumerate() {
        let act = if i == 0 { Act::Page(Page::Register) } else { Act::Say(format!("項目{i}")) };
        *area = Area { label: format!("項目{i}"), act, ..Area::new(area.key) };
    }
    let id = store::menu::create(&t.ctx, &menu).await.unwrap();
    store::menu::publish(&t.ctx, id, 1).await.unwrap();
    id
}

/// A published program that has a menu for an earthquake.
pub async fn prepared(t: &Test) {
    let (base, quake) = (menu(t, "ふだん").await, menu(t, "地震").await);
    let prepared = Prepared { disaster: Disaster::Earthquake, menu: quake, variants: Vec::new() };
    let program = Program { emergencies: vec![prepared], ..Program::new(base) };
    let seen = services::menu::program(&t.ctx).await.unwrap().version;
    let seen = services::menu::save_program(&t.ctx, seen, &program).await.unwrap();
    services::menu::publish_program(&t.ctx, seen).await.unwrap();
}

/// What holds now.
async fn held(t: &Test) -> Vec<(Disaster, Mode)> {
    let now = services::menu::now(&t.ctx).await.unwrap();
    now.iter().map(|d| (d.disaster, d.mode)).collect()
}

impl City {
    /// Asks `/menus/emergency`: the status, and the answer as JSON.
    async fn emergency(
        &self,
        who: &Who,
        (method, query): (&str, &str),
        key: Option<&str>,
        body: &Value,
    ) -> (u16, Value) {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/api/v1/menus/emergency{query}"))
            .header(header::CONTENT_TYPE, "application/json");
        if let Who::Token(token) = who {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let answer = self.send(request.body(Body::from(body.to_string())).unwrap()).await;
        (answer.status.as_u16(), serde_json::from_slice(&answer.body).unwrap())
    }
}

const DECLARE: (&str, &str) = ("POST", "");
const END: (&str, &str) = ("DELETE", "?mode=real");
const END_DRILL: (&str, &str) = ("DELETE", "?mode=drill");

fn quake(mode: &str) -> Value {
    json!({"disaster": "earthquake", "mode": mode})
}

#[test]
fn other_systems_switch_to_the_emergency_menus_and_back() {
    both(async |t| {
        let city = City::new(&t).await;
        prepared(&t).await;
        let secret = store::token::create(&t.ctx, "防災", &[Permission::MenuEmergency]).await;
        let system = Who::Token(secret.unwrap());

        for (who, status) in [(&Who::Nobody, 401), (&city.poor, 403)] {
            for ask in [DECLARE, END, END_DRILL] {
                assert_eq!(
                    city.emergency(who, ask, None, &quake("real")).await.0,
                    status,
                    "{ask:?}"
                );
            }
        }
        // Neither a mode nor a disaster is guessed.
        for (body, at) in [
            (json!({"disaster": "earthquake"}), "/mode"),
            (json!({"disaster": "earthquake", "mode": "Real"}), "/mode"),
            (json!({"mode": "drill"}), "/disaster"),
            (json!({"disaster": "snow", "mode": "real"}), "/disaster"),
            (json!({"disaster": "earthquake", "mode": "drill", "test": true}), "/test"),
        ] {
            let (status, problem) = city.emergency(&system, DECLARE, None, &body).await;
            assert_eq!((status, &problem["pointer"]), (422, &json!(at)), "{body}");
        }
        assert_eq!(city.emergency(&system, ("DELETE", ""), None, &Value::Null).await.0, 422);
        assert!(held(&t).await.is_empty());

        let key = Some("quake-1");
        let (status, first) = city.emergency(&system, DECLARE, key, &quake("real")).await;
        assert_eq!(status, 200, "{first}");
        assert_eq!((&first["disaster"], &first["mode"]), (&json!("earthquake"), &json!("real")));
        assert_eq!(held(&t).await, [(Disaster::Earthquake, Mode::Real)]);
        let (status, drill) = city.emergency(&system, DECLARE, None, &quake("drill")).await;
        assert_eq!((status, &drill["mode"]), (200, &json!("drill")));
        let two = [(Disaster::Earthquake, Mode::Real), (Disaster::Earthquake, Mode::Drill)];
        assert_eq!(held(&t).await, two);

        // Each ends by itself.
        let ended = |ended: bool| (200_u16, json!({"ended": ended}));
        assert_eq!(city.emergency(&system, END_DRILL, None, &Value::Null).await, ended(true));
        assert_eq!(city.emergency(&system, END_DRILL, None, &Value::Null).await, ended(false));
        assert_eq!(held(&t).await, two[..1]);
        assert_eq!(city.emergency(&system, END, None, &Value::Null).await, ended(true));
        assert!(held(&t).await.is_empty());

        // The same request that arrives late switches nothing again; another one under its key is refused.
        t.later(MINUTE);
        assert_eq!(city.emergency(&system, DECLARE, key, &quake("real")).await, (200, first));
        assert_eq!(city.emergency(&system, DECLARE, key, &quake("drill")).await.0, 422);
        assert!(held(&t).await.is_empty());
        let record = services::menu::history(&t.ctx).await.unwrap();
        assert_eq!(record.len(), 2);
        assert!(record.iter().all(|d| d.began_by == "防災" && d.ended_by == "防災"), "{record:?}");
    });
}

/// What must happen happens within this time, or never.
const DEADLINE: Duration = Duration::from_secs(60);

#[test]
fn a_page_is_counted_for_the_area_that_opened_it() {
    both(async |t| {
        let city = City::new(&t).await;
        let id = menu(&t, "ふだん").await;
        // The address as it stands at LINE.
        let published = services::menu::get(&t.ctx, id).await.unwrap().published.unwrap();
        let (install, liff) = (Install::from_random(0), city.platform.settings.liff_link(""));
        let hosts = Hosts { liff: &liff, ..Hosts::default() };
        let with = Rendering { install: &install, hosts, short: &|_, _, _| None };
        let object = sheet(id, &published, &published.sheets[0], Mode::Real, &with);
        let address = object["areas"][0]["action"]["uri"].as_str().unwrap();
        let page = address.strip_prefix(liff.as_str()).unwrap();
        let first = |page: &str| {
            format!("/liff?liff.state={}", page.replace('?', "%3F").replace('=', "%3D"))
        };

        // LINE's script goes on to the page itself, which is loaded again and again.
        for path in
            [format!("/liff{page}"), first("/register"), first(&format!("{page}9")), first(page)]
        {
            let answer = city.ask(&Who::Nobody, Ask::get(&path)).await;
            assert_eq!(answer.status.as_u16(), 200, "{path}");
        }
        let counted = async || {
            services::link::flush(&city.platform).await.unwrap();
            let sum = "SELECT CAST(COALESCE(SUM(taps), 0) AS BIGINT) AS n FROM menu_tap";
            t.number(sum).await
        };
        let begun = Instant::now();
        while counted().await == 0 {
            assert!(begun.elapsed() < DEADLINE, "the page was not counted");
            tokio::task::yield_now().await;
        }
        let today = t.ctx.now().date();
        let taps = services::menu::taps(&t.ctx, id, today, today).await.unwrap();
        let taps: Vec<_> = taps.iter().map(|c| (c.area, c.mode, c.taps)).collect();
        assert_eq!(taps, [(1, Mode::Real, 1)]);
    });
}

#[test]
fn taps_are_taken_away_for_any_days() {
    both(async |t| {
        let city = City::new(&t).await;
        let id = menu(&t, "ふだん").await;
        let sheet = services::menu::get(&t.ctx, id).await.unwrap().draft.sheets[0].key;
        let key = Key { menu: id, sheet, mode: Mode::Real };
        let today = t.ctx.now().date();
        let day = |back: i64| Date::from_days(today.days() - back);
        let tapped = [0, 40, 400];
        let taps = tapped.map(|back| {
            (Tapped { key, area: 1, variant: String::new(), day: day(back).days() }, 1)
        });
        store::menu::add_taps(&t.ctx, &BTreeMap::from(taps)).await.unwrap();
        let between = |first, last| format!("?from={}&until={}", day(first).iso(), day(last).iso());
        for (query, found) in [
            (String::new(), &tapped[..1]),
            ("?days=90".into(), &tapped[..2]),
            (between(40, 1), &tapped[1..2]),
            (between(410, 390), &tapped[2..]),
            // A year at most.
            (between(410, 0), &tapped[..2]),
        ] {
            let path = |kind| format!("/console/menus/{id}/figures.{kind}{query}");
            let csv = city.ask(&city.viewer, Ask::get(path("csv"))).await;
            assert_eq!(csv.status.as_u16(), 200, "{query}");
            let told: Vec<i64> =
                tapped.into_iter().filter(|back| csv.has(&day(*back).iso())).collect();
            assert_eq!(told, found, "{query}");
            let book = city.ask(&city.viewer, Ask::get(path("xlsx"))).await;
            assert!(book.body.starts_with(b"PK"), "{query}");
            let nobody = city.ask(&Who::Nobody, Ask::get(path("csv"))).await;
            assert_eq!(nobody.status.as_u16(), 303, "{query}");
        }
    });
}
