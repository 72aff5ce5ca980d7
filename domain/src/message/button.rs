//! What residents can tap: a label, and what a tap does.
//!
//! Labels and what a tap says are counted in characters, never fewer than LINE's
//! graphemes; the mark of a drill or test counts, since it stands first in both.

use super::reply::REPLY_MAX;
use super::{marked, reply};
use crate::form::normal::narrow;
use crate::geometry::Rect;
use crate::id::DeliveryId;
use crate::language::Voice;
use crate::problem::Problem;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Longest address, in UTF-16 units (LINE: URI action).
pub const ADDRESS_MAX: usize = 1_000;
/// Longest text that a tap says, in characters (LINE: message action).
pub const SAY_MAX: usize = 300;

/// Where the addresses of messages begin, without a slash at the end, and what replies name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hosts<'a> {
    /// The city's own; within our own pages it may be left empty.
    pub base: &'a str,
    /// What opens our pages inside LINE (`https://liff.line.me/{id}`); where it is empty, the
    /// pages' plain addresses stand.
    pub liff: &'a str,
    /// Below which delivery the buttons stand; 0 in a preview.
    pub delivery: DeliveryId,
}

impl Default for Hosts<'_> {
    fn default() -> Self {
        Self { base: "", liff: "", delivery: DeliveryId(0) }
    }
}

impl<'a> From<&'a str> for Hosts<'a> {
    fn from(base: &'a str) -> Self {
        Self { base, ..Self::default() }
    }
}

/// A page of the city that residents open inside LINE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Page {
    /// 受け取る情報を選ぶ.
    Register,
    /// 訂正のお知らせ.
    Corrections,
}

impl Page {
    /// Every page.
    pub const ALL: &[Self] = &[Self::Register, Self::Corrections];

    /// The name in JSON and addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Corrections => "corrections",
        }
    }

    /// The page of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|p| p.name() == name)
    }

    /// In words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Register => "登録のページ",
            Self::Corrections => "訂正のお知らせ",
        }
    }
}

/// What a tap does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Act {
    /// Says this text in the resident's name.
    Say(String),
    /// Says this text too, and who did so is kept (see [`reply::Reply`]).
    Reply(String),
    /// Opens an address: https, http, tel or line.
    Open(String),
    /// Opens a page of the city inside LINE.
    Page(Page),
}

/// Something to tap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// The words on it; on a picture they are read aloud only.
    pub label: String,
    /// What a tap does.
    #[serde(flatten)]
    pub act: Act,
}

impl Default for Button {
    fn default() -> Self {
        Self { label: String::new(), act: Act::Say(String::new()) }
    }
}

/// Where a button stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Below the newest message, as a suggested answer.
    Quick,
    /// In a card, below its mark.
    Card,
    /// An area of a picture.
    Picture,
}

impl Place {
    /// Longest label, in characters (LINE: 20, 40 and 100).
    pub fn label_max(self) -> usize {
        match self {
            Self::Quick => 20,
            Self::Card => 40,
            Self::Picture => 100,
        }
    }

    /// The label as it arrives. In a card the mark stands above everything already.
    fn label(self, label: &str, purpose: Voice) -> String {
        let label = label.trim();
        if self == Self::Card { label.to_owned() } else { marked(label, purpose) }
    }
}

impl Button {
    /// Whether nothing was written or chosen yet.
    pub fn is_empty(&self) -> bool {
        let act = match &self.act {
            Act::Say(words) | Act::Reply(words) | Act::Open(words) => words.trim().is_empty(),
            Act::Page(_) => false,
        };
        act && self.label.trim().is_empty()
    }

    /// What is wrong with it, at its place below `at`.
    pub fn problems(&self, place: Place, purpose: impl Into<Voice>, at: &str) -> Vec<Problem> {
        let purpose = purpose.into();
        let mut problems = Vec::new();
        let label = place.label(&self.label, purpose);
        let (chars, max) = (label.chars().count(), place.label_max());
        let words = if self.label.trim().is_empty() {
            Some(match place {
                Place::Picture => "読み上げる名前が空です。「ごみの日を見る」のように、押すと何が起きるかを書いてください".into(),
                _ => "ボタンの名前が空です。書くか、このボタンを消してください".into(),
            })
        } else if chars > max {
            let mark = purpose.mark().filter(|_| place != Place::Card);
            let counted = mark.map(|m| format!("。「{m}」も数えます")).unwrap_or_default();
            Some(format!("名前は{max}文字までにしてください（いま{chars}文字{counted}）"))
        } else if self.label.chars().any(char::is_control) {
            Some("名前に、改行などの見えない文字が入っています。1行で書いてください".into())
        } else {
            None
        };
        problems.extend(words.map(|words| Problem::new(format!("{at}/label"), words)));
        let wrong = match &self.act {
            Act::Say(text) => say_problem(text, purpose).map(|words| ("say", words)),
            Act::Reply(words) => reply_problem(words, place).map(|words| ("reply", words)),
            Act::Open(address) => uri(address).err().map(|words| ("open", words)),
            Act::Page(_) => None,
        };
        problems.extend(wrong.map(|(key, words)| Problem::new(format!("{at}/{key}"), words)));
        problems
    }

    /// LINE's action; nothing while its address is none.
    pub(super) fn action(
        &self,
        place: Place,
        purpose: impl Into<Voice>,
        hosts: Hosts<'_>,
    ) -> Option<Value> {
        let purpose = purpose.into();
        let label = place.label(&self.label, purpose);
        Some(match &self.act {
            Act::Say(text) => {
                json!({"type": "message", "label": label, "text": marked(text.trim(), purpose)})
            }
            Act::Reply(words) => reply::action(&label, words, purpose, hosts.delivery),
            _ => json!({"type": "uri", "label": label, "uri": self.address(hosts)?}),
        })
    }

    /// LINE's imagemap action on that area; nothing while its address is none.
    pub(super) fn on_picture(
        &self,
        area: Rect,
        purpose: impl Into<Voice>,
        hosts: Hosts<'_>,
    ) -> Option<Value> {
        let purpose = purpose.into();
        let label = Place::Picture.label(&self.label, purpose);
        Some(match &self.act {
            Act::Say(text) | Act::Reply(text) => {
                json!({"type": "message", "label": label, "text": marked(text.trim(), purpose), "area": area})
            }
            _ => {
                json!({"type": "uri", "label": label, "linkUri": self.address(hosts)?, "area": area})
            }
        })
    }

    fn address(&self, hosts: Hosts<'_>) -> Option<String> {
        match &self.act {
            Act::Say(_) | Act::Reply(_) => None,
            Act::Open(address) => uri(address).ok(),
            Act::Page(page) if hosts.liff.is_empty() => {
                Some(format!("{}/liff/{}", hosts.base, page.name()))
            }
            Act::Page(page) => Some(format!("{}/{}", hosts.liff, page.name())),
        }
    }

    /// 「ごみの日 → 「ごみ」と送る」, for pages that tell what was sent.
    pub fn in_words(&self, purpose: impl Into<Voice>) -> String {
        let purpose = purpose.into();
        let label = self.label.trim();
        match &self.act {
            Act::Say(text) => format!("{label} →「{}」と送る", marked(text.trim(), purpose)),
            Act::Reply(text) => {
                format!("{label} →「{}」と返事をする（数えます）", marked(text.trim(), purpose))
            }
            Act::Open(address) => format!("{label} → {}をひらく", address.trim()),
            Act::Page(page) => format!("{label} → {}をひらく", page.label()),
        }
    }

    /// Reads a button from JSON: `label`, and one of `say`, `reply`, `open` and `page`.
    ///
    /// # Errors
    /// Where, below the button, and what is wrong.
    pub(super) fn parse(value: &Value) -> Result<Self, (String, String)> {
        let shape = || {
            (String::new(), "ボタンは {\"label\": \"…\"} に、\"say\"・\"reply\"・\"open\"・\"page\" のどれか1つを足してください".to_owned())
        };
        let object = value.as_object().ok_or_else(shape)?;
        let label = object.get("label").and_then(Value::as_str).ok_or_else(|| {
            ("/label".to_owned(), "名前（label）を文字で入れてください".to_owned())
        })?;
        let mut others = object.iter().filter(|(key, _)| *key != "label");
        let (Some((key, value)), None) = (others.next(), others.next()) else {
            return Err(shape());
        };
        let text = value.as_str().unwrap_or_default();
        let act = match key.as_str() {
            "say" => Act::Say(text.to_owned()),
            "reply" => Act::Reply(text.to_owned()),
            "open" => Act::Open(text.to_owned()),
            "page" => Act::Page(Page::parse(text).ok_or_else(|| {
                ("/page".to_owned(), "page は register か corrections にしてください".to_owned())
            })?),
            _ => return Err(shape()),
        };
        Ok(Self { label: label.to_owned(), act })
    }
}

fn say_problem(text: &str, purpose: Voice) -> Option<String> {
    let chars = marked(text.trim(), purpose).chars().count();
    if text.trim().is_empty() {
        Some("送る文章が空です。押したときに住民が送る文章を書いてください".into())
    } else if chars > SAY_MAX {
        Some(format!("送る文章は{SAY_MAX}文字までにしてください（いま{chars}文字）"))
    } else if text.contains('\0') {
        Some("送る文章に、表示できない文字が入っています。打ち直してください".into())
    } else {
        None
    }
}

fn reply_problem(words: &str, place: Place) -> Option<String> {
    let chars = words.trim().chars().count();
    if place == Place::Picture {
        Some("画像の上のボタンでは、返事を数えられません（LINEの決まりです）。カードのボタンか、返事のボタンを使ってください".into())
    } else if chars == 0 {
        Some("返事のことばが空です。押したときに住民が送る返事を書いてください".into())
    } else if chars > REPLY_MAX {
        Some(format!("返事のことばは{REPLY_MAX}文字までにしてください（いま{chars}文字）"))
    } else if words.trim().chars().any(char::is_control) {
        Some("返事のことばに、改行などの見えない文字が入っています。1行で書いてください".into())
    } else {
        None
    }
}

/// What a button opens, as LINE takes it: a web page ([`web`]), a telephone number (`tel:`), or
/// something of LINE itself (`line:`).
///
/// # Errors
/// What is wrong, in words.
pub fn uri(address: &str) -> Result<String, String> {
    let (scheme, rest) = address.trim().split_once(':').unwrap_or_default();
    match scheme.to_ascii_lowercase().as_str() {
        "tel" => tel(rest).ok_or_else(|| {
            "電話番号は、数字で「tel:」のあとに入れてください（例：tel:000-000-0000）".into()
        }),
        "line" => located(address, &["line"]),
        _ => web(address),
    }
}

/// The address of a web page as LINE takes it.
///
/// # Errors
/// What is wrong, in words.
pub fn web(address: &str) -> Result<String, String> {
    located(address, &["https", "http"])
}

/// A telephone number as LINE takes it (`tel:000-000-0000`), from full-width digits and any
/// dashes; nothing where it is none.
pub fn tel(number: &str) -> Option<String> {
    let number: String =
        narrow(number).chars().filter(|c| !matches!(c, ' ' | '(' | ')' | '.')).collect();
    let fine = number.bytes().all(|b| b.is_ascii_digit() || b"+-#*".contains(&b));
    // 118, 119, 171 are the shortest.
    let enough = number.bytes().filter(u8::is_ascii_digit).count() >= 3;
    (fine && enough).then(|| format!("tel:{number}"))
}

/// An address that was written without 「https://」, with it; nothing where it would not be that of
/// a web page even so.
pub fn with_https(address: &str) -> Option<String> {
    let address = address.trim().trim_start_matches('/');
    let end = address.find(['/', '?', '#']).unwrap_or(address.len());
    let host = &address[..end];
    let named = host.contains('.')
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-');
    let whole = format!("https://{address}");
    (named && web(&whole).is_ok()).then_some(whole)
}

/// An address of one of these schemes: what is not ASCII behind the host is percent-encoded.
fn located(address: &str, schemes: &[&str]) -> Result<String, String> {
    let address = address.trim();
    if address.is_empty() {
        return Err("ひらくアドレスが空です。「https://」から入れてください".into());
    }
    if address.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err("アドレスの途中に空白が入っています。空白を消してください".into());
    }
    let (scheme, rest) = address.split_once(':').unwrap_or_default();
    let scheme = scheme.to_ascii_lowercase();
    if !schemes.contains(&scheme.as_str()) {
        return Err(match with_https(address) {
            Some(whole) => format!("アドレスは「https://」から始めてください（例：{whole}）"),
            None => "アドレスは「https://」から始めてください".into(),
        });
    }
    let wrong = || Err("アドレスが途中で切れています。もう一度、写してください".into());
    let Some(rest) = rest.strip_prefix("//") else { return wrong() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    if host.is_empty() {
        return wrong();
    }
    if !host.is_ascii() {
        return Err(
            "日本語のドメイン名は、そのままでは使えません。半角のアドレスを入れてください".into()
        );
    }
    let mut encoded = format!("{scheme}://{host}");
    for c in path.chars() {
        if c.is_ascii() {
            encoded.push(c);
        } else {
            let mut bytes = [0; 4];
            for b in c.encode_utf8(&mut bytes).bytes() {
                encoded.push_str(&format!("%{b:02X}"));
            }
        }
    }
    if encoded.len() > ADDRESS_MAX {
        return Err(format!(
            "アドレスが長すぎます。{ADDRESS_MAX}文字までにしてください（いま{}文字）",
            encoded.len()
        ));
    }
    Ok(encoded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::Purpose;

    fn button(label: &str, act: Act) -> Button {
        Button { label: label.into(), act }
    }

    #[test]
    fn addresses_become_what_line_takes() {
        for (typed, taken) in [
            ("https://city.example/ごみ?q=1", "https://city.example/%E3%81%94%E3%81%BF?q=1"),
            (" HTTPS://city.example ", "https://city.example"),
            ("http://city.example/a", "http://city.example/a"),
            ("tel:000-000-0124", "tel:000-000-0124"),
            ("TEL:０００－０００ー０１２４", "tel:000-000-0124"),
            ("tel:（000）000 0124", "tel:0000000124"),
            ("line://ti/p/@x", "line://ti/p/@x"),
        ] {
            assert_eq!(uri(typed).as_deref(), Ok(taken), "{typed}");
        }
        for bad in [
            "",
            "city.example",
            "javascript:alert(1)",
            "https:/city.example",
            "https://",
            "https:///a",
            "https://city.example/a b",
            "https://city.mihon lg.jp",
            "https://city.example　a",
            "https://市.example/",
            "tel:",
            "tel:でんわ",
            "tel:---",
            "tel:12",
        ] {
            assert!(uri(bad).is_err(), "{bad}");
        }
        // What is meant is offered, and of a web page's address no telephone is spoken.
        for (typed, whole) in [
            ("city.mihon.lg.jp", Some("https://city.mihon.lg.jp")),
            (" //www.city.example/a?b=c ", Some("https://www.city.example/a?b=c")),
            ("city.mihon lg.jp", None),
            ("javascript:alert(1)", None),
            ("mailto:a@city.example", None),
            ("tel:000-000-0124", None),
            ("市", None),
        ] {
            assert_eq!(with_https(typed).as_deref(), whole, "{typed}");
            let words = web(typed).unwrap_err();
            assert!(!words.contains("tel"), "{words}");
            assert_eq!(words.contains("例："), whole.is_some(), "{words}");
        }
        assert!(uri("city.mihon lg.jp").unwrap_err().contains("空白"));
        let long = |n: usize| uri(&format!("https://c.example/{}", "a".repeat(n - 18)));
        assert!(long(ADDRESS_MAX).is_ok() && long(ADDRESS_MAX + 1).is_err());
    }

    #[test]
    fn a_drill_is_said_in_what_is_read_and_in_what_is_sent() {
        let b = button("無事です", Act::Say("無事です".into()));
        let quick = b.action(Place::Quick, Purpose::Drill, "".into()).unwrap();
        assert_eq!(quick["label"], "【訓練】無事です");
        assert_eq!(quick["text"], "【訓練】無事です");
        let card = b.action(Place::Card, Purpose::Drill, "".into()).unwrap();
        assert_eq!(card["label"], "無事です");
        let area = b.on_picture(Rect::whole(10, 20), Purpose::Test, "".into()).unwrap();
        assert_eq!(area["label"], "【試験】無事です");
        assert_eq!(area["area"], json!({"x": 0, "y": 0, "width": 10, "height": 20}));
    }

    #[test]
    fn labels_and_texts_are_counted_with_the_mark() {
        let of = |n: usize, m: usize| button(&"あ".repeat(n), Act::Say("い".repeat(m)));
        let at = |b: &Button, place, purpose| {
            b.problems(place, purpose, "/b").into_iter().map(|p| p.at).collect::<Vec<_>>()
        };
        assert!(at(&of(20, 300), Place::Quick, Purpose::Notice).is_empty());
        assert_eq!(at(&of(21, 301), Place::Quick, Purpose::Notice), ["/b/label", "/b/say"]);
        assert_eq!(at(&of(17, 297), Place::Quick, Purpose::Drill), ["/b/label", "/b/say"]);
        assert!(at(&of(40, 296), Place::Card, Purpose::Drill).is_empty());
        assert_eq!(at(&of(0, 0), Place::Picture, Purpose::Notice), ["/b/label", "/b/say"]);
        let open = button("見る", Act::Open("x".into()));
        assert_eq!(at(&open, Place::Card, Purpose::Notice), ["/b/open"]);
        assert_eq!(
            at(&button("a\nb", Act::Page(Page::Register)), Place::Card, Purpose::Notice),
            ["/b/label"]
        );
    }

    #[test]
    fn our_pages_open_inside_line_where_that_is_known() {
        let b = button("登録", Act::Page(Page::Register));
        let opened = |hosts: Hosts<'_>| {
            b.action(Place::Quick, Purpose::Notice, hosts).unwrap()["uri"].clone()
        };
        assert_eq!(opened("https://city.example".into()), "https://city.example/liff/register");
        let hosts = Hosts {
            base: "https://city.example",
            liff: "https://liff.line.me/2-a",
            ..Hosts::default()
        };
        assert_eq!(opened(hosts), "https://liff.line.me/2-a/register");
    }

    #[test]
    fn a_button_in_json() {
        for json in [
            json!({"label": "a", "say": "b"}),
            json!({"label": "a", "open": "https://c.example"}),
            json!({"label": "a", "reply": "b"}),
            json!({"label": "a", "page": "register"}),
        ] {
            let read = Button::parse(&json).unwrap();
            assert_eq!(serde_json::to_value(&read).unwrap(), json);
            assert_eq!(serde_json::from_value::<Button>(json).unwrap(), read);
        }
        for (json, at) in [
            (json!(1), ""),
            (json!({"say": "b"}), "/label"),
            (json!({"label": "a"}), ""),
            (json!({"label": "a", "say": "b", "open": "c"}), ""),
            (json!({"label": "a", "dial": "b"}), ""),
            (json!({"label": "a", "page": "nowhere"}), "/page"),
        ] {
            assert_eq!(Button::parse(&json).unwrap_err().0, at, "{json}");
        }
    }
}
