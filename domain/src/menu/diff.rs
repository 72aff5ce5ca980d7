//! What differs between two states of a menu, in words: what publishing would change.

use super::say::size;
use super::{Area, Menu, Picture, Sheet, SheetKey, svg};
use crate::geometry::Rect;
use serde::{Deserialize, Serialize};

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// On which sheet; nothing for the menu itself.
    pub sheet: Option<SheetKey>,
    /// On which area of the newer state, from 0.
    pub area: Option<usize>,
    /// Where, in words: 「くらし エリア5」.
    pub place: String,
    /// What: 「動きが変わりました（…）」.
    pub words: String,
}

/// What differs, in the order of the newer state; what is gone comes last.
pub fn diff(old: &Menu, new: &Menu) -> Vec<Change> {
    let mut all = Vec::new();
    let mut menu = |words: String| {
        all.push(Change { sheet: None, area: None, place: "メニュー".into(), words });
    };
    if old.name != new.name {
        menu(format!("名前が変わりました（{} → {}）", old.name, new.name));
    }
    if old.bar != new.bar {
        menu(format!("メニューバーの文字が変わりました（{} → {}）", old.bar, new.bar));
    }
    if old.open != new.open {
        let how =
            if new.open { "はじめから開きます" } else { "はじめは閉じています" };
        menu(format!("トークを開いたとき、{how}"));
    }
    let keys = |m: &Menu, other: &Menu| -> Vec<SheetKey> {
        m.sheets.iter().map(|s| s.key).filter(|k| other.sheet(*k).is_some()).collect()
    };
    if keys(old, new) != keys(new, old) {
        menu("シートの順番が変わりました".into());
    }
    for sheet in &new.sheets {
        match old.sheet(sheet.key) {
            Some(was) => sheets(was, sheet, (old, new), &mut all),
            None => all.push(of_sheet(sheet, "シートを足しました".into())),
        }
    }
    let gone = old.sheets.iter().filter(|s| new.sheet(s.key).is_none());
    all.extend(gone.map(|s| of_sheet(s, "シートを消しました".into())));
    all
}

fn of_sheet(sheet: &Sheet, words: String) -> Change {
    Change { sheet: Some(sheet.key), area: None, place: sheet.name.clone(), words }
}

fn sheets(old: &Sheet, new: &Sheet, menus: (&Menu, &Menu), all: &mut Vec<Change>) {
    if old.name != new.name {
        all.push(of_sheet(new, format!("名前が変わりました（{} → {}）", old.name, new.name)));
    }
    if old.size != new.size {
        let (was, is) = (old.size.label(), new.size.label());
        all.push(of_sheet(new, format!("絵の大きさが変わりました（{was} → {is}）")));
    }
    if old.picture != new.picture {
        let words = match (&old.picture, &new.picture) {
            (Picture::Composed(_), Picture::Composed(_)) => "色や背景が変わりました",
            _ => "絵を差しかえました",
        };
        all.push(of_sheet(new, words.into()));
    }
    let (was, is) = (old.rects(), new.rects());
    for (i, area) in new.areas.iter().enumerate() {
        let mut say = |words: String| {
            all.push(Change {
                sheet: Some(new.key),
                area: Some(i),
                place: format!("{} エリア{}", new.name, i + 1),
                words,
            });
        };
        let before = old.areas.iter().position(|a| a.key == area.key);
        let Some(before) = before else {
            say("エリアを足しました".into());
            continue;
        };
        if let (Some(was), Some(is)) = (was.get(before), is.get(i))
            && was != is
        {
            say(placed(*was, *is));
        }
        if let Some(was) = old.areas.get(before) {
            contents(was, area, menus).into_iter().for_each(&mut say);
        }
    }
    for area in old.areas.iter().filter(|a| new.areas.iter().all(|n| n.key != a.key)) {
        let label = svg::words_of(area);
        let name = if label.is_empty() { String::new() } else { format!("「{label}」の") };
        all.push(of_sheet(new, format!("{name}エリアがなくなりました")));
    }
}

/// Which of place and size changed.
fn placed(was: Rect, is: Rect) -> String {
    // A tab that went to another third is a pixel wider or narrower there.
    let moved = (was.x, was.y) != (is.x, is.y);
    let same = |a: u32, b: u32| a == b || (moved && a.abs_diff(b) == 1);
    match (same(was.width, is.width), same(was.height, is.height)) {
        (true, true) => "場所が変わりました".into(),
        (false, true) => format!("左右の幅が変わりました（{} → {}）", was.width, is.width),
        (true, false) => format!("高さが変わりました（{} → {}）", was.height, is.height),
        (false, false) => format!("大きさが変わりました（{} → {}）", size(was), size(is)),
    }
}

fn contents(was: &Area, is: &Area, (old, new): (&Menu, &Menu)) -> Vec<String> {
    let mut all = Vec::new();
    if was.act != is.act {
        let (was, is) = (was.act.in_words(old), is.act.in_words(new));
        all.push(format!("押したときの動きが変わりました（{was} → {is}）"));
    }
    if was.label != is.label {
        all.push(format!("読み上げることばが変わりました（{} → {}）", was.label, is.label));
    }
    if was.cell.words != is.cell.words {
        all.push(format!("絵の中の文字が変わりました（{} → {}）", was.cell.words, is.cell.words));
    }
    if was.cell.mark != is.cell.mark {
        all.push("アイコンが変わりました".into());
    }
    all
}
