//! 届ける相手, as the composer holds it.

use super::compact::Sentence;
use super::edit::Editor;
use super::live::Live;
use super::saved::SavedPicker;
use super::tree::{Readback, Tree};
use domain::attribute::Catalog;
use domain::audience::edit::{self, Joint};
use domain::audience::{Audience, Explored};
use leptos::prelude::*;
use std::sync::Arc;
use ui::prelude::*;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Nobody,
    Everyone,
    Short,
    Full,
}

/// Who is meant: a sentence with editable words, all friends, or what was saved;
/// with the head count while it changes.
///
/// `value` may hold conditions that are not finished; [`Audience::resolve`] on the
/// server refuses them with the sentence that the box shows too. `explored` is the
/// latest count, nothing while there is none.
#[component]
pub fn AudienceBox(
    /// What is edited; nothing while nobody is chosen. Changes from outside are taken over.
    value: RwSignal<Option<Audience>>,
    /// What can be chosen from.
    catalog: Catalog,
    /// Receives the latest count.
    explored: RwSignal<Option<Explored>>,
) -> impl IntoView {
    let catalog = Arc::new(catalog);
    let live = Live::new(value, explored, catalog);
    let editor = Editor::new("audience", value, live, false);
    let full = RwSignal::new(false);
    let saved = RwSignal::new(false);
    let form = Memo::new(move |_| {
        value.with(|v| match v {
            None => Form::Nobody,
            Some(Audience::Everyone) => Form::Everyone,
            Some(_) if full.get() => Form::Full,
            Some(_) => Form::Short,
        })
    });
    let former = StoredValue::new(None::<Audience>);
    let mode = Signal::derive(move || {
        if form.get() == Form::Everyone { "everyone".to_owned() } else { "some".to_owned() }
    });
    let change = move |to: String| {
        let now = value.get_untracked();
        if to == "everyone" {
            former.set_value(now);
            editor.replace(Some(Audience::Everyone));
        } else if now == Some(Audience::Everyone) {
            editor.replace(former.get_value());
        }
    };
    let choose_saved = move |_| {
        saved.update(|s| *s = !*s);
        if saved.get_untracked() {
            focus_soon("saved-audiences".into());
        }
    };
    let undo = editor.can_undo();
    view! {
        <div class="audience-box" id="audience">
            <div class="audience-top">
                <SegmentedRadio
                    label="届ける相手の決め方"
                    name="audience-mode"
                    value=mode
                    options=vec![("some".to_owned(), "条件でえらぶ".to_owned()), ("everyone".to_owned(), "友だち全員".to_owned())]
                    on_change=change
                />
                <Button kind=Kind::Plain size=Size::Small on_click=choose_saved>"保存した配信対象から選ぶ"</Button>
            </div>
            {move || saved.get().then(|| view! { <SavedPicker editor open=saved /> })}
            {move || match form.get() {
                Form::Nobody => view! { <p class="audience-sentence">"届ける相手が、まだ決まっていません。"</p> }.into_any(),
                Form::Everyone => {
                    view! {
                        <p class="audience-sentence">
                            <b>"友だち全員"</b>
                            "に届けます。まだ何も登録していない人にも届きます。"
                        </p>
                    }
                        .into_any()
                }
                Form::Short => view! { <Sentence editor /> }.into_any(),
                Form::Full => {
                    view! {
                        <div class="audience-full">
                            <Readback editor />
                            <Tree editor />
                        </div>
                    }
                        .into_any()
                }
            }}
            <div class="audience-acts">
                {move || {
                    let form = form.get();
                    view! {
                        {matches!(form, Form::Nobody | Form::Short)
                            .then(|| {
                                view! {
                                    <Button size=Size::Small icon=IconName::Plus on_click=move |_| editor.add(|t, new| edit::join(t, &[], edit::joint(t).unwrap_or(Joint::All), new))>
                                        "条件を足す"
                                    </Button>
                                }
                            })}
                        {matches!(form, Form::Short | Form::Full)
                            .then(|| {
                                let words = if form == Form::Full { "短い形にもどす" } else { "くわしく編集する" };
                                view! {
                                    <Button size=Size::Small icon=IconName::Pencil on_click=move |_| full.update(|f| *f = !*f)>
                                        {words}
                                    </Button>
                                }
                            })}
                    }
                }}
                {move || {
                    undo.get()
                        .then(|| view! { <Button kind=Kind::Plain size=Size::Small icon=IconName::Undo on_click=move |_| editor.undo()>"もどす"</Button> })
                }}
            </div>
            <Foot editor />
        </div>
    }
}

/// What stands in the way of a count, in words; nothing while nothing was begun.
pub fn trouble(editor: Editor) -> Option<String> {
    if editor.is_untouched() {
        return None;
    }
    match editor.unfinished() {
        0 => {}
        1 => return Some("条件が1つ空です。空のままでは送れません。選ぶか、消してください".into()),
        n => {
            return Some(format!(
                "条件が{}空です。空のままでは送れません。選ぶか、消してください",
                things(n)
            ));
        }
    }
    editor.live.failure.with(|f| f.as_ref().map(|f| format!("数えられませんでした。{f}")))
}

/// 「友だち 84,312人の 5.7%」
pub fn of_friends(explored: &Explored) -> String {
    let part = |n: i64| u64::try_from(n).unwrap_or(0);
    format!(
        "友だち {}人の {}",
        thousands(explored.friends),
        share(part(explored.count), part(explored.friends))
    )
}

#[component]
fn Foot(editor: Editor) -> impl IntoView {
    let live = editor.live;
    view! {
        <div class="audience-foot" class:counting=move || live.counting.get()>
            <p class="figure" role="status">
                {move || live.explored.with(|e| e.as_ref().map_or_else(|| "—".to_owned(), |e| thousands(e.count)))}
                <span class="unit">"人"</span>
            </p>
            {move || {
                if let Some(trouble) = trouble(editor) {
                    return view! { <p class=if editor.complains() { "err grow" } else { "sub grow" }>{trouble}</p> }.into_any();
                }
                live.explored
                    .with(|e| e.as_ref().map(|e| (of_friends(e), e.count == 0)))
                    .map(|(of, none)| {
                        view! {
                            <p class="sub">{of} <br /> {move || if live.counting.get() { "数え直しています".to_owned() } else { live.age_words() }}</p>
                            {none.then(|| view! { <p class="err">"この条件では、だれにも当てはまりません。"</p> })}
                        }
                    })
                    .into_any()
            }}
            {move || {
                live.explored
                    .with(|e| e.as_ref().map(|e| e.without_area))
                    .filter(|n| *n > 0)
                    .map(|n| view! { <p class="sub end">{format!("地域が未登録の {}人は、地域の条件に入りません", thousands(n))}</p> })
            }}
        </div>
    }
}
