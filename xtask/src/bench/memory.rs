//! What a server takes of the machine's memory.

use crate::failure::{Result, While};
use crate::process::Running;

/// Prints what a server holds, how much of it are files as SQLite's, which the machine takes back
/// when it needs them, and the most that it ever held.
pub(super) fn print(server: &Running, when: &str) -> Result {
    let file = format!("/proc/{}/status", server.id());
    let status = std::fs::read_to_string(&file).during(&file)?;
    let megabytes = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().ok()?;
        Some(kilobytes / 1024)
    };
    let held = (megabytes("VmRSS:"), megabytes("RssFile:"), megabytes("VmHWM:"));
    let (Some(now), Some(files), Some(most)) = held else {
        return Err(format!("no memory in {file}").into());
    };
    println!(
        "  memory {when}: {now} MB ({files} MB of files), at most {most} MB so far (aim: 300)"
    );
    Ok(())
}
