//! What is edited beside the questions: title, pages, states of answers.

use super::branch::StopWords;
use super::condition::ConditionEdit;
use super::state::Builder;
use domain::form::edit::{self, Known, Row, STATUSES, Target};
use domain::form::kept::NAME_MAX;
use domain::form::{Condition, Form, Status as Stage};
use leptos::prelude::*;
use ui::prelude::*;

/// Title and what stands above the first question.
#[component]
pub fn HeadPanel(b: Builder) -> impl IntoView {
    view! {
        <section class="panel edit-panel" aria-labelledby="edited">
            <div class="panel-head"><h2 id="edited" tabindex="-1">"題名とはじめの説明"</h2></div>
            <div class="fields">
                <TextField id="b-title" name="b-title" label="題名" hint="住民が読む名前です" maxlength=100 autocomplete="off" value=b.read(|f| f.title.clone()) error=b.error_at(Target::Head, "/title") on_input=move |text| b.set_title(text) />
                <TextField id="b-name" name="b-name" label="職員が見る名前" hint="一覧と答えの画面に出ます。題名と同じでかまいません" maxlength=NAME_MAX as u32 autocomplete="off" value=b.name on_input=move |text| b.set_name(text) />
                <TextArea id="b-intro" name="b-intro" label="はじめの説明（なくてもよい）" hint="最初の質問の上に出ます。かかる時間や、手元に要るものを書くと、途中でやめる人がへります" rows=5 value=b.read(|f| f.intro.clone()) on_input=move |text: String| b.write("intro", |f| f.intro = text) />
            </div>
        </section>
    }
}

/// A page: title, order, 「ここで終わり」.
#[component]
pub fn PagePanel(b: Builder, page: usize, adding: RwSignal<Option<Row>>) -> impl IntoView {
    let here = move |f: &Form| f.pages.get(page).cloned().unwrap_or_default();
    let pages = b.read(|f| f.pages.len());
    let stops = b.read(move |f| here(f).stops.len());
    let move_page = move |up: bool| {
        let mut to = None;
        b.change(|form, _| to = edit::shift_page(form, page, up));
        if let Some(to) = to {
            b.choose(Target::Page(to));
        }
    };
    let remove = move |_| {
        let mut gone = false;
        b.change(|form, _| gone = edit::remove_page(form, page));
        if gone {
            b.choose(Target::Page(page.saturating_sub(1)));
        }
    };
    let add_stop = move |_| {
        b.change(|form, _| {
            if let Some(stop) = edit::stop(form, page) {
                form.pages[page].stops.push(stop);
            }
        });
        focus_soon("stops".into());
    };
    let error = b.error_at(Target::Page(page), "");
    view! {
        <section class="panel edit-panel" aria-labelledby="edited">
            <div class="panel-head edit-head">
                <h2 id="edited" tabindex="-1">{format!("{}ページ目", page + 1)}</h2>
                <div class="panel-acts">
                    <IconButton icon=IconName::ChevronUp label="このページを前へ" on_click=move |_| move_page(true) />
                    <IconButton icon=IconName::ChevronDown label="このページを後ろへ" on_click=move |_| move_page(false) />
                    {move || (pages.get() > 1).then(|| view! { <IconButton icon=IconName::Trash label="このページをなくす（質問はとなりのページへ移す）" on_click=remove /> })}
                </div>
            </div>
            <div class="fields">
                <TextField id="b-page-title" name="b-page-title" label="ページの題名（なくてもよい）" maxlength=200 autocomplete="off" value=b.read(move |f| here(f).title) on_input=move |text: String| b.write(&format!("page/{page}"), |f| if let Some(p) = f.pages.get_mut(page) { p.title = text }) />
                <FieldError id="b-page-error" text=error />
                <Button icon=IconName::Plus on_click=move |_| adding.set(Some(Row::Page(page)))>"このページに質問を足す"</Button>
            </div>
        </section>
        <section class="panel" aria-labelledby="stops">
            <div class="panel-head">
                <Icon name=IconName::Stop />
                <h2 id="stops" class="h3" tabindex="-1">"ここで終わり"</h2>
            </div>
            <p class="sub dense">"このページまでの答えで、続きをたずねずに終わるときを決めます。上から順に見て、最初に当てはまったところで終わります。"</p>
            <div id="b-stops" tabindex="-1">
                {move || (0..stops.get()).map(|i| view! { <StopEdit b page i /> }).collect_view()}
            </div>
            <Button kind=Kind::Plain size=Size::Small icon=IconName::Plus on_click=add_stop>"終わるときを足す"</Button>
        </section>
    }
}

#[component]
fn StopEdit(b: Builder, page: usize, i: usize) -> impl IntoView {
    let value =
        b.read(move |f| f.pages.get(page).and_then(|p| p.stops.get(i)).map(|s| s.when.clone()));
    let put = Callback::new(move |condition: Option<Condition>| match condition {
        Some(when) => b.write(&format!("stop/{page}/{i}"), |f| {
            if let Some(stop) = f.pages.get_mut(page).and_then(|p| p.stops.get_mut(i)) {
                stop.when = when;
            }
        }),
        None => b.change(|f, _| {
            if let Some(p) = f.pages.get_mut(page).filter(|p| i < p.stops.len()) {
                p.stops.remove(i);
            }
        }),
    });
    view! {
        <div class="check-edit">
            <ConditionEdit b id=format!("b-stops-{i}-when") row=Row::Page(page) index=None value put end="のとき、ここで終わりにする。" />
            <StopWords b page i />
        </div>
    }
}

/// 「職員だけの欄」: the states of an answer, and the questions that staff alone answer.
#[component]
pub fn StatusesPanel(b: Builder, adding: RwSignal<Option<Row>>) -> impl IntoView {
    let keys = b.read(|f| f.statuses.iter().map(|s| s.key.clone()).collect::<Vec<_>>());
    let usual = move |_| {
        b.change(|form, _| {
            form.statuses = STATUSES
                .iter()
                .map(|(key, label, resident, done)| Stage {
                    key: (*key).into(),
                    label: (*label).into(),
                    resident: (*resident).into(),
                    done: *done,
                })
                .collect();
        });
    };
    let more = move |_| {
        b.change(|form, known: &mut Known| {
            form.statuses.push(Stage { key: known.status_key(), ..Stage::default() });
        });
    };
    view! {
        <section class="panel edit-panel" aria-labelledby="edited">
            <div class="panel-head"><h2 id="edited" tabindex="-1">"職員だけの欄"</h2></div>
            <p class="sub">"答え1件ごとの進みぐあいと、職員が書きこむ欄です。住民には、決めたことばだけが「わたしの申請」に出ます。"</p>
            <fieldset class="fieldset">
                <legend class="field-label">"状態"</legend>
                {move || {
                    let all = keys.get();
                    let count = all.len();
                    if count == 0 {
                        return view! { <p class="sub">"状態はありません。アンケートなど、答えを集めるだけのものには要りません。"</p> <Button icon=IconName::Plus on_click=usual>"「受付済み・対応中・完了」を使う"</Button> }.into_any();
                    }
                    view! {
                        <ol class="statuses">{all.into_iter().enumerate().map(|(i, _)| view! { <StageEdit b i count /> }).collect_view()}</ol>
                        <Button kind=Kind::Plain size=Size::Small icon=IconName::Plus on_click=more>"状態を足す"</Button>
                    }
                        .into_any()
                }}
            </fieldset>
            <div class="split">
                <h3>"職員が書きこむ欄"</h3>
            </div>
            <StaffList b />
            <Button icon=IconName::Plus on_click=move |_| adding.set(Some(Row::Staff))>"職員の欄を足す"</Button>
        </section>
    }
}

#[component]
fn StaffList(b: Builder) -> impl IntoView {
    let list = b.read(|f| {
        let all = f.staff.iter();
        all.map(|q| (Row::Staff.which(q.key.clone()), super::state::label(q), q.ask.words()))
            .collect::<Vec<_>>()
    });
    view! {
        <ul class="inner-list">
            <For each=move || list.get() key=Clone::clone let:item>
                {
                    let (which, label, words) = item;
                    view! {
                        <li>
                            <button type="button" class="inner-item" on:click=move |_| b.choose(Target::Question(which.clone()))>
                                <Icon name=IconName::Pencil />
                                <span class="grow">{label.clone()}</span>
                                <span class="sub dense">{words}</span>
                                <Icon name=IconName::ChevronRight size=18 />
                            </button>
                        </li>
                    }
                }
            </For>
        </ul>
    }
}

#[component]
fn StageEdit(b: Builder, i: usize, count: usize) -> impl IntoView {
    let of = move |get: fn(&Stage) -> String| {
        b.read(move |f| f.statuses.get(i).map(get).unwrap_or_default())
    };
    let write = move |what: &str, set: &dyn Fn(&mut Stage)| {
        b.write(&format!("status/{i}/{what}"), |f| {
            if let Some(stage) = f.statuses.get_mut(i) {
                set(stage);
            }
        });
    };
    let done = b.read(move |f| f.statuses.get(i).is_some_and(|s| s.done));
    let step = move |up: bool| {
        let to = if up { i.checked_sub(1) } else { Some(i + 1).filter(|to| *to < count) };
        if let Some(to) = to {
            b.change(|f, _| f.statuses.swap(i, to));
        }
    };
    let remove = move |_| {
        b.change(|f, _| {
            if i < f.statuses.len() {
                f.statuses.remove(i);
            }
        });
    };
    let n = things(i + 1);
    view! {
        <li>
            <div class="edit-row">
                <TextField id=format!("b-statuses-{i}-label") name=format!("b-status-{i}") label=format!("{n}目の状態（職員が見る）") class="field-mid" maxlength=40 autocomplete="off" value=of(|s| s.label.clone()) on_input=move |t: String| write("label", &|s| s.label.clone_from(&t)) />
                <TextField id=format!("b-statuses-{i}-resident") name=format!("b-status-words-{i}") label="申請者が読むことば（空なら出さない）" class="field-mid" maxlength=200 autocomplete="off" value=of(|s| s.resident.clone()) on_input=move |t: String| write("resident", &|s| s.resident.clone_from(&t)) />
            </div>
            <div class="cluster">
                <Checkbox name=format!("b-status-done-{i}") checked=done on_change=move |on| write("", &|s| s.done = on)>"これで終わり（保存する期間を数えはじめる）"</Checkbox>
                <IconButton icon=IconName::ChevronUp label=format!("{n}目の状態を上へ") on_click=move |_| step(true) />
                <IconButton icon=IconName::ChevronDown label=format!("{n}目の状態を下へ") on_click=move |_| step(false) />
                <IconButton icon=IconName::Cross label=format!("{n}目の状態を消す") on_click=remove />
            </div>
        </li>
    }
}
