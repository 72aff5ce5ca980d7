//! The sheet in the middle: its picture, and over it areas to choose and borders to drag.
//!
//! While something is dragged nothing is measured: where the sheet lies was read when the
//! pointer went down. The change is made when it is let go.

mod area;
mod border;
mod guide;
mod reshape;
mod view;

pub(super) use self::area::area_id;
use self::reshape::{moved, spanned, stretched};
pub use self::view::Canvas;
use super::state::{Editor, Tool};
use domain::geometry::{Axis, Border, Rect};
use domain::menu::snap::nearest;
use domain::menu::{Command, Layout, Sheet};
use leptos::ev::PointerEvent;
use leptos::prelude::*;
use leptos::svg;
use wasm_bindgen::JsCast;

/// How near, in pixels of the screen, something comes before it lines up by itself.
const NEAR: f64 = 8.0;
/// From how many pixels of the screen on a press is a drag.
const DRAG: f64 = 6.0;
/// The room around a picture 2,500 wide, for the rulers: left, above, right (half of the last
/// mark's number), below.
const ROOM: [u32; 4] = [190, 120, 72, 30];

/// What is on its way; it counts only when it is let go.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Moving {
    /// A border: which and where to, by pointer or key, and with what it lines up.
    Border { number: usize, to: u32, held: bool, rests: Option<String> },
    /// A cut across an area.
    Cut { area: usize, axis: Axis, at: u32, rests: Option<String> },
    /// A free rectangle: one that is there, or a new one.
    Free { area: Option<usize>, rect: Rect, held: bool },
}

/// Where the sheet lies in the window, and how many of its pixels are one of the screen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    left: f64,
    top: f64,
    scale: f64,
}

impl Frame {
    /// Where a pointer is on the sheet.
    fn at(self, event: &PointerEvent) -> (i64, i64) {
        let place = |at: i32, from: f64| ((f64::from(at) - from) * self.scale).round() as i64;
        (place(event.client_x(), self.left), place(event.client_y(), self.top))
    }

    /// How many pixels of the sheet are near.
    fn near(self) -> u32 {
        (NEAR * self.scale).round().max(1.0) as u32
    }
}

/// What lies between two presses of a pointer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Press {
    frame: Frame,
    /// Where it began, on the sheet.
    from: (i64, i64),
    /// In pixels of the screen.
    start: (i32, i32),
    /// What is held.
    held: Held,
}

/// What a pointer took hold of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// An area: a drag cuts it, or moves it where areas are free.
    Area(usize),
    /// The corner of a free rectangle.
    Corner(usize),
    /// The ground beside free rectangles.
    Ground,
}

/// What the parts of the canvas share.
#[derive(Clone, Copy)]
pub(super) struct Stage {
    pub(super) editor: Editor,
    pub(super) node: NodeRef<svg::Svg>,
    pub(super) moving: RwSignal<Option<Moving>>,
    pub(super) press: StoredValue<Option<Press>>,
    /// A drag just ended: the click that follows is none.
    pub(super) dragged: StoredValue<bool>,
    /// Where the areas lie while something is on its way.
    pub(super) rects: Memo<Vec<Rect>>,
    /// Where the borders lie then.
    pub(super) borders: Memo<Vec<Border>>,
    /// How wide the picture is: what lengths depend on, and nothing that moves.
    width: Memo<u32>,
    /// Fingers cut, too, instead of scrolling.
    pub(super) drawing: RwSignal<bool>,
}

/// A length that is given for a picture 2,500 wide.
pub(super) fn scaled(sheet: &Sheet, length: u32) -> u32 {
    length * sheet.size.width / 2_500
}

/// The picture with its rulers: where the picture begins in it, and how large it is.
pub(super) fn framed(sheet: &Sheet) -> (u32, u32, u32, u32) {
    let [left, above, right, below] = ROOM.map(|room| scaled(sheet, room));
    (left, above, left + sheet.size.width + right, above + sheet.size.height + below)
}

impl Stage {
    fn new(editor: Editor, drawing: RwSignal<bool>) -> Self {
        let moving = RwSignal::new(None::<Moving>);
        let shown = Memo::new(move |_| {
            let mut sheet = editor.sheet.get();
            match moving.get() {
                Some(Moving::Border { number, to, .. }) => {
                    let (whole, limits) = (sheet.size.whole(), sheet.size.limits());
                    if let Layout::Split(tree) = &sheet.layout {
                        sheet.layout = Layout::Split(tree.moved(whole, limits, number, to));
                    }
                }
                Some(Moving::Free { area: Some(area), rect, .. }) => {
                    if let Layout::Free(rects) = &mut sheet.layout
                        && let Some(place) = rects.get_mut(area)
                    {
                        *place = rect;
                    }
                }
                _ => {}
            }
            sheet
        });
        Self {
            editor,
            node: NodeRef::new(),
            moving,
            press: StoredValue::new(None),
            dragged: StoredValue::new(false),
            rects: Memo::new(move |_| shown.with(Sheet::rects)),
            borders: Memo::new(move |_| {
                shown.with(|s| {
                    let (whole, limits) = (s.size.whole(), s.size.limits());
                    let tree = s.tree().filter(|t| t.fault(whole, limits).is_none());
                    tree.map(|t| t.borders(whole, limits)).unwrap_or_default()
                })
            }),
            width: Memo::new(move |_| editor.sheet.with(|s| s.size.width)),
            drawing,
        }
    }

    /// A length that is given for a picture 2,500 wide.
    pub(super) fn length(self, length: u32) -> u32 {
        length * self.width.get() / 2_500
    }

    /// Where the sheet lies now. Read once, when a pointer goes down.
    pub(super) fn frame(self) -> Option<Frame> {
        let rect = self.node.get_untracked()?.get_bounding_client_rect();
        self.editor.sheet.with_untracked(|sheet| {
            let (x, y, width, _) = framed(sheet);
            let scale = f64::from(width) / rect.width().max(1.0);
            Some(Frame {
                left: rect.left() + f64::from(x) / scale,
                top: rect.top() + f64::from(y) / scale,
                scale,
            })
        })
    }

    /// Takes hold of the pointer, so that nothing is lost where it leaves the element.
    pub(super) fn capture(event: &PointerEvent) {
        if let Some(target) =
            event.current_target().and_then(|t| t.dyn_into::<web_sys::SvgElement>().ok())
        {
            // Without it the drag stops where the pointer leaves the element.
            drop(target.set_pointer_capture(event.pointer_id()));
            drop(target.focus());
        }
    }

    /// A pointer went down on an area, a corner or the ground.
    pub(super) fn down(self, event: &PointerEvent, held: Held) {
        self.dragged.set_value(false);
        let finger = event.pointer_type() == "touch";
        let draws = !finger || self.drawing.get_untracked() || matches!(held, Held::Corner(_));
        if event.button() != 0 || !draws || self.editor.tool.get_untracked() != Tool::Choose {
            return;
        }
        let Some(frame) = self.frame() else { return };
        event.prevent_default();
        event.stop_propagation();
        Self::capture(event);
        self.press.set_value(Some(Press {
            frame,
            from: frame.at(event),
            start: (event.client_x(), event.client_y()),
            held,
        }));
    }

    /// A held pointer moved.
    pub(super) fn drag(self, event: &PointerEvent) {
        let Some(press) = self.press.get_value() else { return };
        let far = (
            f64::from(event.client_x() - press.start.0).abs(),
            f64::from(event.client_y() - press.start.1).abs(),
        );
        if self.moving.with_untracked(Option::is_none) && far.0.max(far.1) < DRAG {
            return;
        }
        self.dragged.set_value(true);
        let at = press.frame.at(event);
        let near = press.frame.near();
        let moving = self.editor.sheet.with_untracked(|sheet| match press.held {
            Held::Area(area) if sheet.tree().is_some() => self.cut(sheet, area, at, far, near),
            Held::Area(area) => {
                let rect = *sheet.rects().get(area)?;
                let by = (at.0 - press.from.0, at.1 - press.from.1);
                Some(Moving::Free {
                    area: Some(area),
                    rect: moved(sheet, area, rect, by, near),
                    held: true,
                })
            }
            Held::Corner(area) => {
                let rect = *sheet.rects().get(area)?;
                let by = (at.0 - press.from.0, at.1 - press.from.1);
                Some(Moving::Free {
                    area: Some(area),
                    rect: stretched(sheet, area, rect, by, near),
                    held: true,
                })
            }
            Held::Ground => Some(Moving::Free {
                area: None,
                rect: spanned(sheet, press.from, at, near),
                held: true,
            }),
        });
        if moving.is_some() {
            self.moving.set(moving);
        }
    }

    /// Dragged down an area a cut is upright, dragged across it is level.
    fn cut(
        self,
        sheet: &Sheet,
        area: usize,
        at: (i64, i64),
        far: (f64, f64),
        near: u32,
    ) -> Option<Moving> {
        // Once it is decided it stays, until the pointer clearly goes the other way.
        let axis = match self.moving.get_untracked() {
            Some(Moving::Cut { axis: Axis::Columns, .. }) if far.0 < far.1 * 1.5 => Axis::Columns,
            Some(Moving::Cut { axis: Axis::Rows, .. }) if far.1 < far.0 * 1.5 => Axis::Rows,
            _ if far.1 >= far.0 => Axis::Columns,
            _ => Axis::Rows,
        };
        let (from, to) = sheet.rects().get(area)?.span(axis);
        let pointer = match axis {
            Axis::Columns => at.0,
            Axis::Rows => at.1,
        };
        let pointer = u32::try_from(pointer.clamp(i64::from(from), i64::from(to))).ok()?;
        let places = self.editor.now(|menu| {
            let others: Vec<&Sheet> = menu.sheets.iter().collect();
            domain::menu::snap::cuts(sheet, area, axis, &others)
        });
        let rest = nearest(&places, pointer, near);
        Some(Moving::Cut {
            area,
            axis,
            at: rest.map_or(pointer, |p| p.at),
            rests: rest.map(|p| p.guide.words()),
        })
    }

    /// A held pointer was let go.
    pub(super) fn up(self) {
        self.press.set_value(None);
        let Some(moving) = self.moving.get_untracked() else { return };
        if !matches!(moving, Moving::Border { .. }) {
            self.settle();
        }
    }

    /// What is on its way comes to stay.
    pub(super) fn settle(self) {
        let Some(moving) = self.moving.get_untracked() else { return };
        self.moving.set(None);
        let (editor, sheet) = (self.editor, self.editor.key());
        match moving {
            Moving::Border { number, to, .. } => {
                let same =
                    editor.borders.with_untracked(|b| b.get(number).map(|b| b.at)) == Some(to);
                if !same {
                    editor.run(&Command::Move { sheet, border: number, to });
                }
            }
            Moving::Cut { area, axis, at, .. } => {
                if editor.run(&Command::Cut { sheet, area, axis, at }) {
                    editor.choose(Some(area));
                }
            }
            Moving::Free { area: Some(area), rect, .. } => {
                let same = editor.sheet.with_untracked(|s| s.rects().get(area) == Some(&rect));
                if !same {
                    editor.run(&Command::SetRect { sheet, area, rect });
                }
                editor.choose(Some(area));
            }
            Moving::Free { area: None, rect, .. } => {
                if editor.run(&Command::AddRect { sheet, rect }) {
                    let last = editor.sheet.with_untracked(|s| s.areas.len().saturating_sub(1));
                    editor.choose(Some(last));
                }
            }
        }
    }

    /// What is on its way goes back to where it was.
    pub(super) fn cancel(self) -> bool {
        self.press.set_value(None);
        let was = self.moving.with_untracked(Option::is_some);
        if was {
            self.moving.set(None);
            self.editor.say("もとの所にもどしました");
        }
        was
    }
}
