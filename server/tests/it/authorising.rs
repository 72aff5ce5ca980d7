//! Who is let in where: every endpoint and file link of forms and answers, as nobody, as
//! another resident, as another department, with a token that lacks the permission.

use crate::city::{Answer, Ask, City, DRAFT, MEMO, NAME, PAPER, VIEW, WORDS, Who};
use crate::doors::{registered, routes, wanted};
use crate::endpoints::{Area, Now, Row, table};
use crate::support::both;
use domain::form::migrate::Draft;
use std::collections::BTreeSet;

const ALL: [&str; 5] = [NAME, MEMO, WORDS, DRAFT, PAPER];

impl City {
    /// Who asks at the doors of an area, the one who may last.
    fn people(&self, area: Area) -> [Who; 5] {
        let made_up = Who::Cookie(format!("kairan_answer={}", "ab".repeat(32)));
        let unknown = Who::Token(format!("kairan_{}", "ab".repeat(24)));
        let (own, owner) = (self.own.clone(), self.owner.clone());
        match area {
            Area::Console => [
                Who::Nobody,
                self.resident_as_staff.clone(),
                self.other.clone(),
                self.viewer.clone(),
                own,
            ],
            Area::Rest => [Who::Nobody, own, unknown, self.poor.clone(), self.token.clone()],
            Area::Liff => {
                [Who::Nobody, self.stranger.clone(), made_up, self.staff_as_resident.clone(), owner]
            }
        }
    }

    async fn now(&self) -> Now {
        // Who may has deleted the form by and by.
        let edition = async |id| store::form::get(&self.t.ctx, id).await.map_or(0, |f| f.edition);
        let sql = format!("SELECT edition AS n FROM answer WHERE id = {}", self.answer);
        Now {
            form: self.form.0,
            blank: self.blank.0,
            answer: self.answer.0,
            photo: self.photo.clone(),
            paper: self.paper.clone(),
            made: self.made.0,
            view: self.view.0,
            list: self.t.number("SELECT COALESCE(MAX(id), 0) AS n FROM eligibility").await,
            blank_edition: edition(self.blank).await,
            answer_edition: self.t.number(&sql).await,
        }
    }

    /// Everything that must be as it was after those who may not have tried.
    async fn state(&self) -> (Vec<i64>, Option<Draft>) {
        let (forms, answer) = (format!("({}, {})", self.form, self.blank), self.answer);
        let resident = self.resident;
        let mut all = Vec::new();
        for sql in [
            format!("SELECT COUNT(*) AS n FROM form_version WHERE form_id IN {forms}"),
            format!(
                "SELECT COUNT(*) AS n FROM form WHERE id IN {forms} AND edition = 1 AND state IN ('draft', 'published') AND tried_at IS NULL AND asked_at IS NULL"
            ),
            format!("SELECT edition AS n FROM answer WHERE id = {answer}"),
            format!(
                "SELECT COUNT(*) AS n FROM answer WHERE id = {answer} AND read_at IS NULL AND withdrawn_at IS NULL AND corrected_at IS NULL"
            ),
            format!("SELECT COUNT(*) AS n FROM answer WHERE resident_id = {resident}"),
            // Whoever is not known has answered nothing: the form is for residents.
            format!(
                "SELECT COUNT(*) AS n FROM answer WHERE form_id IN {forms} AND resident_id IS NULL"
            ),
            format!(
                "SELECT COUNT(*) AS n FROM answer_draft WHERE form_id IN {forms} AND resident_id IS NULL"
            ),
            format!("SELECT COUNT(*) AS n FROM answer_history WHERE answer_id = {answer}"),
            "SELECT COUNT(*) AS n FROM answer_export WHERE state = 'ready'".into(),
            format!("SELECT COUNT(*) AS n FROM answer_view WHERE name = '{VIEW}'"),
            "SELECT COUNT(*) AS n FROM eligibility".into(),
            "SELECT COUNT(*) AS n FROM delivery".into(),
            format!("SELECT COUNT(*) AS n FROM answer_file WHERE resident_id = {resident}"),
        ] {
            all.push(self.t.number(&sql).await);
        }
        let ctx = self.platform.context(domain::permission::Actor::Resident(resident));
        let draft = services::answer::draft(&ctx, &self.holder, self.form).await.unwrap();
        (all, draft.map(|(kept, _)| kept.draft))
    }
}

/// The words that somebody must not find in any answer.
fn hidden(row: &Row, which: usize) -> Vec<&'static str> {
    match (row.area, which) {
        // They see forms, and nothing that was answered.
        (Area::Console, 3) => vec![MEMO, WORDS, DRAFT, PAPER],
        // What is not sent yet is its writer's alone.
        (Area::Console | Area::Rest, 4) => vec![DRAFT],
        (Area::Liff, 4) => vec![NAME, MEMO],
        _ => ALL.to_vec(),
    }
}

fn check(row: &Row, which: usize, answer: &Answer, wrong: &mut Vec<String>) {
    let status = answer.status.as_u16();
    let to_sign_in = answer.location.contains("/console/signin");
    let as_expected = match row.expected[which] {
        200 => status < 400 && !to_sign_in,
        303 => status == 303 && to_sign_in,
        other => status == other,
    };
    let at = format!("{} ({:?}, person {which})", row.at, row.area);
    if !as_expected {
        let body = String::from_utf8_lossy(&answer.body);
        let body: String = body.chars().take(200).collect();
        wrong.push(format!("{at}: {status}, not {}: {body}", row.expected[which]));
    }
    for words in hidden(row, which).into_iter().filter(|words| answer.has(words)) {
        wrong.push(format!("{at} tells 「{words}」"));
    }
    if which == 4 && !row.shows.is_empty() && !answer.has(row.shows) {
        wrong.push(format!("{at} does not show 「{}」 to whom it belongs", row.shows));
    }
}

#[test]
fn every_endpoint_of_forms_and_answers_knows_whom_it_serves() {
    both(async |t| {
        let city = City::new(&t).await;
        let rows = table();
        let named: BTreeSet<String> = rows.iter().map(|row| row.at.clone()).collect();
        assert_eq!(wanted(&city), named, "endpoints without a row, or rows without an endpoint");

        let mut wrong = Vec::new();
        let before = city.state().await;
        assert!(before.1.is_some());
        let now = city.now().await;
        for row in &rows {
            let people = city.people(row.area);
            for (which, who) in people.iter().enumerate().take(4) {
                check(row, which, &city.ask(who, (row.ask)(&now)).await, &mut wrong);
            }
        }
        let after = city.state().await;
        if before != after {
            wrong.push(format!("somebody changed what is not theirs: {before:?} {after:?}"));
        }
        for row in &rows {
            let ask = (row.ask)(&city.now().await);
            check(row, 4, &city.ask(&city.people(row.area)[4], ask).await, &mut wrong);
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

#[test]
fn nobody_comes_in_anywhere() {
    both(async |t| {
        let city = City::new(&t).await;
        // Who signs in, or out, need not be known.
        let open = ["sign_in", "sign_out"];
        let functions = registered();
        assert!(functions.len() > 50, "the functions are registered");
        let mut wrong = Vec::new();
        for (name, path) in functions.iter().filter(|(_, path)| path.starts_with("/console/")) {
            for ask in [Ask::get(path), Ask::form(path, &[("id", "1")])] {
                let answer = city.ask(&Who::Nobody, ask).await;
                if !open.contains(&name.as_str()) && answer.status != 401 {
                    wrong.push(format!("{path}: {}", answer.status));
                }
            }
        }
        for (method, path) in routes(&city.routes()) {
            let api = path.starts_with("/api/v1");
            if !api && !path.starts_with("/console") {
                continue;
            }
            let path = path.replace("{*function}", "x").replace("{*page}", "settings");
            let path =
                ["{id}", "{answer}", "{blob}"].iter().fold(path, |p, mark| p.replace(mark, "1"));
            let read = method == "GET" || method == "ANY";
            let ask = if read { Ask::get(&path) } else { Ask::form(&path, &[]) };
            let answer = city.ask(&Who::Nobody, ask).await;
            let refused = if api {
                answer.status == 401
            } else {
                matches!(answer.status.as_u16(), 401 | 303)
            };
            let described = path == "/api/v1/openapi.json" && answer.status == 200;
            if !refused && !described && method != "DELETE" {
                wrong.push(format!("{method} {path}: {}", answer.status));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}
