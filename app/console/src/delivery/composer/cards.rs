//! カード: each with a picture, a title, a text and up to three buttons, ordered by buttons.

use super::boxed::BoxHead;
use super::buttons::TapFields;
use super::check::Checker;
use super::dom::focused_field;
use super::editor::Editor;
use super::parts::area_id;
use super::upload::{Kept, PictureField};
use super::variable::{ROOM, VariablePicker};
use domain::message::cards::{BUTTONS_MAX, CARDS_MAX, Card, TEXT_MAX, TITLE_MAX};
use domain::message::{ALT_TEXT_MAX, Button as Tap, Part, Place};
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use ui::prelude::*;
use ui::toast::Offers;

/// Cards as they begin.
pub fn new_part() -> Part {
    Part::Cards { cards: vec![Card::default()], alt: String::new() }
}

/// The cards of one part on the screen.
#[derive(Clone, Copy)]
struct Deck {
    editor: Editor,
    key: u32,
    cards: Memo<Vec<Card>>,
}

impl Deck {
    fn change(self, with: impl FnOnce(&mut Vec<Card>)) {
        self.editor.change(self.key, |part| {
            if let Part::Cards { cards, .. } = part {
                with(cards);
            }
        });
    }

    fn change_one(self, n: usize, with: impl FnOnce(&mut Card)) {
        self.change(|cards| {
            if let Some(card) = cards.get_mut(n) {
                with(card);
            }
        });
    }
}

/// What stands in the box of cards.
#[component]
pub fn CardsBody(
    /// What is written.
    editor: Editor,
    /// What is wrong.
    checker: Checker,
    /// Which part.
    key: u32,
    /// Its place, from 1.
    number: Memo<usize>,
) -> impl IntoView {
    let content = Memo::new(move |_| match editor.part(key) {
        Some(Part::Cards { cards, alt }) => (cards, alt),
        _ => (Vec::new(), String::new()),
    });
    let cards = Memo::new(move |_| content.with(|(cards, _)| cards.clone()));
    let deck = Deck { editor, key, cards };
    let count = Memo::new(move |_| cards.with(Vec::len));
    let (toasts, offers) = (use_toasts(), use_offers());
    let add = move |_| {
        let n = count.get_untracked();
        if n < CARDS_MAX {
            deck.change(|cards| cards.push(Card::default()));
            focus_soon(format!("{}-cards-{n}-title", area_id(key)));
        } else {
            toasts.warn(format!("カードは{CARDS_MAX}枚までです"));
        }
    };
    view! {
        <div class="part-body part-fields" id=area_id(key) tabindex="-1">
            <TextField
                name=format!("{}-alt", area_id(key))
                label="読み上げと通知に出る説明"
                hint="通知と、カードを表示できない機種に、この文が届きます。".to_owned()
                required=true
                maxlength=ALT_TEXT_MAX as u32
                autocomplete="off"
                value=Signal::derive(move || content.with(|(_, alt)| alt.clone()))
                error=checker.part_problem(number, "/alt")
                on_input=move |words: String| {
                    editor
                        .change(
                            key,
                            |part| {
                                if let Part::Cards { alt, .. } = part {
                                    *alt = words;
                                }
                            },
                        );
                }
            />
            <VariablePicker
                area=Signal::stored(format!("{}-alt", area_id(key)))
                label=Signal::derive(move || format!("カード{}の説明", number.get()))
            />
            <div class="stack-s">
                <For each=move || 0..count.get() key=|n| *n let:n>
                    <CardBox deck checker number n offers />
                </For>
            </div>
            <div class="cluster">
                <Button size=Size::Small icon=IconName::Plus on_click=add>
                    {move || if count.get() >= CARDS_MAX { format!("カード（{CARDS_MAX}枚まで）") } else { "カードを1枚足す".to_owned() }}
                </Button>
                <span class="sub dense">{move || format!("{} / {CARDS_MAX}枚", count.get())}</span>
            </div>
            <FieldError id=format!("{}-cards-error", area_id(key)) text=checker.part_problem(number, "/cards") />
        </div>
    }
}

#[component]
fn CardBox(
    deck: Deck,
    checker: Checker,
    number: Memo<usize>,
    n: usize,
    offers: Offers,
) -> impl IntoView {
    let Deck { key, cards, .. } = deck;
    let toasts = use_toasts();
    let card = Memo::new(move |_| cards.with(|c| c.get(n).cloned().unwrap_or_default()));
    let image = Memo::new(move |_| card.with(|c| c.image.clone()));
    let buttons = Memo::new(move |_| card.with(|c| c.buttons.len()));
    let name = format!("カード{}", n + 1);
    let id = format!("{}-cards-{n}", area_id(key));
    let shift = move |(to, focus): (Option<usize>, &'static str)| {
        let Some(to) = to.filter(|to| *to < cards.with_untracked(Vec::len)) else { return };
        deck.change(|cards| cards.swap(n, to));
        toasts.say(format!("カードを{}番目に移しました", to + 1));
        focus_soon(format!("{}-cards-{to}-{focus}", area_id(key)));
    };
    let remove = move |_| {
        let lost = card.get_untracked();
        deck.change(|cards| {
            if n < cards.len() {
                cards.remove(n);
            }
        });
        focus_soon(area_id(key));
        if !lost.is_empty() {
            offers.ok(
                format!("カード{}を消しました", n + 1),
                "元にもどす",
                move || {
                    deck.change(|cards| cards.insert(n.min(cards.len()), lost.clone()));
                },
            );
        }
    };
    let picture_id = format!("{id}-image");
    let file = picture_id.clone();
    let no_picture = Callback::new(move |_: MouseEvent| {
        deck.change_one(n, |card| card.image = None);
        focus_soon(file.clone());
    });
    let add_button = move |_| {
        let place = buttons.get_untracked();
        deck.change_one(n, |card| card.buttons.push(Tap::default()));
        focus_soon(format!("{}-cards-{n}-buttons-{place}-label", area_id(key)));
    };
    let of = name.clone();
    // Where one wrote last, in this card or on one of its buttons.
    let field = RwSignal::new(format!("{id}-title"));
    let (title_error, text_error) = (
        checker.part_problem(number, format!("/cards/{n}/title")),
        checker.problem_at(move |at| {
            let Some(i) = number.get().checked_sub(1) else { return false };
            let card = format!("{}/{i}/cards/{n}", deck.editor.root());
            at == format!("{card}/text") || at == card
        }),
    );
    let of_card = name.clone();
    view! {
        <div
            class="tap-box"
            role="group"
            aria-label=name.clone()
            on:focusin=move |event| {
                if let Some(id) = focused_field(&event) {
                    field.set(id);
                }
            }
        >
            <BoxHead id=id.clone() name=name.clone() n on_shift=Callback::new(shift) on_remove=Callback::new(remove) />
            <div class="tap-fields">
                <div class="card-picture">
                    <PictureField
                        id=picture_id
                        word="写真"
                        of=Signal::stored(format!("{of}の"))
                        image=image.into()
                        problem=checker.part_problem(number, format!("/cards/{n}/image"))
                        on_kept=move |kept: Kept| deck.change_one(n, |card| card.image = Some(kept.id))
                    >
                        {move || {
                            image
                                .with(Option::is_some)
                                .then(|| {
                                    view! {
                                        <Button size=Size::Small aria_label=format!("カード{}の写真を外す", n + 1) on_click=no_picture>
                                            "写真を外す"
                                        </Button>
                                    }
                                })
                        }}
                    </PictureField>
                </div>
                <TextField
                    name=format!("{id}-title")
                    label="見出し"
                    maxlength=TITLE_MAX as u32 + ROOM
                    autocomplete="off"
                    value=Signal::derive(move || card.with(|c| c.title.clone()))
                    error=title_error
                    on_input=move |words| deck.change_one(n, |card| card.title = words)
                />
                <TextArea
                    name=format!("{id}-text")
                    label="文章"
                    rows=3
                    value=Signal::derive(move || card.with(|c| c.text.clone()))
                    counter=Signal::derive(move || Some(format!("{} / {TEXT_MAX}文字", card.with(|c| c.text.chars().count()))))
                    error=text_error
                    on_input=move |words| deck.change_one(n, |card| card.text = words)
                />
                <For each=move || 0..buttons.get() key=|b| *b let:b>
                    <CardButton deck checker number n b card />
                </For>
                <VariablePicker area=field label=Signal::stored(of_card) last=true />
                {move || {
                    (buttons.get() < BUTTONS_MAX)
                        .then(|| {
                            view! {
                                <Button size=Size::Small icon=IconName::Plus aria_label=format!("カード{}にボタンを足す", n + 1) on_click=add_button>
                                    {format!("ボタンを足す（{BUTTONS_MAX}つまで）")}
                                </Button>
                            }
                        })
                }}
            </div>
        </div>
    }
}

#[component]
fn CardButton(
    deck: Deck,
    checker: Checker,
    number: Memo<usize>,
    n: usize,
    b: usize,
    card: Memo<Card>,
) -> impl IntoView {
    let tap = Memo::new(move |_| card.with(|c| c.buttons.get(b).cloned().unwrap_or_default()));
    let problem = Callback::new(move |rest: &'static str| {
        checker.part_problem(number, format!("/cards/{n}/buttons/{b}{rest}"))
    });
    let changed = move |tap: Tap| {
        deck.change_one(n, |card| {
            if let Some(place) = card.buttons.get_mut(b) {
                *place = tap;
            }
        });
    };
    let remove = move |_| {
        deck.change_one(n, |card| {
            if b < card.buttons.len() {
                card.buttons.remove(b);
            }
        });
        focus_soon(format!("{}-cards-{n}-title", area_id(deck.key)));
    };
    let name = format!("カード{}のボタン{}", n + 1, b + 1);
    view! {
        <div class="tap-inner" role="group" aria-label=name.clone()>
            <div class="tap-head">
                <strong class="grow">{format!("ボタン{}", b + 1)}</strong>
                <IconButton icon=IconName::Trash label=format!("{name}を消す") on_click=remove />
            </div>
            <TapFields id=format!("{}-cards-{n}-buttons-{b}", area_id(deck.key)) place=Place::Card tap problem on_change=changed />
        </div>
    }
}
