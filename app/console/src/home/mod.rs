//! ホーム: what must be decided, the day, the friends.

mod alert;
mod day;
mod friends;

use crate::delivery::NewDeliveryButton;
use crate::shell::{Me, use_me};
#[cfg(feature = "ssr")]
use domain::delivery::Delivery;
use domain::delivery::{Figures, Purpose, Status as Stand};
use domain::id::DeliveryId;
use domain::permission::Permission;
use domain::time::{Date, Timestamp};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use ui::prelude::*;

/// A delivery on the home page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Id.
    pub id: DeliveryId,
    /// For staff.
    pub title: String,
    /// Why it is sent.
    pub purpose: Purpose,
    /// Where it stands.
    pub status: Stand,
    /// Its place in the day.
    pub at: Timestamp,
    /// Whose it is.
    pub department: String,
    /// The figures so far.
    pub figures: Figures,
    /// Why it is held.
    pub held_reason: Option<String>,
}

/// What changes while one looks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Today {
    /// When this was read.
    pub now: Timestamp,
    /// The deliveries of today, by time, drafts left out; at most 100.
    pub items: Vec<Item>,
    /// How many there are today.
    pub total: u64,
    /// Their recipients together.
    pub recipients: u64,
    /// The most urgent delivery that waits for a person, if any.
    pub held: Option<Item>,
    /// How many are held.
    pub held_count: u64,
    /// Finished in the last day with people whom LINE refused.
    pub failed: Option<Item>,
    /// How many such.
    pub failed_count: u64,
    /// Drafts that were changed last; at most 5.
    pub drafts: Vec<Item>,
    /// How many drafts there are.
    pub draft_count: u64,
}

/// What changes slowly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Friends {
    /// Friends now.
    pub friends: u64,
    /// Friends who registered, as of the last count.
    pub registered: Option<u64>,
    /// Known people who are no longer friends, as of the last count.
    pub unfollowed: Option<u64>,
    /// Friends at the end of each of the last 30 days that has a count.
    pub days: Vec<(Date, u64)>,
    /// The first steps of a fresh city that are done: 登録項目, 友だち, 配信.
    pub steps: (bool, bool, bool),
}

#[cfg(feature = "ssr")]
impl From<Delivery> for Item {
    fn from(d: Delivery) -> Self {
        Self {
            id: d.id,
            title: d.title,
            purpose: d.purpose,
            status: d.status,
            at: d.frozen_at.or(d.send_at).unwrap_or(d.updated_at),
            department: d.department_name,
            figures: d.figures,
            held_reason: d.held_reason,
        }
    }
}

/// The day, what waits, what was begun, and the friends, who are missing if they cannot be counted.
///
/// # Errors
/// `Forbidden`, `SignInNeeded`; if the database is away.
#[server(prefix = "/console/fn")]
pub async fn read_home() -> Result<(Today, Option<Friends>), AppError> {
    let ctx = crate::server::staff()?.ctx;
    let today = find_today(&ctx).await?;
    let friends = find_friends(&ctx)
        .await
        .inspect_err(|error| tracing::error!(%error, "the friends could not be counted"));
    Ok((today, friends.ok()))
}

/// The day, what waits, and what was begun.
///
/// # Errors
/// `Forbidden`, `SignInNeeded`; if the database is away.
#[server(prefix = "/console/fn")]
pub async fn read_today() -> Result<Today, AppError> {
    Ok(find_today(&crate::server::staff()?.ctx).await?)
}

#[cfg(feature = "ssr")]
async fn find_today(ctx: &services::Context) -> services::Result<Today> {
    use domain::time::DAY;
    use services::delivery::{Query, Sort, list};
    let now = ctx.now();
    let start = now.date().start();
    let count = |n: i64| u64::try_from(n).unwrap_or(0);
    let day = Query {
        from: Some(start),
        until: Some(start.plus(DAY)),
        sort: Sort::Oldest,
        limit: 200,
        ..Query::default()
    };
    let (deliveries, ..) = list(ctx, &day).await?;
    let mut items: Vec<Item> =
        deliveries.into_iter().filter(|d| d.status != Stand::Draft).map(Item::from).collect();
    let (total, recipients) =
        (items.len() as u64, items.iter().map(|i| count(i.figures.recipients)).sum());
    items.truncate(100);
    let (held, held_count, _) = list(
        ctx,
        &Query { status: Some(Stand::Held), sort: Sort::Oldest, limit: 1, ..Query::default() },
    )
    .await?;
    let done = Query {
        status: Some(Stand::Done),
        from: Some(now.plus(-DAY)),
        limit: 200,
        ..Query::default()
    };
    let failed: Vec<Delivery> =
        list(ctx, &done).await?.0.into_iter().filter(|d| d.figures.failed > 0).collect();
    let (drafts, draft_count, _) =
        list(ctx, &Query { status: Some(Stand::Draft), limit: 5, ..Query::default() }).await?;
    Ok(Today {
        now,
        items,
        total,
        recipients,
        held: held.into_iter().next().map(Item::from),
        held_count: count(held_count),
        failed_count: failed.len() as u64,
        failed: failed.into_iter().next().map(Item::from),
        drafts: drafts.into_iter().map(Item::from).collect(),
        draft_count: count(draft_count),
    })
}

#[cfg(feature = "ssr")]
async fn find_friends(ctx: &services::Context) -> services::Result<Friends> {
    use domain::audience::Audience;
    let today = ctx.now().date();
    let number = |n: i64| u64::try_from(n).unwrap_or(0);
    let friends = number(services::audience::count(ctx, &Audience::Everyone, "").await?.count);
    let from = Date::from_days(today.days() - 29);
    let figure = async |name: &str| -> store::Result<Vec<(Date, u64)>> {
        Ok(store::figure::days(ctx, name, from, today)
            .await?
            .into_iter()
            .filter(|d| d.name == name)
            .map(|d| (d.date, number(d.value)))
            .collect())
    };
    let last = |days: Vec<(Date, u64)>| days.last().map(|(_, n)| *n);
    let mut days = figure("friends").await?;
    let (registered, unfollowed) =
        (last(figure("registered").await?), last(figure("unfollowed_total").await?));
    // Today's count moves until midnight: the line ends at what is known now.
    days.retain(|(date, _)| *date != today);
    days.push((today, friends));
    let attributes = !store::attribute::catalog(ctx).await?.attributes.is_empty();
    let query = services::delivery::Query { limit: 1, ..Default::default() };
    let (_, deliveries, _) = services::delivery::list(ctx, &query).await?;
    Ok(Friends {
        friends,
        registered,
        unfollowed,
        days,
        steps: (attributes, friends > 0, deliveries > 0),
    })
}

/// ホーム.
#[component]
pub fn HomePage() -> impl IntoView {
    // Blocking: the heading is a date, on which browser and server must agree.
    let first = Resource::new_blocking(|| (), |()| read_home());
    view! {
        <Suspense fallback=|| view! { <Skeleton sentence="きょうの予定を読みこんでいます" /> }>
            {move || Suspend::new(async move {
                match first.await {
                    Ok((today, friends)) => view! { <Live today friends /> }.into_any(),
                    Err(error) => view! { <ErrorPage error retry_href="/console" /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

/// States and counters each 5 s, without moving anything else.
#[component]
fn Live(today: Today, friends: Option<Friends>) -> impl IntoView {
    let me = use_me();
    let may_write = me.may(Permission::DeliveryWrite);
    let steps = friends.as_ref().map_or((true, true, true), |f| f.steps);
    let today = RwSignal::new(today);
    let trouble = RwSignal::new(None::<AppError>);
    Effect::new(move |_| {
        let ask = move || {
            // A page that is not looked at does not ask.
            if document().hidden() {
                return;
            }
            leptos::task::spawn_local(async move {
                // The page may have been left in the meantime.
                match read_today().await {
                    Ok(now) => {
                        today.try_set(now);
                        trouble.try_set(None);
                    }
                    Err(error) => {
                        trouble.try_set(Some(error));
                    }
                }
            });
        };
        let asks = set_interval_with_handle(ask, Duration::from_secs(5));
        on_cleanup(move || {
            if let Ok(asks) = asks {
                asks.clear();
            }
        });
    });
    let date = Memo::new(move |_| today.with(|t| t.now.date()));
    let title = Signal::derive(move || {
        let date = date.get();
        format!("{}月{}日（{}）", date.month, date.day, date.weekday_name())
    });
    view! {
        <div class="page">
            <div class="page-head">
                <div class="page-words">
                    <div class="home-date">
                        <PageTitle title />
                        <span class="sub">{move || date.get().era_year()}</span>
                    </div>
                </div>
                <div class="page-acts">
                    <NewDeliveryButton />
                </div>
            </div>
            <div class="stack">
                <div role="status">
                    {move || {
                        trouble
                            .get()
                            .map(|error| {
                                let since = today.with(|t| t.now.time_of_day());
                                view! { <p class="warn">{format!("{since} の様子です。{}。{}", error.title(), error.next())}</p> }
                            })
                    }}
                </div>
                {move || view! { <alert::Alert today=today.get() /> }}
                <Beginning steps me />
                <div class="cols-main-side">
                    <div class="stack">
                        {move || view! { <day::Day today=today.get() /> }}
                        <friends::FriendsPanel friends />
                    </div>
                    {move || view! { <Drafts today=today.get() may_write /> }}
                </div>
            </div>
        </div>
    }
}

/// はじめに: the three steps of a fresh city, until all are done.
#[component]
fn Beginning(steps: (bool, bool, bool), me: Me) -> impl IntoView {
    let (attributes, friends, deliveries) = steps;
    if attributes && friends && deliveries {
        return ().into_any();
    }
    let steps = [
        (
            attributes,
            "登録項目を作る",
            "住民に何をたずねるか。お住まいの地区や、知りたいこと。",
            "/console/attributes",
            me.may(Permission::AttributeWrite),
        ),
        (
            friends,
            "友だちを同期する",
            "いまいる友だちは、LINEとつながると自動で受け取ります。新しい友だちは、そのたびに足されます。",
            "/console/residents",
            me.may(Permission::ResidentRead),
        ),
        (
            deliveries,
            "配信する",
            "まず試験者に送って、届き方を確かめます。",
            "/console/deliveries/new",
            me.may(Permission::DeliveryWrite),
        ),
    ];
    view! {
        <Panel title="はじめに" note="3つで始められます">
            <ol class="rows">
                {steps
                    .into_iter()
                    .enumerate()
                    .map(|(i, (done, words, why, href, may))| {
                        let (status, word) = if done { (Status::Done, "すみました") } else { (Status::Draft, "これから") };
                        let label = format!("{} {words}", i + 1);
                        view! {
                            <li>
                                <div class="grow">
                                    <strong>{if may { view! { <a href=href>{label}</a> }.into_any() } else { label.into_any() }}</strong>
                                    <p class="dense">{why}</p>
                                </div>
                                <StatusMark status word />
                            </li>
                        }
                    })
                    .collect_view()}
            </ol>
            <p class="dense"><a href="/console/help/start">"始め方をくわしく読む"</a></p>
        </Panel>
    }
    .into_any()
}

/// 書きかけの配信: what was begun and not sent.
#[component]
fn Drafts(today: Today, may_write: bool) -> impl IntoView {
    let rest = today.draft_count.saturating_sub(today.drafts.len() as u64);
    let now = today.now;
    let note = if today.draft_count > 0 {
        format!("{}件", count(today.draft_count))
    } else {
        String::new()
    };
    view! {
        <Panel
            title="書きかけの配信"
            note
        >
            {if today.drafts.is_empty() {
                view! { <p class="sub">"書きかけはありません。"</p> }.into_any()
            } else {
                view! {
                    <ul class="rows">
                        {today
                            .drafts
                            .into_iter()
                            .map(|d| {
                                let href = if may_write { format!("/console/deliveries/{}/edit", d.id) } else { format!("/console/deliveries/{}", d.id) };
                                let title = if d.title.is_empty() { "（件名なし）".to_owned() } else { d.title };
                                view! {
                                    <li>
                                        <div class="grow">
                                            <strong><a href=href>{title}</a></strong>
                                            <p class="row-meta">
                                                <PurposeTag purpose=d.purpose />
                                                {d.department}
                                                "・"
                                                {d.at.near(now)}
                                            </p>
                                        </div>
                                    </li>
                                }
                            })
                            .collect_view()}
                    </ul>
                }
                    .into_any()
            }}
            {(rest > 0)
                .then(|| view! { <p class="dense"><a href="/console/deliveries?status=draft">{format!("ほかの {}件を見る", count(rest))}</a></p> })}
        </Panel>
    }
}
