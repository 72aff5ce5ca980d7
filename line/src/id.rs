//! Identifiers that LINE gives out.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A user's id as one provider's channels see it: `U` and 32 lower-case hex digits.
///
/// The same person has other ids under other providers. The id is personal data:
/// `Debug` prints `U…` only; `Display` prints it in full, for the wire and the store.
///
/// Source: <https://developers.line.biz/en/reference/messaging-api/#common-specifications>
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId([u8; 16]);

impl UserId {
    /// The id's 16 bytes, without the leading `U`.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The id made of these 16 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

/// The text is not `U[0-9a-f]{32}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidUserId;

impl fmt::Display for InvalidUserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a LINE user id is U and 32 lower-case hex digits")
    }
}

impl std::error::Error for InvalidUserId {}

const fn digit(c: u8) -> Option<u8> {
    match c {
        b'0'..=b'9' => Some(c - b'0'),
        b'a'..=b'f' => Some(c - b'a' + 10),
        _ => None,
    }
}

impl FromStr for UserId {
    type Err = InvalidUserId;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let hex = s.strip_prefix('U').ok_or(InvalidUserId)?.as_bytes();
        if hex.len() != 32 {
            return Err(InvalidUserId);
        }
        let mut bytes = [0; 16];
        for (byte, pair) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
            let high = digit(pair[0]).ok_or(InvalidUserId)?;
            let low = digit(pair[1]).ok_or(InvalidUserId)?;
            *byte = high << 4 | low;
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("U")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("U…")
    }
}

impl Serialize for UserId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for UserId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = UserId;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("U and 32 lower-case hex digits")
            }

            fn visit_str<E: de::Error>(self, v: &str) -> Result<UserId, E> {
                // The refused text is not repeated: it may be somebody's id.
                v.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

/// Replaces every LINE user id in a text by `U…`, for texts that come from
/// outside and go to a log.
#[must_use]
pub fn mask_ids(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('U') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let hex = from.as_bytes()[1..].iter().take_while(|c| c.is_ascii_hexdigit()).count();
        if hex >= 32 {
            out.push_str("U…");
            rest = &from[1 + hex..];
        } else {
            out.push('U');
            rest = &from[1..];
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ID: &str = "U8e742f61d673b39c7fff3cecb7536ef0";

    #[test]
    fn prints_what_it_parsed_but_not_in_debug() {
        let id: UserId = ID.parse().unwrap();
        assert_eq!(id.to_string(), ID);
        assert_eq!(id.as_bytes()[0], 0x8e);
        assert_eq!(format!("{id:?}"), "U…");
        assert_eq!(format!("{:?}", vec![id]), "[U…]");
        assert_eq!(serde_json::to_string(&id).unwrap(), format!("\"{ID}\""));
        assert_eq!(serde_json::from_str::<UserId>(&format!("\"{ID}\"")).unwrap(), id);
    }

    #[test]
    fn refuses_everything_else() {
        for bad in [
            "",
            "U",
            "8e742f61d673b39c7fff3cecb7536ef0",
            "u8e742f61d673b39c7fff3cecb7536ef0",
            "U8E742F61D673B39C7FFF3CECB7536EF0",
            "U8e742f61d673b39c7fff3cecb7536ef",
            "U8e742f61d673b39c7fff3cecb7536ef01",
            "U8e742f61d673b39c7fff3cecb7536eg0",
            "C8e742f61d673b39c7fff3cecb7536ef0",
            " U8e742f61d673b39c7fff3cecb7536ef0",
            "Uあああああああああああ",
        ] {
            assert_eq!(bad.parse::<UserId>(), Err(InvalidUserId), "{bad}");
        }
        let error = serde_json::from_str::<UserId>("\"Usecret\"").unwrap_err();
        assert!(!error.to_string().contains("secret"));
        assert!(serde_json::from_str::<UserId>("7").is_err());
    }

    #[test]
    fn masks_ids_in_foreign_text() {
        assert_eq!(
            mask_ids(&format!("The user {ID} and U12 in {ID}.")),
            "The user U… and U12 in U…."
        );
        assert_eq!(mask_ids("Unknown"), "Unknown");
        assert_eq!(mask_ids("氏名U"), "氏名U");
    }

    proptest! {
        #[test]
        fn any_bytes_round_trip(bytes: [u8; 16]) {
            let id = UserId::from_bytes(bytes);
            prop_assert_eq!(id.to_string().parse(), Ok(id));
        }

        #[test]
        fn any_text_is_parsed_or_refused_without_panic(text in "\\PC*") {
            if let Ok(id) = text.parse::<UserId>() {
                prop_assert_eq!(id.to_string(), text.clone());
            }
            let _ = mask_ids(&text);
        }
    }
}
