//! Choosing a video and sending it: looked at before it leaves, with progress, given up and
//! tried again.

use domain::id::BlobId;
use domain::video::length;
use leptos::prelude::*;
use ui::prelude::*;

/// How it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only the browser sends"))]
pub(super) enum Upload {
    #[default]
    Idle,
    /// It is looked at.
    Looking,
    /// So many bytes of so many.
    Sending(u64, u64),
    /// All has left; the server looks at it.
    Checking,
    /// It is none that is taken.
    Refused(String),
    /// It can be tried again.
    Failed(String),
}

/// A sending, from the choice to what is kept.
#[derive(Clone, Copy)]
pub(super) struct Sending {
    pub(super) upload: RwSignal<Upload>,
    /// How long the video plays that was sent here, in milliseconds.
    pub(super) length: RwSignal<Option<u64>>,
    /// Whether it can be watched only after all of it was fetched.
    pub(super) slow: RwSignal<bool>,
    #[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only the browser sends"))]
    pub(super) kept: Callback<BlobId>,
    #[cfg(feature = "hydrate")]
    pub(super) browser: super::browser::Held,
}

impl Sending {
    pub(super) fn new(kept: Callback<BlobId>) -> Self {
        Self {
            upload: RwSignal::default(),
            length: RwSignal::new(None),
            slow: RwSignal::new(false),
            kept,
            #[cfg(feature = "hydrate")]
            browser: super::browser::Held::new(),
        }
    }

    /// How long it plays, where that is known from sending it.
    pub(super) fn milliseconds(self) -> Signal<Option<u64>> {
        self.length.into()
    }
}

/// 「12.3MB」
fn megabytes(bytes: u64) -> String {
    format!("{}.{}MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000)
}

/// The button that chooses a video, and how its sending stands.
#[component]
pub(super) fn VideoField(
    /// Id of the file's field; that of the error ends in `-error`.
    #[prop(into)]
    id: String,
    sending: Sending,
    /// The video that was chosen.
    chosen: Memo<Option<BlobId>>,
    /// What is wrong with it.
    problem: Signal<Option<String>>,
) -> impl IntoView {
    let Sending { upload, length: long, slow, .. } = sending;
    let error = Signal::derive(move || match upload.get() {
        Upload::Refused(words) | Upload::Failed(words) => Some(words),
        Upload::Idle => problem.get(),
        _ => None,
    });
    let busy = Memo::new(move |_| {
        matches!(upload.get(), Upload::Looking | Upload::Sending(..) | Upload::Checking)
    });
    let failed = Memo::new(move |_| matches!(upload.get(), Upload::Failed(_)));
    let sizes = move || match upload.get() {
        Upload::Sending(done, of) => (done, of),
        Upload::Checking => (1, 1),
        _ => (0, 1),
    };
    let words = Memo::new(move |_| match upload.get() {
        Upload::Looking => "動画を調べています",
        Upload::Checking => "送り終えました。保管しています",
        _ => "動画を送っています。この画面はひらいたままにしてください",
    });
    // The buttons beside it go with what they do.
    let field = StoredValue::new(id.clone());
    let again = move |_| {
        #[cfg(feature = "hydrate")]
        super::browser::again(sending);
        focus_soon(field.get_value());
    };
    let stop = move |_| {
        #[cfg(feature = "hydrate")]
        super::browser::stop(sending);
        focus_soon(field.get_value());
    };
    let error_id = format!("{id}-error");
    let described = error_id.clone();
    view! {
        <div class="stack-s">
            <div class="part-video-acts">
                <label class="btn btn-outline btn-sm file-button">
                    <Icon name=IconName::Upload size=16 />
                    <span>{move || if chosen.with(Option::is_some) { "動画を選び直す" } else { "動画を選ぶ" }}</span>
                    <input
                        id=id
                        class="visually-hidden"
                        type="file"
                        accept="video/mp4,.mp4"
                        aria-invalid=move || error.with(Option::is_some).then_some("true")
                        aria-describedby=move || error.with(Option::is_some).then(|| described.clone())
                        on:change=move |event| {
                            #[cfg(feature = "hydrate")] super::browser::take(&event, sending);
                            #[cfg(not(feature = "hydrate"))] let _ = &event;
                        }
                    />
                </label>
                {move || failed.get().then(|| view! { <Button size=Size::Small icon=IconName::Reload on_click=again>"もう一度送る"</Button> })}
                {move || busy.get().then(|| view! { <Button size=Size::Small icon=IconName::Cross on_click=stop>"送るのをやめる"</Button> })}
            </div>
            {move || {
                busy.get()
                    .then(|| {
                        view! {
                            <p class="sub dense" role="status">{words}</p>
                            <ProgressBar value=Signal::derive(move || sizes().0) max=Signal::derive(move || sizes().1) label="動画を送っている具合" />
                            <p class="sub dense">
                                {move || match upload.get() {
                                    Upload::Sending(done, of) => format!("{} ／ {}", megabytes(done), megabytes(of)),
                                    _ => String::new(),
                                }}
                            </p>
                        }
                    })
            }}
            <FieldError id=error_id text=error />
            <p class="sub dense">"MP4（映像はH.264、音声はAAC）、200MBまで。撮った場所などの情報は取りのぞきます。"</p>
            {move || long.get().map(|n| view! { <p class="sub dense">{format!("長さは {} です。", length(n))}</p> })}
            {move || {
                slow.get()
                    .then(|| {
                        view! {
                            <p class="warn dense" role="status">
                                <Icon name=IconName::Warning size=16 />
                                " この動画は、見始めるまでに時間がかかることがあります。編集ソフトの「Webに最適化」や「ファストスタート」で書き出すと、すぐに始まります。"
                            </p>
                        }
                    })
            }}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::megabytes;

    #[test]
    fn bytes_in_words() {
        assert_eq!([0, 1_250_000, 200_000_000].map(megabytes), ["0.0MB", "1.2MB", "200.0MB"]);
    }
}
