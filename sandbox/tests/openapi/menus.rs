//! Sheets, aliases, links and batches as they leave for LINE.

use domain::id::{DeliveryId, DepartmentId, MenuId};
use domain::menu::generate::{Turn, turn};
use domain::menu::render::{self, Install, Key, Rendering};
use domain::menu::{Act, Command, History, Menu, Mode, SheetKey};
use domain::message::{Hosts, Page};
use line::UserId;
use line::rich_menu::{
    Alias, Batch, BulkLink, BulkUnlink, Operation, Remove, RemoveAll, Replace, RichMenu, RichMenuId,
};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::common::{Line, SECOND};
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

/// A seed has no simpler one: a counterexample becomes shorter.
fn turns() -> impl Strategy<Value = Vec<Turn>> {
    prop::collection::vec(any::<u64>().no_shrink().prop_map(turn), 0..30)
}

/// LINE's description is asked where it is present, the sandbox always.
#[test]
fn after_any_sequence_of_changes_line_takes_every_sheet() {
    let spec = Spec::read(FILE);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (line, clock) = runtime.block_on(Line::start());
    let plan = (turns(), prop::collection::vec(act(), 1..20));
    let run = TestRunner::default().run(&plan, |(turns, acts)| {
        let mut history = History::new(Menu::new("メニュー", DepartmentId(1)));
        for turn in &turns {
            match turn {
                // What cannot be done leaves the menu as it is.
                Turn::Run(command) => drop(history.run(command)),
                Turn::Undo => drop(history.undo()),
                Turn::Redo => drop(history.redo()),
            }
        }
        let menu = acting(history.menu().clone(), &acts);
        let areas = menu.sheets.iter().flat_map(|sheet| [sheet.areas.len(); 2]);
        // LINE takes so many calls a second, and its clock stands here.
        clock.forward(SECOND / 10);
        for (object, areas) in posted(&menu).iter().zip(areas) {
            prop_assert_eq!(object["areas"].as_array().unwrap().len(), areas);
            let answer = runtime.block_on(line.post("/v2/bot/richmenu/validate", object.clone()));
            prop_assert_eq!(answer.status, 200, "{} {}", answer.body, object);
            if let Some(spec) = &spec {
                prop_assert_eq!(spec.faults("RichMenuRequest", object), [""; 0], "{}", object);
            }
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
