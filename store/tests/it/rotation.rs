//! Keys are replaced while the city works (NFR-2).

use crate::city::user;
use crate::support::{NOON, both};
use domain::audience::Audience;
use domain::delivery::Purpose;
use domain::permission::Actor;
use store::inbox::Arrived;
use store::outbox::{Recipient, claim, push};
use store::resident::{follow, get, history, line_user, register, set_tester};
use store::{Error, inbox, work};

#[test]
fn after_the_rotation_the_old_key_is_not_needed_any_more() {
    both(async |t| {
        t.city().await;
        let ids = t.friends(0, 1_100).await;
        let id = ids[0];
        let answers = [("topics".to_owned(), vec!["waste".to_owned()])].into();
        register(&t.acting(Actor::Resident(id)), &answers).await.unwrap();
        follow(&t.ctx, &user(5_000), NOON).await.unwrap();
        set_tester(&t.ctx, id, Some("広報 太郎")).await.unwrap();
        let event = Arrived {
            event_id: "e".into(),
            user: Some(user(0)),
            message_id: None,
            kind: "message".into(),
            at: NOON,
            body: b"body".to_vec(),
        };
        inbox::store(&t.ctx, &[event]).await.unwrap();
        push(&t.ctx, Recipient { id, user: user(0) }, "[1]").await.unwrap();
        t.frozen(Purpose::Notice, Audience::Everyone).await;

        let both_keys = t.reopened(&[1, 2]).await;
        let mut resealed = Vec::new();
        loop {
            match work::rotate(&both_keys).await.unwrap() {
                0 => break,
                n => resealed.push(n),
            }
        }
        assert!(resealed.len() > 2 && resealed.iter().sum::<u64>() > 1_101, "{resealed:?}");
        // What is written from now on is sealed with the new key.
        push(&both_keys, Recipient { id, user: user(0) }, "[2]").await.unwrap();
        assert_eq!(work::rotate(&both_keys).await.unwrap(), 0);
        assert_eq!(work::rotate(&both_keys).await.unwrap(), 0);
        both_keys.store.close().await;

        assert!(
            matches!(line_user(&t.ctx, id).await, Err(Error::Undecryptable("resident.line_id"))),
            "the old key alone opens nothing"
        );
        let new = t.reopened(&[2]).await;
        for (n, id) in [(0, ids[0]), (1_099, ids[1_099])] {
            assert_eq!(line_user(&new, id).await.unwrap(), user(n));
        }
        assert_eq!(get(&new, id).await.unwrap().tester_name.as_deref(), Some("広報 太郎"));
        assert_eq!(history(&new, id).await.unwrap()[0].detail, "お知らせの種類：未登録 → ごみ");
        assert_eq!(inbox::body(&new, "e").await.unwrap(), b"body");
        let calls = claim(&new, "w", 10).await.unwrap();
        assert_eq!(calls.iter().map(|c| c.count).sum::<i64>(), 1_101 + 2);
        assert_eq!(calls.iter().filter_map(|c| c.messages.as_deref()).collect::<Vec<_>>().len(), 2);
        new.store.close().await;
    });
}

#[test]
fn a_value_moved_to_another_row_does_not_open() {
    both(async |t| {
        let ids = t.friends(0, 2).await;
        t.sql(&format!("UPDATE resident SET line_id = (SELECT line_id FROM resident WHERE id = {}) WHERE id = {}", ids[0], ids[1])).await;
        assert!(matches!(
            line_user(&t.ctx, ids[1]).await,
            Err(Error::Undecryptable("resident.line_id"))
        ));
    });
}
