//! Answers to one form that come at the same moment wait for each other anyway, since they are
//! counted one by one. So whoever comes first receives what waits meanwhile by one transaction:
//! nobody waits longer for it, and a lone answer waits for nobody.

use super::batch::receive_all;
use super::{Ready, Receipt};
use crate::answer::AT_ONCE;
use crate::db::away;
use crate::{Error, Result, Store};
use domain::id::FormId;
use futures::FutureExt;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// Answers to one form that may wait; beyond it something hangs, and whoever comes hears so.
const WAITING: usize = 1_024;

type Told = oneshot::Sender<Result<Receipt>>;

/// Answers that wait, by their form. Of a form that stands here somebody receives them.
#[derive(Default)]
pub(crate) struct Arriving(Mutex<HashMap<FormId, VecDeque<(Ready, Told)>>>);

impl Arriving {
    fn forms(&self) -> MutexGuard<'_, HashMap<FormId, VecDeque<(Ready, Told)>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets an answer wait; answers whether nobody receives those to its form yet.
    fn add(&self, form: FormId, waits: (Ready, Told)) -> Result<bool> {
        match self.forms().entry(form) {
            Entry::Vacant(new) => {
                new.insert(VecDeque::from([waits]));
                Ok(true)
            }
            Entry::Occupied(known) if known.get().len() >= WAITING => Err(away()),
            Entry::Occupied(mut known) => {
                known.get_mut().push_back(waits);
                Ok(false)
            }
        }
    }

    /// Those whose turn it is. When there are none, nobody receives them any more.
    fn next(&self, form: FormId) -> Vec<(Ready, Told)> {
        let mut forms = self.forms();
        let Some(waiting) = forms.get_mut(&form) else { return Vec::new() };
        // Whose request was given up is passed over: nobody would hear of it.
        waiting.retain(|(_, told)| !told.is_closed());
        let some = waiting.len().min(AT_ONCE);
        let next: Vec<_> = waiting.drain(..some).collect();
        if next.is_empty() {
            forms.remove(&form);
        }
        next
    }
}

/// Receives an answer with the others that wait, and answers what became of it.
pub(super) async fn receive(answer: Ready) -> Result<Receipt> {
    let (store, form) = (answer.ctx.store.clone(), answer.form);
    let (told, hears) = oneshot::channel();
    if store.arriving().add(form, (answer, told))? {
        // Apart from who sent the first one: they may go away, and the others wait for it.
        tokio::spawn(work(store, form));
    }
    hears.await.unwrap_or(Err(Error::Inconsistent("answers ended without a word")))
}

/// Receives answers to a form until none waits.
async fn work(store: Store, form: FormId) {
    loop {
        let (batch, told): (Vec<Ready>, Vec<Told>) =
            store.arriving().next(form).into_iter().unzip();
        if batch.is_empty() {
            return;
        }
        // After a panic those of the batch hear that something is wrong, and the next go on.
        let received = AssertUnwindSafe(receive_all(&batch)).catch_unwind().await;
        for (told, outcome) in told.into_iter().zip(received.unwrap_or_default()) {
            let _gone = told.send(outcome);
        }
    }
}
