//! Answers that come at the same moment: received together, decided one by one.

use crate::forms::{definition, published, resident, words};
use crate::support::{Test, both};
use domain::form::kept::{Gate, Mailing, Published, Settings};
use domain::form::{Answer, Submission};
use domain::id::{BlobId, FormId};
use domain::permission::{Actor, Role};
use domain::time::{DAY, MINUTE, SECOND, Timestamp};
use futures::FutureExt;
use futures::future::join_all;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::answer::{Holder, Kept, New, NewFile, Ready, Receipt, Whose};
use store::eligibility::Trier;
use store::{Context, Error, Result, answer, eligibility, form};

type Who = (Context, Holder);

fn submission(version: u64) -> Submission {
    Submission { version, answers: words("山田", "1") }
}

fn new<'a>(form: &'a Published, submission: &'a Submission, key: &'a str) -> New<'a> {
    let talk = |receipt: &str| format!("[{{\"type\":\"text\",\"text\":\"{receipt}\"}}]");
    New { form, submission, key, eligible: None, talk: Some(Arc::new(talk)) }
}

fn ready((ctx, holder): &Who, form: &Published, key: &str, submission: &Submission) -> Ready {
    Ready::of(ctx, holder, &new(form, submission, key)).unwrap()
}

/// What became of each, in short: its number, or how the refusal begins.
fn outcomes(received: &[Result<Receipt>]) -> Vec<String> {
    let short = |outcome: &Result<Receipt>| match outcome {
        Ok(receipt) if receipt.again => format!("{} again", receipt.receipt),
        Ok(receipt) => receipt.receipt.clone(),
        Err(Error::Conflict(why)) => why.chars().take(4).collect(),
        Err(Error::Invalid(problems)) => problems[0].at.clone(),
        Err(error) => error.to_string(),
    };
    received.iter().map(short).collect()
}

async fn met(ctx: &Context, id: FormId) -> Published {
    form::published(ctx, id).await.unwrap().unwrap()
}

async fn people(t: &Test, count: u32) -> Vec<Who> {
    t.friends(1, count).await.into_iter().map(|id| resident(t, id)).collect()
}

#[test]
fn each_counts_for_those_behind_it_and_none_for_another() {
    both(async |t| {
        let (_, staff) = t.staff("1", Role::Sender, "環境課").await;
        let mut definition = definition();
        definition.terms.limit = Some(4);
        definition.terms.limit_each = Some(1);
        let id = published(&staff, &definition).await;
        let form = met(&t.ctx, id).await;
        let people = people(&t, 5).await;
        let (now, former) = (submission(1), submission(9));
        let mut lacking = submission(1);
        let nowhere = BlobId::from_random([7; 20]);
        lacking.answers.insert("photo".into(), Answer::Files(vec![nowhere]));
        let sent = |n: usize, key: &str, what| ready(&people[n], &form, key, what);
        let batch = [
            sent(0, "a", &now),
            sent(0, "a", &now),
            sent(1, "b", &lacking),
            sent(1, "c", &now),
            sent(1, "d", &now),
            sent(2, "e", &former),
            sent(2, "f", &now),
            sent(3, "g", &now),
            sent(4, "h", &now),
            sent(0, "a", &now),
        ];
        let received = answer::receive_all(&batch).await;
        let expected = [
            "犬001",
            "犬001 again",
            "photo",
            "犬002",
            "このフォ",
            "このあい",
            "犬003",
            "犬004",
            "受付の数",
            "犬001 again",
        ];
        assert_eq!(outcomes(&received), expected);
        let made: Vec<&Receipt> = received.iter().flatten().filter(|r| !r.again).collect();
        assert!(made.is_sorted_by_key(|receipt| receipt.id), "{made:?}");
        assert_eq!(received[9].as_ref().unwrap().id, made[0].id);
        for (n, receipt) in made.iter().enumerate() {
            let who = people[n].1.resident().unwrap();
            let line = format!(
                "SELECT COUNT(*) AS n FROM ledger WHERE act = 'answer.send' AND actor = 'resident:{who}' AND object = 'answer:{}'",
                receipt.id
            );
            assert_eq!(t.number(&line).await, 1, "{line}");
            let row = format!("SELECT resident_id AS n FROM answer WHERE id = {}", receipt.id);
            assert_eq!(t.number(&row).await, who.0);
        }
        for (what, table) in [
            ("answers", "answer"),
            ("lines of history", "answer_history"),
            ("mails", "mail"),
            ("pushes", "call WHERE kind = 'push'"),
            ("lines of the ledger", "ledger WHERE act = 'answer.send'"),
        ] {
            let count = t.number(&format!("SELECT COUNT(*) AS n FROM {table}")).await;
            assert_eq!(count, 4, "{what}");
        }
        let counted = "SELECT number * 100 + received AS n FROM form";
        assert_eq!(t.number(counted).await, 404);

        // What is full stays so, and makes room without a gap.
        let batch = [sent(4, "h", &now), sent(1, "c", &now)];
        assert_eq!(outcomes(&answer::receive_all(&batch).await), ["受付の数", "犬002 again"]);
        answer::withdraw(&people[3].0, &people[3].1, made[3].id).await.unwrap();
        let batch = [sent(1, "i", &now), sent(4, "h", &now), sent(3, "j", &now)];
        let received = answer::receive_all(&batch).await;
        assert_eq!(outcomes(&received), ["このフォ", "犬005", "受付の数"]);
        assert_eq!(t.number(counted).await, 504);
        // A form that is closed answers who has sent, and nobody else.
        form::close(&staff, id).await.unwrap();
        let batch = [sent(4, "h", &now), sent(3, "j", &now)];
        assert_eq!(outcomes(&answer::receive_all(&batch).await), ["犬005 again", "受付が終"]);
    });
}

#[test]
fn each_person_of_a_list_is_answered_for_once_whoever_sends() {
    both(async |t| {
        let (_, staff) = t.staff("1", Role::Sender, "環境課").await;
        let row = |number: &str| BTreeMap::from([("番号".to_owned(), number.to_owned())]);
        let columns = ["番号".to_owned()];
        let rows = ["A-1", "A-2", "A-3", "A-4"].map(row);
        let list =
            eligibility::keep(&staff, None, "名簿", &columns, &columns, &rows).await.unwrap();
        let nobody = t.acting(Actor::Nobody);
        let mut hashes = Vec::new();
        for said in &rows {
            let by = Trier::Address("x");
            let found = eligibility::check(&nobody, list, said, by).await.unwrap();
            hashes.push(found.expect("on the list").hash);
        }
        hashes.push(vec![7; 16]);
        let gate = Gate { list, prefill: BTreeMap::new() };
        let settings = Settings { outside: true, eligibility: Some(gate), ..Settings::default() };
        let mut definition = definition();
        definition.terms.limit_each = Some(1);
        let id = form::create(&staff, "健診", &definition, &settings).await.unwrap();
        form::publish(&staff, id, 1).await.unwrap();
        let form = met(&t.ctx, id).await;
        let mut people = people(&t, 3).await;
        let holder = Holder::of(&nobody, Some(&"s".repeat(40))).unwrap();
        people.push((nobody, holder));
        let now = submission(1);
        let sent = |n: usize, key: &str, on: Option<usize>| {
            let eligible = on.map(|on| hashes[on].clone());
            let new = New { eligible, ..new(&form, &now, key) };
            Ready::of(&people[n].0, &people[n].1, &new).unwrap()
        };
        let batch = [
            sent(0, "a", Some(0)),
            sent(1, "b", Some(0)),
            sent(1, "c", Some(1)),
            sent(2, "d", None),
            sent(2, "e", Some(4)),
            sent(0, "f", Some(2)),
            sent(3, "g", Some(2)),
        ];
        // Whoever has sent for one child sends for the next.
        let expected = ["犬001", "この方の", "犬002", "対象者の", "対象者の", "犬003", "この方の"];
        assert_eq!(outcomes(&answer::receive_all(&batch).await), expected);
        // And so it is when the next come.
        let batch = [
            sent(2, "h", Some(0)),
            sent(0, "i", None),
            sent(3, "j", Some(1)),
            sent(3, "k", Some(3)),
            sent(0, "l", Some(3)),
        ];
        let received = answer::receive_all(&batch).await;
        let expected = ["この方の", "対象者の", "この方の", "犬004", "この方の"];
        assert_eq!(outcomes(&received), expected);
        for (who, count) in [(0, 2), (2, 0), (3, 1)] {
            let (ctx, holder) = &people[who];
            let own = answer::own_count(ctx, Whose::Holder(holder), id).await.unwrap();
            assert_eq!(own, count, "{who}");
        }
        for (on, count) in [(0, 1), (2, 1), (4, 0)] {
            let of = Whose::Listed(&hashes[on]);
            assert_eq!(answer::own_count(&t.ctx, of, id).await.unwrap(), count, "{on}");
        }
        let pushes = "SELECT COUNT(*) AS n FROM call WHERE kind = 'push'";
        assert_eq!(t.number(pushes).await, 3, "nobody knows how to reach the fourth");
    });
}

#[test]
fn files_and_drafts_go_with_what_was_taken_alone() {
    both(async |t| {
        let (_, staff) = t.staff("1", Role::Sender, "環境課").await;
        let id = published(&staff, &definition()).await;
        let form = met(&t.ctx, id).await;
        let people = people(&t, 3).await;
        let upload = NewFile {
            form: id,
            question: "photo",
            name: "家.jpg",
            media_type: "image/jpeg",
            bytes: b"original",
            photo: Some((b"small", 4, 3)),
            position: None,
        };
        let mut files = Vec::new();
        for (ctx, holder) in [&people[0], &people[0], &people[0], &people[2]] {
            files.push(answer::add_file(ctx, holder, &upload).await.unwrap().id);
        }
        for (ctx, holder) in &people {
            answer::save_draft(ctx, holder, id, &Kept::default()).await.unwrap();
        }
        let of = |file: usize| {
            let mut named = submission(1);
            named.answers.insert("photo".into(), Answer::Files(vec![files[file].clone()]));
            named
        };
        // Another's file; what the first answer left out is not there any more for the second.
        let batch = [
            ready(&people[1], &form, "a", &of(3)),
            ready(&people[0], &form, "b", &of(0)),
            ready(&people[0], &form, "c", &of(1)),
            ready(&people[2], &form, "d", &of(3)),
        ];
        let received = answer::receive_all(&batch).await;
        assert_eq!(outcomes(&received), ["photo", "犬001", "photo", "犬002"]);
        for (n, file) in [(1, 0), (3, 3)] {
            let id = received[n].as_ref().unwrap().id;
            assert!(answer::staff_file(&staff, id, &files[file], false).await.is_ok());
        }
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM answer_file").await, 2);
        for (n, waits) in [(0, false), (1, true), (2, false)] {
            let (ctx, holder) = &people[n];
            let draft = answer::draft(ctx, holder, id).await.unwrap();
            assert_eq!(draft.is_some(), waits, "{n}");
        }
    });
}

#[test]
fn what_is_wrong_with_one_answer_keeps_no_other_away() {
    both(async |t| {
        let (_, staff) = t.staff("1", Role::Sender, "環境課").await;
        let id = published(&staff, &definition()).await;
        let form = met(&t.ctx, id).await;
        let people = people(&t, 4).await;
        let [first, third] = [0, 2].map(|n: usize| people[n].1.resident().unwrap());
        // Whoever changes what lies sealed changes what opens.
        t.sql(&format!(
            "UPDATE resident SET line_id = (SELECT r.line_id FROM resident r WHERE r.id = {first}) WHERE id = {third}"
        ))
        .await;
        let now = submission(1);
        let sent = people.iter().map(|who| ready(who, &form, "k", &now));
        let received = answer::receive_all(&sent.collect::<Vec<_>>()).await;
        assert!(matches!(received[2], Err(Error::Undecryptable("resident.line_id"))));
        let others = [&received[..2], &received[3..]].map(outcomes).concat();
        assert_eq!(others, ["犬001", "犬002", "犬003"]);
        assert_eq!(t.number("SELECT number * 100 + received AS n FROM form").await, 303);
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM answer").await, 3);
    });
}

#[test]
fn a_rush_on_one_form_is_counted_exactly() {
    both(async |t| {
        let (_, staff) = t.staff("1", Role::Sender, "環境課").await;
        let mut definition = definition();
        definition.terms.limit = Some(70);
        let id = published(&staff, &definition).await;
        let form = met(&t.ctx, id).await;
        let people = people(&t, 50).await;
        let now = submission(1);
        // Each sends two answers, and the first of them twice.
        let keys = ["first", "first", "second"];
        let news = keys.map(|key| new(&form, &now, key));
        let all = people.iter().flat_map(|who| news.iter().map(move |new| (who, new)));
        let received =
            join_all(all.map(|((ctx, holder), new)| answer::send(ctx, holder, new))).await;
        let made: BTreeSet<&str> =
            received.iter().flatten().filter(|r| !r.again).map(|r| r.receipt.as_str()).collect();
        let expected: Vec<String> = (1..=70).map(|n| format!("犬{n:03}")).collect();
        assert_eq!(made.into_iter().collect::<Vec<_>>(), expected);
        for twice in received.chunks(3) {
            if let [Ok(a), Ok(b), _] = twice {
                assert_eq!((a.id, a.again != b.again), (b.id, true));
            }
        }
        let mut wrong = received.iter().filter_map(|r| r.as_ref().err());
        assert!(wrong.all(|error| matches!(error, Error::Conflict(_))));
        assert_eq!(t.number("SELECT number * 100 + received AS n FROM form").await, 7_070);
        let ordered = "SELECT COUNT(*) AS n FROM answer a JOIN answer b ON a.id < b.id AND a.receipt > b.receipt";
        assert_eq!(t.number(ordered).await, 0);
    });
}

#[test]
fn who_goes_away_keeps_nobody_waiting() {
    both(async |t| {
        let (_, staff) = t.staff("1", Role::Sender, "環境課").await;
        let id = published(&staff, &definition()).await;
        let form = met(&t.ctx, id).await;
        let people = people(&t, 2).await;
        let now = submission(1);
        let new = new(&form, &now, "k");
        let send = async |n: usize| answer::send(&people[n].0, &people[n].1, &new).await;
        // The first of them was to receive what waits behind it.
        let _gone = send(0).now_or_never();
        assert!(!send(1).await.unwrap().again);
        send(0).await.unwrap();
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM answer").await, 2);
    });
}

#[test]
fn what_is_received_after_a_mail_of_the_morning_is_told_in_the_next() {
    both(async |t| {
        let (_, staff) = t.staff("1", Role::Sender, "環境課").await;
        let settings = Settings { mailing: Mailing::Morning, ..Settings::default() };
        let id = form::create(&staff, "犬", &definition(), &settings).await.unwrap();
        form::publish(&staff, id, 1).await.unwrap();
        let form = met(&t.ctx, id).await;
        let (people, what) = (people(&t, 4).await, submission(1));
        let sent = |n: usize| ready(&people[n], &form, "a", &what);
        let receive = async |answer: Ready| {
            answer::receive_all(&[answer]).await.remove(0).unwrap();
        };
        let tell = async || answer::digest(&t.ctx).await.unwrap();
        let told = "SELECT COUNT(*) AS n FROM mail WHERE subject LIKE '%回答が2件%'";
        assert_eq!(tell().await, 0);
        let eight = Timestamp::from_tokyo(t.ctx.now().date(), 8, 0).plus(DAY);
        t.later(eight.0 - t.ctx.now().0 - 1);
        receive(sent(0)).await;
        let late = sent(1);
        // What comes before the mail is in it, though eight is over.
        t.later(10 * SECOND);
        receive(sent(2)).await;
        t.later(SECOND);
        assert_eq!((tell().await, t.number(told).await), (1, 1));
        receive(late).await;
        assert_eq!(tell().await, 0, "once a morning");
        receive(sent(3)).await;
        t.later(DAY);
        assert_eq!((tell().await, t.number(told).await), (1, 2));
        t.later(DAY);
        assert_eq!(tell().await, 0, "nothing is told twice");
        // A server of the former release has told of one, and noted the time alone.
        let other = resident(&t, t.friends(9, 1).await[0]);
        receive(ready(&other, &form, "a", &what)).await;
        t.later(MINUTE);
        t.sql(&format!("UPDATE form SET digest_at = {}", t.ctx.now().0)).await;
        t.later(DAY);
        assert_eq!(tell().await, 0);
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM mail").await, 2);
    });
}
