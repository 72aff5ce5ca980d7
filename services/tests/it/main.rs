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
mod eligible;
mod exploring;
mod exporting;
mod forming;
mod gating;
mod importing;
mod leading;
mod listing;
mod measuring;
mod measuring_menus;
mod menu_cards;
mod menu_crashes;
mod menu_emergencies;
mod menu_pages;
mod menu_rules;
mod menu_trial;
mod menus;
mod overtaking;
mod painting;
mod periods;
mod personalising;
mod picturing;
mod places;
mod postcodes;
mod quota;
mod receiving;
mod recurring;
mod retracting;
mod rosters;
mod sharing;
mod signing_in;
mod speaking;
mod steps;
mod switching;
mod talking;
mod watching;
