//! 差しこみ: words that differ from resident to resident, put into a text without writing braces.

use super::dom::Inserter;
use domain::attribute::{Attribute, Catalog};
use domain::message::variable::{OTHERWISE_MAX, Piece, pieces, written};
use leptos::prelude::*;
use ui::prelude::*;

/// More characters than a line holds otherwise, for what stands in braces.
pub const ROOM: u32 = 150;

/// The attributes that may be filled in, for the composer's texts.
#[derive(Clone)]
pub struct Fillable(pub Catalog);

impl Fillable {
    fn offered(&self) -> impl Iterator<Item = &Attribute> {
        self.0.attributes.iter().filter(|a| !a.personal && !a.hidden)
    }
}

/// The picker of one part.
#[component]
pub fn VariablePicker(
    /// Id of the field.
    #[prop(into)]
    area: Signal<String>,
    /// Which part, for its name.
    #[prop(into)]
    label: Signal<String>,
    /// For several fields: it is the one in which somebody wrote last.
    #[prop(optional)]
    last: bool,
) -> impl IntoView {
    let fillable = use_context::<Fillable>();
    let otherwise = RwSignal::new("みなさま".to_owned());
    let field = format!("{}-otherwise", area.get_untracked());
    let inserter = Inserter::into_field(area);
    let offered: Vec<(String, String)> = fillable
        .iter()
        .flat_map(Fillable::offered)
        .map(|a| (a.key.clone(), a.label.clone()))
        .collect();
    (!offered.is_empty()).then(|| {
        view! {
            <details class="menu variable">
                <summary class="btn btn-plain btn-sm" aria-label=move || format!("{}に差しこみを入れる", label.get())>
                    <Icon name=IconName::People size=18 />
                    <span>"差しこみ"</span>
                </summary>
                <div class="menu-list variable-list" role="group" aria-label="差しこみ">
                    <p class="sub dense">"その人が登録した内容が入ります。"{last.then_some("最後に押した欄に入ります。")}</p>
                    <TextField
                        name=field
                        label="登録していない人には"
                        maxlength=OTHERWISE_MAX as u32
                        value=otherwise
                        on_input=move |typed| otherwise.set(typed)
                    />
                    {offered
                        .into_iter()
                        .map(|(key, name)| {
                            view! {
                                <button
                                    class="menu-item"
                                    type="button"
                                    on:click=move |event| inserter.put(&event, &written(&key, &otherwise.get_untracked()))
                                >
                                    {name}
                                </button>
                            }
                        })
                        .collect_view()}
                </div>
            </details>
        }
    })
}

/// What stands in the variables of a text, in words.
#[component]
pub fn VariableLegend(
    /// The text.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    let fillable = use_context::<Fillable>();
    let lines = Memo::new(move |_| {
        let Some(Fillable(catalog)) = &fillable else { return Vec::new() };
        let mut lines: Vec<String> = Vec::new();
        for piece in text
            .with(|text| pieces(text).into_iter().map(said(catalog)).collect::<Vec<_>>())
            .into_iter()
            .flatten()
        {
            if !lines.contains(&piece) {
                lines.push(piece);
            }
        }
        lines
    });
    move || {
        let lines = lines.get();
        (!lines.is_empty()).then(|| {
            view! {
                <ul class="variable-legend sub dense">
                    {lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}
                </ul>
            }
        })
    }
}

fn said(catalog: &Catalog) -> impl Fn(Piece<'_>) -> Option<String> + '_ {
    |piece| {
        let Piece::Variable { key, otherwise } = piece else { return None };
        let label = &catalog.get(key)?.label;
        Some(if otherwise.is_empty() {
            format!(
                "「{key}」には、その人の「{label}」が入ります。登録していない人には、なにも入りません"
            )
        } else {
            format!(
                "「{key}」には、その人の「{label}」が入ります。登録していない人には「{otherwise}」と入ります"
            )
        })
    }
}
