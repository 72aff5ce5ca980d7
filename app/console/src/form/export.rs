//! 「ひな形として書き出す」: the form as a pack for other cities.

use super::file::save;
use crate::shell::use_me;
use domain::form::Form;
use domain::form::pack::{About, Notices, Pack, Proof, own_words};
use domain::time::Date;
use leptos::prelude::*;
use ui::prelude::*;

/// The button and its dialog.
#[component]
pub fn ExportButton(form: Form, notices: Notices, proof: Proof, today: Date) -> impl IntoView {
    let me = use_me();
    let open = RwSignal::new(false);
    let name = RwSignal::new(form.title.clone());
    let description = RwSignal::new(String::new());
    let author = RwSignal::new(me.city.clone());
    let error = RwSignal::new(None::<String>);
    let toasts = use_toasts();
    let own = own_words(&form.terms, &me.city);
    let marks: Vec<(String, String)> =
        own.iter().map(|(place, words)| (words.clone(), place.mark.clone())).collect();
    let pack = StoredValue::new(move |about: About| {
        Pack::of_form((&form, &notices), &proof, about, &own, today)
    });
    let dropped = Memo::new(move |_| {
        let found = open.get().then(|| pack.with_value(|pack| pack(About::default())));
        found.and_then(Result::ok).map(|(_, dropped)| dropped).unwrap_or_default()
    });
    let make = move |()| {
        let about = About {
            name: name.get_untracked(),
            description: description.get_untracked(),
            author: author.get_untracked(),
            license: "CC0-1.0".into(),
            updated: String::new(),
        };
        if about.name.trim().is_empty() {
            error.set(Some("手続きの名前を書いてください".into()));
            focus_soon("pack-name".into());
            return;
        }
        let file = format!("{}.json", about.name.replace(['/', '\\', ':'], "_"));
        match pack.with_value(|pack| pack(about)) {
            Ok((pack, _)) if save(&file, "application/json", &pack.write()).is_some() => {
                open.set(false);
                toasts.ok(format!("「{file}」を書き出しました"));
            }
            Ok(_) => error.set(Some("ファイルを保存できませんでした".into())),
            Err(problems) => error.set(problems.into_iter().next().map(|p| p.message)),
        }
    };
    view! {
        <Button icon=IconName::Download on_click=move |_| open.set(true)>"ひな形として書き出す"</Button>
        <ConfirmDialog id="export-pack" title="ひな形として書き出す" open confirm="ファイルに書き出す" on_confirm=make>
            <div class="stack-s">
                <TextField id="pack-name" name="pack-name" label="手続きの名前" maxlength=100 autocomplete="off" value=name error on_input=move |t| name.set(t) />
                <TextArea name="pack-description" label="どんなものか、使う前に見直すこと" rows=3 value=description on_input=move |t| description.set(t) />
                <TextField name="pack-author" label="作った人" maxlength=100 autocomplete="off" value=author on_input=move |t| author.set(t) />
                <p class="dense">"だれでも自由に使える条件（CC0）で書き出します。次のことばは〔　〕に置きかえます。"</p>
                <ul class="changes">
                    {marks.into_iter().map(|(words, mark)| view! { <li>{format!("「{words}」→ {mark}")}</li> }).collect_view()}
                </ul>
                {move || {
                    let dropped = dropped.get();
                    (!dropped.is_empty())
                        .then(|| {
                            view! {
                                <p class="dense">"もとのひな形についていたもののうち、いまの質問に合わない次のものは、書き出しません。"</p>
                                <ul class="changes">
                                    {dropped.into_iter().map(|words| view! { <li>{words}</li> }).collect_view()}
                                </ul>
                            }
                        })
                }}
            </div>
        </ConfirmDialog>
    }
}
