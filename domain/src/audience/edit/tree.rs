//! The normal form of an audience, and the places in it.

use super::{Joint, Path};
use crate::audience::Audience;

/// A condition that is still to be chosen. It is refused wherever people are counted or written to.
pub fn blank() -> Audience {
    Audience::Attribute { key: String::new(), is: Vec::new() }
}

/// The same people in the form that the editor works on.
#[must_use]
pub fn normal(audience: &Audience) -> Audience {
    match tidy(audience) {
        group @ (Audience::All(_) | Audience::Any(_)) => group,
        other => Audience::All(vec![other]),
    }
}

pub(super) fn tidy(audience: &Audience) -> Audience {
    let list = |items: &[Audience]| {
        if items.is_empty() { vec![blank()] } else { items.iter().map(tidy).collect() }
    };
    match audience {
        Audience::All(items) => Audience::All(list(items)),
        Audience::Any(items) => Audience::Any(list(items)),
        Audience::Not(inner) => match tidy(inner) {
            Audience::Not(twice) => match *twice {
                Audience::All(mut one) | Audience::Any(mut one) if one.len() == 1 => one.remove(0),
                other => other,
            },
            group @ (Audience::All(_) | Audience::Any(_)) => Audience::Not(Box::new(group)),
            leaf => Audience::Not(Box::new(Audience::Any(vec![leaf]))),
        },
        leaf => leaf.clone(),
    }
}

/// The items of a group or of what is excluded; nothing for a condition.
pub fn items(node: &Audience) -> &[Audience] {
    match node {
        Audience::All(items) | Audience::Any(items) => items,
        Audience::Not(inner) => items(inner),
        _ => &[],
    }
}

pub(super) fn items_mut(node: &mut Audience) -> Option<&mut Vec<Audience>> {
    match node {
        Audience::All(items) | Audience::Any(items) => Some(items),
        Audience::Not(inner) => items_mut(inner),
        _ => None,
    }
}

/// How the items of a group belong together; nothing for a condition.
pub fn joint(node: &Audience) -> Option<Joint> {
    match node {
        Audience::All(_) => Some(Joint::All),
        Audience::Any(_) => Some(Joint::Any),
        Audience::Not(inner) => joint(inner),
        _ => None,
    }
}

/// The item at a place.
pub fn node<'a>(tree: &'a Audience, at: &[usize]) -> Option<&'a Audience> {
    at.iter().try_fold(tree, |node, i| items(node).get(*i))
}

pub(super) fn node_mut<'a>(tree: &'a mut Audience, at: &[usize]) -> Option<&'a mut Audience> {
    at.iter().try_fold(tree, |node, i| items_mut(node)?.get_mut(*i))
}

/// Where a place stands in the JSON that is sent: `/all/0/not/any/1`.
pub fn pointer(tree: &Audience, at: &[usize]) -> String {
    let mut out = String::new();
    let mut here = Some(tree);
    for i in at {
        let Some(node) = here else { break };
        if matches!(node, Audience::Not(_)) {
            out.push_str("/not");
        }
        out.push_str(if joint(node) == Some(Joint::Any) { "/any/" } else { "/all/" });
        out.push_str(&i.to_string());
        here = items(node).get(*i);
    }
    out
}

/// The places of all conditions, in reading order.
pub fn conditions(tree: &Audience) -> Vec<Path> {
    fn walk(node: &Audience, at: &mut Path, out: &mut Vec<Path>) {
        if joint(node).is_none() {
            out.push(at.clone());
        }
        for (i, item) in items(node).iter().enumerate() {
            at.push(i);
            walk(item, at, out);
            at.pop();
        }
    }
    let mut out = Vec::new();
    walk(tree, &mut Vec::new(), &mut out);
    out
}

/// Whether a tree is in normal form.
pub fn is_normal(tree: &Audience) -> bool {
    fn inner(node: &Audience) -> bool {
        match node {
            Audience::All(items) | Audience::Any(items) => {
                !items.is_empty() && items.iter().all(inner)
            }
            Audience::Not(group) => {
                matches!(**group, Audience::All(_) | Audience::Any(_)) && inner(group)
            }
            leaf => leaf.is_leaf(),
        }
    }
    matches!(tree, Audience::All(_) | Audience::Any(_)) && inner(tree)
}

/// Depth and number of nodes as [`Audience::parse`] counts them.
pub(super) fn size(node: &Audience) -> (usize, usize) {
    match node {
        Audience::All(items) | Audience::Any(items) => items
            .iter()
            .map(size)
            .fold((0, 1), |(depth, nodes), (d, n)| (depth.max(d + 1), nodes + n)),
        Audience::Not(inner) => {
            let (depth, nodes) = size(inner);
            (depth + 1, nodes + 1)
        }
        _ => (0, 1),
    }
}
