//! When a step is sent: so many days, weeks, months or years before or after, and the time.

use domain::steps::{Offset, Unit};
use leptos::prelude::*;
use ui::prelude::*;

/// What stands in the fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct When {
    /// `3`.
    pub n: String,
    /// `months+`, `weeks-`, `same`.
    pub unit: String,
    /// `10:00`.
    pub time: String,
}

impl Default for When {
    fn default() -> Self {
        Self { n: "1".into(), unit: "months+".into(), time: "10:00".into() }
    }
}

impl When {
    /// The fields of a step.
    pub fn of(offset: Offset, hour: u8, minute: u8) -> Self {
        let unit = match offset.n {
            0 => "same".to_owned(),
            n => format!("{}{}", offset.unit.name(), if n > 0 { '+' } else { '-' }),
        };
        let n = if offset.n == 0 { "1".into() } else { offset.n.abs().to_string() };
        Self { n, unit, time: format!("{hour:02}:{minute:02}") }
    }

    /// The offset; nothing while it is unfinished.
    pub fn offset(&self) -> Option<Offset> {
        if self.unit == "same" {
            return Some(Offset::NONE);
        }
        let sign = if self.unit.ends_with('-') { -1 } else { 1 };
        let unit = Unit::parse(self.unit.trim_end_matches(['+', '-']))?;
        let n = crate::delivery::typed_count(&self.n)?;
        let n = i32::try_from(n).ok().filter(|n| (1..100_000).contains(n))?;
        Some(Offset { n: sign * n, unit })
    }

    /// The time; nothing while it is unfinished.
    pub fn time(&self) -> Option<(u8, u8)> {
        let (hour, minute) = self.time.split_once(':')?;
        let (hour, minute) = (hour.parse().ok()?, minute.get(..2)?.parse().ok()?);
        (hour < 24 && minute < 60).then_some((hour, minute))
    }
}

fn units() -> Vec<(String, String)> {
    let mut all = vec![("same".to_owned(), "当日".to_owned())];
    for (sign, word) in [('+', "後"), ('-', "前")] {
        let one = |u: &Unit| (format!("{}{sign}", u.name()), format!("{}{word}", u.label()));
        all.extend(Unit::ALL.iter().map(one));
    }
    all
}

/// The fields.
#[component]
pub fn WhenFields(
    /// What stands in them.
    value: RwSignal<When>,
    /// Prefix of the ids.
    id: &'static str,
    /// 「お子さんの誕生日」
    #[prop(into)]
    anchor: Signal<String>,
) -> impl IntoView {
    let n = Signal::derive(move || value.with(|w| w.n.clone()));
    let unit = Signal::derive(move || value.with(|w| w.unit.clone()));
    let time = Signal::derive(move || value.with(|w| w.time.clone()));
    let wrong = Signal::derive(move || {
        value.with(|w| w.offset().is_none()).then(|| "1以上の数を入れてください".to_owned())
    });
    let no_time = Signal::derive(move || {
        value.with(|w| w.time().is_none()).then(|| "時刻を入れてください".to_owned())
    });
    view! {
        <div class="step-when" role="group" aria-label="いつ届けるか">
            <p class="step-when-anchor">{move || format!("「{}」の", anchor.get())}</p>
            {move || {
                (unit.get() != "same")
                    .then(|| {
                        view! {
                            <TextField
                                name=format!("{id}-n")
                                label="数"
                                inputmode="numeric"
                                autocomplete="off"
                                maxlength=5
                                class="step-n"
                                value=n
                                error=wrong
                                on_input=move |typed| value.update(|w| w.n = typed)
                            />
                        }
                    })
            }}
            <Select name=format!("{id}-unit") label="単位" options=Signal::stored(units()) value=unit on_change=move |chosen| value.update(|w| w.unit = chosen) />
            <TextField name=format!("{id}-time") label="時刻" kind="time" value=time error=no_time on_input=move |typed| value.update(|w| w.time = typed) />
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_offsets() {
        for offset in [
            Offset::NONE,
            Offset { n: 3, unit: Unit::Months },
            Offset { n: -10, unit: Unit::Weeks },
            Offset { n: -280, unit: Unit::Days },
        ] {
            let fields = When::of(offset, 9, 5);
            assert_eq!((fields.offset(), fields.time()), (Some(offset), Some((9, 5))));
        }
        let typed =
            |n: &str, unit: &str| When { n: n.into(), unit: unit.into(), time: "25:00".into() };
        assert_eq!(typed("３", "days+").offset(), Some(Offset { n: 3, unit: Unit::Days }));
        for bad in [typed("", "days+"), typed("0", "days-"), typed("1", "?")] {
            assert_eq!((bad.offset(), bad.time()), (None, None));
        }
    }
}
