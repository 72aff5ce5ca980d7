//! Connections, transactions and the differences between the two databases.

use crate::answer::Arriving;
use crate::audience::Bitmaps;
use crate::blob::Blobs;
use crate::crypto::Keyring;
use crate::{Context, Error, Result};
use domain::link::Own;
use futures::TryStreamExt;
use migrations::Migrator;
use sea_orm::{
    ConnAcquireErr, ConnectOptions, ConnectionTrait, Database, DatabaseConnection,
    DatabaseTransaction, DbBackend, DbErr, FromQueryResult, IsolationLevel, RuntimeErr,
    SqliteTransactionMode, Statement, StreamTrait, TransactionOptions, TransactionTrait, Value,
};
use sea_orm_migration::MigratorTrait;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Parameters of a statement: `values![a, b]`.
#[macro_export]
macro_rules! values {
    ($($v:expr),* $(,)?) => { vec![$(sea_orm::Value::from($v)),*] };
}

/// How long somebody waits for a connection: whoever looks at a page hears soon that the database is away.
const PATIENCE: Duration = Duration::from_secs(5);
/// The same while a process starts, beside a server that may just come up; and on SQLite,
/// where the one writer may have a long queue.
const PATIENCE_AT_START: Duration = Duration::from_secs(20);
/// A migration that waits for running servers tries again so often, after a pause: some minutes.
const MIGRATION_TRIES: usize = 200;
const MIGRATION_PAUSE: Duration = Duration::from_millis(500);
/// A connection that was used within this time is handed out without being tried first: it was
/// tried when it came back.
const TRUSTED: Duration = Duration::from_secs(1);
/// Forms whose answers are written at the same time, each with a connection that somebody else
/// could read by.
const ANSWERS: usize = 4;
/// After so many rows in a row other tasks have their turn.
const IN_A_ROW: u32 = 1_000;

/// Whose share of a process's connections somebody uses: a rush on one leaves the others
/// theirs (NFR-9, design rule 8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// Pages, REST and files: whatever people and other systems ask for.
    Pages,
    /// Workers and the command line.
    Work,
    /// What LINE brings, until it is durable.
    Webhook,
}

impl Share {
    /// Connections of a process to PostgreSQL, whose own default is 100 for all servers: 28.
    pub const fn on_postgres(self) -> u32 {
        match self {
            Self::Pages => 16,
            Self::Work => 10,
            Self::Webhook => 2,
        }
    }

    /// Connections that read SQLite, beside the one that writes; the webhook only writes.
    pub const fn on_sqlite(self) -> u32 {
        match self {
            Self::Pages => 5,
            Self::Work => 3,
            Self::Webhook => 0,
        }
    }
}

/// The database with its keys and caches; cheap to clone. It uses the workers' share of the
/// connections unless another is asked for by [`Store::sharing`].
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
    share: Share,
    blobs: Option<Blobs>,
    own: Arc<Own>,
}

struct Inner {
    pages: DatabaseConnection,
    work: DatabaseConnection,
    webhook: DatabaseConnection,
    /// SQLite's one writer, of all shares.
    writer: Option<DatabaseConnection>,
    /// Which of the pages waits for it.
    turn: Semaphore,
    /// Of which forms answers are written now.
    answers: Semaphore,
    /// Answers that wait for those before them.
    arriving: Arriving,
    keys: Keyring,
    bitmaps: Bitmaps,
}

/// Refuses keys that are not the database's: with others nobody would be found again,
/// and everybody would come in a second time. The first keys are remembered by a hash.
async fn belongs(db: &DatabaseConnection, keys: &Keyring) -> Result<()> {
    #[derive(FromQueryResult)]
    struct Row {
        value: String,
    }
    let mark = hex::encode(keys.hash("setting.key", b"kairan"));
    let sql = "INSERT INTO setting (key, value) VALUES ('key', $1) ON CONFLICT DO NOTHING";
    exec(db, sql, values![mark.clone()]).await?;
    let kept: Option<Row> =
        one(db, "SELECT value FROM setting WHERE key = 'key'", values![]).await?;
    if kept.is_some_and(|kept| kept.value == mark) { Ok(()) } else { Err(Error::ForeignKeys) }
}

impl Store {
    /// Connects and migrates under a lock. `url` is `sqlite://path` or
    /// `postgres://…`; a SQLite file and its folder are made if they are absent.
    ///
    /// # Errors
    /// If the database cannot be reached or migrated.
    pub async fn open(url: &str, keys: Keyring) -> Result<Self> {
        let (pages, work, webhook, writer) = if let Some(path) = sqlite_path(url) {
            if let Some(folder) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
                std::fs::create_dir_all(folder)
                    .map_err(|e| Error::Database(sea_orm::DbErr::Custom(e.to_string())))?;
            }
            let lock = lock_beside(&path).await?;
            let writer = Database::connect(sqlite(&path, 1)).await?;
            Migrator::up(&writer, None).await?;
            drop(lock);
            let pool = |share: Share| Database::connect(sqlite(&path, share.on_sqlite()));
            let work = pool(Share::Work).await?;
            (pool(Share::Pages).await?, work.clone(), work, Some(writer))
        } else {
            migrate_postgres(url).await?;
            let pool =
                |share: Share| Database::connect(postgres(url, share.on_postgres(), PATIENCE));
            (pool(Share::Pages).await?, pool(Share::Work).await?, pool(Share::Webhook).await?, None)
        };
        belongs(writer.as_ref().unwrap_or(&work), &keys).await?;
        let (turn, answers) = (Semaphore::new(1), Semaphore::new(ANSWERS));
        let (arriving, bitmaps) = (Arriving::default(), Bitmaps::default());
        let inner = Inner { pages, work, webhook, writer, turn, answers, arriving, keys, bitmaps };
        let share = Share::Work;
        Ok(Self { inner: Arc::new(inner), share, blobs: None, own: Arc::default() })
    }

    /// The same by another share of the connections.
    #[must_use]
    pub fn sharing(&self, share: Share) -> Self {
        Self { share, ..self.clone() }
    }

    /// The same with a place for blobs; without one they can be neither kept nor read.
    #[must_use]
    pub fn with_blobs(self, blobs: Blobs) -> Self {
        Self { blobs: Some(blobs), ..self }
    }

    /// The same, knowing what the city's own addresses are; without them no link is counted.
    #[must_use]
    pub fn with_own(self, own: Own) -> Self {
        Self { own: Arc::new(own), ..self }
    }

    /// What the city's own addresses are.
    pub fn own(&self) -> &Own {
        &self.own
    }

    /// For queries outside a transaction.
    pub fn read(&self) -> &DatabaseConnection {
        match self.share {
            Share::Pages => &self.inner.pages,
            Share::Work => &self.inner.work,
            Share::Webhook => &self.inner.webhook,
        }
    }

    fn write(&self) -> &DatabaseConnection {
        self.inner.writer.as_ref().unwrap_or(self.read())
    }

    /// Pages queue for SQLite's writer among themselves: whoever works waits for the one of them
    /// that is next, and not for a whole rush.
    async fn turn(&self) -> Result<Option<SemaphorePermit<'_>>> {
        if self.share != Share::Pages || self.inner.writer.is_none() {
            return Ok(None);
        }
        Ok(Some(permit(&self.inner.turn, PATIENCE_AT_START).await?))
    }

    /// Waits until answers to a form may be written, before a connection is taken for them; SQLite
    /// has a queue for whatever is written.
    pub(crate) async fn answering(&self) -> Result<Option<SemaphorePermit<'_>>> {
        if self.is_sqlite() {
            return Ok(None);
        }
        Ok(Some(permit(&self.inner.answers, PATIENCE).await?))
    }

    /// Answers that wait for those before them.
    pub(crate) fn arriving(&self) -> &Arriving {
        &self.inner.arriving
    }

    /// Begins a transaction that writes; on SQLite there is one at a time.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn begin(&self) -> Result<DatabaseTransaction> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        let _turn = self.turn().await?;
        Ok(self.write().begin_with_options(options).await?)
    }

    /// The end of a query whose rows nobody else may change meanwhile, and which passes those that
    /// somebody holds. SQLite has one writer.
    pub(crate) fn skip_locked(&self) -> &'static str {
        if self.is_sqlite() { "" } else { "FOR UPDATE SKIP LOCKED" }
    }

    /// Begins a transaction whose every query sees the same snapshot.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn begin_snapshot(&self) -> Result<DatabaseTransaction> {
        if self.is_sqlite() {
            return self.begin().await;
        }
        let options = TransactionOptions {
            isolation_level: Some(IsolationLevel::RepeatableRead),
            ..Default::default()
        };
        Ok(self.write().begin_with_options(options).await?)
    }

    /// Begins a transaction that only reads and sees one snapshot; it does not keep anyone from writing.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn begin_read(&self) -> Result<DatabaseTransaction> {
        let options = if self.is_sqlite() {
            TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Deferred),
                ..Default::default()
            }
        } else {
            TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                ..Default::default()
            }
        };
        Ok(self.read().begin_with_options(options).await?)
    }

    /// The keys.
    pub fn keys(&self) -> &Keyring {
        &self.inner.keys
    }

    /// The place for blobs.
    pub(crate) fn blobs(&self) -> Result<&Blobs> {
        self.blobs.as_ref().ok_or(Error::Inconsistent("no place for blobs"))
    }

    /// The live counts.
    pub(crate) fn bitmaps(&self) -> &Bitmaps {
        &self.inner.bitmaps
    }

    /// Whether this is SQLite.
    pub fn is_sqlite(&self) -> bool {
        self.inner.writer.is_some()
    }

    /// Answers if the database does.
    ///
    /// # Errors
    /// If it is away.
    pub async fn ping(&self) -> Result<()> {
        exec(self.read(), "SELECT 1", vec![]).await?;
        Ok(())
    }

    /// Closes the connections.
    pub async fn close(&self) {
        let Inner { pages, work, webhook, writer, .. } = &*self.inner;
        for pool in [pages, work, webhook].into_iter().chain(writer) {
            if let Err(e) = pool.close_by_ref().await {
                tracing::warn!(error = %e, "closing the database");
            }
        }
    }
}

async fn permit(queue: &Semaphore, patience: Duration) -> Result<SemaphorePermit<'_>> {
    match tokio::time::timeout(patience, queue.acquire()).await {
        Ok(Ok(permit)) => Ok(permit),
        _ => Err(away()),
    }
}

/// The database does not answer in time.
pub(crate) fn away() -> Error {
    DbErr::ConnectionAcquire(ConnAcquireErr::Timeout).into()
}

/// The file of a `sqlite:` URL.
pub fn sqlite_path(url: &str) -> Option<PathBuf> {
    let rest = url.strip_prefix("sqlite:")?;
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    Some(PathBuf::from(rest.split('?').next().unwrap_or(rest)))
}

fn quiet(options: &mut ConnectOptions, patience: Duration) {
    // Statements are not logged and not put into spans: parameters may be personal.
    options
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        .test_before_acquire_if_idle_for(TRUSTED)
        .acquire_timeout(patience)
        .connect_timeout(patience);
}

fn sqlite(path: &Path, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(format!("sqlite://{}?mode=rwc", path.display()));
    quiet(&mut options, PATIENCE_AT_START);
    options.max_connections(connections).min_connections(1).map_sqlx_sqlite_opts(|o| {
        o.pragma("journal_mode", "WAL")
            .pragma("synchronous", "FULL")
            .pragma("foreign_keys", "ON")
            .pragma("busy_timeout", "15000")
            // Kilobytes, of each connection: what is read often lies in the system's own cache, too.
            .pragma("cache_size", "-16384")
            .pragma("temp_store", "MEMORY")
            .pragma("wal_autocheckpoint", "4000")
    });
    options
}

fn postgres(url: &str, connections: u32, patience: Duration) -> ConnectOptions {
    let mut options = ConnectOptions::new(url.to_owned());
    quiet(&mut options, patience);
    // What is committed is there after a crash, whatever the server's default is: what was sent
    // is never sent again.
    options
        .max_connections(connections)
        .min_connections(1)
        .map_sqlx_postgres_opts(|o| o.options([("synchronous_commit", "on")]));
    options
}

async fn migrate_postgres(url: &str) -> Result<()> {
    let one = Database::connect(postgres(url, 1, PATIENCE_AT_START)).await?;
    let lock = 0x6b61_6972_616e_i64;
    exec(&one, "SELECT pg_advisory_lock($1)", values![lock]).await?;
    // Servers of the former release work meanwhile. Whatever they ask of a table for which a
    // migration waits waits behind it: it gives way, before they are chosen to end a deadlock.
    exec(&one, "SET lock_timeout = '500ms'", vec![]).await?;
    let mut migrated = Migrator::up(&one, None).await;
    for _ in 0..MIGRATION_TRIES {
        if !migrated.as_ref().is_err_and(gave_way) {
            break;
        }
        tracing::info!("a migration gives way to who uses its tables, and tries again");
        tokio::time::sleep(MIGRATION_PAUSE).await;
        migrated = Migrator::up(&one, None).await;
    }
    exec(&one, "SELECT pg_advisory_unlock($1)", values![lock]).await?;
    one.close().await?;
    Ok(migrated?)
}

/// Whether a statement waited too long for a lock, or would have waited for ever.
fn gave_way(error: &DbErr) -> bool {
    refused_as(error, &["55P03", "40P01"])
}

/// Whether a transaction that sees a snapshot was to change what another one has changed since,
/// or would have waited for it for ever; SQLite has one writer.
pub(crate) fn overtaken(error: &Error) -> bool {
    matches!(error, Error::Database(error) if refused_as(error, &["40001", "40P01"]))
}

/// Whether the database refused a statement with one of these codes.
fn refused_as(error: &DbErr, codes: &[&str]) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) =
        error
    else {
        return false;
    };
    let code = error.as_database_error().and_then(sea_orm::sqlx::error::DatabaseError::code);
    code.is_some_and(|code| codes.contains(&&*code))
}

/// Held while one process migrates a SQLite file.
async fn lock_beside(path: &Path) -> Result<std::fs::File> {
    let io = |e: std::io::Error| Error::Database(sea_orm::DbErr::Custom(e.to_string()));
    let file = std::fs::File::create(path.with_extension("lock")).map_err(io)?;
    // Waiting for another process must not stop this one's other tasks.
    let locked = tokio::task::spawn_blocking(move || file.lock().map(|()| file)).await;
    locked.map_err(|e| Error::Database(sea_orm::DbErr::Custom(e.to_string())))?.map_err(io)
}

/// Runs a statement; answers the number of rows that it changed.
pub(crate) async fn exec<C: ConnectionTrait>(db: &C, sql: &str, values: Vec<Value>) -> Result<u64> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Ok(db.execute_raw(statement).await?.rows_affected())
}

/// Locks a row until the end of the transaction, so that those who change it come one after the
/// other. On SQLite they do anyway.
pub(crate) async fn lock<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    table: &str,
    id: i64,
) -> Result<()> {
    if !ctx.store.is_sqlite() {
        exec(db, &format!("SELECT id FROM {table} WHERE id = $1 FOR UPDATE"), vec![id.into()])
            .await?;
    }
    Ok(())
}

/// All rows of a query.
pub(crate) async fn rows<T: FromQueryResult, C: ConnectionTrait>(
    db: &C,
    sql: &str,
    values: Vec<Value>,
) -> Result<Vec<T>> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    db.query_all_raw(statement)
        .await?
        .iter()
        .map(|r| T::from_query_result(r, "").map_err(Into::into))
        .collect()
}

/// Hands on every row of a query as it comes, so that they never lie in memory together.
pub(crate) async fn each<T: FromQueryResult>(
    db: &DatabaseTransaction,
    sql: &str,
    values: Vec<Value>,
    mut take: impl FnMut(T) -> Result<()>,
) -> Result<()> {
    let backend = ConnectionTrait::get_database_backend(db);
    let statement = Statement::from_sql_and_values(backend, sql, values);
    let mut found = db.stream_raw(statement).await?;
    let mut taken = 0u32;
    while let Some(row) = found.try_next().await? {
        take(T::from_query_result(&row, "")?)?;
        taken = taken.wrapping_add(1);
        if taken.is_multiple_of(IN_A_ROW) {
            tokio::task::yield_now().await;
        }
    }
    Ok(())
}

/// The first row of a query.
pub(crate) async fn one<T: FromQueryResult, C: ConnectionTrait>(
    db: &C,
    sql: &str,
    values: Vec<Value>,
) -> Result<Option<T>> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    db.query_one_raw(statement)
        .await?
        .map(|r| T::from_query_result(&r, "").map_err(Into::into))
        .transpose()
}

#[derive(FromQueryResult)]
struct Number {
    n: Option<i64>,
}

/// The one number `n` of a query; 0 if there is none.
pub(crate) async fn number<C: ConnectionTrait>(
    db: &C,
    sql: &str,
    values: Vec<Value>,
) -> Result<i64> {
    Ok(one::<Number, C>(db, sql, values).await?.and_then(|r| r.n).unwrap_or(0))
}

/// `1, 2, 3`: numbers may stand in SQL as they are.
pub(crate) fn list(ids: impl IntoIterator<Item = i64>) -> String {
    let list = ids.into_iter().map(|i| i.to_string()).collect::<Vec<_>>().join(",");
    if list.is_empty() { "NULL".into() } else { list }
}

/// `($1, $2), ($3, $4)` for `rows` rows of `columns` columns.
pub(crate) fn tuples(rows: usize, columns: usize) -> String {
    let mut out = String::new();
    for r in 0..rows {
        out.push_str(if r == 0 { "(" } else { ",(" });
        for c in 0..columns {
            if c > 0 {
                out.push(',');
            }
            out.push('$');
            out.push_str(&(r * columns + c + 1).to_string());
        }
        out.push(')');
    }
    out
}

/// Cuts rows into pieces of 1, 2, 4 … and `max` (a power of two), the largest first: few
/// different statements, which the database has prepared already.
pub(crate) fn doubling<T>(rows: &[T], max: usize) -> impl Iterator<Item = &[T]> {
    let mut rest = rows;
    std::iter::from_fn(move || {
        let size = (rest.len() / 2 + 1).next_power_of_two().min(max);
        let (piece, after) = rest.split_at_checked(size)?;
        rest = after;
        Some(piece)
    })
}

/// Whether one of the columns fits the pattern `$1` (see [`like`]). ASCII letters count in
/// either case: SQLite's LIKE does so by itself, PostgreSQL where it is told, and beyond
/// ASCII only by a collation that SQLite does not have.
pub(crate) fn found_in(store: &Store, columns: &[&str]) -> String {
    let like = if store.is_sqlite() { "LIKE" } else { "COLLATE \"C\" ILIKE" };
    let one = |column: &&str| format!("{column} {like} $1 ESCAPE '\\'");
    format!("({})", columns.iter().map(one).collect::<Vec<_>>().join(" OR "))
}

/// A pattern that finds `word` anywhere, for [`found_in`].
pub(crate) fn like(word: &str) -> String {
    format!("%{}%", word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"))
}

/// A table with a primary key that is only this transaction's, and empty.
pub(crate) async fn temporary<C: ConnectionTrait>(db: &C, name: &str, columns: &str) -> Result<()> {
    let ends = match db.get_database_backend() {
        // It lies in memory: without row ids its rows are there once.
        DbBackend::Sqlite => "WITHOUT ROWID",
        _ => "ON COMMIT DROP",
    };
    exec(db, &format!("CREATE TEMPORARY TABLE IF NOT EXISTS {name} ({columns}) {ends}"), vec![])
        .await?;
    exec(db, &format!("DELETE FROM {name}"), vec![]).await?;
    Ok(())
}

/// A list for [`numbers`]. Thousands are better named so than by [`list`]: a connection keeps each
/// statement that it has prepared, and a list within one makes it another every time.
pub(crate) fn json(ids: impl IntoIterator<Item = i64>) -> String {
    let mut out = String::from("[");
    for (i, id) in ids.into_iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        out.push_str(&id.to_string());
    }
    out.push(']');
    out
}

/// The numbers `n` of a JSON list that stands in the parameter `mark`, as a table.
pub(crate) fn numbers<C: ConnectionTrait>(db: &C, mark: &str) -> String {
    match db.get_database_backend() {
        DbBackend::Sqlite => format!("(SELECT value AS n FROM json_each({mark})) AS numbers"),
        _ => format!(
            "(SELECT CAST(value AS BIGINT) AS n FROM json_array_elements_text(CAST({mark} AS JSON))) AS numbers"
        ),
    }
}
