//! Editing an audience: every step of the editor as a pure function (SEG-1).
//!
//! The editor works on the [`normal`] form: the root is a group, a group holds at
//! least one item, and what is excluded (のぞく) is a group inside [`Audience::Not`].
//! Items are found by [`Path`]; a `Not` and its group are one place. Every step
//! keeps the form and the limits of [`Audience::parse`], or does nothing (`None`).

mod tree;

pub use self::tree::{blank, conditions, is_normal, items, joint, node, normal, pointer};

use self::tree::{items_mut, node_mut, size, tidy};
use super::{Audience, DEPTH_MAX, NODES_MAX};

/// From the root, the index of the item at each level; empty is the root itself.
pub type Path = Vec<usize>;

/// How the items of a group belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joint {
    /// かつ
    All,
    /// または
    Any,
}

impl Joint {
    /// 「かつ」「または」
    pub fn word(self) -> &'static str {
        match self {
            Self::All => "かつ",
            Self::Any => "または",
        }
    }

    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::All => Self::Any,
            Self::Any => Self::All,
        }
    }

    fn group(self, items: Vec<Audience>) -> Audience {
        match self {
            Self::All => Audience::All(items),
            Self::Any => Audience::Any(items),
        }
    }
}

/// What a step leaves: the tree, and where the item now is that the step was about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The new tree, in normal form.
    pub tree: Audience,
    /// The place that should have focus.
    pub at: Path,
}

fn done(tree: Audience, at: Path) -> Option<Edit> {
    let (depth, nodes) = size(&tree);
    (depth <= DEPTH_MAX && nodes <= NODES_MAX).then_some(Edit { tree, at })
}

fn below(parent: &[usize], i: usize) -> Path {
    let mut at = parent.to_vec();
    at.push(i);
    at
}

/// Puts another item in the place of one.
pub fn set(tree: &Audience, at: &[usize], item: Audience) -> Option<Edit> {
    if at.is_empty() {
        return done(normal(&item), Vec::new());
    }
    let mut tree = tree.clone();
    *node_mut(&mut tree, at)? = tidy(&item);
    done(tree, at.to_vec())
}

/// Adds an item at the end of a group.
pub fn append(tree: &Audience, group: &[usize], item: Audience) -> Option<Edit> {
    let mut tree = tree.clone();
    let list = items_mut(node_mut(&mut tree, group)?)?;
    list.push(tidy(&item));
    let last = list.len() - 1;
    done(tree, below(group, last))
}

/// Joins an item to the one at a place by かつ or または: beside it where its
/// group already says so, else in brackets of its own.
pub fn join(tree: &Audience, at: &[usize], by: Joint, item: Audience) -> Option<Edit> {
    let here = node(tree, at)?;
    if joint(here) == Some(by) && !matches!(here, Audience::Not(_)) {
        return append(tree, at, item);
    }
    let Some((i, parent)) = at.split_last() else {
        if items(here).len() == 1 {
            return append(&by.group(items(here).to_vec()), at, item);
        }
        return done(by.group(vec![here.clone(), tidy(&item)]), vec![1]);
    };
    let around = node(tree, parent)?;
    let mut new = tree.clone();
    if items(around).len() == 1 {
        relabel(node_mut(&mut new, parent)?, by);
    } else if joint(around) != Some(by) {
        *node_mut(&mut new, at)? = by.group(vec![here.clone(), tidy(&item)]);
        return done(new, below(at, 1));
    }
    items_mut(node_mut(&mut new, parent)?)?.insert(i + 1, tidy(&item));
    done(new, below(parent, i + 1))
}

/// Excludes an item from everything that the tree says.
pub fn except(tree: &Audience, item: Audience) -> Option<Edit> {
    let mut root = match tree {
        Audience::Any(list) if list.len() > 1 => vec![tree.clone()],
        other => items(other).to_vec(),
    };
    let last = root.len().checked_sub(1)?;
    if let Some(Audience::Not(group)) = root.last_mut()
        && let Audience::Any(list) = group.as_mut()
    {
        list.push(tidy(&item));
        let at = vec![last, list.len() - 1];
        return done(Audience::All(root), at);
    }
    root.push(Audience::Not(Box::new(Audience::Any(vec![tidy(&item)]))));
    done(Audience::All(root), vec![last + 1, 0])
}

/// Removes an item; brackets that hold nothing more, or only one item, go with
/// it. After the last one an empty condition remains.
pub fn remove(tree: &Audience, at: &[usize]) -> Option<Edit> {
    node(tree, at)?;
    let before = conditions(tree).iter().position(|c| c.starts_with(at)).unwrap_or(0);
    let mut new = tree.clone();
    let mut at = at;
    loop {
        let Some((i, parent)) = at.split_last() else {
            new = Audience::All(vec![blank()]);
            break;
        };
        let around = node_mut(&mut new, parent)?;
        let excluded = matches!(around, Audience::Not(_));
        let list = items_mut(around)?;
        if list.len() > 1 {
            list.remove(*i);
            if list.len() == 1 && !excluded && !parent.is_empty() {
                *around = list.remove(0);
            }
            break;
        }
        at = parent;
    }
    let left = conditions(&new);
    let focus = left.get(before.min(left.len().saturating_sub(1))).cloned().unwrap_or_default();
    done(new, focus)
}

/// Changes places with the item before (`up`) or after it in the same brackets.
pub fn shift(tree: &Audience, at: &[usize], up: bool) -> Option<Edit> {
    let (i, parent) = at.split_last()?;
    let to = if up { i.checked_sub(1)? } else { i + 1 };
    let mut tree = tree.clone();
    let list = items_mut(node_mut(&mut tree, parent)?)?;
    if to >= list.len() {
        return None;
    }
    list.swap(*i, to);
    done(tree, below(parent, to))
}

/// Into brackets: those just before or just after it, else new ones together with its neighbour.
pub fn step_in(tree: &Audience, at: &[usize]) -> Option<Edit> {
    let (&i, parent) = at.split_last()?;
    let around = node(tree, parent)?;
    let holds =
        |i: Option<usize>| i.and_then(|i| items(around).get(i)).is_some_and(|n| joint(n).is_some());
    let mut new = tree.clone();
    let list = items_mut(node_mut(&mut new, parent)?)?;
    if holds(i.checked_sub(1)) {
        let moved = list.remove(i);
        let into = items_mut(list.get_mut(i - 1)?)?;
        into.push(moved);
        let last = into.len() - 1;
        return done(new, below(&below(parent, i - 1), last));
    }
    if holds(Some(i + 1)) {
        let moved = list.remove(i);
        items_mut(list.get_mut(i)?)?.insert(0, moved);
        return done(new, below(at, 0));
    }
    // Brackets around everything in brackets would say nothing new.
    if list.len() < 2 || (list.len() == 2 && !parent.is_empty()) {
        return None;
    }
    let first = i.saturating_sub(1);
    let edit = gather(tree, parent, &[first, first + 1], joint(around)?.other())?;
    let at = below(&edit.at, i - first);
    Some(Edit { at, ..edit })
}

/// Out of the brackets, to just behind them.
pub fn step_out(tree: &Audience, at: &[usize]) -> Option<Edit> {
    let (&i, parent) = at.split_last()?;
    let (&p, outer) = parent.split_last()?;
    let mut tree = tree.clone();
    let list = items_mut(node_mut(&mut tree, parent)?)?;
    if i >= list.len() {
        return None;
    }
    let moved = list.remove(i);
    let emptied = list.is_empty();
    let around = items_mut(node_mut(&mut tree, outer)?)?;
    if emptied {
        around[p] = moved;
        return done(tree, parent.to_vec());
    }
    around.insert(p + 1, moved);
    done(tree, below(outer, p + 1))
}

/// Puts items of one group into brackets (かっこでまとめる), where the first of them was.
pub fn gather(tree: &Audience, group: &[usize], chosen: &[usize], by: Joint) -> Option<Edit> {
    let mut tree = tree.clone();
    let list = items_mut(node_mut(&mut tree, group)?)?;
    let first = *chosen.iter().min()?;
    if chosen.iter().any(|i| *i >= list.len()) {
        return None;
    }
    let (mut taken, mut left) = (Vec::new(), Vec::new());
    for (i, item) in std::mem::take(list).into_iter().enumerate() {
        if chosen.contains(&i) { taken.push(item) } else { left.push(item) }
    }
    left.insert(first, by.group(taken));
    *list = left;
    done(tree, below(group, first))
}

/// Takes brackets away (かっこを外す): their items stand in the group around them.
pub fn ungroup(tree: &Audience, at: &[usize]) -> Option<Edit> {
    let (&i, parent) = at.split_last()?;
    let inside = match node(tree, at)? {
        Audience::All(list) | Audience::Any(list) => list.clone(),
        _ => return None,
    };
    let mut tree = tree.clone();
    items_mut(node_mut(&mut tree, parent)?)?.splice(i..=i, inside);
    done(tree, at.to_vec())
}

/// Excludes what was included, or the other way round.
pub fn negate(tree: &Audience, at: &[usize]) -> Option<Edit> {
    let here = node(tree, at)?.clone();
    if at.is_empty() {
        return done(Audience::All(vec![Audience::Not(Box::new(here))]), vec![0]);
    }
    let mut tree = tree.clone();
    *node_mut(&mut tree, at)? = tidy(&Audience::Not(Box::new(here)));
    done(tree, at.to_vec())
}

fn relabel(node: &mut Audience, by: Joint) {
    match node {
        Audience::Not(inner) => relabel(inner, by),
        Audience::All(items) | Audience::Any(items) => {
            let items = std::mem::take(items);
            *node = by.group(items);
        }
        _ => {}
    }
}

/// Says かつ or または between the items of a group.
pub fn set_joint(tree: &Audience, at: &[usize], by: Joint) -> Option<Edit> {
    joint(node(tree, at)?)?;
    let mut tree = tree.clone();
    relabel(node_mut(&mut tree, at)?, by);
    done(tree, at.to_vec())
}

#[cfg(test)]
mod tests;
