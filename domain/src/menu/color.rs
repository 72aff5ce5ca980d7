//! Colours, and how well one can be read on another (WCAG 2.2, 1.4.3 and 1.4.11).

use serde::{Deserialize, Serialize};

/// The least ratio of words to what is behind them.
pub const WORDS_MIN: f64 = 4.5;
/// The least ratio of an icon to what is behind it.
pub const ICON_MIN: f64 = 3.0;

/// Red, green and blue; `#0017c1` in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Color(pub [u8; 3]);

impl Color {
    /// White.
    pub const WHITE: Self = Self([255; 3]);
    /// Nearly black.
    pub const BLACK: Self = Self([0x1a; 3]);

    /// White or black, whichever is read better on it.
    pub fn on(self) -> Self {
        if contrast(self, Self::WHITE) >= contrast(self, Self::BLACK) {
            Self::WHITE
        } else {
            Self::BLACK
        }
    }

    fn luminance(self) -> f64 {
        let part = |c: u8| {
            let c = f64::from(c) / 255.0;
            if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        let [r, g, b] = self.0.map(part);
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }
}

/// The contrast ratio of two colours: 1 to 21.
///
/// Source: <https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio>
pub fn contrast(a: Color, b: Color) -> f64 {
    let (a, b) = (a.luminance(), b.luminance());
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// A ratio as it is shown, rounded down so that it never says more than there is: 「4.5：1」.
pub fn ratio_words(ratio: f64) -> String {
    format!("{:.1}：1", (ratio * 10.0).floor() / 10.0)
}

impl std::fmt::Display for Color {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [r, g, b] = self.0;
        write!(f, "#{r:02x}{g:02x}{b:02x}")
    }
}

impl From<Color> for String {
    fn from(color: Color) -> Self {
        color.to_string()
    }
}

impl TryFrom<String> for Color {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl std::str::FromStr for Color {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "色は「#0017c1」のように書いてください";
        let hex = text.strip_prefix('#').ok_or(wrong)?;
        if hex.len() != 6 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(wrong);
        }
        let number = u32::from_str_radix(hex, 16).map_err(|_| wrong)?;
        let [_, r, g, b] = number.to_be_bytes();
        Ok(Self([r, g, b]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_those_of_wcag() {
        let of = |a: &str, b: &str| contrast(a.parse().unwrap(), b.parse().unwrap());
        assert!((of("#000000", "#ffffff") - 21.0).abs() < 1e-9);
        assert!((of("#777777", "#ffffff") - 4.48).abs() < 0.01);
        assert!((of("#ffffff", "#777777") - of("#777777", "#ffffff")).abs() < 1e-12);
        assert!((of("#123456", "#123456") - 1.0).abs() < 1e-12);
        assert_eq!(ratio_words(4.499), "4.4：1");
        assert_eq!("#0017c1".parse::<Color>().unwrap().on(), Color::WHITE);
        assert_eq!("#ffe600".parse::<Color>().unwrap().on(), Color::BLACK);
    }

    #[test]
    fn colours_are_read_strictly() {
        for wrong in ["", "0017c1", "#0017c", "#0017c1f", "#0017cg", "#+017c1", "red"] {
            assert!(wrong.parse::<Color>().is_err(), "{wrong}");
        }
        let color: Color = serde_json::from_str("\"#0017C1\"").unwrap();
        assert_eq!(serde_json::to_string(&color).unwrap(), "\"#0017c1\"");
    }
}
