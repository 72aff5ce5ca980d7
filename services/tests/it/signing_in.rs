//! Who somebody is: staff by password, residents by LINE's ID token.

use crate::line::{Line, platform};
use crate::support::{Test, both};
use domain::permission::{Actor, Role};
use domain::staff::{NewStaff, TRIES};
use sandbox::Config;
use services::account::{SignInError, add, change_password, current, reset_password, sign_in};
use services::resident::{LoginRefused, log_in};
use services::{Error, Platform};
use std::sync::Arc;

const PASSWORD: &str = "みほんの山と海とバス停です";

async fn office(t: &Test) -> (Arc<Platform>, domain::id::StaffId) {
    let platform = platform(t, "http://127.0.0.1:9");
    let new = NewStaff {
        number: "204817".into(),
        name: "見本 花子".into(),
        role: Role::Admin,
        department: "広報課".into(),
        password: PASSWORD.into(),
    };
    let id = add(&platform, &platform.system(), new, false).await.unwrap();
    (platform, id)
}

#[test]
fn the_right_password_opens_a_session() {
    both(async |t| {
        let (platform, id) = office(&t).await;
        let secret =
            sign_in(&platform, " 204817 ", PASSWORD, "127.0.0.1", "browser").await.unwrap();
        let session = current(&platform.system(), &secret).await.unwrap().unwrap();
        assert_eq!((session.staff, session.role, session.must_change), (id, Role::Admin, false));
        for (number, password) in [
            ("204817", "みほんの山と海とバス停でず"),
            ("204817", ""),
            ("999999", PASSWORD),
            ("", ""),
            ("204817", &"長".repeat(200)),
        ] {
            let refused = sign_in(&platform, number, password, "127.0.0.1", "browser").await;
            assert!(matches!(refused, Err(SignInError::Wrong)), "{number}: {refused:?}");
        }
    });
}

#[test]
fn after_five_wrong_tries_the_right_password_waits_too() {
    both(async |t| {
        let (platform, _) = office(&t).await;
        for number in ["204817", "nobody"] {
            for n in 1..=TRIES {
                let refused = sign_in(&platform, number, "wrong password", "10.0.0.1", "").await;
                assert_eq!(
                    matches!(refused, Err(SignInError::Locked(15))),
                    n == TRIES,
                    "{number} {n}: {refused:?}"
                );
            }
            let locked = sign_in(&platform, number, PASSWORD, "10.0.0.1", "").await;
            assert!(
                matches!(locked, Err(SignInError::Locked(15))),
                "whether there is such an account or not: {locked:?}"
            );
        }
    });
}

#[test]
fn passwords_are_changed_and_reset() {
    both(async |t| {
        let (platform, id) = office(&t).await;
        let secret = sign_in(&platform, "204817", PASSWORD, "", "").await.unwrap();
        let session = current(&platform.system(), &secret).await.unwrap().unwrap();
        let me = platform.context(session.actor());
        for (old, new, at) in [
            ("wrong", "another good one 1", "old"),
            (PASSWORD, "short", "password"),
            (PASSWORD, PASSWORD, "password"),
            (PASSWORD, "204817 is my number", "password"),
        ] {
            let refused = change_password(&platform, &me, &session, old, new).await;
            assert!(
                matches!(&refused, Err(Error::Invalid(p)) if p[0].at == at),
                "{new}: {refused:?}"
            );
        }
        change_password(&platform, &me, &session, PASSWORD, "another good one 1").await.unwrap();
        assert!(matches!(
            sign_in(&platform, "204817", PASSWORD, "", "").await,
            Err(SignInError::Wrong)
        ));
        sign_in(&platform, "204817", "another good one 1", "", "").await.unwrap();
        let first = reset_password(&platform, &platform.system(), id).await.unwrap();
        let secret = sign_in(&platform, "204817", &first, "", "").await.unwrap();
        assert!(current(&platform.system(), &secret).await.unwrap().unwrap().must_change);
        assert!(matches!(
            reset_password(&platform, &platform.context(Actor::Nobody), id).await,
            Err(Error::Forbidden(_))
        ));
        let weak = NewStaff {
            number: "1".into(),
            name: String::new(),
            role: Role::Viewer,
            department: "課".into(),
            password: "short".into(),
        };
        assert!(
            matches!(add(&platform, &platform.system(), weak, true).await, Err(Error::Invalid(p)) if p.len() == 2)
        );
    });
}

#[test]
fn a_resident_logs_in_with_lines_token_only() {
    both(async |t| {
        let line = Line::start(&t).await;
        let user = line.sandbox.create_resident("見本 花子", true).unwrap();
        let token = line.sandbox.liff_session(user).unwrap().id_token;
        let (secret, resident) = log_in(&line.platform, &token).await.unwrap();
        let id = store::resident::find(&t.ctx, user.as_bytes()).await.unwrap().unwrap();
        assert_eq!(resident.actor, Actor::Resident(id));
        assert_eq!(
            services::resident::session_resident(&resident, &secret).await.unwrap(),
            Some(id)
        );
        assert_eq!(services::resident::mine(&resident).await.unwrap().registered_at, None);
        assert!(
            !store::resident::get(&t.ctx, id).await.unwrap().friend,
            "nobody told us that they are a friend"
        );

        let parts: Vec<&str> = token.split('.').collect();
        let other = line
            .sandbox
            .liff_session(line.sandbox.create_resident("別人", true).unwrap())
            .unwrap()
            .id_token;
        let claims_of_other = other.split('.').nth(1).unwrap();
        let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
        for forged in [
            String::new(),
            "a.b.c".into(),
            parts[..2].join("."),
            format!("{}.{}.", parts[0], parts[1]),
            format!("{}.{claims_of_other}.{}", parts[0], parts[2]),
            format!("{none}.{}.", parts[1]),
            "x".repeat(10_000),
        ] {
            let refused = log_in(&line.platform, &forged).await.map(drop);
            assert!(matches!(refused, Err(LoginRefused::Invalid)), "{forged}: {refused:?}");
        }
        assert_eq!(
            store::figure::known(&t.ctx).await.unwrap(),
            1,
            "nobody was made by a forged token"
        );
        line.end().await;
    });
}

#[test]
fn an_expired_or_foreign_token_does_not_log_in() {
    both(async |t| {
        // Two hours ago: tokens live for one.
        let clock = sandbox::clock::system();
        let early = Line::with(
            &t,
            Config {
                clock: Arc::new(move || clock() - 2 * sandbox::clock::HOUR),
                ..Config::for_tests()
            },
        )
        .await;
        let user = early.sandbox.create_resident("見本 花子", true).unwrap();
        let expired = log_in(&early.platform, &early.sandbox.liff_session(user).unwrap().id_token)
            .await
            .map(drop);
        assert!(matches!(expired, Err(LoginRefused::Invalid)), "{expired:?}");
        // Of another city's channel, and signed by another key.
        let line = Line::start(&t).await;
        for config in [
            Config { login_channel_id: "1000000009".into(), ..Config::for_tests() },
            Config { seed: 99, ..Config::for_tests() },
        ] {
            let foreign = Line::with(&t, config).await;
            let user = foreign.sandbox.create_resident("見本 花子", true).unwrap();
            let refused =
                log_in(&line.platform, &foreign.sandbox.liff_session(user).unwrap().id_token)
                    .await
                    .map(drop);
            assert!(matches!(refused, Err(LoginRefused::Invalid)), "{refused:?}");
            foreign.end().await;
        }
        assert_eq!(store::figure::known(&t.ctx).await.unwrap(), 0);
        line.end().await;
        early.end().await;
    });
}

#[test]
fn while_line_is_away_nobody_is_called_a_forger() {
    both(async |t| {
        let line = Line::start(&t).await;
        let user = line.sandbox.create_resident("見本 花子", true).unwrap();
        let token = line.sandbox.liff_session(user).unwrap().id_token;
        let platform = line.platform.clone();
        line.end().await;
        let refused = log_in(&platform, &token).await.map(drop);
        assert!(matches!(refused, Err(LoginRefused::Unavailable)), "{refused:?}");
    });
}
