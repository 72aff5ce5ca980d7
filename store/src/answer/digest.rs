//! Mails that sum up what was answered since the morning before (FORM-5). Nothing of what was
//! answered stands in them.

use crate::db::{exec, number, rows};
use crate::form::{IN_FORCE, definition, settings};
use crate::{Context, Result, mail, values};
use domain::id::StaffId;
use domain::time::{DAY, Timestamp, thousands};
use sea_orm::FromQueryResult;

/// The hour in Tokyo at which they are made.
const HOUR: u8 = 8;

/// The last time at which they were due.
fn due(now: Timestamp) -> Timestamp {
    let today = Timestamp::from_tokyo(now.date(), HOUR, 0);
    if today <= now { today } else { today.plus(-DAY) }
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
        definition: String,
        published_by: Option<i64>,
    }
    let due = due(ctx.now());
    let sql = format!(
        "SELECT f.id, {IN_FORCE} AS settings, f.digest_at, v.definition, v.published_by FROM form f JOIN form_version v ON v.form_id = f.id AND v.number = f.published
        WHERE f.state IN ('published', 'closed') AND {IN_FORCE} LIKE '%\"mailing\"%' AND (f.digest_at IS NULL OR f.digest_at < $1) ORDER BY f.id"
    );
    let mut told = 0;
    for form in rows::<Form, _>(ctx.store.read(), &sql, values![due.0]).await? {
        let asked = settings(&form.settings)?.mailing.in_the_morning();
        let tx = ctx.store.begin().await?;
        // Whoever writes this first tells of it; another server that looked as well does not.
        let sql = "UPDATE form SET digest_at = $1 WHERE id = $2 AND (digest_at IS NULL OR digest_at < $1)";
        if exec(&tx, sql, values![due.0, form.id]).await? == 0 {
            continue;
        }
        if let (true, Some(from), Some(by)) = (asked, form.digest_at, form.published_by) {
            let sql = "SELECT COUNT(*) AS n FROM answer WHERE form_id = $1 AND created_at >= $2 AND created_at < $3";
            let new = number(&tx, sql, values![form.id, from, due.0]).await?;
            let sql = "SELECT COUNT(*) AS n FROM answer WHERE form_id = $1 AND read_at IS NULL AND withdrawn_at IS NULL";
            let unread = number(&tx, sql, values![form.id]).await?;
            let definition = definition(&form.definition)?;
            if new > 0 {
                let base = &ctx.store.own().base;
                let (subject, body) =
                    words(&definition.title, new, unread, Timestamp(from), due, base, form.id);
                for address in &definition.terms.addresses() {
                    let (subject, body) = (&subject, &body);
                    let new = mail::New { alert: None, staff: StaffId(by), address, subject, body };
                    mail::queue(ctx, &tx, new).await?;
                }
                told += 1;
            }
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
