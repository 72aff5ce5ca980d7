//! The middle: one question, its answer, its logic.

use super::branch::Branches;
use super::checks::Checks;
use super::condition::ConditionEdit;
use super::kinds::KindFields;
use super::state::{Builder, icon, label};
use domain::form::edit::{self, Row, Target, Which, turned};
use domain::form::{Ask, KINDS};
use leptos::prelude::*;
use ui::prelude::*;

/// The panel of a question.
#[component]
pub fn QuestionPanel(
    b: Builder,
    which: Which,
    /// Where questions are added.
    adding: RwSignal<Option<Row>>,
) -> impl IntoView {
    let Some(question) = b.question(&which) else {
        return view! { <p class="sub">"この質問は、もうありません。左の一覧から選んでください。"</p> }.into_any();
    };
    let kind = question.ask.name();
    let place = b.form.with_untracked(|f| edit::place(f, &which));
    let (row, index) = place.unwrap_or((Row::Staff, 0));
    let target = Target::Question(which.clone());
    let error = |rest: &'static str| b.error_at(target.clone(), rest);
    let (q, n) = (which.clone(), which.clone());
    let heading = b.read(move |f| {
        let number = edit::number(f, &n).map(|n| format!("{n}　")).unwrap_or_default();
        format!("{number}{}", edit::question(f, &q).map(label).unwrap_or_default())
    });
    let set = |what: &'static str, change: fn(&mut domain::form::Question, String)| {
        let which = which.clone();
        Callback::new(move |text: String| b.write_question(what, &which, |q| change(q, text)))
    };
    let tick = |change: fn(&mut domain::form::Question, bool)| {
        let which = which.clone();
        Callback::new(move |on: bool| b.write_question("", &which, |q| change(q, on)))
    };
    let kinds: Vec<(String, String)> = KINDS
        .iter()
        .filter(|(name, _)| *name == kind || edit::fits(&row, name))
        .map(|(name, words)| ((*name).to_owned(), (*words).to_owned()))
        .collect();
    let turn = {
        let which = which.clone();
        move |kind: String| {
            b.change_question(&which, |question, known| {
                if let Some(new) = turned(question, &kind, known) {
                    *question = new;
                }
            });
            focus_soon("b-kind".into());
        }
    };
    let told = !matches!(question.ask, Ask::Explanation { .. });
    let answered = question.ask.is_answered();
    let staff = which.staff;
    let inner = matches!(question.ask, Ask::Group { .. }).then(|| {
        view! { <Inner b group=which.key.clone() adding /> }
    });
    let show = b.of(&which, |q| q.show_if.clone(), None);
    let put = {
        let which = which.clone();
        Callback::new(move |condition| {
            b.write_question("show_if", &which, |q| q.show_if = condition);
        })
    };
    view! {
        <section class="panel edit-panel" aria-labelledby="edited">
            <div class="panel-head edit-head">
                <Icon name=icon(kind) size=24 />
                <h2 id="edited" tabindex="-1">{move || heading.get()}</h2>
                <Acts b which=which.clone() />
            </div>
            <div class="fields">
                <div class="edit-two">
                    <TextField
                        id="b-label"
                        name="b-label"
                        label=if told { "質問の文" } else { "見出し（なくてもよい）" }
                        maxlength=200
                        autocomplete="off"
                        value=b.of(&which, |q| q.label.clone(), String::new())
                        error=error("/label")
                        on_input=set("label", |q, text| q.label = text)
                    />
                    <Select id="b-kind" name="b-kind" label="答え方" options=kinds value=kind.to_owned() on_change=turn />
                </div>
                {told
                    .then(|| {
                        view! {
                            <TextField
                                id="b-hint"
                                name="b-hint"
                                label="説明（なくてもよい）"
                                maxlength=1000
                                autocomplete="off"
                                value=b.of(&which, |q| q.hint.clone(), String::new())
                                on_input=set("hint", |q, text| q.hint = text)
                            />
                        }
                    })}
                <KindFields b which=which.clone() />
                {(answered || !told || matches!(question.ask, Ask::Calculation { .. }))
                    .then(|| {
                        view! {
                            <div class="edit-ticks" id="b-personal" tabindex="-1">
                                {answered
                                    .then(|| {
                                        view! {
                                            <Checkbox id="b-required" name="b-required" checked=b.of(&which, |q| q.required, false) on_change=tick(|q, on| q.required = on)>"必ず答えてもらう"</Checkbox>
                                        }
                                    })}
                                {(answered && !staff)
                                    .then(|| {
                                        view! {
                                            <Checkbox name="b-personal-tick" checked=b.of(&which, |q| q.personal, false) on_change=tick(|q, on| q.personal = on)>"個人情報"</Checkbox>
                                            <Checkbox name="b-correctable" checked=b.of(&which, |q| q.correctable, false) on_change=tick(|q, on| q.correctable = on)>"あとから申請者が直せる"</Checkbox>
                                        }
                                    })}
                            </div>
                            <FieldError id="b-personal-error" text=error("/personal") />
                        }
                    })}
                {answered
                    .then(|| {
                        view! {
                            <details class="more">
                                <summary>"答えがないときのことばを変える"</summary>
                                <TextField
                                    id="b-missing"
                                    name="b-missing"
                                    label="答えがないときのことば"
                                    hint="空なら、ふつうのことばで知らせます"
                                    maxlength=200
                                    autocomplete="off"
                                    value=b.of(&which, |q| q.missing.clone(), String::new())
                                    on_input=set("missing", |q, text| q.missing = text)
                                />
                            </details>
                        }
                    })}
            </div>
        </section>
        {inner}
        <section class="panel" aria-labelledby="show-title">
            <div class="panel-head">
                <Icon name=IconName::Branch />
                <h2 id="show-title" class="h3">"この質問を出すとき"</h2>
            </div>
            {move || show.with(Option::is_none).then(|| view! { <p class="sentence">"いつも、この質問をたずねます。"</p> })}
            <ConditionEdit b id="b-show_if" row=row.clone() index=Some(index) value=show put end="のとき、この質問をたずねる。" />
            <FieldError id="b-show_if-error" text=error("/show_if") />
        </section>
        {answered.then(|| view! { <Branches b which=which.clone() /> })}
        {answered.then(|| view! { <Checks b which row index /> })}
    }
    .into_any()
}

/// Up, down, copy, delete.
#[component]
fn Acts(b: Builder, which: Which) -> impl IntoView {
    let which = StoredValue::new(which);
    let name = b.form.with_untracked(|f| {
        which.with_value(|w| edit::question(f, w).map(label).unwrap_or_default())
    });
    let shift = move |up: bool| which.with_value(|w| b.shift(w, up));
    view! {
        <div class="panel-acts">
            <IconButton icon=IconName::ChevronUp label=format!("「{name}」を上へ") on_click=move |_| shift(true) />
            <IconButton icon=IconName::ChevronDown label=format!("「{name}」を下へ") on_click=move |_| shift(false) />
            <IconButton icon=IconName::Copy label=format!("「{name}」を複製する") on_click=move |_| which.with_value(|w| b.copy(w)) />
            <IconButton icon=IconName::Trash label=format!("「{name}」を消す") on_click=move |_| which.with_value(|w| b.remove(w)) />
        </div>
    }
}

/// The questions of a group.
#[component]
fn Inner(b: Builder, group: String, adding: RwSignal<Option<Row>>) -> impl IntoView {
    let row = Row::Group(group);
    let here = row.clone();
    let list = b.read(move |f| {
        let all = edit::row(f, &here).iter();
        all.map(|q| (here.which(q.key.clone()), label(q), q.ask.words(), q.ask.name()))
            .collect::<Vec<_>>()
    });
    view! {
        <section class="panel" aria-labelledby="inner-title">
            <div class="panel-head">
                <Icon name=IconName::List />
                <h2 id="inner-title" class="h3">"1つごとにたずねること"</h2>
            </div>
            <ul class="inner-list" id="b-ask" tabindex="-1">
                <For each=move || list.get() key=Clone::clone let:item>
                    {
                        let (which, label, words, kind) = item;
                        let to = which.clone();
                        view! {
                            <li>
                                <button type="button" class="inner-item" on:click=move |_| b.choose(Target::Question(to.clone()))>
                                    <Icon name=icon(kind) />
                                    <span class="grow">{label.clone()}</span>
                                    <span class="sub dense">{words}</span>
                                    <Icon name=IconName::ChevronRight size=18 />
                                </button>
                            </li>
                        }
                    }
                </For>
            </ul>
            {move || list.with(Vec::is_empty).then(|| view! { <p class="sub">"まだ質問がありません。"</p> })}
            <Button icon=IconName::Plus on_click=move |_| adding.set(Some(row.clone()))>"この中に質問を足す"</Button>
        </section>
    }
}
