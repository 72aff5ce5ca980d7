//! A webhook body of any bytes is read or refused; what is read is kept as it came.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    if let Ok(webhook) = line::webhook::parse(body) {
        for event in &webhook.events {
            let _name = event.kind.name();
            let _user = event.user();
            let again = format!(r#"{{"destination":"","events":[{}]}}"#, event.raw);
            let read = line::webhook::parse(again.as_bytes()).expect("what was read can be read again");
            assert_eq!(read.events.len(), 1);
        }
    }
});
