//! 「書き出す」: files of every answer, made in the background, with how far each is. Who may
//! see the answers asks for them here, and fetches what is ready.

use crate::form::{href as form_href, named, tabs};
use domain::form::export::{Export, FILES_WORDS, Kind as FileKind, State, Uploads};
use domain::form::kept::Kept;
use domain::id::{ExportId, FormId};
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use ui::prelude::*;
use ui::toast::Toasts;

/// What the page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exports {
    /// The form.
    pub kept: Kept,
    /// The own files, the newest first.
    pub files: Vec<Export>,
    /// How many answers there are.
    pub answers: i64,
    /// The photos and files that came with them.
    pub uploads: Uploads,
    /// When it was read.
    pub now: Timestamp,
}

/// The own files of a form.
#[server(prefix = "/console/fn")]
pub async fn answer_exports(id: FormId) -> Result<Exports, AppError> {
    let ctx = crate::server::staff()?.ctx;
    Ok(Exports {
        files: services::answer::exports(&ctx, id).await?,
        kept: services::form::get(&ctx, id).await?,
        answers: services::answer::count(&ctx, id).await?,
        uploads: services::answer::uploads(&ctx, id).await?,
        now: ctx.now(),
    })
}

/// Asks for a file of every answer.
#[server(prefix = "/console/fn")]
pub async fn start_answer_export(id: FormId, kind: FileKind) -> Result<ExportId, AppError> {
    let ctx = crate::server::staff()?.ctx;
    Ok(services::answer::start_export(&ctx, id, kind).await?)
}

/// Stops a file that is being made, or deletes one.
#[server(prefix = "/console/fn")]
pub async fn drop_answer_export(id: ExportId) -> Result<(), AppError> {
    let ctx = crate::server::staff()?.ctx;
    Ok(services::answer::drop_export(&ctx, id).await?)
}

fn path(id: FormId) -> String {
    format!("{}/export", form_href(id))
}

/// 「1.2MB」.
pub(super) fn size_words(bytes: i64) -> String {
    match bytes {
        n if n >= 1_000_000_000 => format!("{:.1}GB", n as f64 / 1_000_000_000.0),
        n if n >= 1_000_000 => format!("{:.1}MB", n as f64 / 1_000_000.0),
        n => format!("{}kB", (n + 999) / 1_000),
    }
}

/// `/console/forms/{id}/export`.
#[component]
pub fn ExportPage(
    /// Which form.
    id: FormId,
) -> impl IntoView {
    let read = Resource::new_blocking(|| (), move |()| answer_exports(id));
    view! {
        <Suspense fallback=|| view! { <div class="page"><Skeleton sentence="書き出したファイルを読みこんでいます" rows=4 /></div> }>
            {move || Suspend::new(async move {
                match read.await {
                    Ok(first) => view! { <Shown first /> }.into_any(),
                    Err(error) => super::trouble(error, path(id)),
                }
            })}
        </Suspense>
    }
}

/// Asks each second while a file is being made.
fn follow(id: FormId, shown: RwSignal<Exports>, toasts: Toasts) -> impl Fn() + Copy + 'static {
    let asking = StoredValue::new(false);
    let ask = move || {
        if asking.try_get_value() != Some(false) {
            return;
        }
        asking.set_value(true);
        spawn_local(async move {
            let answer = answer_exports(id).await;
            if asking.try_set_value(false).is_some() {
                return;
            }
            let Ok(now) = answer else { return };
            for file in &now.files {
                let before =
                    shown.with_untracked(|s| s.files.iter().find(|f| f.id == file.id).cloned());
                if before.is_some_and(|b| b.state.is_open()) && !file.state.is_open() {
                    match file.state {
                        State::Ready => toasts.ok(format!("{}ができました", file.kind.label())),
                        State::Failed => {
                            toasts.err(format!("{}を作れませんでした", file.kind.label()))
                        }
                        _ => {}
                    }
                }
            }
            shown.set(now);
        });
    };
    Effect::new(move |_| {
        let look = move || {
            if shown.with_untracked(|s| s.files.iter().any(|f| f.state.is_open())) {
                ask();
            }
        };
        if let Ok(timer) = set_interval_with_handle(look, Duration::from_secs(1)) {
            on_cleanup(move || timer.clear());
        }
    });
    ask
}

#[component]
fn Shown(first: Exports) -> impl IntoView {
    let (kept, answers, uploads) = (first.kept.clone(), first.answers, first.uploads);
    let id = kept.id;
    let shown = RwSignal::new(first);
    let toasts = use_toasts();
    let ask = follow(id, shown, toasts);
    let kind = RwSignal::new(FileKind::Csv);
    let busy = RwSignal::new(false);
    let start = move |_| {
        busy.set(true);
        spawn_local(async move {
            let answer = start_answer_export(id, kind.get_untracked()).await;
            if busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(_) => {
                    toasts.say("ファイルを作り始めました");
                    ask();
                }
                Err(error) => toasts.err(format!("始められませんでした。{}", error.message())),
            }
        });
    };
    let leave = Callback::new(move |(file, words): (ExportId, &'static str)| {
        spawn_local(async move {
            match drop_answer_export(file).await {
                Ok(()) => {
                    toasts.ok(words);
                    focus_soon("export-files".into());
                    ask();
                }
                Err(error) => toasts.err(format!("できませんでした。{}", error.message())),
            }
        });
    });
    let note = |kind: FileKind| match kind {
        FileKind::Csv => "ふつうはこちら。Excelでもひらけます",
        FileKind::Cp932 => "古いシステムに取りこむとき。ない文字は〓になります",
        FileKind::Excel => "そのままExcelでひらくとき",
        FileKind::Zip => {
            "届いた写真とファイルを、受付番号ごとのフォルダーに入れます。CSVも入ります"
        }
    };
    let came = match uploads.count {
        0 => "写真・ファイル：届いていません".to_owned(),
        n => format!("写真・ファイル：{}個、{}", thousands(n), size_words(uploads.size)),
    };
    let too_much = (!uploads.fit()).then(|| {
        view! { <p class="err dense">"写真やファイルが多すぎて、ZIPには入りきりません。CSVかExcelを選んでください。それぞれの写真やファイルをひらくアドレスが入ります。"</p> }
    });
    let kinds = FileKind::ALL
        .iter()
        .map(|of| {
            let of = *of;
            view! {
                <RadioCard
                    name="export-kind"
                    value=of.name()
                    title=of.label()
                    note=note(of)
                    checked=Signal::derive(move || kind.get() == of)
                    on_change=move |_: String| kind.set(of)
                />
            }
        })
        .collect_view();
    view! {
        <Page title=format!("{}の書き出し", named(&kept.name)) crumbs=vec![(crate::form::PATH.into(), "フォーム".into()), (form_href(id), named(&kept.name))] sentence="取り下げられていないすべての回答を、すべての列でファイルにします。ダウンロードしたことは、台帳に残ります。">
            {tabs(id, true, "/export")}
            <div class="cols-main-side">
                <section class="panel" aria-labelledby="export-files">
                    <div class="panel-head"><h2 id="export-files" tabindex="-1">"作ったファイル"</h2></div>
                    {move || {
                        let (files, now) = shown.with(|s| (s.files.clone(), s.now));
                        if files.is_empty() {
                            return view! { <p class="sub">"まだありません。形を選んで「ファイルを作る」を押すと、ここに並びます。"</p> }.into_any();
                        }
                        view! { <ul class="rows exports">{files.into_iter().map(|file| one(file, now, leave)).collect_view()}</ul> }.into_any()
                    }}
                    <p class="sub dense">"ファイルは、作った人だけが、7日のあいだダウンロードできます。そのあとは自動で消えます。暗号にして保管しています。"</p>
                </section>
                <section class="panel" aria-labelledby="export-new">
                    <div class="panel-head"><h2 id="export-new">"新しく作る"</h2></div>
                    <div class="stack-s">
                        <p>{format!("いまの回答：{}件", thousands(answers))}<br />{came}</p>
                        <Fieldset id="export-kinds" legend="ファイルの形">{kinds}</Fieldset>
                        {too_much}
                        <p class="sub dense">{format!("ZIPに入るのは、写真とファイルを{FILES_WORDS}です。ウイルスの検査を使っている市では、入れる前にもう一度検査し、問題のあったものは入れずに、CSVにそう書きます。")}</p>
                        <div class="acts"><Button kind=Kind::Filled icon=IconName::Download busy on_click=start>"ファイルを作る"</Button></div>
                        <p class="sub dense">"作っているあいだに、この画面を離れても続きます。"</p>
                    </div>
                </section>
            </div>
        </Page>
    }
}

fn one(file: Export, now: Timestamp, leave: Callback<(ExportId, &'static str)>) -> AnyView {
    let Export { id, form, kind, state, .. } = file;
    let status = match state {
        State::Waiting => Status::Scheduled,
        State::Working => Status::Sending,
        State::Ready => Status::Done,
        State::Cancelled => Status::Cancelled,
        State::Failed => Status::PartlyFailed,
    };
    let href = format!("{}/exports/{id}", form_href(form));
    let begun = file.at.near(now);
    let made = file.until.map(|until| {
        format!(
            "{}件・{}・{}まで",
            thousands(file.answers),
            size_words(file.size),
            until.day_and_time()
        )
    });
    let (percent, open) = (file.percent(), state.is_open());
    let rest = file.rest(now).map(|rest| format!("　{rest}")).unwrap_or_default();
    let said = format!("{begun}の{}", kind.label());
    view! {
        <li class="export" data-state=state.name()>
            <div class="split">
                <span class="grow"><strong>{kind.label()}</strong>" "<span class="sub dense">{begun}</span></span>
                <StatusMark status word=state.label() />
            </div>
            {open.then(|| view! {
                <ProgressBar value=Signal::stored(u64::try_from(percent).unwrap_or(0)) max=Signal::stored(100u64) label=format!("{said}のできぐあい") />
                <p class="sub dense">{format!("{percent}%{rest}")}</p>
            })}
            {made.map(|words| view! { <p class="sub dense">{words}</p> })}
            {(!file.words.is_empty()).then(|| view! { <p class="err dense">{format!("{}。", file.words.trim_end_matches('。'))}</p> })}
            <div class="acts">
                {(state == State::Ready).then(|| view! { <LinkButton href kind=Kind::Act icon=IconName::Download download=true>"ダウンロード"</LinkButton> })}
                {if open {
                    view! { <Button size=Size::Small icon=IconName::Stop aria_label=format!("{said}を作るのをやめる") on_click=move |_| leave.run((id, "作るのをやめました"))>"やめる"</Button> }.into_any()
                } else {
                    view! { <Button size=Size::Small icon=IconName::Trash aria_label=format!("{said}を消す") on_click=move |_| leave.run((id, "消しました"))>"消す"</Button> }.into_any()
                }}
            </div>
        </li>
    }
    .into_any()
}
