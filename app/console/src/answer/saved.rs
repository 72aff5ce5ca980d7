//! 「表示」: views of the table that are kept under a name, for oneself or for everybody who
//! may see the answers.

use crate::shell::use_me;
use domain::form::saved::{View, kept, name_problem};
use domain::form::table::view::Wanted;
use domain::id::{FormId, ViewId};
use domain::permission::Permission;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use server_fn::codec::Json;
use ui::prelude::*;

/// Keeps a view under a name.
#[server(prefix = "/console/fn", input = Json)]
pub async fn save_answer_view(
    form: FormId,
    name: String,
    shared: bool,
    wanted: Wanted,
) -> Result<ViewId, AppError> {
    let ctx = crate::server::staff()?.ctx;
    Ok(services::answer::save_view(&ctx, form, &name, shared, &wanted).await?)
}

/// Gives a view another name.
#[server(prefix = "/console/fn")]
pub async fn rename_answer_view(id: ViewId, name: String) -> Result<(), AppError> {
    let ctx = crate::server::staff()?.ctx;
    Ok(services::answer::rename_view(&ctx, id, &name).await?)
}

/// Deletes a view; answers nothing, since it can be kept again at once.
#[server(prefix = "/console/fn")]
pub async fn drop_answer_view(id: ViewId) -> Result<(), AppError> {
    let ctx = crate::server::staff()?.ctx;
    Ok(services::answer::drop_view(&ctx, id).await?)
}

/// What is done in the dialog.
#[derive(Clone, PartialEq, Eq)]
enum Doing {
    /// What is shown is kept under a new name.
    Keep,
    /// The one that is shown gets another name.
    Rename(ViewId),
    /// It is deleted.
    Drop(ViewId),
}

/// The views to choose from, and what can be done with the one that is shown.
#[component]
pub fn Views(
    /// Of which form.
    form: FormId,
    /// Every view that the actor sees.
    views: Vec<View>,
    /// What is shown now.
    wanted: Wanted,
    /// The address of what a view shows.
    address: fn(FormId, &Wanted) -> String,
    /// Asks for the views anew.
    again: RwSignal<u32>,
) -> impl IntoView {
    let now = kept(&wanted);
    let current = views.iter().find(|v| v.wanted == now).cloned();
    let plain = now == kept(&Wanted::default());
    let may_share = use_me().may(Permission::AnswerWrite);
    let toasts = use_toasts();
    let (open, busy) = (RwSignal::new(false), RwSignal::new(false));
    let doing = RwSignal::new(Doing::Keep);
    let (name, error) = (RwSignal::new(String::new()), RwSignal::new(None::<String>));
    let shared = RwSignal::new(false);
    let navigate = use_navigate();
    let begin = move |what: Doing, called: String| {
        doing.set(what);
        name.set(called);
        error.set(None);
        open.set(true);
    };
    let (sent, home) = (now.clone(), address(form, &Wanted::default()));
    let confirm = move |()| {
        let what = doing.get_untracked();
        let written = name.get_untracked();
        if !matches!(what, Doing::Drop(_))
            && let Some(problem) = name_problem(&written)
        {
            error.set(Some(problem.message));
            return focus_soon("view-name".into());
        }
        let (wanted, navigate, home) = (sent.clone(), navigate.clone(), home.clone());
        busy.set(true);
        spawn_local(async move {
            let answer = match &what {
                Doing::Keep => {
                    save_answer_view(form, written, shared.get_untracked(), wanted).await.map(drop)
                }
                Doing::Rename(id) => rename_answer_view(*id, written).await,
                Doing::Drop(id) => drop_answer_view(*id).await,
            };
            if busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(()) => {
                    open.set(false);
                    toasts.ok(match what {
                        Doing::Keep => "この表示を残しました",
                        Doing::Rename(_) => "名前を変えました",
                        Doing::Drop(_) => "表示を消しました。回答は消えていません",
                    });
                    again.update(|n| *n += 1);
                    if matches!(what, Doing::Drop(_)) {
                        navigate(&home, NavigateOptions::default());
                    }
                }
                Err(refused) => {
                    let words = refused.field("/name").map(str::to_owned);
                    error.set(Some(words.unwrap_or_else(|| refused.message())));
                }
            }
        });
    };
    let mut options = vec![FilterOption {
        label: "すべての回答".into(),
        href: address(form, &Wanted::default()),
        selected: plain,
    }];
    options.extend(views.iter().map(|v| FilterOption {
        label: if v.shared { v.name.clone() } else { format!("{}（自分だけ）", v.name) },
        href: address(form, &v.wanted),
        selected: v.wanted == now,
    }));
    let any = !views.is_empty();
    let clear = current.as_ref().map(|_| address(form, &Wanted::default()));
    let acts = match current {
        Some(view) if view.may_write => {
            let (id, called) = (view.id, view.name.clone());
            let whose = if view.shared { format!("{}が残しました", view.by) } else { String::new() };
            view! {
                <Button size=Size::Small icon=IconName::Pencil on_click=move |_| begin(Doing::Rename(id), called.clone())>"表示の名前を変える"</Button>
                <Button size=Size::Small icon=IconName::Trash on_click=move |_| begin(Doing::Drop(id), String::new())>"表示を消す"</Button>
                {(!whose.is_empty()).then(|| view! { <span class="sub dense">{whose}</span> })}
            }
            .into_any()
        }
        Some(view) => view! { <span class="sub dense">{format!("{}が残した表示です", view.by)}</span> }.into_any(),
        None if plain => ().into_any(),
        None => {
            view! { <Button size=Size::Small icon=IconName::Plus on_click=move |_| begin(Doing::Keep, String::new())>"この表示を残す"</Button> }
                .into_any()
        }
    };
    let title = Signal::derive(move || {
        doing
            .with(|d| match d {
                Doing::Keep => "この表示を、名前をつけて残します",
                Doing::Rename(_) => "表示の名前を変えます",
                Doing::Drop(_) => "この表示を消します",
            })
            .to_owned()
    });
    let word = Signal::derive(move || {
        doing
            .with(|d| match d {
                Doing::Keep => "残す",
                Doing::Rename(_) => "この名前にする",
                Doing::Drop(_) => "表示を消す",
            })
            .to_owned()
    });
    view! {
        <div class="cluster views">
            {any.then(|| view! { <FilterChip label="表示" options clear /> })}
            {acts}
        </div>
        <ConfirmDialog id="view-dialog" title open confirm=word busy on_confirm=confirm>
            {move || match doing.get() {
                Doing::Drop(_) => view! { <p>"残した見方だけを消します。回答は消えません。"</p> }.into_any(),
                what => {
                    view! {
                        <div class="stack-s">
                            <TextField id="view-name" name="view-name" label="表示の名前" hint="例：未対応だけ、町名の順" maxlength=40 value=name error on_input=move |v| name.set(v) />
                            {(what == Doing::Keep && may_share)
                                .then(|| {
                                    view! { <Checkbox name="view-shared" checked=shared on_change=move |on| shared.set(on)>"回答を見られる人みんなで使う"</Checkbox> }
                                })}
                        </div>
                    }
                        .into_any()
                }
            }}
        </ConfirmDialog>
    }
}
