//! A picture among the parts: chosen and described.

use super::check::Checker;
use super::editor::Editor;
use super::parts::area_id;
use super::upload::{Kept, PictureField};
use domain::message::{ALT_MAX, Part, alt_problem};
use leptos::prelude::*;
use ui::prelude::*;

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
    let (not_there, alt_asked) =
        (checker.part_problem(number, "/image"), checker.part_problem(number, "/alt"));
    let alt_error =
        Signal::derive(move || alt.with(|a| alt_problem(a)).or_else(|| alt_asked.get()));
    let describe = move |alt: String| {
        let image = image.get_untracked();
        editor.replace(key, Part::Image { image, alt });
    };
    let kept = move |kept: Kept| {
        let alt = alt.get_untracked();
        editor.replace(key, Part::Image { image: Some(kept.id), alt });
    };
    view! {
        <div class="part-body part-picture">
            <PictureField id=area_id(key) word="写真" image=image.into() alt problem=not_there on_kept=kept>
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
            </PictureField>
        </div>
    }
}
