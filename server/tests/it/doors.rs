//! Which endpoints there are: from the router, the description of REST, the registered server
//! functions, and where pages are told apart by their addresses.

use crate::city::City;
use std::collections::BTreeSet;
use std::path::Path;

/// The server functions that tell of forms and answers: name and path.
pub fn functions() -> Vec<(String, String)> {
    let rooms = ["form", "answer", "eligibility", "search"];
    registered()
        .into_iter()
        .filter(|(_, path)| path.split('/').any(|part| rooms.contains(&part)))
        .collect()
}

/// Every server function.
pub fn registered() -> Vec<(String, String)> {
    leptos::server_fn::axum::server_fn_paths()
        .map(|(path, _)| (path.rsplit('/').next().unwrap_or_default().to_owned(), path.to_owned()))
        .collect()
}

fn source(file: &str) -> String {
    let path = Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("..").join(file);
    std::fs::read_to_string(path).unwrap()
}

/// The lists of words that a source file tells addresses apart by: `["forms", n, "edit"]`.
fn addresses(file: &str, of: &[&str]) -> BTreeSet<String> {
    let text = source(file);
    let begins = |line: &&str| of.iter().any(|word| line.starts_with(&format!("[\"{word}\"")));
    text.lines()
        .map(str::trim)
        .filter(begins)
        .flat_map(|line| line.split("=>").next().unwrap_or(line).split('|'))
        .map(|one| {
            let parts = one.trim().trim_end_matches(" if sent").trim_matches(['[', ']', ' ']);
            let parts = parts.split(',').map(|part| {
                let part = part.trim();
                if part.starts_with('"') { part.trim_matches('"') } else { "{id}" }
            });
            parts.collect::<Vec<_>>().join("/")
        })
        .collect()
}

/// The routes of a router with their methods, as it prints itself.
pub fn routes(printed: &str) -> BTreeSet<(String, String)> {
    let own = printed.split("fallback_router:").next().unwrap_or(printed);
    let mut methods = std::collections::BTreeMap::new();
    let mut found = BTreeSet::new();
    for piece in own.split("RouteId(").skip(1) {
        let Some((id, rest)) = piece.split_once("): ") else { continue };
        if let Some(path) = rest.strip_prefix('"').and_then(|r| r.split('"').next()) {
            let known: &Vec<String> = methods.get(id).unwrap();
            found.extend(known.iter().map(|m| (m.clone(), path.to_owned())));
        } else {
            let allowed = rest.split("allow_header: Bytes(b\"").nth(1);
            let allowed = allowed.and_then(|r| r.split('"').next()).unwrap_or("ANY");
            let all = allowed.split(',').filter(|m| *m != "HEAD").map(str::to_owned).collect();
            methods.insert(id.to_owned(), all);
        }
    }
    found
}

/// The endpoints that must stand in the table.
pub fn wanted(city: &City) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let ours =
        |path: &str| ["/forms", "/answers", "/liff/f/"].iter().any(|part| path.contains(part));
    for (method, path) in routes(&city.routes()) {
        if ours(&path) {
            all.insert(format!("{method} {path}"));
        }
    }
    // Named by the description, too: REST cannot grow behind its back.
    let api = serde_json::to_value(kairan::api::openapi()).unwrap();
    for (path, item) in api["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys().filter(|_| path.starts_with("/forms")) {
            all.insert(format!("{} /api/v1{path}", method.to_uppercase()));
        }
    }
    all.extend(functions().into_iter().map(|(name, _)| format!("fn {name}")));
    let pages = addresses("app/console/src/route.rs", &["forms", "answers"]);
    all.extend(pages.into_iter().map(|page| format!("page /console/{page}")));
    let pages = addresses("app/liff/src/server.rs", &["f", "answers"]);
    all.extend(pages.into_iter().map(|page| format!("page /liff/{page}")));
    all
}
