//! The manual's Markdown as HTML, its contents and its search.

use super::{Chapter, ChapterLine, Found};
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};
use std::sync::LazyLock;

/// Name and Markdown of every chapter, as they were when the server was built.
const FILES: &[(&str, &str)] = &include!(concat!(env!("OUT_DIR"), "/manual.rs"));

/// In which order people read; what is not named here follows.
const ORDER: &[&str] = &[
    "start",
    "delivery",
    "steps",
    "approval",
    "figures",
    "menu",
    "menu-publish",
    "audience",
    "form",
    "answer",
    "attribute",
    "resident",
    "trouble",
    "account",
];

/// Where the pictures lie that `end2end/manual-pictures.mjs` makes of what journeys saw.
const PICTURES: &str = "/manual/";

/// Sections of a chapter: anchor, title, text.
struct Read {
    line: ChapterLine,
    html: String,
    texts: Vec<(String, String, String)>,
}

static CHAPTERS: LazyLock<Vec<Read>> = LazyLock::new(|| {
    let mut files = FILES.to_vec();
    files.sort_by_key(|(name, _)| {
        (ORDER.iter().position(|o| o == name).unwrap_or(ORDER.len()), *name)
    });
    files.into_iter().map(|(name, text)| read(name, text)).collect()
});

/// Our own text, but all the same: no raw HTML, links only where they can lead no further than a
/// page, and only our own pictures.
fn tame(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            let good = ["/", "#", "https://"].iter().any(|start| dest_url.starts_with(start));
            let dest_url = if good { dest_url } else { CowStr::Borrowed("#") };
            Event::Start(Tag::Link { link_type, dest_url, title, id })
        }
        Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
            let dest_url =
                if dest_url.starts_with(PICTURES) { dest_url } else { CowStr::Borrowed("") };
            Event::Start(Tag::Image { link_type, dest_url, title, id })
        }
        other => other,
    }
}

fn read(name: &str, markdown: &str) -> Read {
    let (mut title, mut about) = (String::new(), String::new());
    let mut sections = Vec::new();
    let mut texts = vec![(String::new(), String::new(), String::new())];
    let mut events = Vec::new();
    let mut heading: Option<(HeadingLevel, String)> = None;
    let mut in_first_paragraph = false;
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES).map(tame) {
        if let Event::Text(t) | Event::Code(t) = &event {
            if let Some((_, words)) = &mut heading {
                words.push_str(t);
            } else if let Some((.., text)) = texts.last_mut() {
                text.push_str(t);
            }
            if in_first_paragraph {
                about.push_str(t);
            }
        }
        match event {
            Event::Start(Tag::Heading { level, .. }) => heading = Some((level, String::new())),
            Event::End(TagEnd::Heading(level)) => {
                let (_, words) = heading.take().unwrap_or((level, String::new()));
                if level == HeadingLevel::H1 {
                    // The page's own heading.
                    texts[0].1 = words.clone();
                    title = words;
                    continue;
                }
                let anchor = format!("s{}", texts.len());
                let tag = if level == HeadingLevel::H2 { "h2" } else { "h3" };
                let mut escaped = String::new();
                html::push_html(
                    &mut escaped,
                    std::iter::once(Event::Text(CowStr::Borrowed(&words))),
                );
                events
                    .push(Event::Html(format!("<{tag} id=\"{anchor}\">{escaped}</{tag}>").into()));
                if level == HeadingLevel::H2 {
                    sections.push((anchor.clone(), words.clone()));
                }
                texts.push((anchor, words, String::new()));
            }
            Event::Start(Tag::Paragraph) if about.is_empty() && sections.is_empty() => {
                in_first_paragraph = true;
                events.push(Event::Start(Tag::Paragraph));
            }
            Event::End(TagEnd::Paragraph) => {
                in_first_paragraph = false;
                if let Some((.., text)) = texts.last_mut() {
                    text.push(' ');
                }
                events.push(Event::End(TagEnd::Paragraph));
            }
            // Words of a heading are written with it.
            _ if heading.is_some() => {}
            other => events.push(other),
        }
    }
    let mut html = String::new();
    html::push_html(&mut html, events.into_iter());
    // A wide table scrolls in itself, by keyboard as well.
    let html = html
        .replace("<table>", "<div class=\"manual-table\" tabindex=\"0\"><table>")
        .replace("</table>", "</table></div>")
        .replace("<img ", "<img loading=\"lazy\" ");
    Read { line: ChapterLine { name: name.to_owned(), title, about, sections }, html, texts }
}

/// All chapters in order.
pub fn contents() -> Vec<ChapterLine> {
    CHAPTERS.iter().map(|c| c.line.clone()).collect()
}

/// One chapter.
pub fn chapter(name: &str) -> Option<Chapter> {
    let at = CHAPTERS.iter().position(|c| c.line.name == name)?;
    let other = |i: Option<usize>| {
        i.and_then(|i| CHAPTERS.get(i)).map(|c| (c.line.name.clone(), c.line.title.clone()))
    };
    Some(Chapter {
        line: CHAPTERS[at].line.clone(),
        html: CHAPTERS[at].html.clone(),
        beside: (other(at.checked_sub(1)), other(Some(at + 1))),
    })
}

/// The sections in which every word of the query stands, at most 50.
pub fn search(query: &str) -> Vec<Found> {
    let words: Vec<String> = query.split_whitespace().take(8).map(str::to_lowercase).collect();
    if words.is_empty() {
        return Vec::new();
    }
    let sections = CHAPTERS.iter().flat_map(|c| c.texts.iter().map(move |t| (&c.line, t)));
    sections
        .filter(|(line, (_, title, text))| {
            let all = format!("{} {title} {text}", line.title).to_lowercase();
            words.iter().all(|w| all.contains(w))
        })
        .take(50)
        .map(|(line, (anchor, title, text))| Found {
            href: if anchor.is_empty() {
                format!("/console/help/{}", line.name)
            } else {
                format!("/console/help/{}#{anchor}", line.name)
            },
            title: if anchor.is_empty() {
                line.title.clone()
            } else {
                format!("{}：{title}", line.title)
            },
            text: excerpt(text, &words),
        })
        .collect()
}

/// Some 80 characters around the first of the words.
fn excerpt(text: &str, words: &[String]) -> String {
    let chars: Vec<char> = text.chars().collect();
    let lower: Vec<char> = chars.iter().map(|c| c.to_lowercase().next().unwrap_or(*c)).collect();
    let at = words
        .iter()
        .filter_map(|w| {
            let w: Vec<char> = w.chars().collect();
            lower.windows(w.len()).position(|part| part == w)
        })
        .min()
        .unwrap_or(0);
    let from = at.saturating_sub(20);
    let until = (from + 80).min(chars.len());
    let cut: String = chars[from..until].iter().collect();
    format!(
        "{}{}{}",
        if from > 0 { "…" } else { "" },
        cut.trim(),
        if until < chars.len() { "…" } else { "" }
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_a_chapter() {
        let read = read(
            "x",
            "# 章\n\nはじめの文。\n\n## 一つ & 二つ\n\n<script>x</script>\n\nことば<img src=x> [危ない](javascript:x) [よい](/console)\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
        );
        assert_eq!(read.line.title, "章");
        assert_eq!(read.line.about, "はじめの文。");
        assert_eq!(read.line.sections, [("s1".to_owned(), "一つ & 二つ".to_owned())]);
        assert!(read.html.contains("<h2 id=\"s1\">一つ &amp; 二つ</h2>"), "{}", read.html);
        assert!(
            !read.html.contains("<script>")
                && !read.html.contains("<img")
                && !read.html.contains("javascript:"),
            "{}",
            read.html
        );
        assert!(
            read.html.contains("href=\"/console\"")
                && read.html.contains("<div class=\"manual-table\""),
            "{}",
            read.html
        );
        assert!(!read.html.contains("<h1"));
    }

    #[test]
    fn every_chapter_has_a_title_and_can_be_found() {
        assert!(CHAPTERS.iter().any(|c| c.line.name == "start"));
        for c in CHAPTERS.iter() {
            assert!(
                !c.line.title.is_empty() && !c.line.about.is_empty() && !c.line.sections.is_empty(),
                "{}",
                c.line.name
            );
            assert!(
                search(&c.line.title).iter().any(|f| f.href.contains(&c.line.name)),
                "{}",
                c.line.name
            );
        }
        assert!(search("ありえないことばの列").is_empty());
        assert!(search("  ").is_empty());
    }

    #[test]
    fn the_help_of_a_page_leads_to_its_section() {
        for (page, title) in [
            ("/console/deliveries/calendar", "配信カレンダー"),
            ("/console/deliveries/steps/3", "ステップ配信を作る"),
            ("/console/deliveries/periods", "期間ごとのまとめ"),
            ("/console/deliveries/7/edit", "配信を書く"),
            ("/console/deliveries/7/certificate", "証明書"),
            ("/console/settings/holidays", "休みの日"),
            ("/console/deliveries/7", "配信"),
            ("/console/settings/rules", "承認と訂正"),
            ("/console/settings/alerts", "困ったとき"),
            ("/console/menus/emergency", "リッチメニューの公開と緊急メニュー"),
        ] {
            let href = crate::shell::help_for(page).strip_prefix("/console/help/").unwrap();
            let (name, anchor) = href.split_once('#').unwrap_or((href, ""));
            let chapter = CHAPTERS.iter().find(|c| c.line.name == name).unwrap();
            let found = chapter.texts.iter().find(|(at, ..)| at == anchor);
            assert_eq!(found.map(|(_, words, _)| words.as_str()), Some(title), "{page}");
        }
    }

    #[test]
    fn every_picture_is_there_and_described() {
        let site = std::path::Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap())
            .join("../../public");
        for (name, text) in FILES {
            for event in Parser::new(text) {
                if let Event::Start(Tag::Image { dest_url, .. }) = event {
                    assert!(dest_url.starts_with(PICTURES), "{name}: {dest_url}");
                    let file = site.join(dest_url.trim_start_matches('/'));
                    assert!(file.is_file(), "{name}: {dest_url} is not in public");
                }
            }
        }
        assert!(!CHAPTERS.iter().any(|c| c.html.contains("alt=\"\"")), "a picture without words");
    }

    #[test]
    fn an_excerpt_shows_the_word() {
        let text = format!("{}さがすことば{}", "あ".repeat(100), "い".repeat(100));
        let cut = excerpt(&text, &["さがすことば".to_owned()]);
        assert!(cut.starts_with('…') && cut.ends_with('…') && cut.contains("さがすことば"));
        assert!(cut.chars().count() <= 82);
    }
}
