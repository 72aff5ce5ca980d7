//! The inbox: the answers that somebody reaches, found, filtered and in order (FORM-4).

use super::{UNREAD, unread};
use crate::db::{found_in, like, number, rows};
use crate::form::{number_of, reach};
use crate::{Context, Result, values};
use domain::form::Form;
use domain::form::inbox::{Answered, Filter, Listed, Order, PAGE, Shown, Unread};
use domain::id::{AnswerId, DepartmentId, FormId};
use domain::permission::Permission;
use domain::time::{DAY, Timestamp};
use sea_orm::{FromQueryResult, Value};

#[derive(FromQueryResult)]
struct Line {
    id: i64,
    form_id: i64,
    form_name: String,
    department_name: Option<String>,
    receipt: String,
    status: String,
    created_at: i64,
    changed_at: i64,
    version: i64,
    read_at: Option<i64>,
    withdrawn_at: Option<i64>,
    corrected_at: Option<i64>,
    files: i64,
    definition: Option<String>,
}

/// The answers that the actor reaches.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn list(ctx: &Context, filter: &Filter) -> Result<Answered> {
    let reach = reach(ctx, Permission::AnswerRead, "f.department_id")?;
    let db = ctx.store.read();
    let mut found = format!("FROM answer a JOIN form f ON f.id = a.form_id WHERE {reach}");
    let mut values: Vec<Value> = Vec::new();
    let search = filter.search.trim();
    if !search.is_empty() {
        // From its beginning, so that a short number does not find all that end alike.
        let begins = like(search);
        values.push(begins.strip_prefix('%').unwrap_or(&begins).to_owned().into());
        found.push_str(&format!(" AND {}", found_in(&ctx.store, &["a.receipt"])));
    }
    let mut and = |condition: &str, value: Option<Value>| {
        found.push_str(" AND ");
        if let Some(value) = value {
            values.push(value);
            found.push_str(&condition.replace("{}", &format!("${}", values.len())));
        } else {
            found.push_str(condition);
        }
    };
    if let Some(form) = filter.form {
        and("a.form_id = {}", Some(form.0.into()));
    }
    if let Some(department) = filter.department {
        and("f.department_id = {}", Some(department.0.into()));
    }
    if let Some(status) = &filter.status {
        and("a.status = {}", Some(status.clone().into()));
    }
    match filter.state {
        // That somebody took theirs back is seen until it was read.
        Shown::Open => and("(a.withdrawn_at IS NULL OR a.read_at IS NULL)", None),
        Shown::Withdrawn => and("a.withdrawn_at IS NOT NULL", None),
        Shown::All => {}
    }
    if filter.unread {
        and("a.read_at IS NULL", None);
    }
    if filter.open {
        // The time of keeping begins when nothing more is to do.
        and("a.delete_at IS NULL", None);
    }
    if let Some(day) = filter.from {
        and("a.created_at >= {}", Some(day.start().0.into()));
    }
    if let Some(day) = filter.until {
        and("a.created_at < {}", Some(day.start().plus(DAY).0.into()));
    }
    let total = number(db, &format!("SELECT COUNT(*) AS n {found}"), values.clone()).await?;
    let order = match filter.order {
        Order::Newest => "a.created_at DESC, a.id DESC",
        Order::Oldest => "a.created_at, a.id",
        Order::Changed => "a.changed_at DESC, a.id DESC",
        Order::Receipt => "a.receipt, a.id",
    };
    values.push(((filter.page.max(1) - 1).saturating_mul(PAGE)).into());
    // What was answered is not dragged along; the definition in force is read once a form, for
    // the words of its states.
    let sql = format!(
        "SELECT a.id, a.form_id, f.name AS form_name, d.name AS department_name, a.receipt, a.status, a.created_at, a.changed_at, a.version, a.read_at, a.withdrawn_at, a.corrected_at,
         (SELECT COUNT(*) FROM answer_file x WHERE x.answer_id = a.id) AS files,
         CASE WHEN ROW_NUMBER() OVER (PARTITION BY a.form_id ORDER BY a.id) = 1 THEN v.definition END AS definition
         FROM (SELECT a.id, a.form_id, a.receipt, a.status, a.created_at, a.changed_at, a.version, a.read_at, a.withdrawn_at, a.corrected_at {found} ORDER BY {order} LIMIT {PAGE} OFFSET ${}) a JOIN form f ON f.id = a.form_id LEFT JOIN form_version v ON v.form_id = f.id AND v.number = f.published LEFT JOIN department d ON d.id = f.department_id ORDER BY {order}",
        values.len()
    );
    let lines: Vec<Line> = rows(db, &sql, values).await?;
    let mut forms = std::collections::BTreeMap::new();
    for line in &lines {
        if let Some(json) = &line.definition {
            forms.insert(line.form_id, crate::form::definition(json)?);
        }
    }
    let rows = lines.into_iter().map(|r| Listed {
        status_label: label(forms.get(&r.form_id), &r.status),
        id: AnswerId(r.id),
        form: FormId(r.form_id),
        form_name: r.form_name,
        department: r.department_name.unwrap_or_default(),
        receipt: r.receipt,
        status: r.status,
        at: Timestamp(r.created_at),
        changed_at: Timestamp(r.changed_at),
        version: number_of(r.version),
        unread: r.read_at.is_none(),
        withdrawn: r.withdrawn_at.is_some(),
        corrected: r.corrected_at.is_some(),
        files: r.files,
    });
    let departments = departments(ctx).await?;
    Ok(Answered { rows: rows.collect(), total, unread: unread(ctx).await?, departments })
}

/// The forms of the actor's department with answers that nobody has read, the one that has waited
/// longest first, at most `limit`; none for those who see no answers.
///
/// # Errors
/// If the database is away.
pub async fn unread_forms(ctx: &Context, limit: i64) -> Result<Vec<Unread>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        name: String,
        department: Option<String>,
        n: i64,
        oldest: i64,
    }
    let Ok(reach) = reach(ctx, Permission::AnswerRead, "f.department_id") else {
        return Ok(Vec::new());
    };
    let sql = format!(
        "SELECT f.id, f.name, d.name AS department, u.n, u.oldest
        FROM (SELECT a.form_id, COUNT(*) AS n, MIN(COALESCE(a.withdrawn_at, a.created_at)) AS oldest {UNREAD} AND {reach} GROUP BY a.form_id) u
        JOIN form f ON f.id = u.form_id LEFT JOIN department d ON d.id = f.department_id ORDER BY u.oldest, f.id LIMIT $1"
    );
    let found: Vec<Row> = rows(ctx.store.read(), &sql, values![limit]).await?;
    let each = found.into_iter().map(|r| Unread {
        form: FormId(r.id),
        name: r.name,
        department: r.department,
        count: r.n,
        oldest: Timestamp(r.oldest),
    });
    Ok(each.collect())
}

/// The departments that have answers; none for whoever sees one department alone.
async fn departments(ctx: &Context) -> Result<Vec<(DepartmentId, String)>> {
    #[derive(FromQueryResult)]
    struct Department {
        id: i64,
        name: String,
    }
    if ctx.allow_on(Permission::AnswerRead, crate::form::owner(None)).is_err() {
        return Ok(Vec::new());
    }
    let sql = "SELECT d.id, d.name FROM department d WHERE EXISTS (SELECT 1 FROM form f JOIN answer a ON a.form_id = f.id WHERE f.department_id = d.id) ORDER BY d.name, d.id";
    let found: Vec<Department> = rows(ctx.store.read(), sql, values![]).await?;
    Ok(found.into_iter().map(|d| (DepartmentId(d.id), d.name)).collect())
}

fn label(form: Option<&Form>, status: &str) -> String {
    let found = form.and_then(|f| f.statuses.iter().find(|s| s.key == status));
    found.map_or_else(|| status.to_owned(), |s| s.label.clone())
}
