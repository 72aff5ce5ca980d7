//! Messages (SEG-4): what staff compose, and the LINE message objects that it becomes.
//!
//! Preview, sandbox and residents all see the result of [`to_line`].

pub mod variable;

use crate::delivery::Purpose;
use crate::id::BlobId;
use crate::problem::{Problem, none_or};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Most parts of one delivery (LINE's messages in one call).
pub const PARTS_MAX: usize = 5;
/// Longest text, in UTF-16 units (LINE: text message).
pub const TEXT_MAX: usize = 5_000;
/// Longest description of a picture, in characters.
pub const ALT_MAX: usize = 200;
/// Largest file that is taken as a picture, in bytes (LINE: 10 MB).
pub const PICTURE_MAX: usize = 10 * 1024 * 1024;
/// Below which path of the city's address pictures are fetched.
pub const MEDIA_PATH: &str = "/media";

/// One part of a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Part {
    /// Text of 1–5,000 UTF-16 units, the mark of a drill or test included.
    Text {
        /// The text.
        text: String,
    },
    /// A picture.
    Image {
        /// The uploaded picture; nothing while a draft has none yet.
        image: Option<BlobId>,
        /// What is to be seen on it, for staff: LINE shows no such words.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        alt: String,
    },
}

/// Length as LINE counts a text message: UTF-16 units.
pub fn text_len(text: &str) -> usize {
    text.encode_utf16().count()
}

fn marked(text: &str, purpose: Purpose) -> String {
    match purpose.mark() {
        Some(mark) if !text.starts_with(mark) => format!("{mark}{text}"),
        _ => text.to_owned(),
    }
}

impl Part {
    /// This part in words, with the purpose's mark first.
    pub fn marked(&self, purpose: Purpose) -> String {
        match self {
            Self::Text { text } => marked(text, purpose),
            Self::Image { alt, .. } => marked(&format!("［写真］{alt}"), purpose),
        }
    }

    /// The picture, if this part has one.
    pub fn picture(&self) -> Option<&BlobId> {
        match self {
            Self::Image { image, .. } => image.as_ref(),
            Self::Text { .. } => None,
        }
    }

    /// Whether nothing was written or chosen yet.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Text { text } => text.trim().is_empty(),
            Self::Image { image, .. } => image.is_none(),
        }
    }
}

/// The parts as residents get them. A drill or test says so first in every text; a picture
/// cannot, so before each picture, or several in a row, stands a text that says it of them.
pub fn arriving(parts: &[Part], purpose: Purpose) -> Vec<Part> {
    let mut all: Vec<Part> = Vec::with_capacity(parts.len());
    for (i, part) in parts.iter().enumerate() {
        match part {
            Part::Text { text } => all.push(Part::Text { text: marked(text, purpose) }),
            Part::Image { .. } => {
                let first = !matches!(all.last(), Some(Part::Image { .. }));
                if let (true, Some(mark)) = (first, purpose.mark()) {
                    let row = parts[i..].iter().take_while(|p| matches!(p, Part::Image { .. }));
                    let number = match row.count() {
                        1 => String::new(),
                        n => format!("{n}枚"),
                    };
                    let word = purpose.label();
                    let text = format!("{mark}次の写真{number}は、{word}のものです");
                    all.push(Part::Text { text });
                }
                all.push(part.clone());
            }
        }
    }
    all
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
        match parse_part(item) {
            Ok(part) => parts.push(part),
            Err((key, words)) => problems.push(Problem::new(format!("/parts/{i}{key}"), words)),
        }
    }
    if problems.is_empty() {
        problems = check(&parts, purpose);
    }
    none_or(parts, problems)
}

fn parse_part(item: &Value) -> Result<Part, (&'static str, &'static str)> {
    let unknown =
        ("", "この種類の内容は使えません。{\"text\": \"…\"} か {\"image\": \"…\"} にしてください");
    let object = item.as_object().ok_or(unknown)?;
    let word = |key: &str| object.get(key).and_then(Value::as_str);
    match (word("text"), word("image")) {
        (Some(text), None) if object.len() == 1 => Ok(Part::Text { text: text.to_owned() }),
        (None, Some(image)) if object.keys().all(|k| k == "image" || k == "alt") => {
            let alt = match object.get("alt") {
                None => "",
                Some(alt) => alt.as_str().ok_or(("/alt", "説明（alt）は文字にしてください"))?,
            };
            let image = image.parse().map_err(|_| ("/image", NO_PICTURE))?;
            Ok(Part::Image { image: Some(image), alt: alt.to_owned() })
        }
        _ => Err(unknown),
    }
}

/// What is said of a picture that is not kept (any more).
pub const NO_PICTURE: &str = "この写真は、保管されていません。もう一度、写真を選んでください";

/// What is wrong with the parts, as LINE would count them.
pub fn check(parts: &[Part], purpose: Purpose) -> Vec<Problem> {
    let mut problems = Vec::new();
    let arriving = arriving(parts, purpose).len();
    if parts.is_empty() || parts.len() > PARTS_MAX {
        problems.push(Problem::new("/parts", "内容は1〜5個にしてください"));
    } else if arriving > PARTS_MAX {
        problems.push(Problem::new(
            "/parts",
            format!(
                "{}では、写真の前に「{}次の写真は…」という文章が入り、合わせて{arriving}個になります。5個までに減らすか、写真を続けて並べてください",
                purpose.label(),
                purpose.mark().unwrap_or_default(),
            ),
        ));
    }
    for (i, part) in parts.iter().enumerate() {
        let problem = match part {
            Part::Text { text } => {
                text_problem(text, purpose).map(|words| (format!("/parts/{i}/text"), words))
            }
            Part::Image { image: None, .. } => Some((
                format!("/parts/{i}/image"),
                "写真がまだ選ばれていません。選ぶか、この部分を消してください".into(),
            )),
            Part::Image { alt, .. } => {
                alt_problem(alt).map(|words| (format!("/parts/{i}/alt"), words))
            }
        };
        problems.extend(problem.map(|(at, words)| Problem::new(at, words)));
    }
    problems
}

fn text_problem(text: &str, purpose: Purpose) -> Option<String> {
    let units = text_len(&marked(text, purpose));
    if text.trim().is_empty() {
        Some("文章が空です。空のままでは送れません。書くか、この部分を消してください".into())
    } else if units > TEXT_MAX {
        Some(format!("{}字多すぎます。5,000字までにするか、2つに分けてください", units - TEXT_MAX))
    } else if text.contains('\0') {
        Some("文章に、表示できない文字が入っています。打ち直してください".into())
    } else {
        None
    }
}

/// What is wrong with the description of a picture.
pub fn alt_problem(alt: &str) -> Option<String> {
    let chars = alt.chars().count();
    if chars > ALT_MAX {
        Some(format!("写真の説明は{ALT_MAX}文字までにしてください（いま{chars}文字）"))
    } else if alt.chars().any(char::is_control) {
        Some("写真の説明に、改行などの見えない文字が入っています。1行で書いてください".into())
    } else {
        None
    }
}

/// LINE message objects (`messages` of a call). `base` is the city's address, without a
/// slash at its end; within our own pages it may be left empty.
pub fn to_line(parts: &[Part], purpose: Purpose, base: &str) -> Value {
    let object = |part: Part| match part {
        Part::Text { text } => Some(json!({"type": "text", "text": text})),
        Part::Image { image, .. } => image.map(|id| {
            json!({
                "type": "image",
                "originalContentUrl": format!("{base}{MEDIA_PATH}/{id}"),
                "previewImageUrl": preview_url(base, &id),
            })
        }),
    };
    Value::Array(arriving(parts, purpose).into_iter().filter_map(object).collect())
}

/// Where the small form of a picture is fetched.
pub fn preview_url(base: &str, id: &BlobId) -> String {
    format!("{base}{MEDIA_PATH}/{id}/preview")
}

/// The first line, shortened, for lists and the lock screen.
pub fn summary(parts: &[Part], chars: usize) -> String {
    let words = match parts.first() {
        Some(Part::Text { text }) => text.as_str(),
        Some(Part::Image { alt, .. }) if !alt.is_empty() => alt,
        Some(Part::Image { .. }) => "写真",
        None => "",
    };
    let flat = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if flat.chars().count() <= chars {
        flat
    } else {
        flat.chars().take(chars).chain(['…']).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "00112233445566778899aabbccddeeff00112233";

    fn text(text: &str) -> Part {
        Part::Text { text: text.into() }
    }

    fn picture() -> Part {
        Part::Image { image: ID.parse().ok(), alt: String::new() }
    }

    #[test]
    fn length_is_counted_in_utf16_with_the_mark() {
        let text = |n: usize| vec![text(&"😀".repeat(n))];
        assert!(check(&text(2500), Purpose::Notice).is_empty());
        assert_eq!(check(&text(2501), Purpose::Notice)[0].at, "/parts/0/text");
        assert!(!check(&text(2500), Purpose::Drill).is_empty());
    }

    #[test]
    fn a_drill_says_so_first_in_every_part() {
        let parts = [text("避難してください"), text("【訓練】高台へ")];
        let json = to_line(&parts, Purpose::Drill, "");
        assert_eq!(json[0]["text"], "【訓練】避難してください");
        assert_eq!(json[1]["text"], "【訓練】高台へ");
        assert_eq!(to_line(&parts[..1], Purpose::Emergency, "")[0]["text"], "避難してください");
    }

    #[test]
    fn a_picture_of_a_drill_is_announced_and_counted() {
        let said = |parts: &[Part]| {
            let messages = to_line(parts, Purpose::Test, "https://city.example");
            let words = |m: &Value| m["text"].as_str().unwrap_or("写真").to_owned();
            messages.as_array().into_iter().flatten().map(words).collect::<Vec<_>>()
        };
        assert_eq!(
            said(&[picture(), text("あ"), picture(), picture()]),
            [
                "【試験】次の写真は、試験のものです",
                "写真",
                "【試験】あ",
                "【試験】次の写真2枚は、試験のものです",
                "写真",
                "写真"
            ]
        );
        let four = [text("あ"), picture(), picture(), picture()];
        assert!(check(&four, Purpose::Drill).is_empty());
        let apart = [text("あ"), picture(), text("い"), picture()];
        assert!(check(&apart, Purpose::Notice).is_empty());
        assert_eq!(check(&apart, Purpose::Drill)[0].at, "/parts");
    }

    #[test]
    fn a_picture_becomes_two_addresses_of_the_city() {
        let json = to_line(&[picture()], Purpose::Notice, "https://city.example");
        assert_eq!(json[0]["originalContentUrl"], format!("https://city.example/media/{ID}"));
        assert_eq!(json[0]["previewImageUrl"], format!("https://city.example/media/{ID}/preview"));
        let stored = serde_json::to_string(&[picture(), text("a")]).unwrap();
        assert_eq!(stored, format!("[{{\"image\":\"{ID}\"}},{{\"text\":\"a\"}}]"));
        assert_eq!(serde_json::from_str::<Vec<Part>>(&stored).unwrap(), [picture(), text("a")]);
        let unfinished = Part::Image { image: None, alt: "公園".into() };
        let stored = serde_json::to_string(&unfinished).unwrap();
        assert_eq!(serde_json::from_str::<Part>(&stored).unwrap(), unfinished);
        assert_eq!(check(&[unfinished], Purpose::Notice)[0].at, "/parts/0/image");
    }

    #[test]
    fn unknown_parts_are_refused() {
        for (bad, at) in [
            (json!({}), "/parts"),
            (json!([]), "/parts"),
            (json!([{"text": 1}]), "/parts/0"),
            (json!([{"text": "a", "x": 1}]), "/parts/0"),
            (json!([{"text": "a", "image": ID}]), "/parts/0"),
            (json!([{"image": "1"}]), "/parts/0/image"),
            (json!([{"image": ID.to_uppercase()}]), "/parts/0/image"),
            (json!([{"image": null}]), "/parts/0"),
            (json!([{"image": ID, "alt": 1}]), "/parts/0/alt"),
            (json!([{"image": ID, "alt": "あ".repeat(201)}]), "/parts/0/alt"),
            (json!([{"image": ID, "alt": "a\nb"}]), "/parts/0/alt"),
            (json!([{"text": "a"}, {"text": ""}]), "/parts/1/text"),
            (json!([null]), "/parts/0"),
        ] {
            let problems = parse_parts(&bad, Purpose::Notice).unwrap_err();
            assert_eq!(problems[0].at, at, "{bad}");
        }
        assert!(parse_parts(&json!([{"text": "a"}]), Purpose::Notice).is_ok());
        assert!(parse_parts(&json!([{"image": ID, "alt": "公園"}]), Purpose::Notice).is_ok());
    }
}
