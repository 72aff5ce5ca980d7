//! One attribute: read from the server, then written in the editor.

use super::PATH;
use super::api::{Detail, read_attribute};
use super::draft::Draft;
use super::editor::Editor;
use super::preview::Preview;
use crate::resident::trouble;
use domain::attribute::edit::in_tree_order;
use domain::attribute::{Attribute, Uses};
use domain::id::AttributeId;
use domain::time::Date;
use leptos::prelude::*;
use ui::prelude::*;

/// A new attribute, or one that is there.
#[component]
pub fn AttributePage(id: Option<AttributeId>) -> impl IntoView {
    let saved = RwSignal::new(0u32);
    let detail = Resource::new_blocking(move || saved.get(), move |_| read_attribute(id));
    view! {
        <Transition fallback=|| view! { <div class="page"><Skeleton sentence="登録項目を読みこんでいます" /></div> }>
            {move || Suspend::new(async move {
                match detail.await {
                    Err(error) => trouble(error, PATH),
                    Ok(detail) if detail.may_write => {
                        let detail = StoredValue::new(detail);
                        // A function, so that the editor begins anew with what was saved.
                        (move || view! { <Editor detail=detail.get_value() saved /> }.into_any()).into_any()
                    }
                    Ok(Detail { attribute: Some(attribute), uses, city, today, .. }) => view! { <ReadOnly attribute uses city today /> }.into_any(),
                    Ok(_) => trouble(AppError::Forbidden, PATH),
                }
            })}
        </Transition>
    }
}

/// For roles that may look only.
#[component]
fn ReadOnly(attribute: Attribute, uses: Uses, city: String, today: Date) -> impl IntoView {
    let has_choices = attribute.kind.has_choices();
    let choices: Vec<Vec<String>> = in_tree_order(&attribute.choices)
        .into_iter()
        .map(|(depth, c)| {
            let n = super::loss::chosen_by(&uses, c.id);
            let hidden = if c.hidden { "（かくしている）" } else { "" };
            vec![
                format!("{}{}{hidden}", "　".repeat(depth), c.label),
                format!("{}人", thousands(n)),
            ]
        })
        .collect();
    let yes = |on: bool| if on { "はい" } else { "いいえ" };
    let facts = [
        ("答え方", attribute.kind.label().to_owned()),
        ("必ず答えてもらう", yes(attribute.required).to_owned()),
        ("個人に関わる", yes(attribute.personal).to_owned()),
        ("住民に見せない", yes(attribute.hidden).to_owned()),
        ("答えた人", format!("{}人", thousands(uses.residents))),
    ];
    let title = attribute.label.clone();
    let draft = Draft::new(Some(attribute));
    view! {
        <Page title crumbs=vec![(PATH.into(), "登録項目".into())] sentence="変えられるのは、管理者と送信責任者です。">
            <div class="cols-main-side">
                <div class="stack">
                    <Panel>
                        <dl class="facts">
                            {facts.map(|(what, how)| view! { <div><dt>{what}</dt><dd>{how}</dd></div> }).collect_view()}
                        </dl>
                    </Panel>
                    {has_choices.then(|| view! { <Panel title="選択肢"><DataTable head=vec!["選択肢".into(), "選んだ人".into()] rows=choices /></Panel> })}
                </div>
                <aside class="attribute-side" aria-label="住民の画面"><Preview draft city today /></aside>
            </div>
        </Page>
    }
}
