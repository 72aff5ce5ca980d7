//! Lists the chapters of the manual, so that the server carries them within.

use std::path::Path;
use std::{env, fs};

fn main() {
    let manual = Path::new("../../docs/manual");
    println!("cargo:rerun-if-changed={}", manual.display());
    let mut chapters = Vec::new();
    // Without a manual there are no chapters: the console says so.
    for entry in fs::read_dir(manual).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = path.file_stem().and_then(|n| n.to_str()).unwrap_or_default().to_owned();
        if path.extension().is_some_and(|e| e == "md")
            && !name.is_empty()
            && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
        {
            let path = path.canonicalize().expect("the file was just listed");
            println!("cargo:rerun-if-changed={}", path.display());
            chapters.push((name, path));
        }
    }
    chapters.sort();
    let list: String = chapters
        .iter()
        .map(|(name, path)| {
            format!("    ({name:?}, include_str!({:?})),\n", path.display().to_string())
        })
        .collect();
    let out = Path::new(&env::var_os("OUT_DIR").expect("cargo sets it")).join("manual.rs");
    fs::write(out, format!("[\n{list}]\n")).expect("cargo's own folder can be written");
}
