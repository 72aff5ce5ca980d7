//! 届ける内容: the parts, ordered by handle, by ↑↓ and by Alt+↑↓.

use super::cards::CardsBody;
use super::check::Checker;
use super::editor::Editor;
use super::emoji::EmojiPicker;
use super::languages::{EasyHints, Languages, PANEL};
use super::links::Links;
use super::picture::PictureBody;
use super::quick::Quick;
use super::rich::RichBody;
use super::variable::{VariableLegend, VariablePicker};
use super::video::VideoBody;
use super::{cards, rich};
use domain::language::Language;
use domain::message::variable::{Values, fill};
use domain::message::{PARTS_MAX, Part, TEXT_MAX, text_len};
use leptos::ev::{DragEvent, KeyboardEvent};
use leptos::prelude::*;
use ui::prelude::*;
use ui::toast::Offers;

/// Id of a part's area, for links from the summary.
pub fn area_id(key: u32) -> String {
    format!("part-{key}")
}

/// All parts, and the way to add one.
#[component]
pub fn Parts(
    /// What is written.
    editor: Editor,
    /// What is wrong.
    checker: Checker,
) -> impl IntoView {
    let dragged = RwSignal::new(None::<u32>);
    let toasts = use_toasts();
    let keys =
        Memo::new(move |_| editor.pieces.with(|p| p.iter().map(|p| p.key).collect::<Vec<_>>()));
    let full = Memo::new(move |_| keys.with(Vec::len) >= PARTS_MAX);
    let add = move |part: Part| {
        let end = keys.with_untracked(Vec::len);
        match editor.insert(end, part) {
            Some(key) => focus_soon(area_id(key)),
            None => toasts.warn("内容は5つまでです。長い文章は、1つにまとめられます"),
        }
    };
    let add_text = move |_| add(Part::Text { text: String::new() });
    let add_picture = move |_| add(Part::Image { image: None, alt: String::new() });
    let add_video = move |_| add(Part::Video { video: None, poster: None, alt: String::new() });
    let add_rich = move |_| add(rich::new_part());
    let add_cards = move |_| add(cards::new_part());
    let words = move |word: &'static str| {
        move || {
            if full.get() { format!("{word}（5つまで）") } else { format!("{word}を足す") }
        }
    };
    let offers = use_offers();
    let remove = Callback::new(move |key: u32| {
        let number = untrack(|| editor.place(key)).map_or(0, |at| at + 1);
        let language = editor.language.get_untracked();
        let Some(lost) = editor.remove(key) else { return };
        focus_soon("parts".into());
        offer_back(editor, offers, Some(number), (language, lost.0, lost.1));
    });
    let missing = checker.problem_at(move |at| at == editor.root());
    let several = Memo::new(move |_| editor.sides.with(|all| all.len() > 1));
    view! {
        <h2>"届ける内容 " <span class="sub dense">"5つまで"</span></h2>
        <Languages editor checker />
        <div
            id=PANEL
            class="stack-s"
            role=move || several.get().then_some("tabpanel")
            aria-label=move || several.get().then(|| editor.language.get().japanese())
        >
        <div class="stack-s" id="parts" tabindex="-1">
            <For each=move || keys.get() key=|key| *key let:key>
                <PartBox editor checker key dragged remove />
            </For>
        </div>
        <div class="part-add">
            <Button size=Size::Small icon=IconName::Text on_click=add_text>{words("文章")}</Button>
            <Button size=Size::Small icon=IconName::Camera on_click=add_picture>{words("写真")}</Button>
            <Button size=Size::Small icon=IconName::Video on_click=add_video>{words("動画")}</Button>
            <Button size=Size::Small icon=IconName::Menu on_click=add_rich>{words("タップ画像")}</Button>
            <Button size=Size::Small icon=IconName::Document on_click=add_cards>{words("カード")}</Button>
        </div>
        <FieldError id="parts-error" text=missing />
        <Quick editor checker />
        <Links editor />
        </div>
    }
}

/// The way back of a deleted part: with its number when it was deleted, without where five stand
/// there meanwhile, so that it is not lost.
fn offer_back(
    editor: Editor,
    offers: Offers,
    number: Option<usize>,
    lost: (Language, usize, Part),
) {
    let word = lost.2.word();
    let back = move || {
        // It comes back where it was written, if that language is still there.
        if !editor.show(lost.0) {
            return;
        }
        match editor.insert(lost.1, lost.2.clone()) {
            Some(key) => focus_soon(area_id(key)),
            None => offer_back(editor, offers, None, lost.clone()),
        }
    };
    match number {
        Some(number) => offers.ok(format!("{word}{number}を消しました"), "元にもどす", back),
        None => offers.warn(
            "内容が5つあるので、もどせません。どれかを消してから、もう一度押してください",
            "元にもどす",
            back,
        ),
    }
}

fn icon(part: &Part) -> IconName {
    match part {
        Part::Text { .. } => IconName::Text,
        Part::Image { .. } => IconName::Camera,
        Part::Video { .. } => IconName::Video,
        Part::Rich { .. } => IconName::Menu,
        Part::Cards { .. } | Part::Quick { .. } => IconName::Document,
    }
}

#[component]
fn PartBox(
    editor: Editor,
    checker: Checker,
    key: u32,
    dragged: RwSignal<Option<u32>>,
    remove: Callback<u32>,
) -> impl IntoView {
    let toasts = use_toasts();
    let number = Memo::new(move |_| editor.place(key).map_or(0, |at| at + 1));
    // What a part is stays with its key.
    let kind = untrack(|| editor.part(key)).unwrap_or(Part::Text { text: String::new() });
    let (word, icon) = (kind.word(), icon(&kind));
    let name = Signal::derive(move || format!("{word}{}", number.get()));
    let say = move |at: Option<usize>, focus: String| {
        if let Some(at) = at {
            toasts.say(format!("{}番目に移しました", at + 1));
            focus_soon(focus);
        }
    };
    let step = move |step: i32, focus: String| say(editor.shift(key, step), focus);
    let keydown = move |event: KeyboardEvent| {
        if event.alt_key() && matches!(event.key().as_str(), "ArrowUp" | "ArrowDown") {
            event.prevent_default();
            step(if event.key() == "ArrowUp" { -1 } else { 1 }, area_id(key));
        }
    };
    let drag_start = move |event: DragEvent| {
        dragged.set(Some(key));
        if let Some(transfer) = event.data_transfer() {
            transfer.set_effect_allowed("move");
            // Firefox drags only what carries data; without it the buttons remain.
            drop(transfer.set_data("text/plain", ""));
        }
    };
    let over = move |event: DragEvent| {
        if dragged.get_untracked().is_some() {
            event.prevent_default();
        }
    };
    let drop_here = move |event: DragEvent| {
        if let (Some(moving), Some(to)) = (dragged.get_untracked(), untrack(|| editor.place(key))) {
            event.prevent_default();
            dragged.set(None);
            say(editor.move_to(moving, to), area_id(moving));
        }
    };
    let (up, down) = (format!("part-{key}-up"), format!("part-{key}-down"));
    let (up_id, down_id) = (up.clone(), down.clone());
    view! {
        <div
            class="part"
            class:part-dragged=move || dragged.get() == Some(key)
            role="group"
            aria-label=name
            on:keydown=keydown
            on:dragover=over
            on:drop=drop_here
        >
            <div class="part-head">
                <span class="part-grip" draggable="true" title="ドラッグで順番を変える" on:dragstart=drag_start on:dragend=move |_| dragged.set(None)>
                    <Icon name=IconName::Grip />
                </span>
                <strong>{number}</strong>
                <Icon name=icon />
                <strong class="grow">{word}</strong>
                <button class="icon-btn" type="button" id=up_id aria-label=move || format!("{}を上へ", name.get()) title="上へ（Alt＋↑）" on:click=move |_| step(-1, up.clone())>
                    <Icon name=IconName::ChevronUp />
                </button>
                <button class="icon-btn" type="button" id=down_id aria-label=move || format!("{}を下へ", name.get()) title="下へ（Alt＋↓）" on:click=move |_| step(1, down.clone())>
                    <Icon name=IconName::ChevronDown />
                </button>
                <button class="icon-btn" type="button" aria-label=move || format!("{}を消す", name.get()) title="消す" on:click=move |_| remove.run(key)>
                    <Icon name=IconName::Trash />
                </button>
            </div>
            {match kind {
                Part::Image { .. } => view! { <PictureBody editor checker key number /> }.into_any(),
                Part::Video { .. } => view! { <VideoBody editor checker key number /> }.into_any(),
                Part::Rich { .. } => view! { <RichBody editor checker key number /> }.into_any(),
                Part::Cards { .. } => view! { <CardsBody editor checker key number /> }.into_any(),
                Part::Text { .. } | Part::Quick { .. } => view! { <TextBody editor checker key number name /> }.into_any(),
            }}
        </div>
    }
}

#[component]
fn TextBody(
    editor: Editor,
    checker: Checker,
    key: u32,
    number: Memo<usize>,
    name: Signal<String>,
) -> impl IntoView {
    let text = Memo::new(move |_| editor.text(key));
    let units = Memo::new(move |_| {
        let arriving = editor.arriving(&[Part::Text { text: text.get() }]);
        let filled = fill(&arriving, &Values::new());
        filled.first().map_or(0, |part| text_len(&part.marked(editor.voice())))
    });
    let counter =
        move || format!("{} / {}字", thousands(units.get() as i64), thousands(TEXT_MAX as i64));
    // What is too long is said at once; an empty text only after somebody tried to send.
    let asked = checker.problem_at(move |at| {
        let root = editor.root();
        number.get().checked_sub(1).is_some_and(|i| at == format!("{root}/{i}/text"))
    });
    let error = Signal::derive(move || {
        let over = units.get().checked_sub(TEXT_MAX).filter(|n| *n > 0);
        over.map(|n| {
            format!("{}字多すぎます。5,000字までにするか、2つに分けてください", thousands(n as i64))
        })
        .or_else(|| asked.get())
    });
    view! {
        <div class="part-body">
            <TextArea
                name=area_id(key)
                label="文章"
                class="label-hidden"
                rows=7
                value=Signal::derive(move || text.get())
                error
                on_input=move |typed| editor.write(key, typed)
            />
            <VariableLegend text=text />
            {(editor.language.get_untracked() == Language::Easy).then(|| view! { <EasyHints text /> })}
        </div>
        <div class="part-foot">
            <VariablePicker area=Signal::stored(area_id(key)) label=name />
            <EmojiPicker area=area_id(key) label=name />
            <span class="end" class:sub=move || units.get() <= TEXT_MAX class:err=move || { units.get() > TEXT_MAX }>{counter}</span>
        </div>
    }
}
