//! A form is published anew while it is answered.

use crate::support::{Browser, definition, filled, hidden, publish, text};
use domain::form::{Form, Question};

/// A definition without the question of the owner's name.
fn without_owner() -> Form {
    let mut form = definition();
    form.pages[0].questions.retain(|q| q.key != "owner");
    form
}

#[tokio::test]
async fn a_new_version_keeps_what_was_written() {
    let (mut browser, id) = Browser::start(true).await;
    let ctx = browser.platform.system();
    let page = browser.get().await;
    let mut next = definition();
    next.pages[0].questions.insert(0, text("city", "住んでいる市"));
    publish(&browser, id, 1, &next).await;
    let given = [("owner", "山田"), ("has", "no"), ("tel", "1"), ("agree", "yes")];
    let moved = browser.press(&page, "send", &given).await;
    assert!(moved.html.contains("質問が新しくなりました") && moved.html.contains("住んでいる市"));
    assert!(moved.html.contains("value=\"山田\""));
    store::form::close(&ctx, id).await.expect("closed");
    assert!(browser.get().await.html.contains("受付は終わりました"));
}

#[tokio::test]
async fn words_without_a_place_come_back_with_their_question() {
    let (mut browser, id) = Browser::start(true).await;
    let page = browser.get().await;
    let kept = browser.press(&page, "next", &[("owner", "山田"), ("has", "no")]).await;
    assert!(kept.html.contains("連絡先"));
    publish(&browser, id, 1, &without_owner()).await;
    // The draft goes over, and is kept again under the version that does not ask for the name.
    let page = browser.get().await;
    assert!(!page.html.contains("山田"), "{}", page.html);
    browser.press(&page, "look", &[("tel", "090")]).await;
    publish(&browser, id, 2, &definition()).await;
    let page = browser.get().await;
    let first = browser.press(&page, "to:0", &[]).await;
    assert!(first.html.contains("value=\"山田\""), "{}", first.html);
}

#[tokio::test]
async fn what_is_typed_on_a_page_of_a_former_version_is_kept() {
    let (mut browser, id) = Browser::start(true).await;
    let page = browser.get().await;
    publish(&browser, id, 1, &without_owner()).await;
    // The script saves what stands on the page that is still open.
    let mut fields = hidden(&page.html);
    for (name, word) in [("owner", "山田"), ("has", "yes"), ("dogs.0.name", "ポチ")] {
        fields.push((format!("answers[{name}][]"), word.into()));
    }
    let told = browser.save(id, &fields).await;
    assert!(told["saved"].is_string(), "{told}");
    let seen: Vec<&str> =
        told["seen"].as_array().unwrap().iter().filter_map(|n| n.as_str()).collect();
    assert!(seen.contains(&"owner"), "what follows is said of the page: {seen:?}");
    let page = browser.get().await;
    assert!(page.html.contains("value=\"ポチ\"") && !page.html.contains("山田"));
    publish(&browser, id, 2, &definition()).await;
    assert!(browser.get().await.html.contains("value=\"山田\""));
}

#[tokio::test]
async fn an_answer_of_the_first_version_is_corrected_after_the_second() {
    let (mut browser, id) = Browser::start(true).await;
    let page = browser.get().await;
    let given = [("owner", "山田"), ("has", "no"), ("tel", "1"), ("agree", "yes")];
    assert!(browser.press(&page, "send", &given).await.html.contains("犬001"));
    // Another one is begun under the first version, and sent under the second.
    let page = browser.get().await;
    browser.press(&page, "next", &[("owner", "鈴木"), ("has", "no")]).await;
    let mut next = definition();
    let memo = Question { correctable: true, ..text("memo", "連絡のとれる時間") };
    next.pages[1].questions.insert(1, memo);
    publish(&browser, id, 1, &next).await;
    let page = browser.get().await;
    assert!(page.html.contains("質問が新しくなりました") && page.html.contains("連絡のとれる時間"));
    let given = [("tel", "1"), ("memo", "夜"), ("agree", "yes")];
    let read = browser.press(&page, "next", &given).await;
    assert!(read.html.contains("鈴木"), "{}", read.html);
    assert!(browser.press(&read, "send", &[]).await.html.contains("犬002"));
    // Each is corrected by the questions that it has answered.
    for (number, name, asked) in [(1, "山田", false), (2, "鈴木", true)] {
        let path = format!("/liff/answers/{number}?correct");
        let open = browser.ask(&path, None).await;
        assert_eq!(open.html.contains("answers[memo][]"), asked, "{}", open.html);
        let fields = filled(&open, "correct", &[("tel", "2"), ("memo", "朝")]);
        let corrected = browser.ask(&path, Some(&fields)).await;
        assert!(corrected.html.contains("直した内容を送りました"), "{}", corrected.html);
        assert!(corrected.html.contains(name), "{}", corrected.html);
        assert_eq!(corrected.html.contains("朝"), asked, "{}", corrected.html);
    }
}
