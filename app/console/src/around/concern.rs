//! What concerns whoever is signed in: found on the server, the most urgent first.

use super::{Concern, Reason};
use crate::settings::place;
use domain::alert::{Alert, Kind};
use domain::delivery::approval::overdue;
use domain::delivery::{Delivery, Status};
use domain::form::kept::Kept;
use domain::id::{DeliveryId, StaffId};
use domain::permission::{Owner, Permission};
use domain::time::Timestamp;
use services::Context;
use services::delivery::approval::{approval, returned, unreviewed};
use services::delivery::{Query, Sort, get, list};
use ui::time::count;

/// Alerts that go on and that `me` has not seen, what waits for their approval or was sent back
/// to them, `forms` that they are asked to publish too, and what the department has not read.
pub(super) async fn find(
    ctx: &Context,
    me: StaffId,
    forms: &[Kept],
    unread: u64,
) -> services::Result<Vec<Concern>> {
    let now = ctx.now();
    let alerts = services::alert::open(ctx).await?;
    let unseen: Vec<&Alert> =
        alerts.iter().filter(|alert| alert.seen.iter().all(|seen| seen.by != me)).collect();
    let mut found: Vec<Concern> = unseen.iter().map(|alert| of_alert(alert, now)).collect();
    // One that an alert speaks of is not named twice.
    let told = |id: DeliveryId| {
        unseen.iter().any(|alert| alert.kind == Kind::Overdue && alert.delivery == Some(id))
    };
    let query = Query {
        status: Some(Status::AwaitingApproval),
        sort: Sort::Oldest,
        limit: 50,
        ..Query::default()
    };
    let (mut asked, ..) = list(ctx, &query).await?;
    for id in unreviewed(ctx).await? {
        asked.push(get(ctx, id).await?);
    }
    for delivery in asked {
        let owner = delivery.department.map_or(Owner::City, Owner::Department);
        if ctx.allow_on(Permission::DeliverySend, owner).is_err() || told(delivery.id) {
            continue;
        }
        let acts = approval(ctx, delivery.id).await?;
        if acts.first_person() != Some(me) {
            found.push(of_approval(&delivery, acts.unreviewed().is_some(), now));
        }
    }
    for id in returned(ctx).await? {
        if let Some(step) = approval(ctx, id).await?.returned() {
            found.push(of_return(&get(ctx, id).await?, step.at, now));
        }
    }
    for form in forms {
        if let Some(request) = form.waiting() {
            let detail = format!(
                "{}さんが {}に求めました・{}",
                request.name,
                request.at.near(now),
                form.department_name
            );
            found.push(of_form(form, "の公開を求められています", detail));
        }
    }
    for form in services::form::returned(ctx).await? {
        if let Some(returned) = form.request.as_ref().and_then(|r| r.returned.as_ref()) {
            let detail = format!("{}・理由を読んで、直してください", returned.at.near(now));
            found.push(of_form(&form, "の公開が、差しもどされました", detail));
        }
    }
    found.extend(of_answers(unread));
    Ok(found)
}

fn of_form(form: &Kept, what: &str, detail: String) -> Concern {
    Concern {
        reason: Reason::Approval,
        href: crate::form::href(form.id),
        title: format!("フォーム「{}」{what}", crate::form::named(&form.name)),
        detail,
    }
}

fn of_alert(alert: &Alert, now: Timestamp) -> Concern {
    let href = place(alert).unwrap_or_else(|| "/console/settings/alerts".to_owned());
    let since = format!("{}から", alert.began_at.near(now));
    let detail = match alert.department.as_str() {
        "" => since,
        department => format!("{since}・{department}"),
    };
    Concern { reason: Reason::Alert, href, title: alert.headline(), detail }
}

/// A draft of theirs that was sent back at a time.
fn of_return(delivery: &Delivery, at: Timestamp, now: Timestamp) -> Concern {
    Concern {
        reason: Reason::Approval,
        href: format!("/console/deliveries/{}/edit", delivery.id),
        title: format!("「{}」が、差しもどされました", named(delivery)),
        detail: format!("{}・理由を読んで、直してください", at.near(now)),
    }
}

fn named(delivery: &Delivery) -> &str {
    if delivery.title.is_empty() { "（件名なし）" } else { &delivery.title }
}

/// `sent`: it left without approval, and is looked at afterwards.
fn of_approval(delivery: &Delivery, sent: bool, now: Timestamp) -> Concern {
    let title = named(delivery);
    let (title, when) = match (sent, delivery.send_at) {
        (false, at) if overdue(delivery.status, at, now) => (
            format!("「{title}」が、承認されないまま、届ける時刻をすぎました"),
            "日時を決め直します".to_owned(),
        ),
        (true, _) => (
            format!("「{title}」を、あとから確かめてください"),
            "承認を待たずに送りました".to_owned(),
        ),
        (false, Some(at)) => {
            (format!("「{title}」が、承認を待っています"), format!("{}に届ける予定", at.near(now)))
        }
        (false, None) => {
            (format!("「{title}」が、承認を待っています"), "承認されたら、すぐに届ける".to_owned())
        }
    };
    let detail = match delivery.department_name.as_str() {
        "" => when,
        department => format!("{when}・{department}"),
    };
    Concern {
        reason: Reason::Approval,
        href: format!("/console/deliveries/{}", delivery.id),
        title,
        detail,
    }
}

fn of_answers(unread: u64) -> Option<Concern> {
    (unread > 0).then(|| Concern {
        reason: Reason::Answers,
        href: "/console/answers".to_owned(),
        title: format!("読んでいない回答が {}件あります", count(unread)),
        detail: "所属のフォームに届いたもの".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::AlertId;
    use domain::time::{Date, HOUR};

    fn now() -> Timestamp {
        Timestamp::from_tokyo(Date { year: 2026, month: 11, day: 20 }, 10, 24)
    }

    #[test]
    fn an_alert_leads_to_what_it_is_about() {
        let mut alert = Alert {
            id: AlertId(1),
            kind: Kind::Held,
            delivery: Some(DeliveryId(7)),
            title: "断水".into(),
            purpose: None,
            department: "水道課".into(),
            detail: String::new(),
            began_at: now().plus(-HOUR),
            ended_at: None,
            seen: Vec::new(),
            mails: (0, 0, 0),
        };
        let concern = of_alert(&alert, now());
        assert_eq!(concern.href, "/console/deliveries/7");
        assert_eq!(concern.title, "配信「断水」を、送らずに止めています");
        assert_eq!(concern.detail, "きょう 9:24から・水道課");
        (alert.delivery, alert.kind, alert.department) = (None, Kind::Mail, String::new());
        let concern = of_alert(&alert, now());
        assert_eq!(concern.href, "/console/settings/alerts");
        assert_eq!(concern.detail, "きょう 9:24から");
    }

    #[test]
    fn nothing_unread_is_no_concern() {
        assert_eq!(of_answers(0), None);
        assert_eq!(of_answers(1_204).unwrap().title, "読んでいない回答が 1,204件あります");
    }
}
