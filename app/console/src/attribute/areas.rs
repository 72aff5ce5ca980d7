//! The tree of areas (区→町丁): typed, pasted or from a CSV, and what would change.

use super::draft::Draft;
use super::file;
use super::loss::chosen_by;
use domain::attribute::edit::{areas_text, places};
use domain::attribute::{Choice, Uses, parse_areas};
use leptos::prelude::*;
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;
use ui::prelude::*;

/// How long after the last key the tree is read.
const SETTLE: Duration = Duration::from_millis(300);

/// Text on the left, what it means below.
#[component]
pub(crate) fn Areas(draft: Draft, uses: StoredValue<Uses>) -> impl IntoView {
    let (toasts, offers) = (use_toasts(), use_offers());
    let latest = StoredValue::new(0u32);
    let write = Callback::new(move |text: String| {
        draft.text.set(text);
        let mine = latest.with_value(|n| n.wrapping_add(1));
        latest.set_value(mine);
        set_timeout(
            move || {
                if latest.try_with_value(|n| *n == mine).unwrap_or_default() {
                    draft.settled.set(draft.text.get_untracked());
                }
            },
            SETTLE,
        );
    });
    // A file replaces the text; 「元にもどす」 brings the text before it back.
    let put = move |text: String| {
        latest.update_value(|n| *n = n.wrapping_add(1));
        draft.text.set(text.clone());
        draft.settled.set(text);
    };
    let heading = RwSignal::new(true);
    let read = Callback::new(move |read: Result<file::Read, String>| match read {
        Err(words) => toasts.err(words),
        Ok(read) => {
            let before = draft.text.get_untracked();
            let rest = if heading.get_untracked() {
                read.text.split_once('\n').map_or("", |(_, rest)| rest)
            } else {
                &read.text
            };
            let former = draft
                .seen
                .with_value(|s| s.as_ref().map(|a| a.choices.clone()).unwrap_or_default());
            match parse_areas(rest, &former) {
                Ok(tree) if tree.is_empty() => toasts.err(format!("「{}」に地域がありませんでした。1行に「区,町丁」のように書いたCSVを選んでください。いまの内容はそのままです", read.name)),
                Ok(tree) => {
                    let n = tree.len();
                    put(areas_text(&tree));
                    offers.ok(
                        format!("「{}」から {n}地域を読みました（{}）。保存するまで、住民の画面は変わりません", read.name, read.encoding),
                        "元にもどす",
                        move || put(before.clone()),
                    );
                }
                Err(problems) => {
                    let skipped = usize::from(heading.get_untracked());
                    let first = problems.iter().take(3).map(|p| format!("{}行目：{}", p.at.parse::<usize>().map_or(0, |n| n + skipped), p.message)).collect::<Vec<_>>().join("。");
                    let more = if problems.len() > 3 { format!("。ほか {}行", problems.len() - 3) } else { String::new() };
                    toasts.err(format!("「{}」は読めない行が {}行あります。{first}{more}。直してからもう一度選んでください。いまの内容はそのままです", read.name, problems.len()));
                }
            }
        }
    });
    let error = Signal::derive(move || {
        let lines = draft.areas.get().err()?;
        let first: Vec<String> =
            lines.iter().take(3).map(|p| format!("{}行目：{}", p.at, p.message)).collect();
        Some(if lines.len() > 3 {
            format!("{}。ほか {}行", first.join("。"), lines.len() - 3)
        } else {
            first.join("。")
        })
    });
    view! {
        <div class="areas">
            <div class="stack-s">
                <TextArea
                    name="areas"
                    id="choices"
                    label="地域の一覧"
                    hint="1行に1つ。中に含まれる地域は、行の頭に空白を入れて下げます。ExcelやWordから貼り付けることも、「東地区,東町一丁目」のように書くこともできます。"
                    rows=14
                    value=draft.text
                    error=error
                    on_input=write
                />
                <div class="cluster">
                    <file::FileButton on_read=read />
                    <Checkbox name="heading" checked=heading on_change=move |on| heading.set(on)>"1行目は見出し"</Checkbox>
                </div>
            </div>
            <Outcome draft uses />
        </div>
    }
}

/// What the text means: the tree, what is new in it, and what would go.
#[component]
fn Outcome(draft: Draft, uses: StoredValue<Uses>) -> impl IntoView {
    let sentence = move || {
        let tree = draft.areas.get().ok()?;
        let changes = draft.changes.get();
        let lost: i64 = uses.with_value(|u| changes.gone.iter().map(|c| chosen_by(u, c.id)).sum());
        let mut words = format!("{}地域", tree.len());
        if draft.is_new() || (changes.new.is_empty() && changes.gone.is_empty()) {
            return Some(words);
        }
        words.push_str(&format!(
            "。保存すると 新しい地域 {}、なくなる地域 {}",
            changes.new.len(),
            changes.gone.len()
        ));
        if lost > 0 {
            words.push_str(&format!("（のべ {}人の答えが消えます）", thousands(lost)));
        }
        Some(words)
    };
    view! {
        <div class="stack-s">
            <h3>"読み取った地域"</h3>
            <p class="dense" role="status">{move || sentence().unwrap_or_else(|| "読めない行があります。直すと、ここに地域が出ます。".into())}</p>
            {move || draft.areas.get().ok().filter(|t| !t.is_empty()).map(|tree| {
                let new = if draft.is_new() { BTreeSet::new() } else { draft.changes.get().new };
                let places = places(&tree);
                view! { <ul class="area-list">{level(draft, uses, &tree, &places, &new, None)}</ul> }
            })}
            <Gone draft uses />
        </div>
    }
}

/// One level of the tree; roots with something below are opened and closed.
fn level(
    draft: Draft,
    uses: StoredValue<Uses>,
    tree: &[Choice],
    places: &HashMap<String, String>,
    new: &BTreeSet<String>,
    parent: Option<&str>,
) -> AnyView {
    tree.iter()
        .filter(|c| c.parent.as_deref() == parent)
        .map(|c| {
            let below = tree.iter().filter(|o| o.parent.as_deref() == Some(&c.key)).count();
            let news = tree
                .iter()
                .filter(|o| o.parent.as_deref() == Some(&c.key) && new.contains(&o.key))
                .count();
            let words = if below == 0 { c.label.clone() } else { format!("{} 全体", c.label) };
            let line = line(
                draft,
                uses,
                c,
                words,
                places.get(&c.key).cloned().unwrap_or_default(),
                new.contains(&c.key),
            );
            // Whoever pastes a tree looks for what is new in it.
            let open = news > 0;
            if below == 0 {
                return view! { <li class="area-line">{line}</li> }.into_any();
            }
            let note = if news > 0 && !new.contains(&c.key) {
                format!("{below}・新しい {news}")
            } else {
                below.to_string()
            };
            view! {
                <li>
                    <details open=open>
                        <summary>
                            <Icon name=IconName::ChevronRight size=18 />
                            <strong>{c.label.clone()}</strong>
                            <span class="sub">{note}</span>
                        </summary>
                        <div class="area-line">{line}</div>
                        <ul>{level(draft, uses, tree, places, new, Some(&c.key))}</ul>
                    </details>
                </li>
            }
            .into_any()
        })
        .collect_view()
        .into_any()
}

fn line(
    draft: Draft,
    uses: StoredValue<Uses>,
    c: &Choice,
    label: String,
    place: String,
    new: bool,
) -> impl IntoView + use<> {
    let hidden = c.hidden;
    let n = uses.with_value(|u| chosen_by(u, c.id));
    let words = format!("「{label}」をかくす");
    view! {
        <span class="grow">
            {label} {new.then(|| view! { <strong class="new-mark">"新しい"</strong> })}
            {hidden.then(|| view! { <span class="sub">"（かくしている）"</span> })}
        </span>
        {(!new && n > 0).then(|| view! { <span class="sub num">{format!("{}人", thousands(n))}</span> })}
        <button
            class="icon-btn"
            type="button"
            aria-pressed=if hidden { "true" } else { "false" }
            aria-label=words
            title="新しい答えに出さない"
            on:click=move |_| {
                let place = place.clone();
                draft.shown.update(|shown| {
                    shown.insert(place, hidden);
                });
            }
        >
            <Icon name=if hidden { IconName::EyeOff } else { IconName::Eye } />
        </button>
    }
}

/// Areas that would be deleted, and whether one of the new ones is only another name for them.
#[component]
fn Gone(draft: Draft, uses: StoredValue<Uses>) -> impl IntoView {
    let toasts = use_toasts();
    let rename = move |from: String, to: String| {
        draft.renamed.update(|renamed| {
            if to.is_empty() {
                renamed.remove(&from)
            } else {
                renamed.insert(from, to)
            };
        });
        toasts.say(if untrack(|| draft.changes.get().gone.is_empty()) {
            "なくなる地域はありません"
        } else {
            "答えを引きつぎました"
        });
    };
    let kept = move || {
        let former =
            draft.seen.with_value(|s| s.as_ref().map(|a| places(&a.choices)).unwrap_or_default());
        draft.renamed.with(|r| {
            r.iter()
                .map(|(from, to)| {
                    (from.clone(), former.get(from).cloned().unwrap_or_default(), to.clone())
                })
                .collect::<Vec<_>>()
        })
    };
    move || {
        if draft.areas.with(Result::is_err) || draft.is_new() {
            return ().into_any();
        }
        let changes = draft.changes.get();
        let kept = kept();
        if changes.gone.is_empty() && kept.is_empty() {
            return ().into_any();
        }
        let former =
            draft.seen.with_value(|s| s.as_ref().map(|a| places(&a.choices)).unwrap_or_default());
        let now = places(&draft.areas.get().unwrap_or_default());
        let mut free: Vec<String> =
            changes.new.iter().filter_map(|key| now.get(key).cloned()).collect();
        free.sort();
        let options = move || {
            let first = (String::new(), "消す（答えも消えます）".to_owned());
            std::iter::once(first)
                .chain(free.iter().map(|p| (p.clone(), format!("「{p}」に変わった"))))
                .collect::<Vec<_>>()
        };
        view! {
            <section class="gone">
                <h3>"なくなる地域"</h3>
                <p class="sub dense">"名前や場所が変わっただけなら、新しい名前を選んでください。選んでいた人の答えを引きつぎます。"</p>
                <ul class="rows">
                    {changes
                        .gone
                        .into_iter()
                        .map(|c| {
                            let n = uses.with_value(|u| chosen_by(u, c.id));
                            let words = former.get(&c.key).cloned().unwrap_or(c.label);
                            let key = c.key.clone();
                            view! {
                                <li>
                                    <span class="grow">{words.clone()} <span class="sub">{format!("{}人", thousands(n))}</span></span>
                                    <Select
                                        name=format!("renamed-{key}")
                                        label=format!("{words}は")
                                        class="label-hidden"
                                        options=Signal::stored(options())
                                        on_change=Callback::new(move |to| rename(key.clone(), to))
                                    />
                                </li>
                            }
                        })
                        .collect_view()}
                    {kept
                        .into_iter()
                        .map(|(from, words, to)| {
                            view! {
                                <li>
                                    <span class="grow">{words} " → " {to} <span class="sub">"答えを引きつぎます"</span></span>
                                    <Button size=Size::Small on_click=move |_| rename(from.clone(), String::new())>"引きつがない"</Button>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
            </section>
        }
        .into_any()
    }
}
