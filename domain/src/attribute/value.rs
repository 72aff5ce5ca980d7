//! What residents answer without choices: a year, a date, a text (RES-1).

use super::{Attribute, Kind};
use crate::id::ChoiceId;
use crate::time::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// The first year that can be registered, also of a date.
pub const YEAR_MIN: i32 = 1900;
/// The last year of a date.
pub const YEAR_MAX: i32 = 2199;
/// Longest text, in characters.
pub const TEXT_MAX: usize = 200;

/// What a resident registered for an attribute without choices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Value {
    /// 西暦, [`YEAR_MIN`] to [`YEAR_MAX`].
    Year(i32),
    /// A civil date within the same years.
    Date(Date),
    /// One line, 1–[`TEXT_MAX`] characters.
    Text(String),
}

/// What a resident registered for any attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// These choices; none clears, whatever the kind.
    Chosen(Vec<ChoiceId>),
    /// A year, date or text.
    Value(Value),
}

impl From<Vec<ChoiceId>> for Answer {
    fn from(choices: Vec<ChoiceId>) -> Self {
        Self::Chosen(choices)
    }
}

impl Value {
    /// What is compared and counted: the year, or the days since 1970-01-01; nothing for a text.
    pub fn number(&self) -> Option<i64> {
        match self {
            Self::Year(year) => Some(i64::from(*year)),
            Self::Date(date) => Some(date.days()),
            Self::Text(_) => None,
        }
    }

    /// From [`Value::number`], of that kind.
    pub fn of_number(kind: Kind, number: i64) -> Option<Self> {
        match kind {
            Kind::Year => Some(Self::Year(i32::try_from(number).ok()?)),
            Kind::Date => Some(Self::Date(Date::from_days(number))),
            _ => None,
        }
    }

    /// What people read: 「1985年（昭和60年）」「2026年5月1日（令和8年）」.
    pub fn words(&self) -> String {
        match self {
            Self::Year(year) => year_words(*year),
            Self::Date(date) => date_words(*date),
            Self::Text(text) => text.clone(),
        }
    }

    /// What other systems and forms read: `1985`, `2026-05-01`, the text itself.
    pub fn plain(&self) -> String {
        match self {
            Self::Year(year) => year.to_string(),
            Self::Date(date) => date.iso(),
            Self::Text(text) => text.clone(),
        }
    }

    /// Reads what a form sent for an attribute of that kind; the words say how it should be.
    ///
    /// # Errors
    /// What is wrong, to follow 「（項目の名前）」.
    pub fn read(kind: Kind, plain: &str, today: Date) -> Result<Self, String> {
        match kind {
            Kind::Year => {
                let year = Some(plain.trim())
                    .filter(|t| t.len() == 4 && t.bytes().all(|b| b.is_ascii_digit()))
                    .and_then(|t| t.parse().ok());
                year.filter(|y| (YEAR_MIN..=today.year).contains(y)).map(Self::Year).ok_or_else(
                    || format!("は、{YEAR_MIN}〜{}の西暦の年にしてください", today.year),
                )
            }
            Kind::Date => Date::parse_iso(plain.trim())
                .filter(|d| (YEAR_MIN..=YEAR_MAX).contains(&d.year))
                .map(Self::Date)
                .ok_or_else(|| {
                    format!("は、{YEAR_MIN}〜{YEAR_MAX}年の、暦にある日付にしてください")
                }),
            Kind::Text => text(plain).map(Self::Text),
            Kind::Single | Kind::Multiple | Kind::Area => Err("は、選択肢から選びます".into()),
        }
    }
}

fn text(given: &str) -> Result<String, String> {
    let text = given.trim();
    if text.is_empty() || super::fold(text).is_empty() {
        return Err("が空です".into());
    }
    if text.chars().count() > TEXT_MAX {
        return Err(format!("は{TEXT_MAX}文字までにしてください"));
    }
    if text.chars().any(char::is_control) {
        return Err("に、改行など使えない文字があります。1行にしてください".into());
    }
    Ok(text.to_owned())
}

/// 「1985年（昭和60年）」; a year with two eras names both.
pub fn year_words(year: i32) -> String {
    let (first, last) =
        (Date { year, month: 1, day: 1 }.era_year(), Date { year, month: 12, day: 31 }.era_year());
    if first == last {
        format!("{year}年（{first}）")
    } else {
        format!("{year}年（{first}・{last}）")
    }
}

/// 「2026年5月1日（令和8年）」.
pub fn date_words(date: Date) -> String {
    format!("{}年{}月{}日（{}）", date.year, date.month, date.day, date.era_year())
}

impl Attribute {
    /// Reads one answer of an import; `null` clears.
    ///
    /// # Errors
    /// Why it cannot be taken, in one sentence.
    pub fn read_answer(&self, json: &Json, today: Date) -> Result<Answer, String> {
        let key = &self.key;
        match (self.kind, json) {
            (_, Json::Null) => Ok(Answer::Chosen(Vec::new())),
            (Kind::Year, Json::Number(n)) => {
                let year = n.as_i64().filter(|y| (0..=9999).contains(y));
                Value::read(Kind::Year, &year.map(|y| format!("{y:04}")).unwrap_or_default(), today)
                    .map(Answer::Value)
                    .map_err(|why| format!("「{key}」{why}"))
            }
            (Kind::Year, _) => Err(format!(
                "「{key}」は、西暦の年を数で書いてください（例 1985）。消すときは null です"
            )),
            (Kind::Date, Json::String(s)) => Value::read(Kind::Date, s, today)
                .map(Answer::Value)
                .map_err(|why| format!("「{key}」{why}（例 \"2026-05-01\"）")),
            (Kind::Date, _) => Err(format!(
                "「{key}」は、日付を \"2026-05-01\" の形で書いてください。消すときは null です"
            )),
            (Kind::Text, Json::String(s)) => Value::read(Kind::Text, s, today)
                .map(Answer::Value)
                .map_err(|why| format!("「{key}」{why}。消すときは null です")),
            (Kind::Text, _) => {
                Err(format!("「{key}」は、文字で書いてください。消すときは null です"))
            }
            (Kind::Single | Kind::Multiple | Kind::Area, json) => {
                self.read_choices(json).map(Answer::Chosen)
            }
        }
    }

    fn read_choices(&self, json: &Json) -> Result<Vec<ChoiceId>, String> {
        let key = &self.key;
        let given: Vec<&str> = match json {
            Json::String(one) => vec![one],
            Json::Array(many) => many
                .iter()
                .map(Json::as_str)
                .collect::<Option<_>>()
                .ok_or_else(|| format!("「{key}」の選択肢は、文字列で書いてください"))?,
            _ => {
                return Err(format!(
                    "「{key}」は、選択肢のキー、その配列、null のどれかにしてください"
                ));
            }
        };
        let mut ids = Vec::new();
        for c in given {
            let choice =
                self.choice(c).ok_or_else(|| format!("「{key}」に選択肢「{c}」がありません"))?;
            if !ids.contains(&choice.id) {
                ids.push(choice.id);
            }
        }
        if self.kind != Kind::Multiple && ids.len() > 1 {
            return Err(format!("「{key}」で選べるのは1つだけです"));
        }
        Ok(ids)
    }
}

/// A part of the residents in the figures of an attribute: years and dates within bounds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// 「20代」「2026年5月」.
    pub label: String,
    /// The smallest [`Value::number`] in it.
    pub from: i64,
    /// The greatest.
    pub to: i64,
}

/// How residents are grouped in the figures (RES-4): a year by the age that is reached in
/// this year, a date by month for a year before and after, nothing for other kinds.
pub fn groups(kind: Kind, today: Date) -> Vec<Group> {
    let day = |year: i32, month: u8| Date { year, month, day: 1 }.days();
    match kind {
        Kind::Year => (0..=9)
            .map(|ten| {
                let label = match ten {
                    0 => "0〜9歳".to_owned(),
                    9 => "90歳以上".to_owned(),
                    n => format!("{n}0代"),
                };
                let year = |age: i32| i64::from(today.year - age);
                let from = if ten == 9 { i64::from(YEAR_MIN) } else { year(ten * 10 + 9) };
                Group { label, from, to: year(ten * 10) }
            })
            .collect(),
        Kind::Date => {
            let now = today.year * 12 + i32::from(today.month) - 1;
            let at = |n: i32| day(n.div_euclid(12), (n.rem_euclid(12) + 1) as u8);
            let words = |n: i32| format!("{}年{}月", n.div_euclid(12), n.rem_euclid(12) + 1);
            let months = (now - 12..=now + 12).map(|n| Group {
                label: words(n),
                from: at(n),
                to: at(n + 1) - 1,
            });
            let before = Group {
                label: format!("{}より前", words(now - 12)),
                from: day(YEAR_MIN, 1),
                to: at(now - 12) - 1,
            };
            let after = Group {
                label: format!("{}よりあと", words(now + 12)),
                from: at(now + 13),
                to: day(YEAR_MAX + 1, 1) - 1,
            };
            std::iter::once(before).chain(months).chain([after]).collect()
        }
        Kind::Single | Kind::Multiple | Kind::Area | Kind::Text => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::AttributeId;
    use serde_json::json;

    const TODAY: Date = Date { year: 2026, month: 11, day: 20 };

    fn attribute(kind: Kind) -> Attribute {
        Attribute {
            id: AttributeId(1),
            key: "a".into(),
            label: "項目".into(),
            kind,
            hint: String::new(),
            required: false,
            personal: false,
            hidden: false,
            choices: Vec::new(),
        }
    }

    #[test]
    fn both_calendars() {
        assert_eq!(year_words(1985), "1985年（昭和60年）");
        assert_eq!(year_words(1989), "1989年（昭和64年・平成元年）");
        assert_eq!(year_words(2019), "2019年（平成31年・令和元年）");
        assert_eq!(date_words(Date { year: 2026, month: 5, day: 1 }), "2026年5月1日（令和8年）");
    }

    #[test]
    fn imports_take_their_own_type_only() {
        let read = |kind, json: Json| attribute(kind).read_answer(&json, TODAY);
        assert_eq!(read(Kind::Year, json!(1985)), Ok(Answer::Value(Value::Year(1985))));
        assert_eq!(
            read(Kind::Date, json!("2026-05-01")),
            Ok(Answer::Value(Value::Date(Date { year: 2026, month: 5, day: 1 })))
        );
        assert_eq!(
            read(Kind::Text, json!(" ポチ ")),
            Ok(Answer::Value(Value::Text("ポチ".into())))
        );
        for kind in [Kind::Year, Kind::Date, Kind::Text] {
            assert_eq!(read(kind, json!(null)), Ok(Answer::Chosen(vec![])));
        }
        for (kind, bad) in [
            (Kind::Year, json!("1985")),
            (Kind::Year, json!(1899)),
            (Kind::Year, json!(2027)),
            (Kind::Year, json!(1985.5)),
            (Kind::Year, json!(-1985)),
            (Kind::Year, json!(["1985"])),
            (Kind::Date, json!(20_260_501)),
            (Kind::Date, json!("2026-5-1")),
            (Kind::Date, json!("2026-02-29")),
            (Kind::Date, json!("2200-01-01")),
            (Kind::Date, json!("1899-12-31")),
            (Kind::Text, json!("")),
            (Kind::Text, json!("　")),
            (Kind::Text, json!("a\nb")),
            (Kind::Text, json!("あ".repeat(TEXT_MAX + 1))),
            (Kind::Text, json!(1)),
        ] {
            let why = read(kind, bad.clone()).unwrap_err();
            assert!(why.starts_with("「a」"), "{bad}: {why}");
        }
    }

    #[test]
    fn everybody_is_in_one_group() {
        for (kind, all) in [
            (Kind::Year, i64::from(YEAR_MIN)..=2026),
            (
                Kind::Date,
                Date { year: 1900, month: 1, day: 1 }.days()..=Date {
                    year: 2199,
                    month: 12,
                    day: 31,
                }
                .days(),
            ),
        ] {
            let groups = groups(kind, TODAY);
            for n in all.step_by(if kind == Kind::Date { 13 } else { 1 }) {
                let of = groups.iter().filter(|g| (g.from..=g.to).contains(&n)).count();
                assert_eq!(of, 1, "{kind:?} {n}");
            }
        }
        let groups = groups(Kind::Year, TODAY);
        assert_eq!((groups[2].label.as_str(), groups[2].from, groups[2].to), ("20代", 1997, 2006));
    }
}
