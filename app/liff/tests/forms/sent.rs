//! What somebody does with an answer that they have sent.

use crate::support::{Browser, definition, filled, hidden, publish, text};
use axum::body::Body;
use axum::extract::Request;
use domain::form::inbox::Filter;
use domain::form::{Check, Condition, Question};
use liff::server::{LiffPage, prepare};

#[tokio::test]
async fn who_has_answered_looks_corrects_and_takes_back() {
    let (mut browser, _) = Browser::start(true).await;
    let page = browser.get().await;
    let given = [("owner", "山田"), ("has", "no"), ("tel", "1"), ("agree", "yes")];
    let done = browser.press(&page, "send", &given).await;
    assert!(done.html.contains("犬001"), "{}", done.html);
    let list = browser.ask("/liff/answers", None).await;
    assert!(list.html.contains("犬001"));
    let one = "/liff/answers/1";
    assert!(browser.ask(one, None).await.html.contains("山田"));
    let open = browser.ask(&format!("{one}?correct"), None).await;
    assert!(open.html.contains("answers[tel][]") && !open.html.contains("answers[owner][]"));
    let fields = |act: &str| {
        vec![
            ("answers[tel][]".to_owned(), "2".to_owned()),
            ("answers[owner][]".to_owned(), "別人".to_owned()),
            ("act".to_owned(), act.to_owned()),
        ]
    };
    let corrected = browser.ask(one, Some(&fields("correct"))).await;
    assert!(corrected.html.contains("直した内容を送りました"));
    assert!(corrected.html.contains("山田") && !corrected.html.contains("別人"));
    // Another browser sees nothing of it.
    let own = std::mem::take(&mut browser.cookie);
    assert!(!browser.ask(one, None).await.html.contains("山田"));
    let list = browser.ask("/liff/answers", None).await;
    assert!(!list.html.contains("犬001") && list.html.contains("LINEから送った申請が出ます"));
    assert!(!list.outside, "who it is, LINE may say yet");
    let stolen = browser.ask(one, Some(&fields("withdraw"))).await;
    assert!(!stolen.html.contains("取り下げました"));
    browser.cookie = own;
    assert!(browser.ask(&format!("{one}?withdraw"), None).await.html.contains("取り下げますか"));
    let gone = browser.ask(one, Some(&fields("withdraw"))).await;
    assert!(gone.html.contains("取り下げました"));
    assert!(!gone.html.contains("?withdraw"), "once is enough");
}

#[tokio::test]
async fn whoever_leaves_a_browser_of_many_leaves_nothing_in_it() {
    let (mut browser, id) = Browser::start(true).await;
    let page = browser.get().await;
    assert!(page.html.contains("href=\"/liff/answers\""), "the way there: {}", page.html);
    let given = [("owner", "山田"), ("has", "no"), ("tel", "1"), ("agree", "yes")];
    let done = browser.press(&page, "send", &given).await;
    assert!(done.html.contains("犬001") && done.html.contains("href=\"/liff/answers\""));
    let page = browser.get().await;
    browser.save(id, &filled(&page, "", &[("owner", "田中")])).await;
    let list = browser.ask("/liff/answers", None).await;
    for words in ["犬001", "書きかけ", "このブラウザーから消す"] {
        assert!(list.html.contains(words), "{words}: {}", list.html);
    }
    assert!(list.outside, "it is not asked for at LINE");
    let former = browser.cookie.clone();
    let left = browser.ask("/liff/answers", Some(&[("act".into(), "leave".into())])).await;
    assert!(left.cookie.unwrap_or_default().contains("Max-Age=0"));
    assert!(left.html.contains("liff-left") && !left.html.contains("犬001"), "{}", left.html);
    assert!(!browser.get().await.html.contains("田中"));
    // Not even by the former cookie is there a draft; what was sent is the city's.
    browser.cookie = former;
    assert!(!browser.get().await.html.contains("田中"));
    let ctx = browser.platform.system();
    let filter = Filter { page: 1, ..Filter::default() };
    assert_eq!(services::answer::list(&ctx, &filter).await.expect("the answers").total, 1);
}

#[tokio::test]
async fn what_cannot_be_corrected_is_said_without_a_link_that_leads_nowhere() {
    let (mut browser, id) = Browser::start(true).await;
    let mut next = definition();
    let memo = text("memo", "連絡のとれる時間");
    let mut call = text("call", "電話で聞きたいこと");
    call.checks.push(Check {
        holds: Condition::Answered("memo".into()),
        message: "連絡のとれる時間を書いてください".into(),
    });
    let memo = Question { required: false, correctable: true, ..memo };
    next.pages[1].questions.splice(1..1, [memo, call]);
    publish(&browser, id, 1, &next).await;
    let page = browser.get().await;
    let given = [("owner", "山田"), ("has", "no"), ("tel", "1"), ("agree", "yes")];
    let given = [&given[..], &[("memo", "夜"), ("call", "予防注射")]].concat();
    let done = browser.press(&page, "send", &given).await;
    assert!(done.html.contains("犬001"), "{}", done.html);
    let path = "/liff/answers/1?correct";
    let open = browser.ask(path, None).await;
    let refused = browser.ask(path, Some(&filled(&open, "correct", &[("tel", "1")]))).await;
    let (_, errors) = refused.html.split_once("liff-errors").expect("what is to mend");
    let (errors, _) = errors.split_once("</ul>").expect("a list");
    assert!(errors.contains("連絡のとれる時間を書いてください"), "{errors}");
    assert!(errors.contains("「電話で聞きたいこと」の答えは、ここでは直せません"), "{errors}");
    assert!(!errors.contains("<a "), "{errors}");
    // What is drawn is led to.
    let refused = browser.ask(path, Some(&filled(&open, "correct", &[("memo", "朝")]))).await;
    let (_, errors) = refused.html.split_once("liff-errors").expect("what is to mend");
    assert!(errors.split("</ul>").next().is_some_and(|list| list.contains("<a ")), "{errors}");
}

#[tokio::test]
async fn a_correction_takes_items_and_files_like_a_new_answer() {
    let (mut browser, _) = Browser::start(true).await;
    let page = browser.get().await;
    let given = [
        ("owner", "山田"),
        ("has", "yes"),
        ("dogs.0.name", "ポチ"),
        ("tel", "1"),
        ("agree", "yes"),
    ];
    let done = browser.press(&page, "send", &given).await;
    assert!(done.html.contains("犬001"), "{}", done.html);
    let correct = "/liff/answers/1?correct";
    let typed = |act: &str, more: &[(&str, &str)]| {
        let mut all =
            vec![("act".to_owned(), act.to_owned()), ("items[dogs]".to_owned(), "1".to_owned())];
        for (name, word) in [("tel", "2"), ("dogs.0.name", "ポチ")].iter().chain(more) {
            all.push((format!("answers[{name}][]"), (*word).to_owned()));
        }
        all
    };
    // Another dog: nothing that was typed is lost.
    let more = browser.ask(correct, Some(&typed("add:dogs", &[]))).await;
    assert!(more.html.contains("answers[dogs.1.name][]"), "{}", more.html);
    assert!(more.html.contains("value=\"2\""), "the number that was typed: {}", more.html);
    // A file, sent by a page without a script.
    let mut body = String::new();
    for (name, word) in typed("upload:paper", &[("dogs.1.name", "シロ")]) {
        body +=
            &format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{word}\r\n");
    }
    body += "--x\r\ncontent-disposition: form-data; name=\"file[paper]\"; filename=\"証明.pdf\"\r\n\r\n%PDF-1.7 x\r\n--x--\r\n";
    let request = Request::builder()
        .method("POST")
        .uri(correct)
        .header("cookie", browser.cookie.clone())
        .header("content-type", "multipart/form-data; boundary=x")
        .body(Body::from(body));
    let request = prepare(&browser.platform, request.expect("a request")).await;
    let page = request.extensions().get::<LiffPage>().cloned().expect("a page");
    assert!(page.html.contains("証明.pdf") && page.html.contains("シロ"), "{}", page.html);
    let (_, token) = hidden(&page.html)
        .into_iter()
        .find(|(name, _)| name == "answers[paper][]")
        .expect("the file, to be sent");
    let last = [("dogs.1.name", "シロ"), ("paper", token.as_str())];
    let corrected = browser.ask(correct, Some(&typed("correct", &last))).await;
    assert!(corrected.html.contains("直した内容を送りました"), "{}", corrected.html);
    assert!(corrected.html.contains("シロ") && corrected.html.contains("証明.pdf・1 kB"));
}
