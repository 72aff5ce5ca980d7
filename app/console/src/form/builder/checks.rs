//! 「答えの確かめ方」: what must hold of an answer, and what is said where it does not.

use super::condition::ConditionEdit;
use super::state::Builder;
use domain::form::edit::{Operator, Row, Which, operators};
use domain::form::{Check, Condition};
use leptos::prelude::*;
use ui::prelude::*;

/// The checks of a question.
#[component]
pub fn Checks(b: Builder, which: Which, row: Row, index: usize) -> impl IntoView {
    let count = b.of(&which, |q| q.checks.len(), 0);
    let here = StoredValue::new(which);
    let row = StoredValue::new(row);
    let add = move |_| {
        let which = here.get_value();
        let Some(question) = b.question(&which) else { return };
        // Of an answer itself that it is there says nothing: the other ways first.
        let way = operators(&question)
            .into_iter()
            .find(|o| !matches!(o, Operator::Answered | Operator::Unanswered))
            .unwrap_or(Operator::Answered);
        let holds = way.part(&which.key, &question);
        b.change_question(&which, |q, _| {
            q.checks.push(Check { holds, message: String::new() });
        });
        focus_soon("checks".into());
    };
    view! {
        <section class="panel" aria-labelledby="checks">
            <div class="panel-head">
                <Icon name=IconName::Check />
                <h2 id="checks" class="h3" tabindex="-1">"答えの確かめ方"</h2>
            </div>
            <p class="sub dense">"成り立たない答えは、そのことばで直してもらいます。書きまちがい（電話番号の形など）は、決めなくても確かめます。"</p>
            {move || (0..count.get()).map(|i| view! { <One b which=here.get_value() row=row.get_value() index i /> }).collect_view()}
            <Button kind=Kind::Plain size=Size::Small icon=IconName::Plus on_click=add>"確かめることを足す"</Button>
        </section>
    }
}

#[component]
fn One(b: Builder, which: Which, row: Row, index: usize, i: usize) -> impl IntoView {
    let value = b.of(&which, move |q| q.checks.get(i).map(|c| c.holds.clone()), None);
    let message = b.of(
        &which,
        move |q| q.checks.get(i).map(|c| c.message.clone()).unwrap_or_default(),
        String::new(),
    );
    let here = StoredValue::new(which);
    let put = Callback::new(move |condition: Option<Condition>| {
        let which = here.get_value();
        match condition {
            Some(holds) => b.write_question(&format!("check/{i}"), &which, |q| {
                if let Some(check) = q.checks.get_mut(i) {
                    check.holds = holds;
                }
            }),
            None => b.change_question(&which, |q, _| {
                if i < q.checks.len() {
                    q.checks.remove(i);
                }
            }),
        }
    });
    let set = move |text: String| {
        here.with_value(|w| {
            b.write_question(&format!("check/{i}/message"), w, |q| {
                if let Some(check) = q.checks.get_mut(i) {
                    check.message = text;
                }
            });
        });
    };
    let error = Signal::derive(move || {
        b.findings.with(|all| {
            let end = format!("/checks/{i}/message");
            b.form.with_untracked(|form| {
                let found = all.iter().find(|f| {
                    let (target, rest) = domain::form::edit::target(form, &f.at);
                    rest == end
                        && here.with_value(|w| {
                            target == domain::form::edit::Target::Question(w.clone())
                        })
                });
                found.map(|f| f.message.clone())
            })
        })
    });
    let id = format!("b-checks-{i}-message");
    view! {
        <div class="check-edit">
            <ConditionEdit b id=format!("b-checks-{i}-holds") row index=Some(index + 1) value put end="のとき、正しい答えです。" />
            <TextField id=id.clone() name=id label="成り立たないときのことば" hint="何がちがうか、どう直すか" maxlength=200 autocomplete="off" value=message error on_input=set />
        </div>
    }
}
