//! Rich menus: written, published, tried out and put away; the program.

use crate::blobs::picture;
use crate::support::{NOON, both};
use domain::attribute::Catalog;
use domain::audience::Audience;
use domain::form::kept::Settings;
use domain::id::{FormId, MenuId, ResidentId};
use domain::menu::program::{Period, Prepared, Rule, Then, Trigger, Variant};
use domain::menu::render::Key;
use domain::menu::{
    Act, Area, Disaster, Existing, Filter, Menu, Mode, Order, Picture, Program, SheetKey, Status,
};
use domain::permission::Role;
use domain::time::DAY;
use std::collections::BTreeMap;
use store::blob::{KEPT_UNUSED, put_for_menus, sweep};
use store::menu::{
    InForce, News, Tapped, add_taps, archive, choose, copy, create, declare, delete, drilled, end,
    end_program_trial, end_trial, epoch, existing, get, heard, in_force, list, program,
    program_tried, publish, publish_program, rename, save, save_program, short, standings, switch,
    tab, target, try_out, try_program, unarchive, usage, version, versions,
};
use store::{Context, Error, form};

/// A menu that can be published.
pub async fn menu(ctx: &Context) -> Menu {
    let department = store::staff::department(ctx, "広報課").await.unwrap();
    let mut menu = Menu::new("ふだん", department);
    for (i, area) in menu.sheets[0].areas.iter_mut().enumerate() {
        *area = Area {
            label: format!("項目{i}"),
            act: Act::Say(format!("項目{i}")),
            ..Area::new(area.key)
        };
    }
    menu
}

#[test]
fn a_menu_is_written_by_its_department_and_nothing_is_overwritten() {
    both(async |t| {
        let pr = t.staff("1", Role::Editor, "広報課").await.1;
        let parks = t.staff("2", Role::Editor, "公園課").await.1;
        let sender = t.staff("3", Role::Sender, "広報課").await.1;
        let mut written = menu(&t.ctx).await;
        let id = create(&pr, &written).await.unwrap();
        let kept = get(&parks, id).await.unwrap();
        assert_eq!((kept.summary.version, kept.summary.status), (1, Status::Draft));
        assert_eq!((kept.summary.sheets, kept.summary.areas), (1, 6));
        assert!(!kept.summary.may_write && !get(&pr, id).await.unwrap().summary.may_publish);
        assert_eq!(kept.draft, written);

        written.bar = "市のメニュー".into();
        assert_eq!(save(&pr, id, 1, &written).await.unwrap(), 2);
        assert!(matches!(save(&pr, id, 1, &written).await, Err(Error::Conflict(_))));
        assert!(matches!(save(&parks, id, 2, &written).await, Err(Error::Forbidden(_))));
        assert!(matches!(publish(&pr, id, 2).await, Err(Error::Forbidden(_))));
        let long = "長".repeat(41);
        assert!(matches!(rename(&pr, id, 2, &long).await, Err(Error::Invalid(_))));
        assert_eq!(rename(&pr, id, 2, " 春 ").await.unwrap(), 3);
        assert_eq!(get(&pr, id).await.unwrap().draft.name, "春");

        let copied = copy(&parks, id).await.unwrap();
        let copied = get(&parks, copied).await.unwrap();
        assert_eq!(copied.summary.name, "春のコピー");
        assert!(copied.summary.may_write);
        let found =
            list(&pr, &Filter { search: "コピー".into(), ..Filter::default() }).await.unwrap();
        assert_eq!((found.total, found.rows[0].department_name.as_str()), (1, "公園課"));
        let by_name = Filter { order: Order::Name, ..Filter::default() };
        let by_name = list(&pr, &by_name).await.unwrap().rows;
        assert!(by_name.iter().map(|m| &m.name).is_sorted(), "{by_name:?}");
        let own = Filter { department: Some(written.department), ..Filter::default() };
        assert_eq!(list(&pr, &own).await.unwrap().total, 1);

        // What is published is what was seen.
        assert!(matches!(publish(&sender, id, 2).await, Err(Error::Conflict(_))));
        let before = epoch(&t.ctx).await.unwrap();
        publish(&sender, id, 3).await.unwrap();
        assert!(epoch(&t.ctx).await.unwrap() > before);
        let kept = get(&pr, id).await.unwrap();
        assert_eq!((kept.summary.status, kept.summary.changed), (Status::Published, false));
        assert_eq!(kept.published.as_ref(), Some(&kept.draft));
        let first = program(&pr).await.unwrap();
        assert_eq!((first.version, first.published), (1, Some(Program::new(id))));
        written.bar.clear();
        assert_eq!(save(&pr, id, 3, &written).await.unwrap(), 4);
        assert!(get(&pr, id).await.unwrap().summary.changed);
        assert!(matches!(publish(&sender, id, 4).await, Err(Error::Invalid(_))));
        let former = versions(&pr, id).await.unwrap();
        assert_eq!(former.iter().map(|v| v.version).collect::<Vec<_>>(), [3]);
        assert_eq!(version(&pr, id, 3).await.unwrap().name, "春");
        assert!(matches!(version(&pr, id, 4).await, Err(Error::NotFound)));
    });
}

#[test]
fn a_program_names_published_menus_and_keeps_them() {
    both(async |t| {
        let written = menu(&t.ctx).await;
        let base = create(&t.ctx, &written).await.unwrap();
        let other = create(&t.ctx, &Menu { name: "夏".into(), ..written }).await.unwrap();
        assert_eq!(program(&t.ctx).await.unwrap().version, 0);
        let mut wanted = Program::new(base);
        wanted.variants.push(Variant {
            name: "みんな".into(),
            audience: Audience::Everyone,
            menu: other,
            period: Period::default(),
        });
        assert_eq!(save_program(&t.ctx, 0, &wanted).await.unwrap(), 1);
        assert!(matches!(save_program(&t.ctx, 0, &wanted).await, Err(Error::Conflict(_))));
        let none = Catalog::default();
        let refused = publish_program(&t.ctx, 1, &none).await;
        assert!(matches!(refused, Err(Error::Conflict(words)) if words.contains("「夏」")));
        publish(&t.ctx, base, 1).await.unwrap();
        publish(&t.ctx, other, 1).await.unwrap();
        assert_eq!(program(&t.ctx).await.unwrap().published, None, "there was a draft already");
        publish_program(&t.ctx, 1, &none).await.unwrap();
        let kept = program(&t.ctx).await.unwrap();
        assert_eq!((kept.changed, kept.published), (false, Some(wanted)));

        assert!(matches!(archive(&t.ctx, other).await, Err(Error::Conflict(_))));
        // As many as LINE shows at once, and none is left out.
        let choices =
            |n: i64| Program { choices: (1..=n).map(MenuId).collect(), ..Program::new(base) };
        let refused = save_program(&t.ctx, 1, &choices(13)).await;
        assert!(matches!(refused, Err(Error::Invalid(p)) if p[0].at == "/choices"));
        assert_eq!(save_program(&t.ctx, 1, &choices(12)).await.unwrap(), 2);
        assert_eq!(save_program(&t.ctx, 2, &Program::new(base)).await.unwrap(), 3);
        assert!(matches!(archive(&t.ctx, other).await, Err(Error::Conflict(_))));
        publish_program(&t.ctx, 3, &none).await.unwrap();
        archive(&t.ctx, other).await.unwrap();
        assert!(!in_force(&t.ctx).await.unwrap().menus.contains_key(&other));
        assert!(save(&t.ctx, other, 1, &get(&t.ctx, other).await.unwrap().draft).await.is_err());
        unarchive(&t.ctx, other).await.unwrap();
        assert_eq!(get(&t.ctx, other).await.unwrap().summary.status, Status::Published);
    });
}

#[test]
fn what_is_prepared_for_a_disaster_has_room_for_the_mark_of_a_drill() {
    both(async |t| {
        let base = create(&t.ctx, &menu(&t.ctx).await).await.unwrap();
        publish(&t.ctx, base, 1).await.unwrap();
        let mut written = menu(&t.ctx).await;
        written.name = "地震".into();
        written.sheets[0].areas[2].act = Act::Say("あ".repeat(298));
        let quake = create(&t.ctx, &written).await.unwrap();
        publish(&t.ctx, quake, 1).await.unwrap();
        assert!(!drilled(&t.ctx, quake).await.unwrap(), "without a drill it has room enough");

        let prepared =
            Prepared { disaster: Disaster::Earthquake, menu: quake, variants: Vec::new() };
        let wanted = Program { emergencies: vec![prepared], ..Program::new(base) };
        let none = Catalog::default();
        let seen = save_program(&t.ctx, 1, &wanted).await.unwrap();
        let refused = publish_program(&t.ctx, seen, &none).await;
        assert!(
            matches!(&refused, Err(Error::Conflict(words)) if words.contains("「地震」")),
            "{refused:?}"
        );
        // Where it is mended, it is said.
        assert!(drilled(&t.ctx, quake).await.unwrap() && !drilled(&t.ctx, base).await.unwrap());
        let refused = publish(&t.ctx, quake, 1).await;
        assert!(
            matches!(&refused, Err(Error::Invalid(p)) if p[0].at == "/sheets/0/areas/2/act/say"),
            "{refused:?}"
        );
        written.sheets[0].areas[2].act = Act::Say("あ".repeat(296));
        save(&t.ctx, quake, 1, &written).await.unwrap();
        publish(&t.ctx, quake, 2).await.unwrap();
        publish_program(&t.ctx, seen, &none).await.unwrap();
        written.sheets[0].areas[2].act = Act::Say("あ".repeat(297));
        save(&t.ctx, quake, 2, &written).await.unwrap();
        assert!(matches!(publish(&t.ctx, quake, 3).await, Err(Error::Invalid(_))));
        assert!(matches!(try_out(&t.ctx, quake, 3).await, Err(Error::Invalid(_))));
    });
}

#[test]
fn a_trial_stands_beside_what_is_published() {
    both(async |t| {
        let mut written = menu(&t.ctx).await;
        let id = create(&t.ctx, &written).await.unwrap();
        publish(&t.ctx, id, 1).await.unwrap();
        written.bar = "ためし".into();
        save(&t.ctx, id, 1, &written).await.unwrap();
        assert!(matches!(try_out(&t.ctx, id, 1).await, Err(Error::Conflict(_))));
        try_out(&t.ctx, id, 2).await.unwrap();
        let InForce { menus, trial } = in_force(&t.ctx).await.unwrap();
        assert_eq!(menus[&id].bar, "メニュー");
        assert_eq!(menus[&trial.unwrap()].bar, "ためし");
        assert_eq!(list(&t.ctx, &Filter::default()).await.unwrap().total, 1);
        end_trial(&t.ctx, id).await.unwrap();
        assert_eq!(in_force(&t.ctx).await.unwrap().trial, None);
        try_out(&t.ctx, id, 2).await.unwrap();
        assert_eq!(in_force(&t.ctx).await.unwrap().trial, trial);

        // Another's trial takes its place, and whoever tries the first is told by whose.
        let mut other = menu(&t.ctx).await;
        other.name = "夏".into();
        let other = create(&t.ctx, &other).await.unwrap();
        let instead = async |id| {
            let usage = usage(&t.ctx, id).await.unwrap();
            (usage.tried, usage.tried_instead)
        };
        assert_eq!((instead(id).await, instead(other).await), ((true, None), (false, None)));
        t.later(1);
        try_out(&t.ctx, other, 1).await.unwrap();
        assert_ne!(in_force(&t.ctx).await.unwrap().trial, trial);
        assert_eq!(instead(id).await, (true, Some("夏".to_owned())));
        assert_eq!(instead(other).await, (true, None));
        end_trial(&t.ctx, other).await.unwrap();
        assert_eq!(in_force(&t.ctx).await.unwrap().trial, trial);
        assert_eq!((instead(id).await, instead(other).await), ((true, None), (false, None)));
    });
}

#[test]
fn a_draft_of_the_program_is_tried_for_a_while_and_keeps_what_testers_do() {
    both(async |t| {
        let pr = t.staff("1", Role::Editor, "広報課").await.1;
        let sender = t.staff("2", Role::Sender, "広報課").await.1;
        let written = menu(&t.ctx).await;
        let base = create(&t.ctx, &written).await.unwrap();
        let other = create(&t.ctx, &Menu { name: "夏".into(), ..written }).await.unwrap();
        publish(&t.ctx, base, 1).await.unwrap();
        let draft = Program { choices: vec![other], ..Program::new(base) };
        let seen = save_program(&sender, 1, &draft).await.unwrap();
        let begin = async |ctx: &Context, seen, hours| {
            try_program(ctx, seen, &Catalog::default(), hours).await
        };
        // As it is published, and by whoever may publish it.
        let refused = begin(&sender, seen, 24).await;
        assert!(matches!(refused, Err(Error::Conflict(words)) if words.contains("「夏」")));
        publish(&t.ctx, other, 1).await.unwrap();
        assert!(matches!(begin(&pr, seen, 24).await, Err(Error::Forbidden(_))));
        assert!(matches!(begin(&sender, 1, 24).await, Err(Error::Conflict(_))));
        assert!(matches!(begin(&sender, seen, 5).await, Err(Error::Invalid(_))));
        let nobody = begin(&sender, seen, 24).await;
        assert!(matches!(nobody, Err(Error::Invalid(p)) if p[0].at == "testers"));

        let friends = t.friends(1, 2).await;
        let (tester, resident) = (friends[0], friends[1]);
        store::resident::set_tester(&t.ctx, tester, Some("広報課")).await.unwrap();
        choose(&t.ctx, tester, Some(base)).await.unwrap();
        try_out(&t.ctx, base, 1).await.unwrap();
        let before = epoch(&t.ctx).await.unwrap();
        begin(&sender, seen, 24).await.unwrap();
        assert!(epoch(&t.ctx).await.unwrap() > before);
        assert_eq!(in_force(&t.ctx).await.unwrap().trial, None, "a menu's trial is over");
        assert_eq!(program_tried(&pr).await.unwrap(), Some((draft, t.ctx.now().plus(DAY))));
        let kept = program(&pr).await.unwrap();
        assert_eq!((kept.published, kept.testers), (Some(Program::new(base)), 1));
        let told = kept.trial.unwrap();
        assert_eq!((told.until, told.instead), (t.ctx.now().plus(DAY), None));
        assert!(!told.began_by.is_empty());

        // What a tester does is the trial's; what others do is their own.
        choose(&t.ctx, tester, Some(other)).await.unwrap();
        switch(&t.ctx, tester, Some(3)).await.unwrap();
        choose(&t.ctx, resident, Some(other)).await.unwrap();
        let stands = async |id: ResidentId| {
            let all = standings(&t.ctx, None).await.unwrap();
            (all[&id].choice, all[&id].switched.map(|(rule, _)| rule))
        };
        assert_eq!(stands(tester).await, (Some(other), Some(3)));
        assert_eq!(stands(resident).await, (Some(other), None));
        // Whoever chooses after that has what they chose.
        choose(&t.ctx, tester, None).await.unwrap();
        assert_eq!(stands(tester).await, (None, None));
        // A menu that is tried later goes first.
        try_out(&t.ctx, other, 1).await.unwrap();
        assert_eq!(program(&pr).await.unwrap().trial.unwrap().instead, Some("夏".to_owned()));
        assert!(matches!(end_program_trial(&pr).await, Err(Error::Forbidden(_))));
        end_program_trial(&sender).await.unwrap();
        assert_eq!(program_tried(&pr).await.unwrap(), None);
        assert_eq!(stands(tester).await, (Some(base), None));

        // It ends by itself, too.
        begin(&sender, seen, 1).await.unwrap();
        switch(&t.ctx, tester, Some(3)).await.unwrap();
        t.later(DAY);
        assert_eq!(program_tried(&pr).await.unwrap(), None);
        assert_eq!(stands(tester).await, (Some(base), None));
        switch(&t.ctx, tester, Some(4)).await.unwrap();
        assert_eq!(stands(tester).await, (Some(base), Some(4)));
    });
}

#[test]
fn a_rule_has_nobody_who_set_off_another_one_of_its_number() {
    both(async |t| {
        let base = create(&t.ctx, &menu(&t.ctx).await).await.unwrap();
        publish(&t.ctx, base, 1).await.unwrap();
        let resident = t.friends(1, 1).await[0];
        let rule = |key: u16, name: &str, word: &str| Rule {
            key,
            name: name.into(),
            when: Trigger::Said(word.into()),
            then: Then::Show(base),
            hours: None,
        };
        let put = async |seen: i64, rules: Vec<Rule>| {
            let wanted = Program { rules, ..Program::new(base) };
            let seen = save_program(&t.ctx, seen, &wanted).await.unwrap();
            publish_program(&t.ctx, seen, &Catalog::default()).await.unwrap();
        };
        let set_off = async || {
            let all = standings(&t.ctx, None).await.unwrap();
            all.get(&resident).and_then(|standing| standing.switched).map(|(rule, _)| rule)
        };
        put(1, vec![rule(1, "避難", "ひなん")]).await;
        switch(&t.ctx, resident, Some(1)).await.unwrap();
        // Under another name and at another place it is still the same rule.
        put(2, vec![rule(2, "子育て", "こども"), rule(1, "避難のことば", "ひなん")]).await;
        assert_eq!(set_off().await, Some(1));
        put(3, vec![rule(1, "職員", "職員")]).await;
        assert_eq!(set_off().await, None);
        // Its number is given away later.
        switch(&t.ctx, resident, Some(1)).await.unwrap();
        put(4, vec![]).await;
        put(5, vec![rule(1, "職員", "職員")]).await;
        assert_eq!(set_off().await, None);
    });
}

#[test]
fn who_declares_an_emergency_at_the_same_time_is_not_refused() {
    both(async |t| {
        let on = |disaster| declare(&t.ctx, disaster, Mode::Real);
        for _ in 0..5 {
            let (a, b, c) =
                tokio::join!(on(Disaster::Storm), on(Disaster::Storm), on(Disaster::Landslide));
            for declared in [a, b, c] {
                declared.unwrap();
            }
            let open = "SELECT COUNT(*) AS n FROM menu_emergency WHERE ended_at IS NULL";
            assert_eq!(t.number(open).await, 1);
            let (a, b) = tokio::join!(end(&t.ctx, Mode::Real), end(&t.ctx, Mode::Real));
            assert!(a.unwrap() ^ b.unwrap(), "one of them ends it");
            assert_eq!(t.number(open).await, 0);
        }
    });
}

#[test]
fn a_drill_that_nobody_would_see_is_refused() {
    both(async |t| {
        let drill = || declare(&t.ctx, Disaster::Storm, Mode::Drill);
        let refused = drill().await;
        assert!(matches!(&refused, Err(Error::Invalid(p)) if p[0].at == "/mode"), "{refused:?}");
        let id = t.friends(0, 1).await[0];
        store::resident::set_tester(&t.ctx, id, Some("試験")).await.unwrap();
        assert_eq!(drill().await.unwrap().mode, Mode::Drill);
    });
}

#[test]
fn pictures_stay_as_long_as_a_menu_or_its_history_has_them() {
    both(async |t| {
        let kept = put_for_menus(&t.ctx, &picture()).await.unwrap();
        let loose = put_for_menus(&t.ctx, &picture()).await.unwrap();
        let mut written = menu(&t.ctx).await;
        written.sheets[0].picture = Picture::Uploaded(Some(kept.id.clone()));
        let id = create(&t.ctx, &written).await.unwrap();
        publish(&t.ctx, id, 1).await.unwrap();
        written.sheets[0].picture = Picture::Composed(Default::default());
        save(&t.ctx, id, 1, &written).await.unwrap();
        publish(&t.ctx, id, 2).await.unwrap();
        t.later(KEPT_UNUSED + 1);
        assert_eq!(sweep(&t.ctx).await.unwrap(), 1);
        assert!(store::blob::picture(&t.ctx, &kept.id).await.unwrap().is_some());
        assert!(store::blob::picture(&t.ctx, &loose.id).await.unwrap().is_none());
    });
}

#[test]
fn forms_that_end_are_flagged_wherever_a_menu_leads_to_them() {
    both(async |t| {
        let pr = t.staff("1", Role::Sender, "広報課").await.1;
        let pets = t.staff("2", Role::Sender, "環境課").await.1;
        let wanted = crate::forms::definition();
        let dogs = form::create(&pets, "犬", &wanted, &Settings::default()).await.unwrap();
        let mut written = menu(&t.ctx).await;
        written.sheets[0].areas[2].act = Act::Form(dogs.to_string());
        let id = create(&pr, &written).await.unwrap();
        let flagged = async || list(&pr, &Filter::default()).await.unwrap().rows[0].broken;
        let why =
            async |form: FormId| existing(&pr).await.unwrap().ended[&form.to_string()].why.clone();

        // What was never published is told to nobody, and nothing leads there.
        assert_eq!(existing(&pr).await.unwrap(), Existing::default());
        assert_eq!(flagged().await, 1);
        let refused = publish(&pr, id, 1).await;
        assert!(
            matches!(&refused, Err(Error::Invalid(p)) if p[0].at == "/sheets/0/areas/2/act"),
            "{refused:?}"
        );
        assert!(matches!(try_out(&pr, id, 1).await, Err(Error::Invalid(_))));

        // Another department's form can be led to as soon as residents can open it.
        form::publish(&pets, dogs, 1).await.unwrap();
        assert_eq!(existing(&pr).await.unwrap().forms[&dogs.to_string()], "犬の登録");
        publish(&pr, id, 1).await.unwrap();
        assert_eq!(flagged().await, 0);

        // It ends later: what residents see is flagged, though the draft was mended already.
        form::close(&pets, dogs).await.unwrap();
        assert!(why(dogs).await.contains("終わって"));
        assert_eq!(flagged().await, 1);
        assert!(matches!(publish(&pr, id, 1).await, Err(Error::Invalid(_))));
        form::archive(&pets, dogs).await.unwrap();
        assert!(why(dogs).await.contains("保管"));
        written.sheets[0].areas[2].act = Act::Say("犬".into());
        save(&pr, id, 1, &written).await.unwrap();
        assert_eq!(flagged().await, 1);
        publish(&pr, id, 2).await.unwrap();
        assert_eq!(flagged().await, 0);
        form::unarchive(&pets, dogs).await.unwrap();
        form::reopen(&pets, dogs).await.unwrap();
        assert!(existing(&pr).await.unwrap().ended.is_empty());

        // A form with a period ends by itself.
        let mut soon = wanted.clone();
        soon.terms.closes = Some(t.ctx.now().plus(DAY));
        let soon = form::create(&pets, "春", &soon, &Settings::default()).await.unwrap();
        form::publish(&pets, soon, 1).await.unwrap();
        assert_eq!(existing(&pr).await.unwrap().forms.len(), 2);
        t.later(DAY);
        assert!(why(soon).await.contains("期間"));
    });
}

#[test]
fn a_menu_is_deleted_only_while_nobody_is_shown_it() {
    both(async |t| {
        let pr = t.staff("1", Role::Editor, "広報課").await.1;
        let sender = t.staff("2", Role::Sender, "広報課").await.1;
        let parks = t.staff("3", Role::Sender, "公園課").await.1;
        let resident = t.friends(1, 1).await[0];
        let written = menu(&t.ctx).await;
        let base = create(&pr, &written).await.unwrap();
        publish(&sender, base, 1).await.unwrap();
        assert_eq!(usage(&pr, base).await.unwrap().named, ["ふだんのメニュー"]);
        let refused = delete(&sender, base).await;
        assert!(matches!(refused, Err(Error::Conflict(words)) if words.contains("ふだん")));

        let other = create(&pr, &Menu { name: "夏".into(), ..written }).await.unwrap();
        publish(&sender, other, 1).await.unwrap();
        let key = Key { menu: other, sheet: SheetKey(1), mode: Mode::Real };
        // A drill has an address of its own.
        let drill = Key { mode: Mode::Drill, ..key };
        let pages = [key, drill].map(|key| (key, 1_u16, "https://city.example/summer".to_owned()));
        let drawn = short(&t.ctx, &pages).await.unwrap();
        assert_eq!(short(&t.ctx, &pages[..1]).await.unwrap()[&pages[0]], drawn[&pages[0]]);
        let [token, drilled] =
            pages.each_ref().map(|page| drawn[page].rsplit('/').next().unwrap().to_owned());
        assert_eq!(target(&t.ctx, &drilled).await.unwrap().unwrap().0, drill);
        let tap = Tapped { key, area: 1, variant: String::new(), day: NOON.date().days() };
        let taps = BTreeMap::from([(tap, 3)]);
        add_taps(&t.ctx, &taps).await.unwrap();
        choose(&t.ctx, resident, Some(other)).await.unwrap();
        tab(&t.ctx, resident, key, NOON).await.unwrap();
        let lost = usage(&pr, other).await.unwrap();
        assert_eq!((lost.published, lost.taps, lost.chosen), (1, 3, 1));
        assert!(lost.named.is_empty() && !lost.tried);

        assert!(matches!(delete(&parks, other).await, Err(Error::Forbidden(_))));
        let refused = delete(&pr, other).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "it was published");
        try_out(&pr, other, 1).await.unwrap();
        assert!(usage(&pr, other).await.unwrap().tried);
        let refused = delete(&sender, other).await;
        assert!(matches!(refused, Err(Error::Conflict(words)) if words.contains("試験者")));
        end_trial(&pr, other).await.unwrap();
        let before = epoch(&t.ctx).await.unwrap();
        delete(&sender, other).await.unwrap();
        assert!(epoch(&t.ctx).await.unwrap() > before, "the worker looks");
        assert!(matches!(get(&pr, other).await, Err(Error::NotFound)));
        assert!(matches!(delete(&sender, other).await, Err(Error::NotFound)));
        let standing = standings(&t.ctx, None).await.unwrap().remove(&resident).unwrap_or_default();
        assert_eq!((standing.choice, standing.tabs.len()), (None, 0));
        assert_eq!(heard(&t.ctx).await.unwrap().last().unwrap().news, News::Unsure);

        // Cards in talks still lead on; what is tapped there counts for nothing.
        let led = target(&t.ctx, &token).await.unwrap().unwrap();
        assert_eq!((led.0, led.2.as_str()), (key, "https://city.example/summer"));
        assert_eq!(target(&t.ctx, &drilled).await.unwrap().unwrap().0, drill);
        add_taps(&t.ctx, &taps).await.unwrap();
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM menu_tap").await, 0);

        // What was never published its author may delete.
        let draft = create(&pr, &menu(&t.ctx).await).await.unwrap();
        delete(&pr, draft).await.unwrap();
        assert_eq!(list(&pr, &Filter::default()).await.unwrap().total, 1);
    });
}
