//! 訂正・取消: one dialog, written beforehand, since nobody should have to find words then.

use super::{PATH, figure};
use domain::delivery::quota::Short;
use domain::delivery::variant::root;
use domain::delivery::{Corrected, Correction, Progress, Purpose};
use domain::id::DeliveryId;
use domain::language::Language;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use server_fn::codec::Json;
use std::collections::BTreeMap;
use ui::prelude::*;

/// Stops the rest and sends the correction to whom it reached; answers the correction.
#[server(prefix = "/console/fn", input = Json)]
pub async fn retract_delivery(
    id: DeliveryId,
    correction: Correction,
) -> Result<DeliveryId, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::delivery::retract(&staff.platform, &staff.ctx, id, &correction).await?)
}

/// Whether what LINE lets the city send this month does not suffice for a correction of it.
#[server(prefix = "/console/fn")]
pub async fn correction_short(id: DeliveryId) -> Result<Option<Short>, AppError> {
    let ctx = crate::server::staff()?.ctx;
    Ok(services::delivery::correction_short(&ctx, id).await?)
}

/// Whether there is somebody to tell.
pub fn can_retract(p: &Progress) -> bool {
    p.delivery.frozen_at.is_some() && p.delivery.purpose != Purpose::Test && p.may_reach()
}

/// The dialog.
#[component]
pub fn RetractDialog(
    /// Which delivery.
    id: DeliveryId,
    /// As it stands.
    progress: Signal<Progress>,
    /// Its corrections, the newest first.
    #[prop(into)]
    corrections: Signal<Vec<Corrected>>,
    /// Open or not.
    open: RwSignal<bool>,
    /// Asks how it stands.
    refresh: Callback<()>,
) -> impl IntoView {
    let text = RwSignal::new(Language::Japanese.correction().to_owned());
    // Whoever got another language is told in it.
    let languages: Vec<Language> =
        progress.with_untracked(|p| p.delivery.variants.iter().map(|v| v.language).collect());
    let texts: RwSignal<BTreeMap<Language, String>> =
        RwSignal::new(languages.iter().map(|l| (*l, l.correction().to_owned())).collect());
    let error = RwSignal::new(None::<String>);
    let errors = RwSignal::new(BTreeMap::<Language, String>::new());
    let asked = StoredValue::new(languages.clone());
    let again = RwSignal::new(false);
    let again_error = RwSignal::new(None::<String>);
    let short = RwSignal::new(None::<Short>);
    // Since the page was loaded somebody else may have sent one.
    Effect::new(move |_| {
        if open.get() {
            refresh.run(());
            spawn_local(async move {
                // It is information: what could not be read keeps nobody waiting.
                if let Ok(found) = correction_short(id).await {
                    short.try_set(found);
                }
            });
        }
    });
    // The tick is for the corrections that are seen when it is set.
    Effect::new(move |_| {
        open.track();
        corrections.track();
        again.set(false);
        again_error.set(None);
    });
    let busy = RwSignal::new(false);
    let toasts = use_toasts();
    let navigate = use_navigate();
    let figures = Memo::new(move |_| progress.with(|p| p.delivery.figures));
    let doubt = Memo::new(move |_| progress.with(Progress::in_doubt));
    let runs = Memo::new(move |_| progress.with(|p| !p.is_final()));
    let send = move |()| {
        error.set(None);
        errors.set(BTreeMap::new());
        let after = corrections.with_untracked(|all| all.first().map(|newest| newest.id));
        if after.is_some() && !again.get_untracked() {
            again_error.set(Some("もう一度送るときは、印をつけてください".to_owned()));
            return;
        }
        busy.set(true);
        let (text, texts) = (text.get_untracked(), texts.get_untracked());
        let navigate = navigate.clone();
        spawn_local(async move {
            let result = retract_delivery(id, Correction { text, texts, after }).await;
            busy.set(false);
            match result {
                Ok(correction) => {
                    open.set(false);
                    navigate(&format!("{PATH}/{correction}"), NavigateOptions::default());
                }
                Err(refused) => {
                    error.set(refused.field("/text").map(ToOwned::to_owned));
                    let wrong = asked.with_value(|all| {
                        let wrong = |l: &Language| Some((*l, refused.field(&root(*l))?.to_owned()));
                        all.iter().filter_map(wrong).collect::<BTreeMap<_, _>>()
                    });
                    errors.set(wrong);
                    if error.with_untracked(Option::is_none)
                        && errors.with_untracked(BTreeMap::is_empty)
                    {
                        open.set(false);
                        refresh.try_run(());
                        toasts.err(not_sent(&refused));
                    }
                }
            }
        });
    };
    view! {
        <ConfirmDialog
            id="retract"
            title="送った人に、訂正を送ります"
            open
            confirm=Signal::derive(move || {
                let act = if runs.get() { "残りを止めて、訂正を送る" } else { "人に訂正を送る" };
                if runs.get() { act.to_owned() } else { format!("{}{act}", figure(figures.get().accepted + doubt.get())) }
            })
            danger=true
            busy
            on_confirm=send
        >
            <p>
                {move || {
                    let f = figures.get();
                    if runs.get() {
                        format!(
                            "まだ送っていない分（最大 {}人）を止め、LINEが受け付けた {}人と、受け付けたかもしれない人に、次の文章をすぐに送ります。ほかの人には送りません。",
                            figure(f.waiting()),
                            figure(f.accepted),
                        )
                    } else {
                        let doubt = match doubt.get() {
                            0 => String::new(),
                            n => format!("と、返事がなく届いたか分からない {}人", figure(n)),
                        };
                        format!("LINEが受け付けた {}人{doubt}に、次の文章をすぐに送ります。ほかの人には送りません。", figure(f.accepted))
                    }
                }}
            </p>
            <div role="status">
                {move || {
                    short
                        .get()
                        .map(|short| {
                            let then = if short.left == 0 { "このまま送ると、だれにも送らずに止まります" } else { "このまま送れますが、足りなくなると、残りの人に送らずに止まります" };
                            view! { <p class="warn">{format!("{}。{then}。LINE公式アカウントの契約を確かめてください。", short.of_correction())}</p> }
                        })
                }}
            </div>
            <TextArea name="text" label="訂正の文章" value=text error rows=6 on_input=move |words| text.set(words) />
            {languages
                .into_iter()
                .map(|language| {
                    view! {
                        <TextArea
                            name=format!("text-{}", language.name())
                            label=format!("訂正の文章（{}）", language.japanese())
                            value=Signal::derive(move || texts.with(|all| all.get(&language).cloned().unwrap_or_default()))
                            error=Signal::derive(move || errors.with(|all| all.get(&language).cloned()))
                            rows=4
                            on_input=move |words| texts.update(|all| drop(all.insert(language, words)))
                        />
                    }
                })
                .collect_view()}
            {move || {
                let newest = corrections.with(|all| all.first().map(Corrected::words));
                newest
                    .map(|words| {
                        view! {
                            <Fieldset
                                id="again"
                                legend="この配信には、もう訂正を送っています"
                                hint=format!("{words}。もう一度送ると、同じ人に二度届きます。")
                                error=again_error
                            >
                                <Checkbox
                                    name="again"
                                    checked=again
                                    on_change=move |now| {
                                        again_error.set(None);
                                        again.set(now);
                                    }
                                >
                                    "もう一度訂正を送る"
                                </Checkbox>
                            </Fieldset>
                        }
                    })
            }}
            <p class="sub">"承認は要りません。夜間でも、受け取りを休んでいる人にも届きます。訂正したことは台帳に残り、住民向けの「訂正のお知らせ」のページに1年のります。"</p>
        </ConfirmDialog>
    }
}

/// What is said when there is no answer that it was sent.
fn not_sent(error: &AppError) -> String {
    match error {
        AppError::Network | AppError::Unavailable { .. } => format!(
            "訂正を送れたか、分かりません。{}もう一度「訂正を送る」から送ってください。送れていたときも、同じ訂正が二重に届くことはありません。",
            error.message()
        ),
        // What was sent may be read, and what was answered not.
        AppError::Outdated => format!("訂正を送れたか、分かりません。{error}"),
        AppError::Conflict { message } => format!("訂正は送っていません。{message}。"),
        _ => format!("訂正は送っていません。{}{}", error.message(), error.next()),
    }
}
