//! The builder (picture 08): what the form is made of, one part of it, and the phone.

mod add;
mod bounds;
mod branch;
mod checks;
mod condition;
mod findings;
mod formula;
mod gate;
mod head;
mod kinds;
mod options;
mod outline;
mod preview;
mod publish;
mod question;
mod save;
mod sheet;
mod state;
mod terms;
mod trial;

use self::add::AddDialog;
use self::findings::Findings;
use self::head::{HeadPanel, PagePanel, StatusesPanel};
use self::outline::Outline;
use self::preview::Preview;
use self::publish::PublishDialog;
use self::question::QuestionPanel;
use self::sheet::SheetButton;
use self::state::Builder;
use self::terms::TermsPanel;
use self::trial::Trial;
use super::api::{Opened, open_form};
use super::{href, mark, named, trouble};
use crate::saving::{SavedWords, Saver, SavingTrouble};
use crate::shell::use_me;
use domain::form::edit::{Row, Target};
use domain::form::kept::State;
use domain::id::FormId;
use leptos::ev;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::components::Redirect;
use ui::prelude::*;

/// `/console/forms/{id}/edit`.
#[component]
pub fn BuilderPage(
    /// Which form.
    id: FormId,
) -> impl IntoView {
    let opened = Resource::new_blocking(|| (), move |()| open_form(id));
    view! {
        <Suspense fallback=|| view! { <main id="main" class="editor-main"><Skeleton sentence="フォームを読みこんでいます" rows=6 /></main> }>
            {move || Suspend::new(async move {
                match opened.await {
                    Ok(o) if !o.kept.may_write || o.kept.state == State::Archived => {
                        view! { <Redirect path=href(id) options=NavigateOptions { replace: true, ..Default::default() } /> }.into_any()
                    }
                    Ok(opened) => view! { <Editor opened /> }.into_any(),
                    Err(error) => view! { <main id="main" class="editor-main">{trouble(error, format!("{}/edit", href(id)))}</main> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Editor(opened: Opened) -> impl IntoView {
    let b = Builder::new(&opened);
    let kept = opened.kept;
    let (id, published) = (kept.id, kept.published);
    let work = Signal::derive(move || Some(b.written()));
    let saver = Saver::watch(id, work, b.written_now(), kept.edition, Some(kept.updated_at));
    let adding = RwSignal::new(None::<Row>);
    let publishing = RwSignal::new(false);
    let city = use_me().city;
    let asked = kept.waiting().cloned();
    let returned = kept.request.as_ref().and_then(|r| r.returned.clone());
    keys(b);
    let title = b.read(|f| named(&f.title));
    let state = move || {
        let (shape, word) = mark(kept.state);
        let word = match (kept.state, published) {
            (State::Published, Some(n)) => format!("公開中 第{n}版"),
            _ => word.to_owned(),
        };
        view! { <StatusMark status=shape word /> <SavedWords saver /> }
    };
    view! {
        <EditorBar
            back_href=href(id)
            back_label="フォーム"
            help_href="/console/help/form"
            emergency_href=crate::menu::EMERGENCY_PATH
            title=move || {
                view! {
                    <PageTitle class="visually-hidden" title=Signal::derive(move || format!("「{}」を作る", title.get())) />
                    <span class="editor-title-words">{move || title.get()}</span>
                }
            }
            state
            acts=move || {
                view! {
                    <Undo b />
                    <a class="btn btn-outline only-narrow" href="#preview" rel="external"><Icon name=IconName::Eye /><span>"見え方"</span></a>
                    <SheetButton b id />
                    <Button kind=Kind::Filled on_click=move |_| publishing.set(true)>"公開前の点検へ"</Button>
                }
            }
        />
        <main id="main" class="form-builder">
            <div class="builder-outline"><Outline b adding /></div>
            <div class="builder-main">
                <SavingTrouble saver href=format!("{}/edit", href(id)) />
                {returned
                    .map(|r| view! { <Banner tone=Tone::Warn title=format!("{}さんが、公開を差しもどしました", r.name)>{r.words}</Banner> })}
                <Findings b />
                {move || {
                    b.drawn.track();
                    match b.chosen.get() {
                        Target::Head => view! { <HeadPanel b /> }.into_any(),
                        Target::Page(page) => view! { <PagePanel b page adding /> }.into_any(),
                        Target::Question(which) => view! { <QuestionPanel b which adding /> }.into_any(),
                        Target::Statuses => view! { <StatusesPanel b adding /> }.into_any(),
                        Target::Terms => view! { <TermsPanel b /> }.into_any(),
                    }
                }}
            </div>
            <aside class="builder-side" id="preview" aria-label="住民の画面" tabindex="-1"><Preview b city /><Trial id saver /></aside>
        </main>
        <AddDialog b adding />
        <PublishDialog b saver id open=publishing published may=kept.may_publish asked now=opened.now />
    }
}

/// Back and again, as buttons and as Ctrl+Z and Ctrl+Y outside of fields.
#[component]
fn Undo(b: Builder) -> impl IntoView {
    let (back, again) = (b.can_undo(), b.can_redo());
    let class = |can: Signal<bool>| move || if can.get() { "icon-btn" } else { "icon-btn is-off" };
    view! {
        <button type="button" class=class(back) aria-label="1つ前にもどす" title="1つ前にもどす" aria-disabled=move || (!back.get()).then_some("true") on:click=move |_| b.undo()>
            <Icon name=IconName::Undo />
        </button>
        <button type="button" class=class(again) aria-label="やり直す" title="やり直す" aria-disabled=move || (!again.get()).then_some("true") on:click=move |_| b.redo()>
            <Icon name=IconName::Redo />
        </button>
    }
}

fn keys(b: Builder) {
    Effect::new(move |_| {
        let heard = window_event_listener(ev::keydown, move |event| {
            let command = event.ctrl_key() || event.meta_key();
            let writing = document()
                .active_element()
                .is_some_and(|e| matches!(e.tag_name().as_str(), "INPUT" | "TEXTAREA"));
            if !command || writing {
                return;
            }
            match (event.key().to_ascii_lowercase().as_str(), event.shift_key()) {
                ("z", false) => b.undo(),
                ("y", false) | ("z", true) => b.redo(),
                _ => return,
            }
            event.prevent_default();
        });
        on_cleanup(move || heard.remove());
    });
}
