//! The linter (公開前の点検): what stands against publishing a form, each with the place to
//! mend it. It blocks what has gone wrong elsewhere: results that everybody could see, an
//! address of the console instead of the form, personal data without purpose or end.

mod logic;
mod refers;

use super::definition::{Ask, Form, Question};
use super::edit::{Row, fits};
use super::normal;
use super::pack::marks;
use super::terms::{Results, receipt};
use crate::link;
use crate::time::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::net::Ipv4Addr;

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Whether it stands against publishing; else it is worth a look.
    pub blocks: bool,
    /// Where to mend it: a JSON pointer into the definition.
    pub at: String,
    /// What is wrong and what to do.
    pub message: String,
}

struct Lint<'a> {
    form: &'a Form,
    /// The city's own address.
    own: &'a str,
    found: Vec<Finding>,
}

/// Labels that ask for what is always personal.
const PERSONAL: [&str; 10] = [
    "氏名",
    "フリガナ",
    "住所",
    "電話番号",
    "生年月日",
    "メールアドレス",
    "マイナンバー",
    "個人番号",
    "口座",
    "保険証",
];
/// Labels that may.
const MAYBE: [&str; 6] = ["名前", "年齢", "病", "障害", "障がい", "勤務先"];
const NO_DAY: Date = Date { year: 2026, month: 4, day: 1 };

/// Looks through a definition. Nothing found that blocks: it can be published. `own` is the
/// city's own address, whose console nobody else may be led to; where it is not known (empty), any
/// host's console blocks, else another host's is worth a look.
pub fn lint(form: &Form, own: &str) -> Vec<Finding> {
    let mut lint = Lint { form, own, found: Vec::new() };
    lint.terms();
    lint.statuses();
    lint.questions();
    lint.logic();
    lint.texts();
    lint.found
}

/// What is found besides where no mail can be sent: those whom the form names hear nothing.
pub fn lint_unsent(form: &Form) -> Option<Finding> {
    let message = "メールの中継サーバーがまだ決まっていないため、答えが届いたことをメールで知らせられません。システムの担当に頼んでください";
    let at = "/terms/mails".to_owned();
    (!form.terms.mails.is_empty()).then(|| Finding { blocks: false, at, message: message.into() })
}

impl<'a> Lint<'a> {
    fn block(&mut self, at: impl Into<String>, message: impl Into<String>) {
        self.found.push(Finding { blocks: true, at: at.into(), message: message.into() });
    }

    fn note(&mut self, at: impl Into<String>, message: impl Into<String>) {
        self.found.push(Finding { blocks: false, at: at.into(), message: message.into() });
    }

    fn terms(&mut self) {
        let terms = &self.form.terms;
        if self.form.title.trim().is_empty() {
            self.block("/title", "題名がありません。住民が読む名前を書いてください");
        }
        if terms.purpose.trim().is_empty() {
            self.block("/terms/purpose", "利用目的が書かれていません。何に使うかを書いてください");
        }
        if terms.retention_days.is_none() {
            self.block(
                "/terms/retention_days",
                "保存する期間が決まっていません。何日で消すかを決めてください",
            );
        }
        if terms.department.trim().is_empty() {
            self.block(
                "/terms/department",
                "担当の所属が決まっていません。問い合わせ先として住民にも示します",
            );
        }
        if terms.telephone.trim().is_empty() {
            self.note(
                "/terms/telephone",
                "問い合わせの電話番号がありません。各ページの終わりに示します",
            );
        }
        if terms.mails.is_empty() {
            self.note("/terms/mails", "答えが届いたときのメールの送り先がありません");
        }
        for (i, mail) in terms.mails.iter().enumerate() {
            if normal::mail(mail).is_none() {
                self.block(
                    format!("/terms/mails/{i}"),
                    format!("「{mail}」はメールアドレスとして読み取れません"),
                );
            }
        }
        if terms.results == Results::Public {
            self.block(
                "/terms/results",
                "答えの集計を、だれでも見られる設定です。ほかの人の答えがもれるため、職員だけにしてください",
            );
        }
        if let (Some(opens), Some(closes)) = (terms.opens, terms.closes)
            && opens >= closes
        {
            self.block(
                "/terms/closes",
                "受付の終わりが、始まりより前です。日時をたしかめてください",
            );
        }
        if terms.limit == Some(0) || terms.limit_each == Some(0) {
            self.block("/terms/limit", "受付の数が0です。だれも送れません");
        }
        if let Err(words) = receipt(&terms.receipt, NO_DAY, 1) {
            self.block("/terms/receipt", words);
        }
    }

    /// The time of keeping begins with a state that ends: without one nothing is ever deleted.
    fn statuses(&mut self) {
        let statuses = &self.form.statuses;
        if !statuses.is_empty() && !statuses.iter().any(|s| s.done) {
            self.block(
                "/statuses",
                "「これで終わり」の状態がないため、答えがいつまでも消えません。手続きが済む状態に「これで終わり」をつけてください",
            );
        }
    }

    /// All questions with their places: of pages, groups and staff.
    fn placed(&self) -> Vec<(String, &'a Question, Option<&'a Question>)> {
        let mut all = Vec::new();
        let pages = self.form.pages.iter().enumerate().flat_map(|(p, page)| {
            let list = page.questions.iter().enumerate();
            list.map(move |(i, q)| (format!("/pages/{p}/questions/{i}"), q))
        });
        let staff = self.form.staff.iter().enumerate().map(|(i, q)| (format!("/staff/{i}"), q));
        for (at, question) in pages.chain(staff) {
            all.push((at.clone(), question, None));
            for (i, inner) in question.inner().iter().enumerate() {
                all.push((format!("{at}/ask/questions/{i}"), inner, Some(question)));
            }
        }
        all
    }

    fn questions(&mut self) {
        let pages = &self.form.pages;
        if !self.form.questions().any(|q| q.ask.is_answered()) {
            self.block("/pages", "質問がありません。1つ以上足してください");
        }
        for (p, page) in pages.iter().enumerate() {
            if page.questions.is_empty() {
                self.block(
                    format!("/pages/{p}"),
                    "質問のないページです。足すか、ページを消してください",
                );
            }
            for (s, stop) in page.stops.iter().enumerate() {
                if stop.message.trim().is_empty() {
                    self.block(
                        format!("/pages/{p}/stops/{s}/message"),
                        "「ここで終わり」に、理由と次にすることを書いてください",
                    );
                }
            }
        }
        let mut labels = BTreeSet::new();
        let (mut personal, mut consent) = (None, false);
        for (at, question, outer) in self.placed() {
            let staff = at.starts_with("/staff");
            let label = question.label.trim();
            if label.is_empty() && !matches!(question.ask, Ask::Explanation { .. }) {
                self.block(format!("{at}/label"), "質問の文がありません");
            } else if !label.is_empty() && !labels.insert((staff, outer.map(|o| &o.key), label)) {
                self.note(format!("{at}/label"), format!("「{label}」という質問が2つあります"));
            }
            for (i, check) in question.checks.iter().enumerate() {
                if check.message.trim().is_empty() {
                    self.block(
                        format!("{at}/checks/{i}/message"),
                        format!("「{label}」の確認に、直し方のことばがありません"),
                    );
                }
            }
            self.ask(&at, question);
            if staff {
                if outer.is_none() && !fits(&Row::Staff, question.ask.name()) {
                    self.block(
                        format!("{at}/kind"),
                        format!(
                            "「{label}」の答え方「{}」は、職員だけの欄では使えません。ほかの答え方に変えてください",
                            question.ask.words()
                        ),
                    );
                }
                continue;
            }
            consent = consent || matches!(question.ask, Ask::Consent { .. }) && question.required;
            let marked = question.personal || outer.is_some_and(|o| o.personal);
            let asks = question.ask.is_answered() && !matches!(question.ask, Ask::Consent { .. });
            if marked {
                personal.get_or_insert(at.clone());
            } else if question.ask.is_personal()
                || asks && PERSONAL.iter().any(|word| label.contains(word))
            {
                personal.get_or_insert(at.clone());
                self.block(
                    format!("{at}/personal"),
                    format!("「{label}」は個人情報です。「個人情報」の印をつけてください"),
                );
            } else if asks && MAYBE.iter().any(|word| label.contains(word)) {
                self.note(
                    format!("{at}/personal"),
                    format!(
                        "「{label}」が個人のことをたずねるなら、「個人情報」の印をつけてください"
                    ),
                );
            }
        }
        if let Some(at) = personal
            && !consent
        {
            self.block(at, "個人情報をたずねますが、利用目的への同意の質問（必須）がありません。足してください");
        }
    }

    fn ask(&mut self, at: &str, question: &Question) {
        let label = &question.label;
        let at = format!("{at}/ask");
        match &question.ask {
            Ask::One { options } | Ask::Many { options } | Ask::Tree { options } => {
                if options.len() < 2 && !matches!(question.ask, Ask::Many { .. })
                    || options.is_empty()
                {
                    self.block(format!("{at}/options"), format!("「{label}」の選択肢が足りません"));
                }
                self.options(&at, "options", label, options);
            }
            Ask::Matrix { rows, columns, .. } => {
                if rows.is_empty() || columns.len() < 2 {
                    self.block(&at, format!("「{label}」の表に、行か列が足りません"));
                }
                self.options(&at, "rows", label, rows);
                self.options(&at, "columns", label, columns);
            }
            Ask::Year { from, to } | Ask::Date { from, to } if from > to => {
                self.block(&at, format!("「{label}」の年の範囲が逆です。選べる年がありません"));
            }
            Ask::Scale { from, to, .. } if from >= to => {
                self.block(&at, format!("「{label}」の段階の範囲が逆です"));
            }
            Ask::Number { min: Some(min), max: Some(max), .. } if min > max => {
                self.block(&at, format!("「{label}」の範囲が逆です。書ける数がありません"));
            }
            Ask::Number { step: Some(step), .. } if *step <= super::Decimal::ZERO => {
                self.block(&at, format!("「{label}」のきざみは、0より大きくしてください"));
            }
            Ask::File { types, .. } if types.is_empty() => {
                self.block(&at, format!("「{label}」で送れるファイルの種類を選んでください"));
            }
            Ask::Group { questions, .. } if questions.is_empty() => {
                self.block(&at, format!("くり返し「{label}」に、質問がありません"));
            }
            Ask::Consent { text, .. } | Ask::Explanation { text } if text.trim().is_empty() => {
                self.block(format!("{at}/text"), "文がありません。書いてください");
            }
            Ask::Photo { position: true, .. } => {
                self.note(
                    format!("{at}/position"),
                    format!(
                        "「{label}」は、写真を撮った場所も受け取ります。要らなければ外してください"
                    ),
                );
            }
            _ => {}
        }
    }

    fn options(&mut self, at: &str, name: &str, label: &str, options: &[super::Opt]) {
        let mut labels = BTreeSet::new();
        for (i, option) in options.iter().enumerate() {
            let words = option.label.trim();
            if words.is_empty() {
                self.block(
                    format!("{at}/{name}/{i}/label"),
                    format!("「{label}」に、空の選択肢があります"),
                );
            } else if !labels.insert((&option.parent, words)) {
                self.block(
                    format!("{at}/{name}/{i}/label"),
                    format!("「{label}」に「{words}」が2つあります"),
                );
            }
            if let Some(parent) = &option.parent
                && !options.iter().any(|o| o.key == *parent)
            {
                self.block(
                    format!("{at}/{name}/{i}/parent"),
                    format!("「{words}」を囲む地区がありません"),
                );
            }
        }
    }

    /// Every text: addresses that lead to the console, places to fill in that were left.
    fn texts(&mut self) {
        let value = serde_json::to_value(self.form).unwrap_or_default();
        let mut texts = Vec::new();
        every_text(&value, String::new(), &mut texts);
        for (at, text) in texts {
            self.found.extend(of_text(&at, &text, self.own));
        }
    }
}

/// What in a text that residents read stands against publishing or is worth a look: an address of
/// a console, a place to fill in that was left.
pub(super) fn of_text(at: &str, text: &str, own: &str) -> impl Iterator<Item = Finding> {
    let astray = leads_astray(text, own).map(|(address, blocks)| {
        let words = if blocks {
            "は職員の画面か、外からは開けないアドレスです。フォームのアドレスに直してください"
        } else {
            "は、よその職員の画面かもしれません。住民にひらいてもらうアドレスか、確かめてください"
        };
        (blocks, format!("「{address}」{words}"))
    });
    let left = marks(text).into_iter().next();
    let left = left.map(|mark| (true, format!("「{mark}」が、まだ埋まっていません")));
    let finding = move |(blocks, message)| Finding { blocks, at: at.to_owned(), message };
    astray.into_iter().chain(left).map(finding)
}

/// Every string of a value with its pointer.
pub(super) fn every_text(value: &serde_json::Value, at: String, to: &mut Vec<(String, String)>) {
    match value {
        serde_json::Value::String(text) => to.push((at, text.clone())),
        serde_json::Value::Array(list) => {
            for (i, value) in list.iter().enumerate() {
                every_text(value, format!("{at}/{i}"), to);
            }
        }
        serde_json::Value::Object(fields) => {
            for (name, value) in fields {
                every_text(value, format!("{at}/{name}"), to);
            }
        }
        _ => {}
    }
}

/// The first address in a text that residents cannot or must not open, and that this is sure: it
/// blocks. `/phone` and the like are staff's on the city's own host alone; a pack may still name
/// the console of the city that made it, but `/console` may be anything on other hosts.
fn leads_astray<'a>(text: &'a str, own: &str) -> Option<(&'a str, bool)> {
    let own = link::host(own);
    let starts = text.match_indices("http").map(|(i, _)| i);
    let found = starts.filter_map(|start| {
        let rest = &text[start..];
        let end = rest
            .find(|c: char| c.is_whitespace() || !c.is_ascii() || "\"<>".contains(c))
            .unwrap_or(rest.len());
        let address = &rest[..end];
        let after = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?;
        let host = link::host(address)?;
        let path = after.split_once('/').map_or("", |(_, path)| path);
        let first = path.split(['/', '?', '#']).next().unwrap_or_default();
        let console = first == "console";
        let staff = match &own {
            Some(own) => *own == host && (console || ["api", "_sandbox", "phone"].contains(&first)),
            None => console,
        };
        let inside = host == "localhost"
            || host.ends_with(".local")
            || host
                .parse::<Ipv4Addr>()
                .is_ok_and(|ip| ip.is_loopback() || ip.is_private() || ip.is_link_local());
        (staff || inside || console).then_some((address, staff || inside))
    });
    found.min_by_key(|(_, blocks)| !blocks)
}

#[cfg(test)]
mod tests;
