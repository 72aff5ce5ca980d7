//! From LINE's webhook to the answer in the talk: what residents say and tap about menus.

use crate::line::{Line, until};
use crate::menus::{label, program, published, real, settled, written};
use crate::support::{Test, both};
use domain::id::MenuId;
use domain::menu::program::{Rule, Then, Trigger};
use domain::menu::render::Key;
use domain::menu::{Act, Program};
use line::UserId;
use serde_json::{Value, json};
use services::inbox::Intake;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// Takes what LINE sends; answers the address.
async fn door(intake: Intake) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(take(stream, intake.clone()));
        }
    });
    format!("http://{address}/webhook")
}

/// One request, after which the connection is closed.
async fn take(stream: TcpStream, intake: Intake) {
    let mut stream = BufReader::new(stream);
    let (mut signature, mut length) = (None, 0_usize);
    loop {
        let mut head = String::new();
        stream.read_line(&mut head).await.unwrap();
        match head.trim_end().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("x-line-signature") => {
                signature = Some(value.to_owned());
            }
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.parse().unwrap();
            }
            None if head.trim_end().is_empty() => break,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
    let taken = intake.receive(signature.as_deref(), body.into()).await;
    let status = if taken.is_ok() { "200 OK" } else { "400 Bad Request" };
    let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(answer.as_bytes()).await.unwrap();
}

/// A resident does something on their phone.
async fn does(line: &Line, user: UserId, act: &str, what: Value) {
    let url = format!("{}/_sandbox/residents/{user}/{act}", line.sandbox.url());
    let client = reqwest::Client::builder().build().unwrap();
    client.post(url).json(&what).send().await.unwrap().error_for_status().unwrap();
}

/// A menu 「職員」 to which a rule leads from the base.
async fn staff_menu(t: &Test, base: MenuId, when: Trigger) -> MenuId {
    let staff = published(t, "職員", 1).await;
    let (name, then) = ("職員へ".into(), Then::Show(staff));
    let rules = vec![Rule { key: 1, name, when, then, hours: None }];
    program(t, &Program { rules, ..Program::new(base) }).await;
    staff
}

#[test]
fn a_text_that_is_counted_is_heard_as_if_it_was_written() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        let user = line.friends(1).await[0];
        line.sandbox.set_webhook_url(&door(Intake::open(&line.platform)).await).unwrap();
        let mut menu = written(&t, "ふだん", 1).await;
        for (area, words) in [(2, "メニュー"), (3, "登録"), (4, "職員"), (5, "ごみ")] {
            menu.sheets[0].areas[area].act = Act::SayCounted(words.into());
        }
        let base = store::menu::create(&t.ctx, &menu).await.unwrap();
        store::menu::publish(&t.ctx, base, 1).await.unwrap();
        let staff = staff_menu(&t, base, Trigger::Said("職員".into())).await;
        line.inbox();
        line.menus("a");
        settled(&line).await;
        let tap = async |area: usize| does(&line, user, "menu/tap", json!({"area": area})).await;
        let answers = async |n: usize| {
            until("the talk answers", async || line.told(user).await.len() == n).await;
        };

        // Nobody knows an answer to this one.
        tap(5).await;
        tap(2).await;
        answers(1).await;
        assert_eq!(line.told(user).await[0]["type"], "flex");
        // The same words by hand are answered alike.
        tap(3).await;
        answers(2).await;
        does(&line, user, "say", json!({"text": "登録"})).await;
        answers(3).await;
        let told = line.told(user).await;
        assert_eq!(told[1]["text"], told[2]["text"]);
        assert!(told[1]["text"].is_string(), "{told:?}");
        tap(4).await;
        until("the rule has switched", async || {
            line.shows(user).await.is_some_and(|(shown, _)| shown == label(real(staff, 1)))
        })
        .await;

        services::link::flush(&line.platform).await.unwrap();
        let ctx = line.platform.system();
        let today = ctx.now().date();
        let counted = services::menu::taps(&ctx, base, today, today).await.unwrap();
        let counted: Vec<_> = counted.iter().map(|c| (c.area, c.taps)).collect();
        assert_eq!(counted, [(3, 1), (4, 1), (5, 1), (6, 1)]);
        line.end().await;
    });
}

#[test]
fn what_is_said_and_tapped_about_menus_is_heard() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        let user = line.friends(1).await[0];
        line.sandbox.set_webhook_url(&door(Intake::open(&line.platform)).await).unwrap();
        let mut menu = written(&t, "ふだん", 2).await;
        menu.sheets[0].areas[2].act = Act::Postback { data: "staff".into(), shows: String::new() };
        let base = store::menu::create(&t.ctx, &menu).await.unwrap();
        store::menu::publish(&t.ctx, base, 1).await.unwrap();
        let staff = staff_menu(&t, base, Trigger::Postback("staff".into())).await;
        line.inbox();
        line.menus("a");
        settled(&line).await;
        let shows = async |key: Key| {
            until("the phone shows it", async || {
                line.shows(user).await.is_some_and(|(shown, _)| shown == label(key))
            })
            .await;
        };
        shows(real(base, 1)).await;

        // It goes out by the reply token alone: nothing of it would be pushed.
        does(&line, user, "say", json!({"text": "メニュー"})).await;
        until("the cards are there", async || !line.told(user).await.is_empty()).await;
        let told = line.told(user).await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0]["type"], "flex");
        assert_eq!(told[0]["contents"]["contents"].as_array().unwrap().len(), 2);

        does(&line, user, "menu/tap", json!({"area": 2})).await;
        shows(real(staff, 1)).await;
        assert_eq!(line.told(user).await.len(), 1, "a rule says nothing");
        line.end().await;
    });
}
