//! LINE's wire types and limits, and the HTTP client that speaks to LINE.
//!
//! Written by hand against [line-openapi] at commit
//! `6e4c2a2a1b7b059ea3920456d4f88d03fd8ef0bb` (2026-07-01) and the Messaging API
//! reference of 2026-08-07. LINE may add event types, properties and values at any
//! time, so whatever this crate does not know is kept as raw JSON and handed on
//! unchanged; nothing unknown is an error when it comes *from* LINE.
//!
//! | module | holds |
//! |---|---|
//! | [`id`] | [`UserId`], personal data: never shown in full by `Debug` |
//! | [`text`] | LINE's two units of length and every limit |
//! | [`message`] | message objects, quick replies, actions |
//! | [`rich_menu`] | rich menus, aliases, batches, their figures |
//! | [`validate`](mod@validate) | what LINE would refuse, in LINE's words |
//! | [`webhook`] | incoming events |
//! | [`api`] | bodies of requests and answers |
//! | `signature` | webhook signatures (feature `signature`) |
//! | `client` | Messaging API over HTTP (feature `client`) |
//! | `login` | ID tokens of LINE Login and LIFF (feature `client`) |
//!
//! The default features compile for wasm.
//!
//! [line-openapi]: https://github.com/line/line-openapi

pub mod api;
pub mod id;
pub mod message;
pub mod rich_menu;
pub mod text;
pub mod validate;
pub mod webhook;

#[cfg(feature = "signature")]
pub mod signature;

#[cfg(feature = "client")]
pub mod client;
#[cfg(feature = "client")]
pub mod login;

pub use id::UserId;
pub use message::{Action, Message, QuickReply, QuickReplyItem};
pub use rich_menu::RichMenu;
pub use validate::{Detail, validate_messages, validate_rich_menu, validate_rich_menu_batch};
