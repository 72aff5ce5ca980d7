//! What the editor of an attribute does to its choices: keys for new ones, the
//! order, and what a pasted tree of areas changes.

use super::{Choice, is_key};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Words of municipal questions and the keys that other systems expect for them.
const WORDS: &[(&str, &str)] = &[
    ("住まい", "home"),
    ("住所", "home"),
    ("住んで", "home"),
    ("年代", "age"),
    ("年齢", "age"),
    ("性別", "gender"),
    ("子ども", "children"),
    ("お子さん", "children"),
    ("子育て", "childcare"),
    ("学校", "school"),
    ("学年", "grade"),
    ("世帯", "household"),
    ("家族", "household"),
    ("言語", "language"),
    ("ことば", "language"),
    ("職業", "work"),
    ("仕事", "work"),
    ("ごみ", "waste"),
    ("防災", "disaster"),
    ("健康", "health"),
    ("受け取りたい", "topics"),
    ("興味", "topics"),
    ("関心", "topics"),
    ("情報", "topics"),
    ("地域", "area"),
    ("地区", "area"),
    ("ペット", "pets"),
];

/// Kana and their letters (ヘボン式), two-kana sounds first.
const KANA: &str = "きゃkya きゅkyu きょkyo しゃsha しゅshu しょsho ちゃcha ちゅchu ちょcho にゃnya にゅnyu にょnyo \
    ひゃhya ひゅhyu ひょhyo みゃmya みゅmyu みょmyo りゃrya りゅryu りょryo ぎゃgya ぎゅgyu ぎょgyo じゃja じゅju じょjo \
    びゃbya びゅbyu びょbyo ぴゃpya ぴゅpyu ぴょpyo ふぁfa ふぃfi ふぇfe ふぉfo てぃti でぃdi うぃwi うぇwe しぇshe ちぇche じぇje \
    あa いi うu えe おo かka きki くku けke こko さsa しshi すsu せse そso たta ちchi つtsu てte とto なna にni ぬnu ねne のno \
    はha ひhi ふfu へhe ほho まma みmi むmu めme もmo やya ゆyu よyo らra りri るru れre ろro わwa をo んn がga ぎgi ぐgu げge ごgo \
    ざza じji ずzu ぜze ぞzo だda ぢji づzu でde どdo ばba びbi ぶbu べbe ぼbo ぱpa ぴpi ぷpu ぺpe ぽpo ぁa ぃi ぅu ぇe ぉo ゔvu ーー";

/// A key for an attribute's label: a known word, else kana and Latin letters, else
/// `item` and a number. Never one that `taken` knows.
pub fn key_for_attribute(label: &str, taken: impl Fn(&str) -> bool) -> String {
    let word =
        WORDS.iter().find(|(word, _)| label.contains(word)).map(|(_, key)| (*key).to_owned());
    free(word.or_else(|| letters(label)), "item", taken)
}

/// A key for a choice's label: kana and Latin letters, else `c` and a number.
pub fn key_for_choice(label: &str, taken: impl Fn(&str) -> bool) -> String {
    free(letters(label), "c", taken)
}

fn free(wanted: Option<String>, otherwise: &str, taken: impl Fn(&str) -> bool) -> String {
    match wanted {
        Some(key) if !taken(&key) => key,
        Some(key) => numbered(&format!("{key}_"), 2, taken),
        None => numbered(otherwise, 1, taken),
    }
}

fn numbered(stem: &str, from: u32, taken: impl Fn(&str) -> bool) -> String {
    let mut n = from;
    loop {
        let key = format!("{stem}{n}");
        if !taken(&key) {
            return key;
        }
        n += 1;
    }
}

/// The label in lower-case letters, if it can be read without a dictionary.
fn letters(label: &str) -> Option<String> {
    let chars: Vec<char> = label
        .trim()
        .chars()
        .map(|c| match c {
            'ァ'..='ヶ' => char::from_u32(c as u32 - 0x60).unwrap_or(c),
            '！'..='～' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
            other => other,
        })
        .collect();
    let sounds: HashMap<&str, &str> = KANA
        .split_whitespace()
        .filter_map(|pair| pair.find(|c: char| c.is_ascii()).map(|at| pair.split_at(at)))
        .collect();
    let mut key = String::new();
    let mut i = 0;
    let mut doubled = false;
    while i < chars.len() {
        let c = chars[i];
        let pair: String = chars[i..(i + 2).min(chars.len())].iter().collect();
        let (sound, used) =
            if let Some(sound) = sounds.get(pair.as_str()).filter(|_| pair.chars().count() == 2) {
                (*sound, 2)
            } else if let Some(sound) = sounds.get(c.to_string().as_str()) {
                (*sound, 1)
            } else if c.is_ascii_alphanumeric() {
                key.push(c.to_ascii_lowercase());
                i += 1;
                continue;
            } else if c == 'っ' {
                doubled = true;
                i += 1;
                continue;
            } else if c == 'ー' {
                i += 1;
                continue;
            } else if matches!(c, ' ' | '　' | '-' | '_' | '・' | '/' | '~' | '〜') {
                if !key.is_empty() && !key.ends_with('_') {
                    key.push('_');
                }
                i += 1;
                continue;
            } else {
                return None;
            };
        if std::mem::take(&mut doubled) {
            // ヘボン式: っち is tchi.
            key.extend(if sound.starts_with("ch") { Some('t') } else { sound.chars().next() });
        }
        key.push_str(sound);
        i += used;
    }
    let mut key = key.trim_end_matches('_').to_owned();
    key.truncate(40);
    is_key(&key).then_some(key)
}

/// Moves the item at `from` to the place `to`; places beyond the end are the end.
pub fn move_item<T>(items: &mut Vec<T>, from: usize, to: usize) {
    if from < items.len() {
        let item = items.remove(from);
        items.insert(to.min(items.len()), item);
    }
}

/// A tree of areas as it is typed: one area a line, deeper by a 全角 space.
pub fn areas_text(choices: &[Choice]) -> String {
    let mut text = String::new();
    for (depth, choice) in in_tree_order(choices) {
        text.extend(std::iter::repeat_n('　', depth));
        text.push_str(&choice.label);
        text.push('\n');
    }
    text
}

/// The areas from the top down, each with its depth from 0. Areas whose
/// surrounding area is missing come last, as roots.
pub fn in_tree_order(choices: &[Choice]) -> Vec<(usize, &Choice)> {
    let keys: HashSet<&str> = choices.iter().map(|c| c.key.as_str()).collect();
    let mut children: HashMap<Option<&str>, Vec<&Choice>> = HashMap::new();
    for c in choices {
        children.entry(c.parent.as_deref().filter(|p| keys.contains(p))).or_default().push(c);
    }
    let mut out = Vec::with_capacity(choices.len());
    let mut open: Vec<(usize, &Choice)> =
        children.get(&None).into_iter().flatten().rev().map(|c| (0, *c)).collect();
    while let Some((depth, c)) = open.pop() {
        if out.len() >= choices.len() {
            break;
        }
        out.push((depth, c));
        open.extend(
            children
                .get(&Some(c.key.as_str()))
                .into_iter()
                .flatten()
                .rev()
                .map(|c| (depth + 1, *c)),
        );
    }
    out
}

/// 「東地区 › 東町一丁目」
pub fn place(choices: &[Choice], key: &str) -> String {
    let mut words = Vec::new();
    let mut at = choices.iter().find(|c| c.key == key);
    while let Some(c) = at {
        words.insert(0, c.label.as_str());
        at = c
            .parent
            .as_deref()
            .filter(|_| words.len() <= super::AREA_DEPTH_MAX)
            .and_then(|p| choices.iter().find(|o| o.key == p));
    }
    words.join(" › ")
}

/// [`place`] of every area by its key.
pub fn places(choices: &[Choice]) -> HashMap<String, String> {
    let mut path: Vec<&str> = Vec::new();
    let mut places = HashMap::with_capacity(choices.len());
    for (depth, c) in in_tree_order(choices) {
        path.truncate(depth);
        path.push(&c.label);
        places.insert(c.key.clone(), path.join(" › "));
    }
    places
}

/// What saving would change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Keys that were not there before.
    pub new: BTreeSet<String>,
    /// Choices that would be deleted.
    pub gone: Vec<Choice>,
    /// Choices that stay.
    pub kept: usize,
}

/// Compares the choices before and after an edit by their keys.
pub fn changes(former: &[Choice], now: &[Choice]) -> Changes {
    let before: HashSet<&str> = former.iter().map(|c| c.key.as_str()).collect();
    let after: HashSet<&str> = now.iter().map(|c| c.key.as_str()).collect();
    Changes {
        new: after.difference(&before).map(|k| (*k).to_owned()).collect(),
        gone: former.iter().filter(|c| !after.contains(c.key.as_str())).cloned().collect(),
        kept: after.intersection(&before).count(),
    }
}

/// Lets new areas take the place of areas that would be deleted, because they were
/// only renamed or moved: `renamed` is former key → new key. What lies below and
/// has the same name goes with it. Who had chosen the former area keeps the answer.
#[must_use]
pub fn carry_over(
    former: &[Choice],
    now: &[Choice],
    renamed: &BTreeMap<String, String>,
) -> Vec<Choice> {
    let Changes { mut new, gone, .. } = changes(former, now);
    let mut gone: HashMap<String, Choice> = gone.into_iter().map(|c| (c.key.clone(), c)).collect();
    let mut taken: HashMap<String, Choice> = HashMap::new();
    let mut open: Vec<(String, String)> =
        renamed.iter().map(|(from, to)| (from.clone(), to.clone())).collect();
    while let Some((from, to)) = open.pop() {
        if !gone.contains_key(&from) || !new.remove(&to) {
            continue;
        }
        let below: Vec<&Choice> =
            former.iter().filter(|c| c.parent.as_deref() == Some(&from)).collect();
        for child in now.iter().filter(|c| c.parent.as_deref() == Some(&to)) {
            if let Some(same) = below.iter().find(|b| b.label == child.label) {
                open.push((same.key.clone(), child.key.clone()));
            }
        }
        if let Some(old) = gone.remove(&from) {
            taken.insert(to, old);
        }
    }
    now.iter()
        .map(|c| {
            let old = taken.get(&c.key);
            Choice {
                id: old.map_or(c.id, |o| o.id),
                key: old.map_or_else(|| c.key.clone(), |o| o.key.clone()),
                label: c.label.clone(),
                parent: c
                    .parent
                    .as_ref()
                    .map(|p| taken.get(p).map_or_else(|| p.clone(), |o| o.key.clone())),
                hidden: old.map_or(c.hidden, |o| o.hidden),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Attribute, Kind, parse_areas};
    use super::*;
    use crate::id::{AttributeId, ChoiceId};
    use proptest::prelude::*;

    fn saved(text: &str) -> Vec<Choice> {
        let mut choices = parse_areas(text, &[]).unwrap();
        for (i, c) in choices.iter_mut().enumerate() {
            c.id = ChoiceId(i as i64 + 1);
        }
        choices
    }

    #[test]
    fn keys_are_made_from_the_label() {
        let none = |_: &str| false;
        assert_eq!(key_for_attribute("受け取りたい情報", none), "topics");
        assert_eq!(key_for_attribute("お住まいの地域", none), "home");
        assert_eq!(key_for_attribute("ペット", none), "pets");
        assert_eq!(key_for_attribute("町内会", none), "item1");
        assert_eq!(key_for_attribute("町内会", |k| k == "item1"), "item2");
        assert_eq!(key_for_attribute("お住まい", |k| k == "home"), "home_2");
        assert_eq!(key_for_choice("ごみカレンダー", none), "gomikarenda");
        assert_eq!(key_for_choice("マッチング", none), "matchingu");
        assert_eq!(key_for_choice("Ｗｅｂ 講座", none), "c1");
        assert_eq!(key_for_choice("65〜74", none), "c1");
        assert_eq!(key_for_choice("Web-News", none), "web_news");
        assert_eq!(key_for_choice("", none), "c1");
    }

    #[test]
    fn a_tree_reads_back_as_it_was_typed() {
        let text = "東地区\n　東町一丁目\n　東町二丁目\n西地区\n　西町\n　　上\n";
        let tree = saved(text);
        assert_eq!(areas_text(&tree), text);
        assert_eq!(place(&tree, &tree[5].key), "西地区 › 西町 › 上");
        assert!(places(&tree).iter().all(|(key, words)| place(&tree, key) == *words));
        let mut shuffled = tree.clone();
        shuffled.reverse();
        assert_eq!(parse_areas(&areas_text(&shuffled), &tree).unwrap().len(), tree.len());
    }

    #[test]
    fn what_a_new_tree_changes() {
        let former = saved("東地区\n　東町\n西地区");
        let now = parse_areas("東地区\n　東町\n　朝日町", &former).unwrap();
        let changes = changes(&former, &now);
        assert_eq!(changes.kept, 2);
        assert_eq!(changes.gone.iter().map(|c| c.label.as_str()).collect::<Vec<_>>(), ["西地区"]);
        assert_eq!(changes.new.len(), 1);
    }

    #[test]
    fn a_renamed_district_keeps_its_towns() {
        let former = saved("東地区\n　東町\n　朝日町\n西地区");
        let now = parse_areas("東部\n　東町\n　旭町\n西地区", &former).unwrap();
        let to = |label: &str| now.iter().find(|c| c.label == label).unwrap().key.clone();
        let carried =
            carry_over(&former, &now, &BTreeMap::from([(former[0].key.clone(), to("東部"))]));
        let left = changes(&former, &carried);
        assert_eq!(left.gone.iter().map(|c| c.label.as_str()).collect::<Vec<_>>(), ["朝日町"]);
        let town = carried.iter().find(|c| c.label == "東町").unwrap();
        assert_eq!((town.id, town.parent.as_deref()), (former[1].id, Some(former[0].key.as_str())));
        let attribute = Attribute {
            id: AttributeId(1),
            key: "home".into(),
            label: "お住まい".into(),
            kind: Kind::Area,
            hint: String::new(),
            required: false,
            personal: false,
            hidden: false,
            choices: carried,
        };
        assert!(attribute.validate().is_ok());
    }

    #[test]
    fn moving() {
        let mut items = vec![1, 2, 3];
        move_item(&mut items, 0, 2);
        assert_eq!(items, [2, 3, 1]);
        move_item(&mut items, 2, 0);
        move_item(&mut items, 1, 9);
        assert_eq!(items, [1, 3, 2]);
        move_item(&mut items, 7, 0);
        assert_eq!(items, [1, 3, 2]);
    }

    proptest! {
        #[test]
        fn every_label_gives_a_free_key(label in "\\PC{0,30}", taken in proptest::collection::hash_set("[a-z_0-9]{1,6}", 0..5)) {
            for key in [key_for_attribute(&label, |k| taken.contains(k)), key_for_choice(&label, |k| taken.contains(k))] {
                prop_assert!(is_key(&key) && !taken.contains(&key), "{}", key);
            }
        }

        #[test]
        fn carrying_over_loses_nothing(pairs in proptest::collection::btree_map(0usize..6, 0usize..6, 0..6)) {
            let former = saved("a\n b\n c\nd\n e\nf");
            let now = parse_areas("g\n b\n h\ni\n e\nf", &former).unwrap();
            let renamed = pairs.into_iter().map(|(f, t)| (former[f].key.clone(), now[t].key.clone())).collect();
            let carried = carry_over(&former, &now, &renamed);
            let keys: BTreeSet<_> = carried.iter().map(|c| &c.key).collect();
            prop_assert_eq!(keys.len(), now.len());
            for (a, b) in carried.iter().zip(&now) {
                prop_assert_eq!(&a.label, &b.label);
                let parent = |list: &[Choice], c: &Choice| c.parent.as_ref().map(|p| list.iter().position(|o| o.key == *p).unwrap());
                prop_assert_eq!(parent(&carried, a), parent(&now, b));
            }
        }
    }
}
