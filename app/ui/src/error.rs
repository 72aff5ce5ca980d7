//! The one error that crosses the wire from server functions: a code and words
//! for people, never internals.

use domain::problem::Problem;
use serde::{Deserialize, Serialize};
use server_fn::Bytes;
use server_fn::codec::JsonEncoding;
use server_fn::error::{FromServerFnError, ServerFnErrorErr};
use std::fmt;

/// Why something asked of the server did not happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum AppError {
    /// Nobody is signed in, or the session has ended.
    SignInNeeded,
    /// Not there, or not visible to this person.
    NotFound,
    /// Visible, but this person's role may not do it.
    Forbidden,
    /// Somebody else was first, or the state no longer allows it.
    Conflict {
        /// What changed, in plain Japanese.
        message: String,
    },
    /// Something in the input has to be mended.
    Invalid {
        /// What and where.
        fields: Vec<Problem>,
    },
    /// Too many requests just now.
    Busy,
    /// The server failed; the log has the cause under this reference.
    Unavailable {
        /// For the help desk.
        reference: String,
    },
    /// The server could not be reached.
    Network,
    /// Page and server are of two releases, and one does not understand the other: while servers
    /// are upgraded one after another, or long after the page was opened. A code that this
    /// release does not know says the same.
    #[serde(other)]
    Outdated,
}

impl AppError {
    /// One problem with one field.
    pub fn invalid(at: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid { fields: vec![Problem::new(at, message)] }
    }

    /// Several problems.
    pub fn problems(fields: Vec<Problem>) -> Self {
        Self::Invalid { fields }
    }

    /// What to say under a field, if it has a problem.
    pub fn field(&self, at: &str) -> Option<&str> {
        let Self::Invalid { fields } = self else { return None };
        fields.iter().find(|f| f.at == at).map(|f| f.message.as_str())
    }

    /// What happened, as a title.
    pub fn title(&self) -> &'static str {
        match self {
            Self::SignInNeeded => "サインインが必要です",
            Self::NotFound => "見つかりません",
            Self::Forbidden => "この操作は許されていません",
            Self::Conflict { .. } => "ほかの変更が先にありました",
            Self::Invalid { .. } => "直すところがあります",
            Self::Busy => "混み合っています",
            Self::Unavailable { .. } => "いま、表示できません",
            Self::Network => "通信が切れています",
            Self::Outdated => "画面が新しくなりました",
        }
    }

    /// What happened and why, in plain Japanese.
    pub fn message(&self) -> String {
        match self {
            Self::SignInNeeded => {
                "しばらく操作がなかったか、ほかの場所でサインアウトしました。".into()
            }
            Self::NotFound => {
                "消されたか、場所が変わったか、あなたの所属からは見えないものです。".into()
            }
            Self::Forbidden => "あなたの役割では、この操作はできません。".into(),
            Self::Conflict { message } => message.clone(),
            Self::Invalid { fields } => match fields.as_slice() {
                [one] => one.message.clone(),
                many => format!("直すところが {}あります。", domain::time::things(many.len())),
            },
            Self::Busy => {
                "いま、たくさんの操作が届いています。書いた内容はこの画面に残っています。".into()
            }
            Self::Unavailable { .. } => {
                "記録の保管場所が応答しませんでした。書いた内容はこの画面に残っています。".into()
            }
            Self::Network => {
                "サーバーにつながりませんでした。書いた内容はこの画面に残っています。".into()
            }
            Self::Outdated => {
                "この画面をひらいたあとで、システムが新しくなりました。書いた内容はこの画面に残っています。".into()
            }
        }
    }

    /// What to do next.
    pub fn next(&self) -> String {
        match self {
            Self::SignInNeeded => "もう一度サインインしてください。".into(),
            Self::NotFound => "一覧からさがしてください。".into(),
            Self::Forbidden => "必要なときは、所属の管理者に相談してください。".into(),
            Self::Conflict { .. } => "画面をひらき直して、いまの内容を確かめてください。".into(),
            Self::Invalid { .. } => "直してから、もう一度お試しください。".into(),
            Self::Busy => "1分ほど待ってから、もう一度お試しください。".into(),
            Self::Unavailable { .. } => "1分ほど待ってから、もう一度ひらいてください。".into(),
            Self::Network => "つながったことを確かめて、もう一度お試しください。".into(),
            Self::Outdated => {
                "残したい文章を写してから画面を読み直し、いまの内容を確かめてください。".into()
            }
        }
    }

    /// The reference number for the help desk, if there is one.
    pub fn reference(&self) -> Option<&str> {
        if let Self::Unavailable { reference } = self { Some(reference) } else { None }
    }

    /// The HTTP status with which a server function answers.
    pub fn status(&self) -> u16 {
        match self {
            Self::SignInNeeded => 401,
            Self::NotFound => 404,
            Self::Forbidden => 403,
            Self::Conflict { .. } | Self::Outdated => 409,
            Self::Invalid { .. } => 422,
            Self::Busy => 429,
            Self::Unavailable { .. } | Self::Network => 503,
        }
    }
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.message(), self.next())
    }
}

impl std::error::Error for AppError {}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) | ServerFnErrorErr::Response(_) => Self::Network,
            // What our own pages send and our own server answers is read by both, unless they are
            // of two releases.
            ServerFnErrorErr::Args(_)
            | ServerFnErrorErr::MissingArg(_)
            | ServerFnErrorErr::Deserialization(_) => Self::Outdated,
            _ => Self::Unavailable { reference: String::new() },
        }
    }

    // A refusal that is not ours comes from what stands between, and says nothing about releases.
    fn de(data: Bytes) -> Self {
        serde_json::from_slice(&data).unwrap_or(Self::Unavailable { reference: String::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variant_crosses_the_wire() {
        for error in [
            AppError::SignInNeeded,
            AppError::NotFound,
            AppError::Forbidden,
            AppError::Conflict {
                message: "森下さんが 10:21 に先に保存しました".into()
            },
            AppError::invalid("/parts/0/text", "文章が空です"),
            AppError::Busy,
            AppError::Unavailable { reference: "E-20261120-7F3A".into() },
            AppError::Network,
            AppError::Outdated,
        ] {
            assert_eq!(AppError::de(error.ser()), error);
            assert!(!error.message().is_empty() && !error.next().is_empty());
        }
    }

    #[test]
    fn an_answer_that_is_not_ours_is_no_internal() {
        let error = AppError::de(b"<html>SELECT * FROM staff</html>".as_slice().to_vec().into());
        assert!(!error.to_string().contains("SELECT"));
        assert_eq!(error, AppError::Unavailable { reference: String::new() });
    }

    #[test]
    fn what_only_another_release_says_asks_to_read_the_page_anew() {
        let newer = br#"{"code":"too_many_recipients","limit":500}"#.as_slice();
        assert_eq!(AppError::de(newer.to_vec().into()), AppError::Outdated);
        for unread in [
            ServerFnErrorErr::Args("missing field `seen`".into()),
            ServerFnErrorErr::MissingArg("seen".into()),
            ServerFnErrorErr::Deserialization("missing field `edition`".into()),
        ] {
            let error = AppError::from_server_fn_error(unread);
            assert_eq!(error, AppError::Outdated);
            assert!(error.to_string().contains("画面を読み直し"), "{error}");
            assert!(!error.to_string().contains("field"), "{error}");
        }
    }

    #[test]
    fn a_field_finds_its_words() {
        let error = AppError::invalid("title", "件名が空です");
        assert_eq!(error.field("title"), Some("件名が空です"));
        assert_eq!(error.field("text"), None);
        assert_eq!(error.message(), "件名が空です");
    }
}
