//! A pack of a form of one's own: what belongs to the city alone becomes a place to fill in.

use super::{
    About, Expect, FORMAT, FORMAT_VERSION, Notices, Pack, Placeholder, Proof, Sample, TESTS_MAX,
    Test, fill,
};
use crate::form::evaluate::{Asked, evaluate};
use crate::form::migrate::owner;
use crate::form::terms::Terms;
use crate::form::{Answers, Form};
use crate::problem::Problem;
use crate::time::Date;
use std::collections::BTreeMap;

/// The test that every form has: what comes of no answers at all.
const NOTHING: &str = "何も書かずに送る";

/// Words of a form that are the city's own, each with the place that stands for it.
pub fn own_words(terms: &Terms, city: &str) -> Vec<(Placeholder, String)> {
    let place = |mark: &str, ask: &str, example: &str, words: &str| {
        let placeholder =
            Placeholder { mark: mark.into(), ask: ask.into(), example: example.into() };
        (placeholder, words.trim().to_owned())
    };
    let mut all = vec![
        place("〔担当課〕", "受け付ける課の名前", "資産税課", &terms.department),
        place("〔電話番号〕", "問い合わせの電話番号", "000-000-0124", &terms.telephone),
        place("〔受付時間〕", "電話に出られる時間", "平日 8:30〜17:15", &terms.hours),
    ];
    for (i, mail) in terms.mails.iter().enumerate() {
        let mark = if i == 0 {
            "〔担当メール〕".into()
        } else {
            format!("〔担当メール{}〕", i + 1)
        };
        let ask = "届いたことを知らせるメールアドレス";
        all.push(place(&mark, ask, "tanto@city.example.jp", mail));
    }
    all.push(place("〔市名〕", "市の名前", "みほん市", city));
    all.retain(|(_, words)| !words.is_empty());
    all
}

impl Pack {
    /// The pack of a form and what its talk says: `own` words become places to fill in, its mails
    /// go. Of what once proved it goes along what still holds; the rest is named in the answer.
    /// What comes of no answers at all is a test in any case.
    ///
    /// # Errors
    /// Where a text becomes too long.
    pub fn of_form(
        (form, notices): (&Form, &Notices),
        proof: &Proof,
        about: About,
        own: &[(Placeholder, String)],
        today: Date,
    ) -> Result<(Self, Vec<String>), Vec<Problem>> {
        let mut words: Vec<(String, String)> = own
            .iter()
            .map(|(place, words)| (words.clone(), place.mark.clone()))
            .filter(|(words, _)| !words.is_empty())
            .collect();
        // The longest first: a city's name may be part of its department's.
        words.sort_by_key(|(words, _)| std::cmp::Reverse(words.chars().count()));
        let mut value = serde_json::to_value(form).unwrap_or_default();
        let mut told = serde_json::to_value(notices).unwrap_or_default();
        for pair in words.into_iter().map(|pair| BTreeMap::from([pair])) {
            fill(&mut value, &pair);
            fill(&mut told, &pair);
        }
        let mut form = super::read_value(&value, "/form")?;
        // When it is open is for each city to say.
        (form.terms.opens, form.terms.closes) = (None, None);
        let mut pack = Self {
            format: FORMAT.into(),
            format_version: FORMAT_VERSION,
            about: About { updated: today.iso(), ..about },
            placeholders: own.iter().map(|(place, _)| place.clone()).collect(),
            form,
            notices: serde_json::from_value(told).unwrap_or_default(),
            samples: Vec::new(),
            tests: Vec::new(),
        };
        let used = pack.used_marks();
        pack.placeholders.retain(|place| used.contains(&place.mark));
        let dropped = pack.take(proof)?;
        let nothing = |test: &Test| test.sample.is_none() && test.answers.is_empty();
        if pack.tests.len() < TESTS_MAX && !pack.tests.iter().any(nothing) {
            let test = pack.nothing(today);
            pack.tests.push(test);
        }
        Ok((pack, dropped))
    }

    /// Takes over what of a proof holds for the form as its reader proves it, with the examples
    /// filled in; answers what does not. Answers to questions that are gone are left out.
    fn take(&mut self, proof: &Proof) -> Result<Vec<String>, Vec<Problem>> {
        let (form, _) = self.filled(&self.examples())?;
        self.samples = proof.samples.clone();
        for sample in &mut self.samples {
            sample.answers.retain(|name, _| owner(&form, name).is_some());
        }
        let (kept, failed): (Vec<&Test>, Vec<&Test>) =
            proof.tests.iter().partition(|test| self.run(&form, test).is_ok());
        self.tests = kept.into_iter().cloned().collect();
        let of = |tests: &[Test], sample: &Sample| {
            tests.iter().any(|test| test.sample.as_ref() == Some(&sample.name))
        };
        // A sample from which tests began goes with the last of them.
        let holds = |sample: &Sample| {
            !sample.answers.is_empty() && (of(&self.tests, sample) || !of(&proof.tests, sample))
        };
        let (kept, empty): (Vec<Sample>, Vec<Sample>) =
            std::mem::take(&mut self.samples).into_iter().partition(holds);
        self.samples = kept;
        let failed = failed.into_iter().filter(|test| test.name != NOTHING);
        let empty = empty.into_iter().map(|sample| format!("見本「{}」", sample.name));
        Ok(failed.map(|test| format!("試し「{}」", test.name)).chain(empty).collect())
    }

    /// What comes of no answers at all, as a test.
    fn nothing(&self, today: Date) -> Test {
        let outcome = evaluate(&self.form, &Answers::new(), Asked { today });
        let problems = outcome.problems.iter().map(|p| p.at.clone()).collect();
        let shown = outcome.pages.iter().flatten().cloned().collect();
        let stop = match outcome.end {
            crate::form::End::Stop { page, .. } => Some(page + 1),
            crate::form::End::Last => None,
        };
        let sent = outcome.submission(&self.form).is_ok();
        Test {
            name: NOTHING.into(),
            today: today.iso(),
            sample: None,
            answers: Answers::new(),
            expect: Expect { sent, problems: Some(problems), shown, stop, ..Expect::default() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::pack::INCLUDED;
    use crate::form::{Ask, Question};

    const TODAY: Date = Date { year: 2026, month: 11, day: 20 };

    #[test]
    fn a_form_that_was_filled_in_becomes_a_pack_again() {
        for (name, text) in INCLUDED {
            let first = Pack::read(text.as_bytes()).unwrap();
            let examples: BTreeMap<String, String> =
                first.placeholders.iter().map(|p| (p.mark.clone(), p.example.clone())).collect();
            let (form, notices) = first.filled(&examples).unwrap();
            let own = own_words(&form.terms, "みほん市");
            let (about, proof) = (first.about.clone(), first.clone().into_proof());
            let (pack, dropped) =
                Pack::of_form((&form, &notices), &proof, about, &own, TODAY).unwrap();
            assert_eq!(dropped, [""; 0], "{name}");
            assert_eq!(pack.samples, first.samples, "{name}");
            assert!(first.tests.iter().all(|test| pack.tests.contains(test)), "{name}");
            let again = Pack::read(pack.write().as_bytes()).unwrap();
            assert_eq!(again, pack);
            assert_eq!(pack.verify(), [], "{name}");
            assert_eq!(pack.notices, first.notices, "{name}");
            assert!(!pack.write().contains("みほん市の"), "{name}");
            let marks = pack.used_marks();
            assert!(marks.contains("〔担当課〕") && marks.contains("〔電話番号〕"), "{name}");
        }
    }

    /// A pack that comes with the product, its places filled in, with what is changed in its form.
    fn changed(name: &str, change: impl FnOnce(&mut Form)) -> (Pack, Vec<String>) {
        let (_, text) = INCLUDED.iter().find(|(n, _)| *n == name).unwrap();
        let first = Pack::read(text.as_bytes()).unwrap();
        let (mut form, notices) = first.filled(&first.examples()).unwrap();
        change(&mut form);
        let (about, proof) = (first.about.clone(), first.into_proof());
        Pack::of_form((&form, &notices), &proof, about, &[], TODAY).unwrap()
    }

    #[test]
    fn what_no_longer_holds_stays_behind() {
        let more = Question {
            required: true,
            ..Question::new("more", "もう1つの質問", Ask::Text { max: 10 })
        };
        let (pack, dropped) = changed("inu-toroku.json", |form| form.pages[0].questions.push(more));
        assert!(dropped.contains(&"試し「注射ずみの1頭は3,550円」".to_owned()), "{dropped:?}");
        assert!(pack.tests.iter().all(|test| !test.expect.sent), "nobody has answered the new one");
        assert!(pack.tests.iter().any(|test| test.name == NOTHING));
        assert_eq!(pack.verify(), []);
        // Taken over and handed on once more, it proves the same.
        let (form, proof) = (pack.form.clone(), pack.clone().into_proof());
        let told = (&form, &pack.notices);
        let again = Pack::of_form(told, &proof, pack.about.clone(), &[], TODAY).unwrap();
        assert_eq!(again, (pack, Vec::new()));
    }

    #[test]
    fn a_sample_forgets_questions_that_are_gone() {
        let gone = |q: &Question| matches!(q.key.as_str(), "opinions" | "number");
        let (pack, dropped) = changed("iken-boshu.json", |form| {
            form.pages.iter_mut().for_each(|page| page.questions.retain(|q| !gone(q)));
        });
        assert!(!dropped.is_empty());
        let mut names = pack.samples.iter().flat_map(|sample| sample.answers.keys());
        assert!(names.all(|name| !name.starts_with("opinions.")), "{:?}", pack.samples);
    }
}
