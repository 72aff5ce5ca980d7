//! 設定: the name, the day that is counted from, who is in, and who registers late.

use super::act::Live;
use super::course::edit_course;
use crate::audience::AudienceBox;
use crate::unsaved::Unsaved;
use domain::attribute::Kind as AttributeKind;
use domain::audience::{Audience, Explored};
use domain::steps::{Anchor, Edit, Late, NAME_MAX, Opened};
use leptos::prelude::*;
use leptos::task::spawn_local;
use ui::prelude::*;

/// The panel. What is typed stays on the screen until it is saved.
#[component]
pub fn Settings(
    /// The course as the page began.
    opened: Opened,
    /// The course.
    live: Live,
    /// Whether it can be changed.
    editable: Memo<bool>,
) -> impl IntoView {
    let content = opened.course.written.clone();
    let name = RwSignal::new(opened.course.name.clone());
    let anchor = RwSignal::new(content.anchor.name());
    let some = RwSignal::new(content.audience.is_some());
    let audience = RwSignal::new(content.audience.clone());
    let latest = RwSignal::new(content.late == Late::Latest);
    let explored = RwSignal::new(None::<Explored>);
    let now = move || -> (String, Anchor, Option<Audience>, Late) {
        (
            name.get().trim().to_owned(),
            Anchor::parse(&anchor.get()).unwrap_or_default(),
            audience.get().filter(|_| some.get()),
            if latest.get() { Late::Latest } else { Late::Skip },
        )
    };
    let kept = move || {
        live.opened.with(|o| {
            let written = &o.course.written;
            (o.course.name.clone(), written.anchor.clone(), written.audience.clone(), written.late)
        })
    };
    let open = Memo::new(move |_| now() != kept());
    Effect::new(move |_| live.unsaved.set(open.get()));
    // What was taken back or put in force elsewhere is shown, unless something is typed here.
    Effect::new(move |former: Option<(String, Anchor, Option<Audience>, Late)>| {
        let kept = kept();
        if let Some(former) = former
            && former != kept
            && untrack(now) == former
        {
            name.set(kept.0.clone());
            anchor.set(kept.1.name());
            some.set(kept.2.is_some());
            audience.set(kept.2.clone());
            latest.set(kept.3 == Late::Latest);
        }
        kept
    });
    let toasts = use_toasts();
    let busy = RwSignal::new(false);
    let error = RwSignal::new(None::<AppError>);
    let save = move |_| {
        busy.set(true);
        let (name, anchor, audience, late) = untrack(now);
        spawn_local(async move {
            let answer =
                edit_course(live.id, Edit::Settings { name, anchor, audience, late }).await;
            if busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(_) => {
                    error.set(None);
                    live.reload().await;
                    toasts.ok("設定を保存しました");
                }
                Err(why) => {
                    toasts.err(format!("保存できませんでした。{}{}", why.message(), why.next()));
                    error.set(Some(why));
                }
            }
        });
    };
    let name_error = Signal::derive(move || {
        error.with(|e| e.as_ref().and_then(|e| e.field("/name").map(str::to_owned)))
    });
    let dates: Vec<(String, String)> = opened
        .catalog
        .attributes
        .iter()
        .filter(|a| a.kind == AttributeKind::Date)
        .map(|a| (Anchor::Date(a.key.clone()).name(), a.label.clone()))
        .chain([Anchor::Registered, Anchor::Friend].map(|a| (a.name(), a.words(&opened.catalog))))
        .collect();
    let chosen = content.anchor.name();
    let mut options = dates;
    if !options.iter().any(|(name, _)| *name == chosen) {
        options.insert(0, (chosen, content.anchor.words(&opened.catalog)));
    }
    let catalog = StoredValue::new(opened.catalog.clone());
    let late = move |wanted: bool| Signal::derive(move || latest.get() == wanted);
    view! {
        <Panel title="設定">
            {move || (!editable.get()).then(|| view! { <p class="sub">"いまは変えられません。"</p> })}
            <fieldset class="step-settings stack" disabled=move || !editable.get()>
                <legend class="visually-hidden">"設定"</legend>
                <TextField name="course-name" label="名前（職員にだけ見えます）" maxlength=NAME_MAX as u32 autocomplete="off" value=Signal::derive(move || name.get()) error=name_error on_input=move |typed| name.set(typed) />
                <Select
                    name="course-anchor"
                    label="もとにする日"
                    hint="この日から数えて届けます。日付で答える登録項目から選べます。"
                    options=Signal::stored(options)
                    value=Signal::derive(move || anchor.get())
                    on_change=move |chosen| anchor.set(chosen)
                />
                <Fieldset legend="届ける相手" id="course-who">
                    <div class="cards cards-row">
                        <RadioCard name="course-who" value="all" title="その日のある人 全員" checked=Signal::derive(move || !some.get()) on_change=move |_| some.set(false) />
                        <RadioCard name="course-who" value="some" title="条件でしぼる" checked=Signal::derive(move || some.get()) on_change=move |_| some.set(true) />
                    </div>
                    {move || some.get().then(|| view! { <AudienceBox value=audience catalog=catalog.get_value() explored /> })}
                </Fieldset>
                <Fieldset legend="あとから登録した人には" id="course-late">
                    <div class="cards cards-row">
                        <RadioCard name="course-late" value="skip" title="これからの分だけ届ける" checked=late(false) on_change=move |_| latest.set(false) />
                        <RadioCard name="course-late" value="latest" title="直前の1通も届ける" note="登録した次の日の9:00に、すぎたうちでいちばん新しい1通（半年以内）を届けます" checked=late(true) on_change=move |_| latest.set(true) />
                    </div>
                </Fieldset>
                <div class="acts">
                    <Button kind=Kind::Act busy on_click=save>"設定を保存する"</Button>
                    <span class="sub" role="status">{move || if open.get() { "まだ保存していません" } else { "" }}</span>
                </div>
            </fieldset>
            <Unsaved dirty=open />
        </Panel>
    }
}
