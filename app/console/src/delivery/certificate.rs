//! The certificate of a delivery (配信証明書): beside its page, and as a page of its own for printing.

use super::approving::{cells, stamp};
use super::{PATH, figure, named, trouble};
use domain::alert::Silence;
use domain::delivery::approval::{Act, Approval as Acts};
use domain::delivery::gate::Beside;
use domain::delivery::variant::sides;
use domain::delivery::{Corrected, Delivery, Progress, Reason};
use domain::id::{DeliveryId, StaffId};
use domain::language::Voice;
use domain::message::{Part, arriving, preview_url};
use domain::time::Timestamp;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use ui::prelude::*;
use ui::time::document;

/// A delivery with all that its page and its certificate say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    /// Figures, calls, happenings, reasons.
    pub progress: Progress,
    /// The audience in words.
    pub who: String,
    /// The city's name.
    pub city: String,
    /// Running number and seal of the ledger's last sealed line about it.
    pub seal: Option<(i64, String)>,
    /// Whether this person may write drafts of its department.
    pub may_write: bool,
    /// Whether this person may stop it and let it go on.
    pub may_send: bool,
    /// Who asked and who approved.
    pub approval: Acts,
    /// Who reads.
    pub me: StaffId,
    /// Corrections of it, the newest first.
    pub corrections: Vec<Corrected>,
    /// What it sends again, and what sends it again.
    pub again: domain::delivery::resend::Again,
    /// What is looked at while it waits for approval, or is held before its recipients were fixed.
    pub beside: Beside,
    /// Held, and let go now, it would wait until then for the end of the quiet hours.
    pub quiet: Option<Timestamp>,
    /// Nobody works: it neither begins nor goes on.
    pub silence: Option<Silence>,
}

impl Shown {
    /// As which a held delivery stood when it was looked at; nothing if the quiet hours have begun or
    /// ended since. Letting it go looks anew; who approves decides by what stands there, so what waits
    /// for approval is looked at again and again.
    pub fn looked(&self) -> Option<Timestamp> {
        let d = &self.progress.delivery;
        (held_before(d) && self.quiet == self.beside.check.quiet).then_some(d.updated_at)
    }
}

/// Everything about a delivery. `looked` ([`Shown::looked`]): what stands beside one that is held is
/// known as it stood then, and left out if it stands so still: many answers may have to be opened
/// for it.
#[server(prefix = "/console/fn")]
pub async fn show_delivery(id: DeliveryId, looked: Option<Timestamp>) -> Result<Shown, AppError> {
    use domain::permission::{Owner, Permission};
    let staff = crate::server::staff()?;
    let ctx = &staff.ctx;
    let mut progress = services::delivery::progress(ctx, id).await?;
    // What residents got has the short addresses in it.
    if progress.delivery.frozen_at.is_some() {
        progress.delivery = services::link::arriving(ctx, progress.delivery).await?;
    }
    let catalog =
        services::audience::catalog(ctx, services::audience::named(&progress.delivery.audience))
            .await?;
    let owner = progress.delivery.department.map_or(Owner::City, Owner::Department);
    let held = held_before(&progress.delivery);
    let waits = progress.delivery.status == domain::delivery::Status::AwaitingApproval;
    let (mut beside, mut quiet) = (Beside::default(), None);
    if held {
        quiet = services::delivery::gate::quiet(ctx, &progress.delivery).await?;
    }
    if waits || held && looked != Some(progress.delivery.updated_at) {
        let platform = &staff.platform;
        beside = services::delivery::gate::beside(platform, ctx, &progress.delivery).await?;
    }
    Ok(Shown {
        quiet,
        silence: services::alert::silence(ctx).await?,
        approval: services::delivery::approval::approval(ctx, id).await?,
        corrections: services::delivery::corrections(ctx, id).await?,
        again: services::delivery::again(ctx, id).await?,
        me: staff.current.staff,
        beside,
        who: services::delivery::who(&progress.delivery, &catalog),
        city: store::setting::city(ctx).await?,
        seal: store::ledger::seal_of_delivery(ctx, id).await?,
        may_write: ctx.allow_on(Permission::DeliveryWrite, owner).is_ok(),
        may_send: ctx.allow_on(Permission::DeliverySend, owner).is_ok(),
        progress,
    })
}

/// Whether a delivery is held before its recipients were fixed, so that it is looked at as one that
/// is about to leave. Whom a correction or a test goes to nobody chooses.
pub fn held_before(delivery: &Delivery) -> bool {
    delivery.status == domain::delivery::Status::Held
        && delivery.frozen_at.is_none()
        && delivery.audience.is_some()
}

/// 「み第 2026-0418 号」: the city's initial, the year, the running number.
pub(crate) fn number(city: &str, delivery: &Delivery) -> String {
    let initial: String = city.chars().take(1).collect();
    format!("{initial}第 {}-{:04} 号", delivery.created_at.date().year, delivery.id.0)
}

/// Who made it, with their department.
fn author(delivery: &Delivery) -> String {
    match delivery.created_by {
        Some(_) => format!("{} {}", delivery.department_name, delivery.created_by_name),
        None => "連係しているシステム".into(),
    }
}

/// The first hexadecimal figures of a seal in fours, as they are read aloud.
fn seal_words(seal: &str) -> String {
    let groups: Vec<String> =
        seal.chars().take(16).collect::<Vec<_>>().chunks(4).map(|c| c.iter().collect()).collect();
    format!("{} …", groups.join(" "))
}

/// The paper.
pub fn paper(shown: &Shown) -> AnyView {
    let p = &shown.progress;
    let (d, f, sum) = (&p.delivery, p.delivery.figures, p.sum());
    let time = |t: Option<Timestamp>| t.map_or_else(|| "—".to_owned(), document);
    let mut rows = vec![
        ("件名", named(&d.title)),
        ("目的", d.purpose.label().to_owned()),
        ("配信対象", shown.who.clone()),
        ("固定した時刻", time(d.frozen_at)),
        ("送り始め", time(d.started_at)),
    ];
    if p.is_final() {
        rows.push(("送り終わり", time(d.finished_at)));
    }
    match shown.approval.leave().filter(|s| s.act == Act::Approve) {
        Some(step) => {
            rows.push(("起案・承認", format!("{}・{} {}", author(d), step.department, step.name)));
        }
        None => rows.push(("起案", author(d))),
    }
    if let Some(step) = shown.approval.leave().filter(|s| s.act == Act::Override) {
        rows.push(("承認を待たずに", format!("{} {}：{}", step.department, step.name, step.words)));
    }
    if !d.languages.is_empty() {
        let each: Vec<String> =
            d.languages.iter().map(|(l, n)| format!("{} {}人", l.japanese(), figure(*n))).collect();
        rows.push(("ことば", each.join("・")));
    }
    if d.counted_by_line {
        rows.push(("人数", "LINEによる数です".into()));
    }
    // What is not known yet is never 0.
    let people =
        |n: i64| if d.frozen_at.is_some() { format!("{} 人", figure(n)) } else { "—".into() };
    let row =
        |label: &str, n: i64, part: bool| SumRow { label: label.into(), value: people(n), part };
    let mut sums = vec![
        row("対象", f.recipients, false),
        row("受付（LINEが受理）", f.accepted, true),
        row("届かず", f.failed, true),
        row("差し控え", f.withheld, true),
    ];
    if !p.is_final() {
        sums.push(row("これから", sum.waiting, true));
    }
    let reasons = p
        .reasons
        .iter()
        .map(|(reason, n)| {
            (
                format!(
                    "{}：{}",
                    if reason.is_failure() { "届かず" } else { "差し控え" },
                    reason.label()
                ),
                people(*n),
            )
        })
        .collect();
    let mut proof = Vec::new();
    if let Some((seq, seal)) = &shown.seal {
        proof.push(format!("台帳の連番 {}", figure(*seq)));
        proof.push(seal_words(seal));
    }
    if !sum.holds() {
        proof.push("合計が合っていません".into());
    }
    let mut approval = cells(d.status, &shown.approval, None);
    if approval.first().is_none_or(|cell| cell.role != "起案") && d.created_by.is_some() {
        let stamp = Some(stamp(&d.department_name, &d.created_by_name, d.created_at));
        approval.insert(0, ApprovalCell { role: "起案".into(), stamp, yours: false });
    }
    let rows: Vec<_> = rows.into_iter().map(|(label, value)| (label.to_owned(), value)).collect();
    let date = d.finished_at.filter(|_| p.is_final()).unwrap_or(p.now).date().japanese();
    view! {
        <Certificate
            number=number(&shown.city, d)
            date
            rows
            sums
            reasons
            proof
            provisional=!p.is_final()
            city=shown.city.clone()
            approval
        />
    }
    .into_any()
}

/// The heading of [`contents`]. What LINE never answered about may have arrived.
pub fn contents_title(p: &Progress) -> &'static str {
    let perhaps = p.delivery.figures.accepted > 0
        || p.reasons.iter().any(|(reason, _)| *reason == Reason::Unknown);
    match p.delivery.frozen_at {
        _ if p.is_final() && !perhaps => "送る予定だった内容",
        Some(_) => "届けた内容",
        None => "届ける内容",
    }
}

/// What was sent, word by word, in every language.
pub fn contents(delivery: &Delivery) -> AnyView {
    let several = !delivery.variants.is_empty();
    sides(&delivery.parts, &delivery.variants)
        .map(|(language, parts)| {
            let parts = in_language(parts, Voice { purpose: delivery.purpose, language });
            if several {
                view! {
                    <section class="sent-language">
                        <h3>{language.japanese()}</h3>
                        <div lang=language.tag()>{parts}</div>
                    </section>
                }
                .into_any()
            } else {
                parts
            }
        })
        .collect_view()
        .into_any()
}

fn in_language(parts: &[Part], voice: Voice) -> AnyView {
    arriving(parts, voice)
        .into_iter()
        .enumerate()
        .map(|(i, part)| match part {
            Part::Text { text } => view! {
                <figure class="sent-part">
                    <figcaption class="sub">{format!("文章{}", i + 1)}</figcaption>
                    <blockquote class="sent-text">{text}</blockquote>
                </figure>
            }
            .into_any(),
            Part::Image { image, alt } => {
                let words = if alt.is_empty() { "説明のない写真".to_owned() } else { alt };
                view! {
                    <figure class="sent-part">
                        <figcaption class="sub">{format!("写真{}　{words}", i + 1)}</figcaption>
                        {image.map(|id| view! { <img class="sent-photo" src=preview_url("", &id) alt=words.clone() /> })}
                    </figure>
                }
                .into_any()
            }
            other => {
                let pictures = other.pictures().into_iter().map(|(_, id)| preview_url("", id));
                let photos = pictures
                    .map(|src| view! { <img class="sent-photo" src=src alt="" /> })
                    .collect_view();
                view! {
                    <figure class="sent-part">
                        <figcaption class="sub">{format!("{}{}", other.word(), i + 1)}</figcaption>
                        {photos}
                        <blockquote class="sent-text">{other.marked(voice)}</blockquote>
                    </figure>
                }
                .into_any()
            }
        })
        .collect_view()
        .into_any()
}

/// `/console/deliveries/{id}/certificate`.
#[component]
pub fn CertificatePage(
    /// Of which delivery.
    id: DeliveryId,
) -> impl IntoView {
    let shown = Resource::new_blocking(|| (), move |()| show_delivery(id, None));
    view! {
        <Suspense fallback=|| view! { <div class="page"><Skeleton sentence="証明書を読みこんでいます" /></div> }>
            {move || Suspend::new(async move {
                match shown.await {
                    Ok(shown) if shown.progress.delivery.frozen_at.is_some() => page(shown),
                    // Before its audience is fixed a delivery has nothing to certify.
                    Ok(_) => trouble(AppError::NotFound, format!("{PATH}/{id}/certificate")),
                    Err(error) => trouble(error, format!("{PATH}/{id}/certificate")),
                }
            })}
        </Suspense>
    }
}

fn page(shown: Shown) -> AnyView {
    let d = shown.progress.delivery.clone();
    let done = shown.progress.is_final();
    let sentence = if done {
        "送信が終わり、確定した証明書です。あとから書きかえることはできません。"
    } else {
        "送信の途中の写しです。終わってから、ひらき直してください。"
    };
    let crumbs =
        vec![(PATH.to_owned(), "配信".to_owned()), (format!("{PATH}/{}", d.id), named(&d.title))];
    let again = format!("{PATH}/{}/certificate", d.id);
    view! {
        <Page
            title="配信証明書"
            crumbs
            sentence
            acts=move || {
                let again = again.clone();
                if done {
                    let print = move |_| {
                        // A browser that cannot print says so itself.
                        drop(window().print());
                    };
                    view! { <Button kind=Kind::Filled icon=IconName::Print on_click=print>"印刷する"</Button> }.into_any()
                } else {
                    view! { <a class="btn btn-outline" href=again rel="external"><Icon name=IconName::Reload /><span>"ひらき直す"</span></a> }.into_any()
                }
            }
        >
            <div class="certificate-page">
                {paper(&shown)}
                <section class="certificate-annex">
                    <h2>{format!("別紙　{}", contents_title(&shown.progress))}</h2>
                    {contents(&d)}
                </section>
            </div>
        </Page>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::audience::Audience;
    use domain::delivery::Status;

    /// As it is just after it was looked at.
    fn shown(status: Status, quiet: Option<Timestamp>) -> Shown {
        let at = Timestamp(1_795_000_000_000_000);
        let audience = Some(Audience::Everyone);
        let delivery = Delivery { status, audience, ..Delivery::blank(DeliveryId(1), at) };
        let progress = Progress {
            delivery,
            calls: Vec::new(),
            happenings: Vec::new(),
            reasons: Vec::new(),
            stoppable: 0,
            now: at,
        };
        Shown {
            progress,
            who: String::new(),
            city: String::new(),
            seal: None,
            may_write: true,
            may_send: true,
            approval: Acts::default(),
            me: StaffId(1),
            corrections: Vec::new(),
            again: domain::delivery::resend::Again::default(),
            beside: Beside::default(),
            quiet,
            silence: None,
        }
    }

    #[test]
    fn what_waits_for_approval_is_looked_at_each_time() {
        let held = shown(Status::Held, None);
        assert_eq!(held.looked(), Some(held.progress.delivery.updated_at));
        let turned = shown(Status::Held, Some(Timestamp(1_795_000_001_000_000)));
        assert_eq!(turned.looked(), None, "the quiet hours have begun since");
        assert_eq!(shown(Status::AwaitingApproval, None).looked(), None);
    }

    #[test]
    fn a_seal_is_read_in_fours() {
        assert_eq!(seal_words("9f3c41aa07e2b81500ff"), "9f3c 41aa 07e2 b815 …");
    }
}
