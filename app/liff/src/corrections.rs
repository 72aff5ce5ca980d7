//! 訂正のお知らせ: what the city took back, for everybody to read.

use crate::server::LiffPage;
use axum::http::StatusCode;
use domain::delivery::variant::sides;
use domain::language::Voice;
use domain::message::Part;
use domain::permission::Actor;
use leptos::prelude::*;
use services::Platform;

/// `/liff/corrections`.
pub(crate) async fn page(platform: &Platform) -> services::Result<LiffPage> {
    let ctx = platform.context(Actor::System);
    let found = services::delivery::public_corrections(&ctx).await?;
    let city = store::setting::city(&ctx).await?;
    Ok(LiffPage::new(platform, StatusCode::OK, "訂正のお知らせ", "closed", || {
        let sentence = format!(
            "{city}のLINEで送ったお知らせの、訂正と取り消しです。1年間、新しいほうから{}件までのせています。",
            store::delivery::PUBLIC_MAX
        );
        let list = if found.is_empty() {
            view! { <p>"訂正したお知らせは、ありません。"</p> }.into_any()
        } else {
            found
                .into_iter()
                .map(|d| {
                    let at = d.frozen_at.unwrap_or(d.created_at);
                    let year = at.date().era_year();
                    let texts = sides(&d.parts, &d.variants)
                        .flat_map(|(language, parts)| {
                            let voice = Voice { purpose: d.purpose, language };
                            let texts = parts.iter().filter(|p| matches!(p, Part::Text { .. }));
                            texts.map(move |p| view! { <p class="correction-text" lang=language.tag()>{p.marked(voice)}</p> })
                        })
                        .collect_view();
                    view! {
                        <article class="correction">
                            <h2><time datetime=at.rfc3339()>{format!("{year}{}", at.day_and_time())}</time></h2>
                            {texts}
                        </article>
                    }
                })
                .collect_view()
                .into_any()
        };
        view! {
            <div class="liff-body">
                <h1 tabindex="-1">"訂正のお知らせ"</h1>
                <p>{sentence}</p>
                {list}
            </div>
        }
        .into_any()
    }))
}
