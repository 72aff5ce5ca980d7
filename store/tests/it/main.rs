//! The store on both databases. See [`support`] for how a test gets its database.
#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

mod city;
mod support;

mod alerts;
mod answered;
mod answers;
mod attributes;
mod audiences;
mod batches;
mod blobs;
mod eligibility;
mod forgetting;
mod forms;
mod freezing;
mod gates;
mod grounds;
mod idempotency;
mod inbox;
mod ledger;
mod links;
mod menus;
mod models;
mod outbox;
mod permissions;
mod personalised;
mod recipients;
mod recurring;
mod residents;
mod rosters;
mod rotation;
mod s3;
mod schema;
mod settling;
mod sharing;
mod sites;
mod staff;
mod steps;
mod stopping;
mod templates;
mod variants;
mod videos;
