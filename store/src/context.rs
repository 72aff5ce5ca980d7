//! The operation context: who acts, on what store, with which clock and randomness.

use crate::{Result, Store};
use domain::permission::{Actor, Owner, Permission, check};
use domain::time::Timestamp;
use std::sync::Arc;

/// Where the time comes from.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// Where randomness comes from.
pub trait Random: Send + Sync {
    /// Fills a buffer.
    fn fill(&self, buffer: &mut [u8]);
}

/// Handed to every function that touches data.
#[derive(Clone)]
pub struct Context {
    /// The database, the keys, the caches.
    pub store: Store,
    /// Who acts.
    pub actor: Actor,
    /// The `Idempotency-Key` of the request, if it has one.
    pub request_key: Option<String>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Context {
    /// A context for work that nobody in particular asked for.
    pub fn system(store: Store, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { store, actor: Actor::System, request_key: None, clock, random }
    }

    /// The same for another actor.
    #[must_use]
    pub fn acting(&self, actor: Actor) -> Self {
        Self { actor, ..self.clone() }
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Random bytes.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.random.fill(&mut bytes);
        bytes
    }

    /// A random UUID (version 4), in text.
    pub fn uuid(&self) -> String {
        uuid::Builder::from_random_bytes(self.random()).into_uuid().to_string()
    }

    /// Checks a permission on the whole city's data.
    ///
    /// # Errors
    /// `Forbidden`.
    pub fn allow(&self, permission: Permission) -> Result<()> {
        self.allow_on(permission, Owner::City)
    }

    /// Checks a permission on an object of that owner.
    ///
    /// # Errors
    /// `Forbidden`.
    pub fn allow_on(&self, permission: Permission, owner: Owner) -> Result<()> {
        Ok(check(&self.actor, permission, owner)?)
    }

    /// The actor as the ledger writes it.
    pub fn actor_name(&self) -> String {
        match &self.actor {
            Actor::Staff { id, .. } => format!("staff:{id}"),
            Actor::Token { id, .. } => format!("token:{id}"),
            Actor::Resident(id) => format!("resident:{id}"),
            Actor::System => "system".into(),
            Actor::Nobody => "nobody".into(),
        }
    }
}
