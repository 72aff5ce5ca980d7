//! The linter (公開前の点検): what stands against publishing a form, each with the place to
//! mend it. It blocks what has gone wrong elsewhere: results that everybody could see, an
//! address of the console instead of the form, personal data without purpose or end.

mod logic;

use super::condition::{Condition, Scope};
use super::definition::{Ask, Form, Question};
use super::expression::{Expression, Type};
use super::normal;
use super::terms::{Results, receipt};
use crate::time::Date;
use logic::Logic;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

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
const NO_VALUES: &super::Values = &BTreeMap::new();
const NO_DAY: Date = Date { year: 2026, month: 4, day: 1 };

/// Looks through a definition. Nothing found that blocks: it can be published.
pub fn lint(form: &Form) -> Vec<Finding> {
    let mut lint = Lint { form, found: Vec::new() };
    lint.terms();
    lint.questions();
    lint.logic();
    lint.texts();
    lint.found
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

    /// References, types, and what can be reached.
    fn logic(&mut self) {
        let mut before: Vec<&str> = Vec::new();
        let mut sound = true;
        let form = self.form;
        for (p, page) in form.pages.iter().enumerate() {
            for (i, question) in page.questions.iter().enumerate() {
                let at = format!("/pages/{p}/questions/{i}");
                sound &= self.refers(&at, question, None, &before);
                for (j, inner) in question.inner().iter().enumerate() {
                    let at = format!("{at}/ask/questions/{j}");
                    let siblings = question.inner().iter().take(j).map(|q| q.key.as_str());
                    let before: Vec<&str> = before.iter().copied().chain(siblings).collect();
                    sound &= self.refers(&at, inner, Some(question), &before);
                }
                before.push(&question.key);
            }
            for (s, stop) in page.stops.iter().enumerate() {
                let at = format!("/pages/{p}/stops/{s}/when");
                sound &= self.condition(&at, &stop.when, None, &before);
            }
        }
        let mut staff = Vec::new();
        let for_staff = form.for_staff();
        let mut inner = Lint { form: &for_staff, found: Vec::new() };
        for (i, question) in for_staff.questions().enumerate() {
            inner.refers(&format!("/staff/{i}"), question, None, &staff);
            staff.push(question.key.as_str());
        }
        self.found.extend(inner.found);
        if sound {
            self.reach();
        }
    }

    /// Whether all that a question refers to is there.
    fn refers(
        &mut self,
        at: &str,
        question: &Question,
        group: Option<&Question>,
        before: &[&str],
    ) -> bool {
        let mut fine = true;
        if let Some(condition) = &question.show_if {
            fine &= self.condition(&format!("{at}/show_if"), condition, group, before);
        }
        if let Ask::Calculation { formula, .. } = &question.ask {
            fine &=
                self.formula(&format!("{at}/ask/formula"), formula, Type::Number, group, before);
        }
        let own: Vec<&str> = before.iter().copied().chain([question.key.as_str()]).collect();
        for (i, check) in question.checks.iter().enumerate() {
            fine &= self.condition(&format!("{at}/checks/{i}/holds"), &check.holds, group, &own);
        }
        fine
    }

    fn known(&mut self, at: &str, names: &[String], before: &[&str]) -> bool {
        let mut fine = true;
        for name in names.iter().filter(|n| !before.contains(&n.as_str())) {
            fine = false;
            match self.form.question(name) {
                Some(q) => self.block(
                    at,
                    format!(
                        "「{}」は、この質問よりあとにあります。前にある質問だけを使えます",
                        q.label
                    ),
                ),
                None => self.block(
                    at,
                    format!("条件に使っている質問「{name}」がありません。選びなおしてください"),
                ),
            }
        }
        fine
    }

    fn formula(
        &mut self,
        at: &str,
        formula: &Expression,
        wanted: Type,
        group: Option<&Question>,
        before: &[&str],
    ) -> bool {
        if !self.known(at, &formula.names(), before) {
            return false;
        }
        let item = group.map(|g| (g, NO_VALUES));
        let scope = Scope { form: self.form, values: NO_VALUES, item, today: NO_DAY };
        match formula.type_of(&scope) {
            Ok(found) if found == wanted => true,
            Ok(found) => {
                self.block(
                    at,
                    format!(
                        "計算の答えが{}です。{}になる式にしてください",
                        found.words(),
                        wanted.words()
                    ),
                );
                false
            }
            Err(words) => {
                self.block(at, words);
                false
            }
        }
    }

    fn condition(
        &mut self,
        at: &str,
        condition: &Condition,
        group: Option<&Question>,
        before: &[&str],
    ) -> bool {
        let item = group.map(|g| (g, NO_VALUES));
        let scope = Scope { form: self.form, values: NO_VALUES, item, today: NO_DAY };
        match condition {
            Condition::All(list) | Condition::Any(list) => {
                if list.is_empty() {
                    self.block(at, "条件が空です。選ぶか、消してください");
                    return false;
                }
                let fine: Vec<bool> =
                    list.iter().map(|c| self.condition(at, c, group, before)).collect();
                fine.into_iter().all(|f| f)
            }
            Condition::Not(not) => self.condition(at, not, group, before),
            Condition::Holds(formula) => self.formula(at, formula, Type::Truth, group, before),
            other => {
                if !self.known(at, &other.names(), before) {
                    return false;
                }
                let Some(asked) = other.names().first().and_then(|n| scope.question(n)) else {
                    return false;
                };
                let words = match (other, &asked.ask) {
                    (Condition::Answered(_), _) => None,
                    (
                        Condition::Is { any_of, .. },
                        Ask::One { options } | Ask::Many { options } | Ask::Tree { options },
                    ) => any_of
                        .iter()
                        .find(|k| !options.iter().any(|o| o.key == **k) && **k != super::NOWHERE)
                        .map(|k| {
                            format!(
                                "「{}」に選択肢「{k}」はありません。選びなおしてください",
                                asked.label
                            )
                        })
                        .or_else(|| {
                            any_of.is_empty().then(|| "条件の選択肢が空です。選んでください".into())
                        }),
                    (Condition::Is { .. }, Ask::Consent { .. }) => None,
                    (
                        Condition::Number { at_least, at_most, .. },
                        Ask::Number { .. }
                        | Ask::Scale { .. }
                        | Ask::Year { .. }
                        | Ask::Calculation { .. },
                    ) => matches!((at_least, at_most), (Some(a), Some(b)) if a > b)
                        .then(|| "数の範囲が逆です".into()),
                    (Condition::Date { .. }, Ask::Date { .. }) => None,
                    (
                        Condition::Count { .. },
                        Ask::Many { .. } | Ask::Photo { .. } | Ask::File { .. } | Ask::Group { .. },
                    ) => None,
                    (
                        Condition::Text { .. },
                        Ask::Text { .. } | Ask::LongText { .. } | Ask::Telephone {} | Ask::Mail {},
                    ) => None,
                    (_, ask) => Some(format!(
                        "「{}」（{}）には、この条件は使えません",
                        asked.label,
                        ask.words()
                    )),
                };
                if let Some(words) = words {
                    self.block(at, words);
                    return false;
                }
                true
            }
        }
    }

    fn reach(&mut self) {
        let form = self.form;
        let logic = Logic::new(form);
        for (p, page) in form.pages.iter().enumerate() {
            if p > 0 && !logic.reached(p) {
                self.block(format!("/pages/{p}"), format!("{}ページ目に、どう答えてもたどりつきません。前のページの「ここで終わり」をたしかめてください", p + 1));
                break;
            }
            for (i, question) in page.questions.iter().enumerate() {
                let at = format!("/pages/{p}/questions/{i}");
                if let Some(condition) = &question.show_if
                    && let Some(possible) = logic.possible(condition, p)
                {
                    if !possible.yes {
                        self.block(
                            format!("{at}/show_if"),
                            format!(
                                "「{}」は、どう答えても出ません。条件をたしかめてください",
                                question.label
                            ),
                        );
                    } else if !possible.no {
                        self.note(
                            format!("{at}/show_if"),
                            format!("「{}」は、いつも出ます。条件は要りません", question.label),
                        );
                    }
                }
                for (c, check) in question.checks.iter().enumerate() {
                    let holds = logic.possible(&check.holds, p);
                    if holds.is_some_and(|possible| !possible.yes) {
                        self.block(
                            format!("{at}/checks/{c}/holds"),
                            format!("「{}」の確認は、どう答えても通りません", question.label),
                        );
                        continue;
                    }
                    for (key, option) in logic.dead_ends(question, &check.holds) {
                        let found = form.question(&key);
                        let label = found.map_or(key.as_str(), |q| &q.label);
                        let option = found
                            .and_then(|q| q.ask.options().iter().find(|o| o.key == option))
                            .map_or(option.as_str(), |o| &o.label);
                        self.block(
                            format!("{at}/checks/{c}/holds"),
                            format!("「{label}」で「{option}」を選ぶと、先にすすむ道がありません"),
                        );
                    }
                }
            }
            for (s, stop) in page.stops.iter().enumerate() {
                if logic.possible(&stop.when, p).is_some_and(|possible| !possible.yes) {
                    self.note(
                        format!("/pages/{p}/stops/{s}/when"),
                        "この「ここで終わり」は、どう答えても起きません",
                    );
                }
            }
        }
        if !logic.ends() {
            self.block(
                "/pages",
                "どう答えても送れません。「ここで終わり」の条件をたしかめてください",
            );
        }
    }

    /// Every text: addresses that lead to the console, places to fill in that were left.
    fn texts(&mut self) {
        let value = serde_json::to_value(self.form).unwrap_or_default();
        let mut texts = Vec::new();
        every_text(&value, String::new(), &mut texts);
        for (at, text) in texts {
            if let Some(address) = leads_astray(&text) {
                self.block(&at, format!("「{address}」は職員の画面か、外からは開けないアドレスです。フォームのアドレスに直してください"));
            }
            if let Some(mark) = super::pack::marks(&text).into_iter().next() {
                self.block(&at, format!("「{mark}」が、まだ埋まっていません"));
            }
        }
    }
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

/// The first address in a text that residents cannot or must not open.
fn leads_astray(text: &str) -> Option<&str> {
    let mut starts = text.match_indices("http").map(|(i, _)| i);
    starts.find_map(|start| {
        let rest = &text[start..];
        let end = rest
            .find(|c: char| c.is_whitespace() || !c.is_ascii() || "\"<>".contains(c))
            .unwrap_or(rest.len());
        let address = &rest[..end];
        let after = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?;
        let (host, path) = after.split_once('/').unwrap_or((after, ""));
        let host = host.rsplit('@').next().unwrap_or(host).split(':').next().unwrap_or(host);
        let staff = ["console", "api", "_sandbox", "phone"]
            .iter()
            .any(|p| path == *p || path.starts_with(&format!("{p}/")));
        let inside = host == "localhost"
            || ["127.", "10.", "192.168."].iter().any(|p| host.starts_with(p))
            || host.ends_with(".local")
            || host.ends_with(".lg.jp") && path.starts_with("console");
        (staff || inside).then_some(address)
    })
}

#[cfg(test)]
mod tests;
