//! What the home page shows, and how it is read.

use super::approvals::{AskedForm, Waiting};
use super::foot::WithLine;
use domain::alert::{Alert, Silence};
#[cfg(feature = "ssr")]
use domain::delivery::Delivery;
use domain::delivery::{Figures, Purpose, Status as Stand};
use domain::form::inbox::Unread;
use domain::id::DeliveryId;
use domain::time::{Date, Timestamp};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use ui::AppError;

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
    /// When it is to begin, if that was chosen.
    pub send_at: Option<Timestamp>,
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
    /// Nobody works: what stands still is not even noticed.
    pub silence: Option<Silence>,
    /// What stands still or failed and this person has not seen, the most urgent first.
    pub alerts: Vec<Alert>,
    /// How many of what they have seen goes on.
    pub seen_count: u64,
    /// The most urgent delivery that waits for a person, if any.
    pub held: Option<Item>,
    /// How many are held.
    pub held_count: u64,
    /// Finished in the last day with people whom LINE refused.
    pub failed: Option<Item>,
    /// How many such.
    pub failed_count: u64,
    /// What waits for a second person, the oldest first; at most 5.
    pub approvals: Vec<Waiting>,
    /// How many wait.
    pub approval_count: u64,
    /// Forms that wait to be published, the oldest request first; at most 5.
    pub forms: Vec<AskedForm>,
    /// How many wait.
    pub form_count: u64,
    /// Drafts that were changed last; at most 5.
    pub drafts: Vec<Item>,
    /// How many drafts there are.
    pub draft_count: u64,
    /// How we stand with LINE.
    pub line: WithLine,
}

/// What changes slowly, or is looked at seldom.
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
    /// The forms whose answers nobody has read, the one that has waited longest first; at most 5.
    /// A survey may have very many, which are not looked through every few seconds.
    pub unread: Vec<Unread>,
    /// Mails can be sent, and there are alerts of which nobody hears by mail: for who may change
    /// that.
    pub unheard: bool,
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
            send_at: d.send_at,
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
    let crate::server::Staff { ctx, platform, .. } = crate::server::staff()?;
    let today = find_today(&ctx).await?;
    let friends = find_friends(&platform, &ctx)
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
    // A series stands there with its next time only; what it has sent stands there by itself.
    let shown =
        |d: &Delivery| d.status != Stand::Draft && (d.recurrence.is_none() || d.send_at.is_some());
    let mut items: Vec<Item> = deliveries.into_iter().filter(shown).map(Item::from).collect();
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
    let me = match &ctx.actor {
        domain::permission::Actor::Staff { id, .. } => Some(*id),
        _ => None,
    };
    let silence = services::alert::silence(ctx).await?;
    let (seen, alerts): (Vec<Alert>, Vec<Alert>) = services::alert::open(ctx)
        .await?
        .into_iter()
        // That is said above all, whether or not the alert has begun and was seen.
        .filter(|a| silence.is_none() || a.kind != domain::alert::Kind::Silent)
        .partition(|a| a.seen.iter().any(|s| Some(s.by) == me));
    let (approvals, approval_count) = super::approvals::find(ctx).await?;
    let (forms, form_count) = super::approvals::find_forms(ctx).await?;
    let (drafts, draft_count, _) =
        list(ctx, &Query { status: Some(Stand::Draft), limit: 5, ..Query::default() }).await?;
    Ok(Today {
        now,
        items,
        total,
        recipients,
        silence,
        alerts,
        seen_count: seen.len() as u64,
        held: held.into_iter().next().map(Item::from),
        held_count: count(held_count),
        failed_count: failed.len() as u64,
        failed: failed.into_iter().next().map(Item::from),
        approvals,
        approval_count,
        forms,
        form_count,
        drafts: drafts.into_iter().map(Item::from).collect(),
        draft_count: count(draft_count),
        line: super::foot::find(ctx).await?,
    })
}

#[cfg(feature = "ssr")]
async fn find_friends(
    platform: &services::Platform,
    ctx: &services::Context,
) -> services::Result<Friends> {
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
    let unheard = ctx.allow(domain::permission::Permission::StaffWrite).is_ok() && {
        let found = services::alert::unheard(platform, ctx).await?;
        !found.relay && (found.city || !found.departments.is_empty())
    };
    Ok(Friends {
        unheard,
        unread: services::answer::unread_forms(ctx, 5).await?,
        friends,
        registered,
        unfollowed,
        days,
        steps: (attributes, friends > 0, deliveries > 0),
    })
}
