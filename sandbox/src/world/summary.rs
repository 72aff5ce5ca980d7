//! Sums over the world: who received how much, and what LINE's insight shows.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::links::links;
use super::{Call, Kind, World};

/// How many calls a summary lists at most (the newest).
const LISTED_CALLS: usize = 1_000;

/// Which calls count.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Only this aggregation unit.
    pub unit: Option<String>,
    /// Only the call with this request id.
    pub request_id: Option<String>,
    /// Only this way of sending.
    pub kind: Option<Kind>,
    /// Only calls accepted at or after this time (UTC microseconds).
    pub since: Option<i64>,
    /// Only calls whose messages hold these words.
    pub text: Option<String>,
    /// Also say how many residents received at least so many; in the CSV, list
    /// only those.
    pub min: Option<u32>,
}

impl Filter {
    fn takes(&self, call: &Call) -> bool {
        self.unit.as_ref().is_none_or(|unit| call.unit.as_deref() == Some(unit))
            && self.request_id.as_ref().is_none_or(|id| *call.request_id == **id)
            && self.text.as_ref().is_none_or(|text| call.messages.to_string().contains(text))
            && self.kind.is_none_or(|kind| call.kind == kind)
            && self.since.is_none_or(|since| call.at >= since)
    }
}

/// Calls and receptions of one aggregation unit.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct UnitSum {
    /// Accepted calls.
    pub calls: u64,
    /// Receptions.
    pub received: u64,
}

/// One accepted call.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CallSum {
    /// `x-line-request-id` of the accepted attempt.
    pub request_id: String,
    /// How it was sent.
    pub kind: Kind,
    /// Aggregation unit.
    pub unit: Option<String>,
    /// When (UTC microseconds).
    pub at: i64,
    /// How many ids it named.
    pub asked: u32,
    /// How many residents it reached.
    pub received: u32,
}

/// What arrived. A call counts once for each resident whom it reached, however
/// many message objects it carries.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Received {
    /// Residents there are.
    pub residents: u64,
    /// Sum of receptions.
    pub received_total: u64,
    /// Number of residents by number of receptions.
    pub residents_by_count: BTreeMap<u32, u64>,
    /// Residents with at least `min` receptions, if `min` was given.
    pub at_least_min: Option<u64>,
    /// Per aggregation unit.
    pub units: BTreeMap<String, UnitSum>,
    /// Calls.
    pub calls_total: u64,
    /// When the first was accepted (UTC microseconds).
    pub first_at: Option<i64>,
    /// When the last was.
    pub last_at: Option<i64>,
    /// The newest calls, oldest first, at most 1,000.
    pub calls: Vec<CallSum>,
}

/// What insight knows of a set of calls, before LINE hides small numbers.
#[derive(Clone, Debug, Default)]
pub struct UnitNumbers {
    /// Residents reached.
    pub delivered: u64,
    /// Residents who had at least one bubble on the screen.
    pub unique_impression: u64,
    /// Residents who opened any address.
    pub unique_click: u64,
    /// Per position in the call: impressions and residents.
    pub bubbles: Vec<(u64, u64)>,
    /// Per address: taps and residents.
    pub clicks: Vec<(String, u64, u64)>,
}

impl World {
    /// How many of the filtered calls reached each resident, in their order.
    #[must_use]
    pub fn counts(&self, filter: &Filter) -> Vec<u32> {
        let takes: Vec<bool> = self.calls.iter().map(|call| filter.takes(call)).collect();
        self.residents
            .iter()
            .map(|resident| {
                let taken = resident.received.iter().filter(|call| takes[**call as usize]);
                u32::try_from(taken.count()).unwrap_or(u32::MAX)
            })
            .collect()
    }

    /// The summary over the filtered calls.
    #[must_use]
    pub fn received(&self, filter: &Filter) -> Received {
        let counts = self.counts(filter);
        let mut residents_by_count = BTreeMap::new();
        for count in &counts {
            *residents_by_count.entry(*count).or_default() += 1;
        }
        let taken: Vec<&Call> = self.calls.iter().filter(|call| filter.takes(call)).collect();
        let mut units: BTreeMap<String, UnitSum> = BTreeMap::new();
        for call in &taken {
            if let Some(unit) = &call.unit {
                let sum = units.entry(unit.to_string()).or_default();
                sum.calls += 1;
                sum.received += u64::from(call.received);
            }
        }
        Received {
            residents: counts.len() as u64,
            received_total: counts.iter().copied().map(u64::from).sum(),
            residents_by_count,
            at_least_min: filter
                .min
                .map(|min| counts.iter().filter(|count| **count >= min).count() as u64),
            units,
            calls_total: taken.len() as u64,
            first_at: taken.iter().map(|call| call.at).min(),
            last_at: taken.iter().map(|call| call.at).max(),
            calls: taken[taken.len().saturating_sub(LISTED_CALLS)..]
                .iter()
                .map(|call| CallSum {
                    request_id: call.request_id.to_string(),
                    kind: call.kind,
                    unit: call.unit.as_deref().map(Into::into),
                    at: call.at,
                    asked: call.asked,
                    received: call.received,
                })
                .collect(),
        }
    }

    /// What insight knows of the calls that `takes` picks.
    #[must_use]
    pub fn insight(&self, takes: impl Fn(&Call) -> bool) -> UnitNumbers {
        let taken: Vec<bool> = self.calls.iter().map(takes).collect();
        let mut numbers = UnitNumbers::default();
        for (call, _) in self.calls.iter().zip(&taken).filter(|(_, taken)| **taken) {
            let bubbles = usize::try_from(call.bubbles()).unwrap_or(0);
            if numbers.bubbles.len() < bubbles {
                numbers.bubbles.resize(bubbles, (0, 0));
            }
            for bubble in &mut numbers.bubbles[..bubbles] {
                bubble.0 += call.impressions;
            }
            for url in links(&call.messages) {
                if !numbers.clicks.iter().any(|(known, ..)| *known == url) {
                    numbers.clicks.push((url, 0, 0));
                }
            }
        }
        for resident in &self.residents {
            let mut most = 0;
            let mut reached = false;
            for (at, call) in resident.received.iter().enumerate() {
                let call = *call as usize;
                if taken[call] {
                    reached = true;
                    if at < resident.seen as usize {
                        most = most.max(usize::try_from(self.calls[call].bubbles()).unwrap_or(0));
                    }
                }
            }
            numbers.delivered += u64::from(reached);
            numbers.unique_impression += u64::from(most > 0);
            for bubble in &mut numbers.bubbles[..most] {
                bubble.1 += 1;
            }
        }
        self.count_clicks(&taken, &mut numbers);
        numbers
    }

    fn count_clicks(&self, taken: &[bool], numbers: &mut UnitNumbers) {
        let mut people = HashMap::new();
        for click in self.clicks.iter().filter(|click| taken[click.call as usize]) {
            let urls: &mut Vec<&str> = people.entry(click.who).or_default();
            if let Some(sum) = numbers.clicks.iter_mut().find(|(url, ..)| *url == click.url) {
                sum.1 += 1;
                if !urls.contains(&click.url.as_str()) {
                    sum.2 += 1;
                    urls.push(&click.url);
                }
            }
        }
        numbers.unique_click = people.len() as u64;
    }
}
