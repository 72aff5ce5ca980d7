//! 自分の設定: who one is, the password, where one is signed in.

use super::contact::ContactPanel;
use super::{Part, Parts, browser, role_note};
use crate::account::{ChangePassword, PasswordForm};
use crate::shell::use_me;
use domain::id::SessionId;
use domain::permission::Role;
use domain::time::Timestamp;
use leptos::form::ActionForm;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use ui::prelude::*;

/// One signed-in browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionLine {
    /// Id.
    pub id: SessionId,
    /// Signed in.
    pub created_at: Timestamp,
    /// Last used.
    pub seen_at: Timestamp,
    /// From where.
    pub address: String,
    /// With what.
    pub agent: String,
    /// It is this one.
    pub current: bool,
}

/// The own account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Own {
    /// 職員番号.
    pub number: String,
    /// 氏名.
    pub name: String,
    /// Where they work.
    pub department: String,
    /// What they may do.
    pub role: Role,
    /// Open sessions, the last used first.
    pub sessions: Vec<SessionLine>,
    /// When this was read.
    pub now: Timestamp,
}

/// The own account and its sessions.
///
/// # Errors
/// `SignInNeeded`; if the database is away.
#[server(prefix = "/console/fn")]
pub async fn own_account() -> Result<Own, AppError> {
    let staff = crate::server::staff()?;
    let account = services::account::get(&staff.ctx, staff.current.staff).await?;
    let sessions = services::account::sessions(&staff.ctx, staff.current.staff).await?;
    Ok(Own {
        number: account.number,
        name: account.name,
        department: account.department_name,
        role: account.role,
        now: staff.ctx.now(),
        sessions: sessions
            .into_iter()
            .map(|s| SessionLine {
                current: s.id == staff.current.id,
                id: s.id,
                created_at: s.created_at,
                seen_at: s.seen_at,
                address: s.address,
                agent: s.agent,
            })
            .collect(),
    })
}

/// Ends another session of one's own.
///
/// # Errors
/// `NotFound`, `Forbidden`, `SignInNeeded`.
#[server(prefix = "/console/fn")]
pub async fn end_session(id: SessionId) -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    match services::account::end(&staff.ctx, id).await {
        // Ended by itself in the meantime: that is what was wanted.
        Ok(()) | Err(store::Error::NotFound) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Ends all own sessions but this one; answers how many.
///
/// # Errors
/// `SignInNeeded`; if the database is away.
#[server(prefix = "/console/fn")]
pub async fn end_other_sessions() -> Result<u32, AppError> {
    let staff = crate::server::staff()?;
    let mut ended = 0;
    for session in services::account::sessions(&staff.ctx, staff.current.staff).await? {
        if session.id != staff.current.id {
            match services::account::end(&staff.ctx, session.id).await {
                Ok(()) => ended += 1,
                Err(store::Error::NotFound) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(ended)
}

/// 「自分の設定」.
#[component]
pub fn AccountPage() -> impl IntoView {
    let toasts = use_toasts();
    let change = ServerAction::<ChangePassword>::new();
    let end = ServerAction::<EndSession>::new();
    let end_others = ServerAction::<EndOtherSessions>::new();
    let own = Resource::new(
        move || (change.version().get(), end.version().get(), end_others.version().get()),
        |_| own_account(),
    );
    Effect::new(move |_| match end.value().get() {
        Some(Ok(())) => toasts.ok("ほかの画面をサインアウトしました"),
        Some(Err(error)) => toasts.err(error.to_string()),
        None => {}
    });
    Effect::new(move |_| match end_others.value().get() {
        Some(Ok(0)) => toasts.ok("ほかにサインインしている画面はありませんでした"),
        Some(Ok(n)) => toasts.ok(format!("ほかの {}の画面をサインアウトしました", things(n))),
        Some(Err(error)) => toasts.err(error.to_string()),
        None => {}
    });
    view! {
        <Page title="自分の設定">
            <Parts current=Part::Account />
            <div class="cols-2">
                <Transition fallback=|| view! { <Skeleton sentence="あなたの設定を読みこんでいます" /> }>
                    {move || Suspend::new(async move {
                        match own.await {
                            Err(error) => view! { <ErrorPage error retry_href="/console/settings" inside=true /> }.into_any(),
                            Ok(own) => {
                                view! {
                                    <div class="stack">
                                        <WhoPanel own=own.clone() />
                                        <Sessions own end end_others />
                                    </div>
                                }
                                    .into_any()
                            }
                        }
                    })}
                </Transition>
                <div class="stack">
                    <PasswordPanel change />
                    <ContactPanel id=use_me().staff own=true />
                </div>
            </div>
        </Page>
    }
}

#[component]
fn WhoPanel(own: Own) -> impl IntoView {
    view! {
        <Panel title="あなた">
            <div class="stack-s">
            <dl class="facts">
                <div>
                    <dt>"氏名"</dt>
                    <dd>{own.name}</dd>
                </div>
                <div>
                    <dt>"職員番号"</dt>
                    <dd>{own.number}</dd>
                </div>
                <div>
                    <dt>"所属"</dt>
                    <dd>{own.department}</dd>
                </div>
                <div>
                    <dt>"役割"</dt>
                    <dd>{own.role.label()} <p class="sub dense">{role_note(own.role)}</p></dd>
                </div>
            </dl>
            <p class="sub dense">"氏名・所属・役割は、管理者が変えます。"</p>
            </div>
        </Panel>
    }
}

#[component]
fn PasswordPanel(change: ServerAction<ChangePassword>) -> impl IntoView {
    let done = move || change.value().with(|v| matches!(v, Some(Ok(()))));
    view! {
        <Panel title="パスワード">
            <div role="status">
                {move || {
                    done()
                        .then(|| {
                            view! {
                                <Banner tone=Tone::Ok title="パスワードを変えました">
                                    <p>"ほかの画面は、すべてサインアウトしました。"</p>
                                </Banner>
                            }
                        })
                }}
            </div>
            <PasswordForm action=change act="パスワードを変える" />
        </Panel>
    }
}

#[component]
fn Sessions(
    own: Own,
    end: ServerAction<EndSession>,
    end_others: ServerAction<EndOtherSessions>,
) -> impl IntoView {
    let now = own.now;
    let others = own.sessions.iter().filter(|s| !s.current).count();
    view! {
        <Panel title="サインインしている画面" note=things(own.sessions.len())>
            <div class="stack-s">
            <ul class="rows">
                {own
                    .sessions
                    .into_iter()
                    .map(|s| {
                        let name = browser(&s.agent);
                        let label = format!("{}からの{name}をサインアウトする", s.address);
                        view! {
                            <li>
                                <div class="grow">
                                    <strong>{name}</strong>
                                    <p class="sub dense">{format!("{}から・{}にサインイン・最後に使ったのは {}", s.address, s.created_at.near(now), ago(s.seen_at, now))}</p>
                                </div>
                                {if s.current {
                                    view! { <span class="sub nowrap">"この画面"</span> }.into_any()
                                } else {
                                    view! {
                                        <ActionForm action=end>
                                            <input type="hidden" name="id" value=s.id.to_string() />
                                            <Button size=Size::Small submit=true aria_label=label>
                                                "サインアウト"
                                            </Button>
                                        </ActionForm>
                                    }
                                        .into_any()
                                }}
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
            {(others > 0)
                .then(|| {
                    view! {
                        <ActionForm action=end_others>
                            <Button kind=Kind::Act submit=true busy=end_others.pending()>
                                "これ以外をすべて終える"
                            </Button>
                        </ActionForm>
                    }
                })}
            <p class="sub dense">"60分使わないと、または12時間たつと、自動でサインアウトします。"</p>
            </div>
        </Panel>
    }
}
