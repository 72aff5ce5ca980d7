//! What a page of a form sends: the answers of every page, where somebody is, and what they
//! pressed. With a file it comes in several parts, else as a plain form.

use crate::server::SESSION_FIELD;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use bytes::Bytes;
use domain::form::{Answers, QUESTIONS_MAX};
use domain::problem::Problem;
use services::answer::{Arrived, SIZE_MAX};
use std::collections::{BTreeMap, BTreeSet};

/// Bytes of what is typed: far more than all questions together.
const FORM_MAX: usize = 2 * 1024 * 1024;
/// Bytes of a form with a file, boundaries and names included.
const PARTS_MAX: usize = SIZE_MAX + FORM_MAX + 64 * 1024;
/// Most fields of a form.
const FIELDS_MAX: usize = QUESTIONS_MAX * 20 * 5;

/// What was sent.
#[derive(Clone, Debug, Default)]
pub(super) struct Posted {
    /// In which session the page was filled in; empty where the script did not say.
    pub(super) session: String,
    /// Drawn for this answering: sent twice, it is received once.
    pub(super) key: String,
    /// The version of the definition that was shown.
    pub(super) version: u64,
    /// The page that was shown, from 0; one more than the last is what is read back.
    pub(super) page: usize,
    /// What was pressed.
    pub(super) act: String,
    /// Everything that was given.
    pub(super) answers: Answers,
    /// Open items of groups.
    pub(super) items: BTreeMap<String, usize>,
    /// The names of the fields that were seen on the page.
    pub(super) seen: BTreeSet<String>,
    /// What somebody said of themselves, for a list of who may answer.
    pub(super) said: BTreeMap<String, String>,
    /// That they are on it.
    pub(super) ticket: String,
    /// Of whose draft, and of when, the page was drawn.
    pub(super) since: String,
    /// A file.
    pub(super) file: Option<Arrived>,
}

fn unreadable() -> Problem {
    Problem::new(
        "",
        "送られた内容を読み取れませんでした。大きなファイルは小さくして、もう一度押してください",
    )
}

fn within<'a>(name: &'a str, what: &str) -> Option<&'a str> {
    name.strip_prefix(what)?.strip_prefix('[')?.split_once(']').map(|(key, _)| key)
}

impl Posted {
    /// Reads a request.
    ///
    /// # Errors
    /// In words, if it is no form or too large.
    pub(super) async fn read(request: Request) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let kind = parts.headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
        let mut posted = Self::default();
        if kind.starts_with("application/x-www-form-urlencoded") {
            let bytes = to_bytes(body, FORM_MAX).await.map_err(|_| unreadable())?;
            let request = Request::from_parts(parts, Body::from(bytes));
            let axum::extract::Form(pairs) =
                <axum::extract::Form<Vec<(String, String)>> as axum::extract::FromRequest<()>>::from_request(request, &())
                    .await
                    .map_err(|_| unreadable())?;
            if pairs.len() > FIELDS_MAX {
                return Err(unreadable());
            }
            for (name, value) in pairs {
                posted.field(&name, value);
            }
            return Ok(posted);
        }
        let boundary = multer::parse_boundary(kind).map_err(|_| unreadable())?;
        let bytes = to_bytes(body, PARTS_MAX).await.map_err(|_| unreadable())?;
        let stream = futures::stream::once(async move { Ok::<Bytes, std::io::Error>(bytes) });
        let mut fields = multer::Multipart::new(stream, boundary);
        let mut count = 0;
        while let Some(field) = fields.next_field().await.map_err(|_| unreadable())? {
            count += 1;
            if count > FIELDS_MAX {
                return Err(unreadable());
            }
            let name = field.name().unwrap_or_default().to_owned();
            match within(&name, "file").map(str::to_owned) {
                Some(path) => {
                    let called = field.file_name().unwrap_or_default().to_owned();
                    let bytes = field.bytes().await.map_err(|_| unreadable())?;
                    // A browser sends the empty inputs of other questions, too.
                    if !bytes.is_empty() || posted.file.is_none() {
                        posted.file = Some(Arrived { path, name: called, bytes });
                    }
                }
                None => posted.field(&name, field.text().await.map_err(|_| unreadable())?),
            }
        }
        // Of several questions with files the one whose button was pressed counts.
        if let (Some(file), Some(path)) = (&posted.file, posted.act.strip_prefix("upload:"))
            && file.path != path
        {
            posted.file = None;
        }
        Ok(posted)
    }

    fn field(&mut self, name: &str, value: String) {
        // A browser ends lines in a form with both.
        let value = value.replace("\r\n", "\n");
        match name {
            SESSION_FIELD => self.session = value,
            "key" => self.key = value,
            "version" => self.version = value.parse().unwrap_or(0),
            "page" => self.page = value.parse().unwrap_or(0),
            "act" => self.act = value,
            "seen" => self.seen = value.split(',').map(str::to_owned).collect(),
            "ticket" => self.ticket = value,
            "since" => self.since = value,
            _ => {
                if let Some(key) = within(name, "answers") {
                    self.answers.entry(key.to_owned()).or_default().push(value);
                } else if let Some(key) = within(name, "items") {
                    self.items.insert(key.to_owned(), value.parse().unwrap_or(0).min(20));
                } else if let Some(key) = within(name, "said") {
                    self.said.insert(key.to_owned(), value);
                }
            }
        }
    }

    /// Takes an item out of a group: those behind it move up.
    pub(super) fn remove_item(&mut self, group: &str, index: usize) {
        let prefix = format!("{group}.");
        let mut kept = Answers::new();
        for (name, words) in std::mem::take(&mut self.answers) {
            let place = name.strip_prefix(&prefix).and_then(|rest| {
                let (i, inner) = rest.split_once('.')?;
                Some((i.parse::<usize>().ok()?, inner.to_owned()))
            });
            match place {
                Some((i, _)) if i == index => {}
                Some((i, inner)) if i > index => {
                    kept.insert(format!("{group}.{}.{inner}", i - 1), words);
                }
                _ => drop(kept.insert(name, words)),
            }
        }
        self.answers = kept;
        let open = self.items.entry(group.to_owned()).or_default();
        *open = open.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(kind: &str, body: impl Into<Body>) -> Result<Posted, Problem> {
        let request =
            Request::builder().method("POST").header("content-type", kind).body(body.into());
        Posted::read(request.expect("a request")).await
    }

    #[tokio::test]
    async fn a_plain_form() {
        let body = "session=ab&page=2&act=next&answers%5Bname.family%5D%5B%5D=%E5%B1%B1&answers[t][]=a&answers[t][]=b&items[c]=3&seen=t,name&said[x]=1";
        let posted = read("application/x-www-form-urlencoded", body).await.expect("a form");
        assert_eq!((posted.session.as_str(), posted.page, posted.act.as_str()), ("ab", 2, "next"));
        assert_eq!(posted.answers["name.family"], ["山"]);
        assert_eq!(posted.answers["t"], ["a", "b"]);
        assert_eq!((posted.items["c"], posted.seen.len()), (3, 2));
        assert_eq!(posted.said["x"], "1");
    }

    #[tokio::test]
    async fn a_form_with_a_file() {
        let part = |head: &str, body: &str| {
            format!("--x\r\ncontent-disposition: form-data; {head}\r\n\r\n{body}\r\n")
        };
        let body = [
            part("name=\"act\"", "upload:photo"),
            part("name=\"answers[a][]\"", "い"),
            part("name=\"file[photo]\"; filename=\"家.jpg\"", "JPEG"),
            part("name=\"file[other]\"; filename=\"\"", ""),
            "--x--\r\n".to_owned(),
        ]
        .concat();
        let posted = read("multipart/form-data; boundary=x", body).await.expect("a form");
        let file = posted.file.expect("a file");
        assert_eq!((file.path.as_str(), file.name.as_str()), ("photo", "家.jpg"));
        assert_eq!(&file.bytes[..], b"JPEG");
        assert_eq!(posted.answers["a"], ["い"]);
    }

    #[tokio::test]
    async fn what_is_no_form_or_too_large_is_refused_in_words() {
        for (kind, body) in [
            ("application/json", "{}".to_owned()),
            ("multipart/form-data", "x".to_owned()),
            ("application/x-www-form-urlencoded", format!("answers[a][]={}", "x".repeat(FORM_MAX))),
        ] {
            let problem = read(kind, body).await.expect_err(kind);
            assert!(!problem.message.is_empty());
        }
    }

    #[test]
    fn items_behind_a_removed_one_move_up() {
        let mut posted = Posted::default();
        for i in 0..3 {
            posted.answers.insert(format!("c.{i}.n"), vec![i.to_string()]);
        }
        posted.items.insert("c".into(), 3);
        posted.remove_item("c", 1);
        assert_eq!(posted.answers["c.1.n"], ["2"]);
        assert_eq!((posted.answers.len(), posted.items["c"]), (2, 2));
    }
}
