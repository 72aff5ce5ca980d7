//! Residents: registration, import, export, synchronisation with LINE (RES-2 to RES-5).

pub(crate) mod csv;
mod follow;
mod import;
mod language;
mod look;

use crate::{Context, Error, Platform, Result, menu};
use domain::form::{Answers, Form};
use domain::permission::Actor;
use domain::resident::KEPT_AFTER_UNFOLLOW;
use domain::time::DAY;
use line::login::LoginError;

pub use csv::{csv, figures_csv};
pub(crate) use follow::refused_by_line;
pub use follow::{Friends, friends_are_complete, last_synchronised, synchronise};
pub use import::{Import, Report, RowError};
pub use language::languages;
pub use look::{counted_at, received, recount};
pub use store::figure::{Day, Now, by_choice, days, now as figures, snapshot};
pub use store::resident::{
    Filter, HistoryLine, Query, Registration, Sort, get, history, list, registration as mine,
    session_resident, set_tester, testers,
};

/// The registration form as it stands now.
///
/// # Errors
/// If the database is away.
pub async fn registration_form(ctx: &Context) -> Result<Form> {
    let catalog = store::attribute::catalog(ctx).await?;
    let city = store::setting::city(ctx).await?;
    Ok(domain::form::registration(&catalog, &city, KEPT_AFTER_UNFOLLOW / DAY))
}

/// Registers the acting resident, or changes their registration. What they chose anew may
/// switch their menu.
///
/// # Errors
/// `Invalid` with a problem for each question; `NotFound` unless a resident acts.
pub async fn register(platform: &Platform, ctx: &Context, answers: &Answers) -> Result<Answers> {
    let form = registration_form(ctx).await?;
    let clean = domain::form::registered(&form, answers, ctx.now().date())?;
    let before = store::resident::registration(ctx).await?.answers;
    store::resident::register(ctx, &clean).await?;
    menu::after_registration(platform, ctx, &before, clean.clone()).await;
    Ok(clean)
}

/// Why an ID token does not open a session.
#[derive(Debug)]
pub enum LoginRefused {
    /// It is not LINE's, not for us, or too old.
    Invalid,
    /// LINE cannot be asked just now.
    Unavailable,
    /// Something of ours failed.
    Failed(Error),
}

/// Exchanges LINE's ID token for a session of our own; answers its secret and the
/// resident's context. Somebody who is not a friend may register too.
///
/// # Errors
/// See [`LoginRefused`].
pub async fn log_in(
    platform: &Platform,
    id_token: &str,
) -> std::result::Result<(String, Context), LoginRefused> {
    let ctx = platform.context(Actor::System);
    let verified =
        platform.login.verify(id_token, ctx.now().seconds()).await.map_err(
            |error| match error {
                LoginError::Invalid(reason) => {
                    tracing::info!(?reason, "an ID token was refused");
                    LoginRefused::Invalid
                }
                LoginError::Unavailable(error) => {
                    tracing::warn!(%error, "an ID token could not be verified");
                    LoginRefused::Unavailable
                }
            },
        )?;
    let user = *verified.claims.sub.as_bytes();
    let open = async {
        let id = store::resident::visit(&ctx, &user).await?;
        Ok((store::resident::session(&ctx, id).await?, platform.context(Actor::Resident(id))))
    };
    open.await.map_err(LoginRefused::Failed)
}
