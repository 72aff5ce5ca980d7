//! A poster with the form's QR code, to be printed or kept as PDF.

use super::{PATH, href, named, trouble};
use domain::id::FormId;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use ui::prelude::*;

/// What stands on the poster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Poster {
    /// Whose form it is.
    pub city: String,
    /// The form's title.
    pub title: String,
    /// What it is for.
    pub purpose: String,
    /// The dark squares of the code, as a path.
    pub path: String,
    /// How many squares it is wide.
    pub size: u16,
    /// How the code is used.
    pub how: String,
    /// The address behind the code.
    pub address: String,
    /// When it is received.
    pub period: String,
    /// The department in charge, its telephone and hours.
    pub contact: String,
    /// Whether residents can open it now.
    pub open: bool,
}

/// Makes a poster.
#[server(prefix = "/console/fn")]
pub async fn make_poster(id: FormId) -> Result<Poster, AppError> {
    let staff = crate::server::staff()?;
    let (made, open) = services::form::poster::of(&staff.platform, &staff.ctx, id).await?;
    Ok(Poster {
        city: made.city,
        title: made.title,
        purpose: made.purpose,
        path: made.code.path(),
        size: made.code.size,
        how: made.how,
        address: made.address,
        period: made.period,
        contact: made.contact,
        open,
    })
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
    let view_box = format!("0 0 {0} {0}", made.size);
    let print = move |_| {
        if cfg!(feature = "hydrate") {
            // A browser that cannot print says so itself.
            drop(window().print());
        }
    };
    let name = named(&made.title);
    let file = format!("{}/poster.pdf", href(id));
    view! {
        <Page
            title="QRコードのポスター"
            crumbs=vec![(PATH.into(), "フォーム".into()), (href(id), name.clone())]
            sentence="A4の1枚です。印刷するか、PDFをダウンロードして印刷会社やほかの課に渡せます。"
            acts=move || {
                // Nothing that is saved whatever comes: why there is no PDF is to be read.
                view! {
                    <a class="btn btn-outline" href=file.clone() rel="external">
                        <Icon name=IconName::Download />
                        <span>"PDFをダウンロード"</span>
                    </a>
                    <Button kind=Kind::Filled icon=IconName::Print on_click=print>"印刷する"</Button>
                }
            }
        >
            {(!made.open).then(|| view! { <div class="no-print"><Banner tone=Tone::Warn title="まだ公開していません">"公開するまで、読み取っても質問は出ません。"</Banner></div> })}
            <article class="poster" aria-label="ポスター">
                <p class="poster-city">{made.city.clone()}</p>
                <h2>{name}</h2>
                {(!made.purpose.is_empty()).then(|| view! { <p class="poster-purpose">{made.purpose.clone()}</p> })}
                <svg class="poster-code" viewBox=view_box role="img" aria-label="このフォームをひらくQRコード" shape-rendering="crispEdges">
                    <rect class="poster-paper" width="100%" height="100%" />
                    <path d=made.path.clone() />
                </svg>
                <p class="poster-how">{made.how.clone()}</p>
                <p class="poster-address">{made.address.clone()}</p>
                {(!made.period.is_empty()).then(|| view! { <p class="poster-period">{made.period.clone()}</p> })}
                {(!made.contact.is_empty()).then(|| view! { <p class="poster-contact">{made.contact.clone()}</p> })}
            </article>
        </Page>
    }
}
