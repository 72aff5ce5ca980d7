//! Lets a delivery go on that is held for a person.

use super::certificate::Shown;
use super::composer::{Asked, Differs, HeadCount, TooFew, miscounted};
use super::figure;
use domain::delivery::compare::Compared;
use domain::delivery::gate::Confirmed;
use domain::delivery::quota::Short;
use domain::delivery::{Check, Purpose};
use domain::id::DeliveryId;
use domain::menu::Switch;
use domain::problem::Problem;
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;
use server_fn::codec::Json;
use ui::prelude::*;

/// Lets a held delivery go on. `confirmed` is what was seen of one whose recipients are not fixed.
#[server(prefix = "/console/fn", input = Json)]
pub async fn release_delivery(id: DeliveryId, confirmed: Confirmed) -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    Ok(services::delivery::release(&staff.platform, &staff.ctx, id, confirmed).await?)
}

/// What the button says. `quiet`: it will wait until then for the end of the quiet hours.
pub fn word(quiet: Option<Timestamp>) -> &'static str {
    if quiet.is_some() { "再開する" } else { "いま送る" }
}

/// Why it cannot leave as it is, and how it does: what is held cannot be changed.
fn as_it_is(problems: &[Problem]) -> String {
    let words: Vec<&str> = problems.iter().map(|p| p.message.as_str()).collect();
    format!(
        "このままでは送れません。{}。「取り消す」を押してから複製すると、直して送れます。",
        words.join("。")
    )
}

/// 「いま送る」 of a delivery that is held.
#[component]
pub fn Release(
    /// The delivery as it stands.
    shown: RwSignal<Shown>,
    /// What is looked at where its recipients are not fixed yet.
    before: Memo<Option<Check>>,
    /// It will wait until then for the end of the quiet hours.
    quiet: Option<Timestamp>,
    /// Looks at the delivery anew: when it is asked, and after it.
    done: Callback<()>,
) -> impl IntoView {
    let (id, purpose) =
        shown.with_untracked(|s| (s.progress.delivery.id, s.progress.delivery.purpose));
    let open = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let typed = RwSignal::new(String::new());
    let error = RwSignal::new(None::<String>);
    let asked = Asked::new();
    let toasts = use_toasts();
    let look = move |at: fn(&Check) -> Option<String>| {
        Memo::new(move |_| before.with(|c| c.as_ref().and_then(at)))
    };
    let problem = look(|c| (!c.problems.is_empty()).then(|| as_it_is(&c.problems)));
    let switch = look(|c| c.switch.map(Switch::words));
    let strikes = Memo::new(move |_| {
        before.with(|c| c.as_ref().and_then(|c| c.strikes(purpose)).map(Compared::words))
    });
    let short = Memo::new(move |_| {
        before.with(|c| c.as_ref().and_then(|c| c.too_few(purpose)).map(Short::words))
    });
    let must_type = Memo::new(move |_| {
        purpose != Purpose::Emergency && before.with(|c| c.as_ref().is_some_and(|c| c.everyone))
    });
    // How many are waiting, where that is fixed, or would get it, where it is known.
    let people = Memo::new(move |_| {
        let reached = before.with(|c| c.as_ref().filter(|c| c.who.is_some()).map(Check::reached));
        reached.or_else(|| {
            shown.with(|s| {
                let d = &s.progress.delivery;
                d.frozen_at.map(|_| d.figures.waiting())
            })
        })
    });
    Effect::new(move |_| {
        if open.get() {
            typed.set(String::new());
            error.set(None);
            asked.again();
            // The page may have been open for long.
            done.try_run(());
        }
    });
    let release = move |()| {
        let counted = before.with_untracked(|c| c.as_ref().map(|c| (c.people(), c.reached())));
        if let Some((_, n)) = counted
            && must_type.get_untracked()
            && let Some(wrong) = miscounted(&typed.get_untracked(), n)
        {
            error.set(Some(wrong));
            return;
        }
        let (strikes, short) =
            (strikes.with_untracked(Option::is_some), short.with_untracked(Option::is_some));
        if asked.stops(false, strikes, short) {
            return;
        }
        let confirmed = asked.confirmed(counted.map_or(0, |(people, _)| people));
        busy.set(true);
        spawn_local(async move {
            let result = release_delivery(id, confirmed).await;
            busy.set(false);
            match result {
                Ok(()) => {
                    open.set(false);
                    toasts.ok(match quiet {
                        Some(end) => format!("静かな時間が終わる {}に届けます", end.day_and_time()),
                        None => "配信を再開しました".to_owned(),
                    });
                }
                Err(refused) => {
                    let at = ["confirmed", "differs", "short"];
                    match at.into_iter().find_map(|at| refused.field(at)) {
                        Some(words) => error.set(Some(words.to_owned())),
                        None => {
                            open.set(false);
                            toasts.err(match &refused {
                                AppError::Invalid { fields } => as_it_is(fields),
                                _ => format!("再開できませんでした。{}", refused.message()),
                            });
                        }
                    }
                }
            }
            done.try_run(());
        });
    };
    view! {
        <Button kind=Kind::Act icon=IconName::Send on_click=move |_| open.set(true)>{word(quiet)}</Button>
        <ConfirmDialog
            id="release"
            title=if quiet.is_some() { "止めていた配信を再開します" } else { "止めていた配信を、いま送ります" }
            open
            confirm=Signal::derive(move || people.get().map_or_else(|| word(quiet).to_owned(), |n| format!("{}人に送る", figure(n))))
            busy
            blocked=Signal::derive(move || problem.with(Option::is_some))
            on_confirm=release
        >
            <p>
                {move || match (people.get(), before.with(Option::is_some)) {
                    (Some(n), false) => format!("まだ送っていない {}人に、続きから送ります。もう受け付けられた人に、二重には届きません。", figure(n)),
                    (Some(n), true) => format!("いま数えると {}人に届きます。送り始めるときに数え直し、そのときの人に送ります。届いたものは消せません。", figure(n)),
                    (None, _) => "配信対象を、いまの友だちで固定してから送ります。届いたものは消せません。".to_owned(),
                }}
            </p>
            {move || problem.get().map(|words| view! { <p class="err">{words}</p> })}
            {quiet.map(|end| view! { <p>{format!("いまは静かな時間なので、終わりの {}まで待って届けます。すぐに届けるときは、「取り消す」（送り始めたあとは「残りを止める」）を押してから複製し、急ぐ理由を書いて送ってください。", end.day_and_time())}</p> })}
            {move || switch.get().map(|words| view! { <p class="warn">{format!("{words}。")}</p> })}
            {move || strikes.get().map(|words| view! { <Differs asked words /> })}
            {move || short.get().map(|words| view! { <TooFew asked words /> })}
            <HeadCount must_type typed error />
        </ConfirmDialog>
    }
}
