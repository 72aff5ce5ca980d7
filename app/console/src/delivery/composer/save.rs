//! How a draft is saved.

use crate::saving::{Saver, Work};
use domain::delivery::Draft;
use domain::id::DeliveryId;
use domain::time::Timestamp;
use leptos::prelude::*;
use server_fn::codec::Json;
use ui::prelude::*;

/// Saves a draft; answers the time by which the next save must name it.
#[server(prefix = "/console/fn", input = Json)]
pub async fn save_draft(
    id: DeliveryId,
    seen: Timestamp,
    draft: Draft,
) -> Result<Timestamp, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::delivery::save(&staff.ctx, id, seen, &draft).await?)
}

/// When a draft was last saved, by whomever; to save over it knowingly.
#[server(prefix = "/console/fn")]
pub async fn draft_seen(id: DeliveryId) -> Result<Timestamp, AppError> {
    let staff = crate::server::staff()?;
    let delivery = services::delivery::get(&staff.ctx, id).await?;
    if delivery.status != domain::delivery::Status::Draft {
        return Err(AppError::Conflict {
            message: "この配信は、もう下書きではありません。".into(),
        });
    }
    Ok(delivery.updated_at)
}

/// Saves the composer's draft.
pub type DraftSaver = Saver<Draft>;

impl Work for Draft {
    type Place = DeliveryId;
    type Seen = Timestamp;

    async fn save(self, id: DeliveryId, seen: Timestamp) -> Result<Timestamp, AppError> {
        save_draft(id, seen, self).await
    }

    async fn seen(id: DeliveryId) -> Result<Timestamp, AppError> {
        draft_seen(id).await
    }
}
