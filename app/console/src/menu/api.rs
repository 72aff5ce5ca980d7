//! What the pages of menus ask of the server.

use domain::id::MenuId;
use domain::menu::program::Rule;
use domain::menu::{Existing, Filter, Kept, Menu, Menus, Published, Publishing, Usage};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;
use ui::prelude::*;

/// A page of the list, with the departments by which it can be narrowed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Listed {
    /// The menus.
    pub menus: Menus,
    /// Every department: id and name.
    pub departments: Vec<(String, String)>,
    /// What the worker that brings them to LINE does.
    pub publishing: Publishing,
}

/// A page of the list.
#[server(prefix = "/console/fn", input = Json)]
pub async fn list_menus(filter: Filter) -> Result<Listed, AppError> {
    let staff = crate::server::staff()?;
    let departments = services::account::departments(&staff.ctx).await?;
    Ok(Listed {
        menus: services::menu::list(&staff.ctx, &filter).await?,
        departments: departments.into_iter().map(|d| (d.id.to_string(), d.name)).collect(),
        publishing: services::menu::publishing(&staff.ctx).await?,
    })
}

/// A menu with what its editor needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    /// The menu.
    pub kept: Kept,
    /// What its areas can lead to.
    pub existing: Existing,
    /// Whether testers are shown it before it is published.
    pub tried: bool,
    /// The name of another menu that they are shown instead, since its trial was begun later.
    pub tried_instead: Option<String>,
    /// Whether it is prepared for a disaster, so that drills show it.
    pub drilled: bool,
    /// What residents' words switch, by the published program.
    #[serde(default)]
    pub rules: Vec<Rule>,
}

/// Opens a menu.
#[server(prefix = "/console/fn")]
pub async fn open_menu(id: MenuId) -> Result<Opened, AppError> {
    let staff = crate::server::staff()?;
    let usage = services::menu::usage(&staff.ctx, id).await?;
    let published = services::menu::program(&staff.ctx).await?.published;
    Ok(Opened {
        kept: services::menu::get(&staff.ctx, id).await?,
        existing: services::menu::existing(&staff.ctx).await?,
        tried: usage.tried,
        tried_instead: usage.tried_instead,
        drilled: services::menu::drilled(&staff.ctx, id).await?,
        rules: published.map(|p| p.rules).unwrap_or_default(),
    })
}

/// Begins a menu as a beginning of `domain::menu::begin` has it, and leads to its editor.
#[server(prefix = "/console/fn")]
pub async fn begin_menu(name: String, beginning: String) -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    let id = services::menu::create(&staff.ctx, name.trim()).await?;
    let kept = services::menu::get(&staff.ctx, id).await?;
    let begun = kept.draft.clone().begun(&beginning);
    if begun != kept.draft {
        services::menu::save(&staff.ctx, id, kept.summary.version, &begun).await?;
    }
    ui::server::redirect(&super::path(id), super::PATH);
    Ok(())
}

/// Copies a menu and leads to the copy.
#[server(prefix = "/console/fn")]
pub async fn copy_menu(id: MenuId) -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    let copy = services::menu::copy(&staff.ctx, id).await?;
    ui::server::redirect(&super::path(copy), super::PATH);
    Ok(())
}

/// Puts a menu away, or takes it out again.
#[server(prefix = "/console/fn")]
pub async fn archive_menu(id: MenuId, away: bool) -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    let done = if away {
        services::menu::archive(&staff.ctx, id).await
    } else {
        services::menu::unarchive(&staff.ctx, id).await
    };
    Ok(done?)
}

/// What a menu is used for, and what is lost when it is deleted.
#[server(prefix = "/console/fn")]
pub async fn menu_usage(id: MenuId) -> Result<Usage, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::menu::usage(&staff.ctx, id).await?)
}

/// Deletes a menu that nobody is shown.
#[server(prefix = "/console/fn")]
pub async fn delete_menu(id: MenuId) -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    Ok(services::menu::delete(&staff.ctx, id).await?)
}

/// Saves a draft; answers the version that the next save must name.
#[server(prefix = "/console/fn", input = Json)]
pub async fn save_menu(id: MenuId, seen: i64, menu: Menu) -> Result<i64, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::menu::save(&staff.ctx, id, seen, &menu).await?)
}

/// The version of what is saved, by whomever; to save over it knowingly.
#[server(prefix = "/console/fn")]
pub async fn menu_version(id: MenuId) -> Result<i64, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::menu::get(&staff.ctx, id).await?.summary.version)
}

/// What publishing the draft of a menu costs, in words: whose screens change, calls and time.
#[server(prefix = "/console/fn")]
pub async fn menu_forecast(id: MenuId) -> Result<String, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::menu::foreseen_publication(&staff.platform, &staff.ctx, id).await?.words())
}

/// The same of the draft of the program.
#[server(prefix = "/console/fn")]
pub async fn menu_program_forecast() -> Result<String, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::menu::foreseen_program(&staff.platform, &staff.ctx).await?.words())
}

/// Publishes what was saved as that version.
#[server(prefix = "/console/fn")]
pub async fn publish_menu(id: MenuId, seen: i64) -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    Ok(services::menu::publish(&staff.platform, &staff.ctx, id, seen).await?)
}

/// Shows what was saved as that version to testers alone, or ends that.
#[server(prefix = "/console/fn")]
pub async fn try_menu(id: MenuId, seen: i64, end: bool) -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    let done = if end {
        services::menu::end_trial(&staff.ctx, id).await
    } else {
        services::menu::try_out(&staff.platform, &staff.ctx, id, seen).await
    };
    Ok(done?)
}

/// What was published, the newest first.
#[server(prefix = "/console/fn")]
pub async fn menu_versions(id: MenuId) -> Result<Vec<Published>, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::menu::versions(&staff.ctx, id).await?)
}

/// What was published as that version.
#[server(prefix = "/console/fn")]
pub async fn menu_of_version(id: MenuId, version: i64) -> Result<Menu, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::menu::version(&staff.ctx, id, version).await?)
}
