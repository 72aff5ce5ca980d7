//! Server functions of the attributes' pages.

use domain::attribute::{Attribute, Uses};
use domain::id::AttributeId;
use domain::time::Date;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;
use ui::AppError;

/// The list of attributes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Listed {
    /// In the order in which residents see them.
    pub attributes: Vec<Attribute>,
    /// Whether the viewer may change them.
    pub may_write: bool,
}

/// One attribute for its page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Detail {
    /// The attribute; nothing for a new one.
    pub attribute: Option<Attribute>,
    /// What uses it.
    pub uses: Uses,
    /// Keys of all attributes, so that a new one gets a free key.
    pub keys: Vec<String>,
    /// Whether the viewer may change it.
    pub may_write: bool,
    /// The city's name, for the preview.
    pub city: String,
    /// Today, for the preview.
    pub today: Date,
}

/// All attributes.
#[server(prefix = "/console/fn")]
pub async fn list_attributes() -> Result<Listed, AppError> {
    let staff = crate::server::staff()?;
    Ok(Listed {
        attributes: services::attribute::seen(&staff.ctx).await?.attributes,
        may_write: staff.ctx.allow(domain::permission::Permission::AttributeWrite).is_ok(),
    })
}

/// How many friends answered each attribute.
#[server(prefix = "/console/fn")]
pub async fn count_answered() -> Result<Vec<(AttributeId, i64)>, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::attribute::answered(&staff.ctx).await?)
}

/// One attribute, or what a new one needs.
#[server(prefix = "/console/fn")]
pub async fn read_attribute(id: Option<AttributeId>) -> Result<Detail, AppError> {
    use domain::permission::Permission;
    let staff = crate::server::staff()?;
    let catalog = services::attribute::seen(&staff.ctx).await?;
    let may_write = staff.ctx.allow(Permission::AttributeWrite);
    let (attribute, uses) = match id {
        Some(id) => (
            Some(
                catalog
                    .attributes
                    .iter()
                    .find(|a| a.id == id)
                    .cloned()
                    .ok_or(AppError::NotFound)?,
            ),
            services::attribute::uses(&staff.ctx, id).await?,
        ),
        None => {
            may_write.as_ref().map_err(|_| AppError::Forbidden)?;
            (None, Uses::default())
        }
    };
    let today = catalog.today;
    Ok(Detail {
        attribute,
        today,
        uses,
        keys: catalog.attributes.into_iter().map(|a| a.key).collect(),
        may_write: may_write.is_ok(),
        city: store::setting::city(&staff.ctx).await?,
    })
}

/// Creates an attribute, or changes it while it still is as it was `seen`.
#[server(prefix = "/console/fn", input = Json)]
pub async fn save_attribute(
    seen: Option<Attribute>,
    attribute: Attribute,
) -> Result<AttributeId, AppError> {
    let staff = crate::server::staff()?;
    match seen {
        None => Ok(services::attribute::create(&staff.ctx, attribute).await?),
        Some(seen) => {
            services::attribute::update_seen(&staff.ctx, seen.id, &seen, attribute).await?;
            Ok(seen.id)
        }
    }
}

/// Moves an attribute up (negative) or down by that many places.
#[server(prefix = "/console/fn")]
pub async fn move_attribute(id: AttributeId, step: i64) -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    Ok(services::attribute::move_by(&staff.ctx, id, step).await?)
}

/// Deletes an attribute with all that residents registered for it.
#[server(prefix = "/console/fn")]
pub async fn delete_attribute(id: AttributeId) -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    Ok(services::attribute::delete(&staff.ctx, id).await?)
}
