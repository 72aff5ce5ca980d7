//! Whom a freeze finds is whom one plain question finds, whatever their numbers, and everybody is
//! in one call, in their language and with their own words (design rule 1).

use crate::city::{facts, is, user};
use crate::settling::{figures, sum};
use crate::support::{NOON, Test, both};
use domain::audience::Audience;
use domain::delivery::gate::{Budget, Gates};
use domain::delivery::{NewDelivery, Purpose, Reason, Variant};
use domain::language::Language;
use domain::message::Part;
use domain::message::variable::Values;
use domain::time::DAY;
use sea_orm::{ConnectionTrait, Statement};
use std::collections::BTreeMap;
use store::delivery::{Frozen, create, freeze, gate, reasons, retract};
use store::outbox::{Call, Recipient, claim};
use store::resident::{ImportRow, import};

/// Residents whose numbers are neighbours.
const BUNCH: u32 = 1_500;
/// After which number each bunch begins; the last ends with the largest that there can be.
const AFTER: [i64; 4] = [0, 70_000, 3_000_000_000, (u32::MAX - BUNCH) as i64];

const WEST: &str = "r.id IN (SELECT f.resident_id FROM fact f JOIN choice c ON c.id = f.choice_id WHERE c.key = 'west')";
const EAST: &str = "r.id IN (SELECT f.resident_id FROM fact f JOIN choice c ON c.id = f.choice_id WHERE c.key = 'east1')";
const WASTE: &str = "r.id IN (SELECT f.resident_id FROM fact f JOIN choice c ON c.id = f.choice_id WHERE c.key = 'waste')";
const EVENT: &str = "r.id IN (SELECT f.resident_id FROM fact f JOIN choice c ON c.id = f.choice_id WHERE c.key = 'event')";

/// Residents with gaps between their numbers, every mixture of facts, wishes and languages.
async fn people(t: &Test) {
    let city = t.city().await;
    let row = |n: u32| {
        let home: &[&str] = match n % 3 {
            0 => &["east1"],
            1 => &["west"],
            _ => &[],
        };
        let topics: &[&str] = match n % 5 {
            0 => &["waste"],
            1 => &["event"],
            _ => &[],
        };
        ImportRow { user: user(n), facts: facts(&city, &[("home", home), ("topics", topics)]) }
    };
    for (bunch, after) in (0u32..).zip(AFTER) {
        if after > 0 && t.ctx.store.is_sqlite() {
            let sql = format!("UPDATE sqlite_sequence SET seq = {after} WHERE name = 'resident'");
            assert_eq!(t.sql(&sql).await, 1);
        } else if after > 0 {
            let sql =
                format!("SELECT setval(pg_get_serial_sequence('resident', 'id'), {after}) AS n");
            assert_eq!(t.number(&sql).await, after);
        }
        let of_it: Vec<u32> = (bunch * BUNCH..(bunch + 1) * BUNCH).collect();
        for piece in of_it.chunks(750) {
            import(&t.ctx, piece.iter().map(|n| row(*n)).collect()).await.unwrap();
        }
    }
    let later = NOON.plus(365 * DAY).0;
    for (set, each) in [
        ("friend = FALSE".to_owned(), 17),
        ("reception = 'urgent'".to_owned(), 7),
        (format!("reception = 'paused', paused_until = {later}"), 11),
        (format!("reception = 'paused', paused_until = {}", NOON.0), 13),
        ("line_language = 'en'".to_owned(), 4),
    ] {
        t.sql(&format!("UPDATE resident SET {set} WHERE id % {each} = 0")).await;
    }
    assert_eq!(t.number("SELECT MAX(id) AS n FROM resident").await, i64::from(u32::MAX));
}

/// The numbers `n` that a query answers.
async fn numbers(t: &Test, sql: &str) -> Vec<i64> {
    let statement = Statement::from_string(t.db().get_database_backend(), sql);
    let rows = t.db().query_all_raw(statement).await.unwrap();
    rows.iter().map(|row| row.try_get("", "n").unwrap()).collect()
}

async fn residents(t: &Test, which: &str) -> Vec<i64> {
    numbers(t, &format!("SELECT r.id AS n FROM resident r WHERE {which} ORDER BY r.id")).await
}

/// The call in which everybody is, and as whom.
fn told(calls: &[Call]) -> BTreeMap<i64, (&Call, Recipient)> {
    let mut told = BTreeMap::new();
    for call in calls {
        for to in &call.to {
            let former = told.insert(to.id.0, (call, *to));
            assert!(former.is_none(), "nobody is in two calls");
        }
    }
    told
}

#[test]
fn a_freeze_finds_whom_a_plain_question_finds() {
    both(async |t| {
        people(&t).await;
        let gates = Gates { budget: Some(Budget { messages: 1, days: 7 }), quiet: None };
        gate::set_gates(&t.ctx, gates).await.unwrap();
        let audience = Audience::Not(Box::new(is("home", &["west"])));
        let resolved = t.resolve(&audience).await;
        let who = format!("r.friend AND NOT {WEST}");
        let unwilling = format!(
            "(r.reception = 'urgent' OR r.reception = 'paused' AND r.paused_until > {})",
            NOON.0
        );
        let unwilling_ones = residents(&t, &format!("{who} AND {unwilling}")).await;
        let had = residents(&t, &format!("{who} AND NOT {unwilling} AND {WASTE}")).await;
        let rest = format!("{who} AND NOT {unwilling} AND NOT {WASTE}");
        let expected = residents(&t, &rest).await;
        assert!(expected.len() > 2_000, "more than are read or written at once");
        let english = residents(&t, &format!("{rest} AND r.line_language = 'en'")).await;
        let east = residents(&t, &format!("{rest} AND {EAST}")).await;
        let event = residents(&t, &format!("{rest} AND {EVENT}")).await;
        for sets in [&unwilling_ones, &had, &english, &east, &event] {
            assert!(sets.len() > 100, "every mixture is there");
        }
        for text in ["断水します", "{{home|みなさま}}へ。{{topics|}}"] {
            // Whoever has had one before may have another now.
            t.later(30 * DAY);
            t.frozen(Purpose::Notice, is("topics", &["waste"])).await;
            let parts = vec![Part::Text { text: text.into() }];
            let english_parts = vec![Part::Text { text: "No water".into() }];
            let variant =
                Variant { parts: english_parts, ..Variant::copied(Language::English, &parts) };
            let new = NewDelivery {
                title: "断水".into(),
                audience: audience.clone(),
                parts,
                purpose: Purpose::Notice,
                send_at: None,
                uncounted: vec![],
                variants: vec![variant],
            };
            let id = create(&t.ctx, &new, None).await.unwrap();
            assert!(freeze(&t.ctx, id, Frozen::Audience(&resolved)).await.unwrap());

            let withheld = (unwilling_ones.len() + had.len()) as i64;
            let all = withheld + expected.len() as i64;
            assert_eq!(figures(&t, id).await, sum(all, 0, 0, withheld));
            let sql = format!(
                "SELECT resident_id AS n FROM exception WHERE delivery_id = {id} AND reason = 'reception' ORDER BY resident_id"
            );
            assert_eq!(numbers(&t, &sql).await, unwilling_ones);
            let mut why = reasons(&t.ctx, id).await.unwrap();
            why.sort();
            let mut known = [
                (Reason::Reception, unwilling_ones.len() as i64),
                (Reason::Fatigue, had.len() as i64),
            ];
            known.sort();
            assert_eq!(why, known);

            let mut calls = claim(&t.ctx, "w", 10_000).await.unwrap();
            calls.retain(|call| call.delivery == Some(id));
            let told = told(&calls);
            assert_eq!(told.keys().copied().collect::<Vec<_>>(), expected);
            for (resident, (call, _)) in &told {
                let is_in = |set: &[i64]| set.binary_search(resident).is_ok();
                let in_english = is_in(&english);
                assert_eq!(call.language == Language::English, in_english, "{resident}");
                let mut words = Values::new();
                if is_in(&east) {
                    words.insert("home".into(), "東町一丁目".into());
                }
                if is_in(&event) {
                    words.insert("topics".into(), "もよおし".into());
                }
                let words = (text.contains('{') && !in_english).then_some(words);
                assert_eq!(call.variables, words, "{resident}");
            }
            let frozen = t.get(id).await.languages;
            let rest = (expected.len() - english.len()) as i64;
            assert_eq!(
                frozen,
                [(Language::Japanese, rest), (Language::English, english.len() as i64)]
            );
            for n in (0..4 * BUNCH).step_by(97) {
                if let Some((_, to)) = told.get(&t.resident(n).await.0) {
                    assert_eq!(to.user, user(n), "number and LINE id belong together");
                }
            }

            // LINE may have taken each of these calls: the correction goes to the same people.
            let fix = retract(&t.ctx, id, "訂正", &[], &[], None).await.unwrap();
            assert!(freeze(&t.ctx, fix, Frozen::Reached(id)).await.unwrap());
            assert_eq!(figures(&t, fix).await, sum(expected.len() as i64, 0, 0, 0));
        }
    });
}
