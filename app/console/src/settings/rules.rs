//! 配信の決まり: from how many recipients a second person approves; beside it, quiet hours
//! and the budget of a resident.

use super::gates::{GatesPanels, read_gates};
use super::{Part, Parts};
use crate::delivery::typed_count;
use domain::delivery::approval::Rules;
use domain::time::thousands;
use leptos::prelude::*;
use leptos::task::spawn_local;
use server_fn::codec::Json;
use ui::prelude::*;

/// What the city has decided.
///
/// # Errors
/// `Forbidden`, `SignInNeeded`; if the database is away.
#[server(prefix = "/console/fn")]
pub async fn read_rules() -> Result<Rules, AppError> {
    let ctx = crate::server::staff()?.ctx;
    ctx.allow(domain::permission::Permission::SettingWrite)?;
    Ok(services::delivery::approval::rules(&ctx).await?)
}

/// Decides anew.
///
/// # Errors
/// `Invalid`, `Forbidden`, `SignInNeeded`.
#[server(prefix = "/console/fn", input = Json)]
pub async fn save_rules(rules: Rules) -> Result<(), AppError> {
    let ctx = crate::server::staff()?.ctx;
    Ok(services::delivery::approval::set_rules(&ctx, rules).await?)
}

/// `/console/settings/rules`.
#[component]
pub fn RulesPage() -> impl IntoView {
    let rules = Resource::new_blocking(
        || (),
        |()| async { Ok::<_, AppError>((read_rules().await?, read_gates().await?)) },
    );
    view! {
        <Page title="配信の決まり" sentence="だれに、いつ、どれだけ届けてよいかの、市の決まりです。">
            <Parts current=Part::Rules />
            <Suspense fallback=|| view! { <Skeleton sentence="決まりを読みこんでいます" /> }>
                {move || Suspend::new(async move {
                    match rules.await {
                        Ok((rules, gates)) => view! { <div class="stack"><Editor rules /> <GatesPanels gates /></div> }.into_any(),
                        Err(error) => view! { <ErrorPage error retry_href="/console/settings/rules" inside=true /> }.into_any(),
                    }
                })}
            </Suspense>
        </Page>
    }
}

#[component]
fn Editor(rules: Rules) -> impl IntoView {
    let saved = RwSignal::new(rules);
    let on = RwSignal::new(rules.above.is_some());
    let above = RwSignal::new(rules.above.map_or_else(|| "3000".to_owned(), |n| n.to_string()));
    let error = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let toasts = use_toasts();
    let save = move |_| {
        let wanted = if on.get_untracked() {
            let Some(n) = typed_count(&above.get_untracked()) else {
                error.set(Some("人数を、数字で入れてください（例：3000）".into()));
                return;
            };
            Rules { above: Some(n) }
        } else {
            Rules { above: None }
        };
        error.set(None);
        busy.set(true);
        spawn_local(async move {
            let result = save_rules(wanted).await;
            busy.set(false);
            match result {
                Ok(()) => {
                    saved.set(wanted);
                    toasts.ok("決まりを保存しました");
                }
                Err(refused) => match refused.field("above") {
                    Some(words) => error.set(Some(words.to_owned())),
                    None => toasts.err(format!("保存できませんでした。{}", refused.message())),
                },
            }
        });
    };
    view! {
        <Panel title="承認" note="送る人とは別の人が、送る前に確かめます">
            <div class="stack-s">
                <p>
                    {move || match saved.get().above {
                        Some(n) => format!("いまは、{}人をこえる配信に、ほかの送信責任者か管理者の承認が要ります。", thousands(n)),
                        None => "いまは、送信責任者と管理者が、承認なしで送れます。".to_owned(),
                    }}
                </p>
                <Fieldset id="approval" legend="承認が要る配信">
                    <Radio name="approval" value="off" checked=Signal::derive(move || !on.get()) on_change=move |_| on.set(false)>"承認を使わない"</Radio>
                    <Radio name="approval" value="on" checked=on on_change=move |_| on.set(true)>"人数の多い配信には、承認が要る"</Radio>
                </Fieldset>
                {move || {
                    on.get()
                        .then(|| {
                            view! {
                                <TextField
                                    name="above"
                                    label="この人数をこえたら"
                                    hint="0人にすると、すべての配信に承認が要ります。試験者への試し送りには要りません。"
                                    inputmode="numeric"
                                    autocomplete="off"
                                    class="field-short"
                                    suffix="人"
                                    value=above
                                    error
                                    on_input=move |text| above.set(text)
                                />
                            }
                        })
                }}
                <p class="sub">"緊急の配信は、理由を選べば、承認を待たずに送れます。あとで、送った人とは別の人が確かめます。"</p>
                <p><Button kind=Kind::Filled busy on_click=save>"この決まりで保存する"</Button></p>
            </div>
        </Panel>
    }
}
