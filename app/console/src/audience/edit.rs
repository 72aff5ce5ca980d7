//! The editor's state: the tree, what was before, which word is open, where focus goes.

use super::live::Live;
use domain::attribute::Catalog;
use domain::audience::edit::{self, Edit, Joint, Path, blank, normal};
use domain::audience::{Audience, Known, unanswered_in};
use leptos::prelude::*;
use std::sync::Arc;
use ui::prelude::*;
use ui::toast::{Offers, Toasts};

/// Which word of a condition is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// By what (お住まい).
    Attribute,
    /// Which question, where it is asked of a form.
    Question,
    /// Which (港地区).
    Choices,
}

/// The form of the tree without the words in its conditions: what is drawn anew
/// only when conditions come, go or move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A condition.
    Leaf(Path),
    /// Brackets, or what is excluded.
    Group {
        /// Where.
        at: Path,
        /// かつ or または.
        joint: Joint,
        /// のぞく.
        except: bool,
        /// What is inside.
        items: Vec<Shape>,
    },
}

/// The editor of one audience. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Editor {
    /// What is edited; nothing while nobody is chosen.
    pub value: RwSignal<Option<Audience>>,
    /// The same in the form that is edited.
    pub tree: Memo<Audience>,
    /// What it looks like without its words.
    pub shape: Memo<Shape>,
    /// What can be chosen from.
    pub catalog: StoredValue<Arc<Catalog>>,
    /// Head counts.
    pub live: Live,
    /// The open word.
    pub open: RwSignal<Option<(Path, Part)>>,
    /// Whether empty conditions are marked in red: after an attempt to save.
    pub strict: RwSignal<bool>,
    /// Nothing can be changed.
    pub readonly: bool,
    past: RwSignal<Vec<Option<Audience>>>,
    /// While one word is open, its changes are one step of undo.
    changing: StoredValue<bool>,
    name: &'static str,
    toasts: Toasts,
    offers: Offers,
}

impl Editor {
    /// An editor over `value`. `name` makes its element ids unique on the page.
    pub fn new(
        name: &'static str,
        value: RwSignal<Option<Audience>>,
        live: Live,
        readonly: bool,
    ) -> Self {
        let catalog = live.catalog;
        let tree =
            Memo::new(move |_| value.with(|v| v.as_ref().map_or_else(|| normal(&blank()), normal)));
        let shape = Memo::new(move |_| {
            tree.with(|tree| catalog.with_value(|c| shape(tree, c, &mut Vec::new())))
        });
        Self {
            value,
            tree,
            shape,
            catalog,
            live,
            open: RwSignal::new(None),
            strict: RwSignal::new(false),
            readonly,
            past: RwSignal::new(Vec::new()),
            changing: StoredValue::new(false),
            name,
            toasts: use_toasts(),
            offers: use_offers(),
        }
    }

    /// Says what was done, with the way back that 「もどす」 of the editor is, too.
    pub fn say_with_undo(self, words: impl Into<String>) {
        self.offers.passing(words, "元にもどす", move || self.undo());
    }

    /// Learns of lists and deliveries that a condition is about to name.
    pub fn know(self, people: Vec<Known>) {
        self.catalog.update_value(|catalog| Arc::make_mut(catalog).know(people));
    }

    /// What is on the screen was saved: nothing is marked, and no toast offers what was before.
    pub fn saved(self) {
        self.strict.set(false);
        self.offers.withdraw();
    }

    /// The item at a place, while there is one.
    pub fn node(self, at: &[usize]) -> Option<Audience> {
        self.tree.with(|tree| edit::node(tree, at).cloned())
    }

    /// Element id of a word of a condition.
    pub fn id(self, at: &[usize], part: Part) -> String {
        let place: String = at.iter().map(|i| format!("-{i}")).collect();
        let part = match part {
            Part::Attribute => "a",
            Part::Question => "q",
            Part::Choices => "c",
        };
        format!("{}{place}-{part}", self.name)
    }

    /// Element id of the mark between the items of a group.
    pub fn joint_id(self, at: &[usize], i: usize) -> String {
        let place: String = at.iter().map(|i| format!("-{i}")).collect();
        format!("{}{place}-joint{i}", self.name)
    }

    /// Takes a step; where it is not possible, says so.
    pub fn step(self, make: impl FnOnce(&Audience) -> Option<Edit>, say: &str) {
        if !self.try_step(make, say) {
            self.toasts.say(format!("{say}：ここではできません"));
        }
    }

    /// Takes a step, and tells whether it was possible.
    pub fn try_step(self, make: impl FnOnce(&Audience) -> Option<Edit>, say: &str) -> bool {
        let Some(edit) = self.tree.with_untracked(make) else { return false };
        self.replace(Some(edit.tree));
        // What is drawn there: a condition, one inside of brackets, or what 「未登録」 stands for.
        let drawn = self.shape.with_untracked(leaves);
        let at = drawn.iter().find(|leaf| leaf.starts_with(&edit.at) || edit.at.starts_with(leaf));
        self.focus(at.unwrap_or(&edit.at), Part::Attribute);
        self.toasts.say(say);
        true
    }

    /// Adds a condition that is still empty, and opens its first word.
    pub fn add(self, make: impl FnOnce(&Audience, Audience) -> Option<Edit>) {
        let Some(edit) = self.tree.with_untracked(|tree| make(tree, blank())) else {
            self.toasts.warn("条件が込み入りすぎています。入れ子は16段、条件は1,000個までです");
            return;
        };
        let from_nothing = self.value.with_untracked(Option::is_none);
        self.replace(Some(if from_nothing { normal(&blank()) } else { edit.tree }));
        self.open_at(if from_nothing { vec![0] } else { edit.at }, Part::Attribute);
    }

    /// Puts an item in the place of one; the open word stays open.
    pub fn choose(self, at: &[usize], item: Audience) {
        let Some(edit) = self.tree.with_untracked(|tree| edit::set(tree, at, item)) else { return };
        if !self.changing.get_value() {
            self.remember();
        }
        self.changing.set_value(true);
        self.value.set(Some(edit.tree));
    }

    /// Removes an item, with a way back.
    pub fn remove(self, at: &[usize]) {
        if self.try_step(|tree| edit::remove(tree, at), "条件を消しました") {
            self.say_with_undo("条件を消しました");
        }
    }

    /// Sets everything anew, as one step of undo.
    pub fn replace(self, value: Option<Audience>) {
        self.remember();
        self.open.set(None);
        self.changing.set_value(false);
        self.value.set(value);
    }

    fn remember(self) {
        // 「元にもどす」 would take back this step, and not the one of which it tells.
        self.offers.withdraw();
        let now = self.value.get_untracked();
        self.past.update(|past| past.push(now));
    }

    /// Whether there is something to take back.
    pub fn can_undo(self) -> Signal<bool> {
        Signal::derive(move || self.past.with(|past| !past.is_empty()))
    }

    /// Takes the last step back.
    pub fn undo(self) {
        let Some(before) = self.past.try_update(Vec::pop).flatten() else { return };
        self.offers.withdraw();
        self.open.set(None);
        self.changing.set_value(false);
        self.value.set(before);
        self.toasts.say("1つ前にもどしました");
    }

    /// Opens a word.
    pub fn open_at(self, at: Path, part: Part) {
        self.changing.set_value(false);
        self.open.set(Some((at, part)));
    }

    /// Closes the open word; `back` returns focus to it.
    pub fn close(self, back: bool) {
        let Some((at, part)) = self.open.get_untracked() else { return };
        self.open.set(None);
        self.changing.set_value(false);
        if back {
            self.focus(&at, part);
        }
    }

    /// Focus to a word, once it is drawn.
    pub fn focus(self, at: &[usize], part: Part) {
        focus_soon(self.id(at, part));
    }

    /// Moves focus to the condition before or after one.
    pub fn walk(self, at: &[usize], up: bool) {
        let places = self.shape.with_untracked(leaves);
        let Some(here) = places.iter().position(|p| p == at) else { return };
        let to = if up { here.checked_sub(1) } else { Some(here + 1) };
        if let Some(to) = to.and_then(|to| places.get(to)) {
            self.focus(to, Part::Attribute);
        }
    }

    /// One condition in which nothing is chosen yet, and no attempt to save it.
    pub fn is_untouched(self) -> bool {
        !self.strict.get() && self.tree.with(|tree| edit::items(tree) == [blank()])
    }

    /// How many conditions are empty, or name what no longer exists.
    pub fn unfinished(self) -> usize {
        self.value
            .with(|value| self.catalog.with_value(|catalog| problems(value.as_ref(), catalog)))
    }

    /// Whether what stands in the way is a complaint, and not only what is still to be chosen:
    /// after an attempt to save, or where a condition names what no longer exists.
    pub fn complains(self) -> bool {
        self.strict.get()
            || self.live.failure.with(Option::is_some)
            || self.tree.with(edit::conditions).iter().any(|at| self.is_broken(at))
    }

    /// Whether something was chosen at a place that no longer exists.
    pub fn is_broken(self, at: &[usize]) -> bool {
        self.is_unfinished(at) && self.node(at).is_some_and(|node| !node.is_unfinished())
    }

    /// Whether the condition at a place is unfinished.
    pub fn is_unfinished(self, at: &[usize]) -> bool {
        self.node(at).is_some_and(|node| {
            self.catalog.with_value(|catalog| node.resolve(catalog, "").is_err())
        })
    }
}

/// How many places of an audience cannot be counted.
pub fn problems(audience: Option<&Audience>, catalog: &Catalog) -> usize {
    audience.map_or(0, |a| {
        edit::conditions(&normal(a))
            .iter()
            .filter(|at| {
                edit::node(&normal(a), at).is_some_and(|n| n.resolve(catalog, "").is_err())
            })
            .count()
    })
}

/// The places of all conditions in reading order.
pub fn leaves(shape: &Shape) -> Vec<Path> {
    match shape {
        Shape::Leaf(at) => vec![at.clone()],
        Shape::Group { items, .. } => items.iter().flat_map(leaves).collect(),
    }
}

fn shape(node: &Audience, catalog: &Catalog, at: &mut Path) -> Shape {
    let Some(joint) = edit::joint(node).filter(|_| unanswered_in(node, catalog).is_none()) else {
        return Shape::Leaf(at.clone());
    };
    let items = edit::items(node)
        .iter()
        .enumerate()
        .map(|(i, item)| {
            at.push(i);
            let item = shape(item, catalog, at);
            at.pop();
            item
        })
        .collect();
    Shape::Group { at: at.clone(), joint, except: matches!(node, Audience::Not(_)), items }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: serde_json::Value) -> Audience {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn unfinished_conditions_are_counted() {
        let catalog = Catalog::default();
        assert_eq!(problems(None, &catalog), 0);
        assert_eq!(problems(Some(&Audience::Everyone), &catalog), 0);
        let audience = read(
            json!({"all": [{"attribute": "", "is": []}, {"not": {"attribute": "gone", "is": ["x"]}}]}),
        );
        assert_eq!(problems(Some(&audience), &catalog), 2);
    }

    #[test]
    fn the_shape_stays_while_words_change() {
        let catalog = Catalog::default();
        let form = |value| shape(&normal(&read(value)), &catalog, &mut Vec::new());
        let one = form(
            json!({"all": [{"attribute": "a", "is": ["x"]}, {"not": {"attribute": "b", "is": ["y"]}}]}),
        );
        let two = form(
            json!({"all": [{"attribute": "c", "is": []}, {"not": {"attribute": "b", "is": ["z", "y"]}}]}),
        );
        assert_eq!(one, two);
        assert_eq!(leaves(&one), vec![vec![0], vec![1, 0]]);
    }
}
