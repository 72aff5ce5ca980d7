//! One member of staff: added, changed, closed, given a new first password.

use super::contact::ContactPanel;
use super::role_note;
use super::staff::{DepartmentLine, StaffLine};
use super::staff_api::{AddStaff, ChangeStaff, CloseStaff, StaffView, close_staff, read_staff};
use super::staff_password::{Reset, ShownOnce};
use crate::account::{failure, problem_at, summary};
use crate::shell::use_me;
use domain::id::StaffId;
use domain::permission::{Permission, Role};
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::prelude::*;

/// 「職員を足す」, or one member of staff.
#[component]
pub fn StaffPage(
    /// Who; nothing for a new account.
    id: Option<StaffId>,
) -> impl IntoView {
    let found = Resource::new_blocking(|| (), move |()| read_staff(id));
    view! {
        <Suspense fallback=|| view! { <Skeleton sentence="職員を読みこんでいます" /> }>
            {move || Suspend::new(async move {
                match found.await {
                    Ok(StaffView { staff: None, departments }) => view! { <Adding departments /> }.into_any(),
                    Ok(StaffView { staff: Some(staff), departments }) => view! { <Changing staff departments /> }.into_any(),
                    Err(error) => {
                        view! { <ErrorPage error other=("/console/settings/staff".to_owned(), "職員の一覧".to_owned()) /> }.into_any()
                    }
                }
            })}
        </Suspense>
    }
}

fn crumbs() -> Vec<(String, String)> {
    vec![
        ("/console/settings".to_owned(), "設定".to_owned()),
        ("/console/settings/staff".to_owned(), "職員と所属".to_owned()),
    ]
}

/// Name, role, department: the same for a new account and an old one.
#[component]
fn Fields(
    staff: Option<StaffLine>,
    departments: Vec<DepartmentLine>,
    failure: Signal<Option<AppError>>,
) -> impl IntoView {
    let role = staff.as_ref().map(|s| s.role);
    let department = staff.as_ref().map(|s| s.department.clone()).unwrap_or_default();
    let mut options: Vec<(String, String)> =
        departments.into_iter().map(|d| (d.name.clone(), d.name)).collect();
    if staff.is_none() {
        options.insert(0, (String::new(), "選んでください".to_owned()));
    }
    view! {
        <TextField
            name="form[name]"
            id="name"
            label="氏名"
            value=staff.map(|s| s.name).unwrap_or_default()
            error=problem_at(failure, "name")
            maxlength=100
            autocomplete="off"
            required=true
        />
        <Fieldset id="role" legend="役割" error=problem_at(failure, "role") required=true>
            <div class="cards">
                {Role::ALL
                    .iter()
                    .map(|r| {
                        view! { <RadioCard name="form[role]" value=r.name() title=r.label() note=role_note(*r) checked=role == Some(*r) /> }
                    })
                    .collect_view()}
            </div>
        </Fieldset>
        <Select name="form[department]" id="department" label="所属" options value=department error=problem_at(failure, "department") required=true />
        <TextField
            name="form[new_department]"
            id="new_department"
            label="新しい所属"
            hint="上にないときだけ、名前を入れてください。その所属を作ります"
            maxlength=100
            autocomplete="off"
        />
    }
}

#[component]
fn Adding(departments: Vec<DepartmentLine>) -> impl IntoView {
    let add = ServerAction::<AddStaff>::new();
    let value = add.value();
    let failure = failure(value);
    view! {
        <Page title="職員を足す" crumbs=crumbs() sentence="はじめのパスワードは自動で作ります。本人が、最初のサインインで変えます。">
            {move || match value.get() {
                Some(Ok(first)) => {
                    view! {
                        <ShownOnce title=format!("{}さんを足しました", first.name) first />
                        <div class="acts">
                            <LinkButton href="/console/settings/staff" kind=Kind::Act>"職員の一覧へもどる"</LinkButton>
                        </div>
                    }
                        .into_any()
                }
                _ => ().into_any(),
            }}
            <div hidden=move || value.with(|v| matches!(v, Some(Ok(_))))>
                <ErrorSummary errors=summary(failure, "number") />
                <Panel>
                    <ActionForm action=add>
                        <div class="stack">
                            <TextField
                                name="number"
                                label="職員番号"
                                hint="半角の英数字と「-」で、32文字まで。あとから変えられません"
                                error=problem_at(failure, "number")
                                maxlength=32
                                autocomplete="off"
                                required=true
                            />
                            <Fields staff=None departments failure />
                            <div class="acts">
                                <Button kind=Kind::Filled submit=true busy=add.pending()>
                                    "職員を足す"
                                </Button>
                                <LinkButton href="/console/settings/staff">"やめる"</LinkButton>
                            </div>
                        </div>
                    </ActionForm>
                </Panel>
            </div>
        </Page>
    }
}

#[component]
fn Changing(staff: StaffLine, departments: Vec<DepartmentLine>) -> impl IntoView {
    let me = use_me();
    let (toasts, offers) = (use_toasts(), use_offers());
    let id = staff.id;
    let (own, may_write) = (me.staff == id, me.may(Permission::StaffWrite));
    let now = RwSignal::new(staff.clone());
    let change = ServerAction::<ChangeStaff>::new();
    let close = ServerAction::<CloseStaff>::new();
    let failure = failure(change.value());
    Effect::new(move |_| {
        if let Some(Ok(after)) = change.value().get() {
            now.set(after);
            toasts.ok("職員の内容を保存しました");
        }
    });
    let reopen = move || {
        leptos::task::spawn_local(async move {
            match close_staff(id, false).await {
                Ok(after) => {
                    // The page may have been left.
                    now.try_set(after);
                    toasts.ok("アカウントをひらきました");
                }
                Err(error) => toasts.err(error.to_string()),
            }
        });
    };
    Effect::new(move |_| match close.value().get() {
        Some(Ok(after)) => {
            offers.withdraw();
            if after.closed {
                offers.ok(
                    "アカウントを閉じました。サインインしていた画面も終えました",
                    "元にもどす",
                    reopen,
                );
            } else {
                toasts.ok("アカウントをひらきました");
            }
            now.set(after);
        }
        Some(Err(error)) => toasts.err(error.to_string()),
        None => {}
    });
    let closed = Memo::new(move |_| now.with(|s| s.closed));
    let mark = move || {
        let (status, word) = now.with(StaffLine::state);
        view! { <StatusMark status word /> }
    };
    let (shown, named) = (staff.clone(), staff.name.clone());
    view! {
        <Page title=move || now.with(|s| s.name.clone()) crumbs=crumbs() sentence=format!("職員番号 {}", staff.number) beside=move || view! { {mark} }>
            <div class="cols-main-side">
                {if may_write {
                    view! {
                        <div>
                            <ErrorSummary errors=summary(failure, "name") />
                            <Panel>
                                <ActionForm action=change>
                                    <input type="hidden" name="id" value=id.to_string() />
                                    <div class="stack">
                                        <Fields staff=Some(shown) departments failure />
                                        <div class="acts">
                                            <Button kind=Kind::Filled submit=true busy=change.pending()>
                                                "保存する"
                                            </Button>
                                        </div>
                                    </div>
                                </ActionForm>
                            </Panel>
                        </div>
                    }
                        .into_any()
                } else {
                    view! { <Facts staff=shown /> }.into_any()
                }}
                <div class="stack">
                    {(may_write && !own)
                        .then(|| {
                            view! {
                                <Reset id name=named />
                                {move || view! { <Closing id closed=closed.get() close /> }}
                            }
                        })}
                    {may_write.then(|| view! { <ContactPanel id own=false /> })}
                    {own
                        .then(|| {
                            view! {
                                <Panel title="あなたのアカウントです">
                                    <p class="dense">"パスワードは「自分の設定」で変えます。自分のアカウントは閉じられません。"</p>
                                    <p><a href="/console/settings">"自分の設定"</a></p>
                                </Panel>
                            }
                        })}
                </div>
            </div>
        </Page>
    }
}

#[component]
fn Facts(staff: StaffLine) -> impl IntoView {
    view! {
        <Panel>
            <dl class="facts">
                <div>
                    <dt>"所属"</dt>
                    <dd>{staff.department}</dd>
                </div>
                <div>
                    <dt>"役割"</dt>
                    <dd>{staff.role.label()} <p class="sub dense">{role_note(staff.role)}</p></dd>
                </div>
            </dl>
        </Panel>
    }
}

#[component]
fn Closing(id: StaffId, closed: bool, close: ServerAction<CloseStaff>) -> impl IntoView {
    view! {
        <Panel title=if closed { "もう一度ひらく" } else { "異動・退職のとき" }>
            <p class="dense">
                {if closed {
                    "ひらくと、前と同じ番号とパスワードで使えます。"
                } else {
                    "アカウントを閉じると、サインインできなくなります。作った配信や記録は残ります。"
                }}
            </p>
            <ActionForm action=close>
                <input type="hidden" name="id" value=id.to_string() />
                <input type="hidden" name="closed" value=(!closed).to_string() />
                <div class="acts">
                    <Button kind=if closed { Kind::Outline } else { Kind::Danger } icon=IconName::Lock submit=true busy=close.pending()>
                        {if closed { "アカウントをひらく" } else { "アカウントを閉じる" }}
                    </Button>
                </div>
            </ActionForm>
        </Panel>
    }
}
