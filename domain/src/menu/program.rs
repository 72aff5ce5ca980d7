//! Which menu when and for whom (MENU-3, MENU-4): a default, variants, choices, rules and
//! emergencies.

use super::{Menu, Mode, NAME_MAX, VERSION, this_version};
use crate::attribute::{Catalog, fold};
use crate::audience::Audience;
use crate::id::MenuId;
use crate::problem::Problem;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most variants of a program, and of an emergency.
pub const VARIANTS_MAX: usize = 50;
/// Most menus that residents may choose among: as many quick replies as LINE shows at once, but
/// for the one that leads back.
pub const CHOICES_MAX: usize = line::text::QUICK_REPLY_ITEMS - 1;
/// Most rules.
pub const RULES_MAX: usize = 100;
/// Longest word or data that a rule waits for, in characters.
pub const WORD_MAX: usize = 100;
/// Longest time that a rule holds, in hours: a year.
pub const HOURS_MAX: u32 = 366 * 24;

/// Which menu when and for whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// [`VERSION`].
    #[serde(deserialize_with = "this_version")]
    pub version: u8,
    /// The default (ふだんのメニュー).
    pub base: MenuId,
    /// By audience; the first that fits is shown. A scheduled change for all is a variant for
    /// everyone with a period.
    #[serde(default)]
    pub variants: Vec<Variant>,
    /// What residents may choose themselves.
    #[serde(default)]
    pub choices: Vec<MenuId>,
    /// What a resident's act switches; the first that fits counts.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// What is prepared for disasters; each kind once.
    #[serde(default)]
    pub emergencies: Vec<Prepared>,
}

/// From when until when; open where there is no time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// From this time on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// Before this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl Period {
    /// Whether it holds at a time.
    pub fn holds(self, now: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= now) && self.until.is_none_or(|until| now < until)
    }
}

/// Another menu for some.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// What staff call it: 「子育て世帯」.
    pub name: String,
    /// For whom.
    pub audience: Audience,
    /// What they see.
    pub menu: MenuId,
    /// When.
    #[serde(default)]
    pub period: Period,
}

/// A switch by what a resident does (MENU-3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its number, which stays: what residents were switched by.
    pub key: u16,
    /// What staff call it.
    pub name: String,
    /// What a resident does.
    pub when: Trigger,
    /// What happens then.
    pub then: Then,
    /// For how many hours; without end where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<u32>,
}

/// What the talk answers with the way to the registration: no rule hears it.
pub const ANSWERED: [&str; 4] = ["登録", "変更", "登録する", "登録を変える"];
/// What the talk answers with the resident's menu as cards.
pub const AS_CARDS: [&str; 2] = ["メニュー", "めにゅー"];
/// What the talk answers with the menus that residents may choose among.
pub const CHOOSE: [&str; 2] = ["メニューを選ぶ", "メニュー選択"];

/// What a resident does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Trigger {
    /// Says this and nothing else; full and half width, large and small letters count alike. In
    /// a drill areas say it with the mark.
    Said(String),
    /// Taps what sends this.
    Postback(String),
    /// Registers one of these choices.
    Registered {
        /// The attribute's key.
        attribute: String,
        /// Choice keys (at least one).
        is: Vec<String>,
    },
}

/// What a rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Then {
    /// Shows this menu.
    Show(MenuId),
    /// Ends what a rule did.
    Back,
}

/// What a resident did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acted<'a> {
    /// Said this.
    Said(&'a str),
    /// Tapped what sent this.
    Postback(&'a str),
    /// Registered these choices of an attribute.
    Registered {
        /// The attribute's key.
        attribute: &'a str,
        /// Choice keys.
        is: &'a [String],
    },
}

impl Trigger {
    /// Whether that is what the rule waits for.
    pub fn fits(&self, acted: Acted<'_>) -> bool {
        match (self, acted) {
            (Self::Said(word), Acted::Said(text)) => {
                let (word, text) = (fold(word.trim()), text.trim());
                word == fold(text) || word == fold(Mode::Drill.unmarked(text))
            }
            (Self::Postback(data), Acted::Postback(sent)) => data.trim() == sent.trim(),
            (
                Self::Registered { attribute, is },
                Acted::Registered { attribute: a, is: chosen },
            ) => attribute == a && chosen.iter().any(|c| is.contains(c)),
            _ => false,
        }
    }
}

/// Kinds of disaster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disaster {
    /// 地震.
    Earthquake,
    /// 津波.
    Tsunami,
    /// 風水害.
    Storm,
    /// 土砂災害.
    Landslide,
    /// 火山.
    Volcano,
    /// 大雪.
    Snow,
    /// 大規模火災.
    Fire,
    /// 原子力災害.
    Nuclear,
    /// 国民保護.
    Protection,
    /// その他.
    Other,
}

impl Disaster {
    /// Every kind.
    pub const ALL: &[Self] = &[
        Self::Earthquake,
        Self::Tsunami,
        Self::Storm,
        Self::Landslide,
        Self::Volcano,
        Self::Snow,
        Self::Fire,
        Self::Nuclear,
        Self::Protection,
        Self::Other,
    ];

    /// The name in the database and in REST.
    pub fn name(self) -> &'static str {
        match self {
            Self::Earthquake => "earthquake",
            Self::Tsunami => "tsunami",
            Self::Storm => "storm",
            Self::Landslide => "landslide",
            Self::Volcano => "volcano",
            Self::Snow => "snow",
            Self::Fire => "fire",
            Self::Nuclear => "nuclear",
            Self::Protection => "protection",
            Self::Other => "other",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|d| d.name() == name)
    }

    /// In words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Earthquake => "地震",
            Self::Tsunami => "津波",
            Self::Storm => "風水害",
            Self::Landslide => "土砂災害",
            Self::Volcano => "火山",
            Self::Snow => "大雪",
            Self::Fire => "大規模火災",
            Self::Nuclear => "原子力災害",
            Self::Protection => "国民保護",
            Self::Other => "その他の災害",
        }
    }
}

/// What is prepared for a kind of disaster (MENU-4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prepared {
    /// For which.
    pub disaster: Disaster,
    /// What everybody sees.
    pub menu: MenuId,
    /// What some see instead (やさしい日本語, 沿岸の区); the first that fits.
    #[serde(default)]
    pub variants: Vec<Variant>,
}

impl Program {
    /// One menu for all.
    pub fn new(base: MenuId) -> Self {
        Self {
            version: VERSION,
            base,
            variants: Vec::new(),
            choices: Vec::new(),
            rules: Vec::new(),
            emergencies: Vec::new(),
        }
    }

    /// The rule that answers what a resident did.
    pub fn rule_for(&self, acted: Acted<'_>) -> Option<&Rule> {
        self.rules.iter().find(|r| r.when.fits(acted))
    }

    /// What is prepared for a kind of disaster.
    pub fn prepared(&self, disaster: Disaster) -> Option<&Prepared> {
        self.emergencies.iter().find(|e| e.disaster == disaster)
    }

    /// The next time at which a period begins or ends: when everybody is evaluated anew.
    pub fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        let emergencies = self.emergencies.iter().flat_map(|e| &e.variants);
        let periods = self.variants.iter().chain(emergencies).map(|v| v.period);
        periods.flat_map(|p| [p.from, p.until]).flatten().filter(|at| *at > now).min()
    }

    /// Residents may choose among more menus than they can be offered.
    pub fn choices_problem(&self) -> Option<Problem> {
        let is = self.choices.len();
        (is > CHOICES_MAX).then(|| {
            let words = format!(
                "住民が選べるメニューは{CHOICES_MAX}個までです（いま{is}個）。LINEで一度に見せられる数です。減らしてください"
            );
            Problem::new("/choices", words)
        })
    }

    /// What is wrong with it, each with its place. `menus` are the menus that there are.
    pub fn problems(&self, menus: &BTreeMap<MenuId, Menu>, catalog: &Catalog) -> Vec<Problem> {
        let mut all = Vec::new();
        let exists = |at: String, menu: MenuId, all: &mut Vec<Problem>| {
            if !menus.contains_key(&menu) {
                all.push(Problem::new(at, "このメニューはもうありません。選び直してください"));
            }
        };
        let many = |at: &str, what: &str, is: usize, max: usize, all: &mut Vec<Problem>| {
            if is > max {
                all.push(Problem::new(at, format!("{what}は{max}個までにしてください")));
            }
        };
        exists("/base".into(), self.base, &mut all);
        many("/variants", "出し分け", self.variants.len(), VARIANTS_MAX, &mut all);
        all.extend(self.choices_problem());
        many("/rules", "切りかえの決まり", self.rules.len(), RULES_MAX, &mut all);
        for (i, variant) in self.variants.iter().enumerate() {
            let at = format!("/variants/{i}");
            exists(format!("{at}/menu"), variant.menu, &mut all);
            variant.check(catalog, &at, &mut all);
        }
        for (i, menu) in self.choices.iter().enumerate() {
            exists(format!("/choices/{i}"), *menu, &mut all);
            if self.choices[..i].contains(menu) {
                let words = "同じメニューが2度入っています。どちらかを消してください";
                all.push(Problem::new(format!("/choices/{i}"), words));
            }
        }
        for (i, rule) in self.rules.iter().enumerate() {
            let at = format!("/rules/{i}");
            if let Then::Show(menu) = rule.then {
                exists(format!("{at}/then"), menu, &mut all);
            }
            rule.check(&self.rules[..i], &at, &mut all);
        }
        for (i, prepared) in self.emergencies.iter().enumerate() {
            let at = format!("/emergencies/{i}");
            exists(format!("{at}/menu"), prepared.menu, &mut all);
            if self.emergencies[..i].iter().any(|e| e.disaster == prepared.disaster) {
                let words = format!(
                    "「{}」の用意が2つあります。どちらかを消してください",
                    prepared.disaster.label()
                );
                all.push(Problem::new(format!("{at}/disaster"), words));
            }
            let place = format!("{at}/variants");
            many(&place, "出し分け", prepared.variants.len(), VARIANTS_MAX, &mut all);
            for (j, variant) in prepared.variants.iter().enumerate() {
                let at = format!("{at}/variants/{j}");
                exists(format!("{at}/menu"), variant.menu, &mut all);
                variant.check(catalog, &at, &mut all);
            }
        }
        all
    }
}

/// The name is there and short.
fn name_problem(name: &str, at: &str) -> Option<Problem> {
    let chars = name.trim().chars().count();
    let words = if chars == 0 {
        "名前が空です。書いてください".to_owned()
    } else if chars > NAME_MAX {
        format!("名前は{NAME_MAX}文字までにしてください（いま{chars}文字）")
    } else {
        return None;
    };
    Some(Problem::new(format!("{at}/name"), words))
}

impl Variant {
    fn check(&self, catalog: &Catalog, at: &str, all: &mut Vec<Problem>) {
        all.extend(name_problem(&self.name, at));
        if let Err(problems) = self.audience.resolve(catalog, &format!("{at}/audience")) {
            all.extend(problems);
        }
        if let (Some(from), Some(until)) = (self.period.from, self.period.until)
            && until <= from
        {
            let words = "終わりが、始まりより前です。時刻を直してください";
            all.push(Problem::new(format!("{at}/period/until"), words));
        }
    }
}

impl Rule {
    fn check(&self, before: &[Self], at: &str, all: &mut Vec<Problem>) {
        all.extend(name_problem(&self.name, at));
        let mut say =
            |key: &str, words: String| all.push(Problem::new(format!("{at}{key}"), words));
        match &self.when {
            Trigger::Said(word) | Trigger::Postback(word) => {
                let chars = word.trim().chars().count();
                if chars == 0 {
                    say("/when", "きっかけのことばが空です。書いてください".into());
                } else if chars > WORD_MAX {
                    say(
                        "/when",
                        format!(
                            "きっかけのことばは{WORD_MAX}文字までにしてください（いま{chars}文字）"
                        ),
                    );
                } else if matches!(self.when, Trigger::Said(_))
                    && ANSWERED.iter().any(|answered| fold(answered) == fold(word.trim()))
                {
                    say(
                        "/when",
                        format!(
                            "「{}」には、トークが登録の案内を返すので、きっかけにできません。ほかのことばにしてください",
                            word.trim()
                        ),
                    );
                }
            }
            Trigger::Registered { is, .. } if is.is_empty() => {
                say("/when", "きっかけの選択肢がありません。1つは選んでください".into());
            }
            Trigger::Registered { .. } => {}
        }
        if before.iter().any(|r| r.key == self.key) {
            say("/key", "同じ番号の決まりがあります。作り直してください".into());
        }
        if let Some(other) = before.iter().find(|r| r.when == self.when) {
            say("/when", format!("「{}」と同じきっかけです。どちらかを変えてください", other.name));
        }
        if self.hours.is_some_and(|h| h == 0 || h > HOURS_MAX) {
            say("/hours", format!("時間は1〜{HOURS_MAX}時間にしてください"));
        }
    }
}
