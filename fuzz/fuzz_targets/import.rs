//! What other systems and staff send as text: residents, deliveries, area trees.
#![no_main]

use domain::attribute::{Catalog, parse_areas};
use domain::delivery::NewDelivery;
use domain::resident::read_row;
use domain::time::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    if let Ok(value) = serde_json::from_slice(body)
        && let Err(problems) = NewDelivery::parse(&value, Timestamp(1_795_000_000_000_000))
    {
        assert!(!problems.is_empty());
    }
    for line in body.split(|b| *b == b'\n') {
        if let Err(reason) = read_row(&Catalog::default(), line) {
            assert!(!reason.is_empty());
        }
    }
    if let Ok(text) = std::str::from_utf8(body) {
        let _instant = Timestamp::parse_rfc3339(text);
        if let Ok(choices) = parse_areas(text, &[]) {
            let again = parse_areas(text, &choices).expect("the same text is read again");
            assert_eq!(choices, again);
        }
    }
});
