//! The phone: the one renderer of LINE's messages, for the console's preview and
//! for `/phone`, so that preview, test, sandbox and resident agree. True to LINE,
//! not to us. For a screen reader it is a region with the messages as a list.

mod area;
mod flex;
mod imagemap;
mod message;
mod rich_menu;
mod text;

pub use message::{OnAction, QuickReplies, summary};
pub use rich_menu::{MenuBar, RichMenu};

use crate::icon::{Emblem, Icon, IconName, Mark};
use leptos::prelude::*;
use serde_json::Value;

/// Who says something in a talk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// The city's account.
    City,
    /// The resident who holds the phone.
    Resident,
}

/// One message of a talk.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Unique in the talk; keeps the message in place when others come.
    pub key: String,
    /// Who says it.
    pub from: From,
    /// LINE's message object.
    pub message: Value,
    /// 「17:30」
    pub time: String,
    /// 既読; shown beside the resident's own messages.
    pub read: bool,
    /// The date pill above it (今日), where a day begins.
    pub date: Option<String>,
}

/// The frame: status bar, title bar, content and what stands at the foot.
#[component]
pub fn Phone(
    /// The account's name in the title bar.
    #[prop(into)]
    city: String,
    /// The clock of the status bar.
    #[prop(into, default = Signal::stored("17:31".to_owned()))]
    clock: Signal<String>,
    /// Name of the region.
    #[prop(into, default = "届いたときの見え方".into())]
    label: String,
    /// What stands at the foot; the input bar where it is left out.
    #[prop(into, optional)]
    foot: Option<ViewFn>,
    /// A sheet over the talk (`LiffSheet`).
    #[prop(into, optional)]
    sheet: Option<ViewFn>,
    /// The talk.
    children: Children,
) -> impl IntoView {
    view! {
        <section class="phone" aria-label=label lang="ja">
            <div class="phone-screen">
                <div class="phone-status" aria-hidden="true">
                    <span>{move || clock.get()}</span>
                    <svg width="50" height="14" viewBox="0 0 50 14" focusable="false">
                        <path class="ph-fill" d="M0 9h3v4H0zM5 6.5h3V13H5zM10 4h3v9h-3zM15 1.5h3V13h-3z" />
                        <rect class="ph-line" x="25.5" y="1.5" width="21" height="11" rx="3" />
                        <rect class="ph-fill" x="27.5" y="3.5" width="15" height="7" rx="1.5" />
                        <path class="ph-fill" d="M48 5v4h1.5V5z" />
                    </svg>
                </div>
                <div class="phone-title">
                    <Icon name=IconName::ChevronLeft />
                    <span class="phone-shield" aria-hidden="true"><Icon name=IconName::Check size=12 /></span>
                    <strong class="grow">{city}</strong>
                    <Icon name=IconName::Search size=22 />
                    <Icon name=IconName::Hamburger size=22 />
                </div>
                <div class="phone-talk" tabindex="0" role="group" aria-label="トーク">{children()}</div>
                <div class="phone-foot">
                    {match foot {
                        Some(foot) => foot.run(),
                        None => view! { <InputBar /> }.into_any(),
                    }}
                </div>
                <div class="phone-home" aria-hidden="true"><span></span></div>
                {sheet.map(|sheet| sheet.run())}
            </div>
        </section>
    }
}

/// LINE's input bar as a picture: it takes no input here.
#[component]
pub fn InputBar() -> impl IntoView {
    view! {
        <div class="phone-input" aria-hidden="true">
            <Icon name=IconName::Plus size=22 />
            <Icon name=IconName::Camera size=22 />
            <span class="phone-entry"></span>
            <Icon name=IconName::Emoji size=22 />
        </div>
    }
}

/// The messages of a talk, as a list; quick replies below the newest.
#[component]
pub fn Talk(
    /// Oldest first.
    #[prop(into)]
    entries: Signal<Vec<Entry>>,
    /// What pressing a button or quick reply does (`/phone`); nothing in a preview.
    #[prop(into, optional)]
    on_action: Option<Callback<Value>>,
) -> impl IntoView {
    let rows = Memo::new(move |_| {
        let list = entries.get();
        let mut before: Option<(From, String)> = None;
        list.into_iter()
            .map(|entry| {
                let here = (entry.from, entry.time.clone());
                // LINE draws the avatar once for what arrives together.
                let first = entry.date.is_some() || before.as_ref() != Some(&here);
                before = Some(here);
                (entry, first)
            })
            .collect::<Vec<_>>()
    });
    let quick = move || {
        rows.with(|rows| {
            let (last, _) = rows.last()?;
            let items = last.message.get("quickReply")?.get("items")?.as_array()?.clone();
            (last.from == From::City).then(|| view! { <QuickReplies items on_action /> })
        })
    };
    view! {
        <ol class="talk">
            <For each=move || rows.get() key=|(entry, first)| (entry.key.clone(), *first, entry.read, entry.message.to_string()) let:row>
                <TalkRow entry=row.0 first=row.1 on_action />
            </For>
        </ol>
        {quick}
    }
}

#[component]
fn TalkRow(entry: Entry, first: bool, on_action: OnAction) -> impl IntoView {
    let Entry { from, message, time, read, date, .. } = entry;
    let city = from == From::City;
    let class = match (city, first) {
        (true, true) => "talk-row talk-city talk-first",
        (true, false) => "talk-row talk-city",
        (false, _) => "talk-row talk-resident",
    };
    view! {
        {date.map(|date| view! { <li class="talk-date"><span>{date}</span></li> })}
        <li class=class>
            {city.then(|| view! { <span class="talk-avatar">{first.then(|| view! { <Emblem size=28 /> })}</span> })}
            <span class="visually-hidden">{if city { "市から：" } else { "住民から：" }}</span> {message::body(&message, on_action)}
            <span class="talk-time">{(!city && read).then(|| view! { <span>"既読"</span> })} <span>{time}</span></span>
        </li>
    }
}

/// A notification on the lock screen: the first part as LINE shortens it.
#[component]
pub fn LockScreenNotice(
    /// The account's name.
    #[prop(into)]
    city: String,
    /// The first part in one line (`summary`).
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    view! {
        <section class="lock" aria-label="ロック画面の通知">
            <span class="lock-app" aria-hidden="true"><Mark size=22 /></span>
            <div>
                <p class="lock-head"><strong>{city}</strong> <span>"今"</span></p>
                <p class="lock-text">{move || shorten(&text.get())}</p>
            </div>
        </section>
    }
}

/// LINE cuts a notification after about 100 characters; the screen after three lines.
fn shorten(text: &str) -> String {
    if text.chars().count() <= 100 {
        text.to_owned()
    } else {
        text.chars().take(100).chain(['…']).collect()
    }
}

/// Which of LINE's three heights a LIFF page opens with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SheetHeight {
    /// Half of the screen.
    Compact,
    /// Most of it.
    #[default]
    Tall,
    /// All of it.
    Full,
}

/// A LIFF page over the talk, with its title bar and ×.
#[component]
pub fn LiffSheet(
    /// In the title bar.
    #[prop(into)]
    title: String,
    /// How high it opens.
    #[prop(optional)]
    height: SheetHeight,
    /// × was pressed.
    #[prop(into, optional)]
    on_close: Option<Callback<()>>,
    /// The page; an `<iframe class="sheet-frame">` in `/phone`.
    children: Children,
) -> impl IntoView {
    let class = match height {
        SheetHeight::Compact => "sheet sheet-compact",
        SheetHeight::Tall => "sheet",
        SheetHeight::Full => "sheet sheet-full",
    };
    let label = title.clone();
    view! {
        <div class="sheet-veil">
            <div class=class role="dialog" aria-label=label>
                <div class="sheet-title">
                    <strong>{title}</strong>
                    <button
                        class="icon-btn"
                        type="button"
                        aria-label="閉じる"
                        on:click=move |_| {
                            if let Some(act) = on_close {
                                act.run(());
                            }
                        }
                    >
                        <Icon name=IconName::Cross />
                    </button>
                </div>
                <div class="sheet-body">{children()}</div>
            </div>
        </div>
    }
}

/// The whole preview of a composer: heading, text size, phone, lock screen.
#[component]
pub fn PhonePreview(
    /// LINE message objects as they will be sent.
    #[prop(into)]
    messages: Signal<Vec<Value>>,
    /// The account's name.
    #[prop(into)]
    city: String,
    /// The time beside the messages.
    #[prop(into, default = Signal::stored("17:30".to_owned()))]
    time: Signal<String>,
    /// Unique on the page.
    #[prop(into, default = "preview".into())]
    id: String,
    /// Below the phone: as which resident, what cannot be shown exactly.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let entries = Signal::derive(move || {
        let time = time.get();
        let entry = |(i, message)| Entry {
            key: format!("{i}"),
            from: From::City,
            message,
            time: time.clone(),
            read: false,
            date: (i == 0).then(|| "今日".to_owned()),
        };
        messages.get().into_iter().enumerate().map(entry).collect::<Vec<_>>()
    });
    let first =
        Signal::derive(move || messages.with(|m| m.first().map(summary)).unwrap_or_default());
    view! {
        <div class="preview">
            <div class="preview-head">
                <h2>"届いたときの見え方"</h2>
                <fieldset class="segmented">
                    <legend class="visually-hidden">"文字の大きさ"</legend>
                    <label>
                        <input class="visually-hidden" type="radio" name=format!("{id}-size") value="standard" checked=true autocomplete="off" />
                        <span>"文字 標準"</span>
                    </label>
                    <label>
                        <input class="visually-hidden pick-large" type="radio" name=format!("{id}-size") value="large" autocomplete="off" />
                        <span>"特大"</span>
                    </label>
                </fieldset>
            </div>
            <Phone city=city.clone()>
                <Talk entries />
            </Phone>
            {children.map(|children| view! { <div class="preview-below">{children()}</div> })}
            <h3>"ロック画面の通知"</h3>
            <LockScreenNotice city text=first />
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::shorten;

    #[test]
    fn a_notification_is_cut_by_characters() {
        assert_eq!(shorten(&"あ".repeat(100)).chars().count(), 100);
        assert_eq!(shorten(&"あ".repeat(101)).chars().count(), 101);
        assert!(shorten(&"あ".repeat(101)).ends_with('…'));
    }
}
