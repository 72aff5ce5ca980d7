//! Any bytes are a video or refused; what is taken can be cleaned, and then is the same video
//! with nothing left to overwrite.
#![no_main]

use domain::video::{Movie, Refusal, Scan};
use libfuzzer_sys::fuzz_target;

fn scanned(bytes: &[u8]) -> Result<Movie, Refusal> {
    let mut scan = Scan::default();
    scan.push(bytes)?;
    scan.finish()
}

fuzz_target!(|body: &[u8]| {
    if let Ok(movie) = scanned(body) {
        let mut clean = body.to_vec();
        movie.clean(0, &mut clean);
        let again = scanned(&clean).expect("what was cleaned is still a video");
        assert!(!again.clean(0, &mut clean));
    }
});
