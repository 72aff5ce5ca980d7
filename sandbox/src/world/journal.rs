//! The append-only file behind the world: one JSON record per line.
//!
//! A record is handed to the operating system in one write before the answer
//! leaves, so `kill -9` of the sandbox forgets nothing that was answered. A torn
//! last line (the kill hit the write itself, nothing was answered) is cut off at
//! the next start.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::faults::Faults;
use super::menu::MenuRecord;
use super::model::{CallRecord, Click, Friend, NewResident, ResidentNo, Said, ShortLived};

/// One change of the world.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum Record {
    /// The private key of the ID tokens (32 bytes, hex).
    Key {
        /// The scalar.
        secret: String,
    },
    /// Residents one by one.
    Residents {
        /// When they were made.
        at: i64,
        /// Who.
        residents: Vec<NewResident>,
    },
    /// Many residents whose ids follow from a seed.
    Bulk {
        /// When they were made.
        at: i64,
        /// How many.
        count: u32,
        /// Their names are this and a number.
        prefix: String,
        /// Whether they have added the account.
        friends: bool,
        /// Seed of the ids.
        seed: u64,
    },
    /// Friendship changed.
    Friend {
        /// Who.
        who: Vec<ResidentNo>,
        /// When.
        at: i64,
        /// To what.
        to: Friend,
    },
    /// LINE accepted a send.
    Call(CallRecord),
    /// A resident did something in the talk.
    Said(Said),
    /// A resident took a message back.
    Unsend {
        /// Message id.
        message: u64,
    },
    /// A resident opened the talk.
    Open {
        /// Who.
        who: ResidentNo,
    },
    /// A link was tapped.
    Click(Click),
    /// A share of all residents opened their talks and tapped links.
    OpenAll {
        /// Share of residents, 0 to 1.
        share: f64,
        /// Share of those, 0 to 1.
        click_share: f64,
        /// Decides who.
        seed: u64,
    },
    /// Where webhooks and LIFF lead to.
    Addresses {
        /// Webhook URL.
        webhook_url: Option<String>,
        /// Whether webhooks are sent.
        webhook_active: bool,
        /// LIFF endpoint URL.
        liff_endpoint_url: String,
        /// What the configuration said then. Once it says something else, that
        /// holds again.
        configured: (Option<String>, String),
    },
    /// Something about rich menus.
    Menu(MenuRecord),
    /// LINE's mood changed.
    Faults(Faults),
    /// A short-lived channel access token was issued.
    ShortLived(ShortLived),
    /// A short-lived channel access token was revoked.
    Revoke {
        /// Its nonce.
        nonce: u64,
    },
}

/// The open file.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    sync: bool,
}

impl Journal {
    /// Opens or creates the file and hands every record in it to `apply`.
    ///
    /// # Errors
    /// When the file cannot be read or written, another sandbox has it open, or a
    /// line that is not the last is no record.
    pub fn open(path: &Path, sync: bool, mut apply: impl FnMut(Record)) -> io::Result<Self> {
        if let Some(folder) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)?;
        }
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        // Two that write would damage it. Where files cannot be locked we go without.
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            let words = format!("{} is in use by another sandbox", path.display());
            return Err(io::Error::new(io::ErrorKind::ResourceBusy, words));
        }
        let mut good = 0;
        let mut reader = BufReader::with_capacity(1 << 20, &file);
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            let read = reader.read_until(b'\n', &mut line)?;
            if read == 0 || line.last() != Some(&b'\n') {
                break;
            }
            let record = serde_json::from_slice(&line).map_err(|error| {
                io::Error::new(
                    io::ErrorKind::InvalidData,
                    format!("line {number} of {} is no record: {error}", path.display()),
                )
            })?;
            apply(record);
            good += read as u64;
        }
        file.set_len(good)?;
        file.seek(SeekFrom::End(0))?;
        Ok(Journal { path: path.to_owned(), file, sync })
    }

    /// Appends one record.
    ///
    /// # Errors
    /// When it cannot be written; then it does not count.
    pub fn append(&mut self, record: &Record) -> io::Result<()> {
        let mut line = serde_json::to_vec(record).map_err(io::Error::other)?;
        line.push(b'\n');
        let before = self.file.stream_position()?;
        if let Err(error) = self.file.write_all(&line) {
            // Half a line must not stand before the next one.
            self.file.set_len(before)?;
            self.file.seek(SeekFrom::Start(before))?;
            return Err(error);
        }
        if self.sync {
            self.file.sync_data()?;
        }
        Ok(())
    }

    /// Empties the file.
    ///
    /// # Errors
    /// When it cannot be cut.
    pub fn clear(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0)).map(|_| ())
    }

    /// The folder for photos, beside the file.
    #[must_use]
    pub fn photos(&self) -> PathBuf {
        let mut name = self.path.as_os_str().to_owned();
        name.push(".photos");
        PathBuf::from(name)
    }
}
