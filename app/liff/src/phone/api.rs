//! The sandbox's control API (`/_sandbox/openapi.json`), called from the browser.

use gloo_net::http::{Request, RequestBuilder, Response};
use leptos::prelude::*;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use wasm_bindgen::JsValue;

/// Somebody with the (simulated) LINE app.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Person {
    /// LINE user id.
    pub user_id: String,
    /// Display name.
    pub name: String,
    /// `none`, `friend` or `blocked`.
    pub friend: String,
    /// Calls that reached this person.
    pub received: u64,
    /// Of them, not yet on the screen.
    pub unseen: u64,
}

impl Person {
    /// Messages arrive.
    pub fn is_friend(&self) -> bool {
        self.friend == "friend"
    }
}

/// A page of residents.
#[derive(Clone, Debug, Deserialize)]
pub struct People {
    /// The page.
    pub residents: Vec<Person>,
    /// All there are.
    pub total: u64,
}

/// One entry of a talk.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Line {
    /// When, in microseconds.
    pub at: i64,
    /// `city` or `resident`.
    pub from: String,
    /// How it was sent, or what was done.
    pub kind: String,
    /// LINE message objects.
    pub messages: Vec<Value>,
    /// It was on the screen.
    pub seen: bool,
    /// The resident took it back.
    pub unsent: bool,
}

/// A talk.
#[derive(Clone, Debug, Deserialize)]
pub struct Said {
    /// Oldest first.
    pub entries: Vec<Line>,
}

/// The rich menu on a resident's phone.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct SeenMenu {
    /// Its id.
    pub rich_menu_id: String,
    /// LINE's rich menu object.
    pub menu: Value,
    /// Path of its picture at the sandbox.
    pub picture: String,
}

/// What a resident sees below the talk.
#[derive(Clone, Debug, Deserialize)]
pub struct Seen {
    /// Nothing without a menu.
    pub seen: Option<SeenMenu>,
}

/// What an act led to.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Act {
    /// How the webhook went.
    #[serde(default)]
    pub webhook: Option<Delivered>,
    /// The address that a tap opens.
    #[serde(default)]
    pub open: Option<String>,
    /// What a tap puts on the clipboard.
    #[serde(default)]
    pub clipboard: Option<String>,
}

/// How a webhook went.
#[derive(Clone, Debug, Deserialize)]
pub struct Delivered {
    /// Status, if there was an answer.
    pub status: Option<u16>,
}

/// Something on the wire.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Event {
    /// Rises by one.
    pub seq: u64,
    /// When it ended, in microseconds.
    pub at: i64,
    /// `call`, `webhook` or `act`.
    pub kind: String,
    /// Path, address, or name of the act.
    pub path: String,
    /// Status, if there was an answer.
    pub status: Option<u16>,
    /// How long it took.
    pub latency_ms: u64,
    /// Ids named, or events carried.
    pub ids: Option<u64>,
    /// The fault that struck, types of events.
    #[serde(default)]
    pub note: String,
}

/// What happened since.
#[derive(Clone, Debug, Deserialize)]
pub struct Events {
    /// Oldest first.
    pub events: Vec<Event>,
}

/// How the sandbox is set.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Config {
    /// LIFF app.
    pub liff_id: String,
    /// Residents there are.
    pub residents: u64,
    /// Of them, friends.
    pub friends: u64,
    /// The account's name.
    pub bot_name: String,
}

/// LINE's mood, as far as this page changes it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Faults {
    /// Delay of every answer.
    pub latency_ms: u64,
    /// Share of calls that are answered 429.
    pub rate_429: f64,
    /// Share that is answered 500.
    pub rate_500: f64,
    /// Share that is accepted, and the answer lost.
    pub lost_after_acceptance: f64,
    /// Share of webhooks that come twice.
    pub doubled_webhooks: f64,
    /// Share of calls about rich menus that are answered 500.
    pub menu_rate_500: f64,
    /// Share of people whom bulk changes of rich menus pass over.
    pub menu_lost_links: f64,
}

/// What arrived in all.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Received {
    /// Sum over all residents.
    pub received_total: u64,
    /// Residents by number of receptions.
    pub residents_by_count: std::collections::BTreeMap<u64, u64>,
}

/// The control API of one sandbox.
#[derive(Clone, Copy)]
pub struct Api {
    base: StoredValue<String>,
}

/// How a request is made.
#[derive(Clone, Copy)]
pub enum Method {
    /// Does something.
    Post,
    /// Changes the given fields.
    Patch,
}

impl Api {
    /// The API at an address without a trailing slash.
    pub fn new(base: String) -> Self {
        Self { base: StoredValue::new(base.trim_end_matches('/').to_owned()) }
    }

    /// The sandbox's address.
    pub fn base(self) -> String {
        self.base.get_value()
    }

    fn url(self, path: &str) -> String {
        format!("{}/_sandbox{path}", self.base())
    }

    /// Reads.
    ///
    /// # Errors
    /// In words, if the sandbox is away or refuses.
    pub async fn get<T: DeserializeOwned>(self, path: &str) -> Result<T, String> {
        read(Request::get(&self.url(path)).send().await).await
    }

    /// Does, with a JSON body.
    ///
    /// # Errors
    /// In words, if the sandbox is away or refuses.
    pub async fn send<T: DeserializeOwned>(
        self,
        method: Method,
        path: &str,
        body: &Value,
    ) -> Result<T, String> {
        let url = self.url(path);
        let request: RequestBuilder = match method {
            Method::Post => Request::post(&url),
            Method::Patch => Request::patch(&url),
        };
        let request = request.json(body).map_err(|_| AWAY.to_owned())?;
        read(request.send().await).await
    }

    /// Sends a picture's bytes.
    ///
    /// # Errors
    /// In words, if the sandbox is away or refuses.
    pub async fn upload(self, path: &str, kind: &str, file: JsValue) -> Result<Act, String> {
        let request = Request::post(&self.url(path))
            .header("Content-Type", kind)
            .body(file)
            .map_err(|_| AWAY.to_owned())?;
        read(request.send().await).await
    }
}

const AWAY: &str = "擬似LINEにつながりません。動いているか確かめてください";

#[derive(Deserialize)]
struct Refused {
    message: String,
}

async fn read<T: DeserializeOwned>(answer: Result<Response, gloo_net::Error>) -> Result<T, String> {
    let answer = answer.map_err(|_| AWAY.to_owned())?;
    let (ok, status) = (answer.ok(), answer.status());
    let text = answer.text().await.map_err(|_| AWAY.to_owned())?;
    if !ok {
        let why = serde_json::from_str::<Refused>(&text)
            .map_or_else(|_| status.to_string(), |r| r.message);
        return Err(format!("擬似LINEが受け付けませんでした：{why}"));
    }
    serde_json::from_str(if text.is_empty() { "null" } else { &text })
        .map_err(|_| "擬似LINEの答えを読み取れませんでした".to_owned())
}
