//! Deliveries in several languages (SEG-4): each resident gets their own, no call mixes two, and
//! what is written in a language goes along wherever the delivery goes.

use crate::blobs::picture;
use crate::city::{facts, new_delivery, user};
use crate::links::system;
use crate::settling::{answer, figures, leased, settled, sum};
use crate::support::{NOON, Test, both};
use domain::audience::{Audience, Resolved};
use domain::delivery::call::Next;
use domain::delivery::variant::{Variant, shares};
use domain::delivery::{Draft, NewDelivery, Purpose, Status};
use domain::form::{Answers, LANGUAGE, RECEPTION};
use domain::id::{ResidentId, TemplateId};
use domain::language::{Language, Wish};
use domain::message::Part;
use domain::permission::{Actor, Role};
use domain::recurrence::{Days, End, OnHoliday, Recurrence};
use domain::time::{DAY, SECOND};
use std::collections::BTreeMap;
use store::delivery::{
    Frozen, cancel, create, create_test, draft, duplicate, freeze, recurring, retract, save,
    schedule, template,
};
use store::outbox::{Call, settle};
use store::resident::{
    Due, ImportRow, PROFILE_FRESH, get, import, keep_languages, profiles_due, register,
    registration, set_tester, unfollow,
};
use store::{audience, blob, link};

fn text(words: &str) -> Vec<Part> {
    vec![Part::Text { text: words.into() }]
}

fn variant(language: Language, words: &str) -> Variant {
    Variant { parts: text(words), ..Variant::copied(language, &text("断水します")) }
}

fn variants() -> Vec<Variant> {
    vec![variant(Language::Easy, "水が出ません"), variant(Language::English, "No water")]
}

fn new(variants: Vec<Variant>) -> NewDelivery {
    NewDelivery { variants, ..new_delivery(Purpose::Notice, Audience::Everyone, None) }
}

/// The resident chooses a language on our page.
async fn chooses(t: &Test, id: ResidentId, name: &str) {
    let me = t.acting(Actor::Resident(id));
    let answers: Answers =
        [(LANGUAGE, name), (RECEPTION, "all")].map(|(k, v)| (k.into(), vec![v.into()])).into();
    register(&me, &answers).await.unwrap();
}

/// LINE's profiles say these tags.
async fn profiles(t: &Test, told: &[(ResidentId, Option<&str>)]) {
    let due = |id: ResidentId| Due { id, user: user(0), former: None };
    let told: Vec<(Due, Option<String>)> =
        told.iter().map(|(id, tag)| (due(*id), tag.map(Into::into))).collect();
    keep_languages(&t.ctx, &told).await.unwrap();
}

/// What each resident is sent.
fn told(calls: &[Call]) -> BTreeMap<ResidentId, Language> {
    let mut told = BTreeMap::new();
    for call in calls {
        for to in &call.to {
            assert_eq!(told.insert(to.id, call.language), None, "nobody is in two calls");
        }
    }
    told
}

/// 1,300 friends with every mixture of own choice and profile, and what each wishes.
async fn crowd(t: &Test) -> BTreeMap<ResidentId, Wish> {
    let ids = t.friends(0, 1_300).await;
    let tags = [None, Some("ja"), Some("en-US"), Some("zh-TW"), Some("th"), Some("tl"), Some("")];
    let mut wishes = BTreeMap::new();
    let mut said = Vec::new();
    for (n, id) in ids.iter().enumerate() {
        let tag = tags[n % tags.len()];
        let own = (n % 11 == 0).then(|| Language::ALL[n % Language::ALL.len()]);
        said.push((*id, tag));
        wishes.insert(*id, Wish::of(own, tag));
    }
    profiles(t, &said).await;
    for (n, id) in ids.iter().enumerate().filter(|(n, _)| n % 11 == 0) {
        chooses(t, *id, Language::ALL[n % Language::ALL.len()].name()).await;
    }
    wishes
}

#[test]
fn everybody_gets_their_own_language_and_no_call_mixes_two() {
    both(async |t| {
        let wishes = crowd(&t).await;
        for list in [vec![], variants(), vec![variant(Language::ChineseTraditional, "停水")]] {
            let offered: Vec<Language> = list.iter().map(|v| v.language).collect();
            // The live count says beforehand what the freeze then does.
            let counted = audience::wishes(&t.ctx, &Resolved::Everyone).await.unwrap();
            let expected = shares(&counted, 1_300, &list);
            let id = create(&t.ctx, &new(list), None).await.unwrap();
            assert!(freeze(&t.ctx, id, Frozen::Audience(&Resolved::Everyone)).await.unwrap());
            let calls = leased(&t, "w").await;
            let told = told(&calls);
            assert_eq!(told.len(), 1_300);
            for (id, wish) in &wishes {
                assert_eq!(told[id], wish.gets(&offered), "{id} who wishes {wish:?}");
            }
            let frozen = t.get(id).await.languages;
            if offered.is_empty() {
                assert_eq!(frozen, [], "one language is not counted");
            } else {
                assert_eq!(frozen, expected);
                assert_eq!(frozen.iter().map(|(_, n)| n).sum::<i64>(), 1_300);
            }
            let all: Vec<_> = calls.iter().map(|c| answer(c, Next::Accept)).collect();
            assert_eq!(settle(&t.ctx, "w", &all).await.unwrap(), [id]);
            assert_eq!(figures(&t, id).await, sum(1_300, 1_300, 0, 0));
        }
    });
}

#[test]
fn a_call_keeps_its_language_under_a_new_key_and_in_halves() {
    both(async |t| {
        let ids = t.friends(0, 40).await;
        let english: Vec<_> = ids[..20].iter().map(|id| (*id, Some("en"))).collect();
        profiles(&t, &english).await;
        let id = create(&t.ctx, &new(variants()), None).await.unwrap();
        freeze(&t.ctx, id, Frozen::Audience(&Resolved::Everyone)).await.unwrap();
        unfollow(&t.ctx, &user(0), t.ctx.now().plus(1)).await.unwrap();
        let calls = leased(&t, "w").await;
        let of = |language| calls.iter().find(|c| c.language == language).cloned().unwrap();
        let (english, base) = (of(Language::English), of(Language::Japanese));
        assert_eq!((calls.len(), english.count, base.count), (2, 19, 20));
        assert!(!settled(&t, &base, Next::Accept).await);
        assert!(!settled(&t, &english, Next::Without(vec![0])).await);
        let rest = leased(&t, "w").await;
        assert_eq!(
            rest.iter().map(|c| (c.count, c.language)).collect::<Vec<_>>(),
            [(18, Language::English)]
        );
        assert!(!settled(&t, &rest[0], Next::Halve).await);
        let halves = leased(&t, "w").await;
        assert_eq!(
            halves.iter().map(|c| (c.count, c.language)).collect::<Vec<_>>(),
            [(9, Language::English), (9, Language::English)]
        );
        assert!(!settled(&t, &halves[0], Next::Postpone(t.ctx.now())).await);
        assert!(!settled(&t, &halves[1], Next::Accept).await);
        let again = leased(&t, "w").await;
        assert_eq!((again.len(), again[0].language), (1, Language::English));
        assert!(settled(&t, &again[0], Next::Accept).await);
        assert_eq!(figures(&t, id).await, sum(40, 38, 1, 1));
        assert_eq!(
            t.get(id).await.languages,
            [(Language::Japanese, 20), (Language::Easy, 0), (Language::English, 20)]
        );
    });
}

#[test]
fn what_one_language_fills_in_does_not_part_the_others() {
    both(async |t| {
        let city = t.city().await;
        let row = |n: u32, home: &str| ImportRow {
            user: user(n),
            facts: facts(&city, &[("home", &[home])]),
        };
        import(
            &t.ctx,
            (0..30).map(|n| row(n, if n % 2 == 0 { "east1" } else { "west" })).collect(),
        )
        .await
        .unwrap();
        let mut english = Vec::new();
        for n in 0..12 {
            english.push((t.resident(n).await, Some("en")));
        }
        profiles(&t, &english).await;
        let list = vec![variant(Language::English, "To {{home|all}}")];
        let id = create(&t.ctx, &new(list), None).await.unwrap();
        freeze(&t.ctx, id, Frozen::Audience(&Resolved::Everyone)).await.unwrap();
        let calls = leased(&t, "w").await;
        let base: Vec<_> = calls.iter().filter(|c| c.language == Language::Japanese).collect();
        assert_eq!((base.len(), base[0].count, &base[0].variables), (1, 18, &None));
        let english: Vec<_> = calls.iter().filter(|c| c.language == Language::English).collect();
        // Six of each place: fewer than ten with the same words get pushes.
        assert_eq!(english.len(), 12);
        assert!(english.iter().all(|c| c.variables.as_ref().is_some_and(|v| v.len() == 1)));
    });
}

#[test]
fn what_is_written_in_a_language_goes_along() {
    both(async |t| {
        let (_, sender) = t.staff("1", Role::Sender, "水道課").await;
        let parts = text("断水します");
        let content = Draft {
            title: "断水".into(),
            audience: Some(Audience::Everyone),
            parts: parts.clone(),
            variants: variants(),
            ..Draft::default()
        };
        let id = draft(&sender, Draft::default()).await.unwrap();
        let seen = save(&sender, id, t.get(id).await.updated_at, &content).await.unwrap();
        assert_eq!(t.get(id).await.variants, variants());
        let copy = duplicate(&sender, id).await.unwrap();
        assert_eq!(t.get(copy).await.variants, variants());
        let kept: TemplateId = template::create(&sender, "断水", &content).await.unwrap();
        let begun = template::begin(&sender, kept).await.unwrap();
        assert_eq!(t.get(begun).await.variants, variants());
        assert_eq!(template::list(&sender, "", 0, 9).await.unwrap().rows[0].variants, variants());
        let without = Draft { variants: vec![], ..content.clone() };
        save(&sender, copy, t.get(copy).await.updated_at, &without).await.unwrap();
        assert_eq!(t.get(copy).await.variants, []);
        assert_eq!(
            store::delivery::list(
                &sender,
                &store::delivery::Query {
                    search: "No water".into(),
                    limit: 9,
                    ..Default::default()
                }
            )
            .await
            .unwrap()
            .1,
            2,
            "what is written in a language is found"
        );

        // Testers get each language, whichever they read.
        let ids = t.friends(0, 3).await;
        for id in &ids[..2] {
            set_tester(&t.ctx, *id, Some("広報")).await.unwrap();
        }
        chooses(&t, ids[0], "en").await;
        let english = variant(Language::English, "No water");
        for (side, language) in [(None, Language::Japanese), (Some(&english), Language::English)] {
            let test = create_test(&sender, id, "試し送り", &parts, side).await.unwrap();
            freeze(&t.ctx, test, Frozen::Testers).await.unwrap();
            let calls = leased(&t, "w").await;
            assert_eq!(told(&calls), BTreeMap::from([(ids[0], language), (ids[1], language)]));
            let answers: Vec<_> = calls.iter().map(|c| answer(c, Next::Accept)).collect();
            settle(&t.ctx, "w", &answers).await.unwrap();
        }

        // What was sent is corrected in the same languages, to whomever it reached.
        schedule(&sender, id, seen, None).await.unwrap();
        freeze(&t.ctx, id, Frozen::Audience(&Resolved::Everyone)).await.unwrap();
        for call in leased(&t, "w").await {
            settled(&t, &call, Next::Accept).await;
        }
        let english = [variant(Language::English, "Wrong")];
        let fix = retract(&sender, id, "訂正", &text("訂正"), &english, None).await.unwrap();
        freeze(&t.ctx, fix, Frozen::Reached(id)).await.unwrap();
        let told = told(&leased(&t, "w").await);
        assert_eq!(
            (told[&ids[0]], told[&ids[1]], told[&ids[2]]),
            (Language::English, Language::Japanese, Language::Japanese)
        );
    });
}

#[test]
fn a_series_speaks_every_language_each_time() {
    both(async |t| {
        let rule = Recurrence {
            days: Days::Weekly { every: 1, weekdays: (0..7).collect() },
            hour: 13,
            minute: 0,
            holiday: OnHoliday::Send,
            first: NOON.date(),
            end: End::Never,
        };
        let content = Draft {
            title: "毎日".into(),
            audience: Some(Audience::Everyone),
            parts: text("断水します"),
            variants: variants(),
            recurrence: Some(rule),
            ..Draft::default()
        };
        let id = draft(&t.ctx, content).await.unwrap();
        schedule(&t.ctx, id, t.get(id).await.updated_at, None).await.unwrap();
        t.later(DAY);
        let made = recurring::occur(&t.ctx, id).await.unwrap().unwrap();
        assert_eq!(t.get(made).await.variants, variants());
        let edit = recurring::edit(&t.ctx, id).await.unwrap();
        assert_eq!(t.get(edit).await.variants, variants());
    });
}

#[test]
fn an_address_is_counted_once_for_all_languages() {
    both(async |t| {
        t.friends(0, 2).await;
        let ctx = system(&t);
        let list = vec![
            variant(Language::Easy, "https://a.example/ と https://c.example/"),
            variant(Language::English, "See https://a.example/"),
        ];
        let parts = text("https://a.example/ と https://b.example/");
        let id = create(&ctx, &NewDelivery { parts, ..new(list) }, None).await.unwrap();
        freeze(&ctx, id, Frozen::Audience(&Resolved::Everyone)).await.unwrap();
        let drawn: Vec<_> =
            link::of(&ctx, id).await.unwrap().into_iter().map(|l| (l.part, l.uri)).collect();
        let expected = ["https://a.example/", "https://b.example/", "https://c.example/"];
        assert_eq!(drawn, expected.map(|uri| (0, uri.to_owned())));
    });
}

#[test]
fn pictures_of_every_language_are_kept_and_missed() {
    both(async |t| {
        let id = blob::put(&t.ctx, &picture()).await.unwrap().id;
        let image = |id| vec![Part::Image { image: Some(id), alt: String::new() }];
        let english = Variant { parts: image(id.clone()), ..variant(Language::English, "") };
        let waits = create(
            &t.ctx,
            &NewDelivery { send_at: Some(NOON.plus(400 * DAY)), ..new(vec![english]) },
            None,
        )
        .await
        .unwrap();
        t.later(30 * DAY);
        blob::sweep(&t.ctx).await.unwrap();
        assert!(blob::picture(&t.ctx, &id).await.unwrap().is_some(), "an open delivery has it");
        let gone = domain::id::BlobId::from_random([9; 20]);
        let english = Variant { parts: image(gone), ..variant(Language::English, "") };
        let refused = create(&t.ctx, &new(vec![english]), None).await.unwrap_err();
        let store::Error::Invalid(problems) = refused else { panic!("{refused:?}") };
        assert_eq!(problems[0].at, "/variants/en/0/image");
        assert!(problems[0].message.starts_with("英語："));
        cancel(&t.ctx, waits).await.unwrap();
        t.later(30 * DAY);
        blob::sweep(&t.ctx).await.unwrap();
        assert!(blob::picture(&t.ctx, &id).await.unwrap().is_some(), "it can be copied");
        t.later(blob::KEPT_AFTER_SENT);
        blob::sweep(&t.ctx).await.unwrap();
        assert!(blob::picture(&t.ctx, &id).await.unwrap().is_none());
    });
}

#[test]
fn profiles_are_asked_for_once_a_month_and_never_while_something_is_sent() {
    both(async |t| {
        let ids = t.friends(0, 3).await;
        unfollow(&t.ctx, &user(2), t.ctx.now().plus(1)).await.unwrap();
        let mut due = profiles_due(&t.ctx, 10).await.unwrap();
        assert_eq!(
            profiles_due(&t.ctx, 1).await.unwrap()[0].id,
            ids[1],
            "who came last is asked first"
        );
        due.sort_by_key(|d| d.id);
        assert_eq!(
            due.iter().map(|d| (d.id, d.user)).collect::<Vec<_>>(),
            [(ids[0], user(0)), (ids[1], user(1))]
        );
        let before = audience::wishes(&t.ctx, &Resolved::Everyone).await.unwrap();
        assert_eq!(before, []);
        t.later(SECOND);
        keep_languages(&t.ctx, &[(due[0].clone(), Some("en".into())), (due[1].clone(), None)])
            .await
            .unwrap();
        assert_eq!(
            audience::wishes(&t.ctx, &Resolved::Everyone).await.unwrap(),
            [(Wish::In(Language::English), 1)],
            "the live count follows"
        );
        assert!(profiles_due(&t.ctx, 10).await.unwrap().is_empty());
        t.later(PROFILE_FRESH + SECOND);
        let again = profiles_due(&t.ctx, 10).await.unwrap();
        let former: Vec<_> = again.iter().map(|d| (d.id, d.former.as_deref())).collect();
        assert_eq!(former, [(ids[1], None), (ids[0], Some("en"))]);
        let id = create(&t.ctx, &new(variants()), None).await.unwrap();
        freeze(&t.ctx, id, Frozen::Audience(&Resolved::Everyone)).await.unwrap();
        assert_eq!(t.get(id).await.status, Status::Sending);
        assert!(profiles_due(&t.ctx, 10).await.unwrap().is_empty());
    });
}

#[test]
fn the_own_choice_is_registered_changed_and_taken_back() {
    both(async |t| {
        let id = t.friends(0, 1).await[0];
        profiles(&t, &[(id, Some("en"))]).await;
        let me = t.acting(Actor::Resident(id));
        let answered = async || registration(&me).await.unwrap().answers[LANGUAGE].clone();
        assert_eq!(answered().await, ["line"]);
        chooses(&t, id, "vi").await;
        assert_eq!(answered().await, ["vi"]);
        let shown = get(&t.ctx, id).await.unwrap();
        assert_eq!(
            (shown.language, shown.line_language.as_deref()),
            (Some(Language::Vietnamese), Some("en"))
        );
        let said = store::resident::history(&t.ctx, id).await.unwrap();
        assert!(said[0].detail.contains("ことば：LINEの設定と同じ → ベトナム語"), "{said:?}");
        // A page that does not ask, or no answer, changes nothing.
        let silent: Answers =
            [(RECEPTION.into(), vec!["all".into()]), (LANGUAGE.into(), vec![])].into();
        register(&me, &silent).await.unwrap();
        assert_eq!(answered().await, ["vi"]);
        chooses(&t, id, "line").await;
        assert_eq!(get(&t.ctx, id).await.unwrap().language, None);
        let exported = store::resident::export_page(&t.ctx, ResidentId(0)).await.unwrap();
        assert_eq!(
            (exported[0].language, exported[0].line_language.as_deref()),
            (None, Some("en"))
        );
        // What is kept of whoever left is forgotten with the rest.
        unfollow(&t.ctx, &user(0), t.ctx.now().plus(1)).await.unwrap();
        t.later(200 * DAY);
        assert_eq!(store::work::erase_left(&t.ctx).await.unwrap(), 1);
        let erased = get(&t.ctx, id).await.unwrap();
        assert_eq!((erased.language, erased.line_language), (None, None));
    });
}
