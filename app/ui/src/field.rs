//! Text fields, areas and selects: a visible label above, ※必須 in words, the
//! hint before the control, the error below it, and all of them wired by id.
//!
//! What somebody typed before wasm arrived is never overwritten: a field's
//! property follows its signal only after the signal's first change.

use crate::icon::{Icon, IconName};
use leptos::{html, prelude::*};

/// 「※必須」, in words and not by colour or an asterisk alone.
#[component]
pub fn Required() -> impl IntoView {
    view! { <span class="required">"※必須"</span> }
}

/// What is wrong with a field and what to do, below it.
#[component]
pub fn FieldError(
    /// The id that the control names in `aria-describedby`.
    #[prop(into)]
    id: String,
    /// The words, or nothing.
    #[prop(into)]
    text: Signal<Option<String>>,
) -> impl IntoView {
    move || {
        text.get().map(|text| {
            view! {
                <p class="field-error" id=id.clone()>
                    <Icon name=IconName::Warning size=18 />
                    <span>{text}</span>
                </p>
            }
        })
    }
}

/// What stands around one control: label, ※必須 and hint before it, the error behind it.
#[component]
pub(crate) fn Framed(
    id: String,
    label: String,
    hint: Option<String>,
    required: bool,
    error: Signal<Option<String>>,
    class: String,
    children: Children,
) -> impl IntoView {
    view! {
        <div class=format!("field {class}")>
            <label class="field-label" for=id.clone()>
                {label}
                {required.then(|| view! { <Required /> })}
            </label>
            {hint.map(|hint| view! { <p class="field-hint" id=format!("{id}-hint")>{hint}</p> })}
            {children()}
            <FieldError id=format!("{id}-error") text=error />
        </div>
    }
}

/// The ids that describe a control: hint and error, where they are.
pub(crate) fn described(
    id: &str,
    hint: bool,
    error: Signal<Option<String>>,
) -> impl Fn() -> Option<String> + Send + Sync + Clone + 'static {
    let id = id.to_owned();
    move || match (hint, error.with(Option::is_some)) {
        (true, true) => Some(format!("{id}-hint {id}-error")),
        (true, false) => Some(format!("{id}-hint")),
        (false, true) => Some(format!("{id}-error")),
        (false, false) => None,
    }
}

pub(crate) fn invalid(
    error: Signal<Option<String>>,
) -> impl Fn() -> Option<&'static str> + Send + Sync + Copy + 'static {
    move || error.with(Option::is_some).then_some("true")
}

/// Runs `set` whenever `value` changes after its first run.
fn follow<T: Clone + PartialEq + Send + Sync + 'static>(
    value: Signal<T>,
    set: impl Fn(&T) + 'static,
) {
    Effect::new(move |before: Option<T>| {
        let now = value.get();
        if before.is_some_and(|before| before != now) {
            set(&now);
        }
        now
    });
}

/// One line of text, a number, a date, a password.
#[component]
pub fn TextField(
    /// Name sent with the form.
    #[prop(into)]
    name: String,
    /// The visible label.
    #[prop(into)]
    label: String,
    /// The value; later changes of the signal are written into the field.
    #[prop(into, optional)]
    value: Signal<String>,
    /// Between label and control.
    #[prop(into, optional)]
    hint: Option<String>,
    /// What is wrong.
    #[prop(into, optional)]
    error: Signal<Option<String>>,
    /// Says ※必須 (the server decides).
    #[prop(optional)]
    required: bool,
    /// `type` of the input: text, password, number, date, time, email, tel, url, search.
    #[prop(into, default = "text".into())]
    kind: String,
    /// On-screen keyboard: numeric, tel, email …
    #[prop(into, optional)]
    inputmode: Option<String>,
    /// Token for the browser's filling-in.
    #[prop(into, optional)]
    autocomplete: Option<String>,
    /// Most characters that can be typed.
    #[prop(optional)]
    maxlength: Option<u32>,
    /// Shown dashed, can be selected and copied.
    #[prop(optional)]
    readonly: bool,
    /// Id; the name where it is left out.
    #[prop(into, optional)]
    id: Option<String>,
    /// A unit after the control (人, 分前).
    #[prop(into, optional)]
    suffix: Option<String>,
    /// Takes focus when the page opens.
    #[prop(optional)]
    autofocus: bool,
    /// More classes on the field: `field-short`, `field-mid`.
    #[prop(into, optional)]
    class: String,
    /// Each change, with the value.
    #[prop(into, optional)]
    on_input: Option<Callback<String>>,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| name.clone());
    let node = NodeRef::<html::Input>::new();
    follow(value, move |now| {
        if let Some(input) = node.get_untracked() {
            input.set_value(now);
        }
    });
    settle(move || {
        let Some(input) = node.get() else { return false };
        let (typed, now) = (input.value(), value.get_untracked());
        let before = took_before(&input);
        if let Some(act) = on_input.filter(|_| typed != now) {
            if before { input.set_value(&now) } else { act.run(typed) }
        }
        true
    });
    let describedby = described(&id, hint.is_some(), error);
    view! {
        <Framed id=id.clone() label hint required error class>
            <span class="control-row">
                <input
                    node_ref=node
                    class="control"
                    id=id.clone()
                    name=name
                    type=kind
                    value=value.get_untracked()
                    inputmode=inputmode
                    autocomplete=autocomplete
                    maxlength=maxlength
                    readonly=readonly
                    autofocus=autofocus
                    aria-required=required.then_some("true")
                    aria-invalid=invalid(error)
                    aria-describedby=describedby
                    on:input=move |event| {
                        if let Some(act) = on_input {
                            act.run(event_target_value(&event));
                        }
                    }
                />
                {suffix.map(|suffix| view! { <span class="suffix">{suffix}</span> })}
            </span>
        </Framed>
    }
}

/// Once, when there is a control. Of a field that the server drew, what was typed before wasm
/// arrived reaches the signal's owner; one that took another's control shows its own value. A
/// field that nobody listens to keeps what was typed.
pub(crate) fn settle(once: impl Fn() -> bool + 'static) {
    Effect::new(move |done: Option<bool>| done == Some(true) || once());
}

/// Whether a field has had this control before, and from now on has it. What is drawn anew takes
/// the controls of what stood there, with what was typed into them.
pub(crate) fn took_before(control: &leptos::web_sys::Element) -> bool {
    const MARK: &str = "data-taken";
    let before = control.has_attribute(MARK);
    // Fails for names that are no names only.
    drop(control.set_attribute(MARK, ""));
    before
}

/// Several lines of text.
#[component]
pub fn TextArea(
    /// Name sent with the form.
    #[prop(into)]
    name: String,
    /// The visible label.
    #[prop(into)]
    label: String,
    /// The value; later changes of the signal are written into the field.
    #[prop(into, optional)]
    value: Signal<String>,
    /// Between label and control.
    #[prop(into, optional)]
    hint: Option<String>,
    /// What is wrong.
    #[prop(into, optional)]
    error: Signal<Option<String>>,
    /// Says ※必須 (the server decides).
    #[prop(optional)]
    required: bool,
    /// Lines that show.
    #[prop(default = 4)]
    rows: u32,
    /// Id; the name where it is left out.
    #[prop(into, optional)]
    id: Option<String>,
    /// 「128 / 5,000字」 below at the right.
    #[prop(into, optional)]
    counter: MaybeProp<String>,
    /// More classes on the field; `label-hidden` keeps the label for screen readers only.
    #[prop(into, optional)]
    class: String,
    /// Each change, with the value.
    #[prop(into, optional)]
    on_input: Option<Callback<String>>,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| name.clone());
    let node = NodeRef::<html::Textarea>::new();
    follow(value, move |now| {
        if let Some(area) = node.get_untracked()
            && area.value() != *now
        {
            area.set_value(now);
        }
    });
    settle(move || {
        let Some(area) = node.get() else { return false };
        let (typed, now) = (area.value(), value.get_untracked());
        let before = took_before(&area);
        if let Some(act) = on_input.filter(|_| typed != now) {
            if before { area.set_value(&now) } else { act.run(typed) }
        }
        true
    });
    let describedby = described(&id, hint.is_some(), error);
    view! {
        <Framed id=id.clone() label hint required error class>
            <textarea
                node_ref=node
                class="control control-area"
                id=id.clone()
                name=name
                rows=rows
                aria-required=required.then_some("true")
                aria-invalid=invalid(error)
                aria-describedby=describedby
                inner_html=raw_text(&value.get_untracked())
                on:input=move |event| {
                    if let Some(act) = on_input {
                        act.run(event_target_value(&event));
                    }
                }
            ></textarea>
            {move || counter.get().map(|text| view! { <p class="field-counter">{text}</p> })}
        </Framed>
    }
}

/// The content of a `<textarea>` as markup. A parser drops the first line feed
/// after the tag; the server therefore writes one more.
fn raw_text(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
    if cfg!(feature = "ssr") && escaped.starts_with('\n') {
        format!("\n{escaped}")
    } else {
        escaped
    }
}

/// A choice among few or many words.
#[component]
pub fn Select(
    /// Name sent with the form.
    #[prop(into)]
    name: String,
    /// The visible label.
    #[prop(into)]
    label: String,
    /// Value and words of each option.
    #[prop(into)]
    options: Signal<Vec<(String, String)>>,
    /// The chosen value; later changes of the signal are written into the control.
    #[prop(into, optional)]
    value: Signal<String>,
    /// Between label and control.
    #[prop(into, optional)]
    hint: Option<String>,
    /// What is wrong.
    #[prop(into, optional)]
    error: Signal<Option<String>>,
    /// Says ※必須 (the server decides).
    #[prop(optional)]
    required: bool,
    /// Id; the name where it is left out.
    #[prop(into, optional)]
    id: Option<String>,
    /// More classes on the field; `label-hidden` keeps the label for screen readers only.
    #[prop(into, optional)]
    class: String,
    /// Each change, with the value.
    #[prop(into, optional)]
    on_change: Option<Callback<String>>,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| name.clone());
    let node = NodeRef::<html::Select>::new();
    follow(value, move |now| {
        if let Some(select) = node.get_untracked() {
            select.set_value(now);
        }
    });
    settle(move || {
        let Some(select) = node.get() else { return false };
        let before = took_before(&select);
        let now = value.get_untracked();
        if before && on_change.is_some() && select.value() != now {
            select.set_value(&now);
        }
        true
    });
    let describedby = described(&id, hint.is_some(), error);
    view! {
        <Framed id=id.clone() label hint required error class>
            <span class="select">
                <select
                    node_ref=node
                    class="control"
                    id=id.clone()
                    name=name
                    aria-required=required.then_some("true")
                    aria-invalid=invalid(error)
                    aria-describedby=describedby
                    on:change=move |event| {
                        if let Some(act) = on_change {
                            act.run(event_target_value(&event));
                        }
                    }
                >
                    {move || {
                        let chosen = value.get_untracked();
                        options
                            .get()
                            .into_iter()
                            .map(|(value, words)| {
                                let selected = value == chosen;
                                view! { <option value=value selected=selected>{words}</option> }
                            })
                            .collect_view()
                    }}
                </select>
                <Icon name=IconName::ChevronDown size=18 />
            </span>
        </Framed>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_an_area_cannot_leave_it() {
        assert_eq!(raw_text("</textarea><script>"), "&lt;/textarea>&lt;script>");
        assert_eq!(raw_text("a & b"), "a &amp; b");
    }
}
