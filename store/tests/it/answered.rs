//! Whom an audience finds by answers to a form, and who may ask for them (SEG-2, FORM-11).

use crate::forms::definition;
use crate::support::{Test, both};
use domain::audience::{Among, Resolved, Unaskable, Within, Written};
use domain::form::kept::Settings;
use domain::form::{AGREED, Answer, Ask, Decimal, Form, NOWHERE, Opt, Question, Submission};
use domain::id::{FormId, ResidentId};
use domain::permission::{Actor, Role};
use domain::time::{Date, SECOND};
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
    let number = Ask::Number { min: None, max: None, step: None, unit: "人".into() };
    let people = Question::new("people", "来場人数", number);
    form.pages[0].questions.push(Question { correctable: true, ..people });
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

/// Who wrote in that form a number within these, both included.
pub fn people(form: i64, from: i32, to: i32) -> Resolved {
    let [from, to] = [from, to].map(|n| Some(Decimal::small(n)));
    let within = Within::Number { from, to };
    Resolved::Wrote(Written { form, question: "people".into(), within })
}

/// How many come, of whom these bits are.
pub fn come(bits: u8) -> Answer {
    Answer::Number(Decimal::small(bits.into()))
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
        answers.insert("people".to_owned(), come(bits));
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
                let fields: Vec<&str> = k.fields.iter().map(|f| f.key.as_str()).collect();
                let asked: &[&str] =
                    if may && k.what == Among::Answered { &["people"] } else { &[] };
                assert_eq!(fields, asked, "{:?}", ctx.actor);
                assert_eq!((k.name.as_str(), k.count > 0), expected, "{:?}", ctx.actor);
            }
            for what in [Among::Answered, Among::Chose] {
                let found = askable(ctx, what, "訓練").await.unwrap();
                assert_eq!(!found.is_empty(), may, "{:?} {what:?}", ctx.actor);
            }
            let several = self::people(form.id.0, 2, 3);
            let among = |(what, id)| Resolved::Among(what, id);
            for (who, people) in [(among(come), 2), (among(all), 3), (several, 1)] {
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
fn what_was_written_is_asked_for_by_its_number_its_day_or_its_row() {
    both(async |t| {
        let option =
            |key: &&str| Opt { key: (*key).into(), label: (*key).into(), ..Opt::default() };
        let options = |keys: &[&str]| keys.iter().map(option).collect::<Vec<_>>();
        let (rows, columns) = (options(&["light", "care"]), options(&["good", "bad"]));
        let number = Ask::Number { min: None, max: None, step: None, unit: String::new() };
        let mut asks = definition();
        asks.pages[0].questions.extend([
            Question::new("size", "広さ", number),
            Question::new("born", "誕生日", Ask::Date { from: 2000, to: 2030 }),
            Question::new("built", "建てた年", Ask::Year { from: 1900, to: 2030 }),
            Question::new("park", "公園", Ask::Matrix { rows, columns, many: false }),
        ]);
        let id = form::create(&t.ctx, "公園", &asks, &Settings::default()).await.unwrap();
        form::publish(&t.ctx, id, 1).await.unwrap();
        let kept = form::published(&t.ctx, id).await.unwrap().unwrap();
        let day = |iso: &str| Date::parse_iso(iso).unwrap();
        let people = t.friends(0, 4).await;
        let said = [("-2.5", "2020-04-01", 1999, "good"), ("3", "2020-04-02", 2000, "bad")];
        for (who, (size, born, built, light)) in people.iter().zip(said) {
            let ctx = t.acting(Actor::Resident(*who));
            let rows = BTreeMap::from([("light".to_owned(), vec![light.to_owned()])]);
            let answers = [
                ("size", Answer::Number(size.parse().unwrap())),
                ("born", Answer::Date(day(born))),
                ("built", Answer::Year(built)),
                ("park", Answer::Matrix(rows)),
            ];
            let answers = answers.map(|(key, answer)| (key.to_owned(), answer)).into();
            let submission = Submission { version: kept.form.version, answers };
            let new =
                New { form: &kept, submission: &submission, key: "k", eligible: None, talk: None };
            answer::send(&ctx, &Holder::of(&ctx, None).unwrap(), &new).await.unwrap();
        }
        let least = |n: &str| Within::Number { from: Some(n.parse().unwrap()), to: None };
        let row = |row: &str, is: &[&str]| Within::Row {
            row: row.into(),
            is: is.iter().map(|c| (*c).to_owned()).collect(),
        };
        let until = |iso: &str| Within::Date { from: 0, to: day(iso).days() };
        for (question, within, people) in [
            ("size", least("-2.5"), 2),
            ("size", least("-2.499999"), 1),
            ("size", least("3.1"), 0),
            ("born", until("2020-04-01"), 1),
            ("born", until("2020-04-02"), 2),
            ("built", Within::Year { from: 2000, to: 2030 }, 1),
            ("park", row("light", &["good", "bad"]), 2),
            ("park", row("light", &["bad"]), 1),
            ("park", row("care", &["bad"]), 0),
            ("name", least("-2.5"), 0),
        ] {
            let asked = Written { form: id.0, question: question.into(), within };
            let who = Resolved::Wrote(asked);
            assert_eq!(count(&t.ctx, &who).await.unwrap(), people, "{who:?}");
            assert_eq!(count_rows(&t.ctx, &who).await.unwrap(), people, "{who:?}");
            let others = Resolved::Not(Box::new(who));
            assert_eq!(count_rows(&t.ctx, &others).await.unwrap(), 4 - people, "{others:?}");
        }
        // Two conditions on one form are laid beside each other.
        let asked = |question: &str, within| {
            Resolved::Wrote(Written { form: id.0, question: question.into(), within })
        };
        let both = vec![asked("size", least("0")), asked("park", row("light", &["good"]))];
        assert_eq!(count_rows(&t.ctx, &Resolved::All(both.clone())).await.unwrap(), 0);
        assert_eq!(count_rows(&t.ctx, &Resolved::Any(both)).await.unwrap(), 2);
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
