//! All rich menus: what there is, who has what, and many residents using theirs.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use line::UserId;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Body, ControlError};
use crate::shared::Shared;
use crate::world::{Friend, MenuDay, MenuNo, MenuRecord, Record, ResidentNo, World};

/// Times and people.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct Count {
    /// How often.
    times: u64,
    /// By how many residents.
    people: usize,
}

/// A menu that was made.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MadeMenu {
    /// Its id.
    rich_menu_id: String,
    /// Its name.
    name: String,
    /// When it was made (UTC microseconds).
    made_at: i64,
    /// Whether it has a picture.
    has_picture: bool,
    /// Whether it is the default.
    is_default: bool,
    /// Aliases that lead to it.
    aliases: Vec<String>,
    /// Residents to whom it is linked.
    linked: usize,
    /// How often phones showed it.
    shown: Count,
    /// How often each area was tapped.
    tapped: Vec<Count>,
}

fn count<'a>(days: impl Iterator<Item = &'a HashMap<ResidentNo, u32>>) -> Count {
    let mut people = HashSet::new();
    let mut times = 0;
    for day in days {
        times += day.values().copied().map(u64::from).sum::<u64>();
        people.extend(day.keys().copied());
    }
    Count { times, people: people.len() }
}

/// Residents by the menu that is linked to them.
fn linked(world: &World) -> BTreeMap<MenuNo, usize> {
    let mut sums = BTreeMap::new();
    for who in 0..world.residents.len() as ResidentNo {
        if let Some(menu) = world.menus.linked(who) {
            *sums.entry(menu).or_default() += 1;
        }
    }
    sums
}

/// All rich menus, with what phones did with them whether LINE would tell it or not.
#[utoipa::path(get, path = "/_sandbox/menus", tag = "menus",
    responses((status = 200, body = Vec<MadeMenu>)))]
pub async fn list(State(shared): State<Arc<Shared>>) -> Json<Vec<MadeMenu>> {
    let now = shared.now();
    let mut world = shared.world();
    world.settle_menus(now);
    let linked = linked(&world);
    let menus = &world.menus;
    let all = menus.all().map(|(no, menu)| {
        let days: Vec<&MenuDay> =
            menus.days.range((no, i64::MIN)..=(no, i64::MAX)).map(|(_, day)| day).collect();
        let leads = menus.aliases.iter().filter(|(_, to)| **to == no);
        MadeMenu {
            rich_menu_id: menu.id.to_string(),
            name: menu.object["name"].as_str().unwrap_or_default().to_owned(),
            made_at: menu.made_at,
            has_picture: menu.picture.is_some(),
            is_default: menus.default_menu() == Some(no),
            aliases: leads.map(|(alias, _)| alias.to_string()).collect(),
            linked: linked.get(&no).copied().unwrap_or(0),
            shown: count(days.iter().map(|day| &day.shown)),
            tapped: (0..menu.areas().len())
                .map(|n| count(days.iter().filter_map(|day| day.taps.get(n))))
                .collect(),
        }
    });
    Json(all.collect())
}

/// How many residents to draw.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct Sample {
    /// So many residents, at most 10,000; none if absent.
    sample: usize,
    /// Decides which.
    seed: u64,
}

/// One resident's own menu.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Link {
    /// Who.
    #[schema(value_type = String)]
    user_id: UserId,
    /// The linked menu.
    rich_menu_id: Option<String>,
}

/// Who has which own menu.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Links {
    /// Residents there are.
    residents: usize,
    /// Of them, by the id of their own menu.
    linked: BTreeMap<String, usize>,
    /// Of the friends, without an own menu.
    friends_without: usize,
    /// Bulk calls and batches that were accepted and not applied yet.
    waiting: usize,
    /// Residents that were drawn.
    sample: Vec<Link>,
}

fn link_of(world: &World, who: ResidentNo) -> Link {
    let menu = world.menus.linked(who);
    Link {
        user_id: world.residents[who as usize].id,
        rich_menu_id: menu.map(|menu| world.menus.id(menu).to_owned()),
    }
}

/// Counts own menus and draws residents: what a city of any size can be checked by.
#[utoipa::path(get, path = "/_sandbox/menus/links", tag = "menus", params(Sample),
    responses((status = 200, body = Links)))]
pub async fn links(State(shared): State<Arc<Shared>>, Query(asked): Query<Sample>) -> Json<Links> {
    let now = shared.now();
    let mut world = shared.world();
    world.settle_menus(now);
    let residents = world.residents.len();
    let friends = world.residents.iter().zip(0..).filter(|(r, _)| r.friend == Friend::Friend);
    let friends_without = friends.filter(|(_, who)| world.menus.linked(*who).is_none()).count();
    Json(Links {
        residents,
        linked: linked(&world)
            .into_iter()
            .map(|(menu, people)| (world.menus.id(menu).to_owned(), people))
            .collect(),
        friends_without,
        waiting: world.menus.waiting(),
        sample: drawn(residents, asked.sample.min(10_000), asked.seed)
            .into_iter()
            .map(|who| link_of(&world, who))
            .collect(),
    })
}

/// Numbers below `of`, each at most once, that depend on nothing but the seed.
fn drawn(of: usize, wanted: usize, seed: u64) -> Vec<ResidentNo> {
    let of = ResidentNo::try_from(of).unwrap_or(ResidentNo::MAX);
    if wanted >= of as usize {
        return (0..of).collect();
    }
    let mut rng = StdRng::seed_from_u64(seed);
    let mut drawn = BTreeSet::new();
    while drawn.len() < wanted {
        drawn.insert(rng.random_range(0..of));
    }
    drawn.into_iter().collect()
}

/// `user_id,rich_menu_id` for every resident; empty without an own menu.
#[utoipa::path(get, path = "/_sandbox/menus/links.csv", tag = "menus",
    responses((status = 200, body = String, content_type = "text/csv")))]
pub async fn links_csv(State(shared): State<Arc<Shared>>) -> Response {
    let mut csv = String::from("user_id,rich_menu_id\n");
    {
        let now = shared.now();
        let mut world = shared.world();
        world.settle_menus(now);
        for (resident, who) in world.residents.iter().zip(0..) {
            let menu = world.menus.linked(who).map_or("", |menu| world.menus.id(menu));
            let _ = writeln!(csv, "{},{menu}", resident.id);
        }
    }
    ([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], csv).into_response()
}

/// Which residents use their menus.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct UseMenus {
    /// Share of friends who look at theirs, 0 to 1.
    share: f64,
    /// Share of those, 0 to 1, who tap; residents take the areas in turn.
    #[serde(default)]
    tap_share: f64,
    /// Decides who.
    #[serde(default)]
    seed: u64,
}

/// A share of all friends look at their menus and tap, without webhooks: figures.
#[utoipa::path(post, path = "/_sandbox/menus/use", tag = "menus", request_body = UseMenus,
    responses((status = 204), (status = 422)))]
pub async fn use_all(
    State(shared): State<Arc<Shared>>,
    Body(order): Body<UseMenus>,
) -> Result<StatusCode, ControlError> {
    let UseMenus { share, tap_share, seed } = order;
    if [share, tap_share].iter().any(|share| !(0.0..=1.0).contains(share)) {
        return Err(ControlError::refused("shares lie between 0 and 1"));
    }
    let at = shared.now();
    shared.world().commit(Record::Menu(MenuRecord::Used { at, share, tap_share, seed }))?;
    Ok(StatusCode::NO_CONTENT)
}
