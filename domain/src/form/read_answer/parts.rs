//! Answers of several parts: matrices, names, addresses, places.

use super::{Given, Read, SHORT_MAX, Wrong};
use crate::form::answer::{Address, Answer, Name, Place};
use crate::form::decimal::Decimal;
use crate::form::definition::Opt;
use crate::form::normal;
use std::collections::BTreeMap;

impl Given<'_> {
    pub(super) fn matrix(&self, rows: &[Opt], columns: &[Opt], many: bool) -> Read {
        let (mut chosen, mut wrong) = (BTreeMap::new(), Vec::new());
        for row in rows {
            let words = self.answers.get(&format!("{}.{}", self.path, row.key));
            let keys = Self::keys(words.into_iter().flatten());
            let say = |words: &str| (row.key.clone(), format!("「{}」{words}", row.label));
            if keys.iter().any(|k| !columns.iter().any(|o| o.key == *k)) {
                wrong.push(say("の選択肢が新しくなりました。もう一度選んでください"));
            } else if keys.len() > 1 && !many {
                wrong.push(say("で選べるのは1つだけです"));
            } else if !keys.is_empty() {
                chosen.insert(row.key.clone(), keys);
            } else if self.question.required {
                wrong.push(say("の行を選んでください"));
            }
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        Ok((!chosen.is_empty()).then_some(Answer::Matrix(chosen)))
    }

    /// A line of a name or an address.
    fn short(&self, name: &str, what: &str, wrong: &mut Vec<Wrong>) -> String {
        match normal::line(self.part(name)).filter(|t| t.chars().count() <= SHORT_MAX) {
            Some(text) if !normal::is_blank(&text) => text,
            Some(_) => String::new(),
            None => {
                wrong.push((
                    name.into(),
                    format!("{what}は、1行で{SHORT_MAX}文字までにしてください"),
                ));
                String::new()
            }
        }
    }

    pub(super) fn name(&self, kana: bool) -> Read {
        let parts = ["family", "given", "family_kana", "given_kana"];
        if parts.iter().all(|p| normal::is_blank(self.part(p))) {
            return Ok(None);
        }
        let mut wrong = Vec::new();
        let mut name = Name {
            family: self.short("family", "氏", &mut wrong),
            given: self.short("given", "名", &mut wrong),
            ..Name::default()
        };
        if name.family.is_empty() && wrong.is_empty() {
            wrong.push(("family".into(), "氏（みょうじ）を書いてください".into()));
        }
        if kana {
            let mut read = |part: &str, what: &str, needed: bool| {
                let text = self.short(part, what, &mut wrong);
                if text.is_empty() {
                    if needed {
                        wrong.push((part.into(), format!("{what}のフリガナを書いてください")));
                    }
                    return text;
                }
                normal::katakana(&text).unwrap_or_else(|| {
                    wrong.push((
                        part.into(),
                        format!("{what}のフリガナは、カタカナで書いてください"),
                    ));
                    text
                })
            };
            name.family_kana = read("family_kana", "氏", true);
            name.given_kana = read("given_kana", "名", !name.given.is_empty());
        }
        if wrong.is_empty() { Ok(Some(Answer::Name(name))) } else { Err(wrong) }
    }

    pub(super) fn address(&self) -> Read {
        let parts = ["postcode", "prefecture", "city", "street", "building"];
        if parts.iter().all(|p| normal::is_blank(self.part(p))) {
            return Ok(None);
        }
        let mut wrong = Vec::new();
        let mut address = Address {
            postcode: String::new(),
            prefecture: self.short("prefecture", "都道府県", &mut wrong),
            city: self.short("city", "市区町村", &mut wrong),
            street: self.short("street", "町名・番地", &mut wrong),
            building: self.short("building", "建物・部屋", &mut wrong),
        };
        if !self.part("postcode").is_empty() {
            match normal::postcode(self.part("postcode")) {
                Some(code) => address.postcode = code,
                None => {
                    wrong.push(("postcode".into(), "郵便番号は、数字7けたで書いてください".into()));
                }
            }
        }
        for (part, text, what) in [
            ("prefecture", &address.prefecture, "都道府県"),
            ("city", &address.city, "市区町村"),
            ("street", &address.street, "町名・番地"),
        ] {
            if text.is_empty() && !wrong.iter().any(|(p, _)| p == part) {
                wrong.push((part.into(), format!("{what}を書いてください")));
            }
        }
        if wrong.is_empty() { Ok(Some(Answer::Address(address))) } else { Err(wrong) }
    }

    pub(super) fn place(&self) -> Read {
        let words = self.part("words");
        if [self.part("latitude"), self.part("longitude"), words].iter().all(|p| p.is_empty()) {
            return Ok(None);
        }
        let millionths = |part: &str, from: i32, to: i32| {
            let n = normal::number(self.part(part))?.times(Decimal::small(1_000_000))?;
            let n = i32::try_from(n.as_whole()?).ok()?;
            (from * 1_000_000..=to * 1_000_000).contains(&n).then_some(n)
        };
        let point = millionths("latitude", 20, 46).zip(millionths("longitude", 122, 154));
        let mut wrong = Vec::new();
        let words = self.short("words", "場所の説明", &mut wrong);
        match point {
            Some((latitude, longitude)) if wrong.is_empty() => {
                Ok(Some(Answer::Place(Place { latitude, longitude, words })))
            }
            Some(_) => Err(wrong),
            None => self.wrong("の場所を、地図で示してください"),
        }
    }
}
