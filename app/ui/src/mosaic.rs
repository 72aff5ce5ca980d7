//! The mosaic of a delivery: one cell per call of up to 500 residents.

use crate::time::count;
use leptos::prelude::*;

/// How a call stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallState {
    /// LINE accepted it.
    Accepted,
    /// It is being sent again under the same key.
    Retrying,
    /// Not yet sent.
    Pending,
    /// LINE refused it.
    Failed,
    /// Stopped before it left.
    Withheld,
}

/// Calls of one cell that stand alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calls {
    /// Which cell, from 0.
    pub cell: usize,
    /// How they stand.
    pub state: CallState,
    /// How many.
    pub calls: usize,
}

const COLUMNS: usize = 84;

/// The state of each cell, and how many calls a full one stands for.
fn cells(calls: &[Calls]) -> (Vec<CallState>, usize) {
    let count = calls.iter().map(|c| c.cell + 1).max().unwrap_or(0);
    // What needs a look shows; a cell is full only when all of it is.
    let of = |cell: usize| {
        [CallState::Failed, CallState::Retrying, CallState::Pending, CallState::Withheld]
            .into_iter()
            .find(|state| calls.iter().any(|c| c.cell == cell && c.state == *state))
            .unwrap_or(CallState::Accepted)
    };
    let first = calls.iter().filter(|c| c.cell == 0).map(|c| c.calls).sum();
    ((0..count).map(of).collect(), first)
}

fn path(cells: &[CallState], wanted: CallState) -> String {
    cells
        .iter()
        .enumerate()
        .filter(|(_, state)| **state == wanted)
        .map(|(i, _)| format!("M{} {}h5v14h-5z", (i % COLUMNS) * 7, (i / COLUMNS) * 17))
        .collect()
}

/// One cell per call, filling call by call, with its legend in words.
#[component]
pub fn CallMosaic(
    /// The calls in the order of sending.
    #[prop(into)]
    calls: Signal<Vec<Calls>>,
    /// Residents in a full call.
    #[prop(into)]
    per_call: Signal<u64>,
) -> impl IntoView {
    let drawn = Memo::new(move |_| calls.with(|calls| cells(calls)));
    let number = move |state: CallState| {
        calls.with(|calls| {
            calls.iter().filter(|c| c.state == state).map(|c| c.calls as u64).sum::<u64>()
        })
    };
    let rows = move || drawn.with(|(cells, _)| cells.len().div_ceil(COLUMNS).max(1));
    let d = move |state| drawn.with(|(cells, _)| path(cells, state));
    let legend = move |state,
                       words: &'static str,
                       after: &'static str,
                       class: &'static str,
                       always: bool| {
        move || {
            let n = number(state);
            (always || n > 0).then(|| {
                view! {
                    <li>
                        <svg width="14" height="14" aria-hidden="true" focusable="false"><rect class=class width="14" height="14" /></svg>
                        {format!("{words} {}回{after}", count(n))}
                    </li>
                }
            })
        }
    };
    view! {
        <div class="mosaic">
            <svg
                width="100%"
                height=move || (rows() * 17).to_string()
                viewBox=move || format!("0 0 {} {}", COLUMNS * 7 - 2, rows() * 17)
                preserveAspectRatio="none"
                aria-hidden="true"
                focusable="false"
            >
                <defs>
                    <pattern id="hatch-retry" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                        <rect class="m-retry-ground" width="5" height="5" />
                        <rect class="m-retry-stripe" width="2" height="5" />
                    </pattern>
                </defs>
                <path class="m-pending" d=move || d(CallState::Pending) />
                <path class="m-accepted" d=move || d(CallState::Accepted) />
                <path class="m-retrying" d=move || d(CallState::Retrying) />
                <path class="m-failed" d=move || d(CallState::Failed) />
                <path class="m-withheld" d=move || d(CallState::Withheld) />
            </svg>
            <ul class="mosaic-legend">
                {legend(CallState::Accepted, "受付", "", "m-accepted", true)}
                {legend(CallState::Retrying, "送り直し中", "（同じ鍵で）", "m-retrying", false)}
                {legend(CallState::Failed, "届かず", "", "m-failed", false)}
                {legend(CallState::Withheld, "止めた", "", "m-withheld", false)}
                {legend(CallState::Pending, "これから", "", "m-pending", false)}
                <li class="end sub">{move || format!("1ます＝{}人", count(per_call.get() * drawn.with(|(_, per)| *per as u64)))}</li>
            </ul>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(cell: usize, state: CallState, calls: usize) -> Calls {
        Calls { cell, state, calls }
    }

    #[test]
    fn a_cell_is_full_only_when_all_of_it_is() {
        let mut calls: Vec<Calls> = (0..400).map(|n| one(n, CallState::Accepted, 4)).collect();
        calls.extend([1, 399].map(|n| one(n, CallState::Pending, 1)));
        calls.push(one(1, CallState::Retrying, 1));
        let (cells, per) = cells(&calls);
        assert_eq!((cells.len(), per), (400, 4));
        assert_eq!((cells[1], cells[399]), (CallState::Retrying, CallState::Pending));
        assert_eq!(cells.iter().filter(|c| **c == CallState::Accepted).count(), 398);
    }

    #[test]
    fn few_calls_are_one_to_a_cell() {
        assert_eq!(cells(&[one(0, CallState::Failed, 1), one(1, CallState::Failed, 1)]).1, 1);
        assert_eq!(cells(&[]).0.len(), 0);
        assert_eq!(
            path(&[CallState::Pending, CallState::Accepted], CallState::Accepted),
            "M7 0h5v14h-5z"
        );
    }
}
