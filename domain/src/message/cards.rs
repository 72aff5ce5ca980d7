//! Cards (カード): a row of small pages, each with a picture, a title, a text and up to three
//! buttons. LINE's Flex message, made from fields.
//!
//! Source: <https://developers.line.biz/en/reference/messaging-api/#flex-message>

use super::button::{Button, Hosts, Place};
use super::{NO_PICTURE, alt_text_problem, marked, preview_url};
use crate::id::BlobId;
use crate::language::Voice;
use crate::problem::Problem;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Most cards of one part (LINE: bubbles of a carousel).
pub const CARDS_MAX: usize = 12;
/// Most buttons of a card.
pub const BUTTONS_MAX: usize = 3;
/// Longest title, in characters.
pub const TITLE_MAX: usize = 40;
/// Longest text, in characters.
pub const TEXT_MAX: usize = 500;
/// Most bytes of one card as LINE gets it (LINE: bubble).
const BUBBLE_BYTES: usize = 30 * 1024;
/// Most bytes of all cards as LINE gets them (LINE: carousel).
const CAROUSEL_BYTES: usize = 50 * 1024;
/// Longer than any city's address, for counting bytes before it is known.
const LONG_HOST: &str = "https://a-host-name-that-is-longer-than-the-address-of-any-city-that-uses-this-system.example.lg.jp:65535";

/// One card.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// The picture above, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<BlobId>,
    /// The bold line.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// Below the title.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// At the foot.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Button>,
}

impl Card {
    /// Whether nothing was written or chosen yet.
    pub fn is_empty(&self) -> bool {
        self.image.is_none()
            && self.buttons.is_empty()
            && self.title.trim().is_empty()
            && self.text.trim().is_empty()
    }

    fn problems(&self, purpose: Voice, at: &str) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut say = |key: &str, words: String| {
            problems.push(Problem::new(format!("{at}/{key}"), words));
        };
        let (title, text) = (self.title.chars().count(), self.text.chars().count());
        if self.title.trim().is_empty() && self.text.trim().is_empty() {
            say(
                "title",
                "見出しも文章も空です。どちらかを書くか、このカードを消してください".into(),
            );
        } else if title > TITLE_MAX {
            say("title", format!("見出しは{TITLE_MAX}文字までにしてください（いま{title}文字）"));
        } else if self.title.chars().any(char::is_control) {
            say(
                "title",
                "見出しに、改行などの見えない文字が入っています。1行で書いてください".into(),
            );
        }
        if text > TEXT_MAX {
            say("text", format!("文章は{TEXT_MAX}文字までにしてください（いま{text}文字）"));
        } else if self.text.contains('\0') {
            say("text", "文章に、表示できない文字が入っています。打ち直してください".into());
        }
        if self.buttons.len() > BUTTONS_MAX {
            say("buttons", format!("ボタンは{BUTTONS_MAX}つまでにしてください"));
        }
        for (i, button) in self.buttons.iter().enumerate() {
            problems.extend(button.problems(Place::Card, purpose, &format!("{at}/buttons/{i}")));
        }
        problems
    }

    /// The mark of a drill or test stands above everything, the picture included.
    fn bubble(&self, purpose: Voice, hosts: Hosts<'_>) -> Value {
        let mut bubble = json!({"type": "bubble"});
        if let Some(mark) = purpose.mark() {
            bubble["header"] = vertical(vec![
                json!({"type": "text", "text": mark, "weight": "bold", "wrap": true}),
            ]);
        }
        if let Some(image) = &self.image {
            bubble["hero"] = json!({
                "type": "image",
                "url": preview_url(hosts.base, image),
                "size": "full",
                "aspectRatio": "20:13",
                "aspectMode": "cover",
            });
        }
        let mut body = Vec::new();
        if !self.title.trim().is_empty() {
            body.push(json!({"type": "text", "text": self.title.trim(), "weight": "bold", "size": "lg", "wrap": true}));
        }
        if !self.text.trim().is_empty() {
            body.push(json!({"type": "text", "text": self.text.trim(), "size": "sm", "wrap": true, "margin": "md"}));
        }
        if !body.is_empty() {
            bubble["body"] = vertical(body);
        }
        let actions = self.buttons.iter().filter_map(|b| b.action(Place::Card, purpose, hosts));
        let buttons: Vec<Value> = actions
            .map(|action| json!({"type": "button", "style": "link", "height": "sm", "action": action}))
            .collect();
        if !buttons.is_empty() {
            bubble["footer"] = vertical(buttons);
        }
        bubble
    }

    fn parse(value: &Value) -> Result<Self, (String, String)> {
        let wrong = |key: &str, words: &str| (key.to_owned(), words.to_owned());
        let object =
            value.as_object().ok_or_else(|| wrong("", "カードはオブジェクトにしてください"))?;
        let mut card = Self::default();
        for (key, value) in object {
            let at = format!("/{key}");
            let text = || {
                value.as_str().map(str::to_owned).ok_or_else(|| wrong(&at, "文字にしてください"))
            };
            match key.as_str() {
                "image" => {
                    let id = text().ok().and_then(|id| id.parse().ok());
                    card.image = Some(id.ok_or_else(|| wrong(&at, NO_PICTURE))?);
                }
                "title" => card.title = text()?,
                "text" => card.text = text()?,
                "buttons" => {
                    let list = value.as_array();
                    let list = list.ok_or_else(|| wrong(&at, "buttons は配列にしてください"))?;
                    for (i, button) in list.iter().enumerate() {
                        let button = Button::parse(button)
                            .map_err(|(inner, words)| (format!("{at}/{i}{inner}"), words))?;
                        card.buttons.push(button);
                    }
                }
                _ => return Err(wrong(&at, "知らない項目です")),
            }
        }
        Ok(card)
    }
}

fn vertical(contents: Vec<Value>) -> Value {
    json!({"type": "box", "layout": "vertical", "contents": contents})
}

/// One bubble, or a carousel of them.
fn contents(cards: &[Card], purpose: Voice, hosts: Hosts<'_>) -> Value {
    let mut bubbles: Vec<Value> = cards.iter().map(|card| card.bubble(purpose, hosts)).collect();
    match bubbles.len() {
        1 => bubbles.remove(0),
        _ => json!({"type": "carousel", "contents": bubbles}),
    }
}

/// What is wrong with the cards of the part at `at`.
pub(super) fn problems(cards: &[Card], alt: &str, purpose: Voice, at: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    if cards.is_empty() || cards.len() > CARDS_MAX {
        problems.push(Problem::new(
            format!("{at}/cards"),
            format!("カードは1〜{CARDS_MAX}枚にしてください"),
        ));
    }
    if let Some(words) = alt_text_problem(alt, purpose) {
        problems.push(Problem::new(format!("{at}/alt"), words));
    }
    for (i, card) in cards.iter().enumerate() {
        problems.extend(card.problems(purpose, &format!("{at}/cards/{i}")));
    }
    if problems.is_empty() {
        let hosts = Hosts { base: LONG_HOST, liff: LONG_HOST, ..Hosts::default() };
        let bytes = |card: &Card| card.bubble(purpose, hosts).to_string().len();
        if let Some(i) = cards.iter().position(|card| bytes(card) > BUBBLE_BYTES) {
            problems.push(Problem::new(
                format!("{at}/cards/{i}"),
                "このカードは大きすぎて、LINEでは送れません。文章かアドレスを短くしてください",
            ));
        } else if contents(cards, purpose, hosts).to_string().len() > CAROUSEL_BYTES {
            problems.push(Problem::new(
                format!("{at}/cards"),
                "カードが合わせて大きすぎて、LINEでは送れません。枚数を減らすか、文章やアドレスを短くしてください",
            ));
        }
    }
    problems
}

/// The Flex message; nothing while every card is empty.
pub(super) fn to_line(
    cards: &[Card],
    alt: &str,
    purpose: Voice,
    hosts: Hosts<'_>,
) -> Option<Value> {
    let written: Vec<Card> = cards.iter().filter(|card| !card.is_empty()).cloned().collect();
    (!written.is_empty()).then(|| {
        json!({
            "type": "flex",
            "altText": marked(alt, purpose),
            "contents": contents(&written, purpose, hosts),
        })
    })
}

/// Reads cards from JSON.
///
/// # Errors
/// Where, below the part, and what is wrong.
pub(super) fn parse(value: &Value) -> Result<Vec<Card>, (String, String)> {
    let list = value
        .as_array()
        .ok_or_else(|| ("/cards".to_owned(), "cards は配列にしてください".to_owned()))?;
    let card =
        |(i, value)| Card::parse(value).map_err(|(at, words)| (format!("/cards/{i}{at}"), words));
    list.iter().enumerate().map(card).collect()
}
