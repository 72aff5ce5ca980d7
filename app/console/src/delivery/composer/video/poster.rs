//! 表紙: the picture that stands for a video until it plays.

use super::super::upload::{Kept, PictureField};
use domain::id::BlobId;
use domain::message::{media_url, preview_url};
use leptos::html;
use leptos::prelude::*;
use ui::prelude::*;

/// The video to look at, the moment to choose, and the picture that was taken.
#[component]
pub(super) fn Poster(
    /// Id of the field for an own picture.
    #[prop(into)]
    id: String,
    /// 「動画1の表紙」
    name: Signal<String>,
    /// Which video.
    video: BlobId,
    /// How long it plays, in milliseconds, where that is known already.
    length: Signal<Option<u64>>,
    /// The picture that was taken or chosen.
    poster: Memo<Option<BlobId>>,
    /// What is wrong with it.
    problem: Signal<Option<String>>,
    /// Another picture stands for it.
    #[prop(into)]
    on_kept: Callback<BlobId>,
) -> impl IntoView {
    let node = NodeRef::<html::Video>::new();
    // In tenths of a second, as the slider moves.
    let at = RwSignal::new(0_u32);
    let seen = RwSignal::new(None::<u32>);
    let blind = RwSignal::new(false);
    let (busy, failed) = (RwSignal::new(false), RwSignal::new(None::<String>));
    let most = Memo::new(move |_| {
        let known = length.get().and_then(|n| u32::try_from(n / 100).ok());
        seen.get().or(known).unwrap_or(0)
    });
    let metadata = move |_: leptos::ev::Event| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a length")]
        if let Some(long) =
            node.get_untracked().map(|v| v.duration()).filter(|n| n.is_finite() && *n > 0.0)
        {
            seen.set(Some((long * 10.0) as u32));
        }
    };
    let slide = move |event: leptos::ev::Event| {
        let Ok(tenths) = event_target_value(&event).parse::<u32>() else { return };
        at.set(tenths);
        if let Some(video) = node.get_untracked() {
            drop(video.pause());
            video.set_current_time(f64::from(tenths) / 10.0);
        }
    };
    let toasts = use_toasts();
    let take = move |_| {
        #[cfg(feature = "hydrate")]
        if let Some(video) = node.get_untracked() {
            busy.set(true);
            leptos::task::spawn_local(async move {
                let taken = super::browser::photograph(&video).await;
                if busy.try_set(false).is_some() {
                    return;
                }
                match taken {
                    Ok(id) => {
                        failed.set(None);
                        on_kept.run(id);
                        toasts.say("この場面を表紙にしました");
                    }
                    Err(error) => failed.set(Some(format!(
                        "表紙を作れませんでした。{}もう一度押すか、写真を選んでください",
                        error.message()
                    ))),
                }
            });
        }
        #[cfg(not(feature = "hydrate"))]
        let _ = (&toasts, on_kept);
    };
    let words = move || {
        let tenths = at.get();
        format!("{}:{:02}.{}", tenths / 600, tenths / 10 % 60, tenths % 10)
    };
    let slider = format!("{id}-moment");
    let error = Signal::derive(move || failed.get().or_else(|| problem.get()));
    view! {
        <fieldset class="fieldset part-poster">
            <legend class="field-label">"表紙" <span class="visually-hidden">{move || format!("（{}）", name.get())}</span></legend>
            <p class="sub dense">"再生する前に見える画像です。動画から場面を選ぶか、写真を選びます。"</p>
            <div class="part-video-sides">
                <div class="stack-s">
                    <video
                        node_ref=node
                        class="part-film"
                        controls
                        playsinline
                        preload="metadata"
                        src=media_url("", &video)
                        aria-label="選んだ動画"
                        on:loadedmetadata=metadata
                        on:error=move |_| blind.set(true)
                    ></video>
                    {move || {
                        if blind.get() {
                            view! { <p class="warn dense" role="status"><Icon name=IconName::Warning size=16 />" このブラウザでは、この動画を再生できません。表紙には、写真を選んでください。LINEでは再生できます。"</p> }.into_any()
                        } else {
                            view! {
                                <div class="stack-s">
                                    <label for=slider.clone()>"表紙にする場面 " {words}</label>
                                    <input
                                        id=slider.clone()
                                        type="range"
                                        autocomplete="off"
                                        min="0"
                                        max=move || most.get().to_string()
                                        prop:value=move || at.get().to_string()
                                        aria-valuetext=words
                                        on:input=slide
                                    />
                                    <Button size=Size::Small icon=IconName::Camera busy on_click=take>"この場面を表紙にする"</Button>
                                </div>
                            }
                                .into_any()
                        }
                    }}
                </div>
                <div class="stack-s">
                    {move || match poster.get() {
                        Some(id) => view! { <img class="part-photo" src=preview_url("", &id) alt="表紙" /> }.into_any(),
                        None => view! { <p class="part-no-poster sub">"表紙はまだありません"</p> }.into_any(),
                    }}
                    <PictureField id=id.clone() word="表紙の写真" image=poster.into() problem=error bare=true on_kept=move |kept: Kept| on_kept.run(kept.id) />
                </div>
            </div>
        </fieldset>
    }
}
