//! What residents sent: photographs, films, sounds, files.

use bytes::Bytes;
use reqwest::{Response, StatusCode};

use super::error::Error;
use super::http::{Call, failure, header};
use super::{Client, Reply};
use crate::api::REQUEST_ID;

/// The content of a message.
#[derive(Debug)]
pub enum Content {
    /// LINE is still converting it (202): ask again later.
    Preparing,
    /// It can be read now.
    Ready(ContentBody),
}

/// A body to be read piece by piece.
pub struct ContentBody {
    /// Media type as LINE says it.
    pub content_type: Option<String>,
    /// Length in bytes, where LINE says it.
    pub length: Option<u64>,
    response: Response,
}

impl std::fmt::Debug for ContentBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ContentBody")
            .field("content_type", &self.content_type)
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

impl ContentBody {
    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// [`Error::Timeout`] or [`Error::Transport`]
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        Ok(self.response.chunk().await?)
    }

    /// The whole body; `None` where it is longer than `max` bytes.
    ///
    /// # Errors
    /// [`Error::Timeout`] or [`Error::Transport`]
    pub async fn bytes(mut self, max: usize) -> Result<Option<Vec<u8>>, Error> {
        let mut body = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            if chunk.len() > max - body.len() {
                return Ok(None);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Some(body))
    }
}

/// The text is no message id; it may not become part of an address.
#[derive(Debug, thiserror::Error)]
#[error("not a message id")]
struct NotAMessageId;

impl Client {
    /// The bytes of an image, video, sound or file that a resident sent.
    ///
    /// # Errors
    /// [`Error`]; [`Error::Refused`] with 404 when it is gone, 410 when it was unsent.
    pub async fn content(&self, message_id: &str) -> Result<Reply<Content>, Error> {
        if message_id.is_empty() || !message_id.bytes().all(|c| c.is_ascii_alphanumeric()) {
            return Err(Error::NotSent(NotAMessageId.into()));
        }
        let url = format!("{}/v2/bot/message/{message_id}/content", self.base.data);
        let response = self.send(&Call::get(url, Vec::new())).await?;
        let request_id = header(&response, REQUEST_ID);
        let value = match response.status() {
            StatusCode::ACCEPTED => Content::Preparing,
            status if status.is_success() => Content::Ready(ContentBody {
                content_type: header(&response, "content-type"),
                length: response.content_length(),
                response,
            }),
            _ => return Err(failure(response).await),
        };
        Ok(Reply { value, request_id })
    }
}
