//! Alerts begin, are told once to those in charge, are seen, and end (ADM-10).

use crate::settling::{leased, settled};
use crate::support::{Test, both};
use domain::alert::{Contact, Kind, STALLED_AFTER, Scope};
use domain::audience::Audience;
use domain::delivery::call::Next;
use domain::delivery::{Draft, Purpose, Reason, Status};
use domain::id::{AlertId, DeliveryId};
use domain::permission::Role;
use domain::time::{DAY, MINUTE, SECOND};
use store::alert::{contact, list, open, open_count, see, set_contact, watch};
use store::delivery::{self, approval, cancel, hold, release};
use store::mail::{self, Outcome};
use store::{Context, Error};

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
        let acts = "SELECT COUNT(*) AS n FROM ledger WHERE act LIKE 'alert.%' AND object = ";
        assert_eq!(
            t.number(&format!("{acts}'delivery:{id}'")).await,
            4,
            "2 begun, 1 seen, 1 ended"
        );
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
        approval::request(&author, id, seen, 3, "").await.unwrap();
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
        t.later(31 * DAY);
        assert_eq!(mail::forget(&t.ctx).await.unwrap(), 3);
    });
}
