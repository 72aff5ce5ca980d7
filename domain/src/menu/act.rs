//! What a tap on an area does, and whether that still exists.

use super::{LABEL_MAX, Menu, Mode, SheetKey};
use crate::delivery::Purpose;
use crate::link::Own;
use crate::message::{Hosts, Page, tel, web};
use crate::problem::Problem;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Longest data of a postback, in UTF-16 units: LINE's 300 without what names the area.
pub const DATA_MAX: usize = 240;
/// Below which path of the LIFF address forms lie.
pub const FORM_PATH: &str = "f";

/// What a tap does. In JSON: `"none"`, `{"open": "https://…"}`, `{"tab": 2}` …
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Act {
    /// Nothing yet.
    #[default]
    None,
    /// ページをひらく: an address, counted.
    Open(String),
    /// 文章を送る: says this in the resident's name.
    Say(String),
    /// The same, counted: the resident is seen to say it, and we alone are told. LINE does not
    /// say whether it comes to staff who answer in LINE's own chat.
    #[serde(rename = "say_counted")]
    SayCounted(String),
    /// A page of the city inside LINE.
    Page(Page),
    /// フォームをひらく: the form with that number, inside LINE.
    Form(String),
    /// シートを切りかえる.
    Tab(SheetKey),
    /// 電話をかける: digits, with or without hyphens.
    Call(String),
    /// データを送る: what programs behind the webhook read.
    Postback {
        /// What is sent.
        data: String,
        /// What the resident is seen to say, if anything.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        shows: String,
    },
}

/// What there is to lead to, for [`Act::broken`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Existing {
    /// Forms that residents can open, by number, with their titles.
    pub forms: BTreeMap<String, String>,
    /// Forms that were published and take nothing more.
    #[serde(default)]
    pub ended: BTreeMap<String, Ended>,
    /// Addresses that did not open on two days in a row, with the reason in words.
    pub dead: BTreeMap<String, String>,
}

/// A form that takes nothing more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// Its title.
    pub title: String,
    /// Why, in words: 「受付が終わっています」.
    pub why: String,
}

impl Existing {
    /// The title of a form that is or was published.
    pub fn title(&self, form: &str) -> Option<&str> {
        let ended = || self.ended.get(form).map(|e| e.title.as_str());
        self.forms.get(form).map(String::as_str).or_else(ended)
    }
}

/// An area that leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broken {
    /// On which sheet.
    pub sheet: SheetKey,
    /// Which area, from 0.
    pub area: usize,
    /// What is wrong, and what to do.
    pub words: String,
    /// It leads to a web page, which may open again by itself.
    pub page: bool,
}

impl Act {
    /// The name of its kind in lists.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::None => "未設定",
            Self::Open(_) => "ページ",
            Self::Say(_) | Self::SayCounted(_) => "文章",
            Self::Page(_) => "LINEの中の画面",
            Self::Form(_) => "フォーム",
            Self::Tab(_) => "シート切替",
            Self::Call(_) => "電話",
            Self::Postback { .. } => "データ",
        }
    }

    /// In words: 「「ごみ」と送る」.
    pub fn in_words(&self, menu: &Menu) -> String {
        match self {
            Self::None => "まだ決まっていません".into(),
            // Chosen a moment ago: what it leads to is not written yet.
            Self::Open(empty) if empty.trim().is_empty() => "ページをひらく".into(),
            Self::Say(empty) | Self::SayCounted(empty) if empty.trim().is_empty() => {
                "文章を送る".into()
            }
            Self::Call(empty) if empty.trim().is_empty() => "電話をかける".into(),
            Self::Postback { data, .. } if data.trim().is_empty() => "データを送る".into(),
            Self::Open(address) => format!("{}をひらく", address.trim()),
            Self::Say(text) => format!("「{}」と送る", text.trim()),
            Self::SayCounted(text) => format!("「{}」と送る（回数を数える）", text.trim()),
            Self::Page(page) => format!("{}をひらく", page.label()),
            Self::Form(key) if !is_form_key(key) => "フォームをひらく（まだ選んでいません）".into(),
            Self::Form(key) => format!("フォーム（番号{key}）をひらく"),
            Self::Tab(key) => match menu.sheet(*key) {
                Some(sheet) => format!("シート「{}」に切りかえる", sheet.name),
                None => "なくなったシートに切りかえる".into(),
            },
            Self::Call(number) => format!("{}に電話をかける", number.trim()),
            Self::Postback { data, .. } => format!("データ「{data}」を送る"),
        }
    }

    /// The same with the titles of forms: 「フォーム「犬の登録」をひらく」.
    pub fn in_full(&self, menu: &Menu, existing: &Existing) -> String {
        match self {
            Self::Form(key) => match existing.title(key) {
                Some(title) => format!("フォーム「{title}」をひらく"),
                None => self.in_words(menu),
            },
            _ => self.in_words(menu),
        }
    }

    /// The address that it opens; nothing where it opens none, or a wrong one.
    pub fn address(&self, hosts: Hosts<'_>) -> Option<String> {
        let own = |path: &str| {
            if hosts.liff.is_empty() {
                format!("{}/liff/{path}", hosts.base)
            } else {
                format!("{}/{path}", hosts.liff)
            }
        };
        match self {
            Self::Open(address) => web(address).ok(),
            Self::Page(page) => Some(own(page.name())),
            Self::Form(key) => Some(own(&format!("{FORM_PATH}/{key}"))),
            Self::Call(number) => tel(number),
            Self::None
            | Self::Say(_)
            | Self::SayCounted(_)
            | Self::Tab(_)
            | Self::Postback { .. } => None,
        }
    }

    /// Why its taps are not counted, in a sentence without its end; nothing where they are
    /// (MENU-5). Pages of ours are counted as they open.
    pub fn uncounted(&self, own: &Own) -> Option<&'static str> {
        match self {
            Self::None => Some("押しても、まだ何も起きません"),
            Self::Say(_) => Some(
                "「押された回数を数える」を選んでいない文章は、住民が自分で打った文章と見分けられません",
            ),
            Self::Call(_) => Some("電話は住民のスマートフォンがかけるので、こちらには分かりません"),
            Self::Open(address) if web(address).is_ok_and(|address| own.has(&address)) => Some(
                "このシステムやLINEのアドレスは、LINEがじかにひらくので、こちらには分かりません",
            ),
            Self::Open(_)
            | Self::SayCounted(_)
            | Self::Page(_)
            | Self::Form(_)
            | Self::Tab(_)
            | Self::Postback { .. } => None,
        }
    }

    /// What is wrong with it by itself, at its place below `at`.
    pub(super) fn problem(&self, mode: Mode, at: &str) -> Option<Problem> {
        let say = |key: &str, words: String| Some(Problem::new(format!("{at}{key}"), words));
        let said = |key: &str, text: &str| {
            let (chars, max) = (mode.marked(text.trim()).chars().count(), line::text::ACTION_TEXT);
            if chars > max {
                say(key, format!("送る文章は{max}文字までにしてください（いま{chars}文字）"))
            } else if text.contains('\0') {
                say(key, "送る文章に、表示できない文字が入っています。打ち直してください".into())
            } else {
                None
            }
        };
        match self {
            Self::None => say("", "押したときの動きが決まっていません。選んでください".into()),
            Self::Open(address) => web(address).err().and_then(|words| say("/open", words)),
            Self::Say(text) | Self::SayCounted(text) if text.trim().is_empty() => {
                say("/say", "送る文章が空です。押したときに住民が送る文章を書いてください".into())
            }
            Self::Say(text) => said("/say", text),
            Self::SayCounted(text) => {
                // The words are in the data, too.
                let units = line::text::utf16_len(&mode.marked(text.trim()));
                if units > DATA_MAX {
                    let words = format!(
                        "回数を数える文章は{DATA_MAX}文字までにしてください（いま{units}文字）。数えなければ{}文字まで送れます",
                        line::text::ACTION_TEXT
                    );
                    say("/say", words)
                } else {
                    said("/say", text)
                }
            }
            Self::Form(key) if !is_form_key(key) => {
                say("/form", "フォームが選ばれていません。選んでください".into())
            }
            Self::Page(_) | Self::Form(_) | Self::Tab(_) => None,
            Self::Call(number) => {
                let words = "電話番号を、数字で入れてください（例：000-000-0000）";
                if tel(number).is_none() { say("/call", words.into()) } else { None }
            }
            Self::Postback { data, shows } => {
                let units = line::text::utf16_len(data);
                if data.trim().is_empty() {
                    say("/postback/data", "送るデータが空です。書いてください".into())
                } else if units > DATA_MAX {
                    let words =
                        format!("送るデータは{DATA_MAX}文字までにしてください（いま{units}文字）");
                    say("/postback/data", words)
                } else {
                    said("/postback/shows", shows)
                }
            }
        }
    }

    /// Why it leads nowhere, though it is written correctly.
    pub fn broken(&self, menu: &Menu, existing: &Existing) -> Option<String> {
        match self {
            Self::Open(address) => existing.dead.get(address.trim()).map(|why| {
                format!(
                    "このページは、2日つづけてひらけませんでした（{why}）。アドレスを直すか、別のページにしてください"
                )
            }),
            Self::Form(key) if is_form_key(key) && !existing.forms.contains_key(key) => {
                Some(match existing.ended.get(key) {
                    Some(Ended { title, why }) => format!(
                        "フォーム「{title}」は、{why}。受付をまた始めるか、別のフォームを選んでください"
                    ),
                    None => {
                        "このフォームは公開されていません。公開するか、別のフォームを選んでください"
                            .into()
                    }
                })
            }
            Self::Tab(key) if menu.sheet(*key).is_none() => {
                Some("切りかえる先のシートがありません。選び直してください".into())
            }
            _ => None,
        }
    }
}

impl Menu {
    /// Whether an area leads to a form, so that it matters which there are.
    pub fn leads_to_forms(&self) -> bool {
        let mut areas = self.sheets.iter().flat_map(|s| &s.areas);
        areas.any(|a| matches!(a.act, Act::Form(_)))
    }

    /// The web pages that it opens, as they are written.
    pub fn pages(&self) -> impl Iterator<Item = &str> {
        let acts = self.sheets.iter().flat_map(|s| &s.areas).map(|a| &a.act);
        acts.filter_map(|act| match act {
            Act::Open(address) => Some(address.trim()),
            _ => None,
        })
    }

    /// What of [`Self::broken`] keeps it from being published, each at its place. A page that
    /// did not open may be back in an hour: of that it is only told.
    pub fn broken_problems(&self, existing: &Existing) -> Vec<Problem> {
        let place = |broken: Broken| {
            let sheet = self.sheets.iter().position(|s| s.key == broken.sheet)?;
            let at = format!("/sheets/{sheet}/areas/{}/act", broken.area);
            (!broken.page).then(|| Problem::new(at, broken.words))
        };
        self.broken(existing).into_iter().filter_map(place).collect()
    }

    /// Every area that leads nowhere: flagged before publishing, and when it breaks later.
    pub fn broken(&self, existing: &Existing) -> Vec<Broken> {
        let mut all = Vec::new();
        for sheet in &self.sheets {
            for (area, it) in sheet.areas.iter().enumerate() {
                if let Some(words) = it.act.broken(self, existing) {
                    let page = matches!(it.act, Act::Open(_));
                    all.push(Broken { sheet: sheet.key, area, words, page });
                }
            }
        }
        all
    }
}

impl Mode {
    /// As what a delivery of that purpose may switch to the emergency menus; nothing where it
    /// never does.
    pub fn of_delivery(purpose: Purpose) -> Option<Self> {
        match purpose {
            Purpose::Emergency => Some(Self::Real),
            Purpose::Drill => Some(Self::Drill),
            Purpose::Notice | Purpose::Test => None,
        }
    }

    /// What stands first in what a resident reads.
    pub fn mark(self) -> Option<&'static str> {
        match self {
            Self::Real => None,
            Self::Drill => Purpose::Drill.mark(),
        }
    }

    /// A text with the mark first.
    pub(super) fn marked(self, text: &str) -> String {
        match self.mark() {
            Some(mark) if !text.starts_with(mark) => format!("{mark}{text}"),
            _ => text.to_owned(),
        }
    }

    /// A text without the mark: what somebody sends by an area of a drill.
    pub fn unmarked(self, text: &str) -> &str {
        self.mark().and_then(|mark| text.strip_prefix(mark)).unwrap_or(text)
    }

    /// A label with the mark first, where it fits LINE's limit; the picture has the mark too.
    pub(super) fn label(self, label: &str) -> String {
        let marked = self.marked(label.trim());
        if marked.chars().count() <= LABEL_MAX { marked } else { label.trim().to_owned() }
    }
}

fn is_form_key(key: &str) -> bool {
    (1..=40).contains(&key.len())
        && key
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
}
