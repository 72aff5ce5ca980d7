//! The composer (picture 04): title, parts, purpose, audience, check, preview.

mod boxed;
mod breakdown;
mod buttons;
mod cards;
mod check;
mod dom;
mod editor;
mod emoji;
mod gates;
mod languages;
mod links;
mod panel;
mod parts;
mod person;
mod picture;
mod quick;
mod repeat;
mod rich;
mod save;
mod send;
mod sides;
mod switching;
mod template;
mod upload;
mod variable;
mod video;
mod when;

pub(in crate::delivery) use self::breakdown::tables;
pub(in crate::delivery) use self::check::Checker;
pub(in crate::delivery) use self::editor::{Editor, Leaves};
pub(in crate::delivery) use self::gates::{
    Asked, Differs, HeadCount, TooFew, after_quiet, miscounted,
};
use self::panel::CheckPanel;
pub(in crate::delivery) use self::panel::columns;
pub(in crate::delivery) use self::parts::Parts;
pub(in crate::delivery) use self::person::{Person, SeenAs, messages_for};
use self::send::{Sending, TestButton};
use self::switching::SwitchChoice;
use self::template::TemplateButton;
pub(in crate::delivery) use self::variable::Fillable;
use self::when::WhenSection;
use super::{PATH, named, trouble};
use crate::audience::AudienceBox;
use crate::saving::{SavedWords, Saver, SavingTrouble};
use crate::shell::{help_for, use_me};
pub(crate) use dom::close_menu;
use domain::attribute::Catalog;
use domain::audience::Explored;
use domain::delivery::approval::Step;
use domain::delivery::{Check, Delivery, Purpose, Status as D};
use domain::holiday::Holidays;
use domain::id::DeliveryId;
use domain::link::Own;
pub(crate) use editor::typed_count;
use leptos::html;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::components::Redirect;
use serde::{Deserialize, Serialize};
use ui::prelude::*;
pub(crate) use upload::{Kept, PictureField};

/// A draft with all that its editor needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    delivery: Delivery,
    check: Check,
    catalog: Catalog,
    may_write: bool,
    now: domain::time::Timestamp,
    holidays: Holidays,
    /// The city's own addresses.
    own: Own,
    /// Why it was sent back, if it was.
    returned: Option<Step>,
}

/// Opens a draft.
#[server(prefix = "/console/fn")]
pub async fn open_draft(id: DeliveryId) -> Result<Opened, AppError> {
    use domain::permission::{Owner, Permission};
    let staff = crate::server::staff()?;
    let ctx = &staff.ctx;
    let delivery = services::delivery::get(ctx, id).await?;
    let owner = delivery.department.map_or(Owner::City, Owner::Department);
    Ok(Opened {
        check: {
            let draft = domain::delivery::Draft::from(&delivery);
            services::delivery::check_with_pages(&staff.platform, ctx, &draft, false).await?
        },
        catalog: services::audience::catalog(ctx, services::audience::named(&delivery.audience))
            .await?,
        may_write: ctx.allow_on(Permission::DeliveryWrite, owner).is_ok(),
        now: ctx.now(),
        holidays: services::holiday::known(ctx).await?,
        own: ctx.store.own().clone(),
        returned: services::delivery::approval::approval(ctx, id).await?.returned().cloned(),
        delivery,
    })
}

/// `/console/deliveries/{id}/edit`.
#[component]
pub fn ComposerPage(
    /// Which draft.
    id: DeliveryId,
) -> impl IntoView {
    let opened = Resource::new_blocking(|| (), move |()| open_draft(id));
    view! {
        <Suspense fallback=|| view! { <main id="main" class="editor-main"><Skeleton sentence="下書きを読みこんでいます" rows=6 /></main> }>
            {move || Suspend::new(async move {
                match opened.await {
                    Ok(o) if o.delivery.status != D::Draft || !o.may_write => {
                        view! { <Redirect path=format!("{PATH}/{id}") options=NavigateOptions { replace: true, ..Default::default() } /> }.into_any()
                    }
                    Ok(opened) => view! { <Composer opened /> }.into_any(),
                    Err(error) => view! { <main id="main" class="editor-main">{trouble(error, format!("{PATH}/{id}/edit"))}</main> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Composer(opened: Opened) -> impl IntoView {
    let Opened { delivery, check, catalog, may_write: _, now, holidays, own, returned } = opened;
    let id = delivery.id;
    let editor = Editor::new(&delivery, now, own);
    let work = Signal::derive(move || Some(editor.draft()));
    let seen = delivery.updated_at;
    let saver = Saver::watch(id, work, editor.draft_now(), seen, Some(seen));
    let checker = Checker::watch(editor, check);
    checker.watch_links();
    let explored = RwSignal::new(None::<Explored>);
    let city = use_me().city;
    provide_context(Sending { id, replaces: delivery.replaces });
    provide_context(Fillable(catalog.clone()));
    // Only a copy of a test can be one; nobody may choose it here.
    let purposes: Vec<Purpose> = [Purpose::Notice, Purpose::Drill, Purpose::Emergency]
        .into_iter()
        .chain((delivery.purpose == Purpose::Test).then_some(Purpose::Test))
        .collect();
    let title_error = checker.problem_at(|at| at == "/title");
    let audience_error = checker.problem_at(|at| at.starts_with("/audience"));
    let seen_as = RwSignal::new(None::<Person>);
    let messages = messages_for(editor, seen_as, catalog.clone());
    let shortened = Memo::new(move |_| {
        let parts = editor.shown_parts();
        editor.arriving(&parts) != parts
    });
    view! {
        <EditorBar
            back_href=PATH
            back_label="配信"
            help_href=help_for(&format!("{PATH}/{id}/edit"))
            emergency_href=crate::menu::EMERGENCY_PATH
            title=move || title_field(editor, title_error)
            state=move || view! { <StatusMark status=Status::Draft /> <SavedWords saver /> }
            acts=move || {
                view! {
                    <a class="btn btn-outline only-narrow" href="#preview" rel="external"><Icon name=IconName::Eye /><span>"見え方"</span></a>
                    <TemplateButton editor />
                    <TestButton id editor saver />
                }
            }
        />
        <main id="main" class="editor">
            <div class="editor-main">
                <SavingTrouble saver href=format!("{PATH}/{id}/edit") />
                {returned.map(|step| view! { <Banner tone=Tone::Warn title=format!("{}さんが差しもどしました", step.name)>{step.words}</Banner> })}
                {delivery
                    .replaces
                    .map(|_| view! { <Banner title="くり返しの内容を変えています">"「くり返しを始める」を押すまで、いまの内容で届けます。"</Banner> })}
                <div class="editor-cols">
                    <div><Parts editor checker /></div>
                    <div>
                        <section>
                            <h2 id="purpose-title">"目的"</h2>
                            <div class="cards cards-row" role="radiogroup" aria-labelledby="purpose-title">
                                {purposes.into_iter().map(|p| purpose_card(editor, p)).collect_view()}
                            </div>
                            {move || (editor.purpose.get() == Purpose::Emergency).then(|| view! { <p class="dense">"緊急は、夜間でも、受け取りを休んでいる人にも届きます。"</p> })}
                            <SwitchChoice editor checker />
                        </section>
                        <section>
                            <h2>"届ける相手"</h2>
                            <AudienceBox value=editor.audience catalog explored />
                            <FieldError id="audience-error" text=audience_error />
                        </section>
                        <WhenSection editor checker holidays now may_repeat=delivery.series.is_none() replaces=delivery.replaces.is_some() />
                    </div>
                </div>
                <CheckPanel editor checker saver />
            </div>
            <aside class="editor-side" id="preview" aria-label="届いたときの見え方" tabindex="-1">
                <PhonePreview city messages time=now.time_of_day()>
                    <SeenAs editor seen=seen_as />
                    <p class="sub dense">"市民の画面と同じ部品で描いています。"</p>
                    {move || {
                        shortened
                            .get()
                            .then(|| view! { <p class="sub dense">"短いアドレスの終わりの7文字は、送り始めるときに決まります。"</p> })
                    }}
                </PhonePreview>
            </aside>
        </main>
    }
}

fn title_field(editor: Editor, error: Signal<Option<String>>) -> AnyView {
    let node = NodeRef::<html::Input>::new();
    // What was typed before wasm arrived is not lost.
    Effect::new(move |done: Option<bool>| {
        if let (Some(input), None | Some(false)) = (node.get(), done) {
            let typed = input.value();
            if typed != editor.title.get_untracked() {
                editor.title.set(typed);
            }
            return true;
        }
        done.unwrap_or(false)
    });
    view! {
        <PageTitle class="visually-hidden" title=Signal::derive(move || format!("{}を書く", named(&editor.title.get()))) />
        <label class="editor-title-field">
            <span class="visually-hidden">"件名（職員にだけ見えます）"</span>
            <input
                node_ref=node
                id="title"
                class="editor-title-input"
                name="title"
                maxlength="100"
                placeholder="件名をつける"
                autocomplete="off"
                value=editor.title.get_untracked()
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=move || error.with(Option::is_some).then_some("title-error")
                on:input=move |event| editor.title.set(event_target_value(&event))
            />
            <Icon name=IconName::Pencil size=18 />
        </label>
        <FieldError id="title-error" text=error />
    }
    .into_any()
}

fn purpose_card(editor: Editor, purpose: Purpose) -> AnyView {
    view! {
        <RadioCard
            name="purpose"
            value=purpose.name()
            note=purpose.note()
            checked=Signal::derive(move || editor.purpose.get() == purpose)
            on_change=move |_| editor.purpose.set(purpose)
        >
            <PurposeTag purpose />
        </RadioCard>
    }
    .into_any()
}
