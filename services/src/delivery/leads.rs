//! Whether the pages to which a delivery leads are there (リンクがひらけるか), as they answer while
//! it is written.

use crate::link::Answer;
use crate::{Error, Platform, Result};
use domain::delivery::{Check, Delivery, Draft, Purpose, variant};
use domain::link::{self, Way};
use domain::message::Part;
use domain::problem::Problem;
use std::collections::BTreeMap;

/// Adds to a check what is known of the pages; those of which it is not are asked first where
/// `look` says so. A page that is not there bars, but no emergency.
pub(super) async fn check(platform: &Platform, draft: &Draft, look: bool, check: &mut Check) {
    let Draft { parts, variants, purpose, .. } = draft;
    let whole = variant::whole(parts, variants);
    // Our own pages and LINE's are known; of an address that runs on nobody knows its end.
    let mut links = BTreeMap::new();
    for found in link::found(&whole, platform.store.own(), &[]) {
        if !matches!(found.way, Way::Own | Way::RunsOn) {
            links.entry(found.uri).or_insert(found.part);
        }
    }
    if look {
        platform.pages.look(links.keys().cloned().collect()).await;
    }
    let mut open = 0;
    for (uri, part) in links {
        match platform.pages.known(&uri) {
            Some(Answer::Opens) => open += 1,
            Some(Answer::Gone(status)) => {
                let (code, broken) = (status.as_u16(), status.is_server_error());
                let words = if broken {
                    format!(
                        "リンク先（{uri}）が、いまひらけません（{code}）。ページを直すか、リンクを消してください"
                    )
                } else {
                    format!(
                        "リンク先（{uri}）のページがありません（{code}）。アドレスを確かめてください"
                    )
                };
                if *purpose == Purpose::Emergency {
                    check.warnings.push(words);
                } else {
                    let field = match whole.get(part) {
                        Some(Part::Text { .. }) => "/text",
                        _ => "",
                    };
                    let problem = Problem::new(format!("/parts/{part}{field}"), words);
                    check.problems.push(variant::located(problem, parts, variants));
                }
            }
            Some(Answer::Silent(_) | Answer::Unasked) => {
                check
                    .unsure
                    .push(format!("リンク先（{uri}）がひらけるかは、確かめられませんでした"));
            }
            None => {}
        }
    }
    if open > 0 {
        check.passed.push(format!("リンク {open}件がひらけました"));
    }
}

/// Refuses a delivery that leads to a page which is not there; an emergency does not wait for it.
pub(super) async fn refuse(platform: &Platform, delivery: &Delivery) -> Result<()> {
    if delivery.purpose == Purpose::Emergency {
        return Ok(());
    }
    let mut found = Check::default();
    check(platform, &Draft::from(delivery), true, &mut found).await;
    match found.problems.is_empty() {
        true => Ok(()),
        false => Err(Error::Invalid(found.problems)),
    }
}
