//! さがす: what the field above every page finds by its name, engine by engine.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};
use ui::address::with_query;
use ui::prelude::*;

/// The address of the page.
pub(crate) const PATH: &str = "/console/search";

/// What an engine has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// 配信, フォーム.
    title: String,
    /// How many there are in all.
    total: i64,
    /// The list with all of them.
    all: String,
    /// The first of them.
    hits: Vec<Hit>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    href: String,
    name: String,
    /// Whose it is, where it stands.
    note: String,
}

/// What is found in each engine that the role may read; engines without any are left out.
///
/// # Errors
/// `SignInNeeded`; if the database is away.
#[server(prefix = "/console/fn")]
pub async fn search_all(words: String) -> Result<Vec<Group>, AppError> {
    let staff = crate::server::staff()?;
    let words: String = words.trim().chars().take(100).collect();
    if words.is_empty() {
        return Ok(Vec::new());
    }
    Ok(find(&staff.ctx, &words, staff.current.role).await?)
}

#[cfg(feature = "ssr")]
async fn find(
    ctx: &services::Context,
    words: &str,
    role: domain::permission::Role,
) -> services::Result<Vec<Group>> {
    use domain::delivery::UNDECIDED;
    use domain::form::{inbox, kept};
    use domain::permission::Permission;
    const SHOWN: usize = 5;
    let now = ctx.now();
    let may = |permission| role.permissions().contains(&permission);
    let group = |title: &str, list: &str, more: &[(&str, String)], total: i64, hits| Group {
        title: title.to_owned(),
        total,
        all: with_query(list, &[&[("q", words.to_owned())][..], more].concat()),
        hits,
    };
    let hit = |href: String, name: String, note: [String; 2]| Hit {
        href,
        name,
        note: note.into_iter().filter(|w| !w.is_empty()).collect::<Vec<_>>().join("・"),
    };
    let mut found = Vec::new();
    if may(Permission::DeliveryRead) {
        let query = services::delivery::Query {
            search: words.to_owned(),
            limit: SHOWN as i64,
            ..Default::default()
        };
        let (rows, total, _) = services::delivery::list(ctx, &query).await?;
        let hits = rows.into_iter().map(|d| {
            let title = crate::delivery::named(&d.title);
            // The same title is sent again and again.
            let at = d.frozen_at.or(d.send_at.filter(|at| *at != UNDECIDED));
            let at = at.map_or_else(String::new, |at| format!("・{}", at.near(now)));
            let note = [d.department_name, format!("{}{at}", d.status.label())];
            hit(format!("/console/deliveries/{}", d.id), title, note)
        });
        found.push(group("配信", "/console/deliveries", &[], total, hits.collect()));
    }
    if may(Permission::AudienceRead) {
        let (rows, total) = services::audience::list(ctx, words, 0, SHOWN as i64).await?;
        let hits = rows.into_iter().map(|a| {
            hit(format!("/console/audiences/{}", a.id), a.name, [a.department_name, String::new()])
        });
        found.push(group("配信対象", "/console/audiences", &[], total, hits.collect()));
    }
    if may(Permission::FormRead) {
        let filter = kept::Filter { search: words.to_owned(), page: 1, ..Default::default() };
        let forms = services::form::list(ctx, &filter).await?;
        let hits = forms.rows.into_iter().take(SHOWN).map(|f| {
            let note = [f.department_name, f.state.label().to_owned()];
            hit(crate::form::href(f.id), f.name, note)
        });
        found.push(group("フォーム", "/console/forms", &[], forms.total, hits.collect()));
    }
    if may(Permission::AnswerRead) {
        let state = inbox::Shown::All;
        let filter =
            inbox::Filter { search: words.to_owned(), state, page: 1, ..Default::default() };
        let answers = services::answer::list(ctx, &filter).await?;
        let hits = answers
            .rows
            .into_iter()
            .take(SHOWN)
            .map(|a| hit(crate::answer::href(a.id), a.receipt, [a.form_name, a.status_label]));
        let more = [("state", state.name().to_owned())];
        found.push(group("回答", crate::answer::PATH, &more, answers.total, hits.collect()));
    }
    found.retain(|group| group.total > 0);
    Ok(found)
}

/// `/console/search`.
#[component]
pub fn SearchPage() -> impl IntoView {
    let query = use_query_map();
    let words = Memo::new(move |_| {
        let words = query.with(|q| q.get("q").unwrap_or_default());
        words.trim().chars().take(100).collect::<String>()
    });
    let found = Resource::new_blocking(move || words.get(), search_all);
    view! {
        <Page title="さがす" sentence="配信、配信対象、フォームは名前で、回答は受付番号のはじめでさがします。">
            <Transition fallback=|| view! { <Skeleton sentence="さがしています" /> }>
                {move || {
                    let words = words.get();
                    Suspend::new(async move {
                        match found.await {
                            Ok(found) => results(words, found),
                            Err(error) => view! { <ErrorPage error retry_href=with_query(PATH, &[("q", words)]) inside=true /> }.into_any(),
                        }
                    })
                }}
            </Transition>
        </Page>
    }
}

fn results(words: String, found: Vec<Group>) -> AnyView {
    let asked = words.clone();
    let none = match (words.is_empty(), found.is_empty()) {
        (true, _) => Some("さがす言葉を入れてください。".to_owned()),
        (false, true) => Some(format!(
            "「{words}」は見つかりませんでした。短い言葉にすると、見つかるかもしれません。住民は「住民」の画面でさがせます。"
        )),
        (false, false) => None,
    };
    view! {
        <div class="filters">
            <SearchBox action=PATH label="名前・受付番号" value=asked />
        </div>
        {none.map(|words| view! { <p>{words}</p> })}
        <div class="stack">{found.into_iter().map(group).collect_view()}</div>
    }
    .into_any()
}

fn group(group: Group) -> AnyView {
    let total = u64::try_from(group.total).unwrap_or(0);
    let rest = total.saturating_sub(group.hits.len() as u64);
    let rows = group
        .hits
        .into_iter()
        .map(|hit| {
            view! {
                <li>
                    <div class="grow">
                        <strong><a href=hit.href>{hit.name}</a></strong>
                        <p class="sub">{hit.note}</p>
                    </div>
                </li>
            }
        })
        .collect_view();
    view! {
        <Panel title=group.title note=format!("{}件", count(total))>
            <ul class="rows">{rows}</ul>
            {(rest > 0).then(|| view! { <p class="dense"><a href=group.all>{format!("ほかの {}件も見る", count(rest))}</a></p> })}
        </Panel>
    }
    .into_any()
}
