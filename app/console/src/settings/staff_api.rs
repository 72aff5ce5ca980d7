//! What the page of one member of staff asks of the server.

use super::staff::{DepartmentLine, StaffLine};
use domain::id::StaffId;
#[cfg(feature = "ssr")]
use domain::permission::{Permission, Role};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use ui::prelude::*;

/// What the page needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffView {
    /// The account; nothing for a new one.
    pub staff: Option<StaffLine>,
    /// All departments in order.
    pub departments: Vec<DepartmentLine>,
}

/// What the form sends; the department is a chosen one, or the name of a new one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StaffForm {
    /// 氏名.
    pub name: String,
    /// [`Role::name`].
    #[serde(default)]
    pub role: String,
    /// Name of a department that there is.
    #[serde(default)]
    pub department: String,
    /// Name of one that is made.
    #[serde(default)]
    pub new_department: String,
}

#[cfg(feature = "ssr")]
impl StaffForm {
    fn department(&self) -> &str {
        if self.new_department.trim().is_empty() {
            self.department.trim()
        } else {
            self.new_department.trim()
        }
    }

    fn role(&self) -> Result<Role, AppError> {
        Role::parse(&self.role).ok_or_else(|| AppError::invalid("role", "役割を選んでください"))
    }
}

/// A new account and the password that is shown once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstPassword {
    /// Whose.
    pub id: StaffId,
    /// 氏名.
    pub name: String,
    /// 職員番号.
    pub number: String,
    /// The password.
    pub password: String,
}

/// An account, or the ground for a new one.
///
/// # Errors
/// `NotFound`, `Forbidden`, `SignInNeeded`.
#[server(prefix = "/console/fn")]
pub async fn read_staff(id: Option<StaffId>) -> Result<StaffView, AppError> {
    let ctx = crate::server::staff()?.ctx;
    let staff = match id {
        Some(id) => {
            ctx.allow(Permission::StaffRead)?;
            Some(services::account::get(&ctx, id).await?.into())
        }
        None => {
            ctx.allow(Permission::StaffWrite)?;
            None
        }
    };
    Ok(StaffView { staff, departments: super::staff::departments(&ctx).await? })
}

#[cfg(feature = "ssr")]
fn shown_once() -> Result<(), AppError> {
    // A password that is shown once needs a page that can show it.
    if crate::server::is_plain_form() {
        return Err(AppError::invalid(
            "",
            "画面の準備がまだできていませんでした。少し待って、もう一度押してください",
        ));
    }
    Ok(())
}

/// Adds an account with a first password, which must be changed at the first sign-in.
///
/// # Errors
/// `Invalid`, `Conflict` if the number exists, `Forbidden`, `SignInNeeded`.
#[server(prefix = "/console/fn")]
pub async fn add_staff(number: String, form: StaffForm) -> Result<FirstPassword, AppError> {
    let staff = crate::server::staff()?;
    shown_once()?;
    let password = services::account::first_password(&staff.ctx);
    let (name, number) = (form.name.trim().to_owned(), number.trim().to_owned());
    let role = form.role()?;
    let new = domain::staff::NewStaff {
        number: number.clone(),
        name: name.clone(),
        role,
        department: form.department().to_owned(),
        password: password.clone(),
    };
    let id =
        services::account::add(&staff.platform, &staff.ctx, new, true).await.map_err(|error| {
            match error {
                store::Error::Conflict(message) => AppError::invalid("number", message),
                other => other.into(),
            }
        })?;
    Ok(FirstPassword { id, name, number, password })
}

/// Changes name, role, department; answers the account as it is now.
///
/// # Errors
/// `Invalid`, `Conflict` if nobody could administer any more, `NotFound`, `Forbidden`, `SignInNeeded`.
#[server(prefix = "/console/fn")]
pub async fn change_staff(id: StaffId, form: StaffForm) -> Result<StaffLine, AppError> {
    let ctx = crate::server::staff()?.ctx;
    let department = form.department();
    if !(1..=100).contains(&department.chars().count()) {
        return Err(AppError::invalid("department", "所属を100文字までで入れてください"));
    }
    let closed = services::account::get(&ctx, id).await?.disabled_at.is_some();
    services::account::update(&ctx, id, &form.name, form.role()?, department, closed).await?;
    Ok(services::account::get(&ctx, id).await?.into())
}

/// Closes an account, or opens it again. Closing ends its sessions.
///
/// Answers the account as it is now.
///
/// # Errors
/// `Conflict` if nobody could administer any more, `NotFound`, `Forbidden`, `SignInNeeded`.
#[server(prefix = "/console/fn")]
pub async fn close_staff(id: StaffId, closed: bool) -> Result<StaffLine, AppError> {
    let ctx = crate::server::staff()?.ctx;
    let s = services::account::get(&ctx, id).await?;
    services::account::update(&ctx, id, &s.name, s.role, &s.department_name, closed).await?;
    Ok(services::account::get(&ctx, id).await?.into())
}

/// Gives somebody a new first password; their sessions end.
///
/// # Errors
/// `NotFound`, `Forbidden`, `SignInNeeded`.
#[server(prefix = "/console/fn")]
pub async fn reset_password(id: StaffId) -> Result<FirstPassword, AppError> {
    let staff = crate::server::staff()?;
    shown_once()?;
    let password = services::account::reset_password(&staff.platform, &staff.ctx, id).await?;
    let s = services::account::get(&staff.ctx, id).await?;
    Ok(FirstPassword { id, name: s.name, number: s.number, password })
}
