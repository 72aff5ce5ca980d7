//! From a file to a list: chosen, looked at, taken. Before the last step nothing is kept.

use crate::roster::{ChooseFile, Sending};
use domain::form::eligible::import::{Ask, Preview, Target, Why};
use domain::form::kept::name_problem;
use domain::id::EligibilityId;
use leptos::prelude::*;
use ui::prelude::*;

/// Lines that are told one by one.
const TOLD: usize = 10;

/// What the file becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Becomes {
    /// A new list.
    New,
    /// What this list of this name holds from now on, so many until now.
    Replace(EligibilityId, String, i64),
}

#[derive(Clone, Copy)]
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only the browser sends"))]
struct State {
    replaces: StoredValue<Option<(EligibilityId, String, i64)>>,
    file: RwSignal<Option<String>>,
    sending: RwSignal<Sending>,
    preview: RwSignal<Option<Preview>>,
    name: RwSignal<String>,
    /// The name that the last file brought: the next one brings its own, unless it was changed.
    suggested: StoredValue<String>,
    name_error: RwSignal<Option<String>>,
    error: RwSignal<Option<String>>,
    kept: Callback<i64>,
    /// Counts the questions, so that an older answer does not overtake a newer one.
    latest: StoredValue<u32>,
}

impl State {
    #[cfg(feature = "hydrate")]
    fn choose(self, event: &leptos::ev::Event) {
        match crate::roster::browser::choose(event) {
            None => {}
            Some(Err(words)) => self.error.set(Some(words)),
            Some(Ok(file)) => {
                let written = self.name.get_untracked();
                if written.is_empty() || written == self.suggested.get_value() {
                    let stem = file.rsplit_once('.').map_or(file.as_str(), |(stem, _)| stem);
                    let stem: String = stem.chars().take(domain::form::kept::NAME_MAX).collect();
                    self.suggested.set_value(stem.clone());
                    self.name.set(stem);
                }
                self.file.set(Some(file));
                self.preview.set(None);
                self.ask(Ask::default());
            }
        }
    }

    #[cfg(feature = "hydrate")]
    fn ask(self, ask: Ask) {
        use domain::form::eligible::import::Answer;
        self.error.set(None);
        self.name_error.set(None);
        let Some(mine) = self.latest.try_update_value(|n| {
            *n += 1;
            *n
        }) else {
            return;
        };
        leptos::task::spawn_local(async move {
            let to = "/console/forms/lists/file";
            let answer = crate::roster::browser::send_to(to, &ask, self.sending).await;
            if self.latest.try_get_value() != Some(mine) {
                return;
            }
            match answer {
                Ok(Answer::Looked(preview)) => self.preview.set(Some(preview)),
                Ok(Answer::Kept(_)) => {
                    let people =
                        self.preview.with_untracked(|p| p.as_ref().map_or(0, |p| p.people));
                    self.kept.run(people);
                }
                Err(error) => match error.field("name") {
                    Some(words) => self.name_error.set(Some(words.to_owned())),
                    None => self.error.set(Some(error.message())),
                },
            }
        });
    }

    #[cfg(not(feature = "hydrate"))]
    fn choose(self, _event: &leptos::ev::Event) {}

    #[cfg(not(feature = "hydrate"))]
    fn ask(self, ask: Ask) {
        drop(ask);
    }

    fn asked(self) -> Vec<String> {
        self.preview.with_untracked(|p| p.as_ref().map(|p| p.keys.clone()).unwrap_or_default())
    }

    /// Looks again with a column more or less.
    fn toggle(self, column: &str, on: bool) {
        let columns = self
            .preview
            .with_untracked(|p| p.as_ref().map(|p| p.columns.clone()).unwrap_or_default());
        let before = self.asked();
        let keys: Vec<String> = columns
            .into_iter()
            .filter(|c| if c == column { on } else { before.contains(c) })
            .collect();
        if keys.is_empty() {
            let words = "確かめに使う列は、1つは要ります。ほかの列を選んでから外してください";
            self.error.set(Some(words.into()));
            // The box is drawn as it was.
            self.preview.notify();
            return;
        }
        self.ask(Ask { keys, target: None });
    }

    fn take(self) {
        let target = match self.replaces.get_value() {
            Some((id, name, _)) => Target::Replace(id, name),
            None => {
                let name = self.name.get_untracked().trim().to_owned();
                if let Some(problem) = name_problem(&name) {
                    self.name_error.set(Some(problem.message));
                    return focus_soon("list-name".into());
                }
                Target::New(name)
            }
        };
        self.ask(Ask { keys: self.asked(), target: Some(target) });
    }
}

/// The whole way.
#[component]
pub fn Import(
    /// What the file becomes.
    becomes: Becomes,
    /// It was taken, with so many people.
    #[prop(into)]
    kept: Callback<i64>,
    /// It is left.
    #[prop(into)]
    leave: Callback<()>,
) -> impl IntoView {
    let replaces = match becomes {
        Becomes::New => None,
        Becomes::Replace(id, name, count) => Some((id, name, count)),
    };
    let title = match &replaces {
        None => "名簿を取りこむ".to_owned(),
        Some((_, name, _)) => format!("「{name}」の中身を入れかえる"),
    };
    let state = State {
        replaces: StoredValue::new(replaces),
        file: RwSignal::new(None),
        sending: RwSignal::new(Sending::No),
        preview: RwSignal::new(None),
        name: RwSignal::new(String::new()),
        suggested: StoredValue::new(String::new()),
        name_error: RwSignal::new(None),
        error: RwSignal::new(None),
        kept,
        latest: StoredValue::new(0),
    };
    let chosen = Signal::derive(move || state.file.get().map(|name| (name, String::new())));
    view! {
        <section class="panel" aria-labelledby="import-title">
            <div class="split">
                <h2 id="import-title" tabindex="-1">{title}</h2>
                <Button size=Size::Small on_click=move |_| leave.run(())>"やめる"</Button>
            </div>
            <div class="stack-s">
                <p class="sub">"CSV（UTF-8かShift_JIS）か、Excel（.xlsx）の最初のシート。1行目は列の名前です。10MB、20万行までです。取りこむまで、何も保管しません。"</p>
                <ChooseFile
                    id="list-file"
                    chosen
                    sending=state.sending
                    working="ファイルを読んでいます"
                    error=state.error
                    on_change=move |event| state.choose(&event)
                />
                {move || state.preview.get().map(|preview| view! { <Read preview state /> })}
            </div>
        </section>
    }
}

/// What is asked of people, what the file brings, and the last step.
#[component]
fn Read(preview: Preview, state: State) -> impl IntoView {
    let Preview { format, columns, rows, keys, lines, people, refused, undated } = preview;
    let busy = Signal::derive(move || state.sending.get() != Sending::No);
    let lost = refused.iter().filter(|(_, why)| why.loses()).count() as i64;
    let again = refused.len() as i64 - lost;
    let first: Vec<(u32, Why)> = refused.iter().take(TOLD).copied().collect();
    let more = refused.len().saturating_sub(TOLD) as i64;
    let act = match state.replaces.get_value() {
        None => format!("{}人の名簿として取りこむ", thousands(people)),
        Some((_, _, before)) => {
            format!("{}人を {}人に入れかえる", thousands(before), thousands(people))
        }
    };
    let is_new = state.replaces.with_value(Option::is_none);
    let chosen = keys.clone();
    let boxes = columns
        .clone()
        .into_iter()
        .map(|column| {
            let (value, sent, on) = (column.clone(), column.clone(), chosen.contains(&column));
            view! {
                <Checkbox name="list-key" value checked=Signal::stored(on) on_change=move |on| state.toggle(&sent, on)>
                    {column}
                </Checkbox>
            }
        })
        .collect_view();
    let heads = columns;
    view! {
        <Fieldset id="list-keys" legend="答える人に聞く列" hint="聞いたことが名簿と合った人だけが、フォームに進めます。番号と生年月日のように、ほかの人が知らないことを2つ選んでください" class="fieldset-row">
            {boxes}
        </Fieldset>
        <div class="table-scroll" tabindex="0" role="region" aria-label="ファイルのはじめの行">
            <table class="roster-lines">
                <thead><tr>{heads.into_iter().map(|c| { let key = keys.contains(&c); view! { <th scope="col" class=if key { "roster-chosen" } else { "" }>{c} {key.then(|| view! { <span class="sub dense">"聞く列"</span> })}</th> } }).collect_view()}</tr></thead>
                <tbody>{rows.into_iter().map(|cells| view! { <tr>{cells.into_iter().map(|c| view! { <td>{c}</td> }).collect_view()}</tr> }).collect_view()}</tbody>
            </table>
        </div>
        <div class="stack-s" role="status">
            <p class="figure">{thousands(people)} <span class="unit">"人を取りこめます"</span></p>
            <p class="sub">{format!("{format}、{}行のうち、取りこめない行が {}行、同じ行が {}行あります。", thousands(lines), thousands(lost), thousands(again))}</p>
        </div>
        {(!first.is_empty())
            .then(|| {
                view! {
                    <table class="list list-dense">
                        <caption class="visually-hidden">"取りこめない行"</caption>
                        <thead><tr><th scope="col" class="num">"行"</th><th scope="col">"理由"</th></tr></thead>
                        <tbody>
                            {first
                                .into_iter()
                                .map(|(line, why)| view! { <tr><td class="num" data-label="行">{line}</td><td data-label="理由">{why.words()}</td></tr> })
                                .collect_view()}
                        </tbody>
                    </table>
                    {(more > 0).then(|| view! { <p class="sub dense">{format!("ほかに {}行あります。", thousands(more))}</p> })}
                }
            })}
        {(!undated.is_empty())
            .then(|| {
                let lines = undated.iter().take(TOLD).map(u32::to_string).collect::<Vec<_>>();
                let more = if undated.len() > TOLD { "など" } else { "" };
                let title = format!("生年月日を、日付として読めない行が {}行あります", thousands(undated.len() as i64));
                let words = format!(
                    "{}行目{more}です。このまま取りこむと、ファイルと同じ文字を打った人しか見つかりません。「2018/4/1」「平成30年4月1日」「H30.4.1」のような書き方に直してください。",
                    lines.join("、")
                );
                view! { <Banner tone=Tone::Warn title>{words}</Banner> }
            })}
        {is_new
            .then(|| {
                view! { <TextField id="list-name" name="list-name" label="名簿の名前" value=state.name error=state.name_error maxlength=60 on_input=move |v| state.name.set(v) /> }
            })}
        {if people > 0 {
            view! {
                <div class="acts">
                    <Button kind=Kind::Filled icon=IconName::Check busy on_click=move |_| state.take()>{act}</Button>
                    <p class="sub dense">"押すまで、何も変わりません。"</p>
                </div>
            }
                .into_any()
        } else {
            view! { <p class="err">"取りこめる行が1つもありません。聞く列を選び直すか、ファイルを直してください。"</p> }.into_any()
        }}
    }
}
