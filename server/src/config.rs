//! Configuration by `KAIRAN_…` environment variables, or a TOML file of the same
//! names in lower case, with or without the prefix (`KAIRAN_CONFIG`). The environment wins.

use figment::providers::{Format, Serialized, Toml};
use figment::value::{Dict, Value};
use figment::{Figment, Profile, Provider};
use ipnet::IpNet;
use reqwest::Url;
use serde::{Deserialize, Serialize};
use services::Settings;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

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
    /// Where `/metrics` is served; nowhere unless it is given.
    pub metrics_bind: Option<SocketAddr>,
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
    /// Tiles of maps, as the Geospatial Information Authority of Japan serves them.
    pub map_tiles: String,
    /// Where maps open, `latitude,longitude`; unset: all of Japan.
    pub map_center: Option<String>,
    /// Shows `/phone`.
    pub sandbox_url: Option<String>,
    /// Where mails to staff are handed over: `smtps://user:password@host`, or `smtp://host:25`.
    pub smtp_relay_url: Option<String>,
    /// Scans uploads of residents: `127.0.0.1:3310`, or `unix:/run/clamav/clamd.sock`. Where it is
    /// set, nothing is taken that it does not pass.
    pub clamd_address: Option<String>,
    /// Japan Post's KEN_ALL.CSV, for addresses by postcode.
    pub postcode_file: Option<PathBuf>,
    /// The font of rich menus' pictures and of posters, BIZUDPGothic-Bold.ttf; unset: where Debian
    /// puts it.
    pub menu_font: Option<PathBuf>,
    /// `off`: the web pages to which rich menus lead are not looked at.
    pub menu_page_check: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database_url: "sqlite://var/kairan.db".into(),
            blob_url: "file:./var/blobs".into(),
            key_file: "var/kairan.key".into(),
            bind: SocketAddr::from(([127, 0, 0, 1], 3000)),
            metrics_bind: None,
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
            map_tiles: "https://cyberjapandata.gsi.go.jp/xyz/pale/{z}/{x}/{y}.png".into(),
            map_center: None,
            sandbox_url: None,
            smtp_relay_url: None,
            clamd_address: None,
            postcode_file: None,
            menu_font: None,
            menu_page_check: "on".into(),
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
            figment = figment.merge(Serialized::defaults(Self::file(&path)?));
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
            &mut config.liff_sdk_url,
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

    /// The values of a file, by names without the prefix.
    fn file(path: &Path) -> Result<Dict, ConfigError> {
        let at = path.display();
        let mut data = Toml::file(path).data().map_err(|e| ConfigError(e.to_string()))?;
        let (names, mut values) = (Self::names(), Dict::new());
        for (key, value) in data.remove(&Profile::Default).unwrap_or_default() {
            let name = key.strip_prefix("kairan_").unwrap_or(&key);
            if !names.iter().any(|n| n == name) {
                return Err(ConfigError(format!("{at}: there is no setting {key:?}")));
            }
            // As in the environment: a channel id of digits is text.
            let value = match value.to_i128() {
                Some(number) => Value::from(number.to_string()),
                None => value,
            };
            if values.insert(name.to_owned(), value).is_some() {
                return Err(ConfigError(format!("{at}: {name:?} is set twice")));
            }
        }
        Ok(values)
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
        let public = absolute("KAIRAN_PUBLIC_URL", &self.public_url)?;
        if public.scheme() != "https" && !is_loopback(&public) {
            return fail("KAIRAN_PUBLIC_URL must be https, or http on loopback".into());
        }
        for (name, url) in [
            ("KAIRAN_LINE_API_URL", &self.line_api_url),
            ("KAIRAN_LINE_DATA_API_URL", &self.line_data_api_url),
            ("KAIRAN_LINE_LOGIN_URL", &self.line_login_url),
            ("KAIRAN_LIFF_URL", &self.liff_url),
            ("KAIRAN_LIFF_SDK_URL", &self.liff_sdk_url),
        ] {
            absolute(name, url)?;
        }
        if let Some(url) = self.sandbox_url.as_deref().filter(|u| !u.is_empty()) {
            absolute("KAIRAN_SANDBOX_URL", url)?;
        }
        absolute("KAIRAN_MAP_TILES", &self.map_tiles)?;
        if ["{z}", "{x}", "{y}"].iter().any(|part| !self.map_tiles.contains(part)) {
            return fail("KAIRAN_MAP_TILES must contain {z}, {x} and {y}".into());
        }
        self.map_center()?;
        if let Some(url) = self.smtp_relay() {
            services::mail::relay_problem(&url)
                .map_or(Ok(()), |words| fail(format!("KAIRAN_SMTP_RELAY_URL {words}")))?;
        }
        if !["on", "off"].contains(&self.menu_page_check.as_str()) {
            return fail("KAIRAN_MENU_PAGE_CHECK must be on or off".into());
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

    fn smtp_relay(&self) -> Option<String> {
        self.smtp_relay_url.clone().filter(|url| !url.trim().is_empty())
    }

    /// Latitude and longitude.
    fn map_center(&self) -> Result<Option<(f64, f64)>, ConfigError> {
        let Some(text) = self.map_center.as_deref().filter(|text| !text.trim().is_empty()) else {
            return Ok(None);
        };
        let numbers: Option<Vec<f64>> = text.split(',').map(|n| n.trim().parse().ok()).collect();
        match numbers.as_deref() {
            Some([north, east]) if north.abs() <= 85.0 && east.abs() <= 180.0 => {
                Ok(Some((*north, *east)))
            }
            _ => Err(ConfigError(
                "KAIRAN_MAP_CENTER must be latitude,longitude, as 35.68,139.77".into(),
            )),
        }
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
            map: services::Map {
                tiles: self.map_tiles.clone(),
                // Checked when it was read.
                center: self.map_center().unwrap_or_default(),
            },
            sandbox_url: self
                .sandbox_url
                .clone()
                .map(|u| u.trim_end_matches('/').to_owned())
                .filter(|u| !u.is_empty()),
            menu_font: self.menu_font.clone(),
            smtp_relay_url: self.smtp_relay(),
            clamd_address: self.clamd_address.clone().filter(|a| !a.trim().is_empty()),
            postcode_file: self.postcode_file.clone().filter(|p| !p.as_os_str().is_empty()),
        }
    }
}

fn absolute(name: &str, text: &str) -> Result<Url, ConfigError> {
    // The parser itself would mend `https:host` and `https:///host`.
    let begins = ["http://", "https://"].iter().any(|scheme| {
        text.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
    });
    Url::parse(text).ok().filter(|_| begins).ok_or_else(|| {
        ConfigError(format!(
            "{name}: {text:?} is no absolute http(s) URL (https://line.mihon.example)"
        ))
    })
}

/// Whether only this machine is reached by it.
fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_takes_the_names_of_the_environment_in_lower_case() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kairan.toml");
        let read = |text: &str| {
            std::fs::write(&path, text).unwrap();
            let file = Config::file(&path).map_err(|e| e.to_string())?;
            Figment::from(Serialized::defaults(Config::default()))
                .merge(Serialized::defaults(file))
                .extract::<Config>()
                .map_err(|e| e.to_string())
        };
        let config = read(
            "kairan_database_url = \"sqlite://a.db\"\nbind = \"127.0.0.1:81\"\nkairan_line_channel_id = 1234567890\n",
        )
        .unwrap();
        assert_eq!(config.database_url, "sqlite://a.db");
        assert_eq!(config.bind.port(), 81);
        assert_eq!(config.line_channel_id, "1234567890");
        assert!(read("kairan_databse_url = \"x\"").unwrap_err().contains("kairan_databse_url"));
        assert!(read("[database]\nurl = \"x\"").unwrap_err().contains("\"database\""));
        assert!(read("bind = \"127.0.0.1:81\"\nkairan_bind = \"127.0.0.1:82\"").is_err());
        assert!(read("kairan_bind = \"nowhere\"").unwrap_err().contains("bind"));
        assert!(read("kairan_bind =").is_err());
    }

    #[test]
    fn pages_are_looked_at_or_not() {
        let check = |word: &str| {
            let public_url = "http://localhost".into();
            Config { public_url, menu_page_check: word.into(), ..Config::default() }.check()
        };
        assert!(check("on").is_ok() && check("off").is_ok());
        assert!(check("no").unwrap_err().to_string().contains("KAIRAN_MENU_PAGE_CHECK"));
    }

    #[test]
    fn a_map_has_tiles_and_opens_somewhere() {
        let check = |config: Config| config.check().map_err(|e| e.to_string());
        let plain = || Config { public_url: "http://localhost".into(), ..Config::default() };
        let center = |text: &str| Config { map_center: Some(text.into()), ..plain() };
        assert_eq!(center(" 35.68, 139.77 ").settings().map.center, Some((35.68, 139.77)));
        assert_eq!(center("").settings().map.center, None);
        for bad in ["35.68", "north,east", "1,2,3", "91,0", "0,181", "NaN,0"] {
            assert!(check(center(bad)).unwrap_err().contains("KAIRAN_MAP_CENTER"), "{bad}");
        }
        let tiles = |url: &str| Config { map_tiles: url.into(), ..plain() };
        assert!(check(tiles("https://maps.gsi.go.jp/xyz/std/{z}/{x}/{y}.png")).is_ok());
        for bad in ["/{z}/{x}/{y}.png", "https://maps.gsi.go.jp/xyz/std/{z}/{x}.png"] {
            assert!(check(tiles(bad)).unwrap_err().contains("KAIRAN_MAP_TILES"), "{bad}");
        }
    }

    #[test]
    fn addresses_are_absolute_and_plain_http_stays_on_this_machine() {
        let public = |url: &str| Config { public_url: url.into(), ..Config::default() }.check();
        for good in [
            "https://line.mihon.example",
            "http://localhost:3000",
            "http://127.0.0.1:3000",
            "http://127.8.9.1",
            "http://[::1]:3000",
        ] {
            assert!(public(good).is_ok(), "{good}");
        }
        for bad in [
            "http://127.0.0.1.example.com",
            "http://127.example.com",
            "http://localhost.example.com",
            "http://localhost@example.com",
            "http://[::2]",
            "http://0.0.0.0:3000",
            "https://",
            "https:line.mihon.example",
            "https:///line",
            "line.mihon.example",
            "ftp://line.mihon.example",
            "",
        ] {
            assert!(public(bad).is_err(), "{bad}");
        }
        let mut config =
            Config { public_url: "https://line.mihon.example".into(), ..Config::default() };
        config.line_api_url = "nonsense".into();
        assert!(config.check().unwrap_err().to_string().contains("KAIRAN_LINE_API_URL"));
    }
}
