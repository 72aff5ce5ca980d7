//! Who answered a form, and who answered it how, for audiences (SEG-2). Answers are sealed; what
//! was written (a number, a date, a row of a table) is found by opening them all; what was chosen
//! of a list is found by a keyed hash of form, question and option beside the answer, written
//! in its transaction and deleted with it. Answers whose hashes are not there yet, or are of
//! before a correction (a server of the former release wrote them), are opened instead.

use super::open;
use crate::db::{doubling, exec, one, rows, tuples};
use crate::form::{definition, number_of, reach, version_in, version_of};
use crate::{Context, Error, Result, values};
use domain::audience::{Field, Written, fields};
use domain::form::choice::{choices, chosen};
use domain::form::{Form, Submission};
use domain::id::{AnswerId, FormId};
use domain::permission::Permission;
use roaring::RoaringBitmap;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};

/// Answers without hashes of what they say now; an index stands on it.
const UNHASHED: &str = "withdrawn_at IS NULL AND (choices_at IS NULL OR choices_at <> COALESCE(corrected_at, created_at))";
/// Options written by one statement.
const WRITTEN: usize = 128;
/// Answers that are opened at once.
const OPENED: i64 = 500;

fn hash(ctx: &Context, form: FormId, question: &str, choice: &str) -> Vec<u8> {
    let what = format!("{form}\0{question}\0{choice}");
    ctx.store.keys().hash("answer.choice", what.as_bytes())
}

/// Writes what an answer chose, in the place of what it chose before.
pub(super) async fn keep<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    id: AnswerId,
    of: FormId,
    (form, submission): (&Form, &Submission),
) -> Result<()> {
    drop_of(db, id).await?;
    let chosen: Vec<_> =
        hashes(ctx, of, (form, submission)).into_iter().map(|hash| (id, hash)).collect();
    write(db, &chosen).await?;
    let sql = "UPDATE answer SET choices_at = COALESCE(corrected_at, created_at) WHERE id = $1";
    exec(db, sql, values![id.0]).await?;
    Ok(())
}

/// What an answer to a form chose, as it is written beside the answer.
pub(super) fn hashes(
    ctx: &Context,
    of: FormId,
    (form, submission): (&Form, &Submission),
) -> Vec<Vec<u8>> {
    let chosen = chosen(form, submission);
    chosen.iter().map(|(question, choice)| hash(ctx, of, question, choice)).collect()
}

/// Writes what new answers chose, whose rows say so already.
pub(super) async fn write<C: ConnectionTrait>(
    db: &C,
    chosen: &[(AnswerId, Vec<u8>)],
) -> Result<()> {
    for piece in doubling(chosen, WRITTEN) {
        let sql = format!(
            "INSERT INTO answer_choice (answer_id, hash) VALUES {}",
            tuples(piece.len(), 2)
        );
        let values = piece.iter().flat_map(|(id, hash)| values![id.0, hash.clone()]);
        exec(db, &sql, values.collect()).await?;
    }
    Ok(())
}

/// Of an answer that was taken back nothing can be asked for.
pub(super) async fn drop_of<C: ConnectionTrait>(db: &C, id: AnswerId) -> Result<()> {
    exec(db, "DELETE FROM answer_choice WHERE answer_id = $1", values![id.0]).await?;
    Ok(())
}

/// Notes what can be chosen in a version that is published: every option has a number, by
/// which audiences name it, and keeps it whatever is edited.
pub(crate) async fn offer<C: ConnectionTrait>(
    db: &C,
    id: FormId,
    version: u64,
    form: &Form,
) -> Result<()> {
    for (n, piece) in choices(form).chunks(WRITTEN).enumerate() {
        let sql = format!(
            "INSERT INTO form_option (form_id, question, choice, question_label, choice_label, place, version) VALUES {}
             ON CONFLICT (form_id, question, choice) DO UPDATE SET question_label = excluded.question_label, choice_label = excluded.choice_label, place = excluded.place, version = excluded.version",
            tuples(piece.len(), 7)
        );
        let mut values = Vec::with_capacity(piece.len() * 7);
        for (i, c) in piece.iter().enumerate() {
            let place = i64::try_from(n * WRITTEN + i).unwrap_or(i64::MAX);
            values.extend(values![
                id.0,
                c.question.as_str(),
                c.choice.as_str(),
                c.question_label.as_str(),
                c.choice_label.as_str(),
                place,
                version_of(version)
            ]);
        }
        exec(db, &sql, values).await?;
    }
    let sql = "UPDATE form SET offered = $1 WHERE id = $2";
    exec(db, sql, values![version_of(version), id.0]).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Sealed {
    id: i64,
    token: String,
    version: i64,
    resident_id: Option<i64>,
    answers: Vec<u8>,
}

impl Sealed {
    /// What it chose, under its own version.
    async fn read<C: ConnectionTrait>(
        &self,
        ctx: &Context,
        db: &C,
        form: FormId,
        known: &mut BTreeMap<i64, Form>,
    ) -> Result<Submission> {
        if let Entry::Vacant(new) = known.entry(self.version) {
            new.insert(version_in(db, form, number_of(self.version)).await?);
        }
        open(ctx, "answer.answers", &self.token, &self.answers)
    }
}

/// Does afterwards what a server of the former release left out: notes the options of forms,
/// and hashes what their answers chose. Answers how many answers it hashed.
///
/// # Errors
/// If the database is away; what was done stays so.
pub async fn catch_up(ctx: &Context) -> Result<u64> {
    #[derive(FromQueryResult)]
    struct Version {
        form_id: i64,
        number: i64,
        definition: String,
    }
    let sql = "SELECT v.form_id, v.number, v.definition FROM form_version v JOIN form f ON f.id = v.form_id WHERE f.published IS NOT NULL AND v.number > COALESCE(f.offered, 0) ORDER BY v.form_id, v.number";
    for v in rows::<Version, _>(ctx.store.read(), sql, values![]).await? {
        let tx = ctx.store.begin().await?;
        offer(&tx, FormId(v.form_id), number_of(v.number), &definition(&v.definition)?).await?;
        tx.commit().await?;
    }
    #[derive(FromQueryResult)]
    struct Of {
        form_id: i64,
    }
    let mut done = 0;
    let sql = format!("SELECT form_id FROM answer WHERE {UNHASHED} LIMIT 1");
    while let Some(Of { form_id }) = one::<Of, _>(ctx.store.read(), &sql, values![]).await? {
        let (form, mut known) = (FormId(form_id), BTreeMap::new());
        let tx = ctx.store.begin().await?;
        // Whoever publishes holds a form's answers: if this held some and waited for others, each
        // could wait for the other. What is held is for the next run.
        let lock = ctx.store.skip_locked();
        let sql = format!(
            "SELECT id, token, version, resident_id, answers FROM answer WHERE form_id = $1 AND {UNHASHED} LIMIT 200 {lock}"
        );
        let found: Vec<Sealed> = rows(&tx, &sql, values![form_id]).await?;
        if found.is_empty() {
            break;
        }
        for row in found {
            let submission = row.read(ctx, &tx, form, &mut known).await?;
            keep(ctx, &tx, AnswerId(row.id), form, (&known[&row.version], &submission)).await?;
            done += 1;
        }
        tx.commit().await?;
    }
    Ok(done)
}

/// The condition on forms `f` whose answers the actor may ask for.
pub(crate) fn askable(ctx: &Context) -> String {
    reach(ctx, Permission::AnswerRead, "f.department_id").unwrap_or_else(|_| "1 = 0".into())
}

#[derive(FromQueryResult)]
struct Choice {
    id: i64,
    form_id: i64,
    question: String,
    choice: String,
}

/// How many answers chose each of these options, by the options' numbers.
pub(crate) async fn counts<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    options: &[i64],
) -> Result<HashMap<i64, i64>> {
    #[derive(FromQueryResult)]
    struct Counted {
        hash: Vec<u8>,
        n: i64,
    }
    let mut found = HashMap::with_capacity(options.len());
    for piece in options.chunks(WRITTEN) {
        let sql = format!(
            "SELECT id, form_id, question, choice FROM form_option WHERE id IN ({})",
            crate::db::list(piece.iter().copied())
        );
        let hashes: HashMap<Vec<u8>, i64> = rows::<Choice, _>(db, &sql, values![])
            .await?
            .into_iter()
            .map(|o| (hash(ctx, FormId(o.form_id), &o.question, &o.choice), o.id))
            .collect();
        if hashes.is_empty() {
            continue;
        }
        let marks: Vec<String> = (1..=hashes.len()).map(|n| format!("${n}")).collect();
        let sql = format!(
            "SELECT hash, COUNT(*) AS n FROM answer_choice WHERE hash IN ({}) GROUP BY hash",
            marks.join(",")
        );
        let values = hashes.keys().map(|h| Value::from(h.clone())).collect();
        for row in rows::<Counted, _>(db, &sql, values).await? {
            if let Some(id) = hashes.get(&row.hash) {
                found.insert(*id, row.n);
            }
        }
    }
    Ok(found)
}

#[derive(FromQueryResult)]
struct Id {
    id: i64,
}

fn set(found: Vec<Id>) -> Result<RoaringBitmap> {
    found.into_iter().map(|r| resident(r.id)).collect()
}

fn resident(id: i64) -> Result<u32> {
    u32::try_from(id).map_err(|_| Error::Inconsistent("answer.resident_id"))
}

/// Whether there is such a form whose answers the actor may ask for.
async fn is_askable<C: ConnectionTrait>(ctx: &Context, db: &C, form: i64) -> Result<bool> {
    let sql = format!("SELECT f.id FROM form f WHERE f.id = $1 AND {}", askable(ctx));
    Ok(one::<Id, _>(db, &sql, values![form]).await?.is_some())
}

/// Who answered a form and did not take it back; nothing if there is no such form for the actor.
pub(crate) async fn answered<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    form: i64,
) -> Result<Option<RoaringBitmap>> {
    if !is_askable(ctx, db, form).await? {
        return Ok(None);
    }
    let sql = "SELECT DISTINCT resident_id AS id FROM answer WHERE form_id = $1 AND resident_id IS NOT NULL AND withdrawn_at IS NULL";
    Ok(Some(set(rows(db, sql, values![form]).await?)?))
}

/// Who chose an option, by its number, in an answer that they did not take back; nothing if
/// there is no such option for the actor.
pub(crate) async fn who_chose<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    option: i64,
) -> Result<Option<RoaringBitmap>> {
    let sql = format!(
        "SELECT o.id, o.form_id, o.question, o.choice FROM form_option o JOIN form f ON f.id = o.form_id WHERE o.id = $1 AND {}",
        askable(ctx)
    );
    let Some(asked) = one::<Choice, _>(db, &sql, values![option]).await? else { return Ok(None) };
    let form = FormId(asked.form_id);
    let hash = hash(ctx, form, &asked.question, &asked.choice);
    let sql = "SELECT DISTINCT a.resident_id AS id FROM answer_choice c JOIN answer a ON a.id = c.answer_id
         WHERE c.hash = $1 AND a.resident_id IS NOT NULL AND a.withdrawn_at IS NULL
         AND a.choices_at = COALESCE(a.corrected_at, a.created_at)";
    let mut people = set(rows(db, sql, values![hash]).await?)?;
    let sql = format!(
        "SELECT id, token, version, resident_id, answers FROM answer WHERE form_id = $1 AND {UNHASHED} AND resident_id IS NOT NULL"
    );
    let mut known = BTreeMap::new();
    for row in rows::<Sealed, _>(db, &sql, values![asked.form_id]).await? {
        let submission = row.read(ctx, db, form, &mut known).await?;
        let says = chosen(&known[&row.version], &submission);
        if says.iter().any(|(q, c)| *q == asked.question && *c == asked.choice) {
            let id = row.resident_id.unwrap_or(0);
            people |= set(vec![Id { id }])?;
        }
    }
    Ok(Some(people))
}

/// The questions of a published form that can be asked for by what was written.
pub(crate) async fn fields_of<C: ConnectionTrait>(db: &C, form: i64) -> Result<Vec<Field>> {
    #[derive(FromQueryResult)]
    struct Version {
        definition: String,
    }
    let sql = "SELECT v.definition FROM form f JOIN form_version v ON v.form_id = f.id AND v.number = f.published WHERE f.id = $1";
    let version: Option<Version> = one(db, sql, values![form]).await?;
    version.map_or(Ok(Vec::new()), |v| Ok(fields(&definition(&v.definition)?)))
}

/// Who answered a question so, in an answer that they did not take back; nothing if there is no
/// such form for the actor.
pub(crate) async fn who_wrote<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    asked: &Written,
) -> Result<Option<RoaringBitmap>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        token: String,
        resident_id: i64,
        answers: Vec<u8>,
    }
    if !is_askable(ctx, db, asked.form).await? {
        return Ok(None);
    }
    let sql = "SELECT id, token, resident_id, answers FROM answer WHERE form_id = $1 AND id > $2 AND resident_id IS NOT NULL AND withdrawn_at IS NULL ORDER BY id LIMIT $3";
    let (mut people, mut after) = (RoaringBitmap::new(), 0);
    loop {
        let found: Vec<Row> = rows(db, sql, values![asked.form, after, OPENED]).await?;
        let Some(last) = found.last().map(|row| row.id) else { return Ok(Some(people)) };
        after = last;
        for row in found {
            let said: Submission = open(ctx, "answer.answers", &row.token, &row.answers)?;
            if said.answers.get(&asked.question).is_some_and(|a| asked.within.fits(a)) {
                people.insert(resident(row.resident_id)?);
            }
        }
    }
}
