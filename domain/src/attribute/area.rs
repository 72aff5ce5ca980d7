//! Trees of areas (区→町丁), as staff type or paste them (RES-1).

use super::{AREA_DEPTH_MAX, Choice, label_ok};
use crate::id::ChoiceId;
use crate::problem::Problem;
use std::collections::{BTreeSet, HashMap};

/// Reads an area tree as staff type or paste it: one area a line, deeper by a
/// leading space, tab or 全角 space; or as CSV/TSV, each line from the top down
/// (`東地区,東町一丁目`). Keys are kept where the label is already in `former` at
/// the same place, else made from running numbers.
///
/// # Errors
/// The lines that cannot be read.
pub fn parse_areas(text: &str, former: &[Choice]) -> Result<Vec<Choice>, Vec<Problem>> {
    let mut paths: Vec<Vec<String>> = Vec::new();
    let mut problems = Vec::new();
    let mut open: Vec<(usize, String)> = Vec::new();
    for (i, line) in text.lines().enumerate() {
        let at = format!("{}", i + 1);
        if line.trim().is_empty() {
            continue;
        }
        let path: Vec<String> = if line.contains(',') || line.trim().contains('\t') {
            line.split([',', '\t'])
                .map(|s| s.trim().trim_matches('"').to_owned())
                .filter(|s| !s.is_empty())
                .collect()
        } else {
            let indent = line.chars().take_while(|c| c.is_whitespace()).count();
            while open.last().is_some_and(|(other, _)| *other >= indent) {
                open.pop();
            }
            open.push((indent, line.trim().to_owned()));
            open.iter().map(|(_, label)| label.clone()).collect()
        };
        if path.len() > AREA_DEPTH_MAX {
            problems.push(Problem::new(at, "地域は5段までにしてください"));
        } else if let Some(bad) = path.iter().find(|l| !label_ok(l)) {
            problems.push(Problem::new(
                at,
                format!("「{bad}」は名前として使えません。1〜100文字にしてください"),
            ));
        } else {
            paths.push(path);
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let by_key: HashMap<&str, &Choice> = former.iter().map(|c| (c.key.as_str(), c)).collect();
    let former_path = |c: &Choice| -> Vec<String> {
        let mut path = vec![c.label.clone()];
        let mut at = c.parent.as_deref();
        while let Some(parent) = at.and_then(|key| by_key.get(key)) {
            path.insert(0, parent.label.clone());
            at = parent.parent.as_deref().filter(|_| path.len() <= AREA_DEPTH_MAX);
        }
        path
    };
    let known: HashMap<Vec<String>, &Choice> = former.iter().map(|c| (former_path(c), c)).collect();
    let mut used: BTreeSet<String> = former.iter().map(|c| c.key.clone()).collect();
    let mut keys: HashMap<Vec<String>, String> = HashMap::new();
    let mut choices = Vec::new();
    let mut next = 1;
    for path in paths {
        for depth in 1..=path.len() {
            let place = path[..depth].to_vec();
            if keys.contains_key(&place) {
                continue;
            }
            let former = known.get(&place);
            let key = former.map_or_else(
                || loop {
                    let key = format!("a{next}");
                    next += 1;
                    if used.insert(key.clone()) {
                        break key;
                    }
                },
                |c| c.key.clone(),
            );
            choices.push(Choice {
                id: former.map_or(ChoiceId(0), |c| c.id),
                key: key.clone(),
                label: path[depth - 1].clone(),
                parent: keys.get(&path[..depth - 1]).cloned(),
                hidden: former.is_some_and(|c| c.hidden),
            });
            keys.insert(place, key);
        }
    }
    Ok(choices)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribute::{Attribute, Kind};
    use crate::id::AttributeId;

    fn area(choices: Vec<Choice>) -> Attribute {
        Attribute {
            id: AttributeId(1),
            key: "home".into(),
            label: "お住まい".into(),
            kind: Kind::Area,
            hint: String::new(),
            required: true,
            personal: false,
            hidden: false,
            choices,
        }
    }

    #[test]
    fn areas_typed_pasted_or_from_csv_give_the_same_tree() {
        let typed = parse_areas("東地区\n　東町一丁目\n　東町二丁目\n西地区\n", &[]).unwrap();
        let csv = parse_areas("東地区,東町一丁目\n東地区,東町二丁目\n西地区,\n", &[]).unwrap();
        assert_eq!(typed, csv);
        assert_eq!(typed[1].parent.as_deref(), Some(typed[0].key.as_str()));
        assert!(area(typed).validate().is_ok());
    }

    #[test]
    fn keys_stay_when_the_tree_is_pasted_again() {
        let first = parse_areas("東地区\n 東町\n西地区\n 東町", &[]).unwrap();
        let again = parse_areas("西地区\n 東町\n 西町\n東地区\n 東町", &first).unwrap();
        for c in &first {
            assert!(
                again.iter().any(|a| a.key == c.key && a.label == c.label && a.parent == c.parent),
                "{c:?}"
            );
        }
        assert_eq!(again.len(), 5);
    }
}
