//! リッチメニュー: the list. Its state is in the address.

use super::api::{BeginMenu, CopyMenu, Listed, archive_menu, list_menus};
use super::away::{Delete, Deleting, PutAway};
use super::figures::figures_path;
use super::picture::Small;
use super::publishing::PublishingBar;
use super::words::SEEN;
use super::{EMERGENCY_PATH, PATH, PROGRAM_PATH, path};
use crate::shell::use_me;
use domain::id::MenuId;
use domain::menu::begin::BEGINNINGS;
use domain::menu::{Filter, NAME_MAX, Order, PER_PAGE, Status as Kept, Summary};
use domain::permission::Permission;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_query_map;
use ui::address::{page_number, with_query};
use ui::prelude::*;

/// The list's address.
fn href(filter: &Filter) -> String {
    with_query(
        PATH,
        &[
            ("q", filter.search.clone()),
            ("department", filter.department.map(|d| d.to_string()).unwrap_or_default()),
            ("status", filter.status.map(|s| s.name().to_owned()).unwrap_or_default()),
            ("sort", if filter.order == Order::Name { "name".to_owned() } else { String::new() }),
            ("page", page_number(filter.page + 1)),
        ],
    )
}

fn read(get: impl Fn(&str) -> Option<String>) -> Filter {
    let page = get("page").and_then(|p| p.parse::<i64>().ok()).unwrap_or(1).max(1);
    Filter {
        search: get("q").unwrap_or_default().trim().to_owned(),
        department: get("department").and_then(|d| d.parse().ok()),
        status: get("status").and_then(|s| Kept::parse(&s)),
        order: if get("sort").as_deref() == Some("name") { Order::Name } else { Order::Changed },
        page: page - 1,
    }
}

/// The id of the first field of a new menu.
const NEW_NAME: &str = "new-menu-name";

/// What cards share.
#[derive(Clone, Copy)]
struct Acts {
    copy: ServerAction<CopyMenu>,
    away: RwSignal<Option<(MenuId, String)>>,
    delete: Callback<(MenuId, String)>,
    back: Callback<MenuId>,
}

/// `/console/menus`.
#[component]
pub fn MenusPage() -> impl IntoView {
    let query = use_query_map();
    let filter = Memo::new(move |_| query.with(|q| read(|name| q.get(name))));
    let changes = RwSignal::new(0u32);
    let listed = Resource::new_blocking(
        move || (filter.get(), changes.get()),
        |(filter, _)| list_menus(filter),
    );
    let toasts = use_toasts();
    let back = Callback::new(move |id: MenuId| {
        spawn_local(async move {
            match archive_menu(id, false).await {
                Ok(()) => {
                    changes.update(|n| *n += 1);
                    toasts.ok("メニューを取り出しました");
                }
                Err(error) => toasts.err(format!("取り出せませんでした。{}", error.message())),
            }
        });
    });
    let may_write = use_me().may(Permission::MenuWrite);
    let deleting = Deleting::new(changes);
    let acts =
        Acts { copy: ServerAction::new(), away: RwSignal::new(None), delete: deleting.begin, back };
    Effect::new(move |_| {
        if let Some(Err(error)) = acts.copy.value().get() {
            toasts.err(format!("複製できませんでした。{}", error.message()));
        }
    });
    view! {
        <Page
            title="リッチメニュー"
            sentence="トークの下に出るメニューを作り、公開します。"
            acts=move || {
                view! {
                    <LinkButton href=EMERGENCY_PATH kind=Kind::Danger icon=IconName::Siren>"緊急メニュー"</LinkButton>
                    <LinkButton href=PROGRAM_PATH icon=IconName::People>"出し分け"</LinkButton>
                    // The form for it stands below all menus.
                    {may_write
                        .then(|| {
                            view! {
                                <Button kind=Kind::Filled icon=IconName::Plus on_click=move |_| focus_soon(NEW_NAME.into())>
                                    "メニューを作る"
                                </Button>
                            }
                        })}
                }
            }
        >
            <Transition fallback=|| view! { <Skeleton sentence="メニューの一覧を読みこんでいます" rows=6 /> }>
                {move || {
                    let filter = filter.get();
                    Suspend::new(async move {
                        match listed.await {
                            Ok(listed) => {
                                keep_focus_after(changes);
                                list(&filter, listed, acts)
                            }
                            Err(error) => view! { <ErrorPage error retry_href=href(&filter) inside=true /> }.into_any(),
                        }
                    })
                }}
            </Transition>
            <PutAway about=acts.away changes />
            <Delete deleting />
        </Page>
    }
}

fn list(filter: &Filter, listed: Listed, acts: Acts) -> AnyView {
    let Listed { menus, departments, publishing } = listed;
    let may_write = menus.may_write;
    let narrows =
        !filter.search.is_empty() || filter.department.is_some() || filter.status.is_some();
    let new = move || may_write.then(|| view! { <Begin /> });
    if menus.total == 0 && !narrows {
        let text = if may_write {
            "下から始めると、絵と文字を選ぶだけでメニューができます。"
        } else {
            "作成者か送信責任者がメニューを作ると、ここに並びます。"
        };
        return view! { <EmptyState title="まだリッチメニューはありません" text /> {new()} }
            .into_any();
    }
    let filters = filters(filter, departments);
    let content = if menus.rows.is_empty() {
        view! { <NoMatch title="当てはまるメニューはありません" text="名前・所属・状態でしぼっています。" clear_href=PATH /> }
            .into_any()
    } else {
        let unsigned = |n: i64| u64::try_from(n).unwrap_or(0);
        let first = filter.page * PER_PAGE + 1;
        let last = first + menus.rows.len() as i64 - 1;
        let pages = (menus.total + PER_PAGE - 1) / PER_PAGE;
        let page = |page: i64| href(&Filter { page, ..filter.clone() });
        view! {
            <ul class="menu-cards">{menus.rows.into_iter().map(|m| card(m, acts)).collect_view()}</ul>
            <Pager
                total=unsigned(menus.total)
                first=unsigned(first)
                last=unsigned(last)
                place=(unsigned(filter.page + 1), unsigned(pages))
                previous=(filter.page > 0).then(|| page(filter.page - 1))
                next=(filter.page + 1 < pages).then(|| page(filter.page + 1))
            />
        }
        .into_any()
    };
    view! { <PublishingBar first=publishing quiet=true /> {filters} {content} {new()} }.into_any()
}

fn filters(filter: &Filter, departments: Vec<(String, String)>) -> AnyView {
    let to = |change: &dyn Fn(&mut Filter)| {
        let mut other = Filter { page: 0, ..filter.clone() };
        change(&mut other);
        href(&other)
    };
    let option =
        |label: String, href: String, selected: bool| FilterOption { label, href, selected };
    let mut by_department =
        vec![option("すべて".into(), to(&|f| f.department = None), filter.department.is_none())];
    by_department.extend(departments.into_iter().map(|(id, name)| {
        let id = id.parse().ok();
        option(name, to(&|f| f.department = id), filter.department == id && id.is_some())
    }));
    let mut by_status =
        vec![option("使うもの".into(), to(&|f| f.status = None), filter.status.is_none())];
    by_status.extend([Kept::Draft, Kept::Published, Kept::Archived].map(|status| {
        let here = filter.status == Some(status);
        option(status.label().into(), to(&|f| f.status = Some(status)), here)
    }));
    let keep: Vec<(String, String)> = [
        ("department", filter.department.map(|d| d.to_string())),
        ("status", filter.status.map(|s| s.name().to_owned())),
        ("sort", (filter.order == Order::Name).then(|| "name".to_owned())),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name.to_owned(), value?)))
    .collect();
    view! {
        <div class="filters">
            <SearchBox action=PATH label="名前" value=filter.search.clone() keep />
            <div class="chips">
                <FilterChip label="状態" options=by_status clear=filter.status.map(|_| to(&|f| f.status = None)) />
                <FilterChip label="所属" options=by_department clear=filter.department.map(|_| to(&|f| f.department = None)) />
            </div>
            <div class="filters-end">
                <Segmented
                    label="並べかた"
                    items=[(Order::Changed, "新しい順"), (Order::Name, "名前順")]
                        .map(|(order, label)| Segment { label: label.into(), href: to(&|f| f.order = order), icon: None, current: filter.order == order })
                        .into()
                />
            </div>
        </div>
    }
    .into_any()
}

/// How many areas lead nowhere, and who meets them.
fn broken_words(menu: &Summary) -> String {
    let who = if menu.status == Kept::Published { "公開中のメニューに、" } else { "" };
    format!("{who}つながらないエリアが{}か所あります", menu.broken)
}

fn card(menu: Summary, acts: Acts) -> AnyView {
    let (id, name) = (menu.id, menu.name.clone());
    let (shape, words) = match menu.status {
        Kept::Draft => (Status::Draft, Kept::Draft.label()),
        Kept::Published => (Status::Done, Kept::Published.label()),
        Kept::Archived => (Status::Held, Kept::Archived.label()),
    };
    let away = menu.status == Kept::Archived;
    let (about, gone) = (name.clone(), name.clone());
    let broken = (menu.broken > 0 && !away).then(|| broken_words(&menu));
    let picture = match menu.first.clone() {
        Some(sheet) => view! { <Small sheet=Signal::stored(sheet) /> }.into_any(),
        None => view! { <span class="menu-small"></span> }.into_any(),
    };
    // Who may not change it may still read its figures.
    let figures = (!menu.may_write && menu.published_at.is_some()).then(|| {
        view! {
            <p class="row-meta">
                <a href=figures_path(id)>
                    <span class="visually-hidden">{format!("「{name}」の")}</span>
                    "押された回数"
                </a>
            </p>
        }
    });
    let acts_of = menu.may_write.then(|| {
        view! {
            <RowMenu label=format!("「{name}」の操作")>
                <a class="menu-item" href=figures_path(id)>
                    <Icon name=IconName::Chart size=18 />
                    "押された回数"
                </a>
                <ActionForm action=acts.copy>
                    <input type="hidden" name="id" value=id.to_string() />
                    <button class="menu-item" type="submit">
                        <Icon name=IconName::Copy size=18 />
                        "複製する"
                    </button>
                </ActionForm>
                {if away {
                    view! {
                        <button class="menu-item" type="button" on:click=move |_| acts.back.run(id)>
                            <Icon name=IconName::Upload size=18 />
                            "取り出す"
                        </button>
                    }
                        .into_any()
                } else {
                    view! {
                        <button class="menu-item" type="button" on:click=move |_| acts.away.set(Some((id, about.clone())))>
                            <Icon name=IconName::Inbox size=18 />
                            "しまう"
                        </button>
                    }
                        .into_any()
                }}
                <button class="menu-item" type="button" on:click=move |_| acts.delete.run((id, gone.clone()))>
                    <Icon name=IconName::Trash size=18 />
                    "消す"
                </button>
            </RowMenu>
        }
    });
    view! {
        <li class="menu-card">
            <div class="menu-card-picture">{picture}</div>
            <div class="menu-card-body">
                <div class="menu-card-head">
                    <h2><a class="title-link" href=path(id)>{menu.name}</a></h2>
                    {acts_of}
                </div>
                <p class="row-meta">
                    <span class="status"><StatusShape status=shape />{words}</span>
                    {(menu.changed && menu.published_at.is_some()).then(|| view! { <span class="warn"><Icon name=IconName::Pencil size=16 />"公開していない変更があります"</span> })}
                </p>
                {broken.map(|words| view! { <p class="row-meta"><span class="warn"><Icon name=IconName::Warning size=16 />{words}</span></p> })}
                <p class="row-meta">
                    {menu.department_name} "・"
                    {if menu.sheets > 1 { format!("シート{}枚・エリア{}", menu.sheets, menu.areas) } else { format!("エリア{}", menu.areas) }}
                </p>
                <p class="row-meta">
                    {match menu.published_at {
                        Some(at) => format!("{} {}さんが公開", at.day_and_time(), menu.published_by),
                        None => format!("{} {}さんが保存", menu.updated_at.day_and_time(), menu.updated_by),
                    }}
                </p>
                {figures}
            </div>
        </li>
    }
    .into_any()
}

/// 新しいメニュー: a form, so that it works before wasm.
#[component]
fn Begin() -> impl IntoView {
    let begin = ServerAction::<BeginMenu>::new();
    let chosen = RwSignal::new(BEGINNINGS.first().map_or("", |b| b.name).to_owned());
    let error = Signal::derive(move || match begin.value().get() {
        Some(Err(error)) => Some(error.message()),
        _ => None,
    });
    view! {
        <Panel title="新しいリッチメニュー">
            <ActionForm action=begin>
                <div class="fields">
                    <TextField name="name" id=NEW_NAME label="名前" hint=SEEN required=true maxlength=NAME_MAX as u32 autocomplete="off" error />
                    <Fieldset legend="何から始めますか" id="new-menu-from">
                        <div class="cards cards-row menu-beginnings">
                            {BEGINNINGS
                                .iter()
                                .map(|b| {
                                    view! {
                                        <RadioCard
                                            name="beginning"
                                            value=b.name
                                            title=b.label
                                            note=b.note
                                            checked=Signal::derive(move || chosen.with(|c| c == b.name))
                                            on_change=move |name| chosen.set(name)
                                        />
                                    }
                                })
                                .collect_view()}
                        </div>
                    </Fieldset>
                    <div>
                        <Button kind=Kind::Filled icon=IconName::Plus submit=true busy=begin.pending()>"作りはじめる"</Button>
                    </div>
                </div>
            </ActionForm>
        </Panel>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_holds_the_filter() {
        let filter = Filter {
            search: "ふだん".into(),
            department: "3".parse().ok(),
            status: Some(Kept::Published),
            order: Order::Name,
            page: 1,
        };
        let address = href(&filter);
        assert!(address.contains("page=2") && address.contains("status=published"), "{address}");
        let get = |name: &str| match name {
            "q" => Some("ふだん".to_owned()),
            "department" => Some("3".to_owned()),
            "status" => Some("published".to_owned()),
            "sort" => Some("name".to_owned()),
            "page" => Some("2".to_owned()),
            _ => None,
        };
        assert_eq!(read(get), filter);
        assert_eq!(href(&read(|_| None)), PATH);
    }
}
