//! What only a browser can do with a video: look at the file, send it, and take a picture of it.

use super::super::upload::{Kept as Picture, browser::send};
use super::sending::{Sending, Upload};
use domain::id::BlobId;
use domain::video::{Movie, Refusal, SIZE_MAX, Scan};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use ui::AppError;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, CanvasRenderingContext2d, File, HtmlCanvasElement, HtmlInputElement, HtmlVideoElement,
    XmlHttpRequest,
};

/// A video that the server keeps.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Kept {
    id: BlobId,
    milliseconds: u64,
}

/// The file that was chosen, and the request that sends it.
#[derive(Clone, Copy)]
pub(super) struct Held {
    file: StoredValue<Option<File>, LocalStorage>,
    request: StoredValue<Option<XmlHttpRequest>, LocalStorage>,
    /// Counts the sendings: what an earlier one says later does not matter.
    number: StoredValue<u32>,
}

impl Held {
    pub(super) fn new() -> Self {
        let held = Self {
            file: StoredValue::new_local(None),
            request: StoredValue::new_local(None),
            number: StoredValue::new(0),
        };
        // The part was taken away: nobody waits for it.
        on_cleanup(move || held.abort());
        held
    }

    fn abort(self) {
        if let Some(Some(request)) = self.request.try_update_value(Option::take) {
            // One that has ended cannot be ended.
            drop(request.abort());
        }
    }

    fn next(self) -> u32 {
        self.abort();
        self.number
            .try_update_value(|n| {
                *n += 1;
                *n
            })
            .unwrap_or(0)
    }

    fn is(self, number: u32) -> bool {
        self.number.try_get_value() == Some(number)
    }
}

/// Looks at the file that was chosen and sends it.
pub(super) fn take(event: &leptos::ev::Event, sending: Sending) {
    let Some(input) = event.target().and_then(|t| t.dyn_into::<HtmlInputElement>().ok()) else {
        return;
    };
    let Some(file) = input.files().and_then(|files| files.get(0)) else { return };
    // The same file can be chosen again after it was mended.
    input.set_value("");
    sending.browser.file.set_value(Some(file));
    again(sending);
}

/// Sends the file that was chosen, from its beginning.
pub(super) fn again(sending: Sending) {
    let Some(file) = sending.browser.file.get_value() else { return };
    let number = sending.browser.next();
    let say = move |upload: Upload| {
        // The box may have been taken away meanwhile.
        if sending.browser.is(number) {
            let _gone = sending.upload.try_set(upload);
        }
    };
    say(Upload::Looking);
    spawn_local(async move {
        let movie = match look(&file).await {
            Ok(Ok(movie)) => movie,
            Ok(Err(refusal)) => return say(Upload::Refused(refusal.words().into())),
            Err(()) => {
                return say(Upload::Failed(
                    "動画を読めませんでした。ファイルが動かされていないか、たしかめてください"
                        .into(),
                ));
            }
        };
        if !sending.browser.is(number) {
            return;
        }
        let size = bytes(&file).max(1);
        say(Upload::Sending(0, size));
        let request = XmlHttpRequest::new();
        sending.browser.request.set_value(request.clone().ok());
        let progress = move |done: u64| {
            say(if done >= size { Upload::Checking } else { Upload::Sending(done, size) });
        };
        let sent = send::<Kept>(request, "/console/videos", &file, progress).await;
        if !sending.browser.is(number) {
            return;
        }
        sending.browser.request.set_value(None);
        match sent {
            Ok(kept) => {
                say(Upload::Idle);
                let _gone = sending.length.try_set(Some(kept.milliseconds));
                let _gone = sending.slow.try_set(!movie.quick_start);
                sending.kept.try_run(kept.id);
            }
            Err(error @ AppError::Invalid { .. }) => say(Upload::Refused(error.message())),
            Err(error) => say(Upload::Failed(format!(
                "動画を送れませんでした。{}選んだ動画は、この画面に残っています",
                error.message()
            ))),
        }
    });
}

/// Gives the sending up; what was chosen before stays.
pub(super) fn stop(sending: Sending) {
    sending.browser.next();
    sending.browser.file.set_value(None);
    sending.upload.set(Upload::Idle);
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size")]
fn bytes(file: &Blob) -> u64 {
    file.size() as u64
}

/// What the server will find, without reading pictures and sound.
async fn look(file: &Blob) -> Result<Result<Movie, Refusal>, ()> {
    const STEP: u64 = 256 * 1024;
    let size = bytes(file);
    if size > SIZE_MAX {
        return Ok(Err(Refusal::Large));
    }
    let mut scan = Scan::default();
    while scan.at() < size {
        let (at, can) = (scan.at(), scan.skippable());
        let step = if can > 0 {
            scan.skip(can.min(size - at))
        } else {
            let end = (at + STEP).min(size);
            let part = file.slice_with_f64_and_f64(at as f64, end as f64).map_err(drop)?;
            let read = JsFuture::from(part.array_buffer()).await.map_err(drop)?;
            scan.push(&js_sys::Uint8Array::new(&read).to_vec())
        };
        if let Err(refusal) = step {
            return Ok(Err(refusal));
        }
    }
    Ok(scan.finish())
}

/// Waits until a video shows what stands at its place; not for ever. A picture that was
/// decoded but never shown is drawn as nothing, so that every video has to look there anew.
async fn shown(video: &HtmlVideoElement) {
    drop(video.pause());
    let waited = js_sys::Promise::new(&mut |resolve, _| {
        video.set_onseeked(Some(&resolve));
        video.set_onerror(Some(&resolve));
        let enough = move || drop(resolve.call0(&wasm_bindgen::JsValue::UNDEFINED));
        set_timeout(enough, std::time::Duration::from_secs(15));
    });
    video.set_current_time(video.current_time());
    drop(JsFuture::from(waited).await);
    video.set_onseeked(None);
    video.set_onerror(None);
}

/// Keeps what a video shows now as a picture; answers its name.
pub(super) async fn photograph(video: &HtmlVideoElement) -> Result<BlobId, AppError> {
    /// Longest side of a picture that is kept.
    const SIDE: f64 = 2_048.0;
    let failed = |_| AppError::Unavailable { reference: String::new() };
    shown(video).await;
    let (width, height) = (f64::from(video.video_width()), f64::from(video.video_height()));
    let scale = (SIDE / width.max(height).max(1.0)).min(1.0);
    let canvas = document().create_element("canvas").map_err(failed)?;
    let canvas = canvas.unchecked_into::<HtmlCanvasElement>();
    let pixels = |side: f64| (side * scale).round().max(1.0) as u32;
    canvas.set_width(pixels(width));
    canvas.set_height(pixels(height));
    let pen = canvas.get_context("2d").map_err(failed)?;
    let pen = pen.ok_or(AppError::Unavailable { reference: String::new() })?;
    pen.unchecked_into::<CanvasRenderingContext2d>()
        .draw_image_with_html_video_element_and_dw_and_dh(
            video,
            0.0,
            0.0,
            f64::from(canvas.width()),
            f64::from(canvas.height()),
        )
        .map_err(failed)?;
    let made = js_sys::Promise::new(&mut |resolve, reject| {
        if let Err(error) = canvas.to_blob_with_type(&resolve, "image/jpeg") {
            drop(reject.call1(&wasm_bindgen::JsValue::UNDEFINED, &error));
        }
    });
    let made = JsFuture::from(made).await.map_err(failed)?;
    let picture = made.dyn_into::<Blob>().map_err(failed)?;
    let kept: Picture = send(XmlHttpRequest::new(), "/console/pictures", &picture, |_| ()).await?;
    Ok(kept.id)
}
