//! What only staff see of an answer: its state, their fields, a note.

use super::api::{set_answer_staff, set_answer_status};
use super::shape;
use crate::form::controls;
use domain::form::Ask;
use domain::form::inbox::Full;
use leptos::prelude::*;
use leptos::task::spawn_local;
use ui::form::{Sheet, field};
use ui::prelude::*;

/// The side of an answer.
#[component]
pub fn StaffSide(full: Full, again: RwSignal<u32>) -> impl IntoView {
    let id = full.id;
    let edition = StoredValue::new(full.edition);
    let busy = RwSignal::new(false);
    let chosen = RwSignal::new(full.status.clone());
    let before = full.status.clone();
    let note = RwSignal::new(String::new());
    let trouble = RwSignal::new(None::<String>);
    let toasts = use_toasts();
    let save = move |_| {
        let (status, words) = (chosen.get_untracked(), note.get_untracked());
        busy.set(true);
        trouble.set(None);
        spawn_local(async move {
            let answer = set_answer_status(id, edition.get_value(), status.clone(), words).await;
            if busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(new) => {
                    edition.set_value(new);
                    toasts.ok("保存しました");
                    again.update(|n| *n += 1);
                }
                Err(error) => trouble.set(Some(format!(
                    "保存できませんでした。{}{}",
                    error.message(),
                    error.next()
                ))),
            }
        });
    };
    let changed =
        Memo::new(move |_| chosen.with(|c| *c != before) || note.with(|n| !n.trim().is_empty()));
    let may = full.may_write;
    let statuses = full.statuses.clone();
    let resident = full.resident;
    view! {
        <div class="stack">
            <section class="panel" aria-labelledby="state-title">
                <div class="panel-head"><Icon name=IconName::Lock /><h2 id="state-title">"状態"</h2></div>
                {if statuses.is_empty() {
                    view! { <p class="sub dense">"このフォームに、状態はありません。「職員だけの欄」で決めると、進みぐあいを残せます。"</p> }.into_any()
                } else {
                    view! {
                        <fieldset class="fieldset states" disabled=!may>
                            <legend class="visually-hidden">"状態を選ぶ"</legend>
                            {statuses
                                .iter()
                                .map(|s| {
                                    let (key, own) = (s.key.clone(), s.key.clone());
                                    let checked = Signal::derive(move || chosen.with(|c| *c == own));
                                    let status = shape(&statuses, &s.key);
                                    let label = s.label.clone();
                                    let note = match s.resident.as_str() {
                                        "" => "申請者には出ません".to_owned(),
                                        words => format!("申請者が読むことば：{words}"),
                                    };
                                    view! {
                                        <RadioCard name="status" value=key checked on_change=move |v| chosen.set(v)>
                                            <StatusMark status word=label />
                                            <span class="card-note">{note}</span>
                                        </RadioCard>
                                    }
                                })
                                .collect_view()}
                        </fieldset>
                    }
                        .into_any()
                }}
                {may
                    .then(|| {
                        view! {
                            <TextArea name="note" label="職員のメモ" hint="経過に残ります。申請者には見えません" rows=3 value=note on_input=move |t| note.set(t) />
                            {move || trouble.get().map(|words| view! { <div role="alert"><p class="field-error"><Icon name=IconName::Warning size=18 /><span>{words}</span></p></div> })}
                            <Button kind=Kind::Filled busy wide=true on_click=save>{move || if changed.get() { "状態とメモを保存する" } else { "保存してあります" }}</Button>
                        }
                    })}
            </section>
            {(!full.staff_questions.is_empty()).then(|| view! { <StaffFields full=full.clone() edition /> })}
            <section class="panel" aria-labelledby="who-title">
                <div class="panel-head"><h2 id="who-title">"答えた人"</h2></div>
                {match resident {
                    Some(resident) => view! { <p><a href=format!("/console/residents/{resident}")>{format!("住民 {resident}")}</a></p> }.into_any(),
                    None => view! { <p class="sub dense">"LINEの外で答えたため、だれかは分かりません。"</p> }.into_any(),
                }}
            </section>
        </div>
    }
}

/// The fields that staff fill in.
#[component]
fn StaffFields(full: Full, edition: StoredValue<i64>) -> impl IntoView {
    let id = full.id;
    let may = full.may_write;
    let busy = RwSignal::new(false);
    let wrong = RwSignal::new(Vec::<SummaryItem>::new());
    let toasts = use_toasts();
    let save = move |_| {
        let given = controls::read("#staff-fields");
        busy.set(true);
        wrong.set(Vec::new());
        spawn_local(async move {
            let answer = set_answer_staff(id, edition.get_value(), given).await;
            if busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(new) => {
                    edition.set_value(new);
                    toasts.ok("職員の欄を保存しました");
                }
                Err(AppError::Invalid { fields }) => wrong.set(
                    fields
                        .into_iter()
                        .map(|p| SummaryItem {
                            id: format!("q-{}", p.at.trim_start_matches('/')),
                            text: p.message,
                        })
                        .collect(),
                ),
                Err(error) => {
                    toasts.err(format!("保存できませんでした。{}{}", error.message(), error.next()))
                }
            }
        });
    };
    let sheet = Sheet { answers: full.staff.clone(), ..Sheet::default() };
    let questions = full.staff_questions.clone();
    view! {
        <section class="panel" aria-labelledby="staff-title">
            <div class="panel-head"><Icon name=IconName::Lock /><h2 id="staff-title">"職員が書きこむ欄"</h2></div>
            <ErrorSummary errors=wrong />
            <div id="staff-fields" class="fields staff-fields">
                {questions
                    .into_iter()
                    .filter(|q| !matches!(q.ask, Ask::Calculation { .. }))
                    .map(|q| field(&sheet, &q, &q.key))
                    .collect_view()}
            </div>
            {may.then(|| view! { <Button busy wide=true on_click=save>"職員の欄を保存する"</Button> })}
        </section>
    }
}
