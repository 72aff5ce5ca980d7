//! 「メニュー」 in the talk, answered with cards that LINE takes however large the menu is.

use crate::line::Line;
use crate::support::{Test, both};
use domain::geometry::Rect;
use domain::id::{BlobId, MenuId, ResidentId};
use domain::menu::{
    AREAS_MAX, Act, Area, LABEL_MAX, Layout, Menu, Mode, NAME_MAX, Picture, SHEETS_MAX, Sheet,
    SheetKey, Size,
};
use line::Message;
use line::validate::validate_typed;
use serde_json::{Value, json};

/// As many sheets and areas as there can be, each of which says that; published, the base.
async fn largest(t: &Test, said: &str) -> MenuId {
    let department = store::staff::department(&t.ctx, "広報課").await.unwrap();
    let mut menu = Menu::new("名".repeat(NAME_MAX), department);
    let grid = |i: u32| Rect { x: i % 5 * 200, y: i / 5 * 100, width: 200, height: 100 };
    let (last, areas) = (u16::try_from(SHEETS_MAX).unwrap(), u16::try_from(AREAS_MAX).unwrap());
    menu.sheets = (1..=last)
        .map(|n| {
            let size = Size { width: 1_000, height: 400 };
            let mut sheet = Sheet::new(SheetKey(n), format!("{n}枚目"), size);
            sheet.layout = Layout::Free((0..u32::from(areas)).map(grid).collect());
            sheet.picture = Picture::Uploaded(Some(BlobId::from_random([1; 20])));
            sheet.areas = (1..=areas).map(Area::new).collect();
            sheet.next = areas + 1;
            for area in &mut sheet.areas {
                area.label = "項".repeat(LABEL_MAX);
                area.act = Act::Say(said.into());
            }
            sheet.areas[0].act = Act::Tab(SheetKey(n % last + 1));
            sheet
        })
        .collect();
    assert_eq!(menu.problems(Mode::Real), []);
    let id = store::menu::create(&t.ctx, &menu).await.unwrap();
    store::menu::publish(&t.ctx, id, 1).await.unwrap();
    id
}

async fn asked(line: &Line, resident: ResidentId) -> Vec<Message> {
    let ctx = line.platform.system();
    services::menu::said(&line.platform, &ctx, resident, "メニュー").await.unwrap().unwrap()
}

/// How many areas can be tapped, of messages that LINE takes.
fn taps(messages: &[Message]) -> usize {
    assert_eq!(validate_typed(messages).unwrap(), []);
    json!(messages).to_string().matches("\"action\":").count()
}

#[test]
fn every_area_of_the_largest_menu_is_answered() {
    both(async |t| {
        let line = Line::start(&t).await;
        let user = line.friends(1).await[0];
        let id = store::resident::find(&t.ctx, user.as_bytes()).await.unwrap().unwrap();
        let menu = largest(&t, "ごみ").await;
        let answer = asked(&line, id).await;
        assert!(answer.len() > 1, "{}", answer.len());
        assert_eq!(taps(&answer), SHEETS_MAX * (AREAS_MAX - 1));

        // Where that is more than LINE takes, a sheet is asked for first.
        let mut longer = services::menu::get(&t.ctx, menu).await.unwrap().draft;
        for area in longer.sheets.iter_mut().flat_map(|s| &mut s.areas) {
            if let Act::Say(said) = &mut area.act {
                *said = "長".repeat(300);
            }
        }
        services::menu::save(&t.ctx, menu, 1, &longer).await.unwrap();
        store::menu::publish(&t.ctx, menu, 2).await.unwrap();
        let offered = asked(&line, id).await;
        assert_eq!((offered.len(), taps(&offered)), (1, SHEETS_MAX));
        let offered = json!(offered);
        let sheets = &offered[0]["contents"]["body"]["contents"][0]["contents"];
        assert_eq!(sheets[2]["contents"][0]["text"], "3枚目");
        let post = async |data: &Value| {
            let (ctx, data) = (line.platform.system(), data.as_str().unwrap());
            let now = ctx.now();
            services::menu::postback(&line.platform, &ctx, id, data, None, now).await.unwrap()
        };
        let third = post(&sheets[2]["action"]["data"]).await.unwrap();
        assert_eq!(taps(&third), AREAS_MAX - 1);
        assert!(json!(third).to_string().contains("3枚目"));
        // One that has gone meanwhile is answered with what there is.
        let gone = post(&json!("menu-cards:99")).await.unwrap();
        assert_eq!(json!(gone), offered);
        line.end().await;
    });
}
