//! What LINE counts of rich menus, beside our own taps (MENU-5).

use crate::line::{Line, until};
use crate::menus::{settled, written};
use crate::support::both;
use domain::menu::{Act, Area, LineFigures, Menu, Sheet, SheetKey, Size};
use domain::message::Page;
use domain::permission::Actor;
use domain::time::{DAY, Date};
use serde_json::json;
use services::Error;
use services::delivery::File;
use services::menu::{collect_figures, figures, look_at_figures, taps_file};

#[test]
fn line_s_own_figures_stand_by_area_and_only_where_line_tells_them() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        line.friends(30).await;
        let department = store::staff::department(&t.ctx, "広報課").await.unwrap();
        let mut menu = Menu::new("ふだん", department);
        let size = Size { width: 1_000, height: 400 };
        menu.sheets = vec![Sheet::new(SheetKey(7), "くらし", size)];
        for area in &mut menu.sheets[0].areas {
            let words = format!("項目{}", area.key);
            *area = Area { act: Act::Say(words.clone()), label: words, ..Area::new(area.key) };
        }
        let id = store::menu::create(&t.ctx, &menu).await.unwrap();
        store::menu::publish(&t.ctx, id, 1).await.unwrap();
        let platform = line.platform.clone();
        // LINE's day is the machine's; we are still at the day before.
        t.later(platform.system().now().0 - t.ctx.now().0 - DAY);
        let collected = async |days: i64| {
            t.later(days * DAY);
            collect_figures(&platform, &t.ctx).await.unwrap();
            figures(&t.ctx, id, 7).await.unwrap()
        };
        // LINE has no menu yet.
        assert_eq!(collected(0).await.len(), 0);
        line.menus("a");
        until("the sheet is at LINE", async || !collected(0).await.is_empty()).await;
        // Nobody tapped: LINE tells nothing, which is not 0.
        assert_eq!(collected(0).await[&SheetKey(7)].1, LineFigures::default());
        let url = format!("{}/_sandbox/menus/use", line.sandbox.url());
        let client = reqwest::Client::builder().build().unwrap();
        let tap = async || {
            let all = json!({"share": 1.0, "tap_share": 1.0});
            let used = client.post(&url).json(&all).send().await;
            used.unwrap().error_for_status().unwrap();
        };
        tap().await;
        assert_eq!(collected(0).await[&SheetKey(7)].1, LineFigures::default(), "once a day");
        let (day, told) = collected(1).await.remove(&SheetKey(7)).unwrap();
        assert_eq!(day, t.ctx.now().date());
        assert_eq!(told.seen, Some((30, 30)));
        let taps: i64 = told.taps.iter().map(|(_, (times, _))| times).sum();
        assert_eq!((taps, told.taps.len()), (30, 6));
        let parks = store::staff::department(&t.ctx, "公園課").await.unwrap();
        let other = Menu::new("公園", parks);
        let other = store::menu::create(&t.ctx, &other).await.unwrap();
        let none = figures(&t.ctx, other, 7).await.unwrap();
        assert_eq!(none.len(), 0, "another menu's figures are not mixed in");
        let today = t.ctx.now().date();
        // Ours, to take away.
        let csv = taps_file(&t.ctx, id, today, today, File::Csv).await.unwrap();
        assert!(String::from_utf8(csv).unwrap().starts_with("\u{feff}日,シート,エリア"));
        // LINE's, of as many days as LINE was asked for: of the sheet, and of each of its areas.
        let week = Date::from_days(today.days() - 6);
        let csv = taps_file(&t.ctx, id, week, today, File::Csv).await.unwrap();
        let csv = String::from_utf8(csv).unwrap();
        let sheet = format!(",くらし,,シートの表示,,,,,30,30,{}\r\n", today.iso());
        assert!(csv.contains(&sheet), "{csv}");
        for (i, (_, (times, people))) in told.taps.iter().enumerate() {
            let begin = format!(",くらし,{},", i + 1);
            let end = format!(",{times},{people},{}", today.iso());
            assert!(csv.lines().any(|l| l.starts_with(&begin) && l.ends_with(&end)), "{csv}");
        }
        // As many days that end earlier are others: of them LINE was not asked.
        let [from, until] = [7, 1].map(|back| Date::from_days(today.days() - back));
        let csv = taps_file(&t.ctx, id, from, until, File::Csv).await.unwrap();
        assert!(!String::from_utf8(csv).unwrap().contains("シートの表示"));
        let book = taps_file(&t.ctx, id, today, today, File::Xlsx).await.unwrap();
        assert!(book.starts_with(b"PK"));
        // Whoever looks need not wait for the next day.
        tap().await;
        look_at_figures(&platform, &t.ctx, id, 7).await.unwrap();
        let told = figures(&t.ctx, id, 7).await.unwrap();
        assert_eq!(told[&SheetKey(7)].1.seen, Some((60, 30)));
        let refused = look_at_figures(&platform, &t.ctx, other, 7).await;
        assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
        line.end().await;
    });
}

#[test]
fn pages_of_ours_are_counted_as_they_open_and_what_is_not_counted_says_so() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        let users = line.friends(1).await;
        let mut menu = written(&t, "ふだん", 1).await;
        menu.sheets[0].areas[2].act = Act::Page(Page::Register);
        let id = store::menu::create(&t.ctx, &menu).await.unwrap();
        services::menu::publish(&line.platform, &t.ctx, id, 1).await.unwrap();
        line.menus("a");
        settled(&line).await;
        let seen = line.shows(users[0]).await.unwrap().1;
        let address = seen["menu"]["areas"][2]["action"]["uri"].as_str().unwrap();
        let state = address.strip_prefix(&line.platform.settings.liff_link("")).unwrap();
        let anybody = line.platform.context(Actor::Nobody);
        let (page, _) = state.rsplit_once('.').unwrap();
        // A text, an address with a detour of its own, and what is not there.
        for other in
            ["/register".into(), format!("{page}.1"), format!("{page}.2"), format!("{page}.99")]
        {
            services::menu::count_opened(&line.platform, &anybody, &other).await.unwrap();
        }
        services::menu::count_opened(&line.platform, &anybody, state).await.unwrap();
        services::link::flush(&line.platform).await.unwrap();
        let ctx = line.platform.system();
        let today = ctx.now().date();
        let counted = services::menu::taps(&ctx, id, today, today).await.unwrap();
        let counted: Vec<_> =
            counted.iter().map(|c| (c.area, c.variant.as_str(), c.taps)).collect();
        assert_eq!(counted, [(3, "ふだん", 1)]);

        let file = services::delivery::File::Csv;
        let file = services::menu::taps_file(&ctx, id, today, today, file).await.unwrap();
        let file = String::from_utf8(file).unwrap();
        let rows: Vec<&str> = file.lines().skip(1).collect();
        // The page, and the four texts: 0 would not be true of them.
        assert_eq!(rows.len(), 5, "{file}");
        assert!(rows[0].ends_with(",3,項目2,ふだん,,1,,,,"), "{file}");
        for (row, area) in rows[1..].iter().zip([1, 4, 5, 6]) {
            let begin = format!(",1枚目,{area},項目{},,,数えていません,", area - 1);
            assert!(row.starts_with(&begin) && row.contains("見分けられません"), "{row}");
        }
        line.end().await;
    });
}
