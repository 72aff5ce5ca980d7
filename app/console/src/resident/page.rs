//! One resident: state, answers, history, deliveries; tester or not (RES-6).

use super::api::{Detail, Event, MakeTester, RemoveTester, read_resident, resident_deliveries};
use super::list::{answers, state_mark};
use super::{PATH, trouble};
use domain::id::ResidentId;
use domain::language::Language;
use domain::resident::Resident;
use domain::time::Timestamp;
use leptos::prelude::*;
use ui::prelude::*;

type Removed = StoredValue<Option<String>>;

/// One resident.
#[component]
pub fn ResidentPage(id: ResidentId) -> impl IntoView {
    let making = ServerAction::<MakeTester>::new();
    let removing = ServerAction::<RemoveTester>::new();
    let detail = Resource::new_blocking(
        move || (making.version().get(), removing.version().get()),
        move |_| read_resident(id),
    );
    let (toasts, offers) = (use_toasts(), use_offers());
    // The name of a tester who is being removed, so that it can be undone.
    let removed: Removed = StoredValue::new(None);
    Effect::new(move |_| match making.value().get() {
        Some(Ok(())) => {
            offers.withdraw();
            toasts.ok("試験者にしました");
        }
        Some(Err(AppError::Invalid { .. })) | None => {}
        Some(Err(error)) => toasts.err(format!("保存できませんでした。{}", error.message())),
    });
    Effect::new(move |_| match removing.value().get() {
        Some(Ok(())) => {
            let name = removed.try_update_value(Option::take).flatten().unwrap_or_default();
            offers.ok("試験者から外しました", "元にもどす", move || {
                making.dispatch(MakeTester { id, name: name.clone() });
            });
        }
        Some(Err(error)) => toasts.err(format!("保存できませんでした。{}", error.message())),
        None => {}
    });
    view! {
        <Transition fallback=|| view! { <div class="page"><Skeleton sentence="住民の登録内容を読みこんでいます" /></div> }>
            {move || Suspend::new(async move {
                match detail.await {
                    Ok(detail) => view! { <Shown detail making removing removed /> }.into_any(),
                    Err(error) => trouble(error, PATH),
                }
            })}
        </Transition>
    }
}

#[component]
fn Shown(
    detail: Detail,
    making: ServerAction<MakeTester>,
    removing: ServerAction<RemoveTester>,
    removed: Removed,
) -> impl IntoView {
    let Detail { resident, catalog, history, now, may_test } = detail;
    let answers = answers(&catalog, &resident, true)
        .into_iter()
        .map(|(a, words)| {
            let answer = if words.is_empty() { "—".to_owned() } else { words.join("・") };
            view! {
                <div>
                    <dt>
                        {a.label.clone()}
                        {a.personal.then(|| view! { " " <Icon name=IconName::Lock size=16 /><span class="visually-hidden">"（個人に関わる）"</span> })}
                    </dt>
                    <dd>{answer}</dd>
                </div>
            }
        })
        .collect_view();
    let (id, friend) = (resident.id, resident.friend);
    let mark = StoredValue::new(resident.clone());
    let beside = ViewFn::from(move || mark.with_value(state_mark));
    let reception = resident.reception.label();
    let language = language_words(&resident);
    let (registered, standing) = (resident.registered_at, state(&resident, now));
    let nobody = !friend
        && resident.choices.is_empty()
        && resident.values.is_empty()
        && resident.registered_at.is_none();
    view! {
        <Page
            title=format!("住民 {}", thousands(id.0))
            crumbs=vec![(PATH.into(), "住民".into())]
            sentence="この画面を見たことは、台帳に残ります。"
            beside
        >
            <div class="cols-main-side">
                <div class="stack">
                    <Panel title="登録した内容">
                        {(registered.is_none() && friend).then(|| view! { <p class="sub">"まだ登録していません。友だち全員への配信は届きます。"</p> })}
                        {nobody.then(|| view! { <p class="sub">"登録した内容は、消しました。友だちをやめてから180日たつと、ひとりでに消えます。"</p> })}
                        <dl class="facts">
                            {answers} <div>
                                <dt>"届く回数"</dt>
                                <dd>{reception}</dd>
                            </div>
                            <div>
                                <dt>"ことば"</dt>
                                <dd>{language}</dd>
                            </div>
                        </dl>
                    </Panel>
                    <Panel title="これまでのこと" note="新しい順・200件まで">{events(history, now)}</Panel>
                </div>
                <div class="stack">
                    <Panel title="友だちかどうか">{standing}</Panel>
                    <Panel title="試験者"><Tester resident may_test making removing removed /></Panel>
                    <Panel title="届けた配信" note="新しい順・10件まで"><Deliveries id /></Panel>
                </div>
            </div>
        </Page>
    }
}

/// In which language somebody reads, and from whom we know it.
fn language_words(r: &Resident) -> String {
    match (r.language, &r.line_language) {
        (Some(own), _) => format!("{}（本人が選びました）", own.japanese()),
        (None, Some(tag)) => match Language::of_tag(tag) {
            Some(language) => format!("{}（LINEの設定）", language.japanese()),
            None => format!("そのほか（LINEの設定：{tag}）"),
        },
        (None, None) => "分かりません（日本語で届きます）".into(),
    }
}

fn state(r: &Resident, now: Timestamp) -> impl IntoView + use<> {
    let since =
        r.friend_since.filter(|at| at.0 > 0).map_or_else(|| "—".to_owned(), |at| at.near(now));
    let registered = r.registered_at.map_or_else(|| "—".to_owned(), |at| at.near(now));
    let rows = [
        (if r.friend { "友だちになった" } else { "友だちをやめた" }, since),
        ("最後に登録した", registered),
        ("最初に記録した", r.created_at.near(now)),
    ];
    view! { <dl class="facts">{rows.map(|(what, when)| view! { <div><dt>{what}</dt><dd>{when}</dd></div> }).collect_view()}</dl> }
}

fn events(history: Vec<Event>, now: Timestamp) -> AnyView {
    if history.is_empty() {
        return view! { <p class="sub">"まだ何も起きていません。"</p> }.into_any();
    }
    let lines = history
        .into_iter()
        .map(|e| {
            let what = match e.kind.as_str() {
                "follow" => "友だちになりました",
                "unfollow" => "友だちをやめました",
                "register" => "登録しました",
                "change" => "登録を変えました",
                "talk" => "トークで答えました",
                _ => "できごと",
            };
            view! {
                <li>
                    <time datetime=e.at.rfc3339()>{e.at.near(now)}</time>
                    <div>
                        <strong>{what}</strong>
                        {e.detail.lines().map(|line| view! { <p class="dense">{line.to_owned()}</p> }).collect_view()}
                    </div>
                </li>
            }
        })
        .collect_view();
    view! { <ol class="events">{lines}</ol> }.into_any()
}

/// Plain forms: they work before wasm.
#[component]
fn Tester(
    resident: Resident,
    may_test: bool,
    making: ServerAction<MakeTester>,
    removing: ServerAction<RemoveTester>,
    removed: Removed,
) -> impl IntoView {
    let id = resident.id;
    let name = resident.tester_name.unwrap_or_default();
    let explain = "試験者には、配信、リッチメニュー、フォームを、本番の前に試してもらえます。職員や協力者のスマートフォンだけにしてください。";
    let error = Signal::derive(move || match making.value().get() {
        Some(Err(AppError::Invalid { fields })) => fields.into_iter().next().map(|f| f.message),
        _ => None,
    });
    if !may_test {
        let words = if resident.tester {
            format!("試験者です（{name}）。")
        } else {
            "試験者ではありません。".to_owned()
        };
        return view! { <p>{words}</p> }.into_any();
    }
    if resident.tester {
        let former = name.clone();
        return view! {
            <p class="cluster">
                <PurposeTag purpose=Purpose::Test />
                <strong>{name}</strong>
            </p>
            <ActionForm action=removing on:submit=move |_| removed.set_value(Some(former.clone()))>
                <input type="hidden" name="id" value=id.0 />
                <Button submit=true busy=removing.pending()>"試験者から外す"</Button>
            </ActionForm>
        }
        .into_any();
    }
    view! {
        <ActionForm action=making>
            <input type="hidden" name="id" value=id.0 />
            <div class="stack-s">
                <p class="sub dense">{explain}</p>
                <TextField name="name" label="だれのものか" hint="「広報広聴課 佐藤」のように、庁内で分かる名前" maxlength=50 autocomplete="off" error />
                <div><Button kind=Kind::Act submit=true busy=making.pending()>"試験者にする"</Button></div>
            </div>
        </ActionForm>
    }
    .into_any()
}

/// The last deliveries, and whether LINE took each for this resident.
#[component]
fn Deliveries(id: ResidentId) -> impl IntoView {
    let list = Resource::new(|| (), move |()| resident_deliveries(id));
    view! {
        <Suspense fallback=|| view! { <p class="sub">"読みこんでいます"</p> }>
            {move || Suspend::new(async move {
                match list.await {
                    Err(error) => view! { <p class="sub">{format!("いま、表示できません。{}", error.message())}</p> }.into_any(),
                    Ok(list) if list.is_empty() => view! { <p class="sub">"まだ配信はありません。"</p> }.into_any(),
                    Ok(list) => {
                        view! {
                            <ul class="rows deliveries-of">
                                {list
                                    .into_iter()
                                    .map(|d| {
                                        let words = match d.taken {
                                            Some(true) => "LINEが受け付けました",
                                            Some(false) => "LINEの受付はありません",
                                            None => "1人ずつは分かりません",
                                        };
                                        view! {
                                            <li>
                                                <span class="grow">
                                                    <a href=format!("/console/deliveries/{}", d.id)>{d.title}</a>
                                                    <span class="sub">{format!("{}・{words}", d.at.day_and_time())}</span>
                                                </span>
                                                <PurposeTag purpose=d.purpose />
                                            </li>
                                        }
                                    })
                                    .collect_view()}
                            </ul>
                        }
                            .into_any()
                    }
                }
            })}
        </Suspense>
    }
}
