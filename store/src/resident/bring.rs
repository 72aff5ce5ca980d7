//! How residents come and go: import, follow, unfollow, synchronisation.

use super::{LineUser, remember, user_hash, value};
use crate::db::{doubling, exec, list, number, one, rows, tuples};
use crate::ledger::{self, Line};
use crate::{Context, Result, values};
use domain::attribute::Answer;
use domain::id::{AttributeId, ResidentId};
use domain::permission::Permission;
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use std::collections::{BTreeMap, HashMap};

/// One resident to import: given attributes replace, an empty list clears, others stay.
#[derive(Clone, Debug)]
pub struct Row {
    /// Who.
    pub user: LineUser,
    /// What they registered.
    pub facts: Vec<(AttributeId, Answer)>,
}

/// What an import changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Residents who were not known.
    pub created: u64,
    /// Residents who were.
    pub updated: u64,
}

/// Residents of whom one statement asks, or whom it brings: a power of two.
const AT_ONCE: usize = 512;

#[derive(FromQueryResult)]
struct Known {
    id: i64,
    line_hash: Vec<u8>,
}

/// After many came: PostgreSQL learns at once how residents are spread. Until it did so by itself
/// it would look at all of them for the few that have changed, for each live count.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn many_came(ctx: &Context) -> Result<()> {
    ctx.allow(Permission::ResidentImport)?;
    if !ctx.store.is_sqlite() {
        for table in ["resident", "fact", "fact_value"] {
            exec(ctx.store.read(), &format!("ANALYZE {table}"), vec![]).await?;
        }
    }
    Ok(())
}

/// Imports a piece of at most 1,000 rows in one transaction. A user that appears
/// twice counts as created or updated for each row; the later row wins.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn import(ctx: &Context, rows: Vec<Row>) -> Result<Imported> {
    ctx.allow(Permission::ResidentImport)?;
    let given = rows.len() as u64;
    let mut merged: BTreeMap<LineUser, BTreeMap<i64, Answer>> = BTreeMap::new();
    for row in rows {
        merged.entry(row.user).or_default().extend(row.facts.into_iter().map(|(a, c)| (a.0, c)));
    }
    let users: Vec<LineUser> = merged.keys().copied().collect();
    let tx = ctx.store.begin().await?;
    let (ids, created) = ensure(ctx, &tx, &users).await?;
    if !ctx.store.is_sqlite() {
        // In one order, so that two imports of the same people do not wait in a circle.
        let sql = format!(
            "SELECT id FROM resident WHERE id IN ({}) ORDER BY id FOR UPDATE",
            list(ids.values().map(|(id, _)| id.0))
        );
        tx.execute_unprepared(&sql).await?;
    }
    let mut replaced: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    let mut facts: Vec<String> = Vec::new();
    let mut values = Vec::new();
    for (user, attributes) in &merged {
        let (id, new) = ids[user];
        for (attribute, answer) in attributes {
            if !new {
                replaced.entry(*attribute).or_default().push(id.0);
            }
            match answer {
                Answer::Chosen(choices) => {
                    facts.extend(choices.iter().map(|c| format!("({},{id},{attribute})", c.0)));
                }
                Answer::Value(value) => values.push((AttributeId(*attribute), id, value.clone())),
            }
        }
    }
    for (attribute, residents) in replaced {
        let residents = list(residents);
        for table in ["fact", "fact_value"] {
            let sql = format!(
                "DELETE FROM {table} WHERE attribute_id = {attribute} AND resident_id IN ({residents})"
            );
            tx.execute_unprepared(&sql).await?;
        }
    }
    value::insert(&tx, &values).await?;
    for piece in facts.chunks(2_000) {
        let sql = format!(
            "INSERT INTO fact (choice_id, resident_id, attribute_id) VALUES {} ON CONFLICT DO NOTHING",
            piece.join(",")
        );
        tx.execute_unprepared(&sql).await?;
    }
    let sql = format!(
        "UPDATE resident SET changed_at = {now}, registered_at = COALESCE(registered_at, {now}), first_registered_at = COALESCE(first_registered_at, registered_at, {now}) WHERE id IN ({})",
        list(ids.values().map(|(id, _)| id.0)),
        now = ctx.now().0
    );
    tx.execute_unprepared(&sql).await?;
    tx.commit().await?;
    Ok(Imported { created, updated: given - created })
}

/// Ids of users, those not known yet created as friends; the flag says which are new.
async fn ensure<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    users: &[LineUser],
) -> Result<(HashMap<LineUser, (ResidentId, bool)>, u64)> {
    let keys = ctx.store.keys();
    // In one order for all, so that two imports of the same people do not wait for one another in a circle.
    let hashes: BTreeMap<Vec<u8>, LineUser> =
        users.iter().map(|u| (user_hash(keys, u), *u)).collect();
    let mut ids: HashMap<LineUser, (ResidentId, bool)> = HashMap::with_capacity(users.len());
    let wanted: Vec<&Vec<u8>> = hashes.keys().collect();
    for k in known(db, &wanted).await? {
        ids.insert(hashes[&k.line_hash], (ResidentId(k.id), false));
    }
    let new: Vec<(&Vec<u8>, &LineUser)> =
        hashes.iter().filter(|(_, u)| !ids.contains_key(*u)).collect();
    let mut created = 0;
    let now = ctx.now().0;
    for piece in doubling(&new, AT_ONCE) {
        let mut values: Vec<Value> = Vec::with_capacity(piece.len() * 2 + 1);
        for (hash, user) in piece {
            values.push((*hash).clone().into());
            values.push(keys.seal(ctx, "resident.line_id", hash, *user).into());
        }
        values.push(now.into());
        let at = format!("${}", values.len());
        let marks =
            tuples(piece.len(), 2).replace(')', &format!(",TRUE,{at},'all',FALSE,{at},{at})"));
        let sql = format!(
            "INSERT INTO resident (line_hash, line_id, friend, friend_at, reception, tester, created_at, changed_at) VALUES {marks}
             ON CONFLICT (line_hash) DO NOTHING RETURNING id, line_hash"
        );
        for k in rows::<Known, _>(db, &sql, values).await? {
            ids.insert(hashes[&k.line_hash], (ResidentId(k.id), true));
            created += 1;
        }
    }
    // Created by somebody else since they were looked up.
    let missed: Vec<&Vec<u8>> =
        new.iter().filter(|(_, user)| !ids.contains_key(*user)).map(|(hash, _)| *hash).collect();
    for k in known(db, &missed).await? {
        ids.insert(hashes[&k.line_hash], (ResidentId(k.id), false));
    }
    Ok((ids, created))
}

async fn known<C: ConnectionTrait>(db: &C, hashes: &[&Vec<u8>]) -> Result<Vec<Known>> {
    let mut found = Vec::new();
    for piece in doubling(hashes, AT_ONCE) {
        let marks = (1..=piece.len()).map(|i| format!("${i}")).collect::<Vec<_>>().join(",");
        let sql = format!("SELECT id, line_hash FROM resident WHERE line_hash IN ({marks})");
        let values: Vec<Value> = piece.iter().map(|h| (*h).clone().into()).collect();
        found.extend(rows::<Known, _>(db, &sql, values).await?);
    }
    Ok(found)
}

#[derive(FromQueryResult)]
struct Friend {
    friend: bool,
    friend_at: i64,
}

/// A follow that LINE told us of, at `at`. Answers the resident, and whether they
/// were no friend before, or only a follower list or an import told of them (then the greeting
/// goes out).
///
/// # Errors
/// If the database is away.
pub async fn follow(ctx: &Context, user: &LineUser, at: Timestamp) -> Result<(ResidentId, bool)> {
    let tx = ctx.store.begin().await?;
    let (ids, created) = ensure(ctx, &tx, std::slice::from_ref(user)).await?;
    let (id, _) = ids[user];
    let became = if created == 1 {
        exec(&tx, "UPDATE resident SET friend_at = $1 WHERE id = $2", values![at.0, id.0]).await?;
        true
    } else {
        match set_friend(ctx, &tx, id, true, at).await? {
            Some(former) if former.friend => !told(&tx, id).await?,
            former => former.is_some(),
        }
    };
    if became {
        remember(ctx, &tx, id, at, "follow", "").await?;
        count_day(ctx, &tx, at, "followed").await?;
        ledger::append(ctx, &tx, Line::ok("resident.follow", format!("resident:{id}"))).await?;
    }
    tx.commit().await?;
    Ok((id, became))
}

/// Whether LINE ever told of a follow by them.
async fn told<C: ConnectionTrait>(db: &C, id: ResidentId) -> Result<bool> {
    let sql = "SELECT COUNT(*) AS n FROM history WHERE resident_id = $1 AND kind = 'follow'";
    Ok(number(db, sql, values![id.0]).await? > 0)
}

/// The resident of somebody who opened a page of ours; not a friend unless known as one.
///
/// # Errors
/// If the database is away.
pub async fn visit(ctx: &Context, user: &LineUser) -> Result<ResidentId> {
    if let Some(id) = super::find(ctx, user).await? {
        return Ok(id);
    }
    let tx = ctx.store.begin().await?;
    let (ids, created) = ensure(ctx, &tx, std::slice::from_ref(user)).await?;
    let (id, _) = ids[user];
    if created == 1 {
        exec(&tx, "UPDATE resident SET friend = FALSE, friend_at = 0 WHERE id = $1", values![id.0])
            .await?;
    }
    tx.commit().await?;
    Ok(id)
}

/// An unfollow (block) at `at`; data is kept for [`domain::resident::KEPT_AFTER_UNFOLLOW`].
///
/// # Errors
/// If the database is away.
pub async fn unfollow(ctx: &Context, user: &LineUser, at: Timestamp) -> Result<Option<ResidentId>> {
    let tx = ctx.store.begin().await?;
    let (ids, created) = ensure(ctx, &tx, std::slice::from_ref(user)).await?;
    let (id, _) = ids[user];
    if created == 1 {
        // Not known before: remembered as no friend, so that a later import does not write to them.
        exec(&tx, "UPDATE resident SET friend_at = 0 WHERE id = $1", values![id.0]).await?;
    }
    let left = set_friend(ctx, &tx, id, false, at).await?.is_some_and(|f| f.friend);
    if left {
        remember(ctx, &tx, id, at, "unfollow", "").await?;
        count_day(ctx, &tx, at, "unfollowed").await?;
        ledger::append(ctx, &tx, Line::ok("resident.unfollow", format!("resident:{id}"))).await?;
    }
    tx.commit().await?;
    Ok(left.then_some(id))
}

/// Events arrive out of order: only a newer one changes the state. Answers then what was known
/// before.
async fn set_friend<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    id: ResidentId,
    friend: bool,
    at: Timestamp,
) -> Result<Option<Friend>> {
    let former: Option<Friend> =
        one(db, "SELECT friend, friend_at FROM resident WHERE id = $1", values![id.0]).await?;
    let Some(former) = former.filter(|f| f.friend_at <= at.0) else { return Ok(None) };
    exec(
        db,
        "UPDATE resident SET friend = $1, friend_at = $2, changed_at = $3 WHERE id = $4",
        values![friend, at.0, ctx.now().0, id.0],
    )
    .await?;
    Ok(Some(former))
}

/// One page of LINE's follower list (at most 1,000). Whoever is on it is a friend,
/// unless an unfollow came after `began`. Answers how many became friends by it.
///
/// # Errors
/// If the database is away.
pub async fn sync(ctx: &Context, users: &[LineUser], began: Timestamp) -> Result<u64> {
    let tx = ctx.store.begin().await?;
    let (ids, created) = ensure(ctx, &tx, users).await?;
    let known = list(ids.values().filter(|(_, new)| !new).map(|(id, _)| id.0));
    let sql = format!(
        "UPDATE resident SET friend = TRUE, friend_at = $1, changed_at = $2 WHERE id IN ({known}) AND NOT friend AND friend_at < $1"
    );
    let back = exec(&tx, &sql, values![began.0, ctx.now().0]).await?;
    // What the list knows is as old as the list: an unfollow that LINE told us of since then counts.
    let new = list(ids.values().filter(|(_, new)| *new).map(|(id, _)| id.0));
    exec(&tx, &format!("UPDATE resident SET friend_at = $1 WHERE id IN ({new})"), values![began.0])
        .await?;
    tx.commit().await?;
    Ok(created + back)
}

/// Adds one to today's counter of a kind.
async fn count_day<C: ConnectionTrait>(
    _ctx: &Context,
    db: &C,
    at: Timestamp,
    name: &str,
) -> Result<()> {
    let sql = "INSERT INTO figure_day (day, name, value) VALUES ($1, $2, 1) ON CONFLICT (day, name) DO UPDATE SET value = figure_day.value + 1";
    exec(db, sql, values![at.date().days(), name]).await?;
    Ok(())
}
