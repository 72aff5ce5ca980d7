//! A small set of emoji for municipal messages, reachable by keyboard.

use super::dom::Inserter;
use leptos::prelude::*;
use ui::prelude::*;

/// Emoji with the name that is read out.
const EMOJI: &[(&str, &str)] = &[
    ("😊", "笑顔"),
    ("🙇", "おじぎ"),
    ("👏", "拍手"),
    ("💡", "電球"),
    ("📢", "拡声器"),
    ("📣", "メガホン"),
    ("⚠️", "注意"),
    ("🚨", "警報"),
    ("❗", "感嘆符"),
    ("✅", "チェック"),
    ("📅", "カレンダー"),
    ("⏰", "時計"),
    ("📍", "場所"),
    ("📞", "電話"),
    ("📝", "メモ"),
    ("📄", "書類"),
    ("🏫", "学校"),
    ("🏥", "病院"),
    ("🏢", "庁舎"),
    ("🏠", "家"),
    ("📚", "本"),
    ("👶", "赤ちゃん"),
    ("👧", "子ども"),
    ("👵", "お年寄り"),
    ("🐕", "犬"),
    ("🚌", "バス"),
    ("🚗", "車"),
    ("🚧", "工事"),
    ("🚰", "水道"),
    ("♻️", "リサイクル"),
    ("🗑️", "ごみ箱"),
    ("🔥", "火"),
    ("☔", "雨"),
    ("🌀", "台風"),
    ("🌊", "波"),
    ("⛰️", "山"),
    ("❄️", "雪"),
    ("☀️", "晴れ"),
    ("🌸", "桜"),
    ("🎉", "お祝い"),
];

/// The picker of one part.
#[component]
pub fn EmojiPicker(
    /// Id of the area.
    area: String,
    /// Which part, for its name.
    #[prop(into)]
    label: Signal<String>,
) -> impl IntoView {
    let inserter = Inserter::into_field(Signal::stored(area));
    view! {
        <details class="menu emoji">
            <summary class="btn btn-plain btn-sm" aria-label=move || format!("{}に絵文字を入れる", label.get())>
                <Icon name=IconName::Emoji size=18 />
                <span>"絵文字"</span>
            </summary>
            <div class="menu-list emoji-list" role="group" aria-label="絵文字">
                {EMOJI
                    .iter()
                    .map(|(emoji, name)| {
                        view! {
                            <button
                                class="emoji-item"
                                type="button"
                                aria-label=*name
                                title=*name
                                on:click=move |event| inserter.put(&event, emoji)
                            >
                                {*emoji}
                            </button>
                        }
                    })
                    .collect_view()}
            </div>
        </details>
    }
}
