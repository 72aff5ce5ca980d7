//! Purpose is seen before it is read: a tag on every delivery and a band on the
//! left edge of every row and card.

use crate::icon::{Icon, IconName};
use leptos::prelude::*;

pub use domain::delivery::Purpose;

/// How a purpose looks.
pub trait PurposeLook {
    /// The tag's word.
    fn tag(self) -> &'static str;
    /// CSS class of a row or card that carries the band.
    fn band(self) -> &'static str;
    /// One line for the choice in the composer.
    fn note(self) -> &'static str;
}

impl PurposeLook for Purpose {
    fn tag(self) -> &'static str {
        match self {
            Self::Notice => "お知らせ",
            Self::Emergency => "緊急",
            Self::Drill => "訓練",
            Self::Test => "試験",
        }
    }

    fn band(self) -> &'static str {
        match self {
            Self::Notice => "band band-notice",
            Self::Emergency => "band band-emergency",
            Self::Drill => "band band-drill",
            Self::Test => "band band-test",
        }
    }

    fn note(self) -> &'static str {
        match self {
            Self::Notice => "ふだんの配信",
            Self::Emergency => "夜間も届く",
            Self::Drill => "先頭に【訓練】",
            Self::Test => "先頭に【試験】",
        }
    }
}

fn icon(purpose: Purpose) -> Option<IconName> {
    match purpose {
        Purpose::Notice => Some(IconName::Bubble),
        Purpose::Emergency => Some(IconName::Siren),
        Purpose::Drill => Some(IconName::Triangle),
        Purpose::Test => None,
    }
}

fn class(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Notice => "notice",
        Purpose::Emergency => "emergency",
        Purpose::Drill => "drill",
        Purpose::Test => "test",
    }
}

/// The tag of a purpose: お知らせ, 緊急, 訓練 or 試験.
#[component]
pub fn PurposeTag(
    /// Which purpose.
    purpose: Purpose,
) -> impl IntoView {
    view! {
        <span class=format!("purpose purpose-{}", class(purpose))>
            {icon(purpose).map(|name| view! { <Icon name=name size=16 /> })} {purpose.tag()}
        </span>
    }
}

/// The bar across the top of every page while a drill runs or a headquarters is open.
#[component]
pub fn PurposeBar(
    /// Drill: hatched amber; emergency: red.
    purpose: Purpose,
    /// What is going on.
    #[prop(into)]
    text: String,
    /// What can be done about it, at the right.
    #[prop(into, optional)]
    act: Option<ViewFn>,
) -> impl IntoView {
    view! {
        <aside class=format!("purpose-bar purpose-bar-{}", class(purpose)) aria-label=purpose.tag()>
            {icon(purpose).map(|name| view! { <Icon name=name size=24 /> })}
            <strong>{purpose.tag()}</strong>
            <span class="grow">{text}</span>
            {act.map(|act| act.run())}
        </aside>
    }
}
