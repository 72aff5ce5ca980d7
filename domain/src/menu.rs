//! Rich menus (リッチメニュー): what stands below the talk (MENU-1 to MENU-5).
//!
//! A [`Menu`] is a set of sheets with tabs. Which menu a resident sees is a [`Program`]:
//! a default, variants by audience, choices, rules and emergencies, decided by
//! [`Program::shown`]. What LINE is to hold of it is brought about by [`publish::plan`].
//! Staff change a menu by [`Command`]s, each of which says in words what it did.
//!
//! Limits: <https://developers.line.biz/en/reference/messaging-api/#rich-menu-object>

mod act;
pub mod begin;
pub mod cards;
mod check;
pub mod color;
mod command;
mod diff;
pub mod fit;
pub mod generate;
mod history;
pub mod icon;
mod kept;
pub mod program;
pub mod publish;
pub mod render;
mod say;
mod shown;
pub mod snap;
mod state;
pub mod svg;
pub mod template;
mod uses;

#[cfg(test)]
mod tests;

pub use act::{Act, Broken, Ended, Existing};
pub use color::Color;
pub use command::{Command, Side};
pub use diff::{Change, diff};
pub use history::{History, Step};
pub use icon::Icon;
pub use kept::{
    Filter, Kept, KeptProgram, Menus, Order, PER_PAGE, ProgramTrial, Published, Status, Summary,
    TRIAL_HOURS, Unpublished, Usage,
};
pub use program::{Disaster, Program};
pub use shown::{Previewed, Reason, Shown, Situation, Standing, When, Whose};
pub use state::{
    DECLARED_SHOWN, Declared, Doing, FIGURE_DAYS, FigurePeriod, Forecast, LineFigures, PUBLISHING,
    Publishing, Switch, SwitchTo, Switches, TapCount, asked_of_line,
};

use crate::geometry::{Limits, Rect, Tree};
use crate::id::{BlobId, DepartmentId};
use crate::time::thousands;
use serde::{Deserialize, Deserializer, Serialize};

/// Which version of the JSON of a menu or a program this is.
pub const VERSION: u8 = 1;
/// Most sheets of one menu (as many cards as answer 「メニュー」 in the talk; LINE: 12 bubbles).
pub const SHEETS_MAX: usize = 12;
/// Most areas of a sheet (LINE).
pub const AREAS_MAX: usize = line::text::RICH_MENU_AREAS;
/// Longest text of the bar below the talk, in characters (LINE: 14 graphemes).
pub const BAR_MAX: usize = line::text::RICH_MENU_BAR;
/// Longest label of an area, in characters (LINE: 20 graphemes).
pub const LABEL_MAX: usize = line::text::LABEL;
/// Longest name of a menu or a sheet, in characters.
pub const NAME_MAX: usize = 40;
/// Most characters of the words of a cell; what really fits is a matter of its size.
pub const WORDS_MAX: usize = 40;

/// A menu: sheets with tabs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Menu {
    /// [`VERSION`].
    #[serde(deserialize_with = "this_version")]
    pub version: u8,
    /// What staff call it. Residents see it where they may choose the menu, and when it comes
    /// as cards.
    pub name: String,
    /// Whose it is.
    pub department: DepartmentId,
    /// The words on the bar below the talk that opens and closes it.
    pub bar: String,
    /// Whether it is open when the talk is opened.
    pub open: bool,
    /// The sheets; the first is shown first.
    pub sheets: Vec<Sheet>,
    /// The key that the next new sheet gets at least, where one with a higher key than all others
    /// was removed: keys are not used twice, so that taps on it are never counted for another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u16>,
}

pub(crate) fn this_version<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    let version = u8::deserialize(deserializer)?;
    if version == VERSION {
        Ok(version)
    } else {
        Err(serde::de::Error::custom(format_args!("version {version} is not known")))
    }
}

/// The stable number of a sheet within its menu: it stays when sheets are put in another order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SheetKey(pub u16);

/// A sheet: one rich menu of LINE.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sheet {
    /// Its number.
    pub key: SheetKey,
    /// What staff call it; it stands on the cards that answer 「メニュー」.
    pub name: String,
    /// The size of its picture.
    pub size: Size,
    /// How it is cut.
    pub layout: Layout,
    /// What is seen.
    pub picture: Picture,
    /// What the areas are, in the order of the cuts.
    pub areas: Vec<Area>,
    /// The key that the next new area gets: keys are not used twice, so that taps on an area
    /// are never counted for another one.
    pub next: u16,
}

/// The size of a picture, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Size {
    /// 800–2,500 (LINE).
    pub width: u32,
    /// At least 250, and at most width ÷ 1.45 (LINE).
    pub height: u32,
}

impl Size {
    /// 大: half the screen.
    pub const LARGE: Self = Self { width: 2_500, height: 1_686 };
    /// 小: a quarter of the screen.
    pub const COMPACT: Self = Self { width: 2_500, height: 843 };

    /// Whether LINE takes a picture of that size.
    pub fn is_allowed(self) -> bool {
        (800..=2_500).contains(&self.width)
            && self.height >= 250
            && u64::from(self.width) * 100 >= u64::from(self.height) * 145
    }

    /// The whole picture.
    pub fn whole(self) -> Rect {
        Rect::whole(self.width, self.height)
    }

    /// What an area may be: at least 24 CSS pixels a side on a phone 375 wide (WCAG 2.5.8).
    pub fn limits(self) -> Limits {
        Limits { areas: AREAS_MAX, side: self.width * 64 / 1_000 }
    }

    /// In words.
    pub fn label(self) -> String {
        match self {
            Self::LARGE => "大（2500×1686）".into(),
            Self::COMPACT => "小（2500×843）".into(),
            Self { width, height } => format!("{width}×{height}"),
        }
    }

    /// In words that say the shape, too.
    pub fn shape(self) -> String {
        let about = match self {
            Self::LARGE => "、ほぼ3：2",
            Self::COMPACT => "、ほぼ3：1",
            Self { .. } => "",
        };
        format!("{}{about}", sides(self.width, self.height))
    }

    /// What is said of finished artwork of that size where it has another shape: it is drawn
    /// as large as covers the sheet, and what stands over is cut off on two sides alike.
    /// Nothing where that is no more than one in a hundred.
    pub fn cut_off(self, width: u32, height: u32) -> Option<String> {
        let of = |a: u32, b: u32| u64::from(a) * u64::from(b);
        let (wide, high) = (of(width, self.height), of(height, self.width));
        let percent = wide.abs_diff(high) * 100 / wide.max(high).max(1);
        if wide.abs_diff(high) * 100 <= wide.max(high) {
            return None;
        }
        let edges = if wide > high { "左右" } else { "上下" };
        Some(format!(
            "えらんだ絵は{}で、シート（{}）と形がちがいます。ゆがめずに、{edges}をあわせて{percent}%切り、まん中を使っています。切りたくないときは、シートと同じ形の絵を選んでください",
            sides(width, height),
            self.shape()
        ))
    }
}

fn sides(width: u32, height: u32) -> String {
    format!("横{}×縦{}", thousands(width.into()), thousands(height.into()))
}

/// How a sheet is cut.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// By borders from edge to edge: no gap, no overlap.
    Split(Tree),
    /// Rectangles drawn on finished artwork: gaps are allowed, overlap is not.
    Free(Vec<Rect>),
}

/// What is seen of a sheet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Picture {
    /// Finished artwork; nothing while a draft has none yet.
    Uploaded(Option<BlobId>),
    /// Made from the cells of its areas.
    Composed(Look),
}

/// The colours of a composed sheet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Look {
    /// Behind everything.
    pub ground: Color,
    /// A picture behind everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backdrop: Option<BlobId>,
    /// Of a cell; never transparent, so that the words can always be read.
    pub card: Color,
    /// Of the words.
    pub ink: Color,
    /// Of icons and tabs.
    pub accent: Color,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            ground: Color([0xe8, 0xf1, 0xfe]),
            backdrop: None,
            card: Color([0xff, 0xff, 0xff]),
            ink: Color([0x1a, 0x1a, 0x1a]),
            accent: Color([0x00, 0x17, 0xc1]),
        }
    }
}

/// An area.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Area {
    /// Its number within the sheet, which never changes: what taps are counted by.
    pub key: u16,
    /// What is read aloud (LINE: the label of the action).
    pub label: String,
    /// What a tap does.
    pub act: Act,
    /// What is drawn where the picture is composed.
    pub cell: Cell,
}

impl Area {
    /// An area that does nothing yet.
    pub fn new(key: u16) -> Self {
        Self { key, label: String::new(), act: Act::None, cell: Cell::default() }
    }

    /// Whether nothing was written or chosen yet.
    pub fn is_empty(&self) -> bool {
        *self == Self::new(self.key)
    }

    /// The same for another menu, whose sheets have the same numbers: to which of them a tab leads
    /// is to be chosen there.
    #[must_use]
    pub fn elsewhere(self) -> Self {
        match self.act {
            Act::Tab(_) => Self { act: Act::None, ..self },
            _ => self,
        }
    }
}

/// What is drawn on an area.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cell {
    /// Above the words, or before them.
    pub mark: Mark,
    /// The words; where there are none, the label for reading aloud is drawn.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub words: String,
}

/// The picture of a cell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mark {
    /// None.
    #[default]
    None,
    /// One of ours.
    Icon(Icon),
    /// One that was uploaded.
    Picture(BlobId),
}

/// Whether it is meant.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Yes.
    #[default]
    Real,
    /// A drill: the picture and the bar say so, and only testers see it.
    Drill,
}

impl Menu {
    /// A menu of one sheet with six areas.
    pub fn new(name: impl Into<String>, department: DepartmentId) -> Self {
        let mut menu = Self {
            version: VERSION,
            name: name.into(),
            department,
            bar: "メニュー".into(),
            open: true,
            sheets: Vec::new(),
            next: None,
        };
        menu.sheets.push(Sheet::new(SheetKey(1), "シート1", Size::LARGE));
        menu
    }

    /// The sheet with that key.
    pub fn sheet(&self, key: SheetKey) -> Option<&Sheet> {
        self.sheets.iter().find(|s| s.key == key)
    }

    /// A key that no sheet has or had.
    pub fn free_key(&self) -> SheetKey {
        let highest = self.sheets.iter().map(|s| s.key.0).max().unwrap_or(0);
        SheetKey(highest.saturating_add(1).max(self.next.unwrap_or_default()))
    }

    /// Every picture that it needs.
    pub fn pictures(&self) -> Vec<&BlobId> {
        self.sheets.iter().flat_map(Sheet::pictures).collect()
    }
}

impl Sheet {
    /// A sheet with six areas; with three where the picture is too low for two rows.
    pub fn new(key: SheetKey, name: impl Into<String>, size: Size) -> Self {
        let six = template::SIX.tree(size.whole());
        let fits = six.fault(size.whole(), size.limits()).is_none();
        let layout = if fits { six } else { template::THREE.tree(size.whole()) };
        let count = u16::try_from(layout.count()).unwrap_or(u16::MAX);
        Self {
            key,
            name: name.into(),
            size,
            layout: Layout::Split(layout),
            picture: Picture::Composed(Look::default()),
            areas: (1..=count).map(Area::new).collect(),
            next: count + 1,
        }
    }

    /// The areas' places, in their order; one where the cuts cannot be used.
    pub fn rects(&self) -> Vec<Rect> {
        match &self.layout {
            Layout::Split(tree) if tree.fault(self.size.whole(), self.size.limits()).is_none() => {
                tree.areas(self.size.whole())
            }
            Layout::Split(_) => vec![self.size.whole()],
            Layout::Free(rects) => rects.clone(),
        }
    }

    /// The cuts, where it is cut.
    pub fn tree(&self) -> Option<&Tree> {
        match &self.layout {
            Layout::Split(tree) => Some(tree),
            Layout::Free(_) => None,
        }
    }

    /// Whether an area leads to a sheet: drawn as a tab.
    pub fn is_tab(&self, area: usize) -> bool {
        matches!(self.areas.get(area).map(|a| &a.act), Some(Act::Tab(_)))
    }

    /// Every picture that it needs.
    pub fn pictures(&self) -> Vec<&BlobId> {
        let whole = match &self.picture {
            Picture::Uploaded(id) => id.as_ref(),
            Picture::Composed(look) => look.backdrop.as_ref(),
        };
        let composed = matches!(self.picture, Picture::Composed(_));
        let marks = self.areas.iter().filter(|_| composed).filter_map(|a| match &a.cell.mark {
            Mark::Picture(id) => Some(id),
            Mark::None | Mark::Icon(_) => None,
        });
        whole.into_iter().chain(marks).collect()
    }

    /// A new area, with a key of its own.
    pub(crate) fn fresh(&mut self) -> Area {
        let key = self.next;
        self.next = self.next.saturating_add(1);
        Area::new(key)
    }
}
