//! The outline: everything that can be edited, in order. A list with ↑↓; Alt with them moves.

use super::condition::words;
use super::state::{Builder, icon, label};
use crate::attribute::drag::{Drag, Grip};
use domain::form::edit::{self, Row, Target, Which};
use domain::form::{Ask, Form};
use domain::time::Date;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use ui::prelude::*;
use wasm_bindgen::JsCast;

/// One line of the outline.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Line {
    target: Target,
    /// Where it stands, for dragging: page and place on it; of a page its own place.
    at: (usize, usize),
    number: String,
    label: String,
    meta: String,
    kind: &'static str,
    personal: bool,
    conditional: bool,
    branches: bool,
}

fn id(target: &Target) -> String {
    match target {
        Target::Head => "line-head".into(),
        Target::Page(page) => format!("line-page-{page}"),
        Target::Question(which) => format!("line-{}", which.id()),
        Target::Statuses => "line-statuses".into(),
        Target::Terms => "line-terms".into(),
    }
}

fn lines(form: &Form, today: Date) -> Vec<Line> {
    let mut all = Vec::new();
    let mut n = 0;
    for (p, page) in form.pages.iter().enumerate() {
        all.push(Line {
            target: Target::Page(p),
            at: (p, 0),
            number: String::new(),
            label: format!("{}ページ目　{}", p + 1, page.title).trim_end().to_owned(),
            meta: match page.stops.len() {
                0 => String::new(),
                n => format!("「ここで終わり」{}", things(n)),
            },
            kind: "page",
            personal: false,
            conditional: false,
            branches: false,
        });
        for (i, question) in page.questions.iter().enumerate() {
            n += 1;
            let which = Which::asked(question.key.clone());
            let mut parts = Vec::new();
            if let Some(condition) = &question.show_if {
                parts.push(format!("{}のとき", words(form, condition, today)));
            }
            if question.required && question.ask.is_answered() {
                parts.push("必須".into());
            }
            parts.push(match &question.ask {
                Ask::Group { questions, .. } => format!("くり返し {}問", questions.len()),
                ask => ask.words().to_owned(),
            });
            let branches = !edit::branches(form, &which).is_empty();
            all.push(Line {
                target: Target::Question(which),
                at: (p, i),
                number: n.to_string(),
                label: label(question),
                meta: parts.join("・"),
                kind: question.ask.name(),
                personal: question.personal,
                conditional: question.show_if.is_some(),
                branches,
            });
        }
    }
    all
}

/// The outline.
#[component]
pub fn Outline(
    b: Builder,
    /// Where questions are added.
    adding: RwSignal<Option<Row>>,
) -> impl IntoView {
    let list = b.read(move |form| lines(form, b.today));
    let drag = Drag::<(usize, usize)>::new();
    let count = b.read(|form| form.questions().count());
    let extra = b.read(|form| (form.staff.len(), form.statuses.len()));
    let add_page = move |_| {
        let mut at = None;
        b.change(|form, _| at = edit::add_page(form, form.pages.len().saturating_sub(1)));
        if let Some(at) = at {
            b.choose(Target::Page(at));
        }
    };
    let here = move || match b.chosen.get_untracked() {
        Target::Page(page) => Row::Page(page),
        Target::Question(which) => {
            let page = b.form.with_untracked(|f| edit::page_of(f, &which));
            Row::Page(page.unwrap_or(0))
        }
        _ => Row::Page(b.form.with_untracked(|f| f.pages.len().saturating_sub(1))),
    };
    view! {
        <nav class="outline" aria-label="フォームの中身">
            <p class="outline-count">{move || format!("質問 {}", count.get())}</p>
            <ul class="outline-list">
                <li>{other(b, Target::Head, IconName::Pencil, "題名とはじめの説明", Signal::stored(String::new()))}</li>
                <For each=move || list.get() key=Clone::clone let:line>
                    <Item b line drag />
                </For>
                <li>{other(b, Target::Statuses, IconName::Lock, "職員だけの欄", Signal::derive(move || {
                    let (staff, statuses) = extra.get();
                    format!("状態 {statuses}・欄 {staff}")
                }))}</li>
                <li>{other(b, Target::Terms, IconName::Clock, "受付の条件", Signal::stored("目的、担当、期間、通知".to_owned()))}</li>
            </ul>
            <div class="outline-acts">
                <Button kind=Kind::Act icon=IconName::Plus on_click=move |_| adding.set(Some(here()))>"質問を足す"</Button>
                <Button icon=IconName::Plus on_click=add_page>"ページを足す"</Button>
            </div>
            <p class="sub dense only-wide">"↑↓で選び、Alt＋↑↓で順番を変えられます。"</p>
        </nav>
    }
}

/// What is no question.
fn other(
    b: Builder,
    target: Target,
    name: IconName,
    words: &'static str,
    meta: Signal<String>,
) -> AnyView {
    let (own, to, line) = (target.clone(), target.clone(), id(&target));
    let current = move || b.chosen.with(|c| *c == own).then_some("true");
    let marked = target.clone();
    view! {
        <button type="button" id=line class="outline-item" aria-current=current on:click=move |_| b.choose(to.clone()) on:keydown=move |e| keys(&e, b, &target)>
            <Icon name=name />
            <span class="outline-words">
                <span class="outline-label">{words}</span>
                {move || (!meta.with(String::is_empty)).then(|| view! { <span class="outline-meta">{meta.get()}</span> })}
            </span>
            {move || mark(b, &marked)}
        </button>
    }
    .into_any()
}

fn mark(b: Builder, target: &Target) -> Option<AnyView> {
    let blocks = b.found(target)?;
    let (class, words) = if blocks {
        ("warn", "直すところがあります")
    } else {
        ("sub", "見直すところがあります")
    };
    let icon = if blocks { IconName::Warning } else { IconName::Info };
    Some(
        view! { <span class=class><Icon name=icon size=18 /><span class="visually-hidden">{words}</span></span> }
            .into_any(),
    )
}

#[component]
fn Item(b: Builder, line: Line, drag: Drag<(usize, usize)>) -> impl IntoView {
    let Line { target, at, number, label, meta, kind, personal, conditional, branches } = line;
    let (own, to, marked, element) = (target.clone(), target.clone(), target.clone(), id(&target));
    let current = move || b.chosen.with(|c| *c == own).then_some("true");
    let page = matches!(target, Target::Page(_));
    let dropped = move |event: leptos::ev::DragEvent| {
        let Some(from) = drag.drop(&event) else { return };
        b.change(|form, _| {
            let found = form.pages.get(from.0).and_then(|p| p.questions.get(from.1));
            let Some(which) = found.map(|q| Which::asked(q.key.clone())) else { return };
            edit::put(form, &which, &Row::Page(at.0), at.1);
        });
    };
    let class = move || {
        let place = if page { "" } else { drag.class(at, |item| item.0 == at.0 && item.1 < at.1) };
        let kind = if page { "outline-page" } else { "outline-question" };
        let inset = if conditional { " outline-inset" } else { "" };
        format!("{kind}{inset} {place}")
    };
    view! {
        <li class=class on:dragover=move |e| drag.over(&e, at) on:drop=dropped>
            {(!page).then(|| view! { <Grip drag item=at /> })}
            <button type="button" id=element class="outline-item" aria-current=current on:click=move |_| b.choose(to.clone()) on:keydown=move |e| keys(&e, b, &target)>
                {(!page)
                    .then(|| {
                        view! {
                            <span class="outline-number">{number}</span>
                            <Icon name=icon(kind) />
                        }
                    })}
                <span class="outline-words">
                    <span class="outline-label">{label}</span>
                    {(!meta.is_empty()).then(|| view! { <span class="outline-meta">{meta}</span> })}
                </span>
                {branches.then(|| view! { <span class="act-mark"><Icon name=IconName::Branch size=18 /><span class="visually-hidden">"分かれ道があります"</span></span> })}
                {personal.then(|| view! { <span class="act-mark"><Icon name=IconName::Lock size=18 /><span class="visually-hidden">"個人情報"</span></span> })}
                {move || mark(b, &marked)}
            </button>
        </li>
    }
}

/// ↑↓ go to the line before and after; with Alt they move it; Delete removes a question.
fn keys(event: &KeyboardEvent, b: Builder, target: &Target) {
    let up = event.key() == "ArrowUp";
    if event.key() == "Delete"
        && let Target::Question(which) = target
    {
        event.prevent_default();
        b.remove(which);
        return;
    }
    if !(up || event.key() == "ArrowDown") {
        return;
    }
    event.prevent_default();
    if event.alt_key() {
        match target {
            Target::Question(which) => {
                b.shift(which, up);
                focus_soon(id(target));
            }
            Target::Page(page) => {
                let mut to = None;
                b.change(|form, _| to = edit::shift_page(form, *page, up));
                if let Some(to) = to {
                    b.chosen.set(Target::Page(to));
                    focus_soon(id(&Target::Page(to)));
                }
            }
            _ => {}
        }
        return;
    }
    let Ok(all) = document().query_selector_all(".outline .outline-item") else { return };
    let here = document().active_element();
    let nodes: Vec<web_sys::HtmlElement> =
        (0..all.length()).filter_map(|i| all.get(i)?.dyn_into().ok()).collect();
    let found =
        nodes.iter().position(|n| here.as_ref().is_some_and(|h| n.is_same_node(Some(h.as_ref()))));
    let to = found.and_then(|i| if up { i.checked_sub(1) } else { Some(i + 1) });
    if let Some(next) = to.and_then(|to| nodes.get(to)) {
        // Focus is a help, not a need.
        drop(next.focus());
    }
}
