//! Lists of who may answer a form.

use crate::forms::{definition, resident, words};
use crate::support::both;
use domain::form::Submission;
use domain::form::kept::{Gate, Settings};
use domain::id::{FormId, ResidentId};
use domain::permission::{Actor, Role};
use domain::staff::TRIES;
use domain::time::{HOUR, MINUTE};
use std::collections::BTreeMap;
use store::answer::New;
use store::eligibility::{ADDRESS_TRIES, Trier};
use store::{Error, answer, eligibility, form};

#[test]
fn a_list_lets_in_who_is_on_it_and_stops_guessing() {
    both(async |t| {
        let (_, staff) = t.staff("1", Role::Sender, "環境課").await;
        let row = |number: &str, birth: &str| {
            BTreeMap::from([
                ("番号".to_owned(), number.to_owned()),
                ("生年月日".to_owned(), birth.to_owned()),
                ("氏名".to_owned(), format!("{number}さん")),
            ])
        };
        let columns = ["番号", "生年月日", "氏名"].map(str::to_owned);
        let people = [row("A-1", "2018/4/1"), row("A-2", "平成30年5月2日")];
        let keep = |rows| eligibility::keep(&staff, None, "名簿", &columns[..2], &columns, rows);
        let id = keep(&people).await.unwrap();
        let twice = [row("A-1", "2018/4/1"), row("a1", "20180401")];
        assert!(matches!(keep(&twice).await, Err(Error::Invalid(_))), "two who look alike");
        let nobody = t.acting(Actor::Nobody);
        let said = |number: &str, birth: &str| {
            BTreeMap::from([
                ("番号".to_owned(), number.to_owned()),
                ("生年月日".to_owned(), birth.to_owned()),
            ])
        };
        assert_eq!(eligibility::asked(&nobody, id).await.unwrap(), columns[..2]);
        let found =
            eligibility::check(&nobody, id, &said("ａ-１", "2018-04-01"), Trier::Address("x"))
                .await;
        let found = found.unwrap().expect("on the list");
        assert_eq!(found.row["氏名"], "A-1さん");
        let ticket = eligibility::ticket(&nobody, FormId(1), &found.hash);
        let hash = &found.hash;
        assert_eq!(eligibility::open_ticket(&nobody, FormId(1), &ticket).as_ref(), Some(hash));
        assert_eq!(eligibility::open_ticket(&nobody, FormId(2), &ticket), None);
        t.later(13 * 60 * 60 * 1_000_000);
        assert_eq!(eligibility::open_ticket(&nobody, FormId(1), &ticket), None, "too old");
        assert!(eligibility::is_ticket_of(&nobody, FormId(1), &ticket, hash));
        assert!(!eligibility::is_ticket_of(&nobody, FormId(1), &ticket, &hash[1..]));
        assert!(!eligibility::is_ticket_of(&nobody, FormId(2), &ticket, hash));
        // A telephone tells the people of a list apart, by each of their tickets, and of each form.
        let person = |form, hash: &[u8]| {
            let ticket = eligibility::ticket(&nobody, form, hash);
            eligibility::person_of(&nobody, form, &ticket).expect("a ticket")
        };
        let one = eligibility::person_of(&nobody, FormId(1), &ticket).expect("a ticket");
        assert_eq!(one, person(FormId(1), hash));
        assert_ne!(one, person(FormId(1), &hash[1..]));
        assert_ne!(one, person(FormId(2), hash));
        assert_ne!(one, hex::encode(hash));
        assert_eq!(eligibility::person_of(&nobody, FormId(2), &ticket), None);
        // Many birthdays for one number, from many places.
        let mut stopped = false;
        for day in 1..=9 {
            let tried = eligibility::check(
                &nobody,
                id,
                &said("A-2", &format!("2018-05-1{day}")),
                Trier::Address(&format!("p{day}")),
            )
            .await;
            stopped |= matches!(tried, Err(Error::Conflict(_)));
        }
        assert!(stopped);
        let right =
            eligibility::check(&nobody, id, &said("A-2", "2018-05-02"), Trier::Address("y")).await;
        assert!(matches!(right, Err(Error::Conflict(_))), "even who is right waits");
        t.later(16 * 60 * 1_000_000);
        let right =
            eligibility::check(&nobody, id, &said("A-2", "2018-05-02"), Trier::Address("y")).await;
        assert!(right.unwrap().is_some());
        // Who knows one row does not get through the others with it.
        let sweep = Trier::Resident(ResidentId(1));
        let mut stopped = false;
        for day in 1..=9 {
            let birth = format!("2018-06-1{day}");
            let number = format!("X-{day}");
            let wrong = eligibility::check(&nobody, id, &said(&number, &birth), sweep).await;
            let own = eligibility::check(&nobody, id, &said("A-1", "2018-04-01"), sweep).await;
            stopped |= matches!((wrong, own), (Err(Error::Conflict(_)), Err(Error::Conflict(_))));
        }
        assert!(stopped, "nine numbers by one resident");
        // What is sent must be of somebody who is on the list at that time.
        let gate = Gate { list: id, prefill: BTreeMap::new() };
        let settings = Settings { eligibility: Some(gate), ..Settings::default() };
        let gated = form::create(&staff, "健診", &definition(), &settings).await.unwrap();
        form::publish(&staff, gated, 1).await.unwrap();
        let someone = resident(&t, t.friends(1, 1).await[0]);
        let found =
            eligibility::check(&nobody, id, &said("A-1", "2018-04-01"), Trier::Address("y")).await;
        let hash = found.unwrap().expect("on the list").hash;
        let sends = async |key: &str, eligible: Option<Vec<u8>>| {
            let form = form::published(&someone.0, gated).await.unwrap().unwrap();
            let answers = words("山田", "090");
            let submission = Submission { version: form.form.version, answers };
            let new = New { form: &form, submission: &submission, key, eligible, talk: None };
            answer::send(&someone.0, &someone.1, &new).await
        };
        for (key, eligible) in [("k1", None), ("k2", Some(vec![7; 32]))] {
            assert!(matches!(sends(key, eligible).await, Err(Error::Conflict(_))), "{key}");
        }
        sends("k3", Some(hash.clone())).await.unwrap();
        let ticket = eligibility::ticket(&nobody, gated, &hash);
        let admitted = eligibility::admitted(&nobody, gated, id, &ticket).await.unwrap();
        assert_eq!(admitted, Some(hash.clone()));
        // Other rows take the place of the former.
        let other = [row("B-1", "2019/1/1")];
        eligibility::keep(&staff, Some(id), "名簿", &columns[..2], &columns, &other).await.unwrap();
        assert_eq!(eligibility::admitted(&nobody, gated, id, &ticket).await.unwrap(), None);
        assert!(matches!(sends("k4", Some(hash)).await, Err(Error::Conflict(_))), "taken off");
        let gone =
            eligibility::check(&nobody, id, &said("A-1", "2018-04-01"), Trier::Address("z")).await;
        assert!(gone.unwrap().is_none());
        form::close(&staff, gated).await.unwrap();
        eligibility::delete(&staff, id).await.unwrap();
        assert!(eligibility::list(&staff).await.unwrap().is_empty());
    });
}

#[test]
fn those_behind_one_address_stop_each_other_late_and_those_of_one_birthday_never() {
    both(async |t| {
        let (_, staff) = t.staff("1", Role::Sender, "環境課").await;
        let columns = ["生年月日", "番号"].map(str::to_owned);
        let row = |number: &str| {
            let cells = ["2018/4/1".to_owned(), number.to_owned()];
            columns.iter().cloned().zip(cells).collect::<BTreeMap<_, _>>()
        };
        let people = ["A-1", "A-2"].map(row);
        let id = eligibility::keep(&staff, None, "名簿", &columns, &columns, &people).await;
        let id = id.unwrap();
        let nobody = t.acting(Actor::Nobody);
        let tries = async |number: &str, who: Trier<'_>| {
            eligibility::check(&nobody, id, &row(number), who).await
        };
        // Wrong numbers with the same birthday, from the same house.
        let library = Trier::Address("library");
        for n in 1..ADDRESS_TRIES {
            assert_eq!(tries(&format!("X-{n}"), library).await.unwrap(), None, "{n}");
        }
        assert!(tries("A-1", library).await.unwrap().is_some());
        assert!(tries("A-2", Trier::Address("home")).await.unwrap().is_some());
        assert_eq!(tries("X-0", library).await.unwrap(), None);
        let stopped = tries("A-1", library).await;
        assert!(matches!(stopped, Err(Error::Conflict(_))), "{stopped:?}");
        assert!(tries("A-1", Trier::Resident(ResidentId(1))).await.unwrap().is_some());
        t.later(16 * MINUTE);
        assert!(tries("A-1", library).await.unwrap().is_some());
        // What was wrong on other days does not add up, though somebody comes every hour.
        for n in 0..3 * ADDRESS_TRIES {
            t.later(2 * HOUR);
            assert_eq!(tries(&format!("Y-{n}"), library).await.unwrap(), None, "{n}");
        }
    });
}

#[test]
fn wrong_tries_are_counted_by_the_column_that_differs() {
    both(async |t| {
        let (_, staff) = t.staff("1", Role::Sender, "環境課").await;
        let columns = ["郵便番号", "生年月日", "番号"].map(str::to_owned);
        let row = |birth: &str, number: &str| {
            let cells = ["123-4567", birth, number].map(str::to_owned);
            columns.iter().cloned().zip(cells).collect::<BTreeMap<_, _>>()
        };
        let people: Vec<_> =
            (10..20).map(|n| row(&format!("2018/4/{n}"), &format!("201503{n}"))).collect();
        let keep = async |keys: &[String]| {
            eligibility::keep(&staff, None, "名簿", keys, &columns, &people).await.unwrap()
        };
        let nobody = t.acting(Actor::Nobody);
        // Each from another place: it is what they say that they have in common.
        let tries = async |list, said: &BTreeMap<String, String>, place: u32| {
            let place = format!("p{place}");
            eligibility::check(&nobody, list, said, Trier::Address(&place)).await
        };
        let all = keep(&columns[..]).await;
        for n in 0..2 * TRIES {
            let neighbour = row("2018/4/11", &format!("X-{n}"));
            assert_eq!(tries(all, &neighbour, n).await.unwrap(), None, "{n}");
        }
        assert!(tries(all, &people[0], 0).await.unwrap().is_some());
        // A number that looks like a date is one.
        for n in 1..=TRIES {
            let guessed = row(&format!("2018/5/{n}"), "20150310");
            assert_eq!(tries(all, &guessed, n).await.unwrap(), None, "{n}");
        }
        let stopped = tries(all, &people[0], 0).await;
        assert!(matches!(stopped, Err(Error::Conflict(_))), "{stopped:?}");
        // Where nothing that is asked differs, it is all of it together.
        let some = keep(&columns[..2]).await;
        let wrong = async || {
            for n in 1..=TRIES {
                let guessed = row(&format!("2018/5/{n}"), "");
                assert_eq!(tries(some, &guessed, n).await.unwrap(), None, "{n}");
            }
        };
        wrong().await;
        assert!(tries(some, &people[0], 0).await.unwrap().is_some());
        // Of a list that a former release took in it is the first column, as it was there.
        t.sql(&format!("UPDATE eligibility SET number = NULL WHERE id = {some}")).await;
        wrong().await;
        let stopped = tries(some, &people[0], 0).await;
        assert!(matches!(stopped, Err(Error::Conflict(_))), "{stopped:?}");
    });
}
