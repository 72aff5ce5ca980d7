//! The manual: contents, search, chapters. It is written in `docs/manual`, and
//! every chapter is a page that can be printed.

#[cfg(feature = "ssr")]
mod manual;

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};
use ui::prelude::*;

/// A chapter in the contents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChapterLine {
    /// Its name in the address.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Its first sentence.
    pub about: String,
    /// Anchor and title of its sections.
    pub sections: Vec<(String, String)>,
}

/// A place where the words of a search stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Address, with the section's anchor.
    pub href: String,
    /// 「配信：送る前の確認」
    pub title: String,
    /// The words around it.
    pub text: String,
}

/// One chapter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chapter {
    /// What the contents say of it.
    pub line: ChapterLine,
    /// Its text as HTML, made from our own Markdown on the server.
    pub html: String,
    /// The chapters before and after.
    pub beside: (Option<(String, String)>, Option<(String, String)>),
}

/// The contents, or what was found.
///
/// # Errors
/// `SignInNeeded`.
#[server(prefix = "/console/fn")]
pub async fn contents(q: String) -> Result<(Vec<ChapterLine>, Vec<Found>), AppError> {
    crate::server::staff()?;
    Ok((manual::contents(), manual::search(&q)))
}

/// A chapter.
///
/// # Errors
/// `NotFound`, `SignInNeeded`.
#[server(prefix = "/console/fn")]
pub async fn read_chapter(name: String) -> Result<Chapter, AppError> {
    crate::server::staff()?;
    manual::chapter(&name).ok_or(AppError::NotFound)
}

fn link(line: &ChapterLine) -> String {
    format!("/console/help/{}", line.name)
}

/// 「ヘルプ」: contents and search.
#[component]
pub fn HelpIndexPage() -> impl IntoView {
    let query = use_query_map();
    let q =
        Memo::new(move |_| query.with(|map| map.get("q").unwrap_or_default().trim().to_owned()));
    let found = Resource::new(move || q.get(), contents);
    view! {
        <Page title="ヘルプ" sentence="使い方を、画面ごとにまとめています。どの画面の「ヘルプ」からも、その画面の章がひらきます。">
            <div class="filters">
                {move || view! { <SearchBox action="/console/help" label="使い方のことば" value=q.get() /> }}
            </div>
            <Transition fallback=|| view! { <Skeleton sentence="使い方を読みこんでいます" /> }>
                {move || Suspend::new(async move {
                    let q = q.get_untracked();
                    match found.await {
                        Err(error) => view! { <ErrorPage error retry_href="/console/help" inside=true /> }.into_any(),
                        Ok((chapters, _)) if q.is_empty() => view! { <Contents chapters /> }.into_any(),
                        Ok((_, found)) if found.is_empty() => {
                            view! {
                                <NoMatch
                                    title=format!("「{q}」は見つかりませんでした")
                                    text="ことばを短くするか、別の言い方でさがしてください。"
                                    clear_href="/console/help"
                                />
                            }
                                .into_any()
                        }
                        Ok((_, found)) => view! { <FoundList found /> }.into_any(),
                    }
                })}
            </Transition>
        </Page>
    }
}

#[component]
fn Contents(chapters: Vec<ChapterLine>) -> impl IntoView {
    view! {
        <div class="cols-2">
            {chapters
                .into_iter()
                .map(|line| {
                    let href = link(&line);
                    view! {
                        <section class="panel stack-s">
                            <h2><a href=href.clone()>{line.title}</a></h2>
                            <p class="dense">{line.about}</p>
                            <ul class="rows">
                                {line
                                    .sections
                                    .into_iter()
                                    .map(|(anchor, words)| view! { <li><a href=format!("{href}#{anchor}")>{words}</a></li> })
                                    .collect_view()}
                            </ul>
                        </section>
                    }
                })
                .collect_view()}
        </div>
    }
}

#[component]
fn FoundList(found: Vec<Found>) -> impl IntoView {
    view! {
        <section class="panel">
            <p class="sub" role="status">{format!("{}か所にあります。", found.len())}</p>
            <ul class="rows">
                {found
                    .into_iter()
                    .map(|f| view! { <li><div><a href=f.href>{f.title}</a><p class="dense">{f.text}</p></div></li> })
                    .collect_view()}
            </ul>
        </section>
    }
}

/// One chapter of the manual.
#[component]
pub fn HelpPage(
    /// Its name in the address.
    chapter: String,
) -> impl IntoView {
    let name = chapter;
    let found = Resource::new_blocking(move || name.clone(), read_chapter);
    view! {
        <Suspense fallback=|| view! { <Skeleton sentence="使い方を読みこんでいます" /> }>
            {move || Suspend::new(async move {
                match found.await {
                    Ok(chapter) => view! { <ChapterView chapter /> }.into_any(),
                    Err(error) => {
                        view! { <ErrorPage error other=("/console/help".to_owned(), "ヘルプの目次".to_owned()) /> }.into_any()
                    }
                }
            })}
        </Suspense>
    }
}

#[component]
fn ChapterView(chapter: Chapter) -> impl IntoView {
    let Chapter { line, html, beside: (before, after) } = chapter;
    let step = |chapter: Option<(String, String)>, words: &str| {
        chapter.map(|(name, title)| view! { <a href=format!("/console/help/{name}")>{format!("{words}{title}")}</a> })
    };
    let page = view! {
        <Page
            title=line.title
            crumbs=vec![("/console/help".to_owned(), "ヘルプ".to_owned())]
            acts=|| {
                view! {
                    <Button icon=IconName::Print on_click=|_| drop(window().print())>
                        "この章を印刷する"
                    </Button>
                }
            }
        >
            <div class="cols-main-side">
                <div>
                    <article class="manual" inner_html=html></article>
                    <nav class="split no-print" aria-label="前後の章">
                        <span>{step(before, "前の章：")}</span>
                        <span>{step(after, "次の章：")}</span>
                    </nav>
                </div>
                <nav class="panel no-print" aria-label="この章の内容">
                    <h2>"この章の内容"</h2>
                    <ul class="rows">
                        {line
                            .sections
                            .into_iter()
                            .map(|(anchor, words)| view! { <li><a href=format!("#{anchor}") rel="external">{words}</a></li> })
                            .collect_view()}
                    </ul>
                </nav>
            </div>
        </Page>
    };
    // The chapter comes after its address: only now its section is there to go to.
    Effect::new(move |_| {
        request_animation_frame(move || {
            let section = location_hash().and_then(|id| document().get_element_by_id(&id));
            if let Some(section) = section {
                section.scroll_into_view();
            }
        });
    });
    page
}
