//! Files of answers that are made in the background (FORM-4): one at a time, begun anew after a
//! server was stopped or died, as whoever asked for them. How far each is stands in its row.

use super::export::{House, Sink, Watch, write};
use crate::{Context, Error, Platform, Result};
use domain::form::export::Kind;
use domain::id::{BlobId, ExportId, FormId};
use domain::time::MINUTE;
use std::sync::Arc;
use std::time::Duration;
use store::answer::{self, Job};
use tokio::sync::watch;

/// How long an idle worker waits before it looks again.
const LOOK: Duration = Duration::from_secs(1);
/// Size of a piece, in bytes; the last is smaller.
const PIECE: usize = 4 << 20;

/// Runs until `stop` turns true.
pub async fn run(platform: Arc<Platform>, owner: String, mut stop: watch::Receiver<bool>) {
    let ctx = platform.system();
    if ctx.store.is_sqlite()
        && let Err(error) = answer::free_exports(&ctx).await
    {
        tracing::error!(%error, "files of answers wait until their leases end");
    }
    while !*stop.borrow() {
        match work(&ctx, House::of(&platform.settings), &owner, &stop).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "a file of answers is made later"),
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            _ = stop.changed() => {}
        }
    }
}

/// Makes the next file; false if none is asked for.
///
/// # Errors
/// If the database or the blob store is away; then it is begun anew.
pub async fn work(
    ctx: &Context,
    house: House<'_>,
    owner: &str,
    stop: &watch::Receiver<bool>,
) -> Result<bool> {
    let Some(job) = answer::claim_export(ctx, owner).await? else { return Ok(false) };
    let Some(actor) = job.actor.clone() else {
        let words = "頼んだ人のアカウントが、使えなくなりました";
        answer::fail_export(ctx, owner, job.id, words).await?;
        return Ok(true);
    };
    let acting = ctx.acting(actor);
    let mut seen = Seen { ctx, owner, id: job.id, stop, done: 0 };
    let mut pieces = Pieces { ctx, owner, id: job.id, rest: Vec::new(), place: 0, size: 0 };
    match make(&acting, house, &job, &mut seen, &mut pieces).await {
        Ok(Some(count)) => {
            answer::end_export(ctx, owner, job.id, count, pieces.size).await?;
        }
        // Whoever asked stopped it: then it is not ours any more, and this changes nothing.
        Ok(None) => answer::leave_export(ctx, owner, job.id, 0).await?,
        Err(Error::NotFound | Error::Forbidden(_)) => {
            let words = "このフォームの回答を、もう見られません";
            answer::fail_export(ctx, owner, job.id, words).await?;
        }
        Err(Error::Conflict(words)) => answer::fail_export(ctx, owner, job.id, &words).await?,
        Err(error) => {
            answer::leave_export(ctx, owner, job.id, MINUTE / 2).await?;
            return Err(error);
        }
    }
    Ok(true)
}

async fn make(
    acting: &Context,
    house: House<'_>,
    job: &Job,
    seen: &mut Seen<'_>,
    pieces: &mut Pieces<'_>,
) -> Result<Option<i64>> {
    let Some(count) = write(acting, house, job.form, job.kind, seen, pieces).await? else {
        return Ok(None);
    };
    Ok(pieces.keep(true).await?.then_some(count))
}

/// Writes into the row how far it is.
struct Seen<'a> {
    ctx: &'a Context,
    owner: &'a str,
    id: ExportId,
    stop: &'a watch::Receiver<bool>,
    done: i64,
}

impl Watch for Seen<'_> {
    async fn read(&mut self, more: i64) -> Result<bool> {
        self.done += more;
        if *self.stop.borrow() {
            return Ok(false);
        }
        answer::step_export(self.ctx, self.owner, self.id, self.done).await
    }
}

/// Cuts the file into blobs.
struct Pieces<'a> {
    ctx: &'a Context,
    owner: &'a str,
    id: ExportId,
    rest: Vec<u8>,
    place: i64,
    size: i64,
}

impl Pieces<'_> {
    /// Keeps whole pieces, and the last if it is the end.
    async fn keep(&mut self, end: bool) -> Result<bool> {
        while self.rest.len() >= PIECE || end && !self.rest.is_empty() {
            let after = self.rest.split_off(self.rest.len().min(PIECE));
            let piece = std::mem::replace(&mut self.rest, after);
            if !answer::keep_export(self.ctx, self.owner, self.id, self.place, &piece).await? {
                return Ok(false);
            }
            (self.place, self.size) = (self.place + 1, self.size + piece.len() as i64);
        }
        Ok(true)
    }
}

impl Sink for Pieces<'_> {
    async fn put(&mut self, bytes: &[u8]) -> Result<bool> {
        self.rest.extend_from_slice(bytes);
        self.keep(false).await
    }
}

/// A file that is ready, for whoever asked for it: its name, what it is, how large, and the
/// names of its pieces.
#[derive(Clone, Debug)]
pub struct File {
    /// `answers-3.csv`.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// In bytes.
    pub size: i64,
    /// The names of its pieces, in order; [`piece`] reads them.
    pub pieces: Vec<BlobId>,
}

/// Opens a file that is ready; `form` as its address says.
///
/// # Errors
/// `NotFound`, another's too; `Conflict` while it is not ready.
pub async fn file(ctx: &Context, form: FormId, id: ExportId) -> Result<File> {
    let (export, pieces) = answer::export_file(ctx, id).await?;
    if export.form != form {
        return Err(Error::NotFound);
    }
    let day = export.at.date().iso();
    Ok(File {
        name: format!("answers-{form}-{day}.{}", export.kind.extension()),
        kind: export.kind,
        size: export.size,
        pieces,
    })
}

/// A piece of it.
///
/// # Errors
/// If the blob store is away.
pub async fn piece(ctx: &Context, id: &BlobId) -> Result<Vec<u8>> {
    answer::export_piece(ctx, id).await
}
