//! Structured logs on standard error; never personal data, secrets or query strings.

use tracing_subscriber::EnvFilter;

/// Starts logging. `KAIRAN_LOG` filters (`info` by default); JSON unless standard
/// error is a terminal or `plain` is asked for.
pub fn start(plain: bool) {
    let filter = EnvFilter::try_from_env("KAIRAN_LOG")
        .unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,sea_orm_migration=warn"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(true);
    // A second start (tests in one process) keeps the first.
    let _second = if plain || std::io::IsTerminal::is_terminal(&std::io::stderr()) {
        builder.with_ansi(false).compact().try_init()
    } else {
        builder.json().flatten_event(true).try_init()
    };
}
