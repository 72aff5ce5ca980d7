//! Mails to staff through the city's SMTP relay (ADM-10).
//!
//! The relay is one address, `KAIRAN_SMTP_RELAY_URL`: `smtps://user:password@host` (TLS
//! from the first byte), `smtp://…?tls=required` (STARTTLS), or `smtp://host:25` for a
//! relay in the city's own network. Mails come from the user, if that is an address, else
//! from `noreply` at the host of the public URL.

use crate::{Context, Error, Platform, Result, Settings};
use domain::alert::{Contact, is_address};
use domain::id::StaffId;
use lettre::message::Mailbox;
use lettre::message::header::{ContentType, MessageId};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use std::sync::Arc;
use std::time::Duration;
use store::mail::{Mail, New, Outcome};
use tokio::sync::watch;

/// A relay that does not answer within this is tried again later.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long an idle worker waits before it looks again.
const LOOK: Duration = Duration::from_secs(2);
/// Mails leased at once.
const CLAIM: i64 = 5;

/// The relay.
pub struct Relay {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    host: String,
}

/// What is wrong with the address of a relay, in words after its name.
pub fn relay_problem(url: &str) -> Option<String> {
    if !["smtp://", "smtps://"].iter().any(|scheme| url.starts_with(scheme)) {
        return Some("must begin with smtp:// or smtps://".into());
    }
    // The error may repeat the address, and with it the password.
    AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
        .is_err()
        .then(|| "is no address of an SMTP relay (smtps://user:password@smtp.mihon.example)".into())
}

/// Whether a password would cross a network unencrypted.
fn is_open_secret(url: &reqwest::Url) -> bool {
    let here = url.host_str().is_some_and(|host| {
        let host = host.trim_matches(['[', ']']);
        host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
    });
    let tls = url.query_pairs().any(|(name, value)| name == "tls" && value == "required");
    url.scheme() == "smtp" && url.password().is_some() && !tls && !here
}

impl Relay {
    /// The relay of these settings; nothing if there is none.
    pub(crate) fn of(settings: &Settings) -> Option<Self> {
        let text = settings.smtp_relay_url.as_deref()?;
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(text)
            .ok()?
            .timeout(Some(PATIENCE))
            .build();
        let url = reqwest::Url::parse(text).ok()?;
        let public = reqwest::Url::parse(&settings.public_url).ok()?;
        let host = public.host_str().unwrap_or("localhost").trim_matches(['[', ']']).to_owned();
        let user = percent_decoded(url.username());
        let address = if is_address(&user) {
            user.parse::<Address>().ok()?
        } else {
            // An address in brackets cannot stand in every header; nobody answers to this one.
            let by_number = host.parse::<std::net::IpAddr>().is_ok() || !host.contains('.');
            let domain = if by_number { "localhost.localdomain" } else { host.as_str() };
            Address::new("noreply", domain).ok()?
        };
        Some(Self {
            transport, from: Mailbox::new(Some("回覧（Kairan）".into()), address), host
        })
    }

    async fn hand_over(&self, mail: &Mail) -> Outcome {
        let message = match self.message(mail) {
            Ok(message) => message,
            Err(error) => return Outcome::Refused(error),
        };
        match tokio::time::timeout(PATIENCE * 2, self.transport.send(message)).await {
            Ok(Ok(_)) => Outcome::Sent,
            Ok(Err(error)) if error.is_permanent() => Outcome::Refused(error.to_string()),
            Ok(Err(error)) => Outcome::Later(error.to_string()),
            Err(_) => Outcome::Later("no answer".into()),
        }
    }

    fn message(&self, mail: &Mail) -> std::result::Result<Message, String> {
        let to = mail.address.parse::<Address>().map_err(|e| e.to_string())?;
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(&mail.subject)
            .header(MessageId::from(format!("<{}@{}>", mail.message_id, self.host)))
            .header(AutoSubmitted)
            .header(ContentType::TEXT_PLAIN)
            .body(mail.body.clone())
            .map_err(|e| e.to_string())
    }
}

/// RFC 3834: no machine answers it.
#[derive(Clone)]
struct AutoSubmitted;

impl lettre::message::header::Header for AutoSubmitted {
    fn name() -> lettre::message::header::HeaderName {
        lettre::message::header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> std::result::Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> lettre::message::header::HeaderValue {
        lettre::message::header::HeaderValue::new(Self::name(), "auto-generated".into())
    }
}

fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match hex.and_then(|h| u8::from_str_radix(h, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Hands mails over until `stop` turns true. Without a relay there is nothing to do.
pub async fn run(platform: Arc<Platform>, owner: String, mut stop: watch::Receiver<bool>) {
    if platform.relay.is_none() {
        return;
    }
    while !*stop.borrow() {
        let ctx = platform.system();
        let busy = match hand_over_due(&platform, &ctx, &owner).await {
            Ok(tried) => tried > 0,
            Err(error) => {
                tracing::error!(%error, "mail: the queue cannot be worked on");
                false
            }
        };
        if !busy {
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                _ = stop.changed() => {}
            }
        }
    }
}

/// Hands over what is due now; answers how many were tried.
///
/// # Errors
/// If the database is away.
pub async fn hand_over_due(platform: &Platform, ctx: &Context, owner: &str) -> Result<usize> {
    let Some(relay) = &platform.relay else { return Ok(0) };
    let mails = store::mail::claim(ctx, owner, CLAIM).await?;
    for (i, mail) in mails.iter().enumerate() {
        let outcome = relay.hand_over(mail).await;
        if outcome != Outcome::Sent {
            tracing::warn!(
                mail = mail.id.0,
                attempt = mail.attempts,
                ?outcome,
                "mail: not handed over"
            );
        }
        store::mail::settle(ctx, owner, mail, &outcome).await?;
        // A relay that does not answer is not asked for each of the others: their leases end.
        if matches!(&outcome, Outcome::Later(why) if why == "no answer") {
            return Ok(i + 1);
        }
    }
    Ok(mails.len())
}

/// Speaks with the relay; answers from whom mails come, or nothing without a relay.
///
/// # Errors
/// Why it cannot be used, in words for the operator.
pub async fn reach(platform: &Platform) -> std::result::Result<Option<String>, String> {
    let (Some(relay), Some(text)) = (&platform.relay, &platform.settings.smtp_relay_url) else {
        return match &platform.settings.smtp_relay_url {
            None => Ok(None),
            Some(_) => Err("KAIRAN_SMTP_RELAY_URL cannot be understood".into()),
        };
    };
    if reqwest::Url::parse(text).is_ok_and(|url| is_open_secret(&url)) {
        return Err("the password would go unencrypted: use smtps://, or add ?tls=required".into());
    }
    match tokio::time::timeout(PATIENCE, relay.transport.test_connection()).await {
        Ok(Ok(true)) => Ok(Some(relay.from.email.to_string())),
        Ok(Ok(false)) => Err("it does not answer as an SMTP server".into()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("no answer within {} seconds", PATIENCE.as_secs())),
    }
}

/// Whether mails can be sent at all.
pub fn can_send(platform: &Platform) -> bool {
    platform.relay.is_some()
}

/// Sends a trial to the own address of a member of staff; answers the address.
///
/// # Errors
/// `Invalid` at `mail` without an address or a relay; `NotFound`, `Forbidden`.
pub async fn try_out(platform: &Platform, ctx: &Context, staff: StaffId) -> Result<String> {
    let Contact { mail, .. } = store::alert::contact(ctx, staff).await?;
    if mail.is_empty() {
        return Err(Error::invalid(
            "mail",
            "メールアドレスがまだありません。入れて保存してください",
        ));
    }
    if !can_send(platform) {
        return Err(Error::invalid(
            "mail",
            "メールの中継サーバーが、まだ決まっていません。システムの担当に頼んでください",
        ));
    }
    let new = New {
        alert: None,
        staff,
        address: &mail,
        subject: "【回覧】知らせのメールの試し送り",
        body: "これは試し送りです。配信が止まったときや、多くの人に届かなかったときに、このアドレスへ知らせます。\n",
    };
    store::mail::send(ctx, new).await?;
    Ok(mail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_relays() {
        for good in [
            "smtp://127.0.0.1:2525",
            "smtps://user:p%40ss@smtp.mihon.example",
            "smtp://relay.mihon.example:587?tls=required",
        ] {
            assert_eq!(relay_problem(good), None, "{good}");
        }
        for bad in ["http://relay", "smtp.mihon.example", "", "smtp://", "smtp://host:port"] {
            assert!(relay_problem(bad).is_some(), "{bad}");
        }
        assert!(!relay_problem("smtp://u:geheim@host:port").unwrap_or_default().contains("geheim"));
    }

    #[test]
    fn a_password_does_not_cross_a_network_in_the_open() {
        let open = |url: &str| is_open_secret(&reqwest::Url::parse(url).expect("a URL"));
        assert!(open("smtp://u:p@relay.mihon.example:587"));
        assert!(open("smtp://u:p@relay.mihon.example:587?tls=opportunistic"));
        assert!(!open("smtp://u:p@relay.mihon.example:587?tls=required"));
        assert!(!open("smtps://u:p@relay.mihon.example"));
        assert!(!open("smtp://relay.mihon.example:25"));
        assert!(!open("smtp://u:p@127.0.0.1:25"));
    }

    #[test]
    fn percent_signs() {
        assert_eq!(percent_decoded("line%40city.mihon.example"), "line@city.mihon.example");
        assert_eq!(percent_decoded("100%"), "100%");
        assert_eq!(percent_decoded("a%zzb"), "a%zzb");
    }
}
