//! The difference of two versions, in words for the version history.

use super::answer::Values;
use super::condition::{Condition, Scope};
use super::definition::{Ask, Form, Opt, Question};
use super::kept::Settings;
use super::terms::Status;
use crate::time::Date;
use std::collections::BTreeMap;

/// What changed from one version to another, one sentence each, in the order of the form.
pub fn difference(old: &Form, new: &Form) -> Vec<String> {
    let mut changes = Vec::new();
    renamed(&mut changes, "題名", &old.title, &new.title);
    if old.intro != new.intro {
        changes.push("はじめの説明が変わりました".into());
    }
    if old.pages.len() != new.pages.len() {
        changes.push(format!("ページが{}から{}になりました", old.pages.len(), new.pages.len()));
    }
    for (i, (former, page)) in old.pages.iter().zip(&new.pages).enumerate() {
        renamed(&mut changes, &format!("{}ページ目の題名", i + 1), &former.title, &page.title);
        if former.stops != page.stops {
            changes.push(format!("{}ページ目の「ここで終わり」が変わりました", i + 1));
        }
    }
    let list = |form: &Form| -> Vec<Question> { form.questions().cloned().collect() };
    questions(&mut changes, "", (&list(old), old), (&list(new), new));
    moved(&mut changes, old, new);
    questions(&mut changes, "職員だけの欄の", (&old.staff, old), (&new.staff, new));
    statuses(&mut changes, &old.statuses, &new.statuses);
    terms(&mut changes, old, new);
    changes
}

fn renamed(changes: &mut Vec<String>, what: &str, old: &str, new: &str) {
    if old != new {
        changes.push(format!("{what}が「{old}」から「{new}」になりました"));
    }
}

/// Questions that stand on another page: those that went together in one sentence.
fn moved(changes: &mut Vec<String>, old: &Form, new: &Form) {
    let page = |form: &Form, key: &str| {
        form.pages.iter().position(|page| page.questions.iter().any(|q| q.key == key))
    };
    let mut kept: Vec<(Option<usize>, usize, &Question)> = Vec::new();
    for (to, at) in new.pages.iter().enumerate() {
        kept.extend(at.questions.iter().map(|q| (page(old, &q.key), to, q)));
    }
    kept.retain(|(from, ..)| from.is_some());
    for together in kept.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let (Some((from, to, first)), Some((.., last))) = (together.first(), together.last())
        else {
            continue;
        };
        if *from == Some(*to) {
            continue;
        }
        let what = if together.len() == 1 {
            format!("「{}」が", first.label)
        } else {
            format!("「{}」から「{}」までが", first.label, last.label)
        };
        changes.push(format!("{what}{}ページ目へ移りました", to + 1));
    }
}

fn statuses(changes: &mut Vec<String>, old: &[Status], new: &[Status]) {
    for status in old.iter().filter(|s| !new.iter().any(|n| n.key == s.key)) {
        // What waits in it goes on in the first one.
        let to = new.first().filter(|_| !status.done).map(|first| &first.label);
        let to = to.map(|to| format!("（その状態の答えは「{to}」になります）")).unwrap_or_default();
        changes.push(format!("状態「{}」を消しました{to}", status.label));
    }
    for status in new {
        let label = format!("状態「{}」", status.label);
        let Some(was) = old.iter().find(|s| s.key == status.key) else {
            let end = if status.done { "（これで終わり）" } else { "" };
            changes.push(format!("{label}{end}を足しました"));
            continue;
        };
        if was.label != status.label {
            changes.push(format!("状態「{}」が「{}」になりました", was.label, status.label));
        }
        if was.resident != status.resident {
            let words = |status: &Status| match status.resident.as_str() {
                "" => "（なし）".to_owned(),
                words => format!("「{words}」"),
            };
            changes.push(format!(
                "{label}で申請者が読むことばが{}から{}になりました",
                words(was),
                words(status)
            ));
        }
        if was.done != status.done {
            let words = if status.done {
                "に「これで終わり」がつきました"
            } else {
                "の「これで終わり」が外れました"
            };
            changes.push(format!("{label}{words}"));
        }
    }
    let order = |list: &[Status], other: &[Status]| -> Vec<String> {
        let both = list.iter().filter(|s| other.iter().any(|o| o.key == s.key));
        both.map(|s| s.key.clone()).collect()
    };
    if order(old, new) != order(new, old) {
        changes.push("状態の順番が変わりました".into());
    }
}

fn questions(
    changes: &mut Vec<String>,
    of: &str,
    (old, former): (&[Question], &Form),
    (new, form): (&[Question], &Form),
) {
    for question in old.iter().filter(|q| !new.iter().any(|n| n.key == q.key)) {
        changes.push(format!("{of}「{}」を消しました", question.label));
    }
    for question in new {
        match old.iter().find(|q| q.key == question.key) {
            None => {
                let kind = question.ask.words();
                changes.push(format!("{of}「{}」（{kind}）を足しました", question.label));
            }
            Some(before) => one(changes, of, (before, former), (question, form)),
        }
    }
    let order = |list: &[Question], other: &[Question]| -> Vec<String> {
        let both = list.iter().filter(|q| other.iter().any(|o| o.key == q.key));
        both.map(|q| q.key.clone()).collect()
    };
    if order(old, new) != order(new, old) {
        changes.push(format!("{of}質問の順番が変わりました"));
    }
}

fn one(
    changes: &mut Vec<String>,
    of: &str,
    (old, former): (&Question, &Form),
    (new, form): (&Question, &Form),
) {
    if old == new {
        return;
    }
    let before = changes.len();
    let label = format!("{of}「{}」", new.label);
    if old.label != new.label {
        changes.push(format!("{of}「{}」の文が{label}になりました", old.label));
    }
    if old.ask.name() != new.ask.name() {
        changes.push(format!(
            "{label}の答え方が「{}」から「{}」になりました",
            old.ask.words(),
            new.ask.words()
        ));
    } else if old.ask != new.ask {
        asks(changes, &label, (&old.ask, former), (&new.ask, form));
    }
    for (was, is, on, off) in [
        (old.required, new.required, "必須になりました", "必須でなくなりました"),
        (old.personal, new.personal, "個人情報の印がつきました", "個人情報の印が外れました"),
        (
            old.correctable,
            new.correctable,
            "あとから直せるようになりました",
            "あとから直せなくなりました",
        ),
    ] {
        if was != is {
            changes.push(format!("{label}が{}", if is { on } else { off }));
        }
    }
    if old.show_if != new.show_if {
        let words = |condition: &Option<Condition>, form: &Form| {
            condition
                .as_ref()
                .map_or_else(|| "いつも".into(), |c| format!("{}のとき", told(c, form)))
        };
        changes.push(format!(
            "{label}が出るのは、{}から{}になりました",
            words(&old.show_if, former),
            words(&new.show_if, form)
        ));
    }
    if old.checks != new.checks {
        changes.push(format!("{label}の確認が変わりました"));
    }
    if changes.len() == before {
        changes.push(format!("{label}の説明が変わりました"));
    }
}

fn told(condition: &Condition, form: &Form) -> String {
    let (values, today): (Values, Date) = (BTreeMap::new(), Date::default());
    condition.words(&Scope { form, values: &values, item: None, today })
}

fn asks(
    changes: &mut Vec<String>,
    label: &str,
    (old, former): (&Ask, &Form),
    (new, form): (&Ask, &Form),
) {
    match (old, new) {
        (Ask::Group { questions: before, .. }, Ask::Group { questions: after, .. }) => {
            let length = changes.len();
            questions(changes, &format!("{label}の"), (before, former), (after, form));
            if changes.len() == length {
                changes.push(format!("{label}の回数か呼び方が変わりました"));
            }
        }
        (Ask::Calculation { formula: before, .. }, Ask::Calculation { formula: after, .. })
            if before != after =>
        {
            let (values, today): (Values, Date) = (BTreeMap::new(), Date::default());
            let words = after.words(&Scope { form, values: &values, item: None, today });
            changes.push(format!("{label}の計算が「{words}」になりました"));
        }
        (Ask::Matrix { .. }, Ask::Matrix { .. }) => {
            changes.push(format!("{label}の行か列が変わりました"));
        }
        _ if old.options() != new.options() => {
            options(changes, label, old.options(), new.options())
        }
        _ => changes.push(format!("{label}の範囲や細かい設定が変わりました")),
    }
}

fn options(changes: &mut Vec<String>, label: &str, old: &[Opt], new: &[Opt]) {
    let before = changes.len();
    for option in old.iter().filter(|o| !new.iter().any(|n| n.key == o.key)) {
        changes.push(format!("{label}の選択肢「{}」を消しました", option.label));
    }
    for option in new {
        match old.iter().find(|o| o.key == option.key) {
            None => changes.push(format!("{label}に選択肢「{}」を足しました", option.label)),
            Some(was) if was.label != option.label => changes.push(format!(
                "{label}の選択肢「{}」が「{}」になりました",
                was.label, option.label
            )),
            Some(_) => {}
        }
    }
    if changes.len() == before {
        changes.push(format!("{label}の選択肢の順番や説明が変わりました"));
    }
}

fn terms(changes: &mut Vec<String>, old: &Form, new: &Form) {
    let (old, new) = (&old.terms, &new.terms);
    for (what, was, is) in [
        ("利用目的", &old.purpose, &new.purpose),
        ("担当の所属", &old.department, &new.department),
        ("問い合わせの電話", &old.telephone, &new.telephone),
        ("問い合わせの時間", &old.hours, &new.hours),
        ("受付番号の形", &old.receipt, &new.receipt),
    ] {
        renamed(changes, what, was, is);
    }
    if old.retention_days != new.retention_days {
        let words = |days: Option<u32>| days.map_or_else(|| "未定".into(), |d| format!("{d}日"));
        changes.push(format!(
            "保存する期間が{}から{}になりました",
            words(old.retention_days),
            words(new.retention_days)
        ));
    }
    for (what, same) in [
        ("メールの送り先", old.mails == new.mails),
        ("受付の期間", (old.opens, old.closes, old.daily) == (new.opens, new.closes, new.daily)),
        ("受付の数", (old.limit, old.limit_each) == (new.limit, new.limit_each)),
        (
            "直せる期間や取り下げ",
            (old.correct_days, old.withdraw) == (new.correct_days, new.withdraw),
        ),
        ("集計を見られる人", old.results == new.results),
    ] {
        if !same {
            changes.push(format!("{what}が変わりました"));
        }
    }
}

/// What changed of what is set beside the definition, one sentence each.
pub fn beside(old: &Settings, new: &Settings) -> Vec<String> {
    let mut changes = Vec::new();
    let list = |settings: &Settings| settings.eligibility.as_ref().map(|gate| gate.list);
    match (list(old), list(new)) {
        (None, Some(_)) => {
            changes.push("名簿にのっている人だけが答えられるようになりました".into());
        }
        (Some(_), None) => {
            changes.push("名簿にのっていない人も、だれでも答えられるようになりました".into());
        }
        (before, after) if before != after => {
            changes.push("答えられる人の名簿が、別の名簿になりました".into());
        }
        _ if old.eligibility != new.eligibility => {
            changes.push("名簿から質問に先に入れておくことが変わりました".into());
        }
        _ => {}
    }
    if old.outside != new.outside {
        let words = if new.outside {
            "LINEの外でも答えられるようになりました"
        } else {
            "LINEの外では答えられなくなりました"
        };
        changes.push(words.into());
    }
    if old.notices.received != new.notices.received {
        let words = |settings: &Settings| match settings.notices.received.trim() {
            "" => "いつもの文".to_owned(),
            own => format!("「{own}」"),
        };
        changes.push(format!(
            "受け付けたとき、トークで伝えることが{}から{}になりました",
            words(old),
            words(new)
        ));
    }
    let (was, is) = (&old.notices, &new.notices);
    if (&was.correct, &was.done) != (&is.correct, &is.done) {
        changes.push("直してほしいときや終わったときに伝えることが変わりました".into());
    }
    renamed(&mut changes, "メールを送るとき", old.mailing.label(), new.mailing.label());
    changes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::Page;
    use crate::form::kept::{Gate, Issued, Mailing};
    use crate::form::pack::Notices;
    use crate::id::EligibilityId;

    fn form(questions: Vec<Question>) -> Form {
        let pages = vec![Page { questions, ..Page::default() }];
        Form { title: "申請".into(), pages, ..Form::default() }
    }

    #[test]
    fn what_changed_is_told() {
        let opt = |key: &str| Opt { key: key.into(), label: key.into(), ..Opt::default() };
        let one = |keys: &[&str]| Ask::One { options: keys.iter().map(|k| opt(k)).collect() };
        let old = form(vec![
            Question::new("use", "使いみち", one(&["a", "b"])),
            Question::new("shop", "店の名前", Ask::Text { max: 10 }),
            Question::new("old", "古い質問", Ask::Text { max: 10 }),
        ]);
        let mut shop = Question::new("shop", "店の名前", Ask::LongText { max: 10 });
        shop.show_if = Some(Condition::Is { question: "use".into(), any_of: vec!["b".into()] });
        let mut new = form(vec![
            shop,
            Question::new("use", "建物の使いみち", one(&["b", "c"])),
            Question::new("new", "新しい質問", Ask::Telephone {}),
        ]);
        new.terms.retention_days = Some(365);
        insta::assert_snapshot!(difference(&old, &new).join("\n"), @r"
        「古い質問」を消しました
        「店の名前」の答え方が「1行の文」から「長い文」になりました
        「店の名前」が出るのは、いつもから「建物の使いみち」が「b」のときになりました
        「使いみち」の文が「建物の使いみち」になりました
        「建物の使いみち」の選択肢「a」を消しました
        「建物の使いみち」に選択肢「c」を足しました
        「新しい質問」（電話番号）を足しました
        質問の順番が変わりました
        保存する期間が未定から365日になりました
        ");
        assert_eq!(difference(&new, &new), [""; 0]);
    }

    #[test]
    fn what_moves_to_another_page_is_told() {
        let text = |key: &str| Question::new(key, key, Ask::Text { max: 10 });
        let pages = |pages: &[&[&str]]| {
            let page = |keys: &&[&str]| Page {
                questions: keys.iter().map(|key| text(key)).collect(),
                ..Page::default()
            };
            Form { pages: pages.iter().map(page).collect(), ..form(Vec::new()) }
        };
        let old = pages(&[&["a", "b"], &["c", "d"]]);
        for (new, told) in [
            (pages(&[&["a"], &["b", "c", "d"]]), "「b」が2ページ目へ移りました"),
            (pages(&[&["a", "b", "c", "d"], &[]]), "「c」から「d」までが1ページ目へ移りました"),
        ] {
            assert_eq!(difference(&old, &new), [told]);
        }
        let split = pages(&[&["a", "b"], &["c"], &["d"]]);
        let told = ["ページが2から3になりました", "「d」が3ページ目へ移りました"];
        assert_eq!(difference(&old, &split), told);
    }

    #[test]
    fn what_changed_of_the_states_is_told() {
        let status = |key: &str, label: &str, done| Status {
            key: key.into(),
            label: label.into(),
            done,
            ..Status::default()
        };
        let of = |statuses: Vec<Status>| Form { statuses, ..form(Vec::new()) };
        let old = of(vec![status("new", "受付", false), status("end", "完了", false)]);
        let ended = of(vec![status("new", "受付", false), status("end", "完了", true)]);
        assert_eq!(difference(&old, &ended), ["状態「完了」に「これで終わり」がつきました"]);
        assert_eq!(difference(&ended, &old), ["状態「完了」の「これで終わり」が外れました"]);
        let told = Status { resident: "済みました".into(), ..status("end", "済", true) };
        let new = of(vec![told, status("other", "対象外", true)]);
        insta::assert_snapshot!(difference(&ended, &new).join("\n"), @r"
        状態「受付」を消しました（その状態の答えは「済」になります）
        状態「完了」が「済」になりました
        状態「済」で申請者が読むことばが（なし）から「済みました」になりました
        状態「対象外」（これで終わり）を足しました
        ");
        let lacks = of(vec![status("new", "受付", false)]);
        assert_eq!(difference(&ended, &lacks), ["状態「完了」を消しました"]);
        assert_eq!(difference(&lacks, &of(Vec::new())), ["状態「受付」を消しました"]);
        let turned = of(old.statuses.iter().rev().cloned().collect());
        assert_eq!(difference(&old, &turned), ["状態の順番が変わりました"]);
    }

    #[test]
    fn what_changed_beside_the_definition_is_told_with_it() {
        let gate = |list, prefill: &[(&str, &str)]| {
            let prefill = prefill.iter().map(|(c, q)| ((*c).to_owned(), (*q).to_owned())).collect();
            Some(Gate { list: EligibilityId(list), prefill })
        };
        let received = |words: &str| Notices { received: words.into(), ..Notices::default() };
        let old = Settings { eligibility: gate(1, &[]), ..Settings::default() };
        let open = Settings {
            outside: true,
            notices: received("窓口へ"),
            mailing: Mailing::Both,
            ..Settings::default()
        };
        insta::assert_snapshot!(beside(&old, &open).join("\n"), @r"
        名簿にのっていない人も、だれでも答えられるようになりました
        LINEの外でも答えられるようになりました
        受け付けたとき、トークで伝えることがいつもの文から「窓口へ」になりました
        メールを送るときが「届くたびに1通」から「届くたびと、毎朝のまとめの両方」になりました
        ");
        let with = |eligibility| Settings { eligibility, ..Settings::default() };
        for new in [
            with(gate(2, &[])),
            with(gate(1, &[("氏名", "name")])),
            Settings { outside: true, ..old.clone() },
            Settings { mailing: Mailing::Morning, ..old.clone() },
            Settings { notices: received("窓口へ"), ..old.clone() },
            Settings {
                notices: Notices { done: "終わりました".into(), ..Notices::default() },
                ..old.clone()
            },
        ] {
            assert_eq!(beside(&old, &new).len(), 1, "{new:?}");
            assert_eq!(beside(&new, &old).len(), 1, "{new:?}");
            assert_eq!(beside(&new, &new), [""; 0]);
        }
        // Of a version that kept no settings nothing is said but of its definition.
        let first = form(Vec::new());
        let issued = |settings| Issued { form: first.clone(), settings };
        assert_eq!(issued(None).changes(&first, Some(&open)), [""; 0]);
        assert_eq!(issued(Some(old)).changes(&first, Some(&open)).len(), 4);
    }
}
