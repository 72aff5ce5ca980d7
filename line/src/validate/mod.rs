//! What LINE would refuse in a request's `messages`, said in LINE's words.
//!
//! Works on JSON, so that it judges what is on the wire, whoever wrote it. The sandbox
//! refuses with it, our own code checks with it before anything leaves. Where LINE's
//! wording of a rule is not published the words are ours; properties are always full
//! paths (`messages[0].template.actions[1].uri`), where LINE sometimes gives a pointer
//! relative to the message. Flex components are checked for what is counted (size,
//! bubbles, actions, addresses), what is required and where they may stand, not for how
//! they look.
//!
//! Source: <https://developers.line.biz/en/reference/messaging-api/#message-objects>

mod action;
mod content;
mod flex;
mod rich_menu;
mod template;

pub use rich_menu::{
    is_resume_key, is_rich_menu_alias, is_rich_menu_picture, validate_rich_menu,
    validate_rich_menu_batch,
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::message::Message;
use crate::text;

/// One entry of `details` in an error body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    /// What is wrong, such as `May not be empty`.
    #[serde(default)]
    pub message: String,
    /// Where, such as `messages[0].text`.
    #[serde(default)]
    pub property: String,
}

/// Everything LINE would refuse in this array of messages; empty when it is fine.
#[must_use]
pub fn validate_messages(messages: &Value) -> Vec<Detail> {
    let mut check = Check::default();
    match messages {
        Value::Array(list) => {
            if !(1..=text::MESSAGES).contains(&list.len()) {
                check.size("messages", 1, text::MESSAGES);
            }
            for (i, message) in list.iter().enumerate() {
                content::message(&mut check, message, &format!("messages[{i}]"));
            }
        }
        Value::Null => check.fail("messages", EMPTY),
        _ => check.fail("messages", "Must be an array"),
    }
    check.details
}

/// The same for typed messages.
///
/// # Errors
/// Only where a message cannot be written as JSON, which no message does.
pub fn validate_typed(messages: &[Message]) -> Result<Vec<Detail>, serde_json::Error> {
    serde_json::to_value(messages).map(|value| validate_messages(&value))
}

/// Whether LINE counts under this name: `[A-Za-z0-9_]{1,30}`.
///
/// <https://developers.line.biz/en/docs/messaging-api/unit-based-statistics-aggregation/>
#[must_use]
pub fn is_aggregation_unit(name: &str) -> bool {
    (1..=text::AGGREGATION_UNIT).contains(&name.len())
        && name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_')
}

const EMPTY: &str = "May not be empty";

/// How a text is counted.
#[derive(Clone, Copy)]
enum Unit {
    Utf16,
    Grapheme,
}

/// Whether a property must be there, and not empty.
#[derive(Clone, Copy, PartialEq)]
enum Need {
    Required,
    Optional,
}

#[derive(Default)]
struct Check {
    details: Vec<Detail>,
}

impl Check {
    fn fail(&mut self, property: &str, message: impl Into<String>) {
        self.details.push(Detail { message: message.into(), property: property.to_owned() });
    }

    fn size(&mut self, property: &str, min: usize, max: usize) {
        self.fail(property, format!("Size must be between {min} and {max}"));
    }

    fn one_of(&mut self, property: &str, values: &[&str]) {
        let values = values.join(", ");
        self.fail(property, format!("Must be one of the following values: [{values}]"));
    }

    /// A text property within `max`; the text where it is there.
    fn text<'a>(
        &mut self,
        object: &'a Value,
        at: &str,
        key: &str,
        need: Need,
        unit: Unit,
        max: usize,
    ) -> Option<&'a str> {
        let property = format!("{at}.{key}");
        match object.get(key) {
            None | Some(Value::Null) => {
                if need == Need::Required {
                    self.fail(&property, EMPTY);
                }
                None
            }
            Some(Value::String(text)) => {
                let length = match unit {
                    Unit::Utf16 => text::utf16_len(text),
                    Unit::Grapheme => text::grapheme_len(text),
                };
                if text.is_empty() && need == Need::Required {
                    self.fail(&property, EMPTY);
                } else if length > max {
                    self.fail(&property, format!("Length must be between 0 and {max}"));
                }
                Some(text)
            }
            Some(_) => {
                self.fail(&property, "Must be a string");
                None
            }
        }
    }

    /// An address property with one of `schemes`, percent-encoded.
    fn uri(
        &mut self,
        object: &Value,
        at: &str,
        key: &str,
        need: Need,
        schemes: &[&str],
        max: usize,
    ) {
        let Some(uri) = self.text(object, at, key, need, Unit::Utf16, max) else {
            return;
        };
        if uri.is_empty() && need == Need::Required {
            return;
        }
        let property = format!("{at}.{key}");
        let (scheme, rest) = uri.split_once(':').unwrap_or_default();
        if !schemes.iter().any(|s| s.eq_ignore_ascii_case(scheme)) {
            self.fail(&property, "invalid uri scheme");
        } else if !is_rest_of_uri(scheme, rest) {
            self.fail(&property, "invalid uri");
        }
    }

    /// The address of a file that LINE and phones fetch. LINE takes https alone; http passes
    /// on loopback, where a sandbox and its city stand together and no phone of LINE's is.
    fn https(&mut self, object: &Value, at: &str, key: &str, need: Need) {
        let loopback = object.get(key).and_then(Value::as_str).is_some_and(is_http_on_loopback);
        let schemes: &[&str] = if loopback { &["http"] } else { &["https"] };
        self.uri(object, at, key, need, schemes, text::CONTENT_URL);
    }

    /// An array property of `min` to `max` elements; nothing where it is not one.
    fn list<'a>(
        &mut self,
        object: &'a Value,
        at: &str,
        key: &str,
        min: usize,
        max: usize,
    ) -> &'a [Value] {
        let property = format!("{at}.{key}");
        match object.get(key) {
            Some(Value::Array(list)) => {
                if !(min..=max).contains(&list.len()) {
                    self.size(&property, min, max);
                }
                list
            }
            None | Some(Value::Null) => {
                if min > 0 {
                    self.fail(&property, EMPTY);
                }
                &[]
            }
            Some(_) => {
                self.fail(&property, "Must be an array");
                &[]
            }
        }
    }

    /// A number property between `min` and `max`.
    fn number(&mut self, object: &Value, at: &str, key: &str, min: f64, max: f64) {
        let property = format!("{at}.{key}");
        match object.get(key) {
            None | Some(Value::Null) => self.fail(&property, "May not be null"),
            Some(value) => match value.as_f64() {
                Some(number) if (min..=max).contains(&number) => {}
                Some(_) => self.fail(&property, format!("Must be between {min} and {max}")),
                None => self.fail(&property, "Must be a number"),
            },
        }
    }

    /// An object property, if it is there and one.
    fn object<'a>(
        &mut self,
        object: &'a Value,
        at: &str,
        key: &str,
        need: Need,
    ) -> Option<&'a Value> {
        match object.get(key) {
            Some(value @ Value::Object(_)) => Some(value),
            None | Some(Value::Null) => {
                if need == Need::Required {
                    self.fail(&format!("{at}.{key}"), EMPTY);
                }
                None
            }
            Some(_) => {
                self.fail(&format!("{at}.{key}"), "Must be an object");
                None
            }
        }
    }
}

fn is_http_on_loopback(uri: &str) -> bool {
    let Some(rest) = uri.strip_prefix("http://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|c| c.is_ascii_digit()) => host,
        _ => authority,
    };
    let v4 = host.parse::<std::net::Ipv4Addr>().is_ok_and(|ip| ip.is_loopback());
    v4 || host == "localhost" || host == "[::1]"
}

fn is_rest_of_uri(scheme: &str, rest: &str) -> bool {
    let printable = rest.bytes().all(|c| c.is_ascii_graphic());
    let full = if scheme.eq_ignore_ascii_case("tel") {
        !rest.is_empty()
    } else {
        rest.strip_prefix("//")
            .is_some_and(|rest| rest.bytes().next().is_some_and(|c| !b"/?#".contains(&c)))
    };
    printable && full
}

#[cfg(test)]
mod tests;
