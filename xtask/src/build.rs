//! Building what runs: the server and the sandbox by cargo, the browser's part by cargo-leptos.
//!
//! `cargo leptos build` alone would build the server as well, but rewrites the site every time.
//! Here the browser's part is left alone while none of its sources changed.

use crate::failure::{Result, While};
use crate::process::{run_logged, seconds};
use crate::workspace::Workspace;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::time::Instant;

/// What the browser's part is made of.
const FRONTEND_SOURCES: [&str; 11] = [
    "Cargo.toml",
    "Cargo.lock",
    ".cargo",
    "package-lock.json",
    "app",
    "domain",
    "frontend",
    "line",
    "public",
    "style",
    "rust-toolchain.toml",
];

/// Builds the binaries `kairan` and `kairan-sandbox`.
pub fn servers(workspace: &Workspace, release: bool) -> Result {
    announce("kairan and kairan-sandbox", if release { "8 min" } else { "4 min" });
    let mut cargo = workspace.command("cargo");
    cargo.args(["build", "--package", "server", "--package", "sandbox", "--bins"]);
    if release {
        cargo.arg("--release");
    }
    timed(|| run_logged(&mut cargo, &fresh_log(workspace, "build-server")?))
}

/// Builds wasm, script and style into `target/site` of the checkout, `hash.txt` beside the binary.
pub fn site(workspace: &Workspace, release: bool) -> Result {
    let stamp_file = workspace.root.join("target/site.stamp");
    let hashes = workspace.profile_folder(release).join("hash.txt");
    let stamp = || {
        let written = std::fs::read_to_string(&hashes).unwrap_or_default();
        Some(format!("{release} {:x} {written}", fingerprint(workspace).ok()?))
    };
    if let (Ok(before), Some(now)) = (std::fs::read_to_string(&stamp_file), stamp())
        && before == now
        && workspace.root.join("target/site/pkg").is_dir()
    {
        println!("  ✓ wasm, script and style are up to date");
        return Ok(());
    }
    announce("wasm, script and style", if release { "3 min" } else { "2 min" });
    // cargo-leptos writes hash.txt there even if no binary was built yet.
    std::fs::create_dir_all(workspace.profile_folder(release))?;
    let _ = std::fs::remove_file(&stamp_file);
    let mut leptos = workspace.command("cargo-leptos");
    leptos.args(["leptos", "build", "--split", "--frontend-only"]);
    // cargo-leptos' own backtrace would hide what the compiler said.
    leptos.env("RUST_BACKTRACE", "0");
    if release {
        leptos.args(["--release", "--precompress"]);
    }
    timed(|| run_logged(&mut leptos, &fresh_log(workspace, "build-site")?))?;
    if let Some(now) = stamp() {
        std::fs::write(&stamp_file, now)?;
    }
    Ok(())
}

fn announce(what: &str, expected: &str) {
    println!("  → building {what} (about {expected} the first time, seconds later on)");
}

/// Does it and says how long it took.
pub fn timed(work: impl FnOnce() -> Result) -> Result {
    let since = Instant::now();
    work()?;
    println!("  ✓ done in {}", seconds(since.elapsed()));
    Ok(())
}

fn fresh_log(workspace: &Workspace, name: &str) -> Result<std::path::PathBuf> {
    let log = workspace.log(name)?;
    let _ = std::fs::remove_file(&log);
    Ok(log)
}

/// Changes when a source of the browser's part changes (size or time of change, as cargo does it).
fn fingerprint(workspace: &Workspace) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    for source in FRONTEND_SOURCES {
        let path = workspace.root.join(source);
        if path.exists() {
            add(&path, &mut hasher).during(path.display())?;
        }
    }
    Ok(hasher.finish())
}

fn add(path: &Path, hasher: &mut DefaultHasher) -> std::io::Result<()> {
    let about = path.metadata()?;
    path.hash(hasher);
    if about.is_dir() {
        let inside: std::io::Result<Vec<_>> =
            std::fs::read_dir(path)?.map(|entry| entry.map(|e| e.path())).collect();
        let mut inside = inside?;
        inside.sort();
        return inside.iter().try_for_each(|path| add(path, hasher));
    }
    about.len().hash(hasher);
    about.modified()?.hash(hasher);
    Ok(())
}
