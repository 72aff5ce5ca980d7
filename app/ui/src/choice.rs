//! Checks and radios, as words and as cards, and the groups around them.

use crate::field::{FieldError, Required, described, settle, took_before};
use crate::icon::{Icon, IconName};
use leptos::{html, prelude::*};

/// Writes later changes of `checked` into the control.
fn follow(checked: Signal<bool>, node: NodeRef<html::Input>) {
    Effect::new(move |before: Option<bool>| {
        let now = checked.get();
        if before.is_some_and(|before| before != now)
            && let Some(input) = node.get_untracked()
        {
            input.set_checked(now);
        }
        now
    });
}

#[component]
fn Tick(
    kind: &'static str,
    name: String,
    value: String,
    checked: Signal<bool>,
    id: Option<String>,
    on_change: Callback<bool>,
    /// Whether somebody listens: then the signal says what is shown.
    heard: bool,
) -> impl IntoView {
    let node = NodeRef::<html::Input>::new();
    follow(checked, node);
    settle(move || {
        let Some(input) = node.get() else { return false };
        if took_before(&input) && heard {
            input.set_checked(checked.get_untracked());
        }
        true
    });
    view! {
        <input
            node_ref=node
            class=if kind == "radio" { "tick radio" } else { "tick" }
            type=kind
            name=name
            value=value
            id=id
            checked=checked.get_untracked()
            on:change=move |event| on_change.run(event_target_checked(&event))
        />
    }
}

/// A check with words.
#[component]
pub fn Checkbox(
    /// Name sent with the form.
    #[prop(into)]
    name: String,
    /// Value sent when it is checked.
    #[prop(into, default = "on".into())]
    value: String,
    /// Whether it is checked.
    #[prop(into, optional)]
    checked: Signal<bool>,
    /// Id of the control.
    #[prop(into, optional)]
    id: Option<String>,
    /// Each change.
    #[prop(into, optional)]
    on_change: Option<Callback<bool>>,
    /// The words.
    children: Children,
) -> impl IntoView {
    let act = Callback::new(move |now| {
        if let Some(act) = on_change {
            act.run(now);
        }
    });
    view! {
        <label class="choice">
            <Tick kind="checkbox" name value checked id on_change=act heard=on_change.is_some() />
            <span>{children()}</span>
        </label>
    }
}

/// A radio with words.
#[component]
pub fn Radio(
    /// Name sent with the form; radios of one name exclude one another.
    #[prop(into)]
    name: String,
    /// Value sent when it is chosen.
    #[prop(into)]
    value: String,
    /// Whether it is chosen.
    #[prop(into, optional)]
    checked: Signal<bool>,
    /// Id of the control.
    #[prop(into, optional)]
    id: Option<String>,
    /// When it is chosen, with its value.
    #[prop(into, optional)]
    on_change: Option<Callback<String>>,
    /// The words.
    children: Children,
) -> impl IntoView {
    let sent = value.clone();
    let act = Callback::new(move |_| {
        if let Some(act) = on_change {
            act.run(sent.clone());
        }
    });
    view! {
        <label class="choice">
            <Tick kind="radio" name value checked id on_change=act heard=on_change.is_some() />
            <span>{children()}</span>
        </label>
    }
}

#[component]
fn CardBody(
    title: Option<String>,
    note: Option<String>,
    icon: Option<IconName>,
    children: Option<Children>,
) -> impl IntoView {
    view! {
        {icon.map(|name| view! { <Icon name=name size=24 /> })}
        <span class="card-words">
            {children.map(|children| children())}
            {title.map(|title| view! { <span class="card-title">{title}</span> })}
            {note.map(|note| view! { <span class="card-note">{note}</span> })}
        </span>
    }
}

/// A check as a card of at least 48 px.
#[component]
pub fn CheckCard(
    /// Name sent with the form.
    #[prop(into)]
    name: String,
    /// Value sent when it is checked.
    #[prop(into)]
    value: String,
    /// The words.
    #[prop(into, optional)]
    title: Option<String>,
    /// Smaller words below.
    #[prop(into, optional)]
    note: Option<String>,
    /// An icon before the words.
    #[prop(optional)]
    icon: Option<IconName>,
    /// Whether it is checked.
    #[prop(into, optional)]
    checked: Signal<bool>,
    /// Id of the control.
    #[prop(into, optional)]
    id: Option<String>,
    /// Each change.
    #[prop(into, optional)]
    on_change: Option<Callback<bool>>,
    /// Other content than title and note.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let act = Callback::new(move |now| {
        if let Some(act) = on_change {
            act.run(now);
        }
    });
    view! {
        <label class="choice-card">
            <Tick kind="checkbox" name value checked id on_change=act heard=on_change.is_some() />
            <CardBody title note icon children />
        </label>
    }
}

/// A radio as a card of at least 48 px.
#[component]
pub fn RadioCard(
    /// Name sent with the form.
    #[prop(into)]
    name: String,
    /// Value sent when it is chosen.
    #[prop(into)]
    value: String,
    /// The words.
    #[prop(into, optional)]
    title: Option<String>,
    /// Smaller words below.
    #[prop(into, optional)]
    note: Option<String>,
    /// An icon before the words.
    #[prop(optional)]
    icon: Option<IconName>,
    /// Whether it is chosen.
    #[prop(into, optional)]
    checked: Signal<bool>,
    /// Id of the control.
    #[prop(into, optional)]
    id: Option<String>,
    /// When it is chosen, with its value.
    #[prop(into, optional)]
    on_change: Option<Callback<String>>,
    /// Other content than title and note, for example a `PurposeTag`.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let sent = value.clone();
    let act = Callback::new(move |_| {
        if let Some(act) = on_change {
            act.run(sent.clone());
        }
    });
    view! {
        <label class="choice-card">
            <Tick kind="radio" name value checked id on_change=act heard=on_change.is_some() />
            <CardBody title note icon children />
        </label>
    }
}

/// A group of controls with a legend.
#[component]
pub fn Fieldset(
    /// The question.
    #[prop(into)]
    legend: String,
    /// Smaller words beside the legend (いくつでも).
    #[prop(into, optional)]
    note: Option<String>,
    /// Between legend and controls.
    #[prop(into, optional)]
    hint: Option<String>,
    /// What is wrong.
    #[prop(into, optional)]
    error: Signal<Option<String>>,
    /// Says ※必須.
    #[prop(optional)]
    required: bool,
    /// Id of the group, for links from the error summary.
    #[prop(into)]
    id: String,
    /// More classes: `fieldset-row` puts the choices beside one another.
    #[prop(into, optional)]
    class: String,
    /// The controls.
    children: Children,
) -> impl IntoView {
    let describedby = described(&id, hint.is_some(), error);
    view! {
        <fieldset class=format!("fieldset {class}") id=id.clone() tabindex="-1" aria-describedby=describedby>
            <legend class="field-label">
                {legend} {note.map(|note| view! { <span class="field-note">{note}</span> })}
                {required.then(|| view! { <Required /> })}
            </legend>
            {hint.map(|hint| view! { <p class="field-hint" id=format!("{id}-hint")>{hint}</p> })}
            <div class="fieldset-body">{children()}</div>
            <FieldError id=format!("{id}-error") text=error />
        </fieldset>
    }
}

/// One line of the summary: the id of the field, and its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummaryItem {
    /// Id of the control or group.
    pub id: String,
    /// 「被害のあった日：まだ来ていない日です」
    pub text: String,
}

/// 「直すところが 2つあります」 with a link to each field. Takes focus when it appears.
#[component]
pub fn ErrorSummary(
    /// What is wrong; empty hides the summary.
    #[prop(into)]
    errors: Signal<Vec<SummaryItem>>,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if !errors.with(Vec::is_empty)
            && let Some(summary) = node.get()
        {
            // Focus is a help, not a need: a browser that refuses shows the summary all the same.
            drop(summary.focus());
        }
    });
    move || {
        let errors = errors.get();
        (!errors.is_empty()).then(|| {
            view! {
                <div class="error-summary" node_ref=node tabindex="-1" role="alert">
                    <Icon name=IconName::Warning size=24 />
                    <div>
                        <p class="error-summary-title">{format!("直すところが {}あります", domain::time::things(errors.len()))}</p>
                        <ul>
                            {errors
                                .into_iter()
                                .map(|e| view! { <li><a href=format!("#{}", e.id) rel="external">{e.text}</a></li> })
                                .collect_view()}
                        </ul>
                    </div>
                </div>
            }
        })
    }
}
