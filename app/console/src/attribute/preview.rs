//! The question as residents see it, from the same form that LIFF shows.

use super::draft::Draft;
use domain::attribute::{Attribute, Catalog, Choice, Kind};
use domain::form::{Ask, Opt, registration};
use domain::id::AttributeId;
use domain::resident::KEPT_AFTER_UNFOLLOW;
use domain::time::{DAY, Date};
use leptos::prelude::*;
use ui::prelude::{
    CheckCard, FreeControls, Icon, IconName, LiffSheet, Phone, RadioCard, Required, SheetHeight,
};

/// The residents' page with this one question.
#[component]
pub(crate) fn Preview(
    /// The attribute as it would be saved.
    draft: Draft,
    city: String,
    /// The day on which the page was made: years end there.
    today: Date,
) -> impl IntoView {
    let title = city.clone();
    let sheet = ViewFn::from(move || {
        let city = city.clone();
        view! {
            <LiffSheet title="登録" height=SheetHeight::Tall>
                <div class="liff liff-preview">
                    <div class="liff-body"><Question draft city=city.clone() today /></div>
                </div>
            </LiffSheet>
        }
    });
    view! {
        <section class="preview" aria-labelledby="preview-title">
            <div class="preview-head"><h2 id="preview-title">"住民の画面"</h2></div>
            <Phone city=title label="住民の画面の見本" sheet>""</Phone>
            <p class="sub dense preview-below">
                {move || {
                    if draft.hidden.get() {
                        "かくしているので、住民の画面には出ません。ここでは、出したときの姿を見せています。"
                    } else if draft.personal.get() {
                        "個人に関わる項目なので、登録の画面だけでたずねます。トークには出ません。"
                    } else {
                        "ここで選んでも、どこにも残りません。"
                    }
                }}
            </p>
        </section>
    }
}

#[component]
fn Question(draft: Draft, city: String, today: Date) -> impl IntoView {
    let label = move || match draft.label.get() {
        label if label.trim().is_empty() => "（質問の文）".to_owned(),
        label => label,
    };
    let hint = move || {
        Some(draft.hint.get())
            .filter(|h| !h.trim().is_empty())
            .map(|hint| view! { <p class="field-hint">{hint}</p> })
    };
    view! {
        <fieldset class="fieldset">
            <legend class="field-label">
                {label}
                {move || (draft.kind.get() == Kind::Multiple).then(|| view! { <span class="field-note">"いくつでも"</span> })}
                {move || draft.required.get().then(|| view! { <Required /> })}
            </legend>
            {hint}
            <div class="fieldset-body">{move || body(draft.kind.get(), draft.choices.get(), &city, today)}</div>
        </fieldset>
    }
}

/// What is answered with, by the form that residents get: hidden choices are left out.
fn body(kind: Kind, choices: Vec<Choice>, city: &str, today: Date) -> AnyView {
    let attribute = Attribute {
        id: AttributeId(0),
        key: "preview".into(),
        label: String::new(),
        kind,
        hint: String::new(),
        required: false,
        personal: false,
        hidden: false,
        choices,
    };
    let catalog = Catalog { attributes: vec![attribute], today, ..Catalog::default() };
    let form = registration(&catalog, city, KEPT_AFTER_UNFOLLOW / DAY);
    let Some(q) = form.questions.into_iter().find(|q| q.key == "preview") else {
        return ().into_any();
    };
    match q.ask {
        Ask::One { options } => cards(options, false),
        Ask::Many { options } => cards(options, true),
        Ask::Tree { options } => {
            let outside = format!("{city}の外に住んでいる");
            view! {
                <div class="area-tree">
                    {branch(&options, None)} <label class="choice">
                        <input class="tick radio" type="radio" name="preview-answer" />
                        <span>{outside}</span>
                    </label>
                </div>
            }
            .into_any()
        }
        ask @ (Ask::Year { .. } | Ask::Date { .. } | Ask::Text { .. }) => {
            view! { <FreeControls ask label="答え" /> }.into_any()
        }
        Ask::Consent { .. } => ().into_any(),
    }
}

fn cards(options: Vec<Opt>, many: bool) -> AnyView {
    let cards = options
        .into_iter()
        .map(|o| {
            let title = if o.label.is_empty() { "（選択肢）".to_owned() } else { o.label };
            if many {
                view! { <CheckCard name="preview-answer" value=o.key title /> }.into_any()
            } else {
                view! { <RadioCard name="preview-answer" value=o.key title /> }.into_any()
            }
        })
        .collect_view();
    view! { <div class="cards">{cards}</div> }.into_any()
}

fn branch(options: &[Opt], parent: Option<&str>) -> AnyView {
    options
        .iter()
        .filter(|o| o.parent.as_deref() == parent)
        .map(|o| {
            let choice = |words: String| {
                view! {
                    <label class="choice">
                        <input class="tick radio" type="radio" name="preview-answer" />
                        <span>{words}</span>
                    </label>
                }
            };
            if options.iter().any(|c| c.parent.as_deref() == Some(&o.key)) {
                view! {
                    <details>
                        <summary>
                            <Icon name=IconName::ChevronRight size=18 />
                            {o.label.clone()}
                        </summary>
                        {choice(format!("{}（町は選ばない）", o.label))} {branch(options, Some(&o.key))}
                    </details>
                }
                .into_any()
            } else {
                choice(o.label.clone()).into_any()
            }
        })
        .collect_view()
        .into_any()
}
