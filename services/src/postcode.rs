//! Postcodes (`KAIRAN_POSTCODE_FILE`): Japan Post's KEN_ALL.CSV, which the operator brings.
//! Without it addresses are typed.

use crate::Platform;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// What a postcode stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Area {
    /// 都道府県.
    pub prefecture: String,
    /// 市区町村.
    pub city: String,
    /// 町名; empty where one postcode has several.
    pub town: String,
}

/// The file as it was read; read once, when it is first asked.
#[derive(Default)]
pub struct Postcodes(OnceCell<Arc<HashMap<String, Area>>>);

/// Whether postcodes can be looked up.
pub fn is_there(platform: &Platform) -> bool {
    platform.settings.postcode_file.is_some()
}

/// What a postcode of seven digits stands for; nothing if nobody knows it, or there is no file.
pub async fn look(platform: &Platform, digits: &str) -> Option<Area> {
    let path = platform.settings.postcode_file.clone()?;
    let read = || async move {
        let read = tokio::task::spawn_blocking(move || read(&path)).await;
        match read {
            Ok(Ok(all)) => Arc::new(all),
            Ok(Err(error)) => {
                tracing::error!(%error, "KAIRAN_POSTCODE_FILE cannot be read");
                Arc::default()
            }
            Err(_) => Arc::default(),
        }
    };
    platform.postcodes.0.get_or_init(read).await.get(digits).cloned()
}

fn read(path: &Path) -> std::io::Result<HashMap<String, Area>> {
    Ok(parse(&std::fs::read(path)?))
}

fn parse(bytes: &[u8]) -> HashMap<String, Area> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::SHIFT_JIS.decode(bytes).0.into_owned(),
    };
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut all: HashMap<String, Area> = HashMap::new();
    // The note of a long name goes on in the next lines.
    let mut noted = false;
    for record in reader.records().flatten() {
        let cell = |i| record.get(i).unwrap_or_default().trim();
        let digits = cell(2);
        if digits.len() != 7 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            continue;
        }
        let goes_on = noted;
        noted = (noted || cell(8).contains('（')) && !cell(8).contains('）');
        if goes_on {
            continue;
        }
        let area = Area { prefecture: cell(6).into(), city: cell(7).into(), town: town(cell(8)) };
        match all.get_mut(digits) {
            None => drop(all.insert(digits.to_owned(), area)),
            Some(known) => {
                // Of several towns, or cities, only what they share is known.
                if known.town != area.town {
                    known.town.clear();
                }
                if known.city != area.city {
                    known.city.clear();
                    known.town.clear();
                }
            }
        }
    }
    all
}

/// What KEN_ALL says beside the name is no part of an address.
fn town(text: &str) -> String {
    if text == "以下に掲載がない場合" || text.contains("番地がくる場合") {
        return String::new();
    }
    text.split('（').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn towns_are_read_without_their_notes() {
        let file = "01101,\"060  \",\"0600000\",\"ホ\",\"サ\",\"イ\",\"北海道\",\"札幌市中央区\",\"以下に掲載がない場合\",0\n\
            01101,\"064  \",\"0640941\",\"ホ\",\"サ\",\"ア\",\"北海道\",\"札幌市中央区\",\"旭ケ丘（一部）\",0\n\
            01101,\"065  \",\"0650001\",\"ホ\",\"サ\",\"ア\",\"北海道\",\"札幌市東区\",\"北一条\",0\n\
            01101,\"065  \",\"0650001\",\"ホ\",\"サ\",\"ア\",\"北海道\",\"札幌市東区\",\"北二条\",0\nbroken\n";
        let (shift, _, _) = encoding_rs::SHIFT_JIS.encode(file);
        for bytes in [file.as_bytes(), &shift] {
            let all = parse(bytes);
            assert_eq!(all["0600000"].town, "");
            assert_eq!(all["0640941"].town, "旭ケ丘");
            assert_eq!(
                (all["0650001"].city.as_str(), all["0650001"].town.as_str()),
                ("札幌市東区", "")
            );
            assert_eq!(all.len(), 3);
        }
    }
}
