//! Who sees what: [`Program::shown`] for everybody, by the bitmaps of audiences, and the
//! program as it is published.

use crate::{Context, Platform, Result, audience};
use domain::audience::{Audience, Resolved};
use domain::id::{MenuId, ResidentId};
use domain::menu::publish::Desired;
use domain::menu::render::{Hash, Install, Key, Rendering, hash};
use domain::menu::{Act, Disaster, Menu, Mode, Program, SheetKey, Shown, Situation, Standing};
use domain::message::Hosts;
use domain::time::{Date, Timestamp};
use roaring::RoaringBitmap;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use store::menu::{At, Lines};

/// Residents looked at before other work of the process gets its turn.
const AT_ONCE: usize = 5_000;

type Shorts = BTreeMap<(MenuId, SheetKey, u16, String), String>;

/// What is published and declared, read once an epoch.
#[derive(Clone, Debug)]
pub struct InForce {
    /// Which epoch.
    pub epoch: i64,
    /// This installation.
    pub install: Install,
    /// The program, if one is published.
    pub program: Option<Program>,
    /// The published menus.
    pub menus: BTreeMap<MenuId, Menu>,
    /// What testers try out.
    pub trial: Option<MenuId>,
    /// What is declared: meant before a drill.
    pub emergency: Option<(Disaster, Mode)>,
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
}

/// What is published and declared.
///
/// # Errors
/// If the database is away.
pub async fn in_force(platform: &Platform, ctx: &Context) -> Result<Arc<InForce>> {
    let epoch = store::menu::epoch(ctx).await?;
    let kept = platform.menus.in_force.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(kept) = kept.filter(|k| k.epoch == epoch) {
        return Ok(kept);
    }
    let ctx = &platform.system();
    let now = store::menu::in_force(ctx).await?;
    let declared = store::menu::declared_now(ctx).await?;
    let mut read = InForce {
        epoch,
        install: store::menu::install(ctx).await?,
        program: store::menu::program_in_force(ctx).await?,
        menus: now.menus,
        trial: now.trial,
        emergency: declared.first().map(|d| (d.disaster, d.mode)),
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
    /// The addresses of areas whose taps are counted by a detour.
    fn counted(&self, ctx: &Context) -> Vec<(MenuId, SheetKey, u16, String)> {
        let mut all = Vec::new();
        for (id, menu) in &self.menus {
            for sheet in &menu.sheets {
                for area in &sheet.areas {
                    let Act::Open(_) = &area.act else { continue };
                    let Some(uri) = area.act.address(self.hosts()) else { continue };
                    if !ctx.store.own().has(&uri) {
                        all.push((*id, sheet.key, area.key, uri));
                    }
                }
            }
        }
        all
    }

    fn hosts(&self) -> Hosts<'_> {
        Hosts { base: &self.base, liff: &self.liff }
    }

    /// With what sheets are rendered.
    pub(super) fn with_rendering<T>(&self, render: impl FnOnce(&Rendering<'_>) -> T) -> T {
        let short = |menu: MenuId, sheet: SheetKey, area: u16, uri: &str| {
            self.shorts.get(&(menu, sheet, area, uri.to_owned())).cloned()
        };
        render(&Rendering { install: &self.install, hosts: self.hosts(), short: &short })
    }

    /// The same, with something else declared.
    pub(super) fn with_emergency(&self, emergency: Option<(Disaster, Mode)>) -> Self {
        Self { emergency, sheets: OnceLock::new(), ..self.clone() }
    }

    /// The same, with a menu published as it is written. The first one is the base.
    pub(super) fn with_menu(&self, id: MenuId, menu: Menu) -> Self {
        let mut other = Self { sheets: OnceLock::new(), ..self.clone() };
        other.program.get_or_insert_with(|| Program::new(id));
        other.menus.insert(id, menu);
        other
    }

    /// The same, with another program.
    pub(super) fn with_program(&self, program: Option<Program>) -> Self {
        Self { program, sheets: OnceLock::new(), ..self.clone() }
    }

    /// How things stand now.
    pub fn situation(&self, now: Timestamp) -> Situation {
        Situation { now, emergency: self.emergency }
    }

    /// The desired state without the residents. What the sheets are made of is found out once:
    /// it is all of their drawing.
    pub(super) fn desired(&self, situation: &Situation) -> Desired {
        let Some(program) = &self.program else { return Desired::default() };
        let sheets = self.sheets.get_or_init(|| {
            self.with_rendering(|with| {
                let mut sheets = program.desired(situation, &self.menus, with).sheets;
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
            let ends = program.rule_ends(standing).filter(|at| *at > situation.now);
            self.again = self.again.into_iter().chain(ends).min();
            let shown = program.shown(situation, standing, &now.menus, &is_in);
            self.desired.show(resident, shown.as_ref());
        }
    }
}

/// The audiences of a program, resolved; who names what is not there any more has nobody.
async fn resolved(
    ctx: &Context,
    program: &Program,
) -> Result<(Vec<(Audience, Resolved)>, Vec<String>)> {
    let catalog = audience::catalog(ctx, audience::named(super::audiences(program))).await?;
    let (mut all, mut broken): (Vec<(Audience, Resolved)>, _) = (Vec::new(), Vec::new());
    let prepared = program.emergencies.iter().flat_map(|e| &e.variants);
    for variant in program.variants.iter().chain(prepared) {
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
    let (audiences, broken) = resolved(ctx, program).await?;
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
    ctx.allow(domain::permission::Permission::MenuRead)?;
    let ctx = &platform.system();
    let now = in_force(platform, ctx).await?;
    let Some(program) = &now.program else { return Ok(None) };
    let (audiences, _) = resolved(ctx, program).await?;
    let asked: Vec<Resolved> = audiences.iter().map(|(_, r)| r.clone()).collect();
    let id = u32::try_from(resident.0).map_err(|_| crate::Error::NotFound)?;
    let of = RoaringBitmap::from_iter([id]);
    let classes = store::audience::partition(ctx, &asked, Some(&of)).await?;
    let bits = classes.into_iter().next().map(|(bits, _)| bits).unwrap_or_default();
    let mut standing =
        store::menu::standings(ctx, Some(&of)).await?.remove(&resident).unwrap_or_default();
    standing.trial = now.trial;
    let is_in = |a: &Audience| {
        let at = audiences.iter().position(|(known, _)| known == a);
        at.is_some_and(|i| bits.get(i).copied().unwrap_or(false))
    };
    Ok(program.shown(&now.situation(ctx.now()), &standing, &now.menus, &is_in))
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
