//! A poster with the form's QR code, to be printed or kept as PDF by the browser.

use super::{PATH, href, named, trouble};
use domain::id::FormId;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use ui::prelude::*;

/// What stands on the poster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Poster {
    /// The form's title.
    pub title: String,
    /// What it is for.
    pub purpose: String,
    /// The department in charge, its telephone and hours.
    pub contact: String,
    /// When it is received.
    pub period: String,
    /// The address behind the code.
    pub address: String,
    /// The dark squares of the code, as a path.
    pub path: String,
    /// How many squares it is wide.
    pub size: u32,
    /// Whether residents can open it now.
    pub open: bool,
}

/// Makes a poster.
#[server(prefix = "/console/fn")]
pub async fn make_poster(id: FormId) -> Result<Poster, AppError> {
    let staff = crate::server::staff()?;
    let kept = services::form::get(&staff.ctx, id).await?;
    let address = staff.platform.settings.liff_link(&format!("/f/{id}"));
    let (path, size) = squares(&address)
        .ok_or_else(|| AppError::invalid("", "アドレスが長すぎて、QRコードにできません"))?;
    let terms = &kept.definition.terms;
    let contact = [&terms.department, &terms.telephone, &terms.hours];
    let contact: Vec<&str> =
        contact.into_iter().map(String::as_str).filter(|w| !w.trim().is_empty()).collect();
    let day = |at: domain::time::Timestamp| at.day_and_time();
    Ok(Poster {
        title: kept.definition.title.clone(),
        purpose: terms.purpose.clone(),
        contact: contact.join("　"),
        period: match (terms.opens, terms.closes) {
            (Some(from), Some(to)) => format!("受付：{}から{}まで", day(from), day(to)),
            (Some(from), None) => format!("受付：{}から", day(from)),
            (None, Some(to)) => format!("受付：{}まで", day(to)),
            (None, None) => String::new(),
        },
        address,
        path,
        size,
        open: kept.state == domain::form::kept::State::Published,
    })
}

/// The code of a text as a path of squares with their quiet zone of four, and its width.
#[cfg(feature = "ssr")]
fn squares(text: &str) -> Option<(String, u32)> {
    use std::fmt::Write;
    // A quarter of it can be dirty or torn: it hangs on a wall.
    let code = qrcodegen::QrCode::encode_text(text, qrcodegen::QrCodeEcc::Quartile).ok()?;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in 0..code.size() {
            if code.get_module(x, y) {
                write!(path, "M{} {}h1v1h-1z", x + 4, y + 4).ok()?;
            }
        }
    }
    Some((path, u32::try_from(code.size() + 8).ok()?))
}

/// `/console/forms/{id}/poster`.
#[component]
pub fn PosterPage(
    /// Which form.
    id: FormId,
) -> impl IntoView {
    let made = Resource::new_blocking(|| (), move |()| make_poster(id));
    view! {
        <Suspense fallback=|| view! { <div class="page"><Skeleton sentence="ポスターを作っています" rows=6 /></div> }>
            {move || Suspend::new(async move {
                match made.await {
                    Ok(made) => view! { <Shown id made /> }.into_any(),
                    Err(error) => trouble(error, format!("{}/poster", href(id))),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Shown(id: FormId, made: Poster) -> impl IntoView {
    let city = crate::shell::use_me().city;
    let view_box = format!("0 0 {0} {0}", made.size);
    let print = move |_| {
        if cfg!(feature = "hydrate") {
            // A browser that cannot print says so itself.
            drop(window().print());
        }
    };
    let name = named(&made.title);
    view! {
        <Page
            title="QRコードのポスター"
            crumbs=vec![(PATH.into(), "フォーム".into()), (href(id), name.clone())]
            sentence="A4で印刷します。印刷の画面で送り先を「PDFに保存」にすると、PDFになります。"
            acts=move || view! { <Button kind=Kind::Filled icon=IconName::Print on_click=print>"印刷する"</Button> }
        >
            {(!made.open).then(|| view! { <div class="no-print"><Banner tone=Tone::Warn title="まだ公開していません">"公開するまで、読み取っても質問は出ません。"</Banner></div> })}
            <article class="poster" aria-label="ポスター">
                <p class="poster-city">{city}</p>
                <h2>{name}</h2>
                {(!made.purpose.is_empty()).then(|| view! { <p class="poster-purpose">{made.purpose.clone()}</p> })}
                <svg class="poster-code" viewBox=view_box role="img" aria-label="このフォームをひらくQRコード" shape-rendering="crispEdges">
                    <rect class="poster-paper" width="100%" height="100%" />
                    <path d=made.path.clone() />
                </svg>
                <p class="poster-how">"スマートフォンのカメラで読み取ると、LINEでひらきます。"</p>
                <p class="poster-address">{made.address.clone()}</p>
                {(!made.period.is_empty()).then(|| view! { <p class="poster-period">{made.period.clone()}</p> })}
                {(!made.contact.is_empty()).then(|| view! { <p class="poster-contact">{format!("問い合わせ：{}", made.contact)}</p> })}
            </article>
        </Page>
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::squares;

    #[test]
    fn an_address_becomes_squares_with_a_quiet_zone() {
        let (path, size) = squares("https://liff.line.me/1000000002-mihon000/f/12").unwrap();
        assert!(path.starts_with("M4 4h1v1h-1z") && size >= 21 + 8);
        assert!(squares(&"x".repeat(8_000)).is_none());
    }
}
