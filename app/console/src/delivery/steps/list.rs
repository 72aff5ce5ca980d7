//! The courses.

use super::{STEPS, href, mark};
use crate::delivery::{PATH, figure};
use crate::shell::use_me;
use domain::id::CourseId;
use domain::permission::Permission;
use domain::steps::{CourseRow, NAME_MAX, State};
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::prelude::*;

/// Every course.
#[server(prefix = "/console/fn")]
pub async fn list_courses() -> Result<Vec<CourseRow>, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::steps::list(&staff.ctx).await?)
}

/// Begins a course and leads to it.
#[server(prefix = "/console/fn")]
pub async fn new_course(name: String) -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    let id = services::steps::create(&staff.ctx, &name).await?;
    ui::server::redirect(&href(id), STEPS);
    Ok(())
}

/// Begins a course with the content of another and leads to it.
#[server(prefix = "/console/fn")]
pub async fn copy_course(id: CourseId) -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    let id = services::steps::copy(&staff.ctx, id).await?;
    ui::server::redirect(&href(id), STEPS);
    Ok(())
}

/// 「コースを複製する」: a form, so that it works before wasm.
#[component]
pub fn CopyForm(
    /// Which course.
    id: CourseId,
    /// The action of the page.
    action: ServerAction<CopyCourse>,
    /// The button.
    children: Children,
) -> impl IntoView {
    view! {
        <ActionForm action>
            <input type="hidden" name="id" value=id.to_string() />
            {children()}
        </ActionForm>
    }
}

/// `/console/deliveries/steps`.
#[component]
pub fn CoursesPage() -> impl IntoView {
    let courses = Resource::new_blocking(|| (), |()| list_courses());
    let begin = ServerAction::<NewCourse>::new();
    let copy = ServerAction::<CopyCourse>::new();
    let may_write = use_me().may(Permission::DeliveryWrite);
    let toasts = use_toasts();
    Effect::new(move |_| {
        if let Some(Err(error)) = copy.value().get() {
            toasts.err(format!("複製できませんでした。{}", error.message()));
        }
    });
    let wrong = Signal::derive(move || match begin.value().get() {
        Some(Err(error)) => Some(error.message()),
        _ => None,
    });
    view! {
        <Page
            title="ステップ配信"
            crumbs=vec![(PATH.to_owned(), "配信".to_owned())]
            sentence="お子さんの誕生日や出産予定日などから数えて、決まった時期に1通ずつ届けます。"
        >
            <div class="stack">
                <Suspense fallback=|| view! { <Skeleton sentence="ステップ配信を読みこんでいます" rows=4 /> }>
                    {move || Suspend::new(async move {
                        match courses.await {
                            Ok(rows) => table(rows, copy),
                            Err(error) => view! { <ErrorPage error retry_href=STEPS inside=true /> }.into_any(),
                        }
                    })}
                </Suspense>
                {may_write
                    .then(|| {
                        view! {
                            <Panel title="新しいステップ配信">
                                <ActionForm action=begin>
                                    <div class="step-new">
                                        <TextField name="name" label="名前（職員にだけ見えます）" hint="例：子育てステップ、妊娠中の毎日メッセージ" maxlength=NAME_MAX as u32 autocomplete="off" error=wrong />
                                        <Button kind=Kind::Act icon=IconName::Plus submit=true busy=begin.pending()>"作りはじめる"</Button>
                                    </div>
                                </ActionForm>
                            </Panel>
                        }
                    })}
            </div>
        </Page>
    }
}

fn table(rows: Vec<CourseRow>, copy: ServerAction<CopyCourse>) -> AnyView {
    if rows.is_empty() {
        return view! {
            <EmptyState title="まだステップ配信はありません" text="「生後3か月」「予定日の10週前」のように、時期ごとのメッセージをまとめて用意できます。" />
        }
        .into_any();
    }
    let row = move |r: CourseRow| {
        let CourseRow { course, changed, anchor, people, reach, may_write } = r;
        let (status, word) = mark(course.state);
        let content = course.in_force.as_ref().unwrap_or(&course.written);
        let steps = content.steps.len();
        let marks = match (course.request.is_some(), changed && course.in_force.is_some()) {
            (true, _) => "・承認待ち",
            (_, true) => "・変更があります",
            _ => "",
        };
        let meta = format!("{}・{steps}ステップ{marks}", course.department_name);
        let reached = if course.state == State::Running {
            format!("きょう {}人・7日で {}人", figure(reach.today), figure(reach.week))
        } else {
            "—".to_owned()
        };
        let name = course.name.clone();
        view! {
            <tr>
                <td class="c-status nowrap"><StatusMark status word /></td>
                <td class="c-title title">
                    <a class="title-link" href=href(course.id)>{course.name}</a>
                    <p class="row-meta">{meta}</p>
                </td>
                <td class="c-audience"><span>{format!("{anchor}から")}</span> <span class="sub">{format!("{}人", figure(people))}</span></td>
                <td class="c-figure" data-label="届く人">{reached}</td>
                <td class="acts">
                    {may_write.then(|| view! { <CopyForm id=course.id action=copy><Button size=Size::Small icon=IconName::Copy submit=true aria_label=format!("「{name}」を複製する")>"複製"</Button></CopyForm> })}
                </td>
            </tr>
        }
    };
    view! {
        <table class="list">
            <caption class="visually-hidden">"ステップ配信の一覧"</caption>
            <thead>
                <tr>
                    <th scope="col">"状態"</th>
                    <th scope="col">"名前"</th>
                    <th scope="col">"もとにする日・入っている人"</th>
                    <th scope="col">"届く人"</th>
                    <th scope="col"><span class="visually-hidden">"操作"</span></th>
                </tr>
            </thead>
            <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
        </table>
    }
    .into_any()
}
