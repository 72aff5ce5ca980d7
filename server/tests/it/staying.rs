//! What every page asks by itself: whom it tells what, and that no session lasts by it.

use crate::city::{Ask, City, Who};
use crate::doors::registered;
use crate::support::both;
use domain::staff::IDLE;
use domain::time::MINUTE;
use serde_json::{Value, json};

/// The address of a server function.
fn address(name: &str) -> String {
    registered().into_iter().find(|(known, _)| known == name).unwrap().1
}

/// The status of its answer, and what it says.
async fn told(city: &City, who: &Who, function: &str) -> (u16, Value) {
    let answer = city.ask(who, Ask::form(address(function), &[])).await;
    (answer.status.as_u16(), serde_json::from_slice(&answer.body).unwrap_or_default())
}

#[test]
fn a_page_that_asks_by_itself_prolongs_no_session() {
    both(async |t| {
        let city = City::new(&t).await;
        let own = &city.own;
        t.later(IDLE - 2 * MINUTE);
        let (status, around) = told(&city, own, "look_around").await;
        assert_eq!((status, &around["left"]), (200, &json!({"seconds": 120, "prolongs": true})));
        // Somebody presses a key.
        assert_eq!(told(&city, own, "stay").await.0, 200);
        t.later(IDLE - MINUTE);
        let (_, around) = told(&city, own, "look_around").await;
        assert_eq!(around["left"]["seconds"], 60);
        t.later(MINUTE);
        assert_eq!(told(&city, own, "look_around").await.0, 401);
        assert_eq!(told(&city, own, "stay").await.0, 401, "too late");
    });
}

#[test]
fn the_bell_tells_everybody_what_concerns_them() {
    both(async |t| {
        let city = City::new(&t).await;
        let (_, around) = told(&city, &city.own, "look_around").await;
        assert_eq!((&around["unread"], &around["total"]), (&json!(1), &json!(1)));
        assert_eq!(around["concerns"][0]["href"], "/console/answers");
        // Of another department, and who may not read answers at all.
        for who in [&city.other, &city.viewer] {
            let (status, around) = told(&city, who, "look_around").await;
            assert_eq!((status, &around["concerns"]), (200, &json!([])));
        }
    });
}
