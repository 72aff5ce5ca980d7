//! 台帳: who did what and when, and whether anybody changed the record.

use super::{Part, Parts};
use crate::shell::use_me;
use domain::ledger::{Entry, who};
use domain::permission::Permission;
use domain::time::{Date, Timestamp};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ui::address::{page_number, with_query};
use ui::prelude::*;

/// Lines of a page.
const ROWS: u64 = 50;

/// What the address asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// In words.
    #[serde(default)]
    pub q: String,
    /// First day.
    #[serde(default)]
    pub from: Option<Date>,
    /// Last day.
    #[serde(default)]
    pub until: Option<Date>,
    /// From 1.
    #[serde(default)]
    pub page: u64,
}

impl Asked {
    fn below(&self, path: &str, page: u64) -> String {
        let day = |date: Option<Date>| date.map(Date::iso).unwrap_or_default();
        let pairs = [
            ("q", self.q.clone()),
            ("from", day(self.from)),
            ("until", day(self.until)),
            ("page", page_number(page)),
        ];
        with_query(path, &pairs)
    }

    fn address(&self, page: u64) -> String {
        self.below("/console/settings/ledger", page)
    }

    fn is_filtered(&self) -> bool {
        !self.q.is_empty() || self.from.is_some() || self.until.is_some()
    }
}

/// A page of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerLines {
    /// The lines, the newest first.
    pub rows: Vec<Entry>,
    /// How many fit.
    pub total: u64,
    /// Names of staff who appear, by `staff:12`.
    pub names: BTreeMap<String, String>,
    /// When this was read.
    pub now: Timestamp,
}

/// A page of the ledger.
///
/// # Errors
/// `Forbidden`, `SignInNeeded`; if the database is away.
#[server(prefix = "/console/fn")]
pub async fn ledger_page(asked: Asked) -> Result<LedgerLines, AppError> {
    use services::ledger::{Search, list, names};
    let ctx = crate::server::staff()?.ctx;
    let search = Search {
        words: asked.q,
        from: asked.from.map(Date::start),
        until: asked.until.map(|d| d.start().plus(domain::time::DAY)),
    };
    let offset =
        i64::try_from(asked.page.max(1).saturating_sub(1).saturating_mul(ROWS)).unwrap_or(i64::MAX);
    let (rows, total) = list(&ctx, &search, offset, ROWS as i64).await?;
    let names = names(&ctx, &rows).await?;
    Ok(LedgerLines { rows, total: u64::try_from(total).unwrap_or(0), names, now: ctx.now() })
}

/// What the check of the chain found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// The first line that does not fit its seal.
    pub broken_at: Option<i64>,
    /// When it was checked.
    pub at: Timestamp,
}

/// Recomputes the chain from its beginning.
///
/// # Errors
/// `Forbidden`, `SignInNeeded`; if the database is away.
#[server(prefix = "/console/fn")]
pub async fn verify_ledger() -> Result<Checked, AppError> {
    use services::ledger::Chain;
    let ctx = crate::server::staff()?.ctx;
    let broken_at = match services::ledger::verify(&ctx).await? {
        Chain::Whole => None,
        Chain::BrokenAt(line) => Some(line),
    };
    Ok(Checked { broken_at, at: ctx.now() })
}

/// 「台帳」.
#[component]
pub fn LedgerPage() -> impl IntoView {
    let may_export = use_me().may(Permission::LedgerExport);
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        query.with(|map| {
            let date = |name: &str| map.get(name).and_then(|d| Date::parse_iso(&d));
            Asked {
                q: map.get("q").unwrap_or_default().trim().to_owned(),
                from: date("from"),
                until: date("until"),
                page: map.get("page").and_then(|p| p.parse().ok()).unwrap_or(1).max(1),
            }
        })
    });
    let page = Resource::new(move || asked.get(), ledger_page);
    view! {
        <Page
            title="台帳"
            sentence="だれが、いつ、何をしたかの記録です。足されるだけで、変えることも消すこともできません。"
            acts=move || {
                may_export
                    .then(|| {
                        view! {
                            {move || {
                                view! {
                                    <LinkButton
                                        href=asked.get().below("/console/settings/ledger.csv", 1)
                                        icon=IconName::Download
                                        download=true
                                    >
                                        "CSV"
                                    </LinkButton>
                                }
                            }}
                        }
                    })
            }
        >
            <Parts current=Part::Ledger />
            <div class="stack">
                <Verify />
                {move || view! { <Filters asked=asked.get() /> }}
                <Transition fallback=|| view! { <Skeleton sentence="台帳を読みこんでいます" /> }>
                    {move || Suspend::new(async move {
                        match page.await {
                            Err(error) => view! { <ErrorPage error retry_href="/console/settings/ledger" inside=true /> }.into_any(),
                            Ok(page) if page.rows.is_empty() => {
                                view! {
                                    <NoMatch
                                        title="当てはまる記録はありません"
                                        text="期間を広げるか、ことばを短くしてください。"
                                        clear_href="/console/settings/ledger"
                                    />
                                }
                                    .into_any()
                            }
                            Ok(page) => view! { <Lines page asked=asked.get_untracked() /> }.into_any(),
                        }
                    })}
                </Transition>
            </div>
        </Page>
    }
}

/// 「連なりを確かめる」 and what it found.
#[component]
fn Verify() -> impl IntoView {
    let verify = ServerAction::<VerifyLedger>::new();
    view! {
        <Panel>
            <div class="stack-s">
                <p>
                    "どの行にも、その前までのすべての行から計算した封があります。1文字でも変わると、封が合わなくなります。"
                </p>
                <ActionForm action=verify>
                    <Button kind=Kind::Act icon=IconName::Link submit=true busy=verify.pending()>
                        {move || if verify.pending().get() { "確かめています" } else { "連なりを確かめる" }}
                    </Button>
                </ActionForm>
            </div>
            <div role="status">
                {move || match verify.value().get() {
                    None => ().into_any(),
                    Some(Ok(Checked { broken_at: None, at })) => {
                        view! {
                            <Banner tone=Tone::Ok title="はじめから最後まで、つながっています">
                                <p>{format!("{} に確かめました。変えられた行はありません。", at.day_and_time())}</p>
                            </Banner>
                        }
                            .into_any()
                    }
                    Some(Ok(Checked { broken_at: Some(line), at })) => {
                        view! {
                            <Banner tone=Tone::Err title=format!("{}行目から、つながっていません", count(u64::try_from(line).unwrap_or(0)))>
                                <p>
                                    {format!("{} に確かめました。この行か、その前後が書き換えられています。データベースを止めずに、バックアップと見くらべてください。", at.day_and_time())}
                                </p>
                            </Banner>
                        }
                            .into_any()
                    }
                    Some(Err(error)) => view! { <Banner tone=Tone::Err title=error.title()><p>{error.to_string()}</p></Banner> }.into_any(),
                }}
            </div>
        </Panel>
    }
}

/// One GET form: words and period.
#[component]
fn Filters(asked: Asked) -> impl IntoView {
    let filtered = asked.is_filtered();
    let day = |date: Option<Date>| date.map(Date::iso).unwrap_or_default();
    view! {
        <form class="filters filters-fields" role="search" method="get" action="/console/settings/ledger">
            <TextField name="q" label="さがすことば" value=asked.q kind="search" class="field-mid" />
            <TextField name="from" label="いつから" value=day(asked.from) kind="date" class="field-mid" />
            <TextField name="until" label="いつまで" value=day(asked.until) kind="date" class="field-mid" />
            <Button submit=true icon=IconName::Search>
                "さがす"
            </Button>
            {filtered.then(|| view! { <a href="/console/settings/ledger">"条件をすべて消す"</a> })}
        </form>
    }
}

/// 「配信 42」, with a link where there is a page.
fn object(object: &str, names: &BTreeMap<String, String>) -> AnyView {
    let (kind, id) = object.split_once(':').unwrap_or((object, ""));
    let (word, href) = match kind {
        "staff" => ("職員", Some(format!("/console/settings/staff/{id}"))),
        "delivery" => ("配信", Some(format!("/console/deliveries/{id}"))),
        "audience" => ("配信対象", Some(format!("/console/audiences/{id}"))),
        "attribute" => ("登録項目", Some(format!("/console/attributes/{id}"))),
        "resident" => ("住民", Some(format!("/console/residents/{id}"))),
        "department" => ("所属", None),
        "token" => ("連係用トークン", None),
        "address" => ("接続元", None),
        "ledger" => ("台帳", None),
        "figure" => ("統計", None),
        "followers" => ("友だち", None),
        "duty" => ("定期の仕事", None),
        "silent" => ("自動の処理", None),
        "publishing" => ("リッチメニュー", None),
        other => (other, None),
    };
    let words =
        names.get(object).cloned().unwrap_or_else(|| format!("{word} {id}").trim().to_owned());
    match href {
        Some(href) if id.parse::<i64>().is_ok() => view! { <a href=href>{words}</a> }.into_any(),
        _ => words.into_any(),
    }
}

#[component]
fn Lines(page: LedgerLines, asked: Asked) -> impl IntoView {
    let LedgerLines { rows, total, names, now } = page;
    let first = (asked.page - 1) * ROWS + 1;
    let last = first + rows.len() as u64 - 1;
    let pages = total.div_ceil(ROWS);
    view! {
        <table class="list">
            <caption class="visually-hidden">"台帳"</caption>
            <thead>
                <tr>
                    <th scope="col">"日時"</th>
                    <th scope="col">"だれが"</th>
                    <th scope="col">"できごと"</th>
                    <th scope="col">"なにに"</th>
                    <th scope="col" class="num">"数"</th>
                    <th scope="col" class="num">"番号"</th>
                </tr>
            </thead>
            <tbody>
                {rows
                    .into_iter()
                    .map(|e| {
                        let c = e.at.tokyo();
                        let time = format!("{}:{:02}:{:02}", c.hour, c.minute, c.second);
                        let day = short_day(e.at, now);
                        let refused = e.result != "ok";
                        view! {
                            <tr>
                                <td class="c-time nowrap">
                                    <span>{day}</span>
                                    " "
                                    <span class="sub">{time}</span>
                                </td>
                                <td class="c-audience">{who(if e.act == "session.create" { &e.object } else { &e.actor }, &names)}</td>
                                <td class="title c-title">
                                    <strong>{e.act_label().to_owned()}</strong>
                                    {refused.then(|| view! { <span class="warn">"　できませんでした"</span> })}
                                </td>
                                <td class="c-audience">{object(&e.object, &names)}</td>
                                <td class="num c-figure" data-label="数">
                                    {e.count.map_or_else(|| "—".to_owned(), domain::time::thousands)}
                                </td>
                                <td class="num c-figure" data-label="番号">
                                    {if e.seq > 0 { domain::time::thousands(e.seq) } else { "封の前".to_owned() }}
                                </td>
                            </tr>
                        }
                    })
                    .collect_view()}
            </tbody>
        </table>
        <Pager
            total
            first
            last
            place=(asked.page, pages)
            previous=(asked.page > 1).then(|| asked.address(asked.page - 1))
            next=(asked.page < pages).then(|| asked.address(asked.page + 1))
        />
    }
}

fn short_day(at: Timestamp, now: Timestamp) -> String {
    ui::time::short(at, now).0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_in_the_address() {
        let asked = Asked { q: String::new(), from: Date::new(2026, 11, 1), until: None, page: 1 };
        assert_eq!(asked.address(1), "/console/settings/ledger?from=2026-11-01");
        assert_eq!(asked.address(2), "/console/settings/ledger?from=2026-11-01&page=2");
        assert_eq!(Asked::default().address(1), "/console/settings/ledger");
        assert!(asked.is_filtered() && !Asked::default().is_filtered());
    }
}
