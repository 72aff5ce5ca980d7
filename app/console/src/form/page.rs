//! One form: how it stands, where it is, what can be done with it.

use super::api::{Act, CopyForm, Opened, act_on_form, open_form};
use super::asking::Asked;
use super::export::ExportButton;
use super::{PATH, href, mark, named, tabs, trouble};
use domain::form::Door;
use domain::form::kept::State;
use domain::id::FormId;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use ui::prelude::*;

/// `/console/forms/{id}`.
#[component]
pub fn FormPage(
    /// Which form.
    id: FormId,
) -> impl IntoView {
    let again = RwSignal::new(0u32);
    let opened = Resource::new_blocking(move || again.get(), move |_| open_form(id));
    view! {
        <Transition fallback=|| view! { <div class="page"><Skeleton sentence="フォームを読みこんでいます" rows=6 /></div> }>
            {move || Suspend::new(async move {
                match opened.await {
                    Ok(opened) => view! { <Shown opened again /> }.into_any(),
                    Err(error) => trouble(error, href(id)),
                }
            })}
        </Transition>
    }
}

/// Whether it is received now, in words.
fn door(opened: &Opened) -> Option<String> {
    let kept = &opened.kept;
    let terms = &opened.former.as_ref()?.form.terms;
    if kept.state != State::Published {
        return None;
    }
    let all = u32::try_from(kept.counted).unwrap_or(u32::MAX);
    Some(match terms.door(opened.now, all, 0) {
        Door::Open => match terms.closes {
            Some(at) => format!("いま受け付けています。{}に終わります。", at.day_and_time()),
            None => "いま受け付けています。".into(),
        },
        Door::NotYet(at) => format!("{}に受付を始めます。", at.day_and_time()),
        Door::Night(minute) => {
            format!(
                "きょうの受付は時間外です。{}:{:02}から受け付けます。",
                minute / 60,
                minute % 60
            )
        }
        Door::Over => {
            "受付の期間が終わりました。期間をのばすには、「受付の条件」を変えて公開します。".into()
        }
        Door::Full | Door::Enough => "決めた件数に達したため、受け付けていません。".into(),
    })
}

#[component]
fn Shown(opened: Opened, again: RwSignal<u32>) -> impl IntoView {
    let kept = opened.kept.clone();
    let id = kept.id;
    let toasts = use_toasts();
    let busy = RwSignal::new(false);
    let asking = RwSignal::new(false);
    let reopening = RwSignal::new(false);
    let what = RwSignal::new(Act::Close);
    let copy = ServerAction::<CopyForm>::new();
    Effect::new(move |_| {
        if let Some(Err(error)) = copy.value().get() {
            toasts.err(format!("複製できませんでした。{}", error.message()));
        }
    });
    let navigate = use_navigate();
    let run = Callback::new(move |act: Act| {
        let navigate = navigate.clone();
        busy.set(true);
        spawn_local(async move {
            let answer = act_on_form(id, act).await;
            if busy.try_set(false).is_some() {
                return;
            }
            asking.set(false);
            reopening.set(false);
            match answer {
                Ok(()) => {
                    toasts.ok(match act {
                        Act::Close => "受付を終えました",
                        Act::Reopen => "受付を再開しました",
                        Act::Archive => "保管しました。一覧の「状態：保管」から見られます",
                        Act::Unarchive => "一覧にもどしました",
                        Act::Delete => "消しました",
                    });
                    if act == Act::Delete {
                        navigate(PATH, NavigateOptions::default());
                    } else {
                        again.update(|n| *n += 1);
                    }
                }
                Err(error) => {
                    toasts.err(format!("できませんでした。{}{}", error.message(), error.next()));
                }
            }
        });
    });
    let ask = move |act: Act| {
        what.set(act);
        asking.set(true);
    };
    let (status, word) = mark(kept.state);
    let word = match (kept.state, kept.published) {
        (State::Published, Some(n)) => format!("公開中 第{n}版"),
        _ => word.to_owned(),
    };
    let edits = kept.may_write && kept.state != State::Archived;
    let acts = move || {
        view! {
            {kept.may_write
                .then(|| {
                    view! {
                        <ActionForm action=copy>
                            <input type="hidden" name="id" value=id.to_string() />
                            <Button icon=IconName::Copy submit=true busy=copy.pending()>"複製"</Button>
                        </ActionForm>
                    }
                })}
            {edits.then(|| view! { <LinkButton href=format!("{}/edit", href(id)) kind=Kind::Filled icon=IconName::Pencil>"作る・直す"</LinkButton> })}
        }
    };
    let beside = move || view! { <StatusMark status word=word.clone() /> };
    let state = kept.state;
    let (may_publish, may_write, published) = (kept.may_publish, kept.may_write, kept.published);
    let name = named(&kept.name);
    let asked = name.clone();
    let again_answered = format!("「{asked}」に、また答えられるようになります。");
    let received = kept.received;
    let (today, definition) = (opened.today, kept.definition.clone());
    let (notices, proof) = (kept.settings.notices.clone(), kept.proof.clone());
    let stands = match state {
        State::Draft => "まだ公開していません。住民には見えません。".to_owned(),
        State::Closed => {
            "受付を終えています。ひらいた人には、終わったことと問い合わせ先が出ます。".to_owned()
        }
        State::Archived => "保管しています。答えと集計は見られます。".to_owned(),
        State::Published => door(&opened).unwrap_or_default(),
    };
    let kept_for = kept
        .definition
        .terms
        .retention_days
        .map_or_else(|| "決まっていません".to_owned(), |d| format!("{d}日"));
    let (changed, author) = (kept.updated_at.near(opened.now), kept.author.clone());
    let department = kept.department_name.clone();
    view! {
        <Page title=name crumbs=vec![(PATH.into(), "フォーム".into())] beside acts>
            {tabs(id, kept.may_answers, "")}
            <div class="stack">
                <Asked opened=opened.clone() again />
                {(kept.changed && published.is_some())
                    .then(|| {
                        view! {
                            <Banner tone=Tone::Warn title="公開していない変更があります">
                                "住民には、いまも公開した版が出ています。「作る・直す」の「公開前の点検へ」から公開します。"
                            </Banner>
                        }
                    })}
                <div class="cols-main-side">
                    <div class="stack">
                        <dl class="strip">
                            <div><dt>"届いた答え"</dt><dd class="figure">{thousands(kept.received)}<span class="unit">"件"</span></dd></div>
                            <div><dt>"未読"</dt><dd class="figure">{thousands(kept.unread)}<span class="unit">"件"</span></dd></div>
                            <div><dt>"質問"</dt><dd class="figure">{kept.definition.questions().count()}<span class="unit">{format!("問・{}ページ", kept.definition.pages.len())}</span></dd></div>
                        </dl>
                        {kept.may_answers
                            .then(|| {
                                view! {
                                    <div class="acts">
                                        <LinkButton href=format!("/console/answers?form={id}") icon=IconName::Inbox>"届いた答えを見る"</LinkButton>
                                        <LinkButton href=format!("{}/figures", href(id)) icon=IconName::Chart>"集計を見る"</LinkButton>
                                    </div>
                                }
                            })}
                        <Where opened=opened.clone() />
                    </div>
                    <div class="stack">
                        <Panel title="受付">
                            <div class="stack-s">
                                <p>{stands}</p>
                                <dl class="facts">
                                    <div><dt>"担当"</dt><dd>{department}</dd></div>
                                    <div><dt>"保存"</dt><dd>{kept_for}</dd></div>
                                    <div><dt>"最後の変更"</dt><dd>{changed}"　"<span class="nowrap">{author}</span></dd></div>
                                </dl>
                                <div class="acts">
                                    {(may_publish && state == State::Published).then(|| view! { <Button icon=IconName::Stop on_click=move |_| ask(Act::Close)>"受付を終える"</Button> })}
                                    {(may_publish && state == State::Closed).then(|| view! { <Button kind=Kind::Act icon=IconName::Reload on_click=move |_| reopening.set(true)>"もう一度受け付ける"</Button> })}
                                    {(may_write && matches!(state, State::Closed | State::Draft)).then(|| view! { <Button icon=IconName::Inbox busy on_click=move |_| run.run(Act::Archive)>"保管する"</Button> })}
                                    {(may_write && state == State::Archived).then(|| view! { <Button kind=Kind::Act busy on_click=move |_| run.run(Act::Unarchive)>"一覧へもどす"</Button> })}
                                    {(may_write && published.is_none()).then(|| view! { <Button kind=Kind::Danger icon=IconName::Trash on_click=move |_| ask(Act::Delete)>"消す"</Button> })}
                                </div>
                            </div>
                        </Panel>
                        <Panel title="ほかの市と分け合う">
                            <div class="stack-s">
                                <p class="dense">"質問と分かれ道を、市の名前や電話番号を〔　〕にして、1つのファイルに書き出します。届いた答えは入りません。"</p>
                                <ExportButton form=definition notices proof today />
                            </div>
                        </Panel>
                    </div>
                </div>
            </div>
            <ConfirmDialog
                id="form-act"
                title=Signal::derive(move || match what.get() {
                    Act::Close => "受付を終えます",
                    _ => "フォームを消します",
                }.to_owned())
                open=asking
                danger=true
                confirm=Signal::derive(move || match what.get() {
                    Act::Close => "受付を終える",
                    _ => "消す",
                }.to_owned())
                busy
                on_confirm=move |()| run.run(what.get_untracked())
            >
                <p>
                    {move || match what.get() {
                        Act::Close => format!("「{asked}」に、これからは答えられなくなります。届いた {}件の答えは、そのまま残ります。書きかけの人は送れません。", thousands(received)),
                        _ => format!("「{asked}」と、書いた質問を消します。元にもどせません。"),
                    }}
                </p>
            </ConfirmDialog>
            <ConfirmDialog
                id="form-reopen"
                title="もう一度受け付けます"
                open=reopening
                confirm="受け付ける"
                busy
                on_confirm=move |()| run.run(Act::Reopen)
            >
                <p>{again_answered}</p>
            </ConfirmDialog>
        </Page>
    }
}

/// Where residents find it.
#[component]
fn Where(opened: Opened) -> impl IntoView {
    let id = opened.kept.id;
    // What residents meet; before the first version what is edited.
    let met = opened.former.as_ref().and_then(|former| former.settings.as_ref());
    let outside = met.unwrap_or(&opened.kept.settings).outside;
    view! {
        <Panel title="住民がひらく場所">
            <div class="stack-s">
                <TextField name="address" label="LINEでひらくアドレス" hint="配信やリッチメニューに、このアドレスを入れます" readonly=true value=opened.address.clone() />
                {outside.then(|| view! { <TextField name="outside" label="LINEの外でひらくアドレス" readonly=true value=opened.outside.clone() /> })}
                <div class="acts">
                    <LinkButton href=format!("{}/poster", href(id)) icon=IconName::Qr>"QRコードのポスター"</LinkButton>
                </div>
                {opened.kept.published.is_none().then(|| view! { <p class="sub dense">"公開するまで、ひらいても質問は出ません。"</p> })}
            </div>
        </Panel>
    }
}
