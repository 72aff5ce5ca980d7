//! Who sees what: [`Program::shown`] for everybody, by the bitmaps of audiences, and the
//! program as it is published.

use crate::{Context, Platform, Result, audience};
use domain::audience::{Audience, Facts, Resolved};
use domain::id::{MenuId, ResidentId};
use domain::menu::program::Prepared;
use domain::menu::publish::Desired;
use domain::menu::render::{Hash, Install, Key, Rendering, hash};
use domain::menu::{
    Act, Disaster, Menu, Mode, Previewed, Program, Shown, Situation, Standing, Status, When, Whose,
};
use domain::message::Hosts;
use domain::permission::{Actor, Permission};
use domain::time::{Date, Timestamp};
use roaring::RoaringBitmap;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use store::menu::{At, Lines};

/// The base of what stands in for a program before there is one: no menu has this number.
const NO_MENU: MenuId = MenuId(0);
/// Residents looked at before other work of the process gets its turn.
const AT_ONCE: usize = 5_000;

type Shorts = BTreeMap<(Key, u16, String), String>;

/// What is published and declared, read once an epoch.
#[derive(Clone, Debug)]
pub struct InForce {
    /// Which epoch.
    pub epoch: i64,
    /// This installation.
    pub install: Install,
    /// The program, if one is published; while a menu is tried out before that, one that shows it
    /// to testers and nothing to all others.
    pub program: Option<Program>,
    /// The published menus.
    pub menus: BTreeMap<MenuId, Menu>,
    /// What testers try out.
    pub trial: Option<MenuId>,
    /// The draft of the program that testers try out.
    pub tried: Option<Program>,
    /// When that ends by itself.
    pub(super) tried_until: Option<Timestamp>,
    /// What is declared, meant and as a drill, and since when.
    pub declared: BTreeMap<Mode, (Disaster, Timestamp)>,
    shorts: Shorts,
    sheets: OnceLock<BTreeMap<Key, Hash>>,
    base: String,
    liff: String,
}

/// What one process remembers of rich menus.
#[derive(Default)]
pub struct Cache {
    in_force: Mutex<Option<Arc<InForce>>>,
    pub(super) taps: super::tap::Taps,
    pub(super) font: OnceLock<raster::Font>,
}

/// What is published and declared.
///
/// # Errors
/// If the database is away.
pub async fn in_force(platform: &Platform, ctx: &Context) -> Result<Arc<InForce>> {
    let epoch = store::menu::epoch(ctx).await?;
    let kept = platform.menus.in_force.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let lasts = |k: &Arc<InForce>| k.tried_until.is_none_or(|until| ctx.now() < until);
    if let Some(kept) = kept.filter(|k| k.epoch == epoch && lasts(k)) {
        return Ok(kept);
    }
    let ctx = &ctx.acting(Actor::System);
    let now = store::menu::in_force(ctx).await?;
    let declared = store::menu::declared_now(ctx).await?;
    let (tried, tried_until) = store::menu::program_tried(ctx).await?.unzip();
    let program = store::menu::program_in_force(ctx).await?;
    let mut read = InForce {
        epoch,
        install: store::menu::install(ctx).await?,
        program: program.or_else(|| now.trial.map(|_| Program::new(NO_MENU))),
        menus: now.menus,
        trial: now.trial,
        tried,
        tried_until,
        declared: declared.iter().map(|d| (d.mode, (d.disaster, d.began_at))).collect(),
        shorts: Shorts::new(),
        sheets: OnceLock::new(),
        base: platform.settings.public_url.clone(),
        liff: platform.settings.liff_link(""),
    };
    read.shorts = store::menu::short(ctx, &read.counted(ctx)).await?;
    let read = Arc::new(read);
    *platform.menus.in_force.lock().unwrap_or_else(PoisonError::into_inner) = Some(read.clone());
    Ok(read)
}

impl InForce {
    /// The addresses of areas whose taps are counted by a detour: those that are meant, and of
    /// what is prepared for disasters those of drills.
    fn counted(&self, ctx: &Context) -> Vec<(Key, u16, String)> {
        let prepared = self.programs().flat_map(|p| &p.emergencies);
        let drilled: BTreeSet<MenuId> = prepared.flat_map(Prepared::menus).collect();
        let mut all = Vec::new();
        for (id, menu) in &self.menus {
            for sheet in &menu.sheets {
                let real = Key { menu: *id, sheet: sheet.key, mode: Mode::Real };
                for area in &sheet.areas {
                    let Act::Open(_) = &area.act else { continue };
                    let Some(uri) = area.act.address(self.hosts()) else { continue };
                    if area.act.uncounted(ctx.store.own()).is_some() {
                        continue;
                    }
                    if drilled.contains(id) {
                        all.push((Key { mode: Mode::Drill, ..real }, area.key, uri.clone()));
                    }
                    all.push((real, area.key, uri));
                }
            }
        }
        all
    }

    /// The program in force, and the draft that testers try out.
    pub(super) fn programs(&self) -> impl Iterator<Item = &Program> {
        self.program.iter().chain(&self.tried)
    }

    /// The program that decides for somebody.
    fn deciding(&self, situation: &Situation, standing: &Standing) -> Option<&Program> {
        let program = self.program.as_ref()?;
        Some(program.deciding(self.tried.as_ref(), situation, standing))
    }

    /// What somebody is to see, and why.
    fn shown(
        &self,
        situation: &Situation,
        standing: &Standing,
        is_in: &dyn Fn(&Audience) -> bool,
    ) -> Option<Shown> {
        let program = self.program.as_ref()?;
        let deciding = program.deciding(self.tried.as_ref(), situation, standing);
        let shown = deciding.shown(situation, standing, &self.menus, is_in)?;
        Some(if std::ptr::eq(program, deciding) { shown } else { shown.tried() })
    }

    /// Whether testers alone are shown a menu.
    pub(super) fn is_tried(&self, menu: MenuId) -> bool {
        let named = |p: &Program| p.menus().contains(&menu);
        self.trial == Some(menu)
            || (self.tried.as_ref().is_some_and(named) && !self.program.as_ref().is_some_and(named))
    }

    fn hosts(&self) -> Hosts<'_> {
        Hosts { base: &self.base, liff: &self.liff, ..Hosts::default() }
    }

    /// With what sheets are rendered.
    pub(super) fn with_rendering<T>(&self, render: impl FnOnce(&Rendering<'_>) -> T) -> T {
        let short =
            |key: Key, area: u16, uri: &str| self.shorts.get(&(key, area, uri.to_owned())).cloned();
        render(&Rendering { install: &self.install, hosts: self.hosts(), short: &short })
    }

    /// The same, with something else declared now in that mode; nothing: it has ended. What is
    /// declared in the other one stays.
    pub(super) fn with_declared(
        &self,
        mode: Mode,
        disaster: Option<Disaster>,
        now: Timestamp,
    ) -> Self {
        let mut other = Self { sheets: OnceLock::new(), ..self.clone() };
        if self.declared.get(&mode).map(|(held, _)| *held) == disaster {
            return other;
        }
        match disaster {
            Some(disaster) => other.declared.insert(mode, (disaster, now)),
            None => other.declared.remove(&mode),
        };
        other
    }

    /// The same, with a menu published as it is written. The first one is the base.
    pub(super) fn with_menu(&self, id: MenuId, menu: Menu) -> Self {
        let mut other = Self { sheets: OnceLock::new(), ..self.clone() };
        let published = other.program.take().filter(|program| program.base != NO_MENU);
        other.program = published.or_else(|| Some(Program::new(id)));
        other.menus.insert(id, menu);
        other
    }

    /// The same, with another program: nothing of it is tried out any more.
    pub(super) fn with_program(&self, program: Option<Program>) -> Self {
        Self { program, tried: None, sheets: OnceLock::new(), ..self.clone() }
    }

    /// The same, with another draft of the program that testers try out, and no menu.
    pub(super) fn with_tried(&self, tried: Option<Program>) -> Self {
        Self { tried, trial: None, sheets: OnceLock::new(), ..self.clone() }
    }

    /// How things stand now: what is meant comes before a drill.
    pub fn situation(&self, now: Timestamp) -> Situation {
        let first = self.declared.first_key_value();
        let (emergency, since) =
            first.map(|(mode, (disaster, since))| ((*disaster, *mode), *since)).unzip();
        Situation { now, emergency, since: since.unwrap_or(now) }
    }

    /// The desired state without the residents. What the sheets are made of is found out once:
    /// it is all of their drawing.
    pub(super) fn desired(&self, situation: &Situation) -> Desired {
        let Some(program) = &self.program else { return Desired::default() };
        let sheets = self.sheets.get_or_init(|| {
            self.with_rendering(|with| {
                let mut sheets = program.desired(situation, &self.menus, with).sheets;
                if let Some(tried) = &self.tried {
                    sheets.extend(tried.desired(situation, &self.menus, with).sheets);
                }
                if let Some((id, menu)) = self.trial.and_then(|id| self.menus.get_key_value(&id)) {
                    sheets.extend(menu.sheets.iter().map(|sheet| {
                        let key = Key { menu: *id, sheet: sheet.key, mode: Mode::Real };
                        (key, hash(*id, menu, sheet, Mode::Real, with))
                    }));
                }
                sheets
            })
        });
        let nobody = Standing::default();
        let shown = program.shown(situation, &nobody, &self.menus, &Audience::is_everyone);
        Desired { sheets: sheets.clone(), default: shown.map(|s| s.key()), links: BTreeMap::new() }
    }
}

/// Everybody, or some, with what they are to see.
#[derive(Debug, Default)]
pub struct Evaluated {
    /// The desired state, with their links.
    pub desired: Desired,
    /// Who was looked at.
    pub looked_at: RoaringBitmap,
    /// When somebody of them is to be looked at again, because a rule ends.
    pub again: Option<Timestamp>,
    /// The names of variants whose audience cannot be used: nobody belongs to them.
    pub broken: Vec<String>,
}

impl Evaluated {
    /// Some residents who belong to the same audiences.
    fn show(
        &mut self,
        now: &InForce,
        program: &Program,
        situation: &Situation,
        (audiences, bits): (&[(Audience, Resolved)], &[bool]),
        standings: &mut BTreeMap<ResidentId, Standing>,
        residents: &[u32],
    ) {
        let is_in = |a: &Audience| {
            audiences.iter().position(|(known, _)| known == a).is_some_and(|i| bits[i])
        };
        let plain = program.shown(situation, &Standing::default(), &now.menus, &is_in);
        for id in residents {
            let resident = ResidentId(i64::from(*id));
            let Some(standing) = standings.get_mut(&resident) else {
                self.desired.show(resident, plain.as_ref());
                continue;
            };
            standing.trial = now.trial;
            let program = program.deciding(now.tried.as_ref(), situation, standing);
            let ends = program.rule_ends(standing).filter(|at| *at > situation.now);
            self.again = self.again.into_iter().chain(ends).min();
            let shown = program.shown(situation, standing, &now.menus, &is_in);
            self.desired.show(resident, shown.as_ref());
        }
    }
}

/// The audiences of the program, and of the draft that is tried out, resolved; who names what is
/// not there any more has nobody.
async fn resolved(
    ctx: &Context,
    now: &InForce,
) -> Result<(Vec<(Audience, Resolved)>, Vec<String>)> {
    let named = audience::named(now.programs().flat_map(super::audiences));
    let catalog = audience::catalog(ctx, named).await?;
    let (mut all, mut broken): (Vec<(Audience, Resolved)>, _) = (Vec::new(), Vec::new());
    let prepared = now.programs().flat_map(|p| &p.emergencies).flat_map(|e| &e.variants);
    for variant in now.programs().flat_map(|p| &p.variants).chain(prepared) {
        if all.iter().any(|(known, _)| *known == variant.audience) {
            continue;
        }
        let resolved = variant.audience.resolve(&catalog, "").unwrap_or_else(|_| {
            broken.push(variant.name.clone());
            Resolved::Any(Vec::new())
        });
        all.push((variant.audience.clone(), resolved));
    }
    Ok((all, broken))
}

/// Evaluates everybody, or those of `of`.
///
/// # Errors
/// If the database is away.
pub(super) async fn evaluate(
    ctx: &Context,
    now: &InForce,
    situation: &Situation,
    of: Option<&RoaringBitmap>,
) -> Result<Evaluated> {
    let mut found = Evaluated { desired: now.desired(situation), ..Evaluated::default() };
    let Some(program) = &now.program else {
        for (_, set) in store::audience::partition(ctx, &[], of).await? {
            found.looked_at |= set;
        }
        return Ok(found);
    };
    let (audiences, broken) = resolved(ctx, now).await?;
    found.broken = broken;
    let asked: Vec<Resolved> = audiences.iter().map(|(_, r)| r.clone()).collect();
    let classes = store::audience::partition(ctx, &asked, of).await?;
    let mut standings = store::menu::standings(ctx, of).await?;
    for (bits, set) in classes {
        let ids: Vec<u32> = set.iter().collect();
        for piece in ids.chunks(AT_ONCE) {
            found.show(now, program, situation, (&audiences, &bits), &mut standings, piece);
            tokio::task::yield_now().await;
        }
        found.looked_at |= set;
    }
    Ok(found)
}

/// What one resident is to see, and why (NFR: explained).
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn seen_by(
    platform: &Platform,
    ctx: &Context,
    resident: ResidentId,
) -> Result<Option<Shown>> {
    ctx.allow(Permission::MenuRead)?;
    let ctx = &ctx.acting(Actor::System);
    let now = in_force(platform, ctx).await?;
    if now.program.is_none() {
        return Ok(None);
    }
    let (audiences, _) = resolved(ctx, &now).await?;
    let (audiences, standing) = known_of(ctx, &now, audiences, resident).await?;
    let situation = now.situation(ctx.now());
    Ok(now.shown(&situation, &standing, &is_in(&audiences)))
}

/// The program that decides for a resident now.
///
/// # Errors
/// If the database is away.
pub(super) async fn program_of<'a>(
    ctx: &Context,
    now: &'a InForce,
    resident: ResidentId,
) -> Result<Option<&'a Program>> {
    if now.tried.is_none() {
        return Ok(now.program.as_ref());
    }
    let standing = standing(ctx, &alone(resident)?, resident).await?;
    Ok(now.deciding(&now.situation(ctx.now()), &standing))
}

fn alone(resident: ResidentId) -> Result<RoaringBitmap> {
    let id = u32::try_from(resident.0).map_err(|_| crate::Error::NotFound)?;
    Ok(RoaringBitmap::from_iter([id]))
}

async fn standing(ctx: &Context, of: &RoaringBitmap, resident: ResidentId) -> Result<Standing> {
    Ok(store::menu::standings(ctx, Some(of)).await?.remove(&resident).unwrap_or_default())
}

/// To which audiences of a program a resident belongs, and how they stand.
async fn known_of(
    ctx: &Context,
    now: &InForce,
    audiences: Vec<(Audience, Resolved)>,
    resident: ResidentId,
) -> Result<(Vec<(Audience, bool)>, Standing)> {
    let asked: Vec<Resolved> = audiences.iter().map(|(_, r)| r.clone()).collect();
    let of = alone(resident)?;
    let classes = store::audience::partition(ctx, &asked, Some(&of)).await?;
    let bits = classes.into_iter().next().map(|(bits, _)| bits).unwrap_or_default();
    let mut standing = standing(ctx, &of, resident).await?;
    standing.trial = now.trial;
    // Who is no friend belongs to none.
    let bits = bits.into_iter().chain(std::iter::repeat(false));
    Ok((audiences.into_iter().map(|(a, _)| a).zip(bits).collect(), standing))
}

fn is_in(audiences: &[(Audience, bool)]) -> impl Fn(&Audience) -> bool {
    move |a: &Audience| audiences.iter().any(|(known, inside)| known == a && *inside)
}

/// The menu that somebody would get (MENU-3, MENU-4): by `program` as it is written, or by the
/// published one where there is none; as things stand also by the draft that testers try out.
/// Nothing where no menu would be shown: also to who is no friend. Of a menu that was not
/// published yet the draft is taken.
/// Nobody belongs to an audience of `program` that the actor may not ask for.
///
/// # Errors
/// `Forbidden`, for a resident also without the right to see residents; `NotFound`.
pub async fn preview(
    platform: &Platform,
    ctx: &Context,
    program: Option<Program>,
    whose: &Whose,
    when: When,
) -> Result<Option<Previewed>> {
    ctx.allow(Permission::MenuRead)?;
    let system = &ctx.acting(Actor::System);
    let mut now = InForce::clone(&*in_force(platform, system).await?);
    if when != When::Now {
        now.tried = None;
    }
    // What is handed in asks of people what its writer may ask, and nothing more.
    let asking = if program.is_some() { ctx } else { system };
    if program.is_some() {
        now = now.with_program(program);
        let named = now.program.as_ref().map(Program::menus).unwrap_or_default();
        for id in named.into_iter().filter(|id| !now.menus.contains_key(id)).collect::<Vec<_>>() {
            match store::menu::get(ctx, id).await {
                Ok(kept) if kept.summary.status != Status::Archived => {
                    now.menus.insert(id, kept.draft);
                }
                Ok(_) | Err(crate::Error::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
    }
    if now.program.is_none() {
        return Ok(None);
    }
    let (audiences, standing) = match whose {
        Whose::Resident(id) => {
            if !store::resident::get(ctx, *id).await?.friend {
                return Ok(None);
            }
            let (audiences, _) = resolved(asking, &now).await?;
            known_of(system, &now, audiences, *id).await?
        }
        Whose::Described { choices, values } => {
            let facts = Facts {
                choices: choices.clone(),
                values: values.iter().cloned().collect(),
                friend_since: day(ctx.now()),
                ..Facts::default()
            };
            let (audiences, _) = resolved(asking, &now).await?;
            let fits =
                |(audience, resolved): (Audience, Resolved)| (audience, resolved.matches(&facts));
            let tester = matches!(when, When::Declared(_, Mode::Drill));
            (audiences.into_iter().map(fits).collect(), Standing { tester, ..Standing::default() })
        }
    };
    let at = ctx.now();
    let situation = match when {
        When::Now => now.situation(at),
        When::Calm => Situation { now: at, emergency: None, since: at },
        When::Declared(disaster, mode) => {
            Situation { now: at, emergency: Some((disaster, mode)), since: at }
        }
    };
    let shown = now.shown(&situation, &standing, &is_in(&audiences));
    Ok(shown.and_then(|shown| {
        let menu = now.menus.get(&shown.menu)?.clone();
        Some(Previewed { shown, menu })
    }))
}

/// The links that are known of some residents, and of whom they are not certain.
pub(super) fn known(
    lines: &Lines,
    of: &RoaringBitmap,
) -> (BTreeMap<ResidentId, String>, std::collections::BTreeSet<ResidentId>) {
    let resident = |id: u32| ResidentId(i64::from(id));
    let mut links = BTreeMap::new();
    for (line_id, At { residents, .. }) in &lines.menus {
        links.extend((residents & of).into_iter().map(|id| (resident(id), line_id.clone())));
    }
    (links, (&lines.unsure & of).into_iter().map(resident).collect())
}

/// The day whose audiences are asked for.
pub(super) fn day(now: Timestamp) -> Date {
    now.date()
}
