//! A condition as a sentence whose words are controls: 「『6 建物の使いみち』が『店舗・事業所』
//! のとき、この質問をたずねる」.

use super::bounds::{DayBounds, NumberBounds, TextBounds};
use super::formula::FormulaField;
use super::state::Builder;
use domain::form::edit::{Joint, Operator, Row, Sentence, first_condition, nameable, operators};
use domain::form::{AGREED, Condition, Form, Question, Scope, Values};
use leptos::prelude::*;
use ui::prelude::*;

/// What is drawn anew when it changes; words and numbers within a part are not.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Shape {
    Nothing,
    Deep(String),
    Flat(Vec<(String, Option<Operator>)>),
}

/// The question of a key, as a condition in a row names it.
pub fn named(form: &Form, row: &Row, key: &str) -> Option<Question> {
    let inner = match row {
        Row::Group(_) => domain::form::edit::row(form, row).iter().find(|q| q.key == key),
        Row::Staff => return form.staff.iter().find(|q| q.key == key).cloned(),
        Row::Page(_) => None,
    };
    inner.or_else(|| form.questions().find(|q| q.key == key)).cloned()
}

/// A condition in words.
pub fn words(form: &Form, condition: &Condition, today: domain::time::Date) -> String {
    let values = Values::new();
    condition.words(&Scope { form, values: &values, item: None, today })
}

fn key_of(part: &Condition) -> String {
    part.names().into_iter().next().unwrap_or_default()
}

/// The editor of a condition.
#[component]
pub fn ConditionEdit(
    b: Builder,
    /// Unique on the page.
    #[prop(into)]
    id: String,
    /// Where it is looked at.
    row: Row,
    /// Before which question of the row; none: at its end.
    index: Option<usize>,
    /// The condition; nothing: none yet.
    value: Signal<Option<Condition>>,
    /// Each change.
    put: Callback<Option<Condition>>,
    /// How the sentence ends.
    end: &'static str,
) -> impl IntoView {
    let row = StoredValue::new(row);
    let shape = Memo::new(move |_| match value.get() {
        None => Shape::Nothing,
        Some(condition) => match Sentence::of(&condition) {
            None => Shape::Deep(b.form.with_untracked(|f| words(f, &condition, b.today))),
            Some(s) => Shape::Flat(s.parts.iter().map(|p| (key_of(p), Operator::of(p))).collect()),
        },
    });
    let change = Callback::new(move |change: (usize, Option<Condition>)| {
        let Some(mut s) = value.get_untracked().as_ref().and_then(Sentence::of) else { return };
        match change {
            (i, Some(part)) if i < s.parts.len() => s.parts[i] = part,
            (i, None) if i < s.parts.len() => drop(s.parts.remove(i)),
            (_, Some(part)) => s.parts.push(part),
            _ => {}
        }
        put.run(s.condition());
    });
    let several = Memo::new(move |_| shape.with(|s| matches!(s, Shape::Flat(p) if p.len() > 1)));
    let joint = Signal::derive(move || {
        let or = matches!(value.get(), Some(Condition::Any(_)));
        if or { "or" } else { "and" }.to_owned()
    });
    let set_joint = move |to: String| {
        if let Some(mut s) = value.get_untracked().as_ref().and_then(Sentence::of) {
            s.joint = if to == "or" { Joint::Or } else { Joint::And };
            put.run(s.condition());
        }
    };
    let more = move |_| {
        let first = b.form.with_untracked(|form| {
            row.with_value(|row| {
                let (key, _) = nameable(form, row, index).into_iter().next_back()?;
                Some(first_condition(&key, &named(form, row, &key)?))
            })
        });
        match (first, value.get_untracked()) {
            (Some(first), None) => put.run(Some(first)),
            (Some(first), Some(_)) => change.run((usize::MAX, Some(first))),
            (None, _) => {}
        }
    };
    let (id_joint, id_parts) = (format!("{id}-joint"), id.clone());
    view! {
        <div class="condition-edit" id=id tabindex="-1">
            {move || {
                several
                    .get()
                    .then(|| {
                        view! {
                            <SegmentedRadio
                                label="条件のつなぎ方"
                                name=id_joint.clone()
                                value=joint
                                options=vec![("and".into(), "すべて当てはまる".into()), ("or".into(), "どれか当てはまる".into())]
                                on_change=set_joint
                            />
                        }
                    })
            }}
            {move || match shape.get() {
                Shape::Nothing => ().into_any(),
                Shape::Deep(words) => {
                    view! {
                        <p class="sentence">{words} {end}</p>
                        <p class="sub dense">"条件の中に条件があるため、ここでは直せません。消すと、作り直せます。"</p>
                        <Button size=Size::Small icon=IconName::Trash on_click=move |_| put.run(None)>"この条件を消す"</Button>
                    }
                        .into_any()
                }
                Shape::Flat(parts) => {
                    let last = parts.len().saturating_sub(1);
                    parts
                        .into_iter()
                        .enumerate()
                        .map(|(i, (key, operator))| {
                            let part = Signal::derive(move || {
                                value.get().as_ref().and_then(Sentence::of).and_then(|s| s.parts.into_iter().nth(i))
                            });
                            let end = if i == last { end } else { "、" };
                            let id = format!("{id_parts}-{i}");
                            let set = Callback::new(move |to| change.run((i, to)));
                            view! { <Part b id row=row.get_value() index part key operator set end /> }
                        })
                        .collect_view()
                        .into_any()
                }
            }}
            {move || {
                (!shape.with(|s| matches!(s, Shape::Deep(_))))
                    .then(|| {
                        let words = if shape.with(|s| *s == Shape::Nothing) { "条件をつける" } else { "条件を足す" };
                        view! { <Button kind=Kind::Plain size=Size::Small icon=IconName::Plus on_click=more>{words}</Button> }
                    })
            }}
        </div>
    }
}

#[component]
fn Part(
    b: Builder,
    id: String,
    row: Row,
    index: Option<usize>,
    part: Signal<Option<Condition>>,
    key: String,
    operator: Option<Operator>,
    set: Callback<Option<Condition>>,
    end: &'static str,
) -> impl IntoView {
    let remove = view! { <IconButton icon=IconName::Cross label="この条件を消す" on_click=move |_| set.run(None) /> };
    let Some(operator) = operator else {
        return view! { <FormulaPart b id row index part set end remove=remove.into_any() /> }
            .into_any();
    };
    let question = b.form.with_untracked(|f| named(f, &row, &key));
    let here = row.clone();
    let choices = b.read(move |form| nameable(form, &here, index));
    let gone = key.clone();
    let options = Signal::derive(move || {
        let mut list = choices.get();
        if !list.iter().any(|(k, _)| *k == gone) {
            list.insert(0, (gone.clone(), "（ここでは使えない質問）".to_owned()));
        }
        list
    });
    let of = row.clone();
    let choose = move |key: String| {
        let found = b.form.with_untracked(|f| named(f, &of, &key));
        if let Some(question) = found {
            set.run(Some(first_condition(&key, &question)));
        }
    };
    let ways = question.as_ref().map(operators).unwrap_or_default();
    let ways: Vec<(String, String)> = Operator::ALL
        .into_iter()
        .filter(|o| ways.contains(o) || *o == operator)
        .map(|o| (o.name().to_owned(), o.words().to_owned()))
        .collect();
    let about = key.clone();
    let asked = question.clone();
    let turn = move |name: String| {
        let found = Operator::ALL.into_iter().find(|o| o.name() == name);
        if let (Some(operator), Some(question)) = (found, &asked) {
            set.run(Some(operator.part(&about, question)));
        }
    };
    let value = match operator {
        Operator::Is | Operator::IsNot => {
            let not = operator == Operator::IsNot;
            view! { <Options question part set key=key.clone() not /> }.into_any()
        }
        Operator::Number | Operator::Count => {
            view! { <NumberBounds id=id.clone() part set question /> }.into_any()
        }
        Operator::Date => view! { <DayBounds id=id.clone() part set /> }.into_any(),
        Operator::Text => view! { <TextBounds id=id.clone() part set /> }.into_any(),
        Operator::Answered | Operator::Unanswered => ().into_any(),
    };
    // 「に答えたとき」: after a verb no の.
    let end = match operator {
        Operator::Answered | Operator::Unanswered => end.strip_prefix('の').unwrap_or(end),
        _ => end,
    };
    view! {
        <div class="sentence condition-part">
            <Select id=format!("{id}-question") name=format!("{id}-question") label="どの質問の答えか" class="label-hidden field-word" options value=key on_change=choose />
            <Select id=format!("{id}-way") name=format!("{id}-way") label="どうであるとき" class="label-hidden field-word" options=ways value=operator.name().to_owned() on_change=turn />
            {value} <span>{end}</span> {remove}
        </div>
    }
    .into_any()
}

/// A part that is a formula.
#[component]
fn FormulaPart(
    b: Builder,
    id: String,
    row: Row,
    index: Option<usize>,
    part: Signal<Option<Condition>>,
    set: Callback<Option<Condition>>,
    end: &'static str,
    remove: AnyView,
) -> impl IntoView {
    let value = Signal::derive(move || match part.get() {
        Some(Condition::Holds(formula)) => formula.to_string(),
        _ => String::new(),
    });
    let put = Callback::new(move |formula| set.run(Some(Condition::Holds(formula))));
    view! {
        <div class="condition-part">
            <FormulaField b id row index value put label="成り立つ式" truth=true />
            <span class="sentence">{end}</span>
            {remove}
        </div>
    }
}

/// The chosen options, as a word that opens.
#[component]
fn Options(
    question: Option<Question>,
    part: Signal<Option<Condition>>,
    set: Callback<Option<Condition>>,
    key: String,
    not: bool,
) -> impl IntoView {
    let options: Vec<(String, String)> = match question.as_ref().map(|q| &q.ask) {
        Some(domain::form::Ask::Consent { .. }) => vec![(AGREED.into(), "同意する".into())],
        Some(ask) => ask.options().iter().map(|o| (o.key.clone(), o.label.clone())).collect(),
        None => Vec::new(),
    };
    let chosen = Memo::new(move |_| match part.get() {
        Some(Condition::Is { any_of, .. }) => any_of,
        Some(Condition::Not(inner)) => match *inner {
            Condition::Is { any_of, .. } => any_of,
            _ => Vec::new(),
        },
        _ => Vec::new(),
    });
    let known = options.clone();
    let words = move || {
        let chosen = chosen.get();
        let labels: Vec<&str> =
            known.iter().filter(|(k, _)| chosen.contains(k)).map(|(_, l)| l.as_str()).collect();
        if labels.is_empty() { "選んでください".to_owned() } else { labels.join("・") }
    };
    let order: Vec<String> = options.iter().map(|(k, _)| k.clone()).collect();
    let toggle = Callback::new(move |(option, on): (String, bool)| {
        let mut any_of = chosen.get_untracked();
        any_of.retain(|k| *k != option && order.contains(k));
        if on {
            any_of.push(option);
        }
        any_of.sort_by_key(|k| order.iter().position(|o| o == k));
        let is = Condition::Is { question: key.clone(), any_of };
        set.run(Some(if not { Condition::Not(Box::new(is)) } else { is }));
    });
    view! {
        <details class="menu pick-menu">
            <summary class="pick">
                <span>{words}</span>
                <Icon name=IconName::ChevronDown size=16 />
            </summary>
            <div class="menu-list pick-checks">
                {options
                    .into_iter()
                    .map(|(option, label)| {
                        let (own, sent) = (option.clone(), option.clone());
                        view! {
                            <Checkbox
                                name="condition-option"
                                value=option
                                checked=Signal::derive(move || chosen.with(|c| c.contains(&own)))
                                on_change=move |on| toggle.run((sent.clone(), on))
                            >
                                {label}
                            </Checkbox>
                        }
                    })
                    .collect_view()}
            </div>
        </details>
    }
}
