//! Objects told apart by `type`, where unknown types are kept as they came.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Properties that this crate does not know, kept so that nothing is lost.
pub type Extra = Map<String, Value>;

#[derive(Serialize)]
pub(crate) struct Tagged<'a, T> {
    #[serde(rename = "type")]
    pub kind: &'static str,
    #[serde(flatten)]
    pub body: &'a T,
}

/// The typed body of an object without its `type`; `None` where it does not fit.
pub(crate) fn body<T: DeserializeOwned>(value: &Value) -> Option<T> {
    let mut body = value.as_object()?.clone();
    body.remove("type");
    T::deserialize(Value::Object(body)).ok()
}

/// An enum over `type` with a variant `Other` for what is unknown or does not fit.
macro_rules! tagged {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident($body:ty) = $tag:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq)]
        pub enum $name {
            $($(#[$vdoc])* $variant($body),)*
            /// Any other type, or one whose properties do not fit: the JSON as it came.
            Other(serde_json::Value),
        }

        impl $name {
            /// Reads an object; never fails, see [`Self::Other`].
            #[must_use]
            pub fn from_value(value: serde_json::Value) -> Self {
                let typed = match value.get("type").and_then(serde_json::Value::as_str) {
                    $(Some($tag) => $crate::message::tagged::body(&value).map(Self::$variant),)*
                    _ => None,
                };
                typed.unwrap_or(Self::Other(value))
            }

            /// The object's `type`; empty where there is none.
            #[must_use]
            pub fn kind(&self) -> &str {
                match self {
                    $(Self::$variant(_) => $tag,)*
                    Self::Other(value) => {
                        value.get("type").and_then(serde_json::Value::as_str).unwrap_or_default()
                    }
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$variant(body) => {
                        $crate::message::tagged::Tagged { kind: $tag, body }.serialize(serializer)
                    })*
                    Self::Other(value) => value.serialize(serializer),
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                serde_json::Value::deserialize(deserializer).map(Self::from_value)
            }
        }

        $(impl From<$body> for $name {
            fn from(body: $body) -> Self {
                Self::$variant(body)
            }
        })*
    };
}
pub(crate) use tagged;
