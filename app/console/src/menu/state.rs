//! What the editor holds: the menu with everything that was done to it, and what is chosen.

use super::figures::Tapped;
use domain::geometry::Border;
use domain::id::MenuId;
use domain::menu::program::Rule;
use domain::menu::{Area, Command, Existing, History, Menu, Sheet, SheetKey};
use domain::problem::Problem;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use ui::prelude::*;
use ui::toast::Toasts;

/// What the panel at the right is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pane {
    /// The chosen area.
    Area,
    /// The whole sheet: picture, colours, size.
    Sheet,
    /// The menu: the bar's words.
    Menu,
}

/// What the next tap on an area does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// Chooses it.
    Choose,
    /// Merges it with this one.
    Merge(usize),
    /// Puts its contents and those of this one in one another's place.
    Exchange(usize),
}

/// What was announced last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// The sentence.
    pub words: String,
    /// It could not be done.
    pub wrong: bool,
}

/// What was copied, and of which menu: its tabs lead to sheets of that one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clip {
    /// The menu.
    pub of: MenuId,
    /// What.
    pub copied: Copied,
}

/// What was copied, for another sheet or another menu.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Copied {
    /// Everything of an area.
    Area(Box<Area>),
    /// A sheet.
    Sheet(Box<Sheet>),
}

/// Under which name what was copied lies in the browser, so that another menu finds it.
const COPIED: &str = "kairan-menu-copied";

/// The editor's state; `Copy`.
#[derive(Clone, Copy)]
pub struct Editor {
    /// Which menu.
    pub id: MenuId,
    history: RwSignal<History>,
    key: RwSignal<SheetKey>,
    /// The sheet that is worked on.
    pub sheet: Memo<Sheet>,
    area: RwSignal<Option<usize>>,
    /// The chosen area, if it is there.
    pub chosen: Memo<Option<usize>>,
    border: RwSignal<Option<usize>>,
    /// Every border of the sheet.
    pub borders: Memo<Vec<Border>>,
    /// What the panel at the right is about.
    pub pane: RwSignal<Pane>,
    /// What the next tap does.
    pub tool: RwSignal<Tool>,
    /// What was announced last.
    pub said: RwSignal<Said>,
    /// What was copied last.
    pub copied: RwSignal<Option<Clip>>,
    /// In which field or by which keys the last change was made: what goes on there is one step.
    going: StoredValue<Option<String>>,
    /// What is wrong with the menu.
    pub problems: Memo<Vec<Problem>>,
    /// What areas can lead to.
    pub existing: StoredValue<Existing>,
    /// What residents' words switch, by the published program.
    pub rules: StoredValue<Vec<Rule>>,
    /// Testers are shown what was saved, before it is published.
    pub tried: RwSignal<bool>,
    /// The name of another menu that they are shown instead, since its trial was begun later.
    pub tried_instead: RwSignal<Option<String>>,
    /// How often areas of what is published were tapped, once that is known.
    pub taps: RwSignal<Option<Tapped>>,
    toasts: Toasts,
}

fn first(menu: &Menu) -> SheetKey {
    menu.sheets.first().map_or(SheetKey(0), |s| s.key)
}

impl Editor {
    /// A menu as it is opened.
    pub fn new(id: MenuId, menu: Menu, existing: Existing, tried: bool, drilled: bool) -> Self {
        let key = RwSignal::new(first(&menu));
        let history = RwSignal::new(History::new(menu));
        let sheet = Memo::new(move |_| {
            history.with(|h| {
                let menu = h.menu();
                let found = menu.sheet(key.get()).or_else(|| menu.sheets.first());
                found.cloned().unwrap_or_else(|| {
                    Sheet::new(SheetKey(1), String::new(), domain::menu::Size::LARGE)
                })
            })
        });
        let area = RwSignal::new(None::<usize>);
        let chosen = Memo::new(move |_| area.get().filter(|n| sheet.with(|s| *n < s.areas.len())));
        let borders = Memo::new(move |_| {
            sheet.with(|s| {
                let (whole, limits) = (s.size.whole(), s.size.limits());
                let tree = s.tree().filter(|t| t.fault(whole, limits).is_none());
                tree.map(|t| t.borders(whole, limits)).unwrap_or_default()
            })
        });
        Self {
            id,
            history,
            key,
            sheet,
            area,
            chosen,
            border: RwSignal::new(None),
            borders,
            pane: RwSignal::new(Pane::Area),
            tool: RwSignal::new(Tool::Choose),
            said: RwSignal::new(Said::default()),
            copied: RwSignal::new(None),
            going: StoredValue::new(None),
            problems: Memo::new(move |_| history.with(|h| h.menu().problems_as(drilled))),
            existing: StoredValue::new(existing),
            rules: StoredValue::new(Vec::new()),
            tried: RwSignal::new(tried),
            tried_instead: RwSignal::new(None),
            taps: RwSignal::new(None),
            toasts: use_toasts(),
        }
    }

    /// Reads of the menu as it is; follows its changes.
    pub fn with<T>(self, read: impl FnOnce(&Menu) -> T) -> T {
        self.history.with(|h| read(h.menu()))
    }

    /// The same without following.
    pub fn now<T>(self, read: impl FnOnce(&Menu) -> T) -> T {
        self.history.with_untracked(|h| read(h.menu()))
    }

    /// What was done and undone, the last first; follows.
    pub fn steps(self) -> (Vec<String>, Vec<String>) {
        self.history.with(|h| {
            (h.past().map(str::to_owned).collect(), h.future().map(str::to_owned).collect())
        })
    }

    /// The sheet that is worked on.
    pub fn key(self) -> SheetKey {
        self.sheet.with_untracked(|s| s.key)
    }

    /// The chosen border, if it is there.
    pub fn chosen_border(self) -> Option<usize> {
        let count = self.borders.with(Vec::len);
        self.border.get().filter(|n| *n < count)
    }

    /// Works on a sheet.
    pub fn open_sheet(self, key: SheetKey) {
        if self.key.get_untracked() != key {
            self.key.set(key);
            self.area.set(None);
            self.border.set(None);
            self.tool.set(Tool::Choose);
        }
    }

    /// Chooses an area, or does with it what the tool is for.
    pub fn tap(self, area: usize) {
        let sheet = self.key();
        match self.tool.get_untracked() {
            Tool::Merge(from) if from != area => {
                self.tool.set(Tool::Choose);
                let merged = self.run(&Command::Merge { sheet, area: from, with: area });
                self.choose(Some(if merged { from.min(area) } else { from }));
            }
            Tool::Exchange(from) if from != area => {
                self.tool.set(Tool::Choose);
                self.run(&Command::Exchange { sheet, area: from, with: area });
                self.choose(Some(area));
            }
            Tool::Merge(_) | Tool::Exchange(_) => {
                self.tool.set(Tool::Choose);
                self.say("やめました");
            }
            Tool::Choose => self.choose(Some(area)),
        }
    }

    /// Chooses an area.
    pub fn choose(self, area: Option<usize>) {
        self.area.set(area);
        if area.is_some() {
            self.pane.set(Pane::Area);
        }
    }

    /// Chooses a border.
    pub fn choose_border(self, border: Option<usize>) {
        self.border.set(border);
    }

    /// Says something that changed nothing.
    pub fn say(self, words: impl Into<String>) {
        let words = words.into();
        self.toasts.say(words.clone());
        self.said.set(Said { words, wrong: false });
    }

    /// Says why something cannot be done.
    pub fn refuse(self, words: impl Into<String>) {
        let words = words.into();
        self.toasts.say_now(words.clone());
        self.said.set(Said { words, wrong: true });
    }

    /// Does a command and announces it. Answers whether it was done.
    pub fn run(self, command: &Command) -> bool {
        self.going.set_value(None);
        match self.done(command, false) {
            Ok(words) => {
                self.say(words);
                true
            }
            Err(why) => {
                self.refuse(why);
                false
            }
        }
    }

    /// Does several commands as one step, as far as they can be done.
    pub fn run_all(self, commands: &[Command]) {
        self.going.set_value(None);
        let mut words = Ok(String::new());
        for (n, command) in commands.iter().enumerate() {
            words = self.done(command, n > 0);
            if words.is_err() {
                break;
            }
        }
        match words {
            Ok(words) => self.say(words),
            Err(why) => self.refuse(why),
        }
    }

    /// Does a command that belongs to something that goes on: letters typed into one field, or
    /// one key pressed again and again. `aloud`: it is announced (what is typed is heard anyway).
    pub fn go_on(self, place: &str, command: &Command, aloud: bool) {
        let place = format!("{}/{place}", self.key().0);
        let same = self.going.with_value(|going| going.as_ref() == Some(&place));
        let done = self.done(command, same);
        self.going.set_value(Some(place));
        match done {
            Ok(words) if aloud => self.say(words),
            Ok(words) => self.said.set(Said { words, wrong: false }),
            Err(why) => self.refuse(why),
        }
    }

    fn done(self, command: &Command, joined: bool) -> Result<String, String> {
        let done =
            self.history.try_update(|h| if joined { h.amend(command) } else { h.run(command) });
        let words = done.unwrap_or_else(|| Err(String::new()))?;
        // A new sheet is what one goes on with.
        if matches!(command, Command::AddSheet { .. } | Command::PasteSheet { .. })
            && let Some(key) = self.now(|m| m.sheets.last().map(|s| s.key))
        {
            self.open_sheet(key);
        }
        Ok(words)
    }

    /// Takes the last `steps` changes back.
    pub fn undo(self, steps: usize) {
        self.travel(steps, History::undo, "元にもどすことは、もうありません");
    }

    /// Does again what was taken back last.
    pub fn redo(self, steps: usize) {
        self.travel(steps, History::redo, "やり直すことは、もうありません");
    }

    fn travel(self, steps: usize, go: fn(&mut History) -> Option<String>, nothing: &str) {
        self.going.set_value(None);
        self.tool.set(Tool::Choose);
        let mut words = None;
        self.history.update(|h| {
            for _ in 0..steps {
                match go(h) {
                    Some(said) => words = Some(said),
                    None => break,
                }
            }
        });
        match words {
            Some(words) if steps > 1 => {
                self.say(format!("{}分、もどりました。{words}", things(steps)))
            }
            Some(words) => self.say(words),
            None => self.refuse(nothing),
        }
    }

    /// Takes another state of the menu over, as one step that can be undone: every sheet of it.
    pub fn take_over(self, mut menu: Menu, words: &str) {
        // Sheets that go with it are as good as removed: their keys are not used again.
        let next = self.now(Menu::free_key);
        if menu.free_key() < next {
            menu.next = Some(next.0);
        }
        self.going.set_value(None);
        self.history.update(|h| h.replace(menu, words));
        let key = self.now(first);
        self.key.set(key);
        self.area.set(None);
        self.say(words);
    }

    /// Keeps something for another sheet or another menu.
    pub fn copy(self, what: Copied, words: &str) {
        let clip = Clip { of: self.id, copied: what };
        if let Ok(json) = serde_json::to_string(&clip)
            && let Some(storage) = storage()
        {
            // Full or forbidden: it is there for this menu alone.
            drop(storage.set_item(COPIED, &json));
        }
        self.copied.set(Some(clip));
        self.say(words);
    }

    /// What was copied in another menu is there too.
    pub fn recall(self) {
        let kept = storage().and_then(|s| s.get_item(COPIED).ok().flatten());
        if let Some(clip) = kept.and_then(|json| serde_json::from_str(&json).ok()) {
            self.copied.set(Some(clip));
        }
    }
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}
