//! Questions of one control: numbers, times, scales, telephone, mail; what is worked out and
//! what is explained.

use super::sheet::Sheet;
use super::{Given, Group, field_id, field_name, wrong};
use crate::icon::{Icon, IconName};
use domain::form::{OTHER, Opt, Question, SHORT_MAX};
use leptos::prelude::*;

/// What one line is for: how the keyboard looks, and what the browser may fill in.
struct Line {
    kind: &'static str,
    keyboard: &'static str,
    fill: &'static str,
    max: usize,
}

fn line(group: &Group, given: &Given, line: Line) -> AnyView {
    view! {
        <input
            class="control"
            type=line.kind
            inputmode=line.keyboard
            autocomplete=line.fill
            id=format!("{}-text", group.id)
            name=given.name.clone()
            value=given.keys.first().cloned().unwrap_or_default()
            maxlength=line.max
            aria-label=group.label.clone()
            aria-describedby=group.described()
            aria-invalid=group.error.is_some().then_some("true")
        />
    }
    .into_any()
}

/// The line behind 「その他」. It is always there: without a script nothing else could open it.
pub(super) fn other(sheet: &Sheet, options: &[Opt], path: &str) -> Option<AnyView> {
    let option = options.iter().find(|o| o.key == OTHER)?;
    let path = format!("{path}.other");
    let id = field_id(&path);
    let error = sheet.error(&path);
    let described = error.is_some().then(|| format!("{id}-error"));
    let invalid = error.is_some().then_some("true");
    let view = view! {
        <div class="form-other">
            <label class="form-part-label" for=id.clone()>
                {format!("「{}」のときは、ここに書いてください", option.label)}
            </label>
            <input
                class="control"
                type="text"
                id=id.clone()
                name=field_name(&path)
                value=sheet.word(&path)
                maxlength=SHORT_MAX
                autocomplete="off"
                aria-describedby=described
                aria-invalid=invalid
            />
            {wrong(&id, error)}
        </div>
    };
    Some(view.into_any())
}

/// Several lines of text.
pub(super) fn long_text(group: Group, given: &Given, max: usize) -> AnyView {
    let note = format!("{max}文字まで");
    let control = view! {
        <textarea
            class="control control-area"
            id=format!("{}-text", group.id)
            name=given.name.clone()
            rows="5"
            maxlength=max
            aria-label=group.label.clone()
            aria-describedby=group.described()
            aria-invalid=group.error.is_some().then_some("true")
            autocomplete="off"
            prop:value=given.keys.first().cloned().unwrap_or_default()
        >
            {given.keys.first().cloned().unwrap_or_default()}
        </textarea>
        <p class="field-counter">{note}</p>
    };
    group.view(control.into_any())
}

/// A number with its unit.
pub(super) fn number(group: Group, given: &Given, unit: &str, decimals: bool) -> AnyView {
    let keyboard = if decimals { "decimal" } else { "numeric" };
    let control = line(&group, given, Line { kind: "text", keyboard, fill: "off", max: 30 });
    let unit = (!unit.is_empty()).then(|| view! { <span class="suffix">{unit.to_owned()}</span> });
    group.view(view! { <div class="control-row form-number">{control} {unit}</div> }.into_any())
}

/// A telephone number.
pub(super) fn telephone(group: Group, given: &Given) -> AnyView {
    let control = line(&group, given, Line { kind: "tel", keyboard: "tel", fill: "tel", max: 20 });
    group.view(control)
}

/// A mail address.
pub(super) fn mail(group: Group, given: &Given) -> AnyView {
    let line_of = Line { kind: "email", keyboard: "email", fill: "email", max: 254 };
    let control = line(&group, given, line_of);
    group.view(control)
}

/// A time of day: hour and minute; typed where the steps do not part an hour.
pub(super) fn time(group: Group, given: &Given, step: u8) -> AnyView {
    if 60 % u16::from(step.max(1)) != 0 {
        let line_of = Line { kind: "text", keyboard: "text", fill: "off", max: 5 };
        let control = line(&group, given, line_of);
        return group.view(control);
    }
    let (hour, minute) = match given.keys.as_slice() {
        [hour, minute, ..] => (hour.clone(), minute.clone()),
        [one] => one.split_once(':').map_or_else(Default::default, |(h, m)| (h.into(), m.into())),
        [] => Default::default(),
    };
    let trim = |text: &str| text.trim_start_matches('0').to_owned();
    let options = |unit: &'static str, to: u16, step: u16, chosen: &str| {
        let chosen = (!chosen.is_empty()).then(|| trim(chosen));
        let first = view! { <option value="" selected=chosen.is_none()>{unit}</option> };
        let all = (0..to).step_by(usize::from(step)).map(|n| {
            let selected = chosen.as_deref() == Some(&trim(&n.to_string()));
            view! { <option value=n.to_string() selected=selected>{format!("{n}{unit}")}</option> }
        });
        let all = all.collect_view();
        view! { {first} {all} }
    };
    let select = |part: &str, name: &str, options: AnyView| {
        view! {
            <span class="select">
                <select
                    class="control"
                    id=format!("{}-{part}", group.id)
                    name=given.name.clone()
                    aria-label=format!("{}（{name}）", group.label)
                    aria-describedby=group.described()
                    aria-invalid=group.error.is_some().then_some("true")
                    autocomplete="off"
                >
                    {options}
                </select>
                <Icon name=IconName::ChevronDown size=18 />
            </span>
        }
    };
    let controls = view! {
        <div class="form-date form-time">
            {select("hour", "時", options("時", 24, 1, &hour).into_any())}
            {select("minute", "分", options("分", 60, u16::from(step.max(1)), &minute).into_any())}
        </div>
    };
    let controls = controls.into_any();
    group.view(controls)
}

/// A step on a scale.
pub(super) fn scale(
    group: Group,
    given: &Given,
    from: i32,
    to: i32,
    low: &str,
    high: &str,
) -> AnyView {
    let steps = (from..=to)
        .map(|n| {
            // What the ends mean is read with their numbers, too.
            let words = match n {
                n if n == from && !low.is_empty() => format!("（{low}）"),
                n if n == to && !high.is_empty() => format!("（{high}）"),
                _ => String::new(),
            };
            view! {
                <label class="scale-step">
                    <input class="tick radio" type="radio" name=given.name.clone() value=n.to_string() checked=given.has(&n.to_string()) />
                    <span>{n}<span class="visually-hidden">{words}</span></span>
                </label>
            }
        })
        .collect_view();
    let ends = (!low.is_empty() || !high.is_empty()).then(|| {
        view! {
            <div class="scale-ends" aria-hidden="true">
                <span>{low.to_owned()}</span>
                <span>{high.to_owned()}</span>
            </div>
        }
    });
    group.view(view! { <div class="scale">{steps}</div> {ends} }.into_any())
}

/// What is worked out.
pub(super) fn calculation(sheet: &Sheet, question: &Question, path: &str) -> AnyView {
    let id = field_id(path);
    let words = sheet.worked_out(path).map(|a| a.words(question));
    view! {
        <div class="form-sum" id=id.clone() tabindex="-1">
            <span class="field-label" id=format!("{id}-label")>{question.label.clone()}</span>
            <output data-worked-out=path.to_owned() aria-labelledby=format!("{id}-label")>
                {words.unwrap_or_else(|| "まだ計算できません".into())}
            </output>
            {(!question.hint.is_empty()).then(|| view! { <p class="field-hint">{question.hint.clone()}</p> })}
        </div>
    }
    .into_any()
}

/// Words between questions.
pub(super) fn explanation(question: &Question, text: &str) -> AnyView {
    let label = &question.label;
    view! {
        <div class="form-explanation">
            {(!label.is_empty()).then(|| view! { <h2>{label.clone()}</h2> })}
            <p>{text.to_owned()}</p>
        </div>
    }
    .into_any()
}
