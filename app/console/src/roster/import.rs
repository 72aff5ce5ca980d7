//! From a file to a list: chosen, looked at as often as it takes, taken. Before the last
//! step nothing is kept.

use super::choose::ChooseFile;
use super::report::{first_lines, result};
use super::send::Sending;
use domain::id::RosterId;
use domain::roster::{Ask, By, Mapping, Preview, Target};
use domain::time::Timestamp;
use leptos::prelude::*;
use ui::prelude::*;

/// What the file becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Becomes {
    /// A new list.
    New,
    /// What this list holds from now on, so many until now.
    Replace(RosterId, Timestamp, i64),
}

#[derive(Clone, Copy)]
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only the browser sends"))]
struct State {
    becomes: Becomes,
    file: RwSignal<Option<String>>,
    sending: RwSignal<Sending>,
    preview: RwSignal<Option<Preview>>,
    name: RwSignal<String>,
    /// The name that the last file brought: the next one brings its own, unless it was changed.
    suggested: StoredValue<String>,
    name_error: RwSignal<Option<String>>,
    error: RwSignal<Option<String>>,
    kept: Callback<RosterId>,
    /// Counts the questions, so that an older answer does not overtake a newer one.
    latest: StoredValue<u32>,
    /// The control that is drawn anew with the next answer, and had focus.
    focus: StoredValue<Option<&'static str>>,
}

impl State {
    #[cfg(feature = "hydrate")]
    fn choose(self, event: &leptos::ev::Event) {
        match super::send::browser::choose(event) {
            None => {}
            Some(Err(words)) => self.error.set(Some(words)),
            Some(Ok(name)) => {
                let written = self.name.get_untracked();
                if written.is_empty() || written == self.suggested.get_value() {
                    let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
                    let stem: String = stem.chars().take(domain::roster::NAME_MAX).collect();
                    self.suggested.set_value(stem.clone());
                    self.name.set(stem);
                }
                self.file.set(Some(name));
                self.preview.set(None);
                self.ask(Ask { mapping: None, target: None });
            }
        }
    }

    #[cfg(feature = "hydrate")]
    fn ask(self, ask: Ask) {
        use domain::roster::Answer;
        self.error.set(None);
        self.name_error.set(None);
        let Some(mine) = self.latest.try_update_value(|n| {
            *n += 1;
            *n
        }) else {
            return;
        };
        leptos::task::spawn_local(async move {
            let answer = super::send::browser::send(&ask, self.sending).await;
            if self.latest.try_get_value() != Some(mine) {
                return;
            }
            match answer {
                Ok(Answer::Looked(preview)) => {
                    self.preview.set(Some(preview));
                    if let Some(id) = self.focus.try_update_value(Option::take).flatten() {
                        focus_soon(id.into());
                    }
                }
                Ok(Answer::Kept(id)) => self.kept.run(id),
                Err(error) => match error.field("/name") {
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

    /// Looks again with another mapping.
    fn look(self, id: &'static str, change: impl FnOnce(&mut Mapping)) {
        self.focus.set_value(Some(id));
        if let Some(mut mapping) =
            self.preview.with_untracked(|p| p.as_ref().map(|p| p.mapping.clone()))
        {
            change(&mut mapping);
            self.ask(Ask { mapping: Some(mapping), target: None });
        }
    }

    fn take(self) {
        let mapping = self.preview.with_untracked(|p| p.as_ref().map(|p| p.mapping.clone()));
        let target = match self.becomes {
            Becomes::New => Target::New(self.name.get_untracked().trim().to_owned()),
            Becomes::Replace(id, seen, _) => Target::Replace(id, seen),
        };
        if let (Becomes::New, Some(problem)) =
            (self.becomes, domain::roster::name_problem(&self.name.get_untracked()))
        {
            self.name_error.set(Some(problem.into()));
            focus_soon("roster-name".into());
            return;
        }
        self.ask(Ask { mapping, target: Some(target) });
    }
}

/// The whole way.
#[component]
pub fn Import(
    /// What the file becomes.
    becomes: Becomes,
    /// It was taken, as this list.
    #[prop(into)]
    kept: Callback<RosterId>,
) -> impl IntoView {
    let state = State {
        becomes,
        file: RwSignal::new(None),
        sending: RwSignal::new(Sending::No),
        preview: RwSignal::new(None),
        name: RwSignal::new(String::new()),
        suggested: StoredValue::new(String::new()),
        name_error: RwSignal::new(None),
        error: RwSignal::new(None),
        kept,
        latest: StoredValue::new(0),
        focus: StoredValue::new(None),
    };
    let chosen = Signal::derive(move || {
        let read = state.preview.with(|p| p.as_ref().map(|p| format!("　{}", p.format)));
        state.file.get().map(|name| (name, read.unwrap_or_default()))
    });
    view! {
        <div class="stack">
            <Panel title="1. ファイルを選ぶ">
                <div class="stack-s">
                    <p class="sub">"CSV（UTF-8かShift_JIS）か、Excel（.xlsx）の最初のシート。10MB、20万行までです。ファイルは保管しません。残るのは、だれが当てはまったかだけです。"</p>
                    <ChooseFile
                        id="roster-file"
                        chosen
                        sending=state.sending
                        working="友だちと照合しています。行が多いと、しばらくかかります"
                        error=state.error
                        on_change=move |event| state.choose(&event)
                    />
                </div>
            </Panel>
            {move || state.preview.get().map(|preview| view! { <Read preview state /> })}
        </div>
    }
}

/// How the file is read, what it brings, and the last step.
#[component]
fn Read(preview: Preview, state: State) -> impl IntoView {
    let Mapping { header, column, by } = preview.mapping.clone();
    let columns: Vec<(String, String)> =
        preview.columns.iter().enumerate().map(|(i, c)| (i.to_string(), c.clone())).collect();
    let mut ways = vec![(String::new(), "LINEのユーザーID".to_owned())];
    ways.extend(
        preview.attributes.iter().map(|(key, label)| (key.clone(), format!("登録項目「{label}」"))),
    );
    let way = match &by {
        By::Line => String::new(),
        By::Attribute(key) => key.clone(),
    };
    let no_attribute = preview.attributes.is_empty();
    let found = preview.report.found;
    let busy = Signal::derive(move || state.sending.get() != Sending::No);
    let act = match state.becomes {
        Becomes::New => format!("{}人のリストとして取りこむ", thousands(found)),
        Becomes::Replace(_, _, before) => {
            format!("{}人を {}人に入れかえる", thousands(before), thousands(found))
        }
    };
    let file = state.file.get_untracked().unwrap_or_default();
    let (lines, brings) = (first_lines(&preview), result(preview.report.clone(), &file));
    view! {
        <Panel title="2. 読み方を確かめる">
            <div class="stack-s">
                <div class="cols-2">
                    <Select name="roster-column" label="どの列で照合するか" options=columns value=column.to_string() on_change=move |to: String| state.look("roster-column", |m| m.column = to.parse().unwrap_or(m.column)) />
                    <Select
                        name="roster-by"
                        label="何と照合するか"
                        options=ways
                        value=way
                        on_change=move |to: String| state.look("roster-by", |m| m.by = if to.is_empty() { By::Line } else { By::Attribute(to) })
                    />
                </div>
                <Checkbox id="roster-header" name="roster-header" checked=header on_change=move |on| state.look("roster-header", |m| m.header = on)>"1行目は見出し（取りこまない）"</Checkbox>
                {no_attribute.then(|| view! { <p class="sub dense">"「登録項目」で「文字で書く」項目（市が知らせた番号など）を作ると、その答えでも照合できます。"</p> })}
                {lines}
            </div>
        </Panel>
        <Panel title="3. 結果を確かめて、取りこむ">
            <div class="stack-s">
                {brings}
                {(state.becomes == Becomes::New)
                    .then(|| {
                        view! {
                            <TextField id="roster-name" name="name" label="リストの名前" value=state.name error=state.name_error maxlength=100 hint="配信対象を作るときに、この名前で選びます" on_input=move |v| state.name.set(v) />
                        }
                    })}
                {if found > 0 {
                    view! {
                        <div class="acts">
                            <Button kind=Kind::Filled icon=IconName::Check busy on_click=move |_| state.take()>{act}</Button>
                            <p class="sub dense">"押すまで、何も変わりません。"</p>
                        </div>
                    }
                        .into_any()
                } else {
                    view! { <p class="err">"当てはまる友だちが1人もいないため、取りこめません。列と、何と照合するかを確かめてください。"</p> }.into_any()
                }}
            </div>
        </Panel>
    }
}
