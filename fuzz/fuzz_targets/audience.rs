//! An audience of any JSON is read or refused with places; what is read is the same when it was
//! written and is read again, and without a known attribute it is never everyone by accident.
#![no_main]

use domain::attribute::Catalog;
use domain::audience::Audience;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|body: &[u8]| {
    let Ok(value) = serde_json::from_slice::<Value>(body) else { return };
    match Audience::parse(&value, "/audience") {
        Ok(audience) => {
            // Ids may stand as text, as REST writes them; we write them as numbers.
            let written = Value::from(audience.clone());
            assert_eq!(Audience::parse(&written, "/audience").as_ref(), Ok(&audience), "{value}");
            let resolved = audience.resolve(&Catalog::default(), "/audience");
            // Days may still be the wrong way round.
            assert!(resolved.is_err() || audience.uses().is_empty());
        }
        Err(problems) => {
            assert!(!problems.is_empty());
            assert!(
                problems.iter().all(|p| p.at.starts_with("/audience") && !p.message.is_empty())
            );
        }
    }
});
