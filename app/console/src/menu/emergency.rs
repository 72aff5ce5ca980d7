//! 緊急メニュー (MENU-4): the whole city in two taps from any page, or testers alone in a drill,
//! and back.

mod act;
mod dialog;

pub use dialog::{Emergencies, EmergencyDialog};

use self::act::{Act, Acting, Foreseen};
use super::PROGRAM_PATH;
use super::publishing::PublishingBar;
use crate::resident::PATH as RESIDENTS;
use crate::shell::use_me;
use domain::menu::{DECLARED_SHOWN, Declared, Disaster, Forecast, Mode, Publishing};
use domain::permission::Permission;
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;
use ui::prelude::*;

const HERE: &str = "/console/menus/emergency";

/// What the page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// What holds.
    now: Vec<Declared>,
    /// The record, the last first.
    record: Vec<Declared>,
    /// What is prepared and published: the disaster, and the name of its menu.
    prepared: Vec<(Disaster, String)>,
    /// What is prepared in the draft of the program alone.
    #[serde(default)]
    unpublished: Vec<Disaster>,
    /// How many testers there are: nobody else sees a drill.
    #[serde(default)]
    testers: i64,
    /// To what an emergency delivery switches by itself.
    rule: Option<Disaster>,
    /// What the worker does.
    publishing: Publishing,
    /// When this was read.
    at: Timestamp,
}

/// What is prepared, what holds, and the record.
///
/// # Errors
/// `Forbidden`, `SignInNeeded`; if the database is away.
#[server(prefix = "/console/fn")]
pub async fn open_emergency() -> Result<Opened, AppError> {
    let ctx = crate::server::staff()?.ctx;
    let program = services::menu::program(&ctx).await?;
    let names = services::menu::names(&ctx).await?;
    let testers = program.testers;
    let prepared = program.published.map(|p| p.emergencies).unwrap_or_default();
    let drafted = program.draft.map(|p| p.emergencies).unwrap_or_default();
    let drafted = drafted.into_iter().map(|d| d.disaster);
    Ok(Opened {
        now: services::menu::now(&ctx).await?,
        record: services::menu::history(&ctx).await?,
        unpublished: drafted.filter(|d| prepared.iter().all(|p| p.disaster != *d)).collect(),
        prepared: prepared
            .into_iter()
            .map(|p| (p.disaster, names.get(&p.menu).cloned().unwrap_or_default()))
            .collect(),
        testers,
        rule: services::menu::rule(&ctx).await?,
        publishing: services::menu::publishing(&ctx).await?,
        at: ctx.now(),
    })
}

/// What a switch would cost; nothing of a disaster is back. What is declared in the other mode
/// goes on.
///
/// # Errors
/// `Forbidden`, `SignInNeeded`; `Conflict` where LINE does not answer.
#[server(prefix = "/console/fn", input = Json)]
pub async fn foresee_emergency(
    mode: Mode,
    disaster: Option<Disaster>,
) -> Result<Forecast, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::menu::foreseen(&staff.platform, &staff.ctx, mode, disaster).await?)
}

/// Switches to the emergency menus.
///
/// # Errors
/// `Forbidden`, `SignInNeeded`; `Invalid` where nothing is prepared for it, and for a drill where
/// nobody tests.
#[server(prefix = "/console/fn", input = Json)]
pub async fn declare_emergency(disaster: Disaster, mode: Mode) -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    services::menu::declare(&staff.platform, &staff.ctx, disaster, mode).await?;
    Ok(())
}

/// Goes back.
///
/// # Errors
/// `Forbidden`, `SignInNeeded`; if the database is away.
#[server(prefix = "/console/fn", input = Json)]
pub async fn end_emergency(mode: Mode) -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    services::menu::back(&staff.platform, &staff.ctx, mode).await?;
    Ok(())
}

/// Sets for which disaster an emergency delivery switches by itself; nothing: none does.
///
/// # Errors
/// `Forbidden`, `SignInNeeded`; `Invalid` where nothing is prepared for it.
#[server(prefix = "/console/fn", input = Json)]
pub async fn save_emergency_rule(disaster: Option<Disaster>) -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    Ok(services::menu::set_rule(&staff.ctx, disaster).await?)
}

/// `/console/menus/emergency`.
#[component]
pub fn EmergencyPage() -> impl IntoView {
    let changes = expect_context::<Emergencies>().changes;
    let opened = Resource::new_blocking(move || changes.get(), |_| open_emergency());
    view! {
        <Page
            title="緊急メニュー"
            crumbs=vec![("/console/menus".to_owned(), "リッチメニュー".to_owned())]
            sentence="災害のとき、住民の画面の下に出すメニューを、用意しておいたものに切りかえます。"
        >
            <Transition fallback=|| view! { <Skeleton sentence="緊急メニューを読みこんでいます" rows=6 /> }>
                {move || Suspend::new(async move {
                    match opened.await {
                        Ok(opened) => {
                            keep_focus_after(changes);
                            view! { <Shown opened changes /> }.into_any()
                        }
                        Err(error) => view! { <ErrorPage error retry_href=HERE inside=true /> }.into_any(),
                    }
                })}
            </Transition>
        </Page>
    }
}

#[component]
fn Shown(opened: Opened, changes: RwSignal<u32>) -> impl IntoView {
    let may = use_me().may(Permission::MenuEmergency);
    let act = RwSignal::new(None::<Act>);
    let Opened { now, record, prepared, unpublished, testers, rule, publishing, at } = opened;
    let holds = now.clone();
    let back = move |mode| act.set(Some(Act::Back(mode)));
    let by_delivery = (!prepared.is_empty() || rule.is_some()).then(|| {
        let disasters = prepared.iter().map(|(disaster, _)| *disaster).collect();
        view! { <ByDelivery rule disasters /> }
    });
    view! {
        <div class="stack">
            {now
                .into_iter()
                .map(|declared| {
                    if may {
                        view! { <Holding declared at back /> }.into_any()
                    } else {
                        view! { <Holding declared at /> }.into_any()
                    }
                })
                .collect_view()}
            {if prepared.is_empty() {
                view! { <NothingPrepared /> }.into_any()
            } else if may {
                view! { <Choose prepared holds testers act /> }.into_any()
            } else {
                view! { <p>"切りかえられるのは、管理者と送信責任者です。"</p> }.into_any()
            }}
            <Unready disasters=unpublished />
            {by_delivery}
            <PublishingBar first=publishing />
            <Record record at />
            <Ask act changes />
        </div>
    }
}

/// Nothing can be switched to.
#[component]
fn NothingPrepared() -> impl IntoView {
    view! {
        <EmptyState
            title="緊急メニューは、まだ用意されていません"
            text="災害の種類ごとにメニューを作り、「出し分け」の「災害のときの用意」で選んで公開すると、ここから切りかえられます。"
            acts=|| view! { <LinkButton href=PROGRAM_PATH>"「出し分け」をひらく"</LinkButton> }
        />
    }
}

/// What cannot be switched to yet, and why.
#[component]
fn Unready(
    /// What the draft of the program alone has.
    disasters: Vec<Disaster>,
) -> impl IntoView {
    (!disasters.is_empty()).then(|| {
        let names: Vec<&str> = disasters.into_iter().map(Disaster::label).collect();
        let names = names.join("・");
        view! {
            <Banner
                tone=Tone::Warn
                title=format!("{names}：まだ切りかえられません")
                act=|| view! { <a href=PROGRAM_PATH>"「出し分け」をひらく"</a> }
            >
                <p>"「出し分け」の下書きに用意があります。公開すると、切りかえられます。"</p>
            </Banner>
        }
    })
}

/// Nobody would see a drill.
#[component]
fn NoTesters() -> impl IntoView {
    view! {
        <Banner
            tone=Tone::Warn
            title="試験者がまだいないので、訓練は始められません"
            act=|| view! { <a href=RESIDENTS>"「住民」をひらく"</a> }
        >
            <p>"訓練のメニューは、試験者の画面にだけ出ます。「住民」で、職員の友だちを試験者にしてください。"</p>
        </Banner>
    }
}

/// What holds now, and the way back.
#[component]
fn Holding(
    declared: Declared,
    at: Timestamp,
    /// Asks for the way back; without it there is none here.
    #[prop(into, optional)]
    back: Option<Callback<Mode>>,
) -> impl IntoView {
    let Declared { disaster, mode, began_at, began_by, .. } = declared;
    let (tone, title) = match mode {
        Mode::Real => (Tone::Err, format!("緊急メニュー（{}）を出しています", disaster.label())),
        Mode::Drill => (
            Tone::Warn,
            format!("【訓練】緊急メニュー（{}）を試験者に出しています", disaster.label()),
        ),
    };
    view! {
        <Banner
            tone
            title
            act=move || {
                back.map(|back| {
                    view! {
                        <Button kind=Kind::Filled icon=IconName::Undo on_click=move |_| back.run(mode)>
                            {if mode == Mode::Real { "もとにもどす" } else { "訓練を終える" }}
                        </Button>
                    }
                })
            }
        >
            <p>{format!("{}から（{}）。", began_at.near(at), began_by)}</p>
        </Banner>
    }
}

/// The kinds of disaster, meant or a drill: a tap chooses, the next one does it.
#[component]
fn Choose(
    prepared: Vec<(Disaster, String)>,
    holds: Vec<Declared>,
    /// How many there are.
    testers: i64,
    act: RwSignal<Option<Act>>,
) -> impl IntoView {
    let mode = RwSignal::new(Mode::Real);
    let unseen = move || testers == 0 && mode.get() == Mode::Drill;
    let is = move |wanted: Mode| Signal::derive(move || mode.get() == wanted);
    view! {
        <Panel title="切りかえる" note="押すと、呼び出しの回数とかかる時間を確かめてから切りかえます">
            <div class="stack-s">
                <Fieldset id="emergency-mode" legend="本番ですか、訓練ですか">
                    <Radio name="mode" value="real" checked=is(Mode::Real) on_change=move |_| mode.set(Mode::Real)>"本番（友だち全員に出す）"</Radio>
                    <Radio name="mode" value="drill" checked=is(Mode::Drill) on_change=move |_| mode.set(Mode::Drill)>"訓練（試験者だけに出す）"</Radio>
                </Fieldset>
                <div role="status">{move || unseen().then(|| view! { <NoTesters /> })}</div>
                <div class="acts">
                    {prepared
                        .into_iter()
                        .map(|(disaster, name)| {
                            let holds = holds.clone();
                            let held = Memo::new(move |_| {
                                holds.iter().any(|d| d.disaster == disaster && d.mode == mode.get())
                            });
                            view! {
                                <div class="stack-s">
                                    {move || {
                                        if held.get() {
                                            return view! { <span class="sub">{format!("{}：いま出しています", disaster.label())}</span> }.into_any();
                                        }
                                        if unseen() {
                                            return view! { <span class="sub">{format!("{}：試験者が要ります", disaster.label())}</span> }.into_any();
                                        }
                                        let kind = if mode.get() == Mode::Real { Kind::Danger } else { Kind::Act };
                                        view! {
                                            <Button kind icon=IconName::Siren on_click=move |_| act.set(Some(Act::Switch(disaster, mode.get_untracked())))>
                                                {format!("{}に切りかえる", disaster.label())}
                                            </Button>
                                        }
                                            .into_any()
                                    }}
                                    <span class="sub">{format!("メニュー「{name}」")}</span>
                                </div>
                            }
                        })
                        .collect_view()}
                </div>
            </div>
        </Panel>
    }
}

/// The city's rule: an emergency delivery switches by itself.
#[component]
fn ByDelivery(
    /// As it is set now.
    rule: Option<Disaster>,
    /// For what something is prepared.
    disasters: Vec<Disaster>,
) -> impl IntoView {
    let may = use_me().may(Permission::SettingWrite);
    let there = disasters.clone();
    let saved = RwSignal::new(rule);
    let on = RwSignal::new(rule.is_some());
    let chosen = RwSignal::new(rule.or(disasters.first().copied()));
    let busy = RwSignal::new(false);
    let error = RwSignal::new(None::<String>);
    let toasts = use_toasts();
    let save = move |_| {
        let wanted = chosen.get_untracked().filter(|_| on.get_untracked());
        error.set(None);
        busy.set(true);
        spawn_local(async move {
            let answer = save_emergency_rule(wanted).await;
            if busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(()) => {
                    saved.set(wanted);
                    toasts.ok("決まりを保存しました");
                }
                Err(refused) => match refused.field("/disaster") {
                    Some(words) => error.set(Some(words.to_owned())),
                    None => toasts.err(format!("保存できませんでした。{}", refused.message())),
                },
            }
        });
    };
    let now = move || match saved.get() {
        None => "いまは、緊急の配信を送っても、メニューはそのままです。".to_owned(),
        Some(disaster) if there.contains(&disaster) => format!(
            "いまは、緊急の配信を送り始めると、緊急メニュー（{}）に切りかわります。",
            disaster.label()
        ),
        Some(disaster) => format!(
            "緊急メニュー（{}）に切りかえる決まりですが、公開中の「出し分け」に用意がないので、切りかわりません。",
            disaster.label()
        ),
    };
    let mut offered = disasters;
    // What is set stays what is chosen, even if nothing is prepared for it any more.
    offered.extend(rule.filter(|rule| !offered.contains(rule)));
    let options: Vec<(String, String)> =
        offered.iter().map(|d| (d.name().to_owned(), d.label().to_owned())).collect();
    view! {
        <Panel title="緊急の配信を送ると、緊急メニューに切りかえる" note="もどすのは、いつも人が押します">
            <div class="stack-s">
                <p>{now}</p>
                {may
                    .then(|| {
                        view! {
                            <Fieldset id="emergency-rule" legend="自動で切りかえますか" error>
                                <Radio name="emergency_rule" value="off" checked=Signal::derive(move || !on.get()) on_change=move |_| on.set(false)>"切りかえない"</Radio>
                                <Radio name="emergency_rule" value="on" checked=on on_change=move |_| on.set(true)>"切りかえる"</Radio>
                                {move || {
                                    on.get()
                                        .then(|| {
                                            view! {
                                                <Select
                                                    name="emergency-rule-disaster"
                                                    id="emergency-rule-disaster"
                                                    label="どの災害のメニューに"
                                                    options=Signal::stored(options.clone())
                                                    value=Signal::derive(move || chosen.get().map(|d| d.name().to_owned()).unwrap_or_default())
                                                    on_change=move |name: String| chosen.set(Disaster::parse(&name))
                                                />
                                            }
                                        })
                                }}
                            </Fieldset>
                            <p><Button kind=Kind::Filled busy on_click=save>"この決まりで保存する"</Button></p>
                        }
                    })}
                <p class="sub">"承認が要る配信では、承認されて送り始めたときに切りかわります。訓練の配信では、試験者の画面だけが訓練のメニューに変わります。訂正では切りかわりません。もう緊急メニューを出しているときは、そのままです。"</p>
            </div>
        </Panel>
    }
}

/// Asks before it is done, with calls and time.
#[component]
fn Ask(act: RwSignal<Option<Act>>, changes: RwSignal<u32>) -> impl IntoView {
    let open = RwSignal::new(false);
    let forecast = RwSignal::new(None::<Result<Forecast, String>>);
    let acting = Acting::new(open, changes);
    Effect::new(move |_| {
        let Some(wanted) = act.get() else { return };
        forecast.set(None);
        acting.refused.set(None);
        open.set(true);
        spawn_local(async move {
            let answer = wanted.foreseen().await;
            // Something else may be asked by now, or nothing any more.
            if act.try_get_untracked() == Some(Some(wanted)) {
                forecast.set(Some(answer));
            }
        });
    });
    Effect::new(move |_| {
        if !open.get() {
            act.set(None);
        }
    });
    let last = RwSignal::new(None::<Act>);
    Effect::new(move |_| {
        if let Some(wanted) = act.get() {
            last.set(Some(wanted));
        }
    });
    let words =
        move |of: fn(Act) -> String| Signal::derive(move || last.get().map(of).unwrap_or_default());
    let confirm = move |()| {
        if let Some(wanted) = act.get_untracked() {
            acting.begin(wanted);
        }
    };
    let refused = Signal::derive(move || acting.refused.get().map(|(_, words)| words));
    view! {
        <ConfirmDialog id="emergency" title=words(Act::title) open confirm=words(Act::confirm) danger=true on_confirm=confirm busy=acting.busy>
            <p>{move || last.get().map(Act::effect)}</p>
            <Foreseen forecast refused />
        </ConfirmDialog>
    }
}

/// What was declared before.
#[component]
fn Record(record: Vec<Declared>, at: Timestamp) -> impl IntoView {
    let head = ["災害", "本番・訓練", "始まり", "始めた人", "終わり", "終えた人"];
    let shown = DECLARED_SHOWN as usize;
    let more = record.len() > shown;
    let rows: Vec<Vec<String>> = record
        .into_iter()
        .take(shown)
        .map(|d| {
            vec![
                d.disaster.label().to_owned(),
                d.mode.words().to_owned(),
                d.began_at.near(at),
                d.began_by,
                d.ended_at.map_or_else(|| "つづいています".to_owned(), |end| end.near(at)),
                if d.ended_at.is_some() { d.ended_by } else { "—".to_owned() },
            ]
        })
        .collect();
    view! {
        <section class="stack-s">
            <h2>"これまでの切りかえ"</h2>
            {more.then(|| view! { <p class="sub">{format!("新しいものから{DECLARED_SHOWN}件を出しています。それより前の切りかえは、台帳に残っています。")}</p> })}
            {if rows.is_empty() {
                view! { <p class="sub">"切りかえたことは、まだありません。訓練で一度ためしておくと、いざというときに迷いません。"</p> }.into_any()
            } else {
                view! { <DataTable head=head.map(str::to_owned).to_vec() rows /> }.into_any()
            }}
        </section>
    }
}
