//! A small SMTP relay (RFC 5321) that keeps what it is given, or refuses as it is told.

use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// How it answers to a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// Takes it.
    Takes,
    /// 451: not now.
    Later,
    /// 550: nobody of that name.
    Refuses,
    /// Takes it, and closes before it says so.
    LosesTheAnswer,
}

/// A mail as it came over the wire.
#[derive(Clone, Debug)]
pub struct Received {
    pub from: String,
    pub to: String,
    pub text: String,
}

impl Received {
    /// The value of a header in one line.
    pub fn header(&self, name: &str) -> Option<&str> {
        let head = self.text.split("\r\n\r\n").next()?;
        head.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix(": "))
    }
}

pub struct Relay {
    port: u16,
    mood: Arc<Mutex<Mood>>,
    mails: Arc<Mutex<Vec<Received>>>,
    task: JoinHandle<()>,
}

impl Relay {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (mood, mails) = (Arc::new(Mutex::new(Mood::Takes)), Arc::default());
        let (told, kept) = (mood.clone(), Arc::clone(&mails));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(speak(stream, Arc::clone(&told), Arc::clone(&kept)));
            }
        });
        Self { port, mood, mails, task }
    }

    pub fn url(&self) -> String {
        format!("smtp://line%40city.mihon.example:geheim@127.0.0.1:{}", self.port)
    }

    /// The same without a user: mails come from `noreply`.
    pub fn open_url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    pub fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    pub fn mails(&self) -> Vec<Received> {
        self.mails.lock().unwrap().clone()
    }

    pub fn stop(self) {
        self.task.abort();
    }
}

async fn speak(
    stream: TcpStream,
    mood: Arc<Mutex<Mood>>,
    mails: Arc<Mutex<Vec<Received>>>,
) -> Option<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 relay.mihon.example ESMTP\r\n").await.ok()?;
    let (mut from, mut to) = (String::new(), String::new());
    while let Ok(Some(line)) = lines.next_line().await {
        let mood = *mood.lock().unwrap();
        let (verb, rest) = line.split_at(line.find([' ', ':']).unwrap_or(line.len()));
        let address = || rest.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
        let answer: &[u8] = match verb.to_ascii_uppercase().as_str() {
            "EHLO" => b"250-relay.mihon.example\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN\r\n",
            "AUTH" => b"235 2.7.0 Welcome\r\n",
            "MAIL" => {
                from = address();
                b"250 2.1.0 Ok\r\n"
            }
            "RCPT" if mood == Mood::Refuses => b"550 5.1.1 No such user\r\n",
            "RCPT" => {
                to = address();
                b"250 2.1.5 Ok\r\n"
            }
            "DATA" if mood == Mood::Later => b"451 4.3.0 Try again later\r\n",
            "DATA" => {
                write.write_all(b"354 Go on\r\n").await.ok()?;
                let mut text = String::new();
                while let Ok(Some(line)) = lines.next_line().await {
                    if line == "." {
                        break;
                    }
                    text.push_str(line.strip_prefix('.').unwrap_or(&line));
                    text.push_str("\r\n");
                }
                let mail = Received { from: from.clone(), to: to.clone(), text };
                mails.lock().unwrap().push(mail);
                if mood == Mood::LosesTheAnswer {
                    return None;
                }
                b"250 2.0.0 Queued\r\n"
            }
            "QUIT" => {
                write.write_all(b"221 2.0.0 Bye\r\n").await.ok()?;
                return None;
            }
            _ => b"250 2.0.0 Ok\r\n",
        };
        write.write_all(answer).await.ok()?;
    }
    None
}
