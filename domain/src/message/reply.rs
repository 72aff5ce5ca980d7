//! Replies that are kept (数える返事): a button that says its words in the resident's name, as a
//! postback that names the delivery, so that those who replied can be asked for (SEG-2).
//!
//! Source: <https://developers.line.biz/en/reference/messaging-api/#postback-action>

use super::button::{Act, Button};
use super::{Part, marked};
use crate::id::DeliveryId;
use crate::language::Voice;
use serde_json::{Value, json};

/// Longest reply, in characters (LINE: 300 of `data`; shorter, since it names a condition).
pub const REPLY_MAX: usize = 40;

/// What `data` begins with.
const HEAD: &str = "reply:";

/// Who tapped is kept under these words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Below which delivery the button stood.
    pub delivery: DeliveryId,
    /// What was replied, without the mark of a drill or test.
    pub words: String,
}

impl Reply {
    /// As `data` of LINE's postback.
    pub fn data(&self) -> String {
        format!("{HEAD}{}:{}", self.delivery, self.words)
    }

    /// From `data`; nothing if it is not ours.
    pub fn parse(data: &str) -> Option<Self> {
        let (id, words) = data.strip_prefix(HEAD)?.split_once(':')?;
        let id = Some(id).filter(|id| id.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()?;
        let good = !words.is_empty() && words.chars().count() <= REPLY_MAX;
        good.then(|| Self { delivery: DeliveryId(id), words: words.to_owned() })
    }
}

/// LINE's action of a reply.
pub(super) fn action(label: &str, words: &str, voice: Voice, delivery: DeliveryId) -> Value {
    let reply = Reply { delivery, words: words.trim().to_owned() };
    json!({
        "type": "postback",
        "label": label,
        "data": reply.data(),
        "displayText": marked(words.trim(), voice),
    })
}

/// What can be replied to these parts, in their order, each once.
pub fn replies(parts: &[Part]) -> Vec<String> {
    let buttons = parts.iter().flat_map(|part| match part {
        Part::Cards { cards, .. } => cards.iter().flat_map(|card| &card.buttons).collect(),
        Part::Quick { quick } => quick.iter().collect::<Vec<&Button>>(),
        _ => Vec::new(),
    });
    let mut found: Vec<String> = Vec::new();
    for button in buttons {
        if let Act::Reply(words) = &button.act
            && !found.iter().any(|f| f == words.trim())
        {
            found.push(words.trim().to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::Purpose;
    use crate::message::button::Place;
    use crate::message::{Card, Hosts};

    fn button(label: &str, act: Act) -> Button {
        Button { label: label.into(), act }
    }

    #[test]
    fn a_reply_comes_back_as_it_went_out() {
        let b = button("無事", Act::Reply(" 無事です:よ ".into()));
        let hosts = Hosts { delivery: DeliveryId(12), ..Hosts::default() };
        let action = b.action(Place::Quick, Purpose::Drill, hosts).unwrap();
        assert_eq!(action["type"], "postback");
        assert_eq!(action["label"], "【訓練】無事");
        assert_eq!(action["displayText"], "【訓練】無事です:よ");
        let reply = Reply::parse(action["data"].as_str().unwrap()).unwrap();
        assert_eq!(reply, Reply { delivery: DeliveryId(12), words: "無事です:よ".into() });
        for bad in ["", "reply:", "reply:12", "reply:12:", "reply:+1:a", "reply::a", "menu:1:a"] {
            assert_eq!(Reply::parse(bad), None, "{bad}");
        }
        assert_eq!(Reply::parse(&format!("reply:1:{}", "あ".repeat(REPLY_MAX + 1))), None);
    }

    #[test]
    fn what_can_be_replied_is_found_once_each() {
        let reply = |words: &str| button(words, Act::Reply(words.into()));
        let card = Card { buttons: vec![reply("はい"), reply("いいえ")], ..Card::default() };
        let parts = [
            Part::Text { text: "はい".into() },
            Part::Cards { cards: vec![card], alt: String::new() },
            Part::Quick { quick: vec![reply("はい "), button("a", Act::Say("a".into()))] },
        ];
        assert_eq!(replies(&parts), ["はい", "いいえ"]);
    }

    #[test]
    fn what_a_reply_must_be() {
        let at = |b: &Button, place| {
            b.problems(place, Purpose::Notice, "/b").into_iter().map(|p| p.at).collect::<Vec<_>>()
        };
        let of = |words: String| button("a", Act::Reply(words));
        assert!(at(&of("あ".repeat(REPLY_MAX)), Place::Quick).is_empty());
        assert_eq!(at(&of("あ".repeat(REPLY_MAX + 1)), Place::Card), ["/b/reply"]);
        assert_eq!(at(&of(" ".into()), Place::Card), ["/b/reply"]);
        assert_eq!(at(&of("a\nb".into()), Place::Card), ["/b/reply"]);
        // LINE's pictures know no postback.
        assert_eq!(at(&of("はい".into()), Place::Picture), ["/b/reply"]);
    }
}
