//! Where there is one writer, pages do not stand in the way of whoever works.

use crate::support::both;
use futures::stream::FuturesUnordered;
use futures::{StreamExt, poll};
use store::{Share, Store};

#[test]
fn whoever_works_waits_for_one_page_at_most() {
    both(async |t| {
        let work = &t.ctx.store;
        if !work.is_sqlite() {
            return;
        }
        let wait = |who: &'static str, store: Store| async move {
            let tx = store.begin().await.unwrap();
            (who, tx)
        };
        let first = work.begin().await.unwrap();
        let mut waiting = FuturesUnordered::new();
        for _ in 0..20 {
            waiting.push(wait("page", work.sharing(Share::Pages)));
        }
        assert!(poll!(waiting.next()).is_pending());
        waiting.push(wait("work", work.clone()));
        assert!(poll!(waiting.next()).is_pending());
        first.rollback().await.unwrap();
        let mut order = Vec::new();
        while let Some((who, tx)) = waiting.next().await {
            order.push(who);
            tx.rollback().await.unwrap();
        }
        assert_eq!(order.len(), 21);
        assert!(order[..2].contains(&"work"), "{order:?}");
    });
}
