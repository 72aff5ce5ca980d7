//! Writes sample pages made of every component, to be looked at beside the
//! pictures: `cargo run -p ui --features ssr --example sheet -- DIR STYLESHEET`.

mod console;
mod parts;
mod resident;

use leptos::prelude::*;
use leptos_meta::{ServerMetaContext, provide_meta_context};
use std::{env, fs, io, path::Path};

fn write(dir: &Path, css: &str, name: &str, page: impl FnOnce() -> AnyView) -> io::Result<()> {
    let body = Owner::new().with(|| {
        provide_meta_context();
        let (meta, _output) = ServerMetaContext::new();
        provide_context(meta);
        ui::toast::provide_toasts();
        page().to_html()
    });
    let html = format!(
        "<!doctype html><html lang=\"ja\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"style-src 'self' file:\"><title>{name}</title>\
         <link rel=\"stylesheet\" href=\"{css}\"></head><body>{body}</body></html>"
    );
    assert!(!html.contains(" style="), "{name}: inline style");
    fs::write(dir.join(format!("{name}.html")), html)
}

fn main() -> io::Result<()> {
    let mut args = env::args().skip(1);
    let dir = args.next().unwrap_or_else(|| "target/sheet".into());
    let css = args.next().unwrap_or_else(|| "kairan.css".into());
    let dir = Path::new(&dir);
    fs::create_dir_all(dir)?;
    write(dir, &css, "components", parts::components)?;
    write(dir, &css, "states", parts::states)?;
    write(dir, &css, "home", console::home)?;
    write(dir, &css, "deliveries", console::deliveries)?;
    write(dir, &css, "composer", console::composer)?;
    write(dir, &css, "sending", console::sending)?;
    write(dir, &css, "audience", console::audience)?;
    write(dir, &css, "signin", resident::signin)?;
    write(dir, &css, "liff", resident::liff)?;
    write(dir, &css, "sandbox", resident::sandbox)
}
