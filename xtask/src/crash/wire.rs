//! What went over the wire to the simulated LINE, read from its log.

use crate::failure::Result;
use crate::http::Client;
use std::collections::BTreeMap;

/// At most so many entries are asked for at once.
const PAGE: usize = 1000;

pub struct Wire {
    control: Client,
    seen: u64,
    /// Multicasts and pushes by what LINE answered.
    answers: BTreeMap<String, usize>,
}

impl Wire {
    /// Begins after what has happened so far.
    pub fn new(control: Client) -> Result<Self> {
        let mut wire = Self { control, seen: 0, answers: BTreeMap::new() };
        wire.read()?;
        wire.answers.clear();
        Ok(wire)
    }

    /// Reads what is new.
    pub fn read(&mut self) -> Result {
        loop {
            let path = format!("/_sandbox/events?since={}&limit={PAGE}", self.seen);
            let answer = self.control.get(&path)?.expect(200, "the sandbox's log")?;
            let events = answer["events"].as_array().ok_or("the sandbox's log has no events")?;
            for event in events {
                self.seen = self.seen.max(event["seq"].as_u64().unwrap_or(0));
                let path = event["path"].as_str().unwrap_or_default();
                let sends = path.ends_with("/multicast") || path.ends_with("/push");
                if event["kind"] == "call" && sends {
                    let status =
                        event["status"].as_u64().map_or("no answer".to_owned(), |s| s.to_string());
                    *self.answers.entry(status).or_default() += 1;
                }
            }
            if events.len() < PAGE {
                return Ok(());
            }
        }
    }

    /// All calls so far.
    pub fn calls(&self) -> usize {
        self.answers.values().sum()
    }

    /// Calls that LINE answered with 200. (Accepted calls whose answer was lost are not counted
    /// before they are repeated, and then as 409.)
    pub fn accepted(&self) -> usize {
        self.answers.get("200").copied().unwrap_or(0)
    }

    /// 「431 calls: 400 × 200, 9 × 409, …」
    pub fn summary(&self) -> String {
        let each: Vec<String> =
            self.answers.iter().map(|(status, count)| format!("{count} × {status}")).collect();
        format!("{} calls: {}", self.calls(), each.join(", "))
    }
}
