//! What the pages of courses show, as it crosses from server to browser.

use super::{Anchor, Content, Late, Step};
use crate::attribute::Catalog;
use crate::audience::Audience;
use crate::id::{CourseId, DeliveryId, DepartmentId, ResidentId, StaffId, TemplateId};
use crate::language::Language;
use crate::link::Own;
use crate::problem::Problem;
use crate::time::{Date, Timestamp};
use serde::{Deserialize, Serialize};

/// Where a course stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// 準備中: it was never in force.
    Draft,
    /// 配信中.
    Running,
    /// 休止中: nothing is sent, and nothing is made up for.
    Paused,
    /// 終わりました, for good.
    Ended,
}

/// A request that a second person put a course in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Who asks.
    pub by: Option<StaffId>,
    /// Their name.
    pub name: String,
    /// When.
    pub at: Timestamp,
    /// Residents in the course, as they saw it.
    pub people: i64,
    /// A word to the other.
    pub words: String,
}

/// A course.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    /// Id.
    pub id: CourseId,
    /// For staff.
    pub name: String,
    /// Whose it is.
    pub department: Option<DepartmentId>,
    /// Its name.
    pub department_name: String,
    /// Where it stands.
    pub state: State,
    /// What is being written. While nothing is being changed, what is in force.
    pub written: Content,
    /// What is sent, once it was put in force.
    pub in_force: Option<Content>,
    /// The next moment at which something may be due.
    pub next_at: Option<Timestamp>,
    /// Since when it pauses.
    pub paused_at: Option<Timestamp>,
    /// What waits for a second person.
    pub request: Option<Request>,
    /// Residents for whom a second person has approved what is in force.
    pub approved: Option<i64>,
    /// When it was last changed: the next change names it.
    pub updated_at: Timestamp,
}

impl Course {
    /// Whether something was written that is not in force.
    pub fn is_changed(&self) -> bool {
        self.in_force.as_ref() != Some(&self.written)
    }
}

/// A line of 「できごと」 of a course.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: String,
    /// More of it.
    pub detail: String,
    /// Who; empty for the system.
    pub by: String,
}

/// How many a course, or one step, will reach.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// What is still to come today.
    pub today: i64,
    /// Tomorrow.
    pub tomorrow: i64,
    /// Today and the six days after.
    pub week: i64,
    /// Today and the thirty days after.
    pub month: i64,
}

/// What came of a step so far: the sums of its deliveries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// Which step.
    pub step: u32,
    /// Deliveries.
    pub deliveries: i64,
    /// To so many.
    pub recipients: i64,
    /// LINE took them.
    pub accepted: i64,
    /// Readers, of the deliveries of which LINE tells them.
    pub readers: Option<i64>,
    /// Taps on their links.
    pub taps: i64,
}

/// A course in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CourseRow {
    /// The course, without its steps' contents.
    pub course: Course,
    /// Whether something was written that is not in force.
    pub changed: bool,
    /// 「お子さんの誕生日」
    pub anchor: String,
    /// Residents in it.
    pub people: i64,
    /// How many it will reach.
    pub reach: Reach,
    /// Whether this person may change it.
    pub may_write: bool,
}

/// A course with all that its page shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    /// The course.
    pub course: Course,
    /// What must be mended in what is written.
    pub problems: Vec<Problem>,
    /// What staff should know of it.
    pub warnings: Vec<String>,
    /// All attributes.
    pub catalog: Catalog,
    /// Residents in what is written; nothing while it cannot be counted.
    pub people: Option<i64>,
    /// How many what is written will reach.
    pub reach: Reach,
    /// The same for each step, by number.
    pub reaches: Vec<(u32, Reach)>,
    /// What came of each step.
    pub figures: Vec<Figure>,
    /// Messages and people whom the pause has left out so far.
    pub missed: (usize, i64),
    /// Deliveries that are held for a person.
    pub held: Vec<DeliveryId>,
    /// Deliveries that wait for the end of the quiet hours, and until when.
    pub waiting: Vec<(DeliveryId, Timestamp)>,
    /// Why this person has to ask a second one: above so many, or for their role.
    pub need: Option<crate::delivery::approval::Need>,
    /// What happened, newest first.
    pub events: Vec<Event>,
    /// Whether this person may change it.
    pub may_write: bool,
    /// Whether this person may put it in force.
    pub may_send: bool,
    /// Whether this person asked for approval, and so cannot give it.
    pub asked_by_me: bool,
    /// When this was read.
    pub now: Timestamp,
}

/// One step for its editor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenedStep {
    /// The course's id.
    pub course: CourseId,
    /// Its name.
    pub name: String,
    /// 「お子さんの誕生日」
    pub anchor: String,
    /// The step.
    pub step: Step,
    /// Everybody who gets steps of this course.
    pub everybody: Audience,
    /// All attributes.
    pub catalog: Catalog,
    /// The city's own addresses.
    pub own: Own,
    /// When the course was last changed.
    pub seen: Timestamp,
    /// Whether it can be changed.
    pub may_write: bool,
    /// When this was read.
    pub now: Timestamp,
}

/// A change of what is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Edit {
    /// Name, day and audience.
    Settings {
        /// For staff.
        name: String,
        /// From which day.
        anchor: Anchor,
        /// Who; nothing: all who have such a day.
        audience: Option<Audience>,
        /// Who registers late.
        late: Late,
    },
    /// A new step, blank or with the content of a template.
    Add(Step, Option<TemplateId>),
    /// A step, as it was seen and as it is to be.
    Change(Box<Step>, Box<Step>),
    /// Takes a step away.
    Remove(u32),
    /// Brings a step back that was taken away, under its own number.
    PutBack(Step),
}

/// What became of a step for one resident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sent {
    /// LINE took it.
    Yes(DeliveryId),
    /// Its time has passed without it.
    Missed,
    /// Still to come.
    Coming,
}

/// One step of one resident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mine {
    /// The step.
    pub step: Step,
    /// When it is sent to them.
    pub at: Timestamp,
    /// The language in which they get it.
    pub language: Language,
    /// What became of it.
    pub sent: Sent,
}

/// A course as one resident gets it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preview {
    /// The course's id.
    pub course: CourseId,
    /// Its name.
    pub name: String,
    /// 「お子さんの誕生日」
    pub anchor: String,
    /// Whose steps these are; nothing for a day that was typed.
    pub resident: Option<ResidentId>,
    /// From which day; nothing if the resident has none.
    pub day: Option<Date>,
    /// Why nothing comes to them; nothing if it does.
    pub outside: Option<String>,
    /// In the order in which they come.
    pub steps: Vec<Mine>,
    /// The languages in which some step is written beside the base.
    pub languages: Vec<Language>,
    /// A few residents of the course with their days, to look at.
    pub examples: Vec<(ResidentId, Date)>,
    /// For what is filled in.
    pub catalog: Catalog,
    /// The city's own addresses.
    pub own: Own,
    /// When this was read.
    pub now: Timestamp,
}
