//! Deliveries added up by months and weeks, on the page and in its file (SEG-8).

use crate::line::Line;
use crate::support::both;
use domain::audience::Audience;
use domain::delivery::Purpose;
use domain::delivery::period::{Asked, Every};
use domain::id::DepartmentId;
use sandbox::Faults;
use services::delivery::{periods, periods_csv};

#[test]
fn what_was_sent_is_added_up_and_taken_away() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        let users = line.friends(30).await;
        line.faults(Faults { refuse_ids: vec![users[7]], ..Faults::default() });
        line.outbox("one");
        for _ in 0..2 {
            let id = line.deliver(Purpose::Notice, Audience::Everyone, None).await;
            line.ended(id).await;
        }
        let readers =
            "UPDATE insight SET readers = 21 WHERE delivery_id = (SELECT MIN(id) FROM delivery)";
        assert_eq!(t.sql(readers).await, 1);
        let ctx = line.platform.system();
        for every in Every::ALL {
            let asked = Asked { every, department: None };
            let found = periods(&ctx, asked).await.unwrap();
            let last = found.sums.last().unwrap();
            assert_eq!((last.deliveries, last.figures.recipients), (2, 60));
            assert_eq!((last.figures.accepted, last.figures.failed), (58, 2));
            assert_eq!((last.readers, last.read, last.read_of), (21, 1, 29));
            assert_eq!(found.sums.iter().map(|s| s.deliveries).sum::<i64>(), 2);
            let csv = String::from_utf8(periods_csv(&ctx, asked).await.unwrap()).unwrap();
            let lines: Vec<&str> = csv.lines().collect();
            assert_eq!(lines.len(), found.sums.len() + 1);
            assert!(lines[0].starts_with("\u{feff}期間,配信（件）,"), "{}", lines[0]);
            let words = every.words(last.from);
            assert_eq!(*lines.last().unwrap(), format!("{words},2,60,58,2,0,21,72.4,1"));
            // What is not known is empty, never 0.
            assert!(lines[1].ends_with(",0,0,0,0,0,,,0"), "{}", lines[1]);
        }
        let other = Asked { every: Every::Month, department: Some(DepartmentId(999)) };
        let none = periods(&ctx, other).await.unwrap();
        assert!(none.sums.iter().all(|s| s.deliveries == 0));
        line.end().await;
    });
}
