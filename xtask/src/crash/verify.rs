//! What must be true in the end.

use crate::failure::Result;
use crate::http::Client;
use serde_json::Value;
use std::collections::HashMap;

/// How many deliveries reached each resident.
pub struct Received(HashMap<String, u64>);

impl Received {
    /// Of the messages that hold these words (plain letters and digits).
    pub fn read(control: &Client, words: &str) -> Result<Self> {
        let text = control.text(&format!("/_sandbox/received.csv?text={words}"))?;
        Ok(Self::parse(&text))
    }

    /// Lines of `user_id,count`; whoever is not named got nothing.
    fn parse(text: &str) -> Self {
        let row = |line: &str| {
            let (user_id, count) = line.split_once(',')?;
            Some((user_id.to_owned(), count.trim().parse().ok()?))
        };
        Self(text.lines().filter_map(row).collect())
    }

    pub fn times(&self, user_id: &str) -> u64 {
        self.0.get(user_id).copied().unwrap_or(0)
    }

    pub fn exactly_once(&self, residents: &[String]) -> Result {
        self.all(residents, 1, "they belong to the audience")
    }

    pub fn nothing(&self, residents: &[String], why: &str) -> Result {
        self.all(residents, 0, why)
    }

    fn all(&self, residents: &[String], times: u64, why: &str) -> Result {
        let wrong: Vec<&String> =
            residents.iter().filter(|user_id| self.times(user_id) != times).collect();
        if wrong.is_empty() {
            return Ok(());
        }
        let lost = wrong.iter().filter(|user_id| self.times(user_id) < times).count();
        let examples: Vec<String> = wrong
            .iter()
            .take(5)
            .map(|user_id| format!("{user_id} {} times", self.times(user_id)))
            .collect();
        Err(format!(
            "{} of {} residents did not receive it exactly {times} times ({why}): \
             {lost} too few, {} too often, such as {}",
            wrong.len(),
            residents.len(),
            wrong.len() - lost,
            examples.join(", ")
        )
        .into())
    }
}

/// recipients = accepted + failed + withheld, each as it must be.
pub fn certificate(delivery: &Value, recipients: usize, refused: usize) -> Result {
    let number = |name: &str| delivery[name].as_u64();
    let expected = [
        ("recipients", recipients),
        ("accepted", recipients - refused),
        ("failed", refused),
        ("withheld", 0),
    ];
    for (name, wanted) in expected {
        if number(name) != Some(wanted as u64) {
            return Err(format!(
                "the certificate says {name} = {}, not {wanted}: {delivery}",
                delivery[name]
            )
            .into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Received, certificate};
    use serde_json::json;

    #[test]
    fn finds_who_got_too_little_or_too_much() {
        let received = Received::parse("user_id,count\nUa,1\nUb,2\n");
        let ids = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        received.exactly_once(&ids(&["Ua"])).unwrap();
        received.nothing(&ids(&["Uc"]), "").unwrap();
        let twice = received.exactly_once(&ids(&["Ua", "Ub", "Uc"])).unwrap_err().to_string();
        assert!(twice.contains("1 too few, 1 too often"), "{twice}");
    }

    #[test]
    fn the_certificate_must_add_up() {
        let good = json!({"recipients": 10, "accepted": 7, "failed": 3, "withheld": 0});
        certificate(&good, 10, 3).unwrap();
        for (name, value) in [("recipients", 9), ("accepted", 10), ("failed", 0), ("withheld", 1)] {
            let mut bad = good.clone();
            bad[name] = value.into();
            assert!(certificate(&bad, 10, 3).is_err());
        }
        assert!(certificate(&json!({}), 10, 3).is_err());
    }
}
