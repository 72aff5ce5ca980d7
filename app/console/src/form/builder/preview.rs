//! The phone: the page that is edited, as residents get it. What is answered here is tried
//! with the evaluator that decides for residents, and stays nowhere.

use super::state::Builder;
use domain::form::edit::{self, Target, Which};
use domain::form::{Answers, Asked, End, Form, Outcome, Question, evaluate};
use leptos::prelude::*;
use ui::prelude::*;

/// What is on the phone.
#[derive(Clone, Debug, PartialEq)]
enum Screen {
    /// A page: its title, and what is seen with its names.
    Page { title: String, intro: String, asked: Vec<(String, Question)>, of: (usize, usize) },
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
    let asked = outcome.pages[page].iter().filter_map(|path| {
        // `children.0.birth` is the question `birth` of the group.
        let parts: Vec<&str> = path.split('.').collect();
        let question = match parts.as_slice() {
            [key] => form.question(key),
            [group, _, key] => form.question(&format!("{group}.{key}")),
            _ => None,
        };
        Some((path.clone(), question?.clone()))
    });
    let found = form.pages.get(page);
    Screen::Page {
        title: found.map(|p| p.title.clone()).unwrap_or_default(),
        intro: if page == 0 { form.intro.clone() } else { String::new() },
        asked: asked.collect(),
        of: (page + 1, form.pages.len()),
    }
}

/// The phone beside the builder.
#[component]
pub fn Preview(b: Builder, city: String) -> impl IntoView {
    let given = RwSignal::new(Answers::new());
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
    let answer = move |_| {
        #[cfg(feature = "hydrate")]
        {
            let typed = browser::read();
            given.update(|all| {
                for (name, words) in typed {
                    if words.iter().all(|w| w.trim().is_empty()) {
                        all.remove(&name);
                    } else {
                        all.insert(name, words);
                    }
                }
            });
        }
        #[cfg(not(feature = "hydrate"))]
        given.with_untracked(|_| ());
    };
    let next = Callback::new(move |()| {
        let at = page.get_untracked();
        let wrong = outcome.with_untracked(|o| {
            o.problems.iter().any(|p| o.page_of(&p.at) == Some(at))
        });
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
        page.set(0);
    });
    let title = b.read(|f| super::named(&f.title));
    let body = move || {
        let problems = if strict.get() { outcome.with(|o| o.problems.clone()) } else { Vec::new() };
        match shown.get() {
            Screen::Page { title, intro, asked, of } => {
                let now = given.get_untracked();
                let first = of.0 == 1;
                view! {
                    <p class="preview-steps">{format!("{} / {}", of.0, of.1)}</p>
                    {(!intro.is_empty()).then(|| view! { <p class="preview-intro">{intro}</p> })}
                    {(!title.is_empty()).then(|| view! { <h3>{title}</h3> })}
                    {asked
                        .into_iter()
                        .map(|(path, question)| {
                            let own = path.clone();
                            let edited = move || b.chosen.with(|c| matches!(c, Target::Question(w) if !w.staff && own == w.key));
                            let class = move || if edited() { "preview-q is-edited" } else { "preview-q" };
                            let error = problems.iter().find(|p| p.at == path || p.at.starts_with(&format!("{path}."))).map(|p| p.message.clone());
                            view! { <div class=class id=format!("pq-{path}")>{control(&path, question, &now, error)}</div> }
                        })
                        .collect_view()}
                    <div class="preview-acts">
                        {(!first).then(|| view! { <Button on_click=move |_| back.run(())>"戻る"</Button> })}
                        <Button kind=Kind::Filled on_click=move |_| next.run(())>"次へ"</Button>
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
                <div class="liff liff-preview" id="form-preview" on:input=answer on:change=answer>
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

/// The controls of a question.
fn control(path: &str, question: Question, given: &Answers, error: Option<String>) -> AnyView {
    let question = Question { key: path.to_owned(), ..question };
    let given = given.get(path).cloned().unwrap_or_default();
    view! { <FormQuestion question given error /> }.into_any()
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

#[cfg(feature = "hydrate")]
mod browser {
    use domain::form::Answers;
    use leptos::prelude::*;
    use wasm_bindgen::{JsCast, JsValue};

    fn text(element: &JsValue, name: &str) -> String {
        js_sys::Reflect::get(element, &name.into()).ok().and_then(|v| v.as_string()).unwrap_or_default()
    }

    /// What stands in the controls of the phone, by name; `answers[home][]` is `home`.
    pub fn read() -> Answers {
        let mut answers = Answers::new();
        let Ok(all) = document().query_selector_all("#form-preview [name^='answers[']") else {
            return answers;
        };
        for i in 0..all.length() {
            let Some(element) = all.get(i) else { continue };
            let name = text(&element, "name");
            let Some(name) =
                name.strip_prefix("answers[").and_then(|n| n.strip_suffix("][]"))
            else {
                continue;
            };
            let words = answers.entry(name.to_owned()).or_default();
            let kind = text(&element, "type");
            let input = element.dyn_ref::<web_sys::HtmlInputElement>();
            let ticked = !matches!(kind.as_str(), "checkbox" | "radio")
                || input.is_some_and(web_sys::HtmlInputElement::checked);
            if kind != "file" && ticked {
                words.push(text(&element, "value"));
            }
        }
        answers
    }
}
