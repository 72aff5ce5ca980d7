//! The sheet in the middle: its picture, and over it areas to choose and borders to drag.
//!
//! While something is dragged nothing is measured: where the sheet lies was read when the
//! pointer went down. The change is made when it is let go.

mod area;
mod border;
mod guide;

use self::area::AreaView;
pub(super) use self::area::area_id;
use self::border::BorderView;
use self::guide::Guides;
use super::picture::drawing;
use super::state::{Editor, Tool};
use domain::geometry::{Axis, Rect};
use domain::menu::snap::{nearest, sides};
use domain::menu::{Command, Layout, Mode, Sheet};
use leptos::ev::PointerEvent;
use leptos::prelude::*;
use leptos::svg;
use wasm_bindgen::JsCast;

/// How near, in pixels of the screen, something comes before it lines up by itself.
const NEAR: f64 = 8.0;
/// From how many pixels of the screen on a press is a drag.
const DRAG: f64 = 6.0;
/// The room for the rulers, on a picture 2,500 wide.
const RULER: (u32, u32) = (190, 120);

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
    /// The sheet as it looks while something is on its way.
    pub(super) shown: Memo<Sheet>,
    pub(super) rects: Memo<Vec<Rect>>,
    /// Fingers cut, too, instead of scrolling.
    pub(super) drawing: RwSignal<bool>,
}

/// A length that is given for a picture 2,500 wide.
pub(super) fn scaled(sheet: &Sheet, length: u32) -> u32 {
    length * sheet.size.width / 2_500
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
            shown,
            rects: Memo::new(move |_| shown.with(Sheet::rects)),
            drawing,
        }
    }

    /// Where the sheet lies now. Read once, when a pointer goes down.
    pub(super) fn frame(self) -> Option<Frame> {
        let rect = self.node.get_untracked()?.get_bounding_client_rect();
        self.editor.sheet.with_untracked(|sheet| {
            let (x, y) = (scaled(sheet, RULER.0), scaled(sheet, RULER.1));
            let width = sheet.size.width + x + scaled(sheet, 30);
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

fn snapped(sheet: &Sheet, area: usize, axis: Axis, at: i64, near: u32) -> i64 {
    let Ok(place) = u32::try_from(at) else { return at };
    nearest(&sides(sheet, area, axis), place, near).map_or(at, |p| i64::from(p.at))
}

/// A rectangle pushed by so much: one of its sides lines up where it comes near.
fn moved(sheet: &Sheet, area: usize, rect: Rect, by: (i64, i64), near: u32) -> Rect {
    let along = |axis: Axis, by: i64| -> u32 {
        let ((from, to), (_, end)) = (rect.span(axis), sheet.size.whole().span(axis));
        let (a, b) = (i64::from(from) + by, i64::from(to) + by);
        let (sa, sb) = (snapped(sheet, area, axis, a, near), snapped(sheet, area, axis, b, near));
        let a = if sa != a { sa } else { a + (sb - b) };
        u32::try_from(a.clamp(0, i64::from(end - (to - from)))).unwrap_or(0)
    };
    Rect { x: along(Axis::Columns, by.0), y: along(Axis::Rows, by.1), ..rect }
}

/// A rectangle whose lower right corner was pulled.
fn stretched(sheet: &Sheet, area: usize, rect: Rect, by: (i64, i64), near: u32) -> Rect {
    let side = i64::from(sheet.size.limits().side);
    let length = |axis: Axis, by: i64| -> u32 {
        let ((from, to), (_, end)) = (rect.span(axis), sheet.size.whole().span(axis));
        let to = snapped(sheet, area, axis, i64::from(to) + by, near);
        let (from, end) = (i64::from(from), i64::from(end));
        u32::try_from(to.clamp((from + side).min(end), end) - from).unwrap_or(0)
    };
    Rect { width: length(Axis::Columns, by.0), height: length(Axis::Rows, by.1), ..rect }
}

/// A new rectangle between two places.
fn spanned(sheet: &Sheet, from: (i64, i64), to: (i64, i64), near: u32) -> Rect {
    let along = |axis: Axis, a: i64, b: i64| -> (u32, u32) {
        let end = i64::from(sheet.size.whole().span(axis).1);
        let at = |at: i64| {
            let at = snapped(sheet, usize::MAX, axis, at.clamp(0, end), near);
            u32::try_from(at).unwrap_or(0)
        };
        let (a, b) = (at(a), at(b));
        (a.min(b), a.abs_diff(b))
    };
    let ((x, width), (y, height)) =
        (along(Axis::Columns, from.0, to.0), along(Axis::Rows, from.1, to.1));
    Rect { x, y, width, height }
}

/// The sheet, in the size of the zoom: of the room that there is, or in hundredths.
#[component]
pub fn Canvas(
    /// Of which editor.
    editor: Editor,
    /// Hundredths of the picture's own pixels; nothing: as wide as there is room.
    zoom: RwSignal<Option<u32>>,
    /// Fingers cut instead of scrolling.
    drawing: RwSignal<bool>,
) -> impl IntoView {
    let stage = Stage::new(editor, drawing);
    let picture = Memo::new(move |_| stage.shown.with(|s| self::drawing(s, Mode::Real)));
    let box_of = move || {
        editor.sheet.with(|s| {
            let (x, y) = (scaled(s, RULER.0), scaled(s, RULER.1));
            (x, y, s.size.width + x + scaled(s, 30), s.size.height + y + scaled(s, 30))
        })
    };
    let view_box = move || {
        let (x, y, width, height) = box_of();
        format!("-{x} -{y} {width} {height}")
    };
    let width = move || match zoom.get() {
        Some(zoom) => (box_of().2 * zoom / 100).to_string(),
        None => "100%".into(),
    };
    let keys = Memo::new(move |_| {
        editor.sheet.with(|s| s.areas.iter().map(|a| a.key).collect::<Vec<u16>>())
    });
    let borders = Memo::new(move |_| {
        editor.borders.with(|all| {
            all.iter().enumerate().map(|(n, b)| (n, b.axis == Axis::Columns)).collect::<Vec<_>>()
        })
    });
    let free = Memo::new(move |_| editor.sheet.with(|s| s.tree().is_none()));
    view! {
        <div
            class="me-frame"
            class:me-zoomed=move || zoom.get().is_some()
            tabindex=move || zoom.get().map(|_| "0")
            role="group"
            aria-label="メニューの絵とエリア"
        >
            <svg
                node_ref=stage.node
                class="me-canvas"
                class:me-drawing=move || drawing.get()
                class:me-pairing=move || editor.tool.get() != Tool::Choose
                viewBox=view_box
                width=width
                focusable="false"
                role="group"
                aria-label="エリアと境界"
            >
                <g class="me-ruler" aria-hidden="true">{move || editor.sheet.with(ruler)}</g>
                <g class="me-picture" aria-hidden="true" inner_html=move || picture.get()></g>
                {move || {
                    free.get()
                        .then(|| {
                            view! {
                                <rect
                                    class="me-ground"
                                    x="0"
                                    y="0"
                                    width=move || editor.sheet.with(|s| s.size.width)
                                    height=move || editor.sheet.with(|s| s.size.height)
                                    on:pointerdown=move |event| stage.down(&event, Held::Ground)
                                    on:pointermove=move |event| stage.drag(&event)
                                    on:pointerup=move |_| stage.up()
                                    on:pointercancel=move |_| {
                                        stage.cancel();
                                    }
                                />
                            }
                        })
                }}
                <For each=move || keys.get() key=|key| *key let:key>
                    <AreaView stage key />
                </For>
                <For each=move || borders.get() key=|border| *border let:border>
                    <BorderView stage number=border.0 upright=border.1 />
                </For>
                <Guides stage />
            </svg>
        </div>
    }
}

/// Every 500 pixels a mark.
fn ruler(sheet: &Sheet) -> impl IntoView + use<> {
    let gap = scaled(sheet, 24);
    let (short, size) = (scaled(sheet, 18), sheet.size);
    let marks = |length: u32| (0..=length / 500).map(|n| n * 500);
    let above = marks(size.width).map(|x| {
        view! {
            <line x1=x x2=x y1=-i64::from(gap) y2=-i64::from(gap + short) />
            <text x=x y=-i64::from(gap + short * 2)>{x}</text>
        }
    });
    let beside = marks(size.height).map(|y| {
        view! {
            <line y1=y y2=y x1=-i64::from(gap) x2=-i64::from(gap + short) />
            <text class="me-ruler-side" y=y x=-i64::from(gap + short * 2)>{y}</text>
        }
    });
    (above.collect_view(), beside.collect_view())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::menu::{SheetKey, Size};

    fn free() -> Sheet {
        let mut sheet = Sheet::new(SheetKey(1), "x", Size::LARGE);
        let rect = Rect { x: 100, y: 100, width: 500, height: 400 };
        sheet.layout = Layout::Free(vec![rect]);
        sheet.areas.truncate(1);
        sheet
    }

    #[test]
    fn free_rectangles_stay_on_the_picture_and_line_up() {
        let sheet = free();
        let rect = sheet.rects()[0];
        let to = |by| moved(&sheet, 0, rect, by, 20);
        assert_eq!((to((300, 20)).x, to((300, 20)).y), (400, 120));
        // The left edge, and the right side at the middle of the picture.
        assert_eq!(to((-90, 0)).x, 0);
        assert_eq!(to((655, 0)).x, 750);
        assert_eq!((to((9_000, 9_000)).x, to((9_000, 9_000)).y), (2_000, 1_286));
        let pulled = stretched(&sheet, 0, rect, (-9_000, 9_000), 20);
        assert_eq!((pulled.width, pulled.height), (160, 1_586));
        let new = spanned(&sheet, (900, 900), (700, -50), 20);
        assert_eq!(new, Rect { x: 700, y: 0, width: 200, height: 900 });
    }
}
