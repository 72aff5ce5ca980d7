//! The hashed files of the site: those of this build and of the one before, as they were put.

use crate::blobs::age;
use crate::support::{Test, both};
use bytes::Bytes;
use domain::time::{DAY, HOUR, MINUTE};
use std::path::PathBuf;
use store::Error;
use store::site::{File, publish, read};

/// A build of a file that every build has and one of its own.
fn build(hash: &str) -> Vec<File> {
    let file = |name: String, words: String| File { name, bytes: Bytes::from(words) };
    vec![
        file("chunk.same.wasm".into(), "same".into()),
        file(format!("kairan.{hash}.js"), format!("script {hash}")),
    ]
}

async fn script(t: &Test, hash: &str) -> Option<Bytes> {
    read(&t.ctx, &format!("kairan.{hash}.js")).await.unwrap()
}

/// Which of these builds' scripts are there.
async fn there(t: &Test) -> String {
    let mut all = String::new();
    for hash in ["a", "b", "c"] {
        if let Some(bytes) = script(t, hash).await {
            assert_eq!(bytes, format!("script {hash}"));
            all.push_str(hash);
        }
    }
    all
}

fn objects(t: &Test) -> Vec<PathBuf> {
    let builds = std::fs::read_dir(t.dir.path().join("blobs")).unwrap();
    let files = builds.flat_map(|build| std::fs::read_dir(build.unwrap().path()).unwrap());
    files.map(|file| file.unwrap().path()).collect()
}

#[test]
fn the_former_build_stays_and_what_is_older_goes() {
    both(async |t| {
        assert_eq!(there(&t).await, "");
        publish(&t.ctx, &build("a")).await.unwrap();
        t.later(30 * DAY);
        publish(&t.ctx, &build("b")).await.unwrap();
        assert_eq!(there(&t).await, "ab", "servers of both are asked for either");
        // A mend follows at once: the first is not off every server yet.
        t.later(MINUTE);
        publish(&t.ctx, &build("c")).await.unwrap();
        assert_eq!(there(&t).await, "abc");
        // A server of the newest starts again.
        t.later(2 * HOUR);
        publish(&t.ctx, &build("c")).await.unwrap();
        assert_eq!(there(&t).await, "bc");
        assert_eq!(read(&t.ctx, "chunk.same.wasm").await.unwrap().unwrap(), "same");
        // Back to the one before.
        t.later(DAY);
        publish(&t.ctx, &build("b")).await.unwrap();
        assert_eq!(there(&t).await, "bc");

        for object in objects(&t) {
            age(&t, &object, 2 * DAY);
        }
        assert_eq!(store::blob::sweep(&t.ctx).await.unwrap(), 2, "the objects of the first");
        assert_eq!(there(&t).await, "bc");
        // What was forgotten comes back whole.
        publish(&t.ctx, &build("a")).await.unwrap();
        assert!(script(&t, "a").await.is_some());
    });
}

#[test]
fn what_is_there_is_not_written_again_and_what_was_exchanged_is_not_handed_out() {
    both(async |t| {
        publish(&t.ctx, &build("a")).await.unwrap();
        let scripts = || objects(&t).into_iter().find(|p| p.ends_with("kairan.a.js")).unwrap();
        std::fs::write(scripts(), "another script").unwrap();
        publish(&t.ctx, &build("a")).await.unwrap();
        let refused = read(&t.ctx, "kairan.a.js").await;
        assert!(matches!(refused, Err(Error::Inconsistent(_))), "{refused:?}");
        std::fs::remove_file(scripts()).unwrap();
        assert!(matches!(read(&t.ctx, "kairan.a.js").await, Err(Error::Blobs(_))));
        // What was lost is put again by the next start.
        publish(&t.ctx, &build("a")).await.unwrap();
        assert!(script(&t, "a").await.is_some());
    });
}
