//! Whoever switches a city to its emergency menus or back dies in the middle, wherever it waits
//! for the database or for LINE. The next one knows nothing of it, and finishes it.

use crate::line::{Line, platform_by, until};
use crate::menu_emergencies::tap;
use crate::menus::{is_settled, label, on_tab, program, published, real, variant, with_children};
use crate::support::{Test, both};
use domain::menu::program::Prepared;
use domain::menu::{Disaster, Mode, Program};
use line::UserId;
use sandbox::Faults;
use serde_json::Value;
use services::menu::{back, declare, publishing};
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Rounds there and back with deaths, spread evenly over all that is done.
const ROUNDS: usize = 8;

/// A new process, which works until it has been woken so often: then it is gone, in the middle of
/// whatever it waited for. Whoever stops it before ends it with `gone`.
fn process(t: &Test, line: &mut Line, wakings: usize) -> (JoinHandle<()>, Arc<AtomicUsize>) {
    line.platform = platform_by(t, &line.sandbox.url(), None);
    let stop = watch::Sender::new(false);
    let platform = line.platform.clone();
    let woken = Arc::new(AtomicUsize::new(0));
    let counted = woken.clone();
    let mut work = Box::pin(async move {
        services::menu::run(platform, "a".into(), stop.subscribe()).await;
    });
    let worker = tokio::spawn(poll_fn(move |waker| {
        if counted.fetch_add(1, Ordering::Relaxed) == wakings {
            return Poll::Ready(());
        }
        work.as_mut().poll(waker)
    }));
    (worker, woken)
}

async fn gone(worker: JoinHandle<()>) {
    worker.abort();
    drop(worker.await);
}

/// A process works until LINE is as it is to be, or until it dies of being woken so often. Answers
/// how often it was woken, and whether it died.
async fn lives(t: &Test, line: &mut Line, wakings: usize) -> (usize, bool) {
    let (worker, woken) = process(t, line, wakings);
    let line: &Line = line;
    let ctx = line.platform.system();
    let mut done = false;
    until("LINE is as it is to be, or the worker is dead", async || {
        let dead = worker.is_finished();
        done = is_settled(line).await;
        if let Some(again) = publishing(&ctx).await.unwrap().until {
            // LINE's own work and its batches of an hour are not waited for.
            t.later(again.since(ctx.now()).max(0));
            line.platform.menus_ready.notify_one();
        }
        done || dead
    })
    .await;
    gone(worker).await;
    (woken.load(Ordering::Relaxed), !done)
}

/// A process dies while some phones show the new menu already and others do not yet.
async fn dies_between(t: &Test, line: &mut Line, users: &[UserId], from: &[String], to: &[String]) {
    line.faults(slow_menus(5_000));
    let (worker, _) = process(t, line, usize::MAX);
    until("some phones show the new menu, and others do not", async || {
        let now = phones(line, users).await;
        now != from && now != to
    })
    .await;
    gone(worker).await;
    line.faults(slow_menus(10));
}

/// LINE does with menus at once what it answers at once, and the rest so much later.
fn slow_menus(menu_delay_ms: u64) -> Faults {
    Faults { menu_delay_ms, rate_limits: false, ..Faults::default() }
}

/// The sheet on each phone, as LINE has it.
async fn phones(line: &Line, users: &[UserId]) -> Vec<String> {
    let at_line = line.at_line().await;
    let usual = at_line.iter().find(|(_, menu)| menu["is_default"] == true).unwrap().0;
    let links = line.json("menus/links?sample=10000").await;
    let own: BTreeMap<&str, &Value> = links["sample"]
        .as_array()
        .unwrap()
        .iter()
        .map(|link| (link["user_id"].as_str().unwrap(), &link["rich_menu_id"]))
        .collect();
    let shows = |user: &UserId| {
        let own = own[user.to_string().as_str()];
        let mine = at_line.iter().find(|(_, menu)| menu["rich_menu_id"] == *own);
        mine.map_or(usual, |(sheet, _)| sheet).clone()
    };
    users.iter().map(shows).collect()
}

/// What stands at LINE.
async fn menus(line: &Line) -> Vec<String> {
    let menus = line.json("menus").await;
    menus.as_array().unwrap().iter().map(|menu| menu["rich_menu_id"].to_string()).collect()
}

#[test]
fn whoever_dies_on_the_way_to_an_emergency_or_back_leaves_nobody_behind() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        line.faults(slow_menus(10));
        let all = line.friends(41).await;
        // Of the tab of the last one nobody hears.
        let (stray, users) = all.split_last().unwrap();
        with_children(&t, &line, &users[..14]).await;
        let base = published(&t, "ふだん", 2).await;
        let child = published(&t, "子育て", 2).await;
        let quake = published(&t, "地震", 2).await;
        let easy = published(&t, "地震（子育て）", 1).await;
        let prepared =
            Prepared { disaster: Disaster::Earthquake, menu: quake, variants: vec![variant(easy)] };
        let wanted = Program {
            variants: vec![variant(child)],
            emergencies: vec![prepared],
            ..Program::new(base)
        };
        program(&t, &wanted).await;
        lives(&t, &mut line, usize::MAX).await;
        on_tab(&line, real(child, 2), &users[..6]).await;
        on_tab(&line, real(base, 2), &users[14..26]).await;
        lives(&t, &mut line, usize::MAX).await;

        let each =
            |sheet: &dyn Fn(usize) -> String| (0..users.len()).map(sheet).collect::<Vec<_>>();
        let calm = each(&|n| {
            label(match n {
                0..6 => real(child, 2),
                6..14 => real(child, 1),
                14..26 => real(base, 2),
                _ => real(base, 1),
            })
        });
        let alarmed = each(&|n| label(real(if n < 14 { easy } else { quake }, 1)));
        assert_eq!(phones(&line, users).await, calm);
        let made = menus(&line).await;

        let (mut whole, mut deaths) = ([0, 0], 0);
        for round in 0..=ROUNDS {
            tap(&line, *stray).await;
            let ways = [(&calm, &alarmed, quake), (&alarmed, &calm, base)];
            for (way, (from, to, usual)) in ways.into_iter().enumerate() {
                if way == 0 {
                    declare(&line.platform, &t.ctx, Disaster::Earthquake, Mode::Real)
                        .await
                        .unwrap();
                } else {
                    assert!(back(&line.platform, &t.ctx, Mode::Real).await.unwrap());
                }
                // Nobody dies in the first round: it tells how often a worker is woken.
                let dies = [whole[way] * round / (ROUNDS + 1), whole[way] / 4];
                if round == ROUNDS {
                    dies_between(&t, &mut line, users, from, to).await;
                }
                for wakings in dies.into_iter().filter(|_| round > 0) {
                    deaths += usize::from(lives(&t, &mut line, wakings).await.1);
                }
                let (woken, _) = lives(&t, &mut line, usize::MAX).await;
                if round == 0 {
                    whole[way] = woken;
                }
                assert_eq!(phones(&line, users).await, *to, "round {round}");
                assert_eq!(phones(&line, &[*stray]).await, [label(real(usual, 1))]);
                assert_eq!(menus(&line).await, made, "an emergency creates and deletes nothing");
            }
        }
        // How many depends on how fast the machine is; those in between are certain.
        assert!(deaths > 0);
        line.end().await;
    });
}
