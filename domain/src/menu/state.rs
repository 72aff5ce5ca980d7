//! What the worker that publishes is doing, and what was declared.

use super::publish::{BULK, Cost, Plan};
use super::{Disaster, Mode, SheetKey};
use crate::geometry::Rect;
use crate::time::{Date, Timestamp, period, thousands};
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
    /// Up to which publication or declaration all is done.
    pub epoch: i64,
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

    /// In words: 「友だち200,000人全員の画面が変わります。…」.
    pub fn words(&self) -> String {
        let (friends, affected) = (thousands(self.friends), thousands(self.affected));
        let who = match self.affected {
            0 => "いま、住民の画面は変わりません。".to_owned(),
            all if all >= self.friends => format!("友だち{friends}人全員の画面が変わります。"),
            _ => format!("友だち{friends}人のうち{affected}人の画面が変わります。"),
        };
        format!("{who}{}", self.cost.words())
    }

    /// Why fewer are switched by their own menus than see another menu, for whoever wonders about the few
    /// calls; nothing where they are the same.
    pub fn how(&self) -> Option<String> {
        let linked = i64::try_from(self.cost.residents).unwrap_or(i64::MAX);
        (0 < linked && linked < self.affected).then(|| {
            format!(
                "ほかの人とちがうメニューの{}人は、1回の呼び出しで{BULK}人まで切りかえます。残りの人の画面は、全員に共通のメニューを1回の呼び出しで入れかえると、いっしょに変わります。",
                thousands(linked)
            )
        })
    }
}

/// So many of the record of emergencies are shown, the last ones.
pub const DECLARED_SHOWN: u32 = 50;

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

/// To what a delivery switches when it begins, where the city has decided so (MENU-4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switch {
    /// The kind of disaster that is declared.
    pub disaster: Disaster,
    /// Meant, or a drill: then testers alone see it.
    pub mode: Mode,
}

impl Switch {
    /// For whoever is about to send: 「送ると、緊急メニュー（地震）に切りかわります」.
    pub fn words(self) -> String {
        let disaster = self.disaster.label();
        match self.mode {
            Mode::Real => format!("送ると、緊急メニュー（{disaster}）に切りかわります"),
            Mode::Drill => {
                format!("送ると、試験者の画面が、訓練の緊急メニュー（{disaster}）に切りかわります")
            }
        }
    }

    /// Afterwards: 「緊急メニュー（地震）に切りかえました」.
    pub fn done(self) -> String {
        let disaster = self.disaster.label();
        match self.mode {
            Mode::Real => format!("緊急メニュー（{disaster}）に切りかえました"),
            Mode::Drill => {
                format!("試験者の画面を、訓練の緊急メニュー（{disaster}）に切りかえました")
            }
        }
    }
}

/// What whoever writes an emergency delivery has chosen of the emergency menus (MENU-4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SwitchTo {
    /// Nothing: what the city has set.
    #[default]
    Rule,
    /// The menus stay as they are.
    Stay,
    /// The menus for this kind.
    Disaster(Disaster),
}

impl SwitchTo {
    /// The name in the database; nothing where nothing was chosen.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Rule => None,
            Self::Stay => Some("stay"),
            Self::Disaster(disaster) => Some(disaster.name()),
        }
    }

    /// What has that name.
    pub fn parse(name: Option<&str>) -> Option<Self> {
        match name {
            None => Some(Self::Rule),
            Some("stay") => Some(Self::Stay),
            Some(name) => Disaster::parse(name).map(Self::Disaster),
        }
    }
}

/// To what an emergency delivery may switch, where the city has decided that it does (MENU-4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switches {
    /// Meant, or a drill.
    pub mode: Mode,
    /// What the city has set for those who choose nothing.
    pub by_rule: Disaster,
    /// The kinds for which something is prepared.
    pub prepared: Vec<Disaster>,
    /// What holds already: it stays whatever is chosen.
    pub holds: Option<Disaster>,
}

impl Switches {
    /// What is chosen of what is prepared; nothing: the menus stay.
    pub fn chosen(&self, to: SwitchTo) -> Option<Disaster> {
        let wanted = match to {
            SwitchTo::Rule => self.by_rule,
            SwitchTo::Stay => return None,
            SwitchTo::Disaster(disaster) => disaster,
        };
        self.prepared.contains(&wanted).then_some(wanted)
    }

    /// To what it would switch now.
    pub fn switch(&self, to: SwitchTo) -> Option<Switch> {
        let disaster = self.chosen(to).filter(|_| self.holds.is_none())?;
        Some(Switch { disaster, mode: self.mode })
    }
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

/// Of how many days up to today LINE is asked for figures; ours are shown of any days.
pub const FIGURE_DAYS: [i64; 3] = [7, 30, 90];

/// Of which days figures are wanted, as an address says it: the last so many, or from a day to
/// another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FigurePeriod {
    /// The last so many, today among them.
    pub days: Option<i64>,
    /// The first day, as `2026-11-20`.
    pub from: String,
    /// The last day.
    pub until: String,
}

impl FigurePeriod {
    /// The first and the last day: a year at most, and the last 30 days where nothing is said.
    pub fn dates(&self, today: Date) -> (Date, Date) {
        match self.days {
            Some(days) => (Date::from_days(today.days() - days.clamp(1, 366) + 1), today),
            None => period(&self.from, &self.until, today, 365),
        }
    }
}

/// Whether LINE is asked for the figures of these days: it is for the last 7, 30 and 90 alone.
pub fn asked_of_line(from: Date, until: Date, today: Date) -> bool {
    until == today && FIGURE_DAYS.contains(&(until.days() - from.days() + 1))
}

/// What LINE counted of a sheet in the last so many days: of the menu that it holds now, made
/// anew when the sheet changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineFigures {
    /// How often the sheet was seen, and by about how many people; nothing where LINE does not
    /// tell, because fewer than 20 people tapped.
    pub seen: Option<(i64, i64)>,
    /// By the place of the area: how often it was tapped, and by about how many people.
    pub taps: Vec<(Rect, (i64, i64))>,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forecast_says_whose_screens_change_and_why_few_are_relinked() {
        let cost =
            Cost { calls: 3, residents: 1, shown_after: 120, done_after: 120, ..Cost::default() };
        let of = |affected| Forecast { cost, blocked: None, friends: 5_000, affected };
        assert_eq!(
            of(5_000).words(),
            "友だち5,000人全員の画面が変わります。LINEへの呼び出しは3回です。反映まで約1秒です。"
        );
        assert!(of(5_000).how().unwrap().contains("メニューの1人は、1回の呼び出しで500人まで"));
        assert!(of(1).words().starts_with("友だち5,000人のうち1人の画面が変わります。"));
        assert_eq!(of(1).how(), None);
        assert!(of(0).words().starts_with("いま、住民の画面は変わりません。"));
    }

    #[test]
    fn figures_are_of_any_days_and_line_s_of_the_last_ones_alone() {
        let day = |s: &str| Date::parse_iso(s).unwrap();
        let today = day("2026-11-20");
        let lately = |days| FigurePeriod { days: Some(days), ..FigurePeriod::default() };
        assert_eq!(lately(7).dates(today), (day("2026-11-14"), today));
        assert_eq!(lately(0).dates(today), (today, today));
        assert_eq!(FigurePeriod::default().dates(today), lately(30).dates(today));
        let april =
            FigurePeriod { days: None, from: "2026-04-01".into(), until: "2026-04-30".into() };
        let (from, until) = april.dates(today);
        assert_eq!((from, until), (day("2026-04-01"), day("2026-04-30")));
        assert!(!asked_of_line(from, until, today), "thirty days, but not the last ones");
        for (days, asked) in [(7, true), (30, true), (90, true), (8, false), (366, false)] {
            let (from, until) = lately(days).dates(today);
            assert_eq!(asked_of_line(from, until, today), asked, "{days}");
        }
    }

    #[test]
    fn a_delivery_switches_to_what_was_chosen_and_is_prepared() {
        let (quake, storm) = (Disaster::Earthquake, Disaster::Storm);
        let switches = Switches {
            mode: Mode::Real,
            by_rule: quake,
            prepared: vec![quake, storm],
            holds: None,
        };
        for (to, chosen) in [
            (SwitchTo::Rule, Some(quake)),
            (SwitchTo::Disaster(storm), Some(storm)),
            (SwitchTo::Disaster(Disaster::Snow), None),
            (SwitchTo::Stay, None),
        ] {
            assert_eq!(switches.chosen(to), chosen, "{to:?}");
            assert_eq!(switches.switch(to).map(|s| s.disaster), chosen, "{to:?}");
            assert_eq!(SwitchTo::parse(to.name()), Some(to));
            let held = Switches { holds: Some(quake), ..switches.clone() };
            assert_eq!((held.switch(to), held.chosen(to)), (None, chosen), "{to:?}");
        }
        assert_eq!(SwitchTo::parse(Some("flood")), None);
    }
}
