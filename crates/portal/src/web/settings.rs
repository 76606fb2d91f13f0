//! Text size and language, kept in cookies; and the assets.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{Fault, Visit, answer, cookie};
use crate::{Lang, assets};

/// `GET /settings?text=large&lang=en&back=/me`: sets what is named and goes back.
pub(crate) async fn settings(visit: Visit) -> Response {
    let text = visit.asked("text").filter(|text| matches!(*text, "large" | "usual"));
    let lang = visit.asked("lang").and_then(Lang::from_code).map(Lang::choice);
    let cookies = [(cookie::TEXT, text), (cookie::LANG, lang)];
    let set = cookies.map(|(name, value)| value.and_then(|value| cookie::set(name, value, cookie::YEAR_SECONDS)));
    answer::see_other(local(visit.asked("back")), set)
}

/// A path of ours; the start for everything that a browser might read as another site's address.
pub(crate) fn local(back: Option<&str>) -> &str {
    let ours = |path: &&str| {
        path.starts_with('/')
            && !path.starts_with("//")
            && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
    };
    back.filter(ours).unwrap_or("/")
}

/// `GET /assets/{name}`: named by content, so kept for ever.
pub(crate) async fn asset(visit: Visit) -> Response {
    let Some((text, media)) = assets::find(&visit.path) else { return Fault::NOT_SHOWN.page(&visit) };
    let mut response = (StatusCode::OK, [(header::CONTENT_TYPE, media)], text).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_stays_here() {
        assert_eq!(local(Some("/me/looks?page=2")), "/me/looks?page=2");
        for bad in ["//evil", "/\\evil", "http://evil", "evil", "/a\nb", "/\t/evil", "/あ"] {
            assert_eq!(local(Some(bad)), "/", "{bad:?}");
        }
        assert_eq!(local(None), "/");
    }
}
