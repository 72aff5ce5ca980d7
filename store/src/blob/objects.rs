//! The object store: where it is, and sealed bytes in and out of it.

use crate::{Context, Error, Result};
use futures::TryStreamExt;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{ObjectStore, ObjectStoreExt, RetryConfig};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

/// Where blobs lie.
#[derive(Clone, Debug)]
pub struct Blobs(Arc<dyn ObjectStore>);

impl Blobs {
    /// Opens `file:PATH`, whose folder is made if it is absent, or `s3://BUCKET/PREFIX`,
    /// whose credentials, region and address come from the usual `AWS_…` variables.
    ///
    /// # Errors
    /// If the address cannot be read or the folder cannot be made.
    pub fn open(url: &str) -> Result<Self> {
        let environment = std::env::vars_os();
        Self::open_by(
            url,
            environment.filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?))),
        )
    }

    /// The same by these variables, and not the environment's.
    ///
    /// # Errors
    /// As [`Blobs::open`].
    pub fn open_by(
        url: &str,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self> {
        if let Some(path) = url.strip_prefix("file:") {
            let folder = path.strip_prefix("//").unwrap_or(path);
            std::fs::create_dir_all(folder).map_err(|source| {
                Error::Blobs(object_store::Error::Generic {
                    store: "folder",
                    source: Box::new(source),
                })
            })?;
            let files = LocalFileSystem::new_with_prefix(folder)?
                // What a row points to must not be lost with the power.
                .with_fsync(true)
                .with_automatic_cleanup(true);
            return Ok(Self(Arc::new(files)));
        }
        let Some(rest) = url.strip_prefix("s3://") else {
            return Err(Error::Inconsistent("the blob store's address is neither file: nor s3:"));
        };
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let mut s3 = AmazonS3Builder::new();
        for (name, value) in variables.into_iter().filter(|(name, _)| name.starts_with("AWS_")) {
            if let Ok(key) = name.to_ascii_lowercase().parse::<AmazonS3ConfigKey>() {
                s3 = s3.with_config(key, value);
            }
        }
        let s3 = s3.with_bucket_name(bucket).with_retry(patience()).build()?;
        Ok(Self(Arc::new(PrefixStore::new(s3, prefix))))
    }

    pub(super) fn store(&self) -> &dyn ObjectStore {
        &*self.0
    }
}

/// S3 refuses now and then; whoever waits for a picture hears soon that it is away.
fn patience() -> RetryConfig {
    RetryConfig { max_retries: 3, retry_timeout: Duration::from_secs(10), ..Default::default() }
}

/// What sealed bytes are bound to, beside their own name.
const SEALED_AS: &str = "blob";

pub(super) async fn put(ctx: &Context, name: &str, bytes: &[u8]) -> Result<()> {
    put_as(ctx, name, name, bytes).await
}

pub(super) async fn get(ctx: &Context, name: &str) -> Result<Vec<u8>> {
    get_as(ctx, name, name).await
}

/// Puts an object that is bound to more than its name.
pub(super) async fn put_as(ctx: &Context, name: &str, bound: &str, bytes: &[u8]) -> Result<()> {
    let sealed = ctx.store.keys().seal(ctx, SEALED_AS, bound.as_bytes(), bytes);
    ctx.store.blobs()?.store().put(&Path::from(name), sealed.into()).await?;
    Ok(())
}

/// Gets one of these.
pub(super) async fn get_as(ctx: &Context, name: &str, bound: &str) -> Result<Vec<u8>> {
    let sealed = fetch(ctx, name).await?;
    ctx.store.keys().open_sealed(SEALED_AS, bound.as_bytes(), &sealed)
}

/// Puts bytes that everybody may read, as they are.
pub(crate) async fn put_open(ctx: &Context, name: &str, bytes: bytes::Bytes) -> Result<()> {
    ctx.store.blobs()?.store().put(&Path::from(name), bytes.into()).await?;
    Ok(())
}

/// The names of the objects in a folder.
pub(crate) async fn names(ctx: &Context, folder: &str) -> Result<HashSet<String>> {
    let folder = Path::from(folder);
    let all = ctx.store.blobs()?.store().list(Some(&folder));
    Ok(all.map_ok(|object| String::from(object.location)).try_collect().await?)
}

/// The bytes of an object, as they lie there.
pub(crate) async fn fetch(ctx: &Context, name: &str) -> Result<bytes::Bytes> {
    Ok(ctx.store.blobs()?.store().get(&Path::from(name)).await?.bytes().await?)
}

/// Seals an object with the current key, where it is not yet.
pub(super) async fn reseal(ctx: &Context, name: &str, bound: &str) -> Result<()> {
    let sealed = fetch(ctx, name).await?;
    if ctx.store.keys().is_current(&sealed) {
        return Ok(());
    }
    let bytes = ctx.store.keys().open_sealed(SEALED_AS, bound.as_bytes(), &sealed)?;
    put_as(ctx, name, bound, &bytes).await
}

/// Deletes every object of a blob.
pub(super) async fn delete_all(ctx: &Context, token: &str) -> Result<()> {
    let of = Path::from(token);
    let all: Vec<Path> = ctx
        .store
        .blobs()?
        .store()
        .list(Some(&of))
        .map_ok(|object| object.location)
        .try_collect()
        .await?;
    for object in all {
        delete(ctx, object.as_ref()).await?;
    }
    Ok(())
}

/// Deletes an object; it is well if it was gone.
pub(super) async fn delete(ctx: &Context, name: &str) -> Result<()> {
    match ctx.store.blobs()?.store().delete(&Path::from(name)).await {
        Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
