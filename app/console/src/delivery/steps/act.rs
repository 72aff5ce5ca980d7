//! What is done to a course.

use domain::id::CourseId;
use domain::steps::Opened;
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;
use ui::prelude::*;
use ui::toast::Toasts;

/// A course with all that its page shows.
#[server(prefix = "/console/fn")]
pub async fn open_course(id: CourseId) -> Result<Opened, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::steps::open(&staff.ctx, id).await?)
}

/// What is done to a course. `Timestamp`: the course as it was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// Puts what is written in force.
    Begin(Timestamp),
    /// Asks a second person to do so, with a word.
    Request(Timestamp, String),
    /// Does so as the second person.
    Approve(Timestamp),
    /// Sends it back, with the reason.
    SendBack(String),
    /// Takes the request back.
    Withdraw,
    /// Takes back what was written.
    Discard,
    /// 休止する.
    Pause,
    /// 再開する.
    Resume,
    /// 終わらせる.
    End,
    /// Deletes what was never in force.
    Delete,
}

/// That a course was paused.
pub const PAUSED: &str = "休止しました。再開するまで届けません";

/// Does it.
#[server(prefix = "/console/fn", input = Json)]
pub async fn act_on_course(id: CourseId, act: Act) -> Result<(), AppError> {
    use services::steps as s;
    let staff = crate::server::staff()?;
    let (platform, ctx) = (&staff.platform, &staff.ctx);
    Ok(match act {
        Act::Begin(seen) => s::begin(platform, ctx, id, seen).await,
        Act::Request(seen, words) => s::request(ctx, id, seen, &words).await,
        Act::Approve(seen) => s::approve(platform, ctx, id, seen).await,
        Act::SendBack(words) => s::send_back(ctx, id, &words).await,
        Act::Withdraw => s::withdraw(ctx, id).await,
        Act::Discard => s::discard(ctx, id).await,
        Act::Pause => s::pause(ctx, id).await,
        Act::Resume => s::resume(platform, ctx, id).await,
        Act::End => s::end(ctx, id).await,
        Act::Delete => s::delete(ctx, id).await,
    }?)
}

/// The course on the screen, read again after each act.
#[derive(Clone, Copy)]
pub struct Live {
    /// The course's id.
    pub id: CourseId,
    /// As it was last read.
    pub opened: RwSignal<Opened>,
    /// An act is on its way.
    pub busy: RwSignal<bool>,
    /// The settings on the screen are not saved.
    pub unsaved: RwSignal<bool>,
    /// Where it is said how an act went.
    pub toasts: Toasts,
}

impl Live {
    /// Reads it again.
    pub async fn reload(self) {
        if let Ok(opened) = open_course(self.id).await {
            self.opened.try_set(opened);
        }
    }

    /// Does something, says how it went, and reads the course again unless it is gone.
    pub fn act(self, act: Act, done: &'static str, then: Callback<()>) {
        let toasts = self.toasts;
        let deletes = act == Act::Delete;
        self.busy.set(true);
        spawn_local(async move {
            let answer = act_on_course(self.id, act).await;
            if self.busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(()) => {
                    toasts.ok(done);
                    then.try_run(());
                    if deletes {
                        return;
                    }
                }
                Err(error) => {
                    toasts.err(format!("できませんでした。{}{}", error.message(), error.next()));
                }
            }
            self.reload().await;
            keep_focus();
        });
    }
}
