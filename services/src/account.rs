//! Signing in, passwords, accounts (ADM-1).

use crate::{Context, Error, Platform, Result};
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use domain::id::StaffId;
use domain::staff::{NewStaff, PASSWORD_MAX, password_problem};
use store::session::Current;

pub use store::session::{Session, current, end, list as sessions};
pub use store::staff::{Department, Staff, department, departments, get, list, update};

/// Why somebody is not signed in.
#[derive(Debug)]
pub enum SignInError {
    /// Number or password is wrong; nobody is told which.
    Wrong,
    /// Too many wrong tries; minutes until the next.
    Locked(i64),
    /// Something of ours failed.
    Failed(Error),
}

impl From<Error> for SignInError {
    fn from(e: Error) -> Self {
        Self::Failed(e)
    }
}

fn hasher() -> Argon2<'static> {
    // OWASP's minimum for Argon2id: 19 MiB, 2 passes.
    Argon2::new(
        Algorithm::Argon2id,
        Version::V0x13,
        Params::new(19 * 1024, 2, 1, None).expect("the parameters are within Argon2's bounds"),
    )
}

/// Hashes a password, off the async threads and few at a time.
///
/// # Errors
/// If the process is shutting down.
pub async fn hash_password(platform: &Platform, password: &str) -> Result<String> {
    let salt = platform.system().random::<16>();
    let password = password.to_owned();
    blocking(platform, move || {
        hasher()
            .hash_password_with_salt(password.as_bytes(), &salt)
            .map(|h| h.to_string())
            .unwrap_or_default()
    })
    .await
}

async fn verify(platform: &Platform, password: &str, hash: String) -> Result<bool> {
    let password = password.to_owned();
    blocking(platform, move || {
        PasswordHash::new(&hash)
            .is_ok_and(|h| hasher().verify_password(password.as_bytes(), &h).is_ok())
    })
    .await
}

async fn blocking<T: Send + 'static>(
    platform: &Platform,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    let _permit =
        platform.hashing.acquire().await.map_err(|_| Error::Inconsistent("shutting down"))?;
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::Inconsistent("password hashing"))
}

/// A hash of nothing, verified when the number is unknown, so that the time tells nothing.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Signs in; answers the secret for the session cookie.
///
/// # Errors
/// See [`SignInError`].
pub async fn sign_in(
    platform: &Platform,
    number: &str,
    password: &str,
    address: &str,
    agent: &str,
) -> std::result::Result<String, SignInError> {
    let ctx = platform.context(domain::permission::Actor::Nobody);
    let number: String = number.trim().chars().take(64).collect();
    if password.len() > PASSWORD_MAX {
        return Err(SignInError::Wrong);
    }
    let now = ctx.now();
    if let Some(minutes) = store::session::throttle(&ctx, &number).await?.locked_minutes(now) {
        return Err(SignInError::Locked(minutes));
    }
    let account = store::staff::password(&ctx, &number).await?;
    let hash = account.as_ref().map_or_else(|| NOBODY.to_owned(), |(_, hash)| hash.clone());
    let right = verify(platform, password, hash).await?;
    match account {
        Some((id, _)) if right => {
            store::session::succeeded(&ctx, &number).await?;
            Ok(store::session::open(&ctx, id, address, agent).await?)
        }
        _ => {
            let after = store::session::failed(&ctx, &number, address).await?;
            Err(after.locked_minutes(ctx.now()).map_or(SignInError::Wrong, SignInError::Locked))
        }
    }
}

/// Adds an account. The first password must be changed at the first sign-in if `must_change`.
///
/// # Errors
/// `Invalid`, `Conflict`, `Forbidden`.
pub async fn add(
    platform: &Platform,
    ctx: &Context,
    new: NewStaff,
    must_change: bool,
) -> Result<StaffId> {
    ctx.allow(domain::permission::Permission::StaffWrite)?;
    let new = new.validate()?;
    let hash = hash_password(platform, &new.password).await?;
    let row = store::staff::New {
        number: &new.number,
        name: &new.name,
        role: new.role,
        department: &new.department,
        password_hash: &hash,
        must_change,
    };
    store::staff::create(ctx, row).await
}

/// Changes the own password; the other sessions end.
///
/// # Errors
/// `Invalid` at `old` or `password`.
pub async fn change_password(
    platform: &Platform,
    ctx: &Context,
    current: &Current,
    old: &str,
    password: &str,
) -> Result<()> {
    let own = store::staff::get(ctx, current.staff).await?;
    let (_, hash) = store::staff::password(ctx, &own.number).await?.ok_or(Error::NotFound)?;
    if old.len() > PASSWORD_MAX || !verify(platform, old, hash).await? {
        return Err(Error::invalid("old", "いまのパスワードがちがいます。もう一度入れてください"));
    }
    if let Some(problem) = password_problem(password, &own.number) {
        return Err(Error::Invalid(vec![problem]));
    }
    if old == password {
        return Err(Error::invalid(
            "password",
            "いまと同じパスワードです。新しいものにしてください",
        ));
    }
    let hash = hash_password(platform, password).await?;
    store::staff::set_password(ctx, current.staff, &hash, Some(current.id.0)).await
}

/// Gives somebody a new first password; answers it. It is shown once.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub async fn reset_password(platform: &Platform, ctx: &Context, id: StaffId) -> Result<String> {
    ctx.allow(domain::permission::Permission::StaffWrite)?;
    let password = first_password(ctx);
    let hash = hash_password(platform, &password).await?;
    store::staff::set_password(ctx, id, &hash, None).await?;
    Ok(password)
}

/// A password for the first sign-in of a new account.
pub fn first_password(ctx: &Context) -> String {
    readable(&ctx.random::<16>())
}

/// 16 letters and digits that are not mistaken for one another, in groups of four.
pub fn readable(random: &[u8; 16]) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789x";
    let mut out = String::new();
    for (i, byte) in random.iter().enumerate() {
        if i > 0 && i % 4 == 0 {
            out.push('-');
        }
        out.push(char::from(LETTERS[usize::from(byte % 32)]));
    }
    out
}
