//! A newtype for every id, so that one cannot be passed for another.

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                s.parse().map(Self)
            }
        }
    )*};
}

ids! {
    /// A department (所属).
    DepartmentId;
    /// A member of staff (職員).
    StaffId;
    /// A staff session: one signed-in browser.
    SessionId;
    /// A REST token.
    TokenId;
    /// An attribute (属性) that residents register.
    AttributeId;
    /// A choice of an attribute.
    ChoiceId;
    /// A resident (住民): dense numbers from 1, so that sets of residents are small bitmaps.
    ResidentId;
    /// A saved audience (配信対象).
    AudienceId;
    /// An imported list of residents (対象者リスト).
    RosterId;
    /// A delivery (配信).
    DeliveryId;
    /// A template of deliveries (ひな形).
    TemplateId;
    /// A step course (ステップ配信).
    CourseId;
    /// One call of a delivery to LINE.
    CallId;
    /// An event that LINE sent to the webhook.
    EventId;
    /// A link of a delivery.
    LinkId;
    /// An alert (知らせ) to staff.
    AlertId;
    /// A mail to a member of staff.
    MailId;
    /// A rich menu (リッチメニュー).
    MenuId;
    /// A form (フォーム).
    FormId;
    /// What somebody answered to a form (回答・申請).
    AnswerId;
    /// A file of every answer to a form.
    ExportId;
    /// A view of the table of answers.
    ViewId;
    /// A list of who may open a form (対象者の名簿).
    EligibilityId;
}

/// A blob (a picture), as it is named outside: 160 random bits in hex. Whoever knows the
/// name of a picture may fetch it, as LINE and the phones of those who got it do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct BlobId(String);

/// Not 40 digits of lower-case hex.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoBlobId;

impl BlobId {
    /// The id of these random bits.
    pub fn from_random(bits: [u8; 20]) -> Self {
        Self(bits.iter().map(|b| format!("{b:02x}")).collect())
    }

    /// As it stands in addresses.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for BlobId {
    type Err = NoBlobId;
    fn from_str(s: &str) -> Result<Self, NoBlobId> {
        let hex = s.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if hex && s.len() == 40 { Ok(Self(s.to_owned())) } else { Err(NoBlobId) }
    }
}

impl<'de> Deserialize<'de> for BlobId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|NoBlobId| serde::de::Error::custom("no blob id"))
    }
}

impl std::fmt::Display for BlobId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
