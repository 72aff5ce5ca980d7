//! Forms of the sample city: three of the packs, published by their departments.

use super::past::acting;
use crate::{Context, Error, Result};
use domain::form::kept::Settings;
use domain::form::pack::{INCLUDED, Pack};
use std::collections::BTreeMap;

/// File of the pack, name, who publishes it, whether it is for those outside LINE too.
const FORMS: [(&str, &str, &str, bool); 3] = [
    ("inu-toroku.json", "犬の登録", "215032", false),
    ("risai-shomei.json", "罹災証明書の申請", "210455", false),
    ("iken-boshu.json", "意見募集（自転車計画）", "198230", true),
];

/// Published, with the examples of the packs filled in.
pub(super) async fn publish(ctx: &Context) -> Result<()> {
    for (file, name, number, outside) in FORMS {
        let Some((_, text)) = INCLUDED.iter().find(|(name, _)| *name == file) else { continue };
        let pack = Pack::read(text.as_bytes()).map_err(Error::Invalid)?;
        let ctx = acting(ctx, number).await?;
        let department = match &ctx.actor {
            domain::permission::Actor::Staff { id, .. } => {
                store::staff::get(&ctx.acting(domain::permission::Actor::System), *id)
                    .await?
                    .department_name
            }
            _ => String::new(),
        };
        let mut words: BTreeMap<String, String> =
            pack.placeholders.iter().map(|p| (p.mark.clone(), p.example.clone())).collect();
        words.insert("〔担当課〕".into(), department);
        let (mut form, notices) = pack.filled(&words).map_err(Error::Invalid)?;
        // The sample city lives at any time, and has no mailboxes.
        (form.terms.opens, form.terms.closes) = (None, None);
        form.terms.mails.clear();
        let settings = Settings { outside, notices, ..Default::default() };
        let proof = pack.into_proof();
        let id = store::form::import(&ctx, name, &form, &settings, &proof).await?;
        store::form::publish(&ctx, id, 1).await?;
    }
    Ok(())
}
