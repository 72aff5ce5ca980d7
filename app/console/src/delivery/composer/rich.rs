//! タップ画像: a picture, how it is cut, and what a tap on each area does.

use super::buttons::TapFields;
use super::check::Checker;
use super::editor::Editor;
use super::parts::area_id;
use super::upload::{Kept, PictureField};
use super::variable::VariablePicker;
use domain::geometry::{Axis, Border, TEMPLATES, Template, Tree};
use domain::message::rich::{LIMITS, WIDTH};
use domain::message::{ALT_TEXT_MAX, MEDIA_PATH, Part, Place, Rich};
use leptos::prelude::*;
use ui::prelude::*;
use ui::toast::Offers;

/// A picture with areas as it begins.
pub fn new_part() -> Part {
    let mut rich = Rich::default();
    rich.set_layout(rich.layout.clone());
    Part::Rich { rich: Box::new(rich) }
}

/// What stands in the box of one.
#[component]
pub fn RichBody(
    /// What is written.
    editor: Editor,
    /// What is wrong.
    checker: Checker,
    /// Which part.
    key: u32,
    /// Its place, from 1.
    number: Memo<usize>,
) -> impl IntoView {
    let rich = Memo::new(move |_| match editor.part(key) {
        Some(Part::Rich { rich }) => *rich,
        _ => Rich::default(),
    });
    let change = move |with: &dyn Fn(&mut Rich)| {
        editor.change(key, |part| {
            if let Part::Rich { rich } = part {
                with(rich);
            }
        });
    };
    let image = Memo::new(move |_| rich.with(|r| r.image.clone()));
    let narrow = RwSignal::new(false);
    let offers = use_offers();
    let kept = move |kept: Kept| {
        narrow.set(kept.width < WIDTH);
        change(&|rich| rich.set_picture(kept.id.clone(), kept.width, kept.height));
    };
    let missing = checker.problem_at(move |at| {
        let Some(i) = number.get().checked_sub(1) else { return false };
        let root = editor.root();
        [format!("{root}/{i}/rich/image"), format!("{root}/{i}/rich/height")]
            .contains(&at.to_owned())
    });
    let area_count = Memo::new(move |_| rich.with(|r| r.areas.len()));
    view! {
        <div class="part-body part-rich">
            {move || {
                image.get().map(|_| view! { <Canvas rich on_layout=move |layout: Tree| change(&|rich| rich.layout.clone_from(&layout)) /> })
            }}
            <div class="part-picture">
                <PictureField id=area_id(key) word="画像" image=image.into() problem=missing bare=true on_kept=kept>
                    <p class="sub dense">"JPEGかPNG、10MBまで。横1,040ドットより大きいと、きれいに出ます。"</p>
                    {move || narrow.get().then(|| view! { <p class="warn dense" role="status"><Icon name=IconName::Warning size=16 />" 横が1,040ドットより小さいので、ぼやけて見えます"</p> })}
                </PictureField>
            </div>
            <div class="part-fields">
                <TextField
                    name=format!("{}-alt", area_id(key))
                    label="読み上げと通知に出る説明"
                    hint="通知と、画像を見られない人に、この文が届きます。".to_owned()
                    required=true
                    maxlength=ALT_TEXT_MAX as u32
                    autocomplete="off"
                    value=Signal::derive(move || rich.with(|r| r.alt.clone()))
                    error=checker.part_problem(number, "/rich/alt")
                    on_input=move |words: String| change(&|rich| rich.alt.clone_from(&words))
                />
                <VariablePicker
                    area=Signal::stored(format!("{}-alt", area_id(key)))
                    label=Signal::derive(move || format!("タップ画像{}の説明", number.get()))
                />
                {move || {
                    image
                        .get()
                        .map(|_| view! { <Cuts editor checker key number rich offers /> })
                }}
                <div class="stack-s">
                    <For each=move || 0..area_count.get() key=|area| *area let:area>
                        <AreaBox editor checker key number rich area offers />
                    </For>
                </div>
            </div>
        </div>
    }
}

/// The picture with its cuts and numbers; the borders can be dragged on it.
#[component]
fn Canvas(rich: Memo<Rich>, #[prop(into)] on_layout: Callback<Tree>) -> impl IntoView {
    let whole = Memo::new(move |_| rich.with(Rich::whole));
    let layout = Memo::new(move |_| {
        rich.with(|r| match r.layout.fault(r.whole(), LIMITS) {
            None => r.layout.clone(),
            Some(_) => Tree::Area,
        })
    });
    let drawn = move || {
        rich.with(|r| {
            let src = format!("{MEDIA_PATH}/{}/preview", r.image.as_ref()?);
            let alt = if r.alt.is_empty() { "選んだ画像".to_owned() } else { r.alt.clone() };
            Some(view! { <img src=src alt=alt width=WIDTH height=r.height /> })
        })
    };
    view! {
        <CutCanvas whole layout limits=LIMITS on_layout>
            {drawn}
        </CutCanvas>
    }
}

/// A template as a small picture.
#[component]
fn Small(template: &'static Template) -> impl IntoView {
    let whole = domain::geometry::Rect::whole(48, 32);
    let areas = template
        .tree(whole)
        .areas(whole)
        .into_iter()
        .map(
            |a| view! { <rect x=a.x + 1 y=a.y + 1 width=a.width - 2 height=a.height - 2 rx="2" /> },
        )
        .collect_view();
    view! { <svg class="layout-art" width="48" height="32" viewBox="0 0 48 32" aria-hidden="true" focusable="false">{areas}</svg> }
}

#[component]
fn Cuts(
    editor: Editor,
    checker: Checker,
    key: u32,
    number: Memo<usize>,
    rich: Memo<Rich>,
    offers: Offers,
) -> impl IntoView {
    let toasts = use_toasts();
    let put = move |new: Rich| {
        if let Some(Part::Rich { .. }) = untrack(|| editor.part(key)) {
            editor.replace(key, Part::Rich { rich: Box::new(new) });
        }
    };
    let take = move |template: &'static Template| {
        let former = rich.get_untracked();
        let mut new = former.clone();
        let lost = new.set_layout(template.tree(new.whole()));
        put(new);
        if lost.is_empty() {
            toasts.say(format!("エリアを{}にしました", template.label));
        } else {
            offers.passing(
                format!(
                    "エリアを{}にし、あふれた{}を消しました",
                    template.label,
                    things(lost.len())
                ),
                "元にもどす",
                move || put(former.clone()),
            );
        }
    };
    let templates = TEMPLATES
        .iter()
        .map(|template| {
            let chosen = move || rich.with(|r| r.layout == template.tree(r.whole()));
            view! {
                <button class="layout-pick" type="button" aria-pressed=move || if chosen() { "true" } else { "false" } on:click=move |_| take(template)>
                    <Small template />
                    <span>{template.label}</span>
                </button>
            }
        })
        .collect_view();
    let borders = Memo::new(move |_| {
        rich.with(|r| {
            if r.layout.fault(r.whole(), LIMITS).is_none() {
                r.layout.borders(r.whole(), LIMITS)
            } else {
                Vec::new()
            }
        })
    });
    let count = Memo::new(move |_| borders.with(Vec::len));
    let moved = move |n: usize, to: u32| {
        let mut new = rich.get_untracked();
        new.layout = new.layout.moved(new.whole(), LIMITS, n, to);
        put(new);
    };
    let layout_id = format!("{}-layout", area_id(key));
    let error = checker.problem_at(move |at| {
        let Some(i) = number.get().checked_sub(1) else { return false };
        let root = editor.root();
        [format!("{root}/{i}/rich/layout"), format!("{root}/{i}/rich/areas")]
            .contains(&at.to_owned())
    });
    let evened = move |_| {
        let mut new = rich.get_untracked();
        if let Some(layout) = new.layout.evened(new.whole(), LIMITS) {
            new.layout = layout;
            put(new);
            toasts.say("境目を等しい間にしました");
        }
    };
    view! {
        <fieldset class="fieldset" id=layout_id.clone() tabindex="-1">
            <legend class="field-label">"エリアの型"</legend>
            <div class="layout-picks">{templates}</div>
            <FieldError id=format!("{layout_id}-error") text=error />
        </fieldset>
        {move || {
            (count.get() > 0)
                .then(|| {
                    view! {
                        <details class="cut-borders">
                            <summary>{format!("境目を動かす（{}本）", count.get())}</summary>
                            <div class="stack-s">
                                <For each=move || 0..count.get() key=|n| *n let:n>
                                    <BorderField id=format!("part-{key}-border-{n}") n borders moved=Callback::new(move |to| moved(n, to)) />
                                </For>
                                <Button size=Size::Small on_click=evened>"等しい間にする"</Button>
                            </div>
                        </details>
                    }
                })
        }}
    }
}

/// 「境目1（左から）」: by sliding, by arrow keys and by number.
#[component]
fn BorderField(
    #[prop(into)] id: String,
    n: usize,
    borders: Memo<Vec<Border>>,
    moved: Callback<u32>,
) -> impl IntoView {
    let border = Memo::new(move |_| borders.with(|b| b.get(n).copied()));
    let of = move |read: fn(Border) -> u32| border.get().map_or(0, read).to_string();
    let upright = border.with_untracked(|b| b.is_some_and(|b| b.axis == Axis::Columns));
    let label = format!("境目{}（{}から、ドット）", n + 1, if upright { "左" } else { "上" });
    let typed = move |event: leptos::ev::Event| {
        if let Ok(to) = event_target_value(&event).trim().parse() {
            moved.run(to);
        }
    };
    let slider = label.clone();
    view! {
        <div class="cut-border">
            <label for=id.clone()>{label}</label>
            <input
                type="range"
                aria-label=format!("{slider}：すべらせて動かす")
                autocomplete="off"
                min=move || of(|b| b.min)
                max=move || of(|b| b.max)
                prop:value=move || of(|b| b.at)
                on:input=typed
            />
            <input
                class="control cut-figure"
                id=id
                type="number"
                inputmode="numeric"
                autocomplete="off"
                min=move || of(|b| b.min)
                max=move || of(|b| b.max)
                prop:value=move || of(|b| b.at)
                on:change=move |event| {
                    typed(event.clone());
                    // What went too far stands where it stopped.
                    event_target::<web_sys::HtmlInputElement>(&event).set_value(&border.with_untracked(|b| b.map_or(0, |b| b.at)).to_string());
                }
            />
        </div>
    }
}

#[component]
fn AreaBox(
    editor: Editor,
    checker: Checker,
    key: u32,
    number: Memo<usize>,
    rich: Memo<Rich>,
    area: usize,
    offers: Offers,
) -> impl IntoView {
    let toasts = use_toasts();
    let tap = Memo::new(move |_| rich.with(|r| r.areas.get(area).cloned().unwrap_or_default()));
    let several = Memo::new(move |_| rich.with(|r| r.image.is_some()));
    let with_next = Memo::new(move |_| rich.with(|r| r.layout.merged(area).is_some()));
    let put = move |new: Rich| editor.replace(key, Part::Rich { rich: Box::new(new) });
    let cut = move |axis: Axis| {
        let mut new = rich.get_untracked();
        if new.cut(area, axis) {
            put(new);
            toasts.say(format!("エリア{}を2つに分けました", area + 1));
        } else {
            toasts.warn("これより細かくは分けられません。指で押せる大きさが要ります");
        }
    };
    let merge = move |_| {
        let former = rich.get_untracked();
        let mut new = former.clone();
        if new.merge(area) {
            put(new);
            // With the last area the button has gone.
            focus_soon(format!("{}-areas-{area}-label", area_id(key)));
            offers.passing(
                format!("エリア{}とエリア{}を結合しました", area + 1, area + 2),
                "元にもどす",
                move || put(former.clone()),
            );
        }
    };
    let changed = move |tap: domain::message::Button| {
        let mut new = rich.get_untracked();
        if let Some(place) = new.areas.get_mut(area) {
            *place = tap;
            put(new);
        }
    };
    let name = format!("エリア{}", area + 1);
    let problem = Callback::new(move |rest: &'static str| {
        checker.part_problem(number, format!("/rich/areas/{area}{rest}"))
    });
    view! {
        <div class="tap-box" role="group" aria-label=name.clone()>
            <div class="tap-head">
                <strong class="grow">{name.clone()}</strong>
            </div>
            <TapFields id=format!("{}-areas-{area}", area_id(key)) place=Place::Picture tap problem on_change=changed />
            {move || {
                several
                    .get()
                    .then(|| {
                        view! {
                            <div class="tap-cuts">
                                <Button size=Size::Small icon=IconName::SplitVertical aria_label=format!("エリア{}を左右に分ける", area + 1) on_click=move |_| cut(Axis::Columns)>
                                    "左右に分ける"
                                </Button>
                                <Button size=Size::Small icon=IconName::SplitHorizontal aria_label=format!("エリア{}を上下に分ける", area + 1) on_click=move |_| cut(Axis::Rows)>
                                    "上下に分ける"
                                </Button>
                                {move || {
                                    with_next
                                        .get()
                                        .then(|| {
                                            view! {
                                                <Button size=Size::Small icon=IconName::Merge aria_label=format!("エリア{}を次のエリアと結合する", area + 1) on_click=merge>
                                                    "次のエリアと結合する"
                                                </Button>
                                            }
                                        })
                                }}
                            </div>
                        }
                    })
            }}
        </div>
    }
}
