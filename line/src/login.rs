//! ID tokens of LINE Login and LIFF: who is at the browser.
//!
//! LIFF's tokens are signed with ES256 by a key of LINE's published set; those of the
//! web login with HS256 by the channel secret. Both are verified here, offline; where
//! the key set cannot be had, LINE itself is asked. Nothing else that a browser says of
//! its user may be believed.
//!
//! Source: <https://developers.line.biz/en/docs/line-login/verify-id-token/>

mod keys;

use jsonwebtoken::{Algorithm, DecodingKey, Validation};

use crate::api::IdTokenClaims;
use crate::client::Error;
use crate::client::http::{failure, json};
use keys::{Keys, Lookup};

/// Who issues ID tokens.
pub const ISSUER: &str = "https://access.line.me";

/// LINE's tokens have about 1 KB.
const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// Verifies ID tokens for one LINE Login (or MINI App) channel. Share it behind an `Arc`.
pub struct LoginVerifier {
    http: reqwest::Client,
    verify_url: String,
    channel_id: String,
    channel_secret: String,
    keys: Keys,
}

/// Who decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerifiedBy {
    /// Us, with LINE's published keys.
    KeySet,
    /// Us, with the channel secret.
    ChannelSecret,
    /// LINE's verification endpoint.
    Line,
}

/// A token that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    pub claims: IdTokenClaims,
    pub by: VerifiedBy,
}

/// Why nobody is logged in.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// The token is not to be believed.
    #[error("the ID token is not valid: {0:?}")]
    Invalid(Invalid),
    /// Neither the key set nor the verification endpoint could be had: try again later.
    #[error("the ID token could not be verified")]
    Unavailable(#[source] Error),
}

/// What is wrong with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Invalid {
    /// No ID token at all.
    Malformed,
    /// Neither ES256 nor (where there is a channel secret) HS256.
    Algorithm,
    /// Signed with a key that is not in LINE's set.
    UnknownKey,
    Signature,
    Issuer,
    /// Issued for another channel.
    Audience,
    /// Log in again: tokens live for an hour.
    Expired,
    /// LINE says that it is not valid.
    RefusedByLine,
}

impl LoginVerifier {
    /// A verifier; fetches nothing yet. `api_url` is the base URL of LINE's API host.
    /// With an empty `channel_secret` HS256 is refused.
    #[must_use]
    pub fn new(
        http: reqwest::Client,
        api_url: &str,
        channel_id: impl Into<String>,
        channel_secret: impl Into<String>,
    ) -> Self {
        let api_url = api_url.trim_end_matches('/');
        Self {
            keys: Keys::new(http.clone(), format!("{api_url}/oauth2/v2.1/certs")),
            verify_url: format!("{api_url}/oauth2/v2.1/verify"),
            http,
            channel_id: channel_id.into(),
            channel_secret: channel_secret.into(),
        }
    }

    /// Verifies signature, issuer, audience and expiry at `now` (unix seconds).
    ///
    /// # Errors
    /// [`LoginError`]
    pub async fn verify(&self, id_token: &str, now: i64) -> Result<Verified, LoginError> {
        if id_token.len() > MAX_TOKEN_BYTES {
            return Err(LoginError::Invalid(Invalid::Malformed));
        }
        let header = jsonwebtoken::decode_header(id_token)
            .map_err(|_| LoginError::Invalid(Invalid::Malformed))?;
        let verified = match header.alg {
            Algorithm::HS256 if !self.channel_secret.is_empty() => Verified {
                claims: decode(
                    id_token,
                    &DecodingKey::from_secret(self.channel_secret.as_bytes()),
                    Algorithm::HS256,
                )?,
                by: VerifiedBy::ChannelSecret,
            },
            Algorithm::ES256 => match self.keys.find(header.kid.as_deref()).await {
                Lookup::Found(key) => Verified {
                    claims: decode(id_token, &key, Algorithm::ES256)?,
                    by: VerifiedBy::KeySet,
                },
                Lookup::Unknown => return Err(LoginError::Invalid(Invalid::UnknownKey)),
                Lookup::NoKeySet => {
                    Verified { claims: self.ask_line(id_token).await?, by: VerifiedBy::Line }
                }
            },
            _ => return Err(LoginError::Invalid(Invalid::Algorithm)),
        };
        self.check(&verified.claims, now)?;
        Ok(verified)
    }

    fn check(&self, claims: &IdTokenClaims, now: i64) -> Result<(), LoginError> {
        let invalid = if claims.iss != ISSUER {
            Invalid::Issuer
        } else if claims.aud != self.channel_id {
            Invalid::Audience
        } else if claims.exp <= now {
            Invalid::Expired
        } else {
            return Ok(());
        };
        Err(LoginError::Invalid(invalid))
    }

    /// <https://developers.line.biz/en/reference/line-login/#verify-id-token>
    async fn ask_line(&self, id_token: &str) -> Result<IdTokenClaims, LoginError> {
        let form = [("id_token", id_token), ("client_id", &self.channel_id)];
        let answer = async {
            let response = self.http.post(&self.verify_url).form(&form).send().await?;
            if response.status().is_success() {
                Ok(json(response).await?.value)
            } else {
                Err(failure(response).await)
            }
        };
        answer.await.map_err(|error| match error {
            Error::Refused { status: 400, .. } => LoginError::Invalid(Invalid::RefusedByLine),
            other => LoginError::Unavailable(other),
        })
    }
}

/// Signature only: issuer, audience and times are checked by the caller, with its clock.
fn decode(token: &str, key: &DecodingKey, alg: Algorithm) -> Result<IdTokenClaims, LoginError> {
    let mut validation = Validation::new(alg);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    jsonwebtoken::decode(token, key, &validation).map(|data| data.claims).map_err(|error| {
        LoginError::Invalid(match error.kind() {
            jsonwebtoken::errors::ErrorKind::InvalidSignature => Invalid::Signature,
            _ => Invalid::Malformed,
        })
    })
}

#[cfg(test)]
mod tests;
