//! What pages of deliveries show, as it crosses from server to browser.

use super::approval::Need;
use super::compare::{Compared, asks};
use super::quota::Short;
use super::{CallState, Delivery, Happening, Purpose, Reason, Variant};
use crate::audience::{Audience, Explored};
use crate::id::DeliveryId;
use crate::language::Language;
use crate::menu::{Switch, SwitchTo, Switches};
use crate::message::Part;
use crate::problem::Problem;
use crate::recurrence::Recurrence;
use crate::time::{SECOND, Timestamp};
use serde::{Deserialize, Serialize};

/// What of a draft is saved; it may be unfinished.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// For staff, at most 100 characters.
    pub title: String,
    /// Why.
    pub purpose: Purpose,
    /// Who, if chosen yet.
    pub audience: Option<Audience>,
    /// What.
    pub parts: Vec<Part>,
    /// When; nothing means at once, [`super::UNDECIDED`] that it has to be given yet.
    pub send_at: Option<Timestamp>,
    /// Again and again by a rule; then there is no one time.
    pub recurrence: Option<Recurrence>,
    /// Addresses that are sent as they are, so that their taps are not counted.
    #[serde(default)]
    pub uncounted: Vec<String>,
    /// The same in other languages.
    #[serde(default)]
    pub variants: Vec<Variant>,
    /// What of the emergency menus was chosen.
    #[serde(default)]
    pub switch_to: SwitchTo,
}

impl From<&Delivery> for Draft {
    fn from(d: &Delivery) -> Self {
        Self {
            title: d.title.clone(),
            purpose: d.purpose,
            audience: d.audience.clone(),
            parts: d.parts.clone(),
            send_at: d.send_at.filter(|_| d.recurrence.is_none()),
            recurrence: d.recurrence.clone(),
            uncounted: d.uncounted.clone(),
            variants: d.variants.clone(),
            switch_to: d.switch_to,
        }
    }
}

/// What the composer's panel 「送る前の確認」 shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// What must be mended before it can be sent, at `/title`, `/parts/0/text`, `/audience/…`.
    pub problems: Vec<Problem>,
    /// What staff should know.
    pub warnings: Vec<String>,
    /// What was looked at and is well.
    pub passed: Vec<String>,
    /// What could not be looked at, for nobody's fault.
    #[serde(default)]
    pub unsure: Vec<String>,
    /// Who gets it; nothing while the audience has problems.
    pub who: Option<Explored>,
    /// Calls to LINE, at most.
    pub calls: i64,
    /// Each resident may read something of their own: LINE takes such calls faster, but one a resident.
    pub each: bool,
    /// To all friends, whatever they registered: the head count must be typed.
    pub everyone: bool,
    /// Of all friends it reaches those whom we know: LINE does not tell who the others are, and its
    /// broadcast would spare nobody, or say the same to all.
    #[serde(default)]
    pub only_known: bool,
    /// Why this person has to ask a second one; nothing: may send.
    pub approval: Option<Need>,
    /// It would begin in the quiet hours, which are over then.
    pub quiet: Option<Timestamp>,
    /// Residents who will be withheld for having had enough.
    pub over: i64,
    /// Beside the last similar delivery.
    pub compared: Option<Compared>,
    /// What LINE lets the city send this month does not suffice for it.
    #[serde(default)]
    pub short: Option<Short>,
    /// How many get it in each language, the base first; nothing without variants.
    #[serde(default)]
    pub languages: Vec<(Language, i64)>,
    /// To which emergency menus it may switch; nothing where that is not offered.
    #[serde(default)]
    pub switches: Option<Switches>,
    /// To which emergency menus it would switch.
    #[serde(default)]
    pub switch: Option<Switch>,
    /// The nearest other delivery within an hour that some of the same people get.
    #[serde(default)]
    pub near: Option<Near>,
}

impl Check {
    /// How many it is for, whether they had enough or not; 0 while the audience has problems.
    pub fn people(&self) -> i64 {
        self.who.as_ref().map_or(0, |who| who.count)
    }

    /// How many of them get it.
    pub fn reached(&self) -> i64 {
        (self.people() - self.over).max(0)
    }

    /// The striking difference from last time that has to be ticked for this purpose.
    pub fn strikes(&self, purpose: Purpose) -> Option<&Compared> {
        self.compared.as_ref().filter(|c| c.striking && asks(purpose))
    }

    /// What is left of the month at LINE, where it does not suffice and that has to be ticked.
    pub fn too_few(&self, purpose: Purpose) -> Option<Short> {
        self.short.filter(|_| asks(purpose))
    }
}

/// Another delivery to some of the same people, within an hour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Near {
    /// The delivery; of a series, the series.
    pub id: DeliveryId,
    /// For staff.
    pub title: String,
    /// When it began, or is to begin.
    pub at: Timestamp,
    /// How many get both, as they are registered now.
    pub people: i64,
}

/// Most cells of the picture of a delivery's calls; of more calls, several share one.
pub const CELLS_MAX: i64 = 420;

/// Calls of one cell that stand alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calls {
    /// Which cell, from 0, in the order of sending.
    pub cell: i64,
    /// How they stand.
    pub state: CallState,
    /// They were tried before and are not over: they are being sent again.
    pub again: bool,
    /// How many calls.
    pub calls: i64,
    /// Residents in them.
    pub residents: i64,
}

/// Everything that the page of a delivery shows, read from one snapshot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// The delivery with its figures.
    pub delivery: Delivery,
    /// Its calls, cell by cell.
    pub calls: Vec<Calls>,
    /// What happened, newest first.
    pub happenings: Vec<Happening>,
    /// Who did not get it, by reason.
    pub reasons: Vec<(Reason, i64)>,
    /// Residents who can still be spared: in calls of which LINE has taken nothing.
    pub stoppable: i64,
    /// When this was read.
    pub now: Timestamp,
}

/// Whether the figures of a delivery agree with what lies under them (design rule 1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// Residents in calls that have not ended, counted from the calls.
    pub waiting: i64,
    /// Recipients that no figure and no open call accounts for; below 0, counted twice.
    pub difference: i64,
    /// Failed residents without a reason; below 0, more reasons than failures.
    pub failed_unexplained: i64,
    /// Withheld residents without a reason; below 0, more reasons than withheld.
    pub withheld_unexplained: i64,
}

impl Sum {
    /// Every recipient is accounted for, each exception with its reason.
    pub fn holds(&self) -> bool {
        self.difference == 0 && self.failed_unexplained == 0 && self.withheld_unexplained == 0
    }
}

impl Progress {
    /// Adds up again, from the calls and the reasons.
    pub fn sum(&self) -> Sum {
        let f = self.delivery.figures;
        let waiting = self
            .calls
            .iter()
            .filter(|c| matches!(c.state, CallState::Pending | CallState::Sending))
            .map(|c| c.residents)
            .sum::<i64>();
        let explained = |failure: bool| {
            self.reasons
                .iter()
                .filter(|(r, _)| r.is_failure() == failure)
                .map(|(_, n)| n)
                .sum::<i64>()
        };
        Sum {
            waiting,
            difference: f.recipients - f.accepted - f.failed - f.withheld - waiting,
            failed_unexplained: f.failed - explained(true),
            withheld_unexplained: f.withheld - explained(false),
        }
    }

    /// How many may have got it though it failed: LINE never said whether it took it for them.
    pub fn in_doubt(&self) -> i64 {
        self.reasons.iter().filter(|(r, _)| *r == Reason::Unknown).map(|(_, n)| n).sum()
    }

    /// Whether it has reached somebody, or may have, or may yet.
    pub fn may_reach(&self) -> bool {
        let f = self.delivery.figures;
        f.accepted > 0 || f.waiting() > 0 || self.in_doubt() > 0
    }

    /// Whether nothing can change any more: the certificate is final.
    pub fn is_final(&self) -> bool {
        self.delivery.status.is_final() && self.delivery.figures.waiting() == 0
    }

    /// When it will probably be over, by the pace so far; nothing before the first
    /// answers, or when nothing is left.
    pub fn expected_end(&self) -> Option<Timestamp> {
        let f = self.delivery.figures;
        let elapsed = self.now.since(self.delivery.started_at?);
        let ended = f.accepted + f.failed;
        (elapsed >= SECOND && ended > 0 && f.waiting() > 0).then(|| {
            self.now.plus(
                i64::try_from(i128::from(elapsed) * i128::from(f.waiting()) / i128::from(ended))
                    .unwrap_or(i64::MAX),
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::{Figures, Status};

    fn progress(figures: Figures, calls: Vec<Calls>, reasons: Vec<(Reason, i64)>) -> Progress {
        let at = Timestamp(1_795_000_000_000_000);
        let delivery = Delivery {
            status: Status::Sending,
            send_at: Some(at),
            frozen_at: Some(at),
            started_at: Some(at),
            figures,
            ..Delivery::blank(DeliveryId(1), at)
        };
        Progress {
            delivery,
            calls,
            happenings: Vec::new(),
            reasons,
            stoppable: 0,
            now: at.plus(4 * SECOND),
        }
    }

    #[test]
    fn the_sum_is_made_from_the_calls_and_the_reasons() {
        use CallState::{Accepted, Failed, Pending, Sending, Withheld};
        let figures = Figures { recipients: 2000, accepted: 499, failed: 1, withheld: 500 };
        let calls: Vec<Calls> =
            [(Accepted, 499), (Failed, 1), (Sending, 500), (Pending, 500), (Withheld, 500)]
                .into_iter()
                .map(|(state, residents)| Calls {
                    cell: 0,
                    state,
                    again: false,
                    calls: 1,
                    residents,
                })
                .collect();
        let reasons = vec![(Reason::RefusedId, 1), (Reason::Cancelled, 500)];
        let good = progress(figures, calls.clone(), reasons.clone());
        assert_eq!(good.sum(), Sum { waiting: 1000, ..Sum::default() });
        assert!(good.sum().holds());

        let lost = progress(figures, calls[..3].to_vec(), reasons);
        assert_eq!(lost.sum().difference, 500);
        assert!(!lost.sum().holds());

        let unexplained = progress(figures, calls, vec![(Reason::Cancelled, 500)]);
        assert_eq!((unexplained.sum().difference, unexplained.sum().failed_unexplained), (0, 1));
        assert!(!unexplained.sum().holds());
    }

    #[test]
    fn what_line_never_answered_about_may_have_been_reached() {
        let failed = |accepted, failed, why| {
            let figures = Figures { recipients: 5, accepted, failed, ..Figures::default() };
            let p = progress(figures, Vec::new(), vec![(why, failed)]);
            (p.in_doubt(), p.may_reach())
        };
        assert_eq!(failed(0, 5, Reason::Unknown), (5, true));
        assert_eq!(failed(0, 5, Reason::RefusedMessage), (0, false));
        assert_eq!(failed(3, 2, Reason::RefusedId), (0, true));
        assert_eq!(failed(0, 3, Reason::RefusedId), (0, true), "two of them wait");
    }

    #[test]
    fn the_end_is_expected_by_the_pace_so_far() {
        let p = progress(
            Figures { recipients: 3000, accepted: 2000, ..Figures::default() },
            Vec::new(),
            Vec::new(),
        );
        assert_eq!(p.expected_end(), Some(p.now.plus(2 * SECOND)));
        let over = progress(
            Figures { recipients: 3000, accepted: 3000, ..Figures::default() },
            Vec::new(),
            Vec::new(),
        );
        assert_eq!(over.expected_end(), None);
    }
}
