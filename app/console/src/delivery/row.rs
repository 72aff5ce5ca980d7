//! One delivery in the list.

use super::begin::{DuplicateDelivery, DuplicateForm};
use super::cancel::Stopping;
use super::series::standing;
use super::{PATH, figure, named};
use domain::delivery::approval::overdue;
use domain::delivery::{Row, Status as D};
use domain::id::DeliveryId;
use domain::insight::Shown;
use domain::time::Timestamp;
use leptos::prelude::*;
use ui::prelude::*;
use ui::time::short;

/// What the rows of a list share.
#[derive(Clone, Copy)]
pub struct Acts {
    /// 複製する.
    pub duplicate: ServerAction<DuplicateDelivery>,
    /// Opens the dialog that stops.
    pub stopping: RwSignal<Option<Stopping>>,
    /// 下書きを消す.
    pub delete: Callback<DeliveryId>,
}

/// The words beside the shape: while sending, how far it is.
pub fn status_word(
    status: D,
    accepted: i64,
    failed: i64,
    withheld: i64,
    recipients: i64,
) -> Option<String> {
    let ended = u64::try_from(accepted + failed + withheld).unwrap_or(0);
    (status == D::Sending && recipients > 0)
        .then(|| format!("送信中 {}", share(ended, u64::try_from(recipients).unwrap_or(0))))
}

/// How many have read it, as a share of those whom LINE accepted.
fn readers(row: &Row) -> AnyView {
    let size = |n: i64| u64::try_from(n).unwrap_or(0);
    let accepted = size(row.figures.accepted);
    match row.reads.map_or(Shown::Unknown, |reads| reads.readers()) {
        Shown::Number(n) => view! {
            <span class="share"><Bar value=size(n) max=accepted track=true /> {share(size(n), accepted)}</span>
            <span class="sub">{format!("{}人", figure(n))}</span>
        }
        .into_any(),
        Shown::Hidden => view! { <span class="sub">"公表されません"</span> }.into_any(),
        Shown::Waiting | Shown::Unknown => "—".into_any(),
    }
}

/// The row.
pub fn row(row: Row, now: Timestamp, acts: Acts) -> AnyView {
    let f = row.figures;
    let status = Status::from(row.status).with_failures(u64::try_from(f.failed).unwrap_or(0));
    let word = status_word(row.status, f.accepted, f.failed, f.withheld, f.recipients);
    let (status, word) = match standing(row.status, row.time).filter(|_| row.repeats.is_some()) {
        Some((status, word)) => (status, Some(word.to_owned())),
        None => (status, word),
    };
    let late = row.repeats.is_none() && overdue(row.status, row.time, now);
    // A series says its rule, an occurrence leads to its series.
    let repeats = match (row.repeats.clone(), row.series) {
        (Some(rule), _) => Some(view! { <span>{format!("くり返し {rule}")}</span> }.into_any()),
        (None, Some(series)) => {
            Some(view! { <a href=format!("{PATH}/{series}")>"くり返し"</a> }.into_any())
        }
        (None, None) => None,
    };
    let title = named(&row.title);
    let href = if row.status == D::Draft {
        format!("{PATH}/{}/edit", row.id)
    } else {
        format!("{PATH}/{}", row.id)
    };
    let approve = (row.approves && !late).then(|| href.clone());
    let parts = format!("内容 {}", row.parts);
    let last = if row.status == D::Draft && !row.author.is_empty() {
        row.author.as_str()
    } else {
        parts.as_str()
    };
    let meta = [row.department.as_str(), last]
        .into_iter()
        .filter(|w| !w.is_empty())
        .collect::<Vec<_>>()
        .join("・");
    let who = if row.who.is_empty() {
        "まだ決まっていません".to_owned()
    } else {
        row.who.clone()
    };
    let (day, time) =
        row.time.map_or_else(|| ("未定".to_owned(), String::new()), |t| short(t, now));
    let (first, second) = if !row.frozen {
        ("—".to_owned(), None)
    } else if f.failed > 0 {
        (
            figure(f.accepted),
            Some(
                view! { <span class="sub err">{format!("{} 届かず", figure(f.failed))}</span> }
                    .into_any(),
            ),
        )
    } else {
        (
            figure(f.accepted),
            Some(
                view! { <span class="sub">{format!("/ {}", figure(f.recipients))}</span> }
                    .into_any(),
            ),
        )
    };
    let figures = if row.frozen { "num c-figure" } else { "num c-hide" };
    let readers = readers(&row);
    let taps = row.taps.map_or_else(|| "—".to_owned(), |n| format!("{}回", figure(n)));
    let (menu, purpose, people) = (format!("「{title}」の操作"), row.purpose, row.people);
    view! {
        <tr class=purpose.band()>
            <td class="c-status nowrap"><StatusMark status word=MaybeProp::from(word) /></td>
            <td class="c-title title">
                <a class="title-link" href=href>{title}</a>
                <p class="row-meta"><PurposeTag purpose /> {meta} {repeats}</p>
                {approve
                    .map(|href| view! { <p><LinkButton href kind=Kind::Act size=Size::Small icon=IconName::Stamp>"内容を見て承認する"</LinkButton></p> })}
                {late.then(|| view! { <p class="sub err">"承認されないまま、届ける時刻をすぎました。日時を決め直します"</p> })}
            </td>
            <td class="c-audience">
                <span>{who}</span>
                {people.map(|n| view! { <span class="sub">{format!("{}人", figure(n))}</span> })}
            </td>
            <td class="c-time nowrap"><span>{day}</span> " " <span>{time}</span></td>
            <td class=figures data-label="受付">{first} {second}</td>
            <td class=figures data-label="読んだ人">{readers}</td>
            <td class=figures data-label="タップ">{taps}</td>
            <td class="acts"><RowMenu label=menu>{menu_items(row, acts)}</RowMenu></td>
        </tr>
    }
    .into_any()
}

fn menu_items(row: Row, acts: Acts) -> AnyView {
    let id = row.id;
    let draft = row.status == D::Draft;
    let stopping = Stopping {
        id,
        title: row.title.clone(),
        figures: row.frozen.then_some(row.figures),
        stoppable: None,
    };
    // A series is paused and ended on its own page, and has no certificate.
    let series = row.repeats.is_some();
    let stops = row.may_send && !draft && !row.status.is_final() && !series;
    let stop_words = if row.frozen { "残りを止める" } else { "取り消す" };
    view! {
        {(row.may_write && draft).then(|| view! { <a class="menu-item" href=format!("{PATH}/{id}/edit")><Icon name=IconName::Pencil size=18 />"編集する"</a> })}
        {(!draft).then(|| view! { <a class="menu-item" href=format!("{PATH}/{id}")><Icon name=IconName::Eye size=18 />"見る"</a> })}
        {row.may_write.then(|| {
            view! {
                <DuplicateForm id action=acts.duplicate>
                    <button class="menu-item" type="submit"><Icon name=IconName::Copy size=18 />"複製する"</button>
                </DuplicateForm>
            }
        })}
        {(row.status.is_final() && !series).then(|| view! { <a class="menu-item" href=format!("{PATH}/{id}/certificate")><Icon name=IconName::Document size=18 />"証明書"</a> })}
        {stops.then(|| {
            view! {
                <button class="menu-item" type="button" on:click=move |_| acts.stopping.set(Some(stopping.clone()))>
                    <Icon name=IconName::Stop size=18 />{stop_words}
                </button>
            }
        })}
        {(row.may_write && draft).then(|| {
            view! {
                <button class="menu-item" type="button" on:click=move |_| acts.delete.run(id)>
                    <Icon name=IconName::Trash size=18 />"下書きを消す"
                </button>
            }
        })}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_on_its_way_says_how_far() {
        assert_eq!(status_word(D::Sending, 5_201, 0, 0, 8_127).as_deref(), Some("送信中 64.0%"));
        assert_eq!(status_word(D::Sending, 0, 0, 0, 0), None);
        assert_eq!(status_word(D::Done, 10, 0, 0, 10), None);
    }
}
