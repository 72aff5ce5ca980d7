//! The one evaluator, to be compared by `end2end/evaluators.mjs`: built for this machine, as a
//! server has it, it prints what it decides for so many seeds from the first one on; built for
//! wasm, as a browser has it, it is asked seed by seed.
#![expect(clippy::print_stdout, reason = "what it prints is compared")]

/// What is decided about the form and the answers of a seed, as a number.
#[expect(unsafe_code, reason = "JavaScript finds it by its name, which nothing else here has")]
#[unsafe(no_mangle)]
pub extern "C" fn digest(seed: u64) -> u64 {
    domain::form::generate::digest(seed)
}

fn main() {
    let mut numbers = std::env::args().skip(1).map(|n| n.parse().unwrap_or(0));
    let (seeds, first): (u64, u64) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    for seed in first..first.saturating_add(seeds) {
        println!("{}", digest(seed));
    }
}
