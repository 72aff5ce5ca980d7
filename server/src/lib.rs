//! The server library behind the binary `kairan`: configuration, HTTP wiring, the
//! webhook endpoint, the REST API, workers, the command line.
#![recursion_limit = "512"]

pub mod api;
pub mod command;
pub mod config;
pub mod http;
pub mod logging;
pub mod serve;
