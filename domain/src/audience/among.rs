//! Sets of residents that are kept by themselves and asked for by their number: imported
//! lists (対象者リスト), to whom LINE delivered a delivery or did not, who replied to it, who
//! answered a form, and who answered it so (SEG-2).

use super::wrote::Field;
use super::{Audience, Resolved};
use crate::attribute::Catalog;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Of what somebody is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Among {
    /// Those on an imported list: `{"list": 3}`.
    List,
    /// Those for whom LINE accepted a delivery: `{"received": 12}`.
    Received,
    /// Those whom a delivery failed to reach: `{"failed": 12}`.
    Failed,
    /// Those who tapped a reply of a delivery, by the reply's own number: `{"replied": 7}`.
    Replied,
    /// Those who answered a form and did not take it back: `{"answered": 3}`.
    Answered,
    /// Those who chose an option in a form, by the option's own number: `{"chose": 41}`.
    Chose,
}

impl Among {
    /// Every one, in the order in which staff are offered them.
    pub const ALL: [Self; 6] =
        [Self::List, Self::Received, Self::Failed, Self::Replied, Self::Answered, Self::Chose];

    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Received => "received",
            Self::Failed => "failed",
            Self::Replied => "replied",
            Self::Answered => "answered",
            Self::Chose => "chose",
        }
    }

    /// What it is called where a condition begins.
    pub fn label(self) -> &'static str {
        match self {
            Self::List => "対象者リスト",
            Self::Received => "受け取った配信",
            Self::Failed => "届かなかった配信",
            Self::Replied => "配信への返事",
            Self::Answered => "フォームに答えた人",
            Self::Chose => "フォームで選んだこと",
        }
    }

    /// What stands behind the name: 「リスト『…』に**のっている人**」.
    pub fn tail(self) -> &'static str {
        match self {
            Self::List => "にのっている人",
            Self::Received => "を受け取った人",
            Self::Failed => "が届かなかった人",
            Self::Replied => "と返事をした人",
            Self::Answered => "に答えた人",
            Self::Chose => "と答えた人",
        }
    }

    /// Whether it is asked of deliveries.
    pub fn is_delivery(self) -> bool {
        matches!(self, Self::Received | Self::Failed | Self::Replied)
    }

    /// Whether it is asked of the answers to a form, which are its department's (FORM-11).
    pub fn is_form(self) -> bool {
        matches!(self, Self::Answered | Self::Chose)
    }
}

/// Why nobody can be asked for by a delivery or a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unaskable {
    /// It went by LINE's own list: only LINE knows whom it reached.
    ByLine,
    /// Nothing of it has left.
    NotBegun,
    /// The form's answers are another department's, or not for this actor's eyes.
    Closed,
    /// The form does not ask this any more, and nobody has answered so.
    Gone,
    /// The form was never published.
    Unpublished,
}

/// A list, a delivery or a form that a condition may name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// As what it is named.
    pub what: Among,
    /// Its number.
    pub id: i64,
    /// The name of the list or form, or the delivery's title.
    pub name: String,
    /// Of [`Among::Replied`] what was replied, of [`Among::Chose`] the option; else empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reply: String,
    /// Of [`Among::Chose`] what was asked; else empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub question: String,
    /// When the list was imported, the delivery began, or the form was published.
    pub at: Timestamp,
    /// Residents in it, friends or not; of a form the answers, those outside LINE too.
    pub count: i64,
    /// Why it cannot be asked for.
    pub unaskable: Option<Unaskable>,
    /// Of [`Among::Answered`] the questions that can be asked for by what was written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
}

impl Known {
    /// 「リスト『消防団』」「配信『断水のお知らせ』」「配信『安否の確認』に「無事です」」
    /// 「フォーム『アンケート』の質問『参加しますか』に「はい」」.
    pub fn words(&self) -> String {
        let name = if self.name.trim().is_empty() { "件名なし" } else { self.name.trim() };
        if self.what.is_form() && self.unaskable == Some(Unaskable::Closed) {
            return match self.what {
                Among::Chose => "ほかの所属のフォームの質問に、ある選択肢".into(),
                _ => "ほかの所属のフォーム".into(),
            };
        }
        match self.what {
            Among::List => format!("リスト『{name}』"),
            Among::Received | Among::Failed => format!("配信『{name}』"),
            Among::Replied => format!("配信『{name}』に「{}」", self.reply),
            Among::Answered => format!("フォーム『{name}』"),
            Among::Chose => {
                format!("フォーム『{name}』の質問『{}』に「{}」", self.question, self.reply)
            }
        }
    }

    /// Why it is refused, in a sentence.
    pub fn problem(&self) -> Option<String> {
        Some(match self.unaskable? {
            Unaskable::ByLine => format!(
                "{}は、LINEの一覧で友だち全員に送ったため、だれが受け取ったか分かりません。ほかの条件を選んでください",
                self.words()
            ),
            Unaskable::NotBegun => {
                format!("{}は、まだだれにも送っていません。送り始めてから使えます", self.words())
            }
            Unaskable::Closed => "条件で使っているフォームの回答を、あなたは見られません。回答を見られるのは、フォームの所属の担当者だけです。ほかの条件を選んでください".into(),
            Unaskable::Gone => format!(
                "{}と答えた人はいません。この質問か選択肢は、いまのフォームにはもうありません。選び直すか、条件を消してください",
                self.words()
            ),
            Unaskable::Unpublished => {
                format!("{}は、まだ公開していません。公開してから使えます", self.words())
            }
        })
    }
}

impl Catalog {
    /// What is known of a set.
    pub fn known(&self, what: Among, id: i64) -> Option<&Known> {
        self.people.iter().find(|k| k.what == what && k.id == id)
    }

    /// Learns of sets; what was known of the same ones is replaced.
    pub fn know(&mut self, people: impl IntoIterator<Item = Known>) {
        for new in people {
            self.people.retain(|k| (k.what, k.id) != (new.what, new.id));
            self.people.push(new);
        }
    }
}

impl Audience {
    /// Every list, delivery and form that it names.
    pub fn among(&self) -> BTreeSet<(Among, i64)> {
        match self {
            Self::All(items) | Self::Any(items) => items.iter().flat_map(Self::among).collect(),
            Self::Not(inner) => inner.among(),
            Self::Among { what, id } => id.map(|id| (*what, id)).into_iter().collect(),
            // Who may ask for what was written in a form may ask for who answered it.
            Self::Wrote(asked) => asked.iter().map(|w| (Among::Answered, w.form)).collect(),
            Self::Everyone | Self::Attribute { .. } | Self::Said { .. } | Self::Since { .. } => {
                BTreeSet::new()
            }
        }
    }
}

impl Resolved {
    /// Every list and delivery that it names.
    pub fn among(&self) -> BTreeSet<(Among, i64)> {
        match self {
            Self::All(items) | Self::Any(items) => items.iter().flat_map(Self::among).collect(),
            Self::Not(inner) => inner.among(),
            Self::Among(what, id) => BTreeSet::from([(*what, *id)]),
            Self::Everyone
            | Self::Chose(_)
            | Self::Number { .. }
            | Self::Text { .. }
            | Self::Answered(_)
            | Self::Since { .. }
            | Self::Wrote(_) => BTreeSet::new(),
        }
    }
}

pub(super) const ID: &str = "番号（正の整数）で指してください";

/// Reads the number of a set: as a number, or as REST writes ids.
pub(super) fn id(value: &serde_json::Value) -> Option<i64> {
    let number = value.as_i64().or_else(|| {
        let text = value.as_str().filter(|t| t.bytes().all(|b| b.is_ascii_digit()))?;
        text.parse().ok()
    });
    number.filter(|n| *n > 0)
}

/// Finds it in the catalog; else why it is refused.
pub(super) fn resolve(catalog: &Catalog, what: Among, id: Option<i64>) -> Result<Resolved, String> {
    let Some(id) = id else {
        return Err(format!(
            "「{}」で何も選ばれていません。空のままでは送れません。選ぶか、消してください",
            what.label()
        ));
    };
    match catalog.known(what, id) {
        None if what == Among::List => {
            Err("条件で使っている対象者リストが、消されています。選び直すか、条件を消してください"
                .into())
        }
        None if what == Among::Replied => {
            Err("条件で使っている返事が、見つかりません。選び直すか、条件を消してください".into())
        }
        None if what.is_form() => Err(
            "条件で使っているフォームか質問が、見つかりません。選び直すか、条件を消してください"
                .into(),
        ),
        None => {
            Err("条件で使っている配信が、見つかりません。選び直すか、条件を消してください".into())
        }
        Some(known) => match known.problem() {
            Some(problem) => Err(problem),
            None => Ok(Resolved::Among(what, id)),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audience::{Facts, sentence};
    use serde_json::{Value, json};

    fn known(what: Among, id: i64, name: &str, unaskable: Option<Unaskable>) -> Known {
        let (name, reply) = name.split_once('→').unwrap_or((name, ""));
        let (reply, question) = reply.split_once('？').map_or((reply, ""), |(q, r)| (r, q));
        let (name, reply, question) = (name.into(), reply.into(), question.into());
        let fields = Vec::new();
        Known { what, id, name, reply, question, at: Timestamp(0), count: 5, unaskable, fields }
    }

    fn catalog() -> Catalog {
        Catalog {
            people: vec![
                known(Among::List, 3, "消防団", None),
                known(Among::Received, 12, "断水のお知らせ", None),
                known(Among::Failed, 12, "断水のお知らせ", None),
                known(Among::Replied, 7, "安否の確認→無事です", None),
                known(Among::Answered, 3, "防災訓練", None),
                known(Among::Chose, 41, "防災訓練→来ますか？はい", None),
                known(Among::Chose, 42, "防災訓練→来ますか？むり", Some(Unaskable::Gone)),
                known(Among::Answered, 4, "ひみつ", Some(Unaskable::Closed)),
                known(Among::Answered, 5, "来月", Some(Unaskable::Unpublished)),
                known(Among::Received, 13, " ", None),
                known(Among::Received, 14, "全員へ", Some(Unaskable::ByLine)),
                known(Among::Received, 15, "あした", Some(Unaskable::NotBegun)),
            ],
            ..Catalog::default()
        }
    }

    fn resolve(value: Value) -> Result<Resolved, String> {
        let problems = |p: Vec<crate::problem::Problem>| format!("{} {}", p[0].at, p[0].message);
        Audience::parse(&value, "").map_err(problems)?.resolve(&catalog(), "").map_err(problems)
    }

    #[test]
    fn what_is_named_means_those_who_are_in_it() {
        let who = resolve(json!({"all": [{"list": 3}, {"not": {"received": "12"}}]})).unwrap();
        assert_eq!(who.among(), BTreeSet::from([(Among::List, 3), (Among::Received, 12)]));
        let of = |among: &[(Among, i64)]| Facts {
            among: among.iter().copied().collect(),
            ..Facts::default()
        };
        assert!(who.matches(&of(&[(Among::List, 3)])));
        assert!(who.matches(&of(&[(Among::List, 3), (Among::Failed, 12)])));
        assert!(!who.matches(&of(&[(Among::List, 3), (Among::Received, 12)])));
        assert!(!who.matches(&of(&[(Among::Received, 3)])));
    }

    #[test]
    fn what_is_unknown_or_cannot_be_told_is_refused() {
        for (bad, at) in [
            (json!({"list": 4}), "/list"),
            (json!({"list": 12}), "/list"),
            (json!({"received": 3}), "/received"),
            (json!({"received": 14}), "/received"),
            (json!({"received": 15}), "/received"),
            (json!({"failed": 13}), "/failed"),
            (json!({"replied": 12}), "/replied"),
            (json!({"answered": 4}), "/answered"),
            (json!({"answered": 5}), "/answered"),
            (json!({"answered": 6}), "/answered"),
            (json!({"not": {"chose": 42}}), "/not/chose"),
            (json!({"chose": 3}), "/chose"),
            (json!({"not": {"list": 99}}), "/not/list"),
            (json!({"list": null}), "/list"),
            (json!({"list": 0}), "/list"),
            (json!({"list": -1}), "/list"),
            (json!({"list": 1.5}), "/list"),
            (json!({"list": "+3"}), "/list"),
            (json!({"list": "消防団"}), "/list"),
            (json!({"list": [3]}), "/list"),
            (json!({"list": 3, "everyone": true}), ""),
        ] {
            let refused = resolve(bad.clone()).unwrap_err();
            assert_eq!(refused.split(' ').next(), Some(at), "{bad}: {refused}");
        }
        assert!(resolve(json!({"received": 14})).unwrap_err().contains("LINEの一覧"));
        let closed = resolve(json!({"answered": 4})).unwrap_err();
        assert!(closed.contains("見られません") && !closed.contains("ひみつ"), "{closed}");
        assert!(resolve(json!({"chose": 42})).unwrap_err().contains("もうありません"));
    }

    #[test]
    fn it_is_written_as_it_was_read() {
        for key in ["list", "received", "failed", "replied", "answered", "chose"] {
            let value = json!({key: 3});
            let audience = Audience::parse(&value, "").unwrap();
            assert!(audience.is_leaf() && !audience.is_unfinished() && !audience.is_everyone());
            assert_eq!(Value::from(audience), value);
        }
        let draft = json!({"all": [{"list": null}]});
        let audience: Audience = serde_json::from_value(draft.clone()).unwrap();
        assert!(audience.resolve(&catalog(), "").is_err());
        assert_eq!(serde_json::to_value(&audience).unwrap(), draft);
    }

    #[test]
    fn it_reads_as_japanese() {
        let read = |value: Value| sentence(&Audience::parse(&value, "").unwrap(), &catalog());
        insta::assert_snapshot!(read(json!({"list": 3})), @"リスト『消防団』にのっている人。");
        insta::assert_snapshot!(read(json!({"received": 12})), @"配信『断水のお知らせ』を受け取った人。");
        insta::assert_snapshot!(read(json!({"failed": 12})), @"配信『断水のお知らせ』が届かなかった人。");
        insta::assert_snapshot!(read(json!({"replied": 7})), @"配信『安否の確認』に「無事です」と返事をした人。");
        insta::assert_snapshot!(read(json!({"answered": 3})), @"フォーム『防災訓練』に答えた人。");
        insta::assert_snapshot!(read(json!({"chose": 41})), @"フォーム『防災訓練』の質問『来ますか』に「はい」と答えた人。");
        insta::assert_snapshot!(read(json!({"not": {"answered": 3}})), @"フォーム『防災訓練』にまだ答えていない人。");
        insta::assert_snapshot!(read(json!({"answered": 4})), @"ほかの所属のフォームに答えた人。");
        insta::assert_snapshot!(read(json!({"received": 13})), @"配信『件名なし』を受け取った人。");
        insta::assert_snapshot!(
            read(json!({"all": [{"list": 3}, {"not": {"received": 12}}]})),
            @"リスト『消防団』にのっている人のうち、配信『断水のお知らせ』を受け取った人をのぞいた人。");
        insta::assert_snapshot!(read(json!({"list": 4})), @"（消えた対象者リスト）の人。");
    }

    #[test]
    fn what_is_learnt_takes_the_place_of_what_was_known() {
        let mut catalog = catalog();
        let before = catalog.people.len();
        catalog.know([known(Among::List, 3, "消防団（新）", None)]);
        assert_eq!(catalog.people.len(), before);
        assert_eq!(
            catalog.known(Among::List, 3).map(Known::words).as_deref(),
            Some("リスト『消防団（新）』")
        );
    }
}
