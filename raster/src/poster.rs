//! Posters of forms: an A4 page as PDF with the QR code that opens the form.
//!
//! What stands where is reckoned in points with the widths of
//! [`domain::menu::fit`]. The font has no kerning, so that a line is its characters side by
//! side: nothing has to shape them.

use crate::{Code, Font};
use domain::menu::fit;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla::text::{Font as Face, GlyphId, KrillaGlyph};
use krilla::{Data, Document};
use skrifa::prelude::{FontRef, LocationRef, MetadataProvider, Size};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A4, in points.
const PAGE: (f32, f32) = (595.276, 841.89);
/// 15 mm, as where the page is printed.
const MARGIN: f32 = 42.52;
/// What words and code may take.
const ROOM: (f32, f32) = (PAGE.0 - 2.0 * MARGIN, PAGE.1 - 2.0 * MARGIN);
/// From line to line, in sizes of the characters.
const LEADING: f32 = 1.4;
/// Below each text.
const GAP: f32 = 12.0;
/// How wide the code is, with the white around it: 60 mm can be read from an arm's length.
const CODE: (f32, f32) = (170.0, 280.0);
/// The sizes of a title that takes two lines at most.
const TITLE: (u32, u32) = (34, 20);

/// What stands on a poster, from above to below. What is empty is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Poster {
    /// Whose form it is.
    pub city: String,
    /// The form's title.
    pub title: String,
    /// What it is for.
    pub purpose: String,
    /// The code of the address.
    pub code: Code,
    /// How the code is used.
    pub how: String,
    /// The address behind the code.
    pub address: String,
    /// When answers are received.
    pub period: String,
    /// Whom to ask.
    pub contact: String,
}

/// Why there is no poster.
#[derive(Debug, thiserror::Error)]
pub enum PosterError {
    /// The words do not find room on one page.
    #[error("文章が長く、A4の1枚におさまりません。題名や利用目的を短くしてください")]
    TooLong,
    /// The font lacks characters.
    #[error(
        "PDFにできない文字があります：{0}。ほかの文字にするか、ポスターの画面の「印刷する」でPDFにしてください"
    )]
    NoGlyph(String),
    /// The drawing itself is wrong, which is a fault of ours.
    #[error("ポスターのPDFを作れませんでした（{0}）")]
    Drawing(String),
}

/// Draws a poster: one page of A4 whose words can be searched and copied, with the font in it.
///
/// # Errors
/// Why there is no poster, in words for staff.
pub fn poster(font: &Font, poster: &Poster) -> Result<Vec<u8>, PosterError> {
    let wrong = |what: &str| PosterError::Drawing(what.to_owned());
    let layout = layout(poster).ok_or(PosterError::TooLong)?;
    let (bytes, index) = font.face().ok_or_else(|| wrong("font"))?;
    let bytes = Arc::new(bytes);
    let face = Face::new(Data::from(Arc::clone(&bytes)), index).ok_or_else(|| wrong("font"))?;
    let read = FontRef::from_index(&bytes, index).map_err(|error| wrong(&error.to_string()))?;
    let lines = layout
        .lines
        .iter()
        .map(|line| glyphs(&read, face.units_per_em(), &line.words).map(|glyphs| (line, glyphs)))
        .collect::<Result<Vec<_>, _>>()?;
    let page = PageSettings::from_wh(PAGE.0, PAGE.1).ok_or_else(|| wrong("page"))?;

    let mut document = Document::new();
    document.set_metadata(Metadata::new().title(poster.title.clone()).language("ja".into()));
    let mut page = document.start_page_with(page);
    let mut surface = page.surface();
    for (line, glyphs) in lines {
        let start = Point::from_xy(line.left, line.base);
        surface.draw_glyphs(start, &glyphs, face.clone(), &line.words, line.size, false);
    }
    let (left, top, side) = layout.code;
    let square = side / f32::from(poster.code.size);
    let mut path = PathBuilder::new();
    for (x, y) in &poster.code.dark {
        let (x, y) = (left + f32::from(*x) * square, top + f32::from(*y) * square);
        path.push_rect(Rect::from_xywh(x, y, square, square).ok_or_else(|| wrong("code"))?);
    }
    surface.draw_path(&path.finish().ok_or_else(|| wrong("code"))?);
    surface.finish();
    page.finish();
    document.finish().map_err(|error| PosterError::Drawing(error.to_string()))
}

/// The characters of a line, side by side.
fn glyphs(font: &FontRef<'_>, units: f32, words: &str) -> Result<Vec<KrillaGlyph>, PosterError> {
    let widths = font.glyph_metrics(Size::unscaled(), LocationRef::default());
    let known = font.charmap();
    let mut missing = BTreeSet::new();
    let mut all = Vec::new();
    for (at, c) in words.char_indices() {
        match known.map(c).filter(|glyph| glyph.to_u32() != 0) {
            Some(glyph) => {
                let wide = widths.advance_width(glyph).unwrap_or_default() / units;
                let glyph = GlyphId::new(glyph.to_u32());
                let range = at..at + c.len_utf8();
                all.push(KrillaGlyph::new(glyph, wide, 0.0, 0.0, 0.0, range, None));
            }
            None => {
                missing.insert(format!("「{c}」"));
            }
        }
    }
    if missing.is_empty() {
        Ok(all)
    } else {
        Err(PosterError::NoGlyph(missing.into_iter().collect()))
    }
}

/// A line in its place.
#[derive(Debug)]
struct Line {
    words: String,
    size: f32,
    left: f32,
    base: f32,
}

/// Everything in its place.
#[derive(Debug)]
struct Layout {
    lines: Vec<Line>,
    /// Left, top and width of the code.
    code: (f32, f32, f32),
}

/// As large as there is room for; nothing where it does not fit at half the usual size.
fn layout(poster: &Poster) -> Option<Layout> {
    (10..=20u8).rev().find_map(|size| at_size(poster, f32::from(size) / 20.0))
}

fn at_size(poster: &Poster, scale: f32) -> Option<Layout> {
    let text = |words: &str, size: f32| Text::of(words, size * scale);
    let above =
        [text(&poster.city, 16.0), title(&poster.title, scale), text(&poster.purpose, 13.0)];
    let below = [
        text(&poster.how, 15.0),
        text(&poster.address, 10.0),
        text(&poster.period, 14.0),
        text(&poster.contact, 14.0),
    ];
    let high: f32 = above.iter().chain(&below).map(Text::height).sum();
    let side = (ROOM.1 - high).min(CODE.1);
    if side < CODE.0 {
        return None;
    }
    let mut lines = Vec::new();
    let mut top = MARGIN + (ROOM.1 - high - side) / 2.0;
    for text in above {
        top = text.put(top, &mut lines);
    }
    let code = ((PAGE.0 - side) / 2.0, top, side);
    top += side;
    for text in below {
        top = text.put(top, &mut lines);
    }
    Some(Layout { lines, code })
}

/// Words in lines.
struct Text {
    lines: Vec<String>,
    size: f32,
}

impl Text {
    fn of(words: &str, size: f32) -> Self {
        let lines = clean(words).lines().flat_map(|line| broken(line.trim(), size)).collect();
        Self { lines, size }
    }

    fn height(&self) -> f32 {
        if self.lines.is_empty() {
            return 0.0;
        }
        self.lines.len() as f32 * self.size * LEADING + GAP
    }

    /// Puts the lines below each other, in the middle; answers where the next text begins.
    fn put(self, top: f32, all: &mut Vec<Line>) -> f32 {
        let next = top + self.height();
        let high = self.size * LEADING;
        // The middle of a character is 0.38 of its size above the line on which it stands.
        let mut base = top + high / 2.0 + self.size * 0.38;
        for words in self.lines {
            let left = (PAGE.0 - width(&words, self.size)) / 2.0;
            all.push(Line { words, size: self.size, left, base });
            base += high;
        }
        next
    }
}

/// A title in two lines that read well, or, where it is long, in as many as it takes.
fn title(words: &str, scale: f32) -> Text {
    let fitted = fit::fit(&clean(words), (ROOM.0 as u32, 100), TITLE.0, TITLE.1);
    if fitted.fits {
        Text { lines: fitted.lines, size: fitted.size as f32 * scale }
    } else {
        Text::of(words, TITLE.1 as f32 * scale)
    }
}

/// How wide a line is.
fn width(line: &str, size: f32) -> f32 {
    fit::width(line) as f32 * size / 1_000.0
}

/// Without what has no drawing of its own: control characters but breaks, marks of width zero,
/// and those that choose another drawing of the character before them.
fn clean(words: &str) -> String {
    let unseen = |c: char| {
        let zero = matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}');
        let other = matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}');
        zero || other
    };
    let plain = |c: char| if c.is_control() && c != '\n' { ' ' } else { c };
    words.chars().filter(|c| !unseen(*c)).map(plain).collect()
}

/// A line in lines that find room: not broken before 。 or after 「, nor within numbers and Latin
/// words, unless there is no other place.
fn broken(line: &str, size: f32) -> Vec<String> {
    let chars: Vec<char> = line.chars().collect();
    let mut rest = chars.as_slice();
    let mut lines = Vec::new();
    while !rest.is_empty() {
        let mut wide = 0.0;
        let fitting = rest.iter().take_while(|c| {
            wide += fit::advance(**c) as f32 * size / 1_000.0;
            wide <= ROOM.0
        });
        let most = fitting.count().max(1);
        let (head, tail) = rest.split_at(if most < rest.len() { place(rest, most) } else { most });
        lines.push(head.iter().collect::<String>().trim().to_owned());
        rest = tail;
    }
    lines
}

/// After how many of the first `most` characters a line ends.
fn place(chars: &[char], most: usize) -> usize {
    let word = |c: char| c.is_ascii_graphic();
    let fine = |before: char, after: char| {
        !(fit::is_never_first(after) || fit::is_never_last(before) || (word(before) && word(after)))
    };
    let pairs = chars.iter().zip(chars.iter().skip(1)).take(most);
    let last = pairs.enumerate().rfind(|(_, (before, after))| fine(**before, **after));
    last.map_or(most, |(before, _)| before + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Poster {
        let address = "https://liff.line.me/1000000002-mihon000/f/12".to_owned();
        Poster {
            city: "みほん市".into(),
            title: "公園についてのアンケート".into(),
            purpose: "公園の整備の計画に使います。".into(),
            code: Code::of(&address).unwrap(),
            how: "スマートフォンのカメラで読み取ると、LINEでひらきます。".into(),
            address,
            period: "受付：11月20日（金）9:00から".into(),
            contact: "問い合わせ：公園課　045-000-0000".into(),
        }
    }

    /// Nothing runs off the page, stands on the code or on another line; nothing is lost.
    fn check(poster: &Poster) -> Layout {
        let laid = layout(poster).expect("it finds room");
        let (left, top, side) = laid.code;
        assert!(side >= CODE.0 && left >= MARGIN && left + side <= PAGE.0 - MARGIN);
        let mut above = MARGIN;
        for line in &laid.lines {
            let wide = width(&line.words, line.size);
            assert!(line.left >= MARGIN - 0.01, "{line:?}");
            assert!(line.left + wide <= PAGE.0 - MARGIN + 0.01, "{line:?}");
            let (head, foot) = (line.base - line.size * 0.88, line.base + line.size * 0.12);
            assert!(head >= above && foot <= PAGE.1 - MARGIN, "{line:?} below {above}");
            assert!(foot <= top || head >= top + side, "{line:?} on the code");
            above = foot;
        }
        let bare = |s: &str| s.split_whitespace().collect::<String>();
        let laid_out: String = laid.lines.iter().map(|line| bare(&line.words)).collect();
        let Poster { city, title, purpose, how, address, period, contact, .. } = poster;
        let given = [city, title, purpose, how, address, period, contact];
        assert_eq!(laid_out, given.map(|words| bare(words)).concat());
        laid
    }

    #[test]
    fn everything_stands_on_the_page() {
        let laid = check(&sample());
        let words: Vec<&str> = laid.lines.iter().map(|line| line.words.as_str()).collect();
        assert_eq!(words[1], "公園についてのアンケート", "one line, large");
        assert_eq!((laid.lines.len(), laid.code.2), (7, CODE.1));
        assert!(laid.lines[1].size >= 34.0);
        let mut short = sample();
        (short.purpose, short.period, short.contact) = Default::default();
        assert_eq!(check(&short).lines.len(), 4, "what is empty takes no line");
    }

    /// As long as a form may have them.
    #[test]
    fn long_words_become_smaller_and_stay_on_the_page() {
        let mut long = sample();
        long.title = "長い題名、".repeat(20);
        check(&long);
        long.title = "W".repeat(100);
        long.purpose = "この調査の結果は、公園の整備に使います。".repeat(50);
        long.contact =
            format!("問い合わせ：{}　{}　{}", "課".repeat(100), "0".repeat(40), "時".repeat(100));
        assert!(check(&long).lines.iter().all(|line| line.size >= 5.0));
        // A break that was typed stays, until there are too many.
        long.purpose = "一\n二".into();
        assert!(check(&long).lines.iter().any(|line| line.words == "一"));
        long.purpose = "一\n".repeat(500);
        assert!(layout(&long).is_none());
    }

    fn font() -> Font {
        let set = std::env::var_os("KAIRAN_MENU_FONT").map(std::path::PathBuf::from);
        Font::find(set.as_deref()).expect("the font: cargo xtask setup --browser brings it")
    }

    #[test]
    fn a_poster_is_one_page_of_a4_with_its_font() {
        let pdf = poster(&font(), &sample()).unwrap();
        if let Some(path) = std::env::var_os("POSTER_PDF") {
            std::fs::write(path, &pdf).unwrap();
        }
        assert!(pdf.starts_with(b"%PDF-"));
        let text: String = pdf.iter().map(|b| char::from(*b)).collect();
        let sides = text.split("/MediaBox").nth(1).and_then(|rest| rest.split(']').next()).unwrap();
        let sides: Vec<f32> = sides
            .trim_start_matches([' ', '['])
            .split_whitespace()
            .map(|side| side.parse::<f32>().unwrap().round())
            .collect();
        assert_eq!(sides, [0.0, 0.0, 595.0, 842.0]);
        let bare: String = text.split_whitespace().collect();
        let count = |words: &str| bare.matches(words).count();
        assert_eq!(count("/Type/Page") - count("/Type/Pages"), 1);
        // A part of the font, under which its characters are found again.
        assert_eq!(count("/FontFile2"), 1);
        assert!(count("+BIZUDPGothic-Bold") > 0 && count("/ToUnicode") == 1);
        assert!(pdf.len() < 200_000, "{}", pdf.len());
    }

    #[test]
    fn what_cannot_be_drawn_is_said() {
        let unknown = Poster { title: "公園🦄の🦄日🦊".into(), ..sample() };
        let refused = poster(&font(), &unknown).unwrap_err();
        assert!(
            matches!(&refused, PosterError::NoGlyph(all) if all == "「🦄」「🦊」"),
            "{refused}"
        );
        let long = Poster { purpose: "一\n".repeat(500), ..sample() };
        let refused = poster(&font(), &long).unwrap_err();
        assert!(matches!(refused, PosterError::TooLong) && refused.to_string().contains("A4"));
    }

    #[test]
    fn lines_break_where_they_may() {
        let wide = |words: &str| broken(words, ROOM.0 / 5.1);
        assert_eq!(wide("漢字漢字漢字漢"), ["漢字漢字漢", "字漢"]);
        assert_eq!(wide("漢字漢字漢。字"), ["漢字漢字", "漢。字"]);
        assert_eq!(wide("漢字漢字「漢字"), ["漢字漢字", "「漢字"]);
        assert_eq!(wide("漢字漢字045-000"), ["漢字漢字", "045-000"]);
        assert_eq!(wide("WWWWWWW"), ["WWWWW", "WW"], "no other place");
        assert!(wide("").is_empty());
    }

    #[test]
    fn what_is_not_seen_is_not_drawn() {
        assert_eq!(clean("葛\u{e0100}城市\u{feff}\tあ\r\nい"), "葛城市 あ \nい");
    }
}
