//! ○○さんとして見る: the preview with what a resident has registered, in the language that they
//! would get, and whether they would get it at all.

use super::editor::Editor;
use crate::resident::ResidentFinder;
use crate::shell::use_me;
use domain::attribute::Catalog;
use domain::audience::Audience;
use domain::delivery::{Belongs, Purpose};
use domain::id::ResidentId;
use domain::language::{Language, Voice, Wish};
use domain::message::to_line;
use domain::message::variable::{Values, example, fill};
use domain::permission::Permission;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use server_fn::codec::Json;
use std::time::Duration;
use ui::prelude::*;

/// How long the audience must not change before it is asked.
const QUIET: Duration = Duration::from_millis(250);

/// A resident as whom staff look, with no more of them than a delivery says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    id: ResidentId,
    /// The name that staff gave to a tester.
    name: Option<String>,
    /// What would be filled in.
    pub values: Values,
    language: Option<Language>,
    line_language: Option<String>,
}

impl Person {
    /// 「田村さん（試験者）」「住民 1,204」.
    fn words(&self) -> String {
        match &self.name {
            Some(name) => format!("{name}（試験者）"),
            None => format!("住民 {}", thousands(self.id.0)),
        }
    }

    /// In which of the languages that are written they would get it.
    pub fn gets(&self, editor: Editor) -> Language {
        let offered: Vec<Language> =
            editor.sides.with(|all| all.iter().skip(1).map(|s| s.language).collect());
        Wish::of(self.language, self.line_language.as_deref()).gets(&offered)
    }
}

/// The messages on the phone: as whoever was chosen would get them, or with examples in the
/// language on the screen.
pub fn messages_for(
    editor: Editor,
    seen: RwSignal<Option<Person>>,
    catalog: Catalog,
) -> Signal<Vec<Value>> {
    Signal::derive(move || {
        let person = seen.get();
        let language = person.as_ref().map_or_else(|| editor.language.get(), |p| p.gets(editor));
        let mut parts = editor.parts_in(language);
        parts.retain(|part| !part.is_empty());
        let arriving = editor.arriving(&parts);
        let filled = match &person {
            Some(person) => fill(&arriving, &person.values),
            None => example(&arriving, &catalog),
        };
        let voice = Voice { purpose: editor.purpose.get(), language };
        match to_line(&filled, voice, "") {
            Value::Array(messages) => messages,
            _ => Vec::new(),
        }
    })
}

/// Residents as whom a delivery can be looked at, by their number or the testers first.
///
/// # Errors
/// `Invalid` at `number`; `Forbidden`, `SignInNeeded`; if the database is away.
#[server(prefix = "/console/fn")]
pub async fn preview_people(number: String) -> Result<Vec<Person>, AppError> {
    let ctx = crate::server::staff()?.ctx;
    let found = crate::resident::to_look_at(&ctx, &number).await?;
    let catalog = store::attribute::catalog(&ctx).await?;
    let person = |r: domain::resident::Resident| Person {
        id: r.id,
        name: r.tester_name.filter(|_| r.tester),
        values: domain::message::variable::registered(&catalog, &r.choices, &r.values),
        language: r.language,
        line_language: r.line_language,
    };
    Ok(found.into_iter().map(person).collect())
}

/// Whether what is being written would reach a resident, if it began now.
///
/// # Errors
/// `NotFound`, `Forbidden`, `SignInNeeded`; if the database is away.
#[server(prefix = "/console/fn", input = Json)]
pub async fn preview_belongs(
    resident: ResidentId,
    audience: Option<Audience>,
    purpose: Purpose,
) -> Result<Belongs, AppError> {
    let ctx = crate::server::staff()?.ctx;
    Ok(services::delivery::belongs(&ctx, audience.as_ref(), purpose, resident).await?)
}

/// Whether it would reach whoever was chosen, as words, asked again after every change of the
/// audience.
fn belonging(editor: Editor, seen: RwSignal<Option<Person>>) -> RwSignal<Option<String>> {
    let words = RwSignal::new(None::<String>);
    let question = Memo::new(move |_| {
        let id = seen.with(|s| s.as_ref().map(|s| s.id))?;
        Some((id, editor.audience.get(), editor.purpose.get()))
    });
    Effect::new(move |former: Option<Option<TimeoutHandle>>| {
        if let Some(Some(timer)) = former {
            timer.clear();
        }
        words.set(None);
        let asked = question.get()?;
        let ask = async move {
            let (id, audience, purpose) = asked.clone();
            let answer = preview_belongs(id, audience, purpose).await;
            // It may have changed meanwhile, or the page been left.
            if question.try_get_untracked() == Some(Some(asked)) {
                words.set(Some(answer.map_or_else(
                    |error| format!("届く相手に入っているかを、確かめられませんでした。{error}"),
                    Belongs::words,
                )));
            }
        };
        set_timeout_with_handle(move || spawn_local(ask), QUIET).ok()
    });
    words
}

/// Who is looked for, and as whom the phone is seen; nothing for who may not see residents.
#[component]
pub fn SeenAs(
    /// What is written.
    editor: Editor,
    /// As whom; nobody: with examples, in the language on the screen.
    seen: RwSignal<Option<Person>>,
) -> impl IntoView {
    if !use_me().may(Permission::ResidentRead) {
        return ().into_any();
    }
    let row = move |person: Person| {
        let (id, words) = (person.id, person.words());
        let chosen = move || seen.with(|s| s.as_ref().is_some_and(|s| s.id == id));
        view! {
            <li>
                <button
                    type="button"
                    class="btn btn-outline btn-sm"
                    aria-pressed=move || if chosen() { "true" } else { "false" }
                    on:click=move |_| seen.set(Some(person.clone()))
                >
                    <span>{words}</span>
                </button>
            </li>
        }
        .into_any()
    };
    let now = move || match seen.get() {
        None => "登録の例で見ています。".to_owned(),
        Some(person) => {
            let language = match editor.sides.with(Vec::len) {
                0 | 1 => String::new(),
                _ => format!("ことばは{}です。", person.gets(editor).japanese()),
            };
            format!("{}として見ています。{language}", person.words())
        }
    };
    let belongs = belonging(editor, seen);
    view! {
        <p>{now}</p>
        <div role="status">{move || belongs.get().map(|words| view! { <p>{words}</p> })}</div>
        {move || seen.with(Option::is_some).then(|| view! { <p><Button size=Size::Small on_click=move |_| seen.set(None)>"例にもどす"</Button></p> })}
        <details class="more">
            <summary>"だれかとして見る"</summary>
            <ResidentFinder
                hint="空のままさがすと、試験者から並びます。さがしたことは、台帳に残ります。"
                pressed="その人の見え方になります"
                find=preview_people
                row
            />
        </details>
    }
    .into_any()
}
