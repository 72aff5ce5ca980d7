//! やさしい日本語: hints for whoever writes it (SEG-4). Modest rules, never a bar.
//!
//! After the guideline of the Immigration Services Agency and the Agency for Cultural Affairs
//! (2020): one thing a sentence, short sentences, 「です・ます」, no stacked honorifics, easy
//! words, readings beside kanji.

/// A sentence should not be longer, in characters.
pub const SENTENCE_MAX: usize = 24;
/// Hints that are shown at once.
pub const HINTS_MAX: usize = 8;

/// Words that are hard to read or to understand, and what to say instead.
const WORDS: &[(&str, &str)] = &[
    ("高台", "高いところ"),
    ("避難場所", "にげるところ"),
    ("避難所", "にげるところ"),
    ("避難", "にげる"),
    ("持参", "持ってくる"),
    ("至急", "いそいで"),
    ("直ちに", "すぐに"),
    ("速やかに", "すぐに"),
    ("危険", "あぶない"),
    ("警戒", "気をつける"),
    ("断水", "水が出ない"),
    ("停電", "電気が止まる"),
    ("余震", "あとから来る地震"),
    ("倒壊", "たおれる・こわれる"),
    ("浸水", "水が入ってくる"),
    ("土砂崩れ", "山や がけが くずれること"),
    ("運休", "電車やバスが動かない"),
    ("欠航", "飛行機や船が動かない"),
    ("通行止め", "通ることができない"),
    ("給水", "水をくばる"),
    ("配布", "くばる"),
    ("支給", "わたす・くばる"),
    ("炊き出し", "あたたかい食べものをくばる"),
    ("記入", "書く"),
    ("提出", "出す"),
    ("届出", "市役所に知らせる"),
    ("手続き", "市役所などですること"),
    ("申請", "市役所におねがいする"),
    ("申込", "もうしこむ（参加したいと言う）"),
    ("窓口", "話を聞くところ"),
    ("受付", "うけつけ"),
    ("無料", "お金はいりません"),
    ("有料", "お金がいります"),
    ("免除", "はらわなくてよい"),
    ("納付", "お金をはらう"),
    ("延期", "あとの日にする"),
    ("中止", "やめる"),
    ("実施", "する"),
    ("開催", "する"),
    ("変更", "変える"),
    ("確認", "たしかめる"),
    ("使用", "使う"),
    ("利用", "使う"),
    ("対象", "○○の人"),
    ("以降", "○○から あと"),
    ("以上", "○○と、それより多い"),
    ("未満", "○○より少ない"),
    ("保護者", "お父さん・お母さんなど"),
    ("健康診断", "体を調べる"),
    ("予防接種", "病気にならないための注射"),
    ("住民票", "住んでいるところの紙"),
    ("土足", "くつをはいたまま"),
    ("問い合わせ", "聞く"),
];

/// Honorifics that are stacked, and what is enough.
const STACKED: &[(&str, &str)] = &[
    ("ご覧になられ", "見て"),
    ("お越しになられ", "来て"),
    ("おいでになられ", "来て"),
    ("お召し上がりになられ", "食べて"),
    ("おっしゃられ", "言って"),
    ("お伺いさせていただ", "行き"),
    ("拝見させていただ", "見"),
    ("ご連絡させていただ", "知らせ"),
    ("ご案内させていただ", "知らせ"),
    ("させていただ", "し"),
    ("お願い申し上げ", "おねがいし"),
    ("いただきますようお願い", "ください"),
    ("くださいますようお願い", "ください"),
];

/// What could be easier in a text, in its order, each once; at most [`HINTS_MAX`].
pub fn hints(text: &str) -> Vec<String> {
    let mut found: Vec<(usize, String)> = Vec::new();
    for (at, sentence) in sentences(text) {
        let chars = spoken(sentence);
        if chars > SENTENCE_MAX {
            let begin: String = sentence.chars().take(10).collect();
            found.push((
                at,
                format!("「{begin}…」の文は{chars}字あります。2つに分けて、{SENTENCE_MAX}字までにすると読みやすくなります"),
            ));
        }
    }
    for (list, stacked) in [(STACKED, true), (WORDS, false)] {
        let mut rest = text.to_owned();
        for (word, instead) in list {
            let Some(at) = rest.find(word) else { continue };
            // A longer word is not read again as the shorter one in it.
            rest = rest.replace(word, &"　".repeat(word.chars().count()));
            found.push((
                at,
                if stacked {
                    format!("「{word}」は敬語が重なっています。「{instead}」のように、短く言います")
                } else {
                    format!("「{word}」はむずかしい言葉です。「{instead}」と書けないか、考えてみてください")
                },
            ));
        }
    }
    if let Some(at) = unread(text) {
        let word: String = text[at..].chars().take_while(|c| is_kanji(*c)).collect();
        found.push((
            at,
            format!(
                "「{word}」に読みがながありません。「{word}（よみ）」のように、かっこで書きます"
            ),
        ));
    }
    found.sort_by_key(|(at, _)| *at);
    found.dedup_by(|a, b| a.1 == b.1);
    found.into_iter().map(|(_, words)| words).take(HINTS_MAX).collect()
}

/// The sentences with where they begin, in bytes.
fn sentences(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split_inclusive(['。', '！', '？', '\n']).filter_map(move |piece| {
        let begin = at + (piece.len() - piece.trim_start().len());
        at += piece.len();
        let sentence = piece.trim();
        (!sentence.is_empty()).then_some((begin, sentence))
    })
}

/// The length of a sentence as it is read: without readings in brackets, spaces and addresses.
fn spoken(sentence: &str) -> usize {
    let (mut chars, mut depth) = (0, 0usize);
    for word in sentence.split_whitespace().filter(|w| !w.contains("://")) {
        for c in word.chars() {
            match c {
                '（' | '(' => depth += 1,
                '）' | ')' => depth = depth.saturating_sub(1),
                _ if depth == 0 => chars += 1,
                _ => {}
            }
        }
    }
    chars
}

fn is_kanji(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '々')
}

/// The first word in kanji without a reading, where none in the text has one for it. Numbers
/// with 年・月・日 and the like are read by everybody.
fn unread(text: &str) -> Option<usize> {
    const KNOWN: &str = "年月日時分人円水火木金土一二三四五六七八九十百千万";
    let mut begin = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        if is_kanji(c) {
            begin.get_or_insert(at);
            continue;
        }
        let Some(from) = begin.take() else { continue };
        let word = &text[from..at];
        let known = word.chars().all(|c| KNOWN.contains(c));
        // 「送（おく）ります」, and 「お知（し）らせ」: the bracket follows at once.
        if !known && !matches!(c, '（' | '(') && !text.contains(&format!("{word}（")) {
            return Some(from);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any(text: &str, words: &str) -> bool {
        hints(text).iter().any(|h| h.contains(words))
    }

    #[test]
    fn what_is_easy_is_left_alone() {
        for easy in [
            "",
            "あしたは ごみを あつめません。",
            "水（みず）が 出（で）ません。\nすぐに にげて ください。",
            "5月1日 10時から",
        ] {
            assert_eq!(hints(easy), [""; 0], "{easy}");
        }
    }

    #[test]
    fn long_sentences_are_cut_up() {
        let long = format!("{}。", "あ".repeat(24));
        assert!(any(&long, "25字あります"));
        assert_eq!(hints(&"あ".repeat(24)), [""; 0]);
        let read = format!("水（{}）が でません。", "み".repeat(40));
        assert_eq!(hints(&read), [""; 0], "readings do not count");
        assert_eq!(hints("https://www.city.example.lg.jp/a/very/long/address.html"), [""; 0]);
    }

    #[test]
    fn hard_words_have_an_easier_one() {
        assert!(any("避難（ひなん）してください", "「にげる」"));
        assert!(any("避難所（ひなんじょ）は小学校（しょうがっこう）です", "「にげるところ」"));
        assert!(!any("避難所（ひなんじょ）です", "「避難」は"), "the longer word alone");
        assert!(any("至急（しきゅう） 持参（じさん）", "「いそいで」"));
    }

    #[test]
    fn stacked_honorifics_are_named_once() {
        assert!(any("ごらんになるか、おっしゃられたとき", "敬語が重なって"));
        let all = hints("ご連絡（れんらく）させていただきます。拝見（はいけん）させていただきます");
        assert_eq!(all.iter().filter(|h| h.contains("敬語")).count(), 1);
    }

    #[test]
    fn kanji_want_a_reading() {
        assert!(any("市役所に きてください", "「市役所（よみ）」"));
        assert!(!any("市役所（しやくしょ）に きてください。市役所は 5時までです", "読みがな"));
    }

    proptest! {
        #[test]
        fn any_text_has_few_hints(text in "\\PC{0,200}") {
            let all = hints(&text);
            prop_assert!(all.len() <= HINTS_MAX);
            prop_assert_eq!(all, hints(&text));
        }

        #[test]
        fn short_sentences_of_kana_have_none(sentences in proptest::collection::vec("[ぁ-ん]{1,23}。", 0..6)) {
            prop_assert_eq!(hints(&sentences.concat()), [""; 0]);
        }
    }
}
