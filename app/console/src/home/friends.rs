//! 友だち: how many, since when, and the line of 30 days with its table.

use super::Friends;
use domain::time::Date;
use leptos::prelude::*;
use ui::prelude::*;

/// The panel, or why there is none.
#[component]
pub fn FriendsPanel(#[prop(optional_no_strip)] friends: Option<Friends>) -> impl IntoView {
    match friends {
        Some(friends) if friends.friends == 0 && friends.days.len() < 2 => {
            view! {
                <Panel title="友だち">
                    <p>"まだ友だちはいません。友だちになった人は、ここに数えられます。"</p>
                </Panel>
            }
            .into_any()
        }
        Some(friends) => view! { <Figures friends /> }.into_any(),
        None => {
            view! {
                <Panel title="友だち">
                    <p class="sub">"いま、友だちの数を表示できません。1分ほど待ってから、もう一度ひらいてください。"</p>
                </Panel>
            }
            .into_any()
        }
    }
}

fn short(date: Date) -> String {
    format!("{}/{}", date.month, date.day)
}

/// 「10月21日から11月20日までに、1,204人増えて 84,312人になりました。」
fn sentence(days: &[(Date, u64)]) -> String {
    let (Some((first, before)), Some((last, now))) = (days.first(), days.last()) else {
        return String::new();
    };
    if first == last {
        return "数え始めたばかりです。1日ごとの数が、ここに線で出ます。".into();
    }
    let change = match now.cmp(before) {
        std::cmp::Ordering::Greater => {
            format!("{}人増えて {}人になりました", count(now - before), count(*now))
        }
        std::cmp::Ordering::Less => {
            format!("{}人減って {}人になりました", count(before - now), count(*now))
        }
        std::cmp::Ordering::Equal => format!("{}人のまま変わっていません", count(*now)),
    };
    format!("{}月{}日から{}月{}日までに、{change}。", first.month, first.day, last.month, last.day)
}

/// Words and class of the change since the day before.
fn since_yesterday(days: &[(Date, u64)]) -> Option<(&'static str, String)> {
    let [.., (day, before), (today, now)] = days else { return None };
    if today.days() - day.days() != 1 {
        return None;
    }
    Some(match now.cmp(before) {
        std::cmp::Ordering::Greater => ("ok", format!("▲ {}人", count(now - before))),
        std::cmp::Ordering::Less => ("warn", format!("▼ {}人", count(before - now))),
        std::cmp::Ordering::Equal => ("", "変わりません".to_owned()),
    })
}

#[component]
fn Figures(friends: Friends) -> impl IntoView {
    let Friends { friends: all, registered, unfollowed, days, .. } = friends;
    let words = sentence(&days);
    let change = since_yesterday(&days);
    let last = days.len().saturating_sub(1);
    let points: Vec<Point> = days
        .iter()
        .enumerate()
        .map(|(i, (date, n))| {
            // Every tenth day back from the last, and the first.
            let label =
                if i == 0 || (last - i) % 10 == 0 && i >= 5 { short(*date) } else { String::new() };
            Point { label, value: *n as f64 }
        })
        .collect();
    let rows: Vec<Vec<String>> = days
        .iter()
        .rev()
        .map(|(date, n)| vec![format!("{}（{}）", short(*date), date.weekday_name()), count(*n)])
        .collect();
    view! {
        <ChartPanel
            id="friends"
            title="友だち"
            sentence=words
            table=move || view! { <DataTable head=vec!["日".to_owned(), "友だち（人）".to_owned()] rows=rows.clone() /> }
        >
            <div class="friends">
                <div class="friends-words">
                    <p class="figure">{count(all)} <span class="unit">"人"</span></p>
                    {change.map(|(class, words)| view! { <p class="dense"><strong class=class>{words}</strong> "　きのうから"</p> })}
                    {registered.map(|n| view! { <p class="dense sub">{format!("登録した人 {}人（友だちの {}）", count(n), share(n, all))}</p> })}
                    {unfollowed.map(|n| view! { <p class="dense sub">{format!("友だちでなくなった人 {}人", count(n))}</p> })}
                    <p class="dense"><a href="/console/residents/figures">"統計を見る"</a></p>
                </div>
                <div class="friends-chart">
                    <LineChart points width=416 height=200 />
                </div>
            </div>
        </ChartPanel>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(d: u8, n: u64) -> (Date, u64) {
        (Date { year: 2026, month: 11, day: d }, n)
    }

    #[test]
    fn the_sentence_says_what_is_seen() {
        assert_eq!(
            sentence(&[day(1, 83_000), day(20, 84_312)]),
            "11月1日から11月20日までに、1,312人増えて 84,312人になりました。"
        );
        assert_eq!(
            sentence(&[day(1, 10), day(20, 8)]),
            "11月1日から11月20日までに、2人減って 8人になりました。"
        );
        assert!(sentence(&[day(20, 8)]).starts_with("数え始め"));
    }

    #[test]
    fn yesterday_is_the_day_before_only() {
        assert_eq!(since_yesterday(&[day(19, 10), day(20, 12)]), Some(("ok", "▲ 2人".to_owned())));
        assert_eq!(since_yesterday(&[day(18, 10), day(20, 12)]), None);
    }
}
