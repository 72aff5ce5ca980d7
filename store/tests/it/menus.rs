//! Rich menus: written, published, tried out and put away; the program.

use crate::blobs::picture;
use crate::support::both;
use domain::attribute::Catalog;
use domain::audience::Audience;
use domain::menu::program::{Period, Variant};
use domain::menu::{Act, Area, Filter, Menu, Order, Picture, Program, Status};
use domain::permission::Role;
use store::blob::{KEPT_UNUSED, put_for_menus, sweep};
use store::menu::{
    InForce, archive, copy, create, end_trial, epoch, get, in_force, list, program, publish,
    publish_program, rename, save, save_program, try_out, unarchive, version, versions,
};
use store::{Context, Error};

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
        assert_eq!(save_program(&t.ctx, 1, &Program::new(base)).await.unwrap(), 2);
        assert!(matches!(archive(&t.ctx, other).await, Err(Error::Conflict(_))));
        publish_program(&t.ctx, 2, &none).await.unwrap();
        archive(&t.ctx, other).await.unwrap();
        assert!(!in_force(&t.ctx).await.unwrap().menus.contains_key(&other));
        assert!(save(&t.ctx, other, 1, &get(&t.ctx, other).await.unwrap().draft).await.is_err());
        unarchive(&t.ctx, other).await.unwrap();
        assert_eq!(get(&t.ctx, other).await.unwrap().summary.status, Status::Published);
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
