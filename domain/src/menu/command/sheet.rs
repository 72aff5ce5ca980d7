//! Commands that change one sheet.

use super::tab::spelled;
use super::{Command, Done, NO_AREA, NO_BORDER, NO_SHEET};
use crate::geometry::{Axis, Border, Rect, Tree};
use crate::menu::say::{self, named};
use crate::menu::template::Template;
use crate::menu::{Act, Area, Layout, Mark, Picture, Sheet, SheetKey, Size};

impl Sheet {
    pub(super) fn apply(&mut self, command: &Command) -> Done {
        match command {
            Command::Resize { size, .. } => self.resize(*size),
            Command::SetPicture { picture, .. } => {
                let former = std::mem::replace(&mut self.picture, picture.clone());
                Ok(match (&former, picture) {
                    (Picture::Composed(was), Picture::Composed(now)) => match &now.backdrop {
                        backdrop if *backdrop == was.backdrop => "色を変えました",
                        Some(_) => "背景の写真を変えました",
                        None => "背景の写真を外しました",
                    },
                    (Picture::Uploaded(Some(_)), Picture::Uploaded(Some(_))) => {
                        "できあがった絵を取りかえました"
                    }
                    (_, Picture::Uploaded(_)) => "できあがった絵を使うようにしました",
                    (_, Picture::Composed(_)) => "絵と文字で作るようにしました",
                }
                .into())
            }
            Command::Loosen { .. } => {
                self.layout = Layout::Free(self.rects());
                Ok("エリアを自由に動かせるようにしました".into())
            }
            Command::Tighten { .. } => self.tighten(),
            Command::Cut { area, axis, at, .. } => {
                let (whole, limits) = (self.size.whole(), self.size.limits());
                let tree = self.cuts()?.cut_at(whole, limits, *area, *axis, *at);
                self.cut(*area, *axis, tree)
            }
            Command::CutIn { area, axis, parts, .. } => {
                let (whole, limits) = (self.size.whole(), self.size.limits());
                let tree = self.cuts()?.cut_in(whole, limits, *area, *axis, *parts);
                self.cut(*area, *axis, tree)
            }
            Command::Merge { area, with, .. } => self.merge(*area, *with),
            Command::Move { border, to, .. } => self.shift(*border, |_| *to),
            Command::Nudge { border, by, .. } => {
                self.shift(*border, |b| b.at.saturating_add_signed(*by))
            }
            Command::Snap { border, parts, .. } => {
                let parts = (*parts).max(2);
                self.shift(*border, |b| {
                    let (from, to) = b.span;
                    let places = (1..parts)
                        .map(|i| from + (to - from) / parts * i + (to - from) % parts * i / parts);
                    places.min_by_key(|at| at.abs_diff(b.at)).unwrap_or(b.at)
                })
            }
            Command::Even { .. } => {
                let even = self.cuts()?.evened(self.size.whole(), self.size.limits());
                self.layout = Layout::Split(even.ok_or(say::TOO_SMALL)?);
                Ok("すべてのエリアを等分にしました".into())
            }
            Command::SetSide { area, side, to, .. } => {
                let (axis, far) = side.axis();
                let (whole, limits) = (self.size.whole(), self.size.limits());
                self.rects().get(*area).ok_or(NO_AREA)?;
                let border = self.cuts()?.border_of(whole, limits, *area, axis, far);
                let border = border.ok_or("この辺は絵の端なので、動かせません")?;
                self.shift(border, |_| *to)
            }
            Command::SetRect { area, rect, .. } => self.set_rect(*area, *rect),
            Command::AddRect { rect, .. } => self.add_rect(*rect),
            Command::RemoveRect { area, .. } => {
                let name = named(self, *area);
                let count = self.free()?.len();
                if *area >= count {
                    return Err(NO_AREA.into());
                }
                if count == 1 {
                    return Err("エリアは1つは要ります".into());
                }
                self.free()?.remove(*area);
                self.areas.remove(*area);
                Ok(format!("{name}を消しました"))
            }
            Command::SetMark { area, mark, .. } => {
                self.area_mut(*area)?.cell.mark = mark.clone();
                let what = match mark {
                    Mark::None => "なし".to_owned(),
                    Mark::Icon(icon) => format!("「{}」", icon.label()),
                    Mark::Picture(_) => "自分の絵".into(),
                };
                Ok(format!("{}のアイコンを{what}にしました", named(self, *area)))
            }
            Command::Paste { area, from, .. } => {
                let to = self.area_mut(*area)?;
                *to = Area { key: to.key, ..(**from).clone() };
                Ok(match from.label.trim() {
                    _ if from.is_empty() => format!("エリア{}を空にしました", area + 1),
                    "" => format!("エリア{}に、写したものを貼りつけました", area + 1),
                    label => format!("エリア{}に「{label}」を写しました", area + 1),
                })
            }
            Command::Exchange { area, with, .. } => {
                let count = self.areas.len();
                if *area >= count || *with >= count {
                    return Err(NO_AREA.into());
                }
                self.areas.swap(*area, *with);
                Ok(format!("エリア{}とエリア{}の中身を入れかえました", area + 1, with + 1))
            }
            // Those of the menu come to `Menu::apply`.
            _ => Err(NO_SHEET.into()),
        }
    }

    pub(super) fn area_mut(&mut self, area: usize) -> Result<&mut Area, String> {
        self.areas.get_mut(area).ok_or_else(|| NO_AREA.into())
    }

    /// The cuts without fault.
    fn cuts(&self) -> Result<&Tree, String> {
        let (whole, limits) = (self.size.whole(), self.size.limits());
        match &self.layout {
            Layout::Split(tree) if tree.fault(whole, limits).is_none() => Ok(tree),
            Layout::Split(_) => {
                Err("エリアの分け方が正しくありません。型から選び直してください".into())
            }
            Layout::Free(_) => {
                Err("自由に置いたエリアは分けられません。型から選び直すと分けられます".into())
            }
        }
    }

    fn free(&mut self) -> Result<&mut Vec<Rect>, String> {
        match &mut self.layout {
            Layout::Free(rects) => Ok(rects),
            Layout::Split(_) => {
                Err("分け方で作ったエリアです。境界を動かすか、「自由に置く」に切りかえてください"
                    .into())
            }
        }
    }

    fn cut(&mut self, area: usize, axis: Axis, tree: Option<Tree>) -> Done {
        if area >= self.areas.len() {
            return Err(NO_AREA.into());
        }
        let Some(tree) = tree else {
            let full = self.areas.len() >= self.size.limits().areas;
            return Err(if full { say::TOO_MANY } else { say::TOO_SMALL }.into());
        };
        let name = named(self, area);
        let more = tree.count().saturating_sub(self.areas.len());
        for i in 1..=more {
            let fresh = self.fresh();
            self.areas.insert((area + i).min(self.areas.len()), fresh);
        }
        self.layout = Layout::Split(tree);
        let sizes: Vec<Rect> = self.rects().into_iter().skip(area).take(more + 1).collect();
        Ok(format!("{name}を{}。{}", say::cut_word(axis, more + 1), say::sizes(axis, &sizes)))
    }

    fn merge(&mut self, area: usize, with: usize) -> Done {
        let (a, b) = (area.min(with), area.max(with));
        if b >= self.areas.len() || a == b {
            return Err(NO_AREA.into());
        }
        let merged = self.cuts()?.merged_with(self.size.whole(), a, b);
        let (tree, order) = merged.ok_or(
            "この2つは、つなげても四角になりません。辺の長さがそろった、となりのエリアを選んでください",
        )?;
        // The first keeps what it is, unless only the second is anything.
        let (keep, lose) =
            if self.areas[a].is_empty() && !self.areas[b].is_empty() { (b, a) } else { (a, b) };
        let lost = self.areas[lose].clone();
        let areas = order.iter().map(|was| self.areas[if *was == a { keep } else { *was }].clone());
        self.areas = areas.collect();
        self.layout = Layout::Split(tree);
        let now = order.iter().position(|was| *was == a).unwrap_or(0);
        let rect = self.rects().get(now).copied().unwrap_or(self.size.whole());
        let lost = if lost.is_empty() {
            String::new()
        } else {
            format!("。「{}」の動きはなくなりました", say::label_of(&lost))
        };
        Ok(format!("エリア{}とエリア{}を結合しました。{}{lost}", a + 1, b + 1, say::size(rect)))
    }

    fn shift(&mut self, number: usize, to: impl Fn(&Border) -> u32) -> Done {
        let (whole, limits) = (self.size.whole(), self.size.limits());
        let tree = self.cuts()?;
        let was = *tree.borders(whole, limits).get(number).ok_or(NO_BORDER)?;
        let wanted = to(&was);
        let tree = tree.moved(whole, limits, number, wanted);
        let now = *tree.borders(whole, limits).get(number).ok_or(NO_BORDER)?;
        if now.at == was.at {
            return Err(say::stays(was, wanted));
        }
        self.layout = Layout::Split(tree);
        Ok(say::moved(was, now, wanted))
    }

    fn resize(&mut self, size: Size) -> Done {
        if !size.is_allowed() {
            return Err(
                "絵の大きさは、幅800〜2500px、高さ250px以上、幅が高さの1.45倍以上にしてください"
                    .into(),
            );
        }
        let (from, to) = (self.size.whole(), size.whole());
        let layout = match &self.layout {
            Layout::Split(tree) => tree.fitted(from, to, size.limits()).map(Layout::Split),
            Layout::Free(rects) => {
                let scale = |at: u32, was: u32, is: u32| {
                    u32::try_from(u64::from(at) * u64::from(is) / u64::from(was.max(1))).ok()
                };
                let rects = rects.iter().map(|r| {
                    let x = scale(r.x, from.width, to.width)?;
                    let y = scale(r.y, from.height, to.height)?;
                    let right = scale(r.x.checked_add(r.width)?, from.width, to.width)?;
                    let foot = scale(r.y.checked_add(r.height)?, from.height, to.height)?;
                    let (width, height) = (right - x, foot - y);
                    (width.min(height) >= size.limits().side).then_some(Rect {
                        x,
                        y,
                        width,
                        height,
                    })
                });
                rects.collect::<Option<Vec<_>>>().map(Layout::Free)
            }
        };
        self.layout = layout.ok_or(say::TOO_SMALL)?;
        self.size = size;
        Ok(format!("絵の大きさを{}にしました", size.label()))
    }

    fn tighten(&mut self) -> Done {
        let (whole, limits) = (self.size.whole(), self.size.limits());
        let rects = self.free()?.clone();
        let apart = rects
            .iter()
            .enumerate()
            .all(|(i, a)| a.within(whole) && rects[i + 1..].iter().all(|b| !a.overlaps(*b)));
        let tree = Tree::tiled(whole, &rects).filter(|t| apart && t.fault(whole, limits).is_none());
        let tree = tree.ok_or(
            "すきまや重なりがあるので、境界で分ける形にはできません。エリアで絵をすきまなくうめるか、型から選んでください",
        )?;
        let order = tree.areas(whole);
        let areas = order.iter().map(|r| {
            rects.iter().position(|was| was == r).and_then(|i| self.areas.get(i)).cloned()
        });
        self.areas = areas.collect::<Option<_>>().ok_or(NO_AREA)?;
        self.layout = Layout::Split(tree);
        Ok("境界で分ける形にしました".into())
    }

    fn set_rect(&mut self, area: usize, rect: Rect) -> Done {
        self.placed(rect, Some(area))?;
        let slot = self.free()?.get_mut(area).ok_or(NO_AREA)?;
        *slot = rect;
        Ok(format!("{}を{}にしました", named(self, area), say::place(rect)))
    }

    fn add_rect(&mut self, rect: Rect) -> Done {
        self.free()?;
        if self.areas.len() >= self.size.limits().areas {
            return Err(say::TOO_MANY.into());
        }
        self.placed(rect, None)?;
        self.free()?.push(rect);
        let fresh = self.fresh();
        self.areas.push(fresh);
        Ok(format!("エリア{}を足しました。{}", self.areas.len(), say::place(rect)))
    }

    /// Whether a rectangle may lie there.
    fn placed(&mut self, rect: Rect, but: Option<usize>) -> Result<(), String> {
        let (whole, limits) = (self.size.whole(), self.size.limits());
        if !rect.within(whole) {
            return Err(format!(
                "絵からはみ出します。右端は{}、下端は{}までです",
                whole.width, whole.height
            ));
        }
        if rect.width.min(rect.height) < limits.side {
            return Err(format!(
                "指で押すには小さすぎます。縦も横も{}px以上にしてください",
                limits.side
            ));
        }
        let rects = self.free()?;
        let hit = rects.iter().enumerate().find(|(i, r)| Some(*i) != but && r.overlaps(rect));
        match hit {
            Some((i, _)) => Err(format!("エリア{}と重なります。離してください", i + 1)),
            None => Ok(()),
        }
    }

    /// Takes a template's cuts. Tabs go to its tabs, everything else follows in order.
    pub(super) fn template(&mut self, name: &str, sheets: &[(SheetKey, String)]) -> Done {
        let template = Template::named(self.size, name).ok_or("この型はありません")?;
        if !template.fits(self.size) {
            return Err(
                "この型では、指で押すには小さすぎるエリアができます。別の型を選んでください".into(),
            );
        }
        let (tabs, others): (Vec<Area>, Vec<Area>) =
            std::mem::take(&mut self.areas).into_iter().partition(|a| matches!(a.act, Act::Tab(_)));
        let (mut first, rest) = if template.tabs == 0 {
            (Vec::new(), tabs.into_iter().chain(others).collect::<Vec<_>>())
        } else {
            (tabs, others)
        };
        let more = first.split_off(template.tabs.min(first.len()));
        for (key, name) in sheets {
            let there = first.iter().any(|a| a.act == Act::Tab(*key));
            if first.len() < template.tabs && !there {
                let mut area = self.fresh();
                (area.label, area.cell.words) = spelled(name);
                area.act = Act::Tab(*key);
                first.push(area);
            }
        }
        while first.len() < template.tabs {
            let area = self.fresh();
            first.push(area);
        }
        first.extend(rest);
        first.extend(more);
        let lost = first.split_off(template.count().min(first.len()));
        while first.len() < template.count() {
            let area = self.fresh();
            first.push(area);
        }
        self.areas = first;
        self.layout = Layout::Split(template.tree(self.size.whole()));
        let lost = lost.iter().filter(|a| !a.is_empty()).count();
        let lost = if lost > 0 {
            format!("。入りきらなかったエリア{}の動きはなくなりました", crate::time::things(lost))
        } else {
            String::new()
        };
        Ok(format!(
            "型「{}」にしました。エリアは{}です{lost}",
            template.label,
            crate::time::things(template.count())
        ))
    }
}
