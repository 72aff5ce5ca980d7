//! 出し分け: who sees which menu, and when (MENU-3, MENU-4).

mod emergencies;
mod rules;
mod seen;
mod state;
mod trial;
mod variants;
mod waiting;

use self::emergencies::Emergencies;
use self::rules::Rules;
use self::seen::SeenBy;
use self::state::{Editing, MenuSelect};
use self::trial::{TrialBanner, TryDialog, menu_program_trial_forecast};
use self::variants::Variants;
use self::waiting::{Waiting, blocks, menu_program_unpublished};
use super::api::menu_program_forecast;
use super::publish::{Refused, foreseen, reasons, refusal, say_refused};
use super::publishing::PublishingBar;
use super::{EMERGENCY_PATH, PATH, PROGRAM_PATH};
use crate::unsaved::Unsaved;
use domain::attribute::Catalog;
use domain::id::MenuId;
use domain::menu::program::CHOICES_MAX;
use domain::menu::{KeptProgram, Program, Publishing, Unpublished};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;
use std::collections::BTreeMap;
use ui::prelude::*;

/// What was brought back by a toast meanwhile is neither published nor lost.
const CHANGED: &str = "確かめているあいだに、この画面の内容が変わりました。見なおして、もう一度「公開の準備へ」から進めてください";

/// Whose variants are meant.
pub use self::state::Group;

/// The program with what its page needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenedProgram {
    kept: KeptProgram,
    names: BTreeMap<MenuId, String>,
    catalog: Catalog,
    /// What the worker that brings it to LINE does.
    publishing: Publishing,
}

/// Opens the program.
#[server(prefix = "/console/fn")]
pub async fn open_program() -> Result<OpenedProgram, AppError> {
    let ctx = crate::server::staff()?.ctx;
    let kept = services::menu::program(&ctx).await?;
    let audiences: Vec<_> = kept
        .draft
        .iter()
        .flat_map(|p| p.variants.iter().chain(p.emergencies.iter().flat_map(|e| &e.variants)))
        .map(|v| v.audience.clone())
        .collect();
    let named = services::audience::named(audiences.iter());
    Ok(OpenedProgram {
        names: services::menu::names(&ctx).await?,
        catalog: services::audience::catalog(&ctx, named).await?,
        publishing: services::menu::publishing(&ctx).await?,
        kept,
    })
}

/// Saves the draft of the program; answers the version that the next save must name.
#[server(prefix = "/console/fn", input = Json)]
pub async fn save_menu_program(seen: i64, program: Program) -> Result<i64, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::menu::save_program(&staff.ctx, seen, &program).await?)
}

/// Publishes what was saved as that version, and before it these menus, each of that version.
#[server(prefix = "/console/fn", input = Json)]
pub async fn publish_menu_program(seen: i64, menus: Vec<(MenuId, i64)>) -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    let (platform, ctx) = (&staff.platform, &staff.ctx);
    Ok(services::menu::publish_program_with(platform, ctx, seen, &menus).await?)
}

/// `/console/menus/program`.
#[component]
pub fn ProgramPage() -> impl IntoView {
    let changes = RwSignal::new(0u32);
    let opened = Resource::new_blocking(move || changes.get(), |_| open_program());
    view! {
        <Page
            title="メニューの出し分け"
            crumbs=vec![(PATH.to_owned(), "リッチメニュー".to_owned())]
            sentence="だれに、いつ、どのメニューを見せるかを決めます。"
            acts=|| view! { <LinkButton href=EMERGENCY_PATH kind=Kind::Danger icon=IconName::Siren>"緊急メニュー"</LinkButton> }
        >
            <Transition fallback=|| view! { <Skeleton sentence="出し分けを読みこんでいます" rows=6 /> }>
                {move || Suspend::new(async move {
                    match opened.await {
                        Ok(opened) if opened.kept.draft.is_none() => {
                            view! {
                                <EmptyState
                                    title="まだ公開したメニューがありません"
                                    text="はじめに公開したメニューが、みんなに出る「ふだんのメニュー」になります。そのあと、ここで出し分けを決められます。"
                                    acts=|| view! { <LinkButton href=PATH kind=Kind::Filled>"メニューを作る"</LinkButton> }
                                />
                            }
                                .into_any()
                        }
                        Ok(opened) => {
                            keep_focus_after(changes);
                            view! { <Fields opened changes /> }.into_any()
                        }
                        Err(error) => view! { <ErrorPage error retry_href=PROGRAM_PATH inside=true /> }.into_any(),
                    }
                })}
            </Transition>
        </Page>
    }
}

#[component]
fn Fields(opened: OpenedProgram, changes: RwSignal<u32>) -> impl IntoView {
    let OpenedProgram { kept, names, catalog, publishing } = opened;
    let Some(draft) = kept.draft.clone() else { return ().into_any() };
    let editing = Editing::new(draft.clone(), names, catalog);
    let seen = StoredValue::new(kept.version);
    let saved = RwSignal::new(draft);
    let changed = RwSignal::new(kept.changed);
    let busy = RwSignal::new(false);
    let (open, trying) = (RwSignal::new(false), RwSignal::new(false));
    let trial = RwSignal::new(kept.trial);
    let forecast = RwSignal::new(None::<String>);
    let waiting = RwSignal::new(Vec::<Unpublished>::new());
    let refused = RwSignal::new(None::<String>);
    let toasts = use_toasts();
    let dirty = Memo::new(move |_| editing.program.with(|p| saved.with(|s| s != p)));
    // Saves; answers whether everything is saved now.
    let store = move || async move {
        let program = editing.program.get_untracked();
        match save_menu_program(seen.get_value(), program.clone()).await {
            Ok(version) => {
                seen.set_value(version);
                saved.set(program);
                changed.set(true);
                true
            }
            Err(error @ AppError::Conflict { .. }) => {
                toasts.err(format!(
                    "{}ひらき直すと、いまの内容が見られます。この画面の内容は残っています",
                    reasons(&error)
                ));
                false
            }
            Err(error) => {
                toasts.err(refusal("保存できませんでした。", &error));
                false
            }
        }
    };
    let save = move |_| {
        busy.set(true);
        spawn_local(async move {
            let done = store().await;
            if busy.try_set(false).is_none() && done {
                toasts.ok("出し分けを保存しました。公開するまで、住民の画面は変わりません");
            }
        });
    };
    // Asks before it is published, or before testers see it.
    let prepare = move |for_testers: bool| {
        let wrong = editing.problems.get_untracked();
        if let Some(first) = wrong.first() {
            let before = if for_testers { "確かめる前に" } else { "公開する前に" };
            let (count, first) = (wrong.len(), &first.message);
            toasts.err(format!("{before}、直すところが{count}か所あります。{first}"));
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let done = !dirty.get_untracked() || store().await;
            if !done {
                busy.try_set(false);
                return;
            }
            let menus = menu_program_unpublished().await;
            let stopped = menus.as_ref().is_ok_and(|m| blocks(m) || for_testers && !m.is_empty());
            let words = if stopped {
                None
            } else if for_testers {
                Some(foreseen(menu_program_trial_forecast().await))
            } else {
                Some(foreseen(menu_program_forecast().await))
            };
            if busy.try_set(false).is_some() {
                return;
            }
            match menus {
                Ok(menus) => waiting.set(menus),
                Err(error) => {
                    toasts.err(refusal("準備できませんでした。", &error));
                    return;
                }
            }
            // What a toast brought back meanwhile would not be published, and be gone after it.
            if dirty.get_untracked() {
                toasts.err(CHANGED);
                return;
            }
            forecast.set(words);
            refused.set(None);
            if for_testers { trying.set(true) } else { open.set(true) }
        });
    };
    let publish = move |()| {
        let menus: Vec<(MenuId, i64)> =
            waiting.with_untracked(|all| all.iter().map(|m| (m.id, m.version)).collect());
        if dirty.get_untracked() {
            say_refused(open, refused, toasts, CHANGED.to_owned());
            return;
        }
        busy.set(true);
        refused.set(None);
        spawn_local(async move {
            let answer = publish_menu_program(seen.get_value(), menus).await;
            if busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(()) => {
                    open.set(false);
                    toasts.ok("出し分けを公開しました。LINEへの反映が始まっています");
                    changes.update(|n| *n += 1);
                }
                Err(error) => {
                    let words = refusal("公開できませんでした。", &error);
                    say_refused(open, refused, toasts, words);
                }
            }
        });
    };
    let choose_base = move |menu: Option<MenuId>| {
        if let Some(menu) = menu {
            editing.program.update(|p| p.base = menu);
        }
    };
    let base = Signal::derive(move || editing.program.with(|p| Some(p.base)));
    let (may_write, may_publish, published) = (kept.may_write, kept.may_publish, kept.published);
    let testers = kept.testers;
    // What is written while it is on its way would not be published, and be gone after it.
    let locked = move || !may_write || busy.get();
    let blocked = Signal::derive(move || waiting.with(|all| blocks(all)));
    let with_menus = Signal::derive(move || match blocked.get() {
        true => {
            "次のメニューがまだ公開されていないので、公開できません。先にそのメニューを公開してください。"
        }
        false => "次のメニューは、まだ公開されていません。出し分けといっしょに公開します。",
    });
    let confirm = Signal::derive(move || match waiting.with(Vec::len) {
        0 => "公開する".to_owned(),
        count => format!("メニュー{}と出し分けを公開する", things(count)),
    });
    let state = move || match (dirty.get(), changed.get()) {
        (true, _) => "まだ保存していません",
        (false, true) => "保存しました。まだ公開していない変更があります",
        (false, false) => "公開中のものと同じです",
    };
    view! {
        <PublishingBar first=publishing quiet=true />
        <TrialBanner trial testers may_end=may_publish />
        <fieldset class="stack" disabled=locked>
            <legend class="visually-hidden">"出し分け"</legend>
            <Panel title="ふだんのメニュー" note="ほかに当てはまるものがないとき">
                <MenuSelect editing id="program-base" label="ふだんのメニュー" value=base at="/base" on_change=choose_base />
            </Panel>
            <Panel title="相手で出し分ける" note="上から順に見て、はじめに当てはまったものを出します">
                <Variants editing group=Group::Everybody />
            </Panel>
            <Panel title="住民が自分で選べるメニュー">
                <Choices editing />
            </Panel>
            <Panel title="住民の操作で切りかえる" note="上から順に見て、はじめに当てはまったものが働きます">
                <Rules editing />
            </Panel>
            <Panel title="災害のときの用意" note="種類ごとに、出すメニューを決めておきます">
                <Emergencies editing />
            </Panel>
        </fieldset>
        <div class="program-foot">
            <p class="grow" role="status">{state}</p>
            {may_write.then(|| view! { <Button kind=Kind::Act busy on_click=save>"下書きを保存する"</Button> })}
            {may_publish.then(|| view! {
                <Button icon=IconName::Smartphone busy on_click=move |_| prepare(true)>"試験者で確かめる"</Button>
                <Button kind=Kind::Filled busy on_click=move |_| prepare(false)>"公開の準備へ"</Button>
            })}
        </div>
        <SeenBy editing published />
        <Unsaved dirty />
        <TryDialog open=trying trial seen testers forecast waiting />
        <ConfirmDialog id="program-publish" title="出し分けを公開する" open confirm on_confirm=publish busy blocked>
            <p>"だれに、いつ、どのメニューを見せるかの決まりを、いま書いているものに入れかえます。"</p>
            {move || trial.get().map(|_| view! { <p>"試験者の確認は終わります。"</p> })}
            <Waiting menus=waiting words=with_menus />
            {move || forecast.get().map(|words| view! { <p class="me-forecast"><Icon name=IconName::Clock size=18 /><span>{words}</span></p> })}
            <Refused words=refused />
        </ConfirmDialog>
    }
    .into_any()
}

/// What residents may choose themselves.
#[component]
fn Choices(editing: Editing) -> impl IntoView {
    let rows = editing.names.with_value(|names| {
        names
            .iter()
            .map(|(id, name)| {
                let (id, name) = (*id, name.clone());
                view! {
                    <Checkbox
                        name="program-choice"
                        value=id.to_string()
                        checked=Signal::derive(move || editing.program.with(|p| p.choices.contains(&id)))
                        on_change=move |on| editing.program.update(|p| {
                            p.choices.retain(|c| *c != id);
                            if on {
                                p.choices.push(id);
                            }
                        })
                    >
                        {name}
                    </Checkbox>
                }
            })
            .collect_view()
    });
    view! {
        <p class="sub">
            {format!("名前が、そのまま選択肢として住民に見えます（20文字まで。長いと途中で切れます）。{CHOICES_MAX}個まで入れられます。")}
        </p>
        <div role="group" aria-label="住民が自分で選べるメニュー">{rows}</div>
        {editing.error("/choices")}
    }
}
