//! A text file that the browser reads itself: UTF-8, or CP932 as Excel writes it.

use leptos::prelude::*;
use ui::prelude::*;

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Read {
    /// Its name.
    pub(crate) name: String,
    /// What it says, with line feeds.
    pub(crate) text: String,
    /// 「UTF-8」 or 「Shift_JIS」
    pub(crate) encoding: &'static str,
}

/// Largest file, in bytes: far more than a city has areas.
#[cfg(feature = "hydrate")]
const BYTES_MAX: f64 = 2_000_000.0;

/// 「CSVから読む」; the file does not leave the browser.
#[component]
pub(crate) fn FileButton(
    /// What was read, or why it was not.
    on_read: Callback<Result<Read, String>>,
    /// The words of the button.
    #[prop(default = "CSVから読む")]
    words: &'static str,
    /// Which files are offered.
    #[prop(default = ".csv,.tsv,.txt,text/csv,text/plain")]
    accept: &'static str,
) -> impl IntoView {
    view! {
        <label class="btn btn-outline btn-sm file-button">
            <Icon name=IconName::Upload size=16 />
            <span>{words}</span>
            <input
                class="visually-hidden"
                type="file"
                accept=accept
                on:change=move |event| {
                    #[cfg(feature = "hydrate")] browser::take(&event, on_read);
                    #[cfg(not(feature = "hydrate"))] let _ = (&event, on_read);
                }
            />
        </label>
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use super::{BYTES_MAX, Read};
    use leptos::prelude::*;
    use leptos::task::spawn_local;
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_futures::JsFuture;

    pub(super) fn take(event: &leptos::ev::Event, on_read: Callback<Result<Read, String>>) {
        let Some(input) =
            event.target().and_then(|t| t.dyn_into::<web_sys::HtmlInputElement>().ok())
        else {
            return;
        };
        let Some(file) = input.files().and_then(|files| files.get(0)) else { return };
        // The same file can be chosen again after it was mended.
        input.set_value("");
        spawn_local(async move {
            let name = file.name();
            let failed = || {
                Err(format!(
                    "「{name}」は開けませんでした。ほかで開いているときは閉じてから、もう一度選んでください"
                ))
            };
            on_read.run(match read(&file).await {
                Ok(Some((text, encoding))) => Ok(Read { text: text.replace("\r\n", "\n").replace('\r', "\n"), encoding, name }),
                Ok(None) => Err(format!("「{name}」は文字の表として読めませんでした。Excelで「CSV（コンマ区切り）」として保存したものを選んでください")),
                Err(_) => failed(),
            });
        });
    }

    async fn read(file: &web_sys::File) -> Result<Option<(String, &'static str)>, JsValue> {
        if file.size() > BYTES_MAX {
            return Ok(None);
        }
        let buffer = js_sys::ArrayBuffer::from(JsFuture::from(file.array_buffer()).await?);
        for (label, name) in [("utf-8", "UTF-8"), ("shift_jis", "Shift_JIS")] {
            let options = web_sys::TextDecoderOptions::new();
            options.set_fatal(true);
            let decoder = web_sys::TextDecoder::new_with_label_and_options(label, &options)?;
            if let Ok(text) = decoder.decode_with_buffer_source(&buffer)
                && !text.contains('\0')
            {
                return Ok(Some((text, name)));
            }
        }
        Ok(None)
    }
}
