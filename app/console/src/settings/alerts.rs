//! 知らせの記録: what stood still or failed, who saw it, and when it ended (ADM-10).

use super::{Part, Parts};
use crate::around::Watch;
use crate::shell::use_me;
use domain::alert::{Alert, Kind as What, Silence, Unheard, headline};
use domain::id::AlertId;
use domain::permission::Permission;
use domain::time::{HOUR, MINUTE, Timestamp};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};
use ui::prelude::*;

pub(super) const PATH: &str = "/console/settings/alerts";

/// A page of the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// What goes on; on the first page only.
    open: Vec<Alert>,
    /// What has ended, the newest first.
    ended: Vec<Alert>,
    /// Before which the next page goes on, if there is more.
    next: Option<AlertId>,
    /// What nobody hears of by mail, for who may change that; on the first page only.
    unheard: Unheard,
    /// When this was read.
    now: Timestamp,
}

/// A page of the record: those before `before`.
///
/// # Errors
/// `Forbidden`, `SignInNeeded`; if the database is away.
#[server(prefix = "/console/fn")]
pub async fn read_alerts(before: Option<AlertId>) -> Result<Record, AppError> {
    use services::alert::{PER_PAGE, list, open};
    let crate::server::Staff { ctx, platform, .. } = crate::server::staff()?;
    let page = list(&ctx, before, PER_PAGE).await?;
    let full = page.len() as i64 == PER_PAGE;
    let unheard = if before.is_none() && ctx.allow(Permission::StaffWrite).is_ok() {
        services::alert::unheard(&platform, &ctx).await?
    } else {
        Unheard::default()
    };
    Ok(Record {
        unheard,
        open: if before.is_none() { open(&ctx).await? } else { Vec::new() },
        next: page.last().map(|a| a.id).filter(|_| full),
        ended: page.into_iter().filter(|a| a.ended_at.is_some()).collect(),
        now: ctx.now(),
    })
}

/// Says that one has seen an alert.
///
/// # Errors
/// `NotFound`, `Forbidden`, `SignInNeeded`.
#[server(prefix = "/console/fn")]
pub async fn see_alert(id: AlertId) -> Result<(), AppError> {
    let ctx = crate::server::staff()?.ctx;
    Ok(services::alert::see(&ctx, id).await?)
}

/// `/console/settings/alerts`.
#[component]
pub fn AlertsPage() -> impl IntoView {
    let may_export = use_me().may(Permission::LedgerExport);
    let query = use_query_map();
    let before = Memo::new(move |_| {
        query.with(|q| q.get("before").and_then(|b| b.parse().ok()).map(AlertId))
    });
    let changes = RwSignal::new(0u32);
    let record =
        Resource::new_blocking(move || (before.get(), changes.get()), |(b, _)| read_alerts(b));
    let saw = Callback::new(move |()| changes.update(|n| *n += 1));
    view! {
        <Page
            title="知らせの記録"
            sentence="配信が止まったとき、進まないとき、多くの人に届かないとき、リッチメニューの先のページがひらけないとき、自動の処理がうまくいかないときの記録です。だれが見て、いつ終わったかが残ります。"
            acts=move || may_export.then(|| view! { <LinkButton href=format!("{PATH}.csv") icon=IconName::Download download=true>"CSV"</LinkButton> })
        >
            <Parts current=Part::Alerts />
            <Transition fallback=|| view! { <Skeleton sentence="知らせの記録を読みこんでいます" rows=6 /> }>
                {move || Suspend::new(async move {
                    match record.await {
                        Ok(record) => {
                            keep_focus_after(changes);
                            view! { <Lists record saw /> }.into_any()
                        }
                        Err(error) => view! { <ErrorPage error retry_href=PATH inside=true /> }.into_any(),
                    }
                })}
            </Transition>
        </Page>
    }
}

#[component]
fn Lists(record: Record, saw: Callback<()>) -> impl IntoView {
    let Record { open, ended, next, unheard, now } = record;
    let nothing = open.is_empty() && ended.is_empty();
    if nothing {
        return view! {
            <div class="stack">
                {nobody_hears(unheard)}
                <EmptyState title="知らせは、まだありません" text="配信が止まったり、多くの人に届かなかったり、自動の処理がうまくいかなかったりすると、ここと「ホーム」に出ます。" />
            </div>
        }
        .into_any();
    }
    view! {
        <div class="stack">
            {nobody_hears(unheard)}
            {(!open.is_empty())
                .then(|| {
                    view! {
                        <section class="stack-s">
                            <h2>"つづいていること"</h2>
                            {open.into_iter().map(|alert| view! { <Open alert now saw /> }).collect_view()}
                        </section>
                    }
                })}
            <section class="stack-s">
                <h2>"終わったこと"</h2>
                {if ended.is_empty() {
                    view! { <p class="sub">"終わった知らせは、まだありません。"</p> }.into_any()
                } else {
                    view! { <Ended ended now /> }.into_any()
                }}
            </section>
            {next.map(|id| view! { <p><a href=format!("{PATH}?before={id}")>"前のものを見る"</a></p> })}
        </div>
    }
    .into_any()
}

/// What is sent to nobody is said before it is needed.
fn nobody_hears(unheard: Unheard) -> Option<AnyView> {
    let Unheard { relay, city, departments } = unheard;
    if relay {
        return Some(
            view! {
                <Banner tone=Tone::Warn title="知らせのメールは、だれにも届きません">
                    <p>"メールの中継サーバーがまだ決まっていません。知らせは、この画面と「ホーム」、通知にだけ出ます。システムの担当に、中継サーバーの設定を頼んでください。"</p>
                </Banner>
            }
            .into_any(),
        );
    }
    (city || !departments.is_empty()).then(|| {
        view! {
            <Banner
                tone=Tone::Warn
                title="メールで受け取る人がいない知らせがあります"
                act=move || view! { <LinkButton href="/console/settings/staff" kind=Kind::Act>"職員と所属をひらく"</LinkButton> }
            >
                <ul>
                    {city.then(|| view! { <li>"自動の処理、定期の仕事、リッチメニューの反映の知らせ"</li> })}
                    {(!departments.is_empty()).then(|| view! { <li>{format!("{}の配信の知らせ（書いた人と承認した人には、アドレスがあれば届きます）", departments.join("、"))}</li> })}
                </ul>
                <p>"夜や休みの日に起きたことに、だれも気づけません。職員をひらき、「知らせのメール」にアドレスを入れて、受け取るものを選んでください。"</p>
            </Banner>
        }
        .into_any()
    })
}

pub(crate) fn tone(kind: What) -> Tone {
    match kind {
        What::Silent | What::Stalled | What::Overdue => Tone::Err,
        What::Held | What::Failing | What::Publishing | What::Duty | What::Mail | What::Menu => {
            Tone::Warn
        }
    }
}

/// Where something is done about it, if there is such a page.
pub(crate) fn place(alert: &Alert) -> Option<String> {
    match (alert.delivery, alert.kind) {
        (Some(delivery), _) => Some(format!("/console/deliveries/{delivery}")),
        (None, What::Menu | What::Publishing) => Some(crate::menu::PATH.to_owned()),
        (None, _) => None,
    }
}

/// Nobody works: said wherever somebody waits for something to be sent.
pub(crate) fn silent(silence: Silence) -> AnyView {
    view! {
        <Banner tone=Tone::Err title=headline(What::Silent, "")>
            <p>{format!("{}。予約した配信は始まらず、送っている配信は進みません。システムの担当に、すぐ知らせてください。", silence.words())}</p>
            <p>"動き出すと、送り残した分を自動で送ります。二重には届きません。時刻から15分よりおくれた配信は、送らずに止めて、ここで知らせます。"</p>
        </Banner>
    }
    .into_any()
}

/// Who saw it, and which mails went out.
fn seen_words(alert: &Alert, now: Timestamp) -> String {
    let mut words: Vec<String> = alert
        .seen
        .iter()
        .map(|s| format!("{}さんが {}に見ました", s.name, s.at.near(now)))
        .collect();
    if words.is_empty() {
        words.push("まだだれも見ていません".into());
    }
    words.extend(mails(alert).map(|mails| format!("メール {mails}")));
    words.join("・")
}

/// Which mails went out, if there were any.
pub(super) fn mails(alert: &Alert) -> Option<String> {
    let (sent, waiting, failed) = alert.mails;
    let mut mails = format!("{sent}通");
    if waiting > 0 {
        mails.push_str(&format!("（あと {waiting}通を送っています）"));
    }
    if failed > 0 {
        mails.push_str(&format!("（{failed}通は送れませんでした）"));
    }
    (alert.mails != (0, 0, 0)).then_some(mails)
}

#[component]
fn Open(alert: Alert, now: Timestamp, saw: Callback<()>) -> impl IntoView {
    let me = use_me().staff;
    let id = alert.id;
    let mine = alert.seen.iter().any(|s| s.by == me);
    let href = place(&alert);
    let words = seen_words(&alert, now);
    view! {
        <Banner
            tone=tone(alert.kind)
            title=alert.headline()
            act=move || {
                view! {
                    <div class="acts">
                        {(!mine).then(|| view! { <SawButton id saw /> })}
                        <LinkButton href=format!("{PATH}/{id}")>"経過報告書"</LinkButton>
                        {href.clone().map(|href| view! { <LinkButton href kind=Kind::Act>"中身を確かめる"</LinkButton> })}
                    </div>
                }
            }
        >
            <p>{format!("{}から。{}。", alert.began_at.near(now), alert.detail.trim_end_matches('。'))}</p>
            <p>{format!("{}。", alert.kind.next())}</p>
            <p class="sub">{words}</p>
        </Banner>
    }
}

/// 「見ました」: who has seen it stands in the record.
#[component]
pub fn SawButton(
    /// Which alert.
    id: AlertId,
    /// Afterwards.
    saw: Callback<()>,
) -> impl IntoView {
    let busy = RwSignal::new(false);
    let toasts = use_toasts();
    let watch = expect_context::<Watch>();
    let act = move |_| {
        busy.set(true);
        spawn_local(async move {
            let result = see_alert(id).await;
            busy.try_set(false);
            match result {
                Ok(()) => toasts.ok("見たことを、記録に残しました"),
                Err(error) => toasts.err(format!("残せませんでした。{}", error.message())),
            }
            watch.look();
            saw.try_run(());
        });
    };
    view! { <Button icon=IconName::Check busy on_click=act>"見ました"</Button> }
}

/// How long it went on, in words.
pub(super) fn lasted(alert: &Alert) -> String {
    let Some(end) = alert.ended_at else { return String::new() };
    match end.since(alert.began_at) {
        long if long >= HOUR => format!("{}時間{}分", long / HOUR, long % HOUR / MINUTE),
        long if long >= MINUTE => format!("{}分", long / MINUTE),
        _ => "1分たらず".into(),
    }
}

#[component]
fn Ended(ended: Vec<Alert>, now: Timestamp) -> impl IntoView {
    view! {
        <table class="list">
            <caption class="visually-hidden">"終わった知らせ"</caption>
            <thead>
                <tr>
                    <th scope="col">"始まり"</th>
                    <th scope="col">"できごと"</th>
                    <th scope="col">"終わり"</th>
                    <th scope="col">"見た人"</th>
                    <th scope="col"><span class="visually-hidden">"経過報告書"</span></th>
                </tr>
            </thead>
            <tbody>
                {ended
                    .into_iter()
                    .map(|alert| {
                        let end = alert.ended_at.map(|t| t.near(now)).unwrap_or_default();
                        let headline = alert.headline();
                        let report = format!("{PATH}/{}", alert.id);
                        let title = match alert.delivery {
                            Some(id) => view! { <a class="title-link" href=format!("/console/deliveries/{id}")>{headline}</a> }.into_any(),
                            None => view! { <strong>{headline}</strong> }.into_any(),
                        };
                        view! {
                            <tr>
                                <td class="c-status nowrap">{alert.began_at.near(now)}</td>
                                <td>{title} <p class="sub dense">{alert.detail.clone()}</p></td>
                                <td class="nowrap">{end} <p class="sub dense">{format!("{}つづきました", lasted(&alert))}</p></td>
                                <td class="dense">{seen_words(&alert, now)}</td>
                                <td class="acts"><LinkButton href=report size=Size::Small>"経過報告書"</LinkButton></td>
                            </tr>
                        }
                    })
                    .collect_view()}
            </tbody>
        </table>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::alert::Seen;
    use domain::id::StaffId;

    #[test]
    fn the_record_says_who_and_how_long() {
        let began = Timestamp::parse_rfc3339("2026-11-20T10:00:00+09:00").unwrap_or_default();
        let mut alert = Alert {
            id: AlertId(1),
            kind: What::Held,
            delivery: None,
            title: "断水".into(),
            purpose: None,
            department: String::new(),
            detail: String::new(),
            began_at: began,
            ended_at: None,
            seen: Vec::new(),
            mails: (0, 0, 0),
        };
        assert_eq!(seen_words(&alert, began), "まだだれも見ていません");
        alert.ended_at = Some(began.plus(95 * MINUTE));
        alert.seen = vec![Seen { by: StaffId(1), name: "佐藤".into(), at: began }];
        alert.mails = (3, 0, 1);
        assert_eq!(lasted(&alert), "1時間35分");
        let words = seen_words(&alert, began);
        assert!(
            words.starts_with("佐藤さんが")
                && words.ends_with("メール 3通（1通は送れませんでした）"),
            "{words}"
        );
    }
}
