//! The tree as drawn brackets: かつ filled, または outlined, のぞく a dashed box.

use super::condition::Condition;
use super::edit::{Editor, Shape};
use super::gather::Gather;
use domain::audience::edit::{self, Joint, Path};
use domain::audience::words;
use leptos::prelude::*;
use ui::prelude::*;

/// The condition as a sentence, from the same tree that is sent.
#[component]
pub fn Readback(editor: Editor) -> impl IntoView {
    let runs = move || {
        editor.value.with(|value| match value {
            Some(audience) => editor.catalog.with_value(|c| words(audience, c)),
            None => Vec::new(),
        })
    };
    view! {
        <section class="readback" aria-label="この条件を文にすると">
            <p class="readback-head">
                <Icon name=IconName::Speaker size=16 />
                "この条件を文にすると"
            </p>
            <p class="readback-text">
                {move || {
                    let runs = runs();
                    if runs.is_empty() {
                        return view! { <span class="sub">"まだ条件がありません。"</span> }.into_any();
                    }
                    runs.into_iter().map(|w| if w.bold { view! { <b>{w.text}</b> }.into_any() } else { w.text.into_any() }).collect_view().into_any()
                }}
            </p>
        </section>
    }
}

/// The whole editor of the tree.
#[component]
pub fn Tree(editor: Editor) -> impl IntoView {
    let joint = Memo::new(move |_| editor.shape.with(root_joint));
    let value =
        Signal::derive(
            move || if joint.get() == Joint::All { "all".to_owned() } else { "any".to_owned() },
        );
    let relabel = move |to: String| {
        let by = if to == "all" { Joint::All } else { Joint::Any };
        if let Some(edit) = editor.tree.with_untracked(|t| edit::set_joint(t, &[], by)) {
            editor.replace(Some(edit.tree));
        }
    };
    view! {
        <div class="stack-s">
            {if editor.readonly {
                view! { <p><strong>"友だち"</strong>"のうち、次の" {move || if joint.get() == Joint::All { "すべてに" } else { "どれかに" }} "当てはまる人"</p> }.into_any()
            } else {
                view! {
                    <div class="cluster">
                        <span><strong>"友だち"</strong>"のうち、次の"</span>
                        <SegmentedRadio
                            label="条件のつなぎ方"
                            name="joint"
                            value
                            options=vec![("all".to_owned(), "すべてに（かつ）".to_owned()), ("any".to_owned(), "どれかに（または）".to_owned())]
                            on_change=relabel
                        />
                        <span>"当てはまる人"</span>
                    </div>
                }
                    .into_any()
            }}
            {move || draw(editor, &editor.shape.get())}
            {(!editor.readonly)
                .then(|| {
                    view! {
                        <div class="cluster">
                            {move || {
                                let word = joint.get().word();
                                view! {
                                    <Button kind=Kind::Act icon=IconName::Plus on_click=move |_| editor.add(|t, new| edit::append(t, &[], new))>
                                        {format!("「{word}」の条件を足す")}
                                    </Button>
                                }
                            }}
                            <Button on_click=move |_| editor.add(edit::except)>"のぞく条件を足す"</Button>
                            <Gather editor />
                        </div>
                        <p class="keys only-wide">
                            <Icon name=IconName::Keyboard />
                            "キーボード"
                            <span><kbd class="kbd">"↑"</kbd> " " <kbd class="kbd">"↓"</kbd> " 条件を移る"</span>
                            <span><kbd class="kbd">"Alt"</kbd> "+" <kbd class="kbd">"↑↓"</kbd> " 並べかえ"</span>
                            <span><kbd class="kbd">"Alt"</kbd> "+" <kbd class="kbd">"→"</kbd> " かっこに入れる"</span>
                            <span><kbd class="kbd">"Alt"</kbd> "+" <kbd class="kbd">"←"</kbd> " かっこから出す"</span>
                            <span><kbd class="kbd">"Delete"</kbd> " 消す"</span>
                        </p>
                    }
                })}
        </div>
    }
}

fn root_joint(shape: &Shape) -> Joint {
    if let Shape::Group { joint, .. } = shape { *joint } else { Joint::All }
}

fn draw(editor: Editor, shape: &Shape) -> AnyView {
    match shape {
        Shape::Leaf(at) => view! { <Condition editor at=at.clone() /> }.into_any(),
        Shape::Group { at, joint, except: true, items } => excluded(editor, at, *joint, items),
        Shape::Group { at, joint, except: false, items } => bracket(editor, at, *joint, items),
    }
}

/// かつ or または between two items; a button that turns it into the other.
fn mark(editor: Editor, at: &Path, i: usize, joint: Joint) -> AnyView {
    let class = if joint == Joint::All { "joint joint-and" } else { "joint joint-or" };
    if editor.readonly {
        return view! { <span class=class>{joint.word()}</span> }.into_any();
    }
    let id = editor.joint_id(at, i);
    let (back, place) = (id.clone(), at.clone());
    let turn = move |_| {
        let said = format!("「{}」に変えました", joint.other().word());
        if editor.try_step(|t| edit::set_joint(t, &place, joint.other()), &said) {
            focus_soon(back.clone());
        }
    };
    let hint = format!("「{}」に変える", joint.other().word());
    view! {
        <button class=class id=id type="button" title=hint.clone() on:click=turn>
            {joint.word()}
            <span class="visually-hidden">{format!("（押すと{hint}）")}</span>
        </button>
    }
    .into_any()
}

fn joined(editor: Editor, at: &Path, joint: Joint, items: &[Shape]) -> AnyView {
    items
        .iter()
        .enumerate()
        .map(|(i, item)| {
            let before = (i > 0).then(|| mark(editor, at, i, joint));
            view! {
                {before}
                {draw(editor, item)}
            }
        })
        .collect_view()
        .into_any()
}

fn bracket(editor: Editor, at: &Path, joint: Joint, items: &[Shape]) -> AnyView {
    let class = match (items.len(), joint) {
        (1, _) if at.is_empty() => "tree-group tree-one",
        (_, Joint::All) => "tree-group tree-all",
        (_, Joint::Any) => "tree-group tree-any",
    };
    let label = if joint == Joint::All {
        "次のすべてに当てはまる人"
    } else {
        "次のどれかに当てはまる人"
    };
    let inner = !at.is_empty() && !editor.readonly;
    let (more, out, not) = (at.clone(), at.clone(), at.clone());
    view! {
        <div class=class role="group" aria-label=label>
            {joined(editor, at, joint, items)}
            {inner
                .then(|| {
                    view! {
                        <div class="cluster">
                            <Button size=Size::Small icon=IconName::Plus on_click=move |_| editor.add(|t, new| edit::append(t, &more, new))>
                                {format!("「{}」の条件を足す", joint.word())}
                            </Button>
                            <Button kind=Kind::Plain size=Size::Small on_click=move |_| editor.step(|t| edit::ungroup(t, &out), "かっこを外しました")>
                                "かっこを外す"
                            </Button>
                            <Button kind=Kind::Plain size=Size::Small on_click=move |_| editor.step(|t| edit::negate(t, &not), "のぞく条件にしました")>
                                "この人たちをのぞく"
                            </Button>
                        </div>
                    }
                })}
        </div>
    }
    .into_any()
}

fn excluded(editor: Editor, at: &Path, joint: Joint, items: &[Shape]) -> AnyView {
    let title = match (items.len(), joint) {
        (1, _) => "次に当てはまる人を のぞく",
        (_, Joint::Any) => "次のどれかに当てはまる人を のぞく",
        (_, Joint::All) => "次のすべてに当てはまる人を のぞく",
    };
    let inside = match joint {
        // The title says it already.
        Joint::Any => items.iter().map(|item| draw(editor, item)).collect_view().into_any(),
        Joint::All => joined(editor, at, joint, items),
    };
    let turned = if joint == Joint::Any {
        "「すべてに当てはまる人」に変える"
    } else {
        "「どれかに当てはまる人」に変える"
    };
    let several = items.len() > 1;
    let (more, turn, stop) = (at.clone(), at.clone(), at.clone());
    view! {
        <div class="except" role="group" aria-label=title>
            <p class="except-title">{title}</p>
            {inside}
            {(!editor.readonly)
                .then(|| {
                    view! {
                        <div class="cluster">
                            <Button size=Size::Small icon=IconName::Plus on_click=move |_| editor.add(|t, new| edit::append(t, &more, new))>"のぞく条件を足す"</Button>
                            {several
                                .then(|| {
                                    view! {
                                        <Button
                                            kind=Kind::Plain
                                            size=Size::Small
                                            on_click=move |_| editor.step(|t| edit::set_joint(t, &turn, joint.other()), turned)
                                        >
                                            {turned}
                                        </Button>
                                    }
                                })}
                            <Button kind=Kind::Plain size=Size::Small on_click=move |_| editor.step(|t| edit::negate(t, &stop), "のぞくのをやめました")>
                                "のぞくのをやめる"
                            </Button>
                        </div>
                    }
                })}
        </div>
    }
    .into_any()
}
