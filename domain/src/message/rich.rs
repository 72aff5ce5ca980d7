//! A picture with areas to tap (タップ画像): LINE's imagemap.
//!
//! Source: <https://developers.line.biz/en/reference/messaging-api/#imagemap-message>

use super::button::{Button, Hosts, Place};
use super::{MEDIA_PATH, alt_text_problem, marked};
use crate::geometry::{Axis, Fault, Limits, Rect, TEMPLATES, Tree};
use crate::id::BlobId;
use crate::language::Voice;
use crate::problem::Problem;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Width of the picture, in LINE's own pixels: what areas are measured in.
pub const WIDTH: u32 = 1_040;
/// The widths in which LINE fetches the picture.
pub const WIDTHS: [u32; 5] = [240, 300, 460, 700, 1_040];
/// Lowest picture: four times as wide as high.
pub const HEIGHT_MIN: u32 = 260;
/// Highest picture: twice as high as wide.
pub const HEIGHT_MAX: u32 = 2_080;
/// At most 20 areas (LINE: 50), none narrower than a finger.
pub const LIMITS: Limits = Limits { areas: 20, side: 80 };
/// Below a picture's own path: where its widths are fetched.
pub const MAP_PATH: &str = "map";

/// A picture with areas.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rich {
    /// The uploaded picture; nothing while a draft has none yet.
    pub image: Option<BlobId>,
    /// Its height when it is [`WIDTH`] wide.
    pub height: u32,
    /// What it says, in words: read aloud, and shown in the notification.
    pub alt: String,
    /// How it is cut.
    pub layout: Tree,
    /// What a tap does, area by area, in the order of the cuts.
    pub areas: Vec<Button>,
}

impl Rich {
    /// The height of a picture of that many pixels, when it is [`WIDTH`] wide.
    pub fn height_of(width: u32, height: u32) -> u32 {
        let (width, height) = (u64::from(width.max(1)), u64::from(height));
        u32::try_from((height * u64::from(WIDTH) + width / 2) / width).unwrap_or(u32::MAX)
    }

    /// What is cut.
    pub fn whole(&self) -> Rect {
        Rect::whole(WIDTH, self.height)
    }

    /// The areas; one where the cuts cannot be used.
    pub fn rects(&self) -> Vec<Rect> {
        match self.layout.fault(self.whole(), LIMITS) {
            None => self.layout.areas(self.whole()),
            Some(_) => vec![self.whole()],
        }
    }

    /// Takes a picture of that many pixels; the cuts stay, where they fit it.
    pub fn set_picture(&mut self, id: BlobId, width: u32, height: u32) {
        let (was, count) = (self.whole(), self.areas.len().max(1));
        self.image = Some(id);
        self.height = Self::height_of(width, height);
        let kept = self.layout.fitted(was, self.whole(), LIMITS);
        let same = TEMPLATES.iter().find(|t| t.count() == count);
        let layout = kept.or_else(|| same.map(|t| t.tree(self.whole()))).unwrap_or_default();
        self.set_layout(layout);
    }

    /// Takes other cuts; what areas do stays by their number. Answers what was lost of it.
    pub fn set_layout(&mut self, layout: Tree) -> Vec<Button> {
        let count = layout.count();
        self.layout = layout;
        let lost = self.areas.split_off(count.min(self.areas.len()));
        self.areas.resize(count, Button::default());
        lost.into_iter().filter(|b| !b.is_empty()).collect()
    }

    /// Cuts an area in two; the second does nothing yet. Answers whether it could be cut.
    pub fn cut(&mut self, area: usize, axis: Axis) -> bool {
        let Some(layout) = self.layout.cut(self.whole(), LIMITS, area, axis) else { return false };
        self.layout = layout;
        self.areas.insert((area + 1).min(self.areas.len()), Button::default());
        true
    }

    /// Makes one of an area and the next; the first keeps what it does. Answers whether it could.
    pub fn merge(&mut self, area: usize) -> bool {
        let Some(layout) = self.layout.merged(area) else { return false };
        self.layout = layout;
        if area + 1 < self.areas.len() {
            self.areas.remove(area + 1);
        }
        true
    }

    /// What is wrong with it, at its place below `at`.
    pub fn problems(&self, purpose: impl Into<Voice>, at: &str) -> Vec<Problem> {
        let purpose = purpose.into();
        if self.image.is_none() {
            return vec![Problem::new(
                format!("{at}/image"),
                "タップ画像の画像がまだ選ばれていません。選ぶか、この部分を消してください",
            )];
        }
        let mut problems = Vec::new();
        let mut say = |key: &str, words: &str| {
            problems.push(Problem::new(format!("{at}/{key}"), words));
        };
        if self.height < HEIGHT_MIN {
            say("image", "この画像は横に長すぎます。横が縦の4倍までの画像を選んでください");
        } else if self.height > HEIGHT_MAX {
            say("image", "この画像は縦に長すぎます。縦が横の2倍までの画像を選んでください");
        }
        if let Some(words) = alt_text_problem(&self.alt, purpose) {
            say("alt", &words);
        }
        match self.layout.fault(self.whole(), LIMITS) {
            Some(Fault::Broken) => {
                say("layout", "エリアの分け方が正しくありません。型から選び直してください");
            }
            Some(Fault::Many) => say("layout", "エリアは20個までにしてください"),
            Some(Fault::Narrow) => {
                say("layout", "指で押すには小さすぎるエリアがあります。広げてください");
            }
            None if self.layout.count() != self.areas.len() => {
                say("areas", "エリアの数と、押したときの動きの数が合いません");
            }
            None => {}
        }
        for (i, area) in self.areas.iter().enumerate() {
            problems.extend(area.problems(Place::Picture, purpose, &format!("{at}/areas/{i}")));
        }
        problems
    }

    pub(super) fn to_line(&self, purpose: Voice, hosts: Hosts<'_>) -> Option<Value> {
        let image = self.image.as_ref()?;
        let actions: Vec<Value> = self
            .rects()
            .into_iter()
            .zip(&self.areas)
            .filter_map(|(rect, area)| area.on_picture(rect, purpose, hosts))
            .collect();
        Some(json!({
            "type": "imagemap",
            "baseUrl": format!("{}{MEDIA_PATH}/{image}/{MAP_PATH}", hosts.base),
            "altText": marked(&self.alt, purpose),
            "baseSize": {"width": WIDTH, "height": self.height},
            "actions": actions,
        }))
    }

    /// Reads one from JSON. `layout` is a template's name or a tree.
    ///
    /// # Errors
    /// Where, below the part, and what is wrong.
    pub(super) fn parse(value: &Value) -> Result<Self, (String, String)> {
        let wrong = |key: &str, words: &str| (format!("/rich{key}"), words.to_owned());
        let object =
            value.as_object().ok_or_else(|| wrong("", "rich はオブジェクトにしてください"))?;
        if let Some(key) = object
            .keys()
            .find(|k| !["image", "height", "alt", "layout", "areas"].contains(&k.as_str()))
        {
            return Err(wrong(&format!("/{key}"), "知らない項目です"));
        }
        let text = |key: &str| object.get(key).and_then(Value::as_str);
        let image = text("image").and_then(|id| id.parse().ok());
        let image = image.ok_or_else(|| wrong("/image", super::NO_PICTURE))?;
        let height = object.get("height").and_then(Value::as_u64).and_then(|h| h.try_into().ok());
        let height = height.ok_or_else(|| {
            wrong("/height", "画像を幅1,040に縮めたときの高さ（height）を、整数で入れてください")
        })?;
        let alt = text("alt").unwrap_or_default().to_owned();
        let whole = Rect::whole(WIDTH, height);
        let unknown =
            || wrong("/layout", "分け方（layout）は、型の名前か、分け方の木にしてください");
        let layout = match object.get("layout") {
            None => Tree::Area,
            Some(Value::String(name)) => {
                TEMPLATES.iter().find(|t| t.name == name).ok_or_else(unknown)?.tree(whole)
            }
            Some(tree) => serde_json::from_value(tree.clone()).map_err(|_| unknown())?,
        };
        let areas = object.get("areas").and_then(Value::as_array);
        let areas = areas.ok_or_else(|| wrong("/areas", "areas は配列にしてください"))?;
        let areas = areas.iter().enumerate().map(|(i, area)| {
            Button::parse(area).map_err(|(at, words)| (format!("/rich/areas/{i}{at}"), words))
        });
        Ok(Self {
            image: Some(image),
            height,
            alt,
            layout,
            areas: areas.collect::<Result<_, _>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Act;

    fn id() -> BlobId {
        BlobId::from_random([7; 20])
    }

    fn named(rich: &mut Rich) {
        for (i, area) in rich.areas.iter_mut().enumerate() {
            *area = Button { label: format!("{i}"), act: Act::Say("あ".into()) };
        }
    }

    fn labels(rich: &Rich) -> String {
        rich.areas.iter().map(|a| if a.label.is_empty() { "-" } else { &a.label }).collect()
    }

    #[test]
    fn what_areas_do_follows_the_cuts() {
        let mut rich = Rich::default();
        rich.set_picture(id(), 2_080, 1_400);
        assert_eq!((rich.height, rich.areas.len()), (700, 1));
        rich.set_layout(TEMPLATES[6].tree(rich.whole()));
        named(&mut rich);
        assert!(rich.cut(1, Axis::Columns));
        assert_eq!(labels(&rich), "01-23");
        assert!(rich.merge(0));
        assert_eq!(labels(&rich), "0-23");
        assert!(!rich.merge(1), "they stand in different rows");
        assert_eq!(rich.rects().len(), 4);
        let lost = rich.set_layout(TEMPLATES[1].tree(rich.whole()));
        assert_eq!(lost.iter().map(|b| b.label.as_str()).collect::<String>(), "23");
        assert_eq!(labels(&rich), "0-");
    }

    #[test]
    fn another_picture_keeps_the_cuts_where_they_fit() {
        let mut rich = Rich::default();
        rich.set_picture(id(), 1_040, 1_040);
        rich.set_layout(TEMPLATES[8].tree(rich.whole()));
        named(&mut rich);
        rich.set_picture(id(), 1_040, 520);
        assert_eq!(rich.layout, TEMPLATES[8].tree(rich.whole()));
        // Four rows of 100 fit one picture, and not a flatter one.
        let mut high = Rich { height: 400, areas: vec![Button::default(); 2], ..Rich::default() };
        high.layout = serde_json::from_value(json!({"rows": [90], "parts": [null, null]})).unwrap();
        high.set_picture(id(), 1_040, 300);
        assert_eq!(high.layout, TEMPLATES[1].tree(high.whole()));
    }
}
