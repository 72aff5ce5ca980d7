//! Whether the pages to which we lead are there. Only public hosts are asked: what somebody
//! writes into a menu or a delivery must not make this server knock at the doors of its own
//! network.

use futures::StreamExt;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::RANGE;
use reqwest::{Method, StatusCode, Url};
use std::collections::{BTreeSet, HashMap};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What has not answered by then does not open.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two requests to the same host.
const PACE: Duration = Duration::from_secs(1);
/// For how long somebody at a screen waits for all their pages.
const WAIT: Duration = Duration::from_secs(3);
/// Pages that are asked at once for them.
const AT_ONCE: usize = 10;
/// For how long it is known that a page opens.
const FRESH: Duration = Duration::from_secs(5 * 60);
/// After which time one that did not is asked again, since somebody may have mended it.
const AGAIN: Duration = Duration::from_secs(30);
/// For how long an answer is shown where nobody asks anew.
const KEPT: Duration = Duration::from_secs(15 * 60);
/// Pages that are remembered; the next one empties the memory.
const REMEMBERED: usize = 10_000;
/// Hosts below these names are in nobody's open internet: RFC 2606, RFC 6761, RFC 6762, and what
/// the registries keep for examples.
const SET_ASIDE: [&str; 10] = [
    "example",
    "test",
    "invalid",
    "localhost",
    "local",
    "internal",
    "example.com",
    "example.net",
    "example.org",
    "example.jp",
];

/// What became of a look at a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It answers: it may lead on, ask for a password or refuse machines.
    Opens,
    /// It answers that it is not there, or that its server is broken.
    Gone(StatusCode),
    /// Nothing answers, with the reason in words.
    Silent(&'static str),
    /// It is no page of a public host.
    Unasked,
}

/// Opens pages, as far as that shows whether they are there.
pub struct Looker {
    http: reqwest::Client,
    may: fn(IpAddr) -> bool,
    pace: Duration,
    last: Mutex<HashMap<String, Instant>>,
}

impl Looker {
    /// Asks public hosts, each once a second at most.
    ///
    /// # Errors
    /// If the HTTP client cannot be built.
    pub fn new() -> reqwest::Result<Self> {
        Self::with(is_public, PACE)
    }

    /// Asks the hosts at addresses that `may` be asked, at this pace.
    ///
    /// # Errors
    /// If the HTTP client cannot be built.
    pub fn with(may: fn(IpAddr) -> bool, pace: Duration) -> reqwest::Result<Self> {
        let http = reqwest::Client::builder()
            .dns_resolver(Checked(may))
            // A proxy would find the addresses itself.
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .pool_max_idle_per_host(0)
            .user_agent("Kairan (link check)")
            .build()?;
        Ok(Self { http, may, pace, last: Mutex::default() })
    }

    /// Asks for a page, once or twice.
    pub async fn look(&self, page: &str) -> Answer {
        let Ok(url) = Url::parse(page) else { return Answer::Unasked };
        if !matches!(url.scheme(), "http" | "https") || !self.may_ask(&url).await {
            return Answer::Unasked;
        }
        match self.ask(Method::HEAD, &url).await {
            Answer::Opens => Answer::Opens,
            // Some servers do not know this question.
            _ => self.ask(Method::GET, &url).await,
        }
    }

    /// Whether everything to which the name of a page's host leads may be asked. One that leads
    /// nowhere may.
    async fn may_ask(&self, url: &Url) -> bool {
        let Some(host) = url.host_str().filter(|host| !is_set_aside(host)) else { return false };
        if let Ok(address) = host.trim_matches(['[', ']']).parse() {
            return (self.may)(address);
        }
        match tokio::time::timeout(PATIENCE, tokio::net::lookup_host((host, 0))).await {
            Ok(Ok(mut found)) => found.all(|at| (self.may)(at.ip())),
            _ => true,
        }
    }

    /// Of what is answered nothing is read but the status.
    async fn ask(&self, method: Method, url: &Url) -> Answer {
        let host = url.host_str().unwrap_or_default();
        tokio::time::sleep(self.spared(host, Instant::now())).await;
        let asked = self.http.request(method, url.clone()).header(RANGE, "bytes=0-1023");
        match asked.send().await.map(|answer| answer.status()) {
            Ok(status) if is_gone(status) => Answer::Gone(status),
            Ok(_) => Answer::Opens,
            Err(error) if error.is_timeout() => Answer::Silent("10秒待っても返事がありません"),
            Err(_) => Answer::Silent("つながりません"),
        }
    }

    /// For how long a host is to be spared, before it is asked.
    fn spared(&self, host: &str, now: Instant) -> Duration {
        if self.pace.is_zero() {
            return Duration::ZERO;
        }
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let at = last.get(host).map_or(now, |last| now.max(*last + self.pace));
        last.insert(host.to_owned(), at);
        at - now
    }
}

/// What is known of pages at which somebody looked lately.
pub struct Pages {
    looker: Looker,
    kept: Mutex<HashMap<String, (Instant, Answer)>>,
}

impl Pages {
    /// Asks public hosts, for somebody who waits.
    ///
    /// # Errors
    /// If the HTTP client cannot be built.
    pub fn new() -> reqwest::Result<Self> {
        Looker::with(is_public, Duration::ZERO).map(Self::with)
    }

    /// Asks by this looker.
    pub fn with(looker: Looker) -> Self {
        Self { looker, kept: Mutex::default() }
    }

    /// What a page answered lately.
    pub fn known(&self, page: &str) -> Option<Answer> {
        self.kept_at(page, Instant::now(), |_| KEPT)
    }

    /// Looks at the pages of which nothing fresh is known. It is over after three seconds: what has
    /// not answered by then is silent.
    pub async fn look(&self, pages: BTreeSet<String>) {
        let now = Instant::now();
        let until = tokio::time::Instant::now() + WAIT;
        let due: Vec<String> =
            pages.into_iter().filter(|page| self.kept_at(page, now, fresh).is_none()).collect();
        let looker = &self.looker;
        let asked = futures::stream::iter(due).map(|page| async move {
            let answer = tokio::time::timeout_at(until, looker.look(&page)).await;
            (page, answer.unwrap_or(Answer::Silent("3秒待っても返事がありません")))
        });
        let found: Vec<(String, Answer)> = asked.buffer_unordered(AT_ONCE).collect().await;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() + found.len() > REMEMBERED {
            kept.clear();
        }
        kept.extend(found.into_iter().map(|(page, answer)| (page, (now, answer))));
    }

    fn kept_at(&self, page: &str, now: Instant, good: fn(Answer) -> Duration) -> Option<Answer> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, answer) = *kept.get(page)?;
        (now.saturating_duration_since(at) < good(answer)).then_some(answer)
    }
}

/// For how long an answer is not asked for again.
fn fresh(answer: Answer) -> Duration {
    if answer == Answer::Opens { FRESH } else { AGAIN }
}

/// Leads to addresses that may be asked, and nowhere if one of them may not.
struct Checked(fn(IpAddr) -> bool);

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let may = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<SocketAddr> = found.collect();
            if !found.iter().all(|at| may(at.ip())) {
                return Err("the host is not public".into());
            }
            let found: Addrs = Box::new(found.into_iter());
            Ok::<Addrs, Box<dyn std::error::Error + Send + Sync>>(found)
        })
    }
}

/// Whether nobody sees a page that is answered like that.
fn is_gone(status: StatusCode) -> bool {
    status == StatusCode::NOT_FOUND || status == StatusCode::GONE || status.is_server_error()
}

/// Whether a name is none of the open internet.
fn is_set_aside(host: &str) -> bool {
    let host = host.trim_end_matches('.');
    SET_ASIDE.iter().any(|name| {
        host.strip_suffix(*name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    })
}

/// Whether an address lies in the open internet: in no network of one's own, and in none that
/// is set aside.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            !(ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_documentation()
                || matches!((a, b, c), (0 | 224..=255, ..) | (100, 64..128, _) | (192, 0, 0))
                || matches!((a, b), (198, 18 | 19)))
        }
        IpAddr::V6(ip) => match ip.segments() {
            // An address of the old kind in one of the new kind.
            [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
                let bits = (u32::from(high) << 16) | u32::from(low);
                is_public(IpAddr::V4(Ipv4Addr::from(bits)))
            }
            [0x2001, b, ..] => b >= 0x200 && b != 0xdb8,
            [a, ..] => (0x2000..0x4000).contains(&a) && a != 0x2002,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_of_ones_own_are_not_asked() {
        let public = |address: &str| is_public(address.parse().unwrap());
        for own in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.11.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "192.0.0.8",
            "192.0.2.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "2001:db8::1",
            "2001:0:1::1",
            "2002:7f00:1::1",
        ] {
            assert!(!public(own), "{own}");
        }
        for open in ["8.8.8.8", "100.128.0.1", "203.104.1.1", "2001:200::1", "2400:4000::1"] {
            assert!(public(open), "{open}");
        }
        assert!(public("::ffff:8.8.8.8") && public("64:ff9b::808:808"));
    }

    #[test]
    fn a_host_is_asked_once_a_second() {
        let looker = Looker::with(|_| true, PACE).unwrap();
        let now = Instant::now();
        let spared = |host: &str, later: u64| {
            looker.spared(host, now + Duration::from_millis(later)).as_millis()
        };
        assert_eq!([spared("a", 0), spared("a", 0), spared("b", 0)], [0, 1_000, 0]);
        assert_eq!(spared("a", 1_300), 700);
        assert_eq!(spared("a", 5_000), 0);
    }

    #[test]
    fn names_of_no_one_are_not_asked() {
        for own in ["localhost", "a.mihon.example", "www.example.jp", "x.local", "example.com."] {
            assert!(is_set_aside(own), "{own}");
        }
        for open in ["www.city.mihon.lg.jp", "myexample.jp", "example.co", "localhost.jp"] {
            assert!(!is_set_aside(open), "{open}");
        }
    }

    #[test]
    fn what_opens_is_known_for_longer() {
        let pages = Pages::with(Looker::with(|_| true, Duration::ZERO).unwrap());
        let now = Instant::now();
        let gone = Answer::Gone(StatusCode::NOT_FOUND);
        for (page, answer) in [("a", Answer::Opens), ("b", gone)] {
            pages.kept.lock().unwrap().insert(page.to_owned(), (now, answer));
        }
        let later = |seconds| now + Duration::from_secs(seconds);
        let asked = |at| ["a", "b"].map(|page| pages.kept_at(page, at, fresh).is_none());
        assert_eq!(asked(later(29)), [false, false]);
        assert_eq!(asked(later(30)), [false, true]);
        assert_eq!(asked(later(300)), [true, true]);
        let known = |at| ["a", "b"].map(|page| pages.kept_at(page, at, |_| KEPT));
        assert_eq!(known(later(301)), [Some(Answer::Opens), Some(gone)]);
        assert_eq!(known(later(900)), [None, None]);
    }
}
