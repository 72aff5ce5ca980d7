//! Column encryption and keyed hashes (NFR-2).
//!
//! A sealed value is `key id (2 bytes) ‖ nonce (12) ‖ AES-256-GCM(ciphertext ‖ tag)`.
//! The associated data names table, column and row, so that a value cannot be
//! moved to another row. Exact look-up goes only by HMAC-SHA-256 under a key of
//! its own.
//!
//! The key file holds one key a line: `hash <base64>` once, and `<number> <base64>`
//! for each encryption key; the highest number encrypts, the others still decrypt.
//! To rotate: append a line with the next number and restart; [`crate::work`]
//! re-encrypts in the background.

use crate::{Context, Error, Result};
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::collections::BTreeMap;
use std::path::Path;
use zeroize::Zeroizing;

/// The keys in memory.
pub struct Keyring {
    hash: Zeroizing<Vec<u8>>,
    ciphers: BTreeMap<u16, Aes256Gcm>,
    current: u16,
}

/// Why a key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// Cannot be read or written.
    #[error("key file: {0}")]
    Io(#[from] std::io::Error),
    /// A line is not `<number> <base64 of 32 bytes>` or `hash <base64>`.
    #[error("key file: line {0} is malformed")]
    Malformed(usize),
    /// The hash key or every encryption key is missing.
    #[error("key file: needs one `hash` line and at least one numbered line")]
    Incomplete,
}

impl Keyring {
    /// Reads the key file, or creates it (mode 0600) from `seed` if it is absent.
    ///
    /// # Errors
    /// See [`KeyFileError`].
    pub fn open(
        path: &Path,
        seed: impl FnOnce() -> [u8; 64],
    ) -> std::result::Result<Self, KeyFileError> {
        match std::fs::read_to_string(path) {
            Ok(text) => return Self::parse(&text),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => return Err(e.into()),
        }
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        let seed = Zeroizing::new(seed());
        let text = Zeroizing::new(format!(
            "hash {}\n1 {}\n",
            STANDARD.encode(&seed[..32]),
            STANDARD.encode(&seed[32..])
        ));
        // Written aside and linked, so that two commands that start together agree on one file.
        let aside = path.with_extension(format!("new-{}", std::process::id()));
        write_private(&aside, text.as_bytes())?;
        let linked = std::fs::hard_link(&aside, path);
        std::fs::remove_file(&aside)?;
        match linked {
            Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => Err(e.into()),
            _ => Self::parse(&std::fs::read_to_string(path)?),
        }
    }

    /// Reads keys from the text of a key file.
    ///
    /// # Errors
    /// See [`KeyFileError`].
    pub fn parse(text: &str) -> std::result::Result<Self, KeyFileError> {
        let mut hash = None;
        let mut ciphers = BTreeMap::new();
        for (i, line) in
            text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty() && !l.starts_with('#'))
        {
            let malformed = || KeyFileError::Malformed(i + 1);
            let (name, key) = line.trim().split_once(' ').ok_or_else(malformed)?;
            let key = Zeroizing::new(STANDARD.decode(key.trim()).map_err(|_| malformed())?);
            if key.len() != 32 {
                return Err(malformed());
            }
            if name == "hash" {
                hash = Some(key);
            } else {
                let number = name.parse::<u16>().map_err(|_| malformed())?;
                ciphers.insert(number, Aes256Gcm::new_from_slice(&key).map_err(|_| malformed())?);
            }
        }
        let current = ciphers.keys().next_back().copied();
        match (hash, current) {
            (Some(hash), Some(current)) => Ok(Self { hash, ciphers, current }),
            _ => Err(KeyFileError::Incomplete),
        }
    }

    /// Number of the key that encrypts.
    pub fn current(&self) -> u16 {
        self.current
    }

    /// Whether a sealed value was made with the current key.
    pub fn is_current(&self, sealed: &[u8]) -> bool {
        sealed.starts_with(&self.current.to_be_bytes())
    }

    /// Seals a value for `column` (`table.column`) of the row that `row` identifies.
    pub fn seal(&self, ctx: &Context, column: &str, row: &[u8], plain: &[u8]) -> Vec<u8> {
        self.seal_with(ctx.random(), column, row, plain)
    }

    /// Seals with a given nonce; a nonce must never be used twice.
    pub fn seal_with(&self, nonce: [u8; 12], column: &str, row: &[u8], plain: &[u8]) -> Vec<u8> {
        let aad = aad(column, row);
        let sealed = self.ciphers[&self.current]
            .encrypt(&Nonce::from(nonce), Payload { msg: plain, aad: &aad })
            .expect("AES-GCM seals anything shorter than 64 GiB");
        let mut out = Vec::with_capacity(14 + sealed.len());
        out.extend_from_slice(&self.current.to_be_bytes());
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        out
    }

    /// Opens a sealed value.
    ///
    /// # Errors
    /// `Undecryptable` if the key is missing, or the value or its row was changed.
    pub fn open_sealed(&self, column: &'static str, row: &[u8], sealed: &[u8]) -> Result<Vec<u8>> {
        let failed = || Error::Undecryptable(column);
        let (number, rest) = sealed.split_first_chunk::<2>().ok_or_else(failed)?;
        let (nonce, body) = rest.split_first_chunk::<12>().ok_or_else(failed)?;
        let cipher = self.ciphers.get(&u16::from_be_bytes(*number)).ok_or_else(failed)?;
        let aad = aad(column, row);
        cipher.decrypt(&Nonce::from(*nonce), Payload { msg: body, aad: &aad }).map_err(|_| failed())
    }

    /// The keyed hash by which an exact value is looked up.
    pub fn hash(&self, domain: &str, value: &[u8]) -> Vec<u8> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.hash).expect("HMAC takes keys of any length");
        mac.update(domain.as_bytes());
        mac.update(&[0]);
        mac.update(value);
        mac.finalize().into_bytes()[..16].to_vec()
    }
}

fn aad(column: &str, row: &[u8]) -> Vec<u8> {
    let mut aad = Vec::with_capacity(column.len() + 1 + row.len());
    aad.extend_from_slice(column.as_bytes());
    aad.push(0);
    aad.extend_from_slice(row);
    aad
}

fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(lines: &[u16]) -> Keyring {
        let mut text = format!("hash {}\n", STANDARD.encode([7u8; 32]));
        for n in lines {
            text.push_str(&format!("{n} {}\n", STANDARD.encode([*n as u8; 32])));
        }
        Keyring::parse(&text).unwrap()
    }

    #[test]
    fn a_value_opens_only_in_its_own_row_and_column() {
        let keys = ring(&[1]);
        let sealed = keys.seal_with([1; 12], "t.a", b"row", b"secret");
        assert_eq!(keys.open_sealed("t.a", b"row", &sealed).unwrap(), b"secret");
        assert!(keys.open_sealed("t.b", b"row", &sealed).is_err());
        assert!(keys.open_sealed("t.a", b"other", &sealed).is_err());
        for i in 0..sealed.len() {
            let mut broken = sealed.clone();
            broken[i] ^= 1;
            assert!(keys.open_sealed("t.a", b"row", &broken).is_err(), "byte {i}");
        }
        assert!(keys.open_sealed("t.a", b"row", &sealed[..13]).is_err());
    }

    #[test]
    fn after_rotation_the_old_still_opens_and_the_new_is_used() {
        let old = ring(&[1]).seal_with([1; 12], "t.a", b"r", b"x");
        let keys = ring(&[1, 2]);
        assert_eq!(keys.open_sealed("t.a", b"r", &old).unwrap(), b"x");
        assert!(!keys.is_current(&old));
        assert!(keys.is_current(&keys.seal_with([2; 12], "t.a", b"r", b"x")));
        assert!(ring(&[2]).open_sealed("t.a", b"r", &old).is_err());
    }

    #[test]
    fn broken_key_files_are_refused() {
        for bad in ["", "hash AAAA\n", "1 x\n", "hash\n"] {
            assert!(Keyring::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_key_file_is_made_once_and_private() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sub/key");
        let first = Keyring::open(&path, || [3; 64]).unwrap();
        let again = Keyring::open(&path, || [4; 64]).unwrap();
        assert_eq!(first.hash("d", b"v"), again.hash("d", b"v"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}
