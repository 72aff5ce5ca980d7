//! Undo and redo without limit.

use super::{Command, Menu};
use std::sync::Arc;

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The menu on the other side of the change.
    menu: Arc<Menu>,
    /// What was announced.
    pub said: String,
}

/// A menu and everything that was done to it since it was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    now: Arc<Menu>,
    past: Vec<Step>,
    future: Vec<Step>,
    /// Nothing came after the last step, so that more can become part of it.
    open: bool,
    /// The command of the last step, as long as it is the only one or was only written anew.
    wrote: Option<Command>,
}

impl History {
    /// Nothing was done yet.
    pub fn new(menu: Menu) -> Self {
        let (past, future) = (Vec::new(), Vec::new());
        Self { now: Arc::new(menu), past, future, open: false, wrote: None }
    }

    /// The menu as it is.
    pub fn menu(&self) -> &Menu {
        &self.now
    }

    /// Does a command; what was undone can no longer be redone. Answers what is announced.
    /// What changes nothing is announced, but is no step.
    ///
    /// # Errors
    /// Why it cannot be done; nothing has changed.
    pub fn run(&mut self, command: &Command) -> Result<String, String> {
        self.open = false;
        let (menu, said) = self.now.after(command)?;
        self.replace(menu, &said);
        self.wrote = Some(command.clone());
        Ok(said)
    }

    /// Does a command as part of the last change: what is typed letter by letter, or moved pixel
    /// by pixel, is one step. Where the command before this one left no step it is one of its own,
    /// so that what was done earlier is never taken back with it.
    ///
    /// # Errors
    /// Why it cannot be done; nothing has changed.
    pub fn amend(&mut self, command: &Command) -> Result<String, String> {
        if !self.open {
            return self.run(command);
        }
        // What stood there on the way to these words was not meant: nothing else goes along with it.
        let anew = self.wrote.as_ref().is_some_and(|last| command.rewrites(last));
        let from = match self.past.last() {
            Some(step) if anew => &step.menu,
            _ => &self.now,
        };
        let (menu, said) = from.after(command)?;
        if !anew {
            self.wrote = None;
        }
        self.now = Arc::new(menu);
        if let Some(step) = self.past.last_mut() {
            step.said.clone_from(&said);
        }
        // Typed and taken out again: as if nothing had been done.
        if self.past.last().is_some_and(|step| *step.menu == *self.now) {
            self.past.pop();
            self.open = false;
        }
        Ok(said)
    }

    /// Takes another state of the menu over, as one step.
    pub fn replace(&mut self, menu: Menu, said: &str) {
        self.open = menu != *self.now;
        self.wrote = None;
        if self.open {
            let was = std::mem::replace(&mut self.now, Arc::new(menu));
            self.past.push(Step { menu: was, said: said.to_owned() });
            self.future.clear();
        }
    }

    /// Takes the last change back. Answers what is announced; nothing where there is none.
    pub fn undo(&mut self) -> Option<String> {
        self.open = false;
        let step = self.past.pop()?;
        let was = std::mem::replace(&mut self.now, step.menu);
        let said = format!("元にもどしました（{}）", step.said);
        self.future.push(Step { menu: was, said: step.said });
        Some(said)
    }

    /// Does again what was taken back last. Answers what is announced.
    pub fn redo(&mut self) -> Option<String> {
        self.open = false;
        let step = self.future.pop()?;
        let was = std::mem::replace(&mut self.now, step.menu);
        let said = format!("やり直しました（{}）", step.said);
        self.past.push(Step { menu: was, said: step.said });
        Some(said)
    }

    /// What would be taken back, the last first.
    pub fn past(&self) -> impl ExactSizeIterator<Item = &str> {
        self.past.iter().rev().map(|s| s.said.as_str())
    }

    /// What could be done again, the next first.
    pub fn future(&self) -> impl ExactSizeIterator<Item = &str> {
        self.future.iter().rev().map(|s| s.said.as_str())
    }
}
