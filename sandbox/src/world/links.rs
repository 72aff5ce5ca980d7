//! The addresses that a message leads to, which LINE counts clicks on.

use serde_json::Value;

/// Every http(s) address in message objects, in order and each once: the `uri`
/// of actions and addresses inside texts.
#[must_use]
pub fn links(messages: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk(messages, &mut found);
    found
}

fn walk(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| walk(item, found)),
        Value::Object(fields) => {
            let kind = fields.get("type").and_then(Value::as_str);
            for (name, field) in fields {
                match (kind, name.as_str(), field.as_str()) {
                    (Some("uri"), "uri" | "linkUri", Some(uri)) if is_web(uri) => keep(uri, found),
                    (Some("text" | "textV2"), "text", Some(text)) => {
                        in_text(text).for_each(|uri| keep(uri, found));
                    }
                    _ => walk(field, found),
                }
            }
        }
        _ => {}
    }
}

fn keep(uri: &str, found: &mut Vec<String>) {
    if !found.iter().any(|known| known == uri) {
        found.push(uri.to_owned());
    }
}

fn is_web(uri: &str) -> bool {
    uri.starts_with("https://") || uri.starts_with("http://")
}

fn in_text(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_graphic() || matches!(c, '<' | '>' | '"')).filter_map(|word| {
        let start = word.find("https://").or_else(|| word.find("http://"))?;
        Some(word[start..].trim_end_matches(['.', ',', ')', '!', '?']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn finds_text_and_action_addresses_once() {
        let messages = json!([
            {"type": "text", "text": "くわしくは https://example.jp/a?b=1 をご覧ください（https://example.jp/c）。"},
            {"type": "template", "template": {"actions": [
                {"type": "uri", "label": "開く", "uri": "https://example.jp/a?b=1"},
                {"type": "uri", "label": "電話", "uri": "tel:0300000000"},
                {"type": "message", "text": "http は住所ではない"}]}},
            {"type": "imagemap", "actions": [{"type": "uri", "linkUri": "https://example.jp/d"}]}
        ]);
        assert_eq!(
            links(&messages),
            ["https://example.jp/a?b=1", "https://example.jp/c", "https://example.jp/d"]
        );
    }
}
