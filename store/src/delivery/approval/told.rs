//! Mails about approval: whoever may approve hears that they are asked, whoever wrote it what
//! was decided (ADM-10). What staff wrote to each other may name a resident and stands in none.

use crate::alert::{FOOT, in_charge};
use crate::delivery::get_in;
use crate::{Context, Result, mail};
use domain::delivery::Delivery;
use domain::delivery::approval::Act;
use domain::id::DeliveryId;
use domain::time::thousands;
use sea_orm::ConnectionTrait;

/// Queues the mails of an act, in its transaction. Whoever acted is not told.
pub(super) async fn tell<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    id: DeliveryId,
    act: Act,
    people: i64,
) -> Result<()> {
    let base = &ctx.store.own().base;
    // Without the city's address no mail could lead anywhere.
    if base.is_empty() || matches!(act, Act::Withdraw | Act::Review) {
        return Ok(());
    }
    let (subject, body) = words(&get_in(db, id).await?, act, people, base);
    for told in in_charge(db, Some(id)).await? {
        let concerned = match act {
            Act::Request | Act::Override => told.sends,
            Act::Approve | Act::Return | Act::Withdraw | Act::Review => told.wrote,
        };
        if concerned && super::staff(ctx) != Some(told.staff) {
            let (staff, address) = (told.staff, told.address.as_str());
            let new = mail::New { alert: None, staff, address, subject: &subject, body: &body };
            mail::queue(ctx, db, new).await?;
        }
    }
    Ok(())
}

fn words(d: &Delivery, act: Act, people: i64, base: &str) -> (String, String) {
    let title = if d.title.is_empty() { "（件名なし）" } else { &d.title };
    let people = format!("{}人への配信です", thousands(people));
    let when = match (&d.recurrence, d.send_at) {
        (Some(_), _) => "くり返し届ける予定です".to_owned(),
        (None, Some(at)) => format!("{}に届ける予定です", at.day_and_time()),
        (None, None) => "承認されたら、すぐに届けます".to_owned(),
    };
    let (headline, detail, next) = match act {
        Act::Override => (
            format!("緊急の配信「{title}」が、承認を待たずに送られました"),
            people,
            "配信をひらいて内容を見て、「内容を確かめました」を押してください",
        ),
        Act::Approve => (
            format!("配信「{title}」が、承認されました"),
            people,
            "ありません。いつ届くかは、配信をひらくと見られます",
        ),
        Act::Return => (
            format!("配信「{title}」が、差しもどされました"),
            "だれにも届いていません。下書きにもどっています".to_owned(),
            "配信をひらいて理由を読み、直して、もう一度承認を求めてください",
        ),
        Act::Request | Act::Withdraw | Act::Review => (
            format!("配信「{title}」の承認をお願いします"),
            format!("{people}。{when}"),
            "配信をひらいて内容と人数を見て、「承認する」か「差しもどす」を選んでください",
        ),
    };
    let edit = if act == Act::Return { "/edit" } else { "" };
    let body = format!(
        "{headline}。\n\n{detail}。\n\nすること：{next}。\n\n配信をひらく：\n{base}/console/deliveries/{}{edit}\n\n{FOOT}",
        d.id
    );
    (format!("【回覧】{headline}"), body)
}
