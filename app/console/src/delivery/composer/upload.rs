//! Choosing a picture and sending it to the server, with its progress.

use domain::id::BlobId;
use domain::message::preview_url;
use leptos::prelude::*;
use serde::Deserialize;
use ui::prelude::*;

/// A picture that the server keeps.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Kept {
    /// By which parts name it.
    pub id: BlobId,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}

/// How an upload stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only the browser sends"))]
enum Upload {
    #[default]
    Idle,
    /// So many bytes of so many.
    Sending(u64, u64),
    /// Why it did not work; what was chosen before stays.
    Failed(String),
}

/// The chosen picture, small, and the way to choose one.
#[component]
pub fn PictureField(
    /// Id of the file's field; that of the error ends in `-error`.
    #[prop(into)]
    id: String,
    /// 「写真」: what it is called.
    word: &'static str,
    /// Said before it by a screen reader, where several stand on the page.
    #[prop(into, optional)]
    of: Signal<String>,
    /// The picture that was chosen.
    image: Signal<Option<BlobId>>,
    /// What is to be seen on it; empty where nobody said.
    #[prop(into, optional)]
    alt: Signal<String>,
    /// What is wrong with it.
    #[prop(into, optional)]
    problem: Signal<Option<String>>,
    /// Without the small picture, where the chosen one is shown elsewhere.
    #[prop(optional)]
    bare: bool,
    /// Where it is sent.
    #[prop(default = "/console/pictures")]
    path: &'static str,
    /// Another one is kept.
    #[prop(into)]
    on_kept: Callback<Kept>,
    /// What stands beside it.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let upload = RwSignal::new(Upload::default());
    let error = Signal::derive(move || match upload.get() {
        Upload::Failed(words) => Some(words),
        Upload::Sending(..) => None,
        Upload::Idle => problem.get(),
    });
    let sizes = move || match upload.get() {
        Upload::Sending(done, of) => (done, of),
        _ => (0, 1),
    };
    let sending = Memo::new(move |_| matches!(upload.get(), Upload::Sending(..)));
    let error_id = format!("{id}-error");
    let described = error_id.clone();
    view! {
        {move || {
            (!bare)
                .then(|| image.get())
                .flatten()
                .map(|id| {
                    view! { <img class="part-photo" src=preview_url("", &id) alt=move || alt.with(|a| if a.is_empty() { format!("選んだ{word}") } else { a.clone() }) /> }
                })
        }}
        <div class="stack-s">
            <label class="btn btn-outline btn-sm file-button">
                <Icon name=IconName::Upload size=16 />
                <span>
                    <span class="visually-hidden">{move || of.get()}</span>
                    {move || if image.with(Option::is_some) { format!("{word}を選び直す") } else { format!("{word}を選ぶ") }}
                </span>
                <input
                    id=id
                    class="visually-hidden"
                    type="file"
                    accept="image/jpeg,image/png"
                    aria-invalid=move || error.with(Option::is_some).then_some("true")
                    aria-describedby=move || error.with(Option::is_some).then(|| described.clone())
                    on:change=move |event| {
                        #[cfg(feature = "hydrate")] browser::take(&event, (path, word), upload, on_kept);
                        #[cfg(not(feature = "hydrate"))] let _ = (&event, path, on_kept);
                    }
                />
            </label>
            {move || {
                sending
                    .get()
                    .then(|| {
                        view! {
                            <p class="sub dense" role="status">{format!("{word}を送っています")}</p>
                            <ProgressBar value=Signal::derive(move || sizes().0) max=Signal::derive(move || sizes().1) label=format!("{word}を送っている具合") />
                        }
                    })
            }}
            <FieldError id=error_id text=error />
            {children.map(|children| children())}
        </div>
    }
}

#[cfg(feature = "hydrate")]
pub(super) mod browser {
    use super::{Kept, Upload};
    use domain::message::PICTURE_MAX;
    use leptos::prelude::*;
    use leptos::task::spawn_local;
    use serde::de::DeserializeOwned;
    use ui::AppError;
    use wasm_bindgen::closure::Closure;
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{Blob, HtmlInputElement, ProgressEvent, XmlHttpRequest};

    /// Sends the file that was chosen.
    pub(super) fn take(
        event: &leptos::ev::Event,
        (path, word): (&'static str, &'static str),
        upload: RwSignal<Upload>,
        kept: Callback<Kept>,
    ) {
        let Some(input) = event.target().and_then(|t| t.dyn_into::<HtmlInputElement>().ok()) else {
            return;
        };
        let Some(file) = input.files().and_then(|files| files.get(0)) else { return };
        // The same file can be chosen again after it was mended.
        input.set_value("");
        if file.size() > PICTURE_MAX as f64 {
            upload.set(Upload::Failed(
                "この画像は10MBを超えています。小さくしたものを選んでください".into(),
            ));
            return;
        }
        if matches!(upload.get_untracked(), Upload::Sending(..)) {
            return;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size")]
        let size = file.size() as u64;
        upload.set(Upload::Sending(0, size.max(1)));
        spawn_local(async move {
            let request = XmlHttpRequest::new();
            let sent = send(request, path, &file, move |done| {
                // The box may have been taken away meanwhile.
                let _gone = upload.try_set(Upload::Sending(done.min(size), size.max(1)));
            })
            .await;
            let after = match &sent {
                Ok(_) => Upload::Idle,
                Err(error @ AppError::Invalid { .. }) => Upload::Failed(error.message()),
                Err(error) => {
                    Upload::Failed(format!("{word}を送れませんでした。{}", error.message()))
                }
            };
            if upload.try_set(after).is_none()
                && let Ok(picture) = sent
            {
                kept.try_run(picture);
            }
        });
    }

    /// Sends a file by the one kind of request that tells how much has left.
    pub(in super::super) async fn send<T: DeserializeOwned>(
        request: Result<XmlHttpRequest, JsValue>,
        path: &str,
        file: &Blob,
        progress: impl Fn(u64) + 'static,
    ) -> Result<T, AppError> {
        let failed = |_| AppError::Network;
        let request = request.map_err(failed)?;
        request.open("POST", path).map_err(failed)?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size")]
        let watch = Closure::<dyn Fn(ProgressEvent)>::new(move |event: ProgressEvent| {
            progress(event.loaded() as u64);
        });
        if let Ok(upload) = request.upload() {
            upload.set_onprogress(Some(watch.as_ref().unchecked_ref()));
        }
        // It ends however it went; what happened is read from the request itself.
        let ended = js_sys::Promise::new(&mut |resolve, _| request.set_onloadend(Some(&resolve)));
        request.send_with_opt_blob(Some(file)).map_err(failed)?;
        JsFuture::from(ended).await.map_err(failed)?;
        drop(watch);
        let answer = request.response_text().ok().flatten().unwrap_or_default();
        match request.status() {
            Ok(201) => serde_json::from_str(&answer)
                .map_err(|_| AppError::Unavailable { reference: String::new() }),
            Ok(1..) => Err(serde_json::from_str(&answer)
                .unwrap_or(AppError::Unavailable { reference: String::new() })),
            _ => Err(AppError::Network),
        }
    }
}
