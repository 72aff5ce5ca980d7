//! A video among the parts: chosen, sent with its progress, and given the picture that stands
//! for it.

#[cfg(feature = "hydrate")]
mod browser;
mod poster;
mod sending;

use self::poster::Poster;
use self::sending::{Sending, VideoField};
use super::check::Checker;
use super::editor::Editor;
use super::parts::area_id;
use domain::id::BlobId;
use domain::message::{ALT_MAX, Part, alt_problem};
use leptos::prelude::*;
use ui::prelude::*;

/// What stands in the box of a video.
#[component]
pub fn VideoBody(
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
        Some(Part::Video { video, poster, alt }) => (video, poster, alt),
        _ => (None, None, String::new()),
    });
    let video = Memo::new(move |_| content.with(|(video, ..)| video.clone()));
    let poster = Memo::new(move |_| content.with(|(_, poster, _)| poster.clone()));
    let alt = Memo::new(move |_| content.with(|(.., alt)| alt.clone()));
    let change = move |with: &dyn Fn(&mut Option<BlobId>, &mut Option<BlobId>, &mut String)| {
        editor.change(key, |part| {
            if let Part::Video { video, poster, alt } = part {
                with(video, poster, alt);
            }
        });
    };
    let alt_asked = checker.part_problem(number, "/alt");
    let alt_error =
        Signal::derive(move || alt.with(|a| alt_problem(a)).or_else(|| alt_asked.get()));
    // What was seen of another video does not stand for this one.
    let sending = Sending::new(Callback::new(move |id: BlobId| {
        change(&|video, poster, _| {
            *video = Some(id.clone());
            *poster = None;
        });
    }));
    let named =
        move |words: &'static str| Signal::derive(move || format!("動画{}の{words}", number.get()));
    view! {
        <div class="part-body part-video">
            <VideoField id=area_id(key) sending chosen=video problem=checker.part_problem(number, "/video") />
            {move || {
                video
                    .get()
                    .map(|id| {
                        view! {
                            <Poster
                                id=format!("{}-poster", area_id(key))
                                name=named("表紙")
                                video=id
                                length=sending.milliseconds()
                                poster
                                problem=checker.part_problem(number, "/poster")
                                on_kept=move |id: BlobId| change(&|_, poster, _| *poster = Some(id.clone()))
                            />
                        }
                    })
            }}
            <TextField
                name=format!("{}-alt", area_id(key))
                label="動画の説明（職員にだけ見えます）"
                maxlength=ALT_MAX as u32
                autocomplete="off"
                value=Signal::derive(move || alt.get())
                error=alt_error
                on_input=move |words: String| change(&|_, _, alt| alt.clone_from(&words))
            />
        </div>
    }
}
