//! Files of answers that are made in the background, views of their table, mails that sum up.

use crate::forming::{answered, chosen, official, send};
use crate::support::{Test, both};
use domain::delivery::Purpose;
use domain::form::export::{Export, KEPT, Kind, State};
use domain::form::kept::{Mailing, Settings};
use domain::form::table::view::Wanted;
use domain::id::{ExportId, FormId};
use domain::permission::Role;
use domain::time::{DAY, HOUR, MINUTE, Timestamp};
use services::answer::{self, export, job};
use services::{Context, Error, form};
use tokio::sync::watch;

async fn work(t: &Test) -> bool {
    let (_stop, stopped) = watch::channel(false);
    job::work(&t.ctx, "w", &stopped).await.unwrap()
}

async fn one(ctx: &Context, form: FormId, id: ExportId) -> Export {
    let all = answer::exports(ctx, form).await.unwrap();
    all.into_iter().find(|e| e.id == id).unwrap()
}

async fn bytes(ctx: &Context, form: FormId, id: ExportId) -> Vec<u8> {
    let file = job::file(ctx, form, id).await.unwrap();
    let mut all = Vec::new();
    for piece in &file.pieces {
        all.extend(job::piece(ctx, piece).await.unwrap());
    }
    assert_eq!(all.len() as i64, file.size);
    all
}

#[test]
fn a_file_of_the_background_is_the_same_as_one_at_once() {
    both(async |t| {
        let staff = official(&t, "1", Role::Sender, "公園課").await;
        let colleague = official(&t, "2", Role::Sender, "公園課").await;
        let id = answered(&t, &staff).await;
        assert!(!work(&t).await, "nothing is asked for");
        for kind in [Kind::Csv, Kind::Cp932] {
            let export = answer::start_export(&staff, id, kind).await.unwrap();
            let waits = one(&staff, id, export).await;
            assert_eq!((waits.state, waits.percent(), waits.until), (State::Waiting, 0, None));
            assert!(matches!(job::file(&staff, id, export).await, Err(Error::Conflict(_))));
            assert!(work(&t).await);
            let ready = one(&staff, id, export).await;
            assert_eq!((ready.state, ready.answers, ready.percent()), (State::Ready, 3, 100));
            assert_eq!(ready.until, Some(t.ctx.now().plus(KEPT)));
            let file = bytes(&staff, id, export).await;
            assert_eq!(file, export::at_once(&staff, id, kind).await.unwrap());
            // It is whose asked for it alone, under its own form.
            assert!(matches!(job::file(&colleague, id, export).await, Err(Error::NotFound)));
            assert!(matches!(job::file(&staff, FormId(99), export).await, Err(Error::NotFound)));
            assert!(answer::exports(&colleague, id).await.unwrap().is_empty());
            assert!(matches!(answer::drop_export(&colleague, export).await, Err(Error::NotFound)));
        }
        let book = answer::start_export(&staff, id, Kind::Excel).await.unwrap();
        assert!(work(&t).await);
        assert!(bytes(&staff, id, book).await.starts_with(b"PK"));
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM blob").await, 3);
        // After its time nothing of it is left.
        t.later(KEPT + 1);
        store::answer::forget(&t.ctx).await.unwrap();
        assert!(answer::exports(&staff, id).await.unwrap().is_empty());
        store::blob::sweep(&t.ctx).await.unwrap();
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM blob").await, 0);
    });
}

#[test]
fn what_a_worker_left_is_begun_anew_and_what_is_stopped_is_left() {
    both(async |t| {
        let staff = official(&t, "1", Role::Sender, "公園課").await;
        let id = answered(&t, &staff).await;
        let export = answer::start_export(&staff, id, Kind::Csv).await.unwrap();
        let claimed = store::answer::claim_export(&t.ctx, "dead").await.unwrap().unwrap();
        assert_eq!(claimed.id, export);
        assert!(store::answer::keep_export(&t.ctx, "dead", export, 0, b"half").await.unwrap());
        assert!(store::answer::step_export(&t.ctx, "dead", export, 3).await.unwrap());
        let begun = one(&staff, id, export).await;
        assert_eq!((begun.state, begun.percent()), (State::Working, 50));
        assert!(!work(&t).await, "it is leased");
        t.later(2 * MINUTE);
        assert!(work(&t).await);
        assert!(!bytes(&staff, id, export).await.starts_with(b"half"));
        // The one that was thought dead changes nothing any more.
        assert!(!store::answer::step_export(&t.ctx, "dead", export, 1).await.unwrap());
        assert!(!store::answer::keep_export(&t.ctx, "dead", export, 9, b"late").await.unwrap());
        store::answer::end_export(&t.ctx, "dead", export, 0, 0).await.unwrap();
        assert_eq!(one(&staff, id, export).await.answers, 3);
        // A server that stops gives it back.
        let other = answer::start_export(&staff, id, Kind::Excel).await.unwrap();
        let (stop, stopped) = watch::channel(true);
        assert!(job::work(&t.ctx, "w", &stopped).await.unwrap());
        drop(stop);
        assert_eq!(one(&staff, id, other).await.state, State::Waiting);
        // What is stopped by whoever asked is not gone on with.
        let claimed = store::answer::claim_export(&t.ctx, "w").await.unwrap().unwrap();
        assert_eq!(claimed.id, other);
        answer::drop_export(&staff, other).await.unwrap();
        assert!(!store::answer::step_export(&t.ctx, "w", other, 1).await.unwrap());
        store::answer::end_export(&t.ctx, "w", other, 3, 9).await.unwrap();
        assert_eq!(one(&staff, id, other).await.state, State::Cancelled);
        assert!(!work(&t).await);
        answer::drop_export(&staff, other).await.unwrap();
        assert_eq!(answer::exports(&staff, id).await.unwrap().len(), 1);
        // At most so many at a time.
        for _ in 0..3 {
            answer::start_export(&staff, id, Kind::Csv).await.unwrap();
        }
        let more = answer::start_export(&staff, id, Kind::Csv).await;
        assert!(matches!(more, Err(Error::Conflict(_))));
    });
}

#[test]
fn who_lost_the_right_gets_no_file() {
    both(async |t| {
        let staff = official(&t, "1", Role::Sender, "公園課").await;
        let id = answered(&t, &staff).await;
        let ready = answer::start_export(&staff, id, Kind::Csv).await.unwrap();
        assert!(work(&t).await);
        let waiting = answer::start_export(&staff, id, Kind::Csv).await.unwrap();
        t.sql("UPDATE staff SET role = 'viewer'").await;
        let domain::permission::Actor::Staff { id: own, department, .. } = staff.actor.clone()
        else {
            panic!("a member of staff");
        };
        let now =
            t.acting(domain::permission::Actor::Staff { id: own, department, role: Role::Viewer });
        assert!(work(&t).await);
        let refused = job::file(&now, id, ready).await;
        assert!(matches!(refused, Err(Error::Forbidden(_) | Error::NotFound)), "{refused:?}");
        let failed = one(&staff, id, waiting).await;
        assert_eq!(failed.state, State::Failed);
        assert!(failed.words.contains("もう見られません"), "{}", failed.words);
    });
}

#[test]
fn views_are_ones_own_or_shared() {
    both(async |t| {
        let staff = official(&t, "1", Role::Sender, "公園課").await;
        let editor = official(&t, "2", Role::Editor, "公園課").await;
        let other = official(&t, "3", Role::Editor, "環境課").await;
        let id = answered(&t, &staff).await;
        let wanted =
            Wanted { search: "木".into(), sort: "age".into(), page: 3, ..Wanted::default() };
        let own = answer::save_view(&staff, id, " 木の話 ", false, &wanted).await.unwrap();
        let shared = answer::save_view(&staff, id, "みんな", true, &wanted).await.unwrap();
        let seen = answer::views(&staff, id).await.unwrap();
        let names: Vec<&str> = seen.iter().map(|v| v.name.as_str()).collect();
        assert_eq!(names, ["みんな", "木の話"]);
        assert_eq!((seen[0].wanted.page, seen[0].wanted.search.as_str()), (1, "木"));
        assert_eq!(answer::views(&editor, id).await.unwrap().len(), 1);
        assert!(matches!(answer::views(&other, id).await, Err(Error::NotFound)));
        assert!(matches!(answer::rename_view(&editor, own, "x").await, Err(Error::NotFound)));
        assert!(matches!(answer::drop_view(&other, shared).await, Err(Error::NotFound)));
        answer::rename_view(&editor, shared, "課の表示").await.unwrap();
        assert!(matches!(answer::rename_view(&staff, own, " ").await, Err(Error::Invalid(_))));
        answer::drop_view(&editor, shared).await.unwrap();
        answer::drop_view(&staff, own).await.unwrap();
        assert!(answer::views(&staff, id).await.unwrap().is_empty());
    });
}

#[test]
fn a_mail_in_the_morning_sums_up_and_tells_nothing_of_anybody() {
    both(async |t| {
        let staff = official(&t, "1", Role::Sender, "公園課").await;
        let id = answered(&t, &staff).await;
        let kept = form::get(&staff, id).await.unwrap();
        let mut next = kept.definition.clone();
        next.terms.mails = vec!["koen@mihon.example".into(), "koen@mihon.example".into()];
        let settings = Settings { outside: true, mailing: Mailing::Morning, ..Settings::default() };
        let edition = form::save(&staff, id, kept.edition, "公園", &next, &settings).await.unwrap();
        form::publish(&staff, id, edition).await.unwrap();
        let mails = "SELECT COUNT(*) AS n FROM mail";
        // From the next morning on.
        assert_eq!(store::answer::digest(&t.ctx).await.unwrap(), 0);
        send(&t, id, 4, &[("use", chosen("often"))]).await;
        assert_eq!(t.number(mails).await, 0, "none on each answer");
        t.later(2 * HOUR);
        assert_eq!(store::answer::digest(&t.ctx).await.unwrap(), 0);
        let today = t.ctx.now().date();
        let eight = Timestamp::from_tokyo(today, 8, 0).plus(DAY);
        t.later(eight.0 - t.ctx.now().0);
        assert_eq!(store::answer::digest(&t.ctx).await.unwrap(), 1);
        assert_eq!(store::answer::digest(&t.ctx).await.unwrap(), 0, "once a morning");
        let claimed = store::mail::claim(&t.ctx, "w", 5).await.unwrap();
        assert_eq!(claimed.len(), 1, "once an address");
        assert_eq!(claimed[0].subject, "「公園のアンケート」に、新しい回答が4件届きました");
        assert!(claimed[0].body.contains("未読の回答が4件あります"), "{}", claimed[0].body);
        assert!(!claimed[0].body.contains("木かげ") && !claimed[0].body.contains("公00"));
        t.later(DAY);
        assert_eq!(store::answer::digest(&t.ctx).await.unwrap(), 0, "nothing new, no mail");
        assert_eq!(t.number(mails).await, 1);
        let settings = Settings { mailing: Mailing::Both, ..settings };
        let edition = form::get(&staff, id).await.unwrap().edition;
        let edition = form::save(&staff, id, edition, "公園", &next, &settings).await.unwrap();
        send(&t, id, 5, &[("use", chosen("often"))]).await;
        assert_eq!(t.number(mails).await, 1, "it is not published");
        form::publish(&staff, id, edition).await.unwrap();
        send(&t, id, 6, &[("use", chosen("often"))]).await;
        assert_eq!(t.number(mails).await, 3, "each address of the list on each answer");
        t.later(DAY);
        assert_eq!(store::answer::digest(&t.ctx).await.unwrap(), 1);
    });
}

#[test]
fn a_delivery_begins_for_whoever_answered() {
    both(async |t| {
        let staff = official(&t, "1", Role::Sender, "公園課").await;
        let id = answered(&t, &staff).await;
        let draft = answer::deliver(&staff, id).await.unwrap();
        let draft = services::delivery::get(&staff, draft).await.unwrap();
        assert_eq!(draft.purpose, Purpose::Notice);
        let catalog =
            services::audience::catalog(&staff, services::audience::named(&draft.audience))
                .await
                .unwrap();
        assert_eq!(services::delivery::who(&draft, &catalog), "フォーム『公園』に答えた人。");
        // Another department reads of the delivery, and not of the form.
        let other = official(&t, "2", Role::Sender, "環境課").await;
        let catalog =
            services::audience::catalog(&other, services::audience::named(&draft.audience))
                .await
                .unwrap();
        assert_eq!(services::delivery::who(&draft, &catalog), "ほかの所属のフォームに答えた人。");
        let audience = draft.audience.unwrap();
        assert_eq!(services::audience::count(&staff, &audience, "").await.unwrap().count, 0);
        let refused = services::audience::count(&other, &audience, "").await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    });
}
