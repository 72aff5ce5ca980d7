//! What is seen of a whole sheet: its size, finished artwork or colours, cuts or free areas.

use super::super::state::Editor;
use super::{problem, sheet_at};
use crate::delivery::{Kept, PictureField};
use domain::id::BlobId;
use domain::menu::color::{ICON_MIN, WORDS_MIN, contrast, ratio_words};
use domain::menu::{Color, Command, Look, NAME_MAX, Picture, Sheet, Size as SheetSize};
use leptos::prelude::*;
use ui::prelude::*;

/// Colours that can be read on one another: name, ground, card, ink, accent.
const PALETTES: &[(&str, [&str; 4])] = &[
    ("青", ["#e8f1fe", "#ffffff", "#1a1a1a", "#0017c1"]),
    ("緑", ["#e6f5ec", "#ffffff", "#1a1a1a", "#115a36"]),
    ("朱", ["#ffeee2", "#ffffff", "#1a1a1a", "#8b2300"]),
    ("紫", ["#f1eafa", "#ffffff", "#1a1a1a", "#5c10be"]),
    ("墨", ["#f2f2f2", "#ffffff", "#1a1a1a", "#333333"]),
    ("夜（緊急）", ["#1a1a1a", "#ffe8e6", "#1a1a1a", "#a90000"]),
];

fn palette(colors: [&str; 4], former: &Look) -> Option<Look> {
    let [ground, card, ink, accent] = colors.map(|c| c.parse::<Color>().ok());
    Some(Look {
        ground: ground?,
        card: card?,
        ink: ink?,
        accent: accent?,
        backdrop: former.backdrop.clone(),
    })
}

#[component]
pub fn SheetPane(editor: Editor) -> impl IntoView {
    let name = Memo::new(move |_| editor.sheet.with(|s| s.name.clone()));
    let size = Memo::new(move |_| editor.sheet.with(|s| s.size));
    let free = Memo::new(move |_| editor.sheet.with(|s| s.tree().is_none()));
    let composed =
        Memo::new(move |_| editor.sheet.with(|s| matches!(s.picture, Picture::Composed(_))));
    // What was chosen before comes back with the way.
    let former = StoredValue::new((Look::default(), None::<BlobId>));
    let picture = move |composed: bool| {
        editor.sheet.with_untracked(|s| {
            former.update_value(|f| match &s.picture {
                Picture::Composed(look) => f.0 = look.clone(),
                Picture::Uploaded(id) => f.1.clone_from(id),
            });
        });
        let (look, id) = former.get_value();
        let picture = if composed { Picture::Composed(look) } else { Picture::Uploaded(id) };
        editor.run(&Command::SetPicture { sheet: editor.key(), picture });
    };
    let uploaded = Signal::derive(move || {
        editor.sheet.with(|s| match &s.picture {
            Picture::Uploaded(id) => id.clone(),
            Picture::Composed(_) => None,
        })
    });
    let at = move |rest: &'static str| {
        problem(editor, move || Some(format!("/sheets/{}{rest}", sheet_at(editor)?)))
    };
    // What was sent from here, with its size: what is cut off is said as long as it stands.
    let sent = RwSignal::new(None::<Kept>);
    let kept = move |kept: Kept| {
        let picture = Picture::Uploaded(Some(kept.id.clone()));
        sent.set(Some(kept));
        editor.run(&Command::SetPicture { sheet: editor.key(), picture });
    };
    let cut_off = Memo::new(move |_| {
        let id = uploaded.get()?;
        let size = size.get();
        sent.with(|sent| {
            let sent = sent.as_ref().filter(|sent| sent.id == id)?;
            size.cut_off(sent.width, sent.height)
        })
    });
    view! {
        <div class="me-pane">
            <h2>"シート"</h2>
            <TextField
                name="sheet-own-name"
                id="menu-sheet-own-name"
                label="シートの名前"
                required=true
                autocomplete="off"
                hint="同じ文字のタブも、いっしょに変わります。"
                maxlength=NAME_MAX as u32
                value=Signal::derive(move || name.get())
                error=at("/name")
                on_input=move |name| editor.go_on("sheet-name", &Command::RenameSheet { sheet: editor.key(), name }, false)
            />
            <div role="group" aria-labelledby="menu-size">
                <p class="field-label" id="menu-size">"大きさ"</p>
                <div class="me-panes">
                    {[(SheetSize::LARGE, "大（画面の半分）"), (SheetSize::COMPACT, "小（4分の1）")]
                        .into_iter()
                        .map(|(own, words)| {
                            view! {
                                <button
                                    type="button"
                                    aria-pressed=move || (size.get() == own).to_string()
                                    on:click=move |_| {
                                        editor.run(&Command::Resize { sheet: editor.key(), size: own });
                                    }
                                >
                                    {words}
                                </button>
                            }
                        })
                        .collect_view()}
                </div>
            </div>
            <Fieldset legend="絵" id="menu-picture">
                <div class="cards">
                    <RadioCard name="menu-picture" value="composed" title="絵と文字で作る" note="アイコンと文字を選ぶと、絵ができます" checked=Signal::derive(move || composed.get()) on_change=move |_| picture(true) />
                    <RadioCard name="menu-picture" value="uploaded" title="できあがった絵を使う" note="JPEGかPNG。シートと同じ大きさがきれいです" checked=Signal::derive(move || !composed.get()) on_change=move |_| picture(false) />
                </div>
            </Fieldset>
            {move || {
                if composed.get() {
                    view! { <Colours editor /> }.into_any()
                } else {
                    view! {
                        <PictureField id="menu-artwork" word="絵" path="/console/menu-pictures?what=artwork" image=uploaded problem=at("/picture") on_kept=kept>
                            <p class="field-hint">
                                {move || format!("このシートは{}です。大きい絵はちぢめ、形がちがう絵は、はみ出すところを切ります。ゆがめません。", size.get().shape())}
                            </p>
                            <div role="status">
                                {move || {
                                    cut_off
                                        .get()
                                        .map(|words| view! { <p class="me-bad"><Icon name=IconName::Warning size=16 />{words}</p> })
                                }}
                            </div>
                        </PictureField>
                    }
                        .into_any()
                }
            }}
            <div role="group" aria-labelledby="menu-layout">
                <p class="field-label" id="menu-layout">"エリアの置きかた"</p>
                <div class="me-panes">
                    {[(false, "境界で分ける"), (true, "四角を自由に置く")]
                        .into_iter()
                        .map(|(own, words)| {
                            view! {
                                <button
                                    type="button"
                                    aria-pressed=move || (free.get() == own).to_string()
                                    on:click=move |_| {
                                        let sheet = editor.key();
                                        if free.get_untracked() != own {
                                            editor.run(&if own { Command::Loosen { sheet } } else { Command::Tighten { sheet } });
                                        }
                                    }
                                >
                                    {words}
                                </button>
                            }
                        })
                        .collect_view()}
                </div>
                <p class="field-hint">"境界で分けると、すきまも重なりもできません。できあがった絵に合わせるときは、四角を自由に置けます。"</p>
            </div>
        </div>
    }
}

/// The colours of a composed sheet, with how well they can be told apart.
#[component]
fn Colours(editor: Editor) -> impl IntoView {
    let look = Memo::new(move |former: Option<&Look>| {
        let found = editor.sheet.with(|s| match &s.picture {
            Picture::Composed(look) => Some(look.clone()),
            Picture::Uploaded(_) => None,
        });
        found.or_else(|| former.cloned()).unwrap_or_default()
    });
    let set = move |look: Look| {
        editor.run(&Command::SetPicture { sheet: editor.key(), picture: Picture::Composed(look) });
    };
    let everywhere = move |_| {
        let look = look.get_untracked();
        // Finished artwork stays, and so does every sheet's own backdrop.
        let commands: Vec<Command> = editor.now(|m| {
            let colours = |sheet: &Sheet| match &sheet.picture {
                Picture::Composed(own) => {
                    let look = Look { backdrop: own.backdrop.clone(), ..look.clone() };
                    let picture = Picture::Composed(look);
                    Some(Command::SetPicture { sheet: sheet.key, picture })
                }
                Picture::Uploaded(_) => None,
            };
            m.sheets.iter().filter_map(colours).collect()
        });
        editor.run_all(&commands);
        editor.say("絵と文字で作ったシートを、すべてこの色にしました");
    };
    let several = Memo::new(move |_| editor.with(|m| m.sheets.len() > 1));
    let backdrop = Signal::derive(move || look.with(|l| l.backdrop.clone()));
    view! {
        <div class="me-palettes" role="group" aria-label="色の組み合わせ">
            {PALETTES
                .iter()
                .map(|(name, colors)| {
                    let colors = *colors;
                    let on = move || look.with(|l| palette(colors, l).is_some_and(|p| p == *l));
                    let [ground, card, ink, accent] = colors;
                    view! {
                        <button
                            type="button"
                            class="me-palette"
                            aria-pressed=move || on().to_string()
                            on:click=move |_| {
                                if let Some(look) = palette(colors, &look.get_untracked()) {
                                    set(look);
                                }
                            }
                        >
                            <svg viewBox="0 0 60 36" width="60" height="36" aria-hidden="true" focusable="false">
                                <rect width="60" height="36" fill=ground />
                                <rect x="6" y="6" width="48" height="24" rx="5" fill=card />
                                <circle cx="18" cy="18" r="6" fill=accent />
                                <rect x="29" y="15" width="20" height="6" fill=ink />
                            </svg>
                            <span>{*name}</span>
                        </button>
                    }
                })
                .collect_view()}
        </div>
        <div class="me-colours">
            <ColourField id="menu-ground" label="背景" value=Signal::derive(move || look.with(|l| l.ground)) on_change=move |ground| set(Look { ground, ..look.get_untracked() }) />
            <ColourField id="menu-card" label="カード" value=Signal::derive(move || look.with(|l| l.card)) on_change=move |card| set(Look { card, ..look.get_untracked() }) />
            <ColourField id="menu-ink" label="文字" value=Signal::derive(move || look.with(|l| l.ink)) on_change=move |ink| set(Look { ink, ..look.get_untracked() }) />
            <ColourField id="menu-accent" label="アイコンとタブ" value=Signal::derive(move || look.with(|l| l.accent)) on_change=move |accent| set(Look { accent, ..look.get_untracked() }) />
        </div>
        {move || {
            let l = look.get();
            let tabs = editor.sheet.with(|s| (0..s.areas.len()).any(|i| s.is_tab(i)));
            let rows = [
                ("文字と背景の差", contrast(l.ink, l.card), WORDS_MIN),
                ("アイコンとタブの差", contrast(l.accent, l.card), if tabs { WORDS_MIN } else { ICON_MIN }),
            ];
            rows.into_iter()
                .map(|(words, ratio, least)| {
                    let good = ratio >= least;
                    let more = if good { String::new() } else { format!("。{}以上にしてください", ratio_words(least)) };
                    view! {
                        <p class=if good { "me-ok" } else { "me-bad" }>
                            <Icon name=if good { IconName::Check } else { IconName::Warning } size=16 />
                            {format!("{words} {}{more}", ratio_words(ratio))}
                        </p>
                    }
                })
                .collect_view()
        }}
        {move || {
            several.get().then(|| view! { <Button size=Size::Small on_click=everywhere>"すべてのシートをこの色にする"</Button> })
        }}
        <PictureField id="menu-backdrop" word="背景の写真" path="/console/menu-pictures?what=backdrop" image=backdrop on_kept=move |kept: Kept| set(Look { backdrop: Some(kept.id), ..look.get_untracked() })>
            {move || {
                backdrop
                    .with(Option::is_some)
                    .then(|| view! { <Button size=Size::Small icon=IconName::Trash on_click=move |_| set(Look { backdrop: None, ..look.get_untracked() })>"背景の写真を外す"</Button> })
            }}
        </PictureField>
    }
}

/// A colour, by the browser's own field and by its number.
#[component]
fn ColourField(
    #[prop(into)] id: String,
    label: &'static str,
    value: Signal<Color>,
    #[prop(into)] on_change: Callback<Color>,
) -> impl IntoView {
    let typed = move |event: leptos::ev::Event| {
        let input = event_target::<web_sys::HtmlInputElement>(&event);
        match input.value().trim().parse::<Color>() {
            Ok(color) => on_change.run(color),
            // What is no colour shows the one that counts.
            Err(_) => input.set_value(&value.get_untracked().to_string()),
        }
    };
    view! {
        <div class="me-colour">
            <label class="field-label" for=id.clone()>{label}</label>
            <span class="me-colour-row">
                <input type="color" aria-label=format!("{label}の色を選ぶ") prop:value=move || value.get().to_string() on:change=typed />
                <input class="control" id=id type="text" autocomplete="off" maxlength="7" prop:value=move || value.get().to_string() on:change=typed />
            </span>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_palette_can_be_read() {
        for (name, colors) in PALETTES {
            let look = palette(*colors, &Look::default()).unwrap();
            assert!(contrast(look.ink, look.card) >= WORDS_MIN, "{name}");
            assert!(contrast(look.accent, look.card) >= WORDS_MIN, "{name}");
        }
    }
}
