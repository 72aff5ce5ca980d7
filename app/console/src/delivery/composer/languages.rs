//! ことば: the tabs over the parts, one for each language, and what belongs to a language alone.

use super::check::Checker;
use super::dom::close_menu;
use super::editor::Editor;
use crate::delivery::figure;
use domain::delivery::variant::root;
use domain::easy::hints;
use domain::language::Language;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use ui::prelude::*;
use ui::toast::Offers;

/// Id of what the tabs switch.
pub const PANEL: &str = "parts-panel";

/// Id of a language's tab, for links from the summary.
pub fn tab_id(language: Language) -> String {
    format!("tab-{}", language.name())
}

/// The tabs, and the way to add a language.
#[component]
pub fn Languages(
    /// What is written.
    editor: Editor,
    /// What is wrong.
    checker: Checker,
) -> impl IntoView {
    let all = Memo::new(move |_| {
        editor.sides.with(|all| all.iter().map(|s| s.language).collect::<Vec<_>>())
    });
    let several = Memo::new(move |_| all.with(Vec::len) > 1);
    let missing = Memo::new(move |_| {
        let there = |l: &Language| all.with(|all| all.contains(l));
        Language::ALL.iter().copied().filter(|l| !there(l)).collect::<Vec<_>>()
    });
    let (toasts, offers) = (use_toasts(), use_offers());
    let add = move |language: Language| {
        editor.add_side(language);
        focus_soon(tab_id(language));
        toasts.ok(format!("日本語の内容を写しました。{}に書き直してください", language.japanese()));
    };
    view! {
        <div class="language-bar">
            {move || {
                several
                    .get()
                    .then(|| {
                        view! {
                            <div class="tabs" role="tablist" aria-label="ことば">
                                <For each=move || all.get() key=|l| *l let:language>
                                    <Tab editor checker all language />
                                </For>
                            </div>
                        }
                    })
            }}
            <details class="menu">
                <summary class="btn btn-plain btn-sm">
                    <Icon name=IconName::Plus size=18 />
                    <span>"ことばを足す"</span>
                </summary>
                <div class="menu-list" role="group" aria-label="足すことば">
                    <For each=move || missing.get() key=|l| *l let:language>
                        <button
                            class="menu-item"
                            type="button"
                            on:click=move |event| {
                                close_menu(&event);
                                add(language);
                            }
                        >
                            {language.japanese()}
                        </button>
                    </For>
                </div>
            </details>
        </div>
        {move || {
            several
                .get()
                .then(|| {
                    view! {
                        <p class="sub dense">
                            "住民が選んだことば（なければLINEの設定）で届きます。そのことばがない人には、やさしい日本語（なければ日本語）が届きます。"
                        </p>
                    }
                })
        }}
        {move || {
            let language = editor.language.get();
            (language != Language::Japanese).then(|| view! { <Note editor language offers /> })
        }}
    }
}

#[component]
fn Tab(
    editor: Editor,
    checker: Checker,
    all: Memo<Vec<Language>>,
    language: Language,
) -> impl IntoView {
    let chosen = Memo::new(move |_| editor.language.get() == language);
    let outdated = Memo::new(move |_| editor.outdated(language));
    let below = root(language);
    let wrong = Memo::new(move |_| {
        checker.tried.get()
            && checker.check.with(|c| c.problems.iter().any(|p| p.at.starts_with(&below)))
    });
    let people = Memo::new(move |_| {
        checker.check.with(|c| c.languages.iter().find(|(l, _)| *l == language).map(|(_, n)| *n))
    });
    let step = move |event: KeyboardEvent| {
        let by = match event.key().as_str() {
            "ArrowRight" => 1,
            "ArrowLeft" => -1,
            _ => return,
        };
        event.prevent_default();
        let to = all.with_untracked(|all| {
            let at = all.iter().position(|l| *l == language)? as isize;
            all.get((at + by).rem_euclid(all.len() as isize) as usize).copied()
        });
        if let Some(to) = to {
            editor.show(to);
            focus_soon(tab_id(to));
        }
    };
    view! {
        <button
            id=tab_id(language)
            type="button"
            role="tab"
            aria-selected=move || chosen.get().to_string()
            aria-controls=PANEL
            tabindex=move || if chosen.get() { "0" } else { "-1" }
            on:click=move |_| {
                editor.show(language);
            }
            on:keydown=step
        >
            <span>{language.japanese()}</span>
            {move || people.get().map(|n| view! { <span class="sub dense">{format!("{}人", figure(n))}</span> })}
            {move || {
                let words = if wrong.get() {
                    "直すところがあります"
                } else if outdated.get() {
                    "見直しが要ります"
                } else {
                    return None;
                };
                Some(view! { <span class="warn"><Icon name=IconName::Warning size=16 /><span class="visually-hidden">{words}</span></span> })
            }}
        </button>
    }
}

/// What is said of a language beside the base: whether it has to be looked through, and the way
/// to take it away.
#[component]
fn Note(editor: Editor, language: Language, offers: Offers) -> impl IntoView {
    let outdated = Memo::new(move |_| editor.outdated(language));
    let name = language.japanese();
    let remove = move |_| {
        let Some(side) = editor.remove_side(language) else { return };
        focus_soon("parts".into());
        offers.ok(format!("{name}の内容を消しました"), "元にもどす", move || {
            editor.put_side(side.clone());
            focus_soon(tab_id(language));
        });
    };
    let look = move |_| {
        editor.looked_through(language);
        focus_soon(tab_id(language));
    };
    view! {
        {move || {
            outdated
                .get()
                .then(|| {
                    view! {
                        <Banner
                            tone=Tone::Warn
                            title="日本語が変わりました。見直してください"
                            act=move || view! { <Button kind=Kind::Act on_click=look>"見直しました"</Button> }
                        >
                            {format!("日本語を直したあと、{name}はまだそのままです。")}
                        </Banner>
                    }
                })
        }}
        <div class="cluster">
            <Button size=Size::Small icon=IconName::Trash on_click=remove>{format!("{name}を消す")}</Button>
        </div>
    }
}

/// やさしい日本語: what could be easier in a text; never a bar.
#[component]
pub fn EasyHints(
    /// What is written.
    text: Memo<String>,
) -> impl IntoView {
    let all = Memo::new(move |_| text.with(|text| hints(text)));
    move || {
        let all = all.get();
        (!all.is_empty()).then(|| {
            view! {
                <div class="easy-hints">
                    <p class="dense"><Icon name=IconName::Info size=16 /><strong>"もっとやさしく"</strong></p>
                    <ul class="sub dense">{all.into_iter().map(|hint| view! { <li>{hint}</li> }).collect_view()}</ul>
                </div>
            }
        })
    }
}
