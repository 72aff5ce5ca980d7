//! Answers as staff see them: the list, and one with its history (FORM-4, FORM-11).

use super::answer::{Answers, Place, Submission};
use super::definition::{Form, Question};
use super::kept::page;
use super::terms::Status;
use crate::id::{AnswerId, BlobId, DepartmentId, FormId, ResidentId};
use crate::time::{Date, Timestamp};
use serde::{Deserialize, Serialize};

/// Answers on a page of the list.
pub const PAGE: i64 = 50;

/// Which answers are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// Those that are not withdrawn, or whose withdrawal nobody has read.
    #[default]
    Open,
    /// Those that are.
    Withdrawn,
    /// Both.
    All,
}

worded! { Shown: Open "open", Withdrawn "withdrawn", All "all" }

/// The answers to a form that nobody has read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// The form.
    pub form: FormId,
    /// What staff call it.
    pub name: String,
    /// Whose it is.
    pub department: Option<String>,
    /// How many.
    pub count: i64,
    /// When the first of them came, or was taken back.
    pub oldest: Timestamp,
}

/// In which order answers are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// The newest first.
    #[default]
    Newest,
    /// The oldest first.
    Oldest,
    /// The last changed first.
    Changed,
    /// By receipt number.
    Receipt,
}

worded! { Order: Newest "newest", Oldest "oldest", Changed "changed", Receipt "receipt" }

/// The state of the list, as its address says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// Only of this form.
    pub form: Option<FormId>,
    /// Only of forms of this department.
    pub department: Option<DepartmentId>,
    /// How the receipt number begins.
    pub search: String,
    /// Only with this status.
    pub status: Option<String>,
    /// Withdrawn or not.
    pub state: Shown,
    /// Only those that nobody has read.
    pub unread: bool,
    /// Only those with which something is still to do.
    #[serde(default)]
    pub open: bool,
    /// From this day on.
    pub from: Option<Date>,
    /// Up to this day, which is within.
    pub until: Option<Date>,
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
            form: text("form").and_then(|f| f.parse().ok()),
            department: text("department").and_then(|d| d.parse().ok()),
            search: text("q").unwrap_or_default().trim().chars().take(60).collect(),
            status: text("status").filter(|s| super::is_question_key(s)),
            state: text("state").as_deref().and_then(Shown::parse).unwrap_or_default(),
            unread: text("unread").is_some(),
            open: text("open").is_some(),
            from: text("from").as_deref().and_then(Date::parse_iso),
            until: text("until").as_deref().and_then(Date::parse_iso),
            order: text("sort").as_deref().and_then(Order::parse).unwrap_or_default(),
            page: page(text("page")),
        }
    }
}

/// An answer in the list: nothing of what was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Id.
    pub id: AnswerId,
    /// To which form.
    pub form: FormId,
    /// What staff call it.
    pub form_name: String,
    /// Name of the department in charge; empty if there is none.
    pub department: String,
    /// Receipt number.
    pub receipt: String,
    /// Key of its status; empty if the form has none.
    pub status: String,
    /// What staff read of it.
    pub status_label: String,
    /// Sent.
    pub at: Timestamp,
    /// Last changed by anybody.
    pub changed_at: Timestamp,
    /// The version of the definition.
    pub version: u64,
    /// Nobody has read it.
    pub unread: bool,
    /// Taken back.
    pub withdrawn: bool,
    /// Corrected by whoever sent it.
    pub corrected: bool,
    /// How many files came with it.
    pub files: i64,
}

/// A page of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// The answers of this page.
    pub rows: Vec<Listed>,
    /// How many there are in all.
    pub total: i64,
    /// How many of the actor's department nobody has read, whatever is filtered.
    pub unread: i64,
    /// The departments that have answers, by name; none for whoever sees one department alone.
    pub departments: Vec<(DepartmentId, String)>,
}

/// What happened to an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// It was sent.
    Sent,
    /// Whoever sent it corrected it.
    Corrected,
    /// Whoever sent it took it back.
    Withdrawn,
    /// Staff gave it another status.
    Status,
    /// Staff filled in their fields.
    Staff,
    /// Staff wrote a note.
    Note,
}

impl What {
    const ALL: [(Self, &str, &str); 6] = [
        (Self::Sent, "sent", "送りました"),
        (Self::Corrected, "corrected", "直しました"),
        (Self::Withdrawn, "withdrawn", "取り下げました"),
        (Self::Status, "status", "状態を変えました"),
        (Self::Staff, "staff", "職員の欄を書きました"),
        (Self::Note, "note", "メモを書きました"),
    ];

    /// The name in the database.
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// In words.
    pub fn label(self) -> &'static str {
        Self::ALL[self as usize].2
    }

    /// What has that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, n, _)| *n == name).map(|(w, ..)| w)
    }
}

/// A line of an answer's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: What,
    /// By whom: a member of staff, 申請者.
    pub by: String,
    /// What changed, in words.
    pub detail: String,
}

/// A file that came with an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileOf {
    /// By which the answer names it.
    pub id: BlobId,
    /// The question, `children.photo` within a group.
    pub question: String,
    /// As it was called where it came from.
    pub name: String,
    /// `image/jpeg`.
    pub media_type: String,
    /// In bytes.
    pub size: i64,
    /// In pixels, of a photo.
    pub width: Option<u32>,
    /// In pixels, of a photo.
    pub height: Option<u32>,
    /// Where it was taken, if the question asks for it.
    pub position: Option<Place>,
}

/// An answer with everything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Full {
    /// Id.
    pub id: AnswerId,
    /// To which form.
    pub form: FormId,
    /// What staff call it.
    pub form_name: String,
    /// Receipt number.
    pub receipt: String,
    /// Key of its status; empty if the form has none.
    pub status: String,
    /// What was answered.
    pub submission: Submission,
    /// The definition under which it was.
    pub definition: Form,
    /// The states of the form in force.
    pub statuses: Vec<Status>,
    /// The staff's questions of the form in force.
    pub staff_questions: Vec<Question>,
    /// What staff filled in, as it was typed.
    pub staff: Answers,
    /// Sent.
    pub at: Timestamp,
    /// Last changed by anybody.
    pub changed_at: Timestamp,
    /// First read.
    pub read_at: Option<Timestamp>,
    /// Taken back.
    pub withdrawn_at: Option<Timestamp>,
    /// When it will be deleted.
    pub delete_at: Option<Timestamp>,
    /// Who sent it, if they are known.
    pub resident: Option<ResidentId>,
    /// Names the edition that is seen; given back with a change.
    pub edition: i64,
    /// What came with it.
    pub files: Vec<FileOf>,
    /// What happened to it, the oldest first.
    pub history: Vec<Event>,
    /// The actor may change it.
    pub may_write: bool,
    /// The next older one of the form.
    pub previous: Option<AnswerId>,
    /// The next newer one.
    pub next: Option<AnswerId>,
}

/// An answer for tables, figures and exports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// Id.
    pub id: AnswerId,
    /// Receipt number.
    pub receipt: String,
    /// Key of its status.
    pub status: String,
    /// Sent.
    pub at: Timestamp,
    /// Last changed by anybody.
    pub changed_at: Timestamp,
    /// What was answered.
    pub submission: Submission,
    /// What staff filled in.
    pub staff: Answers,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_addresses_and_of_the_database_are_read() {
        for (what, name, _) in What::ALL {
            assert_eq!((what.name(), What::parse(name)), (name, Some(what)));
        }
    }

    #[test]
    fn a_filter_takes_what_it_knows() {
        let filter = Filter::parse(|name| match name {
            "form" => Some("7".into()),
            "department" => Some("3".into()),
            "status" => Some("x; DROP".into()),
            "unread" => Some("1".into()),
            "from" => Some("2026-11-01".into()),
            "until" => Some("soon".into()),
            "sort" => Some("receipt".into()),
            _ => None,
        });
        assert_eq!((filter.form, filter.department), (Some(FormId(7)), Some(DepartmentId(3))));
        assert_eq!((filter.status, filter.until, filter.page), (None, None, 1));
        assert!(filter.unread && filter.from.is_some() && filter.order == Order::Receipt);
    }
}
