//! 「新しいフォーム」: empty, from a pack that comes with the product, or from another city's.

use super::{PATH, href};
use crate::attribute::{FileButton, Read};
use crate::shell::use_me;
#[cfg(feature = "ssr")]
use domain::form::kept::Settings;
#[cfg(feature = "ssr")]
use domain::form::pack::Proof;
use domain::form::pack::{About, Pack, Placeholder};
#[cfg(feature = "ssr")]
use domain::form::{Form, Page as FormPage, Terms};
use domain::id::FormId;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;
use std::collections::BTreeMap;
use ui::prelude::*;

/// A pack to begin with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offered {
    /// Its file; empty: one that was read in the browser.
    pub file: String,
    /// What it is for.
    pub about: About,
    /// What is to fill in.
    pub placeholders: Vec<Placeholder>,
    /// How many questions it has.
    pub questions: usize,
    /// On how many pages.
    pub pages: usize,
}

impl Offered {
    fn of(file: &str, pack: &Pack) -> Self {
        Self {
            file: file.to_owned(),
            about: pack.about.clone(),
            placeholders: pack.placeholders.clone(),
            questions: pack.form.questions().count(),
            pages: pack.form.pages.len(),
        }
    }
}

/// From what a form begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Begin {
    /// From nothing, with this title.
    Empty(String),
    /// From a pack that comes with the product.
    Included(String, BTreeMap<String, String>),
    /// From a pack's text.
    File(String, BTreeMap<String, String>),
}

/// The packs that come with the product.
#[server(prefix = "/console/fn")]
pub async fn offered_packs() -> Result<Vec<Offered>, AppError> {
    crate::server::staff()?;
    let packs = domain::form::pack::INCLUDED.iter();
    Ok(packs
        .filter_map(|(file, text)| Some(Offered::of(file, &Pack::read(text.as_bytes()).ok()?)))
        .collect())
}

/// Begins a form; answers which it is.
#[server(prefix = "/console/fn", input = Json)]
pub async fn begin_form(begin: Begin) -> Result<FormId, AppError> {
    let staff = crate::server::staff()?;
    let filled = |text: &str, words: &BTreeMap<String, String>| {
        let pack = Pack::read(text.as_bytes()).map_err(AppError::problems)?;
        let (form, notices) = pack.filled(words).map_err(AppError::problems)?;
        Ok::<_, AppError>((form, Settings { notices, ..Settings::default() }, pack.into_proof()))
    };
    let (form, settings, proof) = match &begin {
        Begin::Empty(title) => {
            let form = empty(title, &staff.current.department_name);
            (form, Settings::default(), Proof::default())
        }
        Begin::Included(file, words) => {
            let found = domain::form::pack::INCLUDED.iter().find(|(name, _)| name == file);
            filled(found.ok_or(AppError::NotFound)?.1, words)?
        }
        Begin::File(text, words) => filled(text, words)?,
    };
    let name: String = form.title.chars().take(domain::form::kept::NAME_MAX).collect();
    Ok(services::form::import(&staff.ctx, &name, &form, &settings, &proof).await?)
}

/// A form of nothing but a page.
#[cfg(feature = "ssr")]
fn empty(title: &str, department: &str) -> Form {
    Form {
        title: title.trim().to_owned(),
        pages: vec![FormPage::default()],
        terms: Terms {
            department: department.to_owned(),
            receipt: "{和暦}-{番号:4}".into(),
            ..Terms::default()
        },
        ..Form::default()
    }
}

/// `/console/forms/new`.
#[component]
pub fn NewFormPage() -> impl IntoView {
    let offered = Resource::new_blocking(|| (), |()| offered_packs());
    view! {
        <Page title="新しいフォーム" crumbs=vec![(PATH.into(), "フォーム".into())] sentence="はじめから作るか、ひな形から始めます。公開するまで、住民には見えません。">
            <Suspense fallback=|| view! { <Skeleton sentence="ひな形を読みこんでいます" rows=4 /> }>
                {move || Suspend::new(async move {
                    match offered.await {
                        Ok(packs) => view! { <Choose packs /> }.into_any(),
                        Err(error) => view! { <ErrorPage error retry_href=format!("{PATH}/new") inside=true /> }.into_any(),
                    }
                })}
            </Suspense>
        </Page>
    }
}

#[component]
fn Choose(packs: Vec<Offered>) -> impl IntoView {
    let title = RwSignal::new(String::new());
    let chosen = RwSignal::new(None::<(Offered, String)>);
    let trouble = RwSignal::new(None::<String>);
    let title_error = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let navigate = use_navigate();
    let begin = Callback::new(move |begin: Begin| {
        let navigate = navigate.clone();
        busy.set(true);
        spawn_local(async move {
            let answer = begin_form(begin).await;
            if busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(id) => navigate(&format!("{}/edit", href(id)), NavigateOptions::default()),
                Err(error) => {
                    trouble.set(Some(format!(
                        "作れませんでした。{}{}",
                        error.message(),
                        error.next()
                    )));
                }
            }
        });
    });
    let from_nothing = move |_| {
        let words = title.get_untracked();
        if words.trim().is_empty() {
            title_error.set(Some("題名を書いてください。あとから変えられます".into()));
            focus_soon("new-title".into());
        } else {
            begin.run(Begin::Empty(words));
        }
    };
    let choose = move |pack: Offered, text: String| {
        trouble.set(None);
        chosen.set(Some((pack, text)));
        focus_soon("pack-title".into());
    };
    let read = Callback::new(move |read: Result<Read, String>| match read {
        Err(words) => trouble.set(Some(words)),
        Ok(file) => match Pack::read(file.text.as_bytes()) {
            Err(problems) => {
                let words: Vec<String> = problems.into_iter().take(3).map(|p| p.message).collect();
                trouble.set(Some(format!(
                    "「{}」は取りこめません。{}",
                    file.name,
                    words.join("。")
                )));
            }
            Ok(pack) => choose(Offered::of("", &pack), file.text),
        },
    });
    view! {
        <div class="stack">
            {move || trouble.get().map(|words| view! { <div role="alert"><Banner tone=Tone::Err title="始められません">{words}</Banner></div> })}
            <Panel title="はじめから作る">
                <div class="step-new">
                    <TextField id="new-title" name="title" label="題名" hint="住民が読む名前です。例：公園の使用申請" maxlength=100 autocomplete="off" value=title error=title_error on_input=move |t| title.set(t) />
                    <Button kind=Kind::Filled icon=IconName::Plus busy on_click=from_nothing>"作りはじめる"</Button>
                </div>
            </Panel>
            <Panel title="ひな形から始める">
                <ul class="packs">
                    {packs
                        .into_iter()
                        .map(|pack| {
                            let own = pack.clone();
                            let current = move || chosen.with(|c| c.as_ref().is_some_and(|(p, _)| p.file == own.file)).then_some("true");
                            let to = pack.clone();
                            view! {
                                <li>
                                    <button type="button" class="pack" aria-current=current on:click=move |_| choose(to.clone(), String::new())>
                                        <Icon name=IconName::Form size=28 />
                                        <span class="kind-words">
                                            <strong>{pack.about.name}</strong>
                                            <span class="sub dense">{format!("質問 {}・{}ページ", pack.questions, pack.pages)}</span>
                                            <span class="dense">{pack.about.description}</span>
                                        </span>
                                    </button>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
                <div class="cluster">
                    <FileButton on_read=read words="ほかの市のひな形（ファイル）から" accept=".json,application/json" />
                    <p class="sub dense">"ほかの市が「ひな形として書き出す」で作ったファイルです。取りこむ前に、内容を点検します。"</p>
                </div>
            </Panel>
            {move || chosen.get().map(|(pack, text)| view! { <Fill pack text begin busy /> })}
        </div>
    }
}

/// The places to fill in.
#[component]
fn Fill(
    pack: Offered,
    text: String,
    begin: Callback<Begin>,
    busy: RwSignal<bool>,
) -> impl IntoView {
    let me = use_me();
    let words = RwSignal::new(
        pack.placeholders
            .iter()
            .map(|p| {
                let known = match p.mark.as_str() {
                    "〔市名〕" => me.city.clone(),
                    "〔担当課〕" => me.department_name.clone(),
                    _ => String::new(),
                };
                (p.mark.clone(), known)
            })
            .collect::<BTreeMap<String, String>>(),
    );
    let found = Pack::read(text.as_bytes()).map(|p| p.verify()).unwrap_or_default();
    let left =
        Memo::new(move |_| words.with(|w| w.values().filter(|v| v.trim().is_empty()).count()));
    let (file, about) = (pack.file.clone(), pack.about.clone());
    let go = move |_| {
        let mut words = words.get_untracked();
        words.retain(|_, word| !word.trim().is_empty());
        begin.run(if file.is_empty() {
            Begin::File(text.clone(), words)
        } else {
            Begin::Included(file.clone(), words)
        });
    };
    view! {
        <section class="panel panel-decide" aria-labelledby="pack-title">
            <div class="panel-head"><h2 id="pack-title" tabindex="-1">{format!("「{}」を、この市のことばにする", about.name)}</h2></div>
            <p class="sub dense">{format!("作った人：{}　使い方の条件：{}　更新：{}", about.author, about.license, about.updated)}</p>
            {(!found.is_empty())
                .then(|| {
                    view! {
                        <Banner tone=Tone::Warn title=format!("このひな形には、直すところが {}件あります", found.len())>
                            <ul>{found.iter().take(5).map(|f| view! { <li>{f.message.clone()}</li> }).collect_view()}</ul>
                            <p>"取りこんでから、作る画面で直せます。"</p>
                        </Banner>
                    }
                })}
            <div class="fields">
                {pack
                    .placeholders
                    .into_iter()
                    .enumerate()
                    .map(|(i, place)| {
                        let (mark, own) = (place.mark.clone(), place.mark.clone());
                        let value = words.with_untracked(|w| w.get(&own).cloned().unwrap_or_default());
                        view! {
                            <TextField
                                id=format!("place-{i}")
                                name=format!("place-{i}")
                                label=place.ask
                                hint=format!("例：{}", place.example)
                                class="field-mid"
                                autocomplete="off"
                                value=Signal::stored(value)
                                on_input=move |text| words.update(|w| drop(w.insert(mark.clone(), text)))
                            />
                        }
                    })
                    .collect_view()}
            </div>
            <div class="acts">
                <Button kind=Kind::Filled busy on_click=go>"このひな形で作る"</Button>
                <p class="sub dense" role="status">
                    {move || match left.get() {
                        0 => String::new(),
                        n => format!("空の {n}か所は〔　〕のまま残り、埋めるまで公開できません。"),
                    }}
                </p>
            </div>
        </section>
    }
}
