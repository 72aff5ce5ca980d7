//! What must be mended before a course can be put in force, in words.

use super::{Anchor, Content, Step, Unit};
use crate::attribute::{Catalog, Kind};
use crate::delivery::Purpose;
use crate::link::{Own, outlook};
use crate::message::{check, variable};
use crate::problem::Problem;

/// Longest name, in characters.
pub const NAME_MAX: usize = 60;
/// Most steps of a course: one every day for more than a year.
pub const STEPS_MAX: usize = 400;

/// Most of each unit: 20 years.
pub const N_MAX: &[(Unit, i32)] =
    &[(Unit::Days, 7_300), (Unit::Weeks, 1_040), (Unit::Months, 240), (Unit::Years, 20)];

/// What is wrong with a name.
pub fn name_problem(name: &str) -> Option<Problem> {
    let chars = name.trim().chars().count();
    if chars == 0 {
        return Some(Problem::new("/name", "名前が空です。職員が見分けられる名前をつけてください"));
    }
    (chars > NAME_MAX || name.chars().any(char::is_control)).then(|| {
        Problem::new("/name", format!("名前は{NAME_MAX}文字までにしてください（いま{chars}文字）"))
    })
}

impl Step {
    /// What is wrong with when it is sent, at `/offset` and `/time`.
    pub fn time_problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let most = N_MAX.iter().find(|(u, _)| *u == self.offset.unit).map_or(0, |(_, n)| *n);
        if self.offset.n.abs() > most {
            let unit = self.offset.unit.label();
            problems.push(Problem::new(
                "/offset",
                format!("前後{most}{unit}までにしてください（20年）"),
            ));
        }
        if self.hour > 23 || self.minute > 59 {
            problems.push(Problem::new(
                "/time",
                "時刻が決まっていません。「9:00」のように入れてください",
            ));
        }
        problems
    }
}

impl Content {
    /// What must be mended, at `/anchor`, `/audience/…`, `/steps`, `/steps/KEY/…`.
    pub fn problems(&self, catalog: &Catalog, own: &Own) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut say = |at: &str, words: String| problems.push(Problem::new(at, words));
        match &self.anchor {
            Anchor::Date(key) if key.is_empty() => {
                say(
                    "/anchor",
                    "もとにする日が決まっていません。どの日から数えるかを選んでください".into(),
                );
            }
            Anchor::Date(key) => match catalog.get(key) {
                None => {
                    say("/anchor", "もとにする登録項目が消されています。選び直してください".into())
                }
                Some(a) if a.kind != Kind::Date => {
                    say(
                        "/anchor",
                        format!("「{}」は日付の項目ではありません。選び直してください", a.label),
                    );
                }
                Some(_) => {}
            },
            Anchor::Registered | Anchor::Friend => {}
        }
        if self.steps.is_empty() {
            say("/steps", "ステップがまだありません。1つ以上足してください".into());
        }
        if self.steps.len() > STEPS_MAX {
            say("/steps", format!("ステップは{STEPS_MAX}までにしてください"));
        }
        if let Some(audience) = &self.audience
            && let Err(found) = audience.resolve(catalog, "/audience")
        {
            problems.extend(found);
        }
        for step in &self.steps {
            let at = format!("/steps/{}", step.key);
            let arriving = outlook(&step.parts, own, &step.uncounted);
            let mut found = step.time_problems();
            found.extend(check(&arriving, Purpose::Notice));
            found.extend(variable::problems(&step.parts, catalog, Purpose::Notice));
            problems.extend(found.into_iter().map(|p| {
                Problem::new(format!("{at}{}", p.at), format!("「{}」：{}", step.when(), p.message))
            }));
        }
        problems
    }
}
