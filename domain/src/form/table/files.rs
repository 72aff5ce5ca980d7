//! Photos and files as columns of an export: of each what it is called, and where it was taken
//! if the question asks for that. There are as many columns as the answers need.

use super::Column;
use crate::form::answer::degrees;
use crate::form::{Answer, Place, Values};
use crate::id::BlobId;
use std::collections::BTreeMap;

/// How many files the answers have at most, by the key of the column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Most(BTreeMap<String, usize>);

impl Most {
    /// Looks at the files of one more answer.
    pub fn add(&mut self, values: &Values) {
        self.add_under("", values);
    }

    fn add_under(&mut self, group: &str, values: &Values) {
        for (key, answer) in values {
            match answer {
                Answer::Files(ids) => {
                    let most = self.0.entry(format!("{group}{key}")).or_default();
                    *most = ids.len().max(*most);
                }
                Answer::Group(items) => {
                    for (i, item) in items.iter().enumerate() {
                        self.add_under(&format!("{group}{key}.{i}."), item);
                    }
                }
                _ => {}
            }
        }
    }

    /// How many there are at a column; one where no answer has any, so that the question stays
    /// in the table.
    pub fn at(&self, column: &Column) -> usize {
        self.0.get(&column.key).copied().unwrap_or(0).max(1)
    }
}

/// The files of an answer at a column, in order.
pub fn at<'a>(column: &Column, values: &'a Values) -> &'a [BlobId] {
    let (key, rest) = column.key.split_once('.').unwrap_or((column.key.as_str(), ""));
    let found = match (values.get(key), rest.split_once('.')) {
        (Some(Answer::Group(items)), Some((index, inner))) => {
            index.parse::<usize>().ok().and_then(|i| items.get(i)?.get(inner))
        }
        (found, _) => found,
    };
    match found {
        Some(Answer::Files(ids)) => ids,
        _ => &[],
    }
}

/// The heads of the columns that tell where a file was taken.
pub fn place_heads(label: &str) -> [String; 2] {
    ["緯度", "経度"].map(|part| format!("{label}（撮った場所の{part}）"))
}

/// Their cells; empty where it is not known.
pub fn place_cells(place: Option<&Place>) -> [String; 2] {
    place.map_or_else(Default::default, |p| [degrees(p.latitude), degrees(p.longitude)])
}

#[cfg(test)]
mod tests {
    use super::super::{columns, most_items};
    use super::*;
    use crate::form::{Ask, Form, Page, Question, Submission};

    #[test]
    fn files_are_found_where_they_were_given() {
        let photo = |max| Ask::Photo { max, position: true };
        let inner = vec![Question::new("tooth", "歯", photo(1))];
        let group = Ask::Group { item: "犬".into(), min: 0, max: 3, questions: inner };
        let questions = vec![
            Question::new("photo", "写真", photo(3)),
            Question::new("dogs", "犬", group),
            Question::new("words", "ことば", Ask::Text { max: 9 }),
        ];
        let page = Page { questions, ..Page::default() };
        let form = Form { pages: vec![page], ..Form::default() };
        let id = |n: u8| BlobId::from_random([n; 20]);
        let tooth = |n| Values::from([("tooth".to_owned(), Answer::Files(vec![id(n)]))]);
        let answers = Values::from([
            ("photo".to_owned(), Answer::Files(vec![id(1), id(2)])),
            ("dogs".to_owned(), Answer::Group(vec![Values::new(), tooth(3)])),
        ]);
        let submission = Submission { version: 1, answers };
        let columns = columns(&form, most_items([&submission].into_iter()));
        let mut most = Most::default();
        most.add(&submission.answers);
        let asked: Vec<_> = columns.iter().map(|c| (c.key.as_str(), c.files)).collect();
        assert_eq!(
            asked,
            [
                ("photo", Some(true)),
                ("dogs.0.tooth", Some(true)),
                ("dogs.1.tooth", Some(true)),
                ("words", None)
            ]
        );
        let found: Vec<_> = columns.iter().map(|c| at(c, &submission.answers).to_vec()).collect();
        assert_eq!(found, [vec![id(1), id(2)], vec![], vec![id(3)], vec![]]);
        assert_eq!([most.at(&columns[0]), most.at(&columns[1])], [2, 1]);
        let place = Place { latitude: 35_681_236, longitude: -139_767_125, ..Place::default() };
        assert_eq!(place_cells(Some(&place)), ["35.681236", "-139.767125"]);
        assert_eq!(place_cells(None), ["", ""]);
    }
}
