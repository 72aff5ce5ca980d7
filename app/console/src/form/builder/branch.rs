//! 「答えによる分かれ道」: what is asked, and what ends, by the answer to this question.

use super::condition::ConditionEdit;
use super::state::{Builder, label};
use domain::form::edit::{self, Branch, Leads, Row, Which, branches, first_condition};
use domain::form::{Condition, Form, Stop};
use leptos::prelude::*;
use ui::prelude::*;

/// The questions behind this one that are asked always: those to which a branch can lead.
fn open(form: &Form, which: &Which) -> Vec<(String, String)> {
    let Some((row, index)) = edit::place(form, which) else { return Vec::new() };
    let rows: Vec<(Row, usize)> = match row {
        Row::Page(page) => std::iter::once((Row::Page(page), index + 1))
            .chain((page + 1..form.pages.len()).map(|p| (Row::Page(p), 0)))
            .collect(),
        other => vec![(other, index + 1)],
    };
    let mut found = Vec::new();
    for (row, from) in rows {
        for question in edit::row(form, &row).iter().skip(from) {
            if question.show_if.is_none() {
                let to = row.which(question.key.clone());
                let number = edit::number(form, &to).unwrap_or(0);
                found.push((to.key.clone(), format!("{number} {} をきく", label(question))));
            }
        }
    }
    found
}

/// The key of an entry for 「ここで終わり」: no question has it.
const STOP: &str = "!stop";

fn leads(form: &Form, to: &Leads) -> String {
    match to {
        Leads::Asks(which) => {
            let number = edit::number(form, which).unwrap_or(0);
            let words = edit::question(form, which).map(label).unwrap_or_default();
            format!("のとき、「{number} {words}」をきく。")
        }
        Leads::Stops(page, _) => format!("のとき、{}ページ目で終わりにする。", page + 1),
    }
}

/// The branches of a question.
#[component]
pub fn Branches(b: Builder, which: Which) -> impl IntoView {
    let asked = which.clone();
    let list = b.read(move |form| {
        let found = branches(form, &asked).into_iter();
        found.map(|branch| (branch.leads.clone(), leads(form, &branch.leads))).collect::<Vec<_>>()
    });
    let can_stop = which.group.is_none() && !which.staff;
    let from = which.clone();
    let choices = b.read(move |form| {
        let mut options = vec![(String::new(), "分かれ道を足す".to_owned())];
        if can_stop {
            options.push((STOP.to_owned(), "ここで終わりにする".to_owned()));
        }
        options.extend(open(form, &from));
        options
    });
    let picked = RwSignal::new(String::new());
    let here = StoredValue::new(which);
    let add = move |to: String| {
        if to.is_empty() {
            return;
        }
        picked.set(to.clone());
        let which = here.get_value();
        let Some(question) = b.question(&which) else { return };
        let when = first_condition(&which.key, &question);
        b.change(|form, _| {
            if to == STOP {
                let page = edit::page_of(form, &which).unwrap_or(0);
                let message = "ここまでの答えでは、この手続きの対象になりません。".to_owned();
                if let Some(page) = form.pages.get_mut(page) {
                    page.stops.push(Stop { when, message, send: false });
                }
                return;
            }
            let row = match edit::place(form, &which) {
                Some((Row::Page(_), _)) | None => Row::Page(0),
                Some((other, _)) => other,
            };
            if let Some(question) = edit::question_mut(form, &row.which(to.clone())) {
                question.show_if = Some(when);
            }
        });
        focus_soon("branches".into());
    };
    view! {
        <section class="panel" aria-labelledby="branches">
            <div class="panel-head">
                <Icon name=IconName::Branch />
                <h2 id="branches" class="h3" tabindex="-1">"答えによる分かれ道"</h2>
            </div>
            {move || list.with(Vec::is_empty).then(|| view! { <p class="sub dense">"どの答えでも、次の質問へ進みます。"</p> })}
            <ul class="branches">
                <For each=move || list.get() key=Clone::clone let:item>
                    <li><One b which=here.get_value() leads=item.0 end=item.1 /></li>
                </For>
            </ul>
            <Select id="b-branch" name="b-branch" label="分かれ道を足す" class="label-hidden field-mid" options=choices value=picked on_change=add />
        </section>
    }
}

#[component]
fn One(b: Builder, which: Which, leads: Leads, end: String) -> impl IntoView {
    // The words behind the controls belong to this branch as long as it stands.
    let end = StoredValue::new(end);
    let to = StoredValue::new(leads);
    let asked = which.clone();
    let value = b.read(move |form| {
        let all: Vec<Branch> = branches(form, &asked);
        all.into_iter().find(|b| to.with_value(|to| b.leads == *to)).map(|b| b.when)
    });
    let put = Callback::new(move |condition: Option<Condition>| {
        let to = to.get_value();
        let what = format!("branch/{to:?}");
        b.write(&what, |form| match to {
            Leads::Asks(which) => {
                if let Some(question) = edit::question_mut(form, &which) {
                    question.show_if = condition;
                }
            }
            Leads::Stops(page, i) => {
                let Some(page) = form.pages.get_mut(page).filter(|p| i < p.stops.len()) else {
                    return;
                };
                match condition {
                    Some(when) => page.stops[i].when = when,
                    None => drop(page.stops.remove(i)),
                }
            }
        });
    });
    let message = to.with_value(|to| match to {
        Leads::Stops(page, i) => Some((*page, *i)),
        Leads::Asks(_) => None,
    });
    let (row, index) = b.form.with_untracked(|f| edit::place(f, &which)).unwrap_or((Row::Staff, 0));
    let id = to.with_value(|to| match to {
        Leads::Asks(which) => format!("branch-{}", which.id()),
        Leads::Stops(page, i) => format!("branch-stop-{page}-{i}"),
    });
    view! {
        <ConditionEdit b id row index=Some(index + 1) value put end="" />
        <p class="sentence branch-end">{end.get_value()}</p>
        {message.map(|(page, i)| view! { <StopWords b page i /> })}
    }
}

/// What is said at a stop, and whether the answers so far are sent.
#[component]
pub fn StopWords(b: Builder, page: usize, i: usize) -> impl IntoView {
    let of = move |get: fn(&Stop) -> String| {
        b.read(move |f| f.pages.get(page).and_then(|p| p.stops.get(i)).map(get).unwrap_or_default())
    };
    let write = move |what: &str, set: &dyn Fn(&mut Stop)| {
        b.write(&format!("stop/{page}/{i}/{what}"), |form| {
            if let Some(stop) = form.pages.get_mut(page).and_then(|p| p.stops.get_mut(i)) {
                set(stop);
            }
        });
    };
    let send =
        b.read(move |f| f.pages.get(page).and_then(|p| p.stops.get(i)).is_some_and(|s| s.send));
    let error = Signal::derive(move || {
        let at = format!("/pages/{page}/stops/{i}/message");
        b.findings.with(|all| all.iter().find(|f| f.at == at).map(|f| f.message.clone()))
    });
    let id = format!("b-stops-{i}-message");
    view! {
        <TextArea
            id=id.clone()
            name=id
            label="終わるところで伝えること（理由と、次にすること）"
            rows=3
            value=of(|s| s.message.clone())
            error
            on_input=move |text: String| write("message", &|s| s.message.clone_from(&text))
        />
        <Checkbox name=format!("b-stop-send-{i}") checked=send on_change=move |on| write("", &|s| s.send = on)>"ここまでの答えを送ってもらう"</Checkbox>
    }
}
