//! How fast a city is brought to its emergency menus and back (MENU-4).

use crate::failure::Result;
use crate::process::output;
use crate::workspace::Workspace;
use serde_json::Value;

const RESIDENTS: u32 = 200_000;

/// LINE takes 2,000 bulk calls a second, of 500 residents each: the limit is no floor here.
/// The floor is the calls themselves, one after the other over so many connections.
pub(super) fn relink(workspace: &Workspace) -> Result {
    let mut example = workspace.command("cargo");
    example
        .args(["run", "--quiet", "--release", "--package", "services"])
        .args(["--example", "menu_relink", "--"])
        .arg(RESIDENTS.to_string());
    let measured: Value = serde_json::from_str(output(&mut example)?.trim())?;
    let seconds = |key: &str| measured[key].as_f64().unwrap_or(f64::NAN);
    println!("  to the emergency: {:.2} s to the last 202", seconds("to_emergency"));
    println!("  back to their own: {:.2} s to the last 202", seconds("back"));
    println!(
        "  all {}: {} wrong after the switch, {} after the way back",
        measured["residents"], measured["wrong_after_emergency"], measured["wrong_after_back"]
    );
    println!(
        "  of them {} looked up by LINE's API: {} wrong after the switch, {} after the way back",
        measured["sampled"],
        measured["sampled_wrong_after_emergency"],
        measured["sampled_wrong_after_back"]
    );
    println!("  floor: {} calls of 500; LINE takes 2,000 a second", measured["calls_at_least"]);
    Ok(())
}
