//! Blobs: sealed, bound to their names, found again after a rotation, deleted in time.

use crate::city::new_delivery;
use crate::support::{Test, both};
use domain::audience::Audience;
use domain::delivery::{Draft, NewDelivery, Purpose};
use domain::id::BlobId;
use domain::message::Part;
use domain::steps::{Content, Offset, Step, Unit};
use domain::time::DAY;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};
use store::blob::{
    Form, KEPT_AFTER_SENT, KEPT_UNUSED, NewPicture, SIZE_MAX, check, count, missing, put, read,
    rotate, sweep,
};
use store::delivery::{Frozen, cancel, create, delete, draft, freeze, save};
use store::{Context, Error, steps};

pub fn picture() -> NewPicture {
    NewPicture {
        media_type: "image/jpeg",
        original: b"original".to_vec(),
        preview: b"preview".to_vec(),
        width: 4,
        height: 3,
    }
}

fn parts(id: &BlobId) -> Vec<Part> {
    vec![Part::Image { image: Some(id.clone()), alt: "公園".into() }]
}

fn with_picture(id: &BlobId) -> NewDelivery {
    NewDelivery { parts: parts(id), ..new_delivery(Purpose::Notice, Audience::Everyone, None) }
}

fn file(t: &Test, id: &BlobId, form: &str) -> PathBuf {
    t.dir.path().join("blobs").join(id.as_str()).join(form)
}

async fn kept(ctx: &Context, id: &BlobId) -> bool {
    store::blob::picture(ctx, id).await.unwrap().is_some()
}

/// So that it looks as if it was written so long before the test's now.
pub fn age(t: &Test, path: &std::path::Path, micros: i64) {
    let at = u64::try_from(t.ctx.now().0 - micros).unwrap();
    let file = std::fs::File::options().write(true).open(path).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_micros(at)).unwrap();
}

#[test]
fn what_was_kept_is_read_and_lies_encrypted() {
    both(async |t| {
        let id = put(&t.ctx, &picture()).await.unwrap().id;
        assert_eq!(read(&t.ctx, &id, Form::Original).await.unwrap(), b"original");
        assert_eq!(read(&t.ctx, &id, Form::Preview).await.unwrap(), b"preview");
        assert_eq!(store::blob::picture(&t.ctx, &id).await.unwrap().as_deref(), Some("image/jpeg"));
        let bytes = std::fs::read(file(&t, &id, "original")).unwrap();
        assert!(!bytes.windows(8).any(|w| w == b"original"));
        let unknown: BlobId = "0".repeat(40).parse().unwrap();
        assert!(!kept(&t.ctx, &unknown).await);
        let large = NewPicture { original: vec![0; SIZE_MAX + 1], ..picture() };
        assert!(matches!(put(&t.ctx, &large).await, Err(Error::Invalid(_))));
        check(&t.ctx).await.unwrap();
    });
}

#[test]
fn changed_and_exchanged_objects_are_refused() {
    both(async |t| {
        let one = put(&t.ctx, &picture()).await.unwrap().id;
        let two = put(&t.ctx, &picture()).await.unwrap().id;
        let refused = async |id: &BlobId, form| {
            matches!(read(&t.ctx, id, form).await, Err(Error::Undecryptable("blob")))
        };
        // Of another blob, and of another form of the same one.
        std::fs::copy(file(&t, &one, "original"), file(&t, &two, "original")).unwrap();
        assert!(refused(&two, Form::Original).await);
        std::fs::copy(file(&t, &one, "original"), file(&t, &one, "preview")).unwrap();
        assert!(refused(&one, Form::Preview).await);
        let whole = std::fs::read(file(&t, &one, "original")).unwrap();
        for i in [0, 1, 2, 13, 14, whole.len() - 1] {
            let mut changed = whole.clone();
            changed[i] ^= 1;
            std::fs::write(file(&t, &one, "original"), changed).unwrap();
            assert!(refused(&one, Form::Original).await, "byte {i}");
        }
        std::fs::write(file(&t, &one, "original"), &whole[..20]).unwrap();
        assert!(refused(&one, Form::Original).await, "cut off");
        std::fs::write(file(&t, &one, "original"), &whole).unwrap();
        assert_eq!(read(&t.ctx, &one, Form::Original).await.unwrap(), b"original");
        let other = t.reopened(&[2]).await;
        assert!(read(&other, &one, Form::Original).await.is_err(), "another key");
        other.store.close().await;
    });
}

#[test]
fn a_rotation_reaches_every_blob() {
    both(async |t| {
        let mut ids = Vec::new();
        for _ in 0..60 {
            ids.push(put(&t.ctx, &picture()).await.unwrap().id);
        }
        let both_keys = t.reopened(&[1, 2]).await;
        assert_eq!(count(&both_keys).await.unwrap(), (60, 60));
        // One that cannot be opened does not keep the others waiting.
        let whole = std::fs::read(file(&t, &ids[0], "original")).unwrap();
        std::fs::write(file(&t, &ids[0], "original"), b"broken").unwrap();
        while rotate(&both_keys).await.unwrap() > 0 {}
        assert_eq!(count(&both_keys).await.unwrap(), (60, 1));
        std::fs::write(file(&t, &ids[0], "original"), whole).unwrap();
        assert_eq!(store::work::rotate(&both_keys).await.unwrap(), 1);
        assert_eq!(count(&both_keys).await.unwrap(), (60, 0));
        both_keys.store.close().await;
        let new = t.reopened(&[2]).await;
        for id in &ids {
            assert_eq!(read(&new, id, Form::Original).await.unwrap(), b"original");
            assert_eq!(read(&new, id, Form::Preview).await.unwrap(), b"preview");
        }
        new.store.close().await;
    });
}

#[test]
fn what_is_in_no_delivery_goes_after_a_week_and_what_was_sent_after_five_years() {
    both(async |t| {
        t.city().await;
        t.friends(0, 1).await;
        let (unused, drafted, sent) = (
            put(&t.ctx, &picture()).await.unwrap().id,
            put(&t.ctx, &picture()).await.unwrap().id,
            put(&t.ctx, &picture()).await.unwrap().id,
        );
        let with = |id: &BlobId| Draft { parts: parts(id), ..Draft::default() };
        let open = draft(&t.ctx, with(&drafted)).await.unwrap();
        let id = create(&t.ctx, &with_picture(&sent), None).await.unwrap();
        assert!(freeze(&t.ctx, id, Frozen::Testers).await.unwrap());
        let left = async || {
            (kept(&t.ctx, &unused).await, kept(&t.ctx, &drafted).await, kept(&t.ctx, &sent).await)
        };
        t.later(KEPT_UNUSED);
        sweep(&t.ctx).await.unwrap();
        assert_eq!(left().await, (true, true, true));
        t.later(1);
        assert_eq!(sweep(&t.ctx).await.unwrap(), 1);
        assert_eq!(left().await, (false, true, true));
        assert!(!file(&t, &unused, "original").exists() && !file(&t, &unused, "preview").exists());

        // Taken out of the draft, it goes a week after that.
        let seen = store::delivery::get(&t.ctx, open).await.unwrap().updated_at;
        save(&t.ctx, open, seen, &Draft::default()).await.unwrap();
        t.later(KEPT_UNUSED);
        sweep(&t.ctx).await.unwrap();
        assert_eq!(left().await, (false, true, true), "it can be put back");
        t.later(1);
        sweep(&t.ctx).await.unwrap();
        assert_eq!(left().await, (false, false, true));
        t.later(5 * 365 * DAY - 2 * KEPT_UNUSED - 2);
        sweep(&t.ctx).await.unwrap();
        assert_eq!(left().await, (false, false, true), "its message can still be seen");
        t.later(KEPT_AFTER_SENT - 5 * 365 * DAY + 1);
        sweep(&t.ctx).await.unwrap();
        assert_eq!(left().await, (false, false, false));
    });
}

#[test]
fn what_was_called_off_keeps_its_picture_as_what_was_sent_does() {
    both(async |t| {
        t.city().await;
        let new = async || put(&t.ctx, &picture()).await.unwrap().id;
        let (cancelled, deleted, ended, removed) =
            (new().await, new().await, new().await, new().await);
        let id = create(&t.ctx, &with_picture(&cancelled), None).await.unwrap();
        let open = draft(&t.ctx, Draft { parts: parts(&deleted), ..Draft::default() });
        let open = open.await.unwrap();
        let step = |n, image: &BlobId| Step {
            key: 0,
            offset: Offset { n, unit: Unit::Months },
            hour: 10,
            minute: 0,
            parts: parts(image),
            uncounted: vec![],
            variants: vec![],
        };
        let mut content = Content::default();
        content.add(step(1, &ended));
        let short = content.clone();
        content.add(step(2, &removed));
        let course = steps::create(&t.ctx, "子育て", &content).await.unwrap();
        t.later(KEPT_UNUSED + 1);
        let seen = steps::get(&t.ctx, course).await.unwrap().updated_at;
        let seen =
            steps::save(&t.ctx, course, seen, "子育て", &short, "course.update").await.unwrap();
        steps::begin(&t.ctx, course, seen, None).await.unwrap();
        steps::end(&t.ctx, course).await.unwrap();
        cancel(&t.ctx, id).await.unwrap();
        delete(&t.ctx, open).await.unwrap();
        t.later(KEPT_UNUSED);
        assert_eq!(sweep(&t.ctx).await.unwrap(), 0, "what was taken out can be put back");
        t.later(1);
        assert_eq!(sweep(&t.ctx).await.unwrap(), 2);
        assert!(!kept(&t.ctx, &deleted).await && !kept(&t.ctx, &removed).await);
        t.later(KEPT_AFTER_SENT - KEPT_UNUSED - DAY);
        assert_eq!(sweep(&t.ctx).await.unwrap(), 0, "what was called off can be copied");
        t.later(2 * DAY);
        assert_eq!(sweep(&t.ctx).await.unwrap(), 2);
        assert!(!kept(&t.ctx, &cancelled).await && !kept(&t.ctx, &ended).await);
    });
}

#[test]
fn an_object_without_a_row_goes_after_a_day() {
    both(async |t| {
        let kept = put(&t.ctx, &picture()).await.unwrap().id;
        let orphan = put(&t.ctx, &picture()).await.unwrap().id;
        t.sql(&format!("DELETE FROM blob WHERE token = '{orphan}'")).await;
        for id in [&kept, &orphan] {
            for form in ["original", "preview"] {
                age(&t, &file(&t, id, form), DAY - 1_000_000);
            }
        }
        assert_eq!(sweep(&t.ctx).await.unwrap(), 0);
        t.later(2_000_000);
        assert_eq!(sweep(&t.ctx).await.unwrap(), 2);
        assert!(!file(&t, &orphan, "original").exists());
        assert_eq!(read(&t.ctx, &kept, Form::Original).await.unwrap(), b"original");
    });
}

#[test]
fn no_delivery_is_made_with_a_picture_that_is_not_kept() {
    both(async |t| {
        t.city().await;
        let unknown: BlobId = "0".repeat(40).parse().unwrap();
        let refused = create(&t.ctx, &with_picture(&unknown), None).await;
        assert!(matches!(refused, Err(Error::Invalid(p)) if p[0].at == "/parts/0/image"));
        assert_eq!(missing(&t.ctx, &parts(&unknown)).await.unwrap().len(), 1);
        // A draft keeps the rest of what it says.
        let draft = draft(&t.ctx, Draft { parts: parts(&unknown), ..Draft::default() }).await;
        assert!(draft.is_ok());
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM delivery").await, 1);
    });
}
