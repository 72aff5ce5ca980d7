//! The whole router, as residents, staff and other systems meet it, on both databases.
#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]
#![recursion_limit = "512"]

#[expect(dead_code, reason = "other tests turn the keys")]
#[path = "../../../store/tests/it/support.rs"]
mod support;

mod authorising;
mod city;
mod doors;
mod endpoints;
mod forms;
mod menu_pictures;
mod menus;
mod rush;
mod silent;
mod staying;
mod upgrading;
