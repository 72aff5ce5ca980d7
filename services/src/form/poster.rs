//! Posters of forms: what stands on one, and one as PDF.

use super::get;
use crate::{Context, Error, Platform, Result};
use domain::form::kept::State;
use domain::id::FormId;
use domain::time::Timestamp;
pub use raster::{Code, Poster};

/// How the code is used.
const HOW: &str = "スマートフォンのカメラで読み取ると、LINEでひらきます。";
/// What is said where the server has no font.
const NO_FONT: &str = "PDFを作るための文字の形（フォント）がサーバーにありません。システムの担当に、BIZ UDPゴシックを入れてもらってください。ポスターの画面の「印刷する」は使えます";

/// A poster as a file.
#[derive(Clone, Debug)]
pub struct File {
    /// What it is called.
    pub name: String,
    /// The PDF.
    pub bytes: Vec<u8>,
}

/// What stands on the poster of a form, and whether residents can open it now: as they meet it
/// once it is published, as it is edited until then.
///
/// # Errors
/// `NotFound` (another department's too), `Forbidden`; `Invalid` where the address is too long
/// for a code.
pub async fn of(platform: &Platform, ctx: &Context, id: FormId) -> Result<(Poster, bool)> {
    let kept = get(ctx, id).await?;
    let met = kept.published.filter(|_| kept.state == State::Published);
    let form = match met {
        Some(number) => store::form::version(ctx, id, number).await?.form,
        None => kept.definition,
    };
    let address = platform.settings.liff_link(&format!("/f/{id}"));
    let code = Code::of(&address)
        .ok_or_else(|| Error::invalid("", "アドレスが長すぎて、QRコードにできません"))?;
    let terms = form.terms;
    let contact = [terms.department, terms.telephone, terms.hours];
    let contact: Vec<String> = contact.into_iter().filter(|w| !w.trim().is_empty()).collect();
    let contact = match contact.as_slice() {
        [] => String::new(),
        all => format!("問い合わせ：{}", all.join("　")),
    };
    let day = Timestamp::day_and_time;
    let poster = Poster {
        city: store::setting::city(ctx).await?,
        title: form.title,
        purpose: terms.purpose,
        code,
        how: HOW.into(),
        address,
        period: match (terms.opens, terms.closes) {
            (Some(from), Some(to)) => format!("受付：{}から{}まで", day(from), day(to)),
            (Some(from), None) => format!("受付：{}から", day(from)),
            (None, Some(to)) => format!("受付：{}まで", day(to)),
            (None, None) => String::new(),
        },
        contact,
    };
    Ok((poster, met.is_some()))
}

/// The poster of a form as PDF.
///
/// # Errors
/// As [`of`]; `Invalid` with what keeps it from being drawn.
pub async fn pdf(platform: &Platform, ctx: &Context, id: FormId) -> Result<File> {
    let (poster, _) = of(platform, ctx, id).await?;
    let font = crate::menu::font(platform).ok_or_else(|| Error::invalid("", NO_FONT))?;
    let unfit = |c: char| c.is_control() || "/\\:".contains(c);
    let name = format!("ポスター_{}.pdf", poster.title.trim().replace(unfit, "_"));
    // With whatever else is drawn and decoded: one at a time.
    let permit = platform.pictures.decoding.clone().acquire_owned().await;
    let drawing = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        raster::poster(&font, &poster)
    });
    match drawing.await {
        Ok(drawn) => {
            let bytes = drawn.map_err(|error| Error::invalid("", error.to_string()))?;
            Ok(File { name, bytes })
        }
        Err(error) => {
            tracing::error!(%error, form = id.0, "forms: drawing a poster ended badly");
            Err(Error::Inconsistent("poster"))
        }
    }
}
