//! A small HTTP client: JSON in, JSON out, every status an answer.

use crate::failure::{Result, While};
use serde_json::Value;
use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;
use ureq::{Agent, Body, SendBody};

/// The longest answer that is read, in bytes.
const LARGEST: u64 = 256 * 1024 * 1024;

#[derive(Clone)]
pub struct Client {
    agent: Agent,
    base: String,
    token: Option<String>,
}

/// Status and body. The body is null where it is not JSON.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Client {
    /// A client for addresses below `base` whose calls may take `limit`.
    pub fn new(base: impl Into<String>, limit: Duration) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_connect(Some(Duration::from_secs(5)))
            .timeout_global(Some(limit))
            .build();
        Self { agent: config.into(), base: base.into(), token: None }
    }

    pub fn bearer(mut self, token: &str) -> Self {
        self.token = Some(format!("Bearer {token}"));
        self
    }

    pub fn get(&self, path: &str) -> Result<Answer> {
        let mut request = self.agent.get(self.base.clone() + path);
        if let Some(token) = &self.token {
            request = request.header("authorization", token);
        }
        request.call().map(answer).during(format!("GET {path}"))
    }

    /// The body of a GET as text; only 200 is good.
    pub fn text(&self, path: &str) -> Result<String> {
        String::from_utf8(self.bytes(path)?).during(format!("GET {path}"))
    }

    /// The body of a GET; only 200 is good.
    pub fn bytes(&self, path: &str) -> Result<Vec<u8>> {
        let mut response =
            self.agent.get(self.base.clone() + path).call().during(format!("GET {path}"))?;
        if response.status() != 200 {
            return Err(format!("GET {path}: answered {}", response.status()).into());
        }
        response.body_mut().with_config().limit(LARGEST).read_to_vec().during(format!("GET {path}"))
    }

    pub fn post(&self, path: &str, body: &Value) -> Result<Answer> {
        self.send("POST", path, &[("content-type", "application/json")], body.to_string())
    }

    pub fn put(&self, path: &str, body: &Value) -> Result<Answer> {
        self.send("PUT", path, &[("content-type", "application/json")], body.to_string())
    }

    /// Sends anything, headers included.
    pub fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
    ) -> Result<Answer> {
        let body: Vec<u8> = body.into();
        self.stream(method, path, headers, &mut body.as_slice())
    }

    /// Sends a body while it is read.
    pub fn stream(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &mut dyn std::io::Read,
    ) -> Result<Answer> {
        let mut request =
            ureq::http::Request::builder().method(method).uri(self.base.clone() + path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(token) = &self.token {
            request = request.header("authorization", token);
        }
        let request = request.body(SendBody::from_reader(body)).during("writing a request")?;
        self.agent.run(request).map(answer).during(format!("{method} {path}"))
    }
}

fn answer(mut response: ureq::http::Response<Body>) -> Answer {
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(LARGEST);
    let text = body.read_to_string().unwrap_or_default();
    Answer { status, body: serde_json::from_str(&text).unwrap_or(Value::Null) }
}

impl Answer {
    /// The body, if the status is the expected one.
    pub fn expect(self, status: u16, what: &str) -> Result<Value> {
        if self.status == status {
            return Ok(self.body);
        }
        Err(format!("{what}: answered {} instead of {status}: {}", self.status, self.body).into())
    }
}

/// A port that nobody listens on at this moment.
pub fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).during("looking for a free port")?;
    Ok(listener.local_addr()?.port())
}

/// True if somebody listens there already.
pub fn is_taken(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_err()
}
