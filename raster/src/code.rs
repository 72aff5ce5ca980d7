//! QR codes as squares, for the page and for paper.

use qrcodegen::{QrCode, QrCodeEcc};

/// The white around a code, in squares: what readers need.
const QUIET: i32 = 4;

/// A QR code with the white around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// How many squares it is wide.
    pub size: u16,
    /// The dark squares: column and row.
    pub dark: Vec<(u16, u16)>,
}

impl Code {
    /// The code of a text; nothing where the text is too long for one.
    pub fn of(text: &str) -> Option<Self> {
        // A quarter of it can be dirty or torn: it hangs on a wall.
        let code = QrCode::encode_text(text, QrCodeEcc::Quartile).ok()?;
        let place = |at: i32| u16::try_from(at + QUIET).ok();
        let mut dark = Vec::new();
        for y in 0..code.size() {
            for x in 0..code.size() {
                if code.get_module(x, y) {
                    dark.push((place(x)?, place(y)?));
                }
            }
        }
        Some(Self { size: place(code.size() + QUIET)?, dark })
    }

    /// The dark squares as the path of an SVG.
    pub fn path(&self) -> String {
        self.dark.iter().map(|(x, y)| format!("M{x} {y}h1v1h-1z")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_becomes_squares_with_a_quiet_zone() {
        let code = Code::of("https://liff.line.me/1000000002-mihon000/f/12").unwrap();
        assert!(code.size >= 21 + 8);
        let inside = 4..code.size - 4;
        assert!(code.dark.iter().all(|(x, y)| inside.contains(x) && inside.contains(y)));
        assert_eq!(code.dark[0], (4, 4), "the finder's corner");
        assert!(code.path().starts_with("M4 4h1v1h-1zM5 4h1v1h-1z"));
        assert_eq!(Code::of(&"x".repeat(8_000)), None);
    }
}
