//! What is lost with a choice: the answers of those who chose it, and conditions that name it.

use domain::attribute::{Choice, Uses};
use domain::id::ChoiceId;
use ui::prelude::thousands;

/// How many residents chose a choice.
pub(crate) fn chosen_by(uses: &Uses, id: ChoiceId) -> i64 {
    uses.choices.iter().find(|(other, _)| *other == id).map_or(0, |(_, n)| *n)
}

/// What is lost if these choices are deleted: nothing, or sentences for the dialog.
pub(crate) fn loss(uses: &Uses, gone: &[Choice]) -> Option<Vec<String>> {
    let answers: i64 = gone.iter().map(|c| chosen_by(uses, c.id)).sum();
    let mut users: Vec<&str> = uses
        .choices_by
        .iter()
        .filter(|(key, _)| gone.iter().any(|c| c.key == *key))
        .map(|(_, name)| name.as_str())
        .collect();
    users.sort_unstable();
    users.dedup();
    let first = gone.first()?;
    if answers == 0 && users.is_empty() {
        return None;
    }
    let what = if gone.len() == 1 {
        format!("「{}」を消します。", first.label)
    } else {
        format!("「{}」など {}を消します。", first.label, domain::time::things(gone.len()))
    };
    let mut words = vec![if answers > 0 {
        format!(
            "{what}選んでいた人の答え のべ {}人分も消え、元にもどせません。",
            thousands(answers)
        )
    } else {
        what
    }];
    if !users.is_empty() {
        let names: Vec<String> = users.iter().take(5).map(|n| format!("「{n}」")).collect();
        let more = if users.len() > 5 {
            format!(" ほか {}", domain::time::things(users.len() - 5))
        } else {
            String::new()
        };
        words.push(format!(
            "{}{more}の条件で使っています。消すと、その条件を直すまで、送れなくなったり、メニューが変わらなくなったりします。",
            names.concat()
        ));
    }
    words.push(
        "新しい答えに出さないだけなら、「かくす」を使えば、選んだ人の答えは残ります。".into(),
    );
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(id: i64, key: &str) -> Choice {
        Choice {
            id: ChoiceId(id),
            key: key.into(),
            label: key.to_uppercase(),
            parent: None,
            hidden: false,
        }
    }

    #[test]
    fn a_loss_says_whom_and_what() {
        let uses = Uses {
            by: vec!["図書館".into()],
            choices_by: vec![("a".into(), "図書館".into())],
            residents: 5,
            choices: vec![(ChoiceId(1), 1204)],
        };
        assert_eq!(loss(&uses, &[]), None);
        assert_eq!(loss(&uses, &[choice(2, "b")]), None);
        let words = loss(&uses, &[choice(1, "a")]).unwrap();
        assert!(words[0].contains("1,204人") && words[1].contains("図書館"), "{words:?}");
    }
}
