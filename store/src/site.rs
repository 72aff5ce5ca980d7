//! The hashed files of the built site, of this build and of the one before (design rule 8).
//!
//! While servers are upgraded one after another, a page of one build asks a server of the other
//! for its files, and pages that stand open go on asking afterwards: whoever does not have a
//! file on disk finds it here.

use crate::blob::{fetch, names, put_open};
use crate::db::{exec, one, rows};
use crate::{Context, Error, Result, values};
use bytes::Bytes;
use domain::time::HOUR;
use sea_orm::FromQueryResult;
use sha2::{Digest, Sha256};
use std::collections::HashSet;

/// Builds that are kept however old they are: what is served, and what was served before.
const KEPT: usize = 2;

/// How long another one is kept after the next was published, in microseconds: longer than the
/// servers take to change from one to the other, also where a mend follows at once.
const OVERLAP: i64 = HOUR;

/// A file as browsers ask for it.
#[derive(Clone, Debug)]
pub struct File {
    /// Its name, which carries a hash of its content.
    pub name: String,
    /// Its content.
    pub bytes: Bytes,
}

/// Puts the files of a build where every server finds them, those that do not lie there (any
/// more), and forgets what nobody asks for; the objects go with the next sweep.
///
/// # Errors
/// If the blob store or the database is away.
pub async fn publish(ctx: &Context, files: &[File]) -> Result<()> {
    let digests: Vec<_> = files.iter().map(|file| Sha256::digest(&file.bytes)).collect();
    let mut build = Sha256::new();
    for (file, digest) in files.iter().zip(&digests) {
        build.update(file.name.as_bytes());
        build.update(digest);
    }
    let build = hex::encode(build.finalize());
    let now = ctx.now().0;
    let tx = ctx.store.begin().await?;
    let sql = "UPDATE site_file SET published_at = $1 WHERE build = $2";
    let known = exec(&tx, sql, values![now, build.clone()]).await?;
    tx.commit().await?;
    // A restored database knows of objects that the blob store may have lost; those that no row
    // knows yet are written anew, so that no sweep takes them for old.
    let there = if known == 0 { HashSet::new() } else { names(ctx, &build).await? };
    for file in files {
        let object = object(&build, &file.name);
        if !there.contains(&object) {
            put_open(ctx, &object, file.bytes.clone()).await?;
        }
    }
    if known == 0 {
        let tx = ctx.store.begin().await?;
        for (file, digest) in files.iter().zip(&digests) {
            let sql = "INSERT INTO site_file (name, build, sha256, published_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
            exec(&tx, sql, values![file.name.clone(), build.clone(), digest.to_vec(), now]).await?;
        }
        tx.commit().await?;
    }
    forget(ctx).await
}

async fn forget(ctx: &Context) -> Result<()> {
    #[derive(FromQueryResult)]
    struct Build {
        build: String,
        at: i64,
    }
    let sql = "SELECT build, MAX(published_at) AS at FROM site_file GROUP BY build ORDER BY MAX(published_at) DESC, build";
    let builds: Vec<Build> = rows(ctx.store.read(), sql, values![]).await?;
    let old = ctx.now().0 - OVERLAP;
    for (next, former) in builds.iter().zip(builds.iter().skip(1)).skip(KEPT - 1) {
        if next.at < old {
            let tx = ctx.store.begin().await?;
            let sql = "DELETE FROM site_file WHERE build = $1 AND published_at <= $2";
            exec(&tx, sql, values![former.build.clone(), former.at]).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}

/// A file of any build that is kept. Whoever knows its name may ask.
///
/// # Errors
/// `Inconsistent` if it was exchanged; if the blob store or the database is away.
pub async fn read(ctx: &Context, name: &str) -> Result<Option<Bytes>> {
    #[derive(FromQueryResult)]
    struct Row {
        build: String,
        sha256: Vec<u8>,
    }
    let sql = "SELECT build, sha256 FROM site_file WHERE name = $1 ORDER BY published_at DESC, build LIMIT 1";
    let Some(row) = one::<Row, _>(ctx.store.read(), sql, values![name]).await? else {
        return Ok(None);
    };
    let bytes = fetch(ctx, &object(&row.build, name)).await?;
    if Sha256::digest(&bytes).to_vec() != row.sha256 {
        return Err(Error::Inconsistent("a file of the site was exchanged"));
    }
    Ok(Some(bytes))
}

fn object(build: &str, name: &str) -> String {
    format!("{build}/{name}")
}
