//! 承認: nothing leaves above the city's number without a second person.

use crate::line::{Line, person};
use crate::support::{Test, both};
use domain::alert::{Contact, Scope};
use domain::audience::Audience;
use domain::delivery::approval::{Act, Need, Rules};
use domain::delivery::gate::Confirmed;
use domain::delivery::{Draft, Filter, Purpose, Status};
use domain::form::kept::Settings;
use domain::id::DeliveryId;
use domain::message::Part;
use domain::permission::{Actor, Role};
use domain::steps::{Edit, Offset, Step, Unit};
use domain::time::{HOUR, MINUTE, SECOND, Timestamp};
use serde_json::json;
use services::delivery::approval::{
    self, approve, request, returned, review, send_back, send_unapproved, set_rules, withdraw,
};
use services::delivery::gate::beside;
use services::delivery::{check, draft, listed, save, send};
use services::resident::Friends;
use services::{Context, Error, form, steps};

struct City {
    line: Line,
    /// Prepares for 水道課.
    editor: Context,
    /// Send for 水道課.
    first: Context,
    second: Context,
    /// Sends for another department.
    other: Context,
}

impl City {
    async fn start(t: &Test, friends: u32, above: Option<i64>) -> Self {
        let line = Line::start(t).await;
        line.friends(friends).await;
        set_rules(&line.platform.system(), Rules { above }).await.unwrap();
        let person = async |number: &str, role, department: &str| {
            person(&line.platform, number, "見本 花子", role, department).await
        };
        Self {
            editor: person("1", Role::Editor, "水道課").await,
            first: person("2", Role::Sender, "水道課").await,
            second: person("3", Role::Sender, "水道課").await,
            other: person("4", Role::Sender, "道路課").await,
            line,
        }
    }

    async fn draft(&self, purpose: Purpose) -> DeliveryId {
        let new = Draft {
            title: "断水".into(),
            purpose,
            audience: Some(Audience::Everyone),
            parts: vec![Part::Text { text: "断水します".into() }],
            ..Draft::default()
        };
        draft(&self.editor, new).await.unwrap()
    }

    async fn seen(&self, id: DeliveryId) -> Timestamp {
        self.line.get(id).await.updated_at
    }

    async fn status(&self, id: DeliveryId) -> Status {
        self.line.get(id).await.status
    }

    /// The mails that were queued since the last look: to whom, and what is said.
    async fn mails(&self) -> Vec<(String, String)> {
        let mails = store::mail::claim(&self.line.platform.system(), "w", 100).await.unwrap();
        let mut mails: Vec<_> =
            mails.into_iter().map(|m| (m.address, format!("{}\n{}", m.subject, m.body))).collect();
        mails.sort();
        mails
    }
}

/// Gives somebody an address.
async fn reachable(who: &Context, name: &str) {
    let Actor::Staff { id, .. } = &who.actor else { panic!("no member of staff") };
    let mail = format!("{name}@city.mihon.example");
    let contact = Contact { mail, scope: Scope::Department };
    services::alert::set_contact(who, *id, &contact).await.unwrap();
}

/// Whom these mails go to, all of which say this.
fn told(mails: &[(String, String)], words: &str) -> Vec<String> {
    assert!(mails.iter().all(|(_, text)| text.contains(words)), "{words} in {mails:?}");
    mails.iter().map(|(to, _)| to.trim_end_matches("@city.mihon.example").to_owned()).collect()
}

#[test]
fn above_the_number_a_second_person_decides() {
    both(async |t| {
        let mut city = City::start(&t, 30, Some(20)).await;
        let id = city.draft(Purpose::Notice).await;
        let known = Draft::from(&city.line.get(id).await);
        assert_eq!(check(&city.first, &known).await.unwrap().approval, Some(Need::Above(20)));
        let platform = city.line.platform.clone();
        let refused = send(&platform, &city.first, id, city.seen(id).await, 30).await;
        assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");

        request(&city.editor, id, city.seen(id).await, 30, "区域を確かめました").await.unwrap();
        assert_eq!(city.status(id).await, Status::AwaitingApproval);
        let seen = city.seen(id).await;
        let changed = save(&city.editor, id, seen, &known).await;
        assert!(matches!(changed, Err(Error::Conflict(_))), "what is looked at does not change");
        for stranger in [&city.editor, &city.other] {
            let refused = approve(&platform, stranger, id, seen, 30).await;
            assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
        }

        send_back(&city.second, id, "日付を直してください").await.unwrap();
        let acts = approval::approval(&city.editor, id).await.unwrap();
        assert_eq!(acts.returned().map(|s| s.words.as_str()), Some("日付を直してください"));
        assert_eq!(city.status(id).await, Status::Draft);

        // Who asks cannot approve, though they could send.
        request(&city.first, id, city.seen(id).await, 30, "").await.unwrap();
        let seen = city.seen(id).await;
        let own = approve(&platform, &city.first, id, seen, 30).await;
        assert!(matches!(own, Err(Error::Conflict(_))), "{own:?}");
        let moved = approve(&platform, &city.second, id, seen, 50).await;
        assert!(matches!(moved, Err(Error::Invalid(_))), "{moved:?}");
        approve(&platform, &city.second, id, seen, 30).await.unwrap();
        let again = approve(&platform, &city.second, id, seen, 30).await;
        assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
        city.line.outbox("one");
        let done = city.line.ended(id).await;
        assert_eq!((done.status, done.figures.accepted), (Status::Done, 30));
        city.line.end().await;
    });
}

#[test]
fn the_list_offers_approval_to_whoever_may_be_the_second_person() {
    both(async |t| {
        let city = City::start(&t, 30, Some(20)).await;
        let id = city.draft(Purpose::Notice).await;
        let offered = async |who: &Context| {
            let page = listed(who, &Filter::default()).await.unwrap();
            page.coming.iter().chain(&page.past).any(|row| row.id == id && row.approves)
        };
        assert!(!offered(&city.second).await, "a draft");
        request(&city.first, id, city.seen(id).await, 30, "").await.unwrap();
        assert!(offered(&city.second).await);
        for nobody in [&city.first, &city.editor, &city.other] {
            assert!(!offered(nobody).await);
        }
        city.line.end().await;
    });
}

#[test]
fn each_act_is_told_to_whom_it_concerns_by_mail() {
    both(async |t| {
        let city = City::start(&t, 30, Some(20)).await;
        let platform = city.line.platform.clone();
        reachable(&city.editor, "editor").await;
        reachable(&city.first, "first").await;
        reachable(&city.second, "second").await;
        reachable(&city.other, "other").await;
        let id = city.draft(Purpose::Notice).await;
        assert!(city.mails().await.is_empty());

        request(&city.editor, id, city.seen(id).await, 30, "見本さんの件です").await.unwrap();
        let mails = city.mails().await;
        assert_eq!(told(&mails, "配信「断水」の承認をお願いします"), ["first", "second"]);
        told(&mails, "30人への配信です");
        told(&mails, &format!("http://127.0.0.1:3000/console/deliveries/{id}\n"));
        assert!(!mails[0].1.contains("見本さん"), "what staff write to each other: {mails:?}");

        send_back(&city.second, id, "見本さんの名前を消してください").await.unwrap();
        let mails = city.mails().await;
        assert_eq!(told(&mails, "配信「断水」が、差しもどされました"), ["editor"]);
        told(&mails, &format!("/console/deliveries/{id}/edit\n"));
        assert!(!mails[0].1.contains("見本さん"), "{mails:?}");
        assert_eq!(returned(&city.editor).await.unwrap(), [id]);
        assert!(returned(&city.second).await.unwrap().is_empty());

        // Whoever acts is not told; who wrote it hears as well as who asked.
        request(&city.first, id, city.seen(id).await, 30, "").await.unwrap();
        assert!(returned(&city.editor).await.unwrap().is_empty());
        assert_eq!(told(&city.mails().await, "承認をお願いします"), ["second"]);
        approve(&platform, &city.second, id, city.seen(id).await, 30).await.unwrap();
        assert_eq!(told(&city.mails().await, "承認されました"), ["editor", "first"]);

        let urgent = city.draft(Purpose::Emergency).await;
        let seen = city.seen(urgent).await;
        send_unapproved(&platform, &city.first, urgent, seen, 30, "命に関わる").await.unwrap();
        let mails = city.mails().await;
        assert_eq!(told(&mails, "承認を待たずに送られました"), ["second"]);
        review(&city.second, urgent).await.unwrap();
        assert!(city.mails().await.is_empty());
        city.line.end().await;
    });
}

#[test]
fn each_act_on_a_step_course_is_told_by_mail_as_well() {
    both(async |t| {
        let city = City::start(&t, 30, Some(20)).await;
        let platform = city.line.platform.clone();
        reachable(&city.editor, "editor").await;
        reachable(&city.first, "first").await;
        reachable(&city.second, "second").await;
        reachable(&city.other, "other").await;
        let id = steps::create(&city.editor, "ようこそ").await.unwrap();
        let step = |n: i32| Step {
            key: 0,
            offset: Offset { n, unit: Unit::Days },
            hour: 10,
            minute: 0,
            parts: vec![Part::Text { text: format!("{n}日目です") }],
            uncounted: vec![],
            variants: vec![],
        };
        steps::edit(&city.editor, id, Edit::Add(step(1), None)).await.unwrap();
        let seen = async || steps::open(&city.editor, id).await.unwrap().course.updated_at;
        assert!(city.mails().await.is_empty());

        steps::request(&city.editor, id, seen().await, "見本さんの件です").await.unwrap();
        let mails = city.mails().await;
        let asked = "ステップ配信「ようこそ」の承認をお願いします";
        assert_eq!(told(&mails, asked), ["first", "second"]);
        told(&mails, "いま30人が入っています。承認されるまで、だれにも届きません");
        told(&mails, &format!("http://127.0.0.1:3000/console/deliveries/steps/{id}\n"));
        assert!(!mails[0].1.contains("見本さん"), "what staff write to each other: {mails:?}");

        steps::send_back(&city.second, id, "見本さんの名前を消してください").await.unwrap();
        let mails = city.mails().await;
        let back = "ステップ配信「ようこそ」が、差しもどされました";
        assert_eq!(told(&mails, back), ["editor"]);
        assert!(!mails[0].1.contains("見本さん"), "{mails:?}");

        // Whoever acts is not told; who wrote it hears as well as who asked.
        steps::request(&city.first, id, seen().await, "").await.unwrap();
        assert_eq!(told(&city.mails().await, asked), ["second"]);
        steps::approve(&platform, &city.second, id, seen().await).await.unwrap();
        let mails = city.mails().await;
        let approved = "ステップ配信「ようこそ」が、承認されました";
        assert_eq!(told(&mails, approved), ["editor", "first"]);

        // A change of what is in force; whoever takes the request back tells nobody.
        steps::edit(&city.editor, id, Edit::Add(step(2), None)).await.unwrap();
        steps::request(&city.editor, id, seen().await, "").await.unwrap();
        let mails = city.mails().await;
        assert_eq!(told(&mails, "承認されるまでは、前の内容のままです"), ["first", "second"]);
        steps::withdraw(&city.editor, id).await.unwrap();
        assert!(city.mails().await.is_empty());
        city.line.end().await;
    });
}

#[test]
fn whoever_may_not_publish_a_form_asks_who_may() {
    both(async |t| {
        let city = City::start(&t, 1, None).await;
        reachable(&city.editor, "editor").await;
        reachable(&city.first, "first").await;
        reachable(&city.second, "second").await;
        reachable(&city.other, "other").await;
        let mut survey = crate::forming::survey();
        let id = form::create(&city.editor, "公園", &survey, &Settings::default()).await.unwrap();
        let refused = form::publish(&city.editor, id, 1).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
        assert!(city.mails().await.is_empty());

        form::ask(&city.editor, id, 1, "見本さんの件です").await.unwrap();
        let asked = "フォーム「公園」の公開をお願いします";
        let mails = city.mails().await;
        assert_eq!(told(&mails, asked), ["first", "second"]);
        told(&mails, &format!("http://127.0.0.1:3000/console/forms/{id}\n"));
        assert!(!mails[0].1.contains("見本さん"), "what staff write to each other: {mails:?}");
        let (waiting, count) = form::awaiting(&city.second, 5).await.unwrap();
        assert_eq!((waiting[0].id, count), (id, 1));
        assert_eq!(form::awaiting(&city.other, 5).await.unwrap(), (vec![], 0));
        let again = form::ask(&city.editor, id, 1, "").await;
        assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");

        // It may be changed meanwhile; whoever decides is told so.
        let request = async || form::get(&city.second, id).await.unwrap().waiting().cloned();
        assert!(!request().await.unwrap().changed);
        survey.title = "公園の使い方".into();
        form::save(&city.editor, id, 1, "公園", &survey, &Settings::default()).await.unwrap();
        let seen = request().await.unwrap();
        assert_eq!((seen.changed, seen.words.as_str()), (true, "見本さんの件です"));

        let own = form::send_back(&city.editor, id, "直します").await;
        assert!(matches!(own, Err(Error::Forbidden(_))), "{own:?}");
        let stranger = form::send_back(&city.other, id, "直してください").await;
        assert!(matches!(stranger, Err(Error::NotFound)), "{stranger:?}");
        let silent = form::send_back(&city.second, id, " ").await;
        assert!(matches!(silent, Err(Error::Invalid(_))), "{silent:?}");
        form::send_back(&city.second, id, "見本さんの名前を消してください").await.unwrap();
        let mails = city.mails().await;
        assert_eq!(told(&mails, "フォーム「公園」の公開が、差しもどされました"), ["editor"]);
        assert!(!mails[0].1.contains("見本さん"), "{mails:?}");
        assert_eq!(request().await, None);
        let back = form::returned(&city.editor).await.unwrap();
        let why = back[0].request.as_ref().and_then(|r| r.returned.as_ref()).unwrap();
        assert_eq!(why.words, "見本さんの名前を消してください");
        assert!(form::returned(&city.second).await.unwrap().is_empty());

        // Whoever takes it back tells nobody.
        form::ask(&city.editor, id, 2, "").await.unwrap();
        assert!(form::returned(&city.editor).await.unwrap().is_empty());
        assert_eq!(told(&city.mails().await, asked), ["first", "second"]);
        form::withdraw(&city.editor, id).await.unwrap();
        let twice = form::withdraw(&city.editor, id).await;
        assert!(matches!(twice, Err(Error::Conflict(_))), "{twice:?}");
        assert!(city.mails().await.is_empty());

        form::ask(&city.editor, id, 2, "").await.unwrap();
        assert_eq!(told(&city.mails().await, asked), ["first", "second"]);
        let away = form::archive(&city.first, id).await;
        assert!(matches!(away, Err(Error::Conflict(_))), "{away:?}");
        assert_eq!(form::publish(&city.first, id, 2).await.unwrap(), 1);
        let published = "フォーム「公園」が、公開されました";
        assert_eq!(told(&city.mails().await, published), ["editor"]);
        assert_eq!(form::get(&city.editor, id).await.unwrap().request, None);
        for (act, times) in [("request", 3), ("return", 1), ("withdraw", 1), ("publish", 1)] {
            let sql = format!("SELECT COUNT(*) AS n FROM ledger WHERE act = 'form.{act}'");
            assert_eq!(t.number(&sql).await, times, "{act}");
        }
        city.line.end().await;
    });
}

#[test]
fn what_cannot_be_published_is_not_asked_for() {
    both(async |t| {
        let city = City::start(&t, 1, None).await;
        let mut survey = crate::forming::survey();
        survey.terms.purpose = String::new();
        let id = form::create(&city.editor, "公園", &survey, &Settings::default()).await.unwrap();
        let refused = form::ask(&city.editor, id, 1, "").await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
        survey.terms.purpose = "公園の計画のため".into();
        form::save(&city.editor, id, 1, "公園", &survey, &Settings::default()).await.unwrap();
        let late = form::ask(&city.editor, id, 1, "").await;
        assert!(matches!(late, Err(Error::Conflict(_))), "{late:?}");
        let long = form::ask(&city.editor, id, 2, &"長".repeat(501)).await;
        assert!(matches!(long, Err(Error::Invalid(_))), "{long:?}");
        assert!(form::get(&city.first, id).await.unwrap().request.is_none());
        city.line.end().await;
    });
}

#[test]
fn a_series_is_told_of_like_any_delivery() {
    both(async |t| {
        let city = City::start(&t, 30, Some(20)).await;
        reachable(&city.second, "second").await;
        let id = city.draft(Purpose::Notice).await;
        let rule = crate::recurring::daily(city.line.platform.system().now());
        let known = Draft { recurrence: Some(rule), ..Draft::from(&city.line.get(id).await) };
        save(&city.editor, id, city.seen(id).await, &known).await.unwrap();
        request(&city.editor, id, city.seen(id).await, 30, "").await.unwrap();
        let mails = city.mails().await;
        assert_eq!(told(&mails, "30人への配信です。くり返し届ける予定です"), ["second"]);
        city.line.end().await;
    });
}

#[test]
fn the_second_person_sees_what_the_author_saw() {
    both(async |t| {
        crate::line::questions(&t).await;
        let city = City::start(&t, 30, Some(20)).await;
        let id = city.draft(Purpose::Notice).await;
        let text = "http://city.mihon.example を見てください".into();
        let former = city.line.get(id).await;
        let known = Draft {
            parts: vec![Part::Text { text }],
            send_at: Some(former.created_at.plus(HOUR / 2)),
            ..Draft::from(&former)
        };
        save(&city.editor, id, city.seen(id).await, &known).await.unwrap();
        let author = check(&city.editor, &known).await.unwrap();
        request(&city.editor, id, city.seen(id).await, 30, "").await.unwrap();
        let looks = async || {
            let waiting = city.line.get(id).await;
            beside(&city.line.platform, &city.second, &waiting).await.unwrap().check
        };
        let second = looks().await;
        assert!(second.who.is_some());
        assert_eq!((second.who, &second.warnings), (author.who, &author.warnings));
        assert!(second.warnings.iter().any(|w| w.contains("http://")), "{:?}", second.warnings);
        assert_eq!(second.near, None, "it is not near to itself");

        // The nearest delivery is named to both.
        let other = draft(&city.editor, known).await.unwrap();
        request(&city.editor, other, city.seen(other).await, 30, "").await.unwrap();
        let near = looks().await.near;
        assert_eq!(near.map(|n| n.id), Some(other));
        city.line.end().await;
    });
}

#[test]
fn up_to_the_number_nobody_is_asked_but_who_only_prepares_asks() {
    both(async |t| {
        let city = City::start(&t, 5, Some(5)).await;
        let id = city.draft(Purpose::Notice).await;
        let known = Draft::from(&city.line.get(id).await);
        assert_eq!(check(&city.first, &known).await.unwrap().approval, None);
        assert_eq!(check(&city.editor, &known).await.unwrap().approval, Some(Need::Role));
        let platform = city.line.platform.clone();
        request(&city.editor, id, city.seen(id).await, 5, "").await.unwrap();
        // The editor thinks again.
        withdraw(&city.editor, id).await.unwrap();
        let gone = approve(&platform, &city.first, id, city.seen(id).await, 5).await;
        assert!(matches!(gone, Err(Error::Conflict(_))), "{gone:?}");
        send(&platform, &city.first, id, city.seen(id).await, 5).await.unwrap();
        assert_eq!(city.status(id).await, Status::Scheduled);
        city.line.end().await;
    });
}

#[test]
fn an_emergency_need_not_wait_and_is_looked_at_afterwards() {
    both(async |t| {
        let mut city = City::start(&t, 30, Some(0)).await;
        let platform = city.line.platform.clone();
        let notice = city.draft(Purpose::Notice).await;
        let seen = city.seen(notice).await;
        let refused = send_unapproved(&platform, &city.first, notice, seen, 30, "急ぐ").await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");

        let id = city.draft(Purpose::Emergency).await;
        let seen = city.seen(id).await;
        let silent = send_unapproved(&platform, &city.first, id, seen, 30, " ").await;
        assert!(matches!(silent, Err(Error::Invalid(_))), "{silent:?}");
        let editor = send_unapproved(&platform, &city.editor, id, seen, 30, "急ぐ").await;
        assert!(matches!(editor, Err(Error::Forbidden(_))), "{editor:?}");
        send_unapproved(&platform, &city.first, id, seen, 30, "命に関わる").await.unwrap();
        city.line.outbox("one");
        assert_eq!(city.line.ended(id).await.figures.accepted, 30);
        assert_eq!(approval::unreviewed(&city.editor).await.unwrap(), [id]);
        let own = review(&city.first, id).await;
        assert!(matches!(own, Err(Error::Conflict(_))), "{own:?}");
        review(&city.second, id).await.unwrap();
        assert!(approval::unreviewed(&city.editor).await.unwrap().is_empty());
        let acts = approval::approval(&city.editor, id).await.unwrap();
        let acts: Vec<Act> = acts.0.iter().map(|s| s.act).collect();
        assert_eq!(acts, [Act::Override, Act::Review]);
        city.line.end().await;
    });
}

#[test]
fn an_emergency_that_was_taken_back_before_it_left_is_approved_like_any_other() {
    both(async |t| {
        let city = City::start(&t, 30, Some(20)).await;
        let platform = city.line.platform.clone();
        let id = city.draft(Purpose::Emergency).await;
        let former = city.line.get(id).await;
        let known =
            Draft { send_at: Some(former.created_at.plus(2 * HOUR)), ..Draft::from(&former) };
        save(&city.editor, id, city.seen(id).await, &known).await.unwrap();
        let seen = city.seen(id).await;
        send_unapproved(&platform, &city.first, id, seen, 30, "命に関わる").await.unwrap();
        assert_eq!(approval::unreviewed(&city.editor).await.unwrap(), [id]);
        withdraw(&city.first, id).await.unwrap();
        assert!(approval::unreviewed(&city.editor).await.unwrap().is_empty(), "it never left");

        request(&city.second, id, city.seen(id).await, 30, "").await.unwrap();
        let seen = city.seen(id).await;
        let own = approve(&platform, &city.second, id, seen, 30).await;
        assert!(matches!(own, Err(Error::Conflict(_))), "{own:?}");
        approve(&platform, &city.first, id, seen, 30).await.unwrap();
        assert_eq!(city.status(id).await, Status::Scheduled);
        city.line.end().await;
    });
}

#[test]
fn a_copy_of_a_test_to_residents_is_approved_like_any_other() {
    both(async |t| {
        let city = City::start(&t, 30, Some(20)).await;
        let platform = city.line.platform.clone();
        let id = city.draft(Purpose::Test).await;
        let known = Draft::from(&city.line.get(id).await);
        assert_eq!(check(&city.first, &known).await.unwrap().approval, Some(Need::Above(20)));
        let refused = send(&platform, &city.first, id, city.seen(id).await, 30).await;
        assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
        city.line.end().await;
    });
}

#[test]
fn what_has_outgrown_the_approval_of_its_series_goes_on_when_a_second_person_says_so() {
    both(async |t| {
        let city = City::start(&t, 30, Some(20)).await;
        let platform = city.line.platform.clone();
        let ctx = platform.system();
        let series = city.draft(Purpose::Notice).await;
        let rule = crate::recurring::daily(ctx.now());
        let known = Draft { recurrence: Some(rule), ..Draft::from(&city.line.get(series).await) };
        save(&city.editor, series, city.seen(series).await, &known).await.unwrap();
        request(&city.editor, series, city.seen(series).await, 30, "").await.unwrap();
        approve(&platform, &city.second, series, city.seen(series).await, 30).await.unwrap();

        city.line.friends(100).await;
        let at = ctx.now().plus(-SECOND);
        t.sql(&format!("UPDATE delivery SET send_at = {} WHERE id = {series}", at.0)).await;
        let made = store::delivery::recurring::occur(&ctx, series).await.unwrap().unwrap();
        let friends = Some(Friends::Known);
        services::outbox::start(&platform, &ctx, made, at, friends).await.unwrap();
        assert_eq!(city.status(made).await, Status::Held);
        services::delivery::release(&platform, &city.first, made, 130).await.unwrap();
        services::outbox::start(&platform, &ctx, made, at, friends).await.unwrap();
        let sending = city.line.get(made).await;
        assert_eq!((sending.status, sending.figures.recipients), (Status::Sending, 130));
        city.line.end().await;
    });
}

#[test]
fn who_wrote_a_course_does_not_let_go_what_needs_a_second_person() {
    both(async |t| {
        let city = City::start(&t, 30, Some(20)).await;
        let platform = city.line.platform.clone();
        let course = steps::create(&city.first, "ようこそ").await.unwrap();
        // As a step becomes a delivery: nobody wrote that itself.
        let id = city.draft(Purpose::Notice).await;
        t.sql(&format!(
            "UPDATE delivery SET status = 'held', created_by = NULL, course_id = {course}, step = 1, step_day = 1, step_late = FALSE, own_from = 1, own_to = 1 WHERE id = {id}"
        ))
        .await;
        let own = services::delivery::release(&platform, &city.first, id, 30).await;
        assert!(matches!(own, Err(Error::Conflict(_))), "{own:?}");
        services::delivery::release(&platform, &city.second, id, 30).await.unwrap();
        assert_eq!(city.status(id).await, Status::Scheduled);
        city.line.end().await;
    });
}

#[test]
fn who_comes_later_does_not_slip_past_the_approval() {
    both(async |t| {
        let city = City::start(&t, 15, Some(20)).await;
        let platform = city.line.platform.clone();
        let ctx = platform.system();
        let known = Some(Friends::Known);
        // Reserved when nobody had to be asked; by then there are more.
        let small = city.draft(Purpose::Notice).await;
        send(&platform, &city.first, small, city.seen(small).await, 15).await.unwrap();
        let at = city.line.get(small).await.send_at.unwrap();
        city.line.friends(30).await;
        services::outbox::start(&platform, &ctx, small, at, known).await.unwrap();
        let held = city.line.get(small).await;
        assert_eq!(held.status, Status::Held);
        assert!(held.held_reason.unwrap().contains("45人"), "the reason names the figure");
        let nobody = services::delivery::release(&platform, &city.other, small, 45).await;
        assert!(matches!(nobody, Err(Error::Forbidden(_))), "{nobody:?}");
        let former = services::delivery::release(&platform, &city.second, small, 15).await;
        assert!(matches!(former, Err(Error::Invalid(_))), "as many as it was for: {former:?}");
        services::delivery::release(&platform, &city.second, small, 45).await.unwrap();
        services::outbox::start(&platform, &ctx, small, at, known).await.unwrap();
        let sending = city.line.get(small).await;
        assert_eq!((sending.status, sending.figures.recipients), (Status::Sending, 45));

        // Approved for 45; with a hundred more somebody looks again.
        let large = city.draft(Purpose::Notice).await;
        request(&city.first, large, city.seen(large).await, 45, "").await.unwrap();
        approve(&platform, &city.second, large, city.seen(large).await, 45).await.unwrap();
        city.line.friends(100).await;
        let at = city.line.get(large).await.send_at.unwrap();
        services::outbox::start(&platform, &ctx, large, at, known).await.unwrap();
        assert_eq!(city.status(large).await, Status::Held);
        let unticked = services::delivery::release(&platform, &city.second, large, 145).await;
        assert!(matches!(unticked, Err(Error::Invalid(_))), "three times as many: {unticked:?}");
        let seen = Confirmed { differs: true, ..145.into() };
        let own = services::delivery::release(&platform, &city.first, large, seen).await;
        assert!(matches!(own, Err(Error::Conflict(_))), "who asked cannot: {own:?}");
        city.line.end().await;
    });
}

#[test]
fn what_another_system_sends_waits_as_well() {
    both(async |t| {
        let city = City::start(&t, 30, Some(20)).await;
        let platform = city.line.platform.clone();
        let ctx = platform.system();
        let body = json!({"title": "断水", "audience": {"everyone": true}, "parts": [{"text": "断水"}], "purpose": "notice"});
        let id = services::delivery::create(&platform, &ctx, &body).await.unwrap().id;
        assert_eq!(city.status(id).await, Status::AwaitingApproval);
        let at = city.line.get(id).await.created_at.plus(2 * HOUR + MINUTE);
        let mut later = body.clone();
        later["send_at"] = json!(at.rfc3339());
        let waits = services::delivery::create(&platform, &ctx, &later).await.unwrap().id;
        let admin = platform.context(Actor::Staff {
            id: domain::id::StaffId(1),
            department: domain::id::DepartmentId(1),
            role: Role::Admin,
        });
        approve(&platform, &admin, waits, city.seen(waits).await, 30).await.unwrap();
        let reserved = city.line.get(waits).await;
        assert_eq!(
            (reserved.status, reserved.send_at.map(Timestamp::seconds)),
            (Status::Scheduled, Some(at.seconds()))
        );
        set_rules(&ctx, Rules::default()).await.unwrap();
        let free = services::delivery::create(&platform, &ctx, &body).await.unwrap().id;
        assert_eq!(city.status(free).await, Status::Scheduled);
        city.line.end().await;
    });
}
