//! 訂正: what those are told whom a delivery has reached, and who has told them already.

use crate::id::DeliveryId;
use crate::language::Language;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A correction that somebody asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// Its words.
    pub text: String,
    /// The same in other languages. Whoever got the delivery in one that is not here is told
    /// in words that were written beforehand.
    pub texts: BTreeMap<Language, String>,
    /// The newest correction of the delivery of which they know. It is the key of the request:
    /// nobody is told again because of a correction that was not known.
    pub after: Option<DeliveryId>,
}

/// A correction that was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Corrected {
    /// Which.
    pub id: DeliveryId,
    /// When it was asked for.
    pub at: Timestamp,
    /// Department and name of who asked; empty for another system.
    pub by: String,
}

impl Corrected {
    /// 「11月26日（木）17:30に、水道課 見本 花子さんが送りました」.
    pub fn words(&self) -> String {
        let at = self.at.day_and_time();
        if self.by.is_empty() {
            format!("{at}に、連係しているシステムが送りました")
        } else {
            format!("{at}に、{}さんが送りました", self.by)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_who_and_when() {
        let mut sent = Corrected {
            id: DeliveryId(1),
            at: Timestamp(1_795_143_600_000_000),
            by: "水道課 見本 花子".into(),
        };
        assert_eq!(sent.words(), "11月20日（金）12:00に、水道課 見本 花子さんが送りました");
        sent.by.clear();
        assert_eq!(sent.words(), "11月20日（金）12:00に、連係しているシステムが送りました");
    }
}
