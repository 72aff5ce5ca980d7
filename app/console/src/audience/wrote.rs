//! What was written in a form, as words of a condition: which question, and what of its answer.

use super::among::{find_among, name};
use super::choices::{Foot, Search};
use super::edit::{Editor, Part};
use super::said::{Ways, operators};
use domain::attribute::{Catalog, Kind};
use domain::audience::edit::Path;
use domain::audience::{
    Among, Audience, Field, FieldKind, Known, Says, Span, Told, Unaskable, Wrote,
};
use domain::form::{Decimal, normal};
use leptos::prelude::*;
use std::sync::Arc;
use ui::prelude::{Checkbox, TextField};

/// So many forms are found at most.
const FORMS: usize = 20;

/// 「来場人数（催し）」; empty while no question is chosen.
pub fn question_words(catalog: &Catalog, asked: Option<&Wrote>) -> String {
    let Some(asked) = asked else { return String::new() };
    let known = catalog.known(Among::Answered, asked.form);
    let open = known.filter(|k| k.unaskable != Some(Unaskable::Closed));
    match open.map(|k| (k, k.field(&asked.question))) {
        Some((known, Some(field))) => title(known, field, &asked.told),
        Some((_, None)) => "（消えた質問）".into(),
        None => name(known, Among::Answered),
    }
}

/// 「3人以上」; empty if nothing is said yet.
pub fn told_words(catalog: &Catalog, asked: &Wrote) -> String {
    let known = catalog.known(Among::Answered, asked.form);
    known.and_then(|k| k.field(&asked.question)).map(|f| f.words(&asked.told)).unwrap_or_default()
}

fn title(known: &Known, field: &Field, told: &Told) -> String {
    format!("{}（{}）", field.asked(told), name(Some(known), Among::Answered))
}

/// What can be asked of a form, each question as it begins; of a table each row.
fn offered(known: &Known) -> Vec<(String, &'static str, Wrote)> {
    let mut all = Vec::new();
    for field in &known.fields {
        let rows = match &field.kind {
            FieldKind::Rows { rows, .. } => rows.iter().map(|(key, _)| key.as_str()).collect(),
            _ => vec![""],
        };
        for row in rows {
            let told = field.kind.first(row);
            let title = title(known, field, &told);
            let asked = Wrote { form: known.id, question: field.key.clone(), told };
            all.push((title, field.kind.label(), asked));
        }
    }
    all
}

/// Whether both ask the same question, of a table in the same row.
fn same(one: &Wrote, other: &Wrote) -> bool {
    let row = |w: &Wrote| match &w.told {
        Told::Row { row, .. } => row.clone(),
        Told::Said(_) => String::new(),
    };
    (one.form, &one.question, row(one)) == (other.form, &other.question, row(other))
}

fn asked_at(editor: Editor, place: StoredValue<Path>) -> Memo<Option<Wrote>> {
    Memo::new(move |_| match place.with_value(|at| editor.node(at)) {
        Some(Audience::Wrote(asked)) => asked,
        _ => None,
    })
}

fn or_nothing_yet(words: String) -> String {
    if words.is_empty() { "まだ選んでいません".to_owned() } else { words }
}

/// Which question of which form.
#[component]
pub fn QuestionList(editor: Editor, at: Path) -> impl IntoView {
    let query = RwSignal::new(String::new());
    let found = LocalResource::new(move || find_among(Among::Answered, query.get()));
    let place = StoredValue::new(at.clone());
    let now = asked_at(editor, place);
    let take = move |known: Known, new: Wrote| {
        editor.know(vec![known]);
        if !now.with_untracked(|now| now.as_ref().is_some_and(|now| same(now, &new))) {
            place.with_value(|at| editor.choose(at, Audience::Wrote(Some(new))));
        }
        editor.open_at(place.get_value(), Part::Choices);
    };
    let words = Signal::derive(move || {
        let asked = now.get();
        or_nothing_yet(editor.catalog.with_value(|c| question_words(c, asked.as_ref())))
    });
    let row = move |known: &Arc<Known>, (title, note, asked): (String, &'static str, Wrote)| {
        let known = known.clone();
        let current = now.with_untracked(|n| n.as_ref().is_some_and(|n| same(n, &asked)));
        view! {
            <li>
                <button class="pick-option" type="button" aria-current=current.then_some("true") on:click=move |_| take((*known).clone(), asked.clone())>
                    <span>{title}</span>
                    <span class="sub dense">{note}</span>
                </button>
            </li>
        }
    };
    view! {
        <Search label="フォームの名前をさがす" query />
        // A boundary of its own: in the page's, each search would take the whole page away.
        <Transition fallback=|| view! { <p class="pick-none" role="status">"読みこんでいます"</p> }>
            {move || match found.get() {
                None => ().into_any(),
                Some(Err(error)) => view! { <p class="pick-none err" role="alert">{error.to_string()}</p> }.into_any(),
                Some(Ok(forms)) => {
                    let many = forms.len() >= FORMS;
                    let rows = forms
                        .into_iter()
                        .map(Arc::new)
                        .flat_map(|known| offered(&known).into_iter().map(move |asked| row(&known, asked)))
                        .collect::<Vec<_>>();
                    if rows.is_empty() {
                        return view! {
                            <p class="pick-none">"当てはまる質問はありません。公開したフォームのうち、回答を見られるものの、数・年・日付・表で選ぶの質問だけが出ます。"</p>
                        }
                            .into_any();
                    }
                    view! {
                        <ul class="pick-options">{rows}</ul>
                        {many.then(|| view! { <p class="pick-none">{format!("新しい{FORMS}件のフォームだけを出しています。ことばでさがしてください。")}</p> })}
                    }
                        .into_any()
                }
            }}
        </Transition>
        <Foot editor at words />
    }
}

/// What of the answer to the question that was chosen.
#[component]
pub fn WroteFields(editor: Editor, at: Path) -> impl IntoView {
    let place = StoredValue::new(at.clone());
    let asked = asked_at(editor, place);
    let field = asked.get_untracked().and_then(|asked| {
        editor.catalog.with_value(|c| {
            c.known(Among::Answered, asked.form).and_then(|k| k.field(&asked.question)).cloned()
        })
    });
    let Some(field) = field else {
        return view! { <p class="pick-none">"この質問は、もうありません。ほかの質問を選ぶか、条件を消してください。"</p> <Foot editor at words=Signal::derive(String::new) /> }
            .into_any();
    };
    let put = Callback::new(move |told: Told| {
        if let Some(asked) = asked.get_untracked() {
            let asked = Wrote { told, ..asked };
            place.with_value(|at| editor.choose(at, Audience::Wrote(Some(asked))));
        }
    });
    let now = Memo::new(move |_| match asked.get() {
        Some(Wrote { told: Told::Said(says), .. }) => says,
        _ => Says::Registered(true),
    });
    let say = Callback::new(move |says: Says| put.run(Told::Said(says)));
    let ways = move |kind: Kind| {
        let mut options = operators(kind);
        options.retain(|(name, _)| *name != "registered");
        view! { <Ways editor now put=say kind options /> }
    };
    let fields = match &field.kind {
        FieldKind::Number { unit } => {
            view! { <Numbers now put=say unit=unit.clone() /> }.into_any()
        }
        FieldKind::Year => ways(Kind::Year).into_any(),
        FieldKind::Date => ways(Kind::Date).into_any(),
        FieldKind::Rows { columns, .. } => {
            view! { <Columns asked put columns=columns.clone() /> }.into_any()
        }
    };
    let words = Signal::derive(move || {
        or_nothing_yet(asked.get().map(|asked| field.words(&asked.told)).unwrap_or_default())
    });
    view! {
        <div class="pick-fields">{fields}</div>
        <Foot editor at words />
    }
    .into_any()
}

#[component]
fn Numbers(now: Memo<Says>, put: Callback<Says>, unit: String) -> impl IntoView {
    let span = move || match now.get() {
        Says::Number(span) => span,
        _ => Span::default(),
    };
    let shown = |n: Option<Decimal>| n.map(|n| n.to_string()).unwrap_or_default();
    let from = Signal::derive(move || shown(span().from));
    let to = Signal::derive(move || shown(span().to));
    let typed = move |text: String, first: bool| {
        let n = normal::number(&text);
        // What is no number yet does not change what was said.
        if n.is_some() || text.trim().is_empty() {
            let span = untrack(span);
            let span = if first { Span { from: n, ..span } } else { Span { to: n, ..span } };
            put.run(Says::Number(span));
        }
    };
    view! {
        <div class="pick-pair">
            <TextField name="wrote-from" label="いくつから" suffix=format!("{unit}以上") inputmode="decimal" autocomplete="off" maxlength=20 value=from on_input=Callback::new(move |t| typed(t, true)) />
            <TextField name="wrote-to" label="いくつまで" suffix=format!("{unit}以下") inputmode="decimal" autocomplete="off" maxlength=20 value=to on_input=Callback::new(move |t| typed(t, false)) />
        </div>
    }
}

/// One of these columns was chosen in the row.
#[component]
fn Columns(
    asked: Memo<Option<Wrote>>,
    put: Callback<Told>,
    columns: Vec<(String, String)>,
) -> impl IntoView {
    let order = StoredValue::new(columns.clone());
    let tick = move |(key, label): (String, String)| {
        let mine = key.clone();
        let checked = Signal::derive(move || match asked.get() {
            Some(Wrote { told: Told::Row { is, .. }, .. }) => is.contains(&mine),
            _ => false,
        });
        let value = key.clone();
        let change = move |on: bool| {
            let Some(Wrote { told: Told::Row { row, mut is }, .. }) = asked.get_untracked() else {
                return;
            };
            is.retain(|c| *c != key);
            if on {
                is.push(key.clone());
            }
            order.with_value(|all| is.sort_by_key(|c| all.iter().position(|(k, _)| k == c)));
            put.run(Told::Row { row, is });
        };
        view! { <li><Checkbox name="wrote-column" value checked on_change=change>{label}</Checkbox></li> }
    };
    view! { <ul class="pick-choices">{columns.into_iter().map(tick).collect_view()}</ul> }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::time::Timestamp;

    #[test]
    fn every_question_is_offered_and_every_row_of_a_table() {
        let named = |keys: &[&str]| -> Vec<(String, String)> {
            keys.iter().map(|k| ((*k).to_owned(), k.to_uppercase())).collect()
        };
        let field = |key: &str, kind| Field { key: key.into(), label: key.to_uppercase(), kind };
        let rows = FieldKind::Rows { rows: named(&["light", "care"]), columns: named(&["good"]) };
        let known = Known {
            what: Among::Answered,
            id: 3,
            name: "催し".into(),
            reply: String::new(),
            question: String::new(),
            at: Timestamp(0),
            count: 1,
            unaskable: None,
            fields: vec![
                field("people", FieldKind::Number { unit: "人".into() }),
                field("park", rows),
            ],
        };
        let all = offered(&known);
        let titles: Vec<&str> = all.iter().map(|(title, ..)| title.as_str()).collect();
        assert_eq!(titles, ["PEOPLE（催し）", "PARK：LIGHT（催し）", "PARK：CARE（催し）"]);
        assert!(all.iter().all(|(.., asked)| asked.told.is_empty()));
        let asked = |i: usize| &all[i].2;
        assert!(same(asked(1), asked(1)) && !same(asked(1), asked(2)));
        let catalog = Catalog { people: vec![known], ..Catalog::default() };
        assert_eq!(question_words(&catalog, Some(asked(2))), titles[2]);
        assert_eq!(question_words(&Catalog::default(), Some(asked(2))), "（見つからないフォーム）");
        assert_eq!(question_words(&catalog, None), "");
        let from = Some(Decimal::small(3));
        let told = Told::Said(Says::Number(Span { from, to: None }));
        assert_eq!(told_words(&catalog, &Wrote { told, ..asked(0).clone() }), "3人以上");
    }
}
