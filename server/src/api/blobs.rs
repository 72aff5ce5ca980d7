//! `/blobs` (SEG-4): pictures and videos for the parts of a delivery.

use super::{Caller, Problem, idempotent};
use crate::http::upload::{announced, read_on};
use axum::Extension;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::permission::Permission;
use futures::StreamExt;
use serde_json::json;
use services::picture::SIZE_MAX;
use services::video::{self, Refusal, Trouble};

/// Largest body, in bytes.
pub const BODY_MAX: usize = SIZE_MAX;

/// A JPEG or PNG, as bytes.
#[derive(utoipa::ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct Picture(Vec<u8>);

/// An MP4 with H.264, with AAC or without sound, as bytes.
#[derive(utoipa::ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct Video(Vec<u8>);

/// A picture or video that is kept.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the wire only")]
pub struct KeptPicture {
    /// For `image`, or `video` and `poster`, in a part.
    id: String,
    /// In pixels.
    width: u32,
    /// In pixels. The `height` of a `rich` part is `round(1040 × height ÷ width)`.
    height: u32,
    /// How long a video plays; absent of a picture.
    milliseconds: Option<u64>,
}

/// Keep a picture (JPEG or PNG, at most 10 MB and 50 million pixels). It is turned upright,
/// scaled to at most 2,048 pixels a side and stripped of its metadata. Or a video (MP4 with
/// H.264, with AAC or without sound, at most 200 MB), of which all that is neither picture nor
/// sound is overwritten; it may be sent in chunks. Its id goes into a part of `POST /deliveries`; without a delivery it is kept for 7 days. Permission: `delivery:write`.
#[utoipa::path(post, path = "/blobs",
    request_body(content((Picture = "image/jpeg"), (Picture = "image/png"), (Video = "video/mp4"))),
    params(("Idempotency-Key" = Option<String>, Header, description = "Carried out once; again, the same answer")),
    responses((status = 201, body = KeptPicture), (status = 401, body = Problem), (status = 403, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    if let Err(error) = caller.ctx.allow(Permission::DeliveryWrite) {
        return Problem::from(error).into_response();
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case(video::MEDIA_TYPE) {
        return create_video(caller, headers, request).await;
    }
    if !["image/jpeg", "image/png"].iter().any(|k| kind.eq_ignore_ascii_case(k)) {
        return Problem::unsupported(
            "Content-Type を image/jpeg・image/png・video/mp4 のどれかにしてください",
        )
        .into_response();
    }
    let body: Result<Bytes, BytesRejection> = Bytes::from_request(request, &()).await;
    let body = match body {
        Ok(body) => body,
        Err(r) if r.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            return Problem::too_large("10MBまでにしてください").into_response();
        }
        Err(_) => return Problem::malformed("本文を読めませんでした").into_response(),
    };
    idempotent::once(&caller, &headers, &[b"POST /blobs", &body], async |ctx| {
        match services::picture::keep(&caller.platform, &ctx, body.clone()).await {
            Ok(kept) => Ok((StatusCode::CREATED, json!(kept))),
            // The whole body is the picture: nothing in it can be pointed at.
            Err(services::Error::Invalid(problems)) => Err(Problem::refused(
                "",
                problems.first().map(|p| p.message.as_str()).unwrap_or_default(),
            )),
            Err(error) => Err(error.into()),
        }
    })
    .await
}

async fn create_video(caller: Caller, headers: HeaderMap, request: Request) -> Response {
    let large = || Problem::too_large("200MBまでにしてください");
    if announced(&headers).is_some_and(|bytes| bytes > video::SIZE_MAX) {
        return large().into_response();
    }
    let (path, body) = (b"POST /blobs video", request.into_body());
    idempotent::once_streamed(&caller, &headers, path, body, async |ctx, arriving| {
        // It may be asked for more after its end.
        let mut arriving = arriving.fuse();
        match video::keep(&caller.platform, &ctx, &mut arriving).await {
            Ok(kept) => Ok((StatusCode::CREATED, json!(kept))),
            Err(Trouble::Refused(refusal)) => {
                read_on(&mut arriving).await;
                Err(match refusal {
                    Refusal::Large => large(),
                    refusal => Problem::refused("", refusal.words()),
                })
            }
            Err(Trouble::BrokenOff) => Err(Problem::malformed("本文が途中で切れました")),
            Err(Trouble::Failed(error)) => Err(error.into()),
        }
    })
    .await
}
