//! Recipients become calls: multicasts of at most 500, and where a text says something else
//! to each (SEG-4), one multicast for those who read the same, or a push for each of few.
//! Those who get different languages never share a call.

use crate::attribute;
use crate::db::{exec, list, rows};
use crate::outbox::{Recipient, seal_ids, seal_variables};
use crate::resident::{open_line_id, value};
use crate::{Context, Error, Result};
use domain::attribute::{Catalog, Kind};
use domain::delivery::Delivery;
use domain::delivery::call::IDS_MAX;
use domain::delivery::variant::sides;
use domain::id::{DeliveryId, ResidentId};
use domain::language::{Language, Wish};
use domain::message::variable::{self, PUSH_BELOW, Values};
use roaring::RoaringBitmap;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Residents read at once.
const PAGE: i64 = 10_000;
/// Calls written at once: with ten values each below what both databases take.
const ROWS: usize = 500;

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
    for piece in calls.chunks(ROWS) {
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
    /// Those who read the same are a group, numbered in the order in which they were found.
    groups: BTreeMap<Same, u32>,
    /// Everybody with their group's number: a list for each group would take several times the
    /// room where nobody reads the same.
    found: Vec<(u32, Recipient)>,
    calls: Vec<NewCall>,
    seq: i64,
    total: i64,
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
            seq: 0,
            total: 0,
        })
    }

    /// Gives everybody the only variant, if there is one: so testers see each language.
    pub(super) fn force_variant(&mut self) {
        self.forced = self.offered.first().copied();
    }

    /// Adds the residents `r` that match a condition.
    pub(super) async fn add<C: ConnectionTrait>(
        &mut self,
        ctx: &Context,
        db: &C,
        who: &str,
    ) -> Result<()> {
        self.add_without(ctx, db, who, &RoaringBitmap::new()).await.map(drop)
    }

    /// The same except for those in `without`; answers who of them matches.
    pub(super) async fn add_without<C: ConnectionTrait>(
        &mut self,
        ctx: &Context,
        db: &C,
        who: &str,
        without: &RoaringBitmap,
    ) -> Result<RoaringBitmap> {
        #[derive(FromQueryResult)]
        struct Row {
            id: i64,
            line_hash: Vec<u8>,
            line_id: Vec<u8>,
            language: Option<String>,
            line_language: Option<String>,
        }
        let (mut after, mut met) = (0i64, RoaringBitmap::new());
        loop {
            let sql = format!(
                "SELECT r.id, r.line_hash, r.line_id, r.language, r.line_language FROM resident r WHERE r.id > $1 AND {who} ORDER BY r.id LIMIT {PAGE}"
            );
            let page: Vec<Row> = rows(db, &sql, crate::values![after]).await?;
            let Some(last) = page.last() else { return Ok(met) };
            let (from, until) = (after, last.id);
            after = until;
            let mut recipients = Vec::with_capacity(page.len());
            for r in &page {
                if without.contains(r.id as u32) {
                    met.insert(r.id as u32);
                    continue;
                }
                let user = open_line_id(ctx.store.keys(), &r.line_hash, &r.line_id)?;
                let own = r.language.as_deref().and_then(Language::parse);
                let wish = Wish::of(own, r.line_language.as_deref());
                let gets = self.forced.unwrap_or_else(|| wish.gets(&self.offered));
                recipients.push((gets, Recipient { id: ResidentId(r.id), user }));
            }
            self.total += recipients.len() as i64;
            if self.filled.is_empty() {
                for (language, recipient) in recipients {
                    self.put((language, None), recipient);
                }
            } else {
                self.sort(db, recipients, from, until).await?;
            }
            if (page.len() as i64) < PAGE {
                return Ok(met);
            }
        }
    }

    fn put(&mut self, same: Same, recipient: Recipient) {
        let next = self.groups.len() as u32;
        let group = *self.groups.entry(same).or_insert(next);
        self.found.push((group, recipient));
    }

    /// Puts recipients to those who read the same.
    async fn sort<C: ConnectionTrait>(
        &mut self,
        db: &C,
        recipients: Vec<(Language, Recipient)>,
        from: i64,
        until: i64,
    ) -> Result<()> {
        #[derive(FromQueryResult)]
        struct Fact {
            resident_id: i64,
            attribute_id: i64,
            label: String,
        }
        let sql = format!(
            "SELECT f.resident_id, f.attribute_id, c.label FROM fact f JOIN choice c ON c.id = f.choice_id
             WHERE f.resident_id > $1 AND f.resident_id <= $2 AND f.attribute_id IN ({})
             ORDER BY f.resident_id, f.attribute_id, c.sort, c.id",
            list(self.filled.keys().copied())
        );
        let facts: Vec<Fact> = rows(db, &sql, crate::values![from, until]).await?;
        let mut facts = facts.iter().peekable();
        let mut written = self.written(db, from, until).await?;
        for (language, recipient) in recipients {
            let mut labels: BTreeMap<i64, Vec<&str>> = BTreeMap::new();
            while let Some(fact) = facts.next_if(|f| f.resident_id <= recipient.id.0) {
                if fact.resident_id == recipient.id.0 {
                    labels.entry(fact.attribute_id).or_default().push(&fact.label);
                }
            }
            let mut values = written.remove(&recipient.id.0).unwrap_or_default();
            for (id, labels) in labels {
                if let Some((key, _)) = self.filled.get(&id) {
                    values.insert(key.clone(), variable::words(labels));
                }
            }
            // What another language fills in does not part those who read the same.
            let values = match self.keys.get(&language) {
                Some(keys) => {
                    values.retain(|key, _| keys.contains(key));
                    let json = serde_json::to_string(&values)
                        .map_err(|_| Error::Inconsistent("variables"))?;
                    // JSON is written with room to spare; a copy has none.
                    Some(Box::<str>::from(json.as_str()))
                }
                None => None,
            };
            self.put((language, values), recipient);
        }
        Ok(())
    }

    /// Years, dates and texts of the residents in a range, in words.
    async fn written<C: ConnectionTrait>(
        &self,
        db: &C,
        from: i64,
        until: i64,
    ) -> Result<HashMap<i64, Values>> {
        let mut found: HashMap<i64, Values> = HashMap::new();
        if self.filled.values().all(|(_, kind)| kind.has_choices()) {
            return Ok(found);
        }
        let condition = format!(
            "v.resident_id > $1 AND v.resident_id <= $2 AND v.attribute_id IN ({})",
            list(self.filled.keys().copied())
        );
        for (resident, attribute, value) in
            value::read(db, &condition, crate::values![from, until]).await?
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
        let mut languages: BTreeMap<Language, i64> =
            self.offered.iter().map(|l| (*l, 0)).chain([(Language::Japanese, 0)]).collect();
        let mut groups: Vec<(u32, Same)> = std::mem::take(&mut self.groups)
            .into_iter()
            .map(|(same, number)| (number, same))
            .collect();
        groups.sort_unstable_by_key(|(number, _)| *number);
        let mut found = std::mem::take(&mut self.found);
        found.sort_unstable_by_key(|(number, recipient)| (*number, recipient.id));
        let mut rest = found.as_slice();
        for (number, (language, values)) in groups {
            let (group, others) = rest.split_at(rest.partition_point(|(of, _)| *of == number));
            rest = others;
            *languages.entry(language).or_default() += group.len() as i64;
            let few = values.is_some() && group.len() < PUSH_BELOW;
            let (kind, size) = if few { ("push", 1) } else { ("multicast", IDS_MAX) };
            for piece in group.chunks(size) {
                let call = NewCall {
                    seq: self.seq,
                    kind,
                    count: piece.len() as i64,
                    to: piece.iter().map(|(_, recipient)| *recipient).collect(),
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
        Ok(self.total)
    }

    async fn call<C: ConnectionTrait>(
        &mut self,
        ctx: &Context,
        db: &C,
        call: NewCall,
    ) -> Result<()> {
        self.calls.push(call);
        self.seq += 1;
        if self.calls.len() == ROWS {
            insert_calls(ctx, db, self.delivery, &self.calls).await?;
            self.calls.clear();
        }
        Ok(())
    }
}
