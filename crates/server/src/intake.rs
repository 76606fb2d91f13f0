//! What every request passes first: its body is taken whole, within bounds of size and time, and decompressed. What does not fit is answered with an `OperationOutcome`; the connection stays whole.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tsumugi_fhir::outcome::{IssueType, Lang};
use tsumugi_kernel::limits;
use tsumugi_record::rest::{Fault, language};

/// Takes the body of a request whole, or answers why not.
pub async fn intake(request: Request, next: Next) -> Response {
    let lang = language(request.headers());
    if request.uri().path_and_query().is_some_and(|path| path.as_str().len() > limits::URL_BYTES) {
        return fault(
            StatusCode::URI_TOO_LONG,
            lang,
            IssueType::TooLong,
            "URLが長すぎます。POST /〈種別〉/_search を使ってください。",
            "The URL is too long. Use POST /<type>/_search.",
        );
    }
    let (parts, body) = request.into_parts();
    if let Err(fault) = readable(&parts.headers, lang) {
        return fault.into_response();
    }
    let waited = tokio::time::timeout(Duration::from_secs(limits::SLOW_SENDER_SECONDS), whole(body)).await;
    match waited {
        Err(_) => fault(
            StatusCode::REQUEST_TIMEOUT,
            lang,
            IssueType::Timeout,
            "本文が時間内に届きませんでした。何も保存していません。もう一度送ってください。",
            "The body did not arrive in time. Nothing was saved. Send it again.",
        ),
        Ok(Err(Broken::TooLarge)) => too_large(lang),
        Ok(Err(Broken::Unreadable)) => fault(
            StatusCode::BAD_REQUEST,
            lang,
            IssueType::Structure,
            "本文を最後まで読めませんでした。圧縮が壊れているか、途中で切れています。何も保存していません。",
            "The body could not be read to its end: broken compression, or cut short. Nothing was saved.",
        ),
        Ok(Ok(bytes)) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
    }
}

enum Broken {
    TooLarge,
    Unreadable,
}

async fn whole(body: Body) -> Result<Bytes, Broken> {
    match Limited::new(body, limits::BODY_BYTES).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.downcast_ref::<LengthLimitError>().is_some() => Err(Broken::TooLarge),
        Err(_) => Err(Broken::Unreadable),
    }
}

/// Refuses by the head alone a body that is announced as too large.
fn readable(headers: &HeaderMap, lang: Lang) -> Result<(), Fault> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if text(header::CONTENT_LENGTH).parse::<u64>().is_ok_and(|length| length > limits::BODY_BYTES as u64) {
        return Err(large(lang));
    }
    Ok(())
}

fn large(lang: Lang) -> Fault {
    let most = limits::BODY_BYTES / (1024 * 1024);
    Fault::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        lang,
        IssueType::TooLong,
        &format!("本文が大きすぎます(展開して{most}MiBまで)。分けて送ってください。何も保存していません。"),
        &format!("The body is too large (at most {most} MiB when decompressed). Send it in parts. Nothing was saved."),
    )
}

fn too_large(lang: Lang) -> Response {
    large(lang).into_response()
}

fn fault(status: StatusCode, lang: Lang, code: IssueType, ja: &str, en: &str) -> Response {
    Fault::new(status, lang, code, ja, en).into_response()
}
