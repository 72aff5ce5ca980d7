//! Message objects: what is said to residents.
//!
//! Types that Kairan composes are typed; every other type, and every property that is
//! not known here, is kept as raw JSON and written back unchanged. Whether a message
//! keeps LINE's limits is decided by [`crate::validate`], not by these types.
//!
//! Source: <https://developers.line.biz/en/reference/messaging-api/#message-objects>

mod action;
pub(crate) mod tagged;

pub use action::{
    Action, AltUri, CameraAction, CameraRollAction, ClipboardAction, DatetimeMode,
    DatetimePickerAction, InputOption, LocationAction, MessageAction, PostbackAction,
    RichMenuSwitchAction, UriAction,
};
pub use tagged::Extra;

use serde::{Deserialize, Serialize};
use serde_json::Value;

tagged::tagged! {
    /// One message object.
    Message {
        Text(TextMessage) = "text",
        Sticker(StickerMessage) = "sticker",
        Image(ImageMessage) = "image",
        Location(LocationMessage) = "location",
        Template(TemplateMessage) = "template",
        Flex(FlexMessage) = "flex",
    }
}

impl Message {
    /// A plain text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(TextMessage { text: text.into(), ..TextMessage::default() })
    }

    /// An image by its https addresses.
    #[must_use]
    pub fn image(original: impl Into<String>, preview: impl Into<String>) -> Self {
        Self::Image(ImageMessage {
            original_content_url: original.into(),
            preview_image_url: preview.into(),
            ..ImageMessage::default()
        })
    }

    /// A flex message; `contents` is a bubble or a carousel.
    #[must_use]
    pub fn flex(alt_text: impl Into<String>, contents: Value) -> Self {
        Self::Flex(FlexMessage {
            alt_text: alt_text.into(),
            contents,
            quick_reply: None,
            sender: None,
            extra: Extra::new(),
        })
    }

    /// The buttons under the message, where they are typed.
    #[must_use]
    pub fn quick_reply(&self) -> Option<&QuickReply> {
        match self {
            Self::Text(m) => m.quick_reply.as_ref(),
            Self::Sticker(m) => m.quick_reply.as_ref(),
            Self::Image(m) => m.quick_reply.as_ref(),
            Self::Location(m) => m.quick_reply.as_ref(),
            Self::Template(m) => m.quick_reply.as_ref(),
            Self::Flex(m) => m.quick_reply.as_ref(),
            Self::Other(_) => None,
        }
    }

    /// The same message with these buttons. LINE shows those of the last message only.
    #[must_use]
    pub fn with_quick_reply(mut self, quick_reply: QuickReply) -> Self {
        let place = match &mut self {
            Self::Text(m) => &mut m.quick_reply,
            Self::Sticker(m) => &mut m.quick_reply,
            Self::Image(m) => &mut m.quick_reply,
            Self::Location(m) => &mut m.quick_reply,
            Self::Template(m) => &mut m.quick_reply,
            Self::Flex(m) => &mut m.quick_reply,
            Self::Other(value) => {
                if let (Value::Object(object), Ok(buttons)) =
                    (value, serde_json::to_value(quick_reply))
                {
                    object.insert("quickReply".to_owned(), buttons);
                }
                return self;
            }
        };
        *place = Some(quick_reply);
        self
    }
}

/// Buttons above the keyboard that vanish with the next message; at most 13.
///
/// <https://developers.line.biz/en/reference/messaging-api/#quick-reply>
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct QuickReply {
    pub items: Vec<QuickReplyItem>,
    #[serde(flatten)]
    pub extra: Extra,
}

impl QuickReply {
    /// One button for each action.
    pub fn of(actions: impl IntoIterator<Item = Action>) -> Self {
        Self { items: actions.into_iter().map(QuickReplyItem::from).collect(), extra: Extra::new() }
    }
}

/// One quick reply button.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QuickReplyItem {
    /// Always `action`.
    #[serde(rename = "type", default = "item_type")]
    pub kind: String,
    /// Icon: https, PNG, 1:1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_url: Option<String>,
    pub action: Action,
    #[serde(flatten)]
    pub extra: Extra,
}

fn item_type() -> String {
    "action".to_owned()
}

impl From<Action> for QuickReplyItem {
    fn from(action: Action) -> Self {
        Self { kind: item_type(), image_url: None, action, extra: Extra::new() }
    }
}

/// Another name and icon for one message.
///
/// <https://developers.line.biz/en/reference/messaging-api/#icon-nickname-switch>
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sender {
    /// At most 20 UTF-16 units, without the word LINE.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icon_url: Option<String>,
    #[serde(flatten)]
    pub extra: Extra,
}

macro_rules! message {
    ($(#[$doc:meta])* [$($derive:ident),*] $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, $($derive),*)]
        #[serde(rename_all = "camelCase")]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
            #[serde(skip_serializing_if = "Option::is_none")]
            pub quick_reply: Option<QuickReply>,
            #[serde(skip_serializing_if = "Option::is_none")]
            pub sender: Option<Sender>,
            /// Properties not known here.
            #[serde(flatten)]
            pub extra: Extra,
        }
    };
}

message! {
    /// <https://developers.line.biz/en/reference/messaging-api/#text-message>
    [Default] TextMessage {
        /// At most 5000 UTF-16 units; `$` stands where an emoji goes.
        text: String,
        /// At most 20, by ascending index.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        emojis: Vec<Emoji>,
    }
}

/// A LINE emoji in place of a `$` of the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Emoji {
    /// Where its `$` stands, in UTF-16 units from 0.
    pub index: u32,
    pub product_id: String,
    pub emoji_id: String,
}

message! {
    /// <https://developers.line.biz/en/reference/messaging-api/#sticker-message>
    [Default] StickerMessage {
        package_id: String,
        sticker_id: String,
    }
}

message! {
    /// <https://developers.line.biz/en/reference/messaging-api/#image-message>
    [Default] ImageMessage {
        /// https; JPEG or PNG, at most 10 MB.
        original_content_url: String,
        /// https; JPEG or PNG, at most 1 MB.
        preview_image_url: String,
    }
}

message! {
    /// <https://developers.line.biz/en/reference/messaging-api/#location-message>
    [Default] LocationMessage {
        /// At most 100 UTF-16 units.
        title: String,
        /// At most 100 UTF-16 units.
        address: String,
        /// Degrees, WGS 84.
        latitude: f64,
        /// Degrees, WGS 84.
        longitude: f64,
    }
}

message! {
    /// <https://developers.line.biz/en/reference/messaging-api/#template-messages>
    [Default] TemplateMessage {
        /// What a notification and old clients show; at most 1500 UTF-16 units.
        alt_text: String,
        /// buttons, confirm, carousel or image_carousel.
        template: Value,
    }
}

message! {
    /// <https://developers.line.biz/en/reference/messaging-api/#flex-message>
    [Default] FlexMessage {
        /// What a notification and old clients show; at most 1500 UTF-16 units.
        alt_text: String,
        /// A bubble (30 KB) or a carousel (50 KB, 12 bubbles).
        contents: Value,
    }
}

#[cfg(test)]
mod tests;
