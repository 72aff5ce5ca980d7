//! The virus scanner (`KAIRAN_CLAMD_ADDRESS`): clamd's INSTREAM command. Where one is
//! configured and does not say 「OK」, nothing is taken: it fails closed.
//!
//! Source: clamd(8), the section COMMANDS.

use crate::{Error, Platform, Result};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};

/// What a scan came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scan {
    /// Nothing was found.
    Clean,
    /// What was found, by the scanner's name.
    Found(String),
    /// The scanner did not answer, or not in time, or something else.
    Unknown(String),
}

/// A scanner that takes longer is not waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// The same where it is only tried: whoever tries has more to do.
const PATIENCE_TRYING: Duration = Duration::from_secs(5);
/// Bytes of one chunk.
const CHUNK: usize = 64 * 1024;
/// Longest answer that is read.
const ANSWER_MAX: u64 = 4_096;

/// Has bytes scanned by the clamd at `address`: `127.0.0.1:3310`, or `unix:/run/clamd.sock`.
pub async fn scan(address: &str, bytes: &[u8]) -> Scan {
    let asked = async {
        match address.strip_prefix("unix:") {
            Some(path) => ask(UnixStream::connect(path).await?, bytes).await,
            None => ask(TcpStream::connect(address).await?, bytes).await,
        }
    };
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(answer)) => read(&answer),
        Ok(Err(error)) => Scan::Unknown(error.to_string()),
        Err(_) => Scan::Unknown("no answer".into()),
    }
}

/// Has the scanner look at a few bytes, where there is one: while it does not answer, every upload
/// is refused.
///
/// # Errors
/// `Conflict` with what it said instead of 「OK」.
pub async fn try_scanner(platform: &Platform) -> Result<()> {
    let Some(address) = &platform.settings.clamd_address else { return Ok(()) };
    match tokio::time::timeout(PATIENCE_TRYING, scan(address, b"Kairan")).await {
        Ok(Scan::Clean) => Ok(()),
        Ok(Scan::Found(words) | Scan::Unknown(words)) => Err(Error::Conflict(words)),
        Err(_) => Err(Error::Conflict("no answer".into())),
    }
}

async fn ask(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    bytes: &[u8],
) -> std::io::Result<String> {
    stream.write_all(b"zINSTREAM\0").await?;
    for chunk in bytes.chunks(CHUNK) {
        stream.write_u32(u32::try_from(chunk.len()).unwrap_or(0)).await?;
        stream.write_all(chunk).await?;
    }
    stream.write_u32(0).await?;
    stream.flush().await?;
    let mut answer = Vec::new();
    stream.take(ANSWER_MAX).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).trim_end_matches(['\0', '\n']).to_owned())
}

fn read(answer: &str) -> Scan {
    match answer.strip_prefix("stream: ") {
        Some("OK") => Scan::Clean,
        Some(found) if found.ends_with(" FOUND") => {
            Scan::Found(found.trim_end_matches(" FOUND").to_owned())
        }
        _ => Scan::Unknown(answer.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    /// A clamd that reads one stream whole, hands it over and answers `answer`.
    async fn clamd(answer: &'static str) -> (String, tokio::task::JoinHandle<Vec<u8>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let task = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut command = [0; 10];
            stream.read_exact(&mut command).await.unwrap();
            assert_eq!(&command, b"zINSTREAM\0");
            let mut all = Vec::new();
            loop {
                let size = stream.read_u32().await.unwrap() as usize;
                if size == 0 {
                    break;
                }
                let mut chunk = vec![0; size];
                stream.read_exact(&mut chunk).await.unwrap();
                all.extend(chunk);
            }
            stream.write_all(answer.as_bytes()).await.unwrap();
            all
        });
        (address, task)
    }

    #[tokio::test]
    async fn every_byte_is_shown_to_the_scanner() {
        let bytes: Vec<u8> = (0..200_000u32).map(|n| n as u8).collect();
        let (address, task) = clamd("stream: OK\0").await;
        assert_eq!(scan(&address, &bytes).await, Scan::Clean);
        assert_eq!(task.await.unwrap(), bytes);
    }

    #[tokio::test]
    async fn what_is_found_is_named_and_what_is_unclear_is_not_clean() {
        let (address, _task) = clamd("stream: Eicar-Test-Signature FOUND\0").await;
        assert_eq!(scan(&address, b"x").await, Scan::Found("Eicar-Test-Signature".into()));
        for answer in ["", "INSTREAM size limit exceeded. ERROR\0", "stream: OK but\0", "OK"] {
            let (address, _task) = clamd(answer).await;
            assert!(matches!(scan(&address, b"x").await, Scan::Unknown(_)), "{answer}");
        }
        // Nobody listens there any more.
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gone = listener.local_addr().unwrap().to_string();
        drop(listener);
        assert!(matches!(scan(&gone, b"x").await, Scan::Unknown(_)));
    }
}
