//! What the linter found, always: each item leads to the field where it is mended.

use super::state::Builder;
use domain::form::edit::target;
use domain::form::lint::Finding;
use leptos::prelude::*;
use ui::prelude::*;
use wasm_bindgen::JsCast;

/// Ids of the fields at a pointer within what is edited, the nearest first.
fn fields(rest: &str) -> Vec<String> {
    let mut parts: Vec<&str> = rest.split('/').filter(|p| !p.is_empty()).collect();
    let mut ids = Vec::new();
    while !parts.is_empty() {
        ids.push(format!("b-{}", parts.join("-")));
        parts.pop();
    }
    ids.push("edited".into());
    ids
}

/// Brings the place to the middle, and focus to its field.
pub fn go(b: Builder, finding: &Finding) {
    let (to, rest) = b.form.with_untracked(|form| target(form, &finding.at));
    let to = match finding.at.as_str() {
        at if at.starts_with("/notices") => return,
        _ => to,
    };
    b.choose(to);
    // An option's field is named by its key.
    let named = b.form.with_untracked(|form| option_field(form, &finding.at));
    request_animation_frame(move || {
        request_animation_frame(move || {
            let found = named.into_iter().chain(fields(&rest)).find_map(|id| {
                document().get_element_by_id(&id)?.dyn_into::<web_sys::HtmlElement>().ok()
            });
            if let Some(field) = found {
                drop(field.focus());
                field.scroll_into_view();
            }
        });
    });
}

fn option_field(form: &domain::form::Form, at: &str) -> Option<String> {
    let value = serde_json::to_value(form).ok()?;
    let (list, rest) = ["options", "rows", "columns"].iter().find_map(|list| {
        let (before, after) = at.split_once(&format!("/ask/{list}/"))?;
        let index = after.split('/').next()?;
        Some((*list, format!("{before}/ask/{list}/{index}/key")))
    })?;
    Some(format!("b-ask-{list}-{}", value.pointer(&rest)?.as_str()?))
}

/// The findings that block, above what is edited; the rest behind a summary.
#[component]
pub fn Findings(b: Builder) -> impl IntoView {
    let blocking = Memo::new(move |_| {
        b.findings.with(|all| all.iter().filter(|f| f.blocks).cloned().collect::<Vec<_>>())
    });
    let notes = Memo::new(move |_| {
        b.findings.with(|all| all.iter().filter(|f| !f.blocks).cloned().collect::<Vec<_>>())
    });
    view! {
        <section class="findings" aria-label="公開前の点検" id="findings" tabindex="-1">
            {move || {
                let found = blocking.get();
                if found.is_empty() {
                    return view! { <p class="findings-ok"><Icon name=IconName::Check size=18 />"公開できます"</p> }.into_any();
                }
                let title = format!("このままでは公開できません　{}件", found.len());
                let more = found.len().saturating_sub(3);
                let (first, rest): (Vec<_>, Vec<_>) =
                    found.into_iter().enumerate().partition(|(i, _)| *i < 3);
                view! {
                    <Banner tone=Tone::Warn title>
                        {items(b, first.into_iter().map(|(_, f)| f).collect())}
                        {(more > 0)
                            .then(|| {
                                view! {
                                    <details class="more">
                                        <summary>{format!("ほか {more}件")}</summary>
                                        {items(b, rest.into_iter().map(|(_, f)| f).collect())}
                                    </details>
                                }
                            })}
                    </Banner>
                }
                    .into_any()
            }}
            {move || {
                let found = notes.get();
                (!found.is_empty())
                    .then(|| {
                        view! {
                            <details class="more">
                                <summary>{format!("見直すとよいところ {}件", found.len())}</summary>
                                {items(b, found)}
                            </details>
                        }
                    })
            }}
        </section>
    }
}

/// Findings as a list of buttons.
pub fn items(b: Builder, found: Vec<Finding>) -> AnyView {
    view! {
        <ul class="findings-list">
            {found
                .into_iter()
                .map(|finding| {
                    let words = finding.message.clone();
                    view! { <li><button type="button" class="finding" on:click=move |_| go(b, &finding)>{words}</button></li> }
                })
                .collect_view()}
        </ul>
    }
    .into_any()
}
