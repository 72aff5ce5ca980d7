//! How long blobs are kept.

use super::objects;
use crate::db::{exec, rows};
use crate::ledger::{self, Line};
use crate::{Context, Result, values};
use domain::id::BlobId;
use domain::link::LIFE;
use domain::time::DAY;
use futures::TryStreamExt;
use object_store::path::Path;
use sea_orm::FromQueryResult;
use std::collections::{BTreeMap, BTreeSet};

/// How long a picture or video is kept after a delivery with it was sent, in microseconds: as
/// long as its links lead on. LINE and the phones fetch it from us whenever somebody looks back
/// in the talk.
pub const KEPT_AFTER_SENT: i64 = LIFE;

/// How long a picture or video is kept that is in no delivery (any more), in microseconds: long enough
/// to bring back a draft that was deleted or what was taken out of one, or for another system to make
/// its delivery. What was called off before it was sent can be copied for as long as if it had been.
pub const KEPT_UNUSED: i64 = 7 * DAY;

/// How long an object may lie without its row, in microseconds: an upload takes minutes.
const UPLOADED_WITHIN: i64 = DAY;

/// Deletes blobs that are kept no longer, and objects without a row; answers how many.
///
/// # Errors
/// If the database or the blob store is away; what was deleted stays so.
pub async fn sweep(ctx: &Context) -> Result<u64> {
    Ok(outdated(ctx).await? + orphans(ctx).await?)
}

async fn outdated(ctx: &Context) -> Result<u64> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        token: String,
    }
    let now = ctx.now().0;
    // The times are asked again when the row is deleted: a draft may have taken it meanwhile.
    let old = "used_at < $1 AND (sent_at IS NULL OR sent_at < $2)
        AND NOT EXISTS (SELECT 1 FROM answer_file f WHERE f.token = blob.token)
        AND NOT EXISTS (SELECT 1 FROM answer_export_piece p WHERE p.token = blob.token)
        AND NOT EXISTS (SELECT 1 FROM delivery d WHERE (d.status NOT IN ('done', 'cancelled') OR d.frozen_at IS NULL AND d.updated_at >= $2) AND (d.parts LIKE '%' || blob.token || '%' OR d.variants LIKE '%' || blob.token || '%'))
        AND NOT EXISTS (SELECT 1 FROM template t WHERE t.parts LIKE '%' || blob.token || '%' OR t.variants LIKE '%' || blob.token || '%')
        AND NOT EXISTS (SELECT 1 FROM course c WHERE (c.state <> 'ended' OR c.updated_at >= $2) AND (c.written LIKE '%' || blob.token || '%' OR c.in_force LIKE '%' || blob.token || '%'))
        AND NOT EXISTS (SELECT 1 FROM menu m WHERE m.draft LIKE '%' || blob.token || '%' OR m.published LIKE '%' || blob.token || '%')
        AND NOT EXISTS (SELECT 1 FROM menu_version v WHERE v.document LIKE '%' || blob.token || '%')";
    let times = values![now - KEPT_UNUSED, now - KEPT_AFTER_SENT];
    let sql = format!("SELECT id, token FROM blob WHERE {old} ORDER BY id LIMIT 1000");
    let found: Vec<Row> = rows(ctx.store.read(), &sql, times.clone()).await?;
    let mut gone = 0;
    for Row { id, token } in found {
        let tx = ctx.store.begin().await?;
        let sql = format!("DELETE FROM blob WHERE {old} AND id = $3");
        let values = [times.clone(), values![id]].concat();
        if exec(&tx, &sql, values).await? == 0 {
            continue;
        }
        ledger::append(ctx, &tx, Line::ok("blob.delete", format!("blob:{id}"))).await?;
        tx.commit().await?;
        gone += 1;
        if let Ok(id) = token.parse::<BlobId>() {
            objects::delete_all(ctx, id.as_str()).await?;
        }
    }
    Ok(gone)
}

async fn orphans(ctx: &Context) -> Result<u64> {
    #[derive(FromQueryResult)]
    struct Row {
        token: String,
    }
    let before = ctx.now().0 - UPLOADED_WITHIN;
    let store = ctx.store.blobs()?.store();
    let mut old: BTreeMap<String, Vec<Path>> = BTreeMap::new();
    let mut objects = store.list(None);
    while let Some(object) = objects.try_next().await? {
        if object.last_modified.timestamp_micros() < before {
            let name = object.location.parts().next().map(|p| p.as_ref().to_owned());
            old.entry(name.unwrap_or_default()).or_default().push(object.location);
        }
    }
    let mut gone = 0;
    let names: Vec<&String> = old.keys().collect();
    for names in names.chunks(500) {
        let places: Vec<String> = (1..=names.len()).map(|n| format!("${n}")).collect();
        let places = places.join(",");
        let sql = format!(
            "SELECT token FROM blob WHERE token IN ({places}) UNION SELECT build FROM site_file WHERE build IN ({places})"
        );
        let values = names.iter().map(|n| sea_orm::Value::from((*n).clone())).collect();
        let known: Vec<Row> = rows(ctx.store.read(), &sql, values).await?;
        let known: BTreeSet<String> = known.into_iter().map(|r| r.token).collect();
        for name in names.iter().filter(|n| !known.contains(**n)) {
            for object in &old[*name] {
                objects::delete(ctx, object.as_ref()).await?;
                gone += 1;
            }
        }
    }
    Ok(gone)
}
