//! LINE's mood: what goes wrong on purpose.

use line::UserId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Faults and limits. Rates are probabilities from 0 to 1, drawn from a
/// generator that `seed` starts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// Waiting time before every answer of the platform, in milliseconds.
    pub latency_ms: u64,
    /// Whether sends wait at the door until this is false again.
    pub hold_sends: bool,
    /// Share of calls that are answered 429.
    pub rate_429: f64,
    /// Share of sends that are refused for what they say, with 400.
    pub rate_400: f64,
    /// Share of calls that are answered 500 and not carried out.
    pub rate_500: f64,
    /// Share of accepted sends that are nevertheless answered 500.
    pub rate_500_accepted: f64,
    /// Share of calls that are not carried out and get no answer.
    pub rate_timeout: f64,
    /// How long such a call is held before its connection is closed.
    pub timeout_ms: u64,
    /// Share of accepted sends whose connection is closed without an answer.
    pub lost_after_acceptance: f64,
    /// Share of webhooks that are sent twice.
    pub doubled_webhooks: f64,
    /// Waiting time before every webhook, in milliseconds.
    pub webhook_delay_ms: u64,
    /// Whether webhooks that were not answered 2xx are sent again.
    pub redelivery: bool,
    /// How often at most.
    pub redelivery_attempts: u32,
    /// Waiting time before the first redelivery, doubled each time.
    pub redelivery_delay_ms: u64,
    /// Whether the follower list is refused, as for unverified accounts.
    pub followers_forbidden: bool,
    /// User ids that LINE refuses: a call that names one of them is refused whole.
    #[schema(value_type = Vec<String>)]
    pub refuse_ids: Vec<UserId>,
    /// Whether LINE's rate limits hold.
    pub rate_limits: bool,
    /// Messages of a month, `null` for no limit.
    pub monthly_limit: Option<u64>,
    /// Share of rich-menu calls that are answered 429.
    pub menu_rate_429: f64,
    /// Share of rich-menu calls that are answered 500 and not carried out.
    pub menu_rate_500: f64,
    /// Share of rich-menu calls that are carried out and nevertheless answered 500.
    pub menu_rate_500_accepted: f64,
    /// Share of people whom bulk calls and batches of rich menus pass over.
    pub menu_lost_links: f64,
    /// How long after the 202 bulk calls and batches of rich menus are applied, in
    /// milliseconds.
    pub menu_delay_ms: u64,
    /// Starts the generator of the faults.
    pub seed: u64,
}

impl Default for Faults {
    fn default() -> Self {
        Faults {
            latency_ms: 0,
            hold_sends: false,
            rate_429: 0.0,
            rate_400: 0.0,
            rate_500: 0.0,
            rate_500_accepted: 0.0,
            rate_timeout: 0.0,
            timeout_ms: 30_000,
            lost_after_acceptance: 0.0,
            doubled_webhooks: 0.0,
            webhook_delay_ms: 0,
            redelivery: true,
            redelivery_attempts: 8,
            redelivery_delay_ms: 500,
            followers_forbidden: false,
            refuse_ids: Vec::new(),
            rate_limits: true,
            monthly_limit: None,
            menu_rate_429: 0.0,
            menu_rate_500: 0.0,
            menu_rate_500_accepted: 0.0,
            menu_lost_links: 0.0,
            menu_delay_ms: 1_000,
            seed: 1,
        }
    }
}

impl Faults {
    /// The first field whose value makes no sense, if any.
    #[must_use]
    pub fn wrong(&self) -> Option<&'static str> {
        [
            ("rate_429", self.rate_429),
            ("rate_400", self.rate_400),
            ("rate_500", self.rate_500),
            ("rate_500_accepted", self.rate_500_accepted),
            ("rate_timeout", self.rate_timeout),
            ("lost_after_acceptance", self.lost_after_acceptance),
            ("doubled_webhooks", self.doubled_webhooks),
            ("menu_rate_429", self.menu_rate_429),
            ("menu_rate_500", self.menu_rate_500),
            ("menu_rate_500_accepted", self.menu_rate_500_accepted),
            ("menu_lost_links", self.menu_lost_links),
        ]
        .into_iter()
        .find(|(_, rate)| !(0.0..=1.0).contains(rate))
        .map(|(name, _)| name)
    }
}
