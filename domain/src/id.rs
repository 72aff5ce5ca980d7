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
    /// A delivery (配信).
    DeliveryId;
    /// One call of a delivery to LINE.
    CallId;
    /// An event that LINE sent to the webhook.
    EventId;
}
