//! Departments, staff, attributes, registrations.

use super::{Dice, PASSWORD, ours};
use crate::{Context, Error, Platform, Result};
use domain::attribute::{Answer, Attribute, Choice, Kind, Value, parse_areas};
use domain::id::{AttributeId, ChoiceId};
use domain::permission::Role;
use domain::staff::NewStaff;
use domain::time::Date;
use store::resident::ImportRow;

const STAFF: &[(&str, &str, &str, Role)] = &[
    ("204817", "佐藤 美咲", "広報広聴課", Role::Admin),
    ("198230", "高橋 健一", "広報広聴課", Role::Sender),
    ("210455", "田中 直樹", "防災危機管理課", Role::Sender),
    ("201166", "小川 綾子", "防災危機管理課", Role::Editor),
    ("207701", "森下 由佳", "市民課", Role::Sender),
    ("215032", "石井 大輔", "環境課", Role::Sender),
    ("219908", "山本 さくら", "こども未来課", Role::Editor),
    ("188417", "中村 隆", "健康づくり課", Role::Sender),
    ("212244", "岡田 恵", "図書館", Role::Sender),
    ("205519", "渡辺 修", "上下水道課", Role::Sender),
    ("221003", "長谷川 葵", "商工観光課", Role::Viewer),
];

pub(super) async fn staff(platform: &Platform, ctx: &Context) -> Result<()> {
    for (number, name, department, role) in STAFF {
        let new = NewStaff {
            number: (*number).into(),
            name: (*name).into(),
            role: *role,
            department: (*department).into(),
            password: PASSWORD.into(),
        };
        match crate::account::add(platform, ctx, new, false).await {
            Ok(_) | Err(Error::Conflict(_)) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(())
}

const AREAS: &str = "東地区\n 東町一丁目\n 東町二丁目\n 東町三丁目\n 朝日町\n 旭ヶ丘\n 日の出町\n 緑台\n 桜ヶ丘\n 東新町\n 北原\n 南原\n 若葉台\n 泉町\n 学園前\n\
西地区\n 西町一丁目\n 西町二丁目\n 本町\n 栄町\n 幸町\n 山手一丁目\n 山手二丁目\n 寺町\n 西新町\n 高台\n 川原\n\
港地区\n 汐見台\n 港南\n 浜町\n 海岸通\n 港北\n 漁師町\n 磯部\n 松風町\n 波止場\n 新港\n 灯台下\n 白浜\n";

fn attribute(
    key: &str,
    label: &str,
    kind: Kind,
    hint: &str,
    required: bool,
    personal: bool,
    choices: Vec<Choice>,
) -> Attribute {
    Attribute {
        id: AttributeId(0),
        key: key.into(),
        label: label.into(),
        kind,
        hint: hint.into(),
        required,
        personal,
        hidden: false,
        choices,
    }
}

fn choices(list: &[(&str, &str)]) -> Vec<Choice> {
    list.iter()
        .map(|(key, label)| Choice {
            id: ChoiceId(0),
            key: (*key).into(),
            label: (*label).into(),
            parent: None,
            hidden: false,
        })
        .collect()
}

pub(super) async fn attributes(ctx: &Context) -> Result<()> {
    let topics = [
        ("waste", "ごみの日"),
        ("disaster", "防災・避難"),
        ("water", "水道・断水"),
        ("children", "子育て・給食"),
        ("health", "健康・けんしん"),
        ("events", "催し・観光"),
        ("library", "図書館"),
    ];
    let ages = [
        ("a10", "19歳以下"),
        ("a20", "20代"),
        ("a30", "30代"),
        ("a40", "40代"),
        ("a50", "50代"),
        ("a60", "60代"),
        ("a70", "70歳以上"),
    ];
    let schools = [
        ("none", "通っていない"),
        ("daiichi", "みほん第一小"),
        ("daini", "みほん第二小"),
        ("higashi", "東小"),
        ("minato", "港小"),
    ];
    for new in [
        attribute("topics", "受け取りたい情報", Kind::Multiple, "", false, false, choices(&topics)),
        attribute(
            "home",
            "お住まい",
            Kind::Area,
            "町名までで、番地はうかがいません",
            true,
            true,
            ours(parse_areas(AREAS, &[]))?,
        ),
        attribute("age", "年代", Kind::Single, "", false, true, choices(&ages)),
        attribute(
            "school",
            "お子さんの小学校",
            Kind::Single,
            "給食のお知らせに使います",
            false,
            true,
            choices(&schools),
        ),
        attribute(
            "born",
            "生まれた年",
            Kind::Year,
            "予防接種や健診のお知らせに使います",
            false,
            true,
            Vec::new(),
        ),
        attribute(
            "child",
            "お子さんの誕生日",
            Kind::Date,
            "いちばん下のお子さんについて、教えてください",
            false,
            true,
            Vec::new(),
        ),
        attribute(
            "association",
            "自治会の名前",
            Kind::Text,
            "わからなければ、書かなくてもかまいません",
            false,
            false,
            Vec::new(),
        ),
    ] {
        match store::attribute::create(ctx, new).await {
            Ok(_) | Err(Error::Conflict(_)) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(())
}

/// As people write them: the same one in several ways.
const ASSOCIATIONS: &[&str] = &[
    "東町自治会",
    "東町　自治会",
    "旭ヶ丘町内会",
    "港南自治会",
    "港南",
    "緑台ﾆｭｰﾀｳﾝ自治会",
    "緑台ニュータウン",
    "山手親和会",
];

/// Seven of ten registered; the first two live where the pictures of the manual say.
pub(super) async fn register(ctx: &Context, users: &[line::UserId]) -> Result<()> {
    let catalog = store::attribute::catalog(ctx).await?;
    let get = |key: &str| catalog.get(key).ok_or(Error::Inconsistent("sample"));
    let (home, topics, age, school) = (get("home")?, get("topics")?, get("age")?, get("school")?);
    let towns: Vec<ChoiceId> =
        home.choices.iter().filter(|c| c.parent.is_some()).map(|c| c.id).collect();
    let town = |label: &str| {
        home.choices
            .iter()
            .find(|c| c.label == label)
            .map(|c| c.id)
            .ok_or(Error::Inconsistent("sample"))
    };
    let (born, child, association) = (get("born")?, get("child")?, get("association")?);
    let mut dice = Dice::new(20_261_120);
    // Dice of their own, so that who lives where does not depend on what else is asked.
    let mut more = Dice::new(1_985);
    let today = ctx.now().date();
    let mut rows = Vec::new();
    for (i, user) in users.iter().enumerate() {
        let mut facts = Vec::new();
        if i < 4 || dice.roll(10) < 7 {
            let lives = match i {
                0 => town("東町二丁目")?,
                1 => town("旭ヶ丘")?,
                2 => town("港南")?,
                3 => town("東町一丁目")?,
                _ => {
                    towns[(dice.roll(towns.len() as u64).min(dice.roll(towns.len() as u64)))
                        as usize]
                }
            };
            let wanted = topics
                .choices
                .iter()
                .enumerate()
                .filter(|(n, _)| dice.roll(10) < [6, 8, 5, 3, 4, 4, 2][*n])
                .map(|(_, c)| c.id)
                .collect();
            facts.push((home.id, Answer::Chosen(vec![lives])));
            facts.push((topics.id, Answer::Chosen(wanted)));
            let mut decade = None;
            if dice.roll(10) < 8 {
                let at = [0, 1, 2, 2, 3, 3, 4, 5, 6, 6][dice.roll(10) as usize];
                facts.push((age.id, Answer::Chosen(vec![age.choices[at].id])));
                decade = Some(at as i32 + 1);
            }
            if dice.roll(10) < 3 {
                let at = 1 + dice.roll(4) as usize;
                facts.push((school.id, Answer::Chosen(vec![school.choices[at].id])));
            }
            if let Some(decade) = decade.filter(|_| more.roll(10) < 8) {
                let year = today.year - decade * 10 - more.roll(10) as i32;
                facts.push((born.id, Answer::Value(Value::Year(year))));
            }
            if more.roll(10) < 3 {
                let date = Date::from_days(today.days() - 1 - more.roll(18 * 365) as i64);
                facts.push((child.id, Answer::Value(Value::Date(date))));
            }
            if more.roll(10) < 4 {
                let name = ASSOCIATIONS[more.roll(ASSOCIATIONS.len() as u64) as usize];
                facts.push((association.id, Answer::Value(Value::Text(name.into()))));
            }
        }
        rows.push((*user.as_bytes(), facts));
    }
    for piece in rows.chunks(1_000) {
        let (known, others): (Vec<_>, Vec<_>) =
            piece.iter().cloned().partition(|(_, facts)| !facts.is_empty());
        store::resident::import(
            ctx,
            known.into_iter().map(|(user, facts)| ImportRow { user, facts }).collect(),
        )
        .await?;
        let others: Vec<_> = others.into_iter().map(|(user, _)| user).collect();
        store::resident::sync(ctx, &others, ctx.now()).await?;
    }
    // The first is a tester, so that 「試験者に送る」 has somebody to reach.
    if let Some(first) = users.first()
        && let Some(id) = store::resident::find(ctx, first.as_bytes()).await?
    {
        store::resident::set_tester(ctx, id, Some("田村さん")).await?;
    }
    Ok(())
}
