//! The read-back: an audience as a Japanese sentence, from the same tree that is sent.

use super::{Among, Audience, Day, Says, Since, Span, unanswered_in, wrote};
use crate::attribute::{Attribute, Catalog, Kind, date_words, year_words};
use crate::form::Decimal;

/// A run of the sentence; the bold ones are what was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The text.
    pub text: String,
    /// Chosen by staff, shown bold.
    pub bold: bool,
}

/// The sentence as plain text: 「東地区に住む人で、…」.
pub fn sentence(audience: &Audience, catalog: &Catalog) -> String {
    words(audience, catalog).into_iter().map(|w| w.text).collect()
}

/// The sentence in runs. A condition that is still empty reads 「（まだ選んでいません）」.
pub fn words(audience: &Audience, catalog: &Catalog) -> Vec<Word> {
    let mut out = Vec::new();
    write(audience, catalog, false, &mut out);
    if !audience.is_everyone() {
        plain(&mut out, "。");
    }
    out
}

fn plain(out: &mut Vec<Word>, text: &str) {
    out.push(Word { text: text.to_owned(), bold: false });
}

fn bold(out: &mut Vec<Word>, text: String) {
    out.push(Word { text, bold: true });
}

fn write(audience: &Audience, catalog: &Catalog, inner: bool, out: &mut Vec<Word>) {
    if let Some(attribute) = unanswered_in(audience, catalog) {
        return bold(out, format!("{}が未登録の人", attribute.label));
    }
    if let Some(form) = without_answer(audience, catalog) {
        return bold(out, format!("{form}にまだ答えていない人"));
    }
    match audience {
        Audience::Everyone => bold(out, "友だち全員（未登録の人も）".into()),
        Audience::Attribute { key, is } => leaf(key, is, catalog, out),
        Audience::Said { key, says } => match catalog.get(key) {
            None => plain(out, "（まだ選んでいません）"),
            Some(a) => bold(out, said(a, says)),
        },
        Audience::Since { what, span } if span.is_empty() => {
            bold(out, format!("{}が（まだ選んでいません）の人", what.label()));
        }
        Audience::Since { what, span } => {
            let days = since_words(*span);
            bold(
                out,
                match what {
                    Since::Friend => format!("{days}に友だちになった人"),
                    Since::Registered => format!("最後の登録が{days}の人"),
                    Since::First => format!("はじめての登録が{days}の人"),
                },
            );
        }
        Audience::Among { what, id } => bold(out, among(*what, *id, catalog)),
        Audience::Wrote(asked) => bold(out, wrote::sentence(asked.as_ref(), catalog)),
        Audience::Not(x) => {
            plain(out, "「");
            write(x, catalog, true, out);
            plain(out, "」をのぞいた友だち");
        }
        Audience::All(items) => all(items, catalog, inner, out),
        Audience::Any(items) => group(items, "、または", catalog, inner, out),
    }
}

fn group(items: &[Audience], joint: &str, catalog: &Catalog, inner: bool, out: &mut Vec<Word>) {
    if items.is_empty() {
        plain(out, "（まだ選んでいません）");
    }
    let bracket = inner && items.len() > 1;
    if bracket {
        plain(out, "（");
    }
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            plain(out, joint);
        }
        write(item, catalog, true, out);
    }
    if bracket {
        plain(out, "）");
    }
}

/// 「Aで、かつBのうち、CとDをのぞいた人」: what is excluded comes last.
fn all(items: &[Audience], catalog: &Catalog, inner: bool, out: &mut Vec<Word>) {
    let (not, yes): (Vec<&Audience>, Vec<&Audience>) = items.iter().partition(|a| {
        matches!(a, Audience::Not(_))
            && unanswered_in(a, catalog).is_none()
            && without_answer(a, catalog).is_none()
    });
    if not.is_empty() || yes.is_empty() {
        return group(items, "で、かつ", catalog, inner, out);
    }
    let bracket = inner && items.len() > 1;
    if bracket {
        plain(out, "（");
    }
    for (i, item) in yes.iter().enumerate() {
        if i > 0 {
            plain(out, "で、かつ");
        }
        write(item, catalog, true, out);
    }
    plain(out, "のうち、");
    for (i, item) in not.iter().enumerate() {
        if i > 0 {
            plain(out, "と");
        }
        if let Audience::Not(x) = item {
            write(x, catalog, true, out);
        }
    }
    plain(out, "をのぞいた人");
    if bracket {
        plain(out, "）");
    }
}

fn leaf(key: &str, is: &[String], catalog: &Catalog, out: &mut Vec<Word>) {
    let Some(attribute) = catalog.get(key) else {
        return plain(out, "（まだ選んでいません）");
    };
    let names: Vec<&str> = is
        .iter()
        .map(|c| attribute.choice(c).map_or("（消えた選択肢）", |c| c.label.as_str()))
        .collect();
    let chosen = match names.len() {
        0 => return bold(out, format!("{}が（まだ選んでいません）の人", attribute.label)),
        1..=4 => names.join("・"),
        n => format!("{}ほか{}", names[..3].join("・"), n - 3),
    };
    match attribute.kind {
        Kind::Area => bold(out, format!("{chosen}の人")),
        Kind::Single | Kind::Year | Kind::Date | Kind::Text => {
            bold(out, format!("{}が{chosen}の人", attribute.label));
        }
        Kind::Multiple => bold(out, format!("{}に{chosen}を選んだ人", attribute.label)),
    }
}

fn among(what: Among, id: Option<i64>, catalog: &Catalog) -> String {
    let Some(id) = id else {
        return format!("{}が（まだ選んでいません）の人", what.label());
    };
    match catalog.known(what, id) {
        Some(known) => format!("{}{}", known.words(), what.tail()),
        None if what == Among::List => "（消えた対象者リスト）の人".into(),
        None if what.is_form() => "（見つからないフォーム）の人".into(),
        None => "（見つからない配信）の人".into(),
    }
}

/// The form whose answers an audience leaves out, if it does nothing else.
fn without_answer(audience: &Audience, catalog: &Catalog) -> Option<String> {
    let Audience::Not(inner) = audience else { return None };
    let leaf = match inner.as_ref() {
        Audience::Any(items) | Audience::All(items) if items.len() == 1 => &items[0],
        other => other,
    };
    let Audience::Among { what: Among::Answered, id: Some(id) } = leaf else { return None };
    catalog.known(Among::Answered, *id).map(super::Known::words)
}

fn said(a: &Attribute, says: &Says) -> String {
    let label = &a.label;
    if says.is_empty() {
        return format!("{label}が（まだ選んでいません）の人");
    }
    let what = says_words(a, says);
    match says {
        Says::Registered(_) => format!("{label}が{what}の人"),
        Says::Age { .. } => format!("{label}が、{what}の人"),
        Says::Contains(_) => format!("{label}に{what}を含む人"),
        Says::Year(_) | Says::Date(_) | Says::Equals(_) | Says::Number(_) => {
            format!("{label}が{what}の人")
        }
    }
}

/// What is said of an attribute: 「2026年12月1日（令和8年）から30日後まで」「今日の時点で18歳以下」;
/// empty if nothing is said yet.
pub fn says_words(a: &Attribute, says: &Says) -> String {
    words_of(a.kind, says)
}

/// The same, of what is answered like an attribute of that kind.
pub(super) fn words_of(kind: Kind, says: &Says) -> String {
    if says.is_empty() {
        return String::new();
    }
    match says {
        Says::Registered(true) => "登録ずみ".into(),
        Says::Registered(false) => "未登録".into(),
        Says::Year(span) => {
            between(span.from.map(year_words), span.to.map(year_words), "以後", "以前")
        }
        Says::Age { span, on } => {
            let age = |n: i32| format!("{n}歳");
            let ages = between(span.from.map(age), span.to.map(age), "以上", "以下");
            // A year alone does not tell on which day somebody grows older.
            match (kind, on) {
                (Kind::Year, None) => format!("今年のうちに{ages}になる年"),
                (Kind::Year, Some(on)) => format!("{}年のうちに{ages}になる年", on.year),
                (_, None) => format!("今日の時点で{ages}にあたる日"),
                (_, Some(on)) => format!("{}の時点で{ages}にあたる日", date_words(*on)),
            }
        }
        Says::Date(span) => since_words(*span),
        Says::Contains(text) | Says::Equals(text) => format!("「{}」", text.trim()),
        Says::Number(span) => numbers(*span, ""),
    }
}

/// 「3人以上」「3人から5人まで」.
pub(super) fn numbers(span: Span<Decimal>, unit: &str) -> String {
    let number = |n: Decimal| format!("{}{unit}", n.words());
    between(span.from.map(number), span.to.map(number), "以上", "以下")
}

/// 「2026年10月1日（令和8年）以後」「今日から30日後まで」.
pub fn since_words(span: Span<Day>) -> String {
    let fixed = |d: Option<Day>| d.is_some_and(Day::is_fixed);
    let after = if fixed(span.from) { "以後" } else { "からあと" };
    let before = if fixed(span.to) { "以前" } else { "まで" };
    between(span.from.map(Day::words), span.to.map(Day::words), after, before)
}

fn between(from: Option<String>, to: Option<String>, after: &str, before: &str) -> String {
    match (from, to) {
        (Some(from), Some(to)) if from == to => from,
        (Some(from), Some(to)) => format!("{from}から{to}まで"),
        (Some(from), None) => format!("{from}{after}"),
        (None, Some(to)) => format!("{to}{before}"),
        (None, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribute::{Attribute, Choice};
    use crate::id::{AttributeId, ChoiceId};
    use serde_json::json;

    fn catalog() -> Catalog {
        let attribute = |key: &str, label: &str, kind, choices: &[(&str, &str)]| Attribute {
            id: AttributeId(1),
            key: key.into(),
            label: label.into(),
            kind,
            hint: String::new(),
            required: false,
            personal: false,
            hidden: false,
            choices: choices
                .iter()
                .map(|(k, l)| Choice {
                    id: ChoiceId(1),
                    key: (*k).into(),
                    label: (*l).into(),
                    parent: None,
                    hidden: false,
                })
                .collect(),
        };
        Catalog {
            attributes: vec![
                attribute(
                    "home",
                    "お住まい",
                    Kind::Area,
                    &[("minato", "港地区"), ("east", "東地区")],
                ),
                attribute(
                    "topics",
                    "受け取りたい情報",
                    Kind::Multiple,
                    &[("water", "水道・断水"), ("waste", "ごみの日")],
                ),
                attribute("age", "年代", Kind::Single, &[("a70", "70歳以上")]),
                attribute("born", "生まれた年", Kind::Year, &[]),
                attribute("child", "お子さんの誕生日", Kind::Date, &[]),
                attribute("pet", "ペットの名前", Kind::Text, &[]),
            ],
            ..Catalog::default()
        }
    }

    fn read(value: serde_json::Value) -> String {
        sentence(&Audience::parse(&value, "").unwrap(), &catalog())
    }

    #[test]
    fn reads_as_japanese() {
        insta::assert_snapshot!(read(json!({"everyone": true})), @"友だち全員（未登録の人も）");
        insta::assert_snapshot!(read(json!({"attribute": "home", "is": ["minato", "east"]})), @"港地区・東地区の人。");
        insta::assert_snapshot!(
            read(json!({"all": [{"attribute": "home", "is": ["minato"]}, {"any": [{"attribute": "topics", "is": ["water"]}, {"attribute": "age", "is": ["a70"]}]}, {"not": {"attribute": "topics", "is": ["waste"]}}]})),
            @"港地区の人で、かつ（受け取りたい情報に水道・断水を選んだ人、または年代が70歳以上の人）のうち、受け取りたい情報にごみの日を選んだ人をのぞいた人。");
        insta::assert_snapshot!(read(json!({"not": {"attribute": "home", "is": ["minato"]}})), @"「港地区の人」をのぞいた友だち。");
        insta::assert_snapshot!(
            read(json!({"any": [{"attribute": "home", "is": ["minato"]}, {"not": {"any": [{"attribute": "home", "is": ["minato", "east"]}]}}]})),
            @"港地区の人、またはお住まいが未登録の人。");
    }

    #[test]
    fn what_is_said_reads_as_japanese() {
        insta::assert_snapshot!(read(json!({"attribute": "born", "year": {"from": 1980, "to": 1989}})), @"生まれた年が1980年（昭和55年）から1989年（昭和64年・平成元年）までの人。");
        insta::assert_snapshot!(read(json!({"attribute": "born", "age": {"from": 65}})), @"生まれた年が、今年のうちに65歳以上になる年の人。");
        insta::assert_snapshot!(read(json!({"attribute": "born", "age": {"to": 18, "on": "2027-04-01"}})), @"生まれた年が、2027年のうちに18歳以下になる年の人。");
        insta::assert_snapshot!(read(json!({"attribute": "child", "age": {"to": 18}})), @"お子さんの誕生日が、今日の時点で18歳以下にあたる日の人。");
        insta::assert_snapshot!(read(json!({"attribute": "child", "age": {"from": 3, "to": 3, "on": "2027-04-01"}})), @"お子さんの誕生日が、2027年4月1日（令和9年）の時点で3歳にあたる日の人。");
        insta::assert_snapshot!(read(json!({"attribute": "child", "date": {"from": {"days": 0}, "to": {"days": 30}}})), @"お子さんの誕生日が今日から30日後までの人。");
        insta::assert_snapshot!(read(json!({"attribute": "child", "date": {"from": {"months": -3}, "to": {"months": -3}}})), @"お子さんの誕生日が3か月前の人。");
        insta::assert_snapshot!(read(json!({"attribute": "child", "date": {"to": "2026-05-01"}})), @"お子さんの誕生日が2026年5月1日（令和8年）以前の人。");
        insta::assert_snapshot!(read(json!({"attribute": "pet", "contains": " ポチ"})), @"ペットの名前に「ポチ」を含む人。");
        insta::assert_snapshot!(read(json!({"attribute": "pet", "equals": "ポチ"})), @"ペットの名前が「ポチ」の人。");
        insta::assert_snapshot!(read(json!({"not": {"attribute": "pet", "registered": true}})), @"「ペットの名前が登録ずみの人」をのぞいた友だち。");
        insta::assert_snapshot!(read(json!({"attribute": "home", "registered": false})), @"お住まいが未登録の人。");
        insta::assert_snapshot!(read(json!({"friend_since": {"from": {"days": -30}}})), @"30日前からあとに友だちになった人。");
        insta::assert_snapshot!(read(json!({"all": [{"last_registered": {"to": {"months": -12}}}, {"attribute": "home", "is": ["east"]}]})), @"最後の登録が12か月前までの人で、かつ東地区の人。");
    }
}
