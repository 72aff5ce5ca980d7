//! The import of all recipients, killed while it runs.

use super::{ASKED, Crash, WARDS, scenes};
use crate::failure::Result;
use crate::http::Client;
use crate::process::{seconds, until};
use serde_json::json;
use std::io::Read;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const NDJSON: [(&str, &str); 1] = [("content-type", "application/x-ndjson")];

impl Crash<'_> {
    /// Imports all recipients; interrupted `kills` times, then once to the end.
    pub(super) fn import(&mut self, kills: usize) -> Result {
        let lines = lines(&self.recipients);
        for _ in 0..kills {
            let at = self.random.below(lines.len());
            let api = self.api.clone();
            let sent = AtomicUsize::new(0);
            std::thread::scope(|scope| {
                let mut body = Counted { bytes: lines.as_bytes(), sent: &sent };
                let import = scope.spawn(move || {
                    api.stream("POST", "/residents/import", &NDJSON, &mut body).is_ok()
                });
                until(Duration::from_secs(600), || {
                    (sent.load(Ordering::Relaxed) >= at).then_some(())
                });
                self.kill(ASKED, "while importing");
                import.join()
            })
            .map_err(|_| "the import's thread panicked")?;
            self.restart(ASKED)?;
        }
        whole(&self.api, lines, self.recipients.len())
    }
}

/// What is imported of them.
pub fn lines(residents: &[String]) -> String {
    let mut lines = String::new();
    for (index, user_id) in residents.iter().enumerate() {
        let ward = WARDS[index % WARDS.len()];
        let (one, two) = scenes::own(index);
        let attributes = json!({"ward": ward, "one": one, "two": two});
        lines += &json!({"line_user_id": user_id, "attributes": attributes}).to_string();
        lines.push('\n');
    }
    lines
}

/// Imports so many lines without being interrupted.
pub fn whole(api: &Client, lines: String, count: usize) -> Result {
    let since = Instant::now();
    let done = api.send("POST", "/residents/import", &NDJSON, lines)?.expect(200, "the import")?;
    let number = |name: &str| done[name].as_u64().unwrap_or(0);
    if number("created") + number("updated") != count as u64 || done["errors"] != json!([]) {
        return Err(format!("the import answered {done}").into());
    }
    println!("  ✓ imported {count} residents in {}", seconds(since.elapsed()));
    Ok(())
}

/// A body that tells how much of it has been sent.
struct Counted<'a> {
    bytes: &'a [u8],
    sent: &'a AtomicUsize,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.bytes.read(buffer)?;
        self.sent.fetch_add(count, Ordering::Relaxed);
        Ok(count)
    }
}
