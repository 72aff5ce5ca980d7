//! The options of a choice, the rows and columns of a table: words, order, points.

use super::state::Builder;
use crate::attribute::drag::{Drag, Grip};
use domain::form::edit::{self, Known, Target, Which};
use domain::form::{Ask, OTHER, Opt, Question, normal};
use leptos::prelude::*;
use ui::prelude::*;

/// Which list of options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum List {
    Options,
    Rows,
    Columns,
}

fn list(ask: &Ask, which: List) -> &[Opt] {
    match (ask, which) {
        (Ask::Matrix { rows, .. }, List::Rows) => rows,
        (Ask::Matrix { columns, .. }, List::Columns) => columns,
        (ask, List::Options) => ask.options(),
        _ => &[],
    }
}

fn list_mut(ask: &mut Ask, which: List) -> Option<&mut Vec<Opt>> {
    match (ask, which) {
        (Ask::Matrix { rows, .. }, List::Rows) => Some(rows),
        (Ask::Matrix { columns, .. }, List::Columns) => Some(columns),
        (ask, List::Options) => edit::options_mut(ask),
        _ => None,
    }
}

/// The options of a choice.
#[component]
pub fn Options(b: Builder, which: Which, tree: bool) -> impl IntoView {
    view! { <Editor b which list=List::Options legend=if tree { "場所" } else { "選択肢" } tree /> }
}

/// The rows or columns of a table.
#[component]
pub fn Rows(b: Builder, which: Which, rows: bool) -> impl IntoView {
    let (list, legend) = if rows {
        (List::Rows, "行（たずねること）")
    } else {
        (List::Columns, "列（選び方）")
    };
    view! { <Editor b which list legend tree=false /> }
}

#[component]
fn Editor(b: Builder, which: Which, list: List, legend: &'static str, tree: bool) -> impl IntoView {
    let at = list;
    let which = StoredValue::new(which);
    let pointed = match at {
        List::Options => "b-ask-options",
        List::Rows => "b-ask-rows",
        List::Columns => "b-ask-columns",
    };
    // Keys and order are what is drawn; words are the fields' own.
    let keys = which.with_value(|w| {
        b.of(
            w,
            move |q| {
                let all = self::list(&q.ask, at).iter();
                all.map(|o| (o.key.clone(), o.parent.clone())).collect::<Vec<_>>()
            },
            Vec::new(),
        )
    });
    let change = move |change: &dyn Fn(&mut Vec<Opt>, &str, &mut Known)| {
        which.with_value(|w| {
            b.change_question(w, |q, known| {
                let key = q.key.clone();
                if let Some(options) = list_mut(&mut q.ask, at) {
                    change(options, &key, known);
                }
            });
        });
    };
    let more = move || {
        change(&|options, question, known| {
            let new = Opt { key: known.option_key(question), ..Opt::default() };
            let at = options.iter().position(|o| o.key == OTHER).unwrap_or(options.len());
            options.insert(at, new);
        });
        let last = keys.with_untracked(|k| k.iter().rfind(|(k, _)| k != OTHER).cloned());
        if let Some((key, _)) = last {
            focus_soon(format!("{pointed}-{key}"));
        }
    };
    let has_other = Memo::new(move |_| keys.with(|k| k.iter().any(|(k, _)| k == OTHER)));
    let other = move |_| {
        change(&|options, _, _| {
            options.push(Opt { key: OTHER.into(), label: "その他".into(), ..Opt::default() });
        });
    };
    let drag = Drag::<usize>::new();
    let pasting = RwSignal::new(false);
    let pasted = RwSignal::new(String::new());
    let paste = move |()| {
        pasting.set(false);
        let text = pasted.get_untracked();
        change(&|options, question, known| edit::paste(options, &text, question, known));
        focus_soon(pointed.into());
    };
    let error = which.with_value(|w| {
        let rest = match at {
            List::Options => "/ask/options",
            List::Rows => "/ask/rows",
            List::Columns => "/ask/columns",
        };
        b.error_at(Target::Question(w.clone()), rest)
    });
    let choice = at == List::Options && !tree;
    view! {
        <fieldset class="fieldset options-edit" id=pointed tabindex="-1">
            <legend class="field-label">{legend}</legend>
            <ul class="options-list">
                {move || {
                    let all = keys.get();
                    let count = all.len();
                    all.into_iter()
                        .enumerate()
                        .map(|(i, (key, _))| {
                            view! {
                                <li
                                    class=move || drag.class(i, |item| item < i)
                                    on:dragover=move |e| drag.over(&e, i)
                                    on:drop=move |e| {
                                        if let Some(from) = drag.drop(&e) {
                                            change(&|options, _, _| {
                                                if from < options.len() && i < options.len() {
                                                    let moved = options.remove(from);
                                                    options.insert(i, moved);
                                                }
                                            });
                                        }
                                    }
                                >
                                    <Grip drag item=i />
                                    <Line b which=which.get_value() at key i count tree pointed />
                                </li>
                            }
                        })
                        .collect_view()
                }}
            </ul>
            <FieldError id=format!("{pointed}-error") text=error />
            <div class="cluster">
                <Button kind=Kind::Plain size=Size::Small icon=IconName::Plus on_click=move |_| more()>
                    {match at { List::Rows => "行を足す", List::Columns => "列を足す", List::Options if tree => "場所を足す", List::Options => "選択肢を足す" }}
                </Button>
                {choice
                    .then(|| {
                        view! {
                            {move || (!has_other.get()).then(|| view! { <Button kind=Kind::Plain size=Size::Small icon=IconName::Pencil on_click=other>"「その他」（書いてもらう）を足す"</Button> })}
                            <Button
                                kind=Kind::Plain
                                size=Size::Small
                                icon=IconName::List
                                on_click=move |_| {
                                    let now = which.with_value(|w| b.question(w)).map(|q| words(&q)).unwrap_or_default();
                                    pasted.set(now);
                                    pasting.set(true);
                                }
                            >
                                "まとめて書く・貼り付ける"
                            </Button>
                        }
                    })}
            </div>
            {choice
                .then(|| {
                    view! {
                        <ConfirmDialog id="paste-options" title="選択肢をまとめて書く" open=pasting confirm="この選択肢にする" on_confirm=paste>
                            <TextArea
                                name="pasted"
                                label="1行に1つ"
                                hint="Excelの列を、そのまま貼り付けられます。同じことばの選択肢は、前の答えとつながったままです"
                                rows=10
                                value=pasted
                                on_input=move |text| pasted.set(text)
                            />
                        </ConfirmDialog>
                    }
                })}
        </fieldset>
    }
}

fn words(question: &Question) -> String {
    let labels: Vec<&str> = question.ask.options().iter().map(|o| o.label.as_str()).collect();
    labels.join("\n")
}

/// One option: words, and what stands behind 「⋯」.
#[component]
fn Line(
    b: Builder,
    which: Which,
    at: List,
    key: String,
    i: usize,
    count: usize,
    tree: bool,
    pointed: &'static str,
) -> impl IntoView {
    let which = StoredValue::new(which);
    let key = StoredValue::new(key);
    let found = move |q: &Question| -> Option<Opt> {
        key.with_value(|k| list(&q.ask, at).iter().find(|o| o.key == *k).cloned())
    };
    let of = move |get: fn(&Opt) -> String| {
        let get = move |q: &Question| found(q).map(|o| get(&o)).unwrap_or_default();
        which.with_value(|w| b.of(w, get, String::new()))
    };
    let write = move |what: &'static str, set: &dyn Fn(&mut Opt)| {
        let what = format!("{pointed}/{}/{what}", key.get_value());
        which.with_value(|w| {
            b.write_question(&what, w, |q| {
                let found = list_mut(&mut q.ask, at)
                    .and_then(|l| key.with_value(|k| l.iter_mut().find(|o| o.key == *k)));
                if let Some(option) = found {
                    set(option);
                }
            });
        });
    };
    let change = move |change: &dyn Fn(&mut Vec<Opt>)| {
        which.with_value(|w| {
            b.change_question(w, |q, _| {
                if let Some(options) = list_mut(&mut q.ask, at) {
                    change(options);
                }
            });
        });
    };
    let own = key.get_value();
    let label = b.form.with_untracked(|f| {
        which.with_value(|w| edit::question(f, w).and_then(found).map(|o| o.label))
    });
    let label = label.filter(|l| !l.is_empty()).unwrap_or_else(|| format!("{}目", things(i + 1)));
    let id = format!("{pointed}-{own}");
    let to = format!("{pointed}-{i}");
    let enter = move |event: leptos::ev::KeyboardEvent| {
        // Alt with an arrow moves, as in the outline.
        let up = event.key() == "ArrowUp";
        if event.alt_key() && (up || event.key() == "ArrowDown") {
            event.prevent_default();
            step(&change, i, up, count);
            focus_soon(format!("{pointed}-{}", key.get_value()));
        }
    };
    let parents = move || {
        which.with_value(|w| {
            b.form.with(|f| {
                let options = edit::question(f, w).map(|q| list(&q.ask, at).to_vec());
                let below = |o: &Opt| o.key == key.get_value();
                let names = options.unwrap_or_default().into_iter().filter(|o| !below(o));
                std::iter::once((String::new(), "いちばん上".to_owned()))
                    .chain(names.map(|o| (o.key, format!("「{}」の中", o.label))))
                    .collect::<Vec<_>>()
            })
        })
    };
    let choice = at == List::Options;
    view! {
        <div class="option-line" on:keydown=enter id=to>
            <TextField
                id=id.clone()
                name=id.clone()
                label=format!("{}目", things(i + 1))
                class="label-hidden grow"
                maxlength=200
                autocomplete="off"
                value=of(|o| o.label.clone())
                on_input=move |text: String| write("label", &|o| o.label.clone_from(&text))
            />
            {tree
                .then(|| {
                    view! {
                        <Select
                            id=format!("{id}-parent")
                            name=format!("{id}-parent")
                            label=format!("「{label}」を囲む場所")
                            class="label-hidden field-word"
                            options=Signal::derive(parents)
                            value=of(|o| o.parent.clone().unwrap_or_default())
                            on_change=move |to: String| write("parent", &|o| o.parent = Some(to.clone()).filter(|t| !t.is_empty()))
                        />
                    }
                })}
            <IconButton icon=IconName::ChevronUp label=format!("「{label}」を上へ") on_click=move |_| step(&change, i, true, count) />
            <IconButton icon=IconName::ChevronDown label=format!("「{label}」を下へ") on_click=move |_| step(&change, i, false, count) />
            <IconButton icon=IconName::Cross label=format!("「{label}」を消す") on_click=move |_| change(&|options| options.retain(|o| o.key != key.get_value())) />
        </div>
        {choice
            .then(|| {
                view! {
                    <details class="more option-more">
                        <summary>{format!("「{label}」の説明と値")}</summary>
                        <div class="edit-row">
                            <TextField
                                id=format!("{id}-hint")
                                name=format!("{id}-hint")
                                label="下に小さく出す説明"
                                class="field-mid"
                                maxlength=200
                                autocomplete="off"
                                value=of(|o| o.hint.clone())
                                on_input=move |text: String| write("hint", &|o| o.hint.clone_from(&text))
                            />
                            <TextField
                                id=format!("{id}-points")
                                name=format!("{id}-points")
                                label="計算で使う値（料金や点）"
                                class="field-short"
                                inputmode="decimal"
                                autocomplete="off"
                                value=of(|o| o.points.map(|p| p.to_string()).unwrap_or_default())
                                on_input=move |text: String| {
                                    let n = normal::number(&text);
                                    if n.is_some() || text.trim().is_empty() {
                                        write("points", &|o| o.points = n);
                                    }
                                }
                            />
                        </div>
                    </details>
                }
            })}
    }
}

fn step(change: &dyn Fn(&dyn Fn(&mut Vec<Opt>)), i: usize, up: bool, count: usize) {
    let to = if up { i.checked_sub(1) } else { Some(i + 1).filter(|to| *to < count) };
    if let Some(to) = to {
        change(&|options| {
            if i < options.len() && to < options.len() {
                options.swap(i, to);
            }
        });
    }
}
