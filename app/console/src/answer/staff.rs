//! What only staff see of an answer: its state, their fields, a note. State and fields are saved
//! when they change, with a way back.

use super::desk::Desk;
use super::shape;
use crate::form::controls;
use domain::form::edit::{Row, fits};
use domain::form::inbox::Full;
use domain::form::{Ask, Asked, Form, Question, evaluate};
use domain::problem::Problem;
use domain::time::{Date, thousands};
use leptos::prelude::*;
use ui::form::{Sheet, field, field_id};
use ui::prelude::*;

/// The side of an answer.
#[component]
pub fn StaffSide(
    /// The answer.
    full: Full,
    /// What is saved of it.
    desk: Desk,
    /// The day on which it was opened.
    today: Date,
) -> impl IntoView {
    let may = full.may_write && full.withdrawn_at.is_none();
    let statuses = full.statuses;
    let resident = full.resident;
    let questions = full.staff_questions;
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
                                    let checked = Signal::derive(move || desk.status.with(|c| *c == own));
                                    let status = shape(&statuses, &s.key);
                                    let label = s.label.clone();
                                    let note = match s.resident.as_str() {
                                        "" => "申請者には出ません".to_owned(),
                                        words => format!("申請者が読むことば：{words}"),
                                    };
                                    view! {
                                        <RadioCard name="status" value=key checked on_change=move |v| desk.choose(v)>
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
                            <TextArea name="note" label="職員のメモ" hint="経過に残ります。申請者には見えません" rows=3 value=desk.note error=desk.note_error on_input=move |t| desk.note.set(t) />
                            <Button busy=desk.noting wide=true on_click=move |_| desk.keep_note()>"メモを残す"</Button>
                        }
                    })}
            </section>
            {(!questions.is_empty()).then(|| view! { <StaffFields desk questions may today /> })}
            <section class="panel" aria-labelledby="who-title">
                <div class="panel-head"><h2 id="who-title">"答えた人"</h2></div>
                {match resident {
                    Some(resident) => view! { <p><a href=format!("/console/residents/{resident}")>{format!("住民 {}", thousands(resident.0))}</a></p> }.into_any(),
                    None => view! { <p class="sub dense">"LINEの外で答えたため、だれかは分かりません。"</p> }.into_any(),
                }}
            </section>
        </div>
    }
}

/// The fields that staff fill in: those that are asked, with what is worked out of them. They
/// are saved when all that stands in them can be.
#[component]
fn StaffFields(desk: Desk, questions: Vec<Question>, may: bool, today: Date) -> impl IntoView {
    let form = Form { staff: questions.clone(), ..Form::default() }.for_staff();
    let outcome =
        Memo::new(move |_| desk.given.with(|given| evaluate(&form, given, Asked { today })));
    // Why nothing is saved yet.
    let wrong = RwSignal::new(Vec::<Problem>::new());
    let take = move |_| {
        let typed = controls::read("#staff-fields");
        desk.given.update(|all| {
            for (name, words) in typed {
                if words.iter().all(|w| w.trim().is_empty()) {
                    all.remove(&name);
                } else {
                    all.insert(name, words);
                }
            }
        });
        let problems = outcome.with_untracked(|o| o.problems.clone());
        if problems.is_empty() {
            desk.keep_fields();
        }
        wrong.set(problems);
    };
    // Each is drawn once, hidden while it is not asked: what is typed elsewhere keeps its focus.
    let fields = move |_| {
        let sheet = Sheet { answers: desk.given.get_untracked(), ..Sheet::default() };
        let one = |question: &Question| {
            let key = question.key.clone();
            let hidden =
                move || outcome.with(|o| !o.pages.iter().flatten().any(|name| *name == key));
            let control = if matches!(question.ask, Ask::Calculation { .. }) {
                let own = question.clone();
                let worked_out = move || {
                    let values = outcome.with(|o| o.answers.clone());
                    field(&Sheet { values, ..Sheet::default() }, &own, &own.key)
                };
                view! { {worked_out} }.into_any()
            } else {
                field(&sheet, question, &question.key)
            };
            view! { <div hidden=hidden>{control}</div> }
        };
        // A form of before may ask for what cannot be given here; what stands in it is kept.
        let asked = questions.iter().filter(|q| fits(&Row::Staff, q.ask.name()));
        asked.map(one).collect_view()
    };
    view! {
        <section class="panel" aria-labelledby="staff-title">
            <div class="panel-head"><Icon name=IconName::Lock /><h2 id="staff-title">"職員が書きこむ欄"</h2></div>
            <fieldset class="fieldset" id="staff-fields" disabled=!may on:change=take>
                <legend class="visually-hidden">"職員が書きこむ欄"</legend>
                // Made anew, as an attribute says nothing to a control in which somebody typed.
                <div class="fields staff-fields"><For each=move || [desk.drawn.get()] key=|n| *n children=fields /></div>
            </fieldset>
            <div role="status">
                {move || {
                    let problems = wrong.get();
                    (!problems.is_empty())
                        .then(|| {
                            view! {
                                <p class="warn dense">"まだ保存していません。次を直すと、保存されます。"</p>
                                <ul class="dense">
                                    {problems
                                        .into_iter()
                                        .map(|p| view! { <li><a href=format!("#{}", field_id(&p.at)) rel="external">{p.message}</a></li> })
                                        .collect_view()}
                                </ul>
                            }
                        })
                }}
            </div>
            {may.then(|| view! { <p class="sub dense">"書いた欄を離れると、保存されます。"</p> })}
        </section>
    }
}
