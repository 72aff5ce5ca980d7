//! Configuration by `KAIRAN_…` environment variables, or a TOML file of the same
//! names in lower case without the prefix (`KAIRAN_CONFIG`). The environment wins.

use figment::Figment;
use figment::providers::{Format, Serialized, Toml};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use services::Settings;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

/// Everything that an operator can set; the defaults suit a first look on one machine.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Config {
    /// `sqlite://…` or `postgres://…`.
    pub database_url: String,
    /// Where files are kept: `file:PATH`, or `s3://BUCKET/PREFIX` with the usual `AWS_…` variables.
    pub blob_url: String,
    /// Created if it is absent.
    pub key_file: PathBuf,
    /// Where HTTP is served.
    pub bind: SocketAddr,
    /// How browsers and LINE reach this: https, or http on loopback.
    pub public_url: String,
    /// Networks that reach console and REST, comma-separated CIDR; unset: loopback only.
    pub console_allow: Option<String>,
    /// Proxies whose `X-Forwarded-For` is believed, comma-separated CIDR.
    pub trusted_proxies: Option<String>,
    /// Messaging API channel.
    pub line_channel_id: String,
    /// Its secret.
    pub line_channel_secret: String,
    /// LINE Login channel.
    pub login_channel_id: String,
    /// Its secret.
    pub login_channel_secret: String,
    /// LIFF app.
    pub liff_id: String,
    /// Messaging API.
    pub line_api_url: String,
    /// Messaging API, binary data.
    pub line_data_api_url: String,
    /// LINE Login pages.
    pub line_login_url: String,
    /// LIFF links.
    pub liff_url: String,
    /// LINE's script.
    pub liff_sdk_url: String,
    /// Shows `/phone`.
    pub sandbox_url: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database_url: "sqlite://var/kairan.db".into(),
            blob_url: "file:./var/blobs".into(),
            key_file: "var/kairan.key".into(),
            bind: SocketAddr::from(([127, 0, 0, 1], 3000)),
            public_url: String::new(),
            console_allow: None,
            trusted_proxies: None,
            line_channel_id: String::new(),
            line_channel_secret: String::new(),
            login_channel_id: String::new(),
            login_channel_secret: String::new(),
            liff_id: String::new(),
            line_api_url: "https://api.line.me".into(),
            line_data_api_url: "https://api-data.line.me".into(),
            line_login_url: "https://access.line.me".into(),
            liff_url: "https://liff.line.me".into(),
            liff_sdk_url: "https://static.line-scdn.net/liff/edge/2/sdk.js".into(),
            sandbox_url: None,
        }
    }
}

/// A configuration that cannot be used: the message says which value, and what it must be.
#[derive(Debug, thiserror::Error)]
#[error("configuration: {0}")]
pub struct ConfigError(String);

impl Config {
    /// Reads the configuration.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn read() -> Result<Self, ConfigError> {
        let mut figment = Figment::from(Serialized::defaults(Self::default()));
        if let Some(path) = std::env::var_os("KAIRAN_CONFIG") {
            let path = PathBuf::from(path);
            if !path.is_file() {
                return Err(ConfigError(format!(
                    "KAIRAN_CONFIG: there is no file {}",
                    path.display()
                )));
            }
            figment = figment.merge(Toml::file(path));
        }
        // Values are taken as they stand: a channel id of digits is text, not a number.
        let names: Vec<String> = Self::names();
        for (key, value) in std::env::vars()
            .filter_map(|(k, v)| Some((k.strip_prefix("KAIRAN_")?.to_lowercase(), v)))
        {
            if names.contains(&key) {
                figment = figment.merge(Serialized::default(&key, value));
            }
        }
        let mut config: Self = figment.extract().map_err(|e| ConfigError(e.to_string()))?;
        for url in [
            &mut config.public_url,
            &mut config.line_api_url,
            &mut config.line_data_api_url,
            &mut config.line_login_url,
            &mut config.liff_url,
        ] {
            while url.ends_with('/') {
                url.pop();
            }
        }
        if config.public_url.is_empty() {
            config.public_url = format!("http://{}", config.bind);
        }
        config.check()?;
        Ok(config)
    }

    fn names() -> Vec<String> {
        match serde_json::to_value(Self::default()) {
            Ok(serde_json::Value::Object(fields)) => {
                fields.into_iter().map(|(name, _)| name).collect()
            }
            _ => Vec::new(),
        }
    }

    fn check(&self) -> Result<(), ConfigError> {
        let fail = |message: String| Err(ConfigError(message));
        if !["sqlite:", "postgres:", "postgresql:"].iter().any(|p| self.database_url.starts_with(p))
        {
            return fail("KAIRAN_DATABASE_URL must begin with sqlite: or postgres:".into());
        }
        if !["file:", "s3://"].iter().any(|p| self.blob_url.starts_with(p)) {
            return fail("KAIRAN_BLOB_URL must begin with file: or s3://".into());
        }
        let host = self
            .public_url
            .strip_prefix("http://")
            .map(|rest| rest.split(['/', ':']).next().unwrap_or(rest));
        let loopback = host.is_some_and(|h| h == "localhost" || h.starts_with("127.") || h == "[");
        if !self.public_url.starts_with("https://") && !loopback {
            return fail("KAIRAN_PUBLIC_URL must be https, or http on loopback".into());
        }
        self.allowed()?;
        self.proxies()?;
        Ok(())
    }

    /// Networks that reach console and REST.
    ///
    /// # Errors
    /// If the list cannot be read.
    pub fn allowed(&self) -> Result<Vec<IpNet>, ConfigError> {
        networks(
            "KAIRAN_CONSOLE_ALLOW",
            self.console_allow.as_deref().unwrap_or("127.0.0.0/8,::1/128"),
        )
    }

    /// Proxies that are believed.
    ///
    /// # Errors
    /// If the list cannot be read.
    pub fn proxies(&self) -> Result<Vec<IpNet>, ConfigError> {
        networks("KAIRAN_TRUSTED_PROXIES", self.trusted_proxies.as_deref().unwrap_or(""))
    }

    /// What use cases need of it.
    pub fn settings(&self) -> Settings {
        Settings {
            public_url: self.public_url.clone(),
            line_api_url: self.line_api_url.clone(),
            line_data_api_url: self.line_data_api_url.clone(),
            channel_id: self.line_channel_id.clone(),
            channel_secret: self.line_channel_secret.clone(),
            login_channel_id: self.login_channel_id.clone(),
            login_channel_secret: self.login_channel_secret.clone(),
            liff_id: self.liff_id.clone(),
            liff_url: self.liff_url.clone(),
            liff_sdk_url: self.liff_sdk_url.clone(),
            sandbox_url: self
                .sandbox_url
                .clone()
                .map(|u| u.trim_end_matches('/').to_owned())
                .filter(|u| !u.is_empty()),
        }
    }
}

fn networks(name: &str, list: &str) -> Result<Vec<IpNet>, ConfigError> {
    list.split(',')
        .map(str::trim)
        .filter(|s| !s.is_empty())
        .map(|s| {
            s.parse::<IpNet>()
                .or_else(|_| s.parse::<IpAddr>().map(IpNet::from))
                .map_err(|_| ConfigError(format!("{name}: {s:?} is no network (10.24.16.0/22)")))
        })
        .collect()
}
