//! Lists of who may answer: a file is looked at, taken, and what it refuses is told.

use crate::forming::{official, survey};
use crate::support::both;
use domain::form::Submission;
use domain::form::eligible::import::{Answer, Ask, Target, Why};
use domain::form::kept::{Gate, Mailing, Settings};
use domain::form::pack::Notices;
use domain::permission::{Actor, Role};
use services::{Error, eligibility, form};
use std::collections::BTreeMap;
use store::answer::{Holder, New};
use store::eligibility::Trier;

const FILE: &str = "受診番号,生年月日,氏名\r\nK-1,1980/4/1,山田\r\nK-2,,鈴木\r\nK-1,1980/4/1,山田\r\nK-4,1975/1/1,伊藤,余り\r\n";

#[test]
fn a_file_is_looked_at_before_anything_is_kept() {
    both(async |t| {
        let staff = official(&t, "1", Role::Editor, "健康課").await;
        let viewer = official(&t, "2", Role::Viewer, "健康課").await;
        let other = official(&t, "3", Role::Editor, "環境課").await;
        let refused = eligibility::take(&viewer, FILE.into(), Ask::default()).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
        let Ok(Answer::Looked(seen)) = eligibility::take(&staff, FILE.into(), Ask::default()).await
        else {
            panic!("it is looked at")
        };
        assert_eq!(seen.keys, ["受診番号", "生年月日"]);
        assert_eq!((seen.lines, seen.people), (4, 1));
        assert_eq!(seen.refused, [(3, Why::Empty), (4, Why::Again(2)), (5, Why::Wide)]);
        assert!(seen.undated.is_empty());
        let odd = "受診番号,生年月日\r\nK-1,S60.1.1\r\nK-2,60.1.1\r\n";
        let Ok(Answer::Looked(seen)) = eligibility::take(&staff, odd.into(), Ask::default()).await
        else {
            panic!("it is looked at")
        };
        assert_eq!((seen.people, seen.undated), (2, vec![3]));
        assert!(eligibility::list(&staff).await.unwrap().is_empty(), "nothing is kept");
        let wrong = Ask { keys: vec!["ない列".into()], target: None };
        let refused = eligibility::take(&staff, FILE.into(), wrong).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
        let new = Ask { keys: seen.keys, target: Some(Target::New("健診".into())) };
        let Ok(Answer::Kept(id)) = eligibility::take(&staff, FILE.into(), new).await else {
            panic!("it is kept")
        };
        // Wrong tries are counted, and the forms that ask it are named.
        let nobody = t.acting(Actor::Nobody);
        let said = |n: &str| {
            BTreeMap::from([
                ("受診番号".to_owned(), n.to_owned()),
                ("生年月日".to_owned(), "1980-04-01".to_owned()),
            ])
        };
        let check = async |n: &str| {
            eligibility::check(&nobody, id, &said(n), Trier::Address("x")).await.unwrap()
        };
        assert!(check("K-9").await.is_none());
        assert!(check("K-1").await.is_some());
        let gate = Gate { list: id, prefill: BTreeMap::new() };
        let settings = Settings { eligibility: Some(gate), ..Settings::default() };
        let asks = form::create(&staff, "健診", &survey(), &settings).await.unwrap();
        let list = eligibility::list(&staff).await.unwrap().remove(0);
        assert_eq!((list.count, list.refused, list.may_write), (1, 1, true));
        assert_eq!(list.forms, [(asks, "健診".to_owned())]);
        assert!(eligibility::list(&other).await.unwrap().is_empty());
        let replace = Ask {
            keys: vec!["受診番号".into()],
            target: Some(Target::Replace(id, "健診".into())),
        };
        let elsewhere = eligibility::take(&other, FILE.into(), replace.clone()).await;
        assert!(matches!(elsewhere, Err(Error::NotFound)), "{elsewhere:?}");
        eligibility::take(&staff, FILE.into(), replace).await.unwrap();
        let list = eligibility::list(&staff).await.unwrap().remove(0);
        assert_eq!((list.count, list.keys), (2, vec!["受診番号".to_owned()]));
    });
}

#[test]
fn who_may_answer_changes_by_publishing_alone() {
    both(async |t| {
        let editor = official(&t, "1", Role::Editor, "福祉課").await;
        let sender = official(&t, "2", Role::Sender, "福祉課").await;
        let mut lists = Vec::new();
        for name in ["一次", "二次"] {
            let keys = vec!["受診番号".to_owned(), "生年月日".to_owned()];
            let ask = Ask { keys, target: Some(Target::New(name.into())) };
            let Ok(Answer::Kept(id)) = eligibility::take(&editor, FILE.into(), ask).await else {
                panic!("it is kept")
            };
            lists.push(id);
        }
        let gated = |list| Settings {
            eligibility: Some(Gate { list, prefill: BTreeMap::new() }),
            ..Settings::default()
        };
        let (closed, next) = (gated(lists[0]), gated(lists[1]));
        let id = form::create(&editor, "給付金", &survey(), &closed).await.unwrap();
        form::publish(&sender, id, 1).await.unwrap();
        let nobody = t.acting(Actor::Nobody);
        let holder = Holder::of(&nobody, Some(&"x".repeat(40))).unwrap();
        let met = async || form::published(&nobody, id).await.unwrap().unwrap();
        let edited = async || form::get(&sender, id).await.unwrap();
        let sends = async |key: &str| {
            let form = met().await;
            let submission = Submission { version: form.form.version, answers: BTreeMap::new() };
            let new = New { form: &form, submission: &submission, key, eligible: None, talk: None };
            store::answer::send(&nobody, &holder, &new).await
        };

        // Who may write, and not publish, opens it to everybody, and begins other words.
        let notices = Notices { received: "来週、振り".into(), ..Notices::default() };
        let open =
            Settings { outside: true, notices, mailing: Mailing::Both, ..Settings::default() };
        form::save(&editor, id, 1, "給付金", &survey(), &open).await.unwrap();
        assert!(matches!(form::publish(&editor, id, 2).await, Err(Error::Forbidden(_))));
        assert_eq!(met().await.settings, closed);
        assert!(matches!(sends("k1").await, Err(Error::Conflict(_))));
        let kept = edited().await;
        assert!(kept.changed);
        let first = form::version(&editor, id, 1).await.unwrap();
        let changes = first.changes(&kept.definition, Some(&kept.settings));
        assert_eq!(changes.len(), 4, "{changes:?}");
        assert!(matches!(eligibility::delete(&editor, lists[0]).await, Err(Error::Conflict(_))));
        let uses = async || {
            let mut all = eligibility::list(&editor).await.unwrap();
            all.sort_by_key(|list| list.id);
            all.iter().map(|list| list.forms.len()).collect::<Vec<_>>()
        };
        assert_eq!(uses().await, [1, 0], "the published version asks it");
        form::publish(&sender, id, 2).await.unwrap();
        assert_eq!(met().await.settings, open);
        sends("k1").await.unwrap();
        assert_eq!(uses().await, [0, 0]);

        // What is edited becomes a former version, and residents meet the one in force.
        form::restore(&editor, id, 2, 1).await.unwrap();
        assert_eq!((edited().await.settings, met().await.settings), (closed, open.clone()));
        assert_eq!(uses().await, [1, 0]);
        // With its list gone it is not published, and brings back all but who may answer.
        eligibility::delete(&editor, lists[0]).await.unwrap();
        assert!(matches!(form::publish(&sender, id, 3).await, Err(Error::Invalid(_))));
        form::save(&editor, id, 3, "給付金", &survey(), &next).await.unwrap();
        form::restore(&editor, id, 4, 1).await.unwrap();
        assert_eq!(edited().await.settings, next);
        assert_eq!(met().await.settings, open);
    });
}
