//! What the worker that brings menus to LINE is doing, live.

use crate::around::Watch;
use domain::menu::{Doing, Publishing};
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;
use ui::prelude::*;

/// What the worker does.
///
/// # Errors
/// `Forbidden`, `SignInNeeded`; if the database is away.
#[server(prefix = "/console/fn")]
pub async fn menu_publishing() -> Result<Publishing, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::menu::publishing(&staff.ctx).await?)
}

fn tone(doing: Doing) -> Tone {
    match doing {
        Doing::Idle => Tone::Ok,
        Doing::Working => Tone::Info,
        Doing::Waiting => Tone::Warn,
        Doing::Failed => Tone::Err,
    }
}

/// 「11月22日 9:05」.
fn clock(at: Timestamp) -> String {
    let c = at.tokyo();
    format!("{}月{}日 {}:{:02}", c.date.month, c.date.day, c.hour, c.minute)
}

/// How far it is, asked for every two seconds; others' menus at LINE below.
#[component]
pub fn PublishingBar(
    /// As it was when the page was made.
    first: Publishing,
    /// Shown only while something is on its way, waits or cannot go on.
    #[prop(optional)]
    quiet: bool,
) -> impl IntoView {
    let shown = RwSignal::new(first);
    let asking = StoredValue::new(false);
    let ask = move || {
        if asking.get_value() {
            return;
        }
        asking.set_value(true);
        spawn_local(async move {
            let answer = menu_publishing().await;
            if asking.try_set_value(false).is_some() {
                return;
            }
            if let Ok(now) = answer
                && shown.with_untracked(|before| *before != now)
            {
                shown.set(now);
            }
        });
    };
    Effect::new(move |_| {
        if let Ok(timer) = set_interval_with_handle(ask, Duration::from_secs(2)) {
            on_cleanup(move || timer.clear());
        }
    });
    // The bar over the page says the same in the same moment.
    let watch = expect_context::<Watch>();
    let doing = Memo::new(move |_| shown.with(|p| p.doing));
    Effect::new(move |before: Option<Doing>| {
        let doing = doing.get();
        if before.is_some_and(|before| before != doing) {
            watch.look();
        }
        doing
    });
    let count = |n: i64| u64::try_from(n).unwrap_or(0);
    let hidden = move || quiet && shown.with(|p| p.doing == Doing::Idle);
    // Drawn anew, it would close; it changes less often than what is on its way.
    let foreign = Memo::new(move |_| shown.with(|p| p.foreign.clone()));
    view! {
        // What is read aloud as it changes has to be there before.
        <div class="stack-s" class:visually-hidden=hidden>
            <div role="status" data-doing=move || shown.with(|p| p.doing.label())>
            {move || {
                if hidden() {
                    return ().into_any();
                }
                let p = shown.get();
                let title = format!("LINEへの反映：{}", p.doing.label());
                let words = if p.words.is_empty() { "まだ何も公開していません".to_owned() } else { p.words.clone() };
                view! {
                    <Banner tone=tone(p.doing) title>
                        <p>{format!("{words}。")}</p>
                        {(p.doing == Doing::Working && p.total > 0)
                            .then(|| {
                                view! {
                                    <ProgressBar value=Signal::stored(count(p.done)) max=Signal::stored(count(p.total)) label="LINEへの呼び出し" />
                                    <p class="sub">{format!("LINEへの呼び出し {}回のうち {}回", p.total, p.done)}</p>
                                }
                            })}
                        {p.error.clone().map(|words| view! { <p>{format!("{}。", words.trim_end_matches('。'))}</p> })}
                        {p.until.map(|at| view! { <p class="sub">{format!("{}に続けます。", clock(at))}</p> })}
                        {p.looked_at.map(|at| view! { <p class="sub">{format!("最後に確かめたとき：{}", clock(at))}</p> })}
                    </Banner>
                }
                    .into_any()
            }}
            </div>
            {move || {
                let foreign = foreign.get();
                (!quiet && !foreign.is_empty())
                    .then(|| {
                        view! {
                            <details>
                                <summary>{format!("このシステムのものではないメニューが、LINEに{}枚あります", foreign.len())}</summary>
                                <ul>{foreign.into_iter().map(|name| view! { <li>{name}</li> }).collect_view()}</ul>
                                <p class="sub">"ほかのシステムで作られたものです。ここからは変えも消しもしません。"</p>
                            </details>
                        }
                    })
            }}
        </div>
    }
}
