//! The frame around every page: who is signed in, what they may use, where help is.

use crate::around::{Running, Watch};
use domain::id::{DepartmentId, StaffId};
use domain::permission::{Permission, Role};
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use serde::{Deserialize, Serialize};
use ui::prelude::*;
use ui::shell::ConsoleShellProps;

/// Who is signed in, as every page may ask with [`use_me`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    /// Id.
    pub staff: StaffId,
    /// 氏名.
    pub name: String,
    /// Where they work.
    pub department: DepartmentId,
    /// Its name.
    pub department_name: String,
    /// What they may do.
    pub role: Role,
    /// The first password has to be changed before anything else.
    pub must_change: bool,
    /// The city's name, for previews and papers.
    pub city: String,
    /// Deliveries that wait for a person.
    pub waiting: u64,
    /// Forms whose publication others ask of them.
    pub asked: u64,
    /// Answers of the department that nobody has read.
    pub unread: u64,
    /// Emergencies and drills that go on.
    pub running: Vec<Running>,
}

impl Me {
    /// Whether the role may do this at all; the server decides again beside the query.
    pub fn may(&self, permission: Permission) -> bool {
        self.role.permissions().contains(&permission)
    }
}

/// Who is signed in. There is always somebody inside the shell and the editors.
pub fn use_me() -> Me {
    expect_context::<Me>()
}

/// What must be known before anything is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entrance {
    /// The city's name.
    pub city: String,
    /// From where the browser comes, as the server sees it.
    pub address: String,
    /// Who is signed in, if anybody is.
    pub me: Option<Me>,
}

/// Who stands before the console: found before the page is rendered ([`crate::server::prepare`]).
pub fn entrance() -> Result<Entrance, AppError> {
    #[cfg(feature = "ssr")]
    {
        let parts = use_context::<axum::http::request::Parts>();
        parts
            .and_then(|parts| parts.extensions.get::<Result<Entrance, AppError>>().cloned())
            .unwrap_or(Err(AppError::SignInNeeded))
    }
    #[cfg(not(feature = "ssr"))]
    {
        // Came from a page outside the console: whole, so that the server says it. Without it there is a link.
        drop(window().location().reload());
        Err(AppError::Network)
    }
}

/// How many deliveries wait for a person, for the navigation's counter.
#[cfg(feature = "ssr")]
pub(crate) async fn count_waiting(ctx: &services::Context) -> services::Result<u64> {
    use domain::delivery::Status as S;
    use services::delivery::{Query, list};
    let mut waiting = 0;
    for status in [S::Held, S::AwaitingApproval] {
        let (_, total, _) =
            list(ctx, &Query { status: Some(status), limit: 1, ..Query::default() }).await?;
        waiting += u64::try_from(total).unwrap_or(0);
    }
    waiting += services::delivery::approval::unreviewed(ctx).await?.len() as u64;
    Ok(waiting)
}

/// The forms whose publication others ask of `me`, the oldest request first.
#[cfg(feature = "ssr")]
pub(crate) async fn asked_forms(
    ctx: &services::Context,
    me: StaffId,
) -> services::Result<Vec<domain::form::kept::Kept>> {
    let mut forms = services::form::awaiting(ctx, 50).await?.0;
    forms.retain(|form| form.may_publish && form.waiting().is_some_and(|r| r.by != Some(me)));
    Ok(forms)
}

/// The navigation by engine: only what there is, and what the role may use.
pub fn navigation(me: &Me, waiting: u64, asked: u64, unread: u64) -> Vec<NavGroup> {
    let entries: [(&str, &[(&str, &str, IconName, Option<Permission>)]); 4] = [
        ("", &[("/console", "ホーム", IconName::Home, None)]),
        (
            "届ける",
            &[
                ("/console/deliveries", "配信", IconName::Send, Some(Permission::DeliveryRead)),
                (
                    "/console/audiences",
                    "配信対象",
                    IconName::Target,
                    Some(Permission::AudienceRead),
                ),
                ("/console/menus", "リッチメニュー", IconName::Menu, Some(Permission::MenuRead)),
            ],
        ),
        (
            "受ける",
            &[
                ("/console/forms", "フォーム", IconName::Form, Some(Permission::FormRead)),
                ("/console/answers", "回答", IconName::Inbox, Some(Permission::AnswerRead)),
            ],
        ),
        (
            "知る",
            &[
                ("/console/residents", "住民", IconName::People, Some(Permission::ResidentRead)),
                (
                    "/console/residents/figures",
                    "統計",
                    IconName::Chart,
                    Some(Permission::AudienceRead),
                ),
                (
                    "/console/attributes",
                    "登録項目",
                    IconName::List,
                    Some(Permission::AttributeRead),
                ),
                ("/console/settings", "設定", IconName::Gear, None),
            ],
        ),
    ];
    entries
        .into_iter()
        .map(|(title, items)| NavGroup {
            title: (!title.is_empty()).then(|| title.to_owned()),
            items: items
                .iter()
                .filter(|(.., permission)| permission.is_none_or(|p| me.may(p)))
                .map(|(href, label, icon, _)| NavItem {
                    href: (*href).to_owned(),
                    label: (*label).to_owned(),
                    icon: *icon,
                    counter: match *href {
                        "/console/deliveries" if waiting > 0 => Some(Counter::Waits(waiting)),
                        "/console/forms" if asked > 0 => Some(Counter::Waits(asked)),
                        "/console/answers" if unread > 0 => Some(Counter::Waits(unread)),
                        _ => None,
                    },
                })
                .collect(),
        })
        .filter(|group| !group.items.is_empty())
        .collect()
}

/// The chapter of the manual that fits a page, and its section where the chapter has many.
pub fn help_for(path: &str) -> &'static str {
    let below =
        |prefix: &str| path.strip_prefix("/console/").is_some_and(|rest| rest.starts_with(prefix));
    match () {
        () if below("deliveries/calendar") => "/console/help/steps#s3",
        () if below("deliveries/steps") => "/console/help/steps#s5",
        () if below("deliveries/periods") => "/console/help/figures#s6",
        () if below("deliveries/") && path.ends_with("/certificate") => {
            "/console/help/approval#s14"
        }
        () if below("deliveries/") && path.ends_with("/report") => "/console/help/trouble",
        () if below("deliveries/") && path.ends_with("/edit") => "/console/help/delivery#s3",
        () if below("deliveries") => "/console/help/delivery",
        () if below("audiences") => "/console/help/audience",
        () if below("menus/emergency") || below("menus/program") => "/console/help/menu-publish",
        () if below("menus") => "/console/help/menu",
        () if below("forms") => "/console/help/form",
        () if below("answers") => "/console/help/answer",
        () if below("attributes") => "/console/help/attribute",
        () if below("residents") => "/console/help/resident",
        () if below("settings/rules") => "/console/help/approval",
        () if below("settings/holidays") => "/console/help/steps#s4",
        () if below("settings/alerts") => "/console/help/trouble",
        () if below("settings") || below("password") => "/console/help/account",
        () if path.trim_end_matches('/') == "/console" => "/console/help/start",
        () => "/console/help",
    }
}

/// The path by which the navigation marks the current entry: nothing for pages
/// that belong to none (the manual), which would otherwise count as ホーム.
fn place_in_navigation(path: &str) -> String {
    let path = path.trim_end_matches('/');
    let own = [
        "deliveries",
        "audiences",
        "menus",
        "forms",
        "answers",
        "residents",
        "attributes",
        "settings",
    ];
    let known =
        path == "/console" || path.split('/').nth(2).is_some_and(|engine| own.contains(&engine));
    if known { path.to_owned() } else { String::new() }
}

/// Bar and navigation around a page.
#[component]
pub fn Frame(
    /// Who is signed in.
    me: Me,
    /// The page.
    children: Children,
) -> impl IntoView {
    let path = use_location().pathname;
    let watch = expect_context::<Watch>();
    let who = Who { name: me.name.clone(), department: me.department_name.clone() };
    let searches = me.may(Permission::DeliveryRead);
    let city = me.city.clone();
    let nav = Signal::derive(move || {
        navigation(&me, watch.waiting.get(), watch.asked.get(), watch.unread.get())
    });
    let shell = ConsoleShellProps::builder()
        .city(city)
        .nav(nav)
        .path(Signal::derive(move || place_in_navigation(&path.get())))
        .who(who)
        .help_href(Signal::derive(move || help_for(&path.get()).to_owned()))
        .emergency_href("/console/menus/emergency".to_owned())
        .notices(watch.notices)
        .account_links(vec![("/console/settings".to_owned(), "自分の設定".to_owned())])
        .sign_out(|| view! { <crate::account::SignOutForm /> })
        .children(children);
    // Who may not read deliveries has nothing to search.
    if searches {
        ConsoleShell(shell.search_action(crate::search::PATH).build()).into_any()
    } else {
        ConsoleShell(shell.build()).into_any()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn me(role: Role) -> Me {
        Me {
            staff: StaffId(1),
            name: "佐藤 美咲".into(),
            department: DepartmentId(1),
            department_name: "広報広聴課".into(),
            role,
            must_change: false,
            city: "みほん市".into(),
            waiting: 0,
            asked: 0,
            unread: 0,
            running: Vec::new(),
        }
    }

    fn labels(role: Role) -> Vec<String> {
        navigation(&me(role), 2, 0, 0).into_iter().flat_map(|g| g.items).map(|i| i.label).collect()
    }

    #[test]
    fn a_role_sees_what_it_may_use() {
        assert_eq!(
            labels(Role::Admin),
            [
                "ホーム",
                "配信",
                "配信対象",
                "リッチメニュー",
                "フォーム",
                "回答",
                "住民",
                "統計",
                "登録項目",
                "設定"
            ]
        );
        assert_eq!(
            labels(Role::Viewer),
            [
                "ホーム",
                "配信",
                "配信対象",
                "リッチメニュー",
                "フォーム",
                "統計",
                "登録項目",
                "設定"
            ]
        );
    }

    #[test]
    fn counters_say_what_waits() {
        let counters: Vec<_> = navigation(&me(Role::Admin), 2, 1, 3)
            .into_iter()
            .flat_map(|g| g.items)
            .filter_map(|i| i.counter)
            .collect();
        assert_eq!(counters, [Counter::Waits(2), Counter::Waits(1), Counter::Waits(3)]);
        assert!(
            navigation(&me(Role::Admin), 0, 0, 0)
                .iter()
                .all(|g| g.items.iter().all(|i| i.counter.is_none()))
        );
    }

    #[test]
    fn the_manual_is_no_part_of_home() {
        assert_eq!(place_in_navigation("/console/help/start"), "");
        assert_eq!(place_in_navigation("/console/"), "/console");
        assert_eq!(place_in_navigation("/console/settings/staff/1"), "/console/settings/staff/1");
    }

    #[test]
    fn help_fits_the_page() {
        assert_eq!(help_for("/console/deliveries/7"), "/console/help/delivery");
        assert_eq!(help_for("/console"), "/console/help/start");
        assert_eq!(help_for("/console/nowhere"), "/console/help");
    }
}
