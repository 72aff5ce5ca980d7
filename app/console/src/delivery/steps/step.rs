//! One step: when it is sent, and what, in the composer's own editor.

use super::act::open_course;
use super::course::edit_course;
use super::when::{When, WhenFields};
use super::{STEPS, href};
use crate::delivery::composer::{Checker, Editor, Fillable, Parts};
use crate::delivery::trouble;
use crate::shell::use_me;
use domain::delivery::{Check, Delivery, Figures, Purpose, Status as D};
use domain::id::{CourseId, DeliveryId};
use domain::message::to_line;
use domain::message::variable::example;
use domain::steps::{Edit, Offset, OpenedStep, Step};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_query_map;
use serde_json::Value;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use ui::prelude::*;

/// One step for its editor.
#[server(prefix = "/console/fn")]
pub async fn open_step(id: CourseId, key: u32) -> Result<OpenedStep, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::steps::open_step(&staff.ctx, id, key).await?)
}

/// How long nothing must change before it is saved.
const QUIET: Duration = Duration::from_millis(1_500);

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

/// The parts of a step as the composer takes them.
fn as_delivery(o: &OpenedStep) -> Delivery {
    Delivery {
        id: DeliveryId(0),
        title: o.name.clone(),
        purpose: Purpose::Notice,
        status: D::Draft,
        audience: None,
        parts: o.step.parts.clone(),
        department: None,
        department_name: String::new(),
        created_by: None,
        created_by_name: String::new(),
        created_at: o.now,
        updated_at: o.seen,
        send_at: None,
        frozen_at: None,
        started_at: None,
        finished_at: None,
        figures: Figures::default(),
        counted_by_line: false,
        held_reason: None,
        corrects: None,
        recurrence: None,
        series: None,
        replaces: None,
        uncounted: o.step.uncounted.clone(),
        course: None,
        variants: Vec::new(),
        languages: Vec::new(),
    }
}

/// How saving stands.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Saved {
    Yes,
    Changed,
    Saving,
    Failed(String),
}

/// What the server holds and what is on its way there; outlives the page.
struct Line {
    former: Step,
    sending: bool,
    /// What stood on the page when it was left while something was on its way.
    left: Option<Step>,
}

#[derive(Clone, Copy)]
struct Saver {
    id: CourseId,
    line: StoredValue<Arc<Mutex<Line>>>,
    now: Signal<Option<Step>>,
    state: RwSignal<Saved>,
}

fn locked(line: &Mutex<Line>) -> MutexGuard<'_, Line> {
    line.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Saver {
    fn is_new(self, step: &Step) -> bool {
        self.line.with_value(|line| locked(line).former != *step)
    }

    fn open(self) -> bool {
        untrack(|| self.now.get()).is_none_or(|now| self.is_new(&now))
    }

    /// Saves what is on the screen and what is typed meanwhile, one after the other: each change
    /// names what it changes. What was left behind with the page goes last.
    async fn save(self) {
        let Some(line) = self.line.try_get_value() else { return };
        if std::mem::replace(&mut locked(&line).sending, true) {
            return;
        }
        loop {
            let wanted = untrack(|| self.now.try_get());
            let (former, step) = {
                let mut line = locked(&line);
                let wanted = wanted.unwrap_or_else(|| line.left.take());
                let Some(step) = wanted.filter(|step| *step != line.former) else { break };
                (line.former.clone(), step)
            };
            self.state.try_set(Saved::Saving);
            let edit = Edit::Change(Box::new(former), Box::new(step.clone()));
            match edit_course(self.id, edit).await {
                Ok(_) => {
                    locked(&line).former = step;
                    self.state.try_set(Saved::Yes);
                }
                Err(error) => {
                    let words = format!("{}{}", error.message(), error.next());
                    self.state.try_set(Saved::Failed(words));
                    break;
                }
            }
        }
        locked(&line).sending = false;
    }

    /// Saves what is still open when the page is left.
    #[cfg(feature = "hydrate")]
    fn leave(self) {
        let (Some(step), Some(line)) = (untrack(|| self.now.get()), self.line.try_get_value())
        else {
            return;
        };
        let mut line = locked(&line);
        if line.sending {
            line.left = Some(step);
        } else if line.former != step {
            let edit = Edit::Change(Box::new(line.former.clone()), Box::new(step));
            super::act::save_left(self.id, edit);
        }
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
        Some(Step { key, offset, hour, minute, parts: draft.parts, uncounted: draft.uncounted })
    });
    // What the editor makes of the parts is what later changes are held against.
    let written = untrack(|| now.get()).unwrap_or(former);
    let saver = Saver {
        id,
        line: StoredValue::new(Arc::new(Mutex::new(Line {
            former: opened.step.clone(),
            sending: false,
            left: None,
        }))),
        now,
        state: RwSignal::new(Saved::Yes),
    };
    let same = written.summary() == opened.step.summary();
    Effect::new(move |timer: Option<Option<TimeoutHandle>>| {
        if let Some(Some(timer)) = timer {
            timer.clear();
        }
        let changed = now.get().is_none_or(|now| saver.is_new(&now));
        if !changed || !may_write || timer.is_none() && same {
            return None;
        }
        saver.state.set(Saved::Changed);
        set_timeout_with_handle(move || spawn_local(saver.save()), QUIET).ok()
    });
    Effect::new(move |_| {
        let leave = window_event_listener(ev::beforeunload, move |event| {
            if may_write && saver.open() && saver.state.get_untracked() != Saved::Yes {
                event.prevent_default();
            }
        });
        on_cleanup(move || leave.remove());
    });
    // Leaving for another page of the console saves what is still open.
    on_cleanup(move || {
        #[cfg(feature = "hydrate")]
        if may_write && saver.state.get_untracked() != Saved::Yes {
            saver.leave();
        }
    });
    // Led here from what has to be mended: it is said at the fields.
    let asked = use_query_map().with_untracked(|q| q.get("problems").is_some());
    Effect::new(move |_| {
        if asked {
            checker.tried.set(true);
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
    let messages = {
        let catalog = opened.catalog.clone();
        Signal::derive(move || {
            let mut parts = editor.draft().parts;
            parts.retain(|part| !part.is_empty());
            let arriving = editor.arriving(&parts);
            match to_line(&example(&arriving, &catalog), Purpose::Notice, "") {
                Value::Array(messages) => messages,
                _ => Vec::new(),
            }
        })
    };
    let time = Signal::derive(move || when.with(|w| w.time.clone()));
    let state = move || {
        saver.state.with(|s| match s {
            Saved::Yes => view! { <span class="sub">"保存しました"</span> }.into_any(),
            Saved::Changed => view! { <span class="sub">"まだ保存していません"</span> }.into_any(),
            Saved::Saving => view! { <span class="sub">"保存しています"</span> }.into_any(),
            Saved::Failed(_) => view! { <span class="err">"保存できていません"</span> }.into_any(),
        })
    };
    let save_now = move |_| spawn_local(saver.save());
    view! {
        <EditorBar
            back_href=href(id)
            back_label="ステップ配信"
            help_href="/console/help/steps"
            title=move || view! { <PageTitle title /> }
            state=move || view! { <span role="status">{state}</span> }
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
                {move || {
                    saver.state.with(|s| match s {
                        Saved::Failed(words) => {
                            let words = words.clone();
                            Some(view! { <Banner tone=Tone::Warn title="保存できていません"><p>{words}</p><Button size=Size::Small on_click=save_now>"もう一度保存する"</Button></Banner> })
                        }
                        _ => None,
                    })
                }}
                <section>
                    <h2>"いつ届けるか"</h2>
                    <WhenFields value=when id="step" anchor=Signal::stored(anchor) />
                </section>
                <div class="stack-s"><Parts editor checker languages=false /></div>
            </div>
            <aside class="editor-side" id="preview" aria-label="届いたときの見え方" tabindex="-1">
                <PhonePreview city=use_me().city messages time />
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
