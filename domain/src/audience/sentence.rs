//! The read-back: an audience as a Japanese sentence, from the same tree that is sent.

use super::{Audience, unanswered_in};
use crate::attribute::{Catalog, Kind};

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
    match audience {
        Audience::Everyone => bold(out, "友だち全員（未登録の人も）".into()),
        Audience::Attribute { key, is } => leaf(key, is, catalog, out),
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
    let (not, yes): (Vec<&Audience>, Vec<&Audience>) = items
        .iter()
        .partition(|a| matches!(a, Audience::Not(_)) && unanswered_in(a, catalog).is_none());
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
        Kind::Single => bold(out, format!("{}が{chosen}の人", attribute.label)),
        Kind::Multiple => bold(out, format!("{}に{chosen}を選んだ人", attribute.label)),
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
            ],
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
}
