//! LINE's rate limits as token buckets, one per endpoint and method.

use std::collections::HashMap;

use axum::http::Method;

use crate::clock::{HOUR, MINUTE, SECOND};

/// So many calls per interval (microseconds).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Calls.
    pub calls: u32,
    /// Interval in microseconds.
    pub per: i64,
}

/// The rule for an endpoint, by its path template.
///
/// <https://developers.line.biz/en/reference/messaging-api/#rate-limits>
#[must_use]
pub fn rule(method: &Method, path: &str) -> Rule {
    let (calls, per) = match path {
        "/v2/bot/message/broadcast" | "/v2/bot/channel/webhook/test" => (60, HOUR),
        "/v2/bot/channel/webhook/endpoint" => (1_000, MINUTE),
        "/v2/bot/message/multicast" => (200, SECOND),
        "/v2/bot/chat/loading/start" => (100, SECOND),
        "/v2/oauth/accessToken" if method == Method::POST => (370, SECOND),
        "/v2/bot/richmenu" => (100, HOUR),
        "/v2/bot/richmenu/{rich_menu_id}" | "/v2/bot/richmenu/alias/{alias_id}"
            if method == Method::DELETE =>
        {
            (100, HOUR)
        }
        "/v2/bot/richmenu/progress/batch" => (100, HOUR),
        "/v2/bot/richmenu/batch" => (3, HOUR),
        "/v2/bot/richmenu/list" => (10, SECOND),
        _ if path.starts_with("/v2/bot/insight/") => (60, HOUR),
        _ => (2_000, SECOND),
    };
    Rule { calls, per }
}

#[derive(Debug)]
struct Bucket {
    /// What is in it, in microseconds' worth of refill times `calls`.
    level: i64,
    at: i64,
}

/// All buckets. Each holds one interval's worth and starts full.
#[derive(Debug, Default)]
pub struct Buckets(HashMap<(Method, String), Bucket>);

impl Buckets {
    /// Takes one call out of the endpoint's bucket; false if it is empty.
    pub fn take(&mut self, method: &Method, path: &str, now: i64) -> bool {
        let rule = rule(method, path);
        let full = i64::from(rule.calls) * rule.per;
        let bucket = self
            .0
            .entry((method.clone(), path.to_owned()))
            .or_insert(Bucket { level: full, at: now });
        // A clock that goes back refills nothing.
        let passed = (now - bucket.at).clamp(0, rule.per);
        bucket.at = now;
        bucket.level = full.min(bucket.level + passed * i64::from(rule.calls));
        if bucket.level < rule.per {
            return false;
        }
        bucket.level -= rule.per;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(buckets: &mut Buckets, path: &str, now: i64) -> usize {
        (0..5_000).take_while(|_| buckets.take(&Method::POST, path, now)).count()
    }

    #[test]
    fn a_bucket_starts_full_and_refills_evenly() {
        let mut buckets = Buckets::default();
        let path = "/v2/bot/message/multicast";
        assert_eq!(taken(&mut buckets, path, 0), 200);
        assert_eq!(taken(&mut buckets, path, 4_999), 0);
        assert_eq!(taken(&mut buckets, path, 5_000), 1);
        assert_eq!(taken(&mut buckets, path, SECOND / 2 + 5_000), 100);
        assert_eq!(taken(&mut buckets, path, 99 * SECOND), 200);
    }

    #[test]
    fn endpoints_have_their_own_buckets() {
        let mut buckets = Buckets::default();
        for (path, calls) in [
            ("/v2/bot/message/broadcast", 60),
            ("/v2/bot/insight/followers", 60),
            ("/v2/bot/insight/message/event/aggregation", 60),
            ("/v2/bot/channel/webhook/test", 60),
            ("/v2/bot/channel/webhook/endpoint", 1_000),
            ("/v2/bot/chat/loading/start", 100),
            ("/v2/bot/message/push", 2_000),
            ("/v2/bot/profile/{user_id}", 2_000),
            ("/v2/bot/richmenu", 100),
            ("/v2/bot/richmenu/{rich_menu_id}", 2_000),
            ("/v2/bot/richmenu/alias/{alias_id}", 2_000),
            ("/v2/bot/richmenu/progress/batch", 100),
            ("/v2/bot/richmenu/batch", 3),
            ("/v2/bot/richmenu/list", 10),
            ("/v2/bot/richmenu/bulk/link", 2_000),
            ("/v2/bot/insight/richmenu/{rich_menu_id}/daily", 60),
        ] {
            assert_eq!(taken(&mut buckets, path, 7), calls, "{path}");
        }
        for path in ["/v2/bot/richmenu/{rich_menu_id}", "/v2/bot/richmenu/alias/{alias_id}"] {
            let deleted = (0..200).take_while(|_| buckets.take(&Method::DELETE, path, 7)).count();
            assert_eq!(deleted, 100, "{path}");
        }
        let broadcast = "/v2/bot/message/broadcast";
        assert_eq!(taken(&mut buckets, broadcast, 7 + MINUTE - 1), 0);
        assert_eq!(taken(&mut buckets, broadcast, 7 + MINUTE), 1);
    }
}
