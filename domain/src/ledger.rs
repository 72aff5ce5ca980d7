//! The ledger (台帳): an append-only record of what happened, ids only (ADM-4).

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One line of the ledger as staff see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Running number, without gaps once sealed.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// `staff:12`, `token:3`, `resident:81`, `system` or `nobody`.
    pub actor: String,
    /// What: `delivery.send`, `session.failed` …
    pub act: String,
    /// On what: `delivery:42`.
    pub object: String,
    /// `ok`, or why not.
    pub result: String,
    /// How many, where that has a meaning (rows exported, residents addressed).
    pub count: Option<i64>,
    /// The seal: SHA-256 over the former seal and this line, in hex; absent until the sealer has passed.
    pub seal: Option<String>,
}

impl Entry {
    /// The bytes that the seal covers, besides the former seal: every field, each
    /// preceded by its length, so that no two different lines give the same bytes.
    pub fn sealed_bytes(&self) -> Vec<u8> {
        let count = self.count.map(|c| c.to_string()).unwrap_or_default();
        let fields = [
            self.seq.to_string(),
            self.at.0.to_string(),
            self.actor.clone(),
            self.act.clone(),
            self.object.clone(),
            self.result.clone(),
            count,
        ];
        let mut bytes = Vec::new();
        for field in fields {
            bytes.extend_from_slice(&(field.len() as u64).to_be_bytes());
            bytes.extend_from_slice(field.as_bytes());
        }
        bytes
    }

    /// What was done, in Japanese.
    pub fn act_label(&self) -> &str {
        ACTS.iter().find(|(act, _)| *act == self.act).map_or(self.act.as_str(), |(_, label)| label)
    }
}

/// An actor in words, by the `names` that are known of `staff:12`.
pub fn who(actor: &str, names: &BTreeMap<String, String>) -> String {
    if let Some(name) = names.get(actor) {
        return name.clone();
    }
    match actor.split_once(':') {
        Some(("staff", id)) => format!("職員 {id}"),
        Some(("token", id)) => format!("連係用トークン {id}"),
        Some(("resident", id)) => format!("住民 {id}"),
        _ if actor == "system" => "自動".into(),
        _ => "サインイン前".into(),
    }
}

/// Every act that is written, with its words.
pub const ACTS: &[(&str, &str)] = &[
    ("session.create", "サインイン"),
    ("session.failed", "サインインできず"),
    ("session.delete", "サインアウト"),
    ("staff.create", "職員を足した"),
    ("staff.update", "職員を変えた"),
    ("staff.password", "パスワードを変えた"),
    ("department.create", "所属を足した"),
    ("token.create", "連係用トークンを作った"),
    ("token.delete", "連係用トークンを止めた"),
    ("attribute.create", "登録項目を足した"),
    ("attribute.update", "登録項目を変えた"),
    ("attribute.delete", "登録項目を消した"),
    ("resident.view", "住民1人を見た"),
    ("resident.search", "住民をさがした"),
    ("resident.import", "住民を取りこんだ"),
    ("resident.export", "住民を書き出した"),
    ("resident.register", "住民が登録した"),
    ("resident.follow", "友だちになった"),
    ("resident.unfollow", "ブロックした"),
    ("resident.tester", "試験者にした・外した"),
    ("resident.erase", "登録内容を消した"),
    ("audience.create", "配信対象を保存した"),
    ("audience.update", "配信対象を変えた"),
    ("audience.delete", "配信対象を消した"),
    ("list.look", "対象者リストのファイルを照合した"),
    ("list.import", "対象者リストを取りこんだ"),
    ("list.update", "対象者リストの名前を変えた"),
    ("list.delete", "対象者リストを消した"),
    ("delivery.create", "配信を作った"),
    ("delivery.update", "配信の下書きを変えた"),
    ("delivery.send", "配信を始めた"),
    ("delivery.request", "配信の承認を求めた"),
    ("delivery.approve", "配信を承認した"),
    ("delivery.return", "配信を差しもどした"),
    ("delivery.withdraw", "配信を下書きにもどした"),
    ("delivery.override", "承認を待たずに送った"),
    ("delivery.review", "送った配信を事後に確かめた"),
    ("delivery.retract", "訂正を送った"),
    ("delivery.resend", "再送の下書きを作った"),
    ("delivery.test", "試験者に送った"),
    ("delivery.cancel", "配信を取り消した"),
    ("delivery.release", "止めていた配信を再開した"),
    ("delivery.delete", "下書きを消した"),
    ("delivery.done", "配信が終わった"),
    ("delivery.hold", "配信を止めた"),
    ("delivery.export", "配信の一覧を書き出した"),
    ("delivery.night", "静かな時間に送ると決めた"),
    ("delivery.postpone", "静かな時間のため先にのばした"),
    ("alert.begin", "知らせが始まった"),
    ("alert.seen", "知らせを見た"),
    ("alert.end", "知らせが終わった"),
    ("alert.export", "知らせの記録を書き出した"),
    ("alert.contact", "知らせの宛先を変えた"),
    ("mail.sent", "知らせのメールを送った"),
    ("mail.failed", "知らせのメールを送れなかった"),
    ("recurring.begin", "くり返しを始めた"),
    ("recurring.pause", "くり返しを休止した"),
    ("recurring.resume", "くり返しを再開した"),
    ("recurring.skip", "くり返しの1回分をとばした"),
    ("recurring.end", "くり返しを終わらせた"),
    ("course.create", "ステップ配信を作った"),
    ("course.update", "ステップ配信の内容を変えた"),
    ("course.import", "ステップ配信に表を読みこんだ"),
    ("course.export", "ステップ配信を書き出した"),
    ("course.discard", "ステップ配信の変更を取り消した"),
    ("course.request", "ステップ配信の承認を求めた"),
    ("course.approve", "ステップ配信を承認した"),
    ("course.return", "ステップ配信を差しもどした"),
    ("course.withdraw", "ステップ配信の承認の求めを取り下げた"),
    ("course.begin", "ステップ配信を始めた・替えた"),
    ("course.pause", "ステップ配信を休止した"),
    ("course.resume", "ステップ配信を再開した"),
    ("course.end", "ステップ配信を終わらせた"),
    ("course.delete", "準備中のステップ配信を消した"),
    ("menu.create", "リッチメニューを作った"),
    ("menu.save", "リッチメニューの下書きを変えた"),
    ("menu.publish", "リッチメニューを公開した"),
    ("menu.try", "リッチメニューを試験者に出した"),
    ("menu.try_end", "リッチメニューの試しを終えた"),
    ("menu.archive", "リッチメニューをしまった"),
    ("menu.delete", "リッチメニューを消した"),
    ("menu.unarchive", "しまったリッチメニューをもどした"),
    ("menu.program", "リッチメニューの見せかたの下書きを変えた"),
    ("menu.program_publish", "リッチメニューの見せかたを公開した"),
    ("menu.program_try", "リッチメニューの見せかたの下書きを試験者に出した"),
    ("menu.program_try_end", "リッチメニューの見せかたの試しを終えた"),
    ("menu.emergency", "緊急メニューに切りかえた"),
    ("menu.emergency_end", "緊急メニューからもどした"),
    ("menu.drill", "緊急メニューの訓練を始めた"),
    ("menu.drill_end", "緊急メニューの訓練を終えた"),
    ("form.create", "フォームを作った"),
    ("form.update", "フォームの下書きを変えた"),
    ("form.try", "フォームの下書きを試験者に見せた"),
    ("form.request", "フォームの公開を求めた"),
    ("form.return", "フォームの公開の求めを差しもどした"),
    ("form.withdraw", "フォームの公開の求めを取り下げた"),
    ("form.publish", "フォームを公開した"),
    ("form.close", "フォームの受付を終わらせた"),
    ("form.reopen", "フォームの受付を再開した"),
    ("form.archive", "フォームを保管した・もどした"),
    ("form.delete", "フォームの下書きを消した"),
    ("answer.send", "回答を受け付けた"),
    ("answer.correct", "回答を申請者が直した"),
    ("answer.withdraw", "回答を申請者が取り下げた"),
    ("answer.view", "回答を見た"),
    ("answer.search", "回答の一覧・表を見た"),
    ("answer.update", "回答の状態・職員の欄を変えた"),
    ("answer.export", "回答を書き出した"),
    ("answer.delete", "保存の期間を過ぎた回答を消した"),
    ("eligibility.create", "対象者の名簿を取りこんだ"),
    ("eligibility.update", "対象者の名簿を取りかえた"),
    ("eligibility.delete", "対象者の名簿を消した"),
    ("eligibility.failed", "対象者の確かめが名簿と合わなかった"),
    ("holiday.create", "休みの日を足した"),
    ("holiday.update", "休みの日を外した・もどした"),
    ("holiday.export", "休みの日を書き出した"),
    ("setting.update", "市の決まりを変えた"),
    ("blob.create", "写真を保管した"),
    ("blob.delete", "保管していた写真を消した"),
    ("ledger.view", "台帳を見た"),
    ("ledger.export", "台帳を書き出した"),
    ("followers.sync", "友だちを同期した"),
    ("key.rotate", "鍵を替えた"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actors_have_names() {
        let names = BTreeMap::from([("staff:1".to_owned(), "佐藤 美咲（204817）".to_owned())]);
        assert_eq!(who("staff:1", &names), "佐藤 美咲（204817）");
        assert_eq!(who("staff:2", &names), "職員 2");
        assert_eq!(who("system", &names), "自動");
        assert_eq!(who("nobody", &names), "サインイン前");
    }
}
