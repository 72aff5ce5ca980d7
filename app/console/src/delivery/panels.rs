//! What the page of a delivery counts: figures and calls, the sum, the reasons.

use super::figure;
use domain::delivery::approval::overdue;
use domain::delivery::{CallState as Call, Calls, Progress, Reason, Status as D};
use leptos::prelude::*;
use ui::mosaic;
use ui::prelude::*;

/// How many so far, and the mosaic of the calls.
#[component]
pub fn FiguresPanel(
    /// As it stands.
    progress: Signal<Progress>,
) -> impl IntoView {
    let status = Signal::derive(move || {
        progress.with(|p| {
            Status::from(p.delivery.status)
                .with_failures(u64::try_from(p.delivery.figures.failed).unwrap_or(0))
        })
    });
    let calls =
        Signal::derive(move || progress.with(|p| p.calls.iter().map(drawn).collect::<Vec<_>>()));
    let per_call = Signal::derive(move || {
        // Pushes go to one resident each.
        if progress.with(|p| p.calls.iter().all(|c| c.calls == c.residents)) { 1 } else { 500 }
    });
    let has_calls = Memo::new(move |_| progress.with(|p| !p.calls.is_empty()));
    view! {
        <Panel>
            <StatusMark status />
            <div class="split">
                <p class="figure-xl">
                    {move || progress.with(|p| if p.delivery.frozen_at.is_some() { figure(p.delivery.figures.accepted) } else { "—".into() })}
                    <span class="of">{move || progress.with(|p| if p.delivery.frozen_at.is_some() { format!(" / {}人", figure(p.delivery.figures.recipients)) } else { " 人".into() })}</span>
                </p>
                <p class="dense num sent-times">{move || progress.with(times)}</p>
            </div>
            {move || {
                if has_calls.get() {
                    view! { <CallMosaic calls per_call /> }.into_any()
                } else {
                    view! { <p class="sub">{move || progress.with(before_calls)}</p> }.into_any()
                }
            }}
        </Panel>
    }
}

fn before_calls(p: &Progress) -> &'static str {
    match p.delivery.status {
        D::Scheduled if p.delivery.send_at.is_some_and(|at| at > p.now) => {
            "予約した時刻に配信対象を固定し、送り始めます。"
        }
        D::Scheduled => "まもなく配信対象を固定し、送り始めます。",
        D::Draft => "まだ送っていません。",
        status if overdue(status, p.delivery.send_at, p.now) => {
            "承認されないまま、届ける時刻がすぎました。だれにも送っていません。"
        }
        D::AwaitingApproval => "承認されるまで、だれにも送りません。",
        D::Held => "止めているので、まだだれにも送っていません。",
        D::Cancelled => "送る前に取り消したので、だれにも届いていません。",
        _ if p.delivery.figures.withheld > 0 => "全員を差し控えたので、だれにも届いていません。",
        _ => "送る相手が、いませんでした。",
    }
}

fn drawn(c: &Calls) -> mosaic::Calls {
    let state = match c.state {
        Call::Accepted => CallState::Accepted,
        Call::Failed => CallState::Failed,
        Call::Withheld => CallState::Withheld,
        Call::Pending | Call::Sending if c.again => CallState::Retrying,
        Call::Pending | Call::Sending | Call::Split => CallState::Pending,
    };
    let number = |n: i64| usize::try_from(n).unwrap_or_default();
    mosaic::Calls { cell: number(c.cell), state, calls: number(c.calls) }
}

fn times(p: &Progress) -> AnyView {
    let d = &p.delivery;
    let Some(start) = d.started_at else { return ().into_any() };
    let clock = |t: domain::time::Timestamp| {
        let c = t.tokyo();
        format!("{}:{:02}:{:02}", c.hour, c.minute, c.second)
    };
    let took = |until: domain::time::Timestamp| {
        // Of the seconds that are shown, so that they add up.
        let second = |t: domain::time::Timestamp| t.0.div_euclid(domain::time::SECOND);
        let seconds = second(until) - second(start);
        if seconds < 1 {
            "1秒未満".to_owned()
        } else if seconds < 60 {
            format!("{seconds}秒")
        } else {
            format!("{}分{}秒", seconds / 60, seconds % 60)
        }
    };
    match (d.finished_at.filter(|_| p.is_final()), p.expected_end()) {
        (Some(end), _) => view! { {format!("{} 開始", clock(start))} <br /> {format!("{} 終わり・{}", clock(end), took(end))} }.into_any(),
        (None, Some(end)) if d.status == D::Sending => {
            view! { {format!("{} 開始・経過 ", clock(start))} <b>{took(p.now)}</b> <br /> "終わりの見込み " <b>{clock(end)}</b> }.into_any()
        }
        _ => view! { {format!("{} 開始・経過 ", clock(start))} <b>{took(p.now)}</b> }.into_any(),
    }
}

/// The sum, checked again on every update.
#[component]
pub fn SumPanel(
    /// As it stands.
    progress: Signal<Progress>,
) -> impl IntoView {
    let frozen = Memo::new(move |_| progress.with(|p| p.delivery.frozen_at.is_some()));
    let parts = Signal::derive(move || progress.with(sum_parts));
    let sum = Memo::new(move |_| progress.with(Progress::sum));
    let verdict = move || {
        let sum = sum.get();
        if sum.holds() {
            view! { <span class="check-verdict ok"><Icon name=IconName::Check size=18 />"合っています"</span> }.into_any()
        } else {
            view! { <span class="check-verdict err"><Icon name=IconName::Warning size=18 />"合っていません"</span> }.into_any()
        }
    };
    move || {
        frozen.get().then(|| {
            view! {
                <Panel title="あわせて確かめる" note="対象の人数と、結果の合計が一致するかを常に見ています" acts=move || view! { {verdict} }>
                    <SumCheck parts />
                    {move || {
                        let sum = sum.get();
                        (!sum.holds()).then(|| {
                            let words = if sum.difference != 0 {
                                format!("{}人の行き先が確かめられません。", figure(sum.difference.abs()))
                            } else {
                                format!("{}人に、届かなかった理由がついていません。", figure((sum.failed_unexplained.abs() + sum.withheld_unexplained.abs()).max(1)))
                            };
                            view! { <p class="err" role="alert"><Icon name=IconName::Warning size=18 /> {words} "この画面を開いたまま、情報政策の担当に知らせてください。"</p> }
                        })
                    }}
                </Panel>
            }
        })
    }
}

fn sum_parts(p: &Progress) -> Vec<SumPart> {
    let (d, f) = (&p.delivery, p.delivery.figures);
    let part =
        |label: &str, n: i64, note: String| SumPart { label: label.into(), value: figure(n), note };
    let frozen = d.frozen_at.map_or_else(String::new, |t| {
        let c = t.tokyo();
        format!("{}:{:02}:{:02}に固定", c.hour, c.minute, c.second)
    });
    let why: Vec<&str> =
        p.reasons.iter().filter(|(r, _)| !r.is_failure()).map(|(r, _)| short_reason(*r)).collect();
    let withheld = if why.is_empty() { "送らなかった".to_owned() } else { why.join("・") };
    let mut parts = vec![
        part(
            "配信対象",
            f.recipients,
            if d.counted_by_line { "LINEによる数".into() } else { frozen },
        ),
        part("受付", f.accepted, "LINEが受け取った".into()),
        part("届かず", f.failed, "理由つきで残ります".into()),
        part("差し控え", f.withheld, withheld),
    ];
    if !p.is_final() {
        parts.push(part("これから", p.sum().waiting, "送信の列にあります".into()));
    }
    parts
}

fn short_reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Unfollowed => "送る直前にブロック",
        Reason::Reception => "受け取らない設定",
        Reason::Fatigue => "受け取る数の上限",
        Reason::Cancelled => "職員が止めた",
        Reason::RefusedId | Reason::RefusedMessage | Reason::Unknown => reason.label(),
    }
}

/// Why some did not get it, in words.
pub fn reasons(reasons: Vec<(Reason, i64)>) -> Option<AnyView> {
    if reasons.is_empty() {
        return None;
    }
    let (failed, withheld): (Vec<_>, Vec<_>) =
        reasons.into_iter().partition(|(r, _)| r.is_failure());
    let part = |rows: Vec<(Reason, i64)>, title: &'static str| {
        (!rows.is_empty()).then(|| {
            view! {
                <div>
                    <h3>{title}</h3>
                    <ul class="rows">
                        {rows
                            .into_iter()
                            .map(|(r, n)| view! { <li class="split"><span>{r.label()}</span><strong class="nowrap">{format!("{}人", figure(n))}</strong></li> })
                            .collect_view()}
                    </ul>
                </div>
            }
        })
    };
    Some(view! { <Panel title="届かなかった理由"><div class="stack-s">{part(failed, "届かず")} {part(withheld, "差し控え")}</div></Panel> }.into_any())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_drawn_as_they_stand() {
        let drawn =
            |state, again| drawn(&Calls { cell: 3, state, again, calls: 2, residents: 900 }).state;
        assert_eq!(drawn(Call::Pending, false), CallState::Pending);
        assert_eq!(drawn(Call::Pending, true), CallState::Retrying);
        assert_eq!(drawn(Call::Sending, true), CallState::Retrying);
        assert_eq!(drawn(Call::Withheld, false), CallState::Withheld);
        assert_eq!(drawn(Call::Accepted, false), CallState::Accepted);
    }
}
