//! 職員と所属: the list.

use super::{Part, Parts};
use crate::account::{failure, problem_at};
use crate::shell::use_me;
use domain::id::{DepartmentId, StaffId};
use domain::permission::{Permission, Role};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};
use ui::address::{page_number, with_query};
use ui::prelude::*;

/// Rows of a page.
pub const ROWS: u64 = 50;

/// A member of staff in the list and on their page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffLine {
    /// Id.
    pub id: StaffId,
    /// 職員番号.
    pub number: String,
    /// 氏名.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Where they work.
    pub department: String,
    /// The first password was not changed yet.
    pub must_change: bool,
    /// The account is closed.
    pub closed: bool,
}

impl StaffLine {
    /// How the account stands.
    pub fn state(&self) -> (Status, &'static str) {
        match (self.closed, self.must_change) {
            (true, _) => (Status::Cancelled, "閉じています"),
            (_, true) => (Status::Draft, "まだ使っていません"),
            _ => (Status::Done, "使っています"),
        }
    }
}

#[cfg(feature = "ssr")]
impl From<services::account::Staff> for StaffLine {
    fn from(s: services::account::Staff) -> Self {
        Self {
            id: s.id,
            number: s.number,
            name: s.name,
            role: s.role,
            department: s.department_name,
            must_change: s.must_change,
            closed: s.disabled_at.is_some(),
        }
    }
}

/// A department with the number of its open accounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepartmentLine {
    /// Id.
    pub id: DepartmentId,
    /// Its name.
    pub name: String,
    /// Open accounts.
    pub staff: u64,
}

/// A page of staff, how many there are, and all departments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffList {
    /// The rows.
    pub rows: Vec<StaffLine>,
    /// How many fit the search.
    pub total: u64,
    /// All departments in order.
    pub departments: Vec<DepartmentLine>,
}

/// Finds staff by number, name or department; `page` counts from 1.
///
/// # Errors
/// `Forbidden`, `SignInNeeded`; if the database is away.
#[server(prefix = "/console/fn")]
pub async fn find_staff(q: String, page: u64) -> Result<StaffList, AppError> {
    let ctx = crate::server::staff()?.ctx;
    let offset =
        i64::try_from(page.max(1).saturating_sub(1).saturating_mul(ROWS)).unwrap_or(i64::MAX);
    let (rows, total) = services::account::list(&ctx, q.trim(), offset, ROWS as i64).await?;
    Ok(StaffList {
        rows: rows.into_iter().map(StaffLine::from).collect(),
        total: u64::try_from(total).unwrap_or(0),
        departments: departments(&ctx).await?,
    })
}

#[cfg(feature = "ssr")]
pub(super) async fn departments(ctx: &services::Context) -> services::Result<Vec<DepartmentLine>> {
    let found = services::account::departments(ctx).await?;
    Ok(found
        .into_iter()
        .map(|d| DepartmentLine {
            id: d.id,
            name: d.name,
            staff: u64::try_from(d.staff).unwrap_or(0),
        })
        .collect())
}

/// Adds a department.
///
/// # Errors
/// `Invalid` at `name`, `Forbidden`, `SignInNeeded`.
#[server(prefix = "/console/fn")]
pub async fn add_department(name: String) -> Result<(), AppError> {
    services::account::department(&crate::server::staff()?.ctx, &name).await?;
    Ok(())
}

fn address(q: &str, page: u64) -> String {
    with_query("/console/settings/staff", &[("q", q.to_owned()), ("page", page_number(page))])
}

/// 「職員と所属」.
#[component]
pub fn StaffListPage() -> impl IntoView {
    let may_write = use_me().may(Permission::StaffWrite);
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        query.with(|map| {
            let page = map.get("page").and_then(|p| p.parse().ok()).unwrap_or(1u64).max(1);
            (map.get("q").unwrap_or_default().trim().to_owned(), page)
        })
    });
    let add = ServerAction::<AddDepartment>::new();
    let list = Resource::new(
        move || (asked.get(), add.version().get()),
        |((q, page), _)| find_staff(q, page),
    );
    view! {
        <Page
            title="職員と所属"
            sentence="この画面を使う職員と、その役割です。"
            acts=move || {
                may_write
                    .then(|| {
                        view! {
                            <LinkButton href="/console/settings/staff/new" kind=Kind::Filled icon=IconName::Plus>
                                "職員を足す"
                            </LinkButton>
                        }
                    })
            }
        >
            <Parts current=Part::Staff />
            <div class="cols-main-side">
                <div class="stack-s">
                    <div class="filters">
                        {move || view! { <SearchBox action="/console/settings/staff" label="番号・氏名・所属" value=asked.get().0 /> }}
                    </div>
                    <Transition fallback=|| view! { <Skeleton sentence="職員の一覧を読みこんでいます" /> }>
                        {move || Suspend::new(async move {
                            match list.await {
                                Err(error) => view! { <ErrorPage error retry_href="/console/settings/staff" inside=true /> }.into_any(),
                                Ok(list) if list.rows.is_empty() => {
                                    view! {
                                        <NoMatch
                                            title="当てはまる職員はいません"
                                            text="番号・氏名・所属の一部でさがせます。"
                                            clear_href="/console/settings/staff"
                                        />
                                    }
                                        .into_any()
                                }
                                Ok(list) => {
                                    let (q, page) = asked.get_untracked();
                                    view! { <StaffTable list q page /> }.into_any()
                                }
                            }
                        })}
                    </Transition>
                </div>
                <div class="stack">
                    <Transition fallback=|| view! { <Skeleton sentence="所属を読みこんでいます" rows=3 /> }>
                        {move || Suspend::new(async move {
                            list.await.ok().map(|list| view! { <Departments departments=list.departments /> })
                        })}
                    </Transition>
                    {may_write.then(|| view! { <NewDepartment add /> })}
                </div>
            </div>
        </Page>
    }
}

#[component]
fn StaffTable(list: StaffList, q: String, page: u64) -> impl IntoView {
    let first = (page - 1) * ROWS + 1;
    let last = first + list.rows.len() as u64 - 1;
    let pages = list.total.div_ceil(ROWS);
    view! {
        <table class="list">
            <caption class="visually-hidden">"職員の一覧"</caption>
            <thead>
                <tr>
                    <th scope="col">"氏名"</th>
                    <th scope="col">"職員番号"</th>
                    <th scope="col">"所属"</th>
                    <th scope="col">"役割"</th>
                    <th scope="col">"状態"</th>
                </tr>
            </thead>
            <tbody>
                {list
                    .rows
                    .into_iter()
                    .map(|s| {
                        let (status, word) = s.state();
                        view! {
                            <tr>
                                <td class="title c-title">
                                    <a class="title-link" href=format!("/console/settings/staff/{}", s.id)>
                                        {s.name}
                                    </a>
                                </td>
                                <td class="c-figure" data-label="職員番号">{s.number}</td>
                                <td class="c-figure" data-label="所属">{s.department}</td>
                                <td class="c-figure" data-label="役割">{s.role.label()}</td>
                                <td class="c-status"><StatusMark status word /></td>
                            </tr>
                        }
                    })
                    .collect_view()}
            </tbody>
        </table>
        <Pager
            total=list.total
            first
            last
            place=(page, pages)
            previous=(page > 1).then(|| address(&q, page - 1))
            next=(page < pages).then(|| address(&q, page + 1))
            unit="人"
        />
    }
}

#[component]
fn Departments(departments: Vec<DepartmentLine>) -> impl IntoView {
    view! {
        <Panel title="所属" note=things(departments.len())>
            <ul class="rows">
                {departments
                    .into_iter()
                    .map(|d| {
                        let href = address(&d.name, 1);
                        view! {
                            <li>
                                <a class="grow" href=href>{d.name}</a>
                                <span class="num">{format!("{}人", count(d.staff))}</span>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </Panel>
    }
}

#[component]
fn NewDepartment(add: ServerAction<AddDepartment>) -> impl IntoView {
    let toasts = use_toasts();
    let value = add.value();
    let form = NodeRef::<leptos::html::Form>::new();
    Effect::new(move |_| {
        if let Some(Ok(())) = value.get() {
            toasts.ok("所属を足しました");
            if let Some(form) = form.get_untracked() {
                form.reset();
            }
        }
    });
    view! {
        <Panel>
            <ActionForm action=add node_ref=form>
                <div class="stack-s">
                    <TextField name="name" id="department-name" label="新しい所属" maxlength=100 error=problem_at(failure(value), "name") />
                    <div class="acts">
                        <Button submit=true icon=IconName::Plus busy=add.pending()>
                            "所属を足す"
                        </Button>
                    </div>
                </div>
            </ActionForm>
        </Panel>
    }
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn the_state_is_in_the_address() {
        assert_eq!(address("", 1), "/console/settings/staff");
        assert_eq!(address("", 3), "/console/settings/staff?page=3");
        assert_eq!(address("a", 2), "/console/settings/staff?q=a&page=2");
    }
}
