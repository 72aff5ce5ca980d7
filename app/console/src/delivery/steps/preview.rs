//! A course as one resident gets it: the days of the calendar, what they have had, the phone.

use super::{STEPS, href, moment};
use crate::delivery::{PATH, trouble};
use crate::shell::use_me;
use domain::delivery::Purpose;
use domain::id::{CourseId, ResidentId};
use domain::language::{Language, Voice};
use domain::link::outlook;
use domain::message::to_line;
use domain::message::variable::example;
use domain::steps::{Mine, Preview, Sent};
use domain::time::Date;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use serde_json::Value;
use ui::prelude::*;

/// What is written, as one resident gets it, or whoever has a day and reads a language; without
/// a day and a number, only who may be looked at.
#[server(prefix = "/console/fn")]
pub async fn preview_course(
    id: CourseId,
    day: Option<Date>,
    resident: Option<ResidentId>,
    language: Option<Language>,
) -> Result<Preview, AppError> {
    use services::steps::Whose;
    let staff = crate::server::staff()?;
    let whose = match (resident, day) {
        (Some(resident), _) => Whose::Resident(resident),
        (None, Some(day)) => Whose::Day(day, language.unwrap_or_default()),
        (None, None) => Whose::Nobody,
    };
    Ok(services::steps::preview(&staff.ctx, id, whose).await?)
}

/// `/console/deliveries/steps/{id}/preview`.
#[component]
pub fn CoursePreviewPage(
    /// Which course.
    id: CourseId,
) -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        query.with(|q| {
            let day = q.get("day").as_deref().and_then(Date::parse_iso);
            let resident =
                q.get("resident").and_then(|r| r.trim().parse::<i64>().ok()).map(ResidentId);
            let language = q.get("language").as_deref().and_then(Language::parse);
            (day, resident, language)
        })
    });
    let preview = Resource::new_blocking(
        move || asked.get(),
        move |(day, resident, language)| preview_course(id, day, resident, language),
    );
    view! {
        <Transition fallback=|| view! { <div class="page"><Skeleton sentence="1人分の予定を読みこんでいます" rows=6 /></div> }>
            {move || {
                let asked = asked.get();
                Suspend::new(async move {
                    match preview.await {
                        Ok(preview) => shown(preview, asked),
                        Err(error) => trouble(error, href(id)),
                    }
                })
            }}
        </Transition>
    }
}

/// The day, the resident and the language that were asked for.
type Asked = (Option<Date>, Option<ResidentId>, Option<Language>);

fn shown(p: Preview, (day, resident, language): Asked) -> AnyView {
    let address = format!("{}/preview", href(p.course));
    let crumbs = vec![
        (PATH.to_owned(), "配信".to_owned()),
        (STEPS.to_owned(), "ステップ配信".to_owned()),
        (href(p.course), p.name.clone()),
    ];
    let examples = p
        .examples
        .iter()
        .map(|(id, day)| {
            let to = format!("{address}?resident={id}");
            view! { <li><a href=to>{format!("番号 {id}")}</a> <span class="sub">{day.japanese()}</span></li> }
        })
        .collect_view();
    let some = !p.examples.is_empty();
    let typed = day.filter(|_| resident.is_none()).map(Date::iso).unwrap_or_default();
    let number = resident.map(|r| r.to_string()).unwrap_or_default();
    let anchor = p.anchor.clone();
    let languages = (!p.languages.is_empty()).then(|| {
        let all = std::iter::once(Language::Japanese).chain(p.languages.iter().copied());
        let options: Vec<_> = all.map(|l| (l.name().to_owned(), l.japanese().to_owned())).collect();
        let chosen = language.unwrap_or_default().name().to_owned();
        view! { <Select name="language" label="ことば" options=Signal::stored(options) value=Signal::stored(chosen) /> }
    });
    view! {
        <Page title=format!("1人分を見る（{}）", p.name) crumbs sentence="だれに、いつ、何が届くかを、1人分の暦で確かめます。">
            <div class="stack">
                <Panel title="だれの分を見ますか">
                    <div class="step-whose">
                        <form method="get" action=address.clone()>
                            <TextField name="day" kind="date" label=format!("{anchor}がこの日の人") value=Signal::stored(typed) />
                            {languages}
                            <Button submit=true icon=IconName::Calendar>"この日で見る"</Button>
                        </form>
                        <form method="get" action=address.clone()>
                            <TextField name="resident" label="住民の番号" inputmode="numeric" autocomplete="off" hint="「住民」の一覧の番号です。見たことは台帳に残ります。" value=Signal::stored(number) />
                            <Button submit=true icon=IconName::Search>"この人で見る"</Button>
                        </form>
                    </div>
                    {some.then(|| view! { <p class="sub dense">"入っている人から（その日が新しい順）"</p> <ul class="step-examples">{examples}</ul> })}
                </Panel>
                {timeline(p)}
            </div>
        </Page>
    }
    .into_any()
}

fn timeline(p: Preview) -> AnyView {
    let Preview { resident, day, outside, steps, anchor, catalog, own, now, .. } = p;
    let outside = outside.map(
        |words| view! { <Banner tone=Tone::Warn title="この人には届きません">{words}</Banner> },
    );
    let Some(day) = day else {
        return view! {
            {outside}
            {resident.is_none().then(|| view! { <EmptyState title="まだ選んでいません" text="日付を入れるか、住民の番号を入れると、届く日と内容が並びます。" /> })}
        }
        .into_any();
    };
    if steps.is_empty() {
        return view! { {outside} <EmptyState title="ステップがまだありません" text="ステップを足すと、ここに並びます。" /> }.into_any();
    }
    let title = match resident {
        Some(id) => format!("番号 {id} の人（{anchor} {}）", day.japanese()),
        None => format!("{anchor}が {}（{}）の人", day.japanese(), day.weekday_name()),
    };
    let known = resident.is_some();
    let city = use_me().city;
    let chosen =
        RwSignal::new(steps.iter().position(|m| m.sent == Sent::Coming).unwrap_or_default());
    let talks: Vec<(String, Vec<Value>)> = steps
        .iter()
        .map(|mine| {
            let voice = Voice { purpose: Purpose::Notice, language: mine.language };
            let said = mine.step.parts_in(mine.language);
            let arriving = outlook(said, &own, &mine.step.uncounted);
            let messages = match to_line(&example(&arriving, &catalog), voice, "") {
                Value::Array(messages) => messages,
                _ => Vec::new(),
            };
            (mine.at.time_of_day(), messages)
        })
        .collect();
    let talks = StoredValue::new(talks);
    let pick = move |i: usize| talks.with_value(|t| t.get(i).cloned().unwrap_or_default());
    let rows = steps
        .into_iter()
        .enumerate()
        .map(|(i, mine)| row(i, mine, known, now, chosen))
        .collect_view();
    view! {
        {outside}
        <div class="cols-main-side">
            <Panel title class="panel-flush">
                <ol class="step-line">{rows}</ol>
            </Panel>
            <div class="step-phone">
                <PhonePreview
                    city
                    messages=Signal::derive(move || pick(chosen.get()).1)
                    time=Signal::derive(move || pick(chosen.get()).0)
                />
            </div>
        </div>
    }
    .into_any()
}

fn row(
    i: usize,
    mine: Mine,
    known: bool,
    now: domain::time::Timestamp,
    chosen: RwSignal<usize>,
) -> AnyView {
    let Mine { step, at, language, sent } = mine;
    let mark = match (sent, known) {
        (Sent::Yes(delivery), _) => {
            view! { <a href=format!("{PATH}/{delivery}")>"届けました"</a> }.into_any()
        }
        (Sent::Missed, true) => {
            view! { <span class="sub">"届いていません（時期がすぎています）"</span> }.into_any()
        }
        (Sent::Missed, false) => view! { <span class="sub">"もうすぎた日です"</span> }.into_any(),
        (Sent::Coming, _) if at.date() == now.date() => {
            view! { <strong>"きょう届きます"</strong> }.into_any()
        }
        (Sent::Coming, _) => {
            let days = at.date().days() - now.date().days();
            view! { <span>{format!("{}日後", crate::delivery::figure(days))}</span> }.into_any()
        }
    };
    let summary = domain::message::shortened(&step.summary_in(language), 80);
    let other =
        (language != Language::Japanese).then(|| view! { <span>{language.japanese()}</span> });
    let past = sent != Sent::Coming;
    let is_chosen = move || chosen.get() == i;
    view! {
        <li class:step-past=past>
            <div class="step-day">
                <strong>{moment(at)}</strong>
                <span class="sub">{step.offset.words()}</span>
            </div>
            <div class="step-what">
                <p>{if summary.is_empty() { "（まだ書いていません）".to_owned() } else { summary }}</p>
                <p class="row-meta">{mark} {other}</p>
            </div>
            <button class="btn btn-outline btn-sm" type="button" aria-pressed=move || if is_chosen() { "true" } else { "false" } on:click=move |_| chosen.set(i)>
                <Icon name=IconName::Eye size=16 />
                <span>"画面で見る"</span>
            </button>
        </li>
    }
    .into_any()
}
