//! One list: its name, what it holds, what uses it; and a new one.

use super::PATH;
use super::import::{Becomes, Import};
use super::list::Sides;
use domain::id::RosterId;
use domain::roster::{Opened, name_problem};
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use server_fn::codec::GetUrl;
use ui::prelude::*;

/// One list with what uses it.
///
/// # Errors
/// `NotFound`, `SignInNeeded`, `Forbidden`.
#[server(prefix = "/console/fn", input = GetUrl)]
pub async fn open_roster(id: RosterId) -> Result<Opened, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::roster::opened(&staff.ctx, id).await?)
}

/// Gives a list another name.
///
/// # Errors
/// `NotFound`, `Forbidden`, `Conflict`; `Invalid` at `/name`.
#[server(prefix = "/console/fn")]
pub async fn rename_roster(id: RosterId, seen: Timestamp, name: String) -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    Ok(services::roster::rename(&staff.ctx, id, seen, &name).await?)
}

/// Deletes a list that nothing uses.
///
/// # Errors
/// `NotFound`, `Forbidden`, `Conflict`.
#[server(prefix = "/console/fn")]
pub async fn delete_roster(id: RosterId) -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    Ok(services::roster::delete(&staff.ctx, id).await?)
}

fn crumbs() -> Vec<(String, String)> {
    vec![
        ("/console/audiences".to_owned(), "配信対象".to_owned()),
        (PATH.to_owned(), "対象者リスト".to_owned()),
    ]
}

/// `/console/audiences/lists/new`.
#[component]
pub fn NewRosterPage() -> impl IntoView {
    let toasts = use_toasts();
    let navigate = use_navigate();
    let kept = move |id: RosterId| {
        toasts.ok("リストを取りこみました");
        navigate(&format!("{PATH}/{id}"), NavigateOptions::default());
    };
    view! {
        <Page title="リストを取りこむ" crumbs=crumbs() sentence="ファイルの1行ずつを、登録のある友だちと照合します。取りこむまで、何も変わりません。">
            <Import becomes=Becomes::New kept />
        </Page>
    }
}

/// `/console/audiences/lists/{id}`.
#[component]
pub fn RosterPage(
    /// Which list.
    id: RosterId,
) -> impl IntoView {
    let changes = RwSignal::new(0u32);
    let opened = Resource::new_blocking(move || changes.get(), move |_| open_roster(id));
    view! {
        <Transition fallback=|| view! { <div class="page"><Skeleton sentence="対象者リストをひらいています" /></div> }>
            {move || Suspend::new(async move {
                match opened.await {
                    Ok(opened) => {
                        keep_focus_after(changes);
                        view! { <Shown opened changes /> }.into_any()
                    }
                    Err(error) => {
                        let other = (PATH.to_owned(), "対象者リストの一覧へ".to_owned());
                        view! { <div class="page"><ErrorPage error other /></div> }.into_any()
                    }
                }
            })}
        </Transition>
    }
}

#[component]
fn Shown(opened: Opened, changes: RwSignal<u32>) -> impl IntoView {
    let Opened { row, uses } = opened;
    let (id, seen, may_write) = (row.id, row.updated_at, row.may_write);
    let name = RwSignal::new(row.name.clone());
    let error = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let deleting = RwSignal::new(false);
    let replacing = RwSignal::new(false);
    let toasts = use_toasts();
    let navigate = use_navigate();
    let replace = move |_| {
        replacing.set(true);
        focus_soon("roster-file".into());
    };
    let rename = move |_| {
        let written = name.get_untracked();
        error.set(name_problem(&written).map(str::to_owned));
        if error.with_untracked(Option::is_some) {
            return focus_soon("name".into());
        }
        busy.set(true);
        spawn_local(async move {
            let answer = rename_roster(id, seen, written).await;
            busy.set(false);
            match answer {
                Ok(()) => {
                    toasts.ok("名前を変えました");
                    changes.update(|n| *n += 1);
                }
                Err(refused) => error.set(Some(refused.message())),
            }
        });
    };
    let delete = move |()| {
        let navigate = navigate.clone();
        busy.set(true);
        spawn_local(async move {
            let answer = delete_roster(id).await;
            busy.set(false);
            deleting.set(false);
            match answer {
                Ok(()) => {
                    toasts.ok("リストを消しました");
                    navigate(PATH, NavigateOptions::default());
                }
                Err(error) => toasts.err(error.message()),
            }
        });
    };
    let replaced = move |_: RosterId| {
        toasts.ok("リストの中身を入れかえました");
        changes.update(|n| *n += 1);
    };
    let used = !uses.is_empty();
    let now = [
        ("いま友だちの人", format!("{}人", thousands(row.friends))),
        (
            "取りこんだ人数",
            format!("{}人（ファイルは {}行）", thousands(row.count), thousands(row.lines)),
        ),
        ("照合", format!("「{}」で", row.found_by)),
        ("取りこんだ日時", row.imported_at.day_and_time()),
        (
            "取りこんだ人",
            if row.imported_by.is_empty() { "—".into() } else { row.imported_by.clone() },
        ),
        ("所属", if row.department.is_empty() { "—".into() } else { row.department.clone() }),
    ];
    view! {
        <Page
            title=row.name.clone()
            crumbs=crumbs()
            acts=move || {
                may_write.then(|| view! { <Button kind=Kind::Danger icon=IconName::Trash on_click=move |_| deleting.set(true)>"消す"</Button> })
            }
        >
            <Sides lists=true />
            <div class="cols-main-side">
                <div class="stack">
                    <Panel title="中身">
                        <div class="stack-s">
                            <dl class="facts">
                                {now.map(|(term, words)| view! { <div><dt>{term}</dt> <dd>{words}</dd></div> }).collect_view()}
                            </dl>
                            <p class="sub dense">"ブロックした人には届きません。ブロックを解くと、またこのリストの人として届きます。"</p>
                        </div>
                    </Panel>
                    {if may_write {
                        view! {
                            <Panel title="名前を変える">
                                <div class="stack-s">
                                    <TextField name="name" label="リストの名前" value=name error maxlength=100 on_input=move |v| name.set(v) />
                                    <div class="acts"><Button kind=Kind::Act busy on_click=rename>"この名前にする"</Button></div>
                                </div>
                            </Panel>
                            <Panel title="中身を入れかえる">
                                <div class="stack-s">
                                    <p class="sub">"新しいファイルの人に、すっかり入れかえます。このリストを使う配信は、送るときの中身で届きます。"</p>
                                    {move || {
                                        if replacing.get() {
                                            view! { <Import becomes=Becomes::Replace(id, seen, row.count) kept=replaced /> }.into_any()
                                        } else {
                                            view! { <div class="acts"><Button icon=IconName::Upload on_click=replace>"新しいファイルを選ぶ"</Button></div> }.into_any()
                                        }
                                    }}
                                </div>
                            </Panel>
                        }
                            .into_any()
                    } else {
                        view! { <Banner title="見るだけのリストです">"入れかえや消すことは、取りこんだ所属の送信責任者か管理者ができます。"</Banner> }.into_any()
                    }}
                </div>
                <div class="stack">
                    <Panel title="使っているところ">
                        {if used {
                            view! {
                                <ul class="rows">
                                    {uses.iter().map(|(name, href)| view! { <li><a href=href.clone()>{name.clone()}</a></li> }).collect_view()}
                                </ul>
                            }
                                .into_any()
                        } else {
                            view! { <p class="sub">"まだ、どこでも使っていません。"</p> }.into_any()
                        }}
                    </Panel>
                </div>
            </div>
            <ConfirmDialog id="delete-roster" title="このリストを消します" open=deleting confirm="リストを消す" danger=true busy on_confirm=delete>
                <p>
                    {if used {
                        "このリストは、まだ使っているところがあるため、消せません。先に「使っているところ」の条件を直してください。"
                    } else {
                        "消すと、元にもどせません。送った配信の記録は、そのまま残ります。"
                    }}
                </p>
            </ConfirmDialog>
        </Page>
    }
}
