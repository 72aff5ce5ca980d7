//! A delivery on its way and afterwards (picture 05): live each second until final.

use super::approving::{Decide, Withdraw};
use super::begin::{DuplicateForm, use_duplicate};
use super::cancel::{StopDialog, Stopping};
use super::certificate::{Shown, contents, contents_title, held_before, paper, show_delivery};
use super::composer::{Leaves, after_quiet, columns, tables};
use super::measured::{Measuring, Recipients, Results};
use super::panels::{FiguresPanel, SumPanel, reasons};
use super::release::{self, Release};
use super::resend::{self, Resend};
use super::retract::{RetractDialog, can_retract};
use super::series::SeriesPage;
use super::{PATH, figure, named, trouble};
use crate::settings::silent;
use domain::delivery::{Check, Delivery, Happening, Progress, Status as D};
use domain::id::DeliveryId;
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::components::Redirect;
use std::time::Duration;
use ui::prelude::*;

/// `/console/deliveries/{id}`.
#[component]
pub fn DeliveryPage(
    /// Which delivery.
    id: DeliveryId,
) -> impl IntoView {
    let changes = RwSignal::new(0u32);
    let shown = Resource::new_blocking(move || changes.get(), move |_| show_delivery(id, None));
    view! {
        <Suspense fallback=|| view! { <div class="page"><Skeleton sentence="配信を読みこんでいます" rows=6 /></div> }>
            {move || Suspend::new(async move {
                match shown.await {
                    Ok(s) if s.progress.delivery.status == D::Draft && s.may_write => {
                        let href = format!("{PATH}/{id}/edit");
                        // The link is for browsers in which the redirect comes after the headers and no wasm runs.
                        view! {
                            <Redirect path=href.clone() options=NavigateOptions { replace: true, ..Default::default() } />
                            <Page title=named(&s.progress.delivery.title)><LinkButton href kind=Kind::Filled icon=IconName::Pencil>"下書きをひらく"</LinkButton></Page>
                        }
                            .into_any()
                    }
                    Ok(s) if begun_series(&s.progress.delivery) => {
                        let begun = changes.try_get_untracked().is_some_and(|n| n > 0);
                        view! { <SeriesPage id begun /> }.into_any()
                    }
                    Ok(shown) => view! { <Following shown changes /> }.into_any(),
                    Err(error) => trouble(error, format!("{PATH}/{id}")),
                }
            })}
        </Suspense>
    }
}

/// Asks each second (each five while nothing moves) until the delivery is final.
fn follow(id: DeliveryId, shown: RwSignal<Shown>, lost: RwSignal<bool>) {
    let toasts = use_toasts();
    let asking = StoredValue::new(false);
    let tick = StoredValue::new(0u32);
    let ask = move || {
        let (is_final, idle) = shown.with_untracked(|s| {
            (
                s.progress.is_final(),
                matches!(s.progress.delivery.status, D::Held | D::AwaitingApproval | D::Draft),
            )
        });
        tick.update_value(|n| *n += 1);
        if is_final || asking.get_value() || idle && !tick.get_value().is_multiple_of(5) {
            return;
        }
        asking.set_value(true);
        let (looked, asked) = (shown.with_untracked(Shown::looked), stood(shown));
        spawn_local(async move {
            let answer = show_delivery(id, looked).await;
            if asking.try_set_value(false).is_some() {
                return;
            }
            match answer {
                Ok(mut now) => {
                    lost.set(false);
                    if is_older(now.progress.delivery.updated_at, asked, stood(shown)) {
                        return;
                    }
                    if looked == Some(now.progress.delivery.updated_at) {
                        // Somebody may have opened the question meanwhile, which looks anew.
                        now.beside = shown.with_untracked(|s| s.beside.clone());
                    }
                    // Whoever stopped it here has been told so already.
                    let known = shown.with_untracked(|s| s.progress.is_final());
                    if now.progress.is_final() && !known {
                        let (all_well, words) = ended(&now.progress);
                        if all_well { toasts.ok(words) } else { toasts.warn(words) }
                    }
                    shown.set(now);
                }
                Err(_) => lost.set(true),
            }
        });
    };
    Effect::new(move |_| {
        if let Ok(timer) = set_interval_with_handle(ask, Duration::from_secs(1)) {
            on_cleanup(move || timer.clear());
        }
    });
}

/// As which the delivery stands on the page, while that is open.
fn stood(shown: RwSignal<Shown>) -> Option<Timestamp> {
    shown.try_with_untracked(|s| s.progress.delivery.updated_at)
}

/// Whether an answer is older than what is shown: one for which much is counted may come after one
/// that was asked for later. It says what stood there when it was asked for, and something else
/// stands there by now; the times themselves are not compared, since the clocks of servers differ.
fn is_older(came: Timestamp, asked: Option<Timestamp>, shown: Option<Timestamp>) -> bool {
    asked == Some(came) && shown != asked
}

/// What is said when it is over, and whether all of it went well.
fn ended(p: &Progress) -> (bool, String) {
    let f = p.delivery.figures;
    let accepted = format!("{}人分を、LINEが", figure(f.accepted));
    match (f.failed, f.withheld) {
        _ if !p.sum().holds() => (false, "送り終えましたが、合計が合っていません".into()),
        (0, 0) => (true, format!("{accepted}すべて受け付けました。証明書ができています")),
        (0, w) if f.accepted == 0 => (
            true,
            format!(
                "{}人全員を差し控えたので、だれにも届いていません。証明書ができています",
                figure(w)
            ),
        ),
        (0, w) => (
            true,
            format!(
                "{accepted}受け付けました。{}人は差し控えました。証明書ができています",
                figure(w)
            ),
        ),
        (n, _) => (false, format!("{accepted}受け付けました。{}人に届きませんでした", figure(n))),
    }
}

/// A series that was put in force, whether or not it has ended since.
fn begun_series(d: &Delivery) -> bool {
    d.recurrence.is_some() && matches!(d.status, D::Scheduled | D::Done | D::Cancelled)
}

#[component]
fn Following(shown: Shown, changes: RwSignal<u32>) -> impl IntoView {
    let id = shown.progress.delivery.id;
    let (may_write, may_send) = (shown.may_write, shown.may_send);
    let first = shown.progress.delivery.clone();
    let shown = RwSignal::new(shown);
    let lost = RwSignal::new(false);
    follow(id, shown, lost);
    let progress = Signal::derive(move || shown.with(|s| s.progress.clone()));
    let status = Memo::new(move |_| shown.with(|s| s.progress.delivery.status));
    // Approved meanwhile, a series has a page of its own.
    Effect::new(move |_| {
        if shown.with(|s| begun_series(&s.progress.delivery)) {
            changes.update(|n| *n += 1);
        }
    });
    let silence = Memo::new(move |_| {
        shown.with(|s| {
            let on_its_way = matches!(s.progress.delivery.status, D::Scheduled | D::Sending);
            s.silence.filter(|_| on_its_way)
        })
    });
    // What is above all is drawn anew with these, and not with every look: that would close the
    // question that somebody is about to answer.
    let noticed = Memo::new(move |_| {
        shown.with(|s| {
            let d = &s.progress.delivery;
            let later = d.send_at.filter(|at| *at > s.progress.now);
            (d.status, s.quiet, d.held_reason.clone(), later)
        })
    });
    let before = Memo::new(move |_| {
        shown.with(|s| held_before(&s.progress.delivery).then(|| s.beside.check.clone()))
    });
    let frozen = Memo::new(move |_| shown.with(|s| s.progress.delivery.frozen_at.is_some()));
    let is_final = Memo::new(move |_| shown.with(|s| s.progress.is_final()));
    let measuring = Measuring::watch(id, frozen, is_final);
    let duplicate = use_duplicate();
    let stopping = RwSignal::new(None::<Stopping>);
    let toasts = use_toasts();
    let again = move || {
        let asked = stood(shown);
        spawn_local(async move {
            if let Ok(now) = show_delivery(id, None).await
                && !is_older(now.progress.delivery.updated_at, asked, stood(shown))
            {
                shown.try_set(now);
                // What was decided takes its buttons along.
                keep_focus();
            }
        });
    };
    let stop = move |_| {
        let p = shown.with_untracked(|s| s.progress.clone());
        let (stoppable, d) = (p.stoppable, p.delivery);
        if d.frozen_at.is_some() && stoppable == 0 {
            toasts.warn("残りは、もうLINEへ送り始めています。止められるものはありません");
            return;
        }
        let figures = d.frozen_at.map(|_| d.figures);
        stopping.set(Some(Stopping {
            id,
            title: d.title,
            figures,
            stoppable: figures.map(|_| stoppable),
        }));
    };
    let retracting = RwSignal::new(false);
    let retractable = Memo::new(move |_| may_send && progress.with(can_retract));
    let corrects = first.corrects;
    let corrections = Memo::new(move |_| shown.with(|s| s.corrections.clone()));
    // What was stopped says so above all, with the button beside it.
    let offered = Memo::new(move |_| {
        status.get() == D::Cancelled && retractable.get() && corrections.with(Vec::is_empty)
    });
    let again_of = Memo::new(move |_| shown.with(|s| s.again.clone()));
    let acts = move || {
        view! {
            {may_write.then(|| {
                view! {
                    <DuplicateForm id action=duplicate>
                        <Button icon=IconName::Copy submit=true busy=duplicate.pending()>"複製する"</Button>
                    </DuplicateForm>
                }
            })}
            {move || (retractable.get() && !offered.get()).then(|| retract_button(retracting))}
            {move || {
                let stops = may_send && matches!(status.get(), D::Scheduled | D::Sending | D::Held | D::AwaitingApproval);
                let words = if frozen.get() { "残りを止める" } else { "取り消す" };
                stops.then(|| view! { <Button kind=Kind::Danger icon=IconName::Stop on_click=stop>{words}</Button> })
            }}
        }
    };
    let (title, purpose) = (named(&first.title), first.purpose);
    view! {
        <Page title crumbs=vec![(PATH.to_owned(), "配信".to_owned())] beside=move || view! { <PurposeTag purpose /> } acts>
            {first.recurrence.as_ref().map(|rule| view! { <p class="sentence">{format!("くり返し：{}。", rule.sentence())}</p> })}
            {first.course.map(|of| view! { <p><a href=super::steps::href(of.course)>"ステップ配信の1通です。もとのステップ配信を見る"</a></p> })}
            {first.series.map(|series| view! { <p><a href=format!("{PATH}/{series}")>"くり返しの1回です。もとのくり返しを見る"</a></p> })}
            {move || silence.get().map(silent)}
            {move || stopped(status.get(), progress, offered, retracting)}
            {move || {
                // To track alone would not work it out, and never hear of a change.
                noticed.with(|_| ());
                notice(shown, before, Callback::new(move |()| again()))
            }}
            {move || before.get().map(looked_at)}
            {corrects.map(|of| view! { <Banner title="これは訂正です"><a href=format!("{PATH}/{of}")>"訂正した配信を見る"</a></Banner> })}
            {move || {
                corrections
                    .get()
                    .into_iter()
                    .next()
                    .map(|sent| view! { <Banner title="訂正を送りました"><a href=format!("{PATH}/{}", sent.id)>"訂正の届き方を見る"</a></Banner> })
            }}
            {move || resend::links(&again_of.get())}
            <Decide shown done=Callback::new(move |()| again()) />
            <div class="cols-main-side">
                <div class="stack">
                    <FiguresPanel progress />
                    <SumPanel progress />
                    {move || reasons(progress.with(|p| p.reasons.clone()))}
                    {may_write.then(|| view! { <Resend id progress /> })}
                    <Results of=measuring />
                    <Happenings progress is_final lost />
                    <Panel title=Signal::derive(move || progress.with(contents_title).to_owned())>{contents(&first)}</Panel>
                </div>
                <div class="stack-s">
                    {move || shown.with(paper)}
                    {move || {
                        if is_final.get() {
                            view! { <a class="btn btn-outline btn-wide" href=format!("{PATH}/{id}/certificate")><Icon name=IconName::Print /><span>"証明書をひらいて印刷する"</span></a> }.into_any()
                        } else {
                            view! {
                                <Button busy=true wide=true icon=IconName::Print>"印刷する（完了してから）"</Button>
                                <p class="sub dense">"送信が終わると、この証明書が確定します。あとから書きかえることはできません。"</p>
                            }
                                .into_any()
                        }
                    }}
                    {move || {
                        (status.get() != D::Draft)
                            .then(|| view! { <LinkButton href=format!("{PATH}/{id}/report") icon=IconName::Document wide=true>"経過報告書をひらく"</LinkButton> })
                    }}
                </div>
            </div>
            <Recipients of=measuring />
            <RetractDialog id progress corrections open=retracting refresh=Callback::new(move |()| again()) />
            <StopDialog
                about=stopping
                done=move |after| {
                    shown.update(|s| s.progress.delivery = after);
                    again();
                }
            />
        </Page>
    }
}

/// 「訂正を送る」, which opens the dialog.
fn retract_button(retracting: RwSignal<bool>) -> AnyView {
    view! { <Button kind=Kind::Danger icon=IconName::Reload on_click=move |_| retracting.set(true)>"訂正を送る"</Button> }
        .into_any()
}

/// Above all: the rest was stopped, and whom it has reached can be told.
fn stopped(
    status: D,
    progress: Signal<Progress>,
    offered: Memo<bool>,
    retracting: RwSignal<bool>,
) -> Option<AnyView> {
    let frozen = progress.with_untracked(|p| p.delivery.frozen_at.is_some());
    let words = move || {
        let next = if offered.get() {
            "まちがった内容だったときは、「訂正を送る」で、この人たちと、届いたかもしれない人だけに知らせます。"
        } else {
            ""
        };
        let accepted = figure(progress.with(|p| p.delivery.figures.accepted));
        format!("{accepted}人分は、LINEが受け付けました。{next}")
    };
    (status == D::Cancelled && frozen).then(|| {
        view! {
            <Banner title="残りを止めました" act=move || move || offered.get().then(|| retract_button(retracting))>
                {words}
            </Banner>
        }
            .into_any()
    })
}

/// Above all: held, cancelled, or a draft that somebody else writes.
fn notice(
    shown: RwSignal<Shown>,
    before: Memo<Option<Check>>,
    done: Callback<()>,
) -> Option<AnyView> {
    let Shown { progress: Progress { delivery: d, now, .. }, may_send, quiet, .. } =
        shown.get_untracked();
    let id = d.id;
    match d.status {
        D::Scheduled if d.send_at.is_some_and(|at| at > now) => {
            let at = d.send_at.unwrap_or_default().day_and_time();
            Some(
                view! {
                    <Banner title=format!("{at}に届けます") act=move || (may_send && d.audience.is_some() && d.course.is_none()).then(|| view! { <Withdraw id words="下書きにもどして直す" /> })>
                        "まだ、だれにも届いていません。届く人は、送り始めるときに数え直します。"
                    </Banner>
                }
                .into_any(),
            )
        }
        D::Held => {
            let act = release::word(quiet);
            let stop = if d.frozen_at.is_some() { "残りを止める" } else { "取り消す" };
            let why = d.held_reason.clone().unwrap_or_else(|| "理由は記録されていません".into());
            Some(
                view! {
                    <Banner tone=Tone::Warn title="送らずに止めています" act=move || may_send.then(|| view! { <Release shown before quiet done /> })>
                        <p>{why}</p>
                        <p>{if may_send { format!("送ってよければ「{act}」を、やめるときは「{stop}」を選んでください。") } else { "送るか取り消すかは、送信責任者が決めます。".into() }}</p>
                    </Banner>
                }
                .into_any(),
            )
        }
        D::Cancelled if d.frozen_at.is_none() => Some(view! { <Banner title="取り消しました">"だれにも届いていません。内容は「複製する」で使えます。"</Banner> }.into_any()),
        D::Draft => Some(view! { <Banner title="まだ下書きです">"書いている所属の人だけが、変えたり送ったりできます。"</Banner> }.into_any()),
        _ => None,
    }
}

/// What is looked at before it is let go: as before it is sent.
fn looked_at(check: Check) -> AnyView {
    let leaves = after_quiet(Leaves::Now, check.quiet);
    view! {
        <Panel title="いま送るとしたときの確認" decide=true>
            <div class="checks">{columns(&check, &leaves, true)}</div>
            {check.who.as_ref().map(tables)}
        </Panel>
    }
    .into_any()
}

/// できごと, the newest first.
#[component]
fn Happenings(
    progress: Signal<Progress>,
    is_final: Memo<bool>,
    lost: RwSignal<bool>,
) -> impl IntoView {
    let happenings = Memo::new(move |_| progress.with(|p| p.happenings.clone()));
    let now = move || progress.with_untracked(|p| p.now);
    let live = move || {
        match (is_final.get(), lost.get()) {
        (true, _) => None,
        (false, true) => Some(view! { <span class="check-verdict warn"><Icon name=IconName::Warning size=18 />"更新が止まっています。つながると続きます"</span> }.into_any()),
        (false, false) => Some(view! { <StatusMark status=Status::Sending word="自動で更新" /> }.into_any()),
    }
    };
    view! {
        <Panel title="できごと" acts=move || view! { {live} }>
            {move || {
                let list = happenings.get();
                if list.is_empty() {
                    return view! { <p class="sub">"まだ何も起きていません。"</p> }.into_any();
                }
                let today = now().date();
                view! {
                    <ol class="events">
                        {gathered(list)
                            .into_iter()
                            .map(|(h, times)| {
                                let time = if h.at.date() == today { h.at.precise_time() } else { h.at.day_and_time() };
                                view! {
                                    <li>
                                        <time datetime=h.at.rfc3339()>{time}</time>
                                        <div><strong>{h.what} {(times > 1).then(|| format!("（{times}回）"))}</strong> {(!h.detail.is_empty()).then(|| view! { <span class="sub">{h.detail}</span> })}</div>
                                    </li>
                                }
                            })
                            .collect_view()}
                    </ol>
                }
                    .into_any()
            }}
        </Panel>
    }
}

/// The same line several times in a row is one line, with how often; its time is the last.
fn gathered(list: Vec<Happening>) -> Vec<(Happening, usize)> {
    let mut out: Vec<(Happening, usize)> = Vec::new();
    for h in list {
        match out.last_mut() {
            Some((last, times)) if last.what == h.what && last.detail == h.detail => *times += 1,
            _ => out.push((h, 1)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_was_overtaken_is_ignored() {
        let [held, scheduled, sending] = [1, 2, 3].map(Timestamp);
        let older = |came, asked, shown| is_older(came, Some(asked), Some(shown));
        assert!(older(held, held, scheduled), "「いま送る」 was pressed meanwhile");
        assert!(!older(held, held, held), "nothing has changed");
        assert!(!older(scheduled, held, held) && !older(sending, held, scheduled));
        assert!(!older(scheduled, sending, sending), "by the clock of another server");
    }

    #[test]
    fn what_repeats_in_a_row_is_one_line() {
        let line = |at: i64, what: &str| Happening {
            at: Timestamp(at),
            what: what.into(),
            detail: String::new(),
        };
        let out = gathered(vec![line(5, "a"), line(4, "b"), line(3, "b"), line(2, "a")]);
        assert_eq!(
            out.iter().map(|(h, n)| (h.at.0, h.what.as_str(), *n)).collect::<Vec<_>>(),
            [(5, "a", 1), (4, "b", 2), (2, "a", 1)]
        );
    }
}
