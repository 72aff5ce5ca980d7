//! Menus and the program as they are kept and listed.

use super::{Menu, Program, Sheet};
use crate::id::{DepartmentId, MenuId};
use crate::time::{Timestamp, thousands};
use serde::{Deserialize, Serialize};

/// Menus of one page of the list.
pub const PER_PAGE: i64 = 50;

/// What has become of a menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Never published.
    Draft,
    /// Published: the program may show it.
    Published,
    /// Put away.
    Archived,
}

impl Status {
    /// Every status.
    pub const ALL: &[Self] = &[Self::Draft, Self::Published, Self::Archived];

    /// The name in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "published",
            Self::Archived => "archived",
        }
    }

    /// In words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Draft => "下書き",
            Self::Published => "公開中",
            Self::Archived => "しまった",
        }
    }

    /// The status of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|s| s.name() == name)
    }
}

/// In which order menus are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// The last changed first.
    #[default]
    Changed,
    /// By name.
    Name,
}

/// What is asked of the list. What is put away is listed only where it is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filter {
    /// Found in the name.
    pub search: String,
    /// Of this department alone.
    pub department: Option<DepartmentId>,
    /// Of this status alone.
    pub status: Option<Status>,
    /// In which order.
    pub order: Order,
    /// Which page, from 0.
    pub page: i64,
}

/// A menu as it is listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Id.
    pub id: MenuId,
    /// Its name.
    pub name: String,
    /// What has become of it.
    pub status: Status,
    /// Whose it is.
    pub department: DepartmentId,
    /// The department's name.
    pub department_name: String,
    /// Of the draft: what the next save must name.
    pub version: i64,
    /// When the draft was last changed.
    pub updated_at: Timestamp,
    /// By whom.
    pub updated_by: String,
    /// When it was last published.
    pub published_at: Option<Timestamp>,
    /// By whom.
    pub published_by: String,
    /// Whether the draft says something else than what is published.
    pub changed: bool,
    /// How many sheets the draft has.
    pub sheets: i64,
    /// How many areas they have together.
    pub areas: i64,
    /// Areas that lead nowhere, of what residents see where it is published; counted in lists.
    pub broken: i64,
    /// The first sheet of the draft, for a small picture.
    pub first: Option<Sheet>,
    /// Whether who asks may change it.
    pub may_write: bool,
    /// Whether who asks may publish it.
    pub may_publish: bool,
}

/// A page of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Menus {
    /// The menus, the last changed first.
    pub rows: Vec<Summary>,
    /// How many there are on all pages.
    pub total: i64,
    /// Whether who asks may make one.
    pub may_write: bool,
}

/// A menu with its documents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// As it is listed.
    pub summary: Summary,
    /// What is edited.
    pub draft: Menu,
    /// What is published.
    pub published: Option<Menu>,
}

/// A menu that the draft of the program names, and that has to be published with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unpublished {
    /// Id.
    pub id: MenuId,
    /// Its name.
    pub name: String,
    /// Of its draft: what publishing must name.
    pub version: i64,
    /// Whether nothing is to be mended before.
    pub fits: bool,
    /// Whether who asks may publish it.
    pub may_publish: bool,
}

impl Unpublished {
    /// What is in the way of publishing it, in words; nothing where nothing is.
    pub fn hindrance(&self) -> Option<&'static str> {
        match (self.may_publish, self.fits) {
            (true, true) => None,
            (true, false) => Some("公開する前に、直すところがあります"),
            (false, _) => Some("ほかの所属のメニューなので、その所属の人が公開します"),
        }
    }
}

/// A former publication.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// The version of the draft that was published.
    pub version: i64,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
}

/// The program as it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptProgram {
    /// Of the draft: what the next save must name; 0 where there is none yet.
    pub version: i64,
    /// What is edited.
    pub draft: Option<Program>,
    /// What is published.
    pub published: Option<Program>,
    /// When.
    pub published_at: Option<Timestamp>,
    /// By whom.
    pub published_by: String,
    /// Whether the draft says something else than what is published.
    pub changed: bool,
    /// Whether who asks may change it.
    pub may_write: bool,
    /// Whether who asks may publish it.
    pub may_publish: bool,
    /// The trial that is on, if one is.
    #[serde(default)]
    pub trial: Option<ProgramTrial>,
    /// How many friends try things out for the city.
    #[serde(default)]
    pub testers: i64,
}

/// For how many hours testers may try out a draft of the program.
pub const TRIAL_HOURS: [u32; 4] = [1, 24, 3 * 24, 7 * 24];

/// A trial of a draft of the program: testers alone see what it says (RES-6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgramTrial {
    /// Since when.
    pub began_at: Timestamp,
    /// By whom.
    pub began_by: String,
    /// When it ends by itself.
    pub until: Timestamp,
    /// The name of a menu that they see instead, since its own trial was begun later.
    pub instead: Option<String>,
}

/// What a menu is used for, and what is lost with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// What the program, published or not, uses it for, in words: while there is anything, it
    /// can be neither put away nor deleted.
    pub named: Vec<String>,
    /// Testers are shown it before it is published: until then it is not deleted.
    pub tried: bool,
    /// The name of another menu that they are shown instead, since its trial was begun later.
    #[serde(default)]
    pub tried_instead: Option<String>,
    /// How often it was published.
    pub published: i64,
    /// Taps that were counted on it.
    pub taps: i64,
    /// Residents who chose it themselves.
    pub chosen: i64,
}

impl Usage {
    /// What is lost when it is deleted, in words.
    pub fn lost(&self) -> Vec<String> {
        let mut all = Vec::new();
        if self.published > 0 {
            all.push(format!("公開した内容の記録 {}回分", thousands(self.published)));
        }
        if self.taps > 0 {
            all.push(format!("押された回数の記録 {}回", thousands(self.taps)));
        }
        if self.chosen > 0 {
            let who = thousands(self.chosen);
            all.push(format!("このメニューを自分で選んだ {who}人の選択"));
        }
        all
    }
}
