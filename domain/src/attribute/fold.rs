//! How texts are compared: without regard to width, case and kinds of dashes and spaces.

/// Half-width katakana from U+FF61 on, and what they are in full width.
const KATAKANA: &str = "。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン゛゜";
/// Pairs of a kana and the same with a voiced mark.
const VOICED: &str = "かがきぎくぐけげこごさざしじすずせぜそぞただちぢつづてでとどはばひびふぶへべほぼうゔ\
    カガキギクグケゲコゴサザシジスズセゼソゾタダチヂツヅテデトドハバヒビフブヘベホボウヴ";
/// The same with a half-voiced mark.
const HALF_VOICED: &str = "はぱひぴふぷへぺほぽハパヒピフプヘペホポ";

/// The text in the form in which it is searched: ﾎﾟﾁ, ポチ and ＡＢＣ, abc are the same.
/// Two texts are equal if their folded forms are; one contains another if its folded form does.
/// A folded text holds no quotes, backslashes or control characters, and folding it again changes nothing.
pub fn fold(text: &str) -> String {
    let mut out: Vec<char> = Vec::with_capacity(text.len());
    for c in text.chars() {
        match one(c) {
            None => {}
            Some(' ') if out.last().is_none_or(|c| *c == ' ') => {}
            Some(mark @ ('゛' | '゜')) => {
                let pairs = if mark == '゛' { VOICED } else { HALF_VOICED };
                match out.last().and_then(|base| joined(pairs, *base)) {
                    Some(both) => {
                        out.pop();
                        out.push(both);
                    }
                    None => out.push(mark),
                }
            }
            Some(c) => out.extend(c.to_lowercase()),
        }
    }
    if out.last() == Some(&' ') {
        out.pop();
    }
    out.into_iter().collect()
}

/// The kana with its mark, if it takes one.
fn joined(pairs: &str, base: char) -> Option<char> {
    let mut chars = pairs.chars();
    while let (Some(plain), Some(marked)) = (chars.next(), chars.next()) {
        if plain == base {
            return Some(marked);
        }
    }
    None
}

/// One character in its usual width; nothing for what is not seen.
fn one(c: char) -> Option<char> {
    let c = match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0)?,
        '\u{ff61}'..='\u{ff9f}' => KATAKANA.chars().nth(c as usize - 0xff61)?,
        '\u{3099}' => '゛',
        '\u{309a}' => '゜',
        other => other,
    };
    Some(match c {
        c if c.is_whitespace() => ' ',
        c if c.is_control() => return None,
        '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{2060}' => return None,
        '\'' | '‘' | '’' | '`' => '’',
        '"' | '“' | '”' => '”',
        '\\' | '￥' => '¥',
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' => '-',
        '〜' => '~',
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn width_and_case_do_not_matter() {
        for (a, b) in [
            ("ﾎﾟﾁ", "ポチ"),
            ("ＡＢＣ　１２", "abc 12"),
            ("ｶﾞｷﾞﾞ", "ガギ゛"),
            ("か\u{3099}", "が"),
            ("1−2—3", "１－２－３"),
            ("  東  町 ", "東 町"),
            ("O'Neil", "ｏ’ｎｅｉｌ"),
        ] {
            assert_eq!(fold(a), fold(b), "{a} {b}");
        }
        assert_ne!(fold("ぽち"), fold("ポチ"));
        assert_ne!(fold("はば"), fold("はは"));
        assert_eq!(fold(" \u{200b}\n"), "");
    }

    proptest! {
        #[test]
        fn folding_again_changes_nothing(text in "\\PC{0,30}", kana in "[ｦ-ﾟ゛゜\u{3099}かハう　Ａ-Ｚa-z'\"\\\\\u{1}]{0,12}") {
            for text in [text, kana] {
                let once = fold(&text);
                prop_assert_eq!(fold(&once), once.clone());
                prop_assert!(!once.chars().any(|c| c.is_control() || matches!(c, '\'' | '"' | '\\')));
            }
        }
    }
}
