//! Answers on both databases: double sends, limits, corrections, drafts, files, encryption.

use crate::forms::{definition, published, resident, send, words};
use crate::support::{NOON, both};
use domain::form::inbox::{Answered, Filter, What};
use domain::form::kept::{Filter as Sought, Order, Settings};
use domain::form::migrate::Draft;
use domain::form::{Answer, Answers, Ask, Form, Question, Status, Submission};
use domain::id::{DepartmentId, FormId};
use domain::permission::{Actor, Role};
use domain::time::{DAY, Timestamp};
use sea_orm::ConnectionTrait;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use store::answer::{Holder, Kept, NewFile};
use store::{Context, Error, answer, eligibility, form};

#[test]
fn what_is_sent_twice_is_received_once() {
    both(async |t| {
        let (_, staff) = t.staff("1", Role::Sender, "環境課").await;
        let id = published(&staff, &definition()).await;
        let someone = resident(&t, t.friends(1, 1).await[0]);
        let (a, b) = tokio::join!(
            send(&someone, id, "same", words("山田", "090")),
            send(&someone, id, "same", words("山田", "090"))
        );
        let (a, b) = (a.unwrap(), b.unwrap());
        assert_eq!((a.id, a.receipt.as_str()), (b.id, "犬001"));
        assert!(a.again != b.again);
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM answer").await, 1);
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM call WHERE kind = 'push'").await, 1);
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM mail").await, 1);
        // Another's key is another answer.
        let other = resident(&t, t.friends(2, 1).await[0]);
        assert!(!send(&other, id, "same", words("鈴木", "080")).await.unwrap().again);
        // A form that is closed answers who has sent, and nobody else.
        form::close(&staff, id).await.unwrap();
        assert!(send(&someone, id, "same", words("山田", "090")).await.unwrap().again);
        let refused = send(&someone, id, "new", words("山田", "090")).await;
        assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
    });
}

#[test]
fn whoever_sees_several_departments_is_told_which() {
    both(async |t| {
        let (_, dogs) = t.staff("1", Role::Sender, "環境課").await;
        let (_, parks) = t.staff("2", Role::Sender, "公園課").await;
        let (_, admin) = t.staff("3", Role::Admin, "総務課").await;
        for (n, staff) in [(1, &dogs), (2, &parks)] {
            let id = published(staff, &definition()).await;
            let someone = resident(&t, t.friends(n, 1).await[0]);
            send(&someone, id, "k", words("山田", "1")).await.unwrap();
        }
        let listed = async |ctx: &Context, department: Option<DepartmentId>| {
            let filter = Filter { department, page: 1, ..Filter::default() };
            answer::list(ctx, &filter).await.unwrap()
        };
        let of = |found: &Answered| -> BTreeSet<String> {
            found.rows.iter().map(|r| r.department.clone()).collect()
        };
        let all = listed(&admin, None).await;
        let both = BTreeSet::from(["環境課".to_owned(), "公園課".to_owned()]);
        assert_eq!(of(&all), both);
        assert_eq!(all.departments.iter().map(|(_, n)| n.clone()).collect::<BTreeSet<_>>(), both);
        for (id, name) in all.departments {
            let one = listed(&admin, Some(id)).await;
            assert_eq!((one.total, of(&one)), (1, BTreeSet::from([name.clone()])));
            // To others the filter opens nothing.
            let own = listed(&dogs, Some(id)).await;
            assert_eq!((own.total, own.departments.len()), (i64::from(name == "環境課"), 0));
        }
    });
}

#[test]
fn limits_hold() {
    both(async |t| {
        let (_, staff) = t.staff("1", Role::Sender, "環境課").await;
        let mut form = definition();
        form.terms.limit = Some(2);
        form.terms.limit_each = Some(1);
        let id = published(&staff, &form).await;
        let people: Vec<_> = t.friends(1, 3).await.into_iter().map(|id| resident(&t, id)).collect();
        let first = send(&people[0], id, "a", words("一", "1")).await.unwrap();
        let refused = send(&people[0], id, "b", words("一", "1")).await;
        assert!(matches!(refused, Err(Error::Conflict(_))));
        send(&people[1], id, "c", words("二", "2")).await.unwrap();
        let refused = send(&people[2], id, "d", words("三", "3")).await;
        assert!(matches!(refused, Err(Error::Conflict(_))));
        // What is taken back makes room, and leaves its number.
        answer::withdraw(&people[0].0, &people[0].1, first.id).await.unwrap();
        let late = send(&people[2], id, "d", words("三", "3")).await.unwrap();
        assert_ne!(late.receipt, first.receipt);
    });
}

#[test]
fn an_answer_is_taken_back_while_its_form_is_published() {
    both(async |t| {
        let (_, staff) = t.staff("1", Role::Sender, "環境課").await;
        let mut form = definition();
        let id = published(&staff, &form).await;
        let people: Vec<_> = t.friends(1, 2).await.into_iter().map(|id| resident(&t, id)).collect();
        let first = send(&people[0], id, "a", words("一", "1")).await.unwrap();
        let second = send(&people[1], id, "b", words("二", "2")).await.unwrap();
        form.statuses.clear();
        form::save(&staff, id, 1, "犬", &form, &Settings::default()).await.unwrap();
        // Somebody changes the first answer: whoever publishes holds the form, and waits.
        let other = t.ctx.store.begin().await.unwrap();
        if !t.ctx.store.is_sqlite() {
            let sql = format!("SELECT id FROM answer WHERE id = {} FOR UPDATE", first.id);
            other.execute_unprepared(&sql).await.unwrap();
        }
        let waiting = "SELECT COUNT(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let waits = async |count: i64| {
            // SQLite lets nobody begin meanwhile.
            if !t.ctx.store.is_sqlite() {
                let all = async { while t.number(waiting).await < count {} };
                tokio::time::timeout(Duration::from_secs(60), all).await.unwrap();
            }
        };
        let withdrawing = async {
            waits(1).await;
            answer::withdraw(&people[1].0, &people[1].1, second.id).await
        };
        let ending = async {
            waits(2).await;
            other.commit().await.unwrap();
        };
        let publishing = form::publish(&staff, id, 2);
        let (version, withdrawn, ()) = tokio::join!(publishing, withdrawing, ending);
        withdrawn.unwrap();
        assert_eq!(version.unwrap(), 2);
        assert_eq!(t.number("SELECT received AS n FROM form").await, 1);
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM answer WHERE delete_at IS NULL").await, 0);
        // Once more takes nothing away.
        answer::withdraw(&people[1].0, &people[1].1, second.id).await.unwrap();
        assert_eq!(t.number("SELECT received AS n FROM form").await, 1);
    });
}

#[test]
fn an_answer_is_corrected_withdrawn_and_decided_within_its_rules() {
    both(async |t| {
        let (_, staff) = t.staff("1", Role::Sender, "環境課").await;
        let id = published(&staff, &definition()).await;
        let friends = t.friends(1, 2).await;
        let (ctx, holder) = resident(&t, friends[0]);
        let (_, stranger) = resident(&t, friends[1]);
        let sent = send(&(ctx.clone(), holder.clone()), id, "a", words("山田", "1")).await.unwrap();
        let refused = answer::one_of_mine(&ctx, &stranger, sent.id).await;
        assert!(matches!(refused, Err(Error::NotFound)));
        answer::mark(&staff, &[(sent.id, sent.at)], true).await.unwrap();
        let now = Submission { version: 1, answers: words("山田", "2") };
        let refused = answer::correct(&ctx, &stranger, sent.id, &now).await;
        assert!(matches!(refused, Err(Error::NotFound)));
        answer::correct(&ctx, &holder, sent.id, &now).await.unwrap();
        let full = answer::get(&staff, sent.id).await.unwrap();
        assert!(full.read_at.is_none(), "a correction is read again");
        assert_eq!(full.submission, now);
        let told: Vec<_> = full.history.iter().map(|e| (e.what, e.detail.as_str())).collect();
        assert_eq!(told, [(What::Sent, ""), (What::Corrected, "電話番号：1 → 2")]);
        let open = async || {
            let open = Filter { open: true, page: 1, ..Filter::default() };
            answer::list(&staff, &open).await.unwrap().total
        };
        assert_eq!(open().await, 1);
        // Staff: a status, a field of their own; each names the edition that was seen.
        let next = answer::set_status(&staff, sent.id, full.edition, "done", "電話した").await;
        let next = next.unwrap();
        let again = answer::set_status(&staff, sent.id, full.edition, "new", "").await;
        assert!(matches!(again, Err(Error::Conflict(_))));
        let memo = Answers::from([("memo".to_owned(), vec!["R8-1".to_owned()])]);
        answer::set_staff(&staff, sent.id, next, &memo).await.unwrap();
        let full = answer::get(&staff, sent.id).await.unwrap();
        assert_eq!((full.status.as_str(), &full.staff), ("done", &memo));
        assert_eq!(full.delete_at, Some(NOON.plus(30 * DAY)));
        assert_eq!(open().await, 0, "nothing more is to do");
        // A state has the words of the version in force, not those that are only edited yet.
        let mut edited = definition();
        edited.statuses[1].label = "済".into();
        form::save(&staff, id, 1, "犬", &edited, &Settings::default()).await.unwrap();
        let all = answer::list(&staff, &Filter { page: 1, ..Filter::default() }).await.unwrap();
        assert_eq!(all.rows[0].status_label, "登録済み");
        assert_eq!(full.history.len(), 5);
        assert_eq!(answer::events(&staff, sent.id).await.unwrap(), full.history);
        // It is decided: nothing more by the one who sent it.
        let (mine, ..) = answer::one_of_mine(&ctx, &holder, sent.id).await.unwrap();
        assert_eq!((mine.status.as_str(), mine.may_withdraw), ("登録済みです", false));
        for refused in [
            answer::withdraw(&ctx, &holder, sent.id).await,
            answer::correct(&ctx, &holder, sent.id, &now).await,
        ] {
            assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
        }
        // Its time of keeping ends.
        assert_eq!(answer::forget(&t.ctx).await.unwrap(), 0);
        t.later(30 * DAY);
        assert_eq!(answer::forget(&t.ctx).await.unwrap(), 1);
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM answer_history").await, 0);
    });
}

#[test]
fn what_staff_wrote_stays_when_its_field_is_taken_away() {
    both(async |t| {
        let (_, staff) = t.staff("1", Role::Sender, "環境課").await;
        let mut form = definition();
        form.staff.push(Question::new("tag", "鑑札", Ask::Text { max: 20 }));
        let id = published(&staff, &form).await;
        let someone = resident(&t, t.friends(1, 1).await[0]);
        let sent = send(&someone, id, "a", words("山田", "1")).await.unwrap();
        let given = |all: &[(&str, &str)]| -> Answers {
            all.iter().map(|(name, w)| ((*name).to_owned(), vec![(*w).to_owned()])).collect()
        };
        let both_fields = given(&[("memo", "R8-1"), ("tag", "12")]);
        let next = answer::set_staff(&staff, sent.id, 1, &both_fields).await.unwrap();
        let beside = Settings::default();
        let edition = form::save(&staff, id, 1, "犬", &definition(), &beside).await.unwrap();
        form::publish(&staff, id, edition).await.unwrap();
        answer::set_staff(&staff, sent.id, next, &given(&[("memo", "R8-2")])).await.unwrap();
        let full = answer::get(&staff, sent.id).await.unwrap();
        assert_eq!(full.staff, given(&[("memo", "R8-2"), ("tag", "12")]));
        // The page sends it along, and a field that is emptied is empty.
        let tag = given(&[("tag", "13")]);
        answer::set_staff(&staff, sent.id, full.edition, &tag).await.unwrap();
        let full = answer::get(&staff, sent.id).await.unwrap();
        assert_eq!(full.staff, given(&[("tag", "12")]));
    });
}

#[test]
fn what_waited_in_a_state_is_not_kept_for_ever_when_the_form_has_none_any_more() {
    both(async |t| {
        let (_, staff) = t.staff("1", Role::Sender, "環境課").await;
        let id = published(&staff, &definition()).await;
        let someone = resident(&t, t.friends(1, 1).await[0]);
        let sent = send(&someone, id, "a", words("山田", "1")).await.unwrap();
        assert_eq!(answer::get(&staff, sent.id).await.unwrap().delete_at, None);
        let stateless = Form { statuses: Vec::new(), ..definition() };
        let beside = Settings::default();
        let edition = form::save(&staff, id, 1, "犬", &stateless, &beside).await.unwrap();
        form::publish(&staff, id, edition).await.unwrap();
        let full = answer::get(&staff, sent.id).await.unwrap();
        assert_eq!(full.delete_at, Some(NOON.plus(30 * DAY)));
        t.later(30 * DAY);
        assert_eq!(answer::forget(&t.ctx).await.unwrap(), 1);
    });
}

#[test]
fn what_a_version_says_of_its_states_holds_of_the_answers_that_are_there() {
    both(async |t| {
        let (_, staff) = t.staff("1", Role::Sender, "環境課").await;
        let mut form = definition();
        form.statuses.push(Status {
            key: "posted".into(),
            label: "送付した".into(),
            ..Status::default()
        });
        let id = published(&staff, &form).await;
        let people: Vec<_> = t.friends(1, 4).await.into_iter().map(|id| resident(&t, id)).collect();
        let mut sent = Vec::new();
        for someone in &people {
            sent.push(send(someone, id, "a", words("山田", "1")).await.unwrap().id);
        }
        answer::set_status(&staff, sent[1], 1, "posted", "").await.unwrap();
        answer::set_status(&staff, sent[2], 1, "done", "").await.unwrap();
        answer::withdraw(&people[3].0, &people[3].1, sent[3]).await.unwrap();
        let kept = async || {
            let mut kept: Vec<Option<Timestamp>> = Vec::new();
            for id in &sent {
                kept.push(answer::get(&staff, *id).await.unwrap().delete_at);
            }
            kept
        };
        let first = Some(NOON.plus(30 * DAY));
        assert_eq!(kept().await, [None, None, first, first]);
        // What was posted is done now, what was entered is not.
        t.later(DAY);
        form.statuses[1].done = false;
        form.statuses[2].done = true;
        let beside = Settings::default();
        let edition = form::save(&staff, id, 1, "犬", &form, &beside).await.unwrap();
        form::publish(&staff, id, edition).await.unwrap();
        let second = Some(NOON.plus(31 * DAY));
        assert_eq!(kept().await, [None, second, None, first]);
        // What has begun does not begin anew.
        t.later(DAY);
        form.title = "犬の登録（新）".into();
        let edition = form::save(&staff, id, edition, "犬", &form, &beside).await.unwrap();
        form::publish(&staff, id, edition).await.unwrap();
        assert_eq!(kept().await, [None, second, None, first]);
        // A state that is taken away leaves what was said by it.
        form.statuses.remove(2);
        form.statuses[1].done = true;
        let edition = form::save(&staff, id, edition, "犬", &form, &beside).await.unwrap();
        form::publish(&staff, id, edition).await.unwrap();
        assert_eq!(kept().await, [None, second, Some(NOON.plus(32 * DAY)), first]);
    });
}

#[test]
fn what_came_before_a_form_had_states_waits_until_somebody_says_that_it_is_done() {
    both(async |t| {
        let (_, staff) = t.staff("1", Role::Sender, "環境課").await;
        let stateless = Form { statuses: Vec::new(), ..definition() };
        let id = published(&staff, &stateless).await;
        let someone = resident(&t, t.friends(1, 1).await[0]);
        let sent = send(&someone, id, "a", words("山田", "1")).await.unwrap();
        let full = answer::get(&staff, sent.id).await.unwrap();
        assert_eq!(full.delete_at, Some(NOON.plus(30 * DAY)));
        let beside = Settings::default();
        let edition = form::save(&staff, id, 1, "犬", &definition(), &beside).await.unwrap();
        form::publish(&staff, id, edition).await.unwrap();
        let full = answer::get(&staff, sent.id).await.unwrap();
        assert_eq!((full.status.as_str(), full.delete_at), ("", None));
        let open = Filter { open: true, page: 1, ..Filter::default() };
        assert_eq!(answer::list(&staff, &open).await.unwrap().total, 1);
        t.later(30 * DAY);
        assert_eq!(answer::forget(&t.ctx).await.unwrap(), 0);
        answer::set_status(&staff, sent.id, full.edition, "done", "").await.unwrap();
        t.later(30 * DAY);
        assert_eq!(answer::forget(&t.ctx).await.unwrap(), 1);
    });
}

#[test]
fn what_waits_in_a_state_that_is_gone_goes_on_in_the_first() {
    both(async |t| {
        let (_, staff) = t.staff("1", Role::Sender, "環境課").await;
        let status = |key: &str, label: &str, done| Status {
            key: key.into(),
            label: label.into(),
            done,
            ..Status::default()
        };
        let mut form = definition();
        form.statuses.insert(1, status("work", "対応中", false));
        form.statuses.push(status("posted", "送付した", true));
        let id = published(&staff, &form).await;
        let people: Vec<_> = t.friends(1, 3).await.into_iter().map(|id| resident(&t, id)).collect();
        let mut sent = Vec::new();
        for (someone, state) in people.iter().zip(["work", "posted", "work"]) {
            let one = send(someone, id, "a", words("山田", "1")).await.unwrap().id;
            answer::set_status(&staff, one, 1, state, "").await.unwrap();
            sent.push(one);
        }
        answer::withdraw(&people[2].0, &people[2].1, sent[2]).await.unwrap();
        t.later(DAY);
        let beside = Settings::default();
        let edition = form::save(&staff, id, 1, "犬", &definition(), &beside).await.unwrap();
        form::publish(&staff, id, edition).await.unwrap();
        let waiting = answer::get(&staff, sent[0]).await.unwrap();
        assert_eq!((waiting.status.as_str(), waiting.delete_at), ("new", None));
        let told = waiting.history.last().unwrap();
        let words = "対応中 → 受付（「対応中」は、フォームからなくなりました）";
        assert_eq!((told.what, told.detail.as_str()), (What::Status, words));
        // What is over stays as it was said.
        let until = Some(NOON.plus(30 * DAY));
        for (id, status) in [(sent[1], "posted"), (sent[2], "work")] {
            let over = answer::get(&staff, id).await.unwrap();
            assert_eq!((over.status.as_str(), over.delete_at), (status, until));
        }
    });
}

#[test]
fn what_was_done_stays_so_and_what_waited_waits_when_a_form_gets_other_states_after_it_had_none() {
    both(async |t| {
        let (_, staff) = t.staff("1", Role::Sender, "環境課").await;
        let id = published(&staff, &definition()).await;
        let people: Vec<_> = t.friends(1, 2).await.into_iter().map(|id| resident(&t, id)).collect();
        let mut sent = Vec::new();
        for someone in &people {
            sent.push(send(someone, id, "a", words("山田", "1")).await.unwrap().id);
        }
        answer::set_status(&staff, sent[1], 1, "done", "").await.unwrap();
        let status = |key: &str, label: &str, done| Status {
            key: key.into(),
            label: label.into(),
            done,
            ..Status::default()
        };
        let others = [status("entered", "受けた", false), status("over", "済", true)];
        let mut edition = 1;
        let mut kept = async |title: &str, statuses: &[Status]| {
            t.later(DAY);
            let form = Form { title: title.into(), statuses: statuses.to_vec(), ..definition() };
            let beside = Settings::default();
            edition = form::save(&staff, id, edition, "犬", &form, &beside).await.unwrap();
            form::publish(&staff, id, edition).await.unwrap();
            let mut kept = Vec::new();
            for id in &sent {
                let full = answer::get(&staff, *id).await.unwrap();
                kept.push((full.status, full.delete_at));
            }
            kept
        };
        let over = ("done".to_owned(), Some(NOON.plus(30 * DAY)));
        let none = kept("犬", &[]).await;
        assert_eq!(none, [("new".to_owned(), Some(NOON.plus(31 * DAY))), over.clone()]);
        let waiting: (String, Option<Timestamp>) = ("entered".to_owned(), None);
        assert_eq!(kept("犬", &others).await, [waiting.clone(), over.clone()]);
        let full = answer::get(&staff, sent[0]).await.unwrap();
        let words = "受付 → 受けた（「受付」は、フォームからなくなりました）";
        assert_eq!(full.history.last().unwrap().detail, words);
        // The former release left what waited in a state that was gone.
        t.sql("UPDATE answer SET status = 'new' WHERE status = 'entered'").await;
        assert_eq!(kept("犬の届", &others).await, [waiting, over]);
    });
}

#[test]
fn duties_leave_what_somebody_holds_for_the_next_time() {
    both(async |t| {
        let (_, staff) = t.staff("1", Role::Sender, "環境課").await;
        let id = published(&staff, &definition()).await;
        let someone = resident(&t, t.friends(1, 1).await[0]);
        let sent = send(&someone, id, "a", words("山田", "1")).await.unwrap();
        answer::set_status(&staff, sent.id, 1, "done", "").await.unwrap();
        t.sql("UPDATE answer SET choices_at = NULL").await;
        t.later(30 * DAY);
        let duties = async || {
            let duties = async {
                let hashed = answer::catch_up(&t.ctx).await.unwrap();
                (hashed, answer::forget(&t.ctx).await.unwrap())
            };
            tokio::time::timeout(Duration::from_secs(60), duties).await.unwrap()
        };
        // Whoever publishes says that something is to do again; SQLite lets nobody begin meanwhile.
        let publishing = t.ctx.store.begin().await.unwrap();
        publishing.execute_unprepared("UPDATE answer SET delete_at = NULL").await.unwrap();
        if !t.ctx.store.is_sqlite() {
            assert_eq!(duties().await, (0, 0));
        }
        publishing.commit().await.unwrap();
        assert_eq!(duties().await, (1, 0));
        assert!(answer::get(&staff, sent.id).await.is_ok());
    });
}

#[test]
fn drafts_belong_to_whoever_writes_them() {
    both(async |t| {
        let (_, staff) = t.staff("1", Role::Sender, "環境課").await;
        let id = published(&staff, &definition()).await;
        let nobody = t.acting(Actor::Nobody);
        let outside = Holder::of(&nobody, Some(&"s".repeat(64))).unwrap();
        let other = Holder::of(&nobody, Some(&"t".repeat(64))).unwrap();
        let (ctx, known) = resident(&t, t.friends(1, 1).await[0]);
        assert!(
            Holder::of(&nobody, Some("short")).is_none() && Holder::of(&nobody, None).is_none()
        );
        let kept = |word: &str| Kept {
            draft: Draft {
                version: 1,
                answers: Answers::from([("name".to_owned(), vec![word.to_owned()])]),
                ..Draft::default()
            },
            page: 2,
            ..Kept::default()
        };
        answer::save_draft(&nobody, &outside, id, &kept("一")).await.unwrap();
        answer::save_draft(&nobody, &outside, id, &kept("二")).await.unwrap();
        answer::save_draft(&ctx, &known, id, &kept("三")).await.unwrap();
        let read = async |holder: &Holder| {
            answer::draft(&nobody, holder, id).await.unwrap().map(|(kept, _)| kept)
        };
        assert_eq!(read(&outside).await, Some(kept("二")));
        assert_eq!(read(&known).await, Some(kept("三")));
        assert_eq!(read(&other).await, None);
        assert_eq!(answer::drafts(&ctx, &known).await.unwrap().len(), 1);
        let someone = (ctx.clone(), known.clone());
        send(&someone, id, "k", words("三", "3")).await.unwrap();
        assert_eq!(read(&known).await, None, "what was sent is no draft any more");
        t.later(answer::DRAFT_KEPT + 1);
        assert_eq!(read(&outside).await, None);
        answer::forget(&t.ctx).await.unwrap();
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM answer_draft").await, 0);
    });
}

#[test]
fn what_is_taken_back_is_unread_until_somebody_looks() {
    both(async |t| {
        let (_, staff) = t.staff("1", Role::Sender, "環境課").await;
        let id = published(&staff, &definition()).await;
        let (ctx, holder) = resident(&t, t.friends(1, 1).await[0]);
        let sent = send(&(ctx.clone(), holder.clone()), id, "a", words("山田", "1")).await.unwrap();
        answer::mark(&staff, &[(sent.id, sent.at)], true).await.unwrap();
        assert_eq!(answer::unread(&staff).await.unwrap(), 0);
        t.later(DAY);
        answer::withdraw(&ctx, &holder, sent.id).await.unwrap();
        let listed = async || {
            let filter = Filter { page: 1, ..Filter::default() };
            let found = answer::list(&staff, &filter).await.unwrap();
            found.rows.iter().map(|r| (r.id, r.unread, r.withdrawn)).collect::<Vec<_>>()
        };
        assert_eq!(listed().await, [(sent.id, true, true)]);
        assert_eq!(answer::unread(&staff).await.unwrap(), 1);
        assert_eq!(form::get(&staff, id).await.unwrap().unread, 1);
        let forms = answer::unread_forms(&staff, 5).await.unwrap();
        let [of_form] = forms.as_slice() else { panic!("{forms:?}") };
        assert_eq!((of_form.count, of_form.oldest), (1, sent.at.plus(DAY)));
        assert_eq!(answer::mark(&staff, &[(sent.id, sent.at)], true).await.unwrap(), 1);
        assert_eq!(listed().await, [(sent.id, true, true)], "seen before it was taken back");
        assert_eq!(answer::mark(&staff, &[(sent.id, t.ctx.now())], true).await.unwrap(), 0);
        assert_eq!(answer::unread(&staff).await.unwrap(), 0);
        assert!(listed().await.is_empty());
    });
}

#[test]
fn what_is_deleted_after_its_time_is_not_listed_and_still_fills_the_form() {
    both(async |t| {
        let (_, staff) = t.staff("1", Role::Sender, "環境課").await;
        let other = published(&staff, &definition()).await;
        let mut limited = definition();
        limited.terms.limit = Some(2);
        let id = published(&staff, &limited).await;
        let people: Vec<_> = t.friends(1, 3).await.into_iter().map(|id| resident(&t, id)).collect();
        for (who, key) in people.iter().zip(["a", "b"]) {
            send(who, other, key, words("山田", "1")).await.unwrap();
            let sent = send(who, id, key, words("山田", "1")).await.unwrap();
            if key == "a" {
                answer::set_status(&staff, sent.id, 1, "done", "").await.unwrap();
            }
        }
        t.later(30 * DAY);
        assert_eq!(answer::forget(&t.ctx).await.unwrap(), 1);
        let kept = form::get(&staff, id).await.unwrap();
        assert_eq!((kept.received, kept.counted, kept.unread), (1, 2, 1));
        let most = Sought { order: Order::Received, page: 1, ..Sought::default() };
        let found = form::list(&staff, &most).await.unwrap();
        let found: Vec<_> = found.rows.iter().map(|f| (f.id, f.received)).collect();
        assert_eq!(found, [(other, 2), (id, 1)]);
        let refused = send(&people[2], id, "c", words("三", "3")).await;
        assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
    });
}

#[test]
fn files_go_with_their_answer_and_to_nobody_else() {
    both(async |t| {
        let (_, staff) = t.staff("1", Role::Sender, "環境課").await;
        let (_, elsewhere) = t.staff("2", Role::Sender, "税務課").await;
        let id = published(&staff, &definition()).await;
        let friends = t.friends(1, 2).await;
        let own = resident(&t, friends[0]);
        let stranger = resident(&t, friends[1]);
        let new = NewFile {
            form: id,
            question: "photo",
            name: "ひみつの家.jpg",
            media_type: "image/jpeg",
            bytes: b"original-bytes",
            photo: Some((b"small-bytes", 4, 3)),
            position: None,
        };
        let file = answer::add_file(&own.0, &own.1, &new).await.unwrap();
        let left_out = answer::add_file(&own.0, &own.1, &new).await.unwrap();
        let mut answers = words("山田", "1");
        answers.insert("photo".into(), Answer::Files(vec![file.id.clone()]));
        // Another's file cannot be sent as one's own.
        let refused = send(&stranger, id, "x", answers.clone()).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
        let sent = send(&own, id, "y", answers).await.unwrap();
        let read = answer::file(&own.0, &own.1, &file.id, true).await.unwrap();
        assert_eq!(
            (read.bytes.as_slice(), read.of.name.as_str()),
            (&b"small-bytes"[..], "ひみつの家.jpg")
        );
        let gone = answer::file(&own.0, &own.1, &left_out.id, false).await;
        assert!(matches!(gone, Err(Error::NotFound)), "what was left out is forgotten");
        for refused in [
            answer::file(&stranger.0, &stranger.1, &file.id, false).await.map(drop),
            answer::staff_file(&elsewhere, sent.id, &file.id, false).await.map(drop),
            answer::staff_file(&staff, sent.id, &left_out.id, false).await.map(drop),
        ] {
            assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
        }
        let read = answer::staff_file(&staff, sent.id, &file.id, false).await.unwrap();
        assert_eq!(read.bytes, b"original-bytes");
        assert_eq!(
            store::blob::picture(&t.ctx, &file.id).await.unwrap(),
            None,
            "no public picture"
        );
        // The blobs: one is kept as long as the answer, the other is swept.
        t.later(8 * DAY);
        store::blob::sweep(&t.ctx).await.unwrap();
        assert!(answer::staff_file(&staff, sent.id, &file.id, false).await.is_ok());
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM blob").await, 1);
        // Other systems name its form, too.
        let given =
            async |ctx: &Context, form| answer::given_file(ctx, form, sent.id, &file.id).await;
        assert_eq!(given(&staff, id).await.unwrap().bytes, b"original-bytes");
        for (ctx, form) in [(&staff, FormId(id.0 + 1)), (&elsewhere, id)] {
            assert!(matches!(given(ctx, form).await, Err(Error::NotFound)));
        }
        let ctx = t.reopened(&[1, 2]).await;
        while store::work::rotate(&ctx).await.unwrap() > 0 {}
        let again = answer::staff_file(&ctx, sent.id, &file.id, true).await.unwrap();
        assert_eq!(again.bytes, b"small-bytes");
    });
}

#[test]
fn nothing_that_was_written_lies_open() {
    both(async |t| {
        let (_, staff) = t.staff("1", Role::Sender, "環境課").await;
        let id = published(&staff, &definition()).await;
        let someone = resident(&t, t.friends(1, 1).await[0]);
        let secret = "ZEBRA-ひみつ";
        let draft = Draft {
            version: 1,
            answers: Answers::from([("name".to_owned(), vec![secret.to_owned()])]),
            ..Draft::default()
        };
        let kept = Kept { draft, ..Kept::default() };
        answer::save_draft(&someone.0, &someone.1, id, &kept).await.unwrap();
        let sent = send(&someone, id, "k", words(secret, secret)).await.unwrap();
        let changed = Submission { version: 1, answers: words(secret, "ZEBRA-2") };
        answer::correct(&someone.0, &someone.1, sent.id, &changed).await.unwrap();
        let memo = Answers::from([("memo".to_owned(), vec!["ZEBRA-3".to_owned()])]);
        answer::set_staff(&staff, sent.id, 2, &memo).await.unwrap();
        answer::set_status(&staff, sent.id, 3, "done", "ZEBRA-4").await.unwrap();
        let row = BTreeMap::from([
            ("番号".to_owned(), "ZEBRA-5".to_owned()),
            ("氏名".to_owned(), "ZEBRA-6".to_owned()),
        ]);
        let names = ["番号".to_owned(), "氏名".to_owned()];
        eligibility::keep(&staff, None, "名簿", &names[..1], &names, &[row]).await.unwrap();
        let columns = [
            ("answer", "answers"),
            ("answer", "staff"),
            ("answer_history", "detail"),
            ("answer_draft", "body"),
            ("eligibility_row", "body"),
        ];
        if t.ctx.store.is_sqlite() {
            t.sql("PRAGMA wal_checkpoint(TRUNCATE)").await;
            for file in std::fs::read_dir(t.dir.path()).unwrap().flatten() {
                if file.path().is_file() {
                    let bytes = std::fs::read(file.path()).unwrap();
                    let found = bytes.windows(5).any(|w| w == b"ZEBRA");
                    assert!(!found, "{}", file.path().display());
                }
            }
        } else {
            for (table, column) in columns {
                let sql = format!(
                    "SELECT COUNT(*) AS n FROM {table} WHERE position('ZEBRA'::bytea IN {column}) > 0"
                );
                assert_eq!(t.number(&sql).await, 0, "{table}.{column}");
            }
        }
        // A value of one answer opens in no other.
        let other = send(&someone, id, "k2", words("別", "9")).await.unwrap();
        t.sql(&format!(
            "UPDATE answer SET answers = (SELECT a.answers FROM answer a WHERE a.id = {}) WHERE id = {}",
            sent.id, other.id
        ))
        .await;
        assert!(matches!(answer::get(&staff, other.id).await, Err(Error::Undecryptable(_))));
    });
}

#[test]
fn uploads_of_those_who_are_not_known_are_limited_by_their_address() {
    both(async |t| {
        let id = t.friends(0, 1).await[0];
        let (known, holder) = resident(&t, id);
        let nobody = t.acting(Actor::Nobody);
        // A new browser each time is no way around it.
        let from = async |n: usize, address: &str| {
            let holder = Holder::of(&nobody, Some(&format!("{n:040}"))).unwrap();
            answer::admit_upload(&nobody, &holder, address).await
        };
        for n in 0..200 {
            from(n, "192.0.2.1").await.unwrap();
        }
        assert!(matches!(from(201, "192.0.2.1").await, Err(Error::Conflict(_))));
        from(202, "192.0.2.2").await.unwrap();
        answer::admit_upload(&known, &holder, "192.0.2.1").await.unwrap();
        t.later(domain::time::HOUR);
        from(203, "192.0.2.1").await.unwrap();
    });
}
