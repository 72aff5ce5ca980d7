//! Changing a menu: every act of the editor is a command, which answers the new menu and the
//! sentence that is announced; or why it cannot be done, and the menu stays as it was.

mod sheet;
mod tab;

pub(super) use tab::bare;

use super::say::named;
use super::{Act, Area, Mark, Menu, Picture, SHEETS_MAX, Sheet, SheetKey, Size};
use crate::geometry::{Axis, Rect};
use serde::{Deserialize, Serialize};

/// A side of an area.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// 左.
    Left,
    /// 右.
    Right,
    /// 上.
    Top,
    /// 下.
    Bottom,
}

impl Side {
    /// Which borders it lies on, and whether it is the far side.
    pub fn axis(self) -> (Axis, bool) {
        match self {
            Self::Left => (Axis::Columns, false),
            Self::Right => (Axis::Columns, true),
            Self::Top => (Axis::Rows, false),
            Self::Bottom => (Axis::Rows, true),
        }
    }
}

/// One act of the editor. Areas and borders are numbered from 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields say what they are")]
pub enum Command {
    /// Another name for staff.
    Rename { name: String },
    /// Other words on the bar.
    SetBar { bar: String },
    /// Whether it is open when the talk is opened.
    SetOpen { open: bool },
    /// A new sheet at the end.
    AddSheet { name: String },
    /// A copy of a sheet at the end: one of this menu, as it is or was, or of another one.
    PasteSheet { from: Box<Sheet>, own: bool },
    /// A sheet less.
    RemoveSheet { sheet: SheetKey },
    /// Another name for a sheet.
    RenameSheet { sheet: SheetKey, name: String },
    /// A sheet one place up or down.
    ShiftSheet { sheet: SheetKey, up: bool },
    /// Another size; the cuts go along.
    Resize { sheet: SheetKey, size: Size },
    /// Another picture, or other colours.
    SetPicture { sheet: SheetKey, picture: Picture },
    /// 型から選ぶ.
    Template { sheet: SheetKey, name: String },
    /// From cuts to free rectangles.
    Loosen { sheet: SheetKey },
    /// From free rectangles to cuts, where they cover the picture.
    Tighten { sheet: SheetKey },
    /// Cut at a place: dragging across.
    Cut { sheet: SheetKey, area: usize, axis: Axis, at: u32 },
    /// Cut into so many.
    CutIn { sheet: SheetKey, area: usize, axis: Axis, parts: usize },
    /// 結合.
    Merge { sheet: SheetKey, area: usize, with: usize },
    /// A border to a place, as far as it can go.
    Move { sheet: SheetKey, border: usize, to: u32 },
    /// A border by some pixels, as far as it can go.
    Nudge { sheet: SheetKey, border: usize, by: i32 },
    /// A border to the nearest place that cuts its split into so many (2等分・3等分).
    Snap { sheet: SheetKey, border: usize, parts: u32 },
    /// Every split even.
    Even { sheet: SheetKey },
    /// A side of an area to a place, by number.
    SetSide { sheet: SheetKey, area: usize, side: Side, to: u32 },
    /// The place and size of a free rectangle.
    SetRect { sheet: SheetKey, area: usize, rect: Rect },
    /// A new free rectangle.
    AddRect { sheet: SheetKey, rect: Rect },
    /// A free rectangle less.
    RemoveRect { sheet: SheetKey, area: usize },
    /// What is read aloud.
    SetLabel { sheet: SheetKey, area: usize, label: String },
    /// What a tap does.
    SetAct { sheet: SheetKey, area: usize, act: Act },
    /// The icon or picture of a cell.
    SetMark { sheet: SheetKey, area: usize, mark: Mark },
    /// The words of a cell.
    SetWords { sheet: SheetKey, area: usize, words: String },
    /// Everything of an area as on another one, of this or another menu.
    Paste { sheet: SheetKey, area: usize, from: Box<Area> },
    /// Two areas change places.
    Exchange { sheet: SheetKey, area: usize, with: usize },
}

impl Command {
    /// Whether it writes anew what the former one wrote, so that only the new words count.
    pub(super) fn rewrites(&self, former: &Self) -> bool {
        match (self, former) {
            (Self::RenameSheet { sheet, .. }, Self::RenameSheet { sheet: same, .. }) => {
                sheet == same
            }
            (
                Self::SetLabel { sheet, area, .. },
                Self::SetLabel { sheet: same, area: place, .. },
            )
            | (
                Self::SetWords { sheet, area, .. },
                Self::SetWords { sheet: same, area: place, .. },
            ) => (sheet, area) == (same, place),
            _ => false,
        }
    }
}

/// The new state and what is announced.
pub(super) type Done = Result<String, String>;

const NO_SHEET: &str = "このシートはもうありません";
const NO_AREA: &str = "このエリアはもうありません";
const NO_BORDER: &str = "この境界はもうありません";

impl Menu {
    /// The menu after a command, and the sentence that is announced.
    ///
    /// # Errors
    /// Why it cannot be done, and what can be done instead.
    pub fn after(&self, command: &Command) -> Result<(Self, String), String> {
        let mut menu = self.clone();
        let said = menu.apply(command)?;
        Ok((menu, said))
    }

    fn apply(&mut self, command: &Command) -> Done {
        match command {
            Command::Rename { name } => {
                self.name.clone_from(name);
                Ok(format!("メニューの名前を「{name}」にしました"))
            }
            Command::SetBar { bar } => {
                self.bar.clone_from(bar);
                Ok(format!("メニューバーの文字を「{bar}」にしました"))
            }
            Command::SetOpen { open } => {
                self.open = *open;
                let how = if *open { "はじめから開いて" } else { "はじめは閉じて" };
                Ok(format!("トークを開いたとき、メニューを{how}おくようにしました"))
            }
            Command::AddSheet { name } => {
                self.room()?;
                let size = self.sheets.first().map_or(Size::LARGE, |s| s.size);
                self.sheets.push(Sheet::new(self.free_key(), name, size));
                Ok(format!("シート「{name}」を足しました。{}枚目です", self.sheets.len()))
            }
            Command::PasteSheet { from, own } => self.paste_sheet(from, *own),
            Command::RemoveSheet { sheet } => self.remove_sheet(*sheet),
            Command::ShiftSheet { sheet, up } => self.shift_sheet(*sheet, *up),
            Command::RenameSheet { sheet, name } => self.rename_sheet(*sheet, name),
            Command::SetLabel { sheet, area, label } => self.set_label(*sheet, *area, label),
            Command::SetWords { sheet, area, words } => self.set_words(*sheet, *area, words),
            Command::Template { sheet, name } => {
                let others: Vec<(SheetKey, String)> =
                    self.sheets.iter().map(|s| (s.key, s.name.clone())).collect();
                self.sheet_mut(*sheet)?.template(name, &others)
            }
            Command::SetAct { sheet, area, act } => {
                let words = act.in_words(self);
                if let Act::Tab(to) = act {
                    self.name_tab(*sheet, *area, *to)?;
                }
                let sheet = self.sheet_mut(*sheet)?;
                sheet.area_mut(*area)?.act = act.clone();
                Ok(format!("{}を押したときの動きを「{words}」にしました", named(sheet, *area)))
            }
            Command::Resize { sheet, .. }
            | Command::SetPicture { sheet, .. }
            | Command::Loosen { sheet }
            | Command::Tighten { sheet }
            | Command::Cut { sheet, .. }
            | Command::CutIn { sheet, .. }
            | Command::Merge { sheet, .. }
            | Command::Move { sheet, .. }
            | Command::Nudge { sheet, .. }
            | Command::Snap { sheet, .. }
            | Command::Even { sheet }
            | Command::SetSide { sheet, .. }
            | Command::SetRect { sheet, .. }
            | Command::AddRect { sheet, .. }
            | Command::RemoveRect { sheet, .. }
            | Command::SetMark { sheet, .. }
            | Command::Paste { sheet, .. }
            | Command::Exchange { sheet, .. } => self.sheet_mut(*sheet)?.apply(command),
        }
    }

    fn room(&self) -> Result<(), String> {
        if self.sheets.len() < SHEETS_MAX {
            Ok(())
        } else {
            Err(format!("シートは{SHEETS_MAX}枚までです。使わないシートを消してから足してください"))
        }
    }

    fn sheet_mut(&mut self, key: SheetKey) -> Result<&mut Sheet, String> {
        self.sheets.iter_mut().find(|s| s.key == key).ok_or_else(|| NO_SHEET.into())
    }

    /// Copied within its menu its tabs stay as they are. Elsewhere, and where it was removed since,
    /// its tabs to itself lead to the copy. To which sheet of another menu the others are to lead
    /// nobody knows: that is flagged, and chosen anew.
    fn paste_sheet(&mut self, from: &Sheet, own: bool) -> Done {
        self.room()?;
        let key = self.free_key();
        let mut sheet = Sheet { key, ..from.clone() };
        let beside = own && self.sheet(from.key).is_some();
        let mut unset = 0;
        for area in &mut sheet.areas {
            match area.act {
                Act::Tab(to) if to == from.key && beside => {}
                Act::Tab(to) if to == from.key => area.act = Act::Tab(key),
                Act::Tab(_) if !own => {
                    area.act = Act::None;
                    unset += 1;
                }
                _ => {}
            }
        }
        let mut name = sheet.name.clone();
        if self.sheets.iter().any(|s| s.name == name) {
            name += "の写し";
        }
        self.sheets.push(sheet);
        self.give_name(key, &name)?;
        let mut said = format!("シート「{name}」を写しました。{}枚目です", self.sheets.len());
        if unset > 0 {
            said += &format!(
                "。タブ{}は、切りかえる先を選び直してください",
                crate::time::things(unset)
            );
        }
        Ok(said)
    }

    fn remove_sheet(&mut self, key: SheetKey) -> Done {
        let at = self.sheets.iter().position(|s| s.key == key).ok_or(NO_SHEET)?;
        if self.sheets.len() == 1 {
            return Err("シートは1枚は要ります。別のシートを足してから消してください".into());
        }
        let next = self.free_key();
        let gone = self.sheets.remove(at);
        if self.free_key() < next {
            self.next = Some(next.0);
        }
        let tabs: usize = self
            .sheets
            .iter()
            .map(|s| s.areas.iter().filter(|a| a.act == Act::Tab(key)).count())
            .sum();
        let left = if tabs > 0 {
            format!("。このシートへのタブが{}残っています", crate::time::things(tabs))
        } else {
            String::new()
        };
        Ok(format!("シート「{}」を消しました{left}", gone.name))
    }
}
