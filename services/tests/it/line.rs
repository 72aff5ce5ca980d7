//! A platform that speaks to a sandbox of its own, and waiting for what must happen.

use crate::support::Test;
use domain::attribute::{Attribute, Choice, Kind};
use domain::audience::Audience;
use domain::delivery::{Delivery, NewDelivery, Purpose};
use domain::id::{AttributeId, ChoiceId, DeliveryId};
use domain::message::Part;
use domain::permission::{Actor, Role};
use domain::time::Timestamp;
use line::UserId;
use sandbox::config::{
    DEMO_CHANNEL_ID, DEMO_CHANNEL_SECRET, DEMO_LIFF_ID, DEMO_LOGIN_CHANNEL_ID,
    DEMO_LOGIN_CHANNEL_SECRET,
};
use sandbox::{Config, Faults, Filter, Handle, Sandbox};
use serde_json::{Value, json};
use services::{Context, Platform, Settings, SystemClock, SystemRandom};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What must happen happens within this time, or never.
const DEADLINE: Duration = Duration::from_secs(60);

/// LINE and a platform in front of it, with the machine's clock.
pub struct Line {
    pub sandbox: Handle,
    pub platform: Arc<Platform>,
    stop: watch::Sender<bool>,
    workers: Vec<JoinHandle<()>>,
}

impl Line {
    pub async fn start(t: &Test) -> Self {
        Self::with(t, Config::for_tests()).await
    }

    pub async fn with(t: &Test, config: Config) -> Self {
        let sandbox = Sandbox::start(config).await.unwrap();
        let platform = platform(t, &sandbox.url());
        Self { sandbox, platform, stop: watch::Sender::new(false), workers: Vec::new() }
    }

    pub fn outbox(&mut self, owner: &str) {
        self.workers.push(tokio::spawn(services::outbox::run(
            self.platform.clone(),
            owner.into(),
            self.stop.subscribe(),
        )));
    }

    pub fn inbox(&mut self) {
        self.workers
            .push(tokio::spawn(services::inbox::run(self.platform.clone(), self.stop.subscribe())));
    }

    pub fn menus(&mut self, owner: &str) {
        self.workers.push(tokio::spawn(services::menu::run(
            self.platform.clone(),
            owner.into(),
            self.stop.subscribe(),
        )));
    }

    /// Kills the workers where they stand.
    pub fn kill(&mut self) {
        for worker in self.workers.drain(..) {
            worker.abort();
        }
    }

    /// Lets the workers end in peace.
    pub async fn end(mut self) {
        self.stop.send_replace(true);
        for worker in self.workers.drain(..) {
            worker.await.unwrap();
        }
        self.sandbox.shutdown().await;
    }

    /// Friends of the account whom we know too.
    pub async fn friends(&self, count: u32) -> Vec<UserId> {
        let users = self.sandbox.create_residents(count).unwrap();
        let ctx = self.platform.system();
        for piece in users.chunks(1_000) {
            store::resident::sync(
                &ctx,
                &piece.iter().map(|u| *u.as_bytes()).collect::<Vec<_>>(),
                ctx.now(),
            )
            .await
            .unwrap();
        }
        users
    }

    pub async fn deliver(
        &self,
        purpose: Purpose,
        audience: Audience,
        send_at: Option<Timestamp>,
    ) -> DeliveryId {
        let new = NewDelivery {
            title: "断水".into(),
            audience,
            parts: vec![Part::Text { text: "断水します".into() }],
            purpose,
            send_at,
            uncounted: vec![],
            variants: vec![],
        };
        let id = store::delivery::create(&self.platform.system(), &new, None).await.unwrap();
        self.platform.outbox_ready.notify_one();
        id
    }

    pub async fn get(&self, id: DeliveryId) -> Delivery {
        store::delivery::get(&self.platform.system(), id).await.unwrap()
    }

    pub async fn ended(&self, id: DeliveryId) -> Delivery {
        until("the delivery ends", async || self.get(id).await.finished_at.is_some()).await;
        let progress = store::delivery::progress(&self.platform.system(), id).await.unwrap();
        assert!(progress.sum().holds(), "{:?}", progress.sum());
        assert_eq!(progress.delivery.figures.waiting(), 0);
        progress.delivery
    }

    /// Residents by number of receptions, as `(count, residents)`.
    pub fn received(&self) -> Vec<(u32, u64)> {
        let by_count = self.sandbox.received(&Filter::default()).residents_by_count;
        by_count.into_iter().filter(|(_, residents)| *residents > 0).collect()
    }

    /// The messages that the city wrote into a talk, as the sandbox shows them to the resident.
    pub async fn told(&self, user: UserId) -> Vec<Value> {
        let url = format!("{}/_sandbox/residents/{user}/messages", self.sandbox.url());
        let talk: Value = reqwest::get(url).await.unwrap().json().await.unwrap();
        let entries = talk["entries"].as_array().unwrap().iter().filter(|e| e["from"] == "city");
        entries.flat_map(|e| e["messages"].as_array().unwrap().clone()).collect()
    }

    pub fn faults(&self, faults: Faults) {
        self.sandbox.set_faults(faults).unwrap();
    }
}

pub fn platform(t: &Test, line: &str) -> Arc<Platform> {
    Platform::new(
        t.ctx.store.clone(),
        settings(line),
        Arc::new(SystemClock),
        Arc::new(SystemRandom),
    )
    .unwrap()
}

/// The same with the test's own clock, and a relay for mails if one is given.
pub fn platform_by(t: &Test, line: &str, relay: Option<String>) -> Arc<Platform> {
    platform_with(t, line, |settings| settings.smtp_relay_url = relay)
}

/// The same with other settings.
pub fn platform_with(t: &Test, line: &str, set: impl FnOnce(&mut Settings)) -> Arc<Platform> {
    let mut settings = settings(line);
    set(&mut settings);
    Platform::new(t.ctx.store.clone(), settings, t.clock.clone(), Arc::new(SystemRandom)).unwrap()
}

fn settings(line: &str) -> Settings {
    Settings {
        public_url: "http://127.0.0.1:3000".into(),
        line_api_url: line.to_owned(),
        line_data_api_url: line.to_owned(),
        channel_id: DEMO_CHANNEL_ID.into(),
        channel_secret: DEMO_CHANNEL_SECRET.into(),
        login_channel_id: DEMO_LOGIN_CHANNEL_ID.into(),
        login_channel_secret: DEMO_LOGIN_CHANNEL_SECRET.into(),
        liff_id: DEMO_LIFF_ID.into(),
        liff_url: format!("{line}/liff"),
        liff_sdk_url: format!("{line}/liff/edge/2/sdk.js"),
        map: services::Map::default(),
        sandbox_url: None,
        menu_font: None,
        smtp_relay_url: None,
        clamd_address: None,
        postcode_file: None,
    }
}

/// Waits until `condition` holds.
///
/// # Panics
/// If it does not within [`DEADLINE`].
pub async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !condition().await {
        assert!(begun.elapsed() < DEADLINE, "it took too long until {what}");
        // How often it is looked at, not how long it takes.
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Makes a member of staff, and is them.
pub async fn person(
    platform: &Platform,
    number: &str,
    name: &str,
    role: Role,
    department: &str,
) -> Context {
    let ctx = platform.system();
    let new = store::staff::New {
        number,
        name,
        role,
        department,
        password_hash: "hash",
        must_change: false,
    };
    let id = store::staff::create(&ctx, new).await.unwrap();
    let department = store::staff::get(&ctx, id).await.unwrap().department;
    platform.context(Actor::Staff { id, department, role })
}

/// 年代 (one) and お知らせの種類 (several), as the talk asks for them.
pub async fn questions(t: &Test) {
    let choice = |key: &str, label: &str| Choice {
        id: ChoiceId(0),
        key: key.into(),
        label: label.into(),
        parent: None,
        hidden: false,
    };
    for (key, label, kind, choices) in [
        ("age", "年代", Kind::Single, vec![choice("young", "39歳まで"), choice("old", "65歳から")]),
        (
            "topics",
            "お知らせの種類",
            Kind::Multiple,
            vec![choice("waste", "ごみ"), choice("event", "もよおし")],
        ),
    ] {
        let attribute = Attribute {
            id: AttributeId(0),
            key: key.into(),
            label: label.into(),
            kind,
            hint: String::new(),
            required: false,
            personal: false,
            hidden: false,
            choices,
        };
        store::attribute::create(&t.ctx, attribute).await.unwrap();
    }
}

/// Registers answers for friends, one after the other.
pub async fn registered(ctx: &Context, users: &[UserId], answers: &[Value]) {
    let mut import = services::resident::Import::begin(ctx).await.unwrap();
    for (user, answers) in users.iter().zip(answers) {
        let line = json!({"line_user_id": user.to_string(), "attributes": answers});
        import.feed(format!("{line}\n").as_bytes()).await.unwrap();
    }
    let report = import.end().await.unwrap();
    assert_eq!((report.updated, report.errors.len()), (answers.len() as u64, 0));
}
