//! The list of attributes, in the order in which residents see them.

use super::PATH;
use super::api::{Listed, MoveAttribute, count_answered, list_attributes};
use super::drag::{Drag, Grip};
use crate::resident::trouble;
use domain::attribute::{Attribute, Kind as Answer};
use domain::id::AttributeId;
use leptos::prelude::*;
use ui::prelude::*;

/// The move that is under way: which attribute, and by how many places.
type Moved = StoredValue<Option<(AttributeId, i64)>>;

/// 登録項目: the list.
#[component]
pub fn AttributesPage() -> impl IntoView {
    let moving = ServerAction::<MoveAttribute>::new();
    let listed = Resource::new_blocking(move || moving.version().get(), |_| list_attributes());
    let counts = Resource::new(|| (), |()| count_answered());
    let moved: Moved = StoredValue::new(None);
    let toasts = use_toasts();
    Effect::new(move |_| {
        if let Some(MoveAttribute { id, step }) = moving.input().get() {
            moved.set_value(Some((id, step)));
        }
        if let Some(Err(error)) = moving.value().get() {
            toasts.err(format!("順番を変えられませんでした。{}", error.message()));
        }
    });
    view! {
        <Transition fallback=|| view! { <div class="page"><Skeleton sentence="登録項目を読みこんでいます" /></div> }>
            {move || Suspend::new(async move {
                match listed.await {
                    Ok(listed) => view! { <List listed moving moved counts /> }.into_any(),
                    Err(error) => trouble(error, PATH),
                }
            })}
        </Transition>
    }
}

/// How many friends answered each attribute.
type Counts = Resource<Result<Vec<(AttributeId, i64)>, AppError>>;

#[component]
fn List(
    listed: Listed,
    moving: ServerAction<MoveAttribute>,
    moved: Moved,
    counts: Counts,
) -> impl IntoView {
    let Listed { attributes, may_write } = listed;
    let new = move |words: &'static str| {
        may_write.then(|| view! { <LinkButton href=format!("{PATH}/new") kind=Kind::Filled icon=IconName::Plus>{words}</LinkButton> })
    };
    let shown = attributes.iter().filter(|a| !a.hidden).count();
    let sentence = format!(
        "住民が登録するときに答える項目です。上から順に、いま {shown}項目をたずねています。"
    );
    if attributes.is_empty() {
        let text = if may_write {
            "お住まいの地域や、受け取りたい情報をたずねると、その答えで届ける相手をしぼれます。"
        } else {
            "登録項目を作れるのは、管理者と送信責任者です。"
        };
        return view! {
            <Page title="登録項目" sentence="住民が登録するときに答える項目です。">
                <EmptyState title="まだ登録項目はありません" text acts=ViewFn::from(move || new("最初の項目を作る")) />
            </Page>
        }
        .into_any();
    }
    view! {
        <Page title="登録項目" sentence acts=ViewFn::from(move || new("項目を足す"))>
            <Table attributes may_write moving moved counts />
        </Page>
    }
    .into_any()
}

#[component]
fn Table(
    attributes: Vec<Attribute>,
    may_write: bool,
    moving: ServerAction<MoveAttribute>,
    moved: Moved,
    counts: Counts,
) -> impl IntoView {
    let toasts = use_toasts();
    let places: Vec<(AttributeId, String)> =
        attributes.iter().map(|a| (a.id, a.label.clone())).collect();
    // The list is drawn anew after a move: say where the item is now, and give its button the focus again.
    Effect::new(move |_| {
        let Some((id, step)) = moved.try_update_value(Option::take).flatten() else { return };
        if let Some(at) = places.iter().position(|(other, _)| *other == id) {
            toasts.say(format!("「{}」を {}番目にしました", places[at].1, at + 1));
            focus_soon(format!("{}-{id}", if step < 0 { "up" } else { "down" }));
        }
    });
    let drag = Drag::<usize>::new();
    let ids: Vec<AttributeId> = attributes.iter().map(|a| a.id).collect();
    let drop = Callback::new(move |(from, to): (usize, usize)| {
        if from != to
            && let Some(id) = ids.get(from)
        {
            moving.dispatch(MoveAttribute { id: *id, step: to as i64 - from as i64 });
        }
    });
    view! {
        <table class="list sortable">
            <thead>
                <tr>
                    <th scope="col">"順番"</th>
                    <th scope="col">"項目"</th>
                    <th scope="col">"答え方"</th>
                    <th scope="col" class="num">"登録した人"</th>
                    <th scope="col">"住民への表示"</th>
                    {may_write.then(|| view! { <th scope="col"><span class="visually-hidden">"順番を変える"</span></th> })}
                </tr>
            </thead>
            <tbody>
                {attributes
                    .into_iter()
                    .enumerate()
                    .map(|(at, attribute)| view! { <Row at attribute may_write moving counts drag drop /> })
                    .collect_view()}
            </tbody>
        </table>
        {may_write.then(|| view! { <p class="sub dense only-wide">"順番は、左の印をつかんで動かすか、↑↓で変えられます。変えるとすぐ、住民の画面も変わります。"</p> })}
    }
}

#[component]
fn Row(
    at: usize,
    attribute: Attribute,
    may_write: bool,
    moving: ServerAction<MoveAttribute>,
    counts: Counts,
    drag: Drag<usize>,
    drop: Callback<(usize, usize)>,
) -> impl IntoView {
    let Attribute { id, label, kind, required, personal, hidden, choices, .. } = attribute;
    let offered = choices.iter().filter(|c| !c.hidden).count();
    let meta = match kind {
        Answer::Area => format!("地域 {offered}"),
        Answer::Single | Answer::Multiple => format!("選択肢 {offered}"),
        Answer::Year => "西暦と和暦".to_owned(),
        Answer::Date => "年・月・日".to_owned(),
        Answer::Text => "200文字まで".to_owned(),
    };
    let name = label.clone();
    view! {
        <tr
            class=move || drag.class(at, |from| from < at)
            on:dragover=move |event| drag.over(&event, at)
            on:drop=move |event| {
                if let Some(from) = drag.drop(&event) {
                    drop.run((from, at));
                }
            }
        >
            <td class="c-order">
                <span class="cluster">
                    {may_write.then(|| view! { <Grip drag item=at /> })} <span>{at + 1}</span>
                </span>
            </td>
            <td class="title">
                <a class="title-link" href=format!("{PATH}/{id}")>{label}</a>
                <p class="row-meta">
                    {meta} {required.then_some("・必ず答えてもらう")}
                    {personal.then(|| view! { <span class="cluster"><Icon name=IconName::Lock size=16 />"個人に関わる"</span> })}
                </p>
            </td>
            <td class="c-audience">{kind.label()}</td>
            <td class="num c-figure" data-label="登録した人">
                <Suspense fallback=|| view! { <span class="sub">"数えています"</span> }>
                    {move || Suspend::new(async move {
                        match counts.await {
                            Ok(counts) => format!("{}人", thousands(counts.iter().find(|(other, _)| *other == id).map_or(0, |(_, n)| *n))),
                            Err(_) => "—".to_owned(),
                        }
                    })}
                </Suspense>
            </td>
            <td class="c-status">
                {if hidden {
                    view! { <StatusMark status=Status::Held word="かくしている" /> }
                } else {
                    view! { <StatusMark status=Status::Done word="たずねている" /> }
                }}
            </td>
            {may_write
                .then(|| {
                    view! {
                        <td class="acts">
                            <span class="cluster nowrap-acts">
                                <MoveButton id step=-1 name=name.clone() moving />
                                <MoveButton id step=1 name=name moving />
                            </span>
                        </td>
                    }
                })}
        </tr>
    }
}

#[component]
fn MoveButton(
    id: AttributeId,
    step: i64,
    name: String,
    moving: ServerAction<MoveAttribute>,
) -> impl IntoView {
    let (icon, way, button) = if step < 0 {
        (IconName::ChevronUp, "上", "up")
    } else {
        (IconName::ChevronDown, "下", "down")
    };
    let words = format!("「{name}」を{way}へ");
    view! {
        <ActionForm action=moving>
            <input type="hidden" name="id" value=id.0 />
            <input type="hidden" name="step" value=step />
            <button class="icon-btn btn-above" type="submit" id=format!("{button}-{id}") aria-label=words.clone() title=words>
                <Icon name=icon />
            </button>
        </ActionForm>
    }
}
