//! One question's answer, from what was given: normalised, checked by its kind, typed.

mod parts;

use super::answer::{Answer, Answers};
use super::decimal::Decimal;
use super::definition::{Ask, Opt, Question};
use super::free::Parts;
use super::normal;
use super::{AGREED, NOWHERE, OTHER};
use crate::attribute::{YEAR_MAX, YEAR_MIN};
use crate::id::BlobId;
use crate::time::Date;

/// Longest text of 「その他」 and of parts of names and addresses, in characters.
pub const SHORT_MAX: usize = 100;

/// What is wrong: the part of the answer's name (`family_kana`; empty for the whole), and words.
pub(super) type Wrong = (String, String);
type Read = Result<Option<Answer>, Vec<Wrong>>;

struct Given<'a> {
    question: &'a Question,
    answers: &'a Answers,
    path: &'a str,
}

/// Reads the answer to a question whose words stand under `path`. Groups, calculations and
/// explanations have none here.
pub(super) fn read(question: &Question, answers: &Answers, path: &str) -> Read {
    let given = Given { question, answers, path };
    match &question.ask {
        Ask::One { options } => given.choice(options, false),
        Ask::Many { options } => given.choice(options, true),
        Ask::Tree { options } => given.area(options),
        Ask::Year { from, to } => given.year(*from, *to),
        Ask::Date { .. } => given.date(),
        Ask::Time { step } => given.time(*step),
        Ask::Text { max } => given.text(*max),
        Ask::LongText { max } => given.long_text(*max),
        Ask::Number { min, max, step, unit } => given.number(*min, *max, *step, unit),
        Ask::Scale { from, to, .. } => given.scale(*from, *to),
        Ask::Matrix { rows, columns, many } => given.matrix(rows, columns, *many),
        Ask::Name { kana } => given.name(*kana),
        Ask::Address {} => given.address(),
        Ask::Telephone {} => given.one_line(|text| {
            normal::telephone(text)
                .map(Answer::Telephone)
                .ok_or("の番号が読み取れません。市外局番から、10けたか11けたで書いてください")
        }),
        Ask::Mail {} => given.one_line(|text| {
            normal::mail(text)
                .map(Answer::Mail)
                .ok_or("が読み取れません。name@example.jp のように書いてください")
        }),
        Ask::Photo { max, .. } => given.files(*max, "枚"),
        Ask::File { max, .. } => given.files(*max, "つ"),
        Ask::Place {} => given.place(),
        Ask::Consent { .. } => given.consent(),
        Ask::Group { .. } | Ask::Calculation { .. } | Ask::Explanation { .. } => Ok(None),
    }
}

/// What an answer with something to mend tells conditions nevertheless: the options of a choice
/// whose 「その他」 is not written yet, so that pages do not come and go while it is.
pub(super) fn chosen_despite(question: &Question, answers: &Answers, path: &str) -> Option<Answer> {
    let many = match &question.ask {
        Ask::One { .. } => false,
        Ask::Many { .. } => true,
        _ => return None,
    };
    let given = Given { question, answers, path };
    let keys = Given::keys(given.all().iter());
    let offered = keys.iter().all(|k| question.ask.options().iter().any(|o| o.key == *k));
    let fine = !keys.is_empty() && offered && (many || keys.len() == 1);
    fine.then_some(Answer::Chosen { keys, other: None })
}

/// What is said when nothing was answered.
pub(super) fn missing(question: &Question) -> String {
    if !question.missing.is_empty() {
        return question.missing.clone();
    }
    let label = &question.label;
    match question.ask {
        Ask::One { .. }
        | Ask::Many { .. }
        | Ask::Tree { .. }
        | Ask::Year { .. }
        | Ask::Date { .. }
        | Ask::Time { .. }
        | Ask::Scale { .. }
        | Ask::Matrix { .. } => format!("「{label}」を選んでください"),
        Ask::Photo { .. } | Ask::File { .. } | Ask::Group { .. } => {
            format!("「{label}」を足してください")
        }
        Ask::Place { .. } => format!("「{label}」を地図で示してください"),
        Ask::Consent { .. } => {
            "送るには、同意が必要です。読んで、よければチェックしてください".into()
        }
        _ => format!("「{label}」を書いてください"),
    }
}

impl Given<'_> {
    fn all(&self) -> &[String] {
        self.answers.get(self.path).map_or(&[], Vec::as_slice)
    }

    fn first(&self) -> &str {
        self.all().first().map_or("", |s| s.trim())
    }

    fn part(&self, name: &str) -> &str {
        let words = self.answers.get(&format!("{}.{name}", self.path));
        words.and_then(|w| w.first()).map_or("", |s| s.trim())
    }

    /// The keys that were given, each once.
    fn keys<'b>(words: impl Iterator<Item = &'b String>) -> Vec<String> {
        let mut keys: Vec<String> = Vec::new();
        for key in words.filter(|k| !k.is_empty()) {
            if !keys.contains(key) {
                keys.push(key.clone());
            }
        }
        keys
    }

    fn wrong<T>(&self, words: impl AsRef<str>) -> Result<T, Vec<Wrong>> {
        Err(vec![(String::new(), format!("「{}」{}", self.question.label, words.as_ref()))])
    }

    fn changed<T>(&self) -> Result<T, Vec<Wrong>> {
        self.wrong("の選択肢が新しくなりました。もう一度選んでください")
    }

    fn choice(&self, options: &[Opt], many: bool) -> Read {
        let keys = Self::keys(self.all().iter());
        if keys.is_empty() {
            return Ok(None);
        }
        if keys.len() > 1 && !many {
            return self.wrong("で選べるのは1つだけです");
        }
        if keys.iter().any(|k| !options.iter().any(|o| o.key == *k)) {
            return self.changed();
        }
        let mut other = None;
        if keys.iter().any(|k| k == OTHER) {
            match normal::line(self.part("other")).filter(|t| !normal::is_blank(t)) {
                Some(text) if text.chars().count() <= SHORT_MAX => other = Some(text),
                Some(_) => {
                    return Err(vec![(
                        "other".into(),
                        format!("「{}」に書けるのは{SHORT_MAX}文字までです", self.question.label),
                    )]);
                }
                None => {
                    let label = &self.question.label;
                    return Err(vec![(
                        "other".into(),
                        format!("「{label}」で選んだ内容を、下の欄に1行で書いてください"),
                    )]);
                }
            }
        }
        Ok(Some(Answer::Chosen { keys, other }))
    }

    fn area(&self, places: &[Opt]) -> Read {
        let keys = Self::keys(self.all().iter());
        match keys.as_slice() {
            [] => Ok(None),
            [key] if key == NOWHERE || places.iter().any(|o| o.key == *key) => {
                Ok(Some(Answer::Area(key.clone())))
            }
            [_] => self.changed(),
            _ => self.wrong("で選べるのは1つだけです"),
        }
    }

    fn year(&self, from: i32, to: i32) -> Read {
        let text = normal::narrow(self.first());
        if text.is_empty() {
            return Ok(None);
        }
        let year = Some(&text)
            .filter(|t| t.len() == 4 && t.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|t| t.parse().ok());
        match year.filter(|y| (from..=to).contains(y)) {
            Some(year) => Ok(Some(Answer::Year(year))),
            None => self.wrong(format!("は、{from}〜{to}の西暦の年にしてください")),
        }
    }

    fn date(&self) -> Read {
        let given = self.all();
        let plain = if given.len() < 3 {
            normal::narrow(self.first())
        } else {
            let parts = Parts::of(given);
            if parts.is_empty() {
                return Ok(None);
            }
            let names = [(&parts.year, "年"), (&parts.month, "月"), (&parts.day, "日")];
            let gone: Vec<&str> =
                names.iter().filter(|(part, _)| part.is_empty()).map(|(_, name)| *name).collect();
            if !gone.is_empty() {
                return self.wrong(format!("の{}を選んでください", gone.join("と")));
            }
            parts.iso()
        };
        if plain.is_empty() {
            return Ok(None);
        }
        let date = Date::parse_iso(&plain).filter(|d| (YEAR_MIN..=YEAR_MAX).contains(&d.year));
        let era_fits =
            |date: &Date| given.len() < 4 || date.era_year().starts_with(given[0].trim());
        match date {
            Some(date) if era_fits(&date) => Ok(Some(Answer::Date(date))),
            Some(date) => self.wrong(format!(
                "の日は{}にありません。{}です。元号をたしかめてください",
                given[0].trim(),
                date.era_year()
            )),
            None => self.wrong("の日付が、暦にありません。月と日をたしかめてください"),
        }
    }

    fn time(&self, step: u8) -> Read {
        let two = |h: &str, m: &str| -> Option<u16> {
            let n = |t: &str| {
                let fine = (1..=2).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_digit());
                fine.then(|| t.parse::<u16>().ok())?
            };
            let (h, m) = (n(h)?, n(m)?);
            (h < 24 && m < 60).then_some(h * 60 + m)
        };
        let minutes = match self.all() {
            [hour, minute, ..] => {
                let (hour, minute) = (normal::narrow(hour), normal::narrow(minute));
                if hour.is_empty() && minute.is_empty() {
                    return Ok(None);
                }
                two(&hour, &minute)
            }
            _ => {
                let text = normal::narrow(self.first());
                if text.is_empty() {
                    return Ok(None);
                }
                text.split_once(':').and_then(|(h, m)| two(h, m))
            }
        };
        let step = u16::from(step.max(1));
        match minutes {
            Some(minutes) if minutes % step == 0 => Ok(Some(Answer::Time(minutes))),
            Some(_) => self.wrong(format!("は、{step}分きざみで選んでください")),
            None => self.wrong("の時刻が読み取れません。8:30 のように書いてください"),
        }
    }

    fn limited(&self, text: String, max: usize) -> Read {
        if text.is_empty() {
            return Ok(None);
        }
        if normal::is_blank(&text) {
            return self.wrong("が空です");
        }
        if text.chars().count() > max {
            return self.wrong(format!("は{max}文字までにしてください"));
        }
        Ok(Some(Answer::Text(text)))
    }

    fn text(&self, max: usize) -> Read {
        match normal::line(self.first()) {
            Some(text) => self.limited(text, max),
            None => self.wrong("に、改行など使えない文字があります。1行にしてください"),
        }
    }

    fn long_text(&self, max: usize) -> Read {
        match normal::lines(self.first()) {
            Some(text) => self.limited(text, max),
            None => self.wrong("に、使えない文字があります。消してください"),
        }
    }

    fn one_line(&self, read: impl Fn(&str) -> Result<Answer, &'static str>) -> Read {
        match self.first() {
            "" => Ok(None),
            text => read(text).map(Some).or_else(|words| self.wrong(words)),
        }
    }

    fn number(
        &self,
        min: Option<Decimal>,
        max: Option<Decimal>,
        step: Option<Decimal>,
        unit: &str,
    ) -> Read {
        if self.first().is_empty() {
            return Ok(None);
        }
        let Some(n) = normal::number(self.first()) else {
            return self.wrong("は、数で書いてください");
        };
        if min.is_some_and(|m| n < m) || max.is_some_and(|m| n > m) {
            let limit = |n: Option<Decimal>, words: &str| {
                n.map_or_else(String::new, |n| format!("{}{unit}{words}", n.words()))
            };
            return self.wrong(format!(
                "は、{}{}にしてください",
                limit(min, "以上"),
                limit(max, "以下")
            ));
        }
        let wide = step.unwrap_or_else(|| Decimal::small(1));
        if n.steps_from(min.unwrap_or_default(), wide).is_none() && wide > Decimal::ZERO {
            return match step {
                None => self.wrong("は、小数のない数で書いてください"),
                Some(step) => {
                    self.wrong(format!("は、{}{unit}きざみで書いてください", step.words()))
                }
            };
        }
        Ok(Some(Answer::Number(n)))
    }

    fn scale(&self, from: i32, to: i32) -> Read {
        if self.first().is_empty() {
            return Ok(None);
        }
        let n = normal::number(self.first()).filter(|n| n.as_whole().is_some());
        match n.filter(|n| (Decimal::small(from)..=Decimal::small(to)).contains(n)) {
            Some(n) => Ok(Some(Answer::Number(n))),
            None => self.changed(),
        }
    }

    fn files(&self, max: u8, unit: &str) -> Read {
        let keys = Self::keys(self.all().iter());
        if keys.is_empty() {
            return Ok(None);
        }
        if keys.len() > usize::from(max) {
            return self.wrong(format!("は{max}{unit}までです。いくつか外してください"));
        }
        let ids: Option<Vec<BlobId>> = keys.iter().map(|k| k.parse().ok()).collect();
        match ids {
            Some(ids) => Ok(Some(Answer::Files(ids))),
            None => self.wrong("を受け取れませんでした。もう一度選んでください"),
        }
    }

    fn consent(&self) -> Read {
        match self.all() {
            [] => Ok(None),
            [one] if one == AGREED => Ok(Some(Answer::Agreed)),
            [one] if one.is_empty() => Ok(None),
            _ => Err(vec![(String::new(), missing(self.question))]),
        }
    }
}
