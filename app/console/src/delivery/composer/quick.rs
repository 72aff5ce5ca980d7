//! 返事のボタン: suggested answers below the last part.

use super::boxed::BoxHead;
use super::buttons::TapFields;
use super::check::Checker;
use super::editor::Editor;
use domain::message::{Button as Tap, Place, QUICK_MAX};
use leptos::prelude::*;
use ui::prelude::*;
use ui::toast::Offers;

/// Adding, ordering and taking away.
#[component]
pub fn Quick(
    /// What is written.
    editor: Editor,
    /// What is wrong.
    checker: Checker,
) -> impl IntoView {
    let count = Memo::new(move |_| editor.quick.with(Vec::len));
    let (toasts, offers) = (use_toasts(), use_offers());
    let add = move |_| {
        let n = count.get_untracked();
        if n < QUICK_MAX {
            editor.quick.update(|quick| quick.push(Tap::default()));
            focus_soon(format!("quick-{n}-label"));
        } else {
            toasts.warn(format!("返事のボタンは{QUICK_MAX}個までです"));
        }
    };
    view! {
        <section class="quick-box" aria-labelledby="quick-title" id="quick" tabindex="-1">
            <h3 id="quick-title">"返事のボタン " <span class="sub dense">{format!("{QUICK_MAX}個まで・なくてもかまいません")}</span></h3>
            <p class="sub dense">"最後の内容の下に並びます。だれかが次に何かを送ると、消えます。"</p>
            <For each=move || 0..count.get() key=|n| *n let:n>
                <QuickRow editor checker n offers />
            </For>
            <Button size=Size::Small icon=IconName::Plus on_click=add>
                {move || if count.get() >= QUICK_MAX { format!("返事のボタン（{QUICK_MAX}個まで）") } else { "返事のボタンを足す".to_owned() }}
            </Button>
        </section>
    }
}

#[component]
fn QuickRow(editor: Editor, checker: Checker, n: usize, offers: Offers) -> impl IntoView {
    let toasts = use_toasts();
    let tap = Memo::new(move |_| editor.quick.with(|q| q.get(n).cloned().unwrap_or_default()));
    let problem = Callback::new(move |rest: &'static str| {
        checker.problem_at(move |at| {
            let parts = editor.pieces.with(Vec::len);
            at == format!("{}/{parts}/quick/{n}{rest}", editor.root())
        })
    });
    let changed = move |tap: Tap| {
        editor.quick.update(|quick| {
            if let Some(place) = quick.get_mut(n) {
                *place = tap;
            }
        });
    };
    let shift = move |(to, focus): (Option<usize>, &'static str)| {
        let Some(to) = to.filter(|to| *to < editor.quick.with_untracked(Vec::len)) else { return };
        editor.quick.update(|quick| quick.swap(n, to));
        toasts.say(format!("{}番目に移しました", to + 1));
        focus_soon(format!("quick-{to}-{focus}"));
    };
    let remove = move |_| {
        let (lost, language) = (tap.get_untracked(), editor.language.get_untracked());
        editor.quick.update(|quick| {
            if n < quick.len() {
                quick.remove(n);
            }
        });
        focus_soon("quick".into());
        if !lost.is_empty() {
            offers.ok(
                format!("返事のボタン{}を消しました", n + 1),
                "元にもどす",
                move || {
                    if !editor.show(language) {
                        return;
                    }
                    editor.quick.update(|quick| {
                        if quick.len() < QUICK_MAX {
                            quick.insert(n.min(quick.len()), lost.clone());
                        }
                    });
                },
            );
        }
    };
    let name = format!("返事のボタン{}", n + 1);
    view! {
        <div class="tap-box" role="group" aria-label=name.clone()>
            <BoxHead id=format!("quick-{n}") name=name.clone() n on_shift=Callback::new(shift) on_remove=Callback::new(remove) />
            <TapFields id=format!("quick-{n}") place=Place::Quick tap problem on_change=changed />
        </div>
    }
}
