//! 送る前の確認: who gets it by area and age, as bars and as a table, and what it looks
//! like beside the last similar delivery.

use crate::delivery::{PATH, figure, named};
use domain::audience::Explored;
use domain::delivery::compare::Compared;
use leptos::prelude::*;
use ui::prelude::*;

/// Two attributes by which the audience can be looked at: first those that split
/// it, then those of which people chose several. Areas and ages come first of each.
pub fn breakdowns(who: &Explored) -> AnyView {
    let (split, several): (Vec<_>, Vec<_>) = who
        .by
        .iter()
        .filter(|(_, rows)| rows.len() > 1)
        .partition(|(_, rows)| splits(rows, who.count));
    split
        .into_iter()
        .chain(several)
        .take(2)
        .map(|(label, rows)| {
            let (items, rest) = shortened(rows, who.count);
            view! {
                <div>
                    <h3>{label.clone()}</h3>
                    <BarList items rest />
                </div>
            }
        })
        .collect_view()
        .into_any()
}

/// Every row of every attribute, as a table that opens.
pub fn tables(who: &Explored) -> AnyView {
    let shown: Vec<_> = who.by.iter().filter(|(_, rows)| !rows.is_empty()).cloned().collect();
    if shown.is_empty() {
        return ().into_any();
    }
    let whole = u64::try_from(who.count).unwrap_or(0);
    view! {
        <details class="checks-tables">
            <summary>"内訳を表で見る"</summary>
            <div class="checks-tables-body">
                {shown
                    .into_iter()
                    .map(|(label, rows)| {
                        let (several, head) = (!splits(&rows, who.count), vec![label, "人数".into(), "割合".into()]);
                        let rows = rows
                            .into_iter()
                            .map(|(words, n)| {
                                let n = u64::try_from(n).unwrap_or(0);
                                vec![words, count(n), share(n, whole)]
                            })
                            .collect();
                        view! {
                            <div>
                                <DataTable head rows />
                                {several.then(|| view! { <p class="sub dense">"1人がいくつも選べる項目です。"</p> })}
                            </div>
                        }
                    })
                    .collect_view()}
            </div>
        </details>
    }
    .into_any()
}

/// The last similar delivery: when, to how many, and how many more or fewer now.
pub fn former(compared: &Compared) -> AnyView {
    let Compared { former, people, striking } = compared;
    let max = u64::try_from((*people).max(former.people)).unwrap_or(0);
    let (now, before) =
        (u64::try_from(*people).unwrap_or(0), u64::try_from(former.people).unwrap_or(0));
    view! {
        <div class="checks-former">
            <h3>"前回のにた配信"</h3>
            <p><a href=format!("{PATH}/{}", former.id)>{named(&former.title)}</a> <br /> <span class="sub">{former.at.day_and_time()}</span></p>
            <ul class="bars">
                <li><span class="bars-words">"前回"</span><Bar value=before max step=4 /><span class="bars-value">{figure(former.people)}</span></li>
                <li><span class="bars-words">"今回"</span><Bar value=now max /><span class="bars-value">{figure(*people)}</span></li>
            </ul>
            <p class=if *striking { "warn" } else { "sub" }>
                {striking.then(|| view! { <Icon name=IconName::Warning size=16 /> " " })}
                {compared.beside_former()}
            </p>
        </div>
    }
    .into_any()
}

/// Whether nobody can be in two of these.
fn splits(rows: &[(String, i64)], whole: i64) -> bool {
    rows.iter().map(|(_, n)| n).sum::<i64>() <= whole
}

/// At most five rows. The rest is added up only where nobody is counted twice.
fn shortened(rows: &[(String, i64)], whole: i64) -> (Vec<(String, u64)>, bool) {
    let mut items: Vec<(String, u64)> =
        rows.iter().map(|(l, n)| (l.clone(), u64::try_from(*n).unwrap_or(0))).collect();
    let rest = items.len() > 5 && splits(rows, whole);
    if rest {
        let others = items.drain(4..).map(|(_, n)| n).sum();
        items.push(("そのほか".into(), others));
    }
    items.truncate(5);
    (items, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_is_added_up_only_where_nobody_counts_twice() {
        let rows: Vec<(String, i64)> = (0..7).map(|i| (format!("{i}町"), 10 - i)).collect();
        let (items, rest) = shortened(&rows, 100);
        assert!(rest);
        assert_eq!(items.last(), Some(&("そのほか".to_owned(), 6 + 5 + 4)));
        assert_eq!(items.iter().map(|(_, n)| n).sum::<u64>(), 49);
        let (items, rest) = shortened(&rows, 40);
        assert!(!rest && items.len() == 5);
        assert!(!items.iter().any(|(l, _)| l == "そのほか"));
    }
}
