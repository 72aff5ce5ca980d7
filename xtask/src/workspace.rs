//! Where things are: the checkout, the artefacts outside it, the tools.

use crate::failure::{Result, While};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub struct Workspace {
    /// The checkout.
    pub root: PathBuf,
    /// Cargo's target directory: outside the checkout, so that it outlives it.
    pub target: PathBuf,
    /// Programs that we installed (`bin/` below goes in front of PATH).
    pub tools: PathBuf,
}

impl Workspace {
    pub fn find() -> Result<Self> {
        // `cargo run` says where the package is. What was there at compile time may be another
        // checkout that shares the target directory.
        let package = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = package.parent().ok_or("xtask lies outside a workspace")?.to_path_buf();
        let cache = cache_directory()?;
        let target = absolute(std::env::var_os("CARGO_TARGET_DIR"))
            .or_else(|| absolute(std::env::var_os("KAIRAN_TARGET_DIR")))
            .unwrap_or_else(|| cache.join("target"));
        std::fs::create_dir_all(&target).during(format!("creating {}", target.display()))?;
        Ok(Self { root, target, tools: cache.join("tools") })
    }

    /// A command in the checkout that sees our tools, and nothing of the `cargo run` around us.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).stdin(Stdio::null());
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy();
            if ["CARGO_PKG_", "CARGO_BIN_", "CARGO_MANIFEST_"].iter().any(|p| name.starts_with(p)) {
                command.env_remove(&*name);
            }
        }
        command.env("CARGO_TARGET_DIR", &self.target);
        command.env("PATH", self.path());
        command
    }

    /// PATH with our tools and npm's in front.
    pub fn path(&self) -> OsString {
        let ours = [self.tools.join("bin"), self.root.join("node_modules/.bin")];
        let before = std::env::var_os("PATH").unwrap_or_default();
        let all = ours.into_iter().chain(std::env::split_paths(&before));
        std::env::join_paths(all).unwrap_or(before)
    }

    /// The full path of a program on [`Self::path`].
    pub fn which(&self, program: &str) -> Option<PathBuf> {
        std::env::split_paths(&self.path())
            .map(|folder| folder.join(program))
            .find(|file| file.is_file())
    }

    pub fn profile_folder(&self, release: bool) -> PathBuf {
        self.target.join(if release { "release" } else { "debug" })
    }

    pub fn binary(&self, name: &str, release: bool) -> PathBuf {
        self.profile_folder(release).join(name)
    }

    /// Where the step `name` writes what it says.
    pub fn log(&self, name: &str) -> Result<PathBuf> {
        let folder = self.target.join("xtask-logs");
        std::fs::create_dir_all(&folder)?;
        Ok(folder.join(format!("{name}.log")))
    }
}

fn absolute(path: Option<OsString>) -> Option<PathBuf> {
    let path = path.filter(|path| !path.is_empty())?;
    std::path::absolute(path).ok()
}

fn cache_directory() -> Result<PathBuf> {
    absolute(std::env::var_os("XDG_CACHE_HOME"))
        .or_else(|| absolute(std::env::var_os("HOME")).map(|home| home.join(".cache")))
        .map(|cache| cache.join("kairan"))
        .ok_or_else(|| "neither XDG_CACHE_HOME nor HOME is set: where may files be kept?".into())
}

/// True if both files are there and hold the same.
pub fn same_content(one: &Path, other: &Path) -> bool {
    matches!((std::fs::read(one), std::fs::read(other)), (Ok(a), Ok(b)) if a == b)
}
