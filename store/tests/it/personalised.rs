//! A text that says something else to each resident (SEG-4): who reads the same is told in one
//! multicast, the others by a push each, and what is filled in lies sealed until it was taken.

use crate::city::{facts, user, value};
use crate::settling::{answer, figures, leased, settled, sum};
use crate::support::{Test, both};
use domain::attribute::Value;
use domain::audience::{Audience, Resolved};
use domain::delivery::call::{Next, Obstacle};
use domain::delivery::{NewDelivery, Purpose, Reason, Status};
use domain::id::{DeliveryId, ResidentId};
use domain::message::Part;
use domain::time::SECOND;
use std::collections::BTreeMap;
use store::delivery::{Frozen, create, freeze, reasons, release};
use store::outbox::{Kind, claim, finish_bitmaps, received, settle};
use store::resident::{ImportRow, import, unfollow};
use store::{Error, work};

/// 30 of 東町一丁目, 3 of 西地区 who like ごみ and もよおし, 12 who registered nothing.
async fn people(t: &Test) {
    let catalog = t.city().await;
    let row = |n: u32, given: &[(&str, &[&str])]| ImportRow {
        user: user(n),
        facts: facts(&catalog, given),
    };
    let mut rows: Vec<ImportRow> = (0..30).map(|n| row(n, &[("home", &["east1"])])).collect();
    rows.extend((30..33).map(|n| row(n, &[("home", &["west"]), ("topics", &["event", "waste"])])));
    rows.extend((33..45).map(|n| row(n, &[])));
    import(&t.ctx, rows).await.unwrap();
}

async fn greeting(t: &Test) -> DeliveryId {
    frozen(t, "{{home|みなさま}}へ。{{topics|}}").await
}

async fn frozen(t: &Test, text: &str) -> DeliveryId {
    let new = NewDelivery {
        title: "あいさつ".into(),
        audience: Audience::Everyone,
        parts: vec![Part::Text { text: text.into() }],
        purpose: Purpose::Notice,
        send_at: None,
        uncounted: vec![],
        variants: vec![],
    };
    let id = create(&t.ctx, &new, None).await.unwrap();
    assert!(freeze(&t.ctx, id, Frozen::Audience(&Resolved::Everyone)).await.unwrap());
    id
}

#[test]
fn who_reads_the_same_gets_it_in_one_call() {
    both(async |t| {
        people(&t).await;
        let id = greeting(&t).await;
        let calls = leased(&t, "w").await;
        let mut told: BTreeMap<ResidentId, Vec<String>> = BTreeMap::new();
        for call in &calls {
            let values = call.variables.clone().unwrap();
            assert_eq!(call.kind == Kind::Push, call.to.len() == 1, "{call:?}");
            for to in &call.to {
                told.insert(to.id, values.values().cloned().collect());
            }
        }
        assert_eq!((calls.len(), told.len()), (1 + 3 + 1, 45));
        assert_eq!(told[&t.resident(5).await], ["東町一丁目"]);
        assert_eq!(told[&t.resident(31).await], ["西地区", "ごみ、もよおし"]);
        assert_eq!(told[&t.resident(40).await], [""; 0]);

        let all: Vec<_> = calls.iter().map(|c| answer(c, Next::Accept)).collect();
        assert_eq!(settle(&t.ctx, "w", &all).await.unwrap(), [id]);
        assert_eq!(settle(&t.ctx, "w", &all).await.unwrap(), [], "again: it counts once");
        assert_eq!(figures(&t, id).await, sum(45, 45, 0, 0));
        let left = "SELECT COUNT(*) AS n FROM call WHERE variables IS NOT NULL";
        assert_eq!(t.number(left).await, 0, "what was filled in is forgotten");
        finish_bitmaps(&t.ctx, id).await.unwrap();
        assert_eq!(received(&t.ctx, id, t.resident(31).await).await.unwrap(), Some(true));
        // Who gets the correction is known from the bitmap, and before that from the calls.
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM call WHERE length(ids) > 0").await, 0);
    });
}

#[test]
fn among_many_calls_everybody_has_their_own() {
    both(async |t| {
        let catalog = t.other_kinds().await;
        let pet = |n: u32| (!n.is_multiple_of(7)).then(|| format!("ポチ{n}"));
        let row = |n: u32| ImportRow {
            user: user(n),
            facts: pet(n).map(|p| value(&catalog, "pet", Value::Text(p))).into_iter().collect(),
        };
        import(&t.ctx, (0..700).map(row).collect()).await.unwrap();
        let id = frozen(&t, "{{pet|どの子も}}、こんにちは").await;
        let calls = claim(&t.ctx, "w", 1_000).await.unwrap();
        let many: Vec<_> = calls.iter().filter(|c| c.kind == Kind::Multicast).collect();
        assert_eq!((calls.len(), many.len(), many[0].to.len()), (1 + 600, 1, 100));
        // Those who read the same come with the first of them.
        assert!(calls.is_sorted_by_key(|c| c.to[0].id));
        assert!(many[0].to.is_sorted_by_key(|r| r.id));
        let all: Vec<_> = calls.iter().map(|c| answer(c, Next::Accept)).collect();
        assert_eq!(settle(&t.ctx, "w", &all).await.unwrap(), [id]);
        assert_eq!(figures(&t, id).await, sum(700, 700, 0, 0));
        finish_bitmaps(&t.ctx, id).await.unwrap();
        for n in 0..700 {
            let resident = t.resident(n).await;
            let call = calls.iter().find(|c| c.to.iter().any(|r| r.id == resident)).unwrap();
            assert_eq!(call.variables.clone().unwrap().remove("pet"), pet(n), "{n}");
            assert_eq!(received(&t.ctx, id, resident).await.unwrap(), Some(true), "{n}");
        }
    });
}

#[test]
fn what_is_filled_in_stays_with_its_people_under_a_new_key() {
    both(async |t| {
        people(&t).await;
        let id = greeting(&t).await;
        unfollow(&t.ctx, &user(30), t.ctx.now().plus(1)).await.unwrap();
        unfollow(&t.ctx, &user(0), t.ctx.now().plus(1)).await.unwrap();
        let calls = leased(&t, "w").await;
        assert_eq!(calls.iter().map(|c| c.count).sum::<i64>(), 43, "who left is withheld");
        let of = |calls: &[store::outbox::Call], n: usize| {
            calls.iter().find(|c| c.count == n as i64).cloned().unwrap()
        };
        let many = of(&calls, 29);
        let values = many.variables.clone();
        let pushes: Vec<_> = calls.iter().filter(|c| c.kind == Kind::Push).collect();
        assert_eq!(pushes.len(), 2);
        assert!(!settled(&t, pushes[0], Next::Fail(Reason::RefusedId)).await);
        assert!(!settled(&t, pushes[1], Next::Accept).await);
        assert!(!settled(&t, &of(&calls, 12), Next::Accept).await);
        // One bad id: the others go on with the same words.
        assert!(!settled(&t, &many, Next::Without(vec![3])).await);
        let rest = of(&leased(&t, "w").await, 28);
        assert_eq!(rest.variables, values);
        assert!(!settled(&t, &rest, Next::Halve).await);
        let halves = leased(&t, "w").await;
        assert_eq!(
            halves.iter().map(|c| (c.count, &c.variables)).collect::<Vec<_>>(),
            [(14, &values), (14, &values)]
        );
        // Held by the quota, the call gets a new key, and what is filled in is sealed to it.
        assert!(!settled(&t, &halves[0], Next::Hold(Obstacle::Quota)).await);
        assert!(!settled(&t, &halves[1], Next::Accept).await);
        assert_eq!(t.get(id).await.status, Status::Held);
        release(&t.ctx, id).await.unwrap();
        t.later(120 * SECOND);
        let again = leased(&t, "w").await;
        assert_eq!((again.len(), &again[0].variables), (1, &values));
        assert_ne!(again[0].retry_key, halves[0].retry_key);
        assert!(settled(&t, &again[0], Next::Accept).await);
        assert_eq!(figures(&t, id).await, sum(45, 41, 2, 2));
        let mut why = reasons(&t.ctx, id).await.unwrap();
        why.sort();
        assert_eq!(why, [(Reason::Unfollowed, 2), (Reason::RefusedId, 2)]);
    });
}

#[test]
fn what_is_filled_in_moves_to_a_new_key_file() {
    both(async |t| {
        people(&t).await;
        greeting(&t).await;
        let both_keys = t.reopened(&[1, 2]).await;
        while work::rotate(&both_keys).await.unwrap() > 0 {}
        both_keys.store.close().await;
        assert!(matches!(store::outbox::claim(&t.ctx, "w", 1).await, Err(Error::Undecryptable(_))));
        let new = t.reopened(&[2]).await;
        let calls = store::outbox::claim(&new, "w", 100).await.unwrap();
        assert!(calls.iter().all(|c| c.variables.is_some()));
        new.store.close().await;
    });
}
