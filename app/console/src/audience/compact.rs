//! The short form: one sentence with the same words as controls. Brackets are
//! written, never implied.

use super::condition::{Words, keys};
use super::edit::{Editor, Shape};
use domain::audience::edit::{Joint, Path};
use leptos::prelude::*;

/// 「友だちのうち、［お住まい］が［東町］に ふくまれる人。」
#[component]
pub fn Sentence(editor: Editor) -> impl IntoView {
    view! {
        <div class="audience-sentence">
            <span>"友だちのうち、"</span>
            {move || editor.shape.with(|shape| draw(editor, shape, true))}
            <span>"人。"</span>
        </div>
    }
}

fn draw(editor: Editor, shape: &Shape, top: bool) -> AnyView {
    match shape {
        Shape::Leaf(at) => condition(editor, at.clone()),
        Shape::Group { joint, except: true, items, .. } => view! {
            <span class="compact-except">
                <b>"のぞく："</b>
                {joined(editor, *joint, items)}
            </span>
        }
        .into_any(),
        Shape::Group { joint, items, .. } if top || items.len() == 1 => {
            joined(editor, *joint, items)
        }
        Shape::Group { joint, items, .. } => view! {
            <span>"（"</span>
            {joined(editor, *joint, items)}
            <span>"）"</span>
        }
        .into_any(),
    }
}

fn joined(editor: Editor, joint: Joint, items: &[Shape]) -> AnyView {
    let class = if joint == Joint::All { "joint-and" } else { "joint-or" };
    items
        .iter()
        .enumerate()
        .map(|(i, item)| {
            let except = joint == Joint::All && matches!(item, Shape::Group { except: true, .. });
            view! {
                {(i > 0 && !except).then(|| view! { <span class=class>{joint.word()}</span> })}
                {draw(editor, item, false)}
            }
        })
        .collect_view()
        .into_any()
}

fn condition(editor: Editor, at: Path) -> AnyView {
    let words = at.clone();
    view! {
        <span class="compact-condition" role="group" aria-label="条件" on:keydown=move |event| keys(editor, &at, &event)>
            <Words editor at=words />
        </span>
    }
    .into_any()
}
