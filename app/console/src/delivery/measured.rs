//! 結果: who opened it, taps on links, recipients by what they registered (SEG-8).

use super::{PATH, figure};
use domain::delivery::{Breakdown, Measured};
use domain::id::DeliveryId;
use domain::insight::{Reads, Shown, Without};
use domain::time::{DAY, HOUR, Timestamp};
use leptos::prelude::*;
use ui::prelude::*;

/// What was counted of a delivery.
#[server(prefix = "/console/fn")]
pub async fn delivery_measured(id: DeliveryId) -> Result<Measured, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::delivery::measured(&staff.ctx, id).await?)
}

/// Asks LINE now how many opened it.
#[server(prefix = "/console/fn")]
pub async fn look_at_reads(id: DeliveryId) -> Result<(), AppError> {
    let staff = crate::server::staff()?;
    services::insight::look(&staff.platform, &staff.ctx, id).await?;
    Ok(())
}

/// What was counted, read again when the delivery is frozen, when it ends, and when somebody asks.
#[derive(Clone, Copy)]
pub struct Measuring {
    id: DeliveryId,
    frozen: Memo<bool>,
    looking: ServerAction<LookAtReads>,
    read: Resource<Result<Option<Measured>, AppError>>,
}

impl Measuring {
    /// Of a delivery; nothing is read before it is frozen.
    pub fn watch(id: DeliveryId, frozen: Memo<bool>, is_final: Memo<bool>) -> Self {
        let looking = ServerAction::<LookAtReads>::new();
        let read = Resource::new_blocking(
            move || (frozen.get(), is_final.get(), looking.version().get()),
            move |(frozen, ..)| async move {
                if frozen { delivery_measured(id).await.map(Some) } else { Ok(None) }
            },
        );
        let toasts = use_toasts();
        Effect::new(move |_| match looking.value().get() {
            Some(Ok(())) => toasts.ok("いまの数を読みました"),
            Some(Err(error)) => toasts.warn(error.message()),
            None => {}
        });
        Self { id, frozen, looking, read }
    }
}

/// Readers and taps.
#[component]
pub fn Results(
    /// What was counted.
    of: Measuring,
) -> impl IntoView {
    let Measuring { id, frozen, looking, read } = of;
    let waits = move || {
        view! {
            {move || {
                frozen
                    .get()
                    .then(|| view! { <Panel><Skeleton sentence="結果を数えています" rows=3 /></Panel> })
            }}
        }
    };
    view! {
        <Transition fallback=waits>
            {move || Suspend::new(async move {
                match read.await {
                    Ok(Some(m)) => results(id, &m, looking),
                    Ok(None) => ().into_any(),
                    Err(error) => view! { <Panel title="結果"><p class="err">{format!("結果を読めませんでした。{}", error.next())}</p></Panel> }.into_any(),
                }
            })}
        </Transition>
    }
}

/// The recipients by what they registered.
#[component]
pub fn Recipients(
    /// What was counted.
    of: Measuring,
) -> impl IntoView {
    view! {
        <Transition fallback=|| ()>
            {move || Suspend::new(async move { of.read.await.ok().flatten().and_then(|m| by_attributes(&m)) })}
        </Transition>
    }
}

fn size(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}

/// 「受け付けた 3,268人の 41.2%」.
fn of_accepted(n: i64, accepted: i64) -> String {
    format!("受け付けた {}人の {}", figure(accepted), share(size(n), size(accepted)))
}

/// A number of LINE's in words, with what is to be known of it.
fn told(shown: Shown, m: &Measured) -> (AnyView, String) {
    match shown {
        Shown::Number(n) => (
            view! { {figure(n)} " " <span class="unit">"人"</span> }.into_any(),
            of_accepted(n, m.figures.accepted),
        ),
        Shown::Hidden => (
            view! { <span class="strip-words">"公表されません"</span> }.into_any(),
            "20人より少ないため、LINEから公表されません".into(),
        ),
        Shown::Waiting => ("—".into_any(), "まだLINEから読んでいません".into()),
        Shown::Unknown => ("—".into_any(), unknown(m.reads.as_ref()).into()),
    }
}

fn unknown(reads: Option<&Reads>) -> &'static str {
    match reads.and_then(|r| r.without) {
        Some(Without::Test) => "試し送りは、数えません",
        Some(Without::Names) => {
            "今月、この種類の配信でLINEの統計をとれる数を使い切ったため、数えていません"
        }
        Some(Without::Unsent) => "LINEが受け付けた人がいないため、ありません",
        _ => "この配信は、数えていません",
    }
}

/// When LINE was asked, and when it will be asked again.
fn asked(m: &Measured) -> Option<AnyView> {
    let reads = m.reads.filter(|r| r.without.is_none())?;
    let (at, now) = (reads.taken_at, m.now);
    let next = match reads.next_at {
        Some(next) => format!(
            "次は{}ごろ、自動で読みます。送ってから14日間、読み直します。",
            next.day_and_time()
        ),
        None => "送ってから14日がすぎたので、もう読み直しません。".into(),
    };
    let last = match at {
        Some(at) => {
            view! { "LINEの統計を読んだのは " <Aged at now limit=2 * DAY /> "。" }.into_any()
        }
        None => "LINEの統計は、まだ読んでいません。".into_any(),
    };
    Some(view! { <p class="sub dense">{last} {next}</p> }.into_any())
}

fn results(id: DeliveryId, m: &Measured, looking: ServerAction<LookAtReads>) -> AnyView {
    let (readers, readers_note) = told(m.readers(), m);
    let (openers, openers_note) = told(m.reads.map_or(Shown::Unknown, |r| r.clickers()), m);
    // After 14 days nothing changes any more.
    let may_look = m.reads.is_some_and(|r| r.next_at.is_some());
    let acts = move || {
        let file = |ending: &str| format!("{PATH}/{id}/figures.{ending}");
        view! {
            {may_look
                .then(|| {
                    view! {
                        <ActionForm action=looking>
                            <input type="hidden" name="id" value=id.to_string() />
                            <Button size=Size::Small submit=true icon=IconName::Reload busy=looking.pending()>"いまの数を読む"</Button>
                        </ActionForm>
                    }
                })}
            <LinkButton href=file("csv") size=Size::Small icon=IconName::Download download=true>"CSV"</LinkButton>
            <LinkButton href=file("xlsx") size=Size::Small icon=IconName::Download download=true>"Excel"</LinkButton>
        }
    };
    let (taps, taps_note) = if m.links.is_empty() {
        ("—".into_any(), "数えるリンクはありません".to_owned())
    } else {
        (
            view! { {figure(m.taps())} " " <span class="unit">"回"</span> }.into_any(),
            format!("リンク {}の合計。同じ人の2回目も数えます", things(m.links.len())),
        )
    };
    let strip = [
        ("読んだ人", readers, readers_note),
        ("リンクのタップ", taps, taps_note),
        ("リンクをひらいた人", openers, openers_note),
    ];
    let asked = asked(m);
    let replied = (!m.replies.is_empty()).then_some("返事は、だれがしたかを記録しています。");
    view! {
        <Panel title="結果" acts>
            <div class="stack-s">
                <dl class="strip">
                    {strip
                        .map(|(what, n, note)| {
                            view! {
                                <div>
                                    <dt>{what}</dt>
                                    <dd class="figure">{n}</dd>
                                    <dd class="sub">{note}</dd>
                                </div>
                            }
                        })
                        .collect_view()}
                </dl>
                {asked}
                <p class="sub dense">
                    "人数と回数だけを数えています。だれが読んだか、だれがリンクを押したかは、記録していません。"
                    {replied}
                </p>
            </div>
        </Panel>
        {(!m.replies.is_empty()).then(|| by_reply(m))}
        {(!m.links.is_empty()).then(|| by_link(m))}
        {(m.hours.len() > 1).then(|| over_time(m))}
    }
    .into_any()
}

/// 「example.jp/a…」: an address in few letters.
fn brief(uri: &str) -> String {
    let words = uri.split_once("://").map_or(uri, |(_, rest)| rest).trim_end_matches('/');
    if words.chars().count() <= 40 {
        words.to_owned()
    } else {
        words.chars().take(39).chain(['…']).collect()
    }
}

fn by_link(m: &Measured) -> AnyView {
    let accepted = m.figures.accepted;
    let bars = m.links.iter().map(|l| (brief(&l.uri), size(l.taps))).collect();
    let rows: Vec<Vec<String>> = m
        .links
        .iter()
        .map(|l| {
            // The same address in several parts is told apart.
            let twice = m.links.iter().filter(|other| other.uri == l.uri).count() > 1;
            let place =
                if twice { format!("（{}番目の内容）", l.part + 1) } else { String::new() };
            vec![
                format!("{}{place}", l.uri),
                l.short.clone(),
                format!("{}回", figure(l.taps)),
                share(size(l.taps), size(accepted)),
            ]
        })
        .collect();
    let until = m.links.first().map(|l| l.until.date().japanese()).unwrap_or_default();
    let sentence = match m.links.iter().max_by_key(|l| l.taps).filter(|l| l.taps > 0) {
        Some(top) => format!(
            "いちばん押されたのは「{}」の {}回で、{}にあたります。",
            brief(&top.uri),
            figure(top.taps),
            of_accepted(top.taps, accepted)
        ),
        None => "まだ1回も押されていません。".into(),
    };
    let table = move || {
        let head = ["リンク", "届いた短いアドレス", "タップ", "受け付けた人数に対して"];
        view! { <DataTable head=head.map(ToOwned::to_owned).to_vec() rows=rows.clone() /> }
    };
    view! {
        <ChartPanel id="by-link" title="リンクごとのタップ" sentence=format!("{sentence}短いアドレスは、{until}まで使えます。") table>
            <BarList items=bars unit="回" />
        </ChartPanel>
    }
    .into_any()
}

fn by_reply(m: &Measured) -> AnyView {
    let accepted = m.figures.accepted;
    let bars = m.replies.iter().map(|(words, n)| (words.clone(), size(*n))).collect();
    let rows: Vec<Vec<String>> = m
        .replies
        .iter()
        .map(|(words, n)| {
            let share = share(size(*n), size(accepted));
            vec![words.clone(), format!("{}人", figure(*n)), share]
        })
        .collect();
    let sentence = if m.repliers == 0 {
        "まだだれも返事をしていません。".to_owned()
    } else {
        format!(
            "返事をしたのは {}人で、{}にあたります。2つ以上押した人は、それぞれに数えます。",
            figure(m.repliers),
            of_accepted(m.repliers, accepted)
        )
    };
    let table = move || {
        let head = ["返事", "人数", "受け付けた人数に対して"];
        view! { <DataTable head=head.map(ToOwned::to_owned).to_vec() rows=rows.clone() /> }
    };
    view! {
        <ChartPanel id="by-reply" title="返事" sentence=format!("{sentence}「配信対象」の条件「配信への返事」で、返事をした人に送れます。") table>
            <BarList items=bars unit="人" />
        </ChartPanel>
    }
    .into_any()
}

/// Steps of the time axis: hours, or days where there would be too many. Those in which
/// nobody tapped are there, too.
fn steps(hours: &[(i64, i64)]) -> (bool, Vec<(Timestamp, i64)>) {
    let (Some((first, _)), Some((last, _))) = (hours.first(), hours.last()) else {
        return (false, Vec::new());
    };
    let by_day = last - first > 72;
    let step = |hour: i64| {
        let at = Timestamp(hour * HOUR);
        if by_day { at.date().start() } else { at }
    };
    let length = if by_day { DAY } else { HOUR };
    let (start, end) = (step(*first), step(*last));
    let mut all: Vec<(Timestamp, i64)> = Vec::new();
    let mut at = start;
    while at <= end {
        all.push((at, 0));
        at = at.plus(length);
    }
    for (hour, n) in hours {
        let at = step(*hour);
        if let Some(sum) = all.iter_mut().find(|(t, _)| *t == at) {
            sum.1 += n;
        }
    }
    (by_day, all)
}

fn over_time(m: &Measured) -> AnyView {
    let (by_day, all) = steps(&m.hours);
    let words = |at: Timestamp| {
        if by_day {
            let date = at.date();
            format!("{}/{}", date.month, date.day)
        } else {
            at.time_of_day()
        }
    };
    let every = (all.len() / 5).max(1);
    let points = all
        .iter()
        .enumerate()
        .map(|(i, (at, n))| Point {
            label: if i % every == 0 { words(*at) } else { String::new() },
            value: *n as f64,
        })
        .collect();
    let rows: Vec<Vec<String>> = all
        .iter()
        .map(|(at, n)| {
            let at = if by_day { words(*at) } else { at.day_and_time() };
            vec![at, format!("{}回", figure(*n))]
        })
        .collect();
    let unit = if by_day { "1日" } else { "1時間" };
    let sentence = match all.iter().max_by_key(|(_, n)| *n) {
        Some((at, n)) => format!(
            "{unit}ごとのタップです。いちばん多かったのは {}からの {}回です。",
            if by_day { words(*at) } else { at.day_and_time() },
            figure(*n)
        ),
        None => String::new(),
    };
    let table = move || view! { <DataTable head=vec![format!("{unit}のはじめ"), "タップ".into()] rows=rows.clone() /> };
    view! {
        <ChartPanel id="over-time" title="タップの移り変わり" sentence table>
            <LineChart points />
        </ChartPanel>
    }
    .into_any()
}

/// Most bars of one chart; all of them stand in the table.
const BARS: usize = 8;

fn by_attributes(m: &Measured) -> Option<AnyView> {
    let by = m.by.as_ref()?;
    if by.is_empty() || m.figures.recipients == 0 {
        return None;
    }
    let whole = m.figures.recipients;
    Some(
        view! {
            <h2>"対象者の内訳"</h2>
            <p class="sub dense">{m.as_of.words()}</p>
            <div class="cols-2">{by.iter().enumerate().map(|(i, b)| breakdown(i, b, whole)).collect_view()}</div>
        }
        .into_any(),
    )
}

/// What is seen of a breakdown: in words, and as bars.
pub(super) fn charted(b: &Breakdown, whole: i64) -> (String, AnyView) {
    let mut bars: Vec<(String, u64)> = b
        .rows
        .iter()
        .filter(|(depth, ..)| *depth == 0)
        .map(|(_, label, n)| (label.clone(), size(*n)))
        .filter(|(_, n)| *n > 0)
        .collect();
    let top = most(&bars, "人");
    if !b.ordered {
        bars.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        bars.truncate(BARS);
    }
    let rest = b.unanswered > 0;
    if rest {
        bars.push(("登録していない人".to_owned(), size(b.unanswered)));
    }
    let several = if b.several {
        "いくつでも選べるため、合計は対象の人数より多くなります。"
    } else {
        ""
    };
    let sentence = match &top {
        Some((words, n)) => format!(
            "いちばん多いのは{words}で、対象 {}人の {}です。{several}",
            figure(whole),
            share(*n, size(whole))
        ),
        None => "対象のだれも、登録していません。".to_owned(),
    };
    (sentence, view! { <BarList items=bars unit="人" rest /> }.into_any())
}

fn breakdown(number: usize, b: &Breakdown, whole: i64) -> AnyView {
    let (sentence, chart) = charted(b, whole);
    let rows: Vec<Vec<String>> = b
        .lines()
        .map(|(words, n)| vec![words, format!("{}人", figure(n)), share(size(n), size(whole))])
        .collect();
    let table = move || {
        let head = ["登録した内容", "対象", "対象の人数のうち"].map(ToOwned::to_owned).to_vec();
        view! { <DataTable head rows=rows.clone() /> }
    };
    view! {
        <ChartPanel id=format!("by-{number}") title=b.label.clone() sentence table>
            {chart}
        </ChartPanel>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_without_taps_are_there_and_many_become_days() {
        let (by_day, all) = steps(&[(498_651, 3), (498_654, 1)]);
        assert_eq!(
            (by_day, all.iter().map(|(_, n)| *n).collect::<Vec<_>>()),
            (false, vec![3, 0, 0, 1])
        );
        let (by_day, all) = steps(&[(498_651, 3), (498_652, 4), (498_651 + 96, 1)]);
        assert_eq!(
            (by_day, all.iter().map(|(_, n)| *n).collect::<Vec<_>>()),
            (true, vec![7, 0, 0, 0, 1])
        );
        assert_eq!(steps(&[]).1, []);
    }

    #[test]
    fn an_address_is_brief() {
        assert_eq!(brief("https://a.example/"), "a.example");
        assert_eq!(brief(&format!("https://a.example/{}", "x".repeat(50))).chars().count(), 40);
    }
}
