//! Templates: kept, used, renamed and deleted by whom they belong to; their pictures stay.

use crate::blobs::picture;
use crate::support::both;
use domain::audience::Audience;
use domain::delivery::{Draft, Purpose};
use domain::message::{Card, Part};
use domain::permission::Role;
use store::Error;
use store::blob::{KEPT_UNUSED, put, sweep};
use store::delivery::get;
use store::delivery::template::{begin, create, delete, list, rename};

fn draft(parts: Vec<Part>) -> Draft {
    Draft {
        title: "断水".into(),
        purpose: Purpose::Drill,
        audience: Some(Audience::Everyone),
        parts,
        ..Draft::default()
    }
}

#[test]
fn a_template_is_used_by_all_and_changed_by_its_department() {
    both(async |t| {
        let water = t.staff("1", Role::Editor, "水道課").await.1;
        let parks = t.staff("2", Role::Editor, "公園課").await.1;
        let viewer = t.staff("3", Role::Viewer, "水道課").await.1;
        let text = vec![Part::Text { text: "断水します".into() }];
        let id = create(&water, " 断水のひな形 ", &draft(text.clone())).await.unwrap();
        create(&parks, "開園", &Draft::default()).await.unwrap();

        let all = list(&parks, "", 0, 10).await.unwrap();
        assert_eq!((all.total, all.may_use), (2, true));
        let found = list(&parks, "断水", 0, 10).await.unwrap().rows.remove(0);
        assert_eq!((found.name.as_str(), found.department.as_str()), ("断水のひな形", "水道課"));
        assert!(!found.may_write && list(&water, "断水", 0, 1).await.unwrap().rows[0].may_write);
        assert!(!list(&viewer, "", 0, 10).await.unwrap().may_use);

        // Whoever begins with it has a draft of their own.
        let begun = get(&t.ctx, begin(&parks, id).await.unwrap()).await.unwrap();
        assert_eq!((begun.title.as_str(), begun.purpose), ("断水のひな形", Purpose::Drill));
        assert_eq!((begun.parts, begun.audience), (text, Some(Audience::Everyone)));
        assert_eq!(begun.department_name, "公園課");
        assert!(matches!(begin(&viewer, id).await, Err(Error::Forbidden(_))));

        assert!(matches!(rename(&parks, id, "x").await, Err(Error::Forbidden(_))));
        assert!(matches!(delete(&parks, id).await, Err(Error::Forbidden(_))));
        assert!(
            matches!(rename(&water, id, " ").await, Err(Error::Invalid(p)) if p[0].at == "/name")
        );
        assert!(matches!(create(&water, "", &Draft::default()).await, Err(Error::Invalid(_))));
        rename(&water, id, "工事の断水").await.unwrap();
        assert_eq!(list(&water, "工事", 0, 10).await.unwrap().total, 1);
        delete(&water, id).await.unwrap();
        assert_eq!(list(&water, "", 0, 10).await.unwrap().total, 1);
        assert!(matches!(begin(&water, id).await, Err(Error::NotFound)));
        assert!(matches!(delete(&water, id).await, Err(Error::NotFound)));
    });
}

#[test]
fn pictures_stay_as_long_as_their_template() {
    both(async |t| {
        let (one, two) =
            (put(&t.ctx, &picture()).await.unwrap().id, put(&t.ctx, &picture()).await.unwrap().id);
        let card = |id| Card { image: Some(id), title: "公園".into(), ..Card::default() };
        let cards =
            Part::Cards { cards: vec![card(one.clone()), card(two.clone())], alt: String::new() };
        let id = create(&t.ctx, "公園", &draft(vec![cards])).await.unwrap();
        t.later(KEPT_UNUSED + 1);
        assert_eq!(sweep(&t.ctx).await.unwrap(), 0);
        assert!(store::blob::picture(&t.ctx, &two).await.unwrap().is_some());
        // A draft that began with it counts as a use.
        begin(&t.ctx, id).await.unwrap();
        delete(&t.ctx, id).await.unwrap();
        assert_eq!(sweep(&t.ctx).await.unwrap(), 0);
        t.sql("DELETE FROM delivery").await;
        t.later(KEPT_UNUSED + 1);
        assert_eq!(sweep(&t.ctx).await.unwrap(), 2);
        assert!(store::blob::picture(&t.ctx, &one).await.unwrap().is_none());
    });
}
