//! Uploads (issue 5, 7): known by their content and not by their name, limited before anything
//! is unpacked, pictures made anew without metadata, scanned where there is a scanner.

use super::scan::{Scan, scan};
use crate::picture::check;
use crate::{Context, Error, Platform, Result};
use bytes::Bytes;
use domain::form::inbox::FileOf;
use domain::form::mine::takes_files;
use domain::form::{Ask, FileType, Form, Place};
use domain::id::FormId;
use std::io::{Cursor, Read};
use store::answer::{Holder, NewFile};

/// Most bytes of an upload, whatever the question allows.
pub const SIZE_MAX: usize = 20_000_000;
/// Most bytes of a photo as it comes from a telephone.
const PHOTO_MAX: usize = 20_000_000;
/// What a document may unpack to.
const UNPACKED_MAX: u64 = 200_000_000;
/// Most entries of a document.
const ENTRIES_MAX: usize = 5_000;

/// What came, as its sender calls it.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// Which question: `photo`, `children.0.photo`.
    pub path: String,
    /// The file's name.
    pub name: String,
    /// Its bytes.
    pub bytes: Bytes,
}

/// What is kept of it.
struct Made {
    media_type: &'static str,
    bytes: Vec<u8>,
    photo: Option<(Vec<u8>, u32, u32)>,
    position: Option<Place>,
}

fn refuse<T>(at: &str, words: impl Into<String>) -> Result<T> {
    Err(Error::invalid(at, words))
}

/// The question of a path: `children.0.photo` asks `children.photo`.
fn question(path: &str) -> String {
    let parts: Vec<&str> = path.split('.').collect();
    match parts.as_slice() {
        [group, _, inner] => format!("{group}.{inner}"),
        _ => path.to_owned(),
    }
}

/// Takes an upload for a question of a form.
///
/// # Errors
/// `Invalid` at the path with what is wrong; `Conflict` while the scanner does not answer, or
/// if too many uploads wait; if the blob store is away.
pub async fn upload(
    platform: &Platform,
    ctx: &Context,
    holder: &Holder,
    id: FormId,
    form: &Form,
    arrived: Arrived,
) -> Result<FileOf> {
    let Arrived { path, name, bytes } = arrived;
    let key = question(&path);
    let Some(asked) = takes_files(form, &key) else {
        return refuse(&path, "この質問には、ファイルを送れません。ひらき直してください");
    };
    if bytes.is_empty() {
        return refuse(&path, "ファイルが選ばれていないか、中身が空です。選び直してください");
    }
    let most = match &asked.ask {
        Ask::File { megabytes, .. } => usize::from(*megabytes) * 1_000_000,
        _ => PHOTO_MAX,
    };
    if bytes.len() > most.min(SIZE_MAX) {
        let most = most.min(SIZE_MAX) / 1_000_000;
        return refuse(&path, format!("{most}MBを超えています。小さくしたものを選んでください"));
    }
    if let Some(address) = &platform.settings.clamd_address {
        match scan(address, &bytes).await {
            Scan::Clean => {}
            Scan::Found(what) => {
                tracing::warn!(what, "an upload was refused by the virus scanner");
                return refuse(
                    &path,
                    "ウイルスの検査で問題が見つかったため、受け取れません。ほかのファイルを選んでください",
                );
            }
            Scan::Unknown(why) => {
                tracing::error!(why, "the virus scanner did not answer; an upload was refused");
                return Err(Error::Conflict(
                    "いま、ファイルの検査ができません。書いた内容は残っています。しばらくしてから、もう一度送ってください".into(),
                ));
            }
        }
    }
    let ask = asked.ask.clone();
    // One at a time, as pictures of deliveries: a large one needs some hundred megabytes.
    let permit = platform.pictures.decoding.clone().acquire_owned().await;
    let made = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        make(&ask, &bytes)
    })
    .await;
    let broken = "このファイルは開けませんでした。途中で切れているか、こわれています";
    let made = made.unwrap_or_else(|_| Err(broken.into()));
    let made = match made {
        Ok(made) => made,
        Err(words) => return refuse(&path, words),
    };
    let new = NewFile {
        form: id,
        question: &key,
        name: &name,
        media_type: made.media_type,
        bytes: &made.bytes,
        photo: made.photo.as_ref().map(|(small, w, h)| (small.as_slice(), *w, *h)),
        position: made.position,
    };
    store::answer::add_file(ctx, holder, &new).await
}

fn make(ask: &Ask, bytes: &[u8]) -> std::result::Result<Made, String> {
    let types: &[FileType] = match ask {
        Ask::File { types, .. } => types,
        _ => &[FileType::Picture],
    };
    let takes = |kind| types.contains(&kind);
    let plain =
        |media_type| Made { media_type, bytes: bytes.to_vec(), photo: None, position: None };
    if bytes.starts_with(&[0xff, 0xd8])
        || bytes.starts_with(b"\x89PNG")
        || !matches!(ask, Ask::File { .. })
    {
        if !takes(FileType::Picture) {
            return Err(expected(types));
        }
        let keeps = matches!(ask, Ask::Photo { position: true, .. });
        let position = keeps.then(|| domain::exif::position(bytes)).flatten();
        let made = check::make(bytes, check::SIDE_MAX).map_err(|r| r.words().to_owned())?;
        return Ok(Made {
            media_type: check::MEDIA_TYPE,
            bytes: made.original,
            photo: Some((made.preview, made.width, made.height)),
            position,
        });
    }
    if bytes.starts_with(b"%PDF-") && takes(FileType::Pdf) {
        return Ok(plain("application/pdf"));
    }
    if bytes.starts_with(b"PK\x03\x04") {
        let kind = document(bytes)?;
        let media_type = match kind {
            FileType::Word => {
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
            }
            _ => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        };
        return if takes(kind) { Ok(plain(media_type)) } else { Err(expected(types)) };
    }
    if takes(FileType::Text) && is_text(bytes) {
        return Ok(plain("text/plain"));
    }
    Err(expected(types))
}

fn expected(types: &[FileType]) -> String {
    let name = |t: &FileType| match t {
        FileType::Pdf => "PDF",
        FileType::Picture => "写真（JPEG・PNG）",
        FileType::Word => "Word（.docx）",
        FileType::Excel => "Excel（.xlsx）",
        FileType::Text => "テキスト・CSV",
    };
    let names: Vec<&str> = types.iter().map(name).collect();
    format!(
        "中身がこの質問で受け取れる種類ではありません（名前の終わりだけを変えたものも受け取れません）。{}を選んでください",
        names.join("か")
    )
}

fn is_text(bytes: &[u8]) -> bool {
    let control = |b: &u8| *b < 0x20 && !matches!(*b, b'\t' | b'\n' | b'\r');
    !bytes.iter().any(control)
        && (std::str::from_utf8(bytes).is_ok()
            || !encoding_rs::SHIFT_JIS.decode_without_bom_handling(bytes).1)
}

/// What a packed document is; whatever unpacks to too much, or carries a macro, is none.
fn document(bytes: &[u8]) -> std::result::Result<FileType, String> {
    let broken = || "このファイルは開けませんでした。WordかExcelで保存し直してください".to_owned();
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| broken())?;
    if archive.len() > ENTRIES_MAX {
        return Err("中身の数が多すぎます。分けて送ってください".into());
    }
    let (mut left, mut word, mut excel) = (UNPACKED_MAX, false, false);
    for i in 0..archive.len() {
        let entry = archive.by_index(i).map_err(|_| broken())?;
        let name = entry.name().map_err(|_| broken())?.into_owned();
        word |= name == "word/document.xml";
        excel |= name == "xl/workbook.xml";
        if name.to_lowercase().ends_with("vbaproject.bin") {
            return Err(
                "マクロの入ったファイルは受け取れません。マクロなしで保存し直してください".into()
            );
        }
        let read = std::io::copy(&mut entry.take(left), &mut std::io::sink());
        left -= read.map_err(|_| broken())?;
        if left == 0 {
            return Err("中身が大きすぎます。写真などを小さくして、保存し直してください".into());
        }
    }
    match (word, excel) {
        (true, false) => Ok(FileType::Word),
        (false, true) => Ok(FileType::Excel),
        _ => {
            Err("圧縮したファイル（zip）などは受け取れません。WordかExcelのまま送ってください"
                .into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn ask(types: &[FileType]) -> Ask {
        Ask::File { max: 1, types: types.to_vec(), megabytes: 20 }
    }

    fn packed(entries: &[(&str, usize)]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, size) in entries {
            let options = zip::write::SimpleFileOptions::default();
            zip.start_file(*name, options).unwrap();
            let zeros = vec![0; 1_000_000];
            let mut left = *size;
            while left > 0 {
                let piece = left.min(zeros.len());
                zip.write_all(&zeros[..piece]).unwrap();
                left -= piece;
            }
        }
        zip.finish().unwrap().into_inner()
    }

    fn made(ask: &Ask, bytes: &[u8]) -> std::result::Result<&'static str, String> {
        make(ask, bytes).map(|m| m.media_type)
    }

    #[test]
    fn content_decides_and_not_the_name() {
        let pdf = ask(&[FileType::Pdf]);
        assert_eq!(made(&pdf, b"%PDF-1.7\n").unwrap(), "application/pdf");
        for disguised in [&b"MZ\x90\0"[..], b"<html>", b"\xff\xd8\xff", b"PK\x03\x04"] {
            assert!(made(&pdf, disguised).is_err());
        }
        let word = ask(&[FileType::Word]);
        assert!(made(&word, &packed(&[("word/document.xml", 10)])).is_ok());
        for other in [
            packed(&[("xl/workbook.xml", 10)]),
            packed(&[("a.exe", 10)]),
            packed(&[("word/document.xml", 10), ("word/vbaProject.bin", 5)]),
        ] {
            assert!(made(&word, &other).is_err());
        }
        let text = ask(&[FileType::Text]);
        assert_eq!(made(&text, "名前,数\r\n".as_bytes()).unwrap(), "text/plain");
        assert!(made(&text, b"a\0b").is_err());
    }

    #[test]
    fn bombs_are_refused() {
        let bomb = packed(&[("word/document.xml", UNPACKED_MAX as usize + 1)]);
        assert!(bomb.len() < 1_000_000, "it is small as it comes");
        assert!(made(&ask(&[FileType::Word]), &bomb).is_err());
    }

    #[test]
    fn questions_of_paths() {
        assert_eq!(question("photo"), "photo");
        assert_eq!(question("children.0.photo"), "children.photo");
    }
}
