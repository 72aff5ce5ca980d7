//! Pictures of rich menus, as the editor sends them (MENU-1).

use crate::city::{Ask, City, PIXEL, Who};
use crate::support::both;

#[test]
fn a_picture_of_a_menu_says_what_it_is() {
    both(async |t| {
        let city = City::new(&t).await;
        let sent = async |who: &Who, query: &str| {
            let ask = Ask::bytes(format!("/console/menu-pictures{query}"), PIXEL);
            city.ask(who, ask).await.status.as_u16()
        };
        assert_eq!(sent(&city.own, "?what=mark").await, 201);
        assert_eq!(sent(&city.own, "?what=backdrop").await, 201);
        // A pixel is no picture of a whole sheet.
        assert_eq!(sent(&city.own, "?what=artwork").await, 422);
        assert_eq!(sent(&city.viewer, "?what=mark").await, 403);
        assert_eq!(sent(&Who::Nobody, "?what=mark").await, 401);
        assert_eq!(sent(&city.own, "").await, 400);
        assert_eq!(sent(&city.own, "?what=other").await, 400);
    });
}
