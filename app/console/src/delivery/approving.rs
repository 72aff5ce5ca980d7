//! 承認: what the second person sees and does (pictures 02, 05).

use super::certificate::Shown;
use super::composer::{Leaves, after_quiet, columns, tables};
use super::series::{AlsoStops, Stops};
use super::{PATH, figure};
use domain::delivery::Status as D;
use domain::delivery::approval::{Act, Approval as Acts, Step, overdue};
use domain::delivery::gate::Beside;
use domain::id::{DeliveryId, StaffId};
use domain::menu::Switch;
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use ui::prelude::*;
use ui::time::stamp_date;

/// Approves what waits, for the head count that was seen.
#[server(prefix = "/console/fn")]
pub async fn approve_delivery(
    id: DeliveryId,
    seen: Timestamp,
    confirmed: i64,
) -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    Ok(services::delivery::approval::approve(&staff.platform, &staff.ctx, id, seen, confirmed)
        .await?)
}

/// Sends it back with a word.
#[server(prefix = "/console/fn")]
pub async fn send_back_delivery(id: DeliveryId, words: String) -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    Ok(services::delivery::approval::send_back(&staff.ctx, id, &words).await?)
}

/// Takes a request or a reservation back: a draft again.
#[server(prefix = "/console/fn")]
pub async fn withdraw_delivery(id: DeliveryId) -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    Ok(services::delivery::approval::withdraw(&staff.ctx, id).await?)
}

/// Looks at what was sent without approval.
#[server(prefix = "/console/fn")]
pub async fn review_delivery(id: DeliveryId) -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    Ok(services::delivery::approval::review(&staff.ctx, id).await?)
}

/// Who asked, and who approved, sent without waiting, or looked afterwards, as the
/// 決裁欄 shows them; `me` is told where it waits for them.
pub fn cells(status: D, acts: &Acts, me: Option<StaffId>) -> Vec<ApprovalCell> {
    let cell = |role: &str, step: Option<&Step>, waits: bool| ApprovalCell {
        role: role.into(),
        stamp: step.map(stamp_of),
        yours: waits && me.is_some() && acts.first_person() != me,
    };
    let last = |act: Act| acts.0.iter().rev().find(|s| s.act == act);
    let first = acts.0.iter().rev().find(|s| matches!(s.act, Act::Request | Act::Override));
    let mut cells: Vec<_> = first.map(|step| cell("起案", Some(step), false)).into_iter().collect();
    if status == D::AwaitingApproval {
        cells.push(cell("承認", None, true));
    } else if let Some(step) = acts.leave() {
        if step.act == Act::Approve {
            cells.push(cell("承認", Some(step), false));
        } else {
            let review = last(Act::Review);
            cells.push(cell("事後確認", review, review.is_none()));
        }
    }
    cells
}

fn stamp_of(step: &Step) -> StampData {
    if step.by.is_none() {
        return stamp("連係", "システム", step.at);
    }
    stamp(&step.department, &step.name, step.at)
}

/// A stamp of that person on that day.
pub fn stamp(department: &str, name: &str, at: Timestamp) -> StampData {
    StampData {
        department: department.trim_end_matches('課').chars().take(2).collect(),
        date: stamp_date(at.date()),
        name: name.split_whitespace().next().unwrap_or_default().chars().take(4).collect(),
    }
}

/// Above all: what waits for a second person, before or afterwards.
#[component]
pub fn Decide(
    /// The delivery with its acts.
    shown: RwSignal<Shown>,
    /// After something was decided.
    done: Callback<()>,
) -> impl IntoView {
    // Drawn anew when something was decided, not with every figure.
    let state = Memo::new(move |_| {
        shown.with(|s| {
            let d = &s.progress.delivery;
            let late = overdue(d.status, d.send_at, s.progress.now);
            (d.status, s.approval.clone(), s.beside.clone(), late)
        })
    });
    // What somebody writes stays there when their panel is drawn anew.
    let back = RwSignal::new(String::new());
    move || {
        let (status, acts, beside, late) = state.get();
        let s = shown.get_untracked();
        match (status, acts.unreviewed().cloned()) {
            (D::AwaitingApproval, _) => awaiting(s, beside, late, back, done),
            (_, Some(step)) => unreviewed(s, step, done),
            _ => ().into_any(),
        }
    }
}

/// `late`: its time has passed. `back`: why it is sent back, as it is being written.
fn awaiting(
    s: Shown,
    beside: Beside,
    late: bool,
    back: RwSignal<String>,
    done: Callback<()>,
) -> AnyView {
    let Beside { check, night } = beside;
    let d = &s.progress.delivery;
    let (id, seen) = (d.id, d.updated_at);
    let request = s.approval.request().cloned();
    let mine = s.approval.first_person() == Some(s.me);
    let decides = s.may_send && !mine;
    let asked = request.as_ref().map(|r| {
        let who = if r.by.is_some() {
            format!("{}さん", r.name)
        } else {
            "連係しているシステム".into()
        };
        format!(
            "{who}が {}に、{}人への承認を求めました。",
            r.at.near(s.progress.now),
            figure(r.people)
        )
    });
    let words = request.map(|r| r.words).filter(|w| !w.is_empty());
    let may_withdraw = s.may_write;
    let leaves = match (&d.recurrence, d.send_at) {
        (Some(rule), _) => Leaves::Again(rule.sentence()),
        (None, Some(at)) => Leaves::At(at),
        (None, None) => Leaves::Now,
    };
    let leaves = after_quiet(leaves, check.quiet);
    let now = leaves == Leaves::Now;
    let when = match &leaves {
        _ if late => late_words(d.send_at, decides, may_withdraw),
        Leaves::At(at) if check.quiet.is_some() => {
            format!("承認すると、静かな時間が終わる {}に届けます。", at.day_and_time())
        }
        Leaves::At(at) => format!("承認すると、{}に届けます。", at.day_and_time()),
        Leaves::Now => "承認すると、すぐに届けます。".to_owned(),
        Leaves::Again(_) => "承認すると、くり返しを始めます。".to_owned(),
    };
    let night = night.map(|why| format!("静かな時間でも届けます。理由：{why}"));
    let (people, reached, switch) = (check.people(), check.reached(), check.switch);
    let replaces = d.replaces;
    let cells = cells(d.status, &s.approval, (decides && !late).then_some(s.me));
    let title = match (late, decides) {
        (true, _) => "承認されないまま、届ける時刻をすぎました",
        (false, true) => "承認を待っています",
        (false, false) => "承認待ちです",
    };
    view! {
        <Panel title decide=true>
            <div class="decide">
                <Approval cells />
                <div class="grow stack-s">
                    {asked.map(|words| view! { <p>{words}</p> })}
                    {words.map(|words| view! { <blockquote class="sent-text">{words}</blockquote> })}
                    <p class:warn=late>{when}</p>
                    {night.map(|words| view! { <p class="warn">{words}</p> })}
                    {(mine && !late).then(|| view! { <p class="sub">"承認は、ほかの送信責任者か管理者がします。"</p> })}
                </div>
            </div>
            <div class="checks">{columns(&check, &leaves, true)}</div>
            {check.who.as_ref().map(tables)}
            <div class="panel-foot">
                {may_withdraw.then(|| view! { <Withdraw id words="取り下げて直す" /> })}
                {decides.then(|| view! { <SendBack id words=back done /> })}
                {(decides && !late).then(|| view! { <Approve id seen people reached now switch replaces done /> })}
            </div>
        </Panel>
    }
    .into_any()
}

/// That the time of what waits has passed, and what is to be done.
fn late_words(send_at: Option<Timestamp>, decides: bool, may_withdraw: bool) -> String {
    let at = send_at.map(Timestamp::day_and_time).unwrap_or_default();
    let next = match (decides, may_withdraw) {
        (true, _) => "「差しもどす」を押し、書いた人に日時を決め直してもらってください。",
        (false, true) => {
            "「取り下げて直す」を押し、日時を決め直して、もう一度承認を求めてください。"
        }
        (false, false) => "書いた人か、ほかの送信責任者・管理者が、日時を決め直します。",
    };
    format!("{at}に届ける予定でした。だれにも届いていません。もう承認はできません。{next}")
}

fn unreviewed(s: Shown, step: Step, done: Callback<()>) -> AnyView {
    let id = s.progress.delivery.id;
    let reviews = s.may_send && step.by != Some(s.me);
    let cells = cells(s.progress.delivery.status, &s.approval, reviews.then_some(s.me));
    let busy = RwSignal::new(false);
    let toasts = use_toasts();
    let review = move |_| {
        busy.set(true);
        spawn_local(async move {
            let result = review_delivery(id).await;
            busy.set(false);
            match result {
                Ok(()) => toasts.ok("確かめたことを残しました"),
                Err(error) => toasts.err(format!("残せませんでした。{}", error.message())),
            }
            done.try_run(());
        });
    };
    view! {
        <Panel title="承認を待たずに送った配信です" decide=true>
            <div class="decide">
                <Approval cells />
                <div class="grow stack-s">
                    <p>{format!("{}さんが {}に、緊急として送りました。理由：", step.name, step.at.near(s.progress.now))}</p>
                    <blockquote class="sent-text">{step.words}</blockquote>
                    {(!reviews).then(|| view! { <p class="sub">"送った人とは別の、送信責任者か管理者が確かめます。"</p> })}
                </div>
            </div>
            {reviews.then(|| view! { <div class="panel-foot"><Button kind=Kind::Filled icon=IconName::Stamp busy on_click=review>"内容を確かめました"</Button></div> })}
        </Panel>
    }
    .into_any()
}

#[component]
fn Approve(
    id: DeliveryId,
    seen: Timestamp,
    people: i64,
    reached: i64,
    now: bool,
    switch: Option<Switch>,
    replaces: Option<DeliveryId>,
    done: Callback<()>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let looking = RwSignal::new(false);
    let toasts = use_toasts();
    let approve = move |()| {
        busy.set(true);
        spawn_local(async move {
            let result = approve_delivery(id, seen, people).await;
            busy.set(false);
            open.set(false);
            match result {
                Ok(()) => match switch {
                    Some(switch) => toasts.ok(format!("承認しました。{}", switch.words())),
                    None => toasts.ok("承認しました"),
                },
                Err(error) => {
                    let words =
                        error.field("confirmed").map_or_else(|| error.message(), ToOwned::to_owned);
                    toasts.err(format!("承認していません。{words}"));
                }
            }
            done.try_run(());
        });
    };
    let act = format!("{}人への配信を承認する", figure(reached));
    let confirm = act.clone();
    view! {
        <Button kind=Kind::Filled size=Size::Large icon=IconName::Stamp on_click=move |_| open.set(true)>{act}</Button>
        <ConfirmDialog
            id="approve"
            title="この内容で承認します"
            open
            confirm=Signal::derive(move || confirm.clone())
            busy=Signal::derive(move || busy.get() || looking.get())
            on_confirm=approve
        >
            <p>
                {if now {
                    format!("{}人に、すぐに届けます。届いたものは消せません。", figure(reached))
                } else {
                    "決めた日時に届けます。送り始めるまでは、取り消せます。".to_owned()
                }}
            </p>
            {switch.map(|switch| view! { <p class="warn">{format!("{}。", switch.words())}</p> })}
            {replaces.map(|series| view! { <AlsoStops of=Stops::Series(series) asked=open looking /> })}
        </ConfirmDialog>
    }
}

#[component]
fn SendBack(id: DeliveryId, words: RwSignal<String>, done: Callback<()>) -> impl IntoView {
    let open = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let error = RwSignal::new(None::<String>);
    let toasts = use_toasts();
    let send_back = move |()| {
        if words.with_untracked(|w| w.trim().is_empty()) {
            error.set(Some("理由が空です。どこを直してほしいかを、短く書いてください".into()));
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let result = send_back_delivery(id, words.get_untracked()).await;
            busy.set(false);
            open.set(false);
            match result {
                Ok(()) => {
                    words.try_set(String::new());
                    toasts.ok("差しもどしました。書いた人の下書きにもどっています");
                }
                Err(error) => toasts.err(format!("差しもどせませんでした。{}", error.message())),
            }
            done.try_run(());
        });
    };
    view! {
        <Button on_click=move |_| open.set(true)>"差しもどす"</Button>
        <ConfirmDialog id="send-back" title="差しもどします" open confirm="差しもどす" busy on_confirm=send_back>
            <TextArea
                name="words"
                label="どこを直してほしいか"
                value=words
                error
                rows=3
                on_input=move |text| {
                    error.set(None);
                    words.set(text);
                }
            />
        </ConfirmDialog>
    }
}

/// What waits becomes a draft again and opens.
#[component]
pub fn Withdraw(
    /// Which delivery.
    id: DeliveryId,
    /// On the button.
    words: &'static str,
) -> impl IntoView {
    let busy = RwSignal::new(false);
    let toasts = use_toasts();
    let navigate = use_navigate();
    let withdraw = move |_| {
        busy.set(true);
        let navigate = navigate.clone();
        spawn_local(async move {
            let result = withdraw_delivery(id).await;
            busy.set(false);
            match result {
                Ok(()) => navigate(&format!("{PATH}/{id}/edit"), NavigateOptions::default()),
                Err(error) => {
                    toasts.err(format!("下書きにもどせませんでした。{}", error.message()))
                }
            }
        });
    };
    view! { <Button icon=IconName::Pencil busy on_click=withdraw>{words}</Button> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_short() {
        let at = Timestamp::parse_rfc3339("2026-11-20T10:00:00+09:00").unwrap_or_default();
        let s = stamp("防災危機管理課", "小川 陽子", at);
        assert_eq!(
            (s.department.as_str(), s.date.as_str(), s.name.as_str()),
            ("防災", "8.11.20", "小川")
        );
    }
}
