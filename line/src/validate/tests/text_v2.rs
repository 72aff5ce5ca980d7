//! What stands in braces in a textV2 message.

use serde_json::{Value, json};

use super::{errors, fine, wrong};

fn with(words: &str, substitution: Value) -> Value {
    json!({"type": "textV2", "text": words, "substitution": substitution})
}

fn emoji() -> Value {
    json!({"type": "emoji", "productId": "p", "emojiId": "e"})
}

#[test]
fn every_placeholder_is_substituted() {
    fine(with("{a} {b_1} {a}", json!({"a": emoji(), "b_1": emoji()})));
    // Not everything that could be substituted must be used.
    fine(with("a", json!({"a": emoji()})));
    fine(with("{{y}} }} {{", Value::Null));
    fine(with("{{{a}}}", json!({"a": emoji()})));
    for (words, key) in [("{y}", "y"), ("{a} {y}", "y"), ("{}", ""), ("{ a }", " a ")] {
        let expected = format!("messages[0].text: The substitution of {{{key}}} must be specified");
        wrong(with(words, json!({"a": emoji()})), &expected);
    }
    wrong(
        json!({"type": "textV2", "text": "{y}"}),
        "messages[0].text: The substitution of {y} must be specified",
    );
}

#[test]
fn braces_are_paired() {
    for words in ["{", "}", "{a", "a}", "{{a}", "{a{a}", "{a}}"] {
        let expected = "messages[0].text: { and } must be used in pairs";
        wrong(with(words, json!({"a": emoji()})), expected);
    }
}

#[test]
fn substitutions_are_mentions_or_emojis() {
    let mention = |whom: Value| with("{a}", json!({"a": {"type": "mention", "mentionee": whom}}));
    fine(mention(json!({"type": "all"})));
    fine(mention(json!({"type": "user", "userId": "U1"})));
    let at = "messages[0].substitution.a";
    wrong(mention(Value::Null), &format!("{at}.mentionee: May not be empty"));
    wrong(mention(json!({"type": "user"})), &format!("{at}.mentionee.userId: May not be empty"));
    wrong(
        with("{a}", json!({"a": {"type": "emoji", "productId": "p"}})),
        &format!("{at}.emojiId: May not be empty"),
    );
    for other in [json!({}), json!("x"), json!({"type": "link"})] {
        let found = errors(with("{a}", json!({"a": other})));
        assert_eq!(
            found,
            [format!("{at}.type: Must be one of the following values: [mention, emoji]")]
        );
    }
}
