//! 「Excelから」: questions written in a table, added to the form; and the form's own
//! questions as a table.

use super::state::Builder;
use crate::form::file::{self, csv};
use crate::form::href;
use domain::form::sheet::{Read, table};
use domain::id::FormId;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use server_fn::codec::Json;
use ui::prelude::*;

/// Reads a table of questions.
#[server(prefix = "/console/fn", input = Json)]
pub async fn read_questions(file: Vec<u8>) -> Result<Read, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::form::sheet::read(&staff.ctx, &file)?)
}

/// Where the template lies.
const TEMPLATE: &str = "/console/forms/questions.xlsx";

/// The button and its dialog.
#[component]
pub fn SheetButton(b: Builder, id: FormId) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    let open = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let trouble = RwSignal::new(None::<String>);
    let found = RwSignal::new(None::<Read>);
    let toasts = use_toasts();
    Effect::new(move |_| {
        let wanted = open.get();
        let Some(dialog) = node.get() else { return };
        if wanted && !dialog.open() {
            // It stands in the document.
            drop(dialog.show_modal());
        } else if !wanted && dialog.open() {
            dialog.close();
        }
    });
    let take = Callback::new(move |read: Result<Vec<u8>, String>| {
        trouble.set(None);
        found.set(None);
        match read {
            Err(words) => trouble.set(Some(words)),
            Ok(file) => {
                busy.set(true);
                spawn_local(async move {
                    let answer = read_questions(file).await;
                    if busy.try_set(false).is_some() {
                        return;
                    }
                    match answer {
                        Ok(read) => found.set(Some(read)),
                        Err(error) => trouble.set(Some(error.message())),
                    }
                });
            }
        }
    });
    let add = move |_| {
        let Some(read) = found.get_untracked() else { return };
        let n = read.questions.len();
        b.change(|form, known| read.add(form, known));
        open.set(false);
        found.set(None);
        toasts.ok(format!("{}の質問を足しました。「1つ前にもどす」で取り消せます", things(n)));
    };
    let save = move |_| {
        let text = csv(&b.form.with_untracked(table));
        if file::save("質問.csv", "text/csv;charset=utf-8", &text).is_none() {
            trouble.set(Some("ファイルを保存できませんでした。".into()));
        }
    };
    view! {
        <Button icon=IconName::Table on_click=move |_| open.set(true)>"Excel"</Button>
        <dialog class="dialog" id="sheet" aria-labelledby="sheet-title" node_ref=node on:close=move |_| open.set(false)>
            <div class="dialog-head">
                <h2 id="sheet-title">"質問をExcelで書く・取り出す"</h2>
                <button class="icon-btn" type="button" aria-label="やめて閉じる" on:click=move |_| open.set(false)>
                    <Icon name=IconName::Cross />
                </button>
            </div>
            <div class="dialog-body">
                <div class="stack-s">
                    <p>"ひな形に1行1問で書き、そのファイルを選ぶと、いまの質問の後ろに足せます。分かれ道は、足したあとにこの画面で決めます。"</p>
                    <div class="cluster">
                        <LinkButton href=TEMPLATE icon=IconName::Download download=true>"ひな形（Excel）"</LinkButton>
                        <label class="btn btn-act file-button">
                            <Icon name=IconName::Upload size=18 />
                            <span>"ファイルを選ぶ"</span>
                            <input
                                id="sheet-file"
                                class="visually-hidden"
                                type="file"
                                accept=".xlsx,.csv,.tsv,text/csv"
                                on:change=move |event| {
                                    #[cfg(feature = "hydrate")] browser::take(&event, take);
                                    #[cfg(not(feature = "hydrate"))] let _ = (&event, take);
                                }
                            />
                        </label>
                        <LinkButton href=format!("{}/questions.xlsx", href(id)) icon=IconName::Download download=true>"いまの質問（Excel）"</LinkButton>
                        <Button icon=IconName::Download on_click=save>"いまの質問（CSV）"</Button>
                    </div>
                    {move || busy.get().then(|| view! { <p role="status">"読みこんでいます"</p> })}
                    {move || trouble.get().map(|words| view! { <div role="alert"><p class="field-error"><Icon name=IconName::Warning size=18 /><span>{words}</span></p></div> })}
                    {move || found.get().map(result)}
                </div>
            </div>
            <div class="dialog-acts">
                <button class="btn btn-outline" type="button" autofocus on:click=move |_| open.set(false)><span>"やめる"</span></button>
                {move || {
                    let n = found.with(|f| f.as_ref().filter(|r| r.wrong.is_empty()).map_or(0, |r| r.questions.len()));
                    (n > 0).then(|| view! { <Button kind=Kind::Filled on_click=add>{format!("{}の質問を足す", things(n))}</Button> })
                }}
            </div>
        </dialog>
    }
}

fn result(read: Read) -> AnyView {
    if !read.wrong.is_empty() {
        let count = read.wrong.len();
        let rows = read
            .wrong
            .into_iter()
            .map(|w| view! { <tr><th scope="row" class="nowrap">{w.cell}</th><td>{w.message}</td></tr> })
            .collect_view();
        return view! {
            <div role="alert">
                <p class="field-error"><Icon name=IconName::Warning size=18 /><span>{format!("直すところが {}あります。直してから、もう一度選んでください。", things(count))}</span></p>
                <table class="data">
                    <thead><tr><th scope="col" class="nowrap">"セル"</th><th scope="col">"直すこと"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .into_any();
    }
    let lines = read
        .questions
        .into_iter()
        .map(|(_, q)| view! { <li>{q.label.clone()} <span class="sub dense">{format!("　{}", q.ask.words())}</span></li> })
        .collect_view();
    view! {
        <p role="status">"次の質問を読みました。"</p>
        <ol class="changes">{lines}</ol>
    }
    .into_any()
}

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::prelude::*;
    use leptos::task::spawn_local;
    use wasm_bindgen::JsCast;
    use wasm_bindgen_futures::JsFuture;

    /// Largest file: far more than 200 questions.
    const BYTES_MAX: f64 = 400_000.0;

    pub fn take(event: &leptos::ev::Event, then: Callback<Result<Vec<u8>, String>>) {
        let input = event.target().and_then(|t| t.dyn_into::<web_sys::HtmlInputElement>().ok());
        let Some(input) = input else { return };
        let Some(file) = input.files().and_then(|files| files.get(0)) else { return };
        // The same file can be chosen again after it was mended.
        input.set_value("");
        if file.size() > BYTES_MAX {
            then.run(Err("ファイルが大きすぎます。質問のシートだけにしてください".into()));
            return;
        }
        spawn_local(async move {
            let read = JsFuture::from(file.array_buffer()).await;
            then.run(match read {
                Ok(buffer) => Ok(js_sys::Uint8Array::new(&buffer).to_vec()),
                Err(_) => Err("ファイルを開けませんでした。ほかで開いているときは閉じてから、もう一度選んでください".into()),
            });
        });
    }
}
