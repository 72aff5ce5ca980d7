//! What a new menu begins with (ひな形): sheets, icons and words that most cities need, so that
//! only what a tap does is left to choose.

use super::{Area, Cell, Color, Command, Icon, Layout, Look, Mark, Menu, Picture, Sheet, SheetKey};

/// A beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beginning {
    /// Its name in addresses.
    pub name: &'static str,
    /// In words.
    pub label: &'static str,
    /// What it is for.
    pub note: &'static str,
}

/// Every beginning, the usual one first.
pub const BEGINNINGS: &[Beginning] = &[
    Beginning {
        name: "tabs",
        label: "タブ3枚（くらし・手続き・防災）",
        note: "タブで切りかわる3枚のシートに、よく使うアイコンと文字が入っています",
    },
    Beginning {
        name: "six",
        label: "1枚に6つ",
        note: "よく使う6つのアイコンと文字が入った、1枚のシートです",
    },
    Beginning {
        name: "empty", label: "空のシート", note: "6つのエリアだけの、空のシートです"
    },
    Beginning {
        name: "artwork",
        label: "できあがった絵を使う",
        note: "絵をのせて、その上に押せる場所を置きます",
    },
    Beginning {
        name: "emergency",
        label: "緊急のメニュー",
        note: "避難所、避難情報、被害の通報など、災害のときに要るものが入っています",
    },
];

type Cells = [(&'static str, Icon); 6];

const LIVING: Cells = [
    ("ごみの日・分別", Icon::Garbage),
    ("子育て", Icon::Childcare),
    ("施設の予約", Icon::Booking),
    ("道路などの通報", Icon::Report),
    ("休日・夜間の病院", Icon::Hospital),
    ("市からのお知らせ", Icon::News),
];
const PAPERS: Cells = [
    ("申請・届出", Icon::Application),
    ("相談する", Icon::Consultation),
    ("健診・健康", Icon::Health),
    ("仕事をさがす", Icon::Work),
    ("よくある質問", Icon::Inquiry),
    ("受け取る情報", Icon::Settings),
];
const SAFETY: Cells = [
    ("避難所", Icon::Shelter),
    ("防災の備え", Icon::Disaster),
    ("ハザードマップ", Icon::Map),
    ("天気・警報", Icon::Weather),
    ("AEDの場所", Icon::Aed),
    ("緊急の電話", Icon::Phone),
];
const EMERGENCY: Cells = [
    ("避難所をさがす", Icon::Shelter),
    ("避難情報", Icon::Disaster),
    ("被害を知らせる", Icon::Report),
    ("ハザードマップ", Icon::Map),
    ("市からのお知らせ", Icon::News),
    ("電話をかける", Icon::Phone),
];

fn fill(areas: &mut [Area], cells: &Cells) {
    for (area, (words, icon)) in areas.iter_mut().zip(cells) {
        area.label = (*words).into();
        area.cell = Cell { mark: Mark::Icon(*icon), words: String::new() };
    }
}

impl Menu {
    /// A new menu as that beginning has it; as it was where there is no such beginning.
    #[must_use]
    pub fn begun(mut self, name: &str) -> Self {
        let [sheet] = self.sheets.as_mut_slice() else { return self };
        match name {
            "tabs" => return self.tabbed().unwrap_or_else(|menu| menu),
            "six" => fill(&mut sheet.areas, &LIVING),
            "artwork" => {
                sheet.layout = Layout::Free(sheet.rects());
                sheet.picture = Picture::Uploaded(None);
            }
            "emergency" => {
                fill(&mut sheet.areas, &EMERGENCY);
                sheet.name = "緊急".into();
                sheet.picture = Picture::Composed(Look {
                    ground: Color::BLACK,
                    accent: Color([0xa9, 0, 0]),
                    ..Look::default()
                });
            }
            _ => {}
        }
        self
    }

    fn tabbed(self) -> Result<Self, Self> {
        let sheets = [("くらし", LIVING), ("手続き", PAPERS), ("防災", SAFETY)];
        let first = self.sheets.first().map_or(SheetKey(1), |s| s.key);
        let mut menu = self.clone();
        let mut run = |command: Command| {
            menu = menu.after(&command).ok()?.0;
            Some(())
        };
        let mut all = || {
            run(Command::RenameSheet { sheet: first, name: sheets[0].0.into() })?;
            for (name, _) in &sheets[1..] {
                run(Command::AddSheet { name: (*name).into() })?;
            }
            Some(())
        };
        if all().is_none() {
            return Err(self);
        }
        let keys: Vec<SheetKey> = menu.sheets.iter().map(|s| s.key).collect();
        for sheet in keys {
            let Ok((now, _)) = menu.after(&Command::Template { sheet, name: "tabs3_six".into() })
            else {
                return Err(self);
            };
            menu = now;
        }
        let fill_in = |sheet: &mut Sheet, cells: &Cells| {
            if let Some(areas) = sheet.areas.get_mut(3..) {
                fill(areas, cells);
            }
        };
        for (sheet, (_, cells)) in menu.sheets.iter_mut().zip(&sheets) {
            fill_in(sheet, cells);
        }
        Ok(menu)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::DepartmentId;
    use crate::menu::{Act, Mode};

    #[test]
    fn only_what_a_tap_does_is_left_to_choose() {
        for beginning in BEGINNINGS {
            let menu = Menu::new("m", DepartmentId(1)).begun(beginning.name);
            let mut problems = menu.problems(Mode::Real);
            problems.retain(|p| match p.at.rsplit('/').next() {
                Some("act") => false,
                Some("picture") => beginning.name != "artwork",
                Some("label") => !["artwork", "empty"].contains(&beginning.name),
                _ => true,
            });
            assert_eq!(problems, [], "{}", beginning.name);
        }
        let tabs = Menu::new("m", DepartmentId(1)).begun("tabs");
        assert_eq!(tabs.sheets.len(), 3);
        for sheet in &tabs.sheets {
            let to: Vec<Act> = sheet.areas[..3].iter().map(|a| a.act.clone()).collect();
            assert_eq!(to, [1, 2, 3].map(|k| Act::Tab(SheetKey(k))));
            assert_eq!(sheet.areas.len(), 9);
            assert!(sheet.areas.iter().all(|a| a.cell.words.is_empty()));
        }
        let same = Menu::new("m", DepartmentId(1));
        assert_eq!(same.clone().begun("nowhere"), same);
    }
}
