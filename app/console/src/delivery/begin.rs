//! Beginning a delivery: blank, or from one that was sent before (SEG-7).

use super::templates::{TemplatesPanel, list_templates};
use super::{PATH, named};
use crate::shell::use_me;
use domain::delivery::{Draft, Listed, Row};
use domain::id::DeliveryId;
use domain::permission::Permission;
use leptos::form::ActionForm;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;
use ui::prelude::*;

/// Begins an empty draft and leads to it.
#[server(prefix = "/console/fn")]
pub async fn new_draft() -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    let empty = Draft {
        parts: vec![domain::message::Part::Text { text: String::new() }],
        ..Draft::default()
    };
    let id = services::delivery::draft(&staff.ctx, empty).await?;
    ui::server::redirect(&format!("{PATH}/{id}/edit"), PATH);
    Ok(())
}

/// Begins a draft with the content of another delivery and leads to it.
#[server(prefix = "/console/fn")]
pub async fn duplicate_delivery(id: DeliveryId) -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    let id = services::delivery::duplicate(&staff.ctx, id).await?;
    ui::server::redirect(&format!("{PATH}/{id}/edit"), PATH);
    Ok(())
}

/// A draft that was deleted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Deleted {
    /// What was in it.
    #[serde(flatten)]
    pub draft: Draft,
    /// What it was to send again.
    #[serde(default)]
    pub resends: Option<DeliveryId>,
}

/// Deletes a draft; answers with what it can be brought back.
#[server(prefix = "/console/fn")]
pub async fn delete_draft(id: DeliveryId) -> Result<Deleted, AppError> {
    let staff = crate::server::staff()?;
    let former = services::delivery::get(&staff.ctx, id).await?;
    let of = services::delivery::again(&staff.ctx, id).await?.of;
    services::delivery::delete(&staff.ctx, id).await?;
    Ok(Deleted { draft: Draft::from(&former), resends: of.map(|of| of.id) })
}

/// Brings a deleted draft back.
#[server(prefix = "/console/fn", input = Json)]
pub async fn restore_draft(
    draft: Draft,
    #[server(default)] resends: Option<DeliveryId>,
) -> Result<DeliveryId, AppError> {
    let ctx = crate::server::staff()?.ctx;
    Ok(match resends {
        Some(of) => services::delivery::restore(&ctx, of, draft).await?,
        None => services::delivery::draft(&ctx, draft).await?,
    })
}

/// The last deliveries, to begin from.
#[server(prefix = "/console/fn")]
pub async fn recent_deliveries() -> Result<Listed, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::delivery::listed(
        &staff.ctx,
        &domain::delivery::Filter { page: 1, ..Default::default() },
    )
    .await?)
}

/// 「新しい配信」: a form, so that it works before wasm; nothing for who may not write.
#[component]
pub fn NewDeliveryButton(
    /// What it says where there are other ways to begin.
    #[prop(default = "新しい配信")]
    words: &'static str,
) -> impl IntoView {
    let begin = ServerAction::<NewDraft>::new();
    let toasts = use_toasts();
    Effect::new(move |_| {
        if let Some(Err(error)) = begin.value().get() {
            toasts.err(format!("新しい配信を始められませんでした。{}", error.message()));
        }
    });
    use_me().may(Permission::DeliveryWrite).then(|| {
        view! {
            <ActionForm action=begin>
                <Button kind=Kind::Filled icon=IconName::Plus submit=true busy=begin.pending()>{words}</Button>
            </ActionForm>
        }
    })
}

/// The action of 「複製する」, which says why it could not be done.
pub fn use_duplicate() -> ServerAction<DuplicateDelivery> {
    let duplicate = ServerAction::<DuplicateDelivery>::new();
    let toasts = use_toasts();
    Effect::new(move |_| {
        if let Some(Err(error)) = duplicate.value().get() {
            toasts.err(format!("複製できませんでした。{}", error.message()));
        }
    });
    duplicate
}

/// 「複製する」: a form with a button of that class.
#[component]
pub fn DuplicateForm(
    /// Of which delivery.
    id: DeliveryId,
    /// The action of the page.
    action: ServerAction<DuplicateDelivery>,
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

/// `/console/deliveries/new`: blank, or from one before.
#[component]
pub fn NewDeliveryPage() -> impl IntoView {
    let recent = Resource::new_blocking(|| (), |()| recent_deliveries());
    let templates = Resource::new_blocking(|| (), |()| list_templates(String::new(), 1));
    let duplicate = use_duplicate();
    let row = move |row: Row| {
        view! {
            <li class="split">
                <span class="grow">
                    <strong>{named(&row.title)}</strong>
                    <span class="row-meta"><PurposeTag purpose=row.purpose /> {row.who}</span>
                </span>
                <DuplicateForm id=row.id action=duplicate>
                    <Button size=Size::Small icon=IconName::Copy submit=true aria_label=format!("これをもとに書く：{}", named(&row.title))>"これをもとに書く"</Button>
                </DuplicateForm>
            </li>
        }
    };
    view! {
        <Page
            title="新しい配信"
            crumbs=vec![(PATH.to_owned(), "配信".to_owned())]
            sentence="白紙から書くか、ひな形か前の配信をもとに書きます。送るまで、だれにも届きません。"
            acts=|| view! { <NewDeliveryButton words="白紙から書く" /> }
        >
            <Suspense fallback=|| view! { <Skeleton sentence="前の配信を読みこんでいます" /> }>
                {move || Suspend::new(async move {
                    match recent.await {
                        Ok(listed) if listed.may_write => {
                            let before: Vec<_> = listed.past.into_iter().take(8).collect();
                            let templates = templates.await.unwrap_or_default();
                            if before.is_empty() && templates.rows.is_empty() {
                                view! { <EmptyState title="まだ届けたものはありません" text="「白紙から書く」を押してください。" /> }.into_any()
                            } else {
                                view! {
                                    <TemplatesPanel templates />
                                    {(!before.is_empty())
                                        .then(|| {
                                            view! {
                                                <Panel title="前の配信をもとに書く">
                                                    <ul class="rows">{before.into_iter().map(row).collect_view()}</ul>
                                                </Panel>
                                            }
                                        })}
                                }
                                    .into_any()
                            }
                        }
                        Ok(_) => view! { <ErrorPage error=AppError::Forbidden inside=true /> }.into_any(),
                        Err(error) => view! { <ErrorPage error retry_href=format!("{PATH}/new") inside=true /> }.into_any(),
                    }
                })}
            </Suspense>
        </Page>
    }
}
