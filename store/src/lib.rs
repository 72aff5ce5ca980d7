//! Entities, queries, transactions, column encryption and blobs: the only place
//! that knows a database.
//!
//! Two databases, same behaviour (design rule 6): SQL is written once, in what
//! SQLite and PostgreSQL both understand (`$1` placeholders, `RETURNING`,
//! `ON CONFLICT`); the few differences live in [`db`]. Every function that
//! touches data takes a [`Context`] and checks permission beside the query.

pub mod alert;
pub mod answer;
pub mod attribute;
pub mod audience;
pub mod blob;
pub mod context;
pub mod crypto;
pub mod db;
pub mod delivery;
pub mod eligibility;
pub mod error;
pub mod figure;
pub mod form;
pub mod holiday;
pub mod idempotency;
pub mod inbox;
pub mod insight;
pub mod ledger;
pub mod link;
pub mod mail;
pub mod menu;
pub mod metrics;
pub mod outbox;
pub mod reply;
pub mod resident;
pub mod roster;
pub mod sample;
pub mod session;
pub mod setting;
pub mod site;
pub mod staff;
pub mod steps;
pub mod token;
pub mod work;

pub use context::{Clock, Context, Random};
pub use db::{Share, Store, sqlite_path};
pub use error::{Error, Result};
