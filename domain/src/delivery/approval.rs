//! Approval by a second person (承認), and what is sent without it and looked at
//! afterwards. Off until a city sets a number.

use super::Status;
use crate::id::StaffId;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What a city has decided about sending.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// To more residents than this, a second person approves; nothing: approval is off.
    pub above: Option<i64>,
}

impl Rules {
    /// Largest number that can be set.
    pub const ABOVE_MAX: i64 = 10_000_000;

    /// Whether a delivery to so many of an audience needs a second person, whatever its purpose:
    /// a copy of a test may go to residents. What goes to testers has no audience.
    pub fn need_approval(self, people: i64) -> bool {
        self.above.is_some_and(|above| people > above)
    }
}

/// Whether the time of a delivery has passed while it waits for approval: it cannot be
/// approved any more, only sent back, taken back or cancelled.
pub fn overdue(status: Status, send_at: Option<Timestamp>, now: Timestamp) -> bool {
    status == Status::AwaitingApproval && send_at.is_some_and(|at| at < now)
}

/// Why a member of staff has to ask for approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Need {
    /// It goes to more than the city's number.
    Above(i64),
    /// This person prepares, and does not send.
    Role,
}

/// One act in the 決裁欄.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// 承認を求めた.
    Request,
    /// 承認した.
    Approve,
    /// 差しもどした.
    Return,
    /// 取り下げた, or the reservation was taken back to a draft.
    Withdraw,
    /// 承認を待たずに送った (an emergency only), with the reason.
    Override,
    /// 事後に確かめた.
    Review,
}

impl Act {
    /// Every act.
    pub const ALL: &[Self] =
        &[Self::Request, Self::Approve, Self::Return, Self::Withdraw, Self::Override, Self::Review];

    /// The name in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Approve => "approve",
            Self::Return => "return",
            Self::Withdraw => "withdraw",
            Self::Override => "override",
            Self::Review => "review",
        }
    }

    /// The act of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|a| a.name() == name)
    }
}

/// An act with who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What.
    pub act: Act,
    /// Who; nothing for another system.
    pub by: Option<StaffId>,
    /// Their name.
    pub name: String,
    /// Their department.
    pub department: String,
    /// When.
    pub at: Timestamp,
    /// Recipients as they saw them.
    pub people: i64,
    /// A word to the other, or the reason.
    pub words: String,
}

/// All acts of one delivery, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval(pub Vec<Step>);

impl Approval {
    fn last(&self, acts: &[Act]) -> Option<&Step> {
        self.0.iter().rev().find(|s| acts.contains(&s.act))
    }

    /// The request that stands: the last act that opened or closed one.
    pub fn request(&self) -> Option<&Step> {
        self.last(&[Act::Request, Act::Return, Act::Withdraw]).filter(|s| s.act == Act::Request)
    }

    /// The act by which it may be sent, if it may.
    pub fn leave(&self) -> Option<&Step> {
        self.last(&[Act::Request, Act::Return, Act::Withdraw, Act::Approve, Act::Override])
            .filter(|s| matches!(s.act, Act::Approve | Act::Override))
    }

    /// Why it was sent back, while nobody has asked again.
    pub fn returned(&self) -> Option<&Step> {
        self.last(&[Act::Request, Act::Return, Act::Withdraw, Act::Override])
            .filter(|s| s.act == Act::Return)
    }

    /// What was sent without approval and nobody has looked at yet. What was taken back before it
    /// left reached nobody.
    pub fn unreviewed(&self) -> Option<&Step> {
        self.last(&[Act::Override, Act::Review, Act::Withdraw]).filter(|s| s.act == Act::Override)
    }

    /// Who must not be the second person: who asked, or who sent without asking.
    pub fn first_person(&self) -> Option<StaffId> {
        self.unreviewed().or_else(|| self.request()).and_then(|s| s.by)
    }

    /// Whether so many are covered: as approved, and a tenth (at least ten people)
    /// more, since the audience is frozen later than it was approved.
    pub fn covers(&self, people: i64) -> bool {
        self.leave().is_some_and(|s| people <= s.people + (s.people / 10).max(10))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn step(act: Act, by: i64, people: i64) -> Step {
        Step {
            act,
            by: Some(StaffId(by)),
            name: String::new(),
            department: String::new(),
            at: Timestamp(0),
            people,
            words: String::new(),
        }
    }

    #[test]
    fn the_number_is_the_city_s() {
        let rules = Rules { above: Some(3_000) };
        assert!(!rules.need_approval(3_000));
        assert!(rules.need_approval(3_001));
        assert!(!Rules::default().need_approval(i64::MAX));
    }

    #[test]
    fn what_waits_is_overdue_once_its_time_has_passed() {
        let late = |status, at: Option<i64>| overdue(status, at.map(Timestamp), Timestamp(10));
        assert!(late(Status::AwaitingApproval, Some(9)));
        assert!(!late(Status::AwaitingApproval, Some(10)));
        assert!(!late(Status::AwaitingApproval, None), "it leaves when it is approved");
        assert!(!late(Status::Scheduled, Some(9)));
    }

    #[test]
    fn asked_returned_asked_approved() {
        let mut a = Approval::default();
        assert_eq!((a.request(), a.leave(), a.returned()), (None, None, None));
        a.0.push(step(Act::Request, 1, 3_268));
        assert_eq!(a.first_person(), Some(StaffId(1)));
        a.0.push(step(Act::Return, 2, 0));
        assert!(a.request().is_none() && a.returned().is_some());
        a.0.push(step(Act::Request, 3, 3_268));
        assert!(a.returned().is_none() && a.leave().is_none());
        a.0.push(step(Act::Approve, 2, 3_268));
        assert!(a.leave().is_some() && a.covers(3_268 + 326) && !a.covers(3_268 + 327));
        // Back to a draft: what was approved is approved no longer.
        a.0.push(step(Act::Withdraw, 1, 0));
        assert!(a.leave().is_none() && !a.covers(1));
    }

    #[test]
    fn what_was_sent_without_waiting_is_looked_at_afterwards() {
        let mut a = Approval(vec![step(Act::Override, 1, 100)]);
        assert!(a.leave().is_some() && a.unreviewed().is_some());
        assert!(a.covers(110) && !a.covers(111));
        a.0.push(step(Act::Review, 2, 0));
        assert!(a.unreviewed().is_none() && a.leave().is_some());
    }

    #[test]
    fn what_was_taken_back_before_it_left_is_asked_for_anew() {
        let mut a = Approval(vec![step(Act::Override, 1, 100), step(Act::Withdraw, 1, 0)]);
        assert!(a.unreviewed().is_none() && a.leave().is_none());
        a.0.push(step(Act::Request, 2, 100));
        assert_eq!(a.first_person(), Some(StaffId(2)), "not who wanted to send it before");
    }

    proptest! {
        #[test]
        fn nothing_leaves_on_an_approval_that_was_taken_back(acts in prop::collection::vec(0..Act::ALL.len(), 0..12)) {
            let approval = Approval(acts.iter().map(|i| step(Act::ALL[*i], 1, 5)).collect());
            let closing = approval.0.iter().rposition(|s| matches!(s.act, Act::Return | Act::Withdraw | Act::Request));
            let opening = approval.0.iter().rposition(|s| matches!(s.act, Act::Approve | Act::Override));
            prop_assert_eq!(approval.leave().is_some(), opening.is_some() && opening > closing);
        }
    }
}
