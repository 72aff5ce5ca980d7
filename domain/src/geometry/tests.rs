use super::*;
use proptest::prelude::*;
use serde_json::json;

const LIMITS: Limits = Limits { areas: 20, side: 40 };

/// Whether the areas lie inside, do not overlap, and leave no gap.
fn tiles(areas: &[Rect], whole: Rect) -> bool {
    let ends = |r: &Rect| (r.x + r.width, r.y + r.height);
    let inside = areas.iter().all(|r| {
        let (right, foot) = ends(r);
        r.x >= whole.x
            && r.y >= whole.y
            && right <= whole.x + whole.width
            && foot <= whole.y + whole.height
    });
    let apart = areas.iter().enumerate().all(|(i, a)| {
        areas[i + 1..].iter().all(|b| {
            let ((ar, af), (br, bf)) = (ends(a), ends(b));
            ar <= b.x || br <= a.x || af <= b.y || bf <= a.y
        })
    });
    let size = |r: &Rect| u64::from(r.width) * u64::from(r.height);
    inside && apart && areas.iter().map(size).sum::<u64>() == size(&whole)
}

#[derive(Clone, Debug)]
enum Act {
    Move(usize, u32),
    Cut(usize, bool),
    Merge(usize),
    Unite(usize, usize),
    CutIn(usize, bool, usize),
    Fit(u32, u32),
    Even,
    Through,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        (0..20usize, 0..3_000u32).prop_map(|(n, to)| Act::Move(n, to)),
        (0..20usize, any::<bool>()).prop_map(|(n, columns)| Act::Cut(n, columns)),
        (0..20usize).prop_map(Act::Merge),
        (0..20usize, 0..20usize).prop_map(|(a, b)| Act::Unite(a, b)),
        (0..20usize, any::<bool>(), 2..5usize).prop_map(|(n, c, p)| Act::CutIn(n, c, p)),
        (300..3_000u32, 300..3_000u32).prop_map(|(w, h)| Act::Fit(w, h)),
        Just(Act::Even),
        Just(Act::Through),
    ]
}

proptest! {
    /// Any sequence of changes keeps the tiling exact (the JSON round trip included).
    #[test]
    fn every_change_keeps_the_tiling(
        first in 0..TEMPLATES.len(),
        size in (300..3_000u32, 300..3_000u32),
        acts in proptest::collection::vec(act(), 0..40),
    ) {
        let mut whole = Rect::whole(size.0, size.1);
        let mut tree = TEMPLATES[first].tree(whole);
        for act in acts {
            let count = tree.count();
            match act {
                Act::Move(n, to) => {
                    let new = tree.moved(whole, LIMITS, n, to);
                    prop_assert_eq!(new.count(), count);
                    tree = new;
                }
                Act::Cut(n, columns) => {
                    let axis = if columns { Axis::Columns } else { Axis::Rows };
                    if let Some(new) = tree.cut(whole, LIMITS, n, axis) {
                        prop_assert_eq!(new.count(), count + 1);
                        let (before, after) = (tree.areas(whole), new.areas(whole));
                        prop_assert_eq!(&before[..n], &after[..n]);
                        prop_assert_eq!(&before[n + 1..], &after[n + 2..]);
                        tree = new;
                    }
                }
                Act::Merge(n) => {
                    if let Some(new) = tree.merged(n) {
                        prop_assert_eq!(new.count(), count - 1);
                        let (before, after) = (tree.areas(whole), new.areas(whole));
                        prop_assert_eq!(&before[..n], &after[..n]);
                        prop_assert_eq!(&before[n + 2..], &after[n + 1..]);
                        tree = new;
                    }
                }
                Act::Unite(a, b) => {
                    if let Some((new, order)) = tree.merged_with(whole, a, b) {
                        prop_assert_eq!(new.count(), count - 1);
                        let (before, after) = (tree.areas(whole), new.areas(whole));
                        for (i, was) in order.iter().enumerate() {
                            prop_assert!(*was == a.min(b) || before[*was] == after[i]);
                        }
                        tree = new;
                    }
                }
                Act::CutIn(n, columns, parts) => {
                    let axis = if columns { Axis::Columns } else { Axis::Rows };
                    if let Some(new) = tree.cut_in(whole, LIMITS, n, axis, parts) {
                        prop_assert_eq!(new.count(), count + parts - 1);
                        tree = new;
                    }
                }
                Act::Fit(width, height) => {
                    let to = Rect::whole(width, height);
                    if let Some(new) = tree.fitted(whole, to, LIMITS) {
                        prop_assert_eq!(new.count(), count);
                        (tree, whole) = (new, to);
                    }
                }
                Act::Even => {
                    if let Some(new) = tree.evened(whole, LIMITS) {
                        prop_assert_eq!(new.count(), count);
                        tree = new;
                    }
                }
                Act::Through => {
                    let json = serde_json::to_string(&tree).unwrap();
                    prop_assert_eq!(&serde_json::from_str::<Tree>(&json).unwrap(), &tree);
                }
            }
            prop_assert_eq!(tree.fault(whole, LIMITS), None);
            let areas = tree.areas(whole);
            prop_assert!(tiles(&areas, whole));
            prop_assert!(Tree::tiled(whole, &areas).is_some());
            for border in tree.borders(whole, LIMITS) {
                prop_assert!(border.min <= border.at && border.at <= border.max);
            }
        }
    }

    /// Whatever somebody sends as a tree is refused, or tiles.
    #[test]
    fn what_is_not_refused_tiles(borders in proptest::collection::vec(0..1_200u32, 0..4), inner in proptest::collection::vec(0..1_200u32, 0..3), more in 0..3usize) {
        let whole = Rect::whole(1_040, 700);
        let rows = Tree::Rows { parts: vec![Tree::Area; inner.len() + more], rows: inner };
        let tree = Tree::Columns { parts: vec![rows; borders.len() + 1], columns: borders };
        if tree.fault(whole, LIMITS).is_none() {
            prop_assert!(tiles(&tree.areas(whole), whole));
        }
    }
}

#[test]
fn templates_tile_any_picture() {
    for template in TEMPLATES {
        for (width, height) in [(1_040, 1_040), (1_040, 700), (2_500, 843), (1_201, 811)] {
            let whole = Rect::whole(width, height);
            let tree = template.tree(whole);
            assert_eq!(tree.fault(whole, LIMITS), None, "{}", template.name);
            assert_eq!(tree.count(), template.count());
            assert!(tiles(&tree.areas(whole), whole));
        }
    }
    let whole = Rect::whole(1_040, 701);
    assert_eq!(
        serde_json::to_value(TEMPLATES[6].tree(whole)).unwrap(),
        json!({"rows": [350], "parts": [
            {"columns": [520], "parts": [null, null]},
            {"columns": [520], "parts": [null, null]},
        ]})
    );
}

#[test]
fn a_border_stops_before_the_next_one() {
    let whole = Rect::whole(900, 900);
    let tree = TEMPLATES[3].tree(whole);
    assert_eq!(
        tree.moved(whole, LIMITS, 0, 899),
        Tree::Columns { columns: vec![560, 600], parts: vec![Tree::Area; 3] }
    );
    // Also before one that lies deeper, two splits further in.
    let tree: Tree = serde_json::from_value(json!({"columns": [450], "parts": [null,
        {"rows": [450], "parts": [null, {"columns": [600], "parts": [null, null]}]}]}))
    .unwrap();
    assert_eq!(tree.fault(whole, LIMITS), None);
    assert_eq!(tree.borders(whole, LIMITS)[0].max, 560);
    assert_eq!(tree.moved(whole, LIMITS, 0, 0).borders(whole, LIMITS)[0].at, 40);
}

#[test]
fn only_neighbours_of_one_split_become_one() {
    let whole = Rect::whole(900, 900);
    let four = TEMPLATES[6].tree(whole);
    // The second and the third stand in different rows.
    assert_eq!(four.merged(1), None);
    let three = four.merged(0).unwrap();
    assert_eq!(three.count(), 3);
    assert_eq!(three.merged(1).unwrap(), TEMPLATES[2].tree(whole));
    assert_eq!(three.merged(2), None);
    assert_eq!(Tree::Area.merged(0), None);
}

#[test]
fn broken_trees_are_named() {
    let whole = Rect::whole(900, 900);
    let fault = |json: serde_json::Value| {
        serde_json::from_value::<Tree>(json).unwrap().fault(whole, LIMITS)
    };
    assert_eq!(fault(json!(null)), None);
    for broken in [
        json!({"columns": [], "parts": [null]}),
        json!({"columns": [300], "parts": [null]}),
        json!({"columns": [300], "parts": [null, null, null]}),
        json!({"columns": [0], "parts": [null, null]}),
        json!({"columns": [900], "parts": [null, null]}),
        json!({"columns": [4_000_000_000u32], "parts": [null, null]}),
        json!({"columns": [600, 300], "parts": [null, null, null]}),
        json!({"columns": [300, 300], "parts": [null, null, null]}),
        json!({"columns": [300], "parts": [null, {"columns": [600], "parts": [null, null]}]}),
    ] {
        assert_eq!(fault(broken.clone()), Some(Fault::Broken), "{broken}");
    }
    assert_eq!(fault(json!({"rows": [39], "parts": [null, null]})), Some(Fault::Narrow));
    let many = vec![json!(null); 21];
    let rows: Vec<u32> = (1..21).map(|i| i * 42).collect();
    assert_eq!(fault(json!({"rows": rows, "parts": many})), Some(Fault::Many));
    for not_one in [json!({"rows": [1]}), json!([]), json!({"rows": [1], "parts": [], "x": 1})] {
        assert!(serde_json::from_value::<Tree>(not_one).is_err());
    }
}

#[test]
fn areas_of_different_rows_become_one() {
    let whole = Rect::whole(900, 900);
    let four = TEMPLATES[6].tree(whole);
    let (tree, order) = four.merged_with(whole, 2, 0).unwrap();
    assert_eq!(
        serde_json::to_value(&tree).unwrap(),
        json!({"columns": [450], "parts": [null, {"rows": [450], "parts": [null, null]}]})
    );
    assert_eq!(order, [0, 1, 3]);
    assert_eq!(four.partners(whole, 0), [1, 2]);
    assert_eq!(four.merged_with(whole, 0, 3), None);
    assert_eq!(four.merged_with(whole, 0, 9), None);
    // A pinwheel has no border from edge to edge.
    let pin = [
        Rect { x: 0, y: 0, width: 600, height: 300 },
        Rect { x: 600, y: 0, width: 300, height: 600 },
        Rect { x: 300, y: 600, width: 600, height: 300 },
        Rect { x: 0, y: 300, width: 300, height: 600 },
        Rect { x: 300, y: 300, width: 300, height: 300 },
    ];
    assert!(tiles(&pin, whole));
    assert_eq!(Tree::tiled(whole, &pin), None);
}

#[test]
fn the_sides_of_an_area_lie_on_borders() {
    let whole = Rect::whole(900, 900);
    let six = TEMPLATES[8].tree(whole);
    let side = |area, axis, far| six.border_of(whole, LIMITS, area, axis, far);
    assert_eq!(side(0, Axis::Columns, false), None);
    assert_eq!(side(0, Axis::Columns, true), Some(1));
    assert_eq!(side(4, Axis::Columns, true), Some(4));
    assert_eq!(side(4, Axis::Rows, false), Some(0));
    assert_eq!(six.borders(whole, LIMITS)[1].between, (0, 600));
}
