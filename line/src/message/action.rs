//! Actions: what a tap does.
//!
//! Source: <https://developers.line.biz/en/reference/messaging-api/#action-objects>

use serde::{Deserialize, Serialize};

use super::tagged::{Extra, tagged};

tagged! {
    /// What happens when a button or an area is tapped.
    Action {
        /// Sends data to the webhook.
        Postback(PostbackAction) = "postback",
        /// Says a text in the resident's name.
        Message(MessageAction) = "message",
        /// Opens a page, a LIFF app or a telephone number.
        Uri(UriAction) = "uri",
        /// Lets a date or time be chosen and sends it to the webhook.
        DatetimePicker(DatetimePickerAction) = "datetimepicker",
        /// Copies a text.
        Clipboard(ClipboardAction) = "clipboard",
        /// Opens the camera (quick reply only).
        Camera(CameraAction) = "camera",
        /// Opens the photographs (quick reply only).
        CameraRoll(CameraRollAction) = "cameraRoll",
        /// Opens the map to send a place (quick reply only).
        Location(LocationAction) = "location",
        /// Switches to the rich menu behind an alias (rich menu only).
        RichMenuSwitch(RichMenuSwitchAction) = "richmenuswitch",
    }
}

impl Action {
    /// A postback without a text in the talk.
    #[must_use]
    pub fn postback(label: impl Into<String>, data: impl Into<String>) -> Self {
        Self::Postback(PostbackAction {
            label: Some(label.into()),
            data: data.into(),
            ..PostbackAction::default()
        })
    }

    /// Says `text`.
    #[must_use]
    pub fn message(label: impl Into<String>, text: impl Into<String>) -> Self {
        Self::Message(MessageAction {
            label: Some(label.into()),
            text: text.into(),
            ..MessageAction::default()
        })
    }

    /// Opens `uri` (http, https, line or tel).
    #[must_use]
    pub fn uri(label: impl Into<String>, uri: impl Into<String>) -> Self {
        Self::Uri(UriAction { label: Some(label.into()), uri: uri.into(), ..UriAction::default() })
    }

    /// The action's label, whatever its type.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        match self {
            Self::Postback(a) => a.label.as_deref(),
            Self::Message(a) => a.label.as_deref(),
            Self::Uri(a) => a.label.as_deref(),
            Self::DatetimePicker(a) => a.label.as_deref(),
            Self::Clipboard(a) => a.label.as_deref(),
            Self::Camera(a) => Some(&a.label),
            Self::CameraRoll(a) => Some(&a.label),
            Self::Location(a) => Some(&a.label),
            Self::RichMenuSwitch(a) => a.label.as_deref(),
            Self::Other(value) => value.get("label")?.as_str(),
        }
    }
}

/// <https://developers.line.biz/en/reference/messaging-api/#postback-action>
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PostbackAction {
    /// Words on the button; see the `LABEL…` limits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What the webhook gets; at most 300 UTF-16 units. No personal data.
    pub data: String,
    /// Text shown in the talk as said by the resident; at most 300 graphemes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_text: Option<String>,
    /// What else opens or closes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_option: Option<InputOption>,
    /// Text put into the input field, with [`InputOption::OpenKeyboard`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fill_in_text: Option<String>,
    #[serde(flatten)]
    pub extra: Extra,
}

/// Display of input methods on a postback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum InputOption {
    CloseRichMenu,
    OpenRichMenu,
    OpenKeyboard,
    OpenVoice,
}

/// <https://developers.line.biz/en/reference/messaging-api/#message-action>
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageAction {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What is said; at most 300 graphemes.
    pub text: String,
    #[serde(flatten)]
    pub extra: Extra,
}

/// <https://developers.line.biz/en/reference/messaging-api/#uri-action>
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UriAction {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// At most 1000 UTF-16 units; http, https, line or tel.
    pub uri: String,
    /// Another address for LINE on a computer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alt_uri: Option<AltUri>,
    #[serde(flatten)]
    pub extra: Extra,
}

/// Where LINE for PC goes instead.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AltUri {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desktop: Option<String>,
}

/// Times have no zone: they are the resident's clock.
///
/// <https://developers.line.biz/en/reference/messaging-api/#datetime-picker-action>
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatetimePickerAction {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What the webhook gets beside the choice; at most 300 UTF-16 units.
    pub data: String,
    pub mode: DatetimeMode,
    /// First shown: `2026-11-20`, `09:00` or `2026-11-20T09:00`, as the mode.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<String>,
    #[serde(flatten)]
    pub extra: Extra,
}

/// What is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DatetimeMode {
    Date,
    Time,
    Datetime,
}

/// <https://developers.line.biz/en/reference/messaging-api/#clipboard-action>
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClipboardAction {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What is copied; 1 to 1000 UTF-16 units.
    pub clipboard_text: String,
    #[serde(flatten)]
    pub extra: Extra,
}

macro_rules! label_only {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name {
            /// Words on the button; at most 20 graphemes.
            pub label: String,
            #[serde(flatten)]
            pub extra: Extra,
        }
    )*};
}

label_only! {
    /// <https://developers.line.biz/en/reference/messaging-api/#camera-action>
    CameraAction;
    /// <https://developers.line.biz/en/reference/messaging-api/#camera-roll-action>
    CameraRollAction;
    /// <https://developers.line.biz/en/reference/messaging-api/#location-action>
    LocationAction;
}

/// <https://developers.line.biz/en/reference/messaging-api/#richmenu-switch-action>
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RichMenuSwitchAction {
    /// Read aloud, not shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// `[a-z0-9_-]`, at most 32.
    pub rich_menu_alias_id: String,
    /// What the webhook gets; at most 300 UTF-16 units.
    pub data: String,
    #[serde(flatten)]
    pub extra: Extra,
}
