//! Sheets, aliases, links and batches as they leave for LINE.

use domain::geometry::Axis;
use domain::id::{DeliveryId, DepartmentId, MenuId};
use domain::menu::render::{self, Install, Key, Rendering};
use domain::menu::{Act, Command, History, Menu, Mode, SheetKey, Size};
use domain::message::{Hosts, Page};
use line::rich_menu::{
    Alias, Batch, BulkLink, BulkUnlink, Operation, Remove, RemoveAll, Replace, RichMenu, RichMenuId,
};
use line::{UserId, validate_rich_menu};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::spec::{Spec, body};

pub const FILE: &str = "messaging-api.yml";
pub const ID: MenuId = MenuId(123);
const HOSTS: Hosts<'static> = Hosts {
    base: "https://city.example",
    liff: "https://liff.line.me/2-a",
    delivery: DeliveryId(0),
};

fn install() -> Install {
    Install::try_from("city0001".to_owned()).unwrap()
}

pub fn rendered<T>(with: impl FnOnce(&Rendering<'_>) -> T) -> T {
    with(&Rendering { install: &install(), hosts: HOSTS, short: &|_, _, _| None })
}

/// Every act there is.
fn acts() -> Vec<Act> {
    vec![
        Act::Tab(SheetKey(1)),
        Act::Postback { data: "faq".into(), shows: "質問".into() },
        Act::Say("ごみの日".into()),
        Act::Open("https://city.example/ごみ?q=1".into()),
        Act::Form("road".into()),
        Act::Call("000-000-0000".into()),
        Act::Page(Page::Register),
        Act::SayCounted("ごみの日".into()),
    ]
}

/// A menu whose areas all do something.
fn acting(mut menu: Menu, acts: &[Act]) -> Menu {
    let areas = menu.sheets.iter_mut().flat_map(|sheet| &mut sheet.areas);
    for (area, act) in areas.zip(acts.iter().cycle()) {
        area.label = "押す".into();
        area.act = act.clone();
    }
    menu
}

/// Two sheets on which every act stands.
pub fn sample() -> Menu {
    let mut history = History::new(Menu::new("ふだんのメニュー", DepartmentId(1)));
    history.run(&Command::AddSheet { name: "防災".into() }).unwrap();
    acting(history.menu().clone(), &acts())
}

/// What is posted for every sheet, in earnest and as a drill.
fn posted(menu: &Menu) -> Vec<Value> {
    let object = |(sheet, mode)| {
        let object = rendered(|with| render::sheet(ID, menu, sheet, mode, with));
        let typed: RichMenu = serde_json::from_value(object).unwrap();
        body(typed)
    };
    let each = |sheet| [(sheet, Mode::Real), (sheet, Mode::Drill)];
    menu.sheets.iter().flat_map(each).map(object).collect()
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => prop::sample::select(acts()),
        1 => "[ぁ-ん😀]{1,290}".prop_map(Act::Say),
        1 => ("[!-~ぁ-ん]{1,240}", "[ぁ-ん]{0,290}")
            .prop_map(|(data, shows)| Act::Postback { data, shows }),
    ]
}

fn command() -> impl Strategy<Value = Command> {
    let sheet = || (1..4_u16).prop_map(SheetKey);
    let area = || 0..9_usize;
    let axis = || prop_oneof![Just(Axis::Columns), Just(Axis::Rows)];
    let size = prop_oneof![
        Just(Size::LARGE),
        Just(Size::COMPACT),
        (700..2_600_u32, 200..1_800_u32).prop_map(|(width, height)| Size { width, height }),
    ];
    prop_oneof![
        (sheet(), area(), axis(), 0..2_500_u32).prop_map(|(sheet, area, axis, at)| Command::Cut {
            sheet,
            area,
            axis,
            at
        }),
        (sheet(), area(), axis(), 2..5_usize)
            .prop_map(|(sheet, area, axis, parts)| Command::CutIn { sheet, area, axis, parts }),
        (sheet(), area(), area()).prop_map(|(sheet, area, with)| Command::Merge {
            sheet,
            area,
            with
        }),
        (sheet(), area(), 0..2_600_u32).prop_map(|(sheet, border, to)| Command::Move {
            sheet,
            border,
            to
        }),
        (sheet(), area(), -900..900_i32).prop_map(|(sheet, border, by)| Command::Nudge {
            sheet,
            border,
            by
        }),
        (sheet(), size).prop_map(|(sheet, size)| Command::Resize { sheet, size }),
        sheet().prop_map(|sheet| Command::Even { sheet }),
        Just(Command::AddSheet { name: "別".into() }),
    ]
}

#[derive(Clone, Debug)]
enum Step {
    Run(Command),
    Undo,
    Redo,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![6 => command().prop_map(Step::Run), 2 => Just(Step::Undo), 1 => Just(Step::Redo)]
}

#[test]
fn after_any_sequence_of_changes_line_takes_every_sheet() {
    let Some(spec) = Spec::read(FILE) else { return };
    let plan = (prop::collection::vec(step(), 0..30), prop::collection::vec(act(), 1..20));
    let run = TestRunner::default().run(&plan, |(steps, acts)| {
        let mut history = History::new(Menu::new("メニュー", DepartmentId(1)));
        for step in &steps {
            match step {
                // What cannot be done leaves the menu as it is.
                Step::Run(command) => drop(history.run(command)),
                Step::Undo => drop(history.undo()),
                Step::Redo => drop(history.redo()),
            }
        }
        let menu = acting(history.menu().clone(), &acts);
        let areas = menu.sheets.iter().flat_map(|sheet| [sheet.areas.len(); 2]);
        for (object, areas) in posted(&menu).iter().zip(areas) {
            prop_assert_eq!(object["areas"].as_array().unwrap().len(), areas);
            // The sandbox asks the same.
            prop_assert_eq!(validate_rich_menu(object), Vec::new(), "{}", object);
            prop_assert_eq!(spec.faults("RichMenuRequest", object), [""; 0], "{}", object);
        }
        Ok(())
    });
    run.unwrap();
}

#[test]
fn a_sheet_that_line_would_not_take_is_noticed() {
    let Some(spec) = Spec::read(FILE) else { return };
    let all = posted(&sample());
    assert_eq!(all.len(), 4);
    for object in &all {
        assert_eq!(spec.faults("RichMenuRequest", object), [""; 0], "{object}");
    }
    spec.refuses(
        "RichMenuRequest",
        &all[0],
        &[
            ("/colour", json!("red")),
            ("/selected", json!("yes")),
            ("/name", json!("名".repeat(301))),
            ("/chatBarText", json!("あ".repeat(15))),
            ("/size/width", json!(0)),
            ("/areas/0/bounds/x", json!(-1)),
            ("/areas/0/bounds/height", json!(0.5)),
            ("/areas/0/action/type", json!("jump")),
            ("/areas/0/action/richMenuAliasId", json!("a".repeat(33))),
            ("/areas/0/action/text", json!("ごみ")),
            ("/areas/1/action/data", json!("a".repeat(301))),
            ("/areas/1/action/displaytext", json!("質問")),
            ("/areas/3/action/uri", json!("https://city.example/ごみ")),
        ],
    );
}

#[test]
fn aliases_links_and_batches_are_as_line_describes_them() {
    let Some(spec) = Spec::read(FILE) else { return };
    let menu = "richmenu-00112233445566778899aabbccddeeff".to_owned();
    for (id, sheet, mode) in [(1, 1, Mode::Real), (i64::MAX, u16::MAX, Mode::Drill)] {
        let key = Key { menu: MenuId(id), sheet: SheetKey(sheet), mode };
        let alias = Alias { alias: key.alias(&install()), menu: menu.clone() };
        spec.refuses(
            "CreateRichMenuAliasRequest",
            &body(alias),
            &[
                ("/richMenuAliasId", json!("Tab 1")),
                ("/richMenuAliasId", json!("")),
                ("/richMenuId", json!(null)),
            ],
        );
    }
    spec.refuses(
        "UpdateRichMenuAliasRequest",
        &body(RichMenuId { id: menu.clone() }),
        &[("/richMenuId", json!(1)), ("/richMenuAliasId", json!("a"))],
    );

    let users = |count: u64| -> Vec<UserId> {
        (0..count).map(|n| UserId::from_bytes(u128::from(n).to_be_bytes())).collect()
    };
    let many = [("/userIds", json!([])), ("/userIds", json!(users(501)))];
    let bulk = BulkLink { rich_menu_id: menu.clone(), user_ids: users(500) };
    let bulk = body(bulk);
    spec.refuses("RichMenuBulkLinkRequest", &bulk, &many);
    spec.refuses("RichMenuBulkLinkRequest", &bulk, &[("/richMenuId", json!(null))]);
    let bulk = body(BulkUnlink { user_ids: users(1) });
    spec.refuses("RichMenuBulkUnlinkRequest", &bulk, &many);

    let replace = Replace { from: menu.clone(), to: menu.clone(), ..Replace::default() };
    let remove = Remove { from: menu, ..Remove::default() };
    let batch = Batch {
        operations: vec![Operation::Link(replace), Operation::Unlink(remove)],
        resume_request_key: Some("switch_2026-11-20".into()),
    };
    spec.refuses(
        "RichMenuBatchRequest",
        &body(batch),
        &[
            ("/operations", json!(null)),
            ("/operations/0/to", json!(null)),
            ("/operations/0/type", json!("swap")),
            ("/operations/1/to", json!("richmenu-1")),
            ("/resumeRequestKey", json!("another key")),
        ],
    );
    let all =
        Batch { operations: vec![Operation::UnlinkAll(RemoveAll::default())], ..Batch::default() };
    spec.refuses(
        "RichMenuBatchRequest",
        &body(all),
        &[("/operations/0/from", json!("richmenu-1"))],
    );
}
