//! 試験者で確かめる: testers alone are shown what is written before it is published (RES-6).

use super::super::publish::{Refused, refusal, say_refused};
use super::waiting::Waiting;
use domain::menu::{ProgramTrial, TRIAL_HOURS, Unpublished};
use domain::time::thousands;
use leptos::prelude::*;
use leptos::task::spawn_local;
use ui::prelude::*;

/// Shows what was saved as that version to testers alone, for so many hours; answers the trial.
#[server(prefix = "/console/fn")]
pub async fn try_menu_program(seen: i64, hours: u32) -> Result<Option<ProgramTrial>, AppError> {
    let ctx = crate::server::staff()?.ctx;
    services::menu::try_program(&ctx, seen, hours).await?;
    Ok(services::menu::program(&ctx).await?.trial)
}

/// Testers see again what everybody sees.
#[server(prefix = "/console/fn")]
pub async fn end_menu_program_trial() -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    Ok(services::menu::end_program_trial(&staff.ctx).await?)
}

/// What a trial of the draft costs, in words: whose screens change, calls and time.
#[server(prefix = "/console/fn")]
pub async fn menu_program_trial_forecast() -> Result<String, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::menu::foreseen_program_trial(&staff.platform, &staff.ctx).await?.words())
}

fn people(testers: i64) -> String {
    format!("試験者{}人", thousands(testers))
}

fn lasting(hours: u32) -> String {
    if hours < 24 { format!("{hours}時間") } else { format!("{}日", hours / 24) }
}

/// That a trial is on, for whom and until when.
#[component]
pub fn TrialBanner(
    trial: RwSignal<Option<ProgramTrial>>,
    /// How many testers there are.
    testers: i64,
    /// Whether this person may end it.
    may_end: bool,
) -> impl IntoView {
    let busy = RwSignal::new(false);
    let toasts = use_toasts();
    let end = move |_| {
        busy.set(true);
        spawn_local(async move {
            let answer = end_menu_program_trial().await;
            if busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(()) => {
                    trial.set(None);
                    keep_focus();
                    toasts.ok("試験者の画面を、公開中の出し分けにもどします");
                }
                Err(error) => {
                    toasts.err(format!("もどせませんでした。{}{}", error.message(), error.next()));
                }
            }
        });
    };
    move || {
        let on = trial.get()?;
        let (began, until) = (on.began_at.day_and_time(), on.until.day_and_time());
        let who = format!(
            "{}の画面にだけ出ています。{}さんが{began}に始めました。{until}に、ひとりでに終わります。",
            people(testers),
            on.began_by
        );
        let instead = on.instead.map(|menu| {
            format!("いまは、メニュー「{menu}」の試しが先に出ています。それが終わると、この出し分けが出ます。")
        });
        Some(view! {
            <Banner title="試験者が、出し分けの下書きを確かめています">
                <p>{who}</p>
                {instead.map(|words| view! { <p>{words}</p> })}
                <p>"「試験者で確かめる」を押したときの下書きです。そのあとに直したところは入っていません。"</p>
                {may_end.then(|| view! { <Button size=Size::Small busy on_click=end>"試験者の確認を終える"</Button> })}
            </Banner>
        })
    }
}

/// What is asked before a trial.
#[component]
pub fn TryDialog(
    open: RwSignal<bool>,
    trial: RwSignal<Option<ProgramTrial>>,
    /// The version that was saved.
    seen: StoredValue<i64>,
    /// How many testers there are.
    testers: i64,
    /// What it costs.
    forecast: RwSignal<Option<String>>,
    /// What has to be published before.
    #[prop(into)]
    waiting: Signal<Vec<Unpublished>>,
) -> impl IntoView {
    let busy = RwSignal::new(false);
    let refused = RwSignal::new(None::<String>);
    let blocked = Signal::derive(move || waiting.with(|all| !all.is_empty()));
    Effect::new(move |_| {
        if open.get() {
            refused.set(None);
        }
    });
    let toasts = use_toasts();
    let hours = RwSignal::new("24".to_owned());
    let options = TRIAL_HOURS.map(|h| (h.to_string(), lasting(h))).to_vec();
    let begin = move |()| {
        let Ok(chosen) = hours.get_untracked().parse::<u32>() else { return };
        busy.set(true);
        refused.set(None);
        spawn_local(async move {
            let answer = try_menu_program(seen.get_value(), chosen).await;
            if busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(begun) => {
                    open.set(false);
                    trial.set(begun);
                    toasts
                        .ok("試験者の画面に、この出し分けを出します。LINEに出るまで少しかかります");
                }
                Err(error) => {
                    let words = refusal("試験者に出せませんでした。", &error);
                    say_refused(open, refused, toasts, words);
                }
            }
        });
    };
    view! {
        <ConfirmDialog id="program-try" title="出し分けを試験者で確かめる" open confirm="試験者に出す" on_confirm=begin busy blocked>
            <p>{format!("{}の画面だけが、いま書いている出し分けで出し直されます。ほかの住民の画面は変わりません。", people(testers))}</p>
            <p>"終わると、試験者の画面ももとにもどります。メニュー1つの試しをしているときは、それを終わらせます。"</p>
            <Select
                name="program-try-hours"
                label="確かめる長さ"
                hint="途中で終えることもできます。公開しても終わります。"
                options=Signal::stored(options)
                value=hours
                on_change=move |chosen: String| hours.set(chosen)
            />
            <Waiting
                menus=waiting
                words=Signal::stored("次のメニューがまだ公開されていないので、確かめられません。先にそのメニューを公開してください。公開しても、出し分けで使うまで、住民には出ません。")
            />
            {move || forecast.get().map(|words| view! { <p class="me-forecast"><Icon name=IconName::Clock size=18 /><span>{words}</span></p> })}
            <Refused words=refused />
        </ConfirmDialog>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_a_trial_is_said_in_hours_and_days() {
        assert_eq!(TRIAL_HOURS.map(lasting), ["1時間", "1日", "3日", "7日"]);
        assert_eq!(people(1_234), "試験者1,234人");
    }
}
