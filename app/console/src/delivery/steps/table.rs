//! 表で書く: the course as a CSV file and back, shown before it is taken in.

use super::act::Live;
use super::href;
use crate::attribute::{FileButton, Read};
use domain::id::CourseId;
use domain::steps::{Import, read_table};
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;
use server_fn::codec::Json;
use ui::prelude::*;

/// Takes a table in; answers how many steps are new or changed.
#[server(prefix = "/console/fn", input = Json)]
pub async fn import_course(id: CourseId, seen: Timestamp, text: String) -> Result<usize, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::steps::import(&staff.ctx, id, seen, &text).await?)
}

/// Lines that are shown before it is taken in.
const SHOWN: usize = 20;

/// The panel.
#[component]
pub fn TablePanel(live: Live, editable: Memo<bool>) -> impl IntoView {
    let read = RwSignal::new(None::<Read>);
    let open = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let toasts = use_toasts();
    let import = Memo::new(move |_| {
        read.with(|read| {
            let read = read.as_ref()?;
            Some(live.opened.with(|o| read_table(&o.course.written, &read.text)))
        })
    });
    let ready = Memo::new(move |_| {
        import.with(|i| i.as_ref().is_some_and(|i| i.errors.is_empty() && !i.changes.is_empty()))
    });
    let on_read = Callback::new(move |answer: Result<Read, String>| match answer {
        Ok(found) => {
            read.set(Some(found));
            focus_soon("table-read".into());
        }
        Err(why) => toasts.err(why),
    });
    let take = move |()| {
        let Some(text) = read.with_untracked(|r| r.as_ref().map(|r| r.text.clone())) else {
            return;
        };
        let seen = live.opened.with_untracked(|o| o.course.updated_at);
        busy.set(true);
        spawn_local(async move {
            let answer = import_course(live.id, seen, text).await;
            if busy.try_set(false).is_some() {
                return;
            }
            open.set(false);
            match answer {
                Ok(n) => {
                    read.set(None);
                    toasts.ok(format!("{n}ステップを取りこみました"));
                }
                Err(error) => {
                    toasts.err(format!(
                        "取りこめませんでした。{}{}",
                        error.message(),
                        error.next()
                    ));
                }
            }
            live.reload().await;
        });
    };
    let download = format!("{}/table.csv", href(live.id));
    view! {
        <Panel title="表で書く（CSV）">
            <div class="stack-s">
                <p class="sub dense">"たくさんのステップは、表計算ソフトで書いて取りこめます。列は「番号・いつ・時刻・文章」です。新しいステップは、番号を空にします。"</p>
                <div class="acts">
                    <LinkButton href=download icon=IconName::Download size=Size::Small download=true>"CSVで保存する"</LinkButton>
                    {move || editable.get().then(|| view! { <FileButton on_read /> })}
                </div>
                <div id="table-read" tabindex="-1" role="status">
                    {move || {
                        let name = read.with(|r| r.as_ref().map(|r| format!("{}（{}）", r.name, r.encoding)))?;
                        Some(import.with(|i| i.as_ref().map(|i| shown(&name, i))))
                    }}
                    {move || {
                        read.with(Option::is_some)
                            .then(|| {
                                view! {
                                    <div class="acts">
                                        {ready.get().then(|| view! { <Button kind=Kind::Act on_click=move |_| open.set(true)>"取りこむ"</Button> })}
                                        <Button kind=Kind::Plain on_click=move |_| read.set(None)>"やめる"</Button>
                                    </div>
                                }
                            })
                    }}
                </div>
            </div>
        </Panel>
        <ConfirmDialog id="table-take" title="表を取りこみます" open confirm="取りこむ" busy on_confirm=take>
            <p>{move || import.with(|i| i.as_ref().map(summary).unwrap_or_default())}</p>
            <p>"取りこんだだけでは、まだ届きません。"</p>
        </ConfirmDialog>
    }
}

/// 「新しく 280・変わる 2・そのまま 3。表にない 1ステップも、そのまま残ります。」
fn summary(import: &Import) -> String {
    let new = import.changes.iter().filter(|c| c.new).count();
    let changed = import.changes.len() - new;
    let kept = match import.kept {
        0 => String::new(),
        n => format!("表にない {n}ステップも、そのまま残ります。"),
    };
    format!("新しく {new}・変わる {changed}・そのまま {}。{kept}", import.same)
}

fn shown(name: &str, import: &Import) -> AnyView {
    let errors = (!import.errors.is_empty()).then(|| {
        let more = import.errors.len().saturating_sub(SHOWN);
        let items = import
            .errors
            .iter()
            .take(SHOWN)
            .map(|(line, why)| view! { <li>{format!("{line}行目：{why}")}</li> })
            .collect_view();
        view! {
            <p class="err"><Icon name=IconName::Warning size=18 /> " " {format!("{}行に直すところがあります。直したファイルを、もう一度選んでください", import.errors.len())}</p>
            <ul class="step-problems">{items} {(more > 0).then(|| view! { <li>{format!("ほか {more}行")}</li> })}</ul>
        }
    });
    let changes = (import.errors.is_empty() && !import.changes.is_empty()).then(|| {
        let more = import.changes.len().saturating_sub(SHOWN);
        let items = import
            .changes
            .iter()
            .take(SHOWN)
            .map(|c| {
                let text = domain::message::shortened(&c.text, 30);
                let word = if c.new { "新しい" } else { "変わる" };
                view! { <li><span class="sub">{word}</span> " " <strong>{c.when.clone()}</strong> " " {text}</li> }
            })
            .collect_view();
        view! { <ul class="step-changes">{items} {(more > 0).then(|| view! { <li class="sub">{format!("ほか {more}")}</li> })}</ul> }
    });
    let none = (import.errors.is_empty() && import.changes.is_empty())
        .then(|| view! { <p class="sub">"いまの内容と同じです。取りこむものはありません。"</p> });
    view! {
        <p><strong>{name.to_owned()}</strong></p>
        <p>{summary(import)}</p>
        {errors}
        {changes}
        {none}
    }
    .into_any()
}
