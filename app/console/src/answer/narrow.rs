//! The filters of the table by what was answered to a question: what holds now, and one more.

use domain::form::normal;
use domain::form::table::narrow::{By, Field, Kind as Asks, NARROWINGS_MAX, Narrowing};
use domain::form::table::view::Wanted;
use domain::time::Date;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use ui::prelude::*;

/// The filters, each with a way out of it.
#[component]
pub fn Narrowed(
    /// What is shown now.
    wanted: Wanted,
    /// By what it can be narrowed.
    fields: Vec<Field>,
    /// The address of what is wanted.
    address: Callback<Wanted, String>,
) -> impl IntoView {
    let chips = wanted
        .narrow
        .iter()
        .enumerate()
        .map(|(at, narrowing)| {
            let words = narrowing.words(&fields);
            let mut narrow = wanted.narrow.clone();
            narrow.remove(at);
            let href = address.run(Wanted { narrow, page: 1, ..wanted.clone() });
            let remove = format!("しぼりこみ「{words}」を外す");
            view! {
                <div class="chip chip-on narrowed">
                    <Icon name=IconName::Check size=16 />
                    <span>{words}</span>
                    <a class="chip-clear" href=href aria-label=remove>
                        <Icon name=IconName::Cross size=16 />
                    </a>
                </div>
            }
        })
        .collect_view();
    let more = !fields.is_empty() && wanted.narrow.len() < NARROWINGS_MAX;
    view! {
        {chips}
        {more.then(|| view! { <More wanted fields address /> })}
    }
}

/// 「質問でしぼる」: a question, and what must hold of its answer.
#[component]
fn More(wanted: Wanted, fields: Vec<Field>, address: Callback<Wanted, String>) -> impl IntoView {
    let navigate = use_navigate();
    let field = RwSignal::new(fields.first().map(|f| f.id.clone()).unwrap_or_default());
    let chosen = RwSignal::new(Vec::<String>::new());
    let (text, from, to) =
        (RwSignal::new(String::new()), RwSignal::new(String::new()), RwSignal::new(String::new()));
    let error = RwSignal::new(None::<String>);
    let options: Vec<(String, String)> =
        fields.iter().map(|f| (f.id.clone(), f.label.clone())).collect();
    let asks = Memo::new(move |_| {
        field.with(|id| fields.iter().find(|f| f.id == *id).map(|f| f.kind.clone()))
    });
    let turn = move |id: String| {
        chosen.set(Vec::new());
        for typed in [text, from, to] {
            typed.set(String::new());
        }
        error.set(None);
        field.set(id);
    };
    let apply = move |_| {
        let by = asks.with_untracked(|asks| match asks {
            Some(Asks::Choice(_)) => Ok(By::OneOf(chosen.get_untracked())),
            Some(Asks::Number) => {
                let number = |typed: RwSignal<String>| {
                    typed.with_untracked(|t| match t.trim() {
                        "" => Ok(None),
                        t => normal::number(t).map(Some).ok_or("数で書いてください"),
                    })
                };
                number(from).and_then(|from| Ok(By::Number { from, to: number(to)? }))
            }
            Some(Asks::Day) => {
                let day = |typed: RwSignal<String>| typed.with_untracked(|t| Date::parse_iso(t));
                Ok(By::Day { from: day(from), to: day(to) })
            }
            Some(Asks::Text) | None => {
                Ok(By::Contains(text.with_untracked(|t| t.trim().chars().take(100).collect())))
            }
        });
        match by {
            Ok(by) if by.is_sound() => {
                let mut narrow = wanted.narrow.clone();
                narrow.push(Narrowing { field: field.get_untracked(), by });
                let to = address.run(Wanted { narrow, page: 1, ..wanted.clone() });
                navigate(&to, NavigateOptions::default());
            }
            Ok(_) => error.set(Some("しぼる内容を決めてください".to_owned())),
            Err(words) => error.set(Some(words.to_owned())),
        }
    };
    let body = move || match asks.get() {
        Some(Asks::Choice(options)) => ticks(options, chosen),
        Some(Asks::Number) => between("text", from, to),
        Some(Asks::Day) => between("date", from, to),
        Some(Asks::Text) | None => words(text),
    };
    view! {
        <details class="menu chip narrow">
            <summary>
                <Icon name=IconName::Plus size=16 />
                <span>"質問でしぼる"</span>
            </summary>
            <div class="menu-list narrow-list">
                <Select id="narrow-field" name="narrow-field" label="質問" options value=field on_change=turn />
                {body}
                <div role="alert"><FieldError id="narrow-error" text=error /></div>
                <Button kind=Kind::Act on_click=apply>"この質問でしぼる"</Button>
            </div>
        </details>
    }
}

fn ticks(options: Vec<(String, String)>, chosen: RwSignal<Vec<String>>) -> AnyView {
    let tick = |(key, label): (String, String)| {
        let (own, sent) = (key.clone(), key.clone());
        view! {
            <Checkbox
                name="narrow-option"
                value=key
                checked=Signal::derive(move || chosen.with(|c| c.contains(&own)))
                on_change=move |on| chosen.update(|c| {
                    c.retain(|k| *k != sent);
                    if on {
                        c.push(sent.clone());
                    }
                })
            >
                {label}
            </Checkbox>
        }
    };
    let all = options.into_iter().map(tick).collect_view();
    view! { <Fieldset id="narrow-options" legend="次のどれか">{all}</Fieldset> }.into_any()
}

fn between(kind: &'static str, from: RwSignal<String>, to: RwSignal<String>) -> AnyView {
    view! {
        <TextField id="narrow-from" name="narrow-from" label="から" kind inputmode="decimal" autocomplete="off" class="field-short" value=from on_input=move |t| from.set(t) />
        <TextField id="narrow-to" name="narrow-to" label="まで" kind inputmode="decimal" autocomplete="off" class="field-short" value=to on_input=move |t| to.set(t) />
    }
    .into_any()
}

fn words(text: RwSignal<String>) -> AnyView {
    view! { <TextField id="narrow-text" name="narrow-text" label="ふくまれることば" maxlength=100 autocomplete="off" value=text on_input=move |t| text.set(t) /> }
    .into_any()
}
