//! Bitmaps over resident numbers that answer counts while staff edit (design rule 7), and
//! how many chose what, so that no page counts facts (design rule 9).
//!
//! They follow `resident.changed_at`: a refresh reads again whoever changed since
//! the last one, with an overlap for transactions that were still open then.

use crate::db::{one, rows};
use crate::{Context, Result, values};
use domain::audience::Resolved;
use domain::id::ChoiceId;
use domain::time::SECOND;
use roaring::RoaringBitmap;
use sea_orm::FromQueryResult;
use std::collections::HashMap;
use tokio::sync::{Mutex, MutexGuard};

/// No transaction that changes residents stays open longer than this, in microseconds.
const OVERLAP: i64 = 10 * SECOND;

/// The live counts of one process.
#[derive(Default)]
pub struct Bitmaps {
    state: Mutex<State>,
}

/// Sets of residents: all friends, and who made each choice.
#[derive(Default)]
pub struct State {
    friends: RoaringBitmap,
    choices: HashMap<i64, RoaringBitmap>,
    /// Everything changed before this is contained.
    since: i64,
    seen: Option<Seen>,
}

#[derive(FromQueryResult, PartialEq, Eq)]
struct Seen {
    n: i64,
    newest: Option<i64>,
    mixed: i64,
}

/// What tells whether anything in the window changed: also a change with an older time,
/// of another server or of a transaction that was committed late, moves the sum.
const SEEN: &str = "SELECT COUNT(*) AS n, MAX(changed_at) AS newest, CAST(COALESCE(SUM(changed_at % 1000003), 0) AS BIGINT) AS mixed
    FROM resident WHERE changed_at >= $1";

#[derive(FromQueryResult)]
struct Friend {
    id: i64,
    friend: bool,
}

#[derive(FromQueryResult)]
struct Fact {
    choice_id: i64,
    resident_id: i64,
}

impl Bitmaps {
    /// The state, brought up to date.
    pub(crate) async fn fresh(&self, ctx: &Context) -> Result<MutexGuard<'_, State>> {
        let mut state = self.state.lock().await;
        let since = state.since;
        if one::<Seen, _>(ctx.store.read(), SEEN, values![since]).await? == state.seen {
            return Ok(state);
        }
        // Everything from one snapshot, so that no half of a change is read.
        let db = ctx.store.begin_read().await?;
        let seen: Option<Seen> = one(&db, SEEN, values![since]).await?;
        let changed: Vec<Friend> =
            rows(&db, "SELECT id, friend FROM resident WHERE changed_at >= $1", values![since])
                .await?;
        let facts: Vec<Fact> = if since == 0 {
            rows(
                &db,
                "SELECT choice_id, resident_id FROM fact ORDER BY choice_id, resident_id",
                vec![],
            )
            .await?
        } else {
            rows(&db, "SELECT choice_id, resident_id FROM fact WHERE resident_id IN (SELECT id FROM resident WHERE changed_at >= $1)", values![since]).await?
        };
        // The next window begins before what may still be uncommitted now.
        let newest = seen.as_ref().and_then(|s| s.newest).unwrap_or(0);
        let next = (newest.min(ctx.now().0) - OVERLAP).max(since);
        let seen = if next == since { seen } else { one(&db, SEEN, values![next]).await? };
        db.rollback().await?;
        let ids: RoaringBitmap = changed.iter().map(|f| f.id as u32).collect();
        state.friends -= &ids;
        state.friends |=
            changed.iter().filter(|f| f.friend).map(|f| f.id as u32).collect::<RoaringBitmap>();
        for bitmap in state.choices.values_mut() {
            *bitmap -= &ids;
        }
        for f in facts {
            state.choices.entry(f.choice_id).or_default().insert(f.resident_id as u32);
        }
        state.since = next;
        state.seen = seen;
        Ok(state)
    }
}

impl State {
    /// The friends of an audience.
    pub fn select(&self, audience: &Resolved) -> RoaringBitmap {
        match audience {
            Resolved::Everyone => self.friends.clone(),
            Resolved::All(items) => {
                let mut items = items.iter();
                let Some(first) = items.next() else { return RoaringBitmap::new() };
                items.fold(self.select(first), |set, item| set & self.select(item))
            }
            Resolved::Any(items) => {
                items.iter().fold(RoaringBitmap::new(), |set, item| set | self.select(item))
            }
            Resolved::Not(inner) => &self.friends - self.select(inner),
            Resolved::Chose(ids) => self.chose(ids) & &self.friends,
        }
    }

    /// All residents, friends or not, who made one of these choices.
    pub fn chose<'a>(&self, ids: impl IntoIterator<Item = &'a ChoiceId>) -> RoaringBitmap {
        ids.into_iter()
            .filter_map(|id| self.choices.get(&id.0))
            .fold(RoaringBitmap::new(), |set, b| set | b)
    }

    /// The friends who made each choice that anybody made.
    pub fn friends_by_choice(&self) -> impl Iterator<Item = (ChoiceId, i64)> {
        self.choices
            .iter()
            .map(|(id, set)| (ChoiceId(*id), set.intersection_len(&self.friends) as i64))
            .filter(|(_, n)| *n > 0)
    }
}
