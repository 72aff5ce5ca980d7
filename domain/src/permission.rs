//! Who may do what: permissions, roles, and the decision (ADM-2).
//!
//! The decision is pure, so that the golden table in `tests/permissions.txt`
//! shows it whole and the browser hides what a role may not use. It is enforced
//! beside the query, in `store` and `services`.

use crate::id::{DepartmentId, ResidentId, StaffId, TokenId};
use serde::{Deserialize, Serialize};

macro_rules! permissions {
    ($($variant:ident $name:literal $label:literal;)*) => {
        /// One thing that may be done. The names are those of `kairan token create --permission`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Permission {
            $(#[doc = $label] #[serde(rename = $name)] $variant,)*
        }
        impl Permission {
            /// Every permission.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];
            /// `delivery:send` and the like.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
            /// What it allows, in Japanese.
            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)* }
            }
        }
    };
}

permissions! {
    AttributeRead "attribute:read" "登録項目を見る";
    AttributeWrite "attribute:write" "登録項目を変える";
    ResidentRead "resident:read" "住民の登録内容を見る";
    ResidentImport "resident:import" "住民を取りこむ";
    ResidentExport "resident:export" "住民の登録内容を書き出す";
    AudienceRead "audience:read" "配信対象を見る・数える";
    AudienceWrite "audience:write" "配信対象を保存する";
    ListWrite "list:write" "対象者リストを取りこむ・消す";
    DeliveryRead "delivery:read" "配信を見る";
    DeliveryWrite "delivery:write" "配信の下書きを作る";
    DeliverySend "delivery:send" "配信する・止める";
    MenuRead "menu:read" "リッチメニューを見る";
    MenuWrite "menu:write" "リッチメニューを作る・直す";
    MenuPublish "menu:publish" "リッチメニューを公開する・出し分けを変える";
    MenuEmergency "menu:emergency" "緊急メニューに切りかえる・もどす";
    FormRead "form:read" "フォームを見る";
    FormWrite "form:write" "フォームを作る・変える";
    FormPublish "form:publish" "フォームを公開する・終わらせる";
    AnswerRead "answer:read" "回答を見る・書き出す";
    AnswerWrite "answer:write" "回答の状態を変える";
    StaffRead "staff:read" "職員と所属を見る";
    StaffWrite "staff:write" "職員と所属を変える";
    SettingWrite "setting:write" "市の決まり（承認・休みの日）を変える";
    LedgerRead "ledger:read" "台帳（操作の記録）を見る";
    LedgerExport "ledger:export" "台帳を書き出す";
}

impl Permission {
    /// The permission of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|p| p.name() == name)
    }
}

/// A set of permissions given to many accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// 管理者: everything, in every department.
    Admin,
    /// 送信責任者: sends for the own department.
    Sender,
    /// 作成者: prepares for the own department, does not send.
    Editor,
    /// 閲覧者: sees, changes nothing, exports nothing.
    Viewer,
}

impl Role {
    /// Every role, the strongest first.
    pub const ALL: &[Self] = &[Self::Admin, Self::Sender, Self::Editor, Self::Viewer];

    /// The name in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Sender => "sender",
            Self::Editor => "editor",
            Self::Viewer => "viewer",
        }
    }

    /// 「管理者」 and so on.
    pub fn label(self) -> &'static str {
        match self {
            Self::Admin => "管理者",
            Self::Sender => "送信責任者",
            Self::Editor => "作成者",
            Self::Viewer => "閲覧者",
        }
    }

    /// The role of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|r| r.name() == name)
    }

    /// What the role may do at all.
    pub fn permissions(self) -> &'static [Permission] {
        use Permission as P;
        match self {
            Self::Admin => Permission::ALL,
            Self::Sender => &[
                P::AttributeRead,
                P::AttributeWrite,
                P::ResidentRead,
                P::ResidentExport,
                P::AudienceRead,
                P::AudienceWrite,
                P::ListWrite,
                P::DeliveryRead,
                P::DeliveryWrite,
                P::DeliverySend,
                P::MenuRead,
                P::MenuWrite,
                P::MenuPublish,
                P::MenuEmergency,
                P::FormRead,
                P::FormWrite,
                P::FormPublish,
                P::AnswerRead,
                P::AnswerWrite,
                P::StaffRead,
            ],
            Self::Editor => &[
                P::AttributeRead,
                P::ResidentRead,
                P::AudienceRead,
                P::AudienceWrite,
                P::DeliveryRead,
                P::DeliveryWrite,
                P::MenuRead,
                P::MenuWrite,
                P::FormRead,
                P::FormWrite,
                P::AnswerRead,
                P::AnswerWrite,
            ],
            Self::Viewer => {
                &[P::AttributeRead, P::AudienceRead, P::DeliveryRead, P::MenuRead, P::FormRead]
            }
        }
    }
}

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A member of staff in the console.
    Staff {
        /// Who.
        id: StaffId,
        /// Where they work.
        department: DepartmentId,
        /// What they may do.
        role: Role,
    },
    /// Another system of the municipality, by REST.
    Token {
        /// Which token.
        id: TokenId,
        /// What it may do, in every department.
        permissions: Vec<Permission>,
    },
    /// A resident on LIFF, who reaches their own registration only.
    Resident(ResidentId),
    /// Workers and the command line on the server itself.
    System,
    /// Somebody not known yet.
    Nobody,
}

/// Whose the object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The whole city's: attributes, residents, the ledger.
    City,
    /// A department's: deliveries, saved audiences.
    Department(DepartmentId),
}

/// A refusal: to the actor the object is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forbidden(pub Permission);

/// Permissions that stop at the border of the own department. Reading deliveries does not:
/// every department sees what the city sends, so that residents are not told twice. Forms and
/// what residents answered to them are the department's own (FORM-5).
fn own_department_only(permission: Permission) -> bool {
    matches!(
        permission,
        Permission::DeliveryWrite
            | Permission::DeliverySend
            | Permission::AudienceWrite
            | Permission::ListWrite
            | Permission::MenuWrite
            | Permission::MenuPublish
            | Permission::FormRead
            | Permission::FormWrite
            | Permission::FormPublish
            | Permission::AnswerRead
            | Permission::AnswerWrite
    )
}

/// Decides.
///
/// # Errors
/// [`Forbidden`] if the actor may not do this to an object of that owner.
pub fn check(actor: &Actor, permission: Permission, owner: Owner) -> Result<(), Forbidden> {
    let allowed = match actor {
        Actor::System => true,
        Actor::Nobody | Actor::Resident(_) => false,
        Actor::Token { permissions, .. } => permissions.contains(&permission),
        Actor::Staff { department, role, .. } => {
            role.permissions().contains(&permission)
                && (*role == Role::Admin
                    || !own_department_only(permission)
                    || !matches!(owner, Owner::Department(d) if d != *department))
        }
    };
    if allowed { Ok(()) } else { Err(Forbidden(permission)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table that an official can read; regenerate with `UPDATE_GOLDEN=1`.
    #[test]
    fn golden_table() {
        let mut table = String::from(
            "できること × 役割（○ できる　－ できない）。列は 自分の所属のもの／ほかの所属のもの\n\n",
        );
        for permission in Permission::ALL {
            table.push_str(&format!("{}（{}）\n", permission.label(), permission.name()));
            for role in Role::ALL {
                let staff =
                    Actor::Staff { id: StaffId(1), department: DepartmentId(1), role: *role };
                let mark = |department| match check(
                    &staff,
                    *permission,
                    Owner::Department(DepartmentId(department)),
                ) {
                    Ok(()) => "○",
                    Err(_) => "－",
                };
                table.push_str(&format!("    {}　{}／{}\n", role.label(), mark(1), mark(2)));
            }
            let holder = Actor::Token { id: TokenId(1), permissions: vec![*permission] };
            let other: Vec<_> =
                Permission::ALL.iter().copied().filter(|p| p != permission).collect();
            let others = Actor::Token { id: TokenId(1), permissions: other };
            assert!(check(&holder, *permission, Owner::City).is_ok());
            assert!(check(&others, *permission, Owner::City).is_err());
            assert!(check(&Actor::Nobody, *permission, Owner::City).is_err());
            assert!(check(&Actor::Resident(ResidentId(1)), *permission, Owner::City).is_err());
        }
        // Of this checkout, whichever one the build's artefacts come from.
        let folder = std::env::var("CARGO_MANIFEST_DIR").unwrap() + "/tests";
        let path = format!("{folder}/permissions.txt");
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::create_dir_all(folder).unwrap();
            std::fs::write(&path, &table).unwrap();
        }
        assert_eq!(table, std::fs::read_to_string(&path).unwrap());
    }
}
