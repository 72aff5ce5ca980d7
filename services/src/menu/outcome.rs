//! What came of bringing a plan to LINE, and what is said of it.

use domain::time::Timestamp;
use line::client::Error as LineError;
use roaring::RoaringBitmap;
use std::collections::BTreeMap;

/// What came of a plan.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// Who was linked to what, or to nothing: LINE has accepted it.
    pub(super) linked: BTreeMap<Option<String>, RoaringBitmap>,
    /// Whether it was cut off by a change, or by the end of this process.
    pub(super) interrupted: bool,
    /// Until when a limit by the hour holds up the rest.
    pub(super) waits: Option<Timestamp>,
    /// When to try again what did not succeed.
    pub(super) retry_at: Option<Timestamp>,
    /// Whether that is a matter of seconds.
    pub(super) retry_soon: bool,
    /// Whether nothing but LINE's doing what it accepted is waited for.
    pub(super) settling: bool,
    /// What went wrong, in words.
    pub(super) error: Option<String>,
}

impl Outcome {
    /// Whether everything was done.
    pub(super) fn is_clean(&self) -> bool {
        !self.interrupted && self.retry_at.is_none() && self.error.is_none()
    }

    pub(super) fn wait(&mut self, until: Timestamp) {
        self.waits = Some(self.waits.map_or(until, |w| w.min(until)));
        self.later(until);
    }

    pub(super) fn later(&mut self, at: Timestamp) {
        self.retry_at = Some(self.retry_at.map_or(at, |r| r.min(at)));
    }

    pub(super) fn fail(&mut self, words: String, at: Timestamp) {
        tracing::warn!(words, "menus: a step was not done");
        self.error.get_or_insert(words);
        self.later(at);
    }
}

/// Why LINE did not do something, in words for staff.
pub(super) fn words(error: &LineError) -> String {
    match error {
        LineError::RateLimited { .. } => "LINEの回数の上限のため、少し待ってから続けます".into(),
        LineError::Unauthorized { .. } => {
            "LINEのチャネルの設定（チャネルID・シークレット）が正しくないため、反映できません。システムの担当に確かめてもらってください".into()
        }
        LineError::Refused { status, body, .. } => {
            let details: Vec<&str> = body.details.iter().map(|d| d.message.as_str()).collect();
            let why = if details.is_empty() { body.message.clone() } else { details.join("、") };
            format!("LINEに断られました（{status}：{why}）。メニューの内容を確かめて、もう一度公開してください")
        }
        _ => "LINEが応答しないため、つながるまで待っています。しなければならないことはありません".into(),
    }
}
