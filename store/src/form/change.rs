//! How a form is written, published, closed and put away.

use super::asking::{NOT_ASKED, tell};
use super::{
    Row, definition, issued_in, number_of, owner, proof as proof_of, row, state, version_of,
};
use crate::db::{exec, number};
use crate::ledger::{self, Line};
use crate::{Context, Error, Result, outbox, resident, values};
use domain::delivery::approval::Act;
use domain::form::Form;
use domain::form::kept::{NAME_MAX, Settings, State, name_problem};
use domain::form::lint::lint;
use domain::form::pack::Proof;
use domain::id::{DepartmentId, FormId, StaffId};
use domain::permission::{Actor, Permission};
use domain::problem::Problem;
use sea_orm::ConnectionTrait;

pub(super) fn by(ctx: &Context) -> (Option<DepartmentId>, Option<StaffId>) {
    match &ctx.actor {
        Actor::Staff { id, department, .. } => (Some(*department), Some(*id)),
        _ => (None, None),
    }
}

pub(super) fn overtaken() -> Error {
    Error::Conflict(
        "ほかの人が先にこのフォームを変えました。ひらき直して、もう一度変えてください".into(),
    )
}

/// The definition as it is kept; its version is given when it is published.
fn json(form: &Form, version: u64) -> Result<String> {
    let form = Form { version, ..form.clone() };
    serde_json::to_string(&form).map_err(|_| Error::Inconsistent("form.definition"))
}

fn settings_json(settings: &Settings) -> Result<String> {
    serde_json::to_string(settings).map_err(|_| Error::Inconsistent("form.settings"))
}

/// What the reader of definitions would refuse is not kept either.
fn check(name: &str, form: &Form, settings: &Settings) -> Result<String> {
    if let Some(problem) = name_problem(name).or_else(|| settings.notices.problem()) {
        return Err(Error::Invalid(vec![problem]));
    }
    let json = json(form, 0)?;
    domain::form::read(json.as_bytes())?;
    Ok(json)
}

/// A list that lets residents in must be the department's own.
async fn gated<C: ConnectionTrait>(ctx: &Context, db: &C, settings: &Settings) -> Result<()> {
    let Some(gate) = &settings.eligibility else { return Ok(()) };
    let reach = super::reach(ctx, Permission::FormWrite, "department_id")?;
    let sql = format!("SELECT COUNT(*) AS n FROM eligibility WHERE id = $1 AND {reach}");
    if number(db, &sql, values![gate.list.0]).await? == 0 {
        let words = "この対象者の名簿はなくなりました。選び直してください";
        return Err(Error::invalid("/settings/eligibility", words));
    }
    Ok(())
}

/// Keeps the settings that residents meet with the version in force, where it has none of its
/// own, before others take their place in the form.
async fn keep_in_force<C: ConnectionTrait>(db: &C, former: &Row) -> Result<()> {
    let sql = "UPDATE form_version SET settings = $1 WHERE form_id = $2 AND number = $3 AND settings IS NULL";
    exec(db, sql, values![former.settings.as_str(), former.id, former.published]).await?;
    Ok(())
}

/// Begins a form for the actor's department. It may be unfinished.
///
/// # Errors
/// `Invalid`, `Forbidden`.
pub async fn create(ctx: &Context, name: &str, form: &Form, settings: &Settings) -> Result<FormId> {
    import(ctx, name, form, settings, &Proof::default()).await
}

/// The same with what proves the pack that it is made of (FORM-2).
///
/// # Errors
/// `Invalid`, `Forbidden`.
pub async fn import(
    ctx: &Context,
    name: &str,
    form: &Form,
    settings: &Settings,
    proof: &Proof,
) -> Result<FormId> {
    let (department, staff) = by(ctx);
    ctx.allow_on(Permission::FormWrite, owner(department.map(|d| d.0)))?;
    let json = check(name, form, settings)?;
    let proof = (!proof.is_empty()).then(|| serde_json::to_string(proof)).transpose();
    let proof = proof.map_err(|_| Error::Inconsistent("form.proof"))?;
    let tx = ctx.store.begin().await?;
    gated(ctx, &tx, settings).await?;
    let sql = "INSERT INTO form (name, title, department_id, state, definition, settings, edition, number, received, created_by, created_at, updated_by, updated_at, proof)
        VALUES ($1, $2, $3, 'draft', $4, $5, 1, 0, 0, $6, $7, $6, $7, $8) RETURNING id AS n";
    let values = values![
        name.trim(),
        form.title.as_str(),
        department.map(|d| d.0),
        json,
        settings_json(settings)?,
        staff.map(|s| s.0),
        ctx.now().0,
        proof
    ];
    let id = FormId(number(&tx, sql, values).await?);
    ledger::append(ctx, &tx, Line::ok("form.create", format!("form:{id}"))).await?;
    tx.commit().await?;
    Ok(id)
}

/// Saves what is edited; answers the edition that the next save must name.
///
/// # Errors
/// `NotFound`, `Invalid`, `Forbidden`; `Conflict` if it changed since `seen`, or is put away.
pub async fn save(
    ctx: &Context,
    id: FormId,
    seen: i64,
    name: &str,
    form: &Form,
    settings: &Settings,
) -> Result<i64> {
    let tx = ctx.store.begin().await?;
    let former = row(ctx, &tx, id, Permission::FormWrite).await?;
    let json = check(name, form, settings)?;
    if state(&former.state)? == State::Archived {
        return Err(Error::Conflict(
            "保管したフォームは変えられません。先に一覧へもどしてください".into(),
        ));
    }
    gated(ctx, &tx, settings).await?;
    // What residents get stays the same if only the name changes.
    let same = definition(&former.definition)? == definition(&json)?
        && super::settings(&former.settings)? == *settings;
    let follows = same && former.published_edition == Some(former.edition);
    let next = seen + 1;
    let sql = "UPDATE form SET name = $1, title = $2, definition = $3, settings = $4, edition = $5, published_edition = $6, updated_by = $7, updated_at = $8 WHERE id = $9 AND edition = $10";
    let values = values![
        name.trim(),
        form.title.as_str(),
        json,
        settings_json(settings)?,
        next,
        if follows { Some(next) } else { former.published_edition },
        by(ctx).1.map(|s| s.0),
        ctx.now().0,
        id.0,
        seen
    ];
    if exec(&tx, sql, values).await? == 0 {
        return Err(overtaken());
    }
    keep_in_force(&tx, &former).await?;
    ledger::append(ctx, &tx, Line::ok("form.update", format!("form:{id}"))).await?;
    tx.commit().await?;
    Ok(next)
}

/// Shows what is edited to the testers who are friends (RES-6): each is told `messages`, and
/// whatever is saved may be opened by testers until it is published. Answers how many they are.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Invalid` if there is no tester; `Conflict` if it changed since
/// `seen`, or is put away.
pub async fn try_out(ctx: &Context, id: FormId, seen: i64, messages: &str) -> Result<i64> {
    let tx = ctx.store.begin().await?;
    let former = row(ctx, &tx, id, Permission::FormWrite).await?;
    if state(&former.state)? == State::Archived {
        return Err(Error::Conflict(
            "保管したフォームは見せられません。先に一覧へもどしてください".into(),
        ));
    }
    let sql = "UPDATE form SET tried_at = $1 WHERE id = $2 AND edition = $3";
    if exec(&tx, sql, values![ctx.now().0, id.0, seen]).await? == 0 {
        return Err(overtaken());
    }
    let testers = resident::testers_to_tell(ctx, &tx).await?;
    if testers.is_empty() {
        let words = "試験者がまだいません。「住民」で、職員の友だちを試験者にしてください";
        return Err(Error::invalid("testers", words));
    }
    let count = i64::try_from(testers.len()).unwrap_or(i64::MAX);
    for tester in testers {
        outbox::push_in(ctx, &tx, tester, messages).await?;
    }
    ledger::append(ctx, &tx, Line::ok("form.try", format!("form:{id}")).count(count)).await?;
    tx.commit().await?;
    Ok(count)
}

/// What is edited, and what is set beside it, if nothing stands against publishing them.
pub(super) async fn publishable<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    former: &Row,
) -> Result<(Form, Settings)> {
    if state(&former.state)? == State::Archived {
        return Err(Error::Conflict(
            "保管したフォームは公開できません。先に一覧へもどしてください".into(),
        ));
    }
    let form = definition(&former.definition)?;
    let settings = super::settings(&former.settings)?;
    let own = &ctx.store.own().base;
    let against: Vec<Problem> = lint(&form, own)
        .into_iter()
        .chain(settings.findings(own))
        .filter(|f| f.blocks)
        .map(|f| Problem::new(f.at, f.message))
        .collect();
    if !against.is_empty() {
        return Err(Error::Invalid(against));
    }
    gated(ctx, db, &settings).await?;
    Ok((form, settings))
}

/// Publishes what is edited, and what is set beside it, as the next version; answers its number.
/// A form that was closed is open again. What testers tried is over, and so is what was asked.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Invalid` with what the linter holds against it, or if its list of
/// who may answer is gone; `Conflict` if it changed since `seen`, or is put away.
pub async fn publish(ctx: &Context, id: FormId, seen: i64) -> Result<u64> {
    let tx = ctx.store.begin().await?;
    let former = row(ctx, &tx, id, Permission::FormPublish).await?;
    if former.edition != seen {
        return Err(overtaken());
    }
    let (form, settings) = publishable(ctx, &tx, &former).await?;
    let sql = "SELECT MAX(number) AS n FROM form_version WHERE form_id = $1";
    let version = number_of(number(&tx, sql, values![id.0]).await? + 1);
    let sql = format!(
        "UPDATE form SET state = 'published', published = $1, published_edition = edition, published_at = $2, tried_at = NULL, {NOT_ASKED} WHERE id = $3 AND edition = $4"
    );
    if exec(&tx, &sql, values![version_of(version), ctx.now().0, id.0, seen]).await? == 0 {
        return Err(overtaken());
    }
    keep_in_force(&tx, &former).await?;
    let sql = "INSERT INTO form_version (form_id, number, definition, settings, published_at, published_by) VALUES ($1, $2, $3, $4, $5, $6)";
    let values = values![
        id.0,
        version_of(version),
        json(&form, version)?,
        settings_json(&settings)?,
        ctx.now().0,
        by(ctx).1.map(|s| s.0)
    ];
    exec(&tx, sql, values).await?;
    crate::answer::offer(&tx, id, version, &form).await?;
    crate::answer::keep_by(ctx, &tx, id, (version, &form)).await?;
    let line = Line::ok("form.publish", format!("form:{id}")).count(version_of(version));
    ledger::append(ctx, &tx, line).await?;
    if former.waits() {
        tell(ctx, &tx, &former, Act::Approve).await?;
    }
    tx.commit().await?;
    Ok(version)
}

/// Moves a form from one of `from` to another state.
async fn pass(
    ctx: &Context,
    id: FormId,
    from: &[State],
    to: impl Fn(&Row) -> State,
    act: &str,
    words: &str,
) -> Result<()> {
    let tx = ctx.store.begin().await?;
    let former = row(ctx, &tx, id, Permission::FormPublish).await?;
    if !from.contains(&state(&former.state)?) {
        return Err(Error::Conflict(words.into()));
    }
    if to(&former) == State::Archived && former.waits() {
        return Err(Error::Conflict(
            "公開を求められているフォームは保管できません。先に、公開するか差しもどしてください"
                .into(),
        ));
    }
    let sql = "UPDATE form SET state = $1, updated_at = $2 WHERE id = $3 AND state = $4";
    let values = values![to(&former).name(), ctx.now().0, id.0, former.state.as_str()];
    if exec(&tx, sql, values).await? == 0 {
        return Err(overtaken());
    }
    ledger::append(ctx, &tx, Line::ok(act, format!("form:{id}"))).await?;
    Ok(tx.commit().await?)
}

/// Nothing more is received. Drafts of residents stay; what they have sent too.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` unless it is published.
pub async fn close(ctx: &Context, id: FormId) -> Result<()> {
    let words = "このフォームは、いま受け付けていません。ひらき直してください";
    pass(ctx, id, &[State::Published], |_| State::Closed, "form.close", words).await
}

/// Receives again, under the version in force.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` unless it is closed.
pub async fn reopen(ctx: &Context, id: FormId) -> Result<()> {
    let words = "このフォームは、受付を終わらせたものではありません。ひらき直してください";
    pass(ctx, id, &[State::Closed], |_| State::Published, "form.reopen", words).await
}

/// Puts a form out of the list. Its answers stay as long as they are kept.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` while it is published.
pub async fn archive(ctx: &Context, id: FormId) -> Result<()> {
    let from = [State::Draft, State::Closed];
    let words = "公開中のフォームは保管できません。先に受付を終わらせてください";
    pass(ctx, id, &from, |_| State::Archived, "form.archive", words).await
}

/// Puts it back.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` unless it is archived.
pub async fn unarchive(ctx: &Context, id: FormId) -> Result<()> {
    let to = |row: &Row| if row.published.is_some() { State::Closed } else { State::Draft };
    let words = "このフォームは保管されていません。ひらき直してください";
    pass(ctx, id, &[State::Archived], to, "form.archive", words).await
}

/// A new form of the actor's department with what is edited in another.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn copy(ctx: &Context, id: FormId) -> Result<FormId> {
    let former = row(ctx, ctx.store.read(), id, Permission::FormRead).await?;
    let name: String = format!("{}のコピー", former.name).chars().take(NAME_MAX).collect();
    let settings = super::settings(&former.settings)?;
    let proof = proof_of(former.proof.as_deref())?;
    import(ctx, &name, &definition(&former.definition)?, &settings, &proof).await
}

/// Deletes a form that was never published.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` if it was.
pub async fn delete(ctx: &Context, id: FormId) -> Result<()> {
    let tx = ctx.store.begin().await?;
    row(ctx, &tx, id, Permission::FormWrite).await?;
    if exec(&tx, "DELETE FROM form WHERE id = $1 AND published IS NULL", values![id.0]).await? == 0
    {
        return Err(Error::Conflict(
            "公開したことのあるフォームは消せません。受付を終わらせて、保管してください".into(),
        ));
    }
    ledger::append(ctx, &tx, Line::ok("form.delete", format!("form:{id}"))).await?;
    Ok(tx.commit().await?)
}

/// What is edited becomes what a version was, with what was set beside it; answers the edition
/// that the next save names. Where its list of who may answer is gone, who may answer stays as
/// it is edited.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict` if it changed since `seen`.
pub async fn restore(ctx: &Context, id: FormId, seen: i64, version: u64) -> Result<i64> {
    let db = ctx.store.read();
    let former = row(ctx, db, id, Permission::FormWrite).await?;
    let issued = issued_in(db, &former, version).await?;
    let edited = super::settings(&former.settings)?;
    let mut settings = issued.settings.unwrap_or_else(|| edited.clone());
    if let Err(Error::Invalid(_)) = gated(ctx, db, &settings).await {
        settings.eligibility = edited.eligibility;
    }
    save(ctx, id, seen, &former.name, &issued.form, &settings).await
}
