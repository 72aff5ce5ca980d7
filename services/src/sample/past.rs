//! What happened in the sample city before today: a month of deliveries and figures.

use super::Dice;
use crate::{Context, Error, Result};
use domain::audience::Audience;
use domain::delivery::{Figures, NewDelivery, Purpose};
use domain::message::Part;
use domain::permission::Actor;
use domain::time::{Date, HOUR, MINUTE, SECOND, Timestamp};
use store::delivery::Draft;
use store::figure::Day;
use store::sample::Past;

struct Kind {
    title: &'static str,
    text: &'static str,
    department: &'static str,
    staff: &'static str,
    topic: &'static str,
    purpose: Purpose,
    hour: i64,
    recipients: i64,
}

const KINDS: &[Kind] = &[
    Kind {
        title: "燃やすごみの日です（東・港地区）",
        text: "おはようございます。\nきょうは、燃やすごみの日です。朝8時までに出してください。",
        department: "環境課",
        staff: "215032",
        topic: "waste",
        purpose: Purpose::Notice,
        hour: 7,
        recipients: 1_364,
    },
    Kind {
        title: "きょうの給食（みほん第一小ほか3校）",
        text: "きょうの給食は、ごはん、さばのみそ煮、ほうれんそうのごまあえ、豆腐のすまし汁です。",
        department: "こども未来課",
        staff: "219908",
        topic: "children",
        purpose: Purpose::Notice,
        hour: 12,
        recipients: 1_041,
    },
    Kind {
        title: "市立図書館 休館のお知らせ",
        text: "本の整理のため、あすから3日間、市立図書館はお休みします。\nhttps://mihon.example/library",
        department: "図書館",
        staff: "212244",
        topic: "library",
        purpose: Purpose::Notice,
        hour: 10,
        recipients: 702,
    },
    Kind {
        title: "インフルエンザ予防接種のご案内",
        text: "65歳以上の方の予防接種が始まりました。予約は医療機関へお願いします。\nhttps://mihon.example/flu",
        department: "健康づくり課",
        staff: "188417",
        topic: "health",
        purpose: Purpose::Notice,
        hour: 10,
        recipients: 1_388,
    },
    Kind {
        title: "マルシェ開催のお知らせ",
        text: "日曜日に、駅前広場でマルシェを開きます。雨のときは中止です。",
        department: "商工観光課",
        staff: "204817",
        topic: "events",
        purpose: Purpose::Notice,
        hour: 8,
        recipients: 1_395,
    },
    Kind {
        title: "東町 断水のお知らせ",
        text: "【断水のお知らせ】\n水道管の取替え工事のため、東町の一部で水が出なくなります。\n\n日時　28日（土）9:00〜16:00",
        department: "上下水道課",
        staff: "205519",
        topic: "water",
        purpose: Purpose::Notice,
        hour: 17,
        recipients: 1_752,
    },
    Kind {
        title: "津波避難訓練 参加のお願い",
        text: "日曜日の10時から、津波避難訓練を行います。サイレンが鳴ったら、高台へ避難してください。",
        department: "防災危機管理課",
        staff: "210455",
        topic: "disaster",
        purpose: Purpose::Drill,
        hour: 15,
        recipients: 2_806,
    },
];

/// A month of deliveries that have ended, at most one of a kind a day.
pub(super) async fn deliveries(ctx: &Context) -> Result<()> {
    let mut dice = Dice::new(7);
    let today = ctx.now().date().days();
    let mut list = Vec::new();
    for back in (1..=31).rev() {
        let date = Date::from_days(today - back);
        for (i, kind) in KINDS.iter().enumerate() {
            let today = match i {
                0 => matches!(date.weekday(), 2 | 5),
                1 => (1..=5).contains(&date.weekday()),
                _ => dice.roll(9) == 0,
            };
            if today {
                list.push(past(kind, date.start().plus(kind.hour * HOUR), &mut dice));
            }
        }
        if back == 3 {
            let evening = date.start().plus(21 * HOUR + 5 * MINUTE);
            list.push(emergency("山手地区に避難指示（警戒レベル4）", "山手地区に、避難指示（警戒レベル4）を出しました。\n川の近くや、がけのそばにいる人は、いますぐ避難してください。", evening, 391, 2));
            list.push(emergency(
                "避難指示を解除しました（山手地区）",
                "山手地区の避難指示を解除しました。足もとに気をつけて、お帰りください。",
                evening.plus(9 * HOUR + 37 * MINUTE),
                391,
                0,
            ));
        }
    }
    let today = ctx.now().date();
    for i in [0, 2, 1] {
        let at = today.start().plus(KINDS[i].hour * HOUR);
        if at < ctx.now() {
            list.push(past(&KINDS[i], at, &mut dice));
        }
    }
    list.sort_by_key(|p| p.at);
    store::sample::past(ctx, &list).await
}

/// What is under way: a delivery for 18:00, drafts, saved audiences.
pub(super) async fn under_way(ctx: &Context) -> Result<()> {
    let topic = |key: &str| Audience::Attribute { key: "topics".into(), is: vec![key.into()] };
    let area = |key: &str| Audience::Attribute { key: "home".into(), is: vec![key.into()] };
    let text = |text: &str| vec![Part::Text { text: text.into() }];
    let civic = acting(ctx, "207701").await?;
    let eighteen = ctx.now().date().start().plus(18 * HOUR);
    // Not while somebody is still being shown round, nor while journeys use the city.
    let send_at =
        if eighteen > ctx.now().plus(3 * HOUR) { eighteen } else { eighteen.plus(24 * HOUR) };
    let scheduled = NewDelivery {
        title: "年末の窓口と戸籍届出のご案内".into(),
        audience: Audience::Everyone,
        parts: text(
            "年末の窓口のご案内です。\n12月29日から1月3日まで、市役所の窓口はお休みします。戸籍の届出は、宿直でお預かりします。\nhttps://mihon.example/yearend",
        ),
        purpose: Purpose::Notice,
        send_at: Some(send_at),
        uncounted: Vec::new(),
        variants: Vec::new(),
    };
    store::delivery::create(&civic, &scheduled, None).await?;
    let drafts = [
        (
            "204817",
            "成人のつどい 実行委員の募集",
            "成人のつどいを、いっしょに作りませんか。実行委員を10人募集します。",
            Some(topic("events")),
        ),
        (
            "205519",
            "東町・旭ヶ丘 断水のお知らせ",
            "【断水のお知らせ】\n水道管の取替え工事のため、次のとおり水が出なくなります。\n\n日時　11月28日（土）\n　　　9:00〜16:00\n区域　東町一〜三丁目、旭ヶ丘の一部\n\nくわしい区域の地図\nhttps://mihon.example/d/28t",
            None,
        ),
    ];
    for (staff, title, words, audience) in drafts {
        let draft = Draft { title: title.into(), audience, parts: text(words), ..Draft::default() };
        store::delivery::draft(&acting(ctx, staff).await?, draft).await?;
    }
    let disaster = acting(ctx, "210455").await?;
    let saved = [
        ("港地区の人（津波訓練）", Audience::All(vec![area("a28"), topic("disaster")])),
        ("東地区の子育て世帯", Audience::All(vec![area("a1"), topic("children")])),
        (
            "山手地区と、住所が未登録の人",
            Audience::Any(vec![
                Audience::Attribute { key: "home".into(), is: vec!["a22".into(), "a23".into()] },
                Audience::Not(Box::new(Audience::Attribute {
                    key: "home".into(),
                    is: vec!["a1".into(), "a16".into(), "a28".into()],
                })),
            ]),
        ),
    ];
    for (name, audience) in saved {
        store::audience::create(&disaster, name, &audience).await?;
    }
    Ok(())
}

/// The context of a sample member of staff.
pub(super) async fn acting(ctx: &Context, number: &str) -> Result<Context> {
    let (id, _) = store::staff::password(ctx, number).await?.ok_or(Error::NotFound)?;
    let staff = store::staff::get(ctx, id).await?;
    Ok(ctx.acting(Actor::Staff { id, department: staff.department, role: staff.role }))
}

fn past(kind: &Kind, at: Timestamp, dice: &mut Dice) -> Past {
    let recipients = kind.recipients - dice.roll(40) as i64;
    let withheld = dice.roll(6) as i64;
    Past {
        title: kind.title.into(),
        purpose: kind.purpose,
        audience: Audience::Attribute { key: "topics".into(), is: vec![kind.topic.into()] },
        parts: vec![Part::Text { text: kind.text.into() }],
        department: kind.department.into(),
        staff_number: kind.staff.into(),
        at,
        took: SECOND + dice.roll(900) as i64 * 1_000,
        figures: Figures { recipients, accepted: recipients - withheld, failed: 0, withheld },
    }
}

fn emergency(title: &str, text: &str, at: Timestamp, recipients: i64, failed: i64) -> Past {
    Past {
        title: title.into(),
        purpose: Purpose::Emergency,
        audience: Audience::Any(vec![
            Audience::Attribute { key: "home".into(), is: vec!["a22".into(), "a23".into()] },
            Audience::Not(Box::new(Audience::Attribute {
                key: "home".into(),
                is: vec!["a1".into(), "a16".into(), "a28".into()],
            })),
        ]),
        parts: vec![Part::Text { text: text.into() }],
        department: "防災危機管理課".into(),
        staff_number: "210455".into(),
        at,
        took: 900_000,
        figures: Figures { recipients, accepted: recipients - failed, failed, withheld: 0 },
    }
}

/// Friends and registrations of the last 60 days, ending where the city stands today.
pub(super) async fn figures(ctx: &Context) -> Result<()> {
    let now = store::figure::now(ctx).await?;
    let today = ctx.now().date().days();
    let mut dice = Dice::new(11);
    let (mut friends, mut registered) = (now.friends, now.registered);
    let mut days = Vec::new();
    for back in 0..60 {
        let date = Date::from_days(today - back);
        let festival = if back == 11 { 96 } else { 0 };
        let followed = 4 + dice.roll(9) as i64 + festival;
        let unfollowed = dice.roll(4) as i64;
        for (name, value) in [
            ("friends", friends),
            ("registered", registered),
            ("followed", followed),
            ("unfollowed", unfollowed),
        ] {
            days.push(Day { date, name: name.into(), value });
        }
        friends -= followed - unfollowed;
        registered -= (followed - unfollowed) * 7 / 10;
    }
    store::figure::set_past(ctx, &days).await?;
    store::figure::snapshot(ctx).await
}
