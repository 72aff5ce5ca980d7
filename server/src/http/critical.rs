//! A resident's page brings the rules along by which it is drawn: on a weak network it is seen
//! after one answer, and not after a second one with the stylesheet. That one, with the rules for
//! what may come later, follows behind the page, where it keeps nothing from being drawn.

use super::AppState;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// The stylesheet of this release, once it was read; nothing where there is none.
#[derive(Clone, Default)]
pub(crate) struct Styles(Arc<OnceLock<Option<Stylesheet>>>);

/// A stylesheet, cut into its rules.
struct Stylesheet(Vec<Rule>);

enum Rule {
    /// What holds whatever stands on the page: fonts, motions, statements.
    Always(String),
    /// What is declared for some selectors.
    Style { selectors: Vec<Selector>, body: String },
    /// Rules under a condition.
    Group { condition: String, rules: Vec<Rule> },
}

/// A selector, and the classes and ids without which it selects nothing.
struct Selector {
    text: String,
    names: Vec<String>,
}

/// The page with its rules in its head and the stylesheet at its end; as it came if it has none.
pub(super) async fn bring_along(state: &AppState, response: Response) -> Response {
    let Some(nonce) = nonce(response.headers()).map(str::to_owned) else { return response };
    let (mut parts, body) = response.into_parts();
    let Ok(page) = to_bytes(body, usize::MAX).await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let made = std::str::from_utf8(&page).ok().and_then(|page| rewritten(state, page, &nonce));
    let Some(made) = made else { return Response::from_parts(parts, Body::from(page)) };
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(made))
}

/// The nonce that a page's content security policy names.
pub(super) fn nonce(headers: &HeaderMap) -> Option<&str> {
    let policy = headers.get(header::CONTENT_SECURITY_POLICY)?.to_str().ok()?;
    policy.split("'nonce-").nth(1)?.split('\'').next()
}

fn rewritten(state: &AppState, page: &str, nonce: &str) -> Option<String> {
    let at = page.find("rel=\"stylesheet\"")?;
    let begin = page[..at].rfind("<link")?;
    let end = at + page[at..].find('>')? + 1;
    let link = &page[begin..end];
    let href = link.split("href=\"").nth(1)?.split('"').next()?;
    let read = || {
        let path = Path::new(state.leptos.site_root.as_ref()).join(href.trim_start_matches('/'));
        std::fs::read_to_string(path).ok().map(|css| Stylesheet(rules(&css)))
    };
    let rules = state.styles.0.get_or_init(read).as_ref()?.used(page);
    let close = page.rfind("</body>").filter(|close| *close > end)?;
    let (head, body, foot) = (&page[..begin], &page[end..close], &page[close..]);
    Some(format!("{head}<style nonce=\"{nonce}\">{rules}</style>{body}{link}{foot}"))
}

impl Stylesheet {
    /// The rules that may select something on the page.
    fn used(&self, page: &str) -> String {
        let words: HashSet<&str> = page.split(|c| !is_name(c)).collect();
        let mut css = String::new();
        write(&self.0, &words, &mut css);
        css
    }
}

fn write(rules: &[Rule], words: &HashSet<&str>, css: &mut String) {
    for rule in rules {
        match rule {
            Rule::Always(text) => css.push_str(text),
            Rule::Style { selectors, body } => {
                let fits = |s: &&Selector| s.names.iter().all(|name| words.contains(&**name));
                let texts: Vec<&str> =
                    selectors.iter().filter(fits).map(|s| s.text.as_str()).collect();
                if !texts.is_empty() {
                    css.extend([&texts.join(","), "{", body, "}"]);
                }
            }
            Rule::Group { condition, rules } => {
                let mut inner = String::new();
                write(rules, words, &mut inner);
                if !inner.is_empty() {
                    css.extend([condition, "{", &inner, "}"]);
                }
            }
        }
    }
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

fn rules(mut css: &str) -> Vec<Rule> {
    const CONDITIONS: [&str; 4] = ["@media", "@supports", "@layer", "@container"];
    let mut found = Vec::new();
    loop {
        css = css.trim_start();
        if let Some(comment) = css.strip_prefix("/*") {
            css = comment.split_once("*/").map_or("", |(_, rest)| rest);
            continue;
        }
        let end = stop(css, b"{;");
        let Some(stopped) = css.as_bytes().get(end) else { return found };
        if *stopped == b';' {
            found.push(Rule::Always(css[..=end].to_owned()));
            css = &css[end + 1..];
            continue;
        }
        let (prelude, inner) = (css[..end].trim(), &css[end + 1..]);
        let (body, rest) = inner.split_at(closed(inner));
        css = rest.get(1..).unwrap_or_default();
        found.push(if CONDITIONS.iter().any(|c| prelude.starts_with(c)) {
            Rule::Group { condition: prelude.to_owned(), rules: rules(body) }
        } else if prelude.starts_with('@') {
            Rule::Always(format!("{prelude}{{{body}}}"))
        } else {
            Rule::Style { selectors: selectors(prelude), body: body.trim().to_owned() }
        });
    }
}

/// Where the first of these stands outside strings, brackets and comments; the end if nowhere.
fn stop(css: &str, wanted: &[u8]) -> usize {
    let bytes = css.as_bytes();
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b if depth == 0 && wanted.contains(b) => return at,
            b'\\' => at += 1,
            quote @ (b'"' | b'\'') => {
                at += 1;
                while bytes.get(at).is_some_and(|b| b != quote) {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                at += css[at..].find("*/").map_or(css.len(), |end| end + 1);
            }
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    css.len()
}

/// Where the block that has been opened is closed.
fn closed(css: &str) -> usize {
    let (mut at, mut depth) = (0, 0_usize);
    loop {
        at += stop(&css[at..], b"{}");
        match css.as_bytes().get(at) {
            None => return css.len(),
            Some(b'}') if depth == 0 => return at,
            Some(b'}') => depth -= 1,
            Some(_) => depth += 1,
        }
        at += 1;
    }
}

fn selectors(mut prelude: &str) -> Vec<Selector> {
    let mut found = Vec::new();
    loop {
        let (one, rest) = prelude.split_at(stop(prelude, b","));
        found.push(Selector { text: one.trim().to_owned(), names: names(one) });
        let Some(rest) = rest.strip_prefix(',') else { return found };
        prelude = rest;
    }
}

/// The classes and ids of a selector; those in brackets may be alternatives, or not to be there.
fn names(mut selector: &str) -> Vec<String> {
    let mut found = Vec::new();
    loop {
        let at = stop(selector, b".#");
        let Some(after) = selector.get(at + 1..) else { return found };
        let end = after.find(|c| !is_name(c)).unwrap_or(after.len());
        found.push(after[..end].to_owned());
        selector = &after[end..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CSS: &str = r#"/* a { */@charset "utf-8";:root{--a:1}
        body,.phone .talk,main:not(.wide)>h1 { margin: 0 } .field[data-x=".no"]::before{content:"}{"}
        #main .field-error:is(.a,.b){color:red}.chart{fill:url("a;{b.svg")}
        @media (width < 480px){.field{padding:0}.chart{display:none}}@media print{.chart{display:none}}
        @font-face{font-family:X;src:url(/x)}@keyframes turn{from{rotate:0deg}to{rotate:1turn}}"#;

    #[test]
    fn what_selects_nothing_stays_away() {
        let sheet = Stylesheet(rules(CSS));
        assert_eq!(
            sheet.used("<main id=\"main\"><p class=\"field\">人</p></main>"),
            "@charset \"utf-8\";:root{--a:1}body,main:not(.wide)>h1{margin: 0}\
             .field[data-x=\".no\"]::before{content:\"}{\"}@media (width < 480px){.field{padding:0}}\
             @font-face{font-family:X;src:url(/x)}@keyframes turn{from{rotate:0deg}to{rotate:1turn}}"
        );
        let all = sheet.used("main field field-error chart phone talk");
        for rule in
            ["#main .field-error:is(.a,.b){color:red}", "body,.phone .talk,", "@media print{"]
        {
            assert!(all.contains(rule), "{rule} in {all}");
        }
    }

    #[test]
    fn what_is_cut_off_is_read_as_far_as_it_goes() {
        for css in
            ["", "a", "a{", "a{b:\"", "/*", "@media x{a{", "a{}}b{c:d}", "\\", ".", "a{b:url("]
        {
            let _ = Stylesheet(rules(css)).used("a b");
        }
    }
}
