//! Every answer with its photos and files as one ZIP: a folder for each receipt number, beside
//! them the table. It is written as it is read, so that no more than a file is in memory. Where
//! there is a virus scanner, it looks at each file once more: it may know today what it did not
//! know when the file came, and a file may be older than the scanner.

use super::{Frame, Shown, Sink, Watch, came_with, csv};
use crate::answer::scan::{Scan, scan};
use crate::{Context, Error, Result};
use domain::form::archive::{Folders, file_name};
use domain::form::export::{FILES_WORDS, Kind, Uploads};
use domain::form::inbox::{FileOf, Given};
use domain::id::{AnswerId, BlobId, FormId};
use domain::time::Timestamp;
use std::collections::HashMap;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

/// The table beside the folders.
const TABLE: &str = "回答.csv";
/// So many bytes are packed before other requests have their turn.
const CHUNK: usize = 256 * 1024;

/// What is packed and not yet handed on.
#[derive(Clone, Default)]
struct Made(Arc<Mutex<Vec<u8>>>);

impl Made {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Made {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A ZIP on its way into a sink.
struct Packing<'a, S> {
    zip: ZipWriter<StreamWriter<Made>>,
    made: Made,
    sink: &'a mut S,
}

fn broken<E>(_: E) -> Error {
    Error::Inconsistent("zip")
}

impl<'a, S: Sink> Packing<'a, S> {
    fn new(sink: &'a mut S) -> Self {
        let made = Made::default();
        Self { zip: ZipWriter::new_stream(made.clone()), made, sink }
    }

    /// Begins the next entry.
    fn begin(&mut self, name: &str, at: Timestamp) -> Result<()> {
        let c = at.tokyo();
        let year = u16::try_from(c.date.year).unwrap_or(0);
        let at = DateTime::from_date_and_time(
            year,
            c.date.month,
            c.date.day,
            c.hour,
            c.minute,
            c.second,
        );
        // Whatever reads a ZIP from its beginning knows the end of an entry only if it is
        // compressed; photos become no smaller, so little is tried.
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(1))
            .last_modified_time(at.unwrap_or_default());
        self.zip.start_file(name, options).map_err(broken)
    }

    async fn end(self) -> Result<bool> {
        self.zip.finish().map_err(broken)?;
        self.sink.put(&self.made.take()).await
    }
}

impl<S: Sink> Sink for Packing<'_, S> {
    /// The next bytes of the entry.
    async fn put(&mut self, bytes: &[u8]) -> Result<bool> {
        for chunk in bytes.chunks(CHUNK) {
            self.zip.write_all(chunk).map_err(broken)?;
            if !self.sink.put(&self.made.take()).await? {
                return Ok(false);
            }
            tokio::task::yield_now().await;
        }
        Ok(true)
    }
}

/// What the table says of a file: where it lies, or why it does not.
pub(super) fn words(name: &str, within: Option<&Option<String>>) -> String {
    match within {
        Some(Some(path)) => path.clone(),
        Some(None) => {
            format!("{name}（ウイルスの検査で問題が見つかったため、入れていません）")
        }
        None => format!("{name}（書き出すときに読めなかったため、入れていません）"),
    }
}

/// The bytes of a file, if it is to be in the ZIP.
enum Read {
    Good(Vec<u8>),
    Infected,
    Gone,
}

async fn read(
    ctx: &Context,
    scanner: Option<&str>,
    answer: AnswerId,
    file: &FileOf,
) -> Result<Read> {
    let bytes = match store::answer::staff_file(ctx, answer, &file.id, false).await {
        Ok(file) => file.bytes,
        // It was corrected or taken back meanwhile.
        Err(Error::NotFound) => return Ok(Read::Gone),
        Err(Error::Undecryptable(what)) => {
            tracing::error!(what, %answer, "a file of an answer cannot be opened");
            return Ok(Read::Gone);
        }
        Err(error) => return Err(error),
    };
    let Some(address) = scanner else { return Ok(Read::Good(bytes)) };
    match scan(address, &bytes).await {
        Scan::Clean => Ok(Read::Good(bytes)),
        Scan::Found(what) => {
            tracing::warn!(what, %answer, "the virus scanner kept a file out of a ZIP");
            Ok(Read::Infected)
        }
        // It is begun anew, and fails if the scanner stays away.
        Scan::Unknown(why) => {
            tracing::error!(why, "the virus scanner did not answer; a ZIP is made later");
            Err(Error::Inconsistent("virus scanner"))
        }
    }
}

/// False if it is not to go on.
pub(super) async fn write(
    ctx: &Context,
    form: FormId,
    frame: &Frame,
    scanner: Option<&str>,
    watch: &mut impl Watch,
    sink: &mut impl Sink,
) -> Result<bool> {
    let mut packing = Packing::new(sink);
    let mut packed = Packed { scanner, ..Packed::default() };
    let mut after = None::<AnswerId>;
    loop {
        let piece = frame.next(ctx, form, after).await?;
        let Some(last) = piece.last() else { break };
        after = Some(last.id);
        let came = came_with(ctx, form, &piece).await?;
        for given in &piece {
            let Some(files) = came.get(&given.id) else { continue };
            if !packed.add(ctx, given, files, watch, &mut packing).await? {
                return Ok(false);
            }
        }
    }
    packing.begin(TABLE, ctx.now())?;
    let shown = Shown::Packed(&packed.within);
    if !csv(ctx, form, frame, shown, Kind::Csv, watch, &mut packing).await? {
        return Ok(false);
    }
    packing.end().await
}

/// What is in the ZIP so far.
#[derive(Default)]
struct Packed<'a> {
    scanner: Option<&'a str>,
    folders: Folders,
    size: Uploads,
    /// Where each file lies; nothing of those that the scanner kept out.
    within: HashMap<BlobId, Option<String>>,
}

impl Packed<'_> {
    /// The files of one more answer.
    async fn add<S: Sink>(
        &mut self,
        ctx: &Context,
        given: &Given,
        files: &[FileOf],
        watch: &mut impl Watch,
        packing: &mut Packing<'_, S>,
    ) -> Result<bool> {
        let folder = self.folders.take(&given.receipt, given.id.0);
        for (n, file) in (1..).zip(files) {
            self.size.count += 1;
            self.size.size += file.size;
            if !self.size.fit() {
                // More came since it was asked for.
                return Err(Error::Conflict(format!(
                    "写真やファイルが多すぎて、1つにまとめられません（{FILES_WORDS}）"
                )));
            }
            match read(ctx, self.scanner, given.id, file).await? {
                Read::Good(bytes) => {
                    let path = format!("{folder}/{}", file_name(n, &file.name, &file.media_type));
                    packing.begin(&path, given.at)?;
                    if !packing.put(&bytes).await? {
                        return Ok(false);
                    }
                    self.within.insert(file.id.clone(), Some(path));
                }
                Read::Infected => {
                    self.within.insert(file.id.clone(), None);
                }
                Read::Gone => {}
            }
            if !watch.read(1).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Read as _};

    #[tokio::test]
    async fn what_is_packed_is_unpacked() {
        let at = Timestamp::from_tokyo(domain::time::Date { year: 2026, month: 11, day: 3 }, 9, 5);
        let large: Vec<u8> = (0..3 * CHUNK + 7).map(|n| (n % 251) as u8).collect();
        let mut file = Vec::new();
        let mut packing = Packing::new(&mut file);
        packing.begin("公001/1_穴.jpg", at).unwrap();
        assert!(packing.put(&large).await.unwrap());
        packing.begin("公002/1.txt", at).unwrap();
        packing.begin(TABLE, at).unwrap();
        assert!(packing.put("受付番号\r\n".as_bytes()).await.unwrap());
        assert!(packing.put("公001\r\n".as_bytes()).await.unwrap());
        assert!(packing.end().await.unwrap());
        // Bit 11 of the first header: its name is UTF-8.
        assert_eq!(file[7] & 0x08, 0x08);
        let mut archive = zip::ZipArchive::new(Cursor::new(file)).unwrap();
        assert_eq!(archive.len(), 3);
        for (name, bytes) in [
            ("公001/1_穴.jpg", large.as_slice()),
            ("公002/1.txt", &b""[..]),
            (TABLE, "受付番号\r\n公001\r\n".as_bytes()),
        ] {
            let mut entry = archive.by_name(name).unwrap();
            let mut unpacked = Vec::new();
            entry.read_to_end(&mut unpacked).unwrap();
            assert!(unpacked == bytes, "{name}");
            let when = entry.last_modified().unwrap();
            assert_eq!((when.year(), when.hour(), when.minute()), (2026, 9, 5));
        }
    }
}
