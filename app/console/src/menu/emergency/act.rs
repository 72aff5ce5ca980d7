//! What is done about emergencies, by the page, which asks first, and by the dialog over every
//! page, which is the question itself.

use super::{declare_emergency, end_emergency, foresee_emergency};
use crate::around::Watch;
use crate::menu::publish::{Refused, refusal};
use domain::menu::{Disaster, Forecast, Mode};
use leptos::prelude::*;
use leptos::task::spawn_local;
use ui::prelude::*;
use ui::toast::Toasts;

/// What is about to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// To what is prepared.
    Switch(Disaster, Mode),
    /// To what everybody is to see now.
    Back(Mode),
}

impl Act {
    /// The question.
    pub fn title(self) -> String {
        match self {
            Self::Switch(d, Mode::Real) => format!("緊急メニュー（{}）に切りかえる", d.label()),
            Self::Switch(d, Mode::Drill) => {
                format!("【訓練】緊急メニュー（{}）を試験者に出す", d.label())
            }
            Self::Back(Mode::Real) => "緊急メニューを終えて、もとにもどす".into(),
            Self::Back(Mode::Drill) => "訓練を終えて、もとにもどす".into(),
        }
    }

    /// The button that does it.
    pub fn confirm(self) -> String {
        match self {
            Self::Switch(_, Mode::Real) => "全員の画面を切りかえる".into(),
            Self::Switch(_, Mode::Drill) => "試験者だけ切りかえる".into(),
            Self::Back(_) => "もとにもどす".into(),
        }
    }

    /// Who sees what then.
    pub fn effect(self) -> &'static str {
        match self {
            Self::Switch(_, Mode::Real) => {
                "友だち全員のリッチメニューが、緊急のものに変わります。いつでも、もとにもどせます。"
            }
            Self::Switch(_, Mode::Drill) => {
                "試験者だけに、【訓練】と書いた緊急メニューが出ます。ほかの住民の画面は変わりません。"
            }
            Self::Back(_) => {
                "一人ひとりの、いま出すはずのメニューにもどります。見ていたタブも、そのままもどります。"
            }
        }
    }

    fn done(self) -> &'static str {
        match self {
            Self::Switch(_, Mode::Real) => "切りかえを始めました",
            Self::Switch(_, Mode::Drill) => "訓練を始めました",
            Self::Back(_) => "もとにもどし始めました",
        }
    }

    /// Calls and time beforehand, or why they are not known.
    pub async fn foreseen(self) -> Result<Forecast, String> {
        let (mode, disaster) = match self {
            Self::Switch(disaster, mode) => (mode, Some(disaster)),
            Self::Back(mode) => (mode, None),
        };
        foresee_emergency(mode, disaster).await.map_err(|error| error.message())
    }

    async fn carry_out(self) -> Result<(), AppError> {
        match self {
            Self::Switch(disaster, mode) => declare_emergency(disaster, mode).await,
            Self::Back(mode) => end_emergency(mode).await,
        }
    }
}

/// How a dialog does what is pressed in it; `Copy`.
#[derive(Clone, Copy)]
pub struct Acting {
    /// While it is on its way: nothing else is begun.
    pub busy: RwSignal<bool>,
    /// What was refused, and why.
    pub refused: RwSignal<Option<(Act, String)>>,
    open: RwSignal<bool>,
    changes: RwSignal<u32>,
    toasts: Toasts,
    watch: Watch,
}

impl Acting {
    /// `open`: the dialog, which closes when it is done; `changes` is raised then.
    pub fn new(open: RwSignal<bool>, changes: RwSignal<u32>) -> Self {
        Self {
            busy: RwSignal::new(false),
            refused: RwSignal::new(None),
            open,
            changes,
            toasts: use_toasts(),
            watch: expect_context::<Watch>(),
        }
    }

    /// Does it, once.
    pub fn begin(self, act: Act) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.refused.set(None);
        spawn_local(async move {
            let answer = act.carry_out().await;
            if self.busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(()) => {
                    self.open.set(false);
                    self.toasts.ok(act.done());
                    self.changes.update(|n| *n += 1);
                    self.watch.look();
                }
                Err(error) => {
                    let words = refusal("切りかえられませんでした。", &error);
                    // A toast would stand behind the dialog.
                    if self.open.get_untracked() {
                        self.refused.set(Some((act, words)));
                    } else {
                        self.toasts.err(words);
                    }
                }
            }
        });
    }
}

/// What it costs, which need not be waited for, and why it was refused.
#[component]
pub fn Foreseen(
    /// Nothing while it is asked for.
    forecast: RwSignal<Option<Result<Forecast, String>>>,
    /// Why it was not done.
    #[prop(into)]
    refused: Signal<Option<String>>,
) -> impl IntoView {
    view! {
        <div>
            <div role="status">
                {move || match forecast.get() {
                    None => view! { <p class="sub">"呼び出しの回数と時間を調べています。待たずに切りかえてもかまいません。"</p> }.into_any(),
                    Some(Ok(forecast)) => {
                        view! {
                            <p class="emergency-forecast">{forecast.words()}</p>
                            {forecast.how().map(|words| view! { <p class="sub dense">{words}</p> })}
                        }
                            .into_any()
                    }
                    Some(Err(words)) => view! { <p>{format!("回数と時間は、いま分かりません（{}）。切りかえることはできます。", words.trim_end_matches('。'))}</p> }.into_any(),
                }}
            </div>
            <Refused words=refused />
        </div>
    }
}
