//! What is wrong with a menu before it can be published.

use super::color::{ICON_MIN, WORDS_MIN, contrast, ratio_words};
use super::command::bare;
use super::{
    Act, Area, BAR_MAX, LABEL_MAX, Layout, Look, Mark, Menu, Mode, NAME_MAX, Picture, SHEETS_MAX,
    Sheet, SheetKey, WORDS_MAX, svg,
};
use crate::geometry::{Fault, Rect};
use crate::problem::Problem;
use std::collections::BTreeSet;

struct Check(Vec<Problem>);

impl Check {
    fn say(&mut self, at: impl Into<String>, words: impl Into<String>) {
        self.0.push(Problem::new(at, words));
    }

    /// A line of words: not empty, not too long, nothing invisible.
    fn line(&mut self, at: &str, what: &str, text: &str, max: usize, need: bool) {
        let chars = text.trim().chars().count();
        if chars == 0 && need {
            self.say(at, format!("{what}が空です。書いてください"));
        } else if chars > max {
            self.say(at, format!("{what}は{max}文字までにしてください（いま{chars}文字）"));
        } else if text.trim().chars().any(|c| c.is_control() && c != '\n') {
            self.say(at, format!("{what}に、見えない文字が入っています。打ち直してください"));
        } else if text.contains('\n') && max != WORDS_MAX {
            self.say(at, format!("{what}は1行で書いてください"));
        }
    }
}

impl Menu {
    /// What is wrong with it, each with its place (`/sheets/0/areas/3/label`). A menu without
    /// problems is one that LINE takes.
    pub fn problems(&self, mode: Mode) -> Vec<Problem> {
        let mut check = Check(Vec::new());
        check.line("/name", "メニューの名前", &self.name, NAME_MAX, true);
        check.line("/bar", "メニューバーの文字", &self.bar, BAR_MAX, true);
        if self.sheets.is_empty() {
            check.say("/sheets", "シートがありません。1枚足してください");
        } else if self.sheets.len() > SHEETS_MAX {
            check.say("/sheets", format!("シートは{SHEETS_MAX}枚までにしてください"));
        }
        let mut keys = BTreeSet::new();
        for (i, sheet) in self.sheets.iter().enumerate() {
            let at = format!("/sheets/{i}");
            if !keys.insert(sheet.key) {
                check.say(format!("{at}/key"), "同じ番号のシートがあります。作り直してください");
            }
            sheet.check(self, mode, &at, &mut check);
        }
        self.check_ways(&mut check);
        check.0
    }

    /// The same of a menu that is prepared for a disaster (`drilled`): it is shown in drills,
    /// too, where its texts and pictures carry the mark.
    pub fn problems_as(&self, drilled: bool) -> Vec<Problem> {
        let mut all = self.problems(Mode::Real);
        if drilled {
            let mut marked = self.problems(Mode::Drill);
            marked.retain(|p| !all.iter().any(|known| known.at == p.at));
            let words = |p: Problem| format!("訓練では【訓練】がつくため、{}", p.message);
            all.extend(marked.into_iter().map(|p| Problem::new(p.at.clone(), words(p))));
        }
        all
    }

    /// Tabs that lead to one sheet under another name on each sheet where they are: one place for
    /// each such sheet. Residents may not see that it is the same; it keeps nobody from publishing.
    pub fn unlike_tabs(&self) -> Vec<Problem> {
        self.sheets.iter().filter_map(|to| self.unlike(to)).collect()
    }

    fn unlike(&self, to: &Sheet) -> Option<Problem> {
        let tabs = |sheet: &Sheet| -> Vec<String> {
            let tabs = sheet.areas.iter().filter(|a| a.act == Act::Tab(to.key));
            tabs.map(|a| bare(sheet.seen(a))).filter(|words| !words.is_empty()).collect()
        };
        let rows: Vec<Vec<String>> =
            self.sheets.iter().map(tabs).filter(|row| !row.is_empty()).collect();
        // A second way there may be called as one likes.
        let first = rows.first()?;
        if first.iter().any(|words| rows.iter().all(|row| row.contains(words))) {
            return None;
        }
        let name = bare(&to.name);
        let (sheet, area) = self.sheets.iter().enumerate().find_map(|(i, sheet)| {
            let other = |a: &Area| {
                let words = bare(sheet.seen(a));
                a.act == Act::Tab(to.key) && !words.is_empty() && words != name
            };
            Some((i, sheet.areas.iter().position(other)?))
        })?;
        let shown = self.sheets[sheet].words_field(&self.sheets[sheet].areas[area]);
        let all: BTreeSet<String> =
            rows.into_iter().flatten().map(|words| format!("「{words}」")).collect();
        let words = format!(
            "シート「{}」へのタブの文字が、シートによってちがいます（{}）。同じ文字にすると、住民が迷いません",
            to.name,
            all.into_iter().collect::<String>()
        );
        Some(Problem::new(format!("/sheets/{sheet}/areas/{area}/{shown}"), words))
    }

    /// Every sheet can be reached, and left: a resident on a tab stays there for good.
    fn check_ways(&self, check: &mut Check) {
        let Some(first) = self.sheets.first() else { return };
        let mut seen = BTreeSet::from([first.key]);
        let mut open = vec![first];
        while let Some(sheet) = open.pop() {
            for next in sheet.ways() {
                if let Some(next) = self.sheet(next).filter(|s| seen.insert(s.key)) {
                    open.push(next);
                }
            }
        }
        for (i, sheet) in self.sheets.iter().enumerate() {
            let name = &sheet.name;
            if !seen.contains(&sheet.key) {
                let words = format!(
                    "シート「{name}」へ切りかえるタブが、ほかのシートにありません。動きを「シートを切りかえる」にしたエリアを足してください"
                );
                check.say(format!("/sheets/{i}"), words);
            } else if self.sheets.len() > 1 && sheet.ways().all(|k| k == sheet.key) {
                let words = format!(
                    "シート「{name}」から、ほかのシートへ戻るタブがありません。動きを「シートを切りかえる」にしたエリアを足してください"
                );
                check.say(format!("/sheets/{i}"), words);
            }
        }
    }
}

impl Sheet {
    /// What an area is known by: what is drawn, or read aloud where the picture is finished.
    fn seen<'a>(&self, area: &'a Area) -> &'a str {
        match self.picture {
            Picture::Composed(_) => svg::words_of(area),
            Picture::Uploaded(_) => &area.label,
        }
    }

    /// In which field that is written.
    fn words_field(&self, area: &Area) -> &'static str {
        match self.picture {
            Picture::Composed(_) if !area.cell.words.trim().is_empty() => "cell/words",
            _ => "label",
        }
    }

    fn ways(&self) -> impl Iterator<Item = SheetKey> + '_ {
        self.areas.iter().filter_map(|a| match a.act {
            Act::Tab(key) => Some(key),
            _ => None,
        })
    }

    fn check(&self, menu: &Menu, mode: Mode, at: &str, check: &mut Check) {
        check.line(&format!("{at}/name"), "シートの名前", &self.name, NAME_MAX, true);
        if !self.size.is_allowed() {
            check.say(
                format!("{at}/size"),
                "絵の大きさは、幅800〜2500px、高さ250px以上、幅が高さの1.45倍以上にしてください",
            );
            return;
        }
        if let Some(words) = self.layout_problem() {
            check.say(format!("{at}/layout"), words);
            return;
        }
        let rects = self.rects();
        if rects.len() != self.areas.len() {
            check.say(
                format!("{at}/areas"),
                "エリアの数と、分け方の数が合いません。型から選び直してください",
            );
            return;
        }
        let keys: BTreeSet<u16> = self.areas.iter().map(|a| a.key).collect();
        if keys.len() != self.areas.len() || keys.iter().any(|k| *k >= self.next) {
            check.say(
                format!("{at}/areas"),
                "エリアの番号が重なっています。型から選び直してください",
            );
        }
        for (i, area) in self.areas.iter().enumerate() {
            let at = format!("{at}/areas/{i}");
            check.line(&format!("{at}/label"), "読み上げることば", &area.label, LABEL_MAX, true);
            check.0.extend(area.act.problem(mode, &format!("{at}/act")));
            if let Act::Tab(key) = area.act
                && menu.sheet(key).is_none()
            {
                let words = "切りかえる先のシートがありません。選び直してください";
                check.say(format!("{at}/act/tab"), words);
            }
        }
        match &self.picture {
            Picture::Uploaded(Some(_)) => {}
            Picture::Uploaded(None) => check.say(
                format!("{at}/picture"),
                "絵がまだありません。画像を選ぶか、「絵と文字で作る」に切りかえてください",
            ),
            Picture::Composed(look) => {
                look.check(self, &format!("{at}/picture/composed"), check);
                for (i, (rect, area)) in rects.iter().zip(&self.areas).enumerate() {
                    self.check_cell((i, *rect), area, mode, &format!("{at}/areas/{i}"), check);
                }
            }
        }
    }

    fn check_cell(
        &self,
        (i, rect): (usize, Rect),
        area: &Area,
        mode: Mode,
        at: &str,
        check: &mut Check,
    ) {
        let at = format!("{at}/cell/words");
        check.line(&at, "絵の中の文字", &area.cell.words, WORDS_MAX, false);
        if !svg::laid(self, i, rect, mode).words.fits {
            check.say(
                at,
                "文字がエリアに入りきりません。文字を短くするか、2行までに分けるか、エリアを広げてください",
            );
        }
    }

    fn layout_problem(&self) -> Option<String> {
        let (whole, limits) = (self.size.whole(), self.size.limits());
        let small = || {
            Some(format!(
                "指で押すには小さすぎるエリアがあります。縦も横も{}px以上にしてください",
                limits.side
            ))
        };
        let many = || Some(format!("エリアは{}個までにしてください", limits.areas));
        match &self.layout {
            Layout::Split(tree) => match tree.fault(whole, limits)? {
                Fault::Broken => {
                    Some("エリアの分け方が正しくありません。型から選び直してください".into())
                }
                Fault::Many => many(),
                Fault::Narrow => small(),
            },
            Layout::Free(rects) => {
                let crossing =
                    |(i, a): (usize, &Rect)| rects[i + 1..].iter().any(|b| a.overlaps(*b));
                if rects.is_empty() {
                    Some("エリアがありません。1つ足してください".into())
                } else if rects.len() > limits.areas {
                    many()
                } else if rects.iter().any(|r| !r.within(whole)) {
                    Some("絵からはみ出したエリアがあります。絵の中におさめてください".into())
                } else if rects.iter().any(|r| r.width.min(r.height) < limits.side) {
                    small()
                } else if rects.iter().enumerate().any(crossing) {
                    Some("重なったエリアがあります。離してください".into())
                } else {
                    None
                }
            }
        }
    }
}

impl Look {
    fn check(&self, sheet: &Sheet, at: &str, check: &mut Check) {
        let words = contrast(self.ink, self.card);
        if words < WORDS_MIN {
            check.say(
                format!("{at}/ink"),
                format!(
                    "文字と背景の差が{}です。読みにくいので、{}以上になる色にしてください",
                    ratio_words(words),
                    ratio_words(WORDS_MIN)
                ),
            );
        }
        let accent = contrast(self.accent, self.card);
        let tabs = (0..sheet.areas.len()).any(|i| sheet.is_tab(i));
        let icons = sheet.areas.iter().any(|a| matches!(a.cell.mark, Mark::Icon(_)));
        let least = match (tabs, icons) {
            (true, _) => WORDS_MIN,
            (false, true) => ICON_MIN,
            (false, false) => return,
        };
        if accent < least {
            let what = if tabs { "タブの文字" } else { "アイコン" };
            check.say(
                format!("{at}/accent"),
                format!(
                    "{what}と背景の差が{}です。見分けにくいので、{}以上になる色にしてください",
                    ratio_words(accent),
                    ratio_words(least)
                ),
            );
        }
    }
}
