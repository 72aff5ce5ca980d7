//! A rush on pages (NFR-9): whatever they hold, deliveries leave and webhooks come in.

use crate::line::{Line, until};
use crate::receiving::{event, take};
use crate::support::both;
use domain::audience::Audience;
use domain::delivery::Purpose;
use domain::permission::Actor;
use serde_json::json;
use services::inbox::Intake;
use std::time::Duration;
use store::Share;
use store::inbox::backlog;

#[test]
fn while_pages_hold_every_connection_of_theirs_the_others_go_on() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        line.friends(3).await;
        let pages = line.platform.context(Actor::Nobody).store;
        let shared = Share::Pages;
        let all = if pages.is_sqlite() { shared.on_sqlite() } else { shared.on_postgres() };
        let mut held = Vec::new();
        for _ in 0..all {
            held.push(pages.begin_read().await.unwrap());
        }
        let one_more = tokio::time::timeout(Duration::from_millis(300), pages.begin_read());
        assert!(one_more.await.is_err(), "there are no more than {all}");

        line.outbox("a");
        line.inbox();
        let id = line.deliver(Purpose::Notice, Audience::Everyone, None).await;
        assert_eq!(line.ended(id).await.figures.accepted, 3);

        let intake = Intake::open(&line.platform);
        let user = line.sandbox.create_residents(1).unwrap()[0];
        let events = json!([event("e1", user, t.ctx.now().0, json!({"type": "follow"}))]);
        assert_eq!(take(&intake, events).await, Ok(()));
        until("it is worked on", async || backlog(&t.ctx).await.unwrap() == (0, 0)).await;
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM resident WHERE friend").await, 4);

        for tx in held {
            tx.rollback().await.unwrap();
        }
        line.end().await;
    });
}
