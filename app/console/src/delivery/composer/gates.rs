//! What the last question asks besides the head count: whether it waits for the end of the
//! quiet hours, and whether was seen that it differs strikingly from last time, or that the month
//! at LINE does not suffice.

use super::editor::{Leaves, typed_count};
use crate::delivery::figure;
use domain::delivery::gate::Confirmed;
use domain::time::Timestamp;
use leptos::prelude::*;
use ui::prelude::*;

/// When something leaves that waits until the quiet hours are over.
pub fn after_quiet(leaves: Leaves, until: Option<Timestamp>) -> Leaves {
    match (leaves, until) {
        (Leaves::Now | Leaves::At(_), Some(until)) => Leaves::At(until),
        (leaves, _) => leaves,
    }
}

/// What is chosen in the dialog.
#[derive(Clone, Copy)]
pub struct Asked {
    /// It waits for the end of the quiet hours.
    pub waits: RwSignal<bool>,
    reason: RwSignal<String>,
    differs: RwSignal<bool>,
    short: RwSignal<bool>,
    night_error: RwSignal<Option<String>>,
    differs_error: RwSignal<Option<String>>,
    short_error: RwSignal<Option<String>>,
}

impl Asked {
    /// Nothing chosen yet: it waits.
    pub fn new() -> Self {
        Self {
            waits: RwSignal::new(true),
            reason: RwSignal::new(String::new()),
            differs: RwSignal::new(false),
            short: RwSignal::new(false),
            night_error: RwSignal::new(None),
            differs_error: RwSignal::new(None),
            short_error: RwSignal::new(None),
        }
    }

    /// As when the dialog opens: what was typed stays, ticks have to be set again.
    pub fn again(self) {
        self.differs.set(false);
        self.short.set(false);
        self.night_error.set(None);
        self.differs_error.set(None);
        self.short_error.set(None);
    }

    /// What is confirmed for so many people.
    pub fn confirmed(self, people: i64) -> Confirmed {
        Confirmed {
            people,
            differs: self.differs.get_untracked(),
            short: self.short.get_untracked(),
            night: (!self.waits.get_untracked()).then(|| self.reason.get_untracked()),
        }
    }

    /// Shows at its place what is wrong before it is sent; answers whether something is.
    pub fn stops(self, quiet: bool, strikes: bool, short: bool) -> bool {
        let confirmed = self.confirmed(0);
        let night = confirmed.problem().filter(|_| quiet).map(|p| p.message);
        let differs = (strikes && !confirmed.differs)
            .then(|| "前回との違いを確かめて、印をつけてください".to_owned());
        let short = (short && !confirmed.short)
            .then(|| "足りないことを確かめて、印をつけてください".to_owned());
        let stops = night.is_some() || differs.is_some() || short.is_some();
        self.night_error.set(night);
        self.differs_error.set(differs);
        self.short_error.set(short);
        stops
    }
}

/// What is wrong with a head count that was typed, if it is not `people`.
pub fn miscounted(typed: &str, people: i64) -> Option<String> {
    (typed_count(typed) != Some(people)).then(|| {
        format!("人数が合いません。届く人は {}人です。同じ数を入れてください", figure(people))
    })
}

/// The head count, typed where it goes to everyone; else only what is wrong with the answer.
#[component]
pub fn HeadCount(
    /// Whether it is to be typed.
    #[prop(into)]
    must_type: Signal<bool>,
    /// What was typed.
    typed: RwSignal<String>,
    /// What is wrong with it, or with another answer.
    error: RwSignal<Option<String>>,
) -> impl IntoView {
    view! {
        {move || {
            must_type
                .get()
                .then(|| {
                    view! {
                        <TextField
                            name="confirmed"
                            label="確かめるため、人数を入れてください"
                            inputmode="numeric"
                            autocomplete="off"
                            class="field-short"
                            suffix="人"
                            value=typed
                            error
                            on_input=move |text| {
                                error.set(None);
                                typed.set(text);
                            }
                        />
                    }
                })
        }}
        {move || (!must_type.get()).then(|| view! { <FieldError id="confirmed-error" text=error /> })}
    }
}

/// Waits for the end of the quiet hours, or not, with the reason.
#[component]
pub fn Night(
    /// What is chosen.
    asked: Asked,
    /// When they are over.
    until: Timestamp,
    /// What it would do without them: 「いま」, 「22:00に」, 「毎回その時刻に」.
    otherwise: String,
    /// A series waits each time.
    repeats: bool,
) -> impl IntoView {
    let waits = asked.waits;
    let end = if repeats {
        format!("毎回、{}まで待って届ける", until.time_of_day())
    } else {
        format!("{}に届ける", until.day_and_time())
    };
    view! {
        <Fieldset id="night" legend="静かな時間にかかります">
            <Radio name="night" value="wait" checked=waits on_change=move |_| waits.set(true)>{end}</Radio>
            <Radio name="night" value="now" checked=Signal::derive(move || !waits.get()) on_change=move |_| waits.set(false)>
                {format!("{otherwise}届ける（理由を台帳に残します）")}
            </Radio>
        </Fieldset>
        {move || {
            (!waits.get())
                .then(|| {
                    view! {
                        <TextField
                            name="night_reason"
                            label="静かな時間に届ける理由"
                            maxlength=200
                            autocomplete="off"
                            value=asked.reason
                            error=asked.night_error
                            on_input=move |text| {
                                asked.night_error.set(None);
                                asked.reason.set(text);
                            }
                        />
                    }
                })
        }}
    }
}

/// A striking difference from last time, with the tick that says it was seen.
#[component]
pub fn Differs(
    /// What is chosen.
    asked: Asked,
    /// The comparison in words.
    words: String,
) -> impl IntoView {
    view! {
        <Tick
            id="differs"
            legend="前回と人数が大きく違います"
            hint=format!("{words}。")
            words="届ける相手が合っていることを確かめました"
            ticked=asked.differs
            error=asked.differs_error
        />
    }
}

/// What is left of the month at LINE does not suffice, with the tick that says it was seen.
#[component]
pub fn TooFew(
    /// What is chosen.
    asked: Asked,
    /// By how much, in words.
    words: String,
) -> impl IntoView {
    let hint = format!(
        "{words}。足りなくなったところで、残りの人に送らずに止まります。LINE公式アカウントの契約を確かめてください。"
    );
    view! {
        <Tick
            id="short"
            legend="今月LINEで送れる数が足りません"
            hint
            words="足りないことを確かめました"
            ticked=asked.short
            error=asked.short_error
        />
    }
}

/// What was seen is ticked; an error goes with the tick that it asked for.
#[component]
fn Tick(
    id: &'static str,
    legend: &'static str,
    hint: String,
    words: &'static str,
    ticked: RwSignal<bool>,
    error: RwSignal<Option<String>>,
) -> impl IntoView {
    view! {
        <Fieldset id legend hint error>
            <Checkbox
                name=id
                checked=ticked
                on_change=move |now| {
                    error.set(None);
                    ticked.set(now);
                }
            >
                {words}
            </Checkbox>
        </Fieldset>
    }
}
