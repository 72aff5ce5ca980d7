//! One HTTP exchange: what goes out, and how an answer becomes a value or an error.

use reqwest::{Method, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::Error;
use super::{Client, Reply};
use crate::api::{ErrorBody, REQUEST_ID, RETRY_KEY};
use crate::validate::Detail;

/// More of an error's body is not read.
const ERROR_BYTES: usize = 64 * 1024;
/// More of an answer is not read; a page of 1000 follower ids has about 40 KB.
const ANSWER_BYTES: usize = 4 * 1024 * 1024;

const JSON: &str = "application/json";

/// A request that can be made again.
pub(super) struct Call {
    method: Method,
    url: String,
    query: Vec<(&'static str, String)>,
    body: Option<(&'static str, Vec<u8>)>,
    retry_key: Option<String>,
}

impl Call {
    pub fn get(url: String, query: Vec<(&'static str, String)>) -> Self {
        Self { method: Method::GET, url, query, body: None, retry_key: None }
    }

    pub fn post<T: Serialize>(
        url: String,
        body: &T,
        retry_key: Option<&str>,
    ) -> Result<Self, Error> {
        Ok(Self {
            method: Method::POST,
            url,
            query: Vec::new(),
            body: Some((JSON, serde_json::to_vec(body).map_err(|e| Error::NotSent(e.into()))?)),
            retry_key: retry_key.map(str::to_owned),
        })
    }

    /// A call whose address says it all.
    pub fn bare(method: Method, url: String) -> Self {
        Self { method, url, query: Vec::new(), body: None, retry_key: None }
    }

    /// A file of this media type.
    pub fn file(url: String, media_type: &'static str, bytes: Vec<u8>) -> Self {
        Self { body: Some((media_type, bytes)), ..Self::bare(Method::POST, url) }
    }
}

impl Client {
    /// Sends with a token; after a 401 once more with a new one.
    pub(super) async fn send(&self, call: &Call) -> Result<Response, Error> {
        let token = self.tokens.get(&self.http).await?;
        let response = self.attempt(call, &token).await?;
        if response.status() != StatusCode::UNAUTHORIZED {
            return Ok(response);
        }
        self.tokens.forget(&token).await;
        let token = self.tokens.get(&self.http).await?;
        let response = self.attempt(call, &token).await?;
        if response.status() == StatusCode::UNAUTHORIZED {
            return Err(Error::Unauthorized { request_id: header(&response, REQUEST_ID) });
        }
        Ok(response)
    }

    async fn attempt(&self, call: &Call, token: &str) -> Result<Response, Error> {
        let mut request = self.http.request(call.method.clone(), &call.url).bearer_auth(token);
        if !call.query.is_empty() {
            request = request.query(&call.query);
        }
        if let Some(key) = &call.retry_key {
            request = request.header(RETRY_KEY, key);
        }
        if let Some((media_type, body)) = &call.body {
            request = request.header("content-type", *media_type).body(body.clone());
        } else if call.method == Method::POST {
            // With a length, even of nothing.
            request = request.header("content-length", "0");
        }
        Ok(request.send().await?)
    }

    /// A success whose body says nothing.
    pub(super) async fn done(&self, call: Call) -> Result<Reply<()>, Error> {
        let response = self.send(&call).await?;
        if response.status().is_success() {
            Ok(Reply { value: (), request_id: header(&response, REQUEST_ID) })
        } else {
            Err(failure(response).await)
        }
    }

    /// What LINE finds wrong in a request that is only to be judged; `whole` is the
    /// property where it names none.
    pub(super) async fn judge(&self, call: Call, whole: &str) -> Result<Reply<Vec<Detail>>, Error> {
        let response = self.send(&call).await?;
        if response.status().is_success() {
            return Ok(Reply { value: Vec::new(), request_id: header(&response, REQUEST_ID) });
        }
        match failure(response).await {
            Error::Refused { status, request_id, body }
                if status == 400 || (status == 404 && !body.details.is_empty()) =>
            {
                let value = if body.details.is_empty() {
                    vec![Detail { message: body.message, property: whole.to_owned() }]
                } else {
                    body.details
                };
                Ok(Reply { value, request_id })
            }
            other => Err(other),
        }
    }

    /// The answer's JSON.
    pub(super) async fn read<T: DeserializeOwned>(&self, call: Call) -> Result<Reply<T>, Error> {
        let response = self.send(&call).await?;
        if response.status().is_success() {
            json(response).await
        } else {
            Err(failure(response).await)
        }
    }
}

pub(super) fn header(response: &Response, name: &str) -> Option<String> {
    let value = response.headers().get(name)?.to_str().ok()?;
    Some(value.to_owned())
}

/// Reads a success; its body must fit.
pub(crate) async fn json<T: DeserializeOwned>(response: Response) -> Result<Reply<T>, Error> {
    let request_id = header(&response, REQUEST_ID);
    let status = response.status().as_u16();
    let body = limited(response, ANSWER_BYTES).await?;
    match serde_json::from_slice(&body) {
        Ok(value) => Ok(Reply { value, request_id }),
        Err(_) => Err(Error::Unreadable { status, request_id }),
    }
}

/// The typed error of an answer that is no success.
pub(crate) async fn failure(response: Response) -> Error {
    let request_id = header(&response, REQUEST_ID);
    let status = response.status();
    if status == StatusCode::UNAUTHORIZED {
        return Error::Unauthorized { request_id };
    }
    if status.is_server_error() {
        return Error::Unavailable { status: status.as_u16(), request_id };
    }
    // The status alone decides; a body that cannot be read only explains less.
    let bytes = limited(response, ERROR_BYTES).await.unwrap_or_default();
    let body: ErrorBody = serde_json::from_slice(&bytes).unwrap_or_default();
    if status != StatusCode::TOO_MANY_REQUESTS {
        return Error::Refused { status: status.as_u16(), request_id, body };
    }
    if body.message.to_ascii_lowercase().contains("monthly limit") {
        Error::QuotaReached { request_id, body }
    } else {
        Error::RateLimited { request_id, body }
    }
}

/// At most `max` bytes of a body; the rest is left.
pub(super) async fn limited(mut response: Response, max: usize) -> Result<Vec<u8>, reqwest::Error> {
    let mut body = Vec::new();
    while body.len() < max {
        let Some(chunk) = response.chunk().await? else {
            break;
        };
        let room = max - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
    }
    Ok(body)
}
