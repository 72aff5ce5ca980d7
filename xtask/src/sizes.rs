//! The bytes that a browser loads, as the server sends them (brotli).

use crate::failure::{Result, While};
use std::path::{Path, PathBuf};

/// One file of the built site.
pub struct Asset {
    /// Path below the site's root.
    pub name: String,
    pub plain: u64,
    /// Size of the brotli file beside it; the plain size where there is none.
    pub brotli: u64,
}

/// Every file of a site that was built with `--release --precompress`.
pub fn assets(site: &Path) -> Result<Vec<Asset>> {
    let mut found = Vec::new();
    collect(site, site, &mut found).during(site.display())?;
    found.sort_by_key(|asset| std::cmp::Reverse(asset.brotli));
    Ok(found)
}

fn collect(site: &Path, folder: &Path, found: &mut Vec<Asset>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(site, &path, found)?;
            continue;
        }
        if path.extension().is_some_and(|end| end == "br" || end == "gz") {
            continue;
        }
        let plain = path.metadata()?.len();
        let mut compressed = path.clone().into_os_string();
        compressed.push(".br");
        let brotli = PathBuf::from(compressed).metadata().map_or(plain, |about| about.len());
        let name = path.strip_prefix(site).unwrap_or(&path).display().to_string();
        found.push(Asset { name, plain, brotli });
    }
    Ok(())
}

/// Prints each file with its size.
pub fn report(site: &Path) -> Result {
    let assets = assets(site)?;
    println!("    {:>10} {:>10}  file", "plain", "brotli");
    for asset in &assets {
        println!("    {:>10} {:>10}  {}", asset.plain, asset.brotli, asset.name);
    }
    let (plain, brotli) = assets.iter().fold((0, 0), |(p, b), a| (p + a.plain, b + a.brotli));
    println!("    {plain:>10} {brotli:>10}  all {} files", assets.len());
    Ok(())
}
