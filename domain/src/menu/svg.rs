//! The picture of a sheet as an SVG: the one source that browser and server draw.

use super::color::Color;
use super::fit::{FONT, Fitted, LEADING, fit, width};
use super::icon::{GRID, STROKE};
use super::{Act, Area, Look, Mark, Mode, Picture, Sheet};
use crate::geometry::Rect;
use crate::id::BlobId;
use std::fmt::Write as _;

/// Raised when the same sheet is drawn differently, so that pictures at LINE are made anew.
pub const DRAWING: u8 = 1;
/// Smallest characters, on a picture 2,500 wide: 10.5 CSS pixels on a phone 375 wide.
pub const WORDS_MIN: u32 = 70;
/// Largest characters of an ordinary cell, on a picture 2,500 wide; wide cells have larger ones.
pub const WORDS_MAX: u32 = 104;
/// The line above the open tab, on a picture 2,500 wide.
const TAB_LINE: u32 = 26;
/// Above the baseline, in thousandths of the size (the font's ascender).
const ASCENT: u32 = 880;

/// Where what an area shows lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Laid {
    /// The card or the tab.
    pub card: Rect,
    /// The square of the icon, if there is one.
    pub icon: Option<Rect>,
    /// The words.
    pub words: Fitted,
    /// The middle of the words' lines.
    pub middle: u32,
    /// The upper edge of the words.
    pub top: u32,
}

/// Lengths of a picture that are drawn for 2,500 pixels of width.
#[derive(Clone, Copy)]
struct Scale(u32);

impl Scale {
    fn of(self, length: u32) -> u32 {
        length * self.0 / 2_500
    }
}

/// What is drawn as the words of an area.
pub fn words_of(area: &Area) -> &str {
    let words = area.cell.words.trim();
    if words.is_empty() { area.label.trim() } else { words }
}

/// Where everything of an area lies.
pub fn laid(sheet: &Sheet, area: usize, rect: Rect, mode: Mode) -> Laid {
    let scale = Scale(sheet.size.width);
    let rect = below_band(rect, scale, mode);
    let tab = sheet.is_tab(area);
    let gap = if tab { 0 } else { scale.of(18) };
    let card = inset(rect, gap, gap);
    let pad = scale.of(if tab { 20 } else { 34 });
    let room = inset(card, pad, pad);
    // Below the line that marks the open tab.
    let bar = if tab { scale.of(TAB_LINE).min(room.height / 4) } else { 0 };
    let room = Rect { y: room.y + bar, height: room.height - bar, ..room };
    // A cell of a sheet of six is ordinary.
    let large = (card.width * 100 / scale.of(800).max(1))
        .min(card.height * 100 / scale.of(668).max(1))
        .clamp(100, 170);
    let (max, min) = (scale.of(WORDS_MAX) * large / 100, scale.of(WORDS_MIN));
    let empty = Area::new(0);
    let it = sheet.areas.get(area).unwrap_or(&empty);
    let words = words_of(it);
    let marked = it.cell.mark != Mark::None;
    let square = |x: u32, y: u32, side: u32| Rect { x, y, width: side, height: side };
    let (cx, cy) = (room.x + room.width / 2, room.y + room.height / 2);
    if !marked || words.is_empty() {
        let side = room.width.min(room.height).min(scale.of(420) * large / 100);
        let icon = marked.then(|| square(cx - side / 2, cy - side / 2, side));
        let words = fit(words, (room.width, room.height), max, min);
        let top = cy.saturating_sub(words.height() / 2);
        return Laid { card, icon, words, middle: cx, top };
    }
    if room.width > room.height * 2 || tab {
        let side = room.height.min(scale.of(230)).min(room.width / 3);
        let between = scale.of(36);
        let left = room.width.saturating_sub(side + between);
        let words = fit(words, (left, room.height), max, min);
        let wide = widest(&words).min(left);
        let x = room.x + (room.width - (side + between + wide).min(room.width)) / 2;
        let top = cy.saturating_sub(words.height() / 2);
        let middle = x + side + between + wide / 2;
        return Laid { card, icon: Some(square(x, cy - side / 2, side)), words, middle, top };
    }
    let between = scale.of(30).min(room.height / 12);
    let side = (room.height * 55 / 100).min(room.width * 6 / 10).min(scale.of(270) * large / 100);
    // Where words need two lines the icon makes room for them.
    let fitted = [side, side * 3 / 4, side / 2].map(|side| {
        let left = room.height.saturating_sub(side + between);
        (side, fit(words, (room.width, left), max, min))
    });
    let good = |f: &&(u32, Fitted)| f.1.fits && f.1.size * 100 >= max * 80;
    let best = fitted.iter().find(good).or_else(|| fitted.iter().find(|f| f.1.fits));
    let (side, words) = best.unwrap_or(&fitted[2]).clone();
    let all = side + between + words.height();
    let y = room.y + room.height.saturating_sub(all) / 2;
    Laid {
        card,
        icon: Some(square(cx - side / 2, y, side)),
        words,
        middle: cx,
        top: y + side + between,
    }
}

fn widest(words: &Fitted) -> u32 {
    let widest = words.lines.iter().map(|l| width(l)).max().unwrap_or(0);
    u32::try_from(widest * u64::from(words.size) / 1_000).unwrap_or(u32::MAX)
}

fn inset(rect: Rect, x: u32, y: u32) -> Rect {
    let (x, y) = (x.min(rect.width / 2), y.min(rect.height / 2));
    Rect { x: rect.x + x, y: rect.y + y, width: rect.width - 2 * x, height: rect.height - 2 * y }
}

/// How high the band is that says that this is a drill.
fn band(scale: Scale, mode: Mode) -> u32 {
    match mode {
        Mode::Real => 0,
        Mode::Drill => scale.of(110),
    }
}

fn below_band(rect: Rect, scale: Scale, mode: Mode) -> Rect {
    let over = band(scale, mode).saturating_sub(rect.y).min(rect.height / 2);
    Rect { y: rect.y + over, height: rect.height - over, ..rect }
}

/// The picture of a sheet. `href` answers the address of an uploaded picture (the browser:
/// its path; the server: its bytes as a data address); what it does not know is left out.
pub fn sheet(sheet: &Sheet, mode: Mode, href: &dyn Fn(&BlobId) -> Option<String>) -> String {
    let (w, h) = (sheet.size.width, sheet.size.height);
    let scale = Scale(w);
    let mut out = format!(
        "<svg xmlns='http://www.w3.org/2000/svg' width='{w}' height='{h}' viewBox='0 0 {w} {h}' \
         font-family='{FONT}' font-weight='700'>"
    );
    out.push_str(&ground(sheet, href));
    for (i, rect) in sheet.rects().into_iter().enumerate() {
        out.push_str(&area(sheet, (i, rect), mode, href));
    }
    if mode == Mode::Drill {
        let high = band(scale, mode);
        fill(&mut out, Rect::whole(w, high), 0, Color([0xff, 0xd4, 0x3d]));
        let words = fit("これは訓練です", (w, high), scale.of(76), scale.of(40));
        let top = (high - words.height().min(high)) / 2;
        text(&mut out, &words, w / 2, top, Color::BLACK);
    }
    out.push_str("</svg>");
    out
}

/// What lies behind the areas. With [`area`] for all of them it is what [`sheet`] draws; the
/// editor draws only those anew whose place changes while a border is dragged.
pub fn ground(sheet: &Sheet, href: &dyn Fn(&BlobId) -> Option<String>) -> String {
    let mut out = String::new();
    match &sheet.picture {
        Picture::Uploaded(id) => {
            fill(&mut out, sheet.size.whole(), 0, Color::WHITE);
            if let Some(href) = id.as_ref().and_then(href) {
                // Of another shape it is cut, never distorted (`Size::cut_off`).
                image(&mut out, sheet.size.whole(), &href, "xMidYMid slice");
            }
        }
        Picture::Composed(look) => {
            fill(&mut out, sheet.size.whole(), 0, look.ground);
            if let Some(href) = look.backdrop.as_ref().and_then(href) {
                image(&mut out, sheet.size.whole(), &href, "xMidYMid slice");
            }
        }
    }
    out
}

/// What is drawn on an area at a place; nothing on finished artwork.
pub fn area(
    sheet: &Sheet,
    at: (usize, Rect),
    mode: Mode,
    href: &dyn Fn(&BlobId) -> Option<String>,
) -> String {
    let mut out = String::new();
    if let Picture::Composed(look) = &sheet.picture {
        cell(&mut out, sheet, look, at, mode, href);
    }
    out
}

fn cell(
    out: &mut String,
    sheet: &Sheet,
    look: &Look,
    (number, rect): (usize, Rect),
    mode: Mode,
    href: &dyn Fn(&BlobId) -> Option<String>,
) {
    let scale = Scale(sheet.size.width);
    let laid = laid(sheet, number, rect, mode);
    let Some(area) = sheet.areas.get(number) else { return };
    let (ground, ink, accent) = match &area.act {
        Act::Tab(key) if *key == sheet.key => (look.card, look.accent, look.accent),
        Act::Tab(_) => (look.accent, look.accent.on(), look.accent.on()),
        _ => (look.card, look.ink, look.accent),
    };
    match &area.act {
        Act::Tab(key) => {
            fill(out, laid.card, 0, ground);
            let line = scale.of(6).min(laid.card.width);
            let side = Rect { x: laid.card.x + laid.card.width - line, width: line, ..laid.card };
            fill(out, side, 0, look.ground);
            if *key == sheet.key {
                let high = scale.of(TAB_LINE).min(laid.card.height);
                fill(out, Rect { height: high, ..laid.card }, 0, look.accent);
            }
        }
        _ => fill(out, laid.card, scale.of(52), ground),
    }
    match (&area.cell.mark, laid.icon) {
        (Mark::Icon(icon), Some(at)) => {
            // Writing to a string does not fail.
            let _ = write!(
                out,
                "<svg x='{}' y='{}' width='{}' height='{}' viewBox='0 0 {GRID} {GRID}'><g \
                 fill='none' stroke='{accent}' stroke-width='{STROKE}' stroke-linecap='round' \
                 stroke-linejoin='round'>{}</g></svg>",
                at.x,
                at.y,
                at.width,
                at.height,
                icon.drawing()
            );
        }
        (Mark::Picture(id), Some(at)) => {
            if let Some(href) = href(id) {
                image(out, at, &href, "xMidYMid meet");
            }
        }
        _ => {}
    }
    text(out, &laid.words, laid.middle, laid.top, ink);
}

fn fill(out: &mut String, r: Rect, round: u32, color: Color) {
    let Rect { x, y, width, height } = r;
    let _ = write!(
        out,
        "<rect x='{x}' y='{y}' width='{width}' height='{height}' rx='{round}' fill='{color}'/>"
    );
}

fn image(out: &mut String, r: Rect, href: &str, keep: &str) {
    let Rect { x, y, width, height } = r;
    let href = escaped(href);
    let _ = write!(
        out,
        "<image x='{x}' y='{y}' width='{width}' height='{height}' preserveAspectRatio='{keep}' \
         href='{href}'/>"
    );
}

fn text(out: &mut String, words: &Fitted, middle: u32, top: u32, color: Color) {
    let size = words.size;
    for (i, line) in (0u32..).zip(&words.lines) {
        let y = top + i * (size * LEADING / 100) + size * ASCENT / 1_000;
        let line = escaped(line);
        let _ = write!(
            out,
            "<text x='{middle}' y='{y}' font-size='{size}' text-anchor='middle' \
             fill='{color}'>{line}</text>"
        );
    }
}

/// Text as it may stand in an attribute and between elements.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\'' => out.push_str("&#39;"),
            '"' => out.push_str("&quot;"),
            // XML holds neither.
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
