//! More than one delivery: a text of everybody's own, and a correction midway.

use super::verify::Received;
use super::wire::Wire;
use super::{Crash, PER_CALL, REFUSED, WARDS};
use crate::failure::Result;
use crate::http::Client;
use crate::process::until;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::time::Duration;

/// So many choices of two attributes give every recipient a text of their own.
const CHOICES: usize = 500;

/// The ward that audiences ask for, and the attributes that make a text everybody's own.
pub fn attributes(api: &Client) -> Result {
    let wards: Vec<Value> = WARDS.iter().map(|ward| json!({"key": ward, "label": ward})).collect();
    let ward = json!({"key": "ward", "label": "区", "kind": "single", "choices": wards});
    api.post("/attributes", &ward)?.expect(201, "creating the attribute")?;
    for key in ["one", "two"] {
        let choices: Vec<Value> = (0..CHOICES)
            .map(|c| json!({"key": format!("c{c}"), "label": format!("{key}{c}")}))
            .collect();
        let attribute = json!({"key": key, "label": key, "kind": "single", "choices": choices});
        api.post("/attributes", &attribute)?.expect(201, "creating an attribute")?;
    }
    Ok(())
}

/// What the resident of that number has registered.
pub fn own(index: usize) -> (String, String) {
    (format!("c{}", index % CHOICES), format!("c{}", index / CHOICES % CHOICES))
}

/// The residents of a ward, and all others.
pub fn of_ward(residents: &[String], ward: usize) -> (Vec<String>, Vec<String>) {
    let (mut to, mut others) = (Vec::new(), Vec::new());
    for (index, user_id) in residents.iter().enumerate() {
        let list = if index % WARDS.len() == ward { &mut to } else { &mut others };
        list.push(user_id.clone());
    }
    (to, others)
}

impl Crash<'_> {
    /// Everybody of one ward gets a text of their own, by a push, and exactly once.
    pub(super) fn personalised(&mut self) -> Result<String> {
        let mut wire = Wire::new(self.control.clone())?;
        let delivery = json!({
            "title": "1人ずつ",
            "audience": {"attribute": "ward", "is": [WARDS[0]]},
            "parts": [{"text": "{{one|}}と{{two|}}の方へ(no2)"}],
            "purpose": "notice",
        });
        let id = self.ask_killed(
            "/deliveries",
            "crash-delivery-0002",
            &delivery.to_string(),
            "while creating a personalised delivery",
        )?;
        let (to, mut others) = of_ward(&self.recipients, 0);
        others.extend_from_slice(&self.bystanders);
        let kills = (self.plan.kills / 3).max(1);
        self.send(&id, &mut wire, kills, to.len() * 3 / 4)?;
        let refused = [self.recipients[0].clone()];
        let received = Received::read(&self.control, "no2")?;
        received.exactly_once(&to[1..])?;
        received.nothing(&refused, "LINE refuses them")?;
        received.nothing(&others, "they do not belong to the audience")?;
        let certificate =
            self.api.get(&format!("/deliveries/{id}"))?.expect(200, "the certificate")?;
        super::verify::certificate(&certificate, to.len(), refused.len())?;
        Ok(format!("{} each with a text of their own exactly once", to.len() - 1))
    }

    /// A delivery is taken back when a third of it has arrived: exactly those whom it
    /// reached, or may have reached, are told, once.
    pub(super) fn corrected(&mut self) -> Result<String> {
        let mut wire = Wire::new(self.control.clone())?;
        let delivery = json!({
            "title": "まちがい",
            "audience": {"attribute": "ward", "is": WARDS},
            "parts": [{"text": "避難してください(no3)"}],
            "purpose": "emergency",
        });
        let made = self.api.post("/deliveries", &delivery)?.expect(201, "the wrong delivery")?;
        let wrong = made["id"].as_str().unwrap_or_default().to_owned();
        let third = self.recipients.len() / PER_CALL / 3;
        until(Duration::from_secs(120), || {
            wire.read().ok()?;
            (wire.accepted() >= third).then_some(())
        })
        .ok_or("the wrong delivery does not go out")?;
        let correction = self.ask_killed(
            &format!("/deliveries/{wrong}/retract"),
            "crash-retract-0001",
            &json!({"text": "さきほどの知らせは誤りです(no4)"}).to_string(),
            "while taking a delivery back",
        )?;
        self.send(&correction, &mut Wire::new(self.control.clone())?, 1, third / 2)?;
        let ended = until(Duration::from_secs(120), || {
            let wrong = self.api.get(&format!("/deliveries/{wrong}")).ok()?.body;
            wrong["finished_at"].is_string().then_some(wrong)
        })
        .ok_or("the wrong delivery does not end")?;
        self.told(&ended)
    }

    fn told(&self, wrong: &Value) -> Result<String> {
        let number = |name: &str| wrong[name].as_u64().unwrap_or(0);
        if number("recipients") != number("accepted") + number("failed") + number("withheld") {
            return Err(format!("the certificate does not add up: {wrong}").into());
        }
        let reached = Received::read(&self.control, "no3")?;
        let told = Received::read(&self.control, "no4")?;
        let (mut both, mut in_doubt) = (0, 0);
        for user_id in &self.recipients {
            match (reached.times(user_id), told.times(user_id)) {
                (1, 1) => both += 1,
                (0, 0) => {}
                (0, 1) => in_doubt += 1,
                (wrong, right) => {
                    return Err(format!(
                        "{user_id} got the wrong delivery {wrong} times and the correction {right} times"
                    )
                    .into());
                }
            }
        }
        let unknown = wrong["reasons"]["unknown"].as_u64().unwrap_or(0);
        if in_doubt > unknown {
            return Err(format!(
                "{in_doubt} were told without having been reached, {unknown} in doubt"
            )
            .into());
        }
        let strangers: HashSet<&String> =
            self.bystanders.iter().chain(&self.recipients[..REFUSED]).collect();
        if strangers.iter().any(|user_id| told.times(user_id) > 0) {
            return Err("somebody was told whom nothing could have reached".into());
        }
        Ok(format!(
            "{both} told of {} by the correction, and {in_doubt} in doubt",
            wrong["recipients"]
        ))
    }
}
