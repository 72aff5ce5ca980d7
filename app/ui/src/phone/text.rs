//! Text as LINE shows it: addresses and telephone numbers become links, line
//! breaks stay, nothing else is markup.

use leptos::prelude::*;
use serde_json::Value;

/// A run of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Run {
    Plain(String),
    Link(String),
    /// A LINE emoji, which has no character of its own.
    Emoji,
}

/// Characters that an address may hold; anything else, Japanese included, ends it.
fn in_address(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c)
}

/// Splits a text at its addresses (`http://`, `https://`, `tel:`).
pub(super) fn runs(text: &str) -> Vec<Run> {
    let mut out = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let scheme = ["https://", "http://", "tel:"]
            .into_iter()
            .find(|s| rest.get(..s.len()).is_some_and(|head| head.eq_ignore_ascii_case(s)));
        let starts_word = !plain.ends_with(|c: char| c.is_ascii_alphanumeric());
        if let Some(scheme) = scheme.filter(|_| starts_word) {
            let end = rest.find(|c: char| !in_address(c)).unwrap_or(rest.len());
            // A sentence's closing mark does not belong to the address.
            let link = rest[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', ')', ']']);
            if link.len() > scheme.len() {
                if !plain.is_empty() {
                    out.push(Run::Plain(std::mem::take(&mut plain)));
                }
                out.push(Run::Link(link.to_owned()));
                rest = &rest[link.len()..];
                continue;
            }
        }
        let mut chars = rest.chars();
        plain.extend(chars.next());
        rest = chars.as_str();
    }
    if !plain.is_empty() {
        out.push(Run::Plain(plain));
    }
    out
}

/// Cuts LINE emojis (`emojis[].index`, in UTF-16 units, on a `$`) out of a text.
pub(super) fn with_emojis(text: &str, emojis: &Value) -> Vec<Run> {
    let at: Vec<usize> = emojis
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|e| e.get("index")?.as_u64().and_then(|i| usize::try_from(i).ok()))
        .collect();
    if at.is_empty() {
        return runs(text);
    }
    let mut out = Vec::new();
    let (mut unit, mut part) = (0, String::new());
    for c in text.chars() {
        if c == '$' && at.contains(&unit) {
            out.extend(runs(&std::mem::take(&mut part)));
            out.push(Run::Emoji);
        } else {
            part.push(c);
        }
        unit += c.len_utf16();
    }
    out.extend(runs(&part));
    out
}

/// The runs as a view; links open in a new tab, as LINE opens them elsewhere.
pub(super) fn view(runs: Vec<Run>) -> AnyView {
    runs.into_iter()
        .map(|run| match run {
            Run::Plain(text) => text.into_any(),
            Run::Link(href) => {
                let words = href.clone();
                view! {
                    <a class="talk-link" href=href target="_blank" rel="noopener noreferrer external">
                        {words}
                    </a>
                }
                .into_any()
            }
            Run::Emoji => view! { <span class="talk-emoji">"絵文字"</span> }.into_any(),
        })
        .collect_view()
        .into_any()
}

/// An address that the preview may load or follow: https, http, or our own path.
pub(super) fn safe(address: &str) -> Option<String> {
    let lower = address.to_ascii_lowercase();
    let ours = address.starts_with('/') && !address.starts_with("//");
    (ours || lower.starts_with("https://") || lower.starts_with("http://"))
        .then(|| address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn link(s: &str) -> Run {
        Run::Link(s.into())
    }
    fn plain(s: &str) -> Run {
        Run::Plain(s.into())
    }

    #[test]
    fn addresses_end_where_japanese_begins() {
        assert_eq!(
            runs("地図\nhttps://mihon.example/d/28t。電話は tel:000-000-0124 へ"),
            [
                plain("地図\n"),
                link("https://mihon.example/d/28t"),
                plain("。電話は "),
                link("tel:000-000-0124"),
                plain(" へ")
            ]
        );
        assert_eq!(
            runs("（https://a.example/b）"),
            [plain("（"), link("https://a.example/b"), plain("）")]
        );
        assert_eq!(
            runs("see https://a.example."),
            [plain("see "), link("https://a.example"), plain(".")]
        );
    }

    #[test]
    fn only_three_schemes_link() {
        for text in [
            "javascript:alert(1)",
            "data:text/html,x",
            "ftp://a.example",
            "https://",
            "xhttps://a.example",
            "hotel:12",
        ] {
            assert_eq!(runs(text), [plain(text)], "{text}");
        }
        assert_eq!(runs("HTTPS://A.example"), [link("HTTPS://A.example")]);
    }

    #[test]
    fn nothing_is_lost() {
        for text in ["", "😀https://a.example😀", "a http://b c", "$$", "<b>&amp;"] {
            let back: String = runs(text)
                .into_iter()
                .map(|r| match r {
                    Run::Plain(s) | Run::Link(s) => s,
                    Run::Emoji => String::new(),
                })
                .collect();
            assert_eq!(back, text);
        }
    }

    #[test]
    fn emojis_are_counted_in_utf16() {
        let emojis = json!([{"index": 2, "productId": "p", "emojiId": "1"}]);
        assert_eq!(with_emojis("😀$ $5", &emojis), [plain("😀"), Run::Emoji, plain(" $5")]);
    }

    #[test]
    fn only_web_addresses_load() {
        assert!(safe("https://a.example/x.png").is_some() && safe("/blob/1").is_some());
        assert!(
            safe("//evil.example").is_none()
                && safe("javascript:1").is_none()
                && safe("data:image/png,1").is_none()
        );
    }
}
