//! 経過報告書: what happened when, and who did what, about an alert or a delivery, for printing
//! (ADM-10).

use super::alerts::{PATH, lasted, mails};
use crate::delivery::{PATH as DELIVERIES, certificate_number};
use crate::shell::{Me, use_me};
use domain::alert::{Alert, Event, Of, Report};
use domain::delivery::{Corrected, Progress};
use leptos::prelude::*;
use server_fn::codec::Json;
use ui::prelude::*;
use ui::time::document;

/// So many of what happened to a delivery are told at most.
const HAPPENINGS: usize = 100;

/// The headings of the two tables; on a telephone each cell says its own.
const ALERTS: [&str; 4] = ["できごと", "始まり", "終わり", "メール"];
const EVENTS: [&str; 4] = ["日時", "だれが", "できごと", "出どころ"];

/// What happened when, and who did what.
///
/// # Errors
/// `NotFound`, `Forbidden`, `SignInNeeded`.
#[server(prefix = "/console/fn", input = Json)]
pub async fn read_report(of: Of) -> Result<Report, AppError> {
    let ctx = crate::server::staff()?.ctx;
    Ok(services::alert::report(&ctx, of).await?)
}

/// `/console/settings/alerts/{id}` and `/console/deliveries/{id}/report`.
#[component]
pub fn ReportPage(
    /// What it is about.
    of: Of,
) -> impl IntoView {
    let me = use_me();
    let report = Resource::new_blocking(|| (), move |()| read_report(of));
    let (own, back) = match of {
        Of::Alert(id) => (format!("{PATH}/{id}"), (PATH, "知らせの記録")),
        Of::Delivery(id) => (format!("{DELIVERIES}/{id}/report"), (DELIVERIES, "配信")),
    };
    view! {
        <Suspense fallback=|| view! { <div class="page"><Skeleton sentence="報告書をまとめています" /></div> }>
            {move || {
                let (me, own) = (me.clone(), own.clone());
                Suspend::new(async move {
                    match report.await {
                        Ok(report) => page(of, &report, &me),
                        Err(error) => {
                            let other = (back.0.to_owned(), format!("{}の一覧へ", back.1));
                            view! { <ErrorPage error retry_href=own other /> }.into_any()
                        }
                    }
                })
            }}
        </Suspense>
    }
}

fn page(of: Of, report: &Report, me: &Me) -> AnyView {
    let crumbs = match of {
        Of::Alert(_) => vec![(PATH.to_owned(), "知らせの記録".to_owned())],
        Of::Delivery(id) => vec![
            (DELIVERIES.to_owned(), "配信".to_owned()),
            (format!("{DELIVERIES}/{id}"), report.title()),
        ],
    };
    let print = move |_| {
        // A browser that cannot print says so itself.
        drop(window().print());
    };
    let (head, papers) = (head(report, me), papers(report));
    view! {
        <Page
            title="経過報告書"
            crumbs
            sentence="いつ何が起きて、だれが何をしたかを、記録からまとめたものです。印刷して、原因と対策を書き足せます。"
            acts=move || view! { <Button kind=Kind::Filled icon=IconName::Print on_click=print>"印刷する"</Button> }
        >
            <div class="certificate-page report">
                <article class="paper" aria-label="経過報告書">{head} {papers}</article>
            </div>
        </Page>
    }
    .into_any()
}

/// Title, and what it is about.
fn head(report: &Report, me: &Me) -> AnyView {
    let mut rows = vec![("件名", report.title())];
    if let Some(p) = &report.progress {
        let d = &p.delivery;
        let whose = Some(d.department_name.clone()).filter(|name| !name.is_empty());
        rows.push(("目的", d.purpose.label().into()));
        rows.push(("所属", whose.unwrap_or_else(|| "連係しているシステム".into())));
        rows.push(("証明書の番号", certificate_number(&report.city, d)));
        rows.push(("いまの状態", d.status.label().into()));
        rows.extend(d.held_reason.clone().map(|reason| ("止めている理由", reason)));
    }
    rows.push(("まとめた時刻", document(report.now)));
    rows.push(("まとめた人", format!("{} {}", me.department_name, me.name)));
    let row = |(label, value): (&'static str, String)| view! { <div><dt>{label}</dt><dd>{value}</dd></div> };
    view! {
        <p class="paper-number"><span>{report.now.date().japanese()}</span></p>
        <h2 class="paper-title">"経過報告書"</h2>
        <dl class="paper-rows">{rows.into_iter().map(row).collect_view()}</dl>
    }
    .into_any()
}

/// What happened, in parts.
fn papers(report: &Report) -> AnyView {
    let cut = report.progress.as_ref().is_some_and(|p| p.happenings.len() >= HAPPENINGS);
    let note = match (report.ledger, cut) {
        (true, false) => "",
        (true, true) => "配信のできごとは、新しい100件です。",
        (false, false) => "台帳の行は、台帳を見られる人がひらいたときだけ入ります。",
        (false, true) => {
            "配信のできごとは、新しい100件です。台帳の行は、台帳を見られる人がひらいたときだけ入ります。"
        }
    };
    let seal = report.seal.as_ref().map(|(seq, seal)| {
        let seal: String = seal.chars().take(16).collect();
        format!("台帳の連番 {}まで（封 {seal} …）", domain::time::thousands(*seq))
    });
    view! {
        {report.progress.as_ref().filter(|p| p.delivery.frozen_at.is_some()).map(figures)}
        {(!report.alerts.is_empty()).then(|| alerts(&report.alerts))}
        {(!report.corrections.is_empty()).then(|| corrections(&report.corrections))}
        <h3>"経過"</h3>
        {events(&report.events)}
        {(!note.is_empty()).then(|| view! { <p class="sub">{note}</p> })}
        {seal.map(|words| view! { <p class="sub">{words}</p> })}
        <h3>"原因と対策"</h3>
        {["原因", "住民への影響と、したこと", "くり返さないために"]
            .into_iter()
            .map(|words| view! { <div class="report-blank">{words}</div> })
            .collect_view()}
        <p class="paper-city"><Emblem size=32 /> <strong>{report.city.clone()}</strong></p>
    }
    .into_any()
}

/// The certificate's sum.
fn figures(p: &Progress) -> AnyView {
    let (f, sum) = (p.delivery.figures, p.sum());
    let people = |n: i64| format!("{} 人", domain::time::thousands(n));
    let mut rows = vec![
        ("対象", f.recipients),
        ("受付（LINEが受理）", f.accepted),
        ("届かず", f.failed),
        ("差し控え", f.withheld),
    ];
    if !p.is_final() {
        rows.push(("これから", sum.waiting));
    }
    let row = |(i, (label, n)): (usize, (&'static str, i64))| {
        let class = if i == 0 { "" } else { "paper-part" };
        view! { <div class=class><dt>{label}</dt><dd>{people(n)}</dd></div> }
    };
    let reason = |(reason, n): &(domain::delivery::Reason, i64)| {
        let kind = if reason.is_failure() { "届かず" } else { "差し控え" };
        view! { <div><dt>{format!("{kind}：{}", reason.label())}</dt><dd>{people(*n)}</dd></div> }
    };
    view! {
        <h3>"届き方"</h3>
        <dl class="paper-sums">{rows.into_iter().enumerate().map(row).collect_view()}</dl>
        {(!p.reasons.is_empty())
            .then(|| view! { <dl class="paper-rows paper-reasons">{p.reasons.iter().map(reason).collect_view()}</dl> })}
        {(!sum.holds()).then(|| view! { <p class="err">"合計が合っていません。"</p> })}
    }
    .into_any()
}

fn alerts(alerts: &[Alert]) -> AnyView {
    let row = |alert: &Alert| {
        let end = alert.ended_at.map_or_else(
            || "つづいています".to_owned(),
            |at| format!("{}（{}）", document(at), lasted(alert)),
        );
        view! {
            <tr>
                <td data-label=ALERTS[0]>{alert.headline()} <p class="sub">{alert.detail.clone()}</p></td>
                <td data-label=ALERTS[1]>{document(alert.began_at)}</td>
                <td data-label=ALERTS[2]>{end}</td>
                <td data-label=ALERTS[3]>{mails(alert).unwrap_or_else(|| "—".into())}</td>
            </tr>
        }
    };
    view! {
        <h3>"知らせ"</h3>
        {table("知らせ", ALERTS, alerts.iter().map(row).collect_view())}
    }
    .into_any()
}

fn table(caption: &'static str, head: [&'static str; 4], rows: impl IntoView + 'static) -> AnyView {
    view! {
        <table class="report-table">
            <caption class="visually-hidden">{caption}</caption>
            <thead>
                <tr>{head.into_iter().map(|words| view! { <th scope="col">{words}</th> }).collect_view()}</tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn corrections(sent: &[Corrected]) -> AnyView {
    view! {
        <h3>"訂正"</h3>
        <ul>
            {sent.iter().map(|c| view! { <li>{format!("配信 {}：{}", c.id, c.words())}</li> }).collect_view()}
        </ul>
    }
    .into_any()
}

fn events(events: &[Event]) -> AnyView {
    let row = |e: &Event| {
        let detail =
            (!e.detail.is_empty()).then(|| view! { <p class="sub">{e.detail.clone()}</p> });
        view! {
            <tr>
                <td data-label=EVENTS[0]>{document(e.at)}</td>
                <td data-label=EVENTS[1]>{if e.who.is_empty() { "—".to_owned() } else { e.who.clone() }}</td>
                <td data-label=EVENTS[2]>{e.what.clone()} {detail}</td>
                <td data-label=EVENTS[3]>{e.source.label()}</td>
            </tr>
        }
    };
    table("経過", EVENTS, events.iter().map(row).collect_view())
}
