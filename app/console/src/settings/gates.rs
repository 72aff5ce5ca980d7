//! 配信の決まり: quiet hours, and how many deliveries a resident gets.

use crate::delivery::typed_count;
use domain::delivery::gate::{Budget, Gates, Quiet, field};
use leptos::prelude::*;
use leptos::task::spawn_local;
use server_fn::codec::Json;
use std::future::Future;
use ui::prelude::*;

/// What the city has set.
///
/// # Errors
/// `Forbidden`, `SignInNeeded`; if the database is away.
#[server(prefix = "/console/fn")]
pub async fn read_gates() -> Result<Gates, AppError> {
    let ctx = crate::server::staff()?.ctx;
    ctx.allow(domain::permission::Permission::SettingWrite)?;
    Ok(services::delivery::gate::gates(&ctx).await?)
}

/// Sets the quiet hours anew; answers them with the budget as it is.
///
/// # Errors
/// `Invalid`, `Forbidden`, `SignInNeeded`.
#[server(prefix = "/console/fn", input = Json)]
pub async fn save_quiet(quiet: Option<Quiet>) -> Result<Gates, AppError> {
    let ctx = crate::server::staff()?.ctx;
    Ok(services::delivery::gate::set_quiet(&ctx, quiet).await?)
}

/// Sets the budget anew; answers it with the quiet hours as they are.
///
/// # Errors
/// `Invalid`, `Forbidden`, `SignInNeeded`.
#[server(prefix = "/console/fn", input = Json)]
pub async fn save_budget(budget: Option<Budget>) -> Result<Gates, AppError> {
    let ctx = crate::server::staff()?.ctx;
    Ok(services::delivery::gate::set_budget(&ctx, budget).await?)
}

/// Says how saving one of them went.
fn save(
    saving: impl Future<Output = Result<Gates, AppError>> + 'static,
    saved: RwSignal<Gates>,
    place: &'static str,
    error: RwSignal<Option<String>>,
    busy: RwSignal<bool>,
    toasts: ui::toast::Toasts,
) {
    error.set(None);
    busy.set(true);
    spawn_local(async move {
        let result = saving.await;
        busy.set(false);
        match result {
            Ok(gates) => {
                saved.set(gates);
                toasts.ok("決まりを保存しました");
            }
            Err(refused) => match refused.field(place) {
                Some(words) => error.set(Some(words.to_owned())),
                None => toasts.err(format!("保存できませんでした。{}", refused.message())),
            },
        }
    });
}

/// Both panels.
#[component]
pub fn GatesPanels(
    /// As it is set now.
    gates: Gates,
) -> impl IntoView {
    let saved = RwSignal::new(gates);
    view! {
        <QuietPanel saved />
        <BudgetPanel saved />
    }
}

#[component]
fn QuietPanel(saved: RwSignal<Gates>) -> impl IntoView {
    let first = saved.get_untracked().quiet;
    let on = RwSignal::new(first.is_some());
    let fields = first.unwrap_or(Quiet { from: 21 * 60, until: 7 * 60 });
    let (from, until) = (RwSignal::new(field(fields.from)), RwSignal::new(field(fields.until)));
    let error = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let toasts = use_toasts();
    let act = move |_| {
        let quiet = if on.get_untracked() {
            let Some(quiet) = Quiet::parse(&from.get_untracked(), &until.get_untracked()) else {
                error.set(Some("時刻を、始まりと終わりの両方に入れてください".into()));
                return;
            };
            Some(quiet)
        } else {
            None
        };
        save(save_quiet(quiet), saved, "quiet", error, busy, toasts);
    };
    view! {
        <Panel title="静かな時間" note="急がない配信を、夜に鳴らしません">
            <div class="stack-s">
                <p>
                    {move || match saved.get().quiet {
                        Some(quiet) => format!("いまは、{}、お知らせと訓練を待たせます。", quiet.words()),
                        None => "いまは、どの時刻でも届けます。".to_owned(),
                    }}
                </p>
                <Fieldset id="quiet" legend="静かな時間を決めますか" error>
                    <Radio name="quiet" value="off" checked=Signal::derive(move || !on.get()) on_change=move |_| on.set(false)>"決めない"</Radio>
                    <Radio name="quiet" value="on" checked=on on_change=move |_| on.set(true)>"決める"</Radio>
                    {move || {
                        on.get()
                            .then(|| {
                                view! {
                                    <div class="when">
                                        <TextField name="quiet_from" label="始まり" kind="time" value=from on_input=move |text| from.set(text) />
                                        <TextField name="quiet_until" label="終わり" kind="time" value=until on_input=move |text| until.set(text) />
                                    </div>
                                }
                            })
                    }}
                </Fieldset>
                <p class="sub">"終わりが始まりより早いときは、翌日の時刻と見ます。この時間にかかる配信は、終わりまで待って届けます。理由を書けば、待たずに届けられます。緊急と訂正、試験者への試し送りは、いつでも届けます。始まる前に送り始めた配信は、最後まで送ります。"</p>
                <p><Button kind=Kind::Filled busy on_click=act>"静かな時間を保存する"</Button></p>
            </div>
        </Panel>
    }
}

#[component]
fn BudgetPanel(saved: RwSignal<Gates>) -> impl IntoView {
    let first = saved.get_untracked().budget;
    let on = RwSignal::new(first.is_some());
    let fields = first.unwrap_or(Budget::OFTEN);
    let days = RwSignal::new(fields.days.to_string());
    let messages = RwSignal::new(fields.messages.to_string());
    let error = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let toasts = use_toasts();
    let act = move |_| {
        let number = |text: String| typed_count(&text).and_then(|n| u16::try_from(n).ok());
        let budget = if on.get_untracked() {
            let typed = number(days.get_untracked()).zip(number(messages.get_untracked()));
            let Some((days, messages)) = typed else {
                error.set(Some("日数と通数を、数字で入れてください（例：7日に3通）".into()));
                return;
            };
            Some(Budget { messages, days })
        } else {
            None
        };
        save(save_budget(budget), saved, "budget", error, busy, toasts);
    };
    view! {
        <Panel title="1人あたりの上限" note="どの所属が送っても、1人の住民が受け取る数をそろえます">
            <div class="stack-s">
                <p>
                    {move || match saved.get().budget {
                        Some(budget) => format!("いまは、1人あたり{}です。こえる人には送りません。", budget.words()),
                        None => "いまは、上限がありません。".to_owned(),
                    }}
                </p>
                <Fieldset id="budget" legend="上限を決めますか" error>
                    <Radio name="budget" value="off" checked=Signal::derive(move || !on.get()) on_change=move |_| on.set(false)>"決めない"</Radio>
                    <Radio name="budget" value="on" checked=on on_change=move |_| on.set(true)>"決める"</Radio>
                    {move || {
                        on.get()
                            .then(|| {
                                view! {
                                    <div class="when">
                                        <TextField name="budget_days" label="何日に" inputmode="numeric" autocomplete="off" class="field-short" suffix="日に" value=days on_input=move |text| days.set(text) />
                                        <TextField name="budget_messages" label="何通まで" inputmode="numeric" autocomplete="off" class="field-short" suffix="通まで" value=messages on_input=move |text| messages.set(text) />
                                    </div>
                                }
                            })
                    }}
                </Fieldset>
                <p class="sub">"1回の配信を1通と数えます。日にちは、その日をふくめた暦の日で数えます。緊急と訂正、試験者への試し送りは数えず、止めません。訓練は数えます。届かなかった人の数は、送る前の確認と証明書に出ます。"</p>
                <p><Button kind=Kind::Filled busy on_click=act>"上限を保存する"</Button></p>
            </div>
        </Panel>
    }
}
