//! 公開: its own step, with the difference to what is published, and the calls and time that
//! it needs; and the way back to what was published before.

use super::api::{
    menu_forecast, menu_of_version, menu_usage, menu_versions, publish_menu, try_menu,
};
use super::problems::{changes, stops};
use super::save::MenuSaver;
use super::state::Editor;
use domain::menu::{Menu, Published};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;
use ui::prelude::*;
use ui::toast::Toasts;

/// 「公開の準備へ」 and its dialog.
#[component]
pub fn PublishButton(
    /// Of which editor.
    editor: Editor,
    /// What saves it.
    saver: MenuSaver,
    /// What is published.
    published: RwSignal<Option<Menu>>,
    /// Whether this person may publish.
    may_publish: bool,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let forecast = RwSignal::new(None::<String>);
    let refused = RwSignal::new(None::<String>);
    // What is published: as it was saved when the dialog opened.
    let (seen, kept) = (StoredValue::new(0i64), StoredValue::new(None::<Menu>));
    let toasts = use_toasts();
    let prepare = move |_| {
        let wrong = untrack(|| stops(editor));
        if wrong > 0 {
            editor.refuse(format!("公開する前に、直すところが{wrong}か所あります"));
            focus_soon("menu-problems-first".into());
            return;
        }
        busy.set(true);
        saver.flush(Some(Callback::new(move |saved: Result<i64, AppError>| match saved {
            Ok(version) => {
                seen.set_value(version);
                kept.set_value(Some(editor.now(Clone::clone)));
                forecast.set(None);
                refused.set(None);
                // At once, so that nothing is changed behind it while LINE is asked.
                open.set(true);
                spawn_local(async move {
                    let answer = menu_forecast(editor.id).await;
                    if busy.try_set(false).is_none() {
                        forecast.set(Some(foreseen(answer)));
                    }
                });
            }
            Err(error) => {
                busy.set(false);
                toasts.err(format!("公開の前に保存できませんでした。{}", error.message()));
            }
        })));
    };
    let publish = move |()| {
        busy.set(true);
        refused.set(None);
        spawn_local(async move {
            let answer = publish_menu(editor.id, seen.get_value()).await;
            if busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(()) => {
                    open.set(false);
                    published.set(kept.get_value());
                    toasts.ok("公開しました。LINEへの反映が始まっています");
                }
                Err(error) => {
                    let words = refusal("公開できませんでした。", &error);
                    say_refused(open, refused, toasts, words);
                }
            }
        });
    };
    let body = move || match changes(editor, published) {
        None => view! { <p>"このメニューの、はじめての公開です。"</p> }.into_any(),
        Some(all) if all.is_empty() => view! { <p>"公開中のものと同じです。"</p> }.into_any(),
        Some(all) => {
            let count = all.len();
            view! {
                <p>{format!("公開中のものとの差は{count}か所です。")}</p>
                <ul class="me-diff" tabindex="0" aria-label="公開中のものとの差">
                    {all
                        .into_iter()
                        .map(|c| view! { <li><strong>{c.place}</strong> " " {c.words}</li> })
                        .collect_view()}
                </ul>
            }
            .into_any()
        }
    };
    view! {
        <Before editor />
        <TryButton editor saver />
        {may_publish
            .then(|| {
                view! {
                    <Button kind=Kind::Filled busy on_click=prepare>
                        "公開の準備へ"
                    </Button>
                }
            })}
        <ConfirmDialog id="menu-publish" title="このメニューを公開する" open confirm="公開する" on_confirm=publish busy>
            {body}
            {move || match forecast.get() {
                Some(words) => view! { <p class="me-forecast"><Icon name=IconName::Clock size=18 />{words}</p> }.into_any(),
                None => view! { <p class="sub" role="status">"呼び出しの回数と時間を調べています"</p> }.into_any(),
            }}
            <p class="sub dense">"だれに見せるかを変えるときは、リッチメニューの「出し分け」で決めます。"</p>
            <Refused words=refused />
        </ConfirmDialog>
    }
}

/// Why what was pressed in a dialog was not done.
#[component]
pub fn Refused(
    /// Nothing where nothing was refused.
    #[prop(into)]
    words: Signal<Option<String>>,
) -> impl IntoView {
    view! {
        <div role="alert">
            {move || {
                words
                    .get()
                    .map(|words| view! { <p class="field-error"><Icon name=IconName::Warning size=18 /><span>{words}</span></p> })
            }}
        </div>
    }
}

/// Says it in the dialog, since a toast would stand behind it; as a toast where the dialog has been
/// closed meanwhile.
pub(super) fn say_refused(
    open: RwSignal<bool>,
    refused: RwSignal<Option<String>>,
    toasts: Toasts,
    words: String,
) {
    if open.get_untracked() {
        refused.set(Some(words));
    } else {
        toasts.err(words);
    }
}

/// What was not done, why, and what to do.
pub(super) fn refusal(what: &str, error: &AppError) -> String {
    // Of a conflict the reason says what to do.
    let next = match error {
        AppError::Conflict { .. } => String::new(),
        _ => error.next(),
    };
    format!("{what}{}{next}", reasons(error))
}

/// What it costs, in words; where LINE does not answer, that nobody knows just now.
pub(super) fn foreseen(answer: Result<String, AppError>) -> String {
    answer.unwrap_or_else(|error| {
        format!(
            "呼び出しの回数と時間は、いま分かりません（{}）。このまま進めてもかまいません。",
            error.message().trim_end_matches('。')
        )
    })
}

/// Everything that keeps it from being published: what cannot be painted is known to the
/// server alone.
pub(super) fn reasons(error: &AppError) -> String {
    let sentence = |words: &str| format!("{}。", words.trim_end_matches('。'));
    match error {
        AppError::Invalid { fields } => fields.iter().map(|f| sentence(&f.message)).collect(),
        _ => sentence(&error.message()),
    }
}

/// Another's trial may begin or end while this page is open: whether testers see this menu is
/// asked again and again, as long as it is to be shown to them.
pub fn watch_trial(editor: Editor) {
    let ask = move || {
        if !editor.tried.try_get_untracked().unwrap_or_default() {
            return;
        }
        spawn_local(async move {
            if let Ok(usage) = menu_usage(editor.id).await {
                editor.tried_instead.try_set(usage.tried_instead);
                if !usage.tried {
                    editor.tried.try_set(false);
                }
            }
        });
    };
    Effect::new(move |_| {
        if let Ok(timer) = set_interval_with_handle(ask, Duration::from_secs(10)) {
            on_cleanup(move || timer.clear());
        }
    });
}

/// Testers see again what everybody sees.
pub fn end_trial(editor: Editor, toasts: Toasts) {
    spawn_local(async move {
        match try_menu(editor.id, 0, true).await {
            Ok(()) => {
                editor.tried.try_set(false);
                keep_focus();
                toasts.ok("試験者の画面を、いつものメニューにもどします");
            }
            Err(error) => toasts.err(format!("もどせませんでした。{}", error.message())),
        }
    });
}

/// 試験者で確かめる: testers see the draft at LINE, in place of what they would see.
#[component]
fn TryButton(editor: Editor, saver: MenuSaver) -> impl IntoView {
    let busy = RwSignal::new(false);
    let (toasts, offers) = (use_toasts(), use_offers());
    let end = move || end_trial(editor, toasts);
    let try_out = move |_| {
        let wrong = untrack(|| stops(editor));
        if wrong > 0 {
            editor.refuse(format!("確かめる前に、直すところが{wrong}か所あります"));
            focus_soon("menu-problems-first".into());
            return;
        }
        busy.set(true);
        saver.flush(Some(Callback::new(move |saved: Result<i64, AppError>| {
            spawn_local(async move {
                let answer = match saved {
                    Ok(version) => try_menu(editor.id, version, false).await,
                    Err(error) => Err(error),
                };
                if busy.try_set(false).is_some() {
                    return;
                }
                if answer.is_ok() {
                    editor.tried.set(true);
                    editor.tried_instead.set(None);
                }
                match answer {
                    Ok(()) => offers.ok(
                        "試験者の画面に、この下書きを出します。LINEに出るまで少しかかります",
                        "終える",
                        end,
                    ),
                    Err(error) => {
                        toasts.err(format!("試験者に出せませんでした。{}", reasons(&error)));
                    }
                }
            });
        })));
    };
    view! {
        <Button icon=IconName::Smartphone busy on_click=try_out>
            "試験者で確かめる"
        </Button>
    }
}

/// 前に公開したもの: taken over into the draft, where it can be undone.
#[component]
fn Before(editor: Editor) -> impl IntoView {
    let open = RwSignal::new(false);
    let chosen = RwSignal::new(None::<i64>);
    let busy = RwSignal::new(false);
    let list = RwSignal::new(None::<Result<Vec<Published>, AppError>>);
    let refused = RwSignal::new(None::<String>);
    let toasts = use_toasts();
    let show = move |_| {
        list.set(None);
        refused.set(None);
        chosen.set(None);
        open.set(true);
        spawn_local(async move {
            let answer = menu_versions(editor.id).await;
            list.try_set(Some(answer));
        });
    };
    let take = move |()| {
        let Some(version) = chosen.get_untracked() else {
            refused.set(Some("どれにもどすかを選んでください。".into()));
            return;
        };
        refused.set(None);
        busy.set(true);
        spawn_local(async move {
            let answer = menu_of_version(editor.id, version).await;
            if busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(menu) => {
                    open.set(false);
                    editor.take_over(menu, "前に公開したものを、下書きにもどしました");
                }
                Err(error) => {
                    let words = refusal("ひらけませんでした。", &error);
                    say_refused(open, refused, toasts, words);
                }
            }
        });
    };
    let rows = move || {
        match list.get() {
        None => view! { <p class="sub" role="status">"読みこんでいます"</p> }.into_any(),
        Some(Err(error)) => view! { <p class="err">{error.message()}</p> }.into_any(),
        Some(Ok(all)) if all.is_empty() => {
            view! { <p>"まだ一度も公開していません。公開すると、そのときの内容がここに残ります。"</p> }.into_any()
        }
        Some(Ok(all)) => all
            .into_iter()
            .enumerate()
            .map(|(i, p)| {
                let words = format!("{}　{}", p.at.day_and_time(), p.by);
                // The newest comes first.
                let present = i == 0;
                view! {
                    <Radio
                        name="menu-version"
                        value=p.version.to_string()
                        checked=Signal::derive(move || chosen.get() == Some(p.version))
                        on_change=move |value: String| chosen.set(value.parse().ok())
                    >
                        {words}
                        {present.then(|| view! { "　"<StatusMark status=Status::Done word="公開中" /> })}
                    </Radio>
                }
            })
            .collect_view()
            .into_any(),
    }
    };
    view! {
        <IconButton icon=IconName::Reload label="前に公開したもの" on_click=show />
        <ConfirmDialog id="menu-before" title="前に公開したものにもどす" open confirm="選んだ内容を下書きにする" on_confirm=take busy>
            <p class="sub dense">"選んだ内容が下書きになります。公開するまで、住民の画面は変わりません。「元にもどす」で取り消せます。"</p>
            <div class="stack-s">{rows}</div>
            <Refused words=refused />
        </ConfirmDialog>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_whole_sentences() {
        let before = |error| refusal("公開できませんでした。", &error);
        let message = "ひらき直してください".to_owned();
        assert_eq!(
            before(AppError::Conflict { message }),
            "公開できませんでした。ひらき直してください。"
        );
        assert_eq!(
            before(AppError::invalid("/name", "名前が空です")),
            "公開できませんでした。名前が空です。直してから、もう一度お試しください。"
        );
    }
}
