//! Messages (SEG-4): what staff compose, and the LINE message objects that it becomes.
//!
//! Preview, sandbox and residents all see the result of [`to_line`].

mod button;
pub mod cards;
mod quick;
pub mod reply;
pub mod rich;
pub mod variable;

use crate::id::BlobId;
use crate::language::Voice;
use crate::problem::{Problem, none_or};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use button::{
    ADDRESS_MAX, Act, Button, Hosts, Page, Place, SAY_MAX, tel, uri, web, with_https,
};
pub use cards::Card;
pub use quick::{QUICK_MAX, messages, quick, with_quick};
pub use rich::Rich;

/// Most parts of one delivery (LINE's messages in one call).
pub const PARTS_MAX: usize = 5;
/// Longest text for those who do not see a picture or a card, in UTF-16 units with the mark
/// of a drill or test (LINE: altText).
pub const ALT_TEXT_MAX: usize = 1_500;
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
    /// A video, with the picture that stands for it.
    Video {
        /// The uploaded video; nothing while a draft has none yet.
        video: Option<BlobId>,
        /// The picture that is seen before it plays; LINE shows no video without.
        poster: Option<BlobId>,
        /// What is to be seen in it, for staff.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        alt: String,
    },
    /// A picture with areas to tap.
    Rich {
        /// The picture and its areas.
        rich: Box<Rich>,
    },
    /// Cards beside one another.
    Cards {
        /// 1–12 cards.
        cards: Vec<Card>,
        /// What they say, in words: shown in the notification, and by old devices.
        #[serde(default)]
        alt: String,
    },
    /// Suggested answers below the last message: no message of its own, always the last.
    Quick {
        /// 1–13 buttons.
        quick: Vec<Button>,
    },
}

/// Length as LINE counts a text message: UTF-16 units.
pub fn text_len(text: &str) -> usize {
    text.encode_utf16().count()
}

fn marked(text: &str, purpose: Voice) -> String {
    match purpose.mark() {
        Some(mark) if !text.starts_with(mark) => format!("{mark}{text}"),
        _ => text.to_owned(),
    }
}

impl Part {
    /// This part in words, with the purpose's mark first.
    pub fn marked(&self, purpose: impl Into<Voice>) -> String {
        let purpose = purpose.into();
        let with = |first: String, buttons: &[Button]| {
            let buttons = buttons.iter().map(|b| b.in_words(purpose));
            std::iter::once(first).chain(buttons).collect::<Vec<_>>().join("\n")
        };
        match self {
            Self::Text { text } => marked(text, purpose),
            Self::Image { alt, .. } => marked(&format!("［写真］{alt}"), purpose),
            Self::Video { alt, .. } => marked(&format!("［動画］{alt}"), purpose),
            Self::Rich { rich } => {
                with(marked(&format!("［タップ画像］{}", rich.alt), purpose), &rich.areas)
            }
            Self::Cards { cards, alt } => {
                let cards = cards.iter().map(|c| {
                    let words = [c.title.trim(), c.text.trim()].join("\n");
                    with(words.trim().to_owned(), &c.buttons)
                });
                let all = std::iter::once(marked(&format!("［カード］{alt}"), purpose));
                all.chain(cards).collect::<Vec<_>>().join("\n")
            }
            Self::Quick { quick } => with("［返事のボタン］".into(), quick),
        }
    }

    /// What staff call it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Text { .. } => "文章",
            Self::Image { .. } => "写真",
            Self::Video { .. } => "動画",
            Self::Rich { .. } => "タップ画像",
            Self::Cards { .. } => "カード",
            Self::Quick { .. } => "返事のボタン",
        }
    }

    /// The pictures of this part, each with its place below the part.
    pub fn pictures(&self) -> Vec<(String, &BlobId)> {
        match self {
            Self::Text { .. } | Self::Quick { .. } => Vec::new(),
            Self::Image { image, .. } => image.iter().map(|id| ("/image".to_owned(), id)).collect(),
            Self::Video { poster, .. } => {
                poster.iter().map(|id| ("/poster".to_owned(), id)).collect()
            }
            Self::Rich { rich } => {
                rich.image.iter().map(|id| ("/rich/image".to_owned(), id)).collect()
            }
            Self::Cards { cards, .. } => cards
                .iter()
                .enumerate()
                .filter_map(|(i, c)| Some((format!("/cards/{i}/image"), c.image.as_ref()?)))
                .collect(),
        }
    }

    /// The video of this part.
    pub fn video(&self) -> Option<&BlobId> {
        if let Self::Video { video, .. } = self { video.as_ref() } else { None }
    }

    /// Whether nothing was written or chosen yet.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Text { text } => text.trim().is_empty(),
            Self::Image { image, .. } => image.is_none(),
            Self::Video { video, poster, .. } => video.is_none() && poster.is_none(),
            Self::Rich { rich } => rich.image.is_none(),
            Self::Cards { cards, .. } => cards.iter().all(Card::is_empty),
            Self::Quick { quick } => quick.is_empty(),
        }
    }

    /// Whether it is nothing but a picture or a video, which cannot carry words of ours.
    fn is_picture(&self) -> bool {
        matches!(self, Self::Image { .. } | Self::Video { .. } | Self::Rich { .. })
    }
}

/// The parts as residents get them. A drill or test says so first in every text, on every
/// card and button; a picture cannot, so before each picture, or several in a row, stands a
/// text that says it of them.
pub fn arriving(parts: &[Part], purpose: impl Into<Voice>) -> Vec<Part> {
    let purpose = purpose.into();
    let mut all: Vec<Part> = Vec::with_capacity(parts.len());
    for (i, part) in parts.iter().enumerate() {
        if let Part::Text { text } = part {
            all.push(Part::Text { text: marked(text, purpose) });
            continue;
        }
        let first = part.is_picture() && !all.last().is_some_and(Part::is_picture);
        if first {
            let row: Vec<&Part> = parts[i..].iter().take_while(|p| p.is_picture()).collect();
            let photos = row.iter().all(|p| matches!(p, Part::Image { .. }));
            let videos = row.iter().filter(|p| matches!(p, Part::Video { .. })).count();
            let (kind, unit) = match videos {
                0 if photos => ("写真", "枚"),
                0 => ("画像", "枚"),
                n if n == row.len() => ("動画", "本"),
                _ => ("画像と動画", "つ"),
            };
            let number =
                if row.len() == 1 { String::new() } else { format!("{}{unit}", row.len()) };
            let said = purpose.before_pictures(&format!("{kind}{number}"));
            all.extend(said.map(|text| Part::Text { text }));
        }
        all.push(part.clone());
    }
    all
}

/// Reads parts from JSON and checks them.
///
/// # Errors
/// Problems with pointers below `/parts`.
pub fn parse_parts(value: &Value, purpose: impl Into<Voice>) -> Result<Vec<Part>, Vec<Problem>> {
    let Some(list) = value.as_array() else {
        return Err(vec![Problem::new("/parts", "内容（parts）は配列にしてください")]);
    };
    // What suggests answers is no message of its own.
    let most = PARTS_MAX + usize::from(list.last().is_some_and(|p| p.get("quick").is_some()));
    if list.is_empty() || list.len() > most {
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

/// A part, or where below it something is wrong, and what.
fn parse_part(item: &Value) -> Result<Part, (String, String)> {
    let unknown = || {
        (
            String::new(),
            "この種類の内容は使えません。text・image・video・rich・cards・quick のどれか1つにしてください"
                .to_owned(),
        )
    };
    let object = item.as_object().ok_or_else(unknown)?;
    let only = |keys: &[&str]| object.keys().all(|k| keys.contains(&k.as_str()));
    let alt = || match object.get("alt") {
        None => Ok(String::new()),
        Some(alt) => alt
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| ("/alt".to_owned(), "説明（alt）は文字にしてください".to_owned())),
    };
    if let (Some(text), true) = (object.get("text").and_then(Value::as_str), only(&["text"])) {
        Ok(Part::Text { text: text.to_owned() })
    } else if let (Some(image), true) =
        (object.get("image").and_then(Value::as_str), only(&["image", "alt"]))
    {
        let alt = alt()?;
        let image = image.parse().map_err(|_| ("/image".to_owned(), NO_PICTURE.to_owned()))?;
        Ok(Part::Image { image: Some(image), alt })
    } else if let (Some(video), true) =
        (object.get("video").and_then(Value::as_str), only(&["video", "poster", "alt"]))
    {
        let alt = alt()?;
        let video = video.parse().map_err(|_| ("/video".to_owned(), NO_VIDEO.to_owned()))?;
        let poster = object.get("poster").and_then(Value::as_str).and_then(|id| id.parse().ok());
        let poster = poster.ok_or_else(|| ("/poster".to_owned(), NO_PICTURE.to_owned()))?;
        Ok(Part::Video { video: Some(video), poster: Some(poster), alt })
    } else if let (Some(rich), true) = (object.get("rich"), only(&["rich"])) {
        Ok(Part::Rich { rich: Box::new(Rich::parse(rich)?) })
    } else if let (Some(list), true) = (object.get("cards"), only(&["cards", "alt"])) {
        Ok(Part::Cards { alt: alt()?, cards: cards::parse(list)? })
    } else if let (Some(list), true) = (object.get("quick"), only(&["quick"])) {
        Ok(Part::Quick { quick: quick::parse(list)? })
    } else {
        Err(unknown())
    }
}

/// What is said of a picture that is not kept (any more).
pub const NO_PICTURE: &str = "この写真は、保管されていません。もう一度、写真を選んでください";

/// What is said of a video that is not kept (any more).
pub const NO_VIDEO: &str = "この動画は、保管されていません。もう一度、動画を選んでください";

/// What is wrong with the parts, as LINE would count them for whoever registered nothing that
/// is filled in.
pub fn check(parts: &[Part], purpose: impl Into<Voice>) -> Vec<Problem> {
    let purpose = purpose.into();
    let parts = &variable::fill(parts, &variable::Values::new())[..];
    let mut problems = Vec::new();
    let own = messages(parts).len();
    let arriving = arriving(messages(parts), purpose).len();
    if own == 0 || own > PARTS_MAX {
        problems.push(Problem::new("/parts", "内容は1〜5個にしてください"));
    } else if arriving > PARTS_MAX {
        problems.push(Problem::new(
            "/parts",
            format!(
                "{}では、写真・画像・動画の前に「{}次の写真は…」などの文章が入り、合わせて{arriving}個になります。5個までに減らすか、写真・画像・動画を続けて並べてください",
                purpose.label(),
                purpose.mark().unwrap_or_default(),
            ),
        ));
    }
    for (i, part) in parts.iter().enumerate() {
        let at = format!("/parts/{i}");
        let one = |key: &str, words: Option<String>| {
            words.map(|words| Problem::new(format!("{at}/{key}"), words)).into_iter().collect()
        };
        let found: Vec<Problem> = match part {
            Part::Text { text } => one("text", text_problem(text, purpose)),
            Part::Image { image: None, .. } => one(
                "image",
                Some("写真がまだ選ばれていません。選ぶか、この部分を消してください".into()),
            ),
            Part::Image { alt, .. } => one("alt", alt_problem(alt)),
            Part::Video { video, poster, alt } => {
                video_problems(video.is_some(), poster.is_some(), alt, &at)
            }
            Part::Rich { rich } => rich.problems(purpose, &format!("{at}/rich")),
            Part::Cards { cards, alt } => cards::problems(cards, alt, purpose, &at),
            Part::Quick { quick } => quick::problems(quick, i + 1 == parts.len(), purpose, &at),
        };
        problems.extend(found);
    }
    problems
}

fn text_problem(text: &str, purpose: Voice) -> Option<String> {
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

fn video_problems(video: bool, poster: bool, alt: &str, at: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    if !video {
        problems.push(Problem::new(
            format!("{at}/video"),
            "動画がまだ選ばれていません。選ぶか、この部分を消してください",
        ));
    }
    if !poster {
        problems.push(Problem::new(
            format!("{at}/poster"),
            "動画の表紙がまだありません。動画から場面を選ぶか、写真を選んでください",
        ));
    }
    problems.extend(alt_problem(alt).map(|words| Problem::new(format!("{at}/alt"), words)));
    problems
}

/// What is wrong with the description of a picture or video.
pub fn alt_problem(alt: &str) -> Option<String> {
    let chars = alt.chars().count();
    if chars > ALT_MAX {
        Some(format!("説明は{ALT_MAX}文字までにしてください（いま{chars}文字）"))
    } else if alt.chars().any(char::is_control) {
        Some("説明に、改行などの見えない文字が入っています。1行で書いてください".into())
    } else {
        None
    }
}

/// What is wrong with the words that stand for a picture or for cards.
pub fn alt_text_problem(alt: &str, purpose: impl Into<Voice>) -> Option<String> {
    let purpose = purpose.into();
    let units = text_len(&marked(alt, purpose));
    if alt.trim().is_empty() {
        Some("読み上げと通知に出る説明が空です。何が伝わるかを、1文で書いてください".into())
    } else if units > ALT_TEXT_MAX {
        Some(format!("説明は{ALT_TEXT_MAX}字までにしてください（いま{units}字）"))
    } else if alt.chars().any(char::is_control) {
        Some("説明に、改行などの見えない文字が入っています。1行で書いてください".into())
    } else {
        None
    }
}

/// LINE message objects (`messages` of a call). The first of `hosts` is the city's address,
/// without a slash at its end; within our own pages it may be left empty.
pub fn to_line<'a>(
    parts: &[Part],
    purpose: impl Into<Voice>,
    hosts: impl Into<Hosts<'a>>,
) -> Value {
    let (purpose, hosts) = (purpose.into(), hosts.into());
    let base = hosts.base;
    let object = |part: Part| match part {
        Part::Text { text } => Some(json!({"type": "text", "text": text})),
        Part::Image { image, .. } => image.map(|id| {
            json!({
                "type": "image",
                "originalContentUrl": media_url(base, &id),
                "previewImageUrl": preview_url(base, &id),
            })
        }),
        Part::Video { video, poster, .. } => video.zip(poster).map(|(id, poster)| {
            json!({
                "type": "video",
                "originalContentUrl": media_url(base, &id),
                "previewImageUrl": preview_url(base, &poster),
            })
        }),
        Part::Rich { rich } => rich.to_line(purpose, hosts),
        Part::Cards { cards, alt } => cards::to_line(&cards, &alt, purpose, hosts),
        Part::Quick { .. } => None,
    };
    let mut all: Vec<Value> = arriving(parts, purpose).into_iter().filter_map(object).collect();
    if let (Some(last), Some(reply)) = (all.last_mut(), quick::to_line(parts, purpose, hosts)) {
        last["quickReply"] = reply;
    }
    Value::Array(all)
}

/// Where a picture or video is fetched.
pub fn media_url(base: &str, id: &BlobId) -> String {
    format!("{base}{MEDIA_PATH}/{id}")
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
        Some(Part::Video { alt, .. }) if !alt.is_empty() => alt,
        Some(Part::Video { .. }) => "動画",
        Some(Part::Rich { rich }) => &rich.alt,
        Some(Part::Cards { alt, .. }) => alt,
        Some(Part::Quick { .. }) | None => "",
    };
    shortened(words, chars)
}

/// The beginning of these words in one line; 「…」 says that there are more.
pub fn shortened(words: &str, chars: usize) -> String {
    let flat = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if flat.chars().count() <= chars {
        flat
    } else {
        flat.chars().take(chars).chain(['…']).collect()
    }
}

#[cfg(test)]
mod tests;
