//! What lies in plain, what is kept how long, and what is erased (RES-5).

use crate::city::{line_id, user};
use crate::residents::answers;
use crate::support::{NOON, Test, both};
use domain::delivery::call::{KEY_LIFE, Next, Obstacle};
use domain::form::RECEPTION;
use domain::permission::Actor;
use domain::resident::{KEPT_AFTER_UNFOLLOW, Reception};
use domain::time::{DAY, HOUR, MINUTE, Timestamp};
use sea_orm::{ConnectionTrait, Statement};
use store::outbox::{Recipient, Settled, claim, forget, push, settle};
use store::resident::{follow, get, history, register, set_tester, unfollow, visit};
use store::{resident, work};

/// Every byte that the database has written.
async fn bytes(t: &Test) -> Vec<u8> {
    if t.ctx.store.is_sqlite() {
        let mut all = Vec::new();
        for file in std::fs::read_dir(t.dir.path()).unwrap() {
            let path = file.unwrap().path();
            if path.is_file() {
                all.extend(std::fs::read(path).unwrap());
            }
        }
        return all;
    }
    let rows = async |sql: String| {
        t.db()
            .query_all_raw(Statement::from_string(t.db().get_database_backend(), sql))
            .await
            .unwrap()
    };
    let mut all = Vec::new();
    for table in rows("SELECT CAST(table_name AS TEXT) AS name FROM information_schema.tables WHERE table_schema = 'public'".into()).await {
        let table: String = table.try_get("", "name").unwrap();
        for row in rows(format!("SELECT CAST(x AS TEXT) AS line FROM {table} x")).await {
            all.extend(row.try_get::<String>("", "line").unwrap().into_bytes());
        }
    }
    all
}

/// Whether the bytes are there, as they are or in hex, as PostgreSQL shows bytes.
fn holds(all: &[u8], part: &[u8]) -> bool {
    let hex = hex::encode(part);
    [part, hex.as_bytes()].iter().any(|p| all.windows(p.len()).any(|w| w == *p))
}

#[test]
fn nothing_personal_lies_in_plain_in_the_database() {
    both(async |t| {
        t.city().await;
        let id = t.friends(1, 1).await[0];
        follow(&t.ctx, &user(2), NOON).await.unwrap();
        let me = t.acting(Actor::Resident(id));
        register(&me, &answers(&[("home", &["east1"]), ("topics", &["waste"])])).await.unwrap();
        set_tester(&t.ctx, id, Some("見本太郎")).await.unwrap();
        let body = format!(
            r#"{{"type":"message","source":{{"userId":"{}"}},"message":{{"text":"相談があります"}}}}"#,
            line_id(&user(1))
        );
        let arrived = store::inbox::Arrived {
            event_id: "e1".into(),
            user: Some(user(1)),
            message_id: None,
            kind: "message".into(),
            at: NOON,
            body: body.into_bytes(),
        };
        store::inbox::store(&t.ctx, &[arrived]).await.unwrap();
        store::outbox::push(
            &t.ctx,
            store::outbox::Recipient { id, user: user(1) },
            r#"[{"type":"text","text":"ないしょの返事"}]"#,
        )
        .await
        .unwrap();
        t.frozen(domain::delivery::Purpose::Notice, domain::audience::Audience::Everyone).await;
        let all = bytes(&t).await;
        // What may be read is found, so that the search is known to work.
        assert!(holds(&all, "断水します".as_bytes()), "the texts of deliveries are no secret");
        for (what, part) in [
            ("LINE id", line_id(&user(1)).into_bytes()),
            ("half of a LINE id", line_id(&user(1)).as_bytes()[1..17].to_vec()),
            ("LINE id in bytes", user(1).to_vec()),
            ("LINE id of who followed", hex::encode(user(2)).into_bytes()),
            ("name of a tester", "見本太郎".as_bytes().to_vec()),
            ("history", "お住まい：未登録 → 東町一丁目".as_bytes().to_vec()),
            ("history", "未登録 → ".as_bytes().to_vec()),
            ("message of a resident", "相談".as_bytes().to_vec()),
            ("message to one resident", "ないしょ".as_bytes().to_vec()),
        ] {
            assert!(!holds(&all, &part), "{what} lies in plain");
        }
    });
}

#[test]
fn what_was_registered_is_erased_half_a_year_after_leaving() {
    both(async |t| {
        t.city().await;
        let ids = t.friends(1, 2).await;
        for id in &ids {
            register(
                &t.acting(Actor::Resident(*id)),
                &answers(&[("home", &["east1"]), (RECEPTION, &["urgent"])]),
            )
            .await
            .unwrap();
            set_tester(&t.ctx, *id, Some("試験")).await.unwrap();
        }
        unfollow(&t.ctx, &user(1), NOON.plus(1)).await.unwrap();
        t.later(KEPT_AFTER_UNFOLLOW);
        assert_eq!(work::erase_left(&t.ctx).await.unwrap(), 0, "a day early");
        t.later(DAY);
        assert_eq!(work::erase_left(&t.ctx).await.unwrap(), 1);
        assert_eq!(work::erase_left(&t.ctx).await.unwrap(), 0);
        assert_eq!(
            resident::find(&t.ctx, &user(1)).await.unwrap(),
            None,
            "nobody is found by the LINE id any more"
        );
        let erased = get(&t.ctx, ids[0]).await.unwrap();
        assert_eq!(
            (erased.registered_at, erased.reception, erased.tester, erased.tester_name),
            (None, Reception::All, false, None)
        );
        assert!(erased.choices.is_empty());
        assert!(history(&t.ctx, ids[0]).await.unwrap().is_empty());
        assert_eq!(
            get(&t.ctx, ids[1]).await.unwrap().choices.len(),
            1,
            "who stayed keeps everything"
        );
        // Somebody who comes back is a new resident.
        let (back, became) =
            follow(&t.ctx, &user(1), Timestamp(NOON.0 + KEPT_AFTER_UNFOLLOW + 2 * DAY))
                .await
                .unwrap();
        assert!(became && back != ids[0]);
    });
}

#[test]
fn who_only_opened_a_page_is_erased_half_a_year_later() {
    both(async |t| {
        t.city().await;
        let mut ids = Vec::new();
        for n in 0..3 {
            ids.push(visit(&t.ctx, &user(n)).await.unwrap());
        }
        let secret = resident::session(&t.ctx, ids[0]).await.unwrap();
        t.later(100 * DAY);
        // One registers without ever becoming a friend, one becomes a friend.
        let home = answers(&[("home", &["east1"]), (RECEPTION, &["all"])]);
        register(&t.acting(Actor::Resident(ids[1])), &home).await.unwrap();
        follow(&t.ctx, &user(2), NOON.plus(100 * DAY)).await.unwrap();
        let erased = async || {
            work::erase_left(&t.ctx).await.unwrap();
            let mut gone = Vec::new();
            for n in 0..3 {
                if resident::find(&t.ctx, &user(n)).await.unwrap().is_none() {
                    gone.push(n);
                }
            }
            gone
        };
        t.later(KEPT_AFTER_UNFOLLOW - 100 * DAY);
        assert_eq!(erased().await, [0; 0], "a moment early");
        // Opened again: not under their hands.
        let open = resident::session(&t.ctx, ids[0]).await.unwrap();
        t.later(1);
        assert_eq!(erased().await, [0; 0]);
        t.later(12 * HOUR);
        assert_eq!(erased().await, [0]);
        for secret in [secret, open] {
            assert_eq!(resident::session_resident(&t.ctx, &secret).await.unwrap(), None);
        }
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM resident_session").await, 0);
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM fact").await, 1);
        // A year on there is nothing more to erase of them, and friends stay.
        t.later(100 * DAY);
        assert_eq!(erased().await, [0, 1]);
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM fact").await, 0);
        assert!(history(&t.ctx, ids[1]).await.unwrap().is_empty());
        t.later(2 * KEPT_AFTER_UNFOLLOW);
        assert_eq!(work::erase_left(&t.ctx).await.unwrap(), 0);
        assert!(get(&t.ctx, ids[2]).await.unwrap().friend);
        assert_eq!(
            t.number("SELECT COUNT(*) AS n FROM ledger WHERE act = 'resident.erase'").await,
            2,
            "each once"
        );
    });
}

#[test]
fn the_text_of_a_push_goes_when_it_ends_and_the_rest_a_month_later() {
    both(async |t| {
        let ids = t.friends(0, 3).await;
        for (n, id) in ids.iter().enumerate() {
            push(&t.ctx, Recipient { id: *id, user: user(n as u32) }, "[]").await.unwrap();
        }
        let open = "SELECT COUNT(*) AS n FROM call WHERE messages IS NOT NULL";
        let calls = claim(&t.ctx, "w", 10).await.unwrap();
        let answer = async |n: usize, next: Next| {
            let settled = Settled { call: calls[n].clone(), next, request_id: None, error: None };
            settle(&t.ctx, "w", &[settled]).await.unwrap();
            t.number(open).await
        };
        assert_eq!(answer(0, Next::Accept).await, 2);
        // What is asked for again needs its text.
        assert_eq!(answer(1, Next::Hold(Obstacle::Quota)).await, 2);
        assert_eq!(answer(2, Next::Fail(domain::delivery::Reason::RefusedId)).await, 1);
        t.later(MINUTE);
        let again = claim(&t.ctx, "w", 10).await.unwrap();
        assert_eq!((again.len(), again[0].messages.as_deref()), (1, Some("[]")));
        // LINE refuses for a day: then nobody waits for it any more.
        t.later(KEY_LIFE);
        assert!(claim(&t.ctx, "w", 10).await.unwrap().is_empty());
        assert_eq!(t.number(open).await, 0);
        // A delivery's calls are what its certificate is made of.
        t.frozen(domain::delivery::Purpose::Notice, domain::audience::Audience::Everyone).await;
        t.later(30 * DAY - KEY_LIFE - MINUTE);
        assert_eq!(forget(&t.ctx).await.unwrap(), 0, "a moment early");
        t.later(1);
        assert_eq!(forget(&t.ctx).await.unwrap(), 2);
        t.later(DAY + MINUTE);
        assert_eq!(forget(&t.ctx).await.unwrap(), 1);
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM call").await, 1);
    });
}
