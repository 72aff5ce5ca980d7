//! Forms that officials know from paper: the 決裁欄 with its date stamps, and
//! the certificate of a delivery (配信証明書).

use crate::icon::Emblem;
use leptos::prelude::*;

/// What a stamp says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StampData {
    /// 「防災」: the department's short name.
    pub department: String,
    /// 「8.11.20」 (`time::stamp_date`).
    pub date: String,
    /// 「田中」: the family name.
    pub name: String,
}

/// A date stamp in 朱, as a picture with a text alternative.
#[component]
pub fn Stamp(
    /// What it says.
    stamp: StampData,
) -> impl IntoView {
    let StampData { department, date, name } = stamp;
    let label = format!("{department}の{name}、{date}の印");
    view! {
        <svg class="stamp" width="54" height="54" viewBox="0 0 54 54" role="img" aria-label=label>
            <circle cx="27" cy="27" r="25" />
            <path d="M3.5 18.5h47M3.5 35.5h47" />
            <text x="27" y="15" text-anchor="middle">{short(&department)}</text>
            <text x="27" y="31" text-anchor="middle">{date}</text>
            <text x="27" y="47" text-anchor="middle">{short(&name)}</text>
        </svg>
    }
}

/// At most three characters fit into a stamp's segment.
fn short(words: &str) -> String {
    words.chars().take(3).collect()
}

/// One cell of the 決裁欄.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovalCell {
    /// 起案, 係長, 課長, 承認.
    pub role: String,
    /// Its stamp, once there is one.
    pub stamp: Option<StampData>,
    /// It waits for the person who reads.
    pub yours: bool,
}

/// The 決裁欄.
#[component]
pub fn Approval(
    /// From 起案 on.
    cells: Vec<ApprovalCell>,
) -> impl IntoView {
    view! {
        <ol class="approval">
            {cells
                .into_iter()
                .map(|cell| {
                    let class = if cell.yours { "approval-cell approval-yours" } else { "approval-cell" };
                    view! {
                        <li class=class>
                            <span class="approval-role">{cell.role}</span>
                            <span class="approval-place">
                                {match cell.stamp {
                                    Some(stamp) => view! { <Stamp stamp /> }.into_any(),
                                    None if cell.yours => view! { <strong>"あなた"</strong> }.into_any(),
                                    None => view! { <span>"未"</span> }.into_any(),
                                }}
                            </span>
                        </li>
                    }
                })
                .collect_view()}
        </ol>
    }
}

/// One figure of the certificate's sum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SumRow {
    /// 「受付（LINEが受理）」
    pub label: String,
    /// 「53,500 人」
    pub value: String,
    /// Indented below the first.
    pub part: bool,
}

/// One term of [`SumCheck`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SumPart {
    /// 配信対象, 受付, 届かず, 差し控え, これから.
    pub label: String,
    /// 「53,500」
    pub value: String,
    /// 「LINEが受け取った」
    pub note: String,
}

/// あわせて確かめる: the first part equals the sum of the others.
#[component]
pub fn SumCheck(
    /// The whole first, then its parts.
    #[prop(into)]
    parts: Signal<Vec<SumPart>>,
) -> impl IntoView {
    view! {
        <dl class="sum-check">
            {move || {
                parts
                    .get()
                    .into_iter()
                    .map(|part| {
                        view! {
                            <div>
                                <dt>{part.label}</dt>
                                <dd>{part.value}</dd>
                                <dd class="sub">{part.note}</dd>
                            </div>
                        }
                    })
                    .collect_view()
            }}
        </dl>
    }
}

/// The certificate of a delivery, as paper. 途中経過 until it is final.
#[component]
pub fn Certificate(
    /// 「み広第 2026-0418 号」
    #[prop(into, optional)]
    number: Option<String>,
    /// 「令和8年11月20日」
    #[prop(into)]
    date: String,
    /// 件名, 目的, 配信対象, 固定した時刻, 起案・承認.
    rows: Vec<(String, String)>,
    /// 対象 = 受付 + 届かず + 差し控え + これから.
    sums: Vec<SumRow>,
    /// Reasons of what LINE refused and what was withheld, below the sum.
    #[prop(optional)]
    reasons: Vec<(String, String)>,
    /// Lines that lead into the ledger.
    #[prop(optional)]
    proof: Vec<String>,
    /// Not yet final.
    #[prop(optional)]
    provisional: bool,
    /// The city's name at the foot.
    #[prop(into)]
    city: String,
    /// Stamps.
    #[prop(optional)]
    approval: Vec<ApprovalCell>,
) -> impl IntoView {
    view! {
        <article class="paper" aria-label="配信証明書">
            <p class="paper-number">{number.map(|number| view! { <span>{number}</span> })} <span>{date}</span></p>
            <h2 class="paper-title">"配信証明書"</h2>
            <dl class="paper-rows">{lines(rows)}</dl>
            <dl class="paper-sums">
                {sums
                    .into_iter()
                    .map(|row| {
                        view! {
                            <div class=if row.part { "paper-part" } else { "" }>
                                <dt>{row.label}</dt>
                                <dd>{row.value}</dd>
                            </div>
                        }
                    })
                    .collect_view()}
            </dl>
            {(!reasons.is_empty()).then(|| view! { <dl class="paper-rows paper-reasons">{lines(reasons)}</dl> })}
            <div class="paper-foot">
                <div class="paper-proof">
                    {proof.into_iter().map(|line| view! { <p>{line}</p> }).collect_view()}
                    <p class="paper-city"><Emblem size=32 /> <strong>{city}</strong></p>
                </div>
                <div class="paper-marks">
                    {provisional.then(|| view! { <p class="paper-provisional">"途中経過"</p> })}
                    {(!approval.is_empty()).then(|| view! { <Approval cells=approval /> })}
                </div>
            </div>
        </article>
    }
}

fn lines(rows: Vec<(String, String)>) -> impl IntoView {
    let line = |(label, value)| view! { <div><dt>{label}</dt><dd>{value}</dd></div> };
    rows.into_iter().map(line).collect_view()
}
