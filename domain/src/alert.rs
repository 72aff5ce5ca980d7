//! Alerts (知らせ): what staff must hear of at once, in the console and by mail, with who
//! saw it and when it ended (ADM-10).

mod duty;
mod pace;
mod report;

use crate::delivery::{Figures, Purpose};
use crate::id::{AlertId, DeliveryId, StaffId};
use crate::permission::{Actor, Owner, Permission, Role, check};
use crate::problem::Problem;
use crate::time::{MINUTE, Timestamp};
use serde::{Deserialize, Serialize};

pub use duty::{DUTIES, SILENT_AFTER, Silence, duty_label, keeps_failing, silence};
pub use pace::{Pace, measures_pace, stalled_after};
pub use report::{Event, Of, Report, Source, events};

/// A delivery with calls to make of which none ended for so long stands still, unless it is
/// urgent ([`stalled_after`]).
pub const STALLED_AFTER: i64 = 5 * MINUTE;
/// A mail that could not be handed over for so long is an alert itself.
pub const MAIL_WAITS: i64 = 10 * MINUTE;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The workers do nothing: nobody sends, and nobody watches.
    Silent,
    /// A delivery stands still though it has something to send, or crawls.
    Stalled,
    /// A delivery waits for a person.
    Held,
    /// The time of a delivery has passed while it waits for approval.
    Overdue,
    /// Many did not get a delivery.
    Failing,
    /// What was published of rich menus could not be brought to LINE.
    Publishing,
    /// What the clock asks for fails again and again.
    Duty,
    /// Mails to staff cannot be handed over.
    Mail,
    /// Areas of rich menus lead to web pages that do not open.
    Menu,
}

impl Kind {
    /// Every kind, the most urgent first.
    pub const ALL: &[Self] = &[
        Self::Silent,
        Self::Stalled,
        Self::Held,
        Self::Overdue,
        Self::Failing,
        Self::Publishing,
        Self::Duty,
        Self::Mail,
        Self::Menu,
    ];

    /// The name in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::Stalled => "stalled",
            Self::Held => "held",
            Self::Overdue => "overdue",
            Self::Failing => "failing",
            Self::Publishing => "publishing",
            Self::Duty => "duty",
            Self::Mail => "mail",
            Self::Menu => "menu",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|k| k.name() == name)
    }

    /// In short, for tables.
    pub fn label(self) -> &'static str {
        match self {
            Self::Silent => "自動の処理が動いていない",
            Self::Stalled => "進んでいない",
            Self::Held => "止めている",
            Self::Overdue => "承認されずに時刻がすぎた",
            Self::Failing => "届かない人が多い",
            Self::Publishing => "メニューを反映できない",
            Self::Duty => "定期の仕事の失敗",
            Self::Mail => "メールを送れない",
            Self::Menu => "メニューの先がひらけない",
        }
    }

    /// What somebody does about it.
    pub fn next(self) -> &'static str {
        match self {
            Self::Silent => {
                "システムの担当に、サーバーの自動の処理（ワーカー）が動いているかを確かめてもらってください。動き出すと、送り残した分を同じ鍵で自動で送ります。二重には届きません"
            }
            Self::Stalled => {
                "LINEとのつながりと、LINEの障害情報を確かめてください。つながれば、同じ鍵で自動で送り直します。二重には届きません"
            }
            Self::Held => {
                "配信をひらいて理由を読み、「いま送る」（静かな時間は「再開する」）か「取り消す」（送り始めたあとは「残りを止める」）を選んでください"
            }
            Self::Overdue => {
                "書いた人は、配信をひらいて「取り下げて直す」を押し、日時を決め直して、もう一度承認を求めてください。送信責任者と管理者は「差しもどす」でもどせます。もう要らなければ「取り消す」を押してください"
            }
            Self::Failing => {
                "配信をひらいて理由を読んでください。内容を直すときは、複製して送り直せます"
            }
            Self::Publishing => {
                "「リッチメニュー」をひらいて理由を読み、直してもう一度公開してください"
            }
            Self::Duty => {
                "LINEの障害情報を見てください。障害がないときは、システムの担当に、LINEとのつなぎ方の設定、サーバーの空き容量、ウイルスの検査を確かめてもらってください。直ると、自動で続けます"
            }
            Self::Mail => {
                "メールの中継サーバーの設定を、システムの担当に確かめてもらってください。メールは自動で送り直します"
            }
            Self::Menu => {
                "「リッチメニュー」の一覧で印のあるメニューをひらき、アドレスを直すか、別のページにして公開し直してください"
            }
        }
    }
}

/// Whether so many failures are more than single people who left LINE: a hundredth of the
/// recipients, and ten people or a tenth of them.
pub fn failing(figures: &Figures) -> bool {
    let Figures { recipients, failed, .. } = *figures;
    failed > 0 && failed * 100 >= recipients && (failed >= 10 || failed * 10 >= recipients)
}

/// Of which alerts a member of staff hears by mail. In the console everybody sees all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// None.
    None,
    /// Of deliveries that they wrote, asked for or approved.
    Own,
    /// Of those, and of all that they may send themselves for their department.
    #[default]
    Department,
    /// Of every one in the city.
    City,
}

impl Scope {
    /// Every scope, the widest last.
    pub const ALL: &[Self] = &[Self::None, Self::Own, Self::Department, Self::City];

    /// The name in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Own => "own",
            Self::Department => "department",
            Self::City => "city",
        }
    }

    /// The scope of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|s| s.name() == name)
    }

    /// In words.
    pub fn label(self) -> &'static str {
        match self {
            Self::None => "受け取らない",
            Self::Own => "自分が書いた・承認した配信だけ",
            Self::Department => "自分の所属の配信も（送る役割のとき）",
            Self::City => "市のすべて",
        }
    }

    /// Whether somebody with this scope is told of a delivery: `involved` wrote, asked for
    /// or approved it. One of no department (REST) is the whole city's.
    pub fn wants(self, involved: bool, person: &Actor, owner: Owner) -> bool {
        let sends = check(person, Permission::DeliverySend, owner).is_ok();
        let near = match (person, owner) {
            (Actor::Staff { role, .. }, Owner::City) => *role == Role::Admin,
            (Actor::Staff { department, .. }, Owner::Department(of)) => *department == of,
            _ => false,
        };
        match self {
            Self::None => false,
            Self::Own => involved,
            Self::Department => involved || sends && near,
            Self::City => check(person, Permission::DeliveryRead, owner).is_ok(),
        }
    }
}

/// Where a member of staff is told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Their address; empty: no mail.
    pub mail: String,
    /// Of which alerts.
    pub scope: Scope,
}

impl Contact {
    /// What is wrong with it, at `mail`.
    pub fn problem(&self) -> Option<Problem> {
        let mail = self.mail.trim();
        (!mail.is_empty() && !is_address(mail)).then(|| {
            Problem::new(
                "mail",
                "メールアドレスの形になっていません（例：sato@city.mihon.example）。半角で入れてください",
            )
        })
    }
}

/// Whether this is one mail address of plain letters: nothing in it can begin a second
/// address or a header.
pub fn is_address(text: &str) -> bool {
    let Some((name, host)) = text.rsplit_once('@') else { return false };
    let part = |p: &str, more: &str| {
        !p.is_empty()
            && p.bytes().all(|b| b.is_ascii_alphanumeric() || more.as_bytes().contains(&b))
            && !p.starts_with('.')
            && !p.ends_with('.')
            && !p.contains("..")
    };
    (1..=64).contains(&name.len())
        && text.len() <= 254
        && part(name, ".!#$%&'*+/=?^_`{|}~-")
        && part(host, ".-")
        && host.split('.').all(|l| !l.starts_with('-') && !l.ends_with('-'))
        && host.contains('.')
}

/// What nobody hears of by mail, as addresses and choices stand now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unheard {
    /// No mail can be sent at all.
    pub relay: bool,
    /// Of what is the whole city's.
    pub city: bool,
    /// Of deliveries of these departments, but for who wrote or approved one.
    pub departments: Vec<String>,
}

/// An alert as pages and the record show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Id.
    pub id: AlertId,
    /// What happened.
    pub kind: Kind,
    /// To which delivery.
    pub delivery: Option<DeliveryId>,
    /// Its title.
    pub title: String,
    /// Its purpose.
    pub purpose: Option<Purpose>,
    /// Whose it is.
    pub department: String,
    /// Why, and what was known.
    pub detail: String,
    /// When it was noticed.
    pub began_at: Timestamp,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
    /// Who said that they saw it, the first one first.
    pub seen: Vec<Seen>,
    /// How many mails were handed over, wait, and were given up.
    pub mails: (i64, i64, i64),
}

/// Who saw an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Who.
    pub by: StaffId,
    /// Their name.
    pub name: String,
    /// When.
    pub at: Timestamp,
}

impl Alert {
    /// 「配信「断水のお知らせ」が、進んでいません」.
    pub fn headline(&self) -> String {
        headline(self.kind, &self.title)
    }
}

/// The same for one that is about to be told.
pub fn headline(kind: Kind, title: &str) -> String {
    let title = if title.is_empty() { "（件名なし）" } else { title };
    match kind {
        Kind::Silent => "自動の処理（ワーカー）が、動いていません".into(),
        Kind::Stalled => format!("配信「{title}」が、進んでいません"),
        Kind::Held => format!("配信「{title}」を、送らずに止めています"),
        Kind::Overdue => format!("配信「{title}」が、承認されないまま、届ける時刻をすぎました"),
        Kind::Failing => format!("配信「{title}」が、多くの人に届いていません"),
        Kind::Publishing => "公開したリッチメニューを、LINEに反映できていません".into(),
        Kind::Duty => format!("定期の仕事「{title}」が、続けて失敗しています"),
        Kind::Mail => "職員への知らせのメールを、送れていません".into(),
        Kind::Menu => "リッチメニューに、ひらけないページへつながるエリアがあります".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::DepartmentId;
    use proptest::prelude::*;

    #[test]
    fn single_people_are_no_alert_and_many_are() {
        let fails = |recipients, failed| {
            failing(&Figures { recipients, failed, accepted: recipients - failed, withheld: 0 })
        };
        for (recipients, failed, alert) in [
            (200_000, 12, false),
            (200_000, 2_000, true),
            (1_000, 9, false),
            (1_000, 10, true),
            (20, 2, true),
            (30, 2, false),
            (1, 1, true),
            (0, 0, false),
            (500, 0, false),
        ] {
            assert_eq!(fails(recipients, failed), alert, "{failed} of {recipients}");
        }
    }

    #[test]
    fn those_in_charge_are_told() {
        let person = |department, role| Actor::Staff {
            id: StaffId(1),
            department: DepartmentId(department),
            role,
        };
        let water = Owner::Department(DepartmentId(1));
        let told = |scope: Scope, involved, department, role| {
            scope.wants(involved, &person(department, role), water)
        };
        assert!(told(Scope::Department, false, 1, Role::Sender));
        assert!(!told(Scope::Department, false, 1, Role::Editor), "who does not send is not asked");
        assert!(told(Scope::Department, true, 1, Role::Editor), "unless they wrote it");
        assert!(!told(Scope::Department, false, 2, Role::Sender));
        assert!(!told(Scope::Department, false, 2, Role::Admin));
        assert!(told(Scope::City, false, 2, Role::Viewer));
        assert!(!told(Scope::Own, false, 1, Role::Sender));
        assert!(told(Scope::Own, true, 2, Role::Sender));
        assert!(!told(Scope::None, true, 1, Role::Admin));
        let rest = |role| Scope::Department.wants(false, &person(1, role), Owner::City);
        assert!(rest(Role::Admin) && !rest(Role::Sender));
    }

    #[test]
    fn addresses() {
        for good in ["a@b.jp", "sato.misaki+line@city.mihon.example", "x_y@lg.mihon.lg.jp"] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "@b.jp",
            "a@",
            "a@b",
            "a b@c.jp",
            "a@b.jp,c@d.jp",
            "a@b.jp\r\nBcc: c@d.jp",
            "佐藤@b.jp",
            "a@@b.jp",
            "<a@b.jp>",
            "a@-b.jp",
            "a@b..jp",
            ".a@b.jp",
            "a@.jp",
        ] {
            assert!(!is_address(bad), "{bad}");
            let contact = Contact { mail: bad.into(), scope: Scope::default() };
            assert_eq!(contact.problem().is_none(), bad.is_empty(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_address_holds_what_could_begin_something_else(text in ".{0,80}") {
            if is_address(&text) {
                prop_assert!(text.bytes().all(|b| b.is_ascii_graphic() && !b",;<>\"()[]:\\".contains(&b)));
                prop_assert_eq!(text.matches('@').count(), 1);
            }
        }

        #[test]
        fn more_failures_are_no_smaller_alert(recipients in 1i64..200_000, failed in 0i64..200_000) {
            let failed = failed.min(recipients);
            let fails = |failed| failing(&Figures { recipients, failed, accepted: 0, withheld: 0 });
            prop_assert!(!fails(failed) || fails((failed + 1).min(recipients)));
        }
    }
}
