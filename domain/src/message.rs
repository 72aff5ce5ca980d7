//! Messages (SEG-4): what staff compose, and the LINE message objects that it becomes.
//!
//! Preview, sandbox and residents all see the result of [`to_line`].

use crate::delivery::Purpose;
use crate::problem::{Problem, none_or};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Most parts of one delivery (LINE's messages in one call).
pub const PARTS_MAX: usize = 5;
/// Longest text, in UTF-16 units (LINE: text message).
pub const TEXT_MAX: usize = 5_000;

/// One part of a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Part {
    /// Text of 1–5,000 UTF-16 units, the mark of a drill or test included.
    Text {
        /// The text.
        text: String,
    },
}

/// Length as LINE counts a text message: UTF-16 units.
pub fn text_len(text: &str) -> usize {
    text.encode_utf16().count()
}

impl Part {
    /// The text of this part with the purpose's mark first.
    pub fn marked(&self, purpose: Purpose) -> String {
        let Self::Text { text } = self;
        match purpose.mark() {
            Some(mark) if !text.starts_with(mark) => format!("{mark}{text}"),
            _ => text.clone(),
        }
    }
}

/// Reads parts from JSON and checks them.
///
/// # Errors
/// Problems with pointers below `/parts`.
pub fn parse_parts(value: &Value, purpose: Purpose) -> Result<Vec<Part>, Vec<Problem>> {
    let Some(list) = value.as_array() else {
        return Err(vec![Problem::new("/parts", "内容（parts）は配列にしてください")]);
    };
    if list.is_empty() || list.len() > PARTS_MAX {
        return Err(vec![Problem::new("/parts", "内容（parts）は1〜5個にしてください")]);
    }
    let mut problems = Vec::new();
    let mut parts = Vec::new();
    for (i, item) in list.iter().enumerate() {
        let known = item
            .as_object()
            .is_some_and(|o| o.len() == 1 && o.get("text").is_some_and(Value::is_string));
        match serde_json::from_value::<Part>(item.clone()) {
            Ok(part) if known => parts.push(part),
            _ => problems.push(Problem::new(
                format!("/parts/{i}"),
                "この種類の内容は使えません。{\"text\": \"…\"} にしてください",
            )),
        }
    }
    if problems.is_empty() {
        problems = check(&parts, purpose);
    }
    none_or(parts, problems)
}

/// What is wrong with the parts, as LINE would count them.
pub fn check(parts: &[Part], purpose: Purpose) -> Vec<Problem> {
    let mut problems = Vec::new();
    if parts.is_empty() || parts.len() > PARTS_MAX {
        problems.push(Problem::new("/parts", "内容は1〜5個にしてください"));
    }
    for (i, part) in parts.iter().enumerate() {
        let Part::Text { text } = part;
        let at = format!("/parts/{i}/text");
        let units = text_len(&part.marked(purpose));
        if text.trim().is_empty() {
            problems.push(Problem::new(
                at,
                "文章が空です。空のままでは送れません。書くか、この部分を消してください",
            ));
        } else if units > TEXT_MAX {
            problems.push(Problem::new(
                at,
                format!(
                    "{}字多すぎます。5,000字までにするか、2つに分けてください",
                    units - TEXT_MAX
                ),
            ));
        } else if text.contains('\0') {
            problems.push(Problem::new(
                at,
                "文章に、表示できない文字が入っています。打ち直してください",
            ));
        }
    }
    problems
}

/// LINE message objects (`messages` of a call).
pub fn to_line(parts: &[Part], purpose: Purpose) -> Value {
    Value::Array(parts.iter().map(|p| json!({"type": "text", "text": p.marked(purpose)})).collect())
}

/// The first line, shortened, for lists and the lock screen.
pub fn summary(parts: &[Part], chars: usize) -> String {
    let Some(Part::Text { text }) = parts.first() else { return String::new() };
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if flat.chars().count() <= chars {
        flat
    } else {
        flat.chars().take(chars).chain(['…']).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_utf16_with_the_mark() {
        let text = |n: usize| vec![Part::Text { text: "😀".repeat(n) }];
        assert!(check(&text(2500), Purpose::Notice).is_empty());
        assert_eq!(check(&text(2501), Purpose::Notice)[0].at, "/parts/0/text");
        assert!(!check(&text(2500), Purpose::Drill).is_empty());
    }

    #[test]
    fn a_drill_says_so_first_in_every_part() {
        let parts = vec![
            Part::Text { text: "避難してください".into() },
            Part::Text { text: "【訓練】高台へ".into() },
        ];
        let json = to_line(&parts, Purpose::Drill);
        assert_eq!(json[0]["text"], "【訓練】避難してください");
        assert_eq!(json[1]["text"], "【訓練】高台へ");
        assert_eq!(to_line(&parts[..1], Purpose::Emergency)[0]["text"], "避難してください");
    }

    #[test]
    fn unknown_parts_are_refused() {
        for bad in [
            json!({}),
            json!([]),
            json!([{"text": 1}]),
            json!([{"text": "a", "x": 1}]),
            json!([{"image": "1"}]),
            json!([{"text": ""}]),
            json!([null]),
        ] {
            assert!(parse_parts(&bad, Purpose::Notice).is_err(), "{bad}");
        }
        assert!(parse_parts(&json!([{"text": "a"}]), Purpose::Notice).is_ok());
    }
}
