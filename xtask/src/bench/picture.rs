//! How fast a picture of a delivery is handed out: LINE and the phones fetch it all at once (SEG-10).

use super::{api, load, pair, start};
use crate::failure::{Result, While};
use crate::http::{Client, free_port};
use crate::process::{Running, run_logged, until};
use crate::workspace::Workspace;
use std::time::Duration;

const FETCHES: f64 = 200_000.0;

pub(super) fn fetches(workspace: &Workspace) -> Result {
    let pair = pair(workspace, None)?;
    let _running = start(&pair, &["serve"])?;
    let file = pair.folder.join("picture.jpg");
    let mut make = workspace.command("node");
    make.arg("xtask/bench/picture.mjs").arg(&file);
    run_logged(&mut make, &workspace.log("bench-picture")?)?;
    let picture = std::fs::read(&file).during(file.display())?;
    let headers = [("content-type", "image/png")];
    let kept = api(&pair)?.send("POST", "/blobs", &headers, picture)?.expect(201, "the picture")?;
    let path = format!("/media/{}", kept["id"].as_str().unwrap_or_default());
    let served = Client::new(pair.url(), Duration::from_secs(5)).bytes(&path)?;
    std::fs::write(&file, &served).during(file.display())?;
    let ours = load(workspace, 10, "page.lua", 64, &(pair.url() + &path), &[])?;
    println!("  kairan                {ours}, {} bytes each", served.len());

    let port = free_port()?;
    let mut node = workspace.command("node");
    node.args(["xtask/bench/static.mjs", &port.to_string()]).arg(&file);
    let running = Running::start(&mut node)?;
    let url = format!("http://127.0.0.1:{port}/picture");
    let client = Client::new(url.clone(), Duration::from_secs(2));
    until(Duration::from_secs(30), || client.get("").ok().filter(|a| a.status == 200))
        .ok_or_else(|| format!("express does not answer: {:?}", running.ended()))?;
    let theirs = load(workspace, 10, "page.lua", 64, &url, &[])?;
    println!("  express.sendFile      {theirs}");
    println!(
        "  {FETCHES} fetches take {:.1} s here and {:.1} s there: ratio {:.1}",
        FETCHES / ours.rate(),
        FETCHES / theirs.rate(),
        ours.rate() / theirs.rate()
    );
    Ok(())
}
