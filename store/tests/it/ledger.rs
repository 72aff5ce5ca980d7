//! The ledger: appended with the act, sealed, checked (ADM-4).

use crate::support::{NOON, both};
use domain::id::DeliveryId;
use domain::time::SECOND;
use store::delivery::{Draft, draft, save};
use store::ledger::{Line, Query, append, list, note, seal, seal_of_delivery, verify};

#[test]
fn sealed_lines_have_running_numbers_and_hold() {
    both(async |t| {
        assert_eq!(verify(&t.ctx).await.unwrap(), None, "an empty ledger holds");
        for n in 0..2_500 {
            note(&t.ctx, Line::ok("resident.view", format!("resident:{n}"))).await.unwrap();
            if n == 10 {
                assert_eq!(seal(&t.ctx).await.unwrap(), 11);
            }
        }
        assert_eq!(
            (seal(&t.ctx).await.unwrap(), seal(&t.ctx).await.unwrap(), seal(&t.ctx).await.unwrap()),
            (2_000, 489, 0)
        );
        assert_eq!(t.number("SELECT COUNT(DISTINCT seq) AS n FROM ledger").await, 2_500);
        assert_eq!(t.number("SELECT MAX(seq) AS n FROM ledger").await, 2_500);
        assert_eq!(verify(&t.ctx).await.unwrap(), None);
        for object in ["delivery:5", "delivery:5", "delivery:55"] {
            note(&t.ctx, Line::ok("delivery.done", object)).await.unwrap();
        }
        assert_eq!(seal_of_delivery(&t.ctx, DeliveryId(5)).await.unwrap(), None, "not sealed yet");
        seal(&t.ctx).await.unwrap();
        let (seq, hash) = seal_of_delivery(&t.ctx, DeliveryId(5)).await.unwrap().unwrap();
        assert_eq!((seq, hash.len()), (2_502, 64), "the last line of this very delivery");
    });
}

#[test]
fn whatever_is_changed_is_found() {
    both(async |t| {
        for n in 0..20 {
            note(&t.ctx, Line::ok("resident.export", "resident").count(n)).await.unwrap();
        }
        seal(&t.ctx).await.unwrap();
        for (change, back) in [
            ("actor = 'staff:9'", "actor = 'system'"),
            ("act = 'resident.view'", "act = 'resident.export'"),
            ("object = 'x'", "object = 'resident'"),
            ("result = 'refused'", "result = 'ok'"),
            ("count = 1000", "count = 6"),
            ("count = NULL", "count = 6"),
            ("at = at + 1", "at = at - 1"),
            ("seal = 'x' || seal", "seal = substr(seal, 2)"),
        ] {
            t.sql(&format!("UPDATE ledger SET {change} WHERE seq = 7")).await;
            assert_eq!(verify(&t.ctx).await.unwrap(), Some(7), "{change}");
            t.sql(&format!("UPDATE ledger SET {back} WHERE seq = 7")).await;
            assert_eq!(verify(&t.ctx).await.unwrap(), None, "{back}");
        }
        t.sql("DELETE FROM ledger WHERE seq = 7").await;
        assert_eq!(verify(&t.ctx).await.unwrap(), Some(8), "a line is missing");
    });
}

#[test]
fn sealers_side_by_side_make_one_chain() {
    both(async |t| {
        for n in 0..100 {
            note(&t.ctx, Line::ok("resident.view", format!("resident:{n}"))).await.unwrap();
        }
        let (a, b, c) = tokio::join!(seal(&t.ctx), seal(&t.ctx), seal(&t.ctx));
        assert_eq!(a.unwrap() + b.unwrap() + c.unwrap(), 100);
        assert_eq!(verify(&t.ctx).await.unwrap(), None);
    });
}

#[test]
fn a_line_lives_and_dies_with_its_act() {
    both(async |t| {
        let tx = t.ctx.store.begin().await.unwrap();
        append(&t.ctx, &tx, Line::ok("resident.view", "resident:1")).await.unwrap();
        tx.rollback().await.unwrap();
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM ledger").await, 0);
        let id = draft(&t.ctx, Draft::default()).await.unwrap();
        assert!(save(&t.ctx, id, NOON.plus(1), &Draft::default()).await.is_err());
        assert_eq!(
            t.number("SELECT COUNT(*) AS n FROM ledger").await,
            1,
            "only the making of the draft"
        );
    });
}

#[test]
fn the_ledger_is_searched() {
    both(async |t| {
        for (act, object) in [
            ("delivery.send", "delivery:1"),
            ("delivery.done", "delivery:1"),
            ("resident.view", "resident:7"),
            ("delivery.send", "delivery:100%"),
        ] {
            note(&t.ctx, Line::ok(act, object)).await.unwrap();
            t.later(SECOND);
        }
        let found = async |q: Query| {
            list(&t.ctx, &Query { limit: 10, ..q })
                .await
                .unwrap()
                .0
                .into_iter()
                .map(|e| e.act)
                .collect::<Vec<_>>()
        };
        let all = Query::default;
        assert_eq!(found(all()).await.len(), 4);
        for search in ["resident:7", "Resident:7"] {
            assert_eq!(found(Query { search: search.into(), ..all() }).await, ["resident.view"]);
        }
        assert_eq!(found(Query { search: "%".into(), ..all() }).await, ["delivery.send"]);
        assert_eq!(
            found(Query { search: "台帳".into(), acts: vec!["delivery.done".into()], ..all() })
                .await,
            ["delivery.done"]
        );
        assert_eq!(
            found(Query { search: "花子".into(), actors: vec!["system".into()], ..all() })
                .await
                .len(),
            4
        );
        assert_eq!(
            found(Query {
                from: Some(NOON.plus(SECOND)),
                until: Some(NOON.plus(3 * SECOND)),
                ..all()
            })
            .await,
            ["resident.view", "delivery.done"]
        );
        let (page, total) = list(&t.ctx, &Query { limit: 1, offset: 1, ..all() }).await.unwrap();
        assert_eq!((page[0].act.as_str(), total), ("resident.view", 4));
    });
}
