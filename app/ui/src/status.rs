//! Status is shape + word + colour: never a coloured pill, readable in
//! greyscale and with forced colours.

use leptos::prelude::*;

/// The states that the console shows, each with its own shape of the filled
/// 16-px family (which never mixes with the line icons).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// 下書き: dashed ring.
    Draft,
    /// 承認待ち: square with a bar.
    AwaitingApproval,
    /// 予約済み: clock.
    Scheduled,
    /// 送信中: turning arc.
    Sending,
    /// 完了: filled disc with a tick.
    Done,
    /// 一部届かず: filled diamond.
    PartlyFailed,
    /// 保留: two bars.
    Held,
    /// 中止: two bars.
    Cancelled,
}

impl Status {
    /// From the contract's word (`draft`, `awaiting_approval`, …), or nothing.
    pub fn from_code(code: &str) -> Option<Self> {
        Some(match code {
            "draft" => Self::Draft,
            "awaiting_approval" => Self::AwaitingApproval,
            "scheduled" => Self::Scheduled,
            "sending" => Self::Sending,
            "done" => Self::Done,
            "partly_failed" => Self::PartlyFailed,
            "held" => Self::Held,
            "cancelled" => Self::Cancelled,
            _ => return None,
        })
    }

    /// The contract's word.
    pub fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::AwaitingApproval => "awaiting_approval",
            Self::Scheduled => "scheduled",
            Self::Sending => "sending",
            Self::Done => "done",
            Self::PartlyFailed => "partly_failed",
            Self::Held => "held",
            Self::Cancelled => "cancelled",
        }
    }

    /// The word that staff read.
    pub fn word(self) -> &'static str {
        match self {
            Self::Draft => "下書き",
            Self::AwaitingApproval => "承認待ち",
            Self::Scheduled => "予約済み",
            Self::Sending => "送信中",
            Self::Done => "完了",
            Self::PartlyFailed => "一部届かず",
            Self::Held => "保留",
            Self::Cancelled => "中止",
        }
    }

    /// What a list shows for a delivery: `done` with failures is 一部届かず.
    #[must_use]
    pub fn with_failures(self, failed: u64) -> Self {
        if self == Self::Done && failed > 0 { Self::PartlyFailed } else { self }
    }
}

impl From<domain::delivery::Status> for Status {
    fn from(status: domain::delivery::Status) -> Self {
        use domain::delivery::Status as D;
        match status {
            D::Draft => Self::Draft,
            D::AwaitingApproval => Self::AwaitingApproval,
            D::Scheduled => Self::Scheduled,
            D::Sending => Self::Sending,
            D::Done => Self::Done,
            D::Held => Self::Held,
            D::Cancelled => Self::Cancelled,
        }
    }
}

/// The shape alone, 16 px, hidden from assistive technology.
#[component]
pub fn StatusShape(
    /// Whose shape.
    status: Status,
) -> impl IntoView {
    let shape = match status {
        Status::Draft => view! { <circle class="s-line s-dash" cx="8" cy="8" r="6" /> }.into_any(),
        Status::AwaitingApproval => view! {
            <rect class="s-line" x="2" y="2" width="12" height="12" rx="1.5" />
            <path class="s-line" d="M5 8h6" />
        }
        .into_any(),
        Status::Scheduled => view! {
            <circle class="s-line" cx="8" cy="8" r="6" />
            <path class="s-line" d="M8 4.5V8l2.3 1.6" />
        }
        .into_any(),
        Status::Sending => view! {
            <circle class="s-line s-track" cx="8" cy="8" r="6" />
            <path class="s-line s-arc" d="M8 2a6 6 0 0 1 3.4 10.9" />
        }
        .into_any(),
        Status::Done => view! {
            <circle class="s-fill" cx="8" cy="8" r="7" />
            <path class="s-cut" d="M4.8 8.3 7.1 10.6 11.3 5.9" />
        }
        .into_any(),
        Status::PartlyFailed => view! {
            <path class="s-fill" d="M8 .8 15.2 8 8 15.2.8 8z" />
            <path class="s-cut" d="M8 4.8v3.7M8 11v.01" />
        }
        .into_any(),
        Status::Held | Status::Cancelled => view! {
            <path class="s-fill" d="M3.5 2.5h3v11h-3zM9.5 2.5h3v11h-3z" />
        }
        .into_any(),
    };
    view! {
        <svg class="status-shape" width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
            {shape}
        </svg>
    }
}

/// Shape and word, bold, 14 px.
#[component]
pub fn StatusMark(
    /// Which shape and colour.
    #[prop(into)]
    status: Signal<Status>,
    /// Another word than the status' own, for example 「送信中 64%」.
    #[prop(into, optional)]
    word: MaybeProp<String>,
) -> impl IntoView {
    view! {
        <span class=move || format!("status is-{}", status.get().code().replace('_', "-"))>
            {move || view! { <StatusShape status=status.get() /> }}
            <span>{move || word.get().unwrap_or_else(|| status.get().word().to_owned())}</span>
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_round_trip() {
        for code in [
            "draft",
            "awaiting_approval",
            "scheduled",
            "sending",
            "done",
            "partly_failed",
            "held",
            "cancelled",
        ] {
            assert_eq!(Status::from_code(code).map(Status::code), Some(code));
        }
        assert_eq!(Status::from_code("完了"), None);
    }

    #[test]
    fn failures_take_the_tick_away() {
        assert_eq!(Status::Done.with_failures(14), Status::PartlyFailed);
        assert_eq!(Status::Done.with_failures(0), Status::Done);
        assert_eq!(Status::Sending.with_failures(14), Status::Sending);
    }
}
