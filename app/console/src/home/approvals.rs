//! 承認を待つもの: the stamps that wait for somebody.

use super::api::{Item, Today};
use crate::delivery::cells;
use crate::form::{PATH, href, named};
use crate::shell::Me;
use domain::delivery::approval::{Approval as Acts, overdue};
use domain::id::FormId;
use domain::permission::Permission;
use domain::time::Timestamp;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use ui::prelude::*;

/// A delivery with its acts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// The delivery.
    pub item: Item,
    /// Who asked, or sent without waiting.
    pub acts: Acts,
    /// Recipients as they were asked for.
    pub people: i64,
}

/// A form whose publication somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedForm {
    /// Which.
    pub id: FormId,
    /// What staff call it.
    pub name: String,
    /// Whose it is.
    pub department: String,
    /// Who asked.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// What the linter finds.
    pub findings: u64,
}

/// So many of each are shown.
#[cfg(feature = "ssr")]
const SHOWN: usize = 5;

/// The forms of the own department that wait to be published, and how many there are.
#[cfg(feature = "ssr")]
pub async fn find_forms(ctx: &services::Context) -> services::Result<(Vec<AskedForm>, u64)> {
    use domain::form::kept::Kept;
    use domain::form::lint::lint;
    let (found, total) = services::form::awaiting(ctx, SHOWN as i64).await?;
    let asked = |form: Kept| {
        let request = form.request?;
        let own = &ctx.store.own().base;
        let findings = lint(&form.definition, own).len() + form.settings.findings(own).len();
        Some(AskedForm {
            id: form.id,
            name: form.name,
            department: form.department_name,
            by: request.name,
            at: request.at,
            findings: findings as u64,
        })
    };
    Ok((found.into_iter().filter_map(asked).collect(), u64::try_from(total).unwrap_or(0)))
}

/// What waits before it is sent, and then what was sent without approval.
#[cfg(feature = "ssr")]
pub async fn find(ctx: &services::Context) -> services::Result<(Vec<Waiting>, u64)> {
    use domain::delivery::Status;
    use services::delivery::approval::{approval, unreviewed};
    use services::delivery::{Query, Sort, get, list};
    let query = Query {
        status: Some(Status::AwaitingApproval),
        sort: Sort::Oldest,
        limit: SHOWN as i64,
        ..Query::default()
    };
    let (mut found, waiting, _) = list(ctx, &query).await?;
    let sent = unreviewed(ctx).await?;
    let count = u64::try_from(waiting).unwrap_or(0) + sent.len() as u64;
    for id in sent.into_iter().take(SHOWN.saturating_sub(found.len())) {
        found.push(get(ctx, id).await?);
    }
    let mut out = Vec::with_capacity(found.len());
    for delivery in found {
        let acts = approval(ctx, delivery.id).await?;
        let people = acts.request().or_else(|| acts.unreviewed()).map_or(0, |step| step.people);
        out.push(Waiting { item: delivery.into(), acts, people });
    }
    Ok((out, count))
}

/// The panel; not there while nothing waits.
#[component]
pub fn Approvals(today: Today, me: Me) -> impl IntoView {
    let Today { now, approvals, approval_count, forms, form_count, .. } = today;
    if approvals.is_empty() && forms.is_empty() {
        return ().into_any();
    }
    let rest = approval_count.saturating_sub(approvals.len() as u64);
    let more_forms = form_count.saturating_sub(forms.len() as u64);
    let decides = me.may(Permission::DeliverySend);
    view! {
        <Panel title="承認を待つもの" note=format!("{}件", count(approval_count + form_count))>
            <ul class="rows">
                {approvals
                    .into_iter()
                    .map(|w| {
                        let mine = w.acts.first_person() == Some(me.staff);
                        let cells = cells(w.item.status, &w.acts, (decides && !mine).then_some(me.staff));
                        let people = count(u64::try_from(w.people).unwrap_or(0));
                        let when = if w.acts.unreviewed().is_some() {
                            "承認を待たずに送りました".to_owned()
                        } else if overdue(w.item.status, w.item.send_at, now) {
                            "承認されないまま、届ける時刻がすぎました。日時を決め直します".to_owned()
                        } else {
                            w.item.send_at.map_or_else(|| "承認されたら、すぐに".to_owned(), |at| at.near(now))
                        };
                        view! {
                            <li>
                                <div class="grow stack-s">
                                    <p class="row-meta"><PurposeTag purpose=w.item.purpose /> <strong>{when}</strong></p>
                                    <strong><a href=format!("/console/deliveries/{}", w.item.id)>{w.item.title}</a></strong>
                                    <p class="row-meta">{w.item.department} "・" {format!("{people}人")}</p>
                                    <Approval cells />
                                </div>
                            </li>
                        }
                    })
                    .collect_view()}
                {forms
                    .into_iter()
                    .map(|f| {
                        let title = format!("フォーム「{}」の公開", named(&f.name));
                        let asked = format!("{}さんが {}に求めました", f.by, f.at.near(now));
                        view! {
                            <li>
                                <div class="grow stack-s">
                                    <strong><a href=href(f.id)>{title}</a></strong>
                                    <p class="row-meta">{f.department} "・" {format!("点検の指摘 {}件", f.findings)}</p>
                                    <p class="row-meta">{asked}</p>
                                </div>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
            {(rest > 0)
                .then(|| view! { <p class="dense"><a href="/console/deliveries?status=awaiting_approval">{format!("ほかの {}件を見る", count(rest))}</a></p> })}
            {(more_forms > 0)
                .then(|| view! { <p class="dense"><a href=PATH>{format!("ほかの {}件は、フォームの一覧で見る", count(more_forms))}</a></p> })}
        </Panel>
    }
    .into_any()
}
