//! How what people type is brought into one form: full-width digits, フリガナ in hiragana,
//! telephone numbers and postcodes with and without hyphens.

use super::decimal::Decimal;
use crate::attribute::fold;

/// In usual width: digits, letters and signs as ASCII, every dash a hyphen, without what is not seen.
pub fn narrow(text: &str) -> String {
    text.trim()
        .chars()
        .filter_map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0),
            '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | 'ー' | 'ｰ' => Some('-'),
            '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{2060}' => None,
            c if c.is_whitespace() => Some(' '),
            c => Some(c),
        })
        .collect()
}

/// One line without space around it; nothing if there is a control character in it.
pub fn line(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.chars().any(char::is_control)).then(|| text.to_owned())
}

/// Several lines, with `\n` alone; nothing if there is any other control character but a tab.
pub fn lines(text: &str) -> Option<String> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text = text.trim();
    let fine = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
    text.chars().all(fine).then(|| text.to_owned())
}

/// Whether nothing is to be seen of a text.
pub fn is_blank(text: &str) -> bool {
    fold(text).is_empty()
}

/// A number as it was typed: 「１，２００」 is 1200.
pub fn number(text: &str) -> Option<Decimal> {
    let plain: String = narrow(text).chars().filter(|c| !matches!(c, ',' | ' ' | '、')).collect();
    plain.strip_prefix('+').unwrap_or(&plain).parse().ok()
}

/// フリガナ in full-width katakana, from hiragana and half width; nothing if other letters are in it.
pub fn katakana(text: &str) -> Option<String> {
    let folded: String = fold(text)
        .chars()
        .map(|c| match c {
            'ぁ'..='ゖ' | 'ゝ' | 'ゞ' => char::from_u32(c as u32 + 0x60).unwrap_or(c),
            '-' => 'ー',
            ' ' => '　',
            other => other,
        })
        .collect();
    let fine = |c: char| matches!(c, 'ァ'..='ヺ' | 'ー' | '・' | '　' | 'ヽ' | 'ヾ');
    (!folded.is_empty() && folded.chars().all(fine)).then_some(folded)
}

/// A postcode as 「123-4567」.
pub fn postcode(text: &str) -> Option<String> {
    let narrow = narrow(text);
    let digits: String = narrow.chars().filter(|c| !matches!(c, '-' | ' ' | '〒')).collect();
    (digits.len() == 7 && digits.bytes().all(|b| b.is_ascii_digit()))
        .then(|| format!("{}-{}", &digits[..3], &digits[3..]))
}

/// A telephone number of Japan in digits alone: ten or eleven from 0 on; +81 is 0.
pub fn telephone(text: &str) -> Option<String> {
    let plain: String =
        narrow(text).chars().filter(|c| !matches!(c, '-' | ' ' | '(' | ')' | '.')).collect();
    let plain = match plain.strip_prefix("+81") {
        Some(rest) => format!("0{}", rest.strip_prefix('0').unwrap_or(rest)),
        None => plain,
    };
    let fine = (10..=11).contains(&plain.len())
        && plain.starts_with('0')
        && plain.bytes().all(|b| b.is_ascii_digit());
    fine.then_some(plain)
}

/// A telephone number with hyphens where they are certain: mobile, 03, 06, 0120.
pub fn telephone_words(digits: &str) -> String {
    let cut = |a: usize, b: usize| match (digits.get(..a), digits.get(a..b), digits.get(b..)) {
        (Some(x), Some(y), Some(z)) => format!("{x}-{y}-{z}"),
        _ => digits.to_owned(),
    };
    match digits.len() {
        11 => cut(3, 7),
        10 if digits.starts_with("0120") => cut(4, 7),
        10 if digits.starts_with("03") || digits.starts_with("06") => cut(2, 6),
        _ => digits.to_owned(),
    }
}

/// A mail address; old mobile addresses with dots in a row are addresses too.
pub fn mail(text: &str) -> Option<String> {
    let plain = narrow(text);
    let (local, host) = plain.rsplit_once('@')?;
    let host = host.to_ascii_lowercase();
    let local_fine = !local.is_empty()
        && local.len() <= 64
        && local.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b));
    let label = |l: &str| {
        (1..=63).contains(&l.len())
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let host_fine = host.contains('.') && host.len() <= 253 && host.split('.').all(label);
    (local_fine && host_fine).then(|| format!("{local}@{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_people_type() {
        assert_eq!(number("１，２００").unwrap().to_string(), "1200");
        assert_eq!(number("−１．５").unwrap().to_string(), "-1.5");
        assert_eq!(number("三"), None);
        assert_eq!(katakana("みほん はなこ").as_deref(), Some("ミホン　ハナコ"));
        assert_eq!(katakana("ﾐﾎﾝ ｼﾞﾛｰ").as_deref(), Some("ミホン　ジロー"));
        assert_eq!(katakana("見本"), None);
        assert_eq!(postcode("〒１２３ー４５６７").as_deref(), Some("123-4567"));
        assert_eq!(postcode("123456"), None);
        assert_eq!(telephone("０９０－００００－１２３４").as_deref(), Some("09000001234"));
        assert_eq!(telephone("+81 90 0000 1234").as_deref(), Some("09000001234"));
        assert_eq!(telephone("(03)0000-0124").as_deref(), Some("0300000124"));
        assert_eq!(telephone("12345"), None);
        assert_eq!(telephone_words("09000001234"), "090-0000-1234");
        assert_eq!(telephone_words("0120000124"), "0120-000-124");
        assert_eq!(telephone_words("0300000124"), "03-0000-0124");
        assert_eq!(mail(" Ａ..b.@Docomo.Example ").as_deref(), Some("A..b.@docomo.example"));
        for bad in ["a@b", "@b.jp", "a b@c.jp", "a@-b.jp", "a@b..jp", "a"] {
            assert_eq!(mail(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn once_normal_always_normal(text in "\\PC{0,20}", kana in "[ぁ-ゖァ-ヺｦ-ﾟ 　-]{0,9}", digits in "[-+０-９0-9() ]{0,16}") {
            for t in [text, kana, digits] {
                if let Some(k) = katakana(&t) { prop_assert_eq!(katakana(&k), Some(k.clone())); }
                if let Some(k) = telephone(&t) { prop_assert_eq!(telephone(&k), Some(k.clone())); }
                if let Some(k) = postcode(&t) { prop_assert_eq!(postcode(&k), Some(k.clone())); }
                if let Some(k) = mail(&t) { prop_assert_eq!(mail(&k), Some(k.clone())); }
                if let Some(k) = number(&t) { prop_assert_eq!(number(&k.to_string()), Some(k)); }
                if let Some(k) = lines(&t) { prop_assert_eq!(lines(&k), Some(k.clone())); }
            }
        }
    }
}
