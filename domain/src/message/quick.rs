//! Suggested answers (返事のボタン): LINE's quick replies, below the last message until the next one.
//!
//! Source: <https://developers.line.biz/en/reference/messaging-api/#quick-reply>

use super::Part;
use super::button::{Button, Hosts, Place};
use crate::language::Voice;
use crate::problem::Problem;
use serde_json::{Value, json};

/// Most buttons (LINE: quick reply).
pub const QUICK_MAX: usize = 13;

/// The parts that are messages: all but the suggested answers.
pub fn messages(parts: &[Part]) -> &[Part] {
    match parts {
        [messages @ .., Part::Quick { .. }] => messages,
        all => all,
    }
}

/// The suggested answers, if there are any.
pub fn quick(parts: &[Part]) -> &[Button] {
    match parts {
        [.., Part::Quick { quick }] => quick,
        _ => &[],
    }
}

/// Messages with suggested answers below the last of them.
pub fn with_quick(messages: Vec<Part>, quick: Vec<Button>) -> Vec<Part> {
    let quick = (!quick.is_empty()).then_some(Part::Quick { quick });
    messages.into_iter().chain(quick).collect()
}

pub(super) fn problems(buttons: &[Button], last: bool, purpose: Voice, at: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    if !last {
        problems.push(Problem::new(at, "返事のボタン（quick）は、最後に1つだけ置けます"));
    }
    if buttons.is_empty() || buttons.len() > QUICK_MAX {
        problems.push(Problem::new(
            format!("{at}/quick"),
            format!("返事のボタンは1〜{QUICK_MAX}個にしてください"),
        ));
    }
    for (i, button) in buttons.iter().enumerate() {
        problems.extend(button.problems(Place::Quick, purpose, &format!("{at}/quick/{i}")));
    }
    problems
}

/// LINE's `quickReply`; nothing without buttons.
pub(super) fn to_line(parts: &[Part], purpose: Voice, hosts: Hosts<'_>) -> Option<Value> {
    let actions = quick(parts).iter().filter(|b| !b.label.trim().is_empty());
    let items: Vec<Value> = actions
        .filter_map(|b| b.action(Place::Quick, purpose, hosts))
        .map(|action| json!({"type": "action", "action": action}))
        .collect();
    (!items.is_empty()).then(|| json!({"items": items}))
}

/// Reads the buttons from JSON.
///
/// # Errors
/// Where, below the part, and what is wrong.
pub(super) fn parse(value: &Value) -> Result<Vec<Button>, (String, String)> {
    let list = value
        .as_array()
        .ok_or_else(|| ("/quick".to_owned(), "quick は配列にしてください".to_owned()))?;
    let button =
        |(i, value)| Button::parse(value).map_err(|(at, words)| (format!("/quick/{i}{at}"), words));
    list.iter().enumerate().map(button).collect()
}
