//! What a list of deliveries is narrowed to: the same words in the console's
//! address, in its CSV link and on the server.

use super::{Purpose, Status};
use crate::id::DepartmentId;
use crate::time::{Date, Timestamp};
use serde::{Deserialize, Serialize};

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// Newest time first.
    #[default]
    Newest,
    /// Oldest time first.
    Oldest,
    /// By title.
    Title,
    /// Most recipients first.
    Recipients,
}

worded! { Order: Newest "newest", Oldest "oldest", Title "title", Recipients "recipients" }

/// The state of the list. What an address says that nobody knows is left out, so
/// that an old link still opens the list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// Found in title or text.
    pub search: String,
    /// Only this purpose.
    pub purpose: Option<Purpose>,
    /// Only this status.
    pub status: Option<Status>,
    /// Only this department.
    pub department: Option<DepartmentId>,
    /// Only this month: year and 1–12.
    pub month: Option<(i32, u8)>,
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
            purpose: text("purpose").as_deref().and_then(Purpose::parse),
            status: text("status").as_deref().and_then(Status::parse),
            department: text("department").and_then(|d| d.parse().ok()),
            month: text("month").as_deref().and_then(parse_month),
            order: text("sort").as_deref().and_then(Order::parse).unwrap_or_default(),
            page: text("page")
                .and_then(|p| p.parse().ok())
                .filter(|p| (1..1_000_000).contains(p))
                .unwrap_or(1),
        }
    }

    /// The parameters of the address, those that say something; values are not escaped.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut out = Vec::new();
        if !self.search.is_empty() {
            out.push(("q", self.search.clone()));
        }
        out.extend(self.month.map(|(year, month)| ("month", format!("{year:04}-{month:02}"))));
        out.extend(self.purpose.map(|p| ("purpose", p.name().to_owned())));
        out.extend(self.status.map(|s| ("status", s.name().to_owned())));
        out.extend(self.department.map(|d| ("department", d.to_string())));
        if self.order != Order::default() {
            out.push(("sort", self.order.name().to_owned()));
        }
        if self.page > 1 {
            out.push(("page", self.page.to_string()));
        }
        out
    }

    /// Whether anything is left out of the list.
    pub fn narrows(&self) -> bool {
        let Self { search, purpose, status, department, month, order: _, page: _ } = self;
        !search.is_empty()
            || purpose.is_some()
            || status.is_some()
            || department.is_some()
            || month.is_some()
    }

    /// The list without each of its filters, from the first page, with the words of
    /// that filter; `department` names a department.
    pub fn without_each(&self, department: impl Fn(DepartmentId) -> String) -> Vec<(Self, String)> {
        let all = Self { page: 1, ..self.clone() };
        let mut out = Vec::new();
        if !self.search.is_empty() {
            out.push((Self { search: String::new(), ..all.clone() }, self.search.clone()));
        }
        if let Some((_, month)) = self.month {
            out.push((Self { month: None, ..all.clone() }, format!("{month}月")));
        }
        if let Some(purpose) = self.purpose {
            out.push((Self { purpose: None, ..all.clone() }, purpose.label().to_owned()));
        }
        if let Some(status) = self.status {
            out.push((Self { status: None, ..all.clone() }, status.label().to_owned()));
        }
        if let Some(id) = self.department {
            out.push((Self { department: None, ..all }, department(id)));
        }
        out
    }

    /// The instants between which the month lies.
    pub fn period(&self) -> (Option<Timestamp>, Option<Timestamp>) {
        let Some((year, month)) = self.month else { return (None, None) };
        let start = |year, month| Date { year, month, day: 1 }.start();
        let next = if month == 12 { start(year + 1, 1) } else { start(year, month + 1) };
        (Some(start(year, month)), Some(next))
    }
}

fn parse_month(text: &str) -> Option<(i32, u8)> {
    Date::parse_iso(&format!("{text}-01")).map(|d| (d.year, d.month))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn parse(pairs: &[(&str, &str)]) -> Filter {
        let map: HashMap<_, _> =
            pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Filter::parse(|name| map.get(name).cloned())
    }

    #[test]
    fn an_address_comes_back_as_it_was() {
        let pairs = [
            ("q", "断水"),
            ("month", "2026-12"),
            ("purpose", "drill"),
            ("status", "held"),
            ("department", "3"),
            ("sort", "title"),
            ("page", "2"),
        ];
        let filter = parse(&pairs);
        assert_eq!(filter.pairs(), pairs.map(|(k, v)| (k, v.to_owned())).to_vec());
        assert!(filter.narrows());
        let without = filter.without_each(|_| "水道課".into());
        assert_eq!(
            without.iter().map(|(_, words)| words.as_str()).collect::<Vec<_>>(),
            ["断水", "12月", "訓練", "保留", "水道課"]
        );
        assert!(without.iter().all(|(f, _)| f.pairs().len() == pairs.len() - 2));
        let (from, until) = filter.period();
        assert_eq!(from.map(Timestamp::rfc3339).as_deref(), Some("2026-12-01T00:00:00+09:00"));
        assert_eq!(until.map(Timestamp::rfc3339).as_deref(), Some("2027-01-01T00:00:00+09:00"));
    }

    #[test]
    fn what_nobody_knows_is_left_out() {
        let filter = parse(&[
            ("purpose", "x"),
            ("status", ""),
            ("department", "a"),
            ("month", "2026-13"),
            ("sort", "?"),
            ("page", "-3"),
        ]);
        assert_eq!(filter, Filter { page: 1, ..Filter::default() });
        assert!(filter.pairs().is_empty() && !filter.narrows());
    }
}
