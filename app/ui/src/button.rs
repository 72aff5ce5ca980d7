//! Buttons and links that look like buttons. One filled blue button per region;
//! red fill only for stopping, deleting and emergency.

use crate::icon::{Icon, IconName};
use leptos::{ev::MouseEvent, prelude::*};

/// How a button looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// Filled blue: the one act of a region.
    Filled,
    /// Blue outline: the second act.
    Act,
    /// Grey outline: everything else.
    #[default]
    Outline,
    /// Underlined words.
    Plain,
    /// Red outline: leads to stopping, deleting, emergency.
    Danger,
    /// Red fill: does it.
    DangerFilled,
    /// LINE's green with black text.
    Line,
}

/// Height of a button.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Size {
    /// 56 px: the one act that a page is about.
    Large,
    /// 48 px.
    #[default]
    Medium,
    /// 36 px with a 44-px hit area: toolbars and tables.
    Small,
}

pub(crate) fn class(kind: Kind, size: Size) -> String {
    let kind = match kind {
        Kind::Filled => "filled",
        Kind::Act => "act",
        Kind::Outline => "outline",
        Kind::Plain => "plain",
        Kind::Danger => "danger",
        Kind::DangerFilled => "danger-filled",
        Kind::Line => "line",
    };
    let size = match size {
        Size::Large => " btn-lg",
        Size::Medium => "",
        Size::Small => " btn-sm",
    };
    format!("btn btn-{kind}{size}")
}

fn icon_size(size: Size) -> u16 {
    if size == Size::Small { 16 } else { 20 }
}

/// A button. Its words say what happens and to how many.
#[component]
pub fn Button(
    /// How it looks.
    #[prop(optional)]
    kind: Kind,
    /// How high it is.
    #[prop(optional)]
    size: Size,
    /// An icon before the words.
    #[prop(optional)]
    icon: Option<IconName>,
    /// Submits its form (otherwise `type=button`).
    #[prop(optional)]
    submit: bool,
    /// Name sent with the form.
    #[prop(into, optional)]
    name: Option<String>,
    /// Value sent with the form.
    #[prop(into, optional)]
    value: Option<String>,
    /// Id of the form that it submits, if it stands outside of it.
    #[prop(into, optional)]
    form: Option<String>,
    /// Accessible name, where the visible words do not say of what.
    #[prop(into, optional)]
    aria_label: Option<String>,
    /// While true, clicks are ignored and assistive technology hears so.
    #[prop(into, optional)]
    busy: Signal<bool>,
    /// What it does.
    #[prop(into, optional)]
    on_click: Option<Callback<MouseEvent>>,
    /// Fills the width of its container.
    #[prop(optional)]
    wide: bool,
    /// The words.
    children: Children,
) -> impl IntoView {
    let class = format!("{}{}", class(kind, size), if wide { " btn-wide" } else { "" });
    view! {
        <button
            class=class
            type=if submit { "submit" } else { "button" }
            name=name
            value=value
            form=form
            aria-label=aria_label
            aria-disabled=move || busy.get().then_some("true")
            on:click=move |event| {
                if busy.get_untracked() {
                    event.prevent_default();
                } else if let Some(act) = on_click {
                    act.run(event);
                }
            }
        >
            {icon.map(|name| view! { <Icon name=name size=icon_size(size) /> })}
            <span>{children()}</span>
        </button>
    }
}

/// A link that looks like a button: it opens something, and changes nothing.
#[component]
pub fn LinkButton(
    /// Where it leads.
    #[prop(into)]
    href: String,
    /// How it looks.
    #[prop(optional)]
    kind: Kind,
    /// How high it is.
    #[prop(optional)]
    size: Size,
    /// An icon before the words.
    #[prop(optional)]
    icon: Option<IconName>,
    /// The browser saves what it leads to; the router leaves it alone.
    #[prop(optional)]
    download: bool,
    /// Fills the width of its container.
    #[prop(optional)]
    wide: bool,
    /// The words.
    children: Children,
) -> impl IntoView {
    let class = format!("{}{}", class(kind, size), if wide { " btn-wide" } else { "" });
    view! {
        <a class=class href=href download=download.then_some("") rel=download.then_some("external")>
            {icon.map(|name| view! { <Icon name=name size=icon_size(size) /> })}
            <span>{children()}</span>
        </a>
    }
}

/// A button that is only an icon; its label says of what it is (「エリア5を上へ」).
#[component]
pub fn IconButton(
    /// The icon.
    icon: IconName,
    /// Accessible name and tooltip.
    #[prop(into)]
    label: String,
    /// What it does.
    #[prop(into, optional)]
    on_click: Option<Callback<MouseEvent>>,
    /// Submits its form (otherwise `type=button`).
    #[prop(optional)]
    submit: bool,
    /// Name sent with the form.
    #[prop(into, optional)]
    name: Option<String>,
    /// Value sent with the form.
    #[prop(into, optional)]
    value: Option<String>,
    /// With a border.
    #[prop(optional)]
    boxed: bool,
) -> impl IntoView {
    view! {
        <button
            class=if boxed { "icon-btn icon-btn-boxed" } else { "icon-btn" }
            type=if submit { "submit" } else { "button" }
            aria-label=label.clone()
            title=label
            name=name
            value=value
            on:click=move |event| {
                if let Some(act) = on_click {
                    act.run(event);
                }
            }
        >
            <Icon name=icon />
        </button>
    }
}
