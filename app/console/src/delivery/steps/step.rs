//! One step: when it is sent, and what, in the composer's own editor.

use super::act::open_course;
use super::course::edit_course;
use super::when::{When, WhenFields};
use super::{STEPS, href};
use crate::delivery::composer::{Checker, Editor, Fillable, Parts, Person, SeenAs, messages_for};
use crate::delivery::trouble;
use crate::saving::{SavedWords, Saver, SavingTrouble, Work};
use crate::shell::{help_for, use_me};
use domain::delivery::{Check, Delivery};
use domain::id::{CourseId, DeliveryId};
use domain::steps::{Edit, Offset, OpenedStep, Step};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_query_map;
use ui::prelude::*;

/// One step for its editor.
#[server(prefix = "/console/fn")]
pub async fn open_step(id: CourseId, key: u32) -> Result<OpenedStep, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::steps::open_step(&staff.ctx, id, key).await?)
}

/// `/console/deliveries/steps/{id}/{key}`.
#[component]
pub fn StepPage(
    /// Which course.
    id: CourseId,
    /// Which step.
    key: u32,
) -> impl IntoView {
    let opened = Resource::new_blocking(|| (), move |()| open_step(id, key));
    view! {
        <Suspense fallback=|| view! { <main id="main" class="editor-main"><Skeleton sentence="ステップを読みこんでいます" rows=6 /></main> }>
            {move || Suspend::new(async move {
                match opened.await {
                    Ok(opened) => view! { <Writing opened /> }.into_any(),
                    Err(error) => view! { <main id="main" class="editor-main">{trouble(error, href(id))}</main> }.into_any(),
                }
            })}
        </Suspense>
    }
}

/// The content of a step as the composer takes it, for everybody who gets it at some time.
fn as_delivery(o: &OpenedStep) -> Delivery {
    Delivery {
        title: o.name.clone(),
        audience: Some(o.everybody.clone()),
        parts: o.step.parts.clone(),
        updated_at: o.seen,
        uncounted: o.step.uncounted.clone(),
        variants: o.step.variants.clone(),
        ..Delivery::blank(DeliveryId(0), o.now)
    }
}

impl Work for Step {
    type Place = (CourseId, u32);
    type Seen = Step;

    async fn save(self, (id, _): Self::Place, seen: Step) -> Result<Step, AppError> {
        edit_course(id, Edit::Change(Box::new(seen), Box::new(self.clone()))).await?;
        Ok(self)
    }

    async fn seen((id, key): Self::Place) -> Result<Step, AppError> {
        Ok(open_step(id, key).await?.step)
    }
}

#[component]
fn Writing(opened: OpenedStep) -> impl IntoView {
    let id = opened.course;
    let may_write = opened.may_write;
    let editor = Editor::new(&as_delivery(&opened), opened.now, opened.own.clone());
    let checker = Checker::watch(editor, Check::default());
    provide_context(Fillable(opened.catalog.clone()));
    let former = opened.step.clone();
    let when = RwSignal::new(When::of(former.offset, former.hour, former.minute));
    let key = former.key;
    let now = Signal::derive(move || {
        let (offset, (hour, minute)) = when.with(|w| Some((w.offset()?, w.time()?)))?;
        let draft = editor.draft();
        Some(Step {
            key,
            offset,
            hour,
            minute,
            parts: draft.parts,
            uncounted: draft.uncounted,
            variants: draft.variants,
        })
    });
    // What the editor makes of the parts is what later changes are held against.
    let written = untrack(|| now.get()).unwrap_or(former);
    let saver = may_write.then(|| Saver::watch((id, key), now, written, opened.step.clone(), None));
    // Led here from what has to be mended: it is said at the fields.
    let asked = use_query_map().with_untracked(|q| q.get("problems").is_some());
    // How many get each language is known only when it was asked.
    let several = !opened.step.variants.is_empty();
    Effect::new(move |_| {
        if asked {
            checker.tried.set(true);
        }
        if asked || several {
            spawn_local(async move { drop(checker.ask().await) });
        }
    });
    let anchor = opened.anchor.clone();
    let title = {
        let name = opened.name.clone();
        Signal::derive(move || {
            let words =
                when.with(|w| w.offset().map_or_else(|| "ステップ".to_owned(), Offset::words));
            format!("{words}（{name}）")
        })
    };
    let seen_as = RwSignal::new(None::<Person>);
    let messages = messages_for(editor, seen_as, opened.catalog.clone());
    let time = Signal::derive(move || when.with(|w| w.time.clone()));
    view! {
        <EditorBar
            back_href=href(id)
            back_label="ステップ配信"
            help_href=help_for("/console/deliveries/steps")
            emergency_href=crate::menu::EMERGENCY_PATH
            title=move || view! { <PageTitle title /> }
            state=move || view! { <span role="status">{saver.map(|saver| view! { <SavedWords saver /> })}</span> }
            acts=move || {
                view! {
                    <a class="btn btn-outline only-narrow" href="#preview" rel="external"><Icon name=IconName::Eye /><span>"見え方"</span></a>
                    <OtherSteps id key />
                }
            }
        />
        <main id="main" class="editor">
            <div class="editor-main">
                {(!may_write).then(|| view! { <Banner title="いまは変えられません">"承認を待っているか、終わったか、ほかの所属のステップ配信です。書いても保存されません。"</Banner> })}
                {saver.map(|saver| view! { <SavingTrouble saver href=format!("{STEPS}/{id}/{key}") /> })}
                <section>
                    <h2>"いつ届けるか"</h2>
                    <WhenFields value=when id="step" anchor=Signal::stored(anchor) />
                </section>
                <div class="stack-s"><Parts editor checker /></div>
            </div>
            <aside class="editor-side" id="preview" aria-label="届いたときの見え方" tabindex="-1">
                <PhonePreview city=use_me().city messages time>
                    <SeenAs editor seen=seen_as />
                </PhonePreview>
            </aside>
        </main>
    }
}

/// The step before and the one after.
#[component]
fn OtherSteps(id: CourseId, key: u32) -> impl IntoView {
    let steps = Resource::new(
        || (),
        move |()| async move {
            let opened = open_course(id).await?;
            Ok::<_, AppError>(
                opened.course.written.steps.iter().map(|s| (s.key, s.when())).collect::<Vec<_>>(),
            )
        },
    );
    let link = move |found: Option<&(u32, String)>, icon: IconName, word: &'static str| {
        found.map(|(key, when)| {
            view! {
                <a class="icon-btn" href=format!("{STEPS}/{id}/{key}") title=format!("{word}：{when}") aria-label=format!("{word}のステップ：{when}")>
                    <Icon name=icon />
                </a>
            }
        })
    };
    view! {
        <Transition fallback=|| ()>
            {move || Suspend::new(async move {
                let steps = steps.await.unwrap_or_default();
                let at = steps.iter().position(|(k, _)| *k == key);
                let before = at.and_then(|at| at.checked_sub(1)).and_then(|at| steps.get(at));
                let after = at.and_then(|at| steps.get(at + 1));
                view! { {link(before, IconName::ChevronLeft, "前")} {link(after, IconName::ChevronRight, "次")} }
            })}
        </Transition>
    }
}
