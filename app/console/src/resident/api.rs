//! Server functions of the residents' pages.

use domain::attribute::Catalog;
use domain::delivery::Purpose;
use domain::id::{ChoiceId, DeliveryId, ResidentId};
use domain::resident::Resident;
use domain::time::{Date, Timestamp};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use ui::AppError;

/// Rows of a page of the list.
pub const PAGE: i64 = 20;

/// What the address of the list says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// `registered`, `unregistered`, `left`, `testers`; else all.
    pub state: String,
    /// Who chose this, or in a tree something in it.
    pub choice: Option<ChoiceId>,
    /// The resident's number, as it was typed.
    pub number: String,
    /// `oldest`, `registered`; else newest first.
    pub sort: String,
    /// From 1.
    pub page: i64,
}

/// A page of residents.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Listed {
    /// The rows.
    pub residents: Vec<Resident>,
    /// How many fit in all.
    pub total: i64,
    /// What the choices are called.
    pub catalog: Catalog,
    /// When it was read.
    pub now: Timestamp,
    /// Whether the viewer may take the CSV.
    pub may_export: bool,
}

/// A page of residents; that it was looked at is written to the ledger.
#[server(prefix = "/console/fn")]
pub async fn list_residents(ask: Ask) -> Result<Listed, AppError> {
    use domain::permission::Permission;
    use services::resident::{Filter, Query, Sort};
    let staff = crate::server::staff()?;
    staff.ctx.allow(Permission::ResidentRead)?;
    let catalog = services::attribute::catalog(&staff.ctx).await?;
    let choices = ask.choice.map(|id| {
        let home = catalog.attributes.iter().find_map(|a| {
            a.choices.iter().find(|c| c.id == id).map(|c| a.with_descendants(&c.key))
        });
        // A choice that is gone was chosen by nobody.
        home.map_or_else(|| vec![id], |below| below.into_iter().collect())
    });
    let number = match super::list::number(&ask.number) {
        Ok(number) => number,
        Err(message) => return Err(AppError::invalid("number", message)),
    };
    let query = Query {
        filter: match ask.state.as_str() {
            "registered" => Filter::Registered,
            "unregistered" => Filter::Unregistered,
            "left" => Filter::Unfollowed,
            "testers" => Filter::Testers,
            _ => Filter::All,
        },
        choices: choices.unwrap_or_default(),
        number,
        sort: match ask.sort.as_str() {
            "oldest" => Sort::Oldest,
            "registered" => Sort::Registered,
            _ => Sort::Newest,
        },
        offset: (ask.page.max(1) - 1).saturating_mul(PAGE),
        limit: PAGE,
    };
    let (residents, total) = services::resident::list(&staff.ctx, &query).await?;
    Ok(Listed {
        residents,
        total,
        catalog,
        now: staff.ctx.now(),
        may_export: staff.ctx.allow(Permission::ResidentExport).is_ok(),
    })
}

/// A line of a resident's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// `follow`, `unfollow`, `register`, `change`, `talk`.
    pub kind: String,
    /// What changed, one change a line.
    pub detail: String,
}

/// One resident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Detail {
    /// Who.
    pub resident: Resident,
    /// What they may have answered.
    pub catalog: Catalog,
    /// The newest first.
    pub history: Vec<Event>,
    /// When it was read.
    pub now: Timestamp,
    /// Whether the viewer may make them a tester.
    pub may_test: bool,
}

/// One resident; that it was looked at is written to the ledger.
#[server(prefix = "/console/fn")]
pub async fn read_resident(id: ResidentId) -> Result<Detail, AppError> {
    let staff = crate::server::staff()?;
    let resident = services::resident::get(&staff.ctx, id).await?;
    let history = services::resident::history(&staff.ctx, id).await?;
    Ok(Detail {
        resident,
        catalog: services::attribute::catalog(&staff.ctx).await?,
        history: history
            .into_iter()
            .map(|h| Event { at: h.at, kind: h.kind, detail: h.detail })
            .collect(),
        now: staff.ctx.now(),
        may_test: staff.ctx.allow(domain::permission::Permission::DeliverySend).is_ok(),
    })
}

/// A delivery, and whether LINE took it for the resident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Received {
    /// Which.
    pub id: DeliveryId,
    /// Its title.
    pub title: String,
    /// Its purpose.
    pub purpose: Purpose,
    /// When it was sent.
    pub at: Timestamp,
    /// Whether LINE took it; nothing where that is not known of single residents.
    pub taken: Option<bool>,
}

/// The last deliveries that were sent since the resident is known.
#[server(prefix = "/console/fn")]
pub async fn resident_deliveries(id: ResidentId) -> Result<Vec<Received>, AppError> {
    let staff = crate::server::staff()?;
    let found = services::resident::received(&staff.ctx, id).await?;
    Ok(found
        .into_iter()
        .filter_map(|(d, taken)| {
            Some(Received { at: d.frozen_at?, id: d.id, title: d.title, purpose: d.purpose, taken })
        })
        .collect())
}

/// Makes a resident a tester under a name.
#[server(prefix = "/console/fn")]
pub async fn make_tester(id: ResidentId, name: String) -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    Ok(services::resident::set_tester(&staff.ctx, id, Some(&name)).await?)
}

/// A resident is no tester any more.
#[server(prefix = "/console/fn")]
pub async fn remove_tester(id: ResidentId) -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    Ok(services::resident::set_tester(&staff.ctx, id, None).await?)
}

/// The figures of a period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// First day.
    pub from: Date,
    /// Last day.
    pub until: Date,
    /// Friends, registered friends, residents who left: of each day that was counted.
    pub days: Vec<(Date, [Option<i64>; 3])>,
    /// The same just now.
    pub present: [i64; 3],
    /// Friends for each choice, just now.
    pub choices: Vec<(ChoiceId, i64)>,
    /// Friends who answered each attribute, just now.
    pub answered: Vec<(domain::id::AttributeId, i64)>,
    /// Friends in each age or month, for attributes of years and dates.
    pub grouped: Vec<(domain::id::AttributeId, Vec<(domain::attribute::Group, i64)>)>,
    /// What the choices are called.
    pub catalog: Catalog,
    /// When the days' figures were last counted.
    pub counted_at: Option<Timestamp>,
    /// When it was read.
    pub now: Timestamp,
    /// Whether the viewer may take the CSV.
    pub may_export: bool,
}

/// The figures of registration: `from` and `until` as `2026-11-20`, or the last 30 days.
#[server(prefix = "/console/fn")]
pub async fn registration_figures(from: String, until: String) -> Result<Figures, AppError> {
    use domain::permission::Permission;
    let staff = crate::server::staff()?;
    let ctx = &staff.ctx;
    let now = ctx.now();
    let (from, until) = domain::time::period(&from, &until, now.date(), 3 * 366);
    let mut days: std::collections::BTreeMap<Date, [Option<i64>; 3]> =
        std::collections::BTreeMap::new();
    for (i, name) in ["friends", "registered", "unfollowed_total"].into_iter().enumerate() {
        for day in services::resident::days(ctx, name, from, until).await? {
            if day.name == name {
                days.entry(day.date).or_default()[i] = Some(day.value);
            }
        }
    }
    let present = services::resident::figures(ctx).await?;
    let present = [present.friends, present.registered, present.unfollowed];
    // What was last counted of today would contradict the people of now beside it.
    if let Some(today) = days.get_mut(&now.date()) {
        *today = present.map(Some);
    }
    Ok(Figures {
        from,
        until,
        days: days.into_iter().collect(),
        present,
        choices: services::resident::by_choice(ctx).await?,
        answered: services::attribute::answered(ctx).await?,
        grouped: services::attribute::grouped(ctx).await?,
        catalog: services::attribute::catalog(ctx).await?,
        counted_at: services::resident::counted_at(ctx).await?,
        now,
        may_export: ctx.allow(Permission::ResidentExport).is_ok(),
    })
}

/// Counts today's figures again.
#[server(prefix = "/console/fn")]
pub async fn recount_figures() -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    Ok(services::resident::recount(&staff.ctx).await?)
}
