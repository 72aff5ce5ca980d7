//! A course as one resident gets it, with the days of the calendar.

use crate::{Context, Error, Result};
use domain::id::{CourseId, ResidentId};
use domain::language::{Language, Wish};
use domain::permission::Permission;
use domain::steps::{HALF_YEAR, Mine, Preview, Sent};
use domain::time::Date;
use serde::{Deserialize, Serialize};
use store::steps as kept;

/// Whose steps are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Whose {
    /// Nobody's yet.
    #[default]
    Nobody,
    /// Somebody's whose own day this is, and who reads this language.
    Day(Date, Language),
    /// A resident's, what they have had included.
    Resident(ResidentId),
}

/// Residents that are offered to look at.
const EXAMPLES: i64 = 8;

/// What is written, as one resident gets it.
///
/// # Errors
/// `NotFound`; `Forbidden`, for a resident also without the right to see residents.
pub async fn preview(ctx: &Context, id: CourseId, whose: Whose) -> Result<Preview> {
    let course = kept::get(ctx, id).await?;
    let content = &course.written;
    let catalog = super::catalog(ctx, [content]).await?;
    let anchor = content.anchor.words(&catalog);
    let (mut day, mut resident, mut outside, mut had) = (None, None, None, Vec::new());
    let mut wish = Wish::Unknown;
    match whose {
        Whose::Nobody => {}
        Whose::Day(typed, language) => {
            day = Some(typed);
            wish = Wish::In(language);
        }
        Whose::Resident(who) => {
            resident = Some(who);
            day = kept::day_of(ctx, &catalog, &content.anchor, who).await?;
            match store::resident::get(ctx, who).await {
                Ok(r) => wish = Wish::of(r.language, r.line_language.as_deref()),
                Err(Error::NotFound) => {}
                Err(error) => return Err(error),
            }
            had = kept::received(ctx, id, who).await?;
            let among = match content.everybody().resolve(&catalog, "") {
                Ok(audience) => kept::matches(ctx, &audience, who).await?,
                Err(_) => false,
            };
            outside = match (day, among) {
                (None, _) => Some(format!("この番号の人は、「{anchor}」を登録していません")),
                (_, false) => Some(
                    "この人は、いまの届ける相手に入っていません。友だちでないか、条件に当てはまりません"
                        .into(),
                ),
                (_, true) => None,
            };
        }
    }
    let now = ctx.now();
    let steps = day.map_or_else(Vec::new, |day| {
        content
            .timeline(day)
            .into_iter()
            .filter_map(|planned| {
                let step = content.step(planned.step)?.clone();
                let near = |from: Date, to: Date| {
                    from.days() - HALF_YEAR <= day.days() && day.days() <= to.days() + HALF_YEAR
                };
                let mine = had.iter().find(|(s, from, to, _)| *s == step.key && near(*from, *to));
                let sent = match mine {
                    Some((.., delivery)) => Sent::Yes(*delivery),
                    None if planned.at <= now => Sent::Missed,
                    None => Sent::Coming,
                };
                let language = wish.gets(&step.languages());
                Some(Mine { step, at: planned.at, language, sent })
            })
            .collect()
    });
    let examples = match ctx.allow(Permission::ResidentRead) {
        Ok(()) => kept::examples(ctx, &catalog, content, EXAMPLES).await?,
        Err(_) => Vec::new(),
    };
    Ok(Preview {
        course: id,
        name: course.name,
        anchor,
        resident,
        day,
        outside,
        steps,
        languages: content.languages().into_iter().collect(),
        examples,
        catalog,
        own: ctx.store.own().clone(),
        now,
    })
}
