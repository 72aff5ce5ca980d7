use super::*;
use crate::attribute::{Attribute, Catalog, Kind};
use crate::id::AttributeId;
use crate::link::Own;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn date(text: &str) -> Date {
    Date::parse_iso(text).unwrap()
}

fn after(n: i32, unit: Unit) -> Offset {
    Offset { n, unit }
}

fn step(offset: Offset, hour: u8) -> Step {
    let text = format!("{}のお知らせ", offset.words());
    Step {
        key: 0,
        offset,
        hour,
        minute: 0,
        parts: vec![Part::Text { text }],
        uncounted: vec![],
        variants: vec![],
    }
}

/// A step's words in a language, written after its base.
fn said(step: &Step, language: Language, words: &str) -> Variant {
    let parts = vec![Part::Text { text: words.into() }];
    Variant { parts, ..Variant::copied(language, &step.parts) }
}

fn course(offsets: &[Offset], late: Late) -> Content {
    let mut content = Content { anchor: Anchor::Date("child".into()), late, ..Content::default() };
    for offset in offsets {
        content.add(step(*offset, 10));
    }
    content
}

fn catalog() -> Catalog {
    let attribute = |id, key: &str, kind| Attribute {
        id: AttributeId(id),
        key: key.into(),
        label: "お子さんの誕生日".into(),
        kind,
        hint: String::new(),
        required: false,
        personal: true,
        hidden: false,
        choices: vec![],
    };
    Catalog {
        attributes: vec![attribute(1, "child", Kind::Date), attribute(2, "born", Kind::Year)],
        today: date("2026-11-20"),
        ..Catalog::default()
    }
}

#[test]
fn offsets_go_by_the_calendar() {
    let day = |offset: Offset, anchor: &str| offset.date(date(anchor)).iso();
    assert_eq!(day(after(1, Unit::Months), "2026-01-31"), "2026-02-28");
    assert_eq!(day(after(1, Unit::Months), "2028-01-31"), "2028-02-29");
    assert_eq!(day(after(1, Unit::Years), "2024-02-29"), "2025-02-28");
    assert_eq!(day(after(4, Unit::Years), "2024-02-29"), "2028-02-29");
    assert_eq!(day(after(-10, Unit::Weeks), "2027-01-01"), "2026-10-23");
    assert_eq!(day(after(-280, Unit::Days), "2027-01-01"), "2026-03-27");
    assert_eq!(day(Offset::NONE, "2027-01-01"), "2027-01-01");
    let whose = |offset: Offset, day: &str| {
        offset.anchors(date(day)).map(|(a, b)| format!("{} {}", a.iso(), b.iso()))
    };
    // Four days of January have their month later on the last of February, and nobody has
    // it on the 31st of March.
    assert_eq!(
        whose(after(1, Unit::Months), "2026-02-28").as_deref(),
        Some("2026-01-28 2026-01-31")
    );
    assert_eq!(whose(after(1, Unit::Months), "2026-03-31"), None);
    assert_eq!(
        whose(after(1, Unit::Years), "2025-02-28").as_deref(),
        Some("2024-02-28 2024-02-29")
    );
}

#[test]
fn offsets_are_read_as_people_write_them() {
    for (text, offset) in [
        ("当日", Offset::NONE),
        ("0日後", Offset::NONE),
        ("3か月後", after(3, Unit::Months)),
        ("３ヶ月後", after(3, Unit::Months)),
        ("10 週間 前", after(-10, Unit::Weeks)),
        ("280日前", after(-280, Unit::Days)),
        ("1年後", after(1, Unit::Years)),
        ("3歳", after(3, Unit::Years)),
        ("1歳6か月", after(18, Unit::Months)),
        ("7日", after(7, Unit::Days)),
    ] {
        assert_eq!(Offset::parse(text), Some(offset), "{text}");
        assert_eq!(Offset::parse(&offset.words()), Some(offset));
    }
    for text in
        ["", "後", "3", "あした", "-3日後", "3日3か月後", "9999999999日後", "三か月後", "3歳前"]
    {
        assert_eq!(Offset::parse(text), None, "{text}");
    }
}

#[test]
fn a_table_makes_adds_and_changes_steps() {
    let mut content = course(&[after(1, Unit::Months), after(3, Unit::Months)], Late::Skip);
    content.steps[1].parts.push(Part::Image { image: None, alt: "健診".into() });
    let rows = table(&content);
    assert_eq!(rows[0], ["0", "1か月後", "10:00", "1か月後のお知らせ"]);
    assert!(rows[1][3].contains("写真やカード"));
    // What was taken away comes back as it was.
    let text = |rows: &[Vec<String>]| {
        let line = |row: &Vec<String>| {
            row.iter().map(|c| format!("\"{c}\"")).collect::<Vec<_>>().join(",")
        };
        format!(
            "\u{feff}{}\r\n{}\r\n",
            HEAD.join(","),
            rows.iter().map(line).collect::<Vec<_>>().join("\r\n")
        )
    };
    let same = read_table(&content, &text(&rows));
    assert_eq!((same.same, same.kept, &same.errors, &same.content), (2, 0, &vec![], &content));
    let made = read_table(
        &content,
        "いつ,時刻,文章,番号\n２か月後,9時30分,\"こんにちは。\n\"\"2か月\"\"です\",\n1か月後,10:00,かわりました,\n半年後,9:00,x,\n6か月後,25:00,x,\n,,,\n6か月後,9:00,,\n7日後,9:00,x,12\n",
    );
    assert_eq!(made.errors.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [5, 6, 8, 9]);
    assert_eq!((made.changes.len(), made.same, made.kept), (2, 0, 1));
    let new = made.content.steps.iter().find(|s| s.offset == after(2, Unit::Months)).unwrap();
    assert_eq!(
        (new.key, new.hour, new.minute, new.summary().as_str()),
        (2, 9, 30, "こんにちは。 \"2か月\"です")
    );
    assert_eq!(made.content.step(0).unwrap().summary(), "かわりました");
    // A number keeps a step what it is when its day moves.
    let moved = read_table(
        &content,
        "番号,いつ,時刻,文章\n0,2か月後,10:00,1か月後のお知らせ\n0,3か月後,10:00,x\n1,3か月後,11:00,べつ\n",
    );
    assert_eq!(moved.content.step(0).unwrap().offset, after(2, Unit::Months));
    assert_eq!(moved.errors.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [3, 4]);
    assert_eq!(read_table(&content, "a,b\n1,2\n").errors.len(), 1);
    assert_eq!(read_table(&content, "").errors.len(), 1);
    let days: String = (1..=280).map(|n| format!("{n}日前,9:00,あと{n}日です\n")).collect();
    let all = read_table(&Content::default(), &format!("いつ,時刻,文章\n{days}"));
    assert_eq!((all.content.steps.len(), all.errors.len(), all.content.next), (280, 0, 280));
    assert_eq!(all.content.steps[0].offset, after(-280, Unit::Days));
}

#[test]
fn what_must_be_mended_is_said() {
    let at = |content: &Content| {
        let own = Own::default();
        content.problems(&catalog(), &own).into_iter().map(|p| p.at).collect::<Vec<_>>()
    };
    assert_eq!(at(&Content::default()), ["/anchor", "/steps"]);
    let mut content = course(&[after(3, Unit::Months)], Late::Skip);
    assert!(at(&content).is_empty());
    content.anchor = Anchor::Date("born".into());
    content.steps[0].offset = after(300, Unit::Months);
    content.steps[0].hour = 24;
    content.steps[0].parts = vec![];
    assert_eq!(at(&content), ["/anchor", "/steps/0/offset", "/steps/0/time", "/steps/0/parts"]);
    content.anchor = Anchor::Date("gone".into());
    content.audience = Some(Audience::Attribute { key: "gone".into(), is: vec!["a".into()] });
    assert!(at(&content).contains(&"/audience/attribute".to_owned()));
    assert!(name_problem("子育て").is_none());
    assert!(name_problem(" ").is_some() && name_problem(&"あ".repeat(61)).is_some());
}

#[test]
fn a_step_speaks_several_languages() {
    let mut content = course(&[after(1, Unit::Months), after(3, Unit::Months)], Late::Skip);
    let written = |content: &Content| serde_json::to_string(content).unwrap();
    assert!(!written(&content).contains("variants"), "one language is kept as it always was");
    let first = content.steps[0].clone();
    content.steps[0].variants =
        vec![said(&first, Language::Easy, "1かげつ"), said(&first, Language::English, "One month")];
    let kept: Content = serde_json::from_str(&written(&content)).unwrap();
    assert_eq!(kept, content);
    assert!(content.languages().into_iter().eq([Language::Easy, Language::English]));
    let step = &content.steps[0];
    assert_eq!(step.summary_in(Language::English), "One month");
    assert_eq!(step.summary_in(Language::Korean), step.summary());
    assert_eq!(step.whole().len(), 3);

    // A step without a language that others have, and one whose base was changed since.
    let warned = content.warnings();
    assert_eq!(warned.len(), 2, "{warned:?}");
    assert!(warned[1].starts_with("英語で書いていないステップが1件あります"), "{warned:?}");
    let second = content.steps[1].clone();
    content.steps[1].variants = content.steps[0].variants.clone();
    for variant in &mut content.steps[1].variants {
        variant.seen = said(&second, variant.language, "").seen;
    }
    assert!(content.warnings().is_empty());
    let table = "番号,いつ,時刻,文章\n1,3か月後,10:00,かわりました\n";
    let made = read_table(&content, table).content;
    assert_eq!(made.steps[1].variants, content.steps[1].variants, "a table has the base alone");
    let outdated = "「3か月後 10:00」：日本語が変わりました。英語の内容を見直してください";
    assert_eq!(made.warnings()[1], outdated);

    // Each language is checked like the base, and named.
    let problems = |content: &Content| content.problems(&catalog(), &Own::default());
    assert_eq!(problems(&content), []);
    content.steps[0].variants[1] = said(&first, Language::English, "{{nowhere|you}}");
    content.steps[1].variants[0] = said(&second, Language::Easy, "");
    let found = problems(&content);
    let at: Vec<&str> = found.iter().map(|p| p.at.as_str()).collect();
    assert_eq!(at, ["/steps/0/variants/en/0/text", "/steps/1/variants/ja-easy/0/text"]);
    let named = "「1か月後 10:00」：英語：差しこむ登録項目";
    assert!(found[0].message.starts_with(named), "{found:?}");
}

#[test]
fn the_days_of_one_resident_and_how_many_it_reaches() {
    let content = course(
        &[after(1, Unit::Years), after(3, Unit::Months), after(-1, Unit::Weeks)],
        Late::Skip,
    );
    let days: Vec<String> =
        content.timeline(date("2026-05-31")).iter().map(|p| p.at.date().iso()).collect();
    assert_eq!(days, ["2026-05-24", "2026-08-31", "2027-05-31"]);
    let people: People = [("2026-05-31", 3), ("2026-11-27", 2)].map(|(d, n)| (date(d), n)).into();
    let ten = |day: &str| Timestamp::from_tokyo(date(day), 10, 0);
    let on = |day: &str, after: Timestamp| content.on(date(day), after, &people);
    assert_eq!(on("2026-08-31", ten("2026-08-30")), Some((1, 3, ten("2026-08-31"))));
    assert_eq!(on("2026-08-31", ten("2026-08-31")), None, "it has been");
    assert_eq!(on("2026-09-01", ten("2026-08-31")), None);
    assert_eq!(content.between(ten("2026-08-30"), ten("2026-11-20"), &people), (2, 5));
    assert_eq!(content.between(ten("2026-08-31"), ten("2026-11-19"), &people), (0, 0));
}

#[test]
fn who_registers_late_gets_the_latest_that_has_passed() {
    let offsets = [after(1, Unit::Months), after(3, Unit::Months), after(6, Unit::Months)];
    let content = course(&offsets, Late::Latest);
    let morning = Timestamp::from_tokyo(date("2026-11-20"), 9, 0);
    let missed = |anchor: &str| {
        let found: Vec<u32> = content
            .due(morning)
            .into_iter()
            .filter(|d| d.late && (d.from..=d.to).contains(&date(anchor)))
            .map(|d| d.step)
            .collect();
        assert!(found.len() <= 1, "{anchor}: {found:?}");
        found.first().copied()
    };
    // Five months old: the message of three months.
    assert_eq!(missed("2026-06-20"), Some(1));
    assert_eq!(missed("2026-11-01"), None, "nothing has passed yet");
    assert_eq!(missed("2026-10-20"), None, "the first comes today");
    assert_eq!(missed("2026-10-19"), Some(0));
    assert_eq!(missed("2026-02-20"), Some(2));
    assert_eq!(missed("2025-11-20"), None, "the last one is more than half a year old");
    // What is said before a day is not said after it.
    let before = course(&[after(-1, Unit::Weeks)], Late::Latest);
    let ahead = before.due(morning);
    assert!(ahead.iter().all(|d| d.from >= morning.date() && d.to < date("2026-11-27")));
    assert!(!ahead.is_empty());
    assert!(course(&offsets, Late::Skip).due(morning).is_empty());
    let due = content.due(morning).into_iter().find(|d| d.step == 1).unwrap();
    let words = serde_json::to_string(&content.audience_of(&due)).unwrap();
    assert!(
        words.contains("\"last_registered\":{\"from\":\"2026-11-19\",\"to\":\"2026-11-19\"}"),
        "{words}"
    );
}

fn offsets() -> impl Strategy<Value = Offset> {
    let unit = prop::sample::select(Unit::ALL);
    (-40i32..40, unit).prop_map(|(n, unit)| Offset {
        n: match unit {
            Unit::Years => n / 8,
            Unit::Months => n / 2,
            _ => n,
        },
        unit,
    })
}

proptest! {
    #[test]
    fn anchors_are_exactly_those_whose_day_it_is(offset in offsets(), day in 10_000i64..40_000) {
        let day = Date::from_days(day);
        let near = day.days() - offset.days();
        let by_hand: Vec<Date> = (near - 10..near + 10)
            .map(Date::from_days)
            .filter(|a| offset.date(*a) == day)
            .collect();
        let found = offset.anchors(day);
        prop_assert_eq!(found.map(|f| f.0), by_hand.first().copied());
        prop_assert_eq!(found.map(|f| f.1), by_hand.last().copied());
        // No gap between them.
        if let Some((from, to)) = found {
            prop_assert_eq!(to.days() - from.days() + 1, by_hand.len() as i64);
        }
    }

    #[test]
    fn a_later_day_never_has_an_earlier_step(offset in offsets(), day in 10_000i64..40_000) {
        prop_assert!(offset.date(Date::from_days(day)) <= offset.date(Date::from_days(day + 1)));
    }

}

proptest! {
    // Some thousand days each.
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn without_edits_everybody_gets_each_step_exactly_once_on_its_day(
        offsets in prop::collection::vec(offsets(), 1..8),
        anchor in 0i64..800,
    ) {
        let start = date("2027-01-01").days();
        let anchor = Date::from_days(start + anchor);
        let content = course(&offsets, Late::Skip);
        let mut sent = Vec::new();
        let mut at = Timestamp::from_tokyo(Date::from_days(anchor.days() - 1_900), 0, 0);
        let end = Timestamp::from_tokyo(Date::from_days(anchor.days() + 1_900), 0, 0);
        while let Some(next) = content.next_after(at).filter(|n| *n < end) {
            sent.extend(content.due(next).into_iter().filter(|d| (d.from..=d.to).contains(&anchor)).map(|d| (d.step, next)));
            at = next;
        }
        sent.sort_unstable();
        let mut wanted: Vec<_> = content.timeline(anchor).iter().map(|p| (p.step, p.at)).collect();
        wanted.sort_unstable();
        prop_assert_eq!(sent, wanted);
    }
}

/// What happens to a course, or to a resident, on a day before noon or after.
#[derive(Clone, Debug)]
enum Turn {
    Move(usize, Offset),
    Time(usize, u8),
    Add(Offset),
    Take(usize),
    Pause,
    Resume,
    Late(bool),
    /// A resident registers, or puts their day right.
    Register(usize, i64),
    /// The server stands still for some days.
    Down(u8),
}

fn turns() -> impl Strategy<Value = Vec<(u8, Turn)>> {
    let turn = prop_oneof![
        (0usize..6, offsets()).prop_map(|(n, o)| Turn::Move(n, o)),
        (0usize..6, 6u8..20).prop_map(|(n, h)| Turn::Time(n, h)),
        offsets().prop_map(Turn::Add),
        (0usize..6).prop_map(Turn::Take),
        Just(Turn::Pause),
        Just(Turn::Resume),
        any::<bool>().prop_map(Turn::Late),
        (0usize..5, -250i64..250).prop_map(|(n, day)| Turn::Register(n, day)),
        (1u8..5).prop_map(Turn::Down),
    ];
    prop::collection::vec((0u8..12, turn), 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    /// The whole rule, as the store applies it: what is due becomes a delivery once (the
    /// index), and whoever has had the step for the same day is not in it (the freeze).
    #[test]
    fn no_edit_sends_a_step_twice_or_one_whose_day_has_passed(
        first in prop::collection::vec(offsets(), 1..5),
        turns in turns(),
    ) {
        let start = date("2027-01-01");
        let mut content = course(&first, Late::Skip);
        let mut residents: BTreeMap<usize, (Date, Date)> = BTreeMap::new();
        for n in 0..3 {
            residents.insert(n, (Date::from_days(start.days() + n as i64 * 17 - 20), Date::from_days(start.days() - 9)));
        }
        let mut clock = Timestamp::from_tokyo(start, 0, 0);
        let mut next = content.next_after(clock);
        let mut made: BTreeSet<Due> = BTreeSet::new();
        let mut had: Vec<(usize, u32, Date)> = Vec::new();
        for (later, turn) in turns {
            let until = clock.plus(i64::from(later) * 7 * crate::time::HOUR);
            // The duty: one moment after another, whatever was missed included.
            while let Some(at) = next.filter(|at| *at <= until) {
                for due in content.due(at) {
                    prop_assert_eq!(due.day, at.date());
                    if !made.insert(due) {
                        continue;
                    }
                    let step = content.step(due.step).unwrap();
                    for (who, (anchor, came)) in &residents {
                        let among = (due.from..=due.to).contains(anchor)
                            && (!due.late || *came == Date::from_days(due.day.days() - 1));
                        let again = had.iter().any(|(w, s, a)| w == who && *s == due.step && is_the_same(*a, *anchor));
                        if !among || again {
                            continue;
                        }
                        // On its day; or for who came yesterday, of the last half year.
                        let day = step.offset.date(*anchor);
                        if due.late {
                            prop_assert!(day < due.day && due.day.days() - day.days() <= HALF_YEAR);
                        } else {
                            prop_assert_eq!(day, due.day);
                        }
                        had.push((*who, due.step, *anchor));
                    }
                }
                next = content.next_after(at);
            }
            clock = until;
            let len = content.steps.len().max(1);
            match turn {
                Turn::Move(n, offset) => if let Some(s) = content.steps.get_mut(n % len) { s.offset = offset },
                Turn::Time(n, hour) => if let Some(s) = content.steps.get_mut(n % len) { s.hour = hour },
                Turn::Add(offset) => { content.add(step(offset, 15)); }
                Turn::Take(n) => if !content.steps.is_empty() { content.steps.remove(n % len); },
                Turn::Pause => { next = None; continue }
                Turn::Resume => {}
                Turn::Late(latest) => content.late = if latest { Late::Latest } else { Late::Skip },
                Turn::Register(n, day) => { residents.insert(n, (Date::from_days(start.days() + day), clock.date())); continue }
                Turn::Down(days) => { clock = clock.plus(i64::from(days) * crate::time::DAY); continue }
            }
            content.sort();
            // What is put in force, or resumed, begins after now.
            next = content.next_after(clock);
            prop_assert!(next.is_none_or(|at| at > clock));
        }
        // Nobody had a step twice for the same day of theirs.
        for (i, (who, step, anchor)) in had.iter().enumerate() {
            for (w, s, a) in &had[i + 1..] {
                prop_assert!(!(who == w && step == s && is_the_same(*anchor, *a)), "{who} had {step} twice");
            }
        }
    }
}
