//! Attributes (RES-1).

use crate::{Context, Error, Result};
use domain::attribute::{Attribute, Catalog};
use domain::id::AttributeId;
use domain::problem::Problem;
use serde_json::Value;

pub use store::attribute::{
    Uses, answered, catalog, create, delete, grouped, move_by, update, update_seen, uses,
};

/// The catalog for somebody who may see it outside the registration page, hidden attributes included.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn seen(ctx: &Context) -> Result<Catalog> {
    ctx.allow(domain::permission::Permission::AttributeRead)?;
    catalog(ctx).await
}

/// `POST /api/v1/attributes`: reads, checks and creates.
///
/// # Errors
/// `Invalid` with JSON pointers; `Conflict` if the key exists; `Forbidden`.
pub async fn create_from_json(ctx: &Context, body: &Value) -> Result<AttributeId> {
    ctx.allow(domain::permission::Permission::AttributeWrite)?;
    let Some(object) = body.as_object() else {
        return Err(Error::invalid("", "登録項目は、オブジェクトで送ってください"));
    };
    let mut problems = Vec::new();
    let allowed = ["key", "label", "kind", "choices", "hint", "required", "personal", "hidden"];
    for name in object.keys().filter(|n| !allowed.contains(&n.as_str())) {
        problems.push(Problem::new(format!("/{name}"), "知らない項目です"));
    }
    for (name, ok) in [("key", Value::is_string as fn(&Value) -> bool), ("label", Value::is_string)]
    {
        if !object.get(name).is_some_and(ok) {
            problems.push(Problem::new(format!("/{name}"), "必要な項目がないか、形がちがいます"));
        }
    }
    let kind = object.get("kind").and_then(Value::as_str).and_then(domain::attribute::Kind::parse);
    if kind.is_none() {
        problems.push(Problem::new(
            "/kind",
            "種類（kind）は single・multiple・area・year・date・text のどれかにしてください",
        ));
    }
    // A year, date or text has no choices, and need not say so.
    let given = object.get("choices");
    let without = kind.is_some_and(|k| !k.has_choices()) && given.is_none();
    if !without && !given.is_some_and(Value::is_array) {
        problems.push(Problem::new("/choices", "必要な項目がないか、形がちがいます"));
    }
    for (i, choice) in
        object.get("choices").and_then(Value::as_array).into_iter().flatten().enumerate()
    {
        let known = ["key", "label", "parent", "hidden"];
        let good = choice.as_object().is_some_and(|c| {
            c.keys().all(|k| known.contains(&k.as_str()))
                && c.get("key").is_some_and(Value::is_string)
                && c.get("label").is_some_and(Value::is_string)
                && c.get("parent").is_none_or(|p| p.is_string() || p.is_null())
                && c.get("hidden").is_none_or(Value::is_boolean)
        });
        if !good {
            problems.push(Problem::new(
                format!("/choices/{i}"),
                "選択肢は {\"key\": \"…\", \"label\": \"…\"} の形にしてください",
            ));
        }
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let attribute: Attribute = serde_json::from_value(body.clone())
        .map_err(|_| Error::invalid("", "登録項目の形がちがいます"))?;
    create(ctx, attribute).await
}

/// A page of the catalog as other systems see it, without our ids: `limit` attributes
/// after the one with the key `after`. `None` if there is no such attribute.
///
/// # Errors
/// `Forbidden`; if the database is away.
pub async fn page_for_systems(
    ctx: &Context,
    after: Option<&str>,
    limit: i64,
) -> Result<Option<Value>> {
    let Catalog { attributes, .. } = seen(ctx).await?;
    let from = match after.map(|key| attributes.iter().position(|a| a.key == key)) {
        None => 0,
        Some(Some(last)) => last + 1,
        Some(None) => return Ok(None),
    };
    let rest = &attributes[from..];
    let page = &rest[..rest.len().min(usize::try_from(limit).unwrap_or(0))];
    let next = page.last().filter(|_| page.len() < rest.len()).map(|a| a.key.clone());
    let mut items = serde_json::to_value(page).map_err(|_| Error::Inconsistent("attribute"))?;
    for attribute in items.as_array_mut().into_iter().flatten() {
        if let Some(object) = attribute.as_object_mut() {
            object.remove("id");
            let kind = object.get("kind").and_then(Value::as_str);
            if kind.and_then(domain::attribute::Kind::parse).is_some_and(|k| !k.has_choices()) {
                object.remove("choices");
            }
            for choice in
                object.get_mut("choices").and_then(Value::as_array_mut).into_iter().flatten()
            {
                choice.as_object_mut().map(|c| c.remove("id"));
            }
        }
    }
    Ok(Some(serde_json::json!({"items": items, "next": next})))
}
