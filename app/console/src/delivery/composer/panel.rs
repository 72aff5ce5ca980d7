//! 送る前の確認: who gets it, what was looked at, and the one button that sends.

use super::breakdown::{breakdowns, former, tables};
use super::check::Checker;
use super::editor::{Editor, Leaves};
use super::gates::after_quiet;
use super::save::DraftSaver;
use super::send::SendDialog;
use crate::delivery::{PATH, figure, named};
use domain::delivery::approval::Need;
use domain::delivery::{Check, Purpose, UNDECIDED};
use leptos::prelude::*;
use leptos::task::spawn_local;
use ui::prelude::*;

/// LINE takes this many multicasts a second.
const MULTICASTS_PER_SECOND: i64 = 200;
const PUSHES_PER_SECOND: i64 = 2_000;

/// The panel that decides.
#[component]
pub fn CheckPanel(
    /// What is written.
    editor: Editor,
    /// What is known of it.
    checker: Checker,
    /// Saves before it is sent.
    saver: DraftSaver,
) -> impl IntoView {
    let emergency = Memo::new(move |_| editor.purpose.get() == Purpose::Emergency);
    // Drawn anew with new figures only, so that it stays open while one writes.
    let who = Memo::new(move |_| checker.check.with(|check| check.who.clone()));
    move || {
        let emergency = emergency.get();
        view! {
            <Panel
                title="送る前の確認"
                note="だれに、どれだけ届くかを、書くたびに数え直しています"
                decide=true
                class=if emergency { "checks-panel checks-emergency" } else { "checks-panel" }
                acts=move || verdict(checker)
            >
                <div class="checks" class:counting=move || checker.stale.get()>{move || checker.check.with(|check| columns(check, &after_quiet(editor.leaves(), check.quiet), checker.tried.get()))}</div>
                {move || who.with(|who| who.as_ref().map(tables))}
                <Foot editor checker saver emergency />
            </Panel>
        }
    }
}

fn verdict(checker: Checker) -> AnyView {
    (move || {
        checker.check.with(|c| match (c.problems.len(), c.warnings.len()) {
            (0, 0) => view! { <span class="check-verdict ok"><Icon name=IconName::Check size=18 />"送れます"</span> }.into_any(),
            (0, n) => view! { <span class="check-verdict warn"><Icon name=IconName::Warning size=18 />{format!("気をつけることが {}あります", things(n))}</span> }.into_any(),
            (n, _) if checker.tried.get() => view! { <span class="check-verdict err"><Icon name=IconName::Warning size=18 />{format!("直すところが {}あります", things(n))}</span> }.into_any(),
            // Whoever is still writing has done nothing wrong.
            (n, _) => view! { <span class="check-verdict"><Icon name=IconName::Info size=18 />{format!("送るまでに、あと {}", things(n))}</span> }.into_any(),
        })
    })
    .into_any()
}

/// Who gets it and what was looked at, as the author and the second person see it. `tried`: what
/// is to mend is pointed out.
pub fn columns(check: &Check, leaves: &Leaves, tried: bool) -> AnyView {
    let (class, icon) = if tried { ("err", IconName::Warning) } else { ("sub", IconName::Info) };
    let people = match &check.who {
        Some(who) => {
            let share = share(u64::try_from(who.count).unwrap_or(0), u64::try_from(who.friends).unwrap_or(0));
            let whole = match (check.everyone, check.only_known) {
                (true, true) => "システムが知っている友だちだけ".to_owned(),
                (true, false) => "友だち全員（未登録の人も）".to_owned(),
                (false, _) => format!("友だち {}人の {share}", figure(who.friends)),
            };
            let (a_second, most) = if check.each { (PUSHES_PER_SECOND, "最大 ") } else { (MULTICASTS_PER_SECOND, "") };
            let seconds = check.calls / a_second + 1;
            view! {
                <p class="figure-xl">{figure(check.reached())}<span class="unit">"人"</span></p>
                <p>
                    {whole} <br />
                    {match leaves {
                        Leaves::Now | Leaves::At(UNDECIDED) => "すぐに・".to_owned(),
                        Leaves::At(at) => format!("{}・", at.day_and_time()),
                        Leaves::Again(_) => "くり返し・1回に".into(),
                    }}
                    {format!("送信 {most}{}回・およそ {seconds}秒", figure(check.calls))}
                </p>
            }
            .into_any()
        }
        None => view! { <p class="figure-xl">"—"<span class="unit">"人"</span></p><p>"届ける相手が決まると、数えます。"</p> }.into_any(),
    };
    let over = (check.over > 0).then(|| {
        view! { <p class="warn"><Icon name=IconName::Warning size=16 />{format!(" {}人に当てはまりますが、{}人には上限のため届きません。", figure(check.people()), figure(check.over))}</p> }
    });
    let near = check.near.as_ref().map(|near| {
        view! {
            <p class="checks-near">
                <Icon name=IconName::Clock size=16 />
                <span>
                    "いちばん近い配信" <br />
                    {format!("{}「{}」（{}人が重なります）", near.at.time_of_day(), named(&near.title), figure(near.people))}
                </span>
            </p>
        }
    });
    let breakdowns = check.who.as_ref().map(breakdowns);
    view! {
        <div><p class="sub">"届く人"</p> {people} {over} {near}</div>
        {breakdowns}
        {check.compared.as_ref().map(former)}
        <div>
            <h3>"確かめたこと"</h3>
            <ul class="check-list">
                {check.problems.iter().map(|p| line(class, icon, p.message.clone())).collect_view()}
                {check.warnings.iter().map(|w| line("warn", IconName::Warning, w.clone())).collect_view()}
                {check.unsure.iter().map(|u| line("sub", IconName::Info, u.clone())).collect_view()}
                {check.passed.iter().map(|p| line("ok", IconName::Check, p.clone())).collect_view()}
            </ul>
        </div>
    }
    .into_any()
}

fn line(class: &'static str, icon: IconName, words: String) -> AnyView {
    view! { <li><span class=class><Icon name=icon size=16 /></span> {words}</li> }.into_any()
}

/// 「3,268人への配信の承認を求める」: what the button does, and to how many.
pub fn act_words(asks: bool, leaves: &Leaves, count: Option<i64>) -> String {
    let act = match (asks, leaves) {
        (true, _) => "配信の承認を求める",
        (false, Leaves::Again(_)) => "くり返しを始める",
        (false, Leaves::At(_)) => "配信を予約する",
        (false, Leaves::Now) => {
            return count
                .map_or_else(|| "配信する".into(), |n| format!("{}人に配信する", figure(n)));
        }
    };
    count.map_or_else(|| act.to_owned(), |n| format!("{}人への{act}", figure(n)))
}

#[component]
fn Foot(editor: Editor, checker: Checker, saver: DraftSaver, emergency: bool) -> impl IntoView {
    let errors = RwSignal::new(Vec::<SummaryItem>::new());
    let open = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let toasts = use_toasts();
    let seen = RwSignal::new(None);
    let ask = move |_| {
        busy.set(true);
        errors.set(Vec::new());
        saver.flush(Some(Callback::new(move |saved| match saved {
            Err(error) => {
                busy.set(false);
                toasts.err(format!(
                    "保存できていないので、まだ送れません。{}",
                    AppError::message(&error)
                ));
            }
            Ok(at) => spawn_local(async move {
                let answer = checker.ask_looking(!emergency).await;
                busy.set(false);
                match answer {
                    Ok(check) if check.problems.is_empty() => {
                        seen.set(Some(at));
                        open.set(true);
                    }
                    Ok(check) => {
                        checker.tried.set(true);
                        errors.set(untrack(|| checker.items_of(&check)));
                    }
                    Err(error) => toasts.err(format!(
                        "確かめられませんでした。{}{}",
                        error.message(),
                        error.next()
                    )),
                }
            }),
        })));
    };
    // The summary follows what is mended.
    Effect::new(move |_| {
        let left = checker.items();
        if checker.tried.get_untracked() && errors.with_untracked(|e| e.len() > left.len()) {
            errors.set(left);
        }
    });
    let leaves = Memo::new(move |_| after_quiet(editor.leaves(), checker.check.with(|c| c.quiet)));
    let need = Memo::new(move |_| checker.check.with(|c| c.approval));
    let words = move || {
        let count = checker.check.with(|c| (c.people() > 0).then(|| c.reached()));
        leaves.with(|l| act_words(need.get().is_some(), l, count))
    };
    let kind = if emergency { Kind::DangerFilled } else { Kind::Filled };
    let icon = if emergency { IconName::Siren } else { IconName::Send };
    view! {
        <div class="checks-errors"><ErrorSummary errors /></div>
        <div class="checks-foot">
            <p>
                {move || match (need.get(), leaves.get()) {
                    (None, Leaves::Again(_)) => "始めたあとも、内容を変えたり、休止したり、終わらせたりできます。届く人は、毎回数え直します。".to_owned(),
                    (None, Leaves::Now) => "送ると、すぐにLINEへ渡します。届いたものは消せません。".to_owned(),
                    (None, Leaves::At(_)) => "送り始めるまでは、いつでも直したり取り消したりできます。届く人は、送り始めるときに数え直します。".into(),
                    (Some(Need::Above(n)), _) => format!("{}人をこえる配信には、ほかの人の承認が要ります。承認されるまで、だれにも届きません。", figure(n)),
                    (Some(Need::Role), _) => "配信するのは、送信責任者です。承認を求めると、送信責任者の画面に出ます。承認されるまで、だれにも届きません。".into(),
                }}
            </p>
            <LinkButton href=PATH>"下書きのまま閉じる"</LinkButton>
            <Button kind size=Size::Large icon busy on_click=ask>{words}</Button>
        </div>
        <SendDialog editor checker open seen />
    }
}
