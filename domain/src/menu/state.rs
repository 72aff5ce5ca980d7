//! What the worker that publishes is doing, and what was declared.

use super::publish::{Cost, Plan};
use super::{Disaster, Mode, SheetKey};
use crate::time::{Date, Timestamp, thousands};
use serde::{Deserialize, Serialize};

/// The name of the setting in which the worker says what it does.
pub const PUBLISHING: &str = "menu.publishing";

/// What the worker does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Doing {
    /// Everything is as it is to be.
    #[default]
    Idle,
    /// It changes what LINE holds.
    Working,
    /// It waits for a limit of LINE's, or for LINE to answer again.
    Waiting,
    /// It cannot go on without a person.
    Failed,
}

impl Doing {
    /// In words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Idle => "反映ずみ",
            Self::Working => "反映中",
            Self::Waiting => "待機中",
            Self::Failed => "反映できません",
        }
    }
}

/// How far publishing is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Publishing {
    /// What the worker does.
    pub doing: Doing,
    /// What is happening, in a sentence.
    pub words: String,
    /// Calls to LINE that are done, of this plan.
    pub done: i64,
    /// Calls to LINE of this plan.
    pub total: i64,
    /// Until when it waits.
    pub until: Option<Timestamp>,
    /// What went wrong, and what to do.
    pub error: Option<String>,
    /// When it last looked at what LINE holds.
    pub looked_at: Option<Timestamp>,
    /// The names of the menus at LINE that are not ours: they are never touched.
    pub foreign: Vec<String>,
}

/// What is still to be done, or would be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forecast {
    /// Calls and time.
    pub cost: Cost,
    /// Why it could not be finished, if so.
    pub blocked: Option<String>,
    /// How many friends are looked at.
    pub friends: i64,
    /// How many of them see another menu afterwards, of their own or by the default.
    pub affected: i64,
}

impl Forecast {
    /// Of a plan.
    pub fn of(plan: &Plan, cost: Cost, friends: i64, affected: i64) -> Self {
        Self { cost, blocked: plan.blocked.clone(), friends, affected }
    }

    /// In words: 「友だち200,000人のうち…」.
    pub fn words(&self) -> String {
        format!(
            "友だち{}人のうち{}人の画面が変わります。{}",
            thousands(self.friends),
            thousands(self.affected),
            self.cost.words()
        )
    }
}

/// An emergency that was declared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declared {
    /// Which row of the record.
    pub id: i64,
    /// For what.
    pub disaster: Disaster,
    /// Meant, or a drill.
    pub mode: Mode,
    /// Since when.
    pub began_at: Timestamp,
    /// By whom.
    pub began_by: String,
    /// Until when; nothing while it holds.
    pub ended_at: Option<Timestamp>,
    /// By whom it was ended.
    pub ended_by: String,
}

/// How often an area was tapped on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TapCount {
    /// On which sheet.
    pub sheet: SheetKey,
    /// The key of the area.
    pub area: u16,
    /// Meant, or in a drill.
    pub mode: Mode,
    /// As what the menu was shown: 「ふだん」, the name of a variant, 「緊急：地震」.
    pub variant: String,
    /// When.
    pub day: Date,
    /// How often.
    pub taps: i64,
}

impl Mode {
    /// The name in the database and in REST.
    pub fn name(self) -> &'static str {
        match self {
            Self::Real => "real",
            Self::Drill => "drill",
        }
    }

    /// The mode of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Real, Self::Drill].into_iter().find(|m| m.name() == name)
    }

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Real => "本番",
            Self::Drill => "訓練",
        }
    }
}
