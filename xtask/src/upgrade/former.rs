//! The release before this one, built of its commit.

use crate::build;
use crate::failure::{Result, While};
use crate::process::{output, run_logged};
use crate::workspace::Workspace;
use std::path::{Path, PathBuf};

/// The newest release that is not this one: by its tag, or else the commit before the schema was
/// last changed.
pub fn release(workspace: &Workspace) -> Option<String> {
    let tags =
        git(workspace, &["tag", "--merged=HEAD", "--no-contains=HEAD", "--sort=-creatordate"]);
    if let Some(tag) = tags.as_deref().and_then(|tags| tags.lines().next()) {
        return commit(workspace, tag);
    }
    let changed = git(workspace, &["log", "-1", "--format=%H", "--", "migrations/src"])?;
    commit(workspace, &format!("{changed}^"))
}

/// The commit of that name.
pub fn commit(workspace: &Workspace, name: &str) -> Option<String> {
    git(workspace, &["rev-parse", "--verify", "--quiet", &format!("{name}^{{commit}}")])
}

/// What git says; nothing where there is no git, no history or no such thing.
fn git(workspace: &Workspace, args: &[&str]) -> Option<String> {
    let said = output(workspace.command("git").args(args)).ok()?;
    Some(said.trim().to_owned()).filter(|said| !said.is_empty())
}

/// As people say it.
pub fn short(commit: &str) -> &str {
    commit.get(..12).unwrap_or(commit)
}

/// Builds `kairan` of a commit; answers where it lies. A commit never changes, so its program is
/// kept for the next time, and so is what it was compiled from: in a folder of its own, for cargo
/// takes artefacts of one checkout for those of another.
pub fn build(workspace: &Workspace, commit: &str) -> Result<Workspace> {
    let folder = workspace.target.join("upgrade");
    let at =
        |root: PathBuf, target: PathBuf| Workspace { root, target, tools: workspace.tools.clone() };
    let kept = folder.join(short(commit));
    let kept = at(kept.clone(), kept);
    let program = kept.binary("kairan", false);
    if program.is_file() {
        println!("  ✓ kairan of {} is built", short(commit));
        return Ok(kept);
    }
    println!("  → the former release, {}", short(commit));
    let checkout = at(folder.join("checkout"), folder.join("target"));
    std::fs::create_dir_all(&folder).during(folder.display())?;
    remove(workspace, &checkout.root)?;
    let mut add = workspace.command("git");
    // Forced: the folder may have gone with a target directory, and git still know it.
    add.args(["worktree", "add", "--force", "--detach"]).arg(&checkout.root).arg(commit);
    run_logged(&mut add, &workspace.log("upgrade-checkout")?)?;
    let built = build::servers(&checkout, false);
    remove(workspace, &checkout.root)?;
    built?;
    let beside = kept.profile_folder(false);
    std::fs::create_dir_all(&beside).during(beside.display())?;
    // Pages name the built files, and no browser asks for them here.
    std::fs::write(beside.join("hash.txt"), "js: former\nwasm: former\ncss: former\n")?;
    std::fs::rename(checkout.binary("kairan", false), &program).during(program.display())?;
    Ok(kept)
}

/// Takes a checkout away, also one that an interrupted run has left.
fn remove(workspace: &Workspace, checkout: &Path) -> Result {
    if !checkout.exists() {
        return Ok(());
    }
    let mut remove = workspace.command("git");
    // Of another repository it is no worktree.
    if output(remove.args(["worktree", "remove", "--force"]).arg(checkout)).is_err() {
        std::fs::remove_dir_all(checkout).during(checkout.display())?;
    }
    Ok(())
}
