//! The editor of an attribute.

use super::PATH;
use super::api::{Detail, save_attribute};
use super::areas::Areas;
use super::choices::Choices;
use super::draft::Draft;
use super::loss::loss;
use super::preview::Preview;
use super::remove::Remove;
use crate::unsaved::Unsaved;
use domain::attribute::edit::key_for_attribute;
use domain::attribute::{Attribute, Kind as Answer};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use ui::prelude::*;

/// The whole page; `saved` counts up after each save, so that it is read anew.
#[component]
pub(crate) fn Editor(detail: Detail, saved: RwSignal<u32>) -> impl IntoView {
    let (toasts, offers) = (use_toasts(), use_offers());
    let Detail { attribute, uses, keys, city, today, .. } = detail;
    let draft = Draft::new(attribute.clone());
    let uses = StoredValue::new(uses);
    let keys = StoredValue::new(keys);
    let errors = RwSignal::new(Vec::<SummaryItem>::new());
    let asking = RwSignal::new(false);
    let error_of = move |id: &'static str| {
        Signal::derive(move || {
            errors.with(|e| e.iter().find(|e| e.id == id).map(|e| e.text.clone()))
        })
    };
    let navigate = use_navigate();
    let save = Action::new(move |(seen, attribute): &(Option<Attribute>, Attribute)| {
        save_attribute(seen.clone(), attribute.clone())
    });
    // What was saved is so until the page has read it again.
    let dirty = Signal::derive(move || !matches!(save.value().get(), Some(Ok(_))) && draft.dirty());
    let send = move || {
        asking.set(false);
        save.dispatch((draft.seen.get_value(), untrack(move || draft.attribute())));
    };
    let press = Callback::new(move |()| {
        draft.settled.set(draft.text.get_untracked());
        let problems = untrack(move || draft.problems());
        errors.set(draft.summary(&problems));
        if !problems.is_empty() {
            return;
        }
        let gone = draft.changes.with_untracked(|c| c.gone.clone());
        if uses.with_value(|u| loss(u, &gone)).is_some() { asking.set(true) } else { send() }
    });
    Effect::new(move |_| match save.value().get() {
        Some(Ok(_)) => {
            let label = draft.label.get_untracked();
            if draft.is_new() {
                toasts.ok(format!("「{label}」を作りました。住民の画面に出ています"));
                navigate(PATH, leptos_router::NavigateOptions::default());
            } else {
                toasts.ok(format!("「{label}」を保存しました。住民の画面に出ています"));
                saved.update(|n| *n += 1);
            }
        }
        Some(Err(AppError::Invalid { fields })) => errors.set(draft.summary(&fields)),
        Some(Err(AppError::Conflict { message })) => {
            toasts.err(format!("保存できませんでした。{message}"))
        }
        Some(Err(error)) => {
            offers.withdraw();
            offers.err(
                format!("保存できませんでした。{}", error.message()),
                "もう一度",
                move || press.run(()),
            );
        }
        None => {}
    });
    // Once everything is mended, what was wrong goes away by itself.
    Effect::new(move |_| {
        if errors.with(|e| !e.is_empty()) && draft.problems().is_empty() {
            errors.set(Vec::new());
        }
    });
    let lost = Memo::new(move |_| {
        draft.changes.with(|c| uses.with_value(|u| loss(u, &c.gone))).unwrap_or_default()
    });
    let gone = Memo::new(move |_| draft.changes.with(|c| c.gone.len()));
    let id = attribute.as_ref().map(|a| a.id);
    let title = attribute.as_ref().map_or_else(|| "新しい登録項目".to_owned(), |a| a.label.clone());
    let name = title.clone();
    let acts = ViewFn::from(move || {
        view! {
            {id.map(|id| view! { <Remove id label=name.clone() uses /> })}
            <Button kind=Kind::Filled busy=save.pending() on_click=move |_| press.run(())>
                {if id.is_some() { "変更を保存する" } else { "この項目を作る" }}
            </Button>
        }
    });
    let sentence = uses.with_value(|u| {
        id.map(|_| {
            let used = if u.by.is_empty() {
                String::new()
            } else {
                format!(
                    "{}のところ（配信対象、配信、メニューなど）で使っています。",
                    things(u.by.len())
                )
            };
            format!("{}人が答えています。{used}", thousands(u.residents))
        })
    });
    view! {
        <Page title crumbs=vec![(PATH.into(), "登録項目".into())] sentence=sentence.unwrap_or_else(|| "作ると、住民の登録画面のいちばん下に加わります。".into()) acts>
            <ErrorSummary errors />
            <div class="cols-main-side">
                <div class="stack">
                    <Panel title="質問">
                        <div class="fields">
                            <Words draft keys error_of=Callback::new(error_of) />
                        </div>
                    </Panel>
                    <Panel title=Signal::derive(move || {
                        match draft.kind.get() {
                            Answer::Area => "地域",
                            Answer::Single | Answer::Multiple => "選択肢",
                            Answer::Year | Answer::Date | Answer::Text => "答えの形",
                        }
                            .to_owned()
                    })>
                        {move || match draft.kind.get() {
                            kind @ (Answer::Year | Answer::Date | Answer::Text) => view! { <p>{shape(kind)}</p> }.into_any(),
                            Answer::Area => view! { <Areas draft uses /> }.into_any(),
                            Answer::Single | Answer::Multiple => {
                                view! {
                                    <Choices draft uses errors />
                                    <FieldError id="choices-error" text=error_of("choices") />
                                }
                                    .into_any()
                            }
                        }}
                    </Panel>
                    <Panel title="たずね方"><Switches draft /></Panel>
                    {id.map(|_| view! { <Keys draft /> })}
                    <div class="split save-line">
                        <p class="sub dense" role="status">
                            {move || if dirty.get() { "保存していない変更があります" } else { "すべて保存してあります" }}
                        </p>
                        <Button kind=Kind::Filled busy=save.pending() on_click=move |_| press.run(())>
                            {if id.is_some() { "変更を保存する" } else { "この項目を作る" }}
                        </Button>
                    </div>
                </div>
                <aside class="attribute-side" aria-label="住民の画面"><Preview draft city today /></aside>
            </div>
            <ConfirmDialog
                id="loss"
                title="選択肢を消して保存する"
                open=asking
                danger=true
                confirm=Signal::derive(move || format!("{}消して保存する", things(gone.get())))
                busy=save.pending()
                on_confirm=Callback::new(move |()| send())
            >
                {move || lost.get().into_iter().map(|words| view! { <p>{words}</p> }).collect_view()}
            </ConfirmDialog>
            <Unsaved dirty />
        </Page>
    }
}

/// What residents do, where there are no choices to write.
fn shape(kind: Answer) -> &'static str {
    match kind {
        Answer::Year => {
            "住民は、年を「1985年（昭和60年）」のような一覧から選びます。配信対象では、年や年齢でしぼれます。"
        }
        Answer::Date => {
            "住民は、年・月・日をそれぞれ一覧から選びます。配信対象では、期間や、その日での年齢でしぼれます。"
        }
        _ => {
            "住民は、200文字までの1行で書きます。配信対象では、その文字を含むかどうかでしぼれます。全角と半角、大文字と小文字のちがいは気にしません。"
        }
    }
}

/// What is not a choice tells much of one person: it begins as personal.
fn choose(draft: Draft, kind: Answer) {
    draft.kind.set(kind);
    if !kind.has_choices() {
        draft.personal.set(true);
    }
}

/// What is asked, and how it is answered.
#[component]
fn Words(
    draft: Draft,
    keys: StoredValue<Vec<String>>,
    error_of: Callback<&'static str, Signal<Option<String>>>,
) -> impl IntoView {
    let new = draft.is_new();
    // The key follows the question until somebody writes one.
    let own_key = RwSignal::new(false);
    let on_label = Callback::new(move |label: String| {
        if new && !own_key.get_untracked() {
            draft.key.set(if label.trim().is_empty() {
                String::new()
            } else {
                keys.with_value(|keys| key_for_attribute(&label, |k| keys.iter().any(|o| o == k)))
            });
        }
        draft.label.set(label);
    });
    let kinds = [
        (Answer::Single, "年代など、答えが1つのもの"),
        (Answer::Multiple, "受け取りたい情報など"),
        (Answer::Area, "区から町丁へ、順にしぼって選ぶ"),
        (Answer::Year, "西暦と和暦から選ぶ。年齢でしぼれる"),
        (Answer::Date, "お子さんの誕生日、予定日など"),
        (Answer::Text, "自治会の名前など、1行で"),
    ];
    view! {
        <TextField name="label" label="質問の文" hint="住民が読むことばです。" required=true maxlength=100 value=draft.label error=error_of.run("label") on_input=on_label />
        <TextField
            name="hint"
            label="説明"
            hint="質問の下に小さく出ます。なくてもかまいません。"
            maxlength=200
            value=draft.hint
            error=error_of.run("hint")
            on_input=Callback::new(move |text| draft.hint.set(text))
        />
        {if new {
            view! {
                <Fieldset id="kind" legend="答え方" hint="作ったあとは変えられません。">
                    <div class="cards cards-row">
                        {kinds
                            .map(|(kind, note)| {
                                view! {
                                    <RadioCard
                                        name="kind"
                                        value=kind.name()
                                        title=kind.label()
                                        note
                                        checked=Signal::derive(move || draft.kind.get() == kind)
                                        on_change=Callback::new(move |_| choose(draft, kind))
                                    />
                                }
                            })
                            .collect_view()}
                    </div>
                </Fieldset>
                <TextField
                    name="key"
                    label="ほかのシステムで使う名前"
                    hint="半角の小文字・数字・「_」。質問の文から自動で作ります。作ったあとは変えられません。"
                    class="field-mid"
                    required=true
                    maxlength=64
                    autocomplete="off"
                    value=draft.key
                    error=error_of.run("key")
                    on_input=Callback::new(move |key: String| {
                        if key != draft.key.get_untracked() {
                            own_key.set(!key.trim().is_empty());
                            draft.key.set(key);
                        }
                    })
                />
            }
                .into_any()
        } else {
            view! {
                <dl class="facts">
                    <div>
                        <dt>"答え方"</dt>
                        <dd>{draft.kind.get_untracked().label()} <span class="sub dense">"（作ったあとは変えられません）"</span></dd>
                    </div>
                </dl>
            }
                .into_any()
        }}
    }
}

/// Required, personal, hidden: each with what it means.
#[component]
fn Switches(draft: Draft) -> impl IntoView {
    view! {
        <div class="cards">
            <CheckCard
                name="required"
                value="on"
                title="必ず答えてもらう"
                note="答えないと登録が終わりません。少ないほど、登録する人が増えます。"
                checked=draft.required
                on_change=Callback::new(move |on| draft.required.set(on))
            />
            <CheckCard
                name="personal"
                value="on"
                icon=IconName::Lock
                title="個人に関わる"
                note="登録の画面だけでたずね、トークには出しません。病気や家族のことなど、LINEのトークに残したくないものに付けます。"
                checked=draft.personal
                on_change=Callback::new(move |on| draft.personal.set(on))
            />
            <CheckCard
                name="hidden"
                value="on"
                icon=IconName::EyeOff
                title="住民に見せない"
                note="たずねるのをやめます。すでにある答えは残り、配信対象でも使えます。"
                checked=draft.hidden
                on_change=Callback::new(move |on| draft.hidden.set(on))
            />
        </div>
    }
}

/// The names by which other systems of the city know question and choices.
#[component]
fn Keys(draft: Draft) -> impl IntoView {
    // The question's own name does not change any more.
    let own = draft
        .seen
        .with_value(|s| s.as_ref().map(|a| vec![format!("{}（質問）", a.label), a.key.clone()]));
    let rows = move || {
        let choices = draft.choices.get().into_iter().map(|c| vec![c.label, c.key]);
        own.clone().into_iter().chain(choices).collect::<Vec<_>>()
    };
    view! {
        <details class="more panel">
            <summary>"ほかのシステムで使う名前"</summary>
            <p class="sub dense">"庁内のほかのシステムから取りこむときに使います。名前を書きかえても変わりません。"</p>
            <div class="table-scroll" role="region" aria-label="ほかのシステムで使う名前の表" tabindex="0">
                {move || view! { <DataTable head=vec!["ことば".into(), "名前".into()] rows=rows() /> }}
            </div>
        </details>
    }
}
