//! 設定: the own account, staff and departments, rules of sending, days off, alerts,
//! the ledger.

mod account;
mod alerts;
mod contact;
mod gates;
mod holidays;
mod ledger;
mod report;
mod rules;
mod staff;
mod staff_api;
mod staff_edit;
mod staff_password;

use crate::shell::{Me, use_me};
use domain::permission::{Permission, Role};
use leptos::prelude::*;
use ui::prelude::*;

pub use account::AccountPage;
pub use alerts::AlertsPage;
pub(crate) use alerts::{SawButton, place, silent, tone};
pub use holidays::HolidaysPage;
pub use ledger::LedgerPage;
pub use report::ReportPage;
pub use rules::RulesPage;
pub use staff::StaffListPage;
pub use staff_edit::StaffPage;

/// Which part of the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Account,
    Staff,
    Rules,
    Holidays,
    Alerts,
    Ledger,
}

/// The parts that this person may open.
#[component]
fn Parts(current: Part) -> impl IntoView {
    let me = use_me();
    let items = parts(&me)
        .into_iter()
        .map(|(part, href, words)| (href.to_owned(), words.to_owned(), part == current))
        .collect::<Vec<_>>();
    // One part alone needs no tabs.
    (items.len() > 1).then(|| view! { <Tabs label="設定" items /> })
}

fn parts(me: &Me) -> Vec<(Part, &'static str, &'static str)> {
    let mut parts = vec![(Part::Account, "/console/settings", "自分の設定")];
    if me.may(Permission::StaffRead) {
        parts.push((Part::Staff, "/console/settings/staff", "職員と所属"));
    }
    if me.may(Permission::SettingWrite) {
        parts.push((Part::Rules, "/console/settings/rules", "配信の決まり"));
    }
    if me.may(Permission::DeliveryRead) {
        parts.push((Part::Holidays, "/console/settings/holidays", "休みの日"));
        parts.push((Part::Alerts, "/console/settings/alerts", "知らせの記録"));
    }
    if me.may(Permission::LedgerRead) {
        parts.push((Part::Ledger, "/console/settings/ledger", "台帳"));
    }
    parts
}

/// What a role may do, in one line.
fn role_note(role: Role) -> &'static str {
    match role {
        Role::Admin => "すべての所属のことと、職員・台帳の管理",
        Role::Sender => "自分の所属の配信を作り、送り、止める",
        Role::Editor => "自分の所属の配信を準備する（送るのは送信責任者）",
        Role::Viewer => "配信と統計を見る（変えることと書き出しはできない）",
    }
}

/// 「Windows の Edge」 of a user agent: the browsers that officials use.
fn browser(agent: &str) -> String {
    let has = |word: &str| agent.contains(word);
    let name = match () {
        () if has("Edg") => "Edge",
        () if has("Firefox/") => "Firefox",
        () if has("Chrome/") || has("CriOS") => "Chrome",
        () if has("Safari/") => "Safari",
        () => "ブラウザー",
    };
    let system = match () {
        () if has("Windows") => "Windows",
        () if has("iPhone") => "iPhone",
        () if has("iPad") => "iPad",
        () if has("Android") => "Android",
        () if has("Mac OS X") => "Mac",
        () if has("Linux") => "Linux",
        () => return name.to_owned(),
    };
    format!("{system}の{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_have_names() {
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0";
        assert_eq!(browser(edge), "WindowsのEdge");
        let iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1";
        assert_eq!(browser(iphone), "iPhoneのSafari");
        assert_eq!(browser("curl/8.0"), "ブラウザー");
    }
}
