//! How often the chosen area was tapped lately (picture 07).

use crate::menu::figures::figures_path;
use crate::menu::state::Editor;
use leptos::prelude::*;

/// The drawing's size.
const WIDE: i64 = 96;
const HIGH: i64 = 28;

/// 30日間に押された回数, with the way to all figures.
#[component]
pub fn AreaTaps(
    /// Of which editor.
    editor: Editor,
    /// Of which area.
    key: u16,
) -> impl IntoView {
    let taps = Memo::new(move |_| {
        let sheet = editor.sheet.with(|s| s.key);
        editor.taps.with(|tapped| tapped.as_ref()?.area(sheet, key))
    });
    move || {
        taps.get().map(|(words, days)| {
            view! {
                <a class="me-taps" href=figures_path(editor.id)>
                    <span class="sub dense">"30日間に押された回数"</span>
                    <strong>{words}</strong>
                    {line(&days)
                        .map(|path| {
                            view! {
                                <svg width=WIDE height=HIGH viewBox=format!("0 0 {WIDE} {HIGH}") aria-hidden="true" focusable="false">
                                    <path class="c-line" d=path />
                                </svg>
                            }
                        })}
                </a>
            }
        })
    }
}

/// The line from day to day; none where nobody tapped.
fn line(days: &[i64]) -> Option<String> {
    let most = days.iter().copied().max().filter(|most| *most > 0)?;
    let last = i64::try_from(days.len()).ok()?.saturating_sub(1).max(1);
    let points = (0..).zip(days).map(|(i, taps)| {
        let (x, y) = (i * WIDE / last, HIGH - 2 - taps * (HIGH - 4) / most);
        format!("{}{x} {y}", if i == 0 { "M" } else { "L" })
    });
    Some(points.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_lies_within_its_box() {
        assert_eq!(line(&[]), None);
        assert_eq!(line(&[0, 0]), None);
        assert_eq!(line(&[0, 5, 10]).unwrap(), "M0 26L48 14L96 2");
        assert_eq!(line(&[3]).unwrap(), "M0 2");
    }
}
