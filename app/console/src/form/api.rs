//! What the pages of forms ask of the server.

use domain::form::Form;
use domain::form::edit::Known;
use domain::form::kept::{Filter, Forms, Issued, Kept, Settings, Version};
use domain::id::FormId;
use domain::time::{Date, Timestamp};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;
use ui::prelude::*;

/// A page of the list.
#[server(prefix = "/console/fn", input = Json)]
pub async fn list_forms(filter: Filter) -> Result<(Forms, Timestamp), AppError> {
    let staff = crate::server::staff()?;
    Ok((services::form::list(&staff.ctx, &filter).await?, staff.ctx.now()))
}

/// A form with what its pages need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// The form.
    pub kept: Kept,
    /// What residents get, if it was ever published.
    pub former: Option<Issued>,
    /// Keys that are not given out again.
    pub known: Known,
    /// Every version, the newest first.
    pub versions: Vec<Version>,
    /// Its address for residents in LINE.
    pub address: String,
    /// Its address outside LINE.
    pub outside: String,
    /// Mails can be sent at all.
    pub mails: bool,
    /// The day on which it was opened.
    pub today: Date,
    /// When it was opened.
    pub now: Timestamp,
}

/// Opens a form.
#[server(prefix = "/console/fn")]
pub async fn open_form(id: FormId) -> Result<Opened, AppError> {
    let staff = crate::server::staff()?;
    let ctx = &staff.ctx;
    let kept = services::form::get(ctx, id).await?;
    let versions = services::form::versions(ctx, id).await?;
    let mut known = Known::of([&kept.definition]);
    let mut former = None;
    for version in &versions {
        let issued = services::form::version(ctx, id, version.number).await?;
        known.learn(&issued.form);
        if Some(version.number) == kept.published {
            former = Some(issued);
        }
    }
    let settings = &staff.platform.settings;
    Ok(Opened {
        address: settings.liff_link(&format!("/f/{id}")),
        outside: format!("{}/liff/f/{id}", settings.public_url),
        mails: services::mail::can_send(&staff.platform),
        former,
        known,
        versions,
        today: ctx.now().date(),
        now: ctx.now(),
        kept,
    })
}

/// Saves what was edited, if nobody saved since; answers the new edition.
#[server(prefix = "/console/fn", input = Json)]
pub async fn save_form(
    id: FormId,
    seen: i64,
    name: String,
    definition: Form,
    settings: Settings,
) -> Result<i64, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::form::save(&staff.ctx, id, seen, &name, &definition, &settings).await?)
}

/// The edition that is kept now; to save over it knowingly.
#[server(prefix = "/console/fn")]
pub async fn form_edition(id: FormId) -> Result<i64, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::form::get(&staff.ctx, id).await?.edition)
}

/// Shows what is saved to the testers; answers how many they are.
#[server(prefix = "/console/fn")]
pub async fn try_form(id: FormId, seen: i64) -> Result<i64, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::form::try_out(&staff.platform, &staff.ctx, id, seen).await?)
}

/// Publishes what is saved; answers the version.
#[server(prefix = "/console/fn")]
pub async fn publish_form(id: FormId, seen: i64) -> Result<u64, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::form::publish(&staff.ctx, id, seen).await?)
}

/// Asks whoever may publish to do so.
#[server(prefix = "/console/fn", input = Json)]
pub async fn ask_for_form(id: FormId, seen: i64, words: String) -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    Ok(services::form::ask(&staff.ctx, id, seen, &words).await?)
}

/// Takes a request back, or puts away that it was sent back.
#[server(prefix = "/console/fn")]
pub async fn withdraw_form(id: FormId) -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    Ok(services::form::withdraw(&staff.ctx, id).await?)
}

/// Sends a request back to who asked.
#[server(prefix = "/console/fn", input = Json)]
pub async fn send_back_form(id: FormId, words: String) -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    Ok(services::form::send_back(&staff.ctx, id, &words).await?)
}

/// What is done to a form as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// 受付を終える.
    Close,
    /// もう一度受け付ける.
    Reopen,
    /// 保管する.
    Archive,
    /// 一覧へもどす.
    Unarchive,
    /// Deletes what was never published.
    Delete,
}

/// Does it.
#[server(prefix = "/console/fn", input = Json)]
pub async fn act_on_form(id: FormId, act: Act) -> Result<(), AppError> {
    use services::form as f;
    let ctx = crate::server::staff()?.ctx;
    Ok(match act {
        Act::Close => f::close(&ctx, id).await,
        Act::Reopen => f::reopen(&ctx, id).await,
        Act::Archive => f::archive(&ctx, id).await,
        Act::Unarchive => f::unarchive(&ctx, id).await,
        Act::Delete => f::delete(&ctx, id).await,
    }?)
}

/// Begins a form with the content of another and leads to it.
#[server(prefix = "/console/fn")]
pub async fn copy_form(id: FormId) -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    let id = services::form::copy(&staff.ctx, id).await?;
    ui::server::redirect(&format!("{}/edit", super::href(id)), super::PATH);
    Ok(())
}

/// A version as it was published.
#[server(prefix = "/console/fn")]
pub async fn form_version(id: FormId, number: u64) -> Result<Issued, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::form::version(&staff.ctx, id, number).await?)
}

/// What is edited becomes a former version.
#[server(prefix = "/console/fn")]
pub async fn restore_form(id: FormId, seen: i64, number: u64) -> Result<i64, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::form::restore(&staff.ctx, id, seen, number).await?)
}
