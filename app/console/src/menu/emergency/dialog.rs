//! 「緊急の操作」 over every page: what is prepared, what a switch costs, and the button that
//! switches the whole city. It is the confirmation, so that two presses are enough.

use super::act::{Act, Acting, Foreseen};
use super::{Holding, NothingPrepared, Opened, Unready, open_emergency};
use crate::menu::EMERGENCY_PATH;
use domain::menu::{Forecast, Mode};
use leptos::ev::MouseEvent;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use ui::prelude::*;
use wasm_bindgen::JsCast;

/// What a switch costs, as soon as it is known.
type Known = RwSignal<Option<Result<Forecast, String>>>;

/// What the dialog over every page and the page of emergencies share; `Copy`.
#[derive(Clone, Copy)]
pub struct Emergencies {
    open: RwSignal<bool>,
    /// Raised when something was done: the page is drawn anew.
    pub(super) changes: RwSignal<u32>,
}

impl Emergencies {
    /// Once, above all pages. `may`: whoever is signed in may switch, and 「緊急の操作」 opens the
    /// dialog; for others it leads to the page.
    pub fn provide(may: bool) -> Self {
        let emergencies = Self { open: RwSignal::new(false), changes: RwSignal::new(0) };
        provide_context(emergencies);
        if may {
            let open = emergencies.open;
            provide_context(OnEmergency(Callback::new(move |()| open.set(true))));
        }
        emergencies
    }
}

/// The dialog; asks for what is prepared when it is opened.
#[component]
pub fn EmergencyDialog(
    /// As they were provided.
    emergencies: Emergencies,
) -> impl IntoView {
    let Emergencies { open, changes } = emergencies;
    let node = NodeRef::<html::Dialog>::new();
    open_while(node, open);
    let acting = Acting::new(open, changes);
    let found = RwSignal::new(None::<Result<Opened, AppError>>);
    let asked = StoredValue::new(0u32);
    Effect::new(move |_| {
        found.set(None);
        acting.refused.set(None);
        asked.update_value(|n| *n += 1);
        if !open.get() {
            return;
        }
        let number = asked.get_value();
        spawn_local(async move {
            let answer = open_emergency().await;
            // It may have been closed meanwhile.
            if asked.try_get_value() == Some(number) {
                found.set(Some(answer));
            }
        });
    });
    let body = move || match found.get() {
        None if !open.get() => ().into_any(),
        None => view! { <Skeleton sentence="用意を調べています" rows=2 /> }.into_any(),
        Some(Ok(opened)) => view! { <Offered opened acting /> }.into_any(),
        Some(Err(error)) => {
            let why = format!("{}{}", error.message(), error.next());
            view! { <Banner tone=Tone::Err title="用意を調べられませんでした"><p>{why}</p></Banner> }
                .into_any()
        }
    };
    view! {
        <dialog
            class="dialog"
            id="emergency-now"
            aria-labelledby="emergency-now-title"
            node_ref=node
            on:close=move |_| open.set(false)
            on:click=move |event| {
                // The page that it leads to is not to lie behind it.
                if on_link(&event) {
                    open.set(false);
                }
            }
        >
            <div class="dialog-head">
                <h2 id="emergency-now-title">"緊急の操作"</h2>
                <button class="icon-btn" type="button" aria-label="やめて閉じる" on:click=move |_| open.set(false)>
                    <Icon name=IconName::Cross />
                </button>
            </div>
            <div class="dialog-body">{body}</div>
            <div class="dialog-acts">
                <button class="btn btn-outline" type="button" autofocus on:click=move |_| open.set(false)>
                    <span>"やめる"</span>
                </button>
                <LinkButton href=EMERGENCY_PATH>"訓練・準備・履歴のページへ"</LinkButton>
            </div>
        </dialog>
    }
}

fn on_link(event: &MouseEvent) -> bool {
    let target = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|element| matches!(element.closest("a[href]"), Ok(Some(_))))
}

/// What holds, the way back, and to what can be switched.
#[component]
fn Offered(opened: Opened, acting: Acting) -> impl IntoView {
    let Opened { now, prepared, unpublished, at, .. } = opened;
    let held = now.iter().find(|d| d.mode == Mode::Real).map(|d| d.disaster);
    let nothing = prepared.is_empty();
    let back: Option<(Act, Known)> = held.map(|_| (Act::Back(Mode::Real), RwSignal::new(None)));
    let switches: Vec<(Act, String, Known)> = prepared
        .into_iter()
        .filter(|(disaster, _)| Some(*disaster) != held)
        .map(|(disaster, name)| (Act::Switch(disaster, Mode::Real), name, RwSignal::new(None)))
        .collect();
    let all: Vec<(Act, Known)> = back
        .into_iter()
        .chain(switches.iter().map(|(act, _, forecast)| (*act, *forecast)))
        .collect();
    // One after another: each looks at every resident, and the switch is not to wait for it.
    spawn_local(async move {
        for (act, forecast) in all {
            if forecast.try_get_untracked().is_none() {
                return;
            }
            forecast.try_set(Some(act.foreseen().await));
        }
    });
    let effect = switches.first().map(|(act, ..)| {
        view! { <p>{format!("押すと、すぐに切りかえます。{}", act.effect())}</p> }
    });
    view! {
        <div class="stack-s">
            {now.into_iter().map(|declared| view! { <Holding declared at /> }).collect_view()}
            {back.map(|(act, forecast)| view! { <Card act about=act.effect().to_owned() forecast acting /> })}
            {effect}
            {switches
                .into_iter()
                .map(|(act, name, forecast)| view! { <Card act about=format!("メニュー「{name}」") forecast acting /> })
                .collect_view()}
            {nothing.then(|| view! { <NothingPrepared /> })}
            <Unready disasters=unpublished />
        </div>
    }
}

/// One act, with what it costs and the button that does it.
#[component]
fn Card(act: Act, about: String, forecast: Known, acting: Acting) -> impl IntoView {
    let (title, press, kind, icon) = match act {
        Act::Switch(disaster, _) => {
            let words = disaster.label();
            let press = format!("「{words}」のメニューに切りかえる");
            (words.to_owned(), press, Kind::DangerFilled, IconName::Siren)
        }
        Act::Back(_) => (act.title(), act.confirm(), Kind::Filled, IconName::Undo),
    };
    let refused = Signal::derive(move || {
        acting.refused.get().filter(|(of, _)| *of == act).map(|(_, words)| words)
    });
    view! {
        <section class="panel stack-s">
            <h3>{title}</h3>
            <p class="sub">{about}</p>
            <Foreseen forecast refused />
            <p>
                <Button kind icon busy=acting.busy on_click=move |_| acting.begin(act)>
                    {press}
                </Button>
            </p>
        </section>
    }
}
