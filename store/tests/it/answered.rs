//! Whom an audience finds by answers to a form, and who may ask for them (SEG-2, FORM-11).

use crate::forms::definition;
use crate::support::{Test, both};
use domain::audience::{Among, Resolved, Unaskable};
use domain::form::kept::Settings;
use domain::form::{AGREED, Answer, Ask, Form, NOWHERE, Opt, Question, Submission};
use domain::id::{FormId, ResidentId};
use domain::permission::{Actor, Role};
use domain::time::SECOND;
use std::collections::{BTreeMap, BTreeSet};
use store::answer::{Holder, New};
use store::audience::{askable, count, count_rows, known};
use store::{Context, Error, answer, form};

/// A published form with a question of three options.
#[derive(Clone, Debug)]
pub struct Asked {
    pub id: FormId,
    /// The numbers of its options, in order.
    pub options: Vec<i64>,
}

const KEYS: [&str; 3] = ["come", "maybe", "never"];

impl Asked {
    /// The numbers of the options that these bits choose.
    pub fn chosen(&self, bits: u8) -> impl Iterator<Item = i64> + '_ {
        self.options.iter().enumerate().filter(move |(i, _)| bits >> i & 1 == 1).map(|(_, o)| *o)
    }
}

fn asking(keys: &[&str]) -> Form {
    let options = keys
        .iter()
        .map(|k| Opt { key: (*k).into(), label: k.to_uppercase(), ..Opt::default() })
        .collect();
    let mut form = definition();
    let question = Question::new("drill", "訓練に来ますか", Ask::Many { options });
    form.pages[0].questions.push(Question { correctable: true, ..question });
    form.terms.correct_days = 300;
    form
}

/// A form of the actor's department.
pub async fn asked(t: &Test, ctx: &Context) -> Asked {
    let id = form::create(ctx, "訓練", &asking(&KEYS), &Settings::default()).await.unwrap();
    form::publish(ctx, id, 1).await.unwrap();
    let mut options = Vec::new();
    for key in KEYS {
        let sql =
            format!("SELECT id AS n FROM form_option WHERE form_id = {id} AND choice = '{key}'");
        options.push(t.number(&sql).await);
    }
    Asked { id, options }
}

/// The resident answers so, corrects the former answer to it, or takes it back.
pub async fn says(t: &Test, form: &Asked, who: ResidentId, how: Option<u8>) {
    let ctx = t.acting(Actor::Resident(who));
    let holder = Holder::of(&ctx, None).unwrap();
    let mine = answer::mine(&ctx, &holder).await.unwrap();
    let former = mine.iter().find(|m| m.form == form.id && m.withdrawn_at.is_none());
    let Some(bits) = how else {
        if let Some(former) = former {
            answer::withdraw(&ctx, &holder, former.id).await.unwrap();
        }
        return;
    };
    let kept = form::published(&ctx, form.id).await.unwrap().unwrap();
    let keys = KEYS.iter().enumerate().filter(|(i, _)| bits >> i & 1 == 1);
    let keys = keys.map(|(_, k)| (*k).to_owned()).collect();
    let mut answers = BTreeMap::from([("name".to_owned(), Answer::Text("ひみつ".into()))]);
    if bits > 0 {
        answers.insert("drill".to_owned(), Answer::Chosen { keys, other: None });
    }
    let submission = Submission { version: kept.form.version, answers };
    if let Some(former) = former {
        return answer::correct(&ctx, &holder, former.id, &submission).await.unwrap();
    }
    let key = format!("{who}{}", mine.len());
    let new = New { form: &kept, submission: &submission, key: &key, eligible: None, talk: None };
    answer::send(&ctx, &holder, &new).await.unwrap();
}

#[test]
fn whoever_may_not_see_the_answers_may_not_ask_for_them() {
    both(async |t| {
        let (_, own) = t.staff("1", Role::Editor, "防災課").await;
        let (_, viewer) = t.staff("2", Role::Viewer, "防災課").await;
        let (_, other) = t.staff("3", Role::Editor, "環境課").await;
        let (_, admin) = t.staff("4", Role::Admin, "広報課").await;
        let boss = {
            let Actor::Staff { id, department, .. } = own.actor.clone() else { unreachable!() };
            t.acting(Actor::Staff { id, department, role: Role::Sender })
        };
        let form = asked(&t, &boss).await;
        let people = t.friends(0, 3).await;
        for (n, bits) in [(0, 0b001), (1, 0b011), (2, 0)] {
            says(&t, &form, people[n], Some(bits)).await;
        }
        let come = (Among::Chose, form.options[0]);
        let all = (Among::Answered, form.id.0);
        for (ctx, may) in [(&own, true), (&admin, true), (&viewer, false), (&other, false)] {
            let told = known(ctx, &BTreeSet::from([come, all])).await.unwrap();
            assert_eq!(told.len(), 2);
            for k in told {
                assert_eq!(k.unaskable, (!may).then_some(Unaskable::Closed), "{:?}", ctx.actor);
                let expected = if may { ("訓練", true) } else { ("", false) };
                assert_eq!((k.name.as_str(), k.count > 0), expected, "{:?}", ctx.actor);
            }
            for what in [Among::Answered, Among::Chose] {
                let found = askable(ctx, what, "訓練").await.unwrap();
                assert_eq!(!found.is_empty(), may, "{:?} {what:?}", ctx.actor);
            }
            for (set, people) in [(come, 2), (all, 3)] {
                let who = Resolved::Among(set.0, set.1);
                match (count(ctx, &who).await, count_rows(ctx, &who).await) {
                    (Ok(a), Ok(b)) => assert_eq!((may, a, b), (true, people, people)),
                    (Err(Error::Conflict(_)), Err(Error::Conflict(_))) => assert!(!may),
                    other => panic!("{other:?}"),
                }
            }
        }
        let found = askable(&own, Among::Chose, "NEVER").await.unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].reply.as_str(), found[0].count), ("NEVER", 0));
        assert_eq!(found[0].question, "訓練に来ますか");
        // Nothing of what was answered can be read beside the answers.
        let plain = "SELECT COUNT(*) AS n FROM answer_choice WHERE length(hash) <> 16";
        assert_eq!(t.number(plain).await, 0);
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM answer_choice").await, 3);
    });
}

#[test]
fn an_option_keeps_its_number_and_is_gone_when_nobody_chose_it() {
    both(async |t| {
        let form = asked(&t, &t.ctx).await;
        let people = t.friends(0, 2).await;
        says(&t, &form, people[0], Some(0b010)).await;
        t.later(SECOND);
        form::save(&t.ctx, form.id, 1, "訓練", &asking(&["come", "soon"]), &Settings::default())
            .await
            .unwrap();
        form::publish(&t.ctx, form.id, 2).await.unwrap();
        let options = form.options.iter().map(|o| (Among::Chose, *o)).collect();
        let told = known(&t.ctx, &options).await.unwrap();
        let unaskable: Vec<_> = told.iter().map(|k| k.unaskable).collect();
        assert_eq!(unaskable, [None, None, Some(Unaskable::Gone)]);
        let names: Vec<_> =
            askable(&t.ctx, Among::Chose, "").await.unwrap().into_iter().map(|k| k.reply).collect();
        assert_eq!(names, ["同意した", "COME", "SOON"], "what is asked now is offered");
        let maybe = Resolved::Among(Among::Chose, form.options[1]);
        assert_eq!(count(&t.ctx, &maybe).await.unwrap(), 1, "the former answer still counts");
        says(&t, &form, people[0], None).await;
        assert_eq!(count(&t.ctx, &maybe).await.unwrap(), 0);
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM answer_choice").await, 0);
    });
}

#[test]
fn a_place_is_asked_for_with_all_that_lies_in_it_and_a_consent_too() {
    both(async |t| {
        let place = |key: &str, parent: Option<&str>| Opt {
            key: key.into(),
            label: key.to_uppercase(),
            parent: parent.map(Into::into),
            ..Opt::default()
        };
        let options = vec![place("port", None), place("pier", Some("port")), place("hill", None)];
        let mut asks = definition();
        let home = Question::new("home", "お住まいの地区", Ask::Tree { options });
        asks.pages[0].questions.push(home);
        let id = form::create(&t.ctx, "地区", &asks, &Settings::default()).await.unwrap();
        form::publish(&t.ctx, id, 1).await.unwrap();
        let kept = form::published(&t.ctx, id).await.unwrap().unwrap();
        let people = t.friends(0, 4).await;
        let said = [("pier", true), ("port", false), ("hill", true), (NOWHERE, false)];
        for (who, (home, agreed)) in people.iter().zip(said) {
            let ctx = t.acting(Actor::Resident(*who));
            let holder = Holder::of(&ctx, None).unwrap();
            let mut answers = BTreeMap::from([("home".to_owned(), Answer::Area(home.into()))]);
            if agreed {
                answers.insert("agree".to_owned(), Answer::Agreed);
            }
            let submission = Submission { version: kept.form.version, answers };
            let new =
                New { form: &kept, submission: &submission, key: "k", eligible: None, talk: None };
            answer::send(&ctx, &holder, &new).await.unwrap();
        }
        for (question, choice, people) in [
            ("home", "port", 2),
            ("home", "pier", 1),
            ("home", "hill", 1),
            ("home", NOWHERE, 1),
            ("agree", AGREED, 2),
        ] {
            let option = format!(
                "SELECT id AS n FROM form_option WHERE form_id = {id} AND question = '{question}' AND choice = '{choice}'"
            );
            let who = Resolved::Among(Among::Chose, t.number(&option).await);
            assert_eq!(count(&t.ctx, &who).await.unwrap(), people, "{choice}");
            assert_eq!(count_rows(&t.ctx, &who).await.unwrap(), people, "{choice}");
        }
        let found = askable(&t.ctx, Among::Chose, "pier").await.unwrap();
        assert_eq!((found[0].reply.as_str(), found[0].count), ("PORT PIER", 1));
    });
}

#[test]
fn what_a_former_release_left_out_is_made_up_for() {
    both(async |t| {
        let form = asked(&t, &t.ctx).await;
        let people = t.friends(0, 2).await;
        says(&t, &form, people[0], Some(0b101)).await;
        says(&t, &form, people[1], Some(0b100)).await;
        let never = Resolved::Among(Among::Chose, form.options[2]);
        t.sql("DELETE FROM answer_choice").await;
        t.sql("UPDATE answer SET choices_at = NULL").await;
        t.sql("UPDATE form SET offered = NULL").await;
        assert_eq!(count(&t.ctx, &never).await.unwrap(), 2, "opened where there is no hash");
        assert_eq!(answer::catch_up(&t.ctx).await.unwrap(), 2);
        assert_eq!(count_rows(&t.ctx, &never).await.unwrap(), 2);
        assert_eq!(t.number("SELECT offered AS n FROM form").await, 1);
        // When the time of keeping is over, nobody can be asked for.
        let ended = t.ctx.now().0 - 1;
        t.sql(&format!("UPDATE answer SET delete_at = {ended}")).await;
        assert_eq!(answer::forget(&t.ctx).await.unwrap(), 2);
        assert_eq!(count(&t.ctx, &never).await.unwrap(), 0);
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM answer_choice").await, 0);
    });
}
