//! What the sample city sends by itself: a step course and a series.

use super::past::acting;
use crate::{Context, Result};
use domain::audience::Audience;
use domain::delivery::{Purpose, Variant};
use domain::language::Language;
use domain::message::Part;
use domain::recurrence::{Days, End, OnHoliday, Recurrence};
use domain::steps::{Anchor, Content, Offset, Step, Unit};
use domain::time::{DAY, Timestamp};
use store::delivery::Draft;

/// When, in Japanese, in English.
const STEPS: &[(i32, Unit, &str, &str)] = &[
    (
        1,
        Unit::Months,
        "生後1か月、おめでとうございます。\n赤ちゃん訪問の日程は決まりましたか。心配なことは、いつでもお電話ください。\n\nこども未来課 0120-000-001\nhttps://mihon.example/baby",
        "Your baby is one month old. Congratulations!\nHave you set a date for the home visit? Call us about anything that worries you.\n\nChildren's Future Division 0120-000-001\nhttps://mihon.example/baby",
    ),
    (
        3,
        Unit::Months,
        "3〜4か月児健診の時期です。\n会場は保健センターです。母子健康手帳とバスタオルをお持ちください。\nhttps://mihon.example/checkup/4",
        "It is time for the health check at 3 to 4 months.\nIt takes place at the Health Center. Please bring your Mother and Child Handbook and a bath towel.\nhttps://mihon.example/checkup/4",
    ),
    (
        6,
        Unit::Months,
        "離乳食は進んでいますか。\n離乳食教室を毎月ひらいています。試食もあります。\nhttps://mihon.example/food",
        "How is your baby doing with solid food?\nWe hold a baby food class every month. You can taste it, too.\nhttps://mihon.example/food",
    ),
    (
        12,
        Unit::Months,
        "1歳のお誕生日、おめでとうございます。\n麻しん・風しん、水ぼうそうの予防接種が受けられます。\nhttps://mihon.example/vaccine",
        "Happy first birthday!\nYour child can now be vaccinated against measles, rubella and chickenpox.\nhttps://mihon.example/vaccine",
    ),
    (
        18,
        Unit::Months,
        "1歳6か月児健診の時期です。\n歯の健診もあります。質問票を書いてお持ちください。\nhttps://mihon.example/checkup/18",
        "It is time for the health check at 18 months.\nThere is a dental check as well. Please fill in the questionnaire and bring it.\nhttps://mihon.example/checkup/18",
    ),
    (
        36,
        Unit::Months,
        "3歳のお誕生日、おめでとうございます。\n3歳児健診と、幼稚園・保育園のご案内です。\nhttps://mihon.example/checkup/36",
        "Happy third birthday!\nHere is what you need to know about the health check at 3 years, kindergartens and nurseries.\nhttps://mihon.example/checkup/36",
    ),
];

/// 「子育てステップ」, in force.
pub(super) async fn course(ctx: &Context) -> Result<()> {
    let mut content = Content { anchor: Anchor::Date("child".into()), ..Content::default() };
    let text = |text: &str| vec![Part::Text { text: text.into() }];
    for (n, unit, japanese, english) in STEPS {
        let parts = text(japanese);
        let base = Variant::copied(Language::English, &parts);
        content.add(Step {
            key: 0,
            offset: Offset { n: *n, unit: *unit },
            hour: 10,
            minute: 0,
            parts,
            uncounted: Vec::new(),
            variants: vec![Variant { parts: text(english), ..base }],
        });
    }
    // Written by one who prepares, put in force by one who sends.
    let id =
        store::steps::create(&acting(ctx, "219908").await?, "子育てステップ", &content).await?;
    let sender = acting(ctx, "204817").await?;
    let seen = store::steps::get(&sender, id).await?.updated_at;
    store::steps::begin(&sender, id, seen, None).await
}

/// Each Thursday, 「プラスチックの日」.
pub(super) async fn series(ctx: &Context) -> Result<()> {
    let waste = acting(ctx, "215032").await?;
    let draft = Draft {
        title: "毎週木曜 プラスチックの日".into(),
        purpose: Purpose::Notice,
        audience: Some(Audience::All(vec![
            Audience::Attribute { key: "home".into(), is: vec!["a16".into()] },
            Audience::Attribute { key: "topics".into(), is: vec!["waste".into()] },
        ])),
        parts: vec![Part::Text {
            text: "おはようございます。\nきょうは、西地区のプラスチックの日です。朝8時までに出してください。".into(),
        }],
        recurrence: Some(Recurrence {
            days: Days::Weekly { every: 1, weekdays: vec![4] },
            hour: 7,
            minute: 0,
            holiday: OnHoliday::Send,
            first: Timestamp(ctx.now().0 + DAY).date(),
            end: End::Never,
        }),
        ..Draft::default()
    };
    let id = store::delivery::draft(&waste, draft).await?;
    let seen = store::delivery::get(&waste, id).await?.updated_at;
    store::delivery::schedule(&waste, id, seen, None).await
}
