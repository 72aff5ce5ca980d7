//! A wall clock that jumps under a running Kairan.

use crate::failure::{Result, While};
use crate::process::run_logged;
use crate::workspace::Workspace;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a program is started with so that its clock can be moved.
pub struct JumpingClock {
    library: PathBuf,
    offset: PathBuf,
}

impl JumpingClock {
    /// Makes the library in `folder`; the clock is right at first.
    pub fn make(workspace: &Workspace, folder: &Path) -> Result<Self> {
        let clock = Self { library: folder.join("clock.so"), offset: folder.join("clock.offset") };
        let mut cc = workspace.command("cc");
        cc.args(["-shared", "-fPIC", "-O2", "-o"]).arg(&clock.library);
        cc.arg(workspace.root.join("xtask/src/crash/clock.c")).arg("-ldl");
        run_logged(&mut cc, &workspace.log("crash-clock")?)?;
        clock.set(0)?;
        Ok(clock)
    }

    /// Seconds before (negative: behind) the machine's clock.
    pub fn set(&self, seconds: i64) -> Result {
        std::fs::write(&self.offset, format!("{seconds:+012}")).during(self.offset.display())
    }

    /// Lets a program read it.
    pub fn give(&self, command: &mut Command) {
        command.env("LD_PRELOAD", &self.library).env("KAIRAN_TEST_CLOCK", &self.offset);
    }
}
