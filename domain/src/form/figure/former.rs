//! What only former versions asked or offered: their answers are counted all the same.

use crate::form::definition::{Ask, Form, Opt, Page, Question};
use crate::form::edit::options_mut;

/// The definition by which answers of every version are counted, of all versions, the newest
/// first: behind what the newest asks and offers stands what only former ones did.
pub fn whole(versions: &[Form]) -> Form {
    let Some((newest, former)) = versions.split_first() else { return Form::default() };
    let mut whole = newest.clone();
    let mut gone = Vec::new();
    for asked in former.iter().flat_map(Form::questions) {
        let mut known = whole.pages.iter_mut().flat_map(|page| &mut page.questions);
        match known.find(|q| q.key == asked.key) {
            Some(known) => add(known, asked),
            None => among(&mut gone, asked),
        }
    }
    if !gone.is_empty() {
        whole.pages.push(Page { questions: gone, ..Page::default() });
    }
    whole
}

fn marked(label: &str) -> String {
    format!("{label}（前の版）")
}

fn among(questions: &mut Vec<Question>, asked: &Question) {
    match questions.iter_mut().find(|q| q.key == asked.key) {
        Some(known) => add(known, asked),
        None => questions.push(Question { label: marked(&asked.label), ..asked.clone() }),
    }
}

/// Adds to a question what a former version of it offered.
fn add(known: &mut Question, former: &Question) {
    match (&mut known.ask, &former.ask) {
        (Ask::Group { questions, .. }, _) => {
            former.inner().iter().for_each(|asked| among(questions, asked));
        }
        (Ask::Matrix { rows, columns, .. }, Ask::Matrix { rows: asked, columns: offered, .. }) => {
            behind(rows, asked);
            behind(columns, offered);
        }
        (known, former) => {
            if let Some(options) = options_mut(known) {
                behind(options, former.options());
            }
        }
    }
}

/// Puts behind options those that only a former version had.
fn behind(options: &mut Vec<Opt>, former: &[Opt]) {
    for option in former {
        if !options.iter().any(|o| o.key == option.key) {
            options.push(Opt { label: marked(&option.label), ..option.clone() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::figure::Tally;
    use crate::form::{Answer, Submission, Values};

    #[test]
    fn rows_and_columns_that_are_gone_are_counted() {
        let opt = |k: &str| Opt { key: k.into(), label: k.into(), ..Opt::default() };
        let of = |version, row: &str, column: &str| {
            let (rows, columns) = (vec![opt("道"), opt(row)], vec![opt("よい"), opt(column)]);
            let ask = Ask::Matrix { rows, columns, many: false };
            let questions = vec![Question::new("each", "それぞれ", ask)];
            let pages = vec![Page { questions, ..Page::default() }];
            Form { version, pages, ..Form::default() }
        };
        let form = whole(&[of(2, "橋", "わるい"), of(1, "川", "ふつう")]);
        let mut tally = Tally::of(&form, None);
        for (version, row, column) in [(1, "川", "ふつう"), (2, "橋", "よい")] {
            let chosen = [(row.to_owned(), vec![column.to_owned()])];
            let answers = Values::from([("each".to_owned(), Answer::Matrix(chosen.into()))]);
            tally.add(&Submission { version, answers });
        }
        let (figures, _) = tally.end();
        let bars = figures[0].bars.iter().filter(|bar| bar.count > 0);
        let bars: Vec<(&str, u64)> = bars.map(|b| (b.label.as_str(), b.count)).collect();
        assert_eq!(bars, [("橋：よい", 1), ("川（前の版）：ふつう（前の版）", 1)]);
        assert_eq!(figures[0].bars.len(), 9);
    }

    #[test]
    fn what_was_asked_and_offered_before_is_counted() {
        let choice = |keys: &[&str]| {
            let option = |k: &&str| Opt { key: (*k).into(), label: (*k).into(), ..Opt::default() };
            Question::new("use", "使い方", Ask::One { options: keys.iter().map(option).collect() })
        };
        let of = |version, questions| Form {
            version,
            pages: vec![Page { questions, ..Page::default() }],
            ..Form::default()
        };
        let words = Question::new("words", "ひとこと", Ask::Text { max: 9 });
        let versions = [of(2, vec![choice(&["b", "c"])]), of(1, vec![choice(&["a", "b"]), words])];
        let form = whole(&versions);
        assert_eq!(form.version, 2);
        let mut tally = Tally::of(&form, Some(("use", "use")));
        for (version, key) in [(1, "a"), (1, "b"), (2, "c")] {
            let chosen = Answer::Chosen { keys: vec![key.into()], other: None };
            let mut answers = Values::from([("use".to_owned(), chosen)]);
            if key == "a" {
                answers.insert("words".to_owned(), Answer::Text("木".into()));
            }
            tally.add(&Submission { version, answers });
        }
        let (figures, cross) = tally.end();
        let bars: Vec<(&str, u64)> =
            figures[0].bars.iter().map(|b| (b.label.as_str(), b.count)).collect();
        assert_eq!(bars, [("b", 1), ("c", 1), ("a（前の版）", 1)]);
        assert_eq!((figures[1].label.as_str(), figures[1].answered), ("ひとこと（前の版）", 1));
        // Nobody is said not to have answered.
        let counts = cross.expect("a cross table").counts;
        assert_eq!(counts.last().map(Vec::as_slice), Some([0; 4].as_slice()));
    }
}
