//! A fresh database for every test, on SQLite and on PostgreSQL, with a clock that the test turns.
//!
//! PostgreSQL is used if `KAIRAN_TEST_POSTGRES_URL` names a server on which databases may
//! be created (`cargo xtask test` starts one). Without it only SQLite is tested, which CI
//! does not accept.

use base64::Engine;
use domain::permission::Actor;
use domain::time::Timestamp;
use futures::FutureExt;
use rand::{Rng, SeedableRng};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use store::blob::Blobs;
use store::crypto::Keyring;
use store::{Clock, Context, Random, Store};
use tempfile::TempDir;

/// 2026-11-20 12:00 in Tokyo.
pub const NOON: Timestamp = Timestamp(1_795_143_600_000_000);

/// A clock that stands still until a test turns it.
pub struct TestClock(AtomicI64);

impl TestClock {
    /// Turns it by so many microseconds.
    pub fn advance(&self, micros: i64) {
        self.0.fetch_add(micros, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// Randomness that is the same in every run.
pub struct Seeded(Mutex<rand::rngs::StdRng>);

impl Seeded {
    pub fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self(Mutex::new(rand::rngs::StdRng::seed_from_u64(seed))))
    }
}

impl Random for Seeded {
    fn fill(&self, buffer: &mut [u8]) {
        self.0.lock().expect("nobody panics here").fill_bytes(buffer);
    }
}

/// A key ring with these key numbers; the highest encrypts.
pub fn keys(numbers: &[u8]) -> Keyring {
    let encode = |byte: u8| base64::engine::general_purpose::STANDARD.encode([byte; 32]);
    let mut text = format!("hash {}\n", encode(200));
    for n in numbers {
        text.push_str(&format!("{n} {}\n", encode(*n)));
    }
    Keyring::parse(&text).expect("the keys are well formed")
}

/// One database with everything that a test needs.
#[derive(Clone)]
pub struct Test {
    /// Acts as the system.
    pub ctx: Context,
    pub clock: Arc<TestClock>,
    pub random: Arc<Seeded>,
    pub url: String,
    pub dir: Arc<TempDir>,
}

impl Test {
    /// The same database, opened with other keys.
    pub async fn reopened(&self, numbers: &[u8]) -> Context {
        let store = Store::open(&self.url, keys(numbers)).await.expect("the database opens again");
        let store = store.with_blobs(blobs(&self.dir));
        Context::system(store, self.clock.clone(), self.random.clone())
    }

    /// The same as another actor.
    pub fn acting(&self, actor: Actor) -> Context {
        self.ctx.acting(actor)
    }

    pub fn db(&self) -> &DatabaseConnection {
        self.ctx.store.read()
    }

    /// Runs SQL behind the back of the store; answers the number of rows changed.
    pub async fn sql(&self, sql: &str) -> u64 {
        self.db().execute_unprepared(sql).await.expect(sql).rows_affected()
    }

    /// The one number that a query answers, as `n`.
    pub async fn number(&self, sql: &str) -> i64 {
        let statement = Statement::from_string(self.db().get_database_backend(), sql);
        let row = self.db().query_one_raw(statement).await.expect(sql).expect("a row");
        row.try_get("", "n").expect("a number `n`")
    }

    /// Turns the clock on by so many microseconds.
    pub fn later(&self, micros: i64) {
        self.clock.advance(micros);
    }
}

/// A place for blobs in the test's folder.
fn blobs(dir: &TempDir) -> Blobs {
    Blobs::open(&format!("file:{}", dir.path().join("blobs").display())).expect("a folder")
}

/// Runs a test on every database that there is.
pub fn both(test: impl AsyncFn(Test)) {
    let postgres = std::env::var("KAIRAN_TEST_POSTGRES_URL").ok().filter(|url| !url.is_empty());
    if postgres.is_none() {
        assert!(
            std::env::var_os("CI").is_none(),
            "KAIRAN_TEST_POSTGRES_URL must be set in CI: both databases are tested there"
        );
        eprintln!("PostgreSQL is left out: KAIRAN_TEST_POSTGRES_URL is not set");
    }
    on(None, &test);
    if let Some(server) = postgres {
        on(Some(&server), &test);
    }
}

fn on(server: Option<&str>, test: &impl AsyncFn(Test)) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let dir = Arc::new(TempDir::new().expect("a folder"));
        let database = match server {
            None => None,
            Some(server) => Some(Fresh::create(server).await),
        };
        let url = database.as_ref().map_or_else(
            || format!("sqlite://{}", dir.path().join("kairan.db").display()),
            Fresh::url,
        );
        let store = Store::open(&url, keys(&[1])).await.expect("the database opens");
        let store = store.with_blobs(blobs(&dir));
        let clock = Arc::new(TestClock(AtomicI64::new(NOON.0)));
        let random = Seeded::new(1);
        let ctx = Context::system(store.clone(), clock.clone(), random.clone());
        let outcome =
            AssertUnwindSafe(test(Test { ctx, clock, random, url, dir })).catch_unwind().await;
        store.close().await;
        if let Some(database) = database {
            database.drop().await;
        }
        if let Err(panic) = outcome {
            eprintln!("this was on {}", if server.is_none() { "SQLite" } else { "PostgreSQL" });
            std::panic::resume_unwind(panic);
        }
    });
}

/// A database of its own on the test server.
struct Fresh {
    server: String,
    name: String,
}

static COUNT: AtomicU32 = AtomicU32::new(0);

impl Fresh {
    async fn create(server: &str) -> Self {
        let db = Database::connect(server).await.expect("the test server answers");
        let template = template(server, &db).await;
        let name =
            format!("kairan_test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        db.execute_unprepared(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            .await
            .expect("an old database goes");
        db.execute_unprepared(&format!("CREATE DATABASE {name} TEMPLATE {template}"))
            .await
            .expect("a new database");
        db.close().await.expect("closed");
        Self { server: server.to_owned(), name }
    }

    fn url(&self) -> String {
        beside(&self.server, &self.name)
    }

    async fn drop(self) {
        let db = Database::connect(&self.server).await.expect("the test server answers");
        db.execute_unprepared(&format!("DROP DATABASE {} WITH (FORCE)", self.name))
            .await
            .expect("the database goes");
        db.close().await.expect("closed");
    }
}

/// The URL of another database of the same server.
fn beside(server: &str, name: &str) -> String {
    let (front, _) = server.rsplit_once('/').expect("a URL with a database");
    format!("{front}/{name}")
}

/// The migrated database that the others are copied from: made once for each build of
/// this program, whoever of its processes comes first.
async fn template(server: &str, db: &DatabaseConnection) -> String {
    let program: PathBuf = std::env::current_exe().expect("this program has a path");
    let built = std::fs::metadata(&program).and_then(|m| m.modified()).expect("and a date");
    let built = built.duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_millis();
    let crate_name = env!("CARGO_PKG_NAME");
    let name = format!("kairan_template_{crate_name}_{built}");
    // One connection, so that the lock and its release are of the same session.
    let mut options = sea_orm::ConnectOptions::new(server.to_owned());
    options.max_connections(1);
    let one = Database::connect(options).await.expect("the test server answers");
    one.execute_unprepared("SELECT pg_advisory_lock(7061)").await.expect("the lock");
    let sql = format!(
        "SELECT datname FROM pg_database WHERE datname LIKE 'kairan\\_template\\_{crate_name}\\_%'"
    );
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let found = db.query_all_raw(statement).await.expect("the list of databases");
    let names: Vec<String> =
        found.iter().map(|row| row.try_get("", "datname").expect("a name")).collect();
    if !names.contains(&name) {
        for old in names {
            one.execute_unprepared(&format!("DROP DATABASE {old}"))
                .await
                .expect("an old template goes");
        }
        let unfinished = format!("kairan_unfinished_{crate_name}");
        one.execute_unprepared(&format!("DROP DATABASE IF EXISTS {unfinished} WITH (FORCE)"))
            .await
            .expect("what was left goes");
        one.execute_unprepared(&format!("CREATE DATABASE {unfinished}"))
            .await
            .expect("a new database");
        let store =
            Store::open(&beside(server, &unfinished), keys(&[1])).await.expect("it is migrated");
        store.close().await;
        one.execute_unprepared(&format!("ALTER DATABASE {unfinished} RENAME TO {name}"))
            .await
            .expect("the template is ready");
    }
    one.execute_unprepared("SELECT pg_advisory_unlock(7061)").await.expect("the lock goes");
    one.close().await.expect("closed");
    name
}
