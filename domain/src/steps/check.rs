//! What must be mended before a course can be put in force, in words.

use super::{Anchor, Content, Step, Unit};
use crate::attribute::{Catalog, Kind};
use crate::delivery::Purpose;
use crate::delivery::variant;
use crate::language::{Language, Voice};
use crate::link::{Own, outlook};
use crate::message::{Part, check, variable};
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

    /// What is wrong with what it says, in every language, at `/parts/…` and `/variants/…`.
    fn content_problems(&self, catalog: &Catalog, own: &Own) -> Vec<Problem> {
        let wrong = |parts: &[Part], language: Language| {
            let voice = Voice { purpose: Purpose::Notice, language };
            let mut found = check(&outlook(parts, own, &self.uncounted), voice);
            found.extend(variable::problems(parts, catalog, voice));
            found
        };
        let mut all = wrong(&self.parts, Language::Japanese);
        for v in &self.variants {
            all.extend(wrong(&v.parts, v.language).into_iter().map(|p| v.located(p)));
        }
        all.extend(variant::problems(&self.variants));
        all
    }
}

impl Content {
    /// What staff should know of the languages before it is put in force.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        for step in &self.steps {
            let of_step = variant::warnings(&step.parts, &step.variants);
            warnings.extend(of_step.into_iter().map(|w| format!("「{}」：{w}", step.when())));
        }
        for language in self.languages() {
            let without = |s: &&Step| !s.languages().contains(&language);
            let n = self.steps.iter().filter(without).count();
            if n > 0 {
                let name = language.japanese();
                warnings.push(format!(
                    "{name}で書いていないステップが{n}件あります。{name}で読む人にも、そのステップはほかのことばで届きます"
                ));
            }
        }
        warnings
    }

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
            let mut found = step.time_problems();
            found.extend(step.content_problems(catalog, own));
            problems.extend(found.into_iter().map(|p| {
                Problem::new(format!("{at}{}", p.at), format!("「{}」：{}", step.when(), p.message))
            }));
        }
        problems
    }
}
