//! The staff's pages and their server functions, one folder per engine.
//!
//! [`Console`] finds the page of an address by hand, so that the whole console is
//! one lazy chunk; every page lives beside its server functions, and every server
//! function begins with [`server::staff`].
#![recursion_limit = "512"]

mod account;
mod answer;
mod around;
mod attribute;
mod audience;
mod delivery;
mod eligibility;
mod form;
mod help;
mod home;
mod menu;
mod resident;
mod roster;
mod route;
mod saving;
mod search;
#[cfg(feature = "ssr")]
pub mod server;
mod settings;
mod shell;
mod unsaved;

pub use route::Console;
