//! A menu is put away, or deleted: what uses it and what is lost is said first.

use super::PROGRAM_PATH;
use super::api::{archive_menu, delete_menu, menu_usage, try_menu};
use domain::id::MenuId;
use domain::menu::Usage;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use ui::prelude::*;

/// The question before a menu is put away.
#[component]
pub fn PutAway(
    /// Which, with its name.
    about: RwSignal<Option<(MenuId, String)>>,
    /// Raised when it was done.
    changes: RwSignal<u32>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let toasts = use_toasts();
    Effect::new(move |_| {
        if about.with(Option::is_some) {
            open.set(true);
        }
    });
    let away = move |()| {
        let Some(id) = about.with_untracked(|a| a.as_ref().map(|(id, _)| *id)) else { return };
        busy.set(true);
        spawn_local(async move {
            let answer = archive_menu(id, true).await;
            if busy.try_set(false).is_some() {
                return;
            }
            open.set(false);
            match answer {
                Ok(()) => {
                    changes.update(|n| *n += 1);
                    toasts.ok("メニューをしまいました。「状態：しまった」で見られます");
                }
                Err(error) => toasts.err(format!("しまえませんでした。{}", error.message())),
            }
        });
    };
    let name = move || about.with(|a| a.as_ref().map(|(_, name)| name.clone()).unwrap_or_default());
    view! {
        <ConfirmDialog id="put-away" title="メニューをしまう" open danger=true confirm="このメニューをしまう" on_confirm=away busy>
            <p>{move || format!("「{}」を一覧から外します。あとで取り出せます。出し分けで使っているメニューは、しまえません。", name())}</p>
        </ConfirmDialog>
    }
}

/// What is asked before a menu is deleted; `Copy`.
#[derive(Clone, Copy)]
pub struct Deleting {
    /// Which, with its name and what uses it.
    about: RwSignal<Option<(MenuId, String, Usage)>>,
    changes: RwSignal<u32>,
    /// Somebody wants to delete the menu of that name.
    pub begin: Callback<(MenuId, String)>,
}

impl Deleting {
    /// `changes` is raised when something was done.
    pub fn new(changes: RwSignal<u32>) -> Self {
        let about = RwSignal::new(None);
        let toasts = use_toasts();
        let begin = Callback::new(move |(id, name): (MenuId, String)| {
            spawn_local(async move {
                match menu_usage(id).await {
                    Ok(usage) => drop(about.try_set(Some((id, name, usage)))),
                    Err(error) => {
                        toasts.err(format!("消す前に確かめられませんでした。{}", error.message()));
                    }
                }
            });
        });
        Self { about, changes, begin }
    }
}

/// The question before a menu is deleted; where it is used, what to do first instead.
#[component]
pub fn Delete(
    /// What is asked.
    deleting: Deleting,
) -> impl IntoView {
    let about = deleting.about;
    let (asks, used, busy) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(false));
    let toasts = use_toasts();
    Effect::new(move |_| {
        if let Some(in_use) =
            about.with(|a| a.as_ref().map(|(_, _, u)| u.tried || !u.named.is_empty()))
        {
            asks.set(!in_use);
            used.set(in_use);
        }
    });
    let id = move || about.with_untracked(|a| a.as_ref().map(|(id, ..)| *id));
    let usage = move || about.with(|a| a.as_ref().map(|(_, _, u)| u.clone()).unwrap_or_default());
    let name =
        move || about.with(|a| a.as_ref().map(|(_, name, _)| name.clone()).unwrap_or_default());
    let delete = move |()| {
        let Some(id) = id() else { return };
        busy.set(true);
        spawn_local(async move {
            let answer = delete_menu(id).await;
            if busy.try_set(false).is_some() {
                return;
            }
            asks.set(false);
            match answer {
                Ok(()) => {
                    deleting.changes.update(|n| *n += 1);
                    toasts.ok("メニューを消しました");
                }
                Err(error) => toasts.err(format!("消せませんでした。{}", error.message())),
            }
        });
    };
    let tried_only = move || {
        let usage = usage();
        usage.tried && usage.named.is_empty()
    };
    let navigate = use_navigate();
    let free = move |()| {
        let Some(id) = id() else { return };
        if !untrack(tried_only) {
            used.set(false);
            navigate(PROGRAM_PATH, NavigateOptions::default());
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let answer = try_menu(id, 0, true).await;
            if busy.try_set(false).is_some() {
                return;
            }
            used.set(false);
            match answer {
                Ok(()) => {
                    toasts.ok("試験者の画面を、いつものメニューにもどします。そのあと、消せます")
                }
                Err(error) => toasts.err(format!("もどせませんでした。{}", error.message())),
            }
        });
    };
    let lines = |all: Vec<String>| {
        view! { <ul>{all.into_iter().map(|words| view! { <li>{words}</li> }).collect_view()}</ul> }
    };
    let uses = move || {
        let usage = usage();
        let tried =
            usage.tried.then(|| view! { <p>"試験者の画面（公開の前の確認）にも出ています。"</p> });
        (!usage.named.is_empty()).then(|| view! { {lines(usage.named)} {tried} })
    };
    let why = move || {
        let name = name();
        if tried_only() {
            format!(
                "「{name}」は、試験者の画面（公開の前の確認）に出ているので、いまは消せません。"
            )
        } else {
            format!("「{name}」は、出し分けの次のところで使われているので、いまは消せません。")
        }
    };
    let after = move || {
        if tried_only() {
            "試験者の確認を終えると、消せるようになります。"
        } else {
            "出し分けでほかのメニューに変えて公開すると、消せるようになります。"
        }
    };
    let lost = move || {
        let lost = usage().lost();
        (!lost.is_empty())
            .then(|| view! { <p>"いっしょに、次のものも消えます。"</p> {lines(lost)} })
    };
    let first = Signal::derive(move || {
        if tried_only() { "試験者の確認を終える" } else { "出し分けをひらく" }.to_owned()
    });
    view! {
        <ConfirmDialog id="menu-delete" title="メニューを消す" open=asks danger=true confirm="このメニューを消す" on_confirm=delete busy>
            <p>{move || format!("「{}」を消します。もとにはもどせません。残しておくなら「しまう」を使ってください。", name())}</p>
            <p>"いまは、だれの画面にも出ていません。"</p>
            {lost}
        </ConfirmDialog>
        <ConfirmDialog id="menu-in-use" title="使われているメニューです" open=used confirm=first on_confirm=free busy>
            <p>{why}</p>
            {uses}
            <p class="sub dense">{after}</p>
        </ConfirmDialog>
    }
}
