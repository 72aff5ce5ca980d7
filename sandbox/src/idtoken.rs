//! ID tokens: ES256 for LIFF, HS256 with the channel secret for web login.

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use p256::SecretKey;
use p256::elliptic_curve::sec1::ToEncodedPoint;
use p256::pkcs8::EncodePrivateKey;
use rand::RngExt;
use rand::rngs::StdRng;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Issuer of LINE's ID tokens.
pub const ISSUER: &str = "https://access.line.me";
/// Life of an ID token in seconds.
pub const LIFE: i64 = 3_600;

/// Claims of an ID token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdToken {
    /// Issuer.
    pub iss: String,
    /// User id.
    pub sub: String,
    /// LINE Login channel id.
    pub aud: String,
    /// End of its life (UTC seconds).
    pub exp: i64,
    /// Beginning of its life (UTC seconds).
    pub iat: i64,
    /// How the person was authenticated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// What the application gave when signing in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// Display name.
    pub name: String,
}

/// The key pair.
pub struct Keys {
    kid: String,
    x: String,
    y: String,
    private: EncodingKey,
    public: DecodingKey,
}

impl Keys {
    /// A fresh private scalar.
    pub fn scalar(rng: &mut StdRng) -> [u8; 32] {
        loop {
            let scalar: [u8; 32] = rng.random();
            // Zero and what is beyond the curve's order are refused; that is rare.
            if SecretKey::from_slice(&scalar).is_ok() {
                return scalar;
            }
        }
    }

    /// The pair of a private scalar.
    ///
    /// # Errors
    /// When the scalar is none of the curve.
    pub fn new(scalar: &[u8; 32]) -> anyhow::Result<Self> {
        let secret = SecretKey::from_slice(scalar).context("the ID tokens' key is damaged")?;
        let der = secret.to_pkcs8_der().context("the ID tokens' key is damaged")?;
        let point = secret.public_key().to_encoded_point(false);
        let (x, y) = (point.x(), point.y());
        let [x, y] = [x, y].map(|c| URL_SAFE_NO_PAD.encode(c.map_or(&[][..], |c| &c[..])));
        Ok(Keys {
            kid: hex::encode(&Sha256::digest(point.as_bytes())[..16]),
            private: EncodingKey::from_ec_der(der.as_bytes()),
            public: DecodingKey::from_ec_components(&x, &y)?,
            x,
            y,
        })
    }

    /// The key set as LINE publishes it.
    #[must_use]
    pub fn jwks(&self) -> Value {
        json!({"keys": [{
            "kty": "EC", "alg": "ES256", "use": "sig", "crv": "P-256",
            "kid": self.kid, "x": self.x, "y": self.y,
        }]})
    }

    /// Signs as LIFF does.
    ///
    /// # Errors
    /// When the key cannot sign.
    pub fn sign(&self, token: &IdToken) -> anyhow::Result<String> {
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some(self.kid.clone());
        Ok(encode(&header, token, &self.private)?)
    }

    /// Signs as web login does.
    ///
    /// # Errors
    /// When the key cannot sign.
    pub fn sign_web(token: &IdToken, secret: &str) -> anyhow::Result<String> {
        let key = EncodingKey::from_secret(secret.as_bytes());
        Ok(encode(&Header::new(Algorithm::HS256), token, &key)?)
    }

    /// Claims of a token whose signature is right, whatever its age and audience.
    #[must_use]
    pub fn open(&self, token: &str, secret: &str) -> Option<IdToken> {
        let algorithm = jsonwebtoken::decode_header(token).ok()?.alg;
        let web;
        let key = match algorithm {
            Algorithm::ES256 => &self.public,
            Algorithm::HS256 => {
                web = DecodingKey::from_secret(secret.as_bytes());
                &web
            }
            _ => return None,
        };
        let mut validation = Validation::new(algorithm);
        // Time and audience are checked by the caller, with the sandbox's clock.
        validation.validate_exp = false;
        validation.validate_aud = false;
        Some(decode::<IdToken>(token, key, &validation).ok()?.claims)
    }
}
