//! Alerts begin, are told once to those in charge, are seen, and end (ADM-10).

use crate::settling::{leased, settled};
use crate::support::{Test, both};
use domain::alert::{Contact, Kind, SILENT_AFTER, STALLED_AFTER, Scope, Silence, stalled_after};
use domain::audience::Audience;
use domain::delivery::call::Next;
use domain::delivery::{Draft, Purpose, Reason, Status};
use domain::id::{AlertId, DeliveryId};
use domain::menu::{Doing, PUBLISHING, Publishing};
use domain::permission::Role;
use domain::time::{DAY, MINUTE, SECOND};
use store::alert::{
    WATCH, contact, get, list, of_delivery, open, open_count, see, set_contact, silence, stand_by,
    unheard, watch,
};
use store::delivery::{self, approval, cancel, hold, release};
use store::mail::{self, Outcome};
use store::{Clock, Context, Error, outbox, setting, work};

const LINK: Option<&str> = Some("https://line.mihon.example");

/// Looks; answers the kinds that go on.
async fn looked(t: &Test) -> Vec<Kind> {
    watch(&t.ctx, LINK).await.unwrap();
    open(&t.ctx).await.unwrap().iter().map(|a| a.kind).collect()
}

async fn reachable(t: &Test, number: &str, role: Role, department: &str, scope: Scope) -> Context {
    let (id, ctx) = t.staff(number, role, department).await;
    let own = Contact { mail: format!("s{number}@city.mihon.example"), scope };
    set_contact(&ctx, id, &own).await.unwrap();
    assert_eq!(contact(&ctx, id).await.unwrap(), own);
    ctx
}

#[test]
fn what_is_held_is_told_once_and_ends_by_itself() {
    both(async |t| {
        t.friends(0, 3).await;
        let id = t.delivery(Purpose::Notice, Audience::Everyone).await;
        assert_eq!(looked(&t).await, []);
        hold(&t.ctx, id, "今月の送信数の上限です").await.unwrap();
        assert_eq!(looked(&t).await, [Kind::Held]);
        assert_eq!(watch(&t.ctx, LINK).await.unwrap(), 0, "again: nothing new");
        let (_, someone) = t.staff("1", Role::Viewer, "道路課").await;
        let alert = open(&someone).await.unwrap().remove(0);
        assert_eq!(alert.headline(), "配信「断水のお知らせ」を、送らずに止めています");
        assert_eq!((alert.detail.as_str(), alert.delivery), ("今月の送信数の上限です", Some(id)));
        t.later(MINUTE);
        see(&someone, alert.id).await.unwrap();
        t.later(MINUTE);
        see(&someone, alert.id).await.unwrap();
        assert!(matches!(see(&someone, AlertId(9)).await, Err(Error::NotFound)));
        release(&t.ctx, id).await.unwrap();
        assert_eq!(looked(&t).await, []);
        assert_eq!(open_count(&t.ctx).await.unwrap(), 0);
        let record = list(&t.ctx, None, 10).await.unwrap();
        assert_eq!(record.len(), 1);
        assert_eq!(record[0].ended_at, Some(t.ctx.now()));
        let seen: Vec<_> = record[0].seen.iter().map(|s| (s.name.as_str(), s.at)).collect();
        assert_eq!(seen, [("見本 花子", t.ctx.now().plus(-MINUTE))], "the first time stays");
        // Held again: another alert.
        hold(&t.ctx, id, "もう一度").await.unwrap();
        assert_eq!(looked(&t).await, [Kind::Held]);
        let record = list(&t.ctx, None, 10).await.unwrap();
        assert_eq!(record.len(), 2);
        assert_eq!(list(&t.ctx, Some(record[0].id), 10).await.unwrap(), record[1..]);
        let (one, subject) = get(&t.ctx, record[0].id).await.unwrap();
        assert_eq!((&one, subject), (&record[0], format!("delivery:{id}")));
        assert!(matches!(get(&t.ctx, AlertId(9)).await, Err(Error::NotFound)));
        let mut all = of_delivery(&t.ctx, id).await.unwrap();
        all.reverse();
        assert_eq!(all, record);
        let acts = "SELECT COUNT(*) AS n FROM ledger WHERE act LIKE 'alert.%' AND object = ";
        assert_eq!(
            t.number(&format!("{acts}'delivery:{id}'")).await,
            4,
            "2 begun, 1 seen, 1 ended"
        );
    });
}

#[test]
fn an_emergency_is_told_however_many_others_wait() {
    both(async |t| {
        t.friends(0, 3).await;
        for _ in 0..50 {
            let id = t.delivery(Purpose::Notice, Audience::Everyone).await;
            hold(&t.ctx, id, "今月の送信数の上限です").await.unwrap();
        }
        assert_eq!(watch(&t.ctx, LINK).await.unwrap(), 50);
        let urgent = t.delivery(Purpose::Emergency, Audience::Everyone).await;
        hold(&t.ctx, urgent, "今月の送信数の上限です").await.unwrap();
        assert_eq!(watch(&t.ctx, LINK).await.unwrap(), 1);
        let told = open(&t.ctx).await.unwrap();
        assert!(told.iter().any(|a| (a.kind, a.delivery) == (Kind::Held, Some(urgent))));
    });
}

#[test]
fn a_kind_that_only_the_next_release_knows_is_left_to_it() {
    both(async |t| {
        t.friends(0, 3).await;
        let id = t.delivery(Purpose::Notice, Audience::Everyone).await;
        hold(&t.ctx, id, "止めました").await.unwrap();
        t.sql("INSERT INTO alert (kind, subject, title, detail, began_at) VALUES ('flood', 'flood', '', '', 0)").await;
        assert_eq!(looked(&t).await, [Kind::Held]);
        assert_eq!(list(&t.ctx, None, 10).await.unwrap().len(), 1);
        let goes_on = "SELECT COUNT(*) AS n FROM alert WHERE kind = 'flood' AND ended_at IS NULL";
        assert_eq!(t.number(goes_on).await, 1);
    });
}

#[test]
fn what_stands_still_is_told_until_it_moves() {
    both(async |t| {
        t.friends(0, 700).await;
        let id = t.frozen(Purpose::Notice, Audience::Everyone).await;
        t.later(STALLED_AFTER - SECOND);
        assert_eq!(looked(&t).await, [], "not yet");
        let calls = leased(&t, "w").await;
        settled(&t, &calls[0], Next::Accept).await;
        t.later(STALLED_AFTER - SECOND);
        assert_eq!(looked(&t).await, [], "a call ended meanwhile");
        t.later(2 * SECOND);
        assert_eq!(looked(&t).await, [Kind::Stalled]);
        let detail = open(&t.ctx).await.unwrap().remove(0).detail;
        assert!(detail.ends_with("残りは200人分です"), "{detail}");
        let call = leased(&t, "w").await.remove(0);
        settled(&t, &call, Next::Accept).await;
        assert_eq!(t.get(id).await.status, Status::Done);
        assert_eq!(looked(&t).await, []);

        // One whose time has come and that nobody begins.
        let id = t.delivery(Purpose::Notice, Audience::Everyone).await;
        t.later(STALLED_AFTER + SECOND);
        assert_eq!(looked(&t).await, [Kind::Stalled]);
        cancel(&t.ctx, id).await.unwrap();
        assert_eq!(looked(&t).await, []);
    });
}

#[test]
fn what_waits_for_its_turn_does_not_stand_still() {
    both(async |t| {
        t.friends(0, 700).await;
        let before = t.frozen(Purpose::Notice, Audience::Everyone).await;
        t.later(SECOND);
        t.frozen(Purpose::Notice, Audience::Everyone).await;
        let first = outbox::claim(&t.ctx, "w", 1).await.unwrap().remove(0);
        t.later(STALLED_AFTER - SECOND);
        settled(&t, &first, Next::Accept).await;
        t.later(2 * SECOND);
        assert_eq!(looked(&t).await, [], "LINE takes the other, which stands before it");
        t.later(STALLED_AFTER);
        assert_eq!(looked(&t).await, [Kind::Stalled, Kind::Stalled], "LINE takes nothing");
        cancel(&t.ctx, before).await.unwrap();
        assert_eq!(looked(&t).await, [Kind::Stalled], "what we stopped, LINE has not answered");
    });
}

#[test]
fn nothing_is_told_the_moment_its_turn_comes() {
    both(async |t| {
        t.friends(0, 700).await;
        let first = t.frozen(Purpose::Notice, Audience::Everyone).await;
        t.later(SECOND);
        let second = t.frozen(Purpose::Notice, Audience::Everyone).await;
        t.sql(&format!("UPDATE delivery SET recipients = 20000 WHERE id = {second}")).await;
        let calls = outbox::claim(&t.ctx, "w", 2).await.unwrap();
        t.later(STALLED_AFTER + MINUTE);
        for call in &calls {
            settled(&t, call, Next::Accept).await;
        }
        assert_eq!(t.get(first).await.status, Status::Done);
        assert_eq!(looked(&t).await, [], "the other has ended just now");
        let calls = leased(&t, "w").await;
        assert_eq!(looked(&t).await, [], "LINE has not answered yet");
        settled(&t, &calls[0], Next::Accept).await;
        assert_eq!(looked(&t).await, [], "its pace is measured from its own beginning");
        t.later(STALLED_AFTER + SECOND);
        assert_eq!(looked(&t).await, [Kind::Stalled], "now it has been its turn for long");
    });
}

#[test]
fn what_has_begun_and_gives_way_to_an_emergency_does_not_stand_still() {
    both(async |t| {
        t.friends(0, 700).await;
        t.frozen(Purpose::Notice, Audience::Everyone).await;
        let begun = outbox::claim(&t.ctx, "w", 1).await.unwrap().remove(0);
        settled(&t, &begun, Next::Accept).await;
        t.frozen(Purpose::Emergency, Audience::Everyone).await;
        let urgent = outbox::claim(&t.ctx, "w", 1).await.unwrap().remove(0);
        t.later(STALLED_AFTER - SECOND);
        settled(&t, &urgent, Next::Accept).await;
        t.later(2 * SECOND);
        assert_eq!(looked(&t).await, []);
    });
}

#[test]
fn what_nobody_approves_in_time_is_told_until_it_is_taken_back() {
    both(async |t| {
        t.friends(0, 3).await;
        let author = reachable(&t, "1", Role::Editor, "水道課", Scope::Own).await;
        let sender = reachable(&t, "2", Role::Sender, "水道課", Scope::Department).await;
        reachable(&t, "3", Role::Sender, "道路課", Scope::Department).await;
        let at = t.ctx.now().plus(MINUTE);
        let draft = Draft {
            title: "断水".into(),
            audience: Some(Audience::Everyone),
            send_at: Some(at),
            ..Draft::default()
        };
        let id = delivery::draft(&author, draft).await.unwrap();
        let seen = t.get(id).await.updated_at;
        approval::request(&author, id, seen, Some(at), 3, "").await.unwrap();
        t.later(MINUTE);
        assert_eq!(looked(&t).await, [], "not yet");
        t.later(1);
        assert_eq!(looked(&t).await, [Kind::Overdue]);
        let alert = open(&t.ctx).await.unwrap().remove(0);
        assert_eq!(
            (alert.headline().as_str(), alert.delivery),
            ("配信「断水」が、承認されないまま、届ける時刻をすぎました", Some(id))
        );
        let mails = mail::claim(&t.ctx, "w", 100).await.unwrap();
        let mut to: Vec<&str> = mails.iter().map(|m| m.address.as_str()).collect();
        to.sort_unstable();
        assert_eq!(to, ["s1@city.mihon.example", "s2@city.mihon.example"]);
        let late = approval::approve(&sender, id, t.get(id).await.updated_at, 3).await;
        assert!(matches!(late, Err(Error::Conflict(_))), "{late:?}");
        approval::send_back(&sender, id, "日時を直してください").await.unwrap();
        assert_eq!(looked(&t).await, []);
        assert_eq!(approval::returned(&author).await.unwrap(), [id]);
        assert!(approval::returned(&sender).await.unwrap().is_empty());
        let seen = t.get(id).await.updated_at;
        approval::request(&author, id, seen, Some(at), 3, "").await.unwrap();
        assert!(approval::returned(&author).await.unwrap().is_empty());
    });
}

#[test]
fn an_emergency_or_a_correction_that_stands_still_is_told_sooner() {
    both(async |t| {
        t.friends(0, 3).await;
        let emergency = t.frozen(Purpose::Emergency, Audience::Everyone).await;
        t.later(stalled_after(true) - SECOND);
        assert_eq!(looked(&t).await, [], "not yet");
        t.later(2 * SECOND);
        assert_eq!(looked(&t).await, [Kind::Stalled]);
        cancel(&t.ctx, emergency).await.unwrap();
        assert_eq!(looked(&t).await, []);

        // Ones whose time has come and that nobody begins.
        let emergency = t.delivery(Purpose::Emergency, Audience::Everyone).await;
        t.later(stalled_after(true) + SECOND);
        assert_eq!(looked(&t).await, [Kind::Stalled]);
        cancel(&t.ctx, emergency).await.unwrap();
        let wrong = t.frozen(Purpose::Notice, Audience::Everyone).await;
        let call = leased(&t, "w").await.remove(0);
        settled(&t, &call, Next::Accept).await;
        delivery::retract(&t.ctx, wrong, "訂正", &[], &[], None).await.unwrap();
        assert_eq!(looked(&t).await, []);
        t.later(stalled_after(true) + SECOND);
        assert_eq!(looked(&t).await, [Kind::Stalled]);
    });
}

#[test]
fn what_crawls_is_told_until_its_end_is_near() {
    both(async |t| {
        t.friends(0, 700).await;
        let id = t.frozen(Purpose::Notice, Audience::Everyone).await;
        let to = async |people: i64| {
            t.sql(&format!("UPDATE delivery SET recipients = {people} WHERE id = {id}")).await;
        };
        to(20_000).await;
        let calls = leased(&t, "w").await;
        t.later(4 * MINUTE);
        settled(&t, &calls[0], Next::Accept).await;
        assert_eq!(looked(&t).await, [], "there is nothing to measure it by yet");
        t.later(2 * MINUTE);
        assert_eq!(looked(&t).await, [Kind::Stalled]);
        let detail = open(&t.ctx).await.unwrap().remove(0).detail;
        assert!(detail.starts_with("この5分間に500人分しか進んでいません"), "{detail}");
        assert_eq!(watch(&t.ctx, LINK).await.unwrap(), 0, "it is told once");
        to(1_500).await;
        assert_eq!(looked(&t).await, [Kind::Stalled]);
        to(700).await;
        assert_eq!(looked(&t).await, []);
        to(1_500).await;
        assert_eq!(looked(&t).await, [], "for so few it is not told anew");
    });
}

#[test]
fn many_failures_end_when_somebody_has_seen_them() {
    both(async |t| {
        t.friends(0, 20).await;
        let id = t.frozen(Purpose::Notice, Audience::Everyone).await;
        let call = leased(&t, "w").await.remove(0);
        settled(&t, &call, Next::Without(vec![0])).await;
        assert_eq!(looked(&t).await, [], "one of twenty");
        let call = leased(&t, "w").await.remove(0);
        settled(&t, &call, Next::Without(vec![0])).await;
        assert_eq!(looked(&t).await, [Kind::Failing], "two of twenty");
        let (_, someone) = t.staff("1", Role::Sender, "水道課").await;
        let alert = open(&t.ctx).await.unwrap().remove(0);
        see(&someone, alert.id).await.unwrap();
        assert_eq!(looked(&t).await, [Kind::Failing], "it is still being sent");
        let call = leased(&t, "w").await.remove(0);
        settled(&t, &call, Next::Fail(Reason::Unknown)).await;
        assert_eq!(looked(&t).await, []);
        t.later(MINUTE);
        assert_eq!(looked(&t).await, [], "told once, whatever comes later");
        assert!(t.get(id).await.finished_at.is_some());
    });
}

#[test]
fn it_is_known_of_what_nobody_hears() {
    both(async |t| {
        let nobody = async || {
            let found = unheard(&t.ctx).await.unwrap();
            (found.city, found.departments)
        };
        t.staff("1", Role::Editor, "水道課").await;
        t.staff("2", Role::Admin, "総務課").await;
        let viewer = reachable(&t, "3", Role::Viewer, "広報課", Scope::Own).await;
        // Who only looks writes nothing of which one could hear.
        let both = vec!["水道課".to_owned(), "総務課".to_owned()];
        assert_eq!(nobody().await, (true, both));
        reachable(&t, "4", Role::Sender, "水道課", Scope::Department).await;
        assert_eq!(nobody().await, (true, vec!["総務課".to_owned()]));
        let domain::permission::Actor::Staff { id, .. } = viewer.actor else { panic!() };
        let own = contact(&viewer, id).await.unwrap();
        set_contact(&viewer, id, &Contact { scope: Scope::City, ..own }).await.unwrap();
        assert_eq!(nobody().await, (false, vec![]));
        // The address of an account that is closed reaches nobody.
        store::staff::update(&t.ctx, id, "n", Role::Viewer, "広報課", true).await.unwrap();
        assert_eq!(nobody().await, (true, vec!["総務課".to_owned()]));
        reachable(&t, "5", Role::Admin, "総務課", Scope::Department).await;
        assert_eq!(nobody().await, (false, vec![]));
    });
}

#[test]
fn those_in_charge_get_a_mail_each() {
    both(async |t| {
        t.friends(0, 3).await;
        let author = reachable(&t, "1", Role::Editor, "水道課", Scope::Own).await;
        let sender = reachable(&t, "2", Role::Sender, "水道課", Scope::Department).await;
        reachable(&t, "3", Role::Sender, "道路課", Scope::Department).await;
        reachable(&t, "4", Role::Viewer, "広報課", Scope::City).await;
        reachable(&t, "5", Role::Sender, "水道課", Scope::None).await;
        let approver = reachable(&t, "6", Role::Admin, "総務課", Scope::Own).await;
        let (silent, _) = t.staff("7", Role::Sender, "水道課").await;
        let closed = reachable(&t, "8", Role::Sender, "水道課", Scope::City).await;
        let domain::permission::Actor::Staff { id: gone, .. } = closed.actor else { panic!() };
        store::staff::update(&t.ctx, gone, "n", Role::Sender, "水道課", true).await.unwrap();

        let draft =
            Draft {
                title: "断水".into(), audience: Some(Audience::Everyone), ..Draft::default()
            };
        let id = delivery::draft(&author, draft).await.unwrap();
        let seen = t.get(id).await.updated_at;
        approval::request(&author, id, seen, None, 3, "").await.unwrap();
        let seen = t.get(id).await.updated_at;
        approval::approve(&approver, id, seen, 3).await.unwrap();
        hold(&t.ctx, id, "予定よりおくれました").await.unwrap();
        watch(&t.ctx, LINK).await.unwrap();
        watch(&t.ctx, LINK).await.unwrap();
        let mails = mail::claim(&t.ctx, "w", 100).await.unwrap();
        let mut to: Vec<&str> = mails.iter().map(|m| m.address.as_str()).collect();
        to.sort_unstable();
        let at = |n: i64| format!("s{n}@city.mihon.example");
        assert_eq!(to, [at(1), at(2), at(4), at(6)]);
        let one = &mails[0];
        assert_eq!(one.subject, "【回覧】配信「断水」を、送らずに止めています");
        for part in [
            "予定よりおくれました",
            "すること",
            &format!("https://line.mihon.example/console/deliveries/{id}"),
        ] {
            assert!(one.body.contains(part), "{part} in {}", one.body);
        }
        // Nothing is queued where there is no relay.
        let other = t.delivery(Purpose::Notice, Audience::Everyone).await;
        hold(&t.ctx, other, "おくれ").await.unwrap();
        assert_eq!(watch(&t.ctx, None).await.unwrap(), 1);
        assert!(mail::claim(&t.ctx, "w", 100).await.unwrap().is_empty());

        // Only an address is an address, and only the own.
        let bad = Contact { mail: "x@y.jp\r\nBcc: z@y.jp".into(), scope: Scope::City };
        assert!(matches!(set_contact(&t.ctx, silent, &bad).await, Err(Error::Invalid(_))));
        let own = Contact::default();
        assert!(matches!(set_contact(&sender, silent, &own).await, Err(Error::Forbidden(_))));
        // A draft of which there was an alert can be deleted; the record keeps its title.
        approval::withdraw(&sender, id).await.unwrap();
        delivery::delete(&author, id).await.unwrap();
        watch(&t.ctx, LINK).await.unwrap();
        let record = list(&t.ctx, None, 10).await.unwrap();
        let kept = record.iter().find(|a| a.title == "断水").unwrap();
        assert_eq!((kept.delivery, kept.ended_at.is_some()), (None::<DeliveryId>, true));
        assert_eq!(kept.mails, (0, 4, 0));
    });
}

/// Takes a duty as a worker does.
async fn taken(t: &Test, name: &str) -> bool {
    work::take(&t.ctx, name, "w", t.clock.now(), MINUTE).await.unwrap()
}

async fn mailed(t: &Test) -> Vec<mail::Mail> {
    mail::claim(&t.ctx, "w", 100).await.unwrap()
}

#[test]
fn a_duty_that_keeps_failing_is_told_until_it_works_again() {
    both(async |t| {
        reachable(&t, "1", Role::Admin, "総務課", Scope::Department).await;
        reachable(&t, "2", Role::Sender, "水道課", Scope::Department).await;
        reachable(&t, "3", Role::Viewer, "広報課", Scope::City).await;
        reachable(&t, "4", Role::Admin, "総務課", Scope::Own).await;
        for _ in 0..3 {
            assert!(taken(&t, "line").await);
            work::failed(&t.ctx, "line", t.clock.now().plus(MINUTE)).await.unwrap();
            assert!(!taken(&t, "line").await, "not at once again");
            assert_eq!(looked(&t).await, [], "not in haste");
            t.later(2 * MINUTE);
        }
        assert_eq!(looked(&t).await, [Kind::Duty]);
        let alert = open(&t.ctx).await.unwrap().remove(0);
        assert_eq!(
            alert.headline(),
            "定期の仕事「LINEとのつながりを確かめる」が、続けて失敗しています"
        );
        assert_eq!(alert.detail, "11月20日（金）12:00から、3回続けてできていません");
        let mails = mailed(&t).await;
        let mut to: Vec<&str> = mails.iter().map(|m| m.address.as_str()).collect();
        to.sort_unstable();
        assert_eq!(to, ["s1@city.mihon.example", "s3@city.mihon.example"]);
        assert!(!mails[0].body.contains("配信をひらく"), "{}", mails[0].body);
        // It fails once more, and after a restart of the only server.
        assert!(taken(&t, "line").await);
        work::failed(&t.ctx, "line", t.clock.now().plus(MINUTE)).await.unwrap();
        store::outbox::free_leases(&t.ctx).await.unwrap();
        assert_eq!(looked(&t).await, [Kind::Duty]);
        assert_eq!(open_count(&t.ctx).await.unwrap(), 1, "told once");
        assert!(taken(&t, "line").await);
        work::done(&t.ctx, "line").await.unwrap();
        assert_eq!(looked(&t).await, []);
        assert!(mailed(&t).await.is_empty());
    });
}

#[test]
fn what_menus_could_not_publish_is_told_until_it_is_done() {
    both(async |t| {
        reachable(&t, "1", Role::Admin, "総務課", Scope::Department).await;
        let says = async |doing| {
            let error = Some("LINEに断られました".to_owned());
            let said = Publishing { doing, error, ..Publishing::default() };
            let json = serde_json::to_string(&said).unwrap();
            setting::set(&t.ctx, PUBLISHING, &json).await.unwrap();
            looked(&t).await
        };
        assert_eq!(says(Doing::Waiting).await, []);
        assert_eq!(says(Doing::Failed).await, [Kind::Publishing]);
        let alert = open(&t.ctx).await.unwrap().remove(0);
        assert_eq!(alert.detail, "LINEに断られました");
        let mail = mailed(&t).await.remove(0);
        assert!(mail.body.contains("https://line.mihon.example/console/menus"), "{}", mail.body);
        // While it is tried again it is not over.
        assert_eq!(says(Doing::Working).await, [Kind::Publishing]);
        assert_eq!(says(Doing::Failed).await, [Kind::Publishing]);
        assert_eq!(says(Doing::Idle).await, []);
        assert_eq!(list(&t.ctx, None, 10).await.unwrap().len(), 1);
        assert!(mailed(&t).await.is_empty(), "told once");
    });
}

#[test]
fn that_nobody_works_is_told_from_outside() {
    both(async |t| {
        reachable(&t, "1", Role::Admin, "総務課", Scope::Department).await;
        assert_eq!(silence(&t.ctx).await.unwrap(), Some(Silence { since: None }));
        let works = async || {
            assert!(taken(&t, WATCH).await);
            assert_eq!(looked(&t).await, []);
            work::done(&t.ctx, WATCH).await.unwrap();
        };
        works().await;
        let last = t.clock.now();
        t.later(SILENT_AFTER);
        assert_eq!(silence(&t.ctx).await.unwrap(), None);
        assert!(!stand_by(&t.ctx, LINK).await.unwrap());
        t.later(1);
        assert_eq!(silence(&t.ctx).await.unwrap(), Some(Silence { since: Some(last) }));
        assert!(stand_by(&t.ctx, LINK).await.unwrap());
        assert!(!stand_by(&t.ctx, LINK).await.unwrap(), "told once");
        let alert = open(&t.ctx).await.unwrap().remove(0);
        assert_eq!(
            (alert.kind, alert.detail.as_str()),
            (Kind::Silent, "11月20日（金）12:00から動いていません")
        );
        assert_eq!(mailed(&t).await.len(), 1);
        // Somebody works again.
        works().await;
        assert_eq!(silence(&t.ctx).await.unwrap(), None);
        assert_eq!(open_count(&t.ctx).await.unwrap(), 0);
    });
}

#[test]
fn a_mail_is_handed_over_once_or_tried_for_a_day() {
    both(async |t| {
        let (staff, _) = t.staff("1", Role::Admin, "総務課").await;
        let new = mail::New { alert: None, staff, address: "a@b.jp", subject: "s", body: "b" };
        for _ in 0..3 {
            mail::send(&t.ctx, new).await.unwrap();
        }
        let mails = mail::claim(&t.ctx, "w", 10).await.unwrap();
        assert_eq!(mails.len(), 3);
        assert!(mail::claim(&t.ctx, "other", 10).await.unwrap().is_empty(), "they are leased");
        mail::settle(&t.ctx, "w", &mails[0], &Outcome::Sent).await.unwrap();
        mail::settle(&t.ctx, "w", &mails[1], &Outcome::Refused("550".into())).await.unwrap();
        mail::settle(&t.ctx, "w", &mails[2], &Outcome::Later("421".into())).await.unwrap();
        assert_eq!(mail::backlog(&t.ctx).await.unwrap(), (1, 1));
        assert!(mail::claim(&t.ctx, "w", 10).await.unwrap().is_empty(), "not in haste");
        t.later(11 * MINUTE);
        assert_eq!(looked(&t).await, [Kind::Mail], "in the console, where mail does not reach");
        let again = mail::claim(&t.ctx, "other", 10).await.unwrap();
        assert_eq!(again.len(), 1);
        assert_eq!((&again[0].message_id, again[0].attempts), (&mails[2].message_id, 2));
        mail::settle(&t.ctx, "w", &mails[2], &Outcome::Sent).await.unwrap();
        assert_eq!(mail::backlog(&t.ctx).await.unwrap().0, 1, "that attempt is another's now");
        // A worker that died: the lease ends.
        t.later(3 * MINUTE);
        let again = mail::claim(&t.ctx, "w", 10).await.unwrap();
        assert_eq!(again[0].attempts, 3);
        t.later(DAY);
        mail::settle(&t.ctx, "w", &again[0], &Outcome::Later("421".into())).await.unwrap();
        assert_eq!(
            mail::backlog(&t.ctx).await.unwrap(),
            (0, 1),
            "a day is enough; the other is older"
        );
        assert_eq!(looked(&t).await, []);
        // Where no relay is, a mail is of no use any more after a day either.
        mail::send(&t.ctx, new).await.unwrap();
        t.later(DAY);
        assert_eq!(mail::forget(&t.ctx).await.unwrap(), 0);
        t.later(1);
        assert_eq!(mail::forget(&t.ctx).await.unwrap(), 1);
        t.later(31 * DAY);
        assert_eq!(mail::forget(&t.ctx).await.unwrap(), 3);
    });
}
