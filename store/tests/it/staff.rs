//! Staff, sessions, throttling, tokens (ADM-1, ADM-2).

use crate::support::both;
use domain::id::{SessionId, StaffId, TokenId};
use domain::permission::{Actor, Permission, Role};
use domain::staff::{LOCKED_FOR, TRIES};
use domain::time::{HOUR, MINUTE};
use store::session::{IDLE, LONGEST};
use store::staff::{create, department, departments, get, list, password, set_password, update};
use store::{Clock, Error, session, staff, token};

#[test]
fn the_last_administrator_stays() {
    both(async |t| {
        let (one, _) = t.staff("1", Role::Admin, "広報課").await;
        let last = update(&t.ctx, one, "見本 花子", Role::Sender, "広報課", false).await;
        assert!(matches!(last, Err(Error::Conflict(_))), "{last:?}");
        assert!(matches!(
            update(&t.ctx, one, "見本 花子", Role::Admin, "新しい課", true).await,
            Err(Error::Conflict(_))
        ));
        assert_eq!(get(&t.ctx, one).await.unwrap().role, Role::Admin);
        assert_eq!(
            departments(&t.ctx).await.unwrap().len(),
            1,
            "nothing of the refused change is left"
        );
        let (two, _) = t.staff("2", Role::Admin, "広報課").await;
        update(&t.ctx, one, "見本 花子", Role::Sender, "広報課", false).await.unwrap();
        assert!(matches!(
            update(&t.ctx, two, "見本 花子", Role::Admin, "広報課", true).await,
            Err(Error::Conflict(_))
        ));
    });
}

#[test]
fn two_administrators_cannot_close_each_other_at_once() {
    both(async |t| {
        let (one, first) = t.staff("1", Role::Admin, "広報課").await;
        let (two, second) = t.staff("2", Role::Admin, "広報課").await;
        for _ in 0..5 {
            let (a, b) = tokio::join!(
                update(&first, two, "二", Role::Viewer, "広報課", false),
                update(&second, one, "一", Role::Viewer, "広報課", false)
            );
            assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
            t.sql("UPDATE staff SET role = 'admin'").await;
        }
    });
}

#[test]
fn accounts_are_unique_and_found() {
    both(async |t| {
        let (id, _) = t.staff("204817", Role::Editor, "水道課").await;
        t.staff("300000", Role::Viewer, "水道課").await;
        let again = staff::New {
            number: "204817",
            name: "別人",
            role: Role::Viewer,
            department: "他",
            password_hash: "x",
            must_change: true,
        };
        assert!(matches!(create(&t.ctx, again).await, Err(Error::Conflict(_))));
        let found = async |words: &str| {
            list(&t.ctx, words, 0, 10)
                .await
                .unwrap()
                .0
                .into_iter()
                .map(|s| s.number)
                .collect::<Vec<_>>()
        };
        assert_eq!(found("").await, ["204817", "300000"]);
        assert_eq!(found("2048").await, ["204817"]);
        assert_eq!(found("水道").await.len(), 2);
        assert_eq!(found("%").await, [""; 0]);
        assert_eq!(
            department(&t.ctx, " 水道課 ").await.unwrap(),
            get(&t.ctx, id).await.unwrap().department
        );
        assert!(matches!(department(&t.ctx, " ").await, Err(Error::Invalid(_))));
        assert_eq!(
            departments(&t.ctx)
                .await
                .unwrap()
                .iter()
                .map(|d| (d.name.as_str(), d.staff))
                .collect::<Vec<_>>(),
            [("水道課", 2)]
        );
        assert!(matches!(
            update(&t.ctx, StaffId(999), "x", Role::Viewer, "水道課", false).await,
            Err(Error::NotFound)
        ));
        t.staff("1", Role::Admin, "広報課").await;
        update(&t.ctx, id, "見本 花子", Role::Editor, "水道課", true).await.unwrap();
        assert_eq!(
            password(&t.ctx, "204817").await.unwrap(),
            None,
            "a closed account does not sign in"
        );
        assert_eq!(found("").await, ["1", "300000", "204817"], "closed accounts last");
    });
}

#[test]
fn ascii_letters_are_found_in_either_case_and_no_others() {
    both(async |t| {
        t.staff("1", Role::Admin, "広報課").await;
        let (id, _) = t.staff("204817", Role::Editor, "DX推進課").await;
        update(&t.ctx, id, "Smith Éva Ａ", Role::Editor, "DX推進課", false).await.unwrap();
        let found = async |words: &str| list(&t.ctx, words, 0, 10).await.unwrap().1;
        for words in ["sMITH", "smith É", "dx推進", "Ａ"] {
            assert_eq!(found(words).await, 1, "{words}");
        }
        for words in ["é", "ａ", "smith_", "s%h"] {
            assert_eq!(found(words).await, 0, "{words}");
        }
    });
}

#[test]
fn a_session_ends_when_idle_when_old_and_when_the_account_closes() {
    both(async |t| {
        let (id, me) = t.staff("1", Role::Editor, "水道課").await;
        t.staff("2", Role::Admin, "広報課").await;
        let current = async |secret: &str| session::current(&t.ctx, secret).await.unwrap();
        let secret = session::open(&t.ctx, id, "127.0.0.1", &"長".repeat(300)).await.unwrap();
        let mine = current(&secret).await.unwrap();
        assert_eq!((mine.staff, mine.actor()), (id, me.actor.clone()));
        assert!(current("another").await.is_none());
        assert_eq!(session::list(&me, id).await.unwrap()[0].agent.chars().count(), 200);
        for _ in 0..(LONGEST / (50 * MINUTE)) {
            t.later(50 * MINUTE);
            assert!(current(&secret).await.is_some(), "it is used");
        }
        t.later(LONGEST % (50 * MINUTE));
        assert!(current(&secret).await.is_none(), "12 hours after sign-in");

        let secret = session::open(&t.ctx, id, "", "").await.unwrap();
        t.later(IDLE);
        assert!(current(&secret).await.is_none(), "idle for an hour");
        let secret = session::open(&t.ctx, id, "", "").await.unwrap();
        update(&t.ctx, id, "見本 花子", Role::Editor, "水道課", true).await.unwrap();
        assert!(current(&secret).await.is_none(), "the account is closed");
        update(&t.ctx, id, "見本 花子", Role::Viewer, "水道課", false).await.unwrap();
        assert!(current(&secret).await.is_none(), "and the session does not come back with it");
    });
}

#[test]
fn a_session_that_is_only_asked_for_ends_all_the_same() {
    both(async |t| {
        let (id, _) = t.staff("1", Role::Editor, "水道課").await;
        let secret = session::open(&t.ctx, id, "", "").await.unwrap();
        let glance = async || session::glance(&t.ctx, &secret).await.unwrap();
        t.later(IDLE - MINUTE);
        let asked = glance().await.unwrap();
        assert_eq!(asked.idle_until.since(t.clock.now()), MINUTE);
        assert_eq!(asked.until.since(asked.idle_until), LONGEST - IDLE);
        let used = session::current(&t.ctx, &secret).await.unwrap().unwrap();
        assert_eq!(used.idle_until.since(t.clock.now()), IDLE);
        assert_eq!(used.until, asked.until);
        t.later(IDLE - MINUTE);
        assert_eq!(glance().await.unwrap().idle_until, used.idle_until);
        t.later(MINUTE);
        assert!(glance().await.is_none(), "nobody has used it");
    });
}

#[test]
fn sessions_are_ended_by_their_owner_or_who_may_change_staff() {
    both(async |t| {
        let (id, me) = t.staff("1", Role::Viewer, "水道課").await;
        let (_, other) = t.staff("2", Role::Sender, "水道課").await;
        let (_, admin) = t.staff("3", Role::Admin, "広報課").await;
        let one = session::open(&t.ctx, id, "", "").await.unwrap();
        let two = session::open(&t.ctx, id, "", "").await.unwrap();
        let number =
            async |secret: &str| session::current(&t.ctx, secret).await.unwrap().unwrap().id;
        assert!(matches!(session::end(&other, number(&one).await).await, Err(Error::Forbidden(_))));
        session::end(&admin, number(&one).await).await.unwrap();
        session::end(&me, number(&two).await).await.unwrap();
        assert!(session::current(&t.ctx, &two).await.unwrap().is_none());
        assert!(matches!(session::end(&admin, SessionId(999)).await, Err(Error::NotFound)));
    });
}

#[test]
fn a_new_password_ends_the_other_sessions() {
    both(async |t| {
        let (id, me) = t.staff("1", Role::Viewer, "水道課").await;
        let (_, admin) = t.staff("3", Role::Admin, "広報課").await;
        let keep = session::open(&t.ctx, id, "", "").await.unwrap();
        let lose = session::open(&t.ctx, id, "", "").await.unwrap();
        let kept = session::current(&t.ctx, &keep).await.unwrap().unwrap();
        set_password(&me, id, "mine", Some(kept.id.0)).await.unwrap();
        assert!(session::current(&t.ctx, &lose).await.unwrap().is_none());
        assert!(!session::current(&t.ctx, &keep).await.unwrap().unwrap().must_change);
        set_password(&admin, id, "theirs", None).await.unwrap();
        assert!(session::current(&t.ctx, &keep).await.unwrap().is_none());
        assert!(get(&admin, id).await.unwrap().must_change);
        assert_eq!(password(&t.ctx, "1").await.unwrap(), Some((id, "theirs".to_owned())));
    });
}

#[test]
fn wrong_tries_lock_and_the_lock_opens_by_itself() {
    both(async |t| {
        let locked = async || {
            session::throttle(&t.ctx, "204817").await.unwrap().locked_minutes(t.clock.now())
        };
        for _ in 1..TRIES {
            assert_eq!(
                session::failed(&t.ctx, "204817", "10.0.0.1").await.unwrap().locked_until,
                None
            );
        }
        assert_eq!(locked().await, None);
        session::failed(&t.ctx, "204817", "10.0.0.1").await.unwrap();
        assert_eq!(locked().await, Some(15));
        // Tries that were under way when it locked neither open nor lengthen the lock.
        for _ in 0..3 {
            session::failed(&t.ctx, "204817", "10.0.0.1").await.unwrap();
            assert_eq!(locked().await, Some(15));
        }
        assert_eq!(
            session::throttle(&t.ctx, "300000").await.unwrap().locked_minutes(t.clock.now()),
            None,
            "another number"
        );
        t.later(LOCKED_FOR);
        assert_eq!(locked().await, None);
        session::failed(&t.ctx, "204817", "10.0.0.1").await.unwrap();
        session::succeeded(&t.ctx, "204817").await.unwrap();
        assert_eq!(session::throttle(&t.ctx, "204817").await.unwrap().failed, 0);
        session::failed(&t.ctx, "204817", "10.0.0.1").await.unwrap();
        t.later(24 * HOUR);
        assert_eq!(
            session::throttle(&t.ctx, "204817").await.unwrap().failed,
            0,
            "yesterday's try is forgotten"
        );
        assert_eq!(
            t.number("SELECT COUNT(*) AS n FROM ledger WHERE act = 'session.failed'").await,
            i64::from(TRIES) + 5
        );
    });
}

#[test]
fn wrong_tries_at_the_same_time_count_one_by_one() {
    both(async |t| {
        let try_it = || session::failed(&t.ctx, "1", "10.0.0.1");
        let tries = futures::future::join_all((0..TRIES).map(|_| try_it())).await;
        assert_eq!(
            tries.into_iter().filter(|r| r.as_ref().unwrap().locked_until.is_some()).count(),
            1
        );
    });
}

#[test]
fn a_token_does_what_it_was_made_for_until_it_is_revoked() {
    both(async |t| {
        let text = token::create(
            &t.ctx,
            "防災システム",
            &[Permission::DeliverySend, Permission::AudienceRead],
        )
        .await
        .unwrap();
        assert!(text.starts_with("kairan_") && text.len() == 55, "{}", text.len());
        let actor = token::actor(&t.ctx, &text).await.unwrap().unwrap();
        let Actor::Token { id, permissions } = actor else { panic!("{actor:?}") };
        assert_eq!(permissions, [Permission::DeliverySend, Permission::AudienceRead]);
        assert_eq!(token::actor(&t.ctx, &format!("{text}0")).await.unwrap(), None);
        token::revoke(&t.ctx, TokenId(999)).await.unwrap();
        token::revoke(&t.ctx, id).await.unwrap();
        assert_eq!(token::actor(&t.ctx, &text).await.unwrap(), None);
    });
}
