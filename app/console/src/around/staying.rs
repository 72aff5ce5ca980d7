//! 「あと2分で、サインアウトします」: a session ends when nobody has used it for an hour. Two
//! minutes before, the page says so; whoever goes on using it stays, and nothing that was typed
//! goes away, not even when the session has ended.

use super::Watch;
use domain::staff::{IDLE, LONGEST};
use domain::time::{HOUR, MINUTE, SECOND};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use ui::prelude::*;

/// So many seconds before its end the page says that the session ends.
const WARNS: i64 = 2 * MINUTE / SECOND;
/// A page asks again after so many seconds at most.
const MOST: i64 = MINUTE / SECOND;
/// While it warns, after so many.
const WARNED: i64 = 20;

/// How long a session lasts if nothing is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// Seconds.
    pub seconds: i64,
    /// Using the page prolongs it; else it is as old as a session may become.
    pub prolongs: bool,
}

impl Left {
    /// Of a session, now.
    #[cfg(feature = "ssr")]
    pub(super) fn of(session: &store::session::Current, now: domain::time::Timestamp) -> Self {
        let end = session.idle_until.min(session.until);
        Self {
            seconds: end.since(now).max(0) / SECOND,
            prolongs: session.idle_until < session.until,
        }
    }

    /// After how many seconds a page asks again: it is there when the warning is due.
    pub(super) fn again_after(self) -> u64 {
        let seconds = if self.seconds > WARNS {
            (self.seconds - WARNS).min(MOST)
        } else {
            self.seconds.min(WARNED)
        };
        u64::try_from(seconds.max(1)).unwrap_or(1)
    }
}

/// What the page says of the end of its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// It ends in so many minutes; whether using the page prolongs it.
    Soon(i64, bool),
    /// It has ended.
    Ended,
}

impl Ending {
    /// Nothing while there is time.
    pub(super) fn of(left: Left) -> Option<Self> {
        let minutes = (left.seconds + 59) / 60;
        (left.seconds <= WARNS).then_some(Self::Soon(minutes.max(1), left.prolongs))
    }

    fn title(self) -> String {
        match self {
            Self::Soon(minutes, _) => format!("あと{minutes}分で、サインアウトします"),
            Self::Ended => "サインアウトしました".to_owned(),
        }
    }

    fn why(self) -> String {
        let (idle, longest) = (IDLE / MINUTE, LONGEST / HOUR);
        match self {
            Self::Soon(_, true) => format!(
                "しばらく操作がありませんでした。{idle}分使わないと、サインアウトします。書いた内容はこの画面に残ります。"
            ),
            Self::Soon(_, false) => format!(
                "サインインから{longest}時間たつためです。書いた内容はこの画面に残ります。別のタブでサインインし直すと、続けられます。"
            ),
            Self::Ended => "しばらく操作がなかったか、ほかの場所でサインアウトしました。書いた内容はこの画面に残っています。別のタブでサインインし直すと、続けられます。".to_owned(),
        }
    }

    /// What is read aloud.
    pub(super) fn words(self) -> String {
        format!("{}。{}", self.title(), self.why())
    }
}

/// The card at the lower left, over the page.
#[component]
pub fn Staying(
    /// What is known of the session.
    watch: Watch,
) -> impl IntoView {
    move || {
        watch.ending().map(|ending| {
            view! {
                // It goes when it is pressed: the focus stays in the field that is being filled in.
                <section
                    class="staying"
                    aria-labelledby="staying-title"
                    on:mousedown=move |event| event.prevent_default()
                >
                    <Icon name=IconName::Clock size=24 />
                    <div class="grow">
                        <h2 class="h3" id="staying-title">{ending.title()}</h2>
                        <p class="dense">{ending.why()}</p>
                        {match ending {
                            Ending::Soon(_, true) => {
                                view! {
                                    <Button kind=Kind::Act on_click=move |_| watch.stay()>
                                        "つづける"
                                    </Button>
                                }
                                    .into_any()
                            }
                            Ending::Soon(_, false) => ().into_any(),
                            Ending::Ended => {
                                view! {
                                    <a href="/console/signin" target="_blank" rel="external noopener">
                                        "サインインする（別のタブがひらきます）"
                                    </a>
                                }
                                    .into_any()
                            }
                        }}
                    </div>
                </section>
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(seconds: i64) -> Left {
        Left { seconds, prolongs: true }
    }

    #[test]
    fn two_minutes_before_the_end_it_says_so() {
        assert_eq!(Ending::of(left(121)), None);
        for (seconds, minutes) in [(120, 2), (61, 2), (60, 1), (1, 1), (0, 1)] {
            assert_eq!(Ending::of(left(seconds)), Some(Ending::Soon(minutes, true)), "{seconds}");
        }
        let words = Ending::Soon(2, true).words();
        assert!(words.starts_with("あと2分で、サインアウトします。"), "{words}");
    }

    #[test]
    fn a_page_that_asks_again_in_time_misses_no_warning() {
        for seconds in 0..4_000 {
            let after = i64::try_from(left(seconds).again_after()).unwrap();
            assert!((1..=60).contains(&after), "{seconds}");
            if seconds > WARNS {
                // It asks while the whole two minutes are left, or before.
                assert!(seconds - after >= WARNS, "{seconds}");
            } else if seconds > 0 {
                assert!(after <= seconds, "it sees the end: {seconds}");
            }
        }
    }
}
