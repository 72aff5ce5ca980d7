//! One audience: read back as a sentence, edited as a tree, counted while it changes.

use super::edit::{Editor, Part};
use super::live::Live;
use super::side::{Side, UsesPanel, WithoutArea};
use super::tree::{Readback, Tree};
use crate::unsaved::Unsaved;
use domain::audience::edit::{self, Path, blank, normal};
use domain::audience::saved::{Opened, SavedRow, Uses};
use domain::audience::{Audience, sentence};
use domain::id::AudienceId;
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::{use_navigate, use_query_map};
use server_fn::codec::{GetUrl, Json};
use std::sync::Arc;
use ui::prelude::*;

/// What the editor begins with.
///
/// # Errors
/// `NotFound`, `SignInNeeded`, `Forbidden`.
#[server(prefix = "/console/fn", input = GetUrl)]
pub async fn open_audience(id: Option<AudienceId>) -> Result<Opened, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::audience::opened(&staff.ctx, id).await?)
}

/// Saves: a new one, or the one of that id as it was at that time.
///
/// # Errors
/// `Invalid` at `/name` and below `/audience`; `Conflict`, `NotFound`, `Forbidden`.
#[server(prefix = "/console/fn", input = Json)]
pub async fn save_audience(
    known: Option<(AudienceId, Timestamp)>,
    name: String,
    audience: Audience,
) -> Result<Opened, AppError> {
    let staff = crate::server::staff()?;
    let id = services::audience::save(&staff.ctx, known, &name, &audience).await?;
    Ok(services::audience::opened(&staff.ctx, Some(id)).await?)
}

/// 「配信対象」 one: `None` makes a new one, `?from=` with the condition of another.
#[component]
pub fn AudiencePage(
    /// Which; nothing for a new one.
    id: Option<AudienceId>,
) -> impl IntoView {
    let from = use_query_map()
        .with_untracked(|q| q.get("from").and_then(|f| f.parse::<AudienceId>().ok()));
    let opened = Resource::new_blocking(move || id.or(from), open_audience);
    view! {
        <Suspense fallback=|| view! { <Skeleton sentence="配信対象をひらいています" /> }>
            {move || Suspend::new(async move {
                match opened.await {
                    Ok(opened) => view! { <Edit opened new=id.is_none() /> }.into_any(),
                    Err(error) => {
                        let other = ("/console/audiences".to_owned(), "配信対象の一覧へ".to_owned());
                        view! { <div class="page"><ErrorPage error other /></div> }.into_any()
                    }
                }
            })}
        </Suspense>
    }
}

#[component]
fn Edit(opened: Opened, new: bool) -> impl IntoView {
    let Opened { catalog, saved, explored, uses, may_write, .. } = opened;
    let readonly = !saved.as_ref().filter(|_| !new).map_or(may_write, |s| s.may_write);
    let name = RwSignal::new(match &saved {
        Some(s) if new => format!("{}の写し", s.name),
        Some(s) => s.name.clone(),
        None => String::new(),
    });
    let known = RwSignal::new(saved.as_ref().filter(|_| !new).map(|s| (s.id, s.updated_at)));
    let first = saved.as_ref().map(|s| normal(&s.audience)).unwrap_or_else(|| normal(&blank()));
    let kept = RwSignal::new((name.get_untracked(), first.clone()));
    let value = RwSignal::new(Some(first));
    let explored = RwSignal::new(explored);
    let catalog = Arc::new(catalog);
    let live = Live::new(value, explored, catalog);
    let editor = Editor::new("a", value, live, readonly);
    let uses = RwSignal::new(uses);
    let former = RwSignal::new(Uses::default());
    let errors = RwSignal::new(Vec::<SummaryItem>::new());
    let name_error = RwSignal::new(None::<String>);
    let theirs = RwSignal::new(None::<SavedRow>);
    let busy = RwSignal::new(false);
    let toasts = use_toasts();
    let navigate = use_navigate();
    let dirty = Memo::new(move |_| {
        kept.with(|(n, a)| {
            name.with(|now| now.trim() != n) || value.with(|v| v.as_ref() != Some(a))
        })
    });
    let save = Callback::new(move |()| {
        let audience = value.get_untracked().unwrap_or_else(|| normal(&blank()));
        let written = name.get_untracked().trim().to_owned();
        let found = problems(editor, &written);
        name_error.set(found.iter().find(|p| p.id == "name").map(|p| p.text.clone()));
        editor.strict.set(true);
        errors.set(found.clone());
        if !found.is_empty() || busy.get_untracked() {
            return;
        }
        busy.set(true);
        let navigate = navigate.clone();
        let was_new = known.with_untracked(Option::is_none);
        spawn_local(async move {
            let answer =
                save_audience(known.get_untracked(), written.clone(), audience.clone()).await;
            busy.set(false);
            match answer {
                Ok(Opened { saved: Some(saved), uses: now_used, .. }) => {
                    editor.saved();
                    theirs.set(None);
                    let changed = kept.with_untracked(|k| k.1 != audience);
                    if changed && uses.with_untracked(|u| u.total > 0) {
                        former.set(uses.get_untracked());
                    }
                    kept.set((written, audience));
                    known.set(Some((saved.id, saved.updated_at)));
                    uses.set(now_used);
                    toasts.ok("配信対象を保存しました");
                    if was_new {
                        navigate(
                            &format!("/console/audiences/{}", saved.id),
                            leptos_router::NavigateOptions { replace: true, ..Default::default() },
                        );
                    }
                }
                Ok(_) => {}
                Err(AppError::Conflict { .. }) => {
                    if let Some((id, _)) = known.get_untracked()
                        && let Ok(Opened { saved: Some(saved), catalog, .. }) =
                            open_audience(Some(id)).await
                    {
                        editor.know(catalog.people);
                        theirs.set(Some(saved));
                    }
                }
                Err(AppError::Invalid { fields }) => {
                    name_error
                        .set(fields.iter().find(|f| f.at == "/name").map(|f| f.message.clone()));
                    errors.set(
                        fields
                            .into_iter()
                            .map(|f| SummaryItem { id: place(editor, &f.at), text: f.message })
                            .collect(),
                    );
                }
                Err(error) => toasts.err(format!("保存できませんでした。{error}")),
            }
        });
    });
    let title = Signal::derive(move || {
        let name = kept.with(|k| k.0.clone());
        if known.with(Option::is_none) || name.is_empty() {
            "新しい配信対象".to_owned()
        } else {
            name
        }
    });
    let undo = editor.can_undo();
    view! {
        <Page
            title
            crumbs=vec![("/console/audiences".into(), "配信対象".into())]
            acts=move || {
                (!readonly)
                    .then(|| {
                        view! {
                            <Button icon=IconName::Undo busy=Signal::derive(move || !undo.get()) on_click=move |_| editor.undo()>"もどす"</Button>
                            <Button kind=Kind::Filled busy on_click=move |_| save.run(())>"この条件で保存する"</Button>
                        }
                    })
            }
        >
            <ErrorSummary errors />
            {readonly
                .then(|| {
                    view! {
                        <Banner title="見るだけの配信対象です">
                            {if may_write {
                                "ほかの所属のものです。一覧の「写しを作る」で、自分の所属のものとして直せます。"
                            } else {
                                "あなたの役割では、見るだけです。変えるときは、所属の作成者か送信責任者に相談してください。"
                            }}
                        </Banner>
                    }
                })}
            {move || theirs.get().map(|other| view! { <Clash other editor name known kept theirs save /> })}
            <div class="cols-main-side">
                <div class="stack">
                    {(!readonly)
                        .then(|| view! { <TextField name="name" label="名前" value=name error=name_error maxlength=100 hint="配信を作るときに、この名前で選びます" on_input=move |v| name.set(v) /> })}
                    <Readback editor />
                    <Tree editor />
                </div>
                <div class="stack">
                    <Side editor />
                    <WithoutArea editor />
                    <UsesPanel uses former />
                </div>
            </div>
            <Unsaved dirty />
        </Page>
    }
}

/// What must be mended before it can be saved, each with its place on the page.
fn problems(editor: Editor, name: &str) -> Vec<SummaryItem> {
    let mut found = Vec::new();
    if !(1..=100).contains(&name.chars().count()) {
        found.push(SummaryItem {
            id: "name".into(),
            text: "名前を1〜100文字で入れてください".into(),
        });
    }
    let empty: Vec<Path> = editor
        .tree
        .with_untracked(edit::conditions)
        .into_iter()
        .filter(|at| untrack(|| editor.is_unfinished(at)))
        .collect();
    if let Some(first) = empty.first() {
        let text = format!(
            "条件が{}空です。空のままでは送れません。選ぶか、消してください",
            things(empty.len())
        );
        found.push(SummaryItem { id: editor.id(first, Part::Attribute), text });
    }
    found
}

/// The element that a pointer of the server speaks of.
fn place(editor: Editor, at: &str) -> String {
    if at == "/name" {
        return "name".into();
    }
    let inside = at.trim_start_matches("/audience");
    editor
        .tree
        .with_untracked(|tree| {
            edit::conditions(tree).into_iter().find(|c| inside.starts_with(&edit::pointer(tree, c)))
        })
        .map_or_else(|| "name".into(), |c| editor.id(&c, Part::Attribute))
}

/// Somebody saved first: both versions side by side, and which of them shall stay.
#[component]
fn Clash(
    other: SavedRow,
    editor: Editor,
    name: RwSignal<String>,
    known: RwSignal<Option<(AudienceId, Timestamp)>>,
    kept: RwSignal<(String, Audience)>,
    theirs: RwSignal<Option<SavedRow>>,
    save: Callback<()>,
) -> impl IntoView {
    let SavedRow {
        id,
        name: other_name,
        sentence: other_sentence,
        audience,
        updated_at,
        department,
        ..
    } = other;
    let mine = move || {
        editor
            .value
            .with(|v| v.as_ref().map(|a| editor.catalog.with_value(|c| sentence(a, c))))
            .unwrap_or_default()
    };
    let (shown, title) =
        (other_name.clone(), format!("ほかの人が {} に先に保存しました", updated_at.time_of_day()));
    let take = move |_| {
        let audience = normal(&audience);
        kept.set((other_name.clone(), audience.clone()));
        name.set(other_name.clone());
        known.set(Some((id, updated_at)));
        editor.replace(Some(audience));
        theirs.set(None);
    };
    let overwrite = move |_| {
        known.set(Some((id, updated_at)));
        theirs.set(None);
        save.run(());
    };
    view! {
        <section class="clash" role="alert" aria-label="先に保存された内容">
            <Banner tone=Tone::Warn title>
                <p>"あなたの内容は、まだ保存していません。この画面に残っています。"</p>
            </Banner>
            <div class="cols-2">
                <div class="readback">
                    <p class="readback-head">{format!("先に保存された内容（{department}）")}</p>
                    <p><b>{shown}</b></p>
                    <p>{other_sentence}</p>
                    <Button on_click=take>"この内容にする"</Button>
                </div>
                <div class="readback">
                    <p class="readback-head">"あなたの内容"</p>
                    <p><b>{move || name.get()}</b></p>
                    <p>{mine}</p>
                    <Button kind=Kind::Act on_click=overwrite>"あなたの内容で保存する"</Button>
                </div>
            </div>
        </section>
    }
}
