//! The choices of an attribute: written, ordered, hidden, deleted.

use super::draft::{Draft, Row};
use super::drag::{Drag, Grip};
use super::loss::chosen_by;
use domain::attribute::Uses;
use domain::attribute::edit::move_item;
use domain::id::ChoiceId;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use ui::prelude::*;
use ui::toast::Offers;

/// The list of choices.
#[component]
pub(crate) fn Choices(
    draft: Draft,
    uses: StoredValue<Uses>,
    errors: RwSignal<Vec<SummaryItem>>,
) -> impl IntoView {
    let (toasts, offers) = (use_toasts(), use_offers());
    let drag = Drag::<u32>::new();
    let add = move || focus_soon(format!("choice-{}", draft.add(None, "")));
    let pasted = RwSignal::new(String::new());
    let lines = move || {
        pasted.with(|text| {
            text.lines()
                .map(str::trim)
                .filter(|l| !l.is_empty())
                .map(ToOwned::to_owned)
                .collect::<Vec<_>>()
        })
    };
    view! {
        <ol class="sort-list" id="choices" tabindex="-1" aria-label="選択肢">
            <For each=move || draft.rows.get() key=|row| row.uid let:row>
                <ChoiceRow draft row uses errors offers drag />
            </For>
        </ol>
        <div class="cluster">
            <Button kind=Kind::Act size=Size::Small icon=IconName::Plus on_click=move |_| add()>"選択肢を足す"</Button>
        </div>
        <details class="more">
            <summary>"まとめて貼り付ける"</summary>
            <div class="stack-s">
                <TextArea
                    name="pasted"
                    label="足す選択肢"
                    hint="1行に1つずつ書いてください。ExcelやWordから、そのまま貼り付けられます。"
                    value=pasted
                    on_input=Callback::new(move |text| pasted.set(text))
                />
                <div><Button
                    size=Size::Small
                    on_click=move |_| {
                        let lines = lines();
                        if lines.is_empty() {
                            toasts.warn("足す選択肢がまだ書かれていません。1行に1つずつ書いてください");
                            return;
                        }
                        draft.rows.update(|rows| rows.retain(|r| r.choice.id != ChoiceId(0) || !r.choice.label.trim().is_empty()));
                        for line in &lines {
                            draft.add(None, line);
                        }
                        pasted.set(String::new());
                        toasts.ok(format!("選択肢を {}足しました", things(lines.len())));
                    }
                >
                    {move || match lines().len() {
                        0 => "書いたものを足す".to_owned(),
                        n => format!("この {}を足す", things(n)),
                    }}
                </Button></div>
            </div>
        </details>
    }
}

#[component]
fn ChoiceRow(
    draft: Draft,
    row: Row,
    uses: StoredValue<Uses>,
    errors: RwSignal<Vec<SummaryItem>>,
    offers: Offers,
    drag: Drag<u32>,
) -> impl IntoView {
    let field = format!("choice-{}", row.uid);
    let error = Signal::derive(move || {
        errors.with(|e| e.iter().find(|e| e.id == field).map(|e| e.text.clone()))
    });
    let toasts = use_toasts();
    let Row { uid, choice } = row;
    let id = choice.id;
    let place =
        move || draft.rows.with(|rows| rows.iter().position(|r| r.uid == uid)).unwrap_or_default();
    let name = move || {
        let label = draft
            .rows
            .with(|rows| {
                rows.iter().find(|r| r.uid == uid).map(|r| r.choice.label.trim().to_owned())
            })
            .unwrap_or_default();
        if label.is_empty() {
            format!("選択肢{}", place() + 1)
        } else {
            format!("「{label}」")
        }
    };
    let hidden =
        move || draft.rows.with(|rows| rows.iter().any(|r| r.uid == uid && r.choice.hidden));
    let to = move |to: usize, focus: &str| {
        let from = draft
            .rows
            .with_untracked(|rows| rows.iter().position(|r| r.uid == uid))
            .unwrap_or_default();
        let last = draft.rows.with_untracked(Vec::len).saturating_sub(1);
        if from == to.min(last) {
            toasts.say(if to == 0 { "いちばん上です" } else { "いちばん下です" });
        } else {
            draft.rows.update(|rows| move_item(rows, from, to));
            toasts.say(format!("{}を {}番目にしました", untrack(name), to.min(last) + 1));
        }
        focus_soon(format!("{focus}-{uid}"));
    };
    let step = move |down: bool, focus: &str| {
        let at = untrack(place);
        to(if down { at + 1 } else { at.saturating_sub(1) }, focus);
    };
    let remove = move || {
        let Some((at, row)) = draft
            .rows
            .try_update(|rows| {
                rows.iter().position(|r| r.uid == uid).map(|at| (at, rows.remove(at)))
            })
            .flatten()
        else {
            return;
        };
        let near = draft.rows.with_untracked(|rows| {
            rows.get(at).or(rows.last()).map(|r| format!("choice-{}", r.uid))
        });
        focus_soon(near.unwrap_or_else(|| "choices".into()));
        let answers = uses.with_value(|u| chosen_by(u, id));
        if row.choice.label.trim().is_empty() && id == ChoiceId(0) {
            return;
        }
        let words = if answers > 0 {
            format!(
                "「{}」を消しました。保存すると、選んでいた {}人の答えも消えます",
                row.choice.label,
                thousands(answers)
            )
        } else {
            format!("「{}」を消しました", row.choice.label)
        };
        offers.ok(words, "元にもどす", move || {
            let row = row.clone();
            draft.rows.update(|rows| {
                let at = at.min(rows.len());
                rows.insert(at, row);
            });
            focus_soon(format!("choice-{uid}"));
        });
    };
    let on_key = move |event: KeyboardEvent| match (event.key().as_str(), event.alt_key()) {
        ("ArrowUp", true) => {
            event.prevent_default();
            step(false, "choice");
        }
        ("ArrowDown", true) => {
            event.prevent_default();
            step(true, "choice");
        }
        ("Enter", false) if !event.is_composing() => {
            event.prevent_default();
            focus_soon(format!("choice-{}", draft.add(Some(untrack(place) + 1), "")));
        }
        _ => {}
    };
    let class = move || {
        let follows =
            |from| draft.rows.with(|rows| rows.iter().position(|r| r.uid == from)) < Some(place());
        format!("sort-row {}", drag.class(uid, follows))
    };
    let count = (id != ChoiceId(0)).then(|| uses.with_value(|u| chosen_by(u, id)));
    view! {
        <li
            class=class
            on:dragover=move |event| drag.over(&event, uid)
            on:drop=move |event| {
                if let Some(from) = drag.drop(&event) {
                    let at = untrack(place);
                    draft.rows.update(|rows| {
                        if let Some(from) = rows.iter().position(|r| r.uid == from) {
                            move_item(rows, from, at);
                        }
                    });
                }
            }
        >
            <Grip drag item=uid />
            <input
                class="control"
                id=format!("choice-{uid}")
                aria-label=move || format!("選択肢{}", place() + 1)
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=move || error.with(Option::is_some).then(|| format!("choice-{uid}-error"))
                aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown"
                maxlength="100"
                value=choice.label
                on:input=move |event| draft.change(uid, |c| c.label = event_target_value(&event))
                on:keydown=on_key
            />
            <span class="sort-count">
                {count.map(|n| format!("{}人", thousands(n)))} {move || hidden().then(|| view! { <strong class="sub">"かくしている"</strong> })}
            </span>
            <span class="sort-acts">
                <Small id=format!("up-{uid}") icon=IconName::ChevronUp label=Signal::derive(move || format!("{}を上へ", name())) act=move || step(false, "up") />
                <Small id=format!("down-{uid}") icon=IconName::ChevronDown label=Signal::derive(move || format!("{}を下へ", name())) act=move || step(true, "down") />
                <button
                    class="icon-btn"
                    type="button"
                    aria-pressed=move || if hidden() { "true" } else { "false" }
                    aria-label=move || format!("{}をかくす", name())
                    title="新しい答えに出さない"
                    on:click=move |_| {
                        let now = !untrack(hidden);
                        draft.change(uid, |c| c.hidden = now);
                        let kept = if now { "かくしました。すでに選んだ人の答えは残ります" } else { "また出すようにしました" };
                        toasts.say(format!("{}を{kept}", untrack(name)));
                    }
                >
                    {move || view! { <Icon name=if hidden() { IconName::EyeOff } else { IconName::Eye } /> }}
                </button>
                <Small id=format!("remove-{uid}") icon=IconName::Trash label=Signal::derive(move || format!("{}を消す", name())) act=remove />
            </span>
            <FieldError id=format!("choice-{uid}-error") text=error />
        </li>
    }
}

/// An icon button with an id and a label that follows the words of its row.
#[component]
fn Small(
    id: String,
    icon: IconName,
    label: Signal<String>,
    act: impl Fn() + 'static,
) -> impl IntoView {
    view! {
        <button class="icon-btn" type="button" id=id aria-label=label title=label on:click=move |_| act()>
            <Icon name=icon />
        </button>
    }
}
