//! Bitmaps over resident numbers that answer counts while staff edit (design rule 7), and
//! how many chose what, so that no page counts facts.
//!
//! They follow `resident.changed_at`: a refresh reads again whoever changed since
//! the last one, with an overlap for transactions that were still open then.

use super::slices::Slices;
use crate::db::{one, rows};
use crate::{Context, Result, values};
use domain::audience::{Among, Resolved, Search, Since, Written};
use domain::id::{AttributeId, ChoiceId};
use domain::language::{Language, Wish};
use domain::time::{SECOND, Timestamp};
use roaring::RoaringBitmap;
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use tokio::sync::{Mutex, MutexGuard};

/// No transaction that changes residents stays open longer than this, in microseconds.
const OVERLAP: i64 = 10 * SECOND;

/// More changes than this in the window make it worth moving.
const WIDE: i64 = 1_000;

/// The live counts of one process.
#[derive(Default)]
pub struct Bitmaps {
    state: Mutex<State>,
}

/// Changed residents read at once: on SQLite each value of a row is a copy of its own, many times
/// as large as what is kept of it here. On PostgreSQL, where a piece may cost a look at every
/// fact, ten times as many.
const PIECE: usize = 20_000;

/// So many searches of texts keep their residents; then all are looked up again.
const SEARCHES_MAX: usize = 200;

/// Sets of residents: all friends, who made each choice, who answered what otherwise.
#[derive(Default)]
pub struct State {
    friends: RoaringBitmap,
    choices: HashMap<i64, RoaringBitmap>,
    /// Years and dates of each attribute.
    numbers: HashMap<i64, Slices>,
    /// Who answered each attribute of texts. The texts themselves stay in the database.
    texts: HashMap<i64, RoaringBitmap>,
    /// Who was found by each search that was asked for.
    found: HashMap<(AttributeId, Search), RoaringBitmap>,
    /// Who wishes to read in which language, but Japanese.
    wishes: BTreeMap<Wish, RoaringBitmap>,
    /// Lists and deliveries that the audiences at hand name: read anew for each question.
    among: HashMap<(Among, i64), RoaringBitmap>,
    /// Who wrote in forms what the audiences at hand ask for; read anew, too.
    wrote: HashMap<Written, RoaringBitmap>,
    friend_since: Slices,
    last_registered: Slices,
    first_registered: Slices,
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

impl Seen {
    /// Where the next window may begin: after the newest change, and before whatever may
    /// still be uncommitted.
    fn next(&self, now: i64) -> i64 {
        (self.newest.unwrap_or(0) + 1).min(now - OVERLAP)
    }
}

/// What tells whether anything in the window changed: also a change with an older time,
/// of another server or of a transaction that was committed late, moves the sum.
const SEEN: &str = "SELECT COUNT(*) AS n, MAX(changed_at) AS newest, CAST(COALESCE(SUM(changed_at % 1000003), 0) AS BIGINT) AS mixed
    FROM resident WHERE changed_at >= $1";

#[derive(FromQueryResult)]
struct Friend {
    id: i64,
    changed_at: i64,
    friend: bool,
    friend_at: i64,
    registered_at: Option<i64>,
    first_registered_at: Option<i64>,
    language: Option<String>,
    line_language: Option<String>,
}

#[derive(FromQueryResult)]
struct Said {
    attribute_id: i64,
    resident_id: i64,
    number: Option<i64>,
    folded: Option<String>,
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
        let same = one::<Seen, _>(ctx.store.read(), SEEN, values![since]).await? == state.seen;
        // After many came at once the window is moved on, so that looking stays cheap.
        let wide = state.seen.as_ref().is_some_and(|s| s.n > WIDE && s.next(ctx.now().0) > since);
        if same && !wide {
            return Ok(state);
        }
        // Everything from one snapshot, so that no half of a change is read.
        let db = ctx.store.begin_read().await?;
        let seen: Option<Seen> = one(&db, SEEN, values![since]).await?;
        // What has been read already is not read again because the window moves.
        if seen != state.seen {
            let piece = if ctx.store.is_sqlite() { PIECE } else { PIECE * 10 };
            state.read_changed(&db, since, piece).await?;
        }
        // The next window begins before what may still be uncommitted now.
        let next = seen.as_ref().map_or(0, |s| s.next(ctx.now().0)).max(since);
        let seen = if next == since { seen } else { one(&db, SEEN, values![next]).await? };
        db.rollback().await?;
        state.since = next;
        state.seen = seen;
        Ok(state)
    }

    /// The same, ready to select these audiences: every search of a text has its residents.
    pub(crate) async fn fresh_for(
        &self,
        ctx: &Context,
        audiences: &[Resolved],
    ) -> Result<MutexGuard<'_, State>> {
        // Before the state is held: answers of a large form take a while to open.
        let (among, wrote) = named(ctx, audiences).await?;
        let mut state = self.fresh(ctx).await?;
        (state.among, state.wrote) = (among, wrote);
        let mut asked = Vec::new();
        for audience in audiences {
            searches(audience, &mut asked);
        }
        asked.retain(|key| !state.found.contains_key(key));
        if state.found.len() + asked.len() > SEARCHES_MAX {
            state.found.clear();
            audiences.iter().for_each(|a| searches(a, &mut asked));
        }
        for key in asked {
            if state.found.contains_key(&key) {
                continue;
            }
            // It may already hold what the others will learn with the next change: nobody is lost by that.
            let sql = format!(
                "SELECT resident_id FROM fact_value WHERE attribute_id = {} AND {}",
                key.0,
                super::text(&key.1)
            );
            let found: Vec<Found> = rows(ctx.store.read(), &sql, vec![]).await?;
            state.found.insert(key, found.into_iter().map(|f| f.resident_id as u32).collect());
        }
        Ok(state)
    }
}

#[derive(FromQueryResult)]
struct Found {
    resident_id: i64,
}

/// The lists, deliveries and forms that audiences name, from one snapshot: a delivery that ends
/// meanwhile moves its recipients from its calls to its outcome.
async fn named(
    ctx: &Context,
    audiences: &[Resolved],
) -> Result<(HashMap<(Among, i64), RoaringBitmap>, HashMap<Written, RoaringBitmap>)> {
    let sets: BTreeSet<(Among, i64)> = audiences.iter().flat_map(Resolved::among).collect();
    let asked: BTreeSet<Written> = audiences.iter().flat_map(Resolved::wrote).collect();
    let mut among = HashMap::with_capacity(sets.len());
    let mut wrote = HashMap::with_capacity(asked.len());
    if sets.is_empty() && asked.is_empty() {
        return Ok((among, wrote));
    }
    let db = ctx.store.begin_read().await?;
    for key in sets {
        among.insert(key, super::people(ctx, &db, key).await?);
    }
    for key in asked {
        let people = super::writers(ctx, &db, &key).await?;
        wrote.insert(key, people);
    }
    db.rollback().await?;
    Ok((among, wrote))
}

/// Every search that an audience asks for.
fn searches(audience: &Resolved, out: &mut Vec<(AttributeId, Search)>) {
    match audience {
        Resolved::All(items) | Resolved::Any(items) => {
            items.iter().for_each(|item| searches(item, out));
        }
        Resolved::Not(inner) => searches(inner, out),
        Resolved::Text { attribute, search } => out.push((*attribute, search.clone())),
        Resolved::Everyone
        | Resolved::Chose(_)
        | Resolved::Number { .. }
        | Resolved::Answered(_)
        | Resolved::Since { .. }
        | Resolved::Among(..)
        | Resolved::Wrote(_) => {}
    }
}

impl State {
    /// The friends of an audience.
    pub fn select(&self, audience: &Resolved) -> RoaringBitmap {
        self.select_of(&self.friends, audience)
    }

    /// Who of some residents, friends or not, belongs to an audience.
    pub fn select_of(&self, all: &RoaringBitmap, audience: &Resolved) -> RoaringBitmap {
        match audience {
            Resolved::Everyone => all.clone(),
            Resolved::All(items) => {
                let mut items = items.iter();
                let Some(first) = items.next() else { return RoaringBitmap::new() };
                items.fold(self.select_of(all, first), |set, item| set & self.select_of(all, item))
            }
            Resolved::Any(items) => {
                items.iter().fold(RoaringBitmap::new(), |set, item| set | self.select_of(all, item))
            }
            Resolved::Not(inner) => all - self.select_of(all, inner),
            Resolved::Chose(ids) => self.chose(ids) & all,
            Resolved::Number { attribute, from, to } => match self.numbers.get(&attribute.0) {
                Some(numbers) => numbers.between(*from, *to) & all,
                None => RoaringBitmap::new(),
            },
            Resolved::Text { attribute, search } => {
                match self.found.get(&(*attribute, search.clone())) {
                    Some(found) => found & all,
                    None => RoaringBitmap::new(),
                }
            }
            Resolved::Answered(attribute) => self.answered(*attribute) & all,
            Resolved::Since { what, from, to } => {
                let days = match what {
                    Since::Friend => &self.friend_since,
                    Since::Registered => &self.last_registered,
                    Since::First => &self.first_registered,
                };
                days.between(*from, *to) & all
            }
            Resolved::Among(what, id) => match self.among.get(&(*what, *id)) {
                Some(people) => people & all,
                None => RoaringBitmap::new(),
            },
            Resolved::Wrote(asked) => match self.wrote.get(asked) {
                Some(people) => people & all,
                None => RoaringBitmap::new(),
            },
        }
    }

    /// All residents, friends or not, who answered an attribute without choices.
    pub fn answered(&self, attribute: AttributeId) -> RoaringBitmap {
        let numbers = self.numbers.get(&attribute.0).map(|n| n.known().clone());
        let texts = self.texts.get(&attribute.0).cloned();
        numbers.unwrap_or_default() | texts.unwrap_or_default()
    }

    /// Forgets everything but friends and choices of these residents.
    /// Reads again whoever changed since then, piece by piece. Where it fails on the way, `since`
    /// has not moved, and the same are read another time.
    async fn read_changed<C: ConnectionTrait>(
        &mut self,
        db: &C,
        since: i64,
        piece: usize,
    ) -> Result<()> {
        let residents = format!(
            "SELECT id, changed_at, friend, friend_at, registered_at, first_registered_at, language, line_language FROM resident WHERE (changed_at, id) > ($1, $2) ORDER BY changed_at, id LIMIT {piece}"
        );
        let of_them = "resident_id IN (SELECT id FROM resident WHERE (changed_at, id) > ($1, $2) AND (changed_at, id) <= ($3, $4))";
        let facts = format!("SELECT choice_id, resident_id FROM fact WHERE {of_them}");
        // What a text says is needed where it was searched for.
        let folded = if self.found.is_empty() { "CAST(NULL AS TEXT)" } else { "folded" };
        let said = format!(
            "SELECT attribute_id, resident_id, number, {folded} AS folded FROM fact_value WHERE {of_them}"
        );
        let mut after = (since, 0);
        loop {
            let changed: Vec<Friend> = rows(db, &residents, values![after.0, after.1]).await?;
            let Some(last) = changed.last().map(|f| (f.changed_at, f.id)) else { return Ok(()) };
            let piece = || values![after.0, after.1, last.0, last.1];
            let facts: Vec<Fact> = rows(db, &facts, piece()).await?;
            let said: Vec<Said> = rows(db, &said, piece()).await?;
            let ids: RoaringBitmap = changed.iter().map(|f| f.id as u32).collect();
            self.forget(&ids);
            changed.iter().for_each(|f| self.meet(f));
            for f in facts {
                self.choices.entry(f.choice_id).or_default().insert(f.resident_id as u32);
            }
            said.iter().for_each(|answer| self.learn(answer));
            after = last;
        }
    }

    fn meet(&mut self, f: &Friend) {
        let resident = f.id as u32;
        if f.friend {
            self.friends.insert(resident);
        }
        let day = |at: i64| Timestamp(at).date().days();
        self.friend_since.insert(resident, day(f.friend_at));
        if let Some(at) = f.registered_at {
            self.last_registered.insert(resident, day(at));
        }
        if let Some(at) = f.first_registered_at.or(f.registered_at) {
            self.first_registered.insert(resident, day(at));
        }
        let own = f.language.as_deref().and_then(Language::parse);
        let wish = Wish::of(own, f.line_language.as_deref());
        if !matches!(wish, Wish::Unknown | Wish::In(Language::Japanese)) {
            self.wishes.entry(wish).or_default().insert(resident);
        }
    }

    fn forget(&mut self, ids: &RoaringBitmap) {
        self.friends -= ids;
        self.choices.values_mut().for_each(|c| *c -= ids);

        self.numbers.values_mut().for_each(|n| n.remove(ids));
        self.texts.values_mut().for_each(|t| *t -= ids);
        self.found.values_mut().for_each(|f| *f -= ids);
        self.wishes.values_mut().for_each(|w| *w -= ids);
        self.friend_since.remove(ids);
        self.last_registered.remove(ids);
        self.first_registered.remove(ids);
    }

    fn learn(&mut self, said: &Said) {
        let resident = said.resident_id as u32;
        if let Some(number) = said.number {
            self.numbers.entry(said.attribute_id).or_default().insert(resident, number);
            return;
        }
        self.texts.entry(said.attribute_id).or_default().insert(resident);
        let Some(folded) = &said.folded else { return };
        for ((attribute, search), found) in &mut self.found {
            if attribute.0 == said.attribute_id && search.fits(folded) {
                found.insert(resident);
            }
        }
    }

    /// How many of some residents wish to read in which language but Japanese.
    pub fn wishes(&self, of: &RoaringBitmap) -> Vec<(Wish, i64)> {
        let counted =
            self.wishes.iter().map(|(wish, set)| (*wish, set.intersection_len(of) as i64));
        counted.filter(|(_, n)| *n > 0).collect()
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
