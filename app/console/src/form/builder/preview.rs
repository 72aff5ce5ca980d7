//! The phone: the page that is edited, as residents get it. What is answered here is tried
//! with the evaluator that decides for residents, and stays nowhere.

use super::state::Builder;
use crate::form::controls::{self, Items};
use domain::form::edit::{self, Target, Which};
use domain::form::{Answer, Answers, Ask, Asked, End, Form, Outcome, Question, Values, evaluate};
use leptos::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use ui::form::{Sheet, field};
use ui::prelude::*;

/// What is on the phone.
#[derive(Clone, Debug, PartialEq)]
enum Screen {
    /// A page: its title, and what is seen with its names.
    Page {
        title: String,
        intro: String,
        asked: Vec<Question>,
        of: (usize, usize),
        /// Every name that is seen, within groups too.
        seen: BTreeSet<String>,
    },
    /// ここで終わり.
    Stop { message: String, send: bool },
    /// Everything is answered: what would be sent.
    Last(Vec<(String, String)>),
}

fn screen(form: &Form, outcome: &Outcome, page: usize) -> Screen {
    if page >= outcome.pages.len() {
        return match &outcome.end {
            End::Stop { message, send, .. } => {
                Screen::Stop { message: message.clone(), send: *send }
            }
            End::Last => Screen::Last(
                form.questions()
                    .filter_map(|q| {
                        let answer = outcome.answers.get(&q.key)?;
                        Some((super::state::label(q), answer.words(q)))
                    })
                    .collect(),
            ),
        };
    }
    let paths = &outcome.pages[page];
    let asked = paths.iter().filter_map(|path| form.questions().find(|q| q.key == *path));
    let found = form.pages.get(page);
    Screen::Page {
        title: found.map(|p| p.title.clone()).unwrap_or_default(),
        intro: if page == 0 { form.intro.clone() } else { String::new() },
        asked: asked.cloned().collect(),
        of: (page + 1, form.pages.len()),
        seen: paths.iter().cloned().collect(),
    }
}

/// The phone beside the builder.
#[component]
pub fn Preview(b: Builder, city: String) -> impl IntoView {
    let given = RwSignal::new(Answers::new());
    let items = RwSignal::new(BTreeMap::<String, usize>::new());
    // What is worked out is drawn when a control is left, not at each letter.
    let settled = RwSignal::new(Values::new());
    let page = RwSignal::new(0usize);
    let strict = RwSignal::new(false);
    let today = b.today;
    let outcome = Memo::new(move |_| {
        b.form.with(|form| given.with(|given| evaluate(form, given, Asked { today })))
    });
    let shown = Memo::new(move |_| {
        b.form.with(|form| outcome.with(|outcome| screen(form, outcome, page.get())))
    });
    // The phone follows what is edited.
    Effect::new(move |_| {
        let at = match b.chosen.get() {
            Target::Head => Some(0),
            Target::Page(page) => Some(page),
            Target::Question(which) => b.form.with_untracked(|f| edit::page_of(f, &which)),
            Target::Statuses | Target::Terms => None,
        };
        let Some(at) = at else { return };
        if at != page.get_untracked() {
            strict.set(false);
            page.set(at.min(outcome.with_untracked(|o| o.pages.len())));
        }
        if let Target::Question(which) = b.chosen.get_untracked() {
            scroll(&which);
        }
    });
    let hidden = Memo::new(move |_| match b.chosen.get() {
        Target::Question(Which { staff: true, .. }) => {
            Some("職員だけの欄です。住民の画面には出ません。")
        }
        Target::Question(which) => {
            let key = which.group.unwrap_or(which.key);
            let seen = outcome.with(|o| o.pages.iter().flatten().any(|path| *path == key));
            (!seen).then_some("選んでいる質問は、いまの答えでは出ません。この画面で答えて、出るところを確かめられます。")
        }
        _ => None,
    });
    let take = move || {
        let typed = controls::read("#form-preview");
        given.update(|all| {
            for (name, words) in typed {
                if words.iter().all(|w| w.trim().is_empty()) {
                    all.remove(&name);
                } else {
                    all.insert(name, words);
                }
            }
        });
        if let Some(control) = controls::focused("#form-preview") {
            controls::refocus(control);
        }
    };
    let settle = move || {
        let worked = b.form.with_untracked(|form| {
            outcome.with_untracked(|o| {
                let shown = form
                    .questions()
                    .filter(|q| matches!(q.ask, Ask::Calculation { .. } | Ask::Group { .. }));
                let found =
                    shown.filter_map(|q| Some((q.key.clone(), o.answers.get(&q.key)?.clone())));
                found.collect::<Values>()
            })
        });
        let several = worked.values().any(|a| matches!(a, Answer::Group(_)));
        let sums = b.form.with_untracked(|f| {
            let mut all = f.questions().flat_map(|q| std::iter::once(q).chain(q.inner()));
            all.any(|q| matches!(q.ask, Ask::Calculation { .. }))
        });
        // Without a calculation a group needs no drawing anew.
        if (sums || !several) && settled.with_untracked(|s| *s != worked) {
            settled.set(worked);
        }
    };
    let press = move |event: leptos::ev::MouseEvent| match controls::pressed(&event) {
        Some(Items::Add(path)) => {
            let min = b.form.with_untracked(|f| match f.question(&path).map(|q| &q.ask) {
                Some(Ask::Group { min, .. }) => usize::from(*min),
                _ => 0,
            });
            let prefix = format!("{path}.");
            let written = given.with_untracked(|g| {
                let indices = g.keys().filter_map(|name| {
                    name.strip_prefix(&prefix)?.split_once('.')?.0.parse::<usize>().ok()
                });
                indices.map(|i| i + 1).max().unwrap_or(0)
            });
            items.update(|items| {
                let now = items.get(&path).copied().unwrap_or(0).max(min).max(written);
                items.insert(path, now + 1);
            });
        }
        Some(Items::Remove(path, index)) => {
            given.update(|g| *g = controls::without(g, &path, index));
            items.update(|items| {
                if let Some(n) = items.get_mut(&path) {
                    *n = n.saturating_sub(1);
                }
            });
        }
        None => {}
    };
    let next = Callback::new(move |()| {
        let at = page.get_untracked();
        let wrong =
            outcome.with_untracked(|o| o.problems.iter().any(|p| o.page_of(&p.at) == Some(at)));
        strict.set(wrong);
        if !wrong {
            page.set(at + 1);
        }
    });
    let back = Callback::new(move |()| {
        strict.set(false);
        page.update(|p| *p = p.saturating_sub(1));
    });
    let again = Callback::new(move |()| {
        strict.set(false);
        given.set(Answers::new());
        items.set(BTreeMap::new());
        settled.set(Values::new());
        page.set(0);
    });
    let title = b.read(|f| super::named(&f.title));
    let body = move || {
        let problems =
            if strict.get() { outcome.with_untracked(|o| o.problems.clone()) } else { Vec::new() };
        match shown.get() {
            Screen::Page { title, intro, asked, of, seen } => {
                let sheet = Sheet {
                    answers: given.get_untracked(),
                    problems,
                    values: settled.get(),
                    seen: Some(seen),
                    items: items.get(),
                    ..Sheet::default()
                };
                let (first, last) = (of.0 == 1, of.0 == of.1);
                view! {
                    <p class="preview-steps">{format!("{} / {}", of.0, of.1)}</p>
                    {(!intro.is_empty()).then(|| view! { <p class="preview-intro">{intro}</p> })}
                    {(!title.is_empty()).then(|| view! { <h3>{title}</h3> })}
                    {asked
                        .into_iter()
                        .map(|question| {
                            let own = question.key.clone();
                            let edited = move || {
                                b.chosen.with(|c| match c {
                                    Target::Question(w) => !w.staff && w.group.as_ref().unwrap_or(&w.key) == &own,
                                    _ => false,
                                })
                            };
                            let class = move || if edited() { "preview-q is-edited" } else { "preview-q" };
                            view! { <div class=class id=format!("pq-{}", question.key)>{field(&sheet, &question, &question.key)}</div> }
                        })
                        .collect_view()}
                    <div class="preview-acts">
                        {(!first).then(|| view! { <Button on_click=move |_| back.run(())>"戻る"</Button> })}
                        <Button kind=Kind::Filled on_click=move |_| next.run(())>{if last { "内容を確かめる" } else { "次へ" }}</Button>
                    </div>
                }
                    .into_any()
            }
            Screen::Stop { message, send } => {
                view! {
                    <p class="preview-stop">{message}</p>
                    {send.then(|| view! { <p class="sub">"ここまでの答えを送ります。"</p> })}
                    <div class="preview-acts"><Button on_click=move |_| back.run(())>"戻る"</Button></div>
                }
                    .into_any()
            }
            Screen::Last(answers) => {
                view! {
                    <h3>"この内容で送ります"</h3>
                    <dl class="preview-answers">
                        {answers
                            .into_iter()
                            .map(|(label, words)| view! { <div><dt>{label}</dt><dd>{words}</dd></div> })
                            .collect_view()}
                    </dl>
                    <div class="preview-acts"><Button on_click=move |_| back.run(())>"戻る"</Button></div>
                }
                    .into_any()
            }
        }
    };
    let sheet = ViewFn::from(move || {
        view! {
            <LiffSheet title="フォーム" height=SheetHeight::Tall>
                <div class="liff liff-preview" id="form-preview" on:input=move |_| take() on:change=move |_| { take(); settle(); } on:click=press>
                    <div class="liff-body">
                        <p class="preview-form-title">{move || title.get()}</p>
                        {body}
                    </div>
                </div>
            </LiffSheet>
        }
    });
    view! {
        <section class="preview" aria-labelledby="preview-title">
            <div class="preview-head">
                <h2 id="preview-title">"住民の画面（ためす）"</h2>
                <Button size=Size::Small icon=IconName::Reload on_click=move |_| again.run(())>"はじめから"</Button>
            </div>
            <Phone city label="住民の画面の見本" sheet>""</Phone>
            <p class="sub dense preview-below" role="status">
                {move || hidden.get().unwrap_or("ここで答えて、分かれ道を試せます。試した答えは、どこにも残りません。")}
            </p>
        </section>
    }
}

/// Brings a question to the upper part of the phone.
fn scroll(which: &Which) {
    let id = format!("pq-{}", which.group.as_ref().unwrap_or(&which.key));
    request_animation_frame(move || {
        let Some(question) = document().get_element_by_id(&id) else { return };
        let Ok(Some(sheet)) = question.closest(".sheet-body") else { return };
        let (to, from) = (question.get_bounding_client_rect(), sheet.get_bounding_client_rect());
        #[expect(clippy::cast_possible_truncation, reason = "pixels of a page")]
        let by = (to.top() - from.top() - 40.0) as i32;
        sheet.set_scroll_top(sheet.scroll_top() + by);
    });
}
