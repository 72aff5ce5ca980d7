//! The panel of the sign-in page: a field of 回 tiles, a message on its way
//! from one to the next.

use leptos::prelude::*;

const COLUMNS: usize = 6;
const ROWS: usize = 10;
const STEP: usize = 90;
const EDGE: usize = 62;

/// Tiles that the message passes, as column and row; the last has it now.
const WAY: &[(usize, usize)] = &[(4, 0), (1, 1), (1, 3), (4, 3), (0, 5), (3, 5), (3, 4)];

/// One tile: a rounded square with a smaller one inside.
fn tile(column: usize, row: usize) -> String {
    let (x, y) = (24 + column * STEP, 14 + row * STEP);
    let outer = format!(
        "M{} {y}h{w}a12 12 0 0 1 12 12v{w}a12 12 0 0 1-12 12h-{w}a12 12 0 0 1-12-12v-{w}a12 12 0 0 1 12-12z",
        x + 12,
        w = EDGE - 24
    );
    outer + &heart(column, row)
}

fn heart(column: usize, row: usize) -> String {
    let (x, y) = (24 + column * STEP + 20, 14 + row * STEP + 20);
    format!("M{} {y}h14a4 4 0 0 1 4 4v14a4 4 0 0 1-4 4h-14a4 4 0 0 1-4-4v-14a4 4 0 0 1 4-4z", x + 4)
}

/// The tiles and the way of the message, as a picture without meaning.
#[component]
pub fn TileField() -> impl IntoView {
    let field: String = (0..ROWS)
        .flat_map(|row| (0..COLUMNS).map(move |column| (column, row)))
        .filter(|place| !WAY.contains(place))
        .map(|(column, row)| tile(column, row))
        .collect();
    let (passed, now) = WAY.split_at(WAY.len() - 1);
    let ground: String = WAY.iter().map(|(column, row)| tile(*column, *row)).collect();
    let hearts: String = passed.iter().map(|(column, row)| heart(*column, *row)).collect();
    let newest: String = now.iter().map(|(column, row)| heart(*column, *row)).collect();
    view! {
        <svg class="tiles" width="560" height="920" viewBox="0 0 560 920" preserveAspectRatio="xMidYMin slice" aria-hidden="true" focusable="false">
            <path class="t-field" d=field />
            <path class="t-way" d="M446 45h28M536 45h24M0 135h24M86 135h28M145 166v28M145 256v28M176 315h28M266 315h28M356 315h28M415 76v28M415 166v28M415 256v28M356 405h28M446 405h28M536 405h24M0 495h24M86 495h28M176 495h28M266 495h28M325 436v28" />
            <path class="t-tile" d=ground />
            <path class="t-heart" d=hearts />
            <path class="t-now" d=newest />
        </svg>
    }
}
