//! NDJSON from other systems: good rows are taken, bad ones named, however the bytes arrive.

use crate::line::questions;
use crate::support::{Test, both};
use domain::permission::{Actor, Permission};
use futures::StreamExt;
use services::resident::{Import, Report};

/// As many bad rows are answered one by one.
const ERRORS_MAX: usize = 10_000;

async fn imported(t: &Test, pieces: &[&[u8]]) -> Report {
    let mut import = Import::begin(&t.ctx).await.unwrap();
    for piece in pieces {
        import.feed(piece).await.unwrap();
    }
    import.end().await.unwrap()
}

fn row(n: u32, attributes: &str) -> String {
    format!(r#"{{"line_user_id":"U{n:032x}","attributes":{attributes}}}"#)
}

#[test]
fn a_thousand_bad_rows_do_not_stop_the_good_ones() {
    both(async |t| {
        questions(&t).await;
        let mut body = String::new();
        for n in 0..3_000 {
            if n % 3 == 1 {
                body.push_str(&row(n, r#"{"age":"ancient"}"#));
            } else {
                body.push_str(&row(n, r#"{"age":"old","topics":["waste","event"]}"#));
            }
            body.push('\n');
        }
        let report = imported(&t, &[body.as_bytes()]).await;
        assert_eq!(
            (report.created, report.updated, report.errors.len(), report.more_errors),
            (2_000, 0, 1_000, 0)
        );
        assert_eq!((report.errors[0].line, report.errors[999].line), (2, 2_999));
        assert_eq!(report.errors[0].reason, "「age」に選択肢「ancient」がありません");
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM fact").await, 6_000);
        let again = imported(&t, &[body.as_bytes()]).await;
        assert_eq!((again.created, again.updated), (0, 2_000));
        assert_eq!(t.number("SELECT COUNT(*) AS n FROM fact").await, 6_000);
        assert_eq!(
            t.number(
                "SELECT COUNT(*) AS n FROM ledger WHERE act = 'resident.import' AND count = 2000"
            )
            .await,
            2
        );
    });
}

#[test]
fn it_does_not_matter_where_the_bytes_are_cut() {
    both(async |t| {
        questions(&t).await;
        let body = format!(
            "{}\r\n\n{}\n{{\"line_user_id\":\"あ\"}}\n{}",
            row(1, r#"{"age":"old"}"#),
            row(2, "null"),
            row(3, r#"{"topics":["waste"]}"#)
        );
        let body = body.as_bytes();
        let whole = imported(&t, &[body]).await;
        assert_eq!(
            (whole.created, whole.errors.iter().map(|e| e.line).collect::<Vec<_>>()),
            (2, vec![3, 4])
        );
        for at in 0..=body.len() {
            let (front, back) = body.split_at(at);
            let cut = imported(&t, &[front, back]).await;
            assert_eq!((cut.updated, &cut.errors), (2, &whole.errors), "cut at {at}");
        }
        let single: Vec<&[u8]> = body.chunks(1).collect();
        assert_eq!(imported(&t, &single).await.errors, whole.errors);
    });
}

#[test]
fn every_bad_row_is_told_why() {
    both(async |t| {
        questions(&t).await;
        let long = row(1, &format!(r#"{{"age":"{}"}}"#, "x".repeat(70_000)));
        for (line, reason) in [
            ("{", "JSONとして読めません"),
            (
                &row(1, r#"{"age":"old","age":"young"}"#),
                "項目「attributes/age」が2回あります。1つにしてください",
            ),
            (&row(1, &"[".repeat(200)), "入れ子が深すぎます"),
            ("[]", "1行に1つのオブジェクトを書いてください"),
            ("{}", "line_user_id がありません"),
            (r#"{"line_user_id":"U0"}"#, "line_user_id は U と、0〜9・a〜f の32文字にしてください"),
            (&row(1, r#"{"x":"y"}"#), "登録項目「x」がありません"),
            (&row(1, r#"{"age":["old","young"]}"#), "「age」で選べるのは1つだけです"),
            (
                &row(1, r#"{"age":1}"#),
                "「age」は、選択肢のキー、その配列、null のどれかにしてください",
            ),
            (&row(1, r#"{"age":[1]}"#), "「age」の選択肢は、文字列で書いてください"),
            (&row(1, "[]"), "attributes はオブジェクトにしてください"),
            (r#"{"line_user_id":"U0","name":"花子"}"#, "知らない項目「name」があります"),
            (&long, "1行が長すぎます。64KBまでにしてください"),
        ] {
            for pieces in [
                vec![line.as_bytes()],
                vec![line.as_bytes(), b"\n"],
                line.as_bytes().chunks(30_000).collect(),
            ] {
                let report = imported(&t, &pieces).await;
                assert_eq!(
                    (report.created, report.errors.len()),
                    (0, 1),
                    "{}",
                    &line[..line.len().min(80)]
                );
                assert_eq!((report.errors[0].line, report.errors[0].reason.as_str()), (1, reason));
            }
        }
        let bad_utf8 =
            [&b"{\"line_user_id\":\"\xff\xfe\"}\n"[..], row(7, "{}").as_bytes()].concat();
        let report = imported(&t, &[&bad_utf8]).await;
        assert_eq!(
            (report.created, report.errors[0].line, report.errors[0].reason.as_str()),
            (1, 1, "JSONとして読めません")
        );
        assert_eq!(imported(&t, &[]).await, Report::default());
    });
}

#[test]
fn years_dates_and_texts_come_as_their_own_types() {
    both(async |t| {
        for (key, kind) in [("born", "year"), ("due", "date"), ("pet", "text")] {
            let body = serde_json::json!({"key": key, "label": key, "kind": kind});
            services::attribute::create_from_json(&t.ctx, &body).await.unwrap();
        }
        let body = [
            row(1, r#"{"born":1985,"due":"2026-05-01","pet":"ポチ"}"#),
            row(2, r#"{"born":"1985"}"#),
            row(3, r#"{"due":"2026-02-30"}"#),
            row(4, r#"{"pet":["ポチ"]}"#),
            row(5, r#"{"born":2027}"#),
            row(1, r#"{"due":null}"#),
        ]
        .join("\n");
        let report = imported(&t, &[body.as_bytes()]).await;
        assert_eq!((report.created, report.updated), (1, 1));
        let reasons: Vec<(u64, &str)> =
            report.errors.iter().map(|e| (e.line, e.reason.as_str())).collect();
        assert_eq!(
            reasons,
            [
                (2, "「born」は、西暦の年を数で書いてください（例 1985）。消すときは null です"),
                (3, "「due」は、1900〜2199年の、暦にある日付にしてください（例 \"2026-05-01\"）"),
                (4, "「pet」は、文字で書いてください。消すときは null です"),
                (5, "「born」は、1900〜2026の西暦の年にしてください"),
            ]
        );
        let csv: Vec<_> = services::resident::csv(&t.ctx).await.unwrap().collect().await;
        let csv: Vec<u8> = csv.into_iter().flat_map(|piece| piece.unwrap().to_vec()).collect();
        let csv = String::from_utf8(csv).unwrap();
        let lines: Vec<&str> = csv.lines().collect();
        assert!(lines[0].ends_with(",born,due,pet"), "{csv}");
        assert!(lines[1].ends_with(",1985,,ポチ"), "{csv}");
        let page = services::attribute::page_for_systems(&t.ctx, None, 10).await.unwrap().unwrap();
        assert_eq!(page["items"][0]["kind"], "year");
        assert!(page["items"][0].get("choices").is_none());
        let bad = serde_json::json!({"key": "x", "label": "x", "kind": "year", "choices": [{"key": "a", "label": "a"}]});
        let refused = services::attribute::create_from_json(&t.ctx, &bad).await;
        assert!(matches!(refused, Err(services::Error::Invalid(p)) if p[0].at == "/choices"));
    });
}

#[test]
fn a_byte_order_mark_before_the_first_line_is_passed_over() {
    both(async |t| {
        questions(&t).await;
        let body = format!("\u{feff}{}\n\u{feff}{}", row(1, "{}"), row(2, "{}"));
        for pieces in [vec![body.as_bytes()], body.as_bytes().chunks(1).collect()] {
            let report = imported(&t, &pieces).await;
            assert_eq!(report.created + report.updated, 1);
            assert_eq!(report.errors.iter().map(|e| e.line).collect::<Vec<_>>(), [2]);
        }
    });
}

#[test]
fn of_very_many_bad_rows_the_rest_is_counted() {
    both(async |t| {
        let body = "x\n".repeat(ERRORS_MAX + 5);
        let report = imported(&t, &[body.as_bytes()]).await;
        assert_eq!((report.errors.len(), report.more_errors), (ERRORS_MAX, 5));
    });
}

#[test]
fn who_may_not_import_does_not_begin() {
    both(async |t| {
        let others =
            Permission::ALL.iter().copied().filter(|p| *p != Permission::ResidentImport).collect();
        let ctx = t.acting(Actor::Token { id: domain::id::TokenId(1), permissions: others });
        assert!(matches!(Import::begin(&ctx).await.map(drop), Err(services::Error::Forbidden(_))));
    });
}
