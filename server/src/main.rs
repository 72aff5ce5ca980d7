//! The binary `kairan`.

use std::process::ExitCode;

fn main() -> ExitCode {
    kairan::command::run()
}
