//! How words fit into a cell: one line or two, as large as they can be, never cut.
//!
//! The widths are those of BIZ UDPGothic Bold; the font has no kerning, so that a line is as
//! wide as its characters together, in the browser and on the server alike.

/// Most lines.
pub const LINES_MAX: usize = 2;
/// From line to line, in hundredths of the size.
pub const LEADING: u32 = 125;

/// The font of all pictures.
pub const FONT: &str = "BIZ UDPGothic";

/// Widths of U+0020 to U+007E in thousandths of the size.
const ASCII: [u16; 95] = [
    333, 370, 520, 940, 800, 1000, 910, 320, 505, 510, 500, 840, 330, 480, 330, 500, 760, 630, 760,
    760, 760, 760, 760, 760, 760, 760, 340, 340, 840, 840, 840, 800, 980, 780, 770, 810, 850, 700,
    670, 860, 840, 440, 560, 760, 610, 1000, 840, 880, 760, 900, 760, 730, 700, 860, 760, 1000,
    820, 740, 750, 550, 500, 550, 500, 305, 500, 660, 730, 640, 730, 690, 510, 670, 720, 320, 400,
    660, 360, 960, 720, 700, 730, 730, 490, 590, 490, 720, 600, 900, 620, 640, 580, 540, 440, 540,
    500,
];

/// Widths of U+3000 to U+30FF (punctuation, hiragana, katakana).
#[rustfmt::skip]
const KANA: [u16; 256] = [
    667, 601, 601, 1000, 1000, 1000, 1000, 1000, 500, 500, 500, 500, 500, 500, 500, 500, 500, 500,
    1000, 1000, 500, 500, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000,
    1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000,
    1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 911,
    1000, 900, 1000, 840, 931, 860, 940, 911, 1000, 1000, 1000, 1000, 1000, 871, 960, 980, 1000,
    911, 971, 1000, 1000, 871, 911, 971, 991, 991, 1000, 960, 1000, 1000, 1000, 971, 1000, 900,
    1000, 1000, 991, 1000, 960, 1000, 1000, 991, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000,
    1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 960, 1000, 1000, 1000, 971, 891,
    991, 891, 1000, 840, 980, 940, 900, 980, 1000, 971, 900, 1000, 1000, 1000, 1000, 960, 980, 940,
    880, 1000, 1000, 1000, 1000, 311, 271, 820, 831, 1000, 1000, 871, 911, 831, 811, 860, 940, 851,
    900, 851, 940, 960, 980, 980, 1000, 891, 971, 960, 980, 911, 960, 980, 1000, 911, 951, 951,
    980, 951, 971, 911, 960, 900, 971, 960, 991, 851, 940, 980, 960, 991, 780, 840, 960, 940, 891,
    940, 851, 980, 991, 991, 900, 971, 971, 920, 980, 980, 951, 960, 960, 980, 991, 991, 940, 900,
    920, 940, 971, 851, 951, 840, 980, 820, 931, 951, 860, 1000, 891, 960, 851, 960, 960, 971, 920,
    931, 980, 831, 860, 991, 1000, 991, 980, 500, 960, 840, 880, 1000,
];

/// Widths of U+FF00 to U+FF5F (full-width forms).
#[rustfmt::skip]
const FULL: [u16; 96] = [
    1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 500, 500, 1000, 1000, 581, 1000, 550, 1000,
    760, 630, 760, 760, 760, 760, 760, 760, 760, 760, 500, 500, 1000, 1000, 1000, 1000, 1000, 780,
    771, 811, 851, 701, 670, 860, 840, 440, 561, 760, 610, 1000, 840, 880, 760, 900, 760, 730, 701,
    860, 760, 1000, 820, 741, 750, 500, 1000, 500, 500, 1000, 500, 661, 730, 641, 730, 690, 510,
    670, 721, 320, 400, 661, 360, 960, 721, 701, 730, 730, 491, 590, 491, 721, 601, 900, 621, 641,
    581, 500, 1000, 500, 1000, 500,
];

/// The width of a character in thousandths of the size; never less than the font's.
pub fn advance(c: char) -> u32 {
    match c {
        ' '..='~' => u32::from(ASCII[c as usize - 0x20]),
        '\u{3000}'..='\u{30ff}' => u32::from(KANA[c as usize - 0x3000]),
        '\u{ff00}'..='\u{ff5f}' => u32::from(FULL[c as usize - 0xff00]),
        '\u{ff61}'..='\u{ff9f}' => 500,
        _ => 1_000,
    }
}

/// The width of a line in thousandths of the size.
pub fn width(line: &str) -> u64 {
    line.chars().map(|c| u64::from(advance(c))).sum()
}

/// Words as they are drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fitted {
    /// The lines.
    pub lines: Vec<String>,
    /// The size of the characters, in pixels.
    pub size: u32,
    /// Whether they stay within the room that there is.
    pub fits: bool,
}

impl Fitted {
    /// How high all lines are together.
    pub fn height(&self) -> u32 {
        let lines = u32::try_from(self.lines.len()).unwrap_or(1);
        self.size + lines.saturating_sub(1) * (self.size * LEADING / 100)
    }
}

/// Words in a room of that many pixels, with characters of `max` down to `min`. A break that
/// was typed stays. One line is taken while it is not much smaller than two would be.
pub fn fit(words: &str, room: (u32, u32), max: u32, min: u32) -> Fitted {
    let typed: Vec<&str> = words.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    let min = min.max(1);
    let one = match typed.as_slice() {
        [] => return Fitted { lines: Vec::new(), size: min, fits: true },
        [line] => vec![(*line).to_owned()],
        lines => lines.iter().map(|l| (*l).to_owned()).collect(),
    };
    let many = one.len() > LINES_MAX;
    let single = one.len() == 1;
    let first = largest(&one, room, max);
    let two = if single { broken(&one[0]) } else { None };
    let second = two.as_ref().map_or(0, |lines| largest(lines, room, max));
    let (lines, size) = match two {
        Some(two) if u64::from(second) * 100 > u64::from(first) * 120 => (two, second),
        _ => (one, first),
    };
    Fitted { lines, size: size.max(min), fits: size >= min && !many }
}

/// The largest size at which the lines stay within the room.
fn largest(lines: &[String], room: (u32, u32), max: u32) -> u32 {
    let widest = lines.iter().map(|l| width(l)).max().unwrap_or(0).max(1);
    let by_width = u64::from(room.0) * 1_000 / widest;
    let high = 100 + (lines.len() as u64 - 1) * u64::from(LEADING);
    let by_height = u64::from(room.1) * 100 / high;
    u32::try_from(by_width.min(by_height).min(u64::from(max))).unwrap_or(max)
}

/// A line in two, where it reads well and the longer half is short.
fn broken(line: &str) -> Option<Vec<String>> {
    let chars: Vec<char> = line.chars().collect();
    let total = width(line);
    let cost = |at: usize| -> Option<u64> {
        let (before, after) = (chars[at - 1], chars[at]);
        if is_never_first(after) || is_never_last(before) {
            return None;
        }
        let head: u64 = chars[..at].iter().map(|c| u64::from(advance(*c))).sum();
        let longer = head.max(total - head);
        Some(longer + seam(before, after) * total / 100)
    };
    let at = (1..chars.len()).filter_map(|at| Some((cost(at)?, at))).min()?.1;
    let part = |chars: &[char]| chars.iter().collect::<String>().trim().to_owned();
    let (head, tail) = (part(&chars[..at]), part(&chars[at..]));
    (!head.is_empty() && !tail.is_empty()).then(|| vec![head, tail])
}

/// What a break between two characters costs, in hundredths of the line.
fn seam(before: char, after: char) -> u64 {
    let kind = |c: char| match c {
        'ぁ'..='ゖ' => 1,
        'ァ'..='ヺ' | 'ー' => 2,
        c if c.is_ascii_alphanumeric() => 3,
        c if c.is_alphanumeric() => 4,
        _ => 0,
    };
    match (kind(before), kind(after)) {
        _ if before.is_whitespace() || "・、。／/,".contains(before) => 0,
        // 「道路などの｜通報」: a new word begins where kana end.
        (1, 2..=4) => 4,
        (1, 1) if "のをにでへとが".contains(before) => 12,
        (0, _) | (_, 0) => 8,
        (3, 3) => 60,
        (a, b) if a != b => 15,
        (4, 4) => 20,
        _ => 35,
    }
}

/// What does not begin a line.
pub fn is_never_first(c: char) -> bool {
    "、。，．・：；？！）］」』】〉》ーぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ々,.:;?!)]}%℃〜"
        .contains(c)
}

/// What does not end a line.
pub fn is_never_last(c: char) -> bool {
    "（［「『【〈《([{¥￥#".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn short_words_stay_on_one_line_and_long_ones_break_where_they_read_well() {
        let of = |words: &str| fit(words, (760, 300), 110, 56);
        assert_eq!(of("予約").lines, ["予約"]);
        assert_eq!(of("予約").size, 110);
        assert_eq!(of("ごみの日・分別").lines, ["ごみの日・分別"]);
        for (words, lines) in [
            ("道路などのこわれを通報する", ["道路などの", "こわれを通報する"]),
            ("休日・夜間にひらいている病院", ["休日・夜間に", "ひらいている病院"]),
            ("小学校・中学校の給食の献立表", ["小学校・中学校の", "給食の献立表"]),
        ] {
            let fitted = of(words);
            assert_eq!(fitted.lines, lines);
            assert!(fitted.fits && fitted.size > 70, "{fitted:?}");
        }
        assert_eq!(of("くらし\n手続き").lines, ["くらし", "手続き"]);
        assert!(!of("一\n二\n三").fits);
        assert!(!fit(&"長".repeat(40), (300, 300), 110, 56).fits);
        assert!(of("").fits);
    }

    proptest! {
        /// Nothing is lost, and what is said to fit does.
        #[test]
        fn words_are_never_cut(words in "[ぁ-ゖァ-ヺ一-龠a-z0-9・、 ]{0,40}", w in 100..2_500u32, h in 60..800u32) {
            let fitted = fit(&words, (w, h), 120, 40);
            let bare = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(bare(&fitted.lines.concat()), bare(&words));
            prop_assert!(fitted.lines.len() <= LINES_MAX);
            if fitted.fits {
                prop_assert!(fitted.height() <= h);
                for line in &fitted.lines {
                    prop_assert!(width(line) * u64::from(fitted.size) <= u64::from(w) * 1_000);
                }
            }
        }
    }
}
