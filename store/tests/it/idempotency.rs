//! A POST with a key happens once: its answer lies in the transaction of what it answers.

use crate::city::new_delivery;
use crate::support::{Test, both};
use domain::audience::Audience;
use domain::delivery::{NewDelivery, Purpose};
use domain::id::TokenId;
use domain::permission::{Actor, Permission};
use domain::time::MINUTE;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use store::idempotency::{Known, begin};
use store::{Context, Error, delivery};

const TOKEN: TokenId = TokenId(1);

/// A request of another system under this key.
fn request(t: &Test, key: &str) -> Context {
    let permissions = Permission::ALL.to_vec();
    let mut ctx = t.acting(Actor::Token { id: TOKEN, permissions });
    ctx.request_key = Some(key.to_owned());
    ctx
}

fn asked() -> NewDelivery {
    new_delivery(Purpose::Notice, Audience::Everyone, None)
}

async fn made(t: &Test) -> i64 {
    t.number("SELECT COUNT(*) AS n FROM delivery").await
}

#[test]
fn the_answer_is_there_as_soon_as_what_it_answers() {
    both(async |t| {
        let ctx = request(&t, "k");
        assert_eq!(begin(&t.ctx, TOKEN, "k", b"one").await.unwrap(), Known::New);
        let id = delivery::create(&ctx, &asked(), None).await.unwrap();
        // The process dies here; whoever asks again gets the answer.
        let answer = Known::Answered(201, format!(r#"{{"id":"{id}"}}"#));
        assert_eq!(begin(&t.ctx, TOKEN, "k", b"one").await.unwrap(), answer);
        assert_eq!(begin(&t.ctx, TOKEN, "k", b"other body").await.unwrap(), Known::Other);
        t.later(MINUTE + 1);
        assert_eq!(begin(&t.ctx, TOKEN, "k", b"one").await.unwrap(), answer);
        assert!(matches!(delivery::create(&ctx, &asked(), None).await, Err(Error::Conflict(_))));
        assert_eq!(made(&t).await, 1);
    });
}

#[test]
fn without_a_key_every_request_counts() {
    both(async |t| {
        let mut ctx = request(&t, "");
        ctx.request_key = None;
        for _ in 0..2 {
            delivery::create(&ctx, &asked(), None).await.unwrap();
        }
        assert_eq!(made(&t).await, 2);
    });
}

#[test]
fn of_two_runs_of_one_request_one_leaves_something() {
    both(async |t| {
        for round in 0..4 {
            let key = round.to_string();
            let ctx = request(&t, &key);
            assert_eq!(begin(&t.ctx, TOKEN, &key, b"one").await.unwrap(), Known::New);
            assert_eq!(begin(&t.ctx, TOKEN, &key, b"one").await.unwrap(), Known::Running);
            // The first stalls, the second is let in after a minute, and both go on.
            t.later(MINUTE + 1);
            assert_eq!(begin(&t.ctx, TOKEN, &key, b"one").await.unwrap(), Known::New);
            let ledger = t.number("SELECT COUNT(*) AS n FROM ledger").await;
            let new = asked();
            let (a, b) = tokio::join!(
                delivery::create(&ctx, &new, None),
                delivery::create(&ctx, &new, None)
            );
            let (first, second) = if a.is_ok() { (a, b) } else { (b, a) };
            assert!(matches!(second, Err(Error::Conflict(_))), "{second:?}");
            let answer = Known::Answered(201, format!(r#"{{"id":"{}"}}"#, first.unwrap()));
            assert_eq!(begin(&t.ctx, TOKEN, &key, b"one").await.unwrap(), answer);
            assert_eq!(made(&t).await, round + 1);
            let lines = t.number("SELECT COUNT(*) AS n FROM ledger").await - ledger;
            assert_eq!(lines, 2, "made and sent, once");
        }
    });
}

#[test]
fn whoever_dies_in_between_leaves_both_or_neither() {
    both(async |t| {
        let undecided = "SELECT (SELECT COUNT(*) FROM delivery) - (SELECT COUNT(*) FROM idempotency WHERE status IS NOT NULL) AS n";
        for steps in 0.. {
            assert!(steps < 1_000, "it never ends");
            let key = steps.to_string();
            let ctx = request(&t, &key);
            assert_eq!(begin(&t.ctx, TOKEN, &key, b"one").await.unwrap(), Known::New);
            let new = asked();
            let finished = {
                // Dropped where it waits after so many steps.
                let mut run = pin!(delivery::create(&ctx, &new, None));
                let mut left = steps;
                poll_fn(|cx| match run.as_mut().poll(cx) {
                    Poll::Ready(_) => Poll::Ready(true),
                    Poll::Pending if left == 0 => Poll::Ready(false),
                    Poll::Pending => {
                        left -= 1;
                        Poll::Pending
                    }
                })
                .await
            };
            assert_eq!(t.number(undecided).await, 0, "after {steps} steps");
            // A minute later it may be asked again, and then it is there once.
            t.later(MINUTE + 1);
            match begin(&t.ctx, TOKEN, &key, b"one").await.unwrap() {
                Known::New => {
                    delivery::create(&ctx, &new, None).await.unwrap();
                }
                Known::Answered(201, _) => {}
                other => panic!("after {steps} steps: {other:?}"),
            }
            assert_eq!(made(&t).await, steps + 1);
            if finished {
                break;
            }
        }
    });
}
