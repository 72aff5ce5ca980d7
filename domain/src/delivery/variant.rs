//! Variants (ことば別): what of a delivery is said in other languages than its base (SEG-4).

use crate::language::{Language, Voice, Wish};
use crate::message::{Part, parse_parts};
use crate::problem::Problem;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// What those get who read a language: parts of its own, independent of the base's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    /// Which; never 日本語, which is the base.
    pub language: Language,
    /// What.
    pub parts: Vec<Part>,
    /// The [`fingerprint`] of the base after which it was written or looked through.
    #[serde(default)]
    pub seen: String,
}

impl Variant {
    /// A variant that begins as a copy of the base.
    pub fn copied(language: Language, base: &[Part]) -> Self {
        Self { language, parts: base.to_vec(), seen: fingerprint(base) }
    }

    /// Whether the base was changed since.
    pub fn outdated(&self, base: &[Part]) -> bool {
        self.seen != fingerprint(base)
    }

    /// A problem of these parts at its place in the delivery, with the language named.
    pub fn located(&self, problem: Problem) -> Problem {
        let rest = problem.at.strip_prefix("/parts").unwrap_or(&problem.at);
        Problem::new(
            format!("{}{rest}", root(self.language)),
            format!("{}：{}", self.language.japanese(), problem.message),
        )
    }
}

/// The pointer below which a language's parts lie.
pub fn root(language: Language) -> String {
    match language {
        Language::Japanese => "/parts".into(),
        other => format!("/variants/{}", other.name()),
    }
}

/// FNV-1a over the parts, in hexadecimal: by which a change of the base is seen.
pub fn fingerprint(parts: &[Part]) -> String {
    let bytes = serde_json::to_vec(parts).unwrap_or_default();
    let hash = bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x100_0000_01b3));
    format!("{hash:016x}")
}

/// Base and variants, the base first.
pub fn sides<'a>(
    parts: &'a [Part],
    variants: &'a [Variant],
) -> impl Iterator<Item = (Language, &'a [Part])> {
    let others = variants.iter().map(|v| (v.language, v.parts.as_slice()));
    std::iter::once((Language::Japanese, parts)).chain(others)
}

/// The parts of all languages in one row, for what does not ask in which language they are.
pub fn whole(parts: &[Part], variants: &[Variant]) -> Vec<Part> {
    sides(parts, variants).flat_map(|(_, parts)| parts.iter().cloned()).collect()
}

/// A problem of [`whole`] at its place in the delivery.
pub fn located(problem: Problem, parts: &[Part], variants: &[Variant]) -> Problem {
    let place = problem.at.strip_prefix("/parts/").and_then(|rest| {
        let end = rest.find('/').unwrap_or(rest.len());
        Some((rest[..end].parse::<usize>().ok()?, rest[end..].to_owned()))
    });
    let Some((mut at, rest)) = place else { return problem };
    if at < parts.len() {
        return problem;
    }
    at -= parts.len();
    for variant in variants {
        if at < variant.parts.len() {
            return variant.located(Problem::new(format!("/parts/{at}{rest}"), problem.message));
        }
        at -= variant.parts.len();
    }
    problem
}

/// What is wrong with the list of variants itself.
pub fn problems(variants: &[Variant]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (i, variant) in variants.iter().enumerate() {
        let twice = variants[..i].iter().any(|v| v.language == variant.language);
        if variant.language == Language::Japanese || twice {
            problems.push(Problem::new(
                root(variant.language),
                format!("{}の内容が2つあります。1つにしてください", variant.language.japanese()),
            ));
        }
    }
    problems
}

/// Reads `variants` of a request: `{"en": [parts…], "ja-easy": […]}`. Whoever sends them has
/// seen the base.
///
/// # Errors
/// Problems with pointers below `/variants`.
pub fn parse(
    value: Option<&Value>,
    voice: impl Into<Voice>,
    base: Option<&[Part]>,
) -> Result<Vec<Variant>, Vec<Problem>> {
    let purpose = voice.into().purpose;
    let object = match value {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(value) => value.as_object().ok_or_else(|| {
            vec![Problem::new(
                "/variants",
                "ことば別の内容（variants）は、{\"en\": [内容…]} のように書いてください",
            )]
        })?,
    };
    let (mut variants, mut problems) = (Vec::new(), Vec::new());
    for (name, parts) in object {
        let Some(language) = Language::parse(name).filter(|l| *l != Language::Japanese) else {
            let known: Vec<&str> = Language::ALL[1..].iter().map(|l| l.name()).collect();
            problems.push(Problem::new(
                format!("/variants/{}", name.replace('~', "~0").replace('/', "~1")),
                format!("このことばは使えません。使えるのは {} です", known.join("・")),
            ));
            continue;
        };
        let seen = fingerprint(base.unwrap_or_default());
        let mut variant = Variant { language, parts: Vec::new(), seen };
        match parse_parts(parts, Voice { purpose, language }) {
            Ok(parts) => variant.parts = parts,
            Err(found) => problems.extend(found.into_iter().map(|p| variant.located(p))),
        }
        variants.push(variant);
    }
    variants.sort_by_key(|v| v.language);
    if problems.is_empty() { Ok(variants) } else { Err(problems) }
}

/// How many get each language, the base first: `wishes` says how many wish what, `people` how
/// many there are in all.
pub fn shares(wishes: &[(Wish, i64)], people: i64, variants: &[Variant]) -> Vec<(Language, i64)> {
    let offered: Vec<Language> = variants.iter().map(|v| v.language).collect();
    let mut shares: BTreeMap<Language, i64> = offered.iter().map(|l| (*l, 0)).collect();
    let mut others = 0;
    for (wish, n) in wishes {
        let gets = wish.gets(&offered);
        if gets != Language::Japanese {
            *shares.entry(gets).or_default() += n;
            others += n;
        }
    }
    std::iter::once((Language::Japanese, (people - others).max(0))).chain(shares).collect()
}

/// What staff should know of variants before they are sent.
pub fn warnings(parts: &[Part], variants: &[Variant]) -> Vec<String> {
    let mut warnings = Vec::new();
    for variant in variants {
        let name = variant.language.japanese();
        if variant.parts == parts {
            warnings.push(format!("{name}の内容が、日本語と同じです。{name}で書いてください"));
        } else if variant.outdated(parts) {
            warnings.push(format!("日本語が変わりました。{name}の内容を見直してください"));
        }
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::Purpose;
    use proptest::prelude::*;
    use serde_json::json;

    fn text(words: &str) -> Vec<Part> {
        vec![Part::Text { text: words.into() }]
    }

    fn variant(language: Language, words: &str) -> Variant {
        Variant { parts: text(words), ..Variant::copied(language, &text("断水")) }
    }

    #[test]
    fn a_change_of_the_base_is_seen_until_it_is_looked_through() {
        let mut english = variant(Language::English, "No water");
        assert!(!english.outdated(&text("断水")) && english.outdated(&text("断水します")));
        assert_eq!(warnings(&text("断水"), std::slice::from_ref(&english)), [""; 0]);
        let said = warnings(&text("断水します"), std::slice::from_ref(&english));
        assert_eq!(said, ["日本語が変わりました。英語の内容を見直してください"]);
        english.seen = fingerprint(&text("断水します"));
        assert_eq!(warnings(&text("断水します"), &[english]), [""; 0]);
        let copied = Variant::copied(Language::Korean, &text("断水"));
        assert!(warnings(&text("断水"), &[copied])[0].contains("日本語と同じ"));
    }

    #[test]
    fn problems_lie_in_their_language() {
        let variants = [variant(Language::Easy, "みず"), variant(Language::English, "Water")];
        let base = text("水");
        let at = |n: usize| {
            located(Problem::new(format!("/parts/{n}/text"), "空です"), &base, &variants)
        };
        assert_eq!(at(0), Problem::new("/parts/0/text", "空です"));
        assert_eq!(at(1), Problem::new("/variants/ja-easy/0/text", "やさしい日本語：空です"));
        assert_eq!(at(2), Problem::new("/variants/en/0/text", "英語：空です"));
        let whole_of = Problem::new("/parts", "x");
        assert_eq!(located(whole_of.clone(), &base, &variants), whole_of);
        assert_eq!(whole(&base, &variants).len(), 3);
        let twice = [variants[0].clone(), variants[0].clone(), variant(Language::Japanese, "")];
        let at: Vec<_> = problems(&twice).into_iter().map(|p| p.at).collect();
        assert_eq!(at, ["/variants/ja-easy", "/parts"]);
    }

    #[test]
    fn variants_of_a_request() {
        let base = text("断水");
        let read = |value: Value| parse(Some(&value), Purpose::Drill, Some(&base));
        let good =
            read(json!({"en": [{"text": "No water"}], "ja-easy": [{"text": "みず"}]})).unwrap();
        assert_eq!(good, [variant(Language::Easy, "みず"), variant(Language::English, "No water")]);
        assert_eq!(parse(None, Purpose::Notice, None).unwrap(), []);
        for (bad, at) in [
            (json!([]), "/variants"),
            (json!({"ja": [{"text": "a"}]}), "/variants/ja"),
            (json!({"xx": [{"text": "a"}]}), "/variants/xx"),
            (json!({"a/b": 1}), "/variants/a~1b"),
            (json!({"en": []}), "/variants/en"),
            (json!({"en": [{"text": ""}]}), "/variants/en/0/text"),
            (json!({"en": [{"text": "a"}, {"sound": 1}]}), "/variants/en/1"),
            // The mark of a drill counts in its own language.
            (json!({"es": [{"text": "a".repeat(4_990)}]}), "/variants/es/0/text"),
        ] {
            assert_eq!(read(bad.clone()).unwrap_err()[0].at, at, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn everybody_gets_exactly_one(known in proptest::collection::vec((proptest::option::of(0usize..12), 0i64..50), 0..12), unknown in 0i64..50, offered in proptest::sample::subsequence(&Language::ALL[1..], 0..11)) {
            let wishes: Vec<(Wish, i64)> = known
                .iter()
                .map(|(at, n)| (at.map_or(Wish::Other, |at| Wish::In(Language::ALL[at])), *n))
                .collect();
            let people = unknown + wishes.iter().map(|(_, n)| n).sum::<i64>();
            let variants: Vec<Variant> = offered.iter().map(|l| variant(*l, "a")).collect();
            let shares = shares(&wishes, people, &variants);
            prop_assert_eq!(shares.iter().map(|(_, n)| n).sum::<i64>(), people);
            prop_assert_eq!(shares.len(), 1 + offered.len());
            prop_assert_eq!(shares[0].0, Language::Japanese);
        }
    }
}
