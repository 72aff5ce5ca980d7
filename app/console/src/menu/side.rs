//! The right column: everything of the chosen area, of the sheet, or of the menu.

mod acts;
mod icons;
mod look;
mod taps;

use self::acts::ActFields;
use self::icons::MarkField;
use self::look::SheetPane;
use self::taps::AreaTaps;
use super::publish::end_trial;
use super::state::{Clip, Copied, Editor, Pane, Tool};
use super::words::{SEEN, place};
use domain::geometry::Rect;
use domain::menu::color::{contrast, ratio_words};
use domain::menu::{Area, BAR_MAX, Command, LABEL_MAX, NAME_MAX, Picture, Side, WORDS_MAX};
use leptos::prelude::*;
use ui::prelude::*;

/// What is wrong at a place of the menu (`/sheets/0/areas/3/label`), if anything.
pub(super) fn problem(
    editor: Editor,
    at: impl Fn() -> Option<String> + Send + Sync + 'static,
) -> Signal<Option<String>> {
    Memo::new(move |_| {
        let at = at()?;
        editor.problems.with(|all| all.iter().find(|p| p.at == at).map(|p| p.message.clone()))
    })
    .into()
}

/// The place of the sheet that is worked on, for problems.
pub(super) fn sheet_at(editor: Editor) -> Option<usize> {
    let key = editor.sheet.with(|s| s.key);
    editor.with(|m| m.sheets.iter().position(|s| s.key == key))
}

/// The right column.
#[component]
pub fn SidePanel(
    /// Of which editor.
    editor: Editor,
) -> impl IntoView {
    let pane = editor.pane;
    let tab = move |own: Pane, words: &'static str| {
        view! {
            <button
                type="button"
                aria-pressed=move || (pane.get() == own).to_string()
                on:click=move |_| pane.set(own)
            >
                {words}
            </button>
        }
    };
    // Another area is another form: what was typed belongs to the one where it was typed.
    let area = Memo::new(move |_| {
        let chosen = editor.chosen.get()?;
        editor.sheet.with(|s| Some((s.key, s.areas.get(chosen)?.key)))
    });
    view! {
        <div class="me-panes" role="group" aria-label="何を変えるか">
            {tab(Pane::Area, "エリア")} {tab(Pane::Sheet, "シート")} {tab(Pane::Menu, "メニュー全体")}
        </div>
        {move || match pane.get() {
            Pane::Area => {
                view! {
                    {move || {
                        area.get()
                            .is_none()
                            .then(|| {
                                view! {
                                    <div class="me-nothing">
                                        <h2>"エリアを選んでください"</h2>
                                        <p class="sub dense">
                                            "まん中の絵か、左の一覧から選ぶと、ことば、アイコン、押したときの動きを決められます。絵の上をなぞると、エリアを分けられます。"
                                        </p>
                                    </div>
                                }
                            })
                    }}
                    <For each=move || area.get() key=|key| *key let:key>
                        <AreaPane editor key=key.1 />
                    </For>
                }
                    .into_any()
            }
            Pane::Sheet => {
                view! {
                    <For each=move || Some(editor.sheet.with(|s| s.key)) key=|key| *key let:_key>
                        <SheetPane editor />
                    </For>
                }
                    .into_any()
            }
            Pane::Menu => view! { <MenuPane editor /> }.into_any(),
        }}
    }
}

/// Everything of one area.
#[component]
fn AreaPane(editor: Editor, key: u16) -> impl IntoView {
    let number = Memo::new(move |former: Option<&usize>| {
        let found = editor.sheet.with(|s| s.areas.iter().position(|a| a.key == key));
        found.or(former.copied()).unwrap_or(0)
    });
    let area = Memo::new(move |former: Option<&Area>| {
        let found = editor.sheet.with(|s| s.areas.iter().find(|a| a.key == key).cloned());
        found.or_else(|| former.cloned()).unwrap_or_else(|| Area::new(key))
    });
    let rect = Memo::new(move |_| {
        let rect = editor.sheet.with(|s| s.rects().get(number.get()).copied());
        rect.unwrap_or(Rect::whole(0, 0))
    });
    let composed =
        Memo::new(move |_| editor.sheet.with(|s| matches!(s.picture, Picture::Composed(_))));
    let at = move |rest: &'static str| {
        problem(editor, move || {
            Some(format!("/sheets/{}/areas/{}{rest}", sheet_at(editor)?, number.get()))
        })
    };
    let label = Memo::new(move |_| area.with(|a| a.label.clone()));
    let words = Memo::new(move |_| area.with(|a| a.cell.words.clone()));
    let chars = Memo::new(move |_| label.with(|l| l.trim().chars().count()));
    let title = move || format!("エリア{}", number.get() + 1);
    let note = move || {
        let (whole, count) = editor.sheet.with(|s| (s.size.whole(), s.areas.len()));
        format!("{}・{}中 {}目", place(whole, rect.get()), things(count), things(number.get() + 1))
    };
    let typed_label = move |label: String| {
        let command =
            Command::SetLabel { sheet: editor.key(), area: number.get_untracked(), label };
        editor.go_on(&format!("area/{key}/label"), &command, false);
    };
    let typed_words = move |words: String| {
        let command =
            Command::SetWords { sheet: editor.key(), area: number.get_untracked(), words };
        editor.go_on(&format!("area/{key}/words"), &command, false);
    };
    let difference = move || {
        editor.sheet.with(|s| match &s.picture {
            Picture::Composed(look) => {
                let tab = s.is_tab(number.get());
                let (front, back) =
                    if tab { (look.accent, look.card) } else { (look.ink, look.card) };
                Some(contrast(front, back))
            }
            Picture::Uploaded(_) => None,
        })
    };
    view! {
        <div class="me-pane" id="menu-area-pane">
            <div class="me-pane-head">
                <h2>{title}</h2>
                <span class="sub dense">{note}</span>
            </div>
            <ActFields editor number area problem=at("/act") />
            <TextField
                name="area-label"
                id="menu-area-label"
                label="読み上げることば"
                required=true
                autocomplete="off"
                hint="目の見えない人のスマートフォンが読み上げます。"
                value=Signal::derive(move || label.get())
                error=at("/label")
                on_input=typed_label
            />
            <p class="field-counter">{move || format!("{} / {LABEL_MAX}", chars.get())}</p>
            {move || {
                composed
                    .get()
                    .then(|| {
                        view! {
                            <div class="me-cell">
                                <MarkField editor number area />
                                <TextArea
                                    name="area-words"
                                    id="menu-area-words"
                                    label="絵の中の文字"
                                    rows=2
                                    hint="空なら、読み上げることばを入れます。同じことばのあいだは、読み上げることばを直すと、ここも変わります。2行まで。"
                                    value=Signal::derive(move || words.get())
                                    error=at("/cell/words")
                                    counter=Signal::derive(move || (words.with(|w| w.chars().count()) > WORDS_MAX / 2).then(|| format!("{} / {WORDS_MAX}", words.with(|w| w.chars().count()))))
                                    on_input=typed_words
                                />
                                {move || {
                                    difference()
                                        .map(|ratio| {
                                            let good = ratio >= domain::menu::color::WORDS_MIN;
                                            view! {
                                                <p class=if good { "me-ok" } else { "me-bad" }>
                                                    <Icon name=if good { IconName::Check } else { IconName::Warning } size=16 />
                                                    {format!("文字と背景の差 {}", ratio_words(ratio))}
                                                </p>
                                            }
                                        })
                                }}
                            </div>
                        }
                    })
            }}
            <PlaceFields editor number rect />
            <AreaTaps editor key />
            <AreaActs editor number area />
        </div>
    }
}

/// 左・上・幅・高さ: in the picture's own pixels.
#[component]
fn PlaceFields(editor: Editor, number: Memo<usize>, rect: Memo<Rect>) -> impl IntoView {
    let commit = move |which: usize, event: leptos::ev::Event| {
        let typed = event_target_value(&event).trim().parse::<u32>();
        let (old, sheet, area) = (rect.get_untracked(), editor.key(), number.get_untracked());
        if let Ok(value) = typed {
            let free = editor.sheet.with_untracked(|s| s.tree().is_none());
            let whole = editor.sheet.with_untracked(|s| s.size.whole());
            let command = if free {
                let mut rect = old;
                *[&mut rect.x, &mut rect.y, &mut rect.width, &mut rect.height][which] = value;
                Command::SetRect { sheet, area, rect }
            } else {
                let (side, to) = match which {
                    0 => (Side::Left, value),
                    1 => (Side::Top, value),
                    // The side at the edge of the picture stays where it is.
                    2 if old.x + old.width == whole.width && old.x > 0 => {
                        (Side::Left, whole.width.saturating_sub(value))
                    }
                    2 => (Side::Right, old.x.saturating_add(value)),
                    _ if old.y + old.height == whole.height && old.y > 0 => {
                        (Side::Top, whole.height.saturating_sub(value))
                    }
                    _ => (Side::Bottom, old.y.saturating_add(value)),
                };
                Command::SetSide { sheet, area, side, to }
            };
            editor.run(&command);
        }
        // What could not be done, or only in part, shows how it is.
        let now = editor.sheet.with_untracked(|s| s.rects().get(area).copied()).unwrap_or(old);
        let now = [now.x, now.y, now.width, now.height][which];
        event_target::<web_sys::HtmlInputElement>(&event).set_value(&now.to_string());
    };
    let field = move |which: usize, words: &'static str| {
        view! {
            <label class="me-number-field">
                <span class="field-label">{words}</span>
                <input
                    class="control"
                    type="number"
                    inputmode="numeric"
                    autocomplete="off"
                    min="0"
                    prop:value=move || {
                        let r = rect.get();
                        [r.x, r.y, r.width, r.height][which]
                    }
                    on:change=move |event| commit(which, event)
                />
            </label>
        }
    };
    view! {
        <div class="me-numbers" role="group" aria-label="場所と大きさ（ドット）">
            {field(0, "左")} {field(1, "上")} {field(2, "幅")} {field(3, "高さ")}
        </div>
    }
}

/// Copied, pasted, exchanged, emptied.
#[component]
fn AreaActs(editor: Editor, number: Memo<usize>, area: Memo<Area>) -> impl IntoView {
    let copy = move |_| {
        let words = format!(
            "エリア{}を写しました。ほかのシートやメニューでも貼りつけられます",
            number.get_untracked() + 1
        );
        editor.copy(Copied::Area(Box::new(area.get_untracked())), &words);
    };
    let paste = move |from: Box<Area>| {
        editor.run(&Command::Paste { sheet: editor.key(), area: number.get_untracked(), from });
    };
    let exchange = move |_| {
        let area = number.get_untracked();
        editor.tool.set(Tool::Exchange(area));
        editor.say(format!("エリア{}と中身を入れかえるエリアを選んでください", area + 1));
    };
    let clear = move |_| {
        let (sheet, area) = (editor.key(), number.get_untracked());
        editor.run(&Command::Paste { sheet, area, from: Box::new(Area::new(0)) });
    };
    view! {
        <div class="cluster">
            <Button size=Size::Small icon=IconName::Copy on_click=copy>"写す"</Button>
            {move || match editor.copied.get() {
                Some(Clip { of, copied: Copied::Area(from) }) => {
                    let name = from.label.clone();
                    let from = if of == editor.id { from } else { Box::new((*from).elsewhere()) };
                    view! {
                        <Button size=Size::Small on_click=move |_| paste(from.clone())>
                            {if name.is_empty() { "ここに貼りつける".to_owned() } else { format!("「{name}」をここに貼りつける") }}
                        </Button>
                    }
                        .into_any()
                }
                _ => ().into_any(),
            }}
            <Button size=Size::Small on_click=exchange>"入れかえる"</Button>
            <Button size=Size::Small icon=IconName::Trash on_click=clear>"空にする"</Button>
        </div>
    }
}

/// What belongs to all sheets.
#[component]
fn MenuPane(editor: Editor) -> impl IntoView {
    let bar = Memo::new(move |_| editor.with(|m| m.bar.clone()));
    let open = Memo::new(move |_| editor.with(|m| m.open));
    let name = Memo::new(move |_| editor.with(|m| m.name.clone()));
    let toasts = use_toasts();
    view! {
        <div class="me-pane">
            <h2>"メニュー全体"</h2>
            {move || {
                editor
                    .tried
                    .get()
                    .then(|| {
                        let (title, words) = match editor.tried_instead.get() {
                            None => ("試験者の画面に出しています".to_owned(), "「試験者で確かめる」を押したときの下書きです。".to_owned()),
                            Some(other) => (
                                format!("試験者の画面には、いま「{other}」が出ています"),
                                format!("あとから「{other}」で「試験者で確かめる」が押されたためです。「{other}」の確認が終わるか、ここでもう一度「試験者で確かめる」を押すと、このメニューが出ます。"),
                            ),
                        };
                        view! {
                            <Banner title>
                                <p>{words}</p>
                                <Button size=Size::Small on_click=move |_| end_trial(editor, toasts)>"試験者の確認を終える"</Button>
                            </Banner>
                        }
                    })
            }}
            <TextField
                name="menu-name"
                id="menu-name"
                label="メニューの名前"
                hint=SEEN
                required=true
                autocomplete="off"
                maxlength=NAME_MAX as u32
                value=Signal::derive(move || name.get())
                error=problem(editor, || Some("/name".into()))
                on_input=move |name| editor.go_on("name", &Command::Rename { name }, false)
            />
            <TextField
                name="menu-bar"
                id="menu-bar"
                label="メニューバーの文字"
                required=true
                autocomplete="off"
                hint=format!("トークの下の、メニューを開け閉めする所に出ます。{BAR_MAX}文字まで。")
                value=Signal::derive(move || bar.get())
                error=problem(editor, || Some("/bar".into()))
                on_input=move |bar| editor.go_on("bar", &Command::SetBar { bar }, false)
            />
            <Checkbox
                name="menu-open"
                checked=Signal::derive(move || open.get())
                on_change=move |open| {
                    editor.run(&Command::SetOpen { open });
                }
            >
                "トークを開いたとき、はじめから開いておく"
            </Checkbox>
        </div>
    }
}
