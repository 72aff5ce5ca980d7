//! What is asked for when a delivery is made (`POST /api/v1/deliveries`), and what is wrong with it.

use super::variant::{self, Variant};
use super::{Purpose, TITLE_MAX, send_at_problem};
use crate::audience::Audience;
use crate::link;
use crate::message::{Part, parse_parts};
use crate::problem::{Problem, none_or, require};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What is asked for when a delivery is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewDelivery {
    /// 1–100 characters, for staff.
    pub title: String,
    /// Who.
    pub audience: Audience,
    /// What: 1–5 parts.
    pub parts: Vec<Part>,
    /// Why.
    pub purpose: Purpose,
    /// When; nothing means at once.
    pub send_at: Option<Timestamp>,
    /// Addresses in the parts that are sent as they are; taps on the others are counted.
    #[serde(default)]
    pub uncounted: Vec<String>,
    /// The same in other languages.
    #[serde(default)]
    pub variants: Vec<Variant>,
}

impl NewDelivery {
    /// Reads the body of `POST /api/v1/deliveries`. Keys of the audience are
    /// checked later, against the catalog.
    ///
    /// # Errors
    /// Everything that must be mended, with JSON pointers.
    pub fn parse(body: &Value, now: Timestamp) -> Result<Self, Vec<Problem>> {
        let Some(object) = body.as_object() else {
            return Err(vec![Problem::new("", "配信は、オブジェクトで送ってください")]);
        };
        let mut p = Vec::new();
        for name in object.keys() {
            require(
                &mut p,
                ["title", "audience", "parts", "purpose", "send_at", "uncounted", "variants"]
                    .contains(&name.as_str()),
                &format!("/{name}"),
                "知らない項目です",
            );
        }
        let title =
            object.get("title").and_then(Value::as_str).unwrap_or_default().trim().to_owned();
        p.extend(title_problem(&title));
        let purpose = object.get("purpose").and_then(Value::as_str).and_then(Purpose::parse);
        require(
            &mut p,
            purpose.is_some(),
            "/purpose",
            "目的（purpose）は notice・emergency・drill・test のどれかにしてください",
        );
        let purpose = purpose.unwrap_or_default();
        let audience = Audience::parse(object.get("audience").unwrap_or(&Value::Null), "/audience")
            .map_err(|e| p.extend(e))
            .ok();
        let parts = parse_parts(object.get("parts").unwrap_or(&Value::Null), purpose)
            .map_err(|e| p.extend(e))
            .ok();
        let send_at = match object.get("send_at") {
            None | Some(Value::Null) => None,
            Some(value) => {
                let at = value.as_str().and_then(Timestamp::parse_rfc3339);
                match at {
                    None => p.push(Problem::new(
                        "/send_at",
                        "日時は 2026-11-26T17:30:00+09:00 のように、時差をつけて書いてください",
                    )),
                    Some(at) => p.extend(send_at_problem(at, now)),
                }
                at
            }
        };
        let variants = variant::parse(object.get("variants"), purpose, parts.as_deref())
            .map_err(|e| p.extend(e));
        let broken = variants.is_err();
        let variants = variants.unwrap_or_default();
        let all = parts.as_deref().map(|parts| variant::whole(parts, &variants));
        // What was not understood may hold any address.
        let all = all.filter(|_| !broken);
        let uncounted = uncounted(object.get("uncounted"), all.as_deref()).map_err(|e| p.push(e));
        match (audience, parts) {
            (Some(audience), Some(parts)) => {
                let uncounted = uncounted.unwrap_or_default();
                none_or(Self { title, audience, parts, purpose, send_at, uncounted, variants }, p)
            }
            _ => Err(p),
        }
    }
}

/// The addresses that are sent as they are: each must stand in the parts, so that none is
/// counted by a slip of the pen.
fn uncounted(value: Option<&Value>, parts: Option<&[Part]>) -> Result<Vec<String>, Problem> {
    let list = match value {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(value) => value.as_array().ok_or_else(|| {
            Problem::new(
                "/uncounted",
                "数えないリンク（uncounted）は、アドレスの配列にしてください",
            )
        })?,
    };
    let known = link::found(parts.unwrap_or_default(), &link::Own::default(), &[]);
    let mut all = Vec::with_capacity(list.len());
    for (i, item) in list.iter().enumerate() {
        match item.as_str().filter(|uri| parts.is_none() || known.iter().any(|f| f.uri == *uri)) {
            Some(uri) => all.push(uri.to_owned()),
            None => {
                return Err(Problem::new(
                    format!("/uncounted/{i}"),
                    "このアドレスは、内容（parts）のリンクにありません。同じ字で書いてください",
                ));
            }
        }
    }
    Ok(all)
}

/// What is wrong with a title.
pub fn title_problem(title: &str) -> Option<Problem> {
    let chars = title.trim().chars().count();
    if chars == 0 {
        Some(Problem::new("/title", "件名が空です。職員にだけ見える、短い名前をつけてください"))
    } else if chars > TITLE_MAX {
        Some(Problem::new(
            "/title",
            format!("件名は{TITLE_MAX}文字までにしてください（いま{chars}文字）"),
        ))
    } else if title.chars().any(char::is_control) {
        Some(Problem::new(
            "/title",
            "件名に、改行などの見えない文字が入っています。打ち直してください",
        ))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: Timestamp = Timestamp(1_795_000_000_000_000);

    fn good() -> Value {
        json!({"title": "断水", "audience": {"everyone": true}, "parts": [{"text": "断水します"}], "purpose": "notice"})
    }

    #[test]
    fn a_good_request() {
        let d = NewDelivery::parse(&good(), NOW).unwrap();
        assert_eq!((d.title.as_str(), d.purpose, d.send_at), ("断水", Purpose::Notice, None));
        let mut body = good();
        body["parts"] = json!([{"text": "https://a.example/ と https://b.example/"}]);
        body["uncounted"] = json!(["https://b.example/"]);
        assert_eq!(NewDelivery::parse(&body, NOW).unwrap().uncounted, ["https://b.example/"]);
        body["variants"] = json!({"en": [{"text": "https://c.example/"}]});
        body["uncounted"] = json!(["https://c.example/"]);
        let read = NewDelivery::parse(&body, NOW).unwrap();
        assert_eq!((read.variants.len(), read.uncounted.len()), (1, 1));
    }

    #[test]
    fn every_mistake_is_named_with_its_place() {
        let change = |name: &str, value: Value| {
            let mut body = good();
            body[name] = value;
            body
        };
        for (body, at) in [
            (change("title", json!("")), "/title"),
            (change("title", json!("あ".repeat(101))), "/title"),
            (change("title", json!(3)), "/title"),
            (change("purpose", json!("urgent")), "/purpose"),
            (change("purpose", Value::Null), "/purpose"),
            (change("parts", json!([])), "/parts"),
            (change("parts", json!(vec![json!({"text": "a"}); 6])), "/parts"),
            (change("parts", json!([{"text": "a"}, {"text": "あ".repeat(5001)}])), "/parts/1/text"),
            (change("audience", json!({"all": []})), "/audience/all"),
            (change("send_at", json!("2026-11-20T10:00:00")), "/send_at"),
            (change("send_at", json!("2020-11-20T10:00:00Z")), "/send_at"),
            (change("send_to", json!("x")), "/send_to"),
            (change("uncounted", json!("x")), "/uncounted"),
            (change("uncounted", json!(["https://a.example/"])), "/uncounted/0"),
            (change("uncounted", json!([1])), "/uncounted/0"),
            (change("variants", json!({"xx": []})), "/variants/xx"),
            (change("variants", json!({"en": [{"text": ""}]})), "/variants/en/0/text"),
            (json!([]), ""),
        ] {
            let problems = NewDelivery::parse(&body, NOW).unwrap_err();
            assert_eq!(problems[0].at, at, "{body}");
        }
    }
}
