//! The last question before a delivery leaves, and a test to the testers.

use super::check::Checker;
use super::editor::{Editor, Leaves};
use super::gates::{Asked, Differs, HeadCount, Night, TooFew, after_quiet, miscounted};
use super::save::DraftSaver;
use crate::delivery::series::{AlsoStops, Stops};
use crate::delivery::{PATH, figure, named};
use domain::delivery::approval::Need;
use domain::delivery::compare::Compared;
use domain::delivery::gate::Confirmed;
use domain::delivery::quota::Short;
use domain::delivery::{Check, Purpose};
use domain::id::DeliveryId;
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use server_fn::codec::Json;
use ui::prelude::*;

/// Puts a draft on its way. `confirmed` is what was seen and chosen.
#[server(prefix = "/console/fn", input = Json)]
pub async fn send_delivery(
    id: DeliveryId,
    seen: Timestamp,
    confirmed: Confirmed,
) -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    Ok(services::delivery::send(&staff.platform, &staff.ctx, id, seen, confirmed).await?)
}

/// Asks for approval of a draft, with a word to the second person.
#[server(prefix = "/console/fn", input = Json)]
pub async fn request_approval(
    id: DeliveryId,
    seen: Timestamp,
    confirmed: Confirmed,
    words: String,
) -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    Ok(services::delivery::approval::request(&staff.ctx, id, seen, confirmed, &words).await?)
}

/// Sends an emergency without waiting for approval, with the reason.
#[server(prefix = "/console/fn")]
pub async fn send_unapproved(
    id: DeliveryId,
    seen: Timestamp,
    confirmed: i64,
    words: String,
) -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    let (platform, ctx) = (&staff.platform, &staff.ctx);
    Ok(services::delivery::approval::send_unapproved(platform, ctx, id, seen, confirmed, &words)
        .await?)
}

/// Sends what a draft holds to the testers; answers the test's own delivery.
#[server(prefix = "/console/fn")]
pub async fn send_test(id: DeliveryId) -> Result<DeliveryId, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::delivery::send_test(&staff.platform, &staff.ctx, id).await?)
}

/// Why an emergency does not wait; chosen, since nobody should have to type then.
const REASONS: [&str; 3] = [
    "命に関わるため、待てません",
    "承認できる人が、いま出られません",
    "すでに広く知られていて、すぐに知らせる必要があります",
];

/// What the dialog does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Sends, now or at its time.
    Send,
    /// Asks a second person.
    Ask,
    /// An emergency that does not wait.
    Unapproved,
}

/// Asks, with the head count; immediately to everyone it has to be typed, except in an emergency.
#[component]
pub fn SendDialog(
    /// What is sent.
    editor: Editor,
    /// To how many.
    checker: Checker,
    /// Open or not.
    open: RwSignal<bool>,
    /// The saved state that is sent.
    seen: RwSignal<Option<Timestamp>>,
) -> impl IntoView {
    let Sending { id, replaces } = expect_context();
    let typed = RwSignal::new(String::new());
    let words = RwSignal::new(String::new());
    let reason = RwSignal::new(0usize);
    let waits = RwSignal::new(true);
    let error = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let toasts = use_toasts();
    let navigate = use_navigate();
    let reached = Signal::derive(move || checker.check.with(Check::reached));
    let everyone = Signal::derive(move || checker.check.with(|c| c.everyone));
    let emergency = untrack(|| editor.purpose.get()) == Purpose::Emergency;
    let need = Memo::new(move |_| checker.check.with(|c| c.approval));
    let may_not_wait = move || emergency && matches!(need.get(), Some(Need::Above(_)));
    let way = Memo::new(move |_| match need.get() {
        None => Way::Send,
        Some(_) if may_not_wait() && !waits.get() => Way::Unapproved,
        Some(_) => Way::Ask,
    });
    let must_type = Signal::derive(move || everyone.get() && !emergency && way.get() == Way::Send);
    let asked = Asked::new();
    let quiet = Memo::new(move |_| checker.check.with(|c| c.quiet));
    let switch = Memo::new(move |_| checker.check.with(|c| c.switch));
    let strikes = Memo::new(move |_| {
        checker.check.with(|c| c.strikes(editor.purpose.get()).map(Compared::words))
    });
    let short = Memo::new(move |_| {
        checker.check.with(|c| c.too_few(editor.purpose.get()).map(Short::words))
    });
    let begins = Memo::new(move |_| open.get() && way.get() != Way::Ask);
    let looking = RwSignal::new(false);
    // When it leaves, the quiet hours counted in.
    let leaves = move || after_quiet(editor.leaves(), quiet.get().filter(|_| asked.waits.get()));
    Effect::new(move |_| {
        if open.get() {
            typed.set(String::new());
            error.set(None);
            asked.again();
        }
    });
    let title = Signal::derive(move || {
        let who = if checker.check.with(|c| c.everyone && !c.only_known && c.over == 0) {
            "友だち全員".to_owned()
        } else {
            format!("{}人", figure(reached.get()))
        };
        let why = match editor.purpose.get() {
            Purpose::Notice => "",
            Purpose::Drill => "訓練として、",
            Purpose::Test => "試験として、",
            Purpose::Emergency => "緊急として、",
        };
        match (way.get(), leaves()) {
            (Way::Ask, _) => format!("{who}への配信の承認を求めます"),
            (_, Leaves::Now) => format!("{who}に、{why}いま届けます"),
            (_, Leaves::At(at)) => format!("{who}に、{why}{}に届けます", at.day_and_time()),
            (_, Leaves::Again(_)) => format!("{who}に、{why}くり返し届けます"),
        }
    });
    let send = Callback::new(move |()| {
        let n = reached.get_untracked();
        let wrong = must_type.get_untracked().then(|| miscounted(&typed.get_untracked(), n));
        if let Some(wrong) = wrong.flatten() {
            error.set(Some(wrong));
            return;
        }
        let stops = untrack(|| {
            asked.stops(quiet.get().is_some(), strikes.get().is_some(), short.get().is_some())
        });
        if stops {
            return;
        }
        let Some(seen) = seen.get_untracked() else { return };
        let confirmed = asked.confirmed(checker.check.with_untracked(Check::people));
        busy.set(true);
        let navigate = navigate.clone();
        let (way, reason, words) =
            (way.get_untracked(), REASONS[reason.get_untracked()], words.get_untracked());
        let switch = switch.get_untracked().filter(|_| way != Way::Ask);
        spawn_local(async move {
            let result = match way {
                Way::Send => send_delivery(id, seen, confirmed).await,
                Way::Ask => request_approval(id, seen, confirmed, words).await,
                Way::Unapproved => send_unapproved(id, seen, n, reason.to_owned()).await,
            };
            busy.set(false);
            match result {
                Ok(()) => {
                    open.set(false);
                    if let Some(switch) = switch {
                        toasts.ok(switch.words());
                    }
                    navigate(&format!("{PATH}/{id}"), NavigateOptions::default());
                }
                Err(refused) => {
                    // The figures on the screen become those of now before it is asked again.
                    drop(checker.ask().await);
                    let at = ["confirmed", "words", "night", "differs", "short"];
                    match at.into_iter().find_map(|at| refused.field(at)) {
                        Some(words) => error.set(Some(words.to_owned())),
                        None => {
                            open.set(false);
                            toasts.err(format!(
                                "送っていません。{}{}",
                                refused.message(),
                                refused.next()
                            ));
                        }
                    }
                }
            }
        });
    });
    view! {
        <ConfirmDialog
            id="send"
            title
            open
            confirm=Signal::derive(move || {
                let n = figure(reached.get());
                match (way.get(), leaves()) {
                    (Way::Ask, _) => format!("{n}人への承認を求める"),
                    (_, Leaves::Now) => format!("{n}人に届ける"),
                    (_, Leaves::At(_)) => format!("{n}人への配信を予約する"),
                    (_, Leaves::Again(_)) => format!("{n}人へのくり返しを始める"),
                }
            })
            danger=emergency
            busy=Signal::derive(move || busy.get() || looking.get())
            on_confirm=send
            tag=move || view! { {move || view! { <PurposeTag purpose=editor.purpose.get() /> }} }
        >
            <p>
                {move || {
                    let title = named(&editor.title.get());
                    let n = figure(reached.get());
                    match (way.get(), leaves()) {
                        (Way::Ask, _) => format!("「{title}」を、ほかの送信責任者か管理者に見てもらいます。承認されるまで、だれにも届きません。そのあいだ内容は変えられません。"),
                        (_, Leaves::Now) => format!("「{title}」を、{n}人に送ります。届いたものは消せません。訂正は、同じ人に続けて送れます。"),
                        (_, Leaves::Again(sentence)) => format!("「{title}」を、次のとおり届けます。{sentence}。いま数えると {n}人に届きます。届く人は、毎回数え直します。始めたあとも、変えたり、休止したり、終わらせたりできます。"),
                        (_, Leaves::At(_)) => format!("「{title}」は、いま数えると {n}人に届きます。送り始めるときに数え直し、そのときの人に送ります。それまでは、直したり取り消したりできます。"),
                    }
                }}
            </p>
            {replaces.map(|series| view! { <AlsoStops of=Stops::Series(series) asked=begins looking /> })}
            {move || switch.get().map(|switch| view! { <p class="warn"><Icon name=IconName::Siren size=16 /> " " {format!("{}。", switch.words())}</p> })}
            {move || may_not_wait().then(|| view! { <Waiting waits reason /> })}
            {move || {
                quiet.get().map(|until| {
                    let (otherwise, repeats) = match untrack(|| editor.leaves()) {
                        Leaves::Now => ("いま".to_owned(), false),
                        Leaves::At(at) => (format!("{}のまま", at.day_and_time()), false),
                        Leaves::Again(_) => ("毎回その時刻に".to_owned(), true),
                    };
                    view! { <Night asked until otherwise repeats /> }
                })
            }}
            {move || strikes.get().map(|words| view! { <Differs asked words /> })}
            {move || short.get().map(|words| view! { <TooFew asked words /> })}
            {move || {
                (way.get() == Way::Ask && !emergency)
                    .then(|| {
                        view! {
                            <TextArea
                                name="words"
                                label="承認する人へのひとこと（なくてもかまいません）"
                                value=words
                                rows=2
                                on_input=move |text| words.set(text)
                            />
                        }
                    })
            }}
            <HeadCount must_type typed error />
        </ConfirmDialog>
    }
}

/// In an emergency: wait for approval, or send now with a reason that is looked at afterwards.
#[component]
fn Waiting(waits: RwSignal<bool>, reason: RwSignal<usize>) -> impl IntoView {
    view! {
        <Fieldset id="waits" legend="承認を待ちますか">
            <Radio name="waits" value="yes" checked=waits on_change=move |_| waits.set(true)>"承認を求める"</Radio>
            <Radio name="waits" value="no" checked=Signal::derive(move || !waits.get()) on_change=move |_| waits.set(false)>
                "待たずに送る（あとで、ほかの人が確かめます）"
            </Radio>
        </Fieldset>
        {move || {
            (!waits.get())
                .then(|| {
                    view! {
                        <Fieldset id="reason" legend="待たない理由">
                            {REASONS
                                .into_iter()
                                .enumerate()
                                .map(|(i, words)| {
                                    view! {
                                        <Radio name="reason" value=i.to_string() checked=Signal::derive(move || reason.get() == i) on_change=move |_| reason.set(i)>
                                            {words}
                                        </Radio>
                                    }
                                })
                                .collect_view()}
                        </Fieldset>
                    }
                })
        }}
    }
}

/// The delivery that the dialog is about, given by the page.
#[derive(Clone, Copy)]
pub struct Sending {
    /// Its id.
    pub id: DeliveryId,
    /// The series of which it takes the place.
    pub replaces: Option<DeliveryId>,
}

/// 「試験者に送る」 in the bar.
#[component]
pub fn TestButton(
    /// Which draft.
    id: DeliveryId,
    /// In how many languages.
    editor: Editor,
    /// Saves before it is sent.
    saver: DraftSaver,
) -> impl IntoView {
    let busy = RwSignal::new(false);
    let (toasts, offers) = (use_toasts(), use_offers());
    let navigate = use_navigate();
    let send = move |_| {
        busy.set(true);
        let navigate = navigate.clone();
        saver.flush(Some(Callback::new(move |saved| {
            let navigate = navigate.clone();
            spawn_local(async move {
                let sent = match saved {
                    Ok(_) => send_test(id).await,
                    Err(error) => Err(error),
                };
                busy.set(false);
                match sent {
                    Ok(test) => {
                        // Of several tests, the last one is followed.
                        offers.withdraw();
                        let languages = match editor.draft_now().variants.len() {
                            0 => String::new(),
                            others => format!("、{}つのことばで", others + 1),
                        };
                        offers.ok(
                            format!("試験者に{languages}送りました。先頭に【試験】がつきます"),
                            "送り具合を見る",
                            move || navigate(&format!("{PATH}/{test}"), NavigateOptions::default()),
                        );
                    }
                    Err(error) => {
                        toasts.err(format!("試験者に送っていません。{}", error.message()))
                    }
                }
            });
        })));
    };
    view! { <Button kind=Kind::Act icon=IconName::Smartphone busy on_click=send>"試験者に送る"</Button> }
}
