//! The list of residents: filters, search and pages are in the address.

use super::api::{Ask, Listed, PAGE, list_residents};
use super::{PATH, trouble};
use domain::attribute::{Attribute, Catalog, Choice, Kind as Answer};
use domain::id::ChoiceId;
use domain::resident::Resident;
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use ui::address::{page_number, with_query};
use ui::prelude::*;
use ui::time::short;

/// The number of a resident as staff type it: 「1204」「1,204」「No.1204」, also full-width.
///
/// # Errors
/// A sentence for the field.
#[cfg(any(feature = "ssr", test))]
pub(crate) fn number(typed: &str) -> Result<Option<i64>, String> {
    let half: String = typed
        .chars()
        .map(|c| {
            if ('０'..='９').contains(&c) {
                char::from_u32(c as u32 - 0xFEE0).unwrap_or(c)
            } else {
                c
            }
        })
        .collect();
    let half = half
        .trim()
        .trim_start_matches(['N', 'n', 'o', '.', '№', '住', '民', ' '])
        .replace([',', '，'], "");
    if half.is_empty() {
        return if typed.trim().is_empty() {
            Ok(None)
        } else {
            Err("住民の番号は数字で入れてください".into())
        };
    }
    half.parse().map(Some).map_err(|_| "住民の番号は数字で入れてください".to_owned())
}

/// Residents as whom staff look at something: who has that number; without one the testers first,
/// and then who came last.
///
/// # Errors
/// `Invalid` at `number`; `Forbidden`; if the database is away.
#[cfg(feature = "ssr")]
pub(crate) async fn to_look_at(
    ctx: &services::Context,
    typed: &str,
) -> Result<Vec<Resident>, AppError> {
    use services::resident::{Filter, Query, list};
    let number = number(typed).map_err(|words| AppError::invalid("number", words))?;
    let all = Query { number, limit: 10, ..Query::default() };
    if number.is_some() {
        return Ok(list(ctx, &all).await?.0);
    }
    let testers = Query { filter: Filter::Testers, ..all.clone() };
    let mut found = list(ctx, &testers).await?.0;
    found.extend(list(ctx, &all).await?.0.into_iter().filter(|r| r.friend && !r.tester));
    Ok(found)
}

/// States by which the list is filtered: name in the address, words.
const STATES: [(&str, &str); 5] = [
    ("", "すべて"),
    ("registered", "登録した人"),
    ("unregistered", "まだ登録していない人"),
    ("left", "友だちをやめた人"),
    ("testers", "試験者"),
];

/// The address of the list for what is asked.
pub(crate) fn href(ask: &Ask) -> String {
    let pairs = [
        ("state", ask.state.clone()),
        ("choice", ask.choice.map(|c| c.to_string()).unwrap_or_default()),
        ("number", ask.number.clone()),
        ("sort", ask.sort.clone()),
        ("page", page_number(ask.page)),
    ];
    with_query(PATH, &pairs)
}

/// 住民: the list.
#[component]
pub fn ResidentsPage() -> impl IntoView {
    let query = use_query_map();
    let ask = Memo::new(move |_| {
        query.with(|q| {
            let get = |name: &str| q.get(name).unwrap_or_default();
            Ask {
                state: get("state"),
                choice: get("choice").parse().ok(),
                number: get("number"),
                sort: get("sort"),
                page: get("page").parse().unwrap_or(1).max(1),
            }
        })
    });
    let listed = Resource::new_blocking(move || ask.get(), list_residents);
    view! {
        <Transition fallback=|| view! { <div class="page"><Skeleton sentence="住民の一覧を読みこんでいます" rows=8 /></div> }>
            {move || Suspend::new(async move {
                match listed.await {
                    Ok(listed) => view! { <List listed=Ok(listed) ask=ask.get_untracked() /> }.into_any(),
                    Err(AppError::Invalid { fields }) => {
                        let words = fields.into_iter().next().map(|f| f.message).unwrap_or_default();
                        view! { <List listed=Err(words) ask=ask.get_untracked() /> }.into_any()
                    }
                    Err(error) => trouble(error, PATH),
                }
            })}
        </Transition>
    }
}

#[component]
fn List(
    /// The page, or what is wrong with the number that was searched for.
    listed: Result<Listed, String>,
    ask: Ask,
) -> impl IntoView {
    let may_export = listed.as_ref().is_ok_and(|l| l.may_export);
    let acts = ViewFn::from(move || {
        view! {
            {may_export.then(|| view! { <LinkButton href=format!("{PATH}.csv") icon=IconName::Download download=true>"全員のCSV"</LinkButton> })}
            <LinkButton href=format!("{PATH}/figures") kind=Kind::Act icon=IconName::Chart>"統計を見る"</LinkButton>
        }
    });
    let chips = match &listed {
        Ok(listed) => choice_chips(&listed.catalog, &ask),
        Err(_) => ().into_any(),
    };
    view! {
        <Page
            title="住民"
            sentence="公式アカウントの友だちと、登録した内容です。名前やLINEの表示名は預かっていません。見たことは台帳に残ります。"
            acts
        >
            <div class="filters">
                <Search ask=ask.clone() />
                <div class="chips">{state_chip(&ask)} {chips}</div>
            </div>
            {match listed {
                Ok(listed) if listed.residents.is_empty() => nothing(&listed, &ask),
                Ok(listed) => view! { <Table listed ask /> }.into_any(),
                Err(words) => {
                    view! { <NoMatch title=format!("「{}」ではさがせません", ask.number) text=words clear_href=PATH /> }.into_any()
                }
            }}
        </Page>
    }
}

/// Search by number, keeping the filters.
#[component]
fn Search(ask: Ask) -> impl IntoView {
    let mut keep: Vec<(String, String)> = Vec::new();
    for (name, value) in [
        ("state", ask.state.clone()),
        ("choice", ask.choice.map(|c| c.to_string()).unwrap_or_default()),
        ("sort", ask.sort.clone()),
    ] {
        if !value.is_empty() {
            keep.push((name.to_owned(), value));
        }
    }
    view! { <SearchBox action=PATH label="住民の番号" name="number" value=ask.number keep /> }
}

fn first_page(ask: &Ask) -> Ask {
    Ask { page: 1, ..ask.clone() }
}

fn state_chip(ask: &Ask) -> impl IntoView + use<> {
    let options = STATES
        .iter()
        .map(|(state, words)| FilterOption {
            label: (*words).into(),
            href: href(&Ask { state: (*state).into(), ..first_page(ask) }),
            selected: ask.state == *state,
        })
        .collect();
    let clear =
        (!ask.state.is_empty()).then(|| href(&Ask { state: String::new(), ..first_page(ask) }));
    view! { <FilterChip label="状態" options clear /> }
}

/// A chip for each attribute. Of a tree, the districts, and the towns of the chosen district.
fn choice_chips(catalog: &Catalog, ask: &Ask) -> AnyView {
    catalog
        .attributes
        .iter()
        .filter(|a| a.kind.has_choices())
        .map(|a| {
            let chosen = ask.choice.and_then(|id| a.choices.iter().find(|c| c.id == id));
            let to = |choice: Option<ChoiceId>| href(&Ask { choice, ..first_page(ask) });
            let mut options = vec![FilterOption {
                label: "すべて".into(),
                href: to(None),
                selected: chosen.is_none(),
            }];
            options.extend(offered(a, chosen).into_iter().map(|(depth, c)| FilterOption {
                label: format!("{}{}", "　".repeat(depth), c.label),
                href: to(Some(c.id)),
                selected: chosen.is_some_and(|o| o.id == c.id),
            }));
            let clear = chosen.map(|_| to(None));
            view! { <FilterChip label=a.label.clone() options clear /> }
        })
        .collect_view()
        .into_any()
}

/// The choices of a chip's menu, each with its depth.
fn offered<'a>(a: &'a Attribute, chosen: Option<&Choice>) -> Vec<(usize, &'a Choice)> {
    if a.kind != Answer::Area {
        return a.choices.iter().map(|c| (0, c)).collect();
    }
    let mut open: Vec<&str> = Vec::new();
    let mut at = chosen.map(|c| c.key.as_str());
    while let Some(c) =
        at.and_then(|key| a.choice(key)).filter(|_| open.len() <= domain::attribute::AREA_DEPTH_MAX)
    {
        open.push(&c.key);
        at = c.parent.as_deref();
    }
    domain::attribute::edit::in_tree_order(&a.choices)
        .into_iter()
        .filter(|(depth, c)| *depth == 0 || c.parent.as_deref().is_some_and(|p| open.contains(&p)))
        .collect()
}

/// Nobody at all, or nobody who fits.
fn nothing(listed: &Listed, ask: &Ask) -> AnyView {
    let mut removals = Vec::new();
    if let Some((_, words)) =
        STATES.iter().find(|(state, _)| !state.is_empty() && *state == ask.state)
    {
        removals.push((
            href(&Ask { state: String::new(), ..first_page(ask) }),
            (*words).to_owned(),
            None,
        ));
    }
    if let Some(id) = ask.choice {
        let words = listed
            .catalog
            .attributes
            .iter()
            .find_map(|a| a.choices.iter().find(|c| c.id == id))
            .map_or_else(|| "消えた選択肢".to_owned(), |c| c.label.clone());
        removals.push((href(&Ask { choice: None, ..first_page(ask) }), words, None));
    }
    if !ask.number.is_empty() {
        removals.push((
            href(&Ask { number: String::new(), ..first_page(ask) }),
            format!("番号 {}", ask.number),
            None,
        ));
    }
    if !removals.is_empty() {
        return view! { <NoMatch title="当てはまる住民はいません" removals clear_href=PATH /> }
            .into_any();
    }
    if ask.page > 1 {
        return view! { <NoMatch title="このページには、もう住民がいません" clear_href=href(&first_page(ask)) /> }.into_any();
    }
    view! { <EmptyState title="まだ友だちがいません" text="公式アカウントの友だちになった人が、ここに並びます。LINEからの一覧は、毎晩ひとりでに取りこみます。" /> }.into_any()
}

#[component]
fn Table(listed: Listed, ask: Ask) -> impl IntoView {
    let Listed { residents, total, catalog, now, .. } = listed;
    let first = (ask.page - 1) * PAGE + 1;
    let last = first + residents.len() as i64 - 1;
    let pages = (total + PAGE - 1) / PAGE;
    let page = |page: i64| href(&Ask { page, ..ask.clone() });
    let sort = |sort: &str| href(&Ask { sort: sort.into(), ..first_page(&ask) });
    let (by_number, number_href) = match ask.sort.as_str() {
        "oldest" => (Sort::Ascending, sort("")),
        "registered" => (Sort::None, sort("")),
        _ => (Sort::Descending, sort("oldest")),
    };
    let by_time = if ask.sort == "registered" { Sort::Descending } else { Sort::None };
    let previous = (ask.page > 1).then(|| page(ask.page - 1));
    let next = (ask.page < pages).then(|| page(ask.page + 1));
    let count = |n: i64| u64::try_from(n).unwrap_or_default();
    view! {
        <table class="list">
            <thead>
                <tr>
                    <th scope="col">"状態"</th>
                    <SortHeader label="住民" href=number_href sort=by_number />
                    <th scope="col">"登録した内容"</th>
                    <th scope="col">"届く回数"</th>
                    <SortHeader label="登録した日" href=sort("registered") sort=by_time />
                </tr>
            </thead>
            <tbody>{residents.into_iter().map(|r| row(r, &catalog, now)).collect_view()}</tbody>
        </table>
        <Pager
            total=count(total)
            first=count(first)
            last=count(last)
            place=(count(ask.page), count(pages))
            previous
            next
            unit="人"
        />
    }
}

/// 「登録ずみ」「まだ登録していない」「友だちをやめた」
pub(crate) fn state_mark(r: &Resident) -> AnyView {
    let (status, word) = match (r.friend, r.registered_at) {
        (false, _) => (Status::Cancelled, "友だちでない"),
        (true, Some(_)) => (Status::Done, "登録ずみ"),
        (true, None) => (Status::Draft, "未登録"),
    };
    view! { <StatusMark status word /> }.into_any()
}

/// What a resident answered, in the catalogue's order and in words; a place with what surrounds it if `whole`.
pub(crate) fn answers<'a>(
    catalog: &'a Catalog,
    r: &Resident,
    whole: bool,
) -> Vec<(&'a Attribute, Vec<String>)> {
    let words = |a: &'a Attribute| -> Vec<String> {
        let chosen = a.choices.iter().filter(|c| r.choices.contains(&c.id));
        let chosen = chosen.map(|c| match whole && a.kind == Answer::Area {
            true => domain::attribute::edit::place(&a.choices, &c.key),
            false => c.label.clone(),
        });
        let said = r.values.iter().filter(|(id, _)| *id == a.id).map(|(_, v)| v.words());
        chosen.chain(said).collect()
    };
    catalog.attributes.iter().map(|a| (a, words(a))).collect()
}

fn row(r: Resident, catalog: &Catalog, now: Timestamp) -> impl IntoView + use<> {
    let answers: Vec<String> =
        answers(catalog, &r, false).into_iter().flat_map(|(_, words)| words).collect();
    let shown = answers.iter().take(6).cloned().collect::<Vec<_>>().join("・");
    let more = answers.len().saturating_sub(6);
    let registered = r.registered_at.map(|at| short(at, now));
    let mark = state_mark(&r);
    view! {
        <tr>
            <td class="c-status">{mark}</td>
            <td class="title">
                <a class="title-link" href=format!("{PATH}/{}", r.id)>{format!("住民 {}", thousands(r.id.0))}</a>
                {r.tester.then(|| view! { <p class="row-meta"><PurposeTag purpose=Purpose::Test />{r.tester_name.clone().unwrap_or_default()}</p> })}
            </td>
            <td class="c-audience">
                {if answers.is_empty() { "—".to_owned() } else { shown }}
                {(more > 0).then(|| view! { <span class="sub">{format!("ほか {}", things(more))}</span> })}
            </td>
            <td class="c-figure" data-label="届く回数">{r.reception.label()}</td>
            <td class="c-time">
                {match registered {
                    Some((day, time)) => view! { <span>{day}</span> " " <span class="sub">{time}</span> }.into_any(),
                    None => view! { <span>"—"</span> }.into_any(),
                }}
            </td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_people_type_them() {
        assert_eq!(number(""), Ok(None));
        for typed in ["1204", "1,204", "No.1204", "１２０４", "住民 1,204", " 1204 "] {
            assert_eq!(number(typed), Ok(Some(1204)), "{typed}");
        }
        assert!(number("佐藤").is_err());
        assert!(number("12-4").is_err());
        assert!(number("99999999999999999999").is_err());
    }

    #[test]
    fn the_address_keeps_what_is_asked() {
        let ask = Ask {
            state: "registered".into(),
            choice: Some(ChoiceId(7)),
            number: String::new(),
            sort: "oldest".into(),
            page: 3,
        };
        assert_eq!(href(&ask), "/console/residents?state=registered&choice=7&sort=oldest&page=3");
        assert_eq!(href(&Ask { page: 1, ..Ask::default() }), "/console/residents");
    }
}
