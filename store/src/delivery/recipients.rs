//! Recipients become calls: multicasts of at most 500, and where a text says something else
//! to each (SEG-4), one multicast for those who read the same, or a push for each of few.
//! Those who get different languages never share a call.

use crate::attribute;
use crate::db::{doubling, each, exec, json, list, numbers, rows};
use crate::outbox::{Recipient, seal_ids, seal_variables};
use crate::resident::{LineUser, open_line_id, value};
use crate::{Context, Error, Result};
use domain::attribute::{Catalog, Kind};
use domain::delivery::Delivery;
use domain::delivery::call::IDS_MAX;
use domain::delivery::variant::sides;
use domain::id::{DeliveryId, ResidentId};
use domain::language::{Language, Wish};
use domain::message::variable::{self, PUSH_BELOW, Values};
use roaring::RoaringBitmap;
use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Residents whose words are read at once, and whose calls are written at once.
const PAGE: usize = 2_000;
/// Calls written by one statement, a power of two: with ten values each below what both
/// databases take.
const ROWS: usize = 512;

/// A call to be written.
pub(crate) struct NewCall {
    pub(crate) seq: i64,
    pub(crate) kind: &'static str,
    /// Residents; for a broadcast as far as we know.
    pub(crate) count: i64,
    pub(crate) to: Vec<Recipient>,
    /// Which of the delivery's languages.
    pub(crate) language: Language,
    /// [`Values`] as JSON, if the texts are filled in.
    pub(crate) variables: Option<String>,
}

/// Writes calls, each under a new retry key, due at once.
pub(crate) async fn insert_calls<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    delivery: DeliveryId,
    calls: &[NewCall],
) -> Result<()> {
    for piece in doubling(calls, ROWS) {
        let mut sql = "INSERT INTO call (delivery_id, seq, kind, count, ids, variables, retry_key, language, state, attempts, refused, next_at) VALUES ".to_owned();
        let mut values: Vec<Value> = vec![delivery.0.into(), ctx.now().0.into()];
        for (i, call) in piece.iter().enumerate() {
            let key = ctx.uuid();
            let n = values.len();
            let comma = if i == 0 { "" } else { "," };
            sql.push_str(&format!(
                "{comma}($1,${},${},${},${},${},${},${},0,0,0,$2)",
                n + 1,
                n + 2,
                n + 3,
                n + 4,
                n + 5,
                n + 6,
                n + 7
            ));
            let variables = call.variables.as_ref().map(|v| seal_variables(ctx, &key, v));
            values.extend([
                call.seq.into(),
                call.kind.into(),
                call.count.into(),
                seal_ids(ctx, &key, &call.to).into(),
                variables.into(),
                key.into(),
                (call.language != Language::Japanese)
                    .then(|| call.language.name().to_owned())
                    .into(),
            ]);
        }
        exec(db, &sql, values).await?;
    }
    Ok(())
}

/// What is the same for those who share calls: the language, and what is filled in ([`Values`]
/// as JSON; nothing where nothing is).
type Same = (Language, Option<Box<str>>);

/// Somebody who gets it. A delivery may have a million of them, so it is no larger than it must be.
struct Found {
    /// The number of those who read the same.
    group: u32,
    id: u32,
    user: LineUser,
    gets: Language,
}

impl Found {
    fn recipient(&self) -> Recipient {
        Recipient { id: ResidentId(i64::from(self.id)), user: self.user }
    }
}

/// Residents who fit and get nothing.
#[derive(Default)]
pub(super) struct Left {
    /// Those who do not want it.
    pub(super) unwilling: RoaringBitmap,
    /// Those who want it and were to be left out.
    pub(super) without: RoaringBitmap,
}

/// Recipients of one delivery on their way into calls.
pub(super) struct Recipients {
    delivery: DeliveryId,
    /// The languages that there are beside the base.
    offered: Vec<Language>,
    /// The one that everybody gets, whichever they read.
    forced: Option<Language>,
    /// The attributes that are filled in; the text is the same for all if there are none.
    filled: BTreeMap<i64, (String, Kind)>,
    /// Those of each language that fills in any.
    keys: BTreeMap<Language, BTreeSet<String>>,
    /// Those who read the same are a group, numbered in the order of the first of each.
    groups: BTreeMap<Same, u32>,
    /// Everybody with their group's number: a list for each group would take several times the
    /// room where nobody reads the same.
    found: Vec<Found>,
    calls: Vec<NewCall>,
    /// Residents of these calls.
    waiting: usize,
    seq: i64,
}

impl Recipients {
    pub(super) async fn open<C: ConnectionTrait>(
        ctx: &Context,
        db: &C,
        delivery: &Delivery,
    ) -> Result<Self> {
        let keys: BTreeMap<Language, BTreeSet<String>> = sides(&delivery.parts, &delivery.variants)
            .map(|(language, parts)| (language, variable::keys(parts)))
            .filter(|(_, keys)| !keys.is_empty())
            .collect();
        let catalog = if keys.is_empty() {
            Catalog::default()
        } else {
            attribute::catalog_in(db, ctx.now()).await?
        };
        let filled = catalog
            .attributes
            .iter()
            .filter(|a| keys.values().any(|keys| keys.contains(&a.key)) && !a.personal)
            .map(|a| (a.id.0, (a.key.clone(), a.kind)))
            .collect();
        Ok(Self {
            delivery: delivery.id,
            offered: delivery.variants.iter().map(|v| v.language).collect(),
            forced: None,
            filled,
            keys,
            groups: BTreeMap::new(),
            found: Vec::new(),
            calls: Vec::new(),
            waiting: 0,
            seq: 0,
        })
    }

    /// Gives everybody the only variant, if there is one: so testers see each language.
    pub(super) fn force_variant(&mut self) {
        self.forced = self.offered.first().copied();
    }

    /// Adds the residents `r` that match a condition with these parameters.
    pub(super) async fn add(
        &mut self,
        ctx: &Context,
        db: &DatabaseTransaction,
        who: &str,
        parameters: Vec<Value>,
    ) -> Result<()> {
        let nobody = RoaringBitmap::new();
        self.read(ctx, db, who, parameters, "FALSE", &nobody).await.map(drop)
    }

    /// Adds them except for those who match `unwilling`, too, and of the others those in
    /// `without`; answers both.
    pub(super) async fn add_but(
        &mut self,
        ctx: &Context,
        db: &DatabaseTransaction,
        who: &str,
        unwilling: &str,
        without: &RoaringBitmap,
    ) -> Result<Left> {
        self.read(ctx, db, who, vec![], unwilling, without).await
    }

    /// One statement for all: a condition may be a look at every fact that there is.
    async fn read(
        &mut self,
        ctx: &Context,
        db: &DatabaseTransaction,
        who: &str,
        parameters: Vec<Value>,
        unwilling: &str,
        without: &RoaringBitmap,
    ) -> Result<Left> {
        #[derive(FromQueryResult)]
        struct Row {
            id: i64,
            line_hash: Vec<u8>,
            line_id: Vec<u8>,
            language: Option<String>,
            line_language: Option<String>,
            unwilling: bool,
        }
        let sql = format!(
            "SELECT r.id, r.line_hash, r.line_id, r.language, r.line_language, CASE WHEN {unwilling} THEN TRUE ELSE FALSE END AS unwilling
             FROM resident r WHERE {who}"
        );
        let mut left = Left::default();
        each(db, &sql, parameters, |r: Row| {
            let id = r.id as u32;
            if r.unwilling {
                left.unwilling.insert(id);
            } else if without.contains(id) {
                left.without.insert(id);
            } else {
                let user = open_line_id(ctx.store.keys(), &r.line_hash, &r.line_id)?;
                let own = r.language.as_deref().and_then(Language::parse);
                let wish = Wish::of(own, r.line_language.as_deref());
                let gets = self.forced.unwrap_or_else(|| wish.gets(&self.offered));
                self.found.push(Found { group: 0, id, user, gets });
            }
            Ok(())
        })
        .await?;
        Ok(left)
    }

    /// The number of those who read the same.
    fn group(&mut self, same: Same) -> u32 {
        let next = self.groups.len() as u32;
        *self.groups.entry(same).or_insert(next)
    }

    /// Puts residents, in the order of their numbers, to those who read the same.
    async fn sort<C: ConnectionTrait>(&mut self, db: &C, page: &mut [Found]) -> Result<()> {
        #[derive(FromQueryResult)]
        struct Fact {
            resident_id: i64,
            attribute_id: i64,
            label: String,
        }
        if self.filled.is_empty() {
            for one in page {
                one.group = self.group((one.gets, None));
            }
            return Ok(());
        }
        let ids = json(page.iter().map(|one| i64::from(one.id)));
        let sql = format!(
            "SELECT f.resident_id, f.attribute_id, c.label FROM fact f JOIN choice c ON c.id = f.choice_id
             WHERE f.resident_id IN (SELECT n FROM {}) AND f.attribute_id IN ({})
             ORDER BY f.resident_id, f.attribute_id, c.sort, c.id",
            numbers(db, "$1"),
            list(self.filled.keys().copied())
        );
        let facts: Vec<Fact> = rows(db, &sql, crate::values![ids.clone()]).await?;
        let mut facts = facts.iter().peekable();
        let mut written = self.written(db, ids).await?;
        for one in page {
            let id = i64::from(one.id);
            let mut labels: BTreeMap<i64, Vec<&str>> = BTreeMap::new();
            while let Some(fact) = facts.next_if(|f| f.resident_id <= id) {
                labels.entry(fact.attribute_id).or_default().push(&fact.label);
            }
            let mut values = written.remove(&id).unwrap_or_default();
            for (attribute, labels) in labels {
                if let Some((key, _)) = self.filled.get(&attribute) {
                    values.insert(key.clone(), variable::words(labels));
                }
            }
            // What another language fills in does not part those who read the same.
            let values = match self.keys.get(&one.gets) {
                Some(keys) => {
                    values.retain(|key, _| keys.contains(key));
                    let json = serde_json::to_string(&values)
                        .map_err(|_| Error::Inconsistent("variables"))?;
                    // JSON is written with room to spare; a copy has none.
                    Some(Box::<str>::from(json.as_str()))
                }
                None => None,
            };
            one.group = self.group((one.gets, values));
        }
        Ok(())
    }

    /// Years, dates and texts of residents, in words.
    async fn written<C: ConnectionTrait>(
        &self,
        db: &C,
        ids: String,
    ) -> Result<HashMap<i64, Values>> {
        let mut found: HashMap<i64, Values> = HashMap::new();
        if self.filled.values().all(|(_, kind)| kind.has_choices()) {
            return Ok(found);
        }
        let condition = format!(
            "v.resident_id IN (SELECT n FROM {}) AND v.attribute_id IN ({})",
            numbers(db, "$1"),
            list(self.filled.keys().copied())
        );
        for (resident, attribute, value) in value::read(db, &condition, crate::values![ids]).await?
        {
            if let Some((key, _)) = self.filled.get(&attribute.0) {
                found.entry(resident.0).or_default().insert(key.clone(), value.words());
            }
        }
        Ok(found)
    }

    /// Writes the calls, and how many get each language where there are several; answers how
    /// many recipients they have.
    pub(super) async fn write<C: ConnectionTrait>(mut self, ctx: &Context, db: &C) -> Result<i64> {
        let mut found = std::mem::take(&mut self.found);
        found.sort_unstable_by_key(|one| one.id);
        for page in found.chunks_mut(PAGE) {
            self.sort(db, page).await?;
        }
        found.sort_unstable_by_key(|one| (one.group, one.id));
        let mut languages: BTreeMap<Language, i64> =
            self.offered.iter().map(|l| (*l, 0)).chain([(Language::Japanese, 0)]).collect();
        let mut groups: Vec<(u32, Same)> = std::mem::take(&mut self.groups)
            .into_iter()
            .map(|(same, number)| (number, same))
            .collect();
        groups.sort_unstable_by_key(|(number, _)| *number);
        let mut rest = found.as_slice();
        for (number, (language, values)) in groups {
            let (group, others) = rest.split_at(rest.partition_point(|one| one.group == number));
            rest = others;
            *languages.entry(language).or_default() += group.len() as i64;
            let few = values.is_some() && group.len() < PUSH_BELOW;
            let (kind, size) = if few { ("push", 1) } else { ("multicast", IDS_MAX) };
            for piece in group.chunks(size) {
                let call = NewCall {
                    seq: self.seq,
                    kind,
                    count: piece.len() as i64,
                    to: piece.iter().map(Found::recipient).collect(),
                    language,
                    variables: values.as_deref().map(str::to_owned),
                };
                self.call(ctx, db, call).await?;
            }
        }
        insert_calls(ctx, db, self.delivery, &self.calls).await?;
        if !self.offered.is_empty() {
            let languages: Vec<(Language, i64)> = languages.into_iter().collect();
            let json = serde_json::to_string(&languages)
                .map_err(|_| Error::Inconsistent("delivery.languages"))?;
            let sql = "UPDATE delivery SET languages = $1 WHERE id = $2";
            exec(db, sql, crate::values![json, self.delivery.0]).await?;
        }
        Ok(found.len() as i64)
    }

    async fn call<C: ConnectionTrait>(
        &mut self,
        ctx: &Context,
        db: &C,
        call: NewCall,
    ) -> Result<()> {
        self.waiting += call.to.len();
        self.calls.push(call);
        self.seq += 1;
        if self.waiting >= PAGE || self.calls.len() == ROWS {
            insert_calls(ctx, db, self.delivery, &self.calls).await?;
            self.calls.clear();
            self.waiting = 0;
        }
        Ok(())
    }
}
