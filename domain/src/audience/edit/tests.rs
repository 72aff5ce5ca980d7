use super::*;
use crate::attribute::{Attribute, Catalog, Choice, Kind};
use crate::audience::Facts;
use crate::id::{AttributeId, ChoiceId};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn catalog() -> Catalog {
    let choice = |i: i64| Choice {
        id: ChoiceId(i),
        key: format!("c{i}"),
        label: format!("C{i}"),
        parent: None,
        hidden: false,
    };
    Catalog {
        attributes: vec![Attribute {
            id: AttributeId(1),
            key: "a".into(),
            label: "A".into(),
            kind: Kind::Multiple,
            hint: String::new(),
            required: false,
            personal: false,
            hidden: false,
            choices: (1..=6).map(choice).collect(),
        }],
        ..Catalog::default()
    }
}

fn c(i: usize) -> Audience {
    Audience::Attribute { key: "a".into(), is: vec![format!("c{i}")] }
}

fn tree(value: Value) -> Audience {
    normal(&Audience::parse(&value, "").unwrap())
}

/// `[all 1 (any 2 3) -(any 4)]`, short enough to compare by eye.
fn short(node: &Audience) -> String {
    match node {
        Audience::Everyone => "*".into(),
        Audience::Attribute { is, .. } => {
            is.first().map_or_else(|| "?".into(), |k| k.trim_start_matches('c').to_owned())
        }
        Audience::Not(inner) => format!("-{}", short(inner)),
        group => {
            let word = if joint(group) == Some(Joint::All) { "all" } else { "any" };
            format!("({word} {})", items(group).iter().map(short).collect::<Vec<_>>().join(" "))
        }
    }
}

fn shown(edit: Option<Edit>) -> String {
    edit.map_or_else(|| "–".into(), |e| format!("{} @{:?}", short(&e.tree), e.at))
}

fn sample() -> Audience {
    let is = |i: usize| json!({"attribute": "a", "is": [format!("c{i}")]});
    tree(json!({"all": [is(1), {"any": [is(2), is(3)]}, {"not": {"any": [is(4), is(5)]}}]}))
}

#[test]
fn any_shape_comes_into_normal_form() {
    assert_eq!(short(&normal(&Audience::Everyone)), "(all *)");
    assert_eq!(short(&normal(&Audience::Not(Box::new(c(1))))), "(all -(any 1))");
    assert_eq!(short(&normal(&Audience::Not(Box::new(Audience::Not(Box::new(c(1))))))), "(all 1)");
    assert_eq!(short(&sample()), "(all 1 (any 2 3) -(any 4 5))");
}

#[test]
fn adding() {
    let t = sample();
    assert_eq!(shown(append(&t, &[], c(6))), "(all 1 (any 2 3) -(any 4 5) 6) @[3]");
    assert_eq!(shown(append(&t, &[2], c(6))), "(all 1 (any 2 3) -(any 4 5 6)) @[2, 2]");
    assert_eq!(shown(append(&t, &[0], c(6))), "–");
    assert_eq!(shown(join(&t, &[0], Joint::All, c(6))), "(all 1 6 (any 2 3) -(any 4 5)) @[1]");
    assert_eq!(
        shown(join(&t, &[0], Joint::Any, c(6))),
        "(all (any 1 6) (any 2 3) -(any 4 5)) @[0, 1]"
    );
    assert_eq!(shown(join(&t, &[1], Joint::Any, c(6))), "(all 1 (any 2 3 6) -(any 4 5)) @[1, 2]");
    assert_eq!(
        shown(join(&t, &[2], Joint::Any, c(6))),
        "(all 1 (any 2 3) (any -(any 4 5) 6)) @[2, 1]"
    );
    assert_eq!(shown(join(&t, &[], Joint::Any, c(6))), "(any (all 1 (any 2 3) -(any 4 5)) 6) @[1]");
    let one = normal(&c(1));
    assert_eq!(shown(join(&one, &[0], Joint::Any, c(2))), "(any 1 2) @[1]");
    assert_eq!(shown(join(&one, &[], Joint::Any, c(2))), "(any 1 2) @[1]");
}

#[test]
fn excluding() {
    assert_eq!(shown(except(&sample(), c(6))), "(all 1 (any 2 3) -(any 4 5 6)) @[2, 2]");
    assert_eq!(shown(except(&normal(&c(1)), c(6))), "(all 1 -(any 6)) @[1, 0]");
    let any = normal(&Audience::Any(vec![c(1), c(2)]));
    assert_eq!(shown(except(&any, c(6))), "(all (any 1 2) -(any 6)) @[1, 0]");
    assert_eq!(shown(negate(&sample(), &[0])), "(all -(any 1) (any 2 3) -(any 4 5)) @[0]");
    assert_eq!(shown(negate(&sample(), &[2])), "(all 1 (any 2 3) (any 4 5)) @[2]");
}

#[test]
fn removing() {
    let t = sample();
    assert_eq!(shown(remove(&t, &[0])), "(all (any 2 3) -(any 4 5)) @[0, 0]");
    assert_eq!(shown(remove(&t, &[1, 0])), "(all 1 3 -(any 4 5)) @[1]");
    assert_eq!(shown(remove(&t, &[2])), "(all 1 (any 2 3)) @[1, 1]");
    let kept = remove(&t, &[2, 0]).unwrap();
    assert_eq!(short(&kept.tree), "(all 1 (any 2 3) -(any 5))");
    assert_eq!(shown(remove(&kept.tree, &[2, 0])), "(all 1 (any 2 3)) @[1, 1]");
    assert_eq!(shown(remove(&normal(&c(1)), &[0])), "(all ?) @[0]");
    assert_eq!(shown(remove(&t, &[7])), "–");
}

#[test]
fn order_and_brackets() {
    let t = sample();
    assert_eq!(shown(shift(&t, &[0], false)), "(all (any 2 3) 1 -(any 4 5)) @[1]");
    assert_eq!(shown(shift(&t, &[0], true)), "–");
    assert_eq!(shown(step_in(&t, &[0])), "(all (any 1 2 3) -(any 4 5)) @[0, 0]");
    assert_eq!(shown(step_out(&t, &[1, 0])), "(all 1 (any 3) 2 -(any 4 5)) @[2]");
    assert_eq!(shown(step_out(&t, &[0])), "–");
    let flat = normal(&Audience::All(vec![c(1), c(2), c(3)]));
    assert_eq!(shown(step_in(&flat, &[1])), "(all (any 1 2) 3) @[0, 1]");
    assert_eq!(shown(step_in(&flat, &[0])), "(all (any 1 2) 3) @[0, 0]");
    assert_eq!(shown(gather(&flat, &[], &[0, 2], Joint::Any)), "(all (any 1 3) 2) @[0]");
    assert_eq!(shown(gather(&flat, &[], &[], Joint::Any)), "–");
    assert_eq!(shown(gather(&flat, &[], &[3], Joint::Any)), "–");
    assert_eq!(shown(ungroup(&t, &[1])), "(all 1 2 3 -(any 4 5)) @[1]");
    assert_eq!(shown(ungroup(&t, &[2])), "–");
    assert_eq!(shown(set_joint(&t, &[2], Joint::All)), "(all 1 (any 2 3) -(all 4 5)) @[2]");
}

#[test]
fn pointers_are_those_of_what_is_sent() {
    let t = sample();
    let value = serde_json::to_value(&t).unwrap();
    for at in conditions(&t) {
        let there = value.pointer(&pointer(&t, &at)).unwrap();
        assert_eq!(*there, serde_json::to_value(node(&t, &at).unwrap()).unwrap());
    }
    assert_eq!(pointer(&t, &[2, 1]), "/all/2/not/any/1");
}

fn audience() -> impl Strategy<Value = Audience> {
    let leaf = prop_oneof![6 => (1..=6usize).prop_map(c), 1 => Just(Audience::Everyone)];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Audience::All),
            prop::collection::vec(inner.clone(), 1..4).prop_map(Audience::Any),
            inner.prop_map(|a| Audience::Not(Box::new(a))),
        ]
    })
}

#[derive(Clone, Debug)]
struct Step {
    act: u8,
    place: usize,
    other: usize,
    flag: bool,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(
        (0..11u8, 0..64usize, 0..8usize, any::<bool>())
            .prop_map(|(act, place, other, flag)| Step { act, place, other, flag }),
        0..40,
    )
}

fn places(tree: &Audience) -> Vec<Path> {
    fn walk(node: &Audience, at: &mut Path, out: &mut Vec<Path>) {
        out.push(at.clone());
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

fn apply(t: &Audience, step: &Step) -> Option<Edit> {
    let places = places(t);
    let at = &places[step.place % places.len()];
    let by = if step.flag { Joint::All } else { Joint::Any };
    match step.act {
        0 => set(t, at, c(step.other % 6 + 1)),
        1 => append(t, at, c(step.other % 6 + 1)),
        2 => join(t, at, by, c(step.other % 6 + 1)),
        3 => except(t, c(step.other % 6 + 1)),
        4 => remove(t, at),
        5 => shift(t, at, step.flag),
        6 => step_in(t, at),
        7 => step_out(t, at),
        8 => gather(t, at, &[step.other, step.place % 3], by),
        9 => ungroup(t, at),
        _ if step.flag => negate(t, at),
        _ => set_joint(t, at, by),
    }
}

fn names(tree: &Audience) -> Vec<String> {
    let mut names: Vec<String> =
        conditions(tree).iter().filter_map(|at| node(tree, at)).map(short).collect();
    names.sort();
    names
}

fn people(tree: &Audience, catalog: &Catalog) -> Vec<bool> {
    let resolved = tree.resolve(catalog, "").unwrap();
    (0..64u32)
        .map(|bits| {
            resolved.matches(&Facts {
                choices: (1..=6)
                    .filter(|i| bits & (1 << (i - 1)) != 0)
                    .map(ChoiceId)
                    .collect::<BTreeSet<_>>(),
                ..Facts::default()
            })
        })
        .collect()
}

proptest! {
    /// The normal form means the same people.
    #[test]
    fn normal_form_keeps_the_meaning(audience in audience()) {
        let normal = normal(&audience);
        prop_assert!(is_normal(&normal));
        prop_assert_eq!(people(&audience, &catalog()), people(&normal, &catalog()));
    }

    /// Any sequence of steps keeps the tree well-formed, and the place that gets focus exists.
    #[test]
    fn any_sequence_of_steps_keeps_the_form(audience in audience(), steps in steps()) {
        let mut now = normal(&audience);
        for step in steps {
            let Some(edit) = apply(&now, &step) else { continue };
            prop_assert!(is_normal(&edit.tree), "{:?}: {} -> {}", step, short(&now), short(&edit.tree));
            prop_assert!(node(&edit.tree, &edit.at).is_some(), "{:?}: {} -> {:?}", step, short(&now), edit);
            if conditions(&edit.tree).iter().all(|at| node(&edit.tree, at) != Some(&blank())) {
                let value = serde_json::to_value(&edit.tree).unwrap();
                prop_assert_eq!(&Audience::parse(&value, "").unwrap(), &edit.tree);
            }
            now = edit.tree;
        }
    }

    /// Moving, bracketing and excluding lose no condition and invent none.
    #[test]
    fn moving_keeps_every_condition(audience in audience(), steps in steps()) {
        let mut now = normal(&audience);
        for step in steps.into_iter().filter(|s| s.act >= 5) {
            let Some(edit) = apply(&now, &step) else { continue };
            prop_assert_eq!(names(&now), names(&edit.tree), "{:?}: {} -> {}", step, short(&now), short(&edit.tree));
            now = edit.tree;
        }
    }

    /// Order never changes who is meant.
    #[test]
    fn order_does_not_change_the_meaning(audience in audience(), steps in steps()) {
        let mut now = normal(&audience);
        let before = people(&now, &catalog());
        for step in steps {
            if let Some(edit) = apply(&now, &Step { act: 5, ..step }) {
                now = edit.tree;
            }
        }
        prop_assert_eq!(before, people(&now, &catalog()));
    }
}
