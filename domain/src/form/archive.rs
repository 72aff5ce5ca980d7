//! Names within a ZIP of answers (FORM-4): what residents and officials wrote becomes names that
//! Windows, macOS and Linux take, that are unique in their folder, and that say truly what a file
//! is.

use std::collections::HashSet;

/// Most letters of a name that was written by somebody: folder, file and the place where the ZIP
/// is unpacked stay below the 260 of Windows.
const LETTERS: usize = 60;

/// Names that Windows keeps for itself, whatever stands behind a dot.
fn is_reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim_end().to_uppercase();
    let port = |rest: &str| {
        let mut letters = rest.chars();
        let one = letters.next().is_some_and(|c| c.is_ascii_digit() || "¹²³".contains(c));
        one && letters.next().is_none()
    };
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$")
        || stem.strip_prefix("COM").is_some_and(port)
        || stem.strip_prefix("LPT").is_some_and(port)
}

/// Letters that no name may have, or that turn or hide what stands beside them.
fn is_bad(letter: char) -> bool {
    letter.is_control()
        || r#"<>:"/\|?*"#.contains(letter)
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A part of a name: neither dots nor spaces at its ends, at most [`LETTERS`].
fn part(text: &str) -> String {
    let ends = |c: char| c == '.' || c.is_whitespace();
    let good: String = text.chars().map(|c| if is_bad(c) { '_' } else { c }).collect();
    let cut: String = good.trim_matches(ends).chars().take(LETTERS).collect();
    cut.trim_end_matches(ends).to_owned()
}

/// How the name of a file of that kind ends; text keeps 「csv」.
fn extension(name: &str, media_type: &str) -> &'static str {
    match media_type {
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "application/pdf" => "pdf",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => "docx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => "xlsx",
        "text/plain" if name.to_lowercase().ends_with(".csv") => "csv",
        "text/plain" => "txt",
        _ => "bin",
    }
}

/// The name without its ending, if it has one: 「第1.2版」 has none.
fn stem(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, end))
            if end.len() <= 5
                && end.bytes().all(|b| b.is_ascii_alphanumeric())
                && end.bytes().any(|b| b.is_ascii_alphabetic()) =>
        {
            stem
        }
        _ => name,
    }
}

/// The name of the `n`th file of an answer: the number keeps it apart from the others, in every
/// way in which a file system compares names. It ends with what the file is, not with what its
/// sender called it.
pub fn file_name(n: usize, name: &str, media_type: &str) -> String {
    let end = extension(name, media_type);
    match part(stem(name)).as_str() {
        "" => format!("{n}.{end}"),
        stem => format!("{n}_{stem}.{end}"),
    }
}

/// The folders that are taken, as Windows compares them.
#[derive(Clone, Debug, Default)]
pub struct Folders(HashSet<String>);

impl Folders {
    /// The folder of an answer: its receipt number; with `id`, which no other answer has, if
    /// another's looks the same.
    pub fn take(&mut self, receipt: &str, id: i64) -> String {
        let mut name = part(receipt);
        if name.is_empty() || is_reserved(&name) {
            name = format!("_{name}");
        }
        while !self.0.insert(name.to_lowercase()) {
            name = format!("{name}_{id}");
        }
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_was_written_becomes_a_name() {
        let jpeg = "image/jpeg";
        for (name, media_type, made) in [
            ("IMG_0001.HEIC", jpeg, "1_IMG_0001.jpg"),
            ("公園の穴.jpeg", jpeg, "1_公園の穴.jpg"),
            ("第1.2版", "application/pdf", "1_第1.2版.pdf"),
            ("一覧.CSV", "text/plain", "1_一覧.csv"),
            ("メモ.text", "text/plain", "1_メモ.txt"),
            ("..\\..\\windows\\a.exe", jpeg, "1__.._windows_a.jpg"),
            ("/etc/passwd", "text/plain", "1__etc_passwd.txt"),
            ("gpj.\u{202e}exe", jpeg, "1_gpj._exe.jpg"),
            ("CON", jpeg, "1_CON.jpg"),
            (" . ", jpeg, "1.jpg"),
            ("", "application/x-unknown", "1.bin"),
        ] {
            assert_eq!(file_name(1, name, media_type), made, "{name:?}");
        }
    }

    #[test]
    fn folders_are_apart_on_windows() {
        let mut folders = Folders::default();
        for (receipt, id, made) in [
            ("公0001", 1, "公0001"),
            ("R1-A", 2, "R1-A"),
            ("r1-a", 3, "r1-a_3"),
            ("2026/11/01", 4, "2026_11_01"),
            ("nul", 5, "_nul"),
            ("com1.x", 6, "_com1.x"),
            ("COM¹", 7, "_COM¹"),
            ("com10", 8, "com10"),
            ("..", 9, "_"),
            ("", 10, "__10"),
        ] {
            assert_eq!(folders.take(receipt, id), made, "{receipt:?}");
        }
    }

    /// What every system takes, as a name of its own in its folder.
    fn fits(name: &str) -> bool {
        !name.is_empty()
            && name.chars().count() <= LETTERS + 30
            && !name.chars().any(is_bad)
            && !is_reserved(name)
            && !name.ends_with(['.', ' '])
            && !name.starts_with(['.', ' '])
    }

    proptest! {
        #[test]
        fn every_name_is_taken(name in any::<String>(), n in 1usize..1_000, plain: bool) {
            let media_type = if plain { "text/plain" } else { "image/jpeg" };
            let made = file_name(n, &name, media_type);
            prop_assert!(fits(&made), "{made:?}");
            prop_assert!(made.ends_with(".jpg") != plain, "{made:?}");
        }

        #[test]
        fn no_two_folders_are_one(receipts in proptest::collection::vec("[aAbB./ ]{0,3}|(?i:con|aux|lpt1)", 1..12)) {
            let mut folders = Folders::default();
            let mut seen = HashSet::new();
            for (id, receipt) in (1..).zip(&receipts) {
                let made = folders.take(receipt, id);
                prop_assert!(fits(&made), "{made:?}");
                prop_assert!(seen.insert(made.to_lowercase()), "{made:?}");
            }
        }
    }
}
