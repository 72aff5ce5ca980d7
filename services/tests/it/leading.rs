//! リンクがひらけるか: the pages to which a delivery leads, while it is written and when it leaves.

use crate::line::{Line, person};
use crate::menu_pages::{Site, everywhere};
use crate::support::{Test, both};
use domain::audience::Audience;
use domain::delivery::{Check, Draft, Purpose, Status, Variant};
use domain::language::Language;
use domain::message::Part;
use domain::permission::Role;
use domain::problem::Problem;
use services::delivery::gate::beside;
use services::delivery::{check_with_pages, draft, release, send};
use services::link::{Answer, Pages};
use services::{Context, Error};
use std::collections::BTreeSet;
use std::sync::Arc;

fn text(site: &Site, paths: &[&str]) -> Vec<Part> {
    let links: Vec<String> = paths.iter().map(|path| site.page(path)).collect();
    vec![Part::Text { text: links.join("\n") }]
}

fn leading(site: &Site, purpose: Purpose, paths: &[&str]) -> Draft {
    Draft {
        title: "断水".into(),
        purpose,
        audience: Some(Audience::Everyone),
        parts: text(site, paths),
        ..Draft::default()
    }
}

/// What is not known of pages; LINE's quota is not read here either.
fn unsure(check: &Check) -> Vec<&str> {
    check.unsure.iter().map(String::as_str).filter(|words| words.starts_with("リンク先")).collect()
}

/// A city with three friends, somebody who sends, and a site whose pages are looked at.
async fn city(t: &Test) -> (Site, Line, Context) {
    let mut line = Line::start(t).await;
    Arc::get_mut(&mut line.platform).unwrap().pages = Pages::with(everywhere());
    line.friends(3).await;
    let sender = person(&line.platform, "1", "見本 花子", Role::Sender, "水道課").await;
    (Site::start().await, line, sender)
}

#[test]
fn a_page_that_is_not_there_bars_but_no_emergency() {
    both(async |t| {
        let (site, line, sender) = city(&t).await;
        for asked in ["HEAD /gone", "GET /gone"] {
            site.answers(asked, 404);
        }
        for asked in ["HEAD /broken", "GET /broken"] {
            site.answers(asked, 503);
        }
        let looked = async |draft: &Draft, look: bool| {
            check_with_pages(&line.platform, &sender, draft, look).await.unwrap()
        };

        let notice = leading(&site, Purpose::Notice, &["/ok", "/gone"]);
        let seen = looked(&notice, false).await;
        assert_eq!(unsure(&seen), [""; 0]);
        assert_eq!(seen.problems, []);
        assert_eq!(site.asked(), [""; 0], "while somebody writes nobody is asked");
        let seen = looked(&notice, true).await;
        let words = format!(
            "リンク先（{}）のページがありません（404）。アドレスを確かめてください",
            site.page("/gone")
        );
        assert_eq!(seen.problems, [Problem::new("/parts/0/text", words.clone())]);
        assert!(seen.passed.contains(&"リンク 1件がひらけました".to_owned()), "{:?}", seen.passed);
        assert_eq!(site.asked().len(), 3);
        for look in [false, true] {
            assert_eq!(looked(&notice, look).await.problems.len(), 1);
        }
        assert_eq!(site.asked(), [""; 0], "what is known is not asked again");

        let id = draft(&sender, notice).await.unwrap();
        let seen = line.get(id).await.updated_at;
        let refused = send(&line.platform, &sender, id, seen, 3).await;
        assert!(
            matches!(&refused, Err(Error::Invalid(all)) if all[0].message == words),
            "{refused:?}"
        );
        assert_eq!(line.get(id).await.status, Status::Draft);

        let mut english = leading(&site, Purpose::Drill, &["/ok"]);
        let other = Variant::copied(Language::English, &english.parts);
        english.variants = vec![Variant { parts: text(&site, &["/broken"]), ..other }];
        let seen = looked(&english, true).await;
        let places: Vec<&str> = seen.problems.iter().map(|p| p.at.as_str()).collect();
        assert_eq!(places, [format!("/variants/{}/0/text", Language::English.name())]);

        let urgent = leading(&site, Purpose::Emergency, &["/gone"]);
        let seen = looked(&urgent, true).await;
        assert_eq!(seen.problems, []);
        assert!(seen.warnings.contains(&words), "{:?}", seen.warnings);
        let id = draft(&sender, urgent).await.unwrap();
        send(&line.platform, &sender, id, line.get(id).await.updated_at, 3).await.unwrap();
        assert_eq!(line.get(id).await.status, Status::Scheduled);
        line.end().await;
    });
}

#[test]
fn what_is_held_shows_which_page_keeps_it() {
    both(async |t| {
        let (site, line, sender) = city(&t).await;
        for asked in ["HEAD /broken", "GET /broken"] {
            site.answers(asked, 503);
        }
        let notice = leading(&site, Purpose::Notice, &["/broken"]);
        let id = draft(&sender, notice).await.unwrap();
        t.sql(&format!("UPDATE delivery SET status = 'held' WHERE id = {id}")).await;
        let told = async || {
            let held = line.get(id).await;
            let check = beside(&line.platform, &sender, &held).await.unwrap().check;
            assert_eq!(check.problems, [], "it may be mended by now: only a press asks it anew");
            let warnings = check.warnings.into_iter();
            warnings.filter(|words| words.starts_with("リンク先")).collect::<Vec<String>>()
        };
        assert_eq!(told().await, [""; 0]);
        let Err(Error::Invalid(refused)) = release(&line.platform, &sender, id, 3).await else {
            panic!("it leads nowhere")
        };
        assert!(refused[0].message.contains("503"), "{refused:?}");
        let refused: Vec<String> = refused.into_iter().map(|page| page.message).collect();
        assert_eq!(told().await, refused);
        line.end().await;
    });
}

#[test]
fn a_page_that_cannot_be_asked_is_unsure_and_goes() {
    both(async |t| {
        let site = Site::start().await;
        let line = Line::start(&t).await;
        line.friends(3).await;
        let sender = person(&line.platform, "1", "見本 花子", Role::Sender, "水道課").await;
        let notice = leading(&site, Purpose::Notice, &["/"]);
        let seen = check_with_pages(&line.platform, &sender, &notice, true).await.unwrap();
        assert_eq!(seen.problems, []);
        assert_eq!(
            unsure(&seen),
            [format!("リンク先（{}）がひらけるかは、確かめられませんでした", site.page("/"))]
        );
        assert_eq!(site.asked(), [""; 0], "the own network is not asked");
        let id = draft(&sender, notice).await.unwrap();
        send(&line.platform, &sender, id, line.get(id).await.updated_at, 3).await.unwrap();

        let pages = Pages::with(everywhere());
        let nobody = "http://127.0.0.1:1/".to_owned();
        pages.look(BTreeSet::from([nobody.clone()])).await;
        assert!(matches!(pages.known(&nobody), Some(Answer::Silent(_))));
        line.end().await;
    });
}
