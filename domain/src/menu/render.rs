//! A menu as LINE takes it: rich menu objects.
//!
//! Source: <https://developers.line.biz/en/reference/messaging-api/#rich-menu-object>

use super::{Act, Area, BAR_MAX, Menu, Mode, Sheet, SheetKey, svg};
use crate::id::MenuId;
use crate::message::Hosts;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Letters of an installation's name.
pub const INSTALL_LEN: usize = 8;
const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// The name of this installation, which its menus and aliases carry at LINE: what lacks it is
/// another's, and is never touched.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Install(String);

impl Install {
    /// The name of these random bits.
    pub fn from_random(mut bits: u64) -> Self {
        let letter = |bits: &mut u64| {
            let letter = DIGITS[(*bits % 36) as usize];
            *bits /= 36;
            char::from(letter)
        };
        Self((0..INSTALL_LEN).map(|_| letter(&mut bits)).collect())
    }

    /// As it stands in names.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn menus(&self) -> String {
        format!("kairan/{}/", self.0)
    }

    fn aliases(&self) -> String {
        format!("k-{}-", self.0)
    }

    /// Whether a menu at LINE is this installation's, by its name.
    pub fn owns_menu(&self, name: &str) -> bool {
        name.starts_with(&self.menus())
    }

    /// Whether an alias is this installation's.
    pub fn owns_alias(&self, alias: &str) -> bool {
        alias.starts_with(&self.aliases())
    }
}

impl From<Install> for String {
    fn from(install: Install) -> Self {
        install.0
    }
}

impl TryFrom<String> for Install {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.len() == INSTALL_LEN && text.bytes().all(|b| DIGITS.contains(&b)) {
            Ok(Self(text))
        } else {
            Err("eight small letters or digits")
        }
    }
}

/// Which sheet: what one rich menu of LINE stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key {
    /// Of which menu.
    pub menu: MenuId,
    /// Which sheet.
    pub sheet: SheetKey,
    /// Meant, or a drill.
    pub mode: Mode,
}

impl Key {
    /// `3f-2`, with a `d` for drills.
    fn short(self) -> String {
        let drill = if self.mode == Mode::Drill { "d" } else { "" };
        format!("{}-{}{drill}", base36(self.menu.0.unsigned_abs()), self.sheet.0)
    }

    fn parse(text: &str) -> Option<Self> {
        let (menu, sheet) = text.split_once('-')?;
        let (sheet, mode) = match sheet.strip_suffix('d') {
            Some(sheet) => (sheet, Mode::Drill),
            None => (sheet, Mode::Real),
        };
        let key = Self {
            menu: MenuId(i64::from_str_radix(menu, 36).ok()?),
            sheet: SheetKey(sheet.parse().ok()?),
            mode,
        };
        // Only what is written as we write it.
        (key.short() == text).then_some(key)
    }

    /// The sheet of an alias of this installation's.
    pub fn of_alias(install: &Install, alias: &str) -> Option<Self> {
        Self::parse(alias.strip_prefix(&install.aliases())?)
    }

    /// Its alias: `[a-z0-9_-]{1,32}` (LINE).
    pub fn alias(self, install: &Install) -> String {
        format!("{}{}", install.aliases(), self.short())
    }
}

fn base36(mut number: u64) -> String {
    let mut digits = Vec::new();
    loop {
        digits.push(DIGITS[(number % 36) as usize]);
        number /= 36;
        if number == 0 {
            break;
        }
    }
    digits.iter().rev().map(|d| char::from(*d)).collect()
}

/// What a sheet is made of, in 64 bits: the same content has the same hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Hash(pub u64);

impl Hash {
    /// FNV-1a of some bytes. It tells versions apart, it guards nothing.
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut add = |byte: u8| {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        };
        for part in parts {
            (part.len() as u64).to_be_bytes().into_iter().for_each(&mut add);
            part.iter().copied().for_each(&mut add);
        }
        Self(hash)
    }
}

impl std::fmt::Display for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// The name of a menu at LINE: whose it is, which sheet, which content, and words for people.
pub fn name(install: &Install, key: Key, hash: Hash, words: &str) -> String {
    let words: String = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = format!("{}{}/{hash} {words}", install.menus(), key.short());
    name.chars().take(line::text::RICH_MENU_NAME).collect::<String>().trim_end().to_owned()
}

/// What a name of ours says.
pub fn parse_name(install: &Install, name: &str) -> Option<(Key, Hash)> {
    let rest = name.strip_prefix(&install.menus())?;
    let rest = rest.split(' ').next().unwrap_or(rest);
    let (key, hash) = rest.split_once('/')?;
    let number = (hash.len() == 16).then(|| u64::from_str_radix(hash, 16).ok()).flatten()?;
    Some((Key::parse(key)?, Hash(number)))
}

/// With what begins what a tap sends: data that staff wrote, or words.
const DATA: &str = "menu/";
const SAID: &str = "said/";

/// What a tap sends to the webhook, so that it is counted: which area, and what follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tap {
    /// On which sheet.
    pub key: Key,
    /// The key of the area.
    pub area: u16,
    /// The data that staff wrote, or the words; empty for tabs.
    pub data: String,
    /// Whether these are words that the resident is seen to say.
    pub said: bool,
}

impl Tap {
    /// As it is sent.
    pub fn encode(&self) -> String {
        let head = if self.said { SAID } else { DATA };
        format!("{head}{}/{} {}", self.key.short(), self.area, self.data).trim_end().to_owned()
    }

    /// What was sent; nothing where it is not of a menu.
    pub fn parse(data: &str) -> Option<Self> {
        let (head, data) = data.split_once(' ').unwrap_or((data, ""));
        let (place, said) = match head.strip_prefix(SAID) {
            Some(place) => (place, true),
            None => (head.strip_prefix(DATA)?, false),
        };
        let (key, area) = place.split_once('/')?;
        Some(Self { key: Key::parse(key)?, area: area.parse().ok()?, data: data.to_owned(), said })
    }
}

/// Under which name the addresses of our own pages say which area leads there.
pub const MARK: &str = "tap";

/// The address of a page of ours with its mark: LINE opens it itself, so that there is no
/// detour to count by; the page is told instead.
fn marked(address: &str, key: Key, area: u16) -> String {
    format!("{address}?{MARK}={}.{area}", key.short())
}

/// The area that led to a page of ours, from what LINE hands over of its address when it opens
/// (`liff.state`: `/f/12?tap=3f-1.4`): the sheet, and the area's key.
///
/// <https://developers.line.biz/en/docs/liff/opening-liff-app/>
pub fn opened_by(state: &str) -> Option<(Key, u16)> {
    let (_, query) = state.split_once('?')?;
    let mark = query.split('&').find_map(|pair| pair.strip_prefix(MARK)?.strip_prefix('='))?;
    let (key, area) = mark.split_once('.')?;
    Some((Key::parse(key)?, area.parse().ok()?))
}

/// What rendering needs beside the menu.
pub struct Rendering<'a> {
    /// Whose.
    pub install: &'a Install,
    /// Where our own pages are.
    pub hosts: Hosts<'a>,
    /// The short address that counts the taps of an area (the sheet, the area's key, and where
    /// it leads), if there is one.
    pub short: &'a dyn Fn(Key, u16, &str) -> Option<String>,
}

/// The text on the bar: with the mark in a drill, shortened to the usual word where both are
/// too long.
pub fn bar(menu: &Menu, mode: Mode) -> String {
    let marked = mode.marked(menu.bar.trim());
    if marked.chars().count() <= BAR_MAX { marked } else { mode.marked("メニュー") }
}

/// The content of a sheet: its object without a name, and its picture.
pub fn hash(id: MenuId, menu: &Menu, sheet: &Sheet, mode: Mode, with: &Rendering<'_>) -> Hash {
    let body = object(id, menu, sheet, mode, with, "").to_string();
    let drawing = svg::sheet(sheet, mode, &|id| Some(id.to_string()));
    Hash::of(&[&[svg::DRAWING], body.as_bytes(), drawing.as_bytes()])
}

/// A sheet as LINE's rich menu object.
pub fn sheet(id: MenuId, menu: &Menu, sheet: &Sheet, mode: Mode, with: &Rendering<'_>) -> Value {
    let key = Key { menu: id, sheet: sheet.key, mode };
    let words = format!("{} {}", menu.name, sheet.name);
    let name = name(with.install, key, hash(id, menu, sheet, mode, with), &words);
    object(id, menu, sheet, mode, with, &name)
}

fn object(
    id: MenuId,
    menu: &Menu,
    sheet: &Sheet,
    mode: Mode,
    with: &Rendering<'_>,
    name: &str,
) -> Value {
    let key = Key { menu: id, sheet: sheet.key, mode };
    let areas: Vec<Value> = sheet
        .rects()
        .into_iter()
        .zip(&sheet.areas)
        .filter_map(|(bounds, area)| {
            Some(json!({"bounds": bounds, "action": action(key, area, with)?}))
        })
        .collect();
    json!({
        "size": sheet.size,
        "selected": menu.open,
        "name": name,
        "chatBarText": bar(menu, mode),
        "areas": areas,
    })
}

/// What a tap does, as LINE's action; nothing where it is not decided or wrong.
pub(super) fn action(key: Key, area: &Area, with: &Rendering<'_>) -> Option<Value> {
    let label = key.mode.label(&area.label);
    let sends = |data: &str, said| Tap { key, area: area.key, data: data.to_owned(), said };
    let tap = |data: &str| sends(data, false).encode();
    Some(match &area.act {
        Act::None => return None,
        Act::Say(text) => {
            json!({"type": "message", "label": label, "text": key.mode.marked(text.trim())})
        }
        Act::SayCounted(text) => {
            let words = key.mode.marked(text.trim());
            let data = sends(&words, true).encode();
            json!({"type": "postback", "label": label, "data": data, "displayText": words})
        }
        Act::Tab(sheet) => json!({
            "type": "richmenuswitch",
            "label": label,
            "richMenuAliasId": Key { sheet: *sheet, ..key }.alias(with.install),
            "data": tap(""),
        }),
        Act::Postback { data, shows } => {
            let mut action = json!({"type": "postback", "label": label, "data": tap(data.trim())});
            if !shows.trim().is_empty() {
                action["displayText"] = key.mode.marked(shows.trim()).into();
            }
            action
        }
        Act::Open(_) | Act::Page(_) | Act::Form(_) | Act::Call(_) => {
            let address = area.act.address(with.hosts)?;
            let counted = match &area.act {
                Act::Open(_) => (with.short)(key, area.key, &address),
                Act::Page(_) | Act::Form(_) => Some(marked(&address, key, area.key)),
                _ => None,
            };
            json!({"type": "uri", "label": label, "uri": counted.unwrap_or(address)})
        }
    })
}
