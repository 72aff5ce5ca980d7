//! One page's anatomy (breadcrumb, heading, sentence, acts) and the panels in it.

use crate::icon::{Icon, IconName};
use leptos::{html, prelude::*};
use leptos_meta::Title;
use std::sync::Mutex;

/// The address of the page that was shown last in this browser tab: the first page
/// leaves focus where it is, every later one moves it to its heading; a page that
/// is only drawn anew, with what was saved or found, does not.
static SHOWN: Mutex<Option<String>> = Mutex::new(None);

/// Whether this is another page than the one before.
fn arrived() -> bool {
    let path = location().pathname().ok();
    let Ok(mut shown) = SHOWN.lock() else { return false };
    let before = std::mem::replace(&mut *shown, path.clone());
    before.is_some() && before != path
}

/// A heading that takes focus when the page is reached by navigation.
#[component]
pub fn PageTitle(
    /// The words; also the document's title.
    #[prop(into)]
    title: Signal<String>,
    /// More classes.
    #[prop(into, optional)]
    class: String,
) -> impl IntoView {
    let node = NodeRef::<html::H1>::new();
    Effect::new(move |done: Option<bool>| {
        if done == Some(true) {
            return true;
        }
        let Some(h1) = node.get() else { return false };
        // Once it stands in the document and the address is the new one. Focus is a help, not a need.
        request_animation_frame(move || {
            if arrived() {
                drop(h1.focus());
            }
        });
        true
    });
    view! {
        <Title text=move || title.try_get().unwrap_or_default() />
        <h1 class=class node_ref=node tabindex="-1">
            {move || title.get()}
        </h1>
    }
}

/// A page of the console.
#[component]
pub fn Page(
    /// The heading; also the document's title.
    #[prop(into)]
    title: Signal<String>,
    /// Breadcrumb from the second level on: address and words of each step above.
    #[prop(optional)]
    crumbs: Vec<(String, String)>,
    /// One sentence below the heading.
    #[prop(into, optional)]
    sentence: MaybeProp<String>,
    /// Tags after the heading.
    #[prop(into, optional)]
    beside: Option<ViewFn>,
    /// At most three acts at the right, the filled one last.
    #[prop(into, optional)]
    acts: Option<ViewFn>,
    /// Padding 20/32 instead of 24/40.
    #[prop(optional)]
    dense: bool,
    /// The content.
    children: Children,
) -> impl IntoView {
    view! {
        <div class=if dense { "page page-dense" } else { "page" }>
            {(!crumbs.is_empty())
                .then(|| {
                    view! {
                        <nav class="crumbs" aria-label="いまの場所">
                            <ol>
                                {crumbs
                                    .into_iter()
                                    .map(|(href, words)| view! { <li><a href=href>{words}</a> <Icon name=IconName::ChevronRight size=16 /></li> })
                                    .collect_view()} <li aria-current="page">{move || title.get()}</li>
                            </ol>
                        </nav>
                    }
                })} <div class="page-head">
                <div class="page-words">
                    <div class="page-title"><PageTitle title /> {beside.map(|beside| beside.run())}</div>
                    {move || sentence.get().map(|sentence| view! { <p class="page-sentence">{sentence}</p> })}
                </div>
                {acts.map(|acts| view! { <div class="page-acts">{acts.run()}</div> })}
            </div> {children()}
        </div>
    }
}

/// A bordered part of a page.
#[component]
pub fn Panel(
    /// Its heading.
    #[prop(into, optional)]
    title: MaybeProp<String>,
    /// Smaller words beside the heading.
    #[prop(into, optional)]
    note: MaybeProp<String>,
    /// At the right of the heading.
    #[prop(into, optional)]
    acts: Option<ViewFn>,
    /// The panel that decides (送る前の確認, 当てはまる人): 2 px, ink.
    #[prop(optional)]
    decide: bool,
    /// More classes; `panel-flush` has no padding, for tables.
    #[prop(into, optional)]
    class: String,
    /// The content.
    children: Children,
) -> impl IntoView {
    let class = format!("panel {} {class}", if decide { "panel-decide" } else { "" });
    let headed = title.with_untracked(Option::is_some) || acts.is_some();
    view! {
        <section class=class>
            {headed
                .then(|| {
                    view! {
                        <div class="panel-head">
                            {move || title.get().map(|title| view! { <h2>{title}</h2> })}
                            {move || note.get().map(|note| view! { <p class="panel-note">{note}</p> })}
                            {acts.map(|acts| view! { <div class="panel-acts">{acts.run()}</div> })}
                        </div>
                    }
                })} {children()}
        </section>
    }
}

/// The colour of a banner or toast.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Blue.
    #[default]
    Info,
    /// Green.
    Ok,
    /// Amber.
    Warn,
    /// Red.
    Err,
}

impl Tone {
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Err => "err",
        }
    }

    pub(crate) fn icon(self) -> IconName {
        match self {
            Self::Info => IconName::Info,
            Self::Ok => IconName::Check,
            Self::Warn | Self::Err => IconName::Warning,
        }
    }
}

/// What should be known before all else: what happened, why, what to do.
#[component]
pub fn Banner(
    /// Its colour and icon.
    #[prop(optional)]
    tone: Tone,
    /// What happened.
    #[prop(into)]
    title: String,
    /// What can be done, at the right.
    #[prop(into, optional)]
    act: Option<ViewFn>,
    /// Why.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class=format!("banner banner-{}", tone.class())>
            <Icon name=tone.icon() size=28 />
            <div class="grow">
                <p class="banner-title">{title}</p>
                {children.map(|children| view! { <div class="banner-words">{children()}</div> })}
            </div>
            {act.map(|act| act.run())}
        </div>
    }
}
