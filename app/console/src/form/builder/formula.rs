//! A formula: text that reads as a sentence below, with the questions to put into it.

use super::condition::named;
use super::state::Builder;
use domain::form::edit::{Row, nameable};
use domain::form::expression::Type;
use domain::form::{Ask, Expression, Scope, Values};
use leptos::prelude::*;
use ui::prelude::*;

/// What can be put into a formula for a question.
fn pieces(ask: &Ask, key: &str) -> Vec<(String, String)> {
    let one = |text: String, words: &str| vec![(text, words.to_owned())];
    match ask {
        Ask::Number { .. } | Ask::Scale { .. } | Ask::Year { .. } | Ask::Calculation { .. } => {
            one(key.to_owned(), "")
        }
        Ask::One { options } | Ask::Many { options } => {
            let chosen = options
                .iter()
                .take(20)
                .map(|o| (format!("chosen({key}, \"{}\")", o.key), format!("が「{}」", o.label)));
            std::iter::once((format!("points({key})"), "の値（選択肢ごとに決めた数）".to_owned()))
                .chain(chosen)
                .collect()
        }
        Ask::Date { .. } => one(format!("age({key})"), "からの年齢"),
        Ask::Group { questions, .. } => {
            let sums = questions.iter().filter(|q| {
                matches!(q.ask, Ask::Number { .. } | Ask::Calculation { .. } | Ask::Scale { .. })
            });
            std::iter::once((format!("count({key})"), "の数".to_owned()))
                .chain(
                    sums.map(|q| {
                        (format!("sum({key}.{})", q.key), format!("の「{}」の合計", q.label))
                    }),
                )
                .collect()
        }
        Ask::Photo { .. } | Ask::File { .. } => one(format!("count({key})"), "の数"),
        _ => Vec::new(),
    }
}

/// The field of a formula.
#[component]
pub fn FormulaField(
    b: Builder,
    id: String,
    /// Where it is worked out.
    row: Row,
    /// Before which question of the row.
    index: Option<usize>,
    value: Signal<String>,
    put: Callback<Expression>,
    label: &'static str,
    /// Whether it must be true or not, and not a number.
    #[prop(optional)]
    truth: bool,
) -> impl IntoView {
    let typed = RwSignal::new(value.get_untracked());
    let row = StoredValue::new(row);
    let read = Memo::new(move |_| {
        let text = typed.get();
        let formula: Expression =
            text.parse().map_err(|e: domain::form::expression::Unreadable| e.message)?;
        b.form.with(|form| {
            let values = Values::new();
            // A question of the same item is found by its group.
            let group = row.with_value(|r| match r {
                Row::Group(key) => form.questions().find(|q| q.key == *key),
                _ => None,
            });
            let staff = form.for_staff();
            let form = if row.with_value(|r| *r == Row::Staff) { &staff } else { form };
            let item = group.map(|g| (g, &values));
            let scope = Scope { form, values: &values, item, today: b.today };
            let found = formula.type_of(&scope)?;
            let wanted = if truth { Type::Truth } else { Type::Number };
            if found != wanted {
                return Err(format!("ここには{}になる式が必要です", wanted.words()));
            }
            Ok::<_, String>(formula.words(&scope))
        })
    });
    let error = Signal::derive(move || read.get().err());
    let on_input = Callback::new(move |text: String| {
        if let Ok(formula) = text.parse::<Expression>() {
            put.run(formula);
        }
        typed.set(text);
    });
    let known = b.read(move |form| {
        row.with_value(|r| {
            let mut list = vec![(String::new(), "答えを式に入れる".to_owned())];
            for (key, words) in nameable(form, r, index) {
                let Some(question) = named(form, r, &key) else { continue };
                list.extend(
                    pieces(&question.ask, &key)
                        .into_iter()
                        .map(|(text, more)| (text, format!("「{words}」{more}"))),
                );
            }
            list
        })
    });
    let none = Memo::new(move |_| known.with(|k| k.len() < 2));
    let picked = RwSignal::new(String::new());
    let insert = move |piece: String| {
        if piece.is_empty() {
            return;
        }
        picked.set(piece.clone());
        let text = typed.get_untracked();
        let text = match text.trim() {
            "" | "0" => piece,
            before => format!("{before} + {piece}"),
        };
        on_input.run(text);
        // The control goes back to its first words.
        request_animation_frame(move || drop(picked.try_set(String::new())));
    };
    view! {
        <div class="formula">
            <TextField id=id.clone() name=id.clone() label hint="＋は「+」、－は「-」、×は「*」、÷は「/」。四捨五入は round(…)、切り捨ては floor(…) と書きます" autocomplete="off" value=typed error on_input />
            {move || {
                let id = format!("{id}-insert");
                (!none.get())
                    .then(|| view! { <Select id=id.clone() name=id label="答えを式に入れる" class="label-hidden" options=known value=picked on_change=insert /> })
            }}
            <p class="formula-words" role="status">{move || read.get().map_or_else(|_| String::new(), |words| format!("読み方：{words}"))}</p>
        </div>
    }
}
