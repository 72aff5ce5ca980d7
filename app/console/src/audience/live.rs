//! Head counts while somebody edits: asked for 0.15 s after the last change,
//! again every half minute, and shown with their age.

use domain::attribute::Catalog;
use domain::audience::edit::{self, normal};
use domain::audience::{Audience, Explored};
use leptos::prelude::*;
use leptos::task::spawn_local;
use server_fn::codec::Json;
use std::sync::Arc;
use std::time::Duration;
use ui::prelude::*;

/// Counts an audience with everything that helps to judge it.
///
/// # Errors
/// `Invalid` with pointers into the audience; `SignInNeeded`, `Forbidden`.
#[server(prefix = "/console/fn", input = Json)]
pub async fn explore_audience(audience: Audience) -> Result<Explored, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::audience::explore(&staff.ctx, &audience).await?)
}

/// After the last change.
const PAUSE: Duration = Duration::from_millis(150);
/// A count without any change is taken again after this many seconds.
const AGAIN: u32 = 30;

/// The latest count of one audience. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Live {
    /// The count; nothing while the audience is empty or unfinished.
    pub explored: RwSignal<Option<Explored>>,
    /// What was counted.
    pub counted: RwSignal<Option<Audience>>,
    /// A newer count is on its way.
    pub counting: RwSignal<bool>,
    /// Seconds since it was counted.
    pub age: RwSignal<u32>,
    /// Why the last one failed.
    pub failure: RwSignal<Option<AppError>>,
    /// What can be chosen from; it learns of what is found meanwhile.
    pub catalog: StoredValue<Arc<Catalog>>,
    /// The last count that there was, and of what; conditions that stayed keep theirs.
    memory: RwSignal<Option<(Audience, Explored)>>,
}

impl Live {
    /// Follows `value`; `explored` may hold a first count that the server made with it.
    pub fn new(
        value: RwSignal<Option<Audience>>,
        explored: RwSignal<Option<Explored>>,
        catalog: Arc<Catalog>,
    ) -> Self {
        let first = value.with_untracked(|v| v.as_ref().map(normal)).zip(explored.get_untracked());
        let live = Self {
            explored,
            counted: RwSignal::new(first.as_ref().map(|(audience, _)| audience.clone())),
            memory: RwSignal::new(first),
            counting: RwSignal::new(false),
            age: RwSignal::new(0),
            failure: RwSignal::new(None),
            catalog: StoredValue::new(catalog),
        };
        live.follow(value);
        live
    }

    fn follow(self, value: RwSignal<Option<Audience>>) {
        let latest = StoredValue::new(0u32);
        let waiting = StoredValue::new(None::<TimeoutHandle>);
        let clear = move || {
            if let Some(handle) = waiting.try_update_value(Option::take).flatten() {
                handle.clear();
            }
        };
        let ask = move |pause: Duration| {
            let Some(audience) = value.with_untracked(|v| v.as_ref().map(normal)) else { return };
            let Some(mine) = latest.try_update_value(|n| {
                *n += 1;
                *n
            }) else {
                return;
            };
            clear();
            self.counting.set(true);
            let send = move || {
                spawn_local(async move {
                    let answer = explore_audience(audience.clone()).await;
                    // Disposed, or overtaken by a later change.
                    if latest.try_get_value() != Some(mine) {
                        return;
                    }
                    self.counting.set(false);
                    match answer {
                        Ok(explored) => {
                            self.failure.set(None);
                            self.age.set(0);
                            self.memory.set(Some((audience.clone(), explored.clone())));
                            self.counted.set(Some(audience));
                            self.explored.set(Some(explored));
                        }
                        Err(error) => self.failure.set(Some(error)),
                    }
                });
            };
            waiting.set_value(set_timeout_with_handle(send, pause).ok());
        };
        Effect::new(move |before: Option<Option<Audience>>| {
            let now = value.get();
            if before.as_ref() == Some(&now) {
                return now;
            }
            let ready =
                now.as_ref().is_some_and(|a| self.catalog.with_value(|c| a.resolve(c, "").is_ok()));
            if !ready {
                latest.update_value(|n| *n += 1);
                clear();
                self.counting.set(false);
                self.failure.set(None);
                self.explored.set(None);
            } else if before.is_none()
                && self.counted.with_untracked(|c| *c == now.as_ref().map(normal))
            {
                // The server counted it while it made the page.
            } else {
                ask(PAUSE);
            }
            now
        });
        Effect::new(move |_| {
            let tick = set_interval_with_handle(
                move || {
                    let Some(age) = self.age.try_update(|age| {
                        *age += 1;
                        *age
                    }) else {
                        return;
                    };
                    let known = self.explored.with_untracked(Option::is_some);
                    if age.is_multiple_of(AGAIN) && known && !self.counting.get_untracked() {
                        ask(Duration::ZERO);
                    }
                },
                Duration::from_secs(1),
            );
            on_cleanup(move || {
                if let Ok(tick) = tick {
                    tick.clear();
                }
            });
        });
    }

    /// How many friends meet one condition by itself; remembered for conditions
    /// that did not change since the last count.
    pub fn of(self, condition: &Audience) -> Option<i64> {
        self.memory.with(|memory| {
            let (counted, explored) = memory.as_ref()?;
            by_itself(counted, explored, condition)
        })
    }

    /// 「2秒前に数えました」
    pub fn age_words(self) -> String {
        match self.age.get() {
            0 => "いま数えました".to_owned(),
            s if s < 60 => format!("{s}秒前に数えました"),
            s => format!("{}分前に数えました", s / 60),
        }
    }
}

fn by_itself(counted: &Audience, explored: &Explored, condition: &Audience) -> Option<i64> {
    match condition {
        Audience::Everyone => Some(explored.friends),
        Audience::Not(inner) => {
            let leaf = edit::items(inner).first()?;
            by_itself(counted, explored, leaf).map(|n| explored.friends - n)
        }
        // The counts carry pointers into the tree as it was sent.
        _ => edit::conditions(counted)
            .into_iter()
            .filter(|at| edit::node(counted, at) == Some(condition))
            .find_map(|at| {
                let pointer = edit::pointer(counted, &at);
                explored.conditions.iter().find(|(p, _)| *p == pointer).map(|(_, n)| *n)
            }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_condition_finds_its_own_count() {
        let leaf = |key: &str| Audience::Attribute { key: "a".into(), is: vec![key.into()] };
        let counted: Audience = serde_json::from_value(json!({"all": [{"attribute": "a", "is": ["x"]}, {"not": {"any": [{"attribute": "a", "is": ["y"]}]}}]})).unwrap();
        let explored = Explored {
            friends: 100,
            conditions: vec![("/all/0".into(), 40), ("/all/1/not/any/0".into(), 7)],
            ..Explored::default()
        };
        assert_eq!(by_itself(&counted, &explored, &leaf("x")), Some(40));
        assert_eq!(by_itself(&counted, &explored, &leaf("y")), Some(7));
        assert_eq!(by_itself(&counted, &explored, &leaf("z")), None);
        assert_eq!(by_itself(&counted, &explored, &Audience::Everyone), Some(100));
        let without = Audience::Not(Box::new(Audience::Any(vec![leaf("y")])));
        assert_eq!(by_itself(&counted, &explored, &without), Some(93));
    }
}
