//! A tab and the sheet to which it leads have one name, and tabs stand in the order of the sheets.
//! Who wrote something else on a tab, or put it elsewhere, meant it: that stays.

use super::{Done, NO_AREA, NO_SHEET};
use crate::geometry::Rect;
use crate::menu::say::named;
use crate::menu::{Act, Area, LABEL_MAX, Menu, Picture, Sheet, SheetKey};

/// Words without the breaks and spaces that only lay them out.
pub(in crate::menu) fn bare(words: &str) -> String {
    words.split_whitespace().collect()
}

/// What a tab to a sheet of that name says: its label, and the words of its picture where the
/// label has no room for all of the name.
pub(super) fn spelled(name: &str) -> (String, String) {
    let name = name.trim();
    let label: String = name.chars().take(LABEL_MAX).collect();
    let words = if label == name { String::new() } else { name.to_owned() };
    (label, words)
}

/// Whether an area is read aloud as that name.
fn says(area: &Area, name: &str) -> bool {
    let label = bare(&area.label);
    label == bare(name) || label == bare(&spelled(name).0)
}

/// Whether that name was written as the words of its picture.
fn shows(area: &Area, name: &str) -> bool {
    let words = bare(&area.cell.words);
    !words.is_empty() && words == bare(name)
}

/// What had the former name gets the new one. Answers whether that changed anything.
fn follow(area: &mut Area, was: &str, now: &str) -> bool {
    let (says, shows) = (says(area, was), shows(area, was));
    let former = area.clone();
    let (label, words) = spelled(now);
    // They stand there only because the label was too short.
    let spare = shows && !spelled(was).1.is_empty();
    if says {
        area.label = label;
    }
    if says && (spare || area.cell.words.trim().is_empty()) {
        area.cell.words = words;
    } else if shows {
        now.trim().clone_into(&mut area.cell.words);
    }
    *area != former
}

/// The place of the sheet to which an area leads; nothing where it leads to none.
fn rank(area: &Area, sheets: &[SheetKey]) -> Option<usize> {
    let Act::Tab(key) = area.act else { return None };
    sheets.iter().position(|s| *s == key)
}

/// After words were written on a tab that had the name of its sheet; `tabs` with this one.
fn alike(name: &str, tabs: usize) -> String {
    match tabs.saturating_sub(1) {
        0 => format!("「{name}」に変えました。シートの名前も同じにしました"),
        others => format!(
            "「{name}」に変えました。シートの名前と、ほかのタブ{}も同じ名前にしました",
            crate::time::things(others)
        ),
    }
}

impl Menu {
    pub(super) fn rename_sheet(&mut self, key: SheetKey, name: &str) -> Done {
        let was = self.sheet(key).ok_or(NO_SHEET)?.name.clone();
        let also = match self.give_name(key, name)? {
            0 => String::new(),
            tabs => format!("。タブ{}も同じ名前にしました", crate::time::things(tabs)),
        };
        Ok(format!("シート「{was}」の名前を「{name}」にしました{also}"))
    }

    /// Gives a sheet a name, and so every tab to it that had the former one. Answers how many
    /// tabs that changed.
    pub(super) fn give_name(&mut self, key: SheetKey, name: &str) -> Result<usize, String> {
        let sheet = self.sheet_mut(key)?;
        let was = std::mem::replace(&mut sheet.name, name.to_owned());
        let areas = self.sheets.iter_mut().flat_map(|s| &mut s.areas);
        let tabs = areas.filter(|a| a.act == Act::Tab(key));
        Ok(tabs.map(|tab| follow(tab, &was, name)).filter(|changed| *changed).count())
    }

    /// The sheet whose name an area has (`has`), where it gets another one with these words.
    fn renamed_by(
        &self,
        (sheet, area): (SheetKey, usize),
        has: fn(&Area, &str) -> bool,
        words: &str,
    ) -> Result<Option<SheetKey>, String> {
        let it = self.sheet(sheet).ok_or(NO_SHEET)?.areas.get(area).ok_or(NO_AREA)?;
        let Act::Tab(key) = it.act else { return Ok(None) };
        let to = self.sheet(key).filter(|s| has(it, &s.name) && bare(&s.name) != bare(words));
        Ok(to.map(|s| s.key))
    }

    /// What is read aloud. The words of the picture go along where they are the same; so do, where
    /// it is a tab that has the name of its sheet, that sheet and its other tabs.
    pub(super) fn set_label(&mut self, sheet: SheetKey, area: usize, label: &str) -> Done {
        let tabs = match self.renamed_by((sheet, area), says, label)? {
            Some(key) => Some(self.give_name(key, label)?),
            None => None,
        };
        let it = self.sheet_mut(sheet)?.area_mut(area)?;
        let both = tabs.is_none() && shows(it, &it.label);
        label.clone_into(&mut it.label);
        if both {
            label.clone_into(&mut it.cell.words);
        }
        let also = if both { "と絵の中の文字" } else { "" };
        Ok(match tabs {
            Some(tabs) => alike(label, tabs),
            None => {
                format!("エリア{}の読み上げることば{also}を「{label}」にしました", area + 1)
            }
        })
    }

    /// The words of the picture. Where they were the name of the sheet to which it leads, that
    /// sheet and its tabs go along; where there were none, they are meant for this tab alone.
    pub(super) fn set_words(&mut self, sheet: SheetKey, area: usize, words: &str) -> Done {
        let name: String = words.lines().map(str::trim).collect();
        let key = match name.as_str() {
            "" => None,
            name => self.renamed_by((sheet, area), shows, name)?,
        };
        let tabs = match key {
            Some(key) => Some(self.give_name(key, &name)?),
            None => None,
        };
        let here = self.sheet_mut(sheet)?;
        words.clone_into(&mut here.area_mut(area)?.cell.words);
        Ok(match tabs {
            Some(tabs) => alike(&name, tabs),
            None => format!("{}の絵の中の文字を「{words}」にしました", named(here, area)),
        })
    }

    /// What becomes a tab has the name of its sheet, unless something else stands on it.
    pub(super) fn name_tab(
        &mut self,
        sheet: SheetKey,
        area: usize,
        to: SheetKey,
    ) -> Result<(), String> {
        let name_of = |key| self.sheet(key).map(|s| s.name.clone());
        let Some(name) = name_of(to) else { return Ok(()) };
        let it = self.sheet(sheet).ok_or(NO_SHEET)?.areas.get(area).ok_or(NO_AREA)?;
        let was = match it.act {
            Act::Tab(key) => name_of(key).unwrap_or_default(),
            _ => String::new(),
        };
        follow(self.sheet_mut(sheet)?.area_mut(area)?, &was, &name);
        Ok(())
    }

    pub(super) fn shift_sheet(&mut self, key: SheetKey, up: bool) -> Done {
        let mut keys: Vec<SheetKey> = self.sheets.iter().map(|s| s.key).collect();
        let at = keys.iter().position(|k| *k == key).ok_or(NO_SHEET)?;
        let to = if up { at.checked_sub(1) } else { Some(at + 1) };
        let to = to.filter(|to| *to < keys.len()).ok_or("これより先へは動かせません")?;
        let rows: Vec<Vec<usize>> = self.sheets.iter().map(|s| s.row(&keys)).collect();
        keys.swap(at, to);
        let mut changed = 0;
        for (sheet, row) in self.sheets.iter_mut().zip(&rows) {
            changed += usize::from(sheet.put_in_order(row, &keys));
        }
        self.sheets.swap(at, to);
        let also = match changed {
            0 => String::new(),
            sheets => format!("。{sheets}枚のシートで、タブも同じ順番にしました"),
        };
        Ok(format!("シート「{}」を{}枚目に動かしました{also}", self.sheets[to].name, to + 1))
    }
}

impl Sheet {
    /// Its tabs as they stand beside or below one another, where that is the order of the sheets.
    /// None of finished artwork: there the names are part of the picture.
    fn row(&self, sheets: &[SheetKey]) -> Vec<usize> {
        if matches!(self.picture, Picture::Uploaded(_)) {
            return Vec::new();
        }
        let rects = self.rects();
        let rank_of = |area: &usize| rank(&self.areas[*area], sheets);
        let mut row: Vec<usize> =
            (0..self.areas.len()).filter(|area| rank_of(area).is_some()).collect();
        let ways: [fn(&Rect) -> (u32, u32); 2] = [|r| (r.y, r.x), |r| (r.x, r.y)];
        for way in ways {
            row.sort_by_key(|area| rects.get(*area).map(way));
            if row.is_sorted_by_key(rank_of) {
                return row;
            }
        }
        Vec::new()
    }

    /// Puts what stands on these areas in the order of the sheets; the areas stay where they are.
    /// Answers whether that changed anything.
    fn put_in_order(&mut self, row: &[usize], sheets: &[SheetKey]) -> bool {
        let mut tabs: Vec<Area> = row.iter().map(|area| self.areas[*area].clone()).collect();
        tabs.sort_by_key(|tab| rank(tab, sheets));
        let mut changed = false;
        for (area, tab) in row.iter().zip(tabs) {
            changed |= self.areas[*area] != tab;
            self.areas[*area] = tab;
        }
        changed
    }
}
