//! Installs what is missing, reuses what is there.

use crate::args::Args;
use crate::build::timed;
use crate::failure::{Result, While};
use crate::process::{output, run_logged};
use crate::workspace::{Workspace, same_content};
use std::path::{Path, PathBuf};
use std::process::Command;

pub const WASM: &str = "wasm32-unknown-unknown";
/// Must be the version of the crate `wasm-bindgen` in Cargo.lock.
const WASM_BINDGEN: &str = "0.2.130";
/// 0.3.11 wants a newer rustc; 0.3.6 cannot bundle style sheets.
const CARGO_LEPTOS: &str = "0.3.10";
/// What the npm packages ask for.
const NODE: u32 = 20;
const GIGABYTE: u64 = 1_000_000_000;
/// What a build of everything needs on the disk.
const ROOM: u64 = 25 * GIGABYTE;
/// Our crates whose artefacts are large; not this one, which runs from among its own.
const LARGE: [&str; 11] = [
    "app",
    "console",
    "domain",
    "liff",
    "line",
    "migrations",
    "sandbox",
    "server",
    "services",
    "store",
    "ui",
];
const CHROMIUM: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// What the next step needs besides the means of building.
#[derive(Clone, Copy, Default)]
pub struct Wanted {
    pub browser: bool,
    pub postgres: bool,
    /// cargo-fuzz and cargo-deny.
    pub long_run: bool,
}

pub fn command(workspace: &Workspace, mut args: Args) -> Result {
    let wanted = Wanted {
        browser: args.flag("--browser"),
        postgres: args.flag("--postgres"),
        long_run: args.flag("--long-run"),
    };
    args.finish()?;
    everything(workspace, wanted)
}

/// Checks each tool and installs what is missing.
pub fn everything(workspace: &Workspace, wanted: Wanted) -> Result {
    println!("Set-up");
    make_room(workspace)?;
    let log = workspace.log("setup")?;
    let _ = std::fs::remove_file(&log);
    c_compiler(workspace, &log)?;
    rust_parts(workspace, &log)?;
    wasm_bindgen(workspace, &log)?;
    cargo_leptos(workspace, &log)?;
    npm(workspace, &log)?;
    if wanted.browser {
        browser(workspace, &log)?;
    }
    // Tests draw menus, too.
    if wanted.browser || wanted.postgres {
        menu_font(workspace, &log)?;
    }
    if wanted.postgres {
        postgres(workspace, &log)?;
    }
    if wanted.long_run {
        for (name, expected) in [("cargo-fuzz", "2 min"), ("cargo-deny", "6 min")] {
            cargo_tool(workspace, name, expected, &log)?;
        }
    }
    Ok(())
}

/// Every checkout leaves artefacts of its own in the shared target directory. Where the disk has
/// little room, those of our crates go, and all that incremental compilation kept; those of the
/// dependencies stay.
fn make_room(workspace: &Workspace) -> Result {
    let space =
        nix::sys::statvfs::statvfs(&workspace.target).during("asking for the disk's room")?;
    let free = space.blocks_available() * space.fragment_size();
    if free >= ROOM {
        return Ok(());
    }
    println!("  → {} GB free on the disk: removing artefacts of older builds", free / GIGABYTE);
    for folder in ["debug", "release", "front/debug", "front/wasm32-unknown-unknown/debug"] {
        let _ = std::fs::remove_dir_all(workspace.target.join(folder).join("incremental"));
    }
    let mut clean = workspace.command("cargo");
    clean.arg("clean").args(LARGE.iter().flat_map(|name| ["--package", name]));
    output(&mut clean).map(drop)
}

fn there(what: &str) -> Result {
    println!("  ✓ {what}");
    Ok(())
}

fn installing(what: &str, expected: &str, work: impl FnOnce() -> Result) -> Result {
    println!("  → installing {what} (about {expected})");
    timed(work)
}

fn c_compiler(workspace: &Workspace, log: &Path) -> Result {
    if workspace.which("cc").is_some() {
        return there("C compiler");
    }
    installing("a C compiler", "30 s", || debian_packages(workspace, &["build-essential"], log))
}

fn rust_parts(workspace: &Workspace, log: &Path) -> Result {
    for (component, program) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        if output(workspace.command("cargo").args([program, "--version"])).is_err() {
            installing(component, "10 s", || {
                run_logged(workspace.command("rustup").args(["component", "add", component]), log)
            })?;
        }
    }
    let mut asked = workspace.command("rustc");
    asked.args(["--print", "target-libdir", "--target", WASM]);
    if output(&mut asked).is_ok_and(|folder| Path::new(folder.trim()).is_dir()) {
        return there("Rust for wasm");
    }
    installing("Rust for wasm", "5 s", || {
        run_logged(workspace.command("rustup").args(["target", "add", WASM]), log).during(
            "Rust's wasm target is missing and rustup could not add it. \
             Add the standard library for wasm32-unknown-unknown to your Rust and try again",
        )
    })
}

fn wasm_bindgen(workspace: &Workspace, log: &Path) -> Result {
    let name = format!("wasm-bindgen {WASM_BINDGEN}");
    if has_version(workspace, "wasm-bindgen", WASM_BINDGEN) {
        return there(&name);
    }
    installing(&name, "1 min", || {
        // Not `--locked`: its lock file names a crate version that cannot be had.
        let mut cargo = install(workspace, "wasm-bindgen-cli", WASM_BINDGEN);
        cargo.env("CARGO_RESOLVER_INCOMPATIBLE_RUST_VERSIONS", "fallback");
        run_install(workspace, &mut cargo, log)
    })
}

fn cargo_leptos(workspace: &Workspace, log: &Path) -> Result {
    let name = format!("cargo-leptos {CARGO_LEPTOS}");
    if has_version(workspace, "cargo-leptos", CARGO_LEPTOS) {
        return there(&name);
    }
    installing(&name, "5 min", || {
        let mut cargo = install(workspace, "cargo-leptos", CARGO_LEPTOS);
        // Without downloads: what it would fetch by itself is not to be had in a closed network.
        cargo.args(["--locked", "--features", "no_downloads"]);
        run_install(workspace, &mut cargo, log)
    })
}

fn cargo_tool(workspace: &Workspace, name: &str, expected: &str, log: &Path) -> Result {
    if workspace.which(name).is_some() {
        return there(name);
    }
    installing(name, expected, || {
        let mut cargo = workspace.command("cargo");
        cargo.args(["install", name, "--locked", "--debug", "--root"]).arg(&workspace.tools);
        cargo.env("CARGO_RESOLVER_INCOMPATIBLE_RUST_VERSIONS", "fallback");
        run_install(workspace, &mut cargo, log)
    })
}

fn has_version(workspace: &Workspace, program: &str, version: &str) -> bool {
    output(workspace.command(program).arg("--version"))
        .is_ok_and(|said| said.split_whitespace().nth(1) == Some(version))
}

fn install(workspace: &Workspace, name: &str, version: &str) -> Command {
    let mut cargo = workspace.command("cargo");
    cargo.args(["install", name, "--version", version, "--debug", "--force", "--root"]);
    cargo.arg(&workspace.tools);
    cargo
}

/// Builds away from the checkout, whose compiler flags are not meant for tools.
fn run_install(workspace: &Workspace, cargo: &mut Command, log: &Path) -> Result {
    let artefacts = workspace.tools.join("build");
    std::fs::create_dir_all(&artefacts).during(artefacts.display())?;
    cargo.current_dir(&workspace.tools).env("CARGO_TARGET_DIR", &artefacts);
    run_logged(cargo, log)?;
    let _ = std::fs::remove_dir_all(artefacts);
    Ok(())
}

fn npm(workspace: &Workspace, log: &Path) -> Result {
    let version = output(workspace.command("node").arg("--version")).unwrap_or_default();
    let major =
        version.trim().trim_start_matches('v').split('.').next().and_then(|n| n.parse().ok());
    if major.is_none_or(|major: u32| major < NODE) || workspace.which("npm").is_none() {
        return Err(format!(
            "Node.js {NODE} or newer with npm is needed ({}): install it and try again",
            if version.is_empty() { "there is none" } else { version.trim() }
        )
        .into());
    }
    let what = "npm packages (design tokens, Leaflet, binaryen, playwright-core, axe)";
    npm_packages(workspace, &workspace.root, what, log)?;
    map(workspace)
}

/// The map's script and style, where the site takes its files from.
fn map(workspace: &Workspace) -> Result {
    let (from, to) =
        (workspace.root.join("node_modules/leaflet/dist"), workspace.root.join("public/leaflet"));
    std::fs::create_dir_all(&to).during(to.display())?;
    for name in ["leaflet.js", "leaflet.css"] {
        if !same_content(&from.join(name), &to.join(name)) {
            std::fs::copy(from.join(name), to.join(name)).during(name)?;
        }
    }
    Ok(())
}

/// What the lock file in a folder says, beside it.
pub fn npm_packages(workspace: &Workspace, folder: &Path, what: &str, log: &Path) -> Result {
    let wanted = folder.join("package-lock.json");
    let done = folder.join("node_modules/.kairan-lock");
    if same_content(&wanted, &done) {
        return there(what);
    }
    installing(what, "20 s", || {
        let mut npm = workspace.command("npm");
        npm.current_dir(folder).args(["ci", "--no-audit", "--no-fund"]);
        run_logged(&mut npm, log)?;
        std::fs::copy(&wanted, &done)?;
        Ok(())
    })
}

fn browser(workspace: &Workspace, log: &Path) -> Result {
    if chromium(workspace).is_some() {
        return there("Chromium");
    }
    installing("Chromium, Japanese fonts and emoji", "1 min", || {
        let packages = ["chromium", "chromium-l10n", "fonts-noto-cjk", "fonts-noto-color-emoji"];
        debian_packages(workspace, &packages, log)
    })
}

/// The font of rich menus' pictures, which the journeys' Chromium shows too: the file that
/// `KAIRAN_MENU_FONT` names, or Debian's.
fn menu_font(workspace: &Workspace, log: &Path) -> Result {
    let set = std::env::var_os("KAIRAN_MENU_FONT").map(PathBuf::from);
    let usual = || PathBuf::from("/usr/share/fonts/truetype/bizud-gothic/BIZUDPGothic-Bold.ttf");
    if set.unwrap_or_else(usual).is_file() {
        return there("BIZ UDPGothic");
    }
    installing("BIZ UDPGothic", "10 s", || {
        debian_packages(workspace, &["fonts-morisawa-bizud-gothic"], log)
    })
}

/// Chromium: `KAIRAN_CHROMIUM`, or what PATH has.
pub fn chromium(workspace: &Workspace) -> Option<PathBuf> {
    std::env::var_os("KAIRAN_CHROMIUM")
        .map(PathBuf::from)
        .or_else(|| CHROMIUM.iter().find_map(|name| workspace.which(name)))
}

fn postgres(workspace: &Workspace, log: &Path) -> Result {
    if postgres_programs(workspace).is_some() {
        return there("PostgreSQL");
    }
    installing("PostgreSQL", "30 s", || debian_packages(workspace, &["postgresql"], log))
}

/// wrk, for `cargo xtask bench`.
pub fn load_generator(workspace: &Workspace) -> Result {
    if workspace.which("wrk").is_some() {
        return there("wrk");
    }
    let log = workspace.log("setup")?;
    installing("wrk", "10 s", || debian_packages(workspace, &["wrk"], &log))
}

/// The folder with `initdb` and `postgres`: the newest below Debian's, or on PATH.
pub fn postgres_programs(workspace: &Workspace) -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| {
            Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin")))
        })
        .filter(|(_, bin)| bin.join("initdb").is_file() && bin.join("postgres").is_file())
        .collect();
    folders.sort();
    folders.pop().map(|(_, bin)| bin).or_else(|| {
        let initdb = std::fs::canonicalize(workspace.which("initdb")?).ok()?;
        initdb.parent().map(Path::to_path_buf)
    })
}

/// True if we may install system packages and change users.
pub fn is_root() -> bool {
    nix::unistd::Uid::effective().is_root()
}

fn debian_packages(workspace: &Workspace, packages: &[&str], log: &Path) -> Result {
    let by_hand = format!("apt-get install {}", packages.join(" "));
    if !is_root() || workspace.which("apt-get").is_none() {
        return Err(format!(
            "This needs a package of your system. Run as administrator: `{by_hand}` \
             (or your system's equal), and try again"
        )
        .into());
    }
    let apt = || {
        let mut apt = workspace.command("apt-get");
        apt.env("DEBIAN_FRONTEND", "noninteractive");
        apt
    };
    run_logged(apt().args(["update", "--quiet"]), log)?;
    let mut install = apt();
    install.args(["install", "--yes", "--quiet", "--no-install-recommends"]).args(packages);
    run_logged(&mut install, log)
}
