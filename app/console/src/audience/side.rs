//! Beside the editor: how many, how the conditions narrow, who they are, what uses it.

use super::boxed::{of_friends, trouble};
use super::edit::Editor;
use super::live::explore_audience;
use crate::delivery::{STEPS, named};
use crate::menu::PROGRAM_PATH;
use domain::attribute::{Catalog, Kind as Answer};
use domain::audience::edit::{self, Joint, items};
use domain::audience::saved::{Use, Used, Uses};
use domain::audience::{Audience, Explored, chosen_words, sentence, unanswered, unanswered_in};
use leptos::prelude::*;
use leptos::task::spawn_local;
use ui::prelude::*;

/// Bars that are shown before the rest is added up.
const BARS: usize = 3;

fn unsigned(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}

/// 当てはまる人.
#[component]
pub fn Side(editor: Editor) -> impl IntoView {
    let live = editor.live;
    view! {
        <Panel decide=true class="audience-side">
            <div class:counting=move || live.counting.get()>
                <h2 class="sub dense">"当てはまる人"</h2>
                <p class="figure-xl" role="status">
                    {move || live.explored.with(|e| e.as_ref().map_or_else(|| "—".to_owned(), |e| thousands(e.count)))}
                    <span class="unit">"人"</span>
                </p>
                {move || {
                    if let Some(trouble) = trouble(editor) {
                        return view! { <p class=if editor.complains() { "dense err" } else { "dense sub" }>{trouble}</p> }.into_any();
                    }
                    if editor.is_untouched() {
                        return view! { <p class="dense sub">"条件を選ぶと、ここに人数が出ます。"</p> }.into_any();
                    }
                    live.explored
                        .with(|e| e.as_ref().map(of_friends))
                        .map(|of| {
                            view! {
                                <p class="dense">
                                    {of} <br />
                                    <span class="sub">{move || if live.counting.get() { "編集に合わせて数え直しています".to_owned() } else { live.age_words() }}</span>
                                </p>
                            }
                        })
                        .into_any()
                }}
                <Zero editor />
            </div>
            {move || live.explored.with(|e| e.as_ref().map(|e| details(editor, e)))}
        </Panel>
    }
}

fn details(editor: Editor, explored: &Explored) -> AnyView {
    let steps = live_steps(editor, explored);
    let by = shown_by(editor, explored);
    let tables =
        explored.by.iter().filter(|(_, rows)| !rows.is_empty()).cloned().collect::<Vec<_>>();
    view! {
        {(steps.len() > 1)
            .then(|| {
                view! {
                    <div class="side-part">
                        <h2 class="h3">"しぼり込まれ方"</h2>
                        <Narrowing steps />
                    </div>
                }
            })}
        {by
            .map(|(label, items, rest)| {
                view! {
                    <div class="side-part">
                        <h2 class="h3">{format!("{label}ごと")}</h2>
                        <BarList items rest />
                        <details class="side-table">
                            <summary>"表で見る"</summary>
                            {tables
                                .into_iter()
                                .map(|(label, rows)| {
                                    let rows = rows.into_iter().map(|(words, n)| vec![words, thousands(n)]).collect::<Vec<_>>();
                                    view! { <DataTable head=vec![label, "人".to_owned()] rows /> }
                                })
                                .collect_view()}
                        </details>
                    </div>
                }
            })}
    }
    .into_any()
}

/// From all friends to those who fit, in the words of the conditions that were counted.
fn live_steps(editor: Editor, explored: &Explored) -> Vec<(String, u64)> {
    let mut steps = vec![("友だち全員".to_owned(), unsigned(explored.friends))];
    editor.live.counted.with(|counted| {
        let Some(Audience::All(list)) = counted else { return };
        editor.catalog.with_value(|catalog| {
            for (i, (item, (_, n))) in list.iter().zip(&explored.steps).enumerate() {
                let words = match item {
                    Audience::Not(_) if unanswered_in(item, catalog).is_none() => {
                        "のぞいたあと".to_owned()
                    }
                    _ => {
                        format!("{}{}", if i > 0 { "かつ " } else { "" }, step_words(item, catalog))
                    }
                };
                steps.push((words, unsigned(*n)));
            }
        });
    });
    steps
}

/// A condition in few words: 「港地区」「水道・断水」「年代が70歳以上」.
fn step_words(item: &Audience, catalog: &Catalog) -> String {
    if let Audience::Attribute { key, is } = item
        && let Some(attribute) = catalog.get(key).filter(|a| a.kind != Answer::Single)
    {
        return chosen_words(attribute, is);
    }
    sentence(item, catalog).trim_end_matches('。').trim_end_matches("の人").to_owned()
}

/// The breakdown that says most: by area where there is one.
fn shown_by(editor: Editor, explored: &Explored) -> Option<(String, Vec<(String, u64)>, bool)> {
    let area = |label: &str| {
        editor
            .catalog
            .with_value(|c| c.attributes.iter().any(|a| a.kind == Answer::Area && a.label == label))
    };
    let filled = || explored.by.iter().filter(|(_, rows)| !rows.is_empty());
    let (label, rows) = filled().find(|(label, _)| area(label)).or_else(|| filled().next())?;
    let mut items: Vec<(String, u64)> =
        rows.iter().take(BARS).map(|(words, n)| (words.clone(), unsigned(*n))).collect();
    let others = rows.len().saturating_sub(BARS);
    if others > 0 {
        items.push((
            format!("ほか {others}"),
            rows.iter().skip(BARS).map(|(_, n)| unsigned(*n)).sum(),
        ));
    }
    Some((label.clone(), items, others > 0))
}

/// Nobody fits: what would help.
#[component]
fn Zero(editor: Editor) -> impl IntoView {
    let live = editor.live;
    let other = RwSignal::new(None::<(Audience, i64)>);
    Effect::new(move |_| {
        other.set(None);
        let none = live.explored.with(|e| e.as_ref().is_some_and(|e| e.count == 0));
        let asked = live.counted.get_untracked();
        if let Some(Audience::All(list)) = asked.filter(|_| none)
            && list.len() > 1
            && !list.iter().any(|a| matches!(a, Audience::Not(_)))
        {
            spawn_local(async move {
                let any = Audience::Any(list);
                if let Ok(found) = explore_audience(any.clone()).await
                    && found.count > 0
                {
                    // Disposed meanwhile: nobody reads it.
                    drop(other.try_set(Some((any, found.count))));
                }
            });
        }
    });
    move || {
        live.explored.with(|e| e.as_ref().is_some_and(|e| e.count == 0)).then(|| {
            view! {
                <p class="dense warn">
                    "この条件だけでは、だれにも当てはまりません。"
                    {other
                        .get()
                        .map(|(any, n)| {
                            view! {
                                {format!("「かつ」を「または」にすると {}人です。", thousands(n))}
                                {(!editor.readonly)
                                    .then(|| {
                                        view! {
                                            <Button kind=Kind::Plain size=Size::Small on_click=move |_| editor.replace(Some(any.clone()))>"「または」にする"</Button>
                                        }
                                    })}
                            }
                        })}
                </p>
            }
        })
    }
}

/// 「お住まいが未登録の 21,904人は入りません」
#[component]
pub fn WithoutArea(editor: Editor) -> impl IntoView {
    let live = editor.live;
    // The first condition that asks for an area.
    let area = Memo::new(move |_| {
        editor.tree.with(|tree| {
            editor.catalog.with_value(|catalog| {
                edit::conditions(tree).into_iter().find_map(|at| match edit::node(tree, &at) {
                    Some(Audience::Attribute { key, .. }) => catalog
                        .get(key)
                        .filter(|a| a.kind == Answer::Area)
                        .map(|a| (at.clone(), a.key.clone(), a.label.clone())),
                    _ => None,
                })
            })
        })
    });
    // Somebody asks for those without an answer already.
    let asked = Memo::new(move |_| {
        fn inside(node: &Audience, catalog: &Catalog) -> bool {
            unanswered_in(node, catalog).is_some() || items(node).iter().any(|i| inside(i, catalog))
        }
        editor.tree.with(|tree| editor.catalog.with_value(|c| inside(tree, c)))
    });
    move || {
        let without = live.explored.with(|e| e.as_ref().map_or(0, |e| e.without_area));
        let (at, key, label) = area.get().filter(|_| without > 0 && !asked.get())?;
        let add = move |_| {
            let Some(item) = editor.catalog.with_value(|c| c.get(&key).map(unanswered)) else {
                return;
            };
            editor.step(|t| edit::join(t, &at, Joint::Any, item), "未登録の人を足しました");
        };
        Some(view! {
            <Banner title=format!("{label}が未登録の {}人は入りません", thousands(without))>
                <p>"災害のときは「または 未登録」を足すか、友だち全員を選んでください。"</p>
                {(!editor.readonly).then(|| view! { <p class="banner-act"><Button size=Size::Small icon=IconName::Plus on_click=add>"「または 未登録」を足す"</Button></p> })}
            </Banner>
        })
    }
}

/// What was made with a condition, as a list.
pub fn made_with(uses: Uses) -> AnyView {
    let more = uses.total - uses.shown.len() as i64;
    view! {
        <ul class="rows">{uses.shown.into_iter().map(one).collect_view()}</ul>
        {(more > 0).then(|| view! { <p class="sub dense">{format!("ほかに、配信が {}件あります。", thousands(more))}</p> })}
    }
    .into_any()
}

fn one(made: Use) -> AnyView {
    let (href, state) = match made.what {
        Used::Delivery(id, status) | Used::Series(id, status) => (
            format!("/console/deliveries/{id}"),
            view! { <StatusMark status=ui::status::Status::from(status) /> }.into_any(),
        ),
        Used::Course(id, state) => {
            (format!("{STEPS}/{id}"), view! { <span>{state.label()}</span> }.into_any())
        }
        Used::Menu { published } => {
            let words = if published { "公開中" } else { "下書き" };
            (PROGRAM_PATH.to_owned(), view! { <span>{words}</span> }.into_any())
        }
    };
    let kind = made.what.kind().map(|kind| view! { <span class="sub">{kind}</span> });
    view! { <li class="split"><span><a href=href>{named(&made.title)}</a> {kind}</span> {state}</li> }
        .into_any()
}

/// この配信対象を使っているもの, and what keeps the condition that it had before it was changed here.
#[component]
pub fn UsesPanel(
    /// What was made with the condition that is saved.
    uses: RwSignal<Uses>,
    /// What was made with the one before.
    former: RwSignal<Uses>,
) -> impl IntoView {
    let panel = |title: &'static str, uses: Uses, words: &'static str| {
        (uses.total > 0).then(
            || view! { <Panel title>{made_with(uses)} <p class="sub dense">{words}</p></Panel> },
        )
    };
    view! {
        {move || panel("前の条件のままのもの", former.get(), "いま保存した条件では、まだ動きません。変えるときは、それぞれの画面で、保存した配信対象から選び直してください。")}
        {move || panel("この配信対象を使っているもの", uses.get(), "どれも、選んだときの条件のままです。ここで条件を変えて保存しても、変わりません。")}
    }
}
