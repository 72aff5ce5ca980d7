//! Addresses of our own pages: the state of a list is in its query.

use std::fmt::Display;

/// The path with what is not empty as its query.
pub fn with_query(path: &str, pairs: &[(&str, String)]) -> String {
    let query: Vec<String> = pairs
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={}", escape(value)))
        .collect();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
}

/// The number of a page for [`with_query`]; the first one is not named.
pub fn page_number<N: Display + PartialOrd + From<u8>>(page: N) -> String {
    if page > N::from(1) { page.to_string() } else { String::new() }
}

/// RFC 3986: everything but unreserved characters, in UTF-8.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_empty_is_left_out_and_all_else_is_escaped() {
        let q = |words: &str, page| [("q", words.to_owned()), ("page", page_number::<u64>(page))];
        assert_eq!(with_query("/console", &q("", 1)), "/console");
        assert_eq!(
            with_query("/console", &q("港 a&b=1", 2)),
            "/console?q=%E6%B8%AF%20a%26b%3D1&page=2"
        );
    }
}
