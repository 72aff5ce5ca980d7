//! One condition: its words, its head count, its menu, its keys.

use super::among;
use super::choices::{AttributeList, ChoiceList, Says, says};
use super::edit::{Editor, Part};
use super::pick::Pick;
use super::wrote::{QuestionList, question_words, told_words};
use domain::attribute::Kind as Answer;
use domain::audience::Audience;
use domain::audience::edit::{self, Edit, Joint, Path};
use domain::audience::{Says as Said, Told, WROTE, chosen_words, says_words, since_words};
use leptos::prelude::*;
use ui::prelude::*;
use wasm_bindgen::JsCast;

/// 「お住まい が 港地区 にふくまれる」, the words of one condition as controls.
#[component]
pub fn Words(editor: Editor, at: Path) -> impl IntoView {
    let place = StoredValue::new(at.clone());
    let now = Memo::new(move |_| place.with_value(|at| says(editor, at)));
    let first = Signal::derive(move || now.with(|n| attribute_words(editor, n)));
    let second = Signal::derive(move || {
        let words = place.with_value(|at| editor.node(at)).map(|node| choice_words(editor, &node));
        words.filter(|w| !w.is_empty()).unwrap_or_else(|| "えらぶ".into())
    });
    let asks = Memo::new(move |_| {
        now.with(|n| {
            !n.key.is_empty() || n.since.is_some() || n.among.is_some() || n.asked.is_some()
        })
    });
    let writes = Memo::new(move |_| now.with(|n| n.wrote));
    let question = Signal::derive(move || {
        let words =
            now.with(|n| editor.catalog.with_value(|c| question_words(c, n.asked.as_ref())));
        if words.is_empty() { "質問をえらぶ".to_owned() } else { words }
    });
    let no_question = Signal::derive(move || now.with(|n| n.asked.is_none()));
    let no_attribute = Signal::derive(move || {
        now.with(|n| {
            !n.everyone
                && n.since.is_none()
                && n.among.is_none()
                && !n.wrote
                && !editor.catalog.with_value(|c| c.get(&n.key).is_some())
        })
    });
    let no_choice = Signal::derive(move || {
        place.with_value(|at| editor.node(at).is_some_and(|node| node.is_unfinished()))
    });
    let (left, middle, right) = (at.clone(), at.clone(), at.clone());
    view! {
        <Pick editor at=at.clone() part=Part::Attribute words=first label="何でしぼるか" empty=no_attribute body=move || view! { <AttributeList editor at=left.clone() /> } />
        {move || {
            let middle = middle.clone();
            writes
                .get()
                .then(|| {
                    let list = middle.clone();
                    view! {
                        <span>"の"</span>
                        <Pick editor at=middle part=Part::Question words=question label="どの質問か" empty=no_question body=move || view! { <QuestionList editor at=list.clone() /> } />
                    }
                })
        }}
        {move || {
            let right = right.clone();
            asks.get()
                .then(|| {
                    let list = right.clone();
                    view! {
                        <span>{move || now.with(|n| particle(editor, n))}</span>
                        <Pick editor at=right part=Part::Choices words=second label="どれか" empty=no_choice body=move || view! { <ChoiceList editor at=list.clone() /> } />
                        <span>{move || now.with(|n| tail(editor, n))}</span>
                    }
                })
        }}
    }
}

fn attribute_words(editor: Editor, says: &Says) -> String {
    if says.everyone {
        return "友だち全員".into();
    }
    if let Some(what) = says.since {
        return what.label().into();
    }
    if let Some(what) = says.among {
        return what.label().into();
    }
    if says.wrote {
        return WROTE.into();
    }
    if says.key.is_empty() {
        return "項目をえらぶ".into();
    }
    editor.catalog.with_value(|c| {
        c.get(&says.key).map_or_else(|| "（消えた登録項目）".into(), |a| a.label.clone())
    })
}

/// What is chosen in a condition; empty if nothing is.
fn choice_words(editor: Editor, node: &Audience) -> String {
    editor.catalog.with_value(|c| match node {
        Audience::Attribute { key, is } => {
            c.get(key).map(|a| chosen_words(a, is)).unwrap_or_default()
        }
        Audience::Said { key, says } => c.get(key).map(|a| says_words(a, says)).unwrap_or_default(),
        Audience::Since { span, .. } => since_words(*span),
        Audience::Among { what, id } => {
            id.map(|id| among::name(c.known(*what, id), *what)).unwrap_or_default()
        }
        Audience::Wrote(asked) => {
            asked.as_ref().map(|asked| told_words(c, asked)).unwrap_or_default()
        }
        // Everyone but all who answered.
        _ => "未登録".into(),
    })
}

fn answer(editor: Editor, says: &Says) -> Option<Answer> {
    editor.catalog.with_value(|c| c.get(&says.key).map(|a| a.kind))
}

fn particle(editor: Editor, says: &Says) -> &'static str {
    if let Some(what) = says.among {
        return among::around(what).0;
    }
    if let Some(asked) = &says.asked {
        return if matches!(asked.told, Told::Row { .. }) { "に" } else { "が" };
    }
    match &says.said {
        Some(Said::Contains(_)) => "に",
        Some(_) => "が",
        None if answer(editor, says) == Some(Answer::Multiple) && !says.unanswered => "に",
        None => "が",
    }
}

fn tail(editor: Editor, says: &Says) -> &'static str {
    if let Some(what) = says.among {
        return among::around(what).1;
    }
    if let Some(asked) = &says.asked {
        return if matches!(asked.told, Told::Row { .. }) { "と 答えた" } else { "" };
    }
    match answer(editor, says) {
        _ if matches!(says.said, Some(Said::Contains(_))) => "を ふくむ",
        _ if says.unanswered || says.is.is_empty() => "",
        Some(Answer::Multiple) if says.is.len() > 1 => "のどれかを えらんだ",
        Some(Answer::Multiple) => "を えらんだ",
        Some(Answer::Area) => "に ふくまれる",
        Some(Answer::Single) if says.is.len() > 1 => "の どれか",
        _ => "",
    }
}

/// ↑↓ between conditions, Alt+↑↓ order, Alt+→← into and out of brackets, Delete.
pub fn keys(editor: Editor, at: &[usize], event: &web_sys::KeyboardEvent) {
    let typing =
        event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok()).is_some_and(|e| {
            matches!(e.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
                || matches!(e.closest(".menu-list"), Ok(Some(_)))
        });
    if typing || editor.readonly || event.ctrl_key() || event.meta_key() {
        return;
    }
    match (event.key().as_str(), event.alt_key()) {
        ("ArrowUp", false) => editor.walk(at, true),
        ("ArrowDown", false) => editor.walk(at, false),
        ("ArrowUp", true) => editor.step(|t| edit::shift(t, at, true), "上へ動かしました"),
        ("ArrowDown", true) => editor.step(|t| edit::shift(t, at, false), "下へ動かしました"),
        ("ArrowRight", true) => editor.step(|t| edit::step_in(t, at), "かっこに入れました"),
        ("ArrowLeft", true) => editor.step(|t| edit::step_out(t, at), "かっこから出しました"),
        ("Delete", false) => editor.remove(at),
        _ => return,
    }
    event.prevent_default();
}

/// A condition as a row.
#[component]
pub fn Condition(editor: Editor, at: Path) -> impl IntoView {
    let place = StoredValue::new(at.clone());
    let broken = Memo::new(move |_| place.with_value(|at| editor.is_broken(at)));
    let bad = Memo::new(move |_| {
        broken.get() || editor.strict.get() && place.with_value(|at| editor.is_unfinished(at))
    });
    let count = Memo::new(move |_| {
        place.with_value(|at| editor.node(at).and_then(|node| editor.live.of(&node)))
    });
    let words = at.clone();
    view! {
        <div
            class=move || if bad.get() { "condition condition-bad" } else { "condition" }
            role="group"
            aria-label="条件"
            on:keydown=move |event| place.with_value(|at| keys(editor, at, &event))
        >
            <div class="condition-words">
                <Words editor at=words />
            </div>
            <span class="condition-count" class:sub=move || editor.live.counting.get()>
                {move || count.get().map_or_else(|| "—".to_owned(), |n| format!("{}人", thousands(n)))}
            </span>
            {(!editor.readonly).then(|| view! { <Menu editor at /> })}
            {move || {
                let words = if broken.get() {
                    "選んだものが、いまはありません。選び直すか、消してください"
                } else {
                    "空のままでは送れません。選ぶか、消してください"
                };
                bad.get().then(|| view! { <p class="condition-error">{words}</p> })
            }}
        </div>
    }
}

/// Everything that the keys do, and what they do not.
#[component]
fn Menu(editor: Editor, at: Path) -> impl IntoView {
    let name = attribute_words(editor, &untrack(|| says(editor, &at)));
    let tree = editor.tree.get_untracked();
    let can = |make: &dyn Fn(&Audience) -> Option<Edit>| make(&tree).is_some();
    type Act = (&'static str, &'static str, IconName, fn(&Audience, &[usize]) -> Option<Edit>);
    let acts: [Act; 5] = [
        ("上へ動かす", "上へ動かしました", IconName::ChevronUp, |t, at| {
            edit::shift(t, at, true)
        }),
        ("下へ動かす", "下へ動かしました", IconName::ChevronDown, |t, at| {
            edit::shift(t, at, false)
        }),
        ("かっこに入れる", "かっこに入れました", IconName::ChevronRight, edit::step_in),
        ("かっこから出す", "かっこから出しました", IconName::ChevronLeft, edit::step_out),
        ("この条件の人をのぞく", "のぞく条件にしました", IconName::Minus, edit::negate),
    ];
    let acts = acts.into_iter().filter(|(.., make)| can(&|t| make(t, &at))).collect::<Vec<_>>();
    let place = StoredValue::new(at);
    view! {
        <RowMenu label=format!("条件「{name}」の操作")>
            {[Joint::All, Joint::Any]
                .map(|joint| {
                    view! {
                        <button class="menu-item" type="button" on:click=move |_| place.with_value(|at| editor.add(|t, new| edit::join(t, at, joint, new)))>
                            <Icon name=IconName::Plus size=18 />
                            {format!("「{}」の条件を足す", joint.word())}
                        </button>
                    }
                })
                .collect_view()}
            {acts
                .into_iter()
                .map(|(words, said, icon, make)| {
                    view! {
                        <button class="menu-item" type="button" on:click=move |_| place.with_value(|at| editor.step(|t| make(t, at), said))>
                            <Icon name=icon size=18 />
                            {words}
                        </button>
                    }
                })
                .collect_view()}
            <button class="menu-item" type="button" on:click=move |_| place.with_value(|at| editor.remove(at))>
                <Icon name=IconName::Trash size=18 />
                "消す"
            </button>
        </RowMenu>
    }
}
