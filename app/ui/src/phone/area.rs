//! Areas of a picture that can be pressed, as imagemaps and rich menus have them.

use super::message::str_of;
use leptos::prelude::*;
use serde_json::Value;
use std::sync::Arc;

/// An area as it lies on the picture.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Area {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) label: String,
}

/// What is read aloud: the first of these words of an action that says something; its number
/// while none of that is written yet.
pub(super) fn label(action: &Value, keys: &[&str], n: usize) -> String {
    let found = keys.iter().map(|key| str_of(action, key)).find(|words| !words.is_empty());
    found.map_or_else(|| format!("エリア{}", n + 1), str::to_owned)
}

/// Areas over a picture of that width and height; `on_tap` hears which was pressed, from 0.
pub(super) fn drawn(
    areas: Vec<Area>,
    width: u32,
    height: f64,
    on_tap: impl Fn(usize) + Send + Sync + 'static,
) -> impl IntoView {
    let on_tap = Arc::new(on_tap);
    let areas = areas
        .into_iter()
        .enumerate()
        .map(|(n, area)| {
            let Area { x, y, width, height, label } = area;
            let on_tap = on_tap.clone();
            view! {
                <foreignObject x=x y=y width=width height=height>
                    <button class="talk-area" type="button" aria-label=label on:click=move |_| on_tap(n)></button>
                </foreignObject>
            }
        })
        .collect_view();
    view! {
        <svg class="talk-map-areas" viewBox=format!("0 0 {width} {height}") focusable="false">
            {areas}
        </svg>
    }
}
