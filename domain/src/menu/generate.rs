//! Random turns at the editor, for tests that hold whatever somebody does there. The same seed
//! gives the same everywhere.

use super::{Act, Command, SheetKey, Side, Size, template};
use crate::form::generate::Dice;
use crate::geometry::{Axis, Rect};
use crate::message::Page;

const KANA: &str = "あいうえおがぎぐげごしじっつづぱぴゃゅょわゐゑをん";

/// What somebody at the editor does next.
#[derive(Clone, Debug)]
pub enum Turn {
    /// A change, which may be refused.
    Run(Command),
    /// 元にもどす.
    Undo,
    /// やり直す.
    Redo,
}

/// The turn of a seed.
pub fn turn(seed: u64) -> Turn {
    let dice = &mut Dice::new(seed);
    match dice.below(15) {
        0..=2 => Turn::Undo,
        3 | 4 => Turn::Redo,
        5..=8 => Turn::Run(other(dice)),
        _ => Turn::Run(cutting(dice)),
    }
}

fn number(dice: &mut Dice, least: u32, most: u32) -> u32 {
    least + dice.below((most - least + 1) as usize) as u32
}

fn text(dice: &mut Dice, letters: &str, least: usize, most: usize) -> String {
    let letters: Vec<char> = letters.chars().collect();
    let count = least + dice.below(most - least + 1);
    (0..count).filter_map(|_| dice.of(&letters).copied()).collect()
}

fn sheet(dice: &mut Dice) -> SheetKey {
    SheetKey(1 + dice.below(3) as u16)
}

/// An area or border. Low numbers come more often, since most sheets have few.
fn nth(dice: &mut Dice) -> usize {
    let most = 1 + dice.below(21);
    dice.below(most)
}

fn axis(dice: &mut Dice) -> Axis {
    if dice.once_in(2) { Axis::Columns } else { Axis::Rows }
}

fn side(dice: &mut Dice) -> Side {
    match dice.below(4) {
        0 => Side::Left,
        1 => Side::Right,
        2 => Side::Top,
        _ => Side::Bottom,
    }
}

fn rect(dice: &mut Dice) -> Rect {
    Rect {
        x: number(dice, 0, 2_600),
        y: number(dice, 0, 1_800),
        width: number(dice, 0, 2_600),
        height: number(dice, 0, 1_800),
    }
}

fn size(dice: &mut Dice) -> Size {
    match dice.below(4) {
        0 => Size::LARGE,
        1 => Size::COMPACT,
        2 => Size { width: number(dice, 700, 2_600), height: number(dice, 200, 1_800) },
        // Too low for two rows, or for a low one above another.
        _ => Size { width: number(dice, 1_200, 2_500), height: number(dice, 250, 420) },
    }
}

fn act(dice: &mut Dice) -> Act {
    match dice.below(9) {
        0 => Act::Tab(SheetKey(1 + dice.below(4) as u16)),
        1 => Act::Say(text(dice, KANA, 1, 300)),
        2 => Act::SayCounted(text(dice, KANA, 1, 240)),
        3 => Act::Open("https://city.example/ごみ".into()),
        4 => dice.of(Page::ALL).map_or(Act::None, |page| Act::Page(*page)),
        5 => Act::Form(text(dice, "az059_-", 0, 40)),
        6 => Act::Call(text(dice, "0129-", 0, 20)),
        7 => Act::Postback {
            data: text(dice, " !\"%&'+/0=Aa~あん", 0, 240),
            shows: text(dice, KANA, 0, 300),
        },
        _ => Act::None,
    }
}

/// What changes the cuts.
fn cutting(dice: &mut Dice) -> Command {
    let sheet = sheet(dice);
    let [area, border] = [nth(dice), nth(dice)];
    match dice.below(9) {
        0 => Command::Cut { sheet, area, axis: axis(dice), at: number(dice, 0, 2_500) },
        1 => Command::CutIn { sheet, area, axis: axis(dice), parts: dice.below(6) },
        2 => Command::Merge { sheet, area, with: nth(dice) },
        3 => Command::Exchange { sheet, area, with: nth(dice) },
        4 => Command::Move { sheet, border, to: number(dice, 0, 2_600) },
        5 => Command::Nudge { sheet, border, by: dice.below(6_000) as i32 - 3_000 },
        6 => Command::Snap { sheet, border, parts: number(dice, 0, 4) },
        7 => Command::SetSide { sheet, area, side: side(dice), to: number(dice, 0, 2_600) },
        _ => {
            let all = [template::LARGE, template::COMPACT].concat();
            let name = dice.of(&all).map_or("", |template| template.name);
            Command::Template { sheet, name: name.into() }
        }
    }
}

/// What changes anything else.
fn other(dice: &mut Dice) -> Command {
    let sheet = sheet(dice);
    let area = nth(dice);
    match dice.below(14) {
        0 => Command::Resize { sheet, size: size(dice) },
        1 => Command::Even { sheet },
        2 => Command::Loosen { sheet },
        3 => Command::Tighten { sheet },
        4 => Command::SetRect { sheet, area, rect: rect(dice) },
        5 => Command::AddRect { sheet, rect: rect(dice) },
        6 => Command::RemoveRect { sheet, area },
        7 => Command::SetLabel { sheet, area, label: text(dice, KANA, 1, 20) },
        8 => Command::SetAct { sheet, area, act: act(dice) },
        9 => Command::AddSheet { name: "別".into() },
        10 => Command::RemoveSheet { sheet },
        11 => Command::RenameSheet { sheet, name: text(dice, KANA, 0, 40) },
        12 => Command::SetWords { sheet, area, words: text(dice, KANA, 0, 40) },
        _ => Command::ShiftSheet { sheet, up: dice.once_in(2) },
    }
}
