//! What Kairan sends to LINE and what the sandbox sends in LINE's name, held against LINE's own
//! OpenAPI files where they are present.
//!
//! They are no part of Kairan: `KAIRAN_LINE_OPENAPI` names a checkout of
//! <https://github.com/line/line-openapi>. Without it these tests say so and end, or ask
//! the sandbox alone.
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

#[path = "../common/mod.rs"]
mod common;

mod menus;
mod messages;
mod spec;
mod webhooks;
