//! In which form a body comes and an answer goes: FHIR JSON or XML, decided in this one place.
//!
//! The layer reads `Content-Type`, `Accept`, `_format` and `_pretty` before any handler runs, so that what cannot be
//! read (415) or answered (406) is said before anything is looked at. Handlers speak JSON; an answer is put into XML
//! when it leaves. The bytes of a body are never changed here: an original is kept as it was sent.

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http_body_util::BodyExt;
use tsumugi_fhir::{
    json::{Document, Limits, Node, Type},
    outcome::{IssueType, Lang},
};

use super::{Fault, language, operations, query, xml};

/// The form of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Form {
    /// FHIR JSON.
    #[default]
    Json,
    /// FHIR XML.
    Xml,
    /// JSON Patch (RFC 6902).
    JsonPatch,
}

/// Says of an answer that it is given as it is: bytes as they were sent.
#[derive(Clone, Copy, Debug)]
pub struct AsItIs;

/// FHIR's media type for XML.
pub const FHIR_XML: &str = "application/fhir+xml; charset=utf-8";

/// How an answer is wanted.
#[derive(Clone, Copy)]
struct Wanted {
    xml: bool,
    pretty: bool,
}

/// The layer over every route of the FHIR interface. An operation that is not there is told here too, before the router
/// takes its name for an id.
pub async fn negotiate(mut request: Request, next: Next) -> Response {
    let lang = language(request.headers());
    let pairs = query::pairs(request.uri().query().unwrap_or_default());
    let wanted = match wanted(request.headers(), &pairs) {
        Some(wanted) => wanted,
        None => return not_acceptable(lang).into_response(),
    };
    match sent(request.method(), request.headers(), request.uri()) {
        Some(form) => request.extensions_mut().insert(form),
        None => return not_readable(lang).into_response(),
    };
    if pairs.iter().any(|(name, _)| name == "_pretty") {
        without_pretty(&mut request);
    }
    let response = match operations::unknown(&request) {
        Some(fault) => fault.into_response(),
        None => next.run(request).await,
    };
    if !(wanted.xml || wanted.pretty) || !is_fhir_json(&response) {
        return response;
    }
    rewrite(response, wanted, lang).await
}

/// The form of what was sent; `None` for one that is not read here.
fn sent(method: &Method, headers: &HeaderMap, uri: &Uri) -> Option<Form> {
    let Some(text) = headers.get(header::CONTENT_TYPE) else { return Some(Form::Json) };
    let text = text.to_str().ok()?.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match text.as_str() {
        "application/json-patch+json" => (method == Method::PATCH).then_some(Form::JsonPatch),
        // The search's own handler reads it.
        "application/x-www-form-urlencoded" => uri.path().ends_with("/_search").then_some(Form::Json),
        // Without a body its type says nothing.
        _ if matches!(*method, Method::GET | Method::HEAD | Method::DELETE | Method::OPTIONS) => Some(Form::Json),
        other => is_xml(other),
    }
}

/// Whether a media type (or a short name of `_format`) is XML or JSON; `None` for neither.
fn is_xml(name: &str) -> Option<Form> {
    match name {
        "json" | "application/fhir+json" | "application/json" | "text/json" | "application/json+fhir" => {
            Some(Form::Json)
        }
        "xml" | "application/fhir+xml" | "application/xml" | "text/xml" | "application/xml+fhir" => Some(Form::Xml),
        _ => None,
    }
}

/// How the answer is wanted: `_format` before `Accept`, the best quality first, JSON where both are alike.
fn wanted(headers: &HeaderMap, pairs: &[(String, String)]) -> Option<Wanted> {
    let pretty = query::value(pairs, "_pretty").is_some_and(|value| value == "true");
    if let Some(format) = query::value(pairs, "_format") {
        // A `+` in a URL is a space: `application/fhir+xml` often comes so.
        let name = format.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().replace(' ', "+");
        return is_xml(&name).map(|form| Wanted { xml: form == Form::Xml, pretty });
    }
    let mut best: Option<(u16, bool)> = None;
    let mut any = false;
    for part in
        headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).flat_map(|v| v.split(','))
    {
        let mut parts = part.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        if name.is_empty() {
            continue;
        }
        any = true;
        let quality = parts.find_map(|parameter| parameter.strip_prefix("q=")).map_or(1000, thousandths);
        let xml = match (is_xml(&name), name.as_str()) {
            (Some(form), _) => form == Form::Xml,
            (None, "*/*" | "application/*") => false,
            (None, _) => continue,
        };
        let better = best.is_none_or(|(known, known_xml)| quality > known || (quality == known && known_xml && !xml));
        if quality > 0 && better {
            best = Some((quality, xml));
        }
    }
    match (any, best) {
        (false, _) => Some(Wanted { xml: false, pretty }),
        (true, best) => best.map(|(_, xml)| Wanted { xml, pretty }),
    }
}

/// `0.9` as 900; what cannot be read counts as wanted.
fn thousandths(text: &str) -> u16 {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let digits: String = rest.chars().chain("000".chars()).take(3).collect();
    match (whole, digits.parse::<u16>()) {
        ("0", Ok(part)) => part,
        _ => 1000,
    }
}

fn without_pretty(request: &mut Request) {
    let (path, text) = (request.uri().path(), request.uri().query().unwrap_or_default());
    let kept: Vec<&str> = text.split('&').filter(|pair| pair.split('=').next() != Some("_pretty")).collect();
    let target = if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) };
    let mut parts = request.uri().clone().into_parts();
    if let Ok(target) = target.parse() {
        parts.path_and_query = Some(target);
        if let Ok(uri) = Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
    }
}

fn is_fhir_json(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("application/fhir+json"))
        && response.extensions().get::<AsItIs>().is_none()
}

async fn rewrite(response: Response, wanted: Wanted, lang: Lang) -> Response {
    let (mut parts, body) = response.into_parts();
    // Our own answers stand in memory; reading one does not fail.
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    if body.is_empty() {
        return Response::from_parts(parts, Body::empty());
    }
    let Ok(document) = Document::parse(body.clone(), &Limits { bytes: usize::MAX, ..Limits::default() }) else {
        return Response::from_parts(parts, Body::from(body));
    };
    parts.headers.remove(header::CONTENT_LENGTH);
    if wanted.xml {
        return match xml::from_json(lang, document.root()) {
            Ok(text) => {
                parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(FHIR_XML));
                Response::from_parts(parts, Body::from(text))
            }
            Err(fault) => fault.into_response(),
        };
    }
    let mut out = Vec::with_capacity(body.len() * 2);
    pretty(&mut out, document.root(), 0);
    out.push(b'\n');
    Response::from_parts(parts, Body::from(Bytes::from(out)))
}

/// JSON with lines and two spaces a level; strings and numbers stay as they stand.
fn pretty(out: &mut Vec<u8>, node: Node<'_>, level: usize) {
    let line = |out: &mut Vec<u8>, level: usize| {
        out.push(b'\n');
        out.resize(out.len() + 2 * level, b' ');
    };
    let mut first = true;
    match node.kind() {
        Type::Object if !node.is_empty() => {
            out.push(b'{');
            for (key, value) in node.members() {
                if !std::mem::take(&mut first) {
                    out.push(b',');
                }
                line(out, level + 1);
                tsumugi_fhir::json::write::string(out, &key);
                out.extend_from_slice(b": ");
                pretty(out, value, level + 1);
            }
            line(out, level);
            out.push(b'}');
        }
        Type::Array if !node.is_empty() => {
            out.push(b'[');
            for item in node.items() {
                if !std::mem::take(&mut first) {
                    out.push(b',');
                }
                line(out, level + 1);
                pretty(out, item, level + 1);
            }
            line(out, level);
            out.push(b']');
        }
        _ => out.extend_from_slice(node.raw().as_bytes()),
    }
}

fn not_acceptable(lang: Lang) -> Fault {
    Fault::new(
        StatusCode::NOT_ACCEPTABLE,
        lang,
        IssueType::NotSupported,
        "この形式では答えられません。Accept か _format は application/fhir+json か application/fhir+xml にしてください。",
        "The answer cannot be given in this form. Ask for application/fhir+json or application/fhir+xml in Accept or _format.",
    )
}

fn not_readable(lang: Lang) -> Fault {
    Fault::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        lang,
        IssueType::NotSupported,
        "この Content-Type は読めません。application/fhir+json か application/fhir+xml で送ってください(PATCH は application/json-patch+json も)。何も保存していません。",
        "This Content-Type is not read. Send application/fhir+json or application/fhir+xml (a PATCH also application/json-patch+json). Nothing was saved.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn xml_wanted(accept: &str, query: &str) -> Option<bool> {
        let mut headers = HeaderMap::new();
        if !accept.is_empty() {
            headers.insert(header::ACCEPT, HeaderValue::from_str(accept).unwrap());
        }
        wanted(&headers, &query::pairs(query)).map(|wanted| wanted.xml)
    }

    #[test]
    fn format_comes_before_accept_and_the_best_quality_first() {
        for (accept, query, expected) in [
            ("", "", Some(false)),
            ("*/*", "", Some(false)),
            ("application/fhir+xml", "", Some(true)),
            ("application/fhir+xml;q=0.5, application/fhir+json;q=0.9", "", Some(false)),
            ("application/fhir+json;q=0.5, application/fhir+xml", "", Some(true)),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "", Some(true)),
            ("application/fhir+xml, application/fhir+json", "", Some(false)),
            ("text/turtle", "", None),
            ("text/turtle", "_format=json", Some(false)),
            ("application/fhir+json", "_format=xml", Some(true)),
            ("", "_format=application/fhir+xml", Some(true)),
            ("", "_format=ttl", None),
            ("application/fhir+xml;q=0", "", None),
        ] {
            assert_eq!(xml_wanted(accept, query), expected, "{accept} {query}");
        }
    }

    #[test]
    fn pretty_changes_white_space_only() {
        let text = r#"{"a":[1.50,"x\n"],"b":{},"c":null}"#;
        let document = Document::parse(text.into(), &Limits::default()).unwrap();
        let mut out = Vec::new();
        pretty(&mut out, document.root(), 0);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "{\n  \"a\": [\n    1.50,\n    \"x\\n\"\n  ],\n  \"b\": {},\n  \"c\": null\n}"
        );
    }
}
