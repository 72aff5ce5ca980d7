//! What is taken as a video (SEG-4): MP4 with H.264, with AAC or without sound, read from the
//! boxes of the file alone. Nothing is decoded. [`Scan`] reads the file once from the front, in
//! the browser before it is sent and on the server while it arrives; [`Movie`] says what it is,
//! and overwrites in place whatever is neither picture nor sound: where it was taken, notes of
//! cameras, tracks of sensors.
//!
//! LINE names MP4, 200 MB, and a preview picture, and nothing more:
//! <https://developers.line.biz/en/reference/messaging-api/#video-message>

mod boxes;
mod movie;
mod samples;

pub use movie::Movie;

use std::ops::Range;

/// Largest video, in bytes: LINE's 200 MB by the smaller way to count.
pub const SIZE_MAX: u64 = 200_000_000;
/// What a video is served as.
pub const MEDIA_TYPE: &str = "video/mp4";
/// Longest description (`moov`) that is read, in bytes: hours of video need half of it.
const MOOV_MAX: u64 = 8 * 1024 * 1024;
/// Longest list of what a file is compatible with (`ftyp`), in bytes.
const FTYP_MAX: u64 = 1_024;
/// Most boxes in one place.
const BOXES_MAX: usize = 10_000;

/// Why something is not taken as a video.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Over [`SIZE_MAX`].
    Large,
    /// No MP4, whatever its name says.
    Kind,
    /// QuickTime (MOV), as telephones write.
    QuickTime,
    /// Cut into pieces for streaming.
    Fragmented,
    /// H.265 (HEVC).
    Hevc,
    /// Another kind of picture than H.264, or one that is locked.
    Picture,
    /// Another kind of sound than AAC.
    Sound,
    /// Sound alone.
    NoPicture,
    /// Cut off, or damaged.
    Broken,
}

impl Refusal {
    /// What happened, and what to do.
    pub fn words(self) -> &'static str {
        match self {
            Self::Large => {
                "この動画は200MBを超えています。短く切るか、画質を下げて書き出したものを選んでください"
            }
            Self::Kind => "この動画は開けませんでした。MP4の動画を選んでください",
            Self::QuickTime => {
                "この動画はMOV形式で、LINEでは使えません。MP4で書き出したものを選んでください"
            }
            Self::Fragmented => {
                "この動画は、細切れの形のMP4です。動画の編集ソフトで、ふつうのMP4に書き出したものを選んでください"
            }
            Self::Hevc => {
                "この動画はHEVC（高効率）で、見られない機種があります。H.264（互換性優先）で書き出したものを選んでください"
            }
            Self::Picture => {
                "この動画の映像はH.264ではないので、見られない機種があります。H.264のMP4で書き出したものを選んでください"
            }
            Self::Sound => {
                "この動画の音声はAACではないので、聞こえない機種があります。音声をAACにして書き出したものを選んでください"
            }
            Self::NoPicture => "この中に映像がありません。映像のあるMP4を選んでください",
            Self::Broken => {
                "この動画は、途中で切れているか、こわれています。もとの動画を選び直してください"
            }
        }
    }
}

/// A box at the top of the file.
#[derive(Clone, Debug)]
struct Top {
    kind: [u8; 4],
    /// Where it begins in the file.
    at: u64,
    /// Where its content begins.
    body: u64,
}

#[derive(Clone, Debug)]
enum State {
    /// The first bytes of a box, until its size is known.
    Head(Vec<u8>),
    /// Its content: what is left of it (nothing: up to the end), and whether it is kept.
    Body(Option<u64>, bool),
}

/// Reads a file from the front, in pieces of any size; what need not be read can be skipped.
#[derive(Clone, Debug)]
pub struct Scan {
    at: u64,
    state: State,
    tops: Vec<Top>,
    ftyp: Vec<u8>,
    moov: Vec<u8>,
}

impl Default for Scan {
    fn default() -> Self {
        Self {
            at: 0,
            state: State::Head(Vec::new()),
            tops: Vec::new(),
            ftyp: Vec::new(),
            moov: Vec::new(),
        }
    }
}

impl Scan {
    /// The next bytes.
    ///
    /// # Errors
    /// As soon as it is certain that this is no video to take.
    pub fn push(&mut self, mut bytes: &[u8]) -> Result<(), Refusal> {
        while !bytes.is_empty() {
            let used = match &mut self.state {
                State::Head(head) => {
                    let whole = if head.len() >= 8 { 16 } else { 8 };
                    let used = bytes.len().min(whole - head.len());
                    head.extend_from_slice(&bytes[..used]);
                    used
                }
                State::Body(left, keep) => {
                    let most = left.unwrap_or(u64::MAX);
                    let used = usize::try_from(most).unwrap_or(usize::MAX).min(bytes.len());
                    if *keep {
                        let ftyp = self.tops.len() == 1;
                        let kept = if ftyp { &mut self.ftyp } else { &mut self.moov };
                        // A box without a size is known to be too long only here.
                        if kept.len() + used > MOOV_MAX as usize {
                            return Err(Refusal::Broken);
                        }
                        kept.extend_from_slice(&bytes[..used]);
                    }
                    *left = left.map(|n| n - used as u64);
                    used
                }
            };
            bytes = &bytes[used..];
            self.on(used as u64)?;
        }
        Ok(())
    }

    /// How many of the next bytes need not be read.
    pub fn skippable(&self) -> u64 {
        match self.state {
            State::Body(left, false) => left.unwrap_or(u64::MAX),
            _ => 0,
        }
    }

    /// Goes on without having read so many bytes, at most [`Scan::skippable`].
    ///
    /// # Errors
    /// As [`Scan::push`].
    pub fn skip(&mut self, bytes: u64) -> Result<(), Refusal> {
        let bytes = bytes.min(self.skippable());
        if let State::Body(Some(left), _) = &mut self.state {
            *left -= bytes;
        }
        self.on(bytes)
    }

    /// Where the reading is, in bytes from the front.
    pub fn at(&self) -> u64 {
        self.at
    }

    fn on(&mut self, bytes: u64) -> Result<(), Refusal> {
        self.at = self.at.saturating_add(bytes);
        if self.at > SIZE_MAX {
            return Err(Refusal::Large);
        }
        match &self.state {
            State::Head(head) if head.len() >= 8 => {
                let head = head.clone();
                self.open(&head)
            }
            State::Body(Some(0), _) => self.close(),
            _ => Ok(()),
        }
    }

    fn open(&mut self, head: &[u8]) -> Result<(), Refusal> {
        let Some((kind, size)) = boxes::head(head) else { return Ok(()) };
        let length = head.len() as u64;
        let first = self.tops.is_empty();
        if first != (kind == *b"ftyp") {
            return Err(if first { Refusal::Kind } else { Refusal::Broken });
        }
        if self.tops.len() == BOXES_MAX {
            return Err(Refusal::Broken);
        }
        let left = match size {
            0 => None,
            n if n < length => return Err(Refusal::Broken),
            n => Some(n - length),
        };
        let long = |most: u64| left.is_none_or(|n| n > most);
        match &kind {
            b"ftyp" if long(FTYP_MAX) => return Err(Refusal::Kind),
            b"moof" | b"styp" | b"sidx" => return Err(Refusal::Fragmented),
            b"moov" if left.is_some_and(|n| n > MOOV_MAX) => return Err(Refusal::Broken),
            b"moov" if self.tops.iter().any(|t| t.kind == *b"moov") => {
                return Err(Refusal::Broken);
            }
            // No need to wait for what will be too much.
            _ if left.is_some_and(|n| n > SIZE_MAX - self.at.min(SIZE_MAX)) => {
                return Err(Refusal::Large);
            }
            _ => {}
        }
        self.tops.push(Top { kind, at: self.at - length, body: self.at });
        self.state = State::Body(left, matches!(&kind, b"ftyp" | b"moov"));
        if left == Some(0) { self.close() } else { Ok(()) }
    }

    fn close(&mut self) -> Result<(), Refusal> {
        self.state = State::Head(Vec::new());
        if self.tops.len() == 1 { brands(&self.ftyp) } else { Ok(()) }
    }

    /// What the file is, once all of it was read.
    ///
    /// # Errors
    /// If it is no video to take.
    pub fn finish(self) -> Result<Movie, Refusal> {
        let tail = match &self.state {
            State::Head(head) if head.len() < 8 => head.len() as u64,
            State::Body(None, _) => 0,
            _ => return Err(Refusal::Broken),
        };
        if self.tops.is_empty() {
            return Err(Refusal::Kind);
        }
        movie::read(&self, self.at - tail..self.at)
    }

    /// From where to where the content of a box at the top goes.
    fn body(&self, number: usize) -> Range<u64> {
        let end = self.tops.get(number + 1).map_or(self.at, |next| next.at);
        self.tops[number].body..end
    }
}

/// Whether the file says that it is MP4.
fn brands(ftyp: &[u8]) -> Result<(), Refusal> {
    let brands = || ftyp.chunks_exact(4).enumerate().filter(|(i, _)| *i != 1).map(|(_, b)| b);
    let mp4 = |brand: &[u8]| {
        matches!(
            brand,
            b"isom"
                | b"mp41"
                | b"mp42"
                | b"mp71"
                | b"avc1"
                | b"M4V "
                | b"M4VH"
                | b"M4VP"
                | b"MSNV"
                | b"f4v "
        ) || (brand.starts_with(b"iso") && brand[3].is_ascii_alphanumeric())
    };
    if ftyp.starts_with(b"qt  ") {
        Err(Refusal::QuickTime)
    } else if brands().any(mp4) {
        Ok(())
    } else {
        Err(Refusal::Kind)
    }
}

/// `1:05`, or `1:02:03` from an hour on.
pub fn length(milliseconds: u64) -> String {
    let seconds = milliseconds.div_ceil(1_000);
    let (h, m, s) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if h > 0 { format!("{h}:{m:02}:{s:02}") } else { format!("{m}:{s:02}") }
}

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
