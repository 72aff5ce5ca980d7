//! かっこでまとめる: choose conditions by checks, and how they belong together.

use super::edit::Editor;
use domain::audience::edit::{self, Joint};
use domain::audience::sentence;
use leptos::prelude::*;
use std::collections::BTreeSet;
use ui::prelude::*;

/// The button and, while it is open, the list of what stands outside of brackets.
#[component]
pub fn Gather(editor: Editor) -> impl IntoView {
    let open = RwSignal::new(false);
    let chosen = RwSignal::new(BTreeSet::<usize>::new());
    let by = RwSignal::new(Joint::Any);
    let many = Memo::new(move |_| editor.tree.with(|t| edit::items(t).len() > 1));
    let begin = move |_| {
        chosen.set(BTreeSet::new());
        by.set(editor.tree.with_untracked(|t| edit::joint(t).unwrap_or(Joint::All)).other());
        open.update(|o| *o = !*o);
        if open.get_untracked() {
            focus_soon("gather".into());
        }
    };
    let act = move |_| {
        let which: Vec<usize> = chosen.get_untracked().into_iter().collect();
        let joint = by.get_untracked();
        if which.len() > 1
            && editor.try_step(|t| edit::gather(t, &[], &which, joint), "かっこでまとめました")
        {
            open.set(false);
        }
    };
    // Another step has changed what there is to choose from.
    Effect::new(move |before: Option<()>| {
        editor.shape.track();
        if before.is_some() {
            open.set(false);
        }
    });
    let value =
        Signal::derive(
            move || if by.get() == Joint::All { "all".to_owned() } else { "any".to_owned() },
        );
    view! {
        {move || {
            many.get()
                .then(|| view! { <Button icon=IconName::Copy on_click=begin>"かっこでまとめる"</Button> })
        }}
        {move || {
            open.get()
                .then(|| {
                    let rows = editor.tree.with_untracked(|tree| {
                        edit::items(tree)
                            .iter()
                            .map(|item| editor.catalog.with_value(|c| sentence(item, c)).trim_end_matches('。').to_owned())
                            .collect::<Vec<_>>()
                    });
                    view! {
                        <div
                            id="gather"
                            class="gather"
                            role="group"
                            aria-label="かっこでまとめる条件"
                            tabindex="-1"
                            on:keydown=move |event| {
                                if event.key() == "Escape" {
                                    open.set(false);
                                }
                            }
                        >
                            <p><strong>"どの条件をまとめますか"</strong> <span class="sub dense">" 2つ以上"</span></p>
                            <ul class="pick-choices">
                                {rows
                                    .into_iter()
                                    .enumerate()
                                    .map(|(i, words)| {
                                        let change = move |on: bool| chosen.update(|c| {
                                            if on {
                                                c.insert(i);
                                            } else {
                                                c.remove(&i);
                                            }
                                        });
                                        view! {
                                            <li>
                                                <Checkbox name="gather" value=i.to_string() on_change=change>{words}</Checkbox>
                                            </li>
                                        }
                                    })
                                    .collect_view()}
                            </ul>
                            <div class="cluster">
                                <SegmentedRadio
                                    label="まとめた条件のつなぎ方"
                                    name="gather-joint"
                                    value
                                    options=vec![("any".to_owned(), "または".to_owned()), ("all".to_owned(), "かつ".to_owned())]
                                    on_change=move |to: String| by.set(if to == "all" { Joint::All } else { Joint::Any })
                                />
                                <span>"でつなぐ"</span>
                                <span class="end cluster">
                                    <Button on_click=move |_| open.set(false)>"やめる"</Button>
                                    <Button kind=Kind::Act on_click=act>
                                        {move || match chosen.with(BTreeSet::len) {
                                            0 | 1 => "2つ以上えらんでください".to_owned(),
                                            n => format!("{}をまとめる", things(n)),
                                        }}
                                    </Button>
                                </span>
                            </div>
                        </div>
                    }
                })
        }}
    }
}
