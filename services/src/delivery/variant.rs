//! What is checked of a delivery in each of its languages.

use super::content_problems;
use crate::{Context, Result};
use domain::audience::Audience;
use domain::delivery::Purpose;
use domain::delivery::variant::{self, Variant, sides};
use domain::language::{Language, Voice};
use domain::link;
use domain::message::Part;
use domain::problem::Problem;

/// What is wrong with the content in every language, as it will arrive.
pub(super) async fn problems(
    ctx: &Context,
    parts: &[Part],
    variants: &[Variant],
    uncounted: &[String],
    purpose: Purpose,
) -> Result<Vec<Problem>> {
    let outlook = |parts: &[Part]| link::outlook(parts, ctx.store.own(), uncounted);
    let mut all = content_problems(ctx, &outlook(parts), purpose).await?;
    for v in variants {
        let voice = Voice { purpose, language: v.language };
        let found = content_problems(ctx, &outlook(&v.parts), voice).await?;
        all.extend(found.into_iter().map(|problem| v.located(problem)));
    }
    all.extend(variant::problems(variants));
    Ok(all)
}

/// What is wrong with what is filled in, in every language.
pub(crate) async fn variable_problems(
    ctx: &Context,
    parts: &[Part],
    variants: &[Variant],
    purpose: Purpose,
) -> Result<Vec<Problem>> {
    let mut all = Vec::new();
    for (language, parts) in sides(parts, variants) {
        all.extend(super::variable_problems(ctx, parts, Voice { purpose, language }).await?);
    }
    Ok(all)
}

/// What is wrong with the pictures in every language.
pub(crate) async fn missing(
    ctx: &Context,
    parts: &[Part],
    variants: &[Variant],
) -> Result<Vec<Problem>> {
    let found = store::blob::missing(ctx, &variant::whole(parts, variants)).await?;
    Ok(found.into_iter().map(|p| variant::located(p, parts, variants)).collect())
}

/// How many of an audience get each language; nothing where there is one alone.
pub(super) async fn shares(
    ctx: &Context,
    audience: &Audience,
    people: i64,
    variants: &[Variant],
) -> Result<Vec<(Language, i64)>> {
    if variants.is_empty() {
        return Ok(Vec::new());
    }
    let resolved =
        audience.resolve(&crate::audience::catalog(ctx, audience.among()).await?, "/audience")?;
    let wishes = store::audience::wishes(ctx, &resolved).await?;
    Ok(variant::shares(&wishes, people, variants))
}
