//! The services on both databases, against the sandbox as LINE.
#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

#[path = "../../../store/tests/it/support.rs"]
mod support;

#[path = "../../../domain/src/video/sample.rs"]
mod sample;

mod line;
mod relay;

mod alerting;
mod answering;
mod approving;
mod delivering;
mod exploring;
mod forming;
mod gating;
mod importing;
mod listing;
mod measuring;
mod menus;
mod periods;
mod personalising;
mod picturing;
mod receiving;
mod recurring;
mod retracting;
mod rosters;
mod signing_in;
mod speaking;
mod steps;
mod watching;
