//! Mails that sum up what was answered since the morning before (FORM-5). Nothing of what was
//! answered stands in them.

use crate::db::{number, one, rows};
use crate::form::{IN_FORCE, definition, settings};
use crate::{Context, Error, Result, mail, setting, values};
use domain::id::StaffId;
use domain::time::{DAY, Timestamp, thousands};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::{Deserialize, Serialize};

/// The hour in Tokyo at which they are made.
const HOUR: u8 = 8;

/// The last time at which they were due.
fn due(now: Timestamp) -> Timestamp {
    let today = Timestamp::from_tokyo(now.date(), HOUR, 0);
    if today <= now { today } else { today.plus(-DAY) }
}

/// Up to what was told of a form, in a setting: its answers are numbered one by one while its row
/// is locked, and what is received late has a later number, whenever it was sent. It holds while
/// the form names the same time; a server of the former release writes that time alone.
#[derive(Serialize, Deserialize)]
struct Told {
    at: i64,
    number: i64,
}

impl Told {
    fn key(form: i64) -> String {
        format!("form.digest.{form}")
    }

    async fn write<C: ConnectionTrait>(&self, db: &C, form: i64) -> Result<()> {
        let json = serde_json::to_string(self).map_err(|_| Error::Inconsistent("form.digest"))?;
        setting::set_in(db, &Self::key(form), &json).await
    }
}

/// How many answers came to a form, whose last has the number `last`, since it was told of at
/// `from`; by the clock where nothing else was noted then.
async fn since<C: ConnectionTrait>(db: &C, form: i64, from: i64, last: i64) -> Result<i64> {
    let kept = setting::get_in(db, &Told::key(form)).await?;
    let told: Option<Told> = kept
        .map(|json| serde_json::from_str(&json))
        .transpose()
        .map_err(|_| Error::Inconsistent("form.digest"))?;
    if let Some(told) = told.filter(|told| told.at == from) {
        return Ok(last - told.number);
    }
    let sql = "SELECT COUNT(*) AS n FROM answer WHERE form_id = $1 AND created_at >= $2";
    number(db, sql, values![form, from]).await
}

/// Queues what is due of every form that asks for it: one mail an address, and none where
/// nothing new came. A form that begins to ask for it is told of from the next morning on.
/// Answers of how many forms was told.
///
/// # Errors
/// If the database is away; what was queued stays so, and is not queued again.
pub async fn digest(ctx: &Context) -> Result<u64> {
    #[derive(FromQueryResult)]
    struct Form {
        id: i64,
        settings: String,
        digest_at: Option<i64>,
        published_at: Option<i64>,
        definition: String,
        published_by: Option<i64>,
    }
    #[derive(FromQueryResult)]
    struct Numbered {
        number: i64,
    }
    let now = ctx.now();
    let due = due(now);
    let sql = format!(
        "SELECT f.id, {IN_FORCE} AS settings, f.digest_at, f.published_at, v.definition, v.published_by FROM form f JOIN form_version v ON v.form_id = f.id AND v.number = f.published
        WHERE f.state IN ('published', 'closed') AND {IN_FORCE} LIKE '%\"mailing\"%' AND (f.digest_at IS NULL OR f.digest_at < $1) ORDER BY f.id"
    );
    let mut told = 0;
    for form in rows::<Form, _>(ctx.store.read(), &sql, values![due.0]).await? {
        let asked = settings(&form.settings)?.mailing.in_the_morning();
        let tx = ctx.store.begin().await?;
        // What is asked for since less than a morning is told from when it was published.
        let begun = form.published_at.map_or(due.0, |at| at.min(due.0));
        let at = if form.digest_at.is_some() { now.0 } else { begun };
        // Whoever writes this first tells of it; another server that looked as well does not.
        // From here on the row is locked, and nothing more is received.
        let sql = "UPDATE form SET digest_at = $1 WHERE id = $2 AND (digest_at IS NULL OR digest_at < $3) RETURNING number";
        let written: Option<Numbered> = one(&tx, sql, values![at, form.id, due.0]).await?;
        let Some(Numbered { number: last }) = written else { continue };
        if let (true, Some(from), Some(by)) = (asked, form.digest_at, form.published_by) {
            let new = since(&tx, form.id, from, last).await?;
            let sql = "SELECT COUNT(*) AS n FROM answer WHERE form_id = $1 AND read_at IS NULL";
            let unread = number(&tx, sql, values![form.id]).await?;
            let definition = definition(&form.definition)?;
            if new > 0 {
                let base = &ctx.store.own().base;
                let (subject, body) =
                    words(&definition.title, new, unread, Timestamp(from), now, base, form.id);
                for address in &definition.terms.addresses() {
                    let (subject, body) = (&subject, &body);
                    let new = mail::New { alert: None, staff: StaffId(by), address, subject, body };
                    mail::queue(ctx, &tx, new).await?;
                }
                told += 1;
            }
        }
        if form.digest_at.is_some() {
            Told { at, number: last }.write(&tx, form.id).await?;
        }
        tx.commit().await?;
    }
    Ok(told)
}

fn words(
    title: &str,
    new: i64,
    unread: i64,
    from: Timestamp,
    until: Timestamp,
    base: &str,
    form: i64,
) -> (String, String) {
    let subject = format!("「{title}」に、新しい回答が{}件届きました", thousands(new));
    let unread = match unread {
        0 => "未読の回答はありません。".to_owned(),
        n => format!("未読の回答が{}件あります。", thousands(n)),
    };
    let body = format!(
        "「{title}」に届いた回答のお知らせです。\n\n期間：{}から {}まで\n新しい回答：{}件\n{unread}\n\n内容は、コンソールで見られます。\n{base}/console/answers?form={form}\n",
        from.day_and_time(),
        until.day_and_time(),
        thousands(new)
    );
    (subject, body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::time::{Date, HOUR as ONE_HOUR};

    #[test]
    fn it_is_due_at_eight_in_the_morning() {
        let day = Date { year: 2026, month: 11, day: 20 };
        let eight = Timestamp::from_tokyo(day, 8, 0);
        assert_eq!(due(eight), eight);
        assert_eq!(due(eight.plus(5 * ONE_HOUR)), eight);
        assert_eq!(due(eight.plus(-1)), eight.plus(-DAY));
    }
}
