//! Ordering a list by dragging; each list has buttons and keys for the same.

use leptos::ev::DragEvent;
use leptos::prelude::*;
use ui::prelude::*;

/// What is dragged, and over what. `T` names an item of the list.
#[derive(Clone, Copy)]
pub(crate) struct Drag<T: Send + Sync + 'static> {
    item: RwSignal<Option<T>>,
    over: RwSignal<Option<T>>,
}

impl<T: Copy + PartialEq + Send + Sync + 'static> Drag<T> {
    pub(crate) fn new() -> Self {
        Self { item: RwSignal::new(None), over: RwSignal::new(None) }
    }

    /// It may be dropped here.
    pub(crate) fn over(self, event: &DragEvent, here: T) {
        if self.item.get_untracked().is_some() {
            event.prevent_default();
            self.over.set(Some(here));
        }
    }

    /// It was dropped: which it is.
    pub(crate) fn drop(self, event: &DragEvent) -> Option<T> {
        event.prevent_default();
        let item = self.item.get_untracked();
        self.end();
        item
    }

    fn end(self) {
        self.item.set(None);
        self.over.set(None);
    }

    /// The class of an item while another is over it; `follows` tells whether it stands
    /// behind that other one.
    pub(crate) fn class(self, here: T, follows: impl FnOnce(T) -> bool) -> &'static str {
        match self.item.get().filter(|item| *item != here && self.over.get() == Some(here)) {
            Some(item) if follows(item) => "drop-after",
            Some(_) => "drop-before",
            None => "",
        }
    }
}

/// What is taken hold of.
#[component]
pub(crate) fn Grip<T: Copy + PartialEq + Send + Sync + 'static>(
    drag: Drag<T>,
    item: T,
) -> impl IntoView {
    let begin = move |event: DragEvent| {
        if let Some(transfer) = event.data_transfer() {
            transfer.set_effect_allowed("move");
            // Firefox drags only what carries data; without it the buttons remain.
            drop(transfer.set_data("text/plain", ""));
        }
        drag.item.set(Some(item));
    };
    view! {
        <span class="grip" draggable="true" title="つかんで順番を変える" on:dragstart=begin on:dragend=move |_| drag.end()>
            <Icon name=IconName::Grip />
        </span>
    }
}
