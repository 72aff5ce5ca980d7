//! A picture among the parts: chosen, sent to the server with its progress, described.

use super::check::Checker;
use super::editor::Editor;
use super::parts::area_id;
use domain::id::BlobId;
use domain::message::{ALT_MAX, Part, alt_problem, preview_url};
use leptos::prelude::*;
use ui::prelude::*;

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

/// What stands in the box of a picture.
#[component]
pub fn PictureBody(
    /// What is written.
    editor: Editor,
    /// What is wrong.
    checker: Checker,
    /// Which part.
    key: u32,
    /// Its place, from 1.
    number: Memo<usize>,
) -> impl IntoView {
    let content = Memo::new(move |_| match editor.part(key) {
        Some(Part::Image { image, alt }) => (image, alt),
        _ => (None, String::new()),
    });
    let image = Memo::new(move |_| content.with(|(image, _)| image.clone()));
    let alt = Memo::new(move |_| content.with(|(_, alt)| alt.clone()));
    let upload = RwSignal::new(Upload::default());
    let problem_of = move |field: &'static str| {
        checker.problem_at(move |at| {
            number.get().checked_sub(1).is_some_and(|i| at == format!("/parts/{i}/{field}"))
        })
    };
    let (not_there, alt_asked) = (problem_of("image"), problem_of("alt"));
    let error = Signal::derive(move || match upload.get() {
        Upload::Failed(words) => Some(words),
        Upload::Sending(..) => None,
        Upload::Idle => not_there.get(),
    });
    let alt_error =
        Signal::derive(move || alt.with(|a| alt_problem(a)).or_else(|| alt_asked.get()));
    let describe = move |alt: String| {
        let image = image.get_untracked();
        editor.replace(key, Part::Image { image, alt });
    };
    let kept = move |id: BlobId| {
        let alt = alt.get_untracked();
        editor.replace(key, Part::Image { image: Some(id), alt });
    };
    let sizes = move || match upload.get() {
        Upload::Sending(done, of) => (done, of),
        _ => (0, 1),
    };
    let sending = Memo::new(move |_| matches!(upload.get(), Upload::Sending(..)));
    let error_id = format!("{}-error", area_id(key));
    let described = error_id.clone();
    view! {
        <div class="part-body part-picture">
            {move || {
                image
                    .get()
                    .map(|id| view! { <img class="part-photo" src=preview_url("", &id) alt=move || alt.with(|a| if a.is_empty() { "選んだ写真".to_owned() } else { a.clone() }) /> })
            }}
            <div class="stack-s">
                <label class="btn btn-outline btn-sm file-button">
                    <Icon name=IconName::Upload size=16 />
                    <span>{move || if image.with(Option::is_some) { "写真を選び直す" } else { "写真を選ぶ" }}</span>
                    <input
                        id=area_id(key)
                        class="visually-hidden"
                        type="file"
                        accept="image/jpeg,image/png"
                        aria-invalid=move || error.with(Option::is_some).then_some("true")
                        aria-describedby=move || error.with(Option::is_some).then(|| described.clone())
                        on:change=move |event| {
                            #[cfg(feature = "hydrate")] browser::take(&event, upload, kept);
                            #[cfg(not(feature = "hydrate"))] let _ = (&event, kept);
                        }
                    />
                </label>
                {move || {
                    sending
                        .get()
                        .then(|| {
                            view! {
                                <p class="sub dense" role="status">"写真を送っています"</p>
                                <ProgressBar value=Signal::derive(move || sizes().0) max=Signal::derive(move || sizes().1) label="写真を送っている具合" />
                            }
                        })
                }}
                <FieldError id=error_id text=error />
                <p class="sub dense">"JPEGかPNG、10MBまで。位置情報などは取りのぞき、見やすい大きさにします。"</p>
                <TextField
                    name=format!("{}-alt", area_id(key))
                    label="写真の説明（職員にだけ見えます）"
                    maxlength=ALT_MAX as u32
                    autocomplete="off"
                    value=Signal::derive(move || alt.get())
                    error=alt_error
                    on_input=describe
                />
            </div>
        </div>
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use super::Upload;
    use domain::id::BlobId;
    use domain::message::PICTURE_MAX;
    use leptos::prelude::*;
    use leptos::task::spawn_local;
    use serde::Deserialize;
    use ui::AppError;
    use wasm_bindgen::JsCast;
    use wasm_bindgen::closure::Closure;
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{File, HtmlInputElement, ProgressEvent, XmlHttpRequest};

    /// Sends the file that was chosen.
    pub(super) fn take(
        event: &leptos::ev::Event,
        upload: RwSignal<Upload>,
        kept: impl Fn(BlobId) + 'static,
    ) {
        let Some(input) = event.target().and_then(|t| t.dyn_into::<HtmlInputElement>().ok()) else {
            return;
        };
        let Some(file) = input.files().and_then(|files| files.get(0)) else { return };
        // The same file can be chosen again after it was mended.
        input.set_value("");
        if file.size() > PICTURE_MAX as f64 {
            upload.set(Upload::Failed(
                "この写真は10MBを超えています。小さくしたものを選んでください".into(),
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
            let sent = send(&file, move |done| {
                // The box may have been taken away meanwhile.
                let _gone = upload.try_set(Upload::Sending(done.min(size), size.max(1)));
            })
            .await;
            let after = match &sent {
                Ok(_) => Upload::Idle,
                Err(error @ AppError::Invalid { .. }) => Upload::Failed(error.message()),
                Err(error) => {
                    Upload::Failed(format!("写真を送れませんでした。{}", error.message()))
                }
            };
            if upload.try_set(after).is_none()
                && let Ok(id) = sent
            {
                kept(id);
            }
        });
    }

    #[derive(Deserialize)]
    struct Kept {
        id: BlobId,
    }

    /// The one kind of request that tells how much has left.
    async fn send(file: &File, progress: impl Fn(u64) + 'static) -> Result<BlobId, AppError> {
        let request = XmlHttpRequest::new().map_err(|_| AppError::Network)?;
        let failed = |_| AppError::Network;
        request.open("POST", "/console/pictures").map_err(failed)?;
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
            Ok(201) => serde_json::from_str::<Kept>(&answer)
                .map(|kept| kept.id)
                .map_err(|_| AppError::Unavailable { reference: String::new() }),
            Ok(1..) => Err(serde_json::from_str(&answer)
                .unwrap_or(AppError::Unavailable { reference: String::new() })),
            _ => Err(AppError::Network),
        }
    }
}
