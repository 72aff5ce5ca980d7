//! Forms as they are kept: state, settings beside the definition, versions, and the list of
//! them (FORM-1). Rules of who may open one stand in [`Settings`].

use super::definition::Form;
use super::difference;
use super::lint::{Finding, of_text};
use super::pack::{Notices, Proof};
use crate::id::{DepartmentId, EligibilityId, FormId, StaffId};
use crate::problem::Problem;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most characters of a form's name.
pub const NAME_MAX: usize = 60;

/// Where a form stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Never published.
    #[default]
    Draft,
    /// Residents can open it.
    Published,
    /// Nothing more is received.
    Closed,
    /// Out of the list.
    Archived,
}

impl State {
    /// Every state, in the order in which a form passes them.
    pub const ALL: [Self; 4] = [Self::Draft, Self::Published, Self::Closed, Self::Archived];

    /// The name in the database and in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "published",
            Self::Closed => "closed",
            Self::Archived => "archived",
        }
    }

    /// 「公開中」 and so on.
    pub fn label(self) -> &'static str {
        match self {
            Self::Draft => "準備中",
            Self::Published => "公開中",
            Self::Closed => "受付終了",
            Self::Archived => "保管",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }
}

/// When those whom a form names get mails of what was answered (FORM-5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mailing {
    /// On each answer.
    #[default]
    Each,
    /// Each morning, of all since the morning before.
    Morning,
    /// Both.
    Both,
}

worded! { Mailing: Each "each", Morning "morning", Both "both" }

impl Mailing {
    /// 「1件ごと」 and so on.
    pub fn label(self) -> &'static str {
        match self {
            Self::Each => "届くたびに1通",
            Self::Morning => "毎朝8時に、前の日からの件数をまとめて1通",
            Self::Both => "届くたびと、毎朝のまとめの両方",
        }
    }

    /// Whether a mail goes on each answer.
    pub fn at_once(self) -> bool {
        self != Self::Morning
    }

    /// Whether a mail sums up each morning.
    pub fn in_the_morning(self) -> bool {
        self != Self::Each
    }

    fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// What is set beside the definition. It is published with it: residents meet what stood beside
/// the version in force, whatever is edited.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Whether it can be answered outside LINE, by somebody who is not known.
    pub outside: bool,
    /// Only those on a list may answer (FORM-7).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eligibility: Option<Gate>,
    /// When those whom the form names get mails.
    #[serde(skip_serializing_if = "Mailing::is_usual")]
    pub mailing: Mailing,
    /// What the talk says in place of the usual words.
    #[serde(skip_serializing_if = "Notices::is_empty")]
    pub notices: Notices,
}

impl Settings {
    /// What of it stands against publishing, `at` as beside the definition's terms; `own` as in
    /// [`super::lint::lint`].
    pub fn findings(&self, own: &str) -> Vec<Finding> {
        let finding = |p: Problem| Finding { blocks: true, at: p.at, message: p.message };
        let mut found: Vec<Finding> = self.notices.problem().map(finding).into_iter().collect();
        for (what, text) in self.notices.all() {
            found.extend(of_text(&format!("/terms/notices/{what}"), text, own));
        }
        found
    }
}

/// Whom a list lets in, and what of it is filled in for them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// The list.
    pub list: EligibilityId,
    /// For a column of the list the answer that it fills in: `name.family`, `children.0.birth`.
    #[serde(default)]
    pub prefill: BTreeMap<String, String>,
}

/// A form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Id.
    pub id: FormId,
    /// What staff call it.
    pub name: String,
    /// The department in charge.
    pub department: Option<DepartmentId>,
    /// Its name.
    pub department_name: String,
    /// Where it stands.
    pub state: State,
    /// What is edited.
    pub definition: Form,
    /// Names the edition that is seen; given back when it is saved.
    pub edition: i64,
    /// The version that residents get.
    pub published: Option<u64>,
    /// Since when.
    pub published_at: Option<Timestamp>,
    /// Whether what is edited differs from what residents get.
    pub changed: bool,
    /// Beside the definition.
    pub settings: Settings,
    /// What proved the pack that it was made of.
    pub proof: Proof,
    /// Who asked for it to be published, until it is.
    pub request: Option<Request>,
    /// Answers that are there and not withdrawn.
    pub received: i64,
    /// Answers that count for its limit: those whose time of keeping is over, too.
    #[serde(default)]
    pub counted: i64,
    /// Answers that nobody has read.
    pub unread: i64,
    /// Last saved.
    pub updated_at: Timestamp,
    /// By whom.
    pub author: String,
    /// The actor may change it.
    pub may_write: bool,
    /// The actor may publish and close it.
    pub may_publish: bool,
    /// The actor may see its answers.
    pub may_answers: bool,
}

impl Kept {
    /// The request that waits for whoever may publish.
    pub fn waiting(&self) -> Option<&Request> {
        self.request.as_ref().filter(|r| r.returned.is_none())
    }
}

/// Somebody has asked whoever may publish a form to do so (公開を求める).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Who.
    pub by: Option<StaffId>,
    /// Their name.
    pub name: String,
    /// When.
    pub at: Timestamp,
    /// To whoever publishes.
    pub words: String,
    /// It was saved anew since; what is published is what is edited.
    pub changed: bool,
    /// It was sent back, and does not wait any more.
    pub returned: Option<Returned>,
}

/// How a request was sent back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returned {
    /// By whom.
    pub name: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub words: String,
}

/// A form in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Id.
    pub id: FormId,
    /// What staff call it.
    pub name: String,
    /// What residents read.
    pub title: String,
    /// The department in charge.
    pub department_name: String,
    /// Where it stands.
    pub state: State,
    /// The version that residents get.
    pub published: Option<u64>,
    /// Whether what is edited differs from it.
    pub changed: bool,
    /// Whether somebody has asked for it to be published.
    pub asked: bool,
    /// Answers that are there and not withdrawn.
    pub received: i64,
    /// Answers that nobody has read.
    pub unread: i64,
    /// Last saved.
    pub updated_at: Timestamp,
    /// The actor may change it.
    pub may_write: bool,
}

/// A page of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forms {
    /// The forms of this page.
    pub rows: Vec<Listed>,
    /// How many there are in all.
    pub total: i64,
    /// The actor may make one.
    pub may_write: bool,
}

/// A version that was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Its number, from 1.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// Answers under it.
    pub answers: i64,
}

/// A version as it was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    /// The definition.
    pub form: Form,
    /// Beside it; nothing where it was not kept with the version.
    pub settings: Option<Settings>,
}

impl Issued {
    /// What changes from it to another definition and what is set beside that, one sentence each.
    pub fn changes(&self, form: &Form, settings: Option<&Settings>) -> Vec<String> {
        let mut changes = difference::difference(&self.form, form);
        if let (Some(old), Some(new)) = (&self.settings, settings) {
            changes.extend(difference::beside(old, new));
        }
        changes
    }
}

/// What residents get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Id.
    pub id: FormId,
    /// Where it stands: published, closed or archived.
    pub state: State,
    /// The definition in force.
    pub form: Form,
    /// Beside it.
    pub settings: Settings,
    /// Answers that count for its limit.
    pub received: u32,
}

/// In which order forms are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// The last changed first.
    #[default]
    Changed,
    /// By name.
    Name,
    /// Most answers first.
    Received,
}

worded! { Order: Changed "changed", Name "name", Received "received" }

/// Forms on a page of the list.
pub const PAGE: i64 = 20;

/// The state of the list, as its address says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// Found in name or title.
    pub search: String,
    /// Only in this state; nothing: all but the archived.
    pub state: Option<State>,
    /// Order.
    pub order: Order,
    /// From 1.
    pub page: i64,
}

impl Filter {
    /// From the address: `get` answers the value of a query parameter.
    pub fn parse(get: impl Fn(&str) -> Option<String>) -> Self {
        let text = |name: &str| get(name).filter(|v| !v.is_empty());
        Self {
            search: text("q").unwrap_or_default().trim().chars().take(100).collect(),
            state: text("state").as_deref().and_then(State::parse),
            order: text("sort").as_deref().and_then(Order::parse).unwrap_or_default(),
            page: page(text("page")),
        }
    }
}

/// A page's number from an address, from 1.
pub(super) fn page(text: Option<String>) -> i64 {
    text.and_then(|p| p.parse().ok()).filter(|p| (1..1_000_000).contains(p)).unwrap_or(1)
}

/// What is wrong with a name.
pub fn name_problem(name: &str) -> Option<Problem> {
    let name = name.trim();
    if name.is_empty() {
        return Some(Problem::new("name", "名前を書いてください"));
    }
    (name.chars().count() > NAME_MAX || name.chars().any(char::is_control))
        .then(|| Problem::new("name", format!("名前は、{NAME_MAX}文字までの1行にしてください")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_and_orders_read_what_they_are_called() {
        for state in State::ALL {
            assert_eq!(State::parse(state.name()), Some(state));
            assert_eq!(serde_json::to_string(&state).unwrap(), format!("\"{}\"", state.name()));
        }
    }

    #[test]
    fn an_address_of_another_day_still_opens_the_list() {
        let asked = |name: &str| match name {
            "q" => Some(" 罹災 ".to_owned()),
            "state" => Some("gone".to_owned()),
            "page" => Some("-3".to_owned()),
            _ => None,
        };
        let filter = Filter::parse(asked);
        assert_eq!(filter, Filter { search: "罹災".into(), page: 1, ..Filter::default() });
    }

    #[test]
    fn names() {
        assert!(name_problem("犬の登録").is_none());
        for bad in ["", "  ", "a\nb", &"長".repeat(61)] {
            assert!(name_problem(bad).is_some(), "{bad}");
        }
    }
}
