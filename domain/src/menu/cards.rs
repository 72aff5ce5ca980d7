//! A menu as cards for the talk, for LINE on a PC, which shows no rich menu: the same tree,
//! within LINE's limits of messages and bytes.
//!
//! Source: <https://developers.line.biz/en/reference/messaging-api/#flex-message>

use super::render::{Key, Rendering, action};
use super::{AREAS_MAX, Act, Area, Layout, Look, Menu, Mode, Picture, Sheet, svg};
use crate::geometry::Tree;
use crate::id::MenuId;
use serde_json::{Value, json};

/// What a tap on the name of a sheet sends from the talk, before the sheet's number.
pub const CARDS: &str = "menu-cards:";
/// Bytes of what stands in a bubble and in a carousel. A tenth of LINE's limits is left for
/// their frames, and because LINE does not say how it counts.
const BUBBLE_BYTES: usize = line::text::FLEX_BUBBLE_BYTES / 10 * 9;
const CAROUSEL_BYTES: usize = line::text::FLEX_CAROUSEL_BYTES / 10 * 9;

/// The menu as messages of cards, a card a sheet, for 「メニュー」 said on a PC; nothing where
/// there is nothing to tap. Tabs are not needed there: all sheets lie beside one another. More
/// than LINE takes at once is offered by sheet ([`sheet_cards`]).
pub fn cards(id: MenuId, menu: &Menu, mode: Mode, with: &Rendering<'_>) -> Vec<Value> {
    let sheets = menu.sheets.iter().map(|sheet| (sheet, bubbles(id, menu, sheet, mode, with)));
    let sheets: Vec<_> = sheets.filter(|(_, bubbles)| !bubbles.is_empty()).collect();
    let offered: Vec<&Sheet> = sheets.iter().map(|(sheet, _)| *sheet).collect();
    let all = carousels(menu, mode, sheets.into_iter().flat_map(|(_, bubbles)| bubbles).collect());
    if all.len() <= line::text::MESSAGES { all } else { vec![by_sheet(menu, mode, &offered)] }
}

/// One sheet of a menu as messages of cards.
pub fn sheet_cards(
    id: MenuId,
    menu: &Menu,
    sheet: &Sheet,
    mode: Mode,
    with: &Rendering<'_>,
) -> Vec<Value> {
    carousels(menu, mode, bubbles(id, menu, sheet, mode, with))
}

/// The sheets by name: a tap answers with the cards of one.
fn by_sheet(menu: &Menu, mode: Mode, sheets: &[&Sheet]) -> Value {
    let look = Look::default();
    let offer = |sheet: &&Sheet| {
        let name = sheet.name.trim();
        let action = json!({
            "type": "postback",
            "label": mode.label(name),
            "data": format!("{CARDS}{}", sheet.key.0),
            "displayText": mode.marked(name),
        });
        tappable(name, &look, action)
    };
    let body = stacked("vertical", sheets.iter().map(offer).collect());
    let title = mode.marked("見たいシートを押してください");
    flex(menu, mode, bubble(&title, body, &look))
}

/// Messages of at most twelve bubbles each (LINE).
fn carousels(menu: &Menu, mode: Mode, bubbles: Vec<Value>) -> Vec<Value> {
    packed(bubbles, CAROUSEL_BYTES, line::text::FLEX_BUBBLES)
        .into_iter()
        .map(|bubbles| flex(menu, mode, json!({"type": "carousel", "contents": bubbles})))
        .collect()
}

fn flex(menu: &Menu, mode: Mode, contents: Value) -> Value {
    json!({
        "type": "flex",
        "altText": mode.marked(&format!("メニュー（{}）", menu.name.trim())),
        "contents": contents,
    })
}

/// A sheet as it lies; over several bubbles, one card below the other, where LINE would not
/// take it as one.
fn bubbles(id: MenuId, menu: &Menu, sheet: &Sheet, mode: Mode, with: &Rendering<'_>) -> Vec<Value> {
    let key = Key { menu: id, sheet: sheet.key, mode };
    let look = match &sheet.picture {
        Picture::Composed(look) => look.clone(),
        Picture::Uploaded(_) => Look::default(),
    };
    // A sheet that stands alone has no tab, and its name is nobody's words.
    let name = if menu.sheets.len() == 1 { &menu.name } else { &sheet.name };
    let title = mode.marked(name.trim());
    let all =
        || -> Vec<Value> { sheet.areas.iter().filter_map(|a| card(a, key, &look, with)).collect() };
    let mut number = 0;
    let body = match &sheet.layout {
        Layout::Split(tree) => part(tree, &mut number, key, sheet, &look, with),
        Layout::Free(_) => boxed("vertical", all()),
    };
    let Some(body) = body else { return Vec::new() };
    if bytes(&body) <= BUBBLE_BYTES {
        return vec![bubble(&title, body, &look)];
    }
    packed(all(), BUBBLE_BYTES, AREAS_MAX)
        .into_iter()
        .map(|cards| bubble(&title, stacked("vertical", cards), &look))
        .collect()
}

fn bubble(title: &str, body: Value, look: &Look) -> Value {
    json!({
        "type": "bubble",
        "size": "giga",
        "header": {"type": "box", "layout": "vertical", "contents": [{
            "type": "text",
            "text": title,
            "weight": "bold",
            "wrap": true,
            "color": look.accent.on(),
        }], "backgroundColor": look.accent},
        "body": {"type": "box", "layout": "vertical", "contents": [body],
            "backgroundColor": look.ground, "paddingAll": "md"},
    })
}

/// In their order, in as few pieces as hold so many bytes and so many things each.
fn packed(things: Vec<Value>, room: usize, most: usize) -> Vec<Vec<Value>> {
    let mut pieces: Vec<Vec<Value>> = Vec::new();
    let mut left = 0;
    for thing in things {
        // With the comma.
        let bytes = bytes(&thing) + 1;
        match pieces.last_mut().filter(|piece| bytes <= left && piece.len() < most) {
            Some(piece) => {
                left -= bytes;
                piece.push(thing);
            }
            None => {
                left = room.saturating_sub(bytes);
                pieces.push(vec![thing]);
            }
        }
    }
    pieces
}

fn bytes(json: &Value) -> usize {
    json.to_string().len()
}

/// A part of the tree as a box; nothing where nothing in it can be tapped.
fn part(
    tree: &Tree,
    number: &mut usize,
    key: Key,
    sheet: &Sheet,
    look: &Look,
    with: &Rendering<'_>,
) -> Option<Value> {
    let (layout, parts) = match tree {
        Tree::Area => {
            let area = sheet.areas.get(*number);
            *number += 1;
            return area.and_then(|area| card(area, key, look, with));
        }
        Tree::Columns { parts, .. } => ("horizontal", parts),
        Tree::Rows { parts, .. } => ("vertical", parts),
    };
    let inside = parts.iter().map(|p| part(p, number, key, sheet, look, with)).collect::<Vec<_>>();
    boxed(layout, inside.into_iter().flatten().collect())
}

fn boxed(layout: &str, contents: Vec<Value>) -> Option<Value> {
    (!contents.is_empty()).then(|| stacked(layout, contents))
}

fn stacked(layout: &str, contents: Vec<Value>) -> Value {
    json!({"type": "box", "layout": layout, "contents": contents, "spacing": "sm", "flex": 1})
}

/// An area as a small box to tap; nothing for tabs.
fn card(area: &Area, key: Key, look: &Look, with: &Rendering<'_>) -> Option<Value> {
    if matches!(area.act, Act::Tab(_)) {
        return None;
    }
    let action = action(key, area, with)?;
    let words = svg::words_of(area);
    let words = if words.is_empty() { area.act.kind() } else { words };
    Some(tappable(words, look, action))
}

fn tappable(words: &str, look: &Look, action: Value) -> Value {
    json!({
        "type": "box",
        "layout": "vertical",
        "flex": 1,
        "contents": [{
            "type": "text",
            "text": words,
            "align": "center",
            "weight": "bold",
            "size": "sm",
            "wrap": true,
            "color": look.ink,
        }],
        "justifyContent": "center",
        "backgroundColor": look.card,
        "cornerRadius": "md",
        "paddingAll": "md",
        "action": action,
    })
}
