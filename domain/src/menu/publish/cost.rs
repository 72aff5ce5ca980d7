//! What a plan costs: calls to LINE, and time within its limits.

use super::{APPLIED, BATCHES, HOURLY, Plan, Step};
use crate::time::thousands;
use serde::{Deserialize, Serialize};

/// What has been used of the hour's limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    /// Menus created.
    pub creates: u32,
    /// Menus deleted.
    pub deletes: u32,
    /// Aliases deleted.
    pub alias_deletes: u32,
    /// Batches.
    #[serde(default)]
    pub batches: u32,
}

/// What a plan costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Calls to LINE.
    pub calls: usize,
    /// Menus created.
    pub creates: usize,
    /// Menus deleted.
    pub deletes: usize,
    /// Residents who get another menu, or none of their own.
    pub residents: usize,
    /// Until the last resident sees what they are to see, in milliseconds.
    pub shown_after: u64,
    /// Until everything is done, in milliseconds.
    pub done_after: u64,
    /// Until a batch, which has to wait for the next hour, reaches those of whose tab nobody has
    /// heard, in milliseconds; 0 where none has to wait.
    #[serde(default)]
    pub unheard_after: u64,
}

impl Plan {
    /// What it costs, where a call takes `pace` milliseconds.
    pub fn cost(&self, used: Used, pace: u64) -> Cost {
        let mut cost = Cost { calls: self.steps.len(), ..Cost::default() };
        let mut spent = [
            (used.creates, HOURLY),
            (used.deletes, HOURLY),
            (used.alias_deletes, HOURLY),
            (used.batches, BATCHES),
        ];
        let mut now = 0;
        // When LINE has done for residents what it accepted: a batch must not overtake it.
        let mut applied = 0;
        for step in &self.steps {
            let hourly = match step {
                Step::Create { .. } => {
                    cost.creates += 1;
                    Some(0)
                }
                Step::DeleteMenu { .. } => {
                    cost.deletes += 1;
                    Some(1)
                }
                Step::DeleteAlias { .. } => Some(2),
                Step::Sweep { .. } => Some(3),
                _ => None,
            };
            if let Some((spent, most)) = hourly.and_then(|i| spent.get_mut(i)) {
                // The hour's share returns in full after an hour at the latest.
                let hour = u64::from(*spent / *most) * 3_600_000;
                *spent += 1;
                now = match step {
                    // A batch that has to wait keeps nobody waiting whose menu is known.
                    Step::Sweep { .. } if hour > now => {
                        cost.unheard_after = hour + pace;
                        continue;
                    }
                    Step::Sweep { .. } => now.max(applied),
                    _ => now.max(hour),
                };
            }
            now += pace;
            match step {
                Step::Link { residents, .. } | Step::Unlink { residents } => {
                    cost.residents += residents.len();
                    cost.shown_after = now;
                    if matches!(step, Step::Link { .. }) {
                        applied = now + APPLIED.unsigned_abs() / 1_000;
                    }
                }
                Step::SetDefault { .. }
                | Step::Sweep { .. }
                | Step::ClearDefault
                | Step::CreateAlias { .. }
                | Step::UpdateAlias { .. } => cost.shown_after = now,
                _ => {}
            }
        }
        cost.done_after = now;
        cost
    }
}

impl Cost {
    /// In words, for the page that asks before publishing.
    pub fn words(&self) -> String {
        if self.calls == 0 {
            return "LINEに送るものは、いまはありません。".into();
        }
        let count = |n: usize| thousands(i64::try_from(n).unwrap_or(i64::MAX));
        let mut parts = Vec::new();
        if self.creates > 0 {
            parts.push(format!("メニューを{}枚作ります。", count(self.creates)));
        }
        if self.deletes > 0 {
            parts.push(format!("古いメニューを{}枚消します。", count(self.deletes)));
        }
        parts.push(format!("LINEへの呼び出しは{}回です。", count(self.calls)));
        if self.shown_after > 0 {
            parts.push(format!("反映まで{}です。", about(self.shown_after)));
        }
        if self.unheard_after > 0 {
            parts.push(format!(
                "タブを押した知らせがLINEから来ていない人がいれば、その人には{}で届きます。",
                about(self.unheard_after)
            ));
        }
        if self.done_after > self.shown_after {
            parts.push(format!("片づけまで{}です。", about(self.done_after)));
        }
        parts.concat()
    }
}

/// 「約3秒」, 「約2分」, 「約1時間5分」, never less than it is.
fn about(millis: u64) -> String {
    let seconds = millis.div_ceil(1_000).max(1);
    match seconds {
        ..60 => format!("約{seconds}秒"),
        60..3_600 => format!("約{}分", seconds.div_ceil(60)),
        _ => {
            let minutes = seconds.div_ceil(60);
            match (minutes / 60, minutes % 60) {
                (hours, 0) => format!("約{hours}時間"),
                (hours, minutes) => format!("約{hours}時間{minutes}分"),
            }
        }
    }
}
