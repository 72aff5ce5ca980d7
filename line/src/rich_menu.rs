//! Rich menus: the picture with tappable areas below a talk.
//!
//! A menu is made once and never changed: neither its object nor its picture can be
//! replaced, so that a change is a new menu and a moved alias, default or link. Whether
//! a menu keeps LINE's limits is decided by [`validate_rich_menu`](crate::validate_rich_menu).
//!
//! Source: <https://developers.line.biz/en/reference/messaging-api/#rich-menu>

use serde::{Deserialize, Serialize};

use crate::id::UserId;
use crate::message::tagged::tagged;
use crate::message::{Action, Extra};

/// A rich menu as it is made.
///
/// <https://developers.line.biz/en/reference/messaging-api/#rich-menu-object>
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RichMenu {
    /// Of the menu and of its picture.
    pub size: Size,
    /// Whether the menu stands open when the talk is opened.
    pub selected: bool,
    /// For whoever manages menus, never shown; at most 300 graphemes.
    pub name: String,
    /// Words of the bar that opens and closes the menu; at most 14 graphemes.
    pub chat_bar_text: String,
    /// At most 20.
    pub areas: Vec<Area>,
    /// Properties not known here.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A rich menu as LINE gives it back.
///
/// <https://developers.line.biz/en/reference/messaging-api/#rich-menu-response-object>
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct MadeRichMenu {
    /// Given by LINE.
    #[serde(rename = "richMenuId")]
    pub id: String,
    #[serde(flatten)]
    pub menu: RichMenu,
}

/// Pixels: 800 to 2500 wide, at least 250 high, at least 1.45 times as wide as high.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    pub width: u32,
    pub height: u32,
}

/// A part of the picture that can be tapped.
///
/// <https://developers.line.biz/en/reference/messaging-api/#area-object>
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Area {
    pub bounds: Bounds,
    /// Its label (at most 20 graphemes) is read aloud.
    pub action: Action,
    /// Properties not known here.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Where an area lies, in pixels of the menu's size.
///
/// <https://developers.line.biz/en/reference/messaging-api/#bounds-object>
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Bounds {
    pub x: u32,
    pub y: u32,
    pub width: u32,
    pub height: u32,
}

/// `{richMenuId}`: what creating answers, and which menu is linked or the default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RichMenuId {
    #[serde(rename = "richMenuId")]
    pub id: String,
}

/// `GET /v2/bot/richmenu/list`: all menus that were made by API.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RichMenuList {
    #[serde(rename = "richmenus", default)]
    pub menus: Vec<MadeRichMenu>,
}

/// A name that leads to a menu and can be led to another; tabs switch by it.
///
/// <https://developers.line.biz/en/reference/messaging-api/#create-rich-menu-alias>
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alias {
    /// `[a-z0-9_-]`, at most 32.
    #[serde(rename = "richMenuAliasId")]
    pub alias: String,
    #[serde(rename = "richMenuId")]
    pub menu: String,
}

/// `GET /v2/bot/richmenu/alias/list`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AliasList {
    #[serde(default)]
    pub aliases: Vec<Alias>,
}

/// `POST /v2/bot/richmenu/bulk/link`: applied later, seconds after the 202.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BulkLink {
    pub rich_menu_id: String,
    /// 1 to 500.
    pub user_ids: Vec<UserId>,
}

/// `POST /v2/bot/richmenu/bulk/unlink`: applied later, seconds after the 202.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BulkUnlink {
    /// 1 to 500.
    pub user_ids: Vec<UserId>,
}

/// `POST /v2/bot/richmenu/batch`: what becomes of everybody who has a certain menu.
/// Three an hour.
///
/// <https://developers.line.biz/en/reference/messaging-api/#batch-control-rich-menus-of-users>
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Batch {
    /// At most 1000; they do not affect each other.
    pub operations: Vec<Operation>,
    /// `[0-9a-zA-Z_-]`, at most 100: under the same key LINE goes on with those whom it
    /// has not done yet, for 14 days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume_request_key: Option<String>,
}

tagged! {
    /// One operation of a batch.
    Operation {
        /// Another menu for all who have this one.
        Link(Replace) = "link",
        /// No own menu for all who have this one.
        Unlink(Remove) = "unlink",
        /// No own menu for anybody; stands alone.
        UnlinkAll(RemoveAll) = "unlinkAll",
    }
}

/// From one menu to another.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replace {
    pub from: String,
    pub to: String,
    #[serde(flatten)]
    pub extra: Extra,
}

/// Away from a menu.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remove {
    pub from: String,
    #[serde(flatten)]
    pub extra: Extra,
}

/// Away from every menu.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoveAll {
    #[serde(flatten)]
    pub extra: Extra,
}

/// `GET /v2/bot/richmenu/progress/batch?requestId=`, for 14 days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    pub phase: Phase,
    /// ISO 8601 in UTC, milliseconds.
    pub accepted_time: String,
    /// There when it succeeded or failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_time: Option<String>,
}

/// How far a batch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Phase {
    Ongoing,
    Succeeded,
    /// For at least one person it was not done.
    Failed,
    #[serde(other)]
    Other,
}

/// `GET /v2/bot/insight/richmenu/{id}/summary`. With fewer than 20 people who tapped in
/// the period everything but the id is absent: not disclosed, which is not 0.
///
/// <https://developers.line.biz/en/reference/messaging-api/#get-rich-menu-insight-summary>
pub type InsightSummary = Insight<Metrics>;

/// `GET /v2/bot/insight/richmenu/{id}/daily`, hidden as [`InsightSummary`].
///
/// <https://developers.line.biz/en/reference/messaging-api/#get-rich-menu-insight-daily>
pub type InsightDaily = Insight<Vec<DayMetrics>>;

/// Figures of one menu.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Insight<M> {
    pub rich_menu_id: String,
    /// First day that the figures cover, `yyyyMMdd` in Tokyo.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub metrics_from: Option<String>,
    /// Last day that the figures cover, `yyyyMMdd` in Tokyo.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub metrics_to: Option<String>,
    /// How often the whole menu was seen.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub impression: Option<Seen<M>>,
    /// Taps, area by area.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub clicks: Option<Vec<Tapped<M>>>,
}

fn none<T>() -> Option<T> {
    None
}

/// Impressions of the whole menu.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen<M> {
    pub metrics: M,
}

/// Taps on one area.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tapped<M> {
    pub bounds: Bounds,
    pub metrics: M,
}

/// Over the whole period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Metrics {
    pub count: u64,
    /// People, approximately.
    pub unique_users: u64,
}

/// Of one day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DayMetrics {
    /// `yyyyMMdd` in Tokyo.
    pub date: String,
    pub count: u64,
    /// People, approximately.
    pub unique_users: u64,
}

#[cfg(test)]
mod tests;
