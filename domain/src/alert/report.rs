//! 経過報告書: what happened when, and who did what, about one alert or delivery (ADM-10).

use super::Alert;
use crate::delivery::{Corrected, Happening, Progress};
use crate::id::{AlertId, DeliveryId};
use crate::ledger::{Entry, who};
use crate::time::{Timestamp, thousands};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a report is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Of {
    /// An alert; if it is one of a delivery, the delivery with all its alerts.
    Alert(AlertId),
    /// A delivery.
    Delivery(DeliveryId),
}

/// Where a line of the report stands, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// Among what happened to the delivery.
    Delivery,
    /// In the record of alerts.
    Alert,
    /// In the ledger, under that number; 0 until it is sealed.
    Ledger(i64),
}

impl Source {
    /// In words.
    pub fn label(self) -> String {
        match self {
            Self::Delivery => "配信のできごと".into(),
            Self::Alert => "知らせの記録".into(),
            Self::Ledger(0) => "台帳".into(),
            Self::Ledger(seq) => format!("台帳 {}", thousands(seq)),
        }
    }
}

/// One line of what happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// Where it stands, too.
    pub source: Source,
    /// Who did it; nothing where nobody in particular did.
    pub who: String,
    /// What.
    pub what: String,
    /// More of it.
    pub detail: String,
}

/// Everything that the page shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The city's name.
    pub city: String,
    /// The alerts, the oldest first.
    pub alerts: Vec<Alert>,
    /// How the delivery stands, if it is about one.
    pub progress: Option<Progress>,
    /// Its corrections, the newest first.
    pub corrections: Vec<Corrected>,
    /// What happened, the oldest first.
    pub events: Vec<Event>,
    /// Whether the ledger's lines are among it: only who may read the ledger sees them.
    pub ledger: bool,
    /// Running number and seal of the ledger's last sealed line about the delivery.
    pub seal: Option<(i64, String)>,
    /// When this was read.
    pub now: Timestamp,
}

impl Report {
    /// What it is about, in words.
    pub fn title(&self) -> String {
        let delivery = self.progress.as_ref().map(|p| p.delivery.title.trim());
        match (delivery, self.alerts.first()) {
            (Some(title), _) if !title.is_empty() => title.to_owned(),
            (None, Some(alert)) => alert.headline(),
            _ => "（件名なし）".into(),
        }
    }
}

/// What happened by all records, the oldest first. `names`: of staff, by `staff:12`.
pub fn events(
    happenings: &[Happening],
    alerts: &[Alert],
    entries: &[Entry],
    names: &BTreeMap<String, String>,
) -> Vec<Event> {
    let mut all: Vec<Event> = happenings
        .iter()
        .map(|h| Event {
            at: h.at,
            source: Source::Delivery,
            who: String::new(),
            what: h.what.clone(),
            detail: h.detail.clone(),
        })
        .collect();
    for alert in alerts {
        let event = |at, by: &str, what: &str, detail: String| Event {
            at,
            source: Source::Alert,
            who: by.to_owned(),
            what: what.to_owned(),
            detail,
        };
        let begun = format!("{}。{}", alert.headline(), alert.detail);
        all.push(event(alert.began_at, "", "知らせが始まりました", begun));
        let seen = alert.seen.iter();
        all.extend(seen.map(|s| event(s.at, &s.name, "知らせを見ました", String::new())));
        let ended = alert.ended_at;
        all.extend(ended.map(|at| event(at, "", "知らせが終わりました", alert.headline())));
    }
    // Of alerts the record tells more than the ledger.
    let acts = entries.iter().filter(|e| !e.act.starts_with("alert."));
    all.extend(acts.map(|e| {
        let refused = (e.result != "ok").then(|| format!("できませんでした（{}）", e.result));
        let count = e.count.map(|n| format!("数：{}", thousands(n)));
        Event {
            at: e.at,
            source: Source::Ledger(e.seq),
            who: who(&e.actor, names),
            what: e.act_label().to_owned(),
            detail: refused.into_iter().chain(count).collect::<Vec<_>>().join("・"),
        }
    }));
    all.sort_by_key(|event| event.at);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::{Kind, Seen};
    use crate::id::StaffId;
    use crate::time::MINUTE;

    const NOON: Timestamp = Timestamp(1_795_143_600_000_000);

    fn at(minutes: i64) -> Timestamp {
        NOON.plus(minutes * MINUTE)
    }

    fn alert() -> Alert {
        Alert {
            id: AlertId(1),
            kind: Kind::Held,
            delivery: Some(DeliveryId(7)),
            title: "断水".into(),
            purpose: None,
            department: String::new(),
            detail: "上限です".into(),
            began_at: at(1),
            ended_at: Some(at(9)),
            seen: vec![Seen { by: StaffId(1), name: "佐藤 美咲".into(), at: at(3) }],
            mails: (1, 0, 0),
        }
    }

    fn entry(minutes: i64, seq: i64, act: &str, actor: &str) -> Entry {
        Entry {
            seq,
            at: at(minutes),
            actor: actor.into(),
            act: act.into(),
            object: "delivery:7".into(),
            result: "ok".into(),
            count: None,
            seal: None,
        }
    }

    #[test]
    fn all_records_become_one_course_of_events() {
        let happened = [
            Happening {
                at: at(8), what: "配信を再開しました".into(), detail: String::new()
            },
            Happening { at: at(0), what: "配信を始めました".into(), detail: String::new() },
        ];
        let entries = [
            entry(1, 4, "alert.begin", "system"),
            Entry { count: Some(1_200), ..entry(8, 5, "delivery.release", "staff:1") },
            Entry { result: "forbidden".into(), ..entry(5, 0, "delivery.cancel", "staff:2") },
        ];
        let names = BTreeMap::from([("staff:1".to_owned(), "佐藤 美咲（204817）".to_owned())]);
        let seen: Vec<_> = events(&happened, &[alert()], &entries, &names)
            .into_iter()
            .map(|e| {
                let minutes = e.at.since(NOON) / MINUTE;
                format!("{minutes} {} {} {} {}", e.source.label(), e.who, e.what, e.detail)
            })
            .collect();
        let headline = "配信「断水」を、送らずに止めています";
        assert_eq!(
            seen,
            [
                "0 配信のできごと  配信を始めました ".to_owned(),
                format!("1 知らせの記録  知らせが始まりました {headline}。上限です"),
                "3 知らせの記録 佐藤 美咲 知らせを見ました ".into(),
                "5 台帳 職員 2 配信を取り消した できませんでした（forbidden）".into(),
                "8 配信のできごと  配信を再開しました ".into(),
                "8 台帳 5 佐藤 美咲（204817） 止めていた配信を再開した 数：1,200".into(),
                format!("9 知らせの記録  知らせが終わりました {headline}"),
            ]
        );
    }

    #[test]
    fn a_report_of_an_alert_alone_is_named_after_it() {
        let alone = Alert { kind: Kind::Silent, delivery: None, title: String::new(), ..alert() };
        let report = Report {
            city: "みほん市".into(),
            alerts: vec![alone],
            progress: None,
            corrections: Vec::new(),
            events: Vec::new(),
            ledger: false,
            seal: None,
            now: NOON,
        };
        assert_eq!(report.title(), "自動の処理（ワーカー）が、動いていません");
    }
}
