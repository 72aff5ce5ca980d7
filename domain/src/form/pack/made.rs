//! A pack of a form of one's own: what belongs to the city alone becomes a place to fill in.

use super::{About, Expect, FORMAT, FORMAT_VERSION, Notices, Pack, Placeholder, Test, fill};
use crate::form::evaluate::{Asked, evaluate};
use crate::form::terms::Terms;
use crate::form::{Answers, Form};
use crate::time::Date;
use std::collections::BTreeMap;

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
    /// The pack of a form: `own` words become places to fill in, its mails go, and what comes of
    /// no answers at all is its first test.
    ///
    /// # Errors
    /// Where a text becomes too long.
    pub fn of_form(
        form: &Form,
        about: About,
        own: &[(Placeholder, String)],
        today: Date,
    ) -> Result<Self, Vec<crate::problem::Problem>> {
        let mut words: Vec<(String, String)> = own
            .iter()
            .map(|(place, words)| (words.clone(), place.mark.clone()))
            .filter(|(words, _)| !words.is_empty())
            .collect();
        // The longest first: a city's name may be part of its department's.
        words.sort_by_key(|(words, _)| std::cmp::Reverse(words.chars().count()));
        let mut value = serde_json::to_value(form).unwrap_or_default();
        for pair in words {
            fill(&mut value, &BTreeMap::from([pair]));
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
            notices: Notices {
                received: "申請を受け付けました。受付番号は {受付番号} です。".into(),
                correct: "受付番号 {受付番号} に、直していただきたいところがあります。".into(),
                done: "受付番号 {受付番号} の手続きが終わりました。".into(),
            },
            samples: Vec::new(),
            tests: Vec::new(),
        };
        let used = pack.used_marks();
        pack.placeholders.retain(|place| used.contains(&place.mark));
        let outcome = evaluate(&pack.form, &Answers::new(), Asked { today });
        let problems = outcome.problems.iter().map(|p| p.at.clone()).collect();
        let shown = outcome.pages.iter().flatten().cloned().collect();
        let stop = match outcome.end {
            crate::form::End::Stop { page, .. } => Some(page + 1),
            crate::form::End::Last => None,
        };
        let sent = outcome.submission(&pack.form).is_ok();
        pack.tests.push(Test {
            name: "何も書かずに送る".into(),
            today: today.iso(),
            sample: None,
            answers: Answers::new(),
            expect: Expect { sent, problems: Some(problems), shown, stop, ..Expect::default() },
        });
        Ok(pack)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::pack::INCLUDED;

    const TODAY: Date = Date { year: 2026, month: 11, day: 20 };

    #[test]
    fn a_form_that_was_filled_in_becomes_a_pack_again() {
        for (name, text) in INCLUDED {
            let first = Pack::read(text.as_bytes()).unwrap();
            let examples: BTreeMap<String, String> =
                first.placeholders.iter().map(|p| (p.mark.clone(), p.example.clone())).collect();
            let (form, _) = first.filled(&examples).unwrap();
            let own = own_words(&form.terms, "みほん市");
            let pack = Pack::of_form(&form, first.about.clone(), &own, TODAY).unwrap();
            let again = Pack::read(pack.write().as_bytes()).unwrap();
            assert_eq!(again, pack);
            assert_eq!(pack.verify(), [], "{name}");
            assert!(!pack.write().contains("みほん市の"), "{name}");
            let marks = pack.used_marks();
            assert!(marks.contains("〔担当課〕") && marks.contains("〔電話番号〕"), "{name}");
        }
    }
}
