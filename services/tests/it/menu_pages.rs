//! Web pages to which menus lead: looked at once a day, and flagged when they do not open.

use crate::menus::written;
use crate::support::{Test, both};
use domain::alert::Kind;
use domain::id::MenuId;
use domain::menu::{Act, Filter};
use domain::time::DAY;
use services::link::Looker;
use services::menu::{existing, list, look_at_pages};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A site whose pages answer what the test sets, by method and path, and that counts questions.
#[derive(Clone)]
pub struct Site {
    at: SocketAddr,
    answers: Arc<Mutex<BTreeMap<String, u16>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Site {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let site = Self { at, answers: Arc::default(), asked: Arc::default() };
        let serving = site.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                serving.answer(stream).await;
            }
        });
        site
    }

    async fn answer(&self, mut stream: TcpStream) {
        let (mut head, mut piece) = (Vec::new(), [0; 1024]);
        while !head.windows(4).any(|w| w == b"\r\n\r\n") {
            match stream.read(&mut piece).await {
                Ok(n) if n > 0 => head.extend_from_slice(&piece[..n]),
                _ => return,
            }
        }
        let head = String::from_utf8(head).unwrap();
        let line: Vec<&str> = head.split(' ').take(2).collect();
        let asked = line.join(" ");
        self.asked.lock().unwrap().push(asked.clone());
        let status = self.answers.lock().unwrap().get(&asked).copied().unwrap_or(200);
        let answer = format!(
            "HTTP/1.1 {status} x\r\nlocation: /elsewhere\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        );
        drop(stream.write_all(answer.as_bytes()).await);
    }

    pub fn page(&self, path: &str) -> String {
        format!("http://{}{path}", self.at)
    }

    pub fn answers(&self, asked: &str, status: u16) {
        self.answers.lock().unwrap().insert(asked.into(), status);
    }

    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

/// An address at which nobody answers.
fn nobody(path: &str) -> String {
    format!("http://127.0.0.1:1{path}")
}

async fn leading_to(t: &Test, pages: &[String]) -> MenuId {
    let mut menu = written(t, "ふだん", 1).await;
    menu.sheets[0].areas[1].act = Act::Say("項目1".into());
    for (area, page) in menu.sheets[0].areas.iter_mut().zip(pages) {
        area.act = Act::Open(page.clone());
    }
    let id = store::menu::create(&t.ctx, &menu).await.unwrap();
    store::menu::publish(&t.ctx, id, 1).await.unwrap();
    id
}

pub fn everywhere() -> Looker {
    Looker::with(|_| true, Duration::ZERO).unwrap()
}

async fn dead(t: &Test) -> Vec<(String, String)> {
    existing(&t.ctx).await.unwrap().dead.into_iter().collect()
}

async fn flagged(t: &Test) -> i64 {
    list(&t.ctx, &Filter::default()).await.unwrap().rows[0].broken
}

async fn alerts(t: &Test) -> Vec<Kind> {
    store::alert::watch(&t.ctx, None).await.unwrap();
    store::alert::open(&t.ctx).await.unwrap().iter().map(|a| a.kind).collect()
}

#[test]
fn a_page_that_does_not_open_on_two_days_is_flagged_until_it_does() {
    both(async |t| {
        let site = Site::start().await;
        let closed = nobody("/");
        let pages = ["/ok", "/gone", "/get", "/moved", "/private"].map(|p| site.page(p));
        let mut to = pages.to_vec();
        to.push(closed.clone());
        let id = leading_to(&t, &to).await;
        for (asked, status) in [
            ("HEAD /gone", 404),
            ("GET /gone", 404),
            ("HEAD /get", 405),
            ("HEAD /moved", 302),
            ("HEAD /private", 403),
            ("HEAD /ok", 200),
        ] {
            site.answers(asked, status);
        }
        let looker = everywhere();
        look_at_pages(&t.ctx, &looker).await.unwrap();
        let mut asked = site.asked();
        asked.sort_unstable();
        let all =
            ["GET /gone", "HEAD /get", "HEAD /gone", "HEAD /moved", "HEAD /ok", "HEAD /private"];
        assert_eq!(asked, all, "once each, and nothing is followed");
        assert_eq!((dead(&t).await, flagged(&t).await), (vec![], 0), "not after one day");
        look_at_pages(&t.ctx, &looker).await.unwrap();
        assert_eq!(site.asked(), [""; 0], "once a day");
        assert_eq!(alerts(&t).await, []);

        t.later(DAY);
        look_at_pages(&t.ctx, &looker).await.unwrap();
        let gone = (pages[1].clone(), "エラー404".to_owned());
        let mut two = vec![gone, (closed.clone(), "つながりません".to_owned())];
        two.sort_unstable();
        assert_eq!((dead(&t).await, flagged(&t).await), (two, 2));
        assert_eq!(alerts(&t).await, [Kind::Menu]);
        // It is said, and keeps nobody from publishing.
        store::menu::publish(&t.ctx, id, 1).await.unwrap();

        site.answers("HEAD /gone", 200);
        t.later(DAY);
        look_at_pages(&t.ctx, &looker).await.unwrap();
        assert_eq!(dead(&t).await, [(closed, "つながりません".to_owned())]);

        // Nobody is led there any more.
        let mut menu = store::menu::get(&t.ctx, id).await.unwrap().draft;
        menu.sheets[0].areas[5].act = Act::Say("なし".into());
        store::menu::save(&t.ctx, id, 1, &menu).await.unwrap();
        store::menu::publish(&t.ctx, id, 2).await.unwrap();
        look_at_pages(&t.ctx, &looker).await.unwrap();
        assert_eq!((dead(&t).await, flagged(&t).await), (vec![], 0));
        assert_eq!(alerts(&t).await, []);
    });
}

#[test]
fn two_days_with_one_between_are_not_two_days() {
    both(async |t| {
        let site = Site::start().await;
        leading_to(&t, &[site.page("/news")]).await;
        let looker = everywhere();
        for (status, later) in [(500, DAY), (200, DAY), (500, 2 * DAY), (500, DAY)] {
            site.answers("HEAD /news", status);
            site.answers("GET /news", status);
            look_at_pages(&t.ctx, &looker).await.unwrap();
            assert_eq!(dead(&t).await, []);
            t.later(later);
        }
        look_at_pages(&t.ctx, &looker).await.unwrap();
        assert_eq!(dead(&t).await, [(site.page("/news"), "エラー500".to_owned())]);
        // Where nobody looks any more, it is not said for ever.
        t.later(2 * DAY);
        assert_eq!(alerts(&t).await, [Kind::Menu]);
        t.later(DAY);
        assert_eq!((dead(&t).await, alerts(&t).await), (vec![], vec![]));
    });
}

#[test]
fn where_nobody_answers_it_is_our_own_way_that_is_closed() {
    both(async |t| {
        leading_to(&t, &[nobody("/a"), nobody("/b")]).await;
        let looker = everywhere();
        for _ in 0..3 {
            look_at_pages(&t.ctx, &looker).await.unwrap();
            assert_eq!((dead(&t).await, flagged(&t).await), (vec![], 0));
            t.later(DAY);
        }
    });
}

#[test]
fn the_own_network_is_not_asked() {
    both(async |t| {
        let site = Site::start().await;
        let named = format!("http://localhost:{}/", site.at.port());
        leading_to(&t, &[site.page("/"), named]).await;
        let looker = Looker::new().unwrap();
        for _ in 0..3 {
            look_at_pages(&t.ctx, &looker).await.unwrap();
            assert_eq!((site.asked(), dead(&t).await), (vec![], vec![]));
            t.later(DAY);
        }
    });
}
