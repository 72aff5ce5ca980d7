//! Who may answer: residents, those on a list, testers.

use crate::support::{Browser, definition, filled, json};
use domain::form::inbox::Filter;
use domain::form::kept::{Gate, Settings as Beside};
use domain::form::{ANSWERED_FOR, Form};
use domain::id::FormId;
use domain::permission::Actor;
use domain::time::HOUR;
use liff::server::LiffPage;
use std::collections::BTreeMap;

#[tokio::test]
async fn a_form_for_residents_waits_for_who_it_is() {
    let (mut browser, _) = Browser::start(false).await;
    let page = browser.get().await;
    assert!(page.html.contains("このままでは送れません"), "without a script it says so");
    let given = [("owner", "山田"), ("has", "no"), ("tel", "1"), ("agree", "yes")];
    let refused = browser.press(&page, "send", &given).await;
    assert_eq!(refused.status, 422);
    assert!(refused.html.contains("確かめられませんでした") && refused.html.contains("山田"));
    assert!(browser.cookie.is_empty());
}

#[tokio::test]
async fn who_may_answer_stays_as_it_was_published() {
    let (mut browser, id) = Browser::start(false).await;
    let ctx = browser.platform.system();
    let columns = ["番号".to_owned()];
    let people = [BTreeMap::from([("番号".to_owned(), "A-1".to_owned())])];
    let list = store::eligibility::keep(&ctx, None, "名簿", &columns, &columns, &people).await;
    let gate = Gate { list: list.expect("a list"), prefill: BTreeMap::new() };
    let form = definition();
    let save = async |edition, eligibility: Option<Gate>| {
        let beside = Beside { outside: true, eligibility, ..Beside::default() };
        store::form::save(&ctx, id, edition, "犬", &form, &beside).await.expect("saved")
    };
    let given = [("owner", "山田"), ("has", "no"), ("tel", "1"), ("agree", "yes")];
    // Residents alone, then outside LINE too, for those on the list, then for everybody: each is
    // saved first, and changes nothing yet.
    save(1, Some(gate)).await;
    let page = browser.get().await;
    assert!(!page.outside && page.html.contains("このままでは送れません"), "{}", page.html);
    assert!(page.html.contains("飼い主の名前") && browser.cookie.is_empty());
    assert_eq!(browser.press(&page, "send", &given).await.status, 422);
    store::form::publish(&ctx, id, 2).await.expect("published");
    let page = browser.get().await;
    assert!(page.outside && page.html.contains("said[番号]"), "{}", page.html);

    save(2, None).await;
    let page = browser.get().await;
    assert!(page.html.contains("said[番号]") && !page.html.contains("飼い主の名前"));
    let asked = browser.press(&page, "send", &given).await;
    assert!(asked.html.contains("said[番号]") && !asked.html.contains("受け付けました"));
    store::form::publish(&ctx, id, 3).await.expect("published");
    let page = browser.get().await;
    assert!(!page.html.contains("said[番号]"), "{}", page.html);
    assert_eq!(store::form::get(&ctx, id).await.expect("a form").received, 0);
    browser.press(&page, "send", &given).await;
    assert_eq!(store::form::get(&ctx, id).await.expect("a form").received, 1);
}

#[tokio::test]
async fn behind_a_list_a_page_is_found_again_for_an_hour() {
    let (mut browser, id) = Browser::start(true).await;
    let ctx = browser.platform.system();
    let columns = ["番号".to_owned()];
    let people = ["A-1", "A-2"].map(|n| BTreeMap::from([("番号".to_owned(), n.to_owned())]));
    let list = store::eligibility::keep(&ctx, None, "名簿", &columns, &columns, &people).await;
    let gate = Gate { list: list.expect("a list"), prefill: BTreeMap::new() };
    let beside = Beside { outside: true, eligibility: Some(gate), ..Beside::default() };
    store::form::save(&ctx, id, 1, "犬", &definition(), &beside).await.expect("saved");
    store::form::publish(&ctx, id, 2).await.expect("published");
    let asks = |page: &LiffPage| page.html.contains("said[番号]");
    let said = |page: &LiffPage, number: &str| {
        let number = ("said[番号]".to_owned(), number.to_owned());
        [filled(page, "check", &[]), vec![number]].concat()
    };
    // By these the script knows what it keeps, and for whom; at the list's question nothing.
    let person = |page: &LiffPage| {
        let (_, rest) = page.html.split_once("data-person=\"")?;
        rest.split('"').next().map(str::to_owned)
    };
    let path = browser.path.clone();
    let door = browser.get().await;
    assert!(asks(&door), "{}", door.html);
    assert!(!door.html.contains("data-form=") && !door.html.contains("data-person="));
    let first = browser.ask(&path, Some(&said(&door, "A-1"))).await;
    assert!(!asks(&first) && first.html.contains("飼い主の名前"), "{}", first.html);
    browser.press(&first, "next", &[("owner", "山田"), ("has", "no")]).await;
    // The key for back, until an hour after the last word.
    browser.later(HOUR);
    for (page, words) in [(1, "電話番号"), (0, "value=\"山田\"")] {
        let found = browser.page(page).await;
        assert!(!asks(&found) && found.html.contains(words), "{}", found.html);
    }
    // Others may use the browser later: they are asked who they are, however they come.
    browser.later(1);
    for door in [browser.page(0).await, browser.page(1).await, browser.get().await] {
        assert!(asks(&door) && !door.html.contains("山田"), "{}", door.html);
    }
    // Whoever is on the list goes on.
    let door = browser.page(0).await;
    let again = browser.ask(&path, Some(&said(&door, "A-1"))).await;
    assert!(!asks(&again) && again.html.contains("電話番号"), "{}", again.html);
    assert!(browser.page(0).await.html.contains("value=\"山田\""));
    // Another on the list finds nothing of it, and sends nothing of it as theirs.
    let door = browser.get().await;
    let other = browser.ask(&path, Some(&said(&door, "A-2"))).await;
    assert!(!asks(&other) && other.html.contains("飼い主の名前"), "{}", other.html);
    assert!(!other.html.contains("山田"), "{}", other.html);
    assert!(first.html.contains("data-form=") && person(&first).is_some(), "{}", first.html);
    assert_eq!(person(&first), person(&again));
    assert_ne!(person(&first), person(&other));
    browser.press(&other, "next", &[("owner", "鈴木"), ("has", "no")]).await;
    let door = browser.get().await;
    let again = browser.ask(&path, Some(&said(&door, "A-1"))).await;
    assert!(again.html.contains("飼い主の名前") && !again.html.contains("鈴木"), "{}", again.html);
}

/// A form for, who are on its list.
async fn listed(form: &Form) -> (Browser, FormId) {
    let (browser, id) = Browser::start(true).await;
    let ctx = browser.platform.system();
    let columns = ["番号".to_owned()];
    let people = ["A-1", "A-2"].map(|n| BTreeMap::from([("番号".to_owned(), n.to_owned())]));
    let list = store::eligibility::keep(&ctx, None, "名簿", &columns, &columns, &people).await;
    let gate = Gate { list: list.expect("a list"), prefill: BTreeMap::new() };
    let beside = Beside { outside: true, eligibility: Some(gate), ..Beside::default() };
    store::form::save(&ctx, id, 1, "犬", form, &beside).await.expect("saved");
    store::form::publish(&ctx, id, 2).await.expect("published");
    (browser, id)
}

async fn enter(browser: &mut Browser, door: &LiffPage, number: &str) -> LiffPage {
    let number = ("said[番号]".to_owned(), number.to_owned());
    let fields = [filled(door, "check", &[]), vec![number]].concat();
    let path = browser.path.clone();
    browser.ask(&path, Some(&fields)).await
}

#[tokio::test]
async fn a_page_that_lay_open_is_gone_on_with_by_the_same_person_of_the_list_alone() {
    let (mut browser, _) = listed(&definition()).await;
    let door = browser.get().await;
    let first = enter(&mut browser, &door, "A-1").await;
    let second = browser.press(&first, "next", &[("owner", "山田"), ("has", "no")]).await;
    browser.later(13 * HOUR);
    let door = browser.press(&second, "next", &[("tel", "090-1")]).await;
    assert!(door.html.contains("said[番号]") && door.html.contains("090-1"), "{}", door.html);
    let same = enter(&mut browser, &door, "A-1").await;
    assert!(same.html.contains("山田") && same.html.contains("090-1"), "{}", same.html);
    let other = enter(&mut browser, &door, "A-2").await;
    assert!(other.html.contains("飼い主の名前"), "{}", other.html);
    assert!(!other.html.contains("山田") && !other.html.contains("090-1"), "{}", other.html);
}

#[tokio::test]
async fn a_mother_answers_once_for_each_of_her_children() {
    let mut once = definition();
    once.terms.limit_each = Some(1);
    let (mut browser, _) = listed(&once).await;
    let door = browser.get().await;
    let page = enter(&mut browser, &door, "A-1").await;
    let given = [("owner", "山田"), ("has", "no"), ("tel", "1"), ("agree", "yes")];
    let sent = browser.press(&page, "send", &given).await;
    assert!(sent.html.contains("受け付けました"), "{}", sent.html);
    // The next one; the first one's number is refused, and takes nothing of it away.
    let door = browser.get().await;
    let page = enter(&mut browser, &door, "A-2").await;
    browser.press(&page, "next", &[("owner", "鈴木"), ("has", "no")]).await;
    let door = browser.get().await;
    let wrong = enter(&mut browser, &door, "A-1").await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.html.contains("said[番号]"), "{}", wrong.html);
    assert!(wrong.html.contains("この方の分は、もう受け付けています"), "{}", wrong.html);
    let again = enter(&mut browser, &wrong, "A-2").await;
    assert!(again.html.contains("電話番号"), "{}", again.html);
    let sent = browser.press(&again, "send", &[("tel", "1"), ("agree", "yes")]).await;
    assert!(sent.html.contains("受け付けました"), "{}", sent.html);
    // The father hears so before he fills in anything.
    browser.cookie = String::new();
    let door = browser.get().await;
    let late = enter(&mut browser, &door, "A-2").await;
    assert!(late.html.contains("この方の分は、もう受け付けています"), "{}", late.html);
    assert!(!late.html.contains("飼い主の名前"), "{}", late.html);
}

#[tokio::test]
async fn who_writes_for_somebody_who_was_answered_for_hears_so_before_the_end() {
    let mut once = definition();
    once.terms.limit_each = Some(1);
    let (mut browser, id) = listed(&once).await;
    let given = [("owner", "山田"), ("has", "no"), ("tel", "1"), ("agree", "yes")];
    // The father has begun when the mother sends, twice.
    let door = browser.get().await;
    let his = enter(&mut browser, &door, "A-1").await;
    let father = std::mem::take(&mut browser.cookie);
    let door = browser.get().await;
    let hers = enter(&mut browser, &door, "A-1").await;
    for _ in 0..2 {
        let sent = browser.press(&hers, "send", &given).await;
        assert!(sent.html.contains("受け付けました"), "{}", sent.html);
    }
    browser.cookie = father;
    let told = browser.save(id, &filled(&his, "", &given)).await;
    assert_eq!(told["error"], ANSWERED_FOR, "{told}");
    let asked = browser.press(&his, "next", &given).await;
    assert!(asked.html.contains("山田"), "{}", asked.html);
    let again = browser.page(0).await;
    for late in [&asked, &again, &browser.press(&his, "send", &given).await] {
        assert_eq!(late.status, 422);
        assert!(late.html.contains(ANSWERED_FOR), "{}", late.html);
        assert!(late.html.contains("said[番号]"), "{}", late.html);
    }
    // For the next child he goes on from there, with nothing of the first.
    let next = enter(&mut browser, &asked, "A-2").await;
    assert!(next.html.contains("飼い主の名前") && !next.html.contains("山田"), "{}", next.html);
    assert!(!next.html.contains(ANSWERED_FOR), "{}", next.html);
}

#[tokio::test]
async fn two_tabs_for_two_people_of_the_list_stay_apart() {
    let (mut browser, _) = listed(&definition()).await;
    let door = browser.get().await;
    let one = enter(&mut browser, &door, "A-1").await;
    browser.later(1);
    let door = browser.get().await;
    let other = enter(&mut browser, &door, "A-2").await;
    let other = browser.press(&other, "next", &[("owner", "鈴木"), ("has", "no")]).await;
    browser.press(&other, "back", &[("tel", "090-2")]).await;
    let one = browser.press(&one, "next", &[("owner", "山田"), ("has", "no")]).await;
    assert!(one.html.contains("電話番号") && one.html.contains("山田"), "{}", one.html);
    assert!(!one.html.contains("090-2"), "{}", one.html);
}

#[tokio::test]
async fn what_a_resident_sends_is_theirs_in_every_session_and_nobody_else_s() {
    let (mut browser, id) = Browser::start(true).await;
    let ctx = browser.platform.system();
    let mut residents = Vec::new();
    for user in [[1; 16], [2; 16]] {
        residents.push(store::resident::follow(&ctx, &user, ctx.now()).await.expect("followed").0);
    }
    let cookie = async |resident| {
        format!("kairan_resident={}", store::resident::session(&ctx, resident).await.expect("one"))
    };
    browser.cookie = cookie(residents[0]).await;
    let page = browser.get().await;
    let given = [("owner", "山田"), ("has", "no"), ("tel", "1"), ("agree", "yes")];
    // Another resident has the browser meanwhile: nothing goes out, neither as theirs nor as nobody's.
    browser.cookie = cookie(residents[1]).await;
    let refused = browser.press(&page, "send", &given).await;
    assert_eq!(refused.status, 422);
    assert!(refused.html.contains("確かめられませんでした") && refused.html.contains("山田"));
    let again = browser.press(&refused, "send", &[]).await;
    assert_eq!(again.status, 422, "not without the one who filled it in");
    // The next page has opened a session anew before this one was sent.
    browser.cookie = cookie(residents[0]).await;
    let sent = browser.press(&page, "send", &given).await;
    assert!(sent.html.contains("受け付けました"), "{}", sent.html);
    let mine = browser.platform.context(domain::permission::Actor::Resident(residents[0]));
    let holder = services::answer::Holder::of(&mine, None).expect("a resident");
    let whose = store::answer::Whose::Holder(&holder);
    assert_eq!(store::answer::own_count(&mine, whose, id).await.expect("counted"), 1);
}

#[tokio::test]
async fn testers_try_a_draft_of_which_nothing_is_kept() {
    let (mut browser, _) = Browser::start(true).await;
    let ctx = browser.platform.system();
    let mut draft = definition();
    draft.pages[1].questions[1].required = true;
    let id = store::form::create(&ctx, "猫", &draft, &Beside::default()).await.expect("a form");
    browser.path = format!("/liff/f/{id}/try");
    let (tester, own) = browser.resident(b"0123456789abcdef").await;
    let (_, other) = browser.resident(b"fedcba9876543210").await;
    store::resident::set_tester(&ctx, tester, Some("環境課")).await.expect("a tester");
    browser.cookie = own.clone();
    assert_eq!(browser.get().await.status, 404, "it was not shown to anybody");
    services::form::try_out(&browser.platform, &ctx, id, 1).await.expect("shown");

    // To all others it is as if there were no such form.
    let words = vec![("answers[owner][]".to_owned(), "山田".to_owned())];
    for (cookie, status) in [(other, 404), (String::new(), 200)] {
        browser.cookie = cookie;
        let page = browser.get().await;
        let none = browser.ask("/liff/f/4711/try", None).await;
        assert_eq!((page.status.as_u16(), &page.html), (status, &none.html));
        assert_eq!(none.status, page.status);
        let sent = browser.press(&page, "send", &[("owner", "山田")]).await;
        assert_eq!((sent.status.as_u16(), &sent.html), (status, &none.html));
        let request = browser.scripted(&format!("/liff/f/{id}/try/draft"), &words);
        let told = liff::server::look_at_trial(&browser.platform, id, request).await;
        assert_eq!(told.status(), 404);
    }

    browser.cookie = own;
    let first = browser.get().await;
    assert_eq!(first.status, 200);
    assert!(first.html.contains("これは試験です") && first.html.contains("飼い主の名前"));
    let request = browser.scripted(&format!("/liff/f/{id}/try/draft"), &words);
    let told = json(liff::server::look_at_trial(&browser.platform, id, request).await).await;
    assert!(told["saved"].is_null() && told["seen"].to_string().contains("owner"), "{told}");
    let refused = browser.press(&first, "next", &[]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.html.contains("直すところが 2つあります") && refused.html.contains("試験です"));
    let second = browser.press(&refused, "next", &[("owner", "山田"), ("has", "no")]).await;
    let upload = second.html.split("type=\"file\"").nth(1).expect("a field for the paper");
    assert!(upload.split('>').next().unwrap_or_default().contains("disabled"), "{upload}");
    let read = browser.press(&second, "next", &[("tel", "090"), ("agree", "yes")]).await;
    assert!(read.html.contains("この内容で送る"), "{}", read.html);
    let done = browser.press(&read, "send", &[]).await;
    assert!(done.html.contains("試験はここまでです") && !done.html.contains("受付番号"));
    // Who has not written everything hears so.
    let refused = browser.press(&first, "send", &[("owner", "山田")]).await;
    assert!(refused.status == 422 && refused.html.contains("直すところが"), "{}", refused.html);

    let found = store::answer::list(&ctx, &Filter::default()).await.expect("a list");
    assert_eq!(found.total, 0);
    let form = store::form::get(&ctx, id).await.expect("a form");
    assert_eq!((form.received, form.published), (0, None));
    let own = browser.platform.context(Actor::Resident(tester));
    let holder = services::answer::Holder::of(&own, None).expect("a holder");
    assert!(services::answer::draft(&own, &holder, id).await.expect("no trouble").is_none());
    assert!(services::answer::files(&own, &holder, id).await.expect("no trouble").is_empty());
    // Published, it is a form as any other, and the trial is over.
    store::form::publish(&ctx, id, 1).await.expect("published");
    assert_eq!(browser.get().await.status, 404);
}
