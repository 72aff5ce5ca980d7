//! Pages are answered one after another, left, and gone back to.

use crate::support::{Browser, definition, filled, publish, text};
use domain::form::inbox::Filter;
use domain::form::{Ask, Condition, Question};
use domain::time::DAY;
use liff::server::LiffPage;

#[tokio::test]
async fn pages_are_answered_by_pages_until_it_is_received() {
    let (mut browser, id) = Browser::start(true).await;
    let first = browser.get().await;
    assert_eq!(first.status, 200);
    assert!(first.html.contains("飼い主の名前") && first.html.contains("000-000-0000"));
    // Nothing is written: what is missing is said, and nothing moves.
    let refused = browser.press(&first, "next", &[]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.html.contains("直すところが 2つあります"));
    // What follows from an answer is shown before it is asked for.
    let more = browser.press(&refused, "next", &[("owner", "山田"), ("has", "yes")]).await;
    assert!(more.html.contains("質問が増えました") && more.html.contains("value=\"山田\""));
    let given = [("owner", "山田"), ("has", "yes"), ("dogs.0.name", "ポチ")];
    let two = browser.press(&more, "add:dogs", &given).await;
    assert!(two.html.contains("dogs.1.name"), "there is room for a second dog");
    let both = [given.as_slice(), &[("dogs.1.name", "シロ")]].concat();
    let one = browser.press(&two, "remove:dogs:0", &both).await;
    assert!(one.html.contains("value=\"シロ\"") && !one.html.contains("value=\"ポチ\""));
    let given = [("owner", "山田"), ("has", "yes"), ("dogs.0.name", "シロ")];
    let next = browser.press(&one, "next", &given).await;
    assert!(next.html.contains("連絡先") && next.html.contains("電話番号"), "{}", next.html);
    // Somebody comes back: the draft is there, on its page.
    let again = browser.get().await;
    assert!(again.html.contains("続けられます") && again.html.contains("電話番号"));
    let read = browser.press(&again, "next", &[("tel", "090-0000-0000"), ("agree", "yes")]).await;
    assert!(read.html.contains("内容を確かめる") && read.html.contains("シロ"));
    let back = browser.press(&read, "to:0", &[]).await;
    assert!(back.html.contains("value=\"シロ\""));
    let read = browser.press(&read, "look", &[]).await;
    let done = browser.press(&read, "send", &[]).await;
    assert_eq!(done.status, 200);
    assert!(done.html.contains("受け付けました") && done.html.contains("犬001"), "{}", done.html);
    // The second tap.
    let twice = browser.press(&read, "send", &[]).await;
    assert!(twice.html.contains("犬001"));
    let found = store::answer::list(&browser.platform.system(), &Filter::default()).await;
    let found = found.expect("a list");
    assert_eq!((found.total, found.rows[0].form), (1, id));
}

#[tokio::test]
async fn the_way_back_leads_to_the_page_before_with_everything_kept() {
    let (mut browser, _) = Browser::start(true).await;
    let path = browser.path.clone();
    let bare = browser.get().await;
    assert!(bare.html.contains(&format!("0;url={path}?page=0")), "{}", bare.html);
    let first = browser.page(0).await;
    assert!(first.html.contains("飼い主の名前") && !first.html.contains("0;url="));
    let given = [("owner", "山田"), ("has", "yes"), ("dogs.0.name", "ポチ")];
    let two = browser.press(&first, "add:dogs", &given).await;
    assert!(two.html.contains("answers[dogs.1.name][]"), "an open item is kept: {}", two.html);
    let refused = browser.press(&two, "next", &given[1..]).await;
    assert_eq!(refused.status, 422, "the owner has no name");
    assert!(refused.html.contains("直すところが"), "{}", refused.html);
    let one = browser.press(&refused, "remove:dogs:1", &given).await;
    let way = browser.once(&path, Some(&filled(&one, "next", &given))).await;
    assert_eq!((way.status.as_u16(), way.to), (303, Some(format!("{path}?page=1"))));
    let second = browser.page(1).await;
    let given = [("tel", "090-0000-0000"), ("agree", "yes")];
    let read = browser.press(&second, "next", &given).await;
    assert!(read.html.contains("内容を確かめる") && read.html.contains("ポチ"), "{}", read.html);
    // The key for back, twice, and forward again.
    assert!(browser.page(1).await.html.contains("value=\"090-0000-0000\""));
    let back = browser.page(0).await;
    assert!(back.html.contains("value=\"山田\"") && back.html.contains("value=\"ポチ\""));
    assert_eq!(back.status, 200, "what was mended is not said again");
    let read = browser.page(2).await;
    let sent = browser.once(&path, Some(&filled(&read, "send", &[]))).await;
    let receipt = sent.to.expect("the way to the receipt");
    for _ in 0..2 {
        assert!(browser.ask(&receipt, None).await.html.contains("犬001"));
    }
    // Nothing of it comes back into a form, and nobody else gets the receipt.
    assert!(!browser.page(2).await.html.contains("山田"));
    browser.cookie.clear();
    assert!(!browser.ask(&receipt, None).await.html.contains("犬001"));
}

#[tokio::test]
async fn words_that_arrive_after_somebody_went_back_are_kept() {
    let (mut browser, id) = Browser::start(true).await;
    let first = browser.get().await;
    let second = browser.press(&first, "next", &[("owner", "山田"), ("has", "no")]).await;
    browser.later(1);
    let back = browser.page(0).await;
    // The script sends the last words while the page is left.
    browser.later(1);
    let told = browser.save(id, &filled(&second, "", &[("tel", "090-0000-0000")])).await;
    assert!(told["saved"].is_string(), "{told}");
    browser.later(1);
    let again = browser.press(&back, "next", &[("owner", "鈴木"), ("has", "no")]).await;
    assert!(again.html.contains("value=\"090-0000-0000\""), "{}", again.html);
    let given = [("tel", "090-0000-0000"), ("agree", "yes")];
    let read = browser.press(&again, "next", &given).await;
    assert!(read.html.contains("鈴木") && !read.html.contains("山田"), "{}", read.html);
}

#[tokio::test]
async fn a_browser_without_cookies_goes_on_by_what_its_pages_carry() {
    let (mut browser, _) = Browser::start(true).await;
    let mut page = browser.get().await;
    let turns: [(&str, &[(&str, &str)]); 3] = [
        ("next", &[("owner", "山田"), ("has", "no")]),
        ("next", &[("tel", "090-0000-0000"), ("agree", "yes")]),
        ("send", &[]),
    ];
    for (act, given) in turns {
        browser.cookie.clear();
        let path = browser.path.clone();
        let next = browser.once(&path, Some(&filled(&page, act, given))).await;
        assert!(next.to.is_none(), "nobody would be known there");
        page = next;
    }
    assert!(page.html.contains("犬001"), "{}", page.html);
}

#[tokio::test]
async fn a_postcode_fills_in_an_address() {
    let row = "99201,\"999  \",\"9990001\",\"ﾐﾎﾝｹﾝ\",\"ﾐﾎﾝｼ\",\"ﾔﾏﾃ\",\"見本県\",\"みほん市\",\"山手\",0,0,0,0,0,0\n";
    let (mut browser, id) = Browser::start_with(true, Some(row)).await;
    let mut form = definition();
    let home = Question { personal: true, ..Question::new("home", "住所", Ask::Address {}) };
    form.pages[0].questions.push(home);
    publish(&browser, id, 1, &form).await;
    let page = browser.get().await;
    assert!(page.html.contains("郵便番号から住所を入れる"));
    let given = |code: &'static str| {
        [("owner", "山田"), ("home.postcode", code), ("home.building", "101号室")]
    };
    let found = browser.press(&page, "postcode:home", &given("9990001")).await;
    assert_eq!(found.status, 200);
    for words in ["999-0001", "見本県", "みほん市", "山手", "101号室", "山田"] {
        let value = format!("value=\"{words}\"");
        assert!(found.html.contains(&value), "{words}: {}", found.html);
    }
    for (code, words) in [("9990002", "見つかりませんでした"), ("12", "7けたの数")] {
        let refused = browser.press(&page, "postcode:home", &given(code)).await;
        assert_eq!(refused.status, 422);
        assert!(refused.html.contains(words) && refused.html.contains("value=\"101号室\""));
    }
    let (mut browser, id) = Browser::start(true).await;
    publish(&browser, id, 1, &form).await;
    assert!(!browser.get().await.html.contains("郵便番号から住所を入れる"), "without the file");
}

#[tokio::test]
async fn somebody_breaks_off_and_goes_on_another_day() {
    let (mut browser, _) = Browser::start(true).await;
    let first = browser.get().await;
    let second = browser.press(&first, "next", &[("owner", "山田"), ("has", "no")]).await;
    assert!(second.html.contains("電話番号"), "{}", second.html);
    browser.later(2 * DAY);
    let again = browser.get().await;
    assert!(again.html.contains("続けられます") && again.html.contains("電話番号"));
    browser.press(&again, "look", &[("tel", "090-0000-0000")]).await;
    // 31 days after it was begun, 29 after the last word.
    browser.later(29 * DAY);
    let kept = browser.get().await;
    assert!(kept.html.contains("続けられます") && kept.html.contains("value=\"090-0000-0000\""));
    // Looking is no word.
    browser.later(2 * DAY);
    let forgotten = browser.get().await;
    assert!(!forgotten.html.contains("続けられます") && !forgotten.html.contains("090-0000-0000"));
    assert!(forgotten.html.contains("飼い主の名前"), "it begins anew");
    // A page that stood open all the time is sent all the same.
    let read = browser.press(&kept, "next", &[("tel", "090-0000-0000"), ("agree", "yes")]).await;
    let done = browser.press(&read, "send", &[]).await;
    assert!(done.html.contains("犬001"), "{}", done.html);
}

/// A page of a form in which something more comes up for those without a dog, after they went on.
async fn came_up(more: Question) -> LiffPage {
    let (mut browser, id) = Browser::start(true).await;
    let mut next = definition();
    let when = Condition::Is { question: "has".into(), any_of: vec!["no".into()] };
    next.pages[0].questions.push(Question { show_if: Some(when), ..more });
    publish(&browser, id, 1, &next).await;
    let page = browser.get().await;
    browser.press(&page, "next", &[("owner", "山田"), ("has", "no")]).await
}

#[tokio::test]
async fn only_what_is_asked_or_said_stops_somebody_who_goes_on() {
    let formula = "if(chosen(has, \"no\"), 0, 300)".parse().expect("a formula");
    let sum = Ask::Calculation { formula, places: 0, unit: "円".into() };
    let on = came_up(Question::new("sum", "手数料", sum)).await;
    assert!(!on.html.contains("増えました") && on.html.contains("電話番号"), "{}", on.html);
    let words = Ask::Explanation { text: "登録は要りません".into() };
    let more = came_up(Question::new("words", "お知らせ", words)).await;
    assert!(more.html.contains("説明が増えました") && more.html.contains("登録は要りません"));
    assert!(!more.html.contains("電話番号"));
    let asked = came_up(text("why", "いない理由")).await;
    assert!(asked.html.contains("質問が増えました") && asked.html.contains("いない理由"));
}
