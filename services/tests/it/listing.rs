//! The list of deliveries as its page shows it, and the same as CSV (SEG-7, SEG-8).

use crate::support::{NOON, Test, both};
use domain::audience::{Audience, Resolved};
use domain::delivery::{Draft, Figures, Filter, Listed, NewDelivery, PER_PAGE, Purpose, Status};
use domain::id::DeliveryId;
use domain::message::Part;
use domain::permission::{Actor, Role};
use domain::time::{HOUR, MINUTE};
use services::delivery::{File, list_file, listed};
use services::{Context, Error};
use store::delivery::{Frozen, cancel, create, draft, freeze};

async fn staff(t: &Test, number: &str, role: Role, department: &str) -> Context {
    let new = store::staff::New {
        number,
        name: "見本 花子",
        role,
        department,
        password_hash: "hash",
        must_change: false,
    };
    let id = store::staff::create(&t.ctx, new).await.unwrap();
    let department = store::staff::get(&t.ctx, id).await.unwrap().department;
    t.acting(Actor::Staff { id, department, role })
}

async fn friends(t: &Test, count: u8) {
    let users: Vec<[u8; 16]> = (1..=count).map(|n| [n; 16]).collect();
    store::resident::sync(&t.ctx, &users, NOON).await.unwrap();
}

/// A delivery of this title, due now; a moment after the one before.
async fn made(t: &Test, ctx: &Context, title: &str, purpose: Purpose) -> DeliveryId {
    t.later(MINUTE);
    let new = NewDelivery {
        title: title.into(),
        audience: Audience::Everyone,
        parts: vec![Part::Text { text: "断水します".into() }],
        purpose,
        send_at: None,
        uncounted: vec![],
        variants: vec![],
    };
    create(ctx, &new, None).await.unwrap()
}

async fn page(ctx: &Context, page: i64) -> Listed {
    listed(ctx, &Filter { page, ..Filter::default() }).await.unwrap()
}

#[test]
fn what_is_to_come_stands_first_and_what_was_sent_fills_the_pages() {
    both(async |t| {
        let mut all = Vec::new();
        for n in 0..27 {
            let id = made(&t, &t.ctx, &format!("配信{n}"), Purpose::Notice).await;
            if n % 9 >= 4 {
                cancel(&t.ctx, id).await.unwrap();
            }
            all.push((id, n % 9 < 4));
        }
        all.reverse();
        let of = |coming| all.iter().filter(move |(_, c)| *c == coming).map(|(id, _)| *id);
        let expected: Vec<DeliveryId> = of(true).chain(of(false)).collect();
        let (one, two, three) =
            (page(&t.ctx, 1).await, page(&t.ctx, 2).await, page(&t.ctx, 3).await);
        assert_eq!((one.coming.len(), one.past.len()), (12, PER_PAGE as usize - 12));
        assert_eq!((two.coming.len(), two.past.len()), (0, 7));
        assert_eq!((three.coming.len(), three.past.len()), (0, 0));
        let shown: Vec<DeliveryId> = [&one, &two]
            .iter()
            .flat_map(|p| p.coming.iter().chain(&p.past))
            .map(|row| row.id)
            .collect();
        assert_eq!(shown, expected, "each once, the newest first");
        for p in [&one, &two, &three] {
            assert_eq!((p.coming_total, p.past_total), (12, 15));
            assert!(p.removals.is_empty());
        }
    });
}

#[test]
fn a_row_says_who_how_many_and_what_one_may_do() {
    both(async |t| {
        let water = staff(&t, "1", Role::Sender, "水道課").await;
        let roads = staff(&t, "2", Role::Sender, "道路課").await;
        let viewer = staff(&t, "3", Role::Viewer, "水道課").await;
        friends(&t, 3).await;
        let sent = made(&t, &water, "断水", Purpose::Notice).await;
        freeze(&t.ctx, sent, Frozen::Audience(&Resolved::Everyone)).await.unwrap();
        friends(&t, 5).await;
        let waits = made(&t, &water, "予定", Purpose::Notice).await;
        t.later(MINUTE);
        let begun =
            draft(&roads, Draft { title: "書きかけ".into(), ..Draft::default() }).await.unwrap();

        let seen = page(&water, 1).await;
        let row = |p: &Listed, id| p.coming.iter().find(|r| r.id == id).unwrap().clone();
        let said = |id| {
            let r = row(&seen, id);
            (r.who, r.people, r.frozen, r.status, r.department, r.may_write, r.may_send)
        };
        let everyone = "友だち全員（未登録の人も）".to_owned();
        assert_eq!(
            said(sent),
            (everyone.clone(), Some(3), true, Status::Sending, "水道課".into(), true, true),
            "as it was frozen"
        );
        assert_eq!(
            said(waits),
            (everyone, Some(5), false, Status::Scheduled, "水道課".into(), true, true),
            "as it is now"
        );
        assert_eq!(
            said(begun),
            (String::new(), None, false, Status::Draft, "道路課".into(), false, false),
            "another department's"
        );
        assert_eq!(row(&seen, sent).figures, Figures { recipients: 3, ..Figures::default() });
        assert!(seen.may_write);
        let seen = page(&viewer, 1).await;
        assert!(!seen.may_write && seen.coming.iter().all(|r| !r.may_write && !r.may_send));
        let nobody = listed(&t.acting(Actor::Nobody), &Filter::default()).await;
        assert!(matches!(nobody, Err(Error::Forbidden(_))));
    });
}

#[test]
fn where_nothing_fits_each_filter_says_what_it_hides() {
    both(async |t| {
        let water = staff(&t, "1", Role::Sender, "水道課").await;
        made(&t, &water, "断水", Purpose::Notice).await;
        made(&t, &water, "避難", Purpose::Emergency).await;
        let department = store::delivery::departments(&t.ctx).await.unwrap()[0].0;
        let filter = Filter {
            search: "断水".into(),
            purpose: Some(Purpose::Drill),
            department: Some(department),
            page: 2,
            ..Filter::default()
        };
        let seen = listed(&water, &filter).await.unwrap();
        assert_eq!((seen.coming_total, seen.past_total), (0, 0));
        let removals: Vec<(&str, i64)> =
            seen.removals.iter().map(|(_, words, total)| (words.as_str(), *total)).collect();
        // Both texts speak of 断水.
        assert_eq!(removals, [("断水", 0), ("訓練", 2), ("水道課", 0)]);
        let other = Filter { purpose: Some(Purpose::Emergency), ..Filter::default() };
        assert_eq!(listed(&water, &other).await.unwrap().coming_total, 1);
    });
}

async fn csv(ctx: &Context, filter: &Filter) -> services::Result<Vec<u8>> {
    list_file(ctx, filter, File::Csv).await
}

/// The cells of a CSV, line by line.
fn cells(csv: &[u8]) -> Vec<Vec<String>> {
    let text =
        std::str::from_utf8(csv).unwrap().strip_prefix('\u{feff}').expect("the mark of UTF-8");
    assert!(text.ends_with("\r\n"));
    let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn the_csv_has_every_delivery_with_its_figures_and_no_formula() {
    both(async |t| {
        let water = staff(&t, "1", Role::Sender, "水道課").await;
        friends(&t, 3).await;
        let drill = made(&t, &water, "=1+1", Purpose::Drill).await;
        freeze(&t.ctx, drill, Frozen::Audience(&Resolved::Everyone)).await.unwrap();
        let waits = made(&t, &water, "断水, \"夜\"", Purpose::Notice).await;
        let lines = cells(&csv(&water, &Filter::default()).await.unwrap());
        assert_eq!(lines.len(), 3);
        assert_eq!((lines[0][0].as_str(), lines[0][10].as_str()), ("番号", "対象（人）"));
        let all = "友だち全員（未登録の人も）";
        let expected = |id: DeliveryId, rest: [&str; 14]| {
            let mut line = vec![id.to_string()];
            line.extend(rest.map(str::to_owned));
            line
        };
        // Noon in Tokyo, and one and two minutes later; before the freeze nobody knows a figure.
        assert_eq!(
            lines[1][..15],
            expected(
                waits,
                [
                    "断水, \"夜\"",
                    "お知らせ",
                    "予約済み",
                    "水道課",
                    "見本 花子",
                    all,
                    "2026-11-20 12:02:00",
                    "",
                    "",
                    "",
                    "",
                    "",
                    "",
                    "断水します",
                ]
            )
        );
        assert_eq!(
            lines[2][..15],
            expected(
                drill,
                [
                    "'=1+1",
                    "訓練",
                    "送信中",
                    "水道課",
                    "見本 花子",
                    all,
                    "2026-11-20 12:01:00",
                    "",
                    "",
                    "3",
                    "0",
                    "0",
                    "0",
                    "【訓練】断水します",
                ]
            )
        );
        let narrowed = Filter { purpose: Some(Purpose::Drill), ..Filter::default() };
        assert_eq!(cells(&csv(&water, &narrowed).await.unwrap()).len(), 2);
        assert_eq!(
            t.number(
                "SELECT CAST(SUM(count) AS BIGINT) AS n FROM ledger WHERE act = 'delivery.export'"
            )
            .await,
            3,
            "2 and 1"
        );
        t.later(HOUR);
        let nobody = csv(&t.acting(Actor::Nobody), &Filter::default()).await;
        assert!(matches!(nobody, Err(Error::Forbidden(_))));
    });
}
