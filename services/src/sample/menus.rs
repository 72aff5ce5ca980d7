//! Rich menus of the sample city: one of three tabs for every day and one for emergencies, both
//! ready to publish. Nothing is published, so that one can see how that is done.

use super::past::acting;
use crate::{Context, Result};
use domain::id::DepartmentId;
use domain::menu::{Act, Area, Existing, Menu};
use domain::message::Page;
use domain::permission::Actor;

/// What staff call it, and with what of `domain::menu::begin` it begins.
const MENUS: [(&str, &str); 2] =
    [("市のメニュー（見本）", "tabs"), ("緊急のメニュー（見本）", "emergency")];

/// The forms that areas lead to, by what stands on the area; the title of the form.
const FORMS: [(&str, &str); 2] =
    [("申請・届出", "犬の登録"), ("被害を知らせる", "罹災証明書の交付申請")];

/// Pages of the city, below its address.
const PAGES: [(&str, &str); 18] = [
    ("子育て", "kosodate"),
    ("施設の予約", "yoyaku"),
    ("道路などの通報", "tsuho"),
    ("休日・夜間の病院", "kyujitsu"),
    ("市からのお知らせ", "news"),
    ("申請・届出", "shinsei"),
    ("相談する", "sodan"),
    ("健診・健康", "kenko"),
    ("仕事をさがす", "shigoto"),
    ("よくある質問", "faq"),
    ("避難所", "hinanjo"),
    ("防災の備え", "sonae"),
    ("ハザードマップ", "hazard"),
    ("天気・警報", "tenki"),
    ("AEDの場所", "aed"),
    ("避難所をさがす", "hinanjo"),
    ("避難情報", "hinan"),
    ("被害を知らせる", "higai"),
];

fn act(area: &Area, existing: &Existing) -> Act {
    let label = area.label.as_str();
    let of = |list: &[(&'static str, &'static str)]| {
        list.iter().find(|(words, _)| *words == label).map(|(_, to)| *to)
    };
    let form = of(&FORMS).and_then(|title| existing.forms.iter().find(|(_, t)| *t == title));
    match (label, form) {
        (_, Some((number, _))) => Act::Form(number.clone()),
        ("ごみの日・分別", _) => Act::Say("ごみの日".into()),
        ("受け取る情報", _) => Act::Page(Page::Register),
        // No telephone of anybody.
        ("緊急の電話" | "電話をかける", _) => Act::Call("000-000-0000".into()),
        _ => Act::Open(format!("https://mihon.example/{}", of(&PAGES).unwrap_or("news"))),
    }
}

fn menus(department: DepartmentId, existing: &Existing) -> Vec<Menu> {
    let begun = MENUS.iter().map(|(name, from)| Menu::new(*name, department).begun(from));
    begun
        .map(|mut menu| {
            let areas = menu.sheets.iter_mut().flat_map(|s| &mut s.areas);
            for area in areas.filter(|a| a.act == Act::None) {
                area.act = act(area, existing);
            }
            menu
        })
        .collect()
}

/// Drafts of 広報広聴課.
pub(super) async fn drafts(ctx: &Context) -> Result<()> {
    let ctx = acting(ctx, "204817").await?;
    let Actor::Staff { department, .. } = ctx.actor else { return Ok(()) };
    let existing = store::menu::existing(&ctx).await?;
    for menu in menus(department, &existing) {
        store::menu::create(&ctx, &menu).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::menu::Mode;

    #[test]
    fn they_can_be_published_as_they_are() {
        let mut existing = Existing::default();
        for (n, (_, title)) in FORMS.iter().enumerate() {
            existing.forms.insert(n.to_string(), (*title).into());
        }
        let all = menus(DepartmentId(1), &existing);
        assert_eq!(all.iter().map(|m| m.sheets.len()).collect::<Vec<_>>(), [3, 1]);
        for menu in &all {
            assert_eq!(menu.problems(Mode::Real), []);
            assert_eq!(menu.problems(Mode::Drill), []);
            assert_eq!(menu.broken(&existing), []);
            assert!(menu.leads_to_forms());
        }
        assert_eq!(menus(DepartmentId(1), &Existing::default())[0].problems(Mode::Real), []);
    }
}
