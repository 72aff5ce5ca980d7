//! Mails about approval: whoever may approve hears that they are asked, whoever wrote it what
//! was decided (ADM-10). What staff wrote to each other may name a resident and stands in none.

use crate::alert::{FOOT, Told, in_charge, in_charge_of_course, in_charge_of_form};
use crate::delivery::get_in;
use crate::{Context, Result, mail};
use domain::delivery::Delivery;
use domain::delivery::approval::Act;
use domain::id::{DeliveryId, FormId, StaffId};
use domain::steps::Course;
use domain::time::thousands;
use sea_orm::ConnectionTrait;

/// What a mail says.
struct Words {
    headline: String,
    detail: String,
    next: &'static str,
    /// Where it leads, and how that is called.
    open: String,
}

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
    let words = of_delivery(&get_in(db, id).await?, act, people, base);
    queue(ctx, db, act, in_charge(db, Some(id)).await?, words).await
}

/// The same of a step course, as it was before the act: asked for, sent back or approved.
pub(crate) async fn tell_of_course<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    course: &Course,
    act: Act,
    people: i64,
) -> Result<()> {
    let base = &ctx.store.own().base;
    if base.is_empty() {
        return Ok(());
    }
    let words = of_course(course, act, people, base);
    queue(ctx, db, act, in_charge_of_course(db, course).await?, words).await
}

/// The same of a form whose publication `asked` asks for: asked for, sent back or published.
pub(crate) async fn tell_of_form<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    id: FormId,
    name: &str,
    asked: Option<StaffId>,
    act: Act,
) -> Result<()> {
    let base = &ctx.store.own().base;
    if base.is_empty() {
        return Ok(());
    }
    let words = of_form(id, name, act, base);
    queue(ctx, db, act, in_charge_of_form(db, id, asked).await?, words).await
}

async fn queue<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    act: Act,
    told: Vec<Told>,
    words: Words,
) -> Result<()> {
    let Words { headline, detail, next, open } = words;
    let subject = format!("【回覧】{headline}");
    let body = format!("{headline}。\n\n{detail}。\n\nすること：{next}。\n\n{open}\n\n{FOOT}");
    for told in told {
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

fn of_delivery(d: &Delivery, act: Act, people: i64, base: &str) -> Words {
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
    let open = format!("配信をひらく：\n{base}/console/deliveries/{}{edit}", d.id);
    Words { headline, detail, next, open }
}

fn of_course(c: &Course, act: Act, people: i64, base: &str) -> Words {
    let name = &c.name;
    let people = format!("いま{}人が入っています", thousands(people));
    let begun = c.in_force.is_some();
    let (headline, detail, next) = match act {
        Act::Approve => (
            format!("ステップ配信「{name}」が、承認されました"),
            people,
            "ありません。いつ届くかは、ステップ配信をひらくと見られます",
        ),
        Act::Return => (
            format!("ステップ配信「{name}」が、差しもどされました"),
            if begun {
                "新しい内容では届けていません。前の内容のままです".to_owned()
            } else {
                "まだ始まっていません。だれにも届いていません".to_owned()
            },
            "ステップ配信をひらいて「できごと」で理由を読み、直して、もう一度承認を求めてください",
        ),
        Act::Request | Act::Override | Act::Withdraw | Act::Review => (
            format!("ステップ配信「{name}」の承認をお願いします"),
            if begun {
                format!("{people}。承認されるまでは、前の内容のままです")
            } else {
                format!("{people}。承認されるまで、だれにも届きません")
            },
            "ステップ配信をひらいて内容と人数を見て、「承認して、この内容で届ける」か「差しもどす」を選んでください",
        ),
    };
    let open = format!("ステップ配信をひらく：\n{base}/console/deliveries/steps/{}", c.id);
    Words { headline, detail, next, open }
}

fn of_form(id: FormId, name: &str, act: Act, base: &str) -> Words {
    let (headline, detail, next) = match act {
        Act::Approve => (
            format!("フォーム「{name}」が、公開されました"),
            "住民には、公開した版が出ます",
            "ありません。受付のようすは、フォームをひらくと見られます",
        ),
        Act::Return => (
            format!("フォーム「{name}」の公開が、差しもどされました"),
            "公開していません。住民に見えるものは変わっていません",
            "フォームをひらいて理由を読み、直して、もう一度公開を求めてください",
        ),
        Act::Request | Act::Override | Act::Withdraw | Act::Review => (
            format!("フォーム「{name}」の公開をお願いします"),
            "公開するまで、住民に見えるものは変わりません",
            "フォームをひらいて内容を見て、「公開する」か「差しもどす」を選んでください",
        ),
    };
    let open = format!("フォームをひらく：\n{base}/console/forms/{id}");
    Words { headline, detail: detail.to_owned(), next, open }
}
