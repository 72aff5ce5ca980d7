//! What is read back before it is sent, and afterwards.

use super::super::turn::Turn;
use super::super::who::Who;
use super::{around, carried, help, notices, states, summary, unscripted};
use domain::form::inbox::FileOf;
use domain::form::{Answer, Ask, Form, Values};
use domain::id::{BlobId, FormId};
use leptos::prelude::*;
use ui::form::size_words;

/// What was uploaded to a form, by whoever looks.
pub(in crate::form) struct Uploads<'a> {
    pub(in crate::form) form: FormId,
    pub(in crate::form) files: &'a [FileOf],
}

impl Uploads<'_> {
    /// The files of an answer, photos as small pictures.
    fn of(&self, answer: &Answer) -> Option<AnyView> {
        let ids = ids_of(answer);
        let found: Vec<&FileOf> = self.files.iter().filter(|f| ids.contains(&&f.id)).collect();
        if found.is_empty() {
            return None;
        }
        let each = found
            .into_iter()
            .map(|file| {
                let picture = file.width.is_some().then(|| {
                    let address = format!("/liff/f/{}/files/{}/preview", self.form, file.id);
                    let alt = format!("写真：{}", file.name);
                    view! { <img src=address alt=alt width="160" height="120" loading="lazy" /> }
                });
                let words = format!("{}・{}", file.name, size_words(file.size));
                view! { <li class="form-file">{picture}<span class="form-file-name">{words}</span></li> }
            })
            .collect_view();
        Some(view! { <ul class="form-files">{each}</ul> }.into_any())
    }
}

fn ids_of(answer: &Answer) -> Vec<&BlobId> {
    match answer {
        Answer::Files(ids) => ids.iter().collect(),
        Answer::Group(items) => items.iter().flat_map(Values::values).flat_map(ids_of).collect(),
        _ => Vec::new(),
    }
}

/// The answers of a page under their questions.
pub(in crate::form) fn rows(
    form: &Form,
    answers: &Values,
    page: usize,
    names: &[String],
    uploads: &Uploads<'_>,
) -> AnyView {
    let asked = form.pages.get(page).map_or(&[][..], |p| p.questions.as_slice());
    asked
        .iter()
        .filter(|q| {
            let told = q.ask.is_answered() || matches!(q.ask, Ask::Calculation { .. });
            told && names.contains(&q.key)
        })
        .map(|q| {
            let words = answers.get(&q.key).map_or_else(
                || "（書いていません）".to_owned(),
                |a| match a {
                    Answer::Group(items) => items
                        .iter()
                        .enumerate()
                        .map(|(i, item)| {
                            let one = Answer::Group(vec![item.clone()]);
                            format!("{}. {}", i + 1, one.words(q))
                        })
                        .collect::<Vec<_>>()
                        .join("\n"),
                    other => other.words(q),
                },
            );
            let files = answers.get(&q.key).and_then(|answer| uploads.of(answer));
            view! { <div><dt>{q.label.clone()}</dt><dd class="form-said">{words}{files}</dd></div> }
        })
        .collect_view()
        .into_any()
}

pub(super) fn read_back(who: &Who, turn: &Turn) -> AnyView {
    let form = &turn.form.form;
    let uploads = Uploads { form: turn.form.id, files: &turn.files };
    let pages = turn
        .outcome
        .pages
        .iter()
        .enumerate()
        .filter(|(_, names)| !names.is_empty())
        .map(|(i, names)| {
            let named = form.pages.get(i).map_or("", |p| p.title.as_str());
            let title = match (named.is_empty(), turn.last() > 1) {
                (false, _) => named.to_owned(),
                (true, true) => format!("{}ページ目", i + 1),
                (true, false) => "書いた内容".to_owned(),
            };
            let label = format!("「{title}」を直す");
            view! {
                <section class="form-back">
                    <div class="form-back-head">
                        <h2>{title}</h2>
                        <button class="btn btn-plain" type="submit" name="act" value=format!("to:{i}") aria-label=label>
                            "直す"
                        </button>
                    </div>
                    <dl class="facts">{rows(form, &turn.outcome.answers, i, names, &uploads)}</dl>
                </section>
            }
        })
        .collect_view();
    let ending =
        turn.stop().map(|(message, _)| view! { <p class="liff-notice">{message.to_owned()}</p> });
    let open = turn.problems.is_empty() && !turn.outcome.problems.is_empty();
    let unfinished = open.then(|| {
        view! { <p class="liff-state warn">"まだ書いていないところがあります。「直す」から書いてください。"</p> }
    });
    let inner = view! {
        {carried(who, turn, &[], "")}
        {pages}
        {unfinished}
        <div class="liff-foot form-foot">
            <p id="liff-hold" class="liff-state" role="status"></p>
            <div class="form-buttons">
                <button class="btn btn-outline btn-lg" type="submit" name="act" value="back" formnovalidate>
                    "戻る"
                </button>
                <button class="btn btn-filled btn-lg" type="submit" name="act" value="send" data-send="">
                    "この内容で送る"
                </button>
            </div>
        </div>
    };
    view! {
        <div class="stack-s">
            <h1 id="liff-title" tabindex="-1">
                "内容を確かめる"
            </h1>
            <p>"まだ送っていません。よければ、下の「この内容で送る」を押してください。"</p>
            {states(turn.kept)}
            {unscripted(turn)}
        </div>
        {ending}
        {notices(turn)}
        {summary(turn)}
        {around(who, turn, "send", inner.into_any())}
        {help(&form.terms)}
    }
    .into_any()
}
