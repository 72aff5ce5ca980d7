//! The made-up みほん市 for demonstrations: departments, staff, attributes, residents
//! of the sandbox, a month of past deliveries, forms, rich menus. Refused on a database that is in use.

mod city;
mod forms;
mod menus;
mod past;
mod regular;

use crate::{Error, Platform, Result};
use serde::Deserialize;
use serde_json::json;

/// The password of every sample account. It is no secret: the sample city has no real data.
pub const PASSWORD: &str = "mihon-no-yama-to-umi";

/// Fills an empty database, or leaves a filled sample city as it is; answers how to sign in.
///
/// # Errors
/// `Conflict` if the database holds something else; if sandbox or database is away.
pub async fn fill(
    platform: &Platform,
) -> std::result::Result<String, Box<dyn std::error::Error + Send + Sync>> {
    let ctx = platform.system();
    match store::setting::get(&ctx, "sample").await?.as_deref() {
        Some("done") => return Ok(sign_in(platform)),
        Some(_) => {}
        None if store::figure::known(&ctx).await? > 0 => {
            return Err(Error::Conflict(
                "この記録の保管場所には、もう内容があります。空のところで始めてください".into(),
            )
            .into());
        }
        None => store::setting::set(&ctx, "sample", "begun").await?,
    }
    let sandbox = platform
        .settings
        .sandbox_url
        .clone()
        .ok_or("KAIRAN_SANDBOX_URL is not set: the sample city lives in the sandbox")?;
    store::setting::set(&ctx, "city", "みほん市").await?;
    city::staff(platform, &ctx).await?;
    city::attributes(&ctx).await?;
    let users = residents(&sandbox).await?;
    city::register(&ctx, &users).await?;
    past::deliveries(&ctx).await?;
    past::figures(&ctx).await?;
    past::under_way(&ctx).await?;
    regular::course(&ctx).await?;
    regular::series(&ctx).await?;
    forms::publish(&ctx).await?;
    menus::drafts(&ctx).await?;
    store::setting::set(&ctx, "sample", "done").await?;
    Ok(sign_in(platform))
}

fn sign_in(platform: &Platform) -> String {
    let url = &platform.settings.public_url;
    format!(
        "Console   {url}/console\n  職員番号 204817（佐藤 美咲・広報広聴課・管理者）\n  パスワード {PASSWORD}\nPhone     {url}/phone\nManual    {url}/help"
    )
}

/// How many residents the sample city has in the sandbox.
const RESIDENTS: usize = 5_000;

/// The residents of the sandbox: a few with names to play with, the others in bulk.
async fn residents(
    sandbox: &str,
) -> std::result::Result<Vec<line::UserId>, Box<dyn std::error::Error + Send + Sync>> {
    #[derive(Deserialize)]
    struct Created {
        user_ids: Vec<line::UserId>,
    }
    let http = reqwest::Client::builder().build()?;
    let post =
        async |body: serde_json::Value| -> std::result::Result<Vec<line::UserId>, reqwest::Error> {
            let answer = http
                .post(format!("{sandbox}/_sandbox/residents"))
                .json(&body)
                .send()
                .await?
                .error_for_status()?;
            Ok(answer.json::<Created>().await?.user_ids)
        };
    let named = ["田村 悠", "小林 ひな", "森 正男", "Nguyen Linh"]
        .map(|name| json!({"name": name, "friend": true}));
    let mut users = post(json!({"residents": named})).await?;
    // One who is not a friend yet, to see the greeting and the first questions.
    post(json!({"residents": [{"name": "新しい友だち", "friend": false}]})).await?;
    users.extend(post(json!({"count": RESIDENTS - users.len(), "name_prefix": "住民", "friends": true, "webhook": false})).await?);
    Ok(users)
}

/// A small generator of its own, so that the sample city is the same everywhere.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// 0 to `n - 1` (SplitMix64).
    pub(crate) fn roll(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }
}

/// Unwraps what was asked of ourselves.
pub(crate) fn ours<T>(result: std::result::Result<T, Vec<domain::problem::Problem>>) -> Result<T> {
    result.map_err(Error::Invalid)
}
